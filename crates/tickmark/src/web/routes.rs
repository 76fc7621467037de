//! All routes, each with what it needs of who asks.

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::{Application, sign_in, status, witness};

/// The routes.
///
/// | path | needs | page |
/// |---|---|---|
/// | `/` | a person who is signed in | where every engagement stands |
/// | `/sign-in/{token}` | the token | signs in, then `/` |
/// | `/add-checkpoint` | a ledger that an administrator trusts here | holds and cosigns a checkpoint (C2SP tlog-witness) |
/// | `/healthz` | nothing | `ok` once requests are answered |
pub fn routes(application: Arc<Application>) -> Router {
    Router::new()
        .route("/", get(status::page))
        .route("/sign-in/{token}", get(sign_in::page))
        .route("/add-checkpoint", post(witness::answer))
        .route("/healthz", get(async || "ok\n"))
        .with_state(application)
}
