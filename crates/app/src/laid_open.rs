//! An examination package laid open for other tools: its rows as plain Parquet, its SQL as files, and the tables and functions that
//! the SQL names in the SQL of DuckDB.
//!
//! Invariant: nothing is written before the package's integrity holds.
//! Invariant: no control test runs here and no result of ours is needed to run one: what other tools find is theirs.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, DirBuilder, File},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use jiff::{civil::Date, tz::TimeZone};
use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_catalog::{Calendar, Catalog, Dataset, DatasetKind, Parameter};
use tickmark_domain::{Outcome, Span};
use tickmark_vault::{Manifest, Vault};

use crate::{
    Error, Progress, VerifyRequest,
    opened_package::{Opened, SaysOfItself, Unpacked, open_sealed},
    packaging::{io_error, paths},
};

const README: &str = include_str!("../other-tools/README.md");
const CHECK: &str = include_str!("../other-tools/check.py");
const FUNCTIONS: &str = include_str!("../other-tools/functions.sql");

/// What was laid open.
#[derive(Debug, Clone, Serialize)]
pub struct LaidOpen {
    /// The folder.
    pub folder: PathBuf,
    /// The organization.
    pub organization: String,
    /// The engagement.
    pub engagement: String,
    /// Control tests whose SQL and result are there.
    pub tests: usize,
    /// Datasets whose rows are there.
    pub datasets: usize,
    /// Rows of all their extracts.
    pub rows: u64,
}

/// A control test, for other tools.
#[derive(Debug, Serialize)]
struct TestToCheck<'a> {
    test: &'a str,
    title: &'a str,
    /// Columns that name an item, in both queries.
    item: Vec<&'a str>,
    /// What `$on` stands for: the day as of which the recorded result looked.
    on: Date,
    period_start: Date,
    period_end: Date,
    zone: &'a str,
    parameters: BTreeMap<&'a str, &'a Parameter>,
    /// What the ledger records.
    recorded: Recorded,
}

#[derive(Debug, Serialize)]
struct Recorded {
    entry: u64,
    outcome: Outcome,
    population: u64,
    exceptions: u64,
    /// The rows that came back, as the ledger names them; none if none came back.
    rows: Vec<String>,
}

/// Opens an examination package with the firm's key and lays it open in a folder that is new or empty.
pub fn lay_open(
    package: &Path,
    out: &Path,
    request: &VerifyRequest<'_>,
    progress: &dyn Progress,
) -> Result<LaidOpen, Error> {
    let key = request.firm_key.ok_or_else(|| Error::FirmKeyNeeded { recipient: String::new() })?;
    require_empty(out)?;
    let mut says = SaysOfItself::default();
    let mut opened = open_sealed(package, key, &request.reliance, progress, &mut says)?;
    let unpacked = Unpacked::of(&mut opened)?;
    let catalog = crate::adopting::catalog_from_object(&opened.reader.read(paths::CATALOG)?)?;
    let what = opened.reperformance()?;
    let folder = Folder::new(out)?;
    folder.write("README.md", README)?;
    folder.write("check.py", CHECK)?;
    folder.package(&mut opened)?;
    progress.step("rows", what.datasets.len() as u64);
    let zone = TimeZone::get(&what.zone).map_err(tickmark_sample::Error::from)?;
    let (mut histories, mut tables, mut rows) = (HISTORIES.to_owned(), TABLES.to_owned(), 0);
    for (id, digests) in &what.datasets {
        let dataset = catalog.datasets.get(id.as_str());
        let dataset = dataset.ok_or_else(|| Error::Unknown { kind: "dataset", name: id.clone() })?;
        let extracts = Extract::all(&unpacked.vault, dataset, digests, &zone)?;
        rows += folder.rows(&unpacked.vault, dataset, &extracts)?;
        histories.push_str(&history(dataset, &extracts));
        tables.push_str(&state(dataset, &extracts));
        progress.advance(1);
    }
    folder.write("sql/histories.sql", &histories)?;
    folder.write("sql/tables.sql", &tables)?;
    folder.write("sql/functions.sql", &(FUNCTIONS.to_owned() + &calendars(&catalog)))?;
    let span = opened.span()?;
    let mut tests = Vec::new();
    for id in what.tests.keys() {
        let unknown = || Error::Unknown { kind: "control test", name: id.clone() };
        let test = catalog.tests.get(id.as_str()).ok_or_else(unknown)?;
        folder.write(&format!("sql/{id}/population.sql"), &test.population_sql)?;
        folder.write(&format!("sql/{id}/test.sql"), &test.test_sql)?;
        let Some(recorded) = folder.recorded(&opened, &unpacked.vault, id, span)? else { continue };
        let on = opened.state.newest_result(&id.parse()?, span).map_or(span.last, |result| result.on);
        tests.push(TestToCheck {
            test: id,
            title: &test.title,
            item: test.item.iter().map(String::as_str).collect(),
            on,
            period_start: span.first,
            period_end: span.last,
            zone: &what.zone,
            parameters: test.parameters.iter().map(|(name, value)| (name.as_str(), value)).collect(),
            recorded,
        });
    }
    folder.write_bytes("tests.json", &tickmark_canonical::to_canonical(&tests)?)?;
    Ok(LaidOpen {
        folder: out.to_owned(),
        organization: says.organization,
        engagement: says.engagement,
        tests: tests.len(),
        datasets: what.datasets.len(),
        rows,
    })
}

