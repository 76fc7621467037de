//! Back-tests: a new version of a control test beside the version in force, over the same frozen evidence.
//!
//! Invariant: a back-test says what a change would have done; it is no result, and no report counts it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, Event, PersonId, Recorded, Refusal, Role, Span, State, TestId};

/// What one version of a control test gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackTestSide {
    /// Digest of the SQL texts and parameters.
    pub sql: Digest,
    /// Items in the population.
    pub population: u64,
    /// Digest of the population's canonical rows, sealed by the organization's row digest key.
    pub population_digest: Digest,
    /// Items that came back.
    pub exceptions: u64,
    /// Manifest of the rows that came back (vault object).
    pub rows: Option<Digest>,
    /// Digest of the canonical rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Digest,
}

/// Record a back-test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordBackTest {
    /// The control test.
    pub test: TestId,
    /// The days tested.
    pub span: Span,
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The version in force.
    pub old: BackTestSide,
    /// The new version.
    pub new: BackTestSide,
    /// Items that both found.
    pub both: u64,
    /// Canaries that the new version caught before it ran.
    pub canaries: u64,
    /// Name and version of the engine.
    pub engine: String,
}

/// A new version of a control test ran beside the one in force, over the same evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackTestRecorded {
    /// The control test.
    pub test: TestId,
    /// The days tested.
    pub span: Span,
    /// Effective day for which table names meant their state.
    pub on: Date,
    /// The catalog in force.
    pub catalog: Digest,
    /// The version in force.
    pub old: BackTestSide,
    /// The new version.
    pub new: BackTestSide,
    /// Items that both found.
    pub both: u64,
    /// Canaries that the new version caught before it ran.
    pub canaries: u64,
    /// Name and version of the engine.
    pub engine: String,
}

/// A back-test as the ledger knows it. The test is the key under which [`State`] holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackTest {
    /// What was recorded.
    pub recorded: BackTestRecorded,
    /// Who recorded it.
    pub by: PersonId,
    /// The entry.
    pub entry: u64,
}

impl BackTestRecorded {
    /// Items that only the version in force found.
    pub fn only_old(&self) -> u64 {
        self.old.exceptions.saturating_sub(self.both)
    }

    /// Items that only the new version found.
    pub fn only_new(&self) -> u64 {
        self.new.exceptions.saturating_sub(self.both)
    }
}

pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordBackTest,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner, Role::Administrator])?;
    state.require_catalog(catalog)?;
    let rule = catalog.tests.get(&command.test).ok_or_else(|| Refusal::UnknownTest(command.test.clone()))?;
    let RecordBackTest { test, span, on, old, new, both, canaries, engine } = command;
    let contradicts = |why| Err(Refusal::ResultContradictsItself { test: test.clone(), why });
    if rule.sql != old.sql {
        return contradicts("its SQL is not the SQL of the catalog in force");
    }
    if old.sql == new.sql {
        return Err(Refusal::NothingToBackTest(test));
    }
    if canaries == 0 {
        return contradicts("no canary shows that it can find what it looks for");
    }
    if both > old.exceptions || both > new.exceptions {
        return contradicts("more items are found by both than by one");
    }
    if [&old, &new].iter().any(|side| (side.exceptions > 0) != side.rows.is_some()) {
        return contradicts("exceptions without their rows");
    }
    let catalog = catalog.catalog;
    Ok(vec![Event::BackTestRecorded(BackTestRecorded { test, span, on, catalog, old, new, both, canaries, engine })])
}

impl State {
    /// The back-tests of a control test, oldest first.
    pub fn back_tests_of(&self, test: &TestId) -> &[BackTest] {
        self.back_tests.get(test).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn apply_back_test_recorded(&mut self, event: &BackTestRecorded, recorded: &Recorded) {
        self.back_tests.entry(event.test.clone()).or_default().push(BackTest {
            recorded: event.clone(),
            by: recorded.by.clone(),
            entry: recorded.index,
        });
    }
}
