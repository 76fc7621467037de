//! A Word document as it grows: paragraphs, headings, lists, tables and the controls around them.
//!
//! Invariant: every section stands in a content control whose tag is the place of its data in the view (a JSON pointer); one
//! that prints facts is locked, so that only text which people wrote can be changed in Word.

use super::{
    style::{Style, Styles},
    xml,
};
use crate::{
    Error, Figure, Prose,
    prepare::Numbering,
    prose::{Block, Span},
};

/// What stands in a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Text that people wrote: the control stays, its text may change.
    Words,
    /// Facts: neither may change.
    Facts,
}

/// A heading that the contents list.
pub(super) struct Entry {
    pub(super) level: u8,
    pub(super) text: String,
    pub(super) bookmark: String,
}

/// A column of a table: its title and its share of the width.
pub(super) type Column<'a> = (&'a str, u32);

/// A cell: its paragraphs, and how many columns it takes.
pub(super) struct Cell {
    xml: String,
    columns: usize,
}

impl Cell {
    /// The cell over several columns.
    pub(super) fn over(self, columns: usize) -> Self {
        Self { columns, ..self }
    }
}

/// The body of a document.
pub(super) struct Body<'a> {
    pub(super) xml: String,
    pub(super) styles: &'a Styles,
    pub(super) numbering: Numbering,
    pub(super) entries: Vec<Entry>,
    /// How many numbered lists there are; each counts from 1 and has an instance of its own.
    pub(super) numbered_lists: u32,
    /// The number of the first list's instance; bullets have the one before.
    pub(super) first_list: u32,
    /// The width of the text in twentieths of a point.
    pub(super) width: u32,
    ids: u32,
    tables: u32,
}

impl<'a> Body<'a> {
    pub(super) fn new(styles: &'a Styles, numbering: Numbering, first_list: u32, width: u32) -> Self {
        Self {
            xml: String::new(),
            styles,
            numbering,
            entries: Vec::new(),
            numbered_lists: 0,
            first_list,
            width,
            ids: 0,
            tables: 0,
        }
    }

    fn next_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    /// The runs of words in a style of characters.
    pub(super) fn words(&self, text: &str, style: Style) -> String {
        xml::runs(text, (style != Style::Normal).then(|| self.styles.id(style)))
    }

    /// A paragraph of runs; `properties` are set beside its style.
    pub(super) fn paragraph_of(&mut self, style: Style, properties: &str, is_rtl: bool, runs: &str) {
        let id = self.styles.id(style);
        let direction = if is_rtl { "<w:bidi/>" } else { "" };
        self.xml
            .push_str(&format!("<w:p><w:pPr><w:pStyle w:val=\"{id}\"/>{properties}{direction}</w:pPr>{runs}</w:p>"));
    }

    /// A paragraph of plain words.
    pub(super) fn paragraph(&mut self, style: Style, text: &str) {
        let runs = self.words(text, Style::Normal);
        self.paragraph_of(style, "", xml::is_rtl(text), &runs);
    }

    /// A paragraph that stays on the page of what follows it.
    pub(super) fn leading(&mut self, text: &str) {
        let runs = self.words(text, Style::Normal);
        self.paragraph_of(Style::Normal, "<w:keepNext/>", xml::is_rtl(text), &runs);
    }

    /// A heading of plain words.
    pub(super) fn heading(&mut self, level: u8, text: &str) {
        let runs = self.words(text, Style::Normal);
        self.heading_of(level, text, &runs);
    }

