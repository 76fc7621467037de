//! Management's testing (MGT), its populations (IPE) and its days (DAT-05).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Findings;
use crate::{
    figure::Figure,
    view::{ControlTesting, Coverage, ManagementTestingView, Outcome, ScoreKind, SourceView},
};

pub(super) fn management_testing(view: &ManagementTestingView, findings: &mut Findings) {
    scores(view, findings);
    for (index, source) in view.sources.iter().enumerate() {
        population(&format!("sources[{index}]"), source, &view.engagement.coverage, findings);
    }
    let sources: BTreeMap<&str, &SourceView> = view.sources.iter().map(|s| (s.dataset.as_str(), s)).collect();
    let listed: BTreeSet<&str> = view.exceptions.iter().map(|e| e.id.as_str()).collect();
    let mut controls = BTreeSet::new();
    for (index, control) in view.controls.iter().enumerate() {
        let place = format!("controls[{index}]");
        if !controls.insert(control.id.as_str()) {
            findings.error("RPT-01", &place, format!("control `{}` stands twice", control.id));
        }
        for (number, test) in control.tests.iter().enumerate() {
            let place = format!("{place}.tests[{number}]");
            outcome(&place, test, &sources, findings);
            let state = test.datasets.iter().any(|id| sources.get(id.as_str()).is_some_and(|of| of.is_state));
            if !state && !lies_within(&view.engagement.coverage, test.on, test.on) {
                let message = format!("`{}` speaks of {}, which is no day of the period", test.id, test.on);
                findings.error("DAT-05", &place, message);
            }
            for exception in test.exceptions.iter().filter(|id| !listed.contains(id.as_str())) {
                findings.error("MGT-04", &place, format!("exception `{exception}` is not in the list"));
            }
        }
    }
    for (index, control) in view.controls.iter().enumerate() {
        for (number, test) in control.management_tests.iter().enumerate() {
            if !lies_within(&view.engagement.coverage, test.first, test.last) {
                let place = format!("controls[{index}].management_tests[{number}]");
                let message = format!("`{}` tests {} to {}, not all within the period", test.id, test.first, test.last);
                findings.error("DAT-05", place, message);
            }
        }
    }
    for (index, exception) in view.exceptions.iter().enumerate() {
        if !controls.contains(exception.control.as_str()) {
            findings.error(
                "MGT-04",
                format!("exceptions[{index}]"),
                format!("control `{}` is not in this document", exception.control),
            );
        }
    }
}

/// Whether days lie within a period; an as-of date says nothing of operation.
fn lies_within(coverage: &Coverage, from: Date, to: Date) -> bool {
    match coverage {
        Coverage::AsOf { .. } => true,
        Coverage::Period { first, last } => *first <= from && to <= *last,
    }
}

fn scores(view: &ManagementTestingView, findings: &mut Findings) {
    let kinds: Vec<ScoreKind> = view.scores.iter().map(|score| score.kind).collect();
    let all = [ScoreKind::Design, ScoreKind::Implementation, ScoreKind::Operation, ScoreKind::EvidenceQuality];
    if all.iter().any(|kind| kinds.iter().filter(|found| *found == kind).count() != 1) {
        findings.error("MGT-01", "scores", "there are four scores, each once");
    }
    for (index, score) in view.scores.iter().enumerate() {
        let (met, of) = (score.met.as_count(), score.of.as_count());
        if met.is_none() || of.is_none() || score.untested.as_count().is_none() || met > of {
            findings.error(
                "MGT-01",
                format!("scores[{index}]"),
                "a score is a count of a count, with a count of what was not assessed",
            );
        }
    }
}

fn population(place: &str, source: &SourceView, coverage: &Coverage, findings: &mut Findings) {
    if let Coverage::Period { first, last } = coverage
        && (source.first > *first || source.last < *last)
        && !source.is_state
        && source.incomplete_because.is_none()
    {
        findings.error(
            "IPE-02",
            place,
            format!(
                "the extracts of `{}` cover {} to {}, not the whole period",
                source.dataset, source.first, source.last
            ),
        );
    }
    let agrees = |a: &Figure, b: &Option<Figure>| b.as_ref().is_none_or(|b| a.figure == b.figure);
    let totals_agree = source.control_totals.iter().all(|total| agrees(&total.stored, &total.source));
    let rows_agree = source.rows.as_ref().is_none_or(|rows| agrees(rows, &source.source_count));
    if source.incomplete_because.is_none() && !(rows_agree && totals_agree) {
        findings.error(
            "IPE-03",
            place,
            format!("`{}` differs from its source and is not called incomplete", source.dataset),
        );
    }
    let is_unshown = source.source_count.is_none() && source.control_totals.is_empty();
    if source.rows.is_some() && is_unshown && source.incomplete_because.is_none() {
        findings.warn(
            "IPE-01",
            place,
            format!("nothing of the source's own shows that `{}` is complete", source.dataset),
        );
    }
}

fn outcome(place: &str, test: &ControlTesting, sources: &BTreeMap<&str, &SourceView>, findings: &mut Findings) {
    match &test.outcome {
        Outcome::NoExceptions { population } => {
            if population.as_count().is_none_or(|count| count == 0) {
                findings.error(
                    "MGT-02",
                    place,
                    format!("`{}` has no exceptions in an empty population: it did not occur", test.id),
                );
            }
            if !test.exceptions.is_empty() {
                findings.error("MGT-02", place, format!("`{}` has no exceptions and lists some", test.id));
            }
            for dataset in &test.datasets {
                match sources.get(dataset.as_str()) {
                    None => findings.error(
                        "MGT-03",
                        place,
                        format!("`{}` reads `{dataset}`, of which nothing is shown", test.id),
                    ),
                    Some(source) if source.incomplete_because.is_some() => {
                        findings.error(
                            "MGT-03",
                            place,
                            format!("`{}` cannot have no exceptions: `{dataset}` is incomplete", test.id),
                        );
                    }
                    Some(_) => {}
                }
            }
            if test.canaries.as_count() == Some(0) {
                findings.error("MGT-02", place, format!("`{}` has caught no canary", test.id));
            }
        }
        Outcome::Exceptions { population, exceptions } => {
            let (items, count) = (population.as_count(), exceptions.as_count());
            if items.is_none() || count.is_none() || count == Some(0) || count > items {
                findings.error("MGT-02", place, format!("`{}` says how many exceptions of how many items", test.id));
            }
        }
        Outcome::NoOccurrence { population } => {
            if population.as_count() != Some(0) {
                findings.error("MGT-02", place, format!("`{}` did not occur and has a population", test.id));
            }
        }
        Outcome::NotEvaluable { reason: why } | Outcome::Error { message: why } => {
            if why.trim().is_empty() {
                findings.error("MGT-02", place, format!("`{}` does not say why nothing is known", test.id));
            }
        }
    }
}
