//! What can go wrong in examining: one error type, naming what was being done.

use datafusion::common::DataFusionError;

/// Why an examination, or a part of it, could not be done.
///
/// Invariant: no variant is ever turned into an outcome other than `Error` or `NotEvaluable`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The query engine refused or failed.
    #[error("could not {doing}: {}", engine_message(source))]
    Engine {
        /// What was being done, as a verb, and to what.
        doing: String,
        /// Its reason.
        source: Box<DataFusionError>,
    },
    /// The vault refused or failed.
    #[error("could not {doing}")]
    Vault {
        /// What was being done, as a verb, and to what.
        doing: String,
        /// Its reason.
        source: Box<tickmark_vault::Error>,
    },
    /// A query broke a rule of control-test SQL.
    #[error("{0}")]
    Rule(crate::Finding),
    /// A job is wrong in itself.
    #[error("the job is wrong: {0}")]
    Job(String),
    /// A query returned what it may not return.
    #[error("{0}")]
    Rows(String),
    /// A query ran past the limit of time.
    #[error("{doing} took longer than the limit of {seconds} s")]
    Time {
        /// What was being done.
        doing: String,
        /// The limit.
        seconds: u64,
    },
    /// The child process could not be started, fed or understood.
    #[error("the examining process: {0}")]
    Child(String),
}

impl Error {
    pub(crate) fn engine(doing: impl Into<String>) -> impl FnOnce(DataFusionError) -> Self {
        let doing = doing.into();
        move |source| Self::Engine { doing, source: Box::new(source) }
    }

    pub(crate) fn vault(doing: impl Into<String>) -> impl FnOnce(tickmark_vault::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Vault { doing, source: Box::new(source) }
    }

    /// The message with its causes, for a result that has room for one text.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(next) = cause {
            let next_text = next.to_string();
            if !text.contains(&next_text) {
                text.push_str(": ");
                text.push_str(&next_text);
            }
            cause = next.source();
        }
        text
    }
}

/// DataFusion's message without its wrappers' names and without a backtrace.
fn engine_message(error: &DataFusionError) -> String {
    error.strip_backtrace()
}
