//! The cases of control occurrences: what stands in `occurrence_cases.md` is recorded, and the tables there must come out.
//! With `TICKMARK_WRITE_CASES=1` the test writes what it saw in their place, to be read before it is kept.

use proptest::prelude::*;
use tickmark_domain::*;

use crate::house::*;

const CASES: &str = include_str!("occurrence_cases.md");

/// A control, what the ledger holds about it, and the question.
struct Given {
    state: State,
    catalog: CatalogIndex,
    period: Span,
    today: jiff::civil::Date,
    /// Not recorded yet: with the time that the clock said, in the order in which lines say them.
    facts: Vec<(jiff::Timestamp, Event)>,
    next_entry: u64,
    runs: bool,
}

const CONTROL: &str = "LA-02";
const TEST: &str = "leaver-access";

impl Given {
    /// Founded on federal holidays, nothing else.
    fn new() -> Self {
        let house = House::unfounded();
        let mut given = Self {
            state: house.state,
            catalog: house.catalog,
            period: year(),
            today: day("2026-10-15"),
            facts: Vec::new(),
            next_entry: 0,
            runs: false,
        };
        let founded = OrganizationFounded {
            organization: id("harbor-lane"),
            name: text("Harbor Lane"),
            zone: "America/New_York".into(),
            calendar: "us-federal".into(),
        };
        given.fact(Event::OrganizationFounded(founded), "2025-01-01T12:00:00Z");
        given
    }

    fn fact(&mut self, event: Event, at: &str) {
        self.facts.push((at.parse().unwrap(), event));
    }

    /// Records the facts in the order of their times.
    fn record(&mut self) {
        let mut facts = std::mem::take(&mut self.facts);
        facts.sort_by_key(|(at, _)| *at);
        for (at, event) in facts {
            let recorded = Recorded { index: self.next_entry, at, by: id("otto") };
            self.state.apply(&event, &recorded);
            self.next_entry += 1;
        }
    }

