//! Numbers that cannot be wrong: lower and upper bounds in integers, and exact fractions where bounds do not decide.
//!
//! A recipe is written once and computed in either. Bounds carry 64 bits and round the lower one down and the upper one up
//! at every step, so the true value lies between them whatever the steps were.

use std::cmp::Ordering;

use num_bigint::BigUint;

/// A fraction of whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    pub(super) numerator: u64,
    pub(super) denominator: u64,
}

/// What a recipe computes in. All values are at least zero.
pub(super) trait Number: Clone {
    /// One.
    fn one() -> Self;
    /// Zero.
    fn zero() -> Self;
    /// Times a fraction; the denominator is not zero.
    fn times(&self, numerator: u64, denominator: u64) -> Self;
    /// Plus another.
    fn plus(&self, other: &Self) -> Self;
    /// Times another.
    fn by(&self, other: &Self) -> Self;
    /// Whether it is at most a fraction, if that can be told.
    fn at_most(&self, limit: Ratio) -> Option<bool>;
}

/// A fraction to a power, by squaring.
pub(super) fn power<N: Number>(ratio: Ratio, exponent: u64) -> N {
    let mut square = N::one().times(ratio.numerator, ratio.denominator);
    let (mut result, mut left) = (N::one(), exponent);
    while left > 0 {
        if left % 2 == 1 {
            result = result.by(&square);
        }
        left /= 2;
        if left > 0 {
            square = square.by(&square);
        }
    }
    result
}

/// Something that can be computed in bounds and, if need be, exactly.
pub(super) trait Recipe {
    /// Computes it.
    fn compute<N: Number>(&self) -> N;

    /// Whether it is at most a fraction: by bounds, or exactly where they do not decide.
    fn at_most(&self, limit: Ratio) -> bool {
        let decided = self.compute::<Bounds>().at_most(limit);
        decided.unwrap_or_else(|| self.compute::<Exact>().at_most(limit).unwrap_or(false))
    }

    /// The smallest whole number of `parts` that it is at most, for a value of at most one.
    fn rounded_up(&self, parts: u64) -> u64 {
        let bounds = self.compute::<Bounds>();
        let mut exact = None;
        first_that(0, parts, |numerator| {
            let limit = Ratio { numerator, denominator: parts };
            bounds
                .at_most(limit)
                .unwrap_or_else(|| exact.get_or_insert_with(|| self.compute::<Exact>()).at_most(limit).unwrap_or(false))
        })
    }
}

/// The first number from `low` on that holds, where all after it hold as well; `high` if none before it does.
pub(super) fn first_that(mut low: u64, mut high: u64, mut holds: impl FnMut(u64) -> bool) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// An exact fraction, not reduced.
#[derive(Debug, Clone)]
pub(super) struct Exact {
    numerator: BigUint,
    denominator: BigUint,
}

impl Number for Exact {
    fn one() -> Self {
        Self { numerator: BigUint::from(1_u8), denominator: BigUint::from(1_u8) }
    }

    fn zero() -> Self {
        Self { numerator: BigUint::from(0_u8), denominator: BigUint::from(1_u8) }
    }

    fn times(&self, numerator: u64, denominator: u64) -> Self {
        Self { numerator: &self.numerator * numerator, denominator: &self.denominator * denominator }
    }

    fn plus(&self, other: &Self) -> Self {
        if self.denominator == other.denominator {
            return Self { numerator: &self.numerator + &other.numerator, denominator: self.denominator.clone() };
        }
        Self {
            numerator: &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    fn by(&self, other: &Self) -> Self {
        Self { numerator: &self.numerator * &other.numerator, denominator: &self.denominator * &other.denominator }
    }

    fn at_most(&self, limit: Ratio) -> Option<bool> {
        Some(&self.numerator * limit.denominator <= &self.denominator * limit.numerator)
    }
}

/// A lower and an upper bound of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    low: Scaled,
    high: Scaled,
}

impl Bounds {
    /// Less another that is not larger than the value.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { low: self.low.minus(other.high, Round::Down), high: self.high.minus(other.low, Round::Up) }
    }
}

