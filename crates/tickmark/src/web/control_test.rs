//! `GET /control-tests/{test}`: what it tests, its results, what it read, its SQL, and the cases that prove it.

use maud::{Markup, html};
use tickmark_app::{Case, CaseKind, ControlTestView, Expect, Rows};

use super::{
    ask::{Ask, Page},
    extracts,
    figure::{days, figure, grouped, outcome, said, severity, unproven, whole_digest},
    pager::Pager,
    problem::Problem,
    sql,
};

/// Results on a page.
const ON_PAGE: u64 = 50;

/// Extracts shown here; all of them have a page of their own.
const INPUTS_SHOWN: usize = 12;

/// `GET /control-tests/{test}`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let view = ask.moment.control_test(ask.part("test"))?;
    let test = view.test;
    let canaries = test.cases.iter().filter(|case| case.kind == CaseKind::Canary).count() as u64;
    let exceptions = ask.to_query(&[], &[("test", &test.id)]);
    Ok(Page::new(
        test.title.clone(),
        html! {
            p.ref { "Control test " (test.id) }
            h1 { (test.title) }
            div.prose { p { (said(&test.description)) } }
            dl.facts {
                div { dt { "Newest result" } dd { (outcome(view.results.first().map(|result| result.outcome))) @if view.results.first().is_some_and(|newest| newest.is_unproven()) { " " (unproven()) } } }
                @if let Some(newest) = view.results.first() {
                    div { dt { "Items" } dd { (figure(newest.exceptions, &exceptions)) " of " (figure(newest.population, "#population")) } }
                }
                div { dt { "Severity" } dd { (severity(view.severity)) } }
                div { dt { "Controls" } dd.ids { @for control in &test.controls { a href=(ask.to(&["controls", control])) { (control) } " " } } }
                div { dt { "An item is" } dd { (test.item.join(", ")) } }
                @if !test.assertions.is_empty() { div { dt { "Assertions" } dd { @for (index, assertion) in test.assertions.iter().enumerate() { @if index > 0 { ", " } (assertion.label()) } } } }
                div { dt { "Cases" } dd { (figure(test.cases.len() as u64, "#cases")) ", " (figure(canaries, "#cases")) " of them canaries" } }
            }
            @if !view.to_connect.is_empty() { p.reason { strong { "Not evaluable: " } (view.to_connect.join(", ")) "." } }
            @if let Some(reason) = &view.reason { p.reason { strong { "Why: " } (reason) } }
            p { a href=(exceptions) { "Exceptions of this control test" } }
            (results(ask, &view)?)
            h2 id="inputs" { "What the newest result read" }
            @if view.inputs.is_empty() { p.empty { "Nothing: it has not run, or its evidence is missing." } }
            @else {
                (extracts::summary(&view.inputs, &ask.to(&["control-tests", &test.id, "extracts"])))
                (extracts::table(ask, view.inputs.get(..INPUTS_SHOWN).unwrap_or(&view.inputs)))
                @if view.inputs.len() > INPUTS_SHOWN {
                    p { a href=(ask.to(&["control-tests", &test.id, "extracts"])) { "All " (grouped(view.inputs.len() as u64)) " extracts" } }
                }
            }
            h2 id="population" { "Population" }
            p.soft { "One row an item. The count is over just these rows of just these extracts." }
            (sql::block(&test.population_sql, "population.sql"))
            h2 id="test" { "Test" }
            p.soft { "The rows it returns are exceptions." @if let Some(digest) = &view.sql { " SQL and parameters as the newest result names them: " (whole_digest(digest)) "." } }
            (sql::block(&test.test_sql, "test.sql"))
            @if !test.parameters.is_empty() {
                h2 { "Parameters" }
                table.cards {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Value" } th scope="col" { "Why" } } }
                    tbody { @for (name, parameter) in &test.parameters { tr {
                        td.what { code { "$" (name) } } td data-label="Value" { code { (parameter.value) } } td data-label="Why" { (parameter.why) }
                    } } }
                }
            }
            h2 id="cases" { "Cases" }
            p.soft { "Given rows and what must come back. A canary is caught in memory before each real run, or the run is an error." }
            @for case in &test.cases { (case_part(case)) }
        },
    ))
}

fn results(ask: &Ask, view: &ControlTestView<'_>) -> Result<Markup, Problem> {
    let pager = Pager::of(ask, ON_PAGE, view.results.len() as u64)?;
    let exceptions = ask.to_query(&[], &[("test", &view.test.id)]);
    Ok(html! {
        h2 id="results" { "Results over time" }
        @if view.results.is_empty() { p.empty { (said("It has not run. `tickmark test` runs it.")) } }
        @else {
            p.soft { "Newest first. A run that found just what the one before it found adds no line." }
            table.cards {
                thead { tr { th scope="col" { "Result" } th scope="col" { "Days tested" } th.number scope="col" { "Items" } th.number scope="col" { "Population" } th.number scope="col" { "Late extracts" } th.number scope="col" { "Canaries caught" } th scope="col" { "Engine" } th.number scope="col" { "Entry" } } }
                tbody { @for result in pager.slice(&view.results) {
                    tr {
                        td.what { (outcome(Some(result.outcome))) @if result.is_unproven() { " " (unproven()) } }
                        td data-label="Days tested" { (days(result.span)) }
                        td.number data-label="Items" { (figure(result.exceptions, &exceptions)) }
                        td.number data-label="Population" { (figure(result.population, "#population")) }
                        td.number data-label="Late extracts" { (figure(result.late, "#inputs")) }
                        td.number data-label="Canaries caught" { (figure(result.canaries, "#cases")) }
                        td data-label="Engine" { (result.engine) }
                        td.number data-label="Entry" { (figure(result.entry, &ask.to(&["ledger", &result.entry.to_string()]))) }
                    }
                } }
            }
            (pager.draw(ask))
        }
    })
}

fn case_part(case: &Case) -> Markup {
    let expects = match &case.expect {
        Expect::NoExceptions => "no exceptions".to_owned(),
        Expect::Exceptions(rows) if rows.rows.len() == 1 => "1 exception".to_owned(),
        Expect::Exceptions(rows) => format!("{} exceptions", rows.rows.len()),
    };
    html! {
        details.case {
            summary { @if case.kind == CaseKind::Canary { span.tag { "Canary" } " " } (case.name) span.soft { " · population " (case.expect_population) ", " (expects) } }
            @for (table, rows) in &case.given { h3 { "Given " code { (table) } } (case_table(rows)) }
            @if !case.parameters.is_empty() { h3 { "Parameters" } dl.facts { @for (name, value) in &case.parameters { div { dt { code { "$" (name) } } dd { code { (value) } } } } } }
            h3 { "Expected" }
            @match &case.expect { Expect::NoExceptions => p { "No exceptions." }, Expect::Exceptions(rows) => (case_table(rows)) }
        }
    }
}

fn case_table(rows: &Rows) -> Markup {
    html! {
        div.scroll role="region" aria-label="Rows" tabindex="0" { table.rows {
            thead { tr { @for column in &rows.columns { th scope="col" { (column) } } } }
            tbody { @for row in &rows.rows { tr { @for cell in row { td { @match cell { Some(text) => (text), None => span.null { "null" } } } } } } }
        } }
    }
}
