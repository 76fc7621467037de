//! Engagements: one report of one type, over one date or period, read through its own criteria or control objectives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, ControlId, ControlVersion, CriterionId, EngagementId, Event, ObjectiveId, Recorded, Refusal,
    Role, State, advisor::Standard, id::require_own_letters,
};

/// The category whose criteria are common to all categories.
const SECURITY: &str = "security";

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// Controls relevant to user entities' internal control over financial reporting (AT-C 320).
    Soc1,
    /// Controls relevant to trust services categories (TSP 100, DC 200).
    Soc2,
    /// What a SOC 2 is about, over a period and for anybody to read: management's assertion and what it rests on.
    Soc3,
}

impl ReportKind {
    /// The report in whose words the scope is written: a SOC 3 is about what a SOC 2 would be about.
    pub fn scoped_as(self) -> Self {
        match self {
            Self::Soc1 => Self::Soc1,
            Self::Soc2 | Self::Soc3 => Self::Soc2,
        }
    }

    /// As people write it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Soc1 => "SOC 1",
            Self::Soc2 => "SOC 2",
            Self::Soc3 => "SOC 3",
        }
    }

    /// The standards under which a report is made where nothing else is said, and those that it may name.
    fn standards(self) -> (Standard, &'static [Standard]) {
        match self {
            Self::Soc1 => (Standard::AtC320, &[Standard::AtC320, Standard::Isae3402]),
            Self::Soc2 | Self::Soc3 => (Standard::AtC205, &[Standard::AtC205]),
        }
    }
}

/// Which of the first two sections of a report comes first; firms differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionOrder {
    /// The service auditor's report, then management's assertion.
    #[default]
    AuditorFirst,
    /// Management's assertion, then the service auditor's report.
    ManagementFirst,
}

impl SectionOrder {
    /// Whether it is the order where nothing else is said.
    fn is_usual(&self) -> bool {
        *self == Self::AuditorFirst
    }
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

    /// How many days it has.
    pub fn length(&self) -> u64 {
        let days = self.first.until(self.last).map_or(0, |span| span.get_days());
        u64::try_from(days + 1).unwrap_or(0)
    }

    /// How many whole months it has, counted from its first day.
    pub fn whole_months(&self) -> u64 {
        let end = self.last.saturating_add(jiff::Span::new().days(1));
        let until = self.first.until((jiff::Unit::Month, end));
        u64::try_from(until.map_or(0, |span| span.get_months())).unwrap_or(0)
    }

    /// Whether it goes on after so many months, counted from its first day.
    pub fn is_longer_than(&self, months: i64) -> bool {
        self.last >= self.first.saturating_add(jiff::Span::new().months(months))
    }

    /// Whether a day lies in it.
    pub fn holds(&self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The days that both have, if there are any.
    pub fn shared_with(&self, other: &Self) -> Option<Self> {
        let shared = Self { first: self.first.max(other.first), last: self.last.min(other.last) };
        (shared.first <= shared.last).then_some(shared)
    }

    /// Whether all days of `other` are among its own.
    pub fn covers(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The first stretch of its days that none of `others` has; none if they have every day.
    pub fn first_gap(&self, others: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut others: Vec<Self> = others.into_iter().filter_map(|other| self.shared_with(&other)).collect();
        others.sort();
        let mut open = self.first;
        for other in others {
            if other.first > open {
                return Some(Self { first: open, last: other.first.saturating_sub(jiff::Span::new().days(1)) });
            }
            open = open.max(other.last.saturating_add(jiff::Span::new().days(1)));
        }
        (open <= self.last).then_some(Self { first: open, last: self.last })
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
    /// The engagement that it follows on.
    pub follows: Option<EngagementId>,
    /// Why a period does not begin on the day after the one before it (vault text).
    pub gap: Option<Digest>,
    /// The auditor's note on why a SOC 2 leaves out the category security (vault text).
    pub without_security: Option<Digest>,
    /// The standards that the report names; none for the usual one of its kind.
    pub standards: BTreeSet<Standard>,
    /// Which of the first two sections comes first.
    pub section_order: SectionOrder,
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
    /// The engagement that it follows on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<EngagementId>,
    /// Why a period does not begin on the day after the one before it (vault text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Digest>,
    /// The auditor's note on why a SOC 2 leaves out the category security (vault text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_security: Option<Digest>,
    /// The standards that the report names, where they are not the usual one of its kind.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub standards: BTreeSet<Standard>,
    /// Which of the first two sections comes first.
    #[serde(default, skip_serializing_if = "SectionOrder::is_usual")]
    pub section_order: SectionOrder,
}

/// Change an engagement's dates or scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseEngagement {
    /// The engagement.
    pub engagement: EngagementId,
    /// Which type, and its date or period, from now on.
    pub report_type: ReportType,
    /// Control objectives in scope from now on.
    pub objectives: BTreeSet<ObjectiveId>,
    /// Trust services categories in scope from now on.
    pub categories: BTreeSet<String>,
    /// The auditor's note on why a SOC 2 leaves out the category security (vault text), where it did not before.
    pub without_security: Option<Digest>,
    /// Why (vault text).
    pub reason: Digest,
}

/// An engagement's dates or scope changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementRevised {
    /// The engagement.
    pub engagement: EngagementId,
    /// Which type, and its date or period, from now on.
    pub report_type: ReportType,
    /// Control objectives in scope from now on.
    pub objectives: BTreeSet<ObjectiveId>,
    /// Trust services categories in scope from now on.
    pub categories: BTreeSet<String>,
    /// The auditor's note on why a SOC 2 leaves out the category security (vault text), where it did not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_security: Option<Digest>,
    /// Why (vault text).
    pub reason: Digest,
}

/// Say that a criterion in scope is not relevant to the system, and why (DC 200, criterion 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludeCriterion {
    /// The engagement.
    pub engagement: EngagementId,
    /// The criterion.
    pub criterion: CriterionId,
    /// Why it is not relevant (vault text).
    pub reason: Digest,
}

