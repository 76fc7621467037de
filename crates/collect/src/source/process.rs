//! Programs run for their output: no shell, an environment that is given word by word, a time and a size they keep to.
//!
//! Invariant: a program that is no longer waited for is ended with everything it started.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, RawPid, Signal};

use crate::{Error, error::shortened};

/// How much of a program's standard error is kept for an error.
const STDERR_KEPT: usize = 64 << 10;

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How often what is started while it is ended is looked for again.
const ROUNDS: usize = 100;

/// What to run.
pub(super) struct Program<'a> {
    pub argv: &'a [String],
    pub environment: &'a BTreeMap<String, String>,
    pub folder: &'a Path,
    pub timeout: Duration,
    pub max_bytes: u64,
    /// What it reads; nothing is there to read where there is none.
    pub input: Option<Vec<u8>>,
}

/// What came of it.
pub(super) struct Ended {
    pub output: Vec<u8>,
}

impl Program<'_> {
    /// Runs it to its end and gives what it printed. Everything but exit code 0 is an error.
    pub fn run(self) -> Result<Ended, Error> {
        let shown = shown(self.argv);
        let failed = |problem: String| Error::Command { command: shown.clone(), problem };
        let Some((program, arguments)) = self.argv.split_first() else { return Err(failed("is empty".into())) };
        let mut command = bound_to_us(program);
        command.args(arguments).env_clear().envs(self.environment).current_dir(self.folder);
        command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        own_group(&mut command);
        let mut child = command.spawn().map_err(|cause| failed(format!("cannot be started: {cause}")))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let deadline = Instant::now() + self.timeout;
        let limit = self.max_bytes;
        let input = self.input;
        let ended = thread::scope(|scope| {
            let (done, printed) = mpsc::channel();
            let errors = scope.spawn(move || tail(stderr));
            scope.spawn(move || feed(stdin, input));
            scope.spawn(move || {
                let mut output = Vec::new();
                let read = match stdout {
                    Some(stdout) => stdout.take(limit.saturating_add(1)).read_to_end(&mut output),
                    None => Ok(0),
                };
                // The receiver is gone if the program was given up; then nobody wants its output.
                let _ = done.send(read.map(|_| output));
            });
            let wait = deadline.saturating_duration_since(Instant::now());
            let output = printed.recv_timeout(wait);
            let too_much = matches!(&output, Ok(Ok(bytes)) if bytes.len() as u64 > limit);
            let status = if output.is_err() || too_much { None } else { wait_until(&mut child, deadline) };
            if status.is_none() {
                end(&mut child);
            }
            let said = errors.join().unwrap_or_default();
            (output, too_much, status, said)
        });
        let (output, too_much, status, said) = ended;
        if too_much {
            return Err(failed(format!("printed more than {limit} bytes and was ended")));
        }
        let Some(status) = status else {
            return Err(failed(format!(
                "was not done after {} seconds and was ended{}",
                self.timeout.as_secs(),
                Said(&said)
            )));
        };
        if !status.success() {
            return Err(failed(format!("ended with {status}{}", Said(&said))));
        }
        match output {
            Ok(Ok(output)) => Ok(Ended { output }),
            Ok(Err(cause)) => Err(failed(format!("its output cannot be read: {cause}"))),
            Err(_) => Err(failed("its output cannot be read".into())),
        }
    }
}

/// The hidden subcommand of the program's own executable that binds a command to the life of who runs it.
pub const GUARD_SUBCOMMAND: &str = "collect-guard";

static GUARD: OnceLock<PathBuf> = OnceLock::new();

/// From now on commands are started through `program`, which calls [`guard_main`] for the hidden subcommand: so a command
/// without end does not outlive a collector that was killed.
pub fn guard_commands_with(program: PathBuf) {
    let _ = GUARD.set(program);
}

