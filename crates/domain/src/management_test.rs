//! Management tests: tests of a control that management's people perform, item by item and attribute by attribute.
//!
//! They stand in the organization's stream, as control tests do: a control is tested once for every engagement whose period
//! holds the days.
//!
//! Invariant: a management test speaks of one wording of its control, the one in force on every day tested.
//! Invariant: who tests does not own the control; who reviews is another person, and does not own it either.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    AttributeExceptionRaised, Author, CatalogIndex, Control, ControlId, Event, ExceptionId, ManagementTestId, Nature,
    Outcome, PersonId, Recorded, Refusal, Role, SampleId, Side, Span, State, TestId,
};

/// What of a control is tested (domain reference, section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestStage {
    /// Whether it would meet its aim if it ran as worded.
    Design,
    /// Whether it is in place: a walkthrough of one item.
    Implementation,
    /// Whether it ran, over the days tested.
    Operation,
}

impl TestStage {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Implementation => "implementation",
            Self::Operation => "operation",
        }
    }
}

/// Which items are tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestExtent {
    /// All of the population, by a control test's result.
    WholePopulation {
        /// The control test.
        test: TestId,
        /// Entry of its result.
        result: u64,
    },
    /// A sample drawn from a frozen population.
    Sample(SampleId),
    /// Items chosen by hand: the result says nothing of the others.
    Chosen {
        /// Why these (vault text).
        reason: Digest,
    },
}

/// One thing that is asked of each item: A, B, C in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// What is asked (vault text).
    pub asks: Digest,
    /// Items that have it.
    pub yes: u64,
    /// Items that do not.
    pub no: u64,
    /// Items to which it does not apply.
    pub not_applicable: u64,
}

impl Attribute {
    /// The most that one test can have: letters A to Z.
    pub const MOST: usize = 26;

    /// The letter of the attribute that stands at a place, from 0.
    pub fn letter(place: usize) -> char {
        u8::try_from(place).ok().and_then(|place| b'A'.checked_add(place)).map_or('?', char::from)
    }
}

/// What was tested, how, and with what result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTestDetails {
    /// The control tested.
    pub control: ControlId,
    /// What of it.
    pub stage: TestStage,
    /// Kinds of procedure.
    pub natures: BTreeSet<Nature>,
    /// The days tested.
    pub span: Span,
    /// Which items.
    pub extent: TestExtent,
    /// Items tested; none says that there was none to test.
    pub items: u64,
    /// Items that lack at least one attribute.
    pub exceptions: u64,
    /// What was asked of each item; nothing where a control test asked it.
    pub attributes: Vec<Attribute>,
    /// Each item with its answers (vault object, sealed); none where a control test's rows are it.
    pub table: Option<Digest>,
    /// What was looked at: documents, and manifests of extracts.
    pub evidence: BTreeSet<Digest>,
    /// What was done (vault text).
    pub procedure: Digest,
    /// What was found (vault text).
    pub finding: Digest,
    /// When.
    pub performed_on: Date,
}

impl ManagementTestDetails {
    /// Whether the control applied to any item: what is not applicable throughout shows nothing of its operation.
    pub(crate) fn looked_at_items(&self) -> bool {
        let applied = self.attributes.iter().any(|attribute| attribute.yes + attribute.no > 0);
        self.items > 0 && (self.attributes.is_empty() || applied)
    }

    /// The vault objects that it names.
    pub(crate) fn objects(&self) -> Vec<Digest> {
        let reason = match &self.extent {
            TestExtent::Chosen { reason } => Some(*reason),
            TestExtent::WholePopulation { .. } | TestExtent::Sample(_) => None,
        };
        let texts = [Some(self.procedure), Some(self.finding), self.table, reason];
        texts.into_iter().flatten().chain(self.attributes.iter().map(|attribute| attribute.asks)).collect()
    }
}

/// Items that lack an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedItems {
    /// Their keys (vault object: sorted HMACs).
    pub keys: Digest,
    /// Those among them that an earlier management test of the control found.
    pub seen_before: u64,
}

