//! Which words of an answer a rule reads: a trace shows those, and leaves out what the rule passed over.
//!
//! Invariant: a rule that is not listed here with a question reads the whole answer.

use super::{
    choice::{
        Asker, AuditedClients, DataKind, NamedType, OtherDuty, Phrase, Plan, Region, Segment, ServiceModel, Transaction,
    },
    question::Question as Q,
    reading::{FINANCE, OUTSIDE_US, SECURITY, SOC1_PHRASES, SOC2_PHRASES},
    rule::{self, Rule},
    word::Word,
};

/// Whether a rule reads a part of an answer: a word of a set, or a part of a line by one of its words.
pub(crate) fn reads(rule: Rule, question: Q, part: &str) -> bool {
    words(rule, question).is_none_or(|words| part.split_whitespace().any(|word| words.contains(&word)))
}

fn ids<T: Word>(words: &[T]) -> Option<Vec<&'static str>> {
    Some(words.iter().map(|word| word.id()).collect())
}

/// All words but these.
fn but<T: Word>(left_out: &[T]) -> Option<Vec<&'static str>> {
    Some(T::ALL.iter().filter(|word| !left_out.contains(word)).map(|word| word.id()).collect())
}

/// The words; none if a rule reads them all.
fn words(rule: Rule, question: Q) -> Option<Vec<&'static str>> {
    match (rule, question) {
        (rule::R01A | rule::R02A, Q::Transactions) => but(&[Transaction::Other]),
        (rule::R02, Q::Transactions) => ids(&[Transaction::FinancialHosting, Transaction::LedgerErp]),
        (rule::R03, Q::AskedBy) => ids(&[Asker::ClientAuditors, Asker::FinancialInstitutions]),
        (rule::R06 | rule::T05 | rule::W12, Q::AskedBy) => ids(&FINANCE),
        (rule::R03 | rule::R06 | rule::R07 | rule::T05 | rule::W12, Q::AskedFor) => ids(&SOC1_PHRASES),
        (rule::R07, Q::AskedBy) => ids(&[Asker::ClientAuditors]),
        (rule::R08 | rule::T05 | rule::W12, Q::AuditedClients) => {
            ids(&[AuditedClients::SomeSox, AuditedClients::ManySox])
        }
        (rule::R09, Q::Data) => but(&[DataKind::PublicOnly]),
        (rule::R10 | rule::C05 | rule::W02, Q::AskedBy) => ids(&SECURITY),
        (rule::R10 | rule::C05, Q::AskedFor) => ids(&SOC2_PHRASES),
        (rule::R11, Q::Transactions) => ids(&[Transaction::Payroll, Transaction::Payments]),
        (rule::R12, Q::Transactions) => ids(&[
            Transaction::HealthcareRcm,
            Transaction::FinancialHosting,
            Transaction::LedgerErp,
            Transaction::LendingPlatform,
        ]),
        (rule::R15A, Q::AskedFor | Q::Contracts) => ids(&[Phrase::Soc3]),
        (rule::R17, Q::Size) => Some(vec!["people"]),
        (rule::R18, Q::Plans) => ids(&[Plan::EnterpriseCustomers, Plan::RegulatedCustomers]),
        (rule::R18, Q::Size) => ids(&[Segment::Enterprise, Segment::Regulated]),
        (rule::R19, Q::Plans) => ids(&[Plan::FinancialProcessing]),
        (rule::R20, Q::AskedFor) => ids(&[Phrase::ASocReport]),
        (rule::T01, Q::AskedFor | Q::Contracts) => ids(&[NamedType::Type2]),
        (rule::T06, Q::Plans) => ids(&[Plan::LargeSystemChange]),
        (rule::C02, Q::ServiceModel) => ids(&[ServiceModel::IaasHosting, ServiceModel::Colocation]),
        (rule::C02, Q::Transactions) => {
            ids(&[Transaction::Payments, Transaction::HealthcareRcm, Transaction::FinancialHosting])
        }
        (rule::C03, Q::Data) => ids(&[DataKind::ConfidentialBusiness, DataKind::Financial, DataKind::Credentials]),
        (rule::O05 | rule::W15, Q::Transactions) => ids(&[Transaction::OutsourcedAccounting]),
        (rule::I03 | rule::I04 | rule::W14, Q::AuditorsIn) => ids(&OUTSIDE_US),
        (rule::I05, Q::AuditorsIn) => ids(&[Region::Us]),
        (rule::I03 | rule::W14, Q::AskedFor | Q::Contracts) => ids(&[Phrase::Isae3402]),
        (rule::I06, Q::OtherDuties) => ids(&[OtherDuty::Hipaa, OtherDuty::Iso27001, OtherDuty::Pci]),
        (rule::W02, Q::AskedFor) => ids(&[SOC1_PHRASES, SOC2_PHRASES].concat()),
        (rule::W03, Q::AskedBy) => ids(&[Asker::Prospects, Asker::Procurement]),
        (rule::W03, Q::Plans) => ids(&[Plan::EnterpriseCustomers, Plan::RegulatedCustomers, Plan::FinancialProcessing]),
        (rule::W10, Q::AskedFor) => ids(&[Phrase::Certification]),
        (rule::W11, Q::OtherDuties) => but(&[OtherDuty::Iso27001]),
        (rule::W11, Q::Data) => ids(&[DataKind::Health, DataKind::PaymentCard]),
        _ => None,
    }
}
