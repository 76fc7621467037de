//! Faults in what a run leaves behind: postings, cut-off, deposits, the bank's acknowledgement, hour files.

use jiff::civil::{Date, date};

use super::close::next_month;
use super::{Counts, Payroll, Planted, Posting, Run};
use crate::calendar::{Calendar, after, days_between, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};

const LEDGER: &str = "pay-ledger-equals-register";
const BALANCED: &str = "ledger-balanced";
const ON_TIME: &str = "tax-deposit-on-time";
const EQUAL: &str = "tax-deposit-equals-liability";
const BANK: &str = "pay-bank-acknowledged";
const TOTALS: &str = "pay-bank-file-totals";

/// A change to a run that was closed; false when the run does not lend itself.
type Change = fn(&mut Run, &Calendar, i64) -> Result<bool, Error>;

/// A change to one posting.
type ChangePosting = fn(&mut Posting, &Calendar, i64) -> Result<(), Error>;

/// A change to what an hour file counts: its records and its hours.
type ChangeCounts = fn(&mut Counts, &mut Counts, i64);

/// Deadlines of runs paid up to this day lie before the period's end.
const SETTLED: Date = date(2026, 9, 18);

const POSTINGS: [(&[&str], &str, Change); 5] = [
    (&[LEDGER], "wages and cash posted too high", |run, _, x| {
        Ok(add(run, "wages_expense", x, 0) && add(run, "cash", 0, x))
    }),
    (&[LEDGER], "taxes posted as deductions", |run, _, x| {
        let has =
            |account, least| run.postings.iter().any(|posting| posting.account == account && posting.credit >= least);
        Ok(has("taxes_payable", x)
            && has("deductions_payable", 1)
            && add(run, "taxes_payable", 0, -x)
            && add(run, "deductions_payable", 0, x))
    }),
    (&[LEDGER], "run totals are not the register's", |run, _, x| {
        match x % 3 {
            0 => run.count_total += 1,
            1 => run.gross_total += x,
            _ => run.net_total -= x,
        }
        Ok(true)
    }),
    (&[BALANCED], "one side only, on suspense", |run, _, x| {
        let Some(last) = run.postings.last().cloned() else { return Ok(false) };
        run.postings.push(Posting {
            account: "suspense",
            debit: x,
            credit: 0,
            posted_at: after(last.posted_at, 1)?,
            ..last
        });
        Ok(true)
    }),
    (&[BALANCED, LEDGER], "cash off by a cent", |run, _, x| Ok(add(run, "cash", 0, if x % 2 == 0 { 1 } else { -1 }))),
];

const DEPOSITS: [(&[&str], &str, Change); 7] = [
    (&[ON_TIME], "a day late", |run, calendar, x| {
        let late = calendar.business_day_after(run.pay_on, 4);
        deposit(run, x, |deposit| deposit.deposited_on = Some(late))
    }),
    (&[ON_TIME], "late, on a due date that was counted wrong", |run, calendar, x| {
        let late = calendar.business_day_after(run.pay_on, 4);
        deposit(run, x, |deposit| (deposit.due_on, deposit.deposited_on) = (late, Some(late)))
    }),
    (&[ON_TIME, EQUAL], "never deposited", |run, _, x| {
        deposit(run, x, |deposit| (deposit.deposited, deposit.deposited_on, deposit.confirmation) = (None, None, None))
    }),
    (&[ON_TIME, EQUAL], "no deposit on record", |run, _, x| {
        let gone = usize::try_from(x % 2).unwrap_or(0);
        Ok(gone < run.deposits.len() && run.deposits.remove(gone).liability > 0)
    }),
    (&[EQUAL], "less deposited", |run, _, x| {
        deposit(run, x, |deposit| deposit.deposited = Some(deposit.liability - 1 - x))
    }),
    (&[EQUAL], "more deposited", |run, _, x| {
        deposit(run, x, |deposit| deposit.deposited = Some(deposit.liability + 9 * (1 + x)))
    }),
    (&[EQUAL], "liability understated", |run, _, x| {
        deposit(run, x, |deposit| {
            deposit.liability -= 1 + x;
            deposit.deposited = Some(deposit.liability);
        })
    }),
];

