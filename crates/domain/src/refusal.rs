//! Refusals: a rule said no. Each has a stable code that scripts and pages may rely on.

use jiff::civil::Date;
use tickmark_canonical::Digest;

use crate::{
    ControlId, CriterionId, DemandId, EngagementId, ExceptionId, ExceptionState, FirmId, ObjectiveId, PersonId, RiskId,
    Role, RunId, ScopeItemId, SourceId, TestId,
};

/// Why [`crate::decide`] refused a command. Rules are asked in the order in which each noun's file lists them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only the founding may be a ledger's first fact.
    #[error("the organization has not been founded")]
    NotFounded,
    /// An organization is founded once.
    #[error("the organization was founded before")]
    AlreadyFounded,
    /// The zone is not in the IANA time zone database that ships in the binary.
    #[error("`{0}` is not an IANA time zone")]
    UnknownZone(String),
    /// Who acts is not a person of this ledger.
    #[error("person `{0}` is not known here")]
    UnknownPerson(PersonId),
    /// A person is added once.
    #[error("person `{0}` was added before")]
    PersonExists(PersonId),
    /// The act needs a role that the person does not hold.
    #[error("this needs the role {needed}, which person `{person}` does not hold")]
    RoleMissing {
        /// Who acted.
        person: PersonId,
        /// What they would need to be.
        needed: Role,
    },
    /// People of a firm hold roles of a firm, people of the organization the others.
    #[error("the role {role} is not for {side}")]
    RoleOfOtherSide {
        /// The role asked for.
        role: Role,
        /// Which side the person is on.
        side: &'static str,
    },
    /// Nobody holds the role, so it cannot be revoked.
    #[error("person `{0}` does not hold that role")]
    RoleNotHeld(PersonId),
    /// The last administrator would lock everybody out.
    #[error("person `{0}` is the last administrator")]
    LastAdministrator(PersonId),
    /// Commands over catalog records need a catalog in force.
    #[error("no catalog is in force")]
    NoCatalog,
    /// The catalog given to decide with is not the one in force.
    #[error("the catalog at hand is not the one in force")]
    OtherCatalog,
    /// The same catalog is in force already.
    #[error("this catalog is in force already")]
    CatalogInForce,
    /// After the first, a catalog comes into force on a proposal to replace the one in force.
    #[error("nobody has proposed to replace the catalog in force by this one")]
    CatalogNotProposed,
    /// Who proposes a catalog does not put it in force.
    #[error("person `{0}` proposed this catalog; a second person puts it in force")]
    ProposerAdopts(PersonId),
    /// A control test that changes while it has results is back-tested, or the proposal says why not.
    #[error(
        "control test `{0}` changes and has results: record a back-test, or propose it with the reason why there is none"
    )]
    NotBackTested(TestId),
    /// Only a changed control test is back-tested.
    #[error("control test `{0}` does not change: there is nothing to back-test")]
    NothingToBackTest(TestId),
    /// The engagement does not exist.
    #[error("engagement `{0}` does not exist")]
    UnknownEngagement(EngagementId),
    /// An engagement is opened once.
    #[error("engagement `{0}` exists")]
    EngagementExists(EngagementId),
    /// DAT-01: a Type 2 needs a first day before its last day.
    #[error("the period ends on {last}, not after its first day {first}")]
    PeriodNotForward {
        /// First day given.
        first: Date,
        /// Last day given.
        last: Date,
    },
    /// An engagement reads the control set through at least one objective or category.
    #[error("the engagement names no control objective and no trust services category")]
    NothingInScope,
    /// SOC 1 has control objectives, SOC 2 has categories.
    #[error("a SOC 1 engagement names control objectives, a SOC 2 engagement trust services categories")]
    ScopeOfOtherReport,
    /// The objective is not in the catalog in force.
    #[error("control objective `{0}` is neither in the catalog nor one of the organization's own")]
    UnknownObjective(ObjectiveId),
    /// OBJ-02: a control objective bears on user entities' financial statements, or on the IT that processing stands on.
    #[error(
        "control objective `{0}` bears on no financial statement assertion and is about no IT general control: name an assertion, or describe it outside the objectives"
    )]
    ObjectiveBearsOnNothing(ObjectiveId),
    /// The criterion is not in the catalog in force.
    #[error("`{0}` is not a trust services criterion")]
    UnknownCriterion(CriterionId),
    /// A criterion belongs to the category whose commitment it keeps.
    #[error("criterion `{criterion}` is outside the category `{category}`")]
    CriterionOutsideCategory {
        /// The criterion.
        criterion: CriterionId,
        /// The category.
        category: String,
    },
    /// Only a criterion in scope can be not relevant.
    #[error("criterion `{0}` is in no category of this engagement")]
    CriterionOutOfScope(CriterionId),
    /// DC8: CC1 to CC5 are relevant to every system.
    #[error("criterion `{0}` is relevant to every system (CC1 to CC5 carry the control environment)")]
    CriterionAlwaysRelevant(CriterionId),
    /// Dates, scope and controls stand once management has signed its assertion over them.
    #[error("management has signed its assertion for engagement `{0}`; what it states stands")]
    AssertionSigned(EngagementId),
    /// An engagement follows on one of the same report.
    #[error("engagement `{0}` cannot follow on an engagement of another report")]
    FollowsOtherReport(EngagementId),
    /// DAT-06: periods follow on without a gap, or the gap has a reason; they never overlap.
    #[error(
        "the period begins on {first}; the one before it goes on with {next_day}: begin then, or say why there is a gap"
    )]
    PeriodNotContiguous {
        /// First day asked for.
        first: Date,
        /// The day after the period before.
        next_day: Date,
    },
    /// A thing in scope is there before others name it.
    #[error("scope item `{0}` is not known here")]
    UnknownScopeItem(ScopeItemId),
    /// A name leads to an item of another kind.
    #[error("scope item `{item}` is a {is}, where a {needed} is needed")]
    ScopeItemOfOtherKind {
        /// The item.
        item: ScopeItemId,
        /// What it is.
        is: &'static str,
        /// What is needed.
        needed: &'static str,
    },
    /// An item stays of its kind.
    #[error("scope item `{0}` is of another kind; give the new thing an id of its own")]
    ScopeKindChanged(ScopeItemId),
    /// A version takes effect after the one before it.
    #[error("scope item `{item}`: {effective_on} is not after {not_before}")]
    ScopeNotForward {
        /// The item.
        item: ScopeItemId,
        /// Date asked for.
        effective_on: Date,
        /// The date that it has to be after.
        not_before: Date,
    },
    /// A change of scope has a reason.
    #[error("scope item `{0}` changes: say why")]
    ChangeWithoutReason(ScopeItemId),
    /// An item that others name stays.
    #[error("scope item `{item}` is named by `{by}`; change that first")]
    ScopeItemNamed {
        /// The item.
        item: ScopeItemId,
        /// An item that names it.
        by: ScopeItemId,
    },
    /// An item is part of at least one report.
    #[error("scope item `{0}` is part of no report: name `soc1`, `soc2` or both")]
    InNoReport(ScopeItemId),
    /// RPT-04: a complementary control is tied to what needs it.
    #[error("scope item `{0}` is tied to no control objective and no criterion: name what could not be met without it")]
    TiedToNothing(ScopeItemId),
    /// A complementary control is assumed of a subservice organization that is carved out.
    #[error("scope item `{item}`: subservice organization `{organization}` is carved out of no report")]
    NotCarvedOut {
        /// The complementary control.
        item: ScopeItemId,
        /// The subservice organization.
        organization: ScopeItemId,
    },
    /// The firm's comment does not exist.
    #[error("the firm made no comment {0} on the scope of this engagement")]
    UnknownScopeComment(u32),
    /// A demand is recorded once.
    #[error("demand `{0}` was recorded before")]
    DemandExists(DemandId),
    /// A demand ends once.
    #[error("there is no open demand `{0}`")]
    NoOpenDemand(DemandId),
    /// The category is not in the catalog in force.
    #[error("`{0}` is not a trust services category")]
    UnknownCategory(String),
    /// The control is not in the catalog in force, or was not adopted.
    #[error("control `{0}` is not known here")]
    UnknownControl(ControlId),
    /// A control is adopted once, then revised.
    #[error("control `{0}` was adopted before; revise it")]
    ControlExists(ControlId),
    /// A control that was dropped is adopted again before it changes.
    #[error("control `{0}` was dropped; adopt it again")]
    ControlDropped(ControlId),
    /// OBJ-01: a control serves something.
    #[error("control `{0}` serves no control objective and no criterion: name what it serves, or drop it")]
    ControlServesNothing(ControlId),
    /// The risk is neither recorded nor in the catalog in force.
    #[error("risk `{0}` is not known here")]
    UnknownRisk(RiskId),
    /// A version takes effect after the one before it.
    #[error("control `{control}`: a version effective on {effective_on} is not after the one effective on {newest_on}")]
    VersionNotForward {
        /// The control.
        control: ControlId,
        /// Date asked for.
        effective_on: Date,
        /// Date of the newest version.
        newest_on: Date,
    },
    /// A risk threatens something and is addressed by known controls.
    #[error("a risk threatens at least one criterion or control objective")]
    RiskThreatensNothing,
    /// Evidence comes from approved sources only.
    #[error("source `{0}` is not approved")]
    SourceNotApproved(SourceId),
    /// The source's settings are not the ones that were approved.
    #[error("the settings of source `{0}` are not the ones approved; approve them again")]
    SourceChanged(SourceId),
    /// The same settings were approved before.
    #[error("source `{0}` is approved with these settings already")]
    SourceApproved(SourceId),
    /// The dataset is not in the catalog in force.
    #[error("dataset `{0}` is not in the catalog")]
    UnknownDataset(crate::DatasetId),
    /// The same manifest was recorded before.
    #[error("this evidence was recorded before, as entry {0}")]
    EvidenceRecorded(u64),
    /// Evidence lies within a year of an engagement's date or period.
    #[error("the evidence covers {first} to {last}, over a year from every engagement's date or period")]
    OutsideEveryPeriod {
        /// First day the evidence covers.
        first: Date,
        /// Last day the evidence covers.
        last: Date,
    },
    /// Evidence that covers days after it was extracted.
    #[error("the evidence says it covers {last}, after the day it was extracted")]
    CoversTheFuture {
        /// Last day the evidence claims.
        last: Date,
    },
    /// The control test is not in the catalog in force.
    #[error("control test `{0}` is not in the catalog")]
    UnknownTest(TestId),
    /// Runs are recorded once.
    #[error("run `{0}` was recorded before")]
    RunRecorded(RunId),
    /// A result says what its kind needs: a count where there is one, none where there is none.
    #[error("the result of `{test}` contradicts itself: {why}")]
    ResultContradictsItself {
        /// The control test.
        test: TestId,
        /// What does not fit.
        why: &'static str,
    },
    /// Missed runs are of at least one control test, on at least one day and on no more days than there are.
    #[error("missed runs name at least one control test, and no more days than from the first to the last")]
    MissedRunsDisagree,
    /// Missed runs are recorded once.
    #[error("runs of `{0}` that were missed on these days are recorded already")]
    MissedRunsRecorded(TestId),
    /// A result rests on evidence that is in the ledger.
    #[error("the result of `{0}` rests on evidence that is not recorded")]
    ResultWithoutEvidence(TestId),
    /// The exception does not exist.
    #[error("exception `{0}` does not exist")]
    UnknownException(ExceptionId),
    /// The exception is in a state from which this step does not lead on.
    #[error("exception `{exception}` is {state}; this step is not open to it")]
    ExceptionNotThere {
        /// The exception.
        exception: ExceptionId,
        /// Its state.
        state: ExceptionState,
    },
    /// A withdrawal needs a second person.
    #[error("person `{0}` cannot be both: a withdrawal needs a second person")]
    SecondPersonMissing(PersonId),
    /// An exception is withdrawn on a proposal with a reason and evidence, over the items it has now.
    #[error("nobody has proposed to withdraw exception `{0}` as it is now")]
    WithdrawalNotProposed(ExceptionId),
    /// A retest rests on a later result of the same control test.
    #[error("run `{0}` has no later result of that control test")]
    RetestWithoutResult(RunId),
    /// The retest still finds items of the exception.
    #[error("{0} items of the exception are still found")]
    StillFound(u64),
    /// The engagement has no firm, or another one.
    #[error("firm `{0}` is not appointed to this engagement")]
    FirmNotAppointed(FirmId),
    /// An engagement has one firm at a time.
    #[error("a firm is appointed to this engagement already")]
    FirmAppointed,
    /// The firm's work is the firm's: management cannot record it, the firm cannot record management's.
    #[error("person `{0}` is not of the firm that is appointed to this engagement")]
    NotOfTheFirm(PersonId),
    /// Who owns a control does not test it.
    #[error("person `{person}` owns control `{control}` and so cannot test it")]
    TesterOwnsControl {
        /// Who would test.
        person: PersonId,
        /// What they own.
        control: ControlId,
    },
    /// The firm re-performed and got other rows: it cannot adopt the result as its own.
    #[error("re-performing `{0}` gave other rows than management's result; it cannot be adopted")]
    ReperformanceDiffers(TestId),
    /// The control is outside the engagement's objectives or criteria.
    #[error("control `{0}` is outside this engagement's scope")]
    ControlOutOfScope(ControlId),
    /// A test of controls examined at least one item, or says that the control did not operate.
    #[error("a test of controls counts the items tested and no more deviations than items")]
    ItemsAndDeviationsDisagree,
    /// Dates of documents follow DAT-03.
    #[error("the document is dated {dated_on}, before {not_before}")]
    DatedTooEarly {
        /// Date on the document.
        dated_on: Date,
        /// The earliest date it may bear.
        not_before: Date,
    },
    /// Nobody signs for a day to come.
    #[error("the document is dated {dated_on}, and today is {today}")]
    DatedInTheFuture {
        /// Date on the document.
        dated_on: Date,
        /// The organization's day.
        today: Date,
    },
    /// A package needs what its kind prints.
    #[error("the package lacks {0}")]
    PackageLacks(&'static str),
    /// What is sent is a package that was issued.
    #[error("engagement `{0}` has no report package yet")]
    NoReportPackage(EngagementId),
    /// An object under a legal hold is not erased.
    #[error("object `{object}` is under the legal hold of entry {hold}")]
    UnderLegalHold {
        /// The object.
        object: Digest,
        /// Entry that set the hold.
        hold: u64,
    },
    /// A hold is released by the entry that set it, once.
    #[error("object `{object}` is under no legal hold of entry {hold}")]
    UnknownHold {
        /// The object.
        object: Digest,
        /// Entry that was named.
        hold: u64,
    },
    /// What was erased cannot be held or erased again.
    #[error("object `{object}` was erased by entry {entry}")]
    Erased {
        /// The object.
        object: Digest,
        /// Entry that recorded it.
        entry: u64,
    },
}

