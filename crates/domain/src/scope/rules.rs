//! The rules of each kind of scope item, and which other items it names.

use super::{
    Commitment, ComplementarySubserviceOrganizationControl, ComplementaryUserEntityControl, ScopeFacts,
    SubserviceMethod, SubserviceReport,
};
use crate::{CatalogIndex, ControlId, Refusal, ReportKind, ReportType, ScopeItemId, Span, State};

/// Refuses facts that cannot be so: something that is not there, or the rule of the kind.
pub(super) fn require(
    state: &State,
    catalog: &CatalogIndex,
    id: &ScopeItemId,
    facts: &ScopeFacts,
) -> Result<(), Refusal> {
    require_named(state, facts)?;
    match facts {
        ScopeFacts::Service(item) => in_a_report(id, item.reports.iter()),
        ScopeFacts::Location(item) => in_a_report(id, item.reports.iter()),
        ScopeFacts::Component(item) => in_a_report(id, item.reports.iter()),
        ScopeFacts::Exclusion(item) => in_a_report(id, item.reports.iter()),
        ScopeFacts::TransactionClass(item) => state.require_served(catalog, &item.objectives, &Default::default()),
        ScopeFacts::Commitment(item) => commitment(state, catalog, item),
        ScopeFacts::KeyReport(item) => {
            if let Some(unknown) = item.tests.iter().find(|test| !catalog.tests.contains_key(*test)) {
                return Err(Refusal::UnknownTest(unknown.clone()));
            }
            known_controls(state, facts)
        }
        ScopeFacts::UserEntity(_) => Ok(()),
        ScopeFacts::SubserviceOrganization(item) => {
            in_a_report(id, item.method.keys())?;
            let assumes = |facts: &ScopeFacts| matches!(facts, ScopeFacts::ComplementarySubserviceOrganizationControl(csoc) if csoc.organization == *id);
            let mut standing = state.standing_scope();
            if item.method.values().all(|method| *method == SubserviceMethod::Inclusive)
                && let Some((by, _)) = standing.find(|(_, version)| assumes(&version.item.facts))
            {
                return Err(Refusal::ScopeItemNamed { item: id.clone(), by: by.clone() });
            }
            known_controls(state, facts)
        }
        ScopeFacts::SubserviceReport(item) => {
            report_on_file(id, item)?;
            known_controls(state, facts)
        }
        ScopeFacts::ComplementaryUserEntityControl(item) => {
            let ComplementaryUserEntityControl { objectives, criteria } = item;
            if objectives.is_empty() && criteria.is_empty() {
                return Err(Refusal::TiedToNothing(id.clone()));
            }
            state.require_served(catalog, objectives, criteria)
        }
        ScopeFacts::ComplementarySubserviceOrganizationControl(item) => {
            let ComplementarySubserviceOrganizationControl { organization, objectives, criteria } = item;
            if objectives.is_empty() && criteria.is_empty() {
                return Err(Refusal::TiedToNothing(id.clone()));
            }
            state.require_served(catalog, objectives, criteria)?;
            let carved_out = matches!(facts_of(state, organization), Some(ScopeFacts::SubserviceOrganization(named))
                if named.method.values().any(|method| *method == SubserviceMethod::CarveOut));
            if carved_out {
                Ok(())
            } else {
                Err(Refusal::NotCarvedOut { item: id.clone(), organization: organization.clone() })
            }
        }
    }
}

/// The other items that an item names, with the kind that each has to be.
fn named(facts: &ScopeFacts) -> Vec<(&ScopeItemId, &'static str)> {
    match facts {
        ScopeFacts::TransactionClass(item) => vec![(&item.service, "service")],
        ScopeFacts::Component(item) => {
            let run_by = item.run_by.iter().map(|id| (id, "subservice organization"));
            item.locations.iter().map(|id| (id, "location")).chain(run_by).collect()
        }
        ScopeFacts::KeyReport(item) => item.component.iter().map(|id| (id, "component")).collect(),
        ScopeFacts::UserEntity(item) => item.services.iter().map(|id| (id, "service")).collect(),
        ScopeFacts::SubserviceReport(item) => vec![(&item.organization, "subservice organization")],
        ScopeFacts::ComplementarySubserviceOrganizationControl(item) => {
            vec![(&item.organization, "subservice organization")]
        }
        ScopeFacts::Service(_)
        | ScopeFacts::Location(_)
        | ScopeFacts::Commitment(_)
        | ScopeFacts::SubserviceOrganization(_)
        | ScopeFacts::ComplementaryUserEntityControl(_)
        | ScopeFacts::Exclusion(_) => Vec::new(),
    }
}

/// The other items that an item names.
pub(super) fn names(facts: &ScopeFacts) -> Vec<&ScopeItemId> {
    named(facts).into_iter().map(|(id, _)| id).collect()
}

