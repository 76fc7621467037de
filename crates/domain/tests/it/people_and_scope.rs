use std::collections::BTreeSet;

use tickmark_domain::*;

use crate::house::*;

#[test]
fn an_organization_is_founded_once_and_before_all_else() {
    let mut house = House::unfounded();
    house.act("ada", Command::GrantRole(GrantRole { person: id("ada"), role: Role::Reader }));
    house.act("ada", found()).act("ada", found());
    insta::assert_snapshot!(house.transcript, @r"
    ada: GrantRole -> refused [not-founded] the organization has not been founded
    ada: FoundOrganization -> OrganizationFounded, BusinessCalendarAdopted, PersonAdded, RoleGranted
    ada: FoundOrganization -> refused [already-founded] the organization was founded before
    ");
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
    insta::assert_snapshot!(house.transcript, @r"
    lea: GrantRole -> refused [role-missing] this needs the role administrator, which person `lea` does not hold
    nobody: GrantRole -> refused [unknown-person] person `nobody` is not known here
    ada: GrantRole -> refused [unknown-person] person `ghost` is not known here
    ada: GrantRole -> refused [role-of-other-side] the role control owner is not for people of a firm
    ada: GrantRole -> refused [role-of-other-side] the role firm reviewer is not for people of the organization
    ada: AddPerson -> refused [person-exists] person `lea` was added before
    ada: RevokeRole -> refused [role-not-held] person `lea` does not hold that role
    ada: RevokeRole -> refused [last-administrator] person `ada` is the last administrator
    ada: GrantRole -> RoleGranted
    ada: RevokeRole -> RoleRevoked
    ");
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
    insta::assert_snapshot!(house.transcript, @r"
    otto: OpenEngagement -> refused [role-missing] this needs the role compliance lead, which person `otto` does not hold
    lea: OpenEngagement -> refused [DAT-01] the period ends on 2025-10-01, not after its first day 2026-09-30
    lea: OpenEngagement -> refused [nothing-in-scope] the engagement names no control objective and no trust services category
    lea: OpenEngagement -> refused [scope-of-other-report] a SOC 1 engagement names control objectives, a SOC 2 or SOC 3 engagement trust services categories
    lea: OpenEngagement -> refused [unknown-objective] control objective `PAY-9` is neither in the catalog nor one of the organization's own
    lea: OpenEngagement -> refused [unknown-category] `safety` is not a trust services category
    lea: OpenEngagement -> EngagementOpened
    lea: OpenEngagement -> refused [engagement-exists] engagement `soc1` exists
    ");
}

#[test]
fn a_control_has_versions_that_follow_each_other() {
    let mut house = House::new();
    let revise = |control: &str, owner: &str, on: &str| {
        Command::ReviseControl(ReviseControl {
            control: id(control),
            definition: ControlDefinition { statement: text("new"), ..definition(control) },
            owner: id(owner),
            effective_on: day(on),
            reason: text("why"),
        })
    };
    house
        .act("lea", revise("LA-99", "otto", "2026-03-01"))
        .act("lea", adopt("LA-02", "otto"))
        .act("lea", revise("LA-02", "otto", "2025-01-01"))
        .act("lea", revise("LA-02", "otto", "2026-03-01"))
        .act("lea", revise("LA-02", "fay", "2026-04-01"));
    insta::assert_snapshot!(house.transcript, @r"
    lea: ReviseControl -> refused [unknown-control] control `LA-99` is not known here
    lea: AdoptControl -> refused [control-exists] control `LA-02` was adopted before; revise it
    lea: ReviseControl -> refused [version-not-forward] control `LA-02`: a version effective on 2025-01-01 is not after the one effective on 2025-01-01
    lea: ReviseControl -> ControlRevised
    lea: ReviseControl -> refused [role-of-other-side] the role control owner is not for people of a firm
    ");
    let control = &house.state.controls[&id::<ControlId>("LA-02")];
    assert_eq!(control.version_on(day("2026-02-28")).unwrap().definition.statement, text("LA-02"));
    assert_eq!(control.version_on(day("2026-03-01")).unwrap().definition.statement, text("new"));
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
        .act("otto", with(&|c| c.covers = span("2024-01-01", "2024-09-30")))
        .act("otto", with(&|c| c.covers = span("2026-01-01", "2026-10-15")))
        .act("otto", with(&|_| ()));
    insta::assert_snapshot!(house.transcript, @r"
    eve: RecordEvidence -> refused [role-missing] this needs the role control owner, which person `eve` does not hold
    otto: RecordEvidence -> refused [source-not-approved] source `elsewhere` is not approved
    otto: RecordEvidence -> refused [source-changed] the settings of source `hr` are not the ones approved; approve them again
    otto: RecordEvidence -> refused [unknown-dataset] dataset `payroll` is not in the catalog
    otto: RecordEvidence -> refused [evidence-recorded] this evidence was recorded before, as entry 21
    otto: RecordEvidence -> refused [outside-every-period] the evidence covers 2024-01-01 to 2024-09-30, over a year from every engagement's date or period
    otto: RecordEvidence -> refused [covers-the-future] the evidence says it covers 2026-10-15, after the day it was extracted
    otto: RecordEvidence -> EvidenceRecorded
    ");
}

#[test]
fn advice_is_recorded_by_the_compliance_lead_with_engagements_that_exist() {
    let mut house = House::engaged();
    let engagement = house.state.engagements.keys().next().unwrap().clone();
    let advice = |engagement: EngagementId| {
        Command::RecordAdvice(RecordAdvice {
            given_on: day("2025-06-02"),
            profile: text("profile"),
            advice: text("advice"),
            decision: text("decision"),
            soc1: advisor::Level::Yes,
            soc2: advisor::Level::Likely,
            engagements: [engagement].into(),
            departures: 0,
        })
    };
    house.act("ada", advice(engagement.clone())).act("lea", advice(id("soc9"))).act("lea", advice(engagement));
    insta::assert_snapshot!(house.transcript, @r"
    ada: RecordAdvice -> refused [role-missing] this needs the role compliance lead, which person `ada` does not hold
    lea: RecordAdvice -> refused [unknown-engagement] engagement `soc9` does not exist
    lea: RecordAdvice -> AdviceRecorded
    ");
    assert_eq!(house.state.advice.len(), 1);
}
