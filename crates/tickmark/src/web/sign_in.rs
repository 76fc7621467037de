//! Signing in with a token that was printed on this machine.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};

use super::{Application, problem::Problem};

/// Name of the cookie that holds the token.
const COOKIE: &str = "tickmark-sign-in";

/// `GET /sign-in/{token}`
pub async fn page(State(application): State<Arc<Application>>, token: Result<Path<String>, PathRejection>) -> Response {
    let known = token.ok().filter(|Path(token)| application.sign_ins.person(token).is_some());
    let Some(Path(token)) = known else { return Problem::NotSignedIn.into_response() };
    // A token that is known is hexadecimal digits, so nothing in it can end the cookie.
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

/// `GET /sign-out`
pub async fn sign_out() -> Response {
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

/// The person who is signed in.
pub fn person<'a>(application: &'a Application, headers: &HeaderMap) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let token = cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    application.sign_ins.person(token)
}
