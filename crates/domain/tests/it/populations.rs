use tickmark_domain::*;

use crate::house::*;

/// The leavers of the year, frozen after its last day.
pub fn freeze(population: &str) -> FreezePopulation {
    FreezePopulation {
        population: id(population),
        engagement: id("soc1"),
        controls: [id("LA-02")].into(),
        definition: PopulationDefinition::Test(id("leaver-access")),
        span: year(),
        rows: rows("person", "rows", 100),
        manifests: vec![text("manifest-1")],
        reason: None,
    }
}

/// Rows of a dataset, as a query returned them.
pub fn rows(dataset: &str, name: &str, items: u64) -> FrozenRows {
    FrozenRows {
        query: text("sql of leaver-access"),
        datasets: [id(dataset)].into(),
        sources: Default::default(),
        inputs: text("inputs"),
        extracted_at: now(),
        items,
        control_total: None,
        rows: text(name),
        rows_digest: text(name),
        engine: "engine 1".into(),
    }
}

/// As [`House::engaged`], with evidence of a second source, `idp`, of which the firm knows nothing.
pub fn two_sources() -> House {
    let mut house = House::engaged();
    house.act("ada", Command::ApproveSource(ApproveSource { source: id("idp"), settings: text("settings") }));
    let Command::RecordEvidence(of_idp) = evidence("payslip", "manifest-idp", year()) else { panic!() };
    house.act("otto", Command::RecordEvidence(RecordEvidence { source: id("idp"), ..of_idp }));
    house.transcript.clear();
    house
}

pub fn check(population: &str) -> CheckPopulation {
    CheckPopulation {
        population: id(population),
        passed: true,
        note: text("note"),
        second_source: None,
        manifests: Vec::new(),
        explanation: None,
    }
}

/// A check beside a second source with so many items.
pub fn check_beside(population: &str, items: u64) -> CheckPopulation {
    CheckPopulation {
        second_source: Some(SecondSource {
            definition: text("second"),
            rows: rows("payslip", "second rows", items),
            keys: None,
        }),
        manifests: vec![text("manifest-idp")],
        ..check(population)
    }
}