    /// One line of a case, such as `performed: 2026-03-30, for 2026-01-01 to 2026-03-31`.
    fn line(&mut self, key: &str, value: &str) {
        let parts: Vec<&str> = value.split(", ").collect();
        let part = |before: &str| parts.iter().find_map(|part| part.strip_prefix(before));
        let noon = |on: &str| if on.contains('T') { on.to_owned() } else { format!("{on}T17:00:00Z") };
        match key {
            "period" => self.period = days(value),
            // `2025-10-01 to 2026-09-30`
            "engagement" => {
                let engagement = format!("soc1-{}", self.facts.len());
                let opened = EngagementOpened {
                    engagement: id(&engagement),
                    report: ReportKind::Soc1,
                    report_type: ReportType::Type2(days(value)),
                    system: text("system"),
                    objectives: [id("ITGC-LA")].into(),
                    categories: Default::default(),
                    follows: None,
                    gap: None,
                    without_security: None,
                    standards: Default::default(),
                    section_order: Default::default(),
                };
                self.fact(Event::EngagementOpened(opened), "2025-01-01T12:00:00Z");
            }
            "seen on" => self.today = day(value),
            "business calendar" => self.calendar(parts[0], part("resting also on "), part("recorded ")),
            "runs" => self.runs(parts[0], Automation::Manual, part("recorded ")),
            "runs by itself" => self.runs(parts[0], Automation::Automated, part("recorded ")),
            "dropped" => {
                let dropped_on = day(parts[0]);
                let dropped = ControlDropped { control: id(CONTROL), dropped_on, reason: text("reason") };
                self.runs = false;
                let at = part("recorded ").map_or_else(|| "2025-01-01T12:00:00Z".to_owned(), noon);
                self.fact(Event::ControlDropped(dropped), &at);
            }
            "performed" => {
                let performed_on = day(parts[0]);
                let at = noon(part("recorded ").unwrap_or(parts[0]));
                let item = part("item ").map(text);
                let window = days(part("for ").unwrap());
                // Each record has evidence of its own, unless the line names it.
                let own = format!("evidence of {value}");
                let (evidence, note) = ([text(part("shown by ").unwrap_or(&own))].into(), None);
                let (control, shared) = (id(CONTROL), None);
                let performed = ControlPerformed { control, window, item, performed_on, evidence, shared, note };
                self.fact(Event::ControlPerformed(performed), &at);
            }
            // The record that the ledger has newest, by a second person.
            "withdrawn" => {
                self.record();
                let performance = self.next_entry - 1;
                let proposed =
                    PerformanceWithdrawalProposed { control: id(CONTROL), performance, reason: text("reason") };
                self.fact(Event::PerformanceWithdrawalProposed(proposed), &noon(value));
                self.record();
                let withdrawn =
                    PerformanceWithdrawn { control: id(CONTROL), performance, proposal: self.next_entry - 1 };
                self.fact(Event::PerformanceWithdrawn(withdrawn), &noon(value));
                self.record();
            }
            "the clock is set back after" => {
                let missed =
                    RunsMissed { tests: [id(TEST)].into(), first_on: day(value), last_on: day(value), count: 1 };
                self.fact(Event::RunsMissed(missed), &noon(value));
                self.record();
            }
            "document" => {
                let (document, statement, source) = (text("document"), text("statement"), id("hr"));
                let control = Some(id(CONTROL));
                let recorded = DocumentRecorded { document, statement, source, control, dated_on: day(value) };
                self.fact(Event::DocumentRecorded(recorded), "2026-10-01T12:00:00Z");
            }
            "counted" => {
                let count = |part: &str| part.split(' ').next().unwrap().parse::<u64>().unwrap();
                let (population, exceptions) = (count(parts[0]), count(parts[1]));
                let outcome = if exceptions > 0 { Outcome::Exceptions } else { Outcome::NoExceptions };
                let mut result = self.result(self.period.last, outcome);
                (result.span, result.population, result.exceptions) = (self.period, population, exceptions);
                self.fact(Event::TestResultRecorded(result), "2026-10-10T12:00:00Z");
            }
            // `2026-01-01 to 2026-06-30, 12 items, checked`
            "frozen" => {
                let items = parts[1].split(' ').next().unwrap().parse().unwrap();
                let population = id(&format!("population-{}", days(parts[0]).first));
                let definition = PopulationDefinition::Own(text("leavers"));
                let frozen = PopulationFrozen {
                    population,
                    engagement: id("soc1"),
                    controls: [id(CONTROL)].into(),
                    definition,
                    span: days(parts[0]),
                    rows: crate::populations::rows("person", "rows", items),
                    catalog: text("catalog"),
                    reason: None,
                };
                let population = frozen.population.clone();
                self.fact(Event::PopulationFrozen(frozen), "2026-10-10T12:00:00Z");
                if parts.contains(&"checked") {
                    let checked = PopulationChecked {
                        population,
                        engagement: id("soc1"),
                        side: Side::Management,
                        passed: true,
                        note: text("note"),
                        second_source: None,
                        explanation: None,
                    };
                    self.fact(Event::PopulationChecked(checked), "2026-10-10T13:00:00Z");
                }
            }
            "observed" => {
                let of = days(parts[0]);
                let outcome = outcome(parts[1]);
                for on in of.first.series(jiff::Span::new().days(1)).take_while(|on| *on <= of.last) {
                    let result = self.result(on, outcome);
                    // How a day ended is seen on the day after it.
                    self.fact(Event::TestResultRecorded(result), &noon(&on.tomorrow().unwrap().to_string()));
                }
            }
            "log of changes" => {
                let rows = parts[1].split(' ').next().unwrap().replace("no", "0").parse().unwrap();
                let rule = self.catalog.datasets.get_mut(&id::<DatasetId>("person")).unwrap();
                rule.change_log = Some(id("person-log"));
                let recorded = EvidenceRecorded {
                    dataset: id("person-log"),
                    source: id("hr"),
                    manifest: text(value),
                    rows,
                    source_rows: Some(rows),
                    covers: days(parts[0]),
                    extracted_at: now(),
                    complete: !parts.contains(&"not complete"),
                    read_again: None,
                };
                self.fact(Event::EvidenceRecorded(recorded), "2026-10-01T12:00:00Z");
            }
            other => panic!("a case cannot say `{other}`"),
        }
    }

    fn calendar(&mut self, span: &str, own: Option<&str>, recorded: Option<&str>) {
        let Span { first, last } = days(span);
        let mut of_days = federal();
        (of_days.first_on, of_days.last_on) = (first, last);
        let adopted = BusinessCalendarAdopted {
            calendar: id("us-federal"),
            days: of_days,
            own_holidays: own.into_iter().flat_map(|own| own.split(" and ")).map(day).collect(),
            effective_on: first,
            reason: recorded.map(text),
        };
        let at = recorded.map_or_else(|| "2025-01-01T12:00:00Z".to_owned(), |on| format!("{on}T17:00:00Z"));
        self.fact(Event::BusinessCalendarAdopted(adopted), &at);
    }

    /// `quarterly from 2025-01-01`.
    fn runs(&mut self, value: &str, automation: Automation, recorded: Option<&str>) {
        let (frequency, from) = value.split_once(" from ").unwrap();
        let frequency = serde_json::from_value(serde_json::json!(frequency)).unwrap();
        let definition = ControlDefinition { frequency, automation, statement: text(value), ..definition(CONTROL) };
        let (control, owner, effective_on) = (id(CONTROL), id("otto"), day(from));
        let runs = std::mem::replace(&mut self.runs, true);
        let at = recorded.map_or_else(|| "2025-01-01T12:00:00Z".to_owned(), |on| format!("{on}T17:00:00Z"));
        let event = if runs {
            Event::ControlRevised(ControlRevised { control, definition, owner, effective_on, reason: text("reason") })
        } else {
            Event::ControlAdopted(ControlAdopted { control, definition, owner, effective_on })
        };
        self.fact(event, &at);
    }

