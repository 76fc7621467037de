//! As-of dates and periods: rules P01 to P08, T02 to T09. A period is fitted to the fiscal year-ends of user entities, a first
//! one ends after readiness is assessed, and a date by which a report is owed beats both.
//!
//! Invariant: no period begins before the controls ran with kept evidence, and no as-of date lies before that (T08).
//! Invariant: one control set has one start: SOC 1 and SOC 2 that both begin now begin on the same day.

use jiff::civil::Date;

use super::{
    advice::{Basis, PeriodAdvice, Statement, YearEndCover},
    choice::{Month, NamedReport, NamedType, Opinion},
    coverage::{BRIDGE_DAYS, between, coverage, month_end_from, year_end_of},
    international::standards,
    level::{Subject, When},
    needs::{Needs, is_readiness_only},
    profile::ControlsSince,
    question::Question as Q,
    readiness::{assessed_on, assessed_soonest_on, days_left, is_first},
    reading::{ALL_REPORTS, Reading, SOC1_REPORTS, SOC2_REPORTS},
    rule,
    word::Word,
    year_ends::{SERVED_PERCENT, YearEnds},
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

/// The shortest first period of a SOC 2 that readers accept, and the shortest that bridges from one last day to another.
const SHORTEST_SOC2_MONTHS: i32 = 3;

/// The longest first period of a SOC 2 alone.
const FIRST_SOC2_MONTHS: i32 = 6;

/// The length of every later period.
const YEAR_MONTHS: i32 = 12;

/// A wait of more days than this for a SOC 2 that is aligned with a SOC 1 is worth a short first period: a quarter.
const QUARTER_DAYS: i64 = 92;

/// Month-ends that are looked at for a period that is reported in time: a best fit is never further away.
const MONTH_ENDS: usize = 24;

/// A report's days, and what they miss.
#[derive(Debug, Clone)]
pub(crate) struct Days {
    pub(crate) advice: PeriodAdvice,
    /// The day on which a report is due that no Type 2 can meet.
    pub(crate) due_before_type_2: Option<Date>,
    /// The soonest last day that a Type 2 could have, over the shortest period that readers take.
    pub(crate) soonest_last: Date,
    /// Whether its readers got none in the last year, so that readiness is assessed before it (P08).
    pub(crate) is_first: bool,
    /// The short first period that a SOC 2 could have, where waiting for the SOC 1 delays it (P03).
    short_first: Option<Span>,
}

impl Days {
    /// What is said of a rule in the days' own basis.
    pub(crate) fn of(&self, rule: rule::Rule) -> Option<&Basis> {
        self.advice.basis.iter().find(|basis| basis.rule == rule)
    }

    /// The first day as of which, or up to which, the firm examines.
    pub(crate) fn examined_on(&self) -> Date {
        self.advice.as_of_on.unwrap_or(self.advice.period.last)
    }
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

/// The twelve months after a last day.
pub(crate) fn a_year_after(last: Date) -> Span {
    let first = last.saturating_add(days(1));
    Span { first, last: first.saturating_add(months(YEAR_MONTHS)).saturating_sub(days(1)) }
}

/// The months that a period touches.
fn months_in(period: Span) -> i32 {
    let Span { first, last } = period;
    i32::from(last.year() - first.year()) * YEAR_MONTHS + i32::from(last.month() - first.month()) + 1
}

/// The days of each report that is pursued now; SOC 1 first, since SOC 2 is aligned with it (P03).
pub(crate) fn all_days(reading: Reading<'_>, needs: &Needs) -> Vec<Days> {
    if is_readiness_only(reading) {
        return Vec::new();
    }
    let soc1_now = needs.soc1.when == When::Now;
    let soc2_now = needs.soc2.when == When::Now;
    // One control set is made ready once: a report that is due, or a first one, sets the start of both.
    let first = (soc1_now && is_first(reading, &SOC1_REPORTS)) || (soc2_now && is_first(reading, &SOC2_REPORTS));
    let starts = Starts::of(reading, first);
    let soc1 = soc1_now.then(|| soc1_days(reading, starts));
    let soc2 = soc2_now.then(|| soc2_days(reading, soc1.as_ref(), starts));
    soc1.into_iter().chain(soc2).collect()
}

/// Where a first period can begin, and the as-of date of a Type 1 that comes before it.
#[derive(Debug, Clone, Copy)]
struct Start {
    first: Date,
    as_of_on: Option<Date>,
}

/// The two ways in which a period can start.
#[derive(Debug, Clone, Copy)]
struct Starts {
    /// Since the controls run, else after a Type 1.
    soonest: Start,
    /// After a Type 1 in any case.
    after_type_1: Start,
}

impl Starts {
    fn of(reading: Reading<'_>, first: bool) -> Self {
        let as_of_on = as_of_on(reading, first);
        let after_type_1 = Start { first: as_of_on.saturating_add(days(1)), as_of_on: Some(as_of_on) };
        let soonest = reading.running_since().map_or(after_type_1, |first| Start { first, as_of_on: None });
        Self { soonest, after_type_1 }
    }
}

/// The as-of date of a Type 1: when the controls are in place, and of a first report not before readiness can be assessed,
/// unless the report is due.
fn as_of_on(reading: Reading<'_>, first: bool) -> Date {
    let since = match reading.profile.controls_since {
        Some(ControlsSince::On(since)) => since.max(reading.today),
        Some(ControlsSince::NotYet) | None => {
            return reading.today.saturating_add(months(READINESS_MONTHS)).last_of_month();
        }
    };
    let earliest = if first { since.max(assessed_soonest_on(reading.today)) } else { since };
    // Without a date that presses, the end of a month is the customary day.
    let customary = earliest.last_of_month();
    match reading.due_on(&ALL_REPORTS).map(|due| due.saturating_sub(days(TYPE_1_REPORTING_DAYS))) {
        Some(latest) if latest < customary => earliest.min(latest).max(since),
        Some(_) | None => customary,
    }
}

/// Since when the controls have run, if that is three months with kept evidence (T04).
fn have_run(reading: Reading<'_>) -> Option<Date> {
    reading.running_since().filter(|since| since.saturating_add(months(SHORTEST_SOC2_MONTHS)) <= reading.today)
}

/// The twelve months after the newest Type 2 of these reports (T07); none once they are over.
fn following(reading: Reading<'_>, reports: &[NamedReport]) -> Option<Span> {
    newest_type_2(reading, reports).map(a_year_after).filter(|next| next.last >= reading.today)
}

/// The period that follows on the newest Type 2 of these reports: the day after it, or as soon as the controls run (T08). None
/// where they do not run yet, or what is left of the twelve months is too short: then the series begins anew.
fn renewed(reading: Reading<'_>, reports: &[NamedReport], shortest: i32) -> Option<Span> {
    let next = following(reading, reports)?;
    let runs_since = match reading.profile.controls_since {
        // The report before speaks for them.
        None => next.first,
        Some(ControlsSince::On(since)) if since <= next.first.max(reading.today) => since,
        Some(ControlsSince::On(_) | ControlsSince::NotYet) => return None,
    };
    let first = runs_since.max(next.first);
    let shortest_last = first.saturating_add(months(shortest)).saturating_sub(days(1));
    (shortest_last <= next.last).then_some(Span { first, last: next.last })
}

/// The last day of the newest Type 2 of these reports.
fn newest_type_2(reading: Reading<'_>, reports: &[NamedReport]) -> Option<Date> {
    let earlier = reading.profile.earlier_reports.iter().flatten();
    // Nobody has reported on a period that is not over.
    let fitting =
        earlier.filter(|e| reports.contains(&e.report) && e.report_type == NamedType::Type2 && e.last <= reading.today);
    fitting.map(|report| report.last).max()
}

/// What comes together to a report's days.
struct Draft<'a> {
    report: Subject,
    /// The reports of contracts and of earlier years that are the same.
    named: &'a [NamedReport],
    shortest: i32,
    year_ends: &'a YearEnds,
    starts: Starts,
    is_first: bool,
    /// The first day on which a period can begin.
    from: Date,
    period: Span,
    as_of_on: Option<Date>,
    basis: Vec<Basis>,
}

fn soc1_days(reading: Reading<'_>, starts: Starts) -> Days {
    let year_ends = YearEnds::of(reading);
    let is_first = is_first(reading, &SOC1_REPORTS);
    let fitted = |first: Date| {
        let not_before = last_of(first, SHORTEST_SOC1_MONTHS).max(reading.today);
        let fit = month_end_from(not_before, year_ends.fit());
        let ready = assessed_on(reading.today);
        // A fit that comes too soon is not waited for a year where another month serves as well.
        let last = if is_first && fit < ready { soonest_fit(not_before.max(ready), &year_ends) } else { fit };
        Span { first: first.max(a_year_to(last)), last }
    };
    let mut draft = Draft {
        report: Subject::Soc1,
        named: &SOC1_REPORTS,
        shortest: SHORTEST_SOC1_MONTHS,
        year_ends: &year_ends,
        starts,
        is_first,
        from: starts.soonest.first,
        period: Span { first: reading.today, last: reading.today },
        as_of_on: None,
        basis: reading.because(rule::P01, &[Q::YearEnds]),
    };
    if let Some(period) = renewed(reading, &SOC1_REPORTS, draft.shortest) {
        draft.basis.push(reading.naming(rule::T07, Q::EarlierReports, &SOC1_REPORTS));
        (draft.from, draft.period) = (period.first, period);
        return finish(reading, draft);
    }
    let Start { first, as_of_on } = starts.soonest;
    if as_of_on.is_some() {
        draft.basis.push(reading.basis(rule::T02, &[Q::ControlsSince]));
    }
    draft.period = fitted(first);
    draft.as_of_on = as_of_on;
    meet(reading, &mut draft, first, fitted);
    finish(reading, draft)
}

/// The month-end from `from` on that is worth most, the soonest among equals.
fn soonest_fit(from: Date, year_ends: &YearEnds) -> Date {
    let worth = |last: &Date| (Month::of_day(*last).map(|month| year_ends.worth(month)), std::cmp::Reverse(*last));
    month_ends(from).take(12).max_by_key(worth).unwrap_or(from)
}

/// The ends of months from a day on.
fn month_ends(from: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from.last_of_month()), |last| {
        Some(last.saturating_add(days(1)).last_of_month()).filter(|next| next > last)
    })
}