const DEPOSITS_NEAR: [(&str, &str, Change); 4] = [
    (ON_TIME, "on the deadline, over a holiday weekend", |run, calendar, x| {
        let due = calendar.business_day_after(run.pay_on, 3);
        if days_between(run.pay_on, due) < 6 {
            return Ok(false);
        }
        deposit(run, x, |deposit| deposit.deposited_on = Some(due))
    }),
    (ON_TIME, "due date stored a day early", |run, calendar, x| {
        let (early, due) = (calendar.business_day_after(run.pay_on, 2), calendar.business_day_after(run.pay_on, 3));
        deposit(run, x, |deposit| (deposit.due_on, deposit.deposited_on) = (early, Some(due)))
    }),
    (EQUAL, "deposited on the pay date", |run, _, x| {
        let day = run.pay_on;
        deposit(run, x, |deposit| deposit.deposited_on = Some(day))
    }),
    (ON_TIME, "paid on the last days of the period, due and deposited after it", |run, calendar, x| {
        let due = calendar.business_day_after(run.pay_on, 3);
        if due <= crate::calendar::PERIOD_END {
            return Ok(false);
        }
        deposit(run, x, |deposit| deposit.deposited_on = Some(due))
    }),
];

/// A header and what the bank made of it agree with each other, and not with the lines.
const HEADERS: [(&str, Change); 3] = [
    ("the header counts a line more", |run, _, _| {
        run.file.lines_sent += 1;
        run.file.lines_accepted = Some(run.file.lines_sent);
        Ok(true)
    }),
    ("the header's amount is higher than the lines", |run, _, x| {
        run.file.amount_sent += x;
        run.file.amount_accepted = Some(run.file.amount_sent);
        Ok(true)
    }),
    ("the header's amount is a cent lower than the lines", |run, _, _| {
        run.file.amount_sent -= 1;
        run.file.amount_accepted = Some(run.file.amount_sent);
        Ok(true)
    }),
];

const BANK_FAULTS: [(&str, Change); 5] = [
    ("never acknowledged", |run, _, _| {
        (run.file.acknowledged_at, run.file.lines_accepted, run.file.amount_accepted) = (None, None, None);
        Ok(true)
    }),
    ("acknowledged a minute after the deadline", |run, calendar, _| {
        let deadline = calendar.business_day_after(run.pay_on, 1);
        run.file.acknowledged_at = Some(calendar.local(plus(deadline, 1), 0, 1)?);
        Ok(true)
    }),
    ("acknowledged days after the deadline", |run, calendar, x| {
        let deadline = calendar.business_day_after(run.pay_on, 2);
        run.file.acknowledged_at = Some(calendar.at(deadline, 30_000 + x)?);
        Ok(true)
    }),
    ("a line rejected", |run, _, _| {
        let amount = run.payslips.first().map_or(1, |slip| i64::from(slip.net));
        run.file.lines_accepted = Some(run.file.lines_sent - 1);
        run.file.amount_accepted = Some(run.file.amount_sent - amount);
        Ok(true)
    }),
    ("amount accepted differs", |run, _, x| {
        run.file.amount_accepted = Some(run.file.amount_sent - 1 - x);
        Ok(true)
    }),
];

const BANK_NEAR: [(&str, Change); 2] = [
    ("acknowledged in the last second, over a holiday weekend", |run, calendar, _| {
        let deadline = calendar.business_day_after(run.pay_on, 1);
        if days_between(run.pay_on, deadline) < 4 {
            return Ok(false);
        }
        run.file.acknowledged_at = Some(calendar.last_second(deadline)?);
        Ok(true)
    }),
    ("paid on the last day of the period", |run, calendar, _| {
        if run.pay_on != crate::calendar::PERIOD_END {
            return Ok(false);
        }
        run.file.acknowledged_at = Some(calendar.local(plus(run.pay_on, 1), 22, 10)?);
        Ok(true)
    }),
];

