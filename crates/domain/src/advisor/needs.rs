//! Which reports: rules R00 to R20. Each rule raises levels; none lowers one.

use super::{
    advice::{Answered, Basis, ReportAdvice, Statement},
    choice::{Asker, FinancialEffect, NamedReport, Phrase, Plan, Reliance, Segment, ServiceModel, Transaction, YesNo},
    contradictions::Contradiction,
    level::{Level, Subject, When},
    question::Question as Q,
    reading::{Reading, SOC1_REPORTS},
    rule::{self, Rule},
};

/// An organization of so many people is very small (R17): everybody who runs a control also reviews it.
const VERY_SMALL_PEOPLE: u32 = 10;

/// A rule that fired for a report.
#[derive(Debug, Clone)]
struct Firing {
    report: Subject,
    level: Level,
    provisional: bool,
    basis: Basis,
}

/// The levels of SOC 1, SOC 2 and both, with every rule that spoke for them.
#[derive(Debug, Clone)]
pub(crate) struct Needs {
    pub(crate) soc1: ReportAdvice,
    pub(crate) soc2: ReportAdvice,
    pub(crate) both: ReportAdvice,
}

impl Needs {
    /// The same, with the reports marked whose level hangs on which of two answers is true.
    pub(crate) fn disputed_by(mut self, contradictions: &[Contradiction]) -> Self {
        for need in [&mut self.soc1, &mut self.soc2, &mut self.both] {
            need.disputed = contradictions.iter().any(|found| found.disputed.contains(&need.report));
        }
        self
    }

    /// Whether SOC 1 is gone for.
    pub(crate) fn soc1_pursued(&self) -> bool {
        self.soc1.level.is_pursued()
    }

    /// Whether SOC 2 is gone for.
    pub(crate) fn soc2_pursued(&self) -> bool {
        self.soc2.level.is_pursued()
    }

    /// The answers behind what is said most strongly of a report.
    pub(crate) fn answers(&self, report: Subject) -> Vec<Answered> {
        let need = if report == Subject::Soc1 { &self.soc1 } else { &self.soc2 };
        need.basis.first().map(|basis| basis.answers.clone()).unwrap_or_default()
    }

    /// A rule that fires because reports are gone for: the answers behind each of them.
    pub(crate) fn because(&self, rule: Rule) -> Vec<Basis> {
        let mut answers: Vec<Answered> = Vec::new();
        for answered in self.pursued().flat_map(|need| self.answers(need.report)) {
            if !answers.contains(&answered) {
                answers.push(answered);
            }
        }
        vec![Basis { rule, answers }]
    }

    /// The reports that are gone for, with what is said of each.
    pub(crate) fn pursued(&self) -> impl Iterator<Item = &ReportAdvice> {
        [&self.soc1, &self.soc2].into_iter().filter(|advice| advice.level.is_pursued())
    }
}

struct Docket<'a> {
    reading: Reading<'a>,
    firings: Vec<Firing>,
}

impl Docket<'_> {
    fn raise(&mut self, rule: Rule, report: Subject, level: Level, questions: &[Q]) {
        self.fire(rule, report, level, false, questions);
    }

    /// Raises a level that rests on an unknown answer.
    fn suppose(&mut self, rule: Rule, report: Subject, level: Level, questions: &[Q]) {
        self.fire(rule, report, level, true, questions);
    }

    fn fire(&mut self, rule: Rule, report: Subject, level: Level, provisional: bool, questions: &[Q]) {
        let basis = self.reading.basis(rule, questions);
        self.firings.push(Firing { report, level, provisional, basis });
    }

    fn level(&self, report: Subject) -> Level {
        self.firings.iter().filter(|f| f.report == report).map(|f| f.level).max().unwrap_or(Level::No)
    }

    fn advice(&self, report: Subject, unknown: bool, base: &[Q]) -> ReportAdvice {
        let mut firings: Vec<&Firing> = self.firings.iter().filter(|firing| firing.report == report).collect();
        // The strongest first; the sort keeps the order of the rules among equals.
        firings.sort_by_key(|firing| std::cmp::Reverse(firing.level));
        let level = self.level(report);
        let provisional = if firings.is_empty() {
            unknown
        } else {
            firings.iter().filter(|firing| firing.level == level).all(|firing| firing.provisional)
        };
        let mut basis: Vec<Basis> = firings.into_iter().map(|firing| firing.basis.clone()).collect();
        if basis.is_empty() {
            basis = self.reading.because(rule::R00, base);
        }
        ReportAdvice { report, level, provisional, disputed: false, when: When::Watch, basis }
    }
}

