//! The control calendar: every time that controls were due in a period, and what the ledger shows of it; recording that one
//! was performed; the business calendar by which days are counted.
//!
//! Invariant: what is counted is counted by the domain from the ledger; here it is put into words and into lines.

use std::{collections::BTreeSet, path::Path};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_domain::{
    AdoptBusinessCalendar, CalendarQuestion, Command, ControlId, ControlOccurrences, CountedByTest, DueTally,
    EngagementId, Frequency, FrozenOccasions, Outcome, PerformControl, PersonId, ProposePerformanceWithdrawal, Refusal,
    SettingTally, Span, State, WeekMark, WithdrawPerformance, mondays,
};
use tickmark_report::{
    counted, render_control_calendar,
    view::{CalendarLine, CalendarSign, ControlCalendarView},
};

use crate::{Error, House, NamedEvidence, packaging::io_error};

/// Which part of the control calendar to show.
#[derive(Debug, Clone, Default)]
pub struct CalendarRequest {
    /// Only controls that serve this engagement, over its days.
    pub engagement: Option<EngagementId>,
    /// Only this control.
    pub control: Option<ControlId>,
    /// First day; the period's by default.
    pub first: Option<Date>,
    /// Last day; the period's by default.
    pub last: Option<Date>,
}

/// A control calendar.
#[derive(Debug, Clone, Serialize)]
pub struct ControlCalendar {
    /// The engagement that it is about.
    pub engagement: Option<EngagementId>,
    /// The days.
    pub period: Span,
    /// The day on which it is looked at.
    pub today: Date,
    /// The ledger size.
    pub ledger_size: u64,
    /// The Monday of each week.
    pub weeks: Vec<Date>,
    /// The controls, by id.
    pub controls: Vec<CalendarRow>,
}

/// One control in the calendar.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarRow {
    /// The control.
    pub control: ControlId,
    /// Its title.
    pub title: String,
    /// How often it acts; each frequency that it had in the period.
    pub how_often: String,
    /// The worst of what fell due, week by week.
    pub week_marks: Vec<WeekMark>,
    /// What its occurrences add up to, a sentence each.
    pub says: Vec<String>,
    /// Every occurrence.
    #[serde(flatten)]
    pub occurrences: ControlOccurrences,
}

/// That an occurrence of a control was performed.
#[derive(Debug, Clone)]
pub struct NewPerformance {
    /// The control.
    pub control: ControlId,
    /// A day of the window that it answers; of a control per event the day of the occasion.
    pub window_day: Date,
    /// The occasion's item key, of a control per event.
    pub item: Option<String>,
    /// The day on which it was performed.
    pub performed_on: Date,
    /// What shows it: digests of documents and extracts, or entries that recorded one.
    pub evidence: Vec<NamedEvidence>,
    /// Why evidence of another occurrence shows this one, too.
    pub shared: Option<String>,
    /// What there is to say about it.
    pub note: Option<String>,
}

/// What was recorded of a performance.
#[derive(Debug, Clone, Serialize)]
pub struct PerformanceLine {
    /// The control.
    pub control: ControlId,
    /// The window of the occurrence that it answers.
    pub window: Span,
    /// The day on which it was performed.
    pub performed_on: Date,
    /// Entry that recorded it.
    pub entry: u64,
}

impl ControlCalendar {
    /// One letter a week: the first of a month's name in the week in which the month begins.
    pub fn months(&self) -> String {
        let letter = |monday: &Date| {
            let sunday = monday.saturating_add(jiff::Span::new().days(6));
            let begins = (sunday.day() <= 7).then(|| sunday.strftime("%b").to_string().chars().next());
            begins.flatten().unwrap_or(' ')
        };
        self.weeks.iter().map(letter).collect()
    }

    /// Which signs the marks of its controls use, with what each means.
    pub fn legend(&self) -> Vec<(char, &'static str)> {
        legend_of(self.controls.iter().flat_map(|row| row.week_marks.iter().copied()))
    }
}

/// The signs of marks that are used, with what each means.
pub fn legend_of(used: impl IntoIterator<Item = WeekMark>) -> Vec<(char, &'static str)> {
    let used: BTreeSet<WeekMark> = used.into_iter().collect();
    WeekMark::ALL.into_iter().filter(|mark| used.contains(mark)).map(|mark| (mark.sign(), mark.words())).collect()
}

