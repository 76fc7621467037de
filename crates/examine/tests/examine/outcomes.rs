//! How tests end over a vault: each of the five outcomes, and every road that must not lead to "no exceptions".

use crate::support::*;
use tickmark_catalog::ControlTest;
use tickmark_examine::{Job, TestOutcome, exception_items, run};
use tickmark_vault::WriteOptions;

const YEAR: (&str, &str) = ("2026-01-01", "2026-12-31");

const THREE: [Slip<'static>; 3] = [
    ("P1", "E1", "2026-01-16", 1, 10000, "USD"),
    ("P2", "E1", "2026-02-13", 2, -500, "USD"),
    ("P3", "E2", "2026-12-31", 3, 30000, "USD"),
];

fn one(job: &Job, office: &Office) -> TestOutcome {
    run(job, &office.vault).remove(0)
}

/// The outcome of a query over three payslips.
fn over_three(test: ControlTest) -> String {
    let office = Office::new();
    let extract = office.payslips(YEAR, "2027-01-02", &THREE, WriteOptions::new(true));
    said(&one(&job(vec![input(PAYSLIP, vec![extract])], vec![test]), &office))
}

#[test]
fn exceptions_are_rows_in_the_vault_with_their_items() {
    let office = Office::new();
    let extract = office.payslips(YEAR, "2027-01-02", &THREE, WriteOptions::new(true));
    let job = job(vec![input(PAYSLIP, vec![extract.clone()])], vec![slip_test(NEGATIVE)]);
    let outcome = one(&job, &office);
    assert_eq!(said(&outcome), "1 exceptions in 3");
    assert_eq!((outcome.items, outcome.canaries_caught), (1, 1));
    assert_eq!(outcome.inputs, [extract.0]);
    let rows = outcome.rows.unwrap();
    let manifest = office.vault.manifest(&rows).unwrap();
    assert!(manifest.sealed);
    assert_eq!(Some(manifest.rows_digest), outcome.rows_digest);
    assert_eq!(manifest.dataset, "slip-test.exceptions");
    let items: Vec<Vec<String>> =
        exception_items(&office.vault, &rows, &outcome.item).unwrap().map(Result::unwrap).collect();
    assert_eq!(items, [["P2"]]);
    // The year was extracted after its last day, and the outcome says so.
    assert_eq!(outcome.late.len(), 1);
}

#[test]
fn a_run_repeats_whatever_its_threads_and_row_groups() {
    let slips: Vec<(String, i128)> = (0..500).map(|n| (format!("P{n:03}"), if n % 50 == 0 { -1 } else { 1 })).collect();
    let slips: Vec<Slip<'_>> = slips
        .iter()
        .enumerate()
        .map(|(n, (id, net))| (id.as_str(), "E", "2026-05-05", n as i64, *net, "USD"))
        .collect();
    let mut digests = Vec::new();
    for (threads, rows) in [(1, 1000), (2, 7), (3, 100)] {
        let office = Office::new();
        let extract = office.payslips(YEAR, "2026-12-31", &slips, sealed(rows));
        let mut job = job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(NEGATIVE)]);
        job.limits.threads = threads;
        let outcome = one(&job, &office);
        assert_eq!(said(&outcome), "10 exceptions in 500");
        digests.push((outcome.population_digest, outcome.rows_digest, outcome.sql_digest));
    }
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0], digests[2]);
}

#[test]
fn no_exceptions_needs_a_population() {
    assert_eq!(over_three(slip_test("SELECT payslip_id FROM payslip WHERE net = -1")), "no exceptions in 3");
    let none = "SELECT payslip_id, pay_on AS occurred_on FROM payslip WHERE net = -1";
    let mut test =
        ControlTest { population_sql: none.to_owned(), ..slip_test("SELECT payslip_id FROM payslip WHERE net = -1") };
    assert!(over_three(test.clone()).starts_with("not evaluable: the population is empty"));
    test.allow_empty = true;
    assert_eq!(over_three(test), "no occurrence");
}

#[test]
fn a_canary_that_is_not_caught_is_an_error() {
    let said = over_three(slip_test("SELECT payslip_id FROM payslip WHERE net < -1000"));
    assert!(said.starts_with("error: the canary `negative` was not caught"), "{said}");
    let mut test = slip_test(NEGATIVE);
    test.cases.clear();
    assert_eq!(over_three(test), "error: the test has no canary");
}

