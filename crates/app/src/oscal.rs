//! The program as OSCAL files: criteria and control objectives as catalogs, the control set as a component definition, each
//! engagement as a profile and a system security plan.
//!
//! Invariant: times are those of ledger entries and identifiers come from what they identify, so that one ledger size gives
//! the same bytes each time.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use tickmark_catalog::{Applies, Catalog as Rules, Control as Rule, ObjectiveKind};
use tickmark_domain::{ControlId, Engagement, EngagementId};
use tickmark_ledger::Store;
use tickmark_report::{
    oscal::{
        ByComponent, Catalog, ComponentDefinition, Control, ControlImplementation, DefinedComponent, Described, Group,
        ImplementedRequirement, Import, ImportProfile, InformationType, Link, Merge, Metadata, Model, OSCAL_VERSION,
        OscalFile, Part, Party, PlanImplementation, PlanRequirement, Profile, Property, ResponsibleRole, Role,
        SelectControls, Status, SystemCharacteristics, SystemComponent, SystemId, SystemImplementation,
        SystemInformation, SystemSecurityPlan, uuid_of,
    },
    view::{ComponentKind, Description},
};

use crate::{
    Error, House, opening::report_in_words, packaging::io_error, views::DescriptionText, wording::frequency_word,
};

/// The files of catalogs and of the control set; those of engagements have the engagement in their names.
const CRITERIA: &str = "catalog-criteria.json";
const OBJECTIVES: &str = "catalog-objectives.json";
const CONTROL_SET: &str = "component-definition.json";

/// What the component that stands for the whole system is called.
const THIS_SYSTEM: &str = "this-system";

/// What OSCAL asks for and no entry says.
const NOT_RECORDED: &str = "Not recorded in the ledger.";

/// Reads an OSCAL file of anybody's.
pub fn oscal_from_file(path: &Path) -> Result<OscalFile, Error> {
    let bytes = std::fs::read(path).map_err(io_error("read", path))?;
    tickmark_report::oscal::read(&bytes).map_err(|refused| Error::Oscal {
        path: path.to_owned(),
        place: refused.place,
        reason: refused.reason,
    })
}

impl House {
    /// Every OSCAL file of the program: its name and what it holds.
    pub fn oscal(&self) -> Result<BTreeMap<String, Model>, Error> {
        let mut files = BTreeMap::new();
        let exporter = Exporter::new(self)?;
        files.insert(CRITERIA.to_owned(), Model::Catalog(exporter.criteria()));
        files.insert(OBJECTIVES.to_owned(), Model::Catalog(exporter.objectives()));
        files.insert(CONTROL_SET.to_owned(), Model::ComponentDefinition(exporter.control_set()));
        for (id, engagement) in &self.state().engagements {
            files.insert(profile_file(id), Model::Profile(exporter.profile(id, engagement)?));
            files.insert(format!("ssp-{id}.json"), Model::SystemSecurityPlan(exporter.plan(id, engagement)?));
        }
        Ok(files)
    }

    /// Writes every OSCAL file into a folder, which is made if it is not there. Gives their names.
    pub fn write_oscal(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let files = self.oscal()?;
        std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
        for (name, model) in &files {
            write_oscal_file(model, &folder.join(name))?;
        }
        Ok(files.into_keys().collect())
    }

    /// Writes one of the OSCAL files, by its name in a folder, to a file of any name.
    pub fn write_one_oscal(&self, name: &str, path: &Path) -> Result<(), Error> {
        let files = self.oscal()?;
        let unknown = || Error::Unknown { kind: "OSCAL file", name: name.to_owned() };
        write_oscal_file(files.get(name).ok_or_else(unknown)?, path)
    }
}

/// Writes an OSCAL file.
pub fn write_oscal_file(model: &Model, path: &Path) -> Result<(), Error> {
    let bytes = model.to_bytes().map_err(tickmark_report::Error::Json)?;
    std::fs::write(path, bytes).map_err(io_error("write", path))
}

fn profile_file(engagement: &EngagementId) -> String {
    format!("profile-{engagement}.json")
}

/// An adopted control in words.
struct Adopted<'a> {
    rule: &'a Rule,
    statement: String,
    owner: String,
    effective_on: String,
}

