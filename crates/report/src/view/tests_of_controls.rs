//! Section IV: the service auditor's tests of controls and their results.
//!
//! Invariant: every test and result here was recorded by the firm under its own authority: its own test, or
//! management's SQL that the firm re-performed and adopted by a recorded act.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Figure, Prose};

/// Everything Section IV prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestsOfControls {
    /// The firm's words on how it tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Prose>,
    /// The firm's words on information produced by the entity (TST-08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub information_produced_by_entity: Option<Prose>,
    /// The firm's words on the use of internal audit's work, if it used any (TST-07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_audit: Option<Prose>,
    /// What the firm recorded, one element a control. A control that is missing prints as not yet recorded.
    pub controls: Vec<ControlResults>,
}

/// What the firm recorded about one control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlResults {
    /// The control's id.
    pub control: String,
    /// The firm's tests of it; empty prints as not yet recorded.
    pub tests: Vec<FirmTest>,
    /// The firm's statement that the control did not operate in the period, and why (TST-06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did_not_operate: Option<Prose>,
}

/// One test the firm answers for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmTest {
    /// The firm's id for it.
    pub id: String,
    /// What was done (TST-02).
    pub procedures: Vec<Procedure>,
    /// The test in the firm's words.
    pub description: Prose,
    /// Whether everything or a selection was tested (TST-03).
    pub extent: Extent,
    /// By what authority it stands here.
    pub authority: Authority,
    /// The result; `None` while the firm has recorded none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<FirmResult>,
    /// The object that holds the firm's record of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// The nature of a procedure, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// People were asked; never enough alone for operation.
    Inquiry,
    /// The control was watched.
    Observation,
    /// Records, settings or screens were read.
    Inspection,
    /// The control was done again independently.
    Reperformance,
}

/// How much of the population was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Extent {
    /// Every item.
    WholePopulation {
        /// The number of items.
        population: Figure,
    },
    /// A selection.
    Selection {
        /// The number of items in the population, if the firm states it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        population: Option<Figure>,
        /// The number tested, if the firm states it; needed when there are deviations (TST-05, TST-09).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tested: Option<Figure>,
    },
    /// One walkthrough or one setting.
    Single,
}

/// Why a test may stand in Section IV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Authority {
    /// The firm designed and performed it.
    Firm,
    /// The firm re-performed management's SQL and adopted it.
    Adopted(Adoption),
}

/// The firm's recorded act of taking over a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// Management's control test.
    pub control_test: String,
    /// The day the firm adopted it.
    pub on: Date,
    /// The digest of the SQL it adopted.
    pub sql: Digest,
    /// The ledger entry of the adoption.
    pub entry: u64,
}

/// What the firm found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FirmResult {
    /// No item deviated.
    NoDeviations,
    /// Items deviated.
    Deviations(Vec<Deviation>),
    /// The firm could not perform the test, in its words.
    NotPerformed {
        /// Why.
        because: Prose,
    },
}

/// Items in which the control did not work as described.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// The firm's id for it, by which management's response refers to it.
    pub id: String,
    /// How many items.
    pub count: Figure,
    /// Of how many tested.
    pub tested: Figure,
    /// Nature and circumstances, in the firm's words.
    pub description: Prose,
}
