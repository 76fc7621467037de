//! Running what is due: missed runs are recorded, what due control tests rest on is collected, then they are tested.
//!
//! Invariant: a source that fails, or is not approved, keeps no other source and no control test from its turn.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use tickmark_catalog::Catalog;
use tickmark_collect::SourceConfig;
use tickmark_domain::{CatalogIndex, Command, Due, DueCollection, PersonId, RunsMissed, Span, State};
use tickmark_examine::Limits;

use crate::{
    CollectRequest, Collection, Error, House, Installation, Lease, NotCollected, Progress, TestRun,
    opening::days_to_collect,
};

/// What came of running what was due.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DueRun {
    /// What was due.
    pub due: Due,
    /// Runs that were missed, recorded now.
    pub missed: Vec<MissedLine>,
    /// What was collected, and what failed.
    pub collection: Collection,
    /// Sources that were not asked for anything.
    pub not_collected: Vec<NotCollected>,
    /// Datasets that are due and that no source in `sources/` delivers.
    pub without_source: Vec<String>,
    /// How control tests ended.
    pub runs: Vec<TestRun>,
    /// Control tests that ended otherwise than before.
    pub flips: Vec<FlipLine>,
}

/// Runs of control tests that were due and not made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissedLine {
    /// The control tests.
    pub tests: Vec<String>,
    /// The first day on which they were due.
    pub first_on: Date,
    /// The last.
    pub last_on: Date,
    /// On how many days.
    pub count: u64,
    /// The entry that says so.
    pub entry: u64,
}

/// A change of a control test's outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlipLine {
    /// The control test.
    pub test: String,
    /// Its title.
    pub title: String,
    /// The days tested.
    pub span: Span,
    /// How it ended before.
    pub before: String,
    /// How it ended then.
    pub after: String,
    /// The day as of which it looked.
    pub on: Date,
    /// The entry of the result that ended otherwise.
    pub entry: u64,
}

impl DueRun {
    /// Whether everything that was due was collected, complete, and evaluated.
    pub fn is_complete(&self) -> bool {
        self.collection.is_complete()
            && self.not_collected.is_empty()
            && self.without_source.is_empty()
            && self.runs.iter().all(TestRun::is_evaluable)
    }
}

impl House {
    /// What is due now, by the organization's business calendar.
    pub fn due(&self) -> Due {
        due_of(self.state(), &self.catalog, &self.index, self.now())
    }

    /// Runs what is due. Whoever holds the lease of the installation runs it; `goes_on` is asked before each step.
    pub fn run_due(
        &mut self,
        person: &PersonId,
        installation: &Installation,
        _lease: &Lease,
        limits: &Limits,
        progress: &dyn Progress,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<DueRun, Error> {
        let due = self.due();
        let before = self.size();
        if due.is_empty() {
            return Ok(DueRun::default());
        }
        // Before anything else: once a later run covers these days, nobody could tell any more.
        let missed = due.missed_runs();
        if !missed.is_empty() {
            self.execute_all(person, missed.into_iter().map(Command::RecordMissedRuns).collect())?;
        }
        let mut run = DueRun { missed: missed_lines(self.state(), before), ..DueRun::default() };
        let (sources, unreadable) = self.readable_sources(&installation.sources(), installation.root())?;
        run.not_collected = unreadable;
        for source in sources.iter().take_while(|_| goes_on()) {
            self.collect_due(person, source, &due.collections, &mut run, progress)?;
        }
        let delivers = |dataset: &str| sources.iter().any(|source| source.delivers(dataset));
        let lacking = due.collections.iter().map(|collection| collection.dataset.as_str());
        run.without_source = lacking.filter(|dataset| !delivers(dataset)).map(ToOwned::to_owned).collect();
        let mut together: BTreeMap<(Span, Date), BTreeSet<&str>> = BTreeMap::new();
        for test in &due.tests {
            together.entry((test.span, test.on)).or_default().insert(test.test.as_str());
        }
        for ((span, on), ids) in together.into_iter().take_while(|_| goes_on()) {
            let tests = self.catalog.tests.values().filter(|test| ids.contains(&*test.id)).cloned().collect();
            run.runs.push(self.perform(person, tests, span, on, limits.clone(), progress)?);
        }
        run.flips = self.flips(before);
        run.due = due;
        Ok(run)
    }

    /// Collects of one source what is due of its datasets.
    fn collect_due(
        &mut self,
        person: &PersonId,
        source: &SourceConfig,
        due: &[DueCollection],
        run: &mut DueRun,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let mut by_days: BTreeMap<Span, BTreeSet<String>> = BTreeMap::new();
        for collection in due.iter().filter(|collection| source.delivers(collection.dataset.as_str())) {
            let from_the_beginning = || days_to_collect(self.state(), collection.until);
            let Some(days) = collection.days.or_else(from_the_beginning) else { continue };
            by_days.entry(days).or_default().insert(collection.dataset.to_string());
        }
        for (days, datasets) in by_days {
            let request = CollectRequest { source: None, days, lacking: Some(datasets) };
            match self.collect(person, std::slice::from_ref(source), &request, progress) {
                Ok(Collection { extracts, documents, failures, reconciled }) => {
                    run.collection.extracts.extend(extracts);
                    run.collection.documents += documents;
                    run.collection.failures.extend(failures);
                    run.collection.reconciled.extend(reconciled);
                }
                Err(error @ (Error::Refused(_) | Error::Collect(_) | Error::Io { .. })) => {
                    let (code, because) = (error.code(), crate::error::with_causes(&error));
                    run.not_collected.push(NotCollected { source: source.id.clone(), code, because });
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The flips recorded from a ledger size on, oldest first.
    pub fn flips(&self, since: u64) -> Vec<FlipLine> {
        let flips = self.state().flips(since).into_iter().map(|flip| FlipLine {
            title: self.catalog.tests.get(flip.test.as_str()).map_or_else(String::new, |test| test.title.clone()),
            test: flip.test.to_string(),
            span: flip.span,
            before: flip.before.to_string(),
            after: flip.after.to_string(),
            on: flip.on,
            entry: flip.entry,
        });
        flips.collect()
    }
}

/// What is due at an instant, by the organization's business calendar.
pub(crate) fn due_of(state: &State, catalog: &Catalog, index: &CatalogIndex, now: Timestamp) -> Due {
    let organization = state.organization.as_ref();
    let calendar = organization.and_then(|organization| catalog.calendars.get(organization.calendar.as_str()));
    let rests_on = |day| calendar.is_some_and(|calendar| calendar.rests_on(day));
    state.due(index, &rests_on, now)
}

/// Missed runs recorded from a ledger size on.
pub(crate) fn missed_lines(state: &State, since: u64) -> Vec<MissedLine> {
    let recorded = state.missed_runs.iter().filter(|(_, entry)| *entry >= since);
    let lines = recorded.map(|(RunsMissed { tests, first_on, last_on, count }, entry)| MissedLine {
        tests: tests.iter().map(ToString::to_string).collect(),
        first_on: *first_on,
        last_on: *last_on,
        count: *count,
        entry: *entry,
    });
    lines.collect()
}
