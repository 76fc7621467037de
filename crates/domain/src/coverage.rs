//! The coverage matrix: criteria and control objectives side by side, with the risks that threaten each, the controls that
//! serve it and the control tests about them; what is missing in it; what two reports share.
//!
//! Invariant: every share has the counts that it is made of beside it, and only the organization's own control set counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tickmark_canonical::Digest;

use crate::{
    CatalogIndex, ControlId, ControlVersion, Document, Engagement, EngagementId, Measure, Outcome, PersonId, Refusal,
    ReportKind, RiskId, Span, State, TestExtent, TestId,
};

/// What the catalog could add to an organization's program: the caller leaves out what is of other industries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogOffer {
    /// Controls that suit the organization, adopted or not.
    pub controls: BTreeSet<ControlId>,
    /// Risks, each with what it threatens.
    pub risks: BTreeMap<RiskId, BTreeSet<Measure>>,
}

/// The coverage of what some engagements are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageMatrix {
    /// The engagements looked at.
    pub engagements: BTreeSet<EngagementId>,
    /// Each criterion and control objective in scope.
    pub measures: BTreeMap<Measure, MeasureCoverage>,
    /// Each control in scope.
    pub controls: BTreeMap<ControlId, ControlCoverage>,
    /// What SOC 1 and SOC 2 share; none unless there is an engagement of each.
    pub overlap: Option<ReportOverlap>,
    /// What there is to do for SOC 1 alone, if there is an engagement of it.
    pub soc1: Option<Effort>,
    /// What there is to do for SOC 2 alone, if there is an engagement of it.
    pub soc2: Option<Effort>,
    /// What there is to do for all engagements together.
    pub together: Effort,
}

/// The coverage of one criterion or control objective.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MeasureCoverage {
    /// Engagements that hold controls against it.
    pub engagements: BTreeSet<EngagementId>,
    /// Recorded risks that threaten it, each with the controls in scope that address it.
    pub risks: BTreeMap<RiskId, BTreeSet<ControlId>>,
    /// Risks of the catalog that threaten it and that nobody recorded.
    pub unrecorded_risks: BTreeSet<RiskId>,
    /// Controls that serve it.
    pub controls: BTreeSet<ControlId>,
    /// Control tests about these.
    pub tests: BTreeSet<TestId>,
    /// How management tested these, so far.
    pub tested: TestedCount,
    /// Controls of the catalog that would serve it and are neither adopted nor dropped.
    pub offered: BTreeSet<ControlId>,
    /// What is missing.
    pub gaps: Vec<MeasureGap>,
}

/// How management tested a control over the days of an engagement, whatever it found: the first of these that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tested {
    /// A control test looked at its whole population.
    Automatically,
    /// People tested a sample that was drawn.
    BySample,
    /// People tested items that they chose, or all of them, or walked through it; or a document of these days shows it.
    ByHand,
    /// Nothing of these days shows anything of it.
    NotYet,
}

/// Controls by how management tested them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TestedCount {
    /// By a control test over the whole population.
    pub automatically: u64,
    /// By a sample that was drawn.
    pub by_sample: u64,
    /// By people, else.
    pub by_hand: u64,
    /// Not yet.
    pub not_yet: u64,
}

impl TestedCount {
    fn count(&mut self, tested: Tested) {
        let of = match tested {
            Tested::Automatically => &mut self.automatically,
            Tested::BySample => &mut self.by_sample,
            Tested::ByHand => &mut self.by_hand,
            Tested::NotYet => &mut self.not_yet,
        };
        *of += 1;
    }
}

/// What a criterion or control objective lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureGap {
    /// No control serves it.
    NoControl,
    /// No recorded risk threatens it.
    NoRisk,
    /// No control in scope addresses this risk: a gap of design.
    UnansweredRisk(RiskId),
}

