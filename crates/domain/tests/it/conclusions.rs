//! A person's conclusion on a control's operation: what the facts refuse, and what makes it stale.

use tickmark_domain::*;

use crate::{
    assessments::assess,
    house::*,
    management_tests::*,
    performed::perform,
    populations::{check, freeze, rows},
};

pub fn named(results: &[(&str, u64)], management_tests: &[&str]) -> NamedTests {
    NamedTests {
        results: results.iter().map(|(test, entry)| (id(test), [*entry].into())).collect(),
        management_tests: management_tests.iter().map(|test| id(test)).collect(),
        populations: Default::default(),
    }
}

/// The same with populations that are empty.
fn with_empty(tests: NamedTests, populations: &[&str]) -> NamedTests {
    NamedTests { populations: populations.iter().map(|population| id(population)).collect(), ..tests }
}

/// Leavers of LA-02 over some days, of whom there were so many.
fn frozen(name: &str, days: Span, items: u64) -> Command {
    let reason = Some(text("once more"));
    Command::FreezePopulation(FreezePopulation {
        span: days,
        rows: rows("person", name, items),
        reason,
        ..freeze(name)
    })
}

/// What the newest conclusion on a control says.
fn in_words(house: &House, control: &str) -> String {
    let (engagement, control): (EngagementId, ControlId) = (id("soc1"), id(control));
    let recorded = house.state.conclusion(&engagement, &control).unwrap();
    house.state.conclusion_in_words(&house.catalog, &engagement, &control, &recorded.conclusion)
}

