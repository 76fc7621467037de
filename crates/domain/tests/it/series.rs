//! Series of extracts beside one count of all their days: what does not reconcile bears no result.

use tickmark_domain::*;

use crate::house::*;

const FIRST: (&str, &str) = ("2025-10-01", "2026-03-31");
const SECOND: (&str, &str) = ("2026-04-01", "2026-09-30");

/// A house in which two extracts of ten payslips each have taken the place of the one of the whole year.
fn with_two_halves() -> House {
    let mut house = House::engaged();
    house.act("otto", half("whole", ("2025-10-01", "2026-09-30"), 0));
    house.act("otto", half("half 1", FIRST, 1)).act("otto", half("half 2", SECOND, 2));
    house.transcript.clear();
    house
}

/// An extract of ten rows; of the same days the later one counts.
fn half(manifest: &str, (first, last): (&str, &str), hours: i64) -> Command {
    let Command::RecordEvidence(taken) = evidence("payslip", manifest, span(first, last)) else { unreachable!() };
    let extracted_at = taken.extracted_at + jiff::SignedDuration::from_hours(hours);
    Command::RecordEvidence(RecordEvidence { extracted_at, ..taken })
}

fn counted(source_rows: Option<u64>) -> ReconcileSeries {
    ReconcileSeries {
        dataset: id("payslip"),
        source: id("hr"),
        extracts: vec![text("half 1"), text("half 2")],
        source_rows,
        totals: 2,
        totals_differ: 0,
        counted_at: now(),
        differs_because: (source_rows != Some(20)).then(|| text("why it differs")),
    }
}

/// A run without exceptions that rests on these extracts.
fn clean_run(name: &str, manifests: &[&str]) -> Command {
    let manifests = manifests.iter().map(|manifest| text(manifest)).collect();
    Command::RecordTestRun(RecordTestRun {
        run: id(name),
        on: year().last,
        span: year(),
        engine: "engine 1".into(),
        results: vec![NewResult {
            test: id("pay-net-recomputed"),
            sql: text("sql of pay-net-recomputed"),
            manifests,
            ..result(0)
        }],
    })
}

#[test]
fn a_series_says_what_its_extracts_bear_out() {
    let mut house = with_two_halves();
    let mut reconcile = |person: &str, change: &dyn Fn(&mut ReconcileSeries)| {
        let mut command = counted(Some(20));
        change(&mut command);
        house.act(person, Command::ReconcileSeries(command));
    };
    reconcile("eve", &|_| ());
    reconcile("otto", &|c| c.source = id("payroll"));
    reconcile("otto", &|c| c.dataset = id("ticket"));
    reconcile("otto", &|c| c.dataset = id("person"));
    reconcile("otto", &|c| c.extracts.clear());
    reconcile("otto", &|c| c.extracts.reverse());
    reconcile("otto", &|c| c.extracts.push(text("whole")));
    reconcile("otto", &|c| c.extracts.push(text("half 3")));
    reconcile("otto", &|c| c.totals_differ = 3);
    reconcile("otto", &|c| c.differs_because = Some(text("why")));
    reconcile("otto", &|c| c.source_rows = Some(21));
    reconcile("otto", &|c| c.source_rows = None);
    reconcile("otto", &|c| c.totals_differ = 1);
    reconcile("otto", &|_| ());
    insta::assert_snapshot!(house.transcript);
    let Some((Event::SeriesReconciled(recorded), _)) = house.facts.last() else { unreachable!() };
    assert_eq!((recorded.extracts, recorded.rows), (2, 20));
}

#[test]
fn nothing_rests_on_a_series_that_does_not_reconcile_until_its_days_are_read_again() {
    let mut house = with_two_halves();
    let series = |source_rows| Command::ReconcileSeries(counted(source_rows));
    house
        .act("lea", clean_run("run-1", &["half 1", "half 2"]))
        .act("otto", series(Some(21)))
        .act("lea", clean_run("run-2", &["half 1", "half 2"]));
    let incomplete = |house: &House| {
        let figures = house.state.figures(&house.catalog, &id("soc1")).unwrap();
        figures.tests[&id::<TestId>("pay-net-recomputed")].inputs[&id::<DatasetId>("payslip")].incomplete
    };
    assert_eq!(incomplete(&house), 2);
    // One half read again is sound in itself; what the other half lacks nobody knows.
    house
        .act("otto", half("half 2 again", SECOND, 3))
        .act(
            "otto",
            Command::ReconcileSeries(ReconcileSeries {
                extracts: vec![text("half 2 again")],
                source_rows: Some(10),
                differs_because: None,
                ..counted(Some(10))
            }),
        )
        .act("lea", clean_run("run-3", &["half 1", "half 2 again"]));
    assert_eq!(incomplete(&house), 1);
    house
        .act("otto", half("half 1 again", FIRST, 4))
        .act(
            "otto",
            Command::ReconcileSeries(ReconcileSeries {
                extracts: vec![text("half 1 again"), text("half 2 again")],
                ..counted(Some(20))
            }),
        )
        .act("lea", clean_run("run-4", &["half 1 again", "half 2 again"]));
    assert_eq!(incomplete(&house), 0);
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn a_count_that_failed_is_none() {
    let mut house = with_two_halves();
    house.act("otto", Command::ReconcileSeries(counted(None))).act("lea", clean_run("run-1", &["half 1", "half 2"]));
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn only_extracts_of_its_source_and_days_are_of_a_series() {
    let mut house = with_two_halves();
    house
        .act("otto", Command::ReconcileSeries(ReconcileSeries { extracts: vec![text("half 2")], ..counted(Some(11)) }));
    let whole: Vec<bool> = house
        .state
        .evidence_of(&id("payslip"))
        .iter()
        .map(|extract| house.state.is_whole(&id("payslip"), extract))
        .collect();
    assert_eq!(whole, [true, true, false], "the whole year, the first half, the second half");
}
