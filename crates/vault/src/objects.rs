//! Files named by the SHA-256 of their bytes.
//!
//! An object is written to `incoming/`, made durable, and only then linked to its name in `objects/ab/`; the folder is
//! made durable before the digest is handed back. Plain objects are called `<digest>`, sealed ones `<digest>.sealed`.
//!
//! Invariant: a name in `objects/` never appears before the bytes behind it are durable, and is never linked twice.
//! Invariant: no bytes leave this module before they were checked against a digest or authenticated by a key.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest as _, Sha256};
use tickmark_canonical::Digest;

use crate::{
    Corrupt, Error,
    files::{Files, ReadFile, WriteFile},
    seal::{HEADER, Layout, ObjectKey, Opener, Sealer},
};

const INCOMING: &str = "incoming";
const SEALED_SUFFIX: &str = ".sealed";

/// Bytes read at a time where a whole file is hashed: large enough to amortize the call, small enough for the cache.
const READ_AT_ONCE: usize = 1 << 20;

/// Which of a namespace's two trees of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tree {
    /// Evidence.
    Objects,
    /// Rebuildable files that are never evidence.
    Derived,
}

impl Tree {
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Derived => "derived",
        }
    }
}

/// The folder of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    files: Arc<dyn Files>,
    root: PathBuf,
}

/// A file found in a tree by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Object { digest: Digest, sealed: bool },
    Stray(String),
}

impl Objects {
    pub(crate) fn new(files: Arc<dyn Files>, root: PathBuf) -> Self {
        Self { files, root }
    }

    pub(crate) fn path(&self, tree: Tree, digest: &Digest, sealed: bool) -> PathBuf {
        let name = digest.to_string();
        let suffix = if sealed { SEALED_SUFFIX } else { "" };
        let folder = self.root.join(tree.folder());
        let folder = match tree {
            Tree::Objects => folder.join(name.chars().take(2).collect::<String>()),
            // A handful of files a month needs no folders of its own.
            Tree::Derived => folder,
        };
        folder.join(format!("{name}{suffix}"))
    }

    /// Makes the folders that are missing and makes them durable.
    ///
    /// All 256 folders of objects are made at once, so that no later write has to make one and wait for two folders.
    pub(crate) fn lay_out(&self) -> Result<(), Error> {
        for folder in [INCOMING, Tree::Objects.folder(), Tree::Derived.folder()] {
            self.make_dir(&self.root.join(folder))?;
        }
        self.sync_dir(&self.root)?;
        let folder = self.root.join(Tree::Objects.folder());
        let present = self.files.list(&folder).map_err(Error::io("list", &folder))?;
        for shard in (0..=u8::MAX).map(|byte| hex::encode([byte])) {
            if present.binary_search(&shard).is_err() {
                self.make_dir(&folder.join(shard))?;
            }
        }
        self.sync_dir(&folder)
    }

    /// Removes what writers that died left in `incoming/`; files of living writers are locked and stay.
    pub(crate) fn sweep(&self) -> Result<u64, Error> {
        let folder = self.root.join(INCOMING);
        let mut removed = 0;
        for name in self.files.list(&folder).map_err(Error::io("list", &folder))? {
            let path = folder.join(name);
            removed += u64::from(self.files.remove_abandoned(&path).map_err(Error::io("remove", &path))?);
        }
        Ok(removed)
    }

    /// Begins a new object; sealed if a key is given.
    pub(crate) fn begin(&self, key: Option<ObjectKey>) -> Result<ObjectWriter, Error> {
        let mut random = [0_u8; 16];
        SystemRandom::new().fill(&mut random).map_err(|_| Error::Cipher { doing: "draw a file name" })?;
        let path = self.root.join(INCOMING).join(hex::encode(random));
        let file = self.files.create(&path).map_err(Error::io("create", &path))?;
        let seal = match key {
            Some(key) => Some((Sealer::new(&key)?, key)),
            None => None,
        };
        let sealed = seal.is_some();
        let temporary = Temporary { objects: self.clone(), path, file: Some(file) };
        let mut writer = ObjectWriter { raw: RawWriter { temporary, hasher: Sha256::new() }, seal, plain_len: 0 };
        if sealed {
            writer.raw.write(HEADER)?;
        }
        Ok(writer)
    }

    /// Makes the bytes of finished objects durable under their temporary names.
    pub(crate) fn make_durable(&self, pending: &mut [PendingObject]) -> Result<(), Error> {
        self.at_once(pending, |object| {
            let Temporary { file, path, .. } = &mut object.temporary;
            file.as_mut().map_or(Ok(()), |file| file.sync()).map_err(Error::io("make durable", path.as_path()))
        })
    }

