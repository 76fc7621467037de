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
    profile::{Contract, DateOrWord, Profile},
    question::Question,
    rule::{self, Rule},
    trace,
    word::Word,
};

/// A profile as the rules read it, on a day.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) today: Date,
}

/// Readers of a SOC 1.
pub(crate) const FINANCE: [Asker; 5] = [
    Asker::ClientAuditors,
    Asker::InternalAudit,
    Asker::ControllersCfo,
    Asker::FinancialInstitutions,
    Asker::Regulators,
];

/// Words that call for what a SOC 1 answers.
pub(crate) const SOC1_PHRASES: [Phrase; 3] = [Phrase::Soc1, Phrase::Isae3402, Phrase::SoxOrAudit];

/// Readers of a SOC 2.
pub(crate) const SECURITY: [Asker; 5] =
    [Asker::Procurement, Asker::SecurityTeam, Asker::VendorRisk, Asker::Prospects, Asker::LegalCompliance];

/// Words that call for what a SOC 2 answers.
pub(crate) const SOC2_PHRASES: [Phrase; 3] = [Phrase::Soc2, Phrase::SecurityQuestionnaire, Phrase::ProveSecurity];

/// Contracts and earlier reports that are a SOC 1 in either form.
pub(crate) const SOC1_REPORTS: [NamedReport; 2] = [NamedReport::Soc1, NamedReport::Isae3402];

/// Contracts and earlier reports that rest on a SOC 2 examination.
pub(crate) const SOC2_REPORTS: [NamedReport; 2] = [NamedReport::Soc2, NamedReport::Soc3];

/// Contracts for whatever report.
pub(crate) const ALL_REPORTS: [NamedReport; 4] =
    [NamedReport::Soc1, NamedReport::Isae3402, NamedReport::Soc2, NamedReport::Soc3];

/// Where auditors work under ISA 402 or its local form.
pub(crate) const OUTSIDE_US: [Region; 6] = [Region::Ca, Region::Uk, Region::Eu, Region::Au, Region::In, Region::Other];

/// Whether a contract names a Type 1; a SOC 3 speaks of a period, whatever was written.
fn takes_type_1(contract: &Contract) -> bool {
    contract.report_type == Some(NamedType::Type1) && contract.report != NamedReport::Soc3
}

/// Whether a set of words is known and has one of these.
fn has<T: Ord>(answer: Option<&BTreeSet<T>>, words: &[T]) -> bool {
    answer.is_some_and(|set| words.iter().any(|word| set.contains(word)))
}

