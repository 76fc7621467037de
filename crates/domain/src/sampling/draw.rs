//! Drawing a sample from a population that streams by.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use super::{Ranker, SamplingRefusal, Seed, interval::Marks, kept::Kept};

/// How items are selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DrawPlan {
    /// The items with the smallest ranks.
    Random {
        /// How many.
        size: u64,
    },
    /// The items with the smallest ranks in each stratum.
    Stratified {
        /// How many, by stratum.
        sizes: BTreeMap<String, u64>,
    },
    /// At equal distances in the frozen order, from a start that the seed gives.
    Systematic {
        /// How many.
        size: u64,
        /// Items of the population.
        items: u64,
    },
    /// At equal distances over the cumulated amounts, from a start that the seed gives: the chance is proportional to the
    /// amount, and an item as large as the distance is certain. Deviations are evaluated as attributes; no money is projected.
    MonetaryUnit {
        /// How many marks are set. An item under several is drawn once, so there may be fewer items.
        size: u64,
        /// Sum of the amounts above zero, in minor units.
        total: u128,
    },
}

/// An item of the population as it streams by, in the frozen order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Its key: unique in the population.
    pub key: &'a [u8],
    /// Its stratum; only a stratified draw reads it.
    pub stratum: Option<&'a str>,
    /// Its amount in minor units; only selection by monetary unit reads it.
    pub amount: Option<i128>,
}

impl<'a> Offer<'a> {
    /// An item with nothing but its key.
    pub const fn of(key: &'a [u8]) -> Self {
        Self { key, stratum: None, amount: None }
    }
}

/// An item that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnItem {
    /// Its key.
    pub key: Vec<u8>,
    /// Its rank.
    pub rank: Digest,
    /// Its position in the frozen order, counted from 0.
    pub position: u64,
    /// Its stratum.
    pub stratum: Option<String>,
    /// Its amount in minor units.
    pub amount: Option<i128>,
    /// How many marks it lies under: 1 unless selected by monetary unit.
    pub hits: u64,
}

impl DrawnItem {
    pub(super) fn new(rank: Digest, position: u64, offer: &Offer<'_>) -> Self {
        let stratum = offer.stratum.map(str::to_owned);
        Self { key: offer.key.to_vec(), rank, position, stratum, amount: offer.amount, hits: 1 }
    }
}

/// What selection by monetary unit cannot reach: amounts of zero or less. They are listed, to be tested apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideMonetary {
    /// Items of zero.
    pub zero: u64,
    /// Items under zero.
    pub negative: u64,
    /// Their sum, in minor units.
    pub negative_total: i128,
}

/// A sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The sample. Random: by rank. Stratified: by stratum, then rank. Systematic and by monetary unit: in the frozen order.
    pub items: Vec<DrawnItem>,
    /// The next ranks, in the order in which they replace; of a stratified draw by stratum, then rank.
    pub replacements: Vec<DrawnItem>,
    /// Items chosen for what they are, in the frozen order. They are added to the sample and never stand in its place, so an
    /// item may be in both; no rate is computed from them.
    pub targeted: Vec<DrawnItem>,
    /// How many items the population had.
    pub seen: u64,
    /// What selection by monetary unit left out.
    pub outside: OutsideMonetary,
}

/// A draw that is under way. Its memory grows with the sample, never with the population.
#[derive(Debug, Clone)]
pub struct Draw {
    ranker: Ranker,
    replacements: u64,
    course: Course,
    targets: BTreeSet<Vec<u8>>,
    targeted: Vec<DrawnItem>,
    seen: u64,
    outside: OutsideMonetary,
}

#[derive(Debug, Clone)]
enum Course {
    Random { size: u64, kept: Kept },
    Stratified { strata: BTreeMap<String, (u64, Kept)> },
    AtMarks(AtMarks),
}

#[derive(Debug, Clone)]
struct AtMarks {
    size: u64,
    marks: Marks,
    by_amount: bool,
    hit: BTreeMap<Digest, DrawnItem>,
    kept: Kept,
    reached: u64,
}

