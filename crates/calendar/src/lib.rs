//! Business calendars: which days are business days, how many lie between two days, which comes so many later; and what
//! newer stretches of days leave of older ones.
//!
//! SQL of control tests and the rules of the domain count by this one crate, so that a due date is never told in two ways.
//!
//! Invariant: outside the days that a calendar covers nothing is known, and a guess would move a due date in silence: it is
//! an error.
//! Invariant: no country's holidays, no audit word, no clock, no time zone and no I/O are known here.

mod business_days;
mod calendar;
mod layers;

pub use business_days::{BusinessDays, civil, days_since_epoch};
pub use calendar::{BusinessCalendar, OutsideCalendar, Weekday};
pub use layers::{Left, left_by_newer};
