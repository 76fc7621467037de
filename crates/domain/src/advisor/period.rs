//! As-of dates and periods: rules P01 to P06, T03 to T08. A period is fitted to the fiscal year-ends of user entities.
//!
//! Invariant: no period begins before the controls ran with kept evidence, and no as-of date lies before that (T08).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    advice::{Basis, PeriodAdvice, Statement, YearEndCover},
    choice::{Month, NamedReport, NamedType},
    coverage::{coverage, month_end_from},
    level::{Subject, When},
    needs::{Needs, is_readiness_only},
    profile::ControlsSince,
    question::Question as Q,
    reading::Reading,
    rule,
    word::Word,
};
use crate::Span;

/// Readiness and remediation of controls that do not run yet: one to two months to find the gaps, and to close them.
const READINESS_MONTHS: i32 = 4;

/// From the last day to a signed Type 2: fieldwork of three to eight weeks, then the draft.
const REPORTING_DAYS: i32 = 60;

/// From the as-of date to a signed Type 1: three to eight weeks.
const TYPE_1_REPORTING_DAYS: i32 = 42;

/// The shortest period of a SOC 1 that user auditors can use.
const SHORTEST_SOC1_MONTHS: i32 = 6;

/// The shortest first period of a SOC 2 that readers accept.
const SHORTEST_SOC2_MONTHS: i32 = 3;

/// The longest first period of a SOC 2 alone.
const FIRST_SOC2_MONTHS: i32 = 6;

/// The length of every later period.
const YEAR_MONTHS: i32 = 12;

/// A gap of so many months or less can be bridged, and leaves one month at least to make the report.
const FITTING_GAP_MONTHS: std::ops::RangeInclusive<i8> = 1..=3;

/// One last day should serve so many of a hundred user entities, or one period a year is not enough (P02).
const SERVED_PERCENT: u32 = 75;

/// A report's days, and whether a Type 1 comes first and why.
#[derive(Debug, Clone)]
pub(crate) struct Days {
    pub(crate) advice: PeriodAdvice,
    /// Whether the report is due before that.
    pub(crate) due_before_type_2: Option<Date>,
}

/// The month whose end makes the best last day for user entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit {
    pub(crate) month: Month,
    pub(crate) served: u64,
    pub(crate) of: u64,
}

fn days(count: i32) -> jiff::Span {
    jiff::Span::new().days(count)
}

fn months(count: i32) -> jiff::Span {
    jiff::Span::new().months(count)
}

/// The day on which a Type 1 can be signed.
pub(crate) fn type_1_reported_on(as_of_on: Date) -> Date {
    as_of_on.saturating_add(days(TYPE_1_REPORTING_DAYS))
}

/// The day on which a Type 2 can be signed.
pub(crate) fn reported_on(last: Date) -> Date {
    last.saturating_add(days(REPORTING_DAYS))
}

/// The last day of a period of so many months, moved on to the end of its month.
fn last_of(first: Date, count: i32) -> Date {
    first.saturating_add(months(count)).saturating_sub(days(1)).last_of_month()
}

/// The first day of a period of twelve months that ends on `last`.
fn a_year_to(last: Date) -> Date {
    last.saturating_add(days(1)).saturating_sub(months(YEAR_MONTHS))
}

fn a_year_after(last: Date) -> Span {
    let first = last.saturating_add(days(1));
    Span { first, last: first.saturating_add(months(YEAR_MONTHS)).saturating_sub(days(1)) }
}

/// Months from the end of one month to the next end of another, 0 to 11.
fn gap_months(last: Month, year_end: Month) -> i8 {
    (year_end.number() - last.number()).rem_euclid(12)
}

/// The last day that serves most user entities; among equals the earliest, which leaves most time for the report.
pub(crate) fn fit(year_ends: &BTreeMap<Month, u32>) -> Fit {
    let of = year_ends.values().map(|count| u64::from(*count)).sum();
    let served_by = |month: Month| {
        let fitting = year_ends.iter().filter(|(end, _)| FITTING_GAP_MONTHS.contains(&gap_months(month, **end)));
        fitting.fold((0, 0), |(served, time), (end, count)| {
            let count = u64::from(*count);
            (served + count, time + count * gap_months(month, *end).unsigned_abs() as u64)
        })
    };
    let best = Month::ALL.iter().copied().max_by_key(|month| {
        let (served, time) = served_by(*month);
        (served, time, std::cmp::Reverse(*month))
    });
    // Twelve months are never none.
    let month = best.unwrap_or(Month::September);
    Fit { month, served: served_by(month).0, of }
}

