//! What to do when: readiness → Type 1 → period → fieldwork → report → renewal (L01). Lengths are customary; the firm
//! sets the real ones.

use jiff::civil::Date;

use super::{
    advice::Step,
    level::{Subject, When},
    needs::Needs,
    period::{Days, reported_on, type_1_reported_on},
    reading::Reading,
    rule::{self, Rule},
};

/// Scope: one to three weeks.
const SCOPE_DAYS: i32 = 21;

/// Readiness assessment: four to eight weeks.
const ASSESSMENT_DAYS: i32 = 56;

/// Fieldwork after the last day: three to eight weeks.
const FIELDWORK_DAYS: i32 = 42;

/// A bridge letter spans about three months.
const BRIDGE_DAYS: i32 = 92;

fn after(date: Date, days: i32) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// The steps, by date.
pub(crate) fn plan(reading: Reading<'_>, needs: &Needs, days: &[Days]) -> Vec<Step> {
    let mut steps = Vec::new();
    if needs.pursued().next().is_none() {
        return steps;
    }
    let today = reading.today;
    let mut step = |first: Date, last: Date, report, what, rule: Rule| {
        steps.push(Step { first, last: last.max(first), report, what, rules: vec![rule] });
    };
    let scoped = after(today, SCOPE_DAYS);
    let assessed = after(scoped, ASSESSMENT_DAYS);
    // A Type 1 that presses leaves less time: what comes before it ends with its as-of date.
    let pressing = days.iter().filter_map(|days| days.advice.as_of_on).min();
    let before = |end: Date| pressing.map_or(end, |as_of_on| end.min(as_of_on)).max(today);
    step(today, before(scoped), None, "Fix scope and firm: services, systems, providers, readers", rule::L01);
    if before(assessed) > scoped {
        let what = "Assess readiness: each gap gets an owner and a date";
        step(after(scoped, 1), before(assessed), None, what, rule::L01);
    }
    let in_place = days.iter().filter_map(|days| days.advice.as_of_on).max();
    if let Some(in_place) = in_place.filter(|date| *date > assessed) {
        step(after(assessed, 1), in_place, None, "Close the gaps: controls in place, evidence kept", rule::T02);
    }
    for Days { advice, .. } in days {
        let report = Some(advice.report);
        if let Some(as_of_on) = advice.as_of_on {
            let why = if advice.basis.iter().any(|basis| basis.rule == rule::T03) { rule::T03 } else { rule::T02 };
            step(as_of_on, as_of_on, report, "Type 1: as-of date", why);
            step(after(as_of_on, 1), type_1_reported_on(as_of_on), report, "Type 1: fieldwork and report", rule::L01);
        }
        let period = advice.period;
        let why = if advice.report == Subject::Soc1 { rule::P01 } else { rule::P06 };
        let why = if advice.basis.iter().any(|basis| basis.rule == rule::P03) { rule::P03 } else { why };
        step(period.first, period.last, report, "Type 2: period; controls run and evidence is kept", why);
        let fieldwork = after(period.last, FIELDWORK_DAYS);
        step(after(period.last, 1), fieldwork, report, "Type 2: final fieldwork", rule::L01);
        step(
            after(fieldwork, 1),
            reported_on(period.last),
            report,
            "Type 2: representation letter and report",
            rule::L01,
        );
        if advice.report == Subject::Soc1 {
            step(
                after(period.last, 1),
                after(period.last, BRIDGE_DAYS),
                report,
                "Bridge letter by management, up to each user entity's year-end",
                rule::P05,
            );
        }
        step(advice.renewal.first, advice.renewal.last, report, "Renewal: the next period, without a gap", rule::T07);
    }
    for need in needs.pursued().filter(|need| need.when == When::Plan) {
        let what = "Keep its controls ready: a report takes months from the day on which somebody asks";
        step(after(assessed, 1), after(assessed, 1), Some(need.report), what, rule::R14A);
    }
    steps.sort();
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
                before.rules.extend(step.rules);
                before.rules.dedup();
            }
            None => merged.push(step),
        }
    }
    merged
}
