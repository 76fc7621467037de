//! Who is paid, where the pay goes and which state taxes it: what changes in an employee's record over the year.

use jiff::civil::{Date, date};

use super::clients::small;
use super::tax::State;
use super::{DirectDeposit, Employee, Profile};
use crate::calendar::plus;
use crate::draw::Draw;
use crate::write::day_between;

/// Changes of the clean year lie between these days, so that payslips stand on both sides of each.
const FIRST_CHANGE: Date = date(2025, 10, 15);
const LAST_CHANGE: Date = date(2026, 9, 15);
/// Hourly rate, in ten-thousandths of a dollar, from which a salary is one of the highest.
const HIGH: i64 = 850_000;

impl Employee {
    /// The account the pay goes to on a day.
    pub(super) fn account_on(&self, day: Date) -> u64 {
        self.accounts
            .iter()
            .filter(|entry| !entry.part && entry.effective_on <= day && entry.ended_on.is_none_or(|end| day <= end))
            .max_by_key(|entry| entry.effective_on)
            .or(self.accounts.first())
            .map_or(0, |entry| entry.account)
    }

    /// The account on file today.
    pub(super) fn account(&self) -> u64 {
        self.account_on(Date::MAX)
    }

    /// The state whose tax is withheld on a pay date.
    pub(super) fn state_on(&self, day: Date) -> State {
        self.moved.filter(|(from, _)| *from <= day).map_or(self.state, |(_, state)| state)
    }

    /// Another account for the whole pay from a day on.
    pub(super) fn change_account(&mut self, account: u64, from: Date) {
        for entry in self.accounts.iter_mut().filter(|entry| !entry.part && entry.ended_on.is_none()) {
            entry.ended_on = Some(plus(from, -1));
        }
        self.accounts.push(DirectDeposit { account, effective_on: from, ended_on: None, part: false });
    }

    /// One account for good, as if it had always been so.
    pub(super) fn hold(&mut self, account: u64) {
        self.accounts = vec![DirectDeposit { account, effective_on: self.hired_on, ended_on: None, part: false }];
    }

    /// A second account that takes a part of the pay.
    pub(super) fn split(&mut self, account: u64, from: Date) {
        self.accounts.push(DirectDeposit { account, effective_on: from, ended_on: None, part: true });
    }

    /// What an ordinary year brings: some move, some change their bank, some earn more than the Medicare threshold.
    pub(super) fn live_a_year(&mut self, draw: &mut Draw) {
        let high = self.profile == Profile::Salaried && self.rates.iter().all(|rate| rate.rate >= HIGH);
        if high && draw.chance(500) {
            let rate = draw.between(11_000, 19_000) * 100;
            for each in &mut self.rates {
                each.rate = rate;
            }
        }
        let day = day_between(draw, FIRST_CHANGE, LAST_CHANGE);
        let there = self.hired_on < plus(day, -30) && self.terminated_on.is_none_or(|end| day < end);
        if draw.chance(30) && there {
            let other = draw.pick(&State::ALL).copied().filter(|state| *state != self.state);
            self.moved = other.map(|state| (day, state));
        } else if draw.chance(40) && there {
            self.change_account(second_account(self.id), plus(day, small(draw.between(0, 20))));
        }
    }
}

/// A twelve-digit account number, two zeros in front; distinct because the factor has no divisor in common with 10^10.
pub(super) fn first_account(employee: u32) -> u64 {
    u64::from(employee).wrapping_mul(2_654_435_761) % 10_000_000_000
}

/// The account after a change of bank: as distinct, since nobody's number is that high.
pub(super) fn second_account(employee: u32) -> u64 {
    first_account(employee.saturating_add(50_000_000))
}

/// A taxpayer's number, nine digits and distinct.
pub(super) fn taxpayer(employee: u32) -> u64 {
    100_000_000 + u64::from(employee).wrapping_mul(7_368_787) % 899_999_981
}
