//! Refusals: a rule said no. Each has a stable code that scripts and pages may rely on.

use jiff::civil::Date;
use tickmark_canonical::Digest;

use crate::{
    ControlId, EngagementId, ExceptionId, ExceptionState, FirmId, ObjectiveId, PersonId, Role, RunId, SourceId, TestId,
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
    #[error("control objective `{0}` is not in the catalog")]
    UnknownObjective(ObjectiveId),
    /// The category is not in the catalog in force.
    #[error("`{0}` is not a trust services category")]
    UnknownCategory(String),
    /// The control is not in the catalog in force, or was not adopted.
    #[error("control `{0}` is not known here")]
    UnknownControl(ControlId),
    /// A control is adopted once, then revised.
    #[error("control `{0}` was adopted before; revise it")]
    ControlExists(ControlId),
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
    /// A package needs what its kind prints.
    #[error("the package lacks {0}")]
    PackageLacks(&'static str),
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
            Self::UnknownEngagement(_) => "unknown-engagement",
            Self::EngagementExists(_) => "engagement-exists",
            Self::PeriodNotForward { .. } => "period-not-forward",
            Self::NothingInScope => "nothing-in-scope",
            Self::ScopeOfOtherReport => "scope-of-other-report",
            Self::UnknownObjective(_) => "unknown-objective",
            Self::UnknownCategory(_) => "unknown-category",
            Self::UnknownControl(_) => "unknown-control",
            Self::ControlExists(_) => "control-exists",
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
            Self::PackageLacks(_) => "package-lacks",
            Self::UnderLegalHold { .. } => "under-legal-hold",
            Self::UnknownHold { .. } => "unknown-hold",
            Self::Erased { .. } => "erased",
        }
    }
}
