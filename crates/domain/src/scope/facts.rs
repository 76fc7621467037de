//! What the ledger says of each kind of scope item, beside its name and its text.
//!
//! Invariant: facts are ids, enumerations, dates and counts; every word of a person is the item's name or text.
//! Invariant: a list may be left out where it is empty, as files do; whether it may be empty the rules say, by name and code.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{ControlId, CriterionId, ObjectiveId, OwnerRoleId, ReportKind, ReportType, ScopeItemId, Span, TestId};

/// The facts of a scope item, by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant's struct says what it means")]
pub enum ScopeFacts {
    Service(Service),
    TransactionClass(TransactionClass),
    Location(Location),
    Component(Component),
    Commitment(Commitment),
    KeyReport(KeyReport),
    UserEntity(UserEntity),
    SubserviceOrganization(SubserviceOrganization),
    SubserviceReport(SubserviceReport),
    #[serde(rename = "cuec")]
    ComplementaryUserEntityControl(ComplementaryUserEntityControl),
    #[serde(rename = "csoc")]
    ComplementarySubserviceOrganizationControl(ComplementarySubserviceOrganizationControl),
    Exclusion(Exclusion),
}

/// A service that user entities receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Reports that speak of it.
    #[serde(default)]
    pub reports: BTreeSet<ReportKind>,
}

/// A class of transactions that is processed for user entities (AT-C 320: how they are started, authorized, recorded,
/// processed, corrected and reported is its text).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionClass {
    /// The service that it belongs to.
    pub service: ScopeItemId,
    /// Control objectives that touch it; OBJ-03 wants at least one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub objectives: BTreeSet<ObjectiveId>,
}

/// A place from which the service is given: an office, a data center, a region of a cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Reports that speak of it.
    #[serde(default)]
    pub reports: BTreeSet<ReportKind>,
}

/// One of the five parts of a system (DC 200, criterion 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the field's own words")]
pub enum SystemPart {
    Infrastructure,
    Software,
    People,
    Procedures,
    Data,
}

/// A component of the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Which of the five parts.
    pub part: SystemPart,
    /// Reports that speak of it.
    #[serde(default)]
    pub reports: BTreeSet<ReportKind>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub locations: BTreeSet<ScopeItemId>,
    /// Who runs it, if not the organization itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_by: Option<ScopeItemId>,
}

/// What kind of promise a commitment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommitmentKind {
    /// A principal service commitment: promised to users.
    ServiceCommitment,
    /// A system requirement: how the system must work to keep commitments and the law.
    SystemRequirement,
}

/// A principal service commitment or a system requirement (DC 200, criterion 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Which of the two.
    pub promise: CommitmentKind,
    /// The trust services category that it is about.
    pub category: String,
    /// Criteria through which it is kept; the consistency check wants at least one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub criteria: BTreeSet<CriterionId>,
}

/// How a key report comes about: what decides how its completeness and accuracy are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportLogic {
    /// The vendor's report, not changed.
    Standard,
    /// Written or set up by the organization.
    Custom,
    /// A query that somebody runs.
    Query,
    /// A spreadsheet.
    Spreadsheet,
}

/// A report or file that user entities receive, or that a control uses. Its text says how it is made and how its
/// completeness and accuracy are tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyReport {
    /// The role that answers for it.
    pub owner_role: OwnerRoleId,
    /// How it comes about.
    pub logic: ReportLogic,
    /// Whether user entities receive it.
    pub to_user_entities: bool,
    /// Controls that use it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub controls: BTreeSet<ControlId>,
    /// The component that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<ScopeItemId>,
    /// Control tests that check its completeness and accuracy.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tests: BTreeSet<TestId>,
}

/// A client of the service organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserEntity {
    /// Last day of its fiscal year, as month and day: `12-31`.
    pub year_end: MonthDay,
    /// Services that it receives.
    #[serde(default)]
    pub services: BTreeSet<ScopeItemId>,
    /// Reports that it asks for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reports: BTreeSet<ReportKind>,
}

