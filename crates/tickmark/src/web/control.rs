//! `GET /controls/{id}`: who does what, for what, and what speaks to it.

use maud::{Markup, html};
use tickmark_app::{Authority, ControlView, FirmTest, legend_of};

use super::{
    ask::{Ask, Page},
    figure::{digest, figure, outcome},
    problem::Problem,
};

/// `GET /controls/{id}`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let view = ask.moment.control(ask.part("control"))?;
    let listed = &view.listed;
    let newest = view.versions.first();
    Ok(Page::new(
        format!("{} {}", listed.id, listed.title),
        html! {
            p.ref { "Control " (listed.id) }
            h1 { (listed.title) }
            @if let Some(newest) = newest { div.prose { p.statement { (newest.statement) } } }
            dl.facts {
                div { dt { "Owner" } dd { (listed.owner_role) @if let Some(newest) = newest { ": " (newest.owner) } } }
                @if let Some(control) = &view.written {
                    div { dt { "Acts" } dd { (word(&control.frequency)) ", " (word(&control.nature)) ", " (word(&control.automation)) } }
                    @if let Some(sampling) = view.sampling { div { dt { "Population" } dd { (word(&sampling)) } } }
                    @if !control.evidence.is_empty() { div { dt { "Shown by" } dd { (control.evidence.join("; ")) } } }
                }
                @if let Some((on, reason)) = &view.dropped { div { dt { "Dropped" } dd { "From " (on) ". " (reason) } } }
                div { dt { "In scope of" } dd { @for (index, engagement) in listed.engagements.iter().enumerate() {
                    @if index > 0 { ", " } a href=(ask.to_query(&[], &[("engagement", engagement)])) { (ask.report(engagement)) } } } }
                div { dt { "Control tests" } dd { (figure(listed.tests, "#tests")) } }
                div { dt { "Versions" } dd { (figure(listed.versions, "#versions")) } }
            }
            (serves("Criteria", &view.criteria))
            (serves("Control objectives", &view.objectives))
            (serves("Risks it addresses", &view.risks))
            (occurrences(ask, &view))
            (tests(ask, &view))
            (firm_tests(ask, &view))
            (conclusions(ask, &view))
            (documents(ask, &view))
            h2 id="versions" { "Versions" }
            table.cards {
                thead { tr { th scope="col" { "True from" } th scope="col" { "Owner" } th scope="col" { "Statement" } th.number scope="col" { "Entry" } } }
                tbody { @for version in &view.versions { tr {
                    td.what { span.date { (version.effective_on) } } td data-label="Owner" { (version.owner) } td data-label="Statement" {
                        (version.statement)
                        @if let Some(reason) = &version.reason { p.ref { "Changed because: " (reason) } }
                    }
                    td.number data-label="Entry" { (figure(version.entry, &ask.to(&["ledger", &version.entry.to_string()]))) }
                } } }
            }
        },
    ))
}

fn serves(title: &str, served: &[(String, String)]) -> Markup {
    html! {
        @if !served.is_empty() {
            h2 { (title) }
            dl.serves { @for (id, text) in served { div { dt { (id) } dd { (text) } } } }
        }
    }
}

fn occurrences(ask: &Ask, view: &ControlView<'_>) -> Markup {
    html! {
        @if !view.occurrences.is_empty() {
            h2 id="occurrences" { "When it was due" }
            table.cards {
                thead { tr { th scope="col" { "Engagement" } th scope="col" { "Days" } th scope="col" { "Week by week" } th scope="col" { "Adds up to" } } }
                tbody { @for due in &view.occurrences { tr {
                    td.what { (ask.report(&due.engagement)) }
                    td data-label="Days" { span.date { (due.span.first) } " to " span.date { (due.span.last) } }
                    td data-label="Week by week" { span.weeks { @for mark in &due.weeks { span title=(mark.words()) { (mark.sign()) } } } }
                    td data-label="Adds up to" { @for sentence in &due.says { p { (sentence) } } }
                } } }
            }
            p.soft { @for (place, (sign, words)) in legend_of(view.occurrences.iter().flat_map(|due| due.weeks.iter().copied())).into_iter().enumerate() {
                @if place > 0 { ", " } span.weeks { (sign) } " " (words)
            } }
        }
    }
}

