//! Rates and risks in percent, exact as they were written.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SamplingRefusal;

/// Decimals that a percentage may have.
const DECIMALS: usize = 6;

/// A rate or risk: 0 to 100 percent in steps of a millionth of a percent, written as a decimal such as `6.2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(u64);

impl Rate {
    /// A hundred percent, in steps.
    pub(super) const WHOLE: u64 = 100_000_000;
    /// A tenth of a percent, in steps: what the published tables round up to.
    pub(super) const TENTH: u64 = 100_000;
    /// A ten-thousandth of a percent, in steps: what we print.
    pub(super) const FINE: u64 = 100;
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self(Self::WHOLE);

    /// Whole percents, at most 100.
    pub const fn percent(percent: u8) -> Self {
        let steps = percent as u64 * (Self::WHOLE / 100);
        if steps > Self::WHOLE { Self::ALL } else { Self(steps) }
    }

    pub(super) const fn from_steps(steps: u64) -> Self {
        if steps > Self::WHOLE { Self::ALL } else { Self(steps) }
    }

    /// So many of so many, rounded up to a multiple of `steps`.
    pub(super) fn of(part: u64, whole: u64, steps: u64) -> Self {
        let unit = u128::from(Self::WHOLE / steps);
        let up = (u128::from(part) * unit).div_ceil(u128::from(whole.max(1)));
        Self::from_steps(u64::try_from(up).unwrap_or(u64::MAX).saturating_mul(steps))
    }

    pub(super) const fn steps(self) -> u64 {
        self.0
    }

    /// What is left to a hundred percent: the confidence that belongs to a risk.
    pub const fn rest(self) -> Self {
        Self(Self::WHOLE - self.0)
    }

    /// This rate of so many items, rounded up.
    pub fn of_items_up(self, items: u64) -> u64 {
        let up = (u128::from(self.0) * u128::from(items)).div_ceil(u128::from(Self::WHOLE));
        u64::try_from(up).unwrap_or(items)
    }

    /// This rate of so many items, rounded down.
    pub fn of_items_down(self, items: u64) -> u64 {
        let down = u128::from(self.0) * u128::from(items) / u128::from(Self::WHOLE);
        u64::try_from(down).unwrap_or(items)
    }

    /// A risk or a tolerable rate: more than nothing, less than everything.
    pub(super) fn within(self, what: &'static str) -> Result<Self, SamplingRefusal> {
        if self == Self::ZERO || self == Self::ALL {
            return Err(SamplingRefusal::RateOutOfRange { what, rate: self });
        }
        Ok(self)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = Self::WHOLE / 100;
        let text = format!("{}.{:0width$}", self.0 / one, self.0 % one, width = DECIMALS);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Rate {
    type Err = SamplingRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = || text.chars().take(40).collect::<String>();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (sign, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        if !digits(whole) || !digits(part) || part.len() > DECIMALS {
            return Err(SamplingRefusal::NotAPercentage(shown()));
        }
        let steps: Option<u64> = format!("{whole}{part:0<DECIMALS$}").parse().ok();
        let steps = steps.filter(|steps| !sign && *steps <= Self::WHOLE);
        steps.map(Self).ok_or_else(|| SamplingRefusal::PercentageOutOfRange(shown()))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_and_written_as_a_decimal() {
        for (text, written) in [
            ("5", "5"),
            ("6.2", "6.2"),
            ("0", "0"),
            ("0.000001", "0.000001"),
            ("100", "100"),
            ("100.000000", "100"),
            ("05.50", "5.5"),
        ] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), written);
        }
        for text in ["-1", "-0", "100.1", "101", "99999999999999999999999"] {
            assert_eq!(text.parse::<Rate>().unwrap_err().code(), "rate-out-of-range", "{text}");
        }
        for text in ["", "-", "+5", "5%", "5,0", "1e1", ".5", "5.", "0.0000001", "NaN", "1_0", " 5"] {
            assert_eq!(text.parse::<Rate>().unwrap_err().code(), "not-a-percentage", "{text}");
        }
    }

    #[test]
    fn a_rate_of_items_is_exact() {
        let rate: Rate = "6.2".parse().unwrap();
        // 0.062 · 50 is 3.1; a float gives 3.1 as well, but 0.07 · 100 as 7.000000000000001.
        assert_eq!((rate.of_items_up(50), rate.of_items_down(50)), (4, 3));
        assert_eq!(Rate::percent(7).of_items_up(100), 7);
        assert_eq!(Rate::of(1, 3, Rate::TENTH).to_string(), "33.4");
        assert_eq!(Rate::of(1, 3, Rate::FINE).to_string(), "33.3334");
    }
}
