//! All routes, each with what it needs of who asks.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};

use super::{
    Application, anchors,
    ask::{self, Draw, Needs},
    control, control_test, control_tests, controls, entry, exception, extract, extract_rows, extracts, firm_tests,
    guard, home, ledger, problem, score, sign_in, style, witness,
};

/// The pages: address, what it needs, what draws it. `docs/web.md` says the same in words, and a test compares them.
pub const PAGES: [(&str, Needs, Draw); 15] = [
    ("/", Needs::SignedIn, home::page),
    ("/control-tests", Needs::SignedIn, control_tests::page),
    ("/control-tests/{test}", Needs::SignedIn, control_test::page),
    ("/control-tests/{test}/extracts", Needs::SignedIn, extracts::read_by_control_test),
    ("/controls", Needs::SignedIn, controls::page),
    ("/controls/{control}", Needs::SignedIn, control::page),
    ("/engagements/{engagement}/scores/{score}", Needs::SignedIn, score::page),
    ("/engagements/{engagement}/firm-tests", Needs::SignedIn, firm_tests::page),
    ("/exceptions/{exception}", Needs::SignedInRowsByRole, exception::page),
    ("/extracts", Needs::SignedIn, extracts::page),
    ("/extracts/{manifest}", Needs::SignedIn, extract::page),
    ("/extracts/{manifest}/rows", Needs::Rows, extract_rows::page),
    ("/ledger", Needs::SignedIn, ledger::page),
    ("/ledger/{index}", Needs::SignedIn, entry::page),
    ("/anchors", Needs::SignedIn, anchors::page),
];

/// The routes: the pages above, and these.
///
/// | path | needs | what |
/// |---|---|---|
/// | `/sign-in/{token}` | the token | signs in, then `/` |
/// | `POST /sign-out` | nothing | ends the session of this browser |
/// | `POST /add-checkpoint` | a ledger that an administrator trusts here | holds and cosigns a checkpoint (C2SP tlog-witness) |
/// | `/healthz` | nothing | `ok` once requests are answered |
/// | `/style-DIGEST.css`, `/mark-DIGEST.svg` | nothing | the style sheet and the mark, kept by browsers for a year |
pub fn routes(application: Arc<Application>) -> Router {
    let mut router = Router::new()
        .route("/sign-in/{token}", get(sign_in::page))
        .route(guard::SIGN_OUT, post(sign_in::sign_out))
        .route(guard::ADD_CHECKPOINT, post(witness::answer))
        .route("/healthz", get(async || "ok\n"))
        .route(style::SHEET.path(), get(async || style::SHEET.answer()))
        .route(style::MARK.path(), get(async || style::MARK.answer()));
    for (path, needs, draw) in PAGES {
        router = router.route(path, ask::page(needs, draw));
    }
    router
        .fallback(async || problem::not_found("There is no page at this address."))
        .method_not_allowed_fallback(async || problem::method_not_allowed())
        .layer(middleware::from_fn_with_state(Arc::clone(&application), guard::guard))
        .with_state(application)
}

#[cfg(test)]
mod tests {
    use super::PAGES;

    #[test]
    fn the_document_lists_every_page_with_what_it_needs() {
        let document = include_str!("../../../../docs/web.md");
        for (path, needs, _) in PAGES {
            let line = format!("| `{path}` | {} |", needs.in_words());
            assert!(document.contains(&line), "docs/web.md has no line that begins {line}");
        }
    }
}