    fn result(&self, on: jiff::civil::Date, outcome: Outcome) -> TestResultRecorded {
        let exceptions = u64::from(outcome == Outcome::Exceptions);
        TestResultRecorded {
            run: id(&format!("run-{on}-{}", self.facts.len())),
            test: id(TEST),
            on,
            span: Span { first: on, last: on },
            outcome,
            population: 10,
            population_digest: Some(text("population")),
            exceptions,
            rows: None,
            rows_digest: Some(text(&outcome.to_string())),
            sql: text("sql"),
            inputs: text("inputs"),
            reason: None,
            late: 0,
            canaries: 3,
            catalog: text("catalog"),
            engine: "engine 1".into(),
        }
    }

    fn occurrences(&mut self) -> ControlOccurrences {
        self.record();
        let question = CalendarQuestion { catalog: &self.catalog, period: self.period, today: self.today };
        let control: ControlId = id(CONTROL);
        self.state.occurrences([&control], question).remove(&control).unwrap()
    }
}

/// `2026-01-01 to 2026-03-31`, or one day.
fn days(value: &str) -> Span {
    let (first, last) = value.split_once(" to ").unwrap_or((value, value));
    span(first, last)
}

fn outcome(words: &str) -> Outcome {
    let all =
        [Outcome::NoExceptions, Outcome::Exceptions, Outcome::NoOccurrence, Outcome::NotEvaluable, Outcome::Error];
    all.into_iter().find(|outcome| outcome.to_string() == words).unwrap_or_else(|| panic!("no outcome is `{words}`"))
}

fn shown(days: Span) -> String {
    if days.first == days.last { days.first.to_string() } else { format!("{} to {}", days.first, days.last) }
}

/// What comes out, as the table of the case.
fn table(of: &ControlOccurrences) -> String {
    let mut lines = vec!["| days | state | told |".to_owned(), "|---|---|---|".to_owned()];
    for occurrence in &of.occurrences {
        let mut told = match occurrence.state {
            OccurrenceState::Done { on } => format!("on {on}"),
            OccurrenceState::Late { on, days_late } => format!("on {on}, {days_late} days late"),
            OccurrenceState::Missing => String::new(),
            OccurrenceState::NotDue { because } => because.words().to_owned(),
            OccurrenceState::Unknown { because } => because.words().to_owned(),
        };
        if of.versions.len() > 1 {
            let judged = of.versions.iter().position(|version| version.entry == occurrence.version);
            let judged = judged.map_or_else(|| "before the period".to_owned(), |at| (at + 1).to_string());
            told = format!("{told}{}wording {judged}", if told.is_empty() { "" } else { "; " });
        }
        if let Some(on) = occurrence.changed_on {
            let changed = format!("the frequency changed on {on}");
            told = if told.is_empty() { changed } else { format!("{told}; {changed}") };
        }
        if occurrence.shared_evidence {
            told = format!("{told}; evidence of another occurrence");
        }
        if let Some(since) = occurrence.known_since {
            told = format!("{told}; known since {since}");
        }
        lines.push(format!("| {} | {} | {told} |", shown(occurrence.window), occurrence.state.word()));
    }
    for part in &of.setting {
        let (state, told) = match part.state {
            SettingState::Held => ("held", "observed"),
            SettingState::Exceptions => ("exceptions", "observed"),
            SettingState::NoOccurrence => ("no occurrence", "observed"),
            SettingState::HeldByLog => ("held", "by the log of changes"),
            SettingState::ExceptionsByLog => ("exceptions", "by the log of changes"),
            SettingState::Unknown => ("unknown", ""),
        };
        lines.push(format!("| {} | {state} | {told} |", shown(part.days)));
    }
    for counted in &of.counted {
        lines.push(format!(
            "| {} | counted | {} items, {} exceptions |",
            shown(of.period),
            counted.population,
            counted.exceptions
        ));
    }
    for frozen in &of.frozen {
        let told = format!("{} items, {}", frozen.items, frozen.standing);
        lines.push(format!("| {} | frozen | {told} |", shown(frozen.days)));
    }
    for (at, version) in of.versions.iter().enumerate().filter(|_| of.versions.len() > 1) {
        if let Some(since) = version.known_since {
            lines.push(format!("| {} | | wording {}, known since {since} |", shown(version.days), at + 1));
        }
    }
    if !of.withdrawn.is_empty() {
        lines.push(format!("| | withdrawn | {} records |", of.withdrawn.len()));
    }
    for change in &of.retroactive {
        lines.push(format!("| | retroactive | {} |", change.words()));
    }
    if !of.without_occurrence.is_empty() {
        lines.push(format!("| | no occurrence | {} records |", of.without_occurrence.len()));
    }
    if let Some(tally) = of.setting_tally() {
        lines.push(format!("\nObserved on {} of {} days.", tally.observed, tally.days));
    }
    let signs: String = of.weeks().iter().map(|mark| mark.sign()).collect();
    lines.push(format!("\n`{signs}`"));
    lines.join("\n")
}

