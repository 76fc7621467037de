//! What every extract must satisfy whatever its source: unique keys, booking dates inside the window.
//!
//! Invariant: rows leave here only if they belong to the window that was asked for.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{AsArray, BooleanArray, RecordBatch},
    compute::{filter_record_batch, not},
    datatypes::{Date32Type, Decimal128Type, Int64Type},
};
use tickmark_catalog::Dataset;

use crate::{
    Error, Window,
    config::Outside,
    declared,
    error::{DuplicateKey, OutsideWindow},
    keys::Keys,
    rows::Batch,
    value::{date_from_days, days_from_date},
};

/// Where the rows from a position of the extract on came from.
struct Stretch {
    /// Position of its first row in the extract.
    from: u64,
    of: Arc<str>,
    /// The source's number of that row.
    first_row: u64,
}

/// The checks of one extract.
pub(crate) struct Checks<'a> {
    dataset: &'a Dataset,
    booked: Option<(usize, String)>,
    window: Window,
    outside: Outside,
    keys: Keys,
    stretches: Vec<Stretch>,
    /// Rows checked, those outside the window included.
    rows: u64,
    skipped: Skipped,
}

/// What was left to other windows. The source's own count and sums are over these rows too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    pub rows: u64,
    /// Control total → the sum over these rows, unscaled.
    pub totals: BTreeMap<String, i128>,
}

impl Skipped {
    fn add(&mut self, dataset: &Dataset, rows: &RecordBatch) {
        self.rows += rows.num_rows() as u64;
        for name in &dataset.control_totals {
            let at = declared::positions(dataset, [name]).first().copied();
            let Some(array) = at.and_then(|at| rows.columns().get(at)) else { continue };
            let ints = array.as_primitive_opt::<Int64Type>().map(|array| array.iter().flatten().map(i128::from).sum());
            let decimals = || array.as_primitive_opt::<Decimal128Type>().map(|array| array.iter().flatten().sum());
            let sum: i128 = ints.or_else(decimals).unwrap_or_default();
            *self.totals.entry(name.clone()).or_default() += sum;
        }
    }
}

impl<'a> Checks<'a> {
    pub fn new(dataset: &'a Dataset, window: Window, outside: Outside) -> Result<Self, Error> {
        let booked = dataset
            .booked
            .as_ref()
            .and_then(|name| declared::positions(dataset, [name]).first().map(|at| (*at, name.clone())));
        let keys = Keys::new(declared::positions(dataset, &dataset.key)).map_err(temporary)?;
        Ok(Self { dataset, booked, window, outside, keys, stretches: Vec::new(), rows: 0, skipped: Skipped::default() })
    }

    /// Checks a batch and gives the rows to store.
    pub fn take(&mut self, batch: Batch) -> Result<RecordBatch, Error> {
        let of = Arc::clone(&batch.of);
        self.stretches.push(Stretch { from: self.rows, of: batch.of, first_row: batch.first_row });
        self.rows += batch.rows.num_rows() as u64;
        // Keys are compared before rows of other windows are left out: a key that stands in two windows is repeated too.
        self.keys.take(&batch.rows).map_err(temporary)?;
        let Some((at, name)) = &self.booked else { return Ok(batch.rows) };
        let Some(booked) = batch.rows.columns().get(*at).and_then(|column| column.as_primitive_opt::<Date32Type>())
        else {
            return Ok(batch.rows);
        };
        let (first, last) = (days_from_date(self.window.first()), days_from_date(self.window.last()));
        let inside = |days: i32| (first..=last).contains(&days);
        let Some(stray) = booked.values().iter().position(|days| !inside(*days)) else { return Ok(batch.rows) };
        if self.outside == Outside::Skip {
            let mask: BooleanArray = booked.values().iter().map(|days| Some(inside(*days))).collect();
            let failed = |cause| Error::Rows { of: self.dataset.id.to_string(), cause };
            let others = not(&mask).and_then(|others| filter_record_batch(&batch.rows, &others)).map_err(failed)?;
            self.skipped.add(self.dataset, &others);
            return filter_record_batch(&batch.rows, &mask).map_err(failed);
        }
        let days = booked.values().get(stray).copied().unwrap_or_default();
        Err(Error::OutsideWindow(Box::new(OutsideWindow {
            of: of.to_string(),
            row: batch.first_row + stray as u64,
            column: name.clone(),
            booked: date_from_days(days).map_or_else(|| days.to_string(), |day| day.to_string()),
            first: self.window.first(),
            last: self.window.last(),
        })))
    }

    /// Ends the checks: no key may have come twice.
    pub fn finish(self) -> Result<Skipped, Error> {
        let Some((earlier, later)) = self.keys.repeated().map_err(temporary)? else { return Ok(self.skipped) };
        let place = |position: u64| {
            let at = self.stretches.partition_point(|stretch| stretch.from <= position);
            let stretch = at.checked_sub(1).and_then(|at| self.stretches.get(at));
            stretch.map_or((String::new(), position), |stretch| {
                (stretch.of.to_string(), stretch.first_row + (position - stretch.from))
            })
        };
        let (of, row) = place(later);
        let (earlier_of, earlier_row) = place(earlier);
        let key = self.dataset.key.clone();
        Err(Error::DuplicateKey(Box::new(DuplicateKey { of, row, earlier_of, earlier_row, key })))
    }
}

fn temporary(cause: std::io::Error) -> Error {
    Error::Io { doing: "comparing keys in a temporary file in", path: std::env::temp_dir(), cause }
}
