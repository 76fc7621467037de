//! `tickmark report`: the packages of an engagement.

use std::{collections::BTreeMap, path::Path};

use tickmark_app::{EngagementId, Error, Finding, House};

use super::{Outcome, arguments, exit::Exit, next::and_next, outside, print::Printer, progress::ProgressLine};

pub fn run(command: &arguments::Report, printer: &Printer) -> Outcome {
    let (installation, mut house) = outside::house(&command.folder)?;
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
    let issued = house.issue_packages(&person, &engagements, &installation.packages(), &progress)?;
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

fn write_again(house: &House, engagements: &[EngagementId], folder: &Path, printer: &Printer) -> Outcome {
    let written = engagements.iter().map(|engagement| house.write_again(engagement, folder));
    let written = written.collect::<Result<Vec<_>, Error>>()?.concat();
    printer.result(&written, || written.iter().map(|path| format!("{}\n", path.display())).collect());
    Ok(Exit::Done)
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
