//! `tickmark handover`: what the firm needs for its tests, sealed to its key.

use std::path::PathBuf;

use clap::Args;
use tickmark_app::EngagementId;

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
};

#[derive(Debug, Args)]
pub struct Handover {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// The engagement.
    pub engagement: String,
    /// The examination package to write; it holds no documents yet.
    #[arg(value_name = "PACKAGE")]
    pub package: PathBuf,
}

pub fn run(command: &Handover, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    let engagement: EngagementId = command.engagement.parse()?;
    let progress = ProgressLine::new(printer);
    house.hand_over(&author, &engagement, &command.package, &progress)?;
    drop(progress);
    let shown =
        serde_json::json!({ "engagement": engagement, "package": command.package, "ledger_size": house.size() });
    printer.result(&shown, || {
        let text = format!("{} is sealed to the firm's key; send it to the firm.", command.package.display());
        and_next(&house, &text)
    });
    Ok(Exit::Done)
}
