//! The search for gaps: what the coverage matrix lacks, what nothing shows, what nobody checked, what came back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    Gap, GapEffort, GapKind, Looked,
    gap::{Concerns, IsThere, MANY_ITEMS, WEIGHTY_PERCENT, because, weighed},
};
use crate::{
    Automation, ControlFigures, ControlGap, ControlId, ControlVersion, ExceptionId, ExceptionState, KeyReport, Measure,
    MeasureGap, Outcome, ScopeFacts, ScopeItemId, Span, State, TestFigures, TestId, coverage::percent,
};

/// How the program is changed where no command of its own does it.
const IN_PROGRAM: &str = "`tickmark export DIR`, write it there, `tickmark apply DIR`";

/// A gap before it is weighed.
struct Found {
    kind: GapKind,
    concerns: Concerns,
    is_there: IsThere,
    effort: GapEffort,
    found: String,
    next: String,
}

impl Found {
    fn gap(self, control: Option<&ControlId>, measures: BTreeSet<Measure>) -> Gap {
        let (points, severity) = weighed(self.concerns, self.is_there);
        let whole = measures.first().filter(|_| control.is_none());
        let because = because(self.kind, self.concerns, self.is_there, whole);
        Gap {
            kind: self.kind,
            measures,
            control: control.cloned(),
            severity,
            points,
            because,
            effort: self.effort,
            found: self.found,
            next: self.next,
        }
    }
}

