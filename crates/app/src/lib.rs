//! The one place where pure meets I/O: execute a command, collect, examine, report, verify.
//!
//! Invariant: no HTTP, no HTML and no terminal are known here.

mod accepted_scope;
mod accepting;
mod adopting;
mod advice_memo;
mod advising;
mod anchoring;
mod answering;
mod assessing;
mod attribute_table;
mod back_testing;
mod body;
mod catalog_index;
mod checklist;
mod clock;
mod closing;
mod collecting;
mod companions;
mod concluding;
mod connectors;
mod consistency;
mod control_calendar;
mod control_matrix;
mod control_set;
mod coverage;
mod demands;
mod demo;
mod deriving;
mod descriptions;
mod deviations;
mod durable;
mod error;
mod firms;
mod holding;
mod house;
mod installation;
mod item_history;
mod items;
mod keeping_schedule;
mod kept_advice;
mod key_change;
mod laid_open;
mod lease;
mod linting;
mod management_tests;
mod moment;
mod next_step;
mod opened_package;
mod opening;
mod organization_keys;
mod oscal;
mod packaging;
mod people;
mod policies;
mod population_views;
mod populations;
mod printed;
mod profile_schema;
mod program;
mod progress;
mod reader_copies;
mod readiness;
mod reading_back;
mod recorded_time;
mod redrawing;
mod renewing;
mod reperforming;
mod report_formats;
mod retention;
mod running;
mod sample_sizes;
mod sample_support;
mod samples;
mod scoping;
mod secrets;
mod section_comments;
mod sign_in;
mod status;
mod strata;
mod testing;
mod vendor_reports;
mod verifying;
mod views;
mod witnessing;
mod wording;
mod written;

pub use accepting::{
    Accepted, Because, DecidedEngagement, DecidedProvider, Decision, Departure, LeftOut, decision_to_toml, proposal,
};
pub use adopting::{BackTestLine, ChangedTest, ProposalView, Upgraded};
pub use advice_memo::write_memo;
pub use advising::{
    Advised, PROFILE_EXAMPLE, ProposedObjective, SinceAdvice, advised, profile_from_file, profile_to_toml,
};
pub use answering::{Answered, RESPONSES_EXAMPLE, ResponsePart, Withdrawal};
pub use assessing::{
    AssessmentShown, ExceptionShown, NewAssessment, RateExtent, RateShown, SightingShown, compensation_in_words,
};
pub use attribute_table::{AttributeTable, HasAttribute, TestedItem};
pub use back_testing::{BackTestRequest, BackTested, VersionLine};
pub use catalog_index::index_of;
pub use checklist::{ChecklistScope, checklist, write_checklist_pdf, write_checklist_workbook};
pub use clock::{Clock, MachineClock};
pub use closing::{ChangeLine, ClosingLine, SinceClosing};
pub use collecting::{
    Approval, CollectRequest, Collection, ExtractLine, FailureLine, NotCollected, ReconciledLine, SourceLine,
};
pub use companions::{Companion, write_companion};
pub use concluding::{ConclusionLine, NewConclusion};
pub use connectors::{
    ConnectorLine, ConnectorTable, DerivedDataset, RehearsalLine, RehearsedLine, connector_line, connector_lines,
    record_connector, rehearse, with_connector,
};
pub use consistency::ConsistencyView;
pub use control_calendar::{CalendarRequest, CalendarRow, ControlCalendar, NewPerformance, PerformanceLine, legend_of};
pub use control_matrix::MatrixRow;
pub use control_set::{ControlLine, ControlsToAdopt, OWNERS_EXAMPLE, Owners, Revision};
pub use coverage::{CoverageView, DOCUMENTS_RULE, control_gap, measure_gap};
pub use demands::{DemandLine, DemandWords, DemandedPeriod, EndLine, EndOfDemand, NewDemand};
pub use demo::{Demo, DemoRequest, demo};
pub use descriptions::{GivenAssertion, assertion_example, description_example};
pub use deviations::DeviationLine;
pub use error::Error;
pub use firms::{
    Agreement, FIRM_TESTS_EXAMPLE, FirmKeyFiles, FirmTestLine, NewFirm, NotRecorded, Performance, PerformedTest,
    RecordedFirmTests, new_firm_key, perform,
};
pub use holding::{HeadLine, LedgerCheckLine, PendingStamp, VaultCheckLine};
pub use house::House;
pub use installation::{Founded, Founding, Installation, Settings, parse_ledger_key};
pub use item_history::ItemOverTime;
pub use keeping_schedule::{KeptSchedule, ScheduleTrouble};
pub use kept_advice::{AdviceAgain, Departed, KeptAdvice, KeptAdviceLine};
pub use key_change::{KeyChange, KeyChanged, RecoverySeed};
pub use laid_open::{LaidOpen, lay_open};
pub use lease::Lease;
pub use linting::{LintFinding, LintView, OverruledLine};
pub use management_tests::{
    AskedAttribute, EvidenceToName, MANAGEMENT_TESTS_EXAMPLE, ManagementTestLine, ManagementTestPart,
    ManagementTestShown, NamedEvidence,
};
pub use moment::{
    ConcludedView, ControlTestView, ControlView, ENTRIES_ON_PAGE, EngagementView, EntryView, ExceptionChange,
    ExceptionStep, ExceptionView, ExtractView, ExtractsAddedUp, FirmTestView, ListedAnchor, ListedControl,
    ListedControlTest, ListedEntry, ListedException, ListedExtract, Moment, Moments, OccurrencesView,
    OfferedControlTest, ROWS_ON_PAGE, RowsPage, ScoreKind, Scored, StatedVersion, Unanchored,
};
pub use next_step::NextStep;
pub use opening::{EngagementLine, NewEngagement, days_to_collect};
pub use oscal::{oscal_from_file, write_oscal_file};
pub use packaging::IssuedPackages;
pub use people::{NewPerson, PEOPLE_EXAMPLE, PersonLine, ROLES, parse_role, people_from_file};
pub use policies::{MissingValue, PolicyLine, PolicyText, WrittenPolicies};
pub use population_views::{ExtensionView, ItemLine, PopulationLine, SampleLine, SampleView, write_population_pdf};
pub use populations::{Asked, CheckRequest, FreezeRequest, OwnQuery};
pub use profile_schema::profile_schema;
pub use program::{
    Applied, ApplyRequest, Change, ChangeKind, FieldChange, ImportRequest, Imported, NotUnderstood, RecordKind,
    WrittenControl, WrittenObjective, import_controls,
};
pub use progress::Progress;
pub use reader_copies::ReaderCopyLine;
pub use readiness::{EngagementReadiness, ReadinessView, besides};
pub use reading_back::{Proposed, ReadBack};
pub use recorded_time::{At, NoMoment};
pub use renewing::{FollowUp, Renewal, Renewed};
pub use reperforming::{FoundResult, RecordedResult, Reperformed, ReperformedInput, ReperformedTest, reperform};
pub use retention::HoldLine;
pub use running::{DueRun, FlipLine, MissedLine};
pub use sample_sizes::{SAMPLE_SIZES_EXAMPLE, size_table};
pub use sample_support::{Aim, FirstStage, Support};
pub use samples::{DrawRequest, Extension, NewNonce, Redrawn, ReplacedItem, SampleItem, Selection, new_nonce};
pub use scoping::{CommentLine, SCOPE_EXAMPLE, ScopeLine};
pub use secrets::SEALING_KEY_FILE_VARIABLE;
pub use section_comments::{SectionCommentLine, SectionLine};
pub use sign_in::{SignIn, SignIns};
pub use status::{CasesLine, EngagementStatus, ExceptionLine, ExceptionRows, ScheduleStatus, Status, check_cases};
pub use testing::{ResultLine, TestRequest, TestRun};
pub use vendor_reports::{
    VendorReportLine, VendorReportRead, method_shown, opinion_shown, part_shown, read_vendor_report_pdf, type_shown,
};
pub use verifying::{LedgerLine, Verdict, Verification, VerifyRequest, verify};
pub use wording::{Worded, WordingCheck, check_wording};

