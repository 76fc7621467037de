//! How sure an advice is (D01): as sure as the answers that decide most.

use super::{
    advice::ConfidenceAdvice, contradictions::Contradiction, level::Confidence, question::Question as Q,
    reading::Reading, rule,
};

/// Without these the level is a guess.
const KEY: [Q; 2] = [Q::FinancialEffect, Q::HoldsData];

/// Without these the timing is.
const TIMING: [Q; 2] = [Q::AskedBy, Q::AskedFor];

/// The confidence, with the answers it rests on.
pub(crate) fn confidence(reading: Reading<'_>, contradictions: &[Contradiction]) -> ConfidenceAdvice {
    let unknown = |questions: &[Q]| questions.iter().any(|question| !question.is_answered(reading.profile));
    let disputed = contradictions.iter().any(|found| !found.disputed.is_empty());
    let level = if unknown(&KEY) || disputed {
        Confidence::Low
    } else if unknown(&TIMING) || !contradictions.is_empty() {
        Confidence::Medium
    } else {
        Confidence::High
    };
    let mut basis = reading.because(rule::D01, &[KEY, TIMING].concat());
    basis.extend(contradictions.iter().flat_map(|found| &found.basis).cloned());
    ConfidenceAdvice { level, basis }
}
