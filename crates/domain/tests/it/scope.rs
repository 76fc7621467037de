//! Scope, engagements that change and follow each other, the demand register.

use tickmark_domain::*;

use crate::{golden::scope_items, house::*};

fn record(name: &str, item: ScopeItem, on: &str, reason: Option<&str>) -> Command {
    let (effective_on, reason) = (day(on), reason.map(text));
    Command::RecordScopeItem(RecordScopeItem { id: id(name), item, effective_on, reason })
}

fn retire(name: &str, on: &str) -> Command {
    Command::RetireScopeItem(RetireScopeItem { id: id(name), retired_on: day(on), reason: text("sold") })
}

/// The house with an item of every kind.
fn scoped() -> House {
    let mut house = House::engaged();
    for (name, item) in scope_items() {
        house.act("lea", record(name, item, "2025-10-01", None));
    }
    house
}

#[test]
fn every_kind_of_scope_item_is_recorded_after_what_it_names() {
    let mut house = House::engaged();
    for (name, item) in scope_items().into_iter().rev() {
        house.act("lea", record(name, item, "2025-10-01", None));
    }
    house.transcript.push('\n');
    for (name, item) in scope_items() {
        house.act("lea", record(name, item, "2025-10-01", Some("again")));
    }
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `SUB-1` is not known here
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `SUB-1` is not known here
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `SVC-1` is not known here
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `CMP-1` is not known here
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `LOC-1` is not known here
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `SVC-1` is not known here
    lea: RecordScopeItem -> ScopeItemRecorded

    lea: RecordScopeItem -> refused [scope-not-forward] scope item `SVC-1`: 2025-10-01 is not after 2025-10-01
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `LOC-1`: 2025-10-01 is not after 2025-10-01
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `COM-1`: 2025-10-01 is not after 2025-10-01
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `SUB-1`: 2025-10-01 is not after 2025-10-01
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `CUEC-1`: 2025-10-01 is not after 2025-10-01
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `OUT-1`: 2025-10-01 is not after 2025-10-01
    ");
}

