//! `tickmark control …`: the organization's control set.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{ControlLine, ControlsToAdopt, OWNERS_EXAMPLE, Owners, Revision, WordingCheck, check_wording};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::Table,
    wrap,
};

#[derive(Debug, Args)]
pub struct Control {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: ControlAct,
}

/// What to do about controls.
#[derive(Debug, Subcommand)]
pub enum ControlAct {
    /// Adopt every control of the catalog that serves an engagement, as the catalog words it (compliance lead).
    Adopt(Adopt),
    /// List the control set.
    List,
    /// Find what a reader could not test in the wording of controls: who, what, when, to what limit, shown by what.
    Lint {
        /// Read a catalog instead of the control set: this folder, or the catalog in the program.
        #[arg(long, value_name = "DIR", num_args = 0..=1)]
        catalog: Option<Option<PathBuf>>,
    },
    /// Change a control's statement or owner from a day on (compliance lead).
    Revise {
        /// The control.
        control: String,
        /// Its new statement.
        #[arg(long, required_unless_present_any = ["statement_file", "owner"], conflicts_with = "statement_file")]
        statement: Option<String>,
        /// File with its new statement.
        #[arg(long, value_name = "FILE")]
        statement_file: Option<PathBuf>,
        /// Who owns it from then on.
        #[arg(long, value_name = "PERSON")]
        owner: Option<String>,
        /// From which day the new version is true.
        #[arg(long, value_name = "DATE")]
        effective: Date,
        /// Why it changes.
        #[arg(long)]
        reason: String,
    },
    /// Say that a control does not run from a day on: one of the control set, or one of the catalog (compliance lead).
    Drop {
        /// The control.
        control: String,
        /// The first day on which it does not run.
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub struct Adopt {
    /// Only controls that serve this engagement.
    #[arg(long)]
    pub engagement: Option<String>,
    /// Just these controls, whatever they serve.
    #[arg(long, value_delimiter = ',', value_name = "CONTROL,…")]
    pub only: Vec<String>,
    /// Not these controls.
    #[arg(long, value_delimiter = ',', value_name = "CONTROL,…")]
    pub except: Vec<String>,
    /// From which day they run.
    #[arg(long, value_name = "DATE", required_unless_present = "example")]
    pub effective: Option<Date>,
    /// File that says who owns the controls of each role of the catalog; who adopts them owns the others.
    #[arg(long, value_name = "FILE")]
    pub owners: Option<PathBuf>,
    /// Print a filled file of owners.
    #[arg(long, exclusive = true)]
    pub example: bool,
}

pub fn run(command: &Control, printer: &Printer) -> Outcome {
    if let ControlAct::Adopt(Adopt { example: true, .. }) = command.act {
        return example::print(OWNERS_EXAMPLE, printer);
    }
    if let ControlAct::Lint { catalog } = &command.act {
        let check = match catalog {
            Some(folder) => check_wording(&super::catalog::load(folder.as_deref())?)?,
            None => outside::house(&command.folder)?.1.check_wording(&tickmark_app::At::Now)?,
        };
        printer.result(&check, || wording_text(&check));
        return Ok(if check.is_clean() { Exit::Done } else { Exit::Failed });
    }
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        // Done above: a catalog can be read without an installation.
        ControlAct::Lint { .. } => {}
        ControlAct::List => {
            let controls = house.controls(&tickmark_app::At::Now)?;
            printer.result(&controls, || table(&controls));
        }
        ControlAct::Adopt(adopt) => {
            let author = house.acting(command.acting.person.as_deref())?;
            let owners = match &adopt.owners {
                Some(file) => house.owners_from_file(file, author.clone())?,
                None => Owners { by_role: BTreeMap::new(), others: author.clone() },
            };
            let wanted = ControlsToAdopt {
                engagement: adopt.engagement.as_deref().map(str::parse).transpose()?,
                only: adopt.only.clone(),
                except: adopt.except.clone(),
                // The arguments have it.
                effective_on: adopt.effective.unwrap_or_else(|| house.today()),
                owners,
            };
            let adopted = house.adopt_controls(&author, &wanted)?;
            printer.result(&adopted, || and_next(&house, &summary(&adopted)));
        }
        ControlAct::Drop { control, from, reason } => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.drop_control(&author, control, *from, reason)?;
            let mut controls = house.controls(&tickmark_app::At::Now)?;
            controls.retain(|line| line.control == *control);
            printer.result(&controls, || match controls.is_empty() {
                true => format!("{control} is not adopted, and the ledger says why."),
                false => table(&controls),
            });
        }
        ControlAct::Revise { control, statement, statement_file, owner, effective, reason } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let statement = match statement_file {
                Some(file) => Some(outside::text(file)?.trim().to_owned()),
                None => statement.clone(),
            };
            let (control, owner, reason) = (control.clone(), owner.clone(), reason.clone());
            let revision = Revision { control, statement, owner, effective_on: *effective, reason };
            house.revise_control(&author, &revision)?;
            let mut controls = house.controls(&tickmark_app::At::Now)?;
            controls.retain(|line| line.control == revision.control);
            printer.result(&controls, || table(&controls));
        }
    }
    Ok(Exit::Done)
}

/// How many were adopted, by owner: the list itself is long.
fn summary(adopted: &[ControlLine]) -> String {
    if adopted.is_empty() {
        return "Nothing to adopt: no control of the catalog that serves an engagement is left.".to_owned();
    }
    let mut by_owner: BTreeMap<&str, u64> = BTreeMap::new();
    for line in adopted {
        *by_owner.entry(&line.owner).or_default() += 1;
    }
    let mut table = Table::new(&["owner", "#controls"]);
    for (owner, controls) in by_owner {
        table.row([owner.to_owned(), controls.to_string()]);
    }
    format!("{} controls adopted; `tickmark control list` shows them.\n\n{}", adopted.len(), table.text())
}

/// Each text with its findings; then how much was read.
fn wording_text(check: &WordingCheck) -> String {
    let mut text = String::new();
    for worded in &check.worded {
        text.push_str(&wrap::hanging(&format!("{}  ", worded.id), &worded.statement));
        for finding in &worded.findings {
            let quoted = if finding.words.is_empty() { String::new() } else { format!("“{}”: ", finding.words) };
            text.push_str(&wrap::hanging(&format!("    {}  ", finding.rule), &format!("{quoted}{}", finding.advice)));
        }
        text.push('\n');
    }
    let mut read = format!("{} controls", check.controls);
    for (count, what) in [(check.objectives, "objectives"), (check.cuecs, "complementary user entity controls")] {
        if count > 0 {
            read.push_str(&format!(", {count} {what}"));
        }
    }
    let findings: usize = check.worded.iter().map(|worded| worded.findings.len()).sum();
    match findings {
        0 => text.push_str(&format!(
            "Nothing found in the wording of {read}. That does not say that they are well designed."
        )),
        _ => text.push_str(&format!("{findings} findings in {} of {read}.", check.worded.len())),
    }
    text
}

fn table(controls: &[ControlLine]) -> String {
    let mut table = Table::new(&["control", "title", "owner", "effective", "dropped", "#version", "engagements"]);
    for line in controls {
        table.row([
            line.control.clone(),
            line.title.clone(),
            line.owner.clone(),
            line.effective_on.to_string(),
            line.dropped_on.map(|on| on.to_string()).unwrap_or_default(),
            line.versions.to_string(),
            line.engagements.join(" "),
        ]);
    }
    table.text()
}
