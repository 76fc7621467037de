//! The payroll database as a file.
//!
//! Invariant: rows are written in the order of their identifiers, in one transaction, so that equal input gives equal bytes.

use std::path::Path;

use jiff::civil::Date;
use rusqlite::{Connection, Statement, params};
use sha2::{Digest as _, Sha256};

use super::fault_hours::usual;
use super::{Client, Payroll, Run, Side};
use crate::error::Error;

/// Tables, as the application declares them. Money in cents, hours in hundredths, rates in ten-thousandths of a dollar.
const TABLES: &str = include_str!("schema.sql");
/// Indexes; made last, which is faster than keeping them.
const INDEXES: &str = include_str!("indexes.sql");

/// Writes one table; the error names it.
struct Table<'a> {
    name: &'static str,
    path: &'a Path,
    statement: Statement<'a>,
}

impl<'a> Table<'a> {
    fn new(connection: &'a Connection, path: &'a Path, name: &'static str, columns: usize) -> Result<Table<'a>, Error> {
        let marks = vec!["?"; columns].join(", ");
        let statement =
            connection.prepare(&format!("INSERT INTO {name} VALUES ({marks})")).map_err(failed(name, path))?;
        Ok(Table { name, path, statement })
    }

    fn insert(&mut self, row: impl rusqlite::Params) -> Result<(), Error> {
        self.statement.execute(row).map(|_| ()).map_err(failed(self.name, self.path))
    }
}

fn failed(table: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Error {
    move |source| Error::Database { table, path: path.to_owned(), source }
}

impl Payroll {
    /// Writes `payroll.db`.
    pub(crate) fn write_database(&self, path: &Path) -> Result<(), Error> {
        let connection = Connection::open(path).map_err(failed("(all)", path))?;
        // The file is made at once or not at all: a generator that died is run again. That no reference leads nowhere is for
        // a test to look at: asked of four million references one by one, it takes longer than writing.
        let begin = "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000; \
                     PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; BEGIN;";
        connection.execute_batch(begin).map_err(failed("(all)", path))?;
        connection.execute_batch(TABLES).map_err(failed("(all)", path))?;
        self.write_masters(&connection, path)?;
        let mut runs: Vec<(&Client, &Run)> =
            self.clients.iter().flat_map(|client| client.runs.iter().map(move |run| (client, run))).collect();
        runs.sort_by_key(|(_, run)| run.id);
        write_runs(&connection, path, &runs)?;
        write_payslips(&connection, path, &runs)?;
        self.write_hours(&connection, path, &runs)?;
        self.write_books(&connection, path, &runs)?;
        connection.execute_batch(INDEXES).map_err(failed("(indexes)", path))?;
        connection.execute_batch("COMMIT; PRAGMA synchronous = FULL;").map_err(failed("(all)", path))
    }

    fn write_masters(&self, connection: &Connection, path: &Path) -> Result<(), Error> {
        let mut table = Table::new(connection, path, "app_user", 3)?;
        for (id, (login, side)) in (1..).zip(&self.users.0) {
            let side = match side {
                Side::Client => "client",
                Side::HarborLane => "harbor_lane",
            };
            table.insert(params![id, login, side])?;
        }
        let mut table = Table::new(connection, path, "client", 6)?;
        for client in &self.clients {
            let ended = client.ended_on.map(|day| day.to_string());
            table.insert(params![
                client.id,
                client.name,
                client.state.code(),
                "biweekly",
                client.onboarded_on.to_string(),
                ended
            ])?;
        }
        let mut table = Table::new(connection, path, "employee", 8)?;
        for client in &self.clients {
            for employee in &client.employees {
                table.insert(params![
                    employee.id,
                    client.id,
                    employee.name,
                    employee.hired_on.to_string(),
                    employee.terminated_on.map(|day| day.to_string()),
                    account_text(employee.account()),
                    employee.state_on(Date::MAX).code(),
                    taxpayer_key(employee.taxpayer),
                ])?;
            }
        }
        let mut rates: Vec<_> = self
            .clients
            .iter()
            .flat_map(|client| &client.employees)
            .flat_map(|employee| employee.rates.iter().map(move |rate| (employee.id, rate)))
            .collect();
        rates.sort_by_key(|(_, rate)| rate.id);
        let mut table = Table::new(connection, path, "pay_rate", 8)?;
        for (employee, rate) in rates {
            table.insert(params![
                rate.id,
                employee,
                rate.effective_on.to_string(),
                rate.rate,
                rate.entered_by,
                rate.entered_at.to_string(),
                rate.approved.map(|(user, _)| user),
                rate.approved.map(|(_, at)| at.to_string()),
            ])?;
        }
        self.write_payees(connection, path)?;
        let mut table = Table::new(connection, path, "tax_table", 8)?;
        for (id, row) in (1..).zip(self.tables.rows()) {
            let effective = row.effective_on.to_string();
            let approver = "tax.content@harborlane.example";
            table.insert(params![id, row.tax, effective, row.over, row.base, row.rate, row.wage_base, approver])?;
        }
        Ok(())
    }

    /// Accounts and work states by date, numbered in the order in which they took effect.
    fn write_payees(&self, connection: &Connection, path: &Path) -> Result<(), Error> {
        let employees = || self.clients.iter().flat_map(|client| &client.employees);
        let mut accounts: Vec<_> =
            employees().flat_map(|employee| employee.accounts.iter().map(move |entry| (employee.id, entry))).collect();
        accounts.sort_by_key(|(employee, entry)| (entry.effective_on, *employee));
        let mut table = Table::new(connection, path, "direct_deposit", 5)?;
        for (id, (employee, entry)) in (400_001..).zip(accounts) {
            table.insert(params![
                id,
                employee,
                account_text(entry.account),
                entry.effective_on.to_string(),
                entry.ended_on.map(|day| day.to_string()),
            ])?;
        }
        let mut states: Vec<_> = employees()
            .flat_map(|employee| {
                let first = (employee.hired_on, employee.state);
                [Some(first), employee.moved].into_iter().flatten().map(move |(from, state)| (from, employee.id, state))
            })
            .collect();
        states.sort_by_key(|(from, employee, _)| (*from, *employee));
        let mut table = Table::new(connection, path, "work_state", 4)?;
        for (id, (from, employee, state)) in (800_001..).zip(states) {
            table.insert(params![id, employee, from.to_string(), state.code()])?;
        }
        Ok(())
    }

    fn write_hours(&self, connection: &Connection, path: &Path, runs: &[(&Client, &Run)]) -> Result<(), Error> {
        let mut imports: Vec<_> = runs
            .iter()
            .flat_map(|(client, run)| run.imports.iter().map(move |import| (*client, *run, import)))
            .collect();
        imports.sort_by_key(|(.., import)| import.id);
        let mut table = Table::new(connection, path, "time_import", 12)?;
        let mut entries = Table::new(connection, path, "time_entry", 8)?;
        let mut id = 1_000_000_u32;
        for (client, run, import) in imports {
            let received_on = self.calendar.local_date(import.received_at).to_string();
            let digest =
                Sha256::digest(format!("hours of client {} for run {}, file {}", client.id, run.id, import.id));
            table.insert(params![
                import.id,
                client.id,
                run.id,
                import.received_at.to_string(),
                received_on,
                hex::encode(digest),
                import.records.sent,
                import.records.loaded,
                import.records.rejected,
                import.hours.sent,
                import.hours.loaded,
                import.hours.rejected,
            ])?;
            let usual_time = run.hours_approved_at.to_string();
            for slip in run.payslips.iter().filter(|slip| !slip.copy) {
                let usual = [usual(client.timekeeper, client.supervisors, run, slip)];
                let list = run.entries.get(&slip.id).map_or(&usual[..], Vec::as_slice);
                for entry in list.iter().filter(|entry| entry.corrected == import.corrections) {
                    id = id.saturating_add(1);
                    let approver = entry.approved.map(|(user, _)| user);
                    let other_time;
                    let time = match entry.approved {
                        Some((_, at)) if at == run.hours_approved_at => Some(usual_time.as_str()),
                        Some((_, at)) => {
                            other_time = at.to_string();
                            Some(other_time.as_str())
                        }
                        None => None,
                    };
                    entries.insert(params![
                        id,
                        import.id,
                        slip.employee,
                        entry.regular,
                        entry.overtime,
                        entry.entered_by,
                        approver,
                        time
                    ])?;
                }
            }
        }
        Ok(())
    }

    fn write_books(&self, connection: &Connection, path: &Path, runs: &[(&Client, &Run)]) -> Result<(), Error> {
        let mut files = Table::new(connection, path, "bank_file", 10)?;
        let mut deposits = Table::new(connection, path, "tax_deposit", 9)?;
        for (_, run) in runs {
            let file = &run.file;
            files.insert(params![
                file.id,
                run.id,
                run.pay_on.to_string(),
                file.sent_at.to_string(),
                file.lines_sent,
                file.amount_sent,
                file.lines_accepted,
                file.amount_accepted,
                file.acknowledged_at.map(|at| at.to_string()),
                "USD",
            ])?;
            for deposit in &run.deposits {
                deposits.insert(params![
                    deposit.id,
                    run.id,
                    deposit.tax,
                    deposit.liability,
                    deposit.deposited,
                    deposit.due_on.to_string(),
                    deposit.deposited_on.map(|day| day.to_string()),
                    deposit.confirmation,
                    "USD",
                ])?;
            }
        }
        let mut postings: Vec<_> =
            runs.iter().flat_map(|(_, run)| run.postings.iter().map(move |posting| (run.id, posting))).collect();
        postings.sort_by_key(|(_, posting)| posting.id);
        let mut table = Table::new(connection, path, "gl_posting", 10)?;
        for (run, posting) in postings {
            table.insert(params![
                posting.id,
                run,
                posting.account,
                posting.debit,
                posting.credit,
                "USD",
                posting.accounting_on.to_string(),
                posting.posted_at.to_string(),
                self.calendar.local_date(posting.posted_at).to_string(),
                self.ledger_user,
            ])?;
        }
        Ok(())
    }
}

fn write_runs(connection: &Connection, path: &Path, runs: &[(&Client, &Run)]) -> Result<(), Error> {
    let mut table = Table::new(connection, path, "pay_run", 21)?;
    for (client, run) in runs {
        table.insert(params![
            run.id,
            client.id,
            run.number,
            run.period_start.to_string(),
            run.period_end.to_string(),
            run.pay_on.to_string(),
            run.calculated_at.to_string(),
            run.prepared_by,
            run.client_approved.0,
            run.client_approved.1.map(|at| at.to_string()),
            run.funding_expected,
            run.funding.0,
            run.funding.1.map(|at| at.to_string()),
            run.released_by,
            run.second_releaser,
            run.released_at.to_string(),
            run.count_total,
            run.gross_total,
            run.net_total,
            "USD",
            run.last_payslip_number,
        ])?;
    }
    Ok(())
}

fn write_payslips(connection: &Connection, path: &Path, runs: &[(&Client, &Run)]) -> Result<(), Error> {
    let mut table = Table::new(connection, path, "payslip", 15)?;
    for (_, run) in runs {
        for slip in &run.payslips {
            table.insert(params![
                slip.id,
                slip.number,
                run.id,
                slip.employee,
                slip.regular,
                slip.overtime,
                slip.rate,
                slip.gross,
                slip.federal,
                slip.social_security,
                slip.medicare,
                slip.state,
                slip.deductions,
                slip.net,
                slip.ytd,
            ])?;
        }
    }
    Ok(())
}

/// The key that the application exports instead of a taxpayer's number.
fn taxpayer_key(taxpayer: u64) -> String {
    let digest = hex::encode(Sha256::digest(format!("harbor-lane/taxpayer/{taxpayer}")));
    digest.get(..20).unwrap_or_default().to_owned()
}

/// An account number as the bank writes it: twelve digits, zeros in front.
pub(super) fn account_text(account: u64) -> String {
    format!("{account:012}")
}
