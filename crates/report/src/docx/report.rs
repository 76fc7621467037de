//! The parts of a report in the order of its pages, but for Sections III and IV.

use super::{
    body::{Body, Holds},
    description,
    style::Style,
    tests_of_controls,
    words::{assertion_word, coverage, day, in_words, intended_use, kind, marked_title, subject, use_title},
};
use crate::{
    Error, counted,
    view::{
        Anchoring, AuditorReport, EngagementView, ManagementAssertion, OtherInformation, Provenance, ReportKind,
        ReportView, SectionOrder,
    },
};

/// The cover.
pub(super) fn cover(body: &mut Body<'_>, view: &ReportView) -> Result<(), Error> {
    let engagement = &view.engagement;
    let organization = &engagement.organization.name;
    body.control("/engagement", "Cover", Holds::Facts, |body| {
        body.paragraph(Style::Organization, organization);
        body.paragraph(Style::Subtitle, &format!("{} {}", marked_title(engagement), kind(engagement)));
        let about = if engagement.report == ReportKind::Soc3 { "the effectiveness of controls" } else { "controls" };
        let title = format!("Report on {about} at {organization} relevant to {}", subject(engagement));
        body.paragraph(Style::Title, &title);
        body.fact("System", &engagement.system);
        if !engagement.categories.is_empty() {
            body.fact("Categories", &in_words(&engagement.categories));
        }
        let (label, covered) = coverage(&engagement.coverage);
        body.fact(label, &covered);
        let firm = engagement.firm.as_ref().map(|firm| format!("{}, {}", firm.name, firm.city));
        body.fact("Service auditor", firm.as_deref().unwrap_or("Not yet engaged"));
        if !engagement.standards.is_empty() {
            let standards: Vec<&str> = engagement.standards.iter().map(|standard| standard.name()).collect();
            body.fact("Standards", &in_words(&standards));
        }
        body.fact("Standing", &standing(view));
        body.notice(use_title(engagement), &intended_use(engagement));
        Ok(())
    })
}

fn standing(view: &ReportView) -> String {
    match &view.auditor_report {
        AuditorReport::NotIssued => {
            format!("Draft of {}, not signed by the firm", day(view.engagement.prepared_on))
        }
        AuditorReport::Issued { signed_by, dated, .. } => format!("Signed by {signed_by} on {}", day(*dated)),
    }
}

/// Every section and the appendix.
pub(super) fn sections(body: &mut Body<'_>, view: &ReportView) -> Result<(), Error> {
    match view.engagement.section_order {
        SectionOrder::AuditorFirst => {
            auditors_report(body, view, "I")?;
            managements_part(body, view, "II")?;
        }
        SectionOrder::ManagementFirst => {
            managements_part(body, view, "I")?;
            auditors_report(body, view, "II")?;
        }
    }
    if view.engagement.report == ReportKind::Soc3 {
        description::attachments(body, &view.description)?;
    } else {
        body.heading(1, "Section III: Description of the system");
        description::description(body, &view.engagement, &view.description)?;
    }
    if let Some(tests) = &view.tests_of_controls {
        body.heading(1, "Section IV: Tests of controls and results");
        body.control("/tests_of_controls", "Tests of controls and results", Holds::Facts, |body| {
            tests_of_controls::tests_of_controls(body, &view.engagement, &view.description, tests)
        })?;
    }
    if let Some(other) = &view.other_information {
        let number = if view.tests_of_controls.is_some() { "V" } else { "IV" };
        body.heading(1, &format!("Section {number}: Other information"));
        other_information(body, other)?;
    }
    if body.numbering.figures.is_empty() {
        body.heading(1, "Appendix: Where the facts come from");
        return body.control("/provenance", "Where the facts come from", Holds::Facts, |body| {
            where_from(body, &view.provenance);
            Ok(())
        });
    }
    body.heading(1, "Appendix: Tick marks");
    body.control("/provenance", "Tick marks", Holds::Facts, |body| {
        body.heading(2, "Where the figures come from");
        where_from(body, &view.provenance);
        tick_marks(body)
    })
}

