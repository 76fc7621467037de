//! What a calculated run leaves behind: totals, hour files, the bank batch, postings and deposits.

use jiff::civil::Date;

use super::fault_hours::usual;
use super::{Counts, Deposit, Import, Line, Payroll, Payslip, Posting, Run};
use crate::calendar::{after, plus};
use crate::draw::Draw;
use crate::error::Error;

/// Sums of a run's payslips, in cents.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Register {
    pub(super) gross: i64,
    pub(super) federal: i64,
    pub(super) state: i64,
    pub(super) deductions: i64,
    pub(super) net: i64,
}

/// The register of a run.
pub(super) fn register(run: &Run) -> Register {
    run.payslips.iter().fold(Register::default(), |sum, slip| Register {
        gross: sum.gross + i64::from(slip.gross),
        federal: sum.federal + i64::from(slip.federal) + i64::from(slip.social_security) + i64::from(slip.medicare),
        state: sum.state + i64::from(slip.state),
        deductions: sum.deductions + i64::from(slip.deductions),
        net: sum.net + i64::from(slip.net),
    })
}

/// The bank lines of a payslip.
pub(super) fn lines(run: &Run, slip: &Payslip, account: u64, mut each: impl FnMut(&Line)) {
    match run.lines.get(&slip.id) {
        Some(changed) => changed.iter().for_each(&mut each),
        None => each(&Line { account, amount: slip.net.into() }),
    }
}

impl Payroll {
    /// Closes every run.
    pub(super) fn close(&mut self, seed: u64) -> Result<(), Error> {
        let mut draw = Draw::new(seed, "payroll/close");
        let calendar = self.calendar.clone();
        let people: std::collections::BTreeMap<u32, (u32, [u32; 2])> =
            self.clients.iter().map(|client| (client.id, (client.timekeeper, client.supervisors))).collect();
        for (n, (run, client)) in (0_u32..).zip(self.in_order()) {
            let sums = register(run);
            run.count_total = i64::try_from(run.payslips.len()).unwrap_or(0);
            (run.gross_total, run.net_total) = (sums.gross, sums.net);
            (run.funding_expected, run.funding.0) = (sums.gross, Some(sums.gross));
            let (timekeeper, supervisors) = people.get(&client).copied().unwrap_or_default();
            run.imports = imports(run, timekeeper, supervisors)?;
            let (mut count, mut amount) = (0_i64, 0_i64);
            for slip in &run.payslips {
                lines(run, slip, 0, |line| {
                    count += 1;
                    amount += line.amount;
                });
            }
            for stray in &run.strays {
                count += 1;
                amount += stray.line.amount;
            }
            run.file.id = 40_001 + n;
            (run.file.lines_sent, run.file.amount_sent) = (count, amount);
            (run.file.lines_accepted, run.file.amount_accepted) = (Some(count), Some(amount));
            run.file.acknowledged_at = Some(calendar.at(run.pay_on, draw.between(7 * 3600, 9 * 3600))?);
            run.postings = postings(run.pay_on, &sums, calendar.at(run.pay_on, draw.between(18 * 3600, 23 * 3600))?)?;
            let due_on = calendar.business_day_after(run.pay_on, 3);
            for (k, tax, liability) in [(1, "federal", sums.federal), (2, "state", sums.state)] {
                let wait = u32::try_from(draw.between(1, 3)).unwrap_or(3);
                run.deposits.push(Deposit {
                    id: 20_000 + 2 * n + k,
                    tax,
                    liability,
                    deposited: Some(liability),
                    due_on,
                    deposited_on: Some(calendar.business_day_after(run.pay_on, wait)),
                    confirmation: Some(format!("EFT{:011}", draw.below(99_999_999_999))),
                });
            }
        }
        Ok(())
    }
}

/// The client's file of hours, and a second one when there were corrections.
fn imports(run: &Run, timekeeper: u32, supervisors: [u32; 2]) -> Result<Vec<Import>, Error> {
    let (mut first, mut second) = ((0, 0), (0, 0));
    for slip in run.payslips.iter().filter(|slip| !slip.copy) {
        let usual = [usual(timekeeper, supervisors, run, slip)];
        for entry in run.entries.get(&slip.id).map_or(&usual[..], Vec::as_slice) {
            let counted = if entry.corrected { &mut second } else { &mut first };
            counted.0 += 1;
            counted.1 += i64::from(entry.regular) + i64::from(entry.overtime);
        }
    }
    let import = |received_at, corrections, (records, hours)| Import {
        id: 0,
        received_at,
        corrections,
        records: Counts { sent: records, loaded: records, rejected: 0 },
        hours: Counts { sent: hours, loaded: hours, rejected: 0 },
        planted: None,
    };
    let mut list = vec![import(run.received_at, false, first)];
    if second.0 > 0 {
        list.push(import(after(run.received_at, 2_700)?, true, second));
    }
    Ok(list)
}

/// The postings of a run. What does not add up goes to `suspense`, as the ledger interface does it.
fn postings(accounting_on: Date, sums: &Register, posted_at: jiff::Timestamp) -> Result<Vec<Posting>, Error> {
    let taxes = sums.federal + sums.state;
    let open = sums.gross - taxes - sums.deductions - sums.net;
    let amounts = [
        ("wages_expense", sums.gross, 0),
        ("taxes_payable", 0, taxes),
        ("deductions_payable", 0, sums.deductions),
        ("cash", 0, sums.net),
        ("suspense", (-open).max(0), open.max(0)),
    ];
    let mut list = Vec::new();
    for (n, (account, debit, credit)) in (0..).zip(amounts) {
        if debit != 0 || credit != 0 {
            list.push(Posting {
                id: 0,
                account,
                debit,
                credit,
                accounting_on,
                posted_at: after(posted_at, n)?,
                planted: None,
            });
        }
    }
    Ok(list)
}

/// The first day of the month after a day's.
pub(super) fn next_month(day: Date) -> Date {
    plus(day.last_of_month(), 1)
}
