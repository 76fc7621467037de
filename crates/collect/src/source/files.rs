//! Tables in files of a folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use encoding_rs::Encoding;
use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_vault::Vault;

use super::{
    Extract, SourceCount, Told, control,
    csv::Csv,
    encoding::{Digesting, Text},
    folder::{Folder, Found},
    json, parquet,
    pattern::{Pattern, filled_by_month},
    xlsx,
};
use crate::{
    Error, SourceConfig,
    config::{Defaults, FileCount, FileEntry, FileFormat, FilesSource, Mapping, SourceKind, Trailer},
    error::shortened,
    rows::{Rows, Sink},
    value::Cell,
};

/// What one file told.
#[derive(Debug)]
pub(super) struct FileTold {
    pub digest: Digest,
    pub bytes: u64,
    /// The number of rows that the file itself states.
    pub count: Option<u64>,
    /// Dataset column → the file's own sum of it, as it writes it.
    pub totals: BTreeMap<String, String>,
    /// What a reader should know about how it was read.
    pub note: Option<String>,
}

/// Reads the files of one entry.
pub(super) fn read(
    extract: &Extract<'_>,
    vault: &Vault,
    source: &FilesSource,
    entry: &FileEntry,
    sink: Sink,
) -> Result<Told, Error> {
    let folder = Folder::open(&extract.source.path(&source.folder))?;
    let found = folder.find(&entry.files, Some(extract.window))?;
    let controls = Controls::read(extract, &folder, entry, &found)?;
    if found.is_empty() && !controls.say_there_is_nothing() {
        return Err(Error::NoFile { pattern: entry.files.clone(), folder: folder.path().to_owned() });
    }
    let mapping = Mapping { dataset: extract.dataset, columns: &entry.columns, ignore: &entry.ignore };
    let defaults = match entry.format {
        FileFormat::Csv | FileFormat::Tsv => Defaults::TEXT,
        FileFormat::Json | FileFormat::Jsonl | FileFormat::Parquet => Defaults::TYPED,
        FileFormat::Xlsx => Defaults::WORKBOOK,
    };
    let mut rows = Rows::new(mapping, defaults, extract, sink)?;
    // The request lists every file as `sha256sum` does, so whoever has the files can check them with it.
    let mut told =
        Told::new(format!("{} files `{}` in `{}`", entry.format.word(), entry.files, source.folder.display()));
    told.no_totals = entry.totals.as_ref().map(|totals| totals.none.clone());
    // A column that is summed nowhere has the sum 0, if there is no file.
    for column in summed(entry) {
        told.totals.insert(column.clone(), 0);
    }
    let mut counted = Some(0_u64);
    for file in &found {
        let before = rows.taken;
        let of = folder.path().join(&file.name).display().to_string();
        let mut this = one_file(extract, &folder, entry, file, &of, &mut rows)?;
        let taken = rows.taken - before;
        controls.add(file, &mut this, &mut told)?;
        if let Some(count) = this.count
            && count != taken
        {
            told.incomplete.push(format!("`{}` is said to have {count} rows, and has {taken}", file.name));
        }
        counted = counted.zip(this.count).map(|(sum, count)| sum + count);
        for (column, text) in &this.totals {
            add_total(&rows, extract, &of, column, text, &mut told)?;
        }
        told.request.push_str(&format!("\n{}  {}", this.digest, file.name));
        if let Some(note) = &this.note {
            told.parameter(&format!("encoding of {}", file.name), note);
        }
        if entry.keep_original {
            told.originals.push(original(extract, vault, &folder, file, &this)?);
        }
    }
    rows.finish()?;
    controls.missing(&mut told);
    for (name, digest) in controls.digests() {
        told.request.push_str(&format!("\n{digest}  {name}"));
    }
    told.count = match (&entry.count, counted) {
        (Some(FileCount::None(why)), _) => SourceCount::Unknown(why.clone()),
        (Some(FileCount::Declared(count)), _) => SourceCount::Known(*count),
        (_, Some(count)) => SourceCount::Known(count + controls.rows_of_missing_files()),
        (_, None) => SourceCount::Unknown("not every file states its number of rows".into()),
    };
    Ok(told)
}

