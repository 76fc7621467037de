//! Exact numbers from text: integers and decimals, never through a float.

/// Why a text is not a number of the asked size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotANumber {
    /// It is not written as a number.
    Shape,
    /// It is a number, with digits that would have to be rounded away or with more digits than there is room for.
    Size,
}

/// The powers of ten that fit 128 bits. A table, because one is needed for every number read.
const POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut left: &mut [i128] = &mut powers;
    let mut power: i128 = 1;
    while let Some((first, rest)) = left.split_first_mut() {
        *first = power;
        // The last product would not fit, and nobody asks for it.
        power = power.saturating_mul(10);
        left = rest;
    }
    powers
};

/// Ten to the power `exponent`, up to 38.
pub(crate) fn power_of_ten(exponent: u32) -> Option<i128> {
    POWERS.get(exponent as usize).copied()
}

/// The digits of an integer, written from the end of the buffer; gives them as text.
pub(crate) fn digits(value: i64, buffer: &mut [u8; 20]) -> &str {
    let mut rest = value.unsigned_abs();
    let mut from = buffer.len();
    for (at, byte) in buffer.iter_mut().enumerate().rev() {
        *byte = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        from = at;
        if rest == 0 {
            break;
        }
    }
    // The longest, -9223372036854775808, has 19 digits, so its sign has room.
    if value < 0 {
        from = from.saturating_sub(1);
        if let Some(sign) = buffer.get_mut(from) {
            *sign = b'-';
        }
    }
    buffer.get(from..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
}

/// Reads a plain integer: an optional `-`, then digits.
pub(crate) fn integer(text: &[u8]) -> Result<i64, NotANumber> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NotANumber::Shape);
    }
    let mut value: i64 = 0;
    for digit in digits {
        let digit = i64::from(digit - b'0');
        let next = value.checked_mul(10);
        let next =
            if negative { next.and_then(|v| v.checked_sub(digit)) } else { next.and_then(|v| v.checked_add(digit)) };
        value = next.ok_or(NotANumber::Size)?;
    }
    Ok(value)
}

/// Reads a plain decimal such as `-1234.50` into its unscaled value at `scale`. A fraction longer than `scale` fits only
/// if the digits beyond are zeros.
pub(crate) fn decimal(text: &[u8], precision: u8, scale: u8) -> Result<i128, NotANumber> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, text),
    };
    // 18 digits fit an i64 whatever they are, so the common case needs no 128-bit multiplication.
    let value = if digits.len() <= 18 { short(digits, scale)? } else { long(digits, scale)? };
    let limit = power_of_ten(u32::from(precision)).ok_or(NotANumber::Size)?;
    if value >= limit {
        return Err(NotANumber::Size);
    }
    Ok(if negative { -value } else { value })
}

#[inline]
fn short(digits: &[u8], scale: u8) -> Result<i128, NotANumber> {
    let mut value: i64 = 0;
    let mut take = |byte: u8| {
        let digit = byte.wrapping_sub(b'0');
        let is_digit = digit <= 9;
        if is_digit {
            value = value * 10 + i64::from(digit);
        }
        is_digit
    };
    let whole = digits.iter().take_while(|byte| take(**byte)).count();
    let rest = digits.get(whole..).unwrap_or_default();
    let (fraction, is_number) = match rest {
        [] => (&[] as &[u8], whole > 0),
        [b'.', fraction @ ..] => (fraction, !fraction.is_empty()),
        _ => return Err(NotANumber::Shape),
    };
    let (kept, beyond) = fraction.split_at_checked(usize::from(scale)).unwrap_or((fraction, &[]));
    if !is_number || !kept.iter().all(|byte| take(*byte)) || !beyond.iter().all(u8::is_ascii_digit) {
        return Err(NotANumber::Shape);
    }
    if beyond.iter().any(|digit| *digit != b'0') {
        return Err(NotANumber::Size);
    }
    match usize::from(scale) - kept.len() {
        0 => Ok(i128::from(value)),
        missing => {
            let power = POWERS.get(missing).ok_or(NotANumber::Size)?;
            i128::from(value).checked_mul(*power).ok_or(NotANumber::Size)
        }
    }
}

