//! Writing a program into a folder, and recording what a folder says otherwise.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_domain::{
    AdoptControl, Command, ControlDefinition, DropControl, ExcludeCriterion, OpenEngagement, PersonId, RecordObjective,
    RecordRisk, RecordScopeItem, RetireScopeItem, ReviseControl, ReviseEngagement, ScopeFacts, ScopeItem,
};

use super::{
    difference::{Change, ChangeKind, differences, missing, only_later},
    folder::{self, Folder},
    record::{Key, Meaning, OwnedControl, RecordKind, Records, WrittenEngagement, WrittenItem},
};
use crate::{Error, House, Worded, wording};

/// What to apply, and what goes for every change that does not say it itself.
#[derive(Debug, Clone, Default)]
pub struct ApplyRequest {
    /// The folder.
    pub dir: PathBuf,
    /// From which day changes are so.
    pub effective_on: Option<Date>,
    /// Why things change.
    pub reason: Option<String>,
    /// Only show the difference; rules are asked all the same.
    pub dry_run: bool,
    /// The folder adds to what is there and says nothing of the rest.
    pub partial: bool,
}

/// What came of applying a folder.
#[derive(Debug, Clone, Serialize)]
pub struct Applied {
    /// The difference.
    pub changes: Vec<Change>,
    /// The first entry that records it; none for a dry run or without a difference.
    pub entry: Option<u64>,
    /// What a reader could not test in the wording of what changes.
    pub warnings: Vec<Worded>,
}

/// Texts on their way to the vault: their digests are known before they are stored.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn put(&mut self, text: &str) -> Digest {
        self.0.push(text.to_owned());
        Digest::of(text.as_bytes())
    }
}

impl House {
    /// Writes the program of a moment into a folder. Gives the files.
    pub fn export(&self, dir: &Path) -> Result<Vec<PathBuf>, Error> {
        let records = self.records(self.state())?;
        folder::write(&records, dir)
    }

    /// Records what a folder says otherwise than the ledger, all of it or nothing.
    pub fn apply(&mut self, author: &PersonId, request: &ApplyRequest) -> Result<Applied, Error> {
        let folder = Folder::read(&request.dir)?;
        let ledger = self.records(self.state())?;
        let left_out = missing(&ledger, &folder.records, &folder.kinds);
        if let Some(key) = left_out.first().filter(|_| !request.partial) {
            return Err(folder.refuse(key, &not_there(key, ledger.get(key).is_some_and(|it| it.ended.is_some()))));
        }
        if let Some(key) = only_later(&ledger, &folder.records) {
            let problem = "`effective_on` is later than recorded, and nothing else is new: a version that says the same cannot begin";
            return Err(folder.refuse(&key, problem));
        }
        let mut changes = differences(&ledger, &folder.records);
        for (key, record) in &folder.records {
            let role = record.fields.get("owner_role").and_then(toml::Value::as_str);
            if let Some(unknown) = role.filter(|role| !self.catalog().roles.contains_key(*role)) {
                return Err(folder.refuse(key, &format!("the catalog has no role `{unknown}`")));
            }
        }
        for (key, record) in &folder.records {
            if let Some(field) = record.blank() {
                return Err(folder.refuse(key, &format!("`{field}` is blank: say something, or leave the key out")));
            }
        }
        for change in &mut changes {
            self.complete(change, request, &ledger, &folder)?;
        }
        let (mut texts, mut commands, mut of) = (Texts::default(), Vec::new(), Vec::new());
        for change in &changes {
            let key = (change.kind, change.id.clone());
            commands_of(change, &ledger, &folder, &mut texts, &mut commands)
                .map_err(|problem| folder.refuse(&key, &problem))?;
            of.resize(commands.len(), key);
        }
        // The rules are asked before anything is stored, so that what they refuse leaves no text behind.
        if let Some((number, error)) = self.first_refused(author, &commands) {
            return Err(match (of.get(number), error) {
                (Some(key), Error::Refused(refusal)) => folder.refused(key, refusal),
                (Some(key), error) => folder.refuse(key, &error.to_string()),
                (None, error) => error,
            });
        }
        let warnings = wording_of(&changes, &ledger, &folder.records)?;
        if request.dry_run || commands.is_empty() {
            return Ok(Applied { changes, entry: None, warnings });
        }
        self.put_texts(&texts.0)?;
        let receipt = self.execute_all(author, commands)?;
        Ok(Applied { changes, entry: Some(receipt.first), warnings })
    }