/// The columns whose sums the source gives.
fn summed(entry: &FileEntry) -> Vec<&String> {
    match &entry.count {
        Some(FileCount::Control(control)) => control.total_columns.keys().collect(),
        Some(FileCount::Trailer(trailer)) => trailer.total_fields.keys().collect(),
        Some(FileCount::Pointer(_) | FileCount::Declared(_) | FileCount::None(_)) | None => Vec::new(),
    }
}

/// Reads one file into rows.
fn one_file(
    extract: &Extract<'_>,
    folder: &Folder,
    entry: &FileEntry,
    file: &Found,
    of: &str,
    rows: &mut Rows<'_>,
) -> Result<FileTold, Error> {
    let opened = folder.file(&file.name)?;
    let encoding = entry.encoding.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
    let text = |file| Text::new(Digesting::new(file), encoding).map_err(|cause| unreadable(of, cause));
    let finished = |text: Text<Digesting<std::fs::File>>, count, totals| {
        let note = text.note();
        let (digest, bytes) = text.into_inner().finish().map_err(|cause| unreadable(of, cause))?;
        Ok(FileTold { digest, bytes, count, totals, note })
    };
    match entry.format {
        FileFormat::Csv | FileFormat::Tsv => {
            let delimiter = if entry.format == FileFormat::Tsv { b'\t' } else { entry.delimiter.unwrap_or(b',') };
            let trailer = match &entry.count {
                Some(FileCount::Trailer(trailer)) => Some(trailer),
                _ => None,
            };
            let mut csv = Csv::new(text(opened)?, delimiter);
            let (count, totals) = table(rows, of, &mut csv, entry.header.as_deref(), trailer)?;
            if csv.ends_within_a_line() && !entry.open_end {
                let problem =
                    "its last line has no end; it may be cut short. If the source writes it so, say `open_end = true`";
                return Err(Error::Malformed { of: of.to_owned(), line: Some(csv.line()), problem: problem.into() });
            }
            finished(csv.into_inner(), count, totals)
        }
        FileFormat::Jsonl => {
            let mut text = text(opened)?;
            json::lines(rows, of, &mut text)?;
            finished(text, None, BTreeMap::new())
        }
        FileFormat::Json => {
            let mut text = text(opened)?;
            json::document(rows, of, entry.rows.as_deref().unwrap_or_default(), &mut text)?;
            let mut told = finished(text, None, BTreeMap::new())?;
            if let Some(FileCount::Pointer(pointer)) = &entry.count {
                let mut again = Text::new(Digesting::new(folder.file(&file.name)?), encoding)
                    .map_err(|cause| unreadable(of, cause))?;
                told.count = Some(json::stated_count(of, pointer, &mut again)?);
                let (digest, _) = again.into_inner().finish().map_err(|cause| unreadable(of, cause))?;
                unchanged(of, digest, &told)?;
            }
            Ok(told)
        }
        FileFormat::Parquet => parquet::read(rows, of, opened),
        FileFormat::Xlsx => {
            let mut bytes = Vec::new();
            let mut digesting = Digesting::new(opened);
            digesting.read_to_end(&mut bytes).map_err(|cause| unreadable(of, cause))?;
            let (digest, length) = digesting.finish().map_err(|cause| unreadable(of, cause))?;
            let note = xlsx::read(rows, of, bytes, entry, extract)?;
            Ok(FileTold { digest, bytes: length, count: None, totals: BTreeMap::new(), note })
        }
    }
}

/// What a trailer says: number of rows, and sums by dataset column.
type Stated = (Option<u64>, BTreeMap<String, String>);

