//! `tickmark assertion …`: management's assertion.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{EngagementId, GivenAssertion, assertion_example};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    engagement::Report,
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
};

#[derive(Debug, Args)]
pub struct Assertion {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: AssertionAct,
}

/// What to do about management's assertion.
#[derive(Debug, Subcommand)]
pub enum AssertionAct {
    /// Sign the assertion in a file (executives; `--as` says which).
    Sign {
        /// The file (docs/files.md).
        #[arg(required_unless_present = "example")]
        file: Option<PathBuf>,
        /// The engagement.
        #[arg(long, required_unless_present = "example")]
        engagement: Option<String>,
        /// The office of who signs, as the report prints it.
        #[arg(long, value_name = "OFFICE", required_unless_present = "example")]
        title: Option<String>,
        /// The date on it; today by default. It is not before the last day of the engagement.
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// Print a filled file for this report.
        #[arg(long, value_enum, exclusive = true, value_name = "REPORT")]
        example: Option<Report>,
    },
    /// Record the assertion of a subservice organization that the report includes (compliance lead).
    RecordSubservice {
        /// The file with its text.
        file: PathBuf,
        /// The engagement.
        #[arg(long)]
        engagement: String,
        /// The subservice organization, as the scope names it.
        #[arg(long, value_name = "ITEM")]
        organization: String,
        /// Who signed it.
        #[arg(long, value_name = "NAME")]
        signed_by: String,
        /// The office of who signed.
        #[arg(long, value_name = "OFFICE")]
        title: String,
        /// The date on it; today by default. It is not before the last day of the engagement.
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
}

pub fn run(command: &Assertion, printer: &Printer) -> Outcome {
    let (file, engagement, title, on, example) = match &command.act {
        AssertionAct::Sign { file, engagement, title, on, example } => (file, engagement, title, on, example),
        AssertionAct::RecordSubservice { file, engagement, organization, signed_by, title, on } => {
            let (organization, signed_by) = (organization.clone(), signed_by.clone());
            let given = GivenAssertion { organization, signed_by, title: title.clone(), signed_on: *on };
            return record(command, file, engagement, &given, printer);
        }
    };
    let (Some(file), Some(engagement), Some(title)) = (file, engagement, title) else {
        return example::print(assertion_example(example.unwrap_or(Report::Soc2).kind()), printer);
    };
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    let engagement: EngagementId = engagement.parse()?;
    let signed_on = house.sign_assertion(&author, &engagement, file, title, *on)?;
    let shown = serde_json::json!({ "engagement": engagement, "signed_on": signed_on, "signed_by": author });
    printer.result(&shown, || {
        let name = house.name_of(&author);
        and_next(&house, &format!("{name}, {title}, signed the assertion for `{engagement}`, dated {signed_on}."))
    });
    Ok(Exit::Done)
}

fn record(command: &Assertion, file: &Path, engagement: &str, given: &GivenAssertion, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let author = house.acting(command.acting.person.as_deref())?;
    let engagement: EngagementId = engagement.parse()?;
    let signed_on = house.record_subservice_assertion(&author, &engagement, file, given)?;
    let GivenAssertion { organization, signed_by, title, .. } = given;
    let shown = serde_json::json!({
        "engagement": engagement, "organization": organization, "signed_on": signed_on, "signed_by": signed_by,
    });
    printer.result(&shown, || {
        and_next(
            &house,
            &format!(
                "the assertion of {organization} for `{engagement}`, signed by {signed_by}, {title}, on {signed_on}, is recorded."
            ),
        )
    });
    Ok(Exit::Done)
}
