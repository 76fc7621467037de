//! Samples in a package: which objects it takes to draw them again, and drawing them again from nothing but the package.
//!
//! Invariant: a sample whose rows are not at hand is "not drawn again", never "the same items".

use std::collections::BTreeSet;

use tickmark_canonical::{Digest, RowDigestKey};
use tickmark_domain::{EngagementId, FrozenRows, SampleAddition, State};
use tickmark_ledger::frontier::Frontier;
use tickmark_vault::Vault;

use crate::{Error, Verdict, samples::redraw};

/// What it takes to draw the samples of an engagement again.
#[derive(Default)]
pub(crate) struct ToRedraw {
    /// Manifests of frozen rows.
    pub(crate) manifests: BTreeSet<Digest>,
    /// Definitions, parameters, items and what shows why one was replaced.
    pub(crate) objects: BTreeSet<Digest>,
}

impl ToRedraw {
    /// The objects of an engagement's populations and samples, but for those that were erased.
    pub(crate) fn of(state: &State, engagement: &EngagementId) -> Self {
        let mut found = Self::default();
        for population in state.populations.values().filter(|population| population.engagement == *engagement) {
            found.objects.extend(population.definition.object());
            found.rows(&population.rows);
            for second in population.checks.iter().filter_map(|check| check.second_source.as_ref()) {
                found.objects.insert(second.definition);
                found.objects.extend(second.keys.and_then(|keys| keys.one_sided));
                found.rows(&second.rows);
            }
        }
        for sample in state.samples.values().filter(|sample| sample.engagement == *engagement) {
            found.objects.extend([sample.parameters, sample.items]);
            for addition in &sample.additions {
                match addition {
                    SampleAddition::Replacement { item, evidence, .. } => found.objects.extend([*item, *evidence]),
                    SampleAddition::Extension { items, .. } => found.objects.extend([*items]),
                }
            }
        }
        found.manifests.retain(|object| !state.erasures.contains_key(object));
        found.objects.retain(|object| !state.erasures.contains_key(object));
        found
    }

    fn rows(&mut self, rows: &FrozenRows) {
        self.manifests.insert(rows.rows);
        self.objects.insert(rows.inputs);
    }
}

/// Refuses a sample whose seed rests on another root than the ledger had right after its population was frozen.
pub(crate) fn require_checkpoints(state: &State, leaf_hashes: &[u8]) -> Result<(), Error> {
    let mut samples: Vec<_> = state
        .samples
        .iter()
        .filter_map(|(id, sample)| Some((state.populations.get(&sample.population)?.entry + 1, id, sample)))
        .collect();
    samples.sort_by_key(|(size, ..)| *size);
    let (leaves, _) = leaf_hashes.as_chunks::<32>();
    let mut leaves = leaves.iter();
    let mut tree = Frontier::new();
    for (size, id, sample) in samples {
        while tree.size() < size {
            let Some(leaf) = leaves.next() else { break };
            tree.push(Digest::from_bytes(*leaf));
        }
        let (expected, found) = (tree.root(), sample.checkpoint);
        if expected != found {
            let what = format!("the checkpoint of sample `{id}`, right after its population was frozen");
            return Err(Error::Differs { what, expected: expected.to_string(), found: found.to_string() });
        }
    }
    Ok(())
}

/// Draws every sample again that an engagement has, and adds to what was found of its control tests.
pub(crate) fn with_redrawn(
    control_tests: Verdict,
    vault: &Vault,
    state: &State,
    engagement: &EngagementId,
    key: &RowDigestKey,
) -> Result<Verdict, Error> {
    let (mut same, mut not_done) = (0_u64, None);
    for (id, sample) in state.samples.iter().filter(|(_, sample)| sample.engagement == *engagement) {
        let of_rows = state.populations.get(&sample.population).map(|population| population.rows.rows);
        let erased = [of_rows, Some(sample.items)].into_iter().flatten().find_map(|o| state.erasures.get(&o));
        if let Some(erasure) = erased {
            let because = format!("sample `{id}` was not drawn again: erased by entry {}", erasure.entry);
            not_done.get_or_insert(because);
            continue;
        }
        // The roots were compared with the disclosed leaf hashes.
        if let Some(first) = redraw(vault, state, id, sample, key, None)?.differs {
            let expected = "the recorded items".to_owned();
            return Err(Error::Differs { what: format!("sample `{id}`"), expected, found: first });
        }
        same += 1;
    }
    Ok(match (control_tests, not_done) {
        (Verdict::Holds { .. }, Some(because)) => Verdict::NotDone { because },
        (Verdict::Holds { says }, None) if same > 0 => {
            let samples = if same == 1 { "sample" } else { "samples" };
            Verdict::Holds { says: format!("{says}; {same} {samples} drawn again: the same items") }
        }
        (verdict, _) => verdict,
    })
}
