//! The demo and its folder on other days than today: the sample company's year is fixed, the machine's clock is not.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::everyday::faketime;

/// Types a command in New York at a time; only the calendar's clock is another, not the one that measures durations.
fn at(time: &str, arguments: &[&str], dir: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
    command.args(arguments).arg("--dir").arg(dir);
    command.env("LD_PRELOAD", faketime()).env("DONT_FAKE_MONOTONIC", "1").env("TZ", "America/New_York");
    let Output { status, stdout, stderr } = command.env("FAKETIME", format!("@{time}")).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout) + &text(&stderr))
}

#[test]
fn a_clock_before_the_sample_companys_last_day_is_told_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let (code, said) = at("2026-10-15 23:00:00", &["demo", "--scale", "1"], &dir);
    assert_eq!(code, Some(1), "{said}");
    let told = "the machine's clock says 2026-10-15, and the sample company's systems are those of 2026-10-16";
    assert!(said.contains(told) && said.contains("set the clock"), "{said}");
    assert!(!dir.exists());
}

#[test]
fn years_later_the_demo_is_the_same_and_a_state_of_no_period_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let (code, said) = at("2029-11-20 09:00:00", &["demo", "--scale", "1"], &dir);
    assert_eq!(code, Some(0), "{said}");
    let not_evaluable: Vec<&str> = said.lines().filter(|line| line.contains(" not evaluable ")).collect();
    assert_eq!(not_evaluable.len(), 1, "only that of the scanner, which was never connected: {not_evaluable:?}");

    // An export without a day in its name is of the day before, three years after every period.
    let settings = dir.join("sources/idp.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("copied_on = \"2026-10-16\"\n", "")).unwrap();
    let (code, said) = at("2029-11-20 10:00:00", &["collect", "--source", "idp", "--approve"], &dir);
    assert_eq!(code, Some(5), "{said}");
    let refused = "failed: access_grant from idp, 2029-11-19 to 2029-11-19: the evidence covers 2029-11-19 to 2029-11-19, \
                   over a year from every engagement's date or period";
    assert!(said.contains(refused), "{said}");
    assert!(said.contains("hint: a state is of the day in its file's name"), "{said}");
    assert!(said.contains("account"), "the exports that say their day are evidence: {said}");
    let again = at("2029-11-20 11:00:00", &["test", "--test", "leaver-access"], &dir);
    assert_eq!(again.0, Some(0), "what was not tried leaves no hole: {}", again.1);
}
