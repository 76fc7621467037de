//! What the description lists, held against the scope: the same services, classes of transactions, key reports, commitments,
//! subservice organizations and complementary controls, in the same words, by the same method and category.
//!
//! A description is written for readers and the scope for those who work with it: where the two part, one of them is wrong.

use std::collections::BTreeSet;

use super::{
    ConsistencyRule as Rule, Inconsistency, ProgramTexts,
    text::{folded, names},
};
use crate::{
    CatalogIndex, CommitmentKind, CriterionId, Engagement, EngagementId, Measure, ObjectiveId, ReportKind, ScopeFacts,
    ScopeItemId, State, SubserviceMethod,
};

/// What a description says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// All of its prose.
    pub prose: String,
    /// What it lists.
    pub listed: Vec<Listed>,
}

/// A line of one of the lists of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub kind: ListedKind,
    /// Its name, or its words where the words are what readers rely on: of commitments, requirements and complementary controls.
    pub words: String,
}

/// What a description lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedKind {
    /// A service.
    Service,
    /// A class of transactions (SOC 1).
    TransactionClass,
    /// A report or file that user entities receive (SOC 1).
    KeyReport,
    /// A principal service commitment, with the trust services category under which it stands (SOC 2).
    ServiceCommitment {
        /// The category.
        category: String,
    },
    /// A system requirement (SOC 2).
    SystemRequirement,
    /// A subservice organization, with the method.
    SubserviceOrganization(SubserviceMethod),
    /// A complementary user entity control.
    ComplementaryUserEntityControl,
    /// A complementary subservice organization control.
    ComplementarySubserviceOrganizationControl,
}

impl ListedKind {
    const fn noun(&self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::TransactionClass => "class of transactions",
            Self::KeyReport => "report for user entities",
            Self::ServiceCommitment { .. } => "service commitment",
            Self::SystemRequirement => "system requirement",
            Self::SubserviceOrganization(_) => "subservice organization",
            Self::ComplementaryUserEntityControl => "complementary user entity control",
            Self::ComplementarySubserviceOrganizationControl => "complementary subservice organization control",
        }
    }

    /// Whether a report of this kind lists everything of it that is in scope. A SOC 3 report leaves to the SOC 2 report what is not
    /// about its commitments; only a SOC 1 report speaks of transactions, only a SOC 2 report of commitments.
    const fn is_listed_whole(&self, report: ReportKind) -> bool {
        match self {
            Self::TransactionClass | Self::KeyReport => matches!(report, ReportKind::Soc1),
            Self::ServiceCommitment { .. } => matches!(report, ReportKind::Soc2 | ReportKind::Soc3),
            Self::SystemRequirement => matches!(report, ReportKind::Soc2),
            Self::SubserviceOrganization(_) => true,
            Self::Service | Self::ComplementaryUserEntityControl | Self::ComplementarySubserviceOrganizationControl => {
                matches!(report, ReportKind::Soc1 | ReportKind::Soc2)
            }
        }
    }
}

impl State {
    pub(super) fn listed_findings(
        &self,
        catalog: &CatalogIndex,
        id: &EngagementId,
        engagement: &Engagement,
        texts: &ProgramTexts,
    ) -> Vec<Inconsistency> {
        let Some(described) = texts.descriptions.get(id) else { return Vec::new() };
        let scope = self.to_be_listed(catalog, engagement, texts);
        let mut found = Vec::new();
        for (item, wanted) in scope.iter().filter(|(_, wanted)| wanted.kind.is_listed_whole(engagement.report)) {
            if !described.listed.iter().any(|listed| listed.is_the_same_as(wanted)) {
                let says =
                    format!("the description does not list the {} `{}`", wanted.kind.noun(), short(&wanted.words));
                let act = "list it there in the words of the scope, or change the scope";
                found.push(Rule::ListedAlike.broken(item, Some(id), says, act));
            }
        }
        for listed in described.listed.iter().filter(|listed| listed.kind.is_listed_whole(engagement.report)) {
            let noun = listed.kind.noun();
            let Some((item, wanted)) = scope.iter().find(|(_, wanted)| wanted.is_the_same_as(listed)) else {
                let says = format!(
                    "the description lists the {noun} `{}`, and the scope has none in these words",
                    short(&listed.words)
                );
                let act = "record it in the scope, or use the words of the scope";
                found.push(Rule::ListedAlike.broken(id, Some(id), says, act));
                continue;
            };
            match (&listed.kind, &wanted.kind) {
                (ListedKind::SubserviceOrganization(here), ListedKind::SubserviceOrganization(there))
                    if here != there =>
                {
                    let says = format!(
                        "the description treats `{}` by the {} method, the scope by the {} method",
                        listed.words,
                        method(*here),
                        method(*there)
                    );
                    found.push(Rule::MethodAlike.broken(item, Some(id), says, "say in both what is done"));
                }
                (
                    ListedKind::ServiceCommitment { category: here },
                    ListedKind::ServiceCommitment { category: there },
                ) if category(here) != category(there) => {
                    let says = format!("the description lists it under {here}, the scope under {there}");
                    found.push(Rule::CategoryAlike.broken(item, Some(id), says, "give it the same category in both"));
                }
                _ => {}
            }
        }
        let in_scope: BTreeSet<String> = engagement.categories.iter().map(|name| category(name)).collect();
        let stated: BTreeSet<&str> = described.listed.iter().filter_map(Listed::category).collect();
        for other in stated.into_iter().filter(|stated| !in_scope.contains(&category(stated))) {
            let says = format!("the description makes commitments of {other}, which this report does not cover");
            let act = "take them out of the description, or the category into the report";
            found.push(Rule::CategoryAlike.broken(id, Some(id), says, act));
        }
        found
    }

