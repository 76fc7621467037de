//! Samples: drawing from frozen rows as they stream by, drawing again to compare, and what is added to a sample later.
//!
//! Invariant: items are drawn from the rows that the ledger names and from nothing else; their columns are read a batch at a
//! time, so that memory grows with the sample and not with the population.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, RowDigestKey};
use tickmark_domain::{
    Command, CommitNonce, DrawSample, EngagementId, ExtendSample, PersonId, Population, PopulationId, Refusal,
    ReplaceSampleItem, ReplacementCause, Sample, SampleAddition, SampleId, SelectionMethod, State, VoidSample,
    sampling::{
        Draw, DrawPlan, DrawnItem, Nonce, Offer, RANK_ALGORITHM, SEED_ALGORITHM, Seed, Strata, proportional_sizes,
    },
};
use tickmark_examine::{FrozenItem, Says, each_frozen_item, item_texts};
use tickmark_ledger::Store;
use tickmark_vault::{Column, ColumnType, Manifest, Vault};

use crate::{
    Aim, Error, House, Progress,
    items::cell_text,
    packaging::io_error,
    secrets::{read_secret, write_secret},
    strata::{strata_of, stratum_of},
};

/// The column in which a population says on which day an item occurred.
const OCCURRED_ON: &str = "occurred_on";

/// What a draw asks for. With the frozen rows it says all that a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// How items are selected.
    pub method: SelectionMethod,
    /// How many; by monetary unit how many marks, of which several may lie on one item.
    pub size: u64,
    /// The column that says the stratum (text) or the amount (int or decimal).
    pub by: Option<String>,
    /// How many of each stratum; in proportion to their items by default.
    pub sizes: BTreeMap<String, u64>,
    /// The strata of a column of numbers, amounts or days, where they are drawn in proportion: `FROM..TO`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strata: Vec<String>,
}

/// What a draw rests on, as the vault keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawParameters {
    pub(crate) selection: Selection,
    /// Why so many, and so.
    pub(crate) basis: Option<String>,
    /// What it is to support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) aim: Option<Aim>,
    seed: String,
    rank: String,
}

/// A draw to make.
#[derive(Debug, Clone)]
pub struct DrawRequest {
    /// The sample's id.
    pub sample: SampleId,
    /// The population.
    pub population: PopulationId,
    /// What is asked for.
    pub selection: Selection,
    /// Why so many, and so.
    pub basis: Option<String>,
    /// What it is to support.
    pub aim: Option<Aim>,
    /// The file with the firm's nonce.
    pub nonce: Option<PathBuf>,
    /// Why it is drawn once more.
    pub reason: Option<String>,
}

/// An item of a sample, as the vault keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleItem {
    /// Its number in the sample, from 1.
    pub number: u64,
    /// The values of its key columns.
    pub item: Vec<String>,
    /// Its rank.
    pub rank: Digest,
    /// Its place in the frozen order, from 1.
    pub position: u64,
    /// Its stratum.
    pub stratum: Option<String>,
    /// How many marks lie on it, if it was selected by monetary unit.
    pub hits: u64,
    /// The day it occurred on, where the population says so.
    pub on: Option<Date>,
}

/// A nonce that was made.
#[derive(Debug, Clone, Serialize)]
pub struct NewNonce {
    /// The file, for the firm's people only.
    pub file: PathBuf,
    /// What to commit to.
    pub commitment: Digest,
}

/// What drawing a sample again gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redrawn {
    /// The sample.
    pub sample: String,
    /// Items drawn again.
    pub items: u64,
    /// Items that the population has.
    pub population: u64,
    /// The seed.
    pub seed: Digest,
    /// The first thing that differs, if any does.
    pub differs: Option<String>,
}

