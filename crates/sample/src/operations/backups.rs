//! The backup log and the restore tests.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::systems::{self, backed_up};
use crate::calendar::{Calendar, DATA_START, PERIOD_END, after, days, first_of_quarter, in_period, plus, quarter};
use crate::draw::Draw;
use crate::error::Error;
use crate::people::People;
use crate::truth::{Plan, Truth};
use crate::write;

const DAILY: &str = "backup-every-day";
const RESTORE: &str = "restore-tested";

#[derive(Debug, Clone, Serialize)]
struct Job {
    job_id: String,
    system: &'static str,
    scheduled_on: Date,
    #[serde(serialize_with = "write::maybe_instant")]
    started_at: Option<Timestamp>,
    #[serde(serialize_with = "write::maybe_instant")]
    finished_at: Option<Timestamp>,
    status: &'static str,
    bytes: Option<u64>,
}

#[derive(Debug, Clone, Serialize)]
struct RestoreTest {
    restore_test_id: String,
    system: &'static str,
    quarter: String,
    performed_on: Option<Date>,
    result: Option<&'static str>,
    performed_by: Option<String>,
}

/// Backups and restore tests.
#[derive(Debug)]
pub(crate) struct Backups {
    jobs: Vec<Job>,
    tests: Vec<RestoreTest>,
    used: BTreeSet<(&'static str, Date)>,
}

impl Backups {
    /// A job a night for every system, and a restore test a quarter; then what is planted in them.
    pub(crate) fn build(
        seed: u64,
        people: &People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<Backups, Error> {
        let mut draw = Draw::new(seed, "backups");
        let mut all = Backups { jobs: Vec::new(), tests: Vec::new(), used: BTreeSet::new() };
        for day in days(DATA_START, plus(PERIOD_END, 15)) {
            for system in backed_up(day) {
                let start = calendar.at(day, draw.between(21 * 3600, 22 * 3600))?;
                if draw.chance(8) {
                    // A failed try; the second one follows the same night.
                    all.add(system, day, Some(start), "failed", &mut draw)?;
                    all.add(system, day, Some(after(start, 2_400)?), "succeeded", &mut draw)?;
                } else {
                    all.add(system, day, Some(start), "succeeded", &mut draw)?;
                }
            }
        }
        all.plant_forgotten(plan, truth);
        all.plant_jobs(calendar, plan, truth)?;
        all.jobs.sort_by_key(|job| (job.scheduled_on, job.started_at, job.system));
        for (n, job) in (1..).zip(&mut all.jobs) {
            job.job_id = format!("BK-{n:06}");
        }
        all.test_restores(people, calendar, &mut draw);
        all.plant_restores(people, plan, truth);
        for (n, test) in (1..).zip(&mut all.tests) {
            test.restore_test_id = format!("RT-{n:03}");
        }
        Ok(all)
    }

    fn add(
        &mut self,
        system: &'static str,
        scheduled_on: Date,
        started_at: Option<Timestamp>,
        status: &'static str,
        draw: &mut Draw,
    ) -> Result<(), Error> {
        let finished_at = started_at.map(|at| after(at, draw.between(600, 5_000))).transpose()?;
        let bytes = (status == "succeeded").then(|| draw.below(9_000_000_000) + 1_000_000_000);
        self.jobs.push(Job { job_id: String::new(), system, scheduled_on, started_at, finished_at, status, bytes });
        Ok(())
    }

    /// A system put into service without a backup: no job of it exists, not one that failed.
    fn plant_forgotten(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "never planned since the system is in service";
        let (count, _) = plan.of(DAILY, kind);
        if count > 0 {
            self.jobs.retain(|job| job.system != systems::NEWCOMER);
            for day in days(systems::NEWCOMER_ON, PERIOD_END) {
                truth.fault(DAILY, vec![systems::NEWCOMER.to_owned(), day.to_string()], kind);
            }
        }
        let kind = "not in service yet, or no more";
        for system in systems::SYSTEMS.iter().filter(|system| system.backed_up) {
            for day in [crate::calendar::PERIOD_START, PERIOD_END].into_iter().filter(|day| !system.in_service(*day)) {
                truth.near_miss(DAILY, vec![system.system.to_owned(), day.to_string()], kind);
            }
        }
    }

    fn plant_jobs(&mut self, calendar: &Calendar, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        for kind in ["no job", "failed, no second try", "started after midnight"] {
            let (count, mut draw) = plan.of(DAILY, kind);
            for _ in 0..count {
                let (system, day) = self.place(&mut draw);
                truth.fault(DAILY, vec![system.to_owned(), day.to_string()], kind);
                self.jobs.retain(|job| job.system != system || job.scheduled_on != day);
                match kind {
                    "no job" => {}
                    "failed, no second try" => {
                        self.add(system, day, Some(calendar.local(day, 21, 20)?), "failed", &mut draw)?
                    }
                    _ => self.add(
                        system,
                        day,
                        Some(calendar.at(plus(day, 1), draw.between(60, 9_000))?),
                        "succeeded",
                        &mut draw,
                    )?,
                }
            }
        }
        for kind in ["failed, then succeeded the same day", "started before midnight, finished after it"] {
            let (count, mut draw) = plan.near(DAILY, kind);
            for _ in 0..count {
                let (system, day) = self.place(&mut draw);
                truth.near_miss(DAILY, vec![system.to_owned(), day.to_string()], kind);
                self.jobs.retain(|job| job.system != system || job.scheduled_on != day);
                if kind.starts_with("failed") {
                    self.add(system, day, Some(calendar.local(day, 21, 10)?), "failed", &mut draw)?;
                }
                self.add(system, day, Some(calendar.local(day, 23, 58)?), "succeeded", &mut draw)?;
            }
        }
        for (kind, day) in [
            ("missing the day before the period", date(2025, 9, 30)),
            ("missing the day after the period", date(2026, 10, 1)),
        ] {
            let (_, mut draw) = plan.near(DAILY, kind);
            let systems: Vec<&str> = backed_up(day).filter(|system| *system != systems::NEWCOMER).collect();
            if let Some(system) = draw.pick(&systems) {
                self.jobs.retain(|job| job.system != *system || job.scheduled_on != day);
                truth.near_miss(DAILY, vec![(*system).to_owned(), day.to_string()], kind);
            }
        }
        Ok(())
    }

    /// A system and a day of the period that carry nothing yet.
    fn place(&mut self, draw: &mut Draw) -> (&'static str, Date) {
        loop {
            let day = write::day_between(draw, crate::calendar::PERIOD_START, PERIOD_END);
            let systems: Vec<&'static str> = backed_up(day).filter(|system| *system != systems::NEWCOMER).collect();
            let system = draw.pick(&systems).copied().unwrap_or("payroll-db");
            if self.used.insert((system, day)) {
                return (system, day);
            }
        }
    }

    fn test_restores(&mut self, people: &People, calendar: &Calendar, draw: &mut Draw) {
        let team = people.steady("IT Operations");
        for end in [date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)] {
            for system in backed_up(end).filter(|system| restored(system, end)) {
                let day =
                    calendar.business_day_on_or_before(plus(end, -i32::try_from(draw.between(5, 80)).unwrap_or(5)));
                let by = draw.pick(&team).map(|person| person.email.clone());
                self.tests.push(RestoreTest {
                    restore_test_id: String::new(),
                    system,
                    quarter: quarter(end),
                    performed_on: Some(day),
                    result: Some("passed"),
                    performed_by: by,
                });
            }
        }
    }

