//! The demand register: who asked for a report, in which words, until when, and what became of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_domain::{
    Command, DemandDetails, DemandEnd, EndDemand, EngagementId, PersonId, RecordDemand, ReportKind, Span,
    advisor::NamedType,
};

use crate::{Error, House, house::require_words};

/// A demand as people write it.
#[derive(Debug, Clone)]
pub struct NewDemand {
    /// Its id.
    pub id: String,
    /// When they asked.
    pub asked_on: Date,
    /// What was said.
    pub words: DemandWords,
    /// The user entity that asked, if it is one already.
    pub user_entity: Option<String>,
    /// Which reports they want, as far as they said.
    pub reports: BTreeSet<ReportKind>,
    /// Until when.
    pub due_on: Option<Date>,
    /// What its period has to be, as far as they said.
    pub wants: DemandedPeriod,
}

/// What type and period somebody asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DemandedPeriod {
    /// Which type.
    #[serde(rename = "type")]
    pub report_type: Option<NamedType>,
    /// The days that the period has to have.
    pub covers: Option<Span>,
    /// The months that it has to have at least.
    pub at_least_months: Option<u8>,
}

/// What was said: sealed in the vault, since names and deals stand in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandWords {
    /// Who asked.
    pub by: String,
    /// Their words.
    pub words: String,
    /// The clause of the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The deal that depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<String>,
}

/// How a demand ends.
#[derive(Debug, Clone)]
pub enum EndOfDemand {
    /// The report of an engagement was sent; where it is otherwise than asked for, the reason why it ends the demand.
    Sent(String, Option<String>),
    /// It was not sent, because.
    NotSent(String),
}

/// One line of the register.
#[derive(Debug, Clone, Serialize)]
pub struct DemandLine {
    /// The demand.
    pub id: String,
    /// When they asked.
    pub asked_on: Date,
    /// What was said.
    #[serde(flatten)]
    pub words: DemandWords,
    /// The user entity that asked.
    pub user_entity: Option<String>,
    /// Which reports they want.
    pub reports: BTreeSet<ReportKind>,
    /// Until when.
    pub due_on: Option<Date>,
    /// What type and period they want.
    #[serde(flatten)]
    pub wants: DemandedPeriod,
    /// What became of it; none while it is open.
    pub ended: Option<EndLine>,
    /// Whether it is open and its day has passed.
    pub overdue: bool,
}

/// What became of a demand.
#[derive(Debug, Clone, Serialize)]
pub struct EndLine {
    /// When.
    pub on: Date,
    /// The engagement whose report was sent.
    pub sent: Option<String>,
    /// Why it was not sent, or why another report than the one asked for was.
    pub because: Option<String>,
}

impl House {
    /// Records a demand.
    pub fn record_demand(&mut self, author: &PersonId, demand: &NewDemand) -> Result<(), Error> {
        require_words(&demand.words.words)?;
        let details = DemandDetails {
            asked_on: demand.asked_on,
            words: self.put_sealed_json(&demand.words)?,
            user_entity: demand.user_entity.as_deref().map(str::parse).transpose()?,
            reports: demand.reports.clone(),
            due_on: demand.due_on,
            report_type: demand.wants.report_type,
            covers: demand.wants.covers,
            at_least_months: demand.wants.at_least_months,
        };
        let demand = demand.id.parse()?;
        self.execute(author, Command::RecordDemand(RecordDemand { demand, details })).map(drop)
    }

    /// Ends a demand.
    pub fn end_demand(&mut self, author: &PersonId, id: &str, ended_on: Date, end: &EndOfDemand) -> Result<(), Error> {
        let end = match end {
            EndOfDemand::Sent(engagement, although) => DemandEnd::ReportSent {
                engagement: engagement.parse::<EngagementId>()?,
                although: although.as_ref().map(|reason| self.put_text(reason)).transpose()?,
            },
            EndOfDemand::NotSent(reason) => DemandEnd::NotSent { reason: self.put_text(reason)? },
        };
        let demand = id.parse()?;
        self.execute(author, Command::EndDemand(EndDemand { demand, ended_on, end })).map(drop)
    }

    /// The register; what is due first stands first.
    pub fn demands(&self) -> Result<Vec<DemandLine>, Error> {
        let state = self.state();
        let today = self.today();
        let mut lines = state
            .demands
            .iter()
            .map(|(id, demand)| {
                let ended = match &demand.ended {
                    None => None,
                    Some((ended, _)) => Some(match &ended.end {
                        DemandEnd::ReportSent { engagement, although } => EndLine {
                            on: ended.ended_on,
                            sent: Some(engagement.to_string()),
                            because: although.as_ref().map(|reason| self.text(reason)).transpose()?,
                        },
                        DemandEnd::NotSent { reason } => {
                            EndLine { on: ended.ended_on, sent: None, because: Some(self.text(reason)?) }
                        }
                    }),
                };
                Ok(DemandLine {
                    id: id.to_string(),
                    asked_on: demand.details.asked_on,
                    words: self.json(&demand.details.words)?,
                    user_entity: demand.details.user_entity.as_ref().map(ToString::to_string),
                    reports: demand.details.reports.clone(),
                    due_on: demand.details.due_on,
                    wants: DemandedPeriod {
                        report_type: demand.details.report_type,
                        covers: demand.details.covers,
                        at_least_months: demand.details.at_least_months,
                    },
                    overdue: ended.is_none() && demand.details.due_on.is_some_and(|due| due < today),
                    ended,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        lines.sort_by_key(|line| (line.ended.is_some(), line.due_on.is_none(), line.due_on, line.asked_on));
        Ok(lines)
    }
}
