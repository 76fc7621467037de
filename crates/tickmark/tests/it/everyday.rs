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

    plays_as_written(&folder().join("transcript.md"), &root, Some(&today()));
}

/// Types the commands of a transcript in a folder, and fails where something else is printed than it says. The day of the
/// test stands as `TODAY`, where one is given.
pub fn plays_as_written(path: &Path, root: &Path, today: Option<&str>) {
    let days: Vec<(String, String)> = today.map(|today| (today.to_owned(), "TODAY".to_owned())).into_iter().collect();
    plays_on_days(path, root, &days);
}

/// The same with several days, each under a name of its own, in what is typed too; a name that begins like another stands
/// before it.
pub fn plays_on_days(path: &Path, root: &Path, days: &[(String, String)]) {
    let expected = fs::read_to_string(path).unwrap();
    let seen = performed(&expected, root, days);
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
fn performed(transcript: &str, root: &Path, days: &[(String, String)]) -> String {
    let mut folder = root.to_owned();
    let mut seen = String::new();
    let mut printed_before = false;
    for line in transcript.lines() {
        let Some(command) = line.strip_prefix(INDENT).and_then(|line| line.strip_prefix("$ ")) else {
            // What was printed stands right under its command and is printed anew.
            if !(printed_before && line.starts_with(INDENT)) {
                printed_before = false;
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
        for line in run(command, &folder, root, days).lines() {
            seen.push_str(format!("{INDENT}{line}").trim_end());
            seen.push('\n');
        }
    }
    seen
}

/// What a command prints, and its exit code if it is not 0.
fn run(command: &str, folder: &Path, root: &Path, days: &[(String, String)]) -> String {
    let command = days.iter().fold(command.to_owned(), |command, (day, name)| command.replace(name, day));
    let binary = Path::new(env!("CARGO_BIN_EXE_tickmark")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("PATH", format!("{}:/usr/bin:/bin", binary.display()))
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    let code = output.status.code().unwrap();
    if code != 0 {
        text.push_str(&format!("[exit {code}]\n"));
    }
    let text = text.replace(root.to_str().unwrap(), "…");
    let of_day = |line: String| days.iter().fold(line, |line, (day, name)| line.replace(day, name));
    // A blank line would end what belongs to the command.
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| of_day(shortened(line)) + "\n").collect()
}

pub fn today() -> String {
    // The organization's days begin and end in New York.
    let output = Command::new("date").env("TZ", "America/New_York").arg("+%F").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
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
