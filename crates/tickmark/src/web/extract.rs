//! `GET /extracts/{manifest}`: where an extract comes from, and what shows that it is complete.

use maud::{Markup, html};
use tickmark_app::Left;

use super::{
    ask::{Ask, Page},
    extracts::{changes, complete},
    figure::{agreed, days, digest, figure, grouped, grouped_decimal, time, whole_digest},
    problem::Problem,
};

/// `GET /extracts/{manifest}`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let view = ask.moment.extract(ask.part("manifest"))?;
    let listed = &view.listed;
    let rows = ask.to(&["extracts", &listed.manifest.to_string(), "rows"]);
    let entry = ask.to(&["ledger", &listed.entry.to_string()]);
    Ok(Page::new(
        format!("Extract of {}", listed.dataset),
        html! {
            p.ref { "Extract " (digest(&listed.manifest)) }
            h1 { (view.title) }
            dl.facts {
                div { dt { "Complete" } dd { (complete(listed.complete)) @if let Some(series) = listed.unreconciled { div.soft { "the series of " (days(series)) " does not reconcile" } } } }
                div { dt { "Counts" } dd { @match listed.left { Left::Whole => "for all its days", Left::Part => "for some of its days: newer extracts took the others", Left::Nothing => "for none of its days: newer extracts took them" } } }
                @if let Some(rows) = listed.read_again { div { dt { "Read again" } dd { (changes(rows)) } } }
                div { dt { "Rows stored" } dd { (figure(listed.rows, &rows)) } }
                div { dt { "Source's own count" } dd { @match listed.source_rows { Some(count) => { (figure(count, &entry)) " " }, None => "" } (agreed(listed.rows, listed.source_rows)) } }
                div { dt { "Covers" } dd { (days(listed.covers)) } }
                div { dt { "Extracted" } dd { (time(listed.extracted_at)) } }
                div { dt { "Dataset" } dd { a href=(ask.to_query(&["extracts"], &[("dataset", &listed.dataset)])) { (listed.dataset) } } }
                div { dt { "Source" } dd { (listed.source) } }
                div { dt { "Recorded" } dd { a href=(entry) { "entry " (grouped(listed.entry)) } } }
                div { dt { "Personal data" } dd { @if view.personal { "yes: encrypted under a key of its own" } @else { "no" } } }
                div { dt { "Manifest" } dd { (whole_digest(&listed.manifest)) } }
            }
            p.soft { "Complete means: the collection ended, and rows and control totals equal the source's own where it gives them." }
            @match &view.manifest {
                None => p.reason { "The manifest and its rows were erased. The digest and this entry stay." },
                Some(manifest) => {
                    h2 id="totals" { "Control totals" }
                    @if manifest.control_totals.is_empty() { p.empty { "None: the dataset declares no column whose sum the source must confirm." } }
                    @else { table.cards.compact {
                        thead { tr { th scope="col" { "Column" } th.number scope="col" { "Sum of the rows stored" } th.number scope="col" { "Source's own sum" } th scope="col" { "Agreement" } } }
                        tbody { @for total in &manifest.control_totals { tr {
                            td.what { code { (total.column) } }
                            td.number data-label="Sum of the rows stored" { a.figure href=(rows) { (grouped_decimal(&total.stored)) } }
                            td.number data-label="Source's own sum" { @match &total.source { Some(sum) => a.figure href=(entry) { (grouped_decimal(sum)) }, None => "none" } }
                            td data-label="Agreement" { (agreement(total.agrees())) }
                        } } }
                    } }
                    h2 { "Provenance" }
                    dl.facts.wide {
                        div { dt { "Asked for" } dd { code { (manifest.request) } } }
                        @for (name, value) in &manifest.parameters { div { dt { code { (name) } } dd { code { (value) } } } }
                        div { dt { "Extractor" } dd { (manifest.extractor.name) " " (manifest.extractor.version) } }
                        @if let Some(on) = manifest.effective_on { div { dt { "State of" } dd { (on) } } }
                        @if let Some(period) = &manifest.period { div { dt { "Window of booking dates" } dd { (period.first) " to " (period.last) } } }
                        div { dt { "Format" } dd { (manifest.format) } }
                    }
                    h2 { "Columns" }
                    p.soft { "A row is named by " (manifest.key.join(", ")) "." }
                    table.cards.compact {
                        thead { tr { th scope="col" { "Column" } th scope="col" { "Type" } th scope="col" { "Required" } } }
                        tbody { @for column in &manifest.columns { tr { td.what { code { (column.name) } } td data-label="Type" { (column.kind) } td data-label="Required" { @if column.required { "yes" } @else { "no" } } } } }
                    }
                    h2 { "Files" }
                    table.cards.compact {
                        thead { tr { th scope="col" { "Object" } th.number scope="col" { "Rows" } th.number scope="col" { "Row groups" } th.number scope="col" { "Bytes" } } }
                        tbody { @for part in &manifest.parts { tr {
                            td.what { (digest(&part.object)) }
                            td.number data-label="Rows" { (figure(part.rows, &rows)) }
                            td.number data-label="Row groups" { (grouped(part.row_groups.len() as u64)) }
                            td.number data-label="Bytes" { (grouped(part.bytes)) }
                        } } }
                    }
                }
            }
            h2 { "Control tests that read the dataset" }
            @if view.tests.is_empty() { p.empty { "None of the catalog in force." } }
            @else { ul.plain { @for test in &view.tests { li { a href=(ask.to(&["control-tests", test])) { (test) } } } } }
        },
    ))
}

fn agreement(agrees: Option<bool>) -> Markup {
    match agrees {
        Some(true) => html! { span.mark.good { span.sign aria-hidden="true" { "Σ" } "agrees" } },
        Some(false) => html! { span.mark.bad { span.sign aria-hidden="true" { "✗" } "differs" } },
        None => html! { span.mark.calm { span.sign aria-hidden="true" { "–" } "no sum given" } },
    }
}
