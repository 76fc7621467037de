//! What a product answered, kept beside its connector: made-up data only, so that a connector can be tried where the product is not.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A recording.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    /// Events are collected from this day on.
    pub first: Date,
    /// Events are collected up to this day; states are those of it.
    pub last: Date,
    /// Settings that are no addresses; those are where the recording is played: `base` at its root, others each under its own name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    pub exchanges: Vec<Exchange>,
    pub tables: Vec<Expected>,
}

/// A request and its answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    /// Method and address after where the recording is played, parts of its query in the order of their names: `GET /users?limit=2&page=1`.
    pub request: String,
    /// The body of a request that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    #[serde(default = "ok", skip_serializing_if = "is_ok")]
    pub status: u16,
    /// The `Link` header. `{base}` is where the recording is played, here and in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub answer: String,
}

fn ok() -> u16 {
    200
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_ok(status: &u16) -> bool {
    *status == ok()
}

/// The rows that a table has after the recording.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub table: String,
    /// Columns and rows as CSV (RFC 4180), a value that is not there as nothing, in the table's columns and the order of arrival.
    pub rows: String,
}
