//! Column chunks that were read and checked in this run, kept up to a number of bytes.
//!
//! Many tests read the same columns of the same parts; what was checked once is handed out again from memory.
//!
//! Invariant: only bytes that a digest was checked for enter, and a cache lives no longer than its run.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tickmark_canonical::Digest;

/// The part, and the position of the chunk in it.
type Key = (Digest, usize);

/// The chunks, least recently used first to go.
#[derive(Debug)]
pub(crate) struct ChunkCache {
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    chunks: BTreeMap<Key, (u64, Bytes)>,
    by_use: BTreeMap<u64, Key>,
    bytes: usize,
    clock: u64,
}

impl ChunkCache {
    /// A cache of at most `most_bytes`.
    pub(crate) fn new(most_bytes: u64) -> Self {
        Self { most_bytes: usize::try_from(most_bytes).unwrap_or(usize::MAX), kept: Mutex::default() }
    }

    /// A chunk, if it is here.
    pub(crate) fn get(&self, key: &Key) -> Option<Bytes> {
        let mut kept = self.lock();
        kept.clock += 1;
        let now = kept.clock;
        let (used, bytes) = kept.chunks.get_mut(key)?;
        let before = std::mem::replace(used, now);
        let bytes = bytes.clone();
        kept.by_use.remove(&before);
        kept.by_use.insert(now, *key);
        Some(bytes)
    }

    /// Keeps a chunk, and lets go of the least recently used ones past the limit.
    pub(crate) fn keep(&self, key: Key, bytes: &Bytes) {
        // A chunk that would take a quarter of the room would drive out everything else.
        if bytes.len() > self.most_bytes / 4 {
            return;
        }
        let mut kept = self.lock();
        kept.clock += 1;
        let now = kept.clock;
        if let Some((used, before)) = kept.chunks.insert(key, (now, bytes.clone())) {
            kept.bytes -= before.len();
            kept.by_use.remove(&used);
        }
        kept.by_use.insert(now, key);
        kept.bytes += bytes.len();
        while kept.bytes > self.most_bytes {
            let Some((_, oldest)) = kept.by_use.pop_first() else { return };
            if let Some((_, gone)) = kept.chunks.remove(&oldest) {
                kept.bytes -= gone.len();
            }
        }
    }

    /// A thread that panicked left the maps whole or a chunk short, and a chunk short is only read again.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let cache = ChunkCache::new(100);
        let key = |n: u8| (Digest::of(&[n]), 0);
        let chunk = Bytes::from(vec![0; 25]);
        for n in 0..4 {
            cache.keep(key(n), &chunk);
        }
        assert!(cache.get(&key(0)).is_some());
        cache.keep(key(4), &chunk);
        assert!(cache.get(&key(1)).is_none());
        assert!(cache.get(&key(0)).is_some());
        cache.keep(key(5), &Bytes::from(vec![0; 26]));
        assert!(cache.get(&key(5)).is_none());
    }
}
