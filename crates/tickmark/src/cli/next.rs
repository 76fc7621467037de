//! What to do next, at the end of what a command prints for people.

use tickmark_app::House;

use super::wrap;

/// `text`, and after it the next step.
pub fn and_next(house: &House, text: &str) -> String {
    let next = house.next_step();
    let says = wrap::hanging("", &format!("Next: {}", next.says));
    format!("{}\n\n{says}  tickmark {}", text.trim_end(), next.command)
}