/// The year-ends of Q16, or the assumption of December, which is most common.
pub(crate) fn year_ends(reading: Reading<'_>) -> (BTreeMap<Month, u32>, bool) {
    let known = reading.profile.year_ends.as_ref().filter(|counts| counts.values().any(|count| *count > 0));
    known.map_or_else(
        || (BTreeMap::from([(Month::December, 1)]), true),
        |counts| (counts.iter().filter(|(_, count)| **count > 0).map(|(m, c)| (*m, *c)).collect(), false),
    )
}

/// The days of each report that is pursued now; SOC 1 first, since SOC 2 is aligned with it (P03).
pub(crate) fn all_days(reading: Reading<'_>, needs: &Needs) -> Vec<Days> {
    if is_readiness_only(reading) {
        return Vec::new();
    }
    let soc1 = (needs.soc1.when == When::Now).then(|| soc1_days(reading));
    let soc2 = (needs.soc2.when == When::Now).then(|| soc2_days(reading, soc1.as_ref()));
    soc1.into_iter().chain(soc2).collect()
}

/// Where a first period can begin, and the as-of date of a Type 1 that comes before it.
struct Start {
    first: Date,
    as_of_on: Option<Date>,
}

/// Whether the controls have run for three months with kept evidence (T04).
pub(crate) fn have_run(reading: Reading<'_>) -> Option<Date> {
    match reading.profile.controls_since {
        Some(ControlsSince::On(since)) if since.saturating_add(months(SHORTEST_SOC2_MONTHS)) <= reading.today => {
            Some(since)
        }
        Some(ControlsSince::On(_) | ControlsSince::NotYet) | None => None,
    }
}

/// The last day of the newest Type 2 of these reports (T07).
pub(crate) fn newest_type_2(reading: Reading<'_>, reports: &[NamedReport]) -> Option<Date> {
    let earlier = reading.profile.earlier_reports.iter().flatten();
    let fitting = earlier.filter(|e| reports.contains(&e.report) && e.report_type == NamedType::Type2);
    fitting.map(|report| report.last).max()
}

/// A start without history: after a Type 1, as of the day on which the controls are in place.
fn start(reading: Reading<'_>, pressed: bool) -> Start {
    let as_of_on = match reading.profile.controls_since {
        Some(ControlsSince::On(since)) => {
            let earliest = since.max(reading.today);
            // Without a date that presses, the end of a month is the customary day.
            if pressed { earliest } else { earliest.last_of_month() }
        }
        Some(ControlsSince::NotYet) | None => reading.today.saturating_add(months(READINESS_MONTHS)).last_of_month(),
    };
    Start { first: as_of_on.saturating_add(days(1)), as_of_on: Some(as_of_on) }
}

const SOC1_REPORTS: [NamedReport; 2] = [NamedReport::Soc1, NamedReport::Isae3402];
const SOC2_REPORTS: [NamedReport; 1] = [NamedReport::Soc2];

fn soc1_days(reading: Reading<'_>) -> Days {
    let (year_ends, assumed) = year_ends(reading);
    let best = fit(&year_ends);
    let due = reading.due_on(&SOC1_REPORTS);
    let mut basis = reading.because(rule::P01, &[Q::YearEnds]);
    let first_of = |start: Date| {
        let not_before = last_of(start, SHORTEST_SOC1_MONTHS).max(reading.today);
        let last = month_end_from(not_before, best.month);
        Span { first: start.max(a_year_to(last)), last }
    };
    let mut as_of_on = None;
    let period = if let Some(last) = newest_type_2(reading, &SOC1_REPORTS) {
        basis.push(reading.basis(rule::T07, &[Q::EarlierReports]));
        a_year_after(last)
    } else if let Some(ControlsSince::On(since)) = reading.profile.controls_since {
        first_of(since)
    } else {
        let start = start(reading, due.is_some());
        as_of_on = start.as_of_on;
        first_of(start.first)
    };
    finish(reading, Subject::Soc1, period, as_of_on, due, basis, |start| first_of(start.first), (&year_ends, assumed))
}

fn soc2_days(reading: Reading<'_>, soc1: Option<&Days>) -> Days {
    let (year_ends, assumed) = (BTreeMap::new(), false);
    let due = reading.due_on(&SOC2_REPORTS);
    let pressed = due.is_some() || reading.type_2_is_named();
    let length = if pressed { SHORTEST_SOC2_MONTHS } else { FIRST_SOC2_MONTHS };
    let mut basis = Vec::new();
    // Aligned with the SOC 1 where there is one and the period stays a period.
    let first_of = |start: Date| match soc1.map(|soc1| soc1.advice.period.last) {
        Some(last) if last_of(start, SHORTEST_SOC2_MONTHS) <= last => Span { first: start.max(a_year_to(last)), last },
        Some(_) | None => Span { first: start, last: last_of(start, length) },
    };
    let mut as_of_on = None;
    let period = if let Some(last) = newest_type_2(reading, &SOC2_REPORTS) {
        basis.push(reading.basis(rule::T07, &[Q::EarlierReports]));
        a_year_after(last)
    } else if let Some(since) = have_run(reading) {
        basis.push(reading.basis(rule::T04, &[Q::ControlsSince]));
        match soc1 {
            Some(_) => first_of(since),
            None => {
                let last = reading.today.last_of_month();
                let longest = last.saturating_add(days(1)).saturating_sub(months(FIRST_SOC2_MONTHS));
                Span { first: since.max(longest), last }
            }
        }
    } else {
        let start = start(reading, due.is_some());
        as_of_on = start.as_of_on;
        first_of(start.first)
    };
    let aligned = soc1.is_some_and(|soc1| soc1.advice.period.last == period.last);
    basis.push(if aligned {
        reading.basis(rule::P03, &[Q::FinancialEffect, Q::HoldsData])
    } else {
        reading.basis(rule::P06, &[Q::ControlsSince, Q::FirstReportDue])
    });
    finish(reading, Subject::Soc2, period, as_of_on, due, basis, |start| first_of(start.first), (&year_ends, assumed))
}

