//! The view of management's testing.

use std::collections::BTreeMap;

use tickmark_canonical::Digest;
use tickmark_domain::{
    CalendarQuestion, ControlId, ControlOccurrences, DatasetId, Outcome as DomainOutcome, RetroactiveChange,
    TestFigures, TestId,
};
use tickmark_report::{
    Figure, Prose,
    view::{ControlTesting, ControlTotal, ManagementTestingView, Outcome, Score, ScoreKind, SourceView, TestedControl},
};

use super::{Scene, automation, extracts_of, frequency, nature, severity};
use crate::{Error, control_calendar::setting_sentence};

impl Scene<'_> {
    /// Management's testing of the engagement's controls.
    pub(crate) fn management_testing(&self) -> Result<ManagementTestingView, Error> {
        let mut controls = Vec::new();
        for (id, figures) in &self.figures.controls {
            let control = &self.control(id)?.definition;
            let tests = figures
                .tests
                .iter()
                .filter_map(|test| Some((test, self.figures.tests.get(test)?)))
                .map(|(test, figures)| self.control_testing(test, figures))
                .collect::<Result<Vec<_>, Error>>()?;
            let calendar = self.calendar_of(id);
            controls.push(TestedControl {
                id: id.to_string(),
                title: self.house.text(&control.title)?,
                statement: self.house.text(&figures.statement)?,
                owner: self.owner_title(control),
                frequency: frequency(control.frequency),
                nature: nature(control.nature),
                automation: automation(control.automation),
                measures: self.measures_of(control),
                group: self.group_of(id, control),
                observed: calendar
                    .as_ref()
                    .and_then(ControlOccurrences::setting_tally)
                    .map(|tally| setting_sentence(&tally)),
                retroactive: calendar
                    .map(|calendar| calendar.retroactive.iter().map(RetroactiveChange::words).collect())
                    .unwrap_or_default(),
                tests: tests.into_iter().flatten().collect(),
                management_tests: self.management_tests(id, figures)?,
                conclusion: self.conclusion(id, figures)?,
            });
        }
        // Controls print by group; within a group by id.
        controls.sort_by(|a, b| (&a.group, &a.id).cmp(&(&b.group, &b.id)));
        let raised = self.figures.raised().map(|(id, _)| id);
        Ok(ManagementTestingView {
            engagement: self.engagement_view()?,
            scores: self.scores(),
            approach: Prose::default(),
            sources: self.sources()?,
            controls,
            exceptions: raised.map(|id| self.exception_row(id)).collect::<Result<_, _>>()?,
            provenance: self.provenance()?,
        })
    }

    /// The control calendar of the period.
    fn calendar_of(&self, control: &ControlId) -> Option<ControlOccurrences> {
        let period = self.figures.span;
        let question = CalendarQuestion { catalog: &self.house.index, period, today: self.house.today() };
        self.state.occurrences([control], question).remove(control)
    }

    fn control_testing(&self, id: &TestId, figures: &TestFigures) -> Result<Option<ControlTesting>, Error> {
        let Some(test) = self.house.catalog.tests.get(id.as_str()) else { return Ok(None) };
        let Some(result) = self.state.newest_result(id, self.figures.span) else { return Ok(None) };
        let entry = Some(result.entry);
        let population =
            Figure::count(result.population, format!("items tested by `{id}`"), result.population_digest, entry);
        let reason = result.reason.map(|reason| self.house.text(&reason)).transpose()?.unwrap_or_default();
        let outcome = match result.outcome {
            DomainOutcome::NoExceptions => Outcome::NoExceptions { population },
            DomainOutcome::Exceptions => Outcome::Exceptions {
                population,
                exceptions: Figure::count(
                    result.exceptions,
                    format!("items with exceptions of `{id}`"),
                    result.rows_digest,
                    entry,
                ),
            },
            DomainOutcome::NoOccurrence => Outcome::NoOccurrence { population },
            DomainOutcome::NotEvaluable => Outcome::NotEvaluable { reason },
            DomainOutcome::Error => Outcome::Error { message: reason },
        };
        let results = self.state.results.get(id).map_or(&[][..], Vec::as_slice);
        let within = results.iter().filter(|r| r.span == self.figures.span).count() as u64;
        let late = if figures.late == 0 {
            Vec::new()
        } else {
            vec![format!(
                "{} of the extracts read were made after {}; the newest state shown is of the day of its extract",
                figures.late, self.figures.span.last
            )]
        };
        Ok(Some(ControlTesting {
            id: id.to_string(),
            title: test.title.clone(),
            description: test.description.clone(),
            severity: severity(test.severity),
            outcome,
            datasets: figures.inputs.keys().map(ToString::to_string).collect(),
            on: result.on,
            runs: Figure::count(within, format!("differing results of `{id}` over the period"), None, entry),
            canaries: Figure::count(result.canaries, format!("canaries caught by `{id}`"), Some(result.sql), entry),
            sql: result.sql,
            rows: result.rows_digest,
            engine: result.engine.clone(),
            late,
            entry,
            exceptions: figures.raised.keys().map(ToString::to_string).collect(),
        }))
    }

    fn scores(&self) -> Vec<Score> {
        // Scores follow from all entries up to the newest.
        let newest = self.size.checked_sub(1);
        let score = |kind, score: &tickmark_domain::Score, counts: &str, says: &str| Score {
            kind,
            met: Figure::count(score.holds, counts, None, newest),
            of: Figure::count(score.holds + score.does_not, format!("{counts}, of those assessed"), None, newest),
            untested: Figure::count(score.untested, format!("not assessed: {counts}"), None, newest),
            says: says.to_owned(),
        };
        vec![
            score(
                ScoreKind::Design,
                &self.figures.design,
                "controls whose design, as worded, a reviewed test or walkthrough found nothing against",
                "Controls in scope. Without a recorded risk, or where a test of design found something, design does not hold; where nobody tested it, it is not assessed.",
            ),
            score(
                ScoreKind::Implementation,
                &self.figures.implementation,
                "controls whose records were collected, or that a document shows",
                "Controls in scope that have a control test or a document.",
            ),
            score(
                ScoreKind::Operation,
                &self.figures.operation,
                "controls whose control tests all came back without exceptions over the whole period",
                "Controls in scope that have control tests. That a control operated is a person's conclusion, not this count.",
            ),
            score(
                ScoreKind::EvidenceQuality,
                &self.figures.evidence_quality,
                "datasets whose extracts are all complete by the source's own count",
                "Datasets that the control tests read.",
            ),
        ]
    }

    /// Where the populations come from, with the evidence of completeness.
    fn sources(&self) -> Result<Vec<SourceView>, Error> {
        let datasets: BTreeMap<&DatasetId, &tickmark_domain::InputFigures> =
            self.figures.tests.values().flat_map(|test| &test.inputs).collect();
        datasets.into_iter().map(|(id, figures)| self.source(id, figures)).collect()
    }

    fn source(&self, id: &DatasetId, figures: &tickmark_domain::InputFigures) -> Result<SourceView, Error> {
        let dataset = self.house.catalog.datasets.get(id.as_str());
        let title = dataset.map_or_else(|| id.to_string(), |dataset| dataset.title.clone());
        let extracts = extracts_of(self.state, id, self.figures.span);
        let manifests = extracts
            .iter()
            .map(|evidence| Ok(self.house.vault.manifest(&evidence.manifest)?))
            .collect::<Result<Vec<_>, Error>>()?;
        let last = extracts.last();
        let digest = extracts.digest();
        let entry = extracts.last_entry();
        let count = |value, counts: String| Figure::count(value, counts, Some(digest), entry);
        let [late_rows, restated_rows, vanished_rows] = extracts.changes().map(|(word, rows)| {
            rows.map(|rows| count(rows, format!("rows of `{id}` that were {word} when days were read again")))
        });
        let (first, last_day) = extracts.days().unwrap_or((self.figures.span.first, self.figures.span.last));
        Ok(SourceView {
            dataset: id.to_string(),
            title,
            system: last.map(|evidence| evidence.source.to_string()).unwrap_or_default(),
            method: manifests.last().map(|m| m.extractor.name.clone()).unwrap_or_default(),
            is_state: dataset.is_some_and(|dataset| dataset.kind == tickmark_catalog::DatasetKind::Snapshot),
            first,
            last: last_day,
            extracts: count(extracts.count(), format!("extracts of `{id}`")),
            read_again: extracts.read_again().map(|n| count(n, format!("extracts of `{id}` that newer ones replaced"))),
            rows: extracts.rows().map(|rows| count(rows, format!("rows of `{id}` stored"))),
            source_count: figures
                .source_rows
                .filter(|_| figures.counted > 0 && figures.counted == figures.extracts)
                .map(|rows| count(rows, format!("rows of `{id}` by the source's own count"))),
            // A sum over extracts that overlap would be one over rows that count twice.
            control_totals: match extracts.rows() {
                Some(_) => control_totals(id, &manifests, digest, entry),
                None => Vec::new(),
            },
            late_rows,
            restated_rows,
            vanished_rows,
            incomplete_because: incomplete_because(figures),
            manifest: digest,
            entry,
        })
    }
}

