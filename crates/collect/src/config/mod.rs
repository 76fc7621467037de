//! Declarations of sources: one TOML file a source, every key known, every error with file and line.
//!
//! Invariant: a declaration holds no secret; it says where one is found.
//! Invariant: what is not said is refused or has one documented meaning; nothing is guessed from the data.

mod connector;
mod entry;
mod mapping;
mod networks;
mod parse;
mod secret;
mod statement;

use std::path::{Component, Path, PathBuf};

use tickmark_canonical::Digest;
use tickmark_catalog::Derived;

pub use connector::ConnectorSource;
pub use entry::{
    CommandCount, CommandEntry, CommandFormat, CommandSource, ControlFile, DocumentEntry, DocumentsSource, FileCount,
    FileEntry, FileFormat, FilesSource, GitEntry, GitRepository, GitSource, GitTable, Outside, QueryEntry,
    ServerSource, SqliteSource, Trailer,
};
pub use mapping::ColumnMapping;
pub(crate) use mapping::{Defaults, Mapping, Origin, Planned};
pub(crate) use networks::Networks;
pub(crate) use parse::{Refusing, toml};
pub use secret::Secret;
pub use statement::Statement;

use crate::{Connectors, Error};

/// A source as its file declares it.
#[derive(Clone, Debug)]
pub struct SourceConfig {
    /// The source's identifier.
    pub id: String,
    /// What the source is, for a reader.
    pub title: String,
    /// Who says that this is the system the data come from, if anybody does.
    pub statement: Option<Statement>,
    /// What kind of source it is and where.
    pub kind: SourceKind,
    /// The zone in which the source's days begin and end; decides when a window is over.
    pub zone: jiff::tz::TimeZone,
    /// The file it was declared in.
    pub file: String,
    /// The digest of the file's bytes: part of the provenance of all that is collected.
    pub digest: Digest,
    /// The folder that relative paths start from.
    pub base: PathBuf,
}

/// The kinds of sources.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// Tables in files of a folder.
    Files(FilesSource),
    /// Documents, each kept as it is.
    Documents(DocumentsSource),
    /// An SQLite database.
    Sqlite(SqliteSource),
    /// A PostgreSQL server.
    Postgres(ServerSource),
    /// A MySQL or MariaDB server.
    Mysql(ServerSource),
    /// A git repository on this machine.
    Git(GitSource),
    /// A command that prints rows.
    Exec(CommandSource),
    /// A product that a connector of the catalog reads.
    Connector(ConnectorSource),
}

impl SourceKind {
    /// The word of the declaration.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Documents(_) => "documents",
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
            Self::Mysql(_) => "mysql",
            Self::Git(_) => "git",
            Self::Exec(_) => "exec",
            Self::Connector(_) => "connector",
        }
    }
}

impl SourceConfig {
    /// Reads a declaration from the file `path`. Relative paths in it start from `base`; `connectors` are those it may name.
    pub fn load(path: &Path, base: &Path, connectors: &Connectors) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|cause| Error::Io {
            doing: "reading the source file",
            path: path.to_owned(),
            cause,
        })?;
        let file = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|_| Error::Config {
            file: file.clone(),
            line: None,
            problem: "is not UTF-8".into(),
        })?;
        Self::parse(&file, &text, base, connectors)
    }

    /// The `*.toml` of a folder, by name.
    pub fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let failed = |cause| Error::Io { doing: "listing the folder of sources", path: folder.to_owned(), cause };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// Reads every `*.toml` of a folder, by name.
    pub fn load_folder(folder: &Path, base: &Path, connectors: &Connectors) -> Result<Vec<Self>, Error> {
        let paths = Self::files_of(folder)?;
        let sources: Vec<Self> =
            paths.iter().map(|path| Self::load(path, base, connectors)).collect::<Result<_, _>>()?;
        let mut seen = std::collections::BTreeMap::new();
        for source in &sources {
            if let Some(first) = seen.insert(source.id.as_str(), source.file.as_str()) {
                return Err(Error::Config {
                    file: source.file.clone(),
                    line: None,
                    problem: format!("has the id `{}`, as `{first}` has", source.id),
                });
            }
        }
        Ok(sources)
    }

    /// Reads a declaration from text; `file` is its name in errors.
    pub fn parse(file: &str, text: &str, base: &Path, connectors: &Connectors) -> Result<Self, Error> {
        parse::source(file, text, base, connectors)
    }

    /// The datasets this source delivers, in the order of its file.
    pub fn datasets(&self) -> Vec<&str> {
        fn ids<E>(entries: &[E], id: impl Fn(&E) -> &str) -> Vec<&str> {
            entries.iter().map(id).collect()
        }
        match &self.kind {
            SourceKind::Files(source) => ids(&source.datasets, |entry| &entry.dataset),
            SourceKind::Documents(_) => Vec::new(),
            SourceKind::Sqlite(source) => ids(&source.datasets, |entry| &entry.dataset),
            SourceKind::Postgres(source) | SourceKind::Mysql(source) => ids(&source.datasets, |entry| &entry.dataset),
            SourceKind::Git(source) => ids(&source.datasets, |entry| &entry.dataset),
            SourceKind::Exec(source) => ids(&source.datasets, |entry| &entry.dataset),
            SourceKind::Connector(source) => ids(&source.tables, String::as_str),
        }
    }

    /// The datasets that are made of its tables, in the order of the connector; none but of a connector.
    pub fn derived(&self) -> &[Derived] {
        match &self.kind {
            SourceKind::Connector(source) => &source.derived,
            SourceKind::Files(_)
            | SourceKind::Documents(_)
            | SourceKind::Sqlite(_)
            | SourceKind::Postgres(_)
            | SourceKind::Mysql(_)
            | SourceKind::Git(_)
            | SourceKind::Exec(_) => &[],
        }
    }

    /// The datasets it delivers: those that it has, then those that are made of them.
    pub fn delivered(&self) -> impl Iterator<Item = &str> {
        let derived = self.derived().iter().map(|derived| derived.dataset.as_str());
        self.datasets().into_iter().chain(derived)
    }

    /// Whether it delivers a dataset, itself or made of its tables.
    pub fn delivers(&self, dataset: &str) -> bool {
        self.delivered().any(|delivered| delivered == dataset)
    }

    /// The day on which what is read was taken from the system, where the source is a copy of it.
    pub fn copied_on(&self) -> Option<jiff::civil::Date> {
        match &self.kind {
            SourceKind::Files(source) => source.copied_on,
            SourceKind::Sqlite(source) => source.copied_on,
            SourceKind::Postgres(source) | SourceKind::Mysql(source) => source.copied_on,
            SourceKind::Git(source) => source.copied_on,
            SourceKind::Documents(_) | SourceKind::Exec(_) | SourceKind::Connector(_) => None,
        }
    }

    /// Whether the source can only tell its state of now, so that a state cannot be asked of it for another day.
    pub fn is_live(&self) -> bool {
        !matches!(self.kind, SourceKind::Files(_) | SourceKind::Documents(_))
    }

    /// A path of the declaration, made absolute.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        // Without the `.` that stands for the folder itself, as people write paths.
        self.base.join(path).components().filter(|part| *part != Component::CurDir).collect()
    }
}
