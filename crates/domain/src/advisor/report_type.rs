//! Type 1 or Type 2, now and next: rules T01 to T09.

use super::{
    advice::{Basis, Statement, TypeAdvice},
    choice::Plan,
    level::{AdvisedType, Subject, When},
    needs::{Needs, is_readiness_only},
    period::{Days, reports_of, type_1_reported_on},
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

/// A report that somebody waits for: what its days rest on decides the type.
fn now(reading: Reading<'_>, report: Subject, days: &Days) -> TypeAdvice {
    let decide = [rule::T07, rule::T02, rule::T02A, rule::T03, rule::P07, rule::T04];
    let mut basis: Vec<Basis> = decide.into_iter().filter_map(|rule| days.of(rule).cloned()).collect();
    if report == Subject::Soc1 {
        basis.push(reading.basis(rule::T05, &[Q::AskedBy, Q::AskedFor, Q::AuditedClients]));
    }
    if basis.is_empty() {
        // Controls run, and the days are those of the SOC 1.
        basis.extend(days.of(rule::P03).cloned());
    }
    if reading.type_2_is_named(reports_of(report)) {
        basis.push(reading.naming_type_2(reports_of(report)));
    }
    let now = if days.advice.as_of_on.is_some() { AdvisedType::Type1 } else { AdvisedType::Type2 };
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
    let runs = reading.running_since().is_some();
    let (rule, next) = match (report, runs) {
        (_, false) => (rule::T02, AdvisedType::Type1),
        (Subject::Soc1, true) => (rule::T05, AdvisedType::Type2),
        (_, true) => (rule::T09, AdvisedType::Type1),
    };
    basis.push(reading.basis(rule, &[Q::ControlsSince]));
    TypeAdvice { report, now: AdvisedType::Nothing, next, basis }
}

/// What the types call for beside.
pub(crate) fn notes(reading: Reading<'_>, needs: &Needs, types: &[TypeAdvice], days: &[Days]) -> Vec<Statement> {
    let mut notes = Vec::new();
    let stop_gap = types
        .iter()
        .find(|advice| advice.now == AdvisedType::Type1 && reading.type_2_is_named(reports_of(advice.report)));
    if let Some(advice) = stop_gap {
        notes.push(Statement {
            says: "A client asks for a Type 2: let it accept in writing that a Type 1 comes first, with the dates of the Type 2."
                .to_owned(),
            basis: vec![reading.naming_type_2(reports_of(advice.report))],
        });
    }
    for days in days {
        let Days { advice, due_before_type_2: Some(due), .. } = days else { continue };
        let ready = advice.as_of_on.map(type_1_reported_on);
        if let Some(ready) = ready.filter(|ready| ready > due) {
            notes.push(Statement {
                says: format!(
                    "The {} is due on {due}, and even a Type 1 is signed about {ready}: tell the client both dates.",
                    advice.report
                ),
                basis: days.of(rule::T03).into_iter().cloned().collect(),
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
