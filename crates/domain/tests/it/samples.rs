use tickmark_domain::{sampling::Nonce, *};

use crate::{
    house::*,
    populations::{check, freeze, rows, two_sources},
};

fn nonce(of: u8) -> Nonce {
    Nonce::new([of; 32])
}

fn commit(of: u8) -> Command {
    Command::CommitNonce(CommitNonce { engagement: id("soc1"), commitment: nonce(of).commitment() })
}

fn draw(sample: &str) -> DrawSample {
    DrawSample {
        sample: id(sample),
        population: id("pop-1"),
        method: SelectionMethod::Random,
        parameters: text("parameters"),
        size: 25,
        checkpoint: text("root"),
        nonce: None,
        items: text("items"),
        reason: None,
    }
}

fn opened(sample: &str, of: u8) -> DrawSample {
    DrawSample { nonce: Some(nonce(of)), ..draw(sample) }
}

/// Two nonces of the firm, then `pop-1`, frozen and checked.
fn checked() -> House {
    let mut house = two_sources();
    house
        .act("fay", commit(1))
        .act("fay", commit(2))
        .act("lea", Command::FreezePopulation(freeze("pop-1")))
        .act("lea", Command::CheckPopulation(check("pop-1")));
    house.transcript.clear();
    house
}

#[test]
fn nothing_is_drawn_from_a_population_that_was_not_checked() {
    let mut house = two_sources();
    let again = |population: &str| FreezePopulation { reason: Some(text("why")), ..freeze(population) };
    house
        .act("lea", Command::DrawSample(draw("s-1")))
        .act("lea", Command::FreezePopulation(freeze("pop-1")))
        .act("lea", Command::DrawSample(draw("s-1")))
        .act("lea", Command::CheckPopulation(CheckPopulation { passed: false, ..check("pop-1") }))
        .act("lea", Command::DrawSample(draw("s-1")))
        .act("lea", Command::FreezePopulation(FreezePopulation { rows: rows("person", "none", 0), ..again("pop-2") }))
        .act("lea", Command::CheckPopulation(check("pop-2")))
        .act("lea", Command::DrawSample(DrawSample { population: id("pop-2"), ..draw("s-1") }))
        .act("lea", Command::CheckPopulation(check("pop-1")))
        .act("eve", Command::DrawSample(draw("s-1")))
        .act("lea", Command::DrawSample(DrawSample { size: 0, ..draw("s-1") }))
        .act("lea", Command::DrawSample(DrawSample { size: 101, ..draw("s-1") }))
        .act("lea", Command::DrawSample(DrawSample { size: 100, ..draw("s-1") }))
        .act("lea", Command::DrawSample(draw("s-1")));
    insta::assert_snapshot!(house.transcript, @"");
}

#[test]
fn the_firm_draws_with_the_nonce_it_committed_to_before_the_freeze() {
    let mut house = two_sources();
    house.act("lea", Command::FreezePopulation(freeze("pop-1")));
    house.act("lea", Command::CheckPopulation(check("pop-1")));
    house
        .act("lea", commit(1))
        .act("sam", commit(1))
        .act("fay", Command::DrawSample(draw("s-1")))
        .act("fay", commit(1))
        .act("fay", commit(1))
        .act("fay", Command::DrawSample(opened("s-1", 1)))
        .act("lea", Command::DrawSample(opened("s-1", 1)));
    insta::assert_snapshot!(house.transcript, @"");

    let mut house = checked();
    let of_2 = |sample: &str| DrawSample { population: id("pop-2"), ..opened(sample, 2) };
    let again = FreezePopulation { reason: Some(text("a late file")), ..freeze("pop-2") };
    house
        .act("fay", Command::DrawSample(opened("s-1", 1)))
        .act("fay", Command::DrawSample(opened("s-1", 3)))
        .act("fay", Command::DrawSample(opened("s-1", 2)))
        .act("lea", Command::FreezePopulation(again))
        .act("lea", Command::CheckPopulation(check("pop-2")))
        .act("fay", Command::DrawSample(of_2("s-2")))
        .act("lea", Command::DrawSample(DrawSample { population: id("pop-2"), ..draw("s-2") }));
    insta::assert_snapshot!(house.transcript, @"");
}

#[test]
fn a_second_draw_needs_a_reason_and_shows() {
    let mut house = checked();
    house
        .act("lea", Command::DrawSample(draw("s-1")))
        .act("lea", Command::DrawSample(draw("s-2")))
        .act("fay", Command::DrawSample(opened("s-2", 2)))
        .act("lea", Command::DrawSample(DrawSample { reason: Some(text("more systems")), ..draw("s-3") }))
        .act("lea", Command::VoidSample(VoidSample { sample: id("s-1"), reason: text("drawn from stale rows") }))
        .act("lea", Command::VoidSample(VoidSample { sample: id("s-1"), reason: text("again") }));
    insta::assert_snapshot!(house.transcript, @"");
    let shown: Vec<String> = house
        .state
        .samples
        .iter()
        .map(|(id, s)| format!("{id} {} reason {} voided {}", s.side, s.reason.is_some(), s.voided.is_some()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"");
}

fn replace(number: u64, by: u64) -> Command {
    Command::ReplaceSampleItem(ReplaceSampleItem {
        sample: id("s-1"),
        number,
        by,
        cause: ReplacementCause::Canceled,
        reason: text("the leaver stayed"),
        evidence: text("mail"),
        item: text("next item"),
    })
}

fn extend(more: u64, from: u64, deviations: u64) -> Command {
    Command::ExtendSample(ExtendSample {
        sample: id("s-1"),
        more,
        from,
        deviations,
        reason: text("one week of a broken interface"),
        items: text("more items"),
    })
}

#[test]
fn replacements_and_one_extension_go_on_with_the_next_ranks() {
    let mut house = checked();
    house
        .act("lea", replace(1, 26))
        .act("fay", Command::DrawSample(opened("s-1", 2)))
        .act("lea", replace(1, 26))
        .act("fay", replace(0, 26))
        .act("fay", replace(26, 26))
        .act("fay", replace(3, 27))
        .act("fay", replace(3, 26))
        .act("fay", replace(3, 27))
        .act("fay", replace(26, 27))
        .act("fay", extend(0, 28, 1))
        .act("fay", extend(17, 28, 26))
        .act("fay", extend(74, 28, 1))
        .act("fay", extend(17, 26, 1))
        .act("fay", extend(17, 28, 1))
        .act("fay", extend(17, 45, 1))
        .act("fay", replace(30, 45));
    insta::assert_snapshot!(house.transcript, @"");
    let sample = &house.state.samples[&id::<SampleId>("s-1")];
    assert_eq!((sample.items_to_test(), sample.last_number(), sample.extension()), (42, 45, Some((17, 1))));

    let mut house = checked();
    house
        .act("lea", Command::DrawSample(DrawSample { method: SelectionMethod::Systematic, ..draw("s-1") }))
        .act("lea", extend(17, 26, 1));
    insta::assert_snapshot!(house.transcript, @"");
}
