//! Quarterly reviews of who holds which right, and what was removed.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::People;
use super::grants::Grants;
use crate::calendar::{Calendar, after, first_of_quarter, in_period, plus, quarter};
use crate::draw::Draw;
use crate::error::Error;
use crate::operations::systems::SYSTEMS;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, day_between, take};

const ON_TIME: &str = "access-review-on-time";
const REMOVALS: &str = "access-review-removals";

/// A review of one system in one quarter.
#[derive(Debug, Serialize)]
struct Review {
    review_id: String,
    system: &'static str,
    quarter: String,
    due_on: Date,
    completed_on: Option<Date>,
    reviewer: Option<String>,
    #[serde(skip)]
    planted: bool,
}

impl Review {
    fn key(&self) -> Vec<String> {
        vec![self.system.to_owned(), self.quarter.clone()]
    }
}

/// Whether a review is due in the period: of a system that was in service all through the quarter.
fn required(review: &Review) -> bool {
    in_period(review.due_on)
        && SYSTEMS
            .iter()
            .find(|system| system.system == review.system)
            .is_some_and(|system| system.in_service(first_of_quarter(review.due_on)))
}

impl Plantable for Review {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// What a reviewer decided about one right.
#[derive(Debug, Serialize)]
struct Decision {
    review_id: String,
    grant_id: String,
    account_id: String,
    decision: &'static str,
    decided_by: String,
    #[serde(serialize_with = "write::instant")]
    decided_at: Timestamp,
    #[serde(serialize_with = "write::maybe_instant")]
    removed_at: Option<Timestamp>,
    #[serde(skip)]
    planted: bool,
}

impl Plantable for Decision {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// All reviews.
#[derive(Debug)]
pub(crate) struct Reviews {
    reviews: Vec<Review>,
    decisions: Vec<Decision>,
}

impl Reviews {
    /// The reviews of six quarters; rights removed by them are revoked.
    pub(crate) fn build(
        seed: u64,
        people: &People,
        grants: &mut Grants,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<Reviews, Error> {
        let mut draw = Draw::new(seed, "reviews");
        let mut all = Reviews { reviews: Vec::new(), decisions: Vec::new() };
        let ends = [
            date(2025, 9, 30),
            date(2025, 12, 31),
            date(2026, 3, 31),
            date(2026, 6, 30),
            date(2026, 9, 30),
            date(2026, 12, 31),
        ];
        for due_on in ends {
            for system in SYSTEMS.iter().filter(|system| system.access_reviewed && system.in_service(due_on)) {
                all.review(people, grants, calendar, system.system, due_on, &mut draw)?;
            }
        }
        all.plant_reviews(plan, truth);
        all.plant_removals(grants, calendar, plan, truth)?;
        Ok(all)
    }

    fn review(
        &mut self,
        people: &People,
        grants: &mut Grants,
        calendar: &Calendar,
        system: &'static str,
        due_on: Date,
        draw: &mut Draw,
    ) -> Result<(), Error> {
        let open = due_on > crate::calendar::DATA_END;
        let review_id = format!("UAR-{}-{system}", quarter(due_on));
        let department = if system == "bank-portal" || system == "general-ledger" { "Finance" } else { "Security" };
        let reviewer = draw.pick(&people.steady(department)).map(|person| person.email.clone()).unwrap_or_default();
        let completed_on = calendar.business_day_on_or_before(day_between(draw, plus(due_on, -24), plus(due_on, -12)));
        if !open {
            let begun = calendar.at(plus(completed_on, -4), 9 * 3600)?;
            let held = grants
                .list
                .iter_mut()
                .filter(|grant| grant.system == system && grant.granted_at < begun && grant.revoked_at.is_none());
            for grant in held {
                let day = calendar
                    .business_day_on_or_before(plus(completed_on, -i32::try_from(draw.between(0, 3)).unwrap_or(0)));
                let decided_at = calendar.at(day, draw.between(9 * 3600, 17 * 3600))?;
                let remove = draw.chance(45);
                if remove {
                    let wait = u32::try_from(draw.between(1, 4)).unwrap_or(1);
                    grant.revoked_at =
                        Some(calendar.at(calendar.business_day_after(day, wait), draw.between(9 * 3600, 17 * 3600))?);
                }
                self.decisions.push(Decision {
                    review_id: review_id.clone(),
                    grant_id: grant.grant_id.clone(),
                    account_id: grant.account_id.clone(),
                    decision: if remove { "remove" } else { "keep" },
                    decided_by: reviewer.clone(),
                    decided_at,
                    removed_at: grant.revoked_at.filter(|_| remove),
                    planted: false,
                });
            }
        }
        self.reviews.push(Review {
            review_id,
            system,
            quarter: quarter(due_on),
            due_on,
            completed_on: (!open).then_some(completed_on),
            reviewer: (!open).then_some(reviewer),
            planted: false,
        });
        Ok(())
    }

    fn plant_reviews(&mut self, plan: Plan, truth: &mut Truth) {
        for kind in ["a day late", "weeks late", "not completed"] {
            let (count, mut draw) = plan.of(ON_TIME, kind);
            for _ in 0..count {
                let late = if kind == "a day late" { 1 } else { i32::try_from(draw.between(8, 40)).unwrap_or(8) };
                // The last quarter's review could not be weeks late yet.
                let known = |review: &Review| required(review) && plus(review.due_on, 45) < crate::calendar::DATA_END;
                if let Some(review) = take(&mut draw, &mut self.reviews, known) {
                    review.completed_on = (kind != "not completed").then(|| plus(review.due_on, late));
                    truth.fault(ON_TIME, review.key(), kind);
                }
            }
        }
        let kind = "no review on record";
        let (count, mut draw) = plan.of(ON_TIME, kind);
        for _ in 0..count {
            if let Some(review) = take(&mut draw, &mut self.reviews, required) {
                truth.fault(ON_TIME, review.key(), kind);
                let id = review.review_id.clone();
                self.reviews.retain(|review| review.review_id != id);
                self.decisions.retain(|decision| decision.review_id != id);
            }
        }
        // A review of a system that came into service within the quarter is due with the next one.
        for review in self.reviews.iter().filter(|review| in_period(review.due_on) && !required(review)) {
            truth.near_miss(ON_TIME, review.key(), "in service since the middle of the quarter");
        }
        let (count, mut draw) = plan.near(ON_TIME, "completed on the due date");
        for _ in 0..count {
            if let Some(review) = take(&mut draw, &mut self.reviews, required) {
                review.completed_on = Some(review.due_on);
                truth.near_miss(ON_TIME, review.key(), "completed on the due date");
            }
        }
        let (count, mut draw) = plan.near(ON_TIME, "due the day before the period, late");
        for _ in 0..count {
            if let Some(review) = take(&mut draw, &mut self.reviews, |review| review.due_on == date(2025, 9, 30)) {
                review.completed_on = Some(plus(review.due_on, 6));
                truth.near_miss(ON_TIME, review.key(), "due the day before the period, late");
            }
        }
    }

    fn plant_removals(
        &mut self,
        grants: &mut Grants,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<(), Error> {
        for kind in ["never removed", "removed a minute late", "marked as removed while the right lives on"] {
            let (count, mut draw) = plan.of(REMOVALS, kind);
            for _ in 0..count {
                let Some(decision) = take(&mut draw, &mut self.decisions, |decision| is_removal(decision, calendar))
                else {
                    continue;
                };
                let deadline = calendar.business_day_after(calendar.local_date(decision.decided_at), 5);
                let late = calendar.local(plus(deadline, 1), 0, 1)?;
                let (removed_at, revoked_at) = match kind {
                    "never removed" => (None, None),
                    "removed a minute late" => (Some(late), Some(late)),
                    _ => (decision.removed_at, None),
                };
                decision.removed_at = removed_at;
                for grant in grants.list.iter_mut().filter(|grant| grant.grant_id == decision.grant_id) {
                    grant.revoked_at = revoked_at;
                }
                truth.fault(REMOVALS, vec![decision.review_id.clone(), decision.grant_id.clone()], kind);
            }
        }
        let kind = "removed in the last minute, over a holiday";
        let (count, mut draw) = plan.near(REMOVALS, kind);
        for _ in 0..count {
            let Some(decision) = take(&mut draw, &mut self.decisions, |decision| {
                is_removal(decision, calendar) && decision.review_id.contains("2025-Q4")
            }) else {
                continue;
            };
            // Five business days from Friday before Christmas reach over the holiday.
            let day = date(2025, 12, 19);
            decision.decided_at = after(calendar.local(day, 10, 0)?, draw.between(0, 20_000))?;
            let last = calendar.local(calendar.business_day_after(day, 5), 23, 59)?;
            decision.removed_at = Some(last);
            for grant in grants.list.iter_mut().filter(|grant| grant.grant_id == decision.grant_id) {
                grant.revoked_at = Some(last);
            }
            truth.near_miss(REMOVALS, vec![decision.review_id.clone(), decision.grant_id.clone()], kind);
        }
        Ok(())
    }

    /// Writes `reviews.csv` and `decisions.csv`.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        write::table(&folder.join("reviews.csv"), b',', &self.reviews)?;
        write::table(&folder.join("decisions.csv"), b',', &self.decisions)
    }
}

/// A removal of the period whose deadline lies well inside it.
fn is_removal(decision: &Decision, calendar: &Calendar) -> bool {
    let day = calendar.local_date(decision.decided_at);
    decision.decision == "remove" && in_period(day) && calendar.business_day_after(day, 5) < crate::calendar::PERIOD_END
}
