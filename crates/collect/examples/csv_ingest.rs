//! Measures the road from a source to the vault: payslips out of a CSV file and out of an SQLite database.
//!
//! `cargo run -p tickmark-collect --example csv_ingest [rows] [--sealed] [CSV|SQLite]` prints seconds, MB/s on the clock and MB/s of one
//! core's time (user and system of all threads, from /proc/self/stat).

use std::{error::Error, fmt::Write as _, io::Write as _, path::Path, time::Instant};

use tickmark_collect::{Connectors, SourceConfig, Window, collect};
use tickmark_vault::{SealingKey, Vault};

const PAYSLIP: &str = include_str!("../../../catalog/datasets/payslip.toml");

const CSV_SOURCE: &str = r#"
id = "bench"
title = "Bench"
kind = "files"
folder = "."

[[datasets]]
dataset = "payslip"
files = "payslips.csv"
format = "csv"
count.none = "a measurement"
"#;

const SQLITE_SOURCE: &str = r#"
id = "bench"
title = "Bench"
kind = "sqlite"
file = "payslips.db"

[[datasets]]
dataset = "payslip"
query = "SELECT * FROM payslip WHERE pay_on BETWEEN :first AND :last"
count = "SELECT count(*), sum(gross) AS gross, sum(net) AS net FROM payslip WHERE pay_on BETWEEN :first AND :last"
columns.payslip_id = { integer_to_text = true }
columns.run_id = { integer_to_text = true }
columns.client_id = { integer_to_text = true }
columns.employee_id = { integer_to_text = true }
columns.hours_regular = { unscaled = true }
columns.hours_overtime = { unscaled = true }
columns.rate = { unscaled = true }
columns.gross = { unscaled = true }
columns.federal_tax = { unscaled = true }
columns.social_security = { unscaled = true }
columns.medicare = { unscaled = true }
columns.state_tax = { unscaled = true }
columns.deductions = { unscaled = true }
columns.net = { unscaled = true }
columns.ytd_gross = { unscaled = true }
"#;

/// Numbers that look like pay, from a multiplicative generator (Lehmer, modulus 2^31 - 1), so every run has the same.
struct Draw(u64);

impl Draw {
    fn up_to(&mut self, limit: u64) -> u64 {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        self.0 % limit
    }
}

/// One payslip in unscaled numbers, in the dataset's order without its texts.
struct Payslip {
    id: u64,
    employee: u64,
    run: u64,
    amounts: [u64; 11],
    days: (String, String),
}

fn payslip(draw: &mut Draw, id: u64) -> Result<Payslip, jiff::Error> {
    let employee = id % 40_000;
    let hours = 7000 + draw.up_to(1500);
    let rate = 180_000 + employee * 13 % 400_000;
    let gross = hours * rate / 10_000;
    let part = |percent: u64| gross * percent / 1000;
    let amounts = [
        hours,
        draw.up_to(400),
        rate,
        gross,
        part(118),
        part(62),
        part(14),
        part(41),
        part(20),
        part(745),
        gross * (id % 26 + 1),
    ];
    let pay_on = jiff::civil::date(2025, 10, 3)
        .checked_add(jiff::Span::new().try_days(i64::try_from(id / 40_000 * 14).unwrap_or(0))?)?;
    let period_end = pay_on.checked_sub(jiff::Span::new().try_days(5)?)?;
    Ok(Payslip { id, employee, run: id / 100, amounts, days: (period_end.to_string(), pay_on.to_string()) })
}

fn write_csv(path: &Path, rows: u64) -> Result<u64, Box<dyn Error>> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(
        file,
        "payslip_id,payslip_number,run_id,client_id,employee_id,period_end_on,pay_on,hours_regular,hours_overtime,rate,gross,\
         federal_tax,social_security,medicare,state_tax,deductions,net,ytd_gross,currency"
    )?;
    let mut draw = Draw(20_261_001);
    let mut line = String::new();
    for id in 1..=rows {
        let slip = payslip(&mut draw, id)?;
        line.clear();
        write!(
            line,
            "PS-{:08},{},RUN-{:06},C-{:04},E-{:06},{},{}",
            slip.id,
            slip.id,
            slip.run,
            slip.employee % 400,
            slip.employee,
            slip.days.0,
            slip.days.1
        )?;
        for (at, amount) in slip.amounts.iter().enumerate() {
            let scale = if at == 2 { 10_000 } else { 100 };
            let width = if at == 2 { 4 } else { 2 };
            write!(line, ",{}.{:0width$}", amount / scale, amount % scale)?;
        }
        writeln!(file, "{line},USD")?;
    }
    file.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

