//! Engagements: opening them, and the list.

use std::collections::BTreeSet;

use jiff::{Span as Time, civil::Date};
use serde::Serialize;
use tickmark_domain::{
    Command, Engagement, ObjectiveId, OpenEngagement, PersonId, ReportKind, ReportType, SectionOrder, Span, State,
    advisor::Standard,
};

use crate::{Error, House};

/// An engagement to open.
#[derive(Debug, Clone)]
pub struct NewEngagement {
    /// Its id.
    pub id: String,
    /// Which report.
    pub report: ReportKind,
    /// Which type, and its date or period.
    pub report_type: ReportType,
    /// Name of the system.
    pub system: String,
    /// SOC 1: industries whose control objectives are in scope, with the IT general controls that they rest on.
    pub industries: Vec<String>,
    /// SOC 1: further control objectives.
    pub objectives: Vec<String>,
    /// SOC 2: trust services categories.
    pub categories: Vec<String>,
    /// SOC 2: the auditor's note on why the category security is left out.
    pub without_security: Option<String>,
    /// The standards that the report names; none for the usual one of its kind.
    pub standards: Vec<Standard>,
    /// Which of the first two sections comes first.
    pub section_order: SectionOrder,
}

/// One line of the list of engagements.
#[derive(Debug, Clone, Serialize)]
pub struct EngagementLine {
    /// The engagement.
    pub engagement: String,
    /// Report and type, in words.
    pub report: String,
    /// The days it speaks of.
    pub span: Span,
    /// Name of the system.
    pub system: String,
    /// Control objectives or trust services categories in scope.
    pub scope: Vec<String>,
    /// Adopted controls that serve them.
    pub controls: u64,
    /// The appointed firm's name.
    pub firm: Option<String>,
    /// The entry that adopted the newest system description.
    pub description_entry: Option<u64>,
    /// The date on management's assertion.
    pub assertion_on: Option<Date>,
    /// The date of the service auditor's report.
    pub auditors_report_on: Option<Date>,
    /// The day on which it was closed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
}

/// Report and type, in words: a report under ISAE 3402 alone is called by its standard, and a SOC 3 has no types.
pub(crate) fn report_in_words(engagement: &Engagement) -> String {
    let is_isae = engagement.standards == BTreeSet::from([Standard::Isae3402]);
    let report = if is_isae { Standard::Isae3402.shown() } else { engagement.report.shown() };
    match (engagement.report, engagement.report_type) {
        (ReportKind::Soc3, _) => report.to_owned(),
        (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type1 { .. }) => format!("{report} Type 1"),
        (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type2(_)) => format!("{report} Type 2"),
    }
}

/// The days of events that engagements need, up to today: from the first of the month before the earliest, since what
/// is done on the first days of a period rests on what was booked before it. None while there is nothing to collect yet.
pub fn days_to_collect(state: &State, today: Date) -> Option<Span> {
    let spans = || state.engagements.values().map(|engagement| engagement.report_type.span());
    let first = spans().map(|span| span.first).min()?;
    let first = first.first_of_month().saturating_sub(Time::new().months(1));
    let last = spans().map(|span| span.last).max()?.min(today);
    (first <= last).then_some(Span { first, last })
}

impl House {
    /// Opens engagements, all at once.
    pub fn open_engagements(&mut self, author: &PersonId, engagements: &[NewEngagement]) -> Result<(), Error> {
        let commands = self.open_commands(engagements)?;
        self.execute_all(author, commands).map(drop)
    }

    /// The commands that open engagements; names of systems go to the vault.
    pub(crate) fn open_commands(&self, engagements: &[NewEngagement]) -> Result<Vec<Command>, Error> {
        let systems: Vec<&str> = engagements.iter().map(|new| new.system.as_str()).collect();
        let systems = self.put_texts(&systems)?;
        engagements
            .iter()
            .zip(systems)
            .map(|(new, system)| {
                Ok(Command::OpenEngagement(OpenEngagement {
                    engagement: new.id.parse()?,
                    report: new.report,
                    report_type: new.report_type,
                    system,
                    objectives: self.objectives(&new.industries, &new.objectives)?,
                    categories: new.categories.iter().cloned().collect(),
                    follows: None,
                    gap: None,
                    without_security: new.without_security.as_ref().map(|note| self.put_text(note)).transpose()?,
                    standards: new.standards.iter().copied().collect(),
                    section_order: new.section_order,
                }))
            })
            .collect()
    }

    /// The control objectives of industries with the IT general controls that they rest on, and those named.
    pub(crate) fn objectives(&self, industries: &[String], named: &[String]) -> Result<BTreeSet<ObjectiveId>, Error> {
        let catalog = self.catalog();
        let mut objectives = named.iter().map(|id| id.parse()).collect::<Result<BTreeSet<ObjectiveId>, _>>()?;
        for name in industries {
            let industry = catalog
                .industries
                .get(name.as_str())
                .ok_or_else(|| Error::Unknown { kind: "industry", name: name.clone() })?;
            let of_industry = catalog.objectives.values().filter(|o| o.industry.as_deref() == Some(name));
            for id in of_industry.map(|objective| &objective.id).chain(&industry.default_itgc) {
                objectives.insert(id.parse()?);
            }
        }
        Ok(objectives)
    }

    /// Every engagement.
    pub fn engagements(&self) -> Result<Vec<EngagementLine>, Error> {
        let state = self.state();
        let lines = state.engagements.iter().map(|(id, engagement)| {
            let firm = engagement.firm.as_ref().map(|firm| self.firm_text(&firm.name)).transpose()?;
            Ok(EngagementLine {
                engagement: id.to_string(),
                report: report_in_words(engagement),
                span: engagement.report_type.span(),
                system: self.text(&engagement.system)?,
                scope: engagement
                    .objectives
                    .iter()
                    .map(ToString::to_string)
                    .chain(engagement.categories.iter().cloned())
                    .collect(),
                controls: engagement.controls(state, self.catalog_index()).len() as u64,
                firm: firm.map(|firm| firm.name),
                description_entry: engagement.description.as_ref().map(|description| description.entry),
                assertion_on: engagement.assertion.as_ref().map(|assertion| assertion.signed_on),
                auditors_report_on: engagement.auditors_report.as_ref().map(|report| report.dated_on),
                closed_on: engagement.closings.last().map(|closing| self.closed_on(closing)),
            })
        });
        lines.collect()
    }
}
