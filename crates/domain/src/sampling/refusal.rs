//! What sampling refuses. Each refusal has a stable code, as those of facts have.

use super::{LARGEST_SIZE, Rate};
use crate::Frequency;

/// Why a question about a sample has no answer, or a draw no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamplingRefusal {
    /// Percentages are decimals from 0 to 100.
    #[error("`{0}` is not a percentage: write a decimal from 0 to 100 with at most 6 decimals, such as `6.2`")]
    NotAPercentage(String),
    /// Percentages lie between 0 and 100.
    #[error("{0} % is not between 0 and 100 %")]
    PercentageOutOfRange(String),
    /// A risk of nothing needs everything, a risk of everything needs nothing.
    #[error("a {what} of {rate} % says nothing: it lies between 0 and 100 %")]
    RateOutOfRange {
        /// Which rate.
        what: &'static str,
        /// As given.
        rate: Rate,
    },
    /// Who expects what they do not tolerate has no use for a sample.
    #[error("the expected rate {expected} % is not under the tolerable rate {tolerable} %")]
    ExpectedNotUnderTolerable {
        /// Expected rate.
        expected: Rate,
        /// Tolerable rate.
        tolerable: Rate,
    },
    /// Nothing can be drawn from an empty population.
    #[error("the population is empty: there is nothing to sample")]
    EmptyPopulation,
    /// A sample has at least one item.
    #[error("a sample of no items says nothing")]
    EmptySample,
    /// A sample cannot have more items than there are.
    #[error("a sample of {size} is larger than its population of {items}{}", of_stratum(.stratum))]
    SampleLargerThanPopulation {
        /// Size asked for.
        size: u64,
        /// Items there are.
        items: u64,
        /// In which stratum.
        stratum: Option<String>,
    },
    /// A sample cannot have more deviations than items.
    #[error("{deviations} deviations in {size} items")]
    MoreDeviationsThanItems {
        /// Deviations given.
        deviations: u64,
        /// Items given.
        size: u64,
    },
    /// So strict a question is one for the whole population.
    #[error("this needs more than {LARGEST_SIZE} items: test the whole population")]
    SizeTooLarge,
    /// What the first stage supports already is not extended.
    #[error("{deviations} deviations in the first {size} items are allowed already: there is nothing to extend")]
    NothingToExtend {
        /// Deviations of the first stage.
        deviations: u64,
        /// Items of the first stage.
        size: u64,
    },
    /// An item key stands for one item.
    #[error("an item key is twice in the population (positions {first} and {second}, counted from 0)")]
    DuplicateKey {
        /// Where it stands first.
        first: u64,
        /// Where it stands again.
        second: u64,
    },
    /// A stratified draw has a size for every stratum.
    #[error("stratum `{0}` has no sample size")]
    UnknownStratum(String),
    /// A stratum ends no earlier than it begins.
    #[error("stratum `{0}` ends before it begins")]
    StratumReversed(String),
    /// An item has one stratum.
    #[error("strata `{first}` and `{second}` overlap: an item would lie in both")]
    StrataOverlap {
        /// The one that begins first.
        first: String,
        /// The other.
        second: String,
    },
    /// A bound is a value of the column.
    #[error(
        "`{stratum}` is no stratum of `{column}`: write FROM..TO with values of that column, or leave one of them out"
    )]
    StratumUnreadable {
        /// As given.
        stratum: String,
        /// The column.
        column: String,
    },
    /// A stratified draw needs to know each item's stratum: none is left out.
    #[error("the item at position {0} has no stratum: strata leave no item out")]
    StratumMissing(u64),
    /// Selection by monetary unit needs each item's amount.
    #[error("the item at position {0} has no amount")]
    AmountMissing(u64),
    /// The population is not the one that was counted.
    #[error("the population has another {what} than stated: {stated} stated, {found} found")]
    OtherPopulation {
        /// What differs.
        what: &'static str,
        /// As stated.
        stated: String,
        /// As found.
        found: String,
    },
    /// What is targeted is in the population.
    #[error("{0} of the targeted items are not in the population")]
    TargetNotInPopulation(u64),
    /// An event-driven control is sampled by how often its event happened.
    #[error("the size depends on how many items there are: say how many")]
    ItemsMissing,
    /// A firm's table has no sizes for this.
    #[error("the table has no sizes for a control that is {}", .0.label())]
    FrequencyMissing(Frequency),
    /// A table answers every question once.
    #[error("the table of sizes does not hold together: {0}")]
    TableUnsound(&'static str),
    /// The sums of the population are too large to count exactly.
    #[error("the amounts are too large to add up")]
    AmountsTooLarge,
}

fn of_stratum(stratum: &Option<String>) -> String {
    stratum.as_ref().map_or_else(String::new, |name| format!(" in stratum `{name}`"))
}

impl SamplingRefusal {
    /// The stable code of the rule that said no.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAPercentage(_) => "not-a-percentage",
            Self::PercentageOutOfRange(_) | Self::RateOutOfRange { .. } => "rate-out-of-range",
            Self::ExpectedNotUnderTolerable { .. } => "expected-not-under-tolerable",
            Self::EmptyPopulation => "empty-population",
            Self::EmptySample => "empty-sample",
            Self::SampleLargerThanPopulation { .. } => "sample-larger-than-population",
            Self::MoreDeviationsThanItems { .. } => "more-deviations-than-items",
            Self::SizeTooLarge => "size-too-large",
            Self::NothingToExtend { .. } => "nothing-to-extend",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::UnknownStratum(_) => "unknown-stratum",
            Self::StratumReversed(_) => "stratum-reversed",
            Self::StrataOverlap { .. } => "strata-overlap",
            Self::StratumUnreadable { .. } => "stratum-unreadable",
            Self::StratumMissing(_) => "stratum-missing",
            Self::AmountMissing(_) => "amount-missing",
            Self::OtherPopulation { .. } => "other-population",
            Self::TargetNotInPopulation(_) => "target-not-in-population",
            Self::ItemsMissing => "items-missing",
            Self::FrequencyMissing(_) => "frequency-missing",
            Self::TableUnsound(_) => "table-unsound",
            Self::AmountsTooLarge => "amounts-too-large",
        }
    }
}
