//! The list of exceptions, with facets and a search: part of `GET /`.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tickmark_app::ListedException;

use super::{
    ask::Ask,
    exception::population,
    figure::{STATES, figure, grouped, said, severity, state},
    pager::Pager,
    problem::Problem,
};

/// Lines on a page of the list.
const ON_PAGE: u64 = 50;

/// A facet: its name in the query, its title, and the values an exception has.
type Facet = (&'static str, &'static str, fn(&ListedException) -> Vec<String>);

const FACETS: [Facet; 4] = [
    ("engagement", "Engagement", |line| line.engagements.clone()),
    ("state", "State", |line| vec![line.state.to_string()]),
    ("severity", "Severity", |line| vec![line.severity.to_owned()]),
    ("test", "Control test", |line| vec![line.origin.to_string()]),
];

/// The list, as the query narrows it.
pub fn list(ask: &Ask) -> Result<Markup, Problem> {
    let all = ask.moment.exceptions();
    let mut shown: Vec<ListedException> = all.iter().filter(|line| is_asked(ask, line, "")).cloned().collect();
    shown.sort_by(|a, b| rank(a.severity).cmp(&rank(b.severity)).then_with(|| a.id.cmp(&b.id)));
    let pager = Pager::of(ask, ON_PAGE, shown.len() as u64)?;
    let is_narrowed = shown.len() < all.len() || !ask.value("q").is_empty();
    Ok(html! {
        section.list aria-labelledby="exceptions" {
            h2 id="exceptions" { "Exceptions of management's testing" }
            form.search method="get" action="/" role="search" {
                @for (name, value) in ask.kept(&["q"]) { input type="hidden" name=(name) value=(value); }
                label.hidden for="q" { "Search exceptions" }
                input id="q" name="q" type="search" placeholder="Control, control test or words of its title" value=(ask.value("q"));
                button { "Search" }
            }
            div.facets { @for facet in FACETS { (facet_part(ask, &all, facet)) } }
            p.soft aria-live="polite" { (grouped(shown.len() as u64)) " of " (grouped(all.len() as u64)) " exceptions"
                @if is_narrowed { ". " a href=(ask.to(&[])) { "Show all" } } }
            @if all.is_empty() { p.empty { (said("None. An exception appears here when a control test returns rows: `tickmark test`.")) } }
            @else if shown.is_empty() { p.empty { "None fits. Take a facet away or search for fewer words." } }
            @else {
                table.cards {
                    thead { tr { th scope="col" { "Exception" } th scope="col" { "Controls" } th scope="col" { "Severity" } th scope="col" { "State" } th.number scope="col" { "Items" } th.number scope="col" { "Population" } } }
                    tbody { @for line in pager.slice(&shown) { (row(ask, line)) } }
                }
                (pager.draw(ask))
            }
        }
    })
}

fn row(ask: &Ask, line: &ListedException) -> Markup {
    let at = ask.to(&["exceptions", line.id.as_str()]);
    html! {
        tr {
            td.what { a href=(at) { (line.title) } div.soft { (line.id) } }
            td data-label="Controls" { div.ids { @for control in &line.controls { a href=(ask.to(&["controls", control])) { (control) } " " } } }
            td data-label="Severity" { (severity(line.severity)) }
            td data-label="State" { (state(line.state)) }
            td.number data-label="Items" { (figure(line.items, &at)) }
            td.number data-label="Population" { (figure(line.population, &population(ask, line))) }
        }
    }
}

/// One facet: its values as links, each with how many exceptions it would leave; the one chosen can be taken away.
fn facet_part(ask: &Ask, all: &[ListedException], (name, title, values): Facet) -> Markup {
    let chosen = ask.value(name);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for line in all.iter().filter(|line| is_asked(ask, line, name)) {
        for value in values(line) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut ordered: Vec<(String, u64)> = counts.into_iter().collect();
    match name {
        "state" => ordered.sort_by_key(|(value, _)| STATES.iter().position(|state| state.to_string() == *value)),
        "severity" => ordered.sort_by_key(|(value, _)| rank(value)),
        _ => {}
    }
    let called = |value: &str| if name == "engagement" { ask.report(value) } else { value.to_owned() };
    let links = html! {
        ul { @for (value, count) in &ordered {
            @let is_chosen = value == chosen;
            li { a href=(ask.with(name, if is_chosen { "" } else { value })) aria-current=[is_chosen.then_some("true")] {
                (called(value)) " " span.count { (grouped(*count)) } @if is_chosen { span.away aria-label=", take away" { " ×" } } } }
        } }
    };
    html! {
        @if ordered.len() > 8 && chosen.is_empty() { details.facet { summary { (title) " " span.count { (grouped(ordered.len() as u64)) } } (links) } }
        @else if !ordered.is_empty() { div.facet { h3 { (title) } (links) } }
    }
}

/// Whether the query asks for the line; `but` leaves one facet out, so that its other values can be counted.
fn is_asked(ask: &Ask, line: &ListedException, but: &str) -> bool {
    let fits = |(name, _, values): &Facet| {
        let chosen = ask.value(name);
        *name == but || chosen.is_empty() || values(line).iter().any(|value| value == chosen)
    };
    let text = format!("{} {} {} {}", line.id, line.title, line.controls.join(" "), line.origin).to_lowercase();
    let words = ask.value("q").to_lowercase();
    FACETS.iter().all(fits) && words.split_whitespace().all(|word| text.contains(word))
}

fn rank(severity: &str) -> usize {
    ["high", "medium", "low"].iter().position(|known| *known == severity).unwrap_or(3)
}
