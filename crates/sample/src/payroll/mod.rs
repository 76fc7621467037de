//! The payroll application: clients, their employees, pay runs and everything a run leaves behind.
//!
//! Invariant: after the faults are planted, totals, bank files, postings and deposits are made from the payslips as they then
//! are, as the application would; so a wrong payslip fails the test about payslips and not every test after it.

mod calculate;
mod clients;
mod close;
mod fault_books;
mod fault_figures;
mod fault_hours;
mod fault_lines;
mod fault_payments;
mod fault_periods;
mod fault_rates;
mod fault_releases;
mod fault_structure;
mod payees;
mod pick;
mod tax;
mod write_bank;
mod write_database;
mod write_discarded;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use self::tax::{State, Tables};
use crate::calendar::Calendar;
use crate::error::Error;
use crate::truth::{Plan, Truth};

/// Payslips are numbered without a gap from the number after this.
const BEFORE_FIRST_PAYSLIP: u32 = 9_000_000;

/// Users of the payroll application; the number is the position from 1.
#[derive(Debug, Default)]
pub(crate) struct Users(Vec<(String, Side)>);

/// Whose user it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    HarborLane,
}

impl Users {
    fn add(&mut self, login: String, side: Side) -> u32 {
        self.0.push((login, side));
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn get(&self, id: u32) -> Option<&(String, Side)> {
        self.0.get(usize::try_from(id).ok()?.checked_sub(1)?)
    }

    /// A second user record of the same person, as left behind by a login typed in capitals.
    fn in_capitals(&mut self, id: u32) -> Option<u32> {
        let (login, side) = self.get(id)?.clone();
        let (mailbox, domain) = login.split_once('@')?;
        Some(self.add(format!("{}@{domain}", mailbox.to_uppercase()), side))
    }

    /// Another person whose login differs by one letter.
    fn namesake(&mut self, id: u32) -> Option<u32> {
        let (login, side) = self.get(id)?.clone();
        let (mailbox, domain) = login.split_once('@')?;
        Some(self.add(format!("{mailbox}e@{domain}"), side))
    }
}

/// A client of the payroll service.
#[derive(Debug)]
pub(crate) struct Client {
    id: u32,
    name: String,
    state: State,
    onboarded_on: Date,
    ended_on: Option<Date>,
    timekeeper: u32,
    supervisors: [u32; 2],
    hr: u32,
    controller: u32,
    employees: Vec<Employee>,
    runs: Vec<Run>,
}

/// An employee of a client.
#[derive(Debug)]
pub(crate) struct Employee {
    id: u32,
    name: String,
    hired_on: Date,
    terminated_on: Option<Date>,
    /// The taxpayer's number: the same person has the same one at every client.
    taxpayer: u64,
    /// Where the pay goes, oldest first.
    accounts: Vec<DirectDeposit>,
    /// The state worked in at the start.
    state: State,
    /// A move, and the state worked in from that day on.
    moved: Option<(Date, State)>,
    profile: Profile,
    rates: Vec<Rate>,
    /// Gross of the calendar year 2025 before the first run written here.
    opening_ytd: i64,
    deductions: i64,
}

/// An account on file for an employee's pay.
#[derive(Debug, Clone)]
pub(crate) struct DirectDeposit {
    account: u64,
    effective_on: Date,
    ended_on: Option<Date>,
    /// It takes a fixed part of the pay; the rest goes to the other one.
    part: bool,
}

/// How an employee's hours look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    Salaried,
    Hourly,
    PartTime,
}

/// A rate of pay and its approval.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    id: u32,
    effective_on: Date,
    /// Ten-thousandths of a dollar.
    rate: i64,
    entered_by: u32,
    entered_at: Timestamp,
    approved: Option<(u32, Timestamp)>,
    planted: Option<Planted>,
}

/// A pay run of a client.
#[derive(Debug)]
pub(crate) struct Run {
    id: u32,
    number: u32,
    /// Between the client's regular runs, for a few people.
    off_cycle: bool,
    period_start: Date,
    period_end: Date,
    pay_on: Date,
    received_at: Timestamp,
    hours_approved_at: Timestamp,
    calculated_at: Timestamp,
    prepared_by: u32,
    client_approved: (Option<u32>, Option<Timestamp>),
    funding_expected: i64,
    funding: (Option<i64>, Option<Timestamp>),
    released_by: Option<u32>,
    second_releaser: Option<u32>,
    released_at: Timestamp,
    payslips: Vec<Payslip>,
    count_total: i64,
    gross_total: i64,
    net_total: i64,
    /// Time entries that are not simply the payslip's hours, by payslip.
    entries: BTreeMap<u32, Vec<Entry>>,
    imports: Vec<Import>,
    /// Bank lines that are not simply the payslip's net to the employee's account, by payslip.
    lines: BTreeMap<u32, Vec<Line>>,
    /// Bank lines that name a payslip which is not one of this run's.
    strays: Vec<Stray>,
    /// The application's counter of payslip numbers after the run.
    last_payslip_number: u32,
    /// Numbers that the counter gave after the run's last payslip and that no payslip has.
    gap_after: u8,
    file: BankFile,
    postings: Vec<Posting>,
    deposits: Vec<Deposit>,
}