/// Makes a nonce on the firm's own machine, in a file that only its owner can read.
pub fn new_nonce(path: &Path) -> Result<NewNonce, Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    write_secret(path, hex::encode(bytes).as_bytes())?;
    Ok(NewNonce { file: path.to_owned(), commitment: Nonce::new(bytes).commitment() })
}

fn read_nonce(path: &Path) -> Result<Nonce, Error> {
    let text = read_secret(path)?;
    let unreadable = || Error::NoNonce { path: path.to_owned() };
    std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()).ok_or_else(unreadable)
}

impl House {
    /// Records that the firm is bound to a nonce.
    pub fn commit_nonce(
        &mut self,
        author: &PersonId,
        engagement: EngagementId,
        commitment: Digest,
    ) -> Result<u64, Error> {
        let command = Command::CommitNonce(CommitNonce { engagement, commitment });
        Ok(self.execute(author, command)?.first)
    }

    /// Draws a sample and records it.
    pub fn draw_sample(
        &mut self,
        author: &PersonId,
        request: &DrawRequest,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let nonce = request.nonce.as_deref().map(read_nonce).transpose()?;
        let reason = request.reason.as_deref().map(|reason| self.put_text(reason)).transpose()?;
        let parameters = DrawParameters {
            selection: request.selection.clone(),
            basis: request.basis.clone(),
            aim: request.aim,
            seed: SEED_ALGORITHM.to_owned(),
            rank: RANK_ALGORITHM.to_owned(),
        };
        let command = |parameters, checkpoint, size, items| DrawSample {
            sample: request.sample.clone(),
            population: request.population.clone(),
            method: request.selection.method,
            parameters,
            size,
            checkpoint,
            nonce,
            items,
            reason,
        };
        // What would be refused is refused before fifty million rows are read, and before an item is known.
        let unknown = Digest::of(b"not drawn yet");
        let asked = Command::DrawSample(command(unknown, unknown, request.selection.size, unknown));
        if let Some((_, refusal)) = self.first_refused(author, &[asked]) {
            return Err(refusal);
        }
        let population = self.population(&request.population)?;
        progress.step("drawing", 1);
        let checkpoint = self.root_after(population)?;
        let seed = Seed::of(&population.engagement, &population.rows.rows_digest, &checkpoint, nonce.as_ref());
        let rows = FrozenOf { vault: &self.vault, manifest: self.vault.manifest(&population.rows.rows)? };
        let drawn = rows.draw(&request.selection, &seed, &population.rows.rows_digest, &[], 0)?;
        progress.advance(1);
        let items = self.put_sealed_json(&rows.recorded(&drawn, 1)?)?;
        let drawn = command(self.put_json(&parameters)?, checkpoint, drawn.len() as u64, items);
        self.execute(author, Command::DrawSample(drawn)).map(drop)
    }

    /// Draws a sample again from the vault and the ledger, and compares.
    pub fn redraw_sample(&self, id: &SampleId, progress: &dyn Progress) -> Result<Redrawn, Error> {
        progress.step("drawing again", 1);
        let sample = self.sample(id)?;
        let population = self.population(&sample.population)?;
        let checkpoint = self.root_after(population)?;
        let key = RowDigestKey::of(&self.item_keys);
        let redrawn = redraw(&self.vault, self.state(), id, sample, &key, Some(checkpoint));
        progress.advance(1);
        redrawn
    }

