//! Under which version a day of a control is judged: the one that was known on it.
//!
//! A version, or the end of a control, may be recorded with an earlier date. It is true from that date on, and says so; but what
//! nobody could know was not due, and what was due does not cease to have been. So a day is judged by what was recorded by its end.
//! Only days on which the control was not known to run at all are judged by what was recorded later.
//!
//! Invariant: a fact that is recorded later moves no day that was over before it under another version.

use jiff::{Timestamp, civil::Date};

use crate::{Control, ControlVersion, Span, State, observed_days::day_before};

/// Days that are judged under a version: those until the one at which the next came, or the control ended.
struct Judged<'a> {
    version: &'a ControlVersion,
    first: Date,
    end: Option<Date>,
}

impl State {
    /// The versions under which days of a control are judged, oldest first, each with its first and last day among them.
    pub(crate) fn judged_within<'a>(&self, control: &'a Control, span: Span) -> Vec<(&'a ControlVersion, Span)> {
        let within = self.judged(control).into_iter().filter_map(|judged| {
            let last = judged.end.map_or(span.last, |end| day_before(end).min(span.last));
            let days = Span { first: judged.first.max(span.first), last };
            (days.first <= days.last).then_some((judged.version, days))
        });
        within.collect()
    }

    /// The version under which a day of a control is judged.
    pub(crate) fn judging<'a>(&self, control: &'a Control, day: Date) -> Option<&'a ControlVersion> {
        let on = Span { first: day, last: day };
        self.judged_within(control, on).first().map(|(version, _)| *version)
    }

    fn judged<'a>(&self, control: &'a Control) -> Vec<Judged<'a>> {
        let mut all: Vec<Judged<'a>> = Vec::new();
        for (number, version) in control.versions.iter().enumerate() {
            let effective_on = version.effective_on;
            let first = match all.last().map(|before| (before.first, before.end)) {
                None => effective_on,
                Some((_, Some(end))) => effective_on.max(end),
                Some((_, None)) => self.counts_from(effective_on, version.recorded_at),
            };
            if let Some(before) = all.last_mut().filter(|before| before.end.is_none()) {
                before.end = Some(first);
            }
            let drop = control.drops.iter().find(|drop| drop.after == number + 1);
            let end = drop.map(|drop| self.counts_from(drop.dropped_on, drop.recorded_at));
            all.push(Judged { version, first, end });
        }
        all
    }

    /// The first day on which a fact counts that is true from a day on.
    fn counts_from(&self, effective_on: Date, recorded_at: Timestamp) -> Date {
        self.local_date(recorded_at).map_or(effective_on, |recorded_on| recorded_on.max(effective_on))
    }
}
