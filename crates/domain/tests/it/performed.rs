//! Who may record that a control was performed, and what is refused; business calendars; what runs observe.

use std::collections::BTreeSet;

use tickmark_domain::*;

use crate::house::*;

pub fn perform(control: &str, window: (&str, &str), on: &str, evidence: &[&str]) -> Command {
    Command::PerformControl(PerformControl {
        control: id(control),
        window: span(window.0, window.1),
        item: None,
        performed_on: day(on),
        evidence: evidence.iter().map(|name| text(name)).collect(),
        shared: Some(text("it holds each of them")),
        note: None,
    })
}

/// GOV-09 runs every quarter, PAY-4-C9 every business day; LA-02 is per event.
fn house() -> House {
    let mut house = House::engaged();
    for (control, frequency) in [("GOV-09", Frequency::Quarterly), ("PAY-4-C9", Frequency::Daily)] {
        house.act(
            "lea",
            Command::AdoptControl(AdoptControl {
                control: id(control),
                definition: ControlDefinition { frequency, ..definition(control) },
                owner: id("otto"),
                effective_on: day("2025-02-01"),
            }),
        );
    }
    house.act(
        "otto",
        Command::RecordDocument(RecordDocument {
            document: text("minutes"),
            statement: text("statement"),
            source: id("hr"),
            settings: text("settings"),
            control: Some(id("GOV-09")),
            dated_on: day("2025-12-18"),
        }),
    );
    house.transcript.clear();
    house
}

const Q4: (&str, &str) = ("2025-10-01", "2025-12-31");