impl Payroll {
    /// Plants faults in closed runs.
    pub(super) fn plant_books(&mut self, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        for (tests, kind, change) in POSTINGS {
            let (count, mut draw) = plan.of(tests.first().copied().unwrap_or(LEDGER), kind);
            for _ in 0..count {
                if let Some(run) = self.change_run(&mut draw, |_| true, change)? {
                    for test in tests {
                        truth.fault(test, vec![run.id.to_string()], kind);
                    }
                }
            }
        }
        for test in [LEDGER, BALANCED] {
            let (count, mut draw) = plan.near(test, "reversed and posted again");
            for _ in 0..count {
                if let Some(run) =
                    self.change_run(&mut draw, |run| run.pay_on.day() < 22, |run, _, x| repost(run, x))?
                {
                    truth.near_miss(test, vec![run.id.to_string()], "reversed and posted again");
                }
            }
        }
        self.plant_cut_off(plan)?;
        for (tests, kind, change) in DEPOSITS {
            let (count, mut draw) = plan.of(tests.first().copied().unwrap_or(EQUAL), kind);
            for _ in 0..count {
                let which = draw.between(0, 1);
                let changed =
                    self.change_run_by(&mut draw, |run| run.pay_on <= SETTLED && has_taxes(run), change, Some(which))?;
                if let Some(run) = changed {
                    for test in tests {
                        truth.fault(test, liability(run, which), kind);
                    }
                }
            }
        }
        for (test, kind, change) in DEPOSITS_NEAR {
            let (count, mut draw) = plan.near(test, kind);
            for _ in 0..count {
                let which = draw.between(0, 1);
                let changed = self.change_run_by(&mut draw, has_taxes, change, Some(which))?;
                if let Some(run) = changed {
                    truth.near_miss(test, liability(run, which), kind);
                }
            }
        }
        for (kind, change) in BANK_FAULTS {
            let (count, mut draw) = plan.of(BANK, kind);
            for _ in 0..count {
                if let Some(run) = self.change_run(&mut draw, |run| run.pay_on <= SETTLED, change)? {
                    truth.fault(BANK, vec![run.id.to_string()], kind);
                    truth.near_miss(TOTALS, vec![run.file.id.to_string()], kind);
                }
            }
        }
        for (kind, change) in HEADERS {
            let (count, mut draw) = plan.of(TOTALS, kind);
            for _ in 0..count {
                if let Some(run) = self.change_run(&mut draw, |_| true, change)? {
                    truth.fault(TOTALS, vec![run.file.id.to_string()], kind);
                    truth.near_miss(BANK, vec![run.id.to_string()], kind);
                }
            }
        }
        self.plant_untaxed(plan, truth);
        for (kind, change) in BANK_NEAR {
            let (count, mut draw) = plan.near(BANK, kind);
            for _ in 0..count {
                if let Some(run) = self.change_run(&mut draw, |_| true, change)? {
                    truth.near_miss(BANK, vec![run.id.to_string()], kind);
                }
            }
        }
        self.plant_imports(plan)
    }

    /// Runs from which no state tax was withheld: some have a deposit of zero on record, some have none.
    fn plant_untaxed(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "no tax withheld, no deposit on record";
        let (count, mut draw) = plan.near(EQUAL, kind);
        for _ in 0..count {
            let untaxed = |run: &Run| run.deposits.get(1).is_some_and(|deposit| deposit.liability == 0);
            let Some(run) = self.take_run(&mut draw, |_, run| untaxed(run)) else { continue };
            run.deposits.truncate(1);
            for test in [ON_TIME, EQUAL] {
                truth.near_miss(test, liability(run, 1), kind);
            }
        }
    }

