//! `tickmark export`: the program as files.

use std::path::PathBuf;

use clap::Args;

use super::{Outcome, arguments::Folder, exit::Exit, outside, print::Printer};

/// Scope, control set, objectives, risks and engagements in words.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    pub folder: Folder,
    /// Folder to write into; files that are there are written anew.
    pub program: PathBuf,
}

pub fn run(command: &Export, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    let files = house.export(&command.program)?;
    printer.result(&files, || {
        let program = command.program.display();
        format!("{} files written to {program}. `tickmark apply {program}` records what you change.", files.len())
    });
    Ok(Exit::Done)
}