    /// What the scope has for the lists of a description.
    fn to_be_listed(
        &self,
        catalog: &CatalogIndex,
        engagement: &Engagement,
        texts: &ProgramTexts,
    ) -> Vec<(&ScopeItemId, Listed)> {
        let measures: BTreeSet<Measure> = engagement.measures(catalog).into_iter().collect();
        let is_needed = |objectives: &BTreeSet<ObjectiveId>, criteria: &BTreeSet<CriterionId>| {
            objectives.iter().any(|id| measures.contains(&Measure::Objective(id.clone())))
                || criteria.iter().any(|id| measures.contains(&Measure::Criterion(id.clone())))
        };
        let in_scope: BTreeSet<String> = engagement.categories.iter().map(|name| category(name)).collect();
        let mut scope = Vec::new();
        for (item, facts) in self.items_of(engagement.report) {
            let Some(version) = self.scope.get(item).and_then(|record| record.versions.last()) else { continue };
            let (name, text) = (texts.of(&version.item.name), texts.of(&version.item.text));
            let (kind, words) = match facts {
                ScopeFacts::Service(_) => (ListedKind::Service, name),
                ScopeFacts::TransactionClass(_) => (ListedKind::TransactionClass, name),
                ScopeFacts::KeyReport(report) if report.to_user_entities => (ListedKind::KeyReport, name),
                ScopeFacts::Commitment(commitment) if in_scope.contains(&category(&commitment.category)) => {
                    match commitment.promise {
                        CommitmentKind::ServiceCommitment => {
                            (ListedKind::ServiceCommitment { category: commitment.category.clone() }, text)
                        }
                        CommitmentKind::SystemRequirement => (ListedKind::SystemRequirement, text),
                    }
                }
                ScopeFacts::SubserviceOrganization(organization) => {
                    let Some(method) = organization.method.get(&engagement.report.scoped_as()) else { continue };
                    (ListedKind::SubserviceOrganization(*method), name)
                }
                ScopeFacts::ComplementaryUserEntityControl(control)
                    if is_needed(&control.objectives, &control.criteria) =>
                {
                    (ListedKind::ComplementaryUserEntityControl, text)
                }
                ScopeFacts::ComplementarySubserviceOrganizationControl(control)
                    if is_needed(&control.objectives, &control.criteria) =>
                {
                    (ListedKind::ComplementarySubserviceOrganizationControl, text)
                }
                ScopeFacts::KeyReport(_)
                | ScopeFacts::Commitment(_)
                | ScopeFacts::ComplementaryUserEntityControl(_)
                | ScopeFacts::ComplementarySubserviceOrganizationControl(_)
                | ScopeFacts::Location(_)
                | ScopeFacts::Component(_)
                | ScopeFacts::UserEntity(_)
                | ScopeFacts::SubserviceReport(_)
                | ScopeFacts::Exclusion(_) => continue,
            };
            scope.push((item, Listed { kind, words: words.to_owned() }));
        }
        scope
    }
}

impl Listed {
    /// Whether both are of one kind and in the same words, however these are set; a name may stand with more beside it.
    fn is_the_same_as(&self, other: &Self) -> bool {
        let (here, there) = (folded(&self.words), folded(&other.words));
        let is_a_name = matches!(
            self.kind,
            ListedKind::Service
                | ListedKind::TransactionClass
                | ListedKind::KeyReport
                | ListedKind::SubserviceOrganization(_)
        );
        std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
            && (here == there || (is_a_name && (names(&here, &there) || names(&there, &here))))
    }

    fn category(&self) -> Option<&str> {
        if let ListedKind::ServiceCommitment { category } = &self.kind { Some(category) } else { None }
    }
}

fn method(method: SubserviceMethod) -> &'static str {
    match method {
        SubserviceMethod::CarveOut => "carve-out",
        SubserviceMethod::Inclusive => "inclusive",
    }
}

/// A category as it is compared: `Processing integrity` is `processing-integrity`.
fn category(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

/// The first words of a text.
fn short(words: &str) -> String {
    const MOST_WORDS: usize = 8;
    let mut first: Vec<&str> = words.split_whitespace().take(MOST_WORDS + 1).collect();
    let is_longer = first.len() > MOST_WORDS;
    first.truncate(MOST_WORDS);
    first.join(" ") + if is_longer { " \u{2026}" } else { "" }
}
