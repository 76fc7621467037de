//! Commands and the one function that decides them.

use jiff::Timestamp;

use crate::{
    AddPerson, AdoptBusinessCalendar, AdoptCatalog, AdoptControl, AdoptSystemDescription, AnswerScopeComment,
    AppointFirm, ApproveSource, AssessException, CatalogIndex, CheckPopulation, CommentOnScope, CommitNonce,
    ConcludeControl, DrawSample, DropControl, EndDemand, EraseObject, Event, ExcludeCriterion, ExtendSample,
    FoundOrganization, FreezePopulation, GrantRole, IssueReportPackage, OpenEngagement, PerformControl, PersonId,
    ProposeCatalog, ProposePerformanceWithdrawal, ProposeWithdrawal, ReconcileSeries, RecordAdvice, RecordBackTest, RecordCollectionFailure, RecordDemand, RecordDocument, RecordEvidence, RecordFirmTest, RecordManagementTest, RecordMissedRuns, RecordObjective, RecordRisk, RecordScopeItem, RecordServiceAuditorsReport, RecordSubserviceAssertion, RecordTestRun, Refusal, ReleaseLegalHold, RemediateException, ReplaceSampleItem, RespondToException, RetestException, RetireScopeItem, ReviewFirmTest, ReviewManagementTest, ReviseControl, ReviseEngagement, RevokeRole, SetLegalHold, SignManagementAssertion, State, VoidSample, WithdrawException, WithdrawPerformance, adoption, advice, assertion, assessment, back_test, business_calendar, conclusion, control, control_test, demand, description, engagement, evidence, exception, firm, management_test, objective, organization, performed, person, population, report_package, retention, risk, sample, schedule, scope, series, source,
};

/// Who acts, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The person.
    pub person: PersonId,
    /// The moment.
    pub at: Timestamp,
}

/// What a person asks to happen. Each variant's struct says what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's struct says what it means")]
pub enum Command {
    FoundOrganization(FoundOrganization),
    AddPerson(AddPerson),
    GrantRole(GrantRole),
    RevokeRole(RevokeRole),
    ProposeCatalog(ProposeCatalog),
    AdoptCatalog(AdoptCatalog),
    AdoptBusinessCalendar(AdoptBusinessCalendar),
    RecordAdvice(RecordAdvice),
    OpenEngagement(OpenEngagement),
    ReviseEngagement(ReviseEngagement),
    ExcludeCriterion(ExcludeCriterion),
    RecordScopeItem(RecordScopeItem),
    RetireScopeItem(RetireScopeItem),
    CommentOnScope(CommentOnScope),
    AnswerScopeComment(AnswerScopeComment),
    RecordDemand(RecordDemand),
    EndDemand(EndDemand),
    RecordObjective(RecordObjective),
    AdoptControl(AdoptControl),
    ReviseControl(ReviseControl),
    DropControl(DropControl),
    PerformControl(PerformControl),
    ProposePerformanceWithdrawal(ProposePerformanceWithdrawal),
    WithdrawPerformance(WithdrawPerformance),
    RecordRisk(RecordRisk),
    ApproveSource(ApproveSource),
    RecordEvidence(RecordEvidence),
    RecordCollectionFailure(RecordCollectionFailure),
    ReconcileSeries(ReconcileSeries),
    RecordDocument(RecordDocument),
    RecordTestRun(RecordTestRun),
    FreezePopulation(FreezePopulation),
    CheckPopulation(CheckPopulation),
    CommitNonce(CommitNonce),
    DrawSample(DrawSample),
    ReplaceSampleItem(ReplaceSampleItem),
    ExtendSample(ExtendSample),
    VoidSample(VoidSample),
    RecordMissedRuns(RecordMissedRuns),
    RecordBackTest(RecordBackTest),
    RespondToException(RespondToException),
    RemediateException(RemediateException),
    RetestException(RetestException),
    ProposeWithdrawal(ProposeWithdrawal),
    WithdrawException(WithdrawException),
    RecordManagementTest(RecordManagementTest),
    ReviewManagementTest(ReviewManagementTest),
    AssessException(AssessException),
    ConcludeControl(ConcludeControl),
    AppointFirm(AppointFirm),
    RecordFirmTest(RecordFirmTest),
    ReviewFirmTest(ReviewFirmTest),
    AdoptSystemDescription(AdoptSystemDescription),
    SignManagementAssertion(SignManagementAssertion),
    RecordSubserviceAssertion(RecordSubserviceAssertion),
    RecordServiceAuditorsReport(RecordServiceAuditorsReport),
    IssueReportPackage(IssueReportPackage),
    SetLegalHold(SetLegalHold),
    ReleaseLegalHold(ReleaseLegalHold),
    EraseObject(EraseObject),
}

