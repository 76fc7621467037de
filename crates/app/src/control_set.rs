//! The control set: which controls of the catalog to adopt, who owns them, revising one, the list.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_domain::{
    AdoptControl, Command, ControlId, DropControl, EngagementId, PersonId, RecordRisk, Refusal, ReviseControl, State,
};

use crate::{Error, House, WrittenControl, written::Written};

/// Which controls to adopt.
#[derive(Debug, Clone)]
pub struct ControlsToAdopt {
    /// Those that serve this engagement; any engagement by default.
    pub engagement: Option<EngagementId>,
    /// Just these, whatever they serve.
    pub only: Vec<String>,
    /// Not these.
    pub except: Vec<String>,
    /// From which day they run.
    pub effective_on: Date,
    /// Who owns them.
    pub owners: Owners,
}

/// Who owns the controls of each role of the catalog.
#[derive(Debug, Clone)]
pub struct Owners {
    /// Role of the catalog → person.
    pub by_role: BTreeMap<String, PersonId>,
    /// Who owns the others.
    pub others: PersonId,
}

/// A filled file of owners.
pub const OWNERS_EXAMPLE: &str = include_str!("../formats/owners.toml");

/// A control as it is to be from a day on.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The control.
    pub control: String,
    /// Its new statement; as it was by default.
    pub statement: Option<String>,
    /// Who owns it from then on; who does by default.
    pub owner: Option<String>,
    /// From which day the new version is true.
    pub effective_on: Date,
    /// Why it changes.
    pub reason: String,
}

/// One line of the control set.
#[derive(Debug, Clone, Serialize)]
pub struct ControlLine {
    /// The control.
    pub control: String,
    /// Its title.
    pub title: String,
    /// Its newest statement.
    pub statement: String,
    /// Who owns it.
    pub owner: String,
    /// From which day the newest version is true.
    pub effective_on: Date,
    /// How many versions there are.
    pub versions: u64,
    /// The first day on which it does not run.
    pub dropped_on: Option<Date>,
    /// Engagements that it serves.
    pub engagements: Vec<String>,
}

impl House {
    /// Reads who owns the controls of each role: a file with the table `[owners]`, role = "person".
    pub fn owners_from_file(&self, path: &Path, others: PersonId) -> Result<Owners, Error> {
        self.owners_of(&Written::read(path)?, others)
    }

