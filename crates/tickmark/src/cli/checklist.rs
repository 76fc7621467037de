//! `tickmark checklist`: what to have in place, on paper or as a workbook. Without an engagement it needs no installation.

use std::path::PathBuf;

use clap::Args;
use tickmark_app::{
    Catalog, ChecklistScope, ChecklistView, Clock, MachineClock, checklist, write_checklist_pdf,
    write_checklist_workbook,
};

use super::{Outcome, arguments::Folder, exit::Exit, outside, print::Printer, wrap};

#[derive(Debug, Args)]
pub struct Checklist {
    /// SOC 1 for this industry, such as `payroll`; may be given more than once.
    #[arg(long, value_name = "NAME", required_unless_present_any = ["category", "engagement"])]
    pub industry: Vec<String>,
    /// SOC 2 with this trust services category, such as `security`; may be given more than once.
    #[arg(long, value_name = "NAME")]
    pub category: Vec<String>,
    /// What this engagement needs, who owns it, and what the ledger shows of it; may be given more than once.
    #[arg(long, value_name = "ID")]
    pub engagement: Vec<String>,
    /// Write a workbook.
    #[arg(long, value_name = "FILE.xlsx")]
    pub xlsx: Option<PathBuf>,
    /// Write a checklist for paper.
    #[arg(long, value_name = "FILE.pdf")]
    pub pdf: Option<PathBuf>,
    #[command(flatten)]
    pub folder: Folder,
}

pub fn run(command: &Checklist, printer: &Printer) -> Outcome {
    let scope = ChecklistScope { industries: command.industry.clone(), categories: command.category.clone() };
    let view = if command.engagement.is_empty() {
        command.folder.require_present()?;
        let today = MachineClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        checklist(&Catalog::embedded().map_err(tickmark_app::Error::Catalog)?, &scope, today)?
    } else {
        let (_, house) = outside::house(&command.folder)?;
        let engagements = command.engagement.iter().map(|id| id.parse()).collect::<Result<Vec<_>, _>>()?;
        house.checklist(&engagements, &scope)?
    };
    let mut written = Vec::new();
    if let Some(path) = &command.xlsx {
        write_checklist_workbook(&view, path)?;
        written.push(format!("{} written.", path.display()));
    }
    if let Some(path) = &command.pdf {
        let pages = write_checklist_pdf(&view, path)?;
        written.push(format!("{} written, {pages} pages.", path.display()));
    }
    printer.result(&view, || {
        let counted = counted(&view);
        if written.is_empty() {
            format!("{}{counted}", text(&view))
        } else {
            format!("{}\n{counted}", written.join("\n"))
        }
    });
    Ok(Exit::Done)
}

fn counted(view: &ChecklistView) -> String {
    match (view.soc1, view.soc2, view.counts()) {
        (true, true, (soc1, soc2, both)) => {
            format!("{soc1} controls for SOC 1, {soc2} for SOC 2; {both} of these serve both and stand here once.")
        }
        (true, false, (soc1, ..)) => format!("{soc1} controls for SOC 1."),
        (false, _, (_, soc2, _)) => format!("{soc2} controls for SOC 2."),
    }
}

fn text(view: &ChecklistView) -> String {
    let mut text = format!("{}\n", view.scope.join("\n"));
    for section in &view.sections {
        text.push_str(&format!("\n{}\n", section.title));
        for line in &section.lines {
            let head = format!("{} ({}; {}; {})", line.title, line.owner, line.how_often, line.reports());
            text.push_str(&wrap::hanging(&format!("  {}  ", line.control), &head));
            text.push_str(&wrap::hanging("      ", &line.have_in_place));
            for item in &line.evidence {
                text.push_str(&wrap::hanging("      [ ] ", item));
            }
            if let Some(shows) = &line.ledger_shows {
                text.push_str(&format!("      ledger: {shows}\n"));
            }
        }
    }
    text.push('\n');
    text
}
