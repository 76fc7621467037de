//! What every page has: head, engagement switcher, ways to the lists, the moment it shows, and what it was drawn from.

use maud::{DOCTYPE, Markup, html};

use super::{
    ask::{Ask, Page},
    figure::{grouped, time, whole_digest},
    guard,
    problem::Problem,
    style,
};

/// The lists over every page: the first part of their path, and their name.
const LISTS: [(&str, &str); 5] = [
    ("", "Standing"),
    ("control-tests", "Control tests"),
    ("controls", "Controls"),
    ("extracts", "Extracts"),
    ("ledger", "Ledger"),
];

/// A page of somebody who is signed in.
pub fn page(ask: &Ask, page: &Page) -> Result<Markup, Problem> {
    let moment = &ask.moment;
    let organization = moment.organization()?;
    let recorded_at = moment.recorded_at()?;
    let root = if moment.size() > 0 { Some(moment.root()?) } else { None };
    let here = match ask.path().split('/').nth(1).unwrap_or_default() {
        "exceptions" | "engagements" => "",
        "anchors" => "ledger",
        list => list,
    };
    let chosen = ask.value("engagement");
    let switches = matches!(ask.path(), "/" | "/control-tests" | "/controls");
    let switch = |engagement: &str| {
        if switches { ask.with("engagement", engagement) } else { ask.to_query(&[], &[("engagement", engagement)]) }
    };
    Ok(document(
        &page.title,
        &html! {
            a.skip href="#content" { "To the content" }
            header {
                p.brand { a href=(ask.to(&[])) { span aria-hidden="true" { "✓ " } "Tickmark" } span.org { (organization) } }
                nav.switch aria-label="Engagement" {
                    a href=(switch("")) aria-current=[(switches && chosen.is_empty()).then_some("true")] { "All" }
                    @for (id, report) in moment.reports() {
                        a href=(switch(&id)) aria-current=[(switches && chosen == id).then_some("true")] { (report) }
                    }
                }
                form.who method="post" action=(guard::SIGN_OUT) { (ask.person_in_words) " · " button { "Sign out" } }
                nav.lists aria-label="Lists" {
                    @for (part, name) in LISTS {
                        @let parts = [part];
                        a href=(ask.to(if part.is_empty() { &[] } else { &parts })) aria-current=[(here == part).then_some("page")] { (name) }
                    }
                }
            }
            @if let Some(at) = ask.at {
                aside.past role="note" {
                    p {
                        strong { "A past moment: ledger size " (grouped(at)) " of " (grouped(ask.newest)) "." }
                        @if let Some(recorded_at) = recorded_at { " Its last entry was recorded " (time(recorded_at)) "." }
                        " What was recorded later is not on this page. "
                        a href=(ask.with("at", "")) { "Show now" }
                    }
                }
            }
            main id="content" { (page.content) }
            footer {
                p {
                    "Drawn from ledger size " a.figure href=(ask.to(&["ledger"])) { (grouped(moment.size())) }
                    @if let Some(recorded_at) = recorded_at { ", recorded " (time(recorded_at)) }
                    @if let Some(root) = root { ". Root " (whole_digest(&root)) }
                    ". Catalog " (whole_digest(&moment.catalog().digest())) "."
                }
                form.past method="get" action=(ask.path()) {
                    @for (name, value) in ask.kept(&["at"]) { input type="hidden" name=(name) value=(value); }
                    label for="at" { "This page as it was at ledger size, or instant" }
                    input id="at" name="at" size="20" value=[ask.at];
                    button { "Show" }
                }
            }
        },
    ))
}

/// A page for anybody: it names no organization and no person.
pub fn bare(title: &str, content: &Markup) -> Markup {
    document(
        title,
        &html! {
            header { p.brand { a href="/" { span aria-hidden="true" { "✓ " } "Tickmark" } } }
            main id="content" { (content) }
        },
    )
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-US" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Tickmark" }
                link rel="stylesheet" href=(style::SHEET.path());
                link rel="icon" type="image/svg+xml" href=(style::MARK.path());
            }
            body { (body) }
        }
    }
}
