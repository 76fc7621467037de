//! People of the organization and of its firms: adding them, giving and taking roles, the list.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tickmark_domain::{AddPerson, Command, GrantRole, PersonId, RevokeRole, Role};

use crate::{Error, House, written::Written};

/// Every role, as people write them.
pub const ROLES: [(&str, Role); 8] = [
    ("administrator", Role::Administrator),
    ("compliance-lead", Role::ComplianceLead),
    ("control-owner", Role::ControlOwner),
    ("executive", Role::Executive),
    ("reader", Role::Reader),
    ("firm-preparer", Role::FirmPreparer),
    ("firm-reviewer", Role::FirmReviewer),
    ("firm-signatory", Role::FirmSignatory),
];

/// The role that people write so.
pub fn parse_role(text: &str) -> Result<Role, Error> {
    let found = ROLES.iter().find(|(name, _)| *name == text).map(|(_, role)| *role);
    found.ok_or_else(|| Error::Unknown { kind: "role", name: text.to_owned() })
}

/// A person to add.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub mail: String,
    /// The firm they are of, if they are not of the organization.
    pub firm: Option<String>,
    /// Roles, as people write them.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// A filled file of people.
pub const PEOPLE_EXAMPLE: &str = include_str!("../formats/people.toml");

/// Reads people from a file of `[[person]]` tables.
pub fn people_from_file(path: &Path) -> Result<Vec<NewPerson>, Error> {
    people_of(&Written::read(path)?)
}

fn people_of(file: &Written) -> Result<Vec<NewPerson>, Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        person: Vec<NewPerson>,
    }
    let people = file.parse::<File>()?.person;
    for person in &people {
        if let Some(unknown) = person.roles.iter().find(|role| parse_role(role).is_err()) {
            return Err(file.refuse(unknown, &format!("there is no role `{unknown}`")));
        }
    }
    Ok(people)
}

/// One line of the list of people.
#[derive(Debug, Clone, Serialize)]
pub struct PersonLine {
    /// Their id.
    pub person: String,
    /// Their name; their id where the profile was erased.
    pub name: String,
    /// The firm they are of.
    pub firm: Option<String>,
    /// Their roles, as people write them.
    pub roles: Vec<String>,
}

impl House {
    /// Adds people with their roles, all at once.
    pub fn add_people(&mut self, author: &PersonId, people: &[NewPerson]) -> Result<(), Error> {
        if people.is_empty() {
            return Ok(());
        }
        let mut commands = Vec::new();
        for new in people {
            let person: PersonId = new.id.parse()?;
            commands.push(Command::AddPerson(AddPerson {
                person: person.clone(),
                profile: self.put_profile(&new.name, &new.mail)?,
                firm: new.firm.as_deref().map(str::parse).transpose()?,
            }));
            for role in &new.roles {
                commands.push(Command::GrantRole(GrantRole { person: person.clone(), role: parse_role(role)? }));
            }
        }
        self.execute_all(author, commands).map(drop)
    }

    /// Grants roles to a person.
    pub fn grant_roles(&mut self, author: &PersonId, person: &PersonId, roles: &[Role]) -> Result<(), Error> {
        let grant = |role: &Role| Command::GrantRole(GrantRole { person: person.clone(), role: *role });
        self.execute_all(author, roles.iter().map(grant).collect()).map(drop)
    }

    /// Revokes roles of a person.
    pub fn revoke_roles(&mut self, author: &PersonId, person: &PersonId, roles: &[Role]) -> Result<(), Error> {
        let revoke = |role: &Role| Command::RevokeRole(RevokeRole { person: person.clone(), role: *role });
        self.execute_all(author, roles.iter().map(revoke).collect()).map(drop)
    }

    /// Everybody.
    pub fn people(&self) -> Result<Vec<PersonLine>, Error> {
        let state = self.state();
        let lines = state.people.iter().map(|(id, person)| PersonLine {
            person: id.to_string(),
            name: self.name_in(state, id),
            firm: person.firm.as_ref().map(ToString::to_string),
            roles: ROLES
                .iter()
                .filter(|(_, role)| person.roles.contains(role))
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        });
        Ok(lines.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_reads_and_a_wrong_role_is_named_with_its_line() {
        assert!(people_of(&Written::embedded("people.toml", PEOPLE_EXAMPLE)).unwrap().len() > 1);
        let wrong = PEOPLE_EXAMPLE.replace("compliance-lead", "complaince-lead");
        let error = people_of(&Written::embedded("people.toml", wrong)).unwrap_err().to_string();
        assert!(error.contains("key `roles`: there is no role `complaince-lead`"), "{error}");
    }
}
