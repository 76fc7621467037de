//! Files in the formats the source systems export: JSON, JSON Lines, CSV and tab-separated text.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::draw::Draw;
use crate::error::Error;

/// Writes one JSON array.
pub(crate) fn json<T: Serialize>(path: &Path, rows: &[T]) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(rows).map_err(|source| Error::Json { path: path.to_owned(), source })?;
    bytes(path, (text + "\n").as_bytes())
}

/// Writes one JSON object a line.
pub(crate) fn json_lines<T: Serialize>(path: &Path, rows: &[T]) -> Result<(), Error> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(row).map_err(|source| Error::Json { path: path.to_owned(), source })?);
        text.push('\n');
    }
    bytes(path, text.as_bytes())
}

/// Writes a table of text with a header; `delimiter` is a comma or a tab.
pub(crate) fn table<T: Serialize>(path: &Path, delimiter: u8, rows: &[T]) -> Result<(), Error> {
    let failed = |source| Error::Csv { path: path.to_owned(), source };
    parent(path)?;
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_path(path).map_err(failed)?;
    for row in rows {
        writer.serialize(row).map_err(failed)?;
    }
    writer.flush().map_err(Error::file("writing", path))
}

/// Writes bytes as they are.
pub(crate) fn bytes(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    parent(path)?;
    std::fs::write(path, bytes).map_err(Error::file("writing", path))
}

/// Makes the folder a file goes into.
pub(crate) fn parent(path: &Path) -> Result<(), Error> {
    path.parent()
        .map_or(Ok(()), |folder| std::fs::create_dir_all(folder).map_err(Error::file("creating folder", folder)))
}

/// An instant to the second, in UTC.
pub(crate) fn instant<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// An instant to the second, in UTC, or nothing.
pub(crate) fn maybe_instant<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.collect_str(at),
        None => serializer.serialize_none(),
    }
}

/// A row that a fault or near miss may be planted in, at most once.
pub(crate) trait Plantable {
    /// Whether something was planted here.
    fn planted(&mut self) -> &mut bool;
}

/// One of the rows that fit and carry nothing yet; it counts as planted from now on.
pub(crate) fn take<'a, T: Plantable>(
    draw: &mut Draw,
    rows: &'a mut [T],
    fits: impl Fn(&T) -> bool,
) -> Option<&'a mut T> {
    let mut free: Vec<&'a mut T> =
        rows.iter_mut().filter_map(|row| (!*row.planted() && fits(row)).then_some(row)).collect();
    let at = draw.position(free.len());
    if at >= free.len() {
        return None;
    }
    let row = free.swap_remove(at);
    *row.planted() = true;
    Some(row)
}

/// A day between two others.
pub(crate) fn day_between(draw: &mut Draw, first: Date, last: Date) -> Date {
    let span = crate::calendar::days_between(first, last);
    crate::calendar::plus(first, i32::try_from(draw.between(0, span.into())).unwrap_or(0))
}