    /// Draws runs until one lends itself to the change.
    pub(super) fn change_run(
        &mut self,
        draw: &mut Draw,
        fits: impl Fn(&Run) -> bool,
        change: Change,
    ) -> Result<Option<&Run>, Error> {
        self.change_run_by(draw, fits, change, None)
    }

    /// As `change_run`; the change's number is even or odd as told, so that the caller knows which deposit it picked.
    fn change_run_by(
        &mut self,
        draw: &mut Draw,
        fits: impl Fn(&Run) -> bool,
        change: Change,
        parity: Option<i64>,
    ) -> Result<Option<&Run>, Error> {
        let calendar = self.calendar.clone();
        let mut refused: std::collections::BTreeSet<u32> = std::collections::BTreeSet::new();
        for _ in 0..1500 {
            let x = draw.between(1, 20_000) * 2 + parity.unwrap_or_else(|| draw.between(0, 1));
            let tried = refused.clone();
            let Some(run) = self.take_run(draw, |_, run| fits(run) && !tried.contains(&run.id)) else {
                return Ok(None);
            };
            let id = run.id;
            if change(run, &calendar, x)? {
                return Ok(self.clients.iter().flat_map(|client| &client.runs).find(|run| run.id == id));
            }
            refused.insert(id);
            self.used_runs.remove(&id);
        }
        Ok(None)
    }

