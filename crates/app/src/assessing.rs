//! What management says of an exception, and an exception with all that is known of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use tickmark_domain::{
    AssessException, AssessmentDetails, Command, Compensation, ControlId, Exception, ExceptionId, ExceptionOrigin,
    Measure, PersonId, Reach, Refusal, Retest, Sighting, Span, State, TestExtent,
};

use crate::{Error, House, ItemOverTime, Support, item_history::changed_items};

/// An assessment to record.
#[derive(Debug, Clone)]
pub struct NewAssessment<'a> {
    /// The exception.
    pub exception: ExceptionId,
    /// Why it came about.
    pub cause: &'a str,
    /// Whether the cause reaches beyond the items found.
    pub reach: Reach,
    /// What it means for what the control serves.
    pub effect: &'a str,
    /// Control objectives and criteria that it bears on.
    pub on: &'a [String],
    /// Controls that meet the same aim.
    pub compensating: &'a [String],
}

/// An exception with all that is known of it, but its rows.
#[derive(Debug, Clone, Serialize)]
pub struct ExceptionShown {
    /// The exception.
    pub exception: String,
    /// Where it stands.
    pub state: String,
    /// What found it: a control test or a management test.
    pub found_by: String,
    /// The days tested.
    pub span: Span,
    /// The controls concerned.
    pub controls: Vec<String>,
    /// Items now.
    pub items: u64,
    /// Most items that any run returned.
    pub most_items: u64,
    /// Items that an earlier management test of the control had found.
    pub seen_before: u64,
    /// What it was seen with, oldest first, where runs saw other items than the one before.
    pub sightings: Vec<SightingShown>,
    /// The items that came after it was raised, or went; the others were there each time.
    pub changed_items: Vec<ItemOverTime>,
    /// How much that is of what was tested.
    pub rate: Option<RateShown>,
    /// What that leaves open of the population, if a sample was tested whose draw aimed at a rate.
    pub support: Option<Support>,
    /// Management's response.
    pub response: Option<String>,
    /// What management says of it.
    pub assessment: Option<AssessmentShown>,
    /// What was done, and since when it is right.
    pub remediation: Option<(String, Date)>,
    /// What tested again.
    pub retest: Option<String>,
    /// Entry that raised it.
    pub entry: u64,
}

/// The items with which a test saw an exception.
#[derive(Debug, Clone, Serialize)]
pub struct SightingShown {
    /// The day on which it was recorded.
    pub on: Option<Date>,
    /// How many items.
    pub items: u64,
    /// How they differ from those seen before, in words.
    pub change: String,
    /// Entry that recorded it.
    pub entry: u64,
}

impl SightingShown {
    fn of(state: &State, sighting: &Sighting) -> Self {
        let Sighting { items, at, entry, .. } = *sighting;
        Self { on: state.local_date(at), items, change: sighting.change_in_words(), entry }
    }
}

/// Exceptions as a share of the items tested.
#[derive(Debug, Clone, Serialize)]
pub struct RateShown {
    /// Exceptions.
    pub exceptions: u64,
    /// Items tested.
    pub of: u64,
    /// The share in percent, rounded to two decimals.
    pub percent: String,
    /// Of what: the whole population, a sample, items chosen by hand.
    pub extent: RateExtent,
}

/// What a rate is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateExtent {
    /// Every item was tested: the rate is exact.
    WholePopulation,
    /// A sample was: the rate is its best estimate.
    Sample,
    /// Items chosen by hand were: the rate says nothing of the others.
    Chosen,
}

impl RateExtent {
    /// As a sentence goes on.
    pub const fn label(self) -> &'static str {
        match self {
            Self::WholePopulation => "of the whole population",
            Self::Sample => "of the sample",
            Self::Chosen => "of the items chosen by hand, which says nothing of the others",
        }
    }
}

/// An assessment as it is kept, with what the ledger says of the compensating controls.
#[derive(Debug, Clone, Serialize)]
pub struct AssessmentShown {
    /// Why it came about.
    pub cause: String,
    /// Whether the cause reaches beyond the items found.
    pub reach: Reach,
    /// What it means for what the control serves.
    pub effect: String,
    /// Control objectives and criteria that it bears on.
    pub on: Vec<String>,
    /// Controls that meet the same aim, and what tests say of each over the same days.
    pub compensating: Vec<(String, Compensation)>,
    /// Whether other items have come since.
    pub stale: bool,
    /// Who assessed.
    pub by: String,
    /// Entry that recorded it.
    pub entry: u64,
}

impl House {
    /// Records what management says of an exception.
    pub fn assess(&mut self, author: &PersonId, new: &NewAssessment<'_>) -> Result<(), Error> {
        let (mut objectives, mut criteria) = (BTreeSet::new(), BTreeSet::new());
        for measure in new.on {
            match self.measure_named(measure)? {
                Measure::Objective(id) => objectives.insert(id),
                Measure::Criterion(id) => criteria.insert(id),
            };
        }
        let details = AssessmentDetails {
            cause: self.put_text(new.cause)?,
            reach: new.reach,
            effect: self.put_text(new.effect)?,
            objectives,
            criteria,
            compensating: new.compensating.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
        };
        let command = AssessException { exception: new.exception.clone(), details };
        self.execute(author, Command::AssessException(command)).map(drop)
    }

