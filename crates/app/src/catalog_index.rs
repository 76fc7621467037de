//! From the catalog's files to what rules need of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tickmark_catalog::{Catalog, Dataset};
use tickmark_domain::{CatalogIndex, ControlRule, DatasetRule, ObjectiveRule, TestRule};
use tickmark_examine::{datasets_of, sql_digest};

use crate::{Error, program::frequency};

/// Builds the index of a catalog.
pub fn index_of(catalog: &Catalog) -> Result<CatalogIndex, Error> {
    let mut categories = BTreeMap::new();
    for category in catalog.categories.values() {
        let criteria = catalog.criteria.values().filter(|criterion| {
            criterion.category == category.id
                || (category.also_uses_common_criteria && *criterion.category == *"security")
        });
        categories.insert(category.id.to_string(), parse_all(criteria.map(|criterion| &*criterion.id))?);
    }
    let mut objectives = BTreeMap::new();
    for id in catalog.objectives.keys() {
        let controls = parse_all(catalog.controls_of_objective(id).map(|control| &*control.id))?;
        objectives.insert(id.parse()?, ObjectiveRule { controls });
    }
    let mut controls = BTreeMap::new();
    for control in catalog.controls.values() {
        let rule = ControlRule {
            criteria: parse_all(control.criteria.iter().map(|id| &**id))?,
            objectives: parse_all(control.objectives.iter().map(|id| &**id))?,
            risks: parse_all(catalog.risks_of_control(&control.id).map(|risk| &*risk.id))?,
        };
        controls.insert(control.id.parse()?, rule);
    }
    let mut tests = BTreeMap::new();
    let known: Vec<Arc<Dataset>> = catalog.datasets.values().cloned().map(Arc::new).collect();
    for test in catalog.tests.values() {
        let read = datasets_of(test, &known).map_err(Error::Sql)?;
        let rule = TestRule {
            controls: parse_all(test.controls.iter().map(|id| &**id))?,
            of_industry: parse_all(test.controls.iter().map(|id| &**id).filter(|id| catalog.is_of_industry(id)))?,
            datasets: parse_all(read.iter().map(String::as_str))?,
            once_collected: parse_all(
                read.iter()
                    .map(String::as_str)
                    .filter(|id| catalog.datasets.get(*id).is_some_and(|dataset| dataset.once_collected)),
            )?,
            sql: sql_digest(test),
            every: test.every.map(frequency),
        };
        tests.insert(test.id.parse()?, rule);
    }
    let mut datasets = BTreeMap::new();
    for dataset in catalog.datasets.values() {
        let change_log = dataset.change_log.as_ref().map(|log| log.parse()).transpose()?;
        datasets.insert(
            dataset.id.parse()?,
            DatasetRule {
                personal: dataset.personal,
                change_log,
                stale_after_days: dataset.stale_after_days,
                several_sources: dataset.several_sources,
            },
        );
    }
    Ok(CatalogIndex {
        catalog: catalog.digest(),
        categories,
        objectives,
        controls,
        tests,
        datasets,
        risks: parse_all(catalog.risks.keys().map(|id| &**id))?,
    })
}

fn parse_all<'a, T>(ids: impl Iterator<Item = &'a str>) -> Result<BTreeSet<T>, Error>
where
    T: std::str::FromStr<Err = tickmark_domain::IdParseError> + Ord,
{
    ids.map(|id| Ok(id.parse()?)).collect()
}
