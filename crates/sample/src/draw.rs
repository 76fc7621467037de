//! Chance, repeatable: a stream of draws named by the seed and a label.
//!
//! Invariant: a draw depends on the seed, the label and the draws before it under the same label, on nothing else; so a new
//! kind of fault does not move the others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A named stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of `seed` with the name `label`.
    pub(crate) fn new(seed: u64, label: &str) -> Draw {
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(label.as_bytes());
        Draw(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// A number from 0 to `n - 1`; 0 when `n` is 0. The bias of the remainder is far below what a sample year shows.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64().checked_rem(n).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// True in `per_mille` of a thousand draws.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// A position in a list of `len`.
    pub(crate) fn position(&mut self, len: usize) -> usize {
        usize::try_from(self.below(u64::try_from(len).unwrap_or(0))).unwrap_or(0)
    }

    /// One of the list, none when it is empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.position(list.len());
        list.get(at)
    }

    /// The list in another order.
    pub(crate) fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for last in (1..list.len()).rev() {
            let other = self.position(last.saturating_add(1));
            list.swap(last, other);
        }
        list
    }

    /// A raw draw.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    #[test]
    fn equal_names_give_equal_draws() {
        let (mut a, mut b, mut c) = (Draw::new(7, "x"), Draw::new(7, "x"), Draw::new(7, "y"));
        let (left, right, other): (Vec<_>, Vec<_>, Vec<_>) = (
            (0..9).map(|_| a.bits()).collect(),
            (0..9).map(|_| b.bits()).collect(),
            (0..9).map(|_| c.bits()).collect(),
        );
        assert_eq!(left, right);
        assert_ne!(left, other);
    }

    #[test]
    fn bounds_are_included() {
        let mut draw = Draw::new(1, "bounds");
        let seen: std::collections::BTreeSet<i64> = (0..500).map(|_| draw.between(-1, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }
}
