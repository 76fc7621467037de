//! Cases in a process of their own: they are rows that somebody wrote for SQL that somebody wrote, and neither may take
//! this one's memory or time.
//!
//! Invariant: a control test whose cases the child did not report on is one whose cases could not be run; it costs no
//! other its report.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tickmark_catalog::{Catalog, ControlTest};

use crate::{
    CasesReport, Error, Limits, MutationReport, WORKER_SUBCOMMAND,
    cases::Bench,
    child::last_words,
    mutate::mutate,
    session::Engine,
    threads,
    wire::{Line, Request, WireCases},
};

/// Memory for the cases of a control test: a handful of rows, a thousand times over.
const MEMORY_BYTES: u64 = 256 << 20;

/// How long the cases of one control test may take: a thousand times what they do.
const SECONDS: u64 = 60;

/// How long its mutants may take; each runs all cases.
const MUTANTS_SECONDS: u64 = 600;

/// What a process may take that runs cases.
pub(crate) fn limits(cases: &WireCases) -> Limits {
    let seconds = if cases.mutate { MUTANTS_SECONDS } else { SECONDS };
    Limits { memory_bytes: MEMORY_BYTES, seconds, threads: 1, ..Limits::default() }
}

/// Checks the SQL of control tests against all rules and runs all their cases, in a child process: this program's own
/// executable with the hidden subcommand. Blocks.
pub fn check_cases_in_child(tests: &[&ControlTest], catalog: &Catalog) -> Vec<CasesReport> {
    check_cases_in_child_with(tests, catalog, &own_program)
}

/// The same with another program that calls [`crate::worker_main`].
pub fn check_cases_in_child_with(
    tests: &[&ControlTest],
    catalog: &Catalog,
    program: &dyn Fn() -> Result<Command, Error>,
) -> Vec<CasesReport> {
    let mut reports: Vec<CasesReport> = Vec::new();
    // Where a child ends before its time, the control test that it was at has no report, and another child goes on.
    while let Some(left) = tests.get(reports.len()..)
        && let Some(next) = left.first()
    {
        let mut arrived = Vec::new();
        let ended = ask(WireCases::new(left, catalog, false), program, &mut |line| match line {
            Line::Checked(report) if left.get(arrived.len()).is_some_and(|test| *test.id == *report.test) => {
                arrived.push(*report);
                Ok(())
            }
            other => Err(out_of_turn(&other)),
        });
        reports.append(&mut arrived);
        if reports.len() < tests.len() {
            let at = tests.get(reports.len()).unwrap_or(next);
            let why = ended.err().unwrap_or_else(|| Error::Child("left the cases out".to_owned()));
            reports.push(CasesReport::not_run(at, why.with_causes()));
        }
    }
    reports
}

/// Replaces each predicate of a control test's query in a child process and names those that no case protects. Blocks.
pub fn mutate_cases_in_child(test: &ControlTest, catalog: &Catalog) -> Result<MutationReport, Error> {
    let mut reports = Vec::new();
    ask(WireCases::new(&[test], catalog, true), &own_program, &mut |line| match line {
        Line::Mutated(report) => {
            reports.push(*report);
            Ok(())
        }
        other => Err(out_of_turn(&other)),
    })?;
    reports.pop().ok_or_else(|| Error::Child("left the mutants out".to_owned()))
}

/// The child's side: runs the cases, or the mutants, of each control test in turn.
pub(crate) fn run_cases(cases: WireCases, print: &dyn Fn(&Line) -> Result<(), Error>) -> Result<(), Error> {
    let limits = limits(&cases);
    let mutants = cases.mutate;
    let (datasets, calendars, tests) = cases.into_parts()?;
    let bench = Bench::new(&Engine::new(&calendars, &limits)?, datasets)?;
    for test in &tests {
        let line = if mutants {
            Line::Mutated(Box::new(threads::block_on(1, mutate(test, &bench))??))
        } else {
            Line::Checked(Box::new(threads::block_on(1, bench.check(test))??))
        };
        print(&line)?;
    }
    print(&Line::Done)
}

fn own_program() -> Result<Command, Error> {
    let program = std::env::current_exe()
        .map_err(|error| Error::Child(format!("where this program lies is unknown: {error}")))?;
    let mut command = Command::new(program);
    command.arg(WORKER_SUBCOMMAND);
    Ok(command)
}

/// Starts a child with its cases and takes what it prints until it is done.
fn ask(
    cases: WireCases,
    program: &dyn Fn() -> Result<Command, Error>,
    take: &mut dyn FnMut(Line) -> Result<(), Error>,
) -> Result<(), Error> {
    let seconds = limits(&cases).seconds;
    let text = serde_json::to_vec(&Request::Cases(Box::new(cases)))
        .map_err(|error| Error::Job(format!("the cases could not be written: {error}")))?;
    let child = program()?
        .env_clear()
        .env("MALLOC_ARENA_MAX", "4")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Error::Child(format!("could not be started: {error}")))?;
    let mut child = Ending(child);
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take())
    else {
        return Err(Error::Child("has no pipes".to_owned()));
    };
    // A child that dies early breaks the pipe; its missing reports tell.
    thread::spawn(move || stdin.write_all(&text));
    let words = thread::spawn(move || last_words(stderr));
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    loop {
        match lines.recv_timeout(Duration::from_secs(seconds)) {
            Ok(line) => {
                let understood = line
                    .map_err(|error| error.to_string())
                    .and_then(|line| serde_json::from_str(&line).map_err(|error| error.to_string()))
                    .map_err(|error| Error::Child(format!("said what cannot be understood: {error}")))?;
                match understood {
                    Line::Done => return Ok(()),
                    line => take(line)?,
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err(Error::Time { doing: "the cases".to_owned(), seconds });
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status =
                    child.0.wait().map_err(|error| Error::Child(format!("could not be waited for: {error}")))?;
                let words = words.join().unwrap_or_default();
                let words = if words.is_empty() { words } else { format!(": {words}") };
                return Err(Error::Child(format!("ended with {status}{words}")));
            }
        }
    }
}

fn out_of_turn(line: &Line) -> Error {
    let of = match line {
        Line::Begin { of, .. } | Line::Rows { of, .. } => of.as_str(),
        Line::Ended(outcome) => outcome.test.as_str(),
        Line::Read(rows) => rows.name.as_str(),
        Line::Checked(report) => report.test.as_str(),
        Line::Mutated(report) => report.test.as_str(),
        Line::Done => "the end",
    };
    Error::Child(format!("spoke of `{of}` out of turn"))
}

/// No child outlives its cases.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
