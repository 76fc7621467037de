//! Reading OSCAL files, ours and other people's: which model, which controls in words, and what was not kept.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use serde::Serialize;
use serde_json::Value;

use super::{Catalog, Control, DefinedComponent, Group, ImplementedRequirement, Model, Parameter, Part};

/// The models that are read.
const MODELS: [&str; 7] = [
    "catalog",
    "profile",
    "component-definition",
    "system-security-plan",
    "assessment-plan",
    "assessment-results",
    "plan-of-action-and-milestones",
];

/// Deeper groups, controls or parts than these are not written by anybody.
const DEEPEST: usize = 32;

/// Text that parameters may add to a file. NIST's largest catalog takes a hundredth of it; a small file whose parameters stand in
/// each other could ask for more than any memory holds.
const MOST_RENDERED: usize = 16 << 20;

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct OscalRefused {
    /// Line and column, or a path into the file.
    pub place: String,
    /// What is wrong there.
    pub reason: String,
}

/// What a file says.
#[derive(Clone, Debug, Serialize)]
pub struct OscalFile {
    /// The model, such as `catalog`.
    pub model: &'static str,
    /// Its title.
    pub title: String,
    /// Its own version.
    pub version: String,
    /// The version of OSCAL that it follows.
    pub oscal_version: String,
    /// Its controls, for a person to review.
    pub controls: Vec<ListedControl>,
    /// What is not kept.
    pub not_kept: Vec<NotKept>,
    /// The file, as far as it is kept.
    #[serde(skip)]
    pub kept: Model,
}

/// A control for a person to review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedControl {
    /// Its id; of what a component implements the component's title.
    pub id: String,
    /// A few words.
    pub title: String,
    /// What it says, parameters rendered.
    pub statement: String,
    /// Ids of what it serves or is related to.
    pub maps_to: Vec<String>,
    /// Its parameters, as rendered.
    pub parameters: Vec<RenderedParameter>,
}

/// A parameter and what stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RenderedParameter {
    /// Its id.
    pub id: String,
    /// What stands in the text.
    pub rendered: String,
}

/// Places of a file that are not kept, of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotKept {
    /// The path; `*` stands for any member of a list.
    pub path: String,
    /// How many there are.
    pub count: u64,
    /// The first of them, in full.
    pub first: String,
}

/// Reads a file.
///
/// # Errors
/// The place and the reason, if it is no JSON, no model that is read here, or broken.
pub fn read(bytes: &[u8]) -> Result<OscalFile, OscalRefused> {
    let refused = |place: &str, reason: String| OscalRefused { place: place.to_owned(), reason };
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<') {
        return Err(refused("line 1", "this is XML; OSCAL is read as JSON".to_owned()));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| at_line(&error))?;
    let top = value.as_object().ok_or_else(|| refused("line 1", "an OSCAL file is an object".to_owned()))?;
    let models: Vec<&str> = top.keys().map(String::as_str).filter(|key| *key != "$schema").collect();
    let [name] = models.as_slice() else {
        return Err(refused(
            "line 1",
            format!("one model stands at the top of an OSCAL file; here are {}", models.len()),
        ));
    };
    if !MODELS.contains(name) {
        return Err(refused(name, format!("is no model that is read here ({})", MODELS.join(", "))));
    }
    // Once more from the text: only then does an error know its line.
    let kept =
        if top.len() == 1 { serde_json::from_slice(bytes) } else { serde_json::from_value(without_schema(&value)) };
    let kept: Model = kept.map_err(|error| at_line(&error))?;
    if !kept.metadata().oscal_version.starts_with("1.") {
        let reason = format!("`{}` is no version 1 of OSCAL", kept.metadata().oscal_version);
        return Err(refused("metadata.oscal-version", reason));
    }
    uuids(&value, "")?;
    let again = serde_json::to_value(&kept).map_err(|error| at_line(&error))?;
    let mut comparison = Comparison::default();
    comparison.compare(&without_schema(&value), &again);
    let controls = listed(&kept)?;
    let metadata = kept.metadata();
    Ok(OscalFile {
        model: kept.name(),
        title: metadata.title.clone(),
        version: metadata.version.clone(),
        oscal_version: metadata.oscal_version.clone(),
        controls,
        not_kept: comparison.found.into_iter().map(|(path, (count, first))| NotKept { path, count, first }).collect(),
        kept,
    })
}

