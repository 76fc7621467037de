//! How the rows of an extract differ from those that earlier extracts hold of the same days: late, restated, vanished.
//!
//! Rows are told apart by hashes of 128 bits under a secret seed. Of more rows than fit memory only a share is looked at in
//! each pass over the extracts.
//!
//! Invariant: nothing is stored; a row of a day that was not read before is new, never late.

use arrow::{
    array::{Array as _, ArrayRef, AsArray as _, RecordBatch},
    datatypes::Date32Type,
};
use tickmark_vault::{Manifest, Vault};
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::{Error, keys::KeyColumn, value::days_from_date};

/// Rows of earlier extracts looked at in one pass: 48 bytes each, so 96 MiB.
const A_PASS: u64 = 2 << 20;

/// How many rows differ, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowChanges {
    /// Rows that are there now and were not then.
    pub late: u64,
    /// Rows of which something else is said now.
    pub restated: u64,
    /// Rows that are there no more.
    pub vanished: u64,
}

/// Compares an extract with `earlier` ones of the same dataset, the oldest first; `booked` is the column of the day of events.
/// None if no day was read before, or if rows had other columns then.
pub fn row_changes(
    vault: &Vault,
    now: &Manifest,
    earlier: &[Manifest],
    booked: Option<&str>,
) -> Result<Option<RowChanges>, Error> {
    changes_in_passes(vault, now, earlier, booked, A_PASS)
}

fn changes_in_passes(
    vault: &Vault,
    now: &Manifest,
    earlier: &[Manifest],
    booked: Option<&str>,
    a_pass: u64,
) -> Result<Option<RowChanges>, Error> {
    let same_columns = |then: &Manifest| then.columns == now.columns && then.key == now.key;
    if earlier.is_empty() || !earlier.iter().all(same_columns) {
        return Ok(None);
    }
    if let [then] = earlier
        && (then.period, then.effective_on) == (now.period, now.effective_on)
        && then.rows_digest == now.rows_digest
    {
        return Ok(Some(RowChanges::default()));
    }
    let days = earlier.iter().chain([now]).map(|extract| Days::of(extract, booked)).collect();
    let mut seed = [0_u8; 8];
    getrandom::fill(&mut seed).map_err(|cause| Error::Io {
        doing: "drawing a random number for",
        path: now.dataset.clone().into(),
        cause: std::io::Error::other(cause),
    })?;
    let rows: u64 = earlier.iter().map(|extract| extract.rows).sum();
    let passes = u128::from(rows.div_ceil(a_pass).max(1));
    let walk = Walk { vault, now, earlier, days, seed: u64::from_le_bytes(seed), passes };
    let mut changes = RowChanges::default();
    for pass in 0..passes {
        walk.pass(pass, &mut changes)?;
    }
    Ok(Some(changes))
}

/// The days that an extract holds rows of.
#[derive(Clone, Copy)]
enum Days {
    /// Events booked from one day to another.
    Booked { column: usize, first: i32, last: i32 },
    /// A state, which has no days of rows.
    All,
}

impl Days {
    fn of(extract: &Manifest, booked: Option<&str>) -> Self {
        match (extract.period, booked.and_then(|name| extract.column_index(name))) {
            (Some(period), Some(column)) => {
                Self::Booked { column, first: days_from_date(period.first), last: days_from_date(period.last) }
            }
            (Some(_) | None, _) => Self::All,
        }
    }

    /// Whether the extract holds the day of a row of any extract.
    fn hold(self, row: &Row<'_>) -> bool {
        let Self::Booked { column, first, last } = self else { return true };
        let booked = row.batch.columns().get(column).and_then(|days| days.as_primitive_opt::<Date32Type>());
        booked.is_some_and(|days| (first..=last).contains(&days.value(row.number)))
    }
}

/// A row in its batch, by hashes of its key and of all of it.
struct Row<'a> {
    batch: &'a RecordBatch,
    number: usize,
    key: u128,
    whole: u128,
}

struct Walk<'a> {
    vault: &'a Vault,
    now: &'a Manifest,
    earlier: &'a [Manifest],
    /// Of the earlier extracts, then of the one of now.
    days: Vec<Days>,
    seed: u64,
    passes: u128,
}

