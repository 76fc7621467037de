//! The list of systems in scope.

use std::path::Path;

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
}

const fn system(
    system: &'static str,
    title: &'static str,
    in_scope_soc1: bool,
    backed_up: bool,
    access_reviewed: bool,
) -> System {
    System { system, title, in_scope_soc1, in_scope_soc2: true, backed_up, access_reviewed }
}

/// Every system of Harbor Lane that matters here.
pub(crate) const SYSTEMS: [System; 11] = [
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
];

/// The systems that are backed up.
pub(crate) fn backed_up() -> impl Iterator<Item = &'static str> {
    SYSTEMS.iter().filter(|system| system.backed_up).map(|system| system.system)
}

/// Writes `systems.csv`.
pub(crate) fn write(path: &Path) -> Result<(), Error> {
    write::table(path, b',', &SYSTEMS)
}
