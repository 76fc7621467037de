//! Histories that nobody thought up: whatever is decided adds up, and adds up to the same again.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, strategy::ValueTree};
use tickmark_domain::*;

use crate::{assessments::assess, closings::*, conclusions::*, firm_and_management::*, house::*, management_tests::*};
use crate::{
    golden::{one_of_each, scope_items},
    performed::perform,
    populations::*,
    samples::*,
};

/// Who acts: all roles, people of the firm, and nobody known; the compliance lead most of all.
const PEOPLE: [&str; 10] = ["ada", "lea", "otto", "eve", "fay", "sam", "lea", "lea", "lea", "nobody"];

/// One act; `of` tells acts of a kind apart.
type Act = fn(&House, u64) -> Command;

/// Every kind of act that goes on after a house is engaged. Most name things that are there only after another act.
const ACTS: &[Act] = &[
    |_, of| Command::GrantRole(GrantRole { person: id(PEOPLE[of as usize % 6]), role: Role::ControlOwner }),
    |_, _| Command::GrantRole(GrantRole { person: id("sam"), role: Role::FirmReviewer }),
    |_, of| Command::RevokeRole(RevokeRole { person: id(PEOPLE[of as usize % 6]), role: Role::ControlOwner }),
    |house, of| {
        propose(
            &house.with_test("leaver-access", &format!("catalog {of}"), Some(text("sql 2"))),
            &[id("leaver-access")],
        )
    },
    |_, _| Command::AdoptCatalog(AdoptCatalog { files: text("files 2"), index: text("index 2") }),
    |_, of| {
        Command::RecordRisk(RecordRisk {
            risk: id(&format!("R-{of}")),
            statement: text("risk"),
            criteria: [id("CC6.2")].into(),
            objectives: [id("PAY-4")].into(),
        })
    },
    |_, of| {
        let (name, item) = scope_items().remove(of as usize % scope_items().len());
        Command::RecordScopeItem(RecordScopeItem { id: id(name), item, effective_on: day("2025-10-01"), reason: None })
    },
    |_, of| {
        Command::RetireScopeItem(RetireScopeItem {
            id: id(scope_items()[of as usize % scope_items().len()].0),
            retired_on: day("2026-05-01"),
            reason: text("sold"),
        })
    },
    |_, of| {
        Command::RecordDemand(RecordDemand {
            demand: id(&format!("DEM-{of}")),
            details: DemandDetails {
                asked_on: day("2025-05-01"),
                words: text("words"),
                user_entity: None,
                reports: [ReportKind::Soc1].into(),
                due_on: None,
                report_type: None,
                covers: None,
                at_least_months: None,
            },
        })
    },
    |_, of| reword(if of % 2 == 0 { "2026-03-01" } else { "2026-07-01" }, "otto"),
    |_, _| {
        Command::DropControl(DropControl { control: id("GOV-01"), dropped_on: day("2026-06-01"), reason: text("r") })
    },
    |_, _| adopt("GOV-01", "otto"),
    |_, of| evidence("person", &format!("manifest-{of}"), year()),
    |_, of| {
        Command::RecordCollectionFailure(RecordCollectionFailure {
            dataset: Some(id("person")),
            source: id("hr"),
            covers: year(),
            message: text(&format!("message {of}")),
            tried_at: now(),
        })
    },
    |_, of| {
        Command::ReconcileSeries(ReconcileSeries {
            dataset: id("payslip"),
            source: id("hr"),
            extracts: vec![text(&format!("payslips-{of}"))],
            source_rows: Some(10 + of),
            totals: 0,
            totals_differ: 0,
            counted_at: now(),
            differs_because: (of > 0).then(|| text("why")),
        })
    },
    |_, of| evidence("payslip", &format!("payslips-{of}"), year()),
    |_, of| document(&format!("document {of}"), "2026-10-01"),
    |_, _| document("ticket-log", "2026-10-01"),
    |_, of| {
        Command::EndDemand(EndDemand {
            demand: id(&format!("DEM-{of}")),
            ended_on: day("2026-10-01"),
            end: DemandEnd::NotSent { reason: text("reason") },
        })
    },
    |_, of| {
        Command::RecordObjective(RecordObjective {
            objective: id("PAY-4"),
            definition: ObjectiveDefinition {
                kind: ObjectiveKind::Business,
                title: text(&format!("title {of}")),
                statement: text("statement"),
                assertions: [FinancialStatementAssertion::CutOff].into(),
                criteria: [id("CC6.2")].into(),
                set_by: None,
            },
        })
    },
    |_, _| Command::CommentOnScope(CommentOnScope { engagement: id("soc1"), item: None, comment: text("comment") }),
    |_, of| {
        Command::AnswerScopeComment(AnswerScopeComment {
            engagement: id("soc1"),
            number: of as u32 + 1,
            answer: text("answer"),
        })
    },
    |_, _| {
        Command::ReviseEngagement(ReviseEngagement {
            engagement: id("soc1"),
            report_type: ReportType::Type2(year()),
            objectives: [id("PAY-4")].into(),
            categories: Default::default(),
            without_security: None,
            reason: text("reason"),
        })
    },
    |_, of| {
        Command::ReplaceSampleItem(ReplaceSampleItem {
            sample: id(&format!("s-{of}")),
            number: of + 1,
            by: 26,
            cause: ReplacementCause::Canceled,
            reason: text("reason"),
            evidence: text("ticket-log"),
            item: text("item"),
        })
    },
    |_, of| Command::RecordBackTest(back_test(of)),
    |_, of| {
        Command::RespondToDeviation(RespondToDeviation {
            engagement: id("soc1"),
            firm_test: id(&format!("ft-{of}")),
            response: text("response"),
            effective_on: None,
        })
    },
    |_, of| {
        Command::ReviewFirmTest(ReviewFirmTest {
            engagement: id("soc1"),
            firm_test: id(&format!("ft-{of}")),
            note: text("note"),
        })
    },
    |house, of| {
        Command::ReleaseLegalHold(ReleaseLegalHold {
            object: text(&format!("manifest-{of}")),
            hold: house
                .facts
                .iter()
                .rev()
                .find(|(event, _)| event_name(event) == "LegalHoldSet")
                .map_or(0, |f| f.1.index),
            reason: text("reason"),
        })
    },
    |_, of| run(&format!("run-{of}"), year(), of % 3),
    |_, of| perform("LA-02", ("2026-09-28", "2026-09-28"), "2026-10-06", &["manifest-1", &format!("document {of}")]),
    |house, of| {
        let records = house.state.performed_of(&id("LA-02"));
        let performance = records.get(of as usize / 2).map_or(0, |record| record.entry);
        let control = id("LA-02");
        Command::ProposePerformanceWithdrawal(ProposePerformanceWithdrawal { control, performance, reason: text("r") })
    },
    |house, of| {
        let records = house.state.performed_of(&id("LA-02"));
        let performance = records.get(of as usize / 2).map_or(0, |record| record.entry);
        Command::WithdrawPerformance(WithdrawPerformance { control: id("LA-02"), performance })
    },
    |_, of| {
        Command::FreezePopulation(FreezePopulation {
            reason: (of > 0).then(|| text("why")),
            ..freeze(&format!("pop-{of}"))
        })
    },
    |_, of| Command::CheckPopulation(check(&format!("pop-{of}"))),
    |_, of| commit(of as u8),
    |_, of| {
        Command::DrawSample(DrawSample {
            population: id(&format!("pop-{of}")),
            reason: (of > 0).then(|| text("why")),
            ..draw(&format!("s-{of}"))
        })
    },
    |_, of| {
        Command::ExtendSample(ExtendSample {
            sample: id(&format!("s-{of}")),
            from: 26,
            more: 10,
            deviations: 1,
            reason: text("reason"),
            items: text("items"),
        })
    },
    |_, of| Command::VoidSample(VoidSample { sample: id(&format!("s-{of}")), reason: text("reason") }),
    |_, of| {
        Command::RecordMissedRuns(RecordMissedRuns {
            tests: [id("leaver-access")].into(),
            first_on: day("2026-10-01"),
            last_on: day("2026-10-14"),
            count: of + 1,
        })
    },
    |_, of| Command::RespondToException(RespondToException { exception: raised(of), response: text("response") }),
    |_, of| {
        Command::RemediateException(RemediateException {
            exception: raised(of),
            remediation: text("done"),
            remediated_on: day("2026-10-05"),
        })
    },
    |_, of| {
        Command::RetestException(RetestException {
            exception: raised(of / 2),
            retest: if of % 2 == 0 {
                Retest::Run(id(&format!("run-{of}")))
            } else {
                Retest::ManagementTest(id("mt-1"))
            },
        })
    },
    |_, of| {
        Command::ProposeWithdrawal(ProposeWithdrawal {
            exception: raised(of),
            reason: text("reason"),
            evidence: text("evidence"),
        })
    },
    |_, of| Command::WithdrawException(WithdrawException { exception: raised(of) }),
    |_, of| record(&format!("mt-{of}"), details(of % 2)),
    |_, of| review(&format!("mt-{of}")),
    |_, _| assess(|_| ()),
    |house, of| {
        let results = house.state.results.get(&id::<TestId>("leaver-access"));
        let results = results.and_then(|results| results.last()).map(|result| ("leaver-access", result.entry));
        let status = [ControlStatus::Operated, ControlStatus::OperatedWithDeviations, ControlStatus::DidNotOperate];
        let tests = named(results.as_slice(), if of % 2 == 0 { &[] } else { &["mt-1"] });
        conclude("LA-02", conclusion(status[of as usize % 3], tests))
    },
    |_, of| {
        let firm_test = RecordFirmTest { firm_test: id(&format!("ft-{of}")), deviations: of, ..firm_test("LA-02") };
        Command::RecordFirmTest(firm_test)
    },
    |_, _| {
        Command::AdoptSystemDescription(AdoptSystemDescription { engagement: id("soc1"), text: text("description") })
    },
    |_, _| {
        Command::SignManagementAssertion(SignManagementAssertion {
            engagement: id("soc1"),
            text: text("assertion"),
            signed_on: day("2026-10-05"),
        })
    },
    |_, _| {
        Command::RecordServiceAuditorsReport(RecordServiceAuditorsReport {
            engagement: id("soc1"),
            text: text("report"),
            dated_on: day("2026-10-12"),
        })
    },
    |_, of| comment_on("description/overview", &format!("comment {of}")),
    |_, of| settle(of as u32 + 1),
    |_, of| close((of > 1).then_some("reason")),
    |_, _| {
        Command::OverruleFinding(OverruleFinding {
            engagement: id("soc1"),
            rule: id("RPT-13"),
            finding: text("finding"),
            is_error: false,
            reason: text("r"),
        })
    },
    |_, _| {
        Command::IssueReportPackage(IssueReportPackage {
            engagement: id("soc1"),
            kind: PackageKind::Report,
            contents: text("contents"),
        })
    },
    |_, of| Command::SetLegalHold(SetLegalHold { object: text(&format!("manifest-{of}")), reason: text("reason") }),
    |_, of| Command::EraseObject(EraseObject { object: text(&format!("manifest-{of}")), reason: text("reason") }),
];