impl Looked<'_> {
    /// Every gap, in no order yet.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let of_measures = self.matrix.measures.iter().flat_map(|(measure, covered)| {
            covered.gaps.iter().map(|gap| self.of_measure(measure, gap).gap(None, [measure.clone()].into()))
        });
        let of_controls = self.figures.controls.iter().flat_map(|(id, figures)| self.of_control(id, figures));
        of_measures.chain(of_controls).collect()
    }

    fn of_measure(&self, measure: &Measure, gap: &MeasureGap) -> Found {
        let covered = self.matrix.measures.get(measure);
        let kind_of = measure.kind();
        match gap {
            MeasureGap::NoControl => {
                let offered = covered.map_or(0, |covered| covered.offered.len());
                let is_offered = offered > 0;
                Found {
                    kind: GapKind::Missing,
                    concerns: Concerns::NoControlAtAll,
                    is_there: IsThere::Nothing,
                    effort: if is_offered { GapEffort::Medium } else { GapEffort::Large },
                    found: format!("no control serves {kind_of} {measure}"),
                    next: if is_offered {
                        format!("adopt what the catalog offers ({offered}): {}", self.adopt())
                    } else {
                        format!("word a control that serves it: {IN_PROGRAM}")
                    },
                }
            }
            MeasureGap::NoRisk => {
                let known = covered.map(|covered| listed(covered.unrecorded_risks.iter())).unwrap_or_default();
                Found {
                    kind: GapKind::Design,
                    concerns: Concerns::Key,
                    is_there: IsThere::Some,
                    effort: GapEffort::Small,
                    found: format!("no recorded risk threatens {kind_of} {measure}"),
                    next: if known.is_empty() {
                        format!("name what could keep it from being met: {IN_PROGRAM}")
                    } else {
                        format!("record what the catalog knows, {known}: {IN_PROGRAM}")
                    },
                }
            }
            MeasureGap::UnansweredRisk(risk) => {
                let left = self.offer.controls.iter().filter(|id| !self.state.controls.contains_key(*id));
                let addresses =
                    |id: &&ControlId| self.catalog.controls.get(*id).is_some_and(|rule| rule.risks.contains(risk));
                let offered = listed(left.filter(addresses));
                let is_offered = !offered.is_empty();
                let only = offered.replace(", ", ",");
                Found {
                    kind: GapKind::Design,
                    concerns: Concerns::Key,
                    is_there: IsThere::Nothing,
                    effort: if is_offered { GapEffort::Medium } else { GapEffort::Large },
                    found: format!("no control in scope addresses {risk}, which threatens {kind_of} {measure}"),
                    next: if is_offered {
                        format!("adopt what answers it: `tickmark control adopt --only {only} --effective DATE`")
                    } else {
                        format!("say which control answers it, or word one: {IN_PROGRAM}")
                    },
                }
            }
        }
    }

    fn of_control(&self, id: &ControlId, figures: &ControlFigures) -> Vec<Gap> {
        let (Some(version), Some(placed)) = (self.stated.get(id), self.matrix.controls.get(id)) else {
            return Vec::new();
        };
        let concerns = if placed.is_key { Concerns::Key } else { Concerns::Other };
        let mut found: Vec<Found> = placed.gaps.iter().map(|gap| self.design(id, version, *gap, concerns)).collect();
        if let Some(gap) = self.not_in_place(id, version, figures, concerns) {
            found.push(gap);
        } else {
            found.extend(self.no_evidence(id, version, figures, concerns));
            found.extend(self.not_evaluable(figures, concerns));
        }
        found.extend(self.untested_ipe(id, version, concerns));
        found.extend(self.exceptions_open(figures, concerns));
        found.into_iter().map(|found| found.gap(Some(id), placed.measures.clone())).collect()
    }

    fn design(&self, id: &ControlId, version: &ControlVersion, gap: ControlGap, concerns: Concerns) -> Found {
        let owner = &version.owner;
        let (found, next) = match gap {
            ControlGap::NoRisk => (
                "it addresses no recorded risk".to_owned(),
                format!("say which risk it answers, or that it is not needed: {IN_PROGRAM}"),
            ),
            ControlGap::NoOwner => (
                format!("its owner {owner} holds no role here any more"),
                format!(
                    "name who owns it: `tickmark control revise {id} --owner PERSON --effective DATE --reason TEXT`"
                ),
            ),
            ControlGap::NoEvidenceNamed => (
                "it does not name what shows that it operated (CTL-04)".to_owned(),
                format!("its owner {owner} names the record: {IN_PROGRAM}"),
            ),
        };
        Found { kind: GapKind::Design, concerns, is_there: IsThere::Some, effort: GapEffort::Small, found, next }
    }

    fn not_in_place(
        &self,
        id: &ControlId,
        version: &ControlVersion,
        figures: &ControlFigures,
        concerns: Concerns,
    ) -> Option<Found> {
        let (kind, is_there) = (GapKind::NotImplemented, IsThere::Nothing);
        let last = self.span.last;
        if version.effective_on > last {
            let found = format!("it begins on {}, after {last}", version.effective_on);
            let next = format!("move the date or the period, or say since when it ran, with evidence: {IN_PROGRAM}");
            return Some(Found { kind, concerns, is_there, effort: GapEffort::Large, found, next });
        }
        // That nobody has looked says nothing of the control; that somebody looked and found nothing does.
        let (kind, (effort, found, next)) = match self.figures.is_in_place(figures) {
            Some(true) => return None,
            Some(false) => (kind, self.shown_not_in_place(figures)),
            None => (GapKind::NoEvidence, self.not_shown(id, version, figures)),
        };
        Some(Found { kind, concerns, is_there, effort, found, next })
    }

    /// Effort, what was found and the next step for a control that what was looked at shows not to be in place.
    fn shown_not_in_place(&self, figures: &ControlFigures) -> (GapEffort, String, String) {
        let all_came_back = listed(
            self.tests_of(figures)
                .filter(|(_, test)| test.population > 0 && test.outcome == Some(Outcome::Exceptions))
                .map(|(id, _)| id),
        );
        if all_came_back.is_empty() {
            return (
                GapEffort::Large,
                "the newest walkthrough found that it is not in place".to_owned(),
                "put it in place, then walk through it again: `tickmark management-test record`".to_owned(),
            );
        }
        (
            GapEffort::Large,
            format!("every item that {all_came_back} looked at came back as an exception"),
            "put it in place, then `tickmark collect` and `tickmark test`".to_owned(),
        )
    }

    /// The same for a control that nothing shows to be in place or not.
    fn not_shown(
        &self,
        id: &ControlId,
        version: &ControlVersion,
        figures: &ControlFigures,
    ) -> (GapEffort, String, String) {
        let without = self.datasets_without_extract(figures);
        if !without.is_empty() {
            return (
                GapEffort::Medium,
                format!("no document shows that it is in place, and its control tests have no extract of {without}"),
                format!("approve a source of {without} in `sources/`, then `tickmark collect` and `tickmark test`"),
            );
        }
        let not_run = listed(self.tests_of(figures).filter(|(_, test)| test.outcome.is_none()).map(|(id, _)| id));
        if !not_run.is_empty() {
            let found = format!("no document shows that it is in place, and {not_run} has not run over these days");
            return (GapEffort::Small, found, "`tickmark test`".to_owned());
        }
        let why = if figures.tests.is_empty() {
            "no control test reads it"
        } else {
            "no control test of it found an item to look at"
        };
        (
            GapEffort::Medium,
            format!("no document shows that it is in place, and {why}"),
            format!("its owner {} {}", version.owner, names_in_register(id)),
        )
    }

    /// Nothing shows that it acted in the period. What a control test has read needs no document.
    fn no_evidence(
        &self,
        id: &ControlId,
        version: &ControlVersion,
        figures: &ControlFigures,
        concerns: Concerns,
    ) -> Option<Found> {
        if !self.has_period() {
            return None;
        }
        let (kind, is_there) = (GapKind::NoEvidence, IsThere::Nothing);
        let Span { first, last } = self.span;
        let not_run = listed(self.tests_of(figures).filter(|(_, test)| test.outcome.is_none()).map(|(id, _)| id));
        if !not_run.is_empty() {
            let without = self.datasets_without_extract(figures);
            let (effort, next) = if without.is_empty() {
                (GapEffort::Small, "`tickmark test`".to_owned())
            } else {
                (GapEffort::Medium, format!("bring extracts of {without}: `tickmark collect`, then `tickmark test`"))
            };
            let found = format!("{not_run} has not run over {first} to {last}");
            return Some(Found { kind, concerns, is_there, effort, found, next });
        }
        let is_tested = !figures.tests.is_empty();
        let is_dated = self.documents.contains_key(id);
        (!is_tested && !is_dated).then(|| Found {
            kind,
            concerns,
            is_there,
            effort: GapEffort::Medium,
            found: format!("no document about it is dated {first} to {last}, and no control test reads it"),
            next: format!("its owner {} {}, dated in the period", version.owner, names_in_register(id)),
        })
    }

    fn not_evaluable(&self, figures: &ControlFigures, concerns: Concerns) -> Option<Found> {
        let failed: Vec<(&TestId, &TestFigures)> = self
            .tests_of(figures)
            .filter(|(_, test)| matches!(test.outcome, Some(Outcome::NotEvaluable | Outcome::Error)))
            .collect();
        let tests = listed(failed.iter().map(|(id, _)| *id));
        let datasets: BTreeSet<_> = failed.iter().flat_map(|(_, test)| test.inputs.keys()).collect();
        (!failed.is_empty()).then(|| Found {
            kind: GapKind::NotEvaluable,
            concerns,
            is_there: IsThere::Nothing,
            effort: GapEffort::Medium,
            found: format!(
                "{tests} could not be evaluated: evidence is missing, incomplete or stale, or the test failed"
            ),
            next: format!(
                "bring complete extracts of {}: `tickmark collect`, then `tickmark test`",
                listed(datasets.into_iter())
            ),
        })
    }

    /// A control that uses a key report which nobody checked, or that people perform with the system's output where no key
    /// report says which (CTL-09).
    fn untested_ipe(&self, id: &ControlId, version: &ControlVersion, concerns: Concerns) -> Vec<Found> {
        let (kind, is_there) = (GapKind::UntestedIpe, IsThere::Some);
        let used: Vec<(&ScopeItemId, &KeyReport)> = self.state.key_reports_of(id).collect();
        if used.is_empty() {
            let needs = version.definition.automation == Automation::ItDependentManual;
            let next = format!("record the report it uses, and how that is checked, as a key report: {IN_PROGRAM}");
            let found = "people perform it with the system's output, and no key report feeds it (CTL-09)".to_owned();
            return needs
                .then_some(Found { kind, concerns, is_there, effort: GapEffort::Small, found, next })
                .into_iter()
                .collect();
        }
        let unchecked = used.into_iter().filter_map(|(report, facts)| {
            let not_checked = self.not_checked(facts)?;
            let (effort, next) = if facts.tests.is_empty() {
                (GapEffort::Medium, format!("name a control test of its completeness and accuracy: {IN_PROGRAM}"))
            } else {
                (GapEffort::Small, "`tickmark test`".to_owned())
            };
            Some(Found { kind, concerns, is_there, effort, found: format!("key report {report}: {not_checked}"), next })
        });
        unchecked.collect()
    }

    /// Why a key report's completeness and accuracy is not checked over the days; none if it is.
    fn not_checked(&self, report: &KeyReport) -> Option<String> {
        if report.tests.is_empty() {
            return Some("no control test checks its completeness and accuracy".to_owned());
        }
        let outcome = |test: &TestId| self.state.newest_result(test, self.span).map(|result| result.outcome);
        let looked = |test: &&TestId| matches!(outcome(test), Some(Outcome::NoExceptions | Outcome::Exceptions));
        let not_looked = listed(report.tests.iter().filter(|test| !looked(test)));
        (!not_looked.is_empty()).then(|| format!("{not_looked} has no result over the days"))
    }

    fn exceptions_open(&self, figures: &ControlFigures, concerns: Concerns) -> Option<Found> {
        let is_open = |state: ExceptionState| matches!(state, ExceptionState::Open | ExceptionState::Responded);
        let by_rows = self.tests_of(figures).flat_map(|(_, test)| {
            test.raised.iter().map(move |(id, (state, items))| (id, *state, *items, test.population))
        });
        let by_people = figures.raised.iter().map(|(id, (state, items))| (id, *state, *items, self.items_behind(id)));
        let open: Vec<_> = by_rows.chain(by_people).filter(|(_, state, ..)| is_open(*state)).collect();
        let (first, ..) = open.first()?;
        let items: u64 = open.iter().map(|(_, _, items, _)| items).sum();
        // The highest share of any test: a population of another test does not thin it out.
        let share = open.iter().filter_map(|(_, _, items, of)| percent(*items, *of)).max().unwrap_or(100);
        let unanswered = open.iter().filter(|(_, state, ..)| *state == ExceptionState::Open).count();
        let ids = listed(open.iter().map(|(id, ..)| *id));
        Some(Found {
            kind: GapKind::ExceptionsOpen,
            concerns,
            is_there: if share >= WEIGHTY_PERCENT { IsThere::Nothing } else { IsThere::Some },
            effort: if items > MANY_ITEMS { GapEffort::Large } else { GapEffort::Medium },
            found: format!(
                "{ids}: {items} {} whose cause is not gone, at most {share} % of a population",
                if items == 1 { "item" } else { "items" }
            ),
            next: if unanswered > 0 {
                format!(
                    "look at the rows, then answer: `tickmark exceptions {first}`, `tickmark exception respond {first}`"
                )
            } else {
                format!("remove the cause, then record it: `tickmark exception remediate {first}`")
            },
        })
    }

    /// How many items the management test looked at that raised an exception.
    fn items_behind(&self, exception: &ExceptionId) -> u64 {
        let raised = self.state.exceptions.get(exception);
        let test = raised.and_then(|raised| self.state.management_tests.get(raised.origin.management_test()?));
        test.map_or(0, |test| test.details.items)
    }

    pub(crate) fn tests_of<'b>(
        &'b self,
        figures: &'b ControlFigures,
    ) -> impl Iterator<Item = (&'b TestId, &'b TestFigures)> {
        figures.tests.iter().filter_map(|id| Some((id, self.figures.tests.get(id)?)))
    }

    fn datasets_without_extract(&self, figures: &ControlFigures) -> String {
        let inputs = self.tests_of(figures).flat_map(|(_, test)| &test.inputs);
        let without: BTreeSet<_> =
            inputs.filter(|(_, input)| input.extracts == 0).map(|(dataset, _)| dataset).collect();
        listed(without.into_iter())
    }

    fn adopt(&self) -> String {
        format!("`tickmark control adopt --engagement {} --effective DATE`", self.id)
    }
}