    /// Replaces an item to which the control did not apply by the next rank; gives the item that takes its place. The
    /// evidence is kept sealed, since it may be about people.
    pub fn replace_sample_item(
        &mut self,
        author: &PersonId,
        id: &SampleId,
        replaced: &ReplacedItem<'_>,
        progress: &dyn Progress,
    ) -> Result<SampleItem, Error> {
        let sample = self.sample(id)?;
        let by = sample.last_number() + 1;
        let command = |reason, evidence, item| {
            Command::ReplaceSampleItem(ReplaceSampleItem {
                sample: id.clone(),
                number: replaced.number,
                by,
                cause: replaced.cause,
                reason,
                evidence,
                item,
            })
        };
        let unknown = Digest::of(b"not drawn yet");
        if let Some((_, refusal)) = self.first_refused(author, &[command(unknown, unknown, unknown)]) {
            return Err(refusal);
        }
        let next = SampleAddition::Replacement {
            number: replaced.number,
            by,
            cause: replaced.cause,
            reason: unknown,
            evidence: unknown,
            item: unknown,
            entry: 0,
        };
        let path = replaced.evidence;
        let evidence = fs::read(path).map_err(io_error("read", path))?;
        let mut items = self.items_with(sample, next, progress)?;
        let item = items.pop().ok_or_else(|| Refusal::NoSuchSampleItem { sample: id.clone(), number: by })?;
        let reason = self.put_text(replaced.reason)?;
        let evidence = self.vault.put_sealed(&evidence)?;
        let recorded = self.put_sealed_json(&[&item])?;
        self.execute(author, command(reason, evidence, recorded))?;
        Ok(item)
    }

    /// Adds a second stage to a sample; gives the items added.
    pub fn extend_sample(
        &mut self,
        author: &PersonId,
        id: &SampleId,
        extension: &Extension<'_>,
        progress: &dyn Progress,
    ) -> Result<Vec<SampleItem>, Error> {
        let Extension { more, deviations, reason } = *extension;
        let sample = self.sample(id)?;
        let from = sample.last_number() + 1;
        let command = |reason, items| {
            Command::ExtendSample(ExtendSample { sample: id.clone(), more, from, deviations, reason, items })
        };
        let unknown = Digest::of(b"not drawn yet");
        if let Some((_, refusal)) = self.first_refused(author, &[command(unknown, unknown)]) {
            return Err(refusal);
        }
        self.require_first_stage_open(sample, more, deviations)?;
        let next = SampleAddition::Extension { more, deviations, reason: unknown, items: unknown, entry: 0 };
        let items = self.items_with(sample, next, progress)?;
        let command = command(self.put_text(reason)?, self.put_sealed_json(&items)?);
        self.execute(author, command)?;
        Ok(items)
    }

    /// Records that a sample is not to be relied on.
    pub fn void_sample(&mut self, author: &PersonId, id: &SampleId, reason: &str) -> Result<(), Error> {
        let reason = self.put_text(reason)?;
        self.execute(author, Command::VoidSample(VoidSample { sample: id.clone(), reason })).map(drop)
    }

    pub(crate) fn sample(&self, id: &SampleId) -> Result<&Sample, Error> {
        self.state().samples.get(id).ok_or_else(|| Refusal::UnknownSample(id.clone()).into())
    }

    /// The items that an addition to a sample would add.
    fn items_with(
        &self,
        sample: &Sample,
        next: SampleAddition,
        progress: &dyn Progress,
    ) -> Result<Vec<SampleItem>, Error> {
        progress.step("drawing on", 1);
        let population = self.population(&sample.population)?;
        let parameters: DrawParameters = self.json(&sample.parameters)?;
        let rows = FrozenOf { vault: &self.vault, manifest: self.vault.manifest(&population.rows.rows)? };
        let digest = &population.rows.rows_digest;
        let seed = Seed::of(&sample.engagement, digest, &sample.checkpoint, sample.nonce.as_ref());
        let additions: Vec<SampleAddition> = sample.additions.iter().cloned().chain([next]).collect();
        let all = rows.draw(&parameters.selection, &seed, digest, &additions, sample.size)?;
        progress.advance(1);
        let known = usize::try_from(sample.last_number()).unwrap_or(usize::MAX);
        rows.recorded(all.get(known..).unwrap_or_default(), sample.last_number() + 1)
    }

    /// The ledger's root right after a population was frozen.
    fn root_after(&self, population: &Population) -> Result<Digest, Error> {
        Ok(self.store.reader()?.root(&self.origin, population.entry + 1)?)
    }
}

