//! The program as OSCAL files: criteria and control objectives as catalogs, the control set as a component definition, each
//! engagement as a profile, a system security plan, and the plan, results and follow-up of management's testing.
//!
//! Invariant: times are those of ledger entries and identifiers come from what they identify, so that one ledger size gives
//! the same bytes each time.

mod assessment;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use tickmark_catalog::{Applies, Catalog as Rules};
use tickmark_domain::{
    ControlId, ControlVersion, CriterionId, Engagement, EngagementId, ObjectiveId, ObjectiveKind, ScopeFacts,
    SystemPart,
};
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
    Error, House, WrittenControl, WrittenObjective, opening::report_in_words, packaging::io_error,
    views::DescriptionText, wording::frequency_word,
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
    /// NIST's largest catalog is a tenth of it.
    const LARGEST: u64 = 64 << 20;
    let about = std::fs::metadata(path).map_err(io_error("read", path))?;
    if !about.is_file() || about.len() > LARGEST {
        let problem = format!("an OSCAL file is a regular file of at most {} MiB", LARGEST >> 20);
        return Err(Error::Settings { path: path.to_owned(), problem });
    }
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
        files.insert(OBJECTIVES.to_owned(), Model::Catalog(exporter.objectives()?));
        files.insert(CONTROL_SET.to_owned(), Model::ComponentDefinition(exporter.control_set()));
        for (id, engagement) in &self.state().engagements {
            files.insert(profile_file(id), Model::Profile(exporter.profile(id, engagement)?));
            files.insert(plan_file(id), Model::SystemSecurityPlan(Box::new(exporter.plan(id, engagement)?)));
            // What management tested over a period; a Type 1 and a SOC 3 state no tests.
            if crate::views::has_tests(engagement) {
                exporter.add_assessment(id, engagement, &mut files)?;
            }
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
    format!("profile-{}.json", token(engagement.as_str()))
}

fn plan_file(engagement: &EngagementId) -> String {
    format!("ssp-{}.json", token(engagement.as_str()))
}

