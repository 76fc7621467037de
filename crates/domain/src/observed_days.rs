//! Observed days: on which days a control test looked, and what it saw.
//!
//! Invariant: one list a control test, by day and without overlap; days in a row with the same result are one member, so
//! that a year of daily runs stays small.
//! Invariant: what was seen on a day is not unseen by a later run for the same day: exceptions fixed in time still show.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Outcome, Recorded, Span, State, TestId};

/// Days in a row on which a control test gave the same result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedDays {
    /// The days.
    pub days: Span,
    /// How it ended on each.
    pub outcome: Outcome,
    /// Digest of the canonical rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Option<Digest>,
    /// Entry of the first of these results.
    pub first_entry: u64,
    /// Entry of the newest.
    pub last_entry: u64,
}

impl ObservedDays {
    /// Whether two results are the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.outcome == other.outcome && self.rows_digest == other.rows_digest
    }

    /// Whether it tells anything of the control.
    pub(crate) fn is_evaluable(&self) -> bool {
        match self.outcome {
            Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence => true,
            Outcome::NotEvaluable | Outcome::Error => false,
        }
    }

    /// Whether that of a later run for the same day is kept in its place.
    fn gives_way_to(&self, later: &Self) -> bool {
        weight(later.outcome) >= weight(self.outcome)
    }
}

/// What a day keeps of several results: exceptions before all, an answer before none.
fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Exceptions => 3,
        Outcome::NoExceptions => 2,
        Outcome::NoOccurrence => 1,
        Outcome::NotEvaluable | Outcome::Error => 0,
    }
}

pub(crate) fn day_after(day: Date) -> Date {
    day.saturating_add(jiff::Span::new().days(1))
}

pub(crate) fn day_before(day: Date) -> Date {
    day.saturating_sub(jiff::Span::new().days(1))
}

/// Adds what was seen on one day.
fn add(list: &mut Vec<ObservedDays>, new: ObservedDays) {
    let day = new.days.first;
    let at = list.partition_point(|known| known.days.last < day);
    if let Some(known) = list.get_mut(at).filter(|known| known.days.first <= day) {
        if known.equals(&new) || !known.gives_way_to(&new) {
            known.last_entry = known.last_entry.max(new.last_entry);
            return;
        }
        // The day leaves the member that holds it; what lies before and after it stays.
        let (mut before, mut after) = (known.clone(), known.clone());
        before.days.last = day_before(day);
        after.days.first = day_after(day);
        let parts = [before, new, after].into_iter().filter(|part| part.days.first <= part.days.last);
        drop(list.splice(at..=at, parts));
        return;
    }
    let joins = |known: &ObservedDays| known.equals(&new);
    let before = at.checked_sub(1).and_then(|at| list.get(at));
    let to_the_one_before = before.is_some_and(|known| day_after(known.days.last) == day && joins(known));
    let to_the_one_after = list.get(at).is_some_and(|known| day_before(known.days.first) == day && joins(known));
    match (to_the_one_before, to_the_one_after) {
        (true, false) => {
            if let Some(known) = at.checked_sub(1).and_then(|at| list.get_mut(at)) {
                known.days.last = day;
                known.last_entry = known.last_entry.max(new.last_entry);
            }
        }
        (false, true) => {
            if let Some(known) = list.get_mut(at) {
                known.days.first = day;
                known.first_entry = known.first_entry.min(new.first_entry);
                known.last_entry = known.last_entry.max(new.last_entry);
            }
        }
        (true, true) => {
            let after = list.remove(at);
            if let Some(known) = at.checked_sub(1).and_then(|at| list.get_mut(at)) {
                known.days.last = after.days.last;
                known.last_entry = known.last_entry.max(after.last_entry).max(new.last_entry);
            }
        }
        (false, false) => list.insert(at, new),
    }
}

impl State {
    /// What a control test saw, day by day.
    pub fn observed_days_of(&self, test: &TestId) -> &[ObservedDays] {
        self.observed.get(test).map_or(&[], Vec::as_slice)
    }

    /// The day that a run for `on` observes: nobody sees how a day ends before it is over.
    pub(crate) fn day_observed(&self, on: Date, recorded: &Recorded) -> Date {
        self.last_day_over(recorded.at).map_or(on, |last_over| last_over.min(on))
    }

    pub(crate) fn observe(
        &mut self,
        test: &TestId,
        day: Date,
        outcome: Outcome,
        rows_digest: Option<Digest>,
        entry: u64,
    ) {
        let days = Span { first: day, last: day };
        let new = ObservedDays { days, outcome, rows_digest, first_entry: entry, last_entry: entry };
        add(self.observed.entry(test.clone()).or_default(), new);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn on_day(day: i64, outcome: Outcome, entry: u64) -> ObservedDays {
        let first = Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(day));
        let days = Span { first, last: first };
        ObservedDays { days, outcome, rows_digest: None, first_entry: entry, last_entry: entry }
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop::sample::select(vec![
            Outcome::NoExceptions,
            Outcome::Exceptions,
            Outcome::NoOccurrence,
            Outcome::NotEvaluable,
            Outcome::Error,
        ])
    }

    proptest! {
        /// The list tells the same as a table with one cell a day, in any order of runs, and never overlaps.
        #[test]
        fn ranges_tell_what_a_table_of_days_tells(runs in prop::collection::vec((0_i64..25, outcome()), 0..60)) {
            let mut list = Vec::new();
            let mut table: Vec<Option<Outcome>> = vec![None; 25];
            for (entry, (day, outcome)) in runs.into_iter().enumerate() {
                add(&mut list, on_day(day, outcome, entry as u64));
                let cell = &mut table[usize::try_from(day).unwrap()];
                if cell.is_none_or(|known| weight(outcome) >= weight(known)) {
                    *cell = Some(outcome);
                }
            }
            for pair in list.windows(2) {
                prop_assert!(pair[0].days.last < pair[1].days.first);
            }
            for (day, cell) in table.iter().enumerate() {
                let on = on_day(i64::try_from(day).unwrap(), Outcome::Error, 0).days.first;
                let told = list.iter().find(|known| known.days.first <= on && on <= known.days.last);
                prop_assert_eq!(told.map(|known| known.outcome), *cell);
            }
        }
    }

    #[test]
    fn a_year_of_equal_days_is_one_range() {
        let mut list = Vec::new();
        for day in 0..365 {
            add(&mut list, on_day(day, Outcome::NoExceptions, 7 + u64::try_from(day).unwrap()));
        }
        assert_eq!(list.len(), 1);
        assert_eq!((list[0].days.length(), list[0].first_entry, list[0].last_entry), (365, 7, 371));
    }
}