#[test]
fn the_owner_or_the_compliance_lead_records_a_performance() {
    let mut house = house();
    house.act("otto", perform("GOV-09", Q4, "2025-12-18", &["minutes"]));
    house.act("lea", perform("GOV-09", Q4, "2026-01-05", &["minutes", "manifest-1"]));
    house.act("lea", perform("LA-02", ("2026-03-03", "2026-03-03"), "2026-03-04", &["manifest-1"]));
    house.act("otto", perform("PAY-4-C9", ("2026-07-02", "2026-07-02"), "2026-07-06", &["manifest-1"]));
    house.act("eve", perform("GOV-09", Q4, "2025-12-18", &["minutes"]));
    house.act("ada", perform("GOV-09", Q4, "2025-12-18", &["minutes"]));
    house.act("fay", perform("GOV-09", Q4, "2025-12-18", &["minutes"]));
    house.act("nobody", perform("GOV-09", Q4, "2025-12-18", &["minutes"]));
    insta::assert_snapshot!(house.transcript, @r"
    otto: PerformControl -> ControlPerformed
    lea: PerformControl -> ControlPerformed
    lea: PerformControl -> ControlPerformed
    otto: PerformControl -> ControlPerformed
    eve: PerformControl -> refused [not-control-owner] person `eve` neither owns control `GOV-09` nor is a compliance lead
    ada: PerformControl -> refused [not-control-owner] person `ada` neither owns control `GOV-09` nor is a compliance lead
    fay: PerformControl -> refused [not-control-owner] person `fay` neither owns control `GOV-09` nor is a compliance lead
    nobody: PerformControl -> refused [unknown-person] person `nobody` is not known here
    ");
}

/// Each rule alone, in the order in which they are asked.
#[test]
fn what_did_not_happen_so_is_refused() {
    let mut house = house();
    house.act("otto", perform("XX-1", Q4, "2025-12-18", &["minutes"]));
    house.act("otto", perform("GOV-09", Q4, "2026-10-16", &["minutes"]));
    house.act("otto", perform("GOV-09", Q4, "2024-12-31", &["minutes"]));
    // No window is cut as a person would like it, none is a business day on a holiday, none of an event lasts for days.
    house.act("otto", perform("GOV-09", ("2025-11-01", "2026-01-31"), "2026-01-05", &["minutes"]));
    house.act("otto", perform("GOV-09", ("2025-01-01", "2025-03-31"), "2025-03-05", &["minutes"]));
    house.act("otto", perform("PAY-4-C9", ("2026-07-03", "2026-07-03"), "2026-07-03", &["minutes"]));
    house.act("otto", perform("LA-02", ("2026-03-03", "2026-03-04"), "2026-03-04", &["minutes"]));
    house.act("otto", perform("PAY-4-C9", ("0001-01-01", "9999-12-31"), "2026-03-04", &["minutes"]));
    house.act("otto", perform("GOV-09", ("2026-01-01", "2026-03-31"), "2025-12-18", &["minutes"]));
    house.act("otto", perform("GOV-09", Q4, "2025-12-18", &[]));
    house.act("otto", perform("GOV-09", Q4, "2025-12-18", &["minutes", "hearsay"]));
    // The minutes are of the 18th: what they show was not done before.
    house.act("otto", perform("GOV-09", Q4, "2025-12-17", &["minutes", "manifest-1"]));
    // And what is older than the quarter shows nothing of it.
    house.act("otto", perform("GOV-09", ("2026-01-01", "2026-03-31"), "2026-03-05", &["minutes"]));
    insta::assert_snapshot!(house.transcript, @r"
    otto: PerformControl -> refused [unknown-control] control `XX-1` is not known here
    otto: PerformControl -> refused [performed-in-the-future] the control was performed on 2026-10-16, it says, and today is 2026-10-15
    otto: PerformControl -> refused [control-not-in-force] control `GOV-09` was not in force on 2024-12-31
    otto: PerformControl -> refused [no-such-occurrence] control `GOV-09` has no occurrence from 2025-11-01 to 2026-01-31
    otto: PerformControl -> refused [no-such-occurrence] control `GOV-09` has no occurrence from 2025-01-01 to 2025-03-31
    otto: PerformControl -> refused [no-such-occurrence] control `PAY-4-C9` has no occurrence from 2026-07-03 to 2026-07-03
    otto: PerformControl -> refused [no-such-occurrence] control `LA-02` has no occurrence from 2026-03-03 to 2026-03-04
    otto: PerformControl -> refused [no-such-occurrence] control `PAY-4-C9` has no occurrence from 0001-01-01 to 9999-12-31
    otto: PerformControl -> refused [performed-before-window] 2025-12-18 is before the window begins, on 2026-01-01
    otto: PerformControl -> refused [performed-without-evidence] nothing is named that shows the performance of control `GOV-09`
    otto: PerformControl -> refused [unknown-evidence] no document and no extract `e5ac58aa0bcf6c64f7ba58822fdf378a95025aa004c08cc3b345f9ef7dff12ed` is recorded
    otto: PerformControl -> refused [performed-before-evidence] a document of 2025-12-18 is to show what was performed on 2025-12-17: it was done on the day that its evidence speaks of
    otto: PerformControl -> refused [evidence-before-window] the newest evidence named is of 2025-12-18, before the window begins, on 2026-01-01: name what is from the window or later
    ");
}

/// Minutes of one day for a year of quarters, and an export that holds each of them.
#[test]
fn evidence_of_one_occurrence_shows_another_only_if_the_record_says_why() {
    let mut house = house();
    let without_reason = |window, on: &str, evidence: &[&str]| {
        let Command::PerformControl(perform) = perform("GOV-09", window, on, evidence) else { unreachable!() };
        Command::PerformControl(PerformControl { shared: None, ..perform })
    };
    let q3 = ("2025-07-01", "2025-09-30");
    house.act("otto", without_reason(Q4, "2025-12-18", &["minutes"]));
    house.act("otto", without_reason(Q4, "2025-12-19", &["minutes"]));
    house.act("otto", without_reason(q3, "2025-12-18", &["minutes"]));
    house.act("otto", without_reason(q3, "2025-12-18", &["manifest-1", "minutes"]));
    house.act("otto", perform("GOV-09", q3, "2025-12-18", &["minutes"]));
    insta::assert_snapshot!(house.transcript);
}

#[test]
fn a_record_is_withdrawn_by_two_people_and_stays() {
    let mut house = house();
    let control: ControlId = id("GOV-09");
    let propose = |performance| {
        Command::ProposePerformanceWithdrawal(ProposePerformanceWithdrawal {
            control: id("GOV-09"),
            performance,
            reason: text("It was the meeting of the year before."),
        })
    };
    let withdraw =
        |performance| Command::WithdrawPerformance(WithdrawPerformance { control: id("GOV-09"), performance });
    house.act("otto", perform("GOV-09", Q4, "2025-12-18", &["minutes"]));
    let entry = house.state.performed_of(&control)[0].entry;
    house.act("lea", withdraw(entry));
    house.act("eve", propose(entry)).act("otto", propose(1)).act("lea", propose(entry));
    house.act("lea", withdraw(entry)).act("otto", withdraw(entry)).act("eve", withdraw(entry));
    house.act("otto", propose(entry)).act("eve", withdraw(entry));
    assert!(house.state.performed_of(&control)[0].is_withdrawn());
    // What it showed is free to show what it does show.
    let Command::PerformControl(again) = perform("GOV-09", ("2025-07-01", "2025-09-30"), "2025-12-18", &["minutes"])
    else {
        unreachable!()
    };
    house.act("otto", Command::PerformControl(PerformControl { shared: None, ..again }));
    let transcript = house.transcript.replace(&format!("entry {entry}"), "entry N");
    insta::assert_snapshot!(transcript);
}

/// Fields that came later: bytes without them decode as they did (golden bytes), and with them like this.
#[test]
fn later_fields_have_golden_bytes() {
    let digest = text("why");
    let performed = Event::ControlPerformed(ControlPerformed {
        control: id("GOV-01"),
        window: span("2026-01-01", "2026-03-31"),
        item: None,
        performed_on: day("2026-03-30"),
        evidence: [digest].into(),
        shared: Some(digest),
        note: None,
    });
    let adopted = Event::BusinessCalendarAdopted(BusinessCalendarAdopted {
        calendar: id("us-federal"),
        days: BusinessCalendar { holidays: BTreeSet::new(), ..federal() },
        own_holidays: BTreeSet::new(),
        effective_on: day("2026-01-01"),
        reason: Some(digest),
    });
    for (event, golden) in [
        (
            performed,
            r#"{"control":"GOV-01","evidence":["D"],"item":null,"note":null,"performed_on":"2026-03-30","shared":"D","type":"ControlPerformed","window":{"first":"2026-01-01","last":"2026-03-31"}}"#,
        ),
        (
            adopted,
            r#"{"calendar":"us-federal","days":{"first_on":"2025-01-01","holidays":[],"last_on":"2026-12-31","weekend":["saturday","sunday"]},"effective_on":"2026-01-01","own_holidays":[],"reason":"D","type":"BusinessCalendarAdopted"}"#,
        ),
    ] {
        let golden = golden.replace("\"D\"", &format!("\"{digest}\""));
        assert_eq!(String::from_utf8(tickmark_canonical::to_canonical(&event).unwrap()).unwrap(), golden);
        assert_eq!(serde_json::from_str::<Event>(&golden).unwrap(), event);
    }
}

#[test]
fn the_window_that_a_day_lies_in() {
    let house = house();
    let around = |control, on: &str| house.state.window_around(&id(control), day(on));
    assert_eq!(around("GOV-09", "2025-12-18"), Some(span(Q4.0, Q4.1)));
    assert_eq!(around("PAY-4-C9", "2026-07-02"), Some(span("2026-07-02", "2026-07-02")));
    assert_eq!(around("PAY-4-C9", "2026-07-03"), None);
    assert_eq!(around("LA-02", "2026-07-03"), Some(span("2026-07-03", "2026-07-03")));
    assert_eq!(around("GOV-09", "2024-07-03"), None);
    // The quarter in which the control began: from that day on.
    assert_eq!(around("GOV-09", "2025-02-02"), Some(span("2025-02-01", "2025-03-31")));
}

#[test]
fn business_calendars_follow_one_another() {
    let adopt = |from: &str, own: &[&str], reason: Option<&str>| {
        Command::AdoptBusinessCalendar(AdoptBusinessCalendar {
            calendar: id("us-federal"),
            days: federal(),
            own_holidays: own.iter().map(|on| day(on)).collect::<BTreeSet<_>>(),
            effective_on: day(from),
            reason: reason.map(text),
        })
    };
    let mut house = House::engaged();
    house.act("lea", adopt("2026-01-01", &["2026-12-24"], None));
    house.act("lea", adopt("2026-01-01", &["2026-12-24"], Some("We rest on Christmas Eve.")));
    house.act("otto", adopt("2026-02-01", &[], None));
    house.act("ada", adopt("2026-01-01", &[], None));
    house.act("ada", adopt("2026-11-01", &["2026-12-24"], None));
    let is_open = |on: &str| {
        let in_force = house.state.business_calendar_on(day(on)).map(|adopted| &adopted.days);
        in_force.map(|days| days.is_business_day(day(on)).unwrap())
    };
    assert_eq!(is_open("2025-12-24"), Some(true));
    assert_eq!(is_open("2026-12-24"), Some(false));
    assert_eq!(is_open("2024-12-24"), None);
    insta::assert_snapshot!(house.transcript, @r"
    lea: AdoptBusinessCalendar -> refused [retroactive-without-reason] it counts from 2026-01-01 on, and today is 2026-10-15: say why it comes only now
    lea: AdoptBusinessCalendar -> BusinessCalendarAdopted
    otto: AdoptBusinessCalendar -> refused [role-missing] this needs the role compliance lead, which person `otto` does not hold
    ada: AdoptBusinessCalendar -> refused [calendar-not-forward] a business calendar from 2026-01-01 on is not after the one from 2026-01-01 on
    ada: AdoptBusinessCalendar -> BusinessCalendarAdopted
    ");
}

/// A run lists the control tests whose results did not change, so that a day without news is an observed day all the same.
#[test]
fn unchanged_results_are_listed_and_observed() {
    let mut house = House::engaged();
    let of_day = |number: &str| run(number, span("2026-10-01", "2026-10-14"), 0);
    house.act("lea", of_day("run-1"));
    house.act("lea", of_day("run-2"));
    let test: TestId = id("leaver-access");
    let run = &house.state.runs[&id::<RunId>("run-2")];
    assert_eq!((run.changed, run.unchanged), (0, 1));
    let [seen] = house.state.observed_days_of(&test) else { panic!("one day is one range") };
    assert_eq!(seen.days, span("2026-10-14", "2026-10-14"));
    assert!(seen.first_entry < seen.last_entry);
    // Nobody sees how a day ends before it is over: neither that of a period to come, nor today.
    house.transcript.clear();
    house.act("lea", super::house::run("run-3", span("2026-10-01", "2026-12-31"), 0));
    house.act("lea", super::house::run("run-4", span("2026-10-01", "2026-10-15"), 0));
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordTestRun -> refused [day-not-over] 2026-12-31 is not over where the organization is: how a day ended is known from the midnight after it on
    lea: RecordTestRun -> refused [day-not-over] 2026-10-15 is not over where the organization is: how a day ended is known from the midnight after it on
    ");
}

/// An entry has 8 KiB: what does not fit into the list of unchanged tests is recorded as a result of its own.
#[test]
fn a_long_list_of_unchanged_results_stays_within_an_entry() {
    let mut house = House::engaged();
    let rule = house.catalog.tests[&id::<TestId>("leaver-access")].clone();
    let names: Vec<String> = (0..300).map(|number| format!("control-test-with-a-long-name-{number:03}")).collect();
    for name in &names {
        house.catalog.tests.insert(id(name), rule.clone());
    }
    let of_all = |run: &str| {
        let results = names.iter().map(|name| NewResult { test: id(name), ..result(0) }).collect();
        let (engine, span) = ("engine 1".into(), year());
        Command::RecordTestRun(RecordTestRun { run: id(run), on: span.last, span, engine, results })
    };
    house.act("lea", of_all("run-1"));
    let author = Author { person: id("lea"), at: now() };
    let events = decide(&house.state, &author, &house.catalog, of_all("run-2")).unwrap();
    let Some(Event::TestRunRecorded(run)) = events.last() else { panic!("a run") };
    assert_eq!(run.unchanged, run.unchanged_tests.len() as u64);
    assert_eq!(run.changed + run.unchanged, 300);
    assert!(run.changed > 0 && run.unchanged > 150, "{} {}", run.changed, run.unchanged);
    let longest = events.iter().map(|event| serde_json::to_vec(event).unwrap().len()).max().unwrap();
    assert!(longest < 7 * 1024, "{longest}");
}

/// The list came after the first runs: bytes without it decode as they did (golden bytes), and with it like this.
#[test]
fn a_run_with_the_list_has_golden_bytes() {
    let golden = r#"{"catalog":"C","changed":0,"engine":"engine 1","on":"2026-09-30","run":"run-1","span":{"first":"2025-10-01","last":"2026-09-30"},"type":"TestRunRecorded","unchanged":2,"unchanged_tests":["leaver-access","mfa-on"]}"#;
    let golden = golden.replace('C', &text("c").to_string());
    let run = Event::TestRunRecorded(TestRunRecorded {
        run: id("run-1"),
        on: year().last,
        span: year(),
        changed: 0,
        unchanged: 2,
        unchanged_tests: vec![id("leaver-access"), id("mfa-on")],
        catalog: text("c"),
        engine: "engine 1".into(),
    });
    assert_eq!(String::from_utf8(tickmark_canonical::to_canonical(&run).unwrap()).unwrap(), golden);
    assert_eq!(serde_json::from_str::<Event>(&golden).unwrap(), run);
}
