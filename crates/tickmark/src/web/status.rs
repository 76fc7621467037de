//! `GET /`: where every engagement stands, and its exceptions.

use std::sync::{Arc, PoisonError};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use tickmark_app::{EngagementStatus, Error, ExceptionLine, Status};

use super::{Application, layout, sign_in};

/// `GET /`
pub async fn page(State(application): State<Arc<Application>>, headers: HeaderMap) -> Response {
    if sign_in::person(&application, &headers).is_none() {
        return sign_in::refused("Nobody is signed in.");
    }
    let read = tokio::task::spawn_blocking(move || -> Result<(Status, Vec<ExceptionLine>), Error> {
        let mut house = application.house.lock().unwrap_or_else(PoisonError::into_inner);
        house.refresh()?;
        Ok((house.status(None)?, house.exceptions(None)?))
    });
    match read.await {
        Ok(Ok((status, exceptions))) => {
            layout::page(&status.organization, &content(&status, &exceptions)).into_response()
        }
        Ok(Err(error)) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(why: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, layout::page("Error", &html! { p { (why) } })).into_response()
}

fn content(status: &Status, exceptions: &[ExceptionLine]) -> Markup {
    html! {
        h1 { (status.organization) }
        p.soft { "Ledger at " (grouped(status.ledger_size)) " entries. " (status.anchoring) }
        @for engagement in &status.engagements { (engagement_part(engagement)) }
        h2 { "Exceptions of management's testing" }
        @if exceptions.is_empty() { p { "None. Exceptions appear here when a control test returns rows." } }
        @else {
            div.scroll { table {
                thead { tr { th { "Control" } th { "What was tested" } th.number { "Items" } th.number { "Population" } th { "State" } } }
                tbody { @for line in exceptions {
                    tr {
                        td { (line.controls.join(" ")) }
                        td { (line.title) br; span.soft { (line.exception) } }
                        td.number { (grouped(line.items)) }
                        td.number { (grouped(line.population)) }
                        td.mark { (mark(&line.state)) " " (line.state) }
                    }
                } }
            } }
        }
    }
}

fn engagement_part(engagement: &EngagementStatus) -> Markup {
    let results: Vec<String> = engagement.results.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    html! {
        h2 { (engagement.report) " · " (engagement.span.first) " to " (engagement.span.last) }
        p { (engagement.controls) " controls in scope. Control tests: " (results.join(", ")) ". "
            "The firm recorded " (engagement.firm_tests) " tests of controls; its report is " (engagement.auditors_report) "." }
        div.scroll { table {
            thead { tr { th { "Score" } th.number { "Holds" } th.number { "Does not" } th.number { "Not assessed" } th.number { "Of" } } }
            tbody { @for (name, score) in &engagement.scores {
                tr {
                    td { (name) }
                    td.number { (score.holds) }
                    td.number { (score.does_not) }
                    td.number { (score.untested) }
                    td.number { (score.denominator()) }
                }
            } }
        } }
    }
}

/// A mark beside the word, never a color alone.
fn mark(state: &str) -> &'static str {
    match state {
        "OPEN" => "○",
        "RESPONDED" => "◐",
        "REMEDIATED" => "◑",
        "RETESTED" => "●",
        _ => "⊘",
    }
}

fn grouped(number: u64) -> String {
    crate::cli::grouped(number)
}
