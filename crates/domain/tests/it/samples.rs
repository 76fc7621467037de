use tickmark_domain::{sampling::Nonce, *};

use crate::{
    conclusions::{conclude, conclusion, named},
    house::*,
    management_tests::{details, document, record, review},
    performed::perform,
    populations::{check, freeze, rows, two_sources},
};

fn nonce(of: u8) -> Nonce {
    Nonce::new([of; 32])
}

pub fn commit(of: u8) -> Command {
    Command::CommitNonce(CommitNonce { engagement: id("soc1"), commitment: nonce(of).commitment() })
}

pub fn draw(sample: &str) -> DrawSample {
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
    insta::assert_snapshot!(house.transcript, @r"
    lea: DrawSample -> refused [unknown-population] population `pop-1` is not known here
    lea: FreezePopulation -> PopulationFrozen
    lea: DrawSample -> refused [IPE-01] population `pop-1` has no check of its completeness and accuracy that passed
    lea: CheckPopulation -> PopulationChecked
    lea: DrawSample -> refused [IPE-01] population `pop-1` has no check of its completeness and accuracy that passed
    lea: FreezePopulation -> PopulationFrozen
    lea: CheckPopulation -> PopulationChecked
    lea: DrawSample -> refused [population-empty] population `pop-2` is empty: there is nothing to draw
    lea: CheckPopulation -> PopulationChecked
    eve: DrawSample -> refused [role-missing] this needs the role compliance lead, which person `eve` does not hold
    lea: DrawSample -> refused [sample-of-none] a sample has at least one item
    lea: DrawSample -> refused [sample-larger-than-population] 101 items are more than the population has: 100
    lea: DrawSample -> SampleDrawn
    lea: DrawSample -> refused [sample-exists] sample `s-1` was drawn before
    ");
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
    insta::assert_snapshot!(house.transcript, @r"
    lea: FreezePopulation -> PopulationFrozen
    lea: CheckPopulation -> PopulationChecked
    lea: CommitNonce -> refused [not-of-the-firm] person `lea` is not of the firm that is appointed to this engagement
    sam: CommitNonce -> refused [role-missing] this needs the role firm preparer, which person `sam` does not hold
    fay: DrawSample -> refused [nonce-missing] a draw of the firm needs its nonce
    fay: CommitNonce -> NonceCommitted
    fay: CommitNonce -> refused [nonce-committed-before] the nonce `28d291f9590d04fcce80e8bc9f5aa59b8fed99490e18acb9403a58ca4c0f698b` was committed before
    fay: DrawSample -> refused [not-committed-before-freeze] the firm had committed to no nonce when population `pop-1` was frozen
    lea: DrawSample -> refused [nonce-of-management] a draw of management takes no nonce
    ");

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
    insta::assert_snapshot!(house.transcript, @r"
    fay: DrawSample -> refused [nonce-is-another] the nonce is not the one that the firm last committed to before population `pop-1` was frozen: 065079cf8df37262de11885f0512c0f141c81fbbc891019cac58541e7ababa8c
    fay: DrawSample -> refused [nonce-is-another] the nonce is not the one that the firm last committed to before population `pop-1` was frozen: 065079cf8df37262de11885f0512c0f141c81fbbc891019cac58541e7ababa8c
    fay: DrawSample -> SampleDrawn
    lea: FreezePopulation -> PopulationFrozen
    lea: CheckPopulation -> PopulationChecked
    fay: DrawSample -> refused [nonce-known-before-freeze] the nonce was opened by entry 28, before population `pop-2` was frozen
    lea: DrawSample -> SampleDrawn
    ");
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
    insta::assert_snapshot!(house.transcript, @r"
    lea: DrawSample -> SampleDrawn
    lea: DrawSample -> refused [drawn-before] sample `s-1` was drawn from this population before: say why another is drawn
    fay: DrawSample -> SampleDrawn
    lea: DrawSample -> SampleDrawn
    lea: VoidSample -> SampleVoided
    lea: VoidSample -> refused [sample-voided] sample `s-1` was voided by entry 31
    ");
    let shown: Vec<String> = house
        .state
        .samples
        .iter()
        .map(|(id, s)| format!("{id} {} reason {} voided {}", s.side, s.reason.is_some(), s.voided.is_some()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    s-1 management reason false voided true
    s-2 the firm reason false voided false
    s-3 management reason true voided false
    ");
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
        .act("fay", extend(17, 28, 0))
        .act("fay", extend(17, 28, 26))
        .act("fay", extend(74, 28, 1))
        .act("fay", extend(17, 26, 1))
        .act("fay", extend(17, 28, 1))
        .act("fay", extend(17, 45, 1))
        .act("fay", replace(30, 45));
    insta::assert_snapshot!(house.transcript, @r"
    lea: ReplaceSampleItem -> refused [unknown-sample] sample `s-1` is not known here
    fay: DrawSample -> SampleDrawn
    lea: ReplaceSampleItem -> refused [sample-of-other-side] sample `s-1` is of the firm
    fay: ReplaceSampleItem -> refused [no-such-sample-item] sample `s-1` has no item 0 that stands
    fay: ReplaceSampleItem -> refused [no-such-sample-item] sample `s-1` has no item 26 that stands
    fay: ReplaceSampleItem -> refused [sample-moved-on] sample `s-1` was changed meanwhile; look at it again
    fay: ReplaceSampleItem -> SampleItemReplaced
    fay: ReplaceSampleItem -> refused [no-such-sample-item] sample `s-1` has no item 3 that stands
    fay: ReplaceSampleItem -> SampleItemReplaced
    fay: ExtendSample -> refused [sample-of-none] a sample has at least one item
    fay: ExtendSample -> refused [nothing-deviated] the first stage of sample `s-1` found no deviation: there is nothing to extend it for
    fay: ExtendSample -> refused [items-and-deviations-disagree] a test of controls counts the items tested and no more deviations than items
    fay: ExtendSample -> refused [sample-larger-than-population] 101 items are more than the population has: 100
    fay: ExtendSample -> refused [sample-moved-on] sample `s-1` was changed meanwhile; look at it again
    fay: ExtendSample -> SampleExtended
    fay: ExtendSample -> refused [sample-extended-before] sample `s-1` was extended before: a plan has two stages
    fay: ReplaceSampleItem -> SampleItemReplaced
    ");
    let sample = &house.state.samples[&id::<SampleId>("s-1")];
    let (more, deviations, _) = sample.second_stage().unwrap();
    assert_eq!((sample.items_to_test(), sample.last_number(), more, deviations), (42, 45, 17, 1));

    let mut house = checked();
    house
        .act("lea", Command::DrawSample(DrawSample { method: SelectionMethod::Systematic, ..draw("s-1") }))
        .act("lea", extend(17, 26, 1));
    insta::assert_snapshot!(house.transcript, @r"
    lea: DrawSample -> SampleDrawn
    lea: ExtendSample -> refused [method-cannot-be-extended] a systematic draw cannot be extended: draw another sample with a reason
    ");
}

/// The owner of a control, and who recorded how it was performed, choose no items of it and change no sample.
#[test]
fn nobody_draws_the_items_by_which_their_own_work_is_judged() {
    let mut house = checked();
    house
        .act("otto", Command::DrawSample(draw("s-1")))
        .act("lea", Command::DrawSample(draw("s-1")))
        .act("otto", replace(1, 26))
        .act("otto", extend(17, 26, 1))
        .act("otto", Command::VoidSample(VoidSample { sample: id("s-1"), reason: text("inconvenient") }))
        .act("lea", perform("LA-02", ("2026-05-05", "2026-05-05"), "2026-05-05", &["manifest-1"]))
        .act("lea", replace(1, 26));
    insta::assert_snapshot!(house.transcript);
}

/// A sample is of its population: what the population is not found to be any more reaches what was drawn before.
#[test]
fn a_check_that_fails_later_and_changed_evidence_reach_the_samples_drawn_before() {
    let mut house = checked();
    house.act("lea", Command::DrawSample(draw("s-1")));
    let over_sample = ManagementTestDetails {
        items: 25,
        extent: TestExtent::Sample(id("s-1")),
        attributes: vec![Attribute { asks: text("A"), yes: 25, no: 0, not_applicable: 0 }],
        ..details(0)
    };
    house.act("otto", document("ticket-log", "2026-10-01"));
    house.act("lea", record("leavers", over_sample.clone())).act("eve", review("leavers"));
    house.act("lea", conclude("LA-02", conclusion(ControlStatus::Operated, named(&[], &["leavers"]))));
    house.transcript.clear();
    let stands = |house: &House| {
        let recorded = house.state.conclusion(&id("soc1"), &id("LA-02")).unwrap();
        let because = house.state.stale_because(&house.catalog, &id("soc1"), &id("LA-02"), &recorded.conclusion);
        because.map_or_else(|| "stands".to_owned(), |refusal| format!("stale [{}] {refusal}", refusal.code()))
    };
    let mut seen = format!("concluded: {}\n", stands(&house));
    let restated = {
        let Command::RecordEvidence(again) = evidence("person", "again", span("2026-09-01", "2026-09-30")) else {
            panic!()
        };
        Command::RecordEvidence(RecordEvidence {
            read_again: Some(ReadAgain { late: 1, ..ReadAgain::default() }),
            ..again
        })
    };
    let failed = Command::CheckPopulation(CheckPopulation { passed: false, ..check("pop-1") });
    for (case, command) in [
        ("a check failed", failed),
        ("another passed", Command::CheckPopulation(check("pop-1"))),
        ("a row came late", restated),
        ("recorded anew", record("leavers-2", over_sample)),
        ("drawn again", Command::DrawSample(DrawSample { reason: Some(text("again")), ..draw("s-2") })),
        ("compared and checked anew", Command::CheckPopulation(check("pop-1"))),
    ] {
        house.transcript.clear();
        house.act("lea", command);
        seen += &format!("{case}: {}  the conclusion: {}\n", house.transcript, stands(&house));
    }
    insta::assert_snapshot!(seen);
}
