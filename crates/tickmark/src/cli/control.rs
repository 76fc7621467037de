//! `tickmark control …`: the organization's control set.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use tickmark_app::{
    ConclusionLine, ControlLine, ControlStatus, ControlsToAdopt, NamedEvidence, NewConclusion, NewPerformance,
    OWNERS_EXAMPLE, Owners, Revision, Worded, WordingCheck, check_wording,
};

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
    /// Record that a control was performed, and what shows it (the control's owner or a compliance lead).
    Perform {
        /// The control.
        control: String,
        /// The day on which it was performed.
        #[arg(long, value_name = "DATE")]
        on: Date,
        /// A day of the window that this answers, if it was performed after it; of a control per event the day of the occasion.
        #[arg(long, value_name = "DATE")]
        window: Option<Date>,
        /// What shows it: digests of documents and extracts, or entries that recorded one.
        #[arg(long, value_delimiter = ',', value_name = "EVIDENCE,…")]
        evidence: Vec<NamedEvidence>,
        /// Why evidence that shows another occurrence of the control shows this one, too.
        #[arg(long, value_name = "WHY")]
        shared: Option<String>,
        /// What there is to say about it.
        #[arg(long)]
        note: Option<String>,
        /// Of a control per event: the key of the item that it was performed for. The ledger holds a keyed digest of it.
        #[arg(long, value_name = "KEY")]
        item: Option<String>,
    },
    /// Propose to withdraw a record of performance: what it says did not happen so (a control owner or a compliance lead).
    WithdrawPerformance {
        /// The control.
        control: String,
        /// Entry of the record.
        entry: u64,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Agree to the withdrawal of a record of performance as a second person (compliance lead or executive). It stays visible.
    AgreeWithdrawal {
        /// The control.
        control: String,
        /// Entry of the record.
        entry: u64,
    },
    /// Conclude on a control's operation in an engagement's period, over tests (compliance lead, not the control's owner).
    Conclude(Conclude),
    /// List the newest conclusion on each control, and what contradicts it since.
    Conclusions {
        /// Only those of this engagement.
        #[arg(long)]
        engagement: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct Conclude {
    /// The control.
    pub control: String,
    /// The engagement.
    #[arg(long)]
    pub engagement: String,
    /// What is concluded.
    #[arg(long, value_enum)]
    pub status: Status,
    /// Replaced: the first day on which it ran no more; new: the first on which it ran.
    #[arg(long, value_name = "DATE", required_if_eq_any = [("status", "replaced"), ("status", "new")])]
    pub on: Option<Date>,
    /// The control tests and management tests that it rests on, and populations that are checked and empty.
    #[arg(long, value_delimiter = ',', value_name = "TEST,…")]
    pub over: Vec<String>,
    /// An automated control: extracts of how its setting changed, by dataset, entry or digest.
    #[arg(long, value_delimiter = ',', value_name = "EVIDENCE,…")]
    pub change_history: Vec<NamedEvidence>,
    /// An automated control: tests of the IT general controls that keep its setting.
    #[arg(long, value_delimiter = ',', value_name = "TEST,…")]
    pub itgc: Vec<String>,
    /// Why.
    #[arg(long)]
    pub reason: String,
}

/// What a person concludes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Status {
    /// It operated.
    Operated,
    /// It operated but for the exceptions found.
    OperatedWithDeviations,
    /// No event came to which it applies.
    DidNotOperate,
    /// The calendar set no occurrence in the period.
    NotDue,
    /// Another wording or control took its place.
    Replaced,
    /// It began to run.
    New,
}

impl Conclude {
    /// What is concluded; the arguments give a day where one is needed.
    fn status(&self, today: Date) -> ControlStatus {
        let on = self.on.unwrap_or(today);
        match self.status {
            Status::Operated => ControlStatus::Operated,
            Status::OperatedWithDeviations => ControlStatus::OperatedWithDeviations,
            Status::DidNotOperate => ControlStatus::DidNotOperate,
            Status::NotDue => ControlStatus::NotDue,
            Status::Replaced => ControlStatus::Replaced { on },
            Status::New => ControlStatus::New { on },
        }
    }
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
            None => outside::house(&command.folder)?.1.check_wording()?,
        };
        printer.result(&check, || wording_text(&check));
        return Ok(if check.is_clean() { Exit::Done } else { Exit::Failed });
    }
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        // Done above: a catalog can be read without an installation.
        ControlAct::Lint { .. } => {}
        ControlAct::List => {
            let controls = house.controls()?;
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
        ControlAct::Conclude(conclude) => {
            let author = house.acting(command.acting.person.as_deref())?;
            let new = NewConclusion {
                engagement: conclude.engagement.parse()?,
                control: conclude.control.parse()?,
                status: conclude.status(house.today()),
                over: &conclude.over,
                change_history: &conclude.change_history,
                itgc: &conclude.itgc,
                reason: &conclude.reason,
            };
            let made = house.conclude(&author, &new)?;
            printer.result(&made, || conclusions_table(std::slice::from_ref(&made)));
        }
        ControlAct::Conclusions { engagement } => {
            let only = engagement.as_deref().map(str::parse).transpose()?;
            let conclusions = house.conclusions(only.as_ref())?;
            printer.result(&conclusions, || match conclusions.is_empty() {
                true => "Nobody has concluded on a control yet.".to_owned(),
                false => conclusions_table(&conclusions),
            });
        }
        ControlAct::Perform { control, window, on, evidence, shared, note, item } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let performance = NewPerformance {
                control: control.parse()?,
                window_day: window.unwrap_or(*on),
                item: item.clone(),
                performed_on: *on,
                evidence: evidence.clone(),
                shared: shared.clone(),
                note: note.clone(),
            };
            let line = house.perform_control(&author, &performance)?;
            printer.result(&line, || {
                let tickmark_app::Span { first, last } = line.window;
                format!(
                    "{} performed on {}, for {first} to {last}: entry {}.",
                    line.control, line.performed_on, line.entry
                )
            });
        }
        ControlAct::WithdrawPerformance { control, entry, reason } => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.propose_performance_withdrawal(&author, &control.parse()?, *entry, reason)?;
            let proposed = serde_json::json!({ "control": control, "entry": entry, "withdrawn": false });
            printer.result(&proposed, || {
                format!(
                    "The withdrawal of entry {entry} is proposed; a second person agrees with `tickmark control agree-withdrawal`."
                )
            });
        }
        ControlAct::AgreeWithdrawal { control, entry } => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.withdraw_performance(&author, &control.parse()?, *entry)?;
            let withdrawn = serde_json::json!({ "control": control, "entry": entry, "withdrawn": true });
            printer.result(&withdrawn, || format!("Entry {entry} shows nothing any more; it stays visible."));
        }
        ControlAct::Drop { control, from, reason } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let naming = house.drop_control(&author, control, *from, reason)?;
            let mut controls = house.controls()?;
            controls.retain(|line| line.control == *control);
            printer.result(&controls, || match controls.is_empty() {
                true => format!("{control} is not adopted, and the ledger says why."),
                false => table(&controls) + &named_still(&naming, control),
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
            let mut controls = house.controls()?;
            controls.retain(|line| line.control == revision.control);
            printer.result(&controls, || table(&controls));
        }
    }
    Ok(Exit::Done)
}

