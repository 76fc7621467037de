//! `GET /ledger/{index}`: an entry as recorded, its place in the tree, and its neighbors.

use maud::{Markup, html};
use serde_json::Value;
use tickmark_app::EntryView;

use super::{
    ask::{Ask, Page},
    figure::{figure, grouped, time, whole_digest},
    problem::Problem,
};

/// `GET /ledger/{index}`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let view = ask.moment.entry(ask.part("index"))?;
    let index = view.listed.index;
    Ok(Page::new(
        format!("Entry {index}"),
        html! {
            p.ref { "Ledger entry" }
            h1 { "Entry " (grouped(index)) }
            (neighbors(ask, &view))
            dl.facts {
                div { dt { "Recorded" } dd { (time(view.listed.at)) } }
                div { dt { "By" } dd { (view.listed.by) } }
                div { dt { "Stream" } dd { (view.listed.stream) } }
                div { dt { "Command" } dd { code { (view.entry.command) } } }
            }
            h2 { "What it says" }
            div.events { @for event in view.events() { (event_part(ask, event)) } }
            (proof(ask, &view))
            details.case { summary { "The bytes that are hashed (" (grouped(view.text.len() as u64)) ", canonical JSON)" } pre.raw tabindex="0" { code { (view.text) } } }
        },
    ))
}

fn neighbors(ask: &Ask, view: &EntryView) -> Markup {
    let index = view.listed.index;
    let at = |index: u64| ask.to(&["ledger", &index.to_string()]);
    let link = |to: Option<u64>, rel: &'static str, word: &'static str| {
        html! { @if let Some(to) = to { a href=(at(to)) rel=(rel) { (word) " " (grouped(to)) } } }
    };
    html! {
        nav.pager aria-label="Neighbors" {
            (link(index.checked_sub(1), "prev", "Before:"))
            (link(Some(index + 1).filter(|next| *next < view.size), "next", "After:"))
            (link(view.entry.prev, "prev", "Before in this stream:"))
            (link(view.next, "next", "After in this stream:"))
        }
    }
}

fn proof(ask: &Ask, view: &EntryView) -> Markup {
    html! {
        h2 id="proof" { "Place in the tree" }
        p {
            @if view.leads_to_root { span.mark.good { span.sign aria-hidden="true" { "✓" } "Followed just now" } ": the hashes below lead from this entry to the root." }
            @else { span.mark.bad { span.sign aria-hidden="true" { "✗" } "Does not lead to the root" } ". Run `tickmark ledger check`." }
        }
        dl.facts.wide {
            div { dt { "Position" } dd { (grouped(view.listed.index)) ", counted from 0, of " a.figure href=(ask.to(&["ledger"])) { (grouped(view.size)) } } }
            div { dt { "Leaf hash" } dd { (whole_digest(&view.leaf)) } }
            div { dt { "Path" } dd { ol.path { @for hash in &view.path { li { (whole_digest(hash)) } } } } }
            div { dt { "Root" } dd { (whole_digest(&view.root)) } }
            div { dt { "First held outside" } dd { @match &view.anchor {
                Some((holder, at, size)) => { a href=(ask.to(&["anchors"])) { "by " (holder) } ", " (time(*at)) ", in the checkpoint of size " (figure(*size, &ask.to(&["ledger", &size.saturating_sub(1).to_string()]))) },
                None => "not yet: intact under the organization's own key only",
            } } }
        }
        @if let Some((_, note)) = &view.checkpoint {
            details.case { summary { "The first signed checkpoint that contains it" } pre.raw tabindex="0" { code { (note) } } }
        }
    }
}

/// Fields that name the subject of an event, the most telling first.
const SUBJECTS: [&str; 5] = ["exception", "manifest", "test", "control", "engagement"];

/// One event: its type, and its fields as they stand in the entry.
fn event_part(ask: &Ask, event: &Value) -> Markup {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or("Of the ledger itself");
    // What an event counts lies behind its subject.
    let of = |name: &str| address(ask, name, event.get(name)?.as_str()?);
    let subject = SUBJECTS.iter().find_map(|name| of(name));
    let empty = serde_json::Map::new();
    let fields = event.as_object().unwrap_or(&empty).iter().filter(|(name, _)| *name != "type");
    html! {
        section.event {
            h3 { (kind) }
            dl.facts.wide { @for (name, value) in fields { div { dt { (name.replace('_', " ")) } dd { (field(ask, subject.as_deref(), name, value)) } } } }
        }
    }
}

/// A field's value; what has a page of its own is a link to it.
fn field(ask: &Ask, subject: Option<&str>, name: &str, value: &Value) -> Markup {
    match value {
        Value::Null => html! { span.null { "none" } },
        Value::Bool(true) => html! { "yes" },
        Value::Bool(false) => html! { "no" },
        Value::Number(number) => {
            let text = number.as_u64().map_or_else(|| number.to_string(), grouped);
            html! { @match subject { Some(address) => a.figure href=(address) { (text) }, None => (text) } }
        }
        Value::String(text) => match address(ask, name, text) {
            Some(address) => html! { a href=(address) { (text) } },
            None if text.len() == 64 => html! { code.whole { (text) } },
            None => html! { (text) },
        },
        Value::Array(values) => {
            html! { @for (index, value) in values.iter().enumerate() { @if index > 0 { ", " } (field(ask, subject, name, value)) } }
        }
        Value::Object(fields) => {
            html! { @for (index, (inner, value)) in fields.iter().enumerate() { @if index > 0 { ", " } span.soft { (inner.replace('_', " ")) } " " (field(ask, subject, inner, value)) } }
        }
    }
}

fn address(ask: &Ask, name: &str, text: &str) -> Option<String> {
    match name {
        "exception" => Some(ask.to(&["exceptions", text])),
        "test" => Some(ask.to(&["control-tests", text])),
        "control" => Some(ask.to(&["controls", text])),
        "manifest" => Some(ask.to(&["extracts", text])),
        "dataset" => Some(ask.to_query(&["extracts"], &[("dataset", text)])),
        "engagement" => Some(ask.to_query(&[], &[("engagement", text)])),
        _ => None,
    }
}
