//! The SQLite store: one database file, many ledgers, one writer at a time, any number of readers.

mod append;
mod foreign;
mod keep;
pub(crate) mod open;
mod read;
mod tables;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::{
    foreign::{Observation, Observed, ObservedFork},
    read::SqliteReader,
};
use crate::{
    anchor::Anchor,
    command::{Command, Receipt},
    error::Error,
    key::Signer,
    store::{Mark, Opening, Reader, Rotation, Snapshot, Store},
};

/// Idle reading connections that are kept. A page needs one for milliseconds; more are opened when needed.
const IDLE_READERS: usize = 8;

/// A database file with ledgers. Clones share its connections.
#[derive(Clone)]
pub struct SqliteStore {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
}

/// A lock whose holder panicked holds no half-done work here: a transaction that was not committed rolls back.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SqliteStore {
    /// Opens the file, making it if there is none, and checks that every ledger's newest checkpoint is its tree's.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let writer = open::open(path)?;
        let shared = Shared { path: path.to_owned(), writer: Mutex::new(writer), idle: Mutex::new(Vec::new()) };
        let store = Self { shared: Arc::new(shared) };
        let reader = store.reader()?;
        for origin in reader.origins()? {
            crate::check::check_head(&*reader, &origin)?;
        }
        drop(reader);
        Ok(store)
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// One consistent view of ledgers and the application's own tables.
    pub fn view(&self) -> Result<SqliteReader, Error> {
        SqliteReader::begin(Arc::clone(&self.shared))
    }

    /// Runs the application's own changes in one immediate transaction. An error rolls back.
    ///
    /// MUST NOT touch tables whose name begins with `ledger_`.
    pub fn write<T, E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, Error> {
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let result = change(&transaction).map_err(|error| Error::Caller(error.into()))?;
        self.shared.commit(transaction)?;
        Ok(result)
    }

    /// [`Store::append`], and in the same transaction the application's own changes, given the receipt.
    pub fn append_with(
        &self,
        origin: &str,
        expected_size: u64,
        command: &Command,
        signer: &Signer,
        also: impl FnOnce(&Transaction<'_>, &Receipt) -> Result<(), Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<Receipt, Error> {
        self.append_in_transaction(origin, expected_size, command, signer, also)
    }
}

impl Shared {
    pub(crate) fn failed(&self, doing: &str) -> impl FnOnce(rusqlite::Error) -> Error {
        let (doing, path) = (doing.to_owned(), self.path.clone());
        move |source| Error::Sqlite { doing, path, source }
    }

    pub(crate) fn immediate<'c>(&self, connection: &'c mut Connection) -> Result<Transaction<'c>, Error> {
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(self.failed("begin to write"))
    }

    pub(crate) fn commit(&self, transaction: Transaction<'_>) -> Result<(), Error> {
        transaction.commit().map_err(self.failed("commit"))
    }
}

impl Store for SqliteStore {
    fn reader(&self) -> Result<Box<dyn Reader + '_>, Error> {
        Ok(Box::new(self.view()?))
    }

    fn create(&self, opening: &Opening<'_>) -> Result<Receipt, Error> {
        self.create_ledger(opening)
    }

    fn append(&self, origin: &str, expected_size: u64, command: &Command, signer: &Signer) -> Result<Receipt, Error> {
        self.append_in_transaction(origin, expected_size, command, signer, |_, _| Ok(()))
    }

    fn rotate(&self, origin: &str, expected_size: u64, rotation: &Rotation<'_>) -> Result<Receipt, Error> {
        self.rotate_key(origin, expected_size, rotation)
    }

    fn mark(&self, origin: &str, expected_size: u64, mark: &Mark<'_>, signer: &Signer) -> Result<Receipt, Error> {
        self.mark_streams(origin, expected_size, mark, signer)
    }

    fn put_anchor(&self, origin: &str, anchor: &Anchor) -> Result<(), Error> {
        self.keep_anchor(origin, anchor)
    }

    fn put_snapshot(&self, origin: &str, snapshot: &Snapshot) -> Result<(), Error> {
        self.keep_snapshot(origin, snapshot)
    }

    fn prune_snapshots(&self, origin: &str, keep: usize) -> Result<(), Error> {
        self.drop_old_snapshots(origin, keep)
    }
}
