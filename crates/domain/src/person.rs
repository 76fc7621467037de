//! People as actors, and the roles that let them act.
//!
//! Invariant: a person is of the organization or of one firm, never of both, and holds roles of that side only.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, Event, FirmId, PersonId, Refusal, State, id::require_own_letters};

/// What a person may do. The first five are of the organization, the last three of a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Adds people, grants roles, approves sources, adopts catalogs.
    Administrator,
    /// Leads the engagements: scope, controls, responses, packages.
    ComplianceLead,
    /// Owns controls, answers exceptions.
    ControlOwner,
    /// Signs management's assertion.
    Executive,
    /// Reads.
    Reader,
    /// Performs the firm's tests.
    FirmPreparer,
    /// Reviews the firm's tests.
    FirmReviewer,
    /// Signs the service auditor's report.
    FirmSignatory,
}

impl Role {
    /// Whether the role is a firm's.
    pub fn is_of_a_firm(self) -> bool {
        match self {
            Self::FirmPreparer | Self::FirmReviewer | Self::FirmSignatory => true,
            Self::Administrator | Self::ComplianceLead | Self::ControlOwner | Self::Executive | Self::Reader => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Administrator => "administrator",
            Self::ComplianceLead => "compliance lead",
            Self::ControlOwner => "control owner",
            Self::Executive => "executive",
            Self::Reader => "reader",
            Self::FirmPreparer => "firm preparer",
            Self::FirmReviewer => "firm reviewer",
            Self::FirmSignatory => "firm signatory",
        })
    }
}

/// Add a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddPerson {
    /// The new person's id.
    pub person: PersonId,
    /// Name and address (vault object, sealed).
    pub profile: Digest,
    /// The firm they are of, if they are not of the organization.
    pub firm: Option<FirmId>,
}

/// A person was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonAdded {
    /// The person.
    pub person: PersonId,
    /// Name and address (vault object, sealed).
    pub profile: Digest,
    /// The firm they are of, if they are not of the organization.
    pub firm: Option<FirmId>,
}

/// Grant a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRole {
    /// To whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
}

/// A role was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleGranted {
    /// To whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
}

/// Revoke a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeRole {
    /// From whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
}

/// A role was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRevoked {
    /// From whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
}

/// A person as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name and address (vault object, sealed).
    pub profile: Digest,
    /// The firm they are of, if they are not of the organization.
    pub firm: Option<FirmId>,
    /// Roles they hold.
    pub roles: BTreeSet<Role>,
}

pub(crate) fn decide_add(state: &State, author: &Author, command: AddPerson) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    if state.people.contains_key(&command.person) {
        return Err(Refusal::PersonExists(command.person));
    }
    require_own_letters(&command.person, state.people.keys())?;
    Ok(vec![Event::PersonAdded(PersonAdded { person: command.person, profile: command.profile, firm: command.firm })])
}

pub(crate) fn decide_grant(state: &State, author: &Author, command: GrantRole) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    let person = state.people.get(&command.person).ok_or_else(|| Refusal::UnknownPerson(command.person.clone()))?;
    if person.firm.is_some() != command.role.is_of_a_firm() {
        let side = if person.firm.is_some() { "people of a firm" } else { "people of the organization" };
        return Err(Refusal::RoleOfOtherSide { role: command.role, side });
    }
    Ok(vec![Event::RoleGranted(RoleGranted { person: command.person, role: command.role })])
}

pub(crate) fn decide_revoke(state: &State, author: &Author, command: RevokeRole) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    let person = state.people.get(&command.person).ok_or_else(|| Refusal::UnknownPerson(command.person.clone()))?;
    if !person.roles.contains(&command.role) {
        return Err(Refusal::RoleNotHeld(command.person));
    }
    let administrators = state.people.values().filter(|p| p.roles.contains(&Role::Administrator)).count();
    if command.role == Role::Administrator && administrators == 1 {
        return Err(Refusal::LastAdministrator(command.person));
    }
    Ok(vec![Event::RoleRevoked(RoleRevoked { person: command.person, role: command.role })])
}

impl State {
    /// Refuses unless the author is known and holds `needed`.
    pub(crate) fn require_role(&self, author: &Author, needed: Role) -> Result<(), Refusal> {
        self.require_one_of(author, &[needed])
    }

    /// Refuses unless the author holds one of `roles`; the refusal names the first.
    pub(crate) fn require_one_of(&self, author: &Author, roles: &[Role]) -> Result<(), Refusal> {
        let person = self.people.get(&author.person).ok_or_else(|| Refusal::UnknownPerson(author.person.clone()))?;
        if roles.iter().any(|role| person.roles.contains(role)) {
            return Ok(());
        }
        let needed = roles.first().copied().unwrap_or(Role::Administrator);
        Err(Refusal::RoleMissing { person: author.person.clone(), needed })
    }

    pub(crate) fn apply_person_added(&mut self, event: &PersonAdded) {
        let person = Person { profile: event.profile, firm: event.firm.clone(), roles: BTreeSet::new() };
        self.people.insert(event.person.clone(), person);
    }

    pub(crate) fn apply_role_granted(&mut self, event: &RoleGranted) {
        if let Some(person) = self.people.get_mut(&event.person) {
            person.roles.insert(event.role);
        }
    }

    pub(crate) fn apply_role_revoked(&mut self, event: &RoleRevoked) {
        if let Some(person) = self.people.get_mut(&event.person) {
            person.roles.remove(&event.role);
        }
    }
}
