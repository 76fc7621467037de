//! A disk in memory that loses what was not made durable, and fails or loses power when it is told to.
//!
//! A file's bytes become durable by `sync`, a name in a folder by `sync_dir`; until then the machine sees them and a power
//! cut may or may not keep them. That is what POSIX promises and no more: real file systems are kinder, which is why only
//! such a disk shows a missing fsync.
//!
//! Folders are also made on the real disk, so that a database beside the files has a place.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::files::{Files, ReadFile, WriteFile};

/// What a power cut does to bytes and names that were not made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerCut {
    /// All of them are lost.
    LosesAll,
    /// All of them are kept.
    KeepsAll,
    /// Each is lost, kept or (bytes) kept in part, as the seed says.
    Mixed(u64),
}

/// What happens to a chosen operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It and every later one fail: the machine is off.
    Off,
    /// It alone fails, with this error. A failed sync drops the bytes it was to keep, as Linux does.
    Fails(io::ErrorKind),
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Default)]
pub struct FaultFiles(Arc<Mutex<Disk>>);

#[derive(Default)]
struct Disk {
    files: BTreeMap<u64, FileState>,
    folders: BTreeMap<PathBuf, Folder>,
    next_file: u64,
    operations: u64,
    fault: Option<(u64, Fault)>,
    off: bool,
    log: Vec<String>,
}

#[derive(Default, Clone)]
struct FileState {
    durable: Vec<u8>,
    current: Vec<u8>,
    writers: usize,
}

#[derive(Default, Clone)]
struct Folder {
    durable: BTreeMap<String, Entry>,
    current: BTreeMap<String, Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    File(u64),
    Folder,
}

impl fmt::Debug for FaultFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultFiles({} operations)", self.operations())
    }
}

impl FaultFiles {
    /// An empty disk on which the folder `root` is there.
    pub fn new(root: &Path) -> Self {
        let files = Self::default();
        files.lock().folders.insert(root.to_path_buf(), Folder::default());
        files
    }

    /// The operations done so far.
    pub fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// The operations done so far, in words.
    pub fn log(&self) -> Vec<String> {
        self.lock().log.clone()
    }

    /// Cuts the power right before the operation that follows `operations` more: it and all later ones fail.
    pub fn cut_power_after(&self, operations: u64) {
        let mut disk = self.lock();
        disk.fault = Some((disk.operations + operations, Fault::Off));
    }

    /// Lets the one operation that follows `operations` more fail.
    pub fn fail_after(&self, operations: u64, kind: io::ErrorKind) {
        let mut disk = self.lock();
        disk.fault = Some((disk.operations + operations, Fault::Fails(kind)));
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.lock().off
    }

    /// Flips one bit of a file, durably, whatever its name is good for. Gives whether there was such a byte.
    pub fn flip_bit(&self, path: &Path, byte: usize) -> bool {
        let mut disk = self.lock();
        let Some(Entry::File(file)) = disk.entry(path) else { return false };
        let Some(state) = disk.files.get_mut(&file) else { return false };
        let mut found = false;
        for bytes in [&mut state.durable, &mut state.current] {
            if let Some(byte) = bytes.get_mut(byte) {
                *byte ^= 1;
                found = true;
            }
        }
        found
    }

    /// Turns the power off and on again: what was not durable is treated as `cut` says, and no fault is left.
    pub fn restart(&self, cut: PowerCut) {
        let mut disk = self.lock();
        let mut chance = Chance(match cut {
            PowerCut::Mixed(seed) => seed | 1,
            PowerCut::LosesAll | PowerCut::KeepsAll => 1,
        });
        for state in disk.files.values_mut() {
            let kept = match cut {
                PowerCut::LosesAll => state.durable.clone(),
                PowerCut::KeepsAll => state.current.clone(),
                PowerCut::Mixed(_) => chance.bytes(state),
            };
            *state = FileState { durable: kept.clone(), current: kept, writers: 0 };
        }
        for folder in disk.folders.values_mut() {
            let kept = match cut {
                PowerCut::LosesAll => folder.durable.clone(),
                PowerCut::KeepsAll => folder.current.clone(),
                PowerCut::Mixed(_) => chance.names(folder),
            };
            *folder = Folder { durable: kept.clone(), current: kept };
        }
        // A folder whose name was lost is gone with all that lies in it.
        let mut reachable = BTreeMap::new();
        for (path, folder) in &disk.folders {
            let named = match (path.parent().and_then(|parent| reachable.get(parent)), path.file_name()) {
                (Some(parent), Some(name)) => {
                    let parent: &Folder = parent;
                    parent.current.get(name.to_string_lossy().as_ref()) == Some(&Entry::Folder)
                }
                // The root of the disk was never made by anyone.
                _ => reachable.is_empty(),
            };
            if named {
                reachable.insert(path.clone(), folder.clone());
            }
        }
        disk.folders = reachable;
        disk.off = false;
        disk.fault = None;
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A small generator (xorshift64): a test has to be able to repeat what it saw.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }

    fn bytes(&mut self, state: &FileState) -> Vec<u8> {
        if state.durable == state.current {
            return state.durable.clone();
        }
        match self.below(4) {
            0 => state.durable.clone(),
            1 => state.current.clone(),
            // The length came through and the bytes did not.
            2 => vec![0; state.current.len()],
            _ => {
                let keep = self.below(state.current.len() as u64 + 1);
                state.current.iter().copied().take(usize::try_from(keep).unwrap_or(usize::MAX)).collect()
            }
        }
    }

