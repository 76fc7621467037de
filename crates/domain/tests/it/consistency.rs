//! Consistency: what one part of the program says and another does not bear out.

use std::collections::BTreeMap;

use tickmark_domain::*;

use crate::{
    coverage::{drop_control, open_soc2, risk},
    golden::scope_items,
    house::*,
    readiness::{document, scope},
};

const CASES: &str = include_str!("../../src/consistency/cases.md");

/// The rows of the table under a heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let lines =
        CASES.lines().skip_while(|line| *line != format!("## {heading}")).skip_while(|line| !line.starts_with('|'));
    let cells = |line: &str| {
        let inner = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|')).expect("a row between bars");
        inner.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = lines.skip(2).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(!rows.is_empty(), "{heading} has no rows");
    rows
}

fn today() -> jiff::civil::Date {
    day("2026-10-15")
}

fn about_texts(house: &House, texts: &ProgramTexts) -> String {
    let found = house.state.consistency(&house.catalog, texts, today());
    let of_texts = found.iter().filter(|finding| {
        matches!(
            finding.rule.code(),
            "TXT-01" | "TXT-02" | "TXT-03" | "TXT-04" | "TXT-05" | "TXT-06" | "TXT-07" | "RPT-03"
        )
    });
    of_texts.map(|finding| format!("{} {}", finding.rule.code(), finding.says)).collect::<Vec<_>>().join(" · ")
}

fn governed(house: &mut House, frequency: Frequency, statement: &str) {
    let revised = ReviseControl {
        control: id("GOV-01"),
        definition: ControlDefinition { frequency, statement: text(statement), ..definition("GOV-01") },
        owner: id("otto"),
        effective_on: day("2025-02-01"),
        reason: text("r"),
    };
    house.act("lea", Command::ReviseControl(revised));
}

