//! Three control tests over a population of payslips, for benches/population.py.
//!
//! `population_bench write FOLDER ROWS` writes a vault (not sealed, so that another engine can read its Parquet) and prints
//! the files. `population_bench serve FOLDER` reads test names from standard input and, for each, runs the test as a job
//! of its own: rules, canaries, footers, digests of all chunks read, population and exceptions. It prints milliseconds,
//! population and exceptions.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{BufRead, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use arrow::array::{ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_catalog::{ControlTest, Dataset, Id, Severity, parse_cases};
use tickmark_examine::{Job, Limits, Outcome, TableInput, run};
use tickmark_vault::{
    Column, DatasetSchema, Extractor, Manifest, Period, Provenance, SealingKey, Vault, WriteOptions, arrow_schema,
};

const PAYSLIP: &str = "id = \"payslip\"\ntitle = \"Payslips\"\nkind = \"events\"\nkey = [\"payslip_id\"]\nbooked = \"pay_on\"\n\
    personal = false\n[columns]\npayslip_id = \"text!\"\npayslip_number = \"int!\"\nemployee_id = \"text!\"\nperiod_end_on = \"date!\"\n\
    pay_on = \"date!\"\nhours = \"decimal(9, 2)!\"\nrate = \"decimal(18, 4)!\"\ngross = \"decimal(18, 2)!\"\ncurrency = \"text!\"\n";

const EMPLOYEE: &str = "id = \"employee\"\ntitle = \"Employees\"\nkind = \"snapshot\"\nkey = [\"employee_id\"]\npersonal = false\n\
    [columns]\nemployee_id = \"text!\"\nterminated_on = \"date\"\n";

/// Payslips of an employee in a year.
const PAYDAYS: usize = 24;

/// Rows written at a time.
const BATCH: usize = 64 * 1024;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", folder, rows] => write(Path::new(folder), rows.parse()?),
        ["serve", folder] => serve(Path::new(folder)),
        _ => Err("usage: population_bench write FOLDER ROWS | serve FOLDER".into()),
    }
}

fn key() -> SealingKey {
    SealingKey::new([1; 32])
}

fn days(date: Date) -> Result<i32, Failure> {
    Ok(i32::try_from(date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24)?)
}

#[expect(clippy::disallowed_methods, reason = "the list of files lies beside the vault")]
fn write(folder: &Path, rows: usize) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let vault = Vault::create(&folder.join("vault"), "bench", &key())?;
    let employees = rows.div_ceil(PAYDAYS);
    let mut lines = Vec::new();
    let mut written = 0;
    for month in 0..12_usize {
        let first = Date::new(2026, i8::try_from(month + 1)?, 1)?;
        let period = Period { first, last: first.last_of_month() };
        let dataset: Dataset = toml::from_str(PAYSLIP)?;
        let mut writer = vault.writer(&schema(&dataset)?, WriteOptions::new(false))?;
        for half in 0..2_usize {
            let pay_on = first.with().day(if half == 0 { 15 } else { 28 }).build()?;
            let mut from = 0;
            while from < employees && written < rows {
                let count = BATCH.min(employees - from).min(rows - written);
                writer.write(&payslips(&dataset, written, from, count, pay_on)?)?;
                from += count;
                written += count;
            }
        }
        let (digest, manifest) = writer.finish(provenance(None, Some(period)))?;
        lines.push(format!("payslip {digest} {}", paths(&vault, &manifest)?));
    }
    let dataset: Dataset = toml::from_str(EMPLOYEE)?;
    let mut writer = vault.writer(&schema(&dataset)?, WriteOptions::new(false))?;
    let mut from = 0;
    while from < employees {
        let count = BATCH.min(employees - from);
        writer.write(&roster(&dataset, from, count)?)?;
        from += count;
    }
    let (digest, manifest) = writer.finish(provenance(Some(Date::constant(2026, 12, 31)), None))?;
    lines.push(format!("employee {digest} {}", paths(&vault, &manifest)?));
    std::fs::write(folder.join("extracts.txt"), lines.join("\n"))?;
    println!("{}", lines.join("\n"));
    Ok(())
}

fn paths(vault: &Vault, manifest: &Manifest) -> Result<String, Failure> {
    let paths: Result<Vec<PathBuf>, _> = manifest.parts.iter().map(|part| vault.object_path(&part.object)).collect();
    Ok(paths?.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(","))
}

