//! What a sample's result supports. A person concludes; this says what the numbers bear.

use serde::{Deserialize, Serialize};

use super::{
    Allowed, Population, Rate, SamplingRefusal, SizeQuestion, TwoStagePlan, UpperLimit,
    arithmetic::{Recipe, first_that},
    chance::{Source, Tail},
    extension_size,
    limit::{counted, endless, require_sample},
    sample_size, upper_limit,
};

/// A result to evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationQuestion {
    /// Risk of overreliance.
    pub risk: Rate,
    /// Tolerable rate of deviation.
    pub tolerable: Rate,
    /// Items tested first.
    pub size: u64,
    /// Deviations among them.
    pub deviations: u64,
    /// Most deviations that the plan allowed in them; by default the most that keep the risk.
    pub allowed: Option<u64>,
    /// Items that the plan demanded of the first stage; by default what keeps the risk with the deviations allowed.
    pub planned: Option<u64>,
    /// The extension, if there was one.
    pub second: Option<SecondStage>,
    /// The population; without one, a population without end.
    pub population: Option<Population>,
}

/// What an extension found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondStage {
    /// Items of the extension.
    pub size: u64,
    /// Deviations among them.
    pub deviations: u64,
}

/// What the result supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Items tested, in both stages.
    pub size: u64,
    /// Deviations found, in both stages.
    pub deviations: u64,
    /// Deviations by items, rounded up to 0.0001 %: the best estimate.
    pub sample_rate: Rate,
    /// The rate that is left open, in the terms of the whole plan.
    pub upper_limit: UpperLimit,
    /// K: items that deviate at the tolerable rate, of a counted population.
    pub deviating: Option<u64>,
    /// The chance of a result as good or better at the tolerable rate, counting both stages; rounded up to 0.0001 %.
    pub risk_run: Rate,
    /// Items that the plan demanded of the first stage: as stated, else what keeps the risk with the deviations allowed. None
    /// if no plan was stated and the first stage could keep the risk.
    pub planned: Option<u64>,
    /// How many items the first stage has beyond a plan that was stated: they are a second stage that nobody told.
    pub beyond_plan: u64,
    /// Whether the whole population was tested, so that no risk of sampling is left.
    pub is_whole: bool,
    /// Whether the result supports, at the risk, that the rate is tolerable.
    pub is_supported: bool,
    /// The two stages, and what the first alone said.
    pub stages: Option<Stages>,
    /// How many further items without any deviation would support it, if it is not supported and nothing was extended.
    pub extension: Option<u64>,
}

/// An extended sample: the first result stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    /// The plan as it was carried out.
    pub plan: TwoStagePlan,
    /// Deviations that the first stage found.
    pub first_deviations: u64,
    /// Deviations that the second found.
    pub second_deviations: u64,
    /// The upper limit that the first stage alone gave.
    pub first_upper_limit: UpperLimit,
    /// The smallest extension with which as many deviations would have been supported.
    pub enough: Option<u64>,
}

/// Evaluates a result.
///
/// One stage: P(X <= deviations) at the tolerable rate against the risk. Two: the chance to accept at the first stage or after
/// the extension, as one plan. A whole population has its rate and no risk.
pub fn evaluate(question: &EvaluationQuestion) -> Result<Evaluation, SamplingRefusal> {
    let EvaluationQuestion { risk, tolerable, size, deviations, second, population, .. } = *question;
    risk.within("risk of overreliance")?;
    tolerable.within("tolerable rate")?;
    require_sample(size, deviations)?;
    if let Some(population) = population {
        population.require(size)?;
    }
    let source = Source::at(tolerable, population);
    let first_allowed = question.allowed.or_else(|| most_allowed(risk, source, size));
    let evaluation = match second {
        None => one_stage(question, source, first_allowed),
        Some(second) => two_stages(question, source, first_allowed, second),
    }?;
    let beyond_plan = question.planned.map_or(0, |planned| size.saturating_sub(planned));
    Ok(Evaluation { planned: planned_size(question, first_allowed), beyond_plan, ..evaluation })
}

