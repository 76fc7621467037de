//! Closing an engagement: who may and when, what it freezes, and what is left open to the making of the report.

use tickmark_canonical::to_canonical;
use tickmark_domain::*;

use crate::{
    house::*,
    management_tests::reword,
    populations::{check, freeze},
};

pub fn close(reason: Option<&str>) -> Command {
    Command::ClosePeriod(ClosePeriod { engagement: id("soc1"), reason: reason.map(text) })
}

fn describe(words: &str) -> Command {
    Command::AdoptSystemDescription(AdoptSystemDescription { engagement: id("soc1"), text: text(words) })
}

fn respond(exception: &str) -> Command {
    Command::RespondToException(RespondToException { exception: id(exception), response: text("cause") })
}

/// A described engagement whose control test found two, with a population.
fn ready() -> House {
    let mut house = House::engaged();
    house.act("lea", run("run-1", year(), 2)).act("lea", describe("description"));
    house.act("lea", Command::FreezePopulation(freeze("leavers")));
    assert!(!house.transcript.contains("refused"), "{}", house.transcript);
    house.transcript.clear();
    house
}

/// What is otherwise than at the newest closing, a line each.
fn changes(house: &House) -> String {
    let soc1 = id("soc1");
    let closing = house.state.closing(&soc1).unwrap();
    let before = state_of(house, |recorded| recorded.index < closing.entry).frozen(&house.catalog, &soc1).unwrap();
    assert_eq!(before.digests(), closing.frozen, "what was frozen follows from the facts before it");
    let changes = house.state.frozen(&house.catalog, &soc1).unwrap().changes_since(&before);
    let lines = changes.iter().map(|change| format!("{}: {change}\n", change.part.label()));
    lines.collect::<String>()
}

fn state_of(house: &House, of: impl Fn(&Recorded) -> bool) -> State {
    let facts = house.facts.iter().filter(|(_, recorded)| of(recorded));
    facts.fold(State::default(), |mut state, (event, recorded)| {
        state.apply(event, recorded);
        state
    })
}

/// The state that documents of the closed engagement show.
pub fn as_closed(house: &House, id: &EngagementId) -> State {
    let closed = house.state.closing(id).unwrap().entry;
    let mut state = state_of(house, |recorded| recorded.index < closed);
    for (event, recorded) in house.facts.iter().filter(|(_, recorded)| recorded.index >= closed) {
        if state.is_left_open(id, event, &recorded.by) {
            state.apply(event, recorded);
        }
    }
    state
}

#[test]
fn the_lead_closes_what_is_over_and_described_and_again_only_for_a_reason() {
    let mut early = House::new_at("2026-10-01T03:59:00Z".parse().unwrap());
    early.act("lea", open_soc1()).act("lea", describe("description")).act("lea", close(None));
    early.now = "2026-10-01T04:00:00Z".parse().unwrap();
    early.act("lea", close(None));

    let mut house = House::engaged();
    house
        .act("otto", close(None))
        .act("eve", close(None))
        .act("fay", close(None))
        .act("lea", Command::ClosePeriod(ClosePeriod { engagement: id("soc3"), reason: None }))
        .act("lea", close(None))
        .act("lea", describe("description"))
        .act("lea", close(Some("why")))
        .act("lea", close(None))
        .act("lea", close(None))
        .act("lea", close(Some("why")))
        .act("lea", describe("other words"))
        .act("lea", close(None))
        .act("lea", close(Some("why")))
        .act("lea", close(Some("why")));

    // A Type 1 has one day, and is closed when that is over.
    let Command::OpenEngagement(opened) = open_soc1() else { unreachable!() };
    let report_type = ReportType::Type1 { as_of_on: day("2026-10-15") };
    let at_a_day = || ClosePeriod { engagement: id("day"), reason: None };
    house
        .act("lea", Command::OpenEngagement(OpenEngagement { engagement: id("day"), report_type, ..opened }))
        .act("lea", Command::ClosePeriod(at_a_day()));
    insta::assert_snapshot!(format!("{}\n{}", early.transcript, house.transcript));
}

#[test]
fn every_change_is_named_by_its_part_and_its_item() {
    let mut house = ready();
    house.act("lea", close(None));
    assert_eq!(changes(&house), "");
    house
        .act("lea", respond("leaver-access:1"))
        .act("lea", Command::CheckPopulation(check("leavers")))
        .act("lea", describe("other words"))
        .act("lea", reword("2026-09-01", "otto"))
        .act(
            "lea",
            Command::DropControl(DropControl {
                control: id("PAY-4-C2"),
                dropped_on: day("2025-09-01"),
                reason: text("r"),
            }),
        )
        .act("otto", evidence("person", "manifest-2", span("2026-10-01", "2026-10-10")));
    insta::assert_snapshot!(format!("{}\n{}", house.transcript, changes(&house)));
}

#[test]
fn what_the_report_still_adds_changes_nothing_that_is_frozen() {
    let mut house = ready();
    house.act("lea", close(None));
    let soc1 = id("soc1");
    let as_frozen = house.state.closing(&soc1).unwrap().frozen.clone();
    let sign = SignManagementAssertion { engagement: soc1.clone(), text: text("a"), signed_on: day("2026-10-05") };
    let report =
        RecordServiceAuditorsReport { engagement: soc1.clone(), text: text("report"), dated_on: day("2026-10-12") };
    house
        .act("ada", Command::AddPerson(AddPerson { person: id("rob"), profile: text("rob"), firm: Some(id("alder")) }))
        .act("ada", Command::GrantRole(GrantRole { person: id("rob"), role: Role::FirmPreparer }))
        .act("rob", Command::CheckPopulation(check("leavers")))
        .act("eve", Command::SignManagementAssertion(sign))
        .act("sam", Command::RecordServiceAuditorsReport(report));
    assert!(!house.transcript.contains("refused"), "{}", house.transcript);
    assert_eq!(changes(&house), "");
    house.act("lea", respond("leaver-access:1"));
    assert_eq!(house.state.parts_changed_since_closing(&house.catalog, &soc1).unwrap(), [FrozenPart::Exceptions]);

    let shown = as_closed(&house, &soc1);
    assert_eq!(shown.frozen(&house.catalog, &soc1).unwrap().digests(), as_frozen);
    let engagement = &shown.engagements[&soc1];
    assert!(engagement.assertion.is_some() && engagement.auditors_report.is_some());
    let population = &shown.populations[&id::<PopulationId>("leavers")];
    assert_eq!(population.checks.len(), 1, "the firm's own check, by a person added since");
    assert_eq!(shown.exceptions[&id::<ExceptionId>("leaver-access:1")].state, ExceptionState::Open);
}

#[test]
fn a_digest_is_that_of_the_canonical_form_and_of_one_part_only() {
    let mut house = ready();
    let soc1 = id("soc1");
    let frozen = house.state.frozen(&house.catalog, &soc1).unwrap();
    let parts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&to_canonical(&frozen).unwrap()).unwrap();
    assert_eq!(parts.len(), FrozenPart::ALL.len(), "a part without items is there");
    for (part, digest) in frozen.digests() {
        let canonical = to_canonical(&parts[part.label()]).unwrap();
        assert_eq!(digest, tickmark_canonical::Digest::of(&canonical), "{}", part.label());
    }
    house.act("lea", respond("leaver-access:1"));
    let digests = house.state.frozen(&house.catalog, &soc1).unwrap().digests();
    let differs = frozen.digests().into_iter().filter(|(part, digest)| digests[part] != *digest);
    assert_eq!(differs.map(|(part, _)| part).collect::<Vec<_>>(), [FrozenPart::Exceptions]);
}
