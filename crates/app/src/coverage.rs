//! The coverage matrix in words: criteria and control objectives side by side, as a page, a workbook or JSON.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::Serialize;
use tickmark_domain::{
    CatalogOffer, ControlGap, CoverageMatrix, Effort, EngagementId, Measure, MeasureGap, Overlap, RiskId, State, Tested,
};
use tickmark_report::{Cell, Sheet, WorkbookTitle, sheets_workbook};

use crate::{Error, House, NextStep, opening::report_in_words};

/// The coverage of some engagements.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageView {
    /// The organization's name.
    pub organization: String,
    /// The ledger size shown.
    pub ledger_size: u64,
    /// The engagements looked at: id and report in words.
    pub engagements: Vec<(String, String)>,
    /// The matrix.
    pub matrix: CoverageMatrix,
    /// Titles of criteria, control objectives and controls.
    pub titles: BTreeMap<String, String>,
    /// What to do first where there is nothing to look at.
    pub next: Option<NextStep>,
}

impl House {
    /// The coverage of the given engagements; by itself of those that no other follows on.
    pub fn coverage(&self, engagements: &[String]) -> Result<CoverageView, Error> {
        let state = self.state();
        let chosen = self.chosen_engagements(state, engagements)?;
        let matrix = state.coverage(self.catalog_index(), &self.catalog_offer(state)?, &chosen)?;
        let words = chosen.iter().filter_map(|id| Some((id, state.engagements.get(id)?)));
        let is_empty = matrix.controls.is_empty() && !self.is_past();
        Ok(CoverageView {
            organization: self.organization_of(state)?,
            ledger_size: self.size(),
            engagements: words.map(|(id, engagement)| (id.to_string(), report_in_words(engagement))).collect(),
            titles: self.titles_of(state, &matrix)?,
            next: is_empty.then(|| self.next_step()),
            matrix,
        })
    }

    /// The engagements of these ids; those that no other follows on, if none is given.
    pub(crate) fn chosen_engagements(&self, state: &State, ids: &[String]) -> Result<Vec<EngagementId>, Error> {
        if ids.is_empty() {
            return Ok(state.standing_engagements().into_keys().cloned().collect());
        }
        ids.iter()
            .map(|id| {
                let unknown = || Error::Unknown { kind: "engagement", name: id.clone() };
                let parsed: EngagementId = id.parse()?;
                state.engagements.get_key_value(&parsed).map(|(id, _)| id.clone()).ok_or_else(unknown)
            })
            .collect()
    }

    /// What the catalog could add, without what is of other industries.
    pub(crate) fn catalog_offer(&self, state: &State) -> Result<CatalogOffer, Error> {
        let controls = self.controls_that_suit(state);
        let mut risks: BTreeMap<RiskId, BTreeSet<Measure>> = BTreeMap::new();
        let suits = |risk: &&tickmark_catalog::Risk| {
            risk.addressed_by.iter().any(|by| controls.iter().any(|control| control.as_str() == &**by))
        };
        for risk in self.catalog.risks.values().filter(suits) {
            let mut threatened = BTreeSet::new();
            for id in &risk.threatens {
                threatened.insert(if self.catalog.objectives.contains_key(&**id) {
                    Measure::Objective(id.parse()?)
                } else {
                    Measure::Criterion(id.parse()?)
                });
            }
            risks.insert(risk.id.parse()?, threatened);
        }
        Ok(CatalogOffer { controls, risks })
    }

    pub(crate) fn organization_of(&self, state: &State) -> Result<String, Error> {
        state.organization.as_ref().map_or_else(|| Ok(String::new()), |founded| self.text(&founded.name))
    }

    /// The title of a criterion or control objective: the organization's own words, else the catalog's.
    pub(crate) fn title_of_measure(&self, state: &State, measure: &Measure) -> Result<String, Error> {
        Ok(match measure {
            Measure::Criterion(id) => {
                self.catalog.criteria.get(id.as_str()).map(|criterion| criterion.title.clone()).unwrap_or_default()
            }
            Measure::Objective(id) => match state.objectives.get(id) {
                Some(own) => self.text(&own.definition.title)?,
                None => self.catalog.objectives.get(id.as_str()).map(|o| o.title.clone()).unwrap_or_default(),
            },
        })
    }

