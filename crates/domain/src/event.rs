//! Events: the facts of the ledger.
//!
//! Invariant: an event never changes meaning. A new meaning is a new variant; every released form decodes forever
//! (`tests/golden`).
//! Invariant: events hold opaque ids, digests, enumerations, dates and counts only; names and free text are vault objects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    AdviceRecorded, AttributeExceptionRaised, BackTestRecorded, BusinessCalendarAdopted, CatalogAdopted,
    CatalogProposed, CollectionFailed, ControlAdopted, ControlConcluded, ControlDropped, ControlPerformed,
    ControlRevised, CriterionExcluded, DemandEnd, DemandEnded, DemandRecorded, DeviationResponded, DocumentRecorded,
    EngagementId, EngagementOpened, EngagementRevised, EvidenceRecorded, ExceptionAssessed, ExceptionRaised,
    ExceptionRemediated, ExceptionResponded, ExceptionRetested, ExceptionRetestedByManagementTest, ExceptionSeen,
    ExceptionWithdrawn, FindingOverruled, FirmAppointed, FirmTestRecorded, FirmTestReviewed, LegalHoldReleased,
    LegalHoldSet, ManagementAssertionSigned, ManagementTestRecorded, ManagementTestReviewed, NonceCommitted,
    ObjectErased, ObjectiveRecorded, OrganizationFounded, PerformanceWithdrawalProposed, PerformanceWithdrawn,
    PeriodClosed, PersonAdded, PersonId, PopulationChecked, PopulationFrozen, ReaderCopyRecorded, ReportPackageIssued,
    RiskRecorded, RoleGranted, RoleRevoked, RunsMissed, SampleDrawn, SampleExtended, SampleItemReplaced, SampleVoided,
    ScopeCommentAnswered, ScopeCommented, ScopeItemRecorded, ScopeItemRetired, SecondSource, SectionCommentResolved,
    SectionCommented, SeriesReconciled, ServiceAuditorsReportRecorded, SourceApproved, SubserviceAssertionRecorded,
    SystemDescriptionAdopted, TestResultRecorded, TestRunRecorded, WithdrawalProposed,
};

