//! Rows of a case, written as text in Markdown, as the tables that queries see.
//!
//! A case gives what the source holds. The state at `$on` leaves out events booked later; a case that does not care about
//! the booking day leaves it empty, and the row counts. The history shows the same rows as one extract of `$on`, unless
//! the case gives the history itself (a table `NAME_history`, or a column `_extracted_on` in `NAME`): then the state
//! follows from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use datafusion::arrow::{
    array::{
        ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, RecordBatch, StringViewBuilder,
        TimestampMicrosecondBuilder,
    },
    error::ArrowError,
};
use jiff::civil::Date;
use tickmark_calendar::days_since_epoch;
use tickmark_catalog::{Column, ColumnType, Dataset, DatasetKind, Rows};

use super::{EXTRACT, EXTRACTED_ON, HISTORY, case_table::history_schema, query_schema};

/// The tables of one case.
#[derive(Debug)]
pub(crate) struct CaseRows;

/// A row as text, in the order of the declared columns.
type TextRow = Vec<Option<String>>;

/// A row of a history: the day and number of its extract, and the row.
type HistoryRow = (Option<Date>, i64, TextRow);

impl CaseRows {
    /// The batches by table name; an error says which table, column and value.
    pub(crate) fn build(
        datasets: &[Arc<Dataset>],
        given: &BTreeMap<String, Rows>,
        on: Date,
    ) -> Result<BTreeMap<String, RecordBatch>, String> {
        for name in given.keys() {
            let base = name.strip_suffix(HISTORY).unwrap_or(name);
            if !datasets.iter().any(|dataset| dataset.id.as_str() == base || dataset.id.as_str() == name) {
                return Err(format!("`{name}` is not a declared dataset nor the history of one"));
            }
        }
        let mut batches = BTreeMap::new();
        for dataset in datasets {
            let history_name = format!("{}{HISTORY}", dataset.id);
            let of_extracts = |rows: &&Rows| rows.columns.iter().any(|column| column == EXTRACTED_ON);
            let state = given.get(dataset.id.as_str());
            let given_history = given.get(&history_name).or_else(|| state.filter(of_extracts));
            let given_history = given_history.map(|rows| history(dataset, rows, on)).transpose()?;
            let given_state = state.filter(|rows| !of_extracts(rows));
            let given_state = given_state.map(|rows| arranged(dataset, rows)).transpose()?;
            let history = match (&given_history, &given_state) {
                (Some(history), _) => history.clone(),
                (None, Some(state)) => state.iter().map(|row| (Some(on), 0, row.clone())).collect(),
                (None, None) => continue,
            };
            let state = match given_state {
                Some(state) => state,
                None => newest(dataset, &history, on),
            };
            let state: Vec<TextRow> = state.into_iter().filter(|row| is_booked_by(dataset, row, on)).collect();
            batches.insert(dataset.id.to_string(), state_batch(dataset, &state)?);
            batches.insert(history_name, history_batch(dataset, &history)?);
        }
        Ok(batches)
    }
}

/// The rows with their cells in declared order.
fn arranged(dataset: &Dataset, rows: &Rows) -> Result<Vec<TextRow>, String> {
    let places = places(dataset, rows, &[])?;
    Ok(rows.rows.iter().map(|row| arrange(row, &places, dataset.columns.len())).collect())
}

/// For each cell of a given row, the declared column it belongs to; `None` for the columns of `more`.
fn places(dataset: &Dataset, rows: &Rows, more: &[&str]) -> Result<Vec<Option<usize>>, String> {
    rows.columns
        .iter()
        .map(|name| match dataset.columns.iter().position(|column| column.name == *name) {
            Some(place) => Ok(Some(place)),
            None if more.contains(&name.as_str()) => Ok(None),
            None => Err(format!("line {}: dataset `{}` has no column `{name}`", rows.line, dataset.id)),
        })
        .collect()
}

fn arrange(row: &[Option<String>], places: &[Option<usize>], columns: usize) -> TextRow {
    let mut arranged = vec![None; columns];
    for (cell, place) in row.iter().zip(places) {
        if let Some(slot) = place.and_then(|place| arranged.get_mut(place)) {
            slot.clone_from(cell);
        }
    }
    arranged
}

fn history(dataset: &Dataset, rows: &Rows, on: Date) -> Result<Vec<HistoryRow>, String> {
    let places = places(dataset, rows, &[EXTRACTED_ON, EXTRACT])?;
    let cell = |row: &[Option<String>], name: &str| {
        let place = rows.columns.iter().position(|column| column == name)?;
        row.get(place).cloned().flatten()
    };
    let mut read: Vec<HistoryRow> = rows
        .rows
        .iter()
        .map(|row| {
            let day = match cell(row, EXTRACTED_ON) {
                None => on,
                Some(text) => text.parse().map_err(|_| format!("line {}: `{text}` is not a date", rows.line))?,
            };
            let number = match cell(row, EXTRACT) {
                None => -1,
                Some(text) => text.parse().map_err(|_| format!("line {}: `{text}` is not a number", rows.line))?,
            };
            Ok((Some(day), number, arrange(row, &places, dataset.columns.len())))
        })
        .collect::<Result<_, String>>()?;
    // Extracts without a number are counted in the order of their days.
    let days: BTreeSet<Option<Date>> = read.iter().map(|(day, ..)| *day).collect();
    for (day, number, _) in &mut read {
        if *number < 0 {
            let before = days.iter().take_while(|other| *other < day).count();
            *number = i64::try_from(before).unwrap_or(i64::MAX);
        }
    }
    Ok(read)
}