fn checked(name: &str) -> Command {
    Command::CheckPopulation(CheckPopulation { explanation: Some(text("hardly anybody leaves")), ..check(name) })
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
    lines += &tried(&mut house, "a run alone", DidNotOperate, no_occurrence.clone());
    house.act("lea", run("run-3", year(), 0));
    let empty = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "ten items", DidNotOperate, empty.clone());
    lines += &tried(&mut house, "no exceptions", OperatedWithDeviations, empty.clone());
    lines += &tried(&mut house, "no exceptions", Operated, empty);
    house.act("lea", run("run-4", year(), 2));
    let found = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "two exceptions", Operated, found.clone());
    lines += &tried(&mut house, "two exceptions", OperatedWithDeviations, found.clone());
    house.act("otto", assess(|_| {}));
    lines += &tried(&mut house, "two exceptions, assessed", OperatedWithDeviations, found.clone());
    let more =
        NewResult { items: Some(ItemChange { keys: text("three"), appeared: 1, gone: 0, back: 0 }), ..result(3) };
    house.act(
        "lea",
        Command::RecordTestRun(RecordTestRun {
            run: id("run-5"),
            on: year().last,
            span: year(),
            engine: "engine 1".into(),
            results: vec![more],
        }),
    );
    let found = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "one more since the assessment", OperatedWithDeviations, found);
    insta::assert_snapshot!(lines, @r"
    nothing tested, operated: refused [conclusion-without-test] no test of control `LA-02` is named: nobody knows whether it operated
    nothing tested, did not operate (no event): refused [no-occurrence-unshown] no population that is named shows, checked and empty, that nothing happened to which control `LA-02` applies from 2025-10-01 to 2026-09-30
    acts on events, not due in the period: refused [due-by-event] control `LA-02` acts on events, not by the calendar: it did not operate if none came
    unchanged, replaced on 2026-04-01: refused [no-such-change] control `LA-02` neither began nor ended on 2026-04-01 within the period
    unchanged, new on 2026-04-01: refused [no-such-change] control `LA-02` neither began nor ended on 2026-04-01 within the period
    unknown result, operated: refused [unknown-result] control test `leaver-access` has no result in entry 9999
    not evaluable, operated: refused [nothing-was-tested] no test that is named looked at an item
    not evaluable, did not operate (no event): refused [no-occurrence-unshown] no population that is named shows, checked and empty, that nothing happened to which control `LA-02` applies from 2025-10-01 to 2026-09-30
    replaced, operated: refused [result-replaced] the result of `leaver-access` in entry 23 was replaced by that of entry 25
    no occurrence, operated: refused [nothing-was-tested] no test that is named looked at an item
    a run alone, did not operate (no event): refused [no-occurrence-unshown] no population that is named shows, checked and empty, that nothing happened to which control `LA-02` applies from 2025-10-01 to 2026-09-30
    ten items, did not operate (no event): refused [items-were-tested] items of control `LA-02` were tested (10): it had its occasion
    no exceptions, operated with deviations: refused [no-exception-stands] no exception stands over these days: name what deviated by a test, or conclude that it operated
    no exceptions, operated: ControlConcluded
    two exceptions, operated: refused [exceptions-stand] exceptions stand over these days (1): it operated with deviations, or they are withdrawn first
    two exceptions, operated with deviations: refused [exceptions-unassessed] nobody assessed `leaver-access:1` as it is now (exceptions without assessment: 1): cause, reach and effect come first
    two exceptions, assessed, operated with deviations: ControlConcluded
    one more since the assessment, operated with deviations: refused [exceptions-unassessed] nobody assessed `leaver-access:1` as it is now (exceptions without assessment: 1): cause, reach and effect come first
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
    annual, did not operate (no event): refused [no-occurrence-unshown] no population that is named shows, checked and empty, that nothing happened to which control `LA-09` applies from 2026-05-01 to 2026-09-30
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
    house.act("otto", evidence("payslip", "winter", span("2025-10-01", "2026-03-31")));
    house.act("otto", evidence("payslip", "summer", span("2026-04-01", "2026-09-30")));
    house.act("lea", run("run-1", year(), 0));
    let access = named(&[("leaver-access", entry_of(&house))], &[]);
    let mut lines = String::new();
    let mut tried = |house: &mut House, case: &str, history: &[&str], itgc: &NamedTests| {
        let concluded = Conclusion {
            change_history: history.iter().map(|name| text(name)).collect(),
            itgc: itgc.clone(),
            ..conclusion(ControlStatus::Operated, named(&[], &["setting"]))
        };
        house.transcript.clear();
        house.act("lea", conclude("PAY-4-C9", concluded));
        lines += &format!("{case}: {}", house.transcript.split_once("-> ").unwrap().1);
    };
    let none = NamedTests::default();
    tried(&mut house, "no history", &[], &none);
    tried(&mut house, "hearsay", &["mail"], &none);
    tried(&mut house, "a document of one day", &["ticket-log"], &none);
    tried(&mut house, "half of the year", &["winter"], &none);
    tried(&mut house, "no ITGC", &["winter", "summer"], &none);
    tried(&mut house, "its own test", &["winter", "summer"], &named(&[], &["setting"]));
    tried(&mut house, "an ITGC that nobody concluded on", &["winter", "summer"], &access);
    house.act("lea", conclude("LA-02", conclusion(ControlStatus::Operated, access.clone())));
    tried(&mut house, "an ITGC that operated", &["winter", "summer"], &access);
    house.act("lea", run("run-2", year(), 2));
    let found = named(&[("leaver-access", entry_of(&house))], &[]);
    tried(&mut house, "the ITGC has an exception", &["winter", "summer"], &found);
    house.act("otto", assess(|_| {}));
    tried(&mut house, "assessed, the conclusion stale", &["winter", "summer"], &found);
    house.act("lea", conclude("LA-02", conclusion(ControlStatus::OperatedWithDeviations, found.clone())));
    tried(&mut house, "concluded anew", &["winter", "summer"], &found);
    // The catalog says what logs changes of what the control's own tests read.
    let rule = house.catalog.tests.get_mut(&id::<TestId>("pay-net-recomputed")).unwrap();
    rule.controls.insert(id("PAY-4-C9"));
    let dataset = house.catalog.datasets.get_mut(&id::<DatasetId>("payslip")).unwrap();
    dataset.change_log = Some(id("payslip-log"));
    tried(&mut house, "an extract that is no log", &["winter", "summer"], &found);
    insta::assert_snapshot!(lines, @r"
    no history: refused [automated-control-lacks] control `PAY-4-C9` is automated, and the conclusion lacks the history of changes of its setting
    hearsay: refused [unknown-evidence] no document and no extract `00d8d3f11739d2f3537099982b4674c29fc59a8fda350fca1379613adbb09119` is recorded
    a document of one day: refused [history-is-no-extract] document `735aad46b0a3e88f33a145acd5514116a490d8ec5a028bdbc3006350da684981` does not say which days it covers: the history of a setting is an extract
    half of the year: refused [setting-history-gap] nothing named shows how the setting of control `PAY-4-C9` changed from 2026-04-01 to 2026-09-30
    no ITGC: refused [automated-control-lacks] control `PAY-4-C9` is automated, and the conclusion lacks a test of the IT general controls that keep its setting
    its own test: refused [automated-control-lacks] control `PAY-4-C9` is automated, and the conclusion lacks tests of other controls: its own are no IT general controls
    an ITGC that nobody concluded on: refused [itgc-not-concluded] nobody concluded that the control which `leaver-access` tests operated, or that conclusion is stale
    an ITGC that operated: ControlConcluded
    the ITGC has an exception: refused [itgc-exception-open] exception `leaver-access:1` of the IT general control `LA-02` stands, and nobody assessed it as it is now
    assessed, the conclusion stale: refused [itgc-not-concluded] nobody concluded that the control which `leaver-access` tests operated, or that conclusion is stale
    concluded anew: ControlConcluded
    an extract that is no log: refused [history-of-other-setting] `payslip` is no log of changes of what the tests of control `PAY-4-C9` read
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

/// That nothing happened is shown by a population that was frozen, checked and is empty, over every day, and by nothing else.
#[test]
fn nothing_happened_where_a_checked_population_is_empty_and_the_calendar_agrees() {
    use ControlStatus::DidNotOperate;
    let mut house = house();
    let empty = |names: &[&str]| with_empty(NamedTests::default(), names);
    let (winter, summer) = (span("2025-10-01", "2026-03-31"), span("2026-04-01", "2026-09-30"));
    let mut lines = String::new();
    house.act("lea", without_items("run-1", Outcome::NoOccurrence));
    let by_a_run = named(&[("leaver-access", entry_of(&house))], &[]);
    lines += &tried(&mut house, "a run over the evidence", DidNotOperate, by_a_run);
    lines += &tried(&mut house, "never frozen", DidNotOperate, empty(&["leavers"]));
    house.act("lea", frozen("winter", winter, 0));
    lines += &tried(&mut house, "not checked", DidNotOperate, empty(&["winter"]));
    house.act("lea", checked("winter"));
    lines += &tried(&mut house, "half of the year", DidNotOperate, empty(&["winter"]));
    house.act("lea", frozen("summer", summer, 0)).act("lea", checked("summer"));
    lines += &tried(&mut house, "both halves", DidNotOperate, empty(&["winter", "summer"]));
    let other = FreezePopulation {
        controls: [id("PAY-4-C2")].into(),
        definition: PopulationDefinition::Own(text("pay runs")),
        rows: FrozenRows { query: text("pay runs"), ..rows("person", "none", 0) },
        reason: Some(text("other items of the same data")),
        ..freeze("pay-runs")
    };
    house.act("lea", Command::FreezePopulation(other)).act("lea", checked("pay-runs"));
    lines += &tried(&mut house, "of another control", DidNotOperate, empty(&["pay-runs"]));
    house.act("otto", perform("LA-02", ("2026-05-05", "2026-05-05"), "2026-05-05", &["manifest-1"]));
    lines += &tried(&mut house, "somebody left in May", DidNotOperate, empty(&["winter", "summer"]));
    insta::assert_snapshot!(lines, @r"
    a run over the evidence, did not operate (no event): refused [no-occurrence-unshown] no population that is named shows, checked and empty, that nothing happened to which control `LA-02` applies from 2025-10-01 to 2026-09-30
    never frozen, did not operate (no event): refused [unknown-population] population `leavers` is not known here
    not checked, did not operate (no event): refused [population-not-shown-empty] population `winter` (not evaluable) does not show that nothing happened
    half of the year, did not operate (no event): refused [no-occurrence-unshown] no population that is named shows, checked and empty, that nothing happened to which control `LA-02` applies from 2026-04-01 to 2026-09-30
    both halves, did not operate (no event): ControlConcluded
    of another control, did not operate (no event): refused [of-other-control] test `pay-runs` is not about control `LA-02`
    somebody left in May, did not operate (no event): refused [fell-due] control `LA-02` fell due in the period (occurrences at the least: 1)
    ");
    let mut house = self::house();
    house.act("lea", frozen("year", year(), 0)).act("lea", checked("year"));
    let mut lines = tried(&mut house, "the year", DidNotOperate, empty(&["year"]));
    house.act("lea", frozen("restated", year(), 2));
    lines += &tried(&mut house, "restated: two leavers", DidNotOperate, empty(&["year"]));
    lines += &tried(&mut house, "two leavers", DidNotOperate, empty(&["restated"]));
    insta::assert_snapshot!(lines, @r"
    the year, did not operate (no event): ControlConcluded
    restated: two leavers, did not operate (no event): refused [occasions-frozen] population `restated` was frozen over days of these with 2 items: the control had its occasion
    two leavers, did not operate (no event): refused [population-not-shown-empty] population `restated` (not checked) does not show that nothing happened
    ");
}

/// LA-09 is due every quarter: the calendar knows what was left out, whatever a test looked at.
#[test]
fn no_control_operated_beside_an_occurrence_that_is_missing_or_late() {
    use ControlStatus::{Operated, OperatedWithDeviations};
    let mut house = house();
    let adopted = AdoptControl {
        control: id("LA-09"),
        definition: ControlDefinition { frequency: Frequency::Quarterly, ..definition("LA-02") },
        owner: id("otto"),
        effective_on: day("2025-01-01"),
    };
    house.act("lea", Command::AdoptControl(adopted));
    let of = |exceptions| ManagementTestDetails { control: id("LA-09"), ..details(exceptions) };
    house.act("lea", record("reviews", of(0))).act("eve", review("reviews"));
    let tried = |house: &mut House, case: &str, status: ControlStatus, tests: &[&str]| {
        house.transcript.clear();
        house.act("lea", conclude("LA-09", conclusion(status, named(&[], tests))));
        format!("{case}, {status}: {}", house.transcript.split_once("-> ").unwrap().1)
    };
    let shown = |house: &mut House, first: &str, last: &str, on: &str| {
        house.act("otto", perform("LA-09", (first, last), on, &["manifest-1"]));
    };
    let mut lines = String::new();
    shown(&mut house, "2025-10-01", "2025-12-31", "2025-12-20");
    shown(&mut house, "2026-04-01", "2026-06-30", "2026-06-30");
    shown(&mut house, "2026-07-01", "2026-09-30", "2026-09-29");
    lines += &tried(&mut house, "one quarter is missing", Operated, &["reviews"]);
    lines += &tried(&mut house, "one quarter is missing", OperatedWithDeviations, &["reviews"]);
    house.act("lea", record("late-one", of(1))).act("eve", review("late-one"));
    lines += &tried(&mut house, "an exception that nobody assessed", OperatedWithDeviations, &["reviews"]);
    let assessed = |exception: &str| {
        let Command::AssessException(assessed) = assess(|_| {}) else { panic!() };
        Command::AssessException(AssessException { exception: id(exception), ..assessed })
    };
    house.act("otto", assessed("late-one:attributes"));
    lines += &tried(&mut house, "an assessed exception", OperatedWithDeviations, &["reviews"]);
    shown(&mut house, "2026-01-01", "2026-03-31", "2026-04-09");
    lines += &tried(&mut house, "made up for, nine days late", Operated, &["reviews"]);
    lines += &tried(&mut house, "made up for, nine days late", OperatedWithDeviations, &["reviews"]);
    insta::assert_snapshot!(lines, @r"
    one quarter is missing, operated: refused [occurrences-missed] by its calendar control `LA-09` was not performed in time (missing: 1, late: 0): it operated with deviations, or what was performed is recorded first
    one quarter is missing, operated with deviations: refused [occurrence-unassessed] control `LA-09` was due from 2026-01-01 to 2026-03-31: that occurrence is missing, and no item of an assessed exception stands for it
    an exception that nobody assessed, operated with deviations: refused [exceptions-unassessed] nobody assessed `late-one:attributes` as it is now (exceptions without assessment: 1): cause, reach and effect come first
    an assessed exception, operated with deviations: ControlConcluded
    made up for, nine days late, operated: refused [exceptions-stand] exceptions stand over these days (1): it operated with deviations, or they are withdrawn first
    made up for, nine days late, operated with deviations: ControlConcluded
    ");
    // What is found missing later makes it stale: one record shows nothing any more, so that the item stands for that quarter.
    let stale = |house: &House| {
        let control: ControlId = id("LA-09");
        let recorded = house.state.conclusion(&id("soc1"), &control).unwrap();
        let because = house.state.stale_because(&house.catalog, &id("soc1"), &control, &recorded.conclusion);
        because.map_or_else(|| "stands".to_owned(), |refusal| format!("stale [{}] {refusal}", refusal.code()))
    };
    assert_eq!(stale(&house), "stands");
    assert_eq!(in_words(&house, "LA-09"), "operated with deviations; by the calendar 1 late");
    let (control, performance) = (id("LA-09"), house.state.performed_of(&id("LA-09"))[0].entry);
    let reason = text("It was the meeting of the year before.");
    house.act(
        "otto",
        Command::ProposePerformanceWithdrawal(ProposePerformanceWithdrawal { control, performance, reason }),
    );
    assert_eq!(stale(&house), "stands");
    house.act("eve", Command::WithdrawPerformance(WithdrawPerformance { control: id("LA-09"), performance }));
    insta::assert_snapshot!(stale(&house), @"stale [occurrence-unassessed] control `LA-09` was due from 2026-01-01 to 2026-03-31: that occurrence is late, and no item of an assessed exception stands for it");
}

#[test]
fn a_wording_under_which_nothing_happened_is_stated_and_not_tested() {
    use ControlStatus::Operated;
    let mut house = house();
    let over = |first: &str, last: &str| ManagementTestDetails { span: span(first, last), ..details(0) };
    house.act("lea", reword("2026-07-01", "otto"));
    house.act("lea", record("before", over("2025-10-01", "2026-06-30"))).act("eve", review("before"));
    let before = || named(&[], &["before"]);
    let mut lines = tried(&mut house, "nobody looked at the new wording", Operated, before());
    house.act("lea", frozen("august", span("2026-08-01", "2026-09-30"), 0)).act("lea", checked("august"));
    lines += &tried(&mut house, "nothing from August on", Operated, with_empty(before(), &["august"]));
    house.act("lea", frozen("since", span("2026-07-01", "2026-09-30"), 0)).act("lea", checked("since"));
    lines += &tried(&mut house, "nothing happened since", Operated, with_empty(before(), &["since"]));
    assert_eq!(in_words(&house, "LA-02"), "operated; no occurrence from 2026-07-01 to 2026-09-30");
    house.act("lea", run("run-1", span("2026-09-01", "2026-09-30"), 0));
    lines += &tried(&mut house, "ten leavers in September", Operated, with_empty(before(), &["since"]));
    insta::assert_snapshot!(lines, @r"
    nobody looked at the new wording, operated: refused [days-untested] control `LA-02` is not tested from 2026-07-01 to 2026-09-30 under the wording of these days: roll forward
    nothing from August on, operated: refused [days-untested] control `LA-02` is not tested from 2026-07-01 to 2026-07-31 under the wording of these days: roll forward
    nothing happened since, operated: ControlConcluded
    ten leavers in September, operated: refused [items-were-tested] items of control `LA-02` were tested (10): it had its occasion
    ");
    assert_eq!(in_words(&house, "LA-02"), "operated");
}

/// A quarterly control reworded when its last occurrence in the period was done: the calendar sets none under the new wording.
#[test]
fn a_wording_that_no_occurrence_fell_under_needs_no_test() {
    let mut house = house();
    let quarterly = |words: &str| ControlDefinition {
        frequency: Frequency::Quarterly,
        statement: text(words),
        ..definition("LA-02")
    };
    let adopted = AdoptControl {
        control: id("LA-09"),
        definition: quarterly("old words"),
        owner: id("otto"),
        effective_on: day("2025-01-01"),
    };
    house.act("lea", Command::AdoptControl(adopted));
    for (first, last, on) in [
        ("2025-10-01", "2025-12-31", "2025-12-20"),
        ("2026-01-01", "2026-03-31", "2026-03-20"),
        ("2026-04-01", "2026-06-30", "2026-06-30"),
        ("2026-07-01", "2026-09-30", "2026-09-10"),
    ] {
        house.act("otto", perform("LA-09", (first, last), on, &["manifest-1"]));
    }
    let revised = ReviseControl {
        control: id("LA-09"),
        definition: quarterly("new words"),
        owner: id("otto"),
        effective_on: day("2026-09-15"),
        reason: text("reason"),
    };
    house.act("lea", Command::ReviseControl(revised));
    let old = ManagementTestDetails { control: id("LA-09"), span: span("2025-10-01", "2026-09-14"), ..details(0) };
    house.act("lea", record("old", old)).act("eve", review("old"));
    house.transcript.clear();
    house.act("lea", conclude("LA-09", conclusion(ControlStatus::Operated, named(&[], &["old"]))));
    insta::assert_snapshot!(house.transcript, @"lea: ConcludeControl -> ControlConcluded");
    assert_eq!(in_words(&house, "LA-09"), "operated; no occurrence from 2026-09-15 to 2026-09-30");
}

/// What was recorded before conclusions named populations reads and writes as it did.
#[test]
fn a_conclusion_that_names_populations_has_golden_bytes() {
    let concluded = |tests| ControlConcluded {
        engagement: id("soc1"),
        control: id("LA-02"),
        conclusion: conclusion(ControlStatus::DidNotOperate, tests),
    };
    let bytes = |tests| serde_json::to_string(&concluded(tests).conclusion.tests).unwrap();
    assert_eq!(bytes(NamedTests::default()), r#"{"results":{},"management_tests":[]}"#);
    let golden = r#"{"results":{},"management_tests":[],"populations":["leavers"]}"#;
    assert_eq!(bytes(with_empty(NamedTests::default(), &["leavers"])), golden);
    assert_eq!(serde_json::from_str::<NamedTests>(golden).unwrap(), with_empty(NamedTests::default(), &["leavers"]));
}
