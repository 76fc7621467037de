//! What can go wrong at the edge: one error, saying what was being done; hints say what to do next.

use std::path::PathBuf;

use tickmark_canonical::Digest;
use tickmark_domain::Refusal;

/// Why the house could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The operating system refused a file operation.
    #[error("could not {doing} {}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// There is no installation in the folder.
    #[error("{} holds no installation of Tickmark", path.display())]
    NoInstallation {
        /// The folder.
        path: PathBuf,
    },
    /// The folder already holds something.
    #[error("{} is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A PDF gave no text.
    #[error("{}: {reason}", path.display())]
    Pdf {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: tickmark_pdf_text::Error,
    },
    /// A settings file says something that it may not.
    #[error("{}: {problem}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// An OSCAL file is broken, or of a model that is not read.
    #[error("{}: {place}: {reason}", path.display())]
    Oscal {
        /// The file.
        path: PathBuf,
        /// The place in it.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// Others than its owner can read a secret.
    #[error("{} holds a secret and has mode {mode:o}: others than its owner can use it", path.display())]
    SecretIsReadable {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    Random(getrandom::Error),
    /// Somebody else kept writing between decision and append.
    #[error("the ledger moved on {0} times while this was being decided")]
    Contended(u32),
    /// The catalog has problems; all of them, one a line.
    #[error("the catalog has {} problem(s):\n{}", .0.len(), .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
    Catalog(Vec<tickmark_catalog::CatalogError>),
    /// Control tests break rules of the engine; all findings, one a line.
    #[error("the SQL of control tests breaks {} rule(s):\n{}", .0.len(), .0.iter().map(|f| format!("  {f}")).collect::<Vec<_>>().join("\n"))]
    Sql(Vec<tickmark_examine::Finding>),
    /// An entry's body is not what this version writes.
    #[error("entry {index} holds an event that this version does not know: {source}")]
    UnknownEvent {
        /// The entry.
        index: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// A name that the caller gave is not known.
    #[error("there is no {kind} `{name}`")]
    Unknown {
        /// Of what kind.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A document of a source names a control that the organization did not adopt.
    #[error(
        "source `{source_id}` names control {control} for `{file}`, {}",
        if *is_offered { "which is not adopted" } else { "and neither the control set nor the catalog has it" }
    )]
    NotInControlSet {
        /// The source.
        source_id: String,
        /// The document's file.
        file: String,
        /// The control.
        control: tickmark_domain::ControlId,
        /// Whether the catalog has it.
        is_offered: bool,
    },
    /// A name that the caller gave could mean several things.
    #[error("`{name}` names several {kind}: give the first digits of one's digest")]
    NamesSeveral {
        /// Of what kind.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// This installation does not cosign a checkpoint.
    #[error("not cosigned ({status}): {because}")]
    NotCosigned {
        /// What HTTP would say.
        status: u16,
        /// Why.
        because: String,
    },
    /// What was given cannot be the seed of a recovery key.
    #[error("a recovery seed is 64 hexadecimal digits")]
    NoRecoverySeed,
    /// The documents of a package say what a careful reader would send back; one line a rule.
    #[error("the documents cannot be issued as signed:\n{}", by_rule(.0))]
    Lint(Vec<tickmark_report::lint::Finding>),
    /// Days that end before they begin.
    #[error("the days end before they begin: {} to {}", .0.first, .0.last)]
    DaysBackwards(tickmark_domain::Span),
    /// The secret from which the organization's item keys are derived is no personal data, and nothing replaces it.
    #[error(
        "{object} holds the secret of the organization's item keys, without which nobody opens the organization any more"
    )]
    HoldsItemKeys {
        /// The object.
        object: Digest,
    },
    /// A rule said no to what a file says.
    #[error("{place}: {refusal}")]
    RefusedAt {
        /// File, line and record.
        place: String,
        /// The rule.
        refusal: Refusal,
    },
    /// A fact has to fit into an entry.
    #[error(
        "it names {names} things in {bytes} bytes, and an entry of the ledger holds {most}: name those that count, or make two of it"
    )]
    TooMuchForAnEntry {
        /// How many things its lists name.
        names: usize,
        /// What it takes.
        bytes: usize,
        /// What an entry holds.
        most: usize,
    },
    /// A value that TOML cannot hold.
    #[error("this cannot be written as TOML: {0}")]
    Unwritable(String),
    /// Nothing can be tested or reported without an engagement.
    #[error("there is no engagement yet")]
    NoEngagement,
    /// No report package of the engagement was issued.
    #[error("no report package of engagement `{0}` was issued")]
    NotIssued(String),
    /// A reader's copy bears the reader's name.
    #[error("a reader's copy bears a name of 1 to {longest} characters")]
    ReaderUnnamed {
        /// Characters.
        longest: usize,
    },
    /// A companion of a report that would say nothing, or nothing true.
    #[error("it cannot be written: {0}")]
    NoCompanion(&'static str),
    /// The ledger has not come so far.
    #[error("the ledger has {size} entries, not {asked}")]
    NotYet {
        /// The size asked for.
        asked: u64,
        /// The size it has.
        size: u64,
    },
    /// A profile says something that it may not.
    #[error("{0}")]
    Profile(Box<Self>),
    /// A system without a name cannot be in an engagement.
    #[error("the system has no name yet")]
    NoSystem,
    /// A text that has to say something says nothing.
    #[error("a text is blank where something has to be said")]
    BlankText,
    /// The sample company's systems are as of a day that has not come.
    #[error("the machine's clock says {today}, and the sample company's systems are those of {copied_on}")]
    SampleIsAhead {
        /// The day that it is where the sample company is.
        today: jiff::civil::Date,
        /// The day on which its systems are as written.
        copied_on: jiff::civil::Date,
    },
    /// No engagement has days that have begun.
    #[error("there are no days to collect: no engagement is open whose days have begun")]
    NothingToCollect,
    /// No control test is about a control of the organization's.
    #[error("there is nothing to test: no control that a control test is about is adopted")]
    NothingToTest,
    /// The evidence behind a population is missing, incomplete or stale.
    #[error("{of} is not evaluable: {reason}")]
    NotEvaluable {
        /// The query.
        of: String,
        /// Which evidence, and why.
        reason: String,
    },
    /// A query could not be run.
    #[error("{of} could not be run: {message}")]
    Query {
        /// The query.
        of: String,
        /// What happened.
        message: String,
    },
    /// What was given cannot be a nonce.
    #[error("{} holds no nonce: 64 hexadecimal digits", path.display())]
    NoNonce {
        /// The file.
        path: PathBuf,
    },
    /// The past is for reading.
    #[error(
        "the past is shown and stays as it was: this command would change something, or looks at what is there now"
    )]
    PastStays,
    /// Another process does what the schedule asks for.
    #[error("another process of this installation is running what is due")]
    ScheduleRuns,
    /// A control test without a result has no period to be compared over.
    #[error("control test `{0}` has no result over the days of an engagement to compare with")]
    NoResult(String),
    /// One of two versions of a control test could not be evaluated.
    #[error("{version} of `{test}` could not be evaluated: {reason}")]
    BackTestFailed {
        /// The control test.
        test: String,
        /// Which version.
        version: &'static str,
        /// Why.
        reason: String,
    },
    /// Several people could have been meant.
    #[error("several people are administrators here: say who acts")]
    WhoActs,
    /// Something cannot be an identifier.
    #[error(transparent)]
    Id(#[from] tickmark_domain::IdParseError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] tickmark_ledger::Error),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] tickmark_vault::Error),
    /// A snapshot could not be written.
    #[error(transparent)]
    Snapshot(#[from] tickmark_domain::SnapshotUnreadable),
    /// A connector.
    #[error(transparent)]
    Collect(#[from] tickmark_collect::Error),
    /// The engine of control tests.
    #[error(transparent)]
    Examine(#[from] tickmark_examine::Error),
    /// A document or package.
    #[error(transparent)]
    Report(#[from] tickmark_report::Error),
    /// The sample company.
    #[error(transparent)]
    Sample(#[from] tickmark_sample::Error),
    /// A cell cannot be shown.
    #[error("a cell cannot be shown: {0}")]
    Cell(#[from] arrow::error::ArrowError),
    /// A vault object is not of the form that the fact names.
    #[error("object {digest} is not of the expected form: {source}")]
    ObjectUnreadable {
        /// The object.
        digest: Digest,
        /// Why.
        source: serde_json::Error,
    },
    /// A list of item keys is damaged.
    #[error("object {0} is no list of item keys")]
    KeysUnreadable(Digest),
    /// A package says something else than it must.
    #[error("{what}: expected {expected}, found {found}")]
    Differs {
        /// What.
        what: String,
        /// What it must say.
        expected: String,
        /// What it says.
        found: String,
    },
    /// Rows lie in examination packages only.
    #[error("a report package holds no evidence, so no control test can be performed again from it")]
    HoldsNoEvidence,
    /// An examination package opens with the firm's key only.
    #[error("the package is sealed to the firm key {recipient}")]
    FirmKeyNeeded {
        /// The key it is sealed to.
        recipient: String,
    },
    /// A value has no canonical bytes.
    #[error(transparent)]
    NotCanonical(#[from] tickmark_canonical::NotCanonical),
}

impl From<tickmark_domain::sampling::SamplingRefusal> for Error {
    fn from(refusal: tickmark_domain::sampling::SamplingRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

/// What is behind an error, the error itself first.
fn causes_of<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

impl Error {
    /// Whether bytes are not what they must be.
    pub fn is_corrupt(&self) -> bool {
        matches!(
            self,
            Self::Differs { .. }
                | Self::KeysUnreadable(_)
                | Self::ObjectUnreadable { .. }
                | Self::Report(tickmark_report::Error::Corrupt(_))
        ) || matches!(self, Self::Ledger(error) if error.is_corrupt())
            || matches!(self, Self::Vault(error) if error.is_corrupt())
    }

    /// A stable name of what went wrong, for scripts: a refusal's own, that of a collection, or the kind.
    pub fn code(&self) -> &'static str {
        if let Self::Refused(refusal) | Self::RefusedAt { refusal, .. } = self {
            return refusal.code();
        }
        if matches!(self, Self::NotEvaluable { .. }) {
            return "not-evaluable";
        }
        if matches!(self, Self::HoldsItemKeys { .. }) {
            return "holds-item-keys";
        }
        if matches!(self, Self::NotInControlSet { .. }) {
            return "control-not-adopted";
        }
        if self.is_corrupt() {
            return "corrupt";
        }
        if let Self::Collect(error) = self { error.code() } else { "error" }
    }

    fn is_disk_full(&self) -> bool {
        matches!(self, Self::Ledger(error) if error.is_disk_full())
            || matches!(self, Self::Vault(error) if error.is_disk_full())
            || causes_of(self).any(|cause| {
                let cause = cause.downcast_ref::<std::io::Error>();
                cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::StorageFull)
            })
    }

    /// What a person can do next.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most errors say all there is to say")]
    pub fn hint(&self) -> Option<&'static str> {
        if self.is_disk_full() {
            return Some("see whether the disk is full: what was recorded before is whole");
        }
        match self {
            Self::NoInstallation { .. } => {
                Some("make one with `tickmark init`, or see one with `tickmark demo --dir DIR`")
            }
            Self::NotEmpty { .. } => Some("choose a folder that does not exist yet"),
            Self::SampleIsAhead { .. } => Some("set the clock: evidence of days to come is refused, in the demo too"),
            Self::SecretIsReadable { .. } => Some("take the rights of others away: chmod 600"),
            Self::Refused(refusal) | Self::RefusedAt { refusal, .. } => hint_to(refusal),
            Self::Unknown { kind: "role", .. } => Some(
                "roles are administrator, compliance-lead, control-owner, executive and reader; of a firm firm-preparer, firm-reviewer and firm-signatory",
            ),
            Self::Unknown { kind: "industry", .. } => Some(INDUSTRIES),
            Self::Unknown { kind: "category", .. } => {
                Some("categories are security, availability, confidentiality, processing-integrity and privacy")
            }
            Self::Unknown { kind: "section", .. } => Some("`tickmark firm sections ENGAGEMENT` lists them"),
            Self::Contended(_) => Some("try again"),
            Self::Collect(tickmark_collect::Error::Denied { .. }) => {
                Some("`tickmark connector show CONNECTOR` tells the permissions that it needs")
            }
            Self::HoldsNoEvidence => Some(
                "the firm has the examination package, sealed to its key; `tickmark verify` recomputes a report package's figures",
            ),
            Self::FirmKeyNeeded { .. } => Some("give the firm's secret key with `--firm-key FILE`"),
            Self::NotCosigned { status: 404, .. } => {
                Some("an administrator holds another ledger with `tickmark ledger trust KEY`")
            }
            Self::NotCosigned { status: 409, .. } => Some(
                "the number is the size held: write the request again with `--held SIZE`; if it is larger than the ledger, somebody cut it short or forked it",
            ),
            Self::NotIssued(_) => Some("`tickmark report` issues one"),
            Self::NoEngagement | Self::NothingToCollect => {
                Some("open one with `tickmark engagement open`, or name days with `--first` and `--last`")
            }
            Self::Unknown { kind: "evidence", .. } | Self::NamesSeveral { kind: "pieces of evidence", .. } => {
                Some("`tickmark management-test evidence` lists entries and digests of documents and extracts")
            }
            Self::NotInControlSet { .. } => {
                Some("adopt it with `tickmark control adopt`, or name another one in the register")
            }
            Self::Profile(_) => {
                Some("`tickmark advise --example` prints a filled profile; docs/advisor.md says what each key asks")
            }
            Self::BlankText => Some("a reason, a statement or a name is given in words; it stays in the ledger"),
            Self::NoSystem => Some("name it with `--system NAME`, or in a decision (`--proposal FILE.toml`)"),
            Self::NothingToTest => Some("adopt controls with `tickmark control adopt`"),
            Self::PastStays => Some("leave out `--at`"),
            Self::ScheduleRuns => Some("it runs what is due; look again with `tickmark run --due --dry-run`"),
            Self::NoResult(_) => Some("run it with `tickmark test --test TEST`"),
            Self::WhoActs => Some("name the person with `--as PERSON`"),
            _ => None,
        }
    }
}

/// The industries of the catalog that the program carries.
const INDUSTRIES: &str = "industries are ap-ar, billing, claims-tpa, erp-saas, financial-hosting, fund-services, \
                          healthcare-rcm, loan-servicing, outsourced-accounting, payments, payroll and retirement";

/// Errors by rule: the first of each in full, and how many more.
fn by_rule(findings: &[tickmark_report::lint::Finding]) -> String {
    let mut rules: std::collections::BTreeMap<&str, (&tickmark_report::lint::Finding, u64)> = Default::default();
    for finding in findings.iter().filter(|finding| finding.severity == tickmark_report::lint::Severity::Error) {
        rules.entry(finding.rule).or_insert((finding, 0)).1 += 1;
    }
    let lines: Vec<String> = rules
        .into_values()
        .map(|(first, count)| {
            let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
            format!("  {} {}: {}{more}", first.rule, first.place, first.message)
        })
        .collect();
    lines.join("\n")
}

/// What a person can do after a rule said no.
#[expect(clippy::wildcard_enum_match_arm, reason = "most refusals say all there is to say")]
fn hint_to(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::AlreadyFounded => Some("choose another folder with `--dir DIR`: a ledger begins once"),
        Refusal::UnknownPerson(_) => Some("`tickmark person list` shows who is known"),
        Refusal::RoleMissing { .. } | Refusal::NotOfTheFirm(_) => {
            Some("name who acts with `--as PERSON`; `tickmark person list` shows who holds which role")
        }
        Refusal::SourceNotApproved(_) | Refusal::SourceChanged(_) => {
            Some("an administrator approves a source with `tickmark source approve`")
        }
        Refusal::CatalogNotProposed => Some("propose it with `tickmark catalog propose`; a second person adopts it"),
        Refusal::ProposerAdopts(_) => Some("name another administrator with `--as PERSON`"),
        Refusal::NotBackTested(_) => {
            Some("`tickmark test backtest TEST --catalog DIR`, or propose it with `--not-back-tested TEST=REASON`")
        }
        Refusal::NothingToClose(_) => Some("management adopts one with `tickmark description adopt FILE`"),
        Refusal::NotClosed(_) => Some("close it with `tickmark engagement close ENGAGEMENT`"),
        Refusal::ClosedAlready { .. } => Some(
            "give it with `--again REASON`; `tickmark engagement changes ENGAGEMENT` shows what is otherwise since",
        ),
        Refusal::ChangedSinceClosing { .. } => Some(
            "`tickmark engagement changes ENGAGEMENT` shows what; `tickmark engagement close ENGAGEMENT --again REASON` closes it as it is now, and its package says what changed; `tickmark report --as-closed` shows it as it was closed",
        ),
        Refusal::OtherCatalog | Refusal::NoCatalog => {
            Some("an administrator adopts a catalog with `tickmark catalog adopt`")
        }
        Refusal::UnknownEngagement(_) => {
            Some("`tickmark engagement list` shows the engagements, `tickmark engagement open` opens one")
        }
        Refusal::OutsideEveryPeriod { .. } => Some(
            "a state is of the day in its file's name (`{date}`), else of the day before `copied_on` in the source's settings, or before today; `tickmark engagement list` shows the engagements",
        ),
        Refusal::CoversTheFuture { .. } => {
            Some("look at the machine's clock, at `--last`, and at the days in files' names and in `copied_on`")
        }
        Refusal::DayNotOver { .. } => Some(
            "do it once the day is over; a file that was made during the day in its name has `{taken_on}` in place of `{date}`, and answers for the day before",
        ),
        Refusal::UnknownException(_) | Refusal::ExceptionNotThere { .. } => {
            Some("`tickmark exceptions` lists exceptions and where they stand")
        }
        Refusal::WithdrawalNotProposed(_) => {
            Some("propose it with `tickmark exception withdraw EXCEPTION --reason TEXT --evidence FILE`")
        }
        Refusal::RetestWithoutResult(_) => Some(
            "run `tickmark test --test TEST --first DATE --last DATE` over days after the remediation; a run that had nothing to look at shows nothing",
        ),
        Refusal::UnknownManagementTest(_) | Refusal::NotReviewed(_) => Some(
            "`tickmark management-test list` shows them; a second person reviews one with `tickmark management-test review`",
        ),
        Refusal::WordingChanged { .. } | Refusal::DaysUntested { .. } => Some(
            "name tests over the days of each wording; a control test runs over them with `tickmark test --test TEST --first DATE --last DATE`",
        ),
        Refusal::ExceptionsStand(_) => Some("`tickmark exceptions` lists them"),
        Refusal::OccurrencesMissed { .. } => Some(
            "`tickmark calendar --control CONTROL` shows them; `tickmark control perform` records what was performed, with its evidence",
        ),
        Refusal::ExceptionsUnassessed { .. } => {
            Some("`tickmark exception assess EXCEPTION` records cause, isolated or systematic, and effect")
        }
        Refusal::EmptyUnexplained(_) => Some(
            "name a query over another source with `--second FILE.sql --key COLUMNS`, or say why there was none with `--explained TEXT`",
        ),
        Refusal::DrawerRunsControl { .. } => Some("let somebody draw who does not run the control: `--as PERSON`"),
        Refusal::PopulationOutdated { .. } => Some(
            "`tickmark population compare` shows what differs; then check it anew, or freeze once more with a reason",
        ),
        Refusal::RetestLeavesDays { .. } => {
            Some("retest from the day after the remediation: `tickmark test --test TEST --first DATE --last DATE`")
        }
        Refusal::OccurrenceUnassessed { .. } => Some(
            "name it as an exception by a control test or a management test over these days, then `tickmark exception assess`",
        ),
        Refusal::NoOccurrenceUnshown { .. } | Refusal::PopulationNotShownEmpty { .. } => Some(
            "`tickmark population freeze` over these days, then `tickmark population check`; name the population in `--over`",
        ),
        Refusal::SettingHistoryGap { .. } | Refusal::HistoryIsNoExtract(_) => {
            Some("collect the log of changes over these days and name its dataset: `--change-history DATASET`")
        }
        Refusal::ItgcNotConcluded(_) => {
            Some("conclude on that control first; `tickmark control conclusions` shows what stands")
        }
        Refusal::ItgcExceptionOpen { .. } => Some("`tickmark exception assess` says what it means"),
        Refusal::PerformedBeforeEvidence { .. } => {
            Some("give the day that the evidence speaks of with `--on`, and a day of the window with `--window`")
        }
        Refusal::NothingDeviated(_) => {
            Some("a sample that was too small is drawn anew: `tickmark sample draw --reason TEXT`")
        }
        Refusal::UnderLegalHold { .. } | Refusal::UnknownHold { .. } => {
            Some("`tickmark vault holds` lists the legal holds that stand, with the entry that each is released by")
        }
        Refusal::DemandNotForward { .. } => {
            Some("`--asked` is the day on which they asked; what is due, and what ends, comes on that day or later")
        }
        Refusal::UnknownPopulation(_) => Some("`tickmark population list` shows the populations"),
        Refusal::PopulationNotChecked(_) => {
            Some("somebody who owns none of its controls records a check with `tickmark population check`")
        }
        Refusal::FrozenBefore(_) => Some("give the reason with `--reason TEXT`; both freezes stay and show"),
        Refusal::DrawnBefore(_) => Some("give the reason with `--reason TEXT`; both samples stay and show"),
        Refusal::ExtractedBeforeLastDay { .. } => {
            Some("collect after the last day, or freeze days that had ended with `--first` and `--last`")
        }
        Refusal::NotCommittedBeforeFreeze(_) => {
            Some("commit with `tickmark sample nonce --commit`, then let the population be frozen once more")
        }
        Refusal::UnknownSample(_) => Some("`tickmark sample list` shows the samples"),
        Refusal::UnknownScopeItem(_) => Some("`tickmark scope list` shows what is in scope, with its ids"),
        Refusal::UnknownObjective(_)
        | Refusal::UnknownCriterion(_)
        | Refusal::UnknownControl(_)
        | Refusal::UnknownRisk(_) => {
            Some("`tickmark coverage --matrix FILE.csv` writes criteria, objectives, risks and controls with their ids")
        }
        Refusal::UnknownLintRule(_) => Some("the rules stand in `docs/lint.md`"),
        Refusal::NoReportPackage(_) => Some("`tickmark report --engagement ID` makes it"),
        Refusal::NotWhatWasAsked { .. } => Some(
            "send what was asked for; or say with `--although REASON` why the reader takes this one, or end the demand with `--because`",
        ),
        Refusal::FollowedAlready { .. } => {
            Some("`tickmark engagement list` shows it; renew that one when its period has begun")
        }
        Refusal::PeriodNotBegun { .. } => Some(
            "renew it once its period has begun; until then change its own days in `engagements.toml` (`tickmark export DIR`)",
        ),
        Refusal::PeriodNotForward { .. } => Some("give a first day that comes before the last"),
        Refusal::NothingInScope => Some(
            "name control objectives (SOC 1: `--objectives ID,…`) or trust services categories (SOC 2: `--categories security,…`)",
        ),
        Refusal::ScopeOfOtherReport => {
            Some("give a SOC 1 `--objectives`, a SOC 2 or SOC 3 `--categories`; who needs both opens two engagements")
        }
        Refusal::NotIncluded(_) => {
            Some("record it in scope with the method `inclusive` for this report, if that is how it is treated")
        }
        Refusal::Soc3WithoutPeriod => Some("give its first and last day: `--type2 FIRST LAST`"),
        Refusal::StandardOfOtherReport { .. } => {
            Some("a SOC 1 is made under AT-C 320, ISAE 3402 or both; a SOC 2 and a SOC 3 under AT-C 205")
        }
        Refusal::ObjectiveBearsOnNothing(_) => Some(
            "give it `assertions` (completeness, accuracy, …), or `kind = \"itgc\"` if it is about the IT that processing stands on; what is neither belongs into section V",
        ),
        Refusal::CriterionOutsideCategory { .. } => {
            Some("tie it to a criterion of that category, or give it the category of the criterion")
        }
        Refusal::CriterionOutOfScope(_) => Some(
            "`tickmark coverage` shows the criteria in scope; categories are changed in `engagements.toml` (`tickmark export DIR`, then `tickmark apply DIR`)",
        ),
        Refusal::TiedToNothing(_) => Some(
            "name the `objectives` or `criteria` that cannot be met without it; what users merely should do is no complementary control",
        ),
        Refusal::ControlServesNothing(_) => Some("name the `objectives` or `criteria` that it serves"),
        Refusal::PeriodNotContiguous { .. } => Some("`tickmark engagement renew` proposes the next period"),
        Refusal::DatedTooEarly { .. } => Some(
            "as-of date or last day, then management's assertion, then the firm's report: none is dated before the one it rests on",
        ),
        Refusal::DatedInTheFuture { .. } => Some("it can be recorded when that day has come"),
        Refusal::ImplausibleDay { .. } => Some("look at the year"),
        Refusal::ControlExists(_) => Some("`tickmark control revise` gives it a new version"),
        Refusal::PackageLacks("a system description") => Some("adopt one with `tickmark description adopt FILE`"),
        Refusal::PackageLacks("management's assertion") => Some("sign it with `tickmark assertion sign FILE`"),
        Refusal::PackageLacks("a report that the firm had signed when it was issued") => {
            Some("once the firm's report is recorded, issue the package anew with `tickmark report`")
        }
        Refusal::PackageLacks(_) => Some("appoint a firm with `tickmark firm appoint`"),
        _ => None,
    }
}

/// An error with its causes in one line; no cause is said twice.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hints_name_every_industry_and_category() {
        let catalog = tickmark_catalog::Catalog::embedded().unwrap();
        let hint = |kind| Error::Unknown { kind, name: "nope".to_owned() }.hint().unwrap();
        for industry in catalog.industries.keys() {
            assert!(hint("industry").contains(&**industry), "{industry}");
        }
        for category in catalog.categories.keys() {
            assert!(hint("category").contains(&**category), "{category}");
        }
    }
}