/// Asks rules R01 to R20.
pub(crate) fn needs(reading: Reading<'_>) -> Needs {
    let mut docket = Docket { reading, firings: Vec::new() };
    by_effect(&mut docket);
    by_who_asks_for_soc1(&mut docket);
    by_data(&mut docket);
    by_transactions(&mut docket);
    by_outlook(&mut docket);
    both_by_transactions(&mut docket);
    let mut soc1 =
        docket.advice(Subject::Soc1, reading.effect().is_none(), &[Q::FinancialEffect, Q::AskedBy, Q::AskedFor]);
    let mut soc2 =
        docket.advice(Subject::Soc2, reading.profile.holds_data.is_none(), &[Q::HoldsData, Q::AskedBy, Q::AskedFor]);
    soc1.when = when(reading, &mut soc1.basis, soc1.level, soc1_is_due(reading));
    soc2.when = when(reading, &mut soc2.basis, soc2.level, soc2_is_due(reading));
    let both = both(&docket, &soc1, &soc2);
    Needs { soc1, soc2, both }
}

/// What the service does to clients' books: R01 to R05.
fn by_effect(docket: &mut Docket<'_>) {
    let reading = docket.reading;
    let effect = reading.effect();
    if effect == Some(FinancialEffect::Direct) {
        docket.raise(rule::R01, Subject::Soc1, Level::Yes, &[Q::FinancialEffect]);
    }
    if effect.is_none() && reading.processes_something_financial() && !reading.rents_raw_capacity() {
        docket.suppose(rule::R01A, Subject::Soc1, Level::Likely, &[Q::FinancialEffect, Q::Transactions]);
    }
    if reading.hosts_ledgers() {
        docket.raise(rule::R02, Subject::Soc1, Level::Yes, &[Q::FinancialEffect, Q::Transactions]);
    }
    if effect == Some(FinancialEffect::Hosts) && !reading.hosts_ledgers() && !reading.rents_raw_capacity() {
        let questions = [Q::FinancialEffect, Q::Transactions];
        if reading.processes_something_financial() {
            docket.raise(rule::R02A, Subject::Soc1, Level::Likely, &questions);
        } else if reading.profile.transactions.is_none() {
            docket.suppose(rule::R02A, Subject::Soc1, Level::May, &questions);
        }
    }
    if reading.rents_raw_capacity() {
        let questions = [Q::FinancialEffect, Q::Transactions, Q::ServiceModel];
        docket.raise(rule::R03, Subject::Soc1, Level::UsuallyNo, &questions);
        if reading.model_is(&[ServiceModel::IaasHosting, ServiceModel::Colocation]) {
            docket.raise(rule::R03, Subject::Both, Level::Sometimes, &questions);
        }
        if reading.asks(&[Asker::ClientAuditors, Asker::FinancialInstitutions]) || reading.soc1_is_named() {
            docket.raise(rule::R03, Subject::Soc1, Level::Sometimes, &[Q::ServiceModel, Q::AskedBy, Q::AskedFor]);
        }
    }
    if effect == Some(FinancialEffect::Feature) {
        docket.raise(rule::R04, Subject::Soc1, Level::May, &[Q::FinancialEffect]);
    }
    match reading.profile.reliance.filter(|_| reading.may_bear_on_reporting()) {
        Some(Reliance::Yes) => docket.raise(rule::R05, Subject::Soc1, Level::Yes, &[Q::Reliance]),
        Some(Reliance::Partly) => docket.raise(rule::R05, Subject::Soc1, Level::Likely, &[Q::Reliance]),
        Some(Reliance::No) | None => {}
    }
}

