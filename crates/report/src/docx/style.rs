//! The styles that a Word document is written in: ours, or those of a firm's template.
//!
//! Invariant: a paragraph names its style by the id that the template gives it; Word's own styles have other ids in each
//! language, and one name.

use std::{collections::BTreeMap, ops::Range};

use quick_xml::{Reader, events::Event};

use super::archive::attribute;
use crate::Error;

/// The styles as we make them.
const OURS: &str = include_str!("../../templates/docx/styles.xml");

/// A style by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    Normal,
    Title,
    Subtitle,
    Heading1,
    Heading2,
    Heading3,
    Heading4,
    Caption,
    ListBullet,
    ListNumber,
    TableGrid,
    TocHeading,
    Toc1,
    Toc2,
    Header,
    Footer,
    Organization,
    TableText,
    TableHead,
    Fact,
    NoticeTitle,
    Notice,
    Signature,
    Strong,
    Emphasis,
    Verbatim,
    Quiet,
    Mark,
}

impl Style {
    /// What a template must have; the others are added to it where it lacks them.
    const OF_A_TEMPLATE: [Self; 10] = [
        Self::Normal,
        Self::Title,
        Self::Heading1,
        Self::Heading2,
        Self::Heading3,
        Self::Heading4,
        Self::Caption,
        Self::ListBullet,
        Self::ListNumber,
        Self::TableGrid,
    ];

    /// The style's name, which Word keeps in English for its own.
    fn name(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Title => "Title",
            Self::Subtitle => "Subtitle",
            Self::Heading1 => "heading 1",
            Self::Heading2 => "heading 2",
            Self::Heading3 => "heading 3",
            Self::Heading4 => "heading 4",
            Self::Caption => "caption",
            Self::ListBullet => "List Bullet",
            Self::ListNumber => "List Number",
            Self::TableGrid => "Table Grid",
            Self::TocHeading => "TOC Heading",
            Self::Toc1 => "toc 1",
            Self::Toc2 => "toc 2",
            Self::Header => "header",
            Self::Footer => "footer",
            Self::Organization => "Tickmark Organization",
            Self::TableText => "Tickmark Table Text",
            Self::TableHead => "Tickmark Table Head",
            Self::Fact => "Tickmark Fact",
            Self::NoticeTitle => "Tickmark Notice Title",
            Self::Notice => "Tickmark Notice",
            Self::Signature => "Tickmark Signature",
            Self::Strong => "Strong",
            Self::Emphasis => "Emphasis",
            Self::Verbatim => "Tickmark Verbatim",
            Self::Quiet => "Tickmark Quiet",
            Self::Mark => "Tickmark Mark",
        }
    }

    /// The style of a heading; those that stand deeper than four levels look like the fourth.
    pub(super) fn heading(level: u8) -> Self {
        match level {
            0 | 1 => Self::Heading1,
            2 => Self::Heading2,
            3 => Self::Heading3,
            _ => Self::Heading4,
        }
    }
}

/// The part `word/styles.xml` and the ids of its styles.
#[derive(Clone, Debug)]
pub(super) struct Styles {
    /// The part.
    pub(super) xml: String,
    ids: BTreeMap<String, String>,
}

impl Styles {
    /// The styles as we make them.
    pub(super) fn ours() -> Result<Self, Error> {
        let ids = read(OURS).map_err(broken)?.into_iter().map(|style| (style.name, style.id)).collect();
        Ok(Self { xml: OURS.to_owned(), ids })
    }

    /// The styles of a template, with ours added for what a template need not have.
    pub(super) fn of_template(xml: String) -> Result<Self, Error> {
        let mut ids: BTreeMap<String, String> =
            read(&xml).map_err(broken)?.into_iter().map(|style| (style.name.to_lowercase(), style.id)).collect();
        let lacks = Style::OF_A_TEMPLATE.iter().filter(|style| !ids.contains_key(&style.name().to_lowercase()));
        let lacks: Vec<&str> = lacks.map(|style| style.name()).collect();
        if !lacks.is_empty() {
            return Err(Error::Template { because: format!("it has no style named {}", lacks.join(", ")) });
        }
        let normal = ids.get("normal").cloned().unwrap_or_default();
        let mut added = String::new();
        for style in read(OURS).map_err(broken)? {
            if let std::collections::btree_map::Entry::Vacant(place) = ids.entry(style.name.to_lowercase())
                && style.id.starts_with("Tickmark")
            {
                place.insert(style.id);
                let own = OURS.get(style.place).unwrap_or_default();
                added.push_str(
                    &own.replace("w:val=\"Normal\"", &format!("w:val=\"{}\"", super::xml::attribute(&normal))),
                );
            }
        }
        let end = xml.rfind("</w:styles>").ok_or_else(|| Error::Template {
            because: "its `word/styles.xml` does not end in `</w:styles>`".to_owned(),
        })?;
        let (before, after) = xml.split_at(end);
        let xml = format!("{before}{added}{after}");
        Ok(Self { xml, ids })
    }

