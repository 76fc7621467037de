//! What stands on the pages.

use std::process::Command;

use serde_json::json;
use tickmark_report::{Document, render, render_all, renderer};

use crate::views::{ALL, changed, document, json as view_json};

/// The text of a PDF by poppler's `pdftotext` (which .ci/run installs).
fn text(pdf: &[u8], option: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output = Command::new("pdftotext").arg(option).arg(&path).arg("-").output().expect("pdftotext (poppler-utils)");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The words of a document in the order of its content, without regard to where lines break.
fn words(document: &Document) -> String {
    let text = text(&render(document).unwrap().pdf, "-raw");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn views_survive_their_json() {
    for name in ALL {
        let document = document(name);
        let again = serde_json::to_value(&document).unwrap();
        assert_eq!(again, view_json(name), "{name}");
    }
}

#[test]
fn fields_a_view_does_not_have_are_refused() {
    let mut json = view_json("soc1-type2");
    json["view"]["engagement"]["opinion"] = json!("unmodified");
    assert!(serde_json::from_value::<Document>(json).is_err());
}

#[test]
fn the_same_view_gives_the_same_bytes() {
    let document = document("exceptions");
    let (first, second) = (render(&document).unwrap(), render(&document).unwrap());
    assert!(first.pdf == second.pdf);
    assert_eq!(first.figures, second.figures);
    assert_eq!(renderer(), renderer());
}

#[test]
fn the_first_pages_of_a_draft() {
    let text = text(&render(&document("soc1-type2")).unwrap().pdf, "-raw");
    // Leaders of dots and the watermark's letters are drawing, not text.
    let is_drawing =
        |word: &str| word.chars().all(|c| c == '.' || c == '\u{2060}') || ["D", "R", "A", "F", "T"].contains(&word);
    let pages: Vec<String> = text
        .split('\x0c')
        .take(5)
        .map(|page| {
            let lines = page
                .lines()
                .map(|line| line.split_whitespace().filter(|word| !is_drawing(word)).collect::<Vec<_>>().join(" "));
            lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
        })
        .collect();
    insta::assert_snapshot!(pages.join("\n\n=== page ===\n\n"));
}

#[test]
fn nothing_of_the_firms_is_drafted() {
    let text = words(&document("soc1-type2"));
    assert!(text.contains("To be issued by Alder & Finch LLP"));
    assert!(text.contains("To be completed by the firm."));
    assert!(text.contains("Result not yet recorded by the firm."));
    assert!(text.contains("Draft, not signed by the firm"));

    let signed = words(&document("soc2-type2"));
    assert!(signed.contains("This text is the firm’s own, printed as the firm recorded it"));
    assert!(!signed.contains("Draft, not signed"));
    assert!(!signed.contains("DRAFT"));
}

#[test]
fn a_type_1_has_no_tests_and_no_period() {
    let text = words(&document("soc1-type1"));
    assert!(text.contains("As of September 30, 2026"));
    assert!(!text.contains("Tests of controls"));
    assert!(!text.contains("Changes to the system in the period"));
    assert!(text.contains("Appendix: Where the facts come from") && !text.contains("tick mark"));
    assert!(text.contains("under the organization’s own key only"));
}

#[test]
fn a_soc_3_attaches_boundary_and_commitments_and_shows_no_control() {
    let text = words(&document("soc3"));
    for said in [
        "SOC 3® REPORT",
        "General use",
        "Attachment A: Boundary of the system",
        "Attachment B: Principal service commitments",
    ] {
        assert!(text.contains(said), "{said}");
    }
    for unsaid in ["Type 2", "Section III", "Section IV", "Restricted use", "CC6.", "Tests of controls"] {
        assert!(!text.contains(unsaid), "{unsaid}");
    }
}

#[test]
fn under_isae_3402_the_words_are_those_of_that_standard() {
    let text = words(&document("isae3402"));
    for said in [
        "ISAE 3402 TYPE 2 ASSURANCE REPORT",
        "Section I: Statement by the service organization",
        "Section II: Independent service auditor’s assurance report",
        "Section IV: Tests of controls and results",
    ] {
        assert!(text.contains(said), "{said}");
    }
    for unsaid in ["SOC 1", "AT-C", "Management’s assertion"] {
        assert!(!text.contains(unsaid), "{unsaid}");
    }
    let both = words(&changed("soc1-type2", "/view/engagement/standards", json!(["AT-C 320", "ISAE 3402"])));
    assert!(both.contains("SOC 1® TYPE 2 REPORT") && both.contains("AT-C 320 and ISAE 3402"), "{both}");
}

#[test]
fn documents_drawn_together_have_the_bytes_of_each_alone() {
    let documents = [document("exceptions"), document("soc3"), document("soc1-type1"), document("isae3402")];
    let together = render_all(&documents.iter().collect::<Vec<_>>());
    for (document, rendered) in documents.iter().zip(together) {
        assert!(render(document).unwrap().pdf == rendered.unwrap().pdf);
    }
}

#[test]
fn every_figure_leads_to_a_line_of_the_appendix() {
    let mut counts = Vec::new();
    for name in ALL {
        let rendered = render(&document(name)).unwrap();
        counts.push(format!("{name}: {} pages, {} figures", rendered.pages, rendered.figures.len()));
        let text = text(&rendered.pdf, "-raw");
        let words: Vec<&str> = text.split([' ', '\n', '.', ',', ';', ')', '\x0c']).collect();
        for figure in &rendered.figures {
            let mark = format!("✓{}", figure.tick);
            let found = words.iter().filter(|word| word.ends_with(&mark)).count();
            assert!(found >= 2, "{name}: {mark} stands {found} times");
        }
    }
    insta::assert_snapshot!(counts.join("\n"));
}

#[test]
fn views_that_contradict_themselves_are_not_printed() {
    for (name, pointer, value, because) in [
        ("soc1-type2", "/view/engagement/coverage", json!({"as_of": {"on": "2026-09-30"}}), "a Type 2 has a period"),
        (
            "soc1-type2",
            "/view/engagement/coverage",
            json!({"period": {"first": "2026-09-30", "last": "2026-09-30"}}),
            "first day",
        ),
        ("soc1-type2", "/view/tests_of_controls", json!(null), "needs its section"),
        (
            "soc1-type1",
            "/view/engagement/coverage",
            json!({"period": {"first": "2025-10-01", "last": "2026-09-30"}}),
            "as-of date",
        ),
        ("soc1-type1", "/view/tests_of_controls", json!({"controls": []}), "no section"),
        ("soc3", "/view/tests_of_controls", json!({"controls": []}), "no section"),
        ("soc3", "/view/engagement/report_type", json!("type1"), "as-of date"),
        (
            "soc3",
            "/view/description/measures/-",
            json!({"id": "CC6.2", "group": "CC6", "title": "t", "statement": "s", "controls": []}),
            "neither criteria nor controls",
        ),
    ] {
        let error = render(&changed(name, pointer, value)).unwrap_err().to_string();
        assert!(error.contains(because), "{error}");
    }
}

#[test]
fn text_is_never_code_and_never_vanishes() {
    let hostile = "#panic() $x$ *open `tick <label> @ref // no \\ [x] \u{1F600} \u{202e}abc 漢 Ж é “q” ½";
    let document = changed("soc1-type2", "/view/description/overview", json!({"prose": hostile}));
    let text = words(&document);
    for part in ["#panic() $x$ *open `tick <label> @ref // no \\ [x]", "⟨U+1F600⟩", "⟨U+202E⟩abc", "⟨U+6F22⟩", "Ж é"]
    {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn headings_within_texts_do_not_skip_a_level() {
    let text = json!({"prose": "### Deep first\n\nText.\n\n## Then higher\n\n### Then deeper\n\nText.\n\n- a\n- b"});
    for (name, pointer) in [
        ("soc1-type2", "/view/assertion/text"),
        ("soc1-type2", "/view/description/overview"),
        ("soc1-type2", "/view/description/boundary"),
        ("soc1-type2", "/view/description/services/0/text"),
        ("soc1-type2", "/view/description/transaction_classes/0/text"),
        ("soc1-type2", "/view/description/components/0/text"),
        ("soc1-type2", "/view/description/changes/disclosed/0/text"),
        ("soc1-type2", "/view/tests_of_controls/introduction"),
        ("soc1-type2", "/view/tests_of_controls/internal_audit"),
        ("soc1-type2", "/view/other_information/responses/0/text"),
        ("soc1-type2", "/view/other_information/sections/0/text"),
        ("soc2-type2", "/view/auditor_report/issued/text"),
        ("management-testing", "/view/approach"),
        ("management-testing", "/view/exceptions/0/response"),
        ("exceptions", "/view/exceptions/0/response"),
    ] {
        let rendered = render(&changed(name, pointer, text.clone()));
        assert!(rendered.is_ok(), "{name} {pointer}: {:?}", rendered.err());
    }
}

#[test]
fn long_words_and_empty_parts_do_not_break_a_page() {
    let long = "x".repeat(400);
    let document = changed("management-testing", "/view/controls/0/statement", json!(long));
    assert!(render(&document).is_ok());
    for (name, pointer) in [
        ("management-testing", "/view/exceptions"),
        ("management-testing", "/view/controls"),
        ("management-testing", "/view/sources"),
        ("exceptions", "/view/exceptions"),
        ("soc1-type2", "/view/description/measures"),
        ("soc1-type2", "/view/description/services"),
        ("soc1-type2", "/view/tests_of_controls/controls"),
        ("soc1-type2", "/view/assertion/signatories"),
        ("soc1-type2", "/view/description/subservice_organizations"),
    ] {
        let rendered = render(&changed(name, pointer, json!([])));
        assert!(rendered.is_ok(), "{name} {pointer}: {:?}", rendered.err());
    }
}

#[test]
fn pdfs_are_tagged_archival_and_carry_their_figures() {
    let rendered = render(&document("exceptions")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.pdf");
    std::fs::write(&path, &rendered.pdf).unwrap();
    let out = folder.path().join("figures.json");
    let output = Command::new("pdfdetach")
        .args(["-save", "1", "-o"])
        .arg(&out)
        .arg(&path)
        .output()
        .expect("pdfdetach (poppler-utils)");
    assert!(output.status.success());
    assert_eq!(std::fs::read(out).unwrap(), rendered.figures_json);
    let info = Command::new("pdfinfo").arg(&path).output().expect("pdfinfo (poppler-utils)");
    let info = String::from_utf8_lossy(&info.stdout).into_owned();
    assert!(info.contains("Tagged:          yes") && info.contains("612 x 792 pts (letter)"), "{info}");
    let has = |needle: &[u8]| rendered.pdf.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"<pdfaid:part>3") && has(b"<pdfaid:conformance>A") && has(b"<pdfuaid:part>1"));
}