    fn names(&mut self, folder: &Folder) -> BTreeMap<String, Entry> {
        let mut kept = BTreeMap::new();
        let all: std::collections::BTreeSet<&String> = folder.durable.keys().chain(folder.current.keys()).collect();
        for name in all {
            let (durable, current) = (folder.durable.get(name), folder.current.get(name));
            let chosen = if durable == current || self.below(2) == 0 { durable } else { current };
            if let Some(entry) = chosen {
                kept.insert(name.clone(), *entry);
            }
        }
        kept
    }
}

impl Disk {
    /// Counts an operation, and fails if it is its turn.
    fn begin(&mut self, what: &str, path: &Path) -> io::Result<()> {
        if self.off {
            return Err(io::Error::other("the power is off"));
        }
        let name: PathBuf = path.components().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
        let number = self.operations;
        self.operations += 1;
        self.log.push(format!("{what} {}", name.display()));
        match self.fault {
            Some((turn, fault)) if turn == number => {
                self.fault = None;
                match fault {
                    Fault::Off => {
                        self.off = true;
                        Err(io::Error::other("the power went off"))
                    }
                    Fault::Fails(kind) => Err(io::Error::from(kind)),
                }
            }
            _ => Ok(()),
        }
    }

    fn folder(&mut self, path: &Path) -> io::Result<&mut Folder> {
        self.folders.get_mut(path).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn parent(&mut self, path: &Path) -> io::Result<(&mut Folder, String)> {
        let not_found = || io::Error::from(io::ErrorKind::NotFound);
        let name = path.file_name().ok_or_else(not_found)?.to_string_lossy().into_owned();
        Ok((self.folder(path.parent().ok_or_else(not_found)?)?, name))
    }

    fn entry(&mut self, path: &Path) -> Option<Entry> {
        let (folder, name) = self.parent(path).ok()?;
        folder.current.get(&name).copied()
    }

    fn file(&mut self, path: &Path) -> io::Result<u64> {
        match self.entry(path) {
            Some(Entry::File(file)) => Ok(file),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    fn add(&mut self, path: &Path, entry: Entry) -> io::Result<()> {
        let (folder, name) = self.parent(path)?;
        if folder.current.contains_key(&name) {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        folder.current.insert(name, entry);
        Ok(())
    }

    fn state(&mut self, file: u64) -> io::Result<&mut FileState> {
        self.files.get_mut(&file).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Files for FaultFiles {
    fn create(&self, path: &Path) -> io::Result<Box<dyn WriteFile>> {
        let mut disk = self.lock();
        disk.begin("create", path)?;
        let file = disk.next_file;
        disk.add(path, Entry::File(file))?;
        disk.next_file += 1;
        disk.files.insert(file, FileState { writers: 1, ..FileState::default() });
        Ok(Box::new(FaultWriteFile { disk: self.clone(), file, path: path.to_path_buf() }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadFile>> {
        // Reading changes nothing, so it is no operation to cut the power at; but it fails without power.
        let mut disk = self.lock();
        if disk.off {
            return Err(io::Error::other("the power is off"));
        }
        let file = disk.file(path)?;
        Ok(Box::new(FaultReadFile(disk.state(file)?.current.clone())))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.lock();
        disk.begin("link", to)?;
        let file = disk.file(from)?;
        disk.add(to, Entry::File(file))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.lock();
        disk.begin("remove", path)?;
        let (folder, name) = disk.parent(path)?;
        folder.current.remove(&name).map(drop).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn remove_abandoned(&self, path: &Path) -> io::Result<bool> {
        let mut disk = self.lock();
        disk.begin("remove abandoned", path)?;
        let file = disk.file(path)?;
        if disk.state(file)?.writers > 0 {
            return Ok(false);
        }
        let (folder, name) = disk.parent(path)?;
        Ok(folder.current.remove(&name).is_some())
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.lock();
        disk.begin("create folder", path)?;
        if disk.folders.contains_key(path) {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        fs::create_dir_all(path)?;
        disk.add(path, Entry::Folder)?;
        disk.folders.insert(path.to_path_buf(), Folder::default());
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.lock();
        disk.begin("sync folder", path)?;
        // The folder above the disk's root is not ours; making the root durable in it is the operator's doing.
        if let Some(folder) = disk.folders.get_mut(path) {
            folder.durable = folder.current.clone();
        }
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut disk = self.lock();
        if disk.off {
            return Err(io::Error::other("the power is off"));
        }
        Ok(disk.folder(path)?.current.keys().cloned().collect())
    }

    fn syncs_at_once(&self) -> usize {
        // One after the other, so that a test that counts operations can be repeated.
        1
    }
}

struct FaultWriteFile {
    disk: FaultFiles,
    file: u64,
    path: PathBuf,
}

impl Write for FaultWriteFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.disk.lock();
        let begun = disk.begin("write", &self.path);
        let state = disk.state(self.file)?;
        if begun.is_err() {
            // A disk that fills up, or a machine that stops, may have taken the first half.
            state.current.extend(bytes.iter().take(bytes.len() / 2));
        }
        begun?;
        state.current.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteFile for FaultWriteFile {
    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.disk.lock();
        let begun = disk.begin("sync", &self.path);
        let state = disk.state(self.file)?;
        if begun.is_err() {
            // After a failed sync the system forgets that the bytes were never written: a second one would succeed.
            state.current = state.durable.clone();
        } else {
            state.durable = state.current.clone();
        }
        begun
    }
}

impl Drop for FaultWriteFile {
    fn drop(&mut self) {
        if let Some(state) = self.disk.lock().files.get_mut(&self.file) {
            state.writers = state.writers.saturating_sub(1);
        }
    }
}

#[derive(Debug)]
struct FaultReadFile(Vec<u8>);

impl ReadFile for FaultReadFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = from.checked_add(buffer.len()).and_then(|to| self.0.get(from..to));
        let bytes = bytes.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}