    fn owners_of(&self, file: &Written, others: PersonId) -> Result<Owners, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            owners: BTreeMap<String, String>,
        }
        let named = file.parse::<File>()?.owners;
        let mut by_role = BTreeMap::new();
        for (role, person) in named {
            if !self.catalog().roles.contains_key(role.as_str()) {
                return Err(file.refuse(&role, &format!("the catalog has no role `{role}`")));
            }
            let person: PersonId = person.parse().map_err(|_| file.refuse(&person, "this is no person id"))?;
            if !self.state().people.contains_key(&person) {
                return Err(file.refuse(person.as_str(), &format!("person `{person}` is not known here")));
            }
            by_role.insert(role, person);
        }
        Ok(Owners { by_role, others })
    }

    /// Adopts controls as the catalog words them, and the risks that they address, all at once. By itself it takes every
    /// control that serves an engagement and is not adopted yet, but for business controls of industries that no SOC 1
    /// engagement is about. Gives what was adopted.
    pub fn adopt_controls(&mut self, author: &PersonId, wanted: &ControlsToAdopt) -> Result<Vec<ControlLine>, Error> {
        let catalog = Arc::clone(&self.catalog);
        let find = |id: &str| {
            let control = catalog.controls.get(id);
            control.ok_or_else(|| Error::Unknown { kind: "control", name: id.to_owned() })
        };
        wanted.except.iter().try_for_each(|id| find(id).map(drop))?;
        let mut ids: Vec<ControlId> = if wanted.only.is_empty() {
            self.controls_that_serve(wanted.engagement.as_ref())?
        } else {
            wanted.only.iter().map(|id| id.parse()).collect::<Result<_, _>>()?
        };
        ids.retain(|id| !wanted.except.iter().any(|except| except == id.as_str()));
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let controls = ids.iter().map(|id| find(id.as_str())).collect::<Result<Vec<_>, Error>>()?;
        let risks: BTreeMap<&str, &tickmark_catalog::Risk> = controls
            .iter()
            .flat_map(|control| catalog.risks_of_control(&control.id))
            .filter(|risk| !self.state().risks.keys().any(|known| known.as_str() == &*risk.id))
            .map(|risk| (&*risk.id, risk))
            .collect();
        let written: Vec<WrittenControl> =
            controls.iter().map(|control| WrittenControl::of_catalog(&catalog, control)).collect::<Result<_, _>>()?;
        let definitions = self.control_definitions(&written)?;
        let statements: Vec<&str> = risks.values().map(|risk| &*risk.statement).collect();
        let statements = self.put_texts(&statements)?;
        let mut commands = Vec::new();
        for ((id, control), definition) in ids.iter().zip(controls).zip(definitions) {
            let owner = wanted.owners.by_role.get(&*control.owner).unwrap_or(&wanted.owners.others).clone();
            let effective_on = wanted.effective_on;
            commands.push(Command::AdoptControl(AdoptControl { control: id.clone(), definition, owner, effective_on }));
        }
        for (risk, statement) in risks.into_values().zip(statements) {
            let (objectives, criteria): (Vec<_>, Vec<_>) =
                risk.threatens.iter().partition(|id| catalog.objectives.contains_key(&***id));
            commands.push(Command::RecordRisk(RecordRisk {
                risk: risk.id.parse()?,
                statement,
                criteria: criteria.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
                objectives: objectives.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
            }));
        }
        self.execute_all(author, commands)?;
        let adopted: BTreeSet<&str> = ids.iter().map(ControlId::as_str).collect();
        Ok(self.controls()?.into_iter().filter(|line| adopted.contains(line.control.as_str())).collect())
    }

    /// Controls of the catalog that serve an engagement, or any, and are not adopted yet.
    fn controls_that_serve(&self, only: Option<&EngagementId>) -> Result<Vec<ControlId>, Error> {
        let (state, index) = (self.state(), self.catalog_index());
        if let Some(id) = only.filter(|id| !state.engagements.contains_key(*id)) {
            return Err(Refusal::UnknownEngagement(id.clone()).into());
        }
        let chosen: Vec<_> =
            state.engagements.iter().filter(|(id, _)| only.is_none_or(|only| only == *id)).map(|(_, e)| e).collect();
        let serves = |rule: &tickmark_domain::ControlRule| {
            chosen.iter().any(|engagement| {
                !rule.criteria.is_disjoint(&engagement.relevant_criteria(index))
                    || !rule.objectives.is_disjoint(&engagement.objectives)
            })
        };
        let suit = self.controls_that_suit(state);
        let wanted = index
            .controls
            .iter()
            // What was dropped with a reason stays dropped until somebody names it.
            .filter(|(id, rule)| !state.controls.contains_key(*id) && serves(rule) && suit.contains(*id));
        Ok(wanted.map(|(id, _)| id.clone()).collect())
    }

    /// Controls of the catalog but for business controls of industries that no SOC 1 engagement is about.
    pub(crate) fn controls_that_suit(&self, state: &State) -> BTreeSet<ControlId> {
        let objectives = state.engagements.values().flat_map(|engagement| &engagement.objectives);
        let industries: BTreeSet<&str> =
            objectives.filter_map(|id| self.catalog.objectives.get(id.as_str())?.industry.as_deref()).collect();
        let of_other_industry = |id: &ControlId| {
            self.catalog.controls.get(id.as_str()).is_some_and(|control| {
                let objectives = control.objectives.iter().filter_map(|id| self.catalog.objectives.get(id));
                let mut of = objectives.filter_map(|objective| objective.industry.as_deref()).peekable();
                of.peek().is_some() && of.all(|industry| !industries.contains(industry))
            })
        };
        self.catalog_index().controls.keys().filter(|id| !of_other_industry(id)).cloned().collect()
    }

    /// Gives a control a new statement or owner from a day on.
    pub fn revise_control(&mut self, author: &PersonId, revision: &Revision) -> Result<(), Error> {
        let control: ControlId = revision.control.parse()?;
        let newest = self.state().controls.get(&control).and_then(tickmark_domain::Control::newest).cloned();
        let newest = newest.ok_or_else(|| Refusal::UnknownControl(control.clone()))?;
        let mut definition = newest.definition;
        if let Some(statement) = &revision.statement {
            definition.statement = self.put_text(statement)?;
        }
        let owner = revision.owner.as_deref().map(str::parse).transpose()?.unwrap_or(newest.owner);
        let effective_on = revision.effective_on;
        let reason = self.put_text(&revision.reason)?;
        let command = ReviseControl { control, definition, owner, effective_on, reason };
        self.execute(author, Command::ReviseControl(command)).map(drop)
    }

    /// Says that a control does not run from a day on, and why: one of the control set, or one of the catalog. Gives the
    /// items in scope that name it and have to be recorded otherwise.
    pub fn drop_control(
        &mut self,
        author: &PersonId,
        control: &str,
        dropped_on: Date,
        reason: &str,
    ) -> Result<Vec<String>, Error> {
        let (control, reason): (ControlId, _) = (control.parse()?, self.put_text(reason)?);
        let command = DropControl { control: control.clone(), dropped_on, reason };
        self.execute(author, Command::DropControl(command))?;
        let naming = self.state().items_naming(&control);
        Ok(naming.map(|(id, version)| format!("{} {id}", version.item.facts.kind())).collect())
    }

    /// The control set.
    pub fn controls(&self) -> Result<Vec<ControlLine>, Error> {
        let state = self.state();
        let in_scope: Vec<(String, BTreeSet<ControlId>)> = state
            .engagements
            .iter()
            .map(|(id, engagement)| {
                (id.to_string(), engagement.controls(state, self.catalog_index()).into_keys().cloned().collect())
            })
            .collect();
        let lines = state.controls.iter().filter_map(|(id, control)| Some((id, control, control.newest()?)));
        lines
            .map(|(id, control, newest)| {
                Ok(ControlLine {
                    control: id.to_string(),
                    title: self.text(&newest.definition.title)?,
                    statement: self.text(&newest.definition.statement)?,
                    owner: newest.owner.to_string(),
                    effective_on: newest.effective_on,
                    versions: control.versions.len() as u64,
                    dropped_on: control.dropped().map(|drop| drop.dropped_on),
                    engagements: in_scope
                        .iter()
                        .filter(|(_, controls)| controls.contains(id))
                        .map(|(engagement, _)| engagement.clone())
                        .collect(),
                })
            })
            .collect()
    }
}
