//! Samples: items drawn from a frozen population by a seed that nobody alone could choose.
//!
//! The firm commits a nonce as a hash before the population is frozen and opens it when it draws; the seed follows from the
//! engagement, the population, the ledger's root right after the freeze and the nonce. Management's own samples need no nonce
//! and say whose they are. A draw can be done again by anyone who has the rows.
//!
//! Invariant: of the nonces that the firm committed, the last one before the freeze counts, and only if nobody knew it then.
//! Invariant: nothing is taken from a sample: what was replaced, extended or voided stays and shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, EngagementId, Event, PersonId, PopulationId, Recorded, Refusal, Role, SampleId, Side, State,
    sampling::Nonce,
};

/// Commit to a nonce (firm only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitNonce {
    /// The engagement.
    pub engagement: EngagementId,
    /// What binds the firm to its nonce and tells nothing of it.
    pub commitment: Digest,
}

/// The firm committed to a nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonceCommitted {
    /// The engagement.
    pub engagement: EngagementId,
    /// What binds the firm to its nonce and tells nothing of it.
    pub commitment: Digest,
}

/// A commitment as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceCommitment {
    /// The engagement.
    pub engagement: EngagementId,
    /// What binds the firm to its nonce and tells nothing of it.
    pub commitment: Digest,
    /// Who committed to it.
    pub committed_by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
    /// Entry of the draw that opened it first: from then on everybody knows it.
    pub opened: Option<u64>,
}

/// How items are selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectionMethod {
    /// Each item is as likely as any other.
    Random,
    /// Every so-manieth item of the population's order from a random start.
    Systematic,
    /// So many at random of each part that differs.
    Stratified,
    /// As likely as its amount is large.
    MonetaryUnit,
}

impl std::fmt::Display for SelectionMethod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Random => "random",
            Self::Systematic => "systematic",
            Self::Stratified => "stratified",
            Self::MonetaryUnit => "monetary-unit",
        })
    }
}

/// Draw a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawSample {
    /// Its id.
    pub sample: SampleId,
    /// The population.
    pub population: PopulationId,
    /// How items are selected.
    pub method: SelectionMethod,
    /// What the method and its size rest on (vault object).
    pub parameters: Digest,
    /// How many items.
    pub size: u64,
    /// The ledger's root right after the freeze.
    pub checkpoint: Digest,
    /// The firm's nonce, opened.
    pub nonce: Option<Nonce>,
    /// The items in the order drawn (vault object, sealed).
    pub items: Digest,
    /// Why it is drawn once more (vault text).
    pub reason: Option<Digest>,
}

/// A sample was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleDrawn {
    /// Its id.
    pub sample: SampleId,
    /// The engagement.
    pub engagement: EngagementId,
    /// The population.
    pub population: PopulationId,
    /// Whose sample it is.
    pub side: Side,
    /// How items were selected.
    pub method: SelectionMethod,
    /// What the method and its size rest on (vault object).
    pub parameters: Digest,
    /// How many items.
    pub size: u64,
    /// The ledger's root right after the freeze.
    pub checkpoint: Digest,
    /// The firm's nonce, opened.
    pub nonce: Option<Nonce>,
    /// The items in the order drawn (vault object, sealed).
    pub items: Digest,
    /// Why it was drawn once more (vault text).
    pub reason: Option<Digest>,
}

/// Why an item is replaced. Evidence that is lost or not given is no reason: such an item is a deviation unless another
/// procedure shows that the control operated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplacementCause {
    /// What the control applies to was canceled before it applied.
    Canceled,
    /// The item was void: it never was one of the population's kind.
    Void,
    /// The item stands in the sample under another key.
    Duplicate,
}

impl std::fmt::Display for ReplacementCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Canceled => "canceled",
            Self::Void => "void",
            Self::Duplicate => "duplicate",
        })
    }
}

/// Replace an item to which the control did not apply by the next rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplaceSampleItem {
    /// The sample.
    pub sample: SampleId,
    /// The item's number in it, from 1.
    pub number: u64,
    /// The number of the item that takes its place: the next.
    pub by: u64,
    /// Why the control did not apply to it.
    pub cause: ReplacementCause,
    /// The reason in words (vault text).
    pub reason: Digest,
    /// What shows it (vault object, sealed).
    pub evidence: Digest,
    /// The item that takes its place (vault object, sealed).
    pub item: Digest,
}

/// An item was replaced by the next rank; it stays in the sample's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleItemReplaced {
    /// The sample.
    pub sample: SampleId,
    /// Its engagement.
    pub engagement: EngagementId,
    /// The item's number in it.
    pub number: u64,
    /// The number of the item that took its place.
    pub by: u64,
    /// Why the control did not apply to it.
    pub cause: ReplacementCause,
    /// The reason in words (vault text).
    pub reason: Digest,
    /// What shows it (vault object, sealed).
    pub evidence: Digest,
    /// The item that took its place (vault object, sealed).
    pub item: Digest,
}

