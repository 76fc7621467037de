//! The report as a Word document, for people who edit and comment it: styles, contents, tables and controls are Word's own.
//!
//! Invariant: it prints what the PDF prints, with the same tick marks, and nothing else; equal views and templates give equal
//! bytes with one binary.
//! Invariant: every section carries the place of its data in the view, so that a document that comes back is compared with
//! what it was made from (its properties name engagement, ledger size and view).

mod archive;
mod body;
mod description;
mod parts;
mod reading;
mod report;
mod style;
mod template;
mod tests_of_controls;
mod words;
mod xml;

pub use self::{
    reading::{TextProposal, WordChanges, WordReport},
    template::WordTemplate,
};

use self::{body::Body, parts::Made, style::Style};
use crate::{Document, Error, prepare::numbered, view::ReportView};

/// Writes a report as a Word document, in our styles or in those of a firm's template.
pub fn report_docx(view: &ReportView, template: Option<&WordTemplate>) -> Result<Vec<u8>, Error> {
    let document = Document::Report(Box::new(view.clone()));
    document.check()?;
    let (_, numbering) = numbered(&document)?;
    let ours;
    let template = match template {
        Some(template) => template,
        None => {
            ours = WordTemplate::ours()?;
            &ours
        }
    };
    let mut body = Body::new(&template.styles, numbering, template.first_list(), template.page.text_width());
    report::cover(&mut body, view)?;
    let cover = std::mem::take(&mut body.xml);
    report::sections(&mut body, view)?;
    let sections = std::mem::take(&mut body.xml);
    contents(&mut body);
    let xml = format!("{cover}{}{sections}", body.xml);
    let made = Made { view: &document.to_json()?, body: &xml, numbered_lists: body.numbered_lists };
    parts::write(view, template, &made)
}

/// The contents: a field that Word fills anew, with the entries that it will find.
fn contents(body: &mut Body<'_>) {
    let entries = std::mem::take(&mut body.entries);
    body.xml.push_str(
        "<w:sdt><w:sdtPr><w:alias w:val=\"Contents\"/><w:docPartObj><w:docPartGallery w:val=\"Table of Contents\"/>\
         <w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>",
    );
    let heading = body.words("Contents", Style::Normal);
    body.paragraph_of(Style::TocHeading, "<w:pageBreakBefore/>", false, &heading);
    let tab = format!(
        "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"{}\"/></w:tabs>",
        body.width.saturating_sub(10)
    );
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let asks = |what: &str| format!("<w:r><w:instrText xml:space=\"preserve\"> {what} </w:instrText></w:r>");
    for (number, entry) in entries.iter().enumerate() {
        let begin = match number {
            0 => format!(
                "<w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r>{}{}",
                asks("TOC \\o \"1-2\" \\h \\z \\u"),
                field("separate")
            ),
            _ => String::new(),
        };
        let end = if number + 1 == entries.len() { field("end") } else { String::new() };
        let page = format!(
            "{}{}{}{}",
            field("begin"),
            asks(&format!("PAGEREF {} \\h", entry.bookmark)),
            field("separate"),
            field("end")
        );
        let title = body.words(&entry.text, Style::Normal);
        let style = if entry.level == 1 { Style::Toc1 } else { Style::Toc2 };
        let line = format!(
            "{begin}<w:hyperlink w:anchor=\"{}\" w:history=\"1\">{title}<w:r><w:tab/></w:r>{page}</w:hyperlink>{end}",
            entry.bookmark
        );
        body.paragraph_of(style, &tab, false, &line);
    }
    body.xml.push_str("</w:sdtContent></w:sdt>");
}