    /// A heading of runs; the contents list those of the first two levels, as Word will when it fills them anew. A section of
    /// the report begins a page.
    fn heading_of(&mut self, level: u8, text: &str, runs: &str) {
        let id = self.next_id();
        let bookmark = format!("_Toc{id:06}");
        let runs =
            format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{bookmark}\"/>{runs}<w:bookmarkEnd w:id=\"{id}\"/>");
        let page = if level == 1 { "<w:pageBreakBefore/>" } else { "" };
        self.paragraph_of(Style::heading(level), page, xml::is_rtl(text), &runs);
        if level <= 2 {
            self.entries.push(Entry { level, text: text.to_owned(), bookmark });
        }
    }

    /// Puts what is written into a content control named by its place in the view.
    pub(super) fn control(
        &mut self,
        place: &str,
        title: &str,
        holds: Holds,
        write: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let id = self.next_id();
        let lock = match holds {
            Holds::Words => "<w:lock w:val=\"sdtLocked\"/>",
            Holds::Facts => "<w:lock w:val=\"sdtContentLocked\"/>",
        };
        self.xml.push_str(&format!(
            "<w:sdt><w:sdtPr><w:alias w:val=\"{}\"/><w:tag w:val=\"{}\"/><w:id w:val=\"{id}\"/>{lock}</w:sdtPr><w:sdtContent>",
            xml::attribute(title),
            xml::attribute(place)
        ));
        let begins = self.xml.len();
        write(self)?;
        if self.xml.len() == begins {
            self.paragraph(Style::Normal, "");
        }
        self.xml.push_str("</w:sdtContent></w:sdt>");
        Ok(())
    }

    /// A figure with its tick mark, which leads to its line in the appendix.
    pub(super) fn figure(&mut self, figure: &Figure) -> String {
        let (shown, tick) = self.numbering.mark(figure);
        format!(
            "{}<w:hyperlink w:anchor=\"tick_{tick}\" w:history=\"1\">{}</w:hyperlink>",
            self.words(&shown, Style::Normal),
            self.words(&format!("\u{2713}{tick}"), Style::Mark)
        )
    }

    /// The spans of a line. A figure that a text carries is locked, and named as the text names it.
    fn spans(&mut self, spans: Vec<Span<'_>>) -> (String, String) {
        let mut runs = String::new();
        let mut text = String::new();
        for span in spans {
            match span {
                Span::Words { style, text: words } => {
                    let style = match style {
                        "strong" => Style::Strong,
                        "emphasis" => Style::Emphasis,
                        "verbatim" => Style::Verbatim,
                        _ => Style::Normal,
                    };
                    runs.push_str(&self.words(&words, style));
                    text.push_str(&words);
                }
                Span::Figure { name, figure } => {
                    let id = self.next_id();
                    text.push_str(&self.numbering.mark(figure).0);
                    let figure = self.figure(figure);
                    runs.push_str(&format!(
                        "<w:sdt><w:sdtPr><w:tag w:val=\"{{{}}}\"/><w:id w:val=\"{id}\"/><w:lock w:val=\"sdtContentLocked\"/></w:sdtPr>\
                         <w:sdtContent>{figure}</w:sdtContent></w:sdt>",
                        xml::attribute(name)
                    ));
                }
            }
        }
        (runs, text)
    }

    /// Prose that people wrote; headings within it begin at `level`.
    pub(super) fn prose(&mut self, prose: &Prose, level: u8) -> Result<(), Error> {
        self.blocks(prose, Some(level))
    }

    /// Prose within a table, where headings would be lost.
    pub(super) fn prose_cell(&mut self, prose: &Prose) -> Result<(), Error> {
        self.blocks(prose, None)
    }

    fn blocks(&mut self, prose: &Prose, level: Option<u8>) -> Result<(), Error> {
        let (text, bullet, number) = match level {
            Some(_) => (Style::Normal, Style::ListBullet, Style::ListNumber),
            None => (Style::TableText, Style::TableText, Style::TableText),
        };
        for block in prose.parts()? {
            match block {
                Block::Heading(depth, spans) => {
                    let (runs, words) = self.spans(spans);
                    match level {
                        Some(level) => self.heading_of(level + depth - 1, &words, &runs),
                        None => self.paragraph_of(Style::TableHead, "", xml::is_rtl(&words), &runs),
                    }
                }
                Block::Paragraph(spans) => {
                    let (runs, words) = self.spans(spans);
                    self.paragraph_of(text, "", xml::is_rtl(&words), &runs);
                }
                Block::Bullets(items) => self.list(bullet, self.first_list - 1, items),
                Block::Numbers(items) => {
                    let list = self.first_list + self.numbered_lists;
                    self.numbered_lists += 1;
                    self.list(number, list, items);
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, style: Style, list: u32, items: Vec<Vec<Span<'_>>>) {
        for item in items {
            let (runs, words) = self.spans(item);
            let numbered = format!("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{list}\"/></w:numPr>");
            self.paragraph_of(style, &numbered, xml::is_rtl(&words), &runs);
        }
    }

    /// A framed notice: something the reader must not miss.
    pub(super) fn notice(&mut self, title: &str, text: &str) {
        self.paragraph(Style::NoticeTitle, title);
        self.paragraph(Style::Notice, text);
    }

    /// A small fact: its label and its value.
    pub(super) fn fact(&mut self, label: &str, value: &str) {
        let runs = self.words(&format!("{label}\t"), Style::Quiet) + &self.words(value, Style::Normal);
        self.paragraph_of(Style::Fact, "", false, &runs);
    }

    /// A cell of whatever is written.
    pub(super) fn cell(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<Cell, Error> {
        let around = std::mem::take(&mut self.xml);
        let written = write(self);
        let mut xml = std::mem::replace(&mut self.xml, around);
        written?;
        if xml.is_empty() {
            xml.push_str("<w:p/>");
        }
        Ok(Cell { xml, columns: 1 })
    }

    /// A cell of plain words.
    pub(super) fn text_cell(&mut self, text: &str) -> Cell {
        self.styled_cell(text, Style::Normal)
    }

    /// A cell of words in one style of characters.
    pub(super) fn styled_cell(&mut self, text: &str, style: Style) -> Cell {
        let around = std::mem::take(&mut self.xml);
        let runs = self.words(text, style);
        self.paragraph_of(Style::TableText, "", xml::is_rtl(text), &runs);
        Cell { xml: std::mem::replace(&mut self.xml, around), columns: 1 }
    }

    /// A cell of words in which names stand in backticks.
    pub(super) fn named_cell(&mut self, text: &str) -> Cell {
        let around = std::mem::take(&mut self.xml);
        let parts = text.split('`').zip([Style::Normal, Style::Verbatim].into_iter().cycle());
        let runs: String = parts.map(|(part, style)| self.words(part, style)).collect();
        self.paragraph_of(Style::TableText, "", xml::is_rtl(text), &runs);
        Cell { xml: std::mem::replace(&mut self.xml, around), columns: 1 }
    }

    /// A table with its caption; the head comes again on each page, and no row breaks over two.
    pub(super) fn table(&mut self, caption: &str, columns: &[Column<'_>], rows: Vec<Vec<Cell>>) {
        self.tables += 1;
        let number = format!(
            "{}<w:fldSimple w:instr=\" SEQ Table \\* ARABIC \">{}</w:fldSimple>{}",
            self.words("Table ", Style::Normal),
            self.words(&self.tables.to_string(), Style::Normal),
            self.words(&format!(". {caption}"), Style::Normal)
        );
        self.paragraph_of(Style::Caption, "", false, &number);
        let shares: u32 = columns.iter().map(|(_, share)| share).sum::<u32>().max(1);
        let widths: Vec<u32> = columns.iter().map(|(_, share)| self.width * share / shares).collect();
        let grid: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
        self.xml.push_str(&format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{}\"/><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
             <w:tblLook w:val=\"0020\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"0\" w:lastColumn=\"0\" w:noHBand=\"1\" w:noVBand=\"1\"/>\
             <w:tblCaption w:val=\"{}\"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>",
            self.styles.id(Style::TableGrid),
            widths.iter().sum::<u32>(),
            xml::attribute(caption)
        ));
        self.xml.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        for ((title, _), width) in columns.iter().zip(&widths) {
            self.xml.push_str(&format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>"));
            self.paragraph(Style::TableHead, title);
            self.xml.push_str("</w:tc>");
        }
        self.xml.push_str("</w:tr>");
        for row in rows {
            self.xml.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
            let mut left = widths.iter();
            for cell in row {
                let width: u32 = left.by_ref().take(cell.columns).sum();
                let span = match cell.columns {
                    1 => String::new(),
                    columns => format!("<w:gridSpan w:val=\"{columns}\"/>"),
                };
                self.xml.push_str(&format!(
                    "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{span}</w:tcPr>{}</w:tc>",
                    cell.xml
                ));
            }
            self.xml.push_str("</w:tr>");
        }
        self.xml.push_str("</w:tbl>");
        // Two tables in a row would become one, and a control may not end in a table.
        self.paragraph_of(Style::TableText, "", false, "");
    }

    /// A place in the text that links lead to, around runs.
    pub(super) fn bookmarked(&mut self, name: &str, runs: &str) -> String {
        let id = self.next_id();
        format!("<w:bookmarkStart w:id=\"{id}\" w:name=\"{name}\"/>{runs}<w:bookmarkEnd w:id=\"{id}\"/>")
    }
}
