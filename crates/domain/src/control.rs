//! Controls of the shared control set: what each is, with versions and the dates from which each version was true.
//!
//! Invariant: a control says itself what it serves; the catalog is where its first wording came from, no more.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{
    Author, CatalogIndex, ControlId, CriterionId, Event, ObjectiveId, OwnerRoleId, PersonId, Recorded, Refusal, RiskId,
    Role, Span, State, id::require_own_letters, occurrence::whole_windows,
};

/// What a control is in one version: what the risk-and-control matrix, readers and rules need to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlDefinition {
    /// A few words (vault text).
    pub title: Digest,
    /// Who does what, on what occasion, to what limit, shown by what (vault text).
    pub statement: Digest,
    /// What shows that it operated, a line each (vault text).
    pub evidence: Digest,
    /// The role that answers for it.
    pub owner_role: OwnerRoleId,
    /// How often it acts.
    pub frequency: Frequency,
    /// Before or after the harm.
    pub nature: ControlNature,
    /// By people, by the system, or by people with the system's output.
    pub automation: Automation,
    /// Whether its objectives and criteria could not be met without it.
    pub is_key: bool,
    /// Criteria that it serves.
    pub criteria: BTreeSet<CriterionId>,
    /// Control objectives that it serves.
    pub objectives: BTreeSet<ObjectiveId>,
    /// Risks that it addresses.
    pub risks: BTreeSet<RiskId>,
}

impl ControlDefinition {
    /// Whether a test under this definition is one under the other: who owns it, what it is called and what it serves may
    /// differ, what is done, how often and by what may not.
    pub(crate) fn is_tested_as(&self, other: &Self) -> bool {
        self.statement == other.statement && self.frequency == other.frequency && self.automation == other.automation
    }

    /// The vault texts that it names.
    pub fn words(&self) -> [Digest; 3] {
        [self.title, self.statement, self.evidence]
    }
}

/// How often a control acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frequency {
    /// A setting that holds at every moment.
    Continuous,
    /// Each time something happens.
    PerEvent,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Twice a month.
    SemiMonthly,
    /// Every month.
    Monthly,
    /// Every quarter.
    Quarterly,
    /// Twice a year.
    SemiAnnual,
    /// Once a year.
    Annual,
}

impl Frequency {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Continuous => "continuous",
            Self::PerEvent => "per event",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::SemiMonthly => "semi-monthly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::SemiAnnual => "semi-annual",
            Self::Annual => "annual",
        }
    }

    /// Whether the calendar sets its occurrences; not those of events, and not a setting that holds at every moment.
    pub const fn is_set_by_calendar(self) -> bool {
        match self {
            Self::Continuous | Self::PerEvent => false,
            Self::Daily
            | Self::Weekly
            | Self::SemiMonthly
            | Self::Monthly
            | Self::Quarterly
            | Self::SemiAnnual
            | Self::Annual => true,
        }
    }

    /// How often it falls due within some days at the least, whatever was before them, whichever days are business days and
    /// wherever half-years and years begin: the windows of the control calendar that lie in them whole, and one day of each whole
    /// week. None for one that the calendar does not set. How often a control was due in a period: [`crate::State::times_due`].
    pub fn due_within(self, days: Span) -> Option<u64> {
        let windows_of = if self == Self::Daily { Self::Weekly } else { self };
        self.is_set_by_calendar().then(|| whole_windows(windows_of, days))
    }
}

/// Whether a control acts before or after the harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlNature {
    /// Before it.
    Preventive,
    /// After it.
    Detective,
}

/// Who or what performs a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Automation {
    /// People.
    Manual,
    /// The system, each time.
    Automated,
    /// People with the system's output, which then needs a check of its completeness and accuracy.
    ItDependentManual,
}

impl ControlNature {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Preventive => "preventive",
            Self::Detective => "detective",
        }
    }
}

impl Automation {
    /// As an auditor writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automated => "automated",
            Self::ItDependentManual => "IT-dependent manual",
        }
    }
}

/// Take a control into the control set: one of the catalog as it is, one changed, or one of the organization's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptControl {
    /// The control.
    pub control: ControlId,
    /// What it is, as the organization runs it.
    pub definition: ControlDefinition,
    /// Who owns it.
    pub owner: PersonId,
    /// From which day it runs.
    pub effective_on: Date,
}

