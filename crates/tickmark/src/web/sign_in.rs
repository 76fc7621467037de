//! Signing in with a token that was printed on this machine.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use super::{Application, layout};

/// Name of the cookie that holds the token.
const COOKIE: &str = "tickmark-sign-in";

/// `GET /sign-in/{token}`
pub async fn page(State(application): State<Arc<Application>>, Path(token): Path<String>) -> Response {
    if application.sign_ins.person(&token).is_none() {
        return refused("This sign-in is not known here.");
    }
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

/// The person who is signed in.
pub fn person<'a>(application: &'a Application, headers: &HeaderMap) -> Option<&'a str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let token = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    application.sign_ins.person(token)
}

/// A page that says why not.
pub fn refused(why: &str) -> Response {
    let hint = "Open a sign-in link that `tickmark demo` printed on this machine.";
    let page = layout::page("Not signed in", &maud::html! { p { (why) } p { (hint) } });
    (StatusCode::UNAUTHORIZED, page).into_response()
}
