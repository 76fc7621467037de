//! The arguments of every command; those of a noun's commands stand in the noun's own file.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

/// From the first question about a SOC report to a package that anyone can re-perform.
///
/// Exit codes: 0 done; 1 failed; 2 arguments do not fit; 3 a rule refused; 4 something is corrupt or a verdict differs;
/// 5 evidence is incomplete, a control test could not be evaluated, or a verdict was not reached.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub format: Format,
    #[command(subcommand)]
    pub command: Command,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Advise which report clients need: SOC 1, SOC 2 or both, and what follows.
    Advise(super::advise::Advise),
    /// Show advice that was accepted and kept: what was advised, what was decided, and what would be advised today.
    Advice(super::advice::Advice),
    /// Show what a SOC 1 and a SOC 2 are, side by side.
    CompareReports(super::compare_reports::CompareReports),
    /// Print a checklist of controls and their evidence: SOC 1 by industry, SOC 2 by category, or both.
    Checklist(super::checklist::Checklist),
    /// Write a sample company with a year of systems and take it from source to report package.
    Demo(Demo),
    /// Make an installation for an organization.
    Init(Init),
    /// Add people, grant and revoke roles, list people.
    Person(super::person::Person),
    /// Open engagements, renew one, list them.
    Engagement(super::engagement::Engagement),
    /// Keep the register of who asked for a report and what became of it.
    Demand(super::demand::Demand),
    /// List what is in scope, with the firm's comments.
    Scope(super::scope::Scope),
    /// Read a vendor's SOC report (PDF), confirm what it says, put it on file.
    VendorReport(super::vendor_report::VendorReport),
    /// Adopt controls of the catalog, revise or drop one, record that one was performed, conclude on one, list the control set.
    Control(super::control::Control),
    /// Show every time controls were due in a period, and what the ledger shows of it.
    Calendar(super::calendar::Calendar),
    /// Write the program as files: scope, control set, objectives, risks, engagements.
    Export(super::export::Export),
    /// Read a list of controls that people keep in a workbook into such files, for review.
    Import(super::import::Import),
    /// Show how such files differ from the ledger, and record it.
    Apply(super::apply::Apply),
    /// List connectors, show what one needs, check one on its recording, begin one.
    Connector(super::connector::Connector),
    /// List and approve sources of evidence.
    Source(super::source::Source),
    /// Collect evidence from the sources in `sources/`.
    Collect(Collect),
    /// Run control tests over whole populations and record the results.
    Test(Test),
    /// Freeze populations, check them, compare them with today's evidence.
    Population(super::population::Population),
    /// Samples: how many items, what a result supports; draw, draw again, replace, extend, void.
    Sample(super::sample::Sample),
    /// Record tests of controls that people perform, review one, list them.
    ManagementTest(super::management_test::ManagementTest),
    /// Run what the schedule asks for: collect what due control tests rest on, then test.
    Run(super::run::Run),
    /// Show where every engagement stands.
    Status(Status),
    /// Show what controls cover, what is missing, what two reports share; write the risk-and-control matrix.
    Coverage(super::coverage::Coverage),
    /// Show what is lacking for a Type 1 and a Type 2, and in which order to close it.
    Readiness(super::readiness::Readiness),
    /// Check that what the program says in one place holds in the others.
    Consistency(super::consistency::Consistency),
    /// Check an engagement against every rule before it is final; overrule a warning with its reason.
    Lint(super::lint::Lint),
    /// List policies, show one filled from the scope, write them into a folder.
    Policy(super::policy::Policy),
    /// List exceptions, or the rows behind one.
    Exceptions(Exceptions),
    /// Show an exception, answer it, assess, remediate, retest or withdraw it.
    Exception(super::exception::Exception),
    /// What the firm noted: list deviations, answer those of its own tests
    Deviation(super::deviation::Deviation),
    /// Adopt management's description of its system.
    Description(super::description::Description),
    /// Sign management's assertion.
    Assertion(super::assertion::Assertion),
    /// Make the firm's key, appoint a firm, perform and record as the firm.
    Firm(super::firm::Firm),
    /// Hand the firm what it needs for its tests, sealed to its key.
    Handover(super::handover::Handover),
    /// Make the report package and the examination package of an engagement.
    Report(Report),
    /// Write what stands beside a report: letters, the pack for user entities, the memo of gaps, a comparison.
    Companion(super::companion::Companion),
    /// Check a package: integrity, recomputation, documents.
    Verify(Verify),
    /// Perform the control tests of an examination package again, with population, SQL and rows.
    Reperform(Reperform),
    /// Look into the ledger, check it, anchor it, rotate its key.
    Ledger(Ledger),
    /// Check the vault, erase or hold an object.
    Vault(Vault),
    /// Check a catalog folder, put a catalog in force.
    Catalog(super::catalog::Catalog),
    /// Write the program as OSCAL files, read the controls of other OSCAL files.
    Oscal(super::oscal::Oscal),
    /// See what a newer version of Tickmark would change.
    Upgrade(Upgrade),
    /// Serve the web application.
    Serve(Serve),
}

