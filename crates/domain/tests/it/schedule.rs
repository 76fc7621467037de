//! The schedule as tables: what was run, what time it is, and what is due then.

use std::fmt::Write;

use tickmark_domain::*;

use crate::house::*;

/// An instant in New York's summer time or winter time, whichever is said.
fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// A house over October to December, opened on the first morning of October, with a control that acts so often.
fn quarter(frequency: Frequency) -> House {
    let mut house = House::new_at(at("2026-10-01T09:00:00-04:00"));
    house.act(
        "lea",
        Command::ReviseControl(ReviseControl {
            control: id("LA-02"),
            definition: ControlDefinition { frequency, ..definition("LA-02") },
            owner: id("otto"),
            effective_on: day("2025-02-01"),
            reason: text("reason"),
        }),
    );
    house.act("ada", Command::ApproveSource(ApproveSource { source: id("hr"), settings: text("settings") }));
    house.act(
        "lea",
        Command::OpenEngagement(OpenEngagement {
            engagement: id("q4"),
            report: ReportKind::Soc1,
            report_type: ReportType::Type2(span("2026-10-01", "2026-12-31")),
            system: text("system"),
            objectives: [id("ITGC-LA")].into(),
            categories: Default::default(),
            without_security: None,
            standards: Default::default(),
            section_order: Default::default(),
            follows: None,
            gap: None,
        }),
    );
    house.act("otto", evidence("person", "manifest-1", span("2026-10-01", "2026-10-01")));
    house.transcript.clear();
    house
}

/// Weekends, and Thanksgiving.
fn rests_on(day: jiff::civil::Date) -> bool {
    let weekday = day.weekday();
    weekday == jiff::civil::Weekday::Saturday
        || weekday == jiff::civil::Weekday::Sunday
        || day == jiff::civil::date(2026, 11, 26)
}

fn tested(house: &mut House, on: &str, outcome: Outcome) {
    let exceptions = u64::from(outcome == Outcome::Exceptions);
    let result = if outcome == Outcome::NotEvaluable {
        NewResult { outcome, population: 0, reason: Some(text("why")), manifests: Vec::new(), ..result(0) }
    } else {
        result(exceptions)
    };
    let command = RecordTestRun {
        run: id(&format!("run-{on}")),
        on: day(on),
        span: span("2026-10-01", "2026-12-31"),
        engine: "engine 1".into(),
        results: vec![result],
    };
    // How a day ended is looked at on the day after it.
    house.now = house.now.max(at(&format!("{}T09:00:00-04:00", day(on).tomorrow().unwrap())));
    house.act("lea", Command::RecordTestRun(command));
    assert!(house.transcript.contains("TestRunRecorded"), "{}", house.transcript);
    house.transcript.clear();
}

/// What is due, in a line.
fn due(house: &House, now: &str) -> String {
    let due = house.state.due(&house.catalog, &rests_on, at(now));
    let mut line = String::new();
    for test in &due.tests {
        let missed: Vec<String> = test.missed.iter().map(ToString::to_string).collect();
        let _ = write!(line, "{} since {}, as of {}", test.test, test.since, test.on);
        if !missed.is_empty() {
            let _ = write!(line, ", missed {}", missed.join(" "));
        }
    }
    for collection in &due.collections {
        let days = collection.days.map_or("from the beginning".to_owned(), |d| format!("{} to {}", d.first, d.last));
        let _ = write!(line, "; {} {days}", collection.dataset);
    }
    if line.is_empty() { "nothing".to_owned() } else { line }
}

