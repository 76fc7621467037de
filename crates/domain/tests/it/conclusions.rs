//! A person's conclusion on a control's operation: what the facts refuse, and what makes it stale.

use tickmark_domain::*;

use crate::{house::*, management_tests::*};

pub fn named(results: &[(&str, u64)], management_tests: &[&str]) -> NamedTests {
    NamedTests {
        results: results.iter().map(|(test, entry)| (id(test), [*entry].into())).collect(),
        management_tests: management_tests.iter().map(|test| id(test)).collect(),
    }
}

pub fn conclusion(status: ControlStatus, tests: NamedTests) -> Conclusion {
    Conclusion {
        status,
        tests,
        change_history: Default::default(),
        itgc: NamedTests::default(),
        reason: text("reason"),
    }
}

pub fn conclude(control: &str, conclusion: Conclusion) -> Command {
    Command::ConcludeControl(ConcludeControl { engagement: id("soc1"), control: id(control), conclusion })
}

/// What becomes of a conclusion on LA-02.
fn tried(house: &mut House, case: &str, status: ControlStatus, tests: NamedTests) -> String {
    house.transcript.clear();
    house.act("lea", conclude("LA-02", conclusion(status, tests)));
    format!("{case}, {status}: {}", house.transcript.split_once("-> ").unwrap().1)
}

fn entry_of(house: &House) -> u64 {
    house.state.results[&id::<TestId>("leaver-access")].last().unwrap().entry
}

/// A result of `leaver-access` over the year that could not look, or had nothing to look at.
fn without_items(name: &str, outcome: Outcome) -> Command {
    let reason = matches!(outcome, Outcome::NotEvaluable | Outcome::Error).then(|| text("reason"));
    Command::RecordTestRun(RecordTestRun {
        run: id(name),
        on: year().last,
        span: year(),
        engine: "engine 1".into(),
        results: vec![NewResult { outcome, population: 0, population_digest: None, reason, ..result(0) }],
    })
}