/// Whether a subservice organization's part is inside the description and the examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubserviceMethod {
    /// It is left out; the design assumes complementary controls of it.
    CarveOut,
    /// It is inside, with an assertion of its own.
    Inclusive,
}

/// A provider whose controls are needed, with the organization's own, to meet objectives or commitments. Its text says what
/// it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceOrganization {
    /// The method in each report that it is part of; the answer can differ between them.
    #[serde(default)]
    pub method: BTreeMap<ReportKind, SubserviceMethod>,
    /// Controls by which the organization monitors it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub monitoring: BTreeSet<ControlId>,
}

/// A service auditor's opinion, as a report on file states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the field's own words")]
pub enum StatedOpinion {
    Unmodified,
    Qualified,
    Adverse,
    Disclaimer,
}

/// A report of a subservice organization that is on file. Its name is the service auditor's, its text what was seen in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceReport {
    /// The subservice organization.
    pub organization: ScopeItemId,
    /// Which report.
    pub report: ReportKind,
    /// Which type, and its date or period.
    pub report_type: ReportType,
    /// The opinion that it states.
    pub opinion: StatedOpinion,
    /// Deviations that it lists.
    pub deviations: u32,
    /// The last day that a bridge letter speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge_until: Option<Date>,
    /// Its complementary user entity controls, by its own ids, each with the controls of this organization that run it; none is
    /// a gap.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cuecs: BTreeMap<String, BTreeSet<ControlId>>,
    /// The report itself (a document of the vault).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Digest>,
}

/// A control that the design assumes user entities run. Its text is what they read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplementaryUserEntityControl {
    /// Control objectives that need it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub objectives: BTreeSet<ObjectiveId>,
    /// Criteria that need it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub criteria: BTreeSet<CriterionId>,
}

/// A control that the design assumes a carved-out subservice organization runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplementarySubserviceOrganizationControl {
    /// The subservice organization.
    pub organization: ScopeItemId,
    /// Control objectives that need it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub objectives: BTreeSet<ObjectiveId>,
    /// Criteria that need it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub criteria: BTreeSet<CriterionId>,
}

/// Something that readers might expect in scope and that is out of it. Its text says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// Reports that leave it out.
    #[serde(default)]
    pub reports: BTreeSet<ReportKind>,
}

/// A day of every year, such as the last of a fiscal year. The last day of February is `02-28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// The month and the day of a date.
    pub fn of(date: Date) -> Self {
        Self { month: date.month(), day: date.day() }
    }

    /// The day in a year. A fiscal year that ends with February ends on the 29th of a leap year.
    pub fn in_year(self, year: i16) -> Option<Date> {
        let day = Date::new(year, self.month, self.day).ok()?;
        Some(if (self.month, self.day) == (2, 28) { day.last_of_month() } else { day })
    }

    /// The year that ends with this day, on or after `day`.
    pub fn year_around(self, day: Date) -> Option<Span> {
        let this = self.in_year(day.year())?;
        let last = if this >= day { this } else { self.in_year(day.year().checked_add(1)?)? };
        let before = self.in_year(last.year().checked_sub(1)?)?;
        Some(Span { first: before.saturating_add(jiff::Span::new().days(1)), last })
    }
}

impl std::str::FromStr for MonthDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no month and day, such as `12-31`");
        let (month, day) = text.split_once('-').filter(|(m, d)| m.len() == 2 && d.len() == 2).ok_or_else(wrong)?;
        let day = Self { month: month.parse().map_err(|_| wrong())?, day: day.parse().map_err(|_| wrong())? };
        // 2001 was no leap year: the day has to be one of every year.
        day.in_year(2001).ok_or_else(wrong)?;
        Ok(day)
    }
}

impl TryFrom<String> for MonthDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        day.to_string()
    }
}

impl std::fmt::Display for MonthDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}
