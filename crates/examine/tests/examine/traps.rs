//! The traps that the charter names, each shown closed over real rows.

use std::time::Instant;

use crate::support::*;
use tickmark_examine::{TableInput, run};
use tickmark_vault::WriteOptions;

const YEAR: (&str, &str) = ("2026-01-01", "2026-12-31");

/// Payslips in a vault, asked many times: making a vault waits for the disk.
struct Asked {
    office: Office,
    tables: Vec<TableInput>,
}

impl Asked {
    fn new(slips: &[Slip<'_>]) -> Self {
        let office = Office::new();
        let extract = office.payslips(YEAR, "2027-01-02", slips, WriteOptions::new(true));
        Self { office, tables: vec![input(PAYSLIP, vec![extract])] }
    }

    /// How a query ends.
    fn over(&self, sql: &str) -> String {
        said(&run(&job(self.tables.clone(), vec![slip_test(sql)]), &self.office.vault)[0])
    }

    /// How many payslips a condition finds; the canary's own stands beside it.
    fn found(&self, condition: &str) -> String {
        self.over(&format!("SELECT payslip_id FROM payslip WHERE net < 0 OR ({condition})"))
    }
}

const TWO: [Slip<'static>; 2] =
    [("P1", "E1", "2026-01-16", 1, 10000, "USD"), ("P2", "E2", "2026-02-13", 2, 20000, "EUR")];

#[test]
fn distinct_from_keeps_what_follows_it() {
    let two = Asked::new(&TWO);
    // DataFusion 55.2 reads the first as `true IS DISTINCT FROM (true OR true)`, which is false: the lint refuses it.
    let bare = two.over("SELECT payslip_id FROM payslip WHERE true IS DISTINCT FROM true OR net < 0");
    assert!(bare.contains("[distinct-from-parentheses]"), "{bare}");
    assert_eq!(
        two.over("SELECT payslip_id FROM payslip WHERE (true IS DISTINCT FROM true) OR net < 0 OR number = 2"),
        "1 exceptions in 2"
    );
    assert_eq!(two.found("(currency IS DISTINCT FROM 'USD') OR number = 1"), "2 exceptions in 2");
}

/// DataFusion 55.2 moves the last condition below the join and takes both columns for the payslip's own, so that nothing is found.
#[test]
fn a_condition_on_both_sides_of_an_outer_join_stays_above_it() {
    let two = Asked::new(&TWO);
    let conditions = "b.pay_on >= DATE '2026-01-01' AND (a.net <> b.net OR a.net IS NULL)";
    let right = "payslip AS a RIGHT JOIN payslip AS b ON a.number = b.number - 1";
    let left = "payslip AS b LEFT JOIN payslip AS a ON a.number = b.number - 1";
    let full = "payslip AS a FULL JOIN payslip AS b ON a.number = b.number - 1";
    for joined in [right, left, full] {
        let found = two.over(&format!("SELECT b.payslip_id FROM {joined} WHERE {conditions}"));
        assert_eq!(found, "2 exceptions in 2", "{joined}");
        let distinct = "b.pay_on >= DATE '2026-01-01' AND (a.net IS DISTINCT FROM b.net)";
        let found = two.over(&format!("SELECT b.payslip_id FROM {joined} WHERE {distinct}"));
        assert_eq!(found, "2 exceptions in 2", "{joined}");
    }
}

#[test]
fn integers_end_in_an_error_and_never_wrap() {
    let two = Asked::new(&TWO);
    let large: [Slip<'_>; 2] =
        [("P1", "E", "2026-01-16", i64::MAX, 1, "USD"), ("P2", "E", "2026-01-16", i64::MAX, 1, "USD")];
    let large = Asked::new(&large);
    for condition in ["number * 2 < 0", "number + 1 < 0", "-number - 2 > 0", "0 - number - 2 > 0"] {
        let said = large.found(condition);
        assert!(said.starts_with("error: ") && said.to_lowercase().contains("overflow"), "{condition}: {said}");
    }
    // The sum of both is past 64 bits, and right.
    let sum = "SELECT min(payslip_id) AS payslip_id, sum(number) AS total FROM payslip HAVING sum(number) = 18446744073709551614 OR min(net) < 0";
    assert_eq!(large.over(sum), "1 exceptions in 2");
    let window =
        "SELECT payslip_id, sum(number) OVER (PARTITION BY pay_on) AS total FROM payslip WHERE net < 0 OR number > 0";
    assert_eq!(large.over(window), "2 exceptions in 2");
    assert!(two.found("number / 2 = 1").contains("[integer-division]"));
}

#[test]
fn decimals_stay_exact_and_end_in_an_error_when_they_do_not_fit() {
    let two = Asked::new(&TWO);
    assert_eq!(two.found("net * 0.062 = 6.2"), "1 exceptions in 2");
    assert_eq!(
        two.found("round_half_up(net * 0.00005, 2) = 0.01 AND round_half_even(net * 0.00005, 2) = 0.00"),
        "1 exceptions in 2"
    );
    assert_eq!(two.found("div_scale(net, 3, 2) = 33.33"), "1 exceptions in 2");
    assert!(two.found("div_scale(net, number - 1, 2) = 1").contains("division by zero"));
    for (condition, rule) in [
        ("CAST(net AS DOUBLE) > 1", "[no-float]"),
        ("net * 1e0 > 1", "[no-float]"),
        ("date_part('epoch', pay_on) > 1", "[no-float]"),
        ("net > (SELECT avg(number) FROM payslip)", "[no-float]"),
        ("TRY_CAST(payslip_id AS INT) IS NULL", "[no-try-cast]"),
        ("CAST(net AS DECIMAL(18, 1)) > 1", "[silent-rounding]"),
        ("CAST(net AS BIGINT) > 1", "[silent-rounding]"),
        ("net / 3 > 1", "[silent-rounding]"),
        ("net > random()", "[function-not-listed]"),
        ("pay_on > current_date", "[function-not-listed]"),
    ] {
        let said = two.found(condition);
        assert!(said.starts_with("error: ") && said.contains(rule), "{condition}: {said}");
    }
    let most = 10_i128.pow(18) - 1;
    let large: [Slip<'_>; 1] = [("P1", "E", "2026-01-16", 1, most, "USD")];
    let large = Asked::new(&large);
    let overflow = large.found("CAST(net * net AS DECIMAL(38, 4)) * 1000 > 0");
    assert!(overflow.starts_with("error: "), "{overflow}");
    let wide =
        "SELECT payslip_id FROM payslip GROUP BY payslip_id, currency HAVING sum(CAST(net AS DECIMAL(38, 2))) < 0";
    assert!(two.over(wide).contains("[sum-cannot-wrap]"));
}

#[test]
fn money_is_not_added_across_currencies() {
    let two = Asked::new(&TWO);
    let sum = |group: &str, filter: &str| {
        two.over(
            &format!(
                "SELECT min(payslip_id) AS payslip_id, sum(net) AS total FROM payslip WHERE {filter} {group} HAVING sum(net) < 0"
            ),
        )
    };
    for (group, filter) in [
        ("", "true"),
        ("GROUP BY employee_id", "true"),
        ("GROUP BY upper(currency)", "true"),
        ("", "currency <> 'USD'"),
    ] {
        let said = sum(group, filter);
        assert!(said.contains("[one-currency]"), "{group} {filter}: {said}");
    }
    for (group, filter) in [("GROUP BY currency", "true"), ("GROUP BY payslip_id", "true"), ("", "currency = 'USD'")] {
        assert_eq!(sum(group, filter), "no exceptions in 2", "{group} {filter}");
    }
    let through = "SELECT payslip_id FROM (SELECT payslip_id, CAST(net * 2 AS DECIMAL(18, 2)) AS twice, currency AS money FROM payslip) AS x GROUP BY payslip_id, {} HAVING sum(twice) < 0";
    assert_eq!(two.over(&through.replace("{}", "money")), "no exceptions in 2");
    let mixed = "SELECT min(payslip_id) AS payslip_id FROM (SELECT payslip_id, net AS amount FROM payslip) AS x HAVING sum(amount) < 0";
    assert!(two.over(mixed).contains("[one-currency]"));
    let window = "SELECT payslip_id, net - sum(net) OVER (PARTITION BY employee_id) AS rest FROM payslip WHERE net < 0";
    assert!(two.over(window).contains("[one-currency]"));
}

/// What is said of one alias, one branch or one side of a join says nothing of another.
#[test]
fn a_currency_is_one_only_where_the_query_makes_it_so() {
    let two = Asked::new(&TWO);
    for (why, from) in [
        (
            "branches of two currencies",
            "(SELECT net, currency AS paid_in FROM payslip WHERE currency = 'USD' UNION ALL SELECT net, currency FROM payslip WHERE currency = 'EUR') AS x",
        ),
        ("the other alias", "payslip AS x JOIN payslip AS b ON x.employee_id = b.employee_id WHERE b.currency = 'USD'"),
        (
            "a subquery's own rows",
            "payslip AS x WHERE EXISTS (SELECT 1 FROM payslip AS b WHERE b.payslip_id = x.payslip_id AND b.currency = 'USD')",
        ),
        (
            "a side kept whole",
            "payslip AS x LEFT JOIN payslip AS b ON x.employee_id = b.employee_id AND x.currency = 'USD'",
        ),
        ("one of two", "payslip AS x WHERE currency = 'USD' OR number = 2"),
        ("totals over groups", "(SELECT sum(net) AS net, currency FROM payslip GROUP BY ROLLUP (currency)) AS x"),
    ] {
        let said = two.over(&format!(
            "SELECT 'all' AS payslip_id FROM (SELECT x.net AS amount FROM {from}) AS y HAVING sum(amount) < 0"
        ));
        assert!(said.contains("[one-currency]"), "{why}: {said}");
    }
    let outer_group = "SELECT b.currency AS payslip_id FROM payslip AS x LEFT JOIN payslip AS b ON x.currency = b.currency AND b.number = 1 GROUP BY b.currency HAVING sum(x.net) < 0";
    assert!(two.over(outer_group).contains("[one-currency]"));
    for (why, from, group) in [
        (
            "branches of one currency",
            "(SELECT net FROM payslip WHERE currency = 'USD' UNION ALL SELECT -net FROM payslip WHERE currency = 'USD') AS x",
            "",
        ),
        (
            "the branches' own currency",
            "(SELECT net, currency AS paid_in FROM payslip UNION ALL SELECT -net, currency FROM payslip) AS x",
            "GROUP BY paid_in",
        ),
        (
            "equal to a literal through a join",
            "payslip AS x JOIN payslip AS b ON x.currency = b.currency WHERE b.currency = 'USD'",
            "",
        ),
        (
            "the side that may be missing",
            "payslip AS b LEFT JOIN payslip AS x ON x.payslip_id = b.payslip_id AND x.currency = b.currency",
            "GROUP BY b.currency",
        ),
        ("one row for each key", "payslip AS x", "GROUP BY x.payslip_id"),
    ] {
        let said =
            two.over(&format!("SELECT min('all') AS payslip_id FROM {from} {group} HAVING sum(x.net) < -99999999"));
        assert!(!said.contains("[one-currency]"), "{why}: {said}");
    }
    let correlated = "SELECT p.payslip_id FROM payslip AS p WHERE p.net < (SELECT sum(b.net) FROM payslip AS b WHERE b.currency = p.currency AND b.number < 0)";
    assert!(!two.over(correlated).contains("[one-currency]"));
    let counted =
        "SELECT min(payslip_id) AS payslip_id FROM payslip HAVING sum(CASE WHEN net < 0 THEN 1 ELSE 0 END) > 0";
    assert!(!two.over(counted).contains("[one-currency]"));
}

#[test]
fn nothing_outside_the_datasets_is_reached() {
    let two = Asked::new(&TWO);
    for (sql, rule) in [
        (
            "SELECT payslip_id FROM payslip WHERE net < 0 UNION ALL SELECT column1 FROM '/etc/passwd'",
            "[table-not-declared]",
        ),
        ("SELECT table_name AS payslip_id FROM information_schema.tables", "[table-not-declared]"),
        ("COPY payslip TO '/tmp/x.csv'", "[one-query]"),
        ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", "[syntax]"),
        ("INSERT INTO payslip SELECT 1", "[one-query]"),
        ("SELECT CAST(value AS text) AS payslip_id FROM generate_series(1, 3)", "[table-not-declared]"),
    ] {
        let said = two.over(sql);
        assert!(said.starts_with("error: ") && said.contains('['), "{sql}: {said}");
        assert!(said.contains(rule) || said.contains("[one-query]"), "{sql}: {said}");
    }
}

#[test]
fn functions_of_days_know_calendar_and_zone() {
    let two = Asked::new(&TWO);
    // 2026-07-03 is the holiday of the calendar, a Friday.
    for (condition, count) in [
        ("business_days(DATE '2026-07-02', DATE '2026-07-06', 'us') = 1", 2),
        ("business_days(DATE '2026-07-06', DATE '2026-07-02', 'us') = -1", 2),
        ("add_business_days(DATE '2026-07-02', 1, 'us') = DATE '2026-07-06'", 2),
        ("add_business_days(pay_on, 1, 'us') = DATE '2026-01-19'", 1),
        ("end_of_day(DATE '2026-07-02', 'America/New_York') = TIMESTAMP '2026-07-03T03:59:59.999999Z'", 2),
        ("local_date(end_of_day(pay_on, 'America/New_York'), 'America/New_York') = pay_on", 2),
        ("local_date(end_of_day(pay_on, 'America/New_York'), 'Asia/Tokyo') > pay_on", 2),
        ("business_days(pay_on, CAST(NULL AS DATE), 'us') IS NULL", 2),
    ] {
        assert_eq!(two.found(condition), format!("{count} exceptions in 2"), "{condition}");
    }
    assert!(
        two.found("business_days(pay_on, DATE '2030-01-01', 'us') > 0").contains("covers 2025-01-01 to 2027-12-31")
    );
    assert!(two.found("business_days(pay_on, pay_on, 'mars') > 0").contains("no business calendar `mars`"));
    assert!(two.found("local_date(end_of_day(pay_on, 'UTC'), 'Mars/Base') > pay_on").contains("Mars/Base"));
}

#[test]
fn a_join_of_everything_with_everything_is_refused_or_ended() {
    let slips: Vec<String> = (0..20_000).map(|n| format!("P{n:05}")).collect();
    let slips: Vec<Slip<'_>> = slips.iter().map(|id| (id.as_str(), "E", "2026-05-05", 1, 1, "USD")).collect();
    let office = Office::new();
    let extract = office.payslips(YEAR, "2027-01-02", &slips, WriteOptions::new(true));
    let tables = vec![input(PAYSLIP, vec![extract])];
    let cross =
        "SELECT min(a.payslip_id) AS payslip_id FROM payslip AS a CROSS JOIN payslip AS b HAVING min(a.net) < 0";
    let refused = said(&run(&job(tables.clone(), vec![slip_test(cross)]), &office.vault)[0]);
    assert!(refused.contains("[join-condition]"), "{refused}");

    // With a condition it may run, until its time is up.
    let slow = "SELECT a.payslip_id FROM payslip AS a WHERE a.net < 0 OR a.number < (SELECT count(*) FROM payslip AS b \
        JOIN payslip AS c ON b.payslip_id || c.employee_id || b.currency < c.payslip_id || b.employee_id || c.currency)";
    let mut job = job(tables, vec![slip_test(slow)]);
    job.limits.seconds = 1;
    let began = Instant::now();
    let ended = said(&run(&job, &office.vault)[0]);
    assert_eq!(ended, "error: slip-test/test.sql took longer than the limit of 1 s");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}

#[test]
fn memory_has_a_limit_and_the_error_names_it() {
    let slips: Vec<String> = (0..60_000).map(|n| format!("P{n:05}{}", "x".repeat(200))).collect();
    let slips: Vec<Slip<'_>> = slips.iter().map(|id| (id.as_str(), "E", "2026-05-05", 1, 1, "USD")).collect();
    let office = Office::new();
    let extract = office.payslips(YEAR, "2027-01-02", &slips, WriteOptions::new(true));
    let sql = "SELECT payslip_id, count(*) AS n FROM payslip GROUP BY payslip_id HAVING count(*) > 1 OR min(net) < 0";
    let mut job = job(vec![input(PAYSLIP, vec![extract])], vec![slip_test(sql)]);
    job.limits.memory_bytes = 8 << 20;
    let ended = said(&run(&job, &office.vault)[0]);
    assert!(ended.starts_with("error: ") && ended.contains("Resources exhausted"), "{ended}");
}

#[test]
fn rows_without_a_partner_come_back_whatever_side_they_stand_on() {
    let two = Asked::new(&TWO);
    // A filter on the side that may be missing is true where it is missing, so no optimizer may ask the other side for it.
    let second = "(SELECT payslip_id, number FROM payslip WHERE number = 2)";
    for (sql, why) in [
        (
            format!(
                "SELECT p.payslip_id FROM payslip AS p LEFT JOIN {second} AS a ON a.payslip_id = p.payslip_id WHERE a.payslip_id IS NULL"
            ),
            "left",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM {second} AS a RIGHT JOIN payslip AS p ON a.payslip_id = p.payslip_id WHERE a.payslip_id IS NULL"
            ),
            "right",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM {second} AS a RIGHT JOIN payslip AS p ON a.payslip_id = p.payslip_id WHERE (a.payslip_id IS DISTINCT FROM p.payslip_id)"
            ),
            "right distinct",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM payslip AS p LEFT JOIN {second} AS a ON a.payslip_id = p.payslip_id WHERE (a.payslip_id IS DISTINCT FROM p.payslip_id)"
            ),
            "left distinct",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM {second} AS a RIGHT JOIN payslip AS p ON a.payslip_id = p.payslip_id WHERE a.number IS NULL"
            ),
            "right other column",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM {second} AS a RIGHT JOIN (SELECT p.payslip_id, b.number FROM payslip AS p FULL JOIN (SELECT payslip_id, number FROM payslip WHERE number = 9) AS b ON b.payslip_id = p.payslip_id) AS p ON a.payslip_id = p.payslip_id WHERE a.payslip_id IS NULL"
            ),
            "right nested full",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM {second} AS a RIGHT JOIN (payslip AS p FULL JOIN (SELECT payslip_id, number FROM payslip WHERE number = 9) AS b ON b.payslip_id = p.payslip_id) ON a.payslip_id = p.payslip_id AND a.number <= p.number WHERE a.payslip_id IS NULL"
            ),
            "right nested full and more",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM (payslip AS p FULL JOIN (SELECT payslip_id, number FROM payslip WHERE number = 9) AS b ON b.payslip_id = p.payslip_id) LEFT JOIN {second} AS a ON a.payslip_id = p.payslip_id AND a.number <= p.number WHERE a.payslip_id IS NULL"
            ),
            "left nested full and more",
        ),
        (
            format!(
                "SELECT p.payslip_id FROM {second} AS a RIGHT JOIN (payslip AS p LEFT JOIN (SELECT payslip_id, number FROM payslip WHERE number = 9) AS b ON b.payslip_id = p.payslip_id) ON a.payslip_id = p.payslip_id WHERE a.payslip_id IS NULL"
            ),
            "right nested left",
        ),
        (
            format!(
                "SELECT coalesce(p.payslip_id, a.payslip_id) AS payslip_id FROM {second} AS a FULL JOIN payslip AS p ON a.payslip_id = p.payslip_id WHERE a.payslip_id IS NULL OR p.payslip_id IS NULL"
            ),
            "full",
        ),
    ] {
        assert_eq!(two.over(&sql), "1 exceptions in 2", "{why}");
    }
}
