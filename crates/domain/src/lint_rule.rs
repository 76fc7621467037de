//! The rules of `tickmark lint`, as data: what each asks, after which standard, of which reports, how bad it is to break it
//! and where it is checked.
//!
//! Invariant: every rule of the domain reference stands here once; one that no machine can judge is a question to a person,
//! and is listed as one.

use serde::{Serialize, Serializer};

use crate::{Engagement, ReportKind, ReportType};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LintRule {
    /// Its id, such as `RPT-13`.
    pub id: &'static str,
    /// What follows where it is broken.
    pub weight: RuleWeight,
    /// What it asks; of a rule for a person, the question.
    pub asks: &'static str,
    /// The standard behind it, with its paragraph where the domain reference knows it.
    pub source: &'static str,
    /// The reports that it is asked of.
    pub asked_of: AskedOf,
    /// The file that checks it; of a rule for a person, the file that shows what to judge by.
    pub checked_in: &'static str,
}

/// What follows where a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleWeight {
    /// The documents must not be issued so.
    Error,
    /// Somebody looks, and corrects it or overrules it with a reason.
    Warning,
    /// The one or the other, as the finding says.
    ErrorOrWarning,
    /// What would break it is not recorded: the command is refused under this code.
    Refused,
    /// Documents are made so that it cannot be broken.
    BuiltIn,
    /// Only a person can judge.
    Person,
}

impl RuleWeight {
    /// In words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::ErrorOrWarning => "error or warning",
            Self::Refused => "refused",
            Self::BuiltIn => "built in",
            Self::Person => "for a person",
        }
    }

    /// Whether a finding under it may be a warning, and so may be overruled.
    pub const fn can_warn(self) -> bool {
        match self {
            Self::Warning | Self::ErrorOrWarning => true,
            Self::Error | Self::Refused | Self::BuiltIn | Self::Person => false,
        }
    }
}

impl Serialize for RuleWeight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

/// The reports that a rule is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of reports and types")]
pub enum AskedOf {
    EveryReport,
    Soc1,
    Soc1Type2,
    Soc2,
    Soc2Type2,
    Soc3,
    Soc1AndSoc2,
    Type1,
    Type2,
}

impl AskedOf {
    /// In words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::EveryReport => "every report",
            Self::Soc1 => "SOC 1",
            Self::Soc1Type2 => "SOC 1 Type 2",
            Self::Soc2 => "SOC 2",
            Self::Soc2Type2 => "SOC 2 Type 2",
            Self::Soc3 => "SOC 3",
            Self::Soc1AndSoc2 => "SOC 1, SOC 2",
            Self::Type1 => "Type 1",
            Self::Type2 => "Type 2",
        }
    }

    /// Whether an engagement's report is one of these. A SOC 3 is called neither Type 1 nor Type 2.
    pub const fn includes(self, engagement: &Engagement) -> bool {
        let is_type_2 = matches!(engagement.report_type, ReportType::Type2(_));
        match (self, engagement.report) {
            (Self::EveryReport, _)
            | (Self::Soc1 | Self::Soc1AndSoc2, ReportKind::Soc1)
            | (Self::Soc2 | Self::Soc1AndSoc2, ReportKind::Soc2)
            | (Self::Soc3, ReportKind::Soc3) => true,
            (Self::Type2, ReportKind::Soc1 | ReportKind::Soc2)
            | (Self::Soc1Type2, ReportKind::Soc1)
            | (Self::Soc2Type2, ReportKind::Soc2) => is_type_2,
            (Self::Type1, ReportKind::Soc1 | ReportKind::Soc2) => !is_type_2,
            (
                Self::Soc1
                | Self::Soc1Type2
                | Self::Soc2
                | Self::Soc2Type2
                | Self::Soc3
                | Self::Soc1AndSoc2
                | Self::Type1
                | Self::Type2,
                _,
            ) => false,
        }
    }
}

impl Serialize for AskedOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

impl LintRule {
    /// All rules, in the order in which documents list them.
    pub const ALL: &[Self] = RULES;

    /// A rule by its id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.id == id)
    }
}

const fn rule(
    id: &'static str,
    weight: RuleWeight,
    asked_of: AskedOf,
    checked_in: &'static str,
    source: &'static str,
    asks: &'static str,
) -> LintRule {
    LintRule { id, weight, asks, source, asked_of, checked_in }
}

