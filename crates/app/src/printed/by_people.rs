//! What documents print of management tests, of conclusions and of assessments, held against the entries.

use tickmark_canonical::Digest;
use tickmark_domain::{
    Attribute, ControlFigures, ControlId, Exception, ExceptionOrigin, ManagementTest, Role, TestExtent,
};
use tickmark_report::{
    Figure,
    view::{Conclusion, ExceptionRow, ManagementTestExtent, ManagementTesting},
};

use super::{Recorded, holds, number, prose, require_all, same, shown};
use crate::{Error, compensation_in_words, concluding::tests_in_words, views::procedure};

impl Recorded<'_> {
    /// How many items a test looked at that raised an exception, with the digest and the entry behind the number.
    pub(super) fn tested(&self, exception: &Exception) -> Option<(u64, Option<Digest>, u64)> {
        match &exception.origin {
            ExceptionOrigin::ControlTest(test) => {
                let result = self.state.newest_result(test, exception.span)?;
                Some((result.population, result.population_digest, result.entry))
            }
            ExceptionOrigin::ManagementTest { management_test, .. } => {
                let test = self.state.management_tests.get(management_test)?;
                Some((test.details.items, test.details.table, test.entry))
            }
        }
    }

    /// Every management test over the days, and no other.
    pub(super) fn management_tests(
        &self,
        control: &ControlId,
        figures: &ControlFigures,
        printed: &[ManagementTesting],
    ) -> Result<(), Error> {
        let what = format!("the management tests of {control}");
        require_all(&what, figures.management_tests.keys(), printed.iter().map(|test| &test.id))?;
        for view in printed {
            let Some(test) = self.state.management_tests.get(&view.id.parse()?) else { continue };
            self.management_test(control, test, view)?;
        }
        Ok(())
    }

    fn management_test(
        &self,
        control: &ControlId,
        test: &ManagementTest,
        view: &ManagementTesting,
    ) -> Result<(), Error> {
        let what = |part: &str| format!("{part} of the management test `{}`", view.id);
        let details = &test.details;
        let count = |part: &str, figure: &Figure, value: u64| {
            number(&what(part), figure, value, details.table, Some(test.entry))
        };
        same(&what("the control"), &details.control, control)?;
        same(&what("the entry"), test.entry, view.entry)?;
        same(&what("the stage"), details.stage.label(), &view.stage)?;
        let procedures = details.natures.iter().map(|nature| procedure(*nature));
        holds(&what("the procedures"), procedures.eq(view.procedures.iter().copied()))?;
        same(&what("the first day"), details.span.first, view.first)?;
        same(&what("the last day"), details.span.last, view.last)?;
        let of_control = self.state.controls.get(control);
        let timing = of_control.and_then(|control| test.timing(control, self.figures.span));
        same(&what("the timing"), shown(timing.map(|timing| timing.label())), shown(view.timing.as_ref()))?;
        same(&what("the control's version"), test.version, view.version)?;
        match (&details.extent, &view.extent) {
            (TestExtent::WholePopulation { test, .. }, ManagementTestExtent::WholePopulation(printed)) => {
                same(&what("the control test"), test, printed)?;
            }
            (TestExtent::Sample(sample), ManagementTestExtent::Sample(printed)) => {
                same(&what("the sample"), sample, printed)?;
            }
            (TestExtent::Chosen { reason }, ManagementTestExtent::Chosen(printed)) => {
                prose(&what("why the items were chosen"), Some(*reason), printed)?;
            }
            _ => holds(&what("which items"), false)?,
        }
        count("the items", &view.items, details.items)?;
        count("the exceptions", &view.exceptions, details.exceptions)?;
        holds(&what("the attributes"), details.attributes.len() == view.attributes.len())?;
        for (place, (attribute, printed)) in details.attributes.iter().zip(&view.attributes).enumerate() {
            let letter = Attribute::letter(place);
            same(&what("the letters"), letter, &printed.letter)?;
            prose(&what(&format!("what attribute {letter} asks")), Some(attribute.asks), &printed.asks)?;
            count(&format!("the yes to {letter}"), &printed.yes, attribute.yes)?;
            count(&format!("the no to {letter}"), &printed.no, attribute.no)?;
            count(&format!("the not applicable of {letter}"), &printed.not_applicable, attribute.not_applicable)?;
        }
        prose(&what("the procedure"), Some(details.procedure), &view.procedure)?;
        prose(&what("the finding"), Some(details.finding), &view.finding)?;
        same(&what("the day"), details.performed_on, view.performed_on)?;
        holds(&what("the review"), test.review.is_some() == view.reviewer.is_some())?;
        let raised = self.state.exceptions.iter();
        let mut raised = raised.filter(|(_, e)| e.origin.management_test().is_some_and(|id| id.as_str() == view.id));
        same(&what("the exception"), shown(raised.next().map(|(id, _)| id)), shown(view.exception.as_ref()))
    }

    /// The newest conclusion, whether it stands, and none where none was recorded.
    pub(super) fn conclusion(
        &self,
        control: &ControlId,
        figures: &ControlFigures,
        printed: Option<&Conclusion>,
    ) -> Result<(), Error> {
        let what = |part: &str| format!("{part} of the conclusion on {control}");
        let recorded = self.state.conclusion(&self.figures.engagement, control);
        let (Some(recorded), Some(view)) = (recorded, printed) else {
            return holds(&format!("the conclusion on {control}"), recorded.is_none() && printed.is_none());
        };
        let conclusion = &recorded.conclusion;
        let status = self.state.conclusion_in_words(self.index, &self.figures.engagement, control, conclusion);
        same(&what("the status"), status, shown(view.status.as_ref()))?;
        prose(&what("the reason"), Some(conclusion.reason), &view.text)?;
        require_all(&what("the tests"), tests_in_words(&conclusion.tests), &view.tests)?;
        let stale = figures.conclusion.as_ref().and_then(|figures| figures.stale_because.as_ref());
        holds(&what("whether it stands"), stale.is_some() == view.stale_because.is_some())?;
        let because = self.state.stale_because(self.index, &self.figures.engagement, control, conclusion);
        same(&what("why it is stale"), shown(because), shown(view.stale_because.as_ref()))?;
        same(&what("whose it is"), Role::ComplianceLead, &view.by)?;
        same(&what("the day"), shown(self.day(recorded.entry)), view.on)?;
        same(&what("the entry"), shown(Some(recorded.entry)), shown(view.entry))
    }

    /// What management said of an exception, and what tests say of compensating controls.
    pub(super) fn assessment(&self, recorded: &Exception, view: &ExceptionRow) -> Result<(), Error> {
        let what = |part: &str| format!("{part} of the assessment of `{}`", view.id);
        let (Some(assessment), Some(printed)) = (&recorded.assessment, &view.assessment) else {
            let none = recorded.assessment.is_none() && view.assessment.is_none();
            return holds(&format!("the assessment of `{}`", view.id), none);
        };
        let details = &assessment.details;
        prose(&what("the cause"), Some(details.cause), &printed.cause)?;
        same(&what("the reach"), details.reach.label(), &printed.reach)?;
        prose(&what("the effect"), Some(details.effect), &printed.effect)?;
        let objectives = details.objectives.iter().map(ToString::to_string);
        let measures = objectives.chain(details.criteria.iter().map(ToString::to_string));
        require_all(&what("the objectives or criteria"), measures, &printed.measures)?;
        let controls = printed.compensating.iter().map(|control| &control.id);
        require_all(&what("the compensating controls"), &details.compensating, controls)?;
        for control in &printed.compensating {
            let tested = self.state.compensation(self.index, &control.id.parse()?, recorded.span);
            same(&what(&format!("the tests of {}", control.id)), compensation_in_words(tested), &control.tested)?;
        }
        holds(&what("whether it speaks of all items"), recorded.is_assessed() != printed.stale)?;
        same(&what("the entry"), assessment.entry, printed.entry)
    }
}
