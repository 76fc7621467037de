//! How a folder differs from the ledger, record by record and field by field.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use toml::{Table, Value};

use super::record::{Key, Record, RecordKind, Records};

/// What a folder says otherwise than the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of thing.
    pub kind: RecordKind,
    /// Its id.
    pub id: String,
    /// What is to happen.
    pub what: ChangeKind,
    /// What it said and what it says; empty for what ends.
    pub fields: Vec<FieldChange>,
    /// From which day.
    pub effective_on: Option<Date>,
    /// Why.
    pub reason: Option<String>,
}

/// What is to happen to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It ends.
    Ended,
    /// It ended and begins again.
    BegunAgain,
}

/// A field that says something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// What it said; none if it is new.
    pub before: Option<String>,
    /// What it says; none if it says nothing more.
    pub after: Option<String>,
}

/// Everything that the folder says otherwise, in the order in which it can become facts: what begins or changes by kind, then
/// what ends, kinds in turn.
pub(super) fn differences(ledger: &Records, folder: &Records) -> Vec<Change> {
    let mut begins = Vec::new();
    let mut ends = Vec::new();
    for (key, record) in folder {
        let before = ledger.get(key);
        let same = before.is_some_and(|before| before.fields == record.fields);
        let ended_before = before.is_some_and(|before| before.ended.is_some());
        let begins_again = ended_before && record.ended.is_none();
        let what = match before {
            None => Some(ChangeKind::Added),
            Some(_) if begins_again => Some(ChangeKind::BegunAgain),
            Some(_) if !same => Some(ChangeKind::Changed),
            Some(_) => None,
        };
        let of_catalog_only = key.0 == RecordKind::NotAdopted;
        if let Some(what) = what.filter(|_| !of_catalog_only) {
            begins.push(change(key, what, fields(before, record), record.effective_on, record.because.clone()));
        }
        let ends_now = before.is_none_or(|before| before.ended != record.ended);
        if let Some((on, because)) = record.ended.as_ref().filter(|_| ends_now) {
            ends.push(change(key, ChangeKind::Ended, Vec::new(), Some(*on), Some(because.clone())));
        }
    }
    // An engagement comes after the one that it follows on.
    begins.sort_by_key(|change: &Change| (change.kind, steps_before(folder, change)));
    ends.sort_by(|a, b| (b.kind, &a.id).cmp(&(a.kind, &b.id)));
    begins.extend(ends);
    begins
}

/// How many engagements come before one, by what it follows on.
fn steps_before(folder: &Records, change: &Change) -> usize {
    let follows = |key: &Key| Some((key.0, folder.get(key)?.fields.get("follows")?.as_str()?.to_owned()));
    let first = Some((change.kind, change.id.clone()));
    std::iter::successors(first, follows).take(folder.len() + 1).count()
}

/// The records of which the folder says that they begin on a later day, and nothing else new.
pub(super) fn only_later(ledger: &Records, folder: &Records) -> Option<Key> {
    let later = |(key, record): &(&Key, &Record)| {
        ledger.get(*key).is_some_and(|before| {
            before.fields == record.fields && before.ended.is_none() && record.effective_on > before.effective_on
        })
    };
    folder.iter().find(later).map(|(key, _)| key.clone())
}

/// Records that the ledger has and the folder, although it speaks of their kind, does not.
pub(super) fn missing<'a>(ledger: &'a Records, folder: &Records, kinds: &[RecordKind]) -> Vec<&'a Key> {
    ledger.keys().filter(|key| kinds.contains(&key.0) && !folder.contains_key(*key)).collect()
}

fn change(
    (kind, id): &Key,
    what: ChangeKind,
    fields: Vec<FieldChange>,
    effective_on: Option<Date>,
    reason: Option<String>,
) -> Change {
    Change { kind: *kind, id: id.clone(), what, fields, effective_on, reason }
}

fn fields(before: Option<&Record>, after: &Record) -> Vec<FieldChange> {
    let nothing = Table::new();
    let before = before.map_or(&nothing, |before| &before.fields);
    let names: BTreeSet<&String> = before.keys().chain(after.fields.keys()).collect();
    let said = |table: &Table, name: &String| table.get(name).map(in_words).filter(|text| !text.is_empty());
    names
        .into_iter()
        .map(|name| FieldChange { field: name.clone(), before: said(before, name), after: said(&after.fields, name) })
        .filter(|change| change.before != change.after)
        .collect()
}

/// A value as people read it: a text as it is, a list with commas.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Table(table) => {
            table.iter().map(|(name, value)| format!("{name}: {}", in_words(value))).collect::<Vec<_>>().join("; ")
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => value.to_string(),
    }
}