    /// The day and the reason of a change: its own, else what was said for all.
    fn complete(
        &self,
        change: &mut Change,
        request: &ApplyRequest,
        ledger: &Records,
        folder: &Folder,
    ) -> Result<(), Error> {
        let key = (change.kind, change.id.clone());
        let versioned = change.kind == RecordKind::Control || RecordKind::OF_SCOPE.contains(&change.kind);
        if change.what == ChangeKind::Ended {
            return Ok(());
        }
        if change.what == ChangeKind::Added {
            change.effective_on = change.effective_on.or(request.effective_on.filter(|_| versioned));
            return match change.effective_on {
                None if versioned => {
                    Err(folder
                        .refuse(&key, "say from which day it is so with `effective_on`, or `--effective` for all"))
                }
                Some(_) | None => Ok(()),
            };
        }
        let before = ledger.get(&key);
        if versioned && change.effective_on <= before.and_then(|before| before.effective_on) {
            let since = before.and_then(|before| before.effective_on);
            change.effective_on = request.effective_on.filter(|on| Some(*on) > since);
            if change.effective_on.is_none() {
                let problem =
                    "it says something else: say from which day with a later `effective_on`, or `--effective` for all";
                return Err(folder.refuse(&key, problem));
            }
        }
        if change.kind == RecordKind::Control && change.what == ChangeKind::BegunAgain {
            // A control that is adopted again has no reason of its own: why it was dropped stands before it.
            change.reason = None;
            return Ok(());
        }
        change.reason = change.reason.take().or_else(|| request.reason.clone());
        let needs_reason = versioned || change.kind == RecordKind::Engagement;
        if needs_reason && change.reason.is_none() {
            return Err(folder.refuse(&key, "it says something else: say why with `because`, or `--reason` for all"));
        }
        if change.reason.is_some() && change.reason == self.newest_reason(&key)? {
            let problem = "`because` still says why it changed the last time: say why it changes now";
            return Err(folder.refuse(&key, problem));
        }
        Ok(())
    }

    /// The reason that the ledger has for the newest version.
    fn newest_reason(&self, (kind, id): &Key) -> Result<Option<String>, Error> {
        let state = self.state();
        let of_control = || state.controls.get(&id.parse().ok()?)?.newest()?.reason;
        let of_engagement = || Some(state.engagements.get(&id.parse().ok()?)?.revisions.last()?.0);
        let of_item = || state.scope.get(&id.parse().ok()?)?.versions.last()?.reason;
        let reason = if *kind == RecordKind::Control {
            of_control()
        } else if *kind == RecordKind::Engagement {
            of_engagement()
        } else if RecordKind::OF_SCOPE.contains(kind) {
            of_item()
        } else {
            None
        };
        reason.map(|reason| self.text(&reason)).transpose()
    }
}

/// What the wording lint finds in what begins or changes.
fn wording_of(changes: &[Change], ledger: &Records, folder: &Records) -> Result<Vec<Worded>, Error> {
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| change.what != ChangeKind::Ended) {
        let key = (change.kind, change.id.clone());
        let Some(record) = folder.get(&key) else { continue };
        found.extend(match Meaning::read(&key, &record.fields).map_err(Error::Unwritable)? {
            Meaning::Control(id, OwnedControl { control, .. }) => {
                let reports = ledger.iter().chain(folder).filter_map(|((kind, _), record)| {
                    let uses = *kind == RecordKind::KeyReport && record.ended.is_none();
                    let used_by = record.fields.get("controls").filter(|_| uses)?.as_array()?;
                    let feeds = used_by.iter().any(|control| control.as_str() == Some(id.as_str()));
                    record.fields.get("name").filter(|_| feeds)?.as_str().map(str::to_owned)
                });
                wording::of_control(id.as_str(), &control, &reports.collect::<Vec<_>>())
            }
            Meaning::Objective(id, written) => wording::of_objective(id.as_str(), &written.statement),
            Meaning::Item(id, WrittenItem { text, facts: ScopeFacts::ComplementaryUserEntityControl(_), .. }) => {
                wording::of_cuec(id.as_str(), &text)
            }
            Meaning::Item(..) | Meaning::Risk(..) | Meaning::Engagement(..) | Meaning::NotAdopted(_) => None,
        });
    }
    Ok(found)
}