/// A criterion in scope is not relevant to the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionExcluded {
    /// The engagement.
    pub engagement: EngagementId,
    /// The criterion.
    pub criterion: CriterionId,
    /// Why it is not relevant (vault text).
    pub reason: Digest,
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
    /// When that was recorded.
    pub opened_at: jiff::Timestamp,
    /// The engagement that it follows on.
    pub follows: Option<EngagementId>,
    /// Why its period does not begin on the day after the one before it (vault text).
    pub gap: Option<Digest>,
    /// The auditor's note on why the category security is left out (vault text).
    pub without_security: Option<Digest>,
    /// The standards that the report names, where they are not the usual one of its kind.
    pub standards: BTreeSet<Standard>,
    /// Which of the first two sections comes first.
    pub section_order: SectionOrder,
    /// Changes of dates or scope, oldest first: the reason (vault text) and the entry.
    pub revisions: Vec<(Digest, u64)>,
    /// Criteria in scope that are not relevant to the system: the reason (vault text) and the entry.
    pub not_relevant: BTreeMap<CriterionId, (Digest, u64)>,
    /// The firm's comments on the scope, by number.
    pub scope_comments: BTreeMap<u32, crate::ScopeComment>,
    /// The firm's comments on sections of the report, by number.
    pub section_comments: BTreeMap<u32, crate::SectionComment>,
    /// The firm's appointment.
    pub firm: Option<crate::Appointment>,
    /// Tests of controls that the firm recorded.
    pub firm_tests: BTreeMap<crate::FirmTestId, crate::FirmTest>,
    /// What people concluded on the operation of controls, oldest first.
    pub conclusions: BTreeMap<ControlId, Vec<crate::RecordedConclusion>>,
    /// The newest system description.
    pub description: Option<crate::SystemDescription>,
    /// The newest management assertion.
    pub assertion: Option<crate::ManagementAssertion>,
    /// The newest assertion of each subservice organization that the report includes.
    pub subservice_assertions: BTreeMap<crate::ScopeItemId, crate::SubserviceAssertion>,
    /// The service auditor's report.
    pub auditors_report: Option<crate::ServiceAuditorsReport>,
    /// Closings, oldest first.
    pub closings: Vec<crate::Closing>,
    /// Findings of the lint that were overruled, by the digest of the finding as it read.
    pub overrulings: BTreeMap<Digest, crate::Overruling>,
    /// Packages issued, oldest first.
    pub packages: Vec<crate::ReportPackage>,
    /// Copies that readers got, oldest first.
    pub reader_copies: Vec<crate::ReaderCopy>,
}

impl Engagement {
    /// The criteria of the categories in scope, by the catalog in force.
    pub fn criteria(&self, catalog: &CatalogIndex) -> BTreeSet<CriterionId> {
        self.categories.iter().filter_map(|category| catalog.categories.get(category)).flatten().cloned().collect()
    }

    /// The criteria in scope but for those that are not relevant to the system.
    pub fn relevant_criteria(&self, catalog: &CatalogIndex) -> BTreeSet<CriterionId> {
        self.criteria(catalog).into_iter().filter(|id| !self.not_relevant.contains_key(id)).collect()
    }

    /// Whether a control as defined would serve what is in scope.
    pub(crate) fn is_served_by(&self, definition: &crate::ControlDefinition, catalog: &CatalogIndex) -> bool {
        !definition.criteria.is_disjoint(&self.relevant_criteria(catalog))
            || !definition.objectives.is_disjoint(&self.objectives)
    }