/// An item to replace.
#[derive(Debug, Clone)]
pub struct ReplacedItem<'a> {
    /// Its number in the sample.
    pub number: u64,
    /// Why the control did not apply to it.
    pub cause: ReplacementCause,
    /// The reason in words.
    pub reason: &'a str,
    /// The file that shows it.
    pub evidence: &'a Path,
}

/// A second stage.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'a> {
    /// How many more items.
    pub more: u64,
    /// Deviations that the first stage found.
    pub deviations: u64,
    /// Why the first stage is thought not to be typical.
    pub reason: &'a str,
}

/// Draws a recorded sample again from the frozen rows in a vault. `root` is the ledger's root after the freeze, where the
/// ledger is at hand.
pub(crate) fn redraw(
    vault: &Vault,
    state: &State,
    id: &SampleId,
    sample: &Sample,
    key: &RowDigestKey,
    root: Option<Digest>,
) -> Result<Redrawn, Error> {
    let unknown = || Error::from(Refusal::UnknownPopulation(sample.population.clone()));
    let population = state.populations.get(&sample.population).ok_or_else(unknown)?;
    let rows = FrozenOf { vault, manifest: vault.manifest(&population.rows.rows)? };
    let digest = &population.rows.rows_digest;
    let seed = Seed::of(&sample.engagement, digest, &sample.checkpoint, sample.nonce.as_ref());
    let parameters: DrawParameters = read(vault, &sample.parameters)?;
    let mut redrawn = Redrawn {
        sample: id.to_string(),
        items: 0,
        population: population.rows.items,
        seed: *seed.as_digest(),
        differs: None,
    };
    if key.seal(&rows.manifest.rows_digest) != *digest {
        redrawn.differs = Some("the frozen rows are not those that the ledger names".to_owned());
    } else if root.is_some_and(|root| root != sample.checkpoint) {
        redrawn.differs = Some("the checkpoint is not the ledger's root right after the freeze".to_owned());
    } else if parameters.selection.method != sample.method {
        redrawn.differs = Some("the parameters are of another method".to_owned());
    }
    if redrawn.differs.is_some() {
        return Ok(redrawn);
    }
    let again = rows.draw(&parameters.selection, &seed, digest, &sample.additions, sample.size)?;
    let again = rows.recorded(&again, 1)?;
    redrawn.items = again.len() as u64;
    let recorded = recorded_items(vault, sample)?;
    let mut pairs = recorded.iter().zip(&again);
    redrawn.differs = match pairs.find(|(recorded, again)| recorded != again) {
        Some((recorded, again)) => {
            let item = |of: &SampleItem| of.item.join(" ");
            Some(format!("item {} is `{}`, drawn again it is `{}`", again.number, item(recorded), item(again)))
        }
        None if recorded.len() != again.len() => {
            Some(format!("{} items are recorded, drawn again there are {}", recorded.len(), again.len()))
        }
        None => None,
    };
    Ok(redrawn)
}

/// The items of a sample as they were recorded, in the order of their numbers.
pub(crate) fn recorded_items(vault: &Vault, sample: &Sample) -> Result<Vec<SampleItem>, Error> {
    let mut items: Vec<SampleItem> = read(vault, &sample.items)?;
    for addition in &sample.additions {
        match addition {
            SampleAddition::Replacement { item: added, .. } | SampleAddition::Extension { items: added, .. } => {
                items.extend(read::<Vec<SampleItem>>(vault, added)?);
            }
        }
    }
    Ok(items)
}

fn read<T: serde::de::DeserializeOwned>(vault: &Vault, digest: &Digest) -> Result<T, Error> {
    serde_json::from_slice(&vault.get(digest)?).map_err(|source| Error::ObjectUnreadable { digest: *digest, source })
}

/// The frozen rows of a population.
struct FrozenOf<'a> {
    vault: &'a Vault,
    manifest: Manifest,
}

