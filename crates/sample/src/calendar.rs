//! Days and instants of the sample year: local time of America/New_York and the business days of the United States.
//!
//! Invariant: the holidays are computed from their legal rule here, not read from the catalog's calendar, so that a wrong
//! calendar there is found.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::error::Error;

/// The company's zone.
pub(crate) const ZONE: &str = "America/New_York";
/// First day of the period.
pub(crate) const PERIOD_START: Date = jiff::civil::date(2025, 10, 1);
/// Last day of the period.
pub(crate) const PERIOD_END: Date = jiff::civil::date(2026, 9, 30);
/// First day that any system's data reach back to.
pub(crate) const DATA_START: Date = jiff::civil::date(2025, 9, 1);
/// Day on which the systems are as written: two weeks after the period.
pub(crate) const DATA_END: Date = jiff::civil::date(2026, 10, 16);

/// The company's clock and business calendar.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// The calendar of the sample year.
    pub(crate) fn new() -> Result<Calendar, Error> {
        let mut holidays = BTreeSet::new();
        for year in 2024..=2028 {
            holidays.extend(federal_holidays(year)?);
        }
        Ok(Calendar { zone: TimeZone::get(ZONE)?, holidays })
    }

    /// The instant of a local wall-clock time, given in seconds after midnight.
    pub(crate) fn at(&self, day: Date, seconds: i64) -> Result<Timestamp, Error> {
        let wall = day.to_datetime(jiff::civil::Time::midnight()).checked_add(SignedDuration::from_secs(seconds))?;
        Ok(wall.to_zoned(self.zone.clone())?.timestamp())
    }

    /// The instant of a local wall-clock hour and minute.
    pub(crate) fn local(&self, day: Date, hour: i64, minute: i64) -> Result<Timestamp, Error> {
        self.at(day, hour.saturating_mul(3600).saturating_add(minute.saturating_mul(60)))
    }

    /// The local date of an instant.
    pub(crate) fn local_date(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.zone.clone()).date()
    }

    /// The last second of a day.
    pub(crate) fn last_second(&self, day: Date) -> Result<Timestamp, Error> {
        self.at(day, 86_399)
    }

    /// An instant as local text with its offset, `2026-03-13T17:00:00-04:00`.
    pub(crate) fn with_offset(&self, instant: Timestamp) -> String {
        let zoned = instant.to_zoned(self.zone.clone());
        instant.display_with_offset(zoned.offset()).to_string()
    }

    /// Whether a day is neither a weekend nor a holiday.
    pub(crate) fn is_business_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }

    /// The n-th business day after a day; the day itself never counts.
    pub(crate) fn business_day_after(&self, day: Date, n: u32) -> Date {
        let (mut at, mut left) = (day, n);
        while left > 0 {
            at = plus(at, 1);
            if self.is_business_day(at) {
                left = left.saturating_sub(1);
            }
        }
        at
    }

    /// The day itself when it is a business day, else the nearest one before.
    pub(crate) fn business_day_on_or_before(&self, day: Date) -> Date {
        let mut at = day;
        while !self.is_business_day(at) {
            at = plus(at, -1);
        }
        at
    }
}

/// A day some days later (or earlier).
pub(crate) fn plus(day: Date, days: i32) -> Date {
    day.saturating_add(days.days())
}

/// An instant some seconds later (or earlier).
pub(crate) fn after(instant: Timestamp, seconds: i64) -> Result<Timestamp, Error> {
    Ok(instant.checked_add(SignedDuration::from_secs(seconds))?)
}

/// Days from `a` to `b`.
pub(crate) fn days_between(a: Date, b: Date) -> i32 {
    a.duration_until(b).as_hours().checked_div(24).and_then(|n| i32::try_from(n).ok()).unwrap_or(0)
}

/// Whether a day lies in the period.
pub(crate) fn in_period(day: Date) -> bool {
    (PERIOD_START..=PERIOD_END).contains(&day)
}

/// Every day from `first` to `last`.
pub(crate) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| Some(plus(*day, 1))).take_while(move |day| *day <= last)
}

/// The first day of a day's calendar quarter.
pub(crate) fn first_of_quarter(day: Date) -> Date {
    let mut first = day.first_of_month();
    while quarter(plus(first, -1)) == quarter(first) {
        first = plus(first, -1).first_of_month();
    }
    first
}

/// The quarter of a day as the tools name it, `2026-Q1`.
pub(crate) fn quarter(day: Date) -> String {
    format!("{}-Q{}", day.year(), day.month().saturating_add(2) / 3)
}

/// The observed federal holidays of a year: 5 U.S.C. 6103(a), and (b) for those that fall on a weekend.
fn federal_holidays(year: i16) -> Result<Vec<Date>, Error> {
    let fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)];
    let mut list = Vec::new();
    for (month, day) in fixed {
        let date = Date::new(year, month, day)?;
        list.push(match date.weekday() {
            Weekday::Saturday => plus(date, -1),
            Weekday::Sunday => plus(date, 1),
            Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Friday => date,
        });
    }
    let floating = [
        (1, 3, Weekday::Monday),
        (2, 3, Weekday::Monday),
        (5, -1, Weekday::Monday),
        (9, 1, Weekday::Monday),
        (10, 2, Weekday::Monday),
        (11, 4, Weekday::Thursday),
    ];
    for (month, nth, weekday) in floating {
        list.push(Date::new(year, month, 1)?.nth_weekday_of_month(nth, weekday)?);
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn holidays_move_off_the_weekend() {
        let calendar = Calendar::new().unwrap();
        assert!(!calendar.is_business_day(date(2026, 7, 3)), "4 July 2026 is a Saturday");
        assert!(!calendar.is_business_day(date(2025, 11, 27)));
        assert!(calendar.is_business_day(date(2025, 11, 28)));
        assert_eq!(calendar.business_day_after(date(2025, 10, 10), 1), date(2025, 10, 14));
        assert_eq!(calendar.business_day_after(date(2025, 12, 24), 3), date(2025, 12, 30));
    }

    #[test]
    fn local_time_follows_the_clock_change() {
        let calendar = Calendar::new().unwrap();
        assert_eq!(calendar.local(date(2025, 11, 1), 23, 59).unwrap().to_string(), "2025-11-02T03:59:00Z");
        assert_eq!(calendar.local(date(2025, 11, 2), 23, 59).unwrap().to_string(), "2025-11-03T04:59:00Z");
        assert_eq!(calendar.local_date("2026-10-01T03:59:59Z".parse().unwrap()), date(2026, 9, 30));
    }

    #[test]
    fn quarters_are_calendar_quarters() {
        assert_eq!(quarter(date(2026, 3, 31)), "2026-Q1");
        assert_eq!(quarter(date(2026, 4, 1)), "2026-Q2");
        assert_eq!(days_between(date(2025, 10, 31), date(2025, 11, 3)), 3);
    }
}