fn soc2_days(reading: Reading<'_>, soc1: Option<&Days>, starts: Starts) -> Days {
    let is_first = is_first(reading, &SOC2_REPORTS);
    // The first day on which a period can end: once readiness is assessed, of a first report.
    let ready = if is_first { assessed_on(reading.today) } else { reading.today };
    let is_pressed = !reading.dues(&SOC2_REPORTS).is_empty() || reading.type_2_is_named(&SOC2_REPORTS);
    let length = if is_pressed { SHORTEST_SOC2_MONTHS } else { FIRST_SOC2_MONTHS };
    let mut draft = Draft {
        report: Subject::Soc2,
        named: &SOC2_REPORTS,
        shortest: SHORTEST_SOC2_MONTHS,
        year_ends: &YearEnds::default(),
        starts,
        is_first,
        from: starts.soonest.first,
        period: Span { first: reading.today, last: reading.today },
        as_of_on: None,
        basis: Vec::new(),
    };
    if let Some(period) = renewed(reading, &SOC2_REPORTS, draft.shortest) {
        draft.basis.push(reading.naming(rule::T07, Q::EarlierReports, &SOC2_REPORTS));
        (draft.from, draft.period) = (period.first, period);
        return finish(reading, draft);
    }
    let Start { first, as_of_on } = starts.soonest;
    // The shortest first period that readers take: what has run, if that is enough.
    let short = |first: Date| match have_run(reading) {
        Some(since) => {
            let last = ready.last_of_month();
            let longest = last.saturating_add(days(1)).saturating_sub(months(FIRST_SOC2_MONTHS));
            Span { first: since.max(longest), last }
        }
        None => Span { first, last: last_of(first, length) },
    };
    let soonest = last_of(first, SHORTEST_SOC2_MONTHS).max(ready);
    let beside = soc1.filter(|soc1| soonest <= soc1.advice.period.last);
    let Some(soc1) = beside else {
        // Alone. Under three months leave too little to test: a Type 1 first, and the period after it.
        let start = if have_run(reading).is_some() { starts.soonest } else { starts.after_type_1 };
        draft.basis.push(match (have_run(reading), reading.running_since()) {
            (Some(_), _) => reading.basis(rule::T04, &[Q::ControlsSince]),
            (None, Some(_)) => reading.basis(rule::T02A, &[Q::ControlsSince]),
            (None, None) => reading.basis(rule::T02, &[Q::ControlsSince]),
        });
        draft.period = short(start.first);
        draft.as_of_on = start.as_of_on;
        draft.basis.push(reading.basis(rule::P06, &[Q::ControlsSince, Q::FirstReportDue]));
        if reading.type_2_is_named(&SOC2_REPORTS) {
            draft.basis.push(reading.naming_type_2(&SOC2_REPORTS));
        }
        meet(reading, &mut draft, first, short);
        let mut days = finish(reading, draft);
        if let Some(soc1) = soc1 {
            align_renewal(reading, &mut days, soc1.advice.period.last);
        }
        return days;
    };
    if as_of_on.is_some() {
        draft.basis.push(reading.basis(rule::T02, &[Q::ControlsSince]));
    }
    let last = soc1.advice.period.last;
    let renews = soc1.of(rule::T07).is_some();
    let together = if renews { first } else { first.max(soc1.advice.period.first) };
    let aligned = |first: Date| {
        if last_of(first, SHORTEST_SOC2_MONTHS) > last {
            short(first)
        } else {
            Span { first: first.max(a_year_to(last)), last }
        }
    };
    draft.period = Span { first: together.max(a_year_to(last)), last };
    draft.as_of_on = as_of_on;
    meet(reading, &mut draft, first, aligned);
    let mut days = if draft.period.last == last {
        draft.basis.push(reading.basis(rule::P03, &[Q::FinancialEffect, Q::HoldsData]));
        finish(reading, draft)
    } else {
        let mut days = finish(reading, draft);
        align_renewal(reading, &mut days, last);
        days
    };
    let short = short(first);
    days.short_first = (between(short.last, days.advice.period.last) > QUARTER_DAYS).then_some(short);
    days
}

