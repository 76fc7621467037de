use tickmark_domain::*;

use crate::house::*;

fn hold(object: &str) -> Command {
    Command::SetLegalHold(SetLegalHold { object: text(object), reason: text("matter 7") })
}

fn release(object: &str, hold: u64) -> Command {
    Command::ReleaseLegalHold(ReleaseLegalHold { object: text(object), hold, reason: text("settled") })
}

fn erase(object: &str) -> Command {
    Command::EraseObject(EraseObject { object: text(object), reason: text("request 17") })
}

#[test]
fn what_is_held_is_not_erased_and_what_is_erased_stays_recorded() {
    let mut house = House::engaged();
    house.act("lea", hold("letter")).act("ada", hold("letter")).act("ada", hold("letter"));
    let holds: Vec<u64> = house.state.holds.values().flat_map(|holds| holds.keys().copied()).collect();
    let [first, second] = holds[..] else { panic!("{holds:?}") };
    house
        .act("ada", erase("letter"))
        .act("ada", release("letter", first))
        .act("ada", release("letter", first))
        .act("ada", release("other", second))
        .act("ada", erase("letter"))
        .act("ada", release("letter", second))
        .act("otto", erase("letter"))
        .act("ada", erase("letter"))
        .act("ada", erase("letter"))
        .act("ada", hold("letter"));
    let said = house.transcript.replace(&text("letter").to_string(), "LETTER");
    insta::assert_snapshot!(said.replace(&text("other").to_string(), "OTHER"), @r"
    lea: SetLegalHold -> refused [role-missing] this needs the role administrator, which person `lea` does not hold
    ada: SetLegalHold -> LegalHoldSet
    ada: SetLegalHold -> LegalHoldSet
    ada: EraseObject -> refused [under-legal-hold] object `LETTER` is under the legal hold of entry 22
    ada: ReleaseLegalHold -> LegalHoldReleased
    ada: ReleaseLegalHold -> refused [unknown-hold] object `LETTER` is under no legal hold of entry 22
    ada: ReleaseLegalHold -> refused [unknown-hold] object `OTHER` is under no legal hold of entry 23
    ada: EraseObject -> refused [under-legal-hold] object `LETTER` is under the legal hold of entry 23
    ada: ReleaseLegalHold -> LegalHoldReleased
    otto: EraseObject -> refused [role-missing] this needs the role administrator, which person `otto` does not hold
    ada: EraseObject -> ObjectErased
    ada: EraseObject -> refused [erased] object `LETTER` was erased by entry 26
    ada: SetLegalHold -> refused [erased] object `LETTER` was erased by entry 26
    ");
    assert!(house.state.holds.is_empty());
}
