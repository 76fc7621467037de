//! `tickmark import`: a list of controls that people keep in a workbook, as files of a program.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use tickmark_app::{Catalog, Error, ImportRequest, Imported, import_controls};

use super::{Outcome, exit::Exit, print::Printer, table::Table};

/// Read a control list or a risk-and-control matrix (XLSX, CSV) into files that a person reviews; records nothing.
#[derive(Debug, Args)]
pub struct Import {
    /// The workbook or CSV file.
    pub file: PathBuf,
    /// Folder for the files; it must hold no program.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The sheet; the one whose header is understood best by default.
    #[arg(long)]
    pub sheet: Option<String>,
    /// Who owns the controls.
    #[arg(long, value_name = "PERSON")]
    pub owner: Option<String>,
    /// From which day they run.
    #[arg(long, value_name = "DATE")]
    pub effective: Option<Date>,
}

pub fn run(command: &Import, printer: &Printer) -> Outcome {
    let catalog = Catalog::embedded().map_err(Error::Catalog)?;
    let request = ImportRequest {
        file: command.file.clone(),
        sheet: command.sheet.clone(),
        to: command.to.clone(),
        owner: command.owner.clone(),
        effective_on: command.effective,
    };
    let imported = import_controls(&catalog, &request)?;
    printer.result(&imported, || text(&imported, &command.to));
    Ok(Exit::Done)
}

fn text(imported: &Imported, to: &std::path::Path) -> String {
    let mut columns = Table::new(&["column", "read as"]);
    for (name, meaning) in &imported.columns {
        columns.row([name.clone(), meaning.unwrap_or("not understood: remarks").to_owned()]);
    }
    let mut text = format!("Sheet `{}`\n\n{}", imported.sheet, columns.text());
    if !imported.not_understood.is_empty() {
        let mut table = Table::new(&["#row", "column", "says", "not taken because"]);
        for cell in &imported.not_understood {
            let says = cell.says.split_whitespace().collect::<Vec<_>>().join(" ");
            let short: String = says.chars().take(40).collect();
            table.row([cell.row.to_string(), cell.column.clone(), short, cell.because.clone()]);
        }
        text.push_str(&format!("\nNot understood; it stands as a remark in the files\n\n{}", table.text()));
    }
    text.push_str(&format!(
        "\n{} controls, {} risks and {} control objectives in {} files. Read them, fill what is missing, then `tickmark apply {}`.",
        imported.controls,
        imported.risks,
        imported.objectives,
        imported.files.len(),
        to.display()
    ));
    text
}