fn long(digits: &[u8], scale: u8) -> Result<i128, NotANumber> {
    let (whole, fraction) = match memchr::memchr(b'.', digits) {
        Some(at) => {
            let (whole, rest) = digits.split_at(at);
            (whole, rest.get(1..).unwrap_or_default())
        }
        None => (digits, &[] as &[u8]),
    };
    let plain = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    if !plain(whole) || !plain(fraction) || (fraction.is_empty() && whole.len() != digits.len()) {
        return Err(NotANumber::Shape);
    }
    let scale = usize::from(scale);
    let beyond = fraction.get(scale..).unwrap_or_default();
    if beyond.iter().any(|&digit| digit != b'0') {
        return Err(NotANumber::Size);
    }
    let kept = fraction.get(..scale).unwrap_or(fraction);
    let padding = std::iter::repeat_n(b'0', scale - kept.len());
    let mut value: i128 = 0;
    for digit in whole.iter().chain(kept).copied().chain(padding) {
        let next = value.checked_mul(10).and_then(|v| v.checked_add(i128::from(digit - b'0')));
        value = next.ok_or(NotANumber::Size)?;
    }
    Ok(value)
}

/// An integer of 64 bits, if the text is one.
pub(crate) fn integer_of(text: &[u8]) -> Option<i64> {
    integer(text).ok()
}

/// A plain decimal with all its digits: unscaled value and scale, if there are at most 38.
pub(crate) fn decimal_of(text: &str) -> Option<(i128, u32)> {
    let scale = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let scale = u8::try_from(scale).ok().filter(|scale| *scale <= 38)?;
    Some((decimal(text.as_bytes(), 38, scale).ok()?, u32::from(scale)))
}

/// Changes the scale of an exact decimal, if that loses nothing and fits.
pub(crate) fn rescale(unscaled: i128, from: u32, precision: u8, to: u8) -> Option<i128> {
    let to = u32::from(to);
    let value = if to >= from {
        unscaled.checked_mul(power_of_ten(to - from)?)?
    } else {
        let divisor = power_of_ten(from - to)?;
        if unscaled % divisor != 0 {
            return None;
        }
        unscaled / divisor
    };
    let limit = power_of_ten(u32::from(precision))?;
    (value.unsigned_abs() < limit.unsigned_abs()).then_some(value)
}

/// An exact decimal as people write it.
pub(crate) fn decimal_text(unscaled: i128, scale: u32) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let sign = if unscaled < 0 { "-" } else { "" };
    let scale = scale as usize;
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_or_refused() {
        assert_eq!(decimal(b"1234.5", 18, 2), Ok(123_450));
        assert_eq!(decimal(b"-0.05", 18, 2), Ok(-5));
        assert_eq!(decimal(b".50", 18, 2), Ok(50));
        assert_eq!(decimal(b"7", 18, 4), Ok(70_000));
        assert_eq!(decimal(b"1.2300", 18, 2), Ok(123));
        assert_eq!(decimal(b"99999999999999999999999999999999999.999", 38, 3), Ok(10_i128.pow(38) - 1));
        assert_eq!(decimal(b"1.005", 18, 2), Err(NotANumber::Size));
        assert_eq!(decimal(b"1000.00", 5, 2), Err(NotANumber::Size));
        for text in
            ["", "-", ".", "1.", "+1", "1e5", "1,5", "0x1", "1 ", "--1", "1.2.3", "NaN", "1.00000000000000000000x"]
        {
            assert_eq!(decimal(text.as_bytes(), 18, 2), Err(NotANumber::Shape), "{text}");
        }
    }

    #[test]
    fn integers_print_as_the_library_prints_them() {
        for value in [0, 7, -7, 10, 99, 100, -100, i64::MAX, i64::MIN] {
            assert_eq!(digits(value, &mut [0; 20]), value.to_string());
        }
        assert_eq!(power_of_ten(38), 10_i128.checked_pow(38));
        assert_eq!(power_of_ten(39), None);
    }

    #[test]
    fn integers_stop_at_64_bits() {
        assert_eq!(integer(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(integer(b"9223372036854775807"), Ok(i64::MAX));
        assert_eq!(integer(b"9223372036854775808"), Err(NotANumber::Size));
        assert_eq!(integer(b"1.0"), Err(NotANumber::Shape));
    }

    #[test]
    fn a_decimal_prints_as_it_reads() {
        for text in ["0.00", "-0.05", "12.30", "1234567890123456789012345.67"] {
            assert_eq!(decimal_text(decimal(text.as_bytes(), 38, 2).unwrap(), 2), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn short_and_long_readers_agree(digits in "[0-9]{0,12}(\\.[0-9]{0,5})?") {
            let one = short(digits.as_bytes(), 3);
            let other = if digits.is_empty() || digits == "." { Err(NotANumber::Shape) } else { long(digits.as_bytes(), 3) };
            proptest::prop_assert_eq!(one, other);
        }
    }
}
