//! Anchors and snapshots: what is kept beside the entries.

use rusqlite::params;
use tickmark_canonical::Digest;

use super::{SqliteStore, locked};
use crate::{anchor::Anchor, error::Error, store::Snapshot};

impl SqliteStore {
    pub(super) fn keep_anchor(&self, origin: &str, anchor: &Anchor) -> Result<(), Error> {
        let record = tickmark_canonical::to_canonical(anchor).map_err(crate::error::InvalidEntry::NotCanonical)?;
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let book = self.book_of(&transaction, origin)?;
        transaction
            .execute(
                "INSERT OR IGNORE INTO ledger_anchor (ledger, size, kind, record) VALUES (?1, ?2, ?3, ?4)",
                params![book.id, anchor.size, anchor.kind.word(), record],
            )
            .map_err(self.shared.failed("keep an anchor"))?;
        self.shared.commit(transaction)
    }

    pub(super) fn keep_snapshot(&self, origin: &str, snapshot: &Snapshot) -> Result<(), Error> {
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let book = self.book_of(&transaction, origin)?;
        // Written into its place: bound as a value, SQLite would make a record of it, which is a copy of all of it.
        let put = || {
            transaction.execute(
                "INSERT OR REPLACE INTO ledger_snapshot (ledger, rules, size, digest, state) VALUES (?1, ?2, ?3, ?4, zeroblob(?5))",
                params![
                    book.id,
                    snapshot.rules,
                    snapshot.size,
                    Digest::of(&snapshot.state).to_string(),
                    i64::try_from(snapshot.state.len()).unwrap_or(i64::MAX)
                ],
            )?;
            let row = transaction.last_insert_rowid();
            let mut place = transaction.blob_open("main", "ledger_snapshot", "state", row, false)?;
            place.write_at(&snapshot.state, 0)?;
            place.close()
        };
        put().map_err(self.shared.failed("keep a snapshot"))?;
        self.shared.commit(transaction)
    }

    pub(super) fn drop_old_snapshots(&self, origin: &str, keep: usize) -> Result<(), Error> {
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let book = self.book_of(&transaction, origin)?;
        transaction
            .execute(
                "DELETE FROM ledger_snapshot WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER
                 (PARTITION BY rules ORDER BY size DESC) AS age FROM ledger_snapshot WHERE ledger = ?1) WHERE age > ?2)",
                params![book.id, i64::try_from(keep).unwrap_or(i64::MAX)],
            )
            .map_err(self.shared.failed("drop old snapshots"))?;
        self.shared.commit(transaction)
    }
}
