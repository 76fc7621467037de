//! The pack for a user entity: the controls that it has to run itself, how much of its year the period covers, and the deviations
//! that touch it. It holds no other user entity's name.

use std::collections::BTreeMap;

use tickmark_domain::{MonthDay, ReportType, ScopeFacts, ScopeItemId, Span, advisor::covers_of_years};
use tickmark_report::{
    counted,
    view::{CompanionPart, CompanionView, ReportView},
};

use super::{days, deviations};
use crate::{Error, views::Scene};

impl Scene<'_> {
    pub(super) fn user_entity_pack(&self, of: Option<&ScopeItemId>) -> Result<CompanionView, Error> {
        let report = self.report()?;
        let organization = &report.engagement.organization;
        let user_entities = self.user_entities();
        let reader = match of {
            None => None,
            Some(id) => {
                let year_end = user_entities.iter().find(|(known, _)| *known == id).map(|(_, year_end)| *year_end);
                let unknown = || Error::Unknown { kind: "user entity", name: id.to_string() };
                Some((self.name_of_item(id)?, year_end.ok_or_else(unknown)?))
            }
        };
        let text = |text: &str| CompanionPart::Paragraph(text.to_owned());
        let heading = |title: &str| CompanionPart::Heading(title.to_owned());
        let mut parts = vec![text(
            "This pack helps you to use the report; it does not take its place. What the service auditor concluded stands in the report \
             alone.",
        )];
        parts.push(heading("Your year"));
        let years: Vec<MonthDay> = match &reader {
            Some((_, year_end)) => vec![*year_end],
            None => user_entities.iter().map(|(_, year_end)| *year_end).collect(),
        };
        parts.extend(self.cover_of(&years)?);
        parts.push(heading("Controls that you run"));
        let cuecs = &report.description.complementary_user_entity_controls;
        if cuecs.is_empty() {
            parts.push(text("The report names no complementary user entity controls."));
        } else {
            parts.push(text(
                "The controls of the service organization can do their part only if you run these. Decide for each whether it applies to \
                 you, and name your own control, who answers for it and what you saw when you tested it.",
            ));
            let row = |cuec: &tickmark_report::view::Complementary| {
                vec![
                    cuec.id.clone(),
                    cuec.text.clone(),
                    cuec.measures.join(", "),
                    String::new(),
                    String::new(),
                    String::new(),
                ]
            };
            let columns = [
                ("Id", 13),
                ("Control", 37),
                ("For", 14),
                ("Applies?", 10),
                ("Your control, owner", 15),
                ("Tested, result", 11),
            ];
            parts.push(CompanionPart::table(&columns, cuecs.iter().map(row).collect()));
        }
        parts.push(heading("Deviations"));
        parts.extend(self.deviations_for_readers(&report));
        parts.push(heading("What is left out"));
        let carved_out: Vec<String> = report
            .description
            .subservice_organizations
            .iter()
            .filter(|organization| organization.method == tickmark_report::view::Method::CarveOut)
            .map(|organization| format!("{}: {}", organization.name, organization.service))
            .collect();
        if carved_out.is_empty() {
            parts.push(text("No subservice organization is left out of the description."));
        } else {
            parts.push(text("The report leaves out the controls of these subservice organizations. Ask for their reports where you rely on them:"));
            parts.push(CompanionPart::Points(carved_out));
        }
        let mut facts = vec![("From".to_owned(), organization.name.clone())];
        facts.extend(reader.iter().map(|(name, _)| ("For".to_owned(), name.clone())));
        facts.extend([
            ("Report".to_owned(), self.report_named()),
            ("System".to_owned(), report.engagement.system.clone()),
            ("Service auditor".to_owned(), self.firm_named()?),
        ]);
        let dated = self.local_date(self.house.now());
        Ok(CompanionView {
            organization: organization.name.clone(),
            kind: "User entity pack".to_owned(),
            title: "Using our report".to_owned(),
            dated,
            facts,
            parts,
            signatories: Vec::new(),
            foot: "Management's pack, for those for whom the report is meant. Not examined by the service auditor."
                .to_owned(),
        })
    }

    /// User entities in scope that ask for this report, each with the end of its fiscal year; those that ask for none are
    /// taken to ask for every report.
    fn user_entities(&self) -> Vec<(&ScopeItemId, MonthDay)> {
        let items = self.state.scope_on(self.figures.span.last);
        let user_entities = items.into_iter().filter_map(|(id, version)| {
            let ScopeFacts::UserEntity(user) = &version.item.facts else { return None };
            Some((id, user))
        });
        let report = self.engagement.report;
        user_entities
            .filter(|(_, user)| user.reports.is_empty() || user.reports.contains(&report))
            .map(|(id, user)| (id, user.year_end))
            .collect()
    }

    fn name_of_item(&self, id: &ScopeItemId) -> Result<String, Error> {
        let unknown = || Error::Unknown { kind: "user entity", name: id.to_string() };
        let record = self.state.scope.get(id).and_then(|record| record.versions.last()).ok_or_else(unknown)?;
        self.house.text(&record.item.name)
    }

    /// How much of the fiscal years the period covers, a row a year-end.
    fn cover_of(&self, year_ends: &[MonthDay]) -> Result<Vec<CompanionPart>, Error> {
        let ReportType::Type2(period) = self.engagement.report_type else {
            let text = "A Type 1 speaks of one day. It covers no part of a year, and nothing in it is about operation.";
            return Ok(vec![CompanionPart::Paragraph(text.to_owned())]);
        };
        let mut by_end: BTreeMap<MonthDay, u64> = BTreeMap::new();
        for year_end in year_ends {
            *by_end.entry(*year_end).or_default() += 1;
        }
        let mut rows = Vec::new();
        for cover in by_end.keys().flat_map(|year_end| covers_of_years(period, *year_end)) {
            rows.push(vec![
                days(cover.fiscal_year),
                format!("{} of {}, {} %", cover.covered_days, counted_days(cover.days), cover.percent),
                before(cover.fiscal_year, period),
                after(cover.fiscal_year, period),
                cover.shown().to_owned(),
            ]);
        }
        if rows.is_empty() {
            return Err(Error::NoCompanion(
                "no user entity that asks for this report is in scope, and so no year that it could cover",
            ));
        }
        let columns = [
            ("Fiscal year", 30),
            ("Covered", 22),
            ("Not covered at its beginning", 18),
            ("Not covered at its end", 16),
            ("Cover", 14),
        ];
        Ok(vec![
            CompanionPart::table(&columns, rows),
            CompanionPart::Paragraph(
                "For days that are not covered, ask for the report before or after this one, or for a bridge letter; your auditor judges what \
                 that is worth."
                    .to_owned(),
            ),
        ])
    }

    fn deviations_for_readers(&self, report: &ReportView) -> Vec<CompanionPart> {
        if report.tests_of_controls.is_none() {
            return vec![CompanionPart::Paragraph("This kind of report states no tests of controls.".to_owned())];
        }
        let found = deviations(report);
        if found.is_empty() {
            return vec![CompanionPart::Paragraph("The service auditor recorded none.".to_owned())];
        }
        let measures: BTreeMap<&str, Vec<&str>> =
            report.description.measures.iter().fold(BTreeMap::new(), |mut by_control, measure| {
                for control in &measure.controls {
                    by_control.entry(control.as_str()).or_insert_with(Vec::new).push(measure.id.as_str());
                }
                by_control
            });
        let row = |[control, items, what]: [String; 3]| {
            let of = measures.get(control.as_str()).map(|of| of.join(", ")).unwrap_or_default();
            vec![control, of, items, what]
        };
        let says =
            "Judge for each whether you rely on the control, and whether a control of your own would have caught it.";
        vec![
            CompanionPart::Paragraph(says.to_owned()),
            CompanionPart::table(
                &[("Control", 13), ("For", 18), ("Items", 15), ("What was found", 54)],
                found.into_iter().map(row).collect(),
            ),
        ]
    }
}

fn counted_days(number: i64) -> String {
    counted(u64::try_from(number).unwrap_or(0), "day", "days")
}

/// The days of a fiscal year before a period.
fn before(year: Span, period: Span) -> String {
    let last = period.first.yesterday().unwrap_or(period.first).min(year.last);
    if last < year.first { "none".to_owned() } else { days(Span { first: year.first, last }) }
}

/// The days of a fiscal year after a period.
fn after(year: Span, period: Span) -> String {
    let first = period.last.tomorrow().unwrap_or(period.last).max(year.first);
    if first > year.last { "none".to_owned() } else { days(Span { first, last: year.last }) }
}