    fn titles_of(&self, state: &State, matrix: &CoverageMatrix) -> Result<BTreeMap<String, String>, Error> {
        let mut titles = BTreeMap::new();
        for measure in matrix.measures.keys() {
            titles.insert(measure.to_string(), self.title_of_measure(state, measure)?);
        }
        for id in matrix.controls.keys() {
            let newest = state.controls.get(id).and_then(|control| control.newest());
            if let Some(version) = newest {
                titles.insert(id.to_string(), self.text(&version.definition.title)?);
            }
        }
        Ok(titles)
    }

    /// What stands on every page of a workbook about a state.
    pub(crate) fn workbook_title(&self, state: &State, title: &str) -> Result<WorkbookTitle, Error> {
        Ok(WorkbookTitle { title: title.to_owned(), organization: self.organization_of(state)?, made_on: self.today() })
    }

    /// The coverage as a workbook.
    pub fn coverage_workbook(&self, view: &CoverageView) -> Result<Vec<u8>, Error> {
        let title = WorkbookTitle {
            title: "Coverage of criteria and control objectives".to_owned(),
            organization: view.organization.clone(),
            made_on: self.today(),
        };
        let sheets = [view.measures_sheet(), view.controls_sheet(), view.shares_sheet(), view.about_sheet()];
        Ok(sheets_workbook(&title, &sheets)?)
    }
}

/// How management tested a control, in words.
fn tested(how: Tested) -> &'static str {
    match how {
        Tested::Automatically => "automatically",
        Tested::BySample => "by a sample",
        Tested::ByHand => "by hand",
        Tested::NotYet => "not yet",
    }
}

impl CoverageView {
    fn title(&self, id: &str) -> &str {
        self.titles.get(id).map_or("", String::as_str)
    }

    fn measures_sheet(&self) -> Sheet {
        let columns = vec![
            ("Criterion or objective", 14),
            ("Title", 38),
            ("Engagements", 14),
            ("Risks recorded", 22),
            ("Risks of the catalog not recorded", 20),
            ("Controls (key ones with *)", 34),
            ("Control tests", 44),
            ("Controls tested automatically", 13),
            ("By a sample", 10),
            ("By hand", 10),
            ("Not yet tested", 10),
            ("Controls of the catalog left", 20),
            ("What is missing", 40),
        ];
        let rows = self.matrix.measures.iter().map(|(measure, covered)| {
            let key = |id| if self.matrix.controls.get(id).is_some_and(|control| control.is_key) { "*" } else { "" };
            vec![
                Cell::from(measure.to_string()),
                self.title(measure.as_str()).into(),
                listed(&covered.engagements).into(),
                listed(covered.risks.keys()).into(),
                listed(&covered.unrecorded_risks).into(),
                listed(covered.controls.iter().map(|id| format!("{id}{}", key(id)))).into(),
                listed(&covered.tests).into(),
                covered.tested.automatically.into(),
                covered.tested.by_sample.into(),
                covered.tested.by_hand.into(),
                covered.tested.not_yet.into(),
                listed(&covered.offered).into(),
                covered.gaps.iter().map(measure_gap).collect::<Vec<_>>().join("; ").into(),
            ]
        });
        Sheet { name: "Coverage", columns, rows: rows.collect() }
    }