#[test]
fn who_concludes_leads_the_engagement_and_does_not_own_the_control() {
    let mut house = house();
    house.act("lea", run("run-1", year(), 0));
    let tests = named(&[("leaver-access", entry_of(&house))], &[]);
    house.act("ada", Command::GrantRole(GrantRole { person: id("otto"), role: Role::ComplianceLead }));
    house.transcript.clear();
    let operated = || conclusion(ControlStatus::Operated, tests.clone());
    house
        .act("eve", conclude("LA-02", operated()))
        .act("fay", conclude("LA-02", operated()))
        .act("otto", conclude("LA-02", operated()))
        .act("lea", conclude("GOV-01", operated()))
        .act("lea", conclude("PAY-4-C2", operated()))
        .act("lea", conclude("LA-02", operated()));
    insta::assert_snapshot!(house.transcript, @r"
    eve: ConcludeControl -> refused [role-missing] this needs the role compliance lead, which person `eve` does not hold
    fay: ConcludeControl -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    otto: ConcludeControl -> refused [concludes-on-own] person `otto` owns control `LA-02` and so cannot conclude on it
    lea: ConcludeControl -> refused [control-out-of-scope] control `GOV-01` is outside this engagement's scope
    lea: ConcludeControl -> refused [of-other-control] test `leaver-access` is not about control `PAY-4-C2`
    lea: ConcludeControl -> ControlConcluded
    ");
}

#[test]
fn what_the_facts_contradict_is_refused() {
    use ControlStatus::{DidNotOperate, New, NotDue, Operated, OperatedWithDeviations, Replaced};
    let mut house = house();
    let none = NamedTests::default;
    let mut lines = String::new();
    lines += &tried(&mut house, "nothing tested", Operated, none());
    lines += &tried(&mut house, "nothing tested", DidNotOperate, none());
    lines += &tried(&mut house, "acts on events", NotDue, none());
    lines += &tried(&mut house, "unchanged", Replaced { on: day("2026-04-01") }, none());
    lines += &tried(&mut house, "unchanged", New { on: day("2026-04-01") }, none());
    lines += &tried(&mut house, "unknown result", Operated, named(&[("leaver-access", 9_999)], &[]));
    house.act("lea", without_items("run-1", Outcome::NotEvaluable));
    let not_evaluable = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "not evaluable", Operated, not_evaluable.clone());
    lines += &tried(&mut house, "not evaluable", DidNotOperate, not_evaluable.clone());
    house.act("lea", without_items("run-2", Outcome::NoOccurrence));
    let no_occurrence = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "replaced", Operated, not_evaluable);
    lines += &tried(&mut house, "no occurrence", Operated, no_occurrence.clone());
    lines += &tried(&mut house, "no occurrence", DidNotOperate, no_occurrence.clone());
    house.act("lea", run("run-3", year(), 0));
    let empty = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "ten items", DidNotOperate, empty.clone());
    lines += &tried(&mut house, "no exceptions", OperatedWithDeviations, empty.clone());
    lines += &tried(&mut house, "no exceptions", Operated, empty);
    house.act("lea", run("run-4", year(), 2));
    let found = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "two exceptions", Operated, found.clone());
    lines += &tried(&mut house, "two exceptions", OperatedWithDeviations, found);
    insta::assert_snapshot!(lines, @r"
    nothing tested, operated: refused [conclusion-without-test] no test of control `LA-02` is named: nobody knows whether it operated
    nothing tested, did not operate (no event): refused [no-occurrence-unshown] no test that is named shows that nothing happened to which control `LA-02` applies
    acts on events, not due in the period: refused [due-by-event] control `LA-02` acts on events, not by the calendar: it did not operate if none came
    unchanged, replaced on 2026-04-01: refused [no-such-change] control `LA-02` neither began nor ended on 2026-04-01 within the period
    unchanged, new on 2026-04-01: refused [no-such-change] control `LA-02` neither began nor ended on 2026-04-01 within the period
    unknown result, operated: refused [unknown-result] control test `leaver-access` has no result in entry 9999
    not evaluable, operated: refused [nothing-was-tested] no test that is named looked at an item
    not evaluable, did not operate (no event): refused [no-occurrence-unshown] no test that is named shows that nothing happened to which control `LA-02` applies
    replaced, operated: refused [result-replaced] the result of `leaver-access` in entry 23 was replaced by that of entry 25
    no occurrence, operated: refused [nothing-was-tested] no test that is named looked at an item
    no occurrence, did not operate (no event): ControlConcluded
    ten items, did not operate (no event): refused [items-were-tested] items of control `LA-02` were tested (10): it had its occasion
    no exceptions, operated with deviations: refused [no-exception-stands] no exception stands over these days: name what deviated by a test, or conclude that it operated
    no exceptions, operated: ControlConcluded
    two exceptions, operated: refused [exceptions-stand] exceptions stand over these days (1): it operated with deviations, or they are withdrawn first
    two exceptions, operated with deviations: ControlConcluded
    ");
}

