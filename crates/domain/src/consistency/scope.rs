//! Whether an engagement's scope is whole: services with their transactions, commitments with their criteria, the five parts,
//! something that serves each criterion and control objective, complementary controls tied to what is in scope.

use std::collections::{BTreeMap, BTreeSet};

use super::{ConsistencyRule as Rule, Inconsistency};
use crate::{CatalogIndex, Engagement, EngagementId, Measure, ReportKind, ScopeFacts, ScopeItemId, State, SystemPart};

const PARTS: [(SystemPart, &str); 5] = [
    (SystemPart::Infrastructure, "infrastructure"),
    (SystemPart::Software, "software"),
    (SystemPart::People, "people"),
    (SystemPart::Procedures, "procedures"),
    (SystemPart::Data, "data"),
];

impl State {
    /// What keeps an engagement's scope from being whole.
    pub(crate) fn scope_findings(&self, id: &EngagementId, engagement: &Engagement) -> Vec<Inconsistency> {
        let items: Vec<(&ScopeItemId, &ScopeFacts)> = self.items_of(engagement.report).collect();
        let mut found = parts_missing(id, &items);
        match engagement.report {
            ReportKind::Soc1 => found.extend(transactions(id, engagement, &items)),
            ReportKind::Soc2 | ReportKind::Soc3 => found.extend(commitments(id, engagement, &items)),
        }
        found
    }

    /// The items that stand in scope of a report.
    pub(super) fn items_of(&self, report: ReportKind) -> impl Iterator<Item = (&ScopeItemId, &ScopeFacts)> {
        let items = self.standing_scope().map(|(id, version)| (id, &version.item.facts));
        let report = report.scoped_as();
        items.filter(move |(_, facts)| facts.reports().is_none_or(|reports| reports.contains(&report)))
    }

    /// Criteria and control objectives in scope that no control serves.
    pub(super) fn unserved(
        &self,
        catalog: &CatalogIndex,
        id: &EngagementId,
        engagement: &Engagement,
    ) -> Vec<Inconsistency> {
        let stated = engagement.controls(self, catalog);
        let served = |measure: &Measure| stated.values().any(|version| version.definition.serves(measure));
        let unserved = engagement.measures(catalog).into_iter().filter(|measure| !served(measure));
        unserved
            .map(|measure| {
                let rule = match measure {
                    Measure::Objective(_) => Rule::ObjectiveServed,
                    Measure::Criterion(_) => Rule::CriterionServed,
                };
                let act = match measure {
                    Measure::Objective(_) => "adopt or word a control for it, or take it out of scope",
                    Measure::Criterion(_) => "adopt or word a control for it, or say why it is not relevant",
                };
                rule.broken(&measure, Some(id), "no control serves it", act)
            })
            .collect()
    }

    /// Scope items that name a control which was dropped, or will be.
    pub(super) fn named_but_dropped(&self) -> Vec<Inconsistency> {
        let dropped = self.controls.iter().filter_map(|(id, control)| Some((id, control.dropped()?)));
        let named = dropped.flat_map(|(control, drop)| {
            self.items_naming(control).map(move |(item, _)| {
                let says = format!("it names control {control}, which does not run from {} on", drop.dropped_on);
                let act = "name what runs in its place from that day on, or record the item without it";
                Rule::NamedRuns.broken(item, None, says, act)
            })
        });
        named.collect()
    }

