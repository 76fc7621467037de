//! Golden bytes of every event: released forms decode forever and never change.

use std::collections::BTreeMap;

use tickmark_canonical::to_canonical;
use tickmark_domain::*;

use crate::house::*;

/// One event of every variant, in the order of the enum.
pub fn one_of_each() -> Vec<Event> {
    let exception: ExceptionId = id("leaver-access:1");
    let test: TestId = id("leaver-access");
    let (run, engagement, person): (RunId, EngagementId, PersonId) = (id("run-1"), id("soc1"), id("ada"));
    vec![
        Event::OrganizationFounded(OrganizationFounded {
            organization: id("harbor-lane"),
            name: text("name"),
            zone: "America/New_York".into(),
            calendar: "us-federal".into(),
        }),
        Event::PersonAdded(PersonAdded { person: person.clone(), profile: text("p"), firm: Some(id("alder")) }),
        Event::RoleGranted(RoleGranted { person: person.clone(), role: Role::FirmPreparer }),
        Event::RoleRevoked(RoleRevoked { person: person.clone(), role: Role::ComplianceLead }),
        Event::CatalogProposed(CatalogProposed {
            catalog: text("c"),
            replaces: text("o"),
            files: text("f"),
            index: text("i"),
            changed: [test.clone()].into(),
            not_back_tested: [test.clone()].into(),
            reasons: Some(text("r")),
        }),
        Event::CatalogAdopted(CatalogAdopted {
            catalog: text("c"),
            files: text("f"),
            index: text("i"),
            controls: 3,
            tests: 2,
        }),
        Event::BusinessCalendarAdopted(BusinessCalendarAdopted {
            calendar: id("us-federal"),
            days: serde_json::from_str(
                r#"{"first_on":"2026-01-01","last_on":"2026-12-31","weekend":["saturday","sunday"],"holidays":["2026-07-03"]}"#,
            )
            .unwrap(),
            own_holidays: [day("2026-12-24")].into(),
            effective_on: day("2026-01-01"),
            reason: None,
        }),
        Event::AdviceRecorded(AdviceRecorded {
            given_on: day("2025-06-02"),
            profile: text("p"),
            advice: text("a"),
            decision: text("d"),
            soc1: advisor::Level::Yes,
            soc2: advisor::Level::UsuallyNo,
            engagements: [engagement.clone()].into(),
            departures: 1,
        }),
        Event::EngagementOpened(EngagementOpened {
            engagement: engagement.clone(),
            report: ReportKind::Soc1,
            report_type: ReportType::Type2(year()),
            system: text("s"),
            objectives: [id("PAY-4")].into(),
            categories: ["security".to_owned()].into(),
            follows: Some(id("soc1-before")),
            gap: Some(text("g")),
            without_security: None,
            standards: Default::default(),
            section_order: Default::default(),
        }),
        Event::EngagementRevised(EngagementRevised {
            without_security: None,
            engagement: engagement.clone(),
            report_type: ReportType::Type1 { as_of_on: day("2026-09-30") },
            objectives: [id("PAY-4")].into(),
            categories: Default::default(),
            reason: text("r"),
        }),
        Event::CriterionExcluded(CriterionExcluded {
            engagement: engagement.clone(),
            criterion: id("CC6.4"),
            reason: text("r"),
        }),
        Event::ScopeItemRecorded(ScopeItemRecorded {
            id: id("SVC-1"),
            item: scope_items().remove(0).1,
            effective_on: day("2025-10-01"),
            reason: Some(text("r")),
        }),
        Event::ScopeItemRetired(ScopeItemRetired { id: id("SVC-1"), retired_on: day("2026-05-01"), reason: text("r") }),
        Event::ScopeCommented(ScopeCommented {
            engagement: engagement.clone(),
            number: 1,
            item: Some(id("SVC-1")),
            comment: text("c"),
        }),
        Event::ScopeCommentAnswered(ScopeCommentAnswered {
            engagement: engagement.clone(),
            number: 1,
            answer: text("a"),
        }),
        Event::SectionCommented(SectionCommented {
            engagement: engagement.clone(),
            number: 1,
            section: id("description/services/0"),
            words: text("w"),
            comment: text("c"),
        }),
        Event::SectionCommentResolved(SectionCommentResolved { engagement: engagement.clone(), number: 1 }),
        Event::DemandRecorded(DemandRecorded {
            demand: id("DEM-1"),
            details: DemandDetails {
                asked_on: day("2025-05-01"),
                words: text("w"),
                user_entity: Some(id("UE-1")),
                reports: [ReportKind::Soc1].into(),
                due_on: Some(day("2026-12-15")),
                report_type: None,
                covers: None,
                at_least_months: None,
            },
        }),
        Event::DemandEnded(DemandEnded {
            demand: id("DEM-1"),
            ended_on: day("2026-11-20"),
            end: DemandEnd::ReportSent { engagement: engagement.clone(), although: None },
            package: Some(text("c")),
        }),
        Event::ObjectiveRecorded(ObjectiveRecorded {
            objective: id("HL-1"),
            definition: ObjectiveDefinition {
                kind: ObjectiveKind::Business,
                title: text("t"),
                statement: text("s"),
                assertions: [FinancialStatementAssertion::CutOff].into(),
                criteria: [id("CC6.2")].into(),
                set_by: Some(text("b")),
            },
        }),
        Event::ControlAdopted(ControlAdopted {
            control: id("LA-02"),
            definition: definition("LA-02"),
            owner: person.clone(),
            effective_on: day("2025-01-01"),
        }),
        Event::ControlRevised(ControlRevised {
            control: id("LA-02"),
            definition: definition("LA-02"),
            owner: person.clone(),
            effective_on: day("2026-01-01"),
            reason: text("r"),
        }),
        Event::ControlDropped(ControlDropped {
            control: id("LA-02"),
            dropped_on: day("2026-06-01"),
            reason: text("r"),
        }),
        Event::ControlPerformed(ControlPerformed {
            control: id("GOV-01"),
            window: span("2026-01-01", "2026-03-31"),
            item: Some(text("k")),
            performed_on: day("2026-03-30"),
            evidence: [text("d")].into(),
            shared: None,
            note: Some(text("n")),
        }),
        Event::PerformanceWithdrawalProposed(PerformanceWithdrawalProposed {
            control: id("GOV-01"),
            performance: 31,
            reason: text("r"),
        }),
        Event::PerformanceWithdrawn(PerformanceWithdrawn { control: id("GOV-01"), performance: 31, proposal: 32 }),
        Event::RiskRecorded(RiskRecorded {
            risk: id("R-1"),
            statement: text("r"),
            criteria: [id("CC6.2")].into(),
            objectives: [id("PAY-4")].into(),
        }),
        Event::SourceApproved(SourceApproved { source: id("hr"), settings: text("s") }),
        Event::EvidenceRecorded(EvidenceRecorded {
            dataset: id("person"),
            source: id("hr"),
            manifest: text("m"),
            rows: 10,
            source_rows: None,
            covers: year(),
            extracted_at: now(),
            complete: true,
            read_again: None,
        }),
        Event::CollectionFailed(CollectionFailed {
            dataset: Some(id("person")),
            source: id("hr"),
            covers: year(),
            message: text("m"),
            tried_at: now(),
        }),
        Event::SeriesReconciled(SeriesReconciled {
            dataset: id("payslip"),
            source: id("payroll"),
            covers: year(),
            extracts: 12,
            rows: 1000,
            source_rows: Some(1001),
            totals: 2,
            totals_differ: 1,
            counted_at: now(),
            differs_because: Some(text("b")),
        }),
        Event::DocumentRecorded(DocumentRecorded {
            document: text("d"),
            statement: text("s"),
            source: id("hr"),
            control: Some(id("GOV-01")),
            dated_on: day("2026-01-01"),
        }),
        Event::TestResultRecorded(TestResultRecorded {
            run: run.clone(),
            test: test.clone(),
            on: year().last,
            span: year(),
            outcome: Outcome::Exceptions,
            population: 10,
            population_digest: Some(text("p")),
            exceptions: 1,
            rows: Some(text("r")),
            rows_digest: Some(text("rd")),
            sql: text("sql"),
            inputs: text("in"),
            reason: None,
            late: 0,
            canaries: 3,
            catalog: text("c"),
            engine: "engine 1".into(),
        }),
        Event::TestRunRecorded(TestRunRecorded {
            run: run.clone(),
            on: year().last,
            span: year(),
            changed: 1,
            unchanged: 2,
            unchanged_tests: Vec::new(),
            catalog: text("c"),
            engine: "engine 1".into(),
        }),
        Event::PopulationFrozen(PopulationFrozen {
            population: id("pop-1"),
            engagement: engagement.clone(),
            controls: [id("LA-02")].into(),
            definition: PopulationDefinition::Test(id("leaver-access")),
            span: year(),
            rows: frozen_rows(),
            catalog: text("c"),
            reason: Some(text("r")),
        }),
        Event::PopulationChecked(PopulationChecked {
            population: id("pop-1"),
            engagement: engagement.clone(),
            side: Side::Management,
            passed: true,
            note: text("n"),
            second_source: Some(SecondSource {
                definition: text("d"),
                rows: frozen_rows(),
                keys: None,
            }),
            explanation: Some(text("e")),
        }),
        Event::NonceCommitted(NonceCommitted { engagement: engagement.clone(), commitment: text("c") }),
        Event::SampleDrawn(SampleDrawn {
            sample: id("s-1"),
            engagement: engagement.clone(),
            population: id("pop-1"),
            side: Side::Firm,
            method: SelectionMethod::MonetaryUnit,
            parameters: text("p"),
            size: 25,
            checkpoint: text("c"),
            nonce: Some(sampling::Nonce::new([7; 32])),
            items: text("i"),
            reason: Some(text("r")),
        }),
        Event::SampleItemReplaced(SampleItemReplaced {
            sample: id("s-1"),
            engagement: engagement.clone(),
            number: 3,
            by: 26,
            cause: ReplacementCause::Canceled,
            reason: text("r"),
            evidence: text("e"),
            item: text("i"),
        }),
        Event::SampleExtended(SampleExtended {
            sample: id("s-1"),
            engagement: engagement.clone(),
            more: 17,
            deviations: 1,
            reason: text("r"),
            items: text("i"),
        }),
        Event::SampleVoided(SampleVoided { sample: id("s-1"), engagement: engagement.clone(), reason: text("r") }),
        Event::RunsMissed(RunsMissed {
            tests: [test.clone()].into(),
            first_on: day("2026-01-05"),
            last_on: day("2026-01-07"),
            count: 3,
        }),
        Event::BackTestRecorded(BackTestRecorded {
            test: test.clone(),
            span: year(),
            on: year().last,
            catalog: text("c"),
            old: BackTestSide {
                sql: text("sql"),
                population: 10,
                population_digest: text("p"),
                exceptions: 2,
                rows: Some(text("r")),
                rows_digest: text("rd"),
            },
            new: BackTestSide {
                sql: text("sql 2"),
                population: 10,
                population_digest: text("p"),
                exceptions: 0,
                rows: None,
                rows_digest: text("rd 2"),
            },
            both: 0,
            canaries: 3,
            engine: "engine 1".into(),
        }),
        Event::ExceptionRaised(ExceptionRaised {
            exception: exception.clone(),
            test,
            run: run.clone(),
            span: year(),
            items: 1,
            keys: text("k"),
            rows: text("r"),
        }),
        Event::ExceptionSeen(ExceptionSeen {
            exception: exception.clone(),
            run: run.clone(),
            items: 2,
            appeared: 1,
            gone: 0,
            back: 0,
            keys: text("k"),
            rows: text("r"),
        }),
        Event::ExceptionResponded(ExceptionResponded { exception: exception.clone(), response: text("r") }),
        Event::ExceptionRemediated(ExceptionRemediated {
            exception: exception.clone(),
            remediation: text("r"),
            remediated_on: day("2026-10-05"),
        }),
        Event::ExceptionRetested(ExceptionRetested { exception: exception.clone(), run }),
        Event::WithdrawalProposed(WithdrawalProposed {
            exception: exception.clone(),
            reason: text("r"),
            evidence: text("e"),
        }),
        Event::ExceptionWithdrawn(ExceptionWithdrawn { exception: exception.clone(), proposal: 7 }),
        Event::ManagementTestRecorded(ManagementTestRecorded {
            management_test: id("mt-1"),
            details: ManagementTestDetails {
                control: id("LA-02"),
                stage: TestStage::Operation,
                natures: [Nature::Inquiry, Nature::Inspection].into(),
                span: year(),
                extent: TestExtent::Sample(id("s-1")),
                items: 2,
                exceptions: 1,
                attributes: vec![Attribute { asks: text("a"), yes: 1, no: 1, not_applicable: 0 }],
                table: Some(text("t")),
                evidence: [text("e")].into(),
                procedure: text("p"),
                finding: text("f"),
                performed_on: day("2026-10-10"),
            },
            version: 7,
        }),
        Event::ManagementTestReviewed(ManagementTestReviewed { management_test: id("mt-1"), note: text("n") }),
        Event::AttributeExceptionRaised(AttributeExceptionRaised {
            exception: id("mt-1:attributes"),
            management_test: id("mt-1"),
            control: id("LA-02"),
            span: year(),
            items: 1,
            seen_before: 0,
            keys: text("k"),
            table: text("t"),
        }),
        Event::ExceptionAssessed(ExceptionAssessed {
            exception: exception.clone(),
            details: AssessmentDetails {
                cause: text("c"),
                reach: Reach::Systematic,
                effect: text("e"),
                objectives: [id("ITGC-LA")].into(),
                criteria: [id("CC6.2")].into(),
                compensating: [id("GOV-01")].into(),
            },
        }),
        Event::ExceptionRetestedByManagementTest(ExceptionRetestedByManagementTest {
            exception,
            management_test: id("mt-2"),
        }),
        Event::ControlConcluded(ControlConcluded {
            engagement: engagement.clone(),
            control: id("LA-02"),
            conclusion: Conclusion {
                status: ControlStatus::Replaced { on: day("2026-04-01") },
                tests: NamedTests {
                    results: [(id("leaver-access"), [7].into())].into(),
                    management_tests: [id("mt-1")].into(),
                    populations: Default::default(),
                },
                change_history: [text("h")].into(),
                itgc: NamedTests::default(),
                reason: text("r"),
            },
        }),
        Event::FirmAppointed(FirmAppointed {
            engagement: engagement.clone(),
            firm: id("alder"),
            name: text("n"),
            sealing_key: text("k"),
        }),
        Event::FirmTestRecorded(FirmTestRecorded {
            engagement: engagement.clone(),
            firm_test: id("ft-1"),
            control: id("LA-02"),
            nature: Nature::Reperformance,
            procedure: text("p"),
            finding: text("f"),
            authority: Authority::Adopted {
                test: id("leaver-access"),
                result: 7,
                population_digest: text("pd"),
                rows_digest: text("rd"),
            },
            items_tested: 10,
            deviations: 1,
            performed_on: day("2026-10-10"),
            sample: None,
            version: None,
        }),
        Event::FirmTestReviewed(FirmTestReviewed {
            engagement: engagement.clone(),
            firm_test: id("ft-1"),
            note: text("n"),
        }),
        Event::DeviationResponded(DeviationResponded {
            engagement: engagement.clone(),
            firm_test: id("ft-1"),
            response: text("r"),
            effective_on: Some(day("2026-11-01")),
        }),
        Event::SystemDescriptionAdopted(SystemDescriptionAdopted { engagement: engagement.clone(), text: text("t") }),
        Event::ManagementAssertionSigned(ManagementAssertionSigned {
            engagement: engagement.clone(),
            text: text("t"),
            signed_on: day("2026-10-20"),
        }),
        Event::SubserviceAssertionRecorded(SubserviceAssertionRecorded {
            engagement: engagement.clone(),
            organization: id("SUB-1"),
            text: text("t"),
            signed_on: day("2026-10-20"),
        }),
        Event::ServiceAuditorsReportRecorded(ServiceAuditorsReportRecorded {
            engagement: engagement.clone(),
            text: text("t"),
            dated_on: day("2026-11-01"),
        }),
        Event::PeriodClosed(PeriodClosed {
            engagement: engagement.clone(),
            frozen: FrozenPart::ALL.into_iter().map(|part| (part, text(part.label()))).collect(),
            reason: Some(text("r")),
        }),
        Event::FindingOverruled(FindingOverruled {
            engagement: engagement.clone(),
            rule: id("RPT-13"),
            finding: text("o"),
            reason: text("r"),
        }),
        Event::ReportPackageIssued(ReportPackageIssued {
            engagement: engagement.clone(),
            kind: PackageKind::Report,
            contents: text("c"),
        }),
        Event::ReaderCopyRecorded(ReaderCopyRecorded { engagement, package: 9, reader: text("r"), copy: text("c") }),
        Event::LegalHoldSet(LegalHoldSet { object: text("o"), reason: text("r") }),
        Event::LegalHoldReleased(LegalHoldReleased { object: text("o"), hold: 7, reason: text("r") }),
        Event::ObjectErased(ObjectErased { object: text("o"), reason: text("r") }),
    ]
}

