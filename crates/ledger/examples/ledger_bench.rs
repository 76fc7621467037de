//! Appends and checks a ledger, beside raw SHA-256 of the same bytes on the same core.
//!
//! `cargo run --release -p tickmark-ledger --example ledger_bench [ENTRIES [ENTRIES_PER_COMMAND [FOLDER]]]`
//!
//! Each check runs in a process of its own, so that its memory is its own.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command as Process,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tickmark_ledger::{
    Command, Depth, NewEntry, Opening, Reader as _, Signer, SqliteReader, SqliteStore, Store as _, Trust, check,
};

const ORIGIN: &str = "bench.example/ledger";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check", depth, path] => {
            measure_check(if *depth == "hashes" { Depth::Hashes } else { Depth::Everything }, Path::new(path))
        }
        ["open", path] => measure_open(Path::new(path)),
        rest => {
            let number = |place: usize, default: u64| rest.get(place).map_or(Ok(default), |text| text.parse::<u64>());
            run(number(0, 1_000_000)?, number(1, 100)?, rest.get(2).copied())
        }
    }
}

/// A folder that was given is kept, for further runs of `check` and `open`.
fn run(entries: u64, per_command: u64, given: Option<&str>) -> Outcome<()> {
    let made = std::env::temp_dir().join(format!("ledger-bench-{}", std::process::id()));
    let folder = given.map_or(made, PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("ledger.db");
    let store = SqliteStore::open(&path)?;
    let signer = Signer::generate(ORIGIN)?;
    let recovery = Signer::generate(ORIGIN)?;
    let opening = Opening {
        origin: ORIGIN,
        signer: &signer,
        recovery_vkey: recovery.verifier(),
        author: "bench",
        command: "open",
        recorded_at: Timestamp::now(),
    };
    store.create(&opening)?;

    let singles = 1_000.min(entries / 2).max(1);
    let elapsed = append(&store, &signer, "single", singles, 1)?;
    println!(
        "append, 1 entry a command:   {:>9} entries/s ({} fsync/s)",
        rate(singles, elapsed),
        rate(singles, elapsed)
    );
    let rest = entries.saturating_sub(singles + 1) / per_command * per_command;
    let elapsed = append(&store, &signer, "many", rest, per_command)?;
    println!(
        "append, {per_command:>3} entries a command: {:>9} entries/s ({} fsync/s)",
        rate(rest, elapsed),
        rate(rest / per_command, elapsed)
    );
    drop(store);
    println!("file: {} MiB", std::fs::metadata(&path)?.len() >> 20);

    let program = std::env::current_exe()?;
    for arguments in [&["open"][..], &["check", "hashes"], &["check", "everything"]] {
        // Twice: the first run also fills the page cache.
        for _ in 0..2 {
            Process::new(&program).args(arguments).arg(&path).status()?;
        }
    }
    if given.is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

fn append(store: &SqliteStore, signer: &Signer, name: &str, entries: u64, per_command: u64) -> Outcome<Duration> {
    let mut size = store.view()?.size(ORIGIN)?;
    let mut spent = Duration::ZERO;
    for n in 0..entries / per_command {
        let command = Command {
            id: format!("{name}-{n}"),
            author: "person/0192f0c1-1c2d-7000-8000-000000000001".to_owned(),
            recorded_at: Timestamp::now(),
            entries: (0..per_command).map(|k| fact(n, k)).collect(),
        };
        let start = Instant::now();
        size = store.append(ORIGIN, size, &command, signer)?.size();
        spent += start.elapsed();
    }
    Ok(spent)
}

/// A fact of the usual shape and size: ids, digests, dates and counts.
fn fact(n: u64, k: u64) -> NewEntry {
    let digest = |salt: u64| hex::encode(Sha256::digest((n * 1000 + k + salt).to_be_bytes()));
    NewEntry {
        stream: format!("engagement/0192f0c1-1c2d-7000-8000-{:012}", k % 5),
        body: json!({
            "kind": "result_recorded", "version": 1, "on": "2026-09-30", "outcome": "no_exceptions",
            "population": 23_184 + k, "exceptions": 0, "engine": "engine 55.2.0", "millis": 412,
            "inputs": [digest(1), digest(2), digest(3)], "query": digest(4), "rows": digest(5),
        }),
    }
}

/// Nanoseconds of raw SHA-256 over the entries' bytes: as one stream, and each entry by itself.
fn raw(reader: &SqliteReader) -> Outcome<(u64, u64)> {
    let mut entries: Vec<u8> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    reader.scan(ORIGIN, 0..u64::MAX, &mut |_, bytes| {
        entries.extend_from_slice(bytes);
        ends.push(entries.len());
        Ok(())
    })?;
    // Alternating, best of three each: what else the machine does slows single runs.
    let (mut whole, mut each) = (u64::MAX, u64::MAX);
    for _ in 0..3 {
        let start = thread_nanos();
        std::hint::black_box(Sha256::digest(&entries));
        whole = whole.min(thread_nanos() - start);
        let start = thread_nanos();
        let mut from = 0;
        for end in &ends {
            std::hint::black_box(Sha256::digest(entries.get(from..*end).unwrap_or_default()));
            from = *end;
        }
        each = each.min(thread_nanos() - start);
    }
    Ok((whole, each))
}

fn measure_open(path: &Path) -> Outcome<()> {
    let start = Instant::now();
    let store = SqliteStore::open(path)?;
    let size = store.view()?.size(ORIGIN)?;
    println!("open (size {size}): {} µs", start.elapsed().as_micros());
    Ok(())
}

fn measure_check(depth: Depth, path: &Path) -> Outcome<()> {
    let store = SqliteStore::open(path)?;
    let reader = store.view()?;
    let (start, mine, all) = (Instant::now(), thread_nanos(), process_millis());
    let checked = check(&reader, ORIGIN, depth, &Trust::default(), Timestamp::now(), &mut |_, _| ())?;
    let elapsed = start.elapsed();
    let (mine, all) = (thread_nanos() - mine, process_millis() - all);
    let mut bytes = 0;
    reader.scan(ORIGIN, 0..checked.size, &mut |_, entry| {
        bytes += entry.len();
        Ok(())
    })?;
    report(&format!("check {depth:?} ({} checkpoints)", checked.checkpoints), checked.size, bytes, elapsed);
    report("  processor time of reading and the tree", checked.size, bytes, Duration::from_nanos(mine));
    report("  processor time of all threads", checked.size, bytes, Duration::from_millis(all));
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    println!("  peak memory {peak}");
    let (whole, each) = raw(&reader)?;
    report("  raw SHA-256, one stream, processor time", checked.size, bytes, Duration::from_nanos(whole));
    report("  raw SHA-256, each entry, processor time", checked.size, bytes, Duration::from_nanos(each));
    println!(
        "  speed of the check beside raw SHA-256 on one core: {} % (one stream), {} % (each entry)",
        u128::from(whole) * 100 / elapsed.as_nanos().max(1),
        u128::from(each) * 100 / elapsed.as_nanos().max(1)
    );
    Ok(())
}

/// Nanoseconds this thread has run: what a loaded machine does not distort.
fn thread_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Milliseconds all threads have run (in the kernel's ticks of 10 ms).
fn process_millis() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(") ").map_or("", |(_, fields)| fields);
    fields.split(' ').skip(11).take(2).filter_map(|number| number.parse::<u64>().ok()).sum::<u64>() * 10
}

fn report(what: &str, entries: u64, bytes: usize, elapsed: Duration) {
    let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX).max(1);
    println!(
        "{what:<42} {:>6} ms  {:>5} MB/s  {:>9} entries/s",
        nanos / 1_000_000,
        bytes as u64 * 1_000 / nanos,
        rate(entries, elapsed)
    );
}

fn rate(count: u64, elapsed: Duration) -> u64 {
    let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX).max(1);
    u64::try_from(u128::from(count) * 1_000_000_000 / u128::from(nanos)).unwrap_or(u64::MAX)
}
