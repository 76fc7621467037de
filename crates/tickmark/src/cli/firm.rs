//! `tickmark firm …`: the service auditor's firm. Its key and its performance need no installation; what it records
//! stands in the organization's ledger, under its own people's names.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{
    EngagementId, FIRM_TESTS_EXAMPLE, FirmSecretKey, Limits, NewFirm, Performance, RecordedFirmTests, VerifyRequest,
    lay_open, new_firm_key, perform,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
    section_comments::{list_comments, sections_text},
    table::{Table, grouped},
};

#[derive(Debug, Args)]
pub struct Firm {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: FirmAct,
}

/// What to do about the firm, or as the firm.
#[derive(Debug, Subcommand)]
pub enum FirmAct {
    /// Make the firm's key pair, on the firm's own machine: FILE for its people only, FILE.pub for the organization.
    NewKey {
        /// File for the secret key; it must not exist.
        file: PathBuf,
    },
    /// Appoint a firm to engagements (compliance lead).
    Appoint(Appoint),
    /// Open an examination package and perform management's control tests again, on the firm's own machine.
    Perform {
        /// The examination package.
        package: PathBuf,
        /// The firm's secret key.
        #[arg(long, value_name = "FILE")]
        firm_key: PathBuf,
        /// File that gets the performance, for `tickmark firm record --performed`.
        #[arg(long, value_name = "FILE")]
        save: Option<PathBuf>,
        /// Seconds after which a query of a control test is ended; all of them together after thirty times that.
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        seconds: u64,
    },
    /// Open an examination package and lay its rows, SQL and proofs out for tools that are not ours, with a script that checks
    /// them in DuckDB and pymerkle.
    Open {
        /// The examination package.
        package: PathBuf,
        /// The firm's secret key.
        #[arg(long, value_name = "FILE")]
        firm_key: PathBuf,
        /// Folder that gets everything; it is new or empty.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Record the firm's tests of controls that a file tells of (firm preparer or reviewer).
    Record {
        /// The file of `[[firm_test]]` tables (docs/files.md).
        #[arg(required_unless_present = "example")]
        file: Option<PathBuf>,
        /// The firm's own performance, on which results that it adopts rest; may stand several times.
        #[arg(long, value_name = "FILE")]
        performed: Vec<PathBuf>,
        /// Print a filled file.
        #[arg(long, exclusive = true)]
        example: bool,
    },
    /// Review a test of controls that another person of the firm recorded (firm reviewer).
    Review {
        /// The firm's test.
        test: String,
        /// The engagement.
        #[arg(long)]
        engagement: String,
        /// What was looked at and found.
        #[arg(long)]
        note: String,
    },
    /// List the sections of a report that management writes, by their ids.
    Sections {
        /// The engagement.
        engagement: String,
    },
    /// Comment on a section of a report, beside its text (people of the appointed firm).
    Comment {
        /// The section's id.
        section: String,
        /// The engagement.
        #[arg(long)]
        engagement: String,
        /// What the firm says.
        #[arg(long)]
        text: String,
    },
    /// Say that a comment on a section is settled (people of the appointed firm).
    Settle {
        /// Number of the comment.
        number: u32,
        /// The engagement.
        #[arg(long)]
        engagement: String,
    },
    /// List the firm's comments on the sections of a report.
    Comments {
        /// The engagement.
        engagement: String,
    },
    /// Record the service auditor's report as the firm wrote and signed it (firm signatory).
    Report {
        /// The file with the firm's text.
        file: PathBuf,
        /// The engagement.
        #[arg(long)]
        engagement: String,
        /// The date on it; today by default. It is not before the date of management's assertion.
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
}

#[derive(Debug, Args)]
pub struct Appoint {
    /// The engagement; may stand several times.
    #[arg(long, required = true)]
    pub engagement: Vec<String>,
    /// Id of the firm.
    #[arg(long)]
    pub id: String,
    /// Its name.
    #[arg(long)]
    pub name: String,
    /// The city it signs from.
    #[arg(long)]
    pub city: String,
    /// File with its public key.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
}

pub fn run(command: &Firm, printer: &Printer) -> Outcome {
    let acting = || command.acting.person.as_deref();
    match &command.act {
        FirmAct::NewKey { file } => {
            command.folder.require_present()?;
            let made = new_firm_key(file)?;
            printer.result(&made, || {
                format!(
                    "Secret key, for the firm's people only:\n  {}\nPublic key, also in {}:\n  {}\n\nNext: give the \
                     public key to the organization, which appoints the firm with it.\n  tickmark firm appoint \
                     --engagement ID --id FIRM --name NAME --city CITY --key FILE --as PERSON",
                    made.secret.display(),
                    made.public.display(),
                    made.public_key
                )
            });
        }
        FirmAct::Appoint(appoint) => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(acting())?;
            let engagements =
                appoint.engagement.iter().map(|id| id.parse()).collect::<Result<Vec<EngagementId>, _>>()?;
            let firm = NewFirm {
                id: appoint.id.clone(),
                name: appoint.name.clone(),
                city: appoint.city.clone(),
                public_key: outside::text(&appoint.key)?,
            };
            house.appoint_firm(&author, &engagements, &firm)?;
            printer.result(&serde_json::json!({ "firm": firm.id, "engagements": engagements }), || {
                and_next(&house, &format!("{} is appointed to {}.", firm.name, appoint.engagement.join(", ")))
            });
        }
        FirmAct::Perform { package, firm_key, save, seconds } => {
            command.folder.require_present()?;
            let secret = FirmSecretKey::load(firm_key)?;
            let limits = Limits::of_foreign_sql(*seconds);
            let request = VerifyRequest { firm_key: Some(&secret), limits, ..VerifyRequest::default() };
            let progress = ProgressLine::new(printer);
            let performance = perform(package, &request, &progress)?;
            drop(progress);
            if let Some(save) = save {
                performance.save(save)?;
            }
            printer.result(&performance, || performed(&performance));
            return Ok(match (performance.agrees(), performance.is_whole()) {
                (false, _) => Exit::Corrupt,
                (true, true) => Exit::Done,
                (true, false) => Exit::Incomplete,
            });
        }
        FirmAct::Open { package, firm_key, out } => {
            command.folder.require_present()?;
            let secret = FirmSecretKey::load(firm_key)?;
            let request = VerifyRequest { firm_key: Some(&secret), ..VerifyRequest::default() };
            let progress = ProgressLine::new(printer);
            let laid_open = lay_open(package, out, &request, &progress)?;
            drop(progress);
            printer.result(&laid_open, || {
                format!(
                    "{} of {}, in the clear: {} rows of {} datasets, {} control tests.\nKeep the folder as workpapers are kept; \
                     its README.md says what is where.\n\nNext\n  cd {}\n  python3 -m venv tools && tools/bin/pip install duckdb \
                     pymerkle cryptography\n  tools/bin/python check.py",
                    laid_open.engagement,
                    laid_open.organization,
                    grouped(laid_open.rows),
                    laid_open.datasets,
                    laid_open.tests,
                    out.display(),
                )
            });
        }
        FirmAct::Record { file, performed, .. } => {
            let Some(file) = file else { return example::print(FIRM_TESTS_EXAMPLE, printer) };
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(acting())?;
            let performances = performed.iter().map(|path| Performance::read(path)).collect::<Result<Vec<_>, _>>()?;
            let recorded = house.record_firm_tests(&author, file, &performances)?;
            printer.result(&recorded, || and_next(&house, &table(&recorded)));
            return Ok(if recorded.not_recorded.is_empty() { Exit::Done } else { Exit::Incomplete });
        }
        FirmAct::Review { test, engagement, note } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(acting())?;
            let engagement: EngagementId = engagement.parse()?;
            house.review_firm_test(&author, &engagement, test.parse()?, note)?;
            printer.result(&serde_json::json!({ "engagement": engagement, "firm_test": test }), || {
                and_next(&house, &format!("The firm's test `{test}` is reviewed."))
            });
        }
        FirmAct::Sections { engagement } => {
            let (_, house) = outside::house(&command.folder)?;
            let sections = house.sections(&engagement.parse()?)?;
            printer.result(&sections, || sections_text(&sections));
        }
        FirmAct::Comment { section, engagement, text } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let (author, engagement) = (house.acting(acting())?, engagement.parse()?);
            house.comment_on_section(&author, &engagement, section, text)?;
            list_comments(&house, &engagement, printer)?;
        }
        FirmAct::Settle { number, engagement } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let (author, engagement) = (house.acting(acting())?, engagement.parse()?);
            house.resolve_section_comment(&author, &engagement, *number)?;
            list_comments(&house, &engagement, printer)?;
        }
        FirmAct::Comments { engagement } => {
            let (_, house) = outside::house(&command.folder)?;
            list_comments(&house, &engagement.parse()?, printer)?;
        }
        FirmAct::Report { file, engagement, on } => {
            let (_, mut house) = outside::house(&command.folder)?;
            let author = house.acting(acting())?;
            let engagement: EngagementId = engagement.parse()?;
            let dated_on = house.record_auditors_report(&author, &engagement, file, *on)?;
            printer.result(&serde_json::json!({ "engagement": engagement, "dated_on": dated_on }), || {
                and_next(&house, &format!("The firm's report on `{engagement}`, dated {dated_on}, is recorded."))
            });
        }
    }
    Ok(Exit::Done)
}

