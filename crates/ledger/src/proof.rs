//! Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2; checked as RFC 9162 sections 2.1.3.2 and
//! 2.1.4.2 say).

use tickmark_canonical::Digest;

use crate::{
    error::Error,
    hash::{empty_root, node_hash},
};

/// Where the hashes of perfect subtrees come from.
pub trait Nodes {
    /// Hash of the perfect subtree over the leaves `index << level` up to `(index + 1) << level`.
    fn node(&self, level: u32, index: u64) -> Result<Digest, Error>;
}

/// The leaf hashes themselves; for packages and tests.
impl Nodes for [Digest] {
    fn node(&self, level: u32, index: u64) -> Result<Digest, Error> {
        let missing =
            || Error::BadProof { what: "tree", reason: format!("no leaves for node {index} of level {level}") };
        let width = 1_u64.checked_shl(level).ok_or_else(missing)?;
        let begin = index.checked_mul(width).ok_or_else(missing)?;
        let end = begin.checked_add(width).ok_or_else(missing)?;
        let (begin, end) = (usize::try_from(begin), usize::try_from(end));
        let (Ok(begin), Ok(end)) = (begin, end) else { return Err(missing()) };
        self.get(begin..end).map(|leaves| crate::frontier::root_of(leaves.iter().copied())).ok_or_else(missing)
    }
}

/// Root of the tree of the first `size` leaves.
pub fn root<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Digest, Error> {
    if size == 0 { Ok(empty_root()) } else { range_hash(nodes, 0, size) }
}

