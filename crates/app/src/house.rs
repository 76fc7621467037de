//! The heart: one organization's ledger, vault and state, and the one road by which a command becomes facts.
//!
//! decide → append durably → apply → receipt. A writer that lost a race reads what came meanwhile and decides again.
//!
//! Invariant: a fact is durable before it is visible; bytes are in the vault before the fact that names them.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use tickmark_canonical::{Digest, ItemKeySecret, to_canonical};
use tickmark_catalog::Catalog;
use tickmark_domain::{
    Author, CatalogIndex, Command, EngagementId, Event, PersonId, RULES_VERSION, Recorded, Snapshot,
    SnapshotUnreadable, State, decide,
};
use tickmark_ledger::{LEDGER_STREAM, Reader, Receipt, Signer, SqliteStore, Store};
use tickmark_vault::Vault;

use crate::{
    At, Clock, Error, Moment, adopting::catalog_from_object, body, catalog_index::index_of, clock::Then,
    moment::MomentParts, organization_keys::ItemSecret,
};

/// How often a writer that lost a race decides again before it gives up.
const MOST_TRIES: u32 = 32;

/// A snapshot is kept every so many entries: replaying fewer takes well under a tenth of a second.
const ENTRIES_BETWEEN_SNAPSHOTS: u64 = 5_000;

/// The level at which zstd compresses a snapshot: its fastest, a fifth of the bytes in a tenth of a second.
const FAST: i32 = 1;

/// One organization, open for work.
pub struct House {
    pub(crate) origin: String,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) signer: Signer,
    pub(crate) vault: Vault,
    pub(crate) vault_root: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) item_keys: ItemKeySecret,
    /// The vault object that holds the secret of item keys.
    pub(crate) item_keys_object: Digest,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) index: CatalogIndex,
    state: State,
    size: u64,
    snapshot_at: u64,
    /// Whether this is the organization as it was: for reading only.
    is_past: bool,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("origin", &self.origin).field("size", &self.size).finish_non_exhaustive()
    }
}

/// What a house is opened with.
pub(crate) struct Parts {
    pub(crate) origin: String,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) signer: Signer,
    pub(crate) vault: Vault,
    pub(crate) vault_root: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) item_keys: ItemSecret,
}

impl House {
    /// Opens a house: the newest usable snapshot, then the entries after it.
    pub(crate) fn open(parts: Parts) -> Result<Self, Error> {
        let reader = parts.store.reader()?;
        let newest = reader.size(&parts.origin)?;
        let snapshot = reader
            .snapshot(&parts.origin, RULES_VERSION, newest)?
            .and_then(|kept| open_snapshot(&parts.item_keys.secret, &parts.origin, &kept));
        drop(reader);
        let (state, size) = snapshot.map_or_else(|| (State::default(), 0), |s| (s.state, s.size));
        let Parts { origin, store, signer, vault, vault_root, clock, item_keys } = parts;
        let ItemSecret { secret: item_keys, object: item_keys_object } = item_keys;
        let catalog = Arc::new(Catalog::embedded().map_err(Error::Catalog)?);
        let index = index_of(&catalog)?;
        let mut house = Self {
            origin,
            store,
            signer,
            vault,
            vault_root,
            clock,
            item_keys,
            item_keys_object,
            catalog,
            index,
            state,
            size,
            snapshot_at: size,
            is_past: false,
        };
        house.refresh()?;
        house.load_catalog()?;
        house.carry_out_retention()?;
        Ok(house)
    }

    /// The organization as it was at a moment, for reading only: its state, the catalog in force and the clock of then.
    pub fn back_at(mut self, at: &At) -> Result<Self, Error> {
        if *at == At::Now {
            return Ok(self);
        }
        let size = self.size_at(at)?;
        let reader = self.store.reader()?;
        let then = match (at, size.checked_sub(1)) {
            (At::Instant(instant), _) => *instant,
            (At::Now | At::Size(_), Some(last)) => reader.entry(&self.origin, last)?.entry.recorded_at,
            (At::Now | At::Size(_), None) => Timestamp::UNIX_EPOCH,
        };
        drop(reader);
        self.state = self.state_at(size)?;
        (self.size, self.snapshot_at, self.is_past) = (size, size, true);
        self.clock = Arc::new(Then(then));
        self.load_catalog()?;
        Ok(self)
    }

