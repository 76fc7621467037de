//! Ready-made checklists: what to have in place and which evidence shows it, for SOC 1 by industry, SOC 2 by category, or both.
//!
//! Invariant: a control stands in a checklist once, whatever it serves.
//! Invariant: what the ledger shows is told beside the boxes; nothing is ticked for a person.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jiff::civil::Date;
use tickmark_catalog::{Catalog, Control};
use tickmark_domain::{ControlId, CriterionId, EngagementFigures, EngagementId, Frequency, ObjectiveId};
use tickmark_report::{
    checklist_workbook, render_checklist,
    view::{ChecklistLine, ChecklistSection, ChecklistView},
};

use crate::{Error, House, WrittenControl, opening::report_in_words, packaging::io_error};

/// What a checklist is to be about.
#[derive(Debug, Clone, Default)]
pub struct ChecklistScope {
    /// Industries, by id: SOC 1 with their control objectives and the IT general controls that they rest on.
    pub industries: Vec<String>,
    /// Trust services categories, by id: SOC 2.
    pub categories: Vec<String>,
}

/// What is in scope, by id.
#[derive(Default)]
struct InScope {
    words: Vec<String>,
    objectives: BTreeSet<String>,
    criteria: BTreeSet<String>,
}

impl InScope {
    fn add(&mut self, catalog: &Catalog, scope: &ChecklistScope) -> Result<(), Error> {
        for name in &scope.industries {
            let unknown = || Error::Unknown { kind: "industry", name: name.clone() };
            let industry = catalog.industries.get(name.as_str()).ok_or_else(unknown)?;
            let own = catalog.objectives.values().filter(|o| o.industry.as_ref() == Some(&industry.id)).map(|o| &o.id);
            self.objectives.extend(own.chain(&industry.default_itgc).map(ToString::to_string));
            self.words.push(format!("SOC 1: {}, with the IT general controls it rests on", industry.title));
        }
        for name in &scope.categories {
            let unknown = || Error::Unknown { kind: "category", name: name.clone() };
            let category = catalog.categories.get(name.as_str()).ok_or_else(unknown)?;
            let of = |id: &str| id == &*category.id || (category.also_uses_common_criteria && id == "security");
            let criteria = catalog.criteria.values().filter(|criterion| of(&criterion.category));
            self.criteria.extend(criteria.map(|criterion| criterion.id.to_string()));
            let common = if category.also_uses_common_criteria { ", with the common criteria" } else { "" };
            self.words.push(format!("SOC 2: {}{common}", category.title));
        }
        Ok(())
    }

    /// A control as a line, if it serves something in scope.
    fn line(&self, catalog: &Catalog, id: &str, written: &WrittenControl) -> Option<Entry> {
        let role = catalog.roles.get(written.owner_role.as_str());
        let line = ChecklistLine {
            control: id.to_owned(),
            title: written.title.clone(),
            have_in_place: without_record(&written.statement).to_owned(),
            evidence: written.evidence.clone(),
            owner: role.map_or_else(|| written.owner_role.to_string(), |role| role.title.clone()),
            how_often: how_often(written.frequency).to_owned(),
            objectives: kept(written.objectives.iter().map(ObjectiveId::as_str), &self.objectives),
            criteria: kept(written.criteria.iter().map(CriterionId::as_str), &self.criteria),
            ledger_shows: None,
        };
        let first = written.objectives.first().map(ToString::to_string);
        (!line.objectives.is_empty() || !line.criteria.is_empty()).then_some(Entry { objective: first, line })
    }

    /// A control of the catalog as a line.
    fn line_of_catalog(&self, catalog: &Catalog, control: &Control) -> Result<Option<Entry>, Error> {
        let industry_of = |id: &str| catalog.objectives.get(id)?.industry.as_ref();
        // A business control of an industry that nobody asked for can serve a criterion, but nobody here would run it.
        let mut of = control.objectives.iter().filter_map(|id| industry_of(id)).peekable();
        let in_scope: BTreeSet<_> = self.objectives.iter().filter_map(|id| industry_of(id)).collect();
        if of.peek().is_some() && of.all(|industry| !in_scope.contains(industry)) {
            return Ok(None);
        }
        Ok(self.line(catalog, &control.id, &WrittenControl::of_catalog(catalog, control)?))
    }