impl Reading<'_> {
    /// A rule with the answers that made it fire: of a list, only the words that the rule reads.
    pub(crate) fn basis(&self, rule: Rule, questions: &[Question]) -> Basis {
        let told = |question: &Question| Answered { question: *question, answer: question.answer_in(self.profile) };
        let read = |question: &Question| self.part(*question, |part| trace::reads(rule, *question, part));
        let fired: Vec<Answered> = questions.iter().filter_map(read).collect();
        // A rule that fires because something was not said rests on the whole answers.
        let answers = if fired.is_empty() { questions.iter().map(told).collect() } else { fired };
        Basis { rule, answers }
    }

    /// The same as the only basis of a statement.
    pub(crate) fn because(&self, rule: Rule, questions: &[Question]) -> Vec<Basis> {
        vec![self.basis(rule, questions)]
    }

    /// The parts of an answer that hold; none if no part does.
    pub(crate) fn part(&self, question: Question, holds: impl Fn(&str) -> bool) -> Option<Answered> {
        let answer = question.answer_in(self.profile);
        let between = question.between_parts();
        let parts: Vec<&str> = answer.split(between).filter(|part| holds(part)).collect();
        (!parts.is_empty()).then(|| Answered { question, answer: parts.join(between) })
    }

    /// A rule that fires for contracts or earlier reports that name one of these reports.
    pub(crate) fn naming(&self, rule: Rule, question: Question, reports: &[NamedReport]) -> Basis {
        let named = |part: &str| reports.iter().any(|report| part.split_whitespace().next() == Some(report.id()));
        let answers = self.part(question, named).into_iter().collect();
        Basis { rule, answers }
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
        self.says(&SOC1_PHRASES)
    }

    /// Whether a contract names one of these.
    pub(crate) fn contracted(&self, reports: &[NamedReport]) -> bool {
        self.profile.contracts.iter().flatten().any(|contract| reports.contains(&contract.report))
    }

    /// Whether readers of a SOC 1 ask.
    pub(crate) fn finance_asks(&self) -> bool {
        self.asks(&FINANCE) || self.soc1_is_named()
    }

    /// Whether readers of a SOC 2 ask; regulators do where nothing reaches clients' books.
    pub(crate) fn security_asks(&self) -> bool {
        let regulators = self.effect() == Some(FinancialEffect::Nothing) && self.asks(&[Asker::Regulators]);
        self.asks(&SECURITY) || self.says(&SOC2_PHRASES) || regulators
    }

    /// Whether a SOC 3 is asked for or owed.
    pub(crate) fn soc3_is_named(&self) -> bool {
        self.says(&[Phrase::Soc3]) || self.contracted(&[NamedReport::Soc3])
    }

    /// Whether ISAE 3402 is asked for or owed by name.
    pub(crate) fn isae3402_is_named(&self) -> bool {
        self.says(&[Phrase::Isae3402]) || self.contracted(&[NamedReport::Isae3402])
    }

    /// Whether the service may bear on clients' financial reporting: not ruled out, or asked about all the same.
    pub(crate) fn may_bear_on_reporting(&self) -> bool {
        self.effect() != Some(FinancialEffect::Nothing)
            || self.soc1_is_named()
            || self.asks(&[Asker::ClientAuditors])
            || self.contracted(&SOC1_REPORTS)
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

    /// Whether a Type 2 is asked for by name: in words, or in a contract for one of these reports.
    pub(crate) fn type_2_is_named(&self, reports: &[NamedReport]) -> bool {
        let mut contracts = self.contracts(reports);
        self.says(&[Phrase::Type2]) || contracts.any(|contract| contract.report_type == Some(NamedType::Type2))
    }

    /// T01 with the words and the contracts that ask for a Type 2 of these reports.
    pub(crate) fn naming_type_2(&self, reports: &[NamedReport]) -> Basis {
        let of_these = |part: &str| {
            trace::reads(rule::T01, Question::Contracts, part)
                && reports.iter().any(|report| part.split_whitespace().next() == Some(report.id()))
        };
        let asked = self.part(Question::AskedFor, |part| trace::reads(rule::T01, Question::AskedFor, part));
        let answers = asked.into_iter().chain(self.part(Question::Contracts, of_these)).collect();
        Basis { rule: rule::T01, answers }
    }

    fn contracts(&self, reports: &[NamedReport]) -> impl Iterator<Item = &Contract> {
        self.profile.contracts.iter().flatten().filter(|contract| reports.contains(&contract.report))
    }

    /// The days by which a Type 2 of these is owed, or a report of no named type, by contract or by Q18, the earliest first and
    /// each once.
    pub(crate) fn dues(&self, reports: &[NamedReport]) -> Vec<Date> {
        let contracted = self.contracts(reports).filter(|contract| !takes_type_1(contract)).filter_map(|c| c.due_on);
        let dues: BTreeSet<Date> = contracted.chain(self.first_due()).collect();
        dues.into_iter().collect()
    }

    /// The earliest day by which a contract takes a Type 1 of these.
    pub(crate) fn type_1_due_on(&self, reports: &[NamedReport]) -> Option<Date> {
        self.contracts(reports).filter(|contract| takes_type_1(contract)).filter_map(|contract| contract.due_on).min()
    }

    /// The earliest day by which any report of these is owed, of whichever type.
    pub(crate) fn due_on(&self, reports: &[NamedReport]) -> Option<Date> {
        self.dues(reports).into_iter().chain(self.type_1_due_on(reports)).min()
    }

    /// The day of Q18.
    pub(crate) fn first_due(&self) -> Option<Date> {
        self.profile.first_report_due.and_then(|due| due.date())
    }

    /// A rule that fires for that day, with the answers that name it and since when the controls run.
    pub(crate) fn due(&self, rule: Rule, reports: &[NamedReport], due: Date) -> Basis {
        let day = due.to_string();
        let names = |part: &str| {
            let mut words = part.split_whitespace();
            words.next().is_some_and(|first| first == day || reports.iter().any(|report| report.id() == first))
                && (part == day || words.any(|word| word == day))
        };
        let asked = [Question::FirstReportDue, Question::Contracts].map(|question| self.part(question, names));
        let ran =
            Answered { question: Question::ControlsSince, answer: Question::ControlsSince.answer_in(self.profile) };
        Basis { rule, answers: asked.into_iter().flatten().chain([ran]).collect() }
    }

    /// Since when the controls run; a day that is to come is "not yet".
    pub(crate) fn running_since(&self) -> Option<Date> {
        self.profile.controls_since.and_then(|since| since.date()).filter(|since| *since <= self.today)
    }
}
