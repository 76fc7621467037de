//! A column under construction: takes cells, follows its rule, gives an Arrow array.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use jiff::tz::AmbiguousOffset;
use tickmark_catalog::ColumnType;

use super::{Ambiguous, Cell, CellProblem, DayEdge, Empty, Epoch, Rule, civil, number, text};
use crate::error::shortened;

enum Builder {
    Text(StringBuilder),
    Int(Int64Builder),
    Bool(BooleanBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    Decimal { builder: Decimal128Builder, precision: u8, scale: u8 },
}

/// A typed column that grows cell by cell.
pub(crate) struct ColumnBuilder {
    rule: Rule,
    /// The rule changes no text, so a text can be read where it lies.
    direct: bool,
    /// Texts are written in another way than the dataset's own.
    styled: bool,
    builder: Builder,
    /// The room to begin with.
    rows: usize,
}

/// Bytes of a text, for the room of the first batch.
const USUAL_TEXT: usize = 12;

impl Builder {
    fn new(kind: ColumnType, rows: usize, text: usize) -> Result<Self, arrow::error::ArrowError> {
        Ok(match kind {
            ColumnType::Text => Self::Text(StringBuilder::with_capacity(rows, text)),
            ColumnType::Int => Self::Int(Int64Builder::with_capacity(rows)),
            ColumnType::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
            ColumnType::Date => Self::Date(Date32Builder::with_capacity(rows)),
            ColumnType::Timestamp => {
                Self::Timestamp(TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC"))
            }
            ColumnType::Decimal { precision, scale } => Self::Decimal {
                builder: Decimal128Builder::with_capacity(rows).with_precision_and_scale(precision, scale)?,
                precision,
                scale: scale.unsigned_abs(),
            },
        })
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Int(mut builder) => Arc::new(builder.finish()),
            Self::Bool(mut builder) => Arc::new(builder.finish()),
            Self::Date(mut builder) => Arc::new(builder.finish()),
            Self::Timestamp(mut builder) => Arc::new(builder.finish()),
            Self::Decimal { mut builder, .. } => Arc::new(builder.finish()),
        }
    }
}

impl ColumnBuilder {
    /// An empty column with room for `rows` values.
    pub fn new(rule: Rule, rows: usize) -> Result<Self, arrow::error::ArrowError> {
        let builder = Builder::new(rule.kind, rows, rows * USUAL_TEXT)?;
        let styled = rule.format.is_some() || rule.number != super::NumberStyle::Plain || rule.epoch.is_some();
        Ok(Self { direct: !rule.prepares(), styled, rule, builder, rows })
    }

    /// The finished array; the column starts again empty, with room for as much.
    pub fn finish(&mut self) -> Result<ArrayRef, arrow::error::ArrowError> {
        let text = if let Builder::Text(builder) = &self.builder { builder.values_slice().len() } else { 0 };
        let next = Builder::new(self.rule.kind, self.rows, text + text / 8)?;
        Ok(std::mem::replace(&mut self.builder, next).finish())
    }

    /// Takes one value.
    #[inline]
    pub fn push(&mut self, cell: Cell<'_>) -> Result<(), CellProblem> {
        if let Cell::Text(bytes) = cell
            && self.direct
            && !self.styled
            && !bytes.is_empty()
            && self.push_common(bytes)
        {
            return Ok(());
        }
        self.push_any(cell)
    }

    /// A text as most are: written in the dataset's own way. What is not goes the long way, which knows why.
    #[inline]
    fn push_common(&mut self, bytes: &[u8]) -> bool {
        match &mut self.builder {
            Builder::Decimal { builder, precision, scale } => {
                let scale = if self.rule.unscaled { 0 } else { *scale };
                number::decimal(bytes, *precision, scale).map(|value| builder.append_value(value)).is_ok()
            }
            Builder::Text(builder) => text::checked(bytes).map(|text| builder.append_value(text)).is_ok(),
            Builder::Int(builder) => number::integer(bytes).map(|value| builder.append_value(value)).is_ok(),
            Builder::Date(builder) => civil::date(bytes).map(|days| builder.append_value(days)).is_some(),
            Builder::Bool(_) | Builder::Timestamp(_) => false,
        }
    }