/// A control joined the control set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlAdopted {
    /// The control.
    pub control: ControlId,
    /// What it is, as the organization runs it.
    pub definition: ControlDefinition,
    /// Who owns it.
    pub owner: PersonId,
    /// From which day it runs.
    pub effective_on: Date,
}

/// Change what a control is, or who owns it, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseControl {
    /// The control.
    pub control: ControlId,
    /// What it is from then on.
    pub definition: ControlDefinition,
    /// Who owns it from then on.
    pub owner: PersonId,
    /// From which day the new version is true.
    pub effective_on: Date,
    /// Why it changes (vault text).
    pub reason: Digest,
}

/// A control has a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRevised {
    /// The control.
    pub control: ControlId,
    /// What it is from then on.
    pub definition: ControlDefinition,
    /// Who owns it from then on.
    pub owner: PersonId,
    /// From which day the new version is true.
    pub effective_on: Date,
    /// Why it changes (vault text).
    pub reason: Digest,
}

/// Say that a control does not run: one that ran until the day before, or one of the catalog that is not adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropControl {
    /// The control.
    pub control: ControlId,
    /// The first day on which it does not run.
    pub dropped_on: Date,
    /// Why (vault text).
    pub reason: Digest,
}

/// A control does not run from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlDropped {
    /// The control.
    pub control: ControlId,
    /// The first day on which it does not run.
    pub dropped_on: Date,
    /// Why (vault text).
    pub reason: Digest,
}

/// A control as it is and was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Versions, oldest first, each effective after the one before. None if it was dropped without having run.
    pub versions: Vec<ControlVersion>,
    /// When it was dropped, oldest first; a version of a later entry runs again.
    pub drops: Vec<ControlDrop>,
}

/// One version of a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlVersion {
    /// What it was.
    pub definition: ControlDefinition,
    /// Who owned it.
    pub owner: PersonId,
    /// From which day the version is true.
    pub effective_on: Date,
    /// Why it replaced the one before (vault text); none for the first.
    pub reason: Option<Digest>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
}

/// That a control does not run from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlDrop {
    /// The first day on which it does not run.
    pub dropped_on: Date,
    /// Why (vault text).
    pub reason: Digest,
    /// How many versions there were when it was dropped; a version after these runs again.
    pub after: usize,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
}

impl Control {
    /// The version that runs on `day`.
    pub fn version_on(&self, day: Date) -> Option<&ControlVersion> {
        let number = self.versions.iter().rposition(|version| version.effective_on <= day)?;
        let runs = self.drop_of(number).is_none_or(|drop| drop.dropped_on > day);
        self.versions.get(number).filter(|_| runs)
    }

    /// The newest version, whether it still runs or not.
    pub fn newest(&self) -> Option<&ControlVersion> {
        self.versions.last()
    }

    /// The drop that stands: none while the control runs or is about to.
    pub fn dropped(&self) -> Option<&ControlDrop> {
        self.drops.last().filter(|drop| drop.after == self.versions.len())
    }

    /// The version that a report over `span` states: the one that runs on the last day, else the last that ran within the
    /// days, else the one that is still to begin. None if the control was dropped before the days.
    pub fn version_for(&self, span: Span) -> Option<&ControlVersion> {
        let ran = self.versions_within(span).last().map(|(version, _)| version);
        ran.or_else(|| self.newest().filter(|_| self.dropped().is_none()))
    }

    /// The versions that ran within the days, oldest first, each with its first and last day among them.
    pub fn versions_within(&self, span: Span) -> impl Iterator<Item = (&ControlVersion, Span)> {
        self.versions.iter().enumerate().filter_map(move |(number, version)| {
            let (first, end) = self.days_of(number)?;
            let last = end.map_or(span.last, |end| yesterday(end).min(span.last));
            let days = Span { first: first.max(span.first), last };
            (days.first <= days.last).then_some((version, days))
        })
    }

    /// The wordings under which the control ran within the days, oldest first, each with its days: neighboring versions that
    /// are tested alike are one, and stand as their first.
    pub fn wordings_within(&self, span: Span) -> Vec<(&ControlVersion, Span)> {
        let mut wordings: Vec<(&ControlVersion, Span)> = Vec::new();
        for (version, days) in self.versions_within(span) {
            match wordings.last_mut() {
                Some((wording, known))
                    if known.last == yesterday(days.first) && wording.definition.is_tested_as(&version.definition) =>
                {
                    known.last = days.last;
                }
                _ => wordings.push((version, days)),
            }
        }
        wordings
    }

