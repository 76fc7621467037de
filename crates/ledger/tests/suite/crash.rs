//! A process killed while it appends loses nothing that it acknowledged; two processes cannot fork a ledger.

use std::{
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::support::{ORIGIN, check_store, key, open_ledger};
use tickmark_ledger::{Error, Reader as _, SqliteStore, Store as _, Trust};

const PATH: &str = "TICKMARK_LEDGER_CHILD";
const NAME: &str = "TICKMARK_LEDGER_CHILD_NAME";
const COUNT: &str = "TICKMARK_LEDGER_CHILD_COUNT";

/// What the killed process does. Run as a test by itself it has nothing to do.
#[test]
fn child_appends() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let name = std::env::var(NAME).expect("a name");
    let count: u64 = std::env::var(COUNT).expect("a count").parse().expect("a number");
    let store = SqliteStore::open(Path::new(&path)).expect("opens");
    let mut out = std::io::stdout();
    for n in 0..count {
        // Commands of different length, so that kills fall before, on and after the ends of bundles.
        let many: Vec<_> = (0..=n % 7 * 5).map(|k| (["a", "b", "c"][(k % 3) as usize], n)).collect();
        let command = crate::support::command(&format!("{name}-{n}"), n as i64, &many);
        let receipt = loop {
            let size = store.view().and_then(|reader| reader.size(ORIGIN)).expect("size");
            match store.append(ORIGIN, size, &command, &key(1)) {
                Ok(receipt) => break receipt,
                Err(Error::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        };
        for (index, hash) in (receipt.first..).zip(&receipt.leaf_hashes) {
            writeln!(out, "ack {index} {hash}").expect("writes");
        }
        out.flush().expect("flushes");
    }
}

fn spawn(path: &Path, name: &str, count: u64) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "crash::child_appends", "--nocapture"])
        .env(PATH, path)
        .env(NAME, name)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

/// What a child says, line by line.
type Lines = BufReader<std::process::ChildStdout>;

fn lines(child: &mut Child) -> Lines {
    BufReader::new(child.stdout.take().expect("piped"))
}

/// The next acknowledgment of a child. A line cut by the kill was not given.
fn next_acknowledged(lines: &mut Lines) -> Option<(u64, String)> {
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
        if let Some((_, ack)) = line.strip_suffix('\n').and_then(|line| line.split_once("ack ")) {
            let (index, hash) = ack.split_once(' ').expect("two words");
            return Some((index.parse().expect("an index"), hash.to_owned()));
        }
        line.clear();
    }
    None
}

fn assert_kept(store: &SqliteStore, acks: &[(u64, String)]) {
    let reader = store.view().expect("view");
    let hashes = reader.leaf_hashes(ORIGIN, 0..reader.size(ORIGIN).expect("size")).expect("hashes");
    for (index, hash) in acks {
        assert_eq!(hashes.get(*index as usize).map(ToString::to_string).as_ref(), Some(hash), "entry {index}");
    }
}

#[test]
fn fifty_kills_lose_nothing_acknowledged() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("ledger.db");
    open_ledger(&SqliteStore::open(&path).expect("opens"));
    let mut acks = Vec::new();
    for round in 0..50 {
        let mut child = spawn(&path, &format!("r{round}"), u64::MAX);
        let mut lines = lines(&mut child);
        let chance = RandomState::new().hash_one(round);
        // Most are killed while they append, some while they start and open the file.
        if round % 5 != 0 {
            acks.push(next_acknowledged(&mut lines).expect("the child appends"));
        }
        std::thread::sleep(Duration::from_micros(chance % 60_000));
        child.kill().expect("killed");
        acks.extend(std::iter::from_fn(|| next_acknowledged(&mut lines)));
        child.wait().expect("reaped");
        let store = SqliteStore::open(&path).expect("opens after the kill");
        let report = check_store(&store, &Trust::default()).expect("whole after the kill");
        assert!(report.size > acks.iter().map(|(index, _)| *index).max().unwrap_or(0), "round {round}");
        assert_kept(&store, &acks);
    }
    assert!(acks.len() >= 40);
}

#[test]
fn two_processes_cannot_fork() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("ledger.db");
    open_ledger(&SqliteStore::open(&path).expect("opens"));
    let mut children = [spawn(&path, "one", 40), spawn(&path, "two", 40)];
    let mut acks = Vec::new();
    for child in &mut children {
        let mut lines = lines(child);
        acks.extend(std::iter::from_fn(|| next_acknowledged(&mut lines)));
    }
    for child in &mut children {
        assert!(child.wait().expect("ends").success());
    }
    let store = SqliteStore::open(&path).expect("opens");
    check_store(&store, &Trust::default()).expect("whole");
    assert_kept(&store, &acks);
    acks.sort();
    let size = store.view().and_then(|reader| reader.size(ORIGIN)).expect("size");
    assert_eq!(acks.iter().map(|(index, _)| *index).collect::<Vec<_>>(), (1..size).collect::<Vec<_>>());
}