/// Who asks for what a SOC 1 answers: R06 to R08.
fn by_who_asks_for_soc1(docket: &mut Docket<'_>) {
    let reading = docket.reading;
    let bears =
        reading.hosts_ledgers() || matches!(reading.effect(), Some(FinancialEffect::Direct | FinancialEffect::Feature));
    if reading.finance_asks() {
        let questions = [Q::FinancialEffect, Q::AskedBy, Q::AskedFor];
        if bears {
            docket.raise(rule::R06, Subject::Soc1, Level::Yes, &questions);
        } else if reading.effect().is_none() {
            docket.suppose(rule::R06, Subject::Soc1, Level::Likely, &questions);
        }
    }
    if reading.effect() == Some(FinancialEffect::Nothing)
        && (reading.soc1_is_named() || reading.asks(&[Asker::ClientAuditors]))
    {
        docket.raise(rule::R07, Subject::Soc1, Level::May, &[Q::FinancialEffect, Q::AskedBy, Q::AskedFor]);
    }
    if reading.clients_under_sox() {
        let questions = [Q::FinancialEffect, Q::AuditedClients];
        if bears {
            let level = one_step_up(docket.level(Subject::Soc1)).max(Level::Likely);
            docket.raise(rule::R08, Subject::Soc1, level, &questions);
        } else if reading.effect().is_none() {
            docket.suppose(rule::R08, Subject::Soc1, Level::Yes, &questions);
        }
    }
}

fn one_step_up(level: Level) -> Level {
    match level {
        Level::No => Level::UsuallyNo,
        Level::UsuallyNo => Level::Sometimes,
        Level::Sometimes => Level::May,
        Level::May => Level::Often,
        Level::Often => Level::Likely,
        Level::Likely => Level::Usually,
        Level::Usually | Level::Yes => Level::Yes,
    }
}

/// What data is held and who asks about it: R09, R10, R13, R14.
fn by_data(docket: &mut Docket<'_>) {
    let reading = docket.reading;
    let profile = reading.profile;
    if profile.holds_data == Some(YesNo::Yes) && !reading.holds_only_public() {
        docket.raise(rule::R09, Subject::Soc2, Level::Yes, &[Q::HoldsData, Q::Data]);
    }
    if profile.holds_data.is_none() {
        let questions = [Q::HoldsData, Q::ServiceModel];
        if reading.model_is(&[ServiceModel::Saas, ServiceModel::IaasHosting, ServiceModel::DataAnalytics]) {
            docket.suppose(rule::R09A, Subject::Soc2, Level::Yes, &questions);
        } else if reading.model_is(&[ServiceModel::Api, ServiceModel::Colocation, ServiceModel::MspMssp]) {
            docket.suppose(rule::R09A, Subject::Soc2, Level::Likely, &questions);
        }
        let promises = [profile.availability_promises, profile.processing_promises, profile.confidentiality_promises];
        let asked = [Q::AvailabilityPromises, Q::ProcessingPromises, Q::ConfidentialityPromises];
        let made =
            asked.iter().zip(promises).filter(|(_, said)| *said == Some(YesNo::Yes)).map(|(question, _)| *question);
        let questions: Vec<Q> = [Q::HoldsData].into_iter().chain(made).collect();
        if questions.len() > 1 {
            docket.suppose(rule::R09B, Subject::Soc2, Level::Likely, &questions);
        }
    }
    if reading.security_asks() {
        docket.raise(rule::R10, Subject::Soc2, Level::Yes, &[Q::AskedBy, Q::AskedFor]);
    }
    if reading.model_is(&[ServiceModel::AdviceOnly]) && profile.holds_data == Some(YesNo::No) {
        docket.raise(rule::R13, Subject::Soc2, Level::UsuallyNo, &[Q::ServiceModel, Q::HoldsData]);
    }
    if reading.model_is(&[ServiceModel::OnPremiseSoftware]) && profile.holds_data != Some(YesNo::Yes) {
        docket.raise(rule::R14, Subject::Soc2, Level::UsuallyNo, &[Q::ServiceModel, Q::HoldsData]);
    }
}

