//! A calendar as people state it: the days it covers, the days of the week that are none, the holidays.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Which days are business days, explicit for a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessCalendar {
    /// First day covered.
    pub first_on: Date,
    /// Last day covered.
    pub last_on: Date,
    /// Days of the week that are never business days.
    pub weekend: BTreeSet<Weekday>,
    /// Other days on which business rests, as observed.
    pub holidays: BTreeSet<Date>,
}

impl BusinessCalendar {
    /// Whether the calendar knows that day.
    pub fn covers(&self, day: Date) -> bool {
        (self.first_on..=self.last_on).contains(&day)
    }

    /// Whether business is done on that day.
    pub fn is_business_day(&self, day: Date) -> Result<bool, OutsideCalendar> {
        if !self.covers(day) {
            return Err(OutsideCalendar::NotCovered { first_on: self.first_on, last_on: self.last_on, day });
        }
        Ok(!self.weekend.contains(&day.weekday().into()) && !self.holidays.contains(&day))
    }

    /// The same calendar with more holidays; those it does not cover say nothing.
    pub fn with_holidays(&self, more: &BTreeSet<Date>) -> Self {
        let more = more.iter().copied().filter(|day| self.covers(*day));
        Self { holidays: self.holidays.iter().copied().chain(more).collect(), ..self.clone() }
    }
}

/// The calendar does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutsideCalendar {
    /// A day that the calendar does not cover.
    #[error("covers {first_on} to {last_on}, not {day}")]
    NotCovered {
        /// First day covered.
        first_on: Date,
        /// Last day covered.
        last_on: Date,
        /// The day asked for.
        day: Date,
    },
    /// So many business days lead out of the calendar.
    #[error("is left by {by} business days from {from}")]
    Left {
        /// From which day.
        from: Date,
        /// How many business days.
        by: i64,
    },
    /// A number of days that is no date.
    #[error("has no day {0}")]
    NoDate(i32),
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the days say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        match day {
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
        }
    }
}
