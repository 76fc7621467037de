//! Identifiers as newtypes, made at the edge and never reused.
//!
//! Invariant: an identifier holds only ASCII letters, digits and `-_./:`, so it can stand in an entry, a path or a URL
//! as it is and cannot carry a name or free text.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Refusal;

/// The longest identifier. Entries hold several of them within 8 KiB.
const LONGEST_ID: usize = 64;

/// The text cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` cannot be {kind}: use 1 to 64 of the letters a-z and A-Z, digits and `-_./:`")]
pub struct IdParseError {
    kind: &'static str,
    text: String,
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident = $kind:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                check(text, $kind)?;
                Ok(Self(Arc::from(text)))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// An organization: the service organization whose ledger this is.
    OrganizationId = "an organization id";
    /// A person, of the organization or of a firm. Opaque: the name is a vault object.
    PersonId = "a person id";
    /// A CPA firm.
    FirmId = "a firm id";
    /// One report of one type over one date or period.
    EngagementId = "an engagement id";
    /// A control of the shared control set.
    ControlId = "a control id";
    /// A risk.
    RiskId = "a risk id";
    /// A trust services criterion (SOC 2), by AICPA's identifier, such as `CC6.1`.
    CriterionId = "a criterion id";
    /// A control objective (SOC 1), such as `PAY-4`.
    ObjectiveId = "a control objective id";
    /// A control test of the catalog.
    TestId = "a control test id";
    /// A dataset of the catalog: the table that a control test names.
    DatasetId = "a dataset id";
    /// A business calendar of the catalog, such as `us-federal`.
    CalendarId = "a business calendar id";
    /// A role of the catalog that answers for controls, such as `it`.
    OwnerRoleId = "an owner role id";
    /// A thing in scope: a service, a component, a commitment, a user entity, and so on.
    ScopeItemId = "a scope item id";
    /// A section of a report that people write: its place there, such as `description/services/0`.
    SectionId = "a section id";
    /// A demand for a report.
    DemandId = "a demand id";
    /// An approved source of evidence.
    SourceId = "a source id";
    /// One run of control tests.
    RunId = "a run id";
    /// A frozen population.
    PopulationId = "a population id";
    /// A sample drawn from a frozen population.
    SampleId = "a sample id";
    /// An exception: one control test and cause over time.
    ExceptionId = "an exception id";
    /// A test of controls that a firm recorded.
    FirmTestId = "a firm test id";
    /// A test of a control that management's people performed.
    ManagementTestId = "a management test id";
    /// A rule of the lint, such as `RPT-13`.
    LintRuleId = "a lint rule id";
}

fn check(text: &str, kind: &'static str) -> Result<(), IdParseError> {
    let fits = !text.is_empty()
        && text.len() <= LONGEST_ID
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:".contains(&b))
        && !text.contains("..")
        && !text.starts_with('/');
    if fits { Ok(()) } else { Err(IdParseError { kind, text: text.chars().take(80).collect() }) }
}

/// Refuses a new id that differs from a known one in capital letters only: people take the two for one, and so do file systems.
pub(crate) fn require_own_letters<'a, Id: AsRef<str> + PartialEq>(
    id: &'a Id,
    known: impl Iterator<Item = &'a Id>,
) -> Result<(), Refusal> {
    let alike: Vec<&Id> = known.filter(|known| known.as_ref().eq_ignore_ascii_case(id.as_ref())).collect();
    match alike.first() {
        Some(other) if !alike.contains(&id) => {
            Err(Refusal::IdInOtherLetters { id: id.as_ref().to_owned(), known: other.as_ref().to_owned() })
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hold_no_free_text() {
        for good in ["CC6.1", "ITGC-LA", "person/7f3a", "2026-q1"] {
            assert_eq!(good.parse::<ControlId>().unwrap().as_str(), good);
        }
        for bad in ["", "Jane Doe", "../x", "/x", "a\u{301}", &"x".repeat(65)] {
            assert!(bad.parse::<ControlId>().is_err(), "{bad}");
        }
    }
}
