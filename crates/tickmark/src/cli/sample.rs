//! `tickmark sample …`: samples.

use clap::{Args, Subcommand};

use super::{
    Outcome,
    print::Printer,
    sizing::{self, SizingAct},
};

#[derive(Debug, Args)]
pub struct Sample {
    #[command(subcommand)]
    pub act: SampleAct,
}

/// What to do with samples.
#[derive(Debug, Subcommand)]
pub enum SampleAct {
    /// How many items, and what a result supports.
    #[command(flatten)]
    Sizing(SizingAct),
}

pub fn run(command: &Sample, printer: &Printer) -> Outcome {
    match &command.act {
        SampleAct::Sizing(act) => sizing::run(act, printer),
    }
}