fn require_empty(out: &Path) -> Result<(), Error> {
    if out.exists() && fs::read_dir(out).map_err(io_error("read", out))?.next().is_some() {
        return Err(Error::NotEmpty { path: out.to_owned() });
    }
    Ok(())
}

/// The folder that gets everything, for its owner alone: what lies in it was sealed.
struct Folder<'a>(&'a Path);

impl<'a> Folder<'a> {
    fn new(path: &'a Path) -> Result<Self, Error> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io_error("make", path))?;
        Ok(Self(path))
    }

    fn file(&self, name: &str) -> Result<(PathBuf, File), Error> {
        let path = self.0.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        }
        let file = File::create_new(&path).map_err(io_error("write", &path))?;
        Ok((path, file))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        self.write_bytes(name, text.as_bytes())
    }

    fn write_bytes(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let (path, mut file) = self.file(name)?;
        std::io::Write::write_all(&mut file, bytes).map_err(io_error("write", &path))
    }

    /// The files of the package as they are, sealed objects and their keys among them: who opens those sees that what stands in the
    /// clear beside them is the same.
    fn package(&self, opened: &mut Opened) -> Result<(), Error> {
        let files: Vec<String> = opened.reader.manifest().files.keys().map(ToString::to_string).collect();
        for path in files {
            // The package reader refuses paths that leave a folder.
            let (_, mut file) = self.file(&format!("package/{path}"))?;
            opened.reader.copy(&path, &mut file)?;
        }
        let manifest = tickmark_canonical::to_canonical(opened.reader.manifest())?;
        self.write_bytes("package/package.json", &manifest)
    }

    fn rows(&self, vault: &Vault, dataset: &Dataset, extracts: &[Extract]) -> Result<u64, Error> {
        let mut rows = 0;
        for extract in extracts {
            let manifest = format!("rows/{}/{:04}.json", dataset.id, extract.number);
            self.write_bytes(&manifest, &vault.get(&extract.digest)?)?;
            for (place, name) in extract.files(dataset) {
                if let Some(part) = extract.manifest.parts.get(place) {
                    self.write_bytes(&name, &vault.get(&part.object)?)?;
                }
            }
            rows += extract.manifest.rows;
        }
        Ok(rows)
    }

    /// What the ledger records of a control test over the days, and the rows that it names.
    fn recorded(&self, opened: &Opened, vault: &Vault, test: &str, span: Span) -> Result<Option<Recorded>, Error> {
        let Some(result) = opened.state.newest_result(&test.parse()?, span) else { return Ok(None) };
        let mut rows = Vec::new();
        if let Some(manifest) = result.rows {
            for (place, part) in vault.manifest(&manifest)?.parts.iter().enumerate() {
                let name = format!("recorded/{test}-{place}.parquet");
                self.write_bytes(&name, &vault.get(&part.object)?)?;
                rows.push(name);
            }
        }
        let tickmark_domain::TestResult { outcome, population, exceptions, entry, .. } = *result;
        Ok(Some(Recorded { entry, outcome, population, exceptions, rows }))
    }
}

/// An extract of a dataset and its number in the order of extraction.
struct Extract {
    number: usize,
    digest: Digest,
    manifest: Manifest,
    /// The day whose end it shows (states), or on which it was made (events).
    on: Date,
}

impl Extract {
    fn all(vault: &Vault, dataset: &Dataset, digests: &[Digest], zone: &TimeZone) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        for digest in digests {
            let manifest = vault.manifest(digest)?;
            let made_on = manifest.extracted_at.to_zoned(zone.clone()).date();
            let on = match dataset.kind {
                DatasetKind::Snapshot => manifest.effective_on.unwrap_or(made_on),
                DatasetKind::Events => made_on,
            };
            all.push(Self { number: 0, digest: *digest, manifest, on });
        }
        all.sort_by_key(|extract| (extract.manifest.extracted_at, extract.on, extract.digest));
        Ok(all.into_iter().enumerate().map(|(number, extract)| Self { number, ..extract }).collect())
    }

    /// The first and last day that it answers for.
    fn days(&self, dataset: &Dataset) -> (Date, Date) {
        match (dataset.kind, self.manifest.period) {
            (DatasetKind::Events, Some(period)) => (period.first, period.last),
            (DatasetKind::Events, None) => (Date::constant(1, 1, 1), Date::constant(9999, 12, 31)),
            (DatasetKind::Snapshot, _) => (self.on, self.on),
        }
    }

    /// The places of its parts, and their files.
    fn files(&self, dataset: &Dataset) -> Vec<(usize, String)> {
        let name = |place| format!("rows/{}/{:04}-{place}.parquet", dataset.id, self.number);
        (0..self.manifest.parts.len()).map(|place| (place, name(place))).collect()
    }
}

