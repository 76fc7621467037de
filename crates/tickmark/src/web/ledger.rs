//! `GET /ledger`: the entries, newest first.

use maud::html;
use tickmark_app::ENTRIES_ON_PAGE;

use super::{
    ask::{Ask, Page},
    figure::{figure, grouped, time},
    pager::Pager,
    problem::Problem,
};

/// `GET /ledger`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let pager = Pager::of(ask, ENTRIES_ON_PAGE, ask.moment.size())?;
    let entries = ask.moment.entries(ask.page()?)?;
    Ok(Page::new(
        "Ledger",
        html! {
            h1 { "Ledger" }
            p.lead { "Every fact in the order in which it was recorded. An entry holds ids, digests, dates and counts; nothing in it is ever changed." }
            p { (figure(ask.moment.size(), "#list")) " entries. " a href=(ask.to(&["anchors"])) { "Outside anchors" } }
            table.cards id="list" {
                thead { tr { th.number scope="col" { "Entry" } th scope="col" { "Events" } th scope="col" { "Stream" } th scope="col" { "Recorded" } th scope="col" { "By" } } }
                tbody { @for entry in &entries {
                    @let at = ask.to(&["ledger", &entry.index.to_string()]);
                    tr {
                        td.number data-label="Entry" { (figure(entry.index, &at)) }
                        td data-label="Events" { @for (index, (kind, count)) in entry.events.iter().enumerate() { @if index > 0 { ", " } @if *count > 1 { a.figure href=(at) { (grouped(*count)) } " × " } (kind) } }
                        td data-label="Stream" { (entry.stream) }
                        td data-label="Recorded" { (time(entry.at)) }
                        td data-label="By" { (entry.by) }
                    }
                } }
            }
            (pager.draw(ask))
        },
    ))
}