fn write_sqlite(path: &Path, rows: u64) -> Result<u64, Box<dyn Error>> {
    let mut connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
         CREATE TABLE payslip (payslip_id INTEGER PRIMARY KEY, payslip_number INTEGER, run_id INTEGER, client_id INTEGER, employee_id INTEGER,
         period_end_on TEXT, pay_on TEXT, hours_regular INTEGER, hours_overtime INTEGER, rate INTEGER, gross INTEGER, federal_tax INTEGER,
         social_security INTEGER, medicare INTEGER, state_tax INTEGER, deductions INTEGER, net INTEGER, ytd_gross INTEGER, currency TEXT)",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO payslip VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 'USD')",
        )?;
        let mut draw = Draw(20_261_001);
        for id in 1..=rows {
            let slip = payslip(&mut draw, id)?;
            let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            insert.raw_bind_parameter(1, signed(slip.id))?;
            insert.raw_bind_parameter(2, signed(slip.run))?;
            insert.raw_bind_parameter(3, signed(slip.employee % 400))?;
            insert.raw_bind_parameter(4, signed(slip.employee))?;
            insert.raw_bind_parameter(5, &slip.days.0)?;
            insert.raw_bind_parameter(6, &slip.days.1)?;
            for (at, amount) in slip.amounts.iter().enumerate() {
                insert.raw_bind_parameter(at + 7, signed(*amount))?;
            }
            insert.raw_execute()?;
        }
    }
    transaction.commit()?;
    Ok(std::fs::metadata(path)?.len())
}

/// Hundredths of a second of processor time of this process (proc_pid_stat(5), fields 14 and 15).
fn processor_time() -> Result<u64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    let mut fields = after.split(' ').skip(11).map(str::parse::<u64>);
    let user = fields.next().ok_or("no user time")??;
    let system = fields.next().ok_or("no system time")??;
    Ok(user + system)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let sealed = arguments.iter().any(|argument| argument == "--sealed");
    let rows = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let place = tempfile::tempdir()?;
    let text = if sealed { PAYSLIP.to_owned() } else { PAYSLIP.replace("personal = true", "personal = false") };
    let dataset = toml::from_str(&text)?;
    let window = Window::Booked { first: jiff::civil::date(2025, 1, 1), last: jiff::civil::date(2029, 12, 31) };
    let clock: jiff::Timestamp = "2030-01-02T00:00:00Z".parse()?;
    let csv = write_csv(&place.path().join("payslips.csv"), rows)?;
    let sqlite = write_sqlite(&place.path().join("payslips.db"), rows)?;
    for (name, source, bytes) in [("CSV", CSV_SOURCE, csv), ("SQLite", SQLITE_SOURCE, sqlite)] {
        let other = if name == "CSV" { "SQLite" } else { "CSV" };
        if arguments.iter().any(|argument| argument == other) {
            continue;
        }
        for round in 1..=3 {
            let folder = place.path().join(format!("vault-{name}-{round}"));
            let vault = Vault::create(&folder, "bench", &SealingKey::new([1; 32]))?;
            let source = SourceConfig::parse("bench.toml", source, place.path(), &Connectors::default())?;
            let (clock_before, time_before) = (Instant::now(), processor_time()?);
            let collected = collect(&source, &dataset, window, &vault, clock, &())?;
            let millis = u64::try_from(clock_before.elapsed().as_millis())?.max(1);
            let time = (processor_time()? - time_before).max(1) * 10;
            let (megabytes, kilobytes) = (bytes / 1_000_000, bytes / 1000);
            println!(
                "{name}: {} rows, {megabytes} MB in {millis} ms ({time} ms of processor time): {} MB/s, {} MB/s a core",
                collected.manifest.rows,
                kilobytes / millis,
                kilobytes / time
            );
            std::fs::remove_dir_all(folder)?;
        }
    }
    Ok(())
}
