//! SQLite: one snapshot for count, sums and rows, whatever is written meanwhile.

use rusqlite::Connection;
use tickmark_collect::{
    Connectors, Progress, SourceConfig, Window, WindowCount, collect, count, monthly_windows, present_day, reconcile,
};

use crate::case::{self, EVENT, ITEM, Place, chain, clock, month, yesterday};

const SOURCE: &str = r#"
id = "db"
title = "Database"
kind = "sqlite"
file = "s.db"

[[datasets]]
dataset = "event"
query = "SELECT id, cents, day FROM t WHERE day BETWEEN :first AND :last ORDER BY id"
count = "SELECT count(*), sum(cents) AS amount FROM t WHERE day BETWEEN :first AND :last"
columns.id = { integer_to_text = true }
columns.amount = { from = "cents", unscaled = true }
"#;

fn filled(place: &Place, rows: i64) -> Connection {
    let mut connection = Connection::open(place.path().join("s.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, cents INTEGER, day TEXT)").unwrap();
    let transaction = connection.transaction().unwrap();
    for id in 0..rows {
        let day = jiff::civil::date(2026, 7, 1).checked_add(jiff::Span::new().days(id % 92)).unwrap().to_string();
        transaction.execute("INSERT INTO t VALUES (?, ?, ?)", (id, id * 3 - 5, day)).unwrap();
    }
    transaction.commit().unwrap();
    connection
}

#[test]
fn windows_add_up_to_one_count_after_the_last_day() {
    let place = Place::new();
    let _writer = filled(&place, 1000);
    let (first, last) = (jiff::civil::date(2026, 7, 1), jiff::civil::date(2026, 9, 30));
    let mut manifests = Vec::new();
    for window in monthly_windows(first, last) {
        let collected = place.collect(SOURCE, EVENT, window).unwrap();
        assert!(collected.complete, "{:?}", collected.incomplete_because);
        assert_eq!(collected.manifest.control_totals[0].agrees(), Some(true));
        manifests.push(collected.manifest);
    }
    let dataset = case::dataset(EVENT);
    let whole = Window::Booked { first, last };
    let counted = count(&place.source(SOURCE), &dataset, whole, clock()).unwrap().unwrap();
    assert_eq!((counted.rows, counted.totals.len()), (1000, 1));
    let reconciled = reconcile(&dataset, first, last, &manifests, Some(&counted));
    assert_eq!((reconciled.rows, reconciled.incomplete_because), (1000, None));
    assert_eq!((reconciled.totals, reconciled.totals_differ), (1, 0));
    // A row booked late into a month that was read before.
    let later = WindowCount { rows: 1001, ..counted.clone() };
    let reconciled = reconcile(&dataset, first, last, &manifests, Some(&later));
    assert!(reconciled.incomplete_because.unwrap().contains("1001 rows over the whole period"));
    // An amount changed after its month was read: as many rows, and another sum.
    let changed = WindowCount { totals: [("amount".to_owned(), "0.01".to_owned())].into(), ..counted.clone() };
    let reconciled = reconcile(&dataset, first, last, &manifests, Some(&changed));
    assert_eq!((reconciled.totals, reconciled.totals_differ), (1, 1));
    let because = reconciled.incomplete_because.unwrap();
    let sum = &counted.totals["amount"];
    let told = format!("the sum of amount over the whole period is 0.01 in the source, its extracts hold {sum}");
    assert_eq!(because, told);
    let reconciled = reconcile(&dataset, first, last, &manifests[1..], Some(&counted));
    assert!(reconciled.incomplete_because.unwrap().contains("nothing covers 2026-07-01 to 2026-07-31"));
}

#[test]
fn rows_written_during_the_reading_are_not_seen() {
    struct Writer(std::sync::Mutex<Connection>);
    impl Progress for Writer {
        fn rows(&self, _stored: u64) {
            let connection = self.0.lock().unwrap();
            connection.execute("INSERT INTO t (cents, day) VALUES (1, '2026-09-01')", ()).unwrap();
        }
    }
    let place = Place::new();
    // More than the pipeline holds, so the reader is at work while the writer writes.
    let writer = Writer(std::sync::Mutex::new(filled(&place, 600_000)));
    let window = Window::Booked { first: jiff::civil::date(2026, 7, 1), last: jiff::civil::date(2026, 9, 30) };
    let source = SourceConfig::parse("s.toml", SOURCE, place.path(), &Connectors::default()).unwrap();
    let collected = collect(&source, &case::dataset(EVENT), window, &place.vault, clock(), &writer).unwrap();
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    assert_eq!(collected.manifest.rows, 600_000);
    let counted = count(&source, &case::dataset(EVENT), window, clock()).unwrap();
    assert!(counted.unwrap().rows > 600_000, "nothing was written meanwhile");
}

#[test]
fn a_database_that_breaks_off_leaves_nothing() {
    let place = Place::new();
    let connection = filled(&place, 200_000);
    connection.pragma_update(None, "journal_mode", "delete").unwrap();
    drop(connection);
    let path = place.path().join("s.db");
    let length = std::fs::metadata(&path).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(length / 4096 / 2 * 4096).unwrap();
    let error = place.collect(SOURCE, EVENT, month(2026, 9)).unwrap_err();
    let told = chain(&error);
    assert!(told.contains("s.db") && told.contains("malformed"), "{told}");
    assert!(place.vault.manifests().unwrap().is_empty());
}

#[test]
fn a_live_source_tells_no_other_day_but_one_with_a_history_does() {
    let place = Place::new();
    let connection = Connection::open(place.path().join("s.db")).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE h (id TEXT, since TEXT, until TEXT);
             INSERT INTO h VALUES ('a', '2026-01-01', '2026-09-01'), ('b', '2026-02-01', '9999-12-31')",
        )
        .unwrap();
    let rest = "NULL AS amount, NULL AS day, NULL AS at, NULL AS flag, NULL AS n";
    let source = |from: &str| {
        format!(
            "id = \"db\"\ntitle = \"D\"\nkind = \"sqlite\"\nfile = \"s.db\"\n[[datasets]]\ndataset = \"item\"\n\
             query = \"SELECT id, {rest} {from}\"\ncount = \"SELECT count(*) {from}\"\n"
        )
    };
    let august = Window::State { effective_on: jiff::civil::date(2026, 8, 31) };
    let now = source("FROM h");
    assert!(place.collect(&now, ITEM, yesterday()).unwrap().complete);
    let told = chain(&place.collect(&now, ITEM, august).unwrap_err());
    assert!(told.contains("its state of now only"), "{told}");
    let then = source("FROM h WHERE :on >= since AND :on < until");
    assert_eq!(place.collect(&then, ITEM, august).unwrap().manifest.rows, 2);
    assert_eq!(place.collect(&then, ITEM, yesterday()).unwrap().manifest.rows, 1);
}