/// The commands of a change.
fn commands_of(
    change: &Change,
    ledger: &Records,
    folder: &Folder,
    texts: &mut Texts,
    commands: &mut Vec<Command>,
) -> Result<(), String> {
    let key = (change.kind, change.id.clone());
    let record = folder.records.get(&key).ok_or("it is not there")?;
    let meaning = Meaning::read(&key, &record.fields)?;
    let on = || change.effective_on.ok_or_else(|| "it has no day".to_owned());
    if change.what == ChangeKind::Ended {
        let (on, reason) = (on()?, texts.put(change.reason.as_deref().unwrap_or_default()));
        commands.push(match meaning {
            Meaning::Item(id, _) => Command::RetireScopeItem(RetireScopeItem { id, retired_on: on, reason }),
            Meaning::Control(control, _) | Meaning::NotAdopted(control) => {
                Command::DropControl(DropControl { control, dropped_on: on, reason })
            }
            Meaning::Objective(..) | Meaning::Risk(..) | Meaning::Engagement(..) => {
                return Err("it cannot end".to_owned());
            }
        });
        return Ok(());
    }
    let reason = change.reason.as_ref().map(|reason| texts.put(reason));
    match meaning {
        Meaning::Objective(objective, written) => {
            let definition = written.definition(|text| texts.put(text));
            commands.push(Command::RecordObjective(RecordObjective { objective, definition }));
        }
        Meaning::Risk(risk, written) => commands.push(Command::RecordRisk(RecordRisk {
            risk,
            statement: texts.put(&written.statement),
            criteria: written.criteria,
            objectives: written.objectives,
        })),
        Meaning::Engagement(engagement, written) => {
            let before = ledger.get(&key).map(|before| Meaning::read(&key, &before.fields)).transpose()?;
            let before = before
                .and_then(|meaning| if let Meaning::Engagement(_, before) = meaning { Some(before) } else { None });
            engagement_commands(engagement, &written, before.as_ref(), reason, texts, commands)?;
        }
        Meaning::Control(control, OwnedControl { owner, control: written }) => {
            if written.evidence.is_empty() {
                return Err("name its `evidence`: what shows that it operated".to_owned());
            }
            let definition: ControlDefinition = written.definition(|text| texts.put(text));
            let effective_on = on()?;
            commands.push(match (change.what, reason) {
                (ChangeKind::Changed, Some(reason)) => {
                    Command::ReviseControl(ReviseControl { control, definition, owner, effective_on, reason })
                }
                (ChangeKind::Added | ChangeKind::BegunAgain | ChangeKind::Ended | ChangeKind::Changed, _) => {
                    Command::AdoptControl(AdoptControl { control, definition, owner, effective_on })
                }
            });
        }
        Meaning::NotAdopted(_) => return Err("it is adopted in `controls/`, not here".to_owned()),
        Meaning::Item(id, WrittenItem { name, text, facts }) => {
            let item = ScopeItem { name: texts.put(&name), text: texts.put(&text), facts };
            // A reason is kept for what changes; what is new has none.
            let reason = reason.filter(|_| change.what != ChangeKind::Added);
            commands.push(Command::RecordScopeItem(RecordScopeItem { id, item, effective_on: on()?, reason }));
        }
    }
    Ok(())
}