impl State {
    /// The key reports in scope that a control uses.
    pub(crate) fn key_reports_of<'a>(
        &'a self,
        control: &'a ControlId,
    ) -> impl Iterator<Item = (&'a ScopeItemId, &'a KeyReport)> {
        self.standing_scope().filter_map(move |(id, version)| {
            let ScopeFacts::KeyReport(report) = &version.item.facts else { return None };
            report.controls.contains(control).then_some((id, report))
        })
    }

    /// The days that documents about each control speak of, as far as they are among these.
    pub(crate) fn documents_within(&self, days: Span) -> BTreeMap<&ControlId, Vec<Date>> {
        let mut dated: BTreeMap<&ControlId, Vec<Date>> = BTreeMap::new();
        for document in self.documents.iter().filter(|d| days.first <= d.dated_on && d.dated_on <= days.last) {
            if let Some(control) = &document.control {
                dated.entry(control).or_default().push(document.dated_on);
            }
        }
        dated
    }
}

/// How a document becomes evidence for a control.
fn names_in_register(control: &ControlId) -> String {
    format!(
        "puts a document that shows it into the folder of a source of documents, with `{control}` under `controls` in the register, then `tickmark collect`"
    )
}

/// Ids one after the other.
fn listed<T: std::fmt::Display>(ids: impl Iterator<Item = T>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}