/// The installation's folder.
#[derive(Debug, Args)]
pub struct Folder {
    /// Folder of the installation.
    #[arg(long, default_value = ".", value_name = "DIR", global = true)]
    pub dir: PathBuf,
    /// Show what was known at this ledger size, or at this instant (RFC 3339, such as `2026-03-31T17:00:00Z`); refused by what
    /// would change something.
    #[arg(long, value_name = "MOMENT", global = true)]
    pub at: Option<tickmark_app::At>,
}

impl Folder {
    /// The moment asked for.
    pub fn moment(&self) -> tickmark_app::At {
        self.at.unwrap_or_default()
    }

    /// Refuses a past moment: what follows makes something, or looks at what is there now.
    pub fn require_present(&self) -> Result<(), tickmark_app::Error> {
        if self.at.is_some() { Err(tickmark_app::Error::PastStays) } else { Ok(()) }
    }
}

/// Who acts.
#[derive(Debug, Args)]
pub struct Acting {
    /// Id of the person who acts; the only administrator, if there is one.
    #[arg(long = "as", value_name = "PERSON", global = true)]
    pub person: Option<String>,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Folder that gets everything; it must not exist or be empty.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Size of the sample company in percent: 100 is a little over a million payslips.
    #[arg(long, default_value_t = 100, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=2000))]
    pub scale: u32,
    /// Seed of the sample company; another seed plants other faults in other places.
    #[arg(long, default_value_t = tickmark_app::DEFAULT_SEED, value_name = "NUMBER")]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub folder: Folder,
    /// Id of the organization.
    #[arg(long)]
    pub organization: String,
    /// Its name.
    #[arg(long)]
    pub name: String,
    /// IANA time zone in which its days begin and end, for good; UTC by default.
    #[arg(long)]
    pub zone: Option<String>,
    /// Business calendar of the catalog.
    #[arg(long, default_value = "us-federal")]
    pub calendar: String,
    /// Name of the first administrator.
    #[arg(long)]
    pub administrator: String,
    /// Their id; it stands in the ledger for ever, so it should not be their name.
    #[arg(long, default_value = "p-administrator", value_name = "PERSON")]
    pub administrator_id: String,
    /// Their mail address.
    #[arg(long)]
    pub mail: String,
    /// Catalog folder to adopt instead of the one in the binary.
    #[arg(long, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Collect {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// Only this source; all by default.
    #[arg(long)]
    pub source: Option<String>,
    /// First day of the events to collect; by default a month before the earliest engagement, since its first days rest
    /// on what was booked before.
    #[arg(long, value_name = "DATE")]
    pub first: Option<Date>,
    /// Last day of the events to collect; by default the last of any engagement, or today.
    #[arg(long, value_name = "DATE")]
    pub last: Option<Date>,
    /// Approve the sources with the settings they have now (administrators).
    #[arg(long)]
    pub approve: bool,
}

#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: Option<super::backtest::TestAct>,
    /// Only this control test; those of adopted controls by default.
    #[arg(long)]
    pub test: Option<String>,
    /// First day of the period tested; the engagements' own by default.
    #[arg(long, value_name = "DATE", requires = "last")]
    pub first: Option<Date>,
    /// Last day of the period tested.
    #[arg(long, value_name = "DATE", requires = "first")]
    pub last: Option<Date>,
    /// Seconds after which a query of a control test is ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// Check the cases of the control tests instead of the evidence.
    #[arg(long)]
    pub cases: bool,
}

