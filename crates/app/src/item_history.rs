//! The items of an exception over time: for each, which run saw it first and last, when it was gone, when it was back.
//!
//! Entries hold how many items came and went. Which ones follows from the lists of keys in the vault, and what they are
//! called from the rows of the sightings, as long as nobody erased these.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tickmark_canonical::{Digest, ItemKeySecret};
use tickmark_catalog::Catalog;
use tickmark_domain::{Exception, Sighting};
use tickmark_vault::Vault;

use crate::{Error, items};

/// An item of an exception over time, by the entries of the runs that saw or missed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemOverTime {
    /// What it is called; none once the rows were erased.
    pub item: Option<String>,
    /// The run that saw it first.
    pub first_seen: u64,
    /// The run that saw it last with other items than the run before.
    pub last_seen: u64,
    /// The runs that no longer saw it.
    pub gone: Vec<u64>,
    /// The runs that saw it again after it was gone.
    pub back: Vec<u64>,
    /// Whether it is there now.
    pub is_there: bool,
}

impl ItemOverTime {
    fn first_seen(item: Option<String>, entry: u64) -> Self {
        Self { item, first_seen: entry, last_seen: entry, gone: Vec::new(), back: Vec::new(), is_there: true }
    }

    /// What happened to it since it was seen first, in words.
    pub fn since_in_words(&self) -> String {
        let mut told: Vec<(u64, &str)> = self.gone.iter().map(|entry| (*entry, "gone")).collect();
        told.extend(self.back.iter().map(|entry| (*entry, "back")));
        told.sort();
        let told: Vec<String> = told.iter().map(|(entry, how)| format!("{how} in entry {entry}")).collect();
        if told.is_empty() { "there each time".to_owned() } else { told.join(", ") }
    }
}

/// The items of an exception that came after it was raised, or went: the others were there each time. By what they are
/// called, then by when they came.
pub(crate) fn changed_items(
    vault: &Vault,
    secret: &ItemKeySecret,
    catalog: &Catalog,
    exception: &Exception,
) -> Result<Vec<ItemOverTime>, Error> {
    let Some((first, later)) = exception.sightings.split_first() else { return Ok(Vec::new()) };
    if later.is_empty() {
        return Ok(Vec::new());
    }
    let test = exception.origin.control_test().and_then(|test| catalog.tests.get(test.as_str()));
    let columns = test.map_or(&[][..], |test| test.item.as_slice());
    let mut all: BTreeMap<Digest, ItemOverTime> = BTreeMap::new();
    for sighting in &exception.sightings {
        let keys = items::read(vault, &sighting.keys)?;
        let names = names(vault, secret, sighting, columns)?;
        see(&mut all, &keys, &names, sighting.entry);
    }
    let changed = |item: &ItemOverTime| item.first_seen > first.entry || !item.gone.is_empty();
    let mut changed: Vec<ItemOverTime> = all.into_values().filter(changed).collect();
    changed.sort_by(|a, b| (&a.item, a.first_seen).cmp(&(&b.item, b.first_seen)));
    Ok(changed)
}

/// Adds what a run saw.
fn see(
    all: &mut BTreeMap<Digest, ItemOverTime>,
    keys: &BTreeSet<Digest>,
    names: &BTreeMap<Digest, String>,
    entry: u64,
) {
    for (_, item) in all.iter_mut().filter(|(key, item)| item.is_there && !keys.contains(*key)) {
        item.is_there = false;
        item.gone.push(entry);
    }
    for key in keys {
        let name = || names.get(key).cloned();
        let item = all.entry(*key).or_insert_with(|| ItemOverTime::first_seen(name(), entry));
        if !item.is_there {
            item.is_there = true;
            item.back.push(entry);
        }
        item.last_seen = entry;
        item.item = item.item.take().or_else(name);
    }
}

/// What the items of a sighting are called, by their keys; nothing of rows that were erased.
fn names(
    vault: &Vault,
    secret: &ItemKeySecret,
    sighting: &Sighting,
    columns: &[String],
) -> Result<BTreeMap<Digest, String>, Error> {
    if sighting.items == 0 || columns.is_empty() {
        return Ok(BTreeMap::new());
    }
    match items::names_of_rows(vault, secret, &sighting.rows, columns) {
        Err(error) if is_of_erased(&error) => Ok(BTreeMap::new()),
        named => named,
    }
}

fn is_of_erased(error: &(dyn std::error::Error + 'static)) -> bool {
    use tickmark_vault::Error::Erased;
    let boxed = error.downcast_ref::<Box<tickmark_vault::Error>>().map(|error| &**error);
    let erased = boxed.or_else(|| error.downcast_ref()).is_some_and(|error| matches!(error, Erased { .. }));
    erased || error.source().is_some_and(is_of_erased)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four runs, each with the items that it returned.
    #[test]
    fn each_item_says_when_it_came_went_and_came_back() {
        let key = |name: char| Digest::of(name.to_string().as_bytes());
        let names: BTreeMap<Digest, String> = "ABCDE".chars().map(|name| (key(name), name.to_string())).collect();
        let mut all = BTreeMap::new();
        for (entry, seen) in [(10, "AB"), (20, "BCDE"), (30, "ABC"), (40, "")] {
            see(&mut all, &seen.chars().map(key).collect(), &names, entry);
        }
        let mut told: Vec<String> = all
            .values()
            .map(|item| {
                let ItemOverTime { item: name, first_seen, last_seen, .. } = item;
                let name = name.as_deref().unwrap_or_default();
                format!("{name}: seen {first_seen} to {last_seen}, {}", item.since_in_words())
            })
            .collect();
        told.sort();
        insta::assert_snapshot!(told.join("\n"), @r"
        A: seen 10 to 30, gone in entry 20, back in entry 30, gone in entry 40
        B: seen 10 to 30, gone in entry 40
        C: seen 20 to 30, gone in entry 40
        D: seen 20 to 20, gone in entry 30
        E: seen 20 to 20, gone in entry 30
        ");
    }
}
