//! How many items a sample needs.

use serde::{Deserialize, Serialize};

use super::{
    Population, Rate, SamplingRefusal,
    arithmetic::{Bounds, Number, Recipe},
    chance::{Source, Tail, times},
};

/// The largest sample that is worked out. Beyond it a whole population is cheaper to test than its sample to plan.
pub const LARGEST_SIZE: u64 = 1_000_000;

/// How many deviations a sample may have and still support the tolerable rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Allowed {
    /// As many as the expected rate gives, rounded up (AICPA tables ).
    ExpectedRate(Rate),
    /// This many.
    Deviations(u64),
}

impl Allowed {
    fn in_sample(self, size: u64) -> u64 {
        match self {
            Self::ExpectedRate(rate) => rate.of_items_up(size),
            Self::Deviations(deviations) => deviations,
        }
    }
}

/// What is asked of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeQuestion {
    /// Risk of overreliance: the chance to rely on controls that deviate at the tolerable rate.
    pub risk: Rate,
    /// Tolerable rate of deviation.
    pub tolerable: Rate,
    /// Deviations allowed.
    pub allowed: Allowed,
    /// The population; without one, a population without end.
    pub population: Option<Population>,
}

/// Which distribution was computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// A population without end.
    Binomial,
    /// A counted population.
    Hypergeometric,
}

impl Model {
    /// As it is written.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Binomial => "binomial",
            Self::Hypergeometric => "hypergeometric",
        }
    }
}

/// The smallest sample that is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSize {
    /// Which distribution.
    pub model: Model,
    /// Items to test.
    pub size: u64,
    /// Deviations with which the sample still supports the tolerable rate.
    pub allowed: u64,
    /// K: items that deviate at the tolerable rate, of a counted population.
    pub deviating: Option<u64>,
    /// Whether that is the whole population.
    pub is_whole: bool,
    /// The risk that is really run, rounded up to 0.0001 %.
    pub achieved_risk: Rate,
}

/// The smallest size with P(X <= allowed) <= risk at the tolerable rate.
///
/// Binomial without a population, hypergeometric with one (K items of it deviate). If K is no more than what is allowed,
/// no sample can tell and the whole population is the sample.
pub fn sample_size(question: &SizeQuestion) -> Result<SampleSize, SamplingRefusal> {
    let SizeQuestion { risk, tolerable, allowed, population } = *question;
    risk.within("risk of overreliance")?;
    tolerable.within("tolerable rate")?;
    if let Allowed::ExpectedRate(expected) = allowed
        && expected >= tolerable
    {
        return Err(SamplingRefusal::ExpectedNotUnderTolerable { expected, tolerable });
    }
    if let Some(population) = population {
        population.require(1)?;
    }
    search(risk, Source::at(tolerable, population), allowed, tolerable)
}

/// The smallest sample that holds at least one of `deviating` items with a chance of at least `100 % - risk`.
pub fn discovery_size(risk: Rate, deviating: u64, items: u64) -> Result<SampleSize, SamplingRefusal> {
    risk.within("risk of finding none")?;
    Population::of(items).require(deviating)?;
    if deviating == 0 {
        return Err(SamplingRefusal::EmptySample);
    }
    search(risk, Source::Counted { items, deviating }, Allowed::Deviations(0), Rate::ZERO)
}

/// Goes from size to size, keeping P(X <= k) and P(X = k) in bounds: one step is a handful of multiplications.
fn search(risk: Rate, source: Source, allowed: Allowed, tolerable: Rate) -> Result<SampleSize, SamplingRefusal> {
    let mut deviations = allowed.in_sample(0);
    let mut size = deviations;
    if size > LARGEST_SIZE {
        return Err(SamplingRefusal::SizeTooLarge);
    }
    let mut at_most = Bounds::one();
    let mut here: Bounds = source.exactly(size, deviations);
    loop {
        if let Source::Counted { items, deviating } = source
            && deviating <= deviations
        {
            return Ok(whole(items, deviating, tolerable));
        }
        let tail = Tail { source, size, deviations };
        if at_most.at_most(risk.ratio()).unwrap_or_else(|| tail.at_most(risk.ratio())) {
            return Ok(found(&tail));
        }
        if size == LARGEST_SIZE {
            return Err(SamplingRefusal::SizeTooLarge);
        }
        // One item more with as many deviations allowed: what had them all is lost if the next item deviates.
        let next = source.next_deviates(size, deviations);
        at_most = at_most.minus(&here.times(next.numerator, next.denominator));
        size += 1;
        let conforms = source.next_deviates(size - 1, deviations);
        here = here
            .times(conforms.denominator.saturating_sub(conforms.numerator), conforms.denominator)
            .times(size, size - deviations);
        if allowed.in_sample(size) > deviations {
            deviations += 1;
            here = match source.step(size, deviations) {
                Some(factors) => times(&here, Some(factors)),
                None => source.exactly(size, deviations),
            };
            at_most = at_most.plus(&here);
        }
    }
}

fn found(tail: &Tail) -> SampleSize {
    let (model, deviating, items) = match tail.source {
        Source::Endless { .. } => (Model::Binomial, None, None),
        Source::Counted { items, deviating } => (Model::Hypergeometric, Some(deviating), Some(items)),
    };
    SampleSize {
        model,
        size: tail.size,
        allowed: tail.deviations,
        deviating,
        is_whole: items == Some(tail.size),
        achieved_risk: Rate::from_steps(tail.rounded_up(Rate::WHOLE / Rate::FINE) * Rate::FINE),
    }
}

/// Everything is tested: what is tolerable is counted, and no risk of sampling is left.
fn whole(items: u64, deviating: u64, tolerable: Rate) -> SampleSize {
    SampleSize {
        model: Model::Hypergeometric,
        size: items,
        allowed: tolerable.of_items_down(items),
        deviating: Some(deviating),
        is_whole: true,
        achieved_risk: Rate::ZERO,
    }
}
