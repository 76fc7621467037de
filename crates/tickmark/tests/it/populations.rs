//! A quarter of populations and samples, by commands alone: `populations/transcript.md` is what is typed and what is printed.

use std::{fs, path::Path};

use jiff::{ToSpan as _, civil::date};

use crate::everyday::{Days, copy, plays_as_written};

const HEAD_OF_JOBS: &str = "job_id,system,scheduled_on,started_at,finished_at,status,bytes\n";
const HEAD_OF_SCHEDULE: &str = "job,scheduled_at,scheduled_on,started_at,finished_at,status,ticket_id\n";
const HEAD_OF_INCIDENTS: &str =
    "incident_id,severity,kind,detected_at,acknowledged_at,resolved_at,affects_users,users_told_at,cause_recorded_at\n";

/// A backup each night of the quarter, as the backup software and as the scheduler have them. The scheduler has one more: a
/// rehearsal in February that the backup software did not count as a job.
fn write_systems(root: &Path) {
    let folders = ["backups", "scheduler", "register"].map(|name| root.join("systems").join(name));
    folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
    let [backups, scheduler, register] = folders;
    let (mut day, mut number) = (date(2025, 1, 1), 1);
    while day < date(2025, 4, 1) {
        let month = day.strftime("%Y-%m").to_string();
        let (mut jobs, mut scheduled) = (HEAD_OF_JOBS.to_owned(), HEAD_OF_SCHEDULE.to_owned());
        while day.strftime("%Y-%m").to_string() == month {
            let (at, until) = (format!("{day}T07:00:00Z"), format!("{day}T07:42:00Z"));
            let bytes = 81_604_378_624_u64 + number * 1_048_576;
            jobs.push_str(&format!("J-{number:03},billing-db,{day},{at},{until},succeeded,{bytes}\n"));
            scheduled.push_str(&format!("nightly-backup,{at},{day},{at},{until},succeeded,\n"));
            if day == date(2025, 2, 12) {
                scheduled.push_str(&format!("backup-rehearsal,{day}T20:00:00Z,{day},,,succeeded,\n"));
            }
            (day, number) = (day + 1.day(), number + 1);
        }
        fs::write(backups.join(format!("jobs-{month}.csv")), jobs).unwrap();
        fs::write(scheduler.join(format!("scheduled-{month}.csv")), scheduled).unwrap();
    }
    fs::write(register.join("incidents-2025-03-31.csv"), HEAD_OF_INCIDENTS).unwrap();
}

#[test]
fn a_quarter_of_populations_and_samples() {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    copy(&tests.join("everyday"), &root.join("inputs"));
    copy(&tests.join("populations"), &root.join("inputs"));
    write_systems(&root);
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    plays_as_written(&tests.join("populations/transcript.md"), &root, Days::Named(vec![(today, "TODAY".to_owned())]));
}