/// The body of the hidden subcommand: runs the command in its own group, and ends the whole group when the collector is
/// gone. (A signal on the parent's death would reach the command alone, not what it started.)
pub fn guard_main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(2);
    let collector = rustix::process::getppid();
    // What loses its parent becomes this process's child, in whatever session it is, so that it is found at the end.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let Some(program) = arguments.next() else { return ExitCode::FAILURE };
    let mut child = match Command::new(program).args(arguments).spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = io::Write::write_all(&mut io::stderr(), format!("it cannot be started: {error}").as_bytes());
            return ExitCode::from(127);
        }
    };
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                end_descendants(rustix::process::getpid());
                return same_end(status);
            }
            Ok(None) if rustix::process::getppid() == collector => thread::sleep(LOOK),
            Ok(None) | Err(_) => {
                end_descendants(rustix::process::getpid());
                end_group();
            }
        }
    }
}

/// Ends as the command ended.
fn same_end(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().and_then(Signal::from_named_raw);
    if let Some(signal) = signal {
        let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Ends everything that a process started, and what that started, in whatever session or group it is. What is started
/// meanwhile is ended in the next round.
fn end_descendants(of: Pid) {
    for _ in 0..ROUNDS {
        let found = descendants(of);
        if found.is_empty() {
            return;
        }
        for pid in found {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
        thread::sleep(LOOK);
    }
}

/// The processes below one that are not ended yet. Only Linux lists them as files; elsewhere the group has to do.
fn descendants(of: Pid) -> Vec<Pid> {
    let parents: BTreeMap<RawPid, RawPid> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pid: RawPid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // A name may hold anything, parentheses too: state and parent follow the last one.
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let is_over = matches!(fields.next()?, "Z" | "X");
            let parent = fields.next()?.parse().ok()?;
            (!is_over).then_some((pid, parent))
        })
        .collect();
    let is_below = |pid: &RawPid| {
        let line = std::iter::successors(Some(*pid), |pid| parents.get(pid).copied());
        line.skip(1).take(parents.len()).any(|above| above == of.as_raw_nonzero().get())
    };
    parents.keys().copied().filter(is_below).filter_map(Pid::from_raw).collect()
}

/// Ends this process and everything in its group.
fn end_group() {
    let _ = rustix::process::kill_process_group(rustix::process::getpgrp(), Signal::KILL);
}

fn bound_to_us(program: &str) -> Command {
    match GUARD.get() {
        Some(guard) => {
            let mut command = Command::new(guard);
            command.arg(GUARD_SUBCOMMAND).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// The argument list as an error shows it.
pub(super) fn shown(argv: &[String]) -> String {
    let words: Vec<String> = argv.iter().take(8).map(|word| shortened(word)).collect();
    let more = if argv.len() > 8 { " …" } else { "" };
    format!("{}{more}", words.join(" "))
}

struct Said<'a>(&'a str);

impl std::fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; it said: {}", self.0) }
    }
}

fn feed(stdin: Option<ChildStdin>, input: Option<Vec<u8>>) {
    if let Some((mut stdin, input)) = stdin.zip(input) {
        // A program that ends before it read all says why by its exit code.
        let _ = io::Write::write_all(&mut stdin, &input);
    }
}

/// The last line or so of what a program said, for an error.
fn tail(stderr: Option<impl Read>) -> String {
    const SHOWN: usize = 300;
    let Some(mut stderr) = stderr else { return String::new() };
    let mut kept: Vec<u8> = Vec::new();
    let mut chunk = [0_u8; 4096];
    while let Ok(length) = stderr.read(&mut chunk) {
        if length == 0 {
            break;
        }
        kept.extend_from_slice(chunk.get(..length).unwrap_or_default());
        if kept.len() > STDERR_KEPT {
            kept.drain(..kept.len() - STDERR_KEPT / 2);
        }
    }
    let text = String::from_utf8_lossy(&kept);
    let text: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let skip = text.chars().count().saturating_sub(SHOWN);
    text.chars().skip(skip).collect()
}

/// A program that closed its output may still be at work; its exit code is waited for as long as it has time.
fn wait_until(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(LOOK),
            Ok(None) | Err(_) => return None,
        }
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(unix)]
fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        end_descendants(group);
        // It may have ended by itself in this moment.
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}