    /// Whether a version, by the entry that recorded it, is tested as the one that runs on `day`.
    pub(crate) fn is_tested_on(&self, version: u64, day: Date) -> bool {
        self.version_on(day).is_some_and(|runs| self.is_tested_like(version, runs))
    }

    /// Whether a version, by the entry that recorded it, is tested as another one.
    pub(crate) fn is_tested_like(&self, version: u64, other: &ControlVersion) -> bool {
        let bound = self.versions.iter().find(|known| known.entry == version);
        bound.is_some_and(|bound| bound.definition.is_tested_as(&other.definition))
    }

    /// Whether a person owned the control on one of the days, or owns it now.
    pub(crate) fn is_owned_by(&self, person: &PersonId, days: Span) -> bool {
        let within = self.versions_within(days).map(|(version, _)| version);
        within.chain(self.newest()).any(|version| version.owner == *person)
    }

    /// The day since which the control that a report over `span` states has run without being dropped.
    pub fn runs_since(&self, span: Span) -> Option<Date> {
        let stated = self.version_for(span)?;
        let number = self.versions.iter().position(|version| version.entry == stated.entry)?;
        let first = self.drops.iter().map(|drop| drop.after).filter(|after| *after <= number).max().unwrap_or(0);
        self.versions.get(first).map(|version| version.effective_on)
    }

    /// The last day on which the control ran, if it was dropped within the days.
    pub fn ended_within(&self, span: Span) -> Option<Date> {
        self.versions_within(span).last().map(|(_, days)| days.last).filter(|last| *last < span.last)
    }

    /// The first day of a version and the first day on which it ran no more; none if it never ran.
    fn days_of(&self, number: usize) -> Option<(Date, Option<Date>)> {
        let first = self.versions.get(number)?.effective_on;
        let next = self.versions.get(number + 1).map(|next| next.effective_on);
        let dropped = self.drop_of(number).map(|drop| drop.dropped_on);
        let end = next.into_iter().chain(dropped).min();
        end.is_none_or(|end| end > first).then_some((first, end))
    }

    /// The drop that came after a version.
    fn drop_of(&self, number: usize) -> Option<&ControlDrop> {
        self.drops.iter().find(|drop| drop.after > number)
    }
}

pub(crate) fn decide_adopt(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: AdoptControl,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    require_own_letters(&command.control, state.controls.keys().chain(catalog.controls.keys()))?;
    if let Some(control) = state.controls.get(&command.control) {
        if control.dropped().is_none() {
            return Err(Refusal::ControlExists(command.control));
        }
        require_forward(control, &command.control, command.effective_on)?;
    }
    state.require_plausible(author, command.effective_on)?;
    require_definition(state, catalog, &command.control, &command.definition)?;
    state.require_unsigned(catalog, &command.control, Some(&command.definition), command.effective_on)?;
    require_owner(state, &command.owner)?;
    Ok(vec![Event::ControlAdopted(ControlAdopted {
        control: command.control,
        definition: command.definition,
        owner: command.owner,
        effective_on: command.effective_on,
    })])
}

pub(crate) fn decide_revise(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ReviseControl,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let control = state.running_control(&command.control)?;
    require_forward(control, &command.control, command.effective_on)?;
    state.require_plausible(author, command.effective_on)?;
    require_definition(state, catalog, &command.control, &command.definition)?;
    state.require_unsigned(catalog, &command.control, Some(&command.definition), command.effective_on)?;
    require_owner(state, &command.owner)?;
    Ok(vec![Event::ControlRevised(ControlRevised {
        control: command.control,
        definition: command.definition,
        owner: command.owner,
        effective_on: command.effective_on,
        reason: command.reason,
    })])
}

pub(crate) fn decide_drop(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: DropControl,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    match state.controls.get(&command.control) {
        Some(control) if control.dropped().is_some() => return Err(Refusal::ControlDropped(command.control)),
        Some(control) => {
            let newest_on = control.newest().map_or(command.dropped_on, |newest| newest.effective_on);
            if command.dropped_on < newest_on {
                let (control, effective_on) = (command.control, command.dropped_on);
                return Err(Refusal::VersionNotForward { control, effective_on, newest_on });
            }
        }
        None if !catalog.controls.contains_key(&command.control) => {
            return Err(Refusal::UnknownControl(command.control));
        }
        None => {}
    }
    state.require_unsigned(catalog, &command.control, None, command.dropped_on)?;
    Ok(vec![Event::ControlDropped(ControlDropped {
        control: command.control,
        dropped_on: command.dropped_on,
        reason: command.reason,
    })])
}

