//! The report as a Word document, as LibreOffice, python-docx and a plain reader of its XML see it.

use quick_xml::events::Event;
use std::{
    collections::BTreeSet,
    fs,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tickmark_report::{Document, WordTemplate, render, report_docx};

use crate::views::{changed, document, json as view_json};

const REPORTS: [&str; 5] = ["isae3402", "soc1-type1", "soc1-type2", "soc2-type2", "soc3"];

fn docx(document: &Document) -> Vec<u8> {
    match document {
        Document::Report(view) => report_docx(view, None).unwrap(),
        Document::ManagementTesting(_) | Document::Exceptions(_) => panic!("another document"),
    }
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap_or_else(|error| panic!("{name}: {error}")).read_to_string(&mut text).unwrap();
    text
}

fn names(bytes: &[u8]) -> Vec<String> {
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().file_names().map(|name| name.unwrap().into_owned()).collect()
}

/// The text of a part, a line a paragraph.
fn text_of(xml: &str) -> String {
    let mut text = String::new();
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event().unwrap() {
            Event::Text(words) => text.push_str(&words.xml10_content()),
            Event::GeneralRef(name) => {
                let entity = format!("&{};", &*name);
                text.push_str(&quick_xml::escape::unescape(&entity).unwrap());
            }
            Event::Empty(element) if element.name().as_ref() == "w:tab" => text.push('\t'),
            Event::End(element) if element.name().as_ref() == "w:p" => text.push('\n'),
            Event::Eof => return text,
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

/// Letters and digits only: how a program breaks lines, words and marks is its own affair.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// A line without the number of a list's item, which Word counts itself.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start_matches(|character: char| character.is_ascii_digit());
    rest.strip_prefix(". ").filter(|_| rest.len() < line.len()).unwrap_or(line)
}

/// A line of a running head or foot, which stands between the lines of a paragraph that goes over a page.
fn is_running(line: &str) -> bool {
    line.starts_with("Restricted use: see")
        || line.starts_with("General use.")
        || line.contains(" · ")
        || line.starts_with("Page ")
        || line.ends_with("signed by the firm")
}

/// Every text of a view that people read; words of the format (kinds, days, digests) and figures print in other forms.
fn texts(value: &Value, key: &str, found: &mut Vec<String>) {
    let format = [
        "digest",
        "root",
        "catalog",
        "register",
        "sql",
        "rows",
        "report",
        "report_type",
        "section_order",
        "coverage",
        "prepared_on",
        "signed_on",
        "dated",
        "on",
        "first",
        "last",
        "since",
        "until",
        "effective_on",
        "signed_at",
        "kind",
        "nature",
        "automation",
        "method",
        "procedures",
        "auditor_report",
        "longest_gap_from",
        "figures",
        "result",
        "extent",
        "authority",
        "incidents",
        "changes",
        "anchoring",
        "short_name",
    ];
    match value {
        // An incident's nature is words, a control's is a kind.
        Value::String(text) if !format.contains(&key) || text.contains(' ') => {
            found.extend(text.split('\n').map(without_number).map(letters).filter(|text| !text.is_empty()));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, key, found)),
        Value::Object(fields) => fields.iter().filter(|(key, _)| *key != "figures").for_each(|(key, value)| {
            texts(value, key, found);
        }),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What of a view does not stand in a text.
fn missing(view: &Value, text: &str) -> Vec<String> {
    let text = letters(text);
    let mut wanted = Vec::new();
    texts(&view["view"], "", &mut wanted);
    assert!(wanted.len() > 30, "{}", wanted.len());
    // The engagement's id is for programs: it stands in the document's properties.
    let id = letters(view["view"]["engagement"]["id"].as_str().unwrap());
    wanted.retain(|wanted| *wanted != id);
    // A figure's name within braces prints as its number; the words between stay.
    let between = |wanted: &String| wanted.len() > 2 && !text.contains(wanted.as_str());
    wanted.into_iter().filter(between).collect()
}

/// A view whose texts carry no figures, so that each can be looked for as it stands.
fn without_figures(name: &str) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if fields.contains_key("prose") {
                    fields.remove("figures");
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut view = view_json(name);
    strip(&mut view);
    view
}

#[test]
fn nothing_of_a_view_is_lost() {
    for name in REPORTS {
        let view = without_figures(name);
        let bytes = docx(&serde_json::from_value(view.clone()).unwrap());
        assert_eq!(missing(&view, &text_of(&part(&bytes, "word/document.xml"))), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn it_says_what_the_pdf_says_in_the_same_order() {
    for name in REPORTS {
        let document = document(name);
        let folder = tempfile::tempdir().unwrap();
        let pdf = folder.path().join("report.pdf");
        fs::write(&pdf, render(&document).unwrap().pdf).unwrap();
        let output = Command::new("pdftotext").arg("-raw").arg(&pdf).arg("-").output().expect("pdftotext");
        let pages = String::from_utf8(output.stdout).unwrap();
        let printed: String = pages.lines().filter(|line| !is_running(line)).map(letters).collect();
        let xml = part(&docx(&document), "word/document.xml");
        let mut from = 0;
        for heading in headings(&xml) {
            let wanted = letters(&heading);
            let found =
                printed[from..].find(&wanted).unwrap_or_else(|| panic!("{name}: `{heading}` is not printed there"));
            from += found;
        }
        let sentences = text_of(&xml)
            .lines()
            .filter(|line| line.len() > 60 && !line.contains("PAGEREF"))
            .map(str::to_owned)
            .collect::<BTreeSet<_>>();
        let not_printed: Vec<String> =
            sentences.into_iter().filter(|sentence| !printed.contains(&letters(sentence))).collect();
        insta::with_settings!({snapshot_suffix => name}, {
            insta::assert_snapshot!(not_printed.join("\n"));
        });
    }
}

/// The headings of Word's first two levels, after the contents.
fn headings(xml: &str) -> Vec<String> {
    let paragraphs = xml.split("<w:p>").filter(|p| p.contains("\"Heading1\"") || p.contains("\"Heading2\""));
    paragraphs.map(|paragraph| text_of(paragraph.split("</w:p>").next().unwrap())).collect()
}

#[test]
fn the_same_view_gives_the_same_bytes() {
    assert!(docx(&document("soc2-type2")) == docx(&document("soc2-type2")));
    let bytes = docx(&document("soc1-type2"));
    let mut sorted = names(&bytes);
    sorted.sort();
    assert_eq!(names(&bytes), sorted);
}

#[test]
fn every_part_is_declared_and_every_relationship_leads_somewhere() {
    let bytes = docx(&document("soc1-type2"));
    let names = names(&bytes);
    let types = part(&bytes, "[Content_Types].xml");
    for name in &names {
        quick_xml::Reader::from_str(&part(&bytes, name));
        let is_declared =
            name.ends_with(".rels") || name == "[Content_Types].xml" || types.contains(&format!("\"/{name}\""));
        assert!(is_declared, "{name}");
    }
    for (folder, rels) in [("", "_rels/.rels"), ("word/", "word/_rels/document.xml.rels")] {
        let text = part(&bytes, rels);
        let targets = text.split("Target=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        for target in targets {
            assert!(names.contains(&format!("{folder}{target}")), "{rels}: {target}");
        }
    }
    let xml = part(&bytes, "word/document.xml");
    let values = |what: &str| -> Vec<String> {
        xml.split(what).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    // Links lead to bookmarks, names and numbers are unique, and every style is there.
    let bookmarks = values("w:name=\"");
    assert_eq!(bookmarks.iter().collect::<BTreeSet<_>>().len(), bookmarks.len());
    for anchor in values("w:anchor=\"") {
        assert!(bookmarks.contains(&anchor), "{anchor}");
    }
    let styles = part(&bytes, "word/styles.xml");
    for style in values("Style w:val=\"").into_iter().collect::<BTreeSet<_>>() {
        assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
    }
    let numbering = part(&bytes, "word/numbering.xml");
    for list in values("<w:numId w:val=\"").into_iter().collect::<BTreeSet<_>>() {
        assert!(numbering.contains(&format!("<w:num w:numId=\"{list}\"")), "{list}");
    }
}

#[test]
fn facts_are_locked_and_words_are_not() {
    let bytes = docx(&document("soc1-type2"));
    let controls: Vec<String> = part(&bytes, "word/document.xml")
        .split("<w:sdtPr>")
        .skip(1)
        .map(|rest| rest.split("</w:sdtPr>").next().unwrap().to_owned())
        .filter_map(|properties| {
            let value =
                |what: &str| properties.split(what).nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            Some(format!("{}  {}", value("<w:tag w:val=\"")?, value("<w:lock w:val=\"").unwrap_or_default()))
        })
        .collect();
    assert!(controls.iter().all(|control| control.len() < 96), "Word cuts tags off after 64 characters");
    insta::assert_snapshot!(controls.join("\n"));
}

#[test]
fn a_draft_is_marked_until_the_firm_signs() {
    let draft = docx(&document("soc1-type2"));
    let signed = docx(&document("soc2-type2"));
    for header in ["word/header1.xml", "word/header2.xml"] {
        assert!(part(&draft, header).contains("string=\"DRAFT\""));
        assert!(!part(&signed, header).contains("DRAFT"));
    }
    assert!(part(&draft, "word/header1.xml").contains("Draft, not signed by the firm"));
    assert!(part(&signed, "word/footer1.xml").contains("Restricted use"));
}

#[test]
fn any_script_and_any_sign_stays() {
    let hostile = "شركة النور، Inc. 漢字 😀 \u{1}\u{202e}abc <w:t>&amp; ]]> \"q\" {x}";
    let document = changed("soc1-type2", "/view/description/overview", json!({"prose": hostile}));
    let text = text_of(&part(&docx(&document), "word/document.xml"));
    assert!(text.contains("شركة النور، Inc. 漢字 😀 ⟨U+0001⟩⟨U+202E⟩abc <w:t>&amp; ]]> \"q\" {x}"), "{text}");
}

/// A template as a firm has it: Word's names, ids and lists of its own.
fn template(styles: impl Fn(&str) -> String) -> Vec<u8> {
    let ours = docx(&document("soc1-type1"));
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names(&ours) {
        let text = part(&ours, &name);
        let text = match name.as_str() {
            "word/styles.xml" => styles(&text),
            "word/document.xml" => text.replace("w:w=\"12240\" w:h=\"15840\"", "w:w=\"11906\" w:h=\"16838\""),
            _ => text,
        };
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_firms_template_gives_its_styles_and_its_page() {
    let theirs = template(|styles| {
        let styles = styles.replace("w:styleId=\"Heading1\"", "w:styleId=\"berschrift1\"");
        styles.replace("<w:color w:val=\"15503E\"/>", "<w:color w:val=\"AA0000\"/>")
    });
    let template = WordTemplate::read(&theirs).unwrap();
    let Document::Report(view) = document("soc1-type2") else { panic!("a report") };
    let bytes = report_docx(&view, Some(&template)).unwrap();
    let xml = part(&bytes, "word/document.xml");
    assert!(xml.contains("w:val=\"berschrift1\"") && !xml.contains("\"Heading1\""));
    assert!(xml.contains("w:w=\"11906\" w:h=\"16838\""));
    assert!(part(&bytes, "word/styles.xml").contains("AA0000"));
    let numbering = part(&bytes, "word/numbering.xml");
    let last_definition = numbering.rfind("<w:abstractNum ").unwrap();
    assert!(last_definition < numbering.find("<w:num ").unwrap(), "definitions stand before instances");
}

#[test]
fn a_template_that_cannot_be_used_says_why() {
    let without =
        template(|styles| styles.replace("\"Title\"", "\"Headline\"").replace("\"List Bullet\"", "\"Points\""));
    for (bytes, because) in [
        (without, "the template cannot be used: it has no style named Title, List Bullet"),
        (b"PK no zip".to_vec(), "the template cannot be used: it is no Word document (.docx, .dotx): "),
        (template(|_| "<w:styles>".to_owned()), "the template cannot be used: it has no style named Normal, Title, "),
        (template(|_| "<w:styles><w:style".to_owned()), "the template cannot be used: its `word/styles.xml`: "),
    ] {
        let error = WordTemplate::read(&bytes).unwrap_err().to_string();
        assert!(error.starts_with(because), "{error}");
    }
}

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

fn python() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"), PathBuf::from);
    cache.join("tickmark/python/bin/python")
}

/// Headings, tables, list styles and properties as python-docx reads them.
#[test]
fn python_docx_reads_headings_and_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.docx");
    fs::write(&path, docx(&document("soc1-type2"))).unwrap();
    let output = Command::new(python()).arg(tests_folder().join("word/read.py")).arg(&path).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}\n(`tests/install`)", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(told);
}

/// An independent check of each part against the schemas of ECMA-376, and of what they require beside them.
#[test]
fn it_keeps_to_the_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = WordTemplate::read(&template(|styles| styles.replace("TickmarkNotice", "Other"))).unwrap();
    for name in REPORTS {
        let Document::Report(view) = document(name) else { panic!("a report") };
        for (bytes, which) in [(docx(&document(name)), "ours"), (report_docx(&view, Some(&theirs)).unwrap(), "theirs")]
        {
            let path = folder.path().join(format!("{name}-{which}.docx"));
            fs::write(&path, bytes).unwrap();
            let audit = python().with_file_name("openxml-audit");
            let output = Command::new(audit).arg(&path).output().expect("openxml-audit (`tests/install`)");
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{name}, {which} styles:\n{told}");
        }
    }
}

/// LibreOffice opens it and loses nothing on the way to its own PDF.
#[test]
fn libreoffice_prints_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for name in REPORTS {
        let view = without_figures(name);
        let path = folder.path().join(format!("{name}.docx"));
        fs::write(&path, docx(&serde_json::from_value(view).unwrap())).unwrap();
        paths.push(path);
    }
    let home = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let output = Command::new("soffice")
        .args([&home, "--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path())
        .args(&paths)
        .output()
        .expect("soffice (`tests/install`)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in REPORTS {
        let pdf = folder.path().join(format!("{name}.pdf"));
        let output = Command::new("pdftotext").arg("-raw").arg(&pdf).arg("-").output().expect("pdftotext");
        let pages = String::from_utf8(output.stdout).unwrap();
        let printed: String = pages.lines().filter(|line| !is_running(line)).collect::<Vec<_>>().join("\n");
        assert_eq!(missing(&without_figures(name), &printed), Vec::<String>::new(), "{name}");
    }
}
