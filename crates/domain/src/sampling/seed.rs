//! The seed of a sample and the rank it gives an item.
//!
//! Invariant: these bytes never change under the same algorithm name; `docs/sampling.md` tells them to whoever draws again.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tickmark_canonical::{Digest, DigestParseError};

use crate::EngagementId;

/// How a seed is made.
pub const SEED_ALGORITHM: &str = "tickmark-seed-1";
/// How items are ranked and drawn.
pub const RANK_ALGORITHM: &str = "tickmark-rank-1";

const START_ALGORITHM: &str = "tickmark-start-1";
const NONCE_ALGORITHM: &str = "tickmark-nonce-1";

/// Between the parts of a rank's input. Both parts before it have 32 bytes, so nothing runs together.
const SEPARATOR: &[u8] = &[0x1f];

/// 32 random bytes of the firm's, committed to before the freeze and opened after it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nonce(Digest);

impl Nonce {
    /// Takes 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(Digest::from_bytes(bytes))
    }

    /// What is recorded before the freeze: it binds the firm and tells nothing.
    pub fn commitment(&self) -> Digest {
        Digest::of_parts(&[NONCE_ALGORITHM.as_bytes(), self.0.as_bytes()])
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Nonce {
    // A nonce that shows before the freeze would let the sample be known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

impl FromStr for Nonce {
    type Err = DigestParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a draw follows from, with its population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(Digest);

impl Seed {
    /// SHA-256 of the algorithm's name, the engagement, the population's digest, the root hash of the checkpoint after the
    /// freeze and the nonce, each preceded by its length (8 bytes, big endian). Management's own sample has no nonce: its
    /// length is 0.
    pub fn of(engagement: &EngagementId, population: &Digest, checkpoint: &Digest, nonce: Option<&Nonce>) -> Self {
        Self(Digest::of_parts(&[
            SEED_ALGORITHM.as_bytes(),
            engagement.as_str().as_bytes(),
            population.as_bytes(),
            checkpoint.as_bytes(),
            nonce.map_or(&[], |nonce| nonce.0.as_bytes().as_slice()),
        ]))
    }

    /// Takes a seed as it was recorded.
    pub const fn from_digest(digest: Digest) -> Self {
        Self(digest)
    }

    /// Its 32 bytes.
    pub const fn as_digest(&self) -> &Digest {
        &self.0
    }

    /// Where selection by interval starts: a number under `below`, from the first 16 bytes of a digest. No number under
    /// 2^64 is favored by more than one in 2^64.
    pub(super) fn start(&self, population: &Digest, below: u128) -> u128 {
        let digest = Digest::of_parts(&[START_ALGORITHM.as_bytes(), self.0.as_bytes(), population.as_bytes()]);
        let number = digest.as_bytes().iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        number % below.max(1)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seed {
    type Err = DigestParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Ranks items of one population under one seed.
#[derive(Debug, Clone)]
pub struct Ranker(Sha256);

impl Ranker {
    /// Begins with the seed and the population, which all ranks share.
    pub fn new(seed: &Seed, population: &Digest) -> Self {
        let mut hasher = Sha256::new();
        for part in [seed.0.as_bytes(), SEPARATOR, population.as_bytes(), SEPARATOR] {
            hasher.update(part);
        }
        Self(hasher)
    }

    /// The rank of an item: SHA-256 of seed, 0x1f, population digest, 0x1f, item key. Small ranks are drawn.
    pub fn rank(&self, key: &[u8]) -> Digest {
        Digest::from_bytes(self.0.clone().chain_update(key).finalize().into())
    }
}
