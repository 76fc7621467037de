//! Trust services categories of a SOC 2: rules C01 to C06.

use super::{
    advice::{Basis, CategoryAdvice, Statement},
    choice::{DataKind, PersonalInformation, ServiceModel, Transaction, YesNo},
    level::{Level, Subject},
    needs::Needs,
    question::Question as Q,
    reading::{Reading, SECURITY},
    rule::{self, Rule},
};

/// From this level on a SOC 2 is worth scoping.
pub(crate) const SCOPED_FROM: Level = Level::Sometimes;

/// The categories, security first.
pub(crate) fn categories(reading: Reading<'_>, needs: &Needs) -> Vec<CategoryAdvice> {
    if needs.soc2.level < SCOPED_FROM {
        return Vec::new();
    }
    let mut advised = Vec::new();
    let mut advise = |category, level, rule: Rule, questions: &[Q]| {
        // What stands in every SOC 2 rests on what calls for one.
        let answers = if questions.is_empty() { needs.answers(Subject::Soc2) } else { Vec::new() };
        let because = Basis { rule, answers };
        let basis = if questions.is_empty() { because } else { reading.basis(rule, questions) };
        advised.push(CategoryAdvice { category, level, basis: vec![basis] });
    };
    let profile = reading.profile;
    advise("security", Level::Yes, rule::C01, &[]);

    match profile.availability_promises {
        Some(YesNo::Yes) => advise("availability", Level::Yes, rule::C02, &[Q::AvailabilityPromises]),
        None if an_outage_hurts(reading) => {
            let questions = [Q::AvailabilityPromises, Q::ServiceModel, Q::Transactions];
            advise("availability", Level::Likely, rule::C02, &questions);
        }
        Some(YesNo::No) | None => {}
    }

    let confidential = [DataKind::ConfidentialBusiness, DataKind::Financial, DataKind::Credentials];
    match profile.confidentiality_promises {
        Some(YesNo::Yes) => advise("confidentiality", Level::Yes, rule::C03, &[Q::ConfidentialityPromises]),
        None if reading.holds(&confidential) => {
            advise("confidentiality", Level::Likely, rule::C03, &[Q::ConfidentialityPromises, Q::Data]);
        }
        Some(YesNo::No) | None => {}
    }

    if profile.processing_promises == Some(YesNo::Yes) {
        if needs.soc1_pursued() && !reading.security_asks() {
            let questions = [Q::ProcessingPromises, Q::FinancialEffect, Q::AskedBy];
            advise("processing-integrity", Level::May, rule::C04, &questions);
        } else {
            advise("processing-integrity", Level::Yes, rule::C04, &[Q::ProcessingPromises]);
        }
    }

    match profile.personal_information {
        Some(PersonalInformation::Collects) => advise("privacy", Level::Yes, rule::C05, &[Q::PersonalInformation]),
        Some(PersonalInformation::ProcessorWithTerms) if reading.asks(&SECURITY) => {
            advise("privacy", Level::Likely, rule::C05, &[Q::PersonalInformation, Q::AskedBy]);
        }
        Some(PersonalInformation::ProcessorWithTerms) if reading.security_asks() => {
            advise("privacy", Level::Likely, rule::C05, &[Q::PersonalInformation, Q::AskedFor]);
        }
        Some(PersonalInformation::ProcessorWithTerms) => {
            advise("privacy", Level::May, rule::C05, &[Q::PersonalInformation]);
        }
        Some(PersonalInformation::Nothing | PersonalInformation::ProcessorWithoutNotice) | None => {}
    }
    advised
}

fn an_outage_hurts(reading: Reading<'_>) -> bool {
    reading.model_is(&[ServiceModel::IaasHosting, ServiceModel::Colocation])
        || reading.processes(&[Transaction::Payments, Transaction::HealthcareRcm, Transaction::FinancialHosting])
}

/// Categories that stay out because nothing was promised (C06).
pub(crate) fn notes(reading: Reading<'_>, needs: &Needs) -> Option<Statement> {
    if !needs.soc2_pursued() {
        return None;
    }
    let profile = reading.profile;
    let promises = [
        (profile.availability_promises, Q::AvailabilityPromises, "availability"),
        (profile.processing_promises, Q::ProcessingPromises, "processing integrity"),
        (profile.confidentiality_promises, Q::ConfidentialityPromises, "confidentiality"),
    ];
    let out: Vec<_> = promises.iter().filter(|(answer, ..)| *answer == Some(YesNo::No)).collect();
    let (questions, names): (Vec<Q>, Vec<String>) =
        out.into_iter().map(|(_, question, name)| (*question, (*name).to_owned())).unzip();
    (!names.is_empty()).then(|| Statement {
        says: format!("Leave {} out: no promise stands behind it.", super::word::joined(&names, "and")),
        basis: reading.because(rule::C06, &questions),
    })
}