    fn plant_cut_off(&mut self, plan: Plan) -> Result<(), Error> {
        const TEST: &str = "pay-cut-off";
        let faults: [(&'static str, ChangePosting); 4] = [
            ("accounting date in the next month", |posting, _, _| {
                posting.accounting_on = next_month(posting.accounting_on);
                Ok(())
            }),
            ("accounting date in the previous month", |posting, _, _| {
                posting.accounting_on = plus(posting.accounting_on.first_of_month(), -1);
                Ok(())
            }),
            ("posted at midnight after the month's end", |posting, calendar, _| {
                posting.posted_at = calendar.at(next_month(posting.accounting_on), 0)?;
                Ok(())
            }),
            ("posted days after the month's end", |posting, calendar, x| {
                posting.posted_at =
                    calendar.at(plus(next_month(posting.accounting_on), super::clients::small(x % 3)), 30_000 + x)?;
                Ok(())
            }),
        ];
        let near: [(&'static str, ChangePosting); 3] = [
            ("posted in the last second of the month", |posting, calendar, _| {
                posting.posted_at = calendar.last_second(posting.accounting_on.last_of_month())?;
                Ok(())
            }),
            ("posted a day early, in the month before", |posting, calendar, x| {
                posting.posted_at = calendar.at(plus(posting.accounting_on, -1), 60_000 + x % 20_000)?;
                Ok(())
            }),
            ("posted days later, within the month", |posting, calendar, x| {
                let day = plus(posting.accounting_on, 3).min(posting.accounting_on.last_of_month());
                posting.posted_at = calendar.at(day, 30_000 + x)?;
                Ok(())
            }),
        ];
        for (kind, change) in faults {
            let (count, mut draw) = plan.of(TEST, kind);
            for _ in 0..count {
                // Not in September 2026: a posting of October is not booked yet on the period's last day.
                self.change_posting(&mut draw, |run| run.pay_on < date(2026, 9, 1), Planted::Fault(kind), change)?;
            }
        }
        for (kind, change) in near {
            let (count, mut draw) = plan.near(TEST, kind);
            let first_days = kind.starts_with("posted a day early");
            for _ in 0..count {
                self.change_posting(
                    &mut draw,
                    |run| !first_days || run.pay_on.day() == 1,
                    Planted::NearMiss(kind),
                    change,
                )?;
            }
        }
        Ok(())
    }

    fn change_posting(
        &mut self,
        draw: &mut Draw,
        fits: impl Fn(&Run) -> bool,
        planted: Planted,
        change: ChangePosting,
    ) -> Result<(), Error> {
        let calendar = self.calendar.clone();
        let x = draw.between(1, 20_000);
        if let Some(run) = self.take_run(draw, |_, run| fits(run)) {
            let at = usize::try_from(x).unwrap_or(0).checked_rem(run.postings.len()).unwrap_or(0);
            if let Some(posting) = run.postings.get_mut(at) {
                change(posting, &calendar, x)?;
                posting.planted = Some(planted);
            }
        }
        Ok(())
    }

    fn plant_imports(&mut self, plan: Plan) -> Result<(), Error> {
        const TEST: &str = "time-import-counts";
        let received =
            |calendar: &Calendar, run: &Run| crate::calendar::in_period(calendar.local_date(run.received_at));
        let calendar = self.calendar.clone();
        let cases: [(bool, &'static str, ChangeCounts); 3] = [
            (true, "a record lost", |records, _, _| records.sent += 1),
            (true, "hours lost", |_, hours, x| hours.sent += 25 * (1 + x % 300)),
            (false, "records rejected and accounted for", |records, hours, x| {
                let (count, sum) = (1 + x % 3, 800 * (1 + x % 3));
                *records = Counts { sent: records.sent + count, rejected: count, ..*records };
                *hours = Counts { sent: hours.sent + sum, rejected: sum, ..*hours };
            }),
        ];
        for (fault, kind, change) in cases {
            let (count, mut draw) = if fault { plan.of(TEST, kind) } else { plan.near(TEST, kind) };
            for _ in 0..count {
                let x = draw.between(1, 2_000);
                if let Some(run) = self.take_run(&mut draw, |_, run| received(&calendar, run))
                    && let Some(import) = run.imports.first_mut()
                {
                    change(&mut import.records, &mut import.hours, x);
                    import.planted = Some(if fault { Planted::Fault(kind) } else { Planted::NearMiss(kind) });
                }
            }
        }
        Ok(())
    }
}

fn has_taxes(run: &Run) -> bool {
    run.deposits.iter().all(|deposit| deposit.liability > 100_000)
}

/// The key of a run's liability: the run, and federal for an even number, state for an odd one.
fn liability(run: &Run, which: i64) -> Vec<String> {
    vec![run.id.to_string(), if which % 2 == 0 { "federal" } else { "state" }.to_owned()]
}

/// Changes the first deposit of a run for an even number, the second for an odd one.
fn deposit(run: &mut Run, x: i64, change: impl FnOnce(&mut super::Deposit)) -> Result<bool, Error> {
    let which = usize::try_from(x % 2).unwrap_or(0);
    Ok(run.deposits.get_mut(which).map(change).is_some())
}

/// Adds to a posting of an account; false when the run has none or it would turn negative.
fn add(run: &mut Run, account: &str, debit: i64, credit: i64) -> bool {
    let Some(posting) = run.postings.iter_mut().find(|posting| posting.account == account) else { return false };
    if posting.debit + debit < 0 || posting.credit + credit < 0 {
        return false;
    }
    posting.debit += debit;
    posting.credit += credit;
    true
}

/// Reverses two postings of a run some days later and posts them again.
fn repost(run: &mut Run, x: i64) -> Result<bool, Error> {
    let pair: Vec<Posting> =
        run.postings.iter().filter(|posting| matches!(posting.account, "wages_expense" | "cash")).cloned().collect();
    for posting in pair {
        let later = after(posting.posted_at, 86_400 * (1 + x % 4))?;
        run.postings.push(Posting {
            debit: posting.credit,
            credit: posting.debit,
            posted_at: later,
            ..posting.clone()
        });
        run.postings.push(Posting { posted_at: after(later, 60)?, ..posting });
    }
    Ok(true)
}
