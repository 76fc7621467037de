//! The parts of a Word document, and the zip that holds them: fixed times, sorted names.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
};

use tickmark_canonical::Digest;
use zip::ZipWriter;

use super::{
    style::Style,
    template::WordTemplate,
    words::{kind, report_title, use_line, use_title},
    xml::{attribute, escaped, runs},
};
use crate::{Error, package::writer_options, view::ReportView};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
const R: &str = "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006";
const WORD_TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// What colors and fonts are called, where no template says otherwise.
const THEME: &str = include_str!("../../templates/docx/theme.xml");

/// The fonts that our styles name.
const FONT_TABLE: &str = include_str!("../../templates/docx/font-table.xml");

/// The word that lies under every page until the firm signs.
const WATERMARK: &str = include_str!("../../templates/docx/watermark.xml");

/// What was written.
pub(super) struct Made<'a> {
    /// The view's canonical bytes.
    pub(super) view: &'a [u8],
    /// Paragraphs and tables.
    pub(super) body: &'a str,
    /// How many numbered lists it has.
    pub(super) numbered_lists: u32,
}

/// Writes the document.
pub(super) fn write(view: &ReportView, template: &WordTemplate, made: &Made<'_>) -> Result<Vec<u8>, Error> {
    let mut parts: BTreeMap<&str, String> = BTreeMap::new();
    parts.insert("[Content_Types].xml", content_types());
    parts.insert("_rels/.rels", package_relationships());
    parts.insert("docProps/app.xml", app(view));
    parts.insert("docProps/core.xml", core(view));
    parts.insert("docProps/custom.xml", custom(view, made));
    parts.insert("word/_rels/document.xml.rels", word_relationships());
    parts.insert("word/document.xml", document(template, made));
    parts.insert("word/fontTable.xml", FONT_TABLE.to_owned());
    parts.insert("word/footer1.xml", footer(view, template));
    parts.insert("word/header1.xml", header(view, template));
    parts.insert("word/header2.xml", cover_header(view, template));
    parts.insert("word/numbering.xml", numbering(template, made.numbered_lists));
    parts.insert("word/settings.xml", settings());
    parts.insert("word/styles.xml", template.styles.xml.clone());
    parts.insert("word/theme/theme1.xml", template.theme.clone().unwrap_or_else(|| THEME.to_owned()));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let doing = format!("writing `{name}` to the Word document");
        zip.start_file(name, writer_options(name, text.len() as u64)).map_err(Error::zip(doing.clone()))?;
        zip.write_all(text.as_bytes()).map_err(Error::io(doing))?;
    }
    Ok(zip.finish().map_err(Error::zip("finishing the Word document"))?.into_inner())
}

fn content_types() -> String {
    let office = "application/vnd.openxmlformats-officedocument";
    let kinds = [
        ("/docProps/app.xml", format!("{office}.extended-properties+xml")),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml".to_owned()),
        ("/docProps/custom.xml", format!("{office}.custom-properties+xml")),
        ("/word/document.xml", format!("{WORD_TYPE}.document.main+xml")),
        ("/word/fontTable.xml", format!("{WORD_TYPE}.fontTable+xml")),
        ("/word/footer1.xml", format!("{WORD_TYPE}.footer+xml")),
        ("/word/header1.xml", format!("{WORD_TYPE}.header+xml")),
        ("/word/header2.xml", format!("{WORD_TYPE}.header+xml")),
        ("/word/numbering.xml", format!("{WORD_TYPE}.numbering+xml")),
        ("/word/settings.xml", format!("{WORD_TYPE}.settings+xml")),
        ("/word/styles.xml", format!("{WORD_TYPE}.styles+xml")),
        ("/word/theme/theme1.xml", format!("{office}.theme+xml")),
    ];
    let parts: String =
        kinds.iter().map(|(part, kind)| format!("<Override PartName=\"{part}\" ContentType=\"{kind}\"/>")).collect();
    format!(
        "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>{parts}</Types>"
    )
}

fn package_relationships() -> String {
    let core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    format!(
        "{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS}\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/relationships/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{core}\" Target=\"docProps/core.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{OFFICE}/relationships/extended-properties\" Target=\"docProps/app.xml\"/>\
         <Relationship Id=\"rId4\" Type=\"{OFFICE}/relationships/custom-properties\" Target=\"docProps/custom.xml\"/>\
         </Relationships>"
    )
}

