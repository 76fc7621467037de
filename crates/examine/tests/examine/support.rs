//! A small payroll in a vault of its own: what the tests of this folder share.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use jiff::civil::Date;
use tempfile::TempDir;
use tickmark_canonical::Digest;
use tickmark_catalog::{Calendar, ControlTest, Dataset, Id, Severity, parse_cases};
use tickmark_examine::{Job, Limits, Outcome, TableInput, TestOutcome};
use tickmark_vault::{
    Column, DatasetSchema, Extractor, Manifest, Period, Provenance, SealingKey, Vault, WriteOptions, arrow_schema,
};

/// Payslips, booked by the day they are paid.
pub const PAYSLIP: &str = r#"
id = "payslip"
title = "Payslips"
kind = "events"
key = ["payslip_id"]
booked = "pay_on"
personal = true

[columns]
payslip_id = "text!"
employee_id = "text!"
pay_on = "date!"
number = "int!"
net = "decimal(18, 2)!"
currency = "text!"
"#;

/// Employees as they are on a day.
pub const EMPLOYEE: &str = r#"
id = "employee"
title = "Employees"
kind = "snapshot"
stale_after_days = 366
key = ["employee_id"]
personal = true

[columns]
employee_id = "text!"
left_at = "timestamp"
"#;

/// A vault in a folder that goes with it.
pub struct Office {
    pub folder: TempDir,
    pub vault: Vault,
}

/// A payslip: id, employee, day, number, net in cents, currency.
pub type Slip<'a> = (&'a str, &'a str, &'a str, i64, i128, &'a str);

impl Office {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::create(folder.path(), "acme", &SealingKey::new([7; 32])).unwrap();
        Self { folder, vault }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Stores an extract of payslips for a window, made on `made_on` at noon UTC.
    pub fn payslips(
        &self,
        window: (&str, &str),
        made_on: &str,
        slips: &[Slip<'_>],
        options: WriteOptions,
    ) -> (Digest, Manifest) {
        self.payslips_of("payroll", window, made_on, slips, options)
    }

    /// The same of one of several sources.
    pub fn payslips_of(
        &self,
        source: &str,
        window: (&str, &str),
        made_on: &str,
        slips: &[Slip<'_>],
        options: WriteOptions,
    ) -> (Digest, Manifest) {
        let dataset = dataset(PAYSLIP);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(slips.iter().map(|slip| slip.0))),
            Arc::new(StringArray::from_iter_values(slips.iter().map(|slip| slip.1))),
            Arc::new(Date32Array::from_iter_values(slips.iter().map(|slip| day(slip.2)))),
            Arc::new(Int64Array::from_iter_values(slips.iter().map(|slip| slip.3))),
            Arc::new(
                Decimal128Array::from_iter_values(slips.iter().map(|slip| slip.4))
                    .with_precision_and_scale(18, 2)
                    .unwrap(),
            ),
            Arc::new(StringArray::from_iter_values(slips.iter().map(|slip| slip.5))),
        ];
        let period = Period { first: window.0.parse().unwrap(), last: window.1.parse().unwrap() };
        self.store(source, &dataset, columns, made_on, None, Some(period), options)
    }

    /// Stores a snapshot of employees true for `effective_on`; each with the instant of leaving.
    pub fn employees(
        &self,
        effective_on: &str,
        made_on: &str,
        employees: &[(&str, Option<&str>)],
    ) -> (Digest, Manifest) {
        self.employees_of("payroll", effective_on, made_on, employees)
    }

    /// The same of one of several sources.
    pub fn employees_of(
        &self,
        source: &str,
        effective_on: &str,
        made_on: &str,
        employees: &[(&str, Option<&str>)],
    ) -> (Digest, Manifest) {
        let dataset = dataset(EMPLOYEE);
        let left = employees
            .iter()
            .map(|(_, left)| left.map(|left| left.parse::<jiff::Timestamp>().unwrap().as_microsecond()));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(employees.iter().map(|employee| employee.0))),
            Arc::new(left.collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
        ];
        let on = Some(effective_on.parse().unwrap());
        self.store(source, &dataset, columns, made_on, on, None, WriteOptions::new(true))
    }

    #[expect(clippy::too_many_arguments, reason = "what an extract is made of")]
    fn store(
        &self,
        source: &str,
        dataset: &Dataset,
        arrays: Vec<ArrayRef>,
        made_on: &str,
        effective_on: Option<Date>,
        period: Option<Period>,
        options: WriteOptions,
    ) -> (Digest, Manifest) {
        let columns: Vec<Column> = dataset
            .columns
            .iter()
            .map(|column| Column::new(&column.name, column.kind.to_string().parse().unwrap(), column.required))
            .collect();
        let batch = RecordBatch::try_new(arrow_schema(&columns), arrays).unwrap();
        let schema = DatasetSchema {
            dataset: dataset.id.to_string(),
            columns,
            key: dataset.key.clone(),
            control_totals: Vec::new(),
        };
        let mut writer = self.vault.writer(&schema, options).unwrap();
        writer.write(&batch).unwrap();
        writer
            .finish(Provenance {
                source: source.to_owned(),
                request: "SELECT".to_owned(),
                parameters: BTreeMap::new(),
                extracted_at: format!("{made_on}T12:00:00Z").parse().unwrap(),
                effective_on,
                period,
                extractor: Extractor { name: "test".to_owned(), version: "1".to_owned() },
                source_count: Some(batch.num_rows() as u64),
                source_totals: BTreeMap::new(),
            })
            .unwrap()
    }
}

