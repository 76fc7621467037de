//! The tree over the hashes of all entries, compared with tiles and with the root of every checkpoint on the way.

use std::collections::VecDeque;

use tickmark_canonical::Digest;

use super::At;
use crate::{
    bundle,
    checkpoint::{Checkpoint, SignedCheckpoint},
    error::{Corrupt, Error, as_corrupt},
    frontier::Frontier,
    hash::leaf_hash,
    store::{Reader, wrong_leaf},
    tile::{TILE_HEIGHT, TILE_WIDTH, TileEdge},
};

/// Checkpoints read at once.
const PAGE: usize = 4096;

/// The leaf hash of each entry of a bundle; where its bytes end within an entry, that instead.
pub(super) type Leaves = Vec<Result<Digest, Error>>;

pub(super) fn leaves(bytes: &[u8]) -> Leaves {
    bundle::entries(bytes).map(|entry| entry.map(leaf_hash)).collect()
}

pub(super) struct Hashing<'r> {
    reader: &'r dyn Reader,
    origin: &'r str,
    size: u64,
    frontier: Frontier,
    /// The hashes of the tile that is being filled, one row a level.
    rows: Vec<Vec<Digest>>,
    /// Checkpoints that lie ahead, and where the next page begins.
    ahead: VecDeque<(u64, String)>,
    next_page: u64,
    /// Sizes of the checkpoints seen.
    checkpoints: Vec<u64>,
}

impl<'r> Hashing<'r> {
    pub(super) fn new(reader: &'r dyn Reader, origin: &'r str, size: u64) -> Self {
        Self {
            reader,
            origin,
            size,
            frontier: Frontier::new(),
            rows: vec![Vec::with_capacity(TILE_WIDTH as usize)],
            ahead: VecDeque::new(),
            next_page: 0,
            checkpoints: Vec::new(),
        }
    }

    /// Takes the leaf hashes of one bundle; gives the index after its last entry and the checkpoints within it.
    pub(super) fn bundle(&mut self, first: u64, leaves: Leaves) -> Result<(u64, Vec<(u64, String)>), At> {
        if first != self.frontier.size() {
            let expected = format!("entry {}", self.frontier.size());
            return Err(at(
                first,
                Corrupt::new("the order of entry bundles", expected, format!("entry {first}")).into(),
            ));
        }
        let mut notes = Vec::new();
        let mut next = self.next_checkpoint()?;
        for leaf in leaves {
            let index = self.frontier.size();
            let leaf = leaf.map_err(|error| at(index, error))?;
            let rows = &mut self.rows;
            self.frontier.push_noting(leaf, |level, node| {
                if level % TILE_HEIGHT == 0 {
                    let row = (level / TILE_HEIGHT) as usize;
                    if rows.len() <= row {
                        rows.resize_with(row + 1, Vec::new);
                    }
                    if let Some(row) = rows.get_mut(row) {
                        row.push(node);
                    }
                }
            });
            if self.rows.first().is_some_and(|row| row.len() as u64 == TILE_WIDTH) {
                self.full_tiles()?;
            }
            if next == Some(self.frontier.size()) {
                notes.extend(self.checkpoint()?);
                next = self.next_checkpoint()?;
            }
        }
        let end = self.frontier.size();
        if end > self.size {
            return Err(at(self.size, Corrupt::new("the last entry", self.size - 1, end - 1).into()));
        }
        Ok((end, notes))
    }

    /// Compares the tiles that are filled now, and empties their rows.
    fn full_tiles(&mut self) -> Result<(), At> {
        for level in 0..self.rows.len() {
            let full = self.rows.get(level).is_some_and(|row| row.len() as u64 == TILE_WIDTH);
            if !full {
                break;
            }
            let index = (self.frontier.size() >> (TILE_HEIGHT * (level as u32 + 1))) - 1;
            self.compare_tile(level as u32, index, true)?;
            if let Some(row) = self.rows.get_mut(level) {
                row.clear();
            }
        }
        Ok(())
    }

    /// Compares a row with its stored tile; with `whole` false, only as far as the row goes.
    fn compare_tile(&self, level: u32, index: u64, whole: bool) -> Result<(), At> {
        let computed = self.rows.get(level as usize).map(Vec::as_slice).unwrap_or_default();
        let leaves = TILE_HEIGHT * level;
        let first_hash = index * TILE_WIDTH;
        let first_entry = first_hash << leaves;
        let what = format!("tile {index} of level {level}");
        let stored = self
            .reader
            .tile(self.origin, level, index)
            .map_err(|error| at(first_entry, as_corrupt(&what, &format!("{} hashes", computed.len()), error)))?;
        let different = stored.hashes.iter().zip(computed).position(|(stored, computed)| stored != computed);
        if let Some(place) = different {
            let (Some(found), Some(expected)) = (stored.hashes.get(place), computed.get(place)) else { return Ok(()) };
            let entry = (first_hash + place as u64) << leaves;
            return Err(at(entry, self.blame(level, index, place, entry, expected, found)));
        }
        if !whole || stored.hashes.len() == computed.len() {
            Ok(())
        } else {
            let place = stored.hashes.len().min(computed.len()) as u64;
            let found = format!("{} hashes", stored.hashes.len());
            Err(at(
                (first_hash + place) << leaves,
                Corrupt::new(what, format!("{} hashes", computed.len()), found).into(),
            ))
        }
    }