#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub folder: Folder,
    /// List the control tests that ended otherwise than before.
    #[arg(long)]
    pub flips: bool,
    /// Only flips recorded from this ledger size, or this instant, on.
    #[arg(long, value_name = "MOMENT", requires = "flips")]
    pub since: Option<tickmark_app::At>,
}

#[derive(Debug, Args)]
pub struct Exceptions {
    #[command(flatten)]
    pub folder: Folder,
    /// Show the rows behind this exception; all exceptions are listed without it.
    #[arg(value_name = "EXCEPTION", conflicts_with = "rows")]
    pub exception: Option<String>,
    /// The same.
    #[arg(long, value_name = "EXCEPTION")]
    pub rows: Option<String>,
    /// How many rows to show.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Report {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// The engagement; all by default.
    #[arg(long)]
    pub engagement: Option<String>,
    /// Write the report package that was issued last once more, from what the vault keeps of it; nothing new is issued.
    #[arg(long)]
    pub again: bool,
    /// Show a closed engagement as it was closed, although something that was frozen changed since.
    #[arg(long, conflicts_with = "again")]
    pub as_closed: bool,
    /// Write the report as a Word document to this file, as it is now; nothing is issued.
    #[arg(long, value_name = "FILE.docx", requires = "engagement", conflicts_with = "again")]
    pub docx: Option<PathBuf>,
    /// A Word document (.docx, .dotx) whose styles and page the Word document takes.
    #[arg(long, value_name = "FILE.docx", requires = "docx")]
    pub template: Option<PathBuf>,
    /// Write the matrices as workbooks into this folder, as they are now; nothing is issued.
    #[arg(long, value_name = "FOLDER", requires = "engagement", conflicts_with = "again")]
    pub matrices: Option<PathBuf>,
    #[command(subcommand)]
    pub act: Option<ReportAct>,
}

