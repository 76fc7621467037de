//! `tickmark description …`: management's description of its system.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tickmark_app::{EngagementId, description_example};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    engagement::Report,
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
};

#[derive(Debug, Args)]
pub struct Description {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: DescriptionAct,
}

/// What to do about the system description.
#[derive(Debug, Subcommand)]
pub enum DescriptionAct {
    /// Adopt the description in a file as the engagement's (compliance lead).
    Adopt {
        /// The file (docs/files.md).
        #[arg(required_unless_present = "example")]
        file: Option<PathBuf>,
        /// The engagement.
        #[arg(long, required_unless_present = "example")]
        engagement: Option<String>,
        /// Print a filled file for this report.
        #[arg(long, value_enum, exclusive = true, value_name = "REPORT")]
        example: Option<Report>,
    },
}

pub fn run(command: &Description, printer: &Printer) -> Outcome {
    let DescriptionAct::Adopt { file, engagement, example } = &command.act;
    let (Some(file), Some(engagement)) = (file, engagement) else {
        return example::print(description_example(example.unwrap_or(Report::Soc2).kind()), printer);
    };
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    let engagement: EngagementId = engagement.parse()?;
    house.adopt_description(&author, &engagement, file)?;
    let entry = house.state().engagements.get(&engagement).and_then(|e| e.description.as_ref()).map(|d| d.entry);
    printer.result(&serde_json::json!({ "engagement": engagement, "entry": entry }), || {
        and_next(&house, &format!("The description in {} is adopted for engagement `{engagement}`.", file.display()))
    });
    Ok(Exit::Done)
}