/// What the plan demanded of the first stage: as stated, else the smallest size that keeps the risk with as many deviations.
fn planned_size(question: &EvaluationQuestion, first_allowed: Option<u64>) -> Option<u64> {
    let EvaluationQuestion { risk, tolerable, population, .. } = *question;
    let allowed = Allowed::Deviations(first_allowed.unwrap_or(0));
    let smallest = || sample_size(&SizeQuestion { risk, tolerable, allowed, population }).ok();
    let unplanned = question.allowed.is_none() && first_allowed.is_some();
    question.planned.or_else(|| if unplanned { None } else { smallest().map(|found| found.size) })
}

/// The most deviations with which a sample alone keeps the risk; none if it does not even without any.
fn most_allowed(risk: Rate, source: Source, size: u64) -> Option<u64> {
    let too_many = first_that(0, size, |deviations| !Tail { source, size, deviations }.at_most(risk.ratio()));
    too_many.checked_sub(1)
}

fn one_stage(
    question: &EvaluationQuestion,
    source: Source,
    first_allowed: Option<u64>,
) -> Result<Evaluation, SamplingRefusal> {
    let EvaluationQuestion { risk, tolerable, size, deviations, population, .. } = *question;
    let tail = Tail { source, size, deviations };
    let evaluation = result(question, deviations, size, upper_limit(risk, size, deviations, population)?, &tail);
    let extension = if evaluation.is_supported || evaluation.is_whole {
        None
    } else {
        let plan = TwoStagePlan { first_size: size, first_allowed, second_size: 0, allowed: deviations };
        extension_size(risk, tolerable, &plan, population)?
    };
    Ok(Evaluation { extension, ..evaluation })
}

fn two_stages(
    question: &EvaluationQuestion,
    source: Source,
    first_allowed: Option<u64>,
    second: SecondStage,
) -> Result<Evaluation, SamplingRefusal> {
    let EvaluationQuestion { risk, tolerable, size, deviations, population, .. } = *question;
    require_sample(second.size, second.deviations)?;
    if first_allowed.is_some_and(|allowed| deviations <= allowed) {
        return Err(SamplingRefusal::NothingToExtend { deviations, size });
    }
    let (all_size, all_deviations) = (size + second.size, deviations + second.deviations);
    let plan = TwoStagePlan { first_size: size, first_allowed, second_size: second.size, allowed: all_deviations };
    let limit = match population {
        None => endless(risk, |source| plan.accepted(source)),
        Some(population) => {
            population.require(all_size)?;
            let most = population.items - (all_size - all_deviations);
            counted(risk, population.items, all_deviations, most, |source| plan.accepted(source))
        }
    };
    let evaluation = result(question, all_deviations, all_size, limit, &plan.accepted(source));
    let stages = Stages {
        plan,
        first_deviations: deviations,
        second_deviations: second.deviations,
        first_upper_limit: upper_limit(risk, size, deviations, population)?,
        enough: extension_size(risk, tolerable, &plan, population)?,
    };
    Ok(Evaluation { stages: Some(stages), ..evaluation })
}

fn result<R: Recipe>(
    question: &EvaluationQuestion,
    deviations: u64,
    size: u64,
    upper_limit: UpperLimit,
    accepted: &R,
) -> Evaluation {
    let EvaluationQuestion { risk, tolerable, population, .. } = *question;
    let is_whole = population.is_some_and(|population| population.items == size);
    let (is_supported, risk_run) = if is_whole {
        (deviations <= tolerable.of_items_down(size), Rate::ZERO)
    } else {
        let run = Rate::from_steps(accepted.rounded_up(Rate::WHOLE / Rate::FINE) * Rate::FINE);
        (accepted.at_most(risk.ratio()), run)
    };
    Evaluation {
        size,
        deviations,
        sample_rate: Rate::of(deviations, size, Rate::FINE),
        upper_limit,
        deviating: population.map(|population| population.deviating_at(tolerable)),
        risk_run,
        is_whole,
        is_supported,
        planned: None,
        beyond_plan: 0,
        stages: None,
        extension: None,
    }
}
