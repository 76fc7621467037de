//! Internal readiness in words: the four scores, the gaps in the order in which to close them, the two types, the start.

use std::collections::BTreeMap;

use serde::Serialize;
use tickmark_domain::{Gap, Readiness, Score, TypeReadiness};
use tickmark_report::{Cell, Sheet, WorkbookTitle, sheets_workbook};

use crate::{Error, House, NextStep, SinceAdvice, coverage::listed, opening::report_in_words};

/// Where some engagements stand.
#[derive(Debug, Clone, Serialize)]
pub struct ReadinessView {
    /// The organization's name.
    pub organization: String,
    /// The ledger size shown.
    pub ledger_size: u64,
    /// One element an engagement.
    pub engagements: Vec<EngagementReadiness>,
    /// What the newest advice did not know yet; none while it stands, or nobody asked.
    pub since_advice: Option<SinceAdvice>,
    /// What to do first where there is nothing to look at.
    pub next: Option<NextStep>,
}

/// Where one engagement stands.
#[derive(Debug, Clone, Serialize)]
pub struct EngagementReadiness {
    /// Report and type, in words.
    pub report: String,
    /// Where it stands.
    #[serde(flatten)]
    pub readiness: Readiness,
    /// Titles of its criteria and control objectives.
    pub titles: BTreeMap<String, String>,
}

impl House {
    /// Where the given engagements stand; by itself those that no other follows on.
    pub fn readiness(&self, engagements: &[String]) -> Result<ReadinessView, Error> {
        let state = self.state();
        let offer = self.catalog_offer(state)?;
        let chosen = self.chosen_engagements(state, engagements)?;
        let mut stand = Vec::new();
        for id in &chosen {
            let readiness = state.readiness(self.catalog_index(), &offer, id)?;
            let titles = readiness
                .measures
                .keys()
                .map(|measure| Ok((measure.to_string(), self.title_of_measure(state, measure)?)))
                .collect::<Result<_, Error>>()?;
            let engagement = state.engagements.get(id);
            let report = engagement.map(report_in_words).unwrap_or_default();
            stand.push(EngagementReadiness { report, readiness, titles });
        }
        let is_empty = stand.is_empty() && !self.is_past();
        Ok(ReadinessView {
            organization: self.organization_of(state)?,
            ledger_size: self.size(),
            engagements: stand,
            since_advice: self.since_advice()?,
            next: is_empty.then(|| self.next_step()),
        })
    }

    /// Readiness as a workbook.
    pub fn readiness_workbook(&self, view: &ReadinessView) -> Result<Vec<u8>, Error> {
        let title = WorkbookTitle {
            title: "Internal readiness".to_owned(),
            organization: view.organization.clone(),
            made_on: self.today(),
        };
        Ok(sheets_workbook(&title, &[view.gaps_sheet(), view.scores_sheet(), view.types_sheet(), view.about_sheet()])?)
    }
}

impl ReadinessView {
    fn gaps_sheet(&self) -> Sheet {
        let columns = vec![
            ("Rank", 7),
            ("Engagement", 12),
            ("Severity", 10),
            ("Because", 26),
            ("Kind", 16),
            ("Effort", 9),
            ("Control", 12),
            ("Criteria and objectives", 22),
            ("What was found", 60),
            ("Next step", 64),
            ("Done on", 12),
        ];
        let rows = self.engagements.iter().flat_map(|of| {
            (1_u64..).zip(&of.readiness.gaps).map(|(rank, gap): (u64, &Gap)| {
                vec![
                    rank.into(),
                    of.readiness.engagement.as_str().into(),
                    gap.severity.to_string().into(),
                    gap.because.as_str().into(),
                    gap.kind.to_string().into(),
                    gap.effort.to_string().into(),
                    gap.control.as_ref().map(ToString::to_string).unwrap_or_default().into(),
                    listed(&gap.measures).into(),
                    gap.found.as_str().into(),
                    gap.next.as_str().into(),
                    "".into(),
                ]
            })
        });
        Sheet { name: "Gaps", columns, rows: rows.collect() }
    }