    /// Business controls by objective, then shared controls by family.
    fn sections(entries: Vec<Entry>, catalog: &Catalog) -> Vec<ChecklistSection> {
        let mut business: BTreeMap<(String, u32), ChecklistSection> = BTreeMap::new();
        let mut shared: BTreeMap<String, ChecklistSection> = BTreeMap::new();
        for Entry { objective, line } in entries {
            let prefix = line.control.split('-').next().unwrap_or_default().to_owned();
            let section = match (catalog.families.get(prefix.as_str()), objective) {
                (None, Some(objective)) => business.entry(by_number(&objective)).or_insert_with(|| {
                    let title =
                        catalog.objectives.get(objective.as_str()).map(|o| o.title.as_str()).unwrap_or_default();
                    ChecklistSection { title: format!("{objective} {title}").trim_end().to_owned(), lines: Vec::new() }
                }),
                (family, _) => {
                    let title = family.map_or(prefix.as_str(), |family| family.title.as_str()).to_owned();
                    shared.entry(prefix).or_insert_with(|| ChecklistSection { title, lines: Vec::new() })
                }
            };
            section.lines.push(line);
        }
        business.into_values().chain(shared.into_values()).collect()
    }

    fn view(self, catalog: &Catalog, made_on: Date, entries: Vec<Entry>) -> ChecklistView {
        ChecklistView {
            organization: None,
            made_on,
            soc1: !self.objectives.is_empty(),
            soc2: !self.criteria.is_empty(),
            scope: self.words,
            catalog: catalog.digest().to_string(),
            ledger_size: None,
            sections: Self::sections(entries, catalog),
        }
    }
}

/// A line, and the control objective under which it stands.
struct Entry {
    objective: Option<String>,
    line: ChecklistLine,
}

/// A checklist from a catalog alone.
pub fn checklist(catalog: &Catalog, scope: &ChecklistScope, made_on: Date) -> Result<ChecklistView, Error> {
    let mut in_scope = InScope::default();
    in_scope.add(catalog, scope)?;
    let mut entries = Vec::new();
    for control in catalog.controls.values() {
        entries.extend(in_scope.line_of_catalog(catalog, control)?);
    }
    Ok(in_scope.view(catalog, made_on, entries))
}

impl House {
    /// A checklist for engagements, and whatever is asked for besides: each control as the organization runs it, who owns it,
    /// and what the ledger shows of it.
    pub fn checklist(&self, engagements: &[EngagementId], scope: &ChecklistScope) -> Result<ChecklistView, Error> {
        let (catalog, state) = (self.catalog(), self.state());
        let mut in_scope = InScope::default();
        let mut figures = Vec::new();
        for id in engagements {
            figures.push(state.figures(self.catalog_index(), id)?);
            let Some(engagement) = state.engagements.get(id) else { continue };
            let report = report_in_words(engagement);
            in_scope.words.push(format!("{report}: engagement {id}, {}", self.text(&engagement.system)?));
            let criteria = engagement.relevant_criteria(self.catalog_index());
            in_scope.objectives.extend(engagement.objectives.iter().map(ToString::to_string));
            in_scope.criteria.extend(criteria.iter().map(ToString::to_string));
        }
        in_scope.add(catalog, scope)?;
        let mut entries = BTreeMap::new();
        for control in catalog.controls.values() {
            if let Some(mut entry) = in_scope.line_of_catalog(catalog, control)? {
                entry.line.ledger_shows = Some("not adopted".to_owned());
                entries.insert(control.id.to_string(), entry);
            }
        }
        for (id, control) in &state.controls {
            if let Some(dropped) = control.dropped() {
                if let Some(entry) = entries.get_mut(id.as_str()) {
                    entry.line.ledger_shows = Some(format!("dropped, does not run from {} on", dropped.dropped_on));
                }
                continue;
            }
            let Some(version) = control.newest() else { continue };
            entries.remove(id.as_str());
            let written = WrittenControl::of(&version.definition, |digest| self.text(digest))?;
            if let Some(mut entry) = in_scope.line(catalog, id.as_str(), &written) {
                entry.line.owner = format!("{} ({})", entry.line.owner, self.name_in(state, &version.owner));
                entry.line.ledger_shows = Some(self.shows(id, &figures));
                entries.insert(id.to_string(), entry);
            }
        }
        let today = self.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut view = in_scope.view(catalog, today, entries.into_values().collect());
        view.organization =
            state.organization.as_ref().map(|organization| self.text(&organization.name)).transpose()?;
        view.ledger_size = Some(self.size());
        Ok(view)
    }

