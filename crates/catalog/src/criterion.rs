//! Trust services criteria by the AICPA's identifiers, in our own words.

use serde::{Deserialize, Serialize};

use crate::Id;

/// A trust services category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Such as `security`.
    pub id: Id,
    /// Its name as people say it.
    pub title: String,
    /// What it asks, in our own words.
    pub meaning: String,
    /// Whether a new SOC 2 engagement starts with it in scope.
    pub default_in_scope: bool,
    /// Whether the common criteria apply to it besides its own.
    pub also_uses_common_criteria: bool,
}

/// A group of criteria with one theme, such as CC6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// Such as `CC6`.
    pub id: Id,
    /// The category it belongs to.
    pub category: Id,
    /// Its theme.
    pub title: String,
    /// The COSO 2013 component it carries, for CC1 to CC5.
    pub coso_component: Option<String>,
}

/// The file of a series: its head and its criteria.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesFile {
    pub(crate) id: Id,
    pub(crate) category: Id,
    pub(crate) title: String,
    pub(crate) coso_component: Option<String>,
    pub(crate) criterion: Vec<CriterionFile>,
}

/// A criterion as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CriterionFile {
    pub(crate) id: Id,
    pub(crate) title: String,
    pub(crate) meaning: String,
    pub(crate) coso_principle: Option<u8>,
    pub(crate) uncovered_because: Option<String>,
    pub(crate) points_of_focus: Vec<PointOfFocus>,
}

/// One criterion of the trust services criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// The AICPA's identifier, such as `CC6.1`.
    pub id: Id,
    /// The series it stands in.
    pub series: Id,
    /// The category it belongs to.
    pub category: Id,
    /// What it is about, in our own words.
    pub title: String,
    /// What it asks, in our own words.
    pub meaning: String,
    /// The COSO 2013 principle it carries, for CC1 to CC5.
    pub coso_principle: Option<u8>,
    /// Why no control of the catalog serves it; absent when one does.
    pub uncovered_because: Option<String>,
    /// Guidance under it. A point of focus is never a requirement by itself.
    pub points_of_focus: Vec<PointOfFocus>,
}

/// Guidance under a criterion, as a label in our own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointOfFocus {
    /// The criterion's identifier, a dash and a number.
    pub id: Id,
    /// The label.
    pub label: String,
    /// When it is to be considered.
    pub applies: Applies,
}

/// When a point of focus is to be considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// In every examination.
    Always,
    /// When the criteria are used for a system, as in SOC 2.
    SystemLevel,
    /// With availability in scope.
    Availability,
    /// With confidentiality in scope.
    Confidentiality,
    /// With privacy in scope.
    Privacy,
    /// For an organization that processes personal information on behalf of others.
    DataProcessor,
}
