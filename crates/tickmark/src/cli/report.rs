//! `tickmark report`: the packages of an engagement.

use std::{collections::BTreeMap, path::Path};

use similar::{ChangeTag, TextDiff};
use tickmark_app::{EngagementId, Error, Finding, House, Proposed, ReaderCopyLine};

use super::{
    Outcome, arguments,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped},
    wrap::hanging,
};

pub fn run(command: &arguments::Report, printer: &Printer) -> Outcome {
    let (installation, mut house) = outside::house(&command.folder)?;
    match &command.act {
        Some(arguments::ReportAct::Import { file, to }) => return import(&house, file, to.as_deref(), printer),
        Some(arguments::ReportAct::Copy { engagement, reader, out }) => {
            let person = house.acting(command.acting.person.as_deref())?;
            let made = house.make_reader_copy(&person, &engagement.parse()?, reader, out)?;
            printer.result(&made, || {
                let ReaderCopyLine { reader, copy, package, entry, .. } = &made;
                format!("{}\nCopy for {reader} of the report issued in entry {package}; entry {entry} records it.\nSHA-256 {copy}\n", out.display())
            });
            return Ok(Exit::Done);
        }
        Some(arguments::ReportAct::Copies { engagement, file }) => {
            let id = engagement.as_deref().map(str::parse).transpose()?;
            let copies = house.reader_copies(id.as_ref(), file.as_ref())?;
            printer.result(&copies, || copies_text(&copies));
            return Ok(Exit::Done);
        }
        None => {}
    }
    let engagements: Vec<EngagementId> = match &command.engagement {
        Some(id) => vec![id.parse()?],
        None => house.state().engagements.keys().cloned().collect(),
    };
    if engagements.is_empty() {
        return Err(Error::NoEngagement);
    }
    if command.docx.is_some() || command.matrices.is_some() {
        return write_formats(&house, &engagements, command, printer);
    }
    if command.again {
        return write_again(&house, &engagements, &installation.packages(), printer);
    }
    let person = house.acting(command.acting.person.as_deref())?;
    let progress = ProgressLine::new(printer);
    let issued = house.issue_packages(&person, &engagements, command.as_closed, &installation.packages(), &progress)?;
    drop(progress);
    printer.result(&issued, || {
        let mut text = String::new();
        for packages in &issued {
            for path in packages.documents.iter().chain([&packages.report]).chain(&packages.examination) {
                text.push_str(&format!("{}\n", path.display()));
            }
            text.push_str(&findings(&packages.findings));
        }
        and_next(&house, &text)
    });
    Ok(Exit::Done)
}

fn copies_text(copies: &[ReaderCopyLine]) -> String {
    if copies.is_empty() {
        return "No reader got a copy, or the file is none.".to_owned();
    }
    let mut table = Table::new(&["reader", "engagement", "report of entry", "recorded in", "SHA-256 begins"]);
    for made in copies {
        table.row([
            made.reader.clone(),
            made.engagement.to_string(),
            made.package.to_string(),
            made.entry.to_string(),
            made.copy.to_string().chars().take(12).collect(),
        ]);
    }
    table.text()
}

fn write_again(house: &House, engagements: &[EngagementId], folder: &Path, printer: &Printer) -> Outcome {
    let written = engagements.iter().map(|engagement| house.write_again(engagement, folder));
    let written = written.collect::<Result<Vec<_>, Error>>()?.concat();
    printer.result(&written, || written.iter().map(|path| format!("{}\n", path.display())).collect());
    Ok(Exit::Done)
}

/// Exit code 3 where a change stands that nobody may make in Word: the rest is a proposal, and that is not.
fn import(house: &House, file: &Path, to: Option<&Path>, printer: &Printer) -> Outcome {
    house.require_present()?;
    let back = house.read_back(file)?;
    let written = to.map(|folder| house.write_proposed(&back, folder)).transpose()?.unwrap_or_default();
    printer.result(&back, || {
        let mut text = format!("{}, made at ledger size {}\n", back.engagement, grouped(back.ledger_size));
        for proposed in &back.proposals {
            text.push_str(&proposal(proposed));
        }
        if back.proposals.is_empty() {
            text.push_str("No text of people is otherwise.\n");
        }
        if !back.refused.is_empty() {
            text.push_str("\nNot taken over\n");
            back.refused.iter().for_each(|line| text.push_str(&hanging("  - ", line)));
        }
        written.iter().for_each(|path| text.push_str(&format!("{}\n", path.display())));
        text
    });
    Ok(if back.refused.is_empty() { Exit::Done } else { Exit::Refused })
}

/// A proposal: what goes, what comes, and whose text it is.
fn proposal(proposed: &Proposed) -> String {
    let of = &proposed.text;
    let mut text = format!("\n{} ({})\n", of.title, of.place);
    if let Some(renamed) = &of.renamed {
        text.push_str(&format!("  title: {renamed}\n"));
    }
    let changes = TextDiff::from_lines(of.before.as_str(), of.after.as_str());
    for change in changes.iter_all_changes().filter(|change| !change.value().trim().is_empty()) {
        let sign = match change.tag() {
            ChangeTag::Delete => "-",
            ChangeTag::Insert => "+",
            ChangeTag::Equal => continue,
        };
        text.push_str(&hanging(&format!("  {sign} "), change.value().trim_end()));
    }
    if proposed.changed_meanwhile {
        text.push_str("  ! changed in the ledger, too, since the document was made\n");
    }
    text + &format!("  {}\n", proposed.owner)
}

fn write_formats(
    house: &House,
    engagements: &[EngagementId],
    command: &arguments::Report,
    printer: &Printer,
) -> Outcome {
    let mut written = Vec::new();
    for engagement in engagements {
        if let Some(path) = &command.docx {
            house.write_report_docx(engagement, command.template.as_deref(), path)?;
            written.push(path.clone());
        }
        if let Some(folder) = &command.matrices {
            written.extend(house.write_matrices(engagement, folder)?);
        }
    }
    printer.result(&written, || written.iter().map(|path| format!("{}\n", path.display())).collect());
    Ok(Exit::Done)
}

/// Findings by rule: the first of each in full.
fn findings(all: &[Finding]) -> String {
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in all {
        by_rule.entry(finding.rule).or_default().push(finding);
    }
    let mut text = String::new();
    for (rule, findings) in by_rule {
        let Some((first, rest)) = findings.split_first() else { continue };
        let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
        text.push_str(&format!("  look at {rule}: {}{more}\n", first.message));
    }
    text
}
