//! What a tested sample supports of the rate that its draw aimed at. A person concludes; this says what the numbers bear.

use serde::{Deserialize, Serialize};
use tickmark_domain::{
    ManagementTestDetails, Sample, State, TestExtent,
    sampling::{Evaluation, EvaluationQuestion, Population, Rate, SecondStage, UpperLimit, evaluate},
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
    /// Of an extended sample, what the first stage alone said: it stays beside the whole.
    pub first_stage: Option<FirstStage>,
}

/// What the first stage of an extended sample said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FirstStage {
    /// Items tested.
    pub items: u64,
    /// Deviations among them.
    pub deviations: u64,
    /// The highest rate that they alone left open.
    pub upper_limit: UpperLimit,
}

impl Support {
    /// As a line says it.
    pub fn words(&self) -> String {
        let Self { aim: Aim { risk, tolerable }, upper_limit, is_supported, first_stage } = self;
        let supported = if *is_supported { "supported" } else { "not supported" };
        let first = first_stage.map_or_else(String::new, |FirstStage { items, deviations, upper_limit }| {
            format!(
                "; both stages as one plan, the first alone: {deviations} of {items}, at most {} %",
                upper_limit.rate
            )
        });
        format!("at most {} % at a risk of {risk} %; tolerable {tolerable} %: {supported}{first}", upper_limit.rate)
    }
}

impl House {
    /// Refuses to extend a sample whose first stage supports what its draw aimed at: there is nothing to extend it for.
    pub(crate) fn require_first_stage_open(&self, sample: &Sample, more: u64, deviations: u64) -> Result<(), Error> {
        let parameters: DrawParameters = self.json(&sample.parameters)?;
        let Some(aim) = parameters.aim else { return Ok(()) };
        let population = self.state().populations.get(&sample.population);
        evaluate(&EvaluationQuestion {
            risk: aim.risk,
            tolerable: aim.tolerable,
            size: sample.size,
            deviations,
            allowed: None,
            planned: None,
            second: Some(SecondStage { size: more, deviations: 0 }),
            population: population.map(|population| Population::of(population.rows.items)),
        })?;
        Ok(())
    }

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
            planned: None,
            second,
            population: population.map(Population::of),
        })?;
        let first_stage = evaluation.stages.map(|stages| FirstStage {
            items: size,
            deviations: stages.first_deviations,
            upper_limit: stages.first_upper_limit,
        });
        let Evaluation { upper_limit, is_supported, .. } = evaluation;
        Ok(Some(Support { aim, upper_limit, is_supported, first_stage }))
    }
}