impl Refusal {
    /// The stable code of the rule that said no.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFounded => "not-founded",
            Self::AlreadyFounded => "already-founded",
            Self::UnknownZone(_) => "unknown-zone",
            Self::UnknownPerson(_) => "unknown-person",
            Self::PersonExists(_) => "person-exists",
            Self::RoleMissing { .. } => "role-missing",
            Self::RoleOfOtherSide { .. } => "role-of-other-side",
            Self::RoleNotHeld(_) => "role-not-held",
            Self::LastAdministrator(_) => "last-administrator",
            Self::NoCatalog => "no-catalog",
            Self::OtherCatalog => "other-catalog",
            Self::CatalogInForce => "catalog-in-force",
            Self::CatalogNotProposed => "catalog-not-proposed",
            Self::ProposerAdopts(_) => "proposer-adopts",
            Self::NotBackTested(_) => "not-back-tested",
            Self::NothingToBackTest(_) => "nothing-to-back-test",
            Self::UnknownEngagement(_) => "unknown-engagement",
            Self::EngagementExists(_) => "engagement-exists",
            Self::PeriodNotForward { .. } => "period-not-forward",
            Self::NothingInScope => "nothing-in-scope",
            Self::ScopeOfOtherReport => "scope-of-other-report",
            Self::UnknownObjective(_) => "unknown-objective",
            Self::ObjectiveBearsOnNothing(_) => "OBJ-02",
            Self::UnknownCriterion(_) => "unknown-criterion",
            Self::CriterionOutsideCategory { .. } => "criterion-outside-category",
            Self::CriterionOutOfScope(_) => "criterion-out-of-scope",
            Self::CriterionAlwaysRelevant(_) => "DC8",
            Self::AssertionSigned(_) => "assertion-signed",
            Self::FollowsOtherReport(_) => "follows-other-report",
            Self::PeriodNotContiguous { .. } => "DAT-06",
            Self::UnknownScopeItem(_) => "unknown-scope-item",
            Self::ScopeItemOfOtherKind { .. } => "scope-item-of-other-kind",
            Self::ScopeKindChanged(_) => "scope-kind-changed",
            Self::ScopeNotForward { .. } => "scope-not-forward",
            Self::ChangeWithoutReason(_) => "change-without-reason",
            Self::ScopeItemNamed { .. } => "scope-item-named",
            Self::InNoReport(_) => "in-no-report",
            Self::TiedToNothing(_) => "RPT-04",
            Self::NotCarvedOut { .. } => "not-carved-out",
            Self::UnknownScopeComment(_) => "unknown-scope-comment",
            Self::DemandExists(_) => "demand-exists",
            Self::NoOpenDemand(_) => "no-open-demand",
            Self::UnknownCategory(_) => "unknown-category",
            Self::UnknownControl(_) => "unknown-control",
            Self::ControlExists(_) => "control-exists",
            Self::ControlDropped(_) => "control-dropped",
            Self::ControlServesNothing(_) => "OBJ-01",
            Self::UnknownRisk(_) => "unknown-risk",
            Self::VersionNotForward { .. } => "version-not-forward",
            Self::RiskThreatensNothing => "risk-threatens-nothing",
            Self::SourceNotApproved(_) => "source-not-approved",
            Self::SourceChanged(_) => "source-changed",
            Self::SourceApproved(_) => "source-approved",
            Self::UnknownDataset(_) => "unknown-dataset",
            Self::EvidenceRecorded(_) => "evidence-recorded",
            Self::OutsideEveryPeriod { .. } => "outside-every-period",
            Self::CoversTheFuture { .. } => "covers-the-future",
            Self::UnknownTest(_) => "unknown-test",
            Self::RunRecorded(_) => "run-recorded",
            Self::ResultContradictsItself { .. } => "result-contradicts-itself",
            Self::MissedRunsDisagree => "missed-runs-disagree",
            Self::MissedRunsRecorded(_) => "missed-runs-recorded",
            Self::ResultWithoutEvidence(_) => "result-without-evidence",
            Self::UnknownException(_) => "unknown-exception",
            Self::ExceptionNotThere { .. } => "exception-not-there",
            Self::SecondPersonMissing(_) => "second-person-missing",
            Self::WithdrawalNotProposed(_) => "withdrawal-not-proposed",
            Self::RetestWithoutResult(_) => "retest-without-result",
            Self::StillFound(_) => "still-found",
            Self::FirmNotAppointed(_) => "firm-not-appointed",
            Self::FirmAppointed => "firm-appointed",
            Self::NotOfTheFirm(_) => "not-of-the-firm",
            Self::TesterOwnsControl { .. } => "tester-owns-control",
            Self::ReperformanceDiffers(_) => "reperformance-differs",
            Self::ControlOutOfScope(_) => "control-out-of-scope",
            Self::ItemsAndDeviationsDisagree => "items-and-deviations-disagree",
            Self::DatedTooEarly { .. } => "dated-too-early",
            Self::DatedInTheFuture { .. } => "dated-in-the-future",
            Self::PackageLacks(_) => "package-lacks",
            Self::NoReportPackage(_) => "no-report-package",
            Self::UnderLegalHold { .. } => "under-legal-hold",
            Self::UnknownHold { .. } => "unknown-hold",
            Self::Erased { .. } => "erased",
        }
    }
}