fn managements_part(body: &mut Body<'_>, view: &ReportView, section: &str) -> Result<(), Error> {
    let isae = view.engagement.is_isae_alone();
    let (title, of) = match isae {
        true => ("Statement by the service organization", "Statement by"),
        false => ("Management's assertion", "Assertion of"),
    };
    body.heading(1, &format!("Section {section}: {title}"));
    let word = assertion_word(&view.engagement);
    assertion(body, "/assertion", &view.assertion, word)?;
    for (number, subservice) in view.subservice_assertions.iter().enumerate() {
        body.heading(2, &format!("{of} {}", subservice.organization));
        assertion(body, &format!("/subservice_assertions/{number}/assertion"), &subservice.assertion, word)?;
    }
    Ok(())
}

/// The service auditor's alone: printed as the firm wrote and signed it, and empty until then.
fn auditors_report(body: &mut Body<'_>, view: &ReportView, section: &str) -> Result<(), Error> {
    // AUD-01: the word independent stands in the title of every report, whatever the firm's text says.
    let heading = format!("Section {section}: Independent service auditor's {}", kind(&view.engagement));
    body.heading(1, &heading);
    match &view.auditor_report {
        AuditorReport::NotIssued => body.control("/auditor_report", &heading, Holds::Words, |body| {
            body.notice(
                &format!("To be issued by {}", firm(&view.engagement, "the service auditor")),
                "This section is the service auditor's alone. It is printed here as the firm writes and signs it, and is empty \
                 until then.",
            );
            Ok(())
        }),
        AuditorReport::Issued { text, signed_by, city, dated, digest, entry } => {
            body.control("/auditor_report", &heading, Holds::Facts, |body| {
                body.prose(text, 2)?;
                body.paragraph(Style::Signature, &format!("{signed_by}\n{city}\n{}", day(*dated)));
                quiet(
                    body,
                    &format!(
                        "This text is the firm's own, printed as the firm recorded it: digest {}, ledger entry {entry}.",
                        digest.short()
                    ),
                );
                Ok(())
            })
        }
    }
}

/// The firm's name in a sentence.
pub(super) fn firm<'a>(engagement: &'a EngagementView, until_engaged: &'a str) -> &'a str {
    engagement.firm.as_ref().map_or(until_engaged, |firm| firm.name.as_str())
}

pub(super) fn quiet(body: &mut Body<'_>, text: &str) {
    let runs = body.words(text, Style::Quiet);
    body.paragraph_of(Style::Normal, "", false, &runs);
}

fn assertion(body: &mut Body<'_>, place: &str, assertion: &ManagementAssertion, word: &str) -> Result<(), Error> {
    body.control(&format!("{place}/text"), &format!("Text of the {word}"), Holds::Words, |body| {
        if assertion.text.is_empty() {
            body.notice("Not yet written", &format!("Management has not recorded its {word} yet."));
            return Ok(());
        }
        body.prose(&assertion.text, 2)
    })?;
    body.control(&format!("{place}/signatories"), "Signatures", Holds::Facts, |body| {
        let signed = assertion.signed_on.map_or("Not yet signed.".to_owned(), |on| format!("Signed on {}", day(on)));
        body.paragraph(Style::Normal, &signed);
        for signatory in &assertion.signatories {
            let name = body.words(&signatory.name, Style::Strong);
            let title = body.words(&format!("\n{}", signatory.title), Style::Normal);
            body.paragraph_of(Style::Signature, "", false, &(name + &title));
        }
        if let Some(digest) = assertion.digest {
            let entry = assertion.entry.map(|entry| format!(" in ledger entry {entry}")).unwrap_or_default();
            quiet(body, &format!("The signed document is recorded under digest {}{entry}.", digest.short()));
        }
        Ok(())
    })
}

