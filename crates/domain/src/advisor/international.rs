//! SOC 3, ISAE 3402 and ISAE 3000: rules I01 to I07.

use super::{
    advice::{ReportAdvice, Statement, TypeAdvice},
    choice::{OtherDuty, Phrase, Region, YesNo},
    level::{AdvisedType, Level, Subject, When},
    needs::Needs,
    question::Question as Q,
    reading::Reading,
    rule::{self, Rule},
};

/// Where auditors work under ISA 402 or its local form.
const OUTSIDE_US: [Region; 6] = [Region::Ca, Region::Uk, Region::Eu, Region::Au, Region::In, Region::Other];

/// The three levels.
pub(crate) fn international(reading: Reading<'_>, needs: &Needs, types: &[TypeAdvice]) -> Vec<ReportAdvice> {
    let advice = |report, level: Level, of: &ReportAdvice, rule: Rule, questions: &[Q]| ReportAdvice {
        report,
        level,
        provisional: of.provisional,
        when: if level.is_pursued() { of.when } else { When::Watch },
        basis: reading.because(rule, questions),
    };
    let soc2_type_2 = types
        .iter()
        .any(|t| t.report == Subject::Soc2 && (t.now == AdvisedType::Type2 || t.next == AdvisedType::Type2));
    let soc3 = if !needs.soc2_pursued() || reading.profile.public_report != Some(YesNo::Yes) {
        advice(Subject::Soc3, Level::No, &needs.soc2, rule::R00, &[Q::PublicReport])
    } else if soc2_type_2 {
        advice(Subject::Soc3, Level::Yes, &needs.soc2, rule::I01, &[Q::PublicReport])
    } else {
        advice(Subject::Soc3, Level::No, &needs.soc2, rule::I02, &[Q::PublicReport, Q::ControlsSince])
    };
    let abroad = reading.auditors_in(&OUTSIDE_US);
    let isae3402 = if !needs.soc1_pursued() {
        advice(Subject::Isae3402, Level::No, &needs.soc1, rule::R00, &[Q::AuditorsIn])
    } else if abroad || reading.says(&[Phrase::Isae3402]) {
        advice(Subject::Isae3402, Level::Yes, &needs.soc1, rule::I03, &[Q::AuditorsIn, Q::AskedFor])
    } else if reading.auditors_in(&[Region::Us]) {
        advice(Subject::Isae3402, Level::UsuallyNo, &needs.soc1, rule::I05, &[Q::AuditorsIn])
    } else {
        advice(Subject::Isae3402, Level::No, &needs.soc1, rule::R00, &[Q::AuditorsIn])
    };
    let isae3000 = if needs.soc2_pursued() && abroad {
        advice(Subject::Isae3000, Level::May, &needs.soc2, rule::I04, &[Q::AuditorsIn])
    } else {
        advice(Subject::Isae3000, Level::No, &needs.soc2, rule::R00, &[Q::AuditorsIn])
    };
    vec![soc3, isae3402, isae3000]
}

/// Whether the need for a SOC 1 is delivered as ISAE 3402 alone (I07).
pub(crate) fn is_isae_alone(reading: Reading<'_>, needs: &Needs) -> bool {
    needs.soc1_pursued()
        && reading.auditors_in(&[Region::Uk, Region::Eu, Region::Au, Region::In, Region::Other])
        && !reading.auditors_in(&[Region::Us, Region::Ca])
}

/// What standards and other duties call for: I03, I06, I07.
pub(crate) fn notes(reading: Reading<'_>, needs: &Needs) -> Vec<Statement> {
    let mut notes = Vec::new();
    let mut note = |says: String, rule: Rule, questions: &[Q]| {
        notes.push(Statement { says, basis: reading.because(rule, questions) });
    };
    if is_isae_alone(reading, needs) {
        note(
            "No user auditor works under United States standards: get the SOC 1 as an ISAE 3402 report alone."
                .to_owned(),
            rule::I07,
            &[Q::AuditorsIn],
        );
    } else if needs.soc1_pursued() && (reading.auditors_in(&OUTSIDE_US) || reading.says(&[Phrase::Isae3402])) {
        note(
            "Ask the firm for one report that names both AT-C 320 and ISAE 3402.".to_owned(),
            rule::I03,
            &[Q::AuditorsIn, Q::AskedFor],
        );
    }
    if needs.soc2_pursued() {
        let beside: Vec<String> = reading
            .profile
            .other_duties
            .iter()
            .flatten()
            .filter(|duty| matches!(duty, OtherDuty::Hipaa | OtherDuty::Iso27001 | OtherDuty::Pci))
            .map(|duty| super::word::Word::means(*duty).to_owned())
            .collect();
        if !beside.is_empty() {
            note(
                format!(
                    "A SOC 2 can report on {} beside the criteria, in one examination; it replaces none of them.",
                    super::word::joined(&beside, "and")
                ),
                rule::I06,
                &[Q::OtherDuties],
            );
        }
    }
    notes
}
