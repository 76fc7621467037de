//! The payment files handed to the bank, one a pay date, and the control totals its portal shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;

use super::close::lines;
use super::write_database::account_text;
use super::{Client, Line, Payroll, Run};
use crate::error::Error;

impl Payroll {
    /// Writes `payments/payments-YYYY-MM-DD.csv` and `control.csv` into the folder; returns how many lines there are.
    pub(crate) fn write_bank(&self, folder: &Path) -> Result<u64, Error> {
        let payments = folder.join("payments");
        std::fs::create_dir_all(&payments).map_err(Error::file("creating folder", &payments))?;
        let mut days: BTreeMap<Date, Vec<(&Client, &Run)>> = BTreeMap::new();
        for client in &self.clients {
            for run in &client.runs {
                days.entry(run.pay_on).or_default().push((client, run));
            }
        }
        let mut control = String::from("file_name,value_on,lines,amount\n");
        let mut all = 0_u64;
        for (value_on, mut runs) in days {
            runs.sort_by_key(|(_, run)| run.id);
            let file_name = format!("payments-{value_on}.csv");
            let mut text = String::from("file_id,line_no,run_id,payslip_id,account,amount,currency,value_on\n");
            let (mut count, mut amount) = (0_u64, 0_i64);
            for (client, run) in runs {
                append_batch(&mut text, client, run, value_on, &mut count, &mut amount);
            }
            let path = payments.join(&file_name);
            std::fs::write(&path, text).map_err(Error::file("writing", &path))?;
            append(&mut control, format_args!("{file_name},{value_on},{count},{}\n", dollars(amount)));
            all += count;
        }
        let path = folder.join("control.csv");
        std::fs::write(&path, control).map_err(Error::file("writing", &path))?;
        Ok(all)
    }
}

fn append_batch(text: &mut String, client: &Client, run: &Run, value_on: Date, count: &mut u64, amount: &mut i64) {
    let mut line_no = 0;
    // Payslips and employees stand in the same order, so one pass finds every account.
    let mut employees = client.employees.iter();
    let mut employee = employees.next();
    let day = value_on.to_string();
    for (position, slip) in run.payslips.iter().enumerate() {
        while employee.is_some_and(|employee| employee.id < slip.employee) {
            employee = employees.next();
        }
        let account = employee.map_or(0, |employee| employee.account_on(value_on));
        let mut each = |payslip: u32, line: &Line| {
            line_no += 1;
            *count += 1;
            *amount += line.amount;
            let (account, paid) = (account_text(line.account), dollars(line.amount));
            append(text, format_args!("{},{line_no},{},{payslip},{account},{paid},USD,{day}\n", run.file.id, run.id));
        };
        lines(run, slip, account, |line| each(slip.id, line));
        for stray in run.strays.iter().filter(|stray| stray.after == position) {
            each(stray.payslip, &stray.line);
        }
    }
}

/// Cents as decimal text.
fn dollars(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// Text grows in memory, which cannot fail.
fn append(text: &mut String, piece: std::fmt::Arguments<'_>) {
    let grown: std::fmt::Result = text.write_fmt(piece);
    debug_assert!(grown.is_ok(), "a string takes all text");
}