impl CalendarRow {
    /// Its marks as signs.
    pub fn signs(&self) -> String {
        self.week_marks.iter().map(|mark| mark.sign()).collect()
    }
}

impl House {
    /// The control calendar of an engagement, of one control, or of the control set.
    pub fn control_calendar(&self, request: &CalendarRequest) -> Result<ControlCalendar, Error> {
        let (state, today) = (self.state(), self.today());
        let period = self.calendar_period(request, state, today)?;
        let controls: BTreeSet<&ControlId> = match &request.engagement {
            Some(id) => {
                let engagement = state.engagements.get(id).ok_or_else(|| Refusal::UnknownEngagement(id.clone()))?;
                engagement.controls(state, &self.index).into_keys().collect()
            }
            None => state.controls.iter().filter(|(_, control)| control.newest().is_some()).map(|(id, _)| id).collect(),
        };
        if let Some(control) = request.control.as_ref().filter(|control| !controls.contains(control)) {
            return Err(Error::Unknown { kind: "control in this scope", name: control.to_string() });
        }
        let wanted = controls.into_iter().filter(|id| request.control.as_ref().is_none_or(|only| only == *id));
        let question = CalendarQuestion { catalog: &self.index, period, today };
        let rows = state.occurrences(wanted, question).into_iter().map(|(id, of)| self.calendar_row(state, id, of));
        Ok(ControlCalendar {
            engagement: request.engagement.clone(),
            period,
            today,
            ledger_size: self.size(),
            weeks: mondays(period),
            controls: rows.collect::<Result<_, _>>()?,
        })
    }

    /// The days asked for; else those of the engagement, or of the one that ends last; else the year until today.
    fn calendar_period(&self, request: &CalendarRequest, state: &State, today: Date) -> Result<Span, Error> {
        let year_ago = today.saturating_sub(jiff::Span::new().years(1));
        let year = Span { first: year_ago.saturating_add(jiff::Span::new().days(1)), last: today };
        let of_engagement = match &request.engagement {
            Some(id) => state.engagements.get(id).map(|engagement| engagement.report_type.span()),
            None => {
                state.engagements.values().map(|engagement| engagement.report_type.span()).max_by_key(|span| span.last)
            }
        };
        let period = of_engagement.unwrap_or(year);
        let period = Span { first: request.first.unwrap_or(period.first), last: request.last.unwrap_or(period.last) };
        if period.first > period.last { Err(Error::DaysBackwards(period)) } else { Ok(period) }
    }

    fn calendar_row(&self, state: &State, id: &ControlId, of: ControlOccurrences) -> Result<CalendarRow, Error> {
        let newest = state.controls.get(id).and_then(|control| control.version_for(of.period).or(control.newest()));
        let title = newest.map(|version| self.text(&version.definition.title)).transpose()?.unwrap_or_default();
        let mut frequencies: Vec<&str> = of.versions.iter().map(|version| version.frequency.label()).collect();
        frequencies.dedup();
        Ok(CalendarRow {
            control: id.clone(),
            title,
            how_often: frequencies.join(", then "),
            week_marks: of.weeks(),
            says: sentences(&of),
            occurrences: of,
        })
    }

    /// Records that an occurrence of a control was performed.
    pub fn perform_control(&mut self, author: &PersonId, new: &NewPerformance) -> Result<PerformanceLine, Error> {
        let window = self.state().window_around(&new.control, new.window_day);
        let window = window.unwrap_or(Span { first: new.window_day, last: new.window_day });
        let evidence = new.evidence.iter().map(|named| self.evidence_named(named)).collect::<Result<_, _>>()?;
        let command = PerformControl {
            control: new.control.clone(),
            window,
            item: new.item.as_ref().map(|item| self.item_keys.item_key(&[item.as_str()])),
            performed_on: new.performed_on,
            evidence,
            shared: new.shared.as_ref().map(|why| self.put_text(why)).transpose()?,
            note: new.note.as_ref().map(|note| self.put_text(note)).transpose()?,
        };
        let receipt = self.execute(author, Command::PerformControl(command))?;
        let NewPerformance { control, performed_on, .. } = new.clone();
        Ok(PerformanceLine { control, window, performed_on, entry: receipt.first })
    }

