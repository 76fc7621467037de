//! The application's log of pay runs that were opened and discarded before they were calculated: why a run number is missing.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::Payroll;
use crate::calendar::after;
use crate::error::Error;
use crate::write;

#[derive(Serialize)]
struct Discarded<'a> {
    client_id: u32,
    run_number: u32,
    #[serde(serialize_with = "write::instant")]
    opened_at: Timestamp,
    #[serde(serialize_with = "write::instant")]
    discarded_at: Timestamp,
    discarded_by: &'a str,
    payslips: u32,
}

impl Payroll {
    /// Writes one row for each run number of a client that no run has.
    pub(crate) fn write_discarded(&self, path: &Path) -> Result<(), Error> {
        let mut rows = Vec::new();
        for client in &self.clients {
            let discarded_by = self.users.get(client.controller).map_or("", |(login, _)| login);
            for (before, run) in client.runs.iter().zip(client.runs.iter().skip(1)) {
                // Opened one after the other on the eve of the hours' arrival, before the one that was kept.
                let mut opened_at = after(run.received_at, -86_400)?;
                for run_number in before.number.saturating_add(1)..run.number {
                    let discarded_at = after(opened_at, 417)?;
                    let client_id = client.id;
                    rows.push(Discarded { client_id, run_number, opened_at, discarded_at, discarded_by, payslips: 0 });
                    opened_at = after(discarded_at, 95)?;
                }
            }
        }
        write::table(path, b',', &rows)
    }
}
