//! Chances of deviations in a sample: binomial for a population without end, hypergeometric for a counted one.

use serde::{Deserialize, Serialize};

use super::{
    Rate, SamplingRefusal,
    arithmetic::{Number, Ratio, Recipe, power},
};

/// How the number of deviating items at the tolerable rate comes to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KRounding {
    /// Up: the fewest items that reach the tolerable rate.
    #[default]
    Up,
    /// Down: never more than the tolerable rate; samples are larger.
    Down,
}

/// A population with an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// How many items it has.
    pub items: u64,
    /// How K becomes whole.
    pub rounding: KRounding,
}

impl Population {
    /// A population of so many items, K rounded up.
    pub const fn of(items: u64) -> Self {
        Self { items, rounding: KRounding::Up }
    }

    /// K: how many items deviate at the tolerable rate, at least one.
    pub fn deviating_at(&self, tolerable: Rate) -> u64 {
        let deviating = match self.rounding {
            KRounding::Up => tolerable.of_items_up(self.items),
            KRounding::Down => tolerable.of_items_down(self.items),
        };
        deviating.max(1)
    }

    pub(super) fn require(&self, size: u64) -> Result<(), SamplingRefusal> {
        match self.items {
            0 => Err(SamplingRefusal::EmptyPopulation),
            items if items < size => Err(SamplingRefusal::SampleLargerThanPopulation { size, items, stratum: None }),
            _ => Ok(()),
        }
    }
}

/// What a sample is drawn from, as far as deviations go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// Without end: each item deviates with this chance.
    Endless {
        /// The chance.
        deviates: Ratio,
    },
    /// Counted: so many of so many deviate, and none is drawn twice.
    Counted {
        /// Items.
        items: u64,
        /// Those that deviate.
        deviating: u64,
    },
}

impl Source {
    /// A population at its tolerable rate.
    pub(super) fn at(tolerable: Rate, population: Option<Population>) -> Self {
        match population {
            None => Self::at_rate(tolerable),
            Some(population) => {
                Self::Counted { items: population.items, deviating: population.deviating_at(tolerable) }
            }
        }
    }

    /// A population without end at a rate, its fraction reduced so that exact numbers stay short.
    pub(super) fn at_rate(rate: Rate) -> Self {
        let divisor = greatest_common_divisor(rate.steps(), Rate::WHOLE);
        let deviates = Ratio { numerator: rate.steps() / divisor, denominator: Rate::WHOLE / divisor };
        Self::Endless { deviates }
    }

    /// The chance that the next item deviates, after so many of which so many did.
    pub(super) fn next_deviates(&self, drawn: u64, deviated: u64) -> Ratio {
        match *self {
            Self::Endless { deviates } => deviates,
            Self::Counted { items, deviating } => {
                Ratio { numerator: deviating.saturating_sub(deviated), denominator: items.saturating_sub(drawn).max(1) }
            }
        }
    }

    /// What is left after a stage.
    pub(super) fn after(&self, drawn: u64, deviated: u64) -> Self {
        match *self {
            Self::Endless { .. } => *self,
            Self::Counted { items, deviating } => {
                Self::Counted { items: items.saturating_sub(drawn), deviating: deviating.saturating_sub(deviated) }
            }
        }
    }

    /// The fewest and the most deviations that a sample can have.
    fn range(&self, size: u64) -> (u64, u64) {
        match *self {
            Self::Endless { deviates } if deviates.numerator == 0 => (0, 0),
            Self::Endless { deviates } if deviates.numerator == deviates.denominator => (size, size),
            Self::Endless { .. } => (0, size),
            Self::Counted { items, deviating } => {
                (size.saturating_sub(items.saturating_sub(deviating)), size.min(deviating))
            }
        }
    }

    /// The chance of the fewest deviations that a sample can have.
    fn of_fewest<N: Number>(&self, size: u64) -> N {
        match *self {
            Self::Endless { deviates: Ratio { numerator, denominator } } => {
                let conforms = Ratio { numerator: denominator - numerator, denominator };
                if conforms.numerator == 0 { N::one() } else { power(conforms, size) }
            }
            Self::Counted { items, deviating } => {
                // Either no drawn item deviates, or every item that conforms is drawn; drawing and deviating may change
                // places, so the shorter product is taken.
                let conforming = items.saturating_sub(deviating);
                let (factors, of) = if size <= conforming {
                    let (short, long) = (size.min(deviating), size.max(deviating));
                    (short, items - long)
                } else {
                    let (short, long) = ((items - size).min(conforming), (items - size).max(conforming));
                    (short, items - long)
                };
                (0..factors).fold(N::one(), |product, i| product.times(of - i, items - i))
            }
        }
    }

    /// How much likelier so many deviations are than one fewer, as two factors.
    pub(super) fn step(&self, size: u64, deviations: u64) -> Option<[Ratio; 2]> {
        let before = deviations.checked_sub(1)?;
        let drawn = Ratio { numerator: size.checked_sub(before)?, denominator: deviations };
        let odds = match *self {
            Self::Endless { deviates: Ratio { numerator, denominator } } => {
                Ratio { numerator, denominator: denominator - numerator }
            }
            Self::Counted { items, deviating } => Ratio {
                numerator: deviating.checked_sub(before)?,
                denominator: (items - deviating + deviations).checked_sub(size)?,
            },
        };
        (odds.denominator > 0).then_some([drawn, odds])
    }

    /// P(X = `deviations`).
    pub(super) fn exactly<N: Number>(&self, size: u64, deviations: u64) -> N {
        let (fewest, most) = self.range(size);
        if deviations < fewest || deviations > most {
            return N::zero();
        }
        (fewest + 1..=deviations).fold(self.of_fewest(size), |chance: N, x| times(&chance, self.step(size, x)))
    }

    /// P(X <= `deviations`): P(fewest) · (1 + step · (1 + step · (1 + …))), from the inside out.
    pub(super) fn at_most<N: Number>(&self, size: u64, deviations: u64) -> N {
        let (fewest, most) = self.range(size);
        if deviations >= most {
            return N::one();
        }
        if deviations < fewest {
            return N::zero();
        }
        let one = N::one();
        let sum = (fewest + 1..=deviations).rev().fold(N::one(), |sum, x| one.plus(&times(&sum, self.step(size, x))));
        self.of_fewest::<N>(size).by(&sum)
    }
}

pub(super) fn times<N: Number>(number: &N, factors: Option<[Ratio; 2]>) -> N {
    factors.map_or_else(N::zero, |[a, b]| number.times(a.numerator, a.denominator).times(b.numerator, b.denominator))
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// The chance of at most so many deviations in a sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) source: Source,
    pub(super) size: u64,
    pub(super) deviations: u64,
}

impl Recipe for Tail {
    fn compute<N: Number>(&self) -> N {
        self.source.at_most(self.size, self.deviations)
    }
}

impl Rate {
    pub(super) const fn ratio(self) -> Ratio {
        Ratio { numerator: self.steps(), denominator: Self::WHOLE }
    }
}
