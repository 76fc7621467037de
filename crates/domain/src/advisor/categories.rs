//! Trust services categories of a SOC 2: rules C01 to C06.

use super::{
    advice::{CategoryAdvice, Statement},
    choice::{DataKind, PersonalInformation, ServiceModel, Transaction, YesNo},
    level::Level,
    needs::Needs,
    question::Question as Q,
    reading::Reading,
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
        advised.push(CategoryAdvice { category, level, basis: reading.because(rule, questions) });
    };
    let profile = reading.profile;
    advise("security", Level::Yes, rule::C01, &[Q::HoldsData]);

    let questions = [Q::AvailabilityPromises, Q::ServiceModel, Q::Transactions];
    match profile.availability_promises {
        Some(YesNo::Yes) => advise("availability", Level::Yes, rule::C02, &questions),
        None if an_outage_hurts(reading) => advise("availability", Level::Likely, rule::C02, &questions),
        Some(YesNo::No) | None => {}
    }

    let questions = [Q::ConfidentialityPromises, Q::Data];
    let confidential = [DataKind::ConfidentialBusiness, DataKind::Financial, DataKind::Credentials];
    match profile.confidentiality_promises {
        Some(YesNo::Yes) => advise("confidentiality", Level::Yes, rule::C03, &questions),
        None if reading.holds(&confidential) => advise("confidentiality", Level::Likely, rule::C03, &questions),
        Some(YesNo::No) | None => {}
    }

    if profile.processing_promises == Some(YesNo::Yes) {
        let repeats = needs.soc1_pursued() && !reading.security_asks();
        let level = if repeats { Level::May } else { Level::Yes };
        advise("processing-integrity", level, rule::C04, &[Q::ProcessingPromises, Q::FinancialEffect, Q::AskedBy]);
    }

    let questions = [Q::PersonalInformation, Q::AskedBy];
    match profile.personal_information {
        Some(PersonalInformation::Collects) => advise("privacy", Level::Yes, rule::C05, &questions),
        Some(PersonalInformation::ProcessorWithTerms) => {
            let level = if reading.security_asks() { Level::Likely } else { Level::May };
            advise("privacy", level, rule::C05, &questions);
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
    let promises = [
        (reading.profile.availability_promises, "availability"),
        (reading.profile.processing_promises, "processing integrity"),
        (reading.profile.confidentiality_promises, "confidentiality"),
    ];
    let out: Vec<String> =
        promises.iter().filter(|(answer, _)| *answer == Some(YesNo::No)).map(|(_, name)| (*name).to_owned()).collect();
    (!out.is_empty()).then(|| Statement {
        says: format!("Leave {} out: no promise stands behind it.", super::word::joined(&out, "and")),
        basis: reading
            .because(rule::C06, &[Q::AvailabilityPromises, Q::ProcessingPromises, Q::ConfidentialityPromises]),
    })
}
