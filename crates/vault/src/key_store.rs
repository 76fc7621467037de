//! `keys.db`: the wrapped keys of sealed objects, what was erased, what is held, and which objects are manifests.
//!
//! Invariant: an object's key is durable before its ciphertext has a name, and its ciphertext before its digest is
//! handed out; a key is destroyed in the same transaction that writes the tombstone.
//! Invariant: a key row opens only for its own object and namespace; tombstones and holds carry an HMAC.
//!
//! A destroyed key is overwritten in the database (`secure_delete`) and in the write-ahead log (truncated after each
//! erasure). What the disk itself or a backup still holds of it is wrapped under the sealing key; rotating that key and
//! destroying the old one ([`crate::Vault::rotate`]) puts those copies out of reach too.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use tickmark_canonical::Digest;

use crate::{Corrupt, Error, Namespace, SealingKey, seal::ObjectKey, sealing_key::Wrapper};

const FORMAT: &[u8] = b"tickmark/keys/1";

/// How long to wait for another process that writes: its transactions take milliseconds, a rotation over 100 000 keys
/// about a second.
const BUSY: Duration = Duration::from_secs(20);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object_key (digest BLOB PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tombstone (
    digest BLOB PRIMARY KEY, erased_at TEXT NOT NULL, reason TEXT NOT NULL, code BLOB NOT NULL,
    cleared INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hold (
    digest BLOB NOT NULL, reason TEXT NOT NULL, code BLOB NOT NULL, PRIMARY KEY (digest, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS manifest (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS compaction (digest BLOB PRIMARY KEY, sealed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS compaction_source (
    compaction BLOB NOT NULL, source BLOB NOT NULL, PRIMARY KEY (source, compaction)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS compaction_file (
    compaction BLOB NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (compaction, digest)
) STRICT, WITHOUT ROWID;
";

const KEYED: &str = "SELECT digest FROM object_key ORDER BY digest";
const ERASED: &str = "SELECT digest FROM tombstone ORDER BY digest";
const HELD: &str = "SELECT DISTINCT digest FROM hold ORDER BY digest";

/// What the key store knows of a digest.
#[derive(Debug)]
pub(crate) enum KeyState {
    Unknown,
    Key(ObjectKey),
    Erased { erased_at: Timestamp, reason: String },
}

/// The open key store of one namespace.
pub(crate) struct KeyStore {
    path: PathBuf,
    namespace: Namespace,
    inner: Mutex<Inner>,
}

struct Inner {
    connection: Connection,
    wrapper: Wrapper,
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyStore").field("path", &self.path).finish_non_exhaustive()
    }
}

fn refuse(doing: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Keys { doing, path: path.clone(), source }
}

impl KeyStore {
    /// Whether a finished key store lies at `path`.
    pub(crate) fn exists(path: &Path) -> Result<bool, Error> {
        if !path.exists() {
            return Ok(false);
        }
        let connection = connect(path)?;
        let meta: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", [], |row| row.get(0))
            .map_err(refuse("read the layout", path))?;
        Ok(meta > 0 && read_meta(&connection, path, "format")?.is_some())
    }

    /// Makes a new key store, or finishes one whose making was interrupted.
    pub(crate) fn create(path: &Path, namespace: &Namespace, sealing: &SealingKey) -> Result<Self, Error> {
        // SQLite would make the file readable for others; its log files take over the mode of this one.
        match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => file.sync_all().map_err(Error::io("make durable", path))?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("create", path)(error)),
        }
        let mut connection = connect(path)?;
        let wrapper = Wrapper::new(sealing, namespace)?;
        let sql = refuse("lay out tables", path);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&sql)?;
        transaction.execute_batch(SCHEMA).map_err(&sql)?;
        for (name, value) in
            [("namespace", namespace.as_str().as_bytes()), ("check", &check_code(&wrapper)), ("format", FORMAT)]
        {
            transaction
                .execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", params![name, value])
                .map_err(&sql)?;
        }
        transaction.commit().map_err(&sql)?;
        let inner = Mutex::new(Inner { connection, wrapper });
        Ok(Self { path: path.to_path_buf(), namespace: namespace.clone(), inner })
    }

    /// Opens a key store and proves that the sealing key is the right one.
    pub(crate) fn open(path: &Path, namespace: &Namespace, sealing: &SealingKey) -> Result<Self, Error> {
        let connection = connect(path)?;
        for (name, expected) in [("format", FORMAT), ("namespace", namespace.as_str().as_bytes())] {
            let found = read_meta(&connection, path, name)?.unwrap_or_default();
            if found != expected {
                let what = format!("the {name} of {}", path.display());
                let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(&found));
                return Err(Corrupt::new(what, expected, found).into());
            }
        }
        let wrapper = Wrapper::new(sealing, namespace)?;
        let code = read_meta(&connection, path, "check")?.unwrap_or_default();
        if !wrapper.is_authentic("meta", &[b"check"], &code) {
            return Err(Error::WrongSealingKey { path: path.to_path_buf() });
        }
        let inner = Mutex::new(Inner { connection, wrapper });
        Ok(Self { path: path.to_path_buf(), namespace: namespace.clone(), inner })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave the connection half way: SQLite rolls back what was not committed.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sql(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error {
        refuse(doing, &self.path)
    }

    /// Runs one durable transaction, after making sure that no other process rotated the sealing key meanwhile: a row
    /// written under the old key would be unreadable.
    fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>, &Wrapper) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let sql = self.sql(doing);
        let mut inner = self.lock();
        let Inner { connection, wrapper } = &mut *inner;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(&sql)?;
        self.prove_key(&transaction, wrapper)?;
        let done = work(&transaction, wrapper)?;
        transaction.commit().map_err(&sql)?;
        Ok(done)
    }

    fn prove_key(&self, connection: &Connection, wrapper: &Wrapper) -> Result<(), Error> {
        let code = read_meta(connection, &self.path, "check")?.unwrap_or_default();
        if wrapper.is_authentic("meta", &[b"check"], &code) {
            Ok(())
        } else {
            Err(Error::WrongSealingKey { path: self.path.clone() })
        }
    }

    /// Makes the keys of new objects durable, and the digests of those that are manifests, in one transaction.
    pub(crate) fn insert(&self, keys: &[(&Digest, &ObjectKey)], manifests: &[Digest]) -> Result<(), Error> {
        let sql = self.sql("store object keys");
        self.write("store object keys", |transaction, wrapper| {
            for (digest, key) in keys {
                let wrapped = wrapper.wrap(digest, key)?;
                transaction
                    .prepare_cached("INSERT INTO object_key (digest, wrapped) VALUES (?1, ?2)")
                    .and_then(|mut insert| insert.execute(params![digest.as_bytes(), wrapped]))
                    .map_err(&sql)?;
            }
            for digest in manifests {
                transaction
                    .prepare_cached("INSERT INTO manifest (digest) VALUES (?1) ON CONFLICT DO NOTHING")
                    .and_then(|mut insert| insert.execute([digest.as_bytes()]))
                    .map_err(&sql)?;
            }
            Ok(())
        })
    }

    /// What is known of a digest: its key, its tombstone, or nothing.
    pub(crate) fn state(&self, digest: &Digest) -> Result<KeyState, Error> {
        let inner = self.lock();
        self.read_state(&inner.connection, &inner.wrapper, digest)
    }

    fn read_state(&self, connection: &Connection, wrapper: &Wrapper, digest: &Digest) -> Result<KeyState, Error> {
        let sql = self.sql("read an object key");
        let wrapped: Option<Vec<u8>> = connection
            .prepare_cached("SELECT wrapped FROM object_key WHERE digest = ?1")
            .and_then(|mut select| select.query_row([digest.as_bytes()], |row| row.get(0)).optional())
            .map_err(&sql)?;
        if let Some(wrapped) = wrapped {
            if let Some(key) = wrapper.unwrap(digest, &wrapped) {
                return Ok(KeyState::Key(key));
            }
            // Either the row is damaged, or another process wrapped it anew under a key we were not given.
            self.prove_key(connection, wrapper)?;
            return Err(self.corrupt_row("key", digest));
        }
        let tombstone: Option<(String, String, Vec<u8>)> = connection
            .prepare_cached("SELECT erased_at, reason, code FROM tombstone WHERE digest = ?1")
            .and_then(|mut select| {
                select.query_row([digest.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .map_err(&sql)?;
        let Some((erased_at, reason, code)) = tombstone else { return Ok(KeyState::Unknown) };
        let fields = [digest.as_bytes().as_slice(), erased_at.as_bytes(), reason.as_bytes()];
        if wrapper.is_authentic("tombstone", &fields, &code)
            && let Ok(erased_at) = erased_at.parse::<Timestamp>()
        {
            return Ok(KeyState::Erased { erased_at, reason });
        }
        self.prove_key(connection, wrapper)?;
        Err(self.corrupt_row("tombstone", digest))
    }

    fn corrupt_row(&self, row: &str, digest: &Digest) -> Error {
        let what = format!("the {row} of object {digest} in {}", self.path.display());
        Corrupt::new(what, "the row as it was written", "a row that does not authenticate").into()
    }

    /// Destroys a key and leaves a tombstone, unless the object is held. `Ok(false)`: it was erased before.
    pub(crate) fn erase(&self, digest: &Digest, erased_at: Timestamp, reason: &str) -> Result<bool, Error> {
        let sql = self.sql("erase an object key");
        self.write("erase an object key", |transaction, wrapper| {
            if let Some(reason) = self.read_holds(transaction, wrapper, digest)?.into_iter().next() {
                return Err(Error::Held { digest: *digest, reason });
            }
            let done: bool = transaction
                .query_row("SELECT EXISTS (SELECT 1 FROM tombstone WHERE digest = ?1)", [digest.as_bytes()], |row| {
                    row.get(0)
                })
                .map_err(&sql)?;
            if done {
                return Ok(false);
            }
            let removed =
                transaction.execute("DELETE FROM object_key WHERE digest = ?1", [digest.as_bytes()]).map_err(&sql)?;
            if removed == 0 {
                return Err(Error::NotSealed { digest: *digest });
            }
            let at = erased_at.to_string();
            let code = wrapper.authenticate("tombstone", &[digest.as_bytes(), at.as_bytes(), reason.as_bytes()]);
            transaction
                .execute(
                    "INSERT INTO tombstone (digest, erased_at, reason, code, cleared) VALUES (?1, ?2, ?3, ?4, 0)",
                    params![digest.as_bytes(), at, reason, code],
                )
                .map_err(&sql)?;
            Ok(true)
        })
    }

    /// Erased objects whose ciphertext may still lie in its place.
    pub(crate) fn uncleared(&self) -> Result<Vec<Digest>, Error> {
        self.digests("SELECT digest FROM tombstone WHERE cleared = 0 ORDER BY digest", [])
    }

    /// Notes that the ciphertext of an erased object is gone, and wipes the write-ahead log.
    pub(crate) fn clear(&self, digest: &Digest) -> Result<(), Error> {
        // The log first: if this fails, the object stays on the list of what is still to be cleared.
        self.wipe_log()?;
        self.write("note an erasure", |transaction, _| {
            transaction
                .execute("UPDATE tombstone SET cleared = 1 WHERE digest = ?1", [digest.as_bytes()])
                .map_err(self.sql("note an erasure"))?;
            Ok(())
        })
    }

    /// Empties the write-ahead log, which may hold older copies of pages with destroyed keys.
    fn wipe_log(&self) -> Result<(), Error> {
        let sql = self.sql("wipe the log");
        let busy: i64 =
            self.lock().connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(&sql)?;
        if busy == 0 {
            return Ok(());
        }
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        Err(sql(rusqlite::Error::SqliteFailure(code, Some("another process keeps the log open".to_owned()))))
    }

    /// Puts an object under a legal hold. Several holds may stand, each for its own reason.
    pub(crate) fn hold(&self, digest: &Digest, reason: &str) -> Result<(), Error> {
        self.write("store a hold", |transaction, wrapper| {
            let code = wrapper.authenticate("hold", &[digest.as_bytes(), reason.as_bytes()]);
            transaction
                .execute(
                    "INSERT INTO hold (digest, reason, code) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    params![digest.as_bytes(), reason, code],
                )
                .map_err(self.sql("store a hold"))?;
            Ok(())
        })
    }

    /// Ends a hold. `Ok(false)`: there was none with this reason.
    pub(crate) fn release_hold(&self, digest: &Digest, reason: &str) -> Result<bool, Error> {
        self.write("end a hold", |transaction, _| {
            let removed = transaction
                .execute("DELETE FROM hold WHERE digest = ?1 AND reason = ?2", params![digest.as_bytes(), reason])
                .map_err(self.sql("end a hold"))?;
            Ok(removed > 0)
        })
    }

    /// Why an object is held, sorted; empty if it is not.
    pub(crate) fn holds(&self, digest: &Digest) -> Result<Vec<String>, Error> {
        let inner = self.lock();
        self.read_holds(&inner.connection, &inner.wrapper, digest)
    }

    fn read_holds(&self, connection: &Connection, wrapper: &Wrapper, digest: &Digest) -> Result<Vec<String>, Error> {
        let rows: Vec<(String, Vec<u8>)> = connection
            .prepare_cached("SELECT reason, code FROM hold WHERE digest = ?1 ORDER BY reason")
            .and_then(|mut select| {
                select.query_map([digest.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .map_err(self.sql("read holds"))?;
        rows.into_iter()
            .map(|(reason, code)| {
                let fields = [digest.as_bytes().as_slice(), reason.as_bytes()];
                if wrapper.is_authentic("hold", &fields, &code) {
                    return Ok(reason);
                }
                self.prove_key(connection, wrapper)?;
                Err(self.corrupt_row("hold", digest))
            })
            .collect()
    }

    /// The digests of all manifests, sorted.
    pub(crate) fn manifests(&self) -> Result<Vec<Digest>, Error> {
        self.digests("SELECT digest FROM manifest ORDER BY digest", [])
    }

    /// The digests of all objects that have a key, sorted.
    pub(crate) fn keyed(&self) -> Result<Vec<Digest>, Error> {
        self.digests(KEYED, [])
    }

    /// The digests of all erased objects, sorted.
    pub(crate) fn erased(&self) -> Result<Vec<Digest>, Error> {
        self.digests(ERASED, [])
    }

    /// The digests of all held objects, sorted.
    pub(crate) fn held(&self) -> Result<Vec<Digest>, Error> {
        self.digests(HELD, [])
    }

    fn digests(&self, query: &'static str, parameters: impl rusqlite::Params) -> Result<Vec<Digest>, Error> {
        self.read_digests(&self.lock().connection, query, parameters)
    }

    fn read_digests(
        &self,
        connection: &Connection,
        query: &'static str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Digest>, Error> {
        connection
            .prepare_cached(query)
            .and_then(|mut select| {
                select.query_map(parameters, |row| row.get::<_, [u8; 32]>(0).map(Digest::from_bytes))?.collect()
            })
            .map_err(self.sql("list digests"))
    }

    /// Remembers a compaction: the file that describes it, its other files, and what it was made from.
    pub(crate) fn insert_compaction(
        &self,
        compaction: &Digest,
        sealed: bool,
        files: &[Digest],
        sources: &[Digest],
    ) -> Result<(), Error> {
        let sql = self.sql("store a compaction");
        self.write("store a compaction", |transaction, wrapper| {
            // A source may have been erased while its rows were being copied: then the copy must not come to be.
            for source in sources {
                if let KeyState::Erased { erased_at, reason } = self.read_state(transaction, wrapper, source)? {
                    return Err(Error::Erased { digest: *source, erased_at, reason });
                }
            }
            transaction
                .execute(
                    "INSERT INTO compaction (digest, sealed) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![compaction.as_bytes(), sealed],
                )
                .map_err(&sql)?;
            for (statement, digests) in [
                ("INSERT INTO compaction_file (compaction, digest) VALUES (?1, ?2) ON CONFLICT DO NOTHING", files),
                ("INSERT INTO compaction_source (compaction, source) VALUES (?1, ?2) ON CONFLICT DO NOTHING", sources),
            ] {
                for digest in digests {
                    transaction
                        .prepare_cached(statement)
                        .and_then(|mut insert| insert.execute(params![compaction.as_bytes(), digest.as_bytes()]))
                        .map_err(&sql)?;
                }
            }
            Ok(())
        })
    }

    /// All compactions, sorted by digest.
    pub(crate) fn compactions(&self) -> Result<Vec<Digest>, Error> {
        self.digests("SELECT digest FROM compaction ORDER BY digest", [])
    }

    /// Compactions that hold rows of an object.
    pub(crate) fn compactions_of(&self, source: &Digest) -> Result<Vec<Digest>, Error> {
        let query = "SELECT compaction FROM compaction_source WHERE source = ?1 ORDER BY compaction";
        self.digests(query, [source.as_bytes()])
    }

    /// The files of a compaction, its describing file last, and whether they are sealed.
    pub(crate) fn compaction_files(&self, compaction: &Digest) -> Result<Option<(bool, Vec<Digest>)>, Error> {
        let sealed: Option<bool> = self
            .lock()
            .connection
            .query_row("SELECT sealed FROM compaction WHERE digest = ?1", [compaction.as_bytes()], |row| row.get(0))
            .optional()
            .map_err(self.sql("read a compaction"))?;
        let Some(sealed) = sealed else { return Ok(None) };
        let query = "SELECT digest FROM compaction_file WHERE compaction = ?1 ORDER BY digest";
        let mut files = self.digests(query, [compaction.as_bytes()])?;
        files.push(*compaction);
        Ok(Some((sealed, files)))
    }

    /// Destroys the keys of a compaction's files. They leave no tombstone: they were never evidence.
    pub(crate) fn discard_keys(&self, files: &[Digest]) -> Result<(), Error> {
        self.write("discard a compaction's keys", |transaction, _| {
            for digest in files {
                transaction
                    .execute("DELETE FROM object_key WHERE digest = ?1", [digest.as_bytes()])
                    .map_err(self.sql("discard a compaction's key"))?;
            }
            Ok(())
        })?;
        self.wipe_log()
    }

    /// Forgets a compaction whose files are gone.
    pub(crate) fn forget_compaction(&self, compaction: &Digest) -> Result<(), Error> {
        self.write("forget a compaction", |transaction, _| {
            for statement in [
                "DELETE FROM compaction_source WHERE compaction = ?1",
                "DELETE FROM compaction_file WHERE compaction = ?1",
                "DELETE FROM compaction WHERE digest = ?1",
            ] {
                transaction.execute(statement, [compaction.as_bytes()]).map_err(self.sql("forget a compaction"))?;
            }
            Ok(())
        })
    }

    /// Wraps every key and authenticates every row anew under another sealing key, in one transaction.
    pub(crate) fn rotate(&self, to: &SealingKey) -> Result<u64, Error> {
        let sql = self.sql("wrap object keys anew");
        let new = Wrapper::new(to, &self.namespace)?;
        let keys = self.write("wrap object keys anew", |transaction, old| {
            let mut keys = 0;
            for digest in self.read_digests(transaction, KEYED, [])? {
                if let KeyState::Key(key) = self.read_state(transaction, old, &digest)? {
                    let wrapped = new.wrap(&digest, &key)?;
                    transaction
                        .prepare_cached("UPDATE object_key SET wrapped = ?2 WHERE digest = ?1")
                        .and_then(|mut update| update.execute(params![digest.as_bytes(), wrapped]))
                        .map_err(&sql)?;
                    keys += 1;
                }
            }
            for digest in self.read_digests(transaction, ERASED, [])? {
                if let KeyState::Erased { erased_at, reason } = self.read_state(transaction, old, &digest)? {
                    let at = erased_at.to_string();
                    let code = new.authenticate("tombstone", &[digest.as_bytes(), at.as_bytes(), reason.as_bytes()]);
                    transaction
                        .execute("UPDATE tombstone SET code = ?2 WHERE digest = ?1", params![digest.as_bytes(), code])
                        .map_err(&sql)?;
                }
            }
            for digest in self.read_digests(transaction, HELD, [])? {
                for reason in self.read_holds(transaction, old, &digest)? {
                    let code = new.authenticate("hold", &[digest.as_bytes(), reason.as_bytes()]);
                    transaction
                        .execute(
                            "UPDATE hold SET code = ?3 WHERE digest = ?1 AND reason = ?2",
                            params![digest.as_bytes(), reason, code],
                        )
                        .map_err(&sql)?;
                }
            }
            transaction.execute("UPDATE meta SET value = ?1 WHERE name = 'check'", [check_code(&new)]).map_err(&sql)?;
            Ok(keys)
        })?;
        self.lock().wrapper = new;
        self.wipe_log()?;
        Ok(keys)
    }

    /// Has SQLite walk its pages and indexes.
    pub(crate) fn check_pages(&self) -> Result<(), Error> {
        let found: String = self
            .lock()
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(self.sql("check pages"))?;
        if found == "ok" { Ok(()) } else { Err(Corrupt::new(self.path.display().to_string(), "ok", found).into()) }
    }
}

fn check_code(wrapper: &Wrapper) -> Vec<u8> {
    wrapper.authenticate("meta", &[b"check"])
}

fn read_meta(connection: &Connection, path: &Path, name: &str) -> Result<Option<Vec<u8>>, Error> {
    connection
        .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
        .optional()
        .map_err(refuse("read the format", path))
}

/// Opens the database and makes sure that SQLite took the settings durability and erasure rest on.
///
/// The database itself may not be a symbolic link: it holds keys. The folders above it may be: SQLite refuses a link anywhere
/// in the path that it is given, so it is given the path behind them.
fn connect(path: &Path) -> Result<Connection, Error> {
    let sql = refuse("open the database", path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let behind_links = match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => folder.canonicalize().map_err(Error::io("find", folder))?.join(name),
        _ => path.to_path_buf(),
    };
    let connection = Connection::open_with_flags(behind_links, flags).map_err(&sql)?;
    connection.busy_timeout(BUSY).map_err(&sql)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
             PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
        )
        .map_err(&sql)?;
    for (pragma, expected) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("secure_delete", "1"), ("trusted_schema", "0")]
    {
        let found = connection
            .query_row(&format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"), [], |row| {
                row.get::<_, String>(0)
            })
            .map_err(&sql)?;
        if found != expected {
            return Err(Corrupt::new(format!("setting {pragma} of {}", path.display()), expected, found).into());
        }
    }
    Ok(connection)
}
