//! Where a fault goes: a run or a payslip drawn by chance among those that fit and are not taken.
//!
//! Invariant: a run or an employee carries at most one planted thing, so that faults do not hide or make each other.

use jiff::civil::Date;

use super::{Client, Employee, Payroll, Payslip, Run};
use crate::calendar::in_period;
use crate::draw::Draw;

/// How often to draw before looking through all.
const TRIES: usize = 4000;

/// A place in the application: client, run, payslip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) client: usize,
    pub(super) run: usize,
    pub(super) payslip: usize,
}

impl Payroll {
    /// A run of the period that fits; taken from now on.
    pub(super) fn take_run(&mut self, draw: &mut Draw, fits: impl Fn(&Client, &Run) -> bool) -> Option<&mut Run> {
        for _ in 0..TRIES {
            let at = draw.position(self.clients.len());
            let client = self.clients.get(at)?;
            let which = draw.position(client.runs.len());
            let Some(run) = client.runs.get(which) else { continue };
            if run.payslips.len() < 3
                || !in_period(run.pay_on)
                || self.used_runs.contains(&run.id)
                || !fits(client, run)
            {
                continue;
            }
            self.used_runs.insert(run.id);
            return self.clients.get_mut(at)?.runs.get_mut(which);
        }
        None
    }

    /// A payslip of the period that fits; its employee is taken from now on.
    pub(super) fn take_payslip(&mut self, draw: &mut Draw, fits: impl Fn(&Sight<'_>) -> bool) -> Option<Place> {
        self.take_payslip_where(draw, in_period, fits)
    }

    /// A payslip paid on a day that fits; its employee is taken from now on.
    pub(super) fn take_payslip_where(
        &mut self,
        draw: &mut Draw,
        day: impl Fn(Date) -> bool,
        fits: impl Fn(&Sight<'_>) -> bool,
    ) -> Option<Place> {
        for _ in 0..TRIES {
            let client = draw.position(self.clients.len());
            let run = draw.position(self.clients.get(client)?.runs.len());
            let payslip = draw.position(self.clients.get(client)?.runs.get(run).map_or(0, |run| run.payslips.len()));
            let place = Place { client, run, payslip };
            if let Some(employee) = self.fitting(place, &day, &fits) {
                self.used_employees.insert(employee);
                return Some(place);
            }
        }
        // Rare ones are looked for from a client drawn by chance onward.
        let (count, first) = (self.clients.len(), draw.position(self.clients.len()));
        for client in (first..count).chain(0..first) {
            for (run, payslips) in self.clients.get(client)?.runs.iter().map(|run| run.payslips.len()).enumerate() {
                for payslip in 0..payslips {
                    let place = Place { client, run, payslip };
                    if let Some(employee) = self.fitting(place, &day, &fits) {
                        self.used_employees.insert(employee);
                        return Some(place);
                    }
                }
            }
        }
        None
    }

    /// The employee at a place that fits and carries nothing yet.
    fn fitting(&self, place: Place, day: &impl Fn(Date) -> bool, fits: &impl Fn(&Sight<'_>) -> bool) -> Option<u32> {
        let (client, run, payslip) = (self.client(place)?, self.run(place)?, self.payslip(place)?);
        if !day(run.pay_on) || payslip.copy || self.used_employees.contains(&payslip.employee) {
            return None;
        }
        let employee = client.employee(payslip.employee)?;
        fits(&Sight { client, run, which: place.run, payslip, employee }).then_some(payslip.employee)
    }

    pub(super) fn client(&self, place: Place) -> Option<&Client> {
        self.clients.get(place.client)
    }

    pub(super) fn run(&self, place: Place) -> Option<&Run> {
        self.client(place)?.runs.get(place.run)
    }

    pub(super) fn run_mut(&mut self, place: Place) -> Option<&mut Run> {
        self.clients.get_mut(place.client)?.runs.get_mut(place.run)
    }

    pub(super) fn payslip(&self, place: Place) -> Option<&Payslip> {
        self.run(place)?.payslips.get(place.payslip)
    }

    /// The same employee's payslip some regular runs later (or earlier).
    pub(super) fn neighbor(&self, place: Place, runs: isize) -> Option<Place> {
        let employee = self.payslip(place)?.employee;
        let run = self.client(place)?.regular_run(place.run, runs)?;
        let payslip = self.client(place)?.runs.get(run)?.payslips.iter().position(|slip| slip.employee == employee)?;
        Some(Place { client: place.client, run, payslip })
    }

    /// Computes the place's employee again.
    pub(super) fn recalculate(&mut self, place: Place) -> Option<()> {
        let id = self.payslip(place)?.employee;
        self.recalculate_employee(place.client, id)
    }

    /// Computes an employee again.
    pub(super) fn recalculate_employee(&mut self, client: usize, id: u32) -> Option<()> {
        let client = self.clients.get_mut(client)?;
        let employee = client.employees.iter().find(|employee| employee.id == id)?;
        super::calculate::calculate(employee, &mut client.runs, &self.tables, &self.pins);
        Some(())
    }
}

/// What a candidate for a fault on a payslip looks like.
pub(super) struct Sight<'a> {
    pub(super) client: &'a Client,
    pub(super) run: &'a Run,
    /// The run's position with the client.
    pub(super) which: usize,
    pub(super) payslip: &'a Payslip,
    pub(super) employee: &'a Employee,
}

impl Sight<'_> {
    /// The same employee's payslips some regular runs later (or earlier).
    pub(super) fn neighbor(&self, runs: isize) -> Option<(&Run, &Payslip)> {
        let run = self.client.runs.get(self.client.regular_run(self.which, runs)?)?;
        let payslip = run.payslips.iter().find(|slip| slip.employee == self.payslip.employee)?;
        Some((run, payslip))
    }

    /// Whether the employee has one rate only, so that a planted one stands alone.
    pub(super) fn one_rate(&self) -> bool {
        self.employee.rates.iter().all(|rate| rate.effective_on < crate::calendar::DATA_START)
    }

    /// Whether wages stay far below the annual wage base.
    pub(super) fn modest(&self) -> bool {
        i64::from(self.payslip.rate) < 300_000
    }
}

impl Client {
    /// Where the regular run stands that comes some regular runs after (or before) a run.
    fn regular_run(&self, from: usize, runs: isize) -> Option<usize> {
        let regular = |at: &usize| self.runs.get(*at).is_some_and(|run| !run.off_cycle);
        let Some(beyond) = runs.unsigned_abs().checked_sub(1) else { return Some(from) };
        if runs < 0 {
            (0..from).rev().filter(regular).nth(beyond)
        } else {
            (from.saturating_add(1)..self.runs.len()).filter(regular).nth(beyond)
        }
    }

    /// An employee; they stand in the order of their identifiers.
    pub(super) fn employee(&self, id: u32) -> Option<&Employee> {
        let at = self.employees.binary_search_by_key(&id, |employee| employee.id).ok()?;
        self.employees.get(at)
    }

    /// An employee, to be changed.
    pub(super) fn employee_mut(&mut self, id: u32) -> Option<&mut Employee> {
        let at = self.employees.binary_search_by_key(&id, |employee| employee.id).ok()?;
        self.employees.get_mut(at)
    }
}
