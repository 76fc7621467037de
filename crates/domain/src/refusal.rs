//! Refusals: a rule said no. Each has a stable code that scripts and pages may rely on.

use jiff::civil::Date;
use tickmark_canonical::Digest;

use crate::{
    ControlId, CriterionId, DatasetId, DemandId, EngagementId, ExceptionId, ExceptionState, FirmId, FirmTestId,
    LintRuleId, ManagementTestId, ObjectiveId, PersonId, PopulationId, PopulationStanding, RiskId, Role, RunId,
    SampleId, ScopeItemId, SourceId, TestId, sampling::SamplingRefusal,
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
    /// Ids that people choose differ in more than capital letters.
    #[error("`{id}` and `{known}`, which is known here, differ in capital letters only; choose another id")]
    IdInOtherLetters {
        /// The new id.
        id: String,
        /// The known one.
        known: String,
    },
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
    /// SOC 1 has control objectives, SOC 2 and SOC 3 have categories.
    #[error("a SOC 1 engagement names control objectives, a SOC 2 or SOC 3 engagement trust services categories")]
    ScopeOfOtherReport,
    /// A SOC 3 has no types: it is over a period.
    #[error("a SOC 3 is over a period, and this engagement has an as-of date")]
    Soc3WithoutPeriod,
    /// A SOC 1 is made under AT-C 320, ISAE 3402 or both, a SOC 2 and a SOC 3 under AT-C 205.
    #[error("no {report} is made under {standard}")]
    StandardOfOtherReport {
        /// The standard named.
        standard: &'static str,
        /// The report.
        report: &'static str,
    },
    /// Security is on by default; an auditor agrees before it is left out.
    #[error(
        "the category `security` is left out: take it in, or give the auditor's note that says why it can be left out"
    )]
    SecurityLeftOut,
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
    /// One engagement follows on another: a period has one next period.
    #[error("engagement `{by}` follows on `{before}` already")]
    FollowedAlready {
        /// The engagement before.
        before: EngagementId,
        /// The one that follows on it.
        by: EngagementId,
    },
    /// A period is renewed once it has begun: before, there is nothing to go on with, and its own dates can be changed.
    #[error("engagement `{before}` begins on {first}, and today is {today}: nothing can follow on it yet")]
    PeriodNotBegun {
        /// The engagement before.
        before: EngagementId,
        /// Its first day.
        first: Date,
        /// The organization's day.
        today: Date,
    },
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
    /// ASR-08: only a subservice organization that the report includes gives an assertion of its own.
    #[error("`{0}` is not treated by the inclusive method in this report, and gives no assertion in it")]
    NotIncluded(ScopeItemId),
    /// The firm's comment does not exist.
    #[error("the firm made no comment {0} on the scope of this engagement")]
    UnknownScopeComment(u32),
    /// The firm's comment does not exist.
    #[error("the firm made no comment {0} on the sections of this engagement's report")]
    UnknownSectionComment(u32),
    /// A comment is settled once.
    #[error("comment {0} is settled")]
    SectionCommentSettled(u32),
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
    /// A business calendar counts from after the one before it.
    #[error("a business calendar from {effective_on} on is not after the one from {newest_on} on")]
    CalendarNotForward {
        /// Date asked for.
        effective_on: Date,
        /// Date of the newest.
        newest_on: Date,
    },
    /// What counts from an earlier day has a reason, and shows.
    #[error("it counts from {effective_on} on, and today is {today}: say why it comes only now")]
    RetroactiveWithoutReason {
        /// Date asked for.
        effective_on: Date,
        /// The organization's day.
        today: Date,
    },
    /// Who owns a control, or leads the engagements, says when it was performed.
    #[error("person `{person}` neither owns control `{control}` nor is a compliance lead")]
    NotControlOwner {
        /// Who acted.
        person: PersonId,
        /// The control.
        control: ControlId,
    },
    /// Nobody performed a control on a day to come.
    #[error("the control was performed on {performed_on}, it says, and today is {today}")]
    PerformedInTheFuture {
        /// The day given.
        performed_on: Date,
        /// The organization's day.
        today: Date,
    },
    /// A control is performed on a day on which it runs.
    #[error("control `{control}` was not in force on {on}")]
    ControlNotInForce {
        /// The control.
        control: ControlId,
        /// The day given.
        on: Date,
    },
    /// A performance answers an occurrence: a window of the calendar, or an occasion of a control per event.
    #[error("control `{control}` has no occurrence from {first} to {last}")]
    NoSuchOccurrence {
        /// The control.
        control: ControlId,
        /// First day given.
        first: Date,
        /// Last day given.
        last: Date,
    },
    /// What was done before a window began answers the one before it.
    #[error("{performed_on} is before the window begins, on {first}")]
    PerformedBeforeWindow {
        /// The day given.
        performed_on: Date,
        /// The window's first day.
        first: Date,
    },
    /// What shows a performance is not younger than it: the day that its evidence speaks of is the day on which it was done.
    #[error(
        "a document of {evidence_on} is to show what was performed on {performed_on}: it was done on the day that its evidence \
         speaks of"
    )]
    PerformedBeforeEvidence {
        /// The day given.
        performed_on: Date,
        /// The newest day that a document speaks of.
        evidence_on: Date,
    },
    /// A performance is shown by something.
    #[error("nothing is named that shows the performance of control `{0}`")]
    PerformedWithoutEvidence(ControlId),
    /// What is older than a window shows nothing of it.
    #[error(
        "the newest evidence named is of {newest_on}, before the window begins, on {first}: name what is from the window or later"
    )]
    EvidenceBeforeWindow {
        /// The newest day that the evidence speaks of.
        newest_on: Date,
        /// The window's first day.
        first: Date,
    },
    /// One piece of evidence shows one occurrence, unless the record says how it shows this one, too.
    #[error("`{evidence}` shows another occurrence, recorded by entry {entry}: say why it shows this one, too")]
    EvidenceShowsAnother {
        /// The piece of evidence.
        evidence: Digest,
        /// Entry of the other record.
        entry: u64,
    },
    /// The record of performance does not exist.
    #[error("entry {entry} records no performance of control `{control}`")]
    UnknownPerformance {
        /// The control.
        control: ControlId,
        /// The entry named.
        entry: u64,
    },
    /// A record of performance is withdrawn once.
    #[error("the record of entry {0} was withdrawn")]
    PerformanceWithdrawn(u64),
    /// A record of performance is withdrawn on a proposal with a reason.
    #[error("nobody has proposed to withdraw the record of entry {0}")]
    PerformanceWithdrawalNotProposed(u64),
    /// Evidence of a performance is a document or an extract that was recorded.
    #[error("no document and no extract `{0}` is recorded")]
    UnknownEvidence(Digest),
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
    UnknownDataset(DatasetId),
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
    /// What is so while a day lasts does not say how it ends.
    #[error("{day} is not over where the organization is: how a day ended is known from the midnight after it on")]
    DayNotOver {
        /// The day.
        day: Date,
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
    /// A series is of extracts that follow on each other, and says why it differs if it does.
    #[error("the series of `{dataset}` is not borne out: {why}")]
    SeriesNotBorneOut {
        /// The dataset.
        dataset: DatasetId,
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
    /// A population is frozen once.
    #[error("population `{0}` was frozen before: it never changes")]
    PopulationExists(PopulationId),
    /// The population does not exist.
    #[error("population `{0}` is not known here")]
    UnknownPopulation(PopulationId),
    /// A population is of days that the engagement speaks of.
    #[error("{first} to {last} are not days of engagement `{engagement}`")]
    OutsideEngagement {
        /// The engagement.
        engagement: EngagementId,
        /// First day asked for.
        first: Date,
        /// Last day asked for.
        last: Date,
    },
    /// A population is of items to which a control should have applied.
    #[error("population `{0}` is of no control: name the control that should have applied to its items")]
    PopulationOfNoControl(PopulationId),
    /// The population of a control test is the one that the catalog in force asks for.
    #[error(
        "the query is not that of `{0}` in the catalog in force, or another control is named than those it is about"
    )]
    QueryNotOfCatalog(TestId),
    /// An item stands in a population once.
    #[error("{repeated} rows have the key of another row: name the columns that tell items apart")]
    DuplicateKeys {
        /// Rows more than items.
        repeated: u64,
    },
    /// A population rests on evidence that is in the ledger and complete.
    #[error("the population rests on evidence that is not recorded, or not complete")]
    PopulationWithoutEvidence,
    /// IPE-02: what happened by the end of the last day is in no extract made before that end.
    #[error("the newest extract of `{dataset}` was made on {extracted_on}, before the last day {last} was over")]
    ExtractedBeforeLastDay {
        /// The dataset.
        dataset: DatasetId,
        /// When its newest extract was made.
        extracted_on: Date,
        /// The last day.
        last: Date,
    },
    /// A second freeze over days of an earlier one has a reason, and shows.
    #[error("population `{0}` was frozen over days of these before: say why it is frozen once more")]
    FrozenBefore(PopulationId),
    /// Who owns a control does not say that its population is complete and accurate.
    #[error("person `{person}` owns control `{control}` and so cannot check its population")]
    CheckerOwnsControl {
        /// Who would check.
        person: PersonId,
        /// What they own.
        control: ControlId,
    },
    /// A second source is another one.
    #[error("source `{0}` is behind the population itself, so it shows nothing more")]
    SecondSourceNotIndependent(SourceId),
    /// A check passes over a difference only with an explanation.
    #[error("the second source differs from population `{0}`: explain it, or record that the check failed")]
    DifferenceUnexplained(PopulationId),
    /// The keys that stand on both sides are no more than either side has.
    #[error("the keys compared are not as many as the items of the population and of the second source")]
    KeysDisagree,
    /// That a query found nothing does not show that nothing happened.
    #[error("population `{0}` is empty: an independent second source or an explanation shows that nothing happened")]
    EmptyUnexplained(PopulationId),
    /// Evidence that was read otherwise since the check reaches what rests on the population.
    #[error(
        "evidence of population `{population}` changed since it was checked (late: {late}, restated: {restated}, vanished: \
         {vanished}, incomplete extracts: {incomplete})"
    )]
    PopulationOutdated {
        /// The population.
        population: PopulationId,
        /// Rows that came late.
        late: u64,
        /// Rows of which something else is said.
        restated: u64,
        /// Rows that are gone.
        vanished: u64,
        /// Newer extracts that are not complete.
        incomplete: u64,
    },
    /// Nobody chooses the items by which their own work is judged.
    #[error(
        "person `{person}` owns control `{control}` or recorded how it was performed, and so draws and changes no sample of it"
    )]
    DrawerRunsControl {
        /// Who would draw.
        person: PersonId,
        /// What they run.
        control: ControlId,
    },
    /// A nonce is committed once.
    #[error("the nonce `{0}` was committed before")]
    NonceCommittedBefore(Digest),
    /// A sample is drawn once.
    #[error("sample `{0}` was drawn before")]
    SampleExists(SampleId),
    /// The sample does not exist.
    #[error("sample `{0}` is not known here")]
    UnknownSample(SampleId),
    /// IPE-01: nothing is drawn from a population without a passed check.
    #[error("population `{0}` has no check of its completeness and accuracy that passed")]
    PopulationNotChecked(PopulationId),
    /// Nothing can be drawn from a population without items.
    #[error("population `{0}` is empty: there is nothing to draw")]
    PopulationEmpty(PopulationId),
    /// A sample has items.
    #[error("a sample has at least one item")]
    SampleOfNone,
    /// A sample is no larger than its population.
    #[error("{size} items are more than the population has: {items}")]
    SampleLargerThanPopulation {
        /// Items asked for, with those drawn before.
        size: u64,
        /// Items there are.
        items: u64,
    },
    /// The firm's draw needs the nonce that it committed to.
    #[error("a draw of the firm needs its nonce")]
    NonceMissing,
    /// Management's samples need no nonce, and are labeled as management's.
    #[error("a draw of management takes no nonce")]
    NonceOfManagement,
    /// The firm commits to its nonce before the population is frozen.
    #[error("the firm had committed to no nonce when population `{0}` was frozen")]
    NotCommittedBeforeFreeze(PopulationId),
    /// Of several commitments the last one before the freeze counts, so that there is nothing to choose from.
    #[error(
        "the nonce is not the one that the firm last committed to before population `{population}` was frozen: {commitment}"
    )]
    NonceIsAnother {
        /// The population.
        population: PopulationId,
        /// The commitment that counts.
        commitment: Digest,
    },
    /// A nonce that was opened before a freeze could steer it.
    #[error("the nonce was opened by entry {entry}, before population `{population}` was frozen")]
    NonceKnownBeforeFreeze {
        /// The population.
        population: PopulationId,
        /// Entry of the draw that opened it.
        entry: u64,
    },
    /// A second draw of the same side from the same population has a reason, and shows.
    #[error("sample `{0}` was drawn from this population before: say why another is drawn")]
    DrawnBefore(SampleId),
    /// Neither side changes a sample of the other.
    #[error("sample `{sample}` is of {side}")]
    SampleOfOtherSide {
        /// The sample.
        sample: SampleId,
        /// Whose it is.
        side: crate::Side,
    },
    /// A voided sample stays as it is.
    #[error("sample `{sample}` was voided by entry {entry}")]
    SampleVoided {
        /// The sample.
        sample: SampleId,
        /// Entry that voided it.
        entry: u64,
    },
    /// The next rank depends on what was added before.
    #[error("sample `{0}` was changed meanwhile; look at it again")]
    SampleMovedOn(SampleId),
    /// An item is replaced by its number, once.
    #[error("sample `{sample}` has no item {number} that stands")]
    NoSuchSampleItem {
        /// The sample.
        sample: SampleId,
        /// The number asked for.
        number: u64,
    },
    /// Only ranks of a random draw go on beyond it.
    #[error("a {0} draw cannot be extended: draw another sample with a reason")]
    MethodCannotBeExtended(crate::SelectionMethod),
    /// A first stage without a deviation is accepted as it is, or was too small from the start.
    #[error("the first stage of sample `{0}` found no deviation: there is nothing to extend it for")]
    NothingDeviated(SampleId),
    /// No testing until it passes: two stages, planned as one.
    #[error("sample `{0}` was extended before: a plan has two stages")]
    SampleExtendedBefore(SampleId),
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
    /// What is put right was wrong before.
    #[error("exception `{exception}` is of days since {first}: what was done earlier did not put it right")]
    RemediatedBeforeException {
        /// The exception.
        exception: ExceptionId,
        /// The first day that it is of.
        first: Date,
    },
    /// A retest looks at every day after the remediation on which the exception may lie.
    #[error("the retest leaves out {first} to {last}: days after the remediation on which the exception was found")]
    RetestLeavesDays {
        /// First day left out.
        first: Date,
        /// Last day of that stretch.
        last: Date,
    },
    /// The retest still finds items of the exception.
    #[error("{0} items of the exception are still found")]
    StillFound(u64),
    /// A management test is recorded once.
    #[error("management test `{0}` was recorded before")]
    ManagementTestExists(ManagementTestId),
    /// The exceptions of a management test are named after it, and a name has its limit.
    #[error("`{0}` is too long: the exceptions of a management test are named after it")]
    IdTooLong(ManagementTestId),
    /// A control is tested over days on which it was in force.
    #[error("control `{control}` was not in force on all days from {first} to {last}")]
    NotInForce {
        /// The control.
        control: ControlId,
        /// First day tested.
        first: Date,
        /// Last day tested.
        last: Date,
    },
    /// A control that changed is tested under each wording for its days.
    #[error("control `{control}` changed on {on}, within the days tested: test the days before and after it apart")]
    WordingChanged {
        /// The control.
        control: ControlId,
        /// The first day of the new wording.
        on: Date,
    },
    /// A test is done in some way.
    #[error("the test names no procedure: inquiry, observation, inspection or reperformance")]
    NoProcedure,
    /// Inquiry alone never shows that a control operated.
    #[error("inquiry alone shows nothing of operation: observe, inspect or perform again")]
    InquiryAlone,
    /// The counts of a test bear each other out.
    #[error("the test contradicts itself: {0}")]
    AttributesDisagree(&'static str),
    /// A test names what was looked at.
    #[error("the test names no evidence that was looked at")]
    TestWithoutEvidence,
    /// RPT-14: no test is older than the evidence it cites, nor than the days it speaks of.
    #[error("the test was performed on {performed_on}; its evidence and the days tested reach to {not_before}")]
    BeforeItsEvidence {
        /// When it was performed.
        performed_on: Date,
        /// The first day on which it could have been.
        not_before: Date,
    },
    /// The management test does not exist.
    #[error("management test `{0}` does not exist")]
    UnknownManagementTest(ManagementTestId),
    /// A second person reviews.
    #[error("person `{0}` performed the test and so cannot review it")]
    ReviewerIsTester(PersonId),
    /// A test is reviewed once.
    #[error("test `{0}` was reviewed before")]
    ReviewedBefore(String),
    /// Nothing rests on a management test that nobody reviewed.
    #[error("management test `{0}` is not reviewed")]
    NotReviewed(ManagementTestId),
    /// The control test has no such result.
    #[error("control test `{test}` has no result in entry {entry}")]
    UnknownResult {
        /// The control test.
        test: TestId,
        /// The entry named.
        entry: u64,
    },
    /// A later run over the same days gave another result.
    #[error("the result of `{test}` in entry {entry} was replaced by that of entry {by}")]
    ResultReplaced {
        /// The control test.
        test: TestId,
        /// The entry named.
        entry: u64,
        /// Entry of the newest result.
        by: u64,
    },
    /// A test speaks of its own control.
    #[error("test `{test}` is not about control `{control}`")]
    OfOtherControl {
        /// The test.
        test: String,
        /// The control.
        control: ControlId,
    },
    /// A test speaks of its own days.
    #[error("test `{0}` is over other days")]
    OfOtherDays(String),
    /// Who owns a control does not conclude on it.
    #[error("person `{person}` owns control `{control}` and so cannot conclude on it")]
    ConcludesOnOwn {
        /// Who would conclude.
        person: PersonId,
        /// What they own.
        control: ControlId,
    },
    /// A Type 1 report speaks of design and implementation.
    #[error("engagement `{0}` is a Type 1: it says nothing of operation")]
    SaysNothingOfOperation(EngagementId),
    /// That a control operated is concluded over tests.
    #[error("no test of control `{0}` is named: nobody knows whether it operated")]
    ConclusionWithoutTest(ControlId),
    /// A test that could not look, or had nothing to look at, shows no operation.
    #[error("no test that is named looked at an item")]
    NothingWasTested,
    /// Exceptions that stand are deviations, fixed since or not.
    #[error("exceptions stand over these days ({0}): it operated with deviations, or they are withdrawn first")]
    ExceptionsStand(u64),
    /// Deviations are exceptions that stand.
    #[error("no exception stands over these days: name what deviated by a test, or conclude that it operated")]
    NoExceptionStands,
    /// What deviated is assessed before anything is concluded beside it.
    #[error(
        "nobody assessed `{first}` as it is now (exceptions without assessment: {exceptions}): cause, reach and effect come first"
    )]
    ExceptionsUnassessed {
        /// How many.
        exceptions: u64,
        /// The first of them.
        first: ExceptionId,
    },
    /// What the calendar has missing or late is a deviation, whatever was tested.
    #[error(
        "by its calendar control `{control}` was not performed in time (missing: {missing}, late: {late}): it operated with \
         deviations, or what was performed is recorded first"
    )]
    OccurrencesMissed {
        /// The control.
        control: ControlId,
        /// Occurrences that nothing shows.
        missing: u64,
        /// Occurrences that were done after their window.
        late: u64,
    },
    /// A deviation is judged before a conclusion rests on it.
    #[error(
        "control `{control}` was due from {first} to {last}: that occurrence is {state}, and no item of an assessed exception \
         stands for it"
    )]
    OccurrenceUnassessed {
        /// The control.
        control: ControlId,
        /// First day of its window.
        first: Date,
        /// Last day of its window.
        last: Date,
        /// What the calendar says of it.
        state: &'static str,
    },
    /// A Type 2 speaks of every day: an interim test needs its roll-forward, a changed control a test under each wording.
    #[error("control `{control}` is not tested from {first} to {last} under the wording of these days: roll forward")]
    DaysUntested {
        /// The control.
        control: ControlId,
        /// First day that no named test covers.
        first: Date,
        /// Last day of that stretch.
        last: Date,
    },
    /// An automated control rests on its setting, the setting's history and IT general controls.
    #[error("control `{control}` is automated, and the conclusion lacks {what}")]
    AutomatedControlLacks {
        /// The control.
        control: ControlId,
        /// What is missing.
        what: &'static str,
    },
    /// The history of a setting is known of every day on which the control ran.
    #[error("nothing named shows how the setting of control `{control}` changed from {first} to {last}")]
    SettingHistoryGap {
        /// The control.
        control: ControlId,
        /// First day that no extract covers.
        first: Date,
        /// Last day of that stretch.
        last: Date,
    },
    /// A document speaks of one day, and so shows no history.
    #[error("document `{0}` does not say which days it covers: the history of a setting is an extract")]
    HistoryIsNoExtract(Digest),
    /// Where the catalog declares the log of what a control's tests read, no other extract is its history.
    #[error("`{dataset}` is no log of changes of what the tests of control `{control}` read")]
    HistoryOfOtherSetting {
        /// The control.
        control: ControlId,
        /// What was named.
        dataset: DatasetId,
    },
    /// A setting is kept by IT general controls that operated.
    #[error("nobody concluded that the control which `{0}` tests operated, or that conclusion is stale")]
    ItgcNotConcluded(String),
    /// What an exception of an IT general control means is said before a setting rests on that control.
    #[error(
        "exception `{exception}` of the IT general control `{control}` stands, and nobody assessed it as it is now"
    )]
    ItgcExceptionOpen {
        /// The IT general control.
        control: ControlId,
        /// The exception.
        exception: ExceptionId,
    },
    /// A control did not operate if it had no occasion.
    #[error("items of control `{control}` were tested ({items}): it had its occasion")]
    ItemsWereTested {
        /// The control.
        control: ControlId,
        /// How many.
        items: u64,
    },
    /// That nothing happened is itself tested.
    #[error(
        "no population that is named shows, checked and empty, that nothing happened to which control `{control}` applies from \
         {first} to {last}"
    )]
    NoOccurrenceUnshown {
        /// The control.
        control: ControlId,
        /// First day of which nothing is shown.
        first: Date,
        /// Last day of that stretch.
        last: Date,
    },
    /// Nothing happened only if the population was frozen, its check passed and it is empty.
    #[error("population `{population}` ({standing}) does not show that nothing happened")]
    PopulationNotShownEmpty {
        /// The population.
        population: PopulationId,
        /// What it shows.
        standing: PopulationStanding,
    },
    /// A population that has items is no population of nothing, whenever it was frozen.
    #[error("population `{population}` was frozen over days of these with {items} items: the control had its occasion")]
    OccasionsFrozen {
        /// The population.
        population: PopulationId,
        /// How many.
        items: u64,
    },
    /// A control that the calendar sets had its occasion.
    #[error("control `{control}` fell due in the period (occurrences at the least: {times})")]
    FellDue {
        /// The control.
        control: ControlId,
        /// How often at the least.
        times: u64,
    },
    /// The calendar does not set a control that acts on events.
    #[error("control `{0}` acts on events, not by the calendar: it did not operate if none came")]
    DueByEvent(ControlId),
    /// Replaced and new are said of the day on which the control set changed.
    #[error("control `{control}` neither began nor ended on {on} within the period")]
    NoSuchChange {
        /// The control.
        control: ControlId,
        /// The day named.
        on: Date,
    },
    /// An exception bears on what its control serves.
    #[error("`{measure}` is not served by a control of exception `{exception}`")]
    NotServed {
        /// The exception.
        exception: ExceptionId,
        /// The control objective or criterion.
        measure: String,
    },
    /// Another control compensates.
    #[error("control `{0}` is the one that the exception is about: it cannot compensate for itself")]
    CompensatesItself(ControlId),
    /// A retest by people is a reviewed test of operation of the same control, over days after the remediation.
    #[error("management test `{0}` tests no operation of that control after the remediation")]
    RetestWithoutManagementTest(ManagementTestId),
    /// The firm's test does not exist.
    #[error("the firm has no test `{0}` in this engagement")]
    UnknownFirmTest(FirmTestId),
    /// What nobody noted is not answered.
    #[error("the firm's test `{0}` noted no deviation")]
    NoDeviation(FirmTestId),
    /// One matter has one answer.
    #[error(
        "the firm adopted management's result in `{firm_test}`: exception `{exception}` is what is answered, and its response is printed"
    )]
    DeviationOfException {
        /// The firm's test.
        firm_test: FirmTestId,
        /// Management's exception.
        exception: ExceptionId,
    },
    /// A firm's test names a version of the control that ran in the period.
    #[error("entry {entry} records no version of control `{control}` that ran in the period")]
    UnknownVersion {
        /// The control.
        control: ControlId,
        /// The entry named.
        entry: u64,
    },
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
    /// No program reaches so far back or ahead: a slip of the pen in the year.
    #[error("{day} cannot be meant: days lie between {first} and {last}")]
    ImplausibleDay {
        /// The day given.
        day: Date,
        /// The earliest day that is taken.
        first: Date,
        /// The latest day that is taken.
        last: Date,
    },
    /// A Type 1 speaks of a day, and no days of a period can be asked of it.
    #[error("a Type 1 speaks of one day, and has no period to ask days or months of")]
    Type1OfAPeriod,
    /// What is asked for comes before it is due, and before it ends.
    #[error("{what} on {day}, before it was asked for on {asked_on}")]
    DemandNotForward {
        /// What comes too early.
        what: &'static str,
        /// Its day.
        day: Date,
        /// When it was asked for.
        asked_on: Date,
    },
    /// Nobody signs for a day to come.
    #[error("it is dated {dated_on}, and today is {today}")]
    DatedInTheFuture {
        /// Date on the document.
        dated_on: Date,
        /// The organization's day.
        today: Date,
    },
    /// A closing freezes wording, and there is none yet.
    #[error("engagement `{0}` has no system description, whose wording a closing freezes")]
    NothingToClose(EngagementId),
    /// The first closing needs no reason, and what was not closed has not changed since.
    #[error("engagement `{0}` is not closed")]
    NotClosed(EngagementId),
    /// An engagement is closed once more only for a reason.
    #[error("engagement `{engagement}` was closed in entry {entry}: closing it once more needs a reason")]
    ClosedAlready {
        /// The engagement.
        engagement: EngagementId,
        /// The closing.
        entry: u64,
    },
    /// An engagement is closed once more only if something that was frozen is otherwise.
    #[error("nothing that was frozen of engagement `{engagement}` in entry {entry} is otherwise")]
    UnchangedSinceClosing {
        /// The engagement.
        engagement: EngagementId,
        /// The closing.
        entry: u64,
    },
    /// Whoever issues a package of an engagement that is otherwise than when it was closed says which of the two it shows.
    #[error("engagement `{engagement}` was closed in entry {entry} and is otherwise now: {parts}")]
    ChangedSinceClosing {
        /// The engagement.
        engagement: EngagementId,
        /// The closing.
        entry: u64,
        /// The parts, in words.
        parts: String,
    },
    /// A package needs what its kind prints.
    #[error("the package lacks {0}")]
    PackageLacks(&'static str),
    /// What is sent is a package that was issued.
    #[error("engagement `{0}` has no report package yet")]
    NoReportPackage(EngagementId),
    /// A demand ends with the report that was asked for, or with the reason why another one does.
    #[error("the report of engagement `{engagement}` is not what was asked for: {differs}")]
    NotWhatWasAsked {
        /// The engagement.
        engagement: EngagementId,
        /// In what it is otherwise.
        differs: String,
    },
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
    /// The lint has no rule of this id.
    #[error("there is no lint rule `{0}`")]
    UnknownLintRule(LintRuleId),
    /// Only a warning can be overruled: an error is corrected, and what a person judges is not the lint's to say.
    #[error("this finding of `{0}` is no warning, and only a warning can be overruled")]
    NotAWarning(LintRuleId),
    /// A finding is overruled once.
    #[error("this finding of `{rule}` was overruled by entry {entry}")]
    OverruledBefore {
        /// The rule.
        rule: LintRuleId,
        /// Entry that recorded it.
        entry: u64,
    },
    /// What sampling refuses, under its own codes.
    #[error(transparent)]
    Sampling(SamplingRefusal),
}

