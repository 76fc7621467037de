//! The coverage matrix, as a table that an auditor could review.

use std::collections::BTreeMap;

use tickmark_domain::*;

use crate::house::*;

pub fn open_soc2() -> Command {
    Command::OpenEngagement(OpenEngagement {
        engagement: id("soc2"),
        report: ReportKind::Soc2,
        report_type: ReportType::Type2(year()),
        system: text("system"),
        objectives: Default::default(),
        categories: ["security".to_owned()].into(),
        follows: None,
        gap: None,
        without_security: None,
        standards: Default::default(),
        section_order: Default::default(),
    })
}

pub fn risk(name: &str, criteria: &[&str], objectives: &[&str]) -> Command {
    Command::RecordRisk(RecordRisk {
        risk: id(name),
        statement: text(name),
        criteria: criteria.iter().map(|of| id(of)).collect(),
        objectives: objectives.iter().map(|of| id(of)).collect(),
    })
}

pub fn offer() -> CatalogOffer {
    let measures = [Measure::Criterion(id("CC1.1")), Measure::Objective(id("PAY-4"))];
    let risks = [(id("R-1"), [Measure::Criterion(id("CC6.2"))].into()), (id("R-7"), measures.into())].into();
    CatalogOffer { controls: ["LA-02", "PAY-4-C2", "GOV-01"].map(id).into(), risks }
}

fn listed<T: ToString>(of: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = of.into_iter().map(|of| of.to_string()).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" ") }
}

fn table(matrix: &CoverageMatrix) -> String {
    let mut table =
        "measure | engagements | risks (answered by) | not recorded | controls | tests | offered | gaps\n".to_owned();
    for (measure, covered) in &matrix.measures {
        let risks = covered.risks.iter().map(|(risk, by)| format!("{risk} ({})", listed(by)));
        let gaps: Vec<String> = covered.gaps.iter().map(|gap| format!("{gap:?}")).collect();
        table.push_str(&format!(
            "{measure} | {} | {} | {} | {} | {} | {} | {}\n",
            listed(&covered.engagements),
            listed(risks),
            listed(&covered.unrecorded_risks),
            listed(&covered.controls),
            listed(&covered.tests),
            listed(&covered.offered),
            listed(gaps),
        ));
    }
    for (control, placed) in &matrix.controls {
        table.push_str(&format!(
            "{control} | {} | key: {} | serves {} | risks {} | gaps {:?}\n",
            listed(&placed.engagements),
            placed.is_key,
            listed(&placed.measures),
            listed(&placed.risks),
            placed.gaps
        ));
    }
    table
}

