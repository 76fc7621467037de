//! `tickmark demand …`: who asked for a report, and what became of it.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{
    DemandLine, DemandWords, DemandedPeriod, EndOfDemand, NewDemand, Span,
    advisor::{NamedType, Word},
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    engagement::Report,
    exit::Exit,
    next::{and_next, since_advice_text},
    outside,
    print::Printer,
    table::Table,
};

#[derive(Debug, Args)]
pub struct Demand {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: DemandAct,
}

/// What to do about demands for reports.
#[derive(Debug, Subcommand)]
pub enum DemandAct {
    /// Record that somebody asked for a report (compliance lead).
    Record(Record),
    /// End a demand: with the report sent, or with the reason why not (compliance lead).
    End {
        /// The demand.
        demand: String,
        /// When.
        #[arg(long, value_name = "DATE")]
        on: Date,
        /// The engagement whose newest report package was sent.
        #[arg(long, value_name = "ENGAGEMENT", required_unless_present = "because", conflicts_with = "because")]
        sent: Option<String>,
        /// Why it was not sent.
        #[arg(long)]
        because: Option<String>,
        /// Why the report that was sent ends the demand, where it is otherwise than what was asked for.
        #[arg(long, value_name = "REASON", requires = "sent")]
        although: Option<String>,
    },
    /// List the register; what is open and due first stands first.
    List,
}

#[derive(Debug, Args)]
pub struct Record {
    /// Id of the demand.
    pub demand: String,
    /// When they asked.
    #[arg(long, value_name = "DATE")]
    pub asked: Date,
    /// Who asked.
    #[arg(long)]
    pub by: String,
    /// Their words.
    #[arg(long)]
    pub words: String,
    /// The clause of the contract.
    #[arg(long)]
    pub clause: Option<String>,
    /// The deal that depends on it.
    #[arg(long)]
    pub deal: Option<String>,
    /// Until when.
    #[arg(long, value_name = "DATE")]
    pub due: Option<Date>,
    /// The reports that they want, as far as they said; may stand twice.
    #[arg(long, value_enum)]
    pub report: Vec<Report>,
    /// The type that they want: a Type 1 does not end a demand for a Type 2.
    #[arg(long = "type", value_enum)]
    pub report_type: Option<Type>,
    /// The days that the period has to have, all of them, such as the contract's.
    #[arg(long, num_args = 2, value_names = ["FIRST", "LAST"])]
    pub covers: Option<Vec<Date>>,
    /// The months that the period has to have at least.
    #[arg(long, value_name = "MONTHS", value_parser = clap::value_parser!(u8).range(1..=24))]
    pub at_least: Option<u8>,
    /// The user entity of the scope that asked, if it is one already.
    #[arg(long, value_name = "ITEM")]
    pub user_entity: Option<String>,
}

impl Record {
    /// What type and period they want.
    fn wants(&self) -> DemandedPeriod {
        let covers = self.covers.as_deref().and_then(|days| match days {
            [first, last] => Some(Span { first: *first, last: *last }),
            // The arguments have both or none.
            _ => None,
        });
        let report_type = self.report_type.map(Type::named);
        DemandedPeriod { report_type, covers, at_least_months: self.at_least }
    }
}

/// A type of report.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Type {
    /// At one date.
    #[value(name = "1")]
    One,
    /// Over a period.
    #[value(name = "2")]
    Two,
}

impl Type {
    fn named(self) -> NamedType {
        match self {
            Self::One => NamedType::Type1,
            Self::Two => NamedType::Type2,
        }
    }
}

pub fn run(command: &Demand, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        DemandAct::List => {
            let demands = house.demands()?;
            let since = house.since_advice()?;
            printer.result(&demands, || {
                let since = since.map(|since| format!("\n{}", since_advice_text(&since))).unwrap_or_default();
                table(&demands) + &since
            });
        }
        DemandAct::Record(record) => {
            let author = house.acting(command.acting.person.as_deref())?;
            let demand = NewDemand {
                id: record.demand.clone(),
                asked_on: record.asked,
                words: DemandWords {
                    by: record.by.clone(),
                    words: record.words.clone(),
                    clause: record.clause.clone(),
                    deal: record.deal.clone(),
                },
                user_entity: record.user_entity.clone(),
                reports: record.report.iter().map(|report| report.kind()).collect(),
                due_on: record.due,
                wants: record.wants(),
            };
            house.record_demand(&author, &demand)?;
            let demands = house.demands()?;
            printer.result(&demands, || and_next(&house, &table(&demands)));
        }
        DemandAct::End { demand, on, sent, because, although } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let end = match (sent, because) {
                (Some(engagement), _) => EndOfDemand::Sent(engagement.clone(), although.clone()),
                (None, because) => EndOfDemand::NotSent(because.clone().unwrap_or_default()),
            };
            house.end_demand(&author, demand, *on, &end)?;
            let demands = house.demands()?;
            printer.result(&demands, || and_next(&house, &table(&demands)));
        }
    }
    Ok(Exit::Done)
}

fn table(demands: &[DemandLine]) -> String {
    if demands.is_empty() {
        return "Nobody asked yet.".to_owned();
    }
    let mut table = Table::new(&["demand", "asked", "by", "words", "wants", "due", "stands"]);
    for line in demands {
        let stands = match &line.ended {
            Some(ended) => match (&ended.sent, &ended.because) {
                (Some(engagement), None) => format!("{engagement} sent {}", ended.on),
                (Some(engagement), Some(although)) => format!("{engagement} sent {}, although: {although}", ended.on),
                (None, because) => format!("not sent: {}", because.clone().unwrap_or_default()),
            },
            None if line.overdue => "open, overdue".to_owned(),
            None => "open".to_owned(),
        };
        table.row([
            line.id.clone(),
            line.asked_on.to_string(),
            line.words.by.clone(),
            line.words.words.clone(),
            wants(line),
            line.due_on.map(|on| on.to_string()).unwrap_or_default(),
            stands,
        ]);
    }
    table.text()
}

/// Report, type and period that they want, as far as they said.
fn wants(line: &DemandLine) -> String {
    let reports: Vec<&str> = line.reports.iter().map(|report| report.shown()).collect();
    let mut wants = vec![reports.join(" or ")];
    wants.extend(line.wants.report_type.map(|named| named.means().to_owned()));
    wants.extend(line.wants.covers.map(|days| format!("over {} to {}", days.first, days.last)));
    wants.extend(line.wants.at_least_months.map(|months| format!("of {months} months or more")));
    wants.retain(|part| !part.is_empty());
    wants.join(" ")
}
