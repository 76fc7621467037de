//! How a sample is spread over the period.

use jiff::{ToSpan as _, civil::Date};

use crate::Span;

/// From this size on a sample should reach every part of the period.
const SPREADS_FROM: usize = 4;

/// Parts of the period without an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread {
    /// Quarters without an item, counted from the period's first day.
    pub bare_quarters: Vec<Span>,
    /// Months without an item; only if the sample has as many items as the period has months, since a smaller one must
    /// leave some bare.
    pub bare_months: Vec<Span>,
}

impl Spread {
    /// Whether no part is bare.
    pub const fn is_even(&self) -> bool {
        self.bare_quarters.is_empty() && self.bare_months.is_empty()
    }
}

/// The months and quarters of a period in which a sample has no item.
pub fn spread(period: Span, items_on: &[Date]) -> Spread {
    if items_on.len() < SPREADS_FROM {
        return Spread::default();
    }
    let bare = |months: i32| {
        let parts = parts(period, months);
        let is_bare = |part: &Span| !items_on.iter().any(|on| part.first <= *on && *on <= part.last);
        if parts.len() > items_on.len() { Vec::new() } else { parts.into_iter().filter(is_bare).collect() }
    };
    Spread { bare_quarters: bare(3), bare_months: bare(1) }
}

/// A period cut every so many months from its first day; the last part may be shorter.
fn parts(period: Span, months: i32) -> Vec<Span> {
    // Counted from the first day each time: the 31st of a short month must not become the start of all that follow.
    let starts = (0..).map(|part: i32| period.first.saturating_add((part * months).months()));
    let starts: Vec<Date> = starts.take_while(|first| *first <= period.last).collect();
    let lasts = starts.iter().skip(1).map(|next| next.saturating_sub(1.day())).chain([period.last]);
    starts.iter().zip(lasts).map(|(first, last)| Span { first: *first, last }).collect()
}
