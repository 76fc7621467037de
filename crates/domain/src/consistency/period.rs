//! What one engagement states and what its days bear out: a basis of the assertion, controls that fall due, who set an
//! objective. The lint of an engagement asks these beside what concerns the whole program.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ConsistencyRule as Rule, Inconsistency, ProgramTexts};
use crate::{
    CatalogIndex, ControlFigures, ControlId, ControlStatus, ControlVersion, Engagement, EngagementFigures,
    EngagementId, Outcome, Refusal, ReportType, Span, State,
};

impl State {
    /// What the lint of an engagement finds in the recorded facts, by rule and subject.
    pub fn inconsistencies_of(
        &self,
        catalog: &CatalogIndex,
        texts: &ProgramTexts,
        today: Date,
        id: &EngagementId,
    ) -> Result<Vec<Inconsistency>, Refusal> {
        let engagement = self.engagement(id)?;
        let figures = self.figures(catalog, id)?;
        let mut found = self.consistency(catalog, texts, today);
        found.retain(|finding| finding.engagement.as_ref().is_none_or(|of| of == id));
        found.extend(without_basis(id, engagement, &figures));
        found.extend(self.unnamed_setters(id, engagement, texts));
        if let ReportType::Type2(_) = engagement.report_type {
            let stated = engagement.controls(self, catalog);
            let documents = self.documents_within(figures.span);
            found.extend(self.not_due(id, engagement, &figures, &stated, &documents));
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Control objectives that management did not set, and of which the description does not say who did.
    fn unnamed_setters(&self, id: &EngagementId, engagement: &Engagement, texts: &ProgramTexts) -> Vec<Inconsistency> {
        let Some(description) = texts.descriptions.get(id).map(|of| of.prose.to_lowercase()) else { return Vec::new() };
        let set = engagement.objectives.iter().filter_map(|objective| {
            let set_by = self.objectives.get(objective)?.definition.set_by?;
            Some((objective, texts.of(&set_by)))
        });
        let unnamed = set.filter(|(_, set_by)| !description.contains(&set_by.trim().to_lowercase()));
        unnamed
            .map(|(objective, set_by)| {
                Rule::SetByNamed.broken(
                    objective,
                    Some(id),
                    format!("was set by `{}`, and the description does not say so", set_by.trim()),
                    "management names in the description who set it",
                )
            })
            .collect()
    }

    /// Controls that the calendar sets and that are not due in the period, as the control calendar has it: a document of these
    /// days, a result over a population, or a statement that it did not operate, says enough.
    pub(crate) fn not_due(
        &self,
        id: &EngagementId,
        engagement: &Engagement,
        figures: &EngagementFigures,
        stated: &BTreeMap<&ControlId, &ControlVersion>,
        documents: &BTreeMap<&ControlId, Vec<Date>>,
    ) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        for (control_id, version) in stated {
            let (Some(control), Some(of)) = (self.controls.get(*control_id), figures.controls.get(*control_id)) else {
                continue;
            };
            let days = control.versions_within(figures.span).map(|(_, days)| days);
            let Some(days) = days.reduce(|all, days| Span { first: all.first, last: days.last }) else { continue };
            let frequency = version.definition.frequency;
            let is_shown =
                documents.get(control_id).into_iter().flatten().any(|on| days.first <= *on && *on <= days.last)
                    || acted(figures, of)
                    || is_said_idle(engagement, control_id);
            if frequency.is_set_by_calendar() && self.times_due(control, figures.span) == 0 && !is_shown {
                found.push(Rule::FallsDue.broken(
                    control_id,
                    Some(id),
                    format!("is {} and is not due {} to {}", frequency.label(), days.first, days.last),
                    "move the period, or state that it did not operate",
                ));
            }
        }
        found
    }
}

/// Whether a control test of a control looked at a population.
fn acted(figures: &EngagementFigures, of: &ControlFigures) -> bool {
    of.tests
        .iter()
        .filter_map(|test| figures.tests.get(test))
        .any(|test| matches!(test.outcome, Some(Outcome::NoExceptions | Outcome::Exceptions)))
}

/// Whether management's newest conclusion or the firm says that a control had no occasion.
fn is_said_idle(engagement: &Engagement, control: &ControlId) -> bool {
    let concluded = engagement.conclusions.get(control).and_then(|conclusions| conclusions.last());
    let by_management = concluded
        .is_some_and(|newest| matches!(newest.conclusion.status, ControlStatus::DidNotOperate | ControlStatus::NotDue));
    let by_firm = engagement.firm_tests.values().any(|test| test.control == *control && test.items_tested == 0);
    by_management || by_firm
}

/// An assertion that management signed while nothing is recorded that it could know by itself.
fn without_basis(id: &EngagementId, engagement: &Engagement, figures: &EngagementFigures) -> Option<Inconsistency> {
    let is_basis = |of: &ControlFigures| of.documents > 0 || !of.management_tests.is_empty() || acted(figures, of);
    let is_bare = engagement.assertion.is_some() && !figures.controls.values().any(is_basis);
    is_bare.then(|| {
        Rule::BasisRecorded.broken(
            id,
            Some(id),
            "management signed its assertion, and no result, management test or document of its controls is recorded",
            "record what management found by its own monitoring: `tickmark test`, `tickmark management-test record`",
        )
    })
}
