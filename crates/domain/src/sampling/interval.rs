//! Selection at equal distances, in whole numbers: every item under one of the marks is hit.

use super::SamplingRefusal;

/// Marks at (start + i · total) / size for i from 0 to size - 1, over units counted from 0.
#[derive(Debug, Clone)]
pub(super) struct Marks {
    start: u128,
    size: u128,
    total: u128,
    passed: u128,
}

impl Marks {
    pub(super) fn new(start: u128, size: u64, total: u128) -> Result<Self, SamplingRefusal> {
        let size = u128::from(size);
        // What `before` computes with must fit.
        total.checked_mul(size + 1).ok_or(SamplingRefusal::AmountsTooLarge)?;
        Ok(Self { start, size, total, passed: 0 })
    }

    /// How many marks stand before unit `unit`: those with start + i · total < unit · size.
    const fn before(&self, unit: u128) -> u128 {
        (unit * self.size + self.total - 1 - self.start) / self.total
    }

    /// Passes over an item of so many units; how many marks it lies under.
    pub(super) fn pass(&mut self, units: u128) -> Result<u64, SamplingRefusal> {
        let end = self.passed.checked_add(units).filter(|end| *end <= self.total);
        let end = end.ok_or_else(|| self.other(self.passed.saturating_add(units)))?;
        let hits = self.before(end) - self.before(self.passed);
        self.passed = end;
        Ok(u64::try_from(hits).unwrap_or(u64::MAX))
    }

    /// All units must have been passed.
    pub(super) fn finish(&self) -> Result<(), SamplingRefusal> {
        if self.passed == self.total { Ok(()) } else { Err(self.other(self.passed)) }
    }

    fn other(&self, found: u128) -> SamplingRefusal {
        SamplingRefusal::OtherPopulation { what: "total", stated: self.total.to_string(), found: found.to_string() }
    }
}
