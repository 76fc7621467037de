//! Internal readiness: scores, gaps in the order in which to close them, the two types, the earliest start.

use tickmark_domain::*;

use crate::{
    coverage::{drop_control, offer, open_soc2, risk},
    golden::scope_items,
    house::*,
    management_tests::{details, record, review, reword},
};

fn readiness(house: &House, engagement: &str) -> Readiness {
    house.state.readiness(&house.catalog, &offer(), &id(engagement)).unwrap()
}

fn scores(scores: Scores) -> String {
    let told = scores.named().map(|(name, score)| {
        format!("{name} {} of {} ({} untested)", score.holds, score.denominator(), score.untested)
    });
    told.join(", ")
}

fn told(readiness: &Readiness) -> String {
    let mut text = format!("{}\n", scores(readiness.scores));
    for (measure, of) in &readiness.measures {
        text.push_str(&format!("{measure}: {} controls, {} gaps; {}\n", of.controls, of.gaps, scores(of.scores)));
    }
    for gap in &readiness.gaps {
        let measures: Vec<String> = gap.measures.iter().map(ToString::to_string).collect();
        let control = gap.control.as_ref().map_or("-".to_owned(), ToString::to_string);
        text.push_str(&format!(
            "{} {} ({}) | {} | {control} | {} | {} | {} -> {}\n",
            gap.severity,
            gap.points,
            gap.because,
            gap.kind,
            measures.join(" "),
            gap.effort,
            gap.found,
            gap.next
        ));
    }
    text.push_str(&format!("type 1 lacks: {:#?}\n", readiness.type1.lacking));
    text.push_str(&format!("type 2 lacks: {:#?}\n", readiness.type2.as_ref().map(|type2| &type2.lacking)));
    let start = &readiness.earliest_start;
    let deciders: Vec<String> = start.decided_by.iter().map(ToString::to_string).collect();
    text.push_str(&format!(
        "start: {:?}, because {}; no evidence of {:?}",
        start.on,
        deciders.join(" and "),
        start.without_evidence
    ));
    text
}

pub fn document(control: &str, words: &str, on: &str) -> Command {
    Command::RecordDocument(RecordDocument {
        document: text(words),
        statement: text("s"),
        source: id("hr"),
        settings: text("settings"),
        control: Some(id(control)),
        dated_on: day(on),
    })
}

pub fn scope(house: &mut House) {
    for (name, item) in scope_items() {
        house.act(
            "lea",
            Command::RecordScopeItem(RecordScopeItem {
                id: id(name),
                item,
                effective_on: day("2025-10-01"),
                reason: None,
            }),
        );
    }
}

fn component(house: &mut House, name: &str, part: SystemPart) {
    let reports = [ReportKind::Soc1, ReportKind::Soc2].into();
    let facts = ScopeFacts::Component(Component { part, reports, locations: Default::default(), run_by: None });
    let item = ScopeItem { name: text("n"), text: text("t"), facts };
    let command = RecordScopeItem { id: id(name), item, effective_on: day("2025-10-01"), reason: None };
    house.act("lea", Command::RecordScopeItem(command));
}

/// What `leaver-access` and `pay-net-recomputed` gave.
fn both_ran(house: &mut House, exceptions: u64) {
    house.act("otto", evidence("payslip", "manifest-2", year()));
    let mut other = result(0);
    other.test = id("pay-net-recomputed");
    other.sql = text("sql of pay-net-recomputed");
    other.manifests = vec![text("manifest-2")];
    let run = Command::RecordTestRun(RecordTestRun {
        run: id("run-1"),
        on: year().last,
        span: year(),
        engine: "engine 1".into(),
        results: vec![result(exceptions), other],
    });
    house.act("otto", run);
}

