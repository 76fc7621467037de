//! Harbor Lane's own people: who works there, their accounts, rights, reviews of rights, and training.

pub(crate) mod accounts;
pub(crate) mod grants;
pub(crate) mod reviews;
mod roster;
pub(crate) mod training;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::calendar::{Calendar, PERIOD_END, PERIOD_START, after, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::names;
use crate::write::day_between;

/// A department, its head count, how many of them stay all year, and whether its people are often contractors.
const DEPARTMENTS: [(&str, u32, u32, bool); 9] = [
    ("Executive", 4, 4, false),
    ("Payroll Operations", 42, 16, false),
    ("Treasury", 8, 8, false),
    ("Engineering", 28, 12, true),
    ("Security", 7, 7, false),
    ("IT Operations", 11, 6, true),
    ("Client Success", 18, 4, false),
    ("Finance", 7, 4, false),
    ("People", 5, 3, false),
];

/// The day on which people change to and from Security.
pub(crate) const TRANSFER: Date = date(2026, 3, 2);

/// A person of the roster.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) contractor: bool,
    pub(crate) department: &'static str,
    /// The day of a move into the department, and the one before.
    pub(crate) transferred: Option<(Date, &'static str)>,
    pub(crate) manager: Option<String>,
    pub(crate) started_on: Date,
    pub(crate) end: Option<End>,
    /// Whether a fault or near miss needs this person's end as it is.
    pub(crate) planted: bool,
}

/// The end of someone's employment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// Last working day.
    pub(crate) on: Date,
    /// Close of that day.
    pub(crate) at: Timestamp,
    /// When HR recorded it.
    pub(crate) recorded_at: Timestamp,
}

impl Person {
    /// Whether the person works here on a day.
    pub(crate) fn works_on(&self, day: Date) -> bool {
        self.started_on <= day && self.end.is_none_or(|end| day <= end.on)
    }
}

/// Everyone.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) list: Vec<Person>,
    pub(crate) boundary: Boundary,
}

/// People whose last day lies exactly where a rule has its edge, by identifier.
#[derive(Debug)]
pub(crate) struct Boundary {
    /// Left two days before the period, so that the account had to go on the day before it.
    pub(crate) before_period: String,
    /// Left on the day before the period, so that the account has to go on its first day.
    pub(crate) first_due: String,
    /// Left on the last day of the period.
    pub(crate) last_day: String,
    /// Left on the Friday before Memorial Day.
    pub(crate) holiday_friday: String,
    /// Left on the day the January training was due.
    pub(crate) training_due: String,
    /// Leaves two days after the period.
    pub(crate) after_period: String,
    /// Came to Security within the period.
    pub(crate) joined_security: String,
    /// Was of Security until the same day.
    pub(crate) left_security: String,
    /// Left Security and the company within the period.
    pub(crate) gone_from_security: String,
}

impl People {
    /// The roster of the year, with the leavers that boundaries need.
    pub(crate) fn build(seed: u64, calendar: &Calendar) -> Result<People, Error> {
        let mut hiring = Hiring { draw: Draw::new(seed, "people"), mails: BTreeSet::new(), list: Vec::new() };
        for (department, heads, core, contractors) in DEPARTMENTS {
            let first = hiring.list.len();
            for n in 0..heads {
                let started_on = day_between(&mut hiring.draw, date(2014, 2, 3), date(2025, 8, 4));
                let contractor = (contractors && hiring.draw.chance(150)) || (department == "Security" && n == 5);
                hiring.hire(department, contractor, started_on);
                // A head of the department and a core stay; the others may leave and be followed by someone new.
                let mut last_hired = started_on;
                while n >= core && hiring.draw.chance(300) {
                    let from = plus(last_hired, 40).max(date(2025, 10, 6));
                    if from > date(2026, 8, 1) {
                        break;
                    }
                    let last =
                        calendar.business_day_on_or_before(day_between(&mut hiring.draw, from, date(2026, 8, 28)));
                    let end = hiring.end(calendar, last)?;
                    if let Some(person) = hiring.list.last_mut() {
                        person.end = Some(end);
                    }
                    let next = plus(last, weeks(&mut hiring.draw));
                    last_hired = calendar.business_day_after(next, 1);
                    hiring.hire(department, contractor, last_hired);
                }
            }
            let head = hiring.list.get(first).map(|person| person.id.clone());
            let chief = hiring.list.first().map(|person| person.id.clone());
            for (n, person) in (0..).zip(hiring.list.iter_mut().skip(first)) {
                person.manager = if n == 0 { chief.clone().filter(|id| *id != person.id) } else { head.clone() };
            }
        }
        let boundary = Boundary {
            before_period: hiring.leaver("Client Success", plus(PERIOD_START, -2), calendar)?,
            last_day: hiring.leaver("Payroll Operations", PERIOD_END, calendar)?,
            holiday_friday: hiring.leaver("Payroll Operations", date(2026, 5, 22), calendar)?,
            training_due: hiring.leaver("Client Success", plus(training::CAMPAIGN, 30), calendar)?,
            after_period: hiring.leaver("IT Operations", plus(PERIOD_END, 2), calendar)?,
            first_due: hiring.leaver("Client Success", plus(PERIOD_START, -1), calendar)?,
            joined_security: hiring.transfer("IT Operations", "Security", TRANSFER),
            left_security: hiring.transfer("Security", "Engineering", TRANSFER),
            gone_from_security: hiring.leaver("Security", date(2026, 1, 16), calendar)?,
        };
        Ok(People { list: hiring.list, boundary })
    }

