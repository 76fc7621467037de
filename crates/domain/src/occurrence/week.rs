//! Weeks of a control calendar: one mark a week, so that a year of a control fits in one line.
//!
//! Invariant: a mark never shows a week better than the worst of its days.

use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use crate::{Frequency, Outcome, PopulationStanding, Span};

use super::{ControlOccurrences, OccurrenceState, SettingState, Unknown, window::monday_of};

/// What a week of a control shows: the worst of what fell due in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeekMark {
    /// Nothing fell due.
    Nothing,
    /// What ends in it is not due in the period.
    NotDue,
    /// Done in time, or a setting of which every day is known and held.
    Done,
    /// A setting that was observed on some days of it only.
    PartlyKnown,
    /// A control test counted what fell due in the period, not week by week.
    Counted,
    /// It cannot be told.
    Unknown,
    /// Done, but after its window.
    Late,
    /// Nothing shows it.
    Missing,
    /// A setting did not hold for some items.
    Exceptions,
}

impl WeekMark {
    /// All of them, in the order of a legend.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Late,
        Self::Missing,
        Self::Exceptions,
        Self::PartlyKnown,
        Self::Counted,
        Self::Unknown,
        Self::NotDue,
        Self::Nothing,
    ];

    /// One sign.
    pub const fn sign(self) -> char {
        match self {
            Self::Nothing => '·',
            Self::NotDue => '-',
            Self::Done => '✓',
            Self::PartlyKnown => 'o',
            Self::Counted => '#',
            Self::Unknown => '?',
            Self::Late => 'L',
            Self::Missing => 'M',
            Self::Exceptions => 'E',
        }
    }

    /// What it means.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing fell due",
            Self::NotDue => "not due",
            Self::Done => "done",
            Self::PartlyKnown => "observed on some days",
            Self::Counted => "counted as a whole",
            Self::Unknown => "unknown",
            Self::Late => "late",
            Self::Missing => "missing",
            Self::Exceptions => "exceptions",
        }
    }
}

impl OccurrenceState {
    const fn mark(self) -> WeekMark {
        match self {
            Self::Done { .. } => WeekMark::Done,
            Self::Late { .. } => WeekMark::Late,
            Self::Missing => WeekMark::Missing,
            Self::NotDue { .. } => WeekMark::NotDue,
            Self::Unknown { because: Unknown::CountedOnly } => WeekMark::Counted,
            Self::Unknown { .. } => WeekMark::Unknown,
        }
    }
}

/// The Mondays of the weeks that share a day with a period.
pub fn mondays(period: Span) -> Vec<Date> {
    monday_of(period.first).series(7.days()).take_while(|monday| *monday <= period.last).collect()
}

impl ControlOccurrences {
    /// One mark for each week of the period. What falls due stands in the week of its window's last day; what reaches beyond
    /// the period, in the period's last week.
    pub fn weeks(&self) -> Vec<WeekMark> {
        let Span { first, last } = self.period;
        let monday = monday_of(first);
        let week_of = |day: Date| Span { first: monday, last: day.clamp(first, last) }.length().saturating_sub(1) / 7;
        let mondays = mondays(self.period);
        let weeks = mondays.len();
        let (mut marks, mut known) = (vec![WeekMark::Nothing; weeks], vec![(false, false); weeks]);
        let mut worst = |week: u64, mark: WeekMark| {
            if let Some(known) = usize::try_from(week).ok().and_then(|week| marks.get_mut(week)) {
                *known = mark.max(*known);
            }
        };
        for occurrence in &self.occurrences {
            // Days that no calendar knows stand together, and so in every week they touch.
            let from =
                if occurrence.state.is_without_calendar() { occurrence.window.first } else { occurrence.window.last };
            for week in week_of(from)..=week_of(occurrence.window.last) {
                worst(week, occurrence.state.mark());
            }
        }
        for part in &self.setting {
            for week in week_of(part.days.first)..=week_of(part.days.last) {
                if part.state == SettingState::Exceptions || part.state == SettingState::ExceptionsByLog {
                    worst(week, WeekMark::Exceptions);
                }
                if let Some((some_known, some_unknown)) = usize::try_from(week).ok().and_then(|at| known.get_mut(at)) {
                    *some_known |= part.state.is_known();
                    *some_unknown |= !part.state.is_known();
                }
            }
        }
        for version in self.versions.iter().filter(|version| !version.frequency.is_set_by_calendar()) {
            for week in week_of(version.days.first)..=week_of(version.days.last) {
                if week > week_of(self.today) || self.today < first {
                    worst(week, WeekMark::NotDue);
                } else if version.frequency == Frequency::PerEvent {
                    let monday = usize::try_from(week).ok().and_then(|at| mondays.get(at)).copied().unwrap_or(first);
                    let week_days = Span { first: monday, last: monday.saturating_add(6.days()) };
                    worst(week, self.occasions(week_days.shared_with(&version.days).unwrap_or(week_days)));
                }
            }
        }
        for (week, known) in (0..).zip(known) {
            match known {
                (true, true) => worst(week, WeekMark::PartlyKnown),
                (true, false) => worst(week, WeekMark::Done),
                (false, true) => worst(week, WeekMark::Unknown),
                (false, false) => {}
            }
        }
        marks
    }

    /// What is known of the occasions of a control per event on some days: how many by frozen and checked populations, or by
    /// control tests, but never in which week they were.
    fn occasions(&self, days: Span) -> WeekMark {
        let mark = |has_occasions| if has_occasions { WeekMark::Counted } else { WeekMark::Nothing };
        let is_checked = |standing| match standing {
            PopulationStanding::Checked | PopulationStanding::NoOccurrence => true,
            PopulationStanding::Unchecked
            | PopulationStanding::Failed
            | PopulationStanding::Outdated
            | PopulationStanding::NotEvaluable => false,
        };
        let checked = self.frozen.iter().filter(|frozen| is_checked(frozen.standing) && frozen.days.meets(&days));
        let every_day = days.first_gap(checked.clone().map(|frozen| frozen.days)).is_none();
        let by_populations = checked.filter(|_| every_day).map(|frozen| mark(frozen.items > 0));
        let evaluable = self.counted.iter().filter(|counted| counted.is_evaluable());
        let by_tests = evaluable.map(|counted| mark(counted.outcome != Outcome::NoOccurrence));
        by_populations.chain(by_tests).max().unwrap_or(WeekMark::Unknown)
    }
}