/// A control's place in the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlCoverage {
    /// Engagements in whose scope it is.
    pub engagements: BTreeSet<EngagementId>,
    /// Who owns it.
    pub owner: PersonId,
    /// Whether its objectives and criteria could not be met without it.
    pub is_key: bool,
    /// What it serves of what is in scope.
    pub measures: BTreeSet<Measure>,
    /// Recorded risks that it addresses.
    pub risks: BTreeSet<RiskId>,
    /// Control tests about it.
    pub tests: BTreeSet<TestId>,
    /// How management tested it over the days of these engagements, so far: the best of them.
    pub tested: Tested,
    /// What is missing.
    pub gaps: Vec<ControlGap>,
}

/// What a control lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlGap {
    /// It addresses no recorded risk.
    NoRisk,
    /// Its owner holds no role here any more.
    NoOwner,
    /// It names nothing that shows that it operated (CTL-04).
    NoEvidenceNamed,
}

/// What two reports share, over controls and over control tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReportOverlap {
    /// Over controls.
    pub controls: Overlap,
    /// Over control tests.
    pub tests: Overlap,
}

/// What two sets share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// How many serve SOC 1.
    pub soc1: u64,
    /// How many serve SOC 2.
    pub soc2: u64,
    /// How many serve both.
    pub both: u64,
    /// Those of both, out of the smaller set, in whole percent: what one report reuses of the other.
    pub reuse_percent: Option<u64>,
    /// Those of both, out of all, in whole percent: how alike the two are.
    pub similarity_percent: Option<u64>,
}

impl Overlap {
    /// What two sets share.
    pub fn of<T: Ord>(soc1: &BTreeSet<T>, soc2: &BTreeSet<T>) -> Self {
        let [first, second, both] = [soc1.len(), soc2.len(), soc1.intersection(soc2).count()].map(|n| n as u64);
        Self {
            soc1: first,
            soc2: second,
            both,
            reuse_percent: percent(both, first.min(second)),
            similarity_percent: percent(both, first + second - both),
        }
    }
}

/// A share in whole percent, half up; none of nothing.
pub(crate) fn percent(part: u64, of: u64) -> Option<u64> {
    (of > 0).then(|| (part * 200 + of) / (of * 2))
}

/// What there is to do, in counts; hours are the organization's to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Effort {
    /// Controls to run.
    pub controls: u64,
    /// Control tests, which read evidence by themselves.
    pub tests: u64,
    /// Documents to bring for controls that no control test reads: one for each time the control falls due in the period,
    /// one for a control that acts with events or always.
    pub documents: u64,
}

/// Controls and control tests of some engagements.
#[derive(Default)]
struct Sets {
    controls: BTreeSet<ControlId>,
    tests: BTreeSet<TestId>,
    documents: BTreeMap<ControlId, u64>,
}

impl Sets {
    fn effort(&self) -> Effort {
        Effort {
            controls: self.controls.len() as u64,
            tests: self.tests.len() as u64,
            documents: self.documents.values().sum(),
        }
    }
}

impl State {
    /// The engagements that no other follows on: what an organization works on.
    pub fn standing_engagements(&self) -> BTreeMap<&EngagementId, &Engagement> {
        let followed: BTreeSet<_> = self.engagements.values().filter_map(|e| e.follows.as_ref()).collect();
        self.engagements.iter().filter(|(id, _)| !followed.contains(id)).collect()
    }

