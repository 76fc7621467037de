//! How the windows of a control lie: which days belong together, and which version's word they are under.
//!
//! Windows are units of the calendar: business days, weeks from Monday to Sunday, halves of a month (to the 15th, and after
//! it), months, quarters. Half-years and years begin with a reporting period, so that what is done twice or once a year is due
//! so often in a period of a year, whenever it begins. No window begins with a control, so that everybody who looks at the same
//! period sees the same windows.
//!
//! Invariant: windows of a control never overlap, and no change of its frequency leaves a day of it without a window.

use jiff::{ToSpan, civil::Date};

use crate::{
    CalendarAdoption, Control, Frequency, ReportType, Span, State,
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
    /// The day on which the control's frequency changed within it: it is then what is left of a window under the old frequency,
    /// together with the rest of the one under the new.
    pub(crate) changed_on: Option<Date>,
}

impl Window {
    /// Whether the control had to be performed in it, by the calendar of a period: the control ran in all of it, and its last
    /// day lies in the period.
    fn is_due_in(&self, period: Span) -> bool {
        self.days == self.unit && period.holds(self.unit.last)
    }

    /// Whether a change of frequency, or the control's end, cuts what is left of it.
    fn is_cut_at_its_end(&self) -> bool {
        self.days.last < self.unit.last
    }
}

/// What the calendar of an organization is, when windows are laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid<'a> {
    state: &'a State,
    half_years_from: Date,
    years_from: Date,
}

impl State {
    /// How often the calendar sets a control in a period, whether it was performed or not: what the control calendar of the
    /// period shows as due once it is over.
    pub fn times_due(&self, control: &Control, period: Span) -> u64 {
        let windows = self.grid(period).windows(control, period);
        windows.iter().filter(|window| window.is_due_in(period)).count() as u64
    }

    /// How often a control with this frequency falls due in some days, were it to run on these alone; none for one that the
    /// calendar does not set.
    pub(crate) fn times_due_at(&self, frequency: Frequency, days: Span) -> Option<u64> {
        let windows = match frequency {
            Frequency::Daily => business_days(&self.calendars, days),
            Frequency::Continuous
            | Frequency::PerEvent
            | Frequency::Weekly
            | Frequency::SemiMonthly
            | Frequency::Monthly
            | Frequency::Quarterly
            | Frequency::SemiAnnual
            | Frequency::Annual => units(frequency, days, self.grid(days).begins(frequency)),
        };
        let due = windows.iter().filter(|window| window.is_set && window.is_due_in(days)).count() as u64;
        frequency.is_set_by_calendar().then_some(due)
    }

    /// The grid of windows of the reporting period that some days belong to.
    pub(crate) fn grid(&self, days: Span) -> Grid<'_> {
        let periods = self.reporting_periods();
        let (half_years_from, years_from) = (from_period(&periods, days, 6), from_period(&periods, days, 12));
        Grid { state: self, half_years_from, years_from }
    }

    /// The grids by which a window may have been named: that of the days themselves, and that of each reporting period.
    pub(crate) fn grids(&self, days: Span) -> impl Iterator<Item = Grid<'_>> {
        let periods = self.reporting_periods().into_iter().filter(move |period| period.meets(&days));
        std::iter::once(days).chain(periods).map(|period| self.grid(period))
    }

    /// The periods that reports over a period speak of, oldest first.
    fn reporting_periods(&self) -> Vec<Span> {
        let periods = self.engagements.values().filter_map(|engagement| match engagement.report_type {
            ReportType::Type2(period) => Some(period),
            ReportType::Type1 { .. } => None,
        });
        let mut periods: Vec<Span> = periods.collect();
        periods.sort();
        periods
    }
}

/// From which day on half-years or years are counted, for some days: from the first day of the reporting period that holds them, the
/// shortest of several, if it is as long as the unit. Days that lie in none count from their own first if they are as long. In
/// shorter periods the control may have been performed before them: they count from the first day of a longer one that they share a
/// day with, or else of the first period of all, so that what is due once a year stays due in one of two half-years. Without any
/// reporting period the years of the calendar count.
fn from_period(periods: &[Span], days: Span, months: i64) -> Date {
    let is_long = |period: &Span| period.first.saturating_add(months.months()) <= day_after(period.last);
    let long = || periods.iter().filter(|period| is_long(period));
    let holding = long().filter(|period| period.covers(&days)).min_by_key(|period| (period.length(), period.first));
    match (holding, periods.first()) {
        (Some(period), _) => period.first,
        (None, Some(_)) if is_long(&days) => days.first,
        (None, Some(oldest)) => long().find(|period| period.meets(&days)).unwrap_or(oldest).first,
        (None, None) => CALENDAR_YEARS_FROM,
    }
}

/// Any first of January.
const CALENDAR_YEARS_FROM: Date = Date::constant(2000, 1, 1);

