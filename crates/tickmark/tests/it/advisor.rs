//! The advisor as a person meets it: `advisor/transcript.md` is what is typed and what is printed.

use std::path::Path;

use crate::everyday::{Days, copy, plays_as_written};

#[test]
fn the_advisor_in_the_terminal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/advisor");
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    copy(&folder, &root.join("inputs"));
    // Every date in it is counted from `--today`, none from the machine's clock.
    plays_as_written(&folder.join("transcript.md"), &root, Days::Any);
}
