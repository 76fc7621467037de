//! The demand register: who asked for a report, in which words, until when, and what became of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, DemandId, Engagement, EngagementId, Event, PackageKind, Recorded, Refusal, ReportKind, ReportType, Role,
    ScopeFacts, ScopeItemId, Span, State, advisor::NamedType, id::require_own_letters,
};

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandDetails {
    /// When they asked.
    pub asked_on: Date,
    /// Who asked, their words, the clause of the contract, the deal that depends on it (vault object; sealed).
    pub words: Digest,
    /// The user entity that asked, if it is one already.
    pub user_entity: Option<ScopeItemId>,
    /// Which reports they want, as far as they said.
    pub reports: BTreeSet<ReportKind>,
    /// Until when.
    pub due_on: Option<Date>,
    /// Which type, if they said.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub report_type: Option<NamedType>,
    /// The days that its period has to have, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Span>,
    /// The months that its period has to have at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least_months: Option<u8>,
}

impl DemandDetails {
    /// In what a report is otherwise than what was asked for; nothing if it is what they want.
    fn differs(&self, sent: &Engagement) -> Vec<String> {
        let mut differs = Vec::new();
        if !self.reports.is_empty() && !self.reports.contains(&sent.report) {
            let asked: Vec<&str> = self.reports.iter().map(|report| report.shown()).collect();
            differs.push(format!("it is a {}, and {} was asked for", sent.report.shown(), asked.join(" or ")));
        }
        // A Type 2 says all that a Type 1 says.
        let is_type_1 = matches!(sent.report_type, ReportType::Type1 { .. });
        if is_type_1 && self.report_type == Some(NamedType::Type2) {
            differs.push("it is a Type 1, and a Type 2 was asked for".to_owned());
        }
        let period = sent.report_type.span();
        if let Some(days) = self.covers.filter(|days| !period.covers(days)) {
            differs.push(format!("it speaks of {}, and {} was asked for", told(period), told(days)));
        }
        if let Some(least) = self.at_least_months.filter(|least| period.whole_months() < u64::from(*least)) {
            differs.push(format!("it speaks of {}, and {least} months at least were asked for", told(period)));
        }
        if sent.report != ReportKind::Soc3 && sent.auditors_report.is_none() {
            differs.push("the service auditor's report is not in it".to_owned());
        }
        differs
    }
}

fn told(span: Span) -> String {
    if span.first == span.last { span.first.to_string() } else { format!("{} to {}", span.first, span.last) }
}

/// Record a demand for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordDemand {
    /// Its id.
    pub demand: DemandId,
    /// What was asked.
    pub details: DemandDetails,
}

/// A demand for a report was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandRecorded {
    /// Its id.
    pub demand: DemandId,
    /// What was asked.
    pub details: DemandDetails,
}

/// How a demand ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DemandEnd {
    /// The report was sent.
    ReportSent {
        /// The engagement whose newest report package was sent.
        engagement: EngagementId,
        /// Why it ends the demand although it is otherwise than what was asked for (vault text).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        although: Option<Digest>,
    },
    /// It was not sent.
    NotSent {
        /// Why (vault text).
        reason: Digest,
    },
}

/// End a demand: with the report sent, or with the reason why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndDemand {
    /// The demand.
    pub demand: DemandId,
    /// When it ended.
    pub ended_on: Date,
    /// How.
    pub end: DemandEnd,
}

/// A demand ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandEnded {
    /// The demand.
    pub demand: DemandId,
    /// When it ended.
    pub ended_on: Date,
    /// How.
    pub end: DemandEnd,
    /// Digest of the contents of the report package that was sent.
    pub package: Option<Digest>,
}

/// A demand as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// What was asked.
    pub details: DemandDetails,
    /// Entry that recorded it.
    pub entry: u64,
    /// What became of it, with the entry that says so.
    pub ended: Option<(DemandEnded, u64)>,
}

pub(crate) fn decide_record(state: &State, author: &Author, command: RecordDemand) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let RecordDemand { demand, details } = command;
    if state.demands.contains_key(&demand) {
        return Err(Refusal::DemandExists(demand));
    }
    let asked_on = details.asked_on;
    state.require_plausible(author, asked_on)?;
    state.require_past(author, asked_on)?;
    if let Some(day) = details.due_on {
        state.require_plausible(author, day)?;
        if day < asked_on {
            return Err(Refusal::DemandNotForward { what: "it is due", day, asked_on });
        }
    }
    if let Some(Span { first, last }) = details.covers {
        state.require_plausible(author, first)?;
        state.require_plausible(author, last)?;
        if last < first {
            return Err(Refusal::PeriodNotForward { first, last });
        }
    }
    if details.report_type == Some(NamedType::Type1) && (details.covers.is_some() || details.at_least_months.is_some())
    {
        return Err(Refusal::Type1OfAPeriod);
    }
    require_own_letters(&demand, state.demands.keys())?;
    if let Some(id) = &details.user_entity {
        let standing = state.scope.get(id).and_then(|record| record.standing());
        let facts = &standing.ok_or_else(|| Refusal::UnknownScopeItem(id.clone()))?.item.facts;
        if !matches!(facts, ScopeFacts::UserEntity(_)) {
            return Err(Refusal::ScopeItemOfOtherKind { item: id.clone(), is: facts.kind(), needed: "user entity" });
        }
    }
    Ok(vec![Event::DemandRecorded(DemandRecorded { demand, details })])
}

/// Asked in this order: role, a demand that is open, order of dates, a report package that was issued, and that the report is
/// what was asked for, unless it is said why it ends the demand all the same.
pub(crate) fn decide_end(state: &State, author: &Author, command: EndDemand) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let EndDemand { demand, ended_on, end } = command;
    let open = state.demands.get(&demand).filter(|demand| demand.ended.is_none());
    let details = &open.ok_or_else(|| Refusal::NoOpenDemand(demand.clone()))?.details;
    let asked_on = details.asked_on;
    if ended_on < asked_on {
        return Err(Refusal::DemandNotForward { what: "it ended", day: ended_on, asked_on });
    }
    state.require_past(author, ended_on)?;
    let package = match &end {
        DemandEnd::NotSent { .. } => None,
        DemandEnd::ReportSent { engagement, although } => {
            let sent = state.engagement(engagement)?;
            let report = sent.packages.iter().rev().find(|package| package.kind == PackageKind::Report);
            let report = report.ok_or_else(|| Refusal::NoReportPackage(engagement.clone()))?;
            let differs = details.differs(sent);
            if !differs.is_empty() && although.is_none() {
                return Err(Refusal::NotWhatWasAsked { engagement: engagement.clone(), differs: differs.join("; ") });
            }
            Some(report.contents)
        }
    };
    Ok(vec![Event::DemandEnded(DemandEnded { demand, ended_on, end, package })])
}

impl State {
    pub(crate) fn apply_demand_recorded(&mut self, event: &DemandRecorded, recorded: &Recorded) {
        let demand = Demand { details: event.details.clone(), entry: recorded.index, ended: None };
        self.demands.insert(event.demand.clone(), demand);
    }

    pub(crate) fn apply_demand_ended(&mut self, event: &DemandEnded, recorded: &Recorded) {
        if let Some(demand) = self.demands.get_mut(&event.demand) {
            demand.ended = Some((event.clone(), recorded.index));
        }
    }
}
