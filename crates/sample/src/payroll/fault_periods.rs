//! Runs between the regular ones, for one person each: one pays days that another run pays too, one does not. Planted before
//! identifiers are given.

use super::{Payroll, Payslip, Run};
use crate::calendar::{in_period, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};

const TEST: &str = "pay-duplicate";
const OVERLAP: &str = "paid off cycle for days paid before";
const BESIDE: &str = "paid off cycle from the day after the period before";

impl Payroll {
    /// Opens off-cycle runs a week after a regular one.
    pub(super) fn plant_periods(&mut self, plan: Plan) -> Result<(), Error> {
        let (count, mut draw) = plan.of(TEST, OVERLAP);
        for _ in 0..count {
            let days = draw.between(1, 7);
            self.pay_off_cycle(&mut draw, i32::try_from(days).unwrap_or(1))?;
        }
        let (count, mut draw) = plan.near(TEST, BESIDE);
        for _ in 0..count {
            self.pay_off_cycle(&mut draw, 0)?;
        }
        Ok(())
    }

    /// Pays someone for the week after a regular run's period and so many days of that one. With no such day, the week is left
    /// out of the next regular run.
    fn pay_off_cycle(&mut self, draw: &mut Draw, days_paid_before: i32) -> Result<(), Error> {
        let calendar = self.calendar.clone();
        let place = self.take_payslip(draw, |sight| {
            let next = sight.client.runs.get(sight.which.saturating_add(1));
            let free = |run: &Run| !run.off_cycle && run.pay_on == plus(sight.run.pay_on, 14) && in_period(run.pay_on);
            let stays = sight.employee.terminated_on.is_none();
            let business_day = calendar.is_business_day(plus(sight.run.pay_on, 7));
            sight.modest() && stays && business_day && sight.neighbor(1).is_some() && next.is_some_and(free)
        });
        let Some(place) = place else { return Ok(()) };
        let (Some(client), Some(before), Some(slip)) = (self.client(place), self.run(place), self.payslip(place))
        else {
            return Ok(());
        };
        let employee = slip.employee;
        let period = (plus(before.period_end, 1_i32.saturating_sub(days_paid_before)), plus(before.period_end, 7));
        let staff = (before.prepared_by, [before.released_by, before.second_releaser]);
        let (number, pay_on) = (before.number.saturating_add(1), plus(before.pay_on, 7));
        let mut run = Run::open(client, number, period, pay_on, staff, &calendar, draw)?;
        run.off_cycle = true;
        run.payslips.push(Payslip { employee, regular: slip.regular / 50 * 25, ..Payslip::default() });
        let Some(client) = self.clients.get_mut(place.client) else { return Ok(()) };
        let at = place.run.saturating_add(1);
        for later in client.runs.iter_mut().skip(at) {
            later.number = later.number.saturating_add(1);
        }
        if let Some(next) = client.runs.get_mut(at).filter(|_| days_paid_before == 0) {
            next.payslips.retain(|slip| slip.employee != employee);
        }
        client.runs.insert(at, run);
        self.recalculate_employee(place.client, employee);
        Ok(())
    }

    /// Notes who was paid for a day by two runs, and who was not although it looks like it.
    pub(super) fn note_periods(&self, truth: &mut Truth) {
        for runs in self.clients.iter().flat_map(|client| client.runs.windows(3)) {
            let [before, run, next] = runs else { continue };
            for slip in run.payslips.iter().filter(|_| run.off_cycle) {
                let of_employee = |run: &Run| run.payslips.iter().find(|s| s.employee == slip.employee).map(|s| s.id);
                let twice =
                    [(before, run.period_start <= before.period_end), (next, next.period_start <= run.period_end)];
                let others: Vec<(&Run, u32)> = twice
                    .into_iter()
                    .filter(|(_, overlaps)| *overlaps)
                    .filter_map(|(other, _)| of_employee(other).map(|id| (other, id)))
                    .collect();
                if others.is_empty() {
                    truth.near_miss(TEST, vec![slip.id.to_string()], BESIDE);
                    continue;
                }
                for (_, id) in others.into_iter().chain([(run, slip.id)]).filter(|(run, _)| in_period(run.pay_on)) {
                    truth.fault(TEST, vec![id.to_string()], OVERLAP);
                }
            }
        }
    }
}