/// An engagement is opened, or its dates and scope change; criteria that are not relevant are excluded one by one.
fn engagement_commands(
    engagement: tickmark_domain::EngagementId,
    written: &WrittenEngagement,
    before: Option<&WrittenEngagement>,
    reason: Option<Digest>,
    texts: &mut Texts,
    commands: &mut Vec<Command>,
) -> Result<(), String> {
    let report_type = written.report_type()?;
    let (objectives, categories) = (written.objectives.clone(), written.categories.clone());
    let excluded_before = before.map(|before| before.not_relevant.clone()).unwrap_or_default();
    match before {
        None => commands.push(Command::OpenEngagement(OpenEngagement {
            engagement: engagement.clone(),
            report: written.report,
            report_type,
            system: texts.put(&written.system),
            objectives,
            categories,
            follows: written.follows.clone(),
            gap: written.gap.as_ref().map(|gap| texts.put(gap)),
            without_security: written.without_security.as_ref().map(|note| texts.put(note)),
            standards: written.standards.clone(),
            section_order: written.section_order.unwrap_or_default(),
        })),
        Some(before) => {
            let fixed = |of: &WrittenEngagement| {
                let order = of.section_order.unwrap_or_default();
                (of.report, of.standards.clone(), order, of.system.clone(), of.follows.clone(), of.gap.clone())
            };
            if fixed(before) != fixed(written) {
                return Err(
                    "its report, standards, order of sections, system and what it follows on cannot change; open \
                     another engagement"
                        .to_owned(),
                );
            }
            if written.without_security.is_none() && before.without_security.is_some() && written.leaves_security_out()
            {
                return Err("the auditor's note `without_security` stands while security is left out".to_owned());
            }
            let scope =
                |of: &WrittenEngagement| (of.objectives.clone(), of.categories.clone(), of.without_security.clone());
            if before.report_type()? != report_type || scope(before) != scope(written) {
                let reason = reason.ok_or("say why it changes with `because`")?;
                let engagement = engagement.clone();
                let note = written.without_security.as_ref();
                let without_security =
                    note.filter(|_| before.without_security.as_ref() != note).map(|note| texts.put(note));
                let revised =
                    ReviseEngagement { engagement, report_type, objectives, categories, without_security, reason };
                commands.push(Command::ReviseEngagement(revised));
            }
        }
    }
    let taken_back = excluded_before.keys().find(|id| !written.not_relevant.contains_key(*id));
    if let Some(criterion) = taken_back {
        return Err(format!("{criterion} was recorded as not relevant; that stands"));
    }
    let excluded: BTreeMap<_, _> =
        written.not_relevant.iter().filter(|(id, because)| excluded_before.get(*id) != Some(*because)).collect();
    for (criterion, because) in excluded {
        if because.trim().is_empty() {
            return Err(format!("`not_relevant` does not say why {criterion} is not"));
        }
        let (engagement, criterion, reason) = (engagement.clone(), criterion.clone(), texts.put(because));
        commands.push(Command::ExcludeCriterion(ExcludeCriterion { engagement, criterion, reason }));
    }
    Ok(())
}

/// What to do about a record that the ledger has and the folder has not.
fn not_there((kind, _): &Key, ended: bool) -> String {
    if ended {
        return "it ended and stands in the ledger, not in the folder; write the folder anew with `tickmark export`"
            .to_owned();
    }
    let what = if RecordKind::OF_SCOPE.contains(kind) {
        "it is in scope and not in the folder; keep it and say `retired_on` and `retired_because`"
    } else if *kind == RecordKind::Control {
        "the control set has it and the folder has not; keep the file and say `dropped_on` and `dropped_because`"
    } else {
        "the ledger has it and the folder has not; it cannot be taken back"
    };
    what.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engagement(not_relevant: &[(&str, &str)]) -> WrittenEngagement {
        WrittenEngagement {
            report: tickmark_domain::ReportKind::Soc2,
            type1: Some(jiff::civil::date(2026, 12, 31)),
            type2: None,
            system: "QR Billing".to_owned(),
            follows: None,
            gap: None,
            objectives: Default::default(),
            categories: ["security".to_owned()].into(),
            without_security: None,
            standards: Default::default(),
            section_order: None,
            not_relevant: not_relevant.iter().map(|(id, why)| (id.parse().unwrap(), (*why).to_owned())).collect(),
        }
    }

    /// What a folder makes of an engagement that the ledger has.
    fn told(before: &[(&str, &str)], now: &[(&str, &str)]) -> String {
        let (mut texts, mut commands) = (Texts::default(), Vec::new());
        let id = "soc2".parse().unwrap();
        let before = engagement(before);
        match engagement_commands(id, &engagement(now), Some(&before), None, &mut texts, &mut commands) {
            Ok(()) => format!("{} commands, {}", commands.len(), texts.0.join(", ")),
            Err(problem) => problem,
        }
    }

    #[test]
    fn what_is_not_relevant_can_be_added_and_explained_and_not_taken_back() {
        let (sites, media) = (("CC6.4", "No site of our own."), ("CC6.5", "No media."));
        assert_eq!(told(&[sites], &[sites]), "0 commands, ");
        assert_eq!(told(&[sites], &[sites, media]), "1 commands, No media.");
        assert_eq!(told(&[sites], &[("CC6.4", "A new reason.")]), "1 commands, A new reason.");
        assert_eq!(told(&[sites], &[]), "CC6.4 was recorded as not relevant; that stands");
        assert_eq!(told(&[sites], &[media]), "CC6.4 was recorded as not relevant; that stands");
    }
}