    fn push_any(&mut self, cell: Cell<'_>) -> Result<(), CellProblem> {
        match cell {
            Cell::Text(bytes) => self.push_text(bytes),
            Cell::Null => self.push_null(),
            Cell::Int(value) if self.direct && !self.styled => self.push_integer(cell, value),
            Cell::Int(_) | Cell::Decimal { .. } | Cell::Float(_) => self.push_number(cell),
            Cell::Bool(value) => self.push_bool(cell, value),
            Cell::Date(days) if !YEARS.contains(&days) => Err(self.other_type(cell, BEYOND)),
            Cell::Instant(micros) | Cell::Local(micros) if !in_years(micros) => Err(self.other_type(cell, BEYOND)),
            Cell::Date(days) => self.push_date(days),
            Cell::Instant(micros) => self.push_instant(cell, micros),
            Cell::Local(micros) => self.push_local(cell, micros),
            Cell::Other(_) => Err(self.other_type(cell, "")),
        }
    }

    fn push_bool(&mut self, cell: Cell<'_>, value: bool) -> Result<(), CellProblem> {
        let Builder::Bool(builder) = &mut self.builder else { return Err(self.other_type(cell, "")) };
        builder.append_value(value);
        Ok(())
    }

    fn push_null(&mut self) -> Result<(), CellProblem> {
        if self.rule.required {
            return Err(CellProblem::Required);
        }
        match &mut self.builder {
            Builder::Text(builder) => builder.append_null(),
            Builder::Int(builder) => builder.append_null(),
            Builder::Bool(builder) => builder.append_null(),
            Builder::Date(builder) => builder.append_null(),
            Builder::Timestamp(builder) => builder.append_null(),
            Builder::Decimal { builder, .. } => builder.append_null(),
        }
        Ok(())
    }

    fn push_text(&mut self, bytes: &[u8]) -> Result<(), CellProblem> {
        if self.direct {
            return self.push_prepared(bytes);
        }
        let text = text::checked(bytes)?;
        match text::prepared(&self.rule, text)? {
            text::Prepared::Null => self.push_null(),
            text::Prepared::Text(text) => {
                let owned = text.into_owned();
                self.push_prepared(owned.as_bytes())
            }
        }
    }

    fn push_prepared(&mut self, bytes: &[u8]) -> Result<(), CellProblem> {
        if bytes.is_empty() {
            match (self.rule.empty, &self.builder) {
                (Empty::Refuse, _) => return Err(CellProblem::Empty),
                (Empty::Null, _) => return self.push_null(),
                (Empty::Text, _) => {}
            }
        }
        if let Builder::Text(builder) = &mut self.builder {
            builder.append_value(text::checked(bytes)?);
            return Ok(());
        }
        self.push_typed_text(bytes)
    }

    fn push_typed_text(&mut self, bytes: &[u8]) -> Result<(), CellProblem> {
        if self.styled {
            return self.push_styled_text(bytes);
        }
        let unscaled_value = self.rule.unscaled;
        match &mut self.builder {
            Builder::Decimal { builder, precision, scale } => {
                let read = if unscaled_value {
                    number::decimal(bytes, *precision, 0)
                } else {
                    number::decimal(bytes, *precision, *scale)
                };
                match read {
                    Ok(value) => {
                        builder.append_value(value);
                        return Ok(());
                    }
                    Err(number::NotANumber::Size) if !unscaled_value => {
                        let (precision, scale) = (*precision, *scale);
                        return Err(CellProblem::DoesNotFit { value: lossy(bytes), precision, scale });
                    }
                    Err(_) => {}
                }
            }
            Builder::Int(builder) => {
                if let Ok(value) = number::integer(bytes) {
                    builder.append_value(value);
                    return Ok(());
                }
            }
            Builder::Date(builder) => {
                if let Some(days) = civil::date(bytes) {
                    builder.append_value(days);
                    return Ok(());
                }
                return self.push_time_text(bytes);
            }
            Builder::Timestamp(_) => return self.push_time_text(bytes),
            Builder::Bool(builder) => match bytes {
                b"true" => {
                    builder.append_value(true);
                    return Ok(());
                }
                b"false" => {
                    builder.append_value(false);
                    return Ok(());
                }
                _ => {}
            },
            Builder::Text(builder) => {
                builder.append_value(text::checked(bytes)?);
                return Ok(());
            }
        }
        Err(self.not_a(bytes))
    }