/// The file with each case's table as the rules make it.
fn as_the_rules_say() -> String {
    let mut parts = CASES.split("\n## ");
    let mut all = parts.next().unwrap().to_owned();
    for case in parts {
        let given_until = case.find("\n| days").unwrap_or_else(|| panic!("no table in `{case}`"));
        let (said, _) = case.split_at(given_until);
        let mut given = Given::new();
        for line in said.lines().filter_map(|line| line.strip_prefix("- ")) {
            let (key, value) = line.split_once(": ").unwrap();
            given.line(key, value);
        }
        all.push_str(&format!("\n## {said}\n{}\n", table(&given.occurrences())));
    }
    all
}

#[test]
fn cases() {
    let told = as_the_rules_say();
    if std::env::var_os("TICKMARK_WRITE_CASES").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/occurrence_cases.md"), &told).unwrap();
    }
    for (expected, found) in CASES.split("\n## ").zip(told.split("\n## ")) {
        assert_eq!(expected.trim_end(), found.trim_end());
    }
}

const FREQUENCIES: [&str; 9] =
    ["continuous", "per-event", "daily", "weekly", "semi-monthly", "monthly", "quarterly", "semi-annual", "annual"];

proptest! {
    /// Whatever a control's history: each day on which it ran is under one version's wording, and no two windows overlap.
    #[test]
    fn days_have_one_wording_and_windows_never_overlap(
        changes in prop::collection::vec((1_i32..200, 0_usize..FREQUENCIES.len(), any::<bool>()), 1..6),
        first in -200_i32..400,
        length in 1_i32..500,
    ) {
        let from = |days: i32| day("2025-06-01").saturating_add(jiff::Span::new().days(days));
        let mut given = Given::new();
        given.line("business calendar", "2025-01-01 to 2026-12-31");
        let mut at = 0;
        for (after, frequency, drop_first) in changes {
            if drop_first && at > 0 {
                given.line("dropped", &from(at + after / 2 + 1).to_string());
            }
            at += after + 1;
            given.line("runs", &format!("{} from {}", FREQUENCIES[frequency], from(at)));
        }
        given.period = Span { first: from(first), last: from(first + length) };
        let of = given.occurrences();
        let control = &given.state.controls[&id::<ControlId>(CONTROL)];
        for on in given.period.first.series(jiff::Span::new().days(1)).take_while(|on| *on <= given.period.last) {
            let judging: Vec<u64> =
                of.versions.iter().filter(|version| version.days.holds(on)).map(|version| version.entry).collect();
            let runs: Vec<u64> = control.version_on(on).iter().map(|version| version.entry).collect();
            prop_assert_eq!(judging, runs, "{}: everything was recorded before it was true", on);
            let windows = of.occurrences.iter().filter(|occurrence| occurrence.window.holds(on)).count();
            let setting = of.setting.iter().filter(|part| part.days.holds(on)).count();
            prop_assert!(windows + setting <= 1, "{on} lies in {windows} windows");
            let by_calendar = control.version_on(on).is_some_and(|version| {
                version.definition.frequency.is_set_by_calendar() && version.definition.frequency != Frequency::Daily
            });
            prop_assert!(!by_calendar || windows == 1, "{on} lies in no window");
        }
        prop_assert_eq!(of.weeks().len(), mondays(given.period).len());

        // Once the period is over, the calendar shows as due what the rules count, and the least that they count is no more.
        given.today = given.period.last.tomorrow().unwrap();
        let of = given.occurrences();
        let control = &given.state.controls[&id::<ControlId>(CONTROL)];
        let due: u64 = of.versions.iter().map(|version| version.due.due()).sum();
        prop_assert_eq!(given.state.times_due(control, given.period), due);
        // Days that no business calendar knows stand together, so that daily controls are left out here.
        let not_daily = control.versions_within(given.period).filter(|(of, _)| of.definition.frequency != Frequency::Daily);
        let at_least: u64 = not_daily.filter_map(|(of, days)| of.definition.frequency.due_within(days)).sum();
        prop_assert!(at_least <= due);
    }
}
