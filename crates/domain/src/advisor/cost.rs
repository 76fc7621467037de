//! Cost and effort, from the organization's own quotes and days.
//!
//! Invariant: no price is ours; what was not quoted stands as not quoted, and no total is made of it.
//! Invariant: money is exact decimals of one currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What the organization was quoted, and the days it thinks it will spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotes {
    /// The currency of every amount.
    pub currency: Currency,
    /// What a day of its own people costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_rate: Option<Amount>,
    /// A SOC 1 alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soc1: Option<Quote>,
    /// A SOC 2 alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soc2: Option<Quote>,
    /// Both in one engagement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub both: Option<Quote>,
}

/// One quote, with the days that go with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quote {
    /// The firm's fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firm: Option<Amount>,
    /// Everything else that is bought: readiness help, tools, a penetration test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Amount>,
    /// Days of the organization's own people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Amount>,
}

/// A number that is not negative, written in quotes so that it stays exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Decimal);

/// A currency by its three letters (ISO 4217).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(String);

/// The largest amount that is read: sums and products of a table stay far from overflow.
const LARGEST: i64 = 1_000_000_000_000;

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
        let number = text.parse::<Decimal>().ok().filter(|_| plain);
        let number =
            number.ok_or_else(|| format!("`{text}` is no amount; write digits with a point, such as \"30000.00\""))?;
        if number > Decimal::from(LARGEST) || number.scale() > 4 {
            return Err(format!("`{text}` is no amount: it is too large, or finer than four decimals"));
        }
        Ok(Self(number))
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.0.to_string()
    }
}

impl Amount {
    /// The same with two decimals at least, as money is written.
    fn money(self) -> Self {
        let mut number = self.0;
        if number.scale() < 2 {
            number.rescale(2);
        }
        Self(number)
    }

    /// The number with its thousands grouped.
    pub fn grouped(self) -> String {
        let text = self.0.to_string();
        let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
        let mut shown = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                shown.push(',');
            }
            shown.push(digit);
        }
        rest.map_or(shown.clone(), |rest| format!("{shown}.{rest}"))
    }
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.len() == 3 && text.chars().all(|letter| letter.is_ascii_uppercase()) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is no currency; write its three letters, such as \"USD\""))
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

/// Cost and effort side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostTable {
    /// The currency of every amount.
    pub currency: Currency,
    /// One line a way of doing it.
    pub ways: Vec<CostLine>,
}

/// One way of doing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostLine {
    /// Such as "both in one engagement".
    pub way: &'static str,
    /// The firm's fee.
    pub firm: Option<Amount>,
    /// Everything else that is bought.
    pub other: Option<Amount>,
    /// Days of its own people.
    pub days: Option<Amount>,
    /// Fees and days, if everything that goes into them was quoted.
    pub total: Option<Amount>,
    /// What the line means.
    pub remark: &'static str,
}

/// The table of some quotes.
pub fn cost_table(quotes: &Quotes) -> CostTable {
    let Quotes { currency, day_rate, soc1, soc2, both } = quotes;
    let line = |way, quote: Option<&Quote>, remark| {
        let Quote { firm, other, days } = quote.cloned().unwrap_or_default();
        let total = total(firm, other, days, *day_rate);
        CostLine { way, firm: firm.map(Amount::money), other: other.map(Amount::money), days, total, remark }
    };
    let (soc1_line, soc2_line) = (
        line("SOC 1 alone", soc1.as_ref(), "answers clients' auditors only"),
        line("SOC 2 alone", soc2.as_ref(), "answers security readers only"),
    );
    // Of a part that has no total, none is made.
    let in_turn = sum(soc1_line.total, soc2_line.total);
    let wrong_first = |repeated: Option<&Quote>| CostLine {
        total: in_turn,
        ..line("the wrong report first, then the right one", repeated, "both in turn; the time between is lost too")
    };
    let repeated = soc1.as_ref().zip(soc2.as_ref()).map(|(first, second)| Quote {
        firm: sum(first.firm, second.firm),
        // Not everybody buys something beside the firm's fee; nothing bought is nothing.
        other: match (first.other, second.other) {
            (None, other) | (other, None) => other,
            (first, second) => sum(first, second),
        },
        days: sum(first.days, second.days),
    });
    CostTable {
        currency: currency.clone(),
        ways: vec![
            soc1_line,
            soc2_line,
            line("both in one engagement", both.as_ref(), "one control set, two reports"),
            wrong_first(repeated.as_ref()),
        ],
    }
}

fn sum(a: Option<Amount>, b: Option<Amount>) -> Option<Amount> {
    Some(Amount(a?.0.checked_add(b?.0)?))
}

/// Fees and days together; what is bought besides the firm's fee may be left out, since not everybody buys something.
fn total(firm: Option<Amount>, other: Option<Amount>, days: Option<Amount>, rate: Option<Amount>) -> Option<Amount> {
    let own = match (days, rate) {
        (Some(days), Some(rate)) => days.0.checked_mul(rate.0)?,
        // Days without a rate, or a rate without days, are an unfinished answer.
        (Some(_), None) | (None, Some(_)) => return None,
        (None, None) => Decimal::ZERO,
    };
    let bought = firm?.0.checked_add(other.map_or(Decimal::ZERO, |other| other.0))?;
    Some(Amount(bought.checked_add(own)?.round_dp(2)).money())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Option<Amount> {
        Some(Amount::try_from(text.to_owned()).unwrap())
    }

    fn told(quotes: &Quotes) -> String {
        let shown = |amount: Option<Amount>| amount.map_or_else(|| "not quoted".to_owned(), Amount::grouped);
        let line = |line: &CostLine| {
            let CostLine { way, firm, other, days, total, .. } = line;
            format!("{way}: {} + {} + {} days = {}", shown(*firm), shown(*other), shown(*days), shown(*total))
        };
        cost_table(quotes).ways.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_wrong_report_first_costs_both() {
        let mut quotes = Quotes {
            currency: Currency::try_from("USD".to_owned()).unwrap(),
            day_rate: amount("640.00"),
            soc1: Some(Quote { firm: amount("38000.00"), other: None, days: amount("55") }),
            soc2: Some(Quote { firm: amount("32000.00"), other: amount("9000.00"), days: amount("60.5") }),
            both: Some(Quote { firm: None, other: amount("9000.00"), days: amount("80") }),
        };
        insta::assert_snapshot!(told(&quotes), @r"
        SOC 1 alone: 38,000.00 + not quoted + 55 days = 73,200.00
        SOC 2 alone: 32,000.00 + 9,000.00 + 60.5 days = 79,720.00
        both in one engagement: not quoted + 9,000.00 + 80 days = not quoted
        the wrong report first, then the right one: 70,000.00 + 9,000.00 + 115.5 days = 152,920.00
        ");
        quotes.soc2 = None;
        quotes.day_rate = None;
        insta::assert_snapshot!(told(&quotes), @r"
        SOC 1 alone: 38,000.00 + not quoted + 55 days = not quoted
        SOC 2 alone: not quoted + not quoted + not quoted days = not quoted
        both in one engagement: not quoted + 9,000.00 + 80 days = not quoted
        the wrong report first, then the right one: not quoted + not quoted + not quoted days = not quoted
        ");
    }

    #[test]
    fn amounts_stay_exact_and_sane() {
        for wrong in ["", "-1", "1e3", "1,000", "1.00001", "99999999999999", "ten"] {
            assert!(Amount::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(amount("1234567.50").unwrap().grouped(), "1,234,567.50");
    }
}