    /// A date with a time, for a date or timestamp column.
    fn push_time_text(&mut self, bytes: &[u8]) -> Result<(), CellProblem> {
        match civil::date_time(bytes) {
            Some(civil::Read::Instant(micros)) => self.push_instant(Cell::Text(bytes), micros),
            Some(civil::Read::Local(micros)) => self.push_local(Cell::Text(bytes), micros),
            None => match (civil::date(bytes), &self.builder) {
                (Some(days), Builder::Timestamp(_)) if self.rule.day.is_some() => self.push_date(days),
                _ => Err(self.not_a(bytes)),
            },
        }
    }

    /// A text whose way of writing the mapping states.
    fn push_styled_text(&mut self, bytes: &[u8]) -> Result<(), CellProblem> {
        let written = text::checked(bytes)?;
        if let Some(format) = &self.rule.format {
            let Ok(parsed) = jiff::fmt::strtime::parse(format, written) else { return Err(self.not_a(bytes)) };
            if let Ok(at) = parsed.to_timestamp() {
                return self.push_instant(Cell::Text(bytes), at.as_microsecond());
            }
            if let Ok(at) = parsed.to_datetime() {
                return self.push_local(Cell::Text(bytes), civil::micros_from_datetime(at));
            }
            let Ok(day) = parsed.to_date() else { return Err(self.not_a(bytes)) };
            return self.push_date(civil::days_from_date(day));
        }
        if self.rule.epoch.is_some() {
            let Ok(value) = number::integer(bytes) else { return Err(self.not_a(bytes)) };
            return self.push_epoch(Cell::Text(bytes), i128::from(value), 0);
        }
        let Some(plain) = text::plain_number(self.rule.number, written) else { return Err(self.not_a(bytes)) };
        let plain = plain.into_owned();
        match &mut self.builder {
            Builder::Decimal { builder, precision, scale } => {
                match number::decimal(plain.as_bytes(), *precision, *scale) {
                    Ok(value) => {
                        builder.append_value(value);
                        Ok(())
                    }
                    Err(number::NotANumber::Size) => {
                        let (precision, scale) = (*precision, *scale);
                        Err(CellProblem::DoesNotFit { value: lossy(bytes), precision, scale })
                    }
                    Err(number::NotANumber::Shape) => Err(self.not_a(bytes)),
                }
            }
            Builder::Int(builder) => match number::integer(plain.as_bytes()) {
                Ok(value) => {
                    builder.append_value(value);
                    Ok(())
                }
                Err(_) => Err(self.not_a(bytes)),
            },
            Builder::Text(_) | Builder::Bool(_) | Builder::Date(_) | Builder::Timestamp(_) => Err(self.not_a(bytes)),
        }
    }

    /// An integer on its common ways: as it is, as the unscaled value of a decimal, as text. Others go the long way.
    fn push_integer(&mut self, cell: Cell<'_>, value: i64) -> Result<(), CellProblem> {
        match &mut self.builder {
            Builder::Int(builder) => {
                builder.append_value(value);
                Ok(())
            }
            Builder::Decimal { builder, precision, .. }
                if self.rule.unscaled
                    && number::power_of_ten(u32::from(*precision))
                        .is_some_and(|limit| i128::from(value.unsigned_abs()) < limit) =>
            {
                builder.append_value(i128::from(value));
                Ok(())
            }
            Builder::Text(builder) if self.rule.integer_to_text => {
                builder.append_value(number::digits(value, &mut [0; 20]));
                Ok(())
            }
            Builder::Text(_)
            | Builder::Bool(_)
            | Builder::Date(_)
            | Builder::Timestamp(_)
            | Builder::Decimal { .. } => self.push_number(cell),
        }
    }

