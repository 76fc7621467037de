//! Flips: a control test that ends otherwise than it ended before over the same days.
//!
//! No event of its own: a result that differs from the last one is recorded, so flips follow from the results.

use serde::Serialize;

use crate::{Outcome, Span, State, TestId};

/// A change of a control test's outcome between two results over the same days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// The control test.
    pub test: TestId,
    /// The days tested.
    pub span: Span,
    /// How it ended before.
    pub before: Outcome,
    /// The entry of that result.
    pub before_entry: u64,
    /// How it ended then.
    pub after: Outcome,
    /// The day as of which it looked.
    pub on: jiff::civil::Date,
    /// The entry of the result that ended otherwise.
    pub entry: u64,
}

impl State {
    /// The flips recorded from a ledger size on, oldest first.
    pub fn flips(&self, since: u64) -> Vec<Flip> {
        let mut flips = Vec::new();
        for (test, results) in &self.results {
            for (number, result) in results.iter().enumerate().filter(|(_, result)| result.entry >= since) {
                let earlier = results.iter().take(number).rev().find(|earlier| earlier.span == result.span);
                let Some(earlier) = earlier.filter(|earlier| earlier.outcome != result.outcome) else { continue };
                flips.push(Flip {
                    test: test.clone(),
                    span: result.span,
                    before: earlier.outcome,
                    before_entry: earlier.entry,
                    after: result.outcome,
                    on: result.on,
                    entry: result.entry,
                });
            }
        }
        flips.sort_by(|a, b| (a.entry, &a.test).cmp(&(b.entry, &b.test)));
        flips
    }
}
