//! A folder that nothing leads out of.
//!
//! Invariant: every file and folder is opened by its path below the folder, and the system itself refuses a path or link
//! that leaves it (Linux `openat2`, `RESOLVE_BENEATH`); there is no moment between a check and the opening.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rustix::{
    fd::OwnedFd,
    fs::{CWD, Dir, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::pattern::{Dated, Pattern};
use crate::{Error, Window};

/// An open folder.
pub(crate) struct Folder {
    path: PathBuf,
    handle: OwnedFd,
}

/// A file that a pattern found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Its path below the folder, with `/` between.
    pub name: String,
    /// The days its name is about.
    pub days: Option<(jiff::civil::Date, jiff::civil::Date)>,
}

impl Folder {
    /// Opens a folder.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let handle = rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| Error::Io { doing: "opening the folder", path: path.to_owned(), cause: errno.into() })?;
        Ok(Self { path: path.to_owned(), handle })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file below it for reading. What is no regular file (a pipe would never end) is refused.
    pub fn file(&self, name: &str) -> Result<File, Error> {
        let handle = self.below(name, OFlags::RDONLY | OFlags::NONBLOCK)?;
        let file = File::from(handle);
        let failed = |cause| Error::Io { doing: "opening", path: self.path.join(name), cause };
        if file.metadata().map_err(failed)?.is_file() {
            Ok(file)
        } else {
            Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")))
        }
    }

    /// All files that a pattern with folders in it finds and that belong to the window, sorted by name.
    pub fn find(&self, pattern: &str, window: Option<Window>) -> Result<Vec<Found>, Error> {
        let refused = |problem: String| Error::Io {
            doing: "searching",
            path: self.path.join(pattern),
            cause: io::Error::new(io::ErrorKind::InvalidInput, problem),
        };
        let parts: Vec<Pattern> = pattern.split('/').map(Pattern::new).collect::<Result<_, _>>().map_err(refused)?;
        let mut found = Vec::new();
        self.find_in("", &parts, Dated::default(), &mut found)?;
        found.retain(|file| window.is_none_or(|window| Dated { days: file.days }.is_in(window)));
        found.sort();
        Ok(found)
    }

    fn find_in(&self, folder: &str, parts: &[Pattern], dated: Dated, found: &mut Vec<Found>) -> Result<(), Error> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        let names = match part.literal() {
            Some(name) => vec![name],
            None => self.names(folder)?,
        };
        for name in names {
            let Some(here) = part.matches(&name) else { continue };
            let dated = Dated { days: here.days.or(dated.days) };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if !rest.is_empty() {
                if self.is_folder(&path)? {
                    self.find_in(&path, rest, dated, found)?;
                }
            } else if self.exists(&path)? {
                found.push(Found { name: path, days: dated.days });
            }
        }
        Ok(())
    }

    /// The names in a folder below this one.
    fn names(&self, folder: &str) -> Result<Vec<String>, Error> {
        let path = self.path.join(folder);
        let failed = |errno: Errno| Error::Io { doing: "listing", path: path.clone(), cause: errno.into() };
        let handle = self.below(if folder.is_empty() { "." } else { folder }, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&handle).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // A name that is not UTF-8 cannot stand in a pattern, so no pattern of ours can mean it.
            if let Ok(name) = entry.file_name().to_str()
                && name != "."
                && name != ".."
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn is_folder(&self, name: &str) -> Result<bool, Error> {
        match self.below(name, OFlags::RDONLY | OFlags::DIRECTORY) {
            Ok(_) => Ok(true),
            Err(Error::Io { cause, .. })
                if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn exists(&self, name: &str) -> Result<bool, Error> {
        match self.below(name, OFlags::PATH) {
            Ok(_) => Ok(true),
            Err(Error::Io { cause, .. })
                if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn below(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Error> {
        let flags = flags | OFlags::CLOEXEC;
        let opened = rustix::fs::openat2(&self.handle, name, flags, Mode::empty(), ResolveFlags::BENEATH);
        let opened = match opened {
            Err(Errno::NOSYS | Errno::PERM) => return self.below_by_name(name, flags),
            other => other,
        };
        opened.map_err(|errno| {
            let path = self.path.join(name);
            match errno {
                Errno::XDEV => Error::LeavesFolder { path, folder: self.path.clone() },
                errno => Error::Io { doing: "opening", path, cause: errno.into() },
            }
        })
    }

    /// Where the system has no `openat2`: the path is resolved, compared, and opened without following a last link.
    fn below_by_name(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Error> {
        let path = self.path.join(name);
        let failed = |cause| Error::Io { doing: "opening", path: path.clone(), cause };
        let root = self.path.canonicalize().map_err(failed)?;
        let real = path.canonicalize().map_err(failed)?;
        if !real.starts_with(&root) {
            return Err(Error::LeavesFolder { path, folder: self.path.clone() });
        }
        rustix::fs::openat(CWD, &real, flags | OFlags::NOFOLLOW, Mode::empty()).map_err(|errno| failed(errno.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_only_within_the_folder() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.csv"), "a").unwrap();
        let root = outside.path().join("in");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/real.csv"), "a").unwrap();
        symlink("sub/real.csv", root.join("inner.csv")).unwrap();
        symlink("../secret.csv", root.join("out.csv")).unwrap();
        symlink(outside.path(), root.join("up")).unwrap();
        let folder = Folder::open(&root).unwrap();
        assert!(folder.file("inner.csv").is_ok());
        for name in ["out.csv", "up/secret.csv", "../secret.csv"] {
            assert!(matches!(folder.file(name), Err(Error::LeavesFolder { .. })), "{name}");
            let by_name = folder.below_by_name(name, OFlags::RDONLY);
            assert!(matches!(by_name, Err(Error::LeavesFolder { .. })), "{name}");
        }
        assert!(matches!(folder.find("*.csv", None), Err(Error::LeavesFolder { .. })));
        assert!(matches!(folder.find("up/*.csv", None), Err(Error::LeavesFolder { .. })));
    }

    #[test]
    fn files_are_found_by_pattern_and_sorted_by_name() {
        let root = tempfile::tempdir().unwrap();
        for name in ["2026-02/b.csv", "2026-01/b.csv", "2026-01/a.csv", "2026-01/c.txt", "x/d.csv"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let folder = Folder::open(root.path()).unwrap();
        let names = |window| -> Vec<String> {
            folder.find("{month}/*.csv", window).unwrap().into_iter().map(|file| file.name).collect()
        };
        assert_eq!(names(None), ["2026-01/a.csv", "2026-01/b.csv", "2026-02/b.csv"]);
        let february = Window::State { effective_on: jiff::civil::date(2026, 2, 28) };
        assert_eq!(names(Some(february)), ["2026-02/b.csv"]);
        assert!(folder.find("none/*.csv", None).unwrap().is_empty());
        assert!(folder.file("x").is_err());
    }
}