/// Test more items than were drawn at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendSample {
    /// The sample.
    pub sample: SampleId,
    /// How many more items.
    pub more: u64,
    /// The number of the first of them: the next.
    pub from: u64,
    /// Deviations that the first stage found.
    pub deviations: u64,
    /// Why the first stage is thought not to be typical (vault text).
    pub reason: Digest,
    /// The items added, in the order drawn (vault object, sealed).
    pub items: Digest,
}

/// A sample was extended; it is evaluated as one plan of two stages, and the first result stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleExtended {
    /// The sample.
    pub sample: SampleId,
    /// Its engagement.
    pub engagement: EngagementId,
    /// How many more items.
    pub more: u64,
    /// Deviations that the first stage found.
    pub deviations: u64,
    /// Why the first stage is thought not to be typical (vault text).
    pub reason: Digest,
    /// The items added, in the order drawn (vault object, sealed).
    pub items: Digest,
}

/// Say that a sample is not to be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidSample {
    /// The sample.
    pub sample: SampleId,
    /// Why (vault text).
    pub reason: Digest,
}

/// A sample is not to be relied on; it stays visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleVoided {
    /// The sample.
    pub sample: SampleId,
    /// Its engagement.
    pub engagement: EngagementId,
    /// Why (vault text).
    pub reason: Digest,
}

/// A sample as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The engagement.
    pub engagement: EngagementId,
    /// The population.
    pub population: PopulationId,
    /// Whose sample it is.
    pub side: Side,
    /// How items were selected.
    pub method: SelectionMethod,
    /// What the method and its size rest on (vault object).
    pub parameters: Digest,
    /// How many items were drawn at first.
    pub size: u64,
    /// The ledger's root right after the freeze.
    pub checkpoint: Digest,
    /// The firm's nonce, opened.
    pub nonce: Option<Nonce>,
    /// The items in the order drawn (vault object, sealed).
    pub items: Digest,
    /// Why it was drawn once more (vault text).
    pub reason: Option<Digest>,
    /// Who drew it.
    pub drawn_by: PersonId,
    /// When.
    pub drawn_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
    /// What was added to it since, oldest first.
    pub additions: Vec<SampleAddition>,
    /// Why it is not to be relied on (vault text), and the entry that says so.
    pub voided: Option<(Digest, u64)>,
}

/// What was added to a sample after it was drawn, each with the next ranks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleAddition {
    /// One item took the place of another.
    Replacement {
        /// The number of the item replaced.
        number: u64,
        /// The number of the item that took its place.
        by: u64,
        /// Why the control did not apply to it.
        cause: ReplacementCause,
        /// The reason in words (vault text).
        reason: Digest,
        /// What shows it (vault object, sealed).
        evidence: Digest,
        /// The item that took its place (vault object, sealed).
        item: Digest,
        /// Entry that recorded it.
        entry: u64,
    },
    /// A second stage.
    Extension {
        /// How many more items.
        more: u64,
        /// Deviations that the first stage found.
        deviations: u64,
        /// Why (vault text).
        reason: Digest,
        /// The items added (vault object, sealed).
        items: Digest,
        /// Entry that recorded it.
        entry: u64,
    },
}

impl SampleAddition {
    /// How many items it added.
    pub fn items(&self) -> u64 {
        match self {
            Self::Replacement { .. } => 1,
            Self::Extension { more, .. } => *more,
        }
    }
}

impl Sample {
    /// The number of the last item: items are numbered from 1 in the order in which they came, and keep their number.
    pub fn last_number(&self) -> u64 {
        self.size + self.additions.iter().map(SampleAddition::items).sum::<u64>()
    }

    /// The replacement of an item, if it was replaced: the number of the item that took its place, and the cause.
    pub fn replacement_of(&self, number: u64) -> Option<(u64, ReplacementCause)> {
        self.additions.iter().find_map(|addition| match addition {
            SampleAddition::Replacement { number: replaced, by, cause, .. } if *replaced == number => {
                Some((*by, *cause))
            }
            SampleAddition::Replacement { .. } | SampleAddition::Extension { .. } => None,
        })
    }

    /// The second stage: how many items it added, how many deviations the first stage had, and why (vault text).
    pub fn second_stage(&self) -> Option<(u64, u64, Digest)> {
        self.additions.iter().find_map(|addition| match addition {
            SampleAddition::Extension { more, deviations, reason, .. } => Some((*more, *deviations, *reason)),
            SampleAddition::Replacement { .. } => None,
        })
    }

    /// Refuses an item that was looked up before something else was added.
    fn require_next(&self, id: &SampleId, number: u64) -> Result<(), Refusal> {
        if number == self.last_number() + 1 { Ok(()) } else { Err(Refusal::SampleMovedOn(id.clone())) }
    }

