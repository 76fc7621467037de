//! The parent's side: the PDF to a process of its own, so that a hostile one cannot take this one's memory, time or stack.
//!
//! Invariant: an answer that did not arrive whole is an error.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{Error, Limits, PageText, worker::Answer};

/// The hidden subcommand of the program's own executable.
pub const WORKER_SUBCOMMAND: &str = "pdf-text-worker";

/// How much of what the child says on standard error is read.
const STDERR_KEPT: u64 = 4096;

/// Reads the text of a PDF in a child process: this program's own executable with the hidden subcommand. Blocks.
pub fn read_in_child(pdf: &[u8]) -> Result<Vec<PageText>, Error> {
    let program = std::env::current_exe()
        .map_err(|error| Error::Child(format!("cannot be started, as this program's place is unknown: {error}")))?;
    let mut command = Command::new(program);
    command.arg(WORKER_SUBCOMMAND);
    read_in_child_with(pdf, command)
}

/// The same with another program that calls [`crate::worker_main`].
pub fn read_in_child_with(pdf: &[u8], mut command: Command) -> Result<Vec<PageText>, Error> {
    let limits = Limits::OF_A_REPORT;
    if pdf.len() as u64 > limits.bytes {
        return Err(Error::TooLarge { bytes: pdf.len() as u64, most: limits.bytes });
    }
    let mut child = command
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Error::Child(format!("could not be started: {error}")))?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::Child("has no pipes".to_owned()));
    };
    let (sender, receiver) = mpsc::channel();
    // JSON takes at most six bytes for one of text.
    let most = limits.text_bytes * 6 + (1 << 20);
    let words = thread::spawn(move || last_words(stderr));
    thread::spawn(move || {
        let mut answer = Vec::new();
        let read = stdout.take(most).read_to_end(&mut answer).map(|_| answer);
        let _ = sender.send(read);
    });
    thread::scope(|scope| {
        // A child that dies early breaks the pipe; its missing answer tells.
        scope.spawn(move || stdin.write_all(pdf));
        let answer = receiver.recv_timeout(Duration::from_secs(limits.seconds));
        // It has answered, or has had its time.
        if answer.is_err() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| Error::Child(format!("could not be waited for: {error}")))?;
        let Ok(answer) = answer else { return Err(Error::Time { seconds: limits.seconds }) };
        let answer = answer.map_err(|error| Error::Child(format!("could not be heard: {error}")))?;
        match serde_json::from_slice::<Answer>(&answer) {
            Ok(answer) if status.success() => answer,
            Ok(_) | Err(_) => {
                let words = words.join().unwrap_or_default();
                let said = if words.is_empty() { String::new() } else { format!(": {words}") };
                Err(Error::Child(format!("gave it up and ended with {status}{said}")))
            }
        }
    })
}

/// The last line that a child said on standard error that says why it died; a note of how to learn more is none.
fn last_words(stderr: impl Read) -> String {
    let mut said = Vec::new();
    let _ = stderr.take(STDERR_KEPT).read_to_end(&mut said);
    let text = String::from_utf8_lossy(&said);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.starts_with("note:"));
    last.map(|line| line.chars().filter(|c| !c.is_control()).take(300).collect()).unwrap_or_default()
}