#[test]
fn a_new_engagement_lacks_nearly_everything() {
    let mut house = House::engaged();
    house
        .act("lea", open_soc2())
        .act("lea", risk("R-2", &["CC6.2"], &[]))
        .act("lea", drop_control("GOV-01", "2025-06-01"));
    insta::assert_snapshot!(told(&readiness(&house, "soc2")), @r#"
    design 0 of 1 (0 untested), implementation 0 of 1 (1 untested), operation 0 of 1 (1 untested), evidence quality 1 of 1 (0 untested)
    CC1.1: 0 controls, 2 gaps; design 0 of 0 (0 untested), implementation 0 of 0 (0 untested), operation 0 of 0 (0 untested), evidence quality 0 of 0 (0 untested)
    CC6.2: 1 controls, 3 gaps; design 0 of 1 (0 untested), implementation 0 of 1 (1 untested), operation 0 of 1 (1 untested), evidence quality 1 of 1 (0 untested)
    high 5 (nothing stands behind it; nothing is there) | missing | - | CC1.1 | large | no control serves criterion CC1.1 -> word a control that serves it: `tickmark export DIR`, write it there, `tickmark apply DIR`
    high 4 (a key control; nothing is there) | no evidence | LA-02 | CC6.2 | small | no document shows that it is in place, and leaver-access has not run over these days -> `tickmark test`
    high 4 (a criterion as a whole; nothing is there) | design | - | CC6.2 | large | no control in scope addresses R-2, which threatens criterion CC6.2 -> say which control answers it, or word one: `tickmark export DIR`, write it there, `tickmark apply DIR`
    medium 3 (a criterion as a whole; something is there) | design | - | CC1.1 | small | no recorded risk threatens criterion CC1.1 -> record what the catalog knows, R-7: `tickmark export DIR`, write it there, `tickmark apply DIR`
    medium 3 (a key control; something is there) | design | LA-02 | CC6.2 | small | it addresses no recorded risk -> say which risk it answers, or that it is not needed: `tickmark export DIR`, write it there, `tickmark apply DIR`
    type 1 lacks: [
        "1 gap of the kind `missing`",
        "3 gaps of the kind `design`",
        "1 control that nothing shows to be in place: no walkthrough, test or document",
        "no system description: `tickmark description adopt FILE --engagement soc2`",
        "DC3 soc2: no component in scope is of the part infrastructure, software, people, procedures, data",
        "DC2 security: no commitment and no system requirement is about security",
    ]
    type 2 lacks: Some(
        [
            "1 gap of the kind `missing`",
            "3 gaps of the kind `design`",
            "1 control that nothing shows to be in place: no walkthrough, test or document",
            "no system description: `tickmark description adopt FILE --engagement soc2`",
            "DC3 soc2: no component in scope is of the part infrastructure, software, people, procedures, data",
            "DC2 security: no commitment and no system requirement is about security",
            "1 gap of the kind `no evidence`",
        ],
    )
    start: Some(2025-10-01), because the first evidence of dataset `person` is of that day; no evidence of {}
    "#);
}

#[test]
fn a_business_objective_whose_evidence_is_not_there_yet() {
    let mut house = House::engaged();
    house.act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA", "PAY-4"]));
    insta::assert_snapshot!(told(&readiness(&house, "soc1")), @r#"
    design 0 of 2 (2 untested), implementation 0 of 2 (2 untested), operation 0 of 2 (2 untested), evidence quality 1 of 2 (1 untested)
    ITGC-LA: 1 controls, 1 gaps; design 0 of 1 (1 untested), implementation 0 of 1 (1 untested), operation 0 of 1 (1 untested), evidence quality 1 of 1 (0 untested)
    PAY-4: 1 controls, 1 gaps; design 0 of 1 (1 untested), implementation 0 of 1 (1 untested), operation 0 of 1 (1 untested), evidence quality 0 of 1 (1 untested)
    high 4 (a key control; nothing is there) | no evidence | LA-02 | ITGC-LA | small | no document shows that it is in place, and leaver-access has not run over these days -> `tickmark test`
    high 4 (a key control; nothing is there) | no evidence | PAY-4-C2 | PAY-4 | medium | no document shows that it is in place, and its control tests have no extract of payslip -> approve a source of payslip in `sources/`, then `tickmark collect` and `tickmark test`
    type 1 lacks: [
        "2 controls whose design nobody assessed: no walkthrough or test of design",
        "2 controls that nothing shows to be in place: no walkthrough, test or document",
        "no system description: `tickmark description adopt FILE --engagement soc1`",
        "DC3 soc1: no component in scope is of the part infrastructure, software, people, procedures, data",
        "S1D-01 soc1: no service is in scope",
    ]
    type 2 lacks: Some(
        [
            "2 controls whose design nobody assessed: no walkthrough or test of design",
            "2 controls that nothing shows to be in place: no walkthrough, test or document",
            "no system description: `tickmark description adopt FILE --engagement soc1`",
            "DC3 soc1: no component in scope is of the part infrastructure, software, people, procedures, data",
            "S1D-01 soc1: no service is in scope",
            "2 gaps of the kind `no evidence`",
        ],
    )
    start: Some(2025-10-01), because the first evidence of dataset `person` is of that day; no evidence of {DatasetId(payslip)}
    "#);
}

#[test]
fn exceptions_weigh_by_their_share_and_by_the_control() {
    let mut house = House::engaged();
    house.act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA", "PAY-4"]));
    both_ran(&mut house, 1);
    let of = |house: &House| {
        let gaps = readiness(house, "soc1").gaps;
        let gap = gaps.into_iter().find(|gap| gap.kind == GapKind::ExceptionsOpen);
        gap.map_or("none".to_owned(), |gap| {
            format!("{} {} | {} | {} -> {}", gap.severity, gap.points, gap.effort, gap.found, gap.next)
        })
    };
    let exception = house.state.exceptions.keys().next().unwrap().clone();
    let mut told = vec![of(&house)];
    house.act(
        "otto",
        Command::RespondToException(RespondToException { exception: exception.clone(), response: text("r") }),
    );
    told.push(of(&house));
    let remediated = RemediateException { exception, remediation: text("r"), remediated_on: day("2026-10-01") };
    house.act("otto", Command::RemediateException(remediated));
    told.push(of(&house));
    insta::assert_snapshot!(told.join("\n"), @r"
    high 4 | medium | leaver-access:1: 1 item whose cause is not gone, at most 10 % of a population -> look at the rows, then answer: `tickmark exceptions leaver-access:1`, `tickmark exception respond leaver-access:1`
    high 4 | medium | leaver-access:1: 1 item whose cause is not gone, at most 10 % of a population -> remove the cause, then record it: `tickmark exception remediate leaver-access:1`
    none
    ");
}

#[test]
fn with_scope_evidence_and_results_what_is_lacking_is_the_description_and_a_look_at_the_design() {
    let mut house = House::engaged();
    house.act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA", "PAY-4"]));
    scope(&mut house);
    for (name, part) in [
        ("CMP-2", SystemPart::Infrastructure),
        ("CMP-3", SystemPart::People),
        ("CMP-4", SystemPart::Procedures),
        ("CMP-5", SystemPart::Data),
    ] {
        component(&mut house, name, part);
    }
    both_ran(&mut house, 0);
    let before = readiness(&house, "soc1");
    assert!(before.gaps.is_empty(), "{:#?}", before.gaps);
    assert!(!before.type1.is_ready() && !before.type2.unwrap().is_ready());
    house.act(
        "lea",
        Command::AdoptSystemDescription(AdoptSystemDescription { engagement: id("soc1"), text: text("d") }),
    );
    insta::assert_snapshot!(told(&readiness(&house, "soc1")), @r#"
    design 0 of 2 (2 untested), implementation 2 of 2 (0 untested), operation 2 of 2 (0 untested), evidence quality 2 of 2 (0 untested)
    ITGC-LA: 1 controls, 0 gaps; design 0 of 1 (1 untested), implementation 1 of 1 (0 untested), operation 1 of 1 (0 untested), evidence quality 1 of 1 (0 untested)
    PAY-4: 1 controls, 0 gaps; design 0 of 1 (1 untested), implementation 1 of 1 (0 untested), operation 1 of 1 (0 untested), evidence quality 1 of 1 (0 untested)
    type 1 lacks: [
        "2 controls whose design nobody assessed: no walkthrough or test of design",
    ]
    type 2 lacks: Some(
        [
            "2 controls whose design nobody assessed: no walkthrough or test of design",
        ],
    )
    start: Some(2025-10-01), because the first evidence of dataset `payslip` is of that day and the first evidence of dataset `person` is of that day; no evidence of {}
    "#);
    house.act("otto", document("LA-02", "ticket-log", "2026-10-01"));
    for (name, control) in [("mt-0", "LA-02"), ("mt-1", "PAY-4-C2")] {
        let walkthrough =
            ManagementTestDetails { stage: TestStage::Implementation, control: id(control), ..details(0) };
        house.act("lea", record(name, walkthrough)).act("eve", review(name));
    }
    let assessed = readiness(&house, "soc1");
    assert!(assessed.type1.is_ready() && assessed.type2.unwrap().is_ready(), "{}", house.transcript);
}

#[test]
fn the_start_waits_for_the_latest_control_and_the_first_evidence() {
    // what is recorded → the day, and what decides it
    let mut house = House::engaged();
    let mut told = Vec::new();
    let mut tell = |what: &str, house: &House| {
        let start = readiness(house, "soc1").earliest_start;
        let deciders: Vec<String> = start.decided_by.iter().map(ToString::to_string).collect();
        told.push(format!(
            "{what}: {} ({}){}",
            start.on.map_or("none".to_owned(), |on| on.to_string()),
            deciders.join("; "),
            if start.is_defensible() {
                String::new()
            } else {
                format!(", no evidence of {:?}", start.without_evidence)
            }
        ));
    };
    tell("controls of 2025-01-01, people from 2025-10-01", &house);
    house.act("otto", evidence("payslip", "manifest-3", span("2026-02-01", "2026-09-30")));
    tell("and payslips from 2026-02-01", &house);
    house.act("otto", evidence("payslip", "manifest-4", span("2025-11-01", "2026-01-31")));
    tell("and those of three months before", &house);
    house.act("lea", drop_control("LA-02", "2025-12-01"));
    let again = AdoptControl {
        control: id("LA-02"),
        definition: definition("LA-02"),
        owner: id("otto"),
        effective_on: day("2026-03-01"),
    };
    house.act("lea", Command::AdoptControl(again));
    tell("LA-02 stood still for three months", &house);
    insta::assert_snapshot!(told.join("\n"), @r"
    controls of 2025-01-01, people from 2025-10-01: 2025-10-01 (the first evidence of dataset `person` is of that day), no evidence of {DatasetId(payslip)}
    and payslips from 2026-02-01: 2026-02-01 (the first evidence of dataset `payslip` is of that day)
    and those of three months before: 2025-11-01 (the first evidence of dataset `payslip` is of that day)
    LA-02 stood still for three months: 2026-03-01 (control LA-02 runs since that day)
    ");
}

#[test]
fn a_control_that_the_calendar_sets_has_to_fall_due_in_the_period() {
    // Shown by documents alone; GOV-01 has no control test. Half-years and years begin with the period: a shorter one has none.
    let cases = [
        (Frequency::Annual, ("2025-10-01", "2026-09-30"), None),
        (Frequency::Annual, ("2026-01-01", "2026-12-31"), None),
        (Frequency::Annual, ("2026-12-15", "2027-09-30"), None),
        (Frequency::SemiAnnual, ("2026-02-01", "2026-06-30"), None),
        (Frequency::SemiAnnual, ("2026-07-15", "2026-12-30"), None),
        (Frequency::Annual, ("2026-01-01", "2026-06-30"), None),
        (Frequency::Annual, ("2026-01-01", "2026-06-30"), Some("2026-03-03")),
        (Frequency::Quarterly, ("2026-01-01", "2026-02-28"), None),
        (Frequency::PerEvent, ("2026-01-01", "2026-02-28"), None),
    ];
    let mut told = Vec::new();
    for (frequency, (first, last), dated) in cases {
        let mut house = House::new_at("2025-02-01T12:00:00Z".parse().unwrap());
        house.act("ada", Command::ApproveSource(ApproveSource { source: id("hr"), settings: text("settings") }));
        let revised = ReviseControl {
            control: id("GOV-01"),
            definition: ControlDefinition { frequency, ..definition("GOV-01") },
            owner: id("otto"),
            effective_on: day("2025-02-01"),
            reason: text("r"),
        };
        house.act("lea", Command::ReviseControl(revised));
        house.now = now();
        let Command::OpenEngagement(open) = open_soc2() else { unreachable!() };
        let report_type = ReportType::Type2(span(first, last));
        house.act("lea", Command::OpenEngagement(OpenEngagement { report_type, ..open }));
        if let Some(on) = dated {
            house.act("otto", document("GOV-01", "minutes", on));
        }
        let type2 = readiness(&house, "soc2").type2.unwrap();
        let lacking = type2.lacking.into_iter().find(|line| line.starts_with("DAT-09"));
        told.push(format!(
            "{} over {first} to {last}, document {dated:?}: {} | {}",
            frequency.label(),
            lacking.unwrap_or_else(|| "can fall due".to_owned()),
            type2.warnings.first().map_or("long enough", String::as_str)
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    annual over 2025-10-01 to 2026-09-30, document None: can fall due | long enough
    annual over 2026-01-01 to 2026-12-31, document None: can fall due | long enough
    annual over 2026-12-15 to 2027-09-30, document None: DAT-09: GOV-01 is annual and is not due 2026-12-15 to 2027-09-30; move the period, or state that it did not operate | long enough
    semi-annual over 2026-02-01 to 2026-06-30, document None: DAT-09: GOV-01 is semi-annual and is not due 2026-02-01 to 2026-06-30; move the period, or state that it did not operate | long enough
    semi-annual over 2026-07-15 to 2026-12-30, document None: DAT-09: GOV-01 is semi-annual and is not due 2026-07-15 to 2026-12-30; move the period, or state that it did not operate | long enough
    annual over 2026-01-01 to 2026-06-30, document None: DAT-09: GOV-01 is annual and is not due 2026-01-01 to 2026-06-30; move the period, or state that it did not operate | long enough
    annual over 2026-01-01 to 2026-06-30, document Some("2026-03-03"): can fall due | long enough
    quarterly over 2026-01-01 to 2026-02-28, document None: DAT-09: GOV-01 is quarterly and is not due 2026-01-01 to 2026-02-28; move the period, or state that it did not operate | DAT-08: 2026-01-01 to 2026-02-28 is shorter than 3 months; readers may ask why
    per event over 2026-01-01 to 2026-02-28, document None: can fall due | DAT-08: 2026-01-01 to 2026-02-28 is shorter than 3 months; readers may ask why
    "#);
}

#[test]
fn a_key_report_that_nobody_checked_is_untested_ipe() {
    let mut house = House::engaged();
    scope(&mut house);
    let mut told = Vec::new();
    let ipe = |house: &House| {
        let gaps = readiness(house, "soc1").gaps;
        let found: Vec<String> = gaps
            .into_iter()
            .filter(|gap| gap.kind == GapKind::UntestedIpe)
            .map(|gap| {
                format!("{} | {} | {} | {} -> {}", gap.severity, gap.control.unwrap(), gap.effort, gap.found, gap.next)
            })
            .collect();
        if found.is_empty() { "none".to_owned() } else { found.join("; ") }
    };
    told.push(format!("its test has not run: {}", ipe(&house)));
    both_ran(&mut house, 0);
    told.push(format!("its test ran: {}", ipe(&house)));
    let ScopeFacts::KeyReport(report) = scope_items().into_iter().find(|(name, _)| *name == "KR-1").unwrap().1.facts
    else {
        unreachable!()
    };
    let facts = ScopeFacts::KeyReport(KeyReport { tests: Default::default(), ..report });
    let item = ScopeItem { name: text("n"), text: text("t"), facts };
    let without = RecordScopeItem { id: id("KR-1"), item, effective_on: day("2025-11-01"), reason: Some(text("r")) };
    house.act("lea", Command::RecordScopeItem(without));
    told.push(format!("it names no test: {}", ipe(&house)));
    let automation = Automation::ItDependentManual;
    let revised = ReviseControl {
        control: id("LA-02"),
        definition: ControlDefinition { automation, is_key: false, ..definition("LA-02") },
        owner: id("otto"),
        effective_on: day("2025-02-01"),
        reason: text("r"),
    };
    house.act("lea", Command::ReviseControl(revised));
    told.push(format!("and LA-02 uses a report that nobody recorded: {}", ipe(&house)));
    insta::assert_snapshot!(told.join("\n"), @r"
    its test has not run: medium | PAY-4-C2 | small | key report KR-1: pay-net-recomputed has no result over the days -> `tickmark test`
    its test ran: none
    it names no test: medium | PAY-4-C2 | medium | key report KR-1: no control test checks its completeness and accuracy -> name a control test of its completeness and accuracy: `tickmark export DIR`, write it there, `tickmark apply DIR`
    and LA-02 uses a report that nobody recorded: medium | PAY-4-C2 | medium | key report KR-1: no control test checks its completeness and accuracy -> name a control test of its completeness and accuracy: `tickmark export DIR`, write it there, `tickmark apply DIR`; low | LA-02 | small | people perform it with the system's output, and no key report feeds it (CTL-09) -> record the report it uses, and how that is checked, as a key report: `tickmark export DIR`, write it there, `tickmark apply DIR`
    ");
}

#[test]
fn readiness_says_nothing_that_only_a_firm_may_say() {
    let mut house = House::engaged();
    both_ran(&mut house, 0);
    let told = told(&readiness(&house, "soc1")).to_lowercase();
    for word in ["compliant", "certified", "pass", "assurance", "effective"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
}

/// A control test over what an industry processes is about shared controls only where that industry's own control runs.
#[test]
fn a_test_of_an_industry_concerns_a_shared_control_only_with_the_industrys_own() {
    let told = |house: &House| {
        let figures = house.state.figures(&house.catalog, &id("soc2")).unwrap();
        let tests: Vec<String> = figures.tests.keys().map(ToString::to_string).collect();
        let matrix = house.state.coverage(&house.catalog, &offer(), [&id("soc2")]).unwrap();
        let covered: Vec<String> = matrix.controls[&id("LA-02")].tests.iter().map(ToString::to_string).collect();
        let waits: Vec<_> = readiness(house, "soc2").earliest_start.without_evidence.into_iter().collect();
        format!("tests {}; about LA-02 {}; waits for {waits:?}", tests.join(" "), covered.join(" "))
    };
    let mut house = House::engaged();
    house.act("lea", open_soc2());
    let rule = house.catalog.tests.get_mut(&id::<TestId>("pay-net-recomputed")).unwrap();
    rule.controls.insert(id("LA-02"));
    rule.of_industry.insert(id("PAY-4-C2"));
    let with_pay = "tests leaver-access pay-net-recomputed; about LA-02 leaver-access pay-net-recomputed; \
                    waits for [DatasetId(payslip)]";
    assert_eq!(told(&house), with_pay);
    house.act("lea", drop_control("PAY-4-C2", "2026-01-01"));
    assert_eq!(told(&house), with_pay, "it ran on days of the period");
    let mut house = House::engaged();
    house.act("lea", open_soc2()).act("lea", drop_control("PAY-4-C2", "2025-06-01"));
    let rule = house.catalog.tests.get_mut(&id::<TestId>("pay-net-recomputed")).unwrap();
    rule.controls.insert(id("LA-02"));
    rule.of_industry.insert(id("PAY-4-C2"));
    assert_eq!(told(&house), "tests leaver-access; about LA-02 leaver-access; waits for []");
}

/// A control test over what not every organization has is none of its own until it was collected, or tried to.
#[test]
fn a_test_of_what_nobody_connected_is_none_of_the_organizations() {
    let after = |command: Option<Command>| {
        let mut house = House::engaged();
        house.act("lea", open_soc2());
        let rule = house.catalog.tests.get_mut(&id::<TestId>("leaver-access")).unwrap();
        rule.once_collected.insert(id("payslip"));
        if let Some(command) = command {
            house.act("otto", command);
        }
        let figures = house.state.figures(&house.catalog, &id("soc2")).unwrap();
        figures.tests.contains_key(&id::<TestId>("leaver-access"))
    };
    assert!(!after(None));
    assert!(after(Some(evidence("payslip", "manifest-9", year()))));
    assert!(after(Some(Command::RecordCollectionFailure(RecordCollectionFailure {
        dataset: Some(id("payslip")),
        source: id("hr"),
        covers: year(),
        message: text("it does not answer"),
        tried_at: "2026-10-01T09:00:00Z".parse().unwrap(),
    }))));
}

/// The design of a control holds once people tested it as it is worded and a second person looked at that, not before.
#[test]
fn a_design_holds_only_where_people_tested_it() {
    let mut house = House::engaged();
    house.act("lea", open_soc2()).act("otto", document("LA-02", "ticket-log", "2026-10-01"));
    let la02 = |house: &House| {
        let control = &house.state.controls[&id("LA-02")];
        let stated = control.version_for(year()).unwrap();
        format!("{:?}", house.state.is_well_designed(&id("LA-02"), stated))
    };
    let test = |stage, exceptions| ManagementTestDetails { stage, ..details(exceptions) };
    let mut told = vec![("no risk is recorded", la02(&house))];
    house.act("lea", risk("R-1", &["CC6.2"], &[]));
    told.push(("adopted with its risk", la02(&house)));
    house.act("lea", record("mt-0", test(TestStage::Operation, 0))).act("eve", review("mt-0"));
    told.push(("its operation tested", la02(&house)));
    house.act("lea", record("mt-1", test(TestStage::Design, 0)));
    told.push(("tested and not reviewed", la02(&house)));
    house.act("eve", review("mt-1"));
    told.push(("reviewed", la02(&house)));
    house.act("lea", record("mt-2", test(TestStage::Design, 2)));
    told.push(("a later test found something", la02(&house)));
    house.act("lea", record("mt-3", test(TestStage::Implementation, 0))).act("eve", review("mt-3"));
    told.push(("walked through since", la02(&house)));
    house.act("lea", reword("2026-09-01", "otto"));
    told.push(("worded otherwise", la02(&house)));
    let lines: Vec<String> = told.into_iter().map(|(case, holds)| format!("{case}: {holds}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    no risk is recorded: Some(false)
    adopted with its risk: None
    its operation tested: None
    tested and not reviewed: None
    reviewed: Some(true)
    a later test found something: Some(false)
    walked through since: Some(true)
    worded otherwise: None
    ");
    assert!(!house.transcript.contains("refused"), "{}", house.transcript);
}

/// In place is what its control tests found, not that they had rows to read; a document cannot outweigh them.
#[test]
fn a_control_is_in_place_by_what_was_found() {
    // outcome, population and exceptions of each control test | documents | newest walkthrough → whether it is in place
    let (clean, found, blind) = (Outcome::NoExceptions, Outcome::Exceptions, Outcome::NotEvaluable);
    type Ran = (Option<Outcome>, u64, u64);
    type Case<'a> = (&'a str, &'a [Ran], u64, Option<bool>, Option<bool>);
    let cases: [Case<'_>; 15] = [
        ("no item came back", &[(Some(clean), 240, 0)], 0, None, Some(true)),
        ("some items came back", &[(Some(found), 240, 12)], 0, None, Some(true)),
        ("all but one came back", &[(Some(found), 240, 239)], 0, None, Some(true)),
        ("a second factor is off for all", &[(Some(found), 240, 240)], 0, None, Some(false)),
        ("and a policy demands it", &[(Some(found), 240, 240)], 1, None, Some(false)),
        ("and a walkthrough found nothing", &[(Some(found), 240, 240)], 0, Some(true), Some(false)),
        ("another test found items that conform", &[(Some(found), 3, 3), (Some(clean), 9, 0)], 0, None, Some(true)),
        ("another test could not look", &[(Some(found), 3, 3), (Some(blind), 0, 0)], 0, None, Some(false)),
        ("there was no item", &[(Some(clean), 0, 0)], 0, None, None),
        ("not evaluable", &[(Some(blind), 0, 0)], 0, None, None),
        ("not evaluable, with a document", &[(Some(blind), 0, 0)], 1, None, Some(true)),
        ("it never ran", &[(None, 0, 0)], 0, None, None),
        ("it never ran, and was walked through", &[(None, 0, 0)], 0, Some(true), Some(true)),
        ("a walkthrough found it missing", &[], 1, Some(false), Some(false)),
        ("no control test", &[], 0, None, None),
    ];
    let mut house = House::engaged();
    house.act("lea", open_soc2());
    let of_engagement = house.state.figures(&house.catalog, &id("soc2")).unwrap();
    let test = of_engagement.tests[&id("leaver-access")].clone();
    for (case, ran, documents, walked_through, expected) in cases {
        let mut figures = of_engagement.clone();
        let tests = ran.iter().enumerate().map(|(at, (outcome, population, exceptions))| {
            let (outcome, population, exceptions) = (*outcome, *population, *exceptions);
            (id(&format!("test-{at}")), TestFigures { outcome, population, exceptions, ..test.clone() })
        });
        figures.tests = tests.collect();
        let control = ControlFigures {
            tests: figures.tests.keys().cloned().collect(),
            documents,
            walked_through,
            ..figures.controls[&id("LA-02")].clone()
        };
        assert_eq!(figures.is_in_place(&control), expected, "{case}");
    }
}

/// What the next step says is what closes the gap.
#[test]
fn a_document_that_names_a_control_closes_its_gap() {
    let mut house = House::engaged();
    house.act("lea", open_soc2());
    let gap = |house: &House| {
        let gaps = readiness(house, "soc2").gaps.into_iter();
        let mut of = gaps.filter(|g| g.control == Some(id("GOV-01")) && g.kind == GapKind::NoEvidence);
        of.next().map_or("none".to_owned(), |gap| format!("{} -> {}", gap.found, gap.next))
    };
    let mut told = vec![gap(&house)];
    house.act("otto", document("GOV-01", "acknowledgements", "2026-03-03"));
    told.push(gap(&house));
    insta::assert_snapshot!(told.join("\n"), @r"
    no document shows that it is in place, and no control test reads it -> its owner otto puts a document that shows it into the folder of a source of documents, with `GOV-01` under `controls` in the register, then `tickmark collect`
    none
    ");
}

/// A walkthrough shows a control in place once a second person looked at it.
#[test]
fn a_walkthrough_counts_once_it_was_reviewed() {
    let mut house = House::engaged();
    house.act("lea", open_soc2()).act("otto", document("LA-02", "ticket-log", "2026-10-01"));
    let walked =
        |house: &House| house.state.figures(&house.catalog, &id("soc2")).unwrap().controls[&id("LA-02")].walked_through;
    let test = |exceptions| ManagementTestDetails { stage: TestStage::Implementation, ..details(exceptions) };
    assert_eq!(walked(&house), None);
    house.act("lea", record("mt-0", test(0)));
    assert_eq!(walked(&house), None, "nobody reviewed it");
    house.act("eve", review("mt-0"));
    assert_eq!(walked(&house), Some(true));
    house.act("lea", record("mt-1", test(2)));
    assert_eq!(walked(&house), Some(false), "a later one found something");
    assert!(!house.transcript.contains("refused"), "{}", house.transcript);
}
