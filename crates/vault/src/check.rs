//! A walk over everything a namespace holds.
//!
//! Invariant: a check changes nothing. It goes on after a problem, so that one bad sector does not hide another.

use tickmark_canonical::Digest;

use crate::{
    Corrupt, Error, Manifest, Vault,
    key_store::KeyState,
    objects::{Found, Tree},
};

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckProgress {
    /// Things looked at: objects, then datasets.
    pub done: u64,
    /// Things to look at.
    pub total: u64,
    /// Bytes hashed.
    pub bytes: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultCheck {
    /// Objects looked at, sealed ones included.
    pub objects: u64,
    /// Sealed objects among them.
    pub sealed: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Objects erased on purpose.
    pub erased: u64,
    /// Objects under legal hold.
    pub held: u64,
    /// Datasets looked at whose rows are there.
    pub datasets: u64,
    /// Rows in them.
    pub rows: u64,
    /// Keys and manifests noted without their object: writers that were interrupted before anything was acknowledged. (An
    /// object that was lost afterwards counts here too: whoever was told its digest has to ask for it.)
    pub unfinished: u64,
    /// Files that are none of the vault's.
    pub strays: Vec<String>,
    /// How many things are wrong.
    pub problems: u64,
    /// The first of them.
    pub first_problem: Option<Corrupt>,
}

impl VaultCheck {
    /// Whether nothing is wrong. Stray files and unfinished writes are no damage.
    pub fn is_sound(&self) -> bool {
        self.problems == 0
    }

    fn note(&mut self, what: impl FnOnce() -> String, error: Error) {
        self.problems += 1;
        if self.first_problem.is_none() {
            self.first_problem = Some(if let Error::Corrupt(corrupt) = error {
                corrupt
            } else if let Error::Io { doing, path, source } = &error {
                let found = format!("could not {doing} {}: {source}", path.display());
                Corrupt::new(what(), "a readable file", found)
            } else {
                Corrupt::new(what(), "something sound", error)
            });
        }
    }
}

impl Vault {
    /// Hashes every object, opens every sealed one, and follows every manifest to its last chunk; calls `progress` after
    /// each. Only a failure to walk at all is an error; what is damaged is counted, and the first is named.
    pub fn check(&self, progress: &mut dyn FnMut(CheckProgress)) -> Result<VaultCheck, Error> {
        let store = self.key_store("check a vault")?;
        let mut check = VaultCheck::default();
        if let Err(error) = store.check_pages() {
            check.note(|| "the key store".to_owned(), error);
        }
        let mut objects = Vec::new();
        for shard in 0..=u8::MAX {
            for found in self.objects().list(shard)? {
                match found {
                    Found::Object { digest, sealed } => objects.push((digest, sealed)),
                    Found::Stray(path) => check.strays.push(path),
                }
            }
        }
        let manifests = store.manifests()?;
        let total = (objects.len() + manifests.len()) as u64;
        let mut done = 0;
        for (digest, sealed) in &objects {
            check.objects += 1;
            check.sealed += u64::from(*sealed);
            match self.check_object(digest, *sealed) {
                Ok(bytes) => check.bytes += bytes,
                Err(error) => check.note(|| format!("object {digest}"), error),
            }
            done += 1;
            progress(CheckProgress { done, total, bytes: check.bytes });
        }
        for digest in store.keyed()? {
            if let Err(error) = store.state(&digest) {
                check.note(|| format!("the key of object {digest}"), error);
            }
            let written = objects.binary_search(&(digest, true)).is_ok();
            let derived = self.objects().open(Tree::Derived, &digest, true)?.is_some();
            check.unfinished += u64::from(!written && !derived);
        }
        for digest in store.erased()? {
            match store.state(&digest) {
                Ok(_) => check.erased += 1,
                Err(error) => check.note(|| format!("the tombstone of object {digest}"), error),
            }
        }
        for digest in store.held()? {
            match store.holds(&digest) {
                Ok(_) => check.held += 1,
                Err(error) => check.note(|| format!("the hold on object {digest}"), error),
            }
        }
        for digest in manifests {
            match self.check_dataset(&digest) {
                Ok(manifest) => {
                    check.datasets += 1;
                    check.rows += manifest.rows;
                }
                Err(Error::Erased { .. }) => {}
                // Noted before it got its name, which it never got: nobody was told of it.
                Err(Error::Missing { digest: missing }) if missing == digest => check.unfinished += 1,
                Err(error) => check.note(|| format!("dataset {digest}"), error),
            }
            done += 1;
            progress(CheckProgress { done, total, bytes: check.bytes });
        }
        Ok(check)
    }

    fn check_object(&self, digest: &Digest, sealed: bool) -> Result<u64, Error> {
        let bytes = self.objects().verify(Tree::Objects, digest, sealed)?;
        if !sealed {
            return Ok(bytes);
        }
        match self.key_store("check a vault")?.state(digest)? {
            KeyState::Key(key) => self.objects().verify_opens(Tree::Objects, digest, &key).map(|_| bytes),
            // The key is gone and the file will go with the next opening: erased all the same.
            KeyState::Erased { .. } => Ok(bytes),
            KeyState::Unknown => {
                let what = format!("the key store beside sealed object {digest}");
                Err(Corrupt::new(what, "its key, or a note of its erasure", "neither").into())
            }
        }
    }

    /// Checks one dataset: its manifest, and each piece of each part against it. Gives the manifest. For a dataset that a
    /// ledger names this is the whole check; [`Vault::check`] does it for every manifest of the namespace.
    pub fn check_dataset(&self, digest: &Digest) -> Result<Manifest, Error> {
        let manifest = self.manifest(digest)?;
        for part in 0..manifest.parts.len() {
            let reader = self.open_part(&manifest, part)?;
            reader.read_range(0..4)?;
            for (group, row_group) in reader.part().row_groups.iter().enumerate() {
                for column in 0..row_group.chunks.len() {
                    reader.read_chunk(group, column)?;
                }
            }
        }
        Ok(manifest)
    }
}