/// Record a management test; who records it performed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordManagementTest {
    /// Its id.
    pub management_test: ManagementTestId,
    /// What was tested, how, and with what result.
    pub details: ManagementTestDetails,
    /// The items that lack an attribute.
    pub failed: Option<FailedItems>,
}

/// A person of management's tested a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTestRecorded {
    /// Its id.
    pub management_test: ManagementTestId,
    /// What was tested, how, and with what result.
    pub details: ManagementTestDetails,
    /// Entry of the control's version that was in force on the days tested.
    pub version: u64,
}

/// Review a management test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewManagementTest {
    /// The management test.
    pub management_test: ManagementTestId,
    /// What the reviewer looked at and found (vault text).
    pub note: Digest,
}

/// A second person reviewed a management test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTestReviewed {
    /// The management test.
    pub management_test: ManagementTestId,
    /// What the reviewer looked at and found (vault text).
    pub note: Digest,
}

/// A management test as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementTest {
    /// What was tested, how, and with what result.
    pub details: ManagementTestDetails,
    /// Entry of the control's version that was in force on the days tested.
    pub version: u64,
    /// Who tested.
    pub tester: PersonId,
    /// Its review.
    pub review: Option<Review>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// A review as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who reviewed.
    pub reviewer: PersonId,
    /// What the reviewer looked at and found (vault text).
    pub note: Digest,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Where the days of a test lie among those of a period on which a wording of the control ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timing {
    /// All of them.
    Whole,
    /// It ends before they do.
    Interim,
    /// It begins after they do and goes on to their end.
    RollForward,
}

impl Timing {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Whole => "all days",
            Self::Interim => "interim",
            Self::RollForward => "roll-forward",
        }
    }
}

impl ManagementTest {
    /// Where its days lie within a period; none if they do not lie in it, or the control reads otherwise by now.
    pub fn timing(&self, control: &Control, period: Span) -> Option<Timing> {
        let mut wordings = control.wordings_within(period).into_iter();
        let (_, days) = wordings.find(|(_, days)| days.covers(&self.details.span))?;
        let is_bound = control.is_tested_on(self.version, self.details.span.first);
        is_bound.then_some(match (self.details.span.first <= days.first, self.details.span.last >= days.last) {
            (true, true) => Timing::Whole,
            (_, false) => Timing::Interim,
            (false, true) => Timing::RollForward,
        })
    }
}

/// Asked in this order: role, a new id, the control, its wording on the days, its owner, procedures, counts, items, evidence,
/// dates.
pub(crate) fn decide_record(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: RecordManagementTest,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner])?;
    state.require_catalog(catalog)?;
    let RecordManagementTest { management_test, details, failed } = command;
    if state.management_tests.contains_key(&management_test) {
        return Err(Refusal::ManagementTestExists(management_test));
    }
    let version = state.version_over(&details.control, details.span)?;
    state.require_not_owner(author, &details.control, details.span)?;
    require_natures(&details)?;
    require_counts(&details, failed)?;
    require_extent(state, catalog, &details)?;
    let not_before = state.day_of_evidence(&details)?.max(details.span.last);
    if details.performed_on < not_before {
        return Err(Refusal::BeforeItsEvidence { performed_on: details.performed_on, not_before });
    }
    state.require_past(author, details.performed_on)?;
    let raised = match (failed, details.table) {
        (Some(FailedItems { keys, seen_before }), Some(table)) => {
            // A control test's exceptions end in a number, so none of them can have this name.
            let exception = format!("{management_test}:attributes").parse::<ExceptionId>();
            Some(Event::AttributeExceptionRaised(AttributeExceptionRaised {
                exception: exception.map_err(|_| Refusal::IdTooLong(management_test.clone()))?,
                management_test: management_test.clone(),
                control: details.control.clone(),
                span: details.span,
                items: details.exceptions,
                seen_before,
                keys,
                table,
            }))
        }
        _ => None,
    };
    let recorded = Event::ManagementTestRecorded(ManagementTestRecorded { management_test, details, version });
    Ok([recorded].into_iter().chain(raised).collect())
}

