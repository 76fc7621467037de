//! Is it all there? The source's own count and sums against what was stored.

use jiff::civil::Date;
use tickmark_catalog::Dataset;
use tickmark_vault::{Manifest, Period};

use crate::{
    Window, WindowCount, declared, gaps,
    source::{Extract, SourceCount, Told},
    value::{decimal_of, decimal_text},
};

/// Why an extract is not the whole, but for its sums.
pub(crate) fn incomplete(extract: &Extract<'_>, told: &Told, rows: u64, skipped: u64) -> Vec<String> {
    let mut because = told.incomplete.clone();
    if let SourceCount::Known(count) = told.count
        && count != rows + skipped
    {
        let other = if skipped > 0 { format!(" and {skipped} belong to other windows") } else { String::new() };
        because.push(format!("the source counts {count} rows, {rows} are stored{other}"));
    }
    let unconfirmed: Vec<&str> = extract
        .dataset
        .control_totals
        .iter()
        .filter(|column| !told.totals.contains_key(*column))
        .map(String::as_str)
        .collect();
    // A source that counts could as well have been asked for its sums; that it has none is for its settings to say, which an
    // administrator approves.
    if !unconfirmed.is_empty() && told.no_totals.is_none() && !matches!(told.count, SourceCount::Unknown(_)) {
        because.push(format!("the source gives no sum of {}", unconfirmed.join(", ")));
    }
    if let Window::Booked { last, .. } = extract.window
        && !extract.window.is_over(extract.clock, &extract.source.zone)
    {
        because.push(format!("{last} was not over when the rows were read"));
    }
    because
}

/// The columns whose sum the source gives differently.
pub(crate) fn totals_differ(manifest: &Manifest) -> Vec<String> {
    manifest
        .control_totals
        .iter()
        .filter(|total| total.agrees() == Some(false))
        .map(|total| {
            let source = total.source.as_deref().unwrap_or_default();
            format!("the sum of {} is {source} in the source, {} is stored", total.column, total.stored)
        })
        .collect()
}

/// What a series of extracts of one dataset covers of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Stretches that no extract covers.
    pub gaps: Vec<Window>,
    /// Stretches that more than one extract covers: the newest counts.
    pub read_again: Vec<Window>,
    /// Rows of the newest extract of each stretch, added up.
    pub rows: u64,
    /// The source's one count of the whole period, taken after its last day.
    pub counted_after: Option<u64>,
    /// Control totals that were compared with the source's own sums over the whole period.
    pub totals: u64,
    /// How many of them differ.
    pub totals_differ: u64,
    /// Why the series is not the whole, if it is not.
    pub incomplete_because: Option<String>,
}

/// Adds up the newest extracts of a dataset and compares rows and control totals with one count over the whole period. `extracts`
/// are the manifests in any order; where two cover the same stretch, the one extracted later counts.
pub fn reconcile(
    dataset: &Dataset,
    first: Date,
    last: Date,
    extracts: &[Manifest],
    counted_after: Option<&WindowCount>,
) -> Reconciliation {
    let mut newest: Vec<(Period, &Manifest)> = Vec::new();
    let mut read_again = Vec::new();
    let mut overlaps = Vec::new();
    let mut of_dataset: Vec<&Manifest> =
        extracts.iter().filter(|manifest| manifest.dataset == dataset.id.as_str()).collect();
    of_dataset.sort_by_key(|manifest| manifest.extracted_at);
    for manifest in of_dataset {
        let Some(period) = manifest.period else { continue };
        if period.first > last || period.last < first {
            continue;
        }
        let window = Window::Booked { first: period.first, last: period.last };
        if let Some(known) = newest.iter_mut().find(|(known, _)| *known == period) {
            *known = (period, manifest);
            if !read_again.contains(&window) {
                read_again.push(window);
            }
            continue;
        }
        if newest.iter().any(|(known, _)| known.first <= period.last && known.last >= period.first) {
            overlaps.push(window);
        }
        newest.push((period, manifest));
    }
    let windows: Vec<Window> =
        newest.iter().map(|(period, _)| Window::Booked { first: period.first, last: period.last }).collect();
    let gaps = gaps(first, last, &windows);
    let rows = newest.iter().map(|(_, manifest)| manifest.rows).sum();
    let mut because = Vec::new();
    if let Some(Window::Booked { first, last }) = gaps.first() {
        because.push(format!("nothing covers {first} to {last}"));
    }
    if let Some(Window::Booked { first, last }) = overlaps.first() {
        because.push(format!("the extract of {first} to {last} overlaps another, so rows cannot be added up"));
    }
    let reaches_out = newest.iter().any(|(period, _)| period.first < first || period.last > last);
    let mut differing = Vec::new();
    match counted_after {
        Some(_) if reaches_out => {
            because.push("an extract reaches out of the period, so rows cannot be added up".into());
        }
        Some(counted) => {
            if counted.rows != rows {
                let counted = counted.rows;
                because
                    .push(format!("the source counts {counted} rows over the whole period, its extracts hold {rows}"));
            }
            differing = differing_totals(dataset, &newest, counted);
        }
        None => {}
    }
    let totals = counted_after.map_or(0, |counted| counted.totals.len() as u64);
    let totals_differ = differing.len() as u64;
    because.extend(differing);
    read_again.extend(overlaps);
    let incomplete_because = (!because.is_empty()).then(|| because.join("; "));
    let counted_after = counted_after.map(|counted| counted.rows);
    Reconciliation { gaps, read_again, rows, counted_after, totals, totals_differ, incomplete_because }
}

/// The control totals that the source sums otherwise over the whole period, each in a sentence.
fn differing_totals(dataset: &Dataset, newest: &[(Period, &Manifest)], counted: &WindowCount) -> Vec<String> {
    let mut differing = Vec::new();
    for (column, source) in &counted.totals {
        let scale = dataset.column(column).map_or(0, declared::scale);
        let stored = newest.iter().try_fold(0_i128, |sum, (_, manifest)| {
            let total = manifest.control_totals.iter().find(|total| total.column == *column)?;
            sum.checked_add(at_scale(&total.stored, scale)?)
        });
        if stored.is_none() || stored != at_scale(source, scale) {
            let stored = stored.map_or_else(|| "no sum".to_owned(), |stored| decimal_text(stored, scale));
            differing.push(format!(
                "the sum of {column} over the whole period is {source} in the source, its extracts hold {stored}"
            ));
        }
    }
    differing
}

/// An exact decimal, unscaled.
fn at_scale(text: &str, scale: u32) -> Option<i128> {
    let (unscaled, found) = decimal_of(text)?;
    let missing = scale.checked_sub(found)?;
    unscaled.checked_mul(10_i128.checked_pow(missing)?)
}
