//! Controls of the shared control set, with versions and the dates from which each version was true.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, ControlId, Event, PersonId, Recorded, Refusal, Role, State};

/// Take a control of the catalog into the control set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptControl {
    /// The control.
    pub control: ControlId,
    /// Its statement as the organization runs it (vault text).
    pub statement: Digest,
    /// Who owns it.
    pub owner: PersonId,
    /// From which day it runs.
    pub effective_on: Date,
}

/// A control joined the control set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlAdopted {
    /// The control.
    pub control: ControlId,
    /// Its statement (vault text).
    pub statement: Digest,
    /// Who owns it.
    pub owner: PersonId,
    /// From which day it runs.
    pub effective_on: Date,
}

/// Change a control's statement or owner from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseControl {
    /// The control.
    pub control: ControlId,
    /// Its new statement (vault text).
    pub statement: Digest,
    /// Who owns it from then on.
    pub owner: PersonId,
    /// From which day the new version is true.
    pub effective_on: Date,
    /// Why it changes (vault text).
    pub reason: Digest,
}

/// A control has a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRevised {
    /// The control.
    pub control: ControlId,
    /// Its new statement (vault text).
    pub statement: Digest,
    /// Who owns it from then on.
    pub owner: PersonId,
    /// From which day the new version is true.
    pub effective_on: Date,
    /// Why it changes (vault text).
    pub reason: Digest,
}

/// A control as it is and was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Versions, oldest first, each effective after the one before.
    pub versions: Vec<ControlVersion>,
}

/// One version of a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlVersion {
    /// The statement (vault text).
    pub statement: Digest,
    /// Who owned it.
    pub owner: PersonId,
    /// From which day the version is true.
    pub effective_on: Date,
    /// Why it replaced the one before (vault text); none for the first.
    pub reason: Option<Digest>,
    /// Entry that recorded it.
    pub entry: u64,
}

impl Control {
    /// The version that is true on `day`.
    pub fn version_on(&self, day: Date) -> Option<&ControlVersion> {
        self.versions.iter().rev().find(|version| version.effective_on <= day)
    }

    /// The newest version.
    pub fn newest(&self) -> Option<&ControlVersion> {
        self.versions.last()
    }
}

pub(crate) fn decide_adopt(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: AdoptControl,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    if !catalog.controls.contains_key(&command.control) {
        return Err(Refusal::UnknownControl(command.control));
    }
    if state.controls.contains_key(&command.control) {
        return Err(Refusal::ControlExists(command.control));
    }
    require_owner(state, &command.owner)?;
    Ok(vec![Event::ControlAdopted(ControlAdopted {
        control: command.control,
        statement: command.statement,
        owner: command.owner,
        effective_on: command.effective_on,
    })])
}

pub(crate) fn decide_revise(state: &State, author: &Author, command: ReviseControl) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let control =
        state.controls.get(&command.control).ok_or_else(|| Refusal::UnknownControl(command.control.clone()))?;
    if let Some(newest) = control.newest()
        && command.effective_on <= newest.effective_on
    {
        return Err(Refusal::VersionNotForward {
            control: command.control,
            effective_on: command.effective_on,
            newest_on: newest.effective_on,
        });
    }
    require_owner(state, &command.owner)?;
    Ok(vec![Event::ControlRevised(ControlRevised {
        control: command.control,
        statement: command.statement,
        owner: command.owner,
        effective_on: command.effective_on,
        reason: command.reason,
    })])
}

/// An owner is a person of the organization: a firm that ran its client's controls would not be independent.
fn require_owner(state: &State, owner: &PersonId) -> Result<(), Refusal> {
    let person = state.people.get(owner).ok_or_else(|| Refusal::UnknownPerson(owner.clone()))?;
    if person.firm.is_some() {
        return Err(Refusal::RoleOfOtherSide { role: Role::ControlOwner, side: "people of a firm" });
    }
    Ok(())
}

impl State {
    pub(crate) fn apply_control_adopted(&mut self, event: &ControlAdopted, recorded: &Recorded) {
        let version = ControlVersion {
            statement: event.statement,
            owner: event.owner.clone(),
            effective_on: event.effective_on,
            reason: None,
            entry: recorded.index,
        };
        self.controls.insert(event.control.clone(), Control { versions: vec![version] });
    }

    pub(crate) fn apply_control_revised(&mut self, event: &ControlRevised, recorded: &Recorded) {
        if let Some(control) = self.controls.get_mut(&event.control) {
            control.versions.push(ControlVersion {
                statement: event.statement,
                owner: event.owner.clone(),
                effective_on: event.effective_on,
                reason: Some(event.reason),
                entry: recorded.index,
            });
        }
    }
}
