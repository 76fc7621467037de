//! `tickmark oscal …`: the program as OSCAL files, and what other people's OSCAL files say of controls.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tickmark_app::{OscalFile, oscal_from_file};

use super::{Outcome, arguments::Folder, exit::Exit, outside, print::Printer, wrap};

#[derive(Debug, Args)]
pub struct Oscal {
    #[command(flatten)]
    pub folder: Folder,
    #[command(subcommand)]
    pub act: OscalAct,
}

/// What to do about OSCAL files.
#[derive(Debug, Subcommand)]
pub enum OscalAct {
    /// Write catalogs, the control set, and a profile and a system security plan for each engagement.
    Export {
        /// The folder; with `--only` the file.
        path: PathBuf,
        /// Just this one, such as `component-definition.json`.
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
    },
    /// Read an OSCAL file of anybody's: its controls for review, and what was not kept of it. Needs no installation and
    /// records nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// Write what was kept to this file, as OSCAL.
        #[arg(long, value_name = "FILE.json")]
        kept: Option<PathBuf>,
    },
}

pub fn run(command: &Oscal, printer: &Printer) -> Outcome {
    match &command.act {
        OscalAct::Export { path, only } => {
            let (_, house) = outside::house(&command.folder)?;
            let written = match only {
                Some(name) => {
                    house.write_one_oscal(name, path)?;
                    vec![path.display().to_string()]
                }
                None => house.write_oscal(path)?,
            };
            printer.result(&written, || format!("{}\nwritten as of ledger size {}.", written.join("\n"), house.size()));
        }
        OscalAct::Import { file, kept } => {
            command.folder.require_present()?;
            let read = oscal_from_file(file)?;
            if let Some(path) = kept {
                tickmark_app::write_oscal_file(&read.kept, path)?;
            }
            printer.result(&read, || text(&read));
        }
    }
    Ok(Exit::Done)
}

fn text(file: &OscalFile) -> String {
    let mut text =
        format!("{} “{}”, version {}, OSCAL {}\n\n", file.model, file.title, file.version, file.oscal_version);
    for control in &file.controls {
        text.push_str(&wrap::hanging(&format!("{}  ", control.id), &control.title));
        for line in control.statement.lines() {
            let indent = " ".repeat(4 + line.len() - line.trim_start().len());
            text.push_str(&wrap::hanging(&indent, line.trim_start()));
        }
        for parameter in &control.parameters {
            text.push_str(&wrap::hanging("    ", &format!("{} = {}", parameter.id, parameter.rendered)));
        }
        if !control.maps_to.is_empty() {
            text.push_str(&wrap::hanging("    → ", &control.maps_to.join(" ")));
        }
    }
    text.push_str(&format!("\n{} controls to review. Nothing was recorded.\n", file.controls.len()));
    if !file.not_kept.is_empty() {
        text.push_str("\nNot kept:\n");
        for place in &file.not_kept {
            text.push_str(&format!("  {} ({}; first {})\n", place.path, place.count, place.first));
        }
    }
    text
}
