//! What rules read in a profile: questions of their own, each answered by one or more answers.
//!
//! Invariant: an unknown answer is never read as "no"; each reading says what it makes of it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{
    advice::{Answered, Basis},
    choice::{
        Asker, AuditedClients, DataKind, FinancialEffect, NamedReport, NamedType, Phrase, Plan, Region, Segment,
        ServiceModel, Transaction, YesNo,
    },
    profile::{DateOrWord, Profile},
    question::Question,
    rule::Rule,
};

/// A profile as the rules read it, on a day.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) today: Date,
}

/// Whether a set of words is known and has one of these.
fn has<T: Ord>(answer: Option<&BTreeSet<T>>, words: &[T]) -> bool {
    answer.is_some_and(|set| words.iter().any(|word| set.contains(word)))
}

impl Reading<'_> {
    /// A rule with the answers behind it.
    pub(crate) fn basis(&self, rule: Rule, questions: &[Question]) -> Basis {
        let answered =
            questions.iter().map(|question| Answered { question: *question, answer: question.answer_in(self.profile) });
        Basis { rule, answers: answered.collect() }
    }

    /// The same as the only basis of a statement.
    pub(crate) fn because(&self, rule: Rule, questions: &[Question]) -> Vec<Basis> {
        vec![self.basis(rule, questions)]
    }

    pub(crate) fn effect(&self) -> Option<FinancialEffect> {
        self.profile.financial_effect
    }

    /// Q02, which says nothing once the service is known not to bear on financial reporting.
    pub(crate) fn processes(&self, transactions: &[Transaction]) -> bool {
        self.may_bear_on_reporting() && has(self.profile.transactions.as_ref(), transactions)
    }

    /// Whether Q02 names a class of transactions that has a name of its own.
    pub(crate) fn processes_something_financial(&self) -> bool {
        self.may_bear_on_reporting()
            && self.profile.transactions.iter().flatten().any(|transaction| *transaction != Transaction::Other)
    }

    /// Q05, which says nothing if there is no data.
    pub(crate) fn holds(&self, kinds: &[DataKind]) -> bool {
        self.profile.holds_data != Some(YesNo::No) && has(self.profile.data.as_ref(), kinds)
    }

    /// Whether data is held that is public and nothing else.
    pub(crate) fn holds_only_public(&self) -> bool {
        self.profile.data.as_ref().is_some_and(|data| data.iter().eq([&DataKind::PublicOnly]))
    }

    pub(crate) fn asks(&self, askers: &[Asker]) -> bool {
        has(self.profile.asked_by.as_ref(), askers)
    }

    pub(crate) fn says(&self, phrases: &[Phrase]) -> bool {
        has(self.profile.asked_for.as_ref(), phrases)
    }

    pub(crate) fn plans(&self, plans: &[Plan]) -> bool {
        has(self.profile.plans.as_ref(), plans)
    }

    pub(crate) fn auditors_in(&self, regions: &[Region]) -> bool {
        has(self.profile.auditors_in.as_ref(), regions)
    }

    pub(crate) fn model_is(&self, models: &[ServiceModel]) -> bool {
        self.profile.service_model.is_some_and(|model| models.contains(&model))
    }

    pub(crate) fn sells_to(&self, segments: &[Segment]) -> bool {
        has(self.profile.size.as_ref().and_then(|size| size.segments.as_ref()), segments)
    }

    /// Whether nobody asked, as against not knowing.
    pub(crate) fn nobody_asks(&self) -> bool {
        self.profile.asked_by.as_ref().is_some_and(BTreeSet::is_empty)
            && self.profile.asked_for.iter().flatten().next().is_none()
            && self.profile.contracts.iter().flatten().next().is_none()
    }

    /// Whether words or contracts call for what a SOC 1 answers.
    pub(crate) fn soc1_is_named(&self) -> bool {
        self.says(&[Phrase::Soc1, Phrase::Isae3402, Phrase::SoxOrAudit])
    }

    /// Whether a contract names one of these.
    pub(crate) fn contracted(&self, reports: &[NamedReport]) -> bool {
        self.profile.contracts.iter().flatten().any(|contract| reports.contains(&contract.report))
    }

    /// Whether readers of a SOC 1 ask.
    pub(crate) fn finance_asks(&self) -> bool {
        self.asks(&[Asker::ClientAuditors, Asker::InternalAudit, Asker::ControllersCfo, Asker::FinancialInstitutions])
            || self.soc1_is_named()
    }

    /// Whether readers of a SOC 2 ask.
    pub(crate) fn security_asks(&self) -> bool {
        self.asks(&[
            Asker::Procurement,
            Asker::SecurityTeam,
            Asker::VendorRisk,
            Asker::Prospects,
            Asker::LegalCompliance,
        ]) || self.says(&[Phrase::Soc2, Phrase::SecurityQuestionnaire, Phrase::ProveSecurity])
    }

    /// Whether the service may bear on clients' financial reporting: not ruled out, or asked about all the same.
    pub(crate) fn may_bear_on_reporting(&self) -> bool {
        self.effect() != Some(FinancialEffect::Nothing)
            || self.soc1_is_named()
            || self.asks(&[Asker::ClientAuditors])
            || self.contracted(&[NamedReport::Soc1, NamedReport::Isae3402])
    }

    /// Whether systems that produce balances are run (R02).
    pub(crate) fn hosts_ledgers(&self) -> bool {
        self.effect() == Some(FinancialEffect::Hosts)
            && self.processes(&[Transaction::FinancialHosting, Transaction::LedgerErp])
    }

    /// Whether clients only rent capacity, or have their systems managed, without their financial systems (R03).
    pub(crate) fn rents_raw_capacity(&self) -> bool {
        let financial = self.processes(&[Transaction::FinancialHosting, Transaction::LedgerErp]);
        let hosting = self.effect() == Some(FinancialEffect::Hosts)
            && self.model_is(&[ServiceModel::IaasHosting, ServiceModel::Colocation]);
        let managed = self.model_is(&[ServiceModel::MspMssp])
            && !matches!(self.effect(), Some(FinancialEffect::Direct | FinancialEffect::Feature));
        (hosting || managed) && !financial
    }

    /// Whether clients are under SOX.
    pub(crate) fn clients_under_sox(&self) -> bool {
        matches!(self.profile.audited_clients, Some(AuditedClients::SomeSox | AuditedClients::ManySox))
    }

    /// Whether a Type 2 is asked for by name.
    pub(crate) fn type_2_is_named(&self) -> bool {
        self.says(&[Phrase::Type2])
            || self.profile.contracts.iter().flatten().any(|c| c.report_type == Some(NamedType::Type2))
    }

    /// The earliest day on which a report of these is due, by contract or by Q18.
    pub(crate) fn due_on(&self, reports: &[NamedReport]) -> Option<Date> {
        let contracts = self.profile.contracts.iter().flatten();
        let contracted = contracts.filter(|c| reports.contains(&c.report)).filter_map(|c| c.due_on);
        contracted.chain(self.profile.first_report_due.and_then(|due| due.date())).min()
    }
}
