//! What holds for every request and answer: methods, the name asked for, security headers.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::{Application, problem};

/// The addresses that take a POST.
pub const ADD_CHECKPOINT: &str = "/add-checkpoint";
pub const SIGN_OUT: &str = "/sign-out";

/// Nothing but our own style sheet and mark is loaded, no script runs, no form leaves, nobody frames us.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // A sign-in link is a secret: no address of ours goes anywhere.
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Refuses what no route should see, and sets the headers of every answer.
pub async fn guard(State(application): State<Arc<Application>>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_post = *request.method() == Method::POST && [ADD_CHECKPOINT, SIGN_OUT].contains(&request.uri().path());
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let mut response = if application.is_loopback && !host.is_some_and(is_loopback_name) {
        problem::say(
            StatusCode::MISDIRECTED_REQUEST,
            "Not the name of this machine",
            "This installation listens for this machine only and answers to its loopback names alone.",
            "Open it as `http://127.0.0.1` or `http://localhost`, with the port that `tickmark serve` printed.",
        )
    } else if is_read || is_post {
        next.run(request).await
    } else {
        problem::method_not_allowed()
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let kept = HeaderValue::from_static("no-store");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(kept);
    response
}

/// Whether a `Host` is a loopback name: another name that leads here is a page of somebody else's (DNS rebinding). The
/// port is not compared, so that a forwarded port works.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback_name;

    #[test]
    fn only_loopback_names_are_answered_to() {
        for name in ["localhost", "LocalHost:8470", "127.0.0.1", "127.0.0.1:1", "127.9.9.9:80", "[::1]", "[::1]:8470"] {
            assert!(is_loopback_name(name), "{name}");
        }
        for name in [
            "",
            ":80",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.1",
            "[::2]",
            "[",
            "::1:x",
        ] {
            assert!(!is_loopback_name(name), "{name}");
        }
    }
}
