//! `tickmark catalog …`: checking a catalog folder, and putting one in force.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use serde::Serialize;
use tickmark_app::{CasesLine, Catalog as Rules, Error, check_cases, index_of};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::Table,
};

#[derive(Debug, Args)]
pub struct Catalog {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: CatalogAct,
}

/// What to do about a catalog.
#[derive(Debug, Subcommand)]
pub enum CatalogAct {
    /// Check a catalog folder: its files, the rules for SQL, and the cases of every control test.
    Check {
        /// The folder; the catalog in the program by default.
        catalog: Option<PathBuf>,
    },
    /// Put a catalog in force (administrators).
    Adopt {
        /// The folder; the catalog in the program by default.
        catalog: Option<PathBuf>,
    },
}

/// What a check found.
#[derive(Serialize)]
struct Checked {
    digest: String,
    controls: usize,
    control_tests: usize,
    cases: u64,
    do_not_hold: Vec<CasesLine>,
}

pub fn run(command: &Catalog, printer: &Printer) -> Outcome {
    match &command.act {
        CatalogAct::Check { catalog } => {
            let catalog = load(catalog.as_deref())?;
            index_of(&catalog)?;
            let lines = check_cases(&catalog, None)?;
            let checked = Checked {
                digest: catalog.digest().to_string(),
                controls: catalog.controls.len(),
                control_tests: catalog.tests.len(),
                cases: lines.iter().map(|line| line.cases).sum(),
                do_not_hold: lines.into_iter().filter(|line| line.first_that_does_not.is_some()).collect(),
            };
            printer.result(&checked, || text(&checked));
            Ok(if checked.do_not_hold.is_empty() { Exit::Done } else { Exit::Failed })
        }
        CatalogAct::Adopt { catalog } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(command.acting.person.as_deref())?;
            house.adopt_catalog(&author, Arc::new(load(catalog.as_deref())?))?;
            let digest = house.catalog().digest();
            let shown = serde_json::json!({ "catalog_in_force": digest, "ledger_size": house.size() });
            printer.result(&shown, || and_next(&house, &format!("Catalog {} is in force.", digest.short())));
            Ok(Exit::Done)
        }
    }
}

/// The catalog of a folder; that in the program by default.
pub fn load(folder: Option<&Path>) -> Result<Rules, Error> {
    folder.map_or_else(Rules::embedded, Rules::load).map_err(Error::Catalog)
}

fn text(checked: &Checked) -> String {
    let Checked { controls, control_tests, cases, do_not_hold, .. } = checked;
    if do_not_hold.is_empty() {
        return format!(
            "Nothing is wrong: {controls} controls, {control_tests} control tests, all {cases} cases hold."
        );
    }
    let mut table = Table::new(&["control test", "#cases", "#hold", "first that does not"]);
    for line in do_not_hold {
        let first = line.first_that_does_not.clone().unwrap_or_default();
        table.row([line.test.clone(), line.cases.to_string(), line.hold.to_string(), first]);
    }
    table.text()
}