/// Lets the second period of a SOC 2 end with a period of the SOC 1 whose first one it cannot end with.
fn align_renewal(reading: Reading<'_>, days: &mut Days, soc1_last: Date) {
    let soonest = last_of(days.advice.renewal.first, SHORTEST_SOC2_MONTHS);
    let mut ends =
        std::iter::successors(Some(soc1_last), |last| Some(a_year_after(*last).last).filter(|next| next > last));
    let Some(last) = ends.find(|last| *last >= soonest) else { return };
    days.advice.renewal.last = last;
    days.advice.basis.push(reading.basis(rule::P03, &[Q::FinancialEffect, Q::HoldsData]));
}

/// Meets the dates by which the report is due: those of a Type 2 by its period, then that of a Type 1, if one is owed sooner,
/// by a Type 1 before the period (T03): a period that was cut short would answer what nobody asked.
fn meet(reading: Reading<'_>, draft: &mut Draft<'_>, first: Date, again: impl Fn(Date) -> Span) {
    meet_by_period(reading, draft, first, &again);
    let owed = reading.type_1_due_on(draft.named).filter(|due| *due < reported_on(draft.period.last));
    let Some(due) = owed else { return };
    draft.basis.push(reading.due(rule::T03, draft.named, due));
    if draft.as_of_on.is_some() {
        return;
    }
    let start = draft.starts.after_type_1;
    draft.as_of_on = start.as_of_on;
    if have_run(reading).is_none() && draft.basis.iter().all(|basis| basis.rule != rule::P07) {
        draft.period = again(start.first);
    }
    draft.as_of_on = draft.as_of_on.map(|as_of_on| as_of_on.min(draft.period.last));
}

