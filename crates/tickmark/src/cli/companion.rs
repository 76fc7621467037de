//! `tickmark companion …`: what stands beside a report, as drafts of management's.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{Companion as What, companion_markdown, write_companion};

use super::{Outcome, arguments::Folder, exit::Exit, outside, print::Printer};

#[derive(Debug, Args)]
pub struct Companion {
    #[command(flatten)]
    pub folder: Folder,
    #[command(subcommand)]
    pub kind: Kind,
}

/// Which companion.
#[derive(Debug, Subcommand)]
pub enum Kind {
    /// Management about the days after the period, on which no report speaks.
    BridgeLetter {
        #[command(flatten)]
        of: Of,
        /// The last day that it speaks of; today by default.
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
    },
    /// What management confirms to the service auditor, dated as its report.
    RepresentationLetter {
        #[command(flatten)]
        of: Of,
    },
    /// For a user entity: the controls that it runs, how much of its year is covered, deviations.
    UserEntityPack {
        #[command(flatten)]
        of: Of,
        /// The user entity in scope; without it, years of all without a name.
        #[arg(long = "for", value_name = "ID")]
        reader: Option<String>,
    },
    /// What is lacking before the firm comes, in the order in which to close it.
    GapMemo {
        #[command(flatten)]
        of: Of,
    },
    /// This period beside another.
    Comparison {
        #[command(flatten)]
        of: Of,
        /// The other engagement; the one that this follows by default.
        #[arg(long, value_name = "ENGAGEMENT")]
        with: Option<String>,
    },
}

/// Which engagement, and where to.
#[derive(Debug, Args)]
pub struct Of {
    /// The engagement.
    pub engagement: String,
    /// Write it to this file: `.pdf`, or `.md` to edit it. Without one its text is printed.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

pub fn run(command: &Companion, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    let (of, what) = match &command.kind {
        Kind::BridgeLetter { of, until } => (of, What::BridgeLetter { until: *until }),
        Kind::RepresentationLetter { of } => (of, What::RepresentationLetter),
        Kind::UserEntityPack { of, reader } => {
            (of, What::UserEntityPack { of: reader.as_ref().map(|id| id.parse()).transpose()? })
        }
        Kind::GapMemo { of } => (of, What::GapMemo),
        Kind::Comparison { of, with } => {
            (of, What::Comparison { with: with.as_ref().map(|id| id.parse()).transpose()? })
        }
    };
    let view = house.companion(&of.engagement.parse()?, &what)?;
    if let Some(file) = &of.file {
        write_companion(&view, file)?;
    }
    printer.result(&view, || match &of.file {
        Some(file) => format!("{}\n", file.display()),
        None => companion_markdown(&view),
    });
    Ok(Exit::Done)
}
