//! The control calendar of a year: 150 controls with daily results, 100 000 facts in state.
//!
//! `cargo run --release -p tickmark-domain --example occurrence_bench`

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock; the domain does not")]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    time::{Duration, Instant},
};

use jiff::{Timestamp, ToSpan, civil::Date};
use tickmark_canonical::Digest;
use tickmark_domain::{
    Automation, BusinessCalendar, BusinessCalendarAdopted, CalendarQuestion, CatalogIndex, ControlAdopted,
    ControlDefinition, ControlId, ControlNature, ControlPerformed, Event, EvidenceRecorded, Frequency,
    OrganizationFounded, Outcome, Recorded, Snapshot, Span, State, TestId, TestResultRecorded, TestRule,
};

type Outcomes<T> = Result<T, Box<dyn Error>>;

const CONTROLS: usize = 150;
const FACTS: u64 = 100_000;
const ROUNDS: usize = 20;

const FREQUENCIES: [Frequency; 9] = [
    Frequency::Continuous,
    Frequency::Continuous,
    Frequency::PerEvent,
    Frequency::Daily,
    Frequency::Daily,
    Frequency::Weekly,
    Frequency::Monthly,
    Frequency::Quarterly,
    Frequency::Annual,
];

/// Facts are applied one after the other, each in an entry of its own.
struct Ledger {
    state: State,
    entries: u64,
}

impl Ledger {
    fn add(&mut self, event: &Event, on: Date) -> Outcomes<()> {
        let at: Timestamp = on.at(18, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
        self.state.apply(event, &Recorded { index: self.entries, at, by: "otto".parse()? });
        self.entries += 1;
        Ok(())
    }
}

fn main() -> Outcomes<()> {
    let period = Span { first: "2025-10-01".parse()?, last: "2026-09-30".parse()? };
    let (ledger, catalog) = written(period)?;
    let state = ledger.state;
    let question = CalendarQuestion { catalog: &catalog, period, today: "2026-10-15".parse()? };
    let controls: Vec<ControlId> = state.controls.keys().cloned().collect();
    let (mut best, mut told) = (Duration::MAX, 0);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let all = state.occurrences(&controls, question);
        let marks: usize = all.values().map(|of| of.weeks().len()).sum();
        best = best.min(begun.elapsed());
        told = marks + all.values().map(|of| of.occurrences.len() + of.setting.len()).sum::<usize>();
    }
    let observed: usize = state.observed.values().map(Vec::len).sum();
    let bytes = snapshot_bytes(&state, ledger.entries)?;
    println!("facts                     {}", ledger.entries);
    println!("controls                  {}", controls.len());
    println!("ranges of observed days   {observed}");
    println!("snapshot of the state     {} KiB", bytes / 1024);
    println!("occurrences and marks     {told}");
    println!("time, best of {ROUNDS}         {} µs (bar: 50 ms)", best.as_micros());
    Ok(())
}

fn snapshot_bytes(state: &State, size: u64) -> Outcomes<usize> {
    let mut bytes = Vec::new();
    Snapshot::of(state.clone(), size).write(&mut bytes)?;
    Ok(bytes.len())
}