    /// A number that already is one in the source.
    fn push_number(&mut self, cell: Cell<'_>) -> Result<(), CellProblem> {
        let exact = match cell {
            Cell::Int(value) => Some((i128::from(value), 0)),
            Cell::Decimal { unscaled, scale } => Some((unscaled, scale)),
            Cell::Float(value) if self.rule.float => shortest(value),
            Cell::Float(_)
            | Cell::Null
            | Cell::Text(_)
            | Cell::Bool(_)
            | Cell::Date(_)
            | Cell::Instant(_)
            | Cell::Local(_)
            | Cell::Other(_) => None,
        };
        let Some((unscaled, scale)) = exact else {
            let counts = matches!(self.rule.kind, ColumnType::Decimal { .. } | ColumnType::Int);
            let hint = "a float is not exact: cast it in the query, or say `float = \"shortest\"`";
            return Err(self.other_type(cell, if counts && !self.rule.float { hint } else { "" }));
        };
        if self.rule.epoch.is_some() {
            return self.push_epoch(cell, unscaled, scale);
        }
        let whole = number::rescale(unscaled, scale, 38, 0);
        let unscaled_value = self.rule.unscaled;
        match &mut self.builder {
            Builder::Decimal { builder, precision, scale: to } => {
                let value = if unscaled_value {
                    number::rescale(unscaled, scale, *precision, 0)
                } else {
                    number::rescale(unscaled, scale, *precision, *to)
                };
                let Some(value) = value else {
                    let (precision, scale) = (*precision, *to);
                    return Err(CellProblem::DoesNotFit { value: cell.shown(), precision, scale });
                };
                builder.append_value(value);
                Ok(())
            }
            Builder::Int(builder) => match whole.and_then(|whole| i64::try_from(whole).ok()) {
                Some(value) => {
                    builder.append_value(value);
                    Ok(())
                }
                None => Err(CellProblem::NotA { value: cell.shown(), expected: self.rule.expected() }),
            },
            // 0 and 1 are what databases without a boolean type keep; any other number is a surprise.
            Builder::Bool(builder) if self.rule.words.is_none() && matches!(whole, Some(0 | 1)) => {
                builder.append_value(whole == Some(1));
                Ok(())
            }
            Builder::Text(_) | Builder::Bool(_) if self.rule.integer_to_text || self.rule.words.is_some() => {
                let Some(whole) = whole else {
                    return Err(CellProblem::NotA { value: cell.shown(), expected: "an integer".into() });
                };
                self.push_text(whole.to_string().as_bytes())
            }
            Builder::Text(_) => {
                Err(self.other_type(cell, "leading zeros may be lost: say `integer_to_text = true` if that is meant"))
            }
            Builder::Bool(_) => Err(CellProblem::NotA { value: cell.shown(), expected: self.rule.expected() }),
            Builder::Date(_) => Err(self.other_type(cell, "")),
            Builder::Timestamp(_) => Err(self.other_type(cell, "say `epoch` in the mapping if it counts from 1970")),
        }
    }

    fn push_epoch(&mut self, cell: Cell<'_>, unscaled: i128, scale: u32) -> Result<(), CellProblem> {
        let per_unit: i128 = match self.rule.epoch {
            Some(Epoch::Seconds) => 1_000_000,
            Some(Epoch::Milliseconds) => 1000,
            Some(Epoch::Microseconds) | None => 1,
        };
        let micros = unscaled
            .checked_mul(per_unit)
            .and_then(|micros| number::rescale(micros, scale, 38, 0))
            .and_then(|micros| i64::try_from(micros).ok())
            .filter(|micros| civil::datetime_from_micros(*micros).is_some());
        match micros {
            Some(micros) => self.push_instant(cell, micros),
            None => {
                Err(CellProblem::NotA { value: cell.shown(), expected: "a number of the mapping's `epoch`".into() })
            }
        }
    }

    fn push_date(&mut self, days: i32) -> Result<(), CellProblem> {
        let micros = match (&mut self.builder, self.rule.day) {
            (Builder::Date(builder), _) => {
                builder.append_value(days);
                return Ok(());
            }
            (Builder::Timestamp(_), Some(DayEdge::Start)) => i64::from(days) * civil::DAY,
            (Builder::Timestamp(_), Some(DayEdge::End)) => i64::from(days + 1) * civil::DAY,
            (Builder::Timestamp(_), None) => {
                return Err(self.other_type(Cell::Date(days), "say `day = \"start\"` or `\"end\"` and `zone`"));
            }
            _ => return Err(self.other_type(Cell::Date(days), "")),
        };
        // The end of a day is the microsecond before the next day's first instant, which is right on days of 23 and 25 hours.
        let instant = self.instant_of(Cell::Date(days), micros, true)?;
        let instant = if self.rule.day == Some(DayEdge::End) { instant - 1 } else { instant };
        self.push_instant(Cell::Date(days), instant)
    }

    fn push_instant(&mut self, cell: Cell<'_>, micros: i64) -> Result<(), CellProblem> {
        match (&mut self.builder, &self.rule.zone) {
            (Builder::Timestamp(builder), _) => {
                builder.append_value(micros);
                Ok(())
            }
            (Builder::Date(builder), Some(zone)) => {
                let Ok(at) = jiff::Timestamp::from_microsecond(micros) else { return Err(self.other_type(cell, "")) };
                builder.append_value(civil::days_from_date(zone.to_datetime(at).date()));
                Ok(())
            }
            (Builder::Date(_), None) => Err(self.other_type(
                cell_or_instant(cell, micros),
                "an instant is a day only in a zone: say `zone` in the mapping",
            )),
            _ => Err(self.other_type(cell, "")),
        }
    }