    /// The coverage of what the given engagements are about.
    ///
    /// Where two engagements state a control in different versions, the one whose days end later counts.
    pub fn coverage<'a>(
        &self,
        catalog: &CatalogIndex,
        offer: &CatalogOffer,
        engagements: impl IntoIterator<Item = &'a EngagementId>,
    ) -> Result<CoverageMatrix, Refusal> {
        let mut chosen =
            engagements.into_iter().map(|id| Ok((id, self.engagement(id)?))).collect::<Result<Vec<_>, Refusal>>()?;
        chosen.sort_by_key(|(id, engagement)| (engagement.report_type.span().last, *id));
        let mut matrix = CoverageMatrix {
            engagements: chosen.iter().map(|(id, _)| (*id).clone()).collect(),
            measures: BTreeMap::new(),
            controls: BTreeMap::new(),
            overlap: None,
            soc1: None,
            soc2: None,
            together: Effort::default(),
        };
        let mut sets: BTreeMap<ReportKind, Sets> = BTreeMap::new();
        for (id, engagement) in &chosen {
            let stated = engagement.controls(self, catalog);
            let tests_of = self.tests_by_control(catalog, engagement.report_type.span());
            let measures = engagement.measures(catalog);
            let of_report = sets.entry(engagement.report.scoped_as()).or_default();
            for (control, version) in &stated {
                let tests = tests_of.get(control);
                of_report.controls.insert((*control).clone());
                of_report.tests.extend(tests.into_iter().flatten().map(|test| (*test).clone()));
                if tests.is_none() {
                    let due = self.documents_due(control, engagement.report_type.span());
                    let most = of_report.documents.entry((*control).clone()).or_default();
                    *most = due.max(*most);
                }
                let tested = self.tested(control, tests, engagement.report_type.span());
                let mut placed = self.place(version, tests, tested);
                placed.measures = measures.iter().filter(|m| version.definition.serves(m)).cloned().collect();
                let before = matrix.controls.remove(*control);
                placed.tested = before.as_ref().map_or(tested, |before| before.tested.min(tested));
                let (in_before, served_before) = before.map(|c| (c.engagements, c.measures)).unwrap_or_default();
                placed.measures.extend(served_before);
                placed.engagements.extend(in_before);
                placed.engagements.insert((*id).clone());
                matrix.controls.insert((*control).clone(), placed);
            }
            for measure in measures {
                let covered = matrix.measures.entry(measure.clone()).or_default();
                covered.engagements.insert((*id).clone());
                self.cover(&measure, covered, &stated, &tests_of);
            }
        }
        for (measure, covered) in &mut matrix.measures {
            let threatens =
                offer.risks.iter().filter(|(risk, of)| of.contains(measure) && !self.risks.contains_key(*risk));
            covered.unrecorded_risks = threatens.map(|(risk, _)| risk.clone()).collect();
            let left = offer.controls.iter().filter(|id| !self.controls.contains_key(*id));
            let serves = |id: &&ControlId| catalog.controls.get(*id).is_some_and(|rule| rule.serves(measure));
            covered.offered = left.filter(serves).cloned().collect();
            for control in covered.controls.iter().filter_map(|id| matrix.controls.get(id)) {
                covered.tested.count(control.tested);
            }
            covered.gaps = gaps_of(covered);
        }
        matrix.weigh(&sets);
        Ok(matrix)
    }

    /// Documents that a control without a control test is shown by over some days: one each time it falls due, and one at the
    /// least.
    fn documents_due(&self, control: &ControlId, span: Span) -> u64 {
        self.controls.get(control).map_or(1, |control| self.times_due(control, span).max(1))
    }

    /// How management tested a control over some days.
    fn tested(&self, control: &ControlId, tests: Option<&Vec<&TestId>>, days: Span) -> Tested {
        let looked = |test: &&TestId| {
            let outcome = self.newest_result(test, days).map(|result| result.outcome);
            matches!(outcome, Some(Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence))
        };
        if tests.into_iter().flatten().any(looked) {
            return Tested::Automatically;
        }
        let within = || self.management_tests_of(control).filter(|(_, test)| days.covers(&test.details.span));
        if within().any(|(_, test)| matches!(test.details.extent, TestExtent::Sample(_))) {
            return Tested::BySample;
        }
        let is_of_the_days = |document: &&Document| {
            document.control.as_ref() == Some(control)
                && days.first <= document.dated_on
                && document.dated_on <= days.last
        };
        let by_hand = within().next().is_some() || self.documents.iter().find(is_of_the_days).is_some();
        if by_hand { Tested::ByHand } else { Tested::NotYet }
    }

    /// A control's place, as a version states it.
    fn place(&self, version: &ControlVersion, tests: Option<&Vec<&TestId>>, tested: Tested) -> ControlCoverage {
        let definition = &version.definition;
        let risks: BTreeSet<RiskId> =
            definition.risks.iter().filter(|id| self.risks.contains_key(*id)).cloned().collect();
        let is_owned = self.people.get(&version.owner).is_some_and(|person| !person.roles.is_empty());
        let lacks = [
            (risks.is_empty(), ControlGap::NoRisk),
            (!is_owned, ControlGap::NoOwner),
            (!definition.names_evidence(), ControlGap::NoEvidenceNamed),
        ];
        ControlCoverage {
            engagements: BTreeSet::new(),
            owner: version.owner.clone(),
            is_key: definition.is_key,
            measures: BTreeSet::new(),
            risks,
            tests: tests.into_iter().flatten().map(|test| (*test).clone()).collect(),
            tested,
            gaps: lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, gap)| gap).collect(),
        }
    }

    /// Adds what one engagement has for a measure.
    fn cover(
        &self,
        measure: &Measure,
        covered: &mut MeasureCoverage,
        stated: &BTreeMap<&ControlId, &ControlVersion>,
        tests_of: &BTreeMap<&ControlId, Vec<&TestId>>,
    ) {
        for (risk, _) in self.risks.iter().filter(|(_, risk)| risk.threatens(measure)) {
            let addresses = stated.iter().filter(|(_, version)| version.definition.risks.contains(risk));
            let answering = covered.risks.entry(risk.clone()).or_default();
            answering.extend(addresses.map(|(control, _)| (*control).clone()));
        }
        for (control, _) in stated.iter().filter(|(_, version)| version.definition.serves(measure)) {
            covered.controls.insert((*control).clone());
            covered.tests.extend(tests_of.get(control).into_iter().flatten().map(|test| (*test).clone()));
        }
    }

    fn tests_by_control<'a>(&self, catalog: &'a CatalogIndex, days: Span) -> BTreeMap<&'a ControlId, Vec<&'a TestId>> {
        let mut tests_of: BTreeMap<&ControlId, Vec<&TestId>> = BTreeMap::new();
        for (test, rule) in &catalog.tests {
            for control in self.controls_tested(rule, days) {
                tests_of.entry(control).or_default().push(test);
            }
        }
        tests_of
    }
}

