//! Management's own texts of an engagement: its system description and its assertion, as their files say.

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;
use serde::Deserialize;
use tickmark_domain::{
    AdoptSystemDescription, Command, EngagementId, PersonId, RecordSubserviceAssertion, ReportKind,
    SignManagementAssertion,
};
use tickmark_report::{
    Prose,
    view::{
        ChangeDisclosure, Commitment, Complementary, Component, Description, IncidentDisclosure, KeyReport, Section,
        SubserviceOrganization, TransactionClass,
    },
};

use crate::{
    Error, House,
    views::{AssertionText, DescriptionText, SubserviceAssertionText},
    written::Written,
};

/// A filled system description: that of the sample company.
pub fn description_example(report: ReportKind) -> &'static str {
    match report {
        ReportKind::Soc1 => include_str!("../demo/soc1/description.toml"),
        ReportKind::Soc2 => include_str!("../demo/soc2/description.toml"),
        ReportKind::Soc3 => include_str!("../demo/soc3/description.toml"),
    }
}

/// A filled management assertion: that of the sample company.
pub fn assertion_example(report: ReportKind) -> &'static str {
    match report {
        ReportKind::Soc1 => include_str!("../demo/soc1/assertion.md"),
        ReportKind::Soc2 => include_str!("../demo/soc2/assertion.md"),
        ReportKind::Soc3 => include_str!("../demo/soc3/assertion.md"),
    }
}

/// Whose assertion it is, and who signed it when.
#[derive(Debug, Clone)]
pub struct GivenAssertion {
    /// The subservice organization's scope item.
    pub organization: String,
    /// Who signed it.
    pub signed_by: String,
    /// The office of who signed.
    pub title: String,
    /// The date on it; today if none.
    pub signed_on: Option<Date>,
}

/// A system description as management writes it: [`Description`] without measures and controls, which come from the
/// ledger and the catalog, and the classes of transactions that each control objective touches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DescriptionFile {
    overview: Prose,
    boundary: Prose,
    services: Vec<Section>,
    #[serde(default)]
    transaction_classes: Vec<TransactionClass>,
    #[serde(default)]
    procedures: Vec<Section>,
    #[serde(default)]
    key_reports: Vec<KeyReport>,
    #[serde(default)]
    commitments: Vec<Commitment>,
    components: Vec<Component>,
    #[serde(default)]
    internal_control: Vec<Section>,
    incidents: Option<IncidentDisclosure>,
    changes: Option<ChangeDisclosure>,
    #[serde(default)]
    subservice_organizations: Vec<SubserviceOrganization>,
    #[serde(default)]
    complementary_user_entity_controls: Vec<Complementary>,
    #[serde(default)]
    complementary_subservice_organization_controls: Vec<Complementary>,
    /// SOC 1: control objective → names of transaction classes.
    #[serde(default)]
    objective_classes: BTreeMap<String, Vec<String>>,
}

impl DescriptionFile {
    fn into_text(self) -> DescriptionText {
        DescriptionText {
            description: Description {
                overview: self.overview,
                boundary: self.boundary,
                services: self.services,
                transaction_classes: self.transaction_classes,
                procedures: self.procedures,
                key_reports: self.key_reports,
                commitments: self.commitments,
                components: self.components,
                internal_control: self.internal_control,
                incidents: self.incidents,
                changes: self.changes,
                subservice_organizations: self.subservice_organizations,
                complementary_user_entity_controls: self.complementary_user_entity_controls,
                complementary_subservice_organization_controls: self.complementary_subservice_organization_controls,
                measures: Vec::new(),
                controls: Vec::new(),
            },
            // One spelling for one description: an objective that touches no class is left out.
            objective_classes: self.objective_classes.into_iter().filter(|(_, touched)| !touched.is_empty()).collect(),
        }
    }
}

impl House {
    /// Adopts the system description in a file. `"$newest:DATASET"` in it stands for the newest extract of a dataset.
    pub fn adopt_description(&mut self, author: &PersonId, id: &EngagementId, path: &Path) -> Result<(), Error> {
        self.adopt_descriptions(author, vec![(id.clone(), Written::read(path)?)])
    }

