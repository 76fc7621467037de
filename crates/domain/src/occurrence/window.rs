//! How the windows of a control lie: which days belong together, and which version's word they are under.
//!
//! Windows are units of the calendar: business days, weeks from Monday to Sunday, halves of a month (to the 15th, and after
//! it), months, quarters, half-years, years. They do not begin with a period or with a control, so that everybody who looks at
//! the same calendar sees the same windows.
//!
//! Invariant: windows of a control never overlap, and each lies within days on which the control ran with one frequency.

use jiff::{ToSpan, civil::Date};

use crate::{
    CalendarAdoption, Control, Frequency, Span, State,
    business_calendar::is_business_day,
    observed_days::{day_after, day_before},
};

/// The days in which a control had to be performed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Those of its days on which the control ran.
    pub(crate) days: Span,
    /// All of its days.
    pub(crate) unit: Span,
    /// Whether the calendar sets it; not where no business calendar knows the days.
    pub(crate) is_set: bool,
}

impl Window {
    /// Whether the control had to be performed in it, by the calendar of a period: the control ran in all of it, and its last
    /// day lies in the period.
    fn is_due_in(&self, period: Span) -> bool {
        self.days == self.unit && period.holds(self.unit.last)
    }
}

impl State {
    /// How often the calendar sets a control in a period, whether it was performed or not: what the control calendar of the
    /// period shows as due once it is over.
    pub fn times_due(&self, control: &Control, period: Span) -> u64 {
        let windows = windows(control, &self.calendars, period);
        windows.iter().filter(|window| window.is_due_in(period)).count() as u64
    }

    /// How often a control with this frequency falls due in some days, were it to run on these alone; none for one that the
    /// calendar does not set.
    pub(crate) fn times_due_at(&self, frequency: Frequency, days: Span) -> Option<u64> {
        frequency.is_set_by_calendar().then(|| whole_windows(frequency, &self.calendars, days))
    }
}

/// How many windows of a frequency lie whole in some days. Days that no calendar knows count for none.
pub(crate) fn whole_windows(frequency: Frequency, calendars: &[CalendarAdoption], days: Span) -> u64 {
    let mut windows = Vec::new();
    match frequency {
        Frequency::Daily => business_days(calendars, days, &mut windows),
        Frequency::Continuous
        | Frequency::PerEvent
        | Frequency::Weekly
        | Frequency::SemiMonthly
        | Frequency::Monthly
        | Frequency::Quarterly
        | Frequency::SemiAnnual
        | Frequency::Annual => units(frequency, days, days, &mut windows),
    }
    windows.iter().filter(|window| window.is_set && window.is_due_in(days)).count() as u64
}

/// The windows of a control that share a day with the period, oldest first.
pub(crate) fn windows(control: &Control, calendars: &[CalendarAdoption], period: Span) -> Vec<Window> {
    let mut windows = Vec::new();
    for (days, frequency) in stretches(control, period) {
        match frequency {
            Frequency::Daily => {
                if let Some(days) = days.shared_with(&period) {
                    business_days(calendars, days, &mut windows);
                }
            }
            Frequency::Continuous
            | Frequency::PerEvent
            | Frequency::Weekly
            | Frequency::SemiMonthly
            | Frequency::Monthly
            | Frequency::Quarterly
            | Frequency::SemiAnnual
            | Frequency::Annual => units(frequency, days, period, &mut windows),
        }
    }
    windows
}

/// Days on which a control ran without a break and with one frequency, as far as windows of the period reach.
pub(crate) fn stretches(control: &Control, period: Span) -> Vec<(Span, Frequency)> {
    let mut stretches: Vec<(Span, Frequency)> = Vec::new();
    // No window is longer than a year.
    for (version, days) in control.versions_within(period.widened(1)) {
        let frequency = version.definition.frequency;
        match stretches.last_mut() {
            Some((before, same)) if *same == frequency && day_after(before.last) == days.first => {
                before.last = days.last
            }
            Some(_) | None => stretches.push((days, frequency)),
        }
    }
    stretches
}

/// Every business day; days that no calendar knows stay together, since nobody can say which of them were due.
fn business_days(calendars: &[CalendarAdoption], days: Span, windows: &mut Vec<Window>) {
    let mut day = days.first;
    while day <= days.last {
        let known = is_business_day(calendars, day);
        let last = windows.last_mut().filter(|last| !last.is_set && day_after(last.days.last) == day);
        match (known, last) {
            (Some(false), _) => {}
            (None, Some(unknown)) => {
                unknown.days.last = day;
                unknown.unit.last = day;
            }
            (Some(true) | None, _) => {
                let days = Span { first: day, last: day };
                windows.push(Window { days, unit: days, is_set: known.is_some() });
            }
        }
        let next = day_after(day);
        if next == day {
            return;
        }
        day = next;
    }
}

fn units(frequency: Frequency, days: Span, period: Span, windows: &mut Vec<Window>) {
    let Some(mut unit) = unit_of(frequency, days.first.max(period.first)) else { return };
    while unit.first <= days.last.min(period.last) {
        if let Some(days) = unit.shared_with(&days).filter(|days| days.meets(&period)) {
            windows.push(Window { days, unit, is_set: true });
        }
        match unit_of(frequency, day_after(unit.last)) {
            Some(next) if next.first > unit.first => unit = next,
            Some(_) | None => return,
        }
    }
}

/// The unit of the calendar that a day lies in; none for what the calendar does not set.
fn unit_of(frequency: Frequency, day: Date) -> Option<Span> {
    match frequency {
        Frequency::Continuous | Frequency::PerEvent => None,
        Frequency::Daily => Some(Span { first: day, last: day }),
        Frequency::Weekly => {
            let first = monday_of(day);
            Some(Span { first, last: first.saturating_add(6.days()) })
        }
        Frequency::SemiMonthly if day.day() <= 15 => {
            Some(Span { first: day.first_of_month(), last: day.with().day(15).build().ok()? })
        }
        Frequency::SemiMonthly => Some(Span { first: day.with().day(16).build().ok()?, last: day.last_of_month() }),
        Frequency::Monthly => months(day, 1),
        Frequency::Quarterly => months(day, 3),
        Frequency::SemiAnnual => months(day, 6),
        Frequency::Annual => months(day, 12),
    }
}

pub(super) fn monday_of(day: Date) -> Date {
    day.saturating_sub(day.weekday().to_monday_zero_offset().days())
}

/// The unit of so many months, counted from January, that a day lies in.
fn months(day: Date, length: i8) -> Option<Span> {
    let first_month = (day.month() - 1) / length * length + 1;
    let first = day.with().month(first_month).day(1).build().ok()?;
    Some(Span { first, last: day_before(first.saturating_add(i64::from(length).months())) })
}
