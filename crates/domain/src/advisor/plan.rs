//! What to do when: readiness → Type 1 → period → fieldwork → report → renewal (L01). Lengths are customary; the firm
//! sets the real ones.
//!
//! Invariant: no step comes before what it needs: readiness ends before the firm examines, fieldwork follows the last day.

use jiff::civil::Date;

use super::{
    advice::{Basis, Step},
    coverage::BRIDGE_DAYS,
    level::{Subject, When},
    needs::Needs,
    period::{Days, reported_on, reports_of, type_1_reported_on},
    question::Question as Q,
    readiness::{is_assessed_for, is_first, preparation},
    reading::Reading,
    rule::{self, Rule},
};
use crate::Span;

/// Fieldwork after the last day: three to eight weeks.
const FIELDWORK_DAYS: i32 = 42;

fn after(date: Date, days: i32) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// The steps, by date.
pub(crate) fn plan(reading: Reading<'_>, needs: &Needs, days: &[Days]) -> Vec<Step> {
    let mut steps = Vec::new();
    if needs.pursued().next().is_none() {
        return steps;
    }
    let mut step = |first: Date, last: Date, report, what, basis: Vec<Basis>| {
        steps.push(Step { first, last: last.max(first), report, what, basis });
    };
    let pursued = || needs.because(rule::L01);
    let of_report = |report, rule| vec![Basis { rule, answers: needs.answers(report) }];
    let planned_first = needs.pursued().any(|need| is_first(reading, reports_of(need.report)));
    let before = preparation(reading, days, planned_first);
    let Span { first, last } = before.scope;
    step(first, last, None, "Fix scope and firm: services, systems, providers, readers", pursued());
    if let Some(Span { first, last }) = before.assessment {
        let (assessed, others): (Vec<_>, Vec<_>) = days.iter().partition(|days| is_assessed_for(reading, days));
        let report = assessed.first().filter(|_| !others.is_empty()).map(|days| days.advice.report);
        let basis = reading.because(rule::P08, &[Q::EarlierReports]);
        step(first, last, report, "Assess readiness: each gap gets an owner and a date", basis);
    }
    let assessed = before.over_on();
    let in_place = days.iter().filter_map(|days| days.advice.as_of_on).max();
    if let Some(in_place) = in_place.filter(|date| *date > assessed) {
        let basis = reading.because(rule::T02, &[Q::ControlsSince]);
        step(after(assessed, 1), in_place, None, "Close the gaps: controls in place, evidence kept", basis);
    }
    for of_days in days {
        let advice = &of_days.advice;
        let report = Some(advice.report);
        let custom = || of_report(advice.report, rule::L01);
        // The first of these rules that the days rest on.
        let by =
            |rules: &[Rule]| rules.iter().find_map(|rule| of_days.of(*rule)).map_or_else(custom, |b| vec![b.clone()]);
        if let Some(as_of_on) = advice.as_of_on {
            step(as_of_on, as_of_on, report, "Type 1: as-of date", by(&[rule::T03, rule::T02A, rule::T02]));
            step(after(as_of_on, 1), type_1_reported_on(as_of_on), report, "Type 1: fieldwork and report", custom());
        }
        let period = advice.period;
        let why = by(&[rule::T07, rule::P07, rule::P03, rule::P01, rule::P06]);
        step(period.first, period.last, report, "Type 2: period; controls run and evidence is kept", why);
        let fieldwork = after(period.last, FIELDWORK_DAYS);
        step(after(period.last, 1), fieldwork, report, "Type 2: final fieldwork", custom());
        let signed = reported_on(period.last);
        step(after(fieldwork, 1), signed, report, "Type 2: representation letter and report", custom());
        // As long as the last year-end is near enough; a wider gap takes another report.
        let gaps = advice.coverage.iter().map(|line| line.cover);
        let bridged =
            gaps.filter(|cover| (1..=BRIDGE_DAYS).contains(&cover.gap_days)).map(|c| c.fiscal_year.last).max();
        if let Some(last) = bridged {
            let what = "Bridge letter by management, up to each user entity's year-end";
            step(after(period.last, 1), last, report, what, reading.because(rule::P05, &[Q::YearEnds]));
        }
        let Span { first, last } = advice.renewal;
        step(first, last, report, "Renewal: the next period, without a gap", by(&[rule::T07]));
    }
    for need in needs.pursued().filter(|need| need.when == When::Plan) {
        let what = "Keep its controls ready: a report takes months from the day on which somebody asks";
        step(after(assessed, 1), after(assessed, 1), Some(need.report), what, of_report(need.report, rule::R14A));
    }
    steps.sort_by_key(|step| (step.first, step.last, step.report, step.what));
    together(steps)
}

/// The same step of both reports is one step.
fn together(steps: Vec<Step>) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::new();
    for step in steps {
        let same = merged.iter_mut().find(|before| {
            (before.first, before.last, before.what) == (step.first, step.last, step.what) && before.report.is_some()
        });
        match same {
            Some(before) => {
                before.report = Some(Subject::Both);
                let more = step.basis.into_iter().filter(|basis| !before.basis.contains(basis));
                before.basis.extend(more.collect::<Vec<_>>());
            }
            None => merged.push(step),
        }
    }
    merged
}
