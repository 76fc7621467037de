//! The firm's side: its appointment, the tests of controls that it records under its own authority, and its report.
//!
//! Invariant: only people of the appointed firm record these facts, and they record none of management's.
//! Invariant: nothing here judges: conclusions are the firm's words, held as vault objects.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, ControlId, DeviationResponse, EngagementId, Event, FirmId, FirmTestId, PersonId, Recorded,
    Refusal, Review, Role, SampleId, Side, State, TestId,
};

/// Appoint a firm to an engagement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointFirm {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm.
    pub firm: FirmId,
    /// Its name and city (vault text).
    pub name: Digest,
    /// The key to which examination packages are sealed (vault text: the public key as the firm gave it).
    pub sealing_key: Digest,
}

/// A firm was appointed to an engagement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmAppointed {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm.
    pub firm: FirmId,
    /// Its name and city (vault text).
    pub name: Digest,
    /// The key to which examination packages are sealed (vault text: the public key as the firm gave it).
    pub sealing_key: Digest,
}

/// A firm's appointment as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The firm.
    pub firm: FirmId,
    /// Its name and city (vault text).
    pub name: Digest,
    /// The key to which examination packages are sealed.
    pub sealing_key: Digest,
    /// Entry that recorded it.
    pub entry: u64,
}

/// What kind of procedure a test of controls was (domain reference, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Asking people; never enough alone for operation.
    Inquiry,
    /// Watching.
    Observation,
    /// Reading records, settings, screens.
    Inspection,
    /// Doing it again independently.
    Reperformance,
}

impl Nature {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::Observation => "observation",
            Self::Inspection => "inspection",
            Self::Reperformance => "reperformance",
        }
    }
}

/// Under whose authority the result stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authority {
    /// The firm tested for itself.
    Own,
    /// The firm re-performed management's SQL over the same inputs and adopted the result.
    Adopted {
        /// The control test.
        test: TestId,
        /// Entry of management's result.
        result: u64,
        /// Digest of the population that the firm's re-performance counted.
        population_digest: Digest,
        /// Digest of the rows that the firm's re-performance returned (of no rows, where it returned none).
        rows_digest: Digest,
    },
}

/// Record a test of controls (firm only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFirmTest {
    /// The engagement.
    pub engagement: EngagementId,
    /// Its id.
    pub firm_test: FirmTestId,
    /// The control tested.
    pub control: ControlId,
    /// Kind of procedure.
    pub nature: Nature,
    /// What the firm did, in its words (vault text).
    pub procedure: Digest,
    /// What it found, in its words (vault text).
    pub finding: Digest,
    /// Under whose authority the result stands.
    pub authority: Authority,
    /// Items tested; none means that the control did not operate.
    pub items_tested: u64,
    /// Items where the control did not work as described.
    pub deviations: u64,
    /// When the firm did it.
    pub performed_on: Date,
    /// The sample whose items were tested.
    pub sample: Option<SampleId>,
    /// Entry of the control's version that was tested, where it had several.
    pub version: Option<u64>,
}

/// The firm recorded a test of controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmTestRecorded {
    /// The engagement.
    pub engagement: EngagementId,
    /// Its id.
    pub firm_test: FirmTestId,
    /// The control tested.
    pub control: ControlId,
    /// Kind of procedure.
    pub nature: Nature,
    /// What the firm did (vault text).
    pub procedure: Digest,
    /// What it found (vault text).
    pub finding: Digest,
    /// Under whose authority the result stands.
    pub authority: Authority,
    /// Items tested.
    pub items_tested: u64,
    /// Items where the control did not work as described.
    pub deviations: u64,
    /// When the firm did it.
    pub performed_on: Date,
    /// The sample whose items were tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleId>,
    /// Entry of the control's version that was tested, where it had several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// Review a test of controls (firm reviewer only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewFirmTest {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm's test.
    pub firm_test: FirmTestId,
    /// What the reviewer looked at and found (vault text).
    pub note: Digest,
}

/// A second person of the firm reviewed a test of controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmTestReviewed {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm's test.
    pub firm_test: FirmTestId,
    /// What the reviewer looked at and found (vault text).
    pub note: Digest,
}

