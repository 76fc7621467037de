//! Business calendars: which days count when a control says "business day".

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_calendar::{BusinessCalendar, Weekday};

use crate::Id;

/// A calendar of business days, explicit for a span of years.
///
/// Invariant: outside `first_on..=last_on` nothing is known, so a caller must treat such a day as an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Its name in SQL, such as `us-federal`.
    pub id: Id,
    /// What it is, in a few words.
    pub title: String,
    /// Who sets the days and where that is published.
    pub source: String,
    /// First day covered.
    pub first_on: Date,
    /// Last day covered.
    pub last_on: Date,
    /// Days of the week that are never business days.
    pub weekend: Vec<Weekday>,
    #[serde(rename = "holiday")]
    holidays: Vec<Holiday>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    on: Date,
    name: String,
}

impl Calendar {
    /// The holidays as observed, with their names.
    pub fn holidays(&self) -> BTreeMap<Date, &str> {
        self.holidays.iter().map(|holiday| (holiday.on, holiday.name.as_str())).collect()
    }

    /// Its days, as they are counted with.
    pub fn days(&self) -> BusinessCalendar {
        BusinessCalendar {
            first_on: self.first_on,
            last_on: self.last_on,
            weekend: self.weekend.iter().copied().collect(),
            holidays: self.holidays.iter().map(|holiday| holiday.on).collect(),
        }
    }

    /// Whether the calendar knows that day.
    pub fn covers(&self, day: Date) -> bool {
        (self.first_on..=self.last_on).contains(&day)
    }

    /// Whether business is known to rest on that day.
    pub fn rests_on(&self, day: Date) -> bool {
        self.covers(day)
            && (self.weekend.contains(&day.weekday().into()) || self.holidays.iter().any(|holiday| holiday.on == day))
    }

    /// What is wrong with the calendar itself.
    pub(crate) fn problems(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        if self.first_on > self.last_on {
            found.push(("first_on".to_owned(), "`first_on` is after `last_on`".to_owned()));
        }
        let mut previous: Option<Date> = None;
        for holiday in &self.holidays {
            if !self.covers(holiday.on) {
                found.push((holiday.on.to_string(), format!("holiday {} lies outside the span", holiday.on)));
            }
            if previous.is_some_and(|before| before >= holiday.on) {
                found.push((holiday.on.to_string(), format!("holiday {} is out of order or twice", holiday.on)));
            }
            previous = Some(holiday.on);
        }
        found
    }
}
