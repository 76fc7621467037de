//! What people of management's tested and concluded, as management's testing prints it.

use tickmark_domain::{
    Attribute, ControlFigures, ControlId, ManagementTest, ManagementTestFigures, ManagementTestId, Role, TestExtent,
};
use tickmark_report::{
    Figure, Prose,
    view::{AttributeView, Conclusion, ManagementTestExtent, ManagementTesting},
};

use super::{Scene, procedure};
use crate::{Error, concluding::tests_in_words};

impl Scene<'_> {
    /// The management tests of a control, in the order of their days.
    pub(super) fn management_tests(
        &self,
        control: &ControlId,
        figures: &ControlFigures,
    ) -> Result<Vec<ManagementTesting>, Error> {
        let tests = figures.management_tests.iter();
        let tests = tests.filter_map(|(id, figures)| Some((id, self.state.management_tests.get(id)?, figures)));
        let mut views = tests
            .map(|(id, test, figures)| self.management_test(control, id, test, figures))
            .collect::<Result<Vec<_>, Error>>()?;
        views.sort_by_key(|view| (view.first, view.last, view.entry));
        Ok(views)
    }

    fn management_test(
        &self,
        control: &ControlId,
        id: &ManagementTestId,
        test: &ManagementTest,
        figures: &ManagementTestFigures,
    ) -> Result<ManagementTesting, Error> {
        let details = &test.details;
        let entry = Some(figures.entry);
        let count = |value, counts: String| Figure::count(value, counts, details.table, entry);
        let timing = self.state.controls.get(control).and_then(|known| test.timing(known, self.figures.span));
        let attribute = |(place, attribute): (usize, &Attribute)| {
            let letter = Attribute::letter(place);
            let answered = |value, answer: &str| count(value, format!("items of `{id}`, attribute {letter}: {answer}"));
            Ok(AttributeView {
                letter: letter.to_string(),
                asks: Prose::new(self.house.text(&attribute.asks)?),
                yes: answered(attribute.yes, "yes"),
                no: answered(attribute.no, "no"),
                not_applicable: answered(attribute.not_applicable, "not applicable"),
            })
        };
        let raised = self.state.exceptions.iter().find(|(_, e)| e.origin.management_test() == Some(id));
        Ok(ManagementTesting {
            id: id.to_string(),
            stage: details.stage.label().to_owned(),
            procedures: details.natures.iter().map(|nature| procedure(*nature)).collect(),
            first: details.span.first,
            last: details.span.last,
            timing: timing.map(|timing| timing.label().to_owned()),
            version: test.version,
            extent: match &details.extent {
                TestExtent::WholePopulation { test, .. } => ManagementTestExtent::WholePopulation(test.to_string()),
                TestExtent::Sample(sample) => ManagementTestExtent::Sample(sample.to_string()),
                TestExtent::Chosen { reason } => ManagementTestExtent::Chosen(Prose::new(self.house.text(reason)?)),
            },
            items: count(figures.items, format!("items tested by `{id}`")),
            exceptions: count(figures.exceptions, format!("items of `{id}` that lack an attribute")),
            attributes: details.attributes.iter().enumerate().map(attribute).collect::<Result<_, Error>>()?,
            procedure: Prose::new(self.house.text(&details.procedure)?),
            finding: Prose::new(self.house.text(&details.finding)?),
            performed_on: details.performed_on,
            tester: self.house.name_of(&test.tester),
            reviewer: test.review.as_ref().map(|review| self.house.name_of(&review.reviewer)),
            exception: raised.map(|(id, _)| id.to_string()),
            entry: figures.entry,
        })
    }

    /// The newest conclusion on a control, and what contradicts it.
    pub(super) fn conclusion(
        &self,
        control: &ControlId,
        figures: &ControlFigures,
    ) -> Result<Option<Conclusion>, Error> {
        let recorded = figures.conclusion.as_ref().and_then(|_| self.state.conclusion(self.id, control));
        let Some(recorded) = recorded else { return Ok(None) };
        let conclusion = &recorded.conclusion;
        let contradicted = self.state.stale_because(&self.house.index, self.id, control, conclusion);
        Ok(Some(Conclusion {
            status: Some(self.state.conclusion_in_words(&self.house.index, self.id, control, conclusion)),
            text: Prose::new(self.house.text(&conclusion.reason)?),
            tests: tests_in_words(&conclusion.tests),
            stale_because: contradicted.map(|refusal| refusal.to_string()),
            by: Role::ComplianceLead.to_string(),
            on: self.entry_date(recorded.entry)?,
            entry: Some(recorded.entry),
        }))
    }
}