/// An adopted control in words.
struct Adopted {
    written: WrittenControl,
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
    /// The control set: controls that run, in their newest version.
    controls: BTreeMap<ControlId, Adopted>,
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
        let organization = organization.unwrap_or_else(|| house.origin().to_owned());
        let controls = BTreeMap::new();
        let mut exporter = Self { house, rules: house.catalog(), organization, recorded_at, catalog_at, controls };
        for (id, control) in &house.state().controls {
            if let Some(newest) = control.newest().filter(|_| control.dropped().is_none()) {
                exporter.controls.insert(id.clone(), exporter.adopted(newest)?);
            }
        }
        Ok(exporter)
    }

    fn adopted(&self, version: &ControlVersion) -> Result<Adopted, Error> {
        Ok(Adopted {
            written: WrittenControl::of(&version.definition, |digest| self.house.text(digest))?,
            owner: version.owner.to_string(),
            effective_on: version.effective_on.to_string(),
        })
    }

    /// An identifier of something in this ledger.
    fn uuid(&self, parts: &[&str]) -> String {
        let mut all = vec![self.house.origin()];
        all.extend(parts);
        uuid_of(&all)
    }

    fn metadata(&self, title: String) -> Metadata {
        let roles: BTreeSet<&str> = self.controls.values().map(|control| control.written.owner_role.as_str()).collect();
        Metadata {
            title,
            last_modified: self.recorded_at.clone(),
            version: format!("ledger size {}", self.house.size()),
            oscal_version: OSCAL_VERSION.to_owned(),
            roles: roles
                .into_iter()
                .map(|id| Role {
                    id: token(id),
                    title: self.rules.roles.get(id).map_or_else(|| id.to_owned(), |role| role.title.clone()),
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
            id: Some(series.id.to_string()),
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
            id: Some(category.id.to_string()),
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

    /// The control objectives: a group an industry, one for those that fit every industry, one for the organization's own.
    fn objectives(&self) -> Result<Catalog, Error> {
        let state = self.house.state();
        let control = |id: &str| Ok(objective(id, &self.house.objective(state, &id.parse()?)?));
        let group = |id: &str, title: &str, ids: Vec<&str>| -> Result<Group, Error> {
            Ok(Group {
                id: Some(id.to_owned()),
                class: Some("industry".to_owned()),
                title: title.to_owned(),
                params: Vec::new(),
                props: Vec::new(),
                parts: Vec::new(),
                groups: Vec::new(),
                controls: ids.into_iter().map(control).collect::<Result<_, Error>>()?,
            })
        };
        let of = |industry: Option<&tickmark_catalog::Id>| -> Vec<&str> {
            let of = self.rules.objectives.values().filter(|objective| objective.industry.as_ref() == industry);
            of.map(|objective| &*objective.id).collect()
        };
        let mut groups = vec![group("every-industry", "Every industry", of(None))?];
        for industry in self.rules.industries.values() {
            groups.push(group(&industry.id, &industry.title, of(Some(&industry.id)))?);
        }
        let own = state.objectives.keys().map(ObjectiveId::as_str);
        let own: Vec<&str> = own.filter(|id| !self.rules.objectives.contains_key(*id)).collect();
        let title = "Control objectives";
        let remarks = "Management chooses and owns its control objectives; those of the catalog are starting points.";
        let mut metadata = self.catalog_metadata(title, remarks);
        let mut uuid = uuid_of(&["objectives", &self.rules.digest().to_string(), &self.catalog_at]);
        if !state.objectives.is_empty() {
            groups.extend((!own.is_empty()).then(|| group("own", "The organization's own", own)).transpose()?);
            metadata = Metadata {
                remarks: Some(remarks.to_owned()),
                ..self.metadata(format!("{title} of {}", self.organization))
            };
            uuid = self.uuid(&["objectives", &self.house.size().to_string()]);
        }
        Ok(Catalog { uuid, metadata, params: Vec::new(), controls: Vec::new(), groups, back_matter: None })
    }

    /// The control set: each control is a component that implements the criteria and control objectives it serves.
    fn control_set(&self) -> ComponentDefinition {
        let components = self.controls.iter().map(|(id, adopted)| {
            let written = &adopted.written;
            let serves = |source: &str, what: &str, ids: Vec<&str>| {
                let requirements = ids.iter().map(|served| ImplementedRequirement {
                    uuid: self.uuid(&["implements", id.as_str(), served]),
                    control_id: token(served),
                    description: written.statement.clone(),
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
                serves(CRITERIA, "Criteria", written.criteria.iter().map(CriterionId::as_str).collect()),
                serves(OBJECTIVES, "Control objectives", written.objectives.iter().map(ObjectiveId::as_str).collect()),
            ];
            DefinedComponent {
                uuid: self.component_uuid(id),
                kind: "process-procedure".to_owned(),
                title: written.title.clone(),
                description: written.statement.clone(),
                purpose: None,
                props: control_props(id, adopted),
                links: Vec::new(),
                responsible_roles: vec![ResponsibleRole { role_id: token(adopted.written.owner_role.as_str()) }],
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
        let criteria =
            engagement.relevant_criteria(self.house.catalog_index()).iter().map(ToString::to_string).collect();
        let objectives = engagement.objectives.iter().map(|id| token(id.as_str())).collect();
        let mut metadata = self.metadata(format!("Scope of engagement {id}"));
        metadata.props.push(Property::own("report", &report_in_words(engagement)));
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
        metadata.props.push(Property::own("report", &report_in_words(engagement)));
        metadata.props.push(Property::own("first-day", &span.first.to_string()));
        metadata.props.push(Property::own("last-day", &span.last.to_string()));
        let stated = engagement.controls(self.house.state(), self.house.catalog_index());
        let controls: BTreeMap<&ControlId, Adopted> =
            stated.into_iter().map(|(id, version)| Ok((id, self.adopted(version)?))).collect::<Result<_, Error>>()?;
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
            system_implementation: SystemImplementation {
                components: self.components(engagement, &system, &controls)?,
            },
            control_implementation: self.implementation(id, engagement, &controls),
            back_matter: None,
        })
    }

    /// What the system consists of: itself, the services and components in its scope on the last day, and the controls that
    /// serve the engagement.
    fn components(
        &self,
        engagement: &Engagement,
        system: &str,
        controls: &BTreeMap<&ControlId, Adopted>,
    ) -> Result<Vec<SystemComponent>, Error> {
        let status = |remarks: &str| Status { state: "other".to_owned(), remarks: Some(remarks.to_owned()) };
        let mut components = vec![SystemComponent {
            uuid: self.uuid(&[THIS_SYSTEM, system]),
            kind: THIS_SYSTEM.to_owned(),
            title: system.to_owned(),
            description: "The system as a whole.".to_owned(),
            props: Vec::new(),
            status: status(NOT_RECORDED),
            responsible_roles: Vec::new(),
        }];
        for (id, version) in self.house.state().scope_on(engagement.report_type.span().last) {
            let (kind, reports) = match &version.item.facts {
                ScopeFacts::Service(service) => ("service", &service.reports),
                ScopeFacts::Component(component) => (kind_of_part(component.part), &component.reports),
                ScopeFacts::TransactionClass(_)
                | ScopeFacts::Location(_)
                | ScopeFacts::Commitment(_)
                | ScopeFacts::KeyReport(_)
                | ScopeFacts::UserEntity(_)
                | ScopeFacts::SubserviceOrganization(_)
                | ScopeFacts::SubserviceReport(_)
                | ScopeFacts::ComplementaryUserEntityControl(_)
                | ScopeFacts::ComplementarySubserviceOrganizationControl(_)
                | ScopeFacts::Exclusion(_) => continue,
            };
            if reports.contains(&engagement.report.scoped_as()) {
                components.push(SystemComponent {
                    uuid: self.uuid(&["scope", id.as_str()]),
                    kind: kind.to_owned(),
                    title: self.house.text(&version.item.name)?,
                    description: self.house.text(&version.item.text)?,
                    props: vec![Property::own("label", id.as_str())],
                    status: status(&format!("In scope, this wording from {} on.", version.effective_on)),
                    responsible_roles: Vec::new(),
                });
            }
        }
        components.extend(controls.iter().map(|(id, adopted)| SystemComponent {
            uuid: self.component_uuid(id),
            kind: "process-procedure".to_owned(),
            title: adopted.written.title.clone(),
            description: adopted.written.statement.clone(),
            props: control_props(id, adopted),
            status: status(&format!("Adopted, this wording from {} on.", adopted.effective_on)),
            responsible_roles: vec![ResponsibleRole { role_id: token(adopted.written.owner_role.as_str()) }],
        }));
        Ok(components)
    }

    fn implementation(
        &self,
        id: &EngagementId,
        engagement: &Engagement,
        controls: &BTreeMap<&ControlId, Adopted>,
    ) -> PlanImplementation {
        let criteria = engagement.relevant_criteria(self.house.catalog_index());
        let asked =
            criteria.iter().map(CriterionId::as_str).chain(engagement.objectives.iter().map(ObjectiveId::as_str));
        let requirements = asked.map(|asked| {
            let serves = |written: &WrittenControl| {
                written.criteria.iter().any(|id| id.as_str() == asked)
                    || written.objectives.iter().any(|id| id.as_str() == asked)
            };
            let by_components: Vec<ByComponent> = controls
                .iter()
                .filter(|(_, adopted)| serves(&adopted.written))
                .map(|(control, adopted)| ByComponent {
                    component_uuid: self.component_uuid(control),
                    uuid: self.uuid(&["by", id.as_str(), asked, control.as_str()]),
                    description: adopted.written.statement.clone(),
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

/// What OSCAL calls a part of a system; its list of kinds is open.
fn kind_of_part(part: SystemPart) -> &'static str {
    match part {
        SystemPart::Infrastructure => "hardware",
        SystemPart::Software => "software",
        SystemPart::People => "people",
        SystemPart::Procedures => "process-procedure",
        SystemPart::Data => "data",
    }
}

fn data(description: &Description) -> Option<&str> {
    let data = description.components.iter().find(|component| component.kind == ComponentKind::Data)?;
    Some(&data.text.prose)
}

fn control_props(id: &ControlId, adopted: &Adopted) -> Vec<Property> {
    let mut props = vec![
        Property::own("label", id.as_str()),
        Property::own("frequency", frequency_word(adopted.written.frequency)),
        Property::own("owner", &adopted.owner),
        Property::own("effective-on", &adopted.effective_on),
    ];
    props.extend(adopted.written.evidence.iter().map(|item| Property::own("evidence", item)));
    props
}

fn criterion(criterion: &tickmark_catalog::Criterion) -> Control {
    let mut parts = vec![part(Some(format!("{}_smt", criterion.id)), "statement", &criterion.meaning)];
    parts.extend(criterion.points_of_focus.iter().map(|point| Part {
        class: Some("point-of-focus".to_owned()),
        props: vec![Property::own("applies", applies(point.applies))],
        ..part(Some(point.id.to_string()), "guidance", &point.label)
    }));
    Control {
        id: criterion.id.to_string(),
        class: Some("criterion".to_owned()),
        title: criterion.title.clone(),
        params: Vec::new(),
        props: vec![Property::of_oscal("label", &criterion.id)],
        links: Vec::new(),
        parts,
        controls: Vec::new(),
    }
}

fn objective(id: &str, written: &WrittenObjective) -> Control {
    let kind = match written.kind {
        ObjectiveKind::Business => "business",
        ObjectiveKind::Itgc => "itgc",
        ObjectiveKind::Entity => "entity",
    };
    let mut props = vec![Property::of_oscal("label", id), Property::own("kind", kind)];
    props.extend(written.assertions.iter().map(|assertion| Property::own("assertion", assertion.label())));
    props.extend(written.set_by.iter().map(|set_by| Property::own("set-by", set_by)));
    let related = |id: &CriterionId| Link {
        href: format!("{CRITERIA}#{}", token(id.as_str())),
        rel: Some("related".to_owned()),
        text: None,
    };
    Control {
        id: token(id),
        class: Some("control-objective".to_owned()),
        title: written.title.clone(),
        params: Vec::new(),
        props,
        links: written.criteria.iter().map(related).collect(),
        parts: vec![part(Some(format!("{}_smt", token(id))), "statement", &written.statement)],
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

/// An id as a token of OSCAL and a part of a file's name: `/` and `:`, which ids of the ledger may hold, as `_2f` and `_3a`, and
/// a letter or `_` at its beginning. The id itself stands in a property `label`.
fn token(id: &str) -> String {
    let begins = id.starts_with(|c: char| c.is_ascii_alphabetic());
    format!("{}{}", if begins { "" } else { "_" }, id.replace('/', "_2f").replace(':', "_3a"))
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

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn ids_become_tokens() {
        assert_eq!(token("CC6.1"), "CC6.1");
        assert_eq!(token("2026/soc:1"), "_2026_2fsoc_3a1");
    }
}
