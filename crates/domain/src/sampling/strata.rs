//! Strata over numbers, amounts and days: each holds what lies from its first to its last value, both of them in it.
//!
//! Invariant: no value lies in two strata. One that lies in none has no stratum, and a draw refuses the item.

use super::SamplingRefusal;

/// Strata that do not overlap, in the order of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strata(Vec<Stratum>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stratum {
    name: String,
    first: i128,
    last: i128,
}

/// A stratum by its name, its first value (none: from the smallest) and its last (none: to the largest).
pub type StratumBounds = (String, Option<i128>, Option<i128>);

impl Strata {
    /// Refuses a stratum whose last value comes before its first, and two that share a value.
    pub fn new(bounds: impl IntoIterator<Item = StratumBounds>) -> Result<Self, SamplingRefusal> {
        let stratum = |(name, first, last): StratumBounds| {
            let (first, last) = (first.unwrap_or(i128::MIN), last.unwrap_or(i128::MAX));
            if first <= last { Ok(Stratum { name, first, last }) } else { Err(SamplingRefusal::StratumReversed(name)) }
        };
        let mut strata = bounds.into_iter().map(stratum).collect::<Result<Vec<_>, _>>()?;
        strata.sort_by_key(|stratum| (stratum.first, stratum.last));
        match strata.windows(2).find_map(|pair| match pair {
            [before, after] if before.last >= after.first => Some((before.name.clone(), after.name.clone())),
            _ => None,
        }) {
            Some((first, second)) => Err(SamplingRefusal::StrataOverlap { first, second }),
            None => Ok(Self(strata)),
        }
    }

    /// The stratum in which a value lies, if it lies in one.
    pub fn of(&self, value: i128) -> Option<&str> {
        let after = self.0.partition_point(|stratum| stratum.first <= value);
        let stratum = self.0.get(after.checked_sub(1)?)?;
        (value <= stratum.last).then_some(stratum.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata(bounds: &[(Option<i128>, Option<i128>)]) -> Result<Strata, SamplingRefusal> {
        let name = |bound: Option<i128>| bound.map_or_else(String::new, |bound| bound.to_string());
        Strata::new(bounds.iter().map(|(first, last)| (format!("{}..{}", name(*first), name(*last)), *first, *last)))
    }

    #[test]
    fn both_ends_lie_in_a_stratum_and_a_gap_in_none() {
        let strata = strata(&[(Some(500), None), (None, Some(99)), (Some(100), Some(400))]).unwrap();
        let found: Vec<_> = [i128::MIN, 99, 100, 400, 401, 499, 500, i128::MAX].map(|value| strata.of(value)).into();
        let (small, middle, large) = (Some("..99"), Some("100..400"), Some("500.."));
        assert_eq!(found, [small, small, middle, middle, None, None, large, large]);
    }

    #[test]
    fn what_overlaps_or_ends_before_it_begins_is_refused() {
        let code = |bounds: &[_]| strata(bounds).map_err(|refusal| refusal.code()).err();
        assert_eq!(code(&[(None, Some(100)), (Some(100), None)]), Some("strata-overlap"));
        assert_eq!(code(&[(None, None), (Some(7), Some(7))]), Some("strata-overlap"));
        assert_eq!(code(&[(Some(2), Some(1))]), Some("stratum-reversed"));
        assert_eq!(code(&[(None, Some(99)), (Some(100), None)]), None);
    }
}
