//! A Word document that comes back, as a plain text editor of its XML, python-docx and LibreOffice leave it.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use tickmark_report::{Document, WordChanges, WordReport, report_docx};

use crate::views::document;

fn sent(name: &str) -> Vec<u8> {
    match document(name) {
        Document::Report(view) => report_docx(&view, None).unwrap(),
        Document::ManagementTesting(_) | Document::Exceptions(_) => panic!("another document"),
    }
}

/// The document with its text edited as a program leaves it.
fn edited(bytes: &[u8], edits: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        if name == "word/document.xml" {
            for (old, new) in edits {
                assert!(text.contains(old), "`{old}` does not stand in the document");
                text = text.replacen(old, new, 1);
            }
        }
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn changes(sent: &[u8], back: &[u8]) -> WordChanges {
    WordReport::read(back).unwrap().changes_since(&WordReport::read(sent).unwrap())
}

fn told(changes: &WordChanges) -> String {
    let mut text = String::new();
    for proposal in &changes.proposals {
        let renamed = proposal.renamed.as_deref().map(|title| format!(", now {title}")).unwrap_or_default();
        text.push_str(&format!("{} ({}{renamed})\n", proposal.place, proposal.title));
        let diff = similar::TextDiff::from_lines(proposal.before.as_str(), proposal.after.as_str());
        text.push_str(&diff.unified_diff().context_radius(0).to_string());
    }
    changes.refused.iter().for_each(|line| text.push_str(&format!("refused: {line}\n")));
    text
}

#[test]
fn what_nobody_edited_comes_back_as_it_was() {
    for name in ["isae3402", "soc1-type1", "soc1-type2", "soc2-type2", "soc3"] {
        let sent = sent(name);
        assert_eq!(changes(&sent, &sent), WordChanges::default(), "{name}");
    }
}

#[test]
fn texts_are_proposals_and_facts_are_not() {
    let sent = sent("soc1-type2");
    let document = document("soc1-type2");
    let Document::Report(view) = &document else { panic!("a report") };
    let overview = view.description.overview.prose.split(['\n', '.', '{', '*']).next().unwrap();
    let service = &view.description.services[0].title;
    let control = view.description.controls[0].statement.split(['&', '\'']).next().unwrap();
    let back = edited(
        &sent,
        &[
            (overview, "Words that a person wrote instead"),
            (&format!(">{service}<"), ">Another title<"),
            (control, "A statement that somebody would like better"),
            (">Scope and boundary<", ">Scope, boundary and more<"),
        ],
    );
    insta::assert_snapshot!(told(&changes(&sent, &back)));
}

#[test]
fn tracked_changes_count_as_made() {
    let sent = sent("soc1-type2");
    let Document::Report(view) = document("soc1-type2") else { panic!("a report") };
    let words = view.description.overview.prose.split(['\n', '.', '{', '*']).next().unwrap().to_owned();
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let tracked = format!(
        "</w:t></w:r><w:del w:id=\"9001\" w:author=\"A\"><w:r><w:delText>{words}</w:delText></w:r></w:del>\
         <w:ins w:id=\"9002\" w:author=\"A\">{}</w:ins><w:r><w:t xml:space=\"preserve\">",
        run("What was inserted")
    );
    let back = edited(&sent, &[(&words, &tracked)]);
    let changes = changes(&sent, &back);
    assert_eq!(changes.refused, Vec::<String>::new());
    assert_eq!(changes.proposals.len(), 1);
    assert!(changes.proposals[0].after.starts_with("What was inserted"), "{}", changes.proposals[0].after);
}

#[test]
fn a_figure_is_the_ledgers() {
    let sent = sent("soc2-type2");
    let xml = {
        let mut archive = zip::ZipArchive::new(Cursor::new(&sent)).unwrap();
        let mut text = String::new();
        archive.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let Some(figure) = xml.split("<w:tag w:val=\"{").nth(1) else { panic!("no figure stands in a text") };
    let shown = figure.split("<w:t xml:space=\"preserve\">").nth(1).unwrap().split('<').next().unwrap();
    let before = figure.split("<w:t xml:space=\"preserve\">").next().unwrap();
    let old = format!("{before}<w:t xml:space=\"preserve\">{shown}<");
    let back = edited(&sent, &[(&old, &old.replace(&format!(">{shown}<"), ">31,415<"))]);
    let changes = changes(&sent, &back);
    assert!(changes.proposals.is_empty());
    assert!(changes.refused.len() == 1 && changes.refused[0].contains("shows `31,415"), "{:?}", changes.refused);
}

#[test]
fn what_is_no_report_of_ours_says_why() {
    let deep = "<w:sdt>".repeat(1000);
    let sent = sent("soc1-type2");
    let refusal = |bytes: &[u8]| WordReport::read(bytes).unwrap_err().to_string();
    assert!(refusal(b"PK").contains("it is no Word document"), "{}", refusal(b"PK"));
    let nested = edited(&sent, &[("<w:body>", &format!("<w:body>{deep}"))]);
    assert!(refusal(&nested).contains("nested deeper than") || refusal(&nested).contains("word/document.xml"));
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<w:document/>").unwrap();
    let foreign = zip.finish().unwrap().into_inner();
    assert!(refusal(&foreign).contains("it does not say what it was made from"), "{}", refusal(&foreign));
}

fn python() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"), PathBuf::from);
    cache.join("tickmark/python/bin/python")
}

/// An editor that nobody here wrote opens, changes a sentence and saves.
#[test]
fn python_docx_edits_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let sent = sent("soc1-type2");
    let (path, back) = (folder.path().join("sent.docx"), folder.path().join("back.docx"));
    fs::write(&path, &sent).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/word/edit.py");
    let output = Command::new(python()).arg(script).args([&path, &back]).output().unwrap();
    assert!(output.status.success(), "{}\n(`tests/install`)", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(told(&changes(&sent, &fs::read(&back).unwrap())));
}

/// LibreOffice opens it and saves it anew.
#[test]
fn libreoffice_saves_it_and_no_text_is_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let sent = sent("soc1-type2");
    let path = folder.path().join("sent.docx");
    fs::write(&path, &sent).unwrap();
    let back = folder.path().join("back");
    let home = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let output = Command::new("soffice")
        .args([&home, "--headless", "--convert-to", "docx:Office Open XML Text", "--outdir"])
        .args([&back, &path])
        .output()
        .expect("soffice (`tests/install`)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(told(&changes(&sent, &fs::read(back.join("sent.docx")).unwrap())));
}