fn schema(dataset: &Dataset) -> Result<DatasetSchema, Failure> {
    let columns = dataset
        .columns
        .iter()
        .map(|column| Ok(Column::new(&column.name, column.kind.to_string().parse()?, column.required)))
        .collect::<Result<Vec<Column>, Failure>>()?;
    Ok(DatasetSchema { dataset: dataset.id.to_string(), columns, key: dataset.key.clone(), control_totals: Vec::new() })
}

fn provenance(effective_on: Option<Date>, period: Option<Period>) -> Provenance {
    Provenance {
        source: "bench".to_owned(),
        request: "generated".to_owned(),
        parameters: BTreeMap::new(),
        extracted_at: jiff::Timestamp::constant(1_798_700_000, 0),
        effective_on,
        period,
        extractor: Extractor { name: "population_bench".to_owned(), version: "1".to_owned() },
        source_count: None,
        source_totals: BTreeMap::new(),
    }
}

/// Payslips `from..from + count` of one payday. A few are wrong: gross a cent off, and a payslip that repeats another's
/// employee, period and gross.
fn payslips(dataset: &Dataset, number: usize, from: usize, count: usize, pay_on: Date) -> Result<RecordBatch, Failure> {
    let employees: Vec<usize> =
        (from..from + count).map(|e| if (number + e) % 500_009 == 7 { e.saturating_sub(1) } else { e }).collect();
    let hours = |e: usize| 6_000 + (e as i128 * 37) % 3_000;
    let rate = |e: usize| 150_000 + (e as i128 * 7_919) % 900_000;
    // Hundredths of an hour times ten-thousandths of a dollar, rounded half up to the cent.
    let gross = |e: usize| (hours(e) * rate(e) + 5_000) / 10_000;
    let off = |n: usize| i128::from(n % 100_003 == 3);
    let decimal = |values: Vec<i128>, precision, scale| -> Result<ArrayRef, Failure> {
        Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale)?))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values((0..count).map(|n| format!("P{:010}", number + n)))),
        Arc::new(Int64Array::from_iter_values((0..count).map(|n| (number + n) as i64))),
        Arc::new(StringArray::from_iter_values(employees.iter().map(|e| format!("E{e:08}")))),
        Arc::new(Date32Array::from(vec![days(pay_on.yesterday()?)?; count])),
        Arc::new(Date32Array::from(vec![days(pay_on)?; count])),
        decimal(employees.iter().map(|e| hours(*e)).collect(), 9, 2)?,
        decimal(employees.iter().map(|e| rate(*e)).collect(), 18, 4)?,
        decimal(employees.iter().enumerate().map(|(n, e)| gross(*e) + off(number + n)).collect(), 18, 2)?,
        Arc::new(StringArray::from(vec!["USD"; count])),
    ];
    Ok(RecordBatch::try_new(arrow_schema(&schema(dataset)?.columns), columns)?)
}

/// Employees; one in fifty left on the last day of the year's half, one in a hundred thousand long before.
fn roster(dataset: &Dataset, from: usize, count: usize) -> Result<RecordBatch, Failure> {
    let (early, late) = (days(Date::constant(2026, 3, 1))?, days(Date::constant(2026, 12, 30))?);
    let left = (from..from + count).map(|e| match e {
        e if e % 100_000 == 99 => Some(early),
        e if e % 50 == 0 => Some(late),
        _ => None,
    });
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values((from..from + count).map(|e| format!("E{e:08}")))),
        Arc::new(left.collect::<Date32Array>()),
    ];
    Ok(RecordBatch::try_new(arrow_schema(&schema(dataset)?.columns), columns)?)
}