/// Proof that the leaf at `index` is in the tree of `size` leaves.
pub fn inclusion<N: Nodes + ?Sized>(nodes: &N, index: u64, size: u64) -> Result<Vec<Digest>, Error> {
    if index >= size {
        return Err(bad("inclusion proof", format!("entry {index} is not in a tree of {size}")));
    }
    let (mut begin, mut end) = (0, size);
    let mut path = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            path.push(range_hash(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range_hash(nodes, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Proof that the tree of `old` leaves is a prefix of the tree of `new` leaves. Empty when `old` is 0 or `new`.
pub fn consistency<N: Nodes + ?Sized>(nodes: &N, old: u64, new: u64) -> Result<Vec<Digest>, Error> {
    if old > new {
        return Err(bad("consistency proof", format!("size {old} is larger than size {new}")));
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut begin, mut end) = (0, new);
    // True while the old tree's own root would be the last hash: the verifier has it.
    let mut whole = true;
    let mut path = Vec::new();
    while old != end {
        let middle = begin + split(end - begin);
        if old <= middle {
            path.push(range_hash(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range_hash(nodes, begin, middle)?);
            begin = middle;
            whole = false;
        }
    }
    if !whole {
        path.push(range_hash(nodes, begin, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks an inclusion proof against a root.
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, proof: &[Digest], root: &Digest) -> Result<(), Error> {
    const WHAT: &str = "inclusion proof";
    if index >= size {
        return Err(bad(WHAT, format!("entry {index} is not in a tree of {size}")));
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(bad(WHAT, "it is too long"));
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(bad(WHAT, "it is too short"));
    }
    same_root(WHAT, root, &hash)
}

/// Checks a consistency proof between two roots.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), Error> {
    const WHAT: &str = "consistency proof";
    if old > new {
        return Err(bad(WHAT, format!("size {old} is larger than size {new}")));
    }
    if old == new || old == 0 {
        if !proof.is_empty() {
            return Err(bad(WHAT, "it must be empty for these sizes"));
        }
        return if old == 0 { same_root(WHAT, &empty_root(), old_root) } else { same_root(WHAT, old_root, new_root) };
    }
    // RFC 9162: when the old size is a power of two its root is the first hash, and is left out of the proof.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or_else(|| bad(WHAT, "it is empty"))?;
        (*first, rest)
    };
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut from_old, mut from_new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(bad(WHAT, "it is too long"));
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(bad(WHAT, "it is too short"));
    }
    same_root(WHAT, old_root, &from_old)?;
    same_root(WHAT, new_root, &from_new)
}

/// The largest power of two smaller than `width` (which is at least 2).
const fn split(width: u64) -> u64 {
    1 << (u64::BITS - 1 - (width - 1).leading_zeros())
}

/// Root of the leaves `begin..end`, where `begin` is a multiple of the largest power of two within the range.
fn range_hash<N: Nodes + ?Sized>(nodes: &N, begin: u64, end: u64) -> Result<Digest, Error> {
    let width = end - begin;
    if width.is_power_of_two() {
        return nodes.node(width.trailing_zeros(), begin >> width.trailing_zeros());
    }
    let middle = begin + split(width);
    Ok(node_hash(&range_hash(nodes, begin, middle)?, &range_hash(nodes, middle, end)?))
}

fn same_root(what: &'static str, expected: &Digest, found: &Digest) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(bad(what, format!("it gives root {found}, not {expected}"))) }
}

fn bad(what: &'static str, reason: impl Into<String>) -> Error {
    Error::BadProof { what, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use ct_merkle::{ConsistencyProof, HashableLeaf, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::{frontier::root_of, hash::leaf_hash};

    #[derive(Clone, Debug)]
    struct Leaf(Vec<u8>);

    impl HashableLeaf for Leaf {
        fn hash<H: ct_merkle::digest::Update>(&self, hasher: &mut H) {
            hasher.update(&self.0);
        }
    }

    fn ours(leaves: &[Vec<u8>]) -> Vec<Digest> {
        leaves.iter().map(|leaf| leaf_hash(leaf)).collect()
    }

    fn oracle(leaves: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Leaf> {
        let mut tree = MemoryBackedTree::new();
        leaves.iter().for_each(|leaf| tree.push(Leaf(leaf.clone())));
        tree
    }

    fn joined(proof: &[Digest]) -> Vec<u8> {
        proof.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    fn as_oracle_root(root: &Digest, size: u64) -> RootHash<Sha256> {
        RootHash::new((*root.as_bytes()).into(), size)
    }

    #[test]
    fn every_proof_of_small_trees_agrees_with_the_oracle() {
        let leaves: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; usize::from(n)]).collect();
        for size in 1..=leaves.len() {
            let (hashes, tree) = (ours(&leaves[..size]), oracle(&leaves[..size]));
            let top = root(hashes.as_slice(), size as u64).expect("root");
            assert_eq!(top.as_bytes().as_slice(), tree.root().as_bytes().as_slice());
            assert_eq!(top, root_of(hashes.iter().copied()));
            for index in 0..size {
                let proof = inclusion(hashes.as_slice(), index as u64, size as u64).expect("proof");
                assert_eq!(joined(&proof), tree.prove_inclusion(index).as_bytes());
                verify_inclusion(&hashes[index], index as u64, size as u64, &proof, &top).expect("verifies");
            }
            for old in 1..size {
                let proof = consistency(hashes.as_slice(), old as u64, size as u64).expect("proof");
                assert_eq!(joined(&proof), tree.prove_consistency(size - old).as_bytes());
                let before = root(hashes.as_slice(), old as u64).expect("root");
                verify_consistency(old as u64, size as u64, &before, &top, &proof).expect("verifies");
            }
        }
    }

    proptest! {
        #[test]
        fn proofs_of_larger_trees_agree_and_broken_ones_do_not_verify(
            size in 2_usize..700, pick in any::<prop::sample::Index>(), bit in 0_usize..256,
        ) {
            let leaves: Vec<Vec<u8>> = (0..size).map(|n| n.to_be_bytes().to_vec()).collect();
            let (hashes, tree) = (ours(&leaves), oracle(&leaves));
            let (index, old) = (pick.index(size), pick.index(size - 1) + 1);
            let top = root(hashes.as_slice(), size as u64).expect("root");

            let proof = inclusion(hashes.as_slice(), index as u64, size as u64).expect("proof");
            tree.root().verify_inclusion(&Leaf(leaves[index].clone()), index as u64,
                &InclusionProof::<Sha256>::try_from_bytes(joined(&proof)).expect("length")).expect("oracle accepts");
            prop_assert!(verify_inclusion(&hashes[index], index as u64, size as u64, &proof, &top).is_ok());

            let before = root(hashes.as_slice(), old as u64).expect("root");
            let steps = consistency(hashes.as_slice(), old as u64, size as u64).expect("proof");
            as_oracle_root(&top, size as u64).verify_consistency(&as_oracle_root(&before, old as u64),
                &ConsistencyProof::<Sha256>::try_from_bytes(joined(&steps)).expect("length")).expect("oracle accepts");
            prop_assert!(verify_consistency(old as u64, size as u64, &before, &top, &steps).is_ok());

            let flip = |hash: &Digest| {
                let mut bytes = *hash.as_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                Digest::from_bytes(bytes)
            };
            prop_assert!(verify_inclusion(&flip(&hashes[index]), index as u64, size as u64, &proof, &top).is_err());
            prop_assert!(verify_consistency(old as u64, size as u64, &flip(&before), &top, &steps).is_err());
            for at in 0..proof.len() {
                let mut broken = proof.clone();
                broken[at] = flip(&broken[at]);
                prop_assert!(verify_inclusion(&hashes[index], index as u64, size as u64, &broken, &top).is_err());
                prop_assert!(verify_inclusion(&hashes[index], index as u64, size as u64, &proof[..at], &top).is_err());
            }
            for at in 0..steps.len() {
                let mut broken = steps.clone();
                broken[at] = flip(&broken[at]);
                prop_assert!(verify_consistency(old as u64, size as u64, &before, &top, &broken).is_err());
                prop_assert!(verify_consistency(old as u64, size as u64, &before, &top, &steps[..at]).is_err());
            }
        }
    }
}
