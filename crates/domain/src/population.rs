//! Populations: all items to which a control should have applied, frozen as they were read, reconciled and checked before
//! anything is drawn from them.
//!
//! A frozen population is a fact and never changes. What evidence says later is compared with it; another freeze of the same
//! days by the same query, for the same control, of the same items, or by a query of one's own over the same datasets needs a
//! reason, and both show.
//!
//! Invariant: nothing is drawn from a population whose newest check did not pass (IPE-01).
//! Invariant: a population of days that had not ended when the evidence was extracted is not frozen (IPE-02).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, ControlId, DatasetId, EngagementId, Event, Evidence, PersonId, PopulationId, ReadAgain,
    Recorded, Refusal, Role, SourceId, Span, State, TestId,
};

/// Whose act it is: each side checks and draws for itself, and edits nothing of the other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The organization's people.
    Management,
    /// The people of the firm that is appointed to the engagement.
    Firm,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Management => "management",
            Self::Firm => "the firm",
        })
    }
}

/// Which query says what the items are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PopulationDefinition {
    /// The population of a control test of the catalog.
    Test(TestId),
    /// A query of a person's own (vault object: SQL, columns that name an item, column that is summed).
    Own(Digest),
}

impl PopulationDefinition {
    /// The vault object that holds it, unless the catalog does.
    pub fn object(&self) -> Option<Digest> {
        match self {
            Self::Test(_) => None,
            Self::Own(object) => Some(*object),
        }
    }
}

/// What a query over evidence returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenRows {
    /// Digest of what was asked: SQL, columns that name an item, parameters.
    pub query: Digest,
    /// Datasets read.
    pub datasets: BTreeSet<DatasetId>,
    /// Sources of the extracts read.
    pub sources: BTreeSet<SourceId>,
    /// Vault object that lists the manifests read.
    pub inputs: Digest,
    /// When the newest of them was extracted.
    pub extracted_at: Timestamp,
    /// How many items; each stands once.
    pub items: u64,
    /// The sum over the column that is summed, if there is one.
    pub control_total: Option<Decimal>,
    /// Manifest of the rows (vault object).
    pub rows: Digest,
    /// Digest of the canonical rows, sealed by the organization's row digest key.
    pub rows_digest: Digest,
    /// Name and version of the engine.
    pub engine: String,
}

impl FrozenRows {
    /// The vault objects that it names.
    pub fn objects(&self) -> [Digest; 2] {
        [self.inputs, self.rows]
    }
}

/// Freeze a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezePopulation {
    /// Its id.
    pub population: PopulationId,
    /// The engagement.
    pub engagement: EngagementId,
    /// The controls that should have applied to its items.
    pub controls: BTreeSet<ControlId>,
    /// Which query says what the items are.
    pub definition: PopulationDefinition,
    /// The days.
    pub span: Span,
    /// The rows; the sources follow from the manifests.
    pub rows: FrozenRows,
    /// The manifests read.
    pub manifests: Vec<Digest>,
    /// Why it is frozen once more (vault text).
    pub reason: Option<Digest>,
}

/// A population was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationFrozen {
    /// Its id.
    pub population: PopulationId,
    /// The engagement.
    pub engagement: EngagementId,
    /// The controls that should have applied to its items.
    pub controls: BTreeSet<ControlId>,
    /// Which query says what the items are.
    pub definition: PopulationDefinition,
    /// The days; table names meant their state on the last.
    pub span: Span,
    /// The rows.
    pub rows: FrozenRows,
    /// The catalog in force.
    pub catalog: Digest,
    /// Why it was frozen once more (vault text).
    pub reason: Option<Digest>,
}

/// A population as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Population {
    /// The engagement.
    pub engagement: EngagementId,
    /// The controls that should have applied to its items.
    pub controls: BTreeSet<ControlId>,
    /// Which query says what the items are.
    pub definition: PopulationDefinition,
    /// The days; table names meant their state on the last.
    pub span: Span,
    /// The rows.
    pub rows: FrozenRows,
    /// The catalog that was in force.
    pub catalog: Digest,
    /// Why it was frozen once more (vault text).
    pub reason: Option<Digest>,
    /// Who froze it.
    pub frozen_by: PersonId,
    /// When.
    pub frozen_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
    /// Checks of its completeness and accuracy, oldest first.
    pub checks: Vec<PopulationCheck>,
}