/// A day ends where the organization is: `manifest-early` was made a second before the last day was over in New York.
#[test]
fn a_population_rests_on_evidence_of_ended_days_and_on_the_catalogs_own_query() {
    let mut house = two_sources();
    let Command::RecordEvidence(early) = evidence("person", "manifest-early", span("2025-10-01", "2026-08-31")) else {
        panic!()
    };
    let early = RecordEvidence { extracted_at: "2026-10-01T03:59:59Z".parse().unwrap(), ..early };
    house.act("otto", Command::RecordEvidence(early));
    let mut asked = |person, change: &dyn Fn(&mut FreezePopulation)| {
        let mut command = freeze("pop-1");
        change(&mut command);
        house.act(person, Command::FreezePopulation(command));
    };
    asked("fay", &|_| ());
    asked("lea", &|c| c.engagement = id("soc2"));
    asked("lea", &|c| c.span = span("2026-09-30", "2026-10-01"));
    asked("lea", &|c| c.span = span("2026-03-31", "2026-01-01"));
    asked("lea", &|c| c.controls.clear());
    asked("lea", &|c| c.controls = [id("GOV-01")].into());
    asked("lea", &|c| c.controls = [id("PAY-4-C2")].into());
    asked("lea", &|c| c.definition = PopulationDefinition::Test(id("unknown-test")));
    asked("lea", &|c| c.rows.query = text("tuned sql"));
    asked("lea", &|c| c.manifests = Vec::new());
    asked("lea", &|c| c.manifests = vec![text("never recorded")]);
    asked("lea", &|c| c.manifests = vec![text("manifest-early")]);
    asked("lea", &|_| ());
    asked("lea", &|_| ());
    insta::assert_snapshot!(house.transcript, @r"
    otto: RecordEvidence -> EvidenceRecorded
    fay: FreezePopulation -> refused [role-missing] this needs the role compliance lead, which person `fay` does not hold
    lea: FreezePopulation -> refused [unknown-engagement] engagement `soc2` does not exist
    lea: FreezePopulation -> refused [outside-engagement] 2026-09-30 to 2026-10-01 are not days of engagement `soc1`
    lea: FreezePopulation -> refused [outside-engagement] 2026-03-31 to 2026-01-01 are not days of engagement `soc1`
    lea: FreezePopulation -> refused [population-of-no-control] population `pop-1` is of no control: name the control that should have applied to its items
    lea: FreezePopulation -> refused [control-out-of-scope] control `GOV-01` is outside this engagement's scope
    lea: FreezePopulation -> refused [query-not-of-catalog] the query is not that of `leaver-access` in the catalog in force, or another control is named than those it is about
    lea: FreezePopulation -> refused [unknown-test] control test `unknown-test` is not in the catalog
    lea: FreezePopulation -> refused [query-not-of-catalog] the query is not that of `leaver-access` in the catalog in force, or another control is named than those it is about
    lea: FreezePopulation -> refused [population-without-evidence] the population rests on evidence that is not recorded, or not complete
    lea: FreezePopulation -> refused [population-without-evidence] the population rests on evidence that is not recorded, or not complete
    lea: FreezePopulation -> refused [IPE-02] the newest extract of `person` was made on 2026-09-30, before the last day 2026-09-30 was over
    lea: FreezePopulation -> PopulationFrozen
    lea: FreezePopulation -> refused [population-exists] population `pop-1` was frozen before: it never changes
    ");
}

#[test]
fn freezing_once_more_needs_a_reason_whatever_the_query_and_the_control() {
    let mut house = two_sources();
    let own = |population: &str, sql: &str| FreezePopulation {
        definition: PopulationDefinition::Own(text(sql)),
        rows: FrozenRows { query: text(sql), ..rows("person", "rows", 90) },
        ..freeze(population)
    };
    let first_half = span("2025-10-01", "2026-03-31");
    house
        .act("lea", Command::FreezePopulation(FreezePopulation { span: first_half, ..freeze("pop-1") }))
        .act(
            "lea",
            Command::FreezePopulation(FreezePopulation { span: span("2026-04-01", "2026-09-30"), ..freeze("pop-2") }),
        )
        .act("lea", Command::FreezePopulation(freeze("pop-3")))
        .act("lea", Command::FreezePopulation(own("pop-3", "WHERE department <> 'Sales'")))
        .act(
            "lea",
            Command::FreezePopulation(FreezePopulation {
                controls: [id("PAY-4-C2")].into(),
                ..own("pop-3", "leavers, worded otherwise")
            }),
        )
        .act(
            "lea",
            Command::FreezePopulation(FreezePopulation {
                controls: [id("PAY-4-C2")].into(),
                definition: PopulationDefinition::Own(text("the same, kept apart")),
                ..freeze("pop-3")
            }),
        )
        .act(
            "lea",
            Command::FreezePopulation(FreezePopulation {
                controls: [id("PAY-4-C2")].into(),
                ..own("pop-3", "some of them, kept apart")
            }),
        )
        .act(
            "lea",
            Command::FreezePopulation(FreezePopulation {
                controls: [id("PAY-4-C2")].into(),
                rows: FrozenRows { query: text("pay runs"), ..rows("payslip", "pay runs", 90) },
                manifests: vec![text("manifest-idp")],
                ..own("pop-3", "pay runs")
            }),
        )
        .act(
            "lea",
            Command::FreezePopulation(FreezePopulation { reason: Some(text("a late file came")), ..freeze("pop-4") }),
        );
    insta::assert_snapshot!(house.transcript, @r"
    lea: FreezePopulation -> PopulationFrozen
    lea: FreezePopulation -> PopulationFrozen
    lea: FreezePopulation -> refused [frozen-before] population `pop-1` was frozen over days of these before: say why it is frozen once more
    lea: FreezePopulation -> refused [frozen-before] population `pop-1` was frozen over days of these before: say why it is frozen once more
    lea: FreezePopulation -> refused [frozen-before] population `pop-1` was frozen over days of these before: say why it is frozen once more
    lea: FreezePopulation -> refused [frozen-before] population `pop-1` was frozen over days of these before: say why it is frozen once more
    lea: FreezePopulation -> refused [frozen-before] population `pop-1` was frozen over days of these before: say why it is frozen once more
    lea: FreezePopulation -> PopulationFrozen
    lea: FreezePopulation -> PopulationFrozen
    ");
    let reasons: Vec<bool> = house.state.populations.values().map(|population| population.reason.is_some()).collect();
    assert_eq!(reasons, [false, false, false, true], "all of them stay and show");
}

#[test]
fn a_check_is_of_somebody_else_and_explains_what_differs() {
    let mut house = two_sources();
    house.act("lea", Command::FreezePopulation(freeze("pop-1")));
    house
        .act("lea", Command::CheckPopulation(check("pop-9")))
        .act("eve", Command::CheckPopulation(check("pop-1")))
        .act("otto", Command::CheckPopulation(check("pop-1")))
        .act("sam", Command::CheckPopulation(check("pop-1")))
        .act(
            "lea",
            Command::CheckPopulation(CheckPopulation { manifests: vec![text("gone")], ..check_beside("pop-1", 100) }),
        )
        .act("lea", {
            let mut same_source = check_beside("pop-1", 100);
            same_source.manifests = vec![text("manifest-1")];
            same_source.second_source.as_mut().unwrap().rows.datasets = [id("person")].into();
            Command::CheckPopulation(same_source)
        })
        .act("lea", Command::CheckPopulation(check_beside("pop-1", 103)))
        .act("lea", Command::CheckPopulation(CheckPopulation { passed: false, ..check_beside("pop-1", 103) }))
        .act(
            "lea",
            Command::CheckPopulation(CheckPopulation {
                explanation: Some(text("three interns")),
                ..check_beside("pop-1", 103)
            }),
        )
        .act("fay", Command::CheckPopulation(CheckPopulation { passed: false, ..check("pop-1") }));
    insta::assert_snapshot!(house.transcript, @r"
    lea: FreezePopulation -> PopulationFrozen
    lea: CheckPopulation -> refused [unknown-population] population `pop-9` is not known here
    eve: CheckPopulation -> refused [role-missing] this needs the role compliance lead, which person `eve` does not hold
    otto: CheckPopulation -> refused [checker-owns-control] person `otto` owns control `LA-02` and so cannot check its population
    sam: CheckPopulation -> refused [role-missing] this needs the role firm preparer, which person `sam` does not hold
    lea: CheckPopulation -> refused [population-without-evidence] the population rests on evidence that is not recorded, or not complete
    lea: CheckPopulation -> refused [second-source-not-independent] source `hr` is behind the population itself, so it shows nothing more
    lea: CheckPopulation -> refused [difference-unexplained] the second source differs from population `pop-1`: explain it, or record that the check failed
    lea: CheckPopulation -> PopulationChecked
    lea: CheckPopulation -> PopulationChecked
    fay: CheckPopulation -> PopulationChecked
    ");
    let population = &house.state.populations[&id::<PopulationId>("pop-1")];
    assert_eq!(population.rows.sources, [id("hr")].into(), "the sources follow from the evidence");
    let second = population.checks[1].second_source.as_ref().unwrap();
    assert_eq!(population.difference(second), Difference { items: 3, control_total: None, keys: None });
    // The firm's own check counts for the firm, management's for management.
    assert_eq!(population.standing(Side::Management), PopulationStanding::Checked);
    assert_eq!(population.standing(Side::Firm), PopulationStanding::Failed);
}

#[test]
fn totals_are_compared_exactly() {
    let mut house = two_sources();
    let with = |total: &str, rows: FrozenRows| FrozenRows { control_total: Some(total.parse().unwrap()), ..rows };
    let freeze = freeze("pop-1");
    let rows = with("1000000000000.10", freeze.rows.clone());
    house.act("lea", Command::FreezePopulation(FreezePopulation { rows, ..freeze }));
    let mut beside = |total: &str| {
        let mut check = check_beside("pop-1", 100);
        let second = check.second_source.as_mut().unwrap();
        second.rows = with(total, second.rows.clone());
        house.act("lea", Command::CheckPopulation(check));
    };
    beside("1000000000000.11");
    beside("1000000000000.1");
    insta::assert_snapshot!(house.transcript, @r"
    lea: FreezePopulation -> PopulationFrozen
    lea: CheckPopulation -> refused [difference-unexplained] the second source differs from population `pop-1`: explain it, or record that the check failed
    lea: CheckPopulation -> PopulationChecked
    ");
}

/// As many items on both sides are not the same items. 100 items are frozen.
#[test]
fn keys_are_compared_and_not_only_counts() {
    let mut seen = String::new();
    for (case, items, both, one_sided, explained) in [
        ("the same items", 100, Some(100), false, false),
        ("as many, two of them others", 100, Some(98), true, false),
        ("the same, explained", 100, Some(98), true, true),
        ("three more", 103, Some(100), true, false),
        ("more on both sides than there are", 100, Some(101), false, true),
        ("others without their keys", 100, Some(98), false, true),
        ("one-sided keys where there is none", 100, Some(100), true, true),
        ("counts only", 100, None, false, false),
    ] {
        let mut house = two_sources();
        house.act("lea", Command::FreezePopulation(freeze("pop-1")));
        house.transcript.clear();
        let mut beside = check_beside("pop-1", items);
        let one_sided = one_sided.then(|| text("one-sided keys"));
        beside.second_source.as_mut().unwrap().keys = both.map(|both| KeysCompared { both, one_sided });
        beside.explanation = explained.then(|| text("a rehearsal"));
        house.act("lea", Command::CheckPopulation(beside));
        seen += &format!("{case}: {}", house.transcript.split_once("-> ").unwrap().1);
    }
    insta::assert_snapshot!(seen);
}

/// Evidence that is read otherwise later reaches a population that was checked, until somebody checks it anew.
#[test]
fn evidence_that_changes_after_the_check_shows_in_what_the_population_is() {
    let mut house = two_sources();
    house.act("lea", Command::FreezePopulation(freeze("pop-1"))).act("lea", Command::CheckPopulation(check("pop-1")));
    let read = |manifest: &str, covers, read_again, complete| {
        let Command::RecordEvidence(of_hr) = evidence("person", manifest, covers) else { panic!() };
        Command::RecordEvidence(RecordEvidence { read_again, complete, ..of_hr })
    };
    let restated = Some(ReadAgain { restated: 1, ..ReadAgain::default() });
    let september = span("2026-09-01", "2026-09-30");
    let mut seen = String::new();
    for (case, command) in [
        ("the same rows", read("again-1", september, Some(ReadAgain::default()), true)),
        ("days after the population's", read("again-2", span("2026-10-01", "2026-10-10"), restated, true)),
        ("a row restated", read("again-3", september, restated, true)),
        ("checked anew", Command::CheckPopulation(check("pop-1"))),
        ("an extract that is not complete", read("again-4", september, None, false)),
        ("complete again", read("again-5", september, Some(ReadAgain::default()), true)),
    ] {
        house.act("lea", command);
        let population = &house.state.populations[&id::<PopulationId>("pop-1")];
        seen += &format!("{case}: {}\n", house.state.population_standing(population, Side::Management));
    }
    insta::assert_snapshot!(seen);
}

/// An empty population is no occurrence only if somebody checked its source and no second source says otherwise.
#[test]
fn nothing_found_is_not_nothing_happened() {
    let failed = || CheckPopulation { passed: false, ..check("pop-1") };
    let said = || CheckPopulation { explanation: Some(text("no system of ours has any")), ..check("pop-1") };
    let explained = |items| CheckPopulation { explanation: Some(text("why")), ..check_beside("pop-1", items) };
    let table: [(&str, Vec<CheckPopulation>); 8] = [
        ("no check", vec![]),
        ("a failed check", vec![failed()]),
        ("a check that says nothing but that it passed", vec![check("pop-1")]),
        ("a passed check that says why there is none", vec![said()]),
        ("the same, and a failed check later", vec![said(), failed()]),
        ("a passed check, a second source without items", vec![check_beside("pop-1", 0)]),
        ("a passed check, a second source with an item", vec![explained(1)]),
        ("the same, and a second source without items later", vec![explained(1), check_beside("pop-1", 0)]),
    ];
    let mut seen = String::new();
    for (case, checks) in table {
        let mut house = two_sources();
        let empty = FreezePopulation { rows: rows("person", "no rows", 0), ..freeze("pop-1") };
        house.act("lea", Command::FreezePopulation(empty));
        for check in checks {
            house.act("lea", Command::CheckPopulation(check));
        }
        let standing = house.state.populations[&id::<PopulationId>("pop-1")].standing(Side::Management);
        seen.push_str(&format!("{case}: {standing}\n"));
    }
    insta::assert_snapshot!(seen);
}
