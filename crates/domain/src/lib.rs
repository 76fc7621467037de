//! What may happen in an organization that prepares for SOC reports, and what it means.
//!
//! Facts are [`Event`]s. [`decide`] turns a [`Command`] into events or a [`Refusal`]; [`State::apply`] turns events into
//! state. Both are pure, so any past state can be computed again from the ledger.
//!
//! Invariant: no I/O, no clock, no randomness, no SQL, no HTTP.
//! Invariant: `apply` cannot fail and never changes the meaning of an event that was released.

mod adoption;
mod advice;
pub mod advisor;
mod assertion;
mod assessment;
mod automated_control;
mod back_test;
mod business_calendar;
mod cadence;
mod catalog_index;
mod closing;
mod command;
mod conclusion;
mod consistency;
mod control;
mod control_test;
mod coverage;
mod demand;
mod description;
mod deviation;
mod engagement;
mod event;
mod evidence;
mod exception;
mod figures;
mod firm;
mod flip;
mod frozen;
mod id;
mod lint_rule;
mod management_test;
mod measure;
mod objective;
mod observed_days;
mod occurrence;
mod organization;
mod overruling;
mod performed;
mod person;
mod population;
mod readiness;
mod recorded_time;
mod refusal;
mod report_package;
mod retention;
mod retroactive;
mod risk;
mod sample;
pub mod sampling;
mod schedule;
mod scope;
mod section_comment;
mod series;
mod sighting;
mod snapshot;
mod source;
mod state;
mod tests_of_operation;
mod vendor_report;
mod wording;