/// The earliest date by the longest period that is reported in time (P07). If there is none, a Type 1 comes before the period
/// (T03), and the period meets the earliest of the other dates that one can meet.
fn meet_by_period(reading: Reading<'_>, draft: &mut Draft<'_>, first: Date, again: &impl Fn(Date) -> Span) {
    let is_late = |due: &Date, draft: &Draft<'_>| *due < reported_on(draft.period.last);
    let dues = reading.dues(draft.named);
    let Some(due) = dues.first().copied().filter(|due| is_late(due, draft)) else { return };
    if let Some(period) = in_time(reading, draft, first, due) {
        take(reading, draft, period, due);
        // A Type 2 that is in time and has begun needs no Type 1 before it.
        draft.as_of_on = draft.as_of_on.filter(|as_of_on| *as_of_on < period.first);
        return;
    }
    draft.basis.push(reading.due(rule::T03, draft.named, due));
    let mut firsts = vec![first];
    if draft.as_of_on.is_none() {
        // A stop-gap; the period begins after it unless it has begun with kept evidence already.
        let start = draft.starts.after_type_1;
        draft.as_of_on = start.as_of_on;
        if have_run(reading).is_none() {
            draft.period = again(start.first);
            firsts.insert(0, start.first);
        }
    }
    let others: Vec<Date> = dues.into_iter().skip(1).filter(|due| is_late(due, draft)).collect();
    let met = others.into_iter().find_map(|due| {
        firsts.iter().find_map(|first| in_time(reading, draft, *first, due)).map(|period| (period, due))
    });
    if let Some((period, due)) = met {
        take(reading, draft, period, due);
    }
    draft.as_of_on = draft.as_of_on.map(|as_of_on| as_of_on.min(draft.period.last));
}

