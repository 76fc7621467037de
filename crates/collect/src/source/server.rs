//! What PostgreSQL and MySQL have in common: a connection driven to its end by a runtime of its own.

use std::future::Future;

use crate::{Error, SourceConfig, config::ServerSource};

/// How long a server may take to answer the first word.
pub(super) const CONNECT: std::time::Duration = std::time::Duration::from_secs(30);

/// Runs a conversation with a server on this thread.
pub(super) fn blocking<T>(of: &str, conversation: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| failed("starting a conversation with", of, cause))?;
    runtime.block_on(conversation)
}

/// The error of a step.
pub(super) fn failed(
    doing: &'static str,
    of: &str,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::Database { doing, of: of.to_owned(), cause: cause.into() }
}

/// The server without user and password, as provenance and errors show it.
pub(super) fn shown(server: &ServerSource) -> String {
    let (scheme, rest) = server.url.split_once("://").unwrap_or(("", &server.url));
    let place = rest.split('?').next().unwrap_or(rest);
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    format!("{scheme}://{place}")
}

/// The password, if the declaration says where one is.
pub(super) fn password(source: &SourceConfig, server: &ServerSource) -> Result<Option<String>, Error> {
    server.password.as_ref().map(|secret| secret.reveal(source)).transpose()
}
