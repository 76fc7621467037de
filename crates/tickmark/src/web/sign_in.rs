//! Signing in with a token that was printed on this machine, and signing out.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use super::{Application, problem, problem::Problem, session::LASTS};

/// Name of the cookie that holds the session's id.
const COOKIE: &str = "tickmark-session";

/// `GET /sign-in/{token}`
pub async fn page(State(application): State<Arc<Application>>, token: Result<Path<String>, PathRejection>) -> Response {
    let known = token.ok();
    let person = known.as_ref().and_then(|Path(token)| application.sign_ins.person(token));
    let Some(person) = person else { return Problem::NotSignedIn.into_response() };
    match application.sessions.open(person, Instant::now()) {
        // An id is hexadecimal digits, so nothing in it can end the cookie.
        Ok(id) => (cookie(&id, LASTS.as_secs()), Redirect::to("/")).into_response(),
        Err(_) => problem::say(
            StatusCode::SERVICE_UNAVAILABLE,
            "Not signed in",
            "This machine gave no random numbers to make a session from.",
            "Open the link again.",
        ),
    }
}

/// `POST /sign-out`: ends the session, so that its cookie is worth nothing wherever it was copied to.
pub async fn sign_out(State(application): State<Arc<Application>>, headers: HeaderMap) -> Response {
    if let Some(id) = session(&headers) {
        application.sessions.end(id, Instant::now());
    }
    (cookie("", 0), Redirect::to("/")).into_response()
}

/// The person who is signed in.
pub fn person(application: &Application, headers: &HeaderMap) -> Option<String> {
    application.sessions.person(session(headers)?, Instant::now())
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

fn cookie(id: &str, seconds: u64) -> [(header::HeaderName, String); 1] {
    [(header::SET_COOKIE, format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}"))]
}
