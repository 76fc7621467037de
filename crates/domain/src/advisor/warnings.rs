//! Mistakes to avoid: W01 to W17. Each is shown where this profile could make it.

use super::{
    advice::{Basis, CategoryAdvice, Warning},
    choice::{Asker, DataKind, FinancialEffect, NamedReport, OtherDuty, Phrase, Plan, Transaction, YesNo},
    level::{Level, Subject, When},
    needs::Needs,
    period::{Days, reports_of},
    question::Question as Q,
    reading::{OUTSIDE_US, Reading},
    rule::{self, Rule},
};

/// The text of each warning.
pub const TEXTS: &[(Rule, &str)] = &[
    (
        rule::W01,
        "A SOC 2 does not replace a SOC 1: it has no control objectives for your clients' financial reporting.",
    ),
    (rule::W02, "A SOC 1 does not answer a security buyer: it covers only what bears on financial reporting."),
    (rule::W03, "Start before the deal is blocked: design, evidence and the period take months."),
    (rule::W04, "A Type 2 period has to pass in real time. No tool and no firm can shorten six months to eight weeks."),
    (rule::W05, "A Type 1 gives user auditors no evidence that controls operated."),
    (rule::W06, "Name subservice organizations, choose carve-out or inclusive, and list complementary controls."),
    (rule::W07, "List the controls that your users must run; leave none out and add no padding."),
    (
        rule::W08,
        "A control that runs once a year must fall inside the period; one that did not run is reported as such.",
    ),
    (
        rule::W09,
        "Every control objective needs controls that meet it and a link to user entities' financial reporting; continuity and privacy do not belong in SOC 1 objectives.",
    ),
    (rule::W10, "A SOC examination ends in a report, not in a certificate: say “SOC 2 report” or “SOC 2 examination”."),
    (rule::W11, "A SOC report does not prove that HIPAA, PCI DSS, GDPR or another law is met."),
    (
        rule::W12,
        "A SOC 1 is in question, but nothing is known here to bear on financial reporting: ask the client's auditor what they need.",
    ),
    (rule::W13, "Fiscal and plan year-ends fix the useful period: check cover and gap before choosing dates."),
    (
        rule::W14,
        "Auditors outside the United States may need ISAE 3402 by name: ask for a report that names both standards.",
    ),
    (rule::W15, "A firm that helps run or design controls may not be independent to examine them."),
    (rule::W16, "Only a licensed, independent CPA firm may issue the report; this software issues nothing."),
    (rule::W17, "Categories without a commitment behind them add work and exceptions."),
];

/// The warnings, by number.
pub(crate) fn warnings(
    reading: Reading<'_>,
    needs: &Needs,
    days: &[Days],
    categories: &[CategoryAdvice],
) -> Vec<Warning> {
    TEXTS
        .iter()
        .filter_map(|(rule, says)| {
            let because = fires(*rule, reading, needs, days, categories)?;
            let basis = match because {
                Because::Answers(questions) => reading.because(*rule, &questions),
                Because::Pursued(report) => vec![Basis { rule: *rule, answers: needs.answers(report) }],
                Because::AnyPursued => needs.because(*rule),
                Because::Days(basis) => vec![Basis { rule: *rule, answers: basis.answers.clone() }],
            };
            Some(Warning { id: rule.id, says, basis })
        })
        .collect()
}

/// What calls for a warning.
enum Because<'a> {
    /// Answers to these questions.
    Answers(Vec<Q>),
    /// That this report is gone for.
    Pursued(Subject),
    /// That any report is.
    AnyPursued,
    /// What the days rest on.
    Days(&'a Basis),
}

/// What calls for a warning; none if nothing does.
fn fires<'a>(
    rule: Rule,
    reading: Reading<'_>,
    needs: &Needs,
    days: &'a [Days],
    categories: &[CategoryAdvice],
) -> Option<Because<'a>> {
    let (soc1, soc2) = (needs.soc1_pursued(), needs.soc2_pursued());
    let (holds, questions): (bool, Vec<Q>) = match rule {
        rule::W01 | rule::W05 | rule::W09 => return soc1.then_some(Because::Pursued(Subject::Soc1)),
        rule::W07 => return (soc1 || soc2).then_some(Because::AnyPursued),
        rule::W08 => return days.iter().find_map(|days| days.of(rule::P04)).map(Because::Days),
        rule::W02 => {
            let soc1_meant = soc1 || reading.soc1_is_named() || reading.contracted(&[NamedReport::Soc1]);
            (reading.security_asks() && soc1_meant, vec![Q::AskedBy, Q::AskedFor, Q::FinancialEffect])
        }
        rule::W03 => {
            let planned = needs.pursued().any(|need| need.when == When::Plan);
            let buyers = reading.asks(&[Asker::Prospects, Asker::Procurement])
                || reading.plans(&[Plan::EnterpriseCustomers, Plan::RegulatedCustomers, Plan::FinancialProcessing]);
            (planned || buyers, vec![Q::AskedBy, Q::Plans])
        }
        rule::W04 => {
            let pressed = |days: &Days| {
                days.due_before_type_2.is_some() && reading.type_2_is_named(reports_of(days.advice.report))
            };
            (days.iter().any(pressed), vec![Q::AskedFor, Q::Contracts, Q::FirstReportDue])
        }
        rule::W06 => {
            let none_named = reading.profile.providers.as_ref().is_some_and(Vec::is_empty);
            ((soc1 || soc2) && !none_named, vec![Q::Providers])
        }
        rule::W10 => (reading.says(&[Phrase::Certification]), vec![Q::AskedFor]),
        rule::W11 => {
            let duties = reading.profile.other_duties.iter().flatten().any(|duty| *duty != OtherDuty::Iso27001);
            let data = reading.holds(&[DataKind::Health, DataKind::PaymentCard]);
            ((soc1 || soc2) && (duties || data), vec![Q::OtherDuties, Q::Data])
        }
        rule::W12 => {
            let nothing = reading.effect() == Some(FinancialEffect::Nothing) && reading.may_bear_on_reporting();
            let raw = reading.rents_raw_capacity() && needs.soc1.level >= Level::Sometimes;
            let feature = reading.effect() == Some(FinancialEffect::Feature) && !soc1;
            let unknown = reading.effect().is_none() && reading.clients_under_sox();
            (nothing || raw || feature || unknown, vec![Q::FinancialEffect, Q::AskedBy, Q::AskedFor, Q::AuditedClients])
        }
        rule::W13 => (soc1, vec![Q::YearEnds]),
        rule::W14 => (
            soc1 && (reading.auditors_in(&OUTSIDE_US) || reading.isae3402_is_named()),
            vec![Q::AuditorsIn, Q::AskedFor, Q::Contracts],
        ),
        rule::W15 => (soc1 && reading.processes(&[Transaction::OutsourcedAccounting]), vec![Q::Transactions]),
        rule::W16 => (true, Vec::new()),
        rule::W17 => {
            // The other categories are advised only where something is promised; a notice and privacy terms are promises.
            let open = categories.iter().filter_map(|category| match category.category {
                "availability" => Some((Q::AvailabilityPromises, reading.profile.availability_promises)),
                "confidentiality" => Some((Q::ConfidentialityPromises, reading.profile.confidentiality_promises)),
                _ => None,
            });
            let open: Vec<Q> =
                open.filter(|(_, promise)| *promise != Some(YesNo::Yes)).map(|(question, _)| question).collect();
            (soc2 && !open.is_empty(), open)
        }
        _ => (false, Vec::new()),
    };
    holds.then_some(Because::Answers(questions))
}
