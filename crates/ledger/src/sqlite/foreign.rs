//! Checkpoints of other installations' ledgers: the second installation, and the witness.
//!
//! Invariant: a checkpoint is kept before anybody is told that it was.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tickmark_canonical::Digest;

use super::{SqliteStore, locked, read::note_in};
use crate::{
    anchor::observe::{Judgement, judge},
    checkpoint::SignedCheckpoint,
    error::{Corrupt, Error},
    key::VerifierKey,
    recorded_at,
};

/// What became of an offered checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation {
    /// It is kept now (or was kept before).
    Kept,
    /// Nothing was kept: offer again with a proof from the size held.
    Stale {
        /// The size held.
        held: u64,
    },
}

/// A foreign checkpoint and when it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// When it was seen first, by this installation's clock.
    pub seen_at: Timestamp,
}

/// Two checkpoints that cannot both be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedFork {
    /// What was held.
    pub seen: SignedCheckpoint,
    /// What was offered.
    pub offered: SignedCheckpoint,
    /// What contradicts what.
    pub reason: String,
}

impl SqliteStore {
    /// From now on checkpoints of `vkey`'s ledger under this key are accepted. Keys of a rotation are added beside.
    pub fn trust_foreign(&self, vkey: &VerifierKey, at: Timestamp) -> Result<(), Error> {
        let writer = locked(&self.shared.writer);
        writer
            .execute(
                "INSERT OR IGNORE INTO ledger_foreign_key (origin, vkey, added_at) VALUES (?1, ?2, ?3)",
                params![vkey.name(), vkey.to_string(), recorded_at::to_text(at)],
            )
            .map(|_| ())
            .map_err(self.shared.failed("trust a foreign key"))
    }

    /// Keeps a foreign checkpoint that is proven to extend the one held, in one durable transaction.
    pub fn observe(
        &self,
        offered: &SignedCheckpoint,
        old_size: u64,
        proof: &[Digest],
        at: Timestamp,
    ) -> Result<Observation, Error> {
        let mut writer = locked(&self.shared.writer);
        let transaction = self.shared.immediate(&mut writer)?;
        let keys = self.foreign_keys(&transaction, offered.origin())?;
        if keys.is_empty() {
            return Err(Error::NoLedger { origin: offered.origin().to_owned() });
        }
        // Against the one of the same size if there is one, since that shows a fork; else against the newest.
        let same = self.foreign(&transaction, offered.origin(), Some(offered.size()))?;
        let newest = self.foreign(&transaction, offered.origin(), None)?;
        let contradicted = same.as_ref().filter(|same| same.checkpoint.root() != offered.root());
        let held = contradicted.or(newest.as_ref());
        match judge(&keys, held.map(|held| held.checkpoint.checkpoint()), offered, old_size, proof)? {
            Judgement::Stale { held } => Ok(Observation::Stale { held }),
            Judgement::Fork { reason } => {
                let seen = held.map(|held| held.checkpoint.to_note()).unwrap_or_default();
                transaction
                    .execute(
                        "INSERT INTO ledger_foreign_fork (origin, seen, offered, reason, seen_at) SELECT ?1, ?2, ?3, ?4, ?5
                         WHERE NOT EXISTS (SELECT 1 FROM ledger_foreign_fork WHERE seen = ?2 AND offered = ?3)",
                        params![offered.origin(), seen, offered.to_note(), reason, recorded_at::to_text(at)],
                    )
                    .map_err(self.shared.failed("keep the evidence of a fork"))?;
                self.shared.commit(transaction)?;
                Err(Error::Fork { origin: offered.origin().to_owned(), reason })
            }
            Judgement::Extends => {
                transaction
                    .execute(
                        "INSERT OR IGNORE INTO ledger_foreign_checkpoint (origin, size, note, seen_at) VALUES (?1, ?2, ?3, ?4)",
                        params![offered.origin(), offered.size(), offered.to_note(), recorded_at::to_text(at)],
                    )
                    .map_err(self.shared.failed("keep a foreign checkpoint"))?;
                self.shared.commit(transaction)?;
                Ok(Observation::Kept)
            }
        }
    }

    /// The newest checkpoint held of a foreign ledger.
    pub fn observed(&self, origin: &str) -> Result<Option<Observed>, Error> {
        self.foreign(&locked(&self.shared.writer), origin, None)
    }

    /// The evidence of forks of a foreign ledger.
    pub fn observed_forks(&self, origin: &str) -> Result<Vec<ObservedFork>, Error> {
        let failed = || self.shared.failed("read the evidence of forks");
        let writer = locked(&self.shared.writer);
        let mut statement = writer
            .prepare_cached("SELECT seen, offered, reason FROM ledger_foreign_fork WHERE origin = ?1 ORDER BY id")
            .map_err(failed())?;
        let rows = statement
            .query_map([origin], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?)))
            .map_err(failed())?;
        rows.map(|row| {
            let (seen, offered, reason) = row.map_err(failed())?;
            Ok(ObservedFork {
                seen: SignedCheckpoint::parse(&seen)?,
                offered: SignedCheckpoint::parse(&offered)?,
                reason,
            })
        })
        .collect()
    }

    fn foreign_keys(&self, connection: &Connection, origin: &str) -> Result<Vec<VerifierKey>, Error> {
        let failed = || self.shared.failed("read foreign keys");
        let mut statement = connection
            .prepare_cached("SELECT vkey FROM ledger_foreign_key WHERE origin = ?1 ORDER BY added_at, vkey")
            .map_err(failed())?;
        let rows = statement.query_map([origin], |row| row.get::<_, String>(0)).map_err(failed())?;
        rows.map(|row| row.map_err(failed())?.parse()).collect()
    }

    /// The checkpoint held at `size`, or the newest one.
    fn foreign(&self, connection: &Connection, origin: &str, size: Option<u64>) -> Result<Option<Observed>, Error> {
        let found: Option<(String, String)> = connection
            .prepare_cached(
                "SELECT note, seen_at FROM ledger_foreign_checkpoint WHERE origin = ?1 AND (?2 IS NULL OR size = ?2)
                 ORDER BY size DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row(params![origin, size], |row| Ok((note_in(row, 0)?, row.get(1)?))).optional()
            })
            .map_err(self.shared.failed("read a foreign checkpoint"))?;
        let Some((note, seen_at)) = found else { return Ok(None) };
        let what = || format!("a checkpoint held of ledger `{origin}`");
        let checkpoint = SignedCheckpoint::parse(&note).map_err(|error| Corrupt::new(what(), "a checkpoint", error))?;
        let seen_at = recorded_at::from_text(&seen_at).ok_or_else(|| Corrupt::new(what(), "an instant", seen_at))?;
        Ok(Some(Observed { checkpoint, seen_at }))
    }
}