/// Reads fields with a delimiter between them.
pub(super) fn table<R: Read>(
    rows: &mut Rows<'_>,
    of: &str,
    csv: &mut Csv<R>,
    header: Option<&[String]>,
    trailer: Option<&Trailer>,
) -> Result<Stated, Error> {
    let malformed = |line, problem: String| Error::Malformed { of: of.to_owned(), line: Some(line), problem };
    let width = match header {
        Some(header) => {
            rows.part(of, header, 1)?;
            header.len()
        }
        None => {
            if !csv.advance(of)? {
                let problem = "is empty; even a file without rows has a header".to_owned();
                return Err(Error::Malformed { of: of.to_owned(), line: None, problem });
            }
            let mut header = Vec::with_capacity(csv.width());
            for at in 0..csv.width() {
                let name = std::str::from_utf8(csv.field(at))
                    .map_err(|_| malformed(csv.line(), "the header is not UTF-8; say the file's `encoding`".into()))?;
                if name.contains('\0') {
                    return Err(malformed(csv.line(), "the header has a NUL byte".into()));
                }
                header.push(name.to_owned());
            }
            rows.part(of, &header, 2)?;
            header.len()
        }
    };
    let wanted: Vec<usize> = (0..width).filter(|at| rows.is_wanted(*at)).collect();
    while csv.advance(of)? {
        if let Some(trailer) = trailer
            && csv.field(0) == trailer.first_field.as_bytes()
        {
            return trailer_row(of, csv, trailer);
        }
        if csv.width() != width {
            let problem = format!("row {} has {} fields, the header {width}", rows.row(), csv.width());
            return Err(malformed(csv.line(), problem));
        }
        for &at in &wanted {
            rows.field(at, Cell::Text(csv.field(at)))?;
        }
        rows.end_row()?;
    }
    match trailer {
        None => Ok((None, BTreeMap::new())),
        Some(trailer) => Err(malformed(
            csv.line(),
            format!("there is no last row that begins with `{}`; the file may be cut short", trailer.first_field),
        )),
    }
}

fn trailer_row<R: Read>(of: &str, csv: &mut Csv<R>, trailer: &Trailer) -> Result<Stated, Error> {
    let line = csv.line();
    let malformed = |line, problem: String| Error::Malformed { of: of.to_owned(), line: Some(line), problem };
    let field = |csv: &Csv<R>, at: usize| {
        if (1..=csv.width()).contains(&at) {
            Ok(csv.text(at - 1))
        } else {
            Err(malformed(line, format!("the last row has no field {at}")))
        }
    };
    let count = field(csv, trailer.count_field)?;
    let count =
        count.parse().map_err(|_| malformed(line, format!("`{}` is not a number of rows", shortened(&count))))?;
    let mut totals = BTreeMap::new();
    for (column, at) in &trailer.total_fields {
        totals.insert(column.clone(), field(csv, *at)?);
    }
    if csv.advance(of)? {
        return Err(malformed(csv.line(), format!("rows follow the last row on line {line}")));
    }
    Ok((Some(count), totals))
}

fn add_total(
    rows: &Rows<'_>,
    extract: &Extract<'_>,
    of: &str,
    column: &str,
    text: &str,
    told: &mut Told,
) -> Result<(), Error> {
    let (declared, rule) = super::query::control_total(extract, rows.planned(), column)?;
    let total = super::total(declared, rule, Cell::Text(text.as_bytes()), of, "the source's sum")?;
    let sum = told.totals.entry(column.to_owned()).or_default();
    *sum = sum.saturating_add(total);
    Ok(())
}

/// Keeps the file as it is. It is read a second time, and refused if it is another one by now.
fn original(
    extract: &Extract<'_>,
    vault: &Vault,
    folder: &Folder,
    file: &Found,
    told: &FileTold,
) -> Result<Digest, Error> {
    let of = folder.path().join(&file.name).display().to_string();
    let mut bytes = Vec::with_capacity(usize::try_from(told.bytes).unwrap_or_default());
    folder.file(&file.name)?.read_to_end(&mut bytes).map_err(|cause| unreadable(&of, cause))?;
    unchanged(&of, Digest::of(&bytes), told)?;
    Ok(if extract.dataset.personal { vault.put_sealed(&bytes)? } else { vault.put(&bytes)? })
}

