//! `tickmark catalog …`: checking a catalog folder, proposing one and putting it in force.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use serde::Serialize;
use tickmark_app::{BackTestLine, CasesLine, Catalog as Rules, Error, ProposalView, check_cases, counted, index_of};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::{Table, grouped},
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
    /// Propose a catalog in place of the one in force (administrators, compliance leads).
    Propose {
        /// The folder; the catalog in the program by default.
        catalog: Option<PathBuf>,
        /// Why a changed control test is not back-tested; may stand several times.
        #[arg(long, value_name = "TEST=REASON")]
        not_back_tested: Vec<String>,
    },
    /// Show the catalog that is proposed: what changes, and what back-tests showed.
    Proposal,
    /// Put a proposed catalog in force, as a second person (administrators).
    Adopt {
        /// The folder; the catalog proposed by default.
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
            command.folder.require_present()?;
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
        CatalogAct::Propose { catalog, not_back_tested } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(command.acting.person.as_deref())?;
            house.propose_catalog(&author, &load(catalog.as_deref())?, &reasons(not_back_tested)?)?;
            let proposal = house.proposal()?;
            printer.result(&proposal, || and_next(&house, &proposal_text(proposal.as_ref())));
            Ok(Exit::Done)
        }
        CatalogAct::Proposal => {
            let (_, house) = outside::house(&command.folder)?;
            let proposal = house.proposal()?;
            printer.result(&proposal, || proposal_text(proposal.as_ref()));
            Ok(Exit::Done)
        }
        CatalogAct::Adopt { catalog } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(command.acting.person.as_deref())?;
            let proposed = if catalog.is_none() { house.proposed_catalog()? } else { None };
            let adopted = proposed.map_or_else(|| load(catalog.as_deref()), Ok)?;
            house.adopt_catalog(&author, Arc::new(adopted))?;
            let digest = house.catalog().digest();
            let shown = serde_json::json!({ "catalog_in_force": digest, "ledger_size": house.size() });
            printer.result(&shown, || and_next(&house, &format!("Catalog {} is in force.", digest.short())));
            Ok(Exit::Done)
        }
    }
}

/// Reasons as people write them: `TEST=REASON`.
pub fn reasons(written: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let reason = |text: &String| {
        let (test, reason) = text.split_once('=').filter(|(_, reason)| !reason.trim().is_empty())?;
        Some((test.trim().to_owned(), reason.trim().to_owned()))
    };
    let unwritten = |text: &String| Error::Unknown { kind: "reason as `TEST=REASON` in", name: text.clone() };
    written.iter().map(|text| reason(text).ok_or_else(|| unwritten(text))).collect()
}

fn proposal_text(proposal: Option<&ProposalView>) -> String {
    let Some(proposal) = proposal else { return "No catalog is proposed.".to_owned() };
    let mut text = format!(
        "Catalog {} is proposed by {} (entry {}); {}.\n",
        proposal.catalog.short(),
        proposal.proposed_by,
        proposal.entry,
        counted(proposal.files.len() as u64, "file differs", "files differ")
    );
    let mut table =
        Table::new(&["changed control test", "#only in force", "#both", "#only new", "#population", "#new", "why not"]);
    for changed in &proposal.changed {
        let count = |of: fn(&BackTestLine) -> u64| changed.back_test.as_ref().map(of).map_or_else(String::new, grouped);
        let without = changed.reason.clone().unwrap_or_default();
        let why = if changed.is_taken_out { format!("taken out. {without}") } else { without };
        table.row([
            changed.test.clone(),
            count(|line| line.only_old),
            count(|line| line.both),
            count(|line| line.only_new),
            count(|line| line.old_population),
            count(|line| line.new_population),
            why,
        ]);
    }
    if !proposal.changed.is_empty() {
        text.push_str(&table.text());
    }
    text.push_str(&match &proposal.lacks {
        Some(test) => format!("`{test}` has results: it needs a back-test, or a reason why there is none.\n"),
        None => "A second person puts it in force with `tickmark catalog adopt --as PERSON`.\n".to_owned(),
    });
    text
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
        let first = if line.is_unproven { format!("unproven: {first}") } else { first };
        table.row([line.test.clone(), line.cases.to_string(), line.hold.to_string(), first]);
    }
    table.text()
}
