//! Business calendars that the organization adopted: which days are business days when a control says so.
//!
//! Invariant: a calendar's days stand in the fact, so that rules count business days from the ledger alone and a later
//! catalog moves no due date of the past.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_calendar::BusinessCalendar;
use tickmark_canonical::Digest;

use crate::{Author, CalendarId, Event, Recorded, Refusal, Role, State};

/// Go by a business calendar from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptBusinessCalendar {
    /// The calendar of the catalog.
    pub calendar: CalendarId,
    /// Its days.
    pub days: BusinessCalendar,
    /// Days on which this organization rests besides.
    pub own_holidays: BTreeSet<Date>,
    /// From which day on it counts.
    pub effective_on: Date,
    /// Why the organization rests on other days (vault text): needed where the calendar is to count from an earlier day.
    pub reason: Option<Digest>,
}

/// The organization goes by a business calendar from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessCalendarAdopted {
    /// The calendar of the catalog.
    pub calendar: CalendarId,
    /// Its days.
    pub days: BusinessCalendar,
    /// Days on which this organization rests besides.
    pub own_holidays: BTreeSet<Date>,
    /// From which day on it counts.
    pub effective_on: Date,
    /// Why the organization rests on other days (vault text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Digest>,
}

/// A business calendar that the organization goes by, or went by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarAdoption {
    /// The calendar of the catalog.
    pub calendar: CalendarId,
    /// Its days, with the organization's own holidays.
    pub days: BusinessCalendar,
    /// From which day on it counts; until the next one does.
    pub effective_on: Date,
    /// The day on which it was recorded.
    pub recorded_on: Date,
    /// Why the organization rests on other days (vault text).
    pub reason: Option<Digest>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Asked in this order: role, after the calendar before it, no assertion signed over what would change, a reason for an earlier
/// date.
pub(crate) fn decide_adopt(
    state: &State,
    author: &Author,
    command: AdoptBusinessCalendar,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::Administrator])?;
    let newest = state.calendars.last().map(|newest| newest.effective_on);
    if let Some(newest_on) = newest.filter(|newest| *newest >= command.effective_on) {
        return Err(Refusal::CalendarNotForward { effective_on: command.effective_on, newest_on });
    }
    let signed = state.engagements.iter().find(|(_, engagement)| {
        engagement.assertion.is_some() && command.effective_on <= engagement.report_type.span().last
    });
    if let Some((id, _)) = signed {
        return Err(Refusal::AssertionSigned(id.clone()));
    }
    let today = state.local_date(author.at);
    if let Some(today) = today.filter(|today| command.effective_on < *today && command.reason.is_none()) {
        return Err(Refusal::RetroactiveWithoutReason { effective_on: command.effective_on, today });
    }
    let AdoptBusinessCalendar { calendar, days, own_holidays, effective_on, reason } = command;
    Ok(vec![Event::BusinessCalendarAdopted(BusinessCalendarAdopted {
        calendar,
        days,
        own_holidays,
        effective_on,
        reason,
    })])
}

fn in_force_on(calendars: &[CalendarAdoption], day: Date) -> Option<&CalendarAdoption> {
    calendars.iter().rev().find(|adopted| adopted.effective_on <= day)
}

/// Whether a day is a business day; none if no calendar knows it. Of the calendars that count for the day the newest that was
/// recorded by its end tells: what was due does not cease to have been. A day that it does not know is told by the first that was
/// recorded later and does.
pub(crate) fn is_business_day(calendars: &[CalendarAdoption], day: Date) -> Option<bool> {
    let known_then = calendars.iter().rposition(|adopted| adopted.effective_on <= day && adopted.recorded_on <= day);
    let telling = calendars.iter().skip(known_then.unwrap_or(0)).filter(|adopted| adopted.effective_on <= day);
    telling.filter_map(|adopted| adopted.days.is_business_day(day).ok()).next()
}

impl State {
    /// The business calendar in force on a day.
    pub fn business_calendar_on(&self, day: Date) -> Option<&CalendarAdoption> {
        in_force_on(&self.calendars, day)
    }

    pub(crate) fn apply_business_calendar_adopted(&mut self, event: &BusinessCalendarAdopted, recorded: &Recorded) {
        self.calendars.push(CalendarAdoption {
            calendar: event.calendar.clone(),
            days: event.days.with_holidays(&event.own_holidays),
            effective_on: event.effective_on,
            recorded_on: self.local_date(recorded.at).unwrap_or(event.effective_on),
            reason: event.reason,
            entry: recorded.index,
        });
    }
}
