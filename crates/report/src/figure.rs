//! A figure: a number that a document prints, with what stands behind it.
//!
//! Invariant: a figure cannot be printed without saying what it counts.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

/// A number in a document, and the way back from it to the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The number itself.
    pub figure: FigureValue,
    /// What it counts, as a phrase: "payslips paid in the period".
    pub counts: String,
    /// The vault object or canonical rows it was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The index of the ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// The kinds of number a document prints; none of them is a floating-point number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FigureValue {
    /// A count of items.
    Count(u64),
    /// A length of time in whole days.
    Days(u64),
    /// An amount of money; the amount is a decimal string in JSON.
    Money {
        /// The amount, at the scale it was recorded with.
        amount: Decimal,
        /// The ISO 4217 code.
        currency: String,
    },
    /// A decimal that is no money, such as a control total over hours.
    Decimal(Decimal),
}

impl Figure {
    /// A count with the digest and ledger entry behind it.
    pub fn count(value: u64, counts: impl Into<String>, digest: Option<Digest>, entry: Option<u64>) -> Self {
        Self { figure: FigureValue::Count(value), counts: counts.into(), digest, entry }
    }

    /// The number of items, if the figure is a count.
    pub fn as_count(&self) -> Option<u64> {
        match self.figure {
            FigureValue::Count(count) => Some(count),
            FigureValue::Days(_) | FigureValue::Money { .. } | FigureValue::Decimal(_) => None,
        }
    }
}

impl FigureValue {
    /// The number as a reader sees it: thousands grouped by commas, currency after the amount.
    pub fn shown(&self) -> String {
        match self {
            Self::Count(count) => grouped(&count.to_string()),
            Self::Days(days) => counted(*days, "day", "days"),
            Self::Money { amount, currency } => format!("{} {currency}", grouped(&amount.to_string())),
            Self::Decimal(value) => grouped(&value.to_string()),
        }
    }
}

/// A number with the noun in its number: "1 day", "1,200 days".
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(&count.to_string()), if count == 1 { one } else { many })
}

/// Puts a comma between each three digits before the decimal point.
fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("\u{2212}", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A figure with the tick mark a document gave it: one line of the appendix and of `figures.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedFigure {
    /// The number of the tick mark, from 1 in the order of the document.
    pub tick: u32,
    /// The number as printed.
    pub shown: String,
    /// The figure.
    #[serde(flatten)]
    pub figure: Figure,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_as_a_reader_expects() {
        for (value, shown) in [
            (FigureValue::Count(0), "0"),
            (FigureValue::Count(999), "999"),
            (FigureValue::Count(1_048_576), "1,048,576"),
            (FigureValue::Days(1), "1 day"),
            (FigureValue::Days(1_200), "1,200 days"),
            (FigureValue::Decimal(Decimal::new(-123_456_789, 2)), "\u{2212}1,234,567.89"),
            (FigureValue::Money { amount: Decimal::new(100, 2), currency: "USD".into() }, "1.00 USD"),
        ] {
            assert_eq!(value.shown(), shown);
        }
    }
}