#[test]
fn populations_and_exceptions_must_fit_together() {
    let population = |sql: &str| ControlTest { population_sql: sql.to_owned(), ..slip_test(NEGATIVE) };
    let twice =
        over_three(population("SELECT payslip_id FROM payslip UNION ALL SELECT payslip_id FROM payslip WHERE net > 0"));
    assert!(twice.contains("2 rows more than items"), "{twice}");
    let outside = over_three(population("SELECT payslip_id FROM payslip WHERE net > 0 OR payslip_id = 'P1'"));
    assert!(outside.contains("an item that is not in the population"), "{outside}");
    let null = over_three(population("SELECT CASE WHEN net > 0 THEN payslip_id END AS payslip_id FROM payslip"));
    assert!(null.contains("an item without a value in `payslip_id`"), "{null}");
    let columns = over_three(population("SELECT payslip_id, net FROM payslip"));
    assert!(columns.contains("expected payslip_id, and occurred_on if there is a day"), "{columns}");
    let other = over_three(slip_test("SELECT net, payslip_id FROM payslip WHERE net < 0"));
    assert!(other.contains("expected payslip_id first"), "{other}");
}

#[test]
fn what_the_source_has_nothing_of_decides_nothing() {
    let office = Office::new();
    let untold = |column: &str, test: &str| {
        let mut extract = office.payslips(YEAR, "2027-01-02", &THREE, WriteOptions::new(true));
        extract.1.parameters.insert(format!("cannot tell {column}"), "it keeps none".to_owned());
        said(&one(&job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(test)]), &office))
    };
    let not_evaluable = "not evaluable: the source `payroll` of `payslip` has nothing of `net`: it keeps none";
    assert_eq!(untold("net", NEGATIVE), not_evaluable);
    // By another name.
    let renamed = "SELECT payslip_id, paid FROM (SELECT payslip_id, net AS paid FROM payslip) AS p WHERE paid < 0";
    assert_eq!(untold("net", renamed), not_evaluable);
    // A column that is shown, or grouped by beside others, decides nothing.
    let shown = "SELECT DISTINCT payslip_id, employee_id, currency FROM payslip WHERE net < 0";
    assert_eq!(untold("currency", shown), "1 exceptions in 3");
    assert_eq!(untold("number", NEGATIVE), "1 exceptions in 3");
}

#[test]
fn what_is_missing_or_incomplete_is_not_evaluable() {
    let office = Office::new();
    let none = one(&job(vec![input(PAYSLIP, Vec::new())], vec![slip_test(NEGATIVE)]), &office);
    assert_eq!(said(&none), "not evaluable: no extract of `payslip` was collected");
    assert_eq!(none.canaries_caught, 1);

    let half = office.payslips(("2026-01-01", "2026-06-30"), "2026-07-01", &THREE[..2], WriteOptions::new(true));
    let gap = one(&job(vec![input(PAYSLIP, vec![half.clone()])], vec![slip_test(NEGATIVE)]), &office);
    assert!(said(&gap).starts_with("not evaluable: no extract of `payslip` covers 2026-07-01"), "{}", said(&gap));
    let mut until_june = job(vec![input(PAYSLIP, vec![half.clone()])], vec![slip_test(NEGATIVE)]);
    until_june.on = "2026-06-30".parse().unwrap();
    assert_eq!(said(&one(&until_june, &office)), "1 exceptions in 2");

    let mut short = office.payslips(YEAR, "2027-01-02", &THREE, WriteOptions::new(true));
    short.1.source_count = Some(4);
    let short = one(&job(vec![input(PAYSLIP, vec![short])], vec![slip_test(NEGATIVE)]), &office);
    assert_eq!(said(&short), "not evaluable: an extract of `payslip` has 3 rows, its source counted 4");

    let whole = office.payslips(YEAR, "2027-01-02", &THREE, WriteOptions::new(true));
    let mut early = input(PAYSLIP, vec![whole.clone()]);
    early.incomplete_extracts.push((whole.0, "the last day was not over".to_owned()));
    assert_eq!(
        said(&one(&job(vec![early], vec![slip_test(NEGATIVE)]), &office)),
        "not evaluable: the last day was not over"
    );

    let mut failed = input(PAYSLIP, vec![whole.clone()]);
    failed.incomplete.push("page 3 could not be read".to_owned());
    let failed = one(&job(vec![failed], vec![slip_test(NEGATIVE)]), &office);
    assert_eq!(said(&failed), "not evaluable: page 3 could not be read");

    office.vault.erase(&whole.1.parts[0].object, "request 12", "2027-02-01T00:00:00Z".parse().unwrap()).unwrap();
    let erased = one(&job(vec![input(PAYSLIP, vec![whole])], vec![slip_test(NEGATIVE)]), &office);
    assert!(said(&erased).contains("was erased on 2027-01-31 under: request 12"), "{}", said(&erased));
}