/// Completes a report's days: a date that presses puts a Type 1 before the period (T03), and year-ends get their cover.
#[expect(clippy::too_many_arguments, reason = "one place where everything about a report's days comes together")]
fn finish(
    reading: Reading<'_>,
    report: Subject,
    mut period: Span,
    mut as_of_on: Option<Date>,
    due: Option<Date>,
    mut basis: Vec<Basis>,
    again: impl Fn(Start) -> Span,
    (year_ends, assumed): (&BTreeMap<Month, u32>, bool),
) -> Days {
    let late = due.filter(|due| *due < reported_on(period.last));
    let first_report = newest_type_2(reading, if report == Subject::Soc1 { &SOC1_REPORTS } else { &SOC2_REPORTS });
    if late.is_some() && as_of_on.is_none() && first_report.is_none() {
        // A stop-gap; the period begins after it unless it has begun with kept evidence already.
        let start = start(reading, true);
        as_of_on = start.as_of_on;
        if have_run(reading).is_none() {
            period = again(start);
        }
    }
    if late.is_some() {
        basis.push(reading.basis(rule::T03, &[Q::FirstReportDue, Q::Contracts]));
    }
    basis.push(reading.basis(rule::T08, &[Q::ControlsSince]));
    let renewal = a_year_after(period.last);
    if period.first > a_year_to(period.last) {
        basis.push(reading.basis(rule::P04, &[Q::ControlsSince]));
    }
    let covers: Vec<YearEndCover> = year_ends
        .iter()
        .map(|(month, count)| YearEndCover {
            month: *month,
            user_entities: *count,
            assumed,
            cover: coverage(period, *month),
        })
        .collect();
    if covers.iter().any(|line| line.cover.gap_days > 0) {
        basis.push(reading.basis(rule::P05, &[Q::YearEnds]));
    }
    let well_covered_percent = (!assumed && !year_ends.is_empty()).then(|| {
        let of: u64 = year_ends.values().map(|count| u64::from(*count)).sum();
        let last = Month::ALL.iter().copied().find(|month| month.number() == period.last.month());
        let served = year_ends
            .iter()
            .filter(|(end, _)| last.is_some_and(|last| FITTING_GAP_MONTHS.contains(&gap_months(last, **end))));
        percent(served.map(|(_, count)| u64::from(*count)).sum(), of)
    });
    let advice = PeriodAdvice { report, as_of_on, period, renewal, coverage: covers, well_covered_percent, basis };
    Days { due_before_type_2: late, advice }
}

fn percent(part: u64, of: u64) -> u32 {
    u32::try_from(part.saturating_mul(100) / of.max(1)).unwrap_or(u32::MAX)
}

/// What year-ends that no one last day serves call for (P02).
pub(crate) fn spread(reading: Reading<'_>, needs: &Needs) -> Option<Statement> {
    let (counts, assumed) = year_ends(reading);
    let best = fit(&counts);
    if assumed || !needs.soc1_pursued() || percent(best.served, best.of) >= SERVED_PERCENT {
        return None;
    }
    let other = Month::ALL.iter().copied().find(|month| gap_months(best.month, *month) == 6).unwrap_or(best.month);
    let served = counts.iter().filter(|(end, _)| {
        FITTING_GAP_MONTHS.contains(&gap_months(best.month, **end))
            || FITTING_GAP_MONTHS.contains(&gap_months(other, **end))
    });
    let both = percent(served.map(|(_, count)| u64::from(*count)).sum(), best.of);
    Some(Statement {
        says: format!(
            "Year-ends are spread: a last day in {} serves {} of 100 user entities, a second one in {} makes it {}; \
             a rolling twelve months each quarter serves all.",
            best.month.means(),
            percent(best.served, best.of),
            other.means(),
            both
        ),
        basis: reading.because(rule::P02, &[Q::YearEnds]),
    })
}