/// A fact. In an entry's body it is an object whose `type` names the variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[expect(missing_docs, reason = "each variant's struct says what it means")]
pub enum Event {
    OrganizationFounded(OrganizationFounded),
    PersonAdded(PersonAdded),
    RoleGranted(RoleGranted),
    RoleRevoked(RoleRevoked),
    CatalogProposed(CatalogProposed),
    CatalogAdopted(CatalogAdopted),
    BusinessCalendarAdopted(BusinessCalendarAdopted),
    AdviceRecorded(AdviceRecorded),
    EngagementOpened(EngagementOpened),
    EngagementRevised(EngagementRevised),
    CriterionExcluded(CriterionExcluded),
    ScopeItemRecorded(ScopeItemRecorded),
    ScopeItemRetired(ScopeItemRetired),
    ScopeCommented(ScopeCommented),
    ScopeCommentAnswered(ScopeCommentAnswered),
    SectionCommented(SectionCommented),
    SectionCommentResolved(SectionCommentResolved),
    DemandRecorded(DemandRecorded),
    DemandEnded(DemandEnded),
    ObjectiveRecorded(ObjectiveRecorded),
    ControlAdopted(ControlAdopted),
    ControlRevised(ControlRevised),
    ControlDropped(ControlDropped),
    ControlPerformed(ControlPerformed),
    PerformanceWithdrawalProposed(PerformanceWithdrawalProposed),
    PerformanceWithdrawn(PerformanceWithdrawn),
    RiskRecorded(RiskRecorded),
    SourceApproved(SourceApproved),
    EvidenceRecorded(EvidenceRecorded),
    CollectionFailed(CollectionFailed),
    SeriesReconciled(SeriesReconciled),
    DocumentRecorded(DocumentRecorded),
    TestResultRecorded(TestResultRecorded),
    TestRunRecorded(TestRunRecorded),
    PopulationFrozen(PopulationFrozen),
    PopulationChecked(PopulationChecked),
    NonceCommitted(NonceCommitted),
    SampleDrawn(SampleDrawn),
    SampleItemReplaced(SampleItemReplaced),
    SampleExtended(SampleExtended),
    SampleVoided(SampleVoided),
    RunsMissed(RunsMissed),
    BackTestRecorded(BackTestRecorded),
    ExceptionRaised(ExceptionRaised),
    ExceptionSeen(ExceptionSeen),
    ExceptionResponded(ExceptionResponded),
    ExceptionRemediated(ExceptionRemediated),
    ExceptionRetested(ExceptionRetested),
    WithdrawalProposed(WithdrawalProposed),
    ExceptionWithdrawn(ExceptionWithdrawn),
    ManagementTestRecorded(ManagementTestRecorded),
    ManagementTestReviewed(ManagementTestReviewed),
    AttributeExceptionRaised(AttributeExceptionRaised),
    ExceptionAssessed(ExceptionAssessed),
    ExceptionRetestedByManagementTest(ExceptionRetestedByManagementTest),
    ControlConcluded(ControlConcluded),
    FirmAppointed(FirmAppointed),
    FirmTestRecorded(FirmTestRecorded),
    FirmTestReviewed(FirmTestReviewed),
    DeviationResponded(DeviationResponded),
    SystemDescriptionAdopted(SystemDescriptionAdopted),
    ManagementAssertionSigned(ManagementAssertionSigned),
    SubserviceAssertionRecorded(SubserviceAssertionRecorded),
    ServiceAuditorsReportRecorded(ServiceAuditorsReportRecorded),
    PeriodClosed(PeriodClosed),
    FindingOverruled(FindingOverruled),
    ReportPackageIssued(ReportPackageIssued),
    ReaderCopyRecorded(ReaderCopyRecorded),
    LegalHoldSet(LegalHoldSet),
    LegalHoldReleased(LegalHoldReleased),
    ObjectErased(ObjectErased),
}

impl Event {
    /// The engagement whose stream the event belongs to; `None` is the organization's own stream, which every
    /// engagement of the organization reads.
    pub fn engagement(&self) -> Option<&EngagementId> {
        match self {
            Self::EngagementOpened(event) => Some(&event.engagement),
            Self::EngagementRevised(event) => Some(&event.engagement),
            Self::CriterionExcluded(event) => Some(&event.engagement),
            Self::ScopeCommented(event) => Some(&event.engagement),
            Self::ScopeCommentAnswered(event) => Some(&event.engagement),
            Self::SectionCommented(event) => Some(&event.engagement),
            Self::SectionCommentResolved(event) => Some(&event.engagement),
            Self::FirmAppointed(event) => Some(&event.engagement),
            Self::FirmTestRecorded(event) => Some(&event.engagement),
            Self::FirmTestReviewed(event) => Some(&event.engagement),
            Self::DeviationResponded(event) => Some(&event.engagement),
            Self::ControlConcluded(event) => Some(&event.engagement),
            Self::SystemDescriptionAdopted(event) => Some(&event.engagement),
            Self::ManagementAssertionSigned(event) => Some(&event.engagement),
            Self::SubserviceAssertionRecorded(event) => Some(&event.engagement),
            Self::ServiceAuditorsReportRecorded(event) => Some(&event.engagement),
            Self::PeriodClosed(event) => Some(&event.engagement),
            Self::FindingOverruled(event) => Some(&event.engagement),
            Self::ReportPackageIssued(event) => Some(&event.engagement),
            Self::ReaderCopyRecorded(event) => Some(&event.engagement),
            Self::PopulationFrozen(event) => Some(&event.engagement),
            Self::PopulationChecked(event) => Some(&event.engagement),
            Self::NonceCommitted(event) => Some(&event.engagement),
            Self::SampleDrawn(event) => Some(&event.engagement),
            Self::SampleItemReplaced(event) => Some(&event.engagement),
            Self::SampleExtended(event) => Some(&event.engagement),
            Self::SampleVoided(event) => Some(&event.engagement),
            Self::OrganizationFounded(_)
            | Self::PersonAdded(_)
            | Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::CatalogProposed(_)
            | Self::CatalogAdopted(_)
            | Self::BusinessCalendarAdopted(_)
            | Self::AdviceRecorded(_)
            | Self::ScopeItemRecorded(_)
            | Self::ScopeItemRetired(_)
            | Self::DemandRecorded(_)
            | Self::DemandEnded(_)
            | Self::ObjectiveRecorded(_)
            | Self::ControlAdopted(_)
            | Self::ControlRevised(_)
            | Self::ControlDropped(_)
            | Self::ControlPerformed(_)
            | Self::PerformanceWithdrawalProposed(_)
            | Self::PerformanceWithdrawn(_)
            | Self::RiskRecorded(_)
            | Self::SourceApproved(_)
            | Self::EvidenceRecorded(_)
            | Self::CollectionFailed(_)
            | Self::SeriesReconciled(_)
            | Self::DocumentRecorded(_)
            | Self::TestResultRecorded(_)
            | Self::TestRunRecorded(_)
            | Self::RunsMissed(_)
            | Self::BackTestRecorded(_)
            | Self::ExceptionRaised(_)
            | Self::ExceptionSeen(_)
            | Self::ExceptionResponded(_)
            | Self::ExceptionRemediated(_)
            | Self::ExceptionRetested(_)
            | Self::WithdrawalProposed(_)
            | Self::ExceptionWithdrawn(_)
            | Self::ManagementTestRecorded(_)
            | Self::ManagementTestReviewed(_)
            | Self::AttributeExceptionRaised(_)
            | Self::ExceptionAssessed(_)
            | Self::ExceptionRetestedByManagementTest(_)
            | Self::LegalHoldSet(_)
            | Self::LegalHoldReleased(_)
            | Self::ObjectErased(_) => None,
        }
    }