/// What is processed: R11 and R12.
fn by_transactions(docket: &mut Docket<'_>) {
    let reading = docket.reading;
    let questions = [Q::Transactions, Q::FinancialEffect];
    if reading.processes(&[Transaction::Payroll, Transaction::Payments]) {
        docket.raise(rule::R11, Subject::Soc2, Level::Often, &questions);
    }
    let meets = [
        Transaction::HealthcareRcm,
        Transaction::FinancialHosting,
        Transaction::LedgerErp,
        Transaction::LendingPlatform,
    ];
    if reading.effect() != Some(FinancialEffect::Nothing) && reading.processes(&meets) {
        for report in [Subject::Soc1, Subject::Soc2, Subject::Both] {
            docket.raise(rule::R12, report, Level::Yes, &questions);
        }
    }
}

/// Buyers of pay and payment services ask for both reports, where there is a SOC 1 to ask for (R11, K03).
fn both_by_transactions(docket: &mut Docket<'_>) {
    let reading = docket.reading;
    let pays = reading.effect() != Some(FinancialEffect::Nothing)
        && reading.processes(&[Transaction::Payroll, Transaction::Payments]);
    let soc1 = docket.advice(Subject::Soc1, false, &[]);
    if pays && soc1.level.is_pursued() {
        // It is as provisional as the SOC 1 that it rests on.
        let questions = [Q::Transactions, Q::FinancialEffect];
        docket.fire(rule::R11, Subject::Both, Level::Usually, soc1.provisional, &questions);
    }
}

/// Contracts, customers, plans, and a question that names no report: R15, R18 to R20.
fn by_outlook(docket: &mut Docket<'_>) {
    let reading = docket.reading;
    for (report, named) in [(Subject::Soc1, SOC1_REPORTS.as_slice()), (Subject::Soc2, &[NamedReport::Soc2])] {
        if reading.contracted(named) {
            let basis = reading.naming(rule::R15, Q::Contracts, named);
            docket.firings.push(Firing { report, level: Level::Yes, provisional: false, basis });
        }
    }
    if reading.soc3_is_named() {
        docket.raise(rule::R15A, Subject::Soc2, Level::Likely, &[Q::AskedFor, Q::Contracts]);
    }
    if reading.plans(&[Plan::EnterpriseCustomers, Plan::RegulatedCustomers])
        || reading.sells_to(&[Segment::Enterprise, Segment::Regulated])
    {
        docket.raise(rule::R18, Subject::Soc2, Level::Likely, &[Q::Plans, Q::Size]);
    }
    if reading.plans(&[Plan::FinancialProcessing]) {
        docket.raise(rule::R19, Subject::Soc1, Level::May, &[Q::Plans]);
    }
    let asks_vaguely = reading.says(&[Phrase::ASocReport])
        && !reading.says(&[Phrase::Soc1, Phrase::Soc2, Phrase::Isae3402, Phrase::SoxOrAudit])
        && !reading.finance_asks()
        && !reading.security_asks();
    if asks_vaguely {
        let questions = [Q::AskedFor, Q::AskedBy];
        docket.suppose(rule::R20, Subject::Soc2, Level::May, &questions);
        if reading.effect() != Some(FinancialEffect::Nothing) {
            docket.suppose(rule::R20, Subject::Soc1, Level::May, &questions);
            docket.suppose(rule::R20, Subject::Both, Level::May, &questions);
        }
    }
}

/// Whether somebody waits for a SOC 1, and the answers that say so.
fn soc1_is_due(reading: Reading<'_>) -> Option<Vec<Basis>> {
    if reading.contracted(&SOC1_REPORTS) {
        return Some(vec![reading.naming(rule::R15, Q::Contracts, &SOC1_REPORTS)]);
    }
    if reading.finance_asks() {
        return Some(reading.because(rule::R06, &[Q::AskedBy, Q::AskedFor]));
    }
    reading.clients_under_sox().then(|| reading.because(rule::R08, &[Q::AuditedClients]))
}

fn soc2_is_due(reading: Reading<'_>) -> Option<Vec<Basis>> {
    if reading.contracted(&[NamedReport::Soc2]) {
        return Some(vec![reading.naming(rule::R15, Q::Contracts, &[NamedReport::Soc2])]);
    }
    if reading.soc3_is_named() {
        return Some(reading.because(rule::R15A, &[Q::AskedFor, Q::Contracts]));
    }
    reading.security_asks().then(|| reading.because(rule::R10, &[Q::AskedBy, Q::AskedFor]))
}

