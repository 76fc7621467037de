//! Comparing the ledger with its outside anchors: a ledger rebuilt and signed again with the right key is found here.

use crate::{
    anchor::{Anchor, Proven, Trust},
    error::{Corrupt, Error},
    key_chain::{Distrusted, KeyChain},
    store::Reader,
};

/// One anchor, and how far it can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorFinding {
    /// The anchor. Its root is the ledger's at its size.
    pub anchor: Anchor,
    /// Whether somebody outside vouches for it.
    pub verdict: AnchorVerdict,
}

/// How far an anchor can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnchorVerdict {
    /// The outside holder's signature verifies under a key or certificate that the checker trusts.
    Proven {
        /// Who vouches.
        by: String,
    },
    /// The holder's bytes show the checkpoint, but time and holder are only claimed (a mail's headers).
    Claimed {
        /// Who is said to hold it.
        by: String,
    },
    /// Not verified: the checker trusts none of the keys or certificates, or the bytes do not verify.
    NotProven {
        /// Why.
        reason: String,
    },
}

impl AnchorVerdict {
    /// Whether a signature of somebody trusted stands behind it.
    pub const fn is_proven(&self) -> bool {
        matches!(self, Self::Proven { .. })
    }
}

/// Judges one anchor by itself.
pub(crate) fn judge(anchor: &Anchor, trust: &Trust) -> AnchorVerdict {
    match anchor.verify(trust) {
        Ok(Proven { by, claimed: false }) => AnchorVerdict::Proven { by },
        Ok(Proven { by, claimed: true }) => AnchorVerdict::Claimed { by },
        Err(error) => AnchorVerdict::NotProven { reason: crate::error::chain(&error) },
    }
}

/// Compares an anchor's size and root with the ledger's; `root` gives the ledger's root at a size.
pub(crate) fn compare(
    anchor: &Anchor,
    keys: &KeyChain,
    size: u64,
    root: impl FnOnce(u64) -> Result<tickmark_canonical::Digest, Error>,
) -> Result<(), Error> {
    let origin = keys.origin();
    let what =
        format!("ledger `{origin}` at size {}, as anchored by {} at {}", anchor.size, anchor.kind.word(), anchor.at);
    if anchor.size != anchor.checkpoint.size() || anchor.root != *anchor.checkpoint.root() {
        let found = format!("size {} and root {}", anchor.checkpoint.size(), anchor.checkpoint.root());
        return Err(Corrupt::new(what, format!("size {} and root {}", anchor.size, anchor.root), found).into());
    }
    if anchor.checkpoint.origin() != origin {
        return Err(Corrupt::new(
            what,
            format!("an anchor of `{origin}`"),
            format!("one of `{}`", anchor.checkpoint.origin()),
        )
        .into());
    }
    if !keys.periods().any(|period| anchor.checkpoint.verify(&period.vkey).is_ok()) {
        return Err(Corrupt::new(
            what,
            "a checkpoint signed by a key of this ledger",
            "one signed by none of its keys",
        )
        .into());
    }
    if anchor.size > size {
        return Err(Corrupt::new(
            what,
            format!("at least {} entries", anchor.size),
            format!("{size} entries: it was cut short"),
        )
        .into());
    }
    let found = root(anchor.size)?;
    if found == anchor.root {
        Ok(())
    } else {
        Err(Corrupt::new(what, format!("root {}", anchor.root), format!("root {found}: the history was rewritten"))
            .into())
    }
}

pub(super) fn check(
    reader: &dyn Reader,
    keys: &KeyChain,
    size: u64,
    trust: &Trust,
) -> Result<Vec<AnchorFinding>, Error> {
    let origin = keys.origin();
    let mut findings = Vec::new();
    for anchor in reader.anchors(origin)?.into_iter().chain(trust.anchors.iter().cloned()) {
        let verdict = judge(&anchor, trust);
        compare(&anchor, keys, size, |size| reader.root(origin, size))?;
        findings.push(AnchorFinding { anchor, verdict });
    }
    Ok(findings)
}

/// What remains of the distrusted stretches when everything up to the last proven anchor within them is believed.
pub(crate) fn uncovered(keys: &KeyChain, findings: &[AnchorFinding]) -> Vec<Distrusted> {
    let mut uncovered = Vec::new();
    for stretch in keys.distrusted() {
        let anchored = findings
            .iter()
            .filter(|finding| finding.verdict.is_proven() && finding.anchor.size <= stretch.to_size)
            .map(|finding| finding.anchor.size)
            .max()
            .unwrap_or(0);
        let from_size = stretch.from_size.max(anchored + 1);
        if from_size <= stretch.to_size {
            uncovered.push(Distrusted { from_size, ..stretch });
        }
    }
    uncovered
}
