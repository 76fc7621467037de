//! `tickmark coverage`: what controls cover, what is missing, what two reports share.

use std::{fmt::Write, path::PathBuf};

use clap::Args;
use tickmark_app::{CoverageView, DOCUMENTS_RULE, Effort, Overlap, control_gap, measure_gap};

use super::{
    Outcome,
    arguments::Folder,
    exit::Exit,
    next::next_text,
    outside,
    print::Printer,
    table::{Table, grouped},
    wrap,
};

/// Longer titles are cut in the terminal; the workbook has them whole.
const TITLE_WIDTH: usize = 44;

#[derive(Debug, Args)]
pub struct Coverage {
    #[command(flatten)]
    pub folder: Folder,
    /// Only these engagements; by default all that no other follows on.
    #[arg(long, value_delimiter = ',', value_name = "ENGAGEMENT,…")]
    pub engagement: Vec<String>,
    /// Also write the coverage to a workbook.
    #[arg(long, value_name = "FILE.xlsx")]
    pub xlsx: Option<PathBuf>,
    /// Write the risk-and-control matrix: a workbook, or CSV if the name ends in `.csv`.
    #[arg(long, value_name = "FILE", conflicts_with = "xlsx")]
    pub matrix: Option<PathBuf>,
}

pub fn run(command: &Coverage, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    if let Some(file) = &command.matrix {
        let rows = house.control_matrix(&command.engagement)?;
        let is_csv = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let bytes = if is_csv { house.control_matrix_csv(&rows)? } else { house.control_matrix_workbook(&rows)? };
        outside::write(file, &bytes)?;
        printer.result(&rows, || format!("{} rows written to {}.", grouped(rows.len() as u64), file.display()));
        return Ok(Exit::Done);
    }
    let view = house.coverage(&command.engagement)?;
    if let Some(file) = &command.xlsx {
        outside::write(file, &house.coverage_workbook(&view)?)?;
    }
    printer.result(&view, || text(&view));
    Ok(Exit::Done)
}

fn text(view: &CoverageView) -> String {
    let mut text = format!("{} at ledger size {}\n", view.organization, grouped(view.ledger_size));
    for (id, report) in &view.engagements {
        let _ = writeln!(text, "{id}: {report}");
    }
    let matrix = &view.matrix;
    if !matrix.measures.is_empty() {
        let mut table = Table::new(&[
            "",
            "title",
            "engagements",
            "#risks",
            "#controls",
            "#key",
            "#auto",
            "#sample",
            "#hand",
            "#not",
            "#left",
            "missing",
        ]);
        for (measure, covered) in &matrix.measures {
            let key = covered.controls.iter().filter(|id| matrix.controls.get(*id).is_some_and(|c| c.is_key)).count();
            let engagements: Vec<&str> = covered.engagements.iter().map(|id| id.as_str()).collect();
            table.row([
                measure.to_string(),
                cut(view.titles.get(measure.as_str()).map_or("", String::as_str)),
                engagements.join(" "),
                covered.risks.len().to_string(),
                covered.controls.len().to_string(),
                key.to_string(),
                covered.tested.automatically.to_string(),
                covered.tested.by_sample.to_string(),
                covered.tested.by_hand.to_string(),
                covered.tested.not_yet.to_string(),
                covered.offered.len().to_string(),
                covered.gaps.iter().map(measure_gap).collect::<Vec<_>>().join("; "),
            ]);
        }
        let _ = writeln!(
            text,
            "\n{}auto, sample, hand, not: controls that management tested over the whole population by a control test, by a sample, \
             by hand, not yet\nleft: controls of the catalog that would serve it, neither adopted nor dropped",
            table.text()
        );
    }
    let lacking = matrix.controls.iter().filter(|(_, placed)| !placed.gaps.is_empty());
    let lacking: Vec<String> = lacking
        .map(|(id, placed)| {
            let gaps: Vec<&str> = placed.gaps.iter().map(|gap| control_gap(*gap)).collect();
            format!("{id}: {}", gaps.join("; "))
        })
        .collect();
    if !lacking.is_empty() {
        let _ = writeln!(text, "\nControls that lack something\n  {}", lacking.join("\n  "));
    }
    if !matrix.controls.is_empty() {
        text.push_str(&effort(view));
    }
    if let Some(next) = &view.next {
        let _ = writeln!(text, "\nNothing is covered yet.\n{}", next_text(next));
    }
    text
}

fn effort(view: &CoverageView) -> String {
    let matrix = &view.matrix;
    let mut table = Table::new(&["to do", "#SOC 1 alone", "#SOC 2 alone", "#together"]);
    let cell = |effort: Option<Effort>, of: fn(Effort) -> u64| effort.map_or("-".to_owned(), |e| grouped(of(e)));
    let mut row = |what: &str, of: fn(Effort) -> u64| {
        table.row([what.to_owned(), cell(matrix.soc1, of), cell(matrix.soc2, of), cell(Some(matrix.together), of)]);
    };
    row("controls to run", |effort| effort.controls);
    row("control tests", |effort| effort.tests);
    row("documents to bring", |effort| effort.documents);
    let mut text = format!("\n{}{}\n", table.text(), wrap::lines(DOCUMENTS_RULE, wrap::width()).join("\n"));
    if let Some(overlap) = matrix.overlap {
        let _ = writeln!(text, "\nWhat SOC 1 and SOC 2 share of this control set");
        for (what, of) in [("controls", overlap.controls), ("control tests", overlap.tests)] {
            let _ = writeln!(text, "  {what}: {}", shared(of));
        }
    }
    text
}

fn shared(of: Overlap) -> String {
    let percent = |of: Option<u64>| of.map_or("-".to_owned(), |of| format!("{of} %"));
    format!(
        "{} serve both, of {} for SOC 1 and {} for SOC 2: reuse {} of the smaller, similarity {} of all",
        of.both,
        of.soc1,
        of.soc2,
        percent(of.reuse_percent),
        percent(of.similarity_percent)
    )
}

pub(crate) fn cut(title: &str) -> String {
    if title.chars().count() <= TITLE_WIDTH {
        return title.to_owned();
    }
    let kept: String = title.chars().take(TITLE_WIDTH - 1).collect();
    format!("{}…", kept.trim_end())
}