/// Every `uuid` is one of version 4 or 5, as NIST's schema has it: an id that is none finds no partner in another file.
fn uuids(value: &Value, place: &str) -> Result<(), OscalRefused> {
    let below = |step: &str| if place.is_empty() { step.to_owned() } else { format!("{place}.{step}") };
    match value {
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            let of_uuid = member.as_str().filter(|_| name == "uuid" || name.ends_with("-uuid"));
            match of_uuid.filter(|text| !is_uuid(text)) {
                Some(text) => {
                    Err(OscalRefused { place: below(name), reason: format!("`{text}` is no UUID of version 4 or 5") })
                }
                None => uuids(member, &below(name)),
            }
        }),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| uuids(item, &format!("{place}[{at}]")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// RFC 9562, section 4: groups of 8, 4, 4, 4 and 12 digits, the version first in the third, the variant in the fourth.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let [_, _, version, variant, _] = groups.as_slice() else { return false };
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && version.starts_with(['4', '5'])
        && variant.starts_with(['8', '9', 'a', 'b', 'A', 'B'])
}

fn without_schema(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(top) = value.as_object_mut() {
        top.remove("$schema");
    }
    value
}

fn at_line(error: &serde_json::Error) -> OscalRefused {
    let told = error.to_string();
    let reason = told.split(" at line ").next().unwrap_or(&told).to_owned();
    let place = if error.line() == 0 {
        "the file".to_owned()
    } else {
        format!("line {}, column {}", error.line(), error.column())
    };
    OscalRefused { place, reason }
}

/// Everything of `original` that `kept` does not have: path, count, first place.
#[derive(Default)]
struct Comparison {
    path: String,
    place: String,
    found: BTreeMap<String, (u64, String)>,
}

impl Comparison {
    fn lost(&mut self) {
        self.found.entry(self.path.clone()).or_insert_with(|| (0, self.place.clone())).0 += 1;
    }

    /// Goes one step down, for as long as `inside` runs.
    fn under(&mut self, path: &str, place: &str, inside: impl FnOnce(&mut Self)) {
        let (path_end, place_end) = (self.path.len(), self.place.len());
        self.path.push_str(path);
        self.place.push_str(place);
        inside(self);
        self.path.truncate(path_end);
        self.place.truncate(place_end);
    }

    fn compare(&mut self, original: &Value, kept: &Value) {
        match (original, kept) {
            (Value::Object(original), Value::Object(kept)) => {
                for (key, value) in original {
                    let step = if self.path.is_empty() { key.clone() } else { format!(".{key}") };
                    self.under(&step, &step, |inside| match kept.get(key) {
                        Some(kept) => inside.compare(value, kept),
                        // An empty list says nothing, and is not written.
                        None if value.as_array().is_some_and(Vec::is_empty) => {}
                        None => inside.lost(),
                    });
                }
            }
            (Value::Array(original), Value::Array(kept)) if original.len() == kept.len() => {
                for (index, (value, kept)) in original.iter().zip(kept).enumerate() {
                    self.under("[*]", &format!("[{index}]"), |inside| inside.compare(value, kept));
                }
            }
            (original, kept) if original != kept => self.lost(),
            _ => {}
        }
    }
}

fn listed(model: &Model) -> Result<Vec<ListedControl>, OscalRefused> {
    match model {
        Model::Catalog(catalog) => of_catalog(catalog),
        Model::Profile(profile) => Ok(profile
            .imports
            .iter()
            .flat_map(|import| {
                let ids = import.include_controls.iter().flat_map(|select| &select.with_ids);
                ids.map(|id| plain(id, "", "", vec![import.href.clone()]))
            })
            .collect()),
        Model::ComponentDefinition(definition) => {
            let room = Room::default();
            let listed = definition.components.iter().flat_map(|component| of_component(component, &room)).collect();
            room.require_left()?;
            Ok(listed)
        }
        Model::SystemSecurityPlan(plan) => {
            let components: BTreeMap<&str, &super::SystemComponent> = plan
                .system_implementation
                .components
                .iter()
                .map(|component| (component.uuid.as_str(), component))
                .collect();
            let mut controls: BTreeMap<(&str, &str), ListedControl> = BTreeMap::new();
            for requirement in &plan.control_implementation.implemented_requirements {
                let of_statements = requirement.statements.iter().flat_map(|statement| &statement.by_components);
                for by in requirement.by_components.iter().chain(of_statements) {
                    let Some(component) = components.get(by.component_uuid.as_str()) else {
                        let place = format!("implemented-requirement `{}`", requirement.control_id);
                        let reason =
                            format!("names the component `{}`, which the plan does not have", by.component_uuid);
                        return Err(OscalRefused { place, reason });
                    };
                    // A component that says the same of everything it serves is one control, else one for each thing said.
                    let control =
                        controls.entry((by.component_uuid.as_str(), by.description.as_str())).or_insert_with(|| {
                            let id = labelled(&component.props, &component.title);
                            plain(id, &component.title, &by.description, Vec::new())
                        });
                    if !control.maps_to.contains(&requirement.control_id) {
                        control.maps_to.push(requirement.control_id.clone());
                    }
                }
            }
            Ok(controls.into_values().collect())
        }
        Model::AssessmentPlan(plan) => {
            let activities = plan.local_definitions.iter().flat_map(|local| &local.activities);
            Ok(activities
                .map(|activity| {
                    let title = activity.title.as_deref().unwrap_or_default();
                    plain(labelled(&activity.props, title), title, &activity.description, activity.bears_on())
                })
                .collect())
        }
        Model::AssessmentResults(results) => {
            Ok(results.results.iter().flat_map(|result| &result.observations).map(of_observation).collect())
        }
        Model::PlanOfActionAndMilestones(plan) => Ok(plan
            .poam_items
            .iter()
            .map(|item| plain(labelled(&item.props, &item.title), &item.title, &item.description, Vec::new()))
            .collect()),
    }
}

