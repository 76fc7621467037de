//! Each owed report by itself: whether its day can be met, the soonest day, and what the reader can have until then (P09).
//!
//! Invariant: one date that cannot be met says nothing of another.

use jiff::civil::Date;
use serde::Serialize;

use super::{
    advice::{Answered, Basis, PeriodAdvice},
    answer_text,
    choice::{NamedReport, NamedType},
    coverage::{BRIDGE_DAYS, between},
    level::Subject,
    period::{Days, reported_on, reports_of, type_1_reported_on},
    question::Question as Q,
    reading::{Reading, SOC1_REPORTS},
    rule,
    word::Word,
};

/// A report that is owed, by a contract or by the date of Q18.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwedReport {
    /// Which report.
    pub report: NamedReport,
    /// Which type, if one is named.
    #[serde(rename = "type")]
    pub report_type: Option<NamedType>,
    /// By when.
    pub due_on: Option<Date>,
    /// Whether that day can be met.
    pub standing: OwedStanding,
    /// The day on which the report that fits is signed, by this advice.
    pub signed_on: Date,
    /// The soonest day on which one could be, over the shortest period that readers take.
    pub soonest_on: Date,
    /// The answer in a sentence.
    pub says: String,
    /// What the reader can be given until then.
    pub meanwhile: Vec<String>,
    /// Why.
    pub basis: Vec<Basis>,
}

/// Whether the day on which a report is owed can be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwedStanding {
    /// It is met.
    Met,
    /// Only a Type 1 is ready by then, and no type was named.
    MetByType1,
    /// It cannot be met with these days, but with a shorter period.
    MetIfShorter,
    /// It cannot be met.
    NotMet,
    /// No day was named.
    NoDay,
}

impl OwedStanding {
    /// As people write it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Met => "can be met",
            Self::MetByType1 => "by a Type 1 only",
            Self::MetIfShorter => "over a shorter period only",
            Self::NotMet => "cannot be met",
            Self::NoDay => "no day named",
        }
    }
}

/// What is owed: which report and type, by when, and the answer that says so.
struct Claim {
    report: NamedReport,
    report_type: Option<NamedType>,
    due_on: Option<Date>,
    said: Answered,
}

/// Every contract, then the date of Q18 for each report that is pursued now.
fn claims(reading: Reading<'_>, days: &[Days]) -> Vec<Claim> {
    let contracts = reading.profile.contracts.iter().flatten().map(|contract| Claim {
        report: contract.report,
        report_type: contract.report_type,
        due_on: contract.due_on,
        said: Answered { question: Q::Contracts, answer: answer_text::of_contracts(std::slice::from_ref(contract)) },
    });
    let first = reading.first_due().into_iter().flat_map(|due| {
        days.iter().map(move |days| Claim {
            report: if days.advice.report == Subject::Soc1 { NamedReport::Soc1 } else { NamedReport::Soc2 },
            report_type: None,
            due_on: Some(due),
            said: Answered { question: Q::FirstReportDue, answer: due.to_string() },
        })
    });
    contracts.chain(first).collect()
}

/// The answer to each owed report.
pub(crate) fn owed(reading: Reading<'_>, days: &[Days]) -> Vec<OwedReport> {
    let of = |report: NamedReport| if SOC1_REPORTS.contains(&report) { Subject::Soc1 } else { Subject::Soc2 };
    let answered = claims(reading, days).into_iter().filter_map(|claim| {
        let days = days.iter().find(|days| days.advice.report == of(claim.report))?;
        Some(answer(reading, claim, days))
    });
    answered.collect()
}

