//! What `tickmark firm` prints of sections and of the comments beside them.

use tickmark_app::{EngagementId, Error, House, SectionCommentLine, SectionLine};

use super::{print::Printer, table::Table, wrap::hanging};

/// How many characters of a section tell it from the others in a list.
const SHOWN: usize = 60;

pub fn sections_text(sections: &[SectionLine]) -> String {
    let mut table = Table::new(&["section", "#open comments", "says"]);
    for line in sections {
        let words: String = line.words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
        table.row([line.section.clone(), line.open_comments.to_string(), words]);
    }
    table.text()
}

/// Lists the comments of an engagement.
pub fn list_comments(house: &House, engagement: &EngagementId, printer: &Printer) -> Result<(), Error> {
    let comments = house.section_comments(engagement)?;
    printer.result(&comments, || comments_text(&comments));
    Ok(())
}

fn comments_text(comments: &[SectionCommentLine]) -> String {
    if comments.is_empty() {
        return "The firm made no comment on a section.".to_owned();
    }
    let mut text = String::new();
    for comment in comments {
        let state = match (&comment.resolved_by, comment.reworded) {
            (Some(by), _) => format!("settled, says {by}"),
            (None, true) => "open; the section is worded otherwise since".to_owned(),
            (None, false) => "open".to_owned(),
        };
        let SectionCommentLine { number, section, by, said_on, .. } = comment;
        text.push_str(&format!("{number} on {section}, {said_on}, by {by}: {state}\n"));
        text.push_str(&hanging("  ", &comment.comment));
    }
    text
}