#[test]
fn an_interim_test_needs_its_roll_forward_and_a_review() {
    use ControlStatus::Operated;
    let mut house = house();
    let over = |first: &str, last: &str| ManagementTestDetails { span: span(first, last), ..details(0) };
    let design = ManagementTestDetails { stage: TestStage::Design, ..details(0) };
    house
        .act("lea", record("interim", over("2025-10-01", "2026-06-30")))
        .act("lea", record("forward", over("2026-07-01", "2026-09-30")))
        .act("lea", record("design", design))
        .act("lea", record("before", over("2025-06-01", "2025-12-31")));
    let mut lines = String::new();
    lines += &tried(&mut house, "not reviewed", Operated, named(&[], &["interim"]));
    for test in ["interim", "forward", "design", "before"] {
        house.act("eve", review(test));
    }
    lines += &tried(&mut house, "interim alone", Operated, named(&[], &["interim"]));
    lines += &tried(&mut house, "roll-forward alone", Operated, named(&[], &["forward"]));
    lines += &tried(&mut house, "design alone", Operated, named(&[], &["design"]));
    lines += &tried(&mut house, "other days", Operated, named(&[], &["before"]));
    lines += &tried(&mut house, "both", Operated, named(&[], &["interim", "forward"]));
    insta::assert_snapshot!(lines, @r"
    not reviewed, operated: refused [not-reviewed] management test `interim` is not reviewed
    interim alone, operated: refused [days-untested] control `LA-02` is not tested from 2026-07-01 to 2026-09-30 under the wording of these days: roll forward
    roll-forward alone, operated: refused [days-untested] control `LA-02` is not tested from 2025-10-01 to 2026-06-30 under the wording of these days: roll forward
    design alone, operated: refused [conclusion-without-test] no test of control `LA-02` is named: nobody knows whether it operated
    other days, operated: refused [of-other-days] test `before` is over other days
    both, operated: ControlConcluded
    ");
}

#[test]
fn a_control_changed_in_the_period_is_concluded_over_tests_of_both_wordings() {
    use ControlStatus::{New, Operated, Replaced};
    let mut house = house();
    let over = |first: &str, last: &str| ManagementTestDetails { span: span(first, last), ..details(0) };
    house.act("lea", reword("2026-04-01", "otto")).act("lea", run("run-1", year(), 0));
    let whole_year = named(&[("leaver-access", entry_of(&house))], &[]);
    house.act("lea", record("before", over("2025-10-01", "2026-03-31"))).act("eve", review("before"));
    house.act("lea", record("after", over("2026-04-01", "2026-09-30"))).act("eve", review("after"));
    let mut lines = String::new();
    lines += &tried(&mut house, "one result over both wordings", Operated, whole_year);
    lines += &tried(&mut house, "the first wording", Operated, named(&[], &["before"]));
    lines += &tried(&mut house, "both wordings", Operated, named(&[], &["before", "after"]));
    lines += &tried(&mut house, "both wordings", Replaced { on: day("2026-04-01") }, named(&[], &["before", "after"]));
    lines += &tried(&mut house, "both wordings", Replaced { on: day("2026-04-02") }, named(&[], &["before", "after"]));
    lines += &tried(&mut house, "ran before", New { on: day("2026-04-01") }, named(&[], &["before", "after"]));
    insta::assert_snapshot!(lines, @r"
    one result over both wordings, operated: refused [days-untested] control `LA-02` is not tested from 2025-10-01 to 2026-03-31 under the wording of these days: roll forward
    the first wording, operated: refused [days-untested] control `LA-02` is not tested from 2026-04-01 to 2026-09-30 under the wording of these days: roll forward
    both wordings, operated: ControlConcluded
    both wordings, replaced on 2026-04-01: ControlConcluded
    both wordings, replaced on 2026-04-02: refused [no-such-change] control `LA-02` neither began nor ended on 2026-04-02 within the period
    ran before, new on 2026-04-01: refused [no-such-change] control `LA-02` neither began nor ended on 2026-04-01 within the period
    ");
}

#[test]
fn the_calendar_says_whether_a_control_fell_due() {
    use ControlStatus::{DidNotOperate, NotDue};
    let mut lines = String::new();
    for frequency in [Frequency::Annual, Frequency::Quarterly] {
        let mut house = house();
        let definition = ControlDefinition { frequency, ..definition("LA-02") };
        house.act(
            "lea",
            Command::AdoptControl(AdoptControl {
                control: id("LA-09"),
                definition,
                owner: id("otto"),
                effective_on: day("2026-05-01"),
            }),
        );
        for status in [NotDue, DidNotOperate] {
            house.transcript.clear();
            house.act("lea", conclude("LA-09", conclusion(status, NamedTests::default())));
            lines += &format!("{}, {status}: {}", frequency.label(), house.transcript.split_once("-> ").unwrap().1);
        }
    }
    insta::assert_snapshot!(lines, @r"
    annual, not due in the period: ControlConcluded
    annual, did not operate (no event): refused [no-occurrence-unshown] no test that is named shows that nothing happened to which control `LA-09` applies
    quarterly, not due in the period: refused [fell-due] control `LA-09` fell due in the period (occurrences at the least: 1)
    quarterly, did not operate (no event): refused [fell-due] control `LA-09` fell due in the period (occurrences at the least: 1)
    ");
}

#[test]
fn an_automated_control_rests_on_its_setting_its_history_and_itgc() {
    let mut house = house();
    let automated = ControlDefinition { automation: Automation::Automated, ..definition("PAY-4-C2") };
    house.act(
        "lea",
        Command::AdoptControl(AdoptControl {
            control: id("PAY-4-C9"),
            definition: automated,
            owner: id("otto"),
            effective_on: day("2025-01-01"),
        }),
    );
    let setting = ManagementTestDetails { control: id("PAY-4-C9"), ..details(0) };
    house.act("lea", record("setting", setting)).act("eve", review("setting"));
    house.act("lea", run("run-1", year(), 0));
    let access = named(&[("leaver-access", entry_of(&house))], &[]);
    let of_setting = || conclusion(ControlStatus::Operated, named(&[], &["setting"]));
    house.transcript.clear();
    house
        .act("lea", conclude("PAY-4-C9", of_setting()))
        .act("lea", conclude("PAY-4-C9", Conclusion { change_history: [text("mail")].into(), ..of_setting() }))
        .act("lea", conclude("PAY-4-C9", Conclusion { change_history: [text("ticket-log")].into(), ..of_setting() }))
        .act(
            "lea",
            conclude(
                "PAY-4-C9",
                Conclusion {
                    change_history: [text("ticket-log")].into(),
                    itgc: named(&[], &["setting"]),
                    ..of_setting()
                },
            ),
        )
        .act(
            "lea",
            conclude(
                "PAY-4-C9",
                Conclusion { change_history: [text("ticket-log")].into(), itgc: access, ..of_setting() },
            ),
        );
    insta::assert_snapshot!(house.transcript, @r"
    lea: ConcludeControl -> refused [automated-control-lacks] control `PAY-4-C9` is automated, and the conclusion lacks the history of changes of its setting
    lea: ConcludeControl -> refused [unknown-evidence] no document and no extract `00d8d3f11739d2f3537099982b4674c29fc59a8fda350fca1379613adbb09119` is recorded
    lea: ConcludeControl -> refused [automated-control-lacks] control `PAY-4-C9` is automated, and the conclusion lacks a test of the IT general controls that keep its setting
    lea: ConcludeControl -> refused [automated-control-lacks] control `PAY-4-C9` is automated, and the conclusion lacks a test of the IT general controls that keep its setting
    lea: ConcludeControl -> ControlConcluded
    ");
}

#[test]
fn a_later_contrary_fact_makes_a_conclusion_stale_and_shows() {
    let mut house = house();
    house.act("lea", run("run-1", year(), 0));
    let tests = named(&[("leaver-access", entry_of(&house))], &[]);
    house.act("lea", conclude("LA-02", conclusion(ControlStatus::Operated, tests)));
    let stale = |house: &House| {
        let control: ControlId = id("LA-02");
        let recorded = house.state.conclusion(&id("soc1"), &control).unwrap();
        let because = house.state.stale_because(&house.catalog, &id("soc1"), &control, &recorded.conclusion);
        because.map_or_else(|| "stands".to_owned(), |refusal| format!("stale [{}] {refusal}", refusal.code()))
    };
    let mut lines = vec![format!("as concluded: {}", stale(&house))];
    house.act("lea", record("mt-1", details(1)));
    lines.push(format!("a management test finds one: {}", stale(&house)));
    let propose = ProposeWithdrawal { exception: id("mt-1:attributes"), reason: text("r"), evidence: text("e") };
    house.act("otto", Command::ProposeWithdrawal(propose));
    house.act("lea", Command::WithdrawException(WithdrawException { exception: id("mt-1:attributes") }));
    lines.push(format!("which is withdrawn: {}", stale(&house)));
    house.act("lea", without_items("run-2", Outcome::NotEvaluable));
    lines.push(format!("the control test can look no more: {}", stale(&house)));
    house.act("lea", run("run-3", year(), 0));
    let tests = named(&[("leaver-access", entry_of(&house))], &[]);
    house.act("lea", conclude("LA-02", conclusion(ControlStatus::Operated, tests)));
    lines.push(format!("concluded anew: {}", stale(&house)));
    house.act("lea", reword("2026-04-01", "otto"));
    lines.push(format!("it had changed: {}", stale(&house)));
    insta::assert_snapshot!(lines.join("\n"), @r"
    as concluded: stands
    a management test finds one: stale [exceptions-stand] exceptions stand over these days (1): it operated with deviations, or they are withdrawn first
    which is withdrawn: stands
    the control test can look no more: stale [result-replaced] the result of `leaver-access` in entry 23 was replaced by that of entry 30
    concluded anew: stands
    it had changed: stale [days-untested] control `LA-02` is not tested from 2025-10-01 to 2026-03-31 under the wording of these days: roll forward
    ");
    let figures = house.state.figures(&house.catalog, &id("soc1")).unwrap();
    let of_control = &figures.controls[&id::<ControlId>("LA-02")];
    assert_eq!(of_control.conclusion.as_ref().unwrap().stale_because.as_deref(), Some("days-untested"));
    assert_eq!(of_control.management_tests.len(), 1);
    assert_eq!(house.state.engagements[&id::<EngagementId>("soc1")].conclusions[&id::<ControlId>("LA-02")].len(), 2);
}
