//! What to do next: the first step on the way to report packages that nobody has taken yet.

use jiff::civil::Date;
use serde::Serialize;
use tickmark_domain::{
    CatalogIndex, Control, Engagement, EngagementId, Exception, ExceptionState, PackageKind, ReportType, Role, Span,
    State,
};

use crate::{House, testing::days_of_tests};

/// A step and the command that takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// What is to be done and why.
    pub says: String,
    /// The command, with words in capitals for what only a person knows.
    pub command: String,
}

impl NextStep {
    fn new(says: impl Into<String>, command: impl Into<String>) -> Self {
        Self { says: says.into(), command: command.into() }
    }
}

impl House {
    /// The next step, by what is recorded.
    pub fn next_step(&self) -> NextStep {
        next_step(self.state(), self.catalog_index(), self.today())
    }
}

fn next_step(state: &State, index: &CatalogIndex, today: Date) -> NextStep {
    set_up(state, index)
        .or_else(|| evidence(state, today))
        .or_else(|| exceptions(state))
        .or_else(|| state.engagements.iter().find_map(|(id, engagement)| report(state, index, id, engagement, today)))
        .unwrap_or_else(|| {
            NextStep::new("Every engagement has its packages; check one as a reader would.", "verify PACKAGE")
        })
}

fn anybody_is(state: &State, role: Role) -> bool {
    state.people.values().any(|person| person.roles.contains(&role))
}

fn set_up(state: &State, index: &CatalogIndex) -> Option<NextStep> {
    if !anybody_is(state, Role::ComplianceLead) {
        return Some(NextStep::new(
            "Nobody leads the engagements yet: add a person who does.",
            "person add ID --name NAME --mail ADDRESS --role compliance-lead",
        ));
    }
    if state.engagements.is_empty() {
        return Some(NextStep::new(
            "No engagement is open. The advisor asks which report your clients need and writes what it proposes to a file; \
             `tickmark advise --profile FILE --accept decision.toml --as PERSON` opens those engagements. Whoever knows \
             already opens one with `tickmark engagement open`.",
            "advise --system NAME --proposal decision.toml",
        ));
    }
    if let Some(change) = state.changes_since_advice().and_then(|changes| changes.into_iter().next()) {
        return Some(NextStep::new(
            format!("The advisor was asked before this ({change}): ask again, with a profile that tells of it."),
            "advise --profile FILE --system NAME --proposal decision.toml",
        ));
    }
    let without = state.engagements.iter().find(|(_, engagement)| engagement.controls(state, index).is_empty());
    if let Some((id, engagement)) = without {
        let first = engagement.report_type.span().first;
        return Some(NextStep::new(
            format!(
                "No control serves engagement `{id}` yet: adopt those of the catalog that do. DATE is the day since which they \
                 run, such as {first}."
            ),
            "control adopt --effective DATE --as PERSON",
        ));
    }
    if state.sources.is_empty() {
        return Some(tailored(state));
    }
    None
}

/// The controls are adopted and nothing is collected: first they are fitted to the organization, then sources come.
fn tailored(state: &State) -> NextStep {
    let is_changed = |control: &Control| control.versions.len() > 1 || control.dropped().is_some();
    if state.controls.values().any(is_changed) || !state.documents.is_empty() {
        return NextStep::new(
            "Put settings of your sources into `sources/` (docs/sources.md); an administrator approves them. `tickmark \
             readiness` says what is lacking.",
            "source approve",
        );
    }
    NextStep::new(
        "The control set is as the catalog words it: fit it to how you work. The program is written as files; change them and \
         record the changes with `tickmark apply program --as PERSON`. `tickmark control lint` finds wording that nobody could \
         test, `tickmark readiness` what is lacking; then come the sources (docs/sources.md, `tickmark source approve`).",
        "export program",
    )
}

fn evidence(state: &State, today: Date) -> Option<NextStep> {
    if state.evidence.is_empty() && state.documents.is_empty() {
        return Some(NextStep::new("No evidence is there yet.", "collect"));
    }
    let tested = |span: Span| state.runs.values().any(|run| run.span == span);
    let spans = || days_of_tests(state);
    // A first day that is not over cannot be tested.
    let has_begun = |span: &Span| span.first < today;
    if let Some((id, Span { first, .. })) = spans().next().filter(|_| !spans().any(|(_, span)| has_begun(&span))) {
        return Some(NextStep::new(format!("The period of engagement `{id}` begins on {first}."), "status"));
    }
    let (_, Span { first, last }) = spans().find(|(_, span)| has_begun(span) && !tested(*span))?;
    Some(NextStep::new(format!("The control tests have not run over {first} to {last}."), "test"))
}

