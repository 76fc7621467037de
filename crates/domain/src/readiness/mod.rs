//! Internal readiness: where an engagement stands before the firm comes, what is lacking, in which order to close it, and
//! from which day a period could be defended.
//!
//! Invariant: readiness is no assurance: it says what is lacking, and never that anything works.
//! Invariant: equal facts give the same list in the same order.

mod find;
mod gap;
mod start;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;

use crate::{
    CatalogIndex, CatalogOffer, ControlId, ControlVersion, CoverageMatrix, Engagement, EngagementFigures, EngagementId,
    Measure, Refusal, ReportType, Scores, Span, State,
};

pub use gap::{Gap, GapEffort, GapKind, Severity};
pub use start::{EarliestStart, StartDecider};
pub use types::TypeReadiness;

/// Where an engagement stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The engagement.
    pub engagement: EngagementId,
    /// Type 1 or Type 2, with its date or period.
    pub report_type: ReportType,
    /// The four scores over all controls in scope.
    pub scores: Scores,
    /// Each criterion and control objective.
    pub measures: BTreeMap<Measure, MeasureReadiness>,
    /// What is lacking, by audit risk and then by effort.
    pub gaps: Vec<Gap>,
    /// What a Type 1 lacks: at the as-of date, or on the last day of the period.
    pub type1: TypeReadiness,
    /// What a Type 2 lacks besides; none for an engagement without a period.
    pub type2: Option<TypeReadiness>,
    /// The earliest day on which a period could begin.
    pub earliest_start: EarliestStart,
}

/// Where one criterion or control objective stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeasureReadiness {
    /// Controls that serve it.
    pub controls: u64,
    /// The four scores over these.
    pub scores: Scores,
    /// Gaps that concern it.
    pub gaps: u64,
}

/// What the search for gaps looks at.
pub(crate) struct Looked<'a> {
    pub(crate) state: &'a State,
    pub(crate) catalog: &'a CatalogIndex,
    pub(crate) offer: &'a CatalogOffer,
    pub(crate) id: &'a EngagementId,
    pub(crate) engagement: &'a Engagement,
    pub(crate) span: Span,
    pub(crate) figures: EngagementFigures,
    pub(crate) matrix: CoverageMatrix,
    pub(crate) stated: BTreeMap<&'a ControlId, &'a ControlVersion>,
    pub(crate) documents: BTreeMap<&'a ControlId, Vec<Date>>,
}

impl Looked<'_> {
    /// Whether there is a period to show operation over.
    pub(crate) fn has_period(&self) -> bool {
        matches!(self.engagement.report_type, ReportType::Type2(_))
    }

    /// Controls without which what is in scope could not be met: key controls, and all controls of a criterion or control
    /// objective that has no key control.
    pub(crate) fn needed(&self) -> BTreeSet<&ControlId> {
        let is_key = |id: &&ControlId| self.matrix.controls.get(*id).is_some_and(|control| control.is_key);
        let of_measures = self.matrix.measures.values().flat_map(|measure| {
            let has_key = measure.controls.iter().any(|id| is_key(&id));
            measure.controls.iter().filter(move |id| !has_key || is_key(id))
        });
        of_measures.collect()
    }
}

impl State {
    /// Where an engagement stands.
    pub fn readiness(
        &self,
        catalog: &CatalogIndex,
        offer: &CatalogOffer,
        id: &EngagementId,
    ) -> Result<Readiness, Refusal> {
        let engagement = self.engagement(id)?;
        let looked = Looked {
            state: self,
            catalog,
            offer,
            id,
            engagement,
            span: engagement.report_type.span(),
            figures: self.figures(catalog, id)?,
            matrix: self.coverage(catalog, offer, [id])?,
            stated: engagement.controls(self, catalog),
            documents: self.documents_within(engagement.report_type.span()),
        };
        let gaps = gap::ranked(looked.gaps());
        let earliest_start = looked.earliest_start();
        let (type1, type2) = looked.types(&gaps, &earliest_start);
        let measures = looked.matrix.measures.iter().map(|(measure, covered)| {
            let of_measure = MeasureReadiness {
                controls: covered.controls.len() as u64,
                scores: self.scores_of(&looked.figures, |control| covered.controls.contains(control)),
                gaps: gaps.iter().filter(|gap| gap.measures.contains(measure)).count() as u64,
            };
            (measure.clone(), of_measure)
        });
        Ok(Readiness {
            engagement: id.clone(),
            report_type: engagement.report_type,
            scores: self.scores_of(&looked.figures, |_| true),
            measures: measures.collect(),
            gaps,
            type1,
            type2,
            earliest_start,
        })
    }
}
