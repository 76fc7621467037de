//! What a tested sample supports of the rate that its draw aimed at. A person concludes; this says what the numbers bear.

use serde::{Deserialize, Serialize};
use tickmark_domain::{
    ManagementTestDetails, State, TestExtent,
    sampling::{EvaluationQuestion, Population, Rate, SecondStage, UpperLimit, evaluate},
};

use crate::{Error, House, samples::DrawParameters};

/// What a sample is drawn to support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aim {
    /// Risk of overreliance.
    pub risk: Rate,
    /// Tolerable rate of deviation.
    pub tolerable: Rate,
}

impl Aim {
    /// As a line says it.
    pub fn words(&self) -> String {
        format!("a rate of at most {} % at a risk of {} %", self.tolerable, self.risk)
    }
}

/// What the deviations found in a sample leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Support {
    /// What it was drawn for.
    #[serde(flatten)]
    pub aim: Aim,
    /// The highest rate that is left open at that risk; of an extended sample, of both stages as one plan.
    pub upper_limit: UpperLimit,
    /// Whether that is tolerable.
    pub is_supported: bool,
}

impl Support {
    /// As a line says it.
    pub fn words(&self) -> String {
        let Self { aim: Aim { risk, tolerable }, upper_limit, is_supported } = self;
        let supported = if *is_supported { "supported" } else { "not supported" };
        format!("at most {} % at a risk of {risk} %; tolerable {tolerable} %: {supported}", upper_limit.rate)
    }
}

impl House {
    /// What the result of a test over a sample supports; none of a test of other items, or if the draw aimed at nothing.
    pub(crate) fn support_of(&self, state: &State, test: &ManagementTestDetails) -> Result<Option<Support>, Error> {
        let TestExtent::Sample(id) = &test.extent else { return Ok(None) };
        let Some(sample) = state.samples.get(id) else { return Ok(None) };
        let parameters: DrawParameters = self.json(&sample.parameters)?;
        let Some(aim) = parameters.aim else { return Ok(None) };
        let population = state.populations.get(&sample.population).map(|population| population.rows.items);
        let (size, deviations, second) = match sample.second_stage() {
            Some((more, first, _)) => {
                let deviations = test.exceptions.saturating_sub(first);
                (test.items.saturating_sub(more), first, Some(SecondStage { size: more, deviations }))
            }
            None => (test.items, test.exceptions, None),
        };
        let evaluation = evaluate(&EvaluationQuestion {
            risk: aim.risk,
            tolerable: aim.tolerable,
            size,
            deviations,
            allowed: None,
            second,
            population: population.map(Population::of),
        })?;
        Ok(Some(Support { aim, upper_limit: evaluation.upper_limit, is_supported: evaluation.is_supported }))
    }
}