fn other_information(body: &mut Body<'_>, other: &OtherInformation) -> Result<(), Error> {
    body.notice(
        "Not examined",
        "Management provides this section. It is not part of the description, and the service auditor did not examine it.",
    );
    if !other.responses.is_empty() {
        body.heading(2, "Management's responses to deviations");
    }
    for (number, response) in other.responses.iter().enumerate() {
        let place = format!("/other_information/responses/{number}");
        body.heading(3, &format!("Deviation {}, control {}", response.deviation, response.control));
        body.control(&format!("{place}/text"), &response.deviation, Holds::Words, |body| {
            body.prose(&response.text, 4)
        })?;
        body.control(&place, &response.deviation, Holds::Facts, |body| {
            body.fact("Responsible", &response.owner);
            if let Some(on) = response.effective_on {
                body.fact("In effect", &day(on));
            }
            if let Some(entry) = response.entry {
                body.fact("Ledger entry", &entry.to_string());
            }
            Ok(())
        })?;
    }
    if !other.without_response.is_empty() {
        body.heading(2, "Deviations without a response");
        for of in &other.without_response {
            body.paragraph(Style::Normal, &format!("Deviation {}, control {}", of.deviation, of.control));
        }
    }
    description::titled(body, "/other_information/sections", &other.sections, 2)
}

fn where_from(body: &mut Body<'_>, provenance: &Provenance) {
    let entries = counted(provenance.ledger_size, "entry", "entries");
    body.paragraph(
        Style::Normal,
        &format!(
            "This report was computed from the first {entries} of the organization's ledger, an append-only record whose entries \
             are hashed into one tree. Whoever holds the package can check every digest against that tree without asking the \
             organization."
        ),
    );
    let signed = provenance.signed_at.to_zoned(jiff::tz::TimeZone::UTC);
    body.fact("Ledger", &provenance.origin);
    body.fact("Root at this size", &provenance.root.to_string());
    body.fact("Checkpoint signed", &format!("{}, {} UTC", day(signed.date()), signed.strftime("%H:%M")));
    body.fact("Catalog in force", &provenance.catalog.to_string());
    body.fact("Outside anchors", &anchors(&provenance.anchoring));
}

fn anchors(anchoring: &Anchoring) -> String {
    match anchoring {
        Anchoring::OwnKeyOnly => "None: the record is intact under the organization's own key only.".to_owned(),
        Anchoring::Outside { holders, checkpoints, longest_gap_days, longest_gap_from } => format!(
            "{} held by {}. Longest stretch without one: {}, from {}.",
            counted(*checkpoints, "checkpoint", "checkpoints"),
            in_words(holders),
            counted(*longest_gap_days, "day", "days"),
            day(*longest_gap_from)
        ),
    }
}

fn tick_marks(body: &mut Body<'_>) -> Result<(), Error> {
    body.heading(2, "The tick marks");
    let figures = body.numbering.figures.clone();
    body.paragraph(
        Style::Normal,
        "Each figure in this document carries a tick mark. The table says what the figure counts, the beginning of the digest \
         (SHA-256) of what it was computed from or, where the firm counted, of the firm's own words, and the ledger entry that \
         records it. A figure that counts facts of the ledger has no digest of its own: its entry is the newest of those counted, \
         and the root above is over all of them. Full digests are in the figures file beside this document in its package.",
    );
    let mut rows = Vec::new();
    for numbered in figures {
        let mark = body.words(&format!("\u{2713}{}", numbered.tick), Style::Normal);
        let mark = body.bookmarked(&format!("tick_{}", numbered.tick), &mark);
        let mark = body.cell(|body| {
            body.paragraph_of(Style::TableText, "", false, &mark);
            Ok(())
        })?;
        let digest = numbered.figure.digest.map_or("–".to_owned(), |digest| digest.short());
        let entry = numbered.figure.entry.map_or("–".to_owned(), |entry| entry.to_string());
        rows.push(vec![
            mark,
            body.text_cell(&numbered.shown),
            body.named_cell(&numbered.figure.counts),
            body.styled_cell(&digest, Style::Verbatim),
            body.text_cell(&entry),
        ]);
    }
    let columns = [("Mark", 10), ("Figure", 17), ("What it counts", 46), ("Digest", 18), ("Entry", 9)];
    body.table("Tick marks", &columns, rows);
    Ok(())
}
