//! What a Type 1 lacks, and what a Type 2 lacks besides: two questions that are never answered by one word.
//!
//! Type 1: every criterion and control objective has a control that is in place, with a statement, an owner and a risk; no gap
//! of the kinds missing, design and not implemented; no control whose design nobody assessed, or that nothing shows to be in
//! place; management's description adopted and the scope complete. A Type 1 is a report on design: what nobody looked at is
//! not known, and unknown is not ready.
//!
//! Type 2: all of that, and evidence over the period; every control that the calendar sets falls due in it (DAT-09); the
//! period begins no earlier than can be defended; no exception that nobody answered. A period that is short, or longer than a year, is a
//! warning (DAT-08).

use serde::Serialize;

use super::{EarliestStart, Gap, GapKind, Looked};
use crate::{ExceptionState, Inconsistency, ReportKind, Score, Span};

/// Months under which a period is short, by report (DAT-08).
const SHORT_SOC1_MONTHS: u64 = 6;
const SHORT_SOC2_MONTHS: u64 = 3;

/// Months over which a period is long (DAT-08).
const LONG_MONTHS: i64 = 12;

/// What one type of report lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TypeReadiness {
    /// What is lacking; nothing is when it is empty.
    pub lacking: Vec<String>,
    /// What readers may question.
    pub warnings: Vec<String>,
}

impl TypeReadiness {
    /// Whether nothing is lacking.
    pub fn is_ready(&self) -> bool {
        self.lacking.is_empty()
    }
}

impl Looked<'_> {
    pub(crate) fn types(&self, gaps: &[Gap], start: &EarliestStart) -> (TypeReadiness, Option<TypeReadiness>) {
        let type1 = self.type1(gaps);
        let type2 = self.has_period().then(|| self.type2(gaps, &type1, start));
        (type1, type2)
    }

    fn type1(&self, gaps: &[Gap]) -> TypeReadiness {
        let mut lacking = Vec::new();
        for kind in [GapKind::Missing, GapKind::Design, GapKind::NotImplemented] {
            lacking.extend(counted(gaps, kind));
        }
        let scores = self.state.scores_of(&self.figures, |_| true);
        lacking.extend(untested(scores.design, "whose design nobody assessed", "walkthrough or test of design"));
        lacking.extend(untested(
            scores.implementation,
            "that nothing shows to be in place",
            "walkthrough, test or document",
        ));
        if self.engagement.description.is_none() {
            lacking.push(format!("no system description: `tickmark description adopt FILE --engagement {}`", self.id));
        }
        let scope = self.state.scope_findings(self.id, self.engagement);
        let told = |finding: Inconsistency| format!("{} {}: {}", finding.rule.code(), finding.subject, finding.says);
        lacking.extend(scope.into_iter().map(told));
        TypeReadiness { lacking, warnings: Vec::new() }
    }

    fn type2(&self, gaps: &[Gap], type1: &TypeReadiness, start: &EarliestStart) -> TypeReadiness {
        let Span { first, last } = self.span;
        let mut lacking = type1.lacking.clone();
        for kind in [GapKind::NoEvidence, GapKind::UntestedIpe, GapKind::NotEvaluable] {
            lacking.extend(counted(gaps, kind));
        }
        match self.figures.raised().filter(|(_, (state, _))| *state == ExceptionState::Open).count() {
            0 => {}
            1 => lacking.push("1 exception that nobody answered".to_owned()),
            open => lacking.push(format!("{open} exceptions that nobody answered")),
        }
        lacking.extend(self.not_due());
        if let Some(on) = start.on.filter(|on| *on > first) {
            lacking.push(format!("the period begins on {first}, and the earliest day that can be defended is {on}"));
        }
        let short = match self.engagement.report {
            ReportKind::Soc1 => SHORT_SOC1_MONTHS,
            ReportKind::Soc2 | ReportKind::Soc3 => SHORT_SOC2_MONTHS,
        };
        let months = self.span.whole_months();
        let (is_short, is_long) = (months < short, self.span.is_longer_than(LONG_MONTHS));
        let short = format!("DAT-08: {first} to {last} is shorter than {short} months; readers may ask why");
        let long =
            format!("DAT-08: {first} to {last} is longer than {LONG_MONTHS} months; readers expect a report each year");
        let warnings = is_short.then_some(short).into_iter().chain(is_long.then_some(long));
        TypeReadiness { lacking, warnings: warnings.collect() }
    }

    /// Controls that the calendar sets and that are not due in the period (DAT-09), as the lint tells them.
    fn not_due(&self) -> Vec<String> {
        let found = self.state.not_due(self.id, self.engagement, &self.figures, &self.stated, &self.documents);
        let told = |of: Inconsistency| format!("{}: {} {}; {}", of.rule.code(), of.subject, of.says, of.act);
        found.into_iter().map(told).collect()
    }
}

fn untested(score: Score, which: &str, by: &str) -> Option<String> {
    match score.untested {
        0 => None,
        1 => Some(format!("1 control {which}: no {by}")),
        many => Some(format!("{many} controls {which}: no {by}")),
    }
}

fn counted(gaps: &[Gap], kind: GapKind) -> Option<String> {
    match gaps.iter().filter(|gap| gap.kind == kind).count() {
        0 => None,
        1 => Some(format!("1 gap of the kind `{kind}`")),
        many => Some(format!("{many} gaps of the kind `{kind}`")),
    }
}
