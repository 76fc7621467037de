//! What each kind of source declares.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use jiff::civil::Date;
use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny},
};

use super::{ColumnMapping, Secret, Statement};

/// Tables in files of a folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesSource {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    /// The day on which it was copied from the system; its states are of that day, if nothing else says theirs.
    pub copied_on: Option<Date>,
    /// The folder. No link in it is followed to the outside.
    pub folder: PathBuf,
    /// What is read from it.
    pub datasets: Vec<FileEntry>,
}

/// Files that deliver one dataset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// The dataset.
    pub dataset: String,
    /// The files' names below the folder: `*` and `?` stand for characters of one name, `{date}` for a day
    /// (`2026-09-30`) and `{month}` for a month (`2026-09`) of the window or of the state asked for.
    pub files: String,
    /// How they are written.
    pub format: FileFormat,
    /// Text formats: the encoding by its label (WHATWG Encoding Standard). UTF-8, and UTF-16 with its mark, need no word.
    pub encoding: Option<String>,
    /// CSV: the character between fields; a comma by itself.
    #[serde(default, deserialize_with = "one_byte")]
    pub delimiter: Option<u8>,
    /// CSV: the columns, for files without a header row.
    pub header: Option<Vec<String>>,
    /// XLSX: the sheet.
    pub sheet: Option<String>,
    /// XLSX: the row of the header, counted from 1.
    pub header_row: Option<u32>,
    /// XLSX: whether the last computed values of formulas are taken. They are what the program that saved the workbook
    /// made of other cells, so they are refused unless the mapping says so.
    #[serde(default)]
    pub formulas: bool,
    /// JSON: a pointer (RFC 6901) to the array of rows; the whole document by itself.
    pub rows: Option<String>,
    /// CSV: whether the source writes no line end after the last row.
    #[serde(default)]
    pub open_end: bool,
    /// Where the source says how many rows there are.
    pub count: Option<FileCount>,
    /// That the source sums its control totals nowhere.
    pub totals: Option<NoTotals>,
    /// What to do with rows booked outside the window.
    #[serde(default)]
    pub outside: Outside,
    /// Whether the files' bytes are kept in the vault too.
    #[serde(default)]
    pub keep_original: bool,
    /// The dataset's columns that do not go by their own name, or need more said.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnMapping>,
    /// The source's columns that are left out.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// How files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// Fields with commas between (RFC 4180).
    Csv,
    /// Fields with tabs between.
    Tsv,
    /// One JSON document with an array of objects.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// Office Open XML workbook.
    Xlsx,
}

impl FileFormat {
    /// The word of the declaration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
        }
    }
}

/// Where a source of files says how many rows there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FileCount {
    /// CSV: in the last row of each file.
    Trailer(Trailer),
    /// In another file.
    Control(ControlFile),
    /// JSON: in the document, at this pointer (RFC 6901).
    Pointer(String),
    /// A person counted.
    Declared(u64),
    /// Nowhere; the text says why, and stays with the evidence.
    None(String),
}

/// That a source counts its rows but gives no sum of a dataset's control totals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoTotals {
    /// Why; it stays with the evidence.
    pub none: String,
}

/// A last row that sums up the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trailer {
    /// The text of its first field.
    pub first_field: String,
    /// Its field with the number of rows, counted from 1.
    pub count_field: usize,
    /// Dataset column → its field with the column's sum, counted from 1.
    #[serde(default)]
    pub total_fields: BTreeMap<String, usize>,
}

/// A CSV file with a header and one row for each file of rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlFile {
    /// Its name below the folder; `{date}` and `{month}` as in `files`.
    pub file: String,
    /// Its column with the name of the file of rows (without folders).
    pub file_column: String,
    /// Its column with the number of rows.
    pub count_column: String,
    /// Dataset column → its column with the sum.
    #[serde(default)]
    pub total_columns: BTreeMap<String, String>,
    /// Its column with the SHA-256 of the file of rows, in hexadecimal digits.
    pub sha256_column: Option<String>,
}

/// What to do with rows booked outside the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outside {
    /// They are an error: the source was asked for this window only.
    #[default]
    Refuse,
    /// They are left to the other windows: one file holds all of them. They still count against the source's own count.
    Skip,
}

/// Documents, each kept as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsSource {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    /// The folder. No link in it is followed to the outside.
    pub folder: PathBuf,
    /// A CSV file below the folder with the columns `file,title,kind,dated_on,attested_by,statement`, a row a document; and
    /// `controls` as the last one, where documents show controls.
    pub register: Option<String>,
    /// Documents declared here.
    #[serde(default)]
    pub documents: Vec<DocumentEntry>,
    /// Whether they are sealed in the vault as personal data. Minutes and mails name people, so this has no default.
    pub personal: bool,
}

/// One document and who stands behind it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentEntry {
    /// Its name below the folder.
    pub file: String,
    /// What it is.
    pub title: String,
    /// Its kind, as the organization calls it: minutes, policy, report.
    pub kind: String,
    /// The day it speaks of.
    pub dated_on: Date,
    /// Who says that it is what it says.
    pub attested_by: String,
    /// What is said.
    pub statement: String,
    /// The controls that it shows.
    #[serde(default)]
    pub controls: BTreeSet<String>,
}

