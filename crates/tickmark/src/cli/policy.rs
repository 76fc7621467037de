//! `tickmark policy …`: policies of the catalog, filled from the scope.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tickmark_app::{PolicyLine, PolicyText, WrittenPolicies};

use super::{Outcome, arguments::Folder, exit::Exit, outside, print::Printer, table::Table, wrap::hanging};

#[derive(Debug, Args)]
pub struct Policy {
    #[command(flatten)]
    pub folder: Folder,
    #[command(subcommand)]
    pub act: PolicyAct,
}

/// What to do about policies.
#[derive(Debug, Subcommand)]
pub enum PolicyAct {
    /// List the policies, the controls that they stand behind, and the values that they lack.
    List {
        /// File with the values that the scope does not say, a table `[values]`.
        #[arg(long, value_name = "FILE")]
        values: Option<PathBuf>,
    },
    /// Print a policy, filled as far as its values are known.
    Show {
        /// The policy.
        policy: String,
        /// File with the values that the scope does not say, a table `[values]`.
        #[arg(long, value_name = "FILE")]
        values: Option<PathBuf>,
    },
    /// Write the policies behind the control set into a folder, those that lack nothing; `values.toml` there takes the rest.
    Write {
        /// The folder.
        #[arg(value_name = "DIR")]
        to: PathBuf,
        /// Just these policies, whatever they stand behind.
        #[arg(long, value_delimiter = ',', value_name = "POLICY,…")]
        only: Vec<String>,
        /// Write over files that say something else.
        #[arg(long)]
        replace: bool,
    },
}

pub fn run(command: &Policy, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    match &command.act {
        PolicyAct::List { values } => {
            let policies = house.policies(values.as_deref())?;
            printer.result(&policies, || table(&policies));
        }
        PolicyAct::Show { policy, values } => {
            let policy = house.policy(policy, values.as_deref())?;
            printer.result(&policy, || shown(&policy));
        }
        PolicyAct::Write { to, only, replace } => {
            let written = house.write_policies(to, only, *replace)?;
            printer.result(&written, || told(&written));
            return Ok(if written.lacking.is_empty() && written.left.is_empty() {
                Exit::Done
            } else {
                Exit::Incomplete
            });
        }
    }
    Ok(Exit::Done)
}

fn table(policies: &[PolicyLine]) -> String {
    let mut table = Table::new(&["policy", "title", "owner", "#controls", "#variables", "missing"]);
    for line in policies {
        let missing: Vec<&str> = line.missing.iter().map(|value| value.name.as_str()).collect();
        table.row([
            line.policy.clone(),
            line.title.clone(),
            line.owner.clone(),
            line.satisfies.len().to_string(),
            line.variables.to_string(),
            missing.join(" "),
        ]);
    }
    table.text()
}

fn shown(policy: &PolicyText) -> String {
    let mut text = format!("# {}\n\n{}", policy.line.title, policy.text);
    if !policy.line.missing.is_empty() {
        text.push_str("\nNot filled\n");
    }
    for value in &policy.line.missing {
        let says = format!("{} {}. {} For example: {}", value.name, value.because, value.meaning, value.example);
        text.push_str(&hanging("  - ", &says));
    }
    text
}

fn told(written: &WrittenPolicies) -> String {
    let mut text = format!("{} policies written.\n", written.files.len());
    for path in &written.left {
        text.push_str(&hanging(
            "  - ",
            &format!("{} says something else and was left alone (`--replace`)", path.display()),
        ));
    }
    if !written.lacking.is_empty() {
        text.push_str(&format!("\n{} not written; they lack values\n", written.lacking.len()));
    }
    for line in &written.lacking {
        let missing: Vec<&str> = line.missing.iter().map(|value| value.name.as_str()).collect();
        text.push_str(&hanging("  - ", &format!("{}: {}", line.policy, missing.join(", "))));
    }
    if !written.lacking.is_empty() {
        text.push_str(&format!("\nFill in {}, then run the command again.\n", written.values.display()));
    }
    text
}
