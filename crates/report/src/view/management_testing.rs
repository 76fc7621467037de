//! Management's testing of controls: a document of its own, the basis of management's assertion.
//!
//! Invariant: it says on its cover and in its running head that it is management's own testing and no opinion.
//! Invariant: every control of the engagement stands in it, tested or not, and each of the four scores stands beside its
//! denominator and its untested remainder.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use super::{Automation, EngagementView, ExceptionRow, Nature, Procedure, Provenance};
use crate::{Figure, Prose};

/// Everything the document prints, in the order it prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTestingView {
    /// Cover and running head.
    pub engagement: EngagementView,
    /// The four scores; the document prints them side by side and never adds them up.
    pub scores: Vec<Score>,
    /// Management's own words on approach and limits; may be empty.
    #[serde(default)]
    pub approach: Prose,
    /// Where the populations come from, with the evidence of completeness.
    pub sources: Vec<SourceView>,
    /// The controls in the order they print.
    pub controls: Vec<TestedControl>,
    /// Exceptions still open or seen within the period, in the order they print.
    pub exceptions: Vec<ExceptionRow>,
    /// Where the facts come from.
    pub provenance: Provenance,
}

/// One of the four scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Which.
    pub kind: ScoreKind,
    /// How many met it.
    pub met: Figure,
    /// Of how many that were assessed.
    pub of: Figure,
    /// How many were not assessed at all.
    pub untested: Figure,
    /// What the denominator counts, as a sentence.
    pub says: String,
}

/// The four scores, never one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// Would the control meet its aim if it ran as designed?
    Design,
    /// Is it in place?
    Implementation,
    /// Did it run?
    Operation,
    /// Is the evidence complete, fresh and from the source?
    EvidenceQuality,
}

/// A dataset as it was collected for the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceView {
    /// The dataset's id.
    pub dataset: String,
    /// What it holds.
    pub title: String,
    /// The system it comes from.
    pub system: String,
    /// How it was drawn: "SQL, read only", "export file".
    pub method: String,
    /// Whether each extract is the state of one day, so that no stretch of days has to be covered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_state: bool,
    /// The first day the extracts cover.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// The number of extracts that count: of each day the newest.
    pub extracts: Figure,
    /// The number of extracts whose place newer ones of the same days took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_again: Option<Figure>,
    /// Rows stored; none if extracts overlap in part, so that their rows cannot be added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Figure>,
    /// The source's own count, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_count: Option<Figure>,
    /// Sums on both sides, where a column is a sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control_totals: Vec<ControlTotal>,
    /// Rows that were recorded after the window they belong to was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_rows: Option<Figure>,
    /// Rows of which the source said something else when their window was read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restated_rows: Option<Figure>,
    /// Rows that the source no longer had then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished_rows: Option<Figure>,
    /// Why the dataset is not complete; `None` means that every check of completeness agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete_because: Option<String>,
    /// The newest manifest, or the digest over all of them.
    pub manifest: Digest,
    /// The ledger entry of the last extract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

impl SourceView {
    /// What the record says of completeness, for a table: a source without a count of its own shows less than one with it.
    pub fn completeness(&self) -> &str {
        match (&self.incomplete_because, &self.source_count) {
            (Some(because), _) => because,
            (None, Some(_)) => "rows stored agree with the source's own count",
            (None, None) => "nothing found missing; the source gives no count of its own to compare with",
        }
    }
}

/// A column's sum as stored and as the source states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTotal {
    /// The column.
    pub column: String,
    /// The sum over the rows stored.
    pub stored: Figure,
    /// The source's sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Figure>,
}

/// A control with management's tests of it and a person's conclusion, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestedControl {
    /// Its id.
    pub id: String,
    /// A short title.
    pub title: String,
    /// The statement.
    pub statement: String,
    /// The role that owns it.
    pub owner: String,
    /// How often it runs.
    pub frequency: String,
    /// When it acts.
    pub nature: Nature,
    /// Who performs it.
    pub automation: Automation,
    /// The ids of the objectives or criteria it serves in this engagement.
    pub measures: Vec<String>,
    /// The group the control prints under: "Payroll processing", "Logical access".
    pub group: String,
    /// On how many days a setting that holds at every moment was observed, as a sentence; none for other controls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Changes of the control, or of the business calendar it goes by, that were recorded with an earlier date; a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retroactive: Vec<String>,
    /// The tests; empty prints as not tested by a control test.
    pub tests: Vec<ControlTesting>,
    /// Tests that people of management's performed, in the order of their days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub management_tests: Vec<ManagementTesting>,
    /// What a person concluded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Conclusion>,
}