/// An SQLite database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqliteSource {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    /// The day on which it was copied from the system; its states are of that day, if nothing else says theirs.
    pub copied_on: Option<Date>,
    /// The database file.
    pub file: PathBuf,
    /// What is read from it.
    pub datasets: Vec<QueryEntry>,
}

/// A PostgreSQL, MySQL or MariaDB server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSource {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    /// The day on which it was copied from the system; its states are of that day, if nothing else says theirs.
    pub copied_on: Option<Date>,
    /// `postgres://user@host:port/database` or `mysql://…`, without a password; TLS by `sslmode=` or `ssl-mode=`.
    pub url: String,
    /// Where the password is.
    pub password: Option<Secret>,
    /// What is read from it.
    pub datasets: Vec<QueryEntry>,
}

/// A query that delivers one dataset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryEntry {
    /// The dataset.
    pub dataset: String,
    /// The query. `:first` and `:last` are the window's days, `:on` the day of the state asked for.
    pub query: String,
    /// A query with the same parameters, answered in the same snapshot, for one row: the number of rows first, then, named
    /// as the dataset names them, the source's own sums of the control totals in the unit the columns have in `query`.
    pub count: String,
    /// The dataset's columns that do not go by their own name, or need more said.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnMapping>,
    /// The query's columns that are left out.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// Git repositories on this machine: one, named here, or several in a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitSource {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    /// The day on which it was copied from the system; its states are of that day, if nothing else says theirs.
    pub copied_on: Option<Date>,
    pub(super) folder: Option<PathBuf>,
    pub(super) repository: Option<String>,
    pub(super) branch: Option<String>,
    #[serde(default)]
    pub(super) repositories: Vec<GitRepository>,
    /// A folder with the GnuPG keys that signatures are checked by. Without it a signature is `E`: cannot be checked.
    pub gnupg_home: Option<PathBuf>,
    /// A file of SSH keys that signatures are checked by (`ssh-keygen`, allowed signers).
    pub allowed_signers: Option<PathBuf>,
    /// What is read from it.
    pub datasets: Vec<GitEntry>,
}

/// A git repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitRepository {
    /// The repository, bare or with a work tree.
    pub folder: PathBuf,
    /// Its name in the rows.
    pub repository: String,
    /// The default branch; what `HEAD` names by itself.
    pub branch: Option<String>,
}

impl GitSource {
    /// Its repositories, in the order of the settings.
    pub fn repositories(&self) -> Vec<GitRepository> {
        let alone = self.folder.clone().zip(self.repository.clone());
        let alone = alone.map(|(folder, repository)| GitRepository { folder, repository, branch: self.branch.clone() });
        alone.into_iter().chain(self.repositories.iter().cloned()).collect()
    }
}

/// A table of a repository that delivers one dataset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitEntry {
    /// The dataset.
    pub dataset: String,
    /// What is listed.
    pub table: GitTable,
    /// The dataset's columns that do not go by their own name, or need more said.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnMapping>,
    /// Columns that are left out.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// What a repository lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GitTable {
    /// Every commit that a branch, tag or `HEAD` reaches.
    Commits,
    /// Every tag that names a commit.
    Tags,
}

/// A command that prints rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSource {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    /// What is read by it.
    pub datasets: Vec<CommandEntry>,
}

/// A command that delivers one dataset. It is started without a shell, with an empty environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandEntry {
    /// The dataset.
    pub dataset: String,
    /// The program's absolute path and its arguments. `{first}`, `{last}` and `{on}` become days; nothing else is replaced.
    pub argv: Vec<String>,
    /// The digest of the program's file: another program of the same path is not run.
    pub sha256: tickmark_canonical::Digest,
    /// What it prints.
    pub format: CommandFormat,
    /// JSON: a pointer (RFC 6901) to the array of rows.
    pub rows: Option<String>,
    /// Where the source says how many rows there are.
    pub count: CommandCount,
    /// That the command sums its control totals nowhere.
    pub totals: Option<NoTotals>,
    /// The whole environment it gets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// The folder it is started in; the workspace folder by itself.
    pub folder: Option<PathBuf>,
    /// Seconds after which it is ended.
    pub timeout_seconds: u64,
    /// The most bytes it may print.
    pub max_bytes: u64,
    /// The dataset's columns that do not go by their own name, or need more said.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnMapping>,
    /// Columns that are left out.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// Where what a command reads says how many rows there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CommandCount {
    /// JSON: in the document, at this pointer (RFC 6901).
    Pointer(String),
    /// The same program prints it, and nothing else, when it is given these arguments in the place of the others.
    Arguments(Vec<String>),
    /// Nowhere; the text says why, and stays with the evidence.
    None(String),
}

/// What a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandFormat {
    /// Fields with commas between (RFC 4180), with a header.
    Csv,
    /// One JSON document with an array of objects.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// Reads a delimiter: one ASCII character that is no quote and no line end.
fn one_byte<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Ok(Some(*byte)),
        _ => Err(serde::de::Error::custom("a delimiter is one ASCII character, and no quote or line end")),
    }
}
