//! A sample that was extended, evaluated as one plan of two stages: the risk counts both chances to accept.

use serde::{Deserialize, Serialize};

use super::{
    LARGEST_SIZE, Population, Rate, SamplingRefusal,
    arithmetic::{Number, Recipe, first_that},
    chance::Source,
};

/// Accept after the first stage, or extend and accept after the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoStagePlan {
    /// Items of the first stage.
    pub first_size: u64,
    /// Most deviations with which the first stage alone is accepted; none if it never is.
    pub first_allowed: Option<u64>,
    /// Items of the extension.
    pub second_size: u64,
    /// Most deviations in both stages with which the whole is accepted.
    pub allowed: u64,
}

impl TwoStagePlan {
    /// The risk of the whole plan at the tolerable rate, rounded up to 0.0001 %.
    pub fn overall_risk(&self, tolerable: Rate, population: Option<Population>) -> Rate {
        let accepted = self.accepted(Source::at(tolerable, population));
        Rate::from_steps(accepted.rounded_up(Rate::WHOLE / Rate::FINE) * Rate::FINE)
    }

    /// Whether that risk is no more than a risk; exact, not by the rounded figure.
    pub fn keeps(&self, risk: Rate, tolerable: Rate, population: Option<Population>) -> bool {
        self.accepted(Source::at(tolerable, population)).at_most(risk.ratio())
    }

    pub(super) const fn accepted(&self, source: Source) -> Accepted {
        Accepted { plan: *self, source }
    }
}

/// The chance that a plan accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    plan: TwoStagePlan,
    source: Source,
}

impl Recipe for Accepted {
    /// P(X1 <= c1) + Σ P(X1 = x) · P(X2 <= c - x) over c1 < x <= c.
    fn compute<N: Number>(&self) -> N {
        let TwoStagePlan { first_size, first_allowed, second_size, allowed } = self.plan;
        let at_once = first_allowed.map_or_else(N::zero, |c1| self.source.at_most(first_size, c1));
        let extended_from = first_allowed.map_or(0, |c1| c1 + 1);
        (extended_from..=allowed.min(first_size)).fold(at_once, |sum, x| {
            let then: N = self.source.after(first_size, x).at_most(second_size, allowed - x);
            sum.plus(&self.source.exactly::<N>(first_size, x).by(&then))
        })
    }
}

/// The smallest extension with which the whole plan keeps the risk if `allowed` deviations are in both stages; none if no
/// extension does.
pub fn extension_size(
    risk: Rate,
    tolerable: Rate,
    plan: &TwoStagePlan,
    population: Option<Population>,
) -> Result<Option<u64>, SamplingRefusal> {
    risk.within("risk of overreliance")?;
    tolerable.within("tolerable rate")?;
    let most = population
        .map_or(LARGEST_SIZE, |population| population.items.saturating_sub(plan.first_size).min(LARGEST_SIZE));
    let keeps = |second_size| TwoStagePlan { second_size, ..*plan }.keeps(risk, tolerable, population);
    let size = first_that(1, most.saturating_add(1), keeps);
    Ok((size <= most).then_some(size))
}