/// How many windows of a frequency lie whole in some days at the least, wherever half-years and years begin.
pub(crate) fn whole_windows(frequency: Frequency, days: Span) -> u64 {
    let whole = |from| units(frequency, days, from).iter().filter(|window| window.is_due_in(days)).count() as u64;
    match frequency {
        // Counted from the first day none more can lie in the days; counted from another, one fewer may.
        Frequency::SemiAnnual | Frequency::Annual => whole(days.first).saturating_sub(1),
        Frequency::Continuous
        | Frequency::PerEvent
        | Frequency::Daily
        | Frequency::Weekly
        | Frequency::SemiMonthly
        | Frequency::Monthly
        | Frequency::Quarterly => whole(CALENDAR_YEARS_FROM),
    }
}

impl Grid<'_> {
    /// The windows of a control that share a day with the period, oldest first.
    pub(crate) fn windows(&self, control: &Control, period: Span) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        let mut until = None;
        for (days, frequency) in self.stretches(control, period) {
            let mut of_stretch = match frequency {
                Frequency::Daily => {
                    let known = days.shared_with(&period);
                    known.map(|days| business_days(&self.state.calendars, days)).unwrap_or_default()
                }
                Frequency::Continuous
                | Frequency::PerEvent
                | Frequency::Weekly
                | Frequency::SemiMonthly
                | Frequency::Monthly
                | Frequency::Quarterly
                | Frequency::SemiAnnual
                | Frequency::Annual => units(frequency, days, self.begins(frequency)),
            };
            let ran_before = until == Some(day_before(days.first));
            let cut = of_stretch.first_mut().filter(|first| ran_before && first.unit.first < days.first);
            if let Some(first) = cut {
                let left = windows.pop_if(|last| last.is_cut_at_its_end() && day_after(last.days.last) == days.first);
                first.days.first = left.map_or(days.first, |left| left.days.first);
                first.unit.first = left.map_or(days.first, |left| left.unit.first);
                first.changed_on = Some(days.first);
            }
            windows.extend(of_stretch);
            until = frequency.is_set_by_calendar().then_some(days.last);
        }
        windows.retain(|window| window.days.meets(&period));
        windows
    }

    /// Days on which a control ran without a break and with one frequency, as far as windows of the period reach.
    fn stretches(&self, control: &Control, period: Span) -> Vec<(Span, Frequency)> {
        let mut stretches: Vec<(Span, Frequency)> = Vec::new();
        for (version, days) in self.state.judged_within(control, period.widened(YEARS_THAT_WINDOWS_REACH)) {
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

    fn begins(&self, frequency: Frequency) -> Date {
        match frequency {
            Frequency::SemiAnnual => self.half_years_from,
            Frequency::Annual => self.years_from,
            Frequency::Continuous
            | Frequency::PerEvent
            | Frequency::Daily
            | Frequency::Weekly
            | Frequency::SemiMonthly
            | Frequency::Monthly
            | Frequency::Quarterly => CALENDAR_YEARS_FROM,
        }
    }
}

/// A year, and what is left of another where the frequency changed.
const YEARS_THAT_WINDOWS_REACH: i16 = 2;

/// Every business day; days that no calendar knows stay together, since nobody can say which of them were due.
fn business_days(calendars: &[CalendarAdoption], days: Span) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
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
                windows.push(Window { days, unit: days, is_set: known.is_some(), changed_on: None });
            }
        }
        let next = day_after(day);
        if next == day {
            break;
        }
        day = next;
    }
    windows
}

fn units(frequency: Frequency, days: Span, from: Date) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut first = days.first;
    while let Some(unit) = unit_of(frequency, first, from) {
        let Some(shared) = unit.shared_with(&days) else { break };
        windows.push(Window { days: shared, unit, is_set: true, changed_on: None });
        let next = day_after(unit.last);
        if next <= first {
            break;
        }
        first = next;
    }
    windows
}

/// The unit of the calendar that a day lies in, half-years and years counted from a day; none for what the calendar does not set.
fn unit_of(frequency: Frequency, day: Date, from: Date) -> Option<Span> {
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
        Frequency::Monthly => Some(months(day, 1, from)),
        Frequency::Quarterly => Some(months(day, 3, from)),
        Frequency::SemiAnnual => Some(months(day, 6, from)),
        Frequency::Annual => Some(months(day, 12, from)),
    }
}

pub(super) fn monday_of(day: Date) -> Date {
    day.saturating_sub(day.weekday().to_monday_zero_offset().days())
}

/// The unit of so many months, counted from a day, that another day lies in. A unit that would begin on a day that its month
/// lacks begins on the month's last.
fn months(day: Date, length: i64, from: Date) -> Span {
    let month_of = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    let number = (month_of(day) - month_of(from)).div_euclid(length);
    let begins = |number: i64| from.saturating_add((number * length).months());
    let number = if begins(number) > day { number - 1 } else { number };
    Span { first: begins(number), last: day_before(begins(number + 1)) }
}