    fn push_local(&mut self, cell: Cell<'_>, micros: i64) -> Result<(), CellProblem> {
        let cell = if let Cell::Text(_) = cell { Cell::Local(micros) } else { cell };
        match (&mut self.builder, &self.rule.zone) {
            // On a clock of the same zone, the day is the clock's day: no conversion, so no ambiguity.
            (Builder::Date(builder), zone) if zone.is_some() || micros.rem_euclid(civil::DAY) == 0 => {
                let Ok(days) = i32::try_from(micros.div_euclid(civil::DAY)) else {
                    return Err(self.other_type(cell, ""));
                };
                builder.append_value(days);
                Ok(())
            }
            (Builder::Date(_), _) => {
                Err(self.other_type(cell, "it has a time of day: say `zone` in the mapping to take its day"))
            }
            (Builder::Timestamp(_), _) => {
                let instant = self.instant_of(cell, micros, false)?;
                self.push_instant(cell, instant)
            }
            _ => Err(self.other_type(cell, "")),
        }
    }

    /// The instant of a clock's reading in the mapping's zone. `edge`: the reading is a midnight that stands for a day,
    /// so where a zone skips midnight the day starts at its first instant.
    fn instant_of(&self, cell: Cell<'_>, micros: i64, edge: bool) -> Result<i64, CellProblem> {
        let Some(zone) = &self.rule.zone else {
            return Err(self.other_type(cell, "say `zone` in the mapping"));
        };
        let Some(at) = civil::datetime_from_micros(micros) else { return Err(self.other_type(cell, "")) };
        let reading = zone.to_ambiguous_timestamp(at);
        let when = match reading.offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => Some("never happens"),
            AmbiguousOffset::Fold { .. } => Some("happens twice"),
        };
        let instant = match (when, self.rule.ambiguous) {
            (None, _) => reading.unambiguous(),
            (Some(_), _) if edge => reading.later(),
            (Some(_), Ambiguous::Earlier) => reading.earlier(),
            (Some(_), Ambiguous::Later) => reading.later(),
            (Some(when), Ambiguous::Refuse) => {
                let zone = zone.iana_name().unwrap_or("the mapping's zone").to_owned();
                return Err(CellProblem::Ambiguous { value: cell.shown(), when, zone });
            }
        };
        instant.map(|at| at.as_microsecond()).map_err(|_| self.other_type(cell, ""))
    }

    fn not_a(&self, bytes: &[u8]) -> CellProblem {
        if bytes.contains(&0) {
            return CellProblem::NulByte(lossy(bytes));
        }
        CellProblem::NotA { value: lossy(bytes), expected: self.rule.expected() }
    }

    fn other_type(&self, cell: Cell<'_>, hint: &'static str) -> CellProblem {
        // Where floats may be read, as in workbooks, every number is one.
        let is_number = self.rule.float && matches!(cell, Cell::Float(_));
        let found = if is_number { "a number" } else { cell.kind() };
        CellProblem::OtherType { value: cell.shown(), found, expected: self.rule.expected(), hint }
    }
}

/// The days of the years that a date of four digits can write (ISO 8601), counted from 1970-01-01. A database can hold
/// others, and what would read them back may not.
const YEARS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;

const BEYOND: &str = "it lies outside of the years 0001 to 9999";

fn in_years(micros: i64) -> bool {
    i32::try_from(micros.div_euclid(civil::DAY)).is_ok_and(|days| YEARS.contains(&days))
}

fn cell_or_instant(cell: Cell<'_>, micros: i64) -> Cell<'_> {
    if let Cell::Text(_) = cell { Cell::Instant(micros) } else { cell }
}

fn lossy(bytes: &[u8]) -> String {
    shortened(&String::from_utf8_lossy(bytes))
}

/// A float's shortest decimal text, taken apart: the digits a person typed, where 15 or fewer were typed.
fn shortest(value: f64) -> Option<(i128, u32)> {
    if !value.is_finite() {
        return None;
    }
    number::decimal_of(&value.to_string())
}