    fn controls_sheet(&self) -> Sheet {
        let columns = vec![
            ("Control", 12),
            ("Title", 44),
            ("Key", 6),
            ("Engagements", 14),
            ("Serves", 34),
            ("Risks", 26),
            ("Control tests", 44),
            ("Tested by management", 18),
            ("What is missing", 40),
        ];
        let rows = self.matrix.controls.iter().map(|(id, placed)| {
            vec![
                Cell::from(id.to_string()),
                self.title(id.as_str()).into(),
                if placed.is_key { "yes" } else { "no" }.into(),
                listed(&placed.engagements).into(),
                listed(&placed.measures).into(),
                listed(&placed.risks).into(),
                listed(&placed.tests).into(),
                tested(placed.tested).into(),
                placed.gaps.iter().map(|gap| control_gap(*gap)).collect::<Vec<_>>().join("; ").into(),
            ]
        });
        Sheet { name: "Controls", columns, rows: rows.collect() }
    }

    fn shares_sheet(&self) -> Sheet {
        let columns = vec![("What", 46), ("SOC 1 alone", 14), ("SOC 2 alone", 14), ("Both", 14)];
        let cell = |effort: Option<Effort>, of: fn(Effort) -> u64| effort.map_or(Cell::from("-"), |e| of(e).into());
        let line = |what: &str, of: fn(Effort) -> u64| {
            vec![
                Cell::from(what),
                cell(self.matrix.soc1, of),
                cell(self.matrix.soc2, of),
                cell(Some(self.matrix.together), of),
            ]
        };
        let mut rows = vec![
            line("Controls to run", |effort| effort.controls),
            line("Control tests", |effort| effort.tests),
            line("Documents to bring by hand", |effort| effort.documents),
        ];
        if let Some(overlap) = self.matrix.overlap {
            let shared =
                |what: &str, of: Overlap| vec![Cell::from(what), of.soc1.into(), of.soc2.into(), of.both.into()];
            rows.push(shared("Controls: of SOC 1, of SOC 2, of both", overlap.controls));
            rows.push(shared("Control tests: of SOC 1, of SOC 2, of both", overlap.tests));
            for (what, of) in [("controls", overlap.controls), ("control tests", overlap.tests)] {
                let percent = |of: Option<u64>| of.map_or(Cell::from("-"), |of| format!("{of} %").into());
                let blank = || Cell::from("");
                rows.push(vec![
                    format!("Reuse of {what}: both, out of the smaller").into(),
                    blank(),
                    blank(),
                    percent(of.reuse_percent),
                ]);
                rows.push(vec![
                    format!("Similarity of {what}: both, out of all").into(),
                    blank(),
                    blank(),
                    percent(of.similarity_percent),
                ]);
            }
        }
        Sheet { name: "Shares and effort", columns, rows }
    }

    fn about_sheet(&self) -> Sheet {
        let engagements = self.engagements.iter().map(|(id, report)| format!("{id}: {report}"));
        let rows = [
            ("Organization", self.organization.clone()),
            ("Engagements", engagements.collect::<Vec<_>>().join("\n")),
            ("Ledger entries", self.ledger_size.to_string()),
            ("What this is", "Management's own view of what its controls cover. It is no opinion.".to_owned()),
            ("Documents to bring", DOCUMENTS_RULE.to_owned()),
        ];
        let rows = rows.map(|(name, value)| vec![Cell::from(name), value.into()]);
        Sheet { name: "About", columns: vec![("About", 24), ("", 90)], rows: rows.into() }
    }
}

/// How documents to bring are counted.
pub const DOCUMENTS_RULE: &str = "Counted for controls that no control test reads: one for each time the control falls due \
                                  in the period, one for a control that acts with events or always.";

/// What a criterion or control objective lacks, in words.
pub fn measure_gap(gap: &MeasureGap) -> Cow<'static, str> {
    match gap {
        MeasureGap::NoControl => "no control".into(),
        MeasureGap::NoRisk => "no recorded risk".into(),
        MeasureGap::UnansweredRisk(risk) => format!("no control addresses {risk}").into(),
    }
}

/// What a control lacks, in words.
pub fn control_gap(gap: ControlGap) -> &'static str {
    match gap {
        ControlGap::NoRisk => "addresses no recorded risk",
        ControlGap::NoOwner => "its owner holds no role",
        ControlGap::NoEvidenceNamed => "names no evidence (CTL-04)",
    }
}

/// Ids one after the other.
pub(crate) fn listed<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}
