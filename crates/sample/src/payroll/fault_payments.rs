//! Faults in payments: amounts that are not the net, accounts that two people share.

use jiff::civil::Date;

use super::pick::Place;
use super::write_database::account_text;
use super::{Line, Payroll};
use crate::calendar::{in_period, plus};
use crate::draw::Draw;
use crate::truth::{Plan, Truth};

const NET: &str = "pay-bank-equals-net";
const LINES: &str = "pay-bank-line-has-payslip";
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
                if let Some((run, id)) = self.change_lines(&mut draw, lines).and_then(|place| self.keys(place)) {
                    truth.fault(NET, vec![id.clone()], kind);
                    if kind == "no line" {
                        truth.fault(LINES, vec![run, id], kind);
                    } else {
                        truth.near_miss(LINES, vec![run, id], kind);
                    }
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
            let Some(place) = self.change_lines(&mut draw, split) else { continue };
            let Some((run, id)) = self.keys(place) else { continue };
            self.put_on_file(place, second);
            truth.near_miss(NET, vec![id.clone()], kind);
            truth.near_miss(LINES, vec![run, id], kind);
            truth.near_miss(SHARED, vec![account_text(second)], kind);
        }
        self.plant_shared(plan, truth);
        self.plant_rehired(plan, truth);
        self.plant_two_jobs(plan, truth);
    }

    fn change_lines(&mut self, draw: &mut Draw, lines: impl Fn(i64, u64) -> Option<Vec<Line>>) -> Option<Place> {
        let place = self.take_payslip(draw, |sight| {
            sight.payslip.net > 20_000 && lines(sight.payslip.net.into(), sight.employee.account()).is_some()
        })?;
        let slip = self.payslip(place)?.clone();
        let account = self.client(place)?.employee(slip.employee)?.account_on(self.run(place)?.pay_on);
        let changed = lines(slip.net.into(), account)?;
        self.run_mut(place)?.lines.insert(slip.id, changed);
        Some(place)
    }

    fn put_on_file(&mut self, place: Place, account: u64) -> Option<()> {
        let (pay_on, employee) = (self.run(place)?.pay_on, self.payslip(place)?.employee);
        self.clients.get_mut(place.client)?.employee_mut(employee)?.split(account, pay_on);
        Some(())
    }

    /// The identifiers of the run and the payslip at a place, as text.
    fn keys(&self, place: Place) -> Option<(String, String)> {
        Some((self.run(place)?.id.to_string(), self.payslip(place)?.id.to_string()))
    }

    /// One account on file for employees who are not the same person: at one time, one after the other, at two clients.
    fn plant_shared(&mut self, plan: Plan, truth: &mut Truth) {
        for (kind, others, runs) in [
            ("two employees, one date", 1, 1),
            ("two employees, several dates", 1, 3),
            ("three employees, one date", 2, 1),
        ] {
            let (count, mut draw) = plan.of(SHARED, kind);
            for _ in 0..count {
                if let Some(account) = self.share(&mut draw, others, runs) {
                    truth.fault(SHARED, vec![account_text(account)], kind);
                }
            }
        }
    }

    /// For some runs the pay of other employees goes to one employee's account, and so it stands on file.
    fn share(&mut self, draw: &mut Draw, others: usize, runs: usize) -> Option<u64> {
        let used = self.used_employees.clone();
        let free = |client: &super::Client, run: &super::Run, holder: u32| -> Vec<u32> {
            run.payslips
                .iter()
                .map(|slip| slip.employee)
                .filter(|id| {
                    *id != holder
                        && !used.contains(id)
                        && client
                            .employee(*id)
                            .is_some_and(|employee| employee.terminated_on.is_none() && employee.accounts.len() == 1)
                })
                .collect()
        };
        let last = isize::try_from(runs).unwrap_or(1) - 1;
        let reaches = |sight: &super::pick::Sight<'_>| {
            sight.employee.terminated_on.is_none()
                && sight.employee.accounts.len() == 1
                && sight.neighbor(last).is_some_and(|(run, _)| in_period(run.pay_on))
                && free(sight.client, sight.run, sight.payslip.employee).len() >= others
        };
        let place = self.take_payslip(draw, reaches)?;
        let holder = self.payslip(place)?.employee;
        let (from, to) = (self.run(place)?.pay_on, self.neighbor(place, last).and_then(|end| self.run(end))?.pay_on);
        let account = self.client(place)?.employee(holder)?.account();
        let candidates = draw.shuffled(free(self.client(place)?, self.run(place)?, holder));
        let guests: Vec<u32> = candidates.into_iter().take(others).collect();
        self.used_employees.extend(&guests);
        for guest in guests {
            let employee = self.clients.get_mut(place.client)?.employee_mut(guest)?;
            let own = employee.account();
            employee.change_account(account, from);
            employee.change_account(own, plus(to, 1));
        }
        Some(account)
    }

    /// An account that goes from a leaver to someone hired later: the same person under a new number, or another one.
    fn plant_rehired(&mut self, plan: Plan, truth: &mut Truth) {
        for (kind, same) in [("hired again under a new number", true), ("a leaver's account taken over", false)] {
            let (count, mut draw) = if same { plan.near(SHARED, kind) } else { plan.of(SHARED, kind) };
            for _ in 0..count {
                let leaver = self.take_payslip(&mut draw, |sight| {
                    let gone = sight.employee.terminated_on.is_some() && sight.neighbor(1).is_none();
                    gone && successor(sight.client, sight.run.pay_on).is_some_and(|id| sight.payslip.employee != id)
                });
                let Some(account) = leaver.and_then(|place| self.rehire(place, same)) else { continue };
                if same {
                    truth.near_miss(SHARED, vec![account_text(account)], kind);
                } else {
                    truth.fault(SHARED, vec![account_text(account)], kind);
                }
            }
        }
    }

    fn rehire(&mut self, place: Place, same: bool) -> Option<u64> {
        let employee = self.payslip(place)?.employee;
        let paid_last = self.run(place)?.pay_on;
        let client = self.clients.get_mut(place.client)?;
        let first = client.employee(employee)?;
        let (name, taxpayer, account) = (first.name.clone(), first.taxpayer, first.account());
        let id = successor(client, paid_last)?;
        if self.used_employees.contains(&id) {
            return None;
        }
        let second = client.employee_mut(id)?;
        second.hold(account);
        if same {
            (second.name, second.taxpayer) = (name, taxpayer);
        }
        self.used_employees.insert(id);
        Some(account)
    }

    /// One account at two clients on one pay date: one person with two jobs, or two people.
    fn plant_two_jobs(&mut self, plan: Plan, truth: &mut Truth) {
        for (kind, same) in [("one person at two clients", true), ("two people at two clients", false)] {
            let (count, mut draw) = if same { plan.near(SHARED, kind) } else { plan.of(SHARED, kind) };
            for _ in 0..count {
                let Some(place) = self.take_payslip(&mut draw, staying) else { continue };
                let Some(pay_on) = self.run(place).map(|run| run.pay_on) else { continue };
                let here = self.client(place).map(|client| client.id);
                let other = self.take_payslip_where(
                    &mut draw,
                    |day| day == pay_on,
                    |sight| staying(sight) && Some(sight.client.id) != here,
                );
                let Some((account, id)) = other.and_then(|other| self.join(place, other, same)) else { continue };
                if same {
                    truth.near_miss(SHARED, vec![account_text(account)], kind);
                    truth.near_miss("pay-duplicate", vec![id.to_string()], kind);
                } else {
                    truth.fault(SHARED, vec![account_text(account)], kind);
                }
            }
        }
    }

    /// Pays the second place's employee to the first one's account; returns it and the first payslip.
    fn join(&mut self, place: Place, other: Place, same: bool) -> Option<(u64, u32)> {
        let slip = self.payslip(place)?;
        let (id, first) = (slip.id, self.client(place)?.employee(slip.employee)?);
        let (name, taxpayer, account) = (first.name.clone(), first.taxpayer, first.account());
        let employee = self.payslip(other)?.employee;
        let second = self.clients.get_mut(other.client)?.employee_mut(employee)?;
        second.hold(account);
        if same {
            (second.name, second.taxpayer) = (name, taxpayer);
        }
        Some((account, id))
    }
}

/// Someone who stays, with one account all year.
fn staying(sight: &super::pick::Sight<'_>) -> bool {
    sight.employee.terminated_on.is_none() && sight.employee.accounts.len() == 1
}

/// The first employee of a client hired after a day.
fn successor(client: &super::Client, day: Date) -> Option<u32> {
    client
        .employees
        .iter()
        .find(|employee| employee.hired_on > day && employee.terminated_on.is_none())
        .map(|employee| employee.id)
}

/// An amount with two neighboring digits swapped, none when that changes nothing or makes it absurd.
fn swapped(net: i64) -> Option<i64> {
    let (tens, units) = (net / 100 % 10, net / 10 % 10);
    let other = net - tens * 100 - units * 10 + units * 100 + tens * 10;
    (other != net && other > 0).then_some(other)
}