    /// A control objective or criterion by its id; the rules refuse one that nobody knows.
    fn measure_named(&self, id: &str) -> Result<Measure, Error> {
        let objective = id.parse()?;
        if self.state().knows_objective(self.catalog_index(), &objective) {
            return Ok(Measure::Objective(objective));
        }
        Ok(Measure::Criterion(id.parse()?))
    }

    /// One exception with all that is known of it.
    pub fn exception(&self, id: &ExceptionId) -> Result<ExceptionShown, Error> {
        let state = self.state();
        let exception = state.exceptions.get(id).ok_or_else(|| Refusal::UnknownException(id.clone()))?;
        let remediation = match &exception.remediation {
            Some((text, on)) => Some((self.text(text)?, *on)),
            None => None,
        };
        Ok(ExceptionShown {
            exception: id.to_string(),
            state: exception.state.to_string(),
            found_by: match &exception.origin {
                ExceptionOrigin::ControlTest(test) => format!("control test `{test}`"),
                ExceptionOrigin::ManagementTest { management_test, .. } => {
                    format!("management test `{management_test}`")
                }
            },
            span: exception.span,
            controls: exception.origin.controls(self.catalog_index()).iter().map(ToString::to_string).collect(),
            items: exception.items,
            most_items: exception.most_items,
            seen_before: exception.seen_before,
            sightings: exception.sightings.iter().map(|seen| SightingShown::of(state, seen)).collect(),
            changed_items: changed_items(&self.vault, &self.item_keys, &self.catalog, exception)?,
            rate: rate_of(state, exception),
            support: match exception.origin.management_test().and_then(|id| state.management_tests.get(id)) {
                Some(test) => self.support_of(state, &test.details)?,
                None => None,
            },
            response: exception.response.map(|text| self.text(&text)).transpose()?,
            assessment: self.assessment_shown(state, exception)?,
            remediation,
            retest: exception.retest.as_ref().map(|retest| match retest {
                Retest::Run(run) => run.to_string(),
                Retest::ManagementTest(id) => format!("management test `{id}`"),
            }),
            entry: exception.first_seen,
        })
    }

    /// What management says of an exception, and what the ledger says of compensating controls over the same days.
    pub(crate) fn assessment_shown(
        &self,
        state: &State,
        exception: &Exception,
    ) -> Result<Option<AssessmentShown>, Error> {
        let Some(assessment) = &exception.assessment else { return Ok(None) };
        let details = &assessment.details;
        let tested = |id: &ControlId| state.compensation(self.catalog_index(), id, exception.span);
        let objectives = details.objectives.iter().map(ToString::to_string);
        Ok(Some(AssessmentShown {
            cause: self.text(&details.cause)?,
            reach: details.reach,
            effect: self.text(&details.effect)?,
            on: objectives.chain(details.criteria.iter().map(ToString::to_string)).collect(),
            compensating: details.compensating.iter().map(|id| (id.to_string(), tested(id))).collect(),
            stale: !exception.is_assessed(),
            by: self.name_in(state, &assessment.by),
            entry: assessment.entry,
        }))
    }
}

/// Exceptions as a share of what was tested; none where no result says of how many.
pub(crate) fn rate_of(state: &State, exception: &Exception) -> Option<RateShown> {
    let (of, extent) = match &exception.origin {
        ExceptionOrigin::ControlTest(test) => {
            (state.newest_result(test, exception.span)?.population, RateExtent::WholePopulation)
        }
        ExceptionOrigin::ManagementTest { management_test, .. } => {
            let details = &state.management_tests.get(management_test)?.details;
            let extent = match details.extent {
                TestExtent::WholePopulation { .. } => RateExtent::WholePopulation,
                TestExtent::Sample(_) => RateExtent::Sample,
                TestExtent::Chosen { .. } => RateExtent::Chosen,
            };
            (details.items, extent)
        }
    };
    // The most that any run returned: what was fixed in time was found all the same.
    let exceptions = exception.most_items;
    Some(RateShown { exceptions, of, percent: percent(exceptions, of)?, extent })
}

/// `part` of `whole` in percent with two decimals, rounded half up in integers.
fn percent(part: u64, whole: u64) -> Option<String> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let hundredths = (part * 20_000 + whole).checked_div(2 * whole)?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// What tests say of a compensating control, as a sentence goes on.
pub fn compensation_in_words(compensation: Compensation) -> String {
    match compensation {
        Compensation::NotTested => "not tested over these days".to_owned(),
        Compensation::TestedInPart { first, last } => format!("tested in part: not from {first} to {last}"),
        Compensation::NoExceptions { items } => format!("tested over these days, no exceptions in {items} items"),
        Compensation::Exceptions { exceptions: 1 } => "tested, with an exception of its own".to_owned(),
        Compensation::Exceptions { exceptions } => format!("tested, with {exceptions} exceptions of its own"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_rounded_half_up_in_integers() {
        let shown = |part, whole| percent(part, whole).unwrap_or_else(|| "none".to_owned());
        assert_eq!(
            [shown(1, 3), shown(2, 3), shown(1, 8), shown(1, 800), shown(7, 7), shown(u64::MAX, u64::MAX), shown(0, 0)],
            ["33.33", "66.67", "12.50", "0.13", "100.00", "100.00", "none"]
        );
    }
}