    /// The same house with another state, for reading only.
    pub(crate) fn past_of(&self, state: State, size: u64, clock: Arc<dyn Clock>) -> Self {
        Self {
            origin: self.origin.clone(),
            store: Arc::clone(&self.store),
            signer: self.signer.clone(),
            vault: self.vault.clone(),
            vault_root: self.vault_root.clone(),
            clock,
            item_keys: self.item_keys.clone(),
            item_keys_object: self.item_keys_object,
            catalog: Arc::clone(&self.catalog),
            index: self.index.clone(),
            state,
            size,
            snapshot_at: size,
            is_past: true,
        }
    }

    /// Whether the organization is shown as it was.
    pub fn is_past(&self) -> bool {
        self.is_past
    }

    /// Refuses what would change something while the past is shown.
    pub fn require_present(&self) -> Result<(), Error> {
        if self.is_past { Err(Error::PastStays) } else { Ok(()) }
    }

    /// The state at [`House::size`].
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The ledger size that the state is of.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The ledger's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The catalog in force.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalog in force, as rules need it.
    pub fn catalog_index(&self) -> &CatalogIndex {
        &self.index
    }

    /// The organization's vault.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The state alone, for readers.
    pub(crate) fn into_moment(self) -> Moment {
        let Self { origin, store, vault, item_keys, catalog, index, state, size, clock, .. } = self;
        Moment::new(
            MomentParts { origin, store, vault, item_keys, catalog, index: Arc::new(index), clock },
            state,
            size,
        )
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Reads the entries that came since, and keeps a snapshot now and then.
    pub fn refresh(&mut self) -> Result<(), Error> {
        if self.is_past {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let reader = store.reader()?;
        let newest = reader.size(&self.origin)?;
        replay(&*reader, &self.origin, &mut self.state, self.size, newest)?;
        self.size = newest;
        self.keep_snapshot()
    }

    /// The state as it was at an earlier ledger size.
    pub fn state_at(&self, size: u64) -> Result<State, Error> {
        if size > self.size {
            return Err(Error::NotYet { asked: size, size: self.size });
        }
        state_at(&*self.store.reader()?, &self.item_keys, &self.origin, size)
    }

    /// Executes a command of `person` and gives the receipt.
    pub fn execute(&mut self, person: &PersonId, command: Command) -> Result<Receipt, Error> {
        self.execute_all(person, vec![command])
    }

    /// Executes commands of `person` as one: all their facts become durable together, or none.
    pub fn execute_all(&mut self, person: &PersonId, commands: Vec<Command>) -> Result<Receipt, Error> {
        self.require_present()?;
        let id = new_id("cmd")?;
        for _ in 0..MOST_TRIES {
            let author = Author { person: person.clone(), at: self.clock.now() };
            let events = self.decide_all(&author, &commands)?;
            let packed = body::pack(&events)?;
            let command = tickmark_ledger::Command {
                id: id.clone(),
                author: person.as_str().to_owned(),
                recorded_at: author.at,
                entries: packed.iter().map(|(entry, _)| entry.clone()).collect(),
            };
            match self.store.append(&self.origin, self.size, &command, &self.signer) {
                Ok(receipt) => {
                    for (index, (_, events)) in (receipt.first..).zip(&packed) {
                        let recorded = Recorded { index, at: author.at, by: person.clone() };
                        events.iter().for_each(|event| self.state.apply(event, &recorded));
                    }
                    self.size = receipt.size();
                    self.keep_snapshot()?;
                    return Ok(receipt);
                }
                Err(tickmark_ledger::Error::Conflict { .. }) => self.refresh()?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended(MOST_TRIES))
    }

    /// Decides commands one after the other, each on the state that the ones before it would leave.
    fn decide_all(&self, author: &Author, commands: &[Command]) -> Result<Vec<Event>, Error> {
        let [only] = commands else {
            let mut state = self.state.clone();
            let mut all = Vec::new();
            for command in commands {
                let events = decide(&state, author, &self.index, command.clone())?;
                // The index that these facts will get is not known yet; no rule asks for the index of a fact of its
                // own command.
                let recorded = Recorded { index: self.size, at: author.at, by: author.person.clone() };
                events.iter().for_each(|event| state.apply(event, &recorded));
                all.extend(events);
            }
            return Ok(all);
        };
        Ok(decide(&self.state, author, &self.index, only.clone())?)
    }

    /// Asks the rules about commands, each on the state that the ones before it would leave, and whether their facts fit into
    /// entries; records nothing. Gives the number of the first that cannot be, and why.
    pub(crate) fn first_refused(&self, person: &PersonId, commands: &[Command]) -> Option<(usize, Error)> {
        let author = Author { person: person.clone(), at: self.clock.now() };
        let mut state = self.state.clone();
        commands.iter().enumerate().find_map(|(number, command)| {
            match decide(&state, &author, &self.index, command.clone()) {
                Ok(events) => {
                    let recorded = Recorded { index: self.size, at: author.at, by: person.clone() };
                    events.iter().for_each(|event| state.apply(event, &recorded));
                    body::pack(&events).err().map(|error| (number, error))
                }
                Err(refusal) => Some((number, refusal.into())),
            }
        })
    }

    /// Stores prose and gives its digest.
    pub fn put_text(&self, text: &str) -> Result<Digest, Error> {
        require_words(text)?;
        Ok(self.vault.put(text.as_bytes())?)
    }

    /// Stores many pieces of prose at once and gives their digests in the same order: one wait for the disk, not one each.
    pub fn put_texts<T: AsRef<str>>(&self, texts: &[T]) -> Result<Vec<Digest>, Error> {
        texts.iter().try_for_each(|text| require_words(text.as_ref()))?;
        let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_ref().as_bytes()).collect();
        Ok(self.vault.put_all(&bytes)?)
    }

    /// The prose of a digest.
    pub fn text(&self, digest: &Digest) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.vault.get(digest)?).into_owned())
    }

    /// Stores a value as canonical JSON and gives its digest.
    pub fn put_json<T: serde::Serialize>(&self, value: &T) -> Result<Digest, Error> {
        Ok(self.vault.put(&to_canonical(value)?)?)
    }

    /// Stores a value as canonical JSON, sealed, because names may stand in it, and gives its digest.
    pub fn put_sealed_json<T: serde::Serialize>(&self, value: &T) -> Result<Digest, Error> {
        Ok(self.vault.put_sealed(&to_canonical(value)?)?)
    }

    /// Takes the catalog in force from the vault, unless it is the one that the binary carries.
    pub(crate) fn load_catalog(&mut self) -> Result<(), Error> {
        let Some(in_force) = self.state.catalog_in_force() else { return Ok(()) };
        if in_force.catalog != self.catalog.digest() {
            let catalog = catalog_from_object(&self.vault.get(&in_force.files)?)?;
            self.index = index_of(&catalog)?;
            self.catalog = Arc::new(catalog);
        }
        Ok(())
    }

    fn keep_snapshot(&mut self) -> Result<(), Error> {
        if self.size < self.snapshot_at + ENTRIES_BETWEEN_SNAPSHOTS {
            return Ok(());
        }
        // Lent, not copied: the state of a long ledger is most of the memory that a house takes.
        let snapshot = Snapshot::of(std::mem::take(&mut self.state), self.size);
        let encoded = compressed(&snapshot);
        self.state = snapshot.state;
        let mut state = encoded?;
        let seal = seal_of_snapshot(&self.item_keys, &self.origin, self.size, &state);
        state.extend_from_slice(seal.as_bytes());
        let snapshot = tickmark_ledger::Snapshot { size: self.size, rules: RULES_VERSION, state };
        self.store.put_snapshot(&self.origin, &snapshot)?;
        self.store.prune_snapshots(&self.origin, 2)?;
        self.snapshot_at = self.size;
        Ok(())
    }
}

