//! Moments: what an organization's facts add up to at one ledger size, shared by pages that only read.
//!
//! Invariant: reading takes no lock while it works: a page holds its moment and nobody waits for it.

mod control_tests;
mod controls;
mod engagements;
mod entries;
mod exceptions;
mod extracts;
mod rows;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use jiff::Timestamp;
use tickmark_canonical::{Digest, ItemKeySecret};
use tickmark_catalog::Catalog;
use tickmark_domain::{CatalogIndex, ClockSetBack, EngagementFigures, EngagementId, PersonId, State};
use tickmark_ledger::{CheckpointTime, Reader, SqliteStore, Store};
use tickmark_vault::Vault;

use crate::{
    At, Clock, Error, House, ScheduleStatus,
    adopting::catalog_from_object,
    anchoring::{self, Stretch},
    catalog_index::index_of,
    house::{replay, state_at},
    installation::Profile,
    recorded_time::size_at,
    status::schedule_of,
};

pub use control_tests::{ControlTestView, ListedControlTest, OfferedControlTest};
pub use controls::{ConcludedView, ControlView, ListedControl, OccurrencesView, ScoreKind, Scored, StatedVersion};
pub use engagements::{EngagementView, FirmTestView};
pub use entries::{ENTRIES_ON_PAGE, EntryView, ListedAnchor, ListedEntry};
pub use exceptions::{ExceptionChange, ExceptionStep, ExceptionView, ListedException};
pub use extracts::{ExtractView, ExtractsAddedUp, ListedExtract};
pub use rows::{ROWS_ON_PAGE, RowsPage};

/// Past moments kept: a person who compares goes to and fro between a few.
const PAST_KEPT: usize = 8;

/// An organization at one ledger size.
pub struct Moment {
    pub(crate) origin: String,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) vault: Vault,
    pub(crate) item_keys: ItemKeySecret,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) index: Arc<CatalogIndex>,
    pub(crate) state: State,
    pub(crate) size: u64,
    clock: Arc<dyn Clock>,
    figures: OnceLock<BTreeMap<EngagementId, EngagementFigures>>,
    stretch: Mutex<Option<(usize, Option<Stretch>)>>,
    recorded: Arc<Mutex<Vec<CheckpointTime>>>,
    is_past: bool,
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("origin", &self.origin).field("size", &self.size).finish_non_exhaustive()
    }
}

/// How long recorded facts stood without an outside holder, at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanchored {
    /// Who holds checkpoints, in words.
    pub holders: Vec<String>,
    /// The longest stretch in whole days, rounded up.
    pub longest_days: u64,
    /// When it began.
    pub longest_from: Timestamp,
}

impl Moment {
    /// The ledger size.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The catalog that was in force.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalog that was in force, as rules need it.
    pub fn catalog_index(&self) -> &CatalogIndex {
        &self.index
    }

    /// The figures of every engagement, computed once.
    pub fn figures(&self) -> &BTreeMap<EngagementId, EngagementFigures> {
        self.figures.get_or_init(|| {
            let ids = self.state.engagements.keys();
            // An engagement of this very state is never unknown to it.
            ids.filter_map(|id| Some((id.clone(), self.state.figures(&self.index, id).ok()?))).collect()
        })
    }

    /// The figures of one engagement.
    pub fn figures_of(&self, engagement: &str) -> Result<(&EngagementId, &EngagementFigures), Error> {
        let unknown = || Error::Unknown { kind: "engagement", name: engagement.to_owned() };
        self.figures().iter().find(|(id, _)| id.as_str() == engagement).ok_or_else(unknown)
    }

    /// The organization's name.
    pub fn organization(&self) -> Result<String, Error> {
        self.state.organization.as_ref().map_or_else(|| Ok(String::new()), |o| self.text(&o.name))
    }

