//! From TOML text to a checked declaration.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jiff::tz::TimeZone;
use serde::{Deserialize, de::DeserializeOwned};
use tickmark_canonical::Digest;

use super::{
    ColumnMapping, CommandCount, CommandEntry, CommandFormat, FileEntry, FileFormat, SourceConfig, SourceKind,
    Statement, connector::ConnectorFile,
};
use crate::{Connectors, Error};

/// Reads only what tells the shape of the rest.
#[derive(Deserialize)]
struct Shape {
    kind: Kind,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Files,
    Documents,
    Sqlite,
    Postgres,
    #[serde(alias = "mariadb")]
    Mysql,
    Git,
    Exec,
    Connector,
}

/// What all kinds declare.
struct Head {
    id: String,
    title: String,
    statement: Option<Statement>,
    zone: Option<String>,
}

macro_rules! taken_apart {
    ($source:expr, $kind:path) => {{
        let source = $source;
        let head = Head {
            id: source.id.clone(),
            title: source.title.clone(),
            statement: source.statement.clone(),
            zone: source.zone.clone(),
        };
        (head, $kind(source))
    }};
}

/// Reads and checks one declaration.
pub(super) fn source(file: &str, text: &str, base: &Path, connectors: &Connectors) -> Result<SourceConfig, Error> {
    let (head, kind) = match toml::<Shape>(file, text)?.kind {
        Kind::Files => taken_apart!(toml::<super::FilesSource>(file, text)?, SourceKind::Files),
        Kind::Documents => taken_apart!(toml::<super::DocumentsSource>(file, text)?, SourceKind::Documents),
        Kind::Sqlite => taken_apart!(toml::<super::SqliteSource>(file, text)?, SourceKind::Sqlite),
        Kind::Postgres => taken_apart!(toml::<super::ServerSource>(file, text)?, SourceKind::Postgres),
        Kind::Mysql => taken_apart!(toml::<super::ServerSource>(file, text)?, SourceKind::Mysql),
        Kind::Git => taken_apart!(toml::<super::GitSource>(file, text)?, SourceKind::Git),
        Kind::Exec => taken_apart!(toml::<super::CommandSource>(file, text)?, SourceKind::Exec),
        Kind::Connector => {
            let read: ConnectorFile = toml(file, text)?;
            let head = Head {
                id: read.id.clone(),
                title: read.title.clone(),
                statement: read.statement.clone(),
                zone: read.zone.clone(),
            };
            (head, SourceKind::Connector(read.source(&Refusing { file, text }, connectors)?))
        }
    };
    let check = Check { refusing: Refusing { file, text } };
    check.kind(&kind)?;
    if tickmark_catalog::Id::new(&head.id).is_none() {
        return Err(check.refuse("id", format!("`{}` is not an identifier", head.id)));
    }
    let zone = match &head.zone {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name)
            .map_err(|_| check.refuse("zone", format!("`{name}` is not a time zone of the IANA database")))?,
    };
    let source = SourceConfig {
        id: head.id,
        title: head.title,
        statement: head.statement,
        kind,
        zone,
        file: file.to_owned(),
        digest: Digest::of(text.as_bytes()),
        base: base.to_owned(),
    };
    let mut seen = BTreeSet::new();
    for dataset in source.datasets() {
        if !seen.insert(dataset) {
            return Err(check.refuse(dataset, format!("delivers the dataset `{dataset}` twice")));
        }
    }
    Ok(source)
}

/// Reads TOML; an error names file and line.
pub(crate) fn toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| Error::Config {
        file: file.to_owned(),
        line: error.span().map(|span| line_at(text, span.start)),
        problem: error.message().to_owned(),
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// A text that is being checked.
pub(crate) struct Refusing<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Refusing<'_> {
    /// The error, with the first line that says `word`: as its key, as a column, or anywhere.
    pub(crate) fn refuse(&self, word: &str, problem: String) -> Error {
        let is_key = |line: &str| {
            let key = line.split('=').next().unwrap_or(line).trim();
            key == word || key.strip_prefix("columns.") == Some(word)
        };
        let says = |line: &str| line.contains(word);
        let line = self.text.lines().position(is_key).or_else(|| self.text.lines().position(says)).map(|line| line + 1);
        Error::Config { file: self.file.to_owned(), line, problem }
    }
}

/// Rules that the shape alone does not say.
struct Check<'a> {
    refusing: Refusing<'a>,
}

