//! PDFs that are broken, huge or made to harm: each is told as an error, and none takes the caller along.

use std::process::Command;

use tickmark_pdf_text::{Error, PageText, read_in_child_with};

fn read(pdf: &[u8]) -> Result<Vec<PageText>, Error> {
    read_in_child_with(pdf, Command::new(env!("CARGO_BIN_EXE_pdf-text-worker")))
}

/// A PDF of these objects, numbered from 1, the first of which is the catalog.
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(out.len());
        out.extend(format!("{number} 0 obj\n").into_bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let at = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    places.iter().for_each(|place| out.extend(format!("{place:010} 00000 n \n").into_bytes()));
    out.extend(
        format!("trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n", objects.len() + 1)
            .into_bytes(),
    );
    out
}

fn stream(bytes: &[u8], more: &str) -> Vec<u8> {
    [format!("<< /Length {} {more} >>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
}

/// A PDF of one font and pages that draw these.
fn drawing(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 4 + 2 * at)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
    ];
    for (at, page) in pages.iter().enumerate() {
        let page_object = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> /Contents {} 0 R >>",
            5 + 2 * at
        );
        objects.push(page_object.into_bytes());
        objects.push(stream(page.as_bytes(), ""));
    }
    pdf(&objects, "")
}

#[test]
fn words_come_with_their_pages_also_in_a_font_that_the_file_does_not_hold() {
    let pages = read(&drawing(&[
        "BT /F 12 Tf 50 700 Td (In our opinion) Tj 0 -14 Td (in all respects) Tj ET",
        "BT /F 12 Tf 3 Tr 50 700 Td (hidden) Tj ET",
        "0 0 m 10 10 l S",
    ]))
    .unwrap();
    assert_eq!(pages[0].lines, ["In our opinion", "in all respects"]);
    assert!(!pages[0].has_hidden_words && pages[1].has_hidden_words && pages[2].is_empty());
}

#[test]
fn a_scan_is_said_to_be_one() {
    assert_eq!(read(&drawing(&["0 0 m 10 10 l S", ""])), Err(Error::Scanned { pages: 2 }));
}

#[test]
fn what_is_no_whole_pdf_is_named() {
    assert_eq!(read(b"certificate"), Err(Error::NoPdf));
    assert_eq!(read(b""), Err(Error::NoPdf));
    assert_eq!(read(b"%PDF-1.7\n"), Err(Error::Broken));
    let whole = drawing(&["BT /F 12 Tf 50 700 Td (words) Tj ET"]);
    // Cut short in its objects; the search through the file finds no pages.
    assert_eq!(read(&whole[..100]), Err(Error::Broken));
    // The table alone is lost: the pages are found by searching.
    assert_eq!(read(&whole[..whole.len() - 60]).unwrap()[0].lines, ["words"]);
}

#[test]
fn an_encrypted_pdf_is_said_to_be_one() {
    let key = "00".repeat(32);
    let encrypt = format!("<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{key}> /U <{key}> >>");
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [] /Count 0 >>".to_vec(),
        encrypt.into_bytes(),
    ];
    assert_eq!(read(&pdf(&objects, "/Encrypt 3 0 R /ID [<00> <00>]")), Err(Error::Encrypted));
}

#[test]
fn more_pages_than_a_report_has_are_refused() {
    let many = vec![""; 10_000];
    assert_eq!(read(&drawing(&many)), Err(Error::TooManyPages { pages: 10_000, most: 2_000 }));
}

#[test]
fn loops_end() {
    // The table of objects names itself as the one before it.
    let objects =
        [b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>".to_vec()];
    let plain = pdf(&objects, "");
    let at = plain.windows(5).position(|window| window == b"xref\n").unwrap();
    let looped = pdf(&objects, &format!("/Prev {at}"));
    assert!(read(&looped).is_err(), "{:?}", read(&looped));
    // A form that draws itself.
    let form =
        stream(b"/X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>");
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Contents 4 0 R >>"
            .to_vec(),
        stream(b"/X Do", ""),
        form,
    ];
    assert_eq!(read(&pdf(&objects, "")), Err(Error::Scanned { pages: 1 }));
}

#[test]
fn depth_and_bombs_end_the_reading_process_alone() {
    // Arrays in arrays, deeper than any stack.
    let deep = [vec![b'['; 4_000_000], vec![b']'; 4_000_000]].concat();
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        [b"<< /Type /Pages /Kids ".to_vec(), deep, b" /Count 1 >>".to_vec()].concat(),
    ];
    assert!(read(&pdf(&objects, "")).is_err());
    // Five bytes a run: the same letter again and again, to sixteen million of them and more.
    let page = "BT /F 1 Tf ".to_owned()
        + &"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ".repeat(250_000)
        + "ET";
    assert!(matches!(
        read(&drawing(&[&page])),
        Err(Error::TooMuchText { page: 1, .. } | Error::Time { .. } | Error::Child(_))
    ));
}

#[test]
fn a_process_that_dies_or_says_nonsense_is_an_error() {
    let with = |program: &str, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words);
        read_in_child_with(b"%PDF-1.7", command)
    };
    assert!(matches!(with("/bin/false", &[]), Err(Error::Child(_))));
    assert!(matches!(with("/bin/echo", &["{}"]), Err(Error::Child(_))));
    assert!(matches!(with("/no/such/program", &[]), Err(Error::Child(_))));
}
