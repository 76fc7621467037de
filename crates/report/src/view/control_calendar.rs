//! A control calendar: every control of a period in one line, a mark a week. It is management's own picture, holds no figure
//! of a report, and so is no [`super::Document`] and stands in no package.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything a control calendar prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlCalendarView {
    /// Whose it is.
    pub organization: String,
    /// What it is about, in words: an engagement, one control, the control set.
    pub scope: String,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// The day that it was when it was asked.
    pub today: Date,
    /// The ledger size whose state it shows.
    pub ledger_size: u64,
    /// One letter a week: the first of a month's name in the week in which the month begins.
    pub months: String,
    /// Each sign with what it means.
    pub legend: Vec<CalendarSign>,
    /// A line for each control.
    pub lines: Vec<CalendarLine>,
}

/// A sign of the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSign {
    /// The sign.
    pub sign: String,
    /// What it means.
    pub words: String,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarLine {
    /// Its id.
    pub control: String,
    /// A few words.
    pub title: String,
    /// How often it acts; each frequency that it had in the period.
    pub how_often: String,
    /// One sign a week.
    pub weeks: String,
    /// What its occurrences add up to, a sentence each.
    pub says: Vec<String>,
}
