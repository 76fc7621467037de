//! What critics of such reports look for (CRT, RPT-14): nothing ever found, conclusions before their evidence, controls that
//! nobody tested. A report and management's testing are read side by side.

use std::collections::BTreeMap;

use super::Findings;
use crate::view::{
    Authority, ControlTesting, FirmResult, ManagementTesting, ManagementTestingView, Outcome, ReportView, TestedControl,
};

/// CRT-02: from this many tests on, finding nothing at all is what a reader questions. Fewer may well find nothing.
pub const MANY_TESTS: usize = 10;

/// RPT-14, CRT-03: what management tested and concluded, each after what it rests on.
pub(super) fn testing(view: &ManagementTestingView, findings: &mut Findings) {
    for (index, control) in view.controls.iter().enumerate() {
        for (number, test) in control.management_tests.iter().enumerate() {
            if test.performed_on < test.last {
                findings.error(
                    "RPT-14",
                    format!("controls[{index}].management_tests[{number}]"),
                    format!(
                        "`{}` was performed on {}, before {}, which it tests",
                        test.id, test.performed_on, test.last
                    ),
                );
            }
        }
        let Some(conclusion) = control.conclusion.as_ref().filter(|of| of.stale_because.is_none()) else { continue };
        let rests_on = |id: &String| conclusion.tests.contains(id);
        let of_people = control.management_tests.iter().filter(|test| rests_on(&test.id));
        let of_people = of_people.map(|test: &ManagementTesting| (&test.id, test.performed_on, Some(test.entry)));
        let of_tests = control.tests.iter().filter(|test| rests_on(&test.id));
        let of_tests = of_tests.map(|test: &ControlTesting| (&test.id, test.on, test.entry));
        for (id, on, entry) in of_people.chain(of_tests) {
            let is_before = conclusion.on < on || entry.zip(conclusion.entry).is_some_and(|(test, own)| own < test);
            if is_before {
                findings.error(
                    "CRT-03",
                    format!("controls[{index}].conclusion"),
                    format!(
                        "the conclusion of {} on `{}` comes before `{id}`, on which it rests",
                        conclusion.on, control.id
                    ),
                );
            }
        }
    }
    nothing_found(view, findings);
}

/// CRT-02. The firm's deviations are looked at where the report is at hand.
fn nothing_found(view: &ManagementTestingView, findings: &mut Findings) {
    let tests: BTreeMap<&str, &Outcome> =
        view.controls.iter().flat_map(|of| of.tests.iter().map(|test| (test.id.as_str(), &test.outcome))).collect();
    let by_people: BTreeMap<&str, &ManagementTesting> =
        view.controls.iter().flat_map(|of| of.management_tests.iter().map(|test| (test.id.as_str(), test))).collect();
    let looked =
        tests.values().filter(|outcome| matches!(outcome, Outcome::NoExceptions { .. })).count() + by_people.len();
    let found_something = !view.exceptions.is_empty()
        || tests.values().any(|outcome| matches!(outcome, Outcome::Exceptions { .. }))
        || by_people.values().any(|test| test.exceptions.as_count() != Some(0));
    if looked >= MANY_TESTS && !found_something {
        findings.warn(
            "CRT-02",
            "controls",
            format!(
                "{looked} tests over the whole period found no exception anywhere: a reader will ask what they look for"
            ),
        );
    }
}

/// RPT-14 over what the firm adopted, CRT-04, CRT-05: the report against management's testing.
pub(super) fn report(name: &str, report: &ReportView, view: &ManagementTestingView, findings: &mut Findings) {
    let of_firm = || report.tests_of_controls.iter().flat_map(|tests| &tests.controls);
    let ran: BTreeMap<&str, &ControlTesting> =
        view.controls.iter().flat_map(|of| of.tests.iter().map(|test| (test.id.as_str(), test))).collect();
    for test in of_firm().flat_map(|of| &of.tests) {
        let Authority::Adopted(adoption) = &test.authority else { continue };
        let Some(shown) = ran.get(adoption.control_test.as_str()) else { continue };
        if adoption.on < shown.on && !matches!(test.result, Some(FirmResult::NotPerformed { .. })) {
            findings.error(
                "RPT-14",
                format!("{name}: tests_of_controls"),
                format!(
                    "`{}` adopts `{}` on {}, before the days that it tests were over",
                    test.id, adoption.control_test, adoption.on
                ),
            );
        }
    }
    for (index, control) in report.description.controls.iter().enumerate() {
        let by_management = view
            .controls
            .iter()
            .any(|of| of.id == control.id && !(of.tests.is_empty() && of.management_tests.is_empty()));
        let by_firm =
            of_firm().any(|of| of.control == control.id && !(of.tests.is_empty() && of.did_not_operate.is_none()));
        if !by_management && !by_firm {
            findings.warn(
                "CRT-04",
                format!("{name}: description.controls[{index}]"),
                format!("control `{}` stands in the report, and nobody tested it", control.id),
            );
        }
    }
    for (index, of) in of_firm().enumerate() {
        let found_nothing = |result: &Option<FirmResult>| matches!(result, Some(FirmResult::NoDeviations));
        if of.tests.is_empty() || !of.tests.iter().all(|test| found_nothing(&test.result)) {
            continue;
        }
        let by_management = view.controls.iter().filter(|control| control.id == of.control);
        let found: Vec<&str> = by_management.flat_map(tests_with_exceptions).collect();
        if !found.is_empty() {
            findings.warn(
                "CRT-05",
                format!("{name}: tests_of_controls.controls[{index}]"),
                format!(
                    "the firm's tests of `{}` found no deviation, and management's found exceptions: {}",
                    of.control,
                    found.join(", ")
                ),
            );
        }
    }
}

/// The tests of management that found exceptions of a control.
fn tests_with_exceptions(control: &TestedControl) -> impl Iterator<Item = &str> {
    let by_sql = control.tests.iter().filter(|test| matches!(test.outcome, Outcome::Exceptions { .. }));
    let by_people = control.management_tests.iter().filter(|test| test.exceptions.as_count() != Some(0));
    by_sql.map(|test| test.id.as_str()).chain(by_people.map(|test| test.id.as_str()))
}