    /// Complementary controls that are tied to what no engagement has in scope.
    pub(super) fn tied_out_of_scope(
        &self,
        catalog: &CatalogIndex,
        standing: &BTreeMap<&EngagementId, &Engagement>,
    ) -> Vec<Inconsistency> {
        if standing.is_empty() {
            return Vec::new();
        }
        let measures: BTreeSet<Measure> =
            standing.values().flat_map(|engagement| engagement.measures(catalog)).collect();
        let mut found = Vec::new();
        for (item, version) in self.standing_scope() {
            let (objectives, criteria) = if let ScopeFacts::ComplementaryUserEntityControl(facts) = &version.item.facts
            {
                (&facts.objectives, &facts.criteria)
            } else if let ScopeFacts::ComplementarySubserviceOrganizationControl(facts) = &version.item.facts {
                (&facts.objectives, &facts.criteria)
            } else {
                continue;
            };
            let tied = objectives.iter().cloned().map(Measure::Objective);
            let tied: Vec<Measure> = tied.chain(criteria.iter().cloned().map(Measure::Criterion)).collect();
            let outside: Vec<String> =
                tied.iter().filter(|measure| !measures.contains(measure)).map(ToString::to_string).collect();
            if !outside.is_empty() {
                let says = format!("it is tied to {}, which no engagement has in scope", outside.join(", "));
                let act = "tie it to what could not be met without it, or retire it";
                found.push(Rule::TiedInScope.broken(item, None, says, act));
            }
        }
        found
    }
}

fn transactions(
    id: &EngagementId,
    engagement: &Engagement,
    items: &[(&ScopeItemId, &ScopeFacts)],
) -> Vec<Inconsistency> {
    let mut found = Vec::new();
    let classes = items.iter().filter_map(|(item, facts)| {
        if let ScopeFacts::TransactionClass(class) = facts { Some((*item, class)) } else { None }
    });
    let classes: Vec<_> = classes.collect();
    for (item, class) in &classes {
        if class.objectives.is_disjoint(&engagement.objectives) {
            let touched: Vec<String> = class.objectives.iter().map(ToString::to_string).collect();
            let says = if touched.is_empty() {
                "no control objective touches it".to_owned()
            } else {
                format!("only {} would touch it, which is not in scope", touched.join(", "))
            };
            let act = "name the control objective that touches it, or take one into scope";
            found.push(Rule::TransactionsTouched.broken(*item, Some(id), says, act));
        }
    }
    let services: Vec<&ScopeItemId> =
        items.iter().filter(|(_, facts)| matches!(facts, ScopeFacts::Service(_))).map(|(item, _)| *item).collect();
    if services.is_empty() {
        let act = "record the services that user entities receive";
        found.push(Rule::TransactionsNamed.broken(id, Some(id), "no service is in scope", act));
    }
    for service in services {
        if !classes.iter().any(|(_, class)| class.service == *service) {
            let act = "record the classes of transactions that it processes, or say that no SOC 1 speaks of it";
            let says = "no class of transactions belongs to it";
            found.push(Rule::TransactionsNamed.broken(service, Some(id), says, act));
        }
    }
    found
}

/// Parts of the system that nothing belongs to.
fn parts_missing(id: &EngagementId, items: &[(&ScopeItemId, &ScopeFacts)]) -> Vec<Inconsistency> {
    let has = |part: SystemPart| {
        items.iter().any(|(_, facts)| matches!(facts, ScopeFacts::Component(component) if component.part == part))
    };
    let missing: Vec<&str> = PARTS.iter().filter(|(part, _)| !has(*part)).map(|(_, name)| *name).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let says = format!("no component in scope is of the part {}", missing.join(", "));
    vec![Rule::PartsNamed.broken(id, Some(id), says, "record the components that the system is made of")]
}

fn commitments(
    id: &EngagementId,
    engagement: &Engagement,
    items: &[(&ScopeItemId, &ScopeFacts)],
) -> Vec<Inconsistency> {
    let mut found = Vec::new();
    let made = items.iter().filter_map(|(item, facts)| {
        if let ScopeFacts::Commitment(commitment) = facts { Some((*item, commitment)) } else { None }
    });
    let made: Vec<_> = made.collect();
    for category in &engagement.categories {
        if !made.iter().any(|(_, commitment)| commitment.category == *category) {
            let says = format!("no commitment and no system requirement is about {category}");
            let act = "record what users are promised about it, or take the category out of scope";
            found.push(Rule::CommitmentMade.broken(category, Some(id), says, act));
        }
    }
    for (item, _) in made.iter().filter(|(_, commitment)| commitment.criteria.is_empty()) {
        let act = "name the criteria through which it is kept";
        found.push(Rule::CommitmentMade.broken(*item, Some(id), "it is tied to no criterion", act));
    }
    found
}