struct Exporter<'a> {
    house: &'a House,
    rules: &'a Rules,
    organization: String,
    /// When the newest entry was recorded.
    recorded_at: String,
    /// When the catalog in force was adopted.
    catalog_at: String,
    controls: BTreeMap<ControlId, Adopted<'a>>,
}

impl<'a> Exporter<'a> {
    fn new(house: &'a House) -> Result<Self, Error> {
        let reader = house.store.reader()?;
        let time_of = |index: u64| -> Result<String, Error> {
            Ok(reader.entry(&house.origin, index)?.entry.recorded_at.to_string())
        };
        let recorded_at = time_of(house.size().saturating_sub(1))?;
        let catalog_at = match house.state().catalog_in_force() {
            Some(adoption) => time_of(adoption.entry)?,
            None => recorded_at.clone(),
        };
        let organization =
            house.state().organization.as_ref().map(|organization| house.text(&organization.name)).transpose()?;
        let mut controls = BTreeMap::new();
        for (id, control) in &house.state().controls {
            let (Some(rule), Some(newest)) = (house.catalog().controls.get(id.as_str()), control.newest()) else {
                continue;
            };
            let adopted = Adopted {
                rule,
                statement: house.text(&newest.statement)?,
                owner: newest.owner.to_string(),
                effective_on: newest.effective_on.to_string(),
            };
            controls.insert(id.clone(), adopted);
        }
        let organization = organization.unwrap_or_else(|| house.origin().to_owned());
        Ok(Self { house, rules: house.catalog(), organization, recorded_at, catalog_at, controls })
    }

    /// An identifier of something in this ledger.
    fn uuid(&self, parts: &[&str]) -> String {
        let mut all = vec![self.house.origin()];
        all.extend(parts);
        uuid_of(&all)
    }

    fn metadata(&self, title: String) -> Metadata {
        let roles: BTreeSet<_> = self.controls.values().map(|control| &control.rule.owner).collect();
        Metadata {
            title,
            last_modified: self.recorded_at.clone(),
            version: format!("ledger size {}", self.house.size()),
            oscal_version: OSCAL_VERSION.to_owned(),
            roles: roles
                .into_iter()
                .map(|id| Role {
                    id: id.to_string(),
                    title: self.rules.roles.get(id).map_or_else(|| id.to_string(), |role| role.title.clone()),
                })
                .collect(),
            parties: vec![Party {
                uuid: self.uuid(&["organization"]),
                kind: "organization".to_owned(),
                name: Some(self.organization.clone()),
            }],
            ..Metadata::default()
        }
    }

    /// Catalogs are the same for every organization that adopted them at one time.
    fn catalog_metadata(&self, title: &str, remarks: &str) -> Metadata {
        Metadata {
            title: title.to_owned(),
            last_modified: self.catalog_at.clone(),
            version: format!("catalog {}", self.rules.digest().short()),
            oscal_version: OSCAL_VERSION.to_owned(),
            props: vec![Property::own("catalog-digest", &self.rules.digest().to_string())],
            remarks: Some(remarks.to_owned()),
            ..Metadata::default()
        }
    }

    /// The trust services criteria: a group a category, a group a series, points of focus as guidance.
    fn criteria(&self) -> Catalog {
        let of_series = |series: &tickmark_catalog::Series| Group {
            id: Some(token(&series.id)),
            class: Some("series".to_owned()),
            title: series.title.clone(),
            params: Vec::new(),
            props: vec![Property::of_oscal("label", &series.id)],
            parts: Vec::new(),
            groups: Vec::new(),
            controls: self
                .rules
                .criteria
                .values()
                .filter(|criterion| criterion.series == series.id)
                .map(criterion)
                .collect(),
        };
        let groups = self.rules.categories.values().map(|category| Group {
            id: Some(token(&category.id)),
            class: Some("category".to_owned()),
            title: category.title.clone(),
            params: Vec::new(),
            props: Vec::new(),
            parts: vec![part(None, "overview", &category.meaning)],
            groups: self.rules.series.values().filter(|series| series.category == category.id).map(of_series).collect(),
            controls: Vec::new(),
        });
        let remarks = "Identifiers are the AICPA's; titles, meanings and points of focus are Tickmark's own wording. A point of focus is \
                       guidance and never a requirement by itself.";
        Catalog {
            uuid: uuid_of(&["criteria", &self.rules.digest().to_string(), &self.catalog_at]),
            metadata: self.catalog_metadata("Trust services criteria", remarks),
            params: Vec::new(),
            controls: Vec::new(),
            groups: groups.collect(),
            back_matter: None,
        }
    }