/// Record a check of a population's completeness and accuracy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckPopulation {
    /// The population.
    pub population: PopulationId,
    /// Whether it is complete and accurate.
    pub passed: bool,
    /// What was done and seen (vault text).
    pub note: Digest,
    /// What an independent second source says.
    pub second_source: Option<SecondSource>,
    /// The manifests that the second source's query read.
    pub manifests: Vec<Digest>,
    /// Why the second source differs (vault text).
    pub explanation: Option<Digest>,
}

/// A population's completeness and accuracy were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationChecked {
    /// The population.
    pub population: PopulationId,
    /// Its engagement.
    pub engagement: EngagementId,
    /// Whose check it is.
    pub side: Side,
    /// Whether it is complete and accurate.
    pub passed: bool,
    /// What was done and seen (vault text).
    pub note: Digest,
    /// What an independent second source says.
    pub second_source: Option<SecondSource>,
    /// Why the second source differs (vault text).
    pub explanation: Option<Digest>,
}

/// What an independent second source says of a population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondSource {
    /// The query of a person's own (vault object).
    pub definition: Digest,
    /// Its rows.
    pub rows: FrozenRows,
    /// Its keys beside those of the population; none if the two have no key in common, so that counts alone were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysCompared>,
}

/// The keys of a second source beside those of a population. How many stand on one side only follows from the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysCompared {
    /// Items that stand on both sides.
    pub both: u64,
    /// The first keys that stand on one side only (vault object, sealed); none if every key stands on both.
    pub one_sided: Option<Digest>,
}

impl SecondSource {
    /// The vault objects that it names.
    pub fn objects(&self) -> impl Iterator<Item = Digest> {
        let one_sided = self.keys.and_then(|keys| keys.one_sided);
        self.rows.objects().into_iter().chain([self.definition]).chain(one_sided)
    }
}

/// A check as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationCheck {
    /// Whose check it is.
    pub side: Side,
    /// Whether the population is complete and accurate.
    pub passed: bool,
    /// What was done and seen (vault text).
    pub note: Digest,
    /// What an independent second source says.
    pub second_source: Option<SecondSource>,
    /// Why the second source differs (vault text).
    pub explanation: Option<Digest>,
    /// Who checked.
    pub checked_by: PersonId,
    /// When.
    pub checked_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
}

/// By how much a second source differs from a population: the second source's figure less the population's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Items.
    pub items: i128,
    /// The control total, where both have one.
    pub control_total: Option<Decimal>,
    /// Keys that stand on one side only, where keys were compared.
    pub keys: Option<OneSided>,
}

/// How many keys stand on one side only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneSided {
    /// Items of the population that the second source does not have.
    pub here: u64,
    /// Items of the second source that the population does not have.
    pub there: u64,
}

impl Difference {
    /// Whether there is none. Two lists of as many items differ all the same if they are other items.
    pub fn is_none(&self) -> bool {
        self.items == 0
            && self.control_total.is_none_or(|total| total.is_zero())
            && self.keys.is_none_or(|keys| keys.here == 0 && keys.there == 0)
    }
}

/// What a side may rest on a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PopulationStanding {
    /// Nobody has checked whether it is complete and accurate.
    Unchecked,
    /// The newest check did not pass.
    Failed,
    /// A check passed, and since then evidence of its days was read otherwise: somebody compares, and checks anew.
    Outdated,
    /// The newest check passed: items may be drawn.
    Checked,
    /// It is empty, a check passed that says why or stands beside a second source, and no second source says otherwise: the
    /// control had nothing to apply to.
    NoOccurrence,
    /// It is empty, and nothing shows that this is so.
    NotEvaluable,
}

impl std::fmt::Display for PopulationStanding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unchecked => "not checked",
            Self::Failed => "check failed",
            Self::Outdated => "evidence changed since the check",
            Self::Checked => "checked",
            Self::NoOccurrence => "no occurrence",
            Self::NotEvaluable => "not evaluable",
        })
    }
}

impl Population {
    /// The check that counts for a side: its own newest, else, for the firm, management's newest.
    pub fn check_for(&self, side: Side) -> Option<&PopulationCheck> {
        let newest = |side| self.checks.iter().rev().find(|check| check.side == side);
        newest(side).or_else(|| newest(Side::Management))
    }

