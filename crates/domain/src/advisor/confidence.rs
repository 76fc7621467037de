//! How sure an advice is (D01): as sure as the answers that decide most.

use super::{
    advice::{ConfidenceAdvice, Statement},
    level::Confidence,
    question::Question as Q,
    reading::Reading,
    rule,
};

/// Without these the level is a guess.
const KEY: [Q; 2] = [Q::FinancialEffect, Q::HoldsData];

/// Without these the timing is.
const TIMING: [Q; 2] = [Q::AskedBy, Q::AskedFor];

/// The confidence, with the answers it rests on.
pub(crate) fn confidence(reading: Reading<'_>, contradictions: &[Statement]) -> ConfidenceAdvice {
    let unknown = |questions: &[Q]| questions.iter().any(|question| !question.is_answered(reading.profile));
    let level = if unknown(&KEY) {
        Confidence::Low
    } else if unknown(&TIMING) || !contradictions.is_empty() {
        Confidence::Medium
    } else {
        Confidence::High
    };
    ConfidenceAdvice { level, basis: reading.because(rule::D01, &[KEY, TIMING].concat()) }
}