    /// Adopts descriptions, all at once.
    pub(crate) fn adopt_descriptions(
        &mut self,
        author: &PersonId,
        descriptions: Vec<(EngagementId, Written)>,
    ) -> Result<(), Error> {
        let mut commands = Vec::new();
        for (engagement, file) in descriptions {
            let text = self.put_json(&self.description(&engagement, file)?)?;
            commands.push(Command::AdoptSystemDescription(AdoptSystemDescription { engagement, text }));
        }
        self.execute_all(author, commands).map(drop)
    }

    /// Reads a description; what it names of the catalog must be there.
    fn description(&self, id: &EngagementId, file: Written) -> Result<DescriptionText, Error> {
        let newest = |dataset: &str| {
            let newest = self.state().evidence_of(&dataset.parse().ok()?).last()?;
            Some(newest.manifest.to_string())
        };
        let file = file.with_newest(newest)?;
        let description: DescriptionFile = file.parse()?;
        let objectives = self.state().engagements.get(id).map(|engagement| &engagement.objectives);
        let classes: Vec<&str> = description.transaction_classes.iter().map(|class| class.name.as_str()).collect();
        for (objective, touched) in &description.objective_classes {
            if objectives.is_some_and(|known| !known.iter().any(|known| known.as_str() == objective)) {
                let problem = format!("control objective `{objective}` is not in scope of engagement `{id}`");
                return Err(file.refuse(objective, &problem));
            }
            if let Some(unknown) = touched.iter().find(|class| !classes.contains(&class.as_str())) {
                return Err(file.refuse(objective, &format!("`{unknown}` is none of the transaction classes above")));
            }
        }
        Ok(description.into_text())
    }

    /// Signs management's assertion as it stands in a file; dated today unless a day is given.
    pub fn sign_assertion(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        path: &Path,
        title: &str,
        signed_on: Option<Date>,
    ) -> Result<Date, Error> {
        let text = Written::read(path)?.prose()?;
        self.sign_assertion_text(author, engagement, text, title, signed_on)
    }

    pub(crate) fn sign_assertion_text(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        text: String,
        title: &str,
        signed_on: Option<Date>,
    ) -> Result<Date, Error> {
        let signed_on = signed_on.unwrap_or_else(|| self.today());
        let text = self.put_json(&AssertionText { text, title: title.to_owned() })?;
        let command = SignManagementAssertion { engagement: engagement.clone(), text, signed_on };
        self.execute(author, Command::SignManagementAssertion(command))?;
        Ok(signed_on)
    }

    /// Records the assertion that a subservice organization gave, as it stands in a file; dated today unless a day is given.
    pub fn record_subservice_assertion(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        path: &Path,
        given: &GivenAssertion,
    ) -> Result<Date, Error> {
        let signed_on = given.signed_on.unwrap_or_else(|| self.today());
        let text = Written::read(path)?.prose()?;
        let (signed_by, title) = (given.signed_by.clone(), given.title.clone());
        let command = RecordSubserviceAssertion {
            engagement: engagement.clone(),
            organization: given.organization.parse()?,
            text: self.put_json(&SubserviceAssertionText { text, signed_by, title })?,
            signed_on,
        };
        self.execute(author, Command::RecordSubserviceAssertion(command))?;
        Ok(signed_on)
    }

    /// The day that it is where the organization is.
    pub fn today(&self) -> Date {
        let now = self.now();
        self.state().local_date(now).unwrap_or_else(|| jiff::tz::TimeZone::UTC.to_datetime(now).date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_read() {
        for report in [ReportKind::Soc1, ReportKind::Soc2, ReportKind::Soc3] {
            let digest = "0".repeat(64);
            let file = Written::embedded("description.toml", description_example(report));
            let file = file.with_newest(|_| Some(digest.clone())).unwrap();
            file.parse::<DescriptionFile>().unwrap();
            assert!(!assertion_example(report).contains('{'));
        }
    }
}