fn frozen_rows() -> FrozenRows {
    FrozenRows {
        query: text("q"),
        datasets: [id("person")].into(),
        sources: [id("hr")].into(),
        inputs: text("i"),
        extracted_at: "2026-10-01T06:00:00Z".parse().unwrap(),
        items: 100,
        control_total: Some("1234567.80".parse().unwrap()),
        rows: text("m"),
        rows_digest: text("d"),
        engine: "engine 1".into(),
    }
}

/// One scope item of every kind, in the order of the enum.
pub fn scope_items() -> Vec<(&'static str, ScopeItem)> {
    let both = || [ReportKind::Soc1, ReportKind::Soc2].into();
    let kinds = vec![
        ("SVC-1", ScopeFacts::Service(Service { reports: both() })),
        (
            "TXN-1",
            ScopeFacts::TransactionClass(TransactionClass { service: id("SVC-1"), objectives: [id("PAY-4")].into() }),
        ),
        ("LOC-1", ScopeFacts::Location(Location { reports: both() })),
        (
            "CMP-1",
            ScopeFacts::Component(Component {
                part: SystemPart::Software,
                reports: both(),
                locations: [id("LOC-1")].into(),
                run_by: None,
            }),
        ),
        (
            "COM-1",
            ScopeFacts::Commitment(Commitment {
                promise: CommitmentKind::ServiceCommitment,
                category: "security".into(),
                criteria: [id("CC6.2")].into(),
            }),
        ),
        (
            "KR-1",
            ScopeFacts::KeyReport(KeyReport {
                owner_role: id("it"),
                logic: ReportLogic::Custom,
                to_user_entities: true,
                controls: [id("PAY-4-C2")].into(),
                component: Some(id("CMP-1")),
                tests: [id("pay-net-recomputed")].into(),
            }),
        ),
        (
            "UE-1",
            ScopeFacts::UserEntity(UserEntity {
                year_end: "12-31".parse().unwrap(),
                services: [id("SVC-1")].into(),
                reports: [ReportKind::Soc1].into(),
            }),
        ),
        (
            "SUB-1",
            ScopeFacts::SubserviceOrganization(SubserviceOrganization {
                method: [(ReportKind::Soc1, SubserviceMethod::CarveOut)].into(),
                monitoring: [id("GOV-01")].into(),
            }),
        ),
        (
            "SUB-1-2026",
            ScopeFacts::SubserviceReport(SubserviceReport {
                organization: id("SUB-1"),
                report: ReportKind::Soc2,
                report_type: ReportType::Type2(year()),
                opinion: StatedOpinion::Qualified,
                deviations: 2,
                bridge_until: Some(day("2026-12-31")),
                cuecs: [("3.1".to_owned(), [id("LA-02")].into())].into(),
                document: Some(text("d")),
            }),
        ),
        (
            "CUEC-1",
            ScopeFacts::ComplementaryUserEntityControl(ComplementaryUserEntityControl {
                objectives: [id("PAY-4")].into(),
                criteria: [id("CC6.2")].into(),
            }),
        ),
        (
            "CSOC-1",
            ScopeFacts::ComplementarySubserviceOrganizationControl(ComplementarySubserviceOrganizationControl {
                organization: id("SUB-1"),
                objectives: [id("PAY-4")].into(),
                criteria: Default::default(),
            }),
        ),
        ("OUT-1", ScopeFacts::Exclusion(Exclusion { reports: both() })),
    ];
    let item = |facts| ScopeItem { name: text("n"), text: text("t"), facts };
    kinds.into_iter().map(|(id, facts)| (id, item(facts))).collect()
}

