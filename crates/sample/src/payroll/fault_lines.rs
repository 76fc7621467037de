//! Faults between payslips and bank lines that leave the totals of a run as they are, or that only its totals show.

use super::pick::Place;
use super::{Line, Payroll, Stray, payees};
use crate::calendar::{in_period, plus};
use crate::draw::Draw;
use crate::truth::{Plan, Truth};

const LINES: &str = "pay-bank-line-has-payslip";
const NET: &str = "pay-bank-equals-net";

impl Payroll {
    /// Plants lines without a payslip, payslips without a line, and lines that go elsewhere.
    pub(super) fn plant_lines(&mut self, plan: Plan, truth: &mut Truth) {
        for kind in ["a line for a payslip that does not exist", "a line in the place of another payslip's"] {
            let (count, mut draw) = plan.of(LINES, kind);
            for _ in 0..count {
                self.plant_stranger(&mut draw, kind, truth);
            }
        }
        let kind = "paid again with the next run";
        let (count, mut draw) = plan.of(LINES, kind);
        for _ in 0..count {
            self.plant_again(&mut draw, kind, truth);
        }
        let kind = "two payslips with each other's amount";
        let (count, mut draw) = plan.of(NET, kind);
        for _ in 0..count {
            self.plant_exchange(&mut draw, kind, truth);
        }
        for kind in ["to an account that is not on file", "to the old account after a change"] {
            let (count, mut draw) = plan.of(LINES, kind);
            for _ in 0..count {
                self.plant_elsewhere(&mut draw, kind, truth);
            }
        }
        for kind in ["to the new account on the day of the change", "to the old account on its last day"] {
            let (count, mut draw) = plan.near(LINES, kind);
            for _ in 0..count {
                self.plant_change(&mut draw, kind, truth);
            }
        }
    }

    /// A line of an ordinary amount for a payslip that nobody has: beside the others, or instead of one of them.
    fn plant_stranger(&mut self, draw: &mut Draw, kind: &'static str, truth: &mut Truth) -> Option<()> {
        let place = self.take_payslip(draw, |sight| sight.payslip.net > 20_000)?;
        let slip = self.payslip(place)?.clone();
        // Beyond the last that was given, however large the company.
        let last = u64::from(super::BEFORE_FIRST_PAYSLIP).saturating_add(self.payslips());
        let unknown = u32::try_from(last.saturating_add(draw.below(150_000)).saturating_add(1)).unwrap_or(u32::MAX);
        let account = 97_000_000_000_u64.saturating_add(draw.below(1_000_000_000));
        let instead = kind.starts_with("a line in the place");
        let run = self.run_mut(place)?;
        let amount = i64::from(slip.net);
        run.strays.push(Stray { payslip: unknown, line: Line { account, amount }, after: place.payslip });
        if instead {
            run.lines.insert(slip.id, Vec::new());
            truth.fault(NET, vec![slip.id.to_string()], kind);
            truth.fault(LINES, vec![run.id.to_string(), slip.id.to_string()], kind);
        }
        truth.fault(LINES, vec![run.id.to_string(), unknown.to_string()], kind);
        Some(())
    }

    /// The same pay once more: the line names the payslip of the run before.
    fn plant_again(&mut self, draw: &mut Draw, kind: &'static str, truth: &mut Truth) -> Option<()> {
        let place = self.take_payslip(draw, |sight| {
            sight.payslip.net > 20_000 && sight.neighbor(1).is_some_and(|(run, _)| in_period(run.pay_on))
        })?;
        let slip = self.payslip(place)?.clone();
        let next = self.neighbor(place, 1)?;
        let pay_on = self.run(next)?.pay_on;
        let account = self.client(place)?.employee(slip.employee)?.account_on(pay_on);
        let run = self.run_mut(next)?;
        let line = Line { account, amount: slip.net.into() };
        run.strays.push(Stray { payslip: slip.id, line, after: next.payslip });
        truth.fault(LINES, vec![run.id.to_string(), slip.id.to_string()], kind);
        truth.fault(NET, vec![slip.id.to_string()], kind);
        Some(())
    }

    fn plant_exchange(&mut self, draw: &mut Draw, kind: &'static str, truth: &mut Truth) -> Option<()> {
        let first = self.take_payslip(draw, |sight| sight.run.payslips.len() > 3)?;
        let (run, net) = (self.run(first)?.id, self.payslip(first)?.net);
        let second = self.take_payslip(draw, |sight| sight.run.id == run && sight.payslip.net != net)?;
        let other = self.payslip(second)?.net;
        for (place, amount) in [(first, other), (second, net)] {
            let (account, id) = self.usual_account(place)?;
            self.run_mut(place)?.lines.insert(id, vec![Line { account, amount: amount.into() }]);
            truth.fault(NET, vec![id.to_string()], kind);
            truth.near_miss(LINES, vec![run.to_string(), id.to_string()], kind);
        }
        Some(())
    }

    /// The right amount to the wrong account.
    fn plant_elsewhere(&mut self, draw: &mut Draw, kind: &'static str, truth: &mut Truth) -> Option<()> {
        let old = kind.starts_with("to the old");
        let place = self.take_payslip(draw, |sight| sight.employee.accounts.len() == 1)?;
        let (account, id) = self.usual_account(place)?;
        let pay_on = self.run(place)?.pay_on;
        let account = if old {
            let employee = self.payslip(place)?.employee;
            let holder = self.clients.get_mut(place.client)?.employee_mut(employee)?;
            holder.change_account(payees::second_account(employee), pay_on);
            account
        } else {
            96_000_000_000_u64.saturating_add(draw.below(1_000_000_000))
        };
        let run = self.run_mut(place)?;
        let amount = run.payslips.get(place.payslip)?.net.into();
        run.lines.insert(id, vec![Line { account, amount }]);
        truth.fault(LINES, vec![run.id.to_string(), id.to_string()], kind);
        Some(())
    }

    /// A change of account just on a pay date, or the day after it.
    fn plant_change(&mut self, draw: &mut Draw, kind: &'static str, truth: &mut Truth) -> Option<()> {
        let place = self.take_payslip(draw, |sight| sight.employee.accounts.len() == 1)?;
        let (pay_on, run) = (self.run(place)?.pay_on, self.run(place)?.id);
        let (employee, id) = (self.payslip(place)?.employee, self.payslip(place)?.id);
        let from = if kind.starts_with("to the new") { pay_on } else { plus(pay_on, 1) };
        let holder = self.clients.get_mut(place.client)?.employee_mut(employee)?;
        holder.change_account(payees::second_account(employee), from);
        truth.near_miss(LINES, vec![run.to_string(), id.to_string()], kind);
        Some(())
    }

    /// The account that the payslip at a place is paid to, and the payslip's identifier.
    fn usual_account(&self, place: Place) -> Option<(u64, u32)> {
        let slip = self.payslip(place)?;
        let account = self.client(place)?.employee(slip.employee)?.account_on(self.run(place)?.pay_on);
        Some((account, slip.id))
    }
}