/// Inquiry tells what people say they do; that a control ran takes more (domain reference, section 9).
fn require_natures(details: &ManagementTestDetails) -> Result<(), Refusal> {
    if details.natures.is_empty() {
        return Err(Refusal::NoProcedure);
    }
    let only_asked = details.natures.iter().all(|nature| *nature == Nature::Inquiry);
    if only_asked && details.stage == TestStage::Operation { Err(Refusal::InquiryAlone) } else { Ok(()) }
}

/// The counts bear each other out: every attribute speaks of every item, and an item is an exception if it lacks one.
fn require_counts(details: &ManagementTestDetails, failed: Option<FailedItems>) -> Result<(), Refusal> {
    let disagree = |why| Err(Refusal::AttributesDisagree(why));
    let by_control_test = matches!(details.extent, TestExtent::WholePopulation { .. });
    if by_control_test {
        let bare = details.attributes.is_empty() && details.table.is_none() && failed.is_none();
        return if bare { Ok(()) } else { disagree("the items of a control test stand in its own rows") };
    }
    let noes = || details.attributes.iter().map(|attribute| attribute.no);
    if details.attributes.is_empty() || details.attributes.len() > Attribute::MOST || details.table.is_none() {
        return disagree("there are 1 to 26 attributes and a table of the items");
    }
    if details.attributes.iter().any(|a| a.yes + a.no + a.not_applicable != details.items) {
        return disagree("an attribute does not speak of every item");
    }
    if details.exceptions < noes().max().unwrap_or(0) || details.exceptions > noes().sum::<u64>() {
        return disagree("the items that lack an attribute are not as many as the attributes say");
    }
    match failed {
        Some(failed) if failed.seen_before <= details.exceptions && details.exceptions > 0 => Ok(()),
        None if details.exceptions == 0 => Ok(()),
        Some(_) | None => disagree("the keys are not those of the items that lack an attribute"),
    }
}

/// The items tested are those that a result or a sample names.
fn require_extent(state: &State, catalog: &CatalogIndex, details: &ManagementTestDetails) -> Result<(), Refusal> {
    match &details.extent {
        TestExtent::WholePopulation { test, result: entry } => {
            let result = state.newest_result_at(test, *entry)?;
            state.require_about(catalog, test, &details.control)?;
            if result.span != details.span {
                return Err(Refusal::OfOtherDays(test.to_string()));
            }
            match result.outcome {
                Outcome::NotEvaluable | Outcome::Error => Err(Refusal::NothingWasTested),
                Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence
                    if (result.population, result.exceptions) != (details.items, details.exceptions) =>
                {
                    Err(Refusal::AttributesDisagree("the control test counted other items"))
                }
                Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence => Ok(()),
            }
        }
        TestExtent::Sample(sample) => state.require_sample(sample, Side::Management, &details.control, details.items),
        TestExtent::Chosen { .. } => Ok(()),
    }
}

/// Asked in this order: role, the management test, a second person, the control's owner, once.
pub(crate) fn decide_review(
    state: &State,
    author: &Author,
    command: ReviewManagementTest,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner, Role::Executive])?;
    let ReviewManagementTest { management_test: id, note } = command;
    let test = state.management_tests.get(&id).ok_or_else(|| Refusal::UnknownManagementTest(id.clone()))?;
    if test.tester == author.person {
        return Err(Refusal::ReviewerIsTester(author.person.clone()));
    }
    state.require_not_owner(author, &test.details.control, test.details.span)?;
    if test.review.is_some() {
        return Err(Refusal::ReviewedBefore(id.to_string()));
    }
    Ok(vec![Event::ManagementTestReviewed(ManagementTestReviewed { management_test: id, note })])
}

impl State {
    /// Entry of the version of a control under which all of these days are tested.
    fn version_over(&self, id: &ControlId, days: Span) -> Result<u64, Refusal> {
        let control = self.controls.get(id).ok_or_else(|| Refusal::UnknownControl(id.clone()))?;
        let not_in_force = || Refusal::NotInForce { control: id.clone(), first: days.first, last: days.last };
        match control.wordings_within(days).as_slice() {
            [(version, ran)] if *ran == days => Ok(version.entry),
            [_, (changed, _), ..] => Err(Refusal::WordingChanged { control: id.clone(), on: changed.effective_on }),
            [_] | [] => Err(not_in_force()),
        }
    }

