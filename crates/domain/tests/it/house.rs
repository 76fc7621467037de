//! A small house to tell stories in: people, a catalog of three controls and two control tests, a fixed clock.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tickmark_canonical::Digest;
use tickmark_domain::*;

/// The digest of a text, standing for a vault object.
pub fn text(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

pub fn day(of: &str) -> jiff::civil::Date {
    of.parse().unwrap()
}

pub fn span(first: &str, last: &str) -> Span {
    Span { first: day(first), last: day(last) }
}

pub fn year() -> Span {
    span("2025-10-01", "2026-09-30")
}

pub struct House {
    pub state: State,
    pub catalog: CatalogIndex,
    pub transcript: String,
    next_index: u64,
    /// Everything that was decided.
    pub facts: Vec<(Event, Recorded)>,
    /// What the clock says.
    pub now: Timestamp,
}

impl House {
    /// An empty ledger.
    pub fn unfounded() -> Self {
        Self {
            state: State::default(),
            catalog: catalog(),
            transcript: String::new(),
            next_index: 0,
            facts: Vec::new(),
            now: now(),
        }
    }

    /// Founded by ada (administrator), with lea (compliance lead), otto (control owner), eve (executive), the firm's
    /// fay (preparer) and sam (signatory), the catalog in force and three controls adopted.
    pub fn new() -> Self {
        Self::new_at(now())
    }

    /// The same, with this on the clock.
    pub fn new_at(now: Timestamp) -> Self {
        let mut house = Self { now, ..Self::unfounded() };
        house.act("ada", found());
        for (person, firm, role) in [
            ("lea", None, Role::ComplianceLead),
            ("otto", None, Role::ControlOwner),
            ("eve", None, Role::Executive),
            ("fay", Some("alder"), Role::FirmPreparer),
            ("sam", Some("alder"), Role::FirmSignatory),
        ] {
            let firm = firm.map(|id: &str| id.parse().unwrap());
            house.act("ada", Command::AddPerson(AddPerson { person: id(person), profile: text(person), firm }));
            house.act("ada", Command::GrantRole(GrantRole { person: id(person), role }));
        }
        house.act("ada", Command::AdoptCatalog(AdoptCatalog { files: text("files"), index: text("index") }));
        for control in ["LA-02", "PAY-4-C2", "GOV-01"] {
            house.act("lea", adopt(control, "otto"));
        }
        house.transcript.clear();
        house
    }

    /// As [`House::new`], with a SOC 1 engagement `soc1` over the year, approved source `hr` and evidence of `person`.
    pub fn engaged() -> Self {
        let mut house = Self::new();
        house.act("lea", open_soc1());
        house.act(
            "lea",
            Command::AppointFirm(AppointFirm {
                engagement: id("soc1"),
                firm: id("alder"),
                name: text("Alder"),
                sealing_key: text("key"),
            }),
        );
        house.act("ada", Command::ApproveSource(ApproveSource { source: id("hr"), settings: text("settings") }));
        house.act("otto", evidence("person", "manifest-1", year()));
        house.transcript.clear();
        house
    }

    /// The catalog with other SQL for a control test, or without it.
    pub fn with_test(&self, test: &str, catalog: &str, sql: Option<Digest>) -> CatalogIndex {
        let mut changed = CatalogIndex { catalog: text(catalog), ..self.catalog.clone() };
        match sql {
            Some(sql) => changed.tests.get_mut(&id::<TestId>(test)).unwrap().sql = sql,
            None => drop(changed.tests.remove(&id::<TestId>(test))),
        }
        changed
    }

    /// Decides and applies, and writes a line of the transcript.
    pub fn act(&mut self, person: &str, command: Command) -> &mut Self {
        let name = format!("{command:?}").split(['(', ' ']).next().unwrap_or_default().to_owned();
        let author = Author { person: id(person), at: self.now };
        let line = match decide(&self.state, &author, &self.catalog, command) {
            Ok(events) => {
                let names: Vec<String> = events.iter().map(event_name).collect();
                for event in &events {
                    let recorded = Recorded { index: self.next_index, at: self.now, by: id(person) };
                    self.state.apply(event, &recorded);
                    self.facts.push((event.clone(), recorded));
                    self.next_index += 1;
                }
                names.join(", ")
            }
            Err(refusal) => format!("refused [{}] {refusal}", refusal.code()),
        };
        self.transcript.push_str(&format!("{person}: {name} -> {line}\n"));
        self
    }
}

pub fn event_name(event: &Event) -> String {
    serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned()
}

pub fn now() -> Timestamp {
    "2026-10-15T12:00:00Z".parse().unwrap()
}

pub fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub fn found() -> Command {
    Command::FoundOrganization(FoundOrganization {
        organization: id("harbor-lane"),
        name: text("Harbor Lane"),
        zone: "America/New_York".into(),
        calendar: id("us-federal"),
        days: federal(),
        administrator: id("ada"),
        profile: text("ada"),
    })
}

/// Federal holidays around the year of these tests.
pub fn federal() -> BusinessCalendar {
    let holidays = [
        "2025-01-01",
        "2025-01-20",
        "2025-02-17",
        "2025-05-26",
        "2025-06-19",
        "2025-07-04",
        "2025-09-01",
        "2025-10-13",
        "2025-11-11",
        "2025-11-27",
        "2025-12-25",
        "2026-01-01",
        "2026-01-19",
        "2026-02-16",
        "2026-05-25",
        "2026-06-19",
        "2026-07-03",
        "2026-09-07",
        "2026-10-12",
        "2026-11-11",
        "2026-11-26",
        "2026-12-25",
    ];
    serde_json::from_value(serde_json::json!({
        "first_on": "2025-01-01", "last_on": "2026-12-31", "weekend": ["saturday", "sunday"], "holidays": holidays,
    }))
    .unwrap()
}

/// Proposes a catalog; the control tests named are not back-tested, for a reason.
pub fn propose(catalog: &CatalogIndex, not_back_tested: &[TestId]) -> Command {
    Command::ProposeCatalog(ProposeCatalog {
        files: text("files 2"),
        index: text("index 2"),
        proposed: Box::new(catalog.clone()),
        not_back_tested: not_back_tested.iter().cloned().collect(),
        reasons: (!not_back_tested.is_empty()).then(|| text("reasons")),
    })
}

pub fn adopt(control: &str, owner: &str) -> Command {
    Command::AdoptControl(AdoptControl {
        control: id(control),
        definition: definition(control),
        owner: id(owner),
        effective_on: day("2025-01-01"),
    })
}

/// A control as the catalog of this house has it; one that it does not have serves LA-02's objective.
pub fn definition(control: &str) -> ControlDefinition {
    let rules = catalog().controls;
    let rule = rules.get(&id::<ControlId>(control)).unwrap_or(&rules[&id::<ControlId>("LA-02")]);
    ControlDefinition {
        title: text("title"),
        statement: text(control),
        evidence: text("evidence"),
        owner_role: id("it"),
        frequency: Frequency::PerEvent,
        nature: ControlNature::Preventive,
        automation: Automation::Manual,
        is_key: true,
        criteria: rule.criteria.clone(),
        objectives: rule.objectives.clone(),
        risks: rule.risks.clone(),
    }
}

pub fn open_soc1() -> Command {
    Command::OpenEngagement(OpenEngagement {
        engagement: id("soc1"),
        report: ReportKind::Soc1,
        report_type: ReportType::Type2(year()),
        system: text("system"),
        objectives: BTreeSet::from([id("PAY-4"), id("ITGC-LA")]),
        categories: BTreeSet::new(),
        follows: None,
        gap: None,
        without_security: None,
        standards: Default::default(),
        section_order: Default::default(),
    })
}

pub fn evidence(dataset: &str, manifest: &str, covers: Span) -> Command {
    Command::RecordEvidence(RecordEvidence {
        dataset: id(dataset),
        source: id("hr"),
        settings: text("settings"),
        manifest: text(manifest),
        rows: 10,
        source_rows: Some(10),
        covers,
        extracted_at: "2026-10-14T08:00:00Z".parse().unwrap(),
        complete: true,
        read_again: None,
    })
}

/// A run of `leaver-access` over `span` with so many exceptions in a population of ten.
pub fn run(run: &str, span: Span, exceptions: u64) -> Command {
    Command::RecordTestRun(RecordTestRun {
        run: id(run),
        on: span.last,
        span,
        engine: "engine 1".into(),
        results: vec![result(exceptions)],
    })
}

pub fn result(exceptions: u64) -> NewResult {
    let rows = text(&format!("rows {exceptions}"));
    let some = exceptions > 0;
    NewResult {
        test: id("leaver-access"),
        outcome: if some { Outcome::Exceptions } else { Outcome::NoExceptions },
        population: 10,
        population_digest: Some(text("population")),
        exceptions,
        rows: some.then_some(rows),
        rows_digest: Some(rows),
        sql: text("sql of leaver-access"),
        inputs: text("inputs"),
        manifests: vec![text("manifest-1")],
        reason: None,
        late: 0,
        canaries: 3,
        items: some.then_some(ItemChange { keys: rows, appeared: exceptions, gone: 0, back: 0 }),
    }
}

fn catalog() -> CatalogIndex {
    let control = |criteria: &[&str], objectives: &[&str]| ControlRule {
        criteria: criteria.iter().map(|c| id(c)).collect(),
        objectives: objectives.iter().map(|o| id(o)).collect(),
        risks: BTreeSet::from([id("R-1")]),
    };
    let test = |name: &str, control: &str, dataset: &str| {
        let rule = TestRule {
            controls: BTreeSet::from([id(control)]),
            of_industry: BTreeSet::new(),
            once_collected: BTreeSet::new(),
            datasets: BTreeSet::from([id(dataset)]),
            sql: text(&format!("sql of {name}")),
            every: None,
        };
        (id(name), rule)
    };
    CatalogIndex {
        catalog: text("catalog"),
        categories: BTreeMap::from([("security".to_owned(), BTreeSet::from([id("CC6.2"), id("CC1.1")]))]),
        objectives: ["PAY-4", "ITGC-LA"].map(|o| (id(o), ObjectiveRule { controls: BTreeSet::new() })).into(),
        controls: BTreeMap::from([
            (id("LA-02"), control(&["CC6.2"], &["ITGC-LA"])),
            (id("PAY-4-C2"), control(&[], &["PAY-4"])),
            (id("GOV-01"), control(&["CC1.1"], &[])),
        ]),
        tests: BTreeMap::from([
            test("leaver-access", "LA-02", "person"),
            test("pay-net-recomputed", "PAY-4-C2", "payslip"),
        ]),
        datasets: BTreeMap::from([
            (
                id("person"),
                DatasetRule { personal: true, change_log: None, stale_after_days: Some(35), several_sources: false },
            ),
            (
                id("payslip"),
                DatasetRule { personal: true, change_log: None, stale_after_days: None, several_sources: false },
            ),
        ]),
        risks: BTreeSet::from([id("R-1")]),
    }
}
