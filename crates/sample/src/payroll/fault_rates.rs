//! Faults in rates of pay: not approved, not used, used too early, approved by the one who entered them.

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::pick::{Place, Sight};
use super::{Payroll, Pin, Planted, Rate};
use crate::calendar::{after, in_period, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};

const USED: &str = "pay-rate-approved";
const SECOND: &str = "pay-rate-second-person";

/// When a planted rate is effective and approved, and which rate the payslip shows.
struct Case {
    kind: &'static str,
    effective: Effective,
    approval: Approval,
    shows: Shows,
}

enum Effective {
    Midway,
    LastDay,
    DayAfter,
}

#[derive(Clone, Copy)]
enum Approval {
    InTime,
    InTheSecondOfCalculation,
    AfterCalculation,
    Never,
}

enum Shows {
    InForce,
    New,
    Old,
}

const FAULTS: [Case; 3] = [
    Case {
        kind: "a raise never approved was used",
        effective: Effective::Midway,
        approval: Approval::Never,
        shows: Shows::New,
    },
    Case {
        kind: "an approved raise was not used",
        effective: Effective::Midway,
        approval: Approval::InTime,
        shows: Shows::Old,
    },
    Case {
        kind: "a raise was used before it began",
        effective: Effective::DayAfter,
        approval: Approval::InTime,
        shows: Shows::New,
    },
];

const NEAR: [Case; 4] = [
    Case {
        kind: "effective on the last day of the period",
        effective: Effective::LastDay,
        approval: Approval::InTime,
        shows: Shows::InForce,
    },
    Case {
        kind: "effective the day after the period",
        effective: Effective::DayAfter,
        approval: Approval::InTime,
        shows: Shows::InForce,
    },
    Case {
        kind: "approved in the second of the calculation",
        effective: Effective::Midway,
        approval: Approval::InTheSecondOfCalculation,
        shows: Shows::InForce,
    },
    Case {
        kind: "approved after the calculation",
        effective: Effective::Midway,
        approval: Approval::AfterCalculation,
        shows: Shows::InForce,
    },
];

impl Payroll {
    /// Plants rates and payslips that do not follow them.
    pub(super) fn plant_rates(&mut self, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        for case in &FAULTS {
            let (count, mut draw) = plan.of(USED, case.kind);
            for _ in 0..count {
                if let Some(key) = self.plant_rate(case, &mut draw)? {
                    truth.fault(USED, vec![key], case.kind);
                }
            }
        }
        for case in &NEAR {
            let (count, mut draw) = plan.near(USED, case.kind);
            for _ in 0..count {
                if let Some(key) = self.plant_rate(case, &mut draw)? {
                    truth.near_miss(USED, vec![key], case.kind);
                }
            }
        }
        self.plant_second_person(plan)
    }

    fn plant_rate(&mut self, case: &Case, draw: &mut Draw) -> Result<Option<String>, Error> {
        let Some(place) = self.take_payslip(draw, |sight| settled(sight) && sight.modest()) else { return Ok(None) };
        let (Some(run), Some(slip)) = (self.run(place), self.payslip(place)) else { return Ok(None) };
        let (period_end, calculated_at, id, old) = (run.period_end, run.calculated_at, slip.id, i64::from(slip.rate));
        let effective_on = match case.effective {
            Effective::Midway => plus(run.period_start, super::clients::small(draw.between(2, 11))),
            Effective::LastDay => period_end,
            Effective::DayAfter => plus(period_end, 1),
        };
        let new = old + old * draw.between(30, 90) / 1000 / 100 * 100;
        let entered_at = self.calendar.at(plus(effective_on, -16), draw.between(32_000, 60_000))?;
        let approved_at = match case.approval {
            Approval::InTime => Some(after(entered_at, draw.between(4_000, 300_000))?),
            Approval::InTheSecondOfCalculation => Some(calculated_at),
            Approval::AfterCalculation => Some(after(calculated_at, draw.between(1, 200_000))?),
            Approval::Never => None,
        };
        self.push_rate(place, effective_on, new, entered_at, approved_at, None);
        let rate = match case.shows {
            Shows::InForce => None,
            Shows::New => Some(new),
            Shows::Old => Some(old),
        };
        if rate.is_some() {
            self.pins.insert(id, Pin { rate, ..Pin::default() });
        }
        self.recalculate(place);
        Ok(Some(id.to_string()))
    }

