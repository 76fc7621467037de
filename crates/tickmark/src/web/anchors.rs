//! `GET /anchors`: who outside holds checkpoints of the ledger.

use maud::html;

use super::{
    ask::{Ask, Page},
    figure::{figure, grouped, said, time, whole_digest},
    problem::Problem,
};

/// `GET /anchors`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let anchors = ask.moment.anchors()?;
    let stretch = ask.moment.unanchored()?;
    Ok(Page::new(
        "Outside anchors",
        html! {
            h1 { "Outside anchors" }
            p.lead { "A checkpoint that somebody outside holds cannot be rewritten unseen. Between two of them, the house could have." }
            @match &stretch {
                Some(stretch) => p { "The longest stretch without one began " (time(stretch.longest_from)) " and lasted " (grouped(stretch.longest_days)) @if stretch.longest_days == 1 { " day" } @else { " days" } ", rounded up." },
                None => p.reason { (said("None: the ledger is intact under the organization's own key only. `tickmark ledger` sends checkpoints to a time-stamp authority, a mailbox, another installation or a witness.")) },
            }
            @if !anchors.is_empty() {
                table.cards {
                    thead { tr { th scope="col" { "Held by" } th scope="col" { "Since" } th.number scope="col" { "Ledger size" } th scope="col" { "Root" } } }
                    tbody { @for anchor in &anchors { tr {
                        td.what { (anchor.holder) }
                        td data-label="Since" { (time(anchor.at)) }
                        td.number data-label="Ledger size" { (figure(anchor.size, &ask.to(&["ledger", &anchor.size.saturating_sub(1).to_string()]))) }
                        td data-label="Root" { (whole_digest(&anchor.root)) }
                    } } }
                }
            }
        },
    ))
}
