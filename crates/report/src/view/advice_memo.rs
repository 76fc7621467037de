//! The advisor's memo for a board: two pages about which report clients need. It is about no engagement and holds no
//! figure of the ledger, and so it is no [`super::Document`] and stands in no package.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything the memo prints. Lists are as long as two pages hold; each says how many more there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceMemoView {
    /// Whom the advice is for.
    pub organization: String,
    /// The day from which dates are counted.
    pub given_on: Date,
    /// The answer in plain sentences.
    pub sentences: Vec<String>,
    /// How sure it is: low, medium or high.
    pub confidence: String,
    /// The questions whose answers are unknown, of those that could matter.
    pub unknown: u32,
    /// How strongly each report is advised.
    pub reports: Vec<MemoReport>,
    /// Facts of the scope: name and what it says.
    pub scope: Vec<MemoFact>,
    /// Steps by date.
    pub plan: Vec<MemoStep>,
    /// What else follows, in sentences.
    pub notes: Vec<String>,
    /// Cover of user entities' fiscal years; empty without a SOC 1.
    pub cover: Vec<MemoCover>,
    /// What the cover rests on, in a sentence.
    pub cover_remark: String,
    /// Why: each rule that decided a level.
    pub reasons: Vec<MemoReason>,
    /// Mistakes to avoid, by number.
    pub warnings: Vec<MemoFact>,
    /// What would change the answer.
    pub changes: Vec<String>,
    /// Cost and effort, if quoted.
    pub cost: Option<MemoCost>,
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoReport {
    /// Its name.
    pub name: String,
    /// From 0 (no) to 7 (yes).
    pub strength: u8,
    /// The level in words.
    pub level: String,
    /// Whether it rests on an unknown answer.
    pub provisional: bool,
    /// Now, planned, or nothing.
    pub when: String,
    /// Types now and next, if it is gone for.
    pub types: String,
}

/// A name and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoFact {
    /// The name.
    pub name: String,
    /// What is said.
    pub says: String,
    /// The answers behind it; empty if they stand elsewhere.
    pub because: String,
}

/// One step of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoStep {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// The report, if it is about one.
    pub report: String,
    /// What.
    pub what: String,
    /// The rules behind it.
    pub rules: String,
    /// Where its bar begins, in thousandths of the plan's length.
    pub from: u32,
    /// How long its bar is, in thousandths.
    pub length: u32,
}

/// The cover of the fiscal years that end in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoCover {
    /// The month.
    pub month: String,
    /// How many user entities, or that it is assumed.
    pub user_entities: String,
    /// Covered days in percent.
    pub percent: u32,
    /// Days left after the period.
    pub gap_days: u32,
    /// What it is worth.
    pub standing: String,
}

/// A rule that decided a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoReason {
    /// Its id.
    pub rule: String,
    /// For which report.
    pub report: String,
    /// The answers behind it.
    pub answers: String,
    /// Why it is a rule.
    pub why: String,
}

/// Cost and effort side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoCost {
    /// The currency.
    pub currency: String,
    /// One line a way of doing it: way, firm's fee, other, own days, total.
    pub ways: Vec<[String; 5]>,
}
