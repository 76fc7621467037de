//! What management says of an exception, and what the ledger says of compensating controls.

use tickmark_domain::*;

use crate::{house::*, management_tests::*};

pub fn assess(change: impl Fn(&mut AssessmentDetails)) -> Command {
    let mut details = AssessmentDetails {
        cause: text("HR opened the ticket late"),
        reach: Reach::Isolated,
        effect: text("no login after the last day"),
        objectives: [id("ITGC-LA")].into(),
        criteria: [id("CC6.2")].into(),
        compensating: [id("PAY-4-C2")].into(),
    };
    change(&mut details);
    Command::AssessException(AssessException { exception: id("leaver-access:1"), details })
}

#[test]
fn an_assessment_stays_with_what_is_known() {
    let mut house = house();
    house
        .act("otto", assess(|_| {}))
        .act("lea", run("run-1", year(), 2))
        .act("eve", assess(|_| {}))
        .act("otto", assess(|details| details.objectives = [id("ITGC-XX")].into()))
        .act("otto", assess(|details| details.objectives = [id("PAY-4")].into()))
        .act("otto", assess(|details| details.criteria = [id("CC1.1")].into()))
        .act("otto", assess(|details| details.compensating = [id("ZZ-01")].into()))
        .act("otto", assess(|details| details.compensating = [id("LA-02")].into()))
        .act("otto", assess(|_| {}));
    insta::assert_snapshot!(house.transcript, @r"
    otto: AssessException -> refused [unknown-exception] exception `leaver-access:1` does not exist
    lea: RecordTestRun -> TestResultRecorded, ExceptionRaised, TestRunRecorded
    eve: AssessException -> refused [role-missing] this needs the role control owner, which person `eve` does not hold
    otto: AssessException -> refused [unknown-objective] control objective `ITGC-XX` is neither in the catalog nor one of the organization's own
    otto: AssessException -> refused [not-served] `PAY-4` is not served by a control of exception `leaver-access:1`
    otto: AssessException -> refused [not-served] `CC1.1` is not served by a control of exception `leaver-access:1`
    otto: AssessException -> refused [unknown-control] control `ZZ-01` is not known here
    otto: AssessException -> refused [compensates-itself] control `LA-02` is the one that the exception is about: it cannot compensate for itself
    otto: AssessException -> ExceptionAssessed
    ");
    let exception: ExceptionId = id("leaver-access:1");
    assert!(house.state.exceptions[&exception].is_assessed());
    // Items that came later are not part of what was assessed.
    let more =
        NewResult { items: Some(ItemChange { keys: text("three"), appeared: 1, gone: 0, back: 0 }), ..result(3) };
    house.act(
        "lea",
        Command::RecordTestRun(RecordTestRun {
            run: id("run-2"),
            on: year().last,
            span: year(),
            engine: "engine 1".into(),
            results: vec![more],
        }),
    );
    assert!(!house.state.exceptions[&exception].is_assessed());
}

#[test]
fn whether_a_compensating_control_was_tested_is_computed() {
    let mut house = house();
    let of = |control: &str, first: &str, last: &str, exceptions| ManagementTestDetails {
        control: id(control),
        span: span(first, last),
        ..details(exceptions)
    };
    let compensating: ControlId = id("PAY-4-C2");
    let mut lines = Vec::new();
    let mut say = |case: &str, house: &House| {
        lines.push(format!("{case}: {:?}", house.state.compensation(&house.catalog, &compensating, year())));
    };
    say("nobody tested it", &house);
    house.act("lea", record("mt-1", of("PAY-4-C2", "2025-10-01", "2026-03-31", 0)));
    say("a test that nobody reviewed", &house);
    house.act("eve", review("mt-1"));
    say("an interim test", &house);
    house.act("lea", record("mt-2", of("PAY-4-C2", "2026-04-01", "2026-09-30", 0))).act("eve", review("mt-2"));
    say("with its roll-forward", &house);
    house.act("lea", record("mt-3", of("PAY-4-C2", "2026-09-01", "2026-09-30", 3)));
    say("with exceptions of its own", &house);
    insta::assert_snapshot!(lines.join("\n"), @r"
    nobody tested it: NotTested
    a test that nobody reviewed: NotTested
    an interim test: TestedInPart { first: 2026-04-01, last: 2026-09-30 }
    with its roll-forward: NoExceptions { items: 50 }
    with exceptions of its own: Exceptions { exceptions: 1 }
    ");
}