pub(super) fn unchanged(of: &str, digest: Digest, told: &FileTold) -> Result<(), Error> {
    if digest == told.digest {
        return Ok(());
    }
    Err(Error::Malformed { of: of.to_owned(), line: None, problem: "changed while it was read".into() })
}

pub(super) fn unreadable(of: &str, cause: std::io::Error) -> Error {
    if cause.kind() == std::io::ErrorKind::InvalidData {
        Error::Malformed { of: of.to_owned(), line: None, problem: cause.to_string() }
    } else {
        Error::Io { doing: "reading", path: of.into(), cause }
    }
}

/// The control files of an extract, and what they say about files of this window.
struct Controls {
    files: Vec<control::Control>,
    declared: bool,
    /// Files of this window that a control file names and that are not there, with their rows.
    absent: Vec<(String, u64)>,
}

impl Controls {
    fn read(extract: &Extract<'_>, folder: &Folder, entry: &FileEntry, found: &[Found]) -> Result<Self, Error> {
        let Some(FileCount::Control(declared)) = &entry.count else {
            return Ok(Self { files: Vec::new(), declared: false, absent: Vec::new() });
        };
        let mut files = Vec::new();
        for name in filled_by_month(&declared.file, extract.window) {
            files.push(control::read(folder, &name, declared)?);
        }
        let pattern = entry.files.rsplit('/').next().unwrap_or(&entry.files);
        let pattern = Pattern::new(pattern).map_err(|problem| Error::Config {
            file: extract.source.file.clone(),
            line: None,
            problem,
        })?;
        let there: BTreeSet<&str> = found.iter().map(|file| base_name(&file.name)).collect();
        let mut absent = Vec::new();
        for control in &files {
            for (name, line) in &control.lines {
                let due = pattern.matches(name).is_some_and(|dated| dated.is_in(extract.window));
                if due && !there.contains(name.as_str()) {
                    absent.push((name.clone(), line.rows));
                }
            }
        }
        Ok(Self { files, declared: true, absent })
    }

    fn say_there_is_nothing(&self) -> bool {
        self.declared
    }

    /// Takes what the control files say about one file.
    fn add(&self, file: &Found, this: &mut FileTold, told: &mut Told) -> Result<(), Error> {
        if !self.declared {
            return Ok(());
        }
        let name = base_name(&file.name);
        let Some(line) = self.files.iter().find_map(|control| control.lines.get(name)) else {
            told.incomplete.push(format!("no control file names `{name}`"));
            return Ok(());
        };
        if let Some(sha256) = &line.sha256
            && *sha256 != this.digest.to_string()
        {
            return Err(Error::Malformed {
                of: file.name.clone(),
                line: None,
                problem: format!("has the SHA-256 {}, the control file says `{}`", this.digest, shortened(sha256)),
            });
        }
        this.count = Some(line.rows);
        this.totals.clone_from(&line.totals);
        Ok(())
    }

    fn missing(&self, told: &mut Told) {
        for (name, _) in &self.absent {
            told.incomplete.push(format!("a control file names `{}`, which is not there", shortened(name)));
        }
    }

    fn rows_of_missing_files(&self) -> u64 {
        self.absent.iter().map(|(_, rows)| *rows).sum()
    }

    fn digests(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.files.iter().map(|control| (control.name.as_str(), control.digest))
    }
}

fn base_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The days of which a source of files has the state, by the `{date}` or `{taken_on}` in their names; nothing for other sources
/// and datasets.
pub fn states(source: &SourceConfig, dataset: &str) -> Result<Vec<Date>, Error> {
    let SourceKind::Files(files) = &source.kind else { return Ok(Vec::new()) };
    let Some(entry) = files.datasets.iter().find(|entry| entry.dataset == dataset) else { return Ok(Vec::new()) };
    let found = Folder::open(&source.path(&files.folder))?.find(&entry.files, None)?;
    let days: BTreeSet<Date> = found.iter().filter_map(|file| file.days.map(|(_, last)| last)).collect();
    Ok(days.into_iter().collect())
}