    /// Proposes to withdraw a record of performance; it stands until a second person agrees.
    pub fn propose_performance_withdrawal(
        &mut self,
        author: &PersonId,
        control: &ControlId,
        performance: u64,
        reason: &str,
    ) -> Result<(), Error> {
        let (control, reason) = (control.clone(), self.put_text(reason)?);
        let command = ProposePerformanceWithdrawal { control, performance, reason };
        self.execute(author, Command::ProposePerformanceWithdrawal(command)).map(drop)
    }

    /// Withdraws a record of performance as a second person; it stays visible.
    pub fn withdraw_performance(
        &mut self,
        author: &PersonId,
        control: &ControlId,
        performance: u64,
    ) -> Result<(), Error> {
        let command = WithdrawPerformance { control: control.clone(), performance };
        self.execute(author, Command::WithdrawPerformance(command)).map(drop)
    }

    /// Goes by a business calendar of the catalog from a day on, with days on which the organization rests besides; from an earlier
    /// day for a reason.
    pub fn adopt_business_calendar(
        &mut self,
        author: &PersonId,
        name: &str,
        own_holidays: BTreeSet<Date>,
        effective_on: Date,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let known = self.catalog.calendars.get(name);
        let days = known.ok_or_else(|| Error::Unknown { kind: "business calendar", name: name.to_owned() })?.days();
        let reason = reason.map(|reason| self.put_text(reason)).transpose()?;
        let command = AdoptBusinessCalendar { calendar: name.parse()?, days, own_holidays, effective_on, reason };
        self.execute(author, Command::AdoptBusinessCalendar(command)).map(drop)
    }

    /// Writes a control calendar for paper and tells its number of pages.
    pub fn write_control_calendar(&self, calendar: &ControlCalendar, path: &Path) -> Result<usize, Error> {
        let rendered = render_control_calendar(&self.control_calendar_view(calendar)?)?;
        std::fs::write(path, rendered.pdf).map_err(io_error("write", path))?;
        Ok(rendered.pages)
    }

    fn control_calendar_view(&self, calendar: &ControlCalendar) -> Result<ControlCalendarView, Error> {
        let organization = self.state().organization.as_ref();
        let sign = |(sign, words): (char, &str)| CalendarSign { sign: sign.to_string(), words: words.to_owned() };
        let line = |row: &CalendarRow| CalendarLine {
            control: row.control.to_string(),
            title: row.title.clone(),
            how_often: row.how_often.clone(),
            weeks: row.signs(),
            says: row.says.clone(),
        };
        Ok(ControlCalendarView {
            organization: organization.map(|o| self.text(&o.name)).transpose()?.unwrap_or_default(),
            scope: calendar
                .engagement
                .as_ref()
                .map_or_else(|| "Control set".to_owned(), |id| format!("Engagement {id}")),
            first: calendar.period.first,
            last: calendar.period.last,
            today: calendar.today,
            ledger_size: calendar.ledger_size,
            months: calendar.months(),
            legend: calendar.legend().into_iter().map(sign).collect(),
            lines: calendar.controls.iter().map(line).collect(),
        })
    }
}