#[test]
fn old_snapshots_are_stale() {
    let office = Office::new();
    let roster = office.employees("2026-11-30", "2026-12-01", &[("P1", None)]);
    let test = ControlTest {
        population_sql: "SELECT employee_id AS payslip_id FROM employee".to_owned(),
        ..slip_test(
            "SELECT employee_id AS payslip_id FROM employee WHERE left_at IS NOT NULL UNION ALL SELECT payslip_id FROM payslip WHERE net < 0",
        )
    };
    let slips = office.payslips(YEAR, "2027-01-02", &[], WriteOptions::new(true));
    let mut job = job(vec![input(EMPLOYEE, vec![roster]), input(PAYSLIP, vec![slips])], vec![test]);
    assert_eq!(said(&one(&job, &office)), "no exceptions in 1");
    for table in &mut job.tables {
        table.dataset.stale_after_days = table.dataset.stale_after_days.map(|_| 30);
    }
    let stale = said(&one(&job, &office));
    assert!(stale.starts_with("not evaluable: the newest snapshot of `employee` is of 2026-11-30"), "{stale}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test damages a file behind the vault's back")]
fn one_flipped_bit_in_what_is_read_is_an_error() {
    let office = Office::new();
    let extract = office.payslips(YEAR, "2027-01-02", &THREE, WriteOptions::new(false));
    let path = office.vault.object_path(&extract.1.parts[0].object).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let run_with = |at: u64| {
        let mut changed = bytes.clone();
        changed[usize::try_from(at).unwrap()] ^= 1;
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "the file is this test's own")]
        permissions.set_readonly(false);
        std::fs::set_permissions(&path, permissions).unwrap();
        std::fs::write(&path, changed).unwrap();
        said(&one(&job(vec![input(PAYSLIP, vec![extract.clone()])], vec![slip_test(NEGATIVE)]), &office))
    };
    let group = &extract.1.parts[0].row_groups[0];
    let chunk = |name: &str| group.chunks.iter().find(|chunk| chunk.column == name).unwrap().offset;
    for column in ["payslip_id", "pay_on", "net"] {
        let said = run_with(chunk(column) + 3);
        assert!(said.starts_with("error: ") && said.contains(&format!("a chunk of column `{column}`")), "{said}");
    }
    let footer = run_with(extract.1.parts[0].footer.offset + 9);
    assert!(footer.starts_with("error: ") && footer.contains("footer"), "{footer}");
    // Nobody asked for this column, so it was not read.
    assert_eq!(run_with(chunk("employee_id") + 3), "1 exceptions in 3");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test damages a file behind the vault's back")]
fn row_groups_that_cannot_match_are_not_read() {
    let office = Office::new();
    let slips: Vec<Slip<'_>> = vec![
        ("P1", "E1", "2026-01-16", 1, 10000, "USD"),
        ("P2", "E1", "2026-02-13", 2, -500, "USD"),
        ("P3", "E2", "2026-12-31", 3, 30000, "USD"),
        ("P4", "E2", "2026-12-31", 4, 30000, "USD"),
    ];
    let extract =
        office.payslips(YEAR, "2027-01-02", &slips, WriteOptions { row_group_rows: 2, ..WriteOptions::new(false) });
    let second = &extract.1.parts[0].row_groups[1];
    let at = second.chunks.iter().find(|chunk| chunk.column == "net").unwrap().offset + 2;
    let path = office.vault.object_path(&extract.1.parts[0].object).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= 1;
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "the file is this test's own")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&path, permissions).unwrap();
    std::fs::write(&path, bytes).unwrap();
    let tables = vec![input(PAYSLIP, vec![extract])];
    // The checked footer says that the second group's net is never negative.
    assert_eq!(said(&one(&job(tables.clone(), vec![slip_test(NEGATIVE)]), &office)), "1 exceptions in 4");
    let all = slip_test("SELECT payslip_id FROM payslip WHERE net + 0 < 0");
    assert!(said(&one(&job(tables, vec![all]), &office)).starts_with("error: "));
}
