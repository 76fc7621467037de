//! The right edge of a growing tree: enough to add leaves and tell the root, in memory of the logarithm of its size.

use tickmark_canonical::Digest;

use crate::hash::{empty_root, node_hash};

/// The roots of the perfect subtrees of a tree, one for each bit of its size.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    /// Largest subtree first, as they stand from left to right.
    subtrees: Vec<Digest>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds one leaf by its hash.
    pub fn push(&mut self, leaf: Digest) {
        self.push_noting(leaf, |_, _| ());
    }

    /// Adds one leaf, telling level and hash of every subtree that it completes, itself included.
    pub(crate) fn push_noting(&mut self, leaf: Digest, mut note: impl FnMut(u32, Digest)) {
        let mut node = leaf;
        note(0, node);
        // Each trailing one bit of the old size is a subtree as tall as the node so far: they join.
        for level in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = node_hash(&left, &node);
                note(level + 1, node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    /// Root of the tree (RFC 6962 section 2.1).
    pub fn root(&self) -> Digest {
        self.subtrees.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }
}

/// Root of the tree over `leaves`.
pub fn root_of(leaves: impl IntoIterator<Item = Digest>) -> Digest {
    let mut frontier = Frontier::new();
    leaves.into_iter().for_each(|leaf| frontier.push(leaf));
    frontier.root()
}