use AskedOf::{EveryReport, Soc1, Soc1AndSoc2, Soc1Type2, Soc2, Soc2Type2, Soc3, Type1, Type2};
use RuleWeight::{BuiltIn, Error, ErrorOrWarning, Person, Refused, Warning};

const ASSERTION: &str = "crates/report/src/lint/assertion.rs";
const AUDITORS_REPORT: &str = "crates/report/src/lint/auditors_report.rs";
const ACROSS: &str = "crates/report/src/lint/across.rs";
const BOILERPLATE: &str = "crates/report/src/lint/boilerplate.rs";
const CONSISTENCY: &str = "crates/domain/src/consistency/rule.rs";
const COVER: &str = "crates/report/src/docx/words.rs";
const CRITICS: &str = "crates/report/src/lint/critics.rs";
const DATES: &str = "crates/report/src/lint/dates.rs";
const DESCRIPTION: &str = "crates/report/src/lint/description.rs";
const EXCEPTIONS: &str = "crates/report/src/lint/exceptions.rs";
const FIGURES: &str = "crates/report/src/lint/figures.rs";
const LETTER: &str = "crates/app/src/companions/representation_letter.rs";
const MEASURES: &str = "crates/report/src/lint/measures.rs";
const PACKAGE: &str = "crates/report/src/lint/package.rs";
const REFUSALS: &str = "crates/domain/src/refusal.rs";
const REPORT: &str = "crates/report/src/lint/report.rs";
const SECTION_IV: &str = "crates/report/src/lint/tests_of_controls.rs";
const TESTING: &str = "crates/report/src/lint/management_testing.rs";
const TITLE: &str = "crates/report/src/docx/report.rs";
const VIEW_OF_TESTS: &str = "crates/report/src/view/tests_of_controls.rs";
const WORDING: &str = "crates/domain/src/wording.rs";
const WORDS: &str = "crates/report/src/lint/words.rs";

const FIRMS_REPORT: &str = "AT-C 320.40, .41; AT-C 205";
const GUIDE: &str = "AT-C 320.40; SOC 2 Guide";
const OURS: &str = "ours";