    /// What the ledger holds as evidence for an adopted control.
    fn shows(&self, id: &ControlId, figures: &[EngagementFigures]) -> String {
        let documents = self.state().documents.iter().filter(|document| document.control.as_ref() == Some(id)).count();
        let tests: BTreeSet<_> = figures
            .iter()
            .flat_map(|of| of.tests.iter())
            .filter(|(_, test)| test.controls.contains(id) && test.inputs.values().any(|input| input.extracts > 0))
            .map(|(test, _)| test)
            .collect();
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let parts = [
            counted(documents, "document", "documents"),
            counted(tests.len(), "control test with evidence", "control tests with evidence"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "adopted, no evidence recorded".to_owned()
        } else {
            format!("adopted, {}", parts.join(", "))
        }
    }
}

/// Writes a checklist as a workbook.
pub fn write_checklist_workbook(view: &ChecklistView, path: &Path) -> Result<(), Error> {
    std::fs::write(path, checklist_workbook(view)?).map_err(io_error("write", path))
}

/// Writes a checklist for paper and tells its number of pages.
pub fn write_checklist_pdf(view: &ChecklistView, path: &Path) -> Result<usize, Error> {
    let rendered = render_checklist(view)?;
    std::fs::write(path, rendered.pdf).map_err(io_error("write", path))?;
    Ok(rendered.pages)
}

fn kept<'a>(ids: impl Iterator<Item = &'a str>, wanted: &BTreeSet<String>) -> Vec<String> {
    ids.filter(|id| wanted.contains(*id)).map(str::to_owned).collect()
}

/// A statement without its last sentence, "Shown by …": a checklist lists the evidence apart.
fn without_record(statement: &str) -> &str {
    statement.split_once(" Shown by ").map_or(statement, |(says, _)| says).trim_end()
}

/// `PAY-2` before `PAY-10`.
fn by_number(objective: &str) -> (String, u32) {
    let (letters, number) = objective.rsplit_once('-').unwrap_or((objective, ""));
    (letters.to_owned(), number.parse().unwrap_or(u32::MAX))
}

/// How often, for people.
fn how_often(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Continuous => "all the time",
        Frequency::PerEvent => "each time",
        Frequency::Daily => "every business day",
        Frequency::Weekly => "every week",
        Frequency::SemiMonthly => "twice a month",
        Frequency::Monthly => "every month",
        Frequency::Quarterly => "every quarter",
        Frequency::SemiAnnual => "twice a year",
        Frequency::Annual => "once a year",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn of(industries: &[&str], categories: &[&str]) -> Result<ChecklistView, Error> {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let scope = ChecklistScope { industries: owned(industries), categories: owned(categories) };
        checklist(&Catalog::embedded().unwrap(), &scope, date(2026, 1, 2))
    }

    #[test]
    fn a_control_that_serves_both_stands_once() {
        let view = of(&["payroll"], &["security", "availability"]).unwrap();
        let lines: Vec<&ChecklistLine> = view.sections.iter().flat_map(|section| &section.lines).collect();
        let ids: BTreeSet<&str> = lines.iter().map(|line| line.control.as_str()).collect();
        assert_eq!(ids.len(), lines.len());
        let (soc1, soc2, both) = view.counts();
        assert_eq!(soc1 + soc2 - both, lines.len());
        let leaver = lines.iter().find(|line| line.control == "LA-02").unwrap();
        assert_eq!(leaver.reports(), "SOC 1 and SOC 2");
        assert!(!leaver.have_in_place.contains("Shown by"));
        assert_eq!(
            view.sections.first().map(|section| section.title.as_str()),
            Some("PAY-1 Client set-up and conversion")
        );
    }

    /// One report's checklist is the part of both that serves it.
    #[test]
    fn parts_add_up() {
        let (soc1, soc2) = (of(&["payroll"], &[]).unwrap(), of(&[], &["security"]).unwrap());
        let both = of(&["payroll"], &["security"]).unwrap();
        assert_eq!(both.counts().0, soc1.counts().0);
        assert_eq!(both.counts().1, soc2.counts().1);
        assert!(soc1.soc1 && !soc1.soc2 && soc2.soc2 && !soc2.soc1);
    }

    /// Each industry and each category has a checklist; none says an id that does not exist.
    #[test]
    fn every_industry_and_category_has_one() {
        let catalog = Catalog::embedded().unwrap();
        for industry in catalog.industries.keys() {
            assert!(of(&[industry], &[]).unwrap().counts().0 > 50, "{industry}");
        }
        for category in catalog.categories.keys() {
            assert!(of(&[], &[category]).unwrap().counts().1 > 50, "{category}");
        }
        assert_eq!(of(&["parole"], &[]).unwrap_err().to_string(), "there is no industry `parole`");
        assert_eq!(of(&[], &["safety"]).unwrap_err().to_string(), "there is no category `safety`");
    }
}