/// The time of a report: now if somebody waits for it, else planned (R14a); below likely it is watched.
fn when(reading: Reading<'_>, basis: &mut Vec<Basis>, level: Level, due: Option<Vec<Basis>>) -> When {
    if !level.is_pursued() {
        return When::Watch;
    }
    match due {
        Some(because) => {
            basis.extend(
                because.into_iter().filter(|due| !basis.iter().any(|b| b.rule == due.rule)).collect::<Vec<_>>(),
            );
            When::Now
        }
        None => {
            basis.push(reading.basis(rule::R14A, &[Q::AskedBy, Q::AskedFor, Q::Contracts]));
            When::Plan
        }
    }
}

/// Both: what rules say of it, or the lower of the two, whichever is higher.
fn both(docket: &Docket<'_>, soc1: &ReportAdvice, soc2: &ReportAdvice) -> ReportAdvice {
    let mut advice = docket.advice(Subject::Both, soc1.provisional || soc2.provisional, &[]);
    // What is settled as needless leaves nothing for an unknown answer to raise.
    let is_ruled_out = |need: &ReportAdvice| need.level == Level::No && !need.provisional;
    let lower = if is_ruled_out(soc1) || (!is_ruled_out(soc2) && soc1.level <= soc2.level) { soc1 } else { soc2 };
    if lower.level >= advice.level || docket.level(Subject::Both) == Level::No {
        let own = std::mem::take(&mut advice.basis);
        advice.basis = lower.basis.clone();
        advice.basis.extend(own.into_iter().filter(|basis| basis.rule != rule::R00));
        advice.provisional = !is_ruled_out(lower) && (soc1.provisional || soc2.provisional);
    }
    advice.level = advice.level.max(lower.level);
    advice.when = if advice.level.is_pursued() { soc1.when.min(soc2.when).max(When::Plan) } else { When::Watch };
    advice
}

/// What follows for the way of working: R16, R17, R19 and contracts for the wrong report.
pub(crate) fn notes(reading: Reading<'_>, needs: &Needs) -> Vec<Statement> {
    let mut notes = Vec::new();
    let mut note = |says: &str, basis: Vec<Basis>| notes.push(Statement { says: says.to_owned(), basis });
    if is_readiness_only(reading) {
        note(
            "Get ready and order no report: nobody asks, nothing is planned, and the organization is very small. The levels stay as they are.",
            reading.because(rule::R17, &[Q::AskedBy, Q::Plans, Q::Size]),
        );
    }
    if needs.soc1_pursued() && needs.soc2_pursued() {
        note(
            "Keep one control set and one body of evidence for both, and get two reports: criteria, readers and restrictions differ.",
            needs.because(rule::R16),
        );
    }
    if reading.plans(&[Plan::FinancialProcessing]) {
        note(
            "Design the controls over the planned financial processing now: they cannot give evidence for the time before they ran.",
            reading.because(rule::R19, &[Q::Plans]),
        );
    }
    if reading.says(&[Phrase::ASocReport]) && !reading.finance_asks() && !reading.security_asks() {
        note(
            "Ask who will read the report: auditors read a SOC 1, security teams a SOC 2.",
            reading.because(rule::R20, &[Q::AskedFor, Q::AskedBy]),
        );
    }
    if reading.contracted(&SOC1_REPORTS) && reading.effect() == Some(FinancialEffect::Nothing) {
        note(
            "A contract names a SOC 1, but nothing that you do reaches clients' financial statements: deliver what is owed, and renegotiate the clause.",
            reading.because(rule::R15, &[Q::Contracts, Q::FinancialEffect]),
        );
    }
    notes
}

/// Whether only readiness is advised (R17).
pub(crate) fn is_readiness_only(reading: Reading<'_>) -> bool {
    let nothing_planned = reading.profile.plans.as_ref().is_some_and(std::collections::BTreeSet::is_empty);
    let people = reading.profile.size.as_ref().and_then(|size| size.people);
    reading.nobody_asks() && nothing_planned && people.is_some_and(|people| people <= VERY_SMALL_PEOPLE)
}
