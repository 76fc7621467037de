//! The parent's side: a job in a process of its own, so that SQL somebody wrote cannot take this one's memory or time.
//!
//! Invariant: a test whose outcome did not arrive whole is an error. Rows that arrive are counted and digested again
//! here before they count.
//! Invariant: a child that dies costs the query that kills it, and no other: what it was at runs again alone, the rest in a
//! new child.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use datafusion::arrow::ipc::reader::StreamReader;
use tickmark_catalog::ControlTest;
use tickmark_vault::{RowsDigest, Vault};
use zeroize::Zeroizing;

use crate::{
    Error, Job, Outcome, PopulationOutcome, PopulationQuery, PopulationRows, ReadRows, TestOutcome, compiled, freeze,
    read_rows::Reading,
    result_rows::{ResultRows, RowsSink, RowsWriter, VaultSink},
    run::failed,
    wire::{Line, Request, WireJob},
    worker::job_seconds,
};

/// The hidden subcommand of the program's own executable.
pub const WORKER_SUBCOMMAND: &str = "examine-worker";

/// Lines that wait to be stored; each holds at most one batch of rows.
const LINES_WAITING: usize = 8;

/// How much of what a child says on standard error is kept.
const STDERR_KEPT: usize = 4096;

/// Runs the tests of a job in a child process: this program's own executable with the hidden subcommand. `root` is the
/// folder that the vault was opened on. Blocks.
pub fn run_in_child(job: &Job, vault: &Vault, root: &Path) -> Vec<TestOutcome> {
    with_own_program(job, |command| run_with(job, vault, &VaultSink(vault), root, command)).tests
}

/// The same with another program that calls [`crate::worker_main`].
pub fn run_in_child_with(job: &Job, vault: &Vault, root: &Path, command: Command) -> Vec<TestOutcome> {
    run_with(job, vault, &VaultSink(vault), root, command).tests
}

/// Runs the population queries of a job in a child process; every row becomes part of a sealed dataset of the vault.
pub fn freeze_in_child(job: &Job, vault: &Vault, root: &Path) -> Vec<PopulationRows> {
    freeze_to(job, vault, &VaultSink(vault), root, None)
}

/// The same with another program that calls [`crate::worker_main`].
pub fn freeze_in_child_with(job: &Job, vault: &Vault, root: &Path, command: Command) -> Vec<PopulationRows> {
    freeze_to(job, vault, &VaultSink(vault), root, Some(command))
}

/// The same with rows to any sink of this process; with this program's own executable, or another that calls
/// [`crate::worker_main`].
pub(crate) fn freeze_to(
    job: &Job,
    vault: &Vault,
    sink: &dyn RowsSink,
    root: &Path,
    program: Option<Command>,
) -> Vec<PopulationRows> {
    match program {
        Some(command) => run_with(job, vault, sink, root, command).populations,
        None => with_own_program(job, |command| run_with(job, vault, sink, root, command)).populations,
    }
}

/// The same over a vault that may be open for reading only: no rows are kept, the first `most` of each control test are read. For
/// a package that somebody else made: its SQL is as foreign as its rows.
pub fn run_again_in_child(
    job: &Job,
    vault: &Vault,
    root: &Path,
    most: usize,
) -> (Vec<TestOutcome>, BTreeMap<String, ReadRows>) {
    let reading = Reading::at_most(most);
    let outcomes = with_own_program(job, |command| run_with(job, vault, &reading, root, command)).tests;
    (outcomes, reading.into_rows())
}

/// Runs with this program's own executable.
fn with_own_program(job: &Job, run: impl FnOnce(Command) -> Ended) -> Ended {
    match std::env::current_exe() {
        Ok(program) => {
            let mut command = Command::new(program);
            command.arg(WORKER_SUBCOMMAND);
            run(command)
        }
        Err(error) => all_failed(job, &format!("the examining process: where this program lies is unknown: {error}")),
    }
}

fn run_with(job: &Job, vault: &Vault, sink: &dyn RowsSink, root: &Path, command: Command) -> Ended {
    let job = without_erased(job, vault);
    let seconds = job_seconds(&job.limits, job.asked());
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let mut arrived = Arrived::default();
    // Queries that killed a child, or were running beside the one that did.
    let mut suspected: BTreeSet<String> = BTreeSet::new();
    let mut waiting = VecDeque::from([job.queries()]);
    while let Some(queries) = waiting.pop_front() {
        let part = job.only(&queries);
        let alone = part.asked() == 1;
        let again = |name: &String| suspected.contains(name);
        let killed_one_before = alone && queries.iter().all(again);
        let ended = Exchange::new(&part, vault, sink, root, &command, deadline, seconds);
        let ended = ended.and_then(|exchange| exchange.finish(&mut arrived));
        let lacking: BTreeSet<String> = queries.into_iter().filter(|name| !arrived.has(name)).collect();
        match ended {
            Ok(End::Died { at, .. }) if !at.is_empty() && !killed_one_before => {
                let rest: BTreeSet<String> = lacking.difference(&at).cloned().collect();
                waiting.extend([rest].into_iter().filter(|rest| !rest.is_empty()));
                waiting.extend(at.iter().map(|name| BTreeSet::from([name.clone()])));
                suspected.extend(at);
            }
            Ok(End::Died { why, .. }) if killed_one_before => {
                arrived.lack(lacking, &format!("{why}; as it did before"))
            }
            Ok(End::Died { why, .. } | End::Stopped { why }) => arrived.lack(lacking, &why),
            Err(error) => arrived.lack(lacking, &error.with_causes()),
        }
    }
    arrived.in_the_order_of(&job)
}

