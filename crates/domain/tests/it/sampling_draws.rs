//! Draws: the same seed gives the same sample, whoever draws and in whatever order the rows come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use proptest::prelude::*;
use tickmark_canonical::Digest;
use tickmark_domain::{
    EngagementId, Span,
    sampling::{Draw, DrawPlan, Drawn, DrawnItem, Nonce, Offer, SamplingRefusal, Seed, proportional_sizes, spread},
};

#[derive(Debug, Clone)]
struct Row {
    key: String,
    stratum: String,
    amount: i128,
}

fn rows(count: u64) -> Vec<Row> {
    let stratum = |i: u64| if i.is_multiple_of(3) { "north" } else { "south" };
    (0..count)
        .map(|i| Row {
            key: format!("PS-{i:05}"),
            stratum: stratum(i).to_owned(),
            amount: i128::from(i * 37 % 1000) + 1,
        })
        .collect()
}

fn seed(nonce: u8) -> Seed {
    let engagement: EngagementId = "soc1-2025".parse().unwrap();
    Seed::of(&engagement, &population(), &Digest::of(b"checkpoint"), Some(&Nonce::new([nonce; 32])))
}

fn population() -> Digest {
    Digest::of(b"population")
}

fn draw(seed: &Seed, plan: DrawPlan, replacements: u64, rows: &[Row]) -> Result<Drawn, SamplingRefusal> {
    draw_with(seed, plan, replacements, rows, &[])
}

fn draw_with(
    seed: &Seed,
    plan: DrawPlan,
    replacements: u64,
    rows: &[Row],
    targets: &[&str],
) -> Result<Drawn, SamplingRefusal> {
    let targets: BTreeSet<Vec<u8>> = targets.iter().map(|key| key.as_bytes().to_vec()).collect();
    let mut draw = Draw::new(seed, &population(), plan, replacements)?.targeting(targets);
    for Row { key, stratum, amount } in rows {
        draw.offer(Offer { key: key.as_bytes(), stratum: Some(stratum), amount: Some(*amount) })?;
    }
    draw.finish()
}

fn keys(items: &[DrawnItem]) -> Vec<String> {
    items.iter().map(|item| String::from_utf8(item.key.clone()).unwrap()).collect()
}

fn total(rows: &[Row]) -> u128 {
    rows.iter().map(|row| row.amount.max(0).unsigned_abs()).sum()
}

fn code(result: Result<Drawn, SamplingRefusal>) -> &'static str {
    result.unwrap_err().code()
}

/// `docs/sampling.md` shows these bytes; `tests/sampling/redraw.py` computes them without us.
#[test]
fn the_bytes_of_seed_and_rank_are_pinned() {
    let drawn = draw(&seed(7), DrawPlan::Random { size: 3 }, 2, &rows(100)).unwrap();
    insta::assert_snapshot!(
        format!("nonce {}\nseed {}\nsample {:?}\nnext {:?}\nfirst rank {}",
            Nonce::new([7; 32]).commitment(), seed(7), keys(&drawn.items), keys(&drawn.replacements), drawn.items[0].rank),
        @r#"
    nonce 5fd9447060cfd1e5d621483add202d23576c835032df7acf8aaf4d2e13b117be
    seed cd18a4be7900c4593f8e34dc0ac464166312dff40d523a976fbf1b4ee8f1c460
    sample ["PS-00007", "PS-00044", "PS-00039"]
    next ["PS-00047", "PS-00008"]
    first rank 042ac227463f363d05f8c33230757d676dfd1f589d15d448aeafef3c6b8d04a4
    "#
    );
}

#[test]
fn without_a_nonce_and_with_another_the_sample_is_another() {
    let engagement: EngagementId = "soc1-2025".parse().unwrap();
    let without = Seed::of(&engagement, &population(), &Digest::of(b"checkpoint"), None);
    let later = Seed::of(&engagement, &population(), &Digest::of(b"later"), None);
    let seeds = [seed(1), seed(2), without, later];
    let samples: BTreeSet<_> = seeds
        .iter()
        .map(|seed| keys(&draw(seed, DrawPlan::Random { size: 5 }, 0, &rows(500)).unwrap().items))
        .collect();
    assert_eq!(samples.len(), 4);
}