    /// The control objectives: a group an industry, one for those that fit every industry.
    fn objectives(&self) -> Catalog {
        let of = |industry: Option<&tickmark_catalog::Id>| -> Vec<Control> {
            let of = self.rules.objectives.values().filter(|objective| objective.industry.as_ref() == industry);
            of.map(objective).collect()
        };
        let group = |id: &str, title: &str, controls: Vec<Control>| Group {
            id: Some(token(id)),
            class: Some("industry".to_owned()),
            title: title.to_owned(),
            params: Vec::new(),
            props: Vec::new(),
            parts: Vec::new(),
            groups: Vec::new(),
            controls,
        };
        let mut groups = vec![group("every-industry", "Every industry", of(None))];
        groups.extend(
            self.rules.industries.values().map(|industry| group(&industry.id, &industry.title, of(Some(&industry.id)))),
        );
        let remarks = "Management chooses and owns its control objectives; these are starting points.";
        Catalog {
            uuid: uuid_of(&["objectives", &self.rules.digest().to_string(), &self.catalog_at]),
            metadata: self.catalog_metadata("Control objectives", remarks),
            params: Vec::new(),
            controls: Vec::new(),
            groups,
            back_matter: None,
        }
    }

    /// The control set: each control is a component that implements the criteria and control objectives it serves.
    fn control_set(&self) -> ComponentDefinition {
        let components = self.controls.iter().map(|(id, adopted)| {
            let serves = |source: &str, what: &str, ids: &[tickmark_catalog::Id]| {
                let requirements = ids.iter().map(|served| ImplementedRequirement {
                    uuid: self.uuid(&["implements", id.as_str(), served]),
                    control_id: token(served),
                    description: adopted.statement.clone(),
                    set_parameters: Vec::new(),
                    props: Vec::new(),
                    responsible_roles: Vec::new(),
                    statements: Vec::new(),
                });
                (!ids.is_empty()).then(|| ControlImplementation {
                    uuid: self.uuid(&["serves", id.as_str(), source]),
                    source: source.to_owned(),
                    description: format!("{what} that {id} serves"),
                    props: Vec::new(),
                    implemented_requirements: requirements.collect(),
                })
            };
            let implementations = [
                serves(CRITERIA, "Criteria", &adopted.rule.criteria),
                serves(OBJECTIVES, "Control objectives", &adopted.rule.objectives),
            ];
            DefinedComponent {
                uuid: self.component_uuid(id),
                kind: "process-procedure".to_owned(),
                title: adopted.rule.title.clone(),
                description: adopted.statement.clone(),
                purpose: None,
                props: control_props(id, adopted),
                links: Vec::new(),
                responsible_roles: vec![ResponsibleRole { role_id: adopted.rule.owner.to_string() }],
                control_implementations: implementations.into_iter().flatten().collect(),
            }
        });
        ComponentDefinition {
            uuid: self.uuid(&["control-set", &self.house.size().to_string()]),
            metadata: self.metadata(format!("Control set of {}", self.organization)),
            components: components.collect(),
            back_matter: None,
        }
    }

    fn component_uuid(&self, control: &ControlId) -> String {
        self.uuid(&["control", control.as_str()])
    }

    /// What an engagement is measured by: the criteria or control objectives in its scope.
    fn profile(&self, id: &EngagementId, engagement: &Engagement) -> Result<Profile, Error> {
        let import = |href: &str, ids: Vec<String>| {
            (!ids.is_empty())
                .then(|| Import { href: href.to_owned(), include_controls: vec![SelectControls { with_ids: ids }] })
        };
        let criteria = engagement.criteria(self.house.catalog_index()).iter().map(|id| token(id.as_str())).collect();
        let objectives = engagement.objectives.iter().map(|id| token(id.as_str())).collect();
        let mut metadata = self.metadata(format!("Scope of engagement {id}"));
        metadata.props.push(Property::own("report", &report_in_words(engagement.report, &engagement.report_type)));
        metadata.remarks = Some(self.house.text(&engagement.system)?);
        Ok(Profile {
            uuid: self.uuid(&["profile", id.as_str(), &self.house.size().to_string()]),
            metadata,
            imports: [import(CRITERIA, criteria), import(OBJECTIVES, objectives)].into_iter().flatten().collect(),
            merge: Some(Merge { as_is: Some(true) }),
            back_matter: None,
        })
    }