/// Takes the period that is reported by a due date, in place of the one that fits best.
fn take(reading: Reading<'_>, draft: &mut Draft<'_>, period: Span, due: Date) {
    draft.period = period;
    draft.basis.retain(|basis| ![rule::T04, rule::T02A, rule::P06].contains(&basis.rule));
    draft.basis.push(reading.due(rule::P07, draft.named, due));
}

/// The period from `first` on that is reported by a due date: after readiness is assessed, if there is time; then the longest
/// up to twelve months, then the one whose last day serves most user entities, then the latest.
fn in_time(reading: Reading<'_>, draft: &Draft<'_>, first: Date, due: Date) -> Option<Span> {
    let ready = [assessed_on(reading.today), assessed_soonest_on(reading.today)];
    let ready = ready.into_iter().filter(|_| draft.is_first).chain([reading.today]);
    ready.into_iter().find_map(|ready| {
        let periods = month_ends(last_of(first, draft.shortest).max(ready))
            .take(MONTH_ENDS)
            .take_while(|last| reported_on(*last) <= due)
            .map(|last| Span { first: first.max(a_year_to(last)), last });
        periods.max_by_key(|period| {
            let month = Month::of_day(period.last).filter(|_| draft.year_ends.are_known());
            (months_in(*period), month.map(|month| draft.year_ends.worth(month)), period.last)
        })
    })
}

/// Completes a report's days: the period after it, and the cover that year-ends get.
fn finish(reading: Reading<'_>, draft: Draft<'_>) -> Days {
    let Draft { report, named, shortest, year_ends, is_first, from, period, as_of_on, mut basis, .. } = draft;
    let ready = if is_first { assessed_soonest_on(reading.today) } else { reading.today };
    let soonest_last = last_of(from, shortest).max(ready.last_of_month()).min(period.last);
    let due_before_type_2 = reading.due_on(named).filter(|due| *due < reported_on(period.last));
    basis.push(reading.basis(rule::T08, &[Q::ControlsSince]));
    if period.first > a_year_to(period.last) {
        basis.push(reading.basis(rule::P04, &[Q::ControlsSince]));
    }
    if is_first {
        basis.push(reading.basis(rule::P08, &[Q::EarlierReports]));
    }
    let covered = year_ends.counts.iter().filter_map(|(month, count)| {
        let cover = coverage(period, year_end_of(*month))?;
        Some(YearEndCover { month: *month, user_entities: *count, assumed: year_ends.assumed, cover })
    });
    let coverage: Vec<YearEndCover> = covered.collect();
    if coverage.iter().any(|line| line.cover.gap_days > 0) {
        basis.push(reading.basis(rule::P05, &[Q::YearEnds]));
    }
    let well_covered = Month::of_day(period.last).filter(|_| year_ends.are_known()).map(|last| year_ends.served(last));
    let renewal = a_year_after(period.last);
    let standards = standards(reading, report);
    let advice = PeriodAdvice { report, as_of_on, period, renewal, coverage, well_covered, standards, basis };
    Days { advice, due_before_type_2, soonest_last, is_first, short_first: None }
}

/// What the days call for beside: a second last day, a bridging period, a short first SOC 2, an earlier opinion.
pub(crate) fn notes(reading: Reading<'_>, needs: &Needs, days: &[Days]) -> Vec<Statement> {
    let year_ends = YearEnds::of(reading);
    let soc1 = days.iter().find(|days| days.advice.report == Subject::Soc1);
    let soc2 = days.iter().find(|days| days.advice.report == Subject::Soc2);
    let mut notes: Vec<Statement> = days.iter().filter_map(|days| not_assessed(reading, days)).collect();
    notes.extend(days.iter().filter_map(|days| begins_unassessed(reading, days)));
    notes.extend(supposed(reading, days));
    notes.extend(days.iter().filter_map(|days| lapsed(reading, days.advice.report)));
    notes.extend(days.iter().filter_map(|days| interrupted(reading, &days.advice)));
    notes.extend(soc1.and_then(|soc1| bridging(reading, soc1, &year_ends)));
    notes.extend(spread(reading, needs, &year_ends));
    notes.extend(soc2.and_then(|soc2| short_first(reading, soc2)));
    notes.extend(needs.pursued().filter_map(|need| earlier_opinion(reading, need.report)));
    notes
}

