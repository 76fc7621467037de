//! How much of a user entity's fiscal year a period covers, and what is left at its beginning and its end.

use jiff::civil::Date;
use serde::Serialize;

use super::choice::Month;
use crate::{MonthDay, Span};

/// A gap that a bridge letter can span: three months.
pub(crate) const BRIDGE_DAYS: i64 = 92;

/// Cover of a fiscal year from this many percent on is good, if the gap can be bridged.
const GOOD_PERCENT: i64 = 75;

/// Cover below this many percent is weak.
const PARTIAL_PERCENT: i64 = 50;

/// The cover of one fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The fiscal year: the first that ends in the month of the period's last day or later.
    pub fiscal_year: Span,
    /// Its days that the period covers.
    pub covered_days: i64,
    /// Its days.
    pub days: i64,
    /// Covered days in whole percent, rounded half up.
    pub percent: i64,
    /// Days of the fiscal year before the period's first day. No bridge letter mends them.
    pub head_days: i64,
    /// Days from the period's last day to the end of the fiscal year.
    pub gap_days: i64,
    /// What it is worth.
    pub standing: Standing,
}

/// What a cover is worth to a user auditor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Every day.
    Full,
    /// Three quarters or more, and a bridge letter spans the gap at the end, if there is one.
    Good,
    /// Half or more.
    Partial,
    /// Less than half.
    Weak,
}

impl Coverage {
    /// What it is worth, as people write it.
    pub fn shown(&self) -> &'static str {
        match self.standing {
            Standing::Full => "full",
            Standing::Good if self.gap_days == 0 => "good",
            Standing::Good => "good, with a bridge letter",
            Standing::Partial => "partial",
            Standing::Weak => "weak",
        }
    }
}

/// The number of days of a span, both ends included.
fn days(span: Span) -> i64 {
    between(span.first, span.last) + 1
}

/// Days from one date to another.
pub(crate) fn between(from: Date, to: Date) -> i64 {
    i64::from(from.until(to).map_or(0, |span| span.get_days()))
}

/// The first day on or after `from` on which the month `month` ends.
pub(crate) fn month_end_from(from: Date, month: Month) -> Date {
    let mut at = from.last_of_month();
    // Twelve month-ends come before one repeats.
    for _ in 0..12 {
        if at.month() == month.number() {
            break;
        }
        at = at.saturating_add(jiff::Span::new().days(1)).last_of_month();
    }
    at
}

/// The last day of a month, as the day on which fiscal years end.
pub(crate) fn year_end_of(month: Month) -> MonthDay {
    // A year like most: its February has 28 days.
    MonthDay::of(month_end_from(jiff::civil::date(2001, 1, 1), month))
}

/// The cover that a period gives the fiscal years that end with `year_end`: of the first that ends in the month of the
/// period's last day or later, since a report about an earlier year comes after its audit. None beyond the last year of dates.
pub fn coverage(period: Span, year_end: MonthDay) -> Option<Coverage> {
    Some(cover_of(period, year_end.year_around(period.last.first_of_month())?))
}

/// The cover of each fiscal year that a period shares a day with: what a user entity asks, whose auditor may want the year before
/// as well.
pub fn covers_of_years(period: Span, year_end: MonthDay) -> Vec<Coverage> {
    let following = |year: &Span| year_end.year_around(year.last.tomorrow().ok()?);
    let years = std::iter::successors(year_end.year_around(period.first), following);
    years.take_while(|year| year.first <= period.last).map(|year| cover_of(period, year)).collect()
}

