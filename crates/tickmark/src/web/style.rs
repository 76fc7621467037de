//! What is served beside pages: the style sheet and the mark, each under a name with its digest.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use tickmark_app::Digest;

/// The style sheet: one accent color, tabular figures, light and dark, narrow and print.
pub static SHEET: LazyLock<Served> =
    LazyLock::new(|| Served::new("style", "css", "text/css; charset=utf-8", include_str!("style.css")));

/// The mark in a browser's tab.
pub static MARK: LazyLock<Served> =
    LazyLock::new(|| Served::new("mark", "svg", "image/svg+xml", include_str!("mark.svg")));

/// Bytes under a name that changes with them, so that a browser may keep them.
pub struct Served {
    path: String,
    content_type: &'static str,
    text: &'static str,
}

impl Served {
    fn new(name: &str, ending: &str, content_type: &'static str, text: &'static str) -> Self {
        let digest = Digest::of(text.as_bytes()).to_string();
        let short = digest.get(..12).unwrap_or_default();
        Self { path: format!("/{name}-{short}.{ending}"), content_type, text }
    }

    /// The address.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes.
    pub fn answer(&self) -> Response {
        let headers =
            [(header::CONTENT_TYPE, self.content_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
        (headers, self.text).into_response()
    }
}
