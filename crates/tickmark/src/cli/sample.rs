//! `tickmark sample …`: samples.

use clap::{Args, Subcommand};

use super::{
    Outcome,
    drawing::{self, DrawingAct},
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
    /// Samples as facts.
    #[command(flatten)]
    Drawing(DrawingAct),
}

pub fn run(command: &Sample, printer: &Printer) -> Outcome {
    match &command.act {
        SampleAct::Sizing(act) => sizing::run(act, printer),
        SampleAct::Drawing(act) => drawing::run(act, printer),
    }
}