    /// The controls that serve what is in scope, each as the report states it.
    pub fn controls<'a>(
        &self,
        state: &'a State,
        catalog: &CatalogIndex,
    ) -> BTreeMap<&'a ControlId, &'a ControlVersion> {
        let (criteria, span) = (self.relevant_criteria(catalog), self.report_type.span());
        let stated = state.controls.iter().filter_map(|(id, control)| Some((id, control.version_for(span)?)));
        stated
            .filter(|(_, ControlVersion { definition, .. })| {
                !definition.criteria.is_disjoint(&criteria) || !definition.objectives.is_disjoint(&self.objectives)
            })
            .collect()
    }
}

/// Asked in this order: role, catalog, a new id of its own, dates, scope, standards, the engagement that it follows on: of the
/// same report, contiguous, without another that follows, begun.
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
    require_own_letters(&command.engagement, state.engagements.keys())?;
    require_scope(state, catalog, command.report, command.report_type, &command.objectives, &command.categories)?;
    require_plausible_days(state, author, command.report_type)?;
    require_security(command.report, &command.categories, command.without_security)?;
    let (usual, known) = command.report.standards();
    if let Some(other) = command.standards.iter().find(|standard| !known.contains(standard)) {
        return Err(Refusal::StandardOfOtherReport { standard: other.shown(), report: command.report.shown() });
    }
    if let Some(id) = &command.follows {
        let before = state.engagement(id)?;
        require_follows(before, &command.engagement, command.report, command.report_type, command.gap)?;
        require_next(state, author, id, before)?;
    }
    Ok(vec![Event::EngagementOpened(EngagementOpened {
        engagement: command.engagement,
        report: command.report,
        report_type: command.report_type,
        system: command.system,
        objectives: command.objectives,
        follows: command.follows,
        gap: command.gap,
        // A note on what is not left out says nothing.
        without_security: command.without_security.filter(|_| !command.categories.contains(SECURITY)),
        categories: command.categories,
        // One spelling: the usual standard of a report is not said.
        standards: if command.standards == BTreeSet::from([usual]) { BTreeSet::new() } else { command.standards },
        section_order: command.section_order,
    })])
}

fn require_plausible_days(state: &State, author: &Author, report_type: ReportType) -> Result<(), Refusal> {
    let Span { first, last } = report_type.span();
    state.require_plausible(author, first)?;
    state.require_plausible(author, last)
}

/// Asked in this order: role, catalog, no assertion signed over what would change, dates, scope.
pub(crate) fn decide_revise(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ReviseEngagement,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    let engagement = state.engagement(&command.engagement)?;
    if engagement.assertion.is_some() {
        return Err(Refusal::AssertionSigned(command.engagement));
    }
    require_scope(state, catalog, engagement.report, command.report_type, &command.objectives, &command.categories)?;
    require_plausible_days(state, author, command.report_type)?;
    let without_security = command.without_security.or(engagement.without_security);
    require_security(engagement.report, &command.categories, without_security)?;
    if let Some(before) = engagement.follows.as_ref().and_then(|id| state.engagements.get(id)) {
        require_follows(before, &command.engagement, engagement.report, command.report_type, engagement.gap)?;
    }
    let revised = Engagement { report_type: command.report_type, ..engagement.clone() };
    for (id, next) in state.engagements.iter().filter(|(_, next)| next.follows.as_ref() == Some(&command.engagement)) {
        require_follows(&revised, id, next.report, next.report_type, next.gap)?;
    }
    Ok(vec![Event::EngagementRevised(EngagementRevised {
        engagement: command.engagement,
        report_type: command.report_type,
        objectives: command.objectives,
        without_security: command.without_security.filter(|_| !command.categories.contains(SECURITY)),
        categories: command.categories,
        reason: command.reason,
    })])
}

/// Asked in this order: role, catalog, no assertion signed, a criterion in scope, none of CC1 to CC5.
pub(crate) fn decide_exclude(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ExcludeCriterion,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    let ExcludeCriterion { engagement: id, criterion, reason } = command;
    let engagement = state.engagement(&id)?;
    if engagement.assertion.is_some() {
        return Err(Refusal::AssertionSigned(id));
    }
    if !engagement.criteria(catalog).contains(&criterion) {
        return Err(Refusal::CriterionOutOfScope(criterion));
    }
    // CC1 to CC5 carry the COSO principles: no system is without a control environment (DC8).
    if ["CC1.", "CC2.", "CC3.", "CC4.", "CC5."].iter().any(|series| criterion.as_str().starts_with(series)) {
        return Err(Refusal::CriterionAlwaysRelevant(criterion));
    }
    Ok(vec![Event::CriterionExcluded(CriterionExcluded { engagement: id, criterion, reason })])
}