    /// What a side may rest on the population by its checks alone; what evidence says since is [`State::population_standing`].
    pub fn standing(&self, side: Side) -> PopulationStanding {
        let check = self.check_for(side);
        let passed = check.is_some_and(|check| check.passed);
        if self.rows.items == 0 {
            // One second source that has items is enough for "we do not know", whoever asked it.
            let mut second = self.checks.iter().filter_map(|check| check.second_source.as_ref());
            let contradicted = second.clone().any(|second| second.rows.items > 0);
            let shown = second.next().is_some() || check.is_some_and(|check| check.explanation.is_some());
            return if passed && shown && !contradicted {
                PopulationStanding::NoOccurrence
            } else {
                PopulationStanding::NotEvaluable
            };
        }
        match check {
            None => PopulationStanding::Unchecked,
            Some(_) if passed => PopulationStanding::Checked,
            Some(_) => PopulationStanding::Failed,
        }
    }

    /// Refuses keys on both sides that are more than a side has, and an account of one-sided keys where there is none.
    fn require_keys(&self, second: &SecondSource) -> Result<(), Refusal> {
        let Some(KeysCompared { both, one_sided }) = second.keys else { return Ok(()) };
        let (fewer, more) = (self.rows.items.min(second.rows.items), self.rows.items.max(second.rows.items));
        if both <= fewer && one_sided.is_some() == (both < more) { Ok(()) } else { Err(Refusal::KeysDisagree) }
    }

    /// By how much a second source differs.
    pub fn difference(&self, second: &SecondSource) -> Difference {
        Difference {
            items: i128::from(second.rows.items) - i128::from(self.rows.items),
            control_total: second.rows.control_total.zip(self.rows.control_total).map(|(theirs, ours)| theirs - ours),
            keys: second.keys.map(|KeysCompared { both, .. }| OneSided {
                here: self.rows.items.saturating_sub(both),
                there: second.rows.items.saturating_sub(both),
            }),
        }
    }
}

/// Asked in this order: role, catalog, a new id, days within the engagement's, controls in its scope, the catalog's own
/// query, a reason for freezing once more, recorded evidence, days that had ended when it was extracted.
pub(crate) fn decide_freeze(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: FreezePopulation,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner, Role::Administrator])?;
    state.require_catalog(catalog)?;
    let FreezePopulation { population, engagement: id, controls, definition, span, rows, manifests, reason } = command;
    if state.populations.contains_key(&population) {
        return Err(Refusal::PopulationExists(population));
    }
    let engagement = state.engagement(&id)?;
    let days = engagement.report_type.span();
    if span.first > span.last || span.first < days.first || span.last > days.last {
        return Err(Refusal::OutsideEngagement { engagement: id, first: span.first, last: span.last });
    }
    let in_scope = engagement.controls(state, catalog);
    if controls.is_empty() {
        return Err(Refusal::PopulationOfNoControl(population));
    }
    if let Some(other) = controls.iter().find(|control| !in_scope.contains_key(control)) {
        return Err(Refusal::ControlOutOfScope(other.clone()));
    }
    if let PopulationDefinition::Test(test) = &definition {
        let rule = catalog.tests.get(test).ok_or_else(|| Refusal::UnknownTest(test.clone()))?;
        if rule.sql != rows.query || !controls.is_subset(&rule.controls) {
            return Err(Refusal::QueryNotOfCatalog(test.clone()));
        }
    }
    let frozen_before = state.populations.iter().find(|(_, earlier)| {
        earlier.engagement == id
            && earlier.span.meets(&span)
            && (earlier.definition == definition
                || !earlier.controls.is_disjoint(&controls)
                || earlier.rows.query == rows.query
                // The same items under another query and another control's name.
                || (rows.items > 0 && earlier.rows.rows_digest == rows.rows_digest)
                // Another cut of the same data: whoever words a query anew can choose what it leaves out.
                || (definition.object().is_some() && !earlier.rows.datasets.is_disjoint(&rows.datasets)))
    });
    if let Some((earlier, _)) = frozen_before.filter(|_| reason.is_none()) {
        return Err(Refusal::FrozenBefore(earlier.clone()));
    }
    let rows = state.rows_of_evidence(rows, &manifests)?;
    state.require_ended(&rows, &manifests, span.last)?;
    Ok(vec![Event::PopulationFrozen(PopulationFrozen {
        population,
        engagement: id,
        controls,
        definition,
        span,
        rows,
        catalog: catalog.catalog,
        reason,
    })])
}