/// A test of controls as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmTest {
    /// The control tested.
    pub control: ControlId,
    /// Kind of procedure.
    pub nature: Nature,
    /// What the firm did (vault text).
    pub procedure: Digest,
    /// What it found (vault text).
    pub finding: Digest,
    /// Under whose authority the result stands.
    pub authority: Authority,
    /// Items tested.
    pub items_tested: u64,
    /// Items where the control did not work as described.
    pub deviations: u64,
    /// When the firm did it.
    pub performed_on: Date,
    /// The sample whose items were tested.
    pub sample: Option<SampleId>,
    /// Entry of the control's version that was tested, where it had several.
    pub version: Option<u64>,
    /// Who tested.
    pub preparer: PersonId,
    /// Its review.
    pub review: Option<Review>,
    /// Management's response to the deviations of it.
    pub response: Option<DeviationResponse>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Record the service auditor's report, as the firm wrote and signed it (firm signatory only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordServiceAuditorsReport {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm's text (vault text).
    pub text: Digest,
    /// The date of the report.
    pub dated_on: Date,
}

/// The firm recorded its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAuditorsReportRecorded {
    /// The engagement.
    pub engagement: EngagementId,
    /// The firm's text (vault text).
    pub text: Digest,
    /// The date of the report.
    pub dated_on: Date,
}

/// The service auditor's report as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAuditorsReport {
    /// The firm's text (vault text).
    pub text: Digest,
    /// The date of the report.
    pub dated_on: Date,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_appoint(state: &State, author: &Author, command: AppointFirm) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    if state.engagement(&command.engagement)?.firm.is_some() {
        return Err(Refusal::FirmAppointed);
    }
    Ok(vec![Event::FirmAppointed(FirmAppointed {
        engagement: command.engagement,
        firm: command.firm,
        name: command.name,
        sealing_key: command.sealing_key,
    })])
}

pub(crate) fn decide_test(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordFirmTest,
) -> Result<Vec<Event>, Refusal> {
    state.require_of_firm(author, &command.engagement, &[Role::FirmPreparer, Role::FirmReviewer])?;
    let engagement = state.engagement(&command.engagement)?;
    if !engagement.controls(state, catalog).contains_key(&command.control) {
        return Err(Refusal::ControlOutOfScope(command.control));
    }
    if command.deviations > command.items_tested {
        return Err(Refusal::ItemsAndDeviationsDisagree);
    }
    if let Some(entry) = command.version {
        let control = state.controls.get(&command.control);
        let versions = control.into_iter().flat_map(|control| control.versions_within(engagement.report_type.span()));
        if !versions.into_iter().any(|(version, _)| version.entry == entry) {
            return Err(Refusal::UnknownVersion { control: command.control, entry });
        }
    }
    if let Some(sample) = &command.sample {
        state.require_sample(sample, Side::Firm, &command.control, command.items_tested)?;
    }
    if let Authority::Adopted { test, result, population_digest, rows_digest } = &command.authority {
        let adopted = state
            .results
            .get(test)
            .and_then(|results| results.iter().find(|r| r.entry == *result))
            .ok_or_else(|| Refusal::UnknownTest(test.clone()))?;
        let about_the_control = catalog.tests.get(test).is_some_and(|rule| rule.controls.contains(&command.control));
        if !about_the_control {
            return Err(Refusal::ControlOutOfScope(command.control));
        }
        if adopted.rows_digest != Some(*rows_digest) || adopted.population_digest != Some(*population_digest) {
            return Err(Refusal::ReperformanceDiffers(test.clone()));
        }
        if adopted.population != command.items_tested || adopted.exceptions != command.deviations {
            return Err(Refusal::ItemsAndDeviationsDisagree);
        }
    }
    Ok(vec![Event::FirmTestRecorded(FirmTestRecorded {
        engagement: command.engagement,
        firm_test: command.firm_test,
        control: command.control,
        nature: command.nature,
        procedure: command.procedure,
        finding: command.finding,
        authority: command.authority,
        items_tested: command.items_tested,
        deviations: command.deviations,
        performed_on: command.performed_on,
        sample: command.sample,
        version: command.version,
    })])
}

