//! A small organization from `init` to a verified report package, by commands alone: `everyday/transcript.md` is what is
//! typed and what is printed. With `TICKMARK_WRITE_TRANSCRIPT=1` the test writes what it saw in its place.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where a command of the transcript begins; what is printed is indented as far.
const INDENT: &str = "    ";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/everyday")
}

#[test]
fn from_init_to_a_verified_package() {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    copy(&folder(), &root.join("inputs"));
    fs::create_dir(root.join("systems")).unwrap();
    fs::rename(root.join("inputs/hr"), root.join("systems/hr")).unwrap();
    let database = rusqlite::Connection::open(root.join("systems/operations.db")).unwrap();
    database.execute_batch(&fs::read_to_string(folder().join("operations.sql")).unwrap()).unwrap();
    drop(database);

    plays_as_written(&folder().join("transcript.md"), &root, Days::of_the_test());
}

/// Which days a transcript plays on.
pub enum Days {
    /// On any day: nothing that is printed depends on it.
    Any,
    /// On days around that of the test, each under a name of its own, in what is typed too; a name that begins like another
    /// stands before it.
    Named(Vec<(String, String)>),
    /// On those that its headings tell.
    Told,
}

impl Days {
    /// The day of the test, which stands as `TODAY`. The organization's days begin and end in New York.
    pub fn of_the_test() -> Self {
        let output = Command::new("date").env("TZ", "America/New_York").arg("+%F").output().unwrap();
        Self::Named(vec![(String::from_utf8(output.stdout).unwrap().trim().to_owned(), "TODAY".to_owned())])
    }

    /// Days and their names.
    fn named(&self) -> &[(String, String)] {
        match self {
            Self::Named(named) => named,
            Self::Any | Self::Told => &[],
        }
    }
}

/// Types the commands of a transcript in a folder, and fails where something else is printed than it says.
pub fn plays_as_written(path: &Path, root: &Path, days: Days) {
    let expected = fs::read_to_string(path).unwrap();
    let seen = performed(&expected, root, &days);
    if std::env::var_os("TICKMARK_WRITE_TRANSCRIPT").is_some() {
        fs::write(path, &seen).unwrap();
        return;
    }
    let differs = expected.lines().zip(seen.lines()).position(|(expected, seen)| expected != seen);
    assert!(
        expected == seen,
        "the transcript differs from line {} on; this was seen:\n\n{seen}",
        differs.unwrap_or_else(|| expected.lines().count().min(seen.lines().count())) + 1
    );
}

/// The transcript with what its commands print now.
fn performed(transcript: &str, root: &Path, days: &Days) -> String {
    let mut folder = root.to_owned();
    let mut now: Option<Moment> = None;
    let mut seen = String::new();
    let mut printed_before = false;
    for line in transcript.lines() {
        let Some(command) = line.strip_prefix(INDENT).and_then(|line| line.strip_prefix("$ ")) else {
            // What was printed stands right under its command and is printed anew.
            if !(printed_before && line.starts_with(INDENT)) {
                printed_before = false;
                now = Moment::told(line).or(now);
                seen.push_str(line);
                seen.push('\n');
            }
            continue;
        };
        printed_before = true;
        seen.push_str(&format!("{line}\n"));
        if let Some(to) = command.strip_prefix("cd ") {
            folder = folder.join(to);
            continue;
        }
        for line in run(command, &folder, root, days, now.as_mut()).lines() {
            seen.push_str(format!("{INDENT}{line}").trim_end());
            seen.push('\n');
        }
    }
    seen
}

/// The time of a heading such as `## 2026-03-02 09:00 The review`, and the minutes since then: a command takes one.
struct Moment {
    day: String,
    hour: u32,
    minute: u32,
}

impl Moment {
    fn told(line: &str) -> Option<Self> {
        let words = line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))?;
        let (day, rest) = words.split_once(' ').filter(|(day, _)| day.len() == 10 && day.starts_with("20"))?;
        let (hour, minute) = rest.get(..5)?.split_once(':')?;
        Some(Self { day: day.to_owned(), hour: hour.parse().ok()?, minute: minute.parse().ok()? })
    }

    /// As `faketime` reads it; the next command comes a minute later.
    fn next(&mut self) -> String {
        let now = format!("@{} {:02}:{:02}:00", self.day, self.hour, self.minute);
        (self.hour, self.minute) = if self.minute == 59 { (self.hour + 1, 0) } else { (self.hour, self.minute + 1) };
        now
    }
}

/// What a command prints, and its exit code if it is not 0.
fn run(command: &str, folder: &Path, root: &Path, days: &Days, now: Option<&mut Moment>) -> String {
    let command = days.named().iter().fold(command.to_owned(), |command, (day, name)| command.replace(name, day));
    let binary = Path::new(env!("CARGO_BIN_EXE_tickmark")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("PATH", format!("{}:/usr/bin:/bin", binary.display()));
    if matches!(days, Days::Told) {
        // Only the calendar's clock: the one that measures durations stays the machine's.
        let Some(now) = now else { panic!("a heading tells the time before the first command") };
        shell.env("LD_PRELOAD", faketime()).env("DONT_FAKE_MONOTONIC", "1").env("TZ", "America/New_York");
        shell.env("FAKETIME", now.next());
    }
    let output = shell.output().unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    let code = output.status.code().unwrap();
    if code != 0 {
        text.push_str(&format!("[exit {code}]\n"));
    }
    let text = text.replace(root.to_str().unwrap(), "…");
    let of_day = |line: String| days.named().iter().fold(line, |line, (day, name)| line.replace(day, name));
    // A blank line would end what belongs to the command.
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| of_day(shortened(line)) + "\n").collect()
}

/// Debian's library that tells programs another time.
pub fn faketime() -> PathBuf {
    let libraries = fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let found = libraries.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|library| library.exists());
    found.unwrap_or_else(|| panic!("tests/install installs Debian's package faketime"))
}

/// A line without digests, keys and run numbers, which are others every time, and without the number of pages, which
/// follows the templates.
fn shortened(line: &str) -> String {
    if let Some((before, after)) = line.split_once(" pages rendered again") {
        return format!(
            "{}… pages rendered again{after}",
            before.trim_end_matches(|letter: char| letter.is_ascii_digit())
        );
    }
    let mut short = String::new();
    let mut word = String::new();
    for letter in line.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=' | '_') {
            word.push(letter);
            continue;
        }
        // The short form of a digest has twelve digits; a number has no letters.
        let is_short = word.len() == 12 && word.chars().any(|letter| letter.is_ascii_alphabetic());
        let is_hex = (word.len() >= 16 || is_short) && word.chars().all(|letter| letter.is_ascii_hexdigit());
        let is_key = word.len() >= 40 && word.chars().any(|letter| letter.is_ascii_digit());
        short.push_str(if is_hex || is_key { "…" } else { &word });
        word.clear();
        short.push(letter);
    }
    short.trim_end().to_owned()
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
