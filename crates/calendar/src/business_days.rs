//! A calendar prepared for counting: a running count of business days, so that a difference is one subtraction.

use jiff::civil::Date;

use crate::{BusinessCalendar, OutsideCalendar};

/// One calendar, by days since 1970-01-01 as Arrow's Date32 counts them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BusinessDays {
    first: i32,
    /// For each day of the span: how many business days there are from the first day up to and including it.
    counts: Vec<i32>,
    /// The business days of the span in order.
    business: Vec<i32>,
}

impl BusinessDays {
    /// Prepares a calendar.
    pub fn of(calendar: &BusinessCalendar) -> Self {
        let (mut counts, mut business, mut count) = (Vec::new(), Vec::new(), 0);
        let mut day = Some(calendar.first_on);
        while let Some(on) = day.filter(|on| *on <= calendar.last_on) {
            if calendar.is_business_day(on) == Ok(true) {
                count += 1;
                business.push(days_since_epoch(on));
            }
            counts.push(count);
            day = on.tomorrow().ok();
        }
        Self { first: days_since_epoch(calendar.first_on), counts, business }
    }

    /// How many business days there are from the first day of the span up to and including `day`.
    #[inline]
    pub fn count(&self, day: i32) -> Result<i32, OutsideCalendar> {
        let index = day.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.counts.get(index)) {
            Some(count) => Ok(*count),
            None => Err(self.outside(day)),
        }
    }

    /// How many business days lie after `from` up to and including `to`; negative when `to` is before `from`.
    #[inline]
    pub fn between(&self, from: i32, to: i32) -> Result<i64, OutsideCalendar> {
        Ok(i64::from(self.count(to)?) - i64::from(self.count(from)?))
    }

    /// The business day `by` business days after `day` (before it, when negative); `day` itself for 0.
    #[inline]
    pub fn add(&self, day: i32, by: i64) -> Result<i32, OutsideCalendar> {
        let count = i64::from(self.count(day)?);
        if by == 0 {
            return Ok(day);
        }
        // Business days are numbered from 1. Going forward from a day off starts at the last business day before it;
        // going back from it, the first business day before it is one step away already.
        let off = i64::from(by < 0 && self.business.binary_search(&day).is_err());
        let wanted = count.checked_add(by).and_then(|number| number.checked_add(off - 1));
        let found = wanted.and_then(|index| usize::try_from(index).ok()).and_then(|index| self.business.get(index));
        found.copied().ok_or_else(|| match civil(day) {
            Some(from) => OutsideCalendar::Left { from, by },
            None => OutsideCalendar::NoDate(day),
        })
    }

    fn outside(&self, day: i32) -> OutsideCalendar {
        let last = i32::try_from(self.counts.len()).map_or(self.first, |days| self.first + days - 1);
        match (civil(self.first), civil(last), civil(day)) {
            (Some(first_on), Some(last_on), Some(day)) => OutsideCalendar::NotCovered { first_on, last_on, day },
            _ => OutsideCalendar::NoDate(day),
        }
    }
}

/// Days since 1970-01-01, as Arrow's Date32 counts them.
pub fn days_since_epoch(day: Date) -> i32 {
    // A civil date spans -9999 to 9999, so the difference has at most seven digits.
    i32::try_from(day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24).unwrap_or(i32::MAX)
}

/// The civil date that Arrow's Date32 means.
pub fn civil(day: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days around a Fourth of July on a Saturday, which is observed on the Friday before.
    fn july() -> BusinessDays {
        BusinessDays::of(&calendar("2026-06-29", "2026-07-31", &["2026-07-03"]))
    }

    fn calendar(first_on: &str, last_on: &str, holidays: &[&str]) -> BusinessCalendar {
        serde_json::from_value(serde_json::json!({
            "first_on": first_on, "last_on": last_on, "weekend": ["saturday", "sunday"], "holidays": holidays,
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
        let days = july();
        for (from, by, to) in [
            ("2026-07-02", 0, "2026-07-02"),
            // Who leaves on the eve of a holiday has access until the end of the next business day.
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
    fn counting_and_adding_agree_over_daylight_saving_and_the_turn_of_the_year() {
        let calendar = calendar("2025-10-01", "2026-04-30", &["2025-12-25", "2026-01-01"]);
        let days = BusinessDays::of(&calendar);
        // Clocks change on 2025-11-02 and 2026-03-08 in the United States, on 2025-10-26 and 2026-03-29 in Europe.
        for (from, to, counted) in [
            ("2025-10-24", "2025-10-27", 1),
            ("2025-10-31", "2025-11-03", 1),
            ("2026-03-06", "2026-03-09", 1),
            ("2026-03-27", "2026-03-30", 1),
            ("2025-12-31", "2026-01-02", 1),
            ("2025-12-24", "2026-01-02", 5),
            ("2026-01-02", "2025-12-31", -1),
        ] {
            assert_eq!(days.between(day(from), day(to)), Ok(counted), "{from} to {to}");
            let from_business_day = calendar.is_business_day(from.parse().unwrap()) == Ok(true);
            assert!(from_business_day, "{from}");
            assert_eq!(days.add(day(from), counted), Ok(day(to)), "{from} and {counted}");
        }
    }

    #[test]
    fn outside_the_span_is_an_error() {
        let days = july();
        let error = days.count(day("2026-08-01")).unwrap_err().to_string();
        assert_eq!(error, "covers 2026-06-29 to 2026-07-31, not 2026-08-01");
        let error = days.add(day("2026-07-31"), 1).unwrap_err().to_string();
        assert_eq!(error, "is left by 1 business days from 2026-07-31");
        assert!(days.add(day("2026-06-29"), -1).is_err());
        assert!(days.add(day("2026-06-29"), i64::MIN).is_err());
        assert!(days.count(i32::MAX).is_err());
    }

    #[test]
    fn more_holidays_are_added_within_the_days_covered() {
        let calendar = calendar("2026-06-29", "2026-07-31", &["2026-07-03"]);
        let more = ["2026-07-06", "2027-01-04"].map(|day| day.parse().unwrap()).into();
        let own = calendar.with_holidays(&more);
        assert_eq!(own.holidays.len(), 2);
        assert_eq!(own.is_business_day("2026-07-06".parse().unwrap()), Ok(false));
        assert_eq!(calendar.is_business_day("2026-07-06".parse().unwrap()), Ok(true));
    }
}