#[test]
fn what_a_draw_refuses() {
    let random = |size| DrawPlan::Random { size };
    let sizes = |north, south| DrawPlan::Stratified {
        sizes: BTreeMap::from([("north".to_owned(), north), ("south".to_owned(), south)]),
    };
    let ten = rows(10);
    let twice = [ten.clone(), vec![ten[4].clone()]].concat();
    assert_eq!(code(draw(&seed(1), random(0), 0, &ten)), "empty-sample");
    assert_eq!(code(draw(&seed(1), random(11), 0, &ten)), "sample-larger-than-population");
    assert_eq!(code(draw(&seed(1), random(1), 0, &[])), "empty-population");
    assert_eq!(code(draw(&seed(1), random(10), 0, &twice)), "duplicate-key");
    assert_eq!(code(draw(&seed(1), sizes(5, 1), 0, &ten)), "sample-larger-than-population");
    assert_eq!(code(draw(&seed(1), sizes(0, 0), 0, &ten)), "empty-sample");
    let north = DrawPlan::Stratified { sizes: BTreeMap::from([("north".to_owned(), 1)]) };
    assert_eq!(code(draw(&seed(1), north, 0, &ten)), "unknown-stratum");
    assert_eq!(
        code(draw(&seed(1), DrawPlan::Systematic { size: 11, items: 10 }, 0, &ten)),
        "sample-larger-than-population"
    );
    assert_eq!(code(draw(&seed(1), DrawPlan::Systematic { size: 2, items: 9 }, 0, &ten)), "other-population");
    assert_eq!(code(draw(&seed(1), DrawPlan::Systematic { size: 2, items: 11 }, 0, &ten)), "other-population");
    let by_money = |size, total| DrawPlan::MonetaryUnit { size, total };
    assert_eq!(code(draw(&seed(1), by_money(2, 0), 0, &ten)), "empty-population");
    assert_eq!(code(draw(&seed(1), by_money(11, total(&ten)), 0, &ten)), "sample-larger-than-population");
    assert_eq!(code(draw(&seed(1), by_money(2, total(&ten) + 1), 0, &ten)), "other-population");
    assert_eq!(code(draw(&seed(1), by_money(2, total(&ten) - 1), 0, &ten)), "other-population");
    assert_eq!(code(draw(&seed(1), by_money(2, u128::MAX / 2), 0, &ten)), "amounts-too-large");
    assert_eq!(code(draw_with(&seed(1), random(2), 0, &ten, &["PS-99999"])), "target-not-in-population");
}

#[test]
fn targeted_items_are_added_and_never_stand_in_place_of_others() {
    let plain = draw(&seed(3), DrawPlan::Random { size: 5 }, 3, &rows(60)).unwrap();
    let also = keys(&plain.items)[0].clone();
    let drawn = draw_with(&seed(3), DrawPlan::Random { size: 5 }, 3, &rows(60), &["PS-00042", &also]).unwrap();
    assert_eq!((drawn.items, drawn.replacements), (plain.items, plain.replacements));
    assert_eq!(BTreeSet::from_iter(keys(&drawn.targeted)), BTreeSet::from(["PS-00042".to_owned(), also]));
}

#[test]
fn amounts_of_zero_or_less_are_counted_apart() {
    let mut rows = rows(30);
    rows[3].amount = 0;
    rows[4].amount = -250;
    rows[5].amount = -50;
    let drawn = draw(&seed(1), DrawPlan::MonetaryUnit { size: 10, total: total(&rows) }, 5, &rows).unwrap();
    assert_eq!((drawn.outside.zero, drawn.outside.negative, drawn.outside.negative_total), (1, 2, -300));
    assert!(drawn.items.iter().chain(&drawn.replacements).all(|item| item.amount.unwrap() > 0));
}

#[test]
fn a_size_is_shared_out_by_largest_remainder() {
    let share = |size, items: &[(&str, u64)]| {
        let items = items.iter().map(|(name, items)| ((*name).to_owned(), *items)).collect();
        proportional_sizes(size, &items).map(|sizes| sizes.into_values().collect::<Vec<_>>())
    };
    // 25 of 100 items, quotas 12.5, 7.5, 5: the half that is left goes to the stratum that sorts first.
    assert_eq!(share(25, &[("a", 50), ("b", 30), ("c", 20)]), Ok(vec![13, 7, 5]));
    assert_eq!(share(10, &[("a", 333), ("b", 333), ("c", 334)]), Ok(vec![3, 3, 4]));
    assert_eq!(share(3, &[("a", 1), ("b", 1), ("c", 1)]), Ok(vec![1, 1, 1]));
    assert_eq!(share(1, &[("a", 5), ("b", 5)]), Ok(vec![1, 0]));
    assert_eq!(share(4, &[("a", 1), ("b", 2)]).unwrap_err().code(), "sample-larger-than-population");
}

