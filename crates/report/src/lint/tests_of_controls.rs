//! Section IV (TST) and management's responses (RSP).

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::view::{
    AuditorReport, Authority, Automation, Extent, FirmResult, FirmTest, Procedure, ReportView, TestsOfControls,
};

pub(super) fn tests_of_controls(view: &ReportView, findings: &mut Findings) {
    let Some(tests) = &view.tests_of_controls else { return };
    let mut deviations: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (index, results) in tests.controls.iter().enumerate() {
        let place = format!("tests_of_controls.controls[{index}]");
        if !seen.insert(results.control.as_str()) {
            findings.error(
                "TST-11",
                &place,
                format!("control `{}` is reported twice; report it once and refer to it", results.control),
            );
        }
        if results.did_not_operate.is_some() && !results.tests.is_empty() {
            findings.error(
                "TST-06",
                &place,
                format!("control `{}` did not operate and has tests of operation", results.control),
            );
        }
        if view.is_signed() && results.did_not_operate.is_none() && results.tests.is_empty() {
            findings.error(
                "TST-01",
                &place,
                format!("the firm has signed and recorded no test of control `{}`", results.control),
            );
        }
        for (number, test) in results.tests.iter().enumerate() {
            let place = format!("{place}.tests[{number}]");
            firm_test(&place, test, view.is_signed(), findings);
            if let Some(FirmResult::Deviations(found)) = &test.result {
                deviations.extend(found.iter().map(|deviation| (deviation.id.as_str(), results.control.as_str())));
            }
        }
    }
    if view.is_signed() {
        for control in view.description.controls.iter().filter(|control| !seen.contains(control.id.as_str())) {
            findings.error(
                "TST-01",
                "tests_of_controls.controls",
                format!("the firm has signed and recorded nothing about control `{}`", control.id),
            );
        }
    }
    single_items(view, tests, findings);
    if let AuditorReport::Issued { text, .. } = &view.auditor_report {
        procedures_of_others(&text.prose.to_lowercase(), tests, findings);
    }
    responses(view, &deviations, findings);
}

/// TST-03: one item shows how an automated control works, or one that acts once; of any other it shows one time of many.
fn single_items(view: &ReportView, tests: &TestsOfControls, findings: &mut Findings) {
    for (index, results) in tests.controls.iter().enumerate() {
        let stated = view.description.controls.iter().find(|control| control.id == results.control);
        let once = stated.is_none_or(|of| {
            of.automation == Automation::Automated || ["annual", "once a year"].contains(&of.frequency.as_str())
        });
        let is_single = |test: &FirmTest| matches!(test.extent, Extent::Single);
        if !once && !results.tests.is_empty() && results.tests.iter().all(is_single) {
            findings.warn(
                "TST-03",
                format!("tests_of_controls.controls[{index}]"),
                format!("control `{}` acts more than once, and one item was tested", results.control),
            );
        }
    }
}

/// TST-07 and TST-08: what the firm took over from others, it says how.
fn procedures_of_others(report: &str, tests: &TestsOfControls, findings: &mut Findings) {
    if report.contains("internal audit") && tests.internal_audit.is_none() {
        findings.warn(
            "TST-07",
            "tests_of_controls.internal_audit",
            "the report speaks of internal audit, and Section IV does not describe the use of its work",
        );
    }
    let words = |test: &FirmTest| test.description.prose.to_lowercase();
    let tells = tests.controls.iter().flat_map(|of| &of.tests).any(|test| words(test).contains("complete"));
    if tests.information_produced_by_entity.is_none() && !tells && !tests.controls.is_empty() {
        findings.warn(
            "TST-08",
            "tests_of_controls.information_produced_by_entity",
            "how the completeness and accuracy of the organization's information was tested is not told",
        );
    }
}

fn firm_test(place: &str, test: &FirmTest, is_signed: bool, findings: &mut Findings) {
    match test.procedures.as_slice() {
        [] => findings.error("TST-02", place, format!("test `{}` names no procedure", test.id)),
        [Procedure::Inquiry] => {
            findings.warn(
                "TST-02",
                place,
                format!("test `{}` is inquiry alone, which is never enough for operation", test.id),
            );
        }
        _ => {}
    }
    if test.description.is_empty() {
        findings.error("TST-02", place, format!("test `{}` is not described", test.id));
    }
    if is_signed && test.result.is_none() {
        findings.error("TST-04", place, format!("the firm has signed and recorded no result of test `{}`", test.id));
    }
    if let Extent::WholePopulation { population } = &test.extent
        && population.as_count() == Some(0)
    {
        findings.error(
            "TST-06",
            place,
            format!("test `{}` has an empty population: the control did not operate", test.id),
        );
    }
    if matches!(test.authority, Authority::Adopted(_)) && !test.procedures.contains(&Procedure::Reperformance) {
        findings.error("TST-02", place, format!("test `{}` was adopted without re-performing it", test.id));
    }
    if let Some(FirmResult::Deviations(deviations)) = &test.result {
        if deviations.is_empty() {
            findings.error("TST-05", place, format!("test `{}` has deviations and lists none", test.id));
        }
        for deviation in deviations {
            let (count, tested) = (deviation.count.as_count(), deviation.tested.as_count());
            if count.is_none() || tested.is_none() || count > tested || count == Some(0) {
                findings.error(
                    "TST-05",
                    place,
                    format!("deviation `{}` says how many items of how many tested", deviation.id),
                );
            }
            if deviation.description.is_empty() {
                findings.error("TST-05", place, format!("deviation `{}` is not described", deviation.id));
            }
        }
    }
}

fn responses(view: &ReportView, deviations: &BTreeMap<&str, &str>, findings: &mut Findings) {
    let responses = view.other_information.as_ref().map(|other| other.responses.as_slice()).unwrap_or_default();
    for (index, response) in responses.iter().enumerate() {
        let place = format!("other_information.responses[{index}]");
        match deviations.get(response.deviation.as_str()) {
            None => findings.error("RSP-01", place, format!("there is no deviation `{}`", response.deviation)),
            Some(control) if *control != response.control => {
                findings.error(
                    "RSP-01",
                    place,
                    format!("deviation `{}` is of control `{control}`", response.deviation),
                );
            }
            Some(_) => {}
        }
    }
    let answered: BTreeSet<&str> = responses.iter().map(|response| response.deviation.as_str()).collect();
    for (deviation, control) in deviations.iter().filter(|(deviation, _)| !answered.contains(*deviation)) {
        findings.warn(
            "RSP-02",
            "other_information.responses",
            format!("deviation `{deviation}` of control `{control}` has no response"),
        );
    }
}
