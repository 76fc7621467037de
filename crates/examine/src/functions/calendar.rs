//! Business calendars prepared for counting: a running count of business days, so that a difference is one subtraction.

use std::collections::BTreeMap;

use datafusion::common::{Result, exec_datafusion_err};
use jiff::civil::Date;
use tickmark_catalog::Calendar;

/// The calendars a session knows.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Calendars(BTreeMap<String, Days>);

impl Calendars {
    pub(super) fn new(days: BTreeMap<String, Days>) -> Self {
        Self(days)
    }

    /// The calendar of that name, or an error that names those there are.
    pub(super) fn get(&self, name: &str) -> Result<&Days> {
        self.0.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            exec_datafusion_err!("there is no business calendar `{name}` (known: {})", known.join(", "))
        })
    }
}

/// One calendar, by days since 1970-01-01 as Arrow's Date32 counts them.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Days {
    name: String,
    first: i32,
    /// For each day of the span: how many business days there are from the first day up to and including it.
    counts: Vec<i32>,
    /// The business days of the span in order.
    business: Vec<i32>,
}

impl Days {
    /// Prepares a calendar.
    pub(super) fn of(calendar: &Calendar) -> Self {
        let holidays = calendar.holidays();
        let mut counts = Vec::new();
        let mut business = Vec::new();
        let mut count = 0;
        let mut day = Some(calendar.first_on);
        while let Some(on) = day.filter(|on| *on <= calendar.last_on) {
            let off = calendar.weekend.contains(&on.weekday().into()) || holidays.contains_key(&on);
            if !off {
                count += 1;
                business.push(days_since_epoch(on));
            }
            counts.push(count);
            day = on.tomorrow().ok();
        }
        Self { name: calendar.id.to_string(), first: days_since_epoch(calendar.first_on), counts, business }
    }

    /// How many business days there are from the first day of the span up to and including `day`.
    #[inline]
    pub(super) fn count(&self, day: i32) -> Result<i32> {
        let index = day.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.counts.get(index)) {
            Some(count) => Ok(*count),
            None => Err(self.outside(day)),
        }
    }

    /// The business day `by` business days after `day` (before it, when negative); `day` itself for 0.
    #[inline]
    pub(super) fn add(&self, day: i32, by: i64) -> Result<i32> {
        let count = i64::from(self.count(day)?);
        if by == 0 {
            return Ok(day);
        }
        // Business days are numbered from 1. Going forward from a day off starts at the last business day before it;
        // going back from it, the first business day before it is one step away already.
        let off = i64::from(by < 0 && self.business.binary_search(&day).is_err());
        let wanted = count.checked_add(by).and_then(|number| number.checked_add(off - 1));
        let found = wanted.and_then(|index| usize::try_from(index).ok()).and_then(|index| self.business.get(index));
        found.copied().ok_or_else(|| {
            exec_datafusion_err!("{by} business days from {} leave the calendar `{}`", shown(day), self.name)
        })
    }

    fn outside(&self, day: i32) -> datafusion::common::DataFusionError {
        let last = i32::try_from(self.counts.len()).map_or(self.first, |days| self.first + days - 1);
        exec_datafusion_err!(
            "the business calendar `{}` covers {} to {}, not {}",
            self.name,
            shown(self.first),
            shown(last),
            shown(day)
        )
    }
}

/// Days since 1970-01-01, as Arrow's Date32 counts them.
pub(crate) fn days_since_epoch(day: Date) -> i32 {
    // A civil date spans -9999 to 9999, so the difference has at most seven digits.
    i32::try_from(day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24).unwrap_or(i32::MAX)
}

/// The civil date that Arrow's Date32 means.
pub(crate) fn civil(day: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

fn shown(day: i32) -> String {
    civil(day).map_or_else(|| format!("day {day}"), |day| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        serde_json::from_value(serde_json::json!({
            "id": "us", "title": "t", "source": "s", "first_on": "2026-06-29", "last_on": "2026-07-31",
            "weekend": ["saturday", "sunday"], "holiday": [{"on": "2026-07-03", "name": "Independence Day (observed)"}]
        }))
        .unwrap()
    }

    fn day(text: &str) -> i32 {
        days_since_epoch(text.parse().unwrap())
    }

    #[test]
    fn days_count_as_arrow_counts_them() {
        assert_eq!(day("1970-01-01"), 0);
        assert_eq!(day("1969-12-31"), -1);
        assert_eq!(day("2026-09-30"), 20_726);
        assert_eq!(civil(20_726), Some("2026-09-30".parse().unwrap()));
    }

    #[test]
    fn adding_steps_over_weekends_and_holidays() {
        let days = Days::of(&calendar());
        for (from, by, to) in [
            ("2026-07-02", 0, "2026-07-02"),
            ("2026-07-02", 1, "2026-07-06"),
            ("2026-07-03", 1, "2026-07-06"),
            ("2026-07-04", 1, "2026-07-06"),
            ("2026-07-04", 0, "2026-07-04"),
            ("2026-07-06", -1, "2026-07-02"),
            ("2026-07-05", -1, "2026-07-02"),
            ("2026-07-02", -2, "2026-06-30"),
            ("2026-07-02", 5, "2026-07-10"),
        ] {
            assert_eq!(civil(days.add(day(from), by).unwrap()), Some(to.parse().unwrap()), "{from} {by}");
        }
    }

    #[test]
    fn outside_the_span_is_an_error() {
        let days = Days::of(&calendar());
        let error = days.count(day("2026-08-01")).unwrap_err().to_string();
        assert!(error.contains("`us` covers 2026-06-29 to 2026-07-31, not 2026-08-01"), "{error}");
        assert!(days.add(day("2026-07-31"), 1).is_err());
        assert!(days.add(day("2026-06-29"), -1).is_err());
        assert!(days.add(day("2026-06-29"), i64::MIN).is_err());
    }
}
