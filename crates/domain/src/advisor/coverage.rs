//! How much of a user entity's fiscal year a period covers, and what is left at its end.

use jiff::civil::Date;
use serde::Serialize;

use super::choice::Month;
use crate::Span;

/// A gap that a bridge letter can span: three months.
pub(crate) const BRIDGE_DAYS: i64 = 92;

/// Cover of a fiscal year from this many percent on is good, if the gap can be bridged.
const GOOD_PERCENT: i64 = 75;

/// Cover below this many percent is weak.
const PARTIAL_PERCENT: i64 = 50;

/// The cover of one fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The fiscal year: the first that ends on or after the period's last day.
    pub fiscal_year: Span,
    /// Its days that the period covers.
    pub covered_days: i64,
    /// Its days.
    pub days: i64,
    /// Covered days in whole percent, rounded half up.
    pub percent: i64,
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
    /// Three quarters or more, and a bridge letter spans the gap.
    Good,
    /// Half or more.
    Partial,
    /// Less than half.
    Weak,
}

impl Standing {
    /// As people write it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Good => "good, with a bridge letter",
            Self::Partial => "partial",
            Self::Weak => "weak",
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

/// The cover that a period gives the fiscal year that ends with `month` next.
pub fn coverage(period: Span, month: Month) -> Coverage {
    let last = month_end_from(period.last, month);
    let previous = last.first_of_month().saturating_sub(jiff::Span::new().years(1)).last_of_month();
    cover(period, Span { first: previous.saturating_add(jiff::Span::new().days(1)), last })
}

/// The cover that a period gives a fiscal year.
pub(crate) fn cover(period: Span, fiscal_year: Span) -> Coverage {
    let covered_days = period.shared_with(&fiscal_year).map_or(0, days);
    let all = days(fiscal_year).max(1);
    // Whole percent, half up: 273 of 365 days are 75 percent, as practice counts nine months.
    let percent = (covered_days * 200 + all) / (all * 2);
    let gap_days = between(period.last, fiscal_year.last);
    let standing = if covered_days == all {
        Standing::Full
    } else if percent >= GOOD_PERCENT && gap_days <= BRIDGE_DAYS {
        Standing::Good
    } else if percent >= PARTIAL_PERCENT {
        Standing::Partial
    } else {
        Standing::Weak
    };
    Coverage { fiscal_year, covered_days, days: all, percent, gap_days, standing }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(first: &str, last: &str, month: Month) -> String {
        let cover = coverage(Span { first: first.parse().unwrap(), last: last.parse().unwrap() }, month);
        format!(
            "{} to {}: {} of {} days, {} %, gap {}, {}",
            cover.fiscal_year.first,
            cover.fiscal_year.last,
            cover.covered_days,
            cover.days,
            cover.percent,
            cover.gap_days,
            cover.standing.shown()
        )
    }

    #[test]
    fn the_usual_periods_of_december_years() {
        insta::assert_snapshot!(
            [
                told("2025-10-01", "2026-09-30", Month::December),
                told("2025-11-01", "2026-10-31", Month::December),
                told("2026-01-01", "2026-12-31", Month::December),
                told("2027-04-01", "2027-09-30", Month::December),
                told("2027-07-01", "2027-09-30", Month::June),
                told("2027-03-01", "2028-02-29", Month::February),
            ]
            .join("\n"),
            @r"
        2026-01-01 to 2026-12-31: 273 of 365 days, 75 %, gap 92, good, with a bridge letter
        2026-01-01 to 2026-12-31: 304 of 365 days, 83 %, gap 61, good, with a bridge letter
        2026-01-01 to 2026-12-31: 365 of 365 days, 100 %, gap 0, full
        2027-01-01 to 2027-12-31: 183 of 365 days, 50 %, gap 92, partial
        2027-07-01 to 2028-06-30: 92 of 366 days, 25 %, gap 274, weak
        2027-03-01 to 2028-02-29: 366 of 366 days, 100 %, gap 0, full
        "
        );
    }
}
