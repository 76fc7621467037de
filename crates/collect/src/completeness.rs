//! Is it all there? The source's own count and sums against what was stored.

use jiff::{Timestamp, civil::Date};
use tickmark_catalog::Dataset;
use tickmark_vault::{Manifest, Period};

use crate::{
    Window, gaps,
    source::{Extract, SourceCount, Told},
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
    /// Why the series is not the whole, if it is not.
    pub incomplete_because: Option<String>,
}

/// Adds up the newest extracts of a dataset and compares them with one count over the whole period. `extracts` are the
/// manifests in any order; where two cover the same stretch, the one extracted later counts.
pub fn reconcile(
    dataset: &Dataset,
    first: Date,
    last: Date,
    extracts: &[Manifest],
    counted_after: Option<u64>,
) -> Reconciliation {
    let mut newest: Vec<(Period, Timestamp, u64)> = Vec::new();
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
        if let Some(known) = newest.iter_mut().find(|(known, ..)| *known == period) {
            *known = (period, manifest.extracted_at, manifest.rows);
            if !read_again.contains(&window) {
                read_again.push(window);
            }
            continue;
        }
        if newest.iter().any(|(known, ..)| known.first <= period.last && known.last >= period.first) {
            overlaps.push(window);
        }
        newest.push((period, manifest.extracted_at, manifest.rows));
    }
    let windows: Vec<Window> =
        newest.iter().map(|(period, ..)| Window::Booked { first: period.first, last: period.last }).collect();
    let gaps = gaps(first, last, &windows);
    let rows = newest.iter().map(|(_, _, rows)| *rows).sum();
    let mut because = Vec::new();
    if let Some(Window::Booked { first, last }) = gaps.first() {
        because.push(format!("nothing covers {first} to {last}"));
    }
    if let Some(Window::Booked { first, last }) = overlaps.first() {
        because.push(format!("the extract of {first} to {last} overlaps another, so rows cannot be added up"));
    }
    let reaches_out = newest.iter().any(|(period, ..)| period.first < first || period.last > last);
    match counted_after {
        Some(counted) if !reaches_out && counted != rows => {
            because.push(format!("the source counts {counted} rows over the whole period, its extracts hold {rows}"));
        }
        Some(_) if reaches_out => {
            because.push("an extract reaches out of the period, so rows cannot be added up".into())
        }
        Some(_) | None => {}
    }
    read_again.extend(overlaps);
    let incomplete_because = (!because.is_empty()).then(|| because.join("; "));
    Reconciliation { gaps, read_again, rows, counted_after, incomplete_because }
}
