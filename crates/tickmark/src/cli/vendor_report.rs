//! `tickmark vendor-report …`: other people's reports, read, confirmed and put on file.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tickmark_app::{
    VendorReportLine, VendorReportRead, method_shown, opinion_shown, part_shown, read_vendor_report_pdf, type_shown,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    outside,
    print::Printer,
    table::many,
    wrap::hanging,
};

#[derive(Debug, Args)]
pub struct VendorReport {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: VendorReportAct,
}

/// What to do about a vendor's report.
#[derive(Debug, Subcommand)]
pub enum VendorReportAct {
    /// Read a report and propose what it says, each field with its page; records nothing.
    Read {
        /// The report, a PDF with a text layer.
        file: PathBuf,
        /// Write a form to confirm and correct.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Record a report whose form a person confirmed (compliance lead).
    Record {
        /// The form that `read --out` wrote, confirmed.
        form: PathBuf,
        /// The report that it was read from.
        #[arg(long, value_name = "FILE")]
        pdf: PathBuf,
    },
    /// List the reports on file, how their days stand to ours, and what is a gap.
    List,
}

pub fn run(command: &VendorReport, printer: &Printer) -> Outcome {
    match &command.act {
        VendorReportAct::Read { file, out } => {
            command.folder.require_present()?;
            let read = read_vendor_report_pdf(file)?;
            if let Some(out) = out {
                outside::write_new(out, read.form()?.as_bytes())?;
            }
            printer.result(&read, || {
                let next = out.as_ref().map(|out| {
                    format!("Next: compare each field with its page in {}, confirm it, then\n  tickmark vendor-report record {} --pdf {}\n", out.display(), out.display(), file.display())
                });
                format!("{}{}", proposed(&read), next.unwrap_or_default())
            });
        }
        VendorReportAct::Record { form, pdf } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(command.acting.person.as_deref())?;
            let line = house.record_vendor_report(&author, form, pdf)?;
            printer.result(&line, || on_file(&line));
        }
        VendorReportAct::List => {
            let (_, house) = outside::house(&command.folder)?;
            let lines = house.vendor_reports()?;
            printer.result(&lines, || match lines.as_slice() {
                [] => "No report of a subservice organization is on file.".to_owned(),
                some => some.iter().map(on_file).collect(),
            });
        }
    }
    Ok(Exit::Done)
}

/// What a report seems to say.
fn proposed(read: &VendorReportRead) -> String {
    let mut text = format!("{} pages, SHA-256 {}\n", read.pages, read.pdf);
    let list = |pages: &[u32]| pages.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    if !read.pages_without_text.is_empty() {
        text.push_str(&format!("No words on pages {}: nothing of them was read.\n", list(&read.pages_without_text)));
    }
    if !read.pages_with_hidden_words.is_empty() {
        let pages = list(&read.pages_with_hidden_words);
        text.push_str(&format!("Words that are not painted on pages {pages}: a recognized scan, or hidden words.\n"));
    }
    let of = &read.proposal;
    let mut say = |what: &str, value: Option<(String, u32, &str)>| match value {
        Some((value, page, words)) => {
            text.push_str(&hanging("", &format!("{what}: {value} (page {page})")));
            text.push_str(&hanging("    ", &format!("\"{words}\"")));
        }
        None => text.push_str(&format!("{what}: not found\n")),
    };
    say("Kind", of.kind.as_ref().map(|it| (it.value.shown().to_owned(), it.page, it.words.as_str())));
    say("Type", of.report_type.as_ref().map(|it| (type_shown(it.value), it.page, it.words.as_str())));
    say("Firm", of.firm.as_ref().map(|it| (it.value.clone(), it.page, it.words.as_str())));
    say("Opinion", of.opinion.as_ref().map(|it| (opinion_shown(it.value).to_owned(), it.page, it.words.as_str())));
    for it in &of.opinion_parts {
        say(part_shown(it.value.0), Some((opinion_shown(it.value.1).to_owned(), it.page, it.words.as_str())));
    }
    say("Categories", of.categories.as_ref().map(|it| (it.value.join(", "), it.page, it.words.as_str())));
    if of.subservice_organizations.is_empty() {
        say("Subservice organizations", None);
    }
    for it in &of.subservice_organizations {
        say("Subservice organization", Some((it.value.clone(), it.page, it.words.as_str())));
    }
    say(
        "Subservice method",
        of.subservice_method.as_ref().map(|it| (method_shown(it.value).to_owned(), it.page, it.words.as_str())),
    );
    if of.deviations.is_empty() {
        say("Deviations", None);
    }
    for it in &of.deviations {
        let control = it.value.control.as_deref().unwrap_or("no control's id before it");
        say("Deviation", Some((control.to_owned(), it.page, it.value.text.as_str())));
    }
    if of.cuecs.is_empty() {
        say("Complementary user entity controls", None);
    }
    for it in &of.cuecs {
        say("Complementary user entity control", Some((it.value.id.clone(), it.page, it.value.text.as_str())));
    }
    for warning in &of.warnings {
        text.push_str(&hanging("Ask: ", warning));
    }
    text
}

/// A report on file.
fn on_file(line: &VendorReportLine) -> String {
    let VendorReportLine { id, organization, firm, report, report_type, opinion, deviations, .. } = line;
    let mut text = format!(
        "{id} of {organization}: {report} {}, {firm}, {}, deviations {deviations}\n",
        type_shown(*report_type),
        opinion_shown(*opinion)
    );
    for gap in &line.gaps {
        let (ours, engagement) = (gap.ours, &gap.engagement);
        let said = match gap.covers_nothing {
            Some(why) => format!("covers none of our days: {why}"),
            None => {
                let (before, after, bridged) = (gap.before_days, gap.after_days, gap.bridged_days);
                format!(
                    "gap before {}, after {}, of which a bridge letter speaks of {bridged}",
                    many(before, "day"),
                    many(after, "day")
                )
            }
        };
        let days = if ours.first == ours.last {
            format!("as of {}", ours.first)
        } else {
            format!("{} to {}", ours.first, ours.last)
        };
        text.push_str(&hanging("  ", &format!("{engagement}, {days}: {said}")));
    }
    if !line.cuecs_without_control.is_empty() {
        let open = line.cuecs_without_control.join(", ");
        text.push_str(&format!("  Complementary user entity controls without a control of ours: {open}\n"));
    }
    if line.document.is_none() {
        text.push_str("  The report itself is not in the vault.\n");
    }
    text
}