    /// Gives durable objects their names, and makes the names durable.
    pub(crate) fn publish(&self, tree: Tree, pending: &[PendingObject]) -> Result<(), Error> {
        let mut folders = BTreeSet::new();
        for object in pending {
            let sealed = object.key.is_some();
            let path = self.path(tree, &object.digest, sealed);
            match self.files.link(&object.temporary.path, &path) {
                Ok(()) => {}
                // Acknowledging bytes that are not there would lose them: the older file has to prove itself.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.verify(tree, &object.digest, sealed)?;
                }
                Err(error) => return Err(Error::io("link", &path)(error)),
            }
            // Also where another writer linked it: that writer may not have come to this line yet.
            folders.insert(path.parent().unwrap_or(&self.root).to_path_buf());
        }
        let mut folders: Vec<PathBuf> = folders.into_iter().collect();
        self.at_once(&mut folders, |folder| self.sync_dir(folder))
    }

    /// Does slow, independent work on several threads; gives the first error in the order of the items.
    fn at_once<T: Send>(
        &self,
        items: &mut [T],
        work: impl Fn(&mut T) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        let threads = self.files.syncs_at_once().min(items.len());
        if threads <= 1 {
            return items.iter_mut().try_for_each(work);
        }
        let share = items.len().div_ceil(threads);
        std::thread::scope(|scope| {
            let running: Vec<_> =
                items.chunks_mut(share).map(|items| scope.spawn(|| items.iter_mut().try_for_each(&work))).collect();
            let panicked = |_| Err(Error::io("make durable", &self.root)(io::Error::other("a thread panicked")));
            running.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(panicked))
        })
    }

    /// Proves an object that is there already, and makes its name durable: another writer may have linked it and not
    /// come to that yet.
    pub(crate) fn settle(&self, tree: Tree, digest: &Digest, sealed: bool) -> Result<(), Error> {
        self.verify(tree, digest, sealed)?;
        let path = self.path(tree, digest, sealed);
        self.sync_dir(path.parent().unwrap_or(&self.root))
    }

    /// The file of an object, or nothing.
    pub(crate) fn open(&self, tree: Tree, digest: &Digest, sealed: bool) -> Result<Option<Box<dyn ReadFile>>, Error> {
        let path = self.path(tree, digest, sealed);
        match self.files.open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("open", path)(error)),
        }
    }

    /// The bytes of a file as they lie on disk, checked against its name.
    pub(crate) fn read(&self, tree: Tree, digest: &Digest, sealed: bool) -> Result<Option<Vec<u8>>, Error> {
        let Some(file) = self.open(tree, digest, sealed)? else { return Ok(None) };
        let path = self.path(tree, digest, sealed);
        let len = file.size().map_err(Error::io("measure", &path))?;
        let bytes = read_range(file.as_ref(), &path, 0, len)?;
        let found = Digest::of(&bytes);
        if found == *digest {
            Ok(Some(bytes))
        } else {
            Err(Corrupt::new(format!("object {digest}"), digest, found).into())
        }
    }

    /// Hashes a file in constant memory and compares it with its name; gives its length.
    pub(crate) fn verify(&self, tree: Tree, digest: &Digest, sealed: bool) -> Result<u64, Error> {
        let file = self.open(tree, digest, sealed)?.ok_or(Error::Missing { digest: *digest })?;
        let path = self.path(tree, digest, sealed);
        let len = file.size().map_err(Error::io("measure", &path))?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0_u8; READ_AT_ONCE];
        let mut at = 0;
        while at < len {
            let take = usize::try_from(len - at).unwrap_or(usize::MAX).min(READ_AT_ONCE);
            buffer.resize(take, 0);
            file.read_exact_at(&mut buffer, at).map_err(Error::io("read", &path))?;
            hasher.update(&buffer);
            at += take as u64;
        }
        let found = Digest::from_bytes(hasher.finalize().into());
        if found == *digest { Ok(len) } else { Err(Corrupt::new(format!("object {digest}"), digest, found).into()) }
    }

    /// Opens every segment of a sealed file in constant memory; gives its length in plaintext.
    pub(crate) fn verify_opens(&self, tree: Tree, digest: &Digest, key: &ObjectKey) -> Result<u64, Error> {
        let content = self.content(tree, digest, Some(key))?.ok_or(Error::Missing { digest: *digest })?;
        let mut at = 0;
        while at < content.len() {
            let end = content.len().min(at + READ_AT_ONCE as u64);
            content.read(at, end)?;
            at = end;
        }
        // An empty object has one segment too, and it has to open.
        content.read(content.len(), content.len())?;
        Ok(content.len())
    }

    /// An object opened for ranged reads; the caller checks plain ranges, a key authenticates sealed ones.
    pub(crate) fn content(
        &self,
        tree: Tree,
        digest: &Digest,
        key: Option<&ObjectKey>,
    ) -> Result<Option<Content>, Error> {
        let Some(file) = self.open(tree, digest, key.is_some())? else { return Ok(None) };
        let path = self.path(tree, digest, key.is_some());
        let file_len = file.size().map_err(Error::io("measure", &path))?;
        let opener = match key {
            Some(key) => Some(Opener::new(*digest, key, Layout::of_file(digest, file_len)?)?),
            None => None,
        };
        let len = opener.as_ref().map_or(file_len, |opener| opener.layout().plain_len());
        Ok(Some(Content { digest: *digest, path, file, opener, len }))
    }

    /// Takes an object's name away and makes that durable. Fine if it was gone.
    pub(crate) fn remove(&self, tree: Tree, digest: &Digest, sealed: bool) -> Result<(), Error> {
        let path = self.path(tree, digest, sealed);
        match self.files.remove(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("remove", &path)(error)),
        }
        self.sync_dir(path.parent().unwrap_or(&self.root))
    }

    /// Every file of one of the 256 folders of objects, sorted by name.
    pub(crate) fn list(&self, shard: u8) -> Result<Vec<Found>, Error> {
        let shard = hex::encode([shard]);
        let folder = self.root.join(Tree::Objects.folder()).join(&shard);
        let names = match self.files.list(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io("list", folder)(error)),
        };
        Ok(names
            .into_iter()
            .map(|name| {
                let (stem, sealed) =
                    name.strip_suffix(SEALED_SUFFIX).map_or((name.as_str(), false), |stem| (stem, true));
                match stem.parse::<Digest>() {
                    Ok(digest) if stem.starts_with(&shard) => Found::Object { digest, sealed },
                    _ => Found::Stray(folder.join(name).display().to_string()),
                }
            })
            .collect())
    }

    fn make_dir(&self, path: &Path) -> Result<(), Error> {
        match self.files.create_dir(path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(Error::io("create", path)(error)),
        }
    }

    fn sync_dir(&self, path: &Path) -> Result<(), Error> {
        self.files.sync_dir(path).map_err(Error::io("make durable", path))
    }
}