    /// The system of an engagement, and how each criterion or control objective in scope is met.
    fn plan(&self, id: &EngagementId, engagement: &Engagement) -> Result<SystemSecurityPlan, Error> {
        let system = self.house.text(&engagement.system)?;
        let description = match &engagement.description {
            Some(adopted) => {
                let kept: DescriptionText = serde_json::from_slice(&self.house.vault.get(&adopted.text)?)
                    .map_err(tickmark_report::Error::Json)?;
                Some(kept.description)
            }
            None => None,
        };
        let span = engagement.report_type.span();
        let mut metadata = self.metadata(format!("{system}: system of engagement {id}"));
        metadata.props.push(Property::own("report", &report_in_words(engagement.report, &engagement.report_type)));
        metadata.props.push(Property::own("first-day", &span.first.to_string()));
        metadata.props.push(Property::own("last-day", &span.last.to_string()));
        let said = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).unwrap_or(NOT_RECORDED).to_owned();
        Ok(SystemSecurityPlan {
            uuid: self.uuid(&["plan", id.as_str(), &self.house.size().to_string()]),
            metadata,
            import_profile: ImportProfile { href: profile_file(id) },
            system_characteristics: SystemCharacteristics {
                system_ids: vec![SystemId { identifier_type: None, id: self.uuid(&["system", &system]) }],
                system_name: system.clone(),
                description: said(description.as_ref().map(|description| &*description.overview.prose)),
                props: Vec::new(),
                system_information: SystemInformation {
                    information_types: vec![InformationType {
                        uuid: Some(self.uuid(&["information", &system])),
                        title: "Data of the system".to_owned(),
                        description: said(description.as_ref().and_then(data)),
                    }],
                },
                status: Status {
                    state: "other".to_owned(),
                    remarks: Some(
                        "The ledger records what the system is examined for, not whether it is in operation."
                            .to_owned(),
                    ),
                },
                authorization_boundary: Described {
                    description: said(description.as_ref().map(|description| &*description.boundary.prose)),
                },
            },
            system_implementation: SystemImplementation { components: self.components(engagement, &system) },
            control_implementation: self.implementation(id, engagement),
            back_matter: None,
        })
    }

    /// What the system consists of: itself, and the controls that serve the engagement. Services and other components of a
    /// scope join here.
    fn components(&self, engagement: &Engagement, system: &str) -> Vec<SystemComponent> {
        let whole = SystemComponent {
            uuid: self.uuid(&[THIS_SYSTEM, system]),
            kind: THIS_SYSTEM.to_owned(),
            title: system.to_owned(),
            description: "The system as a whole.".to_owned(),
            props: Vec::new(),
            status: Status { state: "other".to_owned(), remarks: Some(NOT_RECORDED.to_owned()) },
            responsible_roles: Vec::new(),
        };
        let controls = self.controls_of(engagement).map(|(id, adopted)| SystemComponent {
            uuid: self.component_uuid(id),
            kind: "process-procedure".to_owned(),
            title: adopted.rule.title.clone(),
            description: adopted.statement.clone(),
            props: control_props(id, adopted),
            status: Status {
                state: "other".to_owned(),
                remarks: Some(format!("Adopted, this wording from {} on.", adopted.effective_on)),
            },
            responsible_roles: vec![ResponsibleRole { role_id: adopted.rule.owner.to_string() }],
        });
        std::iter::once(whole).chain(controls).collect()
    }

    fn controls_of(&self, engagement: &Engagement) -> impl Iterator<Item = (&ControlId, &Adopted<'a>)> {
        let serve = engagement.controls(self.house.state(), self.house.catalog_index());
        self.controls.iter().filter(move |(id, _)| serve.contains(*id))
    }

    fn implementation(&self, id: &EngagementId, engagement: &Engagement) -> PlanImplementation {
        let criteria = engagement.criteria(self.house.catalog_index());
        let asked = criteria.iter().map(|id| id.as_str()).chain(engagement.objectives.iter().map(|id| id.as_str()));
        let requirements = asked.map(|asked| {
            let serving = self.controls_of(engagement).filter(|(_, adopted)| {
                adopted.rule.criteria.iter().chain(&adopted.rule.objectives).any(|served| **served == *asked)
            });
            let by_components: Vec<ByComponent> = serving
                .map(|(control, adopted)| ByComponent {
                    component_uuid: self.component_uuid(control),
                    uuid: self.uuid(&["by", id.as_str(), asked, control.as_str()]),
                    description: adopted.statement.clone(),
                    props: Vec::new(),
                })
                .collect();
            PlanRequirement {
                uuid: self.uuid(&["asked", id.as_str(), asked]),
                control_id: token(asked),
                props: Vec::new(),
                remarks: by_components.is_empty().then(|| "No adopted control serves it.".to_owned()),
                by_components,
                statements: Vec::new(),
            }
        });
        PlanImplementation {
            description: "Controls of the organization by the criteria or control objectives that they serve."
                .to_owned(),
            implemented_requirements: requirements.collect(),
        }
    }
}