#[test]
fn criteria_and_objectives_stand_side_by_side_with_what_each_lacks() {
    let mut house = House::engaged();
    house
        .act("lea", open_soc2())
        .act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA"]))
        .act("lea", risk("R-2", &["CC6.2"], &["PAY-4"]))
        .act("lea", drop_control("GOV-01", "2025-06-01"));
    let engagements = [id("soc1"), id("soc2")];
    let matrix = house.state.coverage(&house.catalog, &offer(), &engagements).unwrap();
    // R-2 is answered by nothing; R-7 is the catalog's and nobody recorded it; GOV-01 was dropped, so it is not offered.
    insta::assert_snapshot!(table(&matrix), @r"
    measure | engagements | risks (answered by) | not recorded | controls | tests | offered | gaps
    ITGC-LA | soc1 | R-1 (LA-02 PAY-4-C2) | - | LA-02 | leaver-access | - | -
    PAY-4 | soc1 | R-2 (-) | R-7 | PAY-4-C2 | pay-net-recomputed | - | UnansweredRisk(RiskId(R-2))
    CC1.1 | soc2 | - | R-7 | - | - | - | NoControl NoRisk
    CC6.2 | soc2 | R-1 (LA-02) R-2 (-) | - | LA-02 | leaver-access | - | UnansweredRisk(RiskId(R-2))
    LA-02 | soc1 soc2 | key: true | serves ITGC-LA CC6.2 | risks R-1 | gaps []
    PAY-4-C2 | soc1 | key: true | serves PAY-4 | risks R-1 | gaps []
    ");
}

pub fn drop_control(control: &str, on: &str) -> Command {
    Command::DropControl(DropControl { control: id(control), dropped_on: day(on), reason: text("r") })
}

#[test]
fn a_control_lacks_a_risk_an_owner_or_what_shows_it() {
    let mut house = House::engaged();
    let mut bare = definition("LA-02");
    bare.risks.clear();
    bare.evidence = text("");
    house
        .act("ada", Command::RevokeRole(RevokeRole { person: id("otto"), role: Role::ControlOwner }))
        .act(
            "lea",
            Command::ReviseControl(ReviseControl {
                control: id("LA-02"),
                definition: bare,
                owner: id("otto"),
                effective_on: day("2025-03-01"),
                reason: text("r"),
            }),
        )
        .act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA"]));
    let matrix = house.state.coverage(&house.catalog, &offer(), [&id("soc1")]).unwrap();
    let gaps: BTreeMap<String, String> =
        matrix.controls.iter().map(|(id, placed)| (id.to_string(), format!("{:?}", placed.gaps))).collect();
    assert_eq!(gaps["LA-02"], "[NoRisk, NoOwner, NoEvidenceNamed]");
    assert_eq!(gaps["PAY-4-C2"], "[NoOwner]", "R-1 is recorded, and it names it");
}

#[test]
fn overlap_is_the_share_of_the_smaller_set_and_of_all() {
    let cases: &[(&[u8], &[u8], &str)] = &[
        (&[1, 2, 3], &[3, 4, 5, 6], "1 of 3 and 4: reuse 33 %, similarity 17 %"),
        (&[1, 2], &[1, 2], "2 of 2 and 2: reuse 100 %, similarity 100 %"),
        (&[1, 2], &[1, 2, 3, 4], "2 of 2 and 4: reuse 100 %, similarity 50 %"),
        (&[1], &[2], "0 of 1 and 1: reuse 0 %, similarity 0 %"),
        (&[], &[1], "0 of 0 and 1: reuse none, similarity 0 %"),
        (&[], &[], "0 of 0 and 0: reuse none, similarity none"),
    ];
    let percent = |of: Option<u64>| of.map_or("none".to_owned(), |of| format!("{of} %"));
    for (soc1, soc2, expected) in cases {
        let overlap = Overlap::of(&soc1.iter().collect(), &soc2.iter().collect());
        let told = format!(
            "{} of {} and {}: reuse {}, similarity {}",
            overlap.both,
            overlap.soc1,
            overlap.soc2,
            percent(overlap.reuse_percent),
            percent(overlap.similarity_percent)
        );
        assert_eq!(told, *expected);
    }
}

#[test]
fn two_reports_together_are_less_than_their_sum() {
    let mut house = House::engaged();
    house.act("lea", open_soc2());
    let matrix = house.state.coverage(&house.catalog, &offer(), &[id("soc1"), id("soc2")]).unwrap();
    let told = |effort: Effort| {
        format!("{} controls, {} tests, {} documents", effort.controls, effort.tests, effort.documents)
    };
    insta::assert_snapshot!(
        format!(
            "SOC 1: {}\nSOC 2: {}\nboth:  {}\nshared: {:?}",
            told(matrix.soc1.unwrap()),
            told(matrix.soc2.unwrap()),
            told(matrix.together),
            matrix.overlap.unwrap()
        ),
        @r"
        SOC 1: 2 controls, 2 tests, 0 documents
        SOC 2: 2 controls, 1 tests, 1 documents
        both:  3 controls, 2 tests, 1 documents
        shared: ReportOverlap { controls: Overlap { soc1: 2, soc2: 2, both: 1, reuse_percent: Some(50), similarity_percent: Some(33) }, tests: Overlap { soc1: 2, soc2: 1, both: 1, reuse_percent: Some(100), similarity_percent: Some(50) } }
        "
    );
    let alone = house.state.coverage(&house.catalog, &offer(), &[id("soc1")]).unwrap();
    assert_eq!((alone.overlap, alone.soc2), (None, None));
}

/// The windows are those of the calendar, half-years and years those of the reporting period: of October to September here.
#[test]
fn a_control_is_due_as_often_as_its_windows_end_in_the_period() {
    let periods = [
        span("2025-10-01", "2026-09-30"),
        span("2026-01-01", "2026-12-31"),
        span("2026-01-01", "2026-06-30"),
        span("2025-12-15", "2026-07-14"),
    ];
    let mut table = String::from(
        "of four periods: the control runs since 2025-01-01 | since the period's first day | of any at the least\n",
    );
    for frequency in [
        Frequency::Continuous,
        Frequency::PerEvent,
        Frequency::Daily,
        Frequency::Weekly,
        Frequency::SemiMonthly,
        Frequency::Monthly,
        Frequency::Quarterly,
        Frequency::SemiAnnual,
        Frequency::Annual,
    ] {
        let since = |effective_on| {
            let definition = ControlDefinition { frequency, ..definition("LA-02") };
            let (control, owner) = (id("LA-09"), id("otto"));
            let mut house = House::engaged();
            house.act("lea", Command::AdoptControl(AdoptControl { control, definition, owner, effective_on }));
            house
        };
        let times = |house: &House, period| {
            let due = house.state.times_due(&house.state.controls[&id::<ControlId>("LA-09")], period);
            if frequency.is_set_by_calendar() { due.to_string() } else { "-".to_owned() }
        };
        let long = periods.map(|period| times(&since(day("2025-01-01")), period));
        let new = periods.map(|period| times(&since(period.first), period));
        let least = periods.map(|days| frequency.due_within(days).map_or("-".to_owned(), |due| due.to_string()));
        table += &format!("{}: {} | {} | {}\n", frequency.label(), long.join(", "), new.join(", "), least.join(", "));
    }
    insta::assert_snapshot!(table);
}
