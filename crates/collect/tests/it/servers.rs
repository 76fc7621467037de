//! PostgreSQL and MariaDB as they run: tests/servers.sh starts them and says where by environment variables.

use std::process::Command;

use tickmark_collect::{Window, count};

use crate::case::{self, EVENT, ITEM, Place, chain, clock, month, yesterday};

/// A server to test with: its URL, its kind, and how to speak to it.
struct Server {
    kind: &'static str,
    url: String,
    client: Vec<String>,
}

/// The server, or `None` where nobody started any. Where the script ran, a server it did not start is a failure.
fn server(kind: &'static str, variable: &str) -> Option<Server> {
    let Ok(url) = std::env::var(format!("TICKMARK_TEST_{variable}_URL")) else {
        assert!(std::env::var_os("TICKMARK_TEST_SERVERS").is_none(), "tests/servers.sh started no {variable}");
        eprintln!("not tested: start the servers with tests/servers.sh");
        return None;
    };
    let client = std::env::var(format!("TICKMARK_TEST_{variable}_CLIENT")).unwrap();
    Some(Server { kind, url, client: client.split(' ').map(str::to_owned).collect() })
}

impl Server {
    fn run(&self, sql: &str) {
        let output = Command::new(&self.client[0]).args(&self.client[1..]).arg(sql).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn source(&self, dataset: &str, query: &str, count: &str, more: &str) -> String {
        format!(
            "id = \"s\"\ntitle = \"S\"\nkind = \"{}\"\nurl = \"{}\"\n[[datasets]]\ndataset = \"{dataset}\"\n\
             query = \"\"\"{query}\"\"\"\ncount = \"\"\"{count}\"\"\"\n{more}",
            self.kind, self.url
        )
    }
}

const ITEMS: &str = "SELECT id, amount, day, at, flag, n FROM items ORDER BY id";

fn typed(server: &Server) {
    let place = Place::new();
    let source = server.source("item", ITEMS, "SELECT count(*) FROM items", "");
    let collected = place.collect(&source, ITEM, yesterday()).unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    assert_eq!(
        place.rows(&collected),
        [
            "id=a amount=1234.50 day=2026-09-30 at=2026-09-30T16:00:00.250Z flag=true n=-7",
            "id=b",
            "id=ç amount=-0.05 flag=false n=0"
        ]
    );
    assert!(!collected.manifest.parameters.values().any(|value| value.contains("secret")));
}

fn windows(server: &Server) {
    let place = Place::new();
    let source = server.source(
        "event",
        "SELECT id, amount, day FROM events WHERE day BETWEEN :first AND :last",
        "SELECT count(*), sum(amount) AS amount FROM events WHERE day BETWEEN :first AND :last",
        "",
    );
    let collected = place.collect(&source, EVENT, month(2026, 9)).unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    assert_eq!(place.rows(&collected), ["id=b amount=2.00 day=2026-09-01", "id=c amount=3.50 day=2026-09-30"]);
    assert_eq!(collected.manifest.control_totals[0].source.as_deref(), Some("5.50"));
    let none = place.collect(&source, EVENT, month(2026, 7)).unwrap();
    assert!(none.complete && none.manifest.rows == 0);
    let whole = Window::Booked { first: jiff::civil::date(2026, 1, 1), last: jiff::civil::date(2026, 12, 31) };
    let counted = count(&place.source(&source), &case::dataset(EVENT), whole, clock()).unwrap();
    assert_eq!(counted.map(|counted| (counted.rows, counted.totals.len())), Some((3, 1)));
}

fn refusals(server: &Server) {
    let place = Place::new();
    let told = |query: &str, more: &str| {
        let source = server.source("item", query, "SELECT count(*) FROM items", more);
        let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
        assert!(place.vault.manifests().unwrap().is_empty());
        told
    };
    let missing = told("SELECT id, amount, day, at, flag FROM items", "");
    assert!(missing.contains("column missing: `n`"), "{missing}");
    let unknown = told("SELECT id, amount, day, at, flag, n, n AS extra FROM items", "");
    assert!(unknown.contains("neither mapped nor ignored: `extra`"), "{unknown}");
    let double = told("SELECT id, wobbly AS amount, day, at, flag, n FROM items ORDER BY id", "");
    assert!(double.contains("a float is not exact"), "{double}");
    let changed = told("SELECT n AS id, amount, day, at, flag, n FROM items WHERE n IS NOT NULL", "");
    assert!(changed.contains("leading zeros may be lost"), "{changed}");
    let absent = told("SELECT gone FROM items", "");
    assert!(absent.contains("gone"), "{absent}");
    for query in [
        "DELETE FROM items RETURNING id, amount, day, at, flag, n",
        "INSERT INTO items (id) VALUES ('a') RETURNING id, amount, day, at, flag, n",
    ] {
        let written = told(query, "");
        assert!(
            written.to_lowercase().contains("read only") || written.to_lowercase().contains("read-only"),
            "{written}"
        );
    }
    let two = told("SELECT 1; SELECT 2", "");
    assert!(!two.is_empty());
}

fn breaks_off(server: &Server, end: &str) {
    let place = Place::new();
    let source = server.source("item", end, "SELECT count(*) FROM items", "");
    let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
    assert!(told.contains("reading from") || told.contains("preparing"), "{told}");
    assert!(place.vault.manifests().unwrap().is_empty());
}

#[test]
fn postgres_is_read_in_one_snapshot_and_not_written() {
    let Some(server) = server("postgres", "POSTGRES") else { return };
    server.run(
        "DROP TABLE IF EXISTS items, events; DROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('a', 'b', 'ç');
         CREATE TABLE items (id mood, amount numeric(9, 2), day date, at timestamptz, flag boolean, n integer, wobbly float8);
         INSERT INTO items VALUES ('a', 1234.50, '2026-09-30', '2026-09-30 12:00:00.25-04', true, -7, 0.1), ('b', NULL, NULL, NULL, NULL, NULL, NULL),
                                  ('ç', -0.05, NULL, NULL, false, 0, 0.5);
         CREATE TABLE events (id text, amount numeric, day date);
         INSERT INTO events VALUES ('a', 1, '2026-08-31'), ('b', 2, '2026-09-01'), ('c', 3.5, '2026-09-30')",
    );
    typed(&server);
    windows(&server);
    refusals(&server);
    breaks_off(
        &server,
        "SELECT id, amount, day, at, flag, CASE WHEN id = 'b' THEN (pg_terminate_backend(pg_backend_pid()))::int END AS n FROM items",
    );
    let place = Place::new();
    let source = server
        .source("item", ITEMS, "SELECT count(*) FROM items", "")
        .replace("SELECT id, amount, day", "SELECT id, 'NaN'::numeric AS amount, day");
    let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
    assert!(told.contains("row 1, column `amount`"), "{told}");
    let source =
        server.source("item", &ITEMS.replace(" day,", " 'infinity'::date AS day,"), "SELECT count(*) FROM items", "");
    let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
    assert!(told.contains("an infinite date"), "{told}");
    for day in ["0044-03-15 BC", "20260-09-30"] {
        let query = ITEMS.replace(" day,", &format!(" '{day}'::date AS day,"));
        let source = server.source("item", &query, "SELECT count(*) FROM items", "");
        let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
        assert!(told.contains("outside of the years 0001 to 9999"), "{told}");
    }
}

#[test]
fn mariadb_is_read_in_one_snapshot_and_not_written() {
    let Some(server) = server("mysql", "MARIADB") else { return };
    server.run(
        "DROP TABLE IF EXISTS items, events;
         CREATE TABLE items (id varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, amount decimal(9, 2), day date, at timestamp(3) NULL,
                             flag boolean, n int, wobbly double) ENGINE = InnoDB;
         SET time_zone = '-04:00';
         INSERT INTO items VALUES ('a', 1234.50, '2026-09-30', '2026-09-30 12:00:00.250', true, -7, 0.1),
                                  ('b', NULL, NULL, NULL, NULL, NULL, NULL), ('ç', -0.05, NULL, NULL, false, 0, 0.5);
         CREATE TABLE events (id varchar(9), amount decimal(9, 2), day date) ENGINE = InnoDB;
         INSERT INTO events VALUES ('a', 1, '2026-08-31'), ('b', 2, '2026-09-01'), ('c', 3.5, '2026-09-30')",
    );
    typed(&server);
    windows(&server);
    refusals(&server);
    server.run("SET sql_mode = ''; INSERT INTO items (id, day) VALUES ('zero', '0000-00-00')");
    let place = Place::new();
    let source = server.source("item", ITEMS, "SELECT count(*) FROM items", "");
    let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
    assert!(told.contains("a date that does not exist"), "{told}");
}

#[test]
fn servers_that_are_not_there_are_named_without_a_secret() {
    let place = Place::new();
    place.write("password", "secret");
    std::fs::set_permissions(place.path().join("password"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    for kind in ["postgres", "mysql"] {
        let source = format!(
            "id = \"s\"\ntitle = \"S\"\nkind = \"{kind}\"\nurl = \"{kind}://reader@127.0.0.1:9/x\"\npassword.file = \"password\"\n\
             [[datasets]]\ndataset = \"item\"\nquery = \"SELECT 1\"\ncount = \"SELECT 1\"\n"
        );
        let told = chain(&place.collect(&source, ITEM, yesterday()).unwrap_err());
        assert!(told.contains(&format!("connecting to {kind}://127.0.0.1:9/x")) && !told.contains("secret"), "{told}");
    }
    std::fs::set_permissions(place.path().join("password"), std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .unwrap();
    let source = "id = \"s\"\ntitle = \"S\"\nkind = \"mysql\"\nurl = \"mysql://r@127.0.0.1:9/x\"\npassword.file = \"password\"\n\
                  [[datasets]]\ndataset = \"item\"\nquery = \"SELECT 1\"\ncount = \"SELECT 1\"\n";
    let told = chain(&place.collect(source, ITEM, yesterday()).unwrap_err());
    assert!(told.contains("set its mode to 0600"), "{told}");
}