/// A year: each control with one control test that runs daily, performances of those that the calendar sets, extracts.
fn written(period: Span) -> Outcomes<(Ledger, CatalogIndex)> {
    let digest = |text: &str| Digest::of(text.as_bytes());
    let mut ledger = Ledger { state: State::default(), entries: 0 };
    let founded = OrganizationFounded {
        organization: "harbor-lane".parse()?,
        name: digest("name"),
        zone: "America/New_York".to_owned(),
        calendar: "us-federal".to_owned(),
    };
    ledger.add(&Event::OrganizationFounded(founded), period.first)?;
    let days: BusinessCalendar = serde_json::from_str(
        r#"{"first_on":"2025-01-01","last_on":"2026-12-31","weekend":["saturday","sunday"],"holidays":["2025-12-25","2026-01-01"]}"#,
    )?;
    let effective_on = days.first_on;
    let adopted = BusinessCalendarAdopted {
        calendar: "us-federal".parse()?,
        days,
        own_holidays: BTreeSet::new(),
        effective_on,
        reason: None,
    };
    ledger.add(&Event::BusinessCalendarAdopted(adopted), period.first)?;
    let mut tests = BTreeMap::new();
    for (number, frequency) in (0..CONTROLS).zip(FREQUENCIES.into_iter().cycle()) {
        let control: ControlId = format!("CTL-{number:03}").parse()?;
        let definition = ControlDefinition {
            title: digest("title"),
            statement: digest("statement"),
            evidence: digest("evidence"),
            owner_role: "it".parse()?,
            frequency,
            nature: ControlNature::Detective,
            automation: Automation::Manual,
            is_key: true,
            criteria: BTreeSet::new(),
            objectives: BTreeSet::new(),
            risks: BTreeSet::new(),
        };
        let owner = "otto".parse()?;
        let adopted = ControlAdopted { control: control.clone(), definition, owner, effective_on };
        ledger.add(&Event::ControlAdopted(adopted), period.first)?;
        let of_industry = BTreeSet::new();
        let rule = TestRule {
            controls: [control].into(),
            of_industry,
            once_collected: BTreeSet::new(),
            datasets: BTreeSet::new(),
            every: None,
            sql: digest("sql"),
        };
        tests.insert(format!("test-{number:03}").parse::<TestId>()?, rule);
    }
    let catalog = CatalogIndex {
        catalog: digest("catalog"),
        categories: BTreeMap::new(),
        objectives: BTreeMap::new(),
        controls: BTreeMap::new(),
        tests,
        datasets: BTreeMap::new(),
        risks: BTreeSet::new(),
    };
    for (at, day) in period.first.series(1.day()).take_while(|day| *day <= period.last).enumerate() {
        for (number, test) in catalog.tests.keys().enumerate() {
            // Every control test finds something on one day in thirty, each on another day.
            let outcome = if (at + number).is_multiple_of(30) { Outcome::Exceptions } else { Outcome::NoExceptions };
            ledger.add(&Event::TestResultRecorded(result(test, day, outcome)?), day)?;
        }
        for control in (0..CONTROLS).map(|number| format!("CTL-{number:03}")) {
            let control: ControlId = control.parse()?;
            let Some(window) = ledger.state.window_around(&control, day).filter(|window| window.last == day) else {
                continue;
            };
            let evidence = [digest("document")].into();
            let performed =
                ControlPerformed { control, window, item: None, performed_on: day, evidence, shared: None, note: None };
            ledger.add(&Event::ControlPerformed(performed), day)?;
        }
    }
    while ledger.entries < FACTS {
        let recorded = EvidenceRecorded {
            dataset: "account".parse()?,
            source: "idp".parse()?,
            manifest: digest(&ledger.entries.to_string()),
            rows: 10,
            source_rows: Some(10),
            covers: Span { first: period.first, last: period.first },
            extracted_at: Timestamp::UNIX_EPOCH,
            complete: true,
            read_again: None,
        };
        ledger.add(&Event::EvidenceRecorded(recorded), period.last)?;
    }
    Ok((ledger, catalog))
}

fn result(test: &TestId, day: Date, outcome: Outcome) -> Outcomes<TestResultRecorded> {
    let digest = |text: &str| Digest::of(text.as_bytes());
    Ok(TestResultRecorded {
        run: format!("run-{day}").parse()?,
        test: test.clone(),
        on: day,
        span: Span { first: day, last: day },
        outcome,
        population: 100,
        population_digest: Some(digest("population")),
        exceptions: u64::from(outcome == Outcome::Exceptions),
        rows: None,
        rows_digest: Some(digest(&outcome.to_string())),
        sql: digest("sql"),
        inputs: digest("inputs"),
        reason: None,
        late: 0,
        canaries: 3,
        catalog: digest("catalog"),
        engine: "engine 1".to_owned(),
    })
}
