//! `tickmark source …`: sources of evidence and the approval of their settings.

use clap::{Args, Subcommand};
use tickmark_app::{Error, SourceLine};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::Table,
};

/// More than this are counted, not named.
const MOST_DATASETS: usize = 10;

#[derive(Debug, Args)]
pub struct Source {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: SourceAct,
}

/// What to do about sources.
#[derive(Debug, Subcommand)]
pub enum SourceAct {
    /// List the sources in `sources/`, and whether each is approved with the settings it has now.
    List,
    /// Approve sources with the settings they have now (administrators).
    Approve {
        /// Only these; all by default.
        source: Vec<String>,
    },
}

pub fn run(command: &Source, printer: &Printer) -> Outcome {
    let (installation, mut house) = outside::house(&command.folder)?;
    let mut sources = house.sources(&installation.sources(), installation.root())?;
    if let SourceAct::Approve { source } = &command.act {
        if let Some(unknown) = source.iter().find(|id| !sources.iter().any(|known| known.id == **id)) {
            return Err(Error::Unknown { kind: "source", name: unknown.clone() });
        }
        let author = house.acting(command.acting.person.as_deref())?;
        sources.retain(|known| source.is_empty() || source.contains(&known.id));
        house.approve_sources(&author, &sources)?;
    }
    let lines = house.source_lines(&sources)?;
    printer.result(&lines, || and_next(&house, &table(&lines)));
    Ok(Exit::Done)
}

fn table(lines: &[SourceLine]) -> String {
    let mut table = Table::new(&["source", "title", "datasets", "settings"]);
    for line in lines {
        let datasets = match line.datasets.len() {
            0 => "documents".to_owned(),
            // All tables of a connector would make the line longer than anybody reads; `connector show` lists them.
            many if many > MOST_DATASETS => format!("{many} datasets"),
            _ => line.datasets.join(" "),
        };
        table.row([line.source.clone(), line.title.clone(), datasets, line.approval.to_string()]);
    }
    table.text()
}