    fn push_rate(
        &mut self,
        place: Place,
        effective_on: Date,
        rate: i64,
        entered_at: Timestamp,
        approved_at: Option<Timestamp>,
        planted: Option<Planted>,
    ) -> Option<()> {
        let id = self.payslip(place)?.employee;
        let client = self.clients.get_mut(place.client)?;
        let (hr, controller) = (client.hr, client.controller);
        let approver = match planted {
            Some(_) => hr,
            None => controller,
        };
        let approved = approved_at.map(|at| (approver, at));
        client.employee_mut(id)?.rates.push(Rate {
            id: 0,
            effective_on,
            rate,
            entered_by: hr,
            entered_at,
            approved,
            planted,
        });
        Some(())
    }

    fn plant_second_person(&mut self, plan: Plan) -> Result<(), Error> {
        for kind in ["the same user name", "the same user name in capitals"] {
            let (count, mut draw) = plan.of(SECOND, kind);
            for _ in 0..count {
                self.change_approver(&mut draw, Planted::Fault(kind), |users, entered_by| {
                    if kind == "the same user name" { Some(entered_by) } else { users.in_capitals(entered_by) }
                });
            }
        }
        let kind = "user names differ by one letter";
        let (count, mut draw) = plan.near(SECOND, kind);
        for _ in 0..count {
            self.change_approver(&mut draw, Planted::NearMiss(kind), super::Users::namesake);
        }
        // Self-approved, but effective on the day before the period begins and on the day after it ends.
        for (kind, effective_on) in
            [("effective before the period", date(2025, 9, 30)), ("effective after the period", date(2026, 10, 1))]
        {
            let (count, mut draw) = plan.near(SECOND, kind);
            for _ in 0..count {
                let Some(place) = self.take_payslip(&mut draw, |sight| settled(sight) && sight.modest()) else {
                    continue;
                };
                let Some(old) = self.payslip(place).map(|slip| i64::from(slip.rate)) else { continue };
                let entered_at = self.calendar.at(plus(effective_on, -15), draw.between(32_000, 60_000))?;
                let approved_at = after(entered_at, 7_200)?;
                self.push_rate(
                    place,
                    effective_on,
                    old + old / 50 / 100 * 100,
                    entered_at,
                    Some(approved_at),
                    Some(Planted::NearMiss(kind)),
                );
                self.recalculate(place);
            }
        }
        Ok(())
    }

    /// Changes who approved an ordinary rate of the period.
    fn change_approver(
        &mut self,
        draw: &mut Draw,
        planted: Planted,
        approver: impl Fn(&mut super::Users, u32) -> Option<u32>,
    ) -> Option<()> {
        for _ in 0..4000 {
            let at = draw.position(self.clients.len());
            let client = self.clients.get_mut(at)?;
            let which = draw.position(client.employees.len());
            let Some(employee) = client.employees.get_mut(which) else { continue };
            if self.used_employees.contains(&employee.id) {
                continue;
            }
            let Some(rate) =
                employee.rates.iter_mut().find(|rate| in_period(rate.effective_on) && rate.approved.is_some())
            else {
                continue;
            };
            let Some((_, approved_at)) = rate.approved else { continue };
            rate.approved = Some((approver(&mut self.users, rate.entered_by)?, approved_at));
            rate.planted = Some(planted);
            self.used_employees.insert(employee.id);
            return Some(());
        }
        None
    }
}

/// One rate since before the data begin, and employed all year: what is planted stands alone.
fn settled(sight: &Sight<'_>) -> bool {
    sight.one_rate()
        && sight.employee.hired_on < date(2025, 8, 1)
        && sight.employee.terminated_on.is_none()
        && sight.neighbor(1).is_some()
}
