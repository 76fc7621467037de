//! How long recorded facts stood without an outside holder, for documents and verdicts.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tickmark_ledger::{Anchor, AnchorKind, CheckpointTime, Reader, Unanchored, longest_unanchored_stretch};

use crate::Error;

/// The longest stretch without an outside anchor, and who held checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The holders, in words.
    pub holders: Vec<String>,
    /// How many checkpoints left the house.
    pub checkpoints: u64,
    /// The longest stretch in whole days, rounded up.
    pub longest_days: u64,
    /// When it began.
    pub longest_from: Timestamp,
}

/// Computes the stretch of a ledger's first entries; `None` is "intact under the organization's own key only".
pub fn stretch(reader: &dyn Reader, origin: &str, size: u64) -> Result<Option<Stretch>, Error> {
    let anchors: Vec<Anchor> = reader.anchors(origin)?.into_iter().filter(|anchor| anchor.size <= size).collect();
    let Some(last) = size.checked_sub(1) else { return Ok(None) };
    let now = reader.entry(origin, last)?.entry.recorded_at;
    let mut times = Vec::new();
    reader.scan(origin, 0..size, &mut |index, bytes| {
        // Entries were decoded when they were recorded and are again by every check; one that does not decode is
        // `ledger check`'s to name.
        if let Ok(entry) = tickmark_ledger::Entry::decode(bytes) {
            times.push(CheckpointTime { size: index + 1, at: entry.recorded_at });
        }
        Ok(())
    })?;
    Ok(stretch_of(&times, &anchors, now))
}

/// The stretch of entries recorded at `times`, as `anchors` cover them.
pub(crate) fn stretch_of(times: &[CheckpointTime], anchors: &[Anchor], now: Timestamp) -> Option<Stretch> {
    let made: Vec<CheckpointTime> =
        anchors.iter().map(|anchor| CheckpointTime { size: anchor.size, at: anchor.at }).collect();
    match longest_unanchored_stretch(times, &made, now) {
        Unanchored::OwnKeyOnly => None,
        Unanchored::Longest { from, duration, .. } => Some(Stretch {
            holders: anchors.iter().map(|anchor| holder(anchor.kind)).collect::<BTreeSet<_>>().into_iter().collect(),
            checkpoints: made.len() as u64,
            longest_days: whole_days(duration.as_secs()),
            longest_from: from,
        }),
    }
}

/// Days, rounded up: an hour without an anchor is not "no day".
pub(crate) fn whole_days(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0).div_ceil(86_400)
}

pub(crate) fn holder(kind: AnchorKind) -> String {
    match kind {
        AnchorKind::Rfc3161 => "a time-stamp authority (RFC 3161)",
        AnchorKind::Mailbox => "a mailbox outside the house (time as the mail claims it)",
        AnchorKind::Installation => "the firm's installation",
        AnchorKind::Witness => "a witness (C2SP)",
    }
    .to_owned()
}
