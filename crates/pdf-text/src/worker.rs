//! The child's side: a PDF on standard input, its pages on standard output.
//!
//! Invariant: the process limits itself before it reads a byte, and writes nothing but its answer.

use std::{
    io::{Read, Write},
    process::ExitCode,
};

use nix::sys::{
    prctl,
    resource::{Resource, setrlimit},
    signal::Signal,
};

use crate::{Error, Limits, PageText, reading::read};

/// What the child says.
pub(crate) type Answer = Result<Vec<PageText>, Error>;

/// The body of the hidden subcommand `pdf-text-worker`. The answer says whether the PDF could be read; the code only whether an
/// answer was given.
pub fn worker_main() -> ExitCode {
    let limits = Limits::OF_A_REPORT;
    let answer = limit(&limits).and_then(|()| serve(&limits));
    let written = serde_json::to_vec(&answer).ok().and_then(|text| std::io::stdout().write_all(&text).ok());
    written.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn serve(limits: &Limits) -> Answer {
    let mut bytes = Vec::new();
    let read_from = std::io::stdin().lock().take(limits.bytes + 1).read_to_end(&mut bytes);
    read_from.map_err(|error| Error::Child(format!("could not read its input: {error}")))?;
    read(bytes, limits)
}

/// Lowers what this process may take from the machine. None of it can be raised again.
fn limit(limits: &Limits) -> Result<(), Error> {
    let failed = |error| Error::Child(format!("could not limit itself: {error}"));
    // Nobody is left to hear of the answer when the parent is killed.
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(failed)?;
    let all = [
        (Resource::RLIMIT_AS, limits.address_bytes),
        (Resource::RLIMIT_CPU, limits.seconds),
        // A core dump would hold the report.
        (Resource::RLIMIT_CORE, 0),
        // Pipes have no size: this stops files, and there is none to write.
        (Resource::RLIMIT_FSIZE, 0),
    ];
    all.into_iter().try_for_each(|(resource, most)| setrlimit(resource, most, most)).map_err(failed)
}
