//! Answers that cannot all be true: which, and what would follow from either.
//!
//! Invariant: a contradiction is never settled by the advisor: the rules read what is written, and both readings are told.

use serde::Serialize;

use super::{
    advice::Basis,
    choice::{
        Asker, AuditedClients, DataKind, FinancialEffect, NamedType, PersonalInformation, Reliance, ServiceModel,
        Transaction, YesNo,
    },
    level::{Level, Subject, When},
    needs::{Needs, needs},
    period::{a_year_after, all_days},
    profile::{ControlsSince, Profile},
    question::Question as Q,
    reading::{Reading, SOC1_REPORTS},
    rule,
};

/// Answers that cannot all be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// What disagrees.
    pub says: String,
    /// What follows from each reading.
    pub readings: Vec<AnswersRead>,
    /// Reports whose level is not the same in both.
    pub disputed: Vec<Subject>,
    /// The answers.
    pub basis: Vec<Basis>,
}

/// One reading of answers that disagree, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswersRead {
    /// The clause after "if".
    pub provided: &'static str,
    /// What is advised then.
    pub outcome: String,
    /// How strongly a SOC 1 is, then.
    pub soc1: Level,
    /// How strongly a SOC 2 is, then.
    pub soc2: Level,
}

impl Contradiction {
    /// What disagrees, with what follows from each reading.
    pub fn told(&self) -> String {
        let readings = self.readings.iter().map(|read| format!(" If {}: {}.", read.provided, read.outcome));
        format!("{}{}", self.says, readings.collect::<String>())
    }
}