impl Number for Bounds {
    fn one() -> Self {
        let one = Scaled::rounded(1, 0, false, Round::Down);
        Self { low: one, high: one }
    }

    fn zero() -> Self {
        Self { low: Scaled::ZERO, high: Scaled::ZERO }
    }

    fn times(&self, numerator: u64, denominator: u64) -> Self {
        Self {
            low: self.low.times(numerator, denominator, Round::Down),
            high: self.high.times(numerator, denominator, Round::Up),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        Self { low: self.low.plus(other.low, Round::Down), high: self.high.plus(other.high, Round::Up) }
    }

    fn by(&self, other: &Self) -> Self {
        Self { low: self.low.by(other.low, Round::Down), high: self.high.by(other.high, Round::Up) }
    }

    fn at_most(&self, limit: Ratio) -> Option<bool> {
        let limit = Self::one().times(limit.numerator, limit.denominator);
        if self.high <= limit.low {
            Some(true)
        } else if self.low > limit.high {
            Some(false)
        } else {
            None
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    Down,
    Up,
}

/// `mantissa` · 2^`exponent`, where the mantissa's highest bit is set or the value is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scaled {
    exponent: i64,
    mantissa: u64,
}

impl Scaled {
    const ZERO: Self = Self { exponent: i64::MIN, mantissa: 0 };

    /// Brings a value of 128 bits into 64; `more` says that the true value is a little larger.
    fn rounded(value: u128, exponent: i64, more: bool, round: Round) -> Self {
        if value == 0 {
            // Something smaller than any bit kept: its upper bound is one of those bits.
            return if more && round == Round::Up {
                Self { exponent: exponent - 63, mantissa: 1 << 63 }
            } else {
                Self::ZERO
            };
        }
        let zeros = value.leading_zeros();
        let value = value << zeros;
        let (kept, lost) = ((value >> 64), (value << 64) != 0);
        let exponent = exponent + 64 - i64::from(zeros);
        let up = round == Round::Up && (lost || more);
        // To add one to a mantissa of ones gives the next power of two.
        match u64::try_from(kept + u128::from(up)) {
            Ok(mantissa) => Self { exponent, mantissa },
            Err(_) => Self { exponent: exponent + 1, mantissa: 1 << 63 },
        }
    }

    fn times(self, numerator: u64, denominator: u64, round: Round) -> Self {
        let product = u128::from(self.mantissa) * u128::from(numerator);
        if product == 0 {
            return Self::ZERO;
        }
        let zeros = product.leading_zeros();
        let (product, denominator) = (product << zeros, u128::from(denominator));
        let remainder = product % denominator;
        Self::rounded(product / denominator, self.exponent - i64::from(zeros), remainder != 0, round)
    }

    fn by(self, other: Self, round: Round) -> Self {
        if self.mantissa == 0 || other.mantissa == 0 {
            return Self::ZERO;
        }
        let product = u128::from(self.mantissa) * u128::from(other.mantissa);
        Self::rounded(product, self.exponent + other.exponent, false, round)
    }

    fn plus(self, other: Self, round: Round) -> Self {
        let (large, small) = if self < other { (other, self) } else { (self, other) };
        if small.mantissa == 0 {
            return large;
        }
        let (shifted, lost) = small.shifted_to(large.exponent);
        Self::rounded((u128::from(large.mantissa) << 63) + shifted, large.exponent - 63, lost, round)
    }

    fn minus(self, other: Self, round: Round) -> Self {
        if other.mantissa == 0 {
            return self;
        }
        if self <= other {
            return Self::ZERO;
        }
        let (shifted, lost) = other.shifted_to(self.exponent);
        // What was cut off is taken away too when rounding down: one bit more than it was.
        let taken = shifted + u128::from(lost && round == Round::Down);
        Self::rounded((u128::from(self.mantissa) << 63).saturating_sub(taken), self.exponent - 63, false, round)
    }

    /// The mantissa in units of 2^(`exponent` - 63), and whether bits were cut off.
    fn shifted_to(self, exponent: i64) -> (u128, bool) {
        let wide = u128::from(self.mantissa) << 63;
        match u32::try_from(exponent - self.exponent) {
            Ok(by) if by < 128 => (wide >> by, by > 0 && wide << (128 - by) != 0),
            _ => (0, true),
        }
    }
}

impl PartialOrd for Scaled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scaled {
    fn cmp(&self, other: &Self) -> Ordering {
        // Zero has the smallest exponent, and normal mantissas all have the same length.
        self.exponent.cmp(&other.exponent).then(self.mantissa.cmp(&other.mantissa))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Bounds {
        fn hold(&self, exact: &Exact) -> bool {
            self.low.is_at_most(exact) && self.high.is_at_least(exact)
        }
    }

    impl Scaled {
        fn sides(self, exact: &Exact) -> (BigUint, BigUint) {
            let mine = BigUint::from(self.mantissa) * &exact.denominator;
            let shift = self.exponent.unsigned_abs();
            if self.mantissa == 0 {
                (mine, exact.numerator.clone())
            } else if self.exponent < 0 {
                (mine, &exact.numerator << shift)
            } else {
                (mine << shift, exact.numerator.clone())
            }
        }

        fn is_at_most(self, exact: &Exact) -> bool {
            let (mine, other) = self.sides(exact);
            mine <= other
        }

        fn is_at_least(self, exact: &Exact) -> bool {
            let (mine, other) = self.sides(exact);
            mine >= other
        }
    }

    proptest! {
        #[test]
        fn the_true_value_is_always_between_the_bounds(
            steps in proptest::collection::vec((0_u8..4, 0..=u64::MAX, 1..=u64::MAX, 0_u32..64), 1..24)
        ) {
            let (mut bounds, mut exact) = (Bounds::one(), Exact::one());
            for (kind, numerator, denominator, shift) in steps {
                // Small and large operands alike.
                let (numerator, denominator) = (numerator >> shift, (denominator >> (63 - shift)).max(1));
                let (b, e) = (Bounds::one().times(numerator, denominator), Exact::one().times(numerator, denominator));
                match kind {
                    0 => (bounds, exact) = (bounds.plus(&b), exact.plus(&e)),
                    1 => (bounds, exact) = (bounds.by(&b), exact.by(&e)),
                    2 => (bounds, exact) = (bounds.times(numerator, denominator), exact.times(numerator, denominator)),
                    _ if &e.numerator * &exact.denominator <= &exact.numerator * &e.denominator => {
                        bounds = bounds.minus(&b);
                        exact = Exact {
                            numerator: &exact.numerator * &e.denominator - &e.numerator * &exact.denominator,
                            denominator: &exact.denominator * &e.denominator,
                        };
                    }
                    _ => {}
                }
                prop_assert!(bounds.hold(&exact), "{bounds:?}");
            }
        }
    }

    #[test]
    fn bounds_are_tight() {
        let third = power::<Bounds>(Ratio { numerator: 1, denominator: 3 }, 1000);
        // 1/3^1000 is told from its neighbors at the twelfth digit.
        let scaled = third.by(&power::<Bounds>(Ratio { numerator: 3, denominator: 1 }, 1000));
        assert_eq!(scaled.at_most(Ratio { numerator: 1_000_000_000_001, denominator: 1_000_000_000_000 }), Some(true));
        assert_eq!(scaled.at_most(Ratio { numerator: 999_999_999_999, denominator: 1_000_000_000_000 }), Some(false));
        assert_eq!(scaled.at_most(Ratio { numerator: 1, denominator: 1 }), None);
    }
}
