//! `GET /extracts` and `GET /control-tests/{test}/extracts`: what was collected, and what a result read of it.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tickmark_app::{ExtractsAddedUp, Left, ListedExtract, ReadAgain};

use super::{
    ask::{Ask, Page},
    figure::{agreed, days, digest, figure, grouped, said, time},
    pager::Pager,
    problem::Problem,
};

/// Lines on a page of the list.
const ON_PAGE: u64 = 50;

/// `GET /extracts`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let all = ask.moment.extracts();
    let dataset = ask.value("dataset");
    let shown: Vec<ListedExtract> =
        all.iter().filter(|extract| dataset.is_empty() || extract.dataset == dataset).cloned().collect();
    let mut datasets: BTreeMap<&str, u64> = BTreeMap::new();
    all.iter().for_each(|extract| *datasets.entry(&extract.dataset).or_default() += 1);
    let pager = Pager::of(ask, ON_PAGE, shown.len() as u64)?;
    Ok(Page::new(
        "Extracts",
        html! {
            h1 { "Extracts" }
            p.lead { "What was collected: rows, the source's own count beside them, and the manifest that names every byte." }
            div.facets { details.facet open[!dataset.is_empty()] { summary { "Dataset " span.count { (grouped(datasets.len() as u64)) } } ul { @for (name, count) in &datasets {
                @let is_chosen = *name == dataset;
                li { a href=(ask.with("dataset", if is_chosen { "" } else { name })) aria-current=[is_chosen.then_some("true")] { (name) " " span.count { (grouped(*count)) } @if is_chosen { span.away aria-label=", take away" { " ×" } } } }
            } } } }
            @if shown.is_empty() { p.empty { (said("None. `tickmark collect` draws extracts from approved sources.")) } }
            @else { (summary(&shown, "#list")) (table(ask, pager.slice(&shown))) (pager.draw(ask)) }
        },
    ))
}

/// `GET /control-tests/{test}/extracts`
pub fn read_by_control_test(ask: &Ask) -> Result<Page, Problem> {
    let view = ask.moment.control_test(ask.part("test"))?;
    let pager = Pager::of(ask, ON_PAGE, view.inputs.len() as u64)?;
    let title = format!("Extracts read by {}", view.test.id);
    let content = html! {
        p.ref { a href=(ask.to(&["control-tests", &view.test.id])) { "Control test " (view.test.id) } }
        h1 { "What the newest result read" }
        (summary(&view.inputs, "#list"))
        (table(ask, pager.slice(&view.inputs)))
        (pager.draw(ask))
    };
    Ok(Page::new(title, content))
}

/// Extracts that count, their rows and the sources' own counts, added up.
pub fn summary(extracts: &[ListedExtract], at: &str) -> Markup {
    let sum = ExtractsAddedUp::of(extracts);
    html! {
        p { @match sum.rows { Some(rows) => (figure(rows, at)), None => "No sum of" } " rows in " (figure(sum.extracts, at)) " extracts. The source gave its own count for " (figure(sum.counted, at)) "; "
            (figure(sum.agreeing, at)) " agree. Not complete: " (figure(sum.incomplete, at)) "."
            @if sum.rows.is_none() { " Newer extracts took some days of older ones, and nobody counted the rows of the others." }
            @if sum.read_again > 0 { " Read again: " (figure(sum.read_again, at)) " more, whose place newer ones of the same days took." } }
    }
}

/// Extracts, a line each.
pub fn table(ask: &Ask, extracts: &[ListedExtract]) -> Markup {
    html! {
        table.cards id="list" {
            thead { tr { th scope="col" { "Dataset" } th scope="col" { "Covers" } th.number scope="col" { "Rows" } th.number scope="col" { "Source's count" } th scope="col" { "Count" } th scope="col" { "Complete" } th scope="col" { "Extracted" } th scope="col" { "Manifest" } th.number scope="col" { "Entry" } } }
            tbody { @for extract in extracts {
                @let at = ask.to(&["extracts", &extract.manifest.to_string()]);
                tr {
                    td.what { a href=(ask.to_query(&["extracts"], &[("dataset", &extract.dataset)])) { (extract.dataset) } div.soft { "from " (extract.source) } }
                    td data-label="Covers" { (days(extract.covers)) }
                    td.number data-label="Rows" { (figure(extract.rows, &at)) }
                    td.number data-label="Source's count" { @match extract.source_rows { Some(rows) => (figure(rows, &at)), None => "none" } }
                    td data-label="Count" { (agreed(extract.rows, extract.source_rows)) }
                    td data-label="Complete" { (complete(extract.complete)) @if extract.unreconciled.is_some() { div.soft { "its series does not reconcile" } } @match extract.left { Left::Nothing => div.soft { "read again since" }, Left::Part => div.soft { "read again since in part" }, Left::Whole => {} } @if let Some(rows) = extract.read_again { div.soft { (changes(rows)) } } }
                    td data-label="Extracted" { (time(extract.extracted_at)) }
                    td data-label="Manifest" { a href=(at) { (digest(&extract.manifest)) } }
                    td.number data-label="Entry" { (figure(extract.entry, &ask.to(&["ledger", &extract.entry.to_string()]))) }
                }
            } }
        }
    }
}

/// How rows differ from those that were read before.
pub fn changes(rows: ReadAgain) -> String {
    if rows.is_same() {
        return "same rows as before".to_owned();
    }
    let ReadAgain { late, restated, vanished } = rows;
    format!("{} late, {} restated, {} vanished", grouped(late), grouped(restated), grouped(vanished))
}

/// Whether an extract is complete, as mark and word.
pub fn complete(complete: bool) -> Markup {
    if complete {
        html! { span.mark.good { span.sign aria-hidden="true" { "✓" } "complete" } }
    } else {
        html! { span.mark.bad { span.sign aria-hidden="true" { "✗" } "not complete" } }
    }
}
