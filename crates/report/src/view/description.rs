//! Section III: management's description of its system (AT-C 320 for SOC 1, DC section 200 for SOC 2).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use super::{ControlView, Measure};
use crate::Prose;

/// The description. Parts that a kind of report does not have stay empty and do not print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Who the organization is and what the system does.
    pub overview: Prose,
    /// What the description covers and what it leaves out: systems, places, the boundary.
    pub boundary: Prose,
    /// The kinds of service provided (S1D-01, DC 1).
    pub services: Vec<Section>,
    /// SOC 1: the classes of transactions processed (S1D-01).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transaction_classes: Vec<TransactionClass>,
    /// SOC 1: how transactions are started, authorized, recorded, processed, corrected and reported, and how other
    /// events and conditions are captured (S1D-02 to S1D-04).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub procedures: Vec<Section>,
    /// SOC 1: reports and files given to user entities (S1D-05).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_reports: Vec<KeyReport>,
    /// SOC 2: principal service commitments and system requirements (DC 2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Commitment>,
    /// The parts of the system (DC 3): infrastructure, software, people, procedures, data.
    pub components: Vec<Component>,
    /// Control environment, risk assessment, information and communication, monitoring (S1D-10).
    pub internal_control: Vec<Section>,
    /// SOC 2: incidents (DC 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidents: Option<IncidentDisclosure>,
    /// Type 2: changes to the system in the period (S1D-11, DC 9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangeDisclosure>,
    /// Subservice organizations (S1D-06, DC 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subservice_organizations: Vec<SubserviceOrganization>,
    /// Complementary user entity controls (S1D-08, DC 6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complementary_user_entity_controls: Vec<Complementary>,
    /// Complementary subservice organization controls (S1D-09, DC 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complementary_subservice_organization_controls: Vec<Complementary>,
    /// The control objectives (SOC 1) or criteria (SOC 2), in the order they print.
    pub measures: Vec<Measure>,
    /// Every control that a measure names, once.
    pub controls: Vec<ControlView>,
}

/// A titled part of the description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// The text.
    pub text: Prose,
}

/// A kind of transaction processed for user entities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionClass {
    /// Its name, by which control objectives refer to it.
    pub name: String,
    /// What it is and how it flows.
    pub text: Prose,
}

/// A report or file given to user entities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyReport {
    /// Its name.
    pub name: String,
    /// What it holds and where it is drawn from.
    pub text: Prose,
    /// The ids of controls over its completeness and accuracy.
    pub controls: Vec<String>,
}

/// A principal service commitment or a system requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Its id.
    pub id: String,
    /// The trust services category it belongs to.
    pub category: String,
    /// What the organization promised its users.
    pub commitment: String,
    /// How the system must work so that the promise is kept.
    pub requirement: String,
}

/// One of the five parts of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Which part.
    pub kind: ComponentKind,
    /// The text.
    pub text: Prose,
}

/// The parts a system consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// Physical and virtual equipment.
    Infrastructure,
    /// Programs.
    Software,
    /// Those who run it.
    People,
    /// What they do.
    Procedures,
    /// What is processed.
    Data,
}

/// The answer to whether incidents must be disclosed (DC 4). There is no default: somebody looked, or nobody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum IncidentDisclosure {
    /// Nobody has answered yet.
    NotAnswered,
    /// None needs disclosing.
    None {
        /// The role that answered.
        answered_by: String,
        /// When.
        on: Date,
        /// The incident register looked at.
        register: Digest,
    },
    /// These do.
    Disclosed(Vec<Incident>),
}

/// An incident with the four parts a reader needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// A short title.
    pub title: String,
    /// What kind of incident.
    pub nature: String,
    /// When it began and ended.
    pub timing: String,
    /// Extent or effect.
    pub effect: String,
    /// What became of it.
    pub outcome: String,
}

/// The answer to whether the system changed significantly (S1D-11, DC 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeDisclosure {
    /// Nobody has answered yet.
    NotAnswered,
    /// None was significant.
    None {
        /// The role that answered.
        answered_by: String,
        /// When.
        on: Date,
        /// The list of changes looked at.
        register: Digest,
    },
    /// These were.
    Disclosed(Vec<Change>),
}

/// A significant change in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The day it took effect.
    pub on: Date,
    /// What changed, and what was before.
    pub text: Prose,
}

/// A provider whose controls are needed beside the organization's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceOrganization {
    /// Its name.
    pub name: String,
    /// What it provides.
    pub service: String,
    /// Whether its controls are in the description.
    pub method: Method,
    /// The ids of the measures its controls are to help meet.
    pub measures: Vec<String>,
    /// The ids of the controls by which management monitors it.
    pub monitoring_controls: Vec<String>,
}

/// How a subservice organization is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Its controls are left out of the description and the examination.
    CarveOut,
    /// Its controls are in both.
    Inclusive,
}

/// A control that the design assumes somebody else runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complementary {
    /// Its id.
    pub id: String,
    /// CSOC: the subservice organization that runs it; `None` for user entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_by: Option<String>,
    /// What they do.
    pub text: String,
    /// The ids of the measures that cannot be met without it.
    pub measures: Vec<String>,
}
