//! What a table name means: the state on the day asked for, and the history.

use crate::support::*;
use tickmark_canonical::Digest;
use tickmark_catalog::ControlTest;
use tickmark_examine::{TableInput, exception_items, run};
use tickmark_vault::{Manifest, WriteOptions};

/// The ids of all payslips, or employees, that a query returns.
fn ids(office: &Office, tables: Vec<TableInput>, on: &str, sql: &str, population: &str) -> Vec<String> {
    let test = ControlTest { population_sql: population.to_owned(), ..slip_test(sql) };
    let mut job = job(tables, vec![test]);
    job.on = on.parse().unwrap();
    let outcome = run(&job, &office.vault).remove(0);
    let rows = outcome.rows.unwrap_or_else(|| panic!("{}", said(&outcome)));
    let items = exception_items(&office.vault, &rows, &outcome.item).unwrap();
    items.map(|item| item.unwrap().concat()).collect()
}

const EVERY: &str = "SELECT payslip_id, net FROM payslip";
const EVERY_ID: &str = "SELECT payslip_id FROM payslip";

#[test]
fn events_are_those_booked_by_the_day() {
    let office = Office::new();
    let slips: [Slip<'_>; 2] = [("P1", "E", "2026-03-01", 1, 1, "USD"), ("P2", "E", "2026-03-02", 2, 1, "USD")];
    let extract = office.payslips(("2026-01-01", "2026-12-31"), "2027-01-02", &slips, WriteOptions::new(true));
    let tables = vec![input(PAYSLIP, vec![extract])];
    assert_eq!(ids(&office, tables.clone(), "2026-03-01", EVERY, EVERY_ID), ["P1"]);
    assert_eq!(ids(&office, tables, "2026-03-02", EVERY, EVERY_ID), ["P1", "P2"]);
}

/// Each day the week before it is read once more, as a schedule does: every extract overlaps seven others.
#[test]
fn a_year_of_weeks_that_are_read_each_day_is_one_year() {
    let office = Office::new();
    let first: jiff::civil::Date = "2026-01-01".parse().unwrap();
    let days: Vec<String> = first.series(jiff::Span::new().days(1)).take(365).map(|day| day.to_string()).collect();
    let names: Vec<String> = (1..=days.len()).map(|number| format!("P{number:03}")).collect();
    let extracts = (0..days.len()).map(|last| {
        let from = last.saturating_sub(7);
        let slips: Vec<Slip<'_>> =
            (from..=last).map(|at| (names[at].as_str(), "E", days[at].as_str(), at as i64, 100, "USD")).collect();
        let made_on = days.get(last + 1).map_or("2027-01-01", String::as_str);
        office.payslips((&days[from], &days[last]), made_on, &slips, WriteOptions::new(true))
    });
    let tables = vec![input(PAYSLIP, extracts.collect())];
    let rare = "SELECT payslip_id FROM payslip WHERE net < 0 OR payslip_id IN ('P001', 'P200', 'P365')";
    assert_eq!(ids(&office, tables.clone(), "2026-12-31", rare, EVERY_ID), ["P001", "P200", "P365"]);
    let job = job(tables, vec![slip_test("SELECT payslip_id FROM payslip WHERE net < 0")]);
    assert_eq!(said(&run(&job, &office.vault)[0]), "no exceptions in 365");
}

#[test]
fn of_windows_that_overlap_the_newest_extract_counts() {
    let office = Office::new();
    let first: [Slip<'_>; 4] = [
        ("P1", "E", "2026-01-10", 1, 100, "USD"),
        ("P2", "E", "2026-01-25", 2, 100, "USD"),
        ("P3", "E", "2026-01-26", 3, 100, "USD"),
        ("P9", "E", "2026-01-15", 9, 100, "USD"),
    ];
    // Read again from the 20th: P2 was restated, P3 has vanished; P9 was booked anew in February.
    let second: [Slip<'_>; 3] = [
        ("P2", "E", "2026-01-25", 2, 250, "USD"),
        ("P4", "E", "2026-02-10", 4, 100, "USD"),
        ("P9", "E", "2026-02-11", 9, 950, "USD"),
    ];
    let tables = vec![input(
        PAYSLIP,
        vec![
            office.payslips(("2026-01-20", "2026-12-31"), "2027-01-02", &second, WriteOptions::new(true)),
            office.payslips(("2026-01-01", "2026-01-31"), "2026-02-01", &first, WriteOptions::new(true)),
        ],
    )];
    assert_eq!(ids(&office, tables.clone(), "2026-12-31", EVERY, EVERY_ID), ["P1", "P2", "P4", "P9"]);
    let large = "SELECT payslip_id, net FROM payslip WHERE net > 2 OR net < 0";
    assert_eq!(ids(&office, tables.clone(), "2026-12-31", large, EVERY_ID), ["P2", "P9"]);
    // The history keeps all of it.
    let vanished = "SELECT DISTINCT payslip_id FROM payslip_history WHERE payslip_id = 'P3' OR net < 0";
    let everything = "SELECT DISTINCT payslip_id FROM payslip_history";
    assert_eq!(ids(&office, tables, "2026-12-31", vanished, everything), ["P3"]);
}

#[test]
fn a_key_that_moved_between_windows_counts_once() {
    let office = Office::new();
    let january: [Slip<'_>; 2] = [("P1", "E", "2026-01-10", 1, 100, "USD"), ("P5", "E", "2026-01-25", 2, 100, "USD")];
    let rest: [Slip<'_>; 2] = [("P5", "E", "2026-02-01", 2, 777, "USD"), ("P6", "E", "2026-02-10", 4, 100, "USD")];
    let tables = vec![input(
        PAYSLIP,
        vec![
            office.payslips(("2026-01-01", "2026-01-31"), "2026-02-01", &january, WriteOptions::new(true)),
            office.payslips(("2026-02-01", "2026-12-31"), "2027-01-02", &rest, WriteOptions::new(true)),
        ],
    )];
    assert_eq!(ids(&office, tables.clone(), "2026-12-31", EVERY, EVERY_ID), ["P1", "P5", "P6"]);
    let moved = "SELECT payslip_id FROM payslip WHERE net > 5 OR net < 0";
    assert_eq!(ids(&office, tables, "2026-12-31", moved, EVERY_ID), ["P5"]);
}

#[test]
fn snapshots_are_the_newest_on_or_before_the_day() {
    let office = Office::new();
    let roster = |on: &str, names: &[(&str, Option<&str>)]| office.employees(on, on, names);
    let tables = || {
        vec![
            input(
                EMPLOYEE,
                vec![
                    roster("2026-06-30", &[("E1", None), ("E2", None)]),
                    roster("2026-03-31", &[("E1", None)]),
                    roster("2026-09-30", &[("E2", None), ("E3", None)]),
                ],
            ),
            input(
                PAYSLIP,
                vec![office.payslips(("2026-01-01", "2026-12-31"), "2026-12-31", &[], WriteOptions::new(true))],
            ),
        ]
    };
    let every = "SELECT employee_id AS payslip_id FROM employee UNION ALL SELECT payslip_id FROM payslip WHERE net < 0";
    let every_id = "SELECT employee_id AS payslip_id FROM employee";
    assert_eq!(ids(&office, tables(), "2026-07-15", every, every_id), ["E1", "E2"]);
    assert_eq!(ids(&office, tables(), "2026-09-30", every, every_id), ["E2", "E3"]);
    // Before the first one, the oldest stands in, and the outcome says that it is late.
    assert_eq!(ids(&office, tables(), "2026-01-15", every, every_id), ["E1"]);
    let test = ControlTest { population_sql: every_id.to_owned(), ..slip_test(every) };
    let mut early = job(tables(), vec![test]);
    early.on = "2026-01-15".parse().unwrap();
    let outcome = run(&early, &office.vault).remove(0);
    assert_eq!(outcome.late.iter().filter(|late| late.dataset == "employee").count(), 1);

    let gone = "SELECT DISTINCT h.employee_id AS payslip_id FROM employee_history AS h \
        WHERE h._extracted_on < DATE '2026-09-30' AND NOT EXISTS (SELECT 1 FROM employee_history AS n \
        WHERE n.employee_id = h.employee_id AND n._extracted_on = DATE '2026-09-30') \
        UNION ALL SELECT payslip_id FROM payslip WHERE net < 0";
    let ever = "SELECT DISTINCT employee_id AS payslip_id FROM employee_history";
    assert_eq!(ids(&office, tables(), "2026-12-31", gone, ever), ["E1"]);
}

#[test]
fn a_history_with_a_snapshot_missing_is_not_evaluable() {
    let office = Office::new();
    let monthly = EMPLOYEE.replace("stale_after_days = 366", "stale_after_days = 31");
    let history = "SELECT DISTINCT employee_id AS payslip_id FROM employee_history WHERE left_at IS NOT NULL \
        UNION ALL SELECT payslip_id FROM payslip WHERE net < 0";
    let ever = "SELECT DISTINCT employee_id AS payslip_id FROM employee_history";
    let said_of = |days: &[&str]| {
        let extracts = days.iter().map(|on| office.employees(on, on, &[("E1", None)])).collect();
        let test = ControlTest { population_sql: ever.to_owned(), ..slip_test(history) };
        let slips = office.payslips(("2026-01-01", "2026-12-31"), "2026-12-31", &[], WriteOptions::new(true));
        let mut job = job(vec![input(&monthly, extracts), input(PAYSLIP, vec![slips])], vec![test]);
        job.period_end = "2026-04-30".parse().unwrap();
        job.on = job.period_end;
        said(&run(&job, &office.vault).remove(0))
    };
    let whole = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"];
    assert_eq!(said_of(&whole), "no exceptions in 1");
    // A snapshot from before the period answers for its first days.
    assert_eq!(said_of(&["2025-12-15", "2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"]), "no exceptions in 1");
    for (left, between) in [
        (&["2026-02-28", "2026-03-31", "2026-04-30"][..], "2025-12-31 and 2026-02-28"),
        (&["2026-01-31", "2026-03-31", "2026-04-30"], "2026-01-31 and 2026-03-31"),
        (&["2026-01-31", "2026-02-28", "2026-03-29"], "2026-03-29 and 2026-04-30"),
    ] {
        let why = format!("no snapshot of `employee` between {between}, more than 31 days apart");
        let said = said_of(left);
        assert!(said.starts_with("not evaluable: ") && said.contains(&why), "{said}");
    }
}

/// What a later extract of the same days leaves of doubts about an earlier one: (state, history).
fn after_reading_again(
    office: &Office,
    tables: Vec<TableInput>,
    on: &str,
    (all, history): (&str, &str),
) -> (String, String) {
    let none = |sql: &str| format!("{sql} WHERE false UNION ALL SELECT payslip_id FROM payslip WHERE net < 0");
    let said_of = |from: &str| {
        let test = ControlTest { population_sql: from.to_owned(), ..slip_test(&none(from)) };
        let mut job = job(tables.clone(), vec![test]);
        job.on = on.parse().unwrap();
        said(&run(&job, &office.vault).remove(0))
    };
    (said_of(all), said_of(history))
}

#[test]
fn what_differed_from_its_source_no_longer_counts_once_the_same_days_were_read_whole() {
    const SLIPS: (&str, &str) = ("SELECT payslip_id FROM payslip", "SELECT DISTINCT payslip_id FROM payslip_history");
    const PEOPLE: (&str, &str) = (
        "SELECT employee_id AS payslip_id FROM employee",
        "SELECT DISTINCT employee_id AS payslip_id FROM employee_history",
    );
    let office = Office::new();
    let slips = [("P1", "E", "2026-03-01", 1, 1, "USD")];
    let read = |window: (&str, &str), made_on: &str| office.payslips(window, made_on, &slips, WriteOptions::new(true));
    let year = ("2026-01-01", "2026-12-31");
    let differs = "not evaluable: an extract of `payslip` has 1 rows, its source counted 2";
    let both = |(state, history): (&str, &str)| (state.to_owned(), history.to_owned());

    let mut short = read(year, "2027-01-02");
    short.1.source_count = Some(2);
    let of_events = |manifests| after_reading_again(&office, vec![input(PAYSLIP, manifests)], "2026-12-31", SLIPS);
    assert_eq!(of_events(vec![short.clone()]), both((differs, differs)));
    // In two halves, of which one is lacking; then whole.
    let (spring, fall) =
        (read(("2026-01-01", "2026-06-30"), "2027-01-03"), read(("2026-07-01", "2026-12-31"), "2027-01-04"));
    assert_eq!(of_events(vec![short.clone(), spring.clone()]), both((differs, differs)));
    let whole = "no exceptions in 1";
    assert_eq!(of_events(vec![short.clone(), spring, fall]), both((whole, whole)));
    // What stands in the newer one counts, whatever the older one said.
    let again = read(year, "2027-01-05");
    assert_eq!(of_events(vec![again.clone(), short.clone()]), both((whole, whole)));
    let mut newer = short;
    newer.1.extracted_at = "2027-01-06T12:00:00Z".parse().unwrap();
    assert_eq!(of_events(vec![again.clone(), newer]), both((differs, differs)));
    // Rows of other columns cannot be read, by the history least of all.
    let mut other = read(year, "2027-01-01");
    other.1.columns.pop();
    let columns = "not evaluable: an extract of `payslip` has other columns than are declared now";
    assert_eq!(of_events(vec![other, again]), both((whole, columns)));

    let none = office.payslips(year, "2027-01-02", &[], WriteOptions::new(true));
    let of_states = |on: &str, manifests| {
        let tables = vec![input(EMPLOYEE, manifests), input(PAYSLIP, vec![none.clone()])];
        after_reading_again(&office, tables, on, PEOPLE)
    };
    let state = |on: &str, made_on: &str| office.employees(on, made_on, &[("E1", None)]);
    let mut short = state("2026-12-30", "2026-12-30");
    short.1.source_count = Some(5);
    let differs = "not evaluable: an extract of `employee` has 1 rows, its source counted 5";
    assert_eq!(of_states("2026-12-31", vec![short.clone()]), both((differs, differs)));
    let same_day = state("2026-12-30", "2026-12-31");
    assert_eq!(of_states("2026-12-31", vec![short.clone(), same_day]), both((whole, whole)));
    // A later day's state is what a name means then; the history still has the day that differed.
    let next_day = state("2026-12-31", "2026-12-31");
    assert_eq!(of_states("2026-12-31", vec![short.clone(), next_day.clone()]), both((whole, differs)));
    assert_eq!(of_states("2026-12-30", vec![short, next_day]), both((differs, differs)));
}

/// Each of several sources has rows of its own: the state is that of all together, and each has to be there.
#[test]
fn of_several_sources_each_counts() {
    let office = Office::new();
    let toml = EMPLOYEE.replace("personal", "several_sources = true\npersonal");
    let toml = toml.replace("stale_after_days = 366", "stale_after_days = 100");
    let roster = |source: &str, on: &str, names: &[&str]| {
        let names: Vec<(&str, Option<&str>)> = names.iter().map(|name| (*name, None)).collect();
        office.employees_of(source, on, on, &names)
    };
    let at = |extracts: Vec<(Digest, Manifest)>, sql: &str| {
        let slips = office.payslips(("2026-01-01", "2026-12-31"), "2027-01-02", &[], WriteOptions::new(true));
        let tables = vec![input(&toml, extracts), input(PAYSLIP, vec![slips])];
        let population = format!("{sql} UNION ALL SELECT payslip_id FROM payslip WHERE net > 99");
        let test = sql.to_owned() + " UNION ALL SELECT payslip_id FROM payslip WHERE net < 0";
        let test = ControlTest { population_sql: population, ..slip_test(&test) };
        let outcome = run(&job(tables, vec![test]), &office.vault).remove(0);
        let Some(rows) = &outcome.rows else { return said(&outcome) };
        let items = exception_items(&office.vault, rows, &outcome.item).unwrap();
        items.map(|item| item.unwrap().concat()).collect::<Vec<_>>().join(" ")
    };
    let state = "SELECT employee_id AS payslip_id FROM employee";
    let history = "SELECT DISTINCT employee_id AS payslip_id FROM employee_history";
    let days = ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"];
    let whole = |source: &'static str, name: &'static str| days.map(|on| roster(source, on, &[name]));
    let both: Vec<_> = whole("berlin", "B1").into_iter().chain(whole("austin", "A1")).collect();
    assert_eq!(at(both.clone(), state), "A1 B1");
    assert_eq!(at(both.clone(), history), "A1 B1");

    // What one of them reads again takes the place of its own rows alone.
    let mut again = both.clone();
    again.push(office.employees_of("austin", "2026-12-31", "2027-01-02", &[("A2", None)]));
    assert_eq!(at(again, state), "A2 B1");

    // One that stopped: nobody knows what it would show, whatever the other shows.
    let stopped: Vec<_> = whole("berlin", "B1").into_iter().chain([roster("austin", "2026-03-31", &["A1"])]).collect();
    let stale = "not evaluable: the newest snapshot of `employee` from `austin` is of 2026-03-31, more than 100 days before 2026-12-31";
    assert_eq!(at(stopped.clone(), state), stale);
    assert!(at(stopped, history).contains("no snapshot of `employee` from `austin` between 2026-03-31 and 2026-12-31"));

    // One key in both: nobody could say whose it is.
    let mut shared = both;
    shared.push(office.employees_of("austin", "2026-12-31", "2027-01-02", &[("A1", None), ("B1", None)]));
    let said = "not evaluable: rows of the sources `austin`, `berlin` have one employee_id in `employee`: it has to be another in each";
    assert_eq!(at(shared, state), said);
}

#[test]
fn windows_of_several_sources_do_not_take_the_place_of_each_other() {
    let office = Office::new();
    let toml = PAYSLIP.replace("personal", "several_sources = true\npersonal");
    let of = |source: &str, window: (&str, &str), slips: &[Slip<'_>]| {
        office.payslips_of(source, window, "2027-01-02", slips, WriteOptions::new(true))
    };
    let year = ("2026-01-01", "2026-12-31");
    let austin = of("austin", year, &[("A1", "E", "2026-03-01", 1, 100, "USD")]);
    let berlin = of("berlin", year, &[("B1", "E", "2026-03-01", 1, 100, "EUR")]);
    let half = of("berlin", ("2026-01-01", "2026-06-30"), &[("B1", "E", "2026-03-01", 1, 100, "EUR")]);
    let same = of("berlin", year, &[("A1", "E", "2026-04-01", 1, 100, "EUR")]);
    let tables = |extracts: &[&(Digest, Manifest)]| vec![input(&toml, extracts.iter().map(|e| (*e).clone()).collect())];
    assert_eq!(ids(&office, tables(&[&austin, &berlin]), "2026-12-31", EVERY, EVERY_ID), ["A1", "B1"]);
    let outcome = |tables| said(&run(&job(tables, vec![slip_test(EVERY_ID)]), &office.vault)[0]);
    let gap =
        "not evaluable: no extract of `payslip` from `berlin` covers 2026-07-01 (needed: 2026-01-01 to 2026-12-31)";
    assert_eq!(outcome(tables(&[&austin, &half])), gap);
    let shared = "not evaluable: rows of the sources `austin`, `berlin` have one payslip_id in `payslip`: it has to be another in each";
    assert_eq!(outcome(tables(&[&austin, &same])), shared);
}