fn of_observation(observation: &super::Observation) -> ListedControl {
    let title = observation.title.as_deref().unwrap_or_default();
    plain(labelled(&observation.props, title), title, &observation.description, Vec::new())
}

/// One control if the component says the same of everything it serves, else one for each.
fn of_component(component: &DefinedComponent, room: &Room) -> Vec<ListedControl> {
    let served: Vec<&ImplementedRequirement> =
        component.control_implementations.iter().flat_map(|of| &of.implemented_requirements).collect();
    let label = labelled(&component.props, &component.title);
    if served
        .iter()
        .all(|requirement| requirement.description == component.description && requirement.statements.is_empty())
    {
        let maps_to = distinct(served.iter().map(|requirement| requirement.control_id.clone()));
        return vec![plain(label, &component.title, &component.description, maps_to)];
    }
    let of_requirement = |requirement: &&ImplementedRequirement| {
        let values = |id: &str| {
            let set = requirement.set_parameters.iter().find(|of| of.param_id == id)?;
            Some(set.values.join(", "))
        };
        let of_statements = requirement.statements.iter().map(|of| format!("{}: {}", of.statement_id, of.description));
        let lines = std::iter::once(requirement.description.clone()).chain(of_statements);
        let lines: Vec<String> = lines.map(|line| filled(&line, room, values)).collect();
        let set = requirement.set_parameters.iter();
        ListedControl {
            parameters: set
                .map(|of| RenderedParameter { id: of.param_id.clone(), rendered: of.values.join(", ") })
                .collect(),
            ..plain(label, &component.title, &lines.join("\n"), vec![requirement.control_id.clone()])
        }
    };
    served.iter().map(of_requirement).collect()
}

/// What a component calls itself: its label, or its title where it has none.
fn labelled<'a>(props: &'a [super::Property], title: &'a str) -> &'a str {
    props.iter().find(|prop| prop.name == "label").map_or(title, |prop| &prop.value)
}

fn plain(id: &str, title: &str, statement: &str, maps_to: Vec<String>) -> ListedControl {
    ListedControl {
        id: id.to_owned(),
        title: title.to_owned(),
        statement: statement.to_owned(),
        maps_to,
        parameters: Vec::new(),
    }
}

fn distinct(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    ids.filter(|id| seen.insert(id.clone())).collect()
}

struct Reader<'a> {
    parameters: BTreeMap<&'a str, &'a Parameter>,
    ids: BTreeSet<&'a str>,
    controls: Vec<&'a Control>,
    room: Room,
}

/// How much text parameters may still add.
struct Room(Cell<usize>);

impl Default for Room {
    fn default() -> Self {
        Self(Cell::new(MOST_RENDERED))
    }
}

impl Room {
    /// Takes what a text of so many bytes needs; none is left once it does not fit.
    fn take(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_sub(bytes + 1));
    }

    fn is_left(&self) -> bool {
        self.0.get() > 0
    }

    fn require_left(&self) -> Result<(), OscalRefused> {
        if self.is_left() {
            return Ok(());
        }
        let reason = format!("they add more than {} MiB of text where they stand", MOST_RENDERED >> 20);
        Err(OscalRefused { place: "parameters".to_owned(), reason })
    }
}