/// What in scope still names a control that was dropped.
fn named_still(naming: &[String], control: &str) -> String {
    if naming.is_empty() {
        return String::new();
    }
    let says = format!(
        "{control} is still named by {}: name there what runs in its place, or record it without (`tickmark consistency` keeps \
         saying so).",
        naming.join(", ")
    );
    format!("\n{}", wrap::hanging("", &says))
}

fn conclusions_table(conclusions: &[ConclusionLine]) -> String {
    let mut table = Table::new(&["engagement", "control", "conclusion", "over", "by", "stands"]);
    for line in conclusions {
        table.row([
            line.engagement.clone(),
            line.control.clone(),
            line.status.clone(),
            line.over.join(" "),
            line.by.clone(),
            line.stale_because.as_ref().map_or_else(|| "yes".to_owned(), |because| format!("STALE: {because}")),
        ]);
    }
    table.text()
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
        text.push_str(&findings_text(worded));
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
        1 => text.push_str(&format!("1 finding in 1 of {read}.")),
        _ => text.push_str(&format!("{findings} findings in {} of {read}.", check.worded.len())),
    }
    text
}

/// What a reader could not test, a finding after the other.
pub(super) fn findings_text(worded: &Worded) -> String {
    let lines = worded.findings.iter().map(|finding| {
        let quoted = if finding.words.is_empty() { String::new() } else { format!("“{}”: ", finding.words) };
        wrap::hanging(&format!("    {}  ", finding.rule), &format!("{quoted}{}", finding.advice))
    });
    lines.collect()
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
