//! The answers as they came, for the vault: one JSON object a line, compressed with zstd.

use std::io::Write as _;

use serde_json::json;

use super::client::Answer;
use crate::Error;

/// How hard is pressed: raw answers are read seldom, and repeat themselves much.
const LEVEL: i32 = 6;

/// Answers so far.
pub(super) struct Kept {
    lines: zstd::Encoder<'static, Vec<u8>>,
    requests: u64,
    first: Option<String>,
}

impl Kept {
    pub fn new() -> Result<Self, Error> {
        Ok(Self { lines: zstd::Encoder::new(Vec::new(), LEVEL).map_err(failed)?, requests: 0, first: None })
    }

    /// Takes an answer.
    pub fn take(&mut self, answer: &Answer) -> Result<(), Error> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let line = json!({
            "request": answer.request,
            "sent": answer.sent,
            "status": answer.status,
            "links": answer.links,
            "body": text(&answer.body),
        });
        writeln!(self.lines, "{line}").map_err(failed)?;
        self.requests += 1;
        self.first.get_or_insert_with(|| answer.request.clone());
        Ok(())
    }

    /// Method and address of the first request.
    pub fn first_request(&self) -> String {
        self.first.clone().unwrap_or_default()
    }

    pub fn requests(&self) -> u64 {
        self.requests
    }

    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.lines.finish().map_err(failed)
    }
}

fn failed(cause: std::io::Error) -> Error {
    Error::Io { doing: "keeping the answers of", path: "a connector".into(), cause }
}