fn data(description: &Description) -> Option<&str> {
    let data = description.components.iter().find(|component| component.kind == ComponentKind::Data)?;
    Some(&data.text.prose)
}

fn control_props(id: &ControlId, adopted: &Adopted<'_>) -> Vec<Property> {
    let mut props = vec![
        Property::own("label", id.as_str()),
        Property::own("frequency", frequency_word(adopted.rule.frequency)),
        Property::own("owner", &adopted.owner),
        Property::own("effective-on", &adopted.effective_on),
    ];
    props.extend(adopted.rule.evidence.iter().map(|item| Property::own("evidence", item)));
    props
}

fn criterion(criterion: &tickmark_catalog::Criterion) -> Control {
    let mut parts = vec![part(Some(format!("{}_smt", criterion.id)), "statement", &criterion.meaning)];
    parts.extend(criterion.points_of_focus.iter().map(|point| Part {
        class: Some("point-of-focus".to_owned()),
        props: vec![Property::own("applies", applies(point.applies))],
        ..part(Some(token(&point.id)), "guidance", &point.label)
    }));
    Control {
        id: token(&criterion.id),
        class: Some("criterion".to_owned()),
        title: criterion.title.clone(),
        params: Vec::new(),
        props: vec![Property::of_oscal("label", &criterion.id)],
        links: Vec::new(),
        parts,
        controls: Vec::new(),
    }
}

fn objective(objective: &tickmark_catalog::Objective) -> Control {
    let kind = match objective.kind {
        ObjectiveKind::Business => "business",
        ObjectiveKind::Itgc => "itgc",
        ObjectiveKind::Entity => "entity",
    };
    let mut props = vec![Property::of_oscal("label", &objective.id), Property::own("kind", kind)];
    props.extend(objective.assertions.iter().map(|assertion| Property::own("assertion", assertion.label())));
    let related = |id: &tickmark_catalog::Id| Link {
        href: format!("{CRITERIA}#{}", token(id)),
        rel: Some("related".to_owned()),
        text: None,
    };
    let mut parts = vec![part(Some(format!("{}_smt", objective.id)), "statement", &objective.text())];
    parts.extend(objective.note.as_ref().map(|note| part(Some(format!("{}_gdn", objective.id)), "guidance", note)));
    Control {
        id: token(&objective.id),
        class: Some("control-objective".to_owned()),
        title: objective.title.clone(),
        params: Vec::new(),
        props,
        links: objective.criteria.iter().map(related).collect(),
        parts,
        controls: Vec::new(),
    }
}

fn part(id: Option<String>, name: &str, prose: &str) -> Part {
    Part {
        id,
        name: name.to_owned(),
        ns: None,
        class: None,
        title: None,
        props: Vec::new(),
        prose: Some(prose.to_owned()),
        parts: Vec::new(),
        links: Vec::new(),
    }
}

/// An id of the catalog is a token of OSCAL as it is: both begin with a letter and hold letters, digits, `.`, `-`, `_`.
fn token(id: &str) -> String {
    id.to_owned()
}

fn applies(applies: Applies) -> &'static str {
    match applies {
        Applies::Always => "always",
        Applies::SystemLevel => "system-level",
        Applies::Availability => "availability",
        Applies::Confidentiality => "confidentiality",
        Applies::Privacy => "privacy",
        Applies::DataProcessor => "data-processor",
    }
}