fn conclusions(ask: &Ask, view: &ControlView<'_>) -> Markup {
    html! {
        h2 id="conclusions" { "Conclusions" }
        @if view.conclusions.is_empty() { p.empty { "No person has concluded yet whether the control operated." } }
        @else { table.cards {
            thead { tr { th scope="col" { "Engagement" } th scope="col" { "The control" } th scope="col" { "Why" } th.number scope="col" { "Entry" } } }
            tbody { @for concluded in &view.conclusions { tr {
                td.what { (ask.report(&concluded.engagement)) }
                td data-label="The control" { (concluded.status)
                    @if let Some(stale) = &concluded.stale_because { p.soft { "Stale: " (stale) } } }
                td data-label="Why" { (concluded.reason) }
                td.number data-label="Entry" { (figure(concluded.entry, &ask.to(&["ledger", &concluded.entry.to_string()]))) }
            } } }
        } }
    }
}

fn tests(ask: &Ask, view: &ControlView<'_>) -> Markup {
    html! {
        h2 id="tests" { "Management's control tests" }
        @if view.tests.is_empty() { p.empty { "None. Whether the control operated rests on documents and on the firm's own tests; it counts as not assessed." } }
        @else { table.cards {
            thead { tr { th scope="col" { "Control test" } th scope="col" { "Engagement" } th scope="col" { "Newest result" } th.number scope="col" { "Items" } th.number scope="col" { "Population" } } }
            tbody { @for test in &view.tests {
                @let at = ask.to(&["control-tests", &test.id]);
                tr {
                    td.what { a href=(at) { (test.title) } div.soft { (test.id) } }
                    td data-label="Engagement" { (ask.report(&test.engagement)) }
                    td data-label="Newest result" { (outcome(test.outcome)) }
                    td.number data-label="Items" { (figure(test.exceptions, &ask.to_query(&[], &[("test", &test.id)]))) }
                    td.number data-label="Population" { (figure(test.population, &format!("{at}#population"))) }
                }
            } }
        } }
        @if !view.offered.is_empty() {
            p.soft { "The catalog has more, for systems that are not connected:" }
            ul.plain { @for test in &view.offered {
                li { a href=(ask.to(&["control-tests", &test.id])) { (test.title) } span.soft { " · " (test.to_connect.join(", ")) } }
            } }
        }
    }
}

fn firm_tests(ask: &Ask, view: &ControlView<'_>) -> Markup {
    html! {
        h2 id="firm-tests" { "Tests that the firm recorded" }
        @if view.firm_tests.is_empty() { p.empty { "None at this moment." } }
        @else { table.cards {
            thead { tr { th scope="col" { "Test" } th scope="col" { "Engagement" } th scope="col" { "Procedure" } th scope="col" { "Performed" } th.number scope="col" { "Items tested" } th.number scope="col" { "Deviations" } th.number scope="col" { "Entry" } } }
            tbody { @for (engagement, id, test) in &view.firm_tests {
                @let at = ask.to(&["ledger", &test.entry.to_string()]);
                tr {
                    td.what { (id) }
                    td data-label="Engagement" { (ask.report(engagement)) }
                    td data-label="Procedure" { (procedure(test)) }
                    td data-label="Performed" { (test.performed_on) }
                    td.number data-label="Items tested" { (figure(test.items_tested, &at)) }
                    td.number data-label="Deviations" { (figure(test.deviations, &at)) }
                    td.number data-label="Entry" { (figure(test.entry, &at)) }
                }
            } }
        } }
    }
}

/// What the firm did, in words.
pub fn procedure(test: &FirmTest) -> String {
    let nature = word(&test.nature);
    match &test.authority {
        Authority::Own => format!("{nature}, its own"),
        Authority::Adopted { test, .. } => format!("{nature} and adoption of {test}"),
    }
}

fn documents(ask: &Ask, view: &ControlView<'_>) -> Markup {
    html! {
        h2 { "Documents" }
        @if view.documents.is_empty() { p.empty { "None." } }
        @else { table.cards {
            thead { tr { th scope="col" { "Document" } th scope="col" { "Source" } th scope="col" { "Dated" } th.number scope="col" { "Entry" } } }
            tbody { @for (document, source, dated_on, entry) in &view.documents { tr {
                td.what { (digest(document)) } td data-label="Source" { (source) } td data-label="Dated" { (dated_on) }
                td.number data-label="Entry" { (figure(*entry, &ask.to(&["ledger", &entry.to_string()]))) }
            } } }
        } }
    }
}

/// The catalog's own word for a kind, with its hyphens as spaces.
fn word<T: serde::Serialize>(kind: &T) -> String {
    let word = serde_json::to_value(kind).ok();
    word.as_ref()
        .and_then(|word| word.as_str())
        .unwrap_or_default()
        .replace('-', " ")
        .replace("it dependent", "IT-dependent")
}