fn incomplete_because(figures: &tickmark_domain::InputFigures) -> Option<String> {
    match figures.is_complete() {
        Some(true) => None,
        Some(false) => Some(format!("{} of {} extracts are not complete", figures.incomplete, figures.extracts)),
        None => Some("no extract of it was collected".to_owned()),
    }
}

/// Sums over the extracts that count, ours and the source's.
fn control_totals(
    id: &DatasetId,
    manifests: &[tickmark_vault::Manifest],
    digest: Digest,
    entry: Option<u64>,
) -> Vec<ControlTotal> {
    let mut sums: BTreeMap<&str, (rust_decimal::Decimal, Option<rust_decimal::Decimal>)> = BTreeMap::new();
    for total in manifests.iter().flat_map(|manifest| &manifest.control_totals) {
        let Ok(stored) = total.stored.parse::<rust_decimal::Decimal>() else { continue };
        let source = total.source.as_ref().and_then(|source| source.parse::<rust_decimal::Decimal>().ok());
        sums.entry(&total.column)
            .and_modify(|(ours, theirs)| {
                *ours += stored;
                *theirs = theirs.zip(source).map(|(a, b)| a + b);
            })
            .or_insert((stored, source));
    }
    let figure = |value: rust_decimal::Decimal, counts: String| Figure {
        figure: tickmark_report::FigureValue::Decimal(value),
        counts,
        digest: Some(digest),
        entry,
    };
    sums.into_iter()
        .map(|(column, (stored, source))| ControlTotal {
            column: column.to_owned(),
            stored: figure(stored, format!("sum of `{id}.{column}` stored")),
            source: source.map(|source| figure(source, format!("sum of `{id}.{column}` by the source"))),
        })
        .collect()
}
