//! Whole years of a small organization, told as transcripts: what is typed on which day, and what is printed. A heading
//! that begins with a day and an hour sets the clock for what follows (Debian's `faketime`), so that the ledger records
//! each act when it would have happened. With `TICKMARK_WRITE_TRANSCRIPT=1` the tests write what they saw.

use std::path::{Path, PathBuf};

use crate::everyday::{Days, copy, plays_as_written};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/year")
}

/// A world with the office's systems as they are at the end of the year, and the tools to change them.
fn world() -> (tempfile::TempDir, PathBuf) {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    copy(&folder().join("inputs"), &root.join("inputs"));
    for text in ["description-soc2.toml", "assertion-soc2.md"] {
        std::fs::copy(folder().with_file_name("everyday").join(text), root.join("inputs").join(text)).unwrap();
    }
    std::fs::create_dir(root.join("systems")).unwrap();
    let database = rusqlite::Connection::open(root.join("systems/office.db")).unwrap();
    database.execute_batch(&std::fs::read_to_string(folder().join("inputs/office.sql")).unwrap()).unwrap();
    (world, root)
}

/// Plays the opening, which every year shares, and then a year.
fn plays(scenario: &str) {
    let (_world, root) = world();
    plays_as_written(&folder().join("opening.md"), &root, Days::Told);
    plays_as_written(&folder().join(scenario), &root.join("quill-ray"), Days::Told);
}

#[test]
fn every_scenario_is_played() {
    let told = std::fs::read_dir(folder()).unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let mut told: Vec<String> = told.filter(|name| name.ends_with(".md") && name != "opening.md").collect();
    told.sort();
    assert_eq!(told, SCENARIOS);
}

macro_rules! scenarios {
    ($($test:ident $file:literal,)*) => {
        const SCENARIOS: &[&str] = &[$($file),*];
        $(
            #[test]
            fn $test() {
                plays($file);
            }
        )*
    };
}

scenarios! {
    afternoon "afternoon.md",
    carve_out_gap "carve-out-gap.md",
    clean_year "clean-year.md",
    clock_set_back "clock-set-back.md",
    closing "closing.md",
    control_changed "control-changed.md",
    empty_population "empty-population.md",
    freezing_again "freezing-again.md",
    late_rows "late-rows.md",
    leaver "leaver.md",
    missed_review "missed-review.md",
    tampering "tampering.md",
}
