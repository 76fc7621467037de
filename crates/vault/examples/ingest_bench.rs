//! How fast payslips go from CSV into a vault, step by step, on one core.
//!
//! `cargo run -p tickmark-vault --example ingest_bench -- [rows] [folder]` makes a table like the catalog's `payslip`
//! (19 columns, rows of one pay run after the other), then measures: parsing the CSV (with the arrow reader, for
//! comparison only: the product's own parsing is in `collect`), the digest of the rows, writing plain and sealed, and
//! reading back with every check. Times are those of one core; MB/s are CSV bytes, in millions.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    io::Cursor,
    path::PathBuf,
    time::{Duration, Instant},
};

use arrow::{array::RecordBatch, csv::ReaderBuilder};
use tickmark_vault::{
    Column, ColumnType, DatasetSchema, Extractor, Manifest, Provenance, SealingKey, StagedDataset, Vault, WriteOptions,
    arrow_schema, rows_digest,
};

fn columns() -> Vec<Column> {
    let money = ColumnType::Decimal { precision: 18, scale: 2 };
    let hours = ColumnType::Decimal { precision: 9, scale: 2 };
    let rate = ColumnType::Decimal { precision: 18, scale: 4 };
    [
        ("payslip_id", ColumnType::Text),
        ("payslip_number", ColumnType::Int),
        ("run_id", ColumnType::Text),
        ("client_id", ColumnType::Text),
        ("employee_id", ColumnType::Text),
        ("period_end_on", ColumnType::Date),
        ("pay_on", ColumnType::Date),
        ("hours_regular", hours),
        ("hours_overtime", hours),
        ("rate", rate),
        ("gross", money),
        ("federal_tax", money),
        ("social_security", money),
        ("medicare", money),
        ("state_tax", money),
        ("deductions", money),
        ("net", money),
        ("ytd_gross", money),
        ("currency", ColumnType::Text),
    ]
    .map(|(name, kind)| Column::new(name, kind, true))
    .to_vec()
}

/// Twenty-six pay runs; every employee of every client in each of them.
fn csv(rows: u64) -> Result<String, std::fmt::Error> {
    let employees = (rows / 26).max(1);
    let mut text = String::from(
        "payslip_id,payslip_number,run_id,client_id,employee_id,period_end_on,pay_on,hours_regular,hours_overtime,rate,\
         gross,federal_tax,social_security,medicare,state_tax,deductions,net,ytd_gross,currency\n",
    );
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    for row in 0..rows {
        let (run, employee) = (row / employees, row % employees);
        let client = employee / 40;
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let rate = 150_000 + (employee.wrapping_mul(2_654_435_761) % 600_000);
        let overtime = if seed.is_multiple_of(5) { seed / 7 % 1200 } else { 0 };
        let gross = rate * 80 / 100 + rate * overtime * 3 / 2 / 10_000;
        let (federal, social, medicare, state) =
            (gross * 12 / 100, gross * 62 / 1000, gross * 145 / 10_000, gross * 4 / 100);
        let deductions = employee % 9 * 2500;
        let net = gross.saturating_sub(federal + social + medicare + state + deductions);
        let (month, day) = (run * 14 / 28 % 12 + 1, run * 14 % 28 + 1);
        let money = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
        writeln!(
            text,
            "PS-{number:08},{number},PR-{client:05}-{run:02},CL-{client:05},EM-{employee:07},2026-{month:02}-{day:02},\
             2026-{month:02}-{day:02},80.00,{overtime},{rate}.{rate_part:04},{gross},{federal},{social},{medicare},{state},\
             {deductions},{net},{ytd},USD",
            number = row + 1,
            overtime = money(overtime),
            rate = rate / 10_000,
            rate_part = rate % 10_000,
            ytd = money(gross * (run + 1)),
            gross = money(gross),
            federal = money(federal),
            social = money(social),
            medicare = money(medicare),
            state = money(state),
            deductions = money(deductions),
            net = money(net),
        )?;
    }
    Ok(text)
}

fn parse(text: &str) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let reader = ReaderBuilder::new(arrow_schema(&columns()))
        .with_header(true)
        .with_batch_size(8192)
        .build(Cursor::new(text.as_bytes()))?;
    Ok(reader.collect::<Result<_, _>>()?)
}

fn write(vault: &Vault, batches: &[RecordBatch], options: WriteOptions) -> Result<Manifest, Box<dyn Error>> {
    let committed = vault.commit(vec![stage(vault, batches, options)?])?;
    committed.into_iter().next().map(|(_, manifest)| manifest).ok_or_else(|| "nothing was committed".into())
}

