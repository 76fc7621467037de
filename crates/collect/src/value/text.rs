//! Text prepared before it is read as its type: trimming, words, number styles.

use std::borrow::Cow;

use super::{CellProblem, NumberStyle, Rule};
use crate::error::shortened;

/// A text after the mapping's preparation.
pub(crate) enum Prepared<'a> {
    /// One of the mapping's words for "no value".
    Null,
    /// The text to read.
    Text(Cow<'a, str>),
}

/// UTF-8 without a NUL byte: the only text that enters a column.
pub(crate) fn checked(bytes: &[u8]) -> Result<&str, CellProblem> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| CellProblem::NotUtf8(shortened(&String::from_utf8_lossy(bytes))))?;
    // Tools disagree on text with a NUL byte in it (C programs cut it there), so what one shows another hides.
    if bytes.contains(&0) {
        return Err(CellProblem::NulByte(shortened(text)));
    }
    Ok(text)
}

/// Trims, lowers and looks up words as the mapping says.
pub(crate) fn prepared<'a>(rule: &Rule, text: &'a str) -> Result<Prepared<'a>, CellProblem> {
    let mut text = Cow::Borrowed(if rule.trim { text.trim() } else { text });
    if rule.null_words.iter().any(|word| *word == text) {
        return Ok(Prepared::Null);
    }
    if rule.lower {
        text = Cow::Owned(text.to_lowercase());
    }
    if let Some(words) = &rule.words {
        if text.is_empty() {
            return Ok(Prepared::Text(text));
        }
        let Some(value) = words.get(text.as_ref()) else {
            let known: Vec<String> = words.keys().map(|word| format!("`{word}`")).collect();
            return Err(CellProblem::UnknownWord { value: shortened(&text), known: known.join(", ") });
        };
        text = Cow::Owned(value.clone());
    }
    Ok(Prepared::Text(text))
}

/// A number of the mapping's style as plain text, or `None` if it is not written in that style.
pub(crate) fn plain_number(style: NumberStyle, text: &str) -> Option<Cow<'_, str>> {
    match style {
        NumberStyle::Plain => Some(Cow::Borrowed(text)),
        NumberStyle::Us => us(text).map(Cow::Owned),
        NumberStyle::European => ungrouped(text, '.', ',').map(Cow::Owned),
    }
}

fn us(text: &str) -> Option<String> {
    let (negative, amount) = match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => match text.strip_prefix('-') {
            Some(amount) => (true, amount),
            None => (false, text),
        },
    };
    let amount = amount.strip_prefix('$').unwrap_or(amount);
    if amount.starts_with('-') {
        return None;
    }
    let plain = ungrouped(amount, ',', '.')?;
    Some(if negative { format!("-{plain}") } else { plain })
}

/// Takes groups of three apart. `1,23` is refused: it is a European decimal or a typing error, and either would be read
/// as another amount.
fn ungrouped(text: &str, group: char, point: char) -> Option<String> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text),
    };
    let (whole, fraction) = match text.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut plain = String::from(sign);
    for (at, part) in whole.split(group).enumerate() {
        let grouped = whole.contains(group);
        let fits = if at == 0 { !grouped || (1..=3).contains(&part.len()) } else { part.len() == 3 };
        if !fits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        plain.push_str(part);
    }
    if let Some(fraction) = fraction {
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        plain.push('.');
        plain.push_str(fraction);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_read_strictly() {
        let us = |text| plain_number(NumberStyle::Us, text).map(Cow::into_owned);
        assert_eq!(us("1,234,567.89").as_deref(), Some("1234567.89"));
        assert_eq!(us("($1,234.50)").as_deref(), Some("-1234.50"));
        assert_eq!(us("-$7").as_deref(), Some("-7"));
        assert_eq!(us("1234.5").as_deref(), Some("1234.5"));
        for text in ["1,23", "1.234,50", "12,3456", ",123", "(-5)", "1,,234"] {
            assert_eq!(us(text), None, "{text}");
        }
        let european = |text| plain_number(NumberStyle::European, text).map(Cow::into_owned);
        assert_eq!(european("-1.234,50").as_deref(), Some("-1234.50"));
        assert_eq!(european("1,234.50"), None);
    }
}
