//! Tiles: the tree cut into pieces of 256 hashes (C2SP tlog-tiles, height 8), the last one of a level partly filled.
//!
//! Invariant: a full tile never changes; a partial tile only grows at its end.

use std::{cell::RefCell, collections::BTreeMap};

use tickmark_canonical::Digest;

use crate::{
    error::{Corrupt, Error},
    hash::{empty_root, node_hash},
    proof::Nodes,
};

/// Hashes of a full tile, 2 to the power of the height.
pub const TILE_WIDTH: u64 = 256;

/// Levels of the tree that a tile spans (C2SP tlog-tiles fixes 8).
pub const TILE_HEIGHT: u32 = 8;

/// The hashes of one tile, full or partial.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tile {
    /// At most 256 hashes, from left to right.
    pub hashes: Vec<Digest>,
}

impl Tile {
    /// The hashes one after the other, as C2SP tlog-tiles serves them.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// Reads a tile's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || hashes.is_empty() || hashes.len() as u64 > TILE_WIDTH {
            return Err(Error::malformed("tile", format!("{} bytes are not 1 to 256 hashes", bytes.len())));
        }
        Ok(Self { hashes: hashes.iter().copied().map(Digest::from_bytes).collect() })
    }

    /// The hash over the perfect subtree of `1 << height` hashes from `start` on.
    fn subtree(&self, start: usize, height: u32) -> Option<Digest> {
        let width = 1_usize.checked_shl(height)?;
        self.hashes.get(start..start.checked_add(width)?).and_then(subtree)
    }
}

/// Path of a tile below a ledger's URL (C2SP tlog-tiles): `tile/0/x001/234.p/17`. `width` is 256 for a full tile.
pub fn tile_path(level: u32, index: u64, width: u64) -> String {
    path(&level.to_string(), index, width)
}

/// Path of an entry bundle below a ledger's URL (C2SP tlog-tiles): `tile/entries/x001/234`.
pub fn bundle_path(index: u64, width: u64) -> String {
    path("entries", index, width)
}

fn path(level: &str, index: u64, width: u64) -> String {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let partial = if width == TILE_WIDTH { String::new() } else { format!(".p/{width}") };
    format!("tile/{level}/{}{partial}", groups.join("/"))
}

/// A tile that an append changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileWrite {
    /// Tile level: its hashes are subtrees of `256 ^ level` leaves.
    pub level: u32,
    /// Place in its level, counted from 0.
    pub index: u64,
    /// The tile after the append.
    pub tile: Tile,
}

/// The partial tiles at the right edge of a tree: all that an append needs to read of it.
#[derive(Debug, Clone, Default)]
pub struct TileEdge {
    size: u64,
    /// One partial tile a level, from level 0; may be empty.
    partial: Vec<Tile>,
    changed: BTreeMap<(u32, u64), Tile>,
}

impl TileEdge {
    /// The place (level, index, width) of every partial tile of a tree of `size` leaves.
    pub fn places(size: u64) -> impl Iterator<Item = (u32, u64, u64)> {
        (0..u64::BITS / TILE_HEIGHT)
            .map(move |level| (level, size >> (TILE_HEIGHT * level)))
            .take_while(|(_, hashes)| *hashes > 0)
            .map(|(level, hashes)| (level, hashes / TILE_WIDTH, hashes % TILE_WIDTH))
    }

    /// Reads the edge of a tree of `size` leaves; `read` gives the first `width` hashes of a tile.
    pub fn load(size: u64, mut read: impl FnMut(u32, u64, u64) -> Result<Tile, Error>) -> Result<Self, Error> {
        let partial = Self::places(size)
            .map(|(level, index, width)| if width == 0 { Ok(Tile::default()) } else { read(level, index, width) })
            .collect::<Result<_, _>>()?;
        Ok(Self { size, partial, changed: BTreeMap::new() })
    }

    /// Adds one leaf by its hash.
    pub fn push(&mut self, leaf: Digest) {
        self.push_at(0, leaf);
        self.size += 1;
    }

