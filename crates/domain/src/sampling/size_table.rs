//! Sample sizes by frequency and by number of items: settings of a firm, not statistics.
//!
//! A scheduled control is sampled by its frequency, an event-driven one by how often its event happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Rate, SamplingRefusal};
use crate::Frequency;

/// How much depends on the control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RiskLevel {
    /// Little.
    Low,
    /// As much as usual.
    #[default]
    Usual,
    /// Much.
    High,
}

/// A firm's sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SizeTable {
    /// Where the sizes come from, and why they are as they are.
    pub because: String,
    /// Sizes of scheduled controls.
    pub frequency: BTreeMap<Frequency, LevelSizes>,
    /// A daily control with more items than this acts many times a day.
    pub daily_at_most: u64,
    /// Its sizes.
    pub many_times_a_day: LevelSizes,
    /// A setting or an automated control: of each case, system and change.
    pub automated: LevelSizes,
    /// Sizes of event-driven controls, fewest items first; the last has no `up-to`.
    pub items: Vec<ItemSizes>,
}

/// Sizes by level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelSizes {
    /// Where little depends on the control.
    pub low: SizeRule,
    /// As usual.
    pub usual: SizeRule,
    /// Where much depends on it.
    pub high: SizeRule,
}

/// Sizes of populations up to a number of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ItemSizes {
    /// The most items; none for all that are larger.
    pub up_to: Option<u64>,
    /// The sizes.
    pub sizes: LevelSizes,
}

/// How a size is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SizeRule {
    /// This many.
    Items(u64),
    /// A share of the population, rounded up.
    Share(Share),
    /// Everything.
    All(All),
}

/// A share of the population between two sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Percent of the items.
    pub percent: Rate,
    /// No fewer than this.
    pub least: u64,
    /// No more than this.
    pub most: u64,
}

/// The word `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum All {
    /// Every item.
    All,
}

/// A size that a table gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TabledSize {
    /// Items to test.
    pub size: u64,
    /// Which part of the table says so.
    pub by: SizedBy,
    /// Whether the size is for each case, system and change of an automated control.
    pub of_each_case: bool,
}

/// Which part of a table a size comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizedBy {
    /// The frequency of a scheduled control.
    Frequency,
    /// How many items an event-driven control had.
    Items,
}

impl LevelSizes {
    const fn at(&self, level: RiskLevel) -> SizeRule {
        match level {
            RiskLevel::Low => self.low,
            RiskLevel::Usual => self.usual,
            RiskLevel::High => self.high,
        }
    }

    const fn all(&self) -> [SizeRule; 3] {
        [self.low, self.usual, self.high]
    }
}

impl SizeRule {
    /// The size, never more than there are.
    fn size(self, items: Option<u64>) -> Result<u64, SamplingRefusal> {
        let size = match self {
            Self::Items(size) => size,
            Self::Share(Share { percent, least, most }) => {
                percent.of_items_up(items.ok_or(SamplingRefusal::ItemsMissing)?).max(least).min(most)
            }
            Self::All(All::All) => items.ok_or(SamplingRefusal::ItemsMissing)?,
        };
        Ok(items.map_or(size, |items| size.min(items)))
    }

    fn is_sound(self) -> bool {
        match self {
            Self::Items(size) => size > 0,
            Self::Share(Share { percent, least, most }) => percent > Rate::ZERO && least > 0 && least <= most,
            Self::All(All::All) => true,
        }
    }
}

impl SizeTable {
    /// The size for a scheduled control, or for an event-driven one with so many items.
    ///
    /// An event-driven control needs its number of items; of a scheduled one the number only keeps the sample from being
    /// larger than its population.
    pub fn size(
        &self,
        frequency: Frequency,
        items: Option<u64>,
        level: RiskLevel,
    ) -> Result<TabledSize, SamplingRefusal> {
        if items == Some(0) {
            return Err(SamplingRefusal::EmptyPopulation);
        }
        let many = frequency == Frequency::Daily && items.is_some_and(|items| items > self.daily_at_most);
        let (sizes, by, of_each_case) = match frequency {
            Frequency::Continuous => (self.automated, SizedBy::Frequency, true),
            Frequency::PerEvent => {
                let items = items.ok_or(SamplingRefusal::ItemsMissing)?;
                let row = self.items.iter().find(|row| row.up_to.is_none_or(|up_to| items <= up_to));
                (row.ok_or(SamplingRefusal::TableUnsound("no row for so many items"))?.sizes, SizedBy::Items, false)
            }
            Frequency::Daily if many => (self.many_times_a_day, SizedBy::Frequency, false),
            Frequency::Daily
            | Frequency::Weekly
            | Frequency::SemiMonthly
            | Frequency::Monthly
            | Frequency::Quarterly
            | Frequency::SemiAnnual
            | Frequency::Annual => {
                let sizes = self.frequency.get(&frequency).copied();
                (sizes.ok_or(SamplingRefusal::FrequencyMissing(frequency))?, SizedBy::Frequency, false)
            }
        };
        Ok(TabledSize { size: sizes.at(level).size(items)?, by, of_each_case })
    }

    /// Refuses a table that leaves a question open or has a row that nothing reaches.
    pub fn require_sound(&self) -> Result<(), SamplingRefusal> {
        let unsound = |what| Err(SamplingRefusal::TableUnsound(what));
        if self.because.trim().is_empty() {
            return unsound("`because` says nothing");
        }
        let rows = self.items.iter().map(|row| &row.sizes);
        let every = self.frequency.values().chain([&self.many_times_a_day, &self.automated]).chain(rows);
        if !every.flat_map(LevelSizes::all).all(SizeRule::is_sound) {
            return unsound("a size is 0, or `least` is more than `most`");
        }
        // The last row alone is open, and the others go up.
        let ends: Vec<u64> = self.items.iter().map(|row| row.up_to.unwrap_or(u64::MAX)).collect();
        if ends.last() != Some(&u64::MAX) || !ends.is_sorted_by(|a, b| a < b) {
            return unsound("`items` goes up by `up-to`, and its last row has none");
        }
        Ok(())
    }
}
