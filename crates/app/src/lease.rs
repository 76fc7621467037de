//! The lease: one process at a time does what the schedule asks for, on one machine.
//!
//! Invariant: the system gives a lease back when its process ends, however it ends; nothing has to be cleaned up.

use std::fs::{File, OpenOptions, TryLockError};

use crate::{Error, Installation};

/// The file that is locked; it stays empty.
const FILE: &str = ".schedule.lock";

/// The right to run what is due, as long as it is held.
#[derive(Debug)]
pub struct Lease {
    _locked: File,
}

impl Installation {
    /// Takes the lease, if no other process holds it.
    pub fn lease(&self) -> Result<Lease, Error> {
        let path = self.root().join(FILE);
        let failed = |source| Error::Io { doing: "lock", path: path.clone(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Lease { _locked: file }),
            Err(TryLockError::WouldBlock) => Err(Error::ScheduleRuns),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
