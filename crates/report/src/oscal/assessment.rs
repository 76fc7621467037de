//! The models of assessment: plan, results, and plan of action and milestones.

use serde::{Deserialize, Serialize};

use super::{BackMatter, Metadata, Property};

/// What is to be tested, how and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssessmentPlan {
    /// Its identifier.
    pub uuid: String,
    /// Who, when, which version.
    pub metadata: Metadata,
    /// The plan of the system that is tested.
    pub import_ssp: ImportFile,
    /// What is defined here alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_definitions: Option<LocalDefinitions>,
    /// What is held against the system.
    pub reviewed_controls: ReviewedControls,
    /// What is tested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assessment_subjects: Vec<AssessmentSubject>,
    /// When.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_matter: Option<BackMatter>,
}

/// A file beside this one that it goes on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFile {
    /// Where it is.
    pub href: String,
}

/// What is defined in one file alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalDefinitions {
    /// Tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<Activity>,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Activity {
    /// Its identifier.
    pub uuid: String,
    /// A few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// What it bears on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_controls: Option<ReviewedControls>,
}

/// Criteria or control objectives, as chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReviewedControls {
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which.
    pub control_selections: Vec<ControlSelection>,
}

/// Some of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ControlSelection {
    /// By id.
    pub include_controls: Vec<SelectedControl>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SelectedControl {
    /// Its id.
    pub control_id: String,
}

impl ReviewedControls {
    /// Those with these ids; none if there are none, since an empty choice is not one.
    pub fn of(ids: Vec<String>) -> Option<Self> {
        let include_controls: Vec<_> = ids.into_iter().map(|control_id| SelectedControl { control_id }).collect();
        let has_some = !include_controls.is_empty();
        has_some.then(|| Self { description: None, control_selections: vec![ControlSelection { include_controls }] })
    }

    fn ids(&self) -> Vec<String> {
        let selected = self.control_selections.iter().flat_map(|selection| &selection.include_controls);
        selected.map(|selected| selected.control_id.clone()).collect()
    }
}

impl Activity {
    /// The ids that the test bears on.
    pub(super) fn bears_on(&self) -> Vec<String> {
        self.related_controls.as_ref().map(ReviewedControls::ids).unwrap_or_default()
    }
}

/// What is tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssessmentSubject {
    /// A kind, such as `component`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include_subjects: Vec<SubjectReference>,
}

/// One thing that is tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SubjectReference {
    /// Which.
    pub subject_uuid: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Task {
    /// Its identifier.
    pub uuid: String,
    /// `action` or `milestone`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words.
    pub title: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// Tests that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub associated_activities: Vec<AssociatedActivity>,
}

/// When something is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Timing {
    /// From when to when.
    pub within_date_range: DateRange,
}

/// From when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// The first moment.
    pub start: String,
    /// The last.
    pub end: String,
}

/// A test that belongs to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssociatedActivity {
    /// The test.
    pub activity_uuid: String,
    /// What it looks at.
    pub subjects: Vec<AssessmentSubject>,
}

/// What tests found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssessmentResults {
    /// Its identifier.
    pub uuid: String,
    /// Who, when, which version.
    pub metadata: Metadata,
    /// The plan that was followed.
    pub import_ap: ImportFile,
    /// By time.
    pub results: Vec<AssessmentResult>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_matter: Option<BackMatter>,
}

/// What tests found over some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssessmentResult {
    /// Its identifier.
    pub uuid: String,
    /// A few words.
    pub title: String,
    /// In words.
    pub description: String,
    /// From when.
    pub start: String,
    /// To when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// What was held against the system.
    pub reviewed_controls: ReviewedControls,
    /// Each test with what it saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// What it may lead to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<AssessedRisk>,
}

/// What a test saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Observation {
    /// Its identifier.
    pub uuid: String,
    /// A few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What was seen.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// `TEST`, `EXAMINE`, `INTERVIEW` or `UNKNOWN`.
    pub methods: Vec<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SubjectReference>,
    /// When (RFC 3339).
    pub collected: String,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

/// A risk that an observation leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AssessedRisk {
    /// Its identifier.
    pub uuid: String,
    /// A few words.
    pub title: String,
    /// What it is.
    pub description: String,
    /// What it could lead to.
    pub statement: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// Where it stands.
    pub status: String,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related_observations: Vec<RelatedObservation>,
}

/// A reference to an observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RelatedObservation {
    /// Which.
    pub observation_uuid: String,
}

/// What is done about what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanOfActionAndMilestones {
    /// Its identifier.
    pub uuid: String,
    /// Who, when, which version.
    pub metadata: Metadata,
    /// The plan of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_ssp: Option<ImportFile>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
    /// What it may lead to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<AssessedRisk>,
    /// Each thing to do.
    pub poam_items: Vec<PoamItem>,
    /// What it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_matter: Option<BackMatter>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PoamItem {
    /// Its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// A few words.
    pub title: String,
    /// What is done.
    pub description: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// What showed the need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related_observations: Vec<RelatedObservation>,
    /// What it is done against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related_risks: Vec<RelatedRisk>,
}

/// A reference to a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RelatedRisk {
    /// Which.
    pub risk_uuid: String,
}
