//! Controls: who does what, how often, shown by what.

use serde::{Deserialize, Serialize};

use crate::Id;

/// A control. Shared controls serve criteria and objectives; a business control serves the objective it stands under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Such as `LA-02`, or `PAY-4-C2` for a business control.
    pub id: Id,
    /// A few words.
    pub title: String,
    /// Who does what, on what occasion, to what limit, shown by what.
    pub statement: String,
    /// The role that answers for it.
    pub owner: Id,
    /// How often it acts.
    pub frequency: Frequency,
    /// Before or after the harm.
    pub nature: Nature,
    /// By people, by the system, or by people with the system's output.
    pub automation: Automation,
    /// What its population is made of.
    pub sampling: Sampling,
    /// Whether it acts only on an event that may not happen; a report must then say that it did not operate.
    pub may_not_operate: bool,
    /// Whether what it serves could not be met without it. A supporting control stands beside others that serve the same and
    /// answer its risks more directly, and says `key = false`.
    #[serde(rename = "key", default = "key")]
    pub is_key: bool,
    /// The records that show it.
    pub evidence: Vec<String>,
    /// Criteria it serves.
    pub criteria: Vec<Id>,
    /// Control objectives it serves.
    pub objectives: Vec<Id>,
    /// How its design can be tested; business controls leave it to the engagement.
    pub test_of_design: Option<String>,
    /// How its operation can be tested; business controls leave it to the engagement.
    pub test_of_operation: Option<String>,
}

pub(crate) fn key() -> bool {
    true
}

/// A family of shared controls, by the prefix of their identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// The prefix, such as `LA`.
    pub id: Id,
    /// What its controls are about.
    pub title: String,
}

/// A role that can own controls. People change; roles stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Such as `it`.
    pub id: Id,
    /// Its name as people say it.
    pub title: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FamiliesFile {
    pub(crate) family: Vec<Family>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolesFile {
    pub(crate) role: Vec<Role>,
}

/// How often a control acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Frequency {
    Continuous,
    PerEvent,
    Daily,
    Weekly,
    Monthly,
    Quarterly,
    SemiAnnual,
    Annual,
}

/// Whether a control acts before or after the harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Before: an approval, a refusal by the system.
    Preventive,
    /// After: a reconciliation, a review.
    Detective,
}

/// Who carries the control out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Automation {
    /// People.
    Manual,
    /// The system, each time.
    Automated,
    /// People using the system's output, which then needs a check of its completeness and accuracy.
    ItDependentManual,
}

/// What the population of a control is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampling {
    /// It happens once in the period.
    SingleOccurrence,
    /// Every member of a list is due once, such as each person or vendor.
    MemberPopulation,
    /// Every due date of a calendar.
    CalendarPopulation,
    /// Every event of a kind.
    EventPopulation,
    /// The setting, then the log of changes to it in the period.
    SettingPlusChangeHistory,
}