fn yesterday(day: Date) -> Date {
    day.saturating_sub(jiff::Span::new().days(1))
}

/// A version takes effect after the one before it, and not before the day on which the control was dropped.
fn require_forward(control: &Control, id: &ControlId, effective_on: Date) -> Result<(), Refusal> {
    let newest = control.newest().map(|newest| newest.effective_on).filter(|on| *on >= effective_on);
    let dropped = control.dropped().map(|drop| drop.dropped_on).filter(|on| *on > effective_on);
    match newest.or(dropped) {
        Some(newest_on) => Err(Refusal::VersionNotForward { control: id.clone(), effective_on, newest_on }),
        None => Ok(()),
    }
}

/// What a control serves and addresses is known here, and it serves something.
fn require_definition(
    state: &State,
    catalog: &CatalogIndex,
    id: &ControlId,
    definition: &ControlDefinition,
) -> Result<(), Refusal> {
    if definition.criteria.is_empty() && definition.objectives.is_empty() {
        return Err(Refusal::ControlServesNothing(id.clone()));
    }
    state.require_served(catalog, &definition.objectives, &definition.criteria)?;
    let unknown = |risk: &&RiskId| !state.risks.contains_key(*risk) && !catalog.risks.contains(*risk);
    match definition.risks.iter().find(unknown) {
        Some(unknown) => Err(Refusal::UnknownRisk(unknown.clone())),
        None => Ok(()),
    }
}

/// An owner is a person of the organization: a firm that ran its client's controls would not be independent.
fn require_owner(state: &State, owner: &PersonId) -> Result<(), Refusal> {
    let person = state.people.get(owner).ok_or_else(|| Refusal::UnknownPerson(owner.clone()))?;
    if person.firm.is_some() {
        return Err(Refusal::RoleOfOtherSide { role: Role::ControlOwner, side: "people of a firm" });
    }
    Ok(())
}

impl State {
    /// Refuses a change of the control set within days over which management has signed its assertion: what the report states
    /// then stands.
    fn require_unsigned(
        &self,
        catalog: &CatalogIndex,
        control: &ControlId,
        becomes: Option<&ControlDefinition>,
        day: Date,
    ) -> Result<(), Refusal> {
        let signed = self.engagements.iter().filter(|(_, engagement)| engagement.assertion.is_some());
        let mut within = signed.filter(|(_, engagement)| day <= engagement.report_type.span().last);
        let stated = within.find(|(_, engagement)| {
            engagement.controls(self, catalog).contains_key(control)
                || becomes.is_some_and(|definition| engagement.is_served_by(definition, catalog))
        });
        stated.map_or(Ok(()), |(id, _)| Err(Refusal::AssertionSigned(id.clone())))
    }

    /// A control that runs, or is about to.
    pub(crate) fn running_control(&self, id: &ControlId) -> Result<&Control, Refusal> {
        let control = self.controls.get(id).filter(|control| control.newest().is_some());
        let control = control.ok_or_else(|| Refusal::UnknownControl(id.clone()))?;
        if control.dropped().is_some() { Err(Refusal::ControlDropped(id.clone())) } else { Ok(control) }
    }

    pub(crate) fn apply_control_adopted(&mut self, event: &ControlAdopted, recorded: &Recorded) {
        self.controls.entry(event.control.clone()).or_default().versions.push(ControlVersion {
            definition: event.definition.clone(),
            owner: event.owner.clone(),
            effective_on: event.effective_on,
            reason: None,
            recorded_at: recorded.at,
            entry: recorded.index,
        });
    }

    pub(crate) fn apply_control_revised(&mut self, event: &ControlRevised, recorded: &Recorded) {
        if let Some(control) = self.controls.get_mut(&event.control) {
            control.versions.push(ControlVersion {
                definition: event.definition.clone(),
                owner: event.owner.clone(),
                effective_on: event.effective_on,
                reason: Some(event.reason),
                recorded_at: recorded.at,
                entry: recorded.index,
            });
        }
    }

    pub(crate) fn apply_control_dropped(&mut self, event: &ControlDropped, recorded: &Recorded) {
        let control = self.controls.entry(event.control.clone()).or_default();
        control.drops.push(ControlDrop {
            dropped_on: event.dropped_on,
            reason: event.reason,
            after: control.versions.len(),
            recorded_at: recorded.at,
            entry: recorded.index,
        });
    }
}