fn all_failed(job: &Job, message: &str) -> Ended {
    let mut none = Arrived::default();
    none.lack(job.queries(), message);
    none.in_the_order_of(job)
}

/// How the queries of a job ended, in the order of the job.
struct Ended {
    tests: Vec<TestOutcome>,
    populations: Vec<PopulationRows>,
}

/// How queries ended, by their names, and why others have no outcome.
#[derive(Default)]
struct Arrived {
    outcomes: BTreeMap<String, TestOutcome>,
    populations: BTreeMap<String, PopulationRows>,
    lacking: BTreeMap<String, String>,
}

impl Arrived {
    fn has(&self, name: &str) -> bool {
        self.outcomes.contains_key(name) || self.populations.contains_key(name)
    }

    fn lack(&mut self, names: BTreeSet<String>, why: &str) {
        self.lacking.extend(names.into_iter().map(|name| (name, why.to_owned())));
    }

    fn in_the_order_of(mut self, job: &Job) -> Ended {
        let why =
            |name: &str| self.lacking.get(name).map_or("the examining process left the query out", String::as_str);
        let tests = job.tests.iter().map(|test| {
            let id = test.id.as_str();
            self.outcomes.remove(id).unwrap_or_else(|| failed(test, why(id)))
        });
        let tests = tests.collect();
        let populations = job.populations.iter().map(|query| {
            self.populations.remove(&query.name).unwrap_or_else(|| freeze::failed(query, why(&query.name)))
        });
        Ended { tests, populations: populations.collect() }
    }
}

/// How a child ended.
enum End {
    /// It said that it is done, or was told to end; what has no outcome gets none.
    Stopped { why: String },
    /// It died, while it was at these queries.
    Died { why: String, at: BTreeSet<String> },
}

/// One of a job's queries.
enum Asked<'a> {
    Test(&'a ControlTest),
    Population(&'a PopulationQuery),
}

/// The job without extracts that were erased; each becomes a reason why its dataset is incomplete. The child has no key
/// store that could tell erased from lost.
fn without_erased(job: &Job, vault: &Vault) -> Job {
    let mut job = job.clone();
    for table in &mut job.tables {
        let mut reasons = Vec::new();
        table.manifests.retain(|(_, manifest)| {
            match manifest.parts.iter().find_map(|part| vault.object_keys(&[part.object]).err()) {
                Some(tickmark_vault::Error::Erased { reason, .. }) => {
                    reasons.push(format!("an extract of `{}` was erased under: {reason}", manifest.dataset));
                    false
                }
                Some(_) | None => true,
            }
        });
        table.incomplete.append(&mut reasons);
    }
    job
}

/// A running child and what arrived from it.
struct Exchange<'a> {
    job: &'a Job,
    sink: &'a dyn RowsSink,
    child: Child,
    lines: mpsc::Receiver<Result<Line, String>>,
    stderr: Option<thread::JoinHandle<String>>,
    deadline: Instant,
    /// Those of the deadline, for people.
    seconds: u64,
    started: BTreeSet<String>,
    arriving: BTreeMap<String, Arriving<'a>>,
    arrived: Arrived,
}

/// Rows of one query on their way into the vault.
struct Arriving<'a> {
    writer: Box<dyn RowsWriter + Send + 'a>,
    digest: RowsDigest,
}