    /// How many items are tested: all but those that were replaced.
    pub fn items_to_test(&self) -> u64 {
        self.size + self.second_stage().map_or(0, |(more, ..)| more)
    }
}

/// Asked in this order: a person of the appointed firm, a new commitment.
pub(crate) fn decide_commit(state: &State, author: &Author, command: CommitNonce) -> Result<Vec<Event>, Refusal> {
    let CommitNonce { engagement, commitment } = command;
    state.require_of_firm(author, &engagement, &[Role::FirmPreparer, Role::FirmReviewer])?;
    if state.nonces.iter().any(|earlier| earlier.commitment == commitment) {
        return Err(Refusal::NonceCommittedBefore(commitment));
    }
    Ok(vec![Event::NonceCommitted(NonceCommitted { engagement, commitment })])
}

/// Asked in this order: a new id, the population, the side's role, none of those who run its controls, a passed check, items,
/// the size, the nonce, a reason for drawing once more.
pub(crate) fn decide_draw(state: &State, author: &Author, command: DrawSample) -> Result<Vec<Event>, Refusal> {
    if state.samples.contains_key(&command.sample) {
        return Err(Refusal::SampleExists(command.sample));
    }
    let population = state.population(&command.population)?;
    let side = state.side_of(author, &population.engagement)?;
    state.require_drawer_apart(author, population)?;
    state.require_checked(&command.population, side)?;
    let (size, items) = (command.size, population.rows.items);
    if size == 0 {
        return Err(Refusal::SampleOfNone);
    }
    if size > items {
        return Err(Refusal::SampleLargerThanPopulation { size, items });
    }
    match (side, command.nonce) {
        (Side::Firm, nonce) => state.require_nonce(&command.population, nonce)?,
        (Side::Management, Some(_)) => return Err(Refusal::NonceOfManagement),
        (Side::Management, None) => {}
    }
    let drawn_before = state.samples.iter().find(|(_, s)| s.population == command.population && s.side == side);
    if let Some((earlier, _)) = drawn_before.filter(|_| command.reason.is_none()) {
        return Err(Refusal::DrawnBefore(earlier.clone()));
    }
    Ok(vec![Event::SampleDrawn(SampleDrawn {
        sample: command.sample,
        engagement: population.engagement.clone(),
        population: command.population,
        side,
        method: command.method,
        parameters: command.parameters,
        size,
        checkpoint: command.checkpoint,
        nonce: command.nonce,
        items: command.items,
        reason: command.reason,
    })])
}

/// Asked in this order: a standing sample of the author's side, an item of it that was not replaced, one that is left.
pub(crate) fn decide_replace(
    state: &State,
    author: &Author,
    command: ReplaceSampleItem,
) -> Result<Vec<Event>, Refusal> {
    let ReplaceSampleItem { sample: id, number, by, cause, reason, evidence, item } = command;
    let sample = state.standing_sample(author, &id)?;
    let is_of_sample = (1..=sample.last_number()).contains(&number) && sample.replacement_of(number).is_none();
    if !is_of_sample {
        return Err(Refusal::NoSuchSampleItem { sample: id, number });
    }
    sample.require_next(&id, by)?;
    state.require_items_left(sample, 1)?;
    Ok(vec![Event::SampleItemReplaced(SampleItemReplaced {
        engagement: sample.engagement.clone(),
        sample: id,
        number,
        by,
        cause,
        reason,
        evidence,
        item,
    })])
}

/// Asked in this order: a standing sample of the author's side, a method whose ranks go on, one extension at most, a first stage
/// that found something, and no more than it has, items that are left.
pub(crate) fn decide_extend(state: &State, author: &Author, command: ExtendSample) -> Result<Vec<Event>, Refusal> {
    let ExtendSample { sample: id, more, from, deviations, reason, items } = command;
    let sample = state.standing_sample(author, &id)?;
    if sample.method != SelectionMethod::Random {
        return Err(Refusal::MethodCannotBeExtended(sample.method));
    }
    if sample.second_stage().is_some() {
        return Err(Refusal::SampleExtendedBefore(id));
    }
    if more == 0 {
        return Err(Refusal::SampleOfNone);
    }
    if deviations == 0 {
        return Err(Refusal::NothingDeviated(id));
    }
    if deviations > sample.size {
        return Err(Refusal::ItemsAndDeviationsDisagree);
    }
    sample.require_next(&id, from)?;
    state.require_items_left(sample, more)?;
    let engagement = sample.engagement.clone();
    Ok(vec![Event::SampleExtended(SampleExtended { sample: id, engagement, more, deviations, reason, items })])
}

