//! Tests of a control that management's people perform, and who may review them.

use tickmark_domain::*;

use crate::house::*;

/// The house of a year with a document, `ticket-log`, of the day after it.
pub fn house() -> House {
    let mut house = House::engaged();
    house.act("otto", document("ticket-log", "2026-10-01"));
    house.transcript.clear();
    house
}

pub fn document(name: &str, dated_on: &str) -> Command {
    Command::RecordDocument(RecordDocument {
        document: text(name),
        statement: text("statement"),
        source: id("hr"),
        settings: text("settings"),
        control: None,
        dated_on: day(dated_on),
    })
}

/// 25 items of LA-02 chosen by hand over the year and inspected, some of which lack attribute A.
pub fn details(exceptions: u64) -> ManagementTestDetails {
    let answers = |no| Attribute { asks: text("asked"), yes: 25 - no, no, not_applicable: 0 };
    ManagementTestDetails {
        control: id("LA-02"),
        stage: TestStage::Operation,
        natures: [Nature::Inquiry, Nature::Inspection].into(),
        span: year(),
        extent: TestExtent::Chosen { reason: text("one of each site") },
        items: 25,
        exceptions,
        attributes: vec![answers(exceptions), answers(0)],
        table: Some(text("table")),
        evidence: [text("ticket-log")].into(),
        procedure: text("inspected"),
        finding: text("found"),
        performed_on: day("2026-10-10"),
    }
}

pub fn record(name: &str, details: ManagementTestDetails) -> Command {
    let failed =
        (details.exceptions > 0).then(|| FailedItems { keys: text(&format!("keys of {name}")), seen_before: 0 });
    Command::RecordManagementTest(RecordManagementTest { management_test: id(name), details, failed })
}

pub fn review(name: &str) -> Command {
    Command::ReviewManagementTest(ReviewManagementTest { management_test: id(name), note: text("note") })
}

/// LA-02 says otherwise from a day on.
pub fn reword(effective_on: &str, owner: &str) -> Command {
    Command::ReviseControl(ReviseControl {
        control: id("LA-02"),
        definition: ControlDefinition { statement: text("other words"), ..definition("LA-02") },
        owner: id(owner),
        effective_on: day(effective_on),
        reason: text("reason"),
    })
}

