//! The organization: the service organization that a ledger belongs to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tickmark_calendar::BusinessCalendar;
use tickmark_canonical::Digest;

use crate::{
    BusinessCalendarAdopted, CalendarId, Event, OrganizationId, PersonAdded, PersonId, Refusal, Role, RoleGranted,
    State,
};

/// Begin the ledger: who the organization is, in which zone its days fall, and its first administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOrganization {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name (vault text).
    pub name: Digest,
    /// IANA time zone in which its days begin and end.
    pub zone: String,
    /// The business calendar of the catalog that it goes by.
    pub calendar: CalendarId,
    /// The calendar's days.
    pub days: BusinessCalendar,
    /// The first administrator.
    pub administrator: PersonId,
    /// Their profile (vault object, sealed).
    pub profile: Digest,
}

/// The ledger began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationFounded {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name (vault text).
    pub name: Digest,
    /// IANA time zone in which its days begin and end.
    pub zone: String,
    /// The business calendar that it goes by.
    pub calendar: String,
}

/// The organization as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name (vault text).
    pub name: Digest,
    /// IANA time zone in which its days begin and end.
    pub zone: String,
    /// The business calendar that it goes by.
    pub calendar: String,
}

pub(crate) fn decide_found(state: &State, command: FoundOrganization) -> Result<Vec<Event>, Refusal> {
    if state.organization.is_some() {
        return Err(Refusal::AlreadyFounded);
    }
    if jiff::tz::TimeZone::get(&command.zone).is_err() {
        return Err(Refusal::UnknownZone(command.zone));
    }
    Ok(vec![
        Event::OrganizationFounded(OrganizationFounded {
            organization: command.organization,
            name: command.name,
            zone: command.zone,
            calendar: command.calendar.to_string(),
        }),
        // An organization goes by its first calendar from the first day that the calendar knows.
        Event::BusinessCalendarAdopted(BusinessCalendarAdopted {
            effective_on: command.days.first_on,
            calendar: command.calendar,
            days: command.days,
            own_holidays: BTreeSet::new(),
            reason: None,
        }),
        Event::PersonAdded(PersonAdded { person: command.administrator.clone(), profile: command.profile, firm: None }),
        Event::RoleGranted(RoleGranted { person: command.administrator, role: Role::Administrator }),
    ])
}

impl State {
    pub(crate) fn apply_organization_founded(&mut self, event: &OrganizationFounded) {
        self.organization = Some(Organization {
            id: event.organization.clone(),
            name: event.name,
            zone: event.zone.clone(),
            calendar: event.calendar.clone(),
        });
    }
}