/// Asked in this order: the population, the side's role, none of the owners of its controls, a second source that is
/// another one and rests on recorded evidence of ended days, keys that bear the counts out, a difference explained, that there
/// is no item shown.
pub(crate) fn decide_check(state: &State, author: &Author, command: CheckPopulation) -> Result<Vec<Event>, Refusal> {
    let CheckPopulation { population: id, passed, note, second_source, manifests, explanation } = command;
    let population = state.population(&id)?;
    let side = state.side_of(author, &population.engagement)?;
    if let Some(control) = state.control_owned_within(author, &population.controls, population.span) {
        return Err(Refusal::CheckerOwnsControl { person: author.person.clone(), control });
    }
    let second_source = match second_source {
        None => None,
        Some(second) => {
            let rows = state.rows_of_evidence(second.rows, &manifests)?;
            let shared = rows.sources.intersection(&population.rows.sources).next();
            if let Some(source) = shared {
                return Err(Refusal::SecondSourceNotIndependent(source.clone()));
            }
            state.require_ended(&rows, &manifests, population.span.last)?;
            let second = SecondSource { rows, ..second };
            population.require_keys(&second)?;
            Some(second)
        }
    };
    let differs = second_source.as_ref().is_some_and(|second| !population.difference(second).is_none());
    if passed && differs && explanation.is_none() {
        return Err(Refusal::DifferenceUnexplained(id));
    }
    // A query that returns nothing shows that it found nothing; somebody says why there was nothing, or another source does.
    if passed && population.rows.items == 0 && second_source.is_none() && explanation.is_none() {
        return Err(Refusal::EmptyUnexplained(id));
    }
    Ok(vec![Event::PopulationChecked(PopulationChecked {
        population: id,
        engagement: population.engagement.clone(),
        side,
        passed,
        note,
        second_source,
        explanation,
    })])
}

/// What evidence says of a population's days otherwise than when it was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EvidenceSince {
    /// How rows differed when days were read again.
    pub changes: ReadAgain,
    /// Newer extracts that count for its days and are not complete.
    pub incomplete: u64,
}

impl State {
    /// What a side may rest on a population: by its checks, and by what evidence says since.
    pub fn population_standing(&self, population: &Population, side: Side) -> PopulationStanding {
        let by_checks = population.standing(side);
        match by_checks {
            PopulationStanding::Checked | PopulationStanding::NoOccurrence
                if self.evidence_since_check(population, side) != EvidenceSince::default() =>
            {
                PopulationStanding::Outdated
            }
            PopulationStanding::Unchecked
            | PopulationStanding::Failed
            | PopulationStanding::Outdated
            | PopulationStanding::Checked
            | PopulationStanding::NoOccurrence
            | PopulationStanding::NotEvaluable => by_checks,
        }
    }

    /// What evidence of a population's days says otherwise since the check that counts for a side.
    pub fn evidence_since_check(&self, population: &Population, side: Side) -> EvidenceSince {
        let since = population.check_for(side).map_or(population.entry, |check| check.entry);
        let mut found = EvidenceSince::default();
        for dataset in &population.rows.datasets {
            let newer = |extract: &&Evidence| {
                extract.entry > since
                    && population.rows.sources.contains(&extract.source)
                    && extract.covers.meets(&population.span)
            };
            for extract in self.evidence_of(dataset).iter().filter(newer) {
                found.changes += extract.read_again.unwrap_or_default();
            }
            let counting = self.counting_extracts(dataset, population.span.first).extracts;
            found.incomplete += counting.into_iter().filter(newer).filter(|extract| !extract.complete).count() as u64;
        }
        found
    }

    /// Refuses to rest on a population that nobody found complete and accurate, or not as evidence is by now.
    pub(crate) fn require_checked(&self, id: &PopulationId, side: Side) -> Result<(), Refusal> {
        let population = self.population(id)?;
        match self.population_standing(population, side) {
            PopulationStanding::Checked => Ok(()),
            PopulationStanding::Unchecked | PopulationStanding::Failed => {
                Err(Refusal::PopulationNotChecked(id.clone()))
            }
            PopulationStanding::Outdated => Err(self.outdated(id, population, side)),
            PopulationStanding::NoOccurrence | PopulationStanding::NotEvaluable => {
                Err(Refusal::PopulationEmpty(id.clone()))
            }
        }
    }

    /// Why a population is outdated.
    pub(crate) fn outdated(&self, id: &PopulationId, population: &Population, side: Side) -> Refusal {
        let EvidenceSince { changes, incomplete } = self.evidence_since_check(population, side);
        let ReadAgain { late, restated, vanished } = changes;
        Refusal::PopulationOutdated { population: id.clone(), late, restated, vanished, incomplete }
    }

    pub(crate) fn population(&self, id: &PopulationId) -> Result<&Population, Refusal> {
        self.populations.get(id).ok_or_else(|| Refusal::UnknownPopulation(id.clone()))
    }

