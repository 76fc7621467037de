//! `tickmark report`: the packages of an engagement.

use tickmark_app::EngagementId;

use super::{Outcome, arguments, exit::Exit, next::and_next, outside, print::Printer, progress::ProgressLine};

pub fn run(command: &arguments::Report, printer: &Printer) -> Outcome {
    let (installation, mut house) = outside::house(&command.folder)?;
    let person = house.acting(command.acting.person.as_deref())?;
    let engagements: Vec<EngagementId> = match &command.engagement {
        Some(id) => vec![id.parse()?],
        None => house.state().engagements.keys().cloned().collect(),
    };
    let progress = ProgressLine::new(printer);
    let mut issued = Vec::new();
    for engagement in &engagements {
        issued.push(house.issue_packages(&person, engagement, &installation.packages(), &progress)?);
    }
    drop(progress);
    printer.result(&issued, || {
        let mut text = String::new();
        for packages in &issued {
            for path in packages.documents.iter().chain([&packages.report]).chain(&packages.examination) {
                text.push_str(&format!("{}\n", path.display()));
            }
        }
        and_next(&house, &text)
    });
    Ok(Exit::Done)
}
