//! Views: what documents print, computed from a state, the ledger and the vault. Pure but for reading prose.

mod by_people;
mod extracts;
mod management_testing;
mod report;
mod requests;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::{
    ControlDefinition, ControlId, ControlVersion, Engagement, EngagementFigures, EngagementId, Exception, ExceptionId,
    ExceptionOrigin, State, Withdrawal,
};
use tickmark_ledger::{Reader, Store};
use tickmark_report::{
    Figure, Prose,
    view::{
        Anchoring, AssessmentView, Automation, CompensatingControl, Coverage, Description, EngagementView,
        ExceptionRow, ExceptionState, FirmView, Nature, OrganizationView, Procedure, Provenance, ReportKind,
        ReportType, SectionOrder, Severity, Standard, StateChange,
    },
};

pub(crate) use extracts::extracts_of;
pub(crate) use report::has_tests;

use crate::{AssessmentShown, Error, House, anchoring, compensation_in_words};

/// The trust services categories, as TSP section 100 has them.
const CATEGORIES: [&str; 5] = ["security", "availability", "processing-integrity", "confidentiality", "privacy"];

/// The system description as it is kept: management's prose; measures and controls come from ledger and catalog.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescriptionText {
    /// The description, without measures and controls.
    pub description: Description,
    /// SOC 1: the classes of transactions that each control objective touches.
    #[serde(default)]
    pub objective_classes: BTreeMap<String, Vec<String>>,
}

/// Management's assertion as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionText {
    /// The text.
    pub text: String,
    /// The office of who signs.
    pub title: String,
}

/// The assertion of a subservice organization as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceAssertionText {
    /// The text.
    pub text: String,
    /// Who signed it.
    pub signed_by: String,
    /// The office of who signed.
    pub title: String,
}

/// A firm as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmText {
    /// Its name.
    pub name: String,
    /// The city it signs from.
    pub city: String,
}

