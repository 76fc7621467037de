//! `tickmark consistency`: what one part of the program says and another does not bear out.

use std::fmt::Write;

use clap::Args;
use tickmark_app::{ConsistencyView, Inconsistency};

use super::{Outcome, arguments::Folder, exit::Exit, next::next_text, outside, print::Printer, wrap};

#[derive(Debug, Args)]
pub struct Consistency {
    #[command(flatten)]
    pub folder: Folder,
}

pub fn run(command: &Consistency, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    let view = house.consistency()?;
    printer.result(&view, || text(&view));
    Ok(Exit::Done)
}

fn text(view: &ConsistencyView) -> String {
    if let Some(next) = &view.next {
        return format!("There is no engagement to check against yet.\n{}", next_text(next));
    }
    let mut text = match view.findings.len() {
        0 => "Nothing was found that does not fit together.\n".to_owned(),
        1 => "1 finding\n".to_owned(),
        many => format!("{many} findings\n"),
    };
    let mut rule = None;
    for alike in view.findings.chunk_by(are_alike) {
        let Some(finding) = alike.first() else { continue };
        if rule != Some(finding.rule) {
            rule = Some(finding.rule);
            let _ = write!(text, "\n{}", wrap::hanging(&format!("{}  ", finding.rule.code()), finding.rule.asks()));
        }
        let engagement = finding.engagement.as_ref().filter(|id| id.as_str() != finding.subject);
        let engagement = engagement.map(|id| format!(" ({id})")).unwrap_or_default();
        let subjects: Vec<&str> = alike.iter().map(|finding| finding.subject.as_str()).collect();
        text.push_str(&wrap::hanging("  - ", &format!("{}{engagement}: {}", subjects.join(", "), finding.says)));
        text.push_str(&wrap::hanging("    → ", &finding.act));
    }
    text
}

/// Whether two findings say the same of two subjects.
fn are_alike(a: &Inconsistency, b: &Inconsistency) -> bool {
    (a.rule, &a.engagement, &a.says, &a.act) == (b.rule, &b.engagement, &b.says, &b.act)
}
