//! The job scheduler's record of planned runs, as a Parquet file.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::calendar::{Calendar, DATA_START, PERIOD_END, after, days, days_between, in_period, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, take};

const TEST: &str = "scheduled-job-ran";

/// Job, local start in seconds after midnight, hours between starts.
const JOBS: [(&str, i64, i64); 6] = [
    ("report-mailer", 0, 24),
    ("payroll-calculation", 2 * 3600, 24),
    ("bank-status-poll", 1800, 4),
    ("time-import-watch", 900, 1),
    ("general-ledger-export", 23 * 3600 + 1800, 24),
    ("tax-table-check", 6 * 3600, 24),
];

#[derive(Debug, Clone)]
struct Run {
    job: &'static str,
    scheduled_at: Timestamp,
    scheduled_on: Date,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    status: &'static str,
    ticket: Option<String>,
    planted: bool,
}

impl Plantable for Run {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// All planned runs.
#[derive(Debug)]
pub(crate) struct Schedule(Vec<Run>);

impl Schedule {
    /// The year's planned runs, then what is planted in them.
    pub(crate) fn build(seed: u64, calendar: &Calendar, plan: Plan, truth: &mut Truth) -> Result<Schedule, Error> {
        let mut draw = Draw::new(seed, "scheduler");
        let mut list = Vec::new();
        for day in days(DATA_START, plus(PERIOD_END, 14)) {
            let midnight = calendar.at(day, 0)?;
            for (job, first, hours) in JOBS {
                let mut second = first;
                while second < 86_400 {
                    // Elapsed time after midnight: no start is skipped or doubled when the clock changes.
                    let scheduled_at = after(midnight, second)?;
                    second += hours * 3600;
                    if calendar.local_date(scheduled_at) == day {
                        list.push(ordinary(job, scheduled_at, day, &mut draw)?);
                    }
                }
            }
        }
        let mut schedule = Schedule(list);
        schedule.plant(plan, truth)?;
        schedule.0.sort_by_key(|run| (run.scheduled_at, run.job));
        Ok(schedule)
    }

    fn plant(&mut self, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        for kind in ["failed, no ticket", "missed, no ticket", "an hour and a second late", "hours late"] {
            let (count, mut draw) = plan.of(TEST, kind);
            for _ in 0..count {
                let Some(run) = take(&mut draw, &mut self.0, |run| in_period(run.scheduled_on) && run.ticket.is_none())
                else {
                    continue;
                };
                match kind {
                    "failed, no ticket" => run.status = "failed",
                    "missed, no ticket" => (run.status, run.started_at, run.finished_at) = ("missed", None, None),
                    "an hour and a second late" => late(run, 3_601)?,
                    _ => late(run, draw.between(3_700, 15_000))?,
                }
                truth.fault(TEST, key(run), kind);
            }
        }
        for kind in ["exactly an hour late", "failed, with a ticket", "late, with a ticket"] {
            let (count, mut draw) = plan.near(TEST, kind);
            for _ in 0..count {
                let Some(run) = take(&mut draw, &mut self.0, |run| in_period(run.scheduled_on) && run.ticket.is_none())
                else {
                    continue;
                };
                match kind {
                    "exactly an hour late" => late(run, 3_600)?,
                    "failed, with a ticket" => {
                        (run.status, run.ticket) = ("failed", Some(format!("INC-T{}", draw.below(9_000) + 1_000)))
                    }
                    _ => {
                        late(run, 9_000)?;
                        run.ticket = Some(format!("INC-T{}", draw.below(9_000) + 1_000));
                    }
                }
                truth.near_miss(TEST, key(run), kind);
            }
        }
        let kind = "failed outside the period, no ticket";
        let (count, mut draw) = plan.near(TEST, kind);
        for _ in 0..count {
            if let Some(run) = take(&mut draw, &mut self.0, |run| !in_period(run.scheduled_on)) {
                (run.status, run.ticket) = ("failed", None);
                truth.near_miss(TEST, key(run), kind);
            }
        }
        Ok(())
    }

    /// Writes `runs.parquet`.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        write::parent(path)?;
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let schema = Arc::new(Schema::new(vec![
            Field::new("job", DataType::Utf8, false),
            Field::new("scheduled_at", instant.clone(), false),
            Field::new("scheduled_on", DataType::Date32, false),
            Field::new("started_at", instant.clone(), true),
            Field::new("finished_at", instant, true),
            Field::new("status", DataType::Utf8, false),
            Field::new("ticket_id", DataType::Utf8, true),
        ]));
        let instants = |list: Vec<Option<Timestamp>>| -> ArrayRef {
            Arc::new(
                TimestampMicrosecondArray::from(
                    list.into_iter().map(|at| at.map(|at| at.as_microsecond())).collect::<Vec<_>>(),
                )
                .with_timezone("UTC"),
            )
        };
        let epoch = date(1970, 1, 1);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(self.0.iter().map(|run| run.job))),
            instants(self.0.iter().map(|run| Some(run.scheduled_at)).collect()),
            Arc::new(Date32Array::from_iter_values(self.0.iter().map(|run| days_between(epoch, run.scheduled_on)))),
            instants(self.0.iter().map(|run| run.started_at).collect()),
            instants(self.0.iter().map(|run| run.finished_at).collect()),
            Arc::new(StringArray::from_iter_values(self.0.iter().map(|run| run.status))),
            Arc::new(StringArray::from_iter(self.0.iter().map(|run| run.ticket.as_deref()))),
        ];
        let failed = |source| Error::Parquet { path: path.to_owned(), source };
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|source| failed(source.into()))?;
        let file = std::fs::File::create(path).map_err(Error::file("creating", path))?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(Default::default())).build();
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(failed)?;
        writer.write(&batch).map_err(failed)?;
        writer.close().map(|_| ()).map_err(failed)
    }
}

fn ordinary(job: &'static str, scheduled_at: Timestamp, scheduled_on: Date, draw: &mut Draw) -> Result<Run, Error> {
    let started_at = after(scheduled_at, draw.between(0, 50))?;
    let finished_at = after(started_at, draw.between(5, 900))?;
    let mut run = Run {
        job,
        scheduled_at,
        scheduled_on,
        started_at: Some(started_at),
        finished_at: Some(finished_at),
        status: "succeeded",
        ticket: None,
        planted: false,
    };
    if draw.below(4_000) < 5 {
        (run.status, run.ticket) = ("failed", Some(format!("INC-T{}", draw.below(9_000) + 1_000)));
    }
    Ok(run)
}

fn late(run: &mut Run, seconds: i64) -> Result<(), Error> {
    let started_at = after(run.scheduled_at, seconds)?;
    (run.started_at, run.finished_at, run.status) = (Some(started_at), Some(after(started_at, 240)?), "succeeded");
    Ok(())
}

fn key(run: &Run) -> Vec<String> {
    vec![run.job.to_owned(), run.scheduled_at.to_string()]
}