/// What a control's occurrences add up to.
pub(crate) fn sentences(of: &ControlOccurrences) -> Vec<String> {
    let mut says = Vec::new();
    let per_event = of.versions.iter().any(|version| version.frequency == Frequency::PerEvent);
    let by_calendar = of.versions.iter().any(|version| version.frequency.is_set_by_calendar());
    if by_calendar {
        says.push(due_sentence(&of.due()));
    }
    if let Some(tally) = of.setting_tally() {
        says.push(setting_sentence(&tally));
    }
    let looked = of.counted.iter().any(CountedByTest::is_evaluable);
    if per_event && !by_calendar {
        let shown = of.due().done;
        if shown > 0 {
            says.push(format!("{} shown one by one.", counted(shown, "occasion", "occasions")));
        }
        if !looked && of.frozen.is_empty() {
            let unknown =
                "Times due: unknown, since no population was frozen and no control test counted them over these days.";
            says.push(unknown.to_owned());
        }
    }
    says.extend(of.frozen.iter().map(frozen_sentence));
    says.extend(of.counted.iter().map(counted_sentence));
    if of.versions.len() > 1 {
        says.extend(of.versions.iter().map(|version| {
            let what = match &version.setting {
                Some(tally) => setting_sentence(tally),
                None if version.frequency.is_set_by_calendar() => due_sentence(&version.due),
                None => format!("{} shown one by one.", counted(version.due.done, "occasion", "occasions")),
            };
            let Span { first, last } = version.days;
            let known = version.known_since.map(|day| format!(", known since {day}")).unwrap_or_default();
            format!("Under the wording of entry {}, {first} to {last}{known}: {what}", version.entry)
        }));
    }
    let late = of.occurrences.iter().filter(|occurrence| occurrence.known_since.is_some()).count() as u64;
    if late > 0 {
        says.push(format!("{} recorded only after the window.", counted(late, "performance", "performances")));
    }
    let shared = of.occurrences.iter().filter(|occurrence| occurrence.shared_evidence).count() as u64;
    if shared > 0 {
        let shown = counted(shared, "occurrence is shown", "occurrences are shown");
        says.push(format!("{shown} by evidence that shows another one, too."));
    }
    let withdrawn: Vec<String> = of.withdrawn.iter().map(ToString::to_string).collect();
    if !withdrawn.is_empty() {
        let records = counted(of.withdrawn.len() as u64, "record", "records");
        says.push(format!("{records} of performance withdrawn: entries {}.", withdrawn.join(", ")));
    }
    let cut = of.occurrences.iter().filter_map(|occurrence| Some((occurrence.changed_on?, occurrence.window)));
    says.extend(cut.map(|(on, Span { first, last })| {
        format!("The frequency changed on {on}: the windows that this cut are one, {first} to {last}.")
    }));
    says.extend(of.retroactive.iter().map(|change| format!("Retroactive: {}", change.words())));
    let lost = of.without_occurrence.len() as u64;
    if lost > 0 {
        says.push(format!("{} no occurrence any more.", counted(lost, "record answers", "records answer")));
    }
    says
}

fn due_sentence(due: &DueTally) -> String {
    let parts = [(due.done, "done"), (due.late, "late"), (due.missing, "missing"), (due.unknown, "unknown")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let mut sentence = match due.due() {
        0 => "Not due".to_owned(),
        times => format!("{}: {}", counted(times, "time due", "times due"), parts.join(", ")),
    };
    if due.not_due > 0 {
        sentence.push_str(&format!("; {} not due", counted(due.not_due, "window", "windows")));
    }
    sentence.push('.');
    sentence
}

pub(crate) fn setting_sentence(tally: &SettingTally) -> String {
    let mut sentence = format!("Observed on {} of {} days", tally.observed, tally.days);
    if tally.known_by_log > 0 {
        sentence.push_str(&format!(", {} more known by the log of changes", tally.known_by_log));
    }
    if tally.with_exceptions > 0 {
        sentence.push_str(&format!("; exceptions on {}", counted(tally.with_exceptions, "day", "days")));
    }
    let unknown = tally.days.saturating_sub(tally.observed + tally.known_by_log);
    if unknown > 0 {
        sentence.push_str(&format!("; {} unknown", counted(unknown, "day", "days")));
    }
    sentence.push('.');
    sentence
}

fn items(count: u64) -> String {
    counted(count, "item", "items")
}

fn frozen_sentence(of: &FrozenOccasions) -> String {
    let FrozenOccasions { population, days: Span { first, last }, items, standing, entry } = of;
    let occasions = counted(*items, "occasion", "occasions");
    format!("Population {population} holds {occasions} from {first} to {last}, {standing} (entry {entry}).")
}

fn counted_sentence(of: &CountedByTest) -> String {
    let CountedByTest { test, outcome, population, exceptions, entry } = of;
    match outcome {
        Outcome::NoExceptions => format!("{test} counted {}: no exceptions (entry {entry}).", items(*population)),
        Outcome::Exceptions => {
            let exceptions = counted(*exceptions, "exception", "exceptions");
            format!("{test} counted {}: {exceptions} (entry {entry}).", items(*population))
        }
        Outcome::NoOccurrence => format!("{test} counted none: no occurrence (entry {entry})."),
        Outcome::NotEvaluable => format!("{test} was not evaluable (entry {entry})."),
        Outcome::Error => format!("{test} ended in an error (entry {entry})."),
    }
}
