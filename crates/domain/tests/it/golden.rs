//! Golden bytes of every event: released forms decode forever and never change.

use std::collections::BTreeMap;

use tickmark_canonical::to_canonical;
use tickmark_domain::*;

use crate::house::*;

/// One event of every variant, in the order of the enum.
fn one_of_each() -> Vec<Event> {
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
        }),
        Event::EngagementRevised(EngagementRevised {
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
        Event::DemandRecorded(DemandRecorded {
            demand: id("DEM-1"),
            details: DemandDetails {
                asked_on: day("2025-05-01"),
                words: text("w"),
                user_entity: Some(id("UE-1")),
                reports: [ReportKind::Soc1].into(),
                due_on: Some(day("2026-12-15")),
            },
        }),
        Event::DemandEnded(DemandEnded {
            demand: id("DEM-1"),
            ended_on: day("2026-11-20"),
            end: DemandEnd::ReportSent { engagement: engagement.clone() },
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
        }),
        Event::CollectionFailed(CollectionFailed {
            dataset: Some(id("person")),
            source: id("hr"),
            covers: year(),
            message: text("m"),
            tried_at: now(),
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
            catalog: text("c"),
            engine: "engine 1".into(),
        }),
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
        Event::ExceptionWithdrawn(ExceptionWithdrawn { exception, proposal: 7 }),
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
        }),
        Event::SystemDescriptionAdopted(SystemDescriptionAdopted { engagement: engagement.clone(), text: text("t") }),
        Event::ManagementAssertionSigned(ManagementAssertionSigned {
            engagement: engagement.clone(),
            text: text("t"),
            signed_on: day("2026-10-20"),
        }),
        Event::ServiceAuditorsReportRecorded(ServiceAuditorsReportRecorded {
            engagement: engagement.clone(),
            text: text("t"),
            dated_on: day("2026-11-01"),
        }),
        Event::ReportPackageIssued(ReportPackageIssued { engagement, kind: PackageKind::Report, contents: text("c") }),
        Event::LegalHoldSet(LegalHoldSet { object: text("o"), reason: text("r") }),
        Event::LegalHoldReleased(LegalHoldReleased { object: text("o"), hold: 7, reason: text("r") }),
        Event::ObjectErased(ObjectErased { object: text("o"), reason: text("r") }),
    ]
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
