//! What to do next, at the end of what a command prints for people.

use tickmark_app::{House, NextStep, SinceAdvice};

use super::wrap::hanging;

/// `text`, and after it the next step; of the past there is none.
pub fn and_next(house: &House, text: &str) -> String {
    if house.is_past() {
        return text.to_owned();
    }
    format!("{}\n\n{}", text.trim_end(), next_text(&house.next_step()))
}

/// The next step and the command for it, without a line end.
pub fn next_text(next: &NextStep) -> String {
    let says = hanging("", &format!("Next: {}", next.says));
    format!("{says}  tickmark {}", next.command)
}

/// What the newest advice did not know yet.
pub fn since_advice_text(since: &SinceAdvice) -> String {
    let mut text = format!("Since the advice of {}\n", since.given_on);
    for change in &since.changes {
        text.push_str(&hanging("  - ", &change.to_string()));
    }
    text.push_str("  Ask the advisor again, with a profile that tells of it: `tickmark advise --profile FILE`\n");
    text
}
