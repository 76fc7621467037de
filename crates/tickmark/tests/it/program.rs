//! The program as files: `program/transcript.md` is what is typed and what is printed.

use std::path::Path;

use crate::everyday::{Days, copy, plays_as_written};

#[test]
fn the_program_as_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/program");
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    copy(&folder, &root.join("inputs"));
    plays_as_written(&folder.join("transcript.md"), &root, Days::Any);
}