/// What else to do about reports.
#[derive(Debug, Subcommand)]
pub enum ReportAct {
    /// Show what a Word document of a report that came back edited says otherwise, and whose text that is; nothing is recorded.
    Import {
        /// The Word document.
        file: PathBuf,
        /// Write the texts into this folder, as the commands read them by which they are taken over.
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Write the newest report that was issued as a PDF that bears one reader's name on every page, and record its digest
    /// (compliance lead).
    Copy {
        /// The engagement.
        engagement: String,
        /// Who reads it.
        #[arg(long, value_name = "NAME")]
        reader: String,
        /// The PDF to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// List the copies that readers got.
    Copies {
        /// The engagement.
        engagement: Option<String>,
        /// Only the one that this file is.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The package.
    #[arg(value_name = "PACKAGE")]
    pub package: PathBuf,
    /// The firm's secret key, which opens an examination package.
    #[arg(long, value_name = "FILE")]
    pub firm_key: Option<PathBuf>,
    /// The organization's ledger key as you know it from elsewhere (`name+hash+base64`).
    #[arg(long, value_name = "KEY")]
    pub ledger_key: Option<String>,
    /// File with the key of a witness or second installation whose word on time you take.
    #[arg(long, value_name = "FILE")]
    pub witness: Vec<PathBuf>,
    /// Seconds after which a query of a control test is ended of an examination package; all of them together after thirty times that.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
}

#[derive(Debug, Args)]
pub struct Reperform {
    /// The examination package.
    #[arg(value_name = "PACKAGE")]
    pub package: PathBuf,
    /// Only the control tests of this control, with SQL and rows.
    #[arg(value_name = "CONTROL")]
    pub control: Option<String>,
    /// The firm's secret key, which opens the package.
    #[arg(long, value_name = "FILE")]
    pub firm_key: Option<PathBuf>,
    /// The organization's ledger key as you know it from elsewhere (`name+hash+base64`).
    #[arg(long, value_name = "KEY")]
    pub ledger_key: Option<String>,
    /// How many rows of each control test to show.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Seconds after which a query is ended; all of them together after thirty times that.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
}

#[derive(Debug, Args)]
pub struct Ledger {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: LedgerAct,
}

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub enum LedgerAct {
    /// Show size, key and newest checkpoint.
    Head,
    /// Show entries.
    Show {
        /// Index of the first.
        #[arg(default_value_t = 0)]
        from: u64,
        /// How many.
        #[arg(long, default_value_t = 20)]
        limit: u64,
    },
    /// Check every entry, hash, checkpoint and chain.
    Check,
    /// Write the newest checkpoint as a text to send to an outside holder.
    Checkpoint,
    /// Write a time-stamp request (RFC 3161) for the newest checkpoint to a file.
    StampRequest {
        /// The file to write.
        request: PathBuf,
    },
    /// Take in the authority's answer to a time-stamp request.
    Stamp {
        /// The request that was written.
        request: PathBuf,
        /// The authority's answer.
        response: PathBuf,
        /// The authority's certificate (PEM), trusted for this.
        #[arg(long)]
        authority: PathBuf,
    },
    /// Take in a mail that came back from an outside mailbox with a checkpoint.
    Mail {
        /// The mail (.eml).
        mail: PathBuf,
    },
    /// Write what to send to a witness or another installation (C2SP `add-checkpoint`) to a file.
    WitnessRequest {
        /// The file to write.
        request: PathBuf,
        /// Size of the checkpoint that the witness holds already; it answers 409 with that number if you do not know.
        #[arg(long, default_value_t = 0, value_name = "SIZE")]
        held: u64,
    },
    /// Take in a witness's answer to a request.
    Witness {
        /// The request that was written.
        request: PathBuf,
        /// The body of the answer.
        answer: PathBuf,
        /// File with the witness's public key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Print the public key with which this installation cosigns others' checkpoints.
    WitnessKey,
    /// Hold the checkpoints of another organization's ledger from now on.
    Trust {
        /// The ledger's public key (`name+hash+base64`).
        key: String,
    },
    /// Answer another installation's request: hold its checkpoint and cosign it.
    Cosign {
        /// The request.
        request: PathBuf,
        /// The file to write the answer to.
        answer: PathBuf,
    },
    /// Change the signing key: planned, or after a loss or theft with the recovery seed (docs/ledger-keys.md).
    Rotate {
        /// Why the key changes.
        #[arg(long, value_enum, default_value_t = Why::Routine)]
        reason: Why,
        /// File with the recovery seed, readable by its owner only; needed after a loss or theft.
        #[arg(long, value_name = "FILE", required_if_eq_any([("reason", "loss"), ("reason", "compromise")]))]
        recovery_seed: Option<PathBuf>,
        /// After a theft: the ledger size from which on the old key is not trusted.
        #[arg(long, value_name = "SIZE", required_if_eq("reason", "compromise"))]
        untrusted_from: Option<u64>,
    },
}

/// Why a signing key changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Why {
    /// A plan.
    Routine,
    /// The old key is gone.
    Loss,
    /// Somebody else has, or may have, the old key.
    Compromise,
}

#[derive(Debug, Args)]
pub struct Vault {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: VaultAct,
}

/// What to do with the vault.
#[derive(Debug, Subcommand)]
pub enum VaultAct {
    /// Check every object.
    Check,
    /// Erase an object with personal data, or an extract with its files: the keys are destroyed.
    Erase {
        /// The object.
        digest: String,
        /// Under which request or rule.
        #[arg(long)]
        reason: String,
    },
    /// Put an object, or an extract with its files, under a legal hold: it cannot be erased.
    Hold {
        /// The object.
        digest: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List the legal holds that stand.
    Holds,
    /// End a legal hold.
    Release {
        /// The object.
        digest: String,
        /// The entry that set the hold.
        #[arg(long, value_name = "ENTRY")]
        hold: u64,
        /// Why it ends.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub struct Upgrade {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub check: bool,
    /// Why a changed control test is not back-tested; may stand several times.
    #[arg(long, value_name = "TEST=REASON", conflicts_with = "check")]
    pub not_back_tested: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8470", value_name = "HOST:PORT")]
    pub listen: SocketAddr,
}
