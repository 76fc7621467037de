//! State: what the facts so far add up to.
//!
//! Invariant: the same events in the same order give the same state, on every machine and in every later version of
//! the same rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    BackTest, CalendarAdoption, CatalogAdoption, CatalogProposal, CollectionFailed, Control, ControlId, DatasetId,
    Demand, DemandId, Document, Engagement, EngagementId, Erasure, Event, Evidence, Exception, ExceptionId, LegalHold,
    ManagementTest, ManagementTestId, NonceCommitment, Objective, ObjectiveId, ObservedDays, Organization,
    PerformedControl, Person, PersonId, Population, PopulationId, Recorded, RecordedAdvice, RecordedTime, Risk, RiskId,
    RunId, RunsMissed, Sample, SampleId, ScopeItemId, ScopeRecord, Series, Source, SourceId, TestId, TestResult,
    TestRun, evidence::Manifests,
};

/// Version of the rules of `apply`. It rises when the same events would add up to another state, so that snapshots of
/// older rules are not used and an old ledger size can be replayed to the state it had.
pub const RULES_VERSION: u32 = 10;

/// What the facts so far add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// When facts count as recorded, and whether a clock was set back.
    #[serde(default)]
    pub recorded_time: RecordedTime,
    /// The organization, once founded.
    pub organization: Option<Organization>,
    /// People, of the organization and of firms.
    pub people: BTreeMap<PersonId, Person>,
    /// Catalog versions, oldest first; the last is in force.
    pub catalogs: Vec<CatalogAdoption>,
    /// Business calendars, each counting until the next one does.
    pub calendars: Vec<CalendarAdoption>,
    /// Catalog versions that were proposed, oldest first.
    pub proposals: Vec<CatalogProposal>,
    /// Recorded advice, oldest first.
    pub advice: Vec<RecordedAdvice>,
    /// Demands for reports.
    pub demands: BTreeMap<DemandId, Demand>,
    /// What is in scope, and what was.
    pub scope: BTreeMap<ScopeItemId, ScopeRecord>,
    /// Control objectives of the organization's own.
    pub objectives: BTreeMap<ObjectiveId, Objective>,
    /// Engagements.
    pub engagements: BTreeMap<EngagementId, Engagement>,
    /// The control set.
    pub controls: BTreeMap<ControlId, Control>,
    /// Records of performance by control, in the order in which they came.
    pub performed: BTreeMap<ControlId, Vec<PerformedControl>>,
    /// Risks.
    pub risks: BTreeMap<RiskId, Risk>,
    /// Approved sources.
    pub sources: BTreeMap<SourceId, Source>,
    /// Extracts by dataset, in the order in which they were recorded.
    pub evidence: BTreeMap<DatasetId, Vec<Evidence>>,
    /// The manifests of all these extracts, so that one that is recorded already is known without a search. Derived when
    /// it is asked first, and so in no snapshot.
    #[serde(skip)]
    pub(crate) manifests: Manifests,
    /// Collections that failed, with the entries that say so.
    pub failed_collections: Vec<(CollectionFailed, u64)>,
    /// Series of extracts by dataset, beside the source's count of all their days, in the order in which they were recorded.
    #[serde(default)]
    pub series: BTreeMap<DatasetId, Vec<Series>>,
    /// Documents, in the order in which they were recorded.
    pub documents: Vec<Document>,
    /// Results by control test, oldest first.
    pub results: BTreeMap<TestId, Vec<TestResult>>,
    /// What each control test saw, day by day.
    pub observed: BTreeMap<TestId, Vec<ObservedDays>>,
    /// Runs of control tests.
    pub runs: BTreeMap<RunId, TestRun>,
    /// Frozen populations.
    pub populations: BTreeMap<PopulationId, Population>,
    /// Nonces that firms committed to, oldest first.
    pub nonces: Vec<NonceCommitment>,
    /// Samples.
    pub samples: BTreeMap<SampleId, Sample>,
    /// Runs that were due and not made, with the entries that say so.
    pub missed_runs: Vec<(RunsMissed, u64)>,
    /// Back-tests by control test, oldest first.
    pub back_tests: BTreeMap<TestId, Vec<BackTest>>,
    /// Exceptions.
    pub exceptions: BTreeMap<ExceptionId, Exception>,
    /// Management tests.
    pub management_tests: BTreeMap<ManagementTestId, ManagementTest>,
    /// Legal holds that stand, by object and by the entry that set them.
    pub holds: BTreeMap<Digest, BTreeMap<u64, LegalHold>>,
    /// What was erased.
    pub erasures: BTreeMap<Digest, Erasure>,
}