impl<'a> Exchange<'a> {
    fn new(
        job: &'a Job,
        vault: &'a Vault,
        sink: &'a dyn RowsSink,
        root: &Path,
        program: &Command,
        deadline: Instant,
        seconds: u64,
    ) -> Result<Self, Error> {
        let text = outgoing(job, vault, root)?;
        let mut child = Command::new(program.get_program())
            .args(program.get_args())
            .env_clear()
            // glibc gives threads arenas of 64 MiB of address space each, up to eight a core. The child's address space is
            // limited, so that they would take from queries what no query uses.
            .env("MALLOC_ARENA_MAX", "4")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Error::Child(format!("could not be started: {error}")))?;
        let (stdin, stdout, stderr) = match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(stdin), Some(stdout), Some(stderr)) => (stdin, stdout, stderr),
            _ => return Err(Error::Child("has no pipes".to_owned())),
        };
        let mut stdin = stdin;
        // A child that dies early breaks the pipe; its missing outcomes tell.
        thread::spawn(move || stdin.write_all(&text));
        let (sender, lines) = mpsc::sync_channel(LINES_WAITING);
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut text = Vec::new();
            while let Some(line) = next_line(&mut stdout, &mut text) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stderr = Some(thread::spawn(move || last_words(stderr)));
        Ok(Self {
            job,
            sink,
            child,
            lines,
            stderr,
            deadline,
            seconds,
            started: BTreeSet::new(),
            arriving: BTreeMap::new(),
            arrived: Arrived::default(),
        })
    }

    /// Waits for the child's end; what arrived until then counts, however it ended.
    fn finish(mut self, arrived: &mut Arrived) -> Result<End, Error> {
        let stopped = self.receive();
        // After `Done` the child only has to exit; before it, it has nothing more to say.
        if stopped.is_err() {
            let _ = self.child.kill();
        }
        let status = self.child.wait().map_err(|error| Error::Child(format!("could not be waited for: {error}")))?;
        let words = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        let (why, died) = match (stopped, status.success()) {
            (Err(error), _) => (error.with_causes(), false),
            (Ok(()), true) => ("the examining process left the query out".to_owned(), false),
            (Ok(()), false) => (format!("the examining process ended with {status}"), true),
        };
        let why = if words.is_empty() { why } else { format!("{why}: {words}") };
        let Arrived { outcomes, populations, .. } = std::mem::take(&mut self.arrived);
        arrived.outcomes.extend(outcomes);
        arrived.populations.extend(populations);
        let mut at = std::mem::take(&mut self.started);
        at.retain(|name| !arrived.has(name));
        Ok(if died { End::Died { why, at } } else { End::Stopped { why } })
    }

    /// Takes lines until all tests ended, the child is gone or time is up.
    fn receive(&mut self) -> Result<(), Error> {
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(Ok(Line::Done)) => return Ok(()),
                Ok(Ok(line)) => self.take(line)?,
                Ok(Err(error)) => return Err(Error::Child(format!("said what cannot be understood: {error}"))),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let seconds = self.seconds;
                    return Err(Error::Time { doing: "the examining process".to_owned(), seconds });
                }
                // The pipe is closed; the exit status says why.
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn asked(&self, of: &str) -> Result<Asked<'a>, Error> {
        let test = self.job.tests.iter().find(|test| test.id.as_str() == of).map(Asked::Test);
        let population = || self.job.populations.iter().find(|query| query.name == of).map(Asked::Population);
        test.or_else(population).ok_or_else(|| Error::Child(format!("spoke of `{of}`, which is no query of the job")))
    }

    fn test(&self, id: &str) -> Result<&'a ControlTest, Error> {
        match self.asked(id)? {
            Asked::Test(test) => Ok(test),
            Asked::Population(query) => Err(Error::Child(format!("spoke of `{}` as of a test", query.name))),
        }
    }

    fn take(&mut self, line: Line) -> Result<(), Error> {
        match line {
            Line::Starts { of } => {
                self.asked(&of)?;
                self.started.insert(of);
                Ok(())
            }
            Line::Begin { of, columns } => {
                let rows = match self.asked(&of)? {
                    Asked::Test(test) => {
                        let parameters = compiled::parameters(&test.parameters, self.job.given());
                        ResultRows::of_columns(self.job, test, columns, compiled::texts(&parameters))
                    }
                    Asked::Population(query) => ResultRows::of_population_columns(self.job, query, columns),
                };
                let arriving = Arriving { writer: self.sink.begin(&rows)?, digest: rows.digest() };
                if self.arriving.insert(of.clone(), arriving).is_some() {
                    return Err(Error::Child(format!("began the rows of `{of}` twice")));
                }
                Ok(())
            }
            Line::Rows { of, ipc } => {
                let Some(arriving) = self.arriving.get_mut(&of) else {
                    return Err(Error::Child(format!("sent rows of `{of}` before they began")));
                };
                let doing =
                    |error: &dyn std::fmt::Display| Error::Child(format!("sent broken rows of `{of}`: {error}"));
                let bytes = STANDARD.decode(ipc).map_err(|error| doing(&error))?;
                for batch in StreamReader::try_new(bytes.as_slice(), None).map_err(|error| doing(&error))? {
                    let batch = batch.map_err(|error| doing(&error))?;
                    arriving.digest.update(&batch).map_err(|error| doing(&error))?;
                    arriving.writer.write(&batch)?;
                }
                Ok(())
            }
            Line::Ended(outcome) => self.ended(*outcome),
            Line::Read(rows) => self.read(*rows),
            Line::Checked(_) | Line::Mutated(_) => Err(Error::Child("spoke of cases".to_owned())),
            Line::Done => Ok(()),
        }
    }

    /// Stores the rows of a test that ended, if they are the ones its outcome speaks of.
    fn ended(&mut self, mut outcome: TestOutcome) -> Result<(), Error> {
        let test = self.test(&outcome.test)?;
        let arrived = self.arriving.remove(&outcome.test);
        let counted = match &outcome.outcome {
            Outcome::Exceptions { count, .. } => Some(*count),
            Outcome::NoExceptions { .. }
            | Outcome::NoOccurrence
            | Outcome::NotEvaluable { .. }
            | Outcome::Error { .. } => None,
        };
        match (arrived, counted) {
            (Some(arrived), Some(count)) => {
                let rows = arrived.digest.rows();
                let digest = arrived.digest.finish();
                if rows != count || outcome.rows_digest != Some(digest) {
                    outcome = failed(test, "the examining process sent other rows than it spoke of");
                } else {
                    outcome.rows = arrived.writer.finish()?;
                }
            }
            (None, Some(_)) => outcome = failed(test, "the examining process sent no rows for its exceptions"),
            // Rows of a test that ended otherwise are dropped, and leave nothing behind.
            (Some(_) | None, None) => {}
        }
        if outcome.sql_digest != compiled::sql_digest(test) {
            outcome = failed(test, "the examining process ran another test than was asked for");
        }
        self.arrived.outcomes.insert(outcome.test.clone(), outcome);
        Ok(())
    }

    /// Stores the rows of a population query that ended, if they are the ones that it speaks of.
    fn read(&mut self, mut read: PopulationRows) -> Result<(), Error> {
        let Asked::Population(query) = self.asked(&read.name)? else {
            return Err(Error::Child(format!("spoke of `{}` as of a population", read.name)));
        };
        let arrived = self.arriving.remove(&read.name);
        if let PopulationOutcome::Read { items, rows_digest, rows } = &mut read.outcome {
            let arrived = arrived.filter(|arrived| arrived.digest.rows() == *items);
            match arrived.filter(|arrived| arrived.digest.clone().finish() == *rows_digest) {
                Some(arrived) => *rows = arrived.writer.finish()?,
                None => read = freeze::failed(query, "the examining process sent other rows than it spoke of"),
            }
        }
        self.arrived.populations.insert(query.name.clone(), read);
        Ok(())
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        // No child outlives its job; one that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The job as the child reads it.
fn outgoing(job: &Job, vault: &Vault, root: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let parts: Vec<_> =
        job.tables.iter().flat_map(|table| &table.manifests).flat_map(|(_, manifest)| manifest.objects()).collect();
    let keys = vault.object_keys(&parts).map_err(Error::vault("hand over the keys of a job"))?;
    let root = std::path::absolute(root).map_err(|error| Error::Job(format!("the vault's folder: {error}")))?;
    let root = root.to_str().ok_or_else(|| Error::Job("the vault's folder has a name that is not UTF-8".to_owned()))?;
    let namespace = vault.namespace().as_str().to_owned();
    let keys = STANDARD.encode(keys.to_bytes());
    let wire = Request::Job(Box::new(WireJob::new(job, root.to_owned(), namespace, keys)));
    let text = serde_json::to_vec(&wire).map_err(|error| Error::Job(format!("it could not be written: {error}")))?;
    Ok(Zeroizing::new(text))
}

/// The next line of a child; none at its end. A line that its death broke off is no line.
fn next_line(stdout: &mut impl BufRead, text: &mut Vec<u8>) -> Option<Result<Line, String>> {
    text.clear();
    match stdout.read_until(b'\n', text) {
        Ok(_) if !text.ends_with(b"\n") => None,
        Ok(_) => Some(serde_json::from_slice(text).map_err(|error| error.to_string())),
        Err(error) => Some(Err(error.to_string())),
    }
}

/// The end of what a child says on standard error, in one line.
pub(crate) fn last_words(mut stderr: impl Read) -> String {
    let mut kept: Vec<u8> = Vec::new();
    let mut buffer = [0_u8; 1024];
    while let Ok(read) = stderr.read(&mut buffer) {
        if read == 0 {
            break;
        }
        kept.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if kept.len() > STDERR_KEPT {
            kept.drain(..kept.len() - STDERR_KEPT);
        }
    }
    let text = String::from_utf8_lossy(&kept);
    // After the cause of a panic or an abort comes a note on how to learn more.
    let says_why = |line: &&str| !line.is_empty() && !line.starts_with("note:");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(says_why).collect();
    lines.last().map(|line| line.chars().take(300).collect()).unwrap_or_default()
}