fn read_range(file: &dyn ReadFile, path: &Path, offset: u64, len: u64) -> Result<Vec<u8>, Error> {
    let too_long = |_| Error::io("read", path)(io::Error::from(io::ErrorKind::FileTooLarge));
    let mut bytes = vec![0_u8; usize::try_from(len).map_err(too_long)?];
    file.read_exact_at(&mut bytes, offset).map_err(Error::io("read", path))?;
    Ok(bytes)
}

/// An object opened for ranged reads.
#[derive(Debug)]
pub(crate) struct Content {
    digest: Digest,
    path: PathBuf,
    file: Box<dyn ReadFile>,
    opener: Option<Opener>,
    len: u64,
}

impl Content {
    /// The object's name.
    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Its length in bytes, of plaintext if it is sealed.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes from `start` up to `end`; authenticated if the object is sealed, unchecked if it is not.
    pub(crate) fn read(&self, start: u64, end: u64) -> Result<Vec<u8>, Error> {
        if start > end || end > self.len {
            return Err(Error::Range { digest: self.digest, len: self.len, start, end });
        }
        let Some(opener) = &self.opener else {
            return read_range(self.file.as_ref(), &self.path, start, end - start);
        };
        let run = opener.run(start, end);
        let mut bytes = read_range(self.file.as_ref(), &self.path, run.file_offset, run.file_len)?;
        opener.open(run, &mut bytes)?;
        let out_of_range = || Error::Range { digest: self.digest, len: self.len, start, end };
        let skip = usize::try_from(start - run.plain_offset).map_err(|_| out_of_range())?;
        let take = usize::try_from(end - start).map_err(|_| out_of_range())?;
        if bytes.len() < skip + take {
            return Err(out_of_range());
        }
        bytes.truncate(skip + take);
        bytes.drain(..skip);
        Ok(bytes)
    }
}

/// A file in `incoming/`, removed when it is dropped: by then it has its name, or it failed.
struct Temporary {
    objects: Objects,
    path: PathBuf,
    file: Option<Box<dyn WriteFile>>,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // A failure leaves a file that the next opening of the vault sweeps away: nothing to report, nothing lost.
        drop(self.objects.files.remove(&self.path));
        self.file = None;
    }
}

struct RawWriter {
    temporary: Temporary,
    hasher: Sha256,
}

impl RawWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(file) = &mut self.temporary.file {
            file.write_all(bytes).map_err(Error::io("write", &self.temporary.path))?;
        }
        self.hasher.update(bytes);
        Ok(())
    }
}

/// An object being written.
pub(crate) struct ObjectWriter {
    raw: RawWriter,
    seal: Option<(Sealer, ObjectKey)>,
    plain_len: u64,
}

impl ObjectWriter {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.plain_len += bytes.len() as u64;
        let Self { raw, seal, .. } = self;
        match seal {
            Some((sealer, _)) => sealer.push(bytes, &mut |piece| raw.write(piece)),
            None => raw.write(bytes),
        }
    }

    /// Ends the object, which is not yet durable.
    pub(crate) fn finish(self) -> Result<PendingObject, Error> {
        let Self { mut raw, seal, plain_len } = self;
        let key = match seal {
            Some((sealer, key)) => {
                sealer.finish(&mut |piece| raw.write(piece))?;
                Some(key)
            }
            None => None,
        };
        let RawWriter { temporary, hasher } = raw;
        Ok(PendingObject { digest: Digest::from_bytes(hasher.finalize().into()), key, plain_len, temporary })
    }
}

/// An object whose bytes are written but which has no name yet.
pub(crate) struct PendingObject {
    pub(crate) digest: Digest,
    pub(crate) key: Option<ObjectKey>,
    pub(crate) plain_len: u64,
    temporary: Temporary,
}