impl Draw {
    /// Begins a draw that also finds the next `replacements` ranks (of each stratum).
    pub fn new(seed: &Seed, population: &Digest, plan: DrawPlan, replacements: u64) -> Result<Self, SamplingRefusal> {
        let course = match plan {
            DrawPlan::Random { size } => {
                require_size(size)?;
                Course::Random { size, kept: Kept::new(size.saturating_add(replacements)) }
            }
            DrawPlan::Stratified { sizes } => {
                require_size(sizes.values().fold(0, |sum, size| sum.max(*size)))?;
                let kept = |size: u64| (size, Kept::new(size.saturating_add(replacements)));
                Course::Stratified { strata: sizes.into_iter().map(|(name, size)| (name, kept(size))).collect() }
            }
            DrawPlan::Systematic { size, items } => {
                require_size(size)?;
                require_items(size, items)?;
                Course::AtMarks(AtMarks::new(seed, population, size, items.into(), false, replacements)?)
            }
            DrawPlan::MonetaryUnit { size, total } => {
                require_size(size)?;
                if total == 0 {
                    return Err(SamplingRefusal::EmptyPopulation);
                }
                Course::AtMarks(AtMarks::new(seed, population, size, total, true, replacements)?)
            }
        };
        Ok(Self {
            ranker: Ranker::new(seed, population),
            replacements,
            course,
            targets: BTreeSet::new(),
            targeted: Vec::new(),
            seen: 0,
            outside: OutsideMonetary::default(),
        })
    }

    /// Adds items that are chosen for what they are.
    #[must_use]
    pub fn targeting(mut self, keys: BTreeSet<Vec<u8>>) -> Self {
        self.targets = keys;
        self
    }

    /// The next item of the population.
    pub fn offer(&mut self, offer: Offer<'_>) -> Result<(), SamplingRefusal> {
        let position = self.seen;
        self.seen += 1;
        let rank = self.ranker.rank(offer.key);
        if !self.targets.is_empty() && self.targets.remove(offer.key) {
            self.targeted.push(DrawnItem::new(rank, position, &offer));
        }
        match &mut self.course {
            Course::Random { kept, .. } => kept.offer(rank, position, &offer),
            Course::Stratified { strata } => {
                let name = offer.stratum.ok_or(SamplingRefusal::StratumMissing(position))?;
                let stratum = strata.get_mut(name);
                let (_, kept) = stratum.ok_or_else(|| SamplingRefusal::UnknownStratum(name.to_owned()))?;
                kept.offer(rank, position, &offer)
            }
            Course::AtMarks(course) => {
                let units = if course.by_amount { self.outside.units(&offer, position)? } else { 1 };
                if units > 0 { course.offer(rank, position, &offer, units) } else { Ok(()) }
            }
        }
    }

    /// Ends the draw: the population has streamed by.
    pub fn finish(self) -> Result<Drawn, SamplingRefusal> {
        if self.seen == 0 {
            return Err(SamplingRefusal::EmptyPopulation);
        }
        if !self.targets.is_empty() {
            let missing = u64::try_from(self.targets.len()).unwrap_or(u64::MAX);
            return Err(SamplingRefusal::TargetNotInPopulation(missing));
        }
        let (items, replacements) = match self.course {
            Course::Random { size, kept } => split(size, kept, None)?,
            Course::Stratified { strata } => {
                let mut both = (Vec::new(), Vec::new());
                for (name, (size, kept)) in strata {
                    let (items, replacements) = split(size, kept, Some(name))?;
                    both.0.extend(items);
                    both.1.extend(replacements);
                }
                both
            }
            Course::AtMarks(course) => course.finish(self.replacements)?,
        };
        Ok(Drawn { items, replacements, targeted: self.targeted, seen: self.seen, outside: self.outside })
    }
}

