//! `GET /controls`: the control set.

use maud::html;
use tickmark_app::ListedControl;

use super::{
    ask::{Ask, Page},
    figure::{figure, grouped},
    pager::Pager,
    problem::Problem,
};

/// Lines on a page of the list.
const ON_PAGE: u64 = 50;

/// `GET /controls`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let engagement = ask.value("engagement");
    let words = ask.value("q").to_lowercase();
    let shown: Vec<ListedControl> = ask
        .moment
        .controls()
        .into_iter()
        .filter(|control| engagement.is_empty() || control.engagements.iter().any(|id| id == engagement))
        .filter(|control| {
            let text = format!("{} {} {}", control.id, control.title, control.owner_role).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        })
        .collect();
    let pager = Pager::of(ask, ON_PAGE, shown.len() as u64)?;
    Ok(Page::new(
        "Controls",
        html! {
            h1 { "Controls" }
            p.lead { "One shared control set; each engagement reads it through its own criteria or control objectives." }
            form.search method="get" action="/controls" role="search" {
                @for (name, value) in ask.kept(&["q"]) { input type="hidden" name=(name) value=(value); }
                label.hidden for="q" { "Search controls" }
                input id="q" name="q" type="search" placeholder="Control, words of its title, owner" value=(ask.value("q"));
                button { "Search" }
            }
            p.soft { (grouped(shown.len() as u64)) " controls" }
            @if shown.is_empty() { p.empty { "None fits. Controls join the control set when the compliance lead adopts them." } }
            @else {
                table.cards {
                    thead { tr { th scope="col" { "Control" } th scope="col" { "Owner" } th scope="col" { "In scope of" } th.number scope="col" { "Control tests" } th.number scope="col" { "Versions" } } }
                    tbody { @for control in pager.slice(&shown) {
                        @let at = ask.to(&["controls", &control.id]);
                        tr {
                            td.what { a href=(at) { (control.id) } " " (control.title) }
                            td data-label="Owner" { (control.owner_role) }
                            td data-label="In scope of" { @for (index, engagement) in control.engagements.iter().enumerate() { @if index > 0 { ", " } (ask.report(engagement)) } }
                            td.number data-label="Control tests" { (figure(control.tests, &format!("{at}#tests"))) }
                            td.number data-label="Versions" { (figure(control.versions, &format!("{at}#versions"))) }
                        }
                    } }
                }
                (pager.draw(ask))
            }
        },
    ))
}
