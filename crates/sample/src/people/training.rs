//! Security training: once for everyone in January, and for everyone who joins.

use std::path::Path;

use jiff::civil::{Date, date};
use serde::Serialize;

use super::People;
use crate::calendar::{DATA_START, PERIOD_END, in_period, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, take};

const TEST: &str = "training-on-time";
/// The January campaign's day.
pub(super) const CAMPAIGN: Date = date(2026, 1, 12);

/// One person's course.
#[derive(Debug, Clone, Serialize)]
struct Course {
    person_id: String,
    course: &'static str,
    assigned_on: Date,
    completed_on: Option<Date>,
    #[serde(skip)]
    planted: bool,
    #[serde(skip)]
    left_on: Option<Date>,
}

impl Plantable for Course {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

impl Course {
    fn due_on(&self) -> Date {
        plus(self.assigned_on, 30)
    }
}

/// Everyone's courses.
#[derive(Debug)]
pub(crate) struct Training(Vec<Course>);

impl Training {
    /// The year's courses, then what is planted in them.
    pub(crate) fn build(seed: u64, people: &People, plan: Plan, truth: &mut Truth) -> Training {
        let mut draw = Draw::new(seed, "training");
        let near_left = "left on the due date, not done";
        let mut list = Vec::new();
        for person in &people.list {
            let joined = person.started_on >= DATA_START;
            let assigned_on = if joined { person.started_on } else { CAMPAIGN };
            let left_on = person.end.map(|end| end.on);
            if left_on.is_some_and(|last| last < assigned_on) {
                // Gone before the campaign; the last course was a year earlier.
                list.push(course(&person.id, "security-awareness", plus(assigned_on, -364), &mut draw, left_on));
                continue;
            }
            list.push(course(&person.id, "security-awareness", assigned_on, &mut draw, left_on));
            if person.department == "Engineering" {
                list.push(course(&person.id, "secure-coding", plus(assigned_on, 21), &mut draw, left_on));
            }
        }
        for course in list.iter_mut().filter(|course| course.person_id == people.boundary.training_due) {
            (course.completed_on, course.planted) = (None, true);
            truth.near_miss(TEST, vec![course.person_id.clone()], near_left);
        }
        let mut training = Training(list);
        training.plant(plan, truth);
        training.plant_recent(plan, truth);
        training
    }

    fn plant(&mut self, plan: Plan, truth: &mut Truth) {
        for kind in ["never assigned", "never completed", "on the 31st day"] {
            let (count, mut draw) = plan.of(TEST, kind);
            for _ in 0..count {
                // Without a row the due date follows from the start, so only someone who joined can miss the assignment in the period.
                let joined = kind == "never assigned";
                let Some(course) =
                    take(&mut draw, &mut self.0, |course| stays(course) && (!joined || course.assigned_on != CAMPAIGN))
                else {
                    continue;
                };
                truth.fault(TEST, vec![course.person_id.clone()], kind);
                let gone = course.person_id.clone();
                match kind {
                    "never assigned" => {
                        self.0.retain(|course| course.person_id != gone || course.course != "security-awareness")
                    }
                    "never completed" => course.completed_on = None,
                    _ => course.completed_on = Some(plus(course.due_on(), 1)),
                }
            }
        }
        let kind = "on the 30th day";
        let (count, mut draw) = plan.near(TEST, kind);
        for _ in 0..count {
            if let Some(course) = take(&mut draw, &mut self.0, stays) {
                course.completed_on = Some(course.due_on());
                truth.near_miss(TEST, vec![course.person_id.clone()], kind);
            }
        }
    }

    /// Someone who joined in the period's last weeks has still time.
    fn plant_recent(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "due after the period, not done";
        let (count, mut draw) = plan.near(TEST, kind);
        for _ in 0..count {
            let recent = |course: &Course| course.due_on() > PERIOD_END && course.course == "security-awareness";
            if let Some(course) = take(&mut draw, &mut self.0, recent) {
                course.completed_on = None;
                truth.near_miss(TEST, vec![course.person_id.clone()], kind);
            }
        }
    }

    /// Writes `training.csv`.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        write::table(&folder.join("training.csv"), b',', &self.0)
    }
}

fn course(person: &str, course: &'static str, assigned_on: Date, draw: &mut Draw, left_on: Option<Date>) -> Course {
    let done = plus(assigned_on, i32::try_from(draw.between(1, 26)).unwrap_or(1));
    // Who leaves within the thirty days is no longer asked for it.
    let completed_on =
        if left_on.is_some_and(|last| last < done) || done > crate::calendar::DATA_END { None } else { Some(done) };
    Course { person_id: person.to_owned(), course, assigned_on, completed_on, planted: false, left_on }
}

/// Due in the period, and the person was still there the day after.
fn stays(course: &Course) -> bool {
    course.course == "security-awareness"
        && in_period(course.due_on())
        && course.left_on.is_none_or(|last| last > course.due_on())
}