pub use tickmark_canonical::Digest;
pub use tickmark_catalog::Catalog;
pub use tickmark_catalog::{Case, CaseKind, Expect, Rows};
pub use tickmark_collect::{
    GUARD_SUBCOMMAND as COLLECT_GUARD, Proof, guard_commands_with, guard_main as collect_guard,
};
pub use tickmark_domain::{
    Authority, ClockSetBack, Command, Compensation, ControlGap, ControlId, ControlOccurrence, ControlStatus,
    CoverageMatrix, Due, DueTest, Effort, EngagementId, ExceptionId, ExceptionOrigin, ExceptionState, FirmTest,
    Frequency, FrozenChange, FrozenPart, Gap, GapKind, Inconsistency, Left, LintRule, ManagementTestId, Measure,
    Nature, OccurrenceState, Outcome, Overlap, PersonId, PopulationId, RULES_VERSION, Reach, ReadAgain, Readiness,
    ReplacementCause, ReportKind, ReportType, Retest, Role, RunId, SampleId, Score, Scores, SectionOrder,
    SelectionMethod, SettingDays, SettingState, Severity, Side, Span, TestResult, TestStage,
};
pub use tickmark_domain::{advisor, sampling};
pub use tickmark_examine::{
    Changed, Comparison, Limits, WORKER_SUBCOMMAND as EXAMINE_WORKER, worker_main as examine_worker,
};
pub use tickmark_ledger::anchor::witness::Answer;
pub use tickmark_pdf_text::{WORKER_SUBCOMMAND as PDF_TEXT_WORKER, worker_main as pdf_text_worker};
pub use tickmark_report::{
    companion_markdown, counted,
    lint::Finding,
    oscal::OscalFile,
    seal::FirmSecretKey,
    view::{ChecklistView, KeysView, PopulationView},
};
pub use tickmark_sample::DEFAULT_SEED;
