//! Pages that say why not, and what next.

use std::io::Write;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::html;
use tickmark_app::Error;

use super::{figure, layout};

/// Why a page is not drawn.
#[derive(Debug)]
pub enum Problem {
    /// The address asks for what cannot be.
    BadRequest(String),
    /// Nobody is signed in.
    NotSignedIn,
    /// The person may not see it.
    Forbidden(&'static str),
    /// It is not there, at this moment.
    NotFound(String),
    /// The software could not do it.
    Failed(Box<Error>),
    /// The software stopped in the middle.
    Crashed(String),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if matches!(error, Error::Unknown { .. }) {
            return Self::NotFound(format!("{}.", sentence(&error.to_string())));
        }
        Self::Failed(Box::new(error))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::BadRequest(why) => say(StatusCode::BAD_REQUEST, "Not understood", &why, NEXT_HOME),
            Self::NotSignedIn => say(
                StatusCode::UNAUTHORIZED,
                "Not signed in",
                "Nobody is signed in on this browser.",
                "Open a sign-in link that `tickmark demo` printed on this machine.",
            ),
            Self::Forbidden(why) => say(
                StatusCode::FORBIDDEN,
                "Not for your role",
                why,
                "Counts and digests are on the page before. An administrator grants roles; each grant is an entry of the ledger.",
            ),
            Self::NotFound(what) => not_found(&what),
            Self::Failed(error) => {
                log(&error);
                let next = if error.is_corrupt() {
                    "Bytes are not what they must be; nothing was repaired. Whoever runs this installation: `tickmark ledger check` and `tickmark vault check` name the first that is wrong."
                } else {
                    "The reason is in the output of `tickmark serve`. Nothing was changed; try again, or tell whoever runs this installation."
                };
                say(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be drawn", "The software failed.", next)
            }
            Self::Crashed(why) => {
                let _ = writeln!(std::io::stderr(), "error: a page stopped: {}", why.replace('\n', " "));
                say(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "This page could not be drawn",
                    "The software stopped in the middle.",
                    "The reason is in the output of `tickmark serve`. Nothing was changed.",
                )
            }
        }
    }
}

const NEXT_HOME: &str = "Go back, or start again where every engagement stands.";

/// 404.
pub fn not_found(what: &str) -> Response {
    let next = "It may exist at another moment of the ledger, or its address is cut short.";
    say(StatusCode::NOT_FOUND, "Not found", what, next)
}

/// 405: pages are read.
pub fn method_not_allowed() -> Response {
    let next = "To record something, use the command line: `tickmark --help`.";
    let mut response = say(StatusCode::METHOD_NOT_ALLOWED, "Read only", "Pages here are read, nothing else.", next);
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
    response
}

/// A page with a status of its own.
pub fn say(status: StatusCode, title: &str, why: &str, next: &str) -> Response {
    let content = html! {
        p.ref { (status.as_u16()) }
        h1 { (title) }
        p { (figure::said(why)) }
        p { (figure::said(next)) }
        p { a href="/" { "Where every engagement stands" } }
    };
    (status, layout::bare(title, &content)).into_response()
}

/// The reason goes to who runs the installation: it can name paths, and a page is for whoever asks.
fn log(error: &Error) {
    let mut line = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    let _ = writeln!(std::io::stderr(), "error: {}", line.replace('\n', " "));
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
