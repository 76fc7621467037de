//! Type 1 or Type 2, now and next: rules T01 to T07.

use super::{
    advice::{Basis, Statement, TypeAdvice},
    choice::{NamedReport, Plan},
    level::{AdvisedType, Subject, When},
    needs::{Needs, is_readiness_only},
    period::{Days, have_run, newest_type_2, type_1_reported_on},
    profile::ControlsSince,
    question::Question as Q,
    reading::Reading,
    rule,
};

/// The types of each report that is gone for.
pub(crate) fn report_types(reading: Reading<'_>, needs: &Needs, days: &[Days]) -> Vec<TypeAdvice> {
    needs
        .pursued()
        .map(|need| {
            let of_report = days.iter().find(|days| days.advice.report == need.report);
            match of_report {
                Some(days) => now(reading, need.report, days),
                None => later(reading, need.report, need.when),
            }
        })
        .collect()
}

/// A report that somebody waits for.
fn now(reading: Reading<'_>, report: Subject, days: &Days) -> TypeAdvice {
    let mut basis = Vec::new();
    let earlier = if report == Subject::Soc1 {
        newest_type_2(reading, &[NamedReport::Soc1, NamedReport::Isae3402])
    } else {
        newest_type_2(reading, &[NamedReport::Soc2])
    };
    let now = if earlier.is_some() {
        basis.push(reading.basis(rule::T07, &[Q::EarlierReports]));
        AdvisedType::Type2
    } else if days.advice.as_of_on.is_some() {
        basis.push(if days.due_before_type_2.is_some() && runs(reading) {
            reading.basis(rule::T03, &[Q::FirstReportDue, Q::Contracts, Q::ControlsSince])
        } else {
            reading.basis(rule::T02, &[Q::ControlsSince])
        });
        AdvisedType::Type1
    } else {
        AdvisedType::Type2
    };
    if report == Subject::Soc1 {
        basis.push(reading.basis(rule::T05, &[Q::AskedBy, Q::AskedFor]));
    } else if have_run(reading).is_some() {
        basis.push(reading.basis(rule::T04, &[Q::ControlsSince]));
    } else if basis.is_empty() {
        basis.push(reading.basis(rule::T02, &[Q::ControlsSince]));
    }
    if reading.type_2_is_named() {
        basis.push(reading.basis(rule::T01, &[Q::AskedFor, Q::Contracts]));
    }
    TypeAdvice { report, now, next: AdvisedType::Type2, basis }
}

/// A report that nobody waits for yet: the type to begin with when somebody does.
fn later(reading: Reading<'_>, report: Subject, when: When) -> TypeAdvice {
    let mut basis: Vec<Basis> = Vec::new();
    if is_readiness_only(reading) {
        basis.push(reading.basis(rule::R17, &[Q::AskedBy, Q::Plans, Q::Size]));
    }
    if when == When::Plan {
        basis.push(reading.basis(rule::R14A, &[Q::AskedBy, Q::AskedFor]));
    }
    let next = if report == Subject::Soc1 && runs(reading) {
        basis.push(reading.basis(rule::T05, &[Q::ControlsSince]));
        AdvisedType::Type2
    } else {
        basis.push(reading.basis(rule::T02, &[Q::ControlsSince]));
        AdvisedType::Type1
    };
    TypeAdvice { report, now: AdvisedType::Nothing, next, basis }
}

fn runs(reading: Reading<'_>) -> bool {
    matches!(reading.profile.controls_since, Some(ControlsSince::On(_)))
}

/// What the types call for beside.
pub(crate) fn notes(reading: Reading<'_>, needs: &Needs, types: &[TypeAdvice], days: &[Days]) -> Vec<Statement> {
    let mut notes = Vec::new();
    let stop_gap = types.iter().any(|advice| advice.now == AdvisedType::Type1);
    if reading.type_2_is_named() && stop_gap {
        notes.push(Statement {
            says: "A client asks for a Type 2: let it accept in writing that a Type 1 comes first, with the dates of the Type 2."
                .to_owned(),
            basis: reading.because(rule::T01, &[Q::AskedFor, Q::Contracts]),
        });
    }
    for days in days {
        let Days { advice, due_before_type_2: Some(due) } = days else { continue };
        let ready = advice.as_of_on.map(type_1_reported_on);
        if let Some(ready) = ready.filter(|ready| ready > due) {
            notes.push(Statement {
                says: format!(
                    "The {} is due on {due}, and even a Type 1 is signed about {ready}: tell the client both dates.",
                    advice.report
                ),
                basis: reading.because(rule::T03, &[Q::FirstReportDue, Q::Contracts, Q::ControlsSince]),
            });
        }
    }
    if reading.plans(&[Plan::LargeSystemChange]) && needs.pursued().next().is_some() {
        notes.push(Statement {
            says: "A large change of the system is planned: begin the period after it, report on the new system in a Type 1, or test the controls before and after it."
                .to_owned(),
            basis: reading.because(rule::T06, &[Q::Plans]),
        });
    }
    notes
}
