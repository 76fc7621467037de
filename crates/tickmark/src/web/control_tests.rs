//! `GET /control-tests`: every control test with its newest result over the days of an engagement.

use maud::html;
use tickmark_app::ListedControlTest;

use super::{
    ask::{Ask, Page},
    figure::{OUTCOMES, figure, grouped, outcome, outcome_words, said, severity, unproven},
    pager::Pager,
    problem::Problem,
};

/// Lines on a page of the list.
const ON_PAGE: u64 = 100;

/// `GET /control-tests`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let asked = ask.value("outcome");
    let (engagement, control) = (ask.value("engagement"), ask.value("control"));
    let in_scope: Vec<ListedControlTest> = ask
        .moment
        .control_tests()
        .into_iter()
        .filter(|test| engagement.is_empty() || test.engagement == engagement)
        .filter(|test| control.is_empty() || test.controls.iter().any(|id| id == control))
        .collect();
    let has = |test: &&ListedControlTest| asked.is_empty() || outcome_words(test.outcome).1 == asked;
    let shown: Vec<ListedControlTest> = in_scope.iter().filter(has).cloned().collect();
    let pager = Pager::of(ask, ON_PAGE, shown.len() as u64)?;
    Ok(Page::new(
        "Control tests",
        html! {
            h1 { "Control tests" }
            p.lead { "Each over a whole population, with its newest result over the days of the engagement." }
            div.facets { div.facet { h2 { "Result" } ul { @for kind in OUTCOMES {
                @let word = outcome_words(kind).1;
                @let count = in_scope.iter().filter(|test| test.outcome == kind).count() as u64;
                @let is_chosen = word == asked;
                li { a href=(ask.with("outcome", if is_chosen { "" } else { word })) aria-current=[is_chosen.then_some("true")] {
                    (outcome(kind)) " " span.count { (grouped(count)) } @if is_chosen { span.away aria-label=", take away" { " ×" } } } }
            } } } }
            p.soft { (grouped(shown.len() as u64)) " of " (grouped(in_scope.len() as u64)) " results" @if !control.is_empty() { ", about " (control) } }
            @if shown.is_empty() { p.empty { (said("None. `tickmark test` runs control tests over what was collected.")) } }
            @else {
                table.cards {
                    thead { tr { th scope="col" { "Control test" } th scope="col" { "Engagement" } th scope="col" { "Controls" } th scope="col" { "Severity" } th scope="col" { "Result" } th.number scope="col" { "Items" } th.number scope="col" { "Population" } th.number scope="col" { "Canaries" } } }
                    tbody { @for test in pager.slice(&shown) {
                        @let at = ask.to(&["control-tests", &test.id]);
                        tr {
                            td.what { a href=(at) { (test.title) } div.soft { (test.id) } }
                            td data-label="Engagement" { (ask.report(&test.engagement)) }
                            td data-label="Controls" { div.ids { @for control in &test.controls { a href=(ask.to(&["controls", control])) { (control) } " " } } }
                            td data-label="Severity" { (severity(test.severity)) }
                            td data-label="Result" { (outcome(test.outcome)) @if test.is_unproven() { " " (unproven()) } }
                            td.number data-label="Items" { (figure(test.exceptions, &ask.to_query(&[], &[("test", &test.id)]))) }
                            td.number data-label="Population" { (figure(test.population, &format!("{at}#population"))) }
                            td.number data-label="Canaries" { (figure(test.canaries, &format!("{at}#cases"))) }
                        }
                    } }
                }
                (pager.draw(ask))
            }
        },
    ))
}
