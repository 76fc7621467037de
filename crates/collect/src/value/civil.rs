//! Days and times of the Gregorian calendar, read from bytes without an allocation.

use jiff::civil::{Date, DateTime};

/// Microseconds of one day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// Days since 1970-01-01 of a valid date (the proleptic Gregorian calendar, counted in eras of 400 years from a year
/// that starts in March, so that the leap day comes last).
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Days since 1970-01-01.
pub(crate) fn days_from_date(date: Date) -> i32 {
    days_from_civil(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
}

/// The date that many days after 1970-01-01, if the calendar reaches it.
pub(crate) fn date_from_days(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The date and time that many microseconds after 1970-01-01T00:00:00.
pub(crate) fn datetime_from_micros(micros: i64) -> Option<DateTime> {
    let days = i32::try_from(micros.div_euclid(DAY)).ok()?;
    let within = micros.rem_euclid(DAY);
    let start = date_from_days(days)?.to_datetime(jiff::civil::Time::midnight());
    start.checked_add(jiff::Span::new().try_microseconds(within).ok()?).ok()
}

/// Microseconds since 1970-01-01T00:00:00 of a civil date and time.
pub(crate) fn micros_from_datetime(at: DateTime) -> i64 {
    let seconds = i64::from(at.hour()) * 3600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    let micros = seconds * 1_000_000 + i64::from(at.subsec_nanosecond()) / 1000;
    i64::from(days_from_date(at.date())) * DAY + micros
}

/// Reads `2026-09-30`, and nothing else.
pub(crate) fn date(text: &[u8]) -> Option<i32> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    };
    // Year 0 is somebody's placeholder for "no date", never a day of business.
    (year >= 1 && (1..=longest).contains(&day)).then(|| days_from_civil(year, month, day))
}

/// A date and time as text says it.
pub(crate) enum Read {
    /// With an offset from UTC: an instant, in microseconds.
    Instant(i64),
    /// Without: a clock's reading, in microseconds.
    Local(i64),
}

/// Reads `2026-09-30T21:05`, with optional seconds and fraction, a space for the `T`, and an optional `Z` or offset
/// (RFC 3339, and what databases print). Digits past the microsecond are cut, as the dataset's type has no room for them.
pub(crate) fn date_time(text: &[u8]) -> Option<Read> {
    let (day, rest) = text.split_at_checked(10)?;
    let days = date(day)?;
    let (&separator, rest) = rest.split_first()?;
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let (&[h1, h2, b':', m1, m2], mut rest) = rest.split_first_chunk::<5>()? else { return None };
    let (hour, minute) = (two(h1, h2)?, two(m1, m2)?);
    let mut second = 0;
    let mut micros: i64 = 0;
    if let Some((&[b':', s1, s2], after)) = rest.split_first_chunk::<3>() {
        second = two(s1, s2)?;
        rest = after;
        if let Some((b'.' | b',', after)) = rest.split_first() {
            let length = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (digits, after) = after.split_at_checked(length)?;
            if digits.is_empty() || digits.len() > 12 {
                return None;
            }
            for place in 0..6 {
                let digit = digits.get(place).map_or(0, |byte| i64::from(byte - b'0'));
                micros = micros * 10 + digit;
            }
            rest = after;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    let local = i64::from(days) * DAY + seconds * 1_000_000 + micros;
    match rest {
        [] => Some(Read::Local(local)),
        [b'Z' | b'z'] | [b' ', b'U', b'T', b'C'] => Some(Read::Instant(local)),
        _ => Some(Read::Instant(local - offset(rest)? * 1_000_000)),
    }
}

/// Reads `+02`, `+0200` and `+02:00` as seconds east of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let (&sign, rest) = text.split_first()?;
    let (hours, minutes) = match *rest {
        [h1, h2] => (two(h1, h2)?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<i32> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_jiff_over_four_centuries() {
        let mut day = Date::constant(1899, 12, 1);
        while day.year() < 2300 {
            let days = days_from_date(day);
            assert_eq!(date_from_days(days), Some(day));
            assert_eq!(date(day.to_string().as_bytes()), Some(days));
            day = day.checked_add(jiff::Span::new().days(11)).unwrap();
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "0000-00-00", "2026-1-1", "20260101", ""] {
            assert!(date(text.as_bytes()).is_none(), "{text}");
        }
        assert!(date(b"2028-02-29").is_some());
    }

    #[test]
    fn instants_agree_with_jiff() {
        for text in [
            "2026-03-08T06:59:59.999999Z",
            "1969-12-31T23:59:59.5Z",
            "2026-03-08T06:59:59+02:00",
            "2026-03-08T06:59:59-0930",
        ] {
            let Some(Read::Instant(ours)) = date_time(text.as_bytes()) else { panic!("{text}") };
            assert_eq!(ours, text.parse::<jiff::Timestamp>().unwrap().as_microsecond(), "{text}");
        }
        for text in
            ["2026-03-08", "2026-03-08T24:00:00Z", "2026-03-08T10:00:60Z", "2026-03-08T10:00:00.Z", "2026-03-08T1:00"]
        {
            assert!(date_time(text.as_bytes()).is_none(), "{text}");
        }
        assert!(matches!(date_time(b"2026-03-08 10:00"), Some(Read::Local(_))));
    }
}