impl FrozenOf<'_> {
    /// Draws: the items of the first stage, then what was added, each with the next ranks. `first` is how many items the
    /// first stage had, where it was drawn before.
    fn draw(
        &self,
        selection: &Selection,
        seed: &Seed,
        population: &Digest,
        additions: &[SampleAddition],
        first: u64,
    ) -> Result<Vec<DrawnItem>, Error> {
        let added = additions.iter().map(SampleAddition::items).sum();
        let strata = strata_of(selection, &self.manifest)?;
        let mut draw = Draw::new(seed, population, self.plan(selection, strata.as_ref())?, added)?;
        self.each(selection, &mut |item| {
            let stratum = stratum_of(strata.as_ref(), item.says);
            let amount = match item.says {
                Says::Units(amount) => Some(amount),
                Says::Nothing | Says::Text(_) | Says::Day(_) => None,
            };
            Ok(draw.offer(Offer { key: item.key, stratum, amount })?)
        })?;
        let drawn = draw.finish()?;
        let (mut items, mut next) = (drawn.items, VecDeque::from(drawn.replacements));
        if !additions.is_empty() && items.len() as u64 != first {
            // Numbers would be others than those recorded.
            let (expected, found) = (first.to_string(), items.len().to_string());
            return Err(Error::Differs { what: "items of the first stage".to_owned(), expected, found });
        }
        for addition in additions {
            match addition {
                SampleAddition::Replacement { number, .. } => {
                    let at = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
                    let stratum = items.get(at).and_then(|item| item.stratum.clone());
                    let of_stratum = next.iter().position(|item| item.stratum == stratum);
                    items.extend(of_stratum.and_then(|at| next.remove(at)));
                }
                SampleAddition::Extension { more, .. } => {
                    let more = usize::try_from(*more).unwrap_or(usize::MAX).min(next.len());
                    items.extend(next.drain(..more));
                }
            }
        }
        Ok(items)
    }

    /// The plan that a selection comes to over these rows.
    fn plan(&self, selection: &Selection, strata: Option<&Strata>) -> Result<DrawPlan, Error> {
        let size = selection.size;
        Ok(match selection.method {
            SelectionMethod::Random => DrawPlan::Random { size },
            SelectionMethod::Systematic => DrawPlan::Systematic { size, items: self.manifest.rows },
            SelectionMethod::Stratified if !selection.sizes.is_empty() => {
                DrawPlan::Stratified { sizes: selection.sizes.clone() }
            }
            SelectionMethod::Stratified => {
                let mut items: BTreeMap<String, u64> = BTreeMap::new();
                self.each(selection, &mut |item| {
                    if let Some(stratum) = stratum_of(strata, item.says) {
                        match items.get_mut(stratum) {
                            Some(count) => *count += 1,
                            None => drop(items.insert(stratum.to_owned(), 1)),
                        }
                    }
                    Ok(())
                })?;
                DrawPlan::Stratified { sizes: proportional_sizes(size, &items)? }
            }
            SelectionMethod::MonetaryUnit => {
                let mut total = 0_u128;
                self.each(selection, &mut |item| {
                    if let Says::Units(amount @ 1..) = item.says {
                        total = total.saturating_add(amount.unsigned_abs());
                    }
                    Ok(())
                })?;
                DrawPlan::MonetaryUnit { size, total }
            }
        })
    }

    fn each(
        &self,
        selection: &Selection,
        visit: &mut dyn FnMut(FrozenItem<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        each_frozen_item(self.vault, &self.manifest, selection.by.as_deref(), visit)
    }

    /// Items as the vault keeps them, numbered from `first`.
    fn recorded(&self, items: &[DrawnItem], first: u64) -> Result<Vec<SampleItem>, Error> {
        let recorded = items.iter().zip(first..).map(|(drawn, number)| {
            let unreadable = || Error::KeysUnreadable(drawn.rank);
            Ok(SampleItem {
                number,
                item: item_texts(&self.manifest, &drawn.key).ok_or_else(unreadable)?,
                rank: drawn.rank,
                position: drawn.position + 1,
                stratum: drawn.stratum.clone(),
                hits: drawn.hits,
                on: self.day_of(drawn.position)?,
            })
        });
        recorded.collect()
    }

    /// The day that the item at a position occurred on. Row groups before it are not read.
    fn day_of(&self, position: u64) -> Result<Option<Date>, Error> {
        let is_day = |column: &Column| column.name == OCCURRED_ON && column.kind == ColumnType::Date;
        if !self.manifest.columns.iter().any(is_day) {
            return Ok(None);
        }
        let mut rows = self.vault.read_dataset(&self.manifest, Some(&[OCCURRED_ON]))?.paging(position, 1);
        let Some(batch) = rows.next().transpose()? else { return Ok(None) };
        let text = batch.columns().first().map(|column| cell_text(column, 0)).transpose()?;
        Ok(text.and_then(|text| text.parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array, RecordBatch, StringArray};
    use jiff::Timestamp;
    use tickmark_domain::{FrozenRows, PopulationDefinition, Side, Span};
    use tickmark_vault::{DatasetSchema, Extractor, Provenance, SealingKey, WriteOptions, arrow_schema};

    use super::*;

    /// A vault with a frozen population of payments: ids, three sites, amounts of which some are zero or less.
    struct Office {
        _folder: tempfile::TempDir,
        vault: Vault,
        rows: Digest,
    }

    impl Office {
        fn new(items: usize) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let vault = Vault::create(folder.path(), "acme", &SealingKey::new([7; 32])).unwrap();
            let columns = vec![
                Column::new("payment_id", ColumnType::Text, true),
                Column::new("site", ColumnType::Text, true),
                Column::new("amount", ColumnType::Decimal { precision: 18, scale: 2 }, true),
            ];
            let amounts = (0..items).map(|n| (n as i128 * 7_919) % 100_000 - 500);
            let arrays: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values((0..items).map(|n| format!("P{n:05}")))),
                Arc::new(StringArray::from_iter_values((0..items).map(|n| ["north", "south", "west"][n % 7 % 3]))),
                Arc::new(Decimal128Array::from_iter_values(amounts).with_precision_and_scale(18, 2).unwrap()),
            ];
            let batch = RecordBatch::try_new(arrow_schema(&columns), arrays).unwrap();
            let key = vec!["payment_id".to_owned()];
            let schema = DatasetSchema { dataset: "population".into(), columns, key, control_totals: Vec::new() };
            let options = WriteOptions { row_group_rows: 100, ..WriteOptions::new(true) };
            let mut writer = vault.writer(&schema, options).unwrap();
            writer.write(&batch).unwrap();
            let provenance = Provenance {
                source: "tickmark".into(),
                request: "SELECT".into(),
                parameters: BTreeMap::new(),
                extracted_at: Timestamp::UNIX_EPOCH,
                effective_on: None,
                period: None,
                extractor: Extractor { name: "test".into(), version: "1".into() },
                source_count: None,
                source_totals: BTreeMap::new(),
            };
            let (rows, _) = writer.finish(provenance).unwrap();
            Self { _folder: folder, vault, rows }
        }

        fn frozen(&self) -> FrozenOf<'_> {
            FrozenOf { vault: &self.vault, manifest: self.vault.manifest(&self.rows).unwrap() }
        }

        fn drawn(&self, selection: &Selection, additions: &[SampleAddition]) -> Vec<SampleItem> {
            let rows = self.frozen();
            let digest = rows.manifest.rows_digest;
            let seed = Seed::of(&"soc2".parse().unwrap(), &digest, &Digest::of(b"root"), None);
            let items = rows.draw(selection, &seed, &digest, additions, selection.size).unwrap();
            rows.recorded(&items, 1).unwrap()
        }
    }

    fn selection(method: SelectionMethod, by: Option<&str>, size: u64) -> Selection {
        Selection { method, size, by: by.map(str::to_owned), sizes: BTreeMap::new(), strata: Vec::new() }
    }

    fn replaced(number: u64, by: u64) -> SampleAddition {
        let object = Digest::of(b"object");
        let cause = ReplacementCause::Void;
        SampleAddition::Replacement { number, by, cause, reason: object, evidence: object, item: object, entry: 0 }
    }

    fn extended(more: u64) -> SampleAddition {
        let object = Digest::of(b"object");
        SampleAddition::Extension { more, deviations: 1, reason: object, items: object, entry: 0 }
    }

    /// Whatever was added to a sample, the items before it stay, none comes twice, and drawing again gives the same.
    #[test]
    fn what_is_added_goes_on_from_what_was_drawn() {
        let office = Office::new(900);
        for (method, by) in [
            (SelectionMethod::Random, None),
            (SelectionMethod::Systematic, None),
            (SelectionMethod::Stratified, Some("site")),
            (SelectionMethod::MonetaryUnit, Some("amount")),
        ] {
            let selection = selection(method, by, 20);
            let first = office.drawn(&selection, &[]);
            let mut additions = vec![replaced(3, 21), replaced(21, 22)];
            if method == SelectionMethod::Random {
                additions.extend([extended(17), replaced(30, 40)]);
            }
            let all = office.drawn(&selection, &additions);
            assert_eq!(all.get(..20).unwrap(), first, "{method}");
            assert_eq!(all, office.drawn(&selection, &additions), "{method}");
            let added: u64 = additions.iter().map(SampleAddition::items).sum();
            assert_eq!(all.len() as u64, 20 + added, "{method}");
            let mut ranks: Vec<Digest> = all.iter().map(|item| item.rank).collect();
            ranks.sort();
            ranks.dedup();
            assert_eq!(ranks.len(), all.len(), "{method}: an item came twice");
            if method == SelectionMethod::Stratified {
                assert_eq!(all.get(2).map(|item| &item.stratum), all.get(20).map(|item| &item.stratum));
            }
        }
    }

    /// Amounts run from -5.00 to 994.99.
    #[test]
    fn strata_of_amounts_are_given_by_their_bounds() {
        let office = Office::new(900);
        let by_bounds = |sizes: &[(&str, u64)], strata: &[&str]| Selection {
            sizes: sizes.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect(),
            strata: strata.iter().map(|name| (*name).to_owned()).collect(),
            ..selection(SelectionMethod::Stratified, Some("amount"), 12)
        };
        let tried = |selection: &Selection| {
            let rows = office.frozen();
            let digest = rows.manifest.rows_digest;
            let seed = Seed::of(&"soc2".parse().unwrap(), &digest, &Digest::of(b"root"), None);
            let items = rows.draw(selection, &seed, &digest, &[], selection.size).map_err(|error| error.to_string())?;
            let mut of_strata: BTreeMap<String, u64> = BTreeMap::new();
            items.into_iter().for_each(|item| *of_strata.entry(item.stratum.unwrap()).or_default() += 1);
            Ok::<_, String>(of_strata)
        };
        let sizes = [("..99.99", 2), ("100..499.99", 3), ("500..", 7)];
        assert_eq!(
            tried(&by_bounds(&sizes, &[])).unwrap(),
            BTreeMap::from(sizes.map(|(name, n)| (name.to_owned(), n)))
        );
        let in_proportion = tried(&by_bounds(&[], &["..99.99", "100..499.99", "500.."])).unwrap();
        assert_eq!(in_proportion.values().sum::<u64>(), 12);
        for (sizes, refused) in [
            ([("..100", 2), ("100..", 3)], "overlap"),
            ([("..99", 2), ("100..", 3)], "has no stratum"),
            ([("..99.999", 2), ("100..", 3)], "is no stratum of `amount`"),
            ([("small", 2), ("large", 3)], "is no stratum of `amount`"),
        ] {
            let said = tried(&by_bounds(&sizes, &[])).unwrap_err();
            assert!(said.contains(refused), "{sizes:?}: {said}");
        }
        assert!(tried(&by_bounds(&[], &[])).unwrap_err().contains("no stratum"));
    }

    #[test]
    fn a_recorded_item_that_was_not_drawn_is_named() {
        let office = Office::new(300);
        let key = RowDigestKey::new([3; 32]);
        let sealed = key.seal(&office.frozen().manifest.rows_digest);
        let engagement: EngagementId = "soc2".parse().unwrap();
        let seed = Seed::of(&engagement, &sealed, &Digest::of(b"root"), None);
        let asked = selection(SelectionMethod::Random, None, 10);
        let drawn = office.frozen().draw(&asked, &seed, &sealed, &[], 0).unwrap();
        let items = office.frozen().recorded(&drawn, 1).unwrap();
        let parameters =
            DrawParameters { selection: asked, basis: None, aim: None, seed: String::new(), rank: String::new() };
        let put = |items: &Vec<SampleItem>| office.vault.put_sealed(&serde_json::to_vec(items).unwrap()).unwrap();
        let id: SampleId = "s-1".parse().unwrap();
        let again = |items: Digest, root: &[u8], key: &RowDigestKey| {
            let rows = FrozenRows {
                query: sealed,
                datasets: Default::default(),
                sources: Default::default(),
                inputs: sealed,
                extracted_at: Timestamp::UNIX_EPOCH,
                items: 300,
                control_total: None,
                rows: office.rows,
                rows_digest: sealed,
                engine: String::new(),
            };
            let day = jiff::civil::date(2026, 1, 1);
            let population = Population {
                engagement: engagement.clone(),
                controls: Default::default(),
                definition: PopulationDefinition::Own(sealed),
                span: Span { first: day, last: day },
                rows,
                catalog: sealed,
                reason: None,
                frozen_by: "p-1".parse().unwrap(),
                frozen_at: Timestamp::UNIX_EPOCH,
                entry: 7,
                checks: Vec::new(),
            };
            let sample = Sample {
                engagement: engagement.clone(),
                population: "pop".parse().unwrap(),
                side: Side::Management,
                method: SelectionMethod::Random,
                parameters: office.vault.put(&serde_json::to_vec(&parameters).unwrap()).unwrap(),
                size: 10,
                checkpoint: Digest::of(b"root"),
                nonce: None,
                items,
                reason: None,
                drawn_by: "p-1".parse().unwrap(),
                drawn_at: Timestamp::UNIX_EPOCH,
                entry: 9,
                additions: Vec::new(),
                voided: None,
            };
            let mut state = State::default();
            state.populations.insert("pop".parse().unwrap(), population);
            redraw(&office.vault, &state, &id, &sample, key, Some(Digest::of(root))).unwrap().differs
        };
        assert_eq!(again(put(&items), b"root", &key), None);
        let (mut swapped, mut short) = (items.clone(), items.clone());
        short.pop();
        let mut other = items.last().unwrap().clone();
        other.item = vec!["P99999".to_owned()];
        *swapped.last_mut().unwrap() = other;
        let said = again(put(&swapped), b"root", &key).unwrap();
        assert!(said.starts_with("item 10 is `P99999`, drawn again it is `P"), "{said}");
        assert_eq!(again(put(&short), b"root", &key).unwrap(), "9 items are recorded, drawn again there are 10");
        assert!(again(put(&items), b"another root", &key).unwrap().contains("checkpoint"));
        assert!(again(put(&items), b"root", &RowDigestKey::new([4; 32])).unwrap().contains("frozen rows"));
    }
}