/// What only a holder of the organization's secret can write under a snapshot: a state that somebody put into the database
/// is thrown away, and the entries are replayed.
fn seal_of_snapshot(secret: &ItemKeySecret, origin: &str, size: u64, state: &[u8]) -> Digest {
    let digest = Digest::of(state).to_string();
    secret.item_key(&["tickmark/snapshot/1", origin, &RULES_VERSION.to_string(), &size.to_string(), &digest])
}

/// A reason, a statement or a name that says nothing is none: the domain sees digests only, so it is refused here.
pub(crate) fn require_words(text: &str) -> Result<(), Error> {
    if text.trim().is_empty() { Err(Error::BlankText) } else { Ok(()) }
}

/// A snapshot, if this house wrote it.
fn open_snapshot(secret: &ItemKeySecret, origin: &str, kept: &tickmark_ledger::Snapshot) -> Option<Snapshot> {
    let (state, seal) = kept.state.split_last_chunk::<32>()?;
    if seal != seal_of_snapshot(secret, origin, kept.size, state).as_bytes() {
        return None;
    }
    let mut state = zstd::stream::read::Decoder::with_buffer(state).ok()?;
    Snapshot::read(&mut state).ok().filter(|read| read.size == kept.size)
}

/// The bytes of a snapshot, never whole in memory as they are: a long ledger's are many times what is kept.
fn compressed(snapshot: &Snapshot) -> Result<Vec<u8>, Error> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), FAST).map_err(SnapshotUnreadable::from)?;
    snapshot.write(&mut encoder)?;
    Ok(encoder.finish().map_err(SnapshotUnreadable::from)?)
}

