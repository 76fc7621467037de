//! Controls, and what they are measured against.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Prose;

/// A control objective (SOC 1) or a criterion (SOC 2) with the controls that serve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Its id: "PAY-1", "CC6.2".
    pub id: String,
    /// The group it is listed under: "Payroll processing", "CC6 Logical and physical access".
    pub group: String,
    /// A short title.
    pub title: String,
    /// The objective's full sentence, or the criterion in the house's own words.
    pub statement: String,
    /// The ids of the controls that serve it, in the order they print.
    pub controls: Vec<String>,
    /// The risks that threaten it, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<String>,
    /// SOC 1: the user entities' financial statement assertions it bears on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub financial_statement_assertions: Vec<String>,
    /// SOC 1: the classes of transactions it touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transaction_classes: Vec<String>,
    /// SOC 2: why the criterion is not relevant (DC 8); then it has no control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_relevant: Option<Prose>,
}

/// A control as the description states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlView {
    /// Its id.
    pub id: String,
    /// A short title.
    pub title: String,
    /// The statement in force at the end of the period or on the as-of date.
    pub statement: String,
    /// The role that owns it.
    pub owner: String,
    /// How often it runs: "daily", "for each event".
    pub frequency: String,
    /// Whether it acts before or after the harm.
    pub nature: Nature,
    /// Who or what performs it.
    pub automation: Automation,
    /// Whether it is in place; none if nothing shows it. A control that is described and not in place is an error in both types
    /// (RPT-06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implemented: Option<bool>,
    /// Earlier statements in force within the period, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_versions: Vec<ControlVersion>,
    /// The first day the statement above was in force, if within the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The last day the control ran, if it was dropped within the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A statement that was in force for part of the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlVersion {
    /// The statement.
    pub statement: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// When a control acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Before the harm.
    Preventive,
    /// After it.
    Detective,
}

/// Who performs a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Automation {
    /// People.
    Manual,
    /// The system, each time.
    Automated,
    /// People using what a system put out.
    ItDependentManual,
}
