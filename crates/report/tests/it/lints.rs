//! Each rule with a view that breaks it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tickmark_report::{
    Document,
    lint::{Severity, lint_document, lint_documents},
};

use crate::views::{ALL, changed, document};

fn rules(document: &Document) -> Vec<&'static str> {
    lint_document(document).unwrap().iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_fixtures_have_no_errors() {
    for name in ALL {
        let findings = lint_document(&document(name)).unwrap();
        let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn a_report_under_isae_3402_has_no_errors() {
    let findings = lint_document(&document("isae3402")).unwrap();
    let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn each_broken_rule_is_found() {
    let cases: Vec<(&str, &str, Value, &str)> = vec![
        ("soc1-type2", "/view/engagement/coverage", json!({"as_of": {"on": "2026-09-30"}}), "DAT-01"),
        ("soc1-type2", "/view/assertion/signed_on", json!("2026-09-29"), "DAT-03"),
        ("soc2-type2", "/view/assertion/signed_on", json!("2026-10-20"), "DAT-03"),
        ("soc2-type2", "/view/auditor_report/issued/dated", json!("2026-09-30"), "DAT-03"),
        ("soc1-type2", "/view/engagement/coverage/period/first", json!("2026-06-01"), "DAT-08"),
        ("soc2-type2", "/view/engagement/coverage/period/first", json!("2026-07-02"), "DAT-08"),
        ("soc1-type2", "/view/description/measures/0/controls/-", json!("PAY-9-C9"), "RPT-01"),
        ("soc1-type2", "/view/tests_of_controls/controls/0/control", json!("PAY-9-C9"), "RPT-01"),
        ("soc1-type2", "/view/description/measures/1/id", json!("PAY-1"), "RPT-02"),
        (
            "soc1-type2",
            "/view/description/complementary_subservice_organization_controls/0/run_by",
            json!("Northgate"),
            "RPT-03",
        ),
        ("soc1-type2", "/view/description/complementary_user_entity_controls/0/measures", json!(["CC6.1"]), "RPT-04"),
        ("soc1-type2", "/view/description/complementary_user_entity_controls/0/measures", json!([]), "RPT-04"),
        ("soc1-type2", "/view/description/subservice_organizations/0/method", json!("inclusive"), "RPT-05"),
        ("soc1-type2", "/view/description/controls/0/implemented", json!(false), "RPT-06"),
        ("soc1-type1", "/view/description/overview/prose", json!("Controls operated effectively."), "RPT-07"),
        ("soc1-type1", "/view/description/overview/prose", json!("Runs during the period are reviewed."), "RPT-07"),
        ("soc1-type2", "/view/assertion/text/prose", json!("By AT-C 320, as of October 3, 2025."), "ASR-01"),
        ("soc1-type2", "/view/engagement/standards", json!(["ISAE 3402"]), "ASR-06"),
        ("soc1-type2", "/view/engagement/standards", json!(["AT-C 320", "ISAE 3402"]), "ASR-06"),
        ("soc3", "/view/assertion/text/prose", json!("Measured by DC section 200."), "ASR-02"),
        ("soc3", "/view/assertion/text/prose", json!("Controls were suitably designed."), "ASR-04"),
        (
            "soc3",
            "/view/description/controls/-",
            crate::views::json("soc1-type1")["view"]["description"]["controls"][0].clone(),
            "SOC3-01",
        ),
        ("soc3", "/view/description/incidents", json!("not_answered"), "SOC3-01"),
        ("soc3", "/view/description/internal_control/-", json!({"title": "t", "text": {"prose": "x"}}), "SOC3-01"),
        ("soc3", "/view/description/subservice_organizations/0/monitoring_controls", json!(["VEN-04"]), "SOC3-01"),
        ("soc3", "/view/description/boundary/prose", json!(""), "SOC3-02"),
        ("soc3", "/view/description/commitments", json!([]), "SOC3-02"),
        ("soc2-type2", "/view/auditor_report/issued/text/prose", json!("Our opinion."), "AUD-11"),
        ("soc1-type2", "/view/description/overview", json!({"prose": "Serves CC6.1."}), "RPT-08"),
        ("soc2-type2", "/view/description/overview", json!({"prose": "Meets each control objective."}), "RPT-08"),
        ("soc1-type2", "/view/auditor_report", json!("not_issued"), "RPT-09"),
        ("soc1-type2", "/view/description/boundary/prose", json!("Harbor Lane is SOC compliant."), "RPT-10"),
        ("exceptions", "/view/exceptions/0/found", json!("we guarantee it"), "RPT-10"),
        ("soc1-type2", "/view/description/services", json!([]), "S1D-01"),
        ("soc1-type2", "/view/description/procedures", json!([]), "S1D-02"),
        ("soc1-type2", "/view/description/key_reports/0/controls", json!([]), "S1D-05"),
        ("soc1-type2", "/view/description/complementary_user_entity_controls", json!([]), "S1D-08"),
        ("soc1-type2", "/view/description/complementary_subservice_organization_controls", json!([]), "S1D-09"),
        ("soc1-type2", "/view/description/internal_control", json!([]), "S1D-10"),
        ("soc1-type2", "/view/description/changes", json!("not_answered"), "S1D-11"),
        ("soc1-type2", "/view/description/boundary/prose", json!(" "), "S1D-14"),
        ("soc1-type2", "/view/description/measures/0/controls", json!([]), "OBJ-01"),
        ("soc1-type2", "/view/description/measures/0/financial_statement_assertions", json!([]), "OBJ-02"),
        ("soc1-type2", "/view/description/measures/0/transaction_classes", json!([]), "OBJ-03"),
        ("soc1-type2", "/view/description/controls/0/statement", json!("Access is reviewed periodically."), "CTL-02"),
        ("soc1-type2", "/view/description/controls/0/statement", json!("Managers should review access."), "CTL-08"),
        ("soc2-type2", "/view/description/services", json!([]), "DC1"),
        ("soc2-type2", "/view/description/commitments", json!([]), "DC2"),
        ("soc2-type2", "/view/description/components", json!([]), "DC3"),
        ("soc2-type2", "/view/description/incidents", json!("not_answered"), "DC4"),
        ("soc2-type2", "/view/description/incidents/disclosed/0/outcome", json!(""), "DC4"),
        ("soc2-type2", "/view/description/measures/0/controls", json!([]), "DC5"),
        ("soc2-type2", "/view/description/subservice_organizations/0/monitoring_controls", json!([]), "DC7"),
        ("soc2-type2", "/view/description/measures/0/not_relevant", json!({"prose": "None."}), "DC8"),
        ("soc2-type2", "/view/description/changes", json!(null), "DC9"),
        ("soc1-type2", "/view/assertion/text/prose", json!(""), "ASR-01"),
        (
            "soc1-type2",
            "/view/assertion/text/prose",
            json!("The Payroll Processing System, measured by DC section 200."),
            "ASR-02",
        ),
        ("soc2-type2", "/view/assertion/text/prose", json!("The Payroll Processing System."), "ASR-02"),
        ("soc1-type2", "/view/assertion/text/prose", json!("The Payroll Processing System."), "ASR-04"),
        ("soc1-type2", "/view/assertion/text/prose", json!("The Payroll Processing System."), "ASR-05"),
        ("soc1-type2", "/view/description/subservice_organizations/0/method", json!("inclusive"), "ASR-08"),
        ("soc2-type2", "/view/auditor_report/issued/text/prose", json!("To the reader."), "AUD-13"),
        ("soc2-type2", "/view/tests_of_controls/controls", json!([]), "TST-01"),
        ("management-testing", "/view/scores/3", json!(null_score()), "MGT-01"),
        ("management-testing", "/view/sources/0/source_count/figure/count", json!(1), "IPE-03"),
        ("management-testing", "/view/sources/0/control_totals/0/source/figure/money/amount", json!("1.00"), "IPE-03"),
        ("management-testing", "/view/sources/0/first", json!("2025-11-01"), "IPE-02"),
        ("management-testing", "/view/sources/0/incomplete_because", json!("a page is missing"), "MGT-03"),
        ("management-testing", "/view/exceptions", json!([]), "MGT-04"),
        ("exceptions", "/view/exceptions/1/id", json!("EX-0001"), "EXC-01"),
        ("exceptions", "/view/exceptions/0/state", json!("WITHDRAWN"), "EXC-02"),
        ("exceptions", "/view/exceptions/0/last_seen", json!("2025-01-01"), "EXC-03"),
        ("exceptions", "/view/exceptions/3/response", json!(null), "EXC-04"),
        ("exceptions", "/view/exceptions/0/items", json!({"figure": {"count": 3}, "counts": "items"}), "FIG-01"),
        (
            "exceptions",
            "/view/exceptions/0/items/counts",
            json!("exceptions returned by pay-rate-second-person"),
            "FIG-02",
        ),
    ];
    for (name, pointer, value, rule) in cases {
        let found = rules(&changed(name, pointer, value.clone()));
        assert!(found.contains(&rule), "{name} {pointer} = {value}: {found:?} without {rule}");
    }
}

/// A second score of operation in the place of evidence quality.
fn null_score() -> Value {
    let figure = |count: u64| json!({"figure": {"count": count}, "counts": format!("count {count}"), "entry": 1});
    json!({"kind": "operation", "met": figure(3), "of": figure(2), "untested": figure(0), "says": "x"})
}

#[test]
fn what_a_control_test_may_not_claim() {
    let control = (0..).find(|index| {
        let pointer = format!("/view/controls/{index}/tests/0/outcome/no_exceptions");
        crate::views::json("management-testing").pointer(&pointer).is_some()
    });
    let test = format!("/view/controls/{}/tests/0", control.unwrap());
    for (pointer, value) in [
        ("outcome/no_exceptions/population/figure/count", json!(0)),
        ("canaries/figure/count", json!(0)),
        ("exceptions", json!(["EX-0001"])),
        ("outcome", json!({"not_evaluable": {"reason": " "}})),
        ("outcome", json!({"no_occurrence": {"population": {"figure": {"count": 4}, "counts": "x", "entry": 1}}})),
    ] {
        let found = rules(&changed("management-testing", &format!("{test}/{pointer}"), value));
        assert!(found.contains(&"MGT-02"), "{pointer}: {found:?}");
    }
}

#[test]
fn documents_are_held_against_each_other() {
    let testing = document("management-testing");
    let pair = |report: Document| {
        let documents = BTreeMap::from([("report".to_owned(), report), ("testing".to_owned(), testing.clone())]);
        lint_documents(&documents).unwrap().into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert!(
        pair(changed("soc1-type2", "/view/engagement/coverage/period/first", json!("2025-10-02"))).contains(&"DAT-02")
    );
    assert!(pair(changed("soc1-type2", "/view/engagement/system", json!("Payroll"))).contains(&"RPT-03"));
    assert!(
        pair(changed("soc1-type2", "/view/description/controls/0/statement", json!("Otherwise."))).contains(&"RPT-01")
    );
    let adopted = json!({"control": "PAY-4-C2", "tests": [{"id": "AF-1", "procedures": ["reperformance"], "description": {"prose": "x"},
        "extent": "single", "result": "no_deviations", "authority": {"adopted": {"control_test": "pay-gross-recomputed", "on": "2026-10-08",
        "sql": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "entry": 7}}}]});
    assert!(pair(changed("soc1-type2", "/view/tests_of_controls/controls", json!([adopted]))).contains(&"TST-10"));
}
