//! The component definition model.

use serde::{Deserialize, Serialize};

use super::{BackMatter, Link, Metadata, Property, ResponsibleRole, SetParameter};

/// What is implemented, and what that serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ComponentDefinition {
    /// Its identifier.
    pub uuid: String,
    /// Who, when, which version.
    pub metadata: Metadata,
    /// What is implemented.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<DefinedComponent>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_matter: Option<BackMatter>,
}

/// Something implemented. One of Tickmark's controls is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DefinedComponent {
    /// Its identifier.
    pub uuid: String,
    /// A kind; a control is a `process-procedure`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words.
    pub title: String,
    /// What it does.
    pub description: String,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// Links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responsible_roles: Vec<ResponsibleRole>,
    /// What it serves, catalog by catalog.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control_implementations: Vec<ControlImplementation>,
}

/// What a component serves in one catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ControlImplementation {
    /// Its identifier.
    pub uuid: String,
    /// The catalog or profile.
    pub source: String,
    /// In words.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// Each thing it serves.
    pub implemented_requirements: Vec<ImplementedRequirement>,
}

/// One thing that a component serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ImplementedRequirement {
    /// Its identifier.
    pub uuid: String,
    /// The criterion, control objective or other control of the catalog.
    pub control_id: String,
    /// How.
    pub description: String,
    /// Parameters of the catalog that the component fills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_parameters: Vec<SetParameter>,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub responsible_roles: Vec<ResponsibleRole>,
    /// What is said of each statement of what is served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<ImplementedStatement>,
}

/// How a component serves one statement of a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ImplementedStatement {
    /// The statement.
    pub statement_id: String,
    /// Its identifier.
    pub uuid: String,
    /// How.
    pub description: String,
}
