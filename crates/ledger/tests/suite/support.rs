//! A ledger in a temporary folder, for the tests of this folder.
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;
use tickmark_ledger::{
    CheckReport, Command, Depth, Error, KeyUse, Mark, NewEntry, Opening, Reader as _, Receipt, Rotation,
    RotationReason, Signer, SqliteStore, Store as _, Trust, check,
};

pub const ORIGIN: &str = "example.com/ledger";

pub fn key(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, KeyUse::Note, &[seed; 32]).expect("key")
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("instant")
}

pub fn command(id: &str, second: i64, entries: &[(&str, u64)]) -> Command {
    Command {
        id: id.to_owned(),
        author: "person/1".to_owned(),
        recorded_at: at(second),
        entries: entries
            .iter()
            .map(|(stream, number)| NewEntry {
                stream: (*stream).to_owned(),
                body: json!({"number": number, "text": "fact"}),
            })
            .collect(),
    }
}

pub struct Ledger {
    pub folder: tempfile::TempDir,
    pub store: SqliteStore,
    pub signer: Signer,
}

impl Ledger {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let store = SqliteStore::open(&folder.path().join("ledger.db")).expect("opens");
        open_ledger(&store);
        Self { folder, store, signer: key(1) }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    pub fn size(&self) -> u64 {
        self.store.view().and_then(|reader| reader.size(ORIGIN)).expect("size")
    }

    fn last_at(&self) -> Timestamp {
        let reader = self.store.view().expect("view");
        reader.entry(ORIGIN, self.size() - 1).expect("an entry").entry.recorded_at
    }

    pub fn append(&self, id: &str, second: i64, entries: &[(&str, u64)]) -> Receipt {
        self.store.append(ORIGIN, self.size(), &command(id, second, entries), &self.signer).expect("appended")
    }

    pub fn rotate(&mut self, reason: RotationReason, by: u8, new: u8, untrusted_from: Option<u64>) -> Receipt {
        let (by, new) = (key(by), key(new));
        let rotation = Rotation {
            reason,
            by: &by,
            new: &new,
            recovery_vkey: None,
            untrusted_from,
            author: "person/1",
            command: &format!("rotate-{}", self.size()),
            recorded_at: self.last_at(),
        };
        let receipt = self.store.rotate(ORIGIN, self.size(), &rotation).expect("rotated");
        self.signer = new;
        receipt
    }

    pub fn mark(&self, second: i64, streams: &[&str]) -> Receipt {
        let command = format!("mark-{}", self.size());
        let mark = Mark { streams, author: "person/1", command: &command, recorded_at: at(second) };
        self.store.mark(ORIGIN, self.size(), &mark, &self.signer).expect("marked")
    }

    /// A ledger with whole bundles, a tail, several streams, a rotation and a mark.
    pub fn filled() -> Self {
        let mut ledger = Self::new();
        for n in 0..30_u64 {
            let many: Vec<_> = (0..20)
                .map(|k| (["organization", "engagement/1", "engagement/2"][((n + k) % 3) as usize], k))
                .collect();
            ledger.append(&format!("c{n}"), n as i64, &many);
            if n == 10 {
                ledger.rotate(RotationReason::Routine, 1, 3, None);
            }
        }
        ledger.mark(40, &["organization", "engagement/1"]);
        ledger.append("last", 50, &[("organization", 1), ("engagement/2", 2)]);
        ledger
    }

    pub fn check(&self, trust: &Trust) -> Result<CheckReport, Error> {
        check_store(&self.store, trust)
    }
}

pub fn open_ledger(store: &SqliteStore) {
    store
        .create(&Opening {
            origin: ORIGIN,
            signer: &key(1),
            recovery_vkey: key(2).verifier(),
            author: "person/1",
            command: "open",
            recorded_at: at(0),
        })
        .expect("created");
}

pub fn check_store(store: &SqliteStore, trust: &Trust) -> Result<CheckReport, Error> {
    check(&store.view()?, ORIGIN, Depth::Everything, trust, at(1000), &mut |_, _| ())
}

/// Opens the file and checks everything, as the command line does.
pub fn open_and_check(path: &std::path::Path) -> Result<CheckReport, Error> {
    check_store(&SqliteStore::open(path)?, &Trust::default())
}
