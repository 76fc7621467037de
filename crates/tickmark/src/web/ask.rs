//! A request for a page: who asks, of which moment, for what; and the one road from a route to an answer.
//!
//! Invariant: what a person may see is judged by the newest facts, whatever moment they ask for.

use std::sync::Arc;

use axum::{
    extract::{Query, RawPathParams, State, rejection::RawPathParamsRejection},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use maud::Markup;
use tickmark_app::{At, Moment, PersonId};

use super::{Application, address, layout, problem::Problem, sign_in};

/// What a page needs of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A person who is signed in and holds a role.
    SignedIn,
    /// The same; rows are drawn for those only who may see rows.
    SignedInRowsByRole,
    /// A person who may see rows: compliance lead, control owner, or of a firm that is appointed.
    Rows,
}

impl Needs {
    /// As documents say it.
    #[cfg(test)]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::SignedInRowsByRole => "signed in; rows: sees rows",
            Self::Rows => "sees rows",
        }
    }
}

/// What draws a page.
pub type Draw = fn(&Ask) -> Result<Page, Problem>;

/// A page as drawn, before head and foot.
pub struct Page {
    /// Its title.
    pub title: String,
    /// What stands in it.
    pub content: Markup,
}

impl Page {
    /// A page.
    pub fn new(title: impl Into<String>, content: Markup) -> Self {
        Self { title: title.into(), content }
    }
}

/// A request for a page.
pub struct Ask {
    /// The organization at the moment asked for.
    pub moment: Arc<Moment>,
    /// The newest ledger size.
    pub newest: u64,
    /// Who asks, by name and roles.
    pub person_in_words: String,
    /// Whether the person may see rows.
    pub sees_rows: bool,
    /// The past ledger size asked for.
    pub at: Option<u64>,
    /// Why the schedule is not kept now, if it is not.
    pub schedule_trouble: Option<String>,
    path: String,
    parts: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

impl Ask {
    /// A part of the path, by its name in the route.
    pub fn part(&self, name: &str) -> &str {
        self.parts.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A value of the query; empty if it is not there.
    pub fn value(&self, name: &str) -> &str {
        self.query.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The page asked for, counted from 1.
    pub fn page(&self) -> Result<u64, Problem> {
        match self.value("page") {
            "" => Ok(1),
            text => text
                .parse()
                .ok()
                .filter(|page| *page > 0)
                .ok_or_else(|| Problem::BadRequest("A page is a number from 1 on.".to_owned())),
        }
    }

    /// The address of another page at the same moment.
    pub fn to(&self, parts: &[&str]) -> String {
        self.to_query(parts, &[])
    }

    /// The same with a query.
    pub fn to_query(&self, parts: &[&str], pairs: &[(&str, &str)]) -> String {
        let path = if parts.is_empty() { "/".to_owned() } else { address::path(parts) };
        let at = self.at.map(|at| at.to_string()).unwrap_or_default();
        address::with_query(&address::with_query(&path, pairs), &[("at", &at)])
    }

    /// This page with one value of the query changed; a change starts again at the first page.
    pub fn with(&self, name: &str, value: &str) -> String {
        let kept = self.query.iter().filter(|(known, _)| known != name && known != "page");
        let mut pairs: Vec<(&str, &str)> = kept.map(|(known, value)| (known.as_str(), value.as_str())).collect();
        pairs.push((name, value));
        address::with_query(&self.path, &pairs)
    }

    /// The values of the query that a form on this page has to send along, but those it asks for itself.
    pub fn kept(&self, asked: &[&str]) -> Vec<(&str, &str)> {
        let pairs = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(|(name, value)| !asked.contains(name) && *name != "page" && !value.is_empty()).collect()
    }

    /// An engagement as people call it: by its report.
    pub fn report(&self, engagement: &str) -> String {
        let reports = self.moment.reports();
        reports.into_iter().find(|(id, _)| id == engagement).map_or_else(|| engagement.to_owned(), |(_, report)| report)
    }

    /// The path of this page.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// A route's answer to GET: `draw`, for those who have what it needs.
pub fn page(needs: Needs, draw: Draw) -> MethodRouter<Arc<Application>> {
    get(
        move |State(application): State<Arc<Application>>,
              parts: Result<RawPathParams, RawPathParamsRejection>,
              uri: Uri,
              headers: HeaderMap| async move {
            // Files are read and rows unsealed: that is work for a thread that may wait.
            let drawn = tokio::task::spawn_blocking(move || {
                let parts = parts.map_err(|_| Problem::BadRequest("The address is not text.".to_owned()))?;
                answer(&application, needs, draw, &parts, &uri, &headers)
            });
            match drawn.await {
                Ok(Ok(response)) => response,
                Ok(Err(problem)) => problem.into_response(),
                Err(error) => Problem::Crashed(error.to_string()).into_response(),
            }
        },
    )
}

fn answer(
    application: &Application,
    needs: Needs,
    draw: Draw,
    parts: &RawPathParams,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let person = sign_in::person(application, headers).ok_or(Problem::NotSignedIn)?;
    let person: PersonId = person.parse().map_err(|_| Problem::NotSignedIn)?;
    let newest = application.moments.newest()?;
    let roles: Vec<String> = newest
        .state()
        .people
        .get(&person)
        .map(|known| known.roles.iter().map(ToString::to_string).collect())
        .unwrap_or_default();
    if roles.is_empty() {
        return Err(Problem::Forbidden("You hold no role here any more."));
    }
    let sees_rows = newest.sees_rows(&person);
    if needs == Needs::Rows && !sees_rows {
        return Err(Problem::Forbidden(ROWS_NEED));
    }
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Problem::BadRequest("The query of the address is not one.".to_owned()))?;
    let ask = Ask {
        at: None,
        schedule_trouble: application.trouble.says(),
        person_in_words: format!("{}, {}", newest.name_of(&person), roles.join(", ")),
        newest: newest.size(),
        moment: newest,
        sees_rows: sees_rows && needs != Needs::SignedIn,
        path: uri.path().to_owned(),
        parts: parts.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        query,
    };
    let ask = at_moment(application, ask)?;
    let page = draw(&ask)?;
    Ok(layout::page(&ask, &page)?.into_response())
}

/// Why a person gets counts and no rows.
pub const ROWS_NEED: &str =
    "Rows can hold personal data: they open for compliance leads, control owners and the people of the appointed firm.";

/// Moves the request to the ledger size, or the instant, that `at` names.
fn at_moment(application: &Application, ask: Ask) -> Result<Ask, Problem> {
    let text = ask.value("at");
    if text.is_empty() {
        return Ok(ask);
    }
    let wrong = || {
        Problem::BadRequest("A past moment is a ledger size, or an instant such as 2026-03-31T17:00:00Z.".to_owned())
    };
    let at: At = text.parse().map_err(|_| wrong())?;
    let size = match at {
        At::Size(size) => size,
        At::Instant(_) | At::Now => ask.moment.size_at(&at)?,
    };
    let Some(moment) = application.moments.at(size)? else {
        return Err(Problem::NotFound(format!("The ledger holds {} entries; it has not reached {size}.", ask.newest)));
    };
    Ok(Ask { moment, at: Some(size), ..ask })
}