const RULES: &[LintRule] = &[
    // The service auditor's report: the firm's text, so that a finding never does more than warn.
    rule(
        "AUD-01",
        BuiltIn,
        EveryReport,
        TITLE,
        FIRMS_REPORT,
        "The title of the service auditor's report has the word independent.",
    ),
    rule(
        "AUD-02",
        Warning,
        EveryReport,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "The service auditor's report names its addressee.",
    ),
    rule("AUD-03", Warning, EveryReport, AUDITORS_REPORT, FIRMS_REPORT, "It names the system that was examined."),
    rule(
        "AUD-04",
        Warning,
        EveryReport,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It leaves Section V out of what was examined, where there is one.",
    ),
    rule(
        "AUD-05",
        Warning,
        EveryReport,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It names each subservice organization that is carved out.",
    ),
    rule(
        "AUD-06",
        Warning,
        Soc1AndSoc2,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It says that complementary user entity controls are assumed and were not examined, where there are any.",
    ),
    rule(
        "AUD-07",
        Warning,
        EveryReport,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It states what the service organization is responsible for.",
    ),
    rule(
        "AUD-08",
        Warning,
        EveryReport,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It names the standards and the firm's independence.",
    ),
    rule("AUD-09", Warning, EveryReport, AUDITORS_REPORT, FIRMS_REPORT, "It says what an examination involves."),
    rule("AUD-10", Warning, EveryReport, AUDITORS_REPORT, FIRMS_REPORT, "It states the inherent limitations."),
    rule(
        "AUD-11",
        Warning,
        Type2,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It points to the section with the tests and their results.",
    ),
    rule("AUD-12", Warning, Type1, AUDITORS_REPORT, FIRMS_REPORT, "It says that operation was not tested."),
    rule("AUD-13", Warning, EveryReport, AUDITORS_REPORT, FIRMS_REPORT, "It gives an opinion."),
    rule("AUD-14", Warning, EveryReport, AUDITORS_REPORT, FIRMS_REPORT, "A modified opinion has its basis before it."),
    rule("AUD-15", Warning, Soc1AndSoc2, AUDITORS_REPORT, FIRMS_REPORT, "It restricts its use to those it names."),
    rule("AUD-16", Warning, EveryReport, AUDITORS_REPORT, FIRMS_REPORT, "It bears the firm's name, city and date."),
    rule(
        "AUD-17",
        Warning,
        Type2,
        AUDITORS_REPORT,
        FIRMS_REPORT,
        "It names each control objective or criterion of which no control operated.",
    ),
    // Management's assertion.
    rule(
        "ASR-01",
        ErrorOrWarning,
        EveryReport,
        ASSERTION,
        "AT-C 320.10; AT-C 205",
        "The assertion says who asserts, of which system, for which date or period.",
    ),
    rule(
        "ASR-02",
        Error,
        EveryReport,
        ASSERTION,
        "AT-C 320.15; DC section 200",
        "It measures the description by the criteria of its kind of report.",
    ),
    rule(
        "ASR-03",
        Warning,
        Soc1AndSoc2,
        ASSERTION,
        "AT-C 320.16; TSP section 100",
        "It asserts that controls were suitably designed.",
    ),
    rule(
        "ASR-04",
        Error,
        EveryReport,
        ASSERTION,
        "AT-C 320.17; TSP section 100",
        "Over a period, it asserts that controls operated effectively.",
    ),
    rule(
        "ASR-05",
        Error,
        EveryReport,
        ASSERTION,
        "AT-C 320.15; DC section 200",
        "It mentions the complementary controls that the description assumes.",
    ),
    rule(
        "ASR-06",
        ErrorOrWarning,
        Soc1,
        ASSERTION,
        "AT-C 320.15; ISAE 3402",
        "It names the standards whose criteria it uses.",
    ),
    rule(
        "ASR-07",
        Warning,
        EveryReport,
        ASSERTION,
        "AT-C 320; AT-C 205",
        "Where the opinion is modified, it names the same exceptions.",
    ),
    rule(
        "ASR-08",
        Error,
        EveryReport,
        ASSERTION,
        "AT-C 320.10",
        "Each subservice organization that is included gives an assertion of its own.",
    ),
    rule(
        "ASR-09",
        Error,
        EveryReport,
        CONSISTENCY,
        "AT-C 105; AT-C 320.10",
        "An assertion that is signed rests on something that management found out by itself.",
    ),
    // The description of a SOC 1.
    rule(
        "S1D-01",
        ErrorOrWarning,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "The description names the kinds of service and the classes of transactions.",
    ),
    rule(
        "S1D-02",
        Error,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It tells the procedures from the start of a transaction to the reports.",
    ),
    rule(
        "S1D-03",
        Warning,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It tells which records the procedures use and how wrong information is corrected.",
    ),
    rule(
        "S1D-04",
        Warning,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It tells how events and conditions other than transactions are dealt with.",
    ),
    rule(
        "S1D-05",
        Error,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It lists the reports for user entities, each with a control over it.",
    ),
    rule(
        "S1D-06",
        Error,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It lists subservice organizations with their method, and nothing that belongs to a SOC 2.",
    ),
    rule("S1D-07", Error, Soc1, DESCRIPTION, "AT-C 320.15", "It states the control objectives and their controls."),
    rule(
        "S1D-08",
        Warning,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It states the complementary user entity controls; a SOC 1 without any is rare.",
    ),
    rule(
        "S1D-09",
        Error,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "It states the complementary controls of each carved-out subservice organization, and what monitors it.",
    ),
    rule("S1D-10", Error, Soc1, DESCRIPTION, "AT-C 320.15", "It describes the other components of internal control."),
    rule(
        "S1D-11",
        ErrorOrWarning,
        Soc1Type2,
        DESCRIPTION,
        "AT-C 320.15",
        "It answers whether the system changed in the period.",
    ),
    rule(
        "S1D-12",
        Person,
        Soc1,
        DESCRIPTION,
        "AT-C 320.15",
        "Does the description leave out or distort nothing that a broad range of user entities and their auditors need?",
    ),
    rule(
        "S1D-13",
        Warning,
        Soc1,
        CONSISTENCY,
        "AT-C 320.15",
        "It names who set a control objective, where management did not.",
    ),
    rule("S1D-14", Error, Soc1, DESCRIPTION, "AT-C 320.15", "It says what it covers and what it leaves out."),
    // Control objectives.
    rule("OBJ-01", Error, Soc1, MEASURES, "AT-C 320.16", "Each control objective has a control, and none is left out."),
    rule(
        "OBJ-02",
        Warning,
        Soc1,
        MEASURES,
        "AT-C 320.16",
        "Each control objective bears on an assertion of user entities' statements, or on IT general controls.",
    ),
    rule(
        "OBJ-03",
        ErrorOrWarning,
        Soc1,
        MEASURES,
        "AT-C 320.16",
        "Each class of transactions is touched by a control objective.",
    ),
    rule(
        "OBJ-04",
        Warning,
        Soc1,
        WORDING,
        "AT-C 320",
        "No control objective is about continuity planning, efficiency or privacy.",
    ),
    rule("OBJ-05", Warning, Soc1, WORDING, "AT-C 105", "A control objective can be measured."),
    rule("OBJ-06", Warning, EveryReport, WORDING, "AT-C 320.16", "A control says who acts."),
    // The description of a SOC 2.
    rule("DC1", Error, Soc2, DESCRIPTION, "DC section 200, DC 1", "The description names the kinds of service."),
    rule(
        "DC2",
        ErrorOrWarning,
        Soc2,
        DESCRIPTION,
        "DC section 200, DC 2",
        "Each category has a principal commitment, and each commitment its system requirement.",
    ),
    rule(
        "DC3",
        ErrorOrWarning,
        Soc2,
        DESCRIPTION,
        "DC section 200, DC 3",
        "The five parts of the system and its boundary are described.",
    ),
    rule(
        "DC4",
        Error,
        Soc2,
        DESCRIPTION,
        "DC section 200, DC 4",
        "It is answered whether incidents must be disclosed; each has nature, timing, effect and outcome.",
    ),
    rule(
        "DC5",
        Error,
        Soc2,
        MEASURES,
        "DC section 200, DC 5",
        "Each criterion has a control, or a reason why it is not relevant.",
    ),
    rule(
        "DC6",
        Error,
        Soc2,
        REPORT,
        "DC section 200, DC 6",
        "Each complementary user entity control is tied to a criterion.",
    ),
    rule(
        "DC7",
        Error,
        Soc2,
        DESCRIPTION,
        "DC section 200, DC 7",
        "Each carved-out subservice organization has complementary controls, and something monitors it.",
    ),
    rule(
        "DC8",
        Error,
        Soc2,
        MEASURES,
        "DC section 200, DC 8",
        "A criterion that is not relevant has a reason and no control, and is none of CC1 to CC5.",
    ),
    rule(
        "DC9",
        ErrorOrWarning,
        Soc2Type2,
        DESCRIPTION,
        "DC section 200, DC 9",
        "It is answered whether the system changed significantly in the period.",
    ),
    // Section IV.
    rule(
        "TST-01",
        Error,
        Type2,
        SECTION_IV,
        GUIDE,
        "The firm recorded something about every control before it signed.",
    ),
    rule(
        "TST-02",
        ErrorOrWarning,
        Type2,
        SECTION_IV,
        GUIDE,
        "Each test names its procedures and is described; inquiry alone is not enough.",
    ),
    rule(
        "TST-03",
        Warning,
        Type2,
        SECTION_IV,
        GUIDE,
        "All items or a selection were tested; one item shows operation of an automated or annual control only.",
    ),
    rule("TST-04", Error, Type2, SECTION_IV, GUIDE, "Each test has a result once the firm has signed."),
    rule(
        "TST-05",
        Error,
        Type2,
        SECTION_IV,
        "AT-C 320.40; PCAOB AI 18",
        "Deviations are told with their number, of how many items, and their nature.",
    ),
    rule(
        "TST-06",
        Error,
        Type2,
        SECTION_IV,
        GUIDE,
        "A control that did not operate is said to be so, and has no test of operation.",
    ),
    rule(
        "TST-07",
        Warning,
        Type2,
        SECTION_IV,
        "AT-C 320.40; AT-C 205",
        "Where the firm used the work of internal audit, Section IV describes it.",
    ),
    rule(
        "TST-08",
        Warning,
        Type2,
        SECTION_IV,
        "AT-C 205",
        "Section IV tells how the completeness and accuracy of information from the organization was tested.",
    ),
    rule(
        "TST-09",
        Person,
        Type2,
        VIEW_OF_TESTS,
        "practice",
        "Does the firm want numbers of items tested printed where it found no deviation? It may, and need not.",
    ),
    rule(
        "TST-10",
        Error,
        Type2,
        ACROSS,
        "AT-C 205",
        "What the firm adopted is what management ran: tests belong to the firm.",
    ),
    rule("TST-11", Error, Type2, SECTION_IV, "practice", "A control is reported once, whatever it serves."),
    // The report as a whole.
    rule(
        "RPT-01",
        Error,
        Soc1AndSoc2,
        REPORT,
        "AT-C 320.15; DC section 200",
        "Matrix, Section III and Section IV state the same controls in the same words.",
    ),
    rule(
        "RPT-02",
        Error,
        Soc1AndSoc2,
        REPORT,
        "AT-C 320.15; DC section 200",
        "Each control objective or criterion is a heading once.",
    ),
    rule(
        "RPT-03",
        ErrorOrWarning,
        EveryReport,
        REPORT,
        "practice",
        "System, organization and subservice organizations have one name everywhere.",
    ),
    rule(
        "RPT-04",
        ErrorOrWarning,
        Soc1AndSoc2,
        REPORT,
        "AT-C 320.15; DC section 200",
        "Each complementary control is tied to something in scope.",
    ),
    rule(
        "RPT-05",
        ErrorOrWarning,
        EveryReport,
        REPORT,
        "AT-C 320.15; DC section 200",
        "The method of a subservice organization is the same in assertion and description.",
    ),
    rule(
        "RPT-06",
        ErrorOrWarning,
        Soc1AndSoc2,
        REPORT,
        "AT-C 320.15",
        "No control is described that is not in place, or that nothing shows to be.",
    ),
    rule("RPT-07", ErrorOrWarning, Type1, WORDS, "AT-C 320.41", "A Type 1 says nothing of operation."),
    rule(
        "RPT-08",
        ErrorOrWarning,
        EveryReport,
        WORDS,
        "AT-C 320; TSP section 100",
        "A SOC 1 uses no trust services criteria, a SOC 2 and a SOC 3 no control objectives.",
    ),
    rule("RPT-09", Warning, EveryReport, REPORT, "practice", "Until the firm signs, every page is marked as a draft."),
    rule(
        "RPT-10",
        ErrorOrWarning,
        EveryReport,
        WORDS,
        "AICPA, SOC communications",
        "Nothing says compliant, certified, passed or guaranteed.",
    ),
    rule(
        "RPT-11",
        Person,
        Type2,
        AUDITORS_REPORT,
        "AT-C 320.40; AT-C 205",
        "Where the opinion on design is modified for a matter, is the opinion on operation modified for it too?",
    ),
    rule("RPT-12", BuiltIn, EveryReport, COVER, "AT-C 205", "The cover says who may use the report."),
    rule(
        "RPT-13",
        Warning,
        EveryReport,
        BOILERPLATE,
        "lesson of 2026",
        "The description is management's own prose, not that of a template.",
    ),
    rule(
        "RPT-14",
        Error,
        Type2,
        CRITICS,
        "AT-C 105",
        "No test is dated before the days it tests are over, none is adopted before it ran.",
    ),
    rule(
        "RPT-15",
        ErrorOrWarning,
        EveryReport,
        WORDS,
        "practice",
        "Every character has a glyph in the fonts of the documents.",
    ),
    // Dates.
    rule(
        "DAT-01",
        Error,
        EveryReport,
        DATES,
        "AT-C 320.40, .41",
        "A Type 1 has one date, a Type 2 a first and a later last day.",
    ),
    rule("DAT-02", Error, EveryReport, ACROSS, "practice", "All documents speak of the same days."),
    rule(
        "DAT-03",
        Error,
        EveryReport,
        DATES,
        "AT-C 320.40; AT-C 205",
        "Last day, assertion and report follow each other.",
    ),
    rule(
        "DAT-04",
        Person,
        EveryReport,
        LETTER,
        "AT-C 320.36; AT-C 205.50",
        "Is the representation letter that management signed dated as the service auditor's report?",
    ),
    rule("DAT-05", Error, Type2, TESTING, "AT-C 320.17", "What was tested lies within the period."),
    rule(
        "DAT-06",
        Refused,
        Type2,
        REFUSALS,
        "practice",
        "A period begins on the day after the one before it, or says why not.",
    ),
    rule("DAT-07", Warning, EveryReport, CONSISTENCY, "practice", "A bridge letter speaks of 92 days at most."),
    rule(
        "DAT-08",
        Warning,
        EveryReport,
        DATES,
        "practice",
        "A period is no shorter than three months, of a SOC 1 six, and no longer than twelve.",
    ),
    rule(
        "DAT-09",
        Warning,
        EveryReport,
        CONSISTENCY,
        "AT-C 320.17",
        "Each control that the calendar sets falls due in the period, or is said not to have operated.",
    ),
    rule(
        "DAT-10",
        Error,
        EveryReport,
        CONSISTENCY,
        "AT-C 320.10",
        "A subservice organization that is included has the same dates.",
    ),
    // What critics of such reports look for.
    rule(
        "CRT-01",
        Warning,
        Soc1AndSoc2,
        BOILERPLATE,
        OURS,
        "Controls are worded by who runs them, not word for word by the catalog.",
    ),
    rule("CRT-02", Warning, Type2, CRITICS, OURS, "Ten tests or more over a period find something somewhere."),
    rule("CRT-03", Error, Type2, CRITICS, OURS, "No conclusion is dated before what it rests on."),
    rule("CRT-04", Warning, Type2, CRITICS, OURS, "No control stands in the report that nobody tested."),
    rule(
        "CRT-05",
        Warning,
        Type2,
        CRITICS,
        OURS,
        "Where management found exceptions of a control, the firm's tests of it found something too, or somebody knows why not.",
    ),
    // What else the product asks.
    rule("SOC3-01", Error, Soc3, DESCRIPTION, "AT-C 205", "A SOC 3 shows no control and no test."),
    rule(
        "SOC3-02",
        Error,
        Soc3,
        DESCRIPTION,
        "AT-C 205",
        "A SOC 3 attaches the boundary of the system and its principal commitments.",
    ),
    rule("RSP-01", Error, Type2, SECTION_IV, "practice", "A response is to a deviation that Section IV states."),
    rule("RSP-02", Warning, Type2, SECTION_IV, "practice", "Each deviation has a response."),
    rule(
        "IPE-01",
        Warning,
        Type2,
        TESTING,
        "AT-C 205",
        "Something of the source's own shows that a population is complete; key reports have control tests.",
    ),
    rule("IPE-02", Error, Type2, TESTING, "AT-C 205", "The extracts of a dataset cover the period."),
    rule(
        "IPE-03",
        Error,
        Type2,
        TESTING,
        "AT-C 205",
        "Rows and sums are those of the source, or the dataset is called incomplete.",
    ),
    rule("MGT-01", Error, Type2, TESTING, OURS, "There are four scores, each with what it is out of."),
    rule("MGT-02", Error, Type2, TESTING, OURS, "A result claims no more than its numbers bear out."),
    rule(
        "MGT-03",
        Error,
        Type2,
        TESTING,
        OURS,
        "No result without exceptions rests on evidence that is missing or incomplete.",
    ),
    rule("MGT-04", Error, Type2, TESTING, OURS, "Each exception that is named is listed."),
    rule("EXC-01", Error, Type2, EXCEPTIONS, OURS, "An exception stands once."),
    rule("EXC-02", Error, Type2, EXCEPTIONS, OURS, "An exception's history goes forward and ends in its state."),
    rule("EXC-03", Error, Type2, EXCEPTIONS, OURS, "The days on which an exception was seen are in order."),
    rule(
        "EXC-04",
        ErrorOrWarning,
        Type2,
        EXCEPTIONS,
        OURS,
        "An exception that was answered or withdrawn shows its words.",
    ),
    rule(
        "FIG-01",
        ErrorOrWarning,
        EveryReport,
        FIGURES,
        OURS,
        "A figure says what it counts and leads to what is behind it.",
    ),
    rule("FIG-02", Error, EveryReport, FIGURES, OURS, "Two figures of the same thing are the same."),
    rule("PKG-01", Error, EveryReport, PACKAGE, OURS, "A report package holds no row of evidence."),
    rule("PKG-02", Warning, EveryReport, PACKAGE, OURS, "A package holds documents."),
    rule("PKG-03", Error, EveryReport, PACKAGE, OURS, "The figures in a package are those of its documents."),
    rule("PKG-04", Error, EveryReport, PACKAGE, OURS, "The documents in a package are of its engagement."),
    rule("CTL-01", Warning, EveryReport, WORDING, "practice", "A control's statement states one control."),
    rule("CTL-02", Warning, EveryReport, WORDING, "practice", "It gives limits as numbers."),
    rule("CTL-03", Warning, EveryReport, WORDING, "practice", "It says how often, as its frequency does."),
    rule("CTL-04", Warning, EveryReport, WORDING, "practice", "A control names its evidence."),
    rule("CTL-05", Warning, EveryReport, WORDING, "practice", "A control's owner is a role."),
    rule("CTL-07", Warning, EveryReport, WORDING, "practice", "A review says what it looks for."),
    rule(
        "CTL-08",
        Warning,
        EveryReport,
        WORDING,
        "practice",
        "A control is what is done, not what may or should be done.",
    ),
    rule(
        "CTL-09",
        Warning,
        EveryReport,
        WORDING,
        "AT-C 205",
        "A control that people perform with a system's output names the report.",
    ),
    rule(
        "CUEC-01",
        Warning,
        EveryReport,
        WORDING,
        "practice",
        "A complementary user entity control has actor, action and object.",
    ),
    rule(
        "MAP-02",
        Warning,
        EveryReport,
        CONSISTENCY,
        "AU-C 402",
        "Each complementary user entity control in a report on file is run by a control of ours.",
    ),
    rule(
        "COV-01",
        Warning,
        EveryReport,
        CONSISTENCY,
        "AU-C 402",
        "A period covers the fiscal year of each user entity well that asks for the report.",
    ),
    rule("EVI-01", Warning, EveryReport, CONSISTENCY, OURS, "A document that is named as evidence shows few controls."),
    rule("SCO-01", Warning, EveryReport, CONSISTENCY, OURS, "Each comment of the firm on the scope has an answer."),
    rule("SCO-02", Warning, EveryReport, CONSISTENCY, OURS, "Every control that a scope item names runs."),
    rule(
        "SUB-01",
        Warning,
        EveryReport,
        CONSISTENCY,
        "AT-C 320.15; DC section 200, DC 7",
        "The design assumes controls of each carved-out subservice organization, tied to something in scope.",
    ),
    rule(
        "SUB-02",
        Warning,
        EveryReport,
        CONSISTENCY,
        "AT-C 320.15; DC section 200, DC 7",
        "A control that runs monitors each carved-out subservice organization.",
    ),
    rule(
        "SUB-03",
        Warning,
        EveryReport,
        CONSISTENCY,
        "practice",
        "A report of each carved-out subservice organization is on file, of the same kind as ours.",
    ),
    rule(
        "SUB-04",
        Warning,
        EveryReport,
        CONSISTENCY,
        "practice",
        "Reports on file and their bridge letters cover the days of ours.",
    ),
    rule("TXT-01", Warning, EveryReport, CONSISTENCY, OURS, "No text promises more than a control's frequency."),
    rule(
        "TXT-02",
        Warning,
        EveryReport,
        CONSISTENCY,
        OURS,
        "Dated documents about a control are as many as its statement promises.",
    ),
    rule(
        "TXT-03",
        Warning,
        EveryReport,
        CONSISTENCY,
        OURS,
        "The description counts no more places than the inventory has.",
    ),
    rule(
        "TXT-04",
        Warning,
        EveryReport,
        CONSISTENCY,
        OURS,
        "What the description names as part of the system is in the inventory.",
    ),
    rule(
        "TXT-05",
        Warning,
        EveryReport,
        CONSISTENCY,
        OURS,
        "The description lists what the scope lists, in the same words, and nothing else.",
    ),
    rule(
        "TXT-06",
        Warning,
        EveryReport,
        CONSISTENCY,
        OURS,
        "The description treats each subservice organization by the method of the scope.",
    ),
    rule(
        "TXT-07",
        Warning,
        EveryReport,
        CONSISTENCY,
        OURS,
        "Each commitment in the description stands under its category of the scope.",
    ),
];