impl Walk<'_> {
    fn pass(&self, pass: u128, changes: &mut RowChanges) -> Result<(), Error> {
        let mut then: Vec<(u128, u128)> = Vec::new();
        // The newest first: of a key that stands in several, its row counts.
        for (at, extract) in self.earlier.iter().enumerate().rev() {
            let newer = self.days.get(at + 1..).unwrap_or_default();
            let (newer, now) = newer.split_at(newer.len().saturating_sub(1));
            let own = self.days.get(at).copied().unwrap_or(Days::All);
            self.rows(extract, pass, |row| {
                let stands = own.hold(row) && !newer.iter().any(|days| days.hold(row));
                if stands && now.iter().all(|days| days.hold(row)) {
                    then.push((row.key, row.whole));
                }
            })?;
        }
        then.sort_by_key(|(key, _)| *key);
        then.dedup_by_key(|(key, _)| *key);
        let mut met = vec![false; then.len()];
        let before = self.days.get(..self.earlier.len()).unwrap_or_default();
        self.rows(self.now, pass, |row| {
            let found = then.binary_search_by_key(&row.key, |(key, _)| *key).ok();
            match found.and_then(|at| Some((met.get_mut(at)?, then.get(at)?))) {
                Some((met, (_, whole))) => {
                    *met = true;
                    changes.restated += u64::from(*whole != row.whole);
                }
                None => changes.late += u64::from(before.iter().any(|days| days.hold(row))),
            }
        })?;
        changes.vanished += met.iter().filter(|met| !**met).count() as u64;
        Ok(())
    }

    /// The rows of an extract that are looked at in a pass.
    fn rows(&self, extract: &Manifest, pass: u128, mut see: impl FnMut(&Row<'_>)) -> Result<(), Error> {
        let key: Vec<usize> = extract.key.iter().filter_map(|name| extract.column_index(name)).collect();
        let all: Vec<usize> = (0..extract.columns.len()).collect();
        let mut bytes = Vec::new();
        for batch in self.vault.read_dataset(extract, None)? {
            let batch = batch?;
            let columns: Vec<(&ArrayRef, Option<KeyColumn<'_>>)> =
                batch.columns().iter().map(|column| (column, KeyColumn::of(column))).collect();
            let mut hash = |number: usize, of: &[usize]| {
                bytes.clear();
                for (array, values) in of.iter().filter_map(|at| columns.get(*at)) {
                    bytes.push(u8::from(array.is_null(number)));
                    if let Some(values) = values.as_ref().filter(|_| !array.is_null(number)) {
                        values.encode(number, &mut bytes);
                    }
                }
                xxh3_128_with_seed(&bytes, self.seed)
            };
            for number in 0..batch.num_rows() {
                let key = hash(number, &key);
                if key % self.passes == pass {
                    see(&Row { batch: &batch, number, key, whole: hash(number, &all) });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use arrow::array::{Date32Array, Int64Array, StringArray};
    use jiff::civil::{Date, date};
    use tickmark_vault::{
        Column, DatasetSchema, Extractor, Period, Provenance, SealingKey, WriteOptions, arrow_schema,
    };

    use super::*;

    /// A line of a ledger: key, day of November, amount.
    type Line = (&'static str, i8, Option<i64>);

    fn november(day: i8) -> Date {
        date(2026, 11, day)
    }

    fn extract(vault: &Vault, days: Option<(i8, i8)>, lines: &[Line]) -> Manifest {
        let columns = vec![
            Column::new("id", "text".parse().unwrap(), true),
            Column::new("day", "date".parse().unwrap(), true),
            Column::new("amount", "int".parse().unwrap(), false),
        ];
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(lines.iter().map(|line| line.0))),
            Arc::new(Date32Array::from_iter_values(lines.iter().map(|line| days_from_date(november(line.1))))),
            Arc::new(lines.iter().map(|line| line.2).collect::<Int64Array>()),
        ];
        let batch = RecordBatch::try_new(arrow_schema(&columns), arrays).unwrap();
        let schema =
            DatasetSchema { dataset: "line".into(), columns, key: vec!["id".into()], control_totals: Vec::new() };
        let mut writer = vault.writer(&schema, WriteOptions::new(false)).unwrap();
        writer.write(&batch).unwrap();
        let provenance = Provenance {
            source: "s".into(),
            request: "SELECT".into(),
            parameters: BTreeMap::new(),
            extracted_at: "2026-12-01T12:00:00Z".parse().unwrap(),
            effective_on: days.is_none().then(|| november(30)),
            period: days.map(|(first, last)| Period { first: november(first), last: november(last) }),
            extractor: Extractor { name: "test".into(), version: "1".into() },
            source_count: None,
            source_totals: BTreeMap::new(),
        };
        writer.finish(provenance).unwrap().1
    }

    #[test]
    fn rows_that_came_late_were_restated_or_vanished() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(folder.path(), "test", &SealingKey::new([7; 32])).unwrap();
        let first: &[Line] = &[("a", 1, Some(1)), ("b", 2, None), ("c", 9, Some(3)), ("d", 10, Some(4))];
        let events = |last: i8, lines: &[Line]| extract(&vault, Some((1, last)), lines);
        let then = events(10, first);
        let check = |now: &Manifest, earlier: &[Manifest], expected: (u64, u64, u64)| {
            for a_pass in [1, 3, 100] {
                let changes = changes_in_passes(&vault, now, earlier, Some("day"), a_pass).unwrap().unwrap();
                assert_eq!((changes.late, changes.restated, changes.vanished), expected, "{a_pass}");
            }
        };
        let mut turned = first.to_vec();
        turned.reverse();
        check(&events(10, first), std::slice::from_ref(&then), (0, 0, 0));
        check(&events(10, &turned), std::slice::from_ref(&then), (0, 0, 0));
        // `b` has a value now, `c` is gone, `e` came late; `f` is of a day that was not read before, and so is new.
        let now: &[Line] =
            &[("a", 1, Some(1)), ("b", 2, Some(0)), ("d", 10, Some(4)), ("e", 5, Some(5)), ("f", 11, None)];
        check(&events(12, now), std::slice::from_ref(&then), (1, 1, 1));
        // A row that is booked on another day now was restated, though that day was not read before.
        check(&events(12, &[("a", 12, Some(1)), first[1], first[2], first[3]]), std::slice::from_ref(&then), (0, 1, 0));
        // Read from the ninth on: what was booked earlier is not asked about, and has not vanished.
        check(&extract(&vault, Some((9, 12)), &[first[2]]), std::slice::from_ref(&then), (0, 0, 1));
        // Of two earlier ones that overlap the newer counts for the days that both hold.
        let between = extract(&vault, Some((9, 10)), &[("c", 9, Some(30))]);
        check(&events(10, &[first[0], first[1], ("c", 9, Some(30))]), &[then.clone(), between], (0, 0, 0));
        // States have no days of rows.
        let state = |lines: &[Line]| extract(&vault, None, lines);
        check(&state(&[("a", 1, Some(2)), ("z", 1, None)]), &[state(first)], (1, 1, 3));
        assert_eq!(row_changes(&vault, &then, &[], Some("day")).unwrap(), None);
    }
}
