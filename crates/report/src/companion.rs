//! A companion of a report as Markdown, for who edits it before it is sent.

use crate::{
    for_auditors::line,
    view::{CompanionPart, CompanionView},
};

/// The companion as CommonMark with tables. Equal views give equal bytes.
pub fn companion_markdown(view: &CompanionView) -> String {
    let mut text = format!("# {}\n\n", line(&view.title));
    for (label, value) in &view.facts {
        text.push_str(&format!("- {}: {}\n", line(label), line(value)));
    }
    text.push('\n');
    for part in &view.parts {
        text.push_str(&written(part));
        text.push('\n');
    }
    for signatory in &view.signatories {
        text.push_str(&format!(
            "\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_  \n{}, {}\n\n",
            line(&signatory.name),
            line(&signatory.title)
        ));
    }
    text + &format!("---\n\n{}\n", line(&view.foot))
}

fn written(part: &CompanionPart) -> String {
    match part {
        CompanionPart::Heading(title) => format!("## {}\n", line(title)),
        CompanionPart::Paragraph(text) => format!("{}\n", line(text)),
        CompanionPart::Notice { title, text } => format!("> **{}** {}\n", line(title), line(text)),
        CompanionPart::Points(items) => items.iter().map(|item| format!("- {}\n", line(item))).collect(),
        CompanionPart::Numbered(items) => {
            (1..).zip(items).map(|(number, item): (u32, _)| format!("{number}. {}\n", line(item))).collect()
        }
        CompanionPart::Table { columns, rows } => {
            let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            let head = row(columns.iter().map(|column| line(&column.title)).collect());
            let rule = row(columns.iter().map(|_| "---".to_owned()).collect());
            let rows: String = rows.iter().map(|cells| row(cells.iter().map(|cell| line(cell)).collect())).collect();
            head + &rule + &rows
        }
    }
}
