//! The lint of an engagement and its overrulings: `lint/transcript.md` is what is typed and what is printed.

use std::{fs, path::Path};

use crate::everyday::{Days, plays_as_written};

#[test]
fn a_warning_is_overruled_until_it_reads_otherwise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/lint");
    let everyday = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/everyday");
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    fs::create_dir(root.join("inputs")).unwrap();
    for file in ["people.toml", "description-soc2.toml"] {
        fs::copy(everyday.join(file), root.join("inputs").join(file)).unwrap();
    }
    plays_as_written(&folder.join("transcript.md"), &root, Days::of_the_test());
}