impl State {
    /// Adds one fact. Cannot fail: what could be wrong with it was decided before it was recorded.
    pub fn apply(&mut self, event: &Event, recorded: &Recorded) {
        let recorded = &*self.recorded_time.in_order(recorded);
        match event {
            Event::OrganizationFounded(event) => self.apply_organization_founded(event),
            Event::PersonAdded(event) => self.apply_person_added(event),
            Event::RoleGranted(event) => self.apply_role_granted(event),
            Event::RoleRevoked(event) => self.apply_role_revoked(event),
            Event::CatalogProposed(event) => self.apply_catalog_proposed(event, recorded),
            Event::CatalogAdopted(event) => self.apply_catalog_adopted(event, recorded),
            Event::BusinessCalendarAdopted(event) => self.apply_business_calendar_adopted(event, recorded),
            Event::AdviceRecorded(event) => self.apply_advice_recorded(event, recorded),
            Event::EngagementOpened(event) => self.apply_engagement_opened(event, recorded),
            Event::EngagementRevised(event) => self.apply_engagement_revised(event, recorded),
            Event::CriterionExcluded(event) => self.apply_criterion_excluded(event, recorded),
            Event::ScopeItemRecorded(event) => self.apply_scope_item_recorded(event, recorded),
            Event::ScopeItemRetired(event) => self.apply_scope_item_retired(event, recorded),
            Event::ScopeCommented(event) => self.apply_scope_commented(event, recorded),
            Event::ScopeCommentAnswered(event) => self.apply_scope_comment_answered(event, recorded),
            Event::SectionCommented(event) => self.apply_section_commented(event, recorded),
            Event::SectionCommentResolved(event) => self.apply_section_comment_resolved(event, recorded),
            Event::DemandRecorded(event) => self.apply_demand_recorded(event, recorded),
            Event::DemandEnded(event) => self.apply_demand_ended(event, recorded),
            Event::ObjectiveRecorded(event) => self.apply_objective_recorded(event, recorded),
            Event::ControlAdopted(event) => self.apply_control_adopted(event, recorded),
            Event::ControlRevised(event) => self.apply_control_revised(event, recorded),
            Event::ControlDropped(event) => self.apply_control_dropped(event, recorded),
            Event::ControlPerformed(event) => self.apply_control_performed(event, recorded),
            Event::PerformanceWithdrawalProposed(event) => self.apply_performance_withdrawal_proposed(event, recorded),
            Event::PerformanceWithdrawn(event) => self.apply_performance_withdrawn(event, recorded),
            Event::RiskRecorded(event) => self.apply_risk_recorded(event, recorded),
            Event::SourceApproved(event) => self.apply_source_approved(event, recorded),
            Event::EvidenceRecorded(event) => self.apply_evidence_recorded(event, recorded),
            Event::CollectionFailed(event) => self.apply_collection_failed(event, recorded),
            Event::SeriesReconciled(event) => self.apply_series_reconciled(event, recorded),
            Event::DocumentRecorded(event) => self.apply_document_recorded(event, recorded),
            Event::TestResultRecorded(event) => self.apply_test_result_recorded(event, recorded),
            Event::TestRunRecorded(event) => self.apply_test_run_recorded(event, recorded),
            Event::PopulationFrozen(event) => self.apply_population_frozen(event, recorded),
            Event::PopulationChecked(event) => self.apply_population_checked(event, recorded),
            Event::NonceCommitted(event) => self.apply_nonce_committed(event, recorded),
            Event::SampleDrawn(event) => self.apply_sample_drawn(event, recorded),
            Event::SampleItemReplaced(event) => self.apply_sample_item_replaced(event, recorded),
            Event::SampleExtended(event) => self.apply_sample_extended(event, recorded),
            Event::SampleVoided(event) => self.apply_sample_voided(event, recorded),
            Event::RunsMissed(event) => self.apply_runs_missed(event, recorded),
            Event::BackTestRecorded(event) => self.apply_back_test_recorded(event, recorded),
            Event::ExceptionRaised(event) => self.apply_exception_raised(event, recorded),
            Event::ExceptionSeen(event) => self.apply_exception_seen(event, recorded),
            Event::ExceptionResponded(event) => self.apply_exception_responded(event, recorded),
            Event::ExceptionRemediated(event) => self.apply_exception_remediated(event, recorded),
            Event::ExceptionRetested(event) => self.apply_exception_retested(event, recorded),
            Event::WithdrawalProposed(event) => self.apply_withdrawal_proposed(event, recorded),
            Event::ExceptionWithdrawn(event) => self.apply_exception_withdrawn(event, recorded),
            Event::ManagementTestRecorded(event) => self.apply_management_test_recorded(event, recorded),
            Event::ManagementTestReviewed(event) => self.apply_management_test_reviewed(event, recorded),
            Event::AttributeExceptionRaised(event) => self.apply_attribute_exception_raised(event, recorded),
            Event::ExceptionAssessed(event) => self.apply_exception_assessed(event, recorded),
            Event::ExceptionRetestedByManagementTest(event) => {
                self.apply_exception_retested_by_management_test(event, recorded);
            }
            Event::ControlConcluded(event) => self.apply_control_concluded(event, recorded),
            Event::FirmAppointed(event) => self.apply_firm_appointed(event, recorded),
            Event::FirmTestRecorded(event) => self.apply_firm_test_recorded(event, recorded),
            Event::FirmTestReviewed(event) => self.apply_firm_test_reviewed(event, recorded),
            Event::DeviationResponded(event) => self.apply_deviation_responded(event, recorded),
            Event::SystemDescriptionAdopted(event) => self.apply_system_description_adopted(event, recorded),
            Event::ManagementAssertionSigned(event) => self.apply_management_assertion_signed(event, recorded),
            Event::SubserviceAssertionRecorded(event) => self.apply_subservice_assertion_recorded(event, recorded),
            Event::ServiceAuditorsReportRecorded(event) => {
                self.apply_service_auditors_report_recorded(event, recorded);
            }
            Event::PeriodClosed(event) => self.apply_period_closed(event, recorded),
            Event::FindingOverruled(event) => self.apply_finding_overruled(event, recorded),
            Event::ReportPackageIssued(event) => self.apply_report_package_issued(event, recorded),
            Event::ReaderCopyRecorded(event) => self.apply_reader_copy_recorded(event, recorded),
            Event::LegalHoldSet(event) => self.apply_legal_hold_set(event, recorded),
            Event::LegalHoldReleased(event) => self.apply_legal_hold_released(event),
            Event::ObjectErased(event) => self.apply_object_erased(event, recorded),
        }
    }
}