    /// Those of a department who work here all through the data.
    pub(crate) fn steady(&self, department: &str) -> Vec<&Person> {
        self.list
            .iter()
            .filter(|person| {
                person.department == department
                    && person.transferred.is_none()
                    && person.end.is_none()
                    && person.started_on < crate::calendar::DATA_START
            })
            .collect()
    }

    /// Those of a department who work on a day.
    pub(crate) fn on(&self, department: &str, day: Date) -> Vec<&Person> {
        self.list.iter().filter(|person| person.department == department && person.works_on(day)).collect()
    }

    /// Someone by identifier.
    pub(crate) fn get(&self, id: &str) -> Option<&Person> {
        self.list.iter().find(|person| person.id == id)
    }

    /// The manager's mail address.
    pub(crate) fn manager_mail(&self, person: &Person) -> Option<String> {
        self.get(person.manager.as_deref()?).map(|manager| manager.email.clone())
    }
}

/// People as they are hired.
struct Hiring {
    draw: Draw,
    mails: BTreeSet<String>,
    list: Vec<Person>,
}

impl Hiring {
    fn hire(&mut self, department: &'static str, contractor: bool, started_on: Date) {
        let (name, email) = loop {
            let name = names::person(&mut self.draw);
            let email = format!("{}@harborlane.example", names::mailbox(&name));
            if self.mails.insert(email.clone()) {
                break (name, email);
            }
        };
        let id = format!("P-{:04}", self.list.len() + 1);
        self.list.push(Person {
            id,
            name,
            email,
            contractor,
            department,
            transferred: None,
            manager: None,
            started_on,
            end: None,
            planted: false,
        });
    }

    /// Hires someone who moves from one department to another on a day; returns the identifier.
    fn transfer(&mut self, from: &'static str, to: &'static str, on: Date) -> String {
        let started_on = day_between(&mut self.draw, date(2016, 3, 1), date(2024, 12, 1));
        self.hire(to, false, started_on);
        let manager = self.list.iter().find(|person| person.department == to).map(|person| person.id.clone());
        self.list.last_mut().map_or_else(String::new, |person| {
            (person.transferred, person.planted, person.manager) = (Some((on, from)), true, manager);
            person.id.clone()
        })
    }

    /// Hires someone who leaves on a given day; returns the identifier.
    fn leaver(&mut self, department: &'static str, last: Date, calendar: &Calendar) -> Result<String, Error> {
        let started_on = day_between(&mut self.draw, date(2016, 3, 1), date(2024, 12, 1));
        self.hire(department, false, started_on);
        let end = self.end(calendar, last)?;
        let manager = self.list.iter().find(|person| person.department == department).map(|person| person.id.clone());
        let Some(person) = self.list.last_mut() else { return Err(Error::Inconsistent("nobody was hired".to_owned())) };
        (person.end, person.planted, person.manager) = (Some(end), true, manager);
        Ok(person.id.clone())
    }

    /// Work ends at five; HR usually knows days before.
    fn end(&mut self, calendar: &Calendar, last: Date) -> Result<End, Error> {
        let at = calendar.local(last, 17, 0)?;
        let recorded_at = after(at, -self.draw.between(2 * 86_400, 12 * 86_400))?;
        Ok(End { on: last, at, recorded_at })
    }
}

/// Two to five weeks, in days.
fn weeks(draw: &mut Draw) -> i32 {
    i32::try_from(draw.between(14, 35)).unwrap_or(14)
}
