//! What to do next, at the end of what a command prints for people.

use tickmark_app::House;

/// `text`, and after it the next step; of the past there is none.
pub fn and_next(house: &House, text: &str) -> String {
    if house.is_past() {
        return text.to_owned();
    }
    let next = house.next_step();
    format!("{}\n\nNext: {}\n  tickmark {}", text.trim_end(), next.says, next.command)
}
