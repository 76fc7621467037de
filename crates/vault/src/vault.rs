//! One namespace of a vault: put, get, erase, hold.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use tickmark_canonical::Digest;

use crate::{
    Corrupt, Error, Namespace, ObjectKeys, SealingKey,
    files::{Files, RealFiles},
    key_store::{KeyState, KeyStore},
    objects::{Content, ObjectWriter, Objects, PendingObject, Tree},
    seal::ObjectKey,
};

const KEY_STORE: &str = "keys.db";

/// Files held open while they wait to be published together: a quarter of the usual limit of 1024 of a process.
const OPEN_AT_ONCE: usize = 256;

/// One namespace (organization) of a vault in a folder. Cheap to clone; clones share one key store connection.
///
/// Invariant: a digest is handed out only after its bytes (and key) are durable.
/// Invariant: no object is ever overwritten.
#[derive(Debug, Clone)]
pub struct Vault(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    namespace: Namespace,
    objects: Objects,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Store(Box<KeyStore>),
    Exported(ObjectKeys),
}

/// What a digest names.
#[derive(Debug)]
pub(crate) enum Located {
    Plain,
    Sealed(ObjectKey),
}

impl Vault {
    /// Makes a namespace under `root` (which is made too if it is missing) and opens it.
    pub fn create(root: &Path, namespace: &str, sealing: &SealingKey) -> Result<Self, Error> {
        Self::create_on(Arc::new(RealFiles), root, namespace, sealing)
    }

    /// Opens a namespace; refuses one that was not created, and a wrong sealing key.
    pub fn open(root: &Path, namespace: &str, sealing: &SealingKey) -> Result<Self, Error> {
        Self::open_on(Arc::new(RealFiles), root, namespace, sealing)
    }

    /// Opens a namespace for reading with the keys of some sealed objects and no key store: for a child process.
    pub fn open_read_only_with_keys(root: &Path, namespace: &str, keys: ObjectKeys) -> Result<Self, Error> {
        let namespace = Namespace::new(namespace)?;
        let folder = root.join(namespace.as_str());
        if !folder.join(Tree::Objects.folder()).is_dir() {
            return Err(Error::UnknownNamespace { path: folder });
        }
        let objects = Objects::new(Arc::new(RealFiles), folder);
        Ok(Self(Arc::new(Inner { namespace, objects, keys: Keys::Exported(keys) })))
    }