#[test]
fn scope_is_refused_where_it_is_tied_to_nothing_or_to_what_is_not_there() {
    let mut house = scoped();
    house.transcript.clear();
    let facts = |name: &str| scope_items().into_iter().find(|(id, _)| *id == name).unwrap().1.facts;
    let with =
        |facts: ScopeFacts| record("NEW-1", ScopeItem { name: text("n"), text: text("t"), facts }, "2025-10-01", None);
    let criterion = |text: &str| [id::<CriterionId>(text)].into();
    let commitment = |category: &str, criteria| {
        let promise = CommitmentKind::SystemRequirement;
        with(ScopeFacts::Commitment(Commitment { promise, category: category.to_owned(), criteria }))
    };
    let ScopeFacts::SubserviceReport(report) = facts("SUB-1-2026") else { unreachable!() };
    let ScopeFacts::KeyReport(key_report) = facts("KR-1") else { unreachable!() };
    house
        .act("otto", with(facts("SVC-1")))
        .act("lea", with(ScopeFacts::Service(Service { reports: Default::default() })))
        .act(
            "lea",
            with(ScopeFacts::ComplementaryUserEntityControl(ComplementaryUserEntityControl {
                objectives: Default::default(),
                criteria: Default::default(),
            })),
        )
        .act(
            "lea",
            with(ScopeFacts::ComplementaryUserEntityControl(ComplementaryUserEntityControl {
                objectives: [id("PAY-77")].into(),
                criteria: Default::default(),
            })),
        )
        .act(
            "lea",
            with(ScopeFacts::ComplementarySubserviceOrganizationControl(ComplementarySubserviceOrganizationControl {
                organization: id("UE-1"),
                objectives: [id("PAY-4")].into(),
                criteria: Default::default(),
            })),
        )
        .act("lea", commitment("safety", criterion("CC6.2")))
        .act("lea", commitment("security", criterion("CC9.9")))
        .act("lea", commitment("availability", criterion("CC6.2")))
        .act(
            "lea",
            with(ScopeFacts::TransactionClass(TransactionClass {
                service: id("SVC-9"),
                objectives: Default::default(),
            })),
        )
        .act("lea", with(ScopeFacts::KeyReport(KeyReport { controls: [id("PAY-99")].into(), ..key_report.clone() })))
        .act("lea", with(ScopeFacts::KeyReport(KeyReport { tests: [id("no-test")].into(), ..key_report })))
        .act(
            "lea",
            with(ScopeFacts::SubserviceReport(SubserviceReport {
                report_type: ReportType::Type2(span("2026-09-30", "2025-10-01")),
                ..report.clone()
            })),
        )
        .act(
            "lea",
            with(ScopeFacts::SubserviceReport(SubserviceReport { bridge_until: Some(day("2026-09-30")), ..report })),
        )
        .act("lea", commitment("security", criterion("CC6.2")));
    insta::assert_snapshot!(house.transcript, @r"
    otto: RecordScopeItem -> refused [role-missing] this needs the role compliance lead, which person `otto` does not hold
    lea: RecordScopeItem -> refused [in-no-report] scope item `NEW-1` is part of no report: name `soc1`, `soc2` or both
    lea: RecordScopeItem -> refused [RPT-04] scope item `NEW-1` is tied to no control objective and no criterion: name what could not be met without it
    lea: RecordScopeItem -> refused [unknown-objective] control objective `PAY-77` is neither in the catalog nor one of the organization's own
    lea: RecordScopeItem -> refused [scope-item-of-other-kind] scope item `UE-1` is a user entity, where a subservice organization is needed
    lea: RecordScopeItem -> refused [unknown-category] `safety` is not a trust services category
    lea: RecordScopeItem -> refused [unknown-criterion] `CC9.9` is not a trust services criterion
    lea: RecordScopeItem -> refused [unknown-category] `availability` is not a trust services category
    lea: RecordScopeItem -> refused [unknown-scope-item] scope item `SVC-9` is not known here
    lea: RecordScopeItem -> refused [unknown-control] control `PAY-99` is not known here
    lea: RecordScopeItem -> refused [unknown-test] control test `no-test` is not in the catalog
    lea: RecordScopeItem -> refused [DAT-01] the period ends on 2025-10-01, not after its first day 2026-09-30
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `NEW-1`: 2026-09-30 is not after 2026-09-30
    lea: RecordScopeItem -> ScopeItemRecorded
    ");
}

#[test]
fn an_item_changes_with_a_reason_and_goes_when_nothing_names_it() {
    let mut house = scoped();
    house.transcript.clear();
    let item = |name: &str| scope_items().into_iter().find(|(id, _)| *id == name).unwrap().1;
    let renamed = || ScopeItem { name: text("a new name"), ..item("LOC-1") };
    house
        .act("lea", record("LOC-1", renamed(), "2026-02-01", None))
        .act("lea", record("LOC-1", renamed(), "2025-10-01", Some("moved")))
        .act("lea", record("LOC-1", item("SVC-1"), "2026-02-01", Some("moved")))
        .act("lea", record("LOC-1", renamed(), "2026-02-01", Some("moved")))
        .act("lea", retire("LOC-1", "2026-05-01"))
        .act("lea", retire("CMP-1", "2026-05-01"))
        .act("lea", retire("OUT-1", "2025-05-01"))
        .act("lea", retire("OUT-1", "2026-05-01"))
        .act("lea", retire("OUT-1", "2026-06-01"))
        .act("lea", record("OUT-1", item("OUT-1"), "2026-05-01", Some("back")))
        .act("lea", record("OUT-1", item("OUT-1"), "2026-07-01", Some("back")));
    insta::assert_snapshot!(house.transcript, @r"
    lea: RecordScopeItem -> refused [change-without-reason] scope item `LOC-1` changes: say why
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `LOC-1`: 2025-10-01 is not after 2025-10-01
    lea: RecordScopeItem -> refused [scope-kind-changed] scope item `LOC-1` is of another kind; give the new thing an id of its own
    lea: RecordScopeItem -> ScopeItemRecorded
    lea: RetireScopeItem -> refused [scope-item-named] scope item `LOC-1` is named by `CMP-1`; change that first
    lea: RetireScopeItem -> refused [scope-item-named] scope item `CMP-1` is named by `KR-1`; change that first
    lea: RetireScopeItem -> refused [scope-not-forward] scope item `OUT-1`: 2025-05-01 is not after 2025-10-01
    lea: RetireScopeItem -> ScopeItemRetired
    lea: RetireScopeItem -> refused [unknown-scope-item] scope item `OUT-1` is not known here
    lea: RecordScopeItem -> refused [scope-not-forward] scope item `OUT-1`: 2026-05-01 is not after 2026-05-01
    lea: RecordScopeItem -> ScopeItemRecorded
    ");
    let names = |on: &str| house.state.scope_on(day(on)).get(&id::<ScopeItemId>("LOC-1")).map(|v| v.item.name);
    assert_eq!(
        [names("2025-09-30"), names("2026-01-31"), names("2026-02-01")],
        [None, Some(text("n")), Some(text("a new name"))]
    );
}

#[test]
fn the_firm_comments_on_the_scope_and_management_answers() {
    let mut house = scoped();
    house.transcript.clear();
    let comment = |item: Option<&str>| {
        let (item, comment) = (item.map(id), text("Is the bank a subservice organization?"));
        Command::CommentOnScope(CommentOnScope { engagement: id("soc1"), item, comment })
    };
    let answer =
        |number| Command::AnswerScopeComment(AnswerScopeComment { engagement: id("soc1"), number, answer: text("no") });
    house
        .act("lea", comment(None))
        .act("fay", comment(Some("SUB-9")))
        .act("fay", comment(None))
        .act("sam", comment(Some("SUB-1")))
        .act("fay", answer(1))
        .act("lea", answer(3))
        .act("lea", answer(1))
        .act("lea", answer(1));
    insta::assert_snapshot!(house.transcript, @r"
    lea: CommentOnScope -> refused [not-of-the-firm] person `lea` is not of the firm that is appointed to this engagement
    fay: CommentOnScope -> refused [unknown-scope-item] scope item `SUB-9` is not known here
    fay: CommentOnScope -> ScopeCommented
    sam: CommentOnScope -> ScopeCommented
    fay: AnswerScopeComment -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    lea: AnswerScopeComment -> refused [unknown-scope-comment] the firm made no comment 3 on the scope of this engagement
    lea: AnswerScopeComment -> ScopeCommentAnswered
    lea: AnswerScopeComment -> ScopeCommentAnswered
    ");
    let comments = &house.state.engagements[&id::<EngagementId>("soc1")].scope_comments;
    assert_eq!(comments.values().map(|comment| comment.answers.len()).collect::<Vec<_>>(), [2, 0]);
}

#[test]
fn an_objective_bears_on_financial_statements_or_on_it_general_controls() {
    let mut house = House::engaged();
    let objective = |name: &str, kind, assertions: &[FinancialStatementAssertion]| {
        Command::RecordObjective(RecordObjective {
            objective: id(name),
            definition: ObjectiveDefinition {
                kind,
                title: text("t"),
                statement: text("s"),
                assertions: assertions.iter().copied().collect(),
                criteria: Default::default(),
                set_by: None,
            },
        })
    };
    let opened = |engagement: &str, objective: &str| {
        let Command::OpenEngagement(command) = open_soc1() else { unreachable!() };
        let (engagement, objectives) = (id(engagement), [id(objective)].into());
        Command::OpenEngagement(OpenEngagement { engagement, objectives, ..command })
    };
    house
        .act("lea", opened("own", "HL-1"))
        .act("lea", objective("HL-1", ObjectiveKind::Business, &[]))
        .act("lea", objective("HL-1", ObjectiveKind::Entity, &[]))
        .act("lea", objective("HL-2", ObjectiveKind::Itgc, &[]))
        .act("lea", objective("HL-1", ObjectiveKind::Business, &[FinancialStatementAssertion::CutOff]))
        .act("lea", opened("own", "HL-1"));
    insta::assert_snapshot!(house.transcript, @r"
    lea: OpenEngagement -> refused [unknown-objective] control objective `HL-1` is neither in the catalog nor one of the organization's own
    lea: RecordObjective -> refused [OBJ-02] control objective `HL-1` bears on no financial statement assertion and is about no IT general control: name an assertion, or describe it outside the objectives
    lea: RecordObjective -> refused [OBJ-02] control objective `HL-1` bears on no financial statement assertion and is about no IT general control: name an assertion, or describe it outside the objectives
    lea: RecordObjective -> ObjectiveRecorded
    lea: RecordObjective -> ObjectiveRecorded
    lea: OpenEngagement -> EngagementOpened
    ");
}

#[test]
fn a_control_of_the_organizations_own_says_what_it_serves_and_ends_with_a_reason() {
    let mut house = House::engaged();
    let own = |change: &dyn Fn(&mut ControlDefinition), on: &str| {
        let mut definition = definition("own");
        change(&mut definition);
        Command::AdoptControl(AdoptControl {
            control: id("HL-C1"),
            definition,
            owner: id("otto"),
            effective_on: day(on),
        })
    };
    let drop = |control: &str, on: &str| {
        Command::DropControl(DropControl { control: id(control), dropped_on: day(on), reason: text("no such system") })
    };
    house
        .act(
            "lea",
            own(
                &|d| {
                    d.criteria.clear();
                    d.objectives.clear();
                },
                "2025-01-01",
            ),
        )
        .act("lea", own(&|d| d.criteria = [id("CC9.9")].into(), "2025-01-01"))
        .act("lea", own(&|d| d.objectives = [id("HL-9")].into(), "2025-01-01"))
        .act("lea", own(&|d| d.risks = [id("R-9")].into(), "2025-01-01"))
        .act("lea", own(&|_| (), "2025-01-01"))
        .act("lea", drop("HL-C1", "2024-12-31"))
        .act("lea", drop("HL-C1", "2026-03-01"))
        .act("lea", drop("HL-C1", "2026-03-01"))
        .act("lea", drop("HL-C9", "2026-03-01"))
        .act("lea", own(&|_| (), "2026-02-01"))
        .act("lea", own(&|_| (), "2026-05-01"));
    insta::assert_snapshot!(house.transcript, @r"
    lea: AdoptControl -> refused [OBJ-01] control `HL-C1` serves no control objective and no criterion: name what it serves, or drop it
    lea: AdoptControl -> refused [unknown-criterion] `CC9.9` is not a trust services criterion
    lea: AdoptControl -> refused [unknown-objective] control objective `HL-9` is neither in the catalog nor one of the organization's own
    lea: AdoptControl -> refused [unknown-risk] risk `R-9` is not known here
    lea: AdoptControl -> ControlAdopted
    lea: DropControl -> refused [version-not-forward] control `HL-C1`: a version effective on 2024-12-31 is not after the one effective on 2025-01-01
    lea: DropControl -> ControlDropped
    lea: DropControl -> refused [control-dropped] control `HL-C1` was dropped; adopt it again
    lea: DropControl -> refused [unknown-control] control `HL-C9` is not known here
    lea: AdoptControl -> refused [version-not-forward] control `HL-C1`: a version effective on 2026-02-01 is not after the one effective on 2026-03-01
    lea: AdoptControl -> ControlAdopted
    ");
    let control = &house.state.controls[&id::<ControlId>("HL-C1")];
    let runs = |on: &str| control.version_on(day(on)).is_some();
    assert_eq!(
        ["2024-12-31", "2026-02-28", "2026-03-01", "2026-04-30", "2026-05-01"].map(runs),
        [false, true, false, false, true]
    );
    let days: Vec<_> =
        control.versions_within(year()).map(|(_, days)| format!("{} to {}", days.first, days.last)).collect();
    assert_eq!(days, ["2025-10-01 to 2026-02-28", "2026-05-01 to 2026-09-30"]);
    assert_eq!(control.ended_within(year()), None);
    let spring = span("2026-02-01", "2026-04-15");
    assert_eq!(control.ended_within(spring), Some(day("2026-02-28")));
    assert!(control.version_for(spring).is_some(), "it ran for a part of these days");
    let april = span("2026-04-01", "2026-04-15");
    assert!(control.versions_within(april).next().is_none());
}

#[test]
fn a_control_that_was_dropped_before_the_period_is_out_of_scope() {
    let mut house = House::engaged();
    let in_scope = |house: &House| {
        let engagement = &house.state.engagements[&id::<EngagementId>("soc1")];
        engagement.controls(&house.state, &house.catalog).into_keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(in_scope(&house), ["LA-02", "PAY-4-C2"]);
    let drop = |control: &str, on: &str| {
        Command::DropControl(DropControl { control: id(control), dropped_on: day(on), reason: text("r") })
    };
    house.act("lea", drop("LA-02", "2025-10-01")).act("lea", drop("PAY-4-C2", "2025-10-02"));
    assert_eq!(in_scope(&house), ["PAY-4-C2"], "one ran on the first day of the period");
}

#[test]
fn an_engagement_changes_until_management_signs_and_is_followed_without_a_gap() {
    let mut house = House::engaged();
    let revise = |report_type| {
        Command::ReviseEngagement(ReviseEngagement {
            without_security: None,
            engagement: id("soc1"),
            report_type,
            objectives: [id("PAY-4")].into(),
            categories: Default::default(),
            reason: text("a new system"),
        })
    };
    let drop = |on: &str| {
        Command::DropControl(DropControl { control: id("PAY-4-C2"), dropped_on: day(on), reason: text("sold") })
    };
    let revise_next = |first: &str| {
        Command::ReviseEngagement(ReviseEngagement {
            without_security: None,
            engagement: id("next"),
            report_type: ReportType::Type2(span(first, "2027-09-30")),
            objectives: [id("PAY-4")].into(),
            categories: Default::default(),
            reason: text("a longer period"),
        })
    };
    let follow = |name: &str, first: &str, gap: Option<&str>| {
        let Command::OpenEngagement(command) = open_soc1() else { unreachable!() };
        Command::OpenEngagement(OpenEngagement {
            engagement: id(name),
            report_type: ReportType::Type2(span(first, "2027-08-31")),
            follows: Some(id("soc1")),
            gap: gap.map(text),
            ..command
        })
    };
    let after_next = |name: &str, first: &str, gap: Option<&str>| {
        let Command::OpenEngagement(command) = follow(name, first, gap) else { unreachable!() };
        let report_type = ReportType::Type2(span(first, "2028-12-31"));
        Command::OpenEngagement(OpenEngagement { report_type, follows: Some(id("next")), ..command })
    };
    house
        .act("lea", revise(ReportType::Type2(span("2026-08-31", "2025-10-01"))))
        .act("lea", revise(ReportType::Type2(span("2025-10-01", "2026-08-31"))))
        .act("lea", follow("next", "2026-08-31", None))
        .act("lea", follow("next", "2026-10-01", None))
        .act("lea", follow("next", "2026-09-01", None))
        .act("lea", follow("gap", "2026-10-01", Some("the data center moved")))
        .act("lea", after_next("last", "2028-01-01", None))
        .act("lea", after_next("last", "2028-01-01", Some("the data center moved")))
        .act(
            "eve",
            Command::SignManagementAssertion(SignManagementAssertion {
                engagement: id("soc1"),
                text: text("assertion"),
                signed_on: day("2026-10-01"),
            }),
        )
        .act("lea", revise(ReportType::Type2(span("2025-10-01", "2026-09-30"))))
        .act("lea", drop("2026-08-31"))
        .act("lea", drop("2026-09-01"))
        .act("lea", revise_next("2026-08-01"))
        .act("lea", revise_next("2026-09-01"));
    insta::assert_snapshot!(house.transcript, @r"
        lea: ReviseEngagement -> refused [DAT-01] the period ends on 2025-10-01, not after its first day 2026-08-31
        lea: ReviseEngagement -> EngagementRevised
        lea: OpenEngagement -> refused [DAT-06] the period begins on 2026-08-31; the one before it goes on with 2026-09-01: begin then, or say why there is a gap
        lea: OpenEngagement -> refused [DAT-06] the period begins on 2026-10-01; the one before it goes on with 2026-09-01: begin then, or say why there is a gap
        lea: OpenEngagement -> EngagementOpened
        lea: OpenEngagement -> refused [followed-already] engagement `next` follows on `soc1` already
        lea: OpenEngagement -> refused [DAT-06] the period begins on 2028-01-01; the one before it goes on with 2027-09-01: begin then, or say why there is a gap
        lea: OpenEngagement -> EngagementOpened
        eve: SignManagementAssertion -> ManagementAssertionSigned
        lea: ReviseEngagement -> refused [assertion-signed] management has signed its assertion for engagement `soc1`; what it states stands
        lea: DropControl -> refused [assertion-signed] management has signed its assertion for engagement `soc1`; what it states stands
        lea: DropControl -> ControlDropped
        lea: ReviseEngagement -> refused [DAT-06] the period begins on 2026-08-01; the one before it goes on with 2026-09-01: begin then, or say why there is a gap
        lea: ReviseEngagement -> EngagementRevised
        ");
}

#[test]
fn a_criterion_is_not_relevant_with_a_reason_but_never_the_control_environment() {
    let mut house = House::new();
    let Command::OpenEngagement(soc1) = open_soc1() else { unreachable!() };
    house.act(
        "lea",
        Command::OpenEngagement(OpenEngagement {
            engagement: id("soc2"),
            report: ReportKind::Soc2,
            objectives: Default::default(),
            categories: ["security".to_owned()].into(),
            ..soc1
        }),
    );
    let exclude = |criterion: &str| {
        let (engagement, criterion, reason) = (id("soc2"), id(criterion), text("no site of our own"));
        Command::ExcludeCriterion(ExcludeCriterion { engagement, criterion, reason })
    };
    house.act("lea", exclude("A1.1")).act("lea", exclude("CC1.1")).act("lea", exclude("CC6.2"));
    insta::assert_snapshot!(house.transcript, @r"
    lea: OpenEngagement -> EngagementOpened
    lea: ExcludeCriterion -> refused [criterion-out-of-scope] criterion `A1.1` is in no category of this engagement
    lea: ExcludeCriterion -> refused [DC8] criterion `CC1.1` is relevant to every system (CC1 to CC5 carry the control environment)
    lea: ExcludeCriterion -> CriterionExcluded
    ");
    let engagement = &house.state.engagements[&id::<EngagementId>("soc2")];
    let controls: Vec<_> =
        engagement.controls(&house.state, &house.catalog).into_keys().map(ToString::to_string).collect();
    assert_eq!(controls, ["GOV-01"], "LA-02 served only the criterion that is not relevant");
}

#[test]
fn an_engagement_is_renewed_once_and_not_before_it_has_begun() {
    let mut house = House::new();
    house.act("lea", open_soc1());
    let next = |name: &str, before: &str, first: &str, last: &str| {
        let Command::OpenEngagement(command) = open_soc1() else { unreachable!() };
        let (report_type, follows) = (ReportType::Type2(span(first, last)), Some(id(before)));
        Command::OpenEngagement(OpenEngagement { engagement: id(name), report_type, follows, ..command })
    };
    house
        .act("lea", next("second", "soc1", "2026-10-01", "2027-09-30"))
        .act("lea", next("again", "soc1", "2026-10-01", "2027-03-31"));
    house.now = "2026-09-30T12:00:00Z".parse().unwrap();
    house.act("lea", next("third", "second", "2027-10-01", "2028-09-30"));
    // A period that still runs can be renewed: the next one is made ready before.
    house.now = "2026-10-01T12:00:00Z".parse().unwrap();
    house.act("lea", next("third", "second", "2027-10-01", "2028-09-30"));
    insta::assert_snapshot!(house.transcript, @r"
        lea: OpenEngagement -> EngagementOpened
        lea: OpenEngagement -> EngagementOpened
        lea: OpenEngagement -> refused [followed-already] engagement `second` follows on `soc1` already
        lea: OpenEngagement -> refused [period-not-begun] engagement `second` begins on 2026-10-01, and today is 2026-09-30: nothing can follow on it yet
        lea: OpenEngagement -> EngagementOpened
        ");
}

#[test]
fn another_report_than_was_asked_for_ends_a_demand_only_with_a_reason() {
    let mut house = House::engaged();
    let Command::OpenEngagement(command) = open_soc1() else { unreachable!() };
    let report_type = ReportType::Type1 { as_of_on: day("2026-09-30") };
    house.act("lea", Command::OpenEngagement(OpenEngagement { engagement: id("type1"), report_type, ..command }));
    let made = |engagement: &str| {
        let of = || id::<EngagementId>(engagement);
        let (kind, signed_on) = (PackageKind::Report, day("2026-10-05"));
        [
            ("lea", Command::AdoptSystemDescription(AdoptSystemDescription { engagement: of(), text: text("d") })),
            (
                "eve",
                Command::SignManagementAssertion(SignManagementAssertion {
                    engagement: of(),
                    text: text("a"),
                    signed_on,
                }),
            ),
            ("lea", Command::IssueReportPackage(IssueReportPackage { engagement: of(), kind, contents: text("c") })),
        ]
    };
    for (who, command) in made("soc1").into_iter().chain(made("type1")) {
        house.act(who, command);
    }
    let dated_on = day("2026-10-12");
    house.transcript.clear();
    let demand = |name: &str, report, report_type, covers: Option<Span>, at_least_months| {
        let details = DemandDetails {
            asked_on: day("2026-05-01"),
            words: text("w"),
            user_entity: None,
            reports: [report].into(),
            due_on: None,
            report_type,
            covers,
            at_least_months,
        };
        Command::RecordDemand(RecordDemand { demand: id(name), details })
    };
    let sent = |name: &str, engagement: &str, although: Option<&str>| {
        let end = DemandEnd::ReportSent { engagement: id(engagement), although: although.map(text) };
        Command::EndDemand(EndDemand { demand: id(name), ended_on: day("2026-10-13"), end })
    };
    let (type_2, calendar_year) = (Some(advisor::NamedType::Type2), Some(span("2026-01-01", "2026-12-31")));
    house
        .act("lea", demand("D-1", ReportKind::Soc1, type_2, None, Some(12)))
        .act("lea", demand("D-2", ReportKind::Soc2, None, None, None))
        .act("lea", demand("D-3", ReportKind::Soc1, type_2, calendar_year, None))
        .act("lea", demand("D-4", ReportKind::Soc1, None, None, Some(13)))
        .act("lea", demand("D-5", ReportKind::Soc1, None, Some(span("2026-12-31", "2026-01-01")), None))
        .act("lea", sent("D-1", "soc1", None))
        .act(
            "sam",
            Command::RecordServiceAuditorsReport(RecordServiceAuditorsReport {
                engagement: id("soc1"),
                text: text("report"),
                dated_on,
            }),
        )
        .act("lea", sent("D-1", "type1", None))
        .act("lea", sent("D-2", "soc1", None))
        .act("lea", sent("D-3", "soc1", None))
        .act("lea", sent("D-4", "soc1", None))
        .act("lea", sent("D-1", "soc1", None))
        .act("lea", sent("D-3", "soc1", Some("their auditor takes it with a bridge letter")));
    insta::assert_snapshot!(house.transcript, @r"
        lea: RecordDemand -> DemandRecorded
        lea: RecordDemand -> DemandRecorded
        lea: RecordDemand -> DemandRecorded
        lea: RecordDemand -> DemandRecorded
        lea: RecordDemand -> refused [DAT-01] the period ends on 2026-01-01, not after its first day 2026-12-31
        lea: EndDemand -> refused [not-what-was-asked] the report of engagement `soc1` is not what was asked for: the service auditor's report is not in it
        sam: RecordServiceAuditorsReport -> ServiceAuditorsReportRecorded
        lea: EndDemand -> refused [not-what-was-asked] the report of engagement `type1` is not what was asked for: it is a Type 1, and a Type 2 was asked for; it speaks of 2026-09-30, and 12 months at least were asked for; the service auditor's report is not in it
        lea: EndDemand -> refused [not-what-was-asked] the report of engagement `soc1` is not what was asked for: it is a SOC 1, and SOC 2 was asked for
        lea: EndDemand -> refused [not-what-was-asked] the report of engagement `soc1` is not what was asked for: it speaks of 2025-10-01 to 2026-09-30, and 2026-01-01 to 2026-12-31 was asked for
        lea: EndDemand -> refused [not-what-was-asked] the report of engagement `soc1` is not what was asked for: it speaks of 2025-10-01 to 2026-09-30, and 13 months at least were asked for
        lea: EndDemand -> DemandEnded
        lea: EndDemand -> DemandEnded
        ");
}

#[test]
fn a_demand_ends_with_the_report_or_the_reason() {
    let mut house = scoped();
    let advice = |house: &mut House| {
        let (profile, advice, decision) = (text("profile"), text("advice"), text("decision"));
        let (soc1, soc2) = (advisor::Level::Yes, advisor::Level::Likely);
        let given_on = day("2025-06-02");
        let engagements = Default::default();
        let command = RecordAdvice { given_on, profile, advice, decision, soc1, soc2, engagements, departures: 0 };
        house.act("lea", Command::RecordAdvice(command));
    };
    assert_eq!(house.state.changes_since_advice(), None, "nobody asked for advice yet");
    advice(&mut house);
    assert_eq!(house.state.changes_since_advice(), Some(Vec::new()));
    house.transcript.clear();
    let demand = |name: &str, user_entity: &str| {
        let details = DemandDetails {
            asked_on: day("2026-05-01"),
            words: text("please send your SOC 1"),
            user_entity: Some(id(user_entity)),
            reports: [ReportKind::Soc1].into(),
            due_on: Some(day("2026-12-15")),
            report_type: None,
            covers: None,
            at_least_months: None,
        };
        Command::RecordDemand(RecordDemand { demand: id(name), details })
    };
    let end = |name: &str, on: &str, end| Command::EndDemand(EndDemand { demand: id(name), ended_on: day(on), end });
    let sent = || DemandEnd::ReportSent { engagement: id("soc1"), although: None };
    house
        .act("lea", demand("DEM-1", "UE-9"))
        .act("lea", demand("DEM-1", "SUB-1"))
        .act("lea", demand("DEM-1", "UE-1"))
        .act("lea", demand("DEM-1", "UE-1"))
        .act("lea", end("DEM-9", "2026-10-01", sent()))
        .act("lea", end("DEM-1", "2026-04-30", sent()))
        .act("lea", end("DEM-1", "2026-10-01", sent()))
        .act("lea", end("DEM-1", "2026-10-01", DemandEnd::NotSent { reason: text("no agreement signed") }))
        .act("lea", end("DEM-1", "2026-10-02", DemandEnd::NotSent { reason: text("again") }));
    insta::assert_snapshot!(house.transcript, @r"
        lea: RecordDemand -> refused [unknown-scope-item] scope item `UE-9` is not known here
        lea: RecordDemand -> refused [scope-item-of-other-kind] scope item `SUB-1` is a subservice organization, where a user entity is needed
        lea: RecordDemand -> DemandRecorded
        lea: RecordDemand -> refused [demand-exists] demand `DEM-1` was recorded before
        lea: EndDemand -> refused [no-open-demand] there is no open demand `DEM-9`
        lea: EndDemand -> refused [demand-not-forward] it ended on 2026-04-30, before it was asked for on 2026-05-01
        lea: EndDemand -> refused [no-report-package] engagement `soc1` has no report package yet
        lea: EndDemand -> DemandEnded
        lea: EndDemand -> refused [no-open-demand] there is no open demand `DEM-1`
        ");
    assert_eq!(since_advice(&house), "demand DEM-1: asked for a report");
    advice(&mut house);
    assert_eq!(since_advice(&house), "");
}

fn since_advice(house: &House) -> String {
    let changes = house.state.changes_since_advice().unwrap();
    changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_changed_since_the_advice_is_what_a_profile_tells_of() {
    let advice = |house: &mut House| {
        let (profile, advice, decision) = (text("profile"), text("advice"), text("decision"));
        let (soc1, soc2) = (advisor::Level::Yes, advisor::Level::Likely);
        let command = RecordAdvice {
            given_on: day("2025-06-02"),
            profile,
            advice,
            decision,
            soc1,
            soc2,
            engagements: Default::default(),
            departures: 0,
        };
        house.act("lea", Command::RecordAdvice(command));
    };
    let service = || scope_items().remove(0).1;
    let entity = |house: &mut House, name: &str, on: &str| {
        let facts = ScopeFacts::UserEntity(UserEntity {
            year_end: "12-31".parse().unwrap(),
            services: [id("SVC-1")].into(),
            reports: Default::default(),
        });
        house.act("lea", record(name, ScopeItem { name: text("n"), text: text("t"), facts }, on, None));
    };
    // The scope is written down after the advice: what it tells was so before is what the profile told.
    let mut house = House::engaged();
    advice(&mut house);
    house.act("lea", record("SVC-1", service(), "2025-01-01", None));
    entity(&mut house, "UE-1", "2025-01-01");
    house.act(
        "lea",
        record("LOC-1", scope_items().into_iter().find(|(n, _)| *n == "LOC-1").unwrap().1, "2026-01-01", None),
    );
    assert_eq!(since_advice(&house), "");
    house.act("lea", record("SVC-2", service(), "2026-02-01", None));
    assert_eq!(since_advice(&house), "service SVC-2: new");
    // What the acceptance of an advice records itself, user entities among it, was told in full: one more is new.
    let mut accepted = House::engaged();
    let wanted = |name: &str| scope_items().into_iter().find(|(n, _)| *n == name).unwrap().1;
    advice(&mut accepted);
    let of_advice = accepted.state.advice.last().unwrap().entry;
    accepted.act("lea", record("SVC-1", wanted("SVC-1"), "2025-01-01", None));
    entity(&mut accepted, "UE-1", "2025-01-01");
    accepted.state.scope.get_mut(&id("UE-1")).unwrap().versions[0].entry = of_advice;
    entity(&mut accepted, "UE-2", "2025-01-01");
    assert_eq!(since_advice(&accepted), "user entity UE-2: new");
    // Advice that was asked while a scope stood knew that scope: whatever is recorded later is a change.
    advice(&mut house);
    assert_eq!(since_advice(&house), "");
    for number in 2..=9 {
        entity(&mut house, &format!("UE-{number}"), "2025-01-01");
    }
    house.act("lea", record("SVC-2", service(), "2026-03-01", Some("r"))).act("lea", retire("UE-1", "2026-04-01"));
    assert_eq!(
        since_advice(&house),
        "service SVC-2: changed\nuser entity UE-2, UE-3, UE-4, UE-5, UE-6 and 3 more: new\nuser entity UE-1: out of scope"
    );
}

#[test]
fn an_item_that_was_retired_and_recorded_again_keeps_both_in_mind() {
    let mut house = scoped();
    let item = |name: &str| scope_items().into_iter().find(|(id, _)| *id == name).unwrap().1;
    house
        .act("lea", retire("OUT-1", "2026-05-01"))
        .act("lea", record("OUT-1", item("OUT-1"), "2026-07-01", Some("back")))
        .act("lea", retire("OUT-1", "2026-08-01"))
        .act("lea", retire("OUT-1", "2026-09-01"));
    let in_scope = |on: &str| house.state.scope_on(day(on)).contains_key(&id::<ScopeItemId>("OUT-1"));
    assert_eq!(
        [
            "2025-09-30",
            "2025-10-01",
            "2026-04-30",
            "2026-05-01",
            "2026-06-30",
            "2026-07-01",
            "2026-07-31",
            "2026-08-01"
        ]
        .map(in_scope),
        [false, true, true, false, false, true, true, false]
    );
    let record = &house.state.scope[&id::<ScopeItemId>("OUT-1")];
    assert_eq!(
        record.retirements.iter().map(|r| r.retired_on).collect::<Vec<_>>(),
        [day("2026-05-01"), day("2026-08-01")]
    );
    assert_eq!(record.retired().map(|r| r.retired_on), Some(day("2026-08-01")));
    assert!(record.standing().is_none());
}

#[test]
fn ids_that_people_choose_differ_in_more_than_capital_letters() {
    let mut house = scoped();
    let item = |name: &str| scope_items().into_iter().find(|(id, _)| *id == name).unwrap().1;
    let Command::OpenEngagement(open) = open_soc1() else { unreachable!() };
    let objective = |name: &str| {
        Command::RecordObjective(RecordObjective {
            objective: id(name),
            definition: ObjectiveDefinition {
                kind: ObjectiveKind::Itgc,
                title: text("t"),
                statement: text("s"),
                assertions: Default::default(),
                criteria: Default::default(),
                set_by: None,
            },
        })
    };
    let demand = |name: &str| {
        let details = DemandDetails {
            asked_on: day("2026-05-01"),
            words: text("w"),
            user_entity: None,
            reports: Default::default(),
            due_on: None,
            report_type: None,
            covers: None,
            at_least_months: None,
        };
        Command::RecordDemand(RecordDemand { demand: id(name), details })
    };
    let risk = |name: &str| {
        let (criteria, objectives) = (Default::default(), [id("PAY-4")].into());
        Command::RecordRisk(RecordRisk { risk: id(name), statement: text("s"), criteria, objectives })
    };
    house.transcript.clear();
    house
        .act("ada", Command::AddPerson(AddPerson { person: id("Lea"), profile: text("p"), firm: None }))
        .act("lea", Command::OpenEngagement(OpenEngagement { engagement: id("SOC1"), ..open }))
        .act("lea", record("svc-1", item("SVC-1"), "2026-05-01", None))
        .act("lea", adopt("la-02", "otto"))
        .act("lea", objective("pay-4"))
        .act("lea", objective("PAY-4"))
        .act("lea", risk("r-1"))
        .act("lea", risk("R-1"))
        .act("lea", demand("DEM-1"))
        .act("lea", demand("Dem-1"));
    insta::assert_snapshot!(house.transcript, @r"
    ada: AddPerson -> refused [id-in-other-letters] `Lea` and `lea`, which is known here, differ in capital letters only; choose another id
    lea: OpenEngagement -> refused [id-in-other-letters] `SOC1` and `soc1`, which is known here, differ in capital letters only; choose another id
    lea: RecordScopeItem -> refused [id-in-other-letters] `svc-1` and `SVC-1`, which is known here, differ in capital letters only; choose another id
    lea: AdoptControl -> refused [id-in-other-letters] `la-02` and `LA-02`, which is known here, differ in capital letters only; choose another id
    lea: RecordObjective -> refused [id-in-other-letters] `pay-4` and `PAY-4`, which is known here, differ in capital letters only; choose another id
    lea: RecordObjective -> ObjectiveRecorded
    lea: RecordRisk -> refused [id-in-other-letters] `r-1` and `R-1`, which is known here, differ in capital letters only; choose another id
    lea: RecordRisk -> RiskRecorded
    lea: RecordDemand -> DemandRecorded
    lea: RecordDemand -> refused [id-in-other-letters] `Dem-1` and `DEM-1`, which is known here, differ in capital letters only; choose another id
    ");
}

#[test]
fn a_soc_2_leaves_security_out_only_with_the_auditors_note() {
    let mut house = House::new();
    let privacy = [id("P1.1"), id("CC1.1")].into();
    house.catalog.categories.insert("privacy".to_owned(), privacy);
    let Command::OpenEngagement(soc1) = open_soc1() else { unreachable!() };
    let open = |note: Option<&str>| {
        Command::OpenEngagement(OpenEngagement {
            engagement: id("soc2"),
            report: ReportKind::Soc2,
            objectives: Default::default(),
            categories: ["privacy".to_owned()].into(),
            without_security: note.map(text),
            ..soc1.clone()
        })
    };
    let revise = |categories: &[&str], note: Option<&str>| {
        Command::ReviseEngagement(ReviseEngagement {
            engagement: id("soc2"),
            report_type: ReportType::Type2(year()),
            objectives: Default::default(),
            categories: categories.iter().map(|category| (*category).to_owned()).collect(),
            without_security: note.map(text),
            reason: text("r"),
        })
    };
    let noted = |house: &House| house.state.engagements[&id::<EngagementId>("soc2")].without_security;
    house.act("lea", open(None)).act("lea", open(Some("The firm agreed.")));
    assert_eq!(noted(&house), Some(text("The firm agreed.")));
    house.act("lea", revise(&["privacy"], None));
    assert_eq!(noted(&house), Some(text("The firm agreed.")), "a note stands until security is back");
    house.act("lea", revise(&["privacy", "security"], Some("no use")));
    assert_eq!(noted(&house), None);
    house.act("lea", revise(&["privacy"], None)).act("lea", revise(&["privacy"], Some("Again.")));
    assert_eq!(noted(&house), Some(text("Again.")));
    insta::assert_snapshot!(house.transcript, @r"
    lea: OpenEngagement -> refused [security-left-out] the category `security` is left out: take it in, or give the auditor's note that says why it can be left out
    lea: OpenEngagement -> EngagementOpened
    lea: ReviseEngagement -> EngagementRevised
    lea: ReviseEngagement -> EngagementRevised
    lea: ReviseEngagement -> refused [security-left-out] the category `security` is left out: take it in, or give the auditor's note that says why it can be left out
    lea: ReviseEngagement -> EngagementRevised
    ");
}

#[test]
fn a_report_names_the_standards_of_its_kind_and_a_soc_3_has_a_period() {
    use tickmark_domain::advisor::Standard::{self, AtC205, AtC320, Isae3402};
    let mut house = House::new();
    let Command::OpenEngagement(soc1) = open_soc1() else { unreachable!() };
    let named = |new: &str, standards: &[Standard]| {
        let standards = standards.iter().copied().collect();
        Command::OpenEngagement(OpenEngagement { engagement: id(new), standards, ..soc1.clone() })
    };
    let soc3 = |report_type| {
        Command::OpenEngagement(OpenEngagement {
            engagement: id("soc3"),
            report: ReportKind::Soc3,
            report_type,
            objectives: Default::default(),
            categories: ["security".to_owned()].into(),
            section_order: SectionOrder::ManagementFirst,
            ..soc1.clone()
        })
    };
    house
        .act("lea", named("usual", &[AtC320]))
        .act("lea", named("international", &[Isae3402]))
        .act("lea", named("both", &[AtC320, Isae3402]))
        .act("lea", named("other", &[AtC205]))
        .act("lea", soc3(ReportType::Type1 { as_of_on: day("2026-09-30") }))
        .act("lea", soc3(ReportType::Type2(year())));
    let standards = |id_of: &str| house.state.engagements[&id::<EngagementId>(id_of)].standards.len();
    assert_eq!([standards("usual"), standards("international"), standards("both")], [0, 1, 2]);
    insta::assert_snapshot!(house.transcript, @r"
    lea: OpenEngagement -> EngagementOpened
    lea: OpenEngagement -> EngagementOpened
    lea: OpenEngagement -> EngagementOpened
    lea: OpenEngagement -> refused [standard-of-other-report] no SOC 1 is made under AT-C 205
    lea: OpenEngagement -> refused [soc-3-without-period] a SOC 3 is over a period, and this engagement has an as-of date
    lea: OpenEngagement -> EngagementOpened
    ");
}

#[test]
fn a_year_end_is_a_day_of_every_year() {
    for (text, in_2027, in_2028) in [
        ("12-31", "2027-12-31", "2028-12-31"),
        ("02-28", "2027-02-28", "2028-02-29"),
        ("06-30", "2027-06-30", "2028-06-30"),
    ] {
        let year_end: MonthDay = text.parse().unwrap();
        assert_eq!([year_end.in_year(2027).unwrap(), year_end.in_year(2028).unwrap()], [day(in_2027), day(in_2028)]);
        assert_eq!(year_end.to_string(), text);
    }
    for bad in ["02-29", "13-01", "6-30", "2026-06-30", "June", ""] {
        assert!(bad.parse::<MonthDay>().is_err(), "{bad}");
    }
}
