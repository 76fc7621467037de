//! Stretches of days laid over one another: what the newer ones leave of each.
//!
//! The domain counts extracts by it and the engine chooses rows by it, so that no figure counts what no row was taken from.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// What newer stretches leave of an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Every day.
    Whole,
    /// Some days.
    Part,
    /// No day.
    Nothing,
}

/// What is left of each stretch of days (first and last, both included) under those that stand behind it in the list.
pub fn left_by_newer(oldest_first: &[(Date, Date)]) -> Vec<Left> {
    // The days of the newer stretches: first and last of runs that neither meet nor touch.
    let mut covered: BTreeMap<Date, Date> = BTreeMap::new();
    let mut left: Vec<Left> = Vec::with_capacity(oldest_first.len());
    for &(first, last) in oldest_first.iter().rev() {
        let until = last.tomorrow().unwrap_or(last);
        let runs = covered.range(..=until).rev().map(|(from, to)| (*from, *to));
        let near: Vec<(Date, Date)> = runs.take_while(|(_, to)| to.tomorrow().unwrap_or(*to) >= first).collect();
        left.push(if near.iter().any(|(from, to)| *from <= first && last <= *to) {
            Left::Nothing
        } else if near.iter().any(|(from, to)| *from <= last && first <= *to) {
            Left::Part
        } else {
            Left::Whole
        });
        let run = near.iter().fold((first, last), |(a, b), (from, to)| (a.min(*from), b.max(*to)));
        for (from, _) in &near {
            covered.remove(from);
        }
        covered.insert(run.0, run.1);
    }
    left.reverse();
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_newer_stretches_leave_of_older_ones() {
        let day = |day: i8| jiff::civil::date(2026, 1, day);
        let left = |days: &[(i8, i8)]| {
            let stretches: Vec<_> = days.iter().map(|(first, last)| (day(*first), day(*last))).collect();
            left_by_newer(&stretches)
        };
        use Left::{Nothing, Part, Whole};
        for (days, expected) in [
            (&[][..], &[][..]),
            (&[(1, 31)], &[Whole]),
            // The same days once more, and side by side.
            (&[(1, 31), (1, 31)], &[Nothing, Whole]),
            (&[(1, 15), (16, 31)], &[Whole, Whole]),
            // In part at either end and in the middle.
            (&[(1, 20), (15, 31)], &[Part, Whole]),
            (&[(15, 31), (1, 20)], &[Part, Whole]),
            (&[(1, 31), (10, 12)], &[Part, Whole]),
            // Two newer ones that touch cover together; with a day between them they do not.
            (&[(1, 31), (16, 31), (1, 15)], &[Nothing, Whole, Whole]),
            (&[(1, 31), (17, 31), (1, 15)], &[Part, Whole, Whole]),
            (&[(10, 12), (20, 31), (1, 9), (11, 25)], &[Part, Part, Whole, Whole]),
            // What is covered stays so, whatever comes between.
            (&[(5, 5), (1, 31), (5, 5), (1, 10)], &[Nothing, Part, Nothing, Whole]),
        ] {
            assert_eq!(left(days), expected, "{days:?}");
        }
    }
}