    /// [`Vault::create`] on other files than the machine's. The key store is SQLite and lies on the machine's own.
    pub fn create_on(files: Arc<dyn Files>, root: &Path, namespace: &str, sealing: &SealingKey) -> Result<Self, Error> {
        let namespace = Namespace::new(namespace)?;
        let folder = root.join(namespace.as_str());
        if KeyStore::exists(&folder.join(KEY_STORE))? {
            return Err(Error::NamespaceExists { path: folder });
        }
        for (path, parent) in [(root, root.parent()), (folder.as_path(), Some(root))] {
            match files.create_dir(path) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io("create", path)(error)),
            }
            if let Some(parent) = parent.filter(|parent| !parent.as_os_str().is_empty()) {
                files.sync_dir(parent).map_err(Error::io("make durable", parent))?;
            }
        }
        let objects = Objects::new(files.clone(), folder.clone());
        objects.lay_out()?;
        // The key store comes last: it is the mark that the namespace is whole.
        let keys = KeyStore::create(&folder.join(KEY_STORE), &namespace, sealing)?;
        files.sync_dir(&folder).map_err(Error::io("make durable", &folder))?;
        Ok(Self(Arc::new(Inner { namespace, objects, keys: Keys::Store(Box::new(keys)) })))
    }

    /// [`Vault::open`] on other files than the machine's.
    pub fn open_on(files: Arc<dyn Files>, root: &Path, namespace: &str, sealing: &SealingKey) -> Result<Self, Error> {
        let namespace = Namespace::new(namespace)?;
        let folder = root.join(namespace.as_str());
        if !KeyStore::exists(&folder.join(KEY_STORE))? {
            return Err(Error::UnknownNamespace { path: folder });
        }
        let objects = Objects::new(files, folder.clone());
        objects.lay_out()?;
        objects.sweep()?;
        let keys = KeyStore::open(&folder.join(KEY_STORE), &namespace, sealing)?;
        let vault = Self(Arc::new(Inner { namespace, objects, keys: Keys::Store(Box::new(keys)) }));
        vault.finish_erasures()?;
        Ok(vault)
    }

    /// The namespace's name.
    pub fn namespace(&self) -> &Namespace {
        &self.0.namespace
    }

    /// Stores bytes in the clear under their SHA-256. Storing them again is fine.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, Error> {
        self.key_store("store an object")?;
        let digest = Digest::of(bytes);
        if self.0.objects.open(Tree::Objects, &digest, false)?.is_some() {
            self.0.objects.settle(Tree::Objects, &digest, false)?;
            return Ok(digest);
        }
        let pending = self.stage(bytes, false)?;
        self.publish(Tree::Objects, vec![pending], Vec::new(), &[])?;
        Ok(digest)
    }

    /// Stores many small objects in the clear, much faster than one by one: they become durable together. All or, after
    /// an error, any of them may be stored.
    pub fn put_all<T: AsRef<[u8]>>(&self, objects: &[T]) -> Result<Vec<Digest>, Error> {
        self.put_together(objects, false)
    }

    /// Stores personal data: encrypted under a key of its own, named by the SHA-256 of the encrypted file. Storing the
    /// same bytes again gives another object.
    pub fn put_sealed(&self, bytes: &[u8]) -> Result<Digest, Error> {
        let pending = self.stage(bytes, true)?;
        let digest = pending.digest;
        self.publish(Tree::Objects, vec![pending], Vec::new(), &[])?;
        Ok(digest)
    }

    /// Seals many small objects, as [`Vault::put_all`] stores them.
    pub fn put_all_sealed<T: AsRef<[u8]>>(&self, objects: &[T]) -> Result<Vec<Digest>, Error> {
        self.put_together(objects, true)
    }

    fn put_together<T: AsRef<[u8]>>(&self, objects: &[T], sealed: bool) -> Result<Vec<Digest>, Error> {
        let mut digests = Vec::with_capacity(objects.len());
        // Each object holds a file open until it is published.
        for objects in objects.chunks(OPEN_AT_ONCE) {
            let pending =
                objects.iter().map(|bytes| self.stage(bytes.as_ref(), sealed)).collect::<Result<Vec<_>, Error>>()?;
            digests.extend(pending.iter().map(|object| object.digest));
            self.publish(Tree::Objects, pending, Vec::new(), &[])?;
        }
        Ok(digests)
    }

    /// Writes an object that waits to be published.
    pub(crate) fn stage(&self, bytes: &[u8], sealed: bool) -> Result<PendingObject, Error> {
        let mut writer = self.begin(sealed)?;
        writer.push(bytes)?;
        writer.finish()
    }

    /// The bytes of an object, checked against its digest and opened if it is sealed.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.get_from(Tree::Objects, digest)
    }

    pub(crate) fn get_from(&self, tree: Tree, digest: &Digest) -> Result<Vec<u8>, Error> {
        let missing = || Error::Missing { digest: *digest };
        match self.locate(tree, digest)? {
            Located::Plain => self.0.objects.read(tree, digest, false)?.ok_or_else(missing),
            Located::Sealed(key) => {
                self.0.objects.verify(tree, digest, true)?;
                let content = self.0.objects.content(tree, digest, Some(&key))?.ok_or_else(missing)?;
                content.read(0, content.len())
            }
        }
    }

    /// Whether an object can be read: it is there, and not erased.
    pub fn contains(&self, digest: &Digest) -> Result<bool, Error> {
        match self.locate(Tree::Objects, digest) {
            Ok(Located::Plain) => Ok(true),
            Ok(Located::Sealed(_)) => Ok(self.0.objects.open(Tree::Objects, digest, true)?.is_some()),
            Err(Error::Missing { .. } | Error::Erased { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where an object's file lies, for people and backup programs; its bytes there are unchecked, and encrypted if it
    /// is sealed.
    pub fn object_path(&self, digest: &Digest) -> Result<PathBuf, Error> {
        let sealed = self.is_sealed(digest)?;
        Ok(self.0.objects.path(Tree::Objects, digest, sealed))
    }

    /// Whether an object is encrypted under a key of its own.
    pub fn is_sealed(&self, digest: &Digest) -> Result<bool, Error> {
        Ok(matches!(self.locate(Tree::Objects, digest)?, Located::Sealed(_)))
    }

    /// Destroys a sealed object's key and removes its ciphertext; every compaction with rows of it goes too. What stays
    /// is a tombstone with time and reason. Refuses under a legal hold. Doing it again is fine; the first reason stays.
    pub fn erase(&self, digest: &Digest, reason: &str, erased_at: Timestamp) -> Result<(), Error> {
        let store = self.key_store("erase an object")?;
        match store.erase(digest, erased_at, reason) {
            Ok(_) => {}
            Err(Error::NotSealed { .. }) if self.0.objects.open(Tree::Objects, digest, false)?.is_none() => {
                return Err(Error::Missing { digest: *digest });
            }
            Err(error) => return Err(error),
        }
        self.finish_erasures()
    }

    /// Does the rest of every erasure whose key is destroyed already: a crash may have come between.
    fn finish_erasures(&self) -> Result<(), Error> {
        let store = self.key_store("erase an object")?;
        for digest in store.uncleared()? {
            for compaction in store.compactions_of(&digest)? {
                self.discard_compaction(&compaction)?;
            }
            self.0.objects.remove(Tree::Objects, &digest, true)?;
            store.clear(&digest)?;
        }
        Ok(())
    }

    /// Every object that was erased, sorted.
    pub fn erased(&self) -> Result<Vec<Digest>, Error> {
        self.key_store("list erasures")?.erased()
    }

    /// Forbids erasing an object until this hold is released. Holds for different reasons stand beside each other.
    pub fn hold(&self, digest: &Digest, reason: &str) -> Result<(), Error> {
        self.locate(Tree::Objects, digest)?;
        self.key_store("hold an object")?.hold(digest, reason)
    }

    /// Ends the hold with this reason; says whether there was one.
    pub fn release_hold(&self, digest: &Digest, reason: &str) -> Result<bool, Error> {
        self.key_store("end a hold")?.release_hold(digest, reason)
    }

    /// The reasons for which an object is held, sorted.
    pub fn holds(&self, digest: &Digest) -> Result<Vec<String>, Error> {
        self.key_store("read holds")?.holds(digest)
    }

    /// Wraps every object key anew under another sealing key; says how many. From then on only the new key opens the
    /// namespace, and copies of the key store made before are useless once the old key is destroyed.
    pub fn rotate(&self, to: &SealingKey) -> Result<u64, Error> {
        self.key_store("rotate the sealing key")?.rotate(to)
    }

    /// The keys of the sealed objects among `digests`, for a child process that is to open just these.
    pub fn object_keys(&self, digests: &[Digest]) -> Result<ObjectKeys, Error> {
        let mut keys = ObjectKeys::default();
        for digest in digests {
            if let Located::Sealed(key) = self.locate_anywhere(digest)? {
                keys.insert(*digest, key);
            }
        }
        Ok(keys)
    }

    fn locate_anywhere(&self, digest: &Digest) -> Result<Located, Error> {
        match self.locate(Tree::Objects, digest) {
            Err(Error::Missing { .. }) => self.locate(Tree::Derived, digest),
            other => other,
        }
    }

    /// What a digest names in a tree: the road every read takes.
    pub(crate) fn locate(&self, tree: Tree, digest: &Digest) -> Result<Located, Error> {
        if self.0.objects.open(tree, digest, false)?.is_some() {
            return Ok(Located::Plain);
        }
        let state = match &self.0.keys {
            Keys::Store(store) => store.state(digest)?,
            Keys::Exported(keys) => keys.get(digest).cloned().map_or(KeyState::Unknown, KeyState::Key),
        };
        match state {
            KeyState::Key(key) => {
                if self.0.objects.open(tree, digest, true)?.is_some() {
                    Ok(Located::Sealed(key))
                } else {
                    Err(Error::Missing { digest: *digest })
                }
            }
            KeyState::Erased { erased_at, reason } => Err(Error::Erased { digest: *digest, erased_at, reason }),
            KeyState::Unknown if self.0.objects.open(tree, digest, true)?.is_none() => {
                Err(Error::Missing { digest: *digest })
            }
            KeyState::Unknown => match &self.0.keys {
                Keys::Exported(_) => Err(Error::NoKey { digest: *digest }),
                Keys::Store(_) => {
                    let what = format!("the key store beside sealed object {digest}");
                    Err(Corrupt::new(what, "its key, or a note of its erasure", "neither").into())
                }
            },
        }
    }

    /// An object opened for ranged reads.
    pub(crate) fn content(&self, tree: Tree, digest: &Digest) -> Result<Content, Error> {
        let content = match self.locate(tree, digest)? {
            Located::Plain => self.0.objects.content(tree, digest, None)?,
            Located::Sealed(key) => self.0.objects.content(tree, digest, Some(&key))?,
        };
        content.ok_or(Error::Missing { digest: *digest })
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.0.objects
    }

    pub(crate) fn key_store(&self, doing: &'static str) -> Result<&KeyStore, Error> {
        match &self.0.keys {
            Keys::Store(store) => Ok(store),
            Keys::Exported(_) => Err(Error::ReadOnly { doing }),
        }
    }

    /// Begins an object, in the clear or sealed.
    pub(crate) fn begin(&self, sealed: bool) -> Result<ObjectWriter, Error> {
        self.key_store("store an object")?;
        let key = if sealed { Some(ObjectKey::random()?) } else { None };
        self.0.objects.begin(key)
    }

    /// Makes finished objects visible: their bytes become durable first, then their keys in one transaction, then the
    /// names of `pieces`, and last those of `wholes`, which name pieces: nobody finds a whole with a piece missing.
    /// `manifests` names those among the wholes that a check has to follow.
    pub(crate) fn publish(
        &self,
        tree: Tree,
        pieces: Vec<PendingObject>,
        wholes: Vec<PendingObject>,
        manifests: &[Digest],
    ) -> Result<(), Error> {
        let store = self.key_store("store an object")?;
        let count = pieces.len();
        let mut pending = pieces;
        pending.extend(wholes);
        self.0.objects.make_durable(&mut pending)?;
        let keys: Vec<_> =
            pending.iter().filter_map(|object| object.key.as_ref().map(|key| (&object.digest, key))).collect();
        if !keys.is_empty() || !manifests.is_empty() {
            store.insert(&keys, manifests)?;
        }
        let (pieces, wholes) = pending.split_at(count);
        self.0.objects.publish(tree, pieces)?;
        self.0.objects.publish(tree, wholes)
    }
}
