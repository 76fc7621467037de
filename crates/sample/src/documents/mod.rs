//! What has no rows: minutes, policies, a subservice organization's report, a mail, a signed review, a diagram.

mod diagram;
mod paper;

use std::path::Path;

use jiff::civil::{Date, date};
use serde::Serialize;

use crate::error::Error;
use crate::people::People;
use crate::write;

/// A document and who attests what it shows.
#[derive(Debug, Serialize)]
struct Entry {
    file: &'static str,
    title: &'static str,
    kind: &'static str,
    dated_on: Date,
    attested_by: String,
    statement: &'static str,
    /// The controls that it shows, with spaces between.
    controls: &'static str,
}

/// A text document: file, text with `{role}` for people, title, kind, date, the department whose head attests, statement,
/// the controls that it shows.
type TextDocument<'a> = (&'a str, &'a str, &'a str, &'a str, Date, &'a str, &'a str, &'a str);

const TEXTS: [TextDocument<'_>; 10] = [
    (
        "minutes-board-2025-11.md",
        include_str!("minutes-board-2025-11.md"),
        "Minutes of the board, November 2025",
        "minutes",
        date(2025, 11, 18),
        "Executive",
        "Complete minutes of the meeting as approved by the board.",
        "GOV-04",
    ),
    (
        "minutes-risk-2026-02.md",
        include_str!("minutes-risk-2026-02.md"),
        "Minutes of the risk committee, February 2026",
        "minutes",
        date(2026, 2, 24),
        "Executive",
        "Complete minutes of the meeting; the risk register was the version of that day.",
        "RSK-02 RSK-04",
    ),
    (
        "minutes-board-2026-05.md",
        include_str!("minutes-board-2026-05.md"),
        "Minutes of the board, May 2026",
        "minutes",
        date(2026, 5, 19),
        "Executive",
        "Complete minutes of the meeting as approved by the board.",
        "GOV-04",
    ),
    (
        "policy-access.md",
        include_str!("policy-access.md"),
        "Access policy",
        "policy",
        date(2025, 8, 4),
        "Security",
        "The policy in force from 2025-09-01, unchanged through 2026-09-30.",
        "GOV-07",
    ),
    (
        "policy-change.md",
        include_str!("policy-change.md"),
        "Change policy",
        "policy",
        date(2025, 8, 4),
        "Engineering",
        "The policy in force from 2025-09-01, unchanged through 2026-09-30.",
        "GOV-07",
    ),
    (
        "policy-payroll-processing.md",
        include_str!("policy-payroll-processing.md"),
        "Payroll processing policy",
        "policy",
        date(2025, 8, 11),
        "Payroll Operations",
        "The policy in force from 2025-09-01, unchanged through 2026-09-30.",
        "GOV-07",
    ),
    (
        "policy-backup.md",
        include_str!("policy-backup.md"),
        "Backup and recovery policy",
        "policy",
        date(2025, 8, 11),
        "IT Operations",
        "The policy in force from 2025-09-01, unchanged through 2026-09-30.",
        "GOV-07",
    ),
    (
        "policy-incident.md",
        include_str!("policy-incident.md"),
        "Incident policy",
        "policy",
        date(2025, 8, 11),
        "Security",
        "The policy in force from 2025-09-01, unchanged through 2026-09-30.",
        "GOV-07",
    ),
    (
        "vendor-northgate-report-summary.md",
        include_str!("vendor-northgate-report-summary.md"),
        "Review of the report of Northgate Hosting, Inc.",
        "vendor report",
        date(2026, 4, 21),
        "Finance",
        "Our own summary of the report as received; the report itself is under the vendor's terms.",
        "VEN-04",
    ),
    (
        "mail-bank-cutoff.eml",
        include_str!("mail-bank-cutoff.eml"),
        "Mail of the bank about its cut-off times",
        "mail",
        date(2026, 1, 6),
        "Treasury",
        "The mail as received, with its headers.",
        "",
    ),
];

/// Writes `documents/` with its register, and the owners' note on all systems.
pub(crate) fn write(systems: &Path, people: &People) -> Result<(), Error> {
    let folder = systems.join("documents");
    let mut register = Vec::new();
    for (file, text, title, kind, dated_on, department, statement, controls) in TEXTS {
        write::bytes(&folder.join(file), filled(text, people).as_bytes())?;
        let attested_by = head(people, department);
        register.push(Entry { file, title, kind, dated_on, attested_by, statement, controls });
    }
    let review = filled(include_str!("signed-access-review.txt"), people);
    write::bytes(&folder.join("access-review-payroll-db-2026-Q1.pdf"), &paper::page(&review))?;
    register.push(Entry {
        file: "access-review-payroll-db-2026-Q1.pdf",
        title: "Signed sheet of the access review of the payroll database, first quarter 2026",
        kind: "signed review",
        dated_on: date(2026, 3, 13),
        attested_by: head(people, "Security"),
        statement: "Printed from the review tool and signed; the tool's own export holds every decision.",
        controls: "LA-04",
    });
    write::bytes(&folder.join("network-diagram.png"), &diagram::network())?;
    register.push(Entry {
        file: "network-diagram.png",
        title: "Zones of the production network",
        kind: "diagram",
        dated_on: date(2026, 6, 2),
        attested_by: head(people, "IT Operations"),
        statement: "The zones as configured on that day; three zones, two firewalls.",
        controls: "NET-04",
    });
    write::table(&folder.join("register.csv"), b',', &register)?;
    write::bytes(&systems.join("README.md"), filled(include_str!("README-systems.md"), people).as_bytes())
}

/// The mail address of a department's head.
fn head(people: &People, department: &str) -> String {
    people.steady(department).first().map(|person| person.email.clone()).unwrap_or_default()
}

/// A text with the names of the people in it.
fn filled(text: &str, people: &People) -> String {
    let roles = [
        ("{chief}", "Executive", 0),
        ("{chief finance}", "Executive", 1),
        ("{chief technology}", "Executive", 2),
        ("{operations}", "Payroll Operations", 0),
        ("{treasury}", "Treasury", 0),
        ("{security}", "Security", 0),
        ("{engineering}", "Engineering", 0),
        ("{it}", "IT Operations", 0),
        ("{finance}", "Finance", 0),
    ];
    roles.iter().fold(text.to_owned(), |text, (role, department, nth)| {
        let name = people.steady(department).get(*nth).map_or("N. N.", |person| person.name.as_str());
        text.replace(role, name)
    })
}