/// The state at a ledger size: the newest usable snapshot before it, then the entries after that.
pub(crate) fn state_at(reader: &dyn Reader, secret: &ItemKeySecret, origin: &str, size: u64) -> Result<State, Error> {
    let kept = reader.snapshot(origin, RULES_VERSION, size)?.and_then(|kept| open_snapshot(secret, origin, &kept));
    let (mut state, from) = kept.map_or_else(|| (State::default(), 0), |kept| (kept.state, kept.size));
    replay(reader, origin, &mut state, from, size)?;
    Ok(state)
}

/// Applies the entries `from..to` to a state.
pub(crate) fn replay(reader: &dyn Reader, origin: &str, state: &mut State, from: u64, to: u64) -> Result<(), Error> {
    let mut failed = None;
    reader.scan(origin, from..to, &mut |index, bytes| {
        let entry = tickmark_ledger::Entry::decode(bytes)
            .map_err(|error| tickmark_ledger::Corrupt::new(format!("entry {index}"), "an entry", error))?;
        if failed.is_none() {
            failed = apply_entry(state, index, &entry).err();
        }
        Ok(())
    })?;
    failed.map_or(Ok(()), Err)
}

/// Applies one entry to a state.
pub(crate) fn apply_entry(state: &mut State, index: u64, entry: &tickmark_ledger::Entry) -> Result<(), Error> {
    let events = events_of(index, entry)?;
    if events.is_empty() {
        return Ok(());
    }
    let recorded = Recorded { index, at: entry.recorded_at, by: entry.author.parse()? };
    for event in events {
        state.apply(&event, &recorded);
    }
    Ok(())
}

/// Applies of an entry what documents of an engagement show that was closed before it, and says whether they show any of it:
/// people, holds and erasures are the organization's, and comments and packages stand beside the documents.
pub(crate) fn apply_left_open(
    state: &mut State,
    id: &EngagementId,
    index: u64,
    entry: &tickmark_ledger::Entry,
) -> Result<bool, Error> {
    let events = events_of(index, entry)?;
    if events.is_empty() {
        return Ok(false);
    }
    let recorded = Recorded { index, at: entry.recorded_at, by: entry.author.parse()? };
    let mut is_shown = false;
    for event in events {
        if state.is_left_open(id, &event, &recorded.by) {
            state.apply(&event, &recorded);
            let is_beside = matches!(
                event,
                Event::ReportPackageIssued(_)
                    | Event::ScopeCommented(_)
                    | Event::ScopeCommentAnswered(_)
                    | Event::SectionCommented(_)
                    | Event::SectionCommentResolved(_)
            );
            is_shown |= event.engagement().is_some() && !is_beside;
        }
    }
    Ok(is_shown)
}

/// The events of an entry: none in the ledger's own, which speak of its keys.
pub(crate) fn events_of(index: u64, entry: &tickmark_ledger::Entry) -> Result<Vec<Event>, Error> {
    if entry.stream == LEDGER_STREAM { Ok(Vec::new()) } else { body::unpack(index, &entry.body) }
}

/// A fresh opaque id: 128 random bits.
pub(crate) fn new_id(kind: &str) -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(format!("{kind}-{}", hex::encode(bytes)))
}