/// A due date that leaves no time to assess readiness (P08).
fn not_assessed(reading: Reading<'_>, of_days: &Days) -> Option<Statement> {
    let left = days_left(reading, of_days)?;
    let due = reading.due_on(&ALL_REPORTS)?;
    let advice = &of_days.advice;
    let (what, on) = match advice.as_of_on {
        Some(as_of_on) => ("the as-of date", as_of_on),
        None => ("the period's last day", advice.period.last),
    };
    Some(Statement {
        says: format!(
            "The {} leaves no time to assess readiness: {what} is {on} ({}), and that takes five weeks with scope and firm. What \
             is not in order by then stands in the report: ask whether a later day than {due} would do.",
            advice.report,
            match left {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                left => format!("in {left} days"),
            },
        ),
        basis: vec![reading.due(rule::P08, &ALL_REPORTS, due)],
    })
}

/// A first period that begins before readiness is assessed, and the later day on which it can begin (P08).
fn begins_unassessed(reading: Reading<'_>, of_days: &Days) -> Option<Statement> {
    let Days { advice, is_first: true, .. } = of_days else { return None };
    let (first, assessed) = (advice.period.first, assessed_on(reading.today));
    let later = assessed.last_of_month().saturating_add(days(1));
    // Where it has to begin so for a due date, that is said already; where it is soon over, there is no later day.
    if first > assessed
        || days_left(reading, of_days).is_some()
        || last_of(later, SHORTEST_SOC2_MONTHS) > advice.period.last
    {
        return None;
    }
    Some(Statement {
        says: format!(
            "The {} period begins on {first}, before readiness is assessed (until about {assessed}): what turns out to have been missing \
             on its first days is a deviation, and nothing mends it. Where the controls or their evidence are in doubt, begin it on \
             {later}; readers get {} days less.",
            advice.report,
            between(first, later),
        ),
        basis: reading.because(rule::P08, &[Q::ControlsSince]),
    })
}

/// A series of reports that broke off (T07).
fn lapsed(reading: Reading<'_>, report: Subject) -> Option<Statement> {
    let named = reports_of(report);
    let last = newest_type_2(reading, named).filter(|_| following(reading, named).is_none())?;
    Some(Statement {
        says: format!(
            "The newest Type 2 of the {report} ended on {last}, and the twelve months after it are over: the series begins \
             anew. Tell readers which days no report speaks of, and why.",
        ),
        basis: vec![reading.naming(rule::T07, Q::EarlierReports, named)],
    })
}

/// Days that rest on an answer that nobody gave: confidence in the report says nothing of them (T02).
fn supposed(reading: Reading<'_>, days: &[Days]) -> Option<Statement> {
    let begins_anew = days.iter().any(|days| days.of(rule::T02).is_some());
    (begins_anew && reading.profile.controls_since.is_none()).then(|| Statement {
        says: "Nobody said since when the controls run (Q17): the dates suppose that they do not run yet, and move forward if they do."
            .to_owned(),
        basis: reading.because(rule::T02, &[Q::ControlsSince]),
    })
}

/// Days between the newest Type 2 and the next period, in which the controls did not run (T08).
fn interrupted(reading: Reading<'_>, advice: &PeriodAdvice) -> Option<Statement> {
    let named = reports_of(advice.report);
    let next = following(reading, named).filter(|next| advice.period.first > next.first)?;
    let until = advice.period.first.saturating_sub(days(1));
    Some(Statement {
        says: format!(
            "The newest Type 2 of the {} ends the day before {}, and its controls do not run since then (Q17): no report will speak \
             of the days from {} to {until}. Tell readers so, and why. If single controls are newer and the others ran on, \
             answer Q17 with the day since which those run: a new control is tested from its own first day.",
            advice.report, next.first, next.first,
        ),
        basis: vec![reading.naming(rule::T07, Q::EarlierReports, named), reading.basis(rule::T08, &[Q::ControlsSince])],
    })
}

