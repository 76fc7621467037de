//! Engagements: one report of one type, over one date or period, read through its own criteria or control objectives.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, ControlId, CriterionId, EngagementId, Event, ObjectiveId, Recorded, Refusal, Role, State,
};

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// Controls relevant to user entities' internal control over financial reporting (AT-C 320).
    Soc1,
    /// Controls relevant to trust services categories (TSP 100, DC 200).
    Soc2,
}

/// Which type, and its date or period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportType {
    /// Design and implementation at one date.
    Type1 {
        /// The as-of date.
        as_of_on: Date,
    },
    /// Design and operation over a period.
    Type2(Span),
}

/// First to last day, both included; a day is a whole local day of the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
}

impl Span {
    /// The span with so many years more on both sides.
    pub fn widened(&self, years: i16) -> Self {
        let by = jiff::Span::new().years(years);
        Self { first: self.first.saturating_sub(by), last: self.last.saturating_add(by) }
    }

    /// Whether the two spans share a day.
    pub fn meets(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl ReportType {
    /// The days that the report speaks of.
    pub fn span(&self) -> Span {
        match self {
            Self::Type1 { as_of_on } => Span { first: *as_of_on, last: *as_of_on },
            Self::Type2(span) => *span,
        }
    }
}

/// Open an engagement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEngagement {
    /// Its id.
    pub engagement: EngagementId,
    /// Which report.
    pub report: ReportKind,
    /// Which type, and its date or period.
    pub report_type: ReportType,
    /// Name of the system (vault text).
    pub system: Digest,
    /// Control objectives in scope (SOC 1).
    pub objectives: BTreeSet<ObjectiveId>,
    /// Trust services categories in scope (SOC 2).
    pub categories: BTreeSet<String>,
}

/// An engagement was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementOpened {
    /// Its id.
    pub engagement: EngagementId,
    /// Which report.
    pub report: ReportKind,
    /// Which type, and its date or period.
    pub report_type: ReportType,
    /// Name of the system (vault text).
    pub system: Digest,
    /// Control objectives in scope (SOC 1).
    pub objectives: BTreeSet<ObjectiveId>,
    /// Trust services categories in scope (SOC 2).
    pub categories: BTreeSet<String>,
}

/// An engagement as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// Which report.
    pub report: ReportKind,
    /// Which type, and its date or period.
    pub report_type: ReportType,
    /// Name of the system (vault text).
    pub system: Digest,
    /// Control objectives in scope (SOC 1).
    pub objectives: BTreeSet<ObjectiveId>,
    /// Trust services categories in scope (SOC 2).
    pub categories: BTreeSet<String>,
    /// Entry that opened it.
    pub entry: u64,
    /// The firm's appointment.
    pub firm: Option<crate::Appointment>,
    /// Tests of controls that the firm recorded.
    pub firm_tests: std::collections::BTreeMap<crate::FirmTestId, crate::FirmTest>,
    /// The newest system description.
    pub description: Option<crate::SystemDescription>,
    /// The newest management assertion.
    pub assertion: Option<crate::ManagementAssertion>,
    /// The service auditor's report.
    pub auditors_report: Option<crate::ServiceAuditorsReport>,
    /// Packages issued, oldest first.
    pub packages: Vec<crate::ReportPackage>,
}

impl Engagement {
    /// The criteria in scope, by the catalog in force.
    pub fn criteria(&self, catalog: &CatalogIndex) -> BTreeSet<CriterionId> {
        self.categories.iter().filter_map(|category| catalog.categories.get(category)).flatten().cloned().collect()
    }

    /// The adopted controls that serve what is in scope.
    pub fn controls(&self, state: &State, catalog: &CatalogIndex) -> BTreeSet<ControlId> {
        let criteria = self.criteria(catalog);
        state
            .controls
            .keys()
            .filter(|id| {
                catalog.controls.get(*id).is_some_and(|rule| {
                    !rule.criteria.is_disjoint(&criteria) || !rule.objectives.is_disjoint(&self.objectives)
                })
            })
            .cloned()
            .collect()
    }
}

pub(crate) fn decide_open(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: OpenEngagement,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    if state.engagements.contains_key(&command.engagement) {
        return Err(Refusal::EngagementExists(command.engagement));
    }
    if let ReportType::Type2(Span { first, last }) = command.report_type
        && first >= last
    {
        return Err(Refusal::PeriodNotForward { first, last });
    }
    if command.objectives.is_empty() && command.categories.is_empty() {
        return Err(Refusal::NothingInScope);
    }
    let of_other_report = match command.report {
        ReportKind::Soc1 => !command.categories.is_empty(),
        ReportKind::Soc2 => !command.objectives.is_empty(),
    };
    if of_other_report {
        return Err(Refusal::ScopeOfOtherReport);
    }
    if let Some(unknown) = command.objectives.iter().find(|id| !catalog.objectives.contains_key(*id)) {
        return Err(Refusal::UnknownObjective(unknown.clone()));
    }
    if let Some(unknown) = command.categories.iter().find(|id| !catalog.categories.contains_key(*id)) {
        return Err(Refusal::UnknownCategory(unknown.clone()));
    }
    Ok(vec![Event::EngagementOpened(EngagementOpened {
        engagement: command.engagement,
        report: command.report,
        report_type: command.report_type,
        system: command.system,
        objectives: command.objectives,
        categories: command.categories,
    })])
}

impl State {
    pub(crate) fn engagement(&self, id: &EngagementId) -> Result<&Engagement, Refusal> {
        self.engagements.get(id).ok_or_else(|| Refusal::UnknownEngagement(id.clone()))
    }

    pub(crate) fn apply_engagement_opened(&mut self, event: &EngagementOpened, recorded: &Recorded) {
        self.engagements.insert(
            event.engagement.clone(),
            Engagement {
                report: event.report,
                report_type: event.report_type,
                system: event.system,
                objectives: event.objectives.clone(),
                categories: event.categories.clone(),
                entry: recorded.index,
                firm: None,
                firm_tests: std::collections::BTreeMap::new(),
                description: None,
                assertion: None,
                auditors_report: None,
                packages: Vec::new(),
            },
        );
    }
}