fn stage(vault: &Vault, batches: &[RecordBatch], options: WriteOptions) -> Result<StagedDataset, Box<dyn Error>> {
    let schema = DatasetSchema {
        dataset: "payslip".to_owned(),
        columns: columns(),
        key: vec!["payslip_id".to_owned()],
        control_totals: vec!["gross".to_owned(), "net".to_owned()],
    };
    let mut writer = vault.writer(&schema, options)?;
    for batch in batches {
        writer.write(batch)?;
    }
    let provenance = Provenance {
        source: "bench".to_owned(),
        request: "generated".to_owned(),
        parameters: BTreeMap::new(),
        extracted_at: "2026-02-01T05:00:00Z".parse()?,
        effective_on: None,
        period: None,
        extractor: Extractor { name: "ingest_bench".to_owned(), version: "1".to_owned() },
        source_count: None,
        source_totals: BTreeMap::new(),
    };
    Ok(writer.stage(provenance)?)
}

/// A year of daily snapshots: one by one against made durable together. Wall time, for they wait for the disk.
fn snapshots(vault: &Vault, batches: &[RecordBatch]) -> Result<(), Box<dyn Error>> {
    let Some(rows) = batches.first().map(|batch| batch.slice(0, batch.num_rows().min(300))) else { return Ok(()) };
    for (what, days, together) in [("daily snapshots, one by one", 20, 1), ("daily snapshots, 100 together", 365, 100)]
    {
        let start = Instant::now();
        let mut staged = Vec::new();
        for day in 1..=days {
            staged.push(stage(vault, std::slice::from_ref(&rows), WriteOptions::new(true))?);
            if staged.len() == together || day == days {
                vault.commit(std::mem::take(&mut staged))?;
            }
        }
        println!("{what:<38} {:>8} ms for {days}", start.elapsed().as_millis());
    }
    Ok(())
}

/// The time this thread has been running on a core, where the system says (Linux); else wall time. Other programs on
/// the machine then do not count.
struct Stopwatch {
    wall: Instant,
    core: Option<Duration>,
}

impl Stopwatch {
    fn start() -> Self {
        let wall = Instant::now();
        Self { wall, core: on_core() }
    }

    fn stop(&self) -> Duration {
        let core = self.core.zip(on_core()).map(|(before, after)| after.saturating_sub(before));
        core.unwrap_or_else(|| self.wall.elapsed())
    }
}

fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn report(what: &str, bytes: usize, rows: u64, time: Duration) {
    let micros = time.as_micros().max(1);
    let megabytes = bytes as u128 / micros;
    println!(
        "{what:<38} {:>8} ms {megabytes:>6} MB/s {:>8} rows/ms",
        time.as_millis(),
        u128::from(rows) * 1000 / micros
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: u64 = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let root = folder.join(format!("tickmark-ingest-bench-{}", std::process::id()));
    let text = csv(rows)?;
    println!("{rows} rows, {} MB of CSV", text.len() / 1_000_000);

    let start = Stopwatch::start();
    let batches = parse(&text)?;
    report("parse (arrow)", text.len(), rows, start.stop());
    let start = Stopwatch::start();
    let digest = rows_digest(&columns(), &batches)?;
    report("digest of the rows", text.len(), rows, start.stop());

    let vault = Vault::create(&root, "bench", &SealingKey::random()?)?;
    let mut manifests = Vec::new();
    for (what, sealed) in [("write", false), ("write sealed", true)] {
        let start = Stopwatch::start();
        let manifest = write(&vault, &batches, WriteOptions::new(sealed))?;
        report(what, text.len(), rows, start.stop());
        if manifest.rows_digest != digest {
            return Err("the digests differ".into());
        }
        manifests.push(manifest);
    }
    let size: u64 = manifests.first().into_iter().flat_map(|manifest| &manifest.parts).map(|part| part.bytes).sum();
    println!("{:<38} {:>8} kB, {} bytes for 100 rows", "Parquet", size / 1000, size * 100 / rows);
    for (what, manifest) in ["read, checked", "read sealed, checked"].into_iter().zip(&manifests) {
        let start = Stopwatch::start();
        let mut read = 0;
        for batch in vault.read_dataset(manifest, None)? {
            read += batch?.num_rows() as u64;
        }
        report(what, text.len(), read, start.stop());
        let start = Stopwatch::start();
        for batch in vault.read_dataset(manifest, Some(&["payslip_id", "gross"]))? {
            batch?;
        }
        report("  two of the columns", text.len(), read, start.stop());
    }
    let start = Stopwatch::start();
    let check = vault.check(&mut |_| {})?;
    report("check everything", usize::try_from(check.bytes)?, check.rows, start.stop());
    snapshots(&vault, &batches)?;
    // Sizes by column, to see where encodings pay.
    if let Some(manifest) = manifests.first() {
        for (index, column) in manifest.columns.iter().enumerate() {
            let groups = manifest.parts.iter().flat_map(|part| &part.row_groups);
            let bytes: u64 = groups.filter_map(|group| group.chunks.get(index)).map(|chunk| chunk.length).sum();
            println!("  {:<36} {:>8} kB", column.name, bytes / 1000);
        }
    }
    std::fs::remove_dir_all(&root)?;
    Ok(())
}