impl CoverageMatrix {
    fn weigh(&mut self, sets: &BTreeMap<ReportKind, Sets>) {
        let (soc1, soc2) = (sets.get(&ReportKind::Soc1), sets.get(&ReportKind::Soc2));
        self.overlap = soc1.zip(soc2).map(|(soc1, soc2)| ReportOverlap {
            controls: Overlap::of(&soc1.controls, &soc2.controls),
            tests: Overlap::of(&soc1.tests, &soc2.tests),
        });
        self.soc1 = soc1.map(Sets::effort);
        self.soc2 = soc2.map(Sets::effort);
        let mut together = Sets::default();
        for of_report in sets.values() {
            together.controls.extend(of_report.controls.iter().cloned());
            together.tests.extend(of_report.tests.iter().cloned());
            for (control, due) in &of_report.documents {
                let most = together.documents.entry(control.clone()).or_default();
                *most = (*most).max(*due);
            }
        }
        self.together = together.effort();
    }
}

impl crate::ControlDefinition {
    /// Whether it names what shows that the control operated (CTL-04).
    pub fn names_evidence(&self) -> bool {
        self.evidence != Digest::of(b"")
    }
}

fn gaps_of(covered: &MeasureCoverage) -> Vec<MeasureGap> {
    let no_control = covered.controls.is_empty().then_some(MeasureGap::NoControl);
    let no_risk = covered.risks.is_empty().then_some(MeasureGap::NoRisk);
    let unanswered = covered.risks.iter().filter(|(_, controls)| controls.is_empty());
    let unanswered = unanswered.map(|(risk, _)| MeasureGap::UnansweredRisk(risk.clone()));
    no_control.into_iter().chain(no_risk).chain(unanswered).collect()
}