/// What every view of an engagement is computed from.
pub(crate) struct Scene<'a> {
    pub(crate) house: &'a House,
    pub(crate) state: &'a State,
    pub(crate) id: &'a EngagementId,
    pub(crate) engagement: &'a Engagement,
    pub(crate) figures: &'a EngagementFigures,
    pub(crate) reader: Box<dyn Reader + 'a>,
    pub(crate) size: u64,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(
        house: &'a House,
        state: &'a State,
        size: u64,
        id: &'a EngagementId,
        figures: &'a EngagementFigures,
    ) -> Result<Self, Error> {
        let engagement =
            state.engagements.get(id).ok_or_else(|| Error::Unknown { kind: "engagement", name: id.to_string() })?;
        let reader = house.store.reader()?;
        Ok(Self { house, state, id, engagement, figures, reader, size })
    }

    pub(crate) fn engagement_view(&self) -> Result<EngagementView, Error> {
        let organization = self.state.organization.as_ref().ok_or(tickmark_domain::Refusal::NotFounded)?;
        let name = self.house.text(&organization.name)?;
        let short_name = name.split(',').next().unwrap_or(&name).trim().to_owned();
        let report_type = match self.engagement.report_type {
            tickmark_domain::ReportType::Type1 { .. } => ReportType::Type1,
            tickmark_domain::ReportType::Type2(_) => ReportType::Type2,
        };
        let title_of = |id: &String| {
            self.house.catalog.categories.get(id.as_str()).map_or_else(|| id.clone(), |c| c.title.clone())
        };
        Ok(EngagementView {
            id: self.id.to_string(),
            report: report_kind(self.engagement.report),
            report_type,
            standards: standards(self.engagement),
            section_order: section_order(self.engagement.section_order),
            organization: OrganizationView { name, short_name },
            firm: self.firm()?.map(|firm| FirmView { name: firm.name, city: firm.city }),
            system: self.house.text(&self.engagement.system)?,
            categories: CATEGORIES
                .into_iter()
                .filter_map(|category| self.engagement.categories.get(category))
                .map(title_of)
                .collect(),
            coverage: coverage(self.engagement.report_type),
            prepared_on: self.local_date(self.house.now()),
        })
    }

    pub(crate) fn firm(&self) -> Result<Option<FirmText>, Error> {
        let appointment = self.engagement.firm.as_ref();
        appointment.map(|appointment| self.house.json(&appointment.name)).transpose()
    }

    pub(crate) fn provenance(&self) -> Result<Provenance, Error> {
        let checkpoint = self
            .reader
            .checkpoint_from(&self.house.origin, self.size)?
            .ok_or_else(|| Error::Unknown { kind: "checkpoint at size", name: self.size.to_string() })?;
        let newest = self.reader.entry(&self.house.origin, self.size.saturating_sub(1))?;
        Ok(Provenance {
            ledger_size: self.size,
            root: self.reader.root(&self.house.origin, self.size)?,
            origin: checkpoint.checkpoint().origin.clone(),
            signed_at: newest.entry.recorded_at,
            catalog: self.house.index.catalog,
            anchoring: self.anchoring()?,
        })
    }

    fn anchoring(&self) -> Result<Anchoring, Error> {
        Ok(match anchoring::stretch(&*self.reader, &self.house.origin, self.size)? {
            None => Anchoring::OwnKeyOnly,
            Some(stretch) => Anchoring::Outside {
                holders: stretch.holders,
                checkpoints: stretch.checkpoints,
                longest_gap_days: stretch.longest_days,
                longest_gap_from: self.local_date(stretch.longest_from),
            },
        })
    }

    /// The local date of an entry.
    pub(crate) fn entry_date(&self, entry: u64) -> Result<Date, Error> {
        Ok(self.local_date(self.reader.entry(&self.house.origin, entry)?.entry.recorded_at))
    }

    pub(crate) fn local_date(&self, at: jiff::Timestamp) -> Date {
        self.state.local_date(at).unwrap_or_else(|| jiff::tz::TimeZone::UTC.to_datetime(at).date())
    }

    /// The version of a control that the report states.
    pub(crate) fn control(&self, id: &ControlId) -> Result<&'a ControlVersion, Error> {
        let control = self.state.controls.get(id).and_then(|control| control.version_for(self.figures.span));
        control.ok_or_else(|| Error::Unknown { kind: "control", name: id.to_string() })
    }

    /// What a control is listed under: its family, or its control objective's industry.
    pub(crate) fn group_of(&self, id: &ControlId, control: &ControlDefinition) -> String {
        let prefix = id.as_str().split('-').next().unwrap_or_default();
        let family = self.house.catalog.families.get(prefix).map(|family| family.title.clone());
        let industry = || {
            let objective = control.objectives.iter().find_map(|id| self.house.catalog.objectives.get(id.as_str()))?;
            let industry = self.house.catalog.industries.get(objective.industry.as_deref()?)?;
            Some(industry.title.clone())
        };
        family.or_else(industry).unwrap_or_else(|| "Controls".to_owned())
    }

    /// The title of who owns a control.
    pub(crate) fn owner_title(&self, control: &ControlDefinition) -> String {
        let title = self.house.catalog.roles.get(control.owner_role.as_str()).map(|role| role.title.clone());
        title.unwrap_or_else(|| control.owner_role.to_string())
    }

    /// The ids of the objectives or criteria in scope that a control serves.
    pub(crate) fn measures_of(&self, control: &ControlDefinition) -> Vec<String> {
        let criteria = self.engagement.relevant_criteria(&self.house.index);
        let objectives = control.objectives.intersection(&self.engagement.objectives).map(ToString::to_string);
        objectives.chain(control.criteria.intersection(&criteria).map(ToString::to_string)).collect()
    }

    /// Why an exception was withdrawn, and who agreed; none for one that stands.
    fn reason_of_withdrawal(&self, exception: &Exception) -> Result<Option<String>, Error> {
        let Some(Withdrawal { reason, agreed_by: Some(second), .. }) = &exception.withdrawal else { return Ok(None) };
        let reason = self.house.text(reason)?;
        Ok(Some(format!("{} {} agreed.", reason.trim_end(), self.house.name_of(second))))
    }

    /// The list's row of an exception.
    pub(crate) fn exception_row(&self, id: &ExceptionId) -> Result<ExceptionRow, Error> {
        let unknown = || Error::Unknown { kind: "exception", name: id.to_string() };
        let exception = self.state.exceptions.get(id).ok_or_else(unknown)?;
        let entry = exception.last_seen;
        let found = self.found(id, exception)?;
        let history = exception
            .history
            .iter()
            .map(|(state, entry)| {
                Ok(StateChange { state: exception_state(*state), on: self.entry_date(*entry)?, entry: Some(*entry) })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let assessment = self.house.assessment_shown(self.state, exception)?;
        Ok(ExceptionRow {
            id: id.to_string(),
            control: found.control,
            control_test: exception.origin.control_test().map(ToString::to_string),
            management_test: exception.origin.management_test().map(ToString::to_string),
            title: found.title,
            severity: found.severity,
            found: found.by,
            items: Figure::count(exception.items, format!("items of `{id}`"), Some(exception.rows), Some(entry)),
            population: found.of,
            first_seen: self.entry_date(exception.first_seen)?,
            last_seen: self.entry_date(entry)?,
            gone_on: if exception.items == 0 { Some(self.entry_date(entry)?) } else { None },
            state: exception_state(exception.state),
            history,
            response: match self.reason_of_withdrawal(exception)? {
                Some(reason) => Some(Prose::new(reason)),
                None => exception.response.map(|text| self.house.text(&text).map(Prose::new)).transpose()?,
            },
            assessment: assessment.map(assessment_view),
            rows: exception.rows,
            entry: Some(entry),
        })
    }

    /// What found an exception, and among how many items.
    fn found(&self, id: &ExceptionId, exception: &Exception) -> Result<Found, Error> {
        match &exception.origin {
            ExceptionOrigin::ControlTest(of) => {
                let unknown = || Error::Unknown { kind: "exception", name: id.to_string() };
                let test = self.house.catalog.tests.get(of.as_str()).ok_or_else(unknown)?;
                let in_scope = |id: &&tickmark_catalog::Id| {
                    id.parse().is_ok_and(|id: ControlId| self.figures.controls.contains_key(&id))
                };
                let control = test.controls.iter().find(in_scope).or_else(|| test.controls.first());
                let result = self.state.newest_result(of, exception.span);
                let counts = format!("items in the population of `{id}`");
                Ok(Found {
                    control: control.map(ToString::to_string).unwrap_or_default(),
                    title: test.title.clone(),
                    severity: Some(severity(test.severity)),
                    by: test.description.clone(),
                    of: result.map(|r| Figure::count(r.population, counts, r.population_digest, Some(r.entry))),
                })
            }
            ExceptionOrigin::ManagementTest { management_test, control } => {
                let test = self.state.management_tests.get(management_test);
                let counts = format!("items tested by `{management_test}`");
                Ok(Found {
                    control: control.to_string(),
                    title: self.house.text(&self.control(control)?.definition.title)?,
                    severity: None,
                    by: format!("Items of management test `{management_test}` that lack an attribute."),
                    of: test.map(|t| Figure::count(t.details.items, counts, t.details.table, Some(t.entry))),
                })
            }
        }
    }
}

/// What found an exception.
struct Found {
    control: String,
    title: String,
    severity: Option<Severity>,
    by: String,
    of: Option<Figure>,
}

fn assessment_view(assessment: AssessmentShown) -> AssessmentView {
    let compensating = assessment.compensating.into_iter();
    AssessmentView {
        cause: Prose::new(assessment.cause),
        reach: assessment.reach.label().to_owned(),
        effect: Prose::new(assessment.effect),
        measures: assessment.on,
        compensating: compensating
            .map(|(id, tested)| CompensatingControl { id, tested: compensation_in_words(tested) })
            .collect(),
        stale: assessment.stale,
        entry: assessment.entry,
    }
}

impl House {
    /// The value of a JSON object in the vault.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, digest: &Digest) -> Result<T, Error> {
        serde_json::from_slice(&self.vault.get(digest)?)
            .map_err(|source| Error::ObjectUnreadable { digest: *digest, source })
    }
}

