//! The upper limit of the deviation rate that a sample leaves open.

use serde::{Deserialize, Serialize};

use super::{
    Model, Population, Rate, SamplingRefusal,
    arithmetic::{Recipe, first_that},
    chance::{Source, Tail},
};

/// The highest rate that a result leaves open at a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpperLimit {
    /// Which distribution.
    pub model: Model,
    /// Rounded up to 0.1 %, as AICPA tables print it.
    pub tabulated: Rate,
    /// Rounded up to 0.0001 %.
    pub rate: Rate,
    /// Of a counted population: the most items that may deviate.
    pub items: Option<u64>,
}

/// The upper limit for `deviations` found in `size` items.
///
/// Without a population, the rate at which P(X <= deviations) falls to the risk; of a counted one, the most deviating items
/// at which P(X <= deviations) is still more than the risk.
pub fn upper_limit(
    risk: Rate,
    size: u64,
    deviations: u64,
    population: Option<Population>,
) -> Result<UpperLimit, SamplingRefusal> {
    risk.within("risk of overreliance")?;
    require_sample(size, deviations)?;
    let Some(population) = population else {
        return Ok(endless(risk, |source| Tail { source, size, deviations }));
    };
    population.require(size)?;
    let items = population.items;
    Ok(counted(risk, items, deviations, items - (size - deviations), |source| Tail { source, size, deviations }))
}

pub(super) fn require_sample(size: u64, deviations: u64) -> Result<(), SamplingRefusal> {
    match size {
        0 => Err(SamplingRefusal::EmptySample),
        _ if deviations > size => Err(SamplingRefusal::MoreDeviationsThanItems { deviations, size }),
        _ => Ok(()),
    }
}

/// The smallest rates, in tenths and finely, at which the chance to accept is no more than the risk.
pub(super) fn endless<R: Recipe>(risk: Rate, accepts: impl Fn(Source) -> R) -> UpperLimit {
    let smallest = |unit: u64| {
        let parts = first_that(0, Rate::WHOLE / unit, |parts| {
            accepts(Source::at_rate(Rate::from_steps(parts * unit))).at_most(risk.ratio())
        });
        Rate::from_steps(parts * unit)
    };
    UpperLimit { model: Model::Binomial, tabulated: smallest(Rate::TENTH), rate: smallest(Rate::FINE), items: None }
}

/// The most deviating items, from `fewest` to `most`, at which the chance to accept is more than the risk.
pub(super) fn counted<R: Recipe>(
    risk: Rate,
    items: u64,
    fewest: u64,
    most: u64,
    accepts: impl Fn(Source) -> R,
) -> UpperLimit {
    let refused = first_that(fewest + 1, most + 1, |deviating| {
        accepts(Source::Counted { items, deviating }).at_most(risk.ratio())
    });
    let left = refused - 1;
    UpperLimit {
        model: Model::Hypergeometric,
        tabulated: Rate::of(left, items, Rate::TENTH),
        rate: Rate::of(left, items, Rate::FINE),
        items: Some(left),
    }
}