/// A payslip; money in cents, hours in hundredths, the rate in ten-thousandths of a dollar.
#[derive(Debug, Clone, Default)]
pub(crate) struct Payslip {
    id: u32,
    number: u32,
    employee: u32,
    regular: u16,
    overtime: u16,
    /// Numbers left out before this one.
    gap_before: u8,
    /// Has the number of the payslip before it.
    same_number: bool,
    /// A second payslip for the same employee and period.
    copy: bool,
    /// Equal to another employee's in all that shows.
    twin: bool,
    rate: i32,
    gross: i32,
    federal: i32,
    social_security: i32,
    medicare: i32,
    state: i32,
    deductions: i32,
    net: i32,
    ytd: i32,
}

/// Hours as a client's file gave them.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    regular: u16,
    overtime: u16,
    entered_by: u32,
    approved: Option<(u32, Timestamp)>,
    /// In the second file, with corrections.
    corrected: bool,
}

/// A file of hours received.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    id: u32,
    received_at: Timestamp,
    corrections: bool,
    records: Counts,
    hours: Counts,
    planted: Option<Planted>,
}

/// What was sent, loaded and rejected.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    sent: i64,
    loaded: i64,
    rejected: i64,
}

/// A row whose identifier is given after planting, and what was planted in it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Planted {
    Fault(&'static str),
    NearMiss(&'static str),
}

/// A line of a payment file.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    account: u64,
    amount: i64,
}

/// A line of a payment file for a payslip that is not in the run.
#[derive(Debug, Clone)]
pub(crate) struct Stray {
    payslip: u32,
    line: Line,
    /// The position of the run's payslip that it stands behind.
    after: usize,
}

/// A batch sent to the bank and its acknowledgement.
#[derive(Debug, Clone)]
pub(crate) struct BankFile {
    id: u32,
    sent_at: Timestamp,
    lines_sent: i64,
    amount_sent: i64,
    lines_accepted: Option<i64>,
    amount_accepted: Option<i64>,
    acknowledged_at: Option<Timestamp>,
}

/// A general-ledger posting of a run.
#[derive(Debug, Clone)]
pub(crate) struct Posting {
    id: u32,
    account: &'static str,
    debit: i64,
    credit: i64,
    accounting_on: Date,
    posted_at: Timestamp,
    planted: Option<Planted>,
}

/// A tax deposit of a run.
#[derive(Debug, Clone)]
pub(crate) struct Deposit {
    id: u32,
    tax: &'static str,
    liability: i64,
    deposited: Option<i64>,
    due_on: Date,
    deposited_on: Option<Date>,
    confirmation: Option<String>,
}

/// A payslip's figures that the application gets wrong from here on, by payslip.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pin {
    rate: Option<i64>,
    gross: Option<i64>,
    federal: Option<i64>,
    social_security: Option<i64>,
    medicare: Option<i64>,
    state: Option<i64>,
    net_off: i64,
    ytd_off: i64,
    ytd_carried: i64,
}

/// The whole application.
#[derive(Debug)]
pub(crate) struct Payroll {
    calendar: Calendar,
    users: Users,
    ledger_user: u32,
    clients: Vec<Client>,
    tables: Tables,
    pins: BTreeMap<u32, Pin>,
    used_runs: BTreeSet<u32>,
    used_employees: BTreeSet<u32>,
}

/// The people of Harbor Lane that work with the application.
#[derive(Debug)]
pub(crate) struct Staff {
    /// Payroll specialists, by mail address.
    pub(crate) specialists: Vec<String>,
    /// Those who may release a run.
    pub(crate) releasers: Vec<String>,
}

impl Payroll {
    /// The clean year, then its faults, then what the application makes of both.
    pub(crate) fn generate(
        seed: u64,
        scale: u32,
        staff: &Staff,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<Payroll, Error> {
        let mut payroll = clients::build(seed, scale, staff, calendar)?;
        payroll.plant_periods(plan)?;
        payroll.plant_structure(plan);
        payroll.number();
        payroll.note_structure(truth);
        payroll.note_periods(truth);
        payroll.swap_numbers(plan, truth);
        payroll.plant_rates(plan, truth)?;
        payroll.plant_figures(plan, truth);
        payroll.plant_hours(plan, truth)?;
        payroll.plant_payments(plan, truth);
        payroll.plant_lines(plan, truth);
        payroll.close(seed)?;
        payroll.plant_books(plan, truth)?;
        payroll.plant_releases(plan, truth)?;
        payroll.number_late(truth);
        Ok(payroll)
    }

    /// How many payslips there are.
    pub(crate) fn payslips(&self) -> u64 {
        self.clients
            .iter()
            .flat_map(|client| &client.runs)
            .map(|run| u64::try_from(run.payslips.len()).unwrap_or(0))
            .sum()
    }

    /// Runs in the order the application numbers them: by pay date, then client.
    fn in_order(&mut self) -> Vec<(&mut Run, u32)> {
        let mut runs: Vec<(&mut Run, u32)> =
            self.clients.iter_mut().flat_map(|client| client.runs.iter_mut().map(|run| (run, client.id))).collect();
        runs.sort_by_key(|(run, client)| (run.pay_on, *client));
        runs
    }
}