    /// The prose of a digest; a sentence that says so where it was erased.
    pub fn text(&self, digest: &Digest) -> Result<String, Error> {
        match self.vault.get(digest) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(tickmark_vault::Error::Erased { erased_at, reason, .. }) => {
                Ok(format!("Erased on {erased_at} under {reason}."))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A person's name; their id where the profile was erased.
    pub fn name_of(&self, person: &PersonId) -> String {
        let profile = self.state.people.get(person).and_then(|person| self.vault.get(&person.profile).ok());
        let profile = profile.and_then(|bytes| serde_json::from_slice::<Profile>(&bytes).ok());
        profile.map_or_else(|| person.to_string(), |profile| profile.name)
    }

    /// When the newest entry of the moment was recorded; nothing for an empty ledger.
    pub fn recorded_at(&self) -> Result<Option<Timestamp>, Error> {
        let Some(last) = self.size.checked_sub(1) else { return Ok(None) };
        Ok(Some(self.store.reader()?.entry(&self.origin, last)?.entry.recorded_at))
    }

    /// The instant at which it is looked at: now for the newest moment, when its last entry was recorded for a past one.
    pub(crate) fn looked_at(&self) -> Timestamp {
        let past = if self.is_past { self.recorded_at().ok().flatten() } else { None };
        past.unwrap_or_else(|| self.clock.now())
    }

    /// Where the schedule of control tests stood.
    pub fn schedule(&self) -> ScheduleStatus {
        schedule_of(&self.state, &self.catalog, &self.index, self.looked_at())
    }

    /// Where a clock was set back, if one was.
    pub fn clock_set_back(&self) -> Option<ClockSetBack> {
        self.state.recorded_time.set_back()
    }

    /// The ledger size at a moment: the entries before the first that was recorded later.
    pub fn size_at(&self, at: &At) -> Result<u64, Error> {
        size_at(&*self.store.reader()?, &self.origin, self.size, at)
    }

    /// The root of the tree of this moment's entries.
    pub fn root(&self) -> Result<Digest, Error> {
        Ok(self.store.reader()?.root(&self.origin, self.size)?)
    }

    /// The longest stretch without an outside anchor; none if no checkpoint had left the house.
    pub fn unanchored(&self) -> Result<Option<Unanchored>, Error> {
        let Some(now) = self.recorded_at()? else { return Ok(None) };
        let reader = self.store.reader()?;
        let anchors = self.anchors_until(&*reader)?;
        let mut kept = locked(&self.stretch);
        if kept.as_ref().is_none_or(|(count, _)| *count != anchors.len()) {
            let mut recorded = locked(&self.recorded);
            let known = recorded.len() as u64;
            reader.scan(&self.origin, known..self.size.max(known), &mut |index, bytes| {
                if let Ok(entry) = tickmark_ledger::Entry::decode(bytes) {
                    recorded.push(CheckpointTime { size: index + 1, at: entry.recorded_at });
                }
                Ok(())
            })?;
            let until = usize::try_from(self.size).unwrap_or(usize::MAX).min(recorded.len());
            let stretch = anchoring::stretch_of(recorded.get(..until).unwrap_or(&[]), &anchors, now);
            *kept = Some((anchors.len(), stretch));
        }
        let stretch = kept.as_ref().and_then(|(_, stretch)| stretch.clone());
        Ok(stretch.map(|Stretch { holders, longest_days, longest_from, .. }| Unanchored {
            holders,
            longest_days,
            longest_from,
        }))
    }

    /// The anchors of checkpoints that this moment contains.
    pub(crate) fn anchors_until(&self, reader: &dyn Reader) -> Result<Vec<tickmark_ledger::Anchor>, Error> {
        let anchors = reader.anchors(&self.origin)?;
        Ok(anchors.into_iter().filter(|anchor| anchor.size <= self.size).collect())
    }
}

/// The newest moment, and some past ones.
#[derive(Debug)]
pub struct Moments {
    newest: Mutex<Arc<Moment>>,
    past: Mutex<VecDeque<Arc<Moment>>>,
}

impl Moments {
    /// The moments of a house, which ends with this: whoever reads through moments records nothing.
    pub fn of(house: House) -> Self {
        Self { newest: Mutex::new(Arc::new(house.into_moment())), past: Mutex::default() }
    }

    /// The newest moment, with what was recorded meanwhile.
    pub fn newest(&self) -> Result<Arc<Moment>, Error> {
        let mut newest = locked(&self.newest);
        let size = newest.store.reader()?.size(&newest.origin)?;
        if size != newest.size {
            *newest = Arc::new(newest.grown_to(size)?);
        }
        Ok(Arc::clone(&newest))
    }

    /// The moment at a ledger size; none if the ledger has not reached it.
    pub fn at(&self, size: u64) -> Result<Option<Arc<Moment>>, Error> {
        let newest = self.newest()?;
        if size >= newest.size {
            return Ok((size == newest.size).then_some(newest));
        }
        let kept = locked(&self.past).iter().find(|moment| moment.size == size).cloned();
        if kept.is_some() {
            return Ok(kept);
        }
        let moment = Arc::new(newest.shrunk_to(size)?);
        let mut past = locked(&self.past);
        past.push_back(Arc::clone(&moment));
        if past.len() > PAST_KEPT {
            past.pop_front();
        }
        Ok(Some(moment))
    }
}

impl Moment {
    pub(crate) fn new(from: MomentParts, state: State, size: u64) -> Self {
        let MomentParts { origin, store, vault, item_keys, catalog, index, clock } = from;
        Self {
            origin,
            store,
            vault,
            item_keys,
            catalog,
            index,
            state,
            size,
            clock,
            figures: OnceLock::new(),
            stretch: Mutex::default(),
            recorded: Arc::default(),
            is_past: false,
        }
    }

    fn grown_to(&self, size: u64) -> Result<Self, Error> {
        let mut state = self.state.clone();
        replay(&*self.store.reader()?, &self.origin, &mut state, self.size, size)?;
        self.with(state, size)
    }

    fn shrunk_to(&self, size: u64) -> Result<Self, Error> {
        let state = state_at(&*self.store.reader()?, &self.item_keys, &self.origin, size)?;
        Ok(Self { is_past: true, ..self.with(state, size)? })
    }

    /// Another state of the same ledger, read through the catalog in force then.
    fn with(&self, state: State, size: u64) -> Result<Self, Error> {
        let (mut catalog, mut index) = (Arc::clone(&self.catalog), Arc::clone(&self.index));
        if let Some(adopted) = state.catalog_in_force().filter(|adopted| adopted.catalog != catalog.digest()) {
            catalog = Arc::new(catalog_from_object(&self.vault.get(&adopted.files)?)?);
            index = Arc::new(index_of(&catalog)?);
        }
        let (store, vault) = (Arc::clone(&self.store), self.vault.clone());
        let item_keys = self.item_keys.clone();
        let clock = Arc::clone(&self.clock);
        let parts = MomentParts { origin: self.origin.clone(), store, vault, item_keys, catalog, index, clock };
        Ok(Self { recorded: Arc::clone(&self.recorded), ..Self::new(parts, state, size) })
    }
}

/// What a moment reads from, beside its state.
pub(crate) struct MomentParts {
    pub(crate) origin: String,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) vault: Vault,
    pub(crate) item_keys: ItemKeySecret,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) index: Arc<CatalogIndex>,
    pub(crate) clock: Arc<dyn Clock>,
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
