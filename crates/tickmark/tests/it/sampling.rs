//! The arithmetic of samples on the command line: `sampling/transcript.md` is what is typed and what is printed.

use std::path::Path;

use crate::everyday::{copy, plays_as_written};

#[test]
fn the_arithmetic_of_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sampling");
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    copy(&folder, &root.join("inputs"));
    plays_as_written(&folder.join("transcript.md"), &root, None);
}
