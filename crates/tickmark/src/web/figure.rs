//! Figures, marks and times: how the smallest things on a page look.

use jiff::Timestamp;
use maud::{Markup, html};
use tickmark_app::{Digest, ExceptionState, Outcome, Score, Span};

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    crate::cli::grouped(number)
}

/// A sentence; what stands in backticks is code.
pub fn said(sentence: &str) -> Markup {
    html! { @for (index, part) in sentence.split('`').enumerate() { @if index % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// A decimal number as text, with its thousands apart.
pub fn grouped_decimal(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    // A sum of 38 digits is longer than any integer here, so it is grouped as text.
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or_else(|| format!("{sign}{grouped}"), |fraction| format!("{sign}{grouped}.{fraction}"))
}

/// A number that opens the rows behind it.
pub fn figure(number: u64, address: &str) -> Markup {
    html! { a.figure href=(address) { (grouped(number)) } }
}

/// An outcome, as mark and word.
pub fn outcome(outcome: Option<Outcome>) -> Markup {
    let (mark, word, kind) = outcome_words(outcome);
    html! { span.mark.(kind) { span.sign aria-hidden="true" { (mark) } (word) } }
}

/// That nothing shows that a control test can find what it looks for.
pub fn unproven() -> Markup {
    html! { span.mark.warn { span.sign aria-hidden="true" { "!" } "unproven" } }
}

/// Mark, word and class of an outcome.
pub fn outcome_words(outcome: Option<Outcome>) -> (&'static str, &'static str, &'static str) {
    match outcome {
        Some(Outcome::NoExceptions) => ("✓", "no exceptions", "good"),
        Some(Outcome::Exceptions) => ("✗", "exceptions", "bad"),
        Some(Outcome::NoOccurrence) => ("–", "no occurrence", "calm"),
        Some(Outcome::NotEvaluable) => ("?", "not evaluable", "warn"),
        Some(Outcome::Error) => ("!", "error", "warn"),
        None => ("·", "not run", "calm"),
    }
}

/// All outcomes, and that there is none yet, in the order in which they are shown.
pub const OUTCOMES: [Option<Outcome>; 6] = [
    Some(Outcome::NoExceptions),
    Some(Outcome::Exceptions),
    Some(Outcome::NoOccurrence),
    Some(Outcome::NotEvaluable),
    Some(Outcome::Error),
    None,
];

/// All states of an exception, in the order in which they are gone through.
pub const STATES: [ExceptionState; 5] = [
    ExceptionState::Open,
    ExceptionState::Responded,
    ExceptionState::Remediated,
    ExceptionState::Retested,
    ExceptionState::Withdrawn,
];

/// An exception's state, as mark and word.
pub fn state(state: ExceptionState) -> Markup {
    let mark = match state {
        ExceptionState::Open => "○",
        ExceptionState::Responded => "◐",
        ExceptionState::Remediated => "◕",
        ExceptionState::Retested => "●",
        ExceptionState::Withdrawn => "⊘",
    };
    html! { span.mark { span.sign aria-hidden="true" { (mark) } (state) } }
}

/// A severity, as mark and word.
pub fn severity(severity: &str) -> Markup {
    let mark = match severity {
        "high" => "▲",
        "medium" => "△",
        "low" => "▽",
        _ => "·",
    };
    html! { span.mark { span.sign aria-hidden="true" { (mark) } (severity) } }
}

/// Whether rows stored are the source's own count, as mark and word.
pub fn agreed(rows: u64, source: Option<u64>) -> Markup {
    match source {
        Some(count) if count == rows => html! { span.mark.good { span.sign aria-hidden="true" { "✓" } "agrees" } },
        Some(_) => html! { span.mark.bad { span.sign aria-hidden="true" { "✗" } "differs" } },
        None => html! { span.mark.calm { span.sign aria-hidden="true" { "–" } "no count given" } },
    }
}

/// Whether something that a score counts holds, as mark and word.
pub fn holds(holds: Option<bool>) -> Markup {
    match holds {
        Some(true) => html! { span.mark.good { span.sign aria-hidden="true" { "✓" } "holds" } },
        Some(false) => html! { span.mark.bad { span.sign aria-hidden="true" { "✗" } "does not" } },
        None => html! { span.mark.calm { span.sign aria-hidden="true" { "·" } "not assessed" } },
    }
}

/// Days from a first to a last, or the one day.
pub fn days(span: Span) -> Markup {
    html! { span.date { (span.first) } @if span.first != span.last { " to " span.date { (span.last) } } }
}

/// An instant, in UTC to the second.
pub fn time(at: Timestamp) -> Markup {
    let text = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    html! { time datetime=(at) { (text) " UTC" } }
}

/// A digest, short on screen and whole for copying and print.
pub fn digest(digest: &Digest) -> Markup {
    let whole = digest.to_string();
    html! { code.digest title=(whole) { (whole.get(..12).unwrap_or(&whole)) } }
}

/// A digest in full.
pub fn whole_digest(digest: &Digest) -> Markup {
    html! { code.whole { (digest) } }
}

/// A score as a bar: what holds is filled, what does not is dark, what nobody looked at is hollow. The table says the same.
pub fn bar(score: Score) -> Markup {
    let says = format!("{} hold, {} do not, {} not assessed", score.holds, score.does_not, score.untested);
    let (holds, does_not) = (score.holds, score.does_not);
    html! {
        svg.bar role="img" aria-label=(says) viewBox={ "0 0 " (score.denominator().max(1)) " 10" } preserveAspectRatio="none" {
            rect.hollow x="0" y="0" width=(score.denominator().max(1)) height="10" {}
            rect.holds x="0" y="0" width=(holds) height="10" {}
            rect.doesnot x=(holds) y="0" width=(does_not) height="10" {}
        }
    }
}