    /// The name of the stream in the ledger.
    pub fn stream(&self) -> String {
        match self.engagement() {
            Some(engagement) => format!("engagement/{engagement}"),
            None => "organization".to_owned(),
        }
    }
}

impl Event {
    /// The vault objects that the event names: bytes that have to be there as long as the fact stands, unless they were
    /// erased.
    pub fn objects(&self) -> Vec<Digest> {
        match self {
            Self::OrganizationFounded(event) => vec![event.name],
            Self::PersonAdded(event) => vec![event.profile],
            Self::CatalogProposed(event) => {
                [Some(event.files), Some(event.index), event.reasons].into_iter().flatten().collect()
            }
            Self::CatalogAdopted(event) => vec![event.files, event.index],
            Self::BusinessCalendarAdopted(event) => event.reason.into_iter().collect(),
            Self::AdviceRecorded(event) => vec![event.profile, event.advice, event.decision],
            Self::EngagementOpened(event) => {
                [Some(event.system), event.gap, event.without_security].into_iter().flatten().collect()
            }
            Self::EngagementRevised(event) => vec![event.reason],
            Self::CriterionExcluded(event) => vec![event.reason],
            Self::ScopeItemRecorded(event) => {
                [Some(event.item.name), Some(event.item.text), event.reason].into_iter().flatten().collect()
            }
            Self::ScopeItemRetired(event) => vec![event.reason],
            Self::ScopeCommented(event) => vec![event.comment],
            Self::ScopeCommentAnswered(event) => vec![event.answer],
            Self::SectionCommented(event) => vec![event.words, event.comment],
            Self::DemandRecorded(event) => vec![event.details.words],
            Self::DemandEnded(event) => match event.end {
                DemandEnd::NotSent { reason } => vec![reason],
                DemandEnd::ReportSent { .. } => Vec::new(),
            },
            Self::ObjectiveRecorded(event) => {
                let words = &event.definition;
                [Some(words.title), Some(words.statement), words.set_by].into_iter().flatten().collect()
            }
            Self::ControlAdopted(event) => event.definition.words().into(),
            Self::ControlRevised(event) => event.definition.words().into_iter().chain([event.reason]).collect(),
            Self::ControlDropped(event) => vec![event.reason],
            Self::ControlPerformed(event) => {
                event.evidence.iter().copied().chain(event.shared).chain(event.note).collect()
            }
            Self::PerformanceWithdrawalProposed(event) => vec![event.reason],
            Self::RiskRecorded(event) => vec![event.statement],
            Self::SourceApproved(event) => vec![event.settings],
            Self::EvidenceRecorded(event) => vec![event.manifest],
            Self::CollectionFailed(event) => vec![event.message],
            Self::SeriesReconciled(event) => event.differs_because.into_iter().collect(),
            Self::DocumentRecorded(event) => vec![event.document, event.statement],
            Self::TestResultRecorded(event) => {
                [Some(event.inputs), event.rows, event.reason].into_iter().flatten().collect()
            }
            Self::PopulationFrozen(event) => {
                event.definition.object().into_iter().chain(event.rows.objects()).chain(event.reason).collect()
            }
            Self::PopulationChecked(event) => {
                let second = event.second_source.iter().flat_map(SecondSource::objects);
                second.chain([event.note]).chain(event.explanation).collect()
            }
            Self::SampleDrawn(event) => [event.parameters, event.items].into_iter().chain(event.reason).collect(),
            Self::SampleItemReplaced(event) => vec![event.reason, event.evidence, event.item],
            Self::SampleExtended(event) => vec![event.reason, event.items],
            Self::SampleVoided(event) => vec![event.reason],
            Self::BackTestRecorded(event) => [event.old.rows, event.new.rows].into_iter().flatten().collect(),
            Self::ExceptionRaised(event) => vec![event.keys, event.rows],
            Self::ExceptionSeen(event) => vec![event.keys, event.rows],
            Self::ExceptionResponded(event) => vec![event.response],
            Self::ExceptionRemediated(event) => vec![event.remediation],
            Self::WithdrawalProposed(event) => vec![event.reason, event.evidence],
            Self::ManagementTestRecorded(event) => event.details.objects(),
            Self::ManagementTestReviewed(event) => vec![event.note],
            Self::AttributeExceptionRaised(event) => vec![event.keys, event.table],
            Self::ExceptionAssessed(event) => vec![event.details.cause, event.details.effect],
            Self::ControlConcluded(event) => vec![event.conclusion.reason],
            Self::FirmAppointed(event) => vec![event.name, event.sealing_key],
            Self::FirmTestRecorded(event) => vec![event.procedure, event.finding],
            Self::FirmTestReviewed(event) => vec![event.note],
            Self::DeviationResponded(event) => vec![event.response],
            Self::SystemDescriptionAdopted(event) => vec![event.text],
            Self::ManagementAssertionSigned(event) => vec![event.text],
            Self::SubserviceAssertionRecorded(event) => vec![event.text],
            Self::ServiceAuditorsReportRecorded(event) => vec![event.text],
            Self::PeriodClosed(event) => event.reason.into_iter().collect(),
            Self::FindingOverruled(event) => vec![event.finding, event.reason],
            Self::ReportPackageIssued(event) => vec![event.contents],
            Self::ReaderCopyRecorded(event) => vec![event.reader],
            Self::LegalHoldSet(event) => vec![event.reason],
            Self::LegalHoldReleased(event) => vec![event.reason],
            Self::ObjectErased(event) => vec![event.reason],
            Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::PerformanceWithdrawn(_)
            | Self::TestRunRecorded(_)
            | Self::NonceCommitted(_)
            | Self::RunsMissed(_)
            | Self::ExceptionRetested(_)
            | Self::ExceptionRetestedByManagementTest(_)
            | Self::ExceptionWithdrawn(_)
            | Self::SectionCommentResolved(_) => Vec::new(),
        }
    }
}

/// What the ledger knows about the entry that holds an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The entry's index in the ledger.
    pub index: u64,
    /// When the installation recorded it.
    pub at: Timestamp,
    /// Who acted.
    pub by: PersonId,
}
