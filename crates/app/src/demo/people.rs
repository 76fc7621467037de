//! The demo's people and prose, as their files say.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Error, NewPerson, written::Written};

/// Settings of the sample company's sources.
pub(super) const SOURCES: [(&str, &str); 12] = [
    ("backup.toml", include_str!("../../../../catalog/sample-sources/backup.toml")),
    ("bank.toml", include_str!("../../../../catalog/sample-sources/bank.toml")),
    ("code.toml", include_str!("../../../../catalog/sample-sources/code.toml")),
    ("deploy.toml", include_str!("../../../../catalog/sample-sources/deploy.toml")),
    ("documents.toml", include_str!("../../../../catalog/sample-sources/documents.toml")),
    ("hr.toml", include_str!("../../../../catalog/sample-sources/hr.toml")),
    ("idp.toml", include_str!("../../../../catalog/sample-sources/idp.toml")),
    ("payroll.toml", include_str!("../../../../catalog/sample-sources/payroll.toml")),
    ("registers.toml", include_str!("../../../../catalog/sample-sources/registers.toml")),
    ("reviews.toml", include_str!("../../../../catalog/sample-sources/reviews.toml")),
    ("scheduler.toml", include_str!("../../../../catalog/sample-sources/scheduler.toml")),
    ("tickets.toml", include_str!("../../../../catalog/sample-sources/tickets.toml")),
];

/// Everybody.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cast {
    pub(super) organization: OrganizationPart,
    pub(super) firm: FirmPart,
    pub(super) person: Vec<PersonPart>,
    pub(super) signs: Signs,
    /// Role of the catalog → person.
    pub(super) owners: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct OrganizationPart {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) system: String,
    pub(super) categories: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirmPart {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) city: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonPart {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) mail: String,
    pub(super) roles: Vec<String>,
    pub(super) firm: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signs {
    pub(super) assertion: String,
    pub(super) auditors_report: String,
}

impl Cast {
    /// The first person with a role.
    pub(super) fn one_with(&self, role: &str) -> Result<&PersonPart, Error> {
        let found = self.person.iter().find(|person| person.roles.iter().any(|r| r == role));
        found.ok_or_else(|| Error::Unknown { kind: "person of role", name: role.to_owned() })
    }

    /// For each role, the first person who holds it: role, id, name.
    pub(super) fn one_a_role(&self) -> Vec<(String, String, String)> {
        let mut people: BTreeMap<&str, &PersonPart> = BTreeMap::new();
        for person in &self.person {
            for role in &person.roles {
                people.entry(role).or_insert(person);
            }
        }
        people.into_iter().map(|(role, p)| (role.to_owned(), p.id.clone(), p.name.clone())).collect()
    }

    /// Who answers for the controls of a role.
    pub(super) fn owner(&self, role: &str) -> Result<&str, Error> {
        let found = self.owners.get(role);
        found.map(String::as_str).ok_or_else(|| Error::Unknown { kind: "owner of role", name: role.to_owned() })
    }

    pub(super) fn person(&self, id: &str) -> Result<&PersonPart, Error> {
        let found = self.person.iter().find(|person| person.id == id);
        found.ok_or_else(|| Error::Unknown { kind: "person", name: id.to_owned() })
    }
}

impl PersonPart {
    pub(super) fn to_add(&self) -> NewPerson {
        let Self { id, name, mail, firm, roles, .. } = self.clone();
        NewPerson { id, name, mail, firm, roles }
    }
}

/// Management's responses, by control test.
pub(super) const RESPONSES: &str = include_str!("../../demo/responses.toml");

/// What management has put right already, by control test.
pub(super) const REMEDIATIONS: &str = include_str!("../../demo/remediations.toml");

/// What proved to be no exception, by control test.
pub(super) const WITHDRAWALS: &str = include_str!("../../demo/withdrawals.toml");

/// The fictional firm's tests of controls.
pub(super) const FIRM_TESTS: &str = include_str!("../../demo/firm-tests.toml");

pub(super) fn cast() -> Result<Cast, Error> {
    Written::embedded("people.toml", include_str!("../../demo/people.toml")).parse()
}
