//! OSCAL 1.2 in JSON: catalog, profile, component definition, system security plan, assessment plan and results, plan of action
//! and milestones, as far as Tickmark writes them, and what other people's files say of controls.
//!
//! Invariant: equal values give equal bytes; nothing here reads a clock or makes a random identifier.
//! Invariant: what of a file is not kept is listed with its place, never dropped in silence.

mod assessment;
mod catalog;
mod common;
mod component_definition;
mod profile;
mod reading;
mod system_security_plan;

use serde::{Deserialize, Serialize};

pub use self::{
    assessment::{
        Activity, AssessedRisk, AssessmentPlan, AssessmentResult, AssessmentResults, AssessmentSubject,
        AssociatedActivity, ControlSelection, DateRange, ImportFile, LocalDefinitions, Observation,
        PlanOfActionAndMilestones, PoamItem, RelatedObservation, RelatedRisk, ReviewedControls, SelectedControl,
        SubjectReference, Task, Timing,
    },
    catalog::{Catalog, Control, Group},
    common::{
        BackMatter, Link, Metadata, Parameter, Part, Party, Property, Resource, ResourceLink, ResponsibleRole, Role,
        Selection, SetParameter, uuid_of,
    },
    component_definition::{
        ComponentDefinition, ControlImplementation, DefinedComponent, ImplementedRequirement, ImplementedStatement,
    },
    profile::{Import, Merge, Profile, SelectControls},
    reading::{ListedControl, NotKept, OscalFile, OscalRefused, RenderedParameter, read},
    system_security_plan::{
        ByComponent, Described, ImportProfile, InformationType, PlanImplementation, PlanRequirement, PlanStatement,
        Status, SystemCharacteristics, SystemComponent, SystemId, SystemImplementation, SystemInformation,
        SystemSecurityPlan,
    },
};

/// The version of OSCAL that is written.
pub const OSCAL_VERSION: &str = "1.2.1";

/// The namespace of what OSCAL has no name for.
pub const NAMESPACE: &str = "urn:tickmark:oscal";

/// A file, by the one key that stands at its top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Controls to choose from: criteria, control objectives.
    Catalog(Catalog),
    /// What is chosen from catalogs.
    Profile(Profile),
    /// What is implemented, and what that serves.
    ComponentDefinition(ComponentDefinition),
    /// A system with what is implemented in it.
    SystemSecurityPlan(Box<SystemSecurityPlan>),
    /// What is to be tested.
    AssessmentPlan(Box<AssessmentPlan>),
    /// What tests found.
    AssessmentResults(Box<AssessmentResults>),
    /// What is done about it.
    PlanOfActionAndMilestones(Box<PlanOfActionAndMilestones>),
}

impl Model {
    /// The key at the top of the file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Catalog(_) => "catalog",
            Self::Profile(_) => "profile",
            Self::ComponentDefinition(_) => "component-definition",
            Self::SystemSecurityPlan(_) => "system-security-plan",
            Self::AssessmentPlan(_) => "assessment-plan",
            Self::AssessmentResults(_) => "assessment-results",
            Self::PlanOfActionAndMilestones(_) => "plan-of-action-and-milestones",
        }
    }

    /// Its metadata.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Catalog(catalog) => &catalog.metadata,
            Self::Profile(profile) => &profile.metadata,
            Self::ComponentDefinition(definition) => &definition.metadata,
            Self::SystemSecurityPlan(plan) => &plan.metadata,
            Self::AssessmentPlan(plan) => &plan.metadata,
            Self::AssessmentResults(results) => &results.metadata,
            Self::PlanOfActionAndMilestones(plan) => &plan.metadata,
        }
    }

    /// The file's bytes: two spaces deep, a line feed at the end.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
