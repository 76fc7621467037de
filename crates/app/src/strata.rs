//! Strata of a column of numbers, amounts or days, as people write them: `..999.99`, `1000..4999.99`, `2025-01-01..2025-03-31`.

use jiff::civil::Date;
use rust_decimal::Decimal;
use tickmark_domain::{
    SelectionMethod,
    sampling::{SamplingRefusal, Strata},
};
use tickmark_examine::Says;
use tickmark_vault::{Column, ColumnType, Manifest};

use crate::{Error, Selection};

/// The strata by which a selection divides a column of values; none of a column of texts, each of which is a stratum.
pub(crate) fn strata_of(selection: &Selection, manifest: &Manifest) -> Result<Option<Strata>, Error> {
    let by = selection.by.as_deref().filter(|_| selection.method == SelectionMethod::Stratified);
    let column = by.and_then(|by| manifest.columns.iter().find(|column| column.name == by));
    let Some(column) = column.filter(|column| column.kind != ColumnType::Text) else { return Ok(None) };
    let names = selection.sizes.keys().chain(&selection.strata);
    let bounds = names.map(|name| {
        let unreadable = || SamplingRefusal::StratumUnreadable { stratum: name.clone(), column: column.name.clone() };
        let (first, last) = name.split_once("..").ok_or_else(unreadable)?;
        let bound = |text: &str| match text {
            "" => Ok(None),
            text => value(column, text).map(Some).ok_or_else(unreadable),
        };
        Ok((name.clone(), bound(first)?, bound(last)?))
    });
    let bounds = bounds.collect::<Result<Vec<_>, SamplingRefusal>>()?;
    if bounds.is_empty() {
        return Err(SamplingRefusal::StratumMissing(0).into());
    }
    Ok(Some(Strata::new(bounds)?))
}

/// The stratum of an item by what the column says of it.
pub(crate) fn stratum_of<'a>(strata: Option<&'a Strata>, says: Says<'a>) -> Option<&'a str> {
    match (strata, says) {
        (None, Says::Text(stratum)) => Some(stratum),
        (Some(strata), Says::Units(units)) => strata.of(units),
        (Some(strata), Says::Day(day)) => strata.of(ordinal(day)),
        (Some(_), Says::Text(_)) | (None, Says::Units(_) | Says::Day(_)) | (_, Says::Nothing) => None,
    }
}

/// A bound in the units in which items of the column are told; none if it is no value of the column, such as an amount with
/// more decimals than it has.
fn value(column: &Column, text: &str) -> Option<i128> {
    match column.kind {
        ColumnType::Int => text.parse::<i64>().ok().map(Into::into),
        ColumnType::Decimal { scale, .. } => {
            let amount = Decimal::from_str_exact(text).ok()?;
            let zeros = u32::from(scale).checked_sub(amount.scale())?;
            amount.mantissa().checked_mul(10_i128.checked_pow(zeros)?)
        }
        ColumnType::Date => text.parse().ok().map(ordinal),
        ColumnType::Text | ColumnType::Bool | ColumnType::Timestamp => None,
    }
}

/// Days in their order: year, month and day as one number.
fn ordinal(day: Date) -> i128 {
    i128::from(day.year()) * 10_000 + i128::from(day.month()) * 100 + i128::from(day.day())
}