#[test]
fn a_test_is_refused_that_its_own_facts_do_not_bear_out() {
    let mut house = house();
    house.act("otto", document("tomorrow", "2026-10-12"));
    house.act("lea", run("run-1", year(), 2));
    house.transcript.clear();
    let result = house.state.results[&id::<TestId>("leaver-access")][0].entry;
    let whole = |items, exceptions, result| ManagementTestDetails {
        extent: TestExtent::WholePopulation { test: id("leaver-access"), result },
        items,
        attributes: Vec::new(),
        table: None,
        evidence: Default::default(),
        ..details(exceptions)
    };
    let attribute = |yes, no| Attribute { asks: text("asked"), yes, no, not_applicable: 0 };
    let table = [
        ("control unknown", ManagementTestDetails { control: id("ZZ-01"), ..details(0) }),
        ("before it ran", ManagementTestDetails { span: span("2024-12-01", "2025-01-31"), ..details(0) }),
        ("no procedure", ManagementTestDetails { natures: Default::default(), ..details(0) }),
        ("inquiry alone", ManagementTestDetails { natures: [Nature::Inquiry].into(), ..details(0) }),
        ("no attribute", ManagementTestDetails { attributes: Vec::new(), ..details(0) }),
        ("no table", ManagementTestDetails { table: None, ..details(0) }),
        ("24 of 25 items", ManagementTestDetails { attributes: vec![attribute(24, 0)], ..details(0) }),
        ("more noes than items", ManagementTestDetails { attributes: vec![attribute(20, 5)], ..details(4) }),
        ("more items than noes", ManagementTestDetails { attributes: vec![attribute(20, 5)], ..details(6) }),
        ("result unknown", whole(10, 2, 9_999)),
        ("result of others", ManagementTestDetails { control: id("PAY-4-C2"), ..whole(10, 2, result) }),
        (
            "result of other days",
            ManagementTestDetails { span: span("2025-10-01", "2026-06-30"), ..whole(10, 2, result) },
        ),
        ("result of other counts", whole(11, 2, result)),
        ("rows and a table", ManagementTestDetails { table: Some(text("table")), ..whole(10, 2, result) }),
        ("sample not drawn", ManagementTestDetails { extent: TestExtent::Sample(id("s-1")), ..details(0) }),
        ("no evidence", ManagementTestDetails { evidence: Default::default(), ..details(0) }),
        ("evidence unknown", ManagementTestDetails { evidence: [text("mail")].into(), ..details(0) }),
        ("before its evidence", ManagementTestDetails { evidence: [text("tomorrow")].into(), ..details(0) }),
        ("before the days end", ManagementTestDetails { performed_on: day("2026-09-29"), ..details(0) }),
        ("in the future", ManagementTestDetails { performed_on: day("2026-10-16"), ..details(0) }),
        ("in order", details(0)),
        ("whole population", whole(10, 2, result)),
    ];
    let mut lines = String::new();
    for (number, (case, details)) in table.into_iter().enumerate() {
        house.transcript.clear();
        let name = format!("mt-{number}");
        let by_control_test = matches!(details.extent, TestExtent::WholePopulation { .. });
        let command = if by_control_test {
            let management_test = id(&name);
            Command::RecordManagementTest(RecordManagementTest { management_test, details, failed: None })
        } else {
            record(&name, details)
        };
        house.act("lea", command);
        lines.push_str(&format!("{case}: {}", house.transcript.split_once("-> ").unwrap().1));
    }
    insta::assert_snapshot!(lines, @r"
    control unknown: refused [unknown-control] control `ZZ-01` is not known here
    before it ran: refused [not-in-force] control `LA-02` was not in force on all days from 2024-12-01 to 2025-01-31
    no procedure: refused [no-procedure] the test names no procedure: inquiry, observation, inspection or reperformance
    inquiry alone: refused [inquiry-alone] inquiry alone shows nothing of operation: observe, inspect or perform again
    no attribute: refused [attributes-disagree] the test contradicts itself: there are 1 to 26 attributes and a table of the items
    no table: refused [attributes-disagree] the test contradicts itself: there are 1 to 26 attributes and a table of the items
    24 of 25 items: refused [attributes-disagree] the test contradicts itself: an attribute does not speak of every item
    more noes than items: refused [attributes-disagree] the test contradicts itself: the items that lack an attribute are not as many as the attributes say
    more items than noes: refused [attributes-disagree] the test contradicts itself: the items that lack an attribute are not as many as the attributes say
    result unknown: refused [unknown-result] control test `leaver-access` has no result in entry 9999
    result of others: refused [of-other-control] test `leaver-access` is not about control `PAY-4-C2`
    result of other days: refused [of-other-days] test `leaver-access` is over other days
    result of other counts: refused [attributes-disagree] the test contradicts itself: the control test counted other items
    rows and a table: refused [attributes-disagree] the test contradicts itself: the items of a control test stand in its own rows
    sample not drawn: refused [unknown-sample] sample `s-1` is not known here
    no evidence: refused [test-without-evidence] the test names no evidence that was looked at
    evidence unknown: refused [unknown-evidence] no document and no extract `00d8d3f11739d2f3537099982b4674c29fc59a8fda350fca1379613adbb09119` is recorded
    before its evidence: refused [RPT-14] the test was performed on 2026-10-10; its evidence and the days tested reach to 2026-10-12
    before the days end: refused [RPT-14] the test was performed on 2026-09-29; its evidence and the days tested reach to 2026-10-01
    in the future: refused [dated-in-the-future] it is dated 2026-10-16, and today is 2026-10-15
    in order: ManagementTestRecorded
    whole population: ManagementTestRecorded
    ");
}

#[test]
fn who_tests_does_not_own_the_control_and_who_reviews_did_not_test() {
    let mut house = house();
    house.act("ada", Command::GrantRole(GrantRole { person: id("eve"), role: Role::ControlOwner }));
    house.transcript.clear();
    house
        .act("otto", record("mt-1", details(0)))
        .act("fay", record("mt-1", details(0)))
        .act("lea", record("mt-1", details(0)))
        .act("lea", record("mt-1", details(0)))
        .act("lea", review("mt-1"))
        .act("otto", review("mt-1"))
        .act("fay", review("mt-1"))
        .act("eve", review("mt-2"))
        .act("eve", review("mt-1"))
        .act("eve", review("mt-1"))
        // Who owned it on one of the days tested does not test it either.
        .act("lea", reword("2026-10-05", "eve"))
        .act("otto", record("mt-2", details(0)))
        .act("eve", record("mt-2", details(0)));
    insta::assert_snapshot!(house.transcript, @r"
    otto: RecordManagementTest -> refused [tester-owns-control] person `otto` owns control `LA-02` and so cannot test it
    fay: RecordManagementTest -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    lea: RecordManagementTest -> ManagementTestRecorded
    lea: RecordManagementTest -> refused [management-test-exists] management test `mt-1` was recorded before
    lea: ReviewManagementTest -> refused [reviewer-is-tester] person `lea` performed the test and so cannot review it
    otto: ReviewManagementTest -> refused [tester-owns-control] person `otto` owns control `LA-02` and so cannot test it
    fay: ReviewManagementTest -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    eve: ReviewManagementTest -> refused [unknown-management-test] management test `mt-2` does not exist
    eve: ReviewManagementTest -> ManagementTestReviewed
    eve: ReviewManagementTest -> refused [reviewed-before] test `mt-1` was reviewed before
    lea: ReviseControl -> ControlRevised
    otto: RecordManagementTest -> refused [tester-owns-control] person `otto` owns control `LA-02` and so cannot test it
    eve: RecordManagementTest -> refused [tester-owns-control] person `eve` owns control `LA-02` and so cannot test it
    ");
}

#[test]
fn a_control_that_changed_is_tested_under_each_wording() {
    let mut house = house();
    let over = |first: &str, last: &str| ManagementTestDetails { span: span(first, last), ..details(0) };
    house
        .act("lea", reword("2026-04-01", "otto"))
        .act("lea", record("mt-1", details(0)))
        .act("lea", record("mt-1", over("2025-10-01", "2026-03-31")))
        .act("lea", record("mt-2", over("2026-04-01", "2026-06-30")))
        .act("lea", record("mt-3", over("2026-07-01", "2026-09-30")));
    insta::assert_snapshot!(house.transcript, @r"
    lea: ReviseControl -> ControlRevised
    lea: RecordManagementTest -> refused [wording-changed] control `LA-02` changed on 2026-04-01, within the days tested: test the days before and after it apart
    lea: RecordManagementTest -> ManagementTestRecorded
    lea: RecordManagementTest -> ManagementTestRecorded
    lea: RecordManagementTest -> ManagementTestRecorded
    ");
    let control = &house.state.controls[&id::<ControlId>("LA-02")];
    let timings: Vec<String> = house
        .state
        .management_tests
        .iter()
        .map(|(id, test)| format!("{id}: {}", test.timing(control, year()).unwrap().label()))
        .collect();
    insta::assert_snapshot!(timings.join("\n"), @r"
    mt-1: all days
    mt-2: interim
    mt-3: roll-forward
    ");
    // Another owner is no other wording.
    let mut house = super::management_tests::house();
    let revised = ReviseControl {
        control: id("LA-02"),
        definition: definition("LA-02"),
        owner: id("ada"),
        effective_on: day("2026-04-01"),
        reason: text("reason"),
    };
    house.act("lea", Command::ReviseControl(revised)).act("lea", record("mt-1", details(0)));
    insta::assert_snapshot!(house.transcript, @r"
    lea: ReviseControl -> ControlRevised
    lea: RecordManagementTest -> ManagementTestRecorded
    ");
}

#[test]
fn items_that_lack_an_attribute_are_an_exception_and_people_test_again() {
    let mut house = house();
    let respond = Command::RespondToException(RespondToException {
        exception: id("mt-1:attributes"),
        response: text("response"),
    });
    let remediate = Command::RemediateException(RemediateException {
        exception: id("mt-1:attributes"),
        remediation: text("done"),
        remediated_on: day("2026-10-03"),
    });
    let retest = |retest| Command::RetestException(RetestException { exception: id("mt-1:attributes"), retest });
    let by_people = |name: &str| retest(Retest::ManagementTest(id(name)));
    let later = |exceptions| ManagementTestDetails { span: span("2026-10-04", "2026-10-09"), ..details(exceptions) };
    house
        .act("lea", record("mt-1", details(2)))
        .act("otto", respond)
        .act("otto", remediate)
        .act("lea", record("mt-2", details(0)))
        .act("lea", by_people("mt-2"))
        .act("eve", review("mt-2"))
        .act("lea", by_people("mt-2"))
        .act("lea", record("mt-3", later(1)))
        .act("eve", review("mt-3"))
        .act("lea", by_people("mt-3"))
        .act("lea", retest(Retest::Run(id("run-1"))))
        .act("lea", run("run-1", span("2026-10-04", "2026-10-12"), 0))
        .act("lea", retest(Retest::Run(id("run-1"))));
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordManagementTest -> ManagementTestRecorded, AttributeExceptionRaised
    otto: RespondToException -> ExceptionResponded
    otto: RemediateException -> ExceptionRemediated
    lea: RecordManagementTest -> ManagementTestRecorded
    lea: RetestException -> refused [not-reviewed] management test `mt-2` is not reviewed
    eve: ReviewManagementTest -> ManagementTestReviewed
    lea: RetestException -> refused [retest-without-management-test] management test `mt-2` tests no operation of that control after the remediation
    lea: RecordManagementTest -> ManagementTestRecorded, AttributeExceptionRaised
    eve: ReviewManagementTest -> ManagementTestReviewed
    lea: RetestException -> refused [still-found] 1 items of the exception are still found
    lea: RetestException -> refused [retest-without-result] run `run-1` has no later result of that control test
    lea: RecordTestRun -> TestResultRecorded, TestRunRecorded
    lea: RetestException -> refused [still-found] 1 items of the exception are still found
    ");
    let found = &house.state.exceptions[&id::<ExceptionId>("mt-1:attributes")];
    let stands = (found.items, found.state);
    assert_eq!(stands, (2, ExceptionState::Remediated), "one found since is open: a clean run closes neither");
    assert_eq!(found.retest, None);
}
