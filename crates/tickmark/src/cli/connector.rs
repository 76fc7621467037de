//! `tickmark connector …`: which products can be read, what each needs, and whether its connector holds.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use tickmark_app::{
    ConnectorLine, Error, MachineClock, Proof, RehearsalLine, connector_line, connector_lines, counted,
    record_connector, rehearse, with_connector,
};

use super::{Outcome, catalog, exit::Exit, print::Printer, table::Table, wrap::hanging};

#[derive(Debug, Args)]
pub struct Connector {
    #[command(subcommand)]
    pub act: ConnectorAct,
}

/// What to do about connectors.
#[derive(Debug, Subcommand)]
pub enum ConnectorAct {
    /// List the connectors of the catalog.
    List {
        /// A catalog folder; the catalog in the program by default.
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// Show what a connector reads, the permissions that it needs, and a settings file for a source.
    Show {
        /// The connector.
        connector: String,
        /// A catalog folder; the catalog in the program by default.
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// Play its recording to a connector: as it was, and with each answer gone wrong in each way.
    Check {
        /// The connector, or the folder of one.
        connector: String,
        /// A catalog folder; the catalog in the program by default.
        #[arg(long, value_name = "DIR")]
        catalog: Option<PathBuf>,
    },
    /// Collect all tables of a source and write the recording of it; only where all data are made up.
    Record {
        /// The source's settings.
        #[arg(value_name = "FILE")]
        source: PathBuf,
        /// The recording to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The folder of the connector, if it is not of the catalog.
        #[arg(long, value_name = "DIR")]
        connector: Option<PathBuf>,
    },
    /// Begin a connector: write a folder that checks, to be changed.
    New {
        /// The folder, which bears the connector's name.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

pub fn run(command: &Connector, printer: &Printer) -> Outcome {
    match &command.act {
        ConnectorAct::List { catalog } => {
            let lines = connector_lines(&catalog::load(catalog.as_deref())?)?;
            printer.result(&lines, || list(&lines));
        }
        ConnectorAct::Show { connector, catalog } => {
            let line = connector_line(&catalog::load(catalog.as_deref())?, connector)?;
            printer.result(&line, || shown(&line));
        }
        ConnectorAct::Check { connector, catalog } => {
            let folder = Path::new(connector);
            let rehearsed = if folder.join("connector.toml").is_file() {
                let (rules, id) = with_connector(folder)?;
                rehearse(&rules, &id)?
            } else {
                rehearse(&catalog::load(catalog.as_deref())?, connector)?
            };
            printer.result(&rehearsed, || checked(&rehearsed));
            return Ok(if rehearsed.problems.is_empty() { Exit::Done } else { Exit::Failed });
        }
        ConnectorAct::Record { source, out, connector } => {
            let rules = match connector {
                Some(folder) => with_connector(folder)?.0,
                None => catalog::load(None)?,
            };
            let base = source.parent().unwrap_or(Path::new("."));
            let recording = record_connector(&rules, source, base, &MachineClock)?;
            let failed = |source| Error::Io { doing: "write", path: out.clone(), source };
            std::fs::write(out, recording).map_err(failed)?;
            let begun = Begun { files: vec![out.display().to_string()] };
            printer.result(&begun, || {
                format!(
                    "{}\nA recording is public: look through it, and keep it only if all in it is made up.\n",
                    out.display()
                )
            });
        }
        ConnectorAct::New { folder } => {
            let begun = begin(folder)?;
            printer.result(&begun, || {
                format!("{}\nCheck it with `tickmark connector check {}`.\n", begun.files.join("\n"), folder.display())
            });
        }
    }
    Ok(Exit::Done)
}

fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::RealServer => "a running server",
        Proof::PublishedDescription => "the publisher's description",
        Proof::Documentation => "documentation only",
    }
}

fn list(lines: &[ConnectorLine]) -> String {
    let mut table = Table::new(&["connector", "title", "#tables", "makes", "tried on"]);
    for line in lines {
        let makes: Vec<&str> = line.derived.iter().map(|derived| derived.dataset.as_str()).collect();
        let makes = match makes.as_slice() {
            [first, _, _, ..] => format!("{first} and {} more", makes.len() - 1),
            few => few.join(" "),
        };
        table.row([
            line.connector.clone(),
            line.title.clone(),
            line.tables.len().to_string(),
            makes,
            proof(line.proof).to_owned(),
        ]);
    }
    table.text()
}

fn shown(line: &ConnectorLine) -> String {
    let mut text = format!("{}, tried on {}\n\n", line.title, proof(line.proof));
    let mut tables = Table::new(&["table", "rows", "#columns", "personal"]);
    for table in &line.tables {
        let personal = if table.personal { "yes, sealed" } else { "no" };
        tables.row([table.table.clone(), table.title.clone(), table.columns.to_string(), personal.to_owned()]);
    }
    text.push_str(&tables.text());
    if !line.derived.is_empty() {
        let mut table = Table::new(&["dataset made of them", "a row for each of", "#control tests", "has nothing of"]);
        for derived in &line.derived {
            table.row([
                derived.dataset.clone(),
                derived.rows_of.clone(),
                derived.tests.to_string(),
                derived.cannot_tell.join(" "),
            ]);
        }
        text.push('\n');
        text.push_str(&table.text());
    }
    text.push_str("\nPermissions\n");
    text.push_str(&hanging("  ", &line.permissions));
    text.push_str(&format!("\nWritten after {}\n", line.documentation.join(", ")));
    text.push_str(&format!("\nA source, as a file in `sources/`\n\n{}", line.example));
    text
}

fn checked(rehearsed: &RehearsalLine) -> String {
    let mut table = Table::new(&["table", "#rows", "#requests"]);
    for line in &rehearsed.tables {
        table.row([line.table.clone(), line.rows.to_string(), line.requests.to_string()]);
    }
    let mut text = table.text();
    let faults = counted(rehearsed.faults, "answer", "answers");
    if rehearsed.problems.is_empty() {
        text.push_str(&format!("\n{faults} went wrong on purpose: each ended in an error or in the same rows.\n"));
        return text;
    }
    text.push_str(&format!("\n{faults} went wrong on purpose. What does not hold:\n"));
    for problem in &rehearsed.problems {
        text.push_str(&hanging("- ", problem));
        text.push('\n');
    }
    text
}

/// What was written.
#[derive(Serialize)]
struct Begun {
    files: Vec<String>,
}

/// Writes a connector that checks.
fn begin(folder: &Path) -> Result<Begun, Error> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        let problem = "its name is of small letters, digits and `_`, since tables of SQL begin with it".to_owned();
        return Err(Error::Settings { path: folder.to_owned(), problem });
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { doing: "write", path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut files = Vec::new();
    for (file, text) in [
        ("connector.toml", include_str!("connector/connector.toml")),
        ("recording.toml", include_str!("connector/recording.toml")),
    ] {
        let path = folder.join(file);
        let mut options = std::fs::OpenOptions::new();
        let written = options
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.replace("NAME", &name).as_bytes()));
        written.map_err(failed(&path))?;
        files.push(path.display().to_string());
    }
    Ok(Begun { files })
}