/// Decides a command: the facts it makes, or the rule that said no. Pure.
pub fn decide(state: &State, author: &Author, catalog: &CatalogIndex, command: Command) -> Result<Vec<Event>, Refusal> {
    if let Command::FoundOrganization(command) = command {
        return organization::decide_found(state, command);
    }
    if state.organization.is_none() {
        return Err(Refusal::NotFounded);
    }
    match command {
        Command::FoundOrganization(_) => Err(Refusal::AlreadyFounded),
        Command::AddPerson(command) => person::decide_add(state, author, command),
        Command::GrantRole(command) => person::decide_grant(state, author, command),
        Command::RevokeRole(command) => person::decide_revoke(state, author, command),
        Command::ProposeCatalog(command) => adoption::decide_propose(state, author, catalog, command),
        Command::AdoptCatalog(command) => adoption::decide_adopt(state, author, catalog, command),
        Command::AdoptBusinessCalendar(command) => business_calendar::decide_adopt(state, author, command),
        Command::RecordAdvice(command) => advice::decide_record(state, author, command),
        Command::OpenEngagement(command) => engagement::decide_open(state, author, catalog, command),
        Command::ReviseEngagement(command) => engagement::decide_revise(state, author, catalog, command),
        Command::ExcludeCriterion(command) => engagement::decide_exclude(state, author, catalog, command),
        Command::RecordScopeItem(command) => scope::decide_record(state, author, catalog, command),
        Command::RetireScopeItem(command) => scope::decide_retire(state, author, command),
        Command::CommentOnScope(command) => scope::decide_comment(state, author, command),
        Command::AnswerScopeComment(command) => scope::decide_answer(state, author, command),
        Command::RecordDemand(command) => demand::decide_record(state, author, command),
        Command::EndDemand(command) => demand::decide_end(state, author, command),
        Command::RecordObjective(command) => objective::decide_record(state, author, catalog, command),
        Command::AdoptControl(command) => control::decide_adopt(state, author, catalog, command),
        Command::ReviseControl(command) => control::decide_revise(state, author, catalog, command),
        Command::DropControl(command) => control::decide_drop(state, author, catalog, command),
        Command::PerformControl(command) => performed::decide_perform(state, author, command),
        Command::ProposePerformanceWithdrawal(command) => performed::decide_propose_withdrawal(state, author, command),
        Command::WithdrawPerformance(command) => performed::decide_withdraw(state, author, command),
        Command::RecordRisk(command) => risk::decide_record(state, author, catalog, command),
        Command::ApproveSource(command) => source::decide_approve(state, author, command),
        Command::RecordEvidence(command) => evidence::decide_record(state, author, catalog, command),
        Command::RecordCollectionFailure(command) => evidence::decide_failure(state, author, catalog, command),
        Command::ReconcileSeries(command) => series::decide_reconcile(state, author, catalog, command),
        Command::RecordDocument(command) => evidence::decide_document(state, author, catalog, command),
        Command::RecordTestRun(command) => control_test::decide_record(state, author, catalog, command),
        Command::FreezePopulation(command) => population::decide_freeze(state, author, catalog, command),
        Command::CheckPopulation(command) => population::decide_check(state, author, command),
        Command::CommitNonce(command) => sample::decide_commit(state, author, command),
        Command::DrawSample(command) => sample::decide_draw(state, author, command),
        Command::ReplaceSampleItem(command) => sample::decide_replace(state, author, command),
        Command::ExtendSample(command) => sample::decide_extend(state, author, command),
        Command::VoidSample(command) => sample::decide_void(state, author, command),
        Command::RecordMissedRuns(command) => schedule::decide_missed(state, author, catalog, command),
        Command::RecordBackTest(command) => back_test::decide_record(state, author, catalog, command),
        Command::RespondToException(command) => exception::decide_respond(state, author, command),
        Command::RemediateException(command) => exception::decide_remediate(state, author, command),
        Command::RetestException(command) => exception::decide_retest(state, author, catalog, command),
        Command::ProposeWithdrawal(command) => exception::decide_propose(state, author, command),
        Command::WithdrawException(command) => exception::decide_withdraw(state, author, command),
        Command::RecordManagementTest(command) => management_test::decide_record(state, author, catalog, command),
        Command::ReviewManagementTest(command) => management_test::decide_review(state, author, command),
        Command::AssessException(command) => assessment::decide_assess(state, author, catalog, command),
        Command::ConcludeControl(command) => conclusion::decide_conclude(state, author, catalog, command),
        Command::AppointFirm(command) => firm::decide_appoint(state, author, command),
        Command::RecordFirmTest(command) => firm::decide_test(state, author, catalog, command),
        Command::ReviewFirmTest(command) => firm::decide_review(state, author, command),
        Command::AdoptSystemDescription(command) => description::decide_adopt(state, author, command),
        Command::SignManagementAssertion(command) => assertion::decide_sign(state, author, command),
        Command::RecordSubserviceAssertion(command) => assertion::decide_record(state, author, command),
        Command::RecordServiceAuditorsReport(command) => firm::decide_report(state, author, command),
        Command::IssueReportPackage(command) => report_package::decide_issue(state, author, command),
        Command::SetLegalHold(command) => retention::decide_set(state, author, command),
        Command::ReleaseLegalHold(command) => retention::decide_release(state, author, command),
        Command::EraseObject(command) => retention::decide_erase(state, author, command),
    }
}
