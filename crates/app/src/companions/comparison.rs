//! This period beside another: scope, controls, populations, exceptions and the firm's deviations, difference by difference.

use std::collections::BTreeSet;

use tickmark_domain::{ControlVersion, Engagement, EngagementFigures, EngagementId, Outcome, TestFigures, TestId};
use tickmark_report::{
    counted,
    view::{CompanionPart, CompanionView},
};

use crate::{Error, views::Scene};

impl Scene<'_> {
    pub(super) fn comparison(&self, with: Option<&EngagementId>) -> Result<CompanionView, Error> {
        let other = with
            .or(self.engagement.follows.as_ref())
            .ok_or(Error::NoCompanion("the engagement follows on no other; name one with `--with`"))?;
        let figures = self.state.figures(&self.house.index, other)?;
        let before = Scene::new(self.house, self.state, self.size, other, &figures)?;
        if before.engagement.report.scoped_as() != self.engagement.report.scoped_as() {
            return Err(Error::NoCompanion("the two are reports of another kind, which are about different things"));
        }
        let mut parts = vec![CompanionPart::Heading("Scope".to_owned())];
        parts.push(points(
            scope(before.engagement, self.engagement, self),
            "The same objectives or criteria are in scope.",
        ));
        parts.push(CompanionPart::Heading("Controls".to_owned()));
        parts.push(points(self.controls_since(&before)?, "The same controls are stated, in the same words."));
        parts.push(CompanionPart::Heading("Control tests".to_owned()));
        let columns = [
            ("Control test", 26),
            ("Population before", 14),
            ("now", 14),
            ("Exceptions before", 14),
            ("now", 12),
            ("Outcome now", 20),
        ];
        parts.push(CompanionPart::table(&columns, tests(before.figures, self.figures)));
        parts.push(CompanionPart::Heading("Deviations that the firm recorded".to_owned()));
        let columns = [("Control", 20), ("Before", 40), ("Now", 40)];
        let found = deviations(before.engagement, self.engagement);
        parts.push(match found.is_empty() {
            true => CompanionPart::Paragraph("None in either.".to_owned()),
            false => CompanionPart::table(&columns, found),
        });
        let dated = self.local_date(self.house.now());
        let organization = self.house.organization_of(self.state)?;
        Ok(CompanionView {
            organization: organization.clone(),
            kind: "Comparison of two periods".to_owned(),
            title: format!("{} beside {}", self.id, before.id),
            dated,
            facts: vec![
                ("Organization".to_owned(), organization),
                ("Before".to_owned(), before.report_named()),
                ("Now".to_owned(), self.report_named()),
            ],
            parts,
            signatories: Vec::new(),
            foot: "Management's own comparison. Counts are those of the ledger; a period that is not over has fewer."
                .to_owned(),
        })
    }

    fn controls_since(&self, before: &Scene<'_>) -> Result<Vec<String>, Error> {
        let index = &self.house.index;
        let (then, now) = (before.engagement.controls(self.state, index), self.engagement.controls(self.state, index));
        let title = |version: &ControlVersion| self.house.text(&version.definition.title);
        let mut said = Vec::new();
        for (id, version) in &now {
            match then.get(id) {
                None => said.push(format!("New: {id}, {}", title(version)?)),
                Some(old) => {
                    let differs = differs(old, version);
                    if !differs.is_empty() {
                        said.push(format!("Changed: {id}, {}: {}", title(version)?, differs.join(", ")));
                    }
                }
            }
        }
        for (id, version) in then.iter().filter(|(id, _)| !now.contains_key(*id)) {
            said.push(format!("No longer stated: {id}, {}", title(version)?));
        }
        Ok(said)
    }
}

/// What of a control is otherwise.
fn differs(old: &ControlVersion, new: &ControlVersion) -> Vec<&'static str> {
    let (old, new) = (&old.definition, &new.definition);
    let parts = [
        ("its statement", old.statement != new.statement),
        ("how often it acts", old.frequency != new.frequency),
        ("who answers for it", old.owner_role != new.owner_role),
        ("how far it is automated", old.automation != new.automation),
        ("what it serves", old.criteria != new.criteria || old.objectives != new.objectives),
    ];
    parts.into_iter().filter(|(_, is_other)| *is_other).map(|(part, _)| part).collect()
}

fn scope(before: &Engagement, now: &Engagement, scene: &Scene<'_>) -> Vec<String> {
    let ids = |of: &Engagement| -> BTreeSet<String> {
        let criteria = of.relevant_criteria(&scene.house.index).into_iter().map(|id| id.to_string());
        of.objectives.iter().map(ToString::to_string).chain(criteria).collect()
    };
    let (then, now) = (ids(before), ids(now));
    let named = |title: &str, ids: Vec<&String>| {
        let ids: Vec<&str> = ids.into_iter().map(String::as_str).collect();
        (!ids.is_empty()).then(|| format!("{title}: {}", ids.join(", ")))
    };
    [
        named("New in scope", now.difference(&then).collect()),
        named("No longer in scope", then.difference(&now).collect()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tests(before: &EngagementFigures, now: &EngagementFigures) -> Vec<Vec<String>> {
    let ids: BTreeSet<&TestId> = before.tests.keys().chain(now.tests.keys()).collect();
    let none = || "–".to_owned();
    let count = |of: Option<&TestFigures>, number: fn(&TestFigures) -> u64| {
        // Of a test that could not be evaluated nothing is known, which is no zero.
        let answered = |of: &&TestFigures| !matches!(of.outcome, None | Some(Outcome::NotEvaluable | Outcome::Error));
        of.filter(answered).map_or_else(none, |of| counted(number(of), "", "").trim().to_owned())
    };
    let row = |id: &TestId| {
        let (then, now) = (before.tests.get(id), now.tests.get(id));
        vec![
            id.to_string(),
            count(then, |of| of.population),
            count(now, |of| of.population),
            count(then, |of| of.exceptions),
            count(now, |of| of.exceptions),
            now.and_then(|of| of.outcome).map_or("did not run".to_owned(), |outcome| outcome.to_string()),
        ]
    };
    ids.into_iter().map(row).collect()
}

fn deviations(before: &Engagement, now: &Engagement) -> Vec<Vec<String>> {
    let of = |engagement: &Engagement, control: &str| -> String {
        let tests = engagement.firm_tests.values().filter(|test| test.control.as_str() == control);
        let found: Vec<String> = tests
            .filter(|test| test.deviations > 0)
            .map(|test| format!("{} of {}", test.deviations, counted(test.items_tested, "item", "items")))
            .collect();
        if found.is_empty() { "–".to_owned() } else { found.join("; ") }
    };
    let tests = before.firm_tests.values().chain(now.firm_tests.values()).filter(|test| test.deviations > 0);
    let controls: BTreeSet<&str> = tests.map(|test| test.control.as_str()).collect();
    controls.into_iter().map(|id| vec![id.to_owned(), of(before, id), of(now, id)]).collect()
}

/// A list, or the sentence that stands where it is empty.
fn points(said: Vec<String>, otherwise: &str) -> CompanionPart {
    if said.is_empty() { CompanionPart::Paragraph(otherwise.to_owned()) } else { CompanionPart::Points(said) }
}