/// One side of a contradiction: its clause, and the profile that agrees with it.
type Side = (&'static str, fn(&mut Profile));

const NO_EFFECT: &str = "nothing reaches clients' financial statements";
const DIRECT: Side = ("you process what clients book", |p| p.financial_effect = Some(FinancialEffect::Direct));
const HOLDS: Side = ("you hold data or run systems that customers depend on", |p| p.holds_data = Some(YesNo::Yes));

/// Data is held about people in each of these.
const ABOUT_PEOPLE: [Transaction; 4] =
    [Transaction::Payroll, Transaction::ClaimsBenefits, Transaction::Retirement, Transaction::HealthcareRcm];

/// Services that run systems for others.
const RUNS_SYSTEMS: [ServiceModel; 6] = [
    ServiceModel::Saas,
    ServiceModel::Api,
    ServiceModel::IaasHosting,
    ServiceModel::Colocation,
    ServiceModel::MspMssp,
    ServiceModel::DataAnalytics,
];

/// The contradictions of a profile.
pub(crate) fn contradictions(reading: Reading<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    about_books(reading, &mut found);
    about_data(reading, &mut found);
    about_asking(reading, &mut found);
    about_time(reading, &mut found);
    found
}

/// Tells the contradiction with both readings; the first keeps the first answer.
fn tell(reading: Reading<'_>, found: &mut Vec<Contradiction>, says: &str, questions: &[Q], sides: [Side; 2]) {
    let outcomes = sides.map(|(provided, change)| {
        let mut profile = reading.profile.clone();
        change(&mut profile);
        let reading = Reading { profile: &profile, today: reading.today };
        let needs = needs(reading);
        let (soc1, soc2) = (needs.soc1.level, needs.soc2.level);
        (AnswersRead { provided, outcome: outcome(reading, &needs), soc1, soc2 }, needs)
    });
    let [(first, a), (second, b)] = outcomes;
    let levels = |needs: &Needs| [&needs.soc1, &needs.soc2, &needs.both].map(|report| (report.report, report.level));
    let differing = levels(&a).into_iter().zip(levels(&b)).filter(|(a, b)| a != b);
    found.push(Contradiction {
        says: says.to_owned(),
        readings: vec![first, second],
        disputed: differing.map(|((report, _), _)| report).collect(),
        basis: reading.because(rule::D02, questions),
    });
}

/// Levels, and the period of each report that is pursued now.
fn outcome(reading: Reading<'_>, needs: &Needs) -> String {
    let days = all_days(reading, needs);
    let told = [&needs.soc1, &needs.soc2].map(|need| {
        let days = days.iter().find(|days| days.advice.report == need.report);
        let over =
            days.map(|days| format!(", Type 2 from {} to {}", days.advice.period.first, days.advice.period.last));
        let when = if need.level.is_pursued() && need.when == When::Plan { ", when somebody asks" } else { "" };
        format!("{} {}{when}{}", need.report, need.told(), over.unwrap_or_default())
    });
    told.join("; ")
}

/// Q01 against what is processed, owed, relied on and sold.
fn about_books(reading: Reading<'_>, found: &mut Vec<Contradiction>) {
    let profile = reading.profile;
    let mut tell = |says, questions: &[Q], sides| tell(reading, found, says, questions, sides);
    let processes = profile.transactions.iter().flatten().any(|transaction| *transaction != Transaction::Other);
    if reading.effect() == Some(FinancialEffect::Nothing) {
        if processes {
            tell(
                "Q01 says that nothing reaches clients' financial statements, and Q02 names transactions that usually do.",
                &[Q::FinancialEffect, Q::Transactions],
                [(NO_EFFECT, |p| p.transactions = Some([].into())), DIRECT],
            );
        }
        if reading.contracted(&SOC1_REPORTS) {
            tell(
                "Q01 says that nothing reaches clients' financial statements, and Q08 that a contract obliges you to report on it.",
                &[Q::FinancialEffect, Q::Contracts],
                [
                    ("that is so, and the contract is renegotiated", |p| {
                        p.contracts.iter_mut().for_each(|all| all.retain(|c| !SOC1_REPORTS.contains(&c.report)));
                    }),
                    DIRECT,
                ],
            );
        }
        if profile.reliance == Some(Reliance::Yes) {
            tell(
                "Q01 says that nothing reaches clients' financial statements, and Q03 that clients book your numbers.",
                &[Q::FinancialEffect, Q::Reliance],
                [(NO_EFFECT, |p| p.reliance = Some(Reliance::No)), DIRECT],
            );
        }
    }
    if reading.effect() == Some(FinancialEffect::Direct) {
        if profile.transactions.as_ref().is_some_and(std::collections::BTreeSet::is_empty) {
            tell(
                "Q01 says that you process clients' transactions or balances, and Q02 that there are none.",
                &[Q::FinancialEffect, Q::Transactions],
                [
                    ("you process some", |p| p.transactions = None),
                    (NO_EFFECT, |p| p.financial_effect = Some(FinancialEffect::Nothing)),
                ],
            );
        }
        if reading.model_is(&[ServiceModel::AdviceOnly]) {
            tell(
                "Q10 says that you only advise, and Q01 that you process clients' transactions.",
                &[Q::ServiceModel, Q::FinancialEffect],
                [
                    ("you only advise", |p| p.financial_effect = Some(FinancialEffect::Nothing)),
                    ("you process clients' transactions", |p| p.service_model = None),
                ],
            );
        }
    }
}

/// Q04 against the kinds of data, the service, the promises and the role; and kinds of data against each other.
fn about_data(reading: Reading<'_>, found: &mut Vec<Contradiction>) {
    let profile = reading.profile;
    let mut tell = |says, questions: &[Q], sides| tell(reading, found, says, questions, sides);
    let kinds = |kinds: &[DataKind]| profile.data.iter().flatten().any(|kind| kinds.contains(kind));
    let others = profile.data.iter().flatten().any(|kind| *kind != DataKind::PublicOnly);
    if profile.holds_data == Some(YesNo::No) {
        if others {
            tell(
                "Q04 says that you hold no data and run no systems that customers depend on, and Q05 names data.",
                &[Q::HoldsData, Q::Data],
                [("you hold none", |p| p.data = Some([].into())), HOLDS],
            );
        }
        if reading.model_is(&RUNS_SYSTEMS) {
            tell(
                "Q04 says that you hold no data and run no systems that customers depend on, and Q10 names a service that does.",
                &[Q::HoldsData, Q::ServiceModel],
                [("you run none", |p| p.service_model = None), HOLDS],
            );
        }
        if profile.availability_promises == Some(YesNo::Yes) {
            tell(
                "Q04 says that customers depend on no system of yours, and Q11 that you promise uptime or recovery.",
                &[Q::HoldsData, Q::AvailabilityPromises],
                [("nothing is promised", |p| p.availability_promises = Some(YesNo::No)), HOLDS],
            );
        }
        if profile.confidentiality_promises == Some(YesNo::Yes) {
            tell(
                "Q04 says that you hold no data, and Q13 that you promise to keep, return or destroy it.",
                &[Q::HoldsData, Q::ConfidentialityPromises],
                [("nothing is promised", |p| p.confidentiality_promises = Some(YesNo::No)), HOLDS],
            );
        }
        if profile.personal_information.is_some_and(|role| role != PersonalInformation::Nothing) {
            tell(
                "Q04 says that you hold no data, and Q14 that you handle personal information.",
                &[Q::HoldsData, Q::PersonalInformation],
                [("you handle none", |p| p.personal_information = Some(PersonalInformation::Nothing)), HOLDS],
            );
        }
        if profile.transactions.iter().flatten().any(|transaction| ABOUT_PEOPLE.contains(transaction)) {
            tell(
                "Q04 says that you hold no data, and Q02 names transactions that are about people.",
                &[Q::HoldsData, Q::Transactions],
                [
                    ("you process none of them", |p| {
                        p.transactions.iter_mut().for_each(|all| all.retain(|t| !ABOUT_PEOPLE.contains(t)));
                    }),
                    HOLDS,
                ],
            );
        }
    }
    if kinds(&[DataKind::PublicOnly]) && others {
        tell(
            "Q05 says that data is public only, and names data that is not.",
            &[Q::Data],
            [
                ("all of it is public", |p| p.data = Some([DataKind::PublicOnly].into())),
                ("some of it is not", |p| {
                    p.data.iter_mut().for_each(|all| all.retain(|kind| *kind != DataKind::PublicOnly));
                }),
            ],
        );
    }
    if kinds(&[DataKind::Personal, DataKind::Health])
        && profile.personal_information == Some(PersonalInformation::Nothing)
    {
        tell(
            "Q05 says that you hold personal or health data, and Q14 that you handle no personal information.",
            &[Q::Data, Q::PersonalInformation],
            [
                ("you hold it", |p| p.personal_information = None),
                ("you do not", |p| {
                    p.data.iter_mut().for_each(|all| {
                        all.retain(|kind| ![DataKind::Personal, DataKind::Health].contains(kind));
                    });
                }),
            ],
        );
    }
}

/// Who asks against their words, and against whether they are audited.
fn about_asking(reading: Reading<'_>, found: &mut Vec<Contradiction>) {
    let profile = reading.profile;
    let mut tell = |says, questions: &[Q], sides| tell(reading, found, says, questions, sides);
    let nobody = profile.asked_by.as_ref().is_some_and(std::collections::BTreeSet::is_empty);
    if nobody && profile.asked_for.iter().flatten().next().is_some() {
        tell(
            "Q06 says that nobody asked, and Q07 has the words in which they did.",
            &[Q::AskedBy, Q::AskedFor],
            [("nobody asked", |p| p.asked_for = Some([].into())), ("somebody asked", |p| p.asked_by = None)],
        );
    }
    if profile.audited_clients == Some(AuditedClients::Nobody) && reading.asks(&[Asker::ClientAuditors]) {
        tell(
            "Q09 says that no client is audited, and Q06 that clients' auditors ask.",
            &[Q::AuditedClients, Q::AskedBy],
            [
                ("no client is audited", |p| {
                    p.asked_by.iter_mut().for_each(|all| all.retain(|asker| *asker != Asker::ClientAuditors));
                }),
                ("some are", |p| p.audited_clients = Some(AuditedClients::SomeAudited)),
            ],
        );
    }
}

/// Since when the controls run against a Type 2 that speaks of an earlier time.
fn about_time(reading: Reading<'_>, found: &mut Vec<Contradiction>) {
    let profile = reading.profile;
    if profile.earlier_reports.iter().flatten().any(|earlier| earlier.last > reading.today) {
        tell(
            reading,
            found,
            "Q21 has a report on days that are not over: nobody can have reported on them. It is left out.",
            &[Q::EarlierReports],
            [
                ("it is a report to come", |_| ()),
                ("its dates are wrong, and there is no earlier report", |p| p.earlier_reports = Some(Vec::new())),
            ],
        );
    }
    let earlier = profile.earlier_reports.iter().flatten().filter(|earlier| earlier.report_type == NamedType::Type2);
    let Some(last) = earlier.map(|earlier| earlier.last).max() else { return };
    let next = a_year_after(last);
    let runs = match profile.controls_since {
        None => true,
        Some(ControlsSince::NotYet) => false,
        Some(ControlsSince::On(since)) => since <= next.first,
    };
    // A series that broke off long ago says nothing of today.
    if runs || next.last < reading.today {
        return;
    }
    tell(
        reading,
        found,
        "Q21 has a Type 2 for which controls operated, and Q17 says that they run only since a later day, or not yet.",
        &[Q::EarlierReports, Q::ControlsSince],
        [
            ("they ran on after that report", |p| p.controls_since = None),
            ("they stopped, or others took their place", |p| p.earlier_reports = Some(Vec::new())),
        ],
    );
}