fn cover_of(period: Span, fiscal_year: Span) -> Coverage {
    let covered_days = period.shared_with(&fiscal_year).map_or(0, days);
    let all = days(fiscal_year).max(1);
    // Whole percent, half up: 273 of 365 days are 75 percent, as practice counts nine months.
    let percent = (covered_days * 200 + all) / (all * 2);
    // A period that begins after the year leaves all of it open.
    let head_days = between(fiscal_year.first, period.first).clamp(0, all);
    let gap_days = between(period.last, fiscal_year.last).max(0);
    let standing = if covered_days == all {
        Standing::Full
    } else if percent >= GOOD_PERCENT && gap_days <= BRIDGE_DAYS {
        Standing::Good
    } else if percent >= PARTIAL_PERCENT {
        Standing::Partial
    } else {
        Standing::Weak
    };
    Coverage { fiscal_year, covered_days, days: all, percent, head_days, gap_days, standing }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_year_that_a_period_meets() {
        let period = Span { first: "2025-10-01".parse().unwrap(), last: "2026-09-30".parse().unwrap() };
        let of = |year_end: &str| {
            let covers = covers_of_years(period, year_end.parse().unwrap());
            covers.iter().map(|of| (of.fiscal_year.last.to_string(), of.covered_days)).collect::<Vec<_>>()
        };
        assert_eq!(of("06-30"), [("2026-06-30".to_owned(), 273), ("2027-06-30".to_owned(), 92)]);
        assert_eq!(of("09-30"), [("2026-09-30".to_owned(), 365)]);
        assert_eq!(of("12-31"), [("2025-12-31".to_owned(), 92), ("2026-12-31".to_owned(), 273)]);
    }

    fn told(first: &str, last: &str, year_end: &str) -> String {
        let period = Span { first: first.parse().unwrap(), last: last.parse().unwrap() };
        let cover = coverage(period, year_end.parse().unwrap()).unwrap();
        format!(
            "{} to {}: {} of {} days, {} %, {} before, gap {}, {}",
            cover.fiscal_year.first,
            cover.fiscal_year.last,
            cover.covered_days,
            cover.days,
            cover.percent,
            cover.head_days,
            cover.gap_days,
            cover.shown()
        )
    }

    #[test]
    fn the_usual_periods_of_december_years() {
        insta::assert_snapshot!(
            [
                told("2025-10-01", "2026-09-30", "12-31"),
                told("2025-11-01", "2026-10-31", "12-31"),
                told("2026-01-01", "2026-12-31", "12-31"),
                told("2027-04-01", "2027-09-30", "12-31"),
                told("2027-07-01", "2027-09-30", "06-30"),
                told("2027-03-01", "2028-02-29", "02-28"),
            ]
            .join("\n"),
            @r"
        2026-01-01 to 2026-12-31: 273 of 365 days, 75 %, 0 before, gap 92, good, with a bridge letter
        2026-01-01 to 2026-12-31: 304 of 365 days, 83 %, 0 before, gap 61, good, with a bridge letter
        2026-01-01 to 2026-12-31: 365 of 365 days, 100 %, 0 before, gap 0, full
        2027-01-01 to 2027-12-31: 183 of 365 days, 50 %, 90 before, gap 92, partial
        2027-07-01 to 2028-06-30: 92 of 366 days, 25 %, 0 before, gap 274, weak
        2027-03-01 to 2028-02-29: 366 of 366 days, 100 %, 0 before, gap 0, full
        "
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_cover_of_any_year_end_is_what_counting_days_gives(at in 0_i32..365, first in 0_i32..4_000, length in 1_i32..800) {
            // Any last day of a fiscal year, also of one that ends with a week; 2023 was no leap year.
            let year_end = MonthDay::of(jiff::civil::date(2023, 1, 1).saturating_add(jiff::Span::new().days(at)));
            let first = jiff::civil::date(2020, 1, 1).saturating_add(jiff::Span::new().days(first));
            let period = Span { first, last: first.saturating_add(jiff::Span::new().days(length)) };
            let cover = coverage(period, year_end).unwrap();
            let (mut counts, mut day) = ([0_i64; 4], cover.fiscal_year.first);
            while day <= cover.fiscal_year.last {
                counts[0] += 1;
                counts[if day < period.first { 1 } else if day > period.last { 2 } else { 3 }] += 1;
                day = day.tomorrow().unwrap();
            }
            prop_assert!([365, 366].contains(&counts[0]), "{:?}", cover);
            prop_assert_eq!([cover.days, cover.head_days, cover.gap_days, cover.covered_days], counts);
            prop_assert!(cover.fiscal_year.last >= period.last.first_of_month());
            prop_assert_eq!(cover.fiscal_year.first.yesterday().unwrap().last_of_month().month(), cover.fiscal_year.last.month());
        }
    }

    #[test]
    fn a_year_that_ends_within_the_period_is_another_reports_unless_it_ends_in_its_last_month() {
        insta::assert_snapshot!(
            [
                told("2026-07-01", "2027-06-30", "12-31"),
                told("2025-10-01", "2026-09-30", "06-30"),
                told("2025-10-01", "2026-09-30", "09-26"),
                told("2026-03-01", "2026-12-31", "12-31"),
            ]
            .join("\n"),
            @r"
        2027-01-01 to 2027-12-31: 181 of 365 days, 50 %, 0 before, gap 184, partial
        2026-07-01 to 2027-06-30: 92 of 365 days, 25 %, 0 before, gap 273, weak
        2025-09-27 to 2026-09-26: 361 of 365 days, 99 %, 4 before, gap 0, good
        2026-01-01 to 2026-12-31: 306 of 365 days, 84 %, 59 before, gap 0, good
        "
        );
    }
}
