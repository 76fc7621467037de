//! A control test read, checked and ready to be planned over cases or over the vault.

use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};

use datafusion::{
    arrow::datatypes::{DataType, Schema},
    sql::sqlparser::ast::Statement,
};
use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_catalog::{ColumnType, ControlTest, Dataset, Parameter};

use crate::{
    Finding, Rule, item,
    lint::{self, Names},
    population::OCCURRED_ON,
    sql::{self, Parameters},
    table::HISTORY,
};

/// The days that every query has as parameters.
const DATES: [&str; 3] = ["on", "period_start", "period_end"];

/// The parameter of the zone in which the organization's days begin and end. A control test may declare one of its own.
pub(crate) const ZONE: &str = "zone";

/// The values of the parameters that every query has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a> {
    /// The day whose state the tables show.
    pub(crate) on: Date,
    /// First day of the period.
    pub(crate) start: Date,
    /// Last day of the period.
    pub(crate) end: Date,
    /// The organization's IANA time zone.
    pub(crate) zone: &'a str,
}

/// Both queries of a test as syntax trees that broke no rule of text or syntax.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) population: Statement,
    pub(crate) exceptions: Statement,
    /// What both read.
    pub(crate) named: Named,
}

/// The datasets that queries name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    /// By id.
    pub(crate) datasets: BTreeSet<String>,
    /// Those of them whose history is read.
    pub(crate) histories: BTreeSet<String>,
}

impl Named {
    /// The datasets among those known behind names of tables.
    pub(crate) fn by(tables: BTreeSet<String>, known: &[Arc<Dataset>]) -> Self {
        let mut named = Self::default();
        for dataset in known {
            let id = dataset.id.to_string();
            if tables.contains(&id) {
                named.datasets.insert(id.clone());
            }
            if tables.contains(&format!("{id}{HISTORY}")) {
                named.datasets.insert(id.clone());
                named.histories.insert(id);
            }
        }
        named
    }
}

/// The name of a query in findings.
pub(crate) fn file(test: &ControlTest, name: &str) -> String {
    format!("{}/{name}", test.id)
}

impl Compiled {
    /// Reads and checks both queries of a test over these datasets.
    pub(crate) fn new(test: &ControlTest, datasets: &[Arc<Dataset>]) -> Result<Self, Vec<Finding>> {
        let names = names(datasets, &test.parameters);
        let (population, mut found) = lint::check(&file(test, "population.sql"), &test.population_sql, &names);
        let (exceptions, more) = lint::check(&file(test, "test.sql"), &test.test_sql, &names);
        found.extend(more);
        match (population, exceptions) {
            (Some(population), Some(exceptions)) if found.is_empty() => {
                let mut tables = sql::table_names(&population);
                tables.extend(sql::table_names(&exceptions));
                Ok(Self { population, exceptions, named: Named::by(tables, datasets) })
            }
            _ => Err(found),
        }
    }
}

/// What a query over these datasets with these parameters may name.
pub(crate) fn names(datasets: &[Arc<Dataset>], declared: &BTreeMap<String, Parameter>) -> Names {
    let mut tables = BTreeSet::new();
    for dataset in datasets {
        tables.insert(dataset.id.to_string());
        tables.insert(format!("{}{HISTORY}", dataset.id));
    }
    let mut parameters: BTreeSet<String> = DATES.into_iter().chain([ZONE]).map(str::to_owned).collect();
    parameters.extend(declared.keys().cloned());
    Names { tables, parameters }
}

/// The datasets that a control test reads, by id; the findings if its SQL breaks a rule.
pub fn datasets_of(test: &ControlTest, datasets: &[Arc<Dataset>]) -> Result<BTreeSet<String>, Vec<Finding>> {
    Compiled::new(test, datasets).map(|compiled| compiled.named.datasets)
}

/// The values of a query's parameters: those given to every query, and those that it declares.
pub(crate) fn parameters(declared: &BTreeMap<String, Parameter>, given: Given<'_>) -> Parameters {
    let mut values: Parameters =
        declared.iter().map(|(name, parameter)| (name.clone(), (parameter.kind, parameter.value.clone()))).collect();
    let Given { on, start, end, zone } = given;
    values.entry(ZONE.to_owned()).or_insert_with(|| (ColumnType::Text, zone.to_owned()));
    for (name, date) in DATES.into_iter().zip([on, start, end]) {
        values.insert(name.to_owned(), (ColumnType::Date, date.to_string()));
    }
    values
}

/// The values alone.
pub(crate) fn texts(parameters: &Parameters) -> BTreeMap<String, String> {
    parameters.iter().map(|(name, (_, text))| (name.clone(), text.clone())).collect()
}

/// The digest of what a test asks: both queries and every declared parameter with its type. The day, the period and
/// the organization's zone are the job's and stand beside it.
pub fn sql_digest(test: &ControlTest) -> Digest {
    let mut parts: Vec<Vec<u8>> = vec![test.population_sql.clone().into_bytes(), test.test_sql.clone().into_bytes()];
    parts.extend(test.item.iter().map(|column| column.clone().into_bytes()));
    for (name, parameter) in &test.parameters {
        parts.extend([name.clone(), parameter.kind.to_string(), parameter.value.clone()].map(String::into_bytes));
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Digest::of_parts(&parts)
}

/// What is wrong with the columns that the two queries return.
pub(crate) fn column_findings(test: &ControlTest, population: &Schema, exceptions: &Schema) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut refuse = |name: &str, message: String| {
        found.push(Finding::whole(&file(test, name), Rule::ItemColumns, message));
    };
    let expected = test.item.join(", ");
    let names = |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let (of_population, of_exceptions) = (names(population), names(exceptions));
    let with_day: Vec<String> = test.item.iter().cloned().chain([OCCURRED_ON.to_owned()]).collect();
    if of_population != test.item && of_population != with_day {
        let message =
            format!("returns {}; expected {expected}, and {OCCURRED_ON} if there is a day", of_population.join(", "));
        refuse("population.sql", message);
    } else if of_population == with_day
        && population.fields().last().is_some_and(|field| *field.data_type() != DataType::Date32)
    {
        refuse("population.sql", format!("`{OCCURRED_ON}` is not a date"));
    }
    if !of_exceptions.starts_with(&test.item) {
        refuse("test.sql", format!("returns {}; expected {expected} first", of_exceptions.join(", ")));
    }
    let mut sorted = of_exceptions.clone();
    sorted.sort();
    if let Some(twice) = sorted.windows(2).find_map(|pair| if let [a, b] = pair { (a == b).then_some(a) } else { None })
    {
        refuse("test.sql", format!("returns two columns `{twice}`"));
    }
    for (one, two) in population.fields().iter().zip(exceptions.fields()).take(test.item.len()) {
        if !item::may_be_key(one.data_type()) {
            refuse("population.sql", format!("`{}` is a {} and cannot name an item", one.name(), one.data_type()));
        } else if !same_key_type(one.data_type(), two.data_type()) {
            let message = format!("`{}` is a {}, in the population a {}", two.name(), two.data_type(), one.data_type());
            refuse("test.sql", message);
        }
    }
    found
}

/// Whether two key columns give one digest for one value: all texts do, and all integers.
fn same_key_type(one: &DataType, two: &DataType) -> bool {
    let class =
        |kind: &DataType| (*kind == DataType::Date32, kind.is_integer(), matches!(kind, DataType::Timestamp(..)));
    item::may_be_key(two) && class(one) == class(two)
}