/// The reports of contracts and of earlier years that are a report.
pub(crate) fn reports_of(report: Subject) -> &'static [NamedReport] {
    if report == Subject::Soc1 { &SOC1_REPORTS } else { &SOC2_REPORTS }
}

/// A bridging period to the last day that fits, where the advised one does not (P05).
fn bridging(reading: Reading<'_>, soc1: &Days, year_ends: &YearEnds) -> Option<Statement> {
    let PeriodAdvice { period, renewal, well_covered, .. } = &soc1.advice;
    let (best, now) = (year_ends.fit(), (*well_covered)?);
    let then = year_ends.served(best);
    if then.served <= now.served {
        return None;
    }
    // What is owed first stays; what renews can be cut short.
    let (first, why) = match (soc1.of(rule::T07), soc1.of(rule::P07)) {
        (Some(basis), _) => (period.first, basis),
        (None, Some(basis)) => (renewal.first, basis),
        (None, None) => return None,
    };
    let lately = reading.today.saturating_sub(jiff::Span::new().days(BRIDGE_DAYS));
    let last = month_end_from(last_of(first, SHORTEST_SOC2_MONTHS).max(lately), best);
    let next = a_year_after(last);
    Some(Statement {
        says: format!(
            "A last day of {} serves {now}, with a gap that a bridge letter can span. Let a bridging period run from {first} \
             to {last} and twelve months from {} on: that serves {then}.",
            period.last, next.first,
        ),
        basis: vec![reading.basis(rule::P05, &[Q::YearEnds]), why.clone()],
    })
}

/// What year-ends that no one last day serves call for (P02).
fn spread(reading: Reading<'_>, needs: &Needs, year_ends: &YearEnds) -> Option<Statement> {
    let best = year_ends.fit();
    let served = year_ends.served(best);
    if !year_ends.are_known() || !needs.soc1_pursued() || served.percent() >= SERVED_PERCENT {
        return None;
    }
    let second = year_ends.second(best);
    let second = second.map(|(month, both)| format!(", and a second one in {} brings it to {both}", month.means()));
    Some(Statement {
        says: format!(
            "Year-ends are spread: a last day in {} serves {served}{}; a rolling twelve months each quarter serves all.",
            best.means(),
            second.unwrap_or_default()
        ),
        basis: reading.because(rule::P02, &[Q::YearEnds]),
    })
}

/// A SOC 2 that waits for the SOC 1 could come sooner (P03).
fn short_first(reading: Reading<'_>, soc2: &Days) -> Option<Statement> {
    let Span { first, last } = soc2.short_first?;
    let aligned = soc2.advice.period;
    let sooner = if have_run(reading).is_some() { rule::T04 } else { rule::P06 };
    Some(Statement {
        says: format!(
            "With these days the first SOC 2 is signed about {}. Buyers who cannot wait get a short first Type 2, {first} to \
             {last}, signed about {}; from the second period on, to {}, it ends with the SOC 1.",
            reported_on(aligned.last),
            reported_on(last),
            aligned.last,
        ),
        basis: vec![
            reading.basis(rule::P03, &[Q::FinancialEffect, Q::HoldsData]),
            reading.basis(sooner, &[Q::ControlsSince]),
        ],
    })
}

/// An earlier opinion that readers will ask about (T07a).
fn earlier_opinion(reading: Reading<'_>, report: Subject) -> Option<Statement> {
    let named = reports_of(report);
    let earlier = reading.profile.earlier_reports.iter().flatten().filter(|earlier| named.contains(&earlier.report));
    let newest = earlier.max_by_key(|earlier| earlier.last)?;
    let opinion = newest.opinion.filter(|opinion| *opinion != Opinion::Unmodified)?;
    let day = newest.last.to_string();
    let answers = reading.part(Q::EarlierReports, |part| part.split_whitespace().any(|word| word == day));
    Some(Statement {
        says: format!(
            "The {} to {} has this opinion: {}. Remediate its cause and retest it within the next period; readers will look for \
             what became of it.",
            newest.report.means(),
            newest.last,
            opinion.means(),
        ),
        basis: vec![Basis { rule: rule::T07A, answers: answers.into_iter().collect() }],
    })
}
