//! What a vendor's report is read as: texts in the styles of several firms, in our own words, and what is proposed of each.

use tickmark_domain::{Found, VendorReportProposal, read_vendor_report};

const CASES: &str = include_str!("vendor_report_cases.md");

/// A case's pages: `---` begins a new one; ` | ` parts cells.
fn pages(text: &str) -> Vec<Vec<String>> {
    let pages = text.split("\n---\n");
    pages.map(|page| page.trim_matches('\n').lines().map(|line| line.replace(" | ", "\t")).collect()).collect()
}

fn told(read: &VendorReportProposal) -> String {
    let mut lines: Vec<String> = Vec::new();
    fn one<T>(lines: &mut Vec<String>, what: &str, found: Option<&Found<T>>, show: impl Fn(&T) -> String) {
        lines.push(match found {
            Some(found) => format!("{what}: {} (page {})", show(&found.value), found.page),
            None => format!("{what}: not found"),
        });
    }
    one(&mut lines, "kind", read.kind.as_ref(), |kind| kind.shown().to_owned());
    one(&mut lines, "type", read.report_type.as_ref(), |of| format!("{of:?}"));
    one(&mut lines, "firm", read.firm.as_ref(), String::clone);
    one(&mut lines, "opinion", read.opinion.as_ref(), |of| format!("{of:?}"));
    read.opinion_parts
        .iter()
        .for_each(|part| one(&mut lines, "part", Some(part), |of| format!("{:?} {:?}", of.0, of.1)));
    one(&mut lines, "categories", read.categories.as_ref(), |of| of.join(", "));
    one(&mut lines, "method", read.subservice_method.as_ref(), |of| format!("{of:?}"));
    read.subservice_organizations.iter().for_each(|of| one(&mut lines, "subservice", Some(of), String::clone));
    for of in &read.deviations {
        one(&mut lines, "deviation", Some(of), |of| {
            format!("{}: {}", of.control.as_deref().unwrap_or("no id"), of.text)
        });
    }
    read.cuecs.iter().for_each(|of| one(&mut lines, "cuec", Some(of), |of| format!("{}: {}", of.id, of.text)));
    lines.extend(read.warnings.iter().map(|warning| format!("ask: {warning}")));
    lines.join("\n") + "\n"
}

/// Every case: a heading, the text between fences, and between the next fences what is read. With `TICKMARK_BLESS=1` the second
/// is written.
#[test]
fn every_case_is_read_as_it_says() {
    let mut written = String::new();
    let mut cases = 0;
    for (number, block) in CASES.split("```\n").enumerate() {
        match number % 4 {
            1 => {
                cases += 1;
                let read = told(&read_vendor_report(&pages(block)));
                written.push_str(&format!("```\n{block}```\n\n```\n{read}```\n"));
            }
            0 => written.push_str(block),
            _ => {}
        }
    }
    if std::env::var_os("TICKMARK_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/vendor_report_cases.md");
        std::fs::write(path, &written).unwrap();
        return;
    }
    assert!(cases >= 8, "{cases}");
    let differs = CASES.lines().zip(written.lines()).position(|(a, b)| a != b);
    assert!(CASES == written, "from line {:?} on; this was read:\n{written}", differs.map(|line| line + 1));
}