#[test]
fn parts_of_the_period_without_an_item_show() {
    let year = Span { first: date(2025, 1, 1), last: date(2025, 12, 31) };
    let on = |months: &[i8]| months.iter().map(|month| date(2025, *month, 15)).collect::<Vec<_>>();
    assert!(spread(year, &on(&[1, 1, 2])).is_even(), "three items say nothing about spread");
    assert!(spread(year, &on(&[1, 4, 7, 10])).is_even());
    assert_eq!(
        spread(year, &on(&[1, 2, 7, 10])).bare_quarters,
        [Span { first: date(2025, 4, 1), last: date(2025, 6, 30) }]
    );
    let nearly_all = spread(year, &on(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11]));
    assert_eq!(nearly_all.bare_months, [Span { first: date(2025, 12, 1), last: date(2025, 12, 31) }]);
    // Half a year from the 31st: months of 28 and 30 days begin on their last day.
    let half = Span { first: date(2025, 1, 31), last: date(2025, 7, 30) };
    let found = spread(half, &[date(2025, 1, 31), date(2025, 2, 27), date(2025, 2, 28), date(2025, 3, 30)]);
    assert_eq!(found.bare_quarters, [Span { first: date(2025, 4, 30), last: date(2025, 7, 30) }]);
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(
        count in 1_u64..300, size in 1_u64..40, nonce: u8, order in any::<prop::sample::Index>()
    ) {
        prop_assume!(size <= count);
        let sorted = rows(count);
        let turn = order.index(sorted.len());
        let turned: Vec<Row> = sorted[turn..].iter().chain(&sorted[..turn]).rev().cloned().collect();
        let items: BTreeMap<String, u64> = sorted.iter().fold(BTreeMap::new(), |mut counts, row| {
            *counts.entry(row.stratum.clone()).or_default() += 1;
            counts
        });
        let sizes = proportional_sizes(size, &items).unwrap();
        for plan in [DrawPlan::Random { size }, DrawPlan::Stratified { sizes }] {
            let one = draw(&seed(nonce), plan.clone(), 5, &sorted).unwrap();
            let other = draw(&seed(nonce), plan, 5, &turned).unwrap();
            prop_assert_eq!(keys(&one.items), keys(&other.items));
            prop_assert_eq!(keys(&one.replacements), keys(&other.replacements));
            prop_assert_eq!(one.items.len() as u64, size);
        }
    }

    #[test]
    fn a_larger_sample_begins_with_the_smaller_and_goes_on_with_its_replacements(
        size in 1_u64..40, more in 1_u64..20, nonce: u8
    ) {
        let rows = rows(200);
        let small = draw(&seed(nonce), DrawPlan::Random { size }, more, &rows).unwrap();
        let large = draw(&seed(nonce), DrawPlan::Random { size: size + more }, 0, &rows).unwrap();
        prop_assert_eq!([keys(&small.items), keys(&small.replacements)].concat(), keys(&large.items));
    }

    #[test]
    fn a_systematic_sample_has_its_size_and_equal_distances(size in 1_u64..60, count in 1_u64..400, nonce: u8) {
        prop_assume!(size <= count);
        let drawn = draw(&seed(nonce), DrawPlan::Systematic { size, items: count }, 3, &rows(count)).unwrap();
        prop_assert_eq!(drawn.items.len() as u64, size);
        for pair in drawn.items.windows(2) {
            let distance = pair[1].position - pair[0].position;
            prop_assert!(distance == count / size || distance == count.div_ceil(size));
        }
        let drawn_keys: BTreeSet<_> = keys(&drawn.items).into_iter().collect();
        prop_assert!(keys(&drawn.replacements).iter().all(|key| !drawn_keys.contains(key)));
        prop_assert_eq!(drawn.replacements.len() as u64, 3.min(count - size));
    }

    #[test]
    fn selection_by_monetary_unit_sets_every_mark_and_takes_what_is_as_large_as_the_distance(
        amounts in prop::collection::vec(-50_i128..5000, 2..80), size in 1_u64..20, nonce: u8
    ) {
        let rows: Vec<Row> = amounts.iter().enumerate()
            .map(|(i, amount)| Row { key: format!("I-{i}"), stratum: String::new(), amount: *amount }).collect();
        let above = rows.iter().filter(|row| row.amount > 0).count() as u64;
        prop_assume!(size <= above);
        let total = total(&rows);
        let drawn = draw(&seed(nonce), DrawPlan::MonetaryUnit { size, total }, 0, &rows).unwrap();
        prop_assert_eq!(drawn.items.iter().map(|item| item.hits).sum::<u64>(), size);
        let taken: BTreeSet<_> = keys(&drawn.items).into_iter().collect();
        for row in &rows {
            if row.amount.max(0).unsigned_abs() * u128::from(size) >= total {
                prop_assert!(taken.contains(&row.key), "{row:?} is certain");
            }
        }
    }
}