    /// The id of a style. Every style has one once the styles were read; ours are complete by a test.
    pub(super) fn id(&self, style: Style) -> &str {
        let id = self.ids.get(style.name()).or_else(|| self.ids.get(&style.name().to_lowercase()));
        id.map_or("", String::as_str)
    }
}

fn broken(error: quick_xml::Error) -> Error {
    Error::Template { because: format!("its `word/styles.xml`: {error}") }
}

/// A style as it stands in the part.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) id: String,
    place: Range<usize>,
}

/// Every style of a part.
pub(super) fn read(xml: &str) -> Result<Vec<Read>, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    let mut open: Option<Read> = None;
    loop {
        let begins = usize::try_from(reader.buffer_position()).unwrap_or_default();
        let event = reader.read_event()?;
        match &event {
            Event::Start(element) if element.name().as_ref() == "w:style" => {
                let id = attribute(element, "w:styleId")?;
                open = Some(Read { name: String::new(), id: id.unwrap_or_default(), place: begins..begins });
            }
            Event::Empty(element) | Event::Start(element) if element.name().as_ref() == "w:name" => {
                if let Some(style) = &mut open {
                    style.name = attribute(element, "w:val")?.unwrap_or_default();
                }
            }
            Event::End(element) if element.name().as_ref() == "w:style" => {
                let ends = usize::try_from(reader.buffer_position()).unwrap_or_default();
                found.extend(open.take().map(|style| Read { place: style.place.start..ends, ..style }));
            }
            Event::Eof => return Ok(found),
            Event::Start(_)
            | Event::Empty(_)
            | Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_styles_are_complete() {
        let styles = Styles::ours().unwrap();
        for style in Style::OF_A_TEMPLATE.into_iter().chain([
            Style::Subtitle,
            Style::TocHeading,
            Style::Toc1,
            Style::Toc2,
            Style::Header,
            Style::Footer,
            Style::Organization,
            Style::TableText,
            Style::TableHead,
            Style::Fact,
            Style::NoticeTitle,
            Style::Notice,
            Style::Signature,
            Style::Strong,
            Style::Emphasis,
            Style::Verbatim,
            Style::Quiet,
            Style::Mark,
        ]) {
            assert!(!styles.id(style).is_empty(), "{style:?}");
        }
    }

    #[test]
    fn what_a_template_lacks_is_named() {
        let error = Styles::of_template(OURS.replace("heading 3", "Überschrift").replace("caption", "c")).unwrap_err();
        assert_eq!(error.to_string(), "the template cannot be used: it has no style named heading 3, caption");
    }

    #[test]
    fn a_template_keeps_its_ids_and_gets_what_it_lacks() {
        let foreign = OURS.replace("\"Heading1\"", "\"berschrift1\"").replace("\"Normal\"", "\"Standard\"");
        let foreign = foreign.replace("w:name w:val=\"Standard\"", "w:name w:val=\"Normal\"");
        let foreign =
            foreign.replace("Tickmark Notice Title", "Something else").replace("TickmarkNoticeTitle", "Other");
        let styles = Styles::of_template(foreign).unwrap();
        assert_eq!(styles.id(Style::Heading1), "berschrift1");
        assert_eq!(styles.id(Style::NoticeTitle), "TickmarkNoticeTitle");
        assert_eq!(styles.xml.matches("w:styleId=\"TickmarkNoticeTitle\"").count(), 1);
        assert!(styles.xml.trim_end().ends_with("</w:styles>") && !styles.xml.contains("w:basedOn w:val=\"Normal\""));
    }
}