fn of_catalog(catalog: &Catalog) -> Result<Vec<ListedControl>, OscalRefused> {
    let (parameters, ids, controls, room) = Default::default();
    let mut reader = Reader { parameters, ids, controls, room };
    reader.parameters(&catalog.params);
    reader.controls(&catalog.controls, 0)?;
    reader.groups(&catalog.groups, 0)?;
    let listed = reader.controls.iter().map(|control| reader.listed(control)).collect();
    reader.room.require_left()?;
    Ok(listed)
}

impl<'a> Reader<'a> {
    fn parameters(&mut self, parameters: &'a [Parameter]) {
        self.parameters.extend(parameters.iter().map(|parameter| (parameter.id.as_str(), parameter)));
    }

    fn groups(&mut self, groups: &'a [Group], depth: usize) -> Result<(), OscalRefused> {
        for group in groups {
            too_deep(&group.title, depth)?;
            self.parameters(&group.params);
            self.controls(&group.controls, depth + 1)?;
            self.groups(&group.groups, depth + 1)?;
        }
        Ok(())
    }

    fn controls(&mut self, controls: &'a [Control], depth: usize) -> Result<(), OscalRefused> {
        for control in controls {
            too_deep(&control.id, depth)?;
            if !self.ids.insert(&control.id) {
                let place = format!("control `{}`", control.id);
                return Err(OscalRefused { place, reason: "its id stands twice in the catalog".to_owned() });
            }
            self.parameters(&control.params);
            self.controls.push(control);
            self.controls(&control.controls, depth + 1)?;
        }
        Ok(())
    }

    fn listed(&self, control: &Control) -> ListedControl {
        let mut lines = Vec::new();
        for part in control.parts.iter().filter(|part| part.name == "statement") {
            self.prose(part, 0, &mut lines);
        }
        let links = control.links.iter().filter(|link| link.rel.as_deref() != Some("reference"));
        let maps_to = links.filter_map(|link| Some(link.href.rsplit_once('#')?.1.to_owned()));
        ListedControl {
            id: control.id.clone(),
            title: control.title.clone(),
            statement: lines.join("\n"),
            maps_to: distinct(maps_to),
            parameters: control
                .params
                .iter()
                .map(|parameter| RenderedParameter { id: parameter.id.clone(), rendered: self.value_of(parameter, 0) })
                .collect(),
        }
    }

    fn prose(&self, part: &Part, depth: usize, lines: &mut Vec<String>) {
        if depth > DEEPEST {
            return;
        }
        let label = part.props.iter().find(|prop| prop.name == "label").map(|prop| format!("{} ", prop.value));
        if let Some(prose) = &part.prose {
            lines.push(format!("{}{}{}", "  ".repeat(depth), label.unwrap_or_default(), self.rendered(prose, 0)));
        }
        for inner in &part.parts {
            self.prose(inner, depth + 1, lines);
        }
    }

    fn rendered(&self, text: &str, depth: usize) -> String {
        let known = |id: &str| self.parameters.get(id).filter(|_| depth < DEEPEST);
        filled(text, &self.room, |id| known(id).map(|parameter| self.value_of(parameter, depth + 1)))
    }

    /// What stands for a parameter: its values, its choices, or its label in brackets.
    fn value_of(&self, parameter: &Parameter, depth: usize) -> String {
        if !parameter.values.is_empty() {
            return parameter.values.join(", ");
        }
        if let Some(select) = &parameter.select {
            let choices: Vec<String> = select.choice.iter().map(|choice| self.rendered(choice, depth)).collect();
            let how_many = if select.how_many.as_deref() == Some("one-or-more") { "one or more of" } else { "one of" };
            return format!("[{how_many}: {}]", choices.join("; "));
        }
        format!("[{}]", parameter.label.as_deref().unwrap_or(&parameter.id))
    }
}

/// A text with each `{{ insert: param, ID }}` replaced by what stands for it. An unknown parameter stays as it is, and so does
/// every one once no room is left.
fn filled(text: &str, room: &Room, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, tail)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        let id = inside.trim().strip_prefix("insert:").and_then(|inside| inside.trim().strip_prefix("param,"));
        match id.filter(|_| room.is_left()).and_then(|id| value(id.trim())) {
            Some(value) => {
                room.take(value.len());
                out.push_str(&value);
            }
            None => out.push_str(&format!("{{{{{inside}}}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn too_deep(place: &str, depth: usize) -> Result<(), OscalRefused> {
    if depth > DEEPEST {
        return Err(OscalRefused {
            place: place.to_owned(),
            reason: format!("stands deeper than {DEEPEST} groups or controls"),
        });
    }
    Ok(())
}
