//! The system security plan model.

use serde::{Deserialize, Serialize};

use super::{BackMatter, Metadata, Property, ResponsibleRole};

/// A system with what is implemented in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SystemSecurityPlan {
    /// Its identifier.
    pub uuid: String,
    /// Who, when, which version.
    pub metadata: Metadata,
    /// What the system is measured by.
    pub import_profile: ImportProfile,
    /// The system.
    pub system_characteristics: SystemCharacteristics,
    /// What it consists of.
    pub system_implementation: SystemImplementation,
    /// How it meets what it is measured by.
    pub control_implementation: PlanImplementation,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_matter: Option<BackMatter>,
}

/// The profile that a plan follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProfile {
    /// Where it is.
    pub href: String,
}

/// The system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SystemCharacteristics {
    /// Its identifiers.
    pub system_ids: Vec<SystemId>,
    /// Its name.
    pub system_name: String,
    /// What it does.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// What it processes.
    pub system_information: SystemInformation,
    /// Where it stands.
    pub status: Status,
    /// The line around it.
    pub authorization_boundary: Described,
}

/// An identifier of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SystemId {
    /// Who gives identifiers of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier_type: Option<String>,
    /// The identifier.
    pub id: String,
}

/// What a system processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SystemInformation {
    /// By kind.
    pub information_types: Vec<InformationType>,
}

/// A kind of information.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationType {
    /// Its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Its name.
    pub title: String,
    /// What it is.
    pub description: String,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// One of OSCAL's words.
    pub state: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

/// Something described.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// In words.
    pub description: String,
}

/// What a system consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemImplementation {
    /// Its components.
    pub components: Vec<SystemComponent>,
}

/// A component of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SystemComponent {
    /// Its identifier; of a control that of the component definition.
    pub uuid: String,
    /// A kind; `this-system` for the whole.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words.
    pub title: String,
    /// What it does.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// Where it stands.
    pub status: Status,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responsible_roles: Vec<ResponsibleRole>,
}

/// How a system meets what it is measured by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanImplementation {
    /// In words.
    pub description: String,
    /// Each thing asked for.
    pub implemented_requirements: Vec<PlanRequirement>,
}

/// One thing asked for, and what serves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanRequirement {
    /// Its identifier.
    pub uuid: String,
    /// The criterion, control objective or other control of the profile.
    pub control_id: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// What serves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_components: Vec<ByComponent>,
    /// What serves each of its statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<PlanStatement>,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

/// One statement of what is asked for, and what serves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanStatement {
    /// The statement.
    pub statement_id: String,
    /// Its identifier.
    pub uuid: String,
    /// What serves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_components: Vec<ByComponent>,
}

/// A component that serves something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ByComponent {
    /// The component.
    pub component_uuid: String,
    /// Its identifier.
    pub uuid: String,
    /// How.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
}