pub(crate) fn decide_void(state: &State, author: &Author, command: VoidSample) -> Result<Vec<Event>, Refusal> {
    let VoidSample { sample: id, reason } = command;
    let engagement = state.standing_sample(author, &id)?.engagement.clone();
    Ok(vec![Event::SampleVoided(SampleVoided { sample: id, engagement, reason })])
}

impl State {
    /// The commitment that counts for a population: the firm's last before the freeze.
    pub fn commitment_for(&self, population: &PopulationId) -> Option<&NonceCommitment> {
        let population = self.populations.get(population)?;
        let of_engagement = |nonce: &&NonceCommitment| nonce.engagement == population.engagement;
        self.nonces.iter().filter(of_engagement).rfind(|nonce| nonce.entry < population.entry)
    }

    /// Refuses a nonce that the firm could have chosen after the freeze, or that was known before it.
    fn require_nonce(&self, id: &PopulationId, nonce: Option<Nonce>) -> Result<(), Refusal> {
        let nonce = nonce.ok_or(Refusal::NonceMissing)?;
        let committed = self.commitment_for(id).ok_or_else(|| Refusal::NotCommittedBeforeFreeze(id.clone()))?;
        if committed.commitment != nonce.commitment() {
            return Err(Refusal::NonceIsAnother { population: id.clone(), commitment: committed.commitment });
        }
        let frozen = self.population(id)?.entry;
        if let Some(entry) = committed.opened.filter(|opened| *opened < frozen) {
            return Err(Refusal::NonceKnownBeforeFreeze { population: id.clone(), entry });
        }
        Ok(())
    }

    /// A sample of the author's side that was not voided, for somebody who does not run the control.
    fn standing_sample(&self, author: &Author, id: &SampleId) -> Result<&Sample, Refusal> {
        let sample = self.samples.get(id).ok_or_else(|| Refusal::UnknownSample(id.clone()))?;
        if self.side_of(author, &sample.engagement)? != sample.side {
            return Err(Refusal::SampleOfOtherSide { sample: id.clone(), side: sample.side });
        }
        self.require_drawer_apart(author, self.population(&sample.population)?)?;
        match sample.voided {
            Some((_, entry)) => Err(Refusal::SampleVoided { sample: id.clone(), entry }),
            None => Ok(sample),
        }
    }

    fn require_items_left(&self, sample: &Sample, more: u64) -> Result<(), Refusal> {
        let items = self.population(&sample.population)?.rows.items;
        let size = sample.last_number().saturating_add(more);
        if size > items { Err(Refusal::SampleLargerThanPopulation { size, items }) } else { Ok(()) }
    }

    pub(crate) fn apply_nonce_committed(&mut self, event: &NonceCommitted, recorded: &Recorded) {
        self.nonces.push(NonceCommitment {
            engagement: event.engagement.clone(),
            commitment: event.commitment,
            committed_by: recorded.by.clone(),
            entry: recorded.index,
            opened: None,
        });
    }

    pub(crate) fn apply_sample_drawn(&mut self, event: &SampleDrawn, recorded: &Recorded) {
        if let Some(commitment) = event.nonce.map(|nonce| nonce.commitment()) {
            let opened = self.nonces.iter_mut().filter(|n| n.commitment == commitment && n.opened.is_none());
            opened.for_each(|nonce| nonce.opened = Some(recorded.index));
        }
        self.samples.insert(
            event.sample.clone(),
            Sample {
                engagement: event.engagement.clone(),
                population: event.population.clone(),
                side: event.side,
                method: event.method,
                parameters: event.parameters,
                size: event.size,
                checkpoint: event.checkpoint,
                nonce: event.nonce,
                items: event.items,
                reason: event.reason,
                drawn_by: recorded.by.clone(),
                drawn_at: recorded.at,
                entry: recorded.index,
                additions: Vec::new(),
                voided: None,
            },
        );
    }

    pub(crate) fn apply_sample_item_replaced(&mut self, event: &SampleItemReplaced, recorded: &Recorded) {
        if let Some(sample) = self.samples.get_mut(&event.sample) {
            sample.additions.push(SampleAddition::Replacement {
                number: event.number,
                by: event.by,
                cause: event.cause,
                reason: event.reason,
                evidence: event.evidence,
                item: event.item,
                entry: recorded.index,
            });
        }
    }

    pub(crate) fn apply_sample_extended(&mut self, event: &SampleExtended, recorded: &Recorded) {
        if let Some(sample) = self.samples.get_mut(&event.sample) {
            sample.additions.push(SampleAddition::Extension {
                more: event.more,
                deviations: event.deviations,
                reason: event.reason,
                items: event.items,
                entry: recorded.index,
            });
        }
    }

    pub(crate) fn apply_sample_voided(&mut self, event: &SampleVoided, recorded: &Recorded) {
        if let Some(sample) = self.samples.get_mut(&event.sample) {
            sample.voided = Some((event.reason, recorded.index));
        }
    }
}