    /// Refuses who owns a control, or did on the days, where its test is to be somebody else's.
    pub(crate) fn require_not_owner(&self, author: &Author, id: &ControlId, days: Span) -> Result<(), Refusal> {
        let owns = self.controls.get(id).is_some_and(|control| control.is_owned_by(&author.person, days));
        if owns {
            return Err(Refusal::TesterOwnsControl { person: author.person.clone(), control: id.clone() });
        }
        Ok(())
    }

    /// The newest day that the evidence of a test speaks of: no test is older than what it looked at (RPT-14).
    fn day_of_evidence(&self, details: &ManagementTestDetails) -> Result<Date, Refusal> {
        let rests_on_rows = matches!(details.extent, TestExtent::WholePopulation { .. });
        if details.evidence.is_empty() && !rests_on_rows {
            return Err(Refusal::TestWithoutEvidence);
        }
        let days = details
            .evidence
            .iter()
            .map(|evidence| self.evidence_day(evidence).ok_or(Refusal::UnknownEvidence(*evidence)));
        days.collect::<Result<Vec<Date>, _>>().map(|days| days.into_iter().max().unwrap_or(details.span.last))
    }

    /// The day that a document speaks of, or on which an extract was made; none if the ledger has neither.
    pub(crate) fn evidence_day(&self, digest: &Digest) -> Option<Date> {
        let documents = self.documents.iter().filter(|document| document.document == *digest);
        let extracts = self.evidence.values().flatten().filter(|extract| extract.manifest == *digest);
        let read_on = extracts.filter_map(|extract| self.local_date(extract.extracted_at));
        documents.map(|document| document.dated_on).chain(read_on).min()
    }

    /// Refuses a sample that was not drawn or is not to be relied on, that is of the other side or from a population of another
    /// control, or of one that is not found complete and accurate any more, or that has another number of items than were tested.
    pub(crate) fn require_sample(
        &self,
        sample: &SampleId,
        side: Side,
        control: &ControlId,
        items: u64,
    ) -> Result<(), Refusal> {
        let drawn = self.samples.get(sample).ok_or_else(|| Refusal::UnknownSample(sample.clone()))?;
        if let Some((_, entry)) = drawn.voided {
            return Err(Refusal::SampleVoided { sample: sample.clone(), entry });
        }
        if drawn.side != side {
            return Err(Refusal::AttributesDisagree("the sample was drawn by the other side"));
        }
        let population = self.populations.get(&drawn.population);
        if !population.is_some_and(|population| population.controls.contains(control)) {
            return Err(Refusal::AttributesDisagree("the sample is from a population of another control"));
        }
        self.require_checked(&drawn.population, side)?;
        if drawn.items_to_test() == items {
            Ok(())
        } else {
            Err(Refusal::AttributesDisagree("the sample has other items to test"))
        }
    }

    /// The management tests of a control.
    pub fn management_tests_of<'a>(
        &'a self,
        control: &'a ControlId,
    ) -> impl Iterator<Item = (&'a ManagementTestId, &'a ManagementTest)> {
        self.management_tests.iter().filter(move |(_, test)| test.details.control == *control)
    }

    pub(crate) fn apply_management_test_recorded(&mut self, event: &ManagementTestRecorded, recorded: &Recorded) {
        self.management_tests.insert(
            event.management_test.clone(),
            ManagementTest {
                details: event.details.clone(),
                version: event.version,
                tester: recorded.by.clone(),
                review: None,
                entry: recorded.index,
            },
        );
    }

    pub(crate) fn apply_management_test_reviewed(&mut self, event: &ManagementTestReviewed, recorded: &Recorded) {
        if let Some(test) = self.management_tests.get_mut(&event.management_test) {
            test.review = Some(Review { reviewer: recorded.by.clone(), note: event.note, entry: recorded.index });
        }
    }
}