impl AtMarks {
    fn new(
        seed: &Seed,
        population: &Digest,
        size: u64,
        total: u128,
        by_amount: bool,
        replacements: u64,
    ) -> Result<Self, SamplingRefusal> {
        let marks = Marks::new(seed.start(population, total), size, total)?;
        // Those that are hit may be among the smallest ranks, so as many more are kept.
        let kept = Kept::new(if replacements == 0 { 0 } else { size.saturating_add(replacements) });
        Ok(Self { size, marks, by_amount, hit: BTreeMap::new(), kept, reached: 0 })
    }

    fn offer(&mut self, rank: Digest, position: u64, offer: &Offer<'_>, units: u128) -> Result<(), SamplingRefusal> {
        self.reached += 1;
        if let Some(twin) = self.hit.get(&rank) {
            return Err(SamplingRefusal::DuplicateKey { first: twin.position, second: position });
        }
        let hits = self.marks.pass(units)?;
        if hits > 0 {
            self.hit.insert(rank, DrawnItem { hits, ..DrawnItem::new(rank, position, offer) });
        }
        self.kept.offer(rank, position, offer)
    }

    fn finish(self, replacements: u64) -> Result<(Vec<DrawnItem>, Vec<DrawnItem>), SamplingRefusal> {
        require_items(self.size, self.reached)?;
        self.marks.finish()?;
        let most = usize::try_from(replacements).unwrap_or(usize::MAX);
        let next = self.kept.into_items().filter(|item| !self.hit.contains_key(&item.rank)).take(most).collect();
        let mut items: Vec<DrawnItem> = self.hit.into_values().collect();
        items.sort_by_key(|item| item.position);
        Ok((items, next))
    }
}

impl OutsideMonetary {
    /// The units of an item, or none and counted here.
    fn units(&mut self, offer: &Offer<'_>, position: u64) -> Result<u128, SamplingRefusal> {
        let amount = offer.amount.ok_or(SamplingRefusal::AmountMissing(position))?;
        match amount {
            0 => self.zero += 1,
            1.. => return Ok(amount.unsigned_abs()),
            _ => {
                self.negative += 1;
                let total = self.negative_total.checked_add(amount);
                self.negative_total = total.ok_or(SamplingRefusal::AmountsTooLarge)?;
            }
        }
        Ok(0)
    }
}

fn split(size: u64, kept: Kept, stratum: Option<String>) -> Result<(Vec<DrawnItem>, Vec<DrawnItem>), SamplingRefusal> {
    if kept.seen() < size {
        return Err(SamplingRefusal::SampleLargerThanPopulation { size, items: kept.seen(), stratum });
    }
    let mut items: Vec<DrawnItem> = kept.into_items().collect();
    let replacements = items.split_off(usize::try_from(size).unwrap_or(usize::MAX).min(items.len()));
    Ok((items, replacements))
}

const fn require_size(size: u64) -> Result<(), SamplingRefusal> {
    if size == 0 { Err(SamplingRefusal::EmptySample) } else { Ok(()) }
}

const fn require_items(size: u64, items: u64) -> Result<(), SamplingRefusal> {
    if items < size {
        return Err(SamplingRefusal::SampleLargerThanPopulation { size, items, stratum: None });
    }
    Ok(())
}

/// A sample's size shared out over strata in proportion to their items, by largest remainder; of equal remainders the stratum
/// that sorts first is served first.
pub fn proportional_sizes(size: u64, items: &BTreeMap<String, u64>) -> Result<BTreeMap<String, u64>, SamplingRefusal> {
    require_size(size)?;
    let all: u128 = items.values().copied().map(u128::from).sum();
    require_items(size, u64::try_from(all).unwrap_or(u64::MAX))?;
    let share = |of: u64| u128::from(size) * u128::from(of);
    let mut sizes: BTreeMap<String, u64> =
        items.iter().map(|(name, of)| (name.clone(), u64::try_from(share(*of) / all).unwrap_or(*of))).collect();
    let left = size - sizes.values().sum::<u64>();
    let mut by_remainder: Vec<(u128, &String)> = items.iter().map(|(name, of)| (share(*of) % all, name)).collect();
    by_remainder.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    for (_, name) in by_remainder.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        if let Some(size) = sizes.get_mut(name) {
            *size += 1;
        }
    }
    Ok(sizes)
}