    fn push_at(&mut self, level: usize, hash: Digest) {
        if self.partial.len() <= level {
            self.partial.resize(level + 1, Tile::default());
        }
        // Written before `size` grows: the tile's place is that of the hash just added.
        let index = self.size >> (TILE_HEIGHT * (level as u32 + 1));
        let Some(tile) = self.partial.get_mut(level) else { return };
        tile.hashes.push(hash);
        if tile.hashes.len() as u64 == TILE_WIDTH {
            let full = std::mem::take(tile);
            let above = full.subtree(0, TILE_HEIGHT);
            self.changed.insert((level as u32, index), full);
            if let Some(above) = above {
                self.push_at(level + 1, above);
            }
        } else {
            // A marker: the hashes are copied once, in `writes`.
            self.changed.entry((level as u32, index)).or_default();
        }
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree, from the partial tiles alone.
    pub fn root(&self) -> Digest {
        let mut root: Option<Digest> = None;
        for tile in &self.partial {
            let width = tile.hashes.len();
            for height in (0..TILE_HEIGHT).filter(|height| width >> height & 1 == 1) {
                let start = (width >> height >> 1) << height << 1;
                if let Some(left) = tile.subtree(start, height) {
                    root = Some(root.map_or(left, |right| node_hash(&left, &right)));
                }
            }
        }
        root.unwrap_or_else(empty_root)
    }

    /// The tiles that changed since the edge was loaded.
    pub fn writes(self) -> Vec<TileWrite> {
        let Self { partial, changed, .. } = self;
        changed
            .into_iter()
            .map(|((level, index), tile)| {
                let tile = if tile.hashes.is_empty() {
                    partial.get(level as usize).cloned().unwrap_or_default()
                } else {
                    tile
                };
                TileWrite { level, index, tile }
            })
            .collect()
    }
}

/// Subtree hashes read from tiles, each tile once.
pub struct TileNodes<F> {
    read: F,
    seen: RefCell<BTreeMap<(u32, u64), Tile>>,
}

impl<F: Fn(u32, u64) -> Result<Tile, Error>> TileNodes<F> {
    /// `read` gives a tile by level and index, with as many hashes as there are.
    pub const fn new(read: F) -> Self {
        Self { read, seen: RefCell::new(BTreeMap::new()) }
    }
}

impl<F: Fn(u32, u64) -> Result<Tile, Error>> Nodes for TileNodes<F> {
    fn node(&self, level: u32, index: u64) -> Result<Digest, Error> {
        let (tile_level, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let first = index << height;
        let (tile_index, start) = (first / TILE_WIDTH, first % TILE_WIDTH);
        let mut seen = self.seen.borrow_mut();
        let tile = match seen.entry((tile_level, tile_index)) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert((self.read)(tile_level, tile_index)?),
        };
        tile.subtree(start as usize, height).ok_or_else(|| {
            Corrupt::new(
                format!("tile {tile_index} of level {tile_level}"),
                format!("at least {} hashes", start + (1 << height)),
                format!("{} hashes", tile.hashes.len()),
            )
            .into()
        })
    }
}

/// The tree over leaf hashes held in memory, with one row of subtree hashes every eight levels.
#[derive(Debug, Clone)]
pub struct TileTree {
    rows: Vec<Vec<Digest>>,
}

impl TileTree {
    /// Builds the tree.
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut rows = vec![leaves];
        while let Some(above) = rows.last().and_then(|row| {
            let above: Vec<Digest> = row.chunks_exact(TILE_WIDTH as usize).filter_map(subtree).collect();
            (!above.is_empty()).then_some(above)
        }) {
            rows.push(above);
        }
        Self { rows }
    }
}

impl Nodes for TileTree {
    fn node(&self, level: u32, index: u64) -> Result<Digest, Error> {
        let (row, height) = ((level / TILE_HEIGHT) as usize, level % TILE_HEIGHT);
        let start = usize::try_from(index).ok().and_then(|index| index.checked_mul(1 << height));
        let hashes = start.and_then(|start| self.rows.get(row)?.get(start..start.checked_add(1 << height)?));
        hashes
            .and_then(subtree)
            .ok_or_else(|| Error::BadProof { what: "tree", reason: format!("it has no node {index} of level {level}") })
    }
}

/// Root over hashes whose number is a power of two.
fn subtree(hashes: &[Digest]) -> Option<Digest> {
    if let [hash] = hashes {
        return Some(*hash);
    }
    let mut row: Vec<Digest> = hashes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{frontier::Frontier, hash::leaf_hash, proof};

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(tile_path(1, 0, 17), "tile/1/000.p/17");
        assert_eq!(bundle_path(999, 256), "tile/entries/999");
        assert_eq!(bundle_path(1000, 1), "tile/entries/x001/000.p/1");
    }

    #[test]
    fn tiles_give_every_root_and_proof() {
        let leaf = |n: u64| leaf_hash(&n.to_be_bytes());
        let mut stored: BTreeMap<(u32, u64), Tile> = BTreeMap::new();
        let mut frontier = Frontier::new();
        let mut size = 0;
        // Steps that end before, on and after tile borders, up to a second full tile level.
        for step in [1_u64, 254, 1, 1, 255, 512, 3, 65_536 - 1027, 1, 300] {
            let mut edge = TileEdge::load(size, |level, index, width| {
                let mut tile = stored[&(level, index)].clone();
                tile.hashes.truncate(width as usize);
                Ok(tile)
            })
            .expect("loads");
            for n in size..size + step {
                edge.push(leaf(n));
                frontier.push(leaf(n));
            }
            size += step;
            assert_eq!(edge.size(), size);
            assert_eq!(edge.root(), frontier.root(), "size {size}");
            for write in edge.writes() {
                if let Some(before) = stored.get(&(write.level, write.index)) {
                    assert!(write.tile.hashes.starts_with(&before.hashes), "a tile only grows");
                }
                stored.insert((write.level, write.index), write.tile);
            }
        }
        for (level, index, width) in TileEdge::places(size) {
            assert_eq!(stored.get(&(level, index)).map_or(0, |tile| tile.hashes.len()), width as usize);
        }
        let nodes = TileNodes::new(|level, index| Ok(stored[&(level, index)].clone()));
        let tree = TileTree::new((0..size).map(leaf).collect());
        for old in [1, 255, 256, 257, 65_536, 65_537, size] {
            assert_eq!(proof::root(&tree, old).expect("root"), proof::root(&nodes, old).expect("root"));
        }
        assert_eq!(proof::root(&nodes, size).expect("root"), frontier.root());
        for index in [0, 1, 255, 256, 65_535, 65_536, size - 1] {
            let path = proof::inclusion(&nodes, index, size).expect("proof");
            proof::verify_inclusion(&leaf(index), index, size, &path, &frontier.root()).expect("verifies");
        }
        for old in [1, 2, 255, 256, 257, 65_535, 65_536, 65_537] {
            let before = proof::root(&nodes, old).expect("root");
            let path = proof::consistency(&nodes, old, size).expect("proof");
            proof::verify_consistency(old, size, &before, &frontier.root(), &path).expect("verifies");
        }
    }
}
