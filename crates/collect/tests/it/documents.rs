//! Documents: kept as they are, and refused if they are not what their names say.

use tickmark_canonical::Digest;
use tickmark_collect::collect_documents;

use crate::case::{Place, chain, clock};

const SOURCE: &str = r#"
id = "papers"
title = "Papers"
kind = "documents"
folder = "in"
register = "register.csv"
personal = true
"#;

const HEADER: &str = "file,title,kind,dated_on,attested_by,statement\n";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
const MAIL: &[u8] = b"From: Ada <ada@x.example>\r\nTo: Bo <bo@x.example>, cy@x.example\r\nSubject: Minutes\r\nDate: Wed, 30 Sep 2026 09:00:00 -0400\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n";

#[test]
fn documents_are_kept_as_they_are_with_their_statement() {
    let place = Place::new();
    place.write("in/minutes.pdf", PDF);
    place.write("in/mails/a.eml", MAIL);
    place.write(
        "in/register.csv",
        format!("{HEADER}minutes.pdf,Minutes of Q3,minutes,2026-09-30,secretary,\"As signed, unchanged\"\nmails/a.eml,Mail,mail,2026-09-30,Bo,As received\n"),
    );
    let documents = collect_documents(&place.source(SOURCE), &place.vault, clock()).unwrap();
    let [minutes, mail] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!((minutes.media_type.as_str(), minutes.content), ("application/pdf", Digest::of(PDF)));
    assert_eq!(minutes.statement, "As signed, unchanged");
    assert_eq!(place.vault.get(&minutes.object).unwrap(), PDF);
    assert!(place.vault.is_sealed(&minutes.object).unwrap());
    let headers = mail.mail.as_ref().unwrap();
    assert_eq!((headers.from.as_slice(), headers.to.len()), (["ada@x.example".to_owned()].as_slice(), 2));
    assert_eq!(headers.date.map(|date| date.to_string()).as_deref(), Some("2026-09-30T13:00:00Z"));
}

#[test]
fn documents_that_are_not_what_they_say_are_refused_before_any_is_stored() {
    let cases: [(&str, &[u8], &str, &str); 9] = [
        ("a.pdf", b"PK\x03\x04", "2026-09-30", "named as a PDF"),
        ("a.pdf", b"%PDF-1.7\nhalf", "2026-09-30", "cut short"),
        ("a.png", b"\x89PNG\r\n\x1a\nhalf", "2026-09-30", "cut short"),
        ("a.jpg", b"GIF89a", "2026-09-30", "named as a JPEG"),
        ("a.md", b"\xff\xfe", "2026-09-30", "not UTF-8"),
        ("a.eml", b"hello", "2026-09-30", "no mail"),
        ("a.exe", b"MZ", "2026-09-30", "of no kind"),
        ("a.txt", b"", "2026-09-30", "is empty"),
        ("a.txt", b"x", "2027-01-01", "after the time of the collection"),
    ];
    for (name, bytes, day, expected) in cases {
        let place = Place::new();
        place.write("in/good.txt", "fine");
        place.write(&format!("in/{name}"), bytes);
        let row = |name: &str| format!("{name},T,k,{day},me,s\n");
        place.write("in/register.csv", format!("{HEADER}{}{}", row("good.txt").replace(day, "2026-09-30"), row(name)));
        let told = chain(&collect_documents(&place.source(SOURCE), &place.vault, clock()).unwrap_err());
        assert!(told.contains(expected) && told.contains(name), "{name}: {told}");
    }
}

#[test]
fn documents_name_the_controls_that_they_show() {
    let place = Place::new();
    for name in ["a.txt", "b.txt", "c.txt"] {
        place.write(&format!("in/{name}"), name);
    }
    let header = HEADER.replace("statement\n", "statement,controls\n");
    let rows = "a.txt,T,k,2026-09-30,me,s,GOV-04  RSK-04\nb.txt,T,k,2026-09-30,me,s,\n";
    place.write("in/register.csv", format!("{header}{rows}"));
    let declared = "[[documents]]\nfile = \"c.txt\"\ntitle = \"T\"\nkind = \"k\"\ndated_on = \"2026-09-30\"\nattested_by = \"me\"\nstatement = \"s\"\ncontrols = [\"GOV-01\"]\n";
    let documents = collect_documents(&place.source(&format!("{SOURCE}{declared}")), &place.vault, clock()).unwrap();
    let shown =
        documents.iter().map(|of| (of.file.as_str(), of.controls.iter().cloned().collect::<Vec<_>>().join(" ")));
    let shown: Vec<String> = shown.map(|(file, controls)| format!("{file}: {controls}")).collect();
    assert_eq!(shown, ["c.txt: GOV-01", "a.txt: GOV-04 RSK-04", "b.txt: "]);
    place.write("in/register.csv", format!("{header}a.txt,T,k,2026-09-30,me,s\n"));
    let told = chain(&collect_documents(&place.source(SOURCE), &place.vault, clock()).unwrap_err());
    assert!(told.contains("6 fields, the header 7"), "{told}");
}

#[test]
fn a_register_is_read_strictly() {
    let place = Place::new();
    place.write("in/a.txt", "x");
    let cases = [
        ("file,title\n", "missing: `kind`, `dated_on`"),
        ("file,title,kind,dated_on,attested_by,statement\na.txt,T,k,30.9.2026,me,s\n", "not a date"),
        ("file,title,kind,dated_on,attested_by,statement\na.txt,T,k,2026-09-30,,s\n", "`attested_by` is empty"),
        ("file,title,kind,dated_on,attested_by,statement\n../a.txt,T,k,2026-09-30,me,s\n", "leads out of the folder"),
        ("file,title,kind,dated_on,attested_by,statement\nb.txt,T,k,2026-09-30,me,s\n", "No such file"),
        (
            "file,title,kind,dated_on,attested_by,statement\na.txt,T,k,2026-09-30,me,s\na.txt,T,k,2026-09-30,me,s\n",
            "declared twice",
        ),
    ];
    for (register, expected) in cases {
        place.write("in/register.csv", register);
        let told = chain(&collect_documents(&place.source(SOURCE), &place.vault, clock()).unwrap_err());
        assert!(told.contains(expected), "{told}");
    }
}
