//! The child's side: one job, or cases, on standard input, its results as lines on standard output.
//!
//! Invariant: the process limits itself before it reads a row, has no key but those of its job, and writes nothing but
//! its lines.

use std::{
    io::{Read, Write},
    path::Path,
    process::ExitCode,
    sync::Mutex,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use datafusion::arrow::{array::RecordBatch, ipc::writer::StreamWriter};
use nix::sys::resource::{Resource, setrlimit};
use tickmark_canonical::Digest;
use tickmark_vault::{ObjectKeys, Vault};
use zeroize::Zeroizing;

use crate::{
    Error, Job, Limits, cases_child,
    freeze::freeze_into,
    result_rows::{ResultRows, RowsSink, RowsWriter},
    run::run_into,
    wire::{Line, Request, WireJob},
};

/// Address space beside a job's memory: the program, its threads' stacks, the allocator's reserves, and batches in flight
/// that no pool counts.
const OTHER_ADDRESS_BYTES: u64 = 1 << 30;

/// The body of the hidden subcommand `examine-worker`. Reads a job, runs it, prints its results; the code says whether
/// the job was run at all.
pub fn worker_main() -> ExitCode {
    match serve(&mut std::io::stdin().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The parent keeps the last lines of this.
            let _ = writeln!(std::io::stderr(), "{}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}

fn serve(input: &mut dyn Read) -> Result<(), Error> {
    match receive(input)? {
        Request::Job(job) => serve_job(*job),
        Request::Cases(cases) => {
            limit(&cases_child::limits(&cases), cases.len())?;
            let pipe = Pipe(Mutex::new(()));
            cases_child::run_cases(*cases, &|line| pipe.print(line))
        }
    }
}

fn serve_job(wire: WireJob) -> Result<(), Error> {
    let (job, vault) = opened(wire)?;
    limit(&job.limits, job.asked())?;
    let pipe = Pipe(Mutex::new(()));
    // An outcome that cannot be printed is missing at the other end, and missing means error there.
    if !job.tests.is_empty() {
        run_into(&job, &vault, &pipe, &|outcome| {
            let _ = pipe.print(&Line::Ended(Box::new(outcome.clone())));
        });
    }
    if !job.populations.is_empty() {
        freeze_into(&job, &vault, &pipe, &|rows| {
            let _ = pipe.print(&Line::Read(Box::new(rows.clone())));
        });
    }
    pipe.print(&Line::Done)
}

fn receive(input: &mut dyn Read) -> Result<Request, Error> {
    let mut text = Zeroizing::new(Vec::new());
    input.read_to_end(&mut text).map_err(|error| Error::Child(format!("could not read its job: {error}")))?;
    serde_json::from_slice(&text).map_err(|error| Error::Child(format!("could not understand its job: {error}")))
}

fn opened(wire: WireJob) -> Result<(Job, Vault), Error> {
    let keys = Zeroizing::new(
        STANDARD.decode(&wire.keys).map_err(|error| Error::Child(format!("could not read its keys: {error}")))?,
    );
    let keys = ObjectKeys::from_bytes(&keys).map_err(Error::vault("read the keys of a job"))?;
    let vault = Vault::open_read_only_with_keys(Path::new(&wire.root), &wire.namespace, keys)
        .map_err(Error::vault("open the vault of a job"))?;
    Ok((wire.into_job()?, vault))
}

/// Lowers what this process may take from the machine. None of it can be raised again.
fn limit(limits: &Limits, queries: usize) -> Result<(), Error> {
    // Nobody is left to hear of results when the parent is killed.
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)
        .map_err(|error| Error::Child(format!("could not bind itself to its parent: {error}")))?;
    let address = limits.memory_bytes.saturating_add(OTHER_ADDRESS_BYTES);
    let mut all = vec![
        (Resource::RLIMIT_AS, address),
        (Resource::RLIMIT_CPU, cpu_seconds(limits, queries)),
        // A core dump would hold rows in the clear.
        (Resource::RLIMIT_CORE, 0),
    ];
    if limits.spill_to.is_none() {
        // Pipes have no size: this stops files only, and there is none to write.
        all.push((Resource::RLIMIT_FSIZE, 0));
    }
    for (resource, most) in all {
        setrlimit(resource, most, most).map_err(|error| Error::Child(format!("could not limit itself: {error}")))?;
    }
    Ok(())
}

/// Each test runs its canaries, its population and its query within the limit each.
pub(crate) fn job_seconds(limits: &Limits, tests: usize) -> u64 {
    let of_queries = limits.seconds.saturating_mul(3).saturating_mul(tests.max(1) as u64).saturating_add(10);
    limits.job_seconds.unwrap_or(of_queries)
}

fn cpu_seconds(limits: &Limits, tests: usize) -> u64 {
    job_seconds(limits, tests).saturating_mul(limits.threads.max(1) as u64)
}

/// Lines to the parent, one at a time.
struct Pipe(Mutex<()>);

impl Pipe {
    fn print(&self, line: &Line) -> Result<(), Error> {
        let doing = |error: &dyn std::fmt::Display| Error::Child(format!("could not print a result: {error}"));
        let mut text = serde_json::to_vec(line).map_err(|error| doing(&error))?;
        text.push(b'\n');
        let _one_at_a_time = self.0.lock();
        let mut out = std::io::stdout().lock();
        out.write_all(&text).and_then(|()| out.flush()).map_err(|error| doing(&error))
    }
}

impl RowsSink for Pipe {
    fn begin<'a>(&'a self, rows: &ResultRows) -> Result<Box<dyn RowsWriter + Send + 'a>, Error> {
        self.print(&Line::Begin { of: rows.of.clone(), columns: rows.schema.columns.clone() })?;
        Ok(Box::new(PipedRows { pipe: self, of: rows.of.clone() }))
    }
}

struct PipedRows<'a> {
    pipe: &'a Pipe,
    of: String,
}

impl RowsWriter for PipedRows<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let doing = |error| Error::engine(format!("send the rows of {}", self.of))(error);
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).map_err(|error| doing(error.into()))?;
        writer.write(batch).and_then(|()| writer.finish()).map_err(|error| doing(error.into()))?;
        drop(writer);
        self.pipe.print(&Line::Rows { of: self.of.clone(), ipc: STANDARD.encode(&bytes) })
    }

    fn finish(self: Box<Self>) -> Result<Option<Digest>, Error> {
        Ok(None)
    }
}