fn answer(reading: Reading<'_>, claim: Claim, days: &Days) -> OwedReport {
    let Claim { report, report_type, due_on, said } = claim;
    let PeriodAdvice { as_of_on, period, .. } = days.advice;
    let type_2_on = reported_on(period.last);
    let soonest_2_on = reported_on(days.soonest_last);
    let type_1_on = as_of_on.map(type_1_reported_on);
    // A SOC 3 speaks of effectiveness over a period, whatever was written.
    let takes_type_1 = report != NamedReport::Soc3 && report_type == Some(NamedType::Type1);
    let either = report != NamedReport::Soc3 && report_type.is_none();
    let (signed_on, soonest_on) = match type_1_on.filter(|_| takes_type_1) {
        Some(type_1_on) => (type_1_on, type_1_on),
        None => (type_2_on, soonest_2_on),
    };
    let standing = match due_on {
        None => OwedStanding::NoDay,
        Some(due) if signed_on <= due => OwedStanding::Met,
        Some(due) if either && type_1_on.is_some_and(|on| on <= due) => OwedStanding::MetByType1,
        Some(due) if soonest_on <= due => OwedStanding::MetIfShorter,
        Some(_) => OwedStanding::NotMet,
    };
    let type_1 = as_of_on.zip(type_1_on).map(|(on, signed)| format!("a Type 1 as of {on}, signed about {signed}"));
    let is_type_1 = takes_type_1 && type_1.is_some();
    let planned = match type_1.clone().filter(|_| is_type_1) {
        Some(type_1) => type_1,
        None => format!("a Type 2 from {} to {}, signed about {type_2_on}", period.first, period.last),
    };
    let name = match report_type {
        Some(named) => format!("{} {}", report.means(), named.means()),
        None => report.means().to_owned(),
    };
    let soonest = if soonest_on < signed_on {
        format!("; {soonest_on} at the soonest, over a period that ends on {}", days.soonest_last)
    } else {
        "; no sooner".to_owned()
    };
    let says = match (due_on, standing) {
        (None, _) => format!("{name}, no day named: {planned}."),
        (Some(due), OwedStanding::MetByType1) => format!(
            "{name} by {due}: only {} is ready by then, if the client takes one; {planned}{soonest}.",
            type_1.clone().unwrap_or_default()
        ),
        (Some(due), OwedStanding::MetIfShorter) => {
            format!(
                "{name} by {due}: not with these days, since they give {planned}{soonest}. Choose that period if this report matters more."
            )
        }
        (Some(due), OwedStanding::NotMet) => {
            format!("{name} by {due} cannot be met: {planned}{soonest}. Agree on another day in writing.")
        }
        (Some(due), OwedStanding::Met | OwedStanding::NoDay) => format!("{name} by {due} can be met: {planned}."),
    };
    let is_open = !matches!(standing, OwedStanding::Met);
    let meanwhile = if is_open { meanwhile(reading, days, due_on, type_1.filter(|_| !is_type_1)) } else { Vec::new() };
    let ran = Answered { question: Q::ControlsSince, answer: Q::ControlsSince.answer_in(reading.profile) };
    OwedReport {
        report,
        report_type,
        due_on,
        standing,
        signed_on,
        soonest_on,
        says,
        meanwhile,
        basis: vec![Basis { rule: rule::P09, answers: vec![said, ran] }],
    }
}

/// What can be given before the report: the Type 1, the newest reports there are with a letter for the days since, the plan.
fn meanwhile(reading: Reading<'_>, days: &Days, due_on: Option<Date>, type_1: Option<String>) -> Vec<String> {
    let mut given: Vec<String> = type_1.into_iter().collect();
    let named = reports_of(days.advice.report);
    for report in named {
        let earlier = reading.profile.earlier_reports.iter().flatten().filter(|earlier| earlier.report == *report);
        let Some(newest) = earlier.max_by_key(|earlier| earlier.last) else { continue };
        let until = due_on.unwrap_or(reading.today).max(reading.today);
        let since = between(newest.last, until);
        let letter = match newest.report_type {
            NamedType::Type1 => "; no bridge letter goes with a Type 1",
            NamedType::Type2 if since <= 0 => "",
            NamedType::Type2 if since <= BRIDGE_DAYS => ", with a bridge letter for the days since",
            NamedType::Type2 => "; a bridge letter does not span the days since, which are more than three months",
        };
        let kind = newest.report_type.means();
        given.push(format!("the {} {kind} that ended on {}{letter}", newest.report.means(), newest.last));
    }
    given.push("this plan with its dates".to_owned());
    given
}
