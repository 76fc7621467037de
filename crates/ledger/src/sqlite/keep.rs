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
        transaction
            .execute(
                "INSERT INTO ledger_snapshot (ledger, rules, size, digest, state) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (ledger, rules, size) DO UPDATE SET digest = excluded.digest, state = excluded.state",
                params![
                    book.id,
                    snapshot.rules,
                    snapshot.size,
                    Digest::of(&snapshot.state).to_string(),
                    snapshot.state
                ],
            )
            .map_err(self.shared.failed("keep a snapshot"))?;
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
