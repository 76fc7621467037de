//! `local_date(instant, 'zone')` and `end_of_day(day, 'zone')`: civil days of an IANA time zone.
//!
//! Invariant: zones come from the database inside the binary, so the same job gives the same days on every machine.

use std::collections::BTreeMap;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, Date32Array, TimestampMicrosecondArray},
        compute::kernels::aggregate,
        datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType},
    },
    common::{Result, ScalarValue, exec_datafusion_err, plan_err},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};
use jiff::{
    Timestamp, ToSpan,
    tz::{TimeZone, TimeZoneDatabase},
};
use tickmark_calendar::civil;

use super::arguments::{column, is_text, literal_text, primitive};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The zone of that IANA name, from the database inside the binary.
pub(crate) fn zone(name: &str) -> Result<TimeZone> {
    TimeZoneDatabase::bundled().get(name).map_err(|cause| exec_datafusion_err!("time zone `{name}`: {cause}"))
}

fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// `local_date(instant, 'zone')`: the civil day of an instant in a zone.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct LocalDate {
    signature: Signature,
}

impl LocalDate {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LocalDate {
    fn name(&self) -> &str {
        "local_date"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        match kinds {
            // A timestamp without a zone, and a text, have no instant; only what carries UTC has one.
            [DataType::Timestamp(_, Some(_)) | DataType::Null, zone] if is_text(zone) => {
                Ok(vec![instant_type(), DataType::Utf8])
            }
            _ => plan_err!("local_date takes a timestamp in UTC and a zone's name"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(name) = literal_text(self.name(), &args.args, 1)? else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Date32(None)));
        };
        let zone = zone(name)?;
        let instants = primitive::<TimestampMicrosecondType>(&args.args, 0, args.number_rows)?;
        let offsets = Offsets::between(&zone, aggregate::min(&instants), aggregate::max(&instants))?;
        let mut last = 0;
        let days: Date32Array = instants
            .iter()
            .map(|instant| {
                let seconds = instant?.div_euclid(MICROS_PER_SECOND);
                let local = seconds + offsets.at(seconds, &mut last);
                i32::try_from(local.div_euclid(SECONDS_PER_DAY)).ok()
            })
            .collect();
        if days.null_count() != instants.null_count() {
            return Err(exec_datafusion_err!("local_date: an instant lies outside the years of the calendar"));
        }
        Ok(column(days))
    }
}

/// The offsets of a zone over a span of time: seconds since the epoch at which each begins, and the offset in seconds.
struct Offsets(Vec<(i64, i64)>);

impl Offsets {
    fn between(zone: &TimeZone, first: Option<i64>, last: Option<i64>) -> Result<Self> {
        let (Some(first), Some(last)) = (first, last) else { return Ok(Self(Vec::new())) };
        let instant = |micros: i64| {
            Timestamp::from_microsecond(micros).map_err(|cause| exec_datafusion_err!("local_date: {cause}"))
        };
        let (first, last) = (instant(first)?, instant(last)?);
        let mut offsets = vec![(i64::MIN, i64::from(zone.to_offset(first).seconds()))];
        for transition in zone.following(first).take_while(|transition| transition.timestamp() <= last) {
            offsets.push((transition.timestamp().as_second(), i64::from(transition.offset().seconds())));
        }
        Ok(Self(offsets))
    }

    /// The offset in force at `seconds`. Rows that follow each other mostly lie between the same transitions, so the
    /// place found for the row before is tried first.
    #[inline]
    fn at(&self, seconds: i64, last: &mut usize) -> i64 {
        let holds = |index: usize| {
            self.0.get(index).is_some_and(|(from, _)| *from <= seconds)
                && self.0.get(index + 1).is_none_or(|(until, _)| seconds < *until)
        };
        if !holds(*last) {
            *last = self.0.partition_point(|(from, _)| *from <= seconds).saturating_sub(1);
        }
        self.0.get(*last).map_or(0, |(_, offset)| *offset)
    }
}

/// `end_of_day(day, 'zone')`: the last microsecond of a civil day in a zone.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EndOfDay {
    signature: Signature,
}

impl EndOfDay {
    pub(super) fn new() -> Self {
        Self { signature: Signature::exact(vec![DataType::Date32, DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for EndOfDay {
    fn name(&self) -> &str {
        "end_of_day"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(instant_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(name) = literal_text(self.name(), &args.args, 1)? else {
            return Ok(ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(None, Some("UTC".into()))));
        };
        let zone = zone(name)?;
        let days = primitive::<Date32Type>(&args.args, 0, args.number_rows)?;
        // A batch names few distinct days, so each is worked out once.
        let mut known: BTreeMap<i32, i64> = BTreeMap::new();
        let mut ends = Vec::with_capacity(days.len());
        for day in &days {
            ends.push(match day {
                None => None,
                Some(day) => Some(match known.get(&day) {
                    Some(end) => *end,
                    None => {
                        let end = last_microsecond(day, &zone)?;
                        known.insert(day, end);
                        end
                    }
                }),
            });
        }
        let ends: ArrayRef = std::sync::Arc::new(TimestampMicrosecondArray::from(ends).with_timezone("UTC"));
        Ok(ColumnarValue::Array(ends))
    }
}

/// The last microsecond of a civil day: one before the first instant of the next day, which need not be midnight.
fn last_microsecond(day: i32, zone: &TimeZone) -> Result<i64> {
    let next = civil(day)
        .and_then(|day| day.checked_add(1.day()).ok())
        .and_then(|next| next.to_zoned(zone.clone()).ok())
        .ok_or_else(|| exec_datafusion_err!("end_of_day: day {day} lies outside the years of the calendar"))?;
    let start = next.start_of_day().map_err(|cause| exec_datafusion_err!("end_of_day: {cause}"))?;
    Ok(start.timestamp().as_microsecond() - 1)
}

#[cfg(test)]
mod tests {
    use tickmark_calendar::days_since_epoch;

    use super::*;

    #[test]
    fn the_end_of_a_day_follows_the_clock_change() {
        let zone = zone("America/New_York").unwrap();
        for (day, end) in [
            ("2026-03-08", "2026-03-09T03:59:59.999999Z"),
            ("2026-03-07", "2026-03-08T04:59:59.999999Z"),
            ("2026-11-01", "2026-11-02T04:59:59.999999Z"),
        ] {
            let micros = last_microsecond(days_since_epoch(day.parse().unwrap()), &zone).unwrap();
            assert_eq!(Timestamp::from_microsecond(micros).unwrap().to_string(), end);
        }
    }

    #[test]
    fn offsets_agree_with_the_zone_at_each_side_of_a_change() {
        let zone = zone("America/New_York").unwrap();
        let first: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
        let last: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        let offsets = Offsets::between(&zone, Some(first.as_microsecond()), Some(last.as_microsecond())).unwrap();
        let mut hint = 0;
        for text in [
            "2026-11-01T05:59:59Z",
            "2026-11-01T06:00:00Z",
            "2026-03-08T06:59:59Z",
            "2026-03-08T07:00:00Z",
            "2025-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ] {
            let instant: Timestamp = text.parse().unwrap();
            let expected = i64::from(zone.to_offset(instant).seconds());
            assert_eq!(offsets.at(instant.as_second(), &mut hint), expected, "{text}");
        }
    }
}