    fn scores_sheet(&self) -> Sheet {
        let columns = vec![
            ("Engagement", 12),
            ("Criterion or objective", 14),
            ("Title", 44),
            ("Controls", 10),
            ("Design: holds", 10),
            ("of", 7),
            ("not assessed", 10),
            ("Implementation: holds", 15),
            ("of", 7),
            ("not assessed", 10),
            ("Operation: holds", 11),
            ("of", 7),
            ("not assessed", 10),
            ("Evidence quality: holds", 12),
            ("of", 7),
            ("not assessed", 10),
            ("Gaps", 8),
        ];
        let counts = |score: Score| [score.holds.into(), score.denominator().into(), score.untested.into()];
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for of in &self.engagements {
            for (measure, stands) in &of.readiness.measures {
                let title = of.titles.get(measure.as_str()).map_or("", String::as_str);
                let mut row: Vec<Cell> = vec![
                    of.readiness.engagement.as_str().into(),
                    measure.as_str().into(),
                    title.into(),
                    stands.controls.into(),
                ];
                row.extend(stands.scores.named().into_iter().flat_map(|(_, score)| counts(score)));
                row.push(stands.gaps.into());
                rows.push(row);
            }
        }
        Sheet { name: "Scores", columns, rows }
    }

    fn types_sheet(&self) -> Sheet {
        let columns = vec![("Engagement", 12), ("Type", 10), ("What", 12), ("In words", 110)];
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for of in &self.engagements {
            let id = of.readiness.engagement.as_str();
            let types = [("Type 1", Some(&of.readiness.type1)), ("Type 2", of.readiness.type2.as_ref())];
            for (name, of_type) in types.into_iter().filter_map(|(name, of_type)| Some((name, of_type?))) {
                let mut line =
                    |what: &str, words: &str| rows.push(vec![id.into(), name.into(), what.into(), words.into()]);
                if of_type.is_ready() {
                    line("lacks", "nothing that is recorded here");
                }
                of_type.lacking.iter().for_each(|words| line("lacks", words));
                of_type.warnings.iter().for_each(|words| line("warning", words));
            }
            rows.push(vec![id.into(), "Type 2".into(), "start".into(), of.start_in_words().into()]);
        }
        Sheet { name: "Types and start", columns, rows }
    }

    fn about_sheet(&self) -> Sheet {
        let rows = [
            ("Organization", self.organization.clone()),
            ("Ledger entries", self.ledger_size.to_string()),
            (
                "What this is",
                "Internal readiness: what management found lacking before the firm comes. It is no opinion and no assurance, \
                 and is not shared as one."
                    .to_owned(),
            ),
            ("Scores", "Four, never one; each with what it is out of, and how many nobody has looked at.".to_owned()),
            (
                "Order of gaps",
                "By severity, the audit risk that a gap leaves, then by effort, least first; the rule is in docs/readiness.md."
                    .to_owned(),
            ),
        ];
        let rows = rows.map(|(name, value)| vec![Cell::from(name), value.into()]);
        Sheet { name: "About", columns: vec![("About", 24), ("", 90)], rows: rows.into() }
    }
}

impl EngagementReadiness {
    /// The earliest defensible start of a period, and what decides it.
    pub fn start_in_words(&self) -> String {
        let start = &self.readiness.earliest_start;
        let Some(on) = start.on else {
            return "No period could begin yet: no control that is needed runs.".to_owned();
        };
        let shown = 3;
        let mut deciders: Vec<String> = start.decided_by.iter().take(shown).map(ToString::to_string).collect();
        if start.decided_by.len() > shown {
            deciders.push(format!("{} more", start.decided_by.len() - shown));
        }
        let because = deciders.join("; ");
        if start.without_evidence.is_empty() {
            format!("A period can begin on {on} at the earliest: {because}.")
        } else {
            format!(
                "No earlier than {on} ({because}), and on no day yet: there is no complete extract of {}.",
                listed(&start.without_evidence)
            )
        }
    }
}

/// What a type lacks besides another: what both lack is said once.
pub fn besides<'a>(of_type: &'a TypeReadiness, said: &TypeReadiness) -> Vec<&'a str> {
    of_type.lacking.iter().filter(|line| !said.lacking.contains(line)).map(String::as_str).collect()
}