/// Both versions of `leaver-access` over the year; the new one finds less.
fn back_test(of: u64) -> RecordBackTest {
    let side = |sql: &str, exceptions| BackTestSide {
        sql: text(sql),
        population: 10,
        population_digest: text("population"),
        exceptions,
        rows: (exceptions > 0).then(|| text("rows")),
        rows_digest: text(sql),
    };
    RecordBackTest {
        test: id("leaver-access"),
        span: year(),
        on: year().last,
        old: side("sql of leaver-access", of % 3),
        new: side("sql 2", 0),
        both: 0,
        canaries: 3,
        engine: "engine 1".into(),
    }
}

/// An exception of the control test, or that of a management test.
fn raised(of: u64) -> ExceptionId {
    id(&if of % 4 == 3 { "mt-1:attributes".to_owned() } else { format!("leaver-access:{}", of % 4 + 1) })
}

/// A house in which these acts were tried, and how many facts it had after each.
fn played(acts: &[(usize, usize, u64)]) -> House {
    let mut house = House::engaged();
    for (person, act, of) in acts {
        let command = ACTS[act % ACTS.len()](&house, *of);
        house.act(PEOPLE[person % PEOPLE.len()], command);
    }
    house
}

/// The state that facts add up to, read from their bytes as a ledger holds them.
fn replayed(state: State, facts: &[(Event, Recorded)]) -> State {
    facts.iter().fold(state, |mut state, (event, recorded)| {
        let bytes = tickmark_canonical::to_canonical(event).unwrap();
        state.apply(&tickmark_canonical::from_canonical(&bytes).unwrap(), recorded);
        state
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_decided_adds_up_to_the_same_again(
        acts in vec((0..PEOPLE.len(), 0..ACTS.len(), 0_u64..4), 0..160),
        cut in any::<prop::sample::Index>(),
    ) {
        let house = played(&acts);
        prop_assert_eq!(&replayed(State::default(), &house.facts), &house.state);

        let (before, after) = house.facts.split_at(cut.index(house.facts.len()));
        let snapshot = Snapshot::of(replayed(State::default(), before), before.len() as u64);
        let mut bytes = Vec::new();
        snapshot.write(&mut bytes).unwrap();
        let taken_up = Snapshot::read(&mut bytes.as_slice()).unwrap();
        prop_assert_eq!(&replayed(taken_up.state, after), &house.state);

        let soc1 = id("soc1");
        prop_assert_eq!(
            house.state.figures(&house.catalog, &soc1).unwrap(),
            replayed(State::default(), &house.facts).figures(&house.catalog, &soc1).unwrap()
        );
        if let Some(closing) = house.state.closing(&soc1) {
            let shown = as_closed(&house, &soc1).frozen(&house.catalog, &soc1).unwrap();
            prop_assert_eq!(&shown.digests(), &closing.frozen, "documents show what was frozen, whatever came after");
        }
    }
}

/// The histories above are worth something only if they get somewhere. What stands here needs an engagement of SOC 2, an advice, or
/// more steps in a row than chance takes; the other tests tell of it.
#[test]
fn histories_get_everywhere() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let acts = vec((0..PEOPLE.len(), 0..ACTS.len(), 0_u64..4), 600);
    let mut never: BTreeSet<String> = one_of_each().iter().map(event_name).collect();
    for _ in 0..192 {
        let acts = acts.new_tree(&mut runner).unwrap().current();
        for (event, _) in played(&acts).facts {
            never.remove(&event_name(&event));
        }
    }
    let never: Vec<String> = never.into_iter().collect();
    let expected = [
        "AdviceRecorded",
        "CriterionExcluded",
        "ExceptionRetested",
        "ExceptionRetestedByManagementTest",
        "ReaderCopyRecorded",
        "SubserviceAssertionRecorded",
    ];
    assert_eq!(never, expected);
}