#[test]
fn every_kind_of_scope_item_has_golden_bytes_that_decode_forever() {
    let golden = include_str!("../golden/scope-items-1.jsonl");
    let written: Vec<String> =
        scope_items().iter().map(|(_, item)| String::from_utf8(to_canonical(item).unwrap()).unwrap()).collect();
    assert_eq!(golden.lines().collect::<Vec<_>>(), written);
    for (line, (_, item)) in golden.lines().zip(scope_items()) {
        assert_eq!(serde_json::from_str::<ScopeItem>(line).unwrap(), item);
    }
}

/// A field that came later stands in the bytes only where it says something, so that events of before keep theirs.
#[test]
fn what_an_event_says_of_security_standards_and_order_has_golden_bytes() {
    let Some(Event::EngagementOpened(mut opened)) =
        one_of_each().into_iter().find(|e| matches!(e, Event::EngagementOpened(_)))
    else {
        unreachable!()
    };
    let before = to_canonical(&opened).unwrap();
    assert!(!String::from_utf8_lossy(&before).contains("without_security"));
    opened.without_security = Some(text("n"));
    let bytes = String::from_utf8(to_canonical(&opened).unwrap()).unwrap();
    assert!(bytes.ends_with(&format!(",\"without_security\":\"{}\"}}", text("n"))), "{bytes}");
    assert_eq!(serde_json::from_str::<EngagementOpened>(&bytes).unwrap(), opened);

    opened.without_security = None;
    opened.standards = [advisor::Standard::AtC320, advisor::Standard::Isae3402].into();
    opened.section_order = SectionOrder::ManagementFirst;
    let bytes = String::from_utf8(to_canonical(&opened).unwrap()).unwrap();
    assert!(
        bytes.contains(r#""section_order":"management-first","standards":["AT-C 320","ISAE 3402"],"system""#),
        "{bytes}"
    );
    assert_eq!(serde_json::from_str::<EngagementOpened>(&bytes).unwrap(), opened);
}

#[test]
fn what_a_demand_wants_and_why_another_report_ends_it_has_golden_bytes() {
    let events = one_of_each();
    let recorded = events.iter().find_map(|e| if let Event::DemandRecorded(it) = e { Some(it.clone()) } else { None });
    let mut recorded = recorded.unwrap();
    recorded.details.report_type = Some(advisor::NamedType::Type2);
    recorded.details.covers = Some(Span { first: day("2026-01-01"), last: day("2026-06-30") });
    recorded.details.at_least_months = Some(6);
    let bytes = String::from_utf8(to_canonical(&recorded).unwrap()).unwrap();
    assert!(
        bytes.contains(
            r#""at_least_months":6,"covers":{"first":"2026-01-01","last":"2026-06-30"},"due_on":"2026-12-15","reports":["soc1"],"type":"type-2""#
        ),
        "{bytes}"
    );
    assert_eq!(serde_json::from_str::<DemandRecorded>(&bytes).unwrap(), recorded);

    let ended = events.into_iter().find_map(|e| if let Event::DemandEnded(it) = e { Some(it) } else { None });
    let mut ended = ended.unwrap();
    ended.end = DemandEnd::ReportSent { engagement: id("soc1"), although: Some(text("b")) };
    let bytes = String::from_utf8(to_canonical(&ended).unwrap()).unwrap();
    assert!(bytes.contains(&format!(r#"{{"although":"{}","engagement":"soc1"}}"#, text("b"))), "{bytes}");
    assert_eq!(serde_json::from_str::<DemandEnded>(&bytes).unwrap(), ended);
}

#[test]
fn what_an_extract_says_of_rows_read_again_has_golden_bytes() {
    let Some(Event::EvidenceRecorded(mut recorded)) =
        one_of_each().into_iter().find(|e| matches!(e, Event::EvidenceRecorded(_)))
    else {
        unreachable!()
    };
    assert!(!String::from_utf8_lossy(&to_canonical(&recorded).unwrap()).contains("read_again"));
    recorded.read_again = Some(ReadAgain { late: 1, restated: 2, vanished: 3 });
    let bytes = String::from_utf8(to_canonical(&recorded).unwrap()).unwrap();
    assert!(bytes.contains(r#""read_again":{"late":1,"restated":2,"vanished":3}"#), "{bytes}");
    assert_eq!(serde_json::from_str::<EvidenceRecorded>(&bytes).unwrap(), recorded);
}

#[test]
fn what_a_second_source_says_of_keys_has_golden_bytes() {
    let Some(Event::PopulationChecked(mut checked)) =
        one_of_each().into_iter().find(|e| matches!(e, Event::PopulationChecked(_)))
    else {
        unreachable!()
    };
    assert!(!String::from_utf8_lossy(&to_canonical(&checked).unwrap()).contains("\"keys\""));
    checked.second_source.as_mut().unwrap().keys = Some(KeysCompared { both: 98, one_sided: Some(text("k")) });
    let bytes = String::from_utf8(to_canonical(&checked).unwrap()).unwrap();
    assert!(bytes.contains(&format!(r#""keys":{{"both":98,"one_sided":"{}"}}"#, text("k"))), "{bytes}");
    assert_eq!(serde_json::from_str::<PopulationChecked>(&bytes).unwrap(), checked);
}

#[test]
fn every_event_has_golden_bytes_that_decode_forever() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events-1.jsonl");
    let written: BTreeMap<String, String> = one_of_each()
        .iter()
        .map(|event| {
            let bytes = String::from_utf8(to_canonical(event).unwrap()).unwrap();
            let name = serde_json::from_str::<serde_json::Value>(&bytes).unwrap()["type"].as_str().unwrap().to_owned();
            (name, bytes)
        })
        .collect();
    assert_eq!(written.len(), one_of_each().len(), "one event of each variant");
    let golden = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = golden.lines().collect();
    assert_eq!(lines.len(), written.len(), "an event without golden bytes, or golden bytes without an event");
    for (line, (name, bytes)) in lines.iter().zip(&written) {
        assert_eq!(line, bytes, "the bytes of {name} changed: events never change, add a variant");
        serde_json::from_str::<Event>(line).unwrap();
    }
}
