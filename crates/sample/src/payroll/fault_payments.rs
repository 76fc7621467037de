//! Faults in payments: amounts that are not the net, accounts that two employees share.

use jiff::civil::Date;

use super::pick::Place;
use super::{Line, Payroll};
use crate::calendar::in_period;
use crate::draw::Draw;
use crate::truth::{Plan, Truth};

const NET: &str = "pay-bank-equals-net";
const SHARED: &str = "pay-shared-account";

impl Payroll {
    /// Plants bank lines that differ from the payslips.
    pub(super) fn plant_payments(&mut self, plan: Plan, truth: &mut Truth) {
        for kind in ["amount changed in the file", "two digits swapped", "no line"] {
            let (count, mut draw) = plan.of(NET, kind);
            for _ in 0..count {
                let change = draw.between(1, 40_000);
                let lines = |net: i64, account: u64| match kind {
                    "no line" => Some(Vec::new()),
                    "two digits swapped" => swapped(net).map(|amount| vec![Line { account, amount }]),
                    _ => Some(vec![Line { account, amount: net.saturating_add(change) }]),
                };
                if let Some(id) = self.change_lines(&mut draw, lines) {
                    truth.fault(NET, vec![id.to_string()], kind);
                }
            }
        }
        let kind = "split over two accounts";
        let (count, mut draw) = plan.near(NET, kind);
        for _ in 0..count {
            let part = draw.between(1_000, 9_000);
            let second = 98_000_000_000_u64.wrapping_add(draw.below(1_000_000_000));
            let split = |net: i64, account: u64| {
                Some(vec![Line { account, amount: net.saturating_sub(part) }, Line { account: second, amount: part }])
            };
            if let Some(id) = self.change_lines(&mut draw, split) {
                truth.near_miss(NET, vec![id.to_string()], kind);
                truth.near_miss(SHARED, vec![id.to_string()], kind);
            }
        }
        self.plant_shared(plan, truth);
        self.plant_rehired(plan, truth);
        self.plant_two_jobs(plan, truth);
    }

    fn change_lines(&mut self, draw: &mut Draw, lines: impl Fn(i64, u64) -> Option<Vec<Line>>) -> Option<u32> {
        let place = self.take_payslip(draw, |sight| {
            sight.payslip.net > 20_000 && lines(sight.payslip.net.into(), sight.employee.account).is_some()
        })?;
        let slip = self.payslip(place)?.clone();
        let account = self.client(place)?.employee(slip.employee)?.account;
        let changed = lines(slip.net.into(), account)?;
        self.run_mut(place)?.lines.insert(slip.id, changed);
        Some(slip.id)
    }

    /// One, two or three pay dates on which one employee's pay goes to another's account.
    fn plant_shared(&mut self, plan: Plan, truth: &mut Truth) {
        for (kind, others, runs) in [
            ("two employees, one date", 1, 1),
            ("two employees, several dates", 1, 3),
            ("three employees, one date", 2, 1),
        ] {
            let (count, mut draw) = plan.of(SHARED, kind);
            for _ in 0..count {
                if let Some(keys) = self.share(&mut draw, others, runs) {
                    for key in keys {
                        truth.fault(SHARED, vec![key], kind);
                    }
                }
            }
        }
    }

