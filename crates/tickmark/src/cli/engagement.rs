//! `tickmark engagement …`: which report of which type over which days, and what is in its scope.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use tickmark_app::{
    ClosingLine, EngagementLine, Error, FollowUp, NewEngagement, Renewal, Renewed, ReportKind, ReportType,
    SectionOrder, SinceClosing, Span, advisor::Standard,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    next::{and_next, since_advice_text},
    outside,
    print::Printer,
    table::{Table, grouped},
    wrap::hanging,
};

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// For user entities' auditors: control objectives.
    Soc1,
    /// For user entities' security teams: trust services categories.
    Soc2,
    /// For anybody: what a SOC 2 is about, without controls and tests.
    Soc3,
}

/// A standard that a report names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Named {
    /// A SOC 1 of the United States.
    #[value(name = "at-c-320")]
    AtC320,
    /// A SOC 2 or SOC 3 of the United States.
    #[value(name = "at-c-205")]
    AtC205,
    /// The international standard for what a SOC 1 answers.
    #[value(name = "isae-3402")]
    Isae3402,
}

impl Named {
    fn standard(self) -> Standard {
        match self {
            Self::AtC320 => Standard::AtC320,
            Self::AtC205 => Standard::AtC205,
            Self::Isae3402 => Standard::Isae3402,
        }
    }
}

/// Which of the first two sections comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum First {
    /// The service auditor's report.
    Auditor,
    /// Management's assertion.
    Management,
}

impl First {
    fn order(self) -> SectionOrder {
        match self {
            Self::Auditor => SectionOrder::AuditorFirst,
            Self::Management => SectionOrder::ManagementFirst,
        }
    }
}

impl Report {
    pub fn kind(self) -> ReportKind {
        match self {
            Self::Soc1 => ReportKind::Soc1,
            Self::Soc2 => ReportKind::Soc2,
            Self::Soc3 => ReportKind::Soc3,
        }
    }
}

#[derive(Debug, Args)]
pub struct Engagement {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: EngagementAct,
}

/// What to do about engagements.
#[derive(Debug, Subcommand)]
pub enum EngagementAct {
    /// Open an engagement (compliance lead).
    Open(Open),
    /// Open the engagement that follows on another, with the same scope (compliance lead).
    Renew {
        /// The engagement that ends.
        before: String,
        /// Id of the next.
        #[arg(long)]
        id: String,
        /// The first day; the day after the period before by default.
        #[arg(long, value_name = "DATE")]
        first: Option<Date>,
        /// The last day; twelve months from the first by default.
        #[arg(long, value_name = "DATE")]
        last: Option<Date>,
        /// Why there is a gap between the periods.
        #[arg(long, value_name = "REASON")]
        gap: Option<String>,
    },
    /// Show what the period before left to follow up, and where it stands now.
    FollowUp {
        /// The engagement that follows on another.
        engagement: String,
    },
    /// Close an engagement whose days are over: its documents stay as what is recorded now shows it (compliance lead).
    Close {
        /// The engagement.
        engagement: String,
        /// Close it once more, as it is now, and why.
        #[arg(long, value_name = "REASON")]
        again: Option<String>,
    },
    /// Show what is otherwise since an engagement was closed.
    Changes {
        /// The engagement.
        engagement: String,
    },
    /// List engagements.
    List,
}

#[derive(Debug, Args)]
pub struct Open {
    /// Id of the new engagement.
    pub id: String,
    /// Which report.
    #[arg(long, value_enum)]
    pub report: Report,
    /// Type 1, as of this date.
    #[arg(long, value_name = "DATE", required_unless_present = "type2", conflicts_with = "type2")]
    pub type1: Option<Date>,
    /// Type 2, over the period from the first to the last day; a SOC 3 has no types and takes its period here.
    #[arg(long, num_args = 2, value_names = ["FIRST", "LAST"])]
    pub type2: Option<Vec<Date>>,
    /// SOC 1: the control objectives of this industry, with the IT general controls that they rest on; may stand several
    /// times.
    #[arg(long)]
    pub industry: Vec<String>,
    /// SOC 1: these control objectives.
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub objectives: Vec<String>,
    /// SOC 2 and SOC 3: these trust services categories.
    #[arg(long, value_delimiter = ',', value_name = "CATEGORY,…")]
    pub categories: Vec<String>,
    /// SOC 2 and SOC 3: the auditor's note on why the category security is left out.
    #[arg(long, value_name = "NOTE")]
    pub without_security: Option<String>,
    /// SOC 1: the standard that the report names; may stand twice, for one report under both. Under ISAE 3402 alone it is
    /// written in the words of that standard.
    #[arg(long = "standard", value_enum, value_name = "STANDARD")]
    pub standards: Vec<Named>,
    /// Whose section comes first.
    #[arg(long = "first-section", value_enum, default_value = "auditor", value_name = "WHOSE")]
    pub first_section: First,
    /// Name of the system, as the report prints it.
    #[arg(long, required_unless_present = "system_file", conflicts_with = "system_file")]
    pub system: Option<String>,
    /// File with the name of the system instead.
    #[arg(long, value_name = "FILE")]
    pub system_file: Option<PathBuf>,
}

