//! What stretch of time an extract is about: windows of events by booking date, or one day's state.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use tickmark_catalog::DatasetKind;

/// What stretch of time an extract is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// Rows the source booked from `first` to `last`, both included.
    Booked {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
    /// The state that is true for this day.
    State {
        /// The day.
        effective_on: Date,
    },
}

impl Window {
    /// Whether it fits how the dataset is collected.
    pub(crate) fn fits(self, kind: DatasetKind) -> Result<(), &'static str> {
        match (self, kind) {
            (Self::Booked { first, last }, DatasetKind::Events) if first <= last => Ok(()),
            (Self::Booked { .. }, DatasetKind::Events) => Err("the window ends before it begins"),
            (Self::State { .. }, DatasetKind::Snapshot) => Ok(()),
            (Self::State { .. }, DatasetKind::Events) => Err("events are collected in windows, not as a day's state"),
            (Self::Booked { .. }, DatasetKind::Snapshot) => {
                Err("a snapshot is collected as a day's state, not in windows")
            }
        }
    }

    /// The window's first day; a state's day.
    pub fn first(self) -> Date {
        match self {
            Self::Booked { first, .. } => first,
            Self::State { effective_on } => effective_on,
        }
    }

    /// The window's last day; a state's day.
    pub fn last(self) -> Date {
        match self {
            Self::Booked { last, .. } => last,
            Self::State { effective_on } => effective_on,
        }
    }

    /// Whether the window's last day had ended at `clock` where the source keeps its days.
    pub(crate) fn is_over(self, clock: Timestamp, zone: &TimeZone) -> bool {
        zone.to_datetime(clock).date() > self.last()
    }
}

/// Cuts a period into windows of one calendar month each, without a gap and without an overlap. Empty if the period is.
pub fn monthly_windows(first: Date, last: Date) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut from = first;
    while from <= last {
        let to = from.last_of_month().min(last);
        windows.push(Window::Booked { first: from, last: to });
        let Ok(next) = to.checked_add(1.day()) else { break };
        from = next;
    }
    windows
}

/// The stretches of a period that none of the windows covers, in order. States cover nothing.
pub fn gaps(first: Date, last: Date, windows: &[Window]) -> Vec<Window> {
    let mut covered: Vec<(Date, Date)> = windows
        .iter()
        .filter_map(|window| match *window {
            Window::Booked { first, last } => Some((first, last)),
            Window::State { .. } => None,
        })
        .collect();
    covered.sort_unstable();
    let mut found = Vec::new();
    let mut next = Some(first);
    for (from, to) in covered {
        let Some(due) = next else { return found };
        if due > last {
            return found;
        }
        if from > due
            && let Ok(before) = from.checked_sub(1.day())
        {
            found.push(Window::Booked { first: due, last: before.min(last) });
        }
        if to >= due {
            next = to.checked_add(1.day()).ok();
        }
    }
    if let Some(due) = next
        && due <= last
    {
        found.push(Window::Booked { first: due, last });
    }
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn booked(first: Date, last: Date) -> Window {
        Window::Booked { first, last }
    }

    #[test]
    fn months_touch_and_neither_overlap_nor_leave_a_day() {
        let windows = monthly_windows(date(2025, 10, 15), date(2026, 2, 10));
        assert_eq!(windows.first(), Some(&booked(date(2025, 10, 15), date(2025, 10, 31))));
        assert_eq!(windows.last(), Some(&booked(date(2026, 2, 1), date(2026, 2, 10))));
        assert_eq!(windows.len(), 5);
        assert!(gaps(date(2025, 10, 15), date(2026, 2, 10), &windows).is_empty());
        assert!(monthly_windows(date(2026, 2, 2), date(2026, 2, 1)).is_empty());
    }

    #[test]
    fn every_missing_stretch_is_found() {
        let (first, last) = (date(2026, 1, 1), date(2026, 3, 31));
        let windows = [
            booked(date(2026, 1, 10), date(2026, 1, 20)),
            booked(date(2026, 1, 5), date(2026, 1, 31)),
            booked(date(2026, 2, 2), date(2026, 3, 30)),
        ];
        let expected = [
            booked(date(2026, 1, 1), date(2026, 1, 4)),
            booked(date(2026, 2, 1), date(2026, 2, 1)),
            booked(date(2026, 3, 31), date(2026, 3, 31)),
        ];
        assert_eq!(gaps(first, last, &windows), expected);
        assert_eq!(gaps(first, last, &[]), [booked(first, last)]);
        assert_eq!(gaps(first, last, &[booked(date(2027, 1, 1), date(2027, 1, 2))]), [booked(first, last)]);
    }

    #[test]
    fn a_day_is_over_where_the_source_is() {
        let window = booked(date(2026, 9, 1), date(2026, 9, 30));
        let zone = TimeZone::get("America/New_York").unwrap();
        let three_utc: Timestamp = "2026-10-01T03:00:00Z".parse().unwrap();
        assert!(window.is_over(three_utc, &TimeZone::UTC));
        assert!(!window.is_over(three_utc, &zone));
    }
}