fn serve(folder: &Path) -> Result<(), Failure> {
    let vault = Vault::open(&folder.join("vault"), "bench", &key())?;
    let mut tables: BTreeMap<&str, Vec<(Digest, Manifest)>> = BTreeMap::new();
    let extracts = std::fs::read_to_string(folder.join("extracts.txt"))?;
    for line in extracts.lines() {
        let mut words = line.split(' ');
        let (Some(dataset), Some(digest)) = (words.next(), words.next()) else { continue };
        let digest: Digest = digest.parse()?;
        tables.entry(dataset).or_default().push((digest, vault.manifest(&digest)?));
    }
    let mut inputs = Vec::new();
    for (name, toml) in [("payslip", PAYSLIP), ("employee", EMPLOYEE)] {
        let manifests = tables.remove(name).unwrap_or_default();
        inputs.push(TableInput {
            dataset: toml::from_str(toml)?,
            manifests,
            incomplete: Vec::new(),
            incomplete_extracts: Vec::new(),
        });
    }
    for line in std::io::stdin().lock().lines() {
        let names = line?;
        let tests: Vec<ControlTest> = names.split(' ').map(test).collect::<Result<_, _>>()?;
        let job = Job {
            tables: inputs.clone(),
            tests,
            populations: Vec::new(),
            on: Date::constant(2026, 12, 31),
            period_start: Date::constant(2026, 1, 1),
            period_end: Date::constant(2026, 12, 31),
            calendars: Vec::new(),
            zone: "UTC".to_owned(),
            at: jiff::Timestamp::constant(1_798_800_000, 0),
            limits: Limits { memory_bytes: 12 << 30, seconds: 600, ..Limits::default() },
        };
        let began = Instant::now();
        let outcomes = run(&job, &vault);
        let millis = began.elapsed().as_millis();
        let found: Vec<String> = outcomes
            .iter()
            .map(|outcome| {
                if let Outcome::Exceptions { population, count } = &outcome.outcome {
                    format!("{}:{population}:{count}:{}", outcome.test, outcome.millis)
                } else {
                    format!("{}:{:?}", outcome.test, outcome.outcome)
                }
            })
            .collect();
        println!("{millis} {}", found.join(" "));
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn test(name: &str) -> Result<ControlTest, Failure> {
    let (sql, canary) = match name {
        "recomputed" => (
            "SELECT payslip_id, gross, CAST(round_half_up(hours * rate, 2) AS DECIMAL(18, 2)) AS expected FROM payslip \
             WHERE pay_on BETWEEN $period_start AND $period_end AND gross <> CAST(round_half_up(hours * rate, 2) AS DECIMAL(18, 2))",
            "Given `payslip`:\n\n| payslip_id | pay_on | hours | rate | gross |\n|---|---|---|---|---|\n| P1 | 2026-03-13 | 80.00 | 20.0000 | 1600.01 |\n",
        ),
        "duplicates" => (
            "SELECT max(payslip_id) AS payslip_id, employee_id, period_end_on, gross, count(*) AS payslips FROM payslip \
             WHERE pay_on BETWEEN $period_start AND $period_end GROUP BY employee_id, period_end_on, gross HAVING count(*) > 1",
            "Given `payslip`:\n\n| payslip_id | employee_id | period_end_on | pay_on | gross |\n|---|---|---|---|---|\n\
             | P0 | E1 | 2026-03-12 | 2026-03-13 | 1.00 |\n| P1 | E1 | 2026-03-12 | 2026-03-13 | 1.00 |\n",
        ),
        "terminated" => (
            "SELECT p.payslip_id, p.employee_id, p.pay_on, e.terminated_on FROM payslip AS p \
             INNER JOIN employee AS e ON e.employee_id = p.employee_id \
             WHERE p.pay_on BETWEEN $period_start AND $period_end AND p.period_end_on > e.terminated_on",
            "Given `payslip`:\n\n| payslip_id | employee_id | period_end_on | pay_on |\n|---|---|---|---|\n| P1 | E1 | 2026-03-12 | 2026-03-13 |\n\n\
             Given `employee`:\n\n| employee_id | terminated_on |\n|---|---|\n| E1 | 2026-03-01 |\n",
        ),
        other => return Err(format!("no test `{other}`").into()),
    };
    let population = if name == "duplicates" { 2 } else { 1 };
    let cases = format!(
        "# T\n\nParameters:\n\n| name | value |\n|---|---|\n| on | 2026-12-31 |\n| period_start | 2026-01-01 |\n| period_end | 2026-12-31 |\n\n\
         ## Canary: one\n\n{canary}\nExpect population {population}\nExpect exceptions:\n\n| payslip_id |\n|---|\n| P1 |\n"
    );
    Ok(ControlTest {
        id: Id::new(name).ok_or("no id")?,
        title: name.to_owned(),
        controls: Vec::new(),
        severity: Severity::High,
        assertions: Vec::new(),
        item: vec!["payslip_id".to_owned()],
        description: name.to_owned(),
        allow_empty: false,
        every: None,
        parameters: BTreeMap::new(),
        population_sql:
            "SELECT payslip_id, pay_on AS occurred_on FROM payslip WHERE pay_on BETWEEN $period_start AND $period_end"
                .to_owned(),
        test_sql: sql.to_owned(),
        cases: parse_cases(&cases)?,
        cases_md: cases,
    })
}