fn exceptions(state: &State) -> Option<NextStep> {
    let proposed = |exception: &Exception| exception.withdrawal.as_ref().is_some_and(|w| w.agreed_by.is_none());
    let moves = |e: &Exception| !matches!(e.state, ExceptionState::Retested | ExceptionState::Withdrawn);
    if let Some((id, _)) = state.exceptions.iter().find(|(_, e)| moves(e) && proposed(e)) {
        return Some(NextStep::new(
            format!("The withdrawal of {id} is proposed; a second person agrees, or it is answered."),
            format!("exception agree {id} --as PERSON"),
        ));
    }
    let open: Vec<_> = state.exceptions.iter().filter(|(_, e)| e.state == ExceptionState::Open).collect();
    let (first, _) = open.first()?;
    Some(NextStep::new(
        match open.len() {
            1 => format!("One exception waits for an answer; `tickmark exceptions --rows {first}` shows its rows."),
            many => format!("{many} exceptions wait for an answer; `tickmark exceptions` lists them."),
        },
        format!("exception respond {first} --text TEXT --as PERSON"),
    ))
}

fn report(
    state: &State,
    index: &CatalogIndex,
    id: &EngagementId,
    engagement: &Engagement,
    today: Date,
) -> Option<NextStep> {
    if engagement.description.is_none() && state.standing_scope().next().is_none() {
        return Some(NextStep::new(
            "Nothing is in scope yet, and a description speaks of it: write DIR/scope.toml; `tickmark scope example` prints a \
             filled one.",
            "apply DIR --partial --dry-run --as PERSON",
        ));
    }
    if engagement.description.is_none() {
        return Some(NextStep::new(
            format!("Engagement `{id}` has no system description; `--example` shows one."),
            format!("description adopt FILE --engagement {id} --as PERSON"),
        ));
    }
    let is_issued = engagement.packages.iter().any(|package| package.kind == PackageKind::Report);
    if !is_issued && waits_for_closing(state, index, id, today) {
        return Some(NextStep::new(
            format!(
                "The days of engagement `{id}` are over and its control tests have run: close it, so that its documents stay as \
                 they are now whatever is recorded later."
            ),
            format!("engagement close {id} --as PERSON"),
        ));
    }
    if engagement.assertion.is_none() {
        return Some(assertion(state, id, engagement, today));
    }
    let Some(firm) = &engagement.firm else {
        return Some(NextStep::new(
            format!("No firm is appointed to engagement `{id}`. It makes its key with `tickmark firm new-key FILE`."),
            format!("firm appoint --engagement {id} --id FIRM --name NAME --city CITY --key FILE --as PERSON"),
        ));
    };
    if !engagement.packages.iter().any(|package| package.kind == PackageKind::Examination) {
        return Some(NextStep::new(
            format!("The firm has nothing of engagement `{id}` in its hands yet."),
            format!("handover {id} PACKAGE --as PERSON"),
        ));
    }
    let tests_of_controls = matches!(engagement.report_type, ReportType::Type2(_));
    if tests_of_controls && engagement.firm_tests.is_empty() {
        if !state.people.values().any(|person| person.firm.as_ref() == Some(&firm.firm)) {
            return Some(NextStep::new(
                "Nobody of the firm is known here yet.",
                format!("person add ID --name NAME --mail ADDRESS --firm {} --role firm-preparer", firm.firm),
            ));
        }
        return Some(NextStep::new(
            format!(
                "The firm performs management's tests of engagement `{id}` again; then it records its own with `tickmark \
                 firm record FILE --performed PERFORMED --as PERSON`."
            ),
            "firm perform PACKAGE --firm-key KEY --save PERFORMED",
        ));
    }
    if !is_issued {
        return Some(NextStep::new(
            format!("Make the packages of engagement `{id}`; the firm's report may come before or after."),
            format!("report --engagement {id} --as PERSON"),
        ));
    }
    None
}

/// Whether an engagement is not closed although its days are over and each of its control tests has a result over them.
pub(crate) fn waits_for_closing(state: &State, index: &CatalogIndex, id: &EngagementId, today: Date) -> bool {
    let is_open = state.engagements.contains_key(id) && state.closing(id).is_none();
    is_open
        && state.figures(index, id).is_ok_and(|figures| {
            let have_run = !figures.tests.is_empty() && figures.tests.values().all(|test| test.outcome.is_some());
            figures.span.last < today && have_run
        })
}

