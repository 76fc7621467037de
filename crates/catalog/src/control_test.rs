//! Control tests: a population in SQL, the exceptions in SQL, and the cases that prove both.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Assertion, Case, ColumnType, Frequency, Id};

/// A test of controls over a whole population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlTest {
    /// Its name, equal to its folder.
    pub id: Id,
    /// What must hold, in one line.
    pub title: String,
    /// The controls whose operation it speaks to.
    pub controls: Vec<Id>,
    /// How much an exception matters.
    pub severity: Severity,
    /// Financial statement assertions of user entities it bears on; empty for a test of IT general controls alone.
    pub assertions: Vec<Assertion>,
    /// Columns that name one item, in both queries.
    pub item: Vec<String>,
    /// What was compared with what, for an auditor's eye.
    pub description: String,
    /// Whether an empty population is an answer ("no occurrence expected") and not a question.
    pub allow_empty: bool,
    /// How often it is due; as often as the controls that it is about act, if it does not say.
    pub every: Option<Frequency>,
    /// Named values the queries read as `$name`.
    pub parameters: BTreeMap<String, Parameter>,
    /// The query that returns one row per item.
    pub population_sql: String,
    /// The query that returns the exceptions.
    pub test_sql: String,
    /// The cases as written.
    pub cases_md: String,
    /// The cases as read.
    pub cases: Vec<Case>,
}

/// What `test.toml` says; the other files of the folder complete it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControlTestFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) controls: Vec<Id>,
    pub(crate) severity: Severity,
    pub(crate) assertions: Vec<Assertion>,
    pub(crate) item: Vec<String>,
    pub(crate) description: String,
    pub(crate) allow_empty: bool,
    pub(crate) every: Option<Frequency>,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Parameter>,
}

/// A named value of a control test, with the reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its type in SQL.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Its value as text.
    pub value: String,
    /// Why this value: the policy, contract or rule that sets it.
    pub why: String,
}

/// How much an exception matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Housekeeping: the control worked, its record is weak.
    Low,
    /// A control did not work for the item; other controls stand behind it.
    Medium,
    /// Money or access was wrong, or could have been, with nothing behind it.
    High,
}
