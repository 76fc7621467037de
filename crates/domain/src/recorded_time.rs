//! Recorded time: when a fact counts as recorded. A machine's clock can be set back; the order of the ledger cannot.
//!
//! Invariant: no fact counts as recorded earlier than a fact before it, so that nothing that came late can look timely.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Recorded;

/// The latest time of the entries so far, and the entries that say an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedTime {
    latest: Option<Timestamp>,
    set_back: Option<ClockSetBack>,
}

/// A clock was set back: entries say an earlier time than one before them, and count as recorded at that one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockSetBack {
    /// The first such entry.
    pub first_entry: u64,
    /// The last.
    pub last_entry: u64,
    /// How many.
    pub entries: u64,
}

impl RecordedTime {
    /// Whether a clock was set back, and where.
    pub fn set_back(&self) -> Option<ClockSetBack> {
        self.set_back
    }

    /// What is known about the next fact, with the time at which it counts as recorded.
    pub(crate) fn in_order<'a>(&mut self, recorded: &'a Recorded) -> Cow<'a, Recorded> {
        let Some(latest) = self.latest.filter(|latest| recorded.at < *latest) else {
            self.latest = Some(recorded.at);
            return Cow::Borrowed(recorded);
        };
        let (first_entry, last_entry, entries) = match self.set_back {
            None => (recorded.index, recorded.index, 1),
            // An entry holds several facts.
            Some(known) if known.last_entry == recorded.index => (known.first_entry, known.last_entry, known.entries),
            Some(known) => (known.first_entry, recorded.index, known.entries + 1),
        };
        self.set_back = Some(ClockSetBack { first_entry, last_entry, entries });
        Cow::Owned(Recorded { at: latest, ..recorded.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_counts_as_recorded_no_earlier_than_the_facts_before_it() {
        let mut time = RecordedTime::default();
        let mut table = String::new();
        for (index, says) in [(7, "08:00"), (8, "09:30"), (9, "09:00"), (9, "09:00"), (10, "09:29"), (11, "10:00")] {
            let at = format!("2026-03-31T{says}:00Z").parse().unwrap();
            let recorded = Recorded { index, at, by: "p-01".parse().unwrap() };
            let counts = time.in_order(&recorded).at.strftime("%H:%M").to_string();
            let so_far = time.set_back().map_or_else(String::new, |back| {
                format!(" | {} set back, {} to {}", back.entries, back.first_entry, back.last_entry)
            });
            table.push_str(&format!("entry {index} says {says}, counts as {counts}{so_far}\n"));
        }
        insta::assert_snapshot!(table, @r"
        entry 7 says 08:00, counts as 08:00
        entry 8 says 09:30, counts as 09:30
        entry 9 says 09:00, counts as 09:30 | 1 set back, 9 to 9
        entry 9 says 09:00, counts as 09:30 | 1 set back, 9 to 9
        entry 10 says 09:29, counts as 09:30 | 2 set back, 9 to 10
        entry 11 says 10:00, counts as 10:00 | 2 set back, 9 to 10
        ");
    }
}
