use std::collections::BTreeSet;

use tickmark_domain::*;

use crate::house::*;

#[test]
fn an_organization_is_founded_once_and_before_all_else() {
    let mut house = House::unfounded();
    house.act("ada", Command::GrantRole(GrantRole { person: id("ada"), role: Role::Reader }));
    house.act("ada", found()).act("ada", found());
    insta::assert_snapshot!(house.transcript, @"");
}

#[test]
fn people_hold_roles_of_their_side_only() {
    let mut house = House::new();
    let grant = |person: &str, role| Command::GrantRole(GrantRole { person: id(person), role });
    let revoke = |person: &str, role| Command::RevokeRole(RevokeRole { person: id(person), role });
    house
        .act("lea", grant("lea", Role::Administrator))
        .act("nobody", grant("lea", Role::Reader))
        .act("ada", grant("ghost", Role::Reader))
        .act("ada", grant("fay", Role::ControlOwner))
        .act("ada", grant("lea", Role::FirmReviewer))
        .act("ada", Command::AddPerson(AddPerson { person: id("lea"), profile: text("lea"), firm: None }))
        .act("ada", revoke("lea", Role::Executive))
        .act("ada", revoke("ada", Role::Administrator))
        .act("ada", grant("lea", Role::Administrator))
        .act("ada", revoke("ada", Role::Administrator));
    insta::assert_snapshot!(house.transcript, @"");
}

#[test]
fn an_engagement_names_a_scope_of_its_own_report_and_a_period_that_runs_forward() {
    let mut house = House::new();
    let with = |change: &dyn Fn(&mut OpenEngagement)| {
        let Command::OpenEngagement(mut command) = open_soc1() else { unreachable!() };
        change(&mut command);
        Command::OpenEngagement(command)
    };
    house
        .act("otto", open_soc1())
        .act("lea", with(&|c| c.report_type = ReportType::Type2(span("2026-09-30", "2025-10-01"))))
        .act("lea", with(&|c| c.objectives = BTreeSet::new()))
        .act("lea", with(&|c| c.report = ReportKind::Soc2))
        .act("lea", with(&|c| c.objectives = BTreeSet::from([id("PAY-9")])))
        .act(
            "lea",
            with(&|c| {
                c.report = ReportKind::Soc2;
                c.objectives = BTreeSet::new();
                c.categories = BTreeSet::from(["safety".to_owned()]);
            }),
        )
        .act("lea", open_soc1())
        .act("lea", open_soc1());
    insta::assert_snapshot!(house.transcript, @"");
}

#[test]
fn a_control_has_versions_that_follow_each_other() {
    let mut house = House::new();
    let revise = |control: &str, on: &str| {
        Command::ReviseControl(ReviseControl {
            control: id(control),
            statement: text("new"),
            owner: id("otto"),
            effective_on: day(on),
        })
    };
    house
        .act("lea", adopt("LA-99", "otto"))
        .act("lea", adopt("LA-02", "otto"))
        .act("lea", revise("LA-02", "2025-01-01"))
        .act("lea", revise("LA-02", "2026-03-01"))
        .act(
            "lea",
            Command::ReviseControl(ReviseControl {
                control: id("LA-02"),
                statement: text("new"),
                owner: id("fay"),
                effective_on: day("2026-04-01"),
            }),
        );
    insta::assert_snapshot!(house.transcript, @"");
    let control = &house.state.controls[&id::<ControlId>("LA-02")];
    assert_eq!(control.version_on(day("2026-02-28")).unwrap().statement, text("LA-02"));
    assert_eq!(control.version_on(day("2026-03-01")).unwrap().statement, text("new"));
    assert_eq!(control.version_on(day("2024-12-31")), None);
}

#[test]
fn evidence_comes_from_approved_sources_and_lies_in_a_period() {
    let mut house = House::engaged();
    let Command::RecordEvidence(good) = evidence("person", "manifest-2", year()) else { unreachable!() };
    let with = |change: &dyn Fn(&mut RecordEvidence)| {
        let mut command = good.clone();
        change(&mut command);
        Command::RecordEvidence(command)
    };
    house
        .act("eve", with(&|_| ()))
        .act("otto", with(&|c| c.source = id("elsewhere")))
        .act("otto", with(&|c| c.settings = text("a tuned query")))
        .act("otto", with(&|c| c.dataset = id("payroll")))
        .act("otto", with(&|c| c.manifest = text("manifest-1")))
        .act("otto", with(&|c| c.covers = span("2024-01-01", "2025-09-30")))
        .act("otto", with(&|c| c.covers = span("2026-01-01", "2026-10-15")))
        .act("otto", with(&|_| ()));
    insta::assert_snapshot!(house.transcript, @"");
}