#[test]
fn a_control_test_is_due_when_its_days_are_over() {
    let mut table = String::new();
    for (frequency, moments) in [
        (Frequency::PerEvent, ["2026-10-01T23:30:00-04:00", "2026-10-02T00:30:00-04:00", "2026-10-06T09:00:00-04:00"]),
        (Frequency::Weekly, ["2026-10-04T23:30:00-04:00", "2026-10-05T00:30:00-04:00", "2026-10-14T09:00:00-04:00"]),
        (
            Frequency::SemiMonthly,
            ["2026-10-15T23:30:00-04:00", "2026-10-16T00:30:00-04:00", "2026-11-02T09:00:00-05:00"],
        ),
        (Frequency::Monthly, ["2026-10-31T12:00:00-04:00", "2026-11-01T00:30:00-04:00", "2026-12-02T09:00:00-05:00"]),
        (Frequency::Quarterly, ["2026-12-31T23:59:59-05:00", "2027-01-01T00:00:00-05:00", "2027-03-02T09:00:00-05:00"]),
        (Frequency::Annual, ["2026-12-31T23:59:59-05:00", "2027-01-01T00:00:00-05:00", "2027-03-02T09:00:00-05:00"]),
    ] {
        let _ = writeln!(table, "{}", frequency.label());
        for now in moments {
            let _ = writeln!(table, "  {now}: {}", due(&quarter(frequency), now));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn runs_that_were_due_again_before_they_were_made_are_missed() {
    let mut house = quarter(Frequency::Daily);
    let mut table = String::new();
    let mut look = |house: &House, what: &str, now: &str| {
        let _ = writeln!(table, "{what}: {}", due(house, now));
    };
    look(&house, "opened on Thursday, looked at on Friday", "2026-10-02T10:00:00-04:00");
    tested(&mut house, "2026-10-01", Outcome::NoExceptions);
    look(&house, "the same day again", "2026-10-02T18:00:00-04:00");
    look(&house, "on Saturday", "2026-10-03T10:00:00-04:00");
    look(&house, "on Monday nothing is missed, since business rested", "2026-10-05T10:00:00-04:00");
    look(&house, "on Wednesday Monday and Tuesday are", "2026-10-07T10:00:00-04:00");
    let missed = house.state.due(&house.catalog, &rests_on, at("2026-10-07T10:00:00-04:00")).missed_runs();
    house.now = at("2026-10-07T10:00:00-04:00");
    for missed in missed.into_iter().chain([RecordMissedRuns {
        tests: [id("leaver-access")].into(),
        first_on: day("2026-10-06"),
        last_on: day("2026-10-06"),
        count: 1,
    }]) {
        house.act("lea", Command::RecordMissedRuns(missed));
    }
    look(&house, "once recorded they are not missed again", "2026-10-07T10:05:00-04:00");
    tested(&mut house, "2026-10-06", Outcome::NotEvaluable);
    look(&house, "what could not be evaluated waits for the next day", "2026-10-07T11:00:00-04:00");
    let newer = evidence("person", "manifest-2", span("2026-10-05", "2026-10-05"));
    house.act("otto", newer);
    look(&house, "or for new evidence", "2026-10-07T12:00:00-04:00");
    tested(&mut house, "2026-12-31", Outcome::NoExceptions);
    look(&house, "when the last day was looked at nothing more is due", "2027-02-01T12:00:00-05:00");
    insta::assert_snapshot!(table);
    assert_eq!(house.state.missed_runs.len(), 1);
}

#[test]
fn missed_runs_are_of_days_that_were_and_recorded_once() {
    let mut house = quarter(Frequency::Daily);
    house.now = at("2026-10-07T10:00:00-04:00");
    for (tests, first, last, count) in [
        (&["unknown-test"][..], "2026-10-05", "2026-10-06", 2),
        (&[], "2026-10-05", "2026-10-06", 2),
        (&["leaver-access"], "2026-10-05", "2026-10-06", 3),
        (&["leaver-access"], "2026-10-05", "2026-10-09", 3),
        (&["leaver-access"], "2026-10-05", "2026-10-06", 2),
        (&["leaver-access"], "2026-10-06", "2026-10-06", 1),
    ] {
        let tests = tests.iter().map(|test| id(test)).collect();
        let (first_on, last_on) = (day(first), day(last));
        house.act("lea", Command::RecordMissedRuns(RecordMissedRuns { tests, first_on, last_on, count }));
    }
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordMissedRuns -> refused [unknown-test] control test `unknown-test` is not in the catalog
    lea: RecordMissedRuns -> refused [missed-runs-disagree] missed runs name at least one control test, and no more days than from the first to the last
    lea: RecordMissedRuns -> refused [missed-runs-disagree] missed runs name at least one control test, and no more days than from the first to the last
    lea: RecordMissedRuns -> refused [dated-in-the-future] it is dated 2026-10-09, and today is 2026-10-07
    lea: RecordMissedRuns -> RunsMissed
    lea: RecordMissedRuns -> refused [missed-runs-recorded] runs of `leaver-access` that were missed on these days are recorded already
    ");
}

#[test]
fn a_schedule_of_the_catalog_stands_over_the_frequency_of_controls() {
    let mut house = quarter(Frequency::Daily);
    house.catalog.tests.get_mut(&id::<TestId>("leaver-access")).unwrap().every = Some(Frequency::Monthly);
    assert_eq!(due(&house, "2026-10-20T09:00:00-04:00"), "nothing");
    assert!(due(&house, "2026-11-01T09:00:00-05:00").starts_with("leaver-access since 2026-11-01"));
}

#[test]
fn a_state_that_is_too_old_is_stale_and_says_since_when() {
    let house = quarter(Frequency::Daily);
    let stale = |today: &str| -> Vec<String> {
        let stale = house.state.stale_inputs(&house.catalog, day(today));
        stale
            .iter()
            .map(|s| format!("{} on {} of {} since {}", s.test, s.dataset, s.newest_on, s.stale_since))
            .collect()
    };
    // On November 6 the last day that is over is still within its days.
    assert!(stale("2026-11-06").is_empty());
    assert_eq!(stale("2026-11-07"), ["leaver-access on person of 2026-10-01 since 2026-11-06"]);
}

/// In the morning of October 2 nobody knows who is disabled in the afternoon.
#[test]
fn a_state_answers_for_a_day_that_was_over_when_it_was_read() {
    let mut house = quarter(Frequency::Daily);
    house.now = at("2026-10-03T09:00:00-04:00");
    let mut table = String::new();
    for (of, read) in [
        ("2026-10-02", "2026-10-02T07:00:00-04:00"),
        ("2026-10-01", "2026-10-02T07:00:00-04:00"),
        ("2026-10-02", "2026-10-02T23:59:59-04:00"),
        ("2026-10-02", "2026-10-03T03:59:59Z"),
        ("2026-10-02", "2026-10-03T04:00:00Z"),
    ] {
        let Command::RecordEvidence(state) = evidence("person", &format!("{of} {read}"), span(of, of)) else {
            unreachable!()
        };
        house.transcript.clear();
        house.act("otto", Command::RecordEvidence(RecordEvidence { extracted_at: at(read), ..state }));
        let ended = house.transcript.trim_start_matches("otto: RecordEvidence -> ").trim_end();
        let due = house.state.due(&house.catalog, &rests_on, house.now);
        let needed: Vec<String> = due.collections.iter().map(|needed| needed.until.to_string()).collect();
        let _ = writeln!(table, "of {of}, read {read}: {ended}; needed still: {}", needed.join(""));
    }
    insta::assert_snapshot!(table, @r"
    of 2026-10-02, read 2026-10-02T07:00:00-04:00: refused [day-not-over] 2026-10-02 is not over where the organization is: how a day ended is known from the midnight after it on; needed still: 2026-10-02
    of 2026-10-01, read 2026-10-02T07:00:00-04:00: EvidenceRecorded; needed still: 2026-10-02
    of 2026-10-02, read 2026-10-02T23:59:59-04:00: refused [day-not-over] 2026-10-02 is not over where the organization is: how a day ended is known from the midnight after it on; needed still: 2026-10-02
    of 2026-10-02, read 2026-10-03T03:59:59Z: refused [day-not-over] 2026-10-02 is not over where the organization is: how a day ended is known from the midnight after it on; needed still: 2026-10-02
    of 2026-10-02, read 2026-10-03T04:00:00Z: EvidenceRecorded; needed still: 
    ");
}

/// A ledger of before that rule may hold a state that was read while its day lasted: it keeps no later one from being read.
#[test]
fn a_state_that_was_read_too_early_is_read_again() {
    let mut house = quarter(Frequency::Daily);
    let Command::RecordEvidence(taken) = evidence("person", "morning", span("2026-10-02", "2026-10-02")) else {
        unreachable!()
    };
    let early = EvidenceRecorded {
        dataset: taken.dataset,
        source: taken.source,
        manifest: taken.manifest,
        rows: taken.rows,
        source_rows: taken.source_rows,
        covers: taken.covers,
        extracted_at: at("2026-10-02T07:00:00-04:00"),
        complete: true,
        read_again: None,
    };
    let recorded = Recorded { index: 99, at: early.extracted_at, by: id("otto") };
    house.state.apply(&Event::EvidenceRecorded(early), &recorded);
    assert!(due(&house, "2026-10-03T00:10:00-04:00").ends_with("; person 2026-10-02 to 2026-10-02"));
}

#[test]
fn a_control_test_without_a_canary_caught_is_unproven_and_never_without_exceptions() {
    let mut house = House::engaged();
    let run_with = |run: &str, result: NewResult| {
        let (span, engine) = (year(), "engine 1".to_owned());
        Command::RecordTestRun(RecordTestRun { run: id(run), on: span.last, span, engine, results: vec![result] })
    };
    let uncaught =
        NewResult { outcome: Outcome::Error, population: 0, canaries: 0, reason: Some(text("why")), ..result(0) };
    house
        .act("lea", run_with("run-1", NewResult { canaries: 0, ..result(0) }))
        .act("lea", run_with("run-2", uncaught))
        .act("lea", run_with("run-3", result(0)));
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordTestRun -> refused [result-contradicts-itself] the result of `leaver-access` contradicts itself: no canary shows that it can find what it looks for
    lea: RecordTestRun -> TestResultRecorded, TestRunRecorded
    lea: RecordTestRun -> TestResultRecorded, TestRunRecorded
    ");
    let unproven: Vec<bool> =
        house.state.results[&id::<TestId>("leaver-access")].iter().map(TestResult::is_unproven).collect();
    assert_eq!(unproven, [true, false]);
}

#[test]
fn flips_follow_from_results_over_the_same_days() {
    let mut house = quarter(Frequency::Daily);
    for (on, outcome) in [
        ("2026-10-01", Outcome::NoExceptions),
        ("2026-10-02", Outcome::NoExceptions),
        ("2026-10-03", Outcome::Exceptions),
        ("2026-10-04", Outcome::NotEvaluable),
        ("2026-10-05", Outcome::Exceptions),
    ] {
        tested(&mut house, on, outcome);
    }
    // Other days are no flip: a retest over a week that found none.
    house.act("lea", run("retest", span("2026-10-01", "2026-10-07"), 0));
    let flips = |since| -> Vec<String> {
        let flips = house.state.flips(since);
        flips.iter().map(|f| format!("{} {}: {} -> {}", f.on, f.test, f.before, f.after)).collect()
    };
    let all = flips(0);
    assert_eq!(
        all,
        [
            "2026-10-03 leaver-access: no exceptions -> exceptions",
            "2026-10-04 leaver-access: exceptions -> not evaluable",
            "2026-10-05 leaver-access: not evaluable -> exceptions",
        ]
    );
    assert_eq!(flips(house.state.flips(0)[2].entry), all[2..]);
}

#[test]
fn a_collection_reads_on_from_the_first_day_that_is_not_covered() {
    let mut house = quarter(Frequency::Daily);
    house.catalog.datasets.get_mut(&id::<DatasetId>("person")).unwrap().stale_after_days = None;
    let until = "2026-11-11T09:00:00-05:00";
    let mut table = String::new();
    for (what, first, last) in [
        ("one day", "2026-10-01", "2026-10-01"),
        ("up to the end of October", "2026-10-02", "2026-10-31"),
        ("a hole is read from its first day", "2026-11-05", "2026-11-08"),
        ("and closed", "2026-11-01", "2026-11-10"),
    ] {
        let Command::RecordEvidence(taken) = evidence("person", what, span(first, last)) else { unreachable!() };
        house.act("otto", Command::RecordEvidence(RecordEvidence { extracted_at: at(until), ..taken }));
        let due = house.state.due(&house.catalog, &rests_on, at(until));
        let days = due.collections.first().and_then(|collection| collection.days);
        let days = days.map_or("nothing".to_owned(), |days| format!("{} to {}", days.first, days.last));
        let _ = writeln!(table, "{what}: {days}");
    }
    insta::assert_snapshot!(table, @r"
    one day: 2026-09-01 to 2026-11-10
    up to the end of October: 2026-10-01 to 2026-11-10
    a hole is read from its first day: 2026-10-01 to 2026-11-10
    and closed: nothing
    ");
}