/// The state that follows from a history: of a snapshot, the rows of the newest day on or before `on` (of the oldest, if
/// there is none); of events, the row of the newest extract for each key.
fn newest(dataset: &Dataset, history: &[HistoryRow], on: Date) -> Vec<TextRow> {
    match dataset.kind {
        DatasetKind::Snapshot => {
            let days = || history.iter().filter_map(|(day, ..)| *day);
            let chosen = days().filter(|day| *day <= on).max().or_else(|| days().min());
            history.iter().filter(|(day, ..)| *day == chosen).map(|(.., row)| row.clone()).collect()
        }
        DatasetKind::Events => {
            let mut by_key: BTreeMap<Vec<Option<String>>, (i64, TextRow)> = BTreeMap::new();
            for (_, number, row) in history {
                let key = dataset.key.iter().map(|name| value(dataset, row, name).cloned()).collect();
                let newer = by_key.get(&key).is_none_or(|(before, _)| before < number);
                if newer {
                    by_key.insert(key, (*number, row.clone()));
                }
            }
            by_key.into_values().map(|(_, row)| row).collect()
        }
    }
}

fn value<'a>(dataset: &Dataset, row: &'a TextRow, name: &str) -> Option<&'a String> {
    let place = dataset.columns.iter().position(|column| column.name == name)?;
    row.get(place)?.as_ref()
}

fn is_booked_by(dataset: &Dataset, row: &TextRow, on: Date) -> bool {
    let booked = dataset.booked.as_ref().and_then(|name| value(dataset, row, name));
    // A value that is no date is reported when the column is built.
    booked.and_then(|text| text.parse::<Date>().ok()).is_none_or(|booked| booked <= on)
}

fn state_batch(dataset: &Dataset, rows: &[TextRow]) -> Result<RecordBatch, String> {
    RecordBatch::try_new(query_schema(&dataset.columns), columns(dataset, rows)?).map_err(|e| e.to_string())
}

fn history_batch(dataset: &Dataset, rows: &[HistoryRow]) -> Result<RecordBatch, String> {
    let texts: Vec<TextRow> = rows.iter().map(|(.., row)| row.clone()).collect();
    let mut arrays = columns(dataset, &texts)?;
    let mut days = Date32Builder::new();
    let mut numbers = Int64Builder::new();
    for (day, number, _) in rows {
        days.append_option(day.map(days_since_epoch));
        numbers.append_value(*number);
    }
    arrays.push(Arc::new(days.finish()));
    arrays.push(Arc::new(numbers.finish()));
    RecordBatch::try_new(history_schema(dataset), arrays).map_err(|error: ArrowError| error.to_string())
}

fn columns(dataset: &Dataset, rows: &[TextRow]) -> Result<Vec<ArrayRef>, String> {
    let mut arrays = Vec::new();
    for (place, column) in dataset.columns.iter().enumerate() {
        let cells: Vec<Option<&str>> = rows.iter().map(|row| row.get(place).and_then(|cell| cell.as_deref())).collect();
        arrays.push(array(column, &cells).map_err(|value| {
            format!("`{value}` is not a {} (column `{}` of `{}`)", column.kind, column.name, dataset.id)
        })?);
    }
    Ok(arrays)
}

/// A column out of texts; the error is the text that is no value of it.
fn array(column: &Column, cells: &[Option<&str>]) -> Result<ArrayRef, String> {
    if let Some(wrong) = cells.iter().flatten().find(|cell| !column.kind.accepts(cell)) {
        return Err((*wrong).to_owned());
    }
    let wrong = |cell: &str| cell.to_owned();
    Ok(match column.kind {
        ColumnType::Text => {
            let mut builder = StringViewBuilder::new();
            cells.iter().for_each(|cell| builder.append_option(*cell));
            Arc::new(builder.finish())
        }
        ColumnType::Int => {
            let mut builder = Int64Builder::new();
            for cell in cells {
                builder.append_option(cell.map(|cell| cell.parse().map_err(|_| wrong(cell))).transpose()?);
            }
            Arc::new(builder.finish())
        }
        ColumnType::Bool => {
            let mut builder = BooleanBuilder::new();
            cells.iter().for_each(|cell| builder.append_option(cell.map(|cell| cell == "true")));
            Arc::new(builder.finish())
        }
        ColumnType::Date => {
            let mut builder = Date32Builder::new();
            for cell in cells {
                let day = cell.map(|cell| cell.parse::<Date>().map_err(|_| wrong(cell))).transpose()?;
                builder.append_option(day.map(days_since_epoch));
            }
            Arc::new(builder.finish())
        }
        ColumnType::Timestamp => {
            let mut builder = TimestampMicrosecondBuilder::new();
            for cell in cells {
                let instant = cell.map(|cell| cell.parse::<jiff::Timestamp>().map_err(|_| wrong(cell))).transpose()?;
                builder.append_option(instant.map(|instant| instant.as_microsecond()));
            }
            Arc::new(builder.finish().with_timezone("UTC"))
        }
        ColumnType::Decimal { precision, scale } => {
            let mut builder = Decimal128Builder::new();
            for cell in cells {
                builder.append_option(cell.map(|cell| unscaled(cell, scale).ok_or_else(|| wrong(cell))).transpose()?);
            }
            let array = builder.finish().with_precision_and_scale(precision, scale).map_err(|e| e.to_string())?;
            Arc::new(array)
        }
    })
}

/// `-12.5` with scale 2 is -1250.
fn unscaled(text: &str, scale: i8) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = usize::try_from(scale).ok()?.checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, scale, number) in [("-12.5", 2, -1_250), ("0", 2, 0), ("-0.05", 2, -5), ("7", 0, 7)] {
            assert_eq!(unscaled(text, scale), Some(number), "{text}");
        }
        assert_eq!(unscaled("1.234", 2), None);
    }
}