impl Check<'_> {
    fn refuse(&self, word: &str, problem: String) -> Error {
        self.refusing.refuse(word, problem)
    }

    fn kind(&self, kind: &SourceKind) -> Result<(), Error> {
        match kind {
            SourceKind::Files(source) => source.datasets.iter().try_for_each(|entry| self.file_entry(entry)),
            SourceKind::Documents(source) => {
                if source.register.is_none() && source.documents.is_empty() {
                    return Err(self.refuse("documents", "declares neither `register` nor `documents`".into()));
                }
                Ok(())
            }
            SourceKind::Sqlite(source) => {
                source.datasets.iter().try_for_each(|entry| self.mappings(&entry.dataset, &entry.columns))
            }
            SourceKind::Postgres(source) | SourceKind::Mysql(source) => {
                self.url(&source.url)?;
                source.datasets.iter().try_for_each(|entry| self.mappings(&entry.dataset, &entry.columns))
            }
            SourceKind::Git(source) => {
                self.repositories(source)?;
                source.datasets.iter().try_for_each(|entry| self.mappings(&entry.dataset, &entry.columns))
            }
            SourceKind::Exec(source) => source.datasets.iter().try_for_each(|entry| self.command(entry)),
            // Checked with its connector when it was read.
            SourceKind::Connector(_) => Ok(()),
        }
    }

    /// One repository is named by the keys of the source itself, several stand in a list.
    fn repositories(&self, source: &super::GitSource) -> Result<(), Error> {
        let alone = [source.folder.is_some(), source.repository.is_some()];
        match (alone, source.repositories.as_slice()) {
            ([true, true], []) => {}
            ([false, false], [_, ..]) if source.branch.is_none() => {}
            (_, []) => {
                let problem =
                    "names no repository: it needs `folder` and `repository`, or `[[repositories]]` with both";
                return Err(self.refuse("kind", problem.into()));
            }
            (_, [_, ..]) => {
                let problem = "names a repository beside `[[repositories]]`: put it into the list";
                return Err(self.refuse("repositories", problem.into()));
            }
        }
        let mut seen = BTreeSet::new();
        for repository in &source.repositories {
            if !seen.insert(&repository.repository) {
                let name = &repository.repository;
                return Err(
                    self.refuse(name, format!("names two repositories `{name}`: their rows could not be told apart"))
                );
            }
        }
        Ok(())
    }

    fn mappings(&self, dataset: &str, columns: &BTreeMap<String, ColumnMapping>) -> Result<(), Error> {
        for (name, mapping) in columns {
            if let Some(problem) = mapping.problem() {
                return Err(self.refuse(name, format!("dataset `{dataset}`, column `{name}`: {problem}")));
            }
        }
        Ok(())
    }

    /// A password in a URL would end up in version control, in this file's digest and in backups.
    fn url(&self, url: &str) -> Result<(), Error> {
        let authority = url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        if user.contains(':') || url.contains("password=") {
            return Err(self.refuse("url", "`url` holds a password; say where it is with `password`".into()));
        }
        Ok(())
    }

    fn file_entry(&self, entry: &FileEntry) -> Result<(), Error> {
        self.mappings(&entry.dataset, &entry.columns)?;
        let text = matches!(entry.format, FileFormat::Csv | FileFormat::Tsv | FileFormat::Json | FileFormat::Jsonl);
        let fields = matches!(entry.format, FileFormat::Csv | FileFormat::Tsv);
        let said = [
            ("encoding", entry.encoding.is_some(), text),
            ("delimiter", entry.delimiter.is_some(), entry.format == FileFormat::Csv),
            ("header", entry.header.is_some(), fields),
            ("open_end", entry.open_end, fields),
            ("sheet", entry.sheet.is_some(), entry.format == FileFormat::Xlsx),
            ("header_row", entry.header_row.is_some(), entry.format == FileFormat::Xlsx),
            ("formulas", entry.formulas, entry.format == FileFormat::Xlsx),
            ("rows", entry.rows.is_some(), entry.format == FileFormat::Json),
            ("trailer", matches!(entry.count, Some(super::FileCount::Trailer(_))), fields),
            ("pointer", matches!(entry.count, Some(super::FileCount::Pointer(_))), entry.format == FileFormat::Json),
        ];
        for (key, is_said, fits) in said {
            if is_said && !fits {
                let problem = format!("`{key}` means nothing for the format `{}`", entry.format.word());
                return Err(self.refuse(key, problem));
            }
        }
        if let Some(label) = &entry.encoding
            && encoding_rs::Encoding::for_label(label.as_bytes()).is_none()
        {
            return Err(self.refuse("encoding", format!("`{label}` is not an encoding's label")));
        }
        if entry.header_row == Some(0) {
            return Err(self.refuse("header_row", "`header_row` counts from 1".into()));
        }
        if entry.files.starts_with('/') || entry.files.split('/').any(|part| part == "..") {
            return Err(self.refuse(&entry.files, format!("`{}` leads out of the folder", entry.files)));
        }
        // A Parquet file counts its rows itself, in its footer.
        if entry.count.is_none() && entry.format != FileFormat::Parquet {
            let problem = format!(
                "dataset `{}` does not say where the source counts its rows; say `count`, with `none = \"why\"` if nowhere",
                entry.dataset
            );
            return Err(self.refuse(&entry.files, problem));
        }
        Ok(())
    }

    fn command(&self, entry: &CommandEntry) -> Result<(), Error> {
        self.mappings(&entry.dataset, &entry.columns)?;
        if matches!(entry.count, CommandCount::Pointer(_)) && entry.format != CommandFormat::Json {
            return Err(self.refuse("count", "`pointer` means nothing but for the format `json`".into()));
        }
        match entry.argv.first() {
            Some(program) if Path::new(program).is_absolute() => Ok(()),
            // A name would be looked up in PATH, and whoever can write there would choose what runs.
            Some(program) => Err(self.refuse("argv", format!("`{program}` is not an absolute path"))),
            None => Err(self.refuse("argv", "`argv` is empty".into())),
        }
    }
}