impl Open {
    fn engagement(&self) -> Result<NewEngagement, Error> {
        let report_type = match (self.type1, self.type2.as_deref()) {
            (Some(as_of_on), _) => ReportType::Type1 { as_of_on },
            (None, Some([first, last])) => ReportType::Type2(Span { first: *first, last: *last }),
            // The arguments have one or the other.
            (None, _) => return Err(Error::Unknown { kind: "type", name: String::new() }),
        };
        let system = match (&self.system, &self.system_file) {
            (None, Some(file)) => outside::text(file)?.trim().to_owned(),
            (name, _) => name.clone().unwrap_or_default(),
        };
        Ok(NewEngagement {
            id: self.id.clone(),
            report: self.report.kind(),
            report_type,
            system,
            industries: self.industry.clone(),
            objectives: self.objectives.clone(),
            categories: self.categories.clone(),
            without_security: self.without_security.clone(),
            standards: self.standards.iter().map(|named| named.standard()).collect(),
            section_order: self.first_section.order(),
        })
    }
}

pub fn run(command: &Engagement, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        EngagementAct::List => {
            let engagements = house.engagements()?;
            printer.result(&engagements, || table(&engagements));
        }
        EngagementAct::FollowUp { engagement } => {
            let follow_up = house.follow_up(&engagement.parse()?)?;
            printer.result(&follow_up, || follow_up_text(&follow_up));
        }
        EngagementAct::Close { engagement, again } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let closing = house.close(&author, &engagement.parse()?, again.as_deref())?;
            printer.result(&closing, || and_next(&house, &closed_text(&closing)));
        }
        EngagementAct::Changes { engagement } => {
            let since = house.since_closing(&engagement.parse()?)?;
            printer.result(&since, || changes_text(&since));
        }
        EngagementAct::Renew { before, id, first, last, gap } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let (before, id, gap) = (before.parse()?, id.clone(), gap.clone());
            let renewed = house.renew(&author, &Renewal { before, id, first: *first, last: *last, gap })?;
            printer.result(&renewed, || and_next(&house, &renewed_text(&renewed)));
        }
        EngagementAct::Open(open) => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.open_engagements(&author, &[open.engagement()?])?;
            let mut engagements = house.engagements()?;
            engagements.retain(|line| line.engagement == open.id);
            printer.result(&engagements, || {
                let scope: Vec<String> = engagements.iter().map(|line| line.scope.join(" ")).collect();
                and_next(&house, &format!("{}{}", table(&engagements), hanging("in scope: ", &scope.join(" "))))
            });
        }
    }
    Ok(Exit::Done)
}

fn closed_text(closing: &ClosingLine) -> String {
    let mut table = Table::new(&["frozen", "digest"]);
    for (part, digest) in &closing.frozen {
        table.row([part.label().to_owned(), digest.short()]);
    }
    format!("{}\n{}", closing_in_words(closing), table.text())
}

fn closing_in_words(closing: &ClosingLine) -> String {
    let ClosingLine { engagement, ledger_size, closed_on, closed_by, reason, .. } = closing;
    let why = reason.as_ref().map(|reason| format!("Once more, because: {}\n", reason.trim_end())).unwrap_or_default();
    format!("{engagement} was closed on {closed_on} at ledger size {} by {closed_by}.\n{why}", grouped(*ledger_size))
}

fn changes_text(since: &SinceClosing) -> String {
    let mut text = closing_in_words(&since.closing);
    if since.changes.is_empty() {
        return text + "\nNothing that was frozen changed since.\n";
    }
    text.push_str("\nOtherwise since\n");
    for line in &since.changes {
        text.push_str(&hanging("  - ", &format!("{}: {}", line.change.part.label(), line.says)));
    }
    let unchanged: Vec<&str> = since.unchanged.iter().map(|part| part.label()).collect();
    if !unchanged.is_empty() {
        text.push_str(&format!("\nNothing changed in: {}.\n", unchanged.join(", ")));
    }
    text
}

fn renewed_text(renewed: &Renewed) -> String {
    let Renewed { engagement, follows, days, differences, since_advice, follow_up, .. } = renewed;
    let mut text =
        format!("{engagement} follows {follows}: {} to {}.\n\nOtherwise than before\n", days.first, days.last);
    for difference in differences {
        text.push_str(&hanging("  - ", difference));
    }
    if let Some(since) = since_advice {
        text.push_str(&format!("\n{}", since_advice_text(since)));
    }
    let later = format!("What comes up until it is over: `tickmark engagement follow-up {engagement}`.");
    format!("{text}\n{}{}", follow_up_text(follow_up), hanging("", &later))
}

fn follow_up_text(follow_up: &[FollowUp]) -> String {
    if follow_up.is_empty() {
        return "Nothing of the period before is left to follow up.\n".to_owned();
    }
    let mut table = Table::new(&["what", "controls", "stands"]);
    for line in follow_up {
        table.row([line.id.clone(), line.controls.join(" "), line.stands.clone()]);
    }
    format!("To follow up\n{}", table.text())
}

fn table(engagements: &[EngagementLine]) -> String {
    let mut table = Table::new(&[
        "engagement",
        "report",
        "first",
        "last",
        "#in scope",
        "#controls",
        "firm",
        "assertion",
        "firm's report",
    ]);
    let dated = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    for line in engagements {
        table.row([
            line.engagement.clone(),
            line.report.clone(),
            line.span.first.to_string(),
            line.span.last.to_string(),
            line.scope.len().to_string(),
            line.controls.to_string(),
            line.firm.clone().unwrap_or_default(),
            dated(line.assertion_on),
            dated(line.auditors_report_on),
        ]);
    }
    table.text()
}