/// Extracts sealed, with row groups of `rows`.
pub fn sealed(rows: usize) -> WriteOptions {
    WriteOptions { row_group_rows: rows, ..WriteOptions::new(true) }
}

pub fn dataset(toml: &str) -> Dataset {
    toml::from_str(toml).unwrap()
}

pub fn input(toml: &str, manifests: Vec<(Digest, Manifest)>) -> TableInput {
    TableInput { dataset: dataset(toml), manifests, incomplete: Vec::new(), incomplete_extracts: Vec::new() }
}

fn day(text: &str) -> i32 {
    let day: Date = text.parse().unwrap();
    i32::try_from(day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24).unwrap()
}

/// A job for the year 2026 as of its last day.
pub fn job(tables: Vec<TableInput>, tests: Vec<ControlTest>) -> Job {
    let calendar: Calendar = serde_json::from_value(serde_json::json!({
        "id": "us", "title": "t", "source": "s", "first_on": "2025-01-01", "last_on": "2027-12-31",
        "weekend": ["saturday", "sunday"], "holiday": [{"on": "2026-07-03", "name": "Independence Day (observed)"}]
    }))
    .unwrap();
    Job {
        tables,
        tests,
        populations: Vec::new(),
        on: "2026-12-31".parse().unwrap(),
        period_start: "2026-01-01".parse().unwrap(),
        period_end: "2026-12-31".parse().unwrap(),
        calendars: vec![calendar],
        zone: "America/New_York".to_owned(),
        at: "2027-01-04T09:00:00Z".parse().unwrap(),
        limits: Limits { memory_bytes: 256 << 20, seconds: 20, ..Limits::default() },
    }
}

/// The population that most tests here use.
pub const ALL_SLIPS: &str =
    "SELECT payslip_id, pay_on AS occurred_on FROM payslip WHERE pay_on BETWEEN $period_start AND $period_end";

/// A test over payslips whose canary is one payslip with a net of -1.00.
pub fn slip_test(sql: &str) -> ControlTest {
    let cases = "# T\n\nParameters:\n\n| name | value |\n|---|---|\n| on | 2026-12-31 |\n| period_start | 2026-01-01 |\n| period_end | 2026-12-31 |\n\n\
        ## Canary: negative\n\nGiven `payslip`:\n\n| payslip_id | pay_on | number | net | currency |\n|---|---|---|---|---|\n| P1 | 2026-03-13 | 1 | -1.00 | USD |\n\n\
        Expect population 1\nExpect exceptions:\n\n| payslip_id |\n|---|\n| P1 |\n";
    control_test(ALL_SLIPS, sql, cases)
}

pub fn control_test(population: &str, sql: &str, cases: &str) -> ControlTest {
    ControlTest {
        id: Id::new("slip-test").unwrap(),
        title: "t".to_owned(),
        controls: Vec::new(),
        severity: Severity::High,
        assertions: Vec::new(),
        item: vec!["payslip_id".to_owned()],
        description: "d".to_owned(),
        allow_empty: false,
        every: None,
        parameters: BTreeMap::new(),
        population_sql: population.to_owned(),
        test_sql: sql.to_owned(),
        cases_md: cases.to_owned(),
        cases: parse_cases(cases).unwrap(),
    }
}

/// What a test that found nothing wrong would say.
pub const NEGATIVE: &str =
    "SELECT payslip_id, net FROM payslip WHERE net < 0 AND pay_on BETWEEN $period_start AND $period_end";

/// An outcome in a few words.
pub fn said(outcome: &TestOutcome) -> String {
    match &outcome.outcome {
        Outcome::NoExceptions { population } => format!("no exceptions in {population}"),
        Outcome::Exceptions { population, count } => format!("{count} exceptions in {population}"),
        Outcome::NoOccurrence => "no occurrence".to_owned(),
        Outcome::NotEvaluable { reason } => format!("not evaluable: {reason}"),
        Outcome::Error { message } => format!("error: {message}"),
    }
}
