//! Control objectives of SOC 1, by industry. Management chooses and owns them; these are starting points to edit.

use serde::{Deserialize, Serialize};

use crate::{Automation, Frequency, Id, Nature, Sampling};

/// An industry of service organizations, and what its SOC 1 usually speaks about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Industry {
    /// Such as `payroll`.
    pub id: Id,
    /// Its name as people say it.
    pub title: String,
    /// Lines of user entities' financial statements that its services touch.
    pub financial_statement_lines: Vec<String>,
    /// Reports and files given to user entities that they rely on.
    pub key_reports: Vec<String>,
    /// Controls the design usually assumes at user entities.
    pub typical_cuecs: Vec<String>,
    /// Objectives for IT general controls that usually go with it.
    pub default_itgc: Vec<Id>,
}

/// The file of an industry: its head and its objectives with their controls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndustryFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) financial_statement_lines: Vec<String>,
    pub(crate) key_reports: Vec<String>,
    pub(crate) typical_cuecs: Vec<String>,
    pub(crate) default_itgc: Vec<Id>,
    pub(crate) objective: Vec<ObjectiveFile>,
}

/// The file of the objectives that fit every industry; the shared controls serve them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeneralFile {
    pub(crate) objective: Vec<GeneralObjectiveFile>,
}

/// An industry's objective as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObjectiveFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) statement: String,
    pub(crate) assertions: Vec<Assertion>,
    pub(crate) criteria: Vec<Id>,
    pub(crate) control: Vec<BusinessControlFile>,
}

/// A general objective as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeneralObjectiveFile {
    pub(crate) id: Id,
    pub(crate) kind: ObjectiveKind,
    pub(crate) title: String,
    pub(crate) statement: String,
    pub(crate) assertions: Vec<Assertion>,
    pub(crate) criteria: Vec<Id>,
    pub(crate) note: Option<String>,
}

/// A business control as the file of its objective has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BusinessControlFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) statement: String,
    pub(crate) owner: Id,
    pub(crate) frequency: Frequency,
    pub(crate) nature: Nature,
    pub(crate) automation: Automation,
    pub(crate) sampling: Sampling,
    pub(crate) may_not_operate: bool,
    #[serde(rename = "key", default = "crate::control::key")]
    pub(crate) is_key: bool,
    pub(crate) evidence: Vec<String>,
}

/// The aim of a set of controls, tied to user entities' financial reporting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objective {
    /// Such as `PAY-4` or `ITGC-LA`.
    pub id: Id,
    /// What kind of objective it is.
    pub kind: ObjectiveKind,
    /// The industry; none for objectives that fit every industry.
    pub industry: Option<Id>,
    /// A few words.
    pub title: String,
    /// The part that follows [`Objective::PREFIX`].
    pub statement: String,
    /// Assertions in user entities' financial statements it usually bears on.
    pub assertions: Vec<Assertion>,
    /// Trust services criteria that the same controls can serve, if their category is in scope.
    pub criteria: Vec<Id>,
    /// What a reader must know before choosing it.
    pub note: Option<String>,
}

impl Objective {
    /// How the full text of every objective begins.
    pub const PREFIX: &str = "Controls provide reasonable assurance that ";

    /// The full text.
    pub fn text(&self) -> String {
        format!("{}{}.", Self::PREFIX, self.statement)
    }
}

/// Kinds of control objectives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveKind {
    /// About the processing of transactions.
    Business,
    /// About the IT general controls that processing stands on.
    Itgc,
    /// About the organization as a whole; usually described, not tested, in SOC 1.
    Entity,
}

/// What a line of a financial statement claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assertion {
    /// Nothing is left out.
    Completeness,
    /// Amounts and other data are recorded rightly.
    Accuracy,
    /// What is recorded took place and belongs to the entity.
    Occurrence,
    /// Assets and liabilities are there.
    Existence,
    /// Recorded in the right period.
    CutOff,
    /// Carried at the right amount.
    Valuation,
    /// The entity holds the rights and owes the obligations.
    RightsObligations,
    /// Recorded in the right account.
    Classification,
    /// Shown and described so that readers understand.
    Presentation,
}

impl Assertion {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Accuracy => "accuracy",
            Self::Occurrence => "occurrence",
            Self::Existence => "existence",
            Self::CutOff => "cut-off",
            Self::Valuation => "valuation",
            Self::RightsObligations => "rights and obligations",
            Self::Classification => "classification",
            Self::Presentation => "presentation",
        }
    }
}
