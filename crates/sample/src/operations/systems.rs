//! The list of systems in scope, and since when.

use std::path::Path;

use jiff::civil::{Date, date};
use serde::Serialize;

use crate::error::Error;
use crate::write;

/// A system of the list.
#[derive(Debug, Serialize)]
pub(crate) struct System {
    pub(crate) system: &'static str,
    title: &'static str,
    in_scope_soc1: bool,
    in_scope_soc2: bool,
    pub(crate) backed_up: bool,
    pub(crate) access_reviewed: bool,
    in_service_on: Date,
    retired_on: Option<Date>,
}

impl System {
    /// Whether the system is in service on a day.
    pub(crate) fn in_service(&self, day: Date) -> bool {
        self.in_service_on <= day && self.retired_on.is_none_or(|last| day <= last)
    }
}

const fn system(
    system: &'static str,
    title: &'static str,
    in_scope_soc1: bool,
    backed_up: bool,
    access_reviewed: bool,
) -> System {
    System {
        system,
        title,
        in_scope_soc1,
        in_scope_soc2: true,
        backed_up,
        access_reviewed,
        in_service_on: date(2019, 4, 1),
        retired_on: None,
    }
}

/// A system put into service within the year, so that it owes nothing for the days before.
const fn since(day: Date, system: System) -> System {
    System { in_service_on: day, ..system }
}

/// Every system of Harbor Lane that matters here.
pub(crate) const SYSTEMS: [System; 14] = [
    system("payroll-app", "Payroll application", true, false, true),
    system("payroll-db", "Payroll database", true, true, true),
    system("bank-portal", "Portal of the bank", true, false, true),
    system("general-ledger", "General ledger", true, true, true),
    system("source-control", "Source control", true, true, true),
    system("identity-provider", "Identity provider", true, true, true),
    system("document-store", "Document store", false, true, false),
    system("backup-vault", "Backup vault", true, false, false),
    system("job-scheduler", "Job scheduler", true, false, false),
    system("hr-system", "HR system", false, false, false),
    system("ticket-system", "Ticket system", true, false, false),
    since(date(2026, 2, 16), system("client-files", "File exchange with clients", true, true, true)),
    since(NEWCOMER_ON, system(NEWCOMER, "Reporting data mart", false, true, false)),
    System {
        retired_on: Some(date(2026, 5, 15)),
        ..system("check-archive", "Archive of paid checks", true, true, false)
    },
];

/// The youngest system: when it is forgotten, no backup of it was ever planned.
pub(crate) const NEWCOMER: &str = "data-mart";
/// Its first day in service, late enough that no restore test is due yet.
pub(crate) const NEWCOMER_ON: Date = date(2026, 8, 24);

/// The systems that are to be backed up on a day.
pub(crate) fn backed_up(day: Date) -> impl Iterator<Item = &'static str> {
    SYSTEMS.iter().filter(move |system| system.backed_up && system.in_service(day)).map(|system| system.system)
}

/// Writes `systems.csv`.
pub(crate) fn write(path: &Path) -> Result<(), Error> {
    write::table(path, b',', &SYSTEMS)
}