fn require_scope(
    state: &State,
    catalog: &CatalogIndex,
    report: ReportKind,
    report_type: ReportType,
    objectives: &BTreeSet<ObjectiveId>,
    categories: &BTreeSet<String>,
) -> Result<(), Refusal> {
    if let ReportType::Type2(Span { first, last }) = report_type
        && first >= last
    {
        return Err(Refusal::PeriodNotForward { first, last });
    }
    if report == ReportKind::Soc3 && matches!(report_type, ReportType::Type1 { .. }) {
        return Err(Refusal::Soc3WithoutPeriod);
    }
    if objectives.is_empty() && categories.is_empty() {
        return Err(Refusal::NothingInScope);
    }
    let of_other_report = match report {
        ReportKind::Soc1 => !categories.is_empty(),
        ReportKind::Soc2 | ReportKind::Soc3 => !objectives.is_empty(),
    };
    if of_other_report {
        return Err(Refusal::ScopeOfOtherReport);
    }
    state.require_served(catalog, objectives, &BTreeSet::new())?;
    match categories.iter().find(|id| !catalog.categories.contains_key(*id)) {
        Some(unknown) => Err(Refusal::UnknownCategory(unknown.clone())),
        None => Ok(()),
    }
}

/// A SOC 2 without the category security has the auditor's note.
fn require_security(report: ReportKind, categories: &BTreeSet<String>, note: Option<Digest>) -> Result<(), Refusal> {
    match report {
        ReportKind::Soc2 | ReportKind::Soc3 if !categories.contains(SECURITY) && note.is_none() => {
            Err(Refusal::SecurityLeftOut)
        }
        ReportKind::Soc1 | ReportKind::Soc2 | ReportKind::Soc3 => Ok(()),
    }
}

/// The same report goes on; a period begins on the day after the one before it, or says why not.
fn require_follows(
    before: &Engagement,
    id: &EngagementId,
    report: ReportKind,
    report_type: ReportType,
    gap: Option<Digest>,
) -> Result<(), Refusal> {
    if before.report != report {
        return Err(Refusal::FollowsOtherReport(id.clone()));
    }
    let (ReportType::Type2(before), ReportType::Type2(period)) = (before.report_type, report_type) else {
        return Ok(());
    };
    let next_day = before.last.saturating_add(jiff::Span::new().days(1));
    if period.first < next_day || (period.first > next_day && gap.is_none()) {
        return Err(Refusal::PeriodNotContiguous { first: period.first, next_day });
    }
    Ok(())
}

/// Nothing follows yet on an engagement that something is to follow on, and it has begun; whether it is over is no matter, since
/// the next period is made ready before.
fn require_next(state: &State, author: &Author, id: &EngagementId, before: &Engagement) -> Result<(), Refusal> {
    if let Some((by, _)) = state.engagements.iter().find(|(_, other)| other.follows.as_ref() == Some(id)) {
        return Err(Refusal::FollowedAlready { before: id.clone(), by: by.clone() });
    }
    let first = before.report_type.span().first;
    match state.local_date(author.at) {
        Some(today) if first > today => Err(Refusal::PeriodNotBegun { before: id.clone(), first, today }),
        Some(_) | None => Ok(()),
    }
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
                opened_at: recorded.at,
                follows: event.follows.clone(),
                gap: event.gap,
                without_security: event.without_security,
                standards: event.standards.clone(),
                section_order: event.section_order,
                revisions: Vec::new(),
                not_relevant: BTreeMap::new(),
                scope_comments: BTreeMap::new(),
                section_comments: BTreeMap::new(),
                firm: None,
                firm_tests: BTreeMap::new(),
                conclusions: BTreeMap::new(),
                description: None,
                assertion: None,
                subservice_assertions: BTreeMap::new(),
                auditors_report: None,
                closings: Vec::new(),
                overrulings: BTreeMap::new(),
                packages: Vec::new(),
                reader_copies: Vec::new(),
            },
        );
    }

    pub(crate) fn apply_engagement_revised(&mut self, event: &EngagementRevised, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.report_type = event.report_type;
            engagement.objectives = event.objectives.clone();
            engagement.categories = event.categories.clone();
            let noted = event.without_security.or(engagement.without_security);
            engagement.without_security = noted.filter(|_| !event.categories.contains(SECURITY));
            engagement.revisions.push((event.reason, recorded.index));
        }
    }

    pub(crate) fn apply_criterion_excluded(&mut self, event: &CriterionExcluded, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.not_relevant.insert(event.criterion.clone(), (event.reason, recorded.index));
        }
    }
}