pub(crate) fn severity(severity: tickmark_catalog::Severity) -> Severity {
    match severity {
        tickmark_catalog::Severity::High => Severity::High,
        tickmark_catalog::Severity::Medium => Severity::Medium,
        tickmark_catalog::Severity::Low => Severity::Low,
    }
}

pub(crate) fn nature(nature: tickmark_domain::ControlNature) -> Nature {
    match nature {
        tickmark_domain::ControlNature::Preventive => Nature::Preventive,
        tickmark_domain::ControlNature::Detective => Nature::Detective,
    }
}

pub(crate) fn automation(automation: tickmark_domain::Automation) -> Automation {
    match automation {
        tickmark_domain::Automation::Manual => Automation::Manual,
        tickmark_domain::Automation::Automated => Automation::Automated,
        tickmark_domain::Automation::ItDependentManual => Automation::ItDependentManual,
    }
}

/// How often, in words.
pub(crate) fn frequency(frequency: tickmark_domain::Frequency) -> String {
    match frequency {
        tickmark_domain::Frequency::Continuous => "continuous",
        tickmark_domain::Frequency::PerEvent => "for each event",
        tickmark_domain::Frequency::Daily => "daily",
        tickmark_domain::Frequency::Weekly => "weekly",
        tickmark_domain::Frequency::SemiMonthly => "twice a month",
        tickmark_domain::Frequency::Monthly => "monthly",
        tickmark_domain::Frequency::Quarterly => "quarterly",
        tickmark_domain::Frequency::SemiAnnual => "twice a year",
        tickmark_domain::Frequency::Annual => "annual",
    }
    .to_owned()
}

