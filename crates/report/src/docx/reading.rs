//! A Word document of ours that people edited and sent back: its sections by their places, and what became otherwise.
//!
//! What was sent out and what came back are read by the same reader, so that whatever a program does to a document in
//! passing (styles renamed, runs split, numbers filled in) is no difference.
//!
//! Invariant: a change within a section of facts is never a proposal; it is told and nothing else.
//! Invariant: tracked changes count as made: what is inserted is read, what is deleted is not.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use tickmark_canonical::Digest;

use super::{
    archive::{Archive, attribute, each_element},
    style,
};
use crate::Error;

/// Elements of a document do not stand deeper than this.
const DEEPEST: usize = 256;

/// A Word document that was made from a view.
#[derive(Debug, Clone)]
pub struct WordReport {
    /// The engagement's id.
    pub engagement: String,
    /// The ledger size that the view was made at.
    pub ledger_size: u64,
    /// The digest of the view.
    pub view: Digest,
    /// The day that stands for its making.
    pub prepared_on: jiff::civil::Date,
    sections: BTreeMap<String, Section>,
    /// Words that stand in no section, but for the contents.
    outside: Vec<String>,
}

/// A content control with a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Section {
    title: String,
    is_locked: bool,
    text: String,
    /// What each figure within shows, in their order.
    figures: Vec<(String, String)>,
}

/// What came back otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct WordChanges {
    /// Texts of people that are otherwise.
    pub proposals: Vec<TextProposal>,
    /// Where facts were changed, sections taken out or words put between them, a sentence each.
    pub refused: Vec<String>,
}

/// A text that came back otherwise.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TextProposal {
    /// Its place in the view, as a JSON pointer.
    pub place: String,
    /// Its section's title.
    pub title: String,
    /// The title that came back, if it is another.
    pub renamed: Option<String>,
    /// The text that was sent out, in the marks of prose.
    pub before: String,
    /// The text that came back.
    pub after: String,
}

impl TextProposal {
    /// None where both say the same. The first heading of a section that has a title in its text is that title.
    fn of(place: &str, before: &Section, after: &Section) -> Option<Self> {
        let (title, before_text) = titled(&before.text);
        let (renamed, after_text) = match title {
            Some(title) => {
                let (new, rest) = titled(&after.text);
                (new.filter(|new| *new != title), rest)
            }
            None => (None, after.text.as_str()),
        };
        if renamed.is_none() && before_text == after_text {
            return None;
        }
        let levels = [before_text, after_text].into_iter().flat_map(str::lines).filter_map(heading_level);
        let first = levels.min().unwrap_or(1);
        Some(Self {
            place: place.to_owned(),
            title: before.title.clone(),
            renamed: renamed.map(str::to_owned),
            before: in_prose(before_text, first),
            after: in_prose(after_text, first),
        })
    }
}

/// The level of a line that is a heading.
fn heading_level(line: &str) -> Option<usize> {
    let level = line.len() - line.trim_start_matches('#').len();
    (level > 0 && line.get(level..).is_some_and(|rest| rest.starts_with(' '))).then_some(level)
}

/// A section's title and what follows it, where its text begins with one.
fn titled(text: &str) -> (Option<&str>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    match heading_level(line) {
        Some(level) => (line.get(level + 1..), rest.trim_start_matches('\n')),
        None => (None, text),
    }
}