    /// The side for which the author acts in an engagement, if they hold a role that checks and draws for it.
    pub(crate) fn side_of(&self, author: &Author, engagement: &EngagementId) -> Result<Side, Refusal> {
        if self.people.get(&author.person).is_some_and(|person| person.firm.is_some()) {
            self.require_of_firm(author, engagement, &[Role::FirmPreparer, Role::FirmReviewer])?;
            return Ok(Side::Firm);
        }
        self.require_one_of(author, &[Role::ComplianceLead, Role::ControlOwner])?;
        Ok(Side::Management)
    }

    /// A control of these that the author owned on a day of the span.
    fn control_owned_within(&self, author: &Author, controls: &BTreeSet<ControlId>, span: Span) -> Option<ControlId> {
        let owned = |id: &ControlId| {
            self.controls
                .get(id)
                .is_some_and(|control| control.versions_within(span).any(|(version, _)| version.owner == author.person))
        };
        controls.iter().find(|id| owned(id)).cloned()
    }

    /// Refuses who owns a control of the population, or recorded how it was performed on its days: nobody chooses the items by
    /// which their own work is judged.
    pub(crate) fn require_drawer_apart(&self, author: &Author, population: &Population) -> Result<(), Refusal> {
        let Population { controls, span, .. } = population;
        let runs = |id: &&ControlId| {
            let owns = self.controls.get(*id).is_some_and(|control| control.is_owned_by(&author.person, *span));
            let mut records = self.performed_of(id).iter();
            owns || records.any(|record| record.by == author.person && record.window.meets(span))
        };
        match controls.iter().find(runs) {
            None => Ok(()),
            Some(control) => {
                Err(Refusal::DrawerRunsControl { person: author.person.clone(), control: control.clone() })
            }
        }
    }

    /// The rows with the sources and the time of the evidence that they rest on, all of it recorded and complete.
    fn rows_of_evidence(&self, rows: FrozenRows, manifests: &[Digest]) -> Result<FrozenRows, Refusal> {
        let mut found = BTreeMap::new();
        for dataset in &rows.datasets {
            for extract in self.extracts_to_rest_on(dataset) {
                found.insert(extract.manifest, extract);
            }
        }
        let read: Option<Vec<_>> = manifests.iter().map(|manifest| found.get(manifest).copied()).collect();
        let read = read.filter(|read| !read.is_empty()).ok_or(Refusal::PopulationWithoutEvidence)?;
        let sources = read.iter().map(|extract| extract.source.clone()).collect();
        let extracted_at = read.iter().map(|extract| extract.extracted_at).max().unwrap_or(rows.extracted_at);
        Ok(FrozenRows { sources, extracted_at, ..rows })
    }

    /// Refuses rows of a dataset whose newest extract was made before the last day was over (IPE-02). That a series of extracts of
    /// events has no gap was seen where it was read.
    fn require_ended(&self, rows: &FrozenRows, manifests: &[Digest], last: Date) -> Result<(), Refusal> {
        let manifests: BTreeSet<&Digest> = manifests.iter().collect();
        for dataset in &rows.datasets {
            let read = self.evidence_of(dataset).iter().filter(|extract| manifests.contains(&extract.manifest));
            let newest = read.map(|extract| extract.extracted_at).max().and_then(|at| self.local_date(at));
            if let Some(extracted_on) = newest.filter(|on| *on <= last) {
                return Err(Refusal::ExtractedBeforeLastDay { dataset: dataset.clone(), extracted_on, last });
            }
        }
        Ok(())
    }

    pub(crate) fn apply_population_frozen(&mut self, event: &PopulationFrozen, recorded: &Recorded) {
        self.populations.insert(
            event.population.clone(),
            Population {
                engagement: event.engagement.clone(),
                controls: event.controls.clone(),
                definition: event.definition.clone(),
                span: event.span,
                rows: event.rows.clone(),
                catalog: event.catalog,
                reason: event.reason,
                frozen_by: recorded.by.clone(),
                frozen_at: recorded.at,
                entry: recorded.index,
                checks: Vec::new(),
            },
        );
    }

    pub(crate) fn apply_population_checked(&mut self, event: &PopulationChecked, recorded: &Recorded) {
        if let Some(population) = self.populations.get_mut(&event.population) {
            population.checks.push(PopulationCheck {
                side: event.side,
                passed: event.passed,
                note: event.note,
                second_source: event.second_source.clone(),
                explanation: event.explanation,
                checked_by: recorded.by.clone(),
                checked_at: recorded.at,
                entry: recorded.index,
            });
        }
    }
}
