//! Risks: what could go wrong, which objectives and criteria that threatens, and which controls stand against it.

use serde::{Deserialize, Serialize};

use crate::Id;

/// Something that could go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// Such as `RISK-LA-1`.
    pub id: Id,
    /// What could happen, because of what, with what harm.
    pub statement: String,
    /// Objectives and criteria it threatens.
    pub threatens: Vec<Id>,
    /// Controls that stand against it.
    pub addressed_by: Vec<Id>,
}

/// One area of risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RiskArea {
    /// The area, equal to the file's name.
    pub id: Id,
    /// What its risks are about.
    pub title: String,
    /// Its risks, in the order of the file.
    pub risks: Vec<Id>,
}

/// The file of one area of risk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RiskAreaFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) risk: Vec<Risk>,
}