#[test]
fn what_a_statement_promises() {
    let mut wrong = String::new();
    for row in rows("What a statement promises") {
        let [frequency, statement, documents, expected] = row.as_slice() else { panic!("{row:?}") };
        let mut house = House::engaged();
        house.act("lea", open_soc2());
        let frequency = serde_json::from_str(&format!("\"{frequency}\"")).unwrap();
        governed(&mut house, frequency, statement);
        for (number, on) in documents.split_whitespace().enumerate() {
            house.act("otto", document("GOV-01", &format!("record {number}"), on));
        }
        let words = [(text(statement), statement.clone())].into();
        let found = about_texts(&house, &ProgramTexts { words, ..ProgramTexts::default() });
        if found != *expected {
            wrong.push_str(&format!("{statement}\n  expected {expected}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn named(name: &str, facts: ScopeFacts) -> ScopeItem {
    ScopeItem { name: text(name), text: text(""), facts }
}

fn record(house: &mut House, item: &str, name: &str, facts: ScopeFacts) {
    let effective_on = day("2025-01-01");
    let command = RecordScopeItem { id: id(item), item: named(name, facts), effective_on, reason: None };
    house.act("lea", Command::RecordScopeItem(command));
}

#[test]
fn what_a_description_names() {
    let names =
        ["Ashburn data center (us-east-1)", "Dayton office", "Ledger Core", "Operations", "Portland data center"];
    let both = || [ReportKind::Soc1, ReportKind::Soc2].into();
    let location = || ScopeFacts::Location(Location { reports: both() });
    let component =
        |part| ScopeFacts::Component(Component { part, reports: both(), locations: Default::default(), run_by: None });
    let mut house = House::new();
    house.act("lea", open_soc2());
    governed(&mut house, Frequency::Quarterly, "statement");
    record(&mut house, "LOC-1", names[0], location());
    record(&mut house, "LOC-2", names[1], location());
    record(&mut house, "CMP-1", names[2], component(SystemPart::Software));
    record(&mut house, "CMP-2", names[3], component(SystemPart::People));
    record(&mut house, "LOC-3", names[4], location());
    house.act(
        "lea",
        Command::RetireScopeItem(RetireScopeItem {
            id: id("LOC-3"),
            retired_on: day("2025-06-01"),
            reason: text("sold"),
        }),
    );
    let words: BTreeMap<_, _> = names.iter().map(|name| (text(name), (*name).to_owned())).collect();
    let mut wrong = String::new();
    for row in rows("What a description names") {
        let [prose, expected] = row.as_slice() else { panic!("{row:?}") };
        let descriptions = [(id("soc2"), Described { prose: prose.clone(), listed: Vec::new() })].into();
        let found = about_texts(&house, &ProgramTexts { words: words.clone(), descriptions });
        if found != *expected {
            wrong.push_str(&format!("{prose}\n  expected {expected}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_a_description_lists() {
    let effective_on = day("2025-01-01");
    let words = |text: &str| text.trim().to_owned();
    let mut wrong = String::new();
    for row in rows("What a description lists") {
        let [scoped, described, expected] = row.as_slice() else { panic!("{row:?}") };
        let mut house = House::new();
        house.act("lea", open_soc2());
        let mut known: BTreeMap<_, _> = BTreeMap::new();
        for (number, line) in (1..).zip(scoped.split(';').filter(|line| !line.trim().is_empty())) {
            let (kind, said) = line.split_once(':').expect("a kind and its words");
            let (facts, item) = (listed_facts(kind.trim()), format!("ITEM-{number}"));
            let (name, told) = (words(said), words(said));
            known.insert(text(&name), name.clone());
            let item_words = ScopeItem { name: text(&name), text: text(&told), facts };
            let command = RecordScopeItem { id: id(&item), item: item_words, effective_on, reason: None };
            house.act("lea", Command::RecordScopeItem(command));
        }
        let listed = described.split(';').filter(|line| !line.trim().is_empty()).map(|line| {
            let (kind, said) = line.split_once(':').expect("a kind and its words");
            Listed { kind: listed_kind(kind.trim()), words: words(said) }
        });
        let listed = listed.collect();
        let descriptions = [(id("soc2"), Described { prose: String::new(), listed })].into();
        let texts = ProgramTexts { words: known, descriptions };
        let found = house.state.consistency(&house.catalog, &texts, today());
        let found = found.iter().filter(|finding| matches!(finding.rule.code(), "TXT-05" | "TXT-06" | "TXT-07"));
        let found: Vec<String> = found.map(|finding| format!("{} {}", finding.rule.code(), finding.says)).collect();
        let found = found.join(" · ");
        if found != *expected {
            wrong.push_str(&format!("{scoped} / {described}\n  expected {expected}\n  found    {found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn listed_facts(kind: &str) -> ScopeFacts {
    let methods =
        |method| SubserviceOrganization { method: [(ReportKind::Soc2, method)].into(), monitoring: Default::default() };
    let commitment = |category: &str| {
        ScopeFacts::Commitment(Commitment {
            promise: CommitmentKind::ServiceCommitment,
            category: category.to_owned(),
            criteria: Default::default(),
        })
    };
    match kind {
        "service" => ScopeFacts::Service(Service { reports: [ReportKind::Soc2].into() }),
        "carve-out" => ScopeFacts::SubserviceOrganization(methods(SubserviceMethod::CarveOut)),
        "inclusive" => ScopeFacts::SubserviceOrganization(methods(SubserviceMethod::Inclusive)),
        "cuec" => ScopeFacts::ComplementaryUserEntityControl(ComplementaryUserEntityControl {
            objectives: Default::default(),
            criteria: [id("CC6.2")].into(),
        }),
        category => commitment(category),
    }
}

fn listed_kind(kind: &str) -> ListedKind {
    match kind {
        "service" => ListedKind::Service,
        "class" => ListedKind::TransactionClass,
        "carve-out" => ListedKind::SubserviceOrganization(SubserviceMethod::CarveOut),
        "inclusive" => ListedKind::SubserviceOrganization(SubserviceMethod::Inclusive),
        "cuec" => ListedKind::ComplementaryUserEntityControl,
        category => ListedKind::ServiceCommitment { category: category.to_owned() },
    }
}

fn told(house: &House) -> String {
    let found = house.state.consistency(&house.catalog, &ProgramTexts::default(), today());
    let lines = found.iter().map(|f| {
        let engagement = f.engagement.as_ref().map_or("-", EngagementId::as_str);
        format!("{} | {} | {engagement} | {} -> {}", f.rule.code(), f.subject, f.says, f.act)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_empty_program_has_nothing_that_could_not_fit() {
    assert_eq!(told(&House::unfounded()), "");
    assert_eq!(told(&House::new()), "");
}

#[test]
fn an_engagement_without_a_scope() {
    let mut house = House::engaged();
    house.act("lea", open_soc2());
    insta::assert_snapshot!(told(&house), @r"
    S1D-01 | soc1 | soc1 | no service is in scope -> record the services that user entities receive
    DC2 | security | soc2 | no commitment and no system requirement is about security -> record what users are promised about it, or take the category out of scope
    DC3 | soc1 | soc1 | no component in scope is of the part infrastructure, software, people, procedures, data -> record the components that the system is made of
    DC3 | soc2 | soc2 | no component in scope is of the part infrastructure, software, people, procedures, data -> record the components that the system is made of
    ");
}

#[test]
fn a_scope_whose_parts_do_not_fit() {
    let mut house = House::engaged();
    house.act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA", "PAY-4"]));
    scope(&mut house);
    let reports = || [ReportKind::Soc1].into();
    record(&mut house, "SVC-2", "n", ScopeFacts::Service(Service { reports: reports() }));
    record(
        &mut house,
        "TXN-2",
        "n",
        ScopeFacts::TransactionClass(TransactionClass { service: id("SVC-1"), objectives: Default::default() }),
    );
    let ScopeFacts::KeyReport(report) = scope_items().into_iter().find(|(name, _)| *name == "KR-1").unwrap().1.facts
    else {
        unreachable!()
    };
    record(&mut house, "KR-2", "n", ScopeFacts::KeyReport(KeyReport { tests: Default::default(), ..report }));
    // A year that ends with March: the period covers half of it.
    record(
        &mut house,
        "UE-2",
        "n",
        ScopeFacts::UserEntity(UserEntity {
            year_end: "03-31".parse().unwrap(),
            services: [id("SVC-1")].into(),
            reports: reports(),
        }),
    );
    house.act(
        "fay",
        Command::CommentOnScope(CommentOnScope { engagement: id("soc1"), item: Some(id("SVC-2")), comment: text("c") }),
    );
    insta::assert_snapshot!(told(&house), @r"
    OBJ-03 | TXN-2 | soc1 | no control objective touches it -> name the control objective that touches it, or take one into scope
    S1D-01 | SVC-2 | soc1 | no class of transactions belongs to it -> record the classes of transactions that it processes, or say that no SOC 1 speaks of it
    DC3 | soc1 | soc1 | no component in scope is of the part infrastructure, people, procedures, data -> record the components that the system is made of
    RPT-04 | CUEC-1 | - | it is tied to CC6.2, which no engagement has in scope -> tie it to what could not be met without it, or retire it
    SUB-03 | SUB-1 | soc1 | no SOC 1 of it is on file: SUB-1-2026 is about another subject -> get its report, read it, and record it with period, opinion, deviations and complementary controls
    IPE-01 | KR-2 | - | no control test checks its completeness and accuracy -> name one in its `tests`, or have one worded
    COV-01 | UE-2 | soc1 | fiscal year 2026-04-01 to 2027-03-31: 183 of 365 days covered (50 %), 182 days open at its end: partial -> move the period's last day nearer to that year's end, or plan another report: a bridge letter is too short
    SCO-01 | soc1 | soc1 | the firm's comment 1 on SVC-2 has no answer -> the compliance lead answers it: `tickmark scope answer soc1 1 --text TEXT`
    ");
}

#[test]
fn subservice_organizations() {
    let mut told_all = Vec::new();
    let carved = |monitoring: &[&str]| {
        ScopeFacts::SubserviceOrganization(SubserviceOrganization {
            method: [(ReportKind::Soc1, SubserviceMethod::CarveOut)].into(),
            monitoring: monitoring.iter().map(|of| id(of)).collect(),
        })
    };
    let report = |first: &str, last: &str, opinion, bridge: Option<&str>, answered: bool| {
        ScopeFacts::SubserviceReport(SubserviceReport {
            organization: id("SUB-9"),
            report: ReportKind::Soc1,
            report_type: ReportType::Type2(span(first, last)),
            opinion,
            deviations: 0,
            bridge_until: bridge.map(day),
            cuecs: [("3.1".to_owned(), if answered { [id("LA-02")].into() } else { Default::default() })].into(),
            document: None,
        })
    };
    let of_soc2 = |first: &str, last: &str| {
        let ScopeFacts::SubserviceReport(of_soc1) = report(first, last, StatedOpinion::Unmodified, None, true) else {
            unreachable!()
        };
        ScopeFacts::SubserviceReport(SubserviceReport { report: ReportKind::Soc2, ..of_soc1 })
    };
    let csoc = || {
        ScopeFacts::ComplementarySubserviceOrganizationControl(ComplementarySubserviceOrganizationControl {
            organization: id("SUB-9"),
            objectives: [id("PAY-4")].into(),
            criteria: Default::default(),
        })
    };
    let csoc_of_soc2 = || {
        ScopeFacts::ComplementarySubserviceOrganizationControl(ComplementarySubserviceOrganizationControl {
            organization: id("SUB-9"),
            objectives: Default::default(),
            criteria: [id("CC6.4")].into(),
        })
    };
    let inclusive = || {
        ScopeFacts::SubserviceOrganization(SubserviceOrganization {
            method: [(ReportKind::Soc1, SubserviceMethod::Inclusive)].into(),
            monitoring: Default::default(),
        })
    };
    let unmodified = StatedOpinion::Unmodified;
    let cases: Vec<(&str, Vec<(&str, ScopeFacts)>)> = vec![
        ("carved out, nothing else", vec![("SUB-9", carved(&[]))]),
        (
            "all there, same period",
            vec![
                ("SUB-9", carved(&["GOV-01"])),
                ("CSOC-9", csoc()),
                ("REP-9", report("2025-10-01", "2026-09-30", unmodified, None, true)),
            ],
        ),
        (
            "a year that ends in June, bridged by a short letter",
            vec![
                ("SUB-9", carved(&["GOV-01"])),
                ("CSOC-9", csoc()),
                ("REP-9", report("2025-07-01", "2026-06-30", unmodified, Some("2026-08-31"), true)),
            ],
        ),
        (
            "bridged by a long letter",
            vec![
                ("SUB-9", carved(&["GOV-01"])),
                ("CSOC-9", csoc()),
                ("REP-9", report("2025-05-01", "2026-04-30", unmodified, Some("2026-09-30"), true)),
            ],
        ),
        (
            "two reports with a hole, a disclaimer, an open CUEC",
            vec![
                ("SUB-9", carved(&["GOV-01"])),
                ("CSOC-9", csoc()),
                ("REP-8", report("2025-01-01", "2025-12-31", unmodified, None, true)),
                ("REP-9", report("2026-03-01", "2026-09-30", unmodified, None, false)),
                ("REP-7", report("2026-01-01", "2026-02-28", StatedOpinion::Disclaimer, None, true)),
            ],
        ),
        (
            "only a SOC 2 on file, and a complementary control of the SOC 2",
            vec![
                ("SUB-9", carved(&["GOV-01"])),
                ("CSOC-9", csoc_of_soc2()),
                ("REP-9", of_soc2("2025-10-01", "2026-09-30")),
            ],
        ),
        (
            "a SOC 1 of half a year, and a SOC 2 of the whole",
            vec![
                ("SUB-9", carved(&["GOV-01"])),
                ("CSOC-9", csoc()),
                ("REP-8", report("2025-10-01", "2026-03-31", unmodified, None, true)),
                ("REP-9", of_soc2("2025-10-01", "2026-09-30")),
            ],
        ),
        (
            "included, with other dates",
            vec![("SUB-9", inclusive()), ("REP-9", report("2025-07-01", "2026-06-30", unmodified, None, true))],
        ),
    ];
    for (name, items) in cases {
        let mut house = House::engaged();
        for (item, facts) in items {
            record(&mut house, item, "n", facts);
        }
        let found = house.state.consistency(&house.catalog, &ProgramTexts::default(), today());
        let about = ["SUB-01", "SUB-02", "SUB-03", "SUB-04", "DAT-07", "DAT-10", "MAP-02"];
        let lines: Vec<String> = found
            .iter()
            .filter(|finding| about.contains(&finding.rule.code()))
            .map(|finding| format!("  {} {}: {}", finding.rule.code(), finding.subject, finding.says))
            .collect();
        told_all.push(format!("{name}:\n{}", if lines.is_empty() { "  nothing".to_owned() } else { lines.join("\n") }));
    }
    insta::assert_snapshot!(told_all.join("\n"), @r"
    carved out, nothing else:
      SUB-01 SUB-9: it is carved out, and no complementary control of it is tied to what is in scope here
      SUB-02 SUB-9: it is carved out, and no control that runs monitors it
      SUB-03 SUB-9: none of its reports is on file
    all there, same period:
      nothing
    a year that ends in June, bridged by a short letter:
      SUB-04 SUB-9: its reports on file and bridge letters leave 30 of 365 days open, from 2026-09-01 to 2026-09-30
    bridged by a long letter:
      DAT-07 REP-9: its bridge letter speaks of 153 days, 2026-05-01 to 2026-09-30
    two reports with a hole, a disclaimer, an open CUEC:
      SUB-04 SUB-9: its reports on file and bridge letters leave 59 of 365 days open, from 2026-01-01 to 2026-02-28
      MAP-02 REP-9: no control of ours runs its complementary user entity controls 3.1
    only a SOC 2 on file, and a complementary control of the SOC 2:
      SUB-01 SUB-9: it is carved out, and no complementary control of it is tied to what is in scope here
      SUB-03 SUB-9: no SOC 1 of it is on file: REP-9 is about another subject
    a SOC 1 of half a year, and a SOC 2 of the whole:
      SUB-04 SUB-9: its reports on file and bridge letters leave 183 of 365 days open, from 2026-04-01 to 2026-09-30
    included, with other dates:
      DAT-10 SUB-9: it is included, and REP-9 speaks of 2025-07-01 to 2026-06-30, ours of 2025-10-01 to 2026-09-30
    ");
}

#[test]
fn what_names_a_control_is_told_when_it_is_dropped() {
    let mut house = House::engaged();
    house.act("lea", risk("R-1", &["CC6.2"], &["ITGC-LA", "PAY-4"]));
    scope(&mut house);
    let about = |house: &House| {
        let found = house.state.consistency(&house.catalog, &ProgramTexts::default(), today());
        let lines = found.iter().filter(|f| f.rule == ConsistencyRule::NamedRuns);
        lines.map(|f| format!("{}: {} -> {}", f.subject, f.says, f.act)).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(about(&house), "");
    for control in ["PAY-4-C2", "GOV-01", "LA-02"] {
        house.act("lea", drop_control(control, "2026-11-01"));
    }
    insta::assert_snapshot!(about(&house), @r"
    KR-1: it names control PAY-4-C2, which does not run from 2026-11-01 on -> name what runs in its place from that day on, or record the item without it
    SUB-1: it names control GOV-01, which does not run from 2026-11-01 on -> name what runs in its place from that day on, or record the item without it
    SUB-1-2026: it names control LA-02, which does not run from 2026-11-01 on -> name what runs in its place from that day on, or record the item without it
    ");
    let control = id::<ControlId>("PAY-4-C2");
    let naming: Vec<&str> = house.state.items_naming(&control).map(|(id, _)| id.as_str()).collect();
    assert_eq!(naming, ["KR-1"]);
}

#[test]
fn a_document_that_is_named_for_many_controls_shows_none_of_them() {
    let mut house = House::engaged();
    let found = |house: &House| {
        let lines = told(house);
        lines.lines().filter(|line| line.starts_with("EVI-01")).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    for number in 1..=13 {
        assert_eq!(found(&house), [""; 0], "twelve are a handful");
        let control = format!("OWN-{number:02}");
        house.act("lea", adopt(&control, "otto"));
        house.act("otto", document(&control, "everything we do", "2026-03-01"));
    }
    insta::assert_snapshot!(found(&house).concat(), @"EVI-01 | hr | - | its document dated 2026-03-01 is named for 13 controls -> name in the register only the controls that the document itself shows, and file what shows the others");
}

#[test]
fn periods_that_follow_on_without_a_gap_cover_a_year_together() {
    // A year that ends with March: the period covers half of it, two periods all of it.
    let covers = |first: &str, last: &str, gap: Option<&str>| {
        let mut house = House::engaged();
        record(&mut house, "SVC-1", "n", ScopeFacts::Service(Service { reports: [ReportKind::Soc1].into() }));
        let entity = UserEntity {
            year_end: "03-31".parse().unwrap(),
            services: [id("SVC-1")].into(),
            reports: [ReportKind::Soc1].into(),
        };
        record(&mut house, "UE-2", "n", ScopeFacts::UserEntity(entity));
        let Command::OpenEngagement(command) = open_soc1() else { unreachable!() };
        let next = OpenEngagement {
            engagement: id("next"),
            report_type: ReportType::Type2(span(first, last)),
            follows: Some(id("soc1")),
            gap: gap.map(text),
            ..command
        };
        house.act("lea", Command::OpenEngagement(next));
        let found = house.state.consistency(&house.catalog, &ProgramTexts::default(), today());
        let lines = found.iter().filter(|finding| finding.rule == ConsistencyRule::YearCovered);
        let next = lines.filter(|finding| finding.engagement == Some(id("next")));
        next.map(|finding| format!("{} -> {}", finding.says, finding.act)).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(covers("2026-10-01", "2027-03-31", None), "");
    // What is open lies before, after, or both; what ended within the period is no longer asked about.
    insta::assert_snapshot!(
        [
            covers("2026-11-01", "2027-03-31", Some("the data center moved")),
            covers("2026-10-01", "2027-09-30", None),
            covers("2026-11-01", "2027-01-31", Some("the data center moved")),
        ]
        .join("\n"),
        @r"
    fiscal year 2026-04-01 to 2027-03-31: 151 of 365 days covered (41 %), 214 days open at its beginning: weak -> begin the period earlier if the controls ran then with kept evidence, since no letter mends a beginning
    fiscal year 2027-04-01 to 2028-03-31: 183 of 366 days covered (50 %), 183 days open at its end: partial -> move the period's last day nearer to that year's end, or plan another report: a bridge letter is too short
    fiscal year 2026-04-01 to 2027-03-31: 92 of 365 days covered (25 %), 214 days open at its beginning and 59 days open at its end: weak -> begin the period earlier if the controls ran then with kept evidence, since no letter mends a beginning; plan a bridge letter for the end
    "
    );
}

#[test]
fn every_rule_has_a_code_of_its_own_and_says_what_it_asks() {
    let codes: std::collections::BTreeSet<&str> = ConsistencyRule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), ConsistencyRule::ALL.len());
    assert!(ConsistencyRule::ALL.iter().all(|rule| rule.asks().ends_with('.')));
}
