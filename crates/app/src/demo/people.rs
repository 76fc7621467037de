//! The demo's people and prose, as their files say.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, de::DeserializeOwned};
use tickmark_domain::Role;

use crate::Error;

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
    pub(super) email: String,
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

    pub(super) fn person(&self, id: &str) -> Result<&PersonPart, Error> {
        let found = self.person.iter().find(|person| person.id == id);
        found.ok_or_else(|| Error::Unknown { kind: "person", name: id.to_owned() })
    }
}

impl PersonPart {
    pub(super) fn roles(&self) -> Result<Vec<Role>, Error> {
        self.roles
            .iter()
            .map(|role| {
                serde_json::from_value(serde_json::Value::String(role.clone()))
                    .map_err(|_| Error::Unknown { kind: "role", name: role.clone() })
            })
            .collect()
    }
}

pub(super) fn cast() -> Result<Cast, Error> {
    parse("people.toml", include_str!("../../demo/people.toml"))
}

/// Management's responses by control test.
pub(super) fn responses() -> Result<BTreeMap<String, String>, Error> {
    #[derive(Deserialize)]
    struct File {
        response: Vec<Response>,
    }
    #[derive(Deserialize)]
    struct Response {
        test: String,
        text: String,
    }
    let file: File = parse("responses.toml", include_str!("../../demo/responses.toml"))?;
    Ok(file.response.into_iter().map(|response| (response.test, response.text)).collect())
}

/// One of the fictional firm's tests of controls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirmTestPart {
    pub(super) id: String,
    pub(super) engagement: String,
    pub(super) control: String,
    pub(super) nature: tickmark_domain::Nature,
    pub(super) procedure: String,
    pub(super) test: Option<String>,
    pub(super) items_tested: Option<u64>,
    pub(super) without_deviations: String,
    pub(super) with_deviations: Option<String>,
}

pub(super) fn firm_tests() -> Result<Vec<FirmTestPart>, Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        firm_test: Vec<FirmTestPart>,
    }
    Ok(parse::<File>("firm-tests.toml", include_str!("../../demo/firm-tests.toml"))?.firm_test)
}

pub(super) fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| Error::Settings { path: PathBuf::from(file), problem: error.to_string() })
}