/// What stands over the histories.
const HISTORIES: &str = "\
-- NAME_history: every row of every extract under `rows/`, with the day of the extract and its number in the order of extraction.
";

/// What stands over the tables.
const TABLES: &str = "\
-- The tables that the SQL of control tests names, made of their histories. A name means its state at the end of a day:
--
--   SET VARIABLE \"on\" = DATE '2026-09-30';
--
-- A state (snapshot) is the newest extract up to that day; of several of one day the one made last. Of events, the newest extract
-- that covers a booking day answers for it, and of a key that still stands in several the newest row counts.
";

/// A name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn columns(dataset: &Dataset) -> String {
    dataset.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

/// The SQL that makes a dataset's history.
fn history(dataset: &Dataset, extracts: &[Extract]) -> String {
    let columns = columns(dataset);
    let mut pieces = Vec::new();
    for extract in extracts {
        let files: Vec<String> = extract.files(dataset).into_iter().map(|(_, name)| format!("'{name}'")).collect();
        let (number, on, files) = (extract.number, extract.on, files.join(", "));
        pieces.push(format!(
            "SELECT {columns}, DATE '{on}' AS _extracted_on, {number} AS _extract FROM read_parquet([{files}])"
        ));
    }
    if pieces.is_empty() {
        let none = dataset.columns.iter().map(|column| format!("NULL AS {}", quoted(&column.name)));
        let none: Vec<String> = none.chain(["NULL AS _extracted_on".to_owned(), "0 AS _extract".to_owned()]).collect();
        pieces.push(format!("SELECT {} WHERE false", none.join(", ")));
    }
    format!("\nCREATE TABLE {}_history AS\n  {};\n", dataset.id, pieces.join("\n  UNION ALL "))
}

/// The SQL that makes the state of a dataset at the end of the day in the variable `on`.
fn state(dataset: &Dataset, extracts: &[Extract]) -> String {
    let (id, columns) = (&dataset.id, columns(dataset));
    let covers = |extract: &Extract| {
        let (first, last) = extract.days(dataset);
        format!("({}, DATE '{first}', DATE '{last}')", extract.number)
    };
    let never = || vec!["(0, DATE '9999-12-31', DATE '0001-01-01')".to_owned()];
    let covers = if extracts.is_empty() { never() } else { extracts.iter().map(covers).collect() }.join(", ");
    let chosen = match (dataset.kind, dataset.booked.as_deref()) {
        (DatasetKind::Snapshot, _) => format!(
            "SELECT {columns} FROM {id}_history WHERE _extract = (
    SELECT _number FROM (VALUES {covers}) AS e (_number, _first, _last)
    ORDER BY _first <= getvariable('on') DESC, abs(date_diff('day', _first, getvariable('on'))), _number DESC LIMIT 1)"
        ),
        (DatasetKind::Events, booked) => {
            let booked = booked.map_or_else(|| "DATE '0001-01-01'".to_owned(), quoted);
            let key = dataset.key.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
            format!(
                "SELECT {columns} FROM {id}_history
  WHERE {booked} <= getvariable('on') AND NOT EXISTS (
    SELECT 1 FROM (VALUES {covers}) AS newer (_number, _first, _last)
    WHERE _number > _extract AND {booked} BETWEEN _first AND _last)
  QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _extract DESC) = 1"
            )
        }
    };
    format!("\nCREATE OR REPLACE TABLE {id} AS\n  {chosen};\n")
}

/// The days of each business calendar that the catalog knows, as the functions read them.
fn calendars(catalog: &Catalog) -> String {
    let mut sql = String::new();
    for calendar in catalog.calendars.values() {
        let Calendar { id, first_on, last_on, .. } = calendar;
        let days = calendar.days();
        let weekend = (1..=7).filter_map(|day| jiff::civil::Weekday::from_monday_one_offset(day).ok());
        let weekend = weekend.filter(|day| days.weekend.contains(&(*day).into()));
        let weekend: Vec<String> = weekend.map(|day| day.to_monday_one_offset().to_string()).collect();
        let holidays: Vec<String> = days.holidays.iter().map(|day| format!("DATE '{day}'")).collect();
        let _ = write!(
            sql,
            "\nINSERT INTO business_day\n  SELECT '{id}', day, row_number() OVER (ORDER BY day)\n  FROM (SELECT CAST(unnest(generate_series(DATE \
             '{first_on}', DATE '{last_on}', INTERVAL 1 DAY)) AS DATE) AS day)\n  WHERE isodow(day) NOT IN ({}) AND day NOT IN ({});\n",
            or_never(&weekend, "0"),
            or_never(&holidays, "DATE '0001-01-01'"),
        );
    }
    sql
}

/// A list that SQL takes: an empty one holds what is never asked for.
fn or_never(list: &[String], never: &str) -> String {
    if list.is_empty() { never.to_owned() } else { list.join(", ") }
}
