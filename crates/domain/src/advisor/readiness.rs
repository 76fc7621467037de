//! What has to come before a first report: scope and firm, then the assessment of readiness (P08). Lengths are customary.
//!
//! Invariant: both end no later than the last day or as-of date of every report that they come before.

use jiff::civil::Date;

use super::{
    choice::NamedReport,
    coverage::between,
    period::{Days, a_year_after},
    reading::Reading,
};
use crate::Span;

/// Scope and firm: one to three weeks.
const SCOPE_DAYS: i32 = 21;

/// Assessment of readiness: four to eight weeks.
const ASSESSMENT_DAYS: i32 = 56;

/// The shortest of both: one week, and four.
const SHORTEST_DAYS: i32 = 35;

/// The shortest assessment: four weeks.
const SHORTEST_ASSESSMENT_DAYS: i32 = 28;

fn after(date: Date, days: i32) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// The last of so many days, the first of them included.
fn last_of(first: Date, days: i32) -> Date {
    after(first, days - 1)
}

/// Whether nothing of these reports is so recent that it speaks for the controls: its readers got no report in the last year.
pub(crate) fn is_first(reading: Reading<'_>, named: &[NamedReport]) -> bool {
    let earlier = reading.profile.earlier_reports.iter().flatten();
    !earlier
        .filter(|report| named.contains(&report.report))
        .any(|report| report.last <= reading.today && a_year_after(report.last).last >= reading.today)
}

/// The day on which readiness is assessed, if there is time.
pub(crate) fn assessed_on(today: Date) -> Date {
    last_of(today, SCOPE_DAYS + ASSESSMENT_DAYS)
}

/// The day on which it is assessed at the soonest.
pub(crate) fn assessed_soonest_on(today: Date) -> Date {
    last_of(today, SHORTEST_DAYS)
}

/// What comes before reports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preparation {
    pub(crate) scope: Span,
    /// None where no report is a first one, or a due date leaves no time.
    pub(crate) assessment: Option<Span>,
}

impl Preparation {
    /// The day on which all of it is over.
    pub(crate) fn over_on(&self) -> Date {
        self.assessment.map_or(self.scope.last, |assessment| assessment.last)
    }
}

/// What comes before the days of these reports; without days, before those that are planned.
pub(crate) fn preparation(reading: Reading<'_>, days: &[Days], planned_first: bool) -> Preparation {
    let today = reading.today;
    let first_by = days.iter().filter(|days| is_assessed_for(reading, days)).map(Days::examined_on).min();
    let mut scoped = last_of(today, SCOPE_DAYS);
    if let Some(by) = days.iter().map(Days::examined_on).min() {
        scoped = scoped.min(by);
    }
    if first_by.is_none() && !(days.is_empty() && planned_first) {
        return Preparation { scope: Span { first: today, last: scoped.max(today) }, assessment: None };
    }
    if let Some(by) = first_by {
        scoped = scoped.min(after(by, -SHORTEST_ASSESSMENT_DAYS));
    }
    let scope = Span { first: today, last: scoped.max(today) };
    let first = after(scope.last, 1);
    let assessed = first_by.map_or(assessed_on(today), |by| assessed_on(today).min(by));
    Preparation { scope, assessment: Some(Span { first, last: assessed.max(first) }) }
}

/// Whether readiness is assessed before a report: a first one that is not due too soon.
pub(crate) fn is_assessed_for(reading: Reading<'_>, days: &Days) -> bool {
    days.is_first && days_left(reading, days).is_none()
}

/// The days that a due date leaves to a first report before it is examined, if no assessment fits in.
pub(crate) fn days_left(reading: Reading<'_>, days: &Days) -> Option<i64> {
    let by = days.examined_on();
    (days.is_first && by < assessed_soonest_on(reading.today)).then(|| between(reading.today, by))
}
