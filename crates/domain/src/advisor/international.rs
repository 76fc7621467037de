//! SOC 3, ISAE 3402 and ISAE 3000: rules I01 to I07.

use super::{
    advice::{Basis, ReportAdvice, Standard, Statement, TypeAdvice},
    choice::{NamedReport, OtherDuty, Region, YesNo},
    level::{AdvisedType, Level, Subject, When},
    needs::Needs,
    question::Question as Q,
    reading::{OUTSIDE_US, Reading},
    rule::{self, Rule},
};

/// A level that a rule gives, with the need that it hangs on.
struct Given<'a> {
    report: Subject,
    of: &'a ReportAdvice,
    /// Whether the answer that would decide is unknown.
    unknown: bool,
}

impl Given<'_> {
    fn at(&self, level: Level, basis: Vec<Basis>) -> ReportAdvice {
        let when = if level.is_pursued() { self.of.when } else { When::Watch };
        // Unknown never counts as no.
        let provisional = self.of.provisional || (self.unknown && self.of.level.is_pursued());
        ReportAdvice { report: self.report, level, provisional, disputed: false, when, basis }
    }
}

/// The three levels.
pub(crate) fn international(reading: Reading<'_>, needs: &Needs, types: &[TypeAdvice]) -> Vec<ReportAdvice> {
    vec![soc3(reading, needs, types), isae3402(reading, needs), isae3000(reading, needs)]
}

fn soc3(reading: Reading<'_>, needs: &Needs, types: &[TypeAdvice]) -> ReportAdvice {
    let wanted = reading.profile.public_report;
    let named = reading.soc3_is_named();
    let given = Given { report: Subject::Soc3, of: &needs.soc2, unknown: wanted.is_none() && !named };
    let soc2_type_2 = types
        .iter()
        .any(|t| t.report == Subject::Soc2 && (t.now == AdvisedType::Type2 || t.next == AdvisedType::Type2));
    if named {
        let mut basis = reading.because(rule::R15A, &[Q::AskedFor, Q::Contracts]);
        if reading.contracted(&[NamedReport::Soc3]) {
            basis.insert(0, reading.naming(rule::R15, Q::Contracts, &[NamedReport::Soc3]));
        }
        return given.at(Level::Yes, basis);
    }
    if !needs.soc2_pursued() || wanted != Some(YesNo::Yes) {
        return given.at(Level::No, reading.because(rule::R00, &[Q::PublicReport]));
    }
    if soc2_type_2 {
        given.at(Level::Yes, reading.because(rule::I01, &[Q::PublicReport]))
    } else {
        given.at(Level::No, reading.because(rule::I02, &[Q::PublicReport, Q::ControlsSince]))
    }
}

fn isae3402(reading: Reading<'_>, needs: &Needs) -> ReportAdvice {
    let named = reading.isae3402_is_named();
    let unknown = reading.profile.auditors_in.is_none() && !named;
    let given = Given { report: Subject::Isae3402, of: &needs.soc1, unknown };
    if reading.contracted(&[NamedReport::Isae3402]) {
        let owed = reading.naming(rule::R15, Q::Contracts, &[NamedReport::Isae3402]);
        return given.at(Level::Yes, vec![owed]);
    }
    if !needs.soc1_pursued() {
        given.at(Level::No, reading.because(rule::R00, &[Q::AuditorsIn]))
    } else if reading.auditors_in(&OUTSIDE_US) || named {
        given.at(Level::Yes, reading.because(rule::I03, &[Q::AuditorsIn, Q::AskedFor]))
    } else if reading.auditors_in(&[Region::Us]) {
        given.at(Level::UsuallyNo, reading.because(rule::I05, &[Q::AuditorsIn]))
    } else {
        given.at(Level::No, reading.because(rule::R00, &[Q::AuditorsIn]))
    }
}

fn isae3000(reading: Reading<'_>, needs: &Needs) -> ReportAdvice {
    let unknown = reading.profile.auditors_in.is_none();
    let given = Given { report: Subject::Isae3000, of: &needs.soc2, unknown };
    if needs.soc2_pursued() && reading.auditors_in(&OUTSIDE_US) {
        given.at(Level::May, reading.because(rule::I04, &[Q::AuditorsIn]))
    } else {
        given.at(Level::No, reading.because(rule::R00, &[Q::AuditorsIn]))
    }
}

/// Whether the need for a SOC 1 is delivered as ISAE 3402 alone (I07).
pub(crate) fn is_isae_alone(reading: Reading<'_>, needs: &Needs) -> bool {
    needs.soc1_pursued() && no_auditor_at_home(reading)
}

fn no_auditor_at_home(reading: Reading<'_>) -> bool {
    reading.auditors_in(&[Region::Uk, Region::Eu, Region::Au, Region::In, Region::Other])
        && !reading.auditors_in(&[Region::Us, Region::Ca])
}

/// The standards that a report names (I03, I07).
pub(crate) fn standards(reading: Reading<'_>, report: Subject) -> Vec<Standard> {
    if report != Subject::Soc1 {
        vec![Standard::AtC205]
    } else if no_auditor_at_home(reading) {
        vec![Standard::Isae3402]
    } else if reading.auditors_in(&OUTSIDE_US) || reading.isae3402_is_named() {
        vec![Standard::AtC320, Standard::Isae3402]
    } else {
        vec![Standard::AtC320]
    }
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
    } else if needs.soc1_pursued() && (reading.auditors_in(&OUTSIDE_US) || reading.isae3402_is_named()) {
        note(
            "Ask the firm for one report that names both AT-C 320 and ISAE 3402.".to_owned(),
            rule::I03,
            &[Q::AuditorsIn, Q::AskedFor, Q::Contracts],
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
                    "A SOC 2 can report on {} beside the criteria, in one examination; {}.",
                    super::word::joined(&beside, "and"),
                    if beside.len() == 1 { "the duty itself stays" } else { "the duties themselves stay" }
                ),
                rule::I06,
                &[Q::OtherDuties],
            );
        }
    }
    notes
}
