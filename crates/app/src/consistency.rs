//! Consistency of the whole program, with the texts that its checks read.

use serde::Serialize;
use serde_json::Value;
use tickmark_domain::{Described, Inconsistency, Listed, ListedKind, ProgramTexts, State, SubserviceMethod};
use tickmark_report::view::{Description, Method};

use crate::{Error, House, NextStep, views::DescriptionText};

/// What does not fit together.
#[derive(Debug, Clone, Serialize)]
pub struct ConsistencyView {
    /// The ledger size shown.
    pub ledger_size: u64,
    /// How many engagements were looked at.
    pub engagements: u64,
    /// What was found, by rule.
    pub findings: Vec<Inconsistency>,
    /// What to do first where there is nothing to look at.
    pub next: Option<NextStep>,
}

impl House {
    /// What does not fit together in the program.
    pub fn consistency(&self) -> Result<ConsistencyView, Error> {
        let state = self.state();
        let findings = state.consistency(self.catalog_index(), &self.program_texts(state)?, self.today());
        let engagements = state.standing_engagements().len() as u64;
        Ok(ConsistencyView {
            ledger_size: self.size(),
            engagements,
            findings,
            next: (engagements == 0 && !self.is_past()).then(|| self.next_step()),
        })
    }

    pub(crate) fn program_texts(&self, state: &State) -> Result<ProgramTexts, Error> {
        let mut texts = ProgramTexts::default();
        for digest in state.words_to_check(self.catalog_index()) {
            texts.words.insert(digest, self.text(&digest)?);
        }
        for (id, engagement) in state.standing_engagements() {
            if let Some(description) = &engagement.description {
                let text = self.text(&description.text)?;
                let mut prose = Vec::new();
                strings_of(&serde_json::from_str(&text).unwrap_or_default(), &mut prose);
                let listed = serde_json::from_str::<DescriptionText>(&text).map(|read| listed(read.description));
                let described = Described { prose: prose.join("\n\n"), listed: listed.unwrap_or_default() };
                texts.descriptions.insert(id.clone(), described);
            }
        }
        Ok(texts)
    }
}

/// The lines of a description's lists.
fn listed(description: Description) -> Vec<Listed> {
    let line = |kind, words| Listed { kind, words };
    let services = description.services.into_iter().map(|service| line(ListedKind::Service, service.title));
    let classes =
        description.transaction_classes.into_iter().map(|class| line(ListedKind::TransactionClass, class.name));
    let reports = description.key_reports.into_iter().map(|report| line(ListedKind::KeyReport, report.name));
    let commitments = description.commitments.into_iter().flat_map(|of| {
        let promise = line(ListedKind::ServiceCommitment { category: of.category }, of.commitment);
        [promise, line(ListedKind::SystemRequirement, of.requirement)]
    });
    let organizations = description.subservice_organizations.into_iter().map(|organization| {
        let method = match organization.method {
            Method::CarveOut => SubserviceMethod::CarveOut,
            Method::Inclusive => SubserviceMethod::Inclusive,
        };
        line(ListedKind::SubserviceOrganization(method), organization.name)
    });
    let of_users = description.complementary_user_entity_controls.into_iter();
    let of_users = of_users.map(|control| line(ListedKind::ComplementaryUserEntityControl, control.text));
    let of_others = description.complementary_subservice_organization_controls.into_iter();
    let of_others = of_others.map(|control| line(ListedKind::ComplementarySubserviceOrganizationControl, control.text));
    let listed = services.chain(classes).chain(reports).chain(commitments).chain(organizations);
    listed.chain(of_users).chain(of_others).collect()
}

/// Every text in a description, wherever it stands.
fn strings_of(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings_of(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| strings_of(field, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use tickmark_canonical::Digest;
    use tickmark_catalog::Catalog;
    use tickmark_domain::{
        ControlAdopted, ControlDefinition, EngagementOpened, Event, PersonId, Recorded, ReportKind, ReportType, Span,
    };

    use super::*;
    use crate::{WrittenControl, index_of};

    /// The whole catalog as the control set of one organization, in scope of one SOC 1 and one SOC 2.
    pub(crate) fn whole_catalog() -> (State, tickmark_domain::CatalogIndex, ProgramTexts) {
        let catalog = Catalog::embedded().unwrap();
        let index = index_of(&catalog).unwrap();
        let mut texts = ProgramTexts::default();
        let mut keep = |text: String| {
            let digest = Digest::of(text.as_bytes());
            texts.words.insert(digest, text);
            digest
        };
        let by: PersonId = "p-1".parse().unwrap();
        let mut state = State::default();
        let mut recorded = 0..;
        let mut apply = |event: Event| {
            let at = "2026-10-01T00:00:00Z".parse().unwrap();
            state.apply(&event, &Recorded { index: recorded.next().unwrap(), at, by: by.clone() });
        };
        for (id, report) in [("soc1", ReportKind::Soc1), ("soc2", ReportKind::Soc2)] {
            let is_soc1 = report == ReportKind::Soc1;
            apply(Event::EngagementOpened(EngagementOpened {
                engagement: id.parse().unwrap(),
                report,
                report_type: ReportType::Type2(Span { first: date(2025, 10, 1), last: date(2026, 9, 30) }),
                system: Digest::of(b"system"),
                objectives: if is_soc1 { index.objectives.keys().cloned().collect() } else { BTreeSet::new() },
                categories: if is_soc1 { BTreeSet::new() } else { index.categories.keys().cloned().collect() },
                follows: None,
                gap: None,
                without_security: None,
                standards: Default::default(),
                section_order: Default::default(),
            }));
        }
        for control in catalog.controls.values() {
            let written = WrittenControl::of_catalog(&catalog, control).unwrap();
            apply(Event::ControlAdopted(ControlAdopted {
                control: control.id.parse().unwrap(),
                definition: ControlDefinition {
                    title: keep(written.title),
                    statement: keep(written.statement),
                    evidence: keep(written.evidence.join("\n")),
                    owner_role: written.owner_role,
                    frequency: written.frequency,
                    nature: written.nature,
                    automation: written.automation,
                    is_key: written.is_key,
                    criteria: written.criteria,
                    objectives: written.objectives,
                    risks: written.risks,
                },
                owner: by.clone(),
                effective_on: date(2025, 1, 1),
            }));
        }
        (state, index, texts)
    }

    #[test]
    fn no_statement_of_the_catalog_is_taken_for_a_promise_that_it_does_not_make() {
        let (state, index, texts) = whole_catalog();
        let found = state.consistency(&index, &texts, date(2026, 11, 1));
        let about_prose: Vec<String> = found
            .iter()
            .filter(|finding| finding.rule.code().starts_with("TXT"))
            .map(|finding| format!("{} {}: {}", finding.rule.code(), finding.subject, finding.says))
            .collect();
        assert!(index.controls.len() > 100);
        assert!(about_prose.is_empty(), "{about_prose:#?}");
    }
}