    fn plant_restores(&mut self, people: &People, plan: Plan, truth: &mut Truth) {
        let by = people.steady("IT Operations").first().map(|person| person.email.clone());
        let mut used = BTreeSet::new();
        let kind = "not in service all through the quarter";
        for (system, quarter) in
            [("client-files", "2026-Q1"), ("check-archive", "2026-Q2"), (systems::NEWCOMER, "2026-Q3")]
        {
            truth.near_miss(RESTORE, vec![system.to_owned(), quarter.to_owned()], kind);
        }
        let kind = "no record at all";
        let (count, mut draw) = plan.of(RESTORE, kind);
        for _ in 0..count.min(1) {
            let here: Vec<usize> = (0..)
                .zip(&self.tests)
                .filter(|(_, test)| test.performed_on.is_some_and(in_period))
                .map(|(n, _)| n)
                .collect();
            let Some(at) = draw.pick(&here).copied() else { continue };
            let gone = self.tests.remove(at);
            truth.fault(RESTORE, vec![gone.system.to_owned(), gone.quarter], kind);
        }
        let cases = [
            (true, "not tested"),
            (true, "failed only"),
            (true, "performed on the first day of the next quarter"),
            (false, "performed on the last day of the quarter"),
            (false, "failed, then passed"),
        ];
        for (fault, kind) in cases {
            let (count, mut draw) = if fault { plan.of(RESTORE, kind) } else { plan.near(RESTORE, kind) };
            // Few pairs of system and quarter exist: one of a kind is enough.
            for _ in 0..count.min(1) {
                let free: Vec<usize> = (0..)
                    .zip(&self.tests)
                    .filter(|(n, test)| test.performed_on.is_some_and(in_period) && !used.contains(n))
                    .map(|(n, _)| n)
                    .collect();
                let Some(at) = draw.pick(&free).copied() else { continue };
                used.insert(at);
                let Some(test) = self.tests.get_mut(at) else { continue };
                let key = vec![test.system.to_owned(), test.quarter.clone()];
                let last = test.performed_on.map(|day| plus(day.first_of_month(), 0)).map(last_of_quarter);
                match kind {
                    "not tested" => (test.performed_on, test.result, test.performed_by) = (None, None, None),
                    "failed only" => test.result = Some("failed"),
                    "performed on the first day of the next quarter" => {
                        test.performed_on = last.map(|day| plus(day, 1))
                    }
                    "performed on the last day of the quarter" => test.performed_on = last,
                    _ => {
                        let mut failed = test.clone();
                        failed.result = Some("failed");
                        failed.performed_on = test
                            .performed_on
                            .map(|day| plus(day, -1))
                            .filter(|day| quarter(*day) == test.quarter)
                            .or(test.performed_on);
                        failed.performed_by.clone_from(&by);
                        self.tests.push(failed);
                    }
                }
                if fault {
                    truth.fault(RESTORE, key, kind);
                } else {
                    truth.near_miss(RESTORE, key, kind);
                }
            }
        }
    }

    /// Writes `jobs.tsv` and `restore-tests.csv`.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        write::table(&folder.join("jobs.tsv"), b'\t', &self.jobs)?;
        write::table(&folder.join("restore-tests.csv"), b',', &self.tests)
    }
}

/// Whether a restore is due in the quarter that ends on a day: the system was in service from its first day on.
fn restored(system: &str, end: Date) -> bool {
    backed_up(first_of_quarter(end)).any(|other| other == system)
}

/// The last day of a day's calendar quarter.
fn last_of_quarter(day: Date) -> Date {
    let mut last = day.last_of_month();
    while quarter(plus(last, 1)) == quarter(last) {
        last = plus(last, 1).last_of_month();
    }
    last
}