/// A control test and its last result for the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlTesting {
    /// The control test's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it does, for an auditor's eye.
    pub description: String,
    /// How much an exception matters.
    pub severity: Severity,
    /// The result.
    pub outcome: Outcome,
    /// The datasets it read.
    pub datasets: Vec<String>,
    /// The day the result speaks of.
    pub on: Date,
    /// How often it ran in the period.
    pub runs: Figure,
    /// How many canaries it caught before it ran; all of them, or the outcome is an error.
    pub canaries: Figure,
    /// The digest of its SQL.
    pub sql: Digest,
    /// The digest of the result rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Digest>,
    /// The engine and its version.
    pub engine: String,
    /// What was known late: "3 rows late, known since 2026-02-03".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<String>,
    /// The ledger entry of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// The exceptions it returned, by id; they print in full in the list of exceptions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<String>,
}

/// A test that people of management's performed, item by item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTesting {
    /// Its id.
    pub id: String,
    /// "design", "implementation" or "operation".
    pub stage: String,
    /// What was done, as kinds of procedure.
    pub procedures: Vec<Procedure>,
    /// First day tested.
    pub first: Date,
    /// Last day tested.
    pub last: Date,
    /// Where these days lie within the period: "all days", "interim", "roll-forward".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<String>,
    /// The ledger entry of the control's version that was tested.
    pub version: u64,
    /// Which items.
    pub extent: ManagementTestExtent,
    /// Items tested.
    pub items: Figure,
    /// Items that lack an attribute.
    pub exceptions: Figure,
    /// What was asked of each item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeView>,
    /// What was done, in management's words.
    pub procedure: Prose,
    /// What was found, in management's words.
    pub finding: Prose,
    /// When.
    pub performed_on: Date,
    /// Who tested.
    pub tester: String,
    /// Who reviewed it; none if nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// The exception that it raised, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// The ledger entry that records it.
    pub entry: u64,
}

/// Which items a management test looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ManagementTestExtent {
    /// All of the population, by this control test.
    WholePopulation(String),
    /// Those of a sample, by its id.
    Sample(String),
    /// Those chosen by hand, for this reason.
    Chosen(Prose),
}

/// An attribute with its counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeView {
    /// Its letter.
    pub letter: String,
    /// What is asked.
    pub asks: Prose,
    /// Items that have it.
    pub yes: Figure,
    /// Items that do not.
    pub no: Figure,
    /// Items to which it does not apply.
    pub not_applicable: Figure,
}

/// The five ways a control test can end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Every item conformed.
    NoExceptions {
        /// The number of items.
        population: Figure,
    },
    /// Some did not.
    Exceptions {
        /// The number of items.
        population: Figure,
        /// The number of exceptions.
        exceptions: Figure,
    },
    /// Nothing happened that the control applies to.
    NoOccurrence {
        /// What shows that nothing happened: the register, with its digest.
        population: Figure,
    },
    /// Evidence is missing, incomplete or stale.
    NotEvaluable {
        /// Which.
        reason: String,
    },
    /// The test itself failed.
    Error {
        /// How.
        message: String,
    },
}

/// How much an exception matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Could misstate a user entity's figures or break a commitment by itself.
    High,
    /// Could do so together with others.
    Medium,
    /// Unlikely to.
    Low,
}

/// A person's conclusion on whether a control operated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conclusion {
    /// What was concluded: "operated with deviations".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Why, in the person's words.
    pub text: Prose,
    /// The tests that it rests on, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
    /// What newer facts say against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_because: Option<String>,
    /// The role of the person.
    pub by: String,
    /// When.
    pub on: Date,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}