/// Asked in this order: a reviewer of the firm, the test, a second person, once.
pub(crate) fn decide_review(state: &State, author: &Author, command: ReviewFirmTest) -> Result<Vec<Event>, Refusal> {
    state.require_of_firm(author, &command.engagement, &[Role::FirmReviewer])?;
    let ReviewFirmTest { engagement, firm_test, note } = command;
    let test = state.engagement(&engagement)?.firm_tests.get(&firm_test);
    let test = test.ok_or_else(|| Refusal::UnknownFirmTest(firm_test.clone()))?;
    if test.preparer == author.person {
        return Err(Refusal::ReviewerIsTester(author.person.clone()));
    }
    if test.review.is_some() {
        return Err(Refusal::ReviewedBefore(firm_test.to_string()));
    }
    Ok(vec![Event::FirmTestReviewed(FirmTestReviewed { engagement, firm_test, note })])
}

pub(crate) fn decide_report(
    state: &State,
    author: &Author,
    command: RecordServiceAuditorsReport,
) -> Result<Vec<Event>, Refusal> {
    state.require_of_firm(author, &command.engagement, &[Role::FirmSignatory])?;
    let engagement = state.engagement(&command.engagement)?;
    let assertion = engagement.assertion.as_ref().ok_or(Refusal::PackageLacks("management's assertion"))?;
    // DAT-03: last day <= assertion date <= report date.
    if command.dated_on < assertion.signed_on {
        return Err(Refusal::DatedTooEarly { dated_on: command.dated_on, not_before: assertion.signed_on });
    }
    state.require_past(author, command.dated_on)?;
    Ok(vec![Event::ServiceAuditorsReportRecorded(ServiceAuditorsReportRecorded {
        engagement: command.engagement,
        text: command.text,
        dated_on: command.dated_on,
    })])
}

impl FirmTest {
    /// The digests behind the items tested and behind the deviations: of what the firm's own performance counted and
    /// returned where it adopted a result, of its own words where it counted by hand.
    pub fn digests(&self) -> (Digest, Digest) {
        match &self.authority {
            Authority::Own => (self.procedure, self.finding),
            Authority::Adopted { population_digest, rows_digest, .. } => (*population_digest, *rows_digest),
        }
    }
}

impl State {
    /// Refuses unless the author is of the firm appointed to the engagement and holds one of `roles`.
    pub(crate) fn require_of_firm(
        &self,
        author: &Author,
        engagement: &EngagementId,
        roles: &[Role],
    ) -> Result<(), Refusal> {
        let person = self.people.get(&author.person).ok_or_else(|| Refusal::UnknownPerson(author.person.clone()))?;
        let appointed = self.engagement(engagement)?.firm.as_ref().map(|appointment| &appointment.firm);
        if person.firm.is_none() || person.firm.as_ref() != appointed {
            return Err(Refusal::NotOfTheFirm(author.person.clone()));
        }
        self.require_one_of(author, roles)
    }

    pub(crate) fn apply_firm_appointed(&mut self, event: &FirmAppointed, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.firm = Some(Appointment {
                firm: event.firm.clone(),
                name: event.name,
                sealing_key: event.sealing_key,
                entry: recorded.index,
            });
        }
    }

    pub(crate) fn apply_firm_test_recorded(&mut self, event: &FirmTestRecorded, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.firm_tests.insert(
                event.firm_test.clone(),
                FirmTest {
                    control: event.control.clone(),
                    nature: event.nature,
                    procedure: event.procedure,
                    finding: event.finding,
                    authority: event.authority.clone(),
                    items_tested: event.items_tested,
                    deviations: event.deviations,
                    performed_on: event.performed_on,
                    sample: event.sample.clone(),
                    version: event.version,
                    preparer: recorded.by.clone(),
                    review: None,
                    response: None,
                    entry: recorded.index,
                },
            );
        }
    }

    pub(crate) fn apply_firm_test_reviewed(&mut self, event: &FirmTestReviewed, recorded: &Recorded) {
        let engagement = self.engagements.get_mut(&event.engagement);
        if let Some(test) = engagement.and_then(|engagement| engagement.firm_tests.get_mut(&event.firm_test)) {
            test.review = Some(Review { reviewer: recorded.by.clone(), note: event.note, entry: recorded.index });
        }
    }

    pub(crate) fn apply_service_auditors_report_recorded(
        &mut self,
        event: &ServiceAuditorsReportRecorded,
        recorded: &Recorded,
    ) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.auditors_report =
                Some(ServiceAuditorsReport { text: event.text, dated_on: event.dated_on, entry: recorded.index });
        }
    }
}
