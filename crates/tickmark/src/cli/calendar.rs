//! `tickmark calendar`: the control calendar, and the business calendar by which its days are counted.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use tickmark_app::{
    CalendarRequest, CalendarRow, ControlCalendar, ControlOccurrence, OccurrenceState, SettingDays, SettingState,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    outside,
    print::Printer,
    table::Table,
};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Calendar {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    /// Controls that serve this engagement, over its days; the control set by default.
    #[arg(long, value_name = "ID")]
    pub engagement: Option<String>,
    /// This control alone, with every occurrence.
    #[arg(long)]
    pub control: Option<String>,
    /// First day; that of the engagement by default.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Last day; that of the engagement by default.
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// Write it for paper.
    #[arg(long, value_name = "FILE.pdf")]
    pub pdf: Option<PathBuf>,
    #[command(subcommand)]
    pub act: Option<CalendarAct>,
}

/// What to do about business calendars.
#[derive(Debug, Subcommand)]
pub enum CalendarAct {
    /// Go by a business calendar of the catalog from a day on (compliance lead or administrator).
    Adopt {
        /// The calendar, such as `us-federal`.
        calendar: String,
        /// From which day on it counts.
        #[arg(long, value_name = "DATE")]
        from: Date,
        /// Days on which the organization rests besides.
        #[arg(long, value_delimiter = ',', value_name = "DATE,…")]
        holiday: Vec<Date>,
        /// Why it comes only now, if it counts from an earlier day; what was over by then stays due as it was.
        #[arg(long)]
        reason: Option<String>,
    },
}

pub fn run(command: &Calendar, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    if let Some(CalendarAct::Adopt { calendar, from, holiday, reason }) = &command.act {
        let author = house.acting(command.acting.person.as_deref())?;
        let holidays = holiday.iter().copied().collect();
        house.adopt_business_calendar(&author, calendar, holidays, *from, reason.as_deref())?;
        let adopted = serde_json::json!({ "calendar": calendar, "effective_on": from, "own_holidays": holiday });
        printer.result(&adopted, || format!("Business days are those of `{calendar}` from {from} on."));
        return Ok(Exit::Done);
    }
    let request = CalendarRequest {
        engagement: command.engagement.as_deref().map(str::parse).transpose()?,
        control: command.control.as_deref().map(str::parse).transpose()?,
        first: command.from,
        last: command.to,
    };
    let calendar = house.control_calendar(&request)?;
    let written = match &command.pdf {
        Some(path) => {
            let pages = house.write_control_calendar(&calendar, path)?;
            Some(format!("{} written, {pages} {}.", path.display(), if pages == 1 { "page" } else { "pages" }))
        }
        None => None,
    };
    printer.result(&calendar, || written.unwrap_or_else(|| text(&calendar, command.control.is_some())));
    Ok(Exit::Done)
}

fn text(calendar: &ControlCalendar, with_occurrences: bool) -> String {
    let about = calendar.engagement.as_ref().map_or_else(|| "control set".to_owned(), |id| format!("engagement {id}"));
    let mut text = format!(
        "Control calendar of the {about}, {} to {}, as of {} entries, on {}\n\n",
        calendar.period.first, calendar.period.last, calendar.ledger_size, calendar.today
    );
    if calendar.controls.is_empty() {
        text.push_str("No control ran in these days.\n");
        return text;
    }
    let widest = |of: fn(&CalendarRow) -> &str| calendar.controls.iter().map(|row| of(row).chars().count()).max();
    let (ids, often) =
        (widest(|row| row.control.as_str()).unwrap_or(0), widest(|row| row.how_often.as_str()).unwrap_or(0));
    text.push_str(format!("{:<ids$}  {:<often$}  {}", "", "", calendar.months()).trim_end());
    text.push('\n');
    for row in &calendar.controls {
        let CalendarRow { control, how_often, says, .. } = row;
        let mut says = says.iter();
        let first = says.next().map_or("", String::as_str);
        text.push_str(format!("{:<ids$}  {how_often:<often$}  {}  {first}", control.as_str(), row.signs()).trim_end());
        text.push('\n');
        let indent = ids + often + 4;
        says.for_each(|sentence| text.push_str(&format!("{:indent$}{sentence}\n", "")));
        if with_occurrences {
            text.push_str(&format!("\n{}", occurrences(row)));
        }
    }
    let legend: Vec<String> = calendar.legend().iter().map(|(sign, words)| format!("{sign} {words}")).collect();
    text.push_str(&format!("\n{}\n", legend.join("   ")));
    text.push_str("A sign stands in the week in which the window ends, and shows the worst of that week.\n");
    text
}

/// Every occurrence of one control, and every stretch of days with a setting.
fn occurrences(row: &CalendarRow) -> String {
    let mut table = Table::new(&["window", "state", "says", "entries", "known since"]);
    for occurrence in &row.occurrences.occurrences {
        let ControlOccurrence { window, state, shown_by, known_since, shared_evidence, .. } = occurrence;
        let mut says = match state {
            OccurrenceState::Done { on } => format!("on {on}"),
            OccurrenceState::Late { on, days_late: 1 } => format!("on {on}, 1 day late"),
            OccurrenceState::Late { on, days_late } => format!("on {on}, {days_late} days late"),
            OccurrenceState::Missing => String::new(),
            OccurrenceState::NotDue { because } => because.words().to_owned(),
            OccurrenceState::Unknown { because } => because.words().to_owned(),
        };
        if *shared_evidence {
            says.push_str("; its evidence shows another one, too");
        }
        let entries: Vec<String> = shown_by.iter().map(ToString::to_string).collect();
        let since = known_since.map(|day| day.to_string()).unwrap_or_default();
        table.row([days(window.first, window.last), state.word().to_owned(), says, entries.join(" "), since]);
    }
    for SettingDays { days: of, state, shown_by, .. } in &row.occurrences.setting {
        let entries = match shown_by {
            Some((first, last)) if first == last => first.to_string(),
            Some((first, last)) => format!("{first} to {last}"),
            None => String::new(),
        };
        let (word, says) = setting_words(*state);
        table.row([days(of.first, of.last), word.to_owned(), says.to_owned(), entries, String::new()]);
    }
    table.text()
}

fn days(first: Date, last: Date) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

fn setting_words(state: SettingState) -> (&'static str, &'static str) {
    match state {
        SettingState::Held => ("held", "observed"),
        SettingState::Exceptions => ("exceptions", "observed"),
        SettingState::NoOccurrence => ("no occurrence", "observed: there was nothing to hold for"),
        SettingState::HeldByLog => ("held", "not observed: equal before and after, and the log has no change between"),
        SettingState::ExceptionsByLog => {
            ("exceptions", "not observed: the same before and after, and the log has no change between")
        }
        SettingState::Unknown => ("unknown", "not observed"),
    }
}
