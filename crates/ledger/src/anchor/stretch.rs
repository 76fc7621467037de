//! How long recorded facts stood without an outside holder: in that time the house could have rewritten them unseen.

use jiff::{SignedDuration, Timestamp};

/// When the ledger had reached a size: recorded, or anchored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointTime {
    /// Size of the checkpoint.
    pub size: u64,
    /// When.
    pub at: Timestamp,
}

/// The longest time without an outside anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanchored {
    /// No outside anchor at all: intact under the organization's own key only.
    OwnKeyOnly,
    /// The fact that waited longest.
    Longest {
        /// Size of the checkpoint that waited.
        size: u64,
        /// When it was recorded.
        from: Timestamp,
        /// When the first anchor of this or a larger size was made; now, if there is none yet.
        to: Timestamp,
        /// From `from` to `to`.
        duration: SignedDuration,
        /// True when it still waits.
        open: bool,
    },
}

/// The longest wait of any of `checkpoints` for one of `anchors`, in exact time. An anchor covers every smaller size,
/// since a larger tree contains the smaller one. A checkpoint that no anchor covers waits until `now`.
pub fn longest_unanchored_stretch(
    checkpoints: &[CheckpointTime],
    anchors: &[CheckpointTime],
    now: Timestamp,
) -> Unanchored {
    if anchors.is_empty() {
        return Unanchored::OwnKeyOnly;
    }
    let mut anchors = anchors.to_vec();
    anchors.sort_by_key(|anchor| (std::cmp::Reverse(anchor.size), anchor.at));
    let mut checkpoints = checkpoints.to_vec();
    checkpoints.sort_by_key(|checkpoint| (std::cmp::Reverse(checkpoint.size), checkpoint.at));
    let mut ahead = anchors.into_iter().peekable();
    // The earliest anchor among those of this or a larger size.
    let mut earliest: Option<Timestamp> = None;
    let mut longest: Option<Unanchored> = None;
    let mut longest_duration = SignedDuration::MIN;
    for checkpoint in checkpoints {
        while let Some(anchor) = ahead.next_if(|anchor| anchor.size >= checkpoint.size) {
            earliest = Some(earliest.map_or(anchor.at, |before| before.min(anchor.at)));
        }
        let to = earliest.unwrap_or(now).max(checkpoint.at);
        let duration = checkpoint.at.duration_until(to);
        // At equal length the earlier checkpoint is named; sizes come in descending order.
        if duration >= longest_duration {
            longest_duration = duration;
            let open = earliest.is_none();
            longest = Some(Unanchored::Longest { size: checkpoint.size, from: checkpoint.at, to, duration, open });
        }
    }
    longest.unwrap_or(Unanchored::OwnKeyOnly)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(size: u64, second: i64) -> CheckpointTime {
        CheckpointTime { size, at: Timestamp::from_second(second).expect("instant") }
    }

    fn longest(checkpoints: &[CheckpointTime], anchors: &[CheckpointTime], now: i64) -> Option<(u64, i64, i64, bool)> {
        match longest_unanchored_stretch(checkpoints, anchors, at(0, now).at) {
            Unanchored::OwnKeyOnly => None,
            Unanchored::Longest { size, from, to, duration, open } => {
                assert_eq!(duration.as_secs(), to.as_second() - from.as_second());
                Some((size, from.as_second(), to.as_second(), open))
            }
        }
    }

    #[test]
    fn table() {
        let made = [at(1, 100), at(5, 200), at(9, 300)];
        for (why, anchors, now, expected) in [
            ("no anchor: own key only", vec![], 400, None),
            ("one at the end covers all before it", vec![at(9, 350)], 400, Some((1, 100, 350, false))),
            ("what came after the last anchor still waits", vec![at(5, 210)], 500, Some((9, 300, 500, true))),
            ("each covered at once", vec![at(1, 101), at(5, 202), at(9, 303)], 400, Some((9, 300, 303, false))),
            (
                "a later anchor of a smaller size does not hide an earlier one",
                vec![at(9, 301), at(1, 390)],
                400,
                Some((1, 100, 301, false)),
            ),
            (
                "an anchor before the fact, by a clock ahead of ours, is no wait",
                vec![at(9, 50)],
                400,
                Some((1, 100, 100, false)),
            ),
        ] {
            assert_eq!(longest(&made, &anchors, now), expected, "{why}");
        }
        assert_eq!(longest(&[], &[at(1, 1)], 9), None);
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_the_definition(
            made in proptest::collection::vec((1_u64..50, 0_i64..1000), 1..20),
            anchors in proptest::collection::vec((1_u64..50, 0_i64..1000), 1..10),
        ) {
            let expected = made.iter().map(|(size, from)| {
                let to = anchors.iter().filter(|(covers, _)| covers >= size).map(|(_, to)| *to).min().unwrap_or(2000);
                (to - from).max(0)
            }).max();
            let pairs = |list: &[(u64, i64)]| list.iter().map(|(size, second)| at(*size, *second)).collect::<Vec<_>>();
            let found = longest(&pairs(&made), &pairs(&anchors), 2000).map(|(_, from, to, _)| to - from);
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