/// The document's relationships by number: headers are the fourth and fifth, the footer the sixth.
fn word_relationships() -> String {
    let targets = [
        ("styles", "styles.xml"),
        ("numbering", "numbering.xml"),
        ("settings", "settings.xml"),
        ("header", "header1.xml"),
        ("header", "header2.xml"),
        ("footer", "footer1.xml"),
        ("theme", "theme/theme1.xml"),
        ("fontTable", "fontTable.xml"),
    ];
    let relationships: String = (1..)
        .zip(targets)
        .map(|(number, (kind, target))| {
            format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/relationships/{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    format!("{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS}\">{relationships}</Relationships>")
}

fn title(view: &ReportView) -> String {
    let engagement = &view.engagement;
    format!("{}, {} {}", engagement.organization.name, report_title(engagement), kind(engagement))
}

fn app(view: &ReportView) -> String {
    format!(
        "{DECLARATION}<Properties xmlns=\"{OFFICE}/extended-properties\"><Application>Tickmark</Application>\
         <Company>{}</Company></Properties>",
        escaped(&view.engagement.organization.name)
    )
}

/// No clock is read: the day of the document stands for its making.
fn core(view: &ReportView) -> String {
    let on = view.engagement.prepared_on;
    format!(
        "{DECLARATION}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dc:description>{}.</dc:description><dcterms:created xsi:type=\"dcterms:W3CDTF\">{on}T00:00:00Z</dcterms:created>\
         <dcterms:modified xsi:type=\"dcterms:W3CDTF\">{on}T00:00:00Z</dcterms:modified><dc:language>en-US</dc:language>\
         </cp:coreProperties>",
        escaped(&title(view)),
        escaped(&view.engagement.organization.name),
        use_title(&view.engagement)
    )
}

/// What the document was made from, for whoever compares one that comes back.
fn custom(view: &ReportView, made: &Made<'_>) -> String {
    let facts = [
        ("TickmarkEngagement", view.engagement.id.clone()),
        ("TickmarkLedgerSize", view.provenance.ledger_size.to_string()),
        ("TickmarkView", Digest::of(made.view).to_string()),
    ];
    let properties: String = (2..)
        .zip(facts)
        .map(|(number, (name, value))| {
            format!(
                "<property fmtid=\"{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}\" pid=\"{number}\" name=\"{name}\">\
                 <vt:lpwstr>{}</vt:lpwstr></property>",
                escaped(&value)
            )
        })
        .collect();
    format!(
        "{DECLARATION}<Properties xmlns=\"{OFFICE}/custom-properties\" xmlns:vt=\"{OFFICE}/docPropsVTypes\">{properties}</Properties>"
    )
}

fn document(template: &WordTemplate, made: &Made<'_>) -> String {
    let page = &template.page;
    let landscape = if page.width > page.height { " w:orient=\"landscape\"" } else { "" };
    format!(
        "{DECLARATION}<w:document {W} {R}><w:body>{}<w:sectPr>\
         <w:headerReference w:type=\"default\" r:id=\"rId4\"/><w:headerReference w:type=\"first\" r:id=\"rId5\"/>\
         <w:footerReference w:type=\"default\" r:id=\"rId6\"/>\
         <w:pgSz w:w=\"{}\" w:h=\"{}\"{landscape}/><w:pgMar w:top=\"{}\" w:right=\"{}\" w:bottom=\"{}\" w:left=\"{}\" \
         w:header=\"720\" w:footer=\"720\" w:gutter=\"0\"/><w:titlePg/></w:sectPr></w:body></w:document>",
        made.body, page.width, page.height, page.top, page.right, page.bottom, page.left
    )
}

fn settings() -> String {
    format!(
        "{DECLARATION}<w:settings {W}><w:zoom w:percent=\"100\"/><w:defaultTabStop w:val=\"720\"/><w:compat>\
         <w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/>\
         </w:compat><w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/></w:settings>"
    )
}

/// One tab at the right margin, whatever a template's style of headers and footers has.
fn right_tab(width: u32) -> String {
    let usual = [4_320_u32, 4_536, 4_680, 8_640, 9_072, 9_360].into_iter().filter(|position| *position != width);
    let cleared: String = usual.map(|position| format!("<w:tab w:val=\"clear\" w:pos=\"{position}\"/>")).collect();
    format!("<w:tabs>{cleared}<w:tab w:val=\"right\" w:pos=\"{width}\"/></w:tabs>")
}

fn watermark(view: &ReportView) -> &'static str {
    if view.is_signed() { "" } else { WATERMARK }
}

/// The namespaces of a header: those of the watermark's drawing too.
const DRAWING: &str = "xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\"";

fn header(view: &ReportView, template: &WordTemplate) -> String {
    let styles = &template.styles;
    let head = format!("{} · {}", view.engagement.organization.name, report_title(&view.engagement));
    let standing = if view.is_signed() { "" } else { "Draft, not signed by the firm" };
    format!(
        "{DECLARATION}<w:hdr {W} {R} {DRAWING}><w:p><w:pPr><w:pStyle w:val=\"{}\"/>{}</w:pPr>{}{}<w:r><w:tab/></w:r>{}</w:p></w:hdr>",
        styles.id(Style::Header),
        right_tab(template.page.text_width()),
        watermark(view),
        runs(&head, None),
        runs(standing, Some(styles.id(Style::Strong)))
    )
}

/// The cover has no running head, but it is as much a draft as every other page.
fn cover_header(view: &ReportView, template: &WordTemplate) -> String {
    format!(
        "{DECLARATION}<w:hdr {W} {R} {DRAWING}><w:p><w:pPr><w:pStyle w:val=\"{}\"/></w:pPr>{}</w:p></w:hdr>",
        template.styles.id(Style::Normal),
        watermark(view)
    )
}

fn footer(view: &ReportView, template: &WordTemplate) -> String {
    let field = |name: &str| format!("<w:fldSimple w:instr=\" {name} \"><w:r><w:t>1</w:t></w:r></w:fldSimple>");
    format!(
        "{DECLARATION}<w:ftr {W} {R}><w:p><w:pPr><w:pStyle w:val=\"{}\"/>{}</w:pPr>{}<w:r><w:tab/></w:r>{}{}{}{}</w:p></w:ftr>",
        template.styles.id(Style::Footer),
        right_tab(template.page.text_width()),
        runs(use_line(&view.engagement), None),
        runs("Page ", None),
        field("PAGE"),
        runs(" of ", None),
        field("NUMPAGES")
    )
}

/// Bullets and numbers beside whatever lists a template has. Each numbered list is an instance that counts from 1.
fn numbering(template: &WordTemplate, lists: u32) -> String {
    let definition = |number: u32, format: &str, text: &str| {
        format!(
            "<w:abstractNum w:abstractNumId=\"{number}\"><w:multiLevelType w:val=\"singleLevel\"/><w:lvl w:ilvl=\"0\">\
             <w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{}\"/><w:lvlJc w:val=\"left\"/>\
             <w:pPr><w:ind w:left=\"440\" w:hanging=\"340\"/></w:pPr></w:lvl></w:abstractNum>",
            attribute(text)
        )
    };
    let bullets = template.free_definition;
    let numbers = bullets.saturating_add(1);
    let definitions = definition(bullets, "bullet", "–") + &definition(numbers, "decimal", "%1.");
    let mut instances =
        format!("<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{bullets}\"/></w:num>", template.free_list);
    for list in 0..lists {
        instances.push_str(&format!(
            "<w:num w:numId=\"{}\"><w:abstractNumId w:val=\"{numbers}\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride \
             w:val=\"1\"/></w:lvlOverride></w:num>",
            template.first_list().saturating_add(list)
        ));
    }
    let Some(theirs) = &template.numbering else {
        return format!("{DECLARATION}<w:numbering {W}>{definitions}{instances}</w:numbering>");
    };
    // Definitions stand before instances, and what remains after both (ECMA-376, CT_Numbering).
    let after = ["<w:numIdMacAtCleanup", "</w:numbering>"].into_iter().find_map(|tag| theirs.find(tag));
    let after = after.unwrap_or(theirs.len());
    let before = theirs.find("<w:num ").unwrap_or(after).min(after);
    let parts = (theirs.get(..before), theirs.get(before..after), theirs.get(after..));
    let (head, between, end) = (parts.0.unwrap_or_default(), parts.1.unwrap_or_default(), parts.2.unwrap_or_default());
    format!("{head}{definitions}{between}{instances}{end}")
}
