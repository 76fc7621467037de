//! The fiscal year-ends of user entities, and which last day of a period serves most of them (P01, P02).

use std::{collections::BTreeMap, ops::RangeInclusive};

use super::{advice::Served, choice::Month, reading::Reading, word::Word};

/// A gap of so many months or less can be bridged, and leaves one month at least to make the report.
const FITTING_GAP_MONTHS: RangeInclusive<i8> = 1..=3;

/// A gap of so many months or less serves a user entity: none at all covers its whole year.
const SERVING_GAP_MONTHS: RangeInclusive<i8> = 0..=3;

/// One last day should serve so many of a hundred user entities, or one period a year is not enough (P02).
pub(crate) const SERVED_PERCENT: u64 = 75;

/// What a last day is worth to user entities; the greatest is best. Who serves enough of them is ranked by how many it
/// serves; who does not, by how many it leaves time for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Worth {
    served_enough: u64,
    fitting: u64,
    served: u64,
}

/// How many user entities' years end in each month.
#[derive(Debug, Clone, Default)]
pub(crate) struct YearEnds {
    pub(crate) counts: BTreeMap<Month, u32>,
    /// Whether they are an assumption.
    pub(crate) assumed: bool,
}

/// Months from the end of one month to the next end of another, 0 to 11.
fn gap_months(last: Month, year_end: Month) -> i8 {
    (year_end.number() - last.number()).rem_euclid(12)
}

impl YearEnds {
    /// The year-ends of Q16, or the assumption of December, which is most common.
    pub(crate) fn of(reading: Reading<'_>) -> Self {
        let known = reading.profile.year_ends.iter().flatten().filter(|(_, count)| **count > 0);
        let counts: BTreeMap<Month, u32> = known.map(|(month, count)| (*month, *count)).collect();
        if counts.is_empty() {
            return Self { counts: BTreeMap::from([(Month::December, 1)]), assumed: true };
        }
        Self { counts, assumed: false }
    }

    /// Whether somebody said them.
    pub(crate) fn are_known(&self) -> bool {
        !self.assumed && !self.counts.is_empty()
    }

    fn count(&self, holds: impl Fn(Month) -> bool) -> u64 {
        self.counts.iter().filter(|(month, _)| holds(**month)).map(|(_, count)| u64::from(*count)).sum()
    }

    /// What a last day is worth.
    pub(crate) fn worth(&self, last: Month) -> Worth {
        let served = self.served(last);
        Worth {
            served_enough: if served.percent() >= SERVED_PERCENT { served.served } else { 0 },
            fitting: self.count(|end| FITTING_GAP_MONTHS.contains(&gap_months(last, end))),
            served: served.served,
        }
    }

    /// How many a last day serves.
    pub(crate) fn served(&self, last: Month) -> Served {
        self.served_by(&[last])
    }

    fn served_by(&self, lasts: &[Month]) -> Served {
        let serves = |end| lasts.iter().any(|last| SERVING_GAP_MONTHS.contains(&gap_months(*last, end)));
        Served { served: self.count(serves), of: self.count(|_| true) }
    }

    /// The months of gap of all whom a last day serves: what is left to make reports in.
    fn time(&self, last: Month) -> u64 {
        let gaps = self.counts.iter().map(|(end, count)| (gap_months(last, *end), u64::from(*count)));
        let serving = gaps.filter(|(gap, _)| SERVING_GAP_MONTHS.contains(gap));
        serving.map(|(gap, count)| count * u64::from(gap.unsigned_abs())).sum()
    }

    /// The month whose end is worth most; among equals the one that leaves most time for the report, then the earliest.
    pub(crate) fn fit(&self) -> Month {
        let worth = |last: &Month| (self.worth(*last), self.time(*last), std::cmp::Reverse(*last));
        // Twelve months are never none.
        Month::ALL.iter().copied().max_by_key(worth).unwrap_or(Month::September)
    }

    /// The second last day that adds most to a first, with what both serve; none if none adds anybody.
    pub(crate) fn second(&self, first: Month) -> Option<(Month, Served)> {
        let both = |second: Month| self.served_by(&[first, second]);
        let worth = |second: &Month| (both(*second).served, self.time(*second), std::cmp::Reverse(*second));
        let second = Month::ALL.iter().copied().max_by_key(worth)?;
        (both(second).served > self.served(first).served).then(|| (second, both(second)))
    }
}