impl From<SamplingRefusal> for Refusal {
    fn from(refusal: SamplingRefusal) -> Self {
        Self::Sampling(refusal)
    }
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
            Self::PeriodNotForward { .. } => "DAT-01",
            Self::IdInOtherLetters { .. } => "id-in-other-letters",
            Self::NothingInScope => "nothing-in-scope",
            Self::ScopeOfOtherReport => "scope-of-other-report",
            Self::Soc3WithoutPeriod => "soc-3-without-period",
            Self::StandardOfOtherReport { .. } => "standard-of-other-report",
            Self::SecurityLeftOut => "security-left-out",
            Self::UnknownObjective(_) => "unknown-objective",
            Self::ObjectiveBearsOnNothing(_) => "OBJ-02",
            Self::UnknownCriterion(_) => "unknown-criterion",
            Self::CriterionOutsideCategory { .. } => "criterion-outside-category",
            Self::CriterionOutOfScope(_) => "criterion-out-of-scope",
            Self::CriterionAlwaysRelevant(_) => "DC8",
            Self::AssertionSigned(_) => "assertion-signed",
            Self::FollowsOtherReport(_) => "follows-other-report",
            Self::FollowedAlready { .. } => "followed-already",
            Self::PeriodNotBegun { .. } => "period-not-begun",
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
            Self::NotIncluded(_) => "ASR-08",
            Self::UnknownScopeComment(_) => "unknown-scope-comment",
            Self::UnknownSectionComment(_) => "unknown-section-comment",
            Self::SectionCommentSettled(_) => "section-comment-settled",
            Self::DemandExists(_) => "demand-exists",
            Self::NoOpenDemand(_) => "no-open-demand",
            Self::UnknownCategory(_) => "unknown-category",
            Self::UnknownControl(_) => "unknown-control",
            Self::ControlExists(_) => "control-exists",
            Self::ControlDropped(_) => "control-dropped",
            Self::ControlServesNothing(_) => "OBJ-01",
            Self::UnknownRisk(_) => "unknown-risk",
            Self::VersionNotForward { .. } => "version-not-forward",
            Self::CalendarNotForward { .. } => "calendar-not-forward",
            Self::RetroactiveWithoutReason { .. } => "retroactive-without-reason",
            Self::NotControlOwner { .. } => "not-control-owner",
            Self::PerformedInTheFuture { .. } => "performed-in-the-future",
            Self::ControlNotInForce { .. } => "control-not-in-force",
            Self::NoSuchOccurrence { .. } => "no-such-occurrence",
            Self::PerformedBeforeWindow { .. } => "performed-before-window",
            Self::PerformedBeforeEvidence { .. } => "performed-before-evidence",
            Self::PerformedWithoutEvidence(_) => "performed-without-evidence",
            Self::EvidenceBeforeWindow { .. } => "evidence-before-window",
            Self::EvidenceShowsAnother { .. } => "evidence-shows-another",
            Self::UnknownPerformance { .. } => "unknown-performance",
            Self::PerformanceWithdrawn(_) => "performance-withdrawn",
            Self::PerformanceWithdrawalNotProposed(_) => "performance-withdrawal-not-proposed",
            Self::UnknownEvidence(_) => "unknown-evidence",
            Self::RiskThreatensNothing => "risk-threatens-nothing",
            Self::SourceNotApproved(_) => "source-not-approved",
            Self::SourceChanged(_) => "source-changed",
            Self::SourceApproved(_) => "source-approved",
            Self::UnknownDataset(_) => "unknown-dataset",
            Self::EvidenceRecorded(_) => "evidence-recorded",
            Self::OutsideEveryPeriod { .. } => "outside-every-period",
            Self::CoversTheFuture { .. } => "covers-the-future",
            Self::DayNotOver { .. } => "day-not-over",
            Self::UnknownTest(_) => "unknown-test",
            Self::RunRecorded(_) => "run-recorded",
            Self::ResultContradictsItself { .. } => "result-contradicts-itself",
            Self::SeriesNotBorneOut { .. } => "series-not-borne-out",
            Self::MissedRunsDisagree => "missed-runs-disagree",
            Self::MissedRunsRecorded(_) => "missed-runs-recorded",
            Self::ResultWithoutEvidence(_) => "result-without-evidence",
            Self::PopulationExists(_) => "population-exists",
            Self::UnknownPopulation(_) => "unknown-population",
            Self::OutsideEngagement { .. } => "outside-engagement",
            Self::PopulationOfNoControl(_) => "population-of-no-control",
            Self::QueryNotOfCatalog(_) => "query-not-of-catalog",
            Self::DuplicateKeys { .. } => "duplicate-keys",
            Self::PopulationWithoutEvidence => "population-without-evidence",
            Self::ExtractedBeforeLastDay { .. } => "IPE-02",
            Self::FrozenBefore(_) => "frozen-before",
            Self::CheckerOwnsControl { .. } => "checker-owns-control",
            Self::SecondSourceNotIndependent(_) => "second-source-not-independent",
            Self::DifferenceUnexplained(_) => "difference-unexplained",
            Self::PopulationOutdated { .. } => "population-outdated",
            Self::DrawerRunsControl { .. } => "drawer-runs-control",
            Self::KeysDisagree => "keys-disagree",
            Self::EmptyUnexplained(_) => "empty-unexplained",
            Self::NonceCommittedBefore(_) => "nonce-committed-before",
            Self::SampleExists(_) => "sample-exists",
            Self::UnknownSample(_) => "unknown-sample",
            Self::PopulationNotChecked(_) => "IPE-01",
            Self::PopulationEmpty(_) => "population-empty",
            Self::SampleOfNone => "sample-of-none",
            Self::SampleLargerThanPopulation { .. } => "sample-larger-than-population",
            Self::NonceMissing => "nonce-missing",
            Self::NonceOfManagement => "nonce-of-management",
            Self::NotCommittedBeforeFreeze(_) => "not-committed-before-freeze",
            Self::NonceIsAnother { .. } => "nonce-is-another",
            Self::NonceKnownBeforeFreeze { .. } => "nonce-known-before-freeze",
            Self::DrawnBefore(_) => "drawn-before",
            Self::SampleOfOtherSide { .. } => "sample-of-other-side",
            Self::SampleVoided { .. } => "sample-voided",
            Self::SampleMovedOn(_) => "sample-moved-on",
            Self::NoSuchSampleItem { .. } => "no-such-sample-item",
            Self::MethodCannotBeExtended(_) => "method-cannot-be-extended",
            Self::NothingDeviated(_) => "nothing-deviated",
            Self::SampleExtendedBefore(_) => "sample-extended-before",
            Self::UnknownException(_) => "unknown-exception",
            Self::ExceptionNotThere { .. } => "exception-not-there",
            Self::SecondPersonMissing(_) => "second-person-missing",
            Self::WithdrawalNotProposed(_) => "withdrawal-not-proposed",
            Self::RetestWithoutResult(_) => "retest-without-result",
            Self::RemediatedBeforeException { .. } => "remediated-before-exception",
            Self::RetestLeavesDays { .. } => "retest-leaves-days",
            Self::StillFound(_) => "still-found",
            Self::ManagementTestExists(_) => "management-test-exists",
            Self::IdTooLong(_) => "id-too-long",
            Self::NotInForce { .. } => "not-in-force",
            Self::WordingChanged { .. } => "wording-changed",
            Self::NoProcedure => "no-procedure",
            Self::InquiryAlone => "inquiry-alone",
            Self::AttributesDisagree(_) => "attributes-disagree",
            Self::TestWithoutEvidence => "test-without-evidence",
            Self::BeforeItsEvidence { .. } => "RPT-14",
            Self::UnknownManagementTest(_) => "unknown-management-test",
            Self::ReviewerIsTester(_) => "reviewer-is-tester",
            Self::ReviewedBefore(_) => "reviewed-before",
            Self::NotReviewed(_) => "not-reviewed",
            Self::UnknownResult { .. } => "unknown-result",
            Self::ResultReplaced { .. } => "result-replaced",
            Self::OfOtherControl { .. } => "of-other-control",
            Self::OfOtherDays(_) => "of-other-days",
            Self::ConcludesOnOwn { .. } => "concludes-on-own",
            Self::SaysNothingOfOperation(_) => "says-nothing-of-operation",
            Self::ConclusionWithoutTest(_) => "conclusion-without-test",
            Self::NothingWasTested => "nothing-was-tested",
            Self::ExceptionsStand(_) => "exceptions-stand",
            Self::NoExceptionStands => "no-exception-stands",
            Self::ExceptionsUnassessed { .. } => "exceptions-unassessed",
            Self::OccurrencesMissed { .. } => "occurrences-missed",
            Self::OccurrenceUnassessed { .. } => "occurrence-unassessed",
            Self::DaysUntested { .. } => "days-untested",
            Self::AutomatedControlLacks { .. } => "automated-control-lacks",
            Self::SettingHistoryGap { .. } => "setting-history-gap",
            Self::HistoryIsNoExtract(_) => "history-is-no-extract",
            Self::HistoryOfOtherSetting { .. } => "history-of-other-setting",
            Self::ItgcNotConcluded(_) => "itgc-not-concluded",
            Self::ItgcExceptionOpen { .. } => "itgc-exception-open",
            Self::ItemsWereTested { .. } => "items-were-tested",
            Self::NoOccurrenceUnshown { .. } => "no-occurrence-unshown",
            Self::PopulationNotShownEmpty { .. } => "population-not-shown-empty",
            Self::OccasionsFrozen { .. } => "occasions-frozen",
            Self::FellDue { .. } => "fell-due",
            Self::DueByEvent(_) => "due-by-event",
            Self::NoSuchChange { .. } => "no-such-change",
            Self::NotServed { .. } => "not-served",
            Self::CompensatesItself(_) => "compensates-itself",
            Self::RetestWithoutManagementTest(_) => "retest-without-management-test",
            Self::UnknownFirmTest(_) => "unknown-firm-test",
            Self::NoDeviation(_) => "no-deviation",
            Self::DeviationOfException { .. } => "deviation-of-an-exception",
            Self::UnknownVersion { .. } => "unknown-version",
            Self::FirmNotAppointed(_) => "firm-not-appointed",
            Self::FirmAppointed => "firm-appointed",
            Self::NotOfTheFirm(_) => "not-of-the-firm",
            Self::TesterOwnsControl { .. } => "tester-owns-control",
            Self::ReperformanceDiffers(_) => "reperformance-differs",
            Self::ControlOutOfScope(_) => "control-out-of-scope",
            Self::ItemsAndDeviationsDisagree => "items-and-deviations-disagree",
            Self::DatedTooEarly { .. } => "DAT-03",
            Self::DatedInTheFuture { .. } => "dated-in-the-future",
            Self::ImplausibleDay { .. } => "implausible-day",
            Self::DemandNotForward { .. } => "demand-not-forward",
            Self::Type1OfAPeriod => "type-1-of-a-period",
            Self::NothingToClose(_) => "nothing-to-close",
            Self::NotClosed(_) => "not-closed",
            Self::ClosedAlready { .. } => "closed-already",
            Self::UnchangedSinceClosing { .. } => "unchanged-since-closing",
            Self::ChangedSinceClosing { .. } => "changed-since-closing",
            Self::PackageLacks(_) => "package-lacks",
            Self::NoReportPackage(_) => "no-report-package",
            Self::NotWhatWasAsked { .. } => "not-what-was-asked",
            Self::UnderLegalHold { .. } => "under-legal-hold",
            Self::UnknownHold { .. } => "unknown-hold",
            Self::Erased { .. } => "erased",
            Self::UnknownLintRule(_) => "unknown-lint-rule",
            Self::NotAWarning(_) => "not-a-warning",
            Self::OverruledBefore { .. } => "overruled-before",
            Self::Sampling(refusal) => refusal.code(),
        }
    }
}