pub(crate) fn report_kind(report: tickmark_domain::ReportKind) -> ReportKind {
    match report {
        tickmark_domain::ReportKind::Soc1 => ReportKind::Soc1,
        tickmark_domain::ReportKind::Soc2 => ReportKind::Soc2,
        tickmark_domain::ReportKind::Soc3 => ReportKind::Soc3,
    }
}

pub(crate) fn standards(engagement: &Engagement) -> Vec<Standard> {
    let named = engagement.standards.iter().map(|standard| match standard {
        tickmark_domain::advisor::Standard::AtC320 => Standard::AtC320,
        tickmark_domain::advisor::Standard::AtC205 => Standard::AtC205,
        tickmark_domain::advisor::Standard::Isae3402 => Standard::Isae3402,
    });
    named.collect()
}

pub(crate) fn section_order(order: tickmark_domain::SectionOrder) -> SectionOrder {
    match order {
        tickmark_domain::SectionOrder::AuditorFirst => SectionOrder::AuditorFirst,
        tickmark_domain::SectionOrder::ManagementFirst => SectionOrder::ManagementFirst,
    }
}

pub(crate) fn coverage(report_type: tickmark_domain::ReportType) -> Coverage {
    match report_type {
        tickmark_domain::ReportType::Type1 { as_of_on } => Coverage::AsOf { on: as_of_on },
        tickmark_domain::ReportType::Type2(days) => Coverage::Period { first: days.first, last: days.last },
    }
}

pub(crate) fn procedure(nature: tickmark_domain::Nature) -> Procedure {
    match nature {
        tickmark_domain::Nature::Inquiry => Procedure::Inquiry,
        tickmark_domain::Nature::Observation => Procedure::Observation,
        tickmark_domain::Nature::Inspection => Procedure::Inspection,
        tickmark_domain::Nature::Reperformance => Procedure::Reperformance,
    }
}

pub(crate) fn exception_state(state: tickmark_domain::ExceptionState) -> ExceptionState {
    match state {
        tickmark_domain::ExceptionState::Open => ExceptionState::Open,
        tickmark_domain::ExceptionState::Responded => ExceptionState::Responded,
        tickmark_domain::ExceptionState::Remediated => ExceptionState::Remediated,
        tickmark_domain::ExceptionState::Retested => ExceptionState::Retested,
        tickmark_domain::ExceptionState::Withdrawn => ExceptionState::Withdrawn,
    }
}