fn assertion(state: &State, id: &EngagementId, engagement: &Engagement, today: Date) -> NextStep {
    let last = engagement.report_type.span().last;
    if today < last {
        return NextStep::new(
            format!("Until {last}, keep the schedule; management signs its assertion for `{id}` after it."),
            "run --due --as PERSON",
        );
    }
    if !anybody_is(state, Role::Executive) {
        return NextStep::new(
            "Nobody signs for management yet: add a person who does.",
            "person add ID --name NAME --mail ADDRESS --role executive",
        );
    }
    NextStep::new(
        format!("Management has not signed its assertion for engagement `{id}`; `--example` shows one."),
        format!("assertion sign FILE --engagement {id} --title OFFICE --as PERSON"),
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tickmark_canonical::Digest;
    use tickmark_domain::{DocumentRecorded, EngagementOpened, Event, Recorded, ReportKind, TestRunRecorded};

    use super::*;

    /// What these facts add up to.
    fn state_of(events: impl IntoIterator<Item = Event>) -> State {
        let mut state = State::default();
        for (index, event) in (0..).zip(events) {
            let at = "2026-02-01T12:00:00Z".parse().unwrap();
            state.apply(&event, &Recorded { index, at, by: "ada".parse().unwrap() });
        }
        state
    }

    fn opened(id: &str, first: Date, last: Date) -> Event {
        Event::EngagementOpened(EngagementOpened {
            engagement: id.parse().unwrap(),
            report: ReportKind::Soc2,
            report_type: ReportType::Type2(Span { first, last }),
            system: Digest::of(b"system"),
            objectives: Default::default(),
            categories: Default::default(),
            follows: None,
            gap: None,
            without_security: None,
            standards: Default::default(),
            section_order: Default::default(),
        })
    }

    fn tested(run: &str, first: Date, last: Date) -> Event {
        Event::TestRunRecorded(TestRunRecorded {
            run: run.parse().unwrap(),
            on: last,
            span: Span { first, last },
            changed: 0,
            unchanged: 0,
            unchanged_tests: Vec::new(),
            catalog: Digest::of(b"catalog"),
            engine: "engine 1".to_owned(),
        })
    }

    #[test]
    fn days_within_another_engagements_are_tested_too_and_days_to_come_wait() {
        let year = (date(2025, 1, 1), date(2025, 12, 31));
        let half = (date(2025, 7, 1), date(2025, 12, 31));
        let document = Event::DocumentRecorded(DocumentRecorded {
            document: Digest::of(b"document"),
            statement: Digest::of(b"statement"),
            source: "minutes".parse().unwrap(),
            control: None,
            dated_on: date(2025, 2, 1),
        });
        let mut events = vec![
            document,
            opened("a-next", date(2026, 1, 1), date(2026, 12, 31)),
            opened("half", half.0, half.1),
            opened("year", year.0, year.1),
        ];
        let says = |events: &[Event], today: Date| evidence(&state_of(events.to_vec()), today).map(|step| step.says);
        let begins = |first: &str| Some(format!("The period of engagement `a-next` begins on {first}."));
        assert_eq!(says(&events[..2], date(2026, 1, 1)), begins("2026-01-01"), "its first day is not over");
        let over = |days: &str| Some(format!("The control tests have not run over {days}."));
        assert_eq!(says(&events, date(2026, 1, 1)), over("2025-07-01 to 2025-12-31"), "what can be tested comes first");
        events.push(tested("run-1", year.0, year.1));
        assert_eq!(
            says(&events, date(2026, 1, 1)),
            over("2025-07-01 to 2025-12-31"),
            "a run over the year is none of it"
        );
        events.push(tested("run-2", half.0, half.1));
        assert_eq!(says(&events, date(2026, 1, 1)), None, "days to come keep nobody from what is next");
        assert_eq!(says(&events, date(2026, 1, 2)), over("2026-01-01 to 2026-12-31"));
    }

    #[test]
    fn an_empty_state_wants_a_lead_first() {
        let index = crate::index_of(&tickmark_catalog::Catalog::embedded().unwrap()).unwrap();
        let step = next_step(&State::default(), &index, date(2026, 1, 1));
        assert_eq!(step.command, "person add ID --name NAME --mail ADDRESS --role compliance-lead");
    }
}