fn performed(performance: &Performance) -> String {
    let mut table = Table::new(&["control test", "result", "#exceptions", "#population", "beside management's"]);
    for line in &performance.tests {
        table.row([
            line.test.to_string(),
            line.outcome.to_string(),
            grouped(line.exceptions),
            grouped(line.population),
            line.beside_managements.to_string(),
        ]);
    }
    format!(
        "{} of {}, {} to {}, performed again from a package that proves the ledger at size {}\n\n{}\nNext: write what the \
         firm tested and found, and record it.\n  tickmark firm record FILE --performed PERFORMED --as PERSON",
        performance.engagement,
        performance.organization,
        performance.span.first,
        performance.span.last,
        performance.ledger_size,
        table.text()
    )
}

fn table(recorded: &RecordedFirmTests) -> String {
    let mut table =
        Table::new(&["firm's test", "engagement", "control", "#items", "#deviations", "adopted from management"]);
    for line in &recorded.recorded {
        table.row([
            line.id.clone(),
            line.engagement.clone(),
            line.control.clone(),
            grouped(line.items_tested),
            grouped(line.deviations),
            line.adopted.clone().unwrap_or_else(|| "no, the firm's own".to_owned()),
        ]);
    }
    let mut text = table.text();
    for line in &recorded.not_recorded {
        text.push_str(&format!("not recorded: {}: {}\n", line.id, line.because));
    }
    text
}
