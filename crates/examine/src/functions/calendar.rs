//! The business calendars that SQL can name.

use std::collections::BTreeMap;

use datafusion::common::{DataFusionError, Result, exec_datafusion_err};
use tickmark_calendar::{BusinessDays, OutsideCalendar};
use tickmark_catalog::Calendar;

/// The calendars a session knows.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Calendars(BTreeMap<String, BusinessDays>);

impl Calendars {
    pub(super) fn of(calendars: &[Calendar]) -> Self {
        Self(calendars.iter().map(|calendar| (calendar.id.to_string(), BusinessDays::of(&calendar.days()))).collect())
    }

    /// The calendar of that name, or an error that names those there are.
    pub(super) fn get(&self, name: &str) -> Result<&BusinessDays> {
        self.0.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            exec_datafusion_err!("there is no business calendar `{name}` (known: {})", known.join(", "))
        })
    }
}

/// The error of a query that leaves the calendar of that name.
pub(super) fn left(name: &str, outside: OutsideCalendar) -> DataFusionError {
    exec_datafusion_err!("the business calendar `{name}` {outside}")
}