#[test]
fn a_copy_tells_how_the_day_before_it_ended_and_no_other() {
    let place = Place::new();
    let connection = Connection::open(place.path().join("s.db")).unwrap();
    connection.execute_batch("CREATE TABLE h (id TEXT); INSERT INTO h VALUES ('a')").unwrap();
    let query = "SELECT id, NULL AS amount, NULL AS day, NULL AS at, NULL AS flag, NULL AS n FROM h";
    let copy = format!(
        "id = \"db\"\ntitle = \"D\"\nkind = \"sqlite\"\nfile = \"s.db\"\ncopied_on = \"2026-08-31\"\n[[datasets]]\n\
         dataset = \"item\"\nquery = \"{query}\"\ncount = \"SELECT count(*) FROM h\"\n"
    );
    let [before, ended, taken] = [29, 30, 31].map(|day| jiff::civil::date(2026, 8, day));
    assert_eq!(present_day(&place.source(&copy), jiff::civil::date(2026, 10, 2)), ended);
    let read = |effective_on| place.collect(&copy, ITEM, Window::State { effective_on });
    assert!(read(ended).unwrap().complete);
    let told = chain(&read(taken).unwrap_err());
    assert!(told.contains("the day was not over when it was read or copied"), "{told}");
    let told = chain(&read(before).unwrap_err());
    assert!(told.contains("its state of now only"), "{told}");
}

#[test]
fn a_window_must_fit_the_dataset() {
    let place = Place::new();
    let _writer = filled(&place, 10);
    let told = |window| chain(&place.collect(SOURCE, EVENT, window).unwrap_err());
    assert!(told(yesterday()).contains("events are collected in windows"));
    assert!(told(month(2026, 11)).contains("begins after the time of the extraction"));
    let backwards = Window::Booked { first: jiff::civil::date(2026, 9, 2), last: jiff::civil::date(2026, 9, 1) };
    assert!(told(backwards).contains("ends before it begins"));
}