pub use adoption::{AdoptCatalog, CatalogAdopted, CatalogAdoption, CatalogProposal, CatalogProposed, ProposeCatalog};
pub use advice::{AdviceChange, AdviceRecorded, RecordAdvice, RecordedAdvice};
pub use assertion::{
    ManagementAssertion, ManagementAssertionSigned, RecordSubserviceAssertion, SignManagementAssertion,
    SubserviceAssertion, SubserviceAssertionRecorded,
};
pub use assessment::{AssessException, Assessment, AssessmentDetails, Compensation, ExceptionAssessed, Reach};
pub use back_test::{BackTest, BackTestRecorded, BackTestSide, RecordBackTest};
pub use business_calendar::{AdoptBusinessCalendar, BusinessCalendarAdopted, CalendarAdoption};
pub use catalog_index::{CatalogIndex, ControlRule, DatasetRule, ObjectiveRule, TestRule};
pub use closing::{ClosePeriod, Closing, PeriodClosed};
pub use command::{Author, Command, decide};
pub use conclusion::{ConcludeControl, Conclusion, ControlConcluded, ControlStatus, NamedTests, RecordedConclusion};
pub use consistency::{ConsistencyRule, Described, Inconsistency, Listed, ListedKind, ProgramTexts};
pub use control::{
    AdoptControl, Automation, Control, ControlAdopted, ControlDefinition, ControlDrop, ControlDropped, ControlNature,
    ControlRevised, ControlVersion, DropControl, Frequency, ReviseControl,
};
pub use control_test::{
    ItemChange, NewResult, Outcome, RecordTestRun, TestResult, TestResultRecorded, TestRun, TestRunRecorded,
};
pub use coverage::{
    CatalogOffer, ControlCoverage, ControlGap, CoverageMatrix, Effort, MeasureCoverage, MeasureGap, Overlap,
    ReportOverlap, Tested, TestedCount,
};
pub use demand::{Demand, DemandDetails, DemandEnd, DemandEnded, DemandRecorded, EndDemand, RecordDemand};
pub use description::{AdoptSystemDescription, SystemDescription, SystemDescriptionAdopted};
pub use deviation::{DeviationAnswer, DeviationResponded, DeviationResponse, RespondToDeviation};
pub use engagement::{
    CriterionExcluded, Engagement, EngagementOpened, EngagementRevised, ExcludeCriterion, OpenEngagement, ReportKind,
    ReportType, ReviseEngagement, SectionOrder, Span,
};
pub use event::{Event, Recorded};
pub use evidence::{
    CollectionFailed, CountingExtracts, DaysRead, Document, DocumentRecorded, Evidence, EvidenceRecorded, ReadAgain,
    RecordCollectionFailure, RecordDocument, RecordEvidence, left_of_extracts,
};
pub use exception::{
    AttributeExceptionRaised, Exception, ExceptionOrigin, ExceptionRaised, ExceptionRemediated, ExceptionResponded,
    ExceptionRetested, ExceptionRetestedByManagementTest, ExceptionState, ExceptionWithdrawn, ProposeWithdrawal,
    RemediateException, RespondToException, Retest, RetestException, WithdrawException, Withdrawal, WithdrawalProposed,
};
pub use figures::{
    ConclusionFigures, ControlFigures, EngagementFigures, InputFigures, ManagementTestFigures, Score, Scores,
    TestFigures,
};
pub use firm::{
    AppointFirm, Appointment, Authority, FirmAppointed, FirmTest, FirmTestRecorded, FirmTestReviewed, Nature,
    RecordFirmTest, RecordServiceAuditorsReport, ReviewFirmTest, ServiceAuditorsReport, ServiceAuditorsReportRecorded,
};
pub use flip::Flip;
pub use frozen::{ChangedField, Frozen, FrozenChange, FrozenChangeKind, FrozenItem, FrozenPart};
pub use id::{
    CalendarId, ControlId, CriterionId, DatasetId, DemandId, EngagementId, ExceptionId, FirmId, FirmTestId,
    IdParseError, LintRuleId, ManagementTestId, ObjectiveId, OrganizationId, OwnerRoleId, PersonId, PopulationId,
    RiskId, RunId, SampleId, ScopeItemId, SectionId, SourceId, TestId,
};
pub use lint_rule::{AskedOf, LintRule, RuleWeight};
pub use management_test::{
    Attribute, FailedItems, ManagementTest, ManagementTestDetails, ManagementTestRecorded, ManagementTestReviewed,
    RecordManagementTest, Review, ReviewManagementTest, TestExtent, TestStage, Timing,
};
pub use measure::Measure;
pub use objective::{
    FinancialStatementAssertion, Objective, ObjectiveDefinition, ObjectiveKind, ObjectiveRecorded, RecordObjective,
};
pub use observed_days::ObservedDays;
pub use occurrence::{
    CalendarQuestion, ControlOccurrence, ControlOccurrences, CountedByTest, DueTally, FrozenOccasions, JudgedVersion,
    NotDue, OccurrenceState, SettingDays, SettingState, SettingTally, Unknown, WeekMark, mondays,
};
pub use organization::{FoundOrganization, Organization, OrganizationFounded};
pub use overruling::{FindingOverruled, OverruleFinding, Overruling};
pub use performed::{
    ControlPerformed, PerformControl, PerformanceWithdrawal, PerformanceWithdrawalProposed, PerformanceWithdrawn,
    PerformedControl, ProposePerformanceWithdrawal, WithdrawPerformance,
};
pub use person::{AddPerson, GrantRole, Person, PersonAdded, RevokeRole, Role, RoleGranted, RoleRevoked};
pub use population::{
    CheckPopulation, Difference, EvidenceSince, FreezePopulation, FrozenRows, KeysCompared, OneSided, Population,
    PopulationCheck, PopulationChecked, PopulationDefinition, PopulationFrozen, PopulationStanding, SecondSource, Side,
};
pub use readiness::{
    EarliestStart, Gap, GapEffort, GapKind, MeasureReadiness, Readiness, Severity, StartDecider, TypeReadiness,
};
pub use recorded_time::{ClockSetBack, RecordedTime};
pub use refusal::Refusal;
pub use report_package::{
    IssueReportPackage, PackageKind, ReaderCopy, ReaderCopyRecorded, RecordReaderCopy, ReportPackage,
    ReportPackageIssued,
};
pub use retention::{
    EraseObject, Erasure, LegalHold, LegalHoldReleased, LegalHoldSet, ObjectErased, ReleaseLegalHold, SetLegalHold,
};
pub use retroactive::{Retroactive, RetroactiveChange};
pub use risk::{RecordRisk, Risk, RiskRecorded};
pub use sample::{
    CommitNonce, DrawSample, ExtendSample, NonceCommitment, NonceCommitted, ReplaceSampleItem, ReplacementCause,
    Sample, SampleAddition, SampleDrawn, SampleExtended, SampleItemReplaced, SampleVoided, SelectionMethod, VoidSample,
};
pub use schedule::{Due, DueCollection, DueTest, RecordMissedRuns, RunsMissed, StaleInput};
pub use scope::{
    AnswerScopeComment, CommentOnScope, Commitment, CommitmentKind, ComplementarySubserviceOrganizationControl,
    ComplementaryUserEntityControl, Component, Exclusion, KeyReport, Location, MonthDay, RecordScopeItem, ReportLogic,
    RetireScopeItem, ScopeComment, ScopeCommentAnswer, ScopeCommentAnswered, ScopeCommented, ScopeFacts, ScopeItem,
    ScopeItemRecorded, ScopeItemRetired, ScopeRecord, ScopeRetirement, ScopeVersion, Service, StatedOpinion,
    SubserviceMethod, SubserviceOrganization, SubserviceReport, SystemPart, TransactionClass, UserEntity,
};
pub use section_comment::{
    CommentOnSection, ResolveSectionComment, SectionComment, SectionCommentResolved, SectionCommented,
};
pub use series::{ReconcileSeries, Series, SeriesReconciled};
pub use sighting::{ExceptionSeen, Sighting};
pub use snapshot::{Snapshot, SnapshotUnreadable};
pub use source::{ApproveSource, Source, SourceApproved};
pub use state::{RULES_VERSION, State};
pub use tickmark_calendar::{BusinessCalendar, Left};
pub use vendor_report::{
    Found, ListedCuec, ListedDeviation, OpinionPart, PeriodGap, VendorReportKind, VendorReportProposal,
    read_vendor_report,
};
pub use wording::{ControlWording, WordingFinding, WordingRule, lint_control, lint_cuec, lint_objective};