    /// Entry and tile differ; which of the two was changed.
    fn blame(&self, level: u32, tile: u64, place: usize, entry: u64, computed: &Digest, stored: &Digest) -> Error {
        if level == 0 {
            wrong_leaf(self.reader, self.origin, entry, computed, stored).into()
        } else {
            Corrupt::new(format!("hash {place} of tile {tile} of level {level}"), computed, stored).into()
        }
    }

    fn next_checkpoint(&mut self) -> Result<Option<u64>, At> {
        if self.ahead.is_empty() && self.next_page <= self.size {
            let range = self.next_page..self.size + 1;
            let page =
                self.reader.checkpoint_notes(self.origin, range, PAGE).map_err(|error| at(self.next_page, error))?;
            self.next_page = page.last().map_or(self.size + 1, |(size, _)| size + 1);
            self.ahead = page.into();
        }
        Ok(self.ahead.front().map(|(size, _)| *size))
    }

    /// Compares the checkpoint at the size reached with the tree.
    fn checkpoint(&mut self) -> Result<Option<(u64, String)>, At> {
        let Some((size, note)) = self.ahead.pop_front() else { return Ok(None) };
        let root = self.frontier.root();
        self.checkpoints.push(size);
        let expected = Checkpoint { origin: self.origin.to_owned(), size, root, extensions: Vec::new() };
        if note.strip_prefix(&expected.to_text()).is_some_and(|signatures| signatures.starts_with('\n')) {
            return Ok(Some((size, note)));
        }
        // Something is wrong, or the checkpoint has further lines; find out which.
        let what = format!("the checkpoint at size {size}");
        let index = size.saturating_sub(1);
        let signed = SignedCheckpoint::parse(&note)
            .map_err(|error| at(index, Corrupt::new(&what, "a signed checkpoint", error).into()))?;
        if *signed.root() != root {
            // An entry or a tile before it may be what is wrong; only if they agree is it the checkpoint.
            for (level, place, width) in TileEdge::places(size) {
                if width > 0 {
                    self.compare_tile(level, place, false)?;
                }
            }
        }
        if signed.size() != size || signed.origin() != self.origin || *signed.root() != root {
            let expected = format!("`{}` at size {size} with root {root}", self.origin);
            let found = format!("`{}` at size {} with root {}", signed.origin(), signed.size(), signed.root());
            return Err(at(index, Corrupt::new(what, expected, found).into()));
        }
        Ok(Some((size, note)))
    }

    /// Compares the partial tiles, and that nothing is stored beyond the end. Gives the sizes of the checkpoints.
    pub(super) fn finish(mut self) -> Result<Vec<u64>, At> {
        let end = |corrupt: Corrupt| at(self.size.saturating_sub(1), corrupt.into());
        if self.frontier.size() != self.size {
            return Err(end(Corrupt::new("the number of entries", self.size, self.frontier.size())));
        }
        if self.checkpoints.last() != Some(&self.size) {
            return Err(end(Corrupt::new("the newest checkpoint", format!("one at size {}", self.size), "none")));
        }
        for (level, index, width) in TileEdge::places(self.size) {
            if width > 0 {
                self.compare_tile(level, index, true)?;
            }
        }
        let mut expected = Vec::new();
        for (level, index, width) in TileEdge::places(self.size) {
            expected.extend((0..index + u64::from(width > 0)).map(|index| (level, index)));
        }
        let found = self.reader.tile_places(self.origin).map_err(|error| at(self.size, error))?;
        if found != expected {
            let (found, expected) = (found.len(), expected.len());
            return Err(end(Corrupt::new("the tiles", format!("{expected} in their places"), format!("{found}"))));
        }
        let beyond = self
            .reader
            .checkpoint_notes(self.origin, self.size + 1..u64::MAX, 1)
            .map_err(|error| at(self.size, error))?;
        if let Some((size, _)) = beyond.first() {
            let expected = format!("none after size {}", self.size);
            return Err(end(Corrupt::new("the checkpoints", expected, format!("one at size {size}"))));
        }
        self.rows.clear();
        Ok(self.checkpoints)
    }
}

const fn at(index: u64, error: Error) -> At {
    At { index, error }
}
