//! Tests of controls, conclusions and exceptions: `tests_of_controls/transcript.md` is what is typed and what is printed.

use std::{fs, path::Path};

use crate::everyday::{Days, copy, plays_as_written};

#[test]
fn from_a_test_by_people_to_a_conclusion_that_goes_stale() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tests_of_controls");
    let everyday = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/everyday");
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    copy(&folder, &root.join("inputs"));
    for file in ["hr.toml", "description-soc2.toml", "assertion-soc2.md"] {
        fs::copy(everyday.join(file), root.join("inputs").join(file)).unwrap();
    }
    copy(&everyday.join("hr"), &root.join("systems/hr"));
    copy(&folder.join("documents"), &root.join("systems/documents"));
    plays_as_written(&folder.join("transcript.md"), &root, Days::of_the_test());
}