/// The text with headings as prose writes them: two levels, whatever level of the document they stand on.
fn in_prose(text: &str, first: usize) -> String {
    let line = |line: &str| match heading_level(line) {
        Some(level) => {
            let words = line.get(level + 1..).unwrap_or_default();
            format!("{} {words}", if level > first { "###" } else { "##" })
        }
        None => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

impl WordReport {
    /// Reads a Word document. One that was not made from a view of ours is refused.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut archive = Archive::open(bytes, ".docx", refuse)?;
        let properties = archive.part("docProps/custom.xml")?.unwrap_or_default();
        let properties = archive.within("docProps/custom.xml", custom_properties(&properties))?;
        let core = archive.part("docProps/core.xml")?.unwrap_or_default();
        let styles = archive.part("word/styles.xml")?.unwrap_or_default();
        let numbering = archive.part("word/numbering.xml")?.unwrap_or_default();
        let document = archive.required("word/document.xml")?;
        let own = |name: &str| {
            let ours =
                "it does not say what it was made from; only a document that `tickmark report` wrote can be compared";
            properties.get(name).cloned().ok_or_else(|| refuse(ours.to_owned()))
        };
        let unreadable = |name: &str| refuse(format!("its property `{name}` cannot be read"));
        let prepared_on = core
            .split("<dcterms:created")
            .nth(1)
            .and_then(|rest| rest.split_once('>'))
            .and_then(|(_, rest)| rest.get(..10));
        let mut walk = Walk {
            styles: archive.within("word/styles.xml", style_names(&styles))?,
            lists: archive.within("word/numbering.xml", numbered_lists(&numbering))?,
            ..Walk::default()
        };
        archive.within("word/document.xml", walk.document(&document))?;
        if walk.is_too_deep {
            return Err(refuse(format!("its `word/document.xml` is nested deeper than {DEEPEST} elements")));
        }
        let engagement = own("TickmarkEngagement")?;
        if walk.sections.is_empty() {
            let because = "none of its sections is left: the program that saved it drops content controls, as LibreOffice does; edit it in Word, or \
                           compare the two documents by eye";
            return Err(refuse(because.to_owned()));
        }
        Ok(Self {
            engagement,
            ledger_size: own("TickmarkLedgerSize")?.parse().map_err(|_| unreadable("TickmarkLedgerSize"))?,
            view: own("TickmarkView")?.parse().map_err(|_| unreadable("TickmarkView"))?,
            prepared_on: prepared_on.and_then(|day| day.parse().ok()).ok_or_else(|| unreadable("created"))?,
            sections: walk.sections,
            outside: walk.outside,
        })
    }

    /// What of a document is otherwise than as it was sent out.
    pub fn changes_since(&self, sent: &Self) -> WordChanges {
        let mut changes = WordChanges::default();
        for (place, before) in &sent.sections {
            let told = format!("`{place}` ({})", before.title);
            let Some(after) = self.sections.get(place) else {
                changes.refused.push(format!("{told} was taken out"));
                continue;
            };
            if before.is_locked {
                if letters(&before.text) != letters(&after.text) || before.figures != after.figures {
                    changes.refused.push(format!("{told} prints facts, which change in the ledger and nowhere else"));
                }
                continue;
            }
            let known: BTreeSet<&(String, String)> = before.figures.iter().collect();
            if let Some((name, shown)) = after.figures.iter().find(|figure| !known.contains(figure)) {
                changes
                    .refused
                    .push(format!("{told}: the figure `{{{name}}}` shows `{shown}`; figures come from the ledger"));
                continue;
            }
            changes.proposals.extend(TextProposal::of(place, before, after));
        }
        let lines = |of: &Self| of.outside.iter().map(|line| letters(line)).collect::<BTreeSet<String>>();
        let (known, found) = (lines(sent), lines(self));
        let added = self.outside.iter().filter(|line| !known.contains(&letters(line)));
        changes.refused.extend(added.map(|line| format!("`{}` stands in no section", shortened(line))));
        let gone = sent.outside.iter().filter(|line| !found.contains(&letters(line)));
        changes.refused.extend(gone.map(|line| format!("`{}` was taken out", shortened(line))));
        changes
    }

    /// Whether a section says the same in both.
    pub fn says_the_same(&self, other: &Self, place: &str) -> bool {
        self.sections.get(place).map(|section| &section.text) == other.sections.get(place).map(|section| &section.text)
    }
}

fn refuse(because: String) -> Error {
    Error::WordReport { because }
}

/// How a text is compared that no program may have changed: lines, spaces and numbers of fields are the program's own.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

fn shortened(line: &str) -> String {
    let beginning: String = line.chars().take(60).collect();
    if beginning.len() < line.len() { format!("{beginning}…") } else { beginning }
}

/// Custom properties by name.
fn custom_properties(xml: &str) -> Result<BTreeMap<String, String>, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let (mut properties, mut name) = (BTreeMap::new(), None);
    loop {
        match reader.read_event()? {
            Event::Start(element) if element.local_name().as_ref() == "property" => name = attribute(&element, "name")?,
            Event::Text(text) => {
                if let Some(name) = &name {
                    properties.entry(name.clone()).or_insert_with(String::new).push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(entity) => {
                if let Some(name) = &name {
                    properties.entry(name.clone()).or_insert_with(String::new).push_str(&resolved(&entity));
                }
            }
            Event::End(element) if element.local_name().as_ref() == "property" => name = None,
            Event::Eof => return Ok(properties),
            Event::Start(_)
            | Event::End(_)
            | Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

/// What an entity stands for; one that XML does not know stands for nothing.
fn resolved(entity: &str) -> String {
    quick_xml::escape::unescape(&format!("&{entity};")).map(|text| text.into_owned()).unwrap_or_default()
}

/// The name of each style, in small letters, by its id.
fn style_names(xml: &str) -> Result<BTreeMap<String, String>, quick_xml::Error> {
    Ok(style::read(xml)?.into_iter().map(|style| (style.id, style.name.to_lowercase())).collect())
}

/// The numbers of lists whose items are numbered on their first level; all others have bullets.
fn numbered_lists(xml: &str) -> Result<BTreeSet<String>, quick_xml::Error> {
    let (mut definition, mut level, mut list) = (None, String::new(), None);
    let (mut numbered, mut lists) = (BTreeSet::new(), BTreeMap::new());
    each_element(xml, |element| {
        match element.name().as_ref() {
            "w:abstractNum" => definition = attribute(element, "w:abstractNumId")?,
            "w:lvl" => level = attribute(element, "w:ilvl")?.unwrap_or_default(),
            "w:numFmt" if level == "0" && list.is_none() => {
                let format = attribute(element, "w:val")?;
                let is_numbered = format.is_some_and(|format| format != "bullet" && format != "none");
                numbered.extend(definition.clone().filter(|_| is_numbered));
            }
            "w:num" => list = attribute(element, "w:numId")?,
            "w:abstractNumId" => {
                if let (Some(list), Some(of)) = (&list, attribute(element, "w:val")?) {
                    lists.insert(list.clone(), of);
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(lists.into_iter().filter(|(_, of)| numbered.contains(of)).map(|(list, _)| list).collect())
}

/// What an open element means to what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A content control that may be a section.
    Control,
    /// A paragraph.
    Paragraph,
    /// A run of words.
    Run,
    /// Words of a run.
    Words,
    /// What nobody reads: deleted words, instructions of fields, properties.
    Unread,
    /// Anything else.
    Other,
}

/// A content control that is open.
#[derive(Debug, Default)]
struct OpenControl {
    tag: Option<String>,
    title: String,
    is_locked: bool,
    /// What a figure shows, if it is one.
    shown: String,
}

impl OpenControl {
    fn figure(&self) -> Option<&str> {
        self.tag.as_deref()?.strip_prefix('{')?.strip_suffix('}')
    }

    fn place(&self) -> Option<&str> {
        self.tag.as_deref().filter(|tag| tag.starts_with('/'))
    }
}

#[derive(Debug, Default)]
struct Walk {
    styles: BTreeMap<String, String>,
    lists: BTreeSet<String>,
    sections: BTreeMap<String, Section>,
    outside: Vec<String>,
    is_too_deep: bool,
    open: Vec<Open>,
    controls: Vec<OpenControl>,
    /// The paragraph: its style, its list and its words with their marks.
    style: String,
    list: Option<String>,
    words: Vec<(&'static str, String)>,
    mark: &'static str,
    /// The kind and the list of the block before, so that items of a list follow each other and paragraphs do not.
    before: BTreeMap<String, (Kind, Option<String>)>,
}

/// What a paragraph is in prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Heading(u8),
    Bullet,
    Number(u32),
}

impl Walk {
    fn document(&mut self, xml: &str) -> Result<(), quick_xml::Error> {
        let mut reader = Reader::from_str(xml);
        loop {
            match reader.read_event()? {
                Event::Start(element) => {
                    if self.open.len() >= DEEPEST {
                        self.is_too_deep = true;
                        return Ok(());
                    }
                    let open = self.begin(&element)?;
                    self.open.push(open);
                }
                Event::Empty(element) => {
                    // An empty paragraph or control ends at once.
                    let open = self.begin(&element)?;
                    self.end(open);
                }
                Event::End(_) => {
                    if let Some(open) = self.open.pop() {
                        self.end(open);
                    }
                }
                Event::Text(text) => self.say(&text.xml10_content()),
                Event::GeneralRef(entity) => self.say(&resolved(&entity)),
                Event::Eof => return Ok(()),
                Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<Open, quick_xml::Error> {
        let value = |name: &str| attribute(element, name);
        // Such as `<w:b w:val="0"/>`, which takes a mark back.
        let is_off = |value: Option<String>| value.is_some_and(|value| matches!(value.as_str(), "0" | "false" | "off"));
        Ok(match element.name().as_ref() {
            "w:sdt" => {
                self.controls.push(OpenControl::default());
                Open::Control
            }
            "w:tag" => {
                if let Some(control) = self.controls.last_mut() {
                    control.tag = value("w:val")?;
                }
                Open::Other
            }
            "w:alias" => {
                if let Some(control) = self.controls.last_mut() {
                    control.title = value("w:val")?.unwrap_or_default();
                }
                Open::Other
            }
            "w:lock" => {
                if let Some(control) = self.controls.last_mut() {
                    control.is_locked = value("w:val")?.as_deref() == Some("sdtContentLocked");
                }
                Open::Other
            }
            "w:sdtContent" => {
                self.open_section();
                Open::Other
            }
            "w:p" => {
                self.style.clear();
                self.list = None;
                self.words.clear();
                self.mark = "";
                Open::Paragraph
            }
            "w:pStyle" => {
                self.style = value("w:val")?.map(|id| self.styles.get(&id).cloned().unwrap_or(id)).unwrap_or_default();
                Open::Other
            }
            "w:numId" if self.open.contains(&Open::Paragraph) => {
                self.list = value("w:val")?.filter(|list| list != "0");
                Open::Other
            }
            "w:r" => {
                self.mark = "";
                Open::Run
            }
            "w:rStyle" if self.open.contains(&Open::Run) => {
                let name = value("w:val")?.map(|id| self.styles.get(&id).cloned().unwrap_or(id)).unwrap_or_default();
                self.mark = match name.as_str() {
                    "strong" => "**",
                    "emphasis" => "*",
                    "tickmark verbatim" => "`",
                    _ => self.mark,
                };
                Open::Other
            }
            "w:b" if self.open.contains(&Open::Run) => {
                self.mark = if is_off(value("w:val")?) { "" } else { "**" };
                Open::Other
            }
            "w:i" if self.open.contains(&Open::Run) && self.mark.is_empty() => {
                self.mark = if is_off(value("w:val")?) { "" } else { "*" };
                Open::Other
            }
            "w:t" => Open::Words,
            "w:tab" if self.open.last() == Some(&Open::Run) => {
                self.put("\t");
                Open::Other
            }
            "w:br" | "w:cr" if self.open.last() == Some(&Open::Run) => {
                self.put("\n");
                Open::Other
            }
            "w:noBreakHyphen" => {
                self.put("-");
                Open::Other
            }
            "w:del" | "w:moveFrom" | "w:instrText" | "w:delText" | "w:pict" | "w:drawing" => Open::Unread,
            _ => Open::Other,
        })
    }

    /// A section stands in the document from where its content begins, also if it is empty.
    fn open_section(&mut self) {
        let Some(control) = self.controls.last() else { return };
        if let Some(place) = control.place() {
            let section = self.sections.entry(place.to_owned()).or_default();
            section.title.clone_from(&control.title);
            section.is_locked = control.is_locked;
        }
    }

    fn say(&mut self, text: &str) {
        if self.open.last() == Some(&Open::Words) {
            self.put(text);
        }
    }

    /// Adds words to the paragraph, or to the figure that is open in it.
    fn put(&mut self, text: &str) {
        if self.open.contains(&Open::Unread) {
            return;
        }
        if let Some(figure) = self.controls.iter_mut().rev().find(|control| control.figure().is_some()) {
            figure.shown.push_str(text);
            return;
        }
        match self.words.last_mut() {
            Some((mark, words)) if *mark == self.mark => words.push_str(text),
            _ => self.words.push((self.mark, text.to_owned())),
        }
    }

    fn end(&mut self, open: Open) {
        match open {
            Open::Control => self.end_control(),
            Open::Paragraph => self.end_paragraph(),
            Open::Run | Open::Words | Open::Unread | Open::Other => {}
        }
    }

    fn end_control(&mut self) {
        let Some(control) = self.controls.pop() else { return };
        let Some(name) = control.figure().map(str::to_owned) else { return };
        if let Some(section) = self.section() {
            section.figures.push((name.clone(), control.shown));
        }
        match self.words.last_mut() {
            Some(("", words)) => words.push_str(&format!("{{{name}}}")),
            _ => self.words.push(("", format!("{{{name}}}"))),
        }
    }

    /// The section that is open innermost.
    fn section(&mut self) -> Option<&mut Section> {
        let place = self.controls.iter().rev().find_map(OpenControl::place)?;
        self.sections.get_mut(place)
    }

    fn end_paragraph(&mut self) {
        let mut text = String::new();
        for (mark, words) in std::mem::take(&mut self.words) {
            text.push_str(&marked(mark, &words));
        }
        let text = text.trim().to_owned();
        if text.is_empty() {
            return;
        }
        let kind = self.kind();
        let Some(place) = self.controls.iter().rev().find_map(OpenControl::place).map(str::to_owned) else {
            // What a control without a place holds, the contents, is the program's own.
            if self.controls.is_empty() {
                self.outside.push(text);
            }
            return;
        };
        let before = self.before.insert(place.clone(), (kind, self.list.take())).map(|(kind, _)| kind);
        let Some(section) = self.sections.get_mut(&place) else { return };
        let follows =
            matches!((before, kind), (Some(Kind::Bullet), Kind::Bullet) | (Some(Kind::Number(_)), Kind::Number(2..)));
        if before.is_some() {
            section.text.push_str(if follows { "\n" } else { "\n\n" });
        }
        let line = text.replace('\n', " ");
        section.text.push_str(&match kind {
            Kind::Text => text,
            Kind::Heading(level) => format!("{} {line}", "#".repeat(usize::from(level))),
            Kind::Bullet => format!("- {line}"),
            Kind::Number(number) => format!("{number}. {line}"),
        });
    }

    fn kind(&self) -> Kind {
        if let Some(level) = self.style.strip_prefix("heading ") {
            return Kind::Heading(level.parse().unwrap_or(4));
        }
        if self.style == "tickmark table head" {
            return Kind::Heading(4);
        }
        let place = self.controls.iter().rev().find_map(OpenControl::place);
        match &self.list {
            Some(list) if self.lists.contains(list) => match place.and_then(|place| self.before.get(place)) {
                Some((Kind::Number(number), before)) if before.as_ref() == Some(list) => Kind::Number(number + 1),
                _ => Kind::Number(1),
            },
            Some(_) => Kind::Bullet,
            None if self.style == "list bullet" => Kind::Bullet,
            None => Kind::Text,
        }
    }
}

/// Words in a mark, which holds no space at its ends.
fn marked(mark: &str, words: &str) -> String {
    let inner = words.trim();
    if mark.is_empty() || inner.is_empty() {
        return words.to_owned();
    }
    let begins = words.len() - words.trim_start().len();
    let ends = words.trim_end().len();
    let (before, after) = (words.get(..begins).unwrap_or_default(), words.get(ends..).unwrap_or_default());
    format!("{before}{mark}{inner}{mark}{after}")
}