    fn share(&mut self, draw: &mut Draw, others: usize, runs: usize) -> Option<Vec<String>> {
        let used = self.used_employees.clone();
        let free = |client: &super::Client, run: &super::Run, holder: u32| -> Vec<u32> {
            run.payslips
                .iter()
                .map(|slip| slip.employee)
                .filter(|id| {
                    *id != holder
                        && !used.contains(id)
                        && client.employee(*id).is_some_and(|employee| employee.terminated_on.is_none())
                })
                .collect()
        };
        let reaches = |sight: &super::pick::Sight<'_>| {
            let last = isize::try_from(runs).unwrap_or(1) - 1;
            sight.employee.terminated_on.is_none()
                && sight.neighbor(last).is_some_and(|(run, _)| in_period(run.pay_on))
                && free(sight.client, sight.run, sight.payslip.employee).len() >= others
        };
        let place = self.take_payslip(draw, reaches)?;
        let holder = self.payslip(place)?.employee;
        let account = self.client(place)?.employee(holder)?.account;
        let candidates = draw.shuffled(free(self.client(place)?, self.run(place)?, holder));
        let guests: Vec<u32> = candidates.into_iter().take(others).collect();
        self.used_employees.extend(&guests);
        let mut keys = Vec::new();
        for run in self.clients.get_mut(place.client)?.runs.iter_mut().skip(place.run).take(runs) {
            let lines: Vec<(u32, i64)> = run
                .payslips
                .iter()
                .filter(|slip| guests.contains(&slip.employee))
                .map(|slip| (slip.id, slip.net.into()))
                .collect();
            let holders = run.payslips.iter().filter(|slip| slip.employee == holder).map(|slip| slip.id.to_string());
            keys.extend(holders);
            for (id, amount) in lines {
                keys.push(id.to_string());
                run.lines.insert(id, vec![Line { account, amount }]);
            }
        }
        Some(keys)
    }

    /// Someone who left and came back under a new number, with the old account: never paid twice on one date.
    fn plant_rehired(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "hired again under a new number";
        let (count, mut draw) = plan.near(SHARED, kind);
        for _ in 0..count {
            let leaver = self.take_payslip(&mut draw, |sight| {
                let gone = sight.employee.terminated_on.is_some() && sight.neighbor(1).is_none();
                gone && successor(sight.client, sight.run.pay_on).is_some_and(|id| !self_used(sight, id))
            });
            let Some(place) = leaver else { continue };
            self.rehire(place, truth, kind);
        }
    }

    fn rehire(&mut self, place: Place, truth: &mut Truth, kind: &'static str) -> Option<()> {
        let slip = self.payslip(place)?.clone();
        let paid_last = self.run(place)?.pay_on;
        let client = self.clients.get_mut(place.client)?;
        let first = client.employee(slip.employee)?;
        let (name, account) = (first.name.clone(), first.account);
        let id = successor(client, paid_last)?;
        if self.used_employees.contains(&id) {
            return None;
        }
        let second = client.employee_mut(id)?;
        (second.name, second.account) = (name, account);
        self.used_employees.insert(id);
        truth.near_miss(SHARED, vec![slip.id.to_string()], kind);
        Some(())
    }

    /// One person with a job at two clients: one account, one pay date, two clients.
    fn plant_two_jobs(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "one person at two clients";
        let (count, mut draw) = plan.near(SHARED, kind);
        for _ in 0..count {
            let Some(place) = self.take_payslip(&mut draw, |sight| sight.employee.terminated_on.is_none()) else {
                continue;
            };
            let Some((name, account, id, pay_on)) = self.identity(place) else { continue };
            let here = place.client;
            let other =
                self.take_payslip_where(&mut draw, |day| day == pay_on, |sight| sight.employee.terminated_on.is_none());
            let Some(other) = other.filter(|other| other.client != here) else { continue };
            let Some(employee) = self.payslip(other).map(|slip| slip.employee) else { continue };
            if let Some(second) = self.clients.get_mut(other.client).and_then(|client| client.employee_mut(employee)) {
                (second.name, second.account) = (name, account);
                truth.near_miss(SHARED, vec![id.to_string()], kind);
                truth.near_miss("pay-duplicate", vec![id.to_string()], kind);
            }
        }
    }

    fn identity(&self, place: Place) -> Option<(String, u64, u32, Date)> {
        let (client, run, slip) = (self.client(place)?, self.run(place)?, self.payslip(place)?);
        let employee = client.employee(slip.employee)?;
        Some((employee.name.clone(), employee.account, slip.id, run.pay_on))
    }
}

/// The first employee of a client hired after a day.
fn successor(client: &super::Client, day: Date) -> Option<u32> {
    client
        .employees
        .iter()
        .find(|employee| employee.hired_on > day && employee.terminated_on.is_none())
        .map(|employee| employee.id)
}

/// Whether the candidate is the leaver.
fn self_used(sight: &super::pick::Sight<'_>, id: u32) -> bool {
    sight.payslip.employee == id
}

/// An amount with two neighboring digits swapped, none when that changes nothing or makes it absurd.
fn swapped(net: i64) -> Option<i64> {
    let (tens, units) = (net / 100 % 10, net / 10 % 10);
    let other = net - tens * 100 - units * 10 + units * 100 + tens * 10;
    (other != net && other > 0).then_some(other)
}
