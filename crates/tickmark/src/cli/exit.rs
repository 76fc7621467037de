//! How the process ends; scripts may rely on these codes.

use std::process::ExitCode;

/// Exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Something went wrong.
    Failed,
    /// Arguments do not fit.
    Usage,
    /// A rule said no.
    Refused,
    /// Ledger, vault or package is not what it must be, or a verdict says that something differs.
    Corrupt,
    /// Done, but evidence is incomplete, a control test could not be evaluated, a policy lacks values, the lint found
    /// errors, or a verdict was not reached.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Corrupt => 4,
            Exit::Incomplete => 5,
        })
    }
}