fn require_named(state: &State, facts: &ScopeFacts) -> Result<(), Refusal> {
    for (id, kind) in named(facts) {
        let found = facts_of(state, id).ok_or_else(|| Refusal::UnknownScopeItem(id.clone()))?;
        if found.kind() != kind {
            return Err(Refusal::ScopeItemOfOtherKind { item: id.clone(), is: found.kind(), needed: kind });
        }
    }
    Ok(())
}

fn facts_of<'a>(state: &'a State, id: &ScopeItemId) -> Option<&'a ScopeFacts> {
    Some(&state.scope.get(id)?.standing()?.item.facts)
}

/// A SOC 3 has what the SOC 2 has: no item is in its scope alone.
fn in_a_report<'a>(id: &ScopeItemId, mut reports: impl Iterator<Item = &'a ReportKind>) -> Result<(), Refusal> {
    let names_one = reports.any(|report| *report == report.scoped_as());
    if names_one { Ok(()) } else { Err(Refusal::InNoReport(id.clone())) }
}

/// The controls that an item names run, or are about to.
fn known_controls(state: &State, facts: &ScopeFacts) -> Result<(), Refusal> {
    let unknown = facts.controls().find(|id| state.controls.get(*id).is_none_or(|control| control.dropped().is_some()));
    unknown.map_or(Ok(()), |id| Err(Refusal::UnknownControl(id.clone())))
}

/// A criterion belongs to the commitment's category.
fn commitment(state: &State, catalog: &CatalogIndex, item: &Commitment) -> Result<(), Refusal> {
    let Some(of_category) = catalog.categories.get(&item.category) else {
        return Err(Refusal::UnknownCategory(item.category.clone()));
    };
    state.require_served(catalog, &Default::default(), &item.criteria)?;
    match item.criteria.iter().find(|id| !of_category.contains(*id)) {
        Some(outside) => {
            Err(Refusal::CriterionOutsideCategory { criterion: outside.clone(), category: item.category.clone() })
        }
        None => Ok(()),
    }
}

/// A period runs forward, and a bridge letter speaks of days after it.
fn report_on_file(id: &ScopeItemId, item: &SubserviceReport) -> Result<(), Refusal> {
    if let ReportType::Type2(Span { first, last }) = item.report_type
        && first >= last
    {
        return Err(Refusal::PeriodNotForward { first, last });
    }
    let last = item.report_type.span().last;
    if let Some(until) = item.bridge_until.filter(|until| *until <= last) {
        return Err(Refusal::ScopeNotForward { item: id.clone(), effective_on: until, not_before: last });
    }
    Ok(())
}

impl ScopeFacts {
    /// The kind, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::TransactionClass(_) => "class of transactions",
            Self::Location(_) => "location",
            Self::Component(_) => "component",
            Self::Commitment(_) => "commitment",
            Self::KeyReport(_) => "key report",
            Self::UserEntity(_) => "user entity",
            Self::SubserviceOrganization(_) => "subservice organization",
            Self::SubserviceReport(_) => "subservice organization's report",
            Self::ComplementaryUserEntityControl(_) => "complementary user entity control",
            Self::ComplementarySubserviceOrganizationControl(_) => "complementary subservice organization control",
            Self::Exclusion(_) => "exclusion",
        }
    }

    /// The controls of ours that an item names: what a key report feeds, what monitors a subservice organization, what runs the
    /// complementary user entity controls in its report.
    pub fn controls(&self) -> impl Iterator<Item = &ControlId> {
        let (listed, mapped) = match self {
            Self::KeyReport(item) => (Some(&item.controls), None),
            Self::SubserviceOrganization(item) => (Some(&item.monitoring), None),
            Self::SubserviceReport(item) => (None, Some(&item.cuecs)),
            Self::Service(_)
            | Self::TransactionClass(_)
            | Self::Location(_)
            | Self::Component(_)
            | Self::Commitment(_)
            | Self::UserEntity(_)
            | Self::ComplementaryUserEntityControl(_)
            | Self::ComplementarySubserviceOrganizationControl(_)
            | Self::Exclusion(_) => (None, None),
        };
        listed.into_iter().flatten().chain(mapped.into_iter().flat_map(|cuecs| cuecs.values().flatten()))
    }

    /// The reports that an item is part of, as far as it says so itself: none means every report.
    pub fn reports(&self) -> Option<Vec<ReportKind>> {
        match self {
            Self::Service(item) => Some(item.reports.iter().copied().collect()),
            Self::Location(item) => Some(item.reports.iter().copied().collect()),
            Self::Component(item) => Some(item.reports.iter().copied().collect()),
            Self::Exclusion(item) => Some(item.reports.iter().copied().collect()),
            Self::SubserviceOrganization(item) => Some(item.method.keys().copied().collect()),
            Self::TransactionClass(_) => Some(vec![ReportKind::Soc1]),
            Self::Commitment(_) => Some(vec![ReportKind::Soc2]),
            Self::KeyReport(_)
            | Self::UserEntity(_)
            | Self::SubserviceReport(_)
            | Self::ComplementaryUserEntityControl(_)
            | Self::ComplementarySubserviceOrganizationControl(_) => None,
        }
    }
}
