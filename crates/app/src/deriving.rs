//! Deriving: the datasets that are made of a connector's tables, once these are in the vault.
//!
//! Invariant: what is made of tables that were not collected, or not whole, is no evidence; the failure is a fact.

use std::{collections::BTreeMap, sync::Arc};

use tickmark_catalog::{Dataset, Derived};
use tickmark_collect::{Collected, DerivedRows, StagedExtract};
use tickmark_domain::{Command, Span};
use tickmark_examine::{Job, Limits, PopulationOutcome, TableInput};

use crate::{
    Error, House,
    collecting::{CollectRequest, Collection, Made, Task, extract_line, recorded},
    connectors::derived_query,
};

impl House {
    /// Makes the datasets that are made of the tables just collected; gives the facts to record of them.
    pub(crate) fn derive(
        &self,
        tasks: &[Task<'_>],
        made: &[Made<'_>],
        request: &CollectRequest,
        collection: &mut Collection,
    ) -> Result<Vec<Command>, Error> {
        let mut commands = Vec::new();
        for task in tasks {
            for derived in task.source.derived().iter().filter(|derived| derived.rows_of == task.dataset.id) {
                let lacking = request.lacking.as_ref();
                let is_wanted = lacking.is_none_or(|lacking| lacking.contains(derived.dataset.as_str()));
                let Some(dataset) = self.catalog.datasets.get(derived.dataset.as_str()).filter(|_| is_wanted) else {
                    continue;
                };
                let task = Task { source: task.source, dataset, window: task.window };
                if self.may_be_evidence(&task, collection) {
                    commands.push(self.derive_one(&task, derived, made, collection)?);
                }
            }
        }
        Ok(commands)
    }

    fn derive_one(
        &self,
        task: &Task<'_>,
        derived: &Derived,
        made: &[Made<'_>],
        collection: &mut Collection,
    ) -> Result<Command, Error> {
        let covers = Span { first: task.window.first(), last: task.window.last() };
        let now = self.now();
        let collected = self.derived_rows(task, derived, made).and_then(|staged| {
            let kept = tickmark_collect::commit(&self.vault, vec![staged])?.pop();
            kept.ok_or_else(|| failed(task, "the vault kept no manifest".to_owned()))
        });
        match collected {
            Ok(collected) => self.derived_fact(task, &collected, covers, collection),
            Err(error) => self.failure(collection, task.source, Some(task.dataset), covers, &error, now),
        }
    }

    fn derived_fact(
        &self,
        task: &Task<'_>,
        collected: &Collected,
        covers: Span,
        collection: &mut Collection,
    ) -> Result<Command, Error> {
        let read_again = self.read_again(task, collected, covers)?;
        collection.extracts.push(extract_line(task, collected, covers, read_again));
        recorded(task, collected, covers, read_again)
    }

    /// Runs the query over the extracts of these days and stages its rows.
    fn derived_rows(&self, task: &Task<'_>, derived: &Derived, made: &[Made<'_>]) -> Result<StagedExtract, Error> {
        let query = derived_query(derived, task.dataset);
        let datasets: Vec<Arc<Dataset>> = self.catalog.datasets.values().cloned().map(Arc::new).collect();
        let mut tables = Vec::new();
        let mut inputs = BTreeMap::new();
        let mut expected = 0;
        for table in tickmark_examine::datasets_of_population(&query, &datasets)? {
            let is_it = |made: &&Made<'_>| {
                made.task.source.id == task.source.id
                    && made.task.dataset.id.as_str() == table
                    && made.task.window == task.window
            };
            let Some(extract) = made.iter().find(is_it) else {
                return Err(failed(task, format!("its table `{table}` was not collected")));
            };
            if let Some(why) = &extract.incomplete_because {
                return Err(failed(task, format!("its table `{table}` is not whole: {why}")));
            }
            if table == derived.rows_of.as_str() {
                expected = extract.manifest.rows;
            }
            tables.push(TableInput {
                dataset: extract.task.dataset.clone(),
                manifests: vec![(extract.name, extract.manifest.clone())],
                incomplete: Vec::new(),
                incomplete_extracts: Vec::new(),
            });
            inputs.insert(table, extract.name);
        }
        let covers = Span { first: task.window.first(), last: task.window.last() };
        let none = std::collections::BTreeSet::new();
        let job = self.job_over(self.state(), &self.catalog, none, covers, covers.last, Limits::default())?;
        let job = Job { tables, populations: vec![query], ..job };
        let (ended, rows) = tickmark_examine::rows_in_child(&job, &self.vault, &self.vault_root)
            .pop()
            .ok_or_else(|| failed(task, "the query did not end".to_owned()))?;
        match ended.outcome {
            PopulationOutcome::Read { .. } => {}
            PopulationOutcome::Repeated { repeated } => {
                let key = task.dataset.key.join(", ");
                return Err(failed(task, format!("{repeated} rows more than there are keys ({key})")));
            }
            PopulationOutcome::NotEvaluable { reason: problem } | PopulationOutcome::Error { message: problem } => {
                return Err(failed(task, problem));
            }
        }
        let rows = DerivedRows { derived, inputs, expected, rows };
        Ok(tickmark_collect::stage_derived(
            task.source,
            task.dataset,
            task.window,
            &self.vault,
            self.now(),
            &rows,
            &(),
        )?)
    }
}

fn failed(task: &Task<'_>, problem: String) -> Error {
    let of = format!("source `{}`, dataset `{}`", task.source.id, task.dataset.id);
    Error::Collect(tickmark_collect::Error::Malformed { of, line: None, problem })
}
