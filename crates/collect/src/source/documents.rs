//! Documents: minutes, policies, mails, reports. Each is kept as it is, with the word of the person who stands behind it.
//!
//! Invariant: either every declared document is stored or none counts; what is not what its name says is refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::PathBuf,
};

use jiff::{Timestamp, civil::Date};
use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_vault::Vault;

use super::{
    csv::Csv,
    encoding::{Digesting, Text},
    files::unreadable,
    folder::Folder,
};
use crate::{
    Error, SourceConfig,
    config::{DocumentEntry, DocumentsSource, SourceKind},
    error::{ColumnsProblem, shortened},
};

/// The largest document that is taken.
const LARGEST: u64 = 512 << 20;

/// Columns of a register.
const REGISTER: [&str; 6] = ["file", "title", "kind", "dated_on", "attested_by", "statement"];

/// The last column of a register whose documents show controls: their ids with spaces between, or nothing.
const CONTROLS: &str = "controls";

/// A document in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The object in the vault.
    pub object: Digest,
    /// SHA-256 of the document's bytes as they were at the source. The same as `object` unless it is sealed.
    pub content: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type (RFC 6838), found by its first bytes and equal to what its name says.
    pub media_type: String,
    /// The source.
    pub source: String,
    /// The file's name below the source's folder.
    pub file: String,
    /// What it is.
    pub title: String,
    /// Its kind, as the organization calls it.
    pub kind: String,
    /// The day it speaks of.
    pub dated_on: Date,
    /// Who says that it is what it says.
    pub attested_by: String,
    /// What is said.
    pub statement: String,
    /// The controls that it shows.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub controls: BTreeSet<String>,
    /// When it was taken.
    pub collected_at: Timestamp,
    /// Mails only: what its header says. Whoever wrote the file could write anything there.
    pub mail: Option<MailHeaders>,
}

/// The header of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailHeaders {
    /// Addresses in `From`.
    pub from: Vec<String>,
    /// Addresses in `To`.
    pub to: Vec<String>,
    /// `Subject`.
    pub subject: Option<String>,
    /// `Date`, as an instant.
    pub date: Option<Timestamp>,
    /// `Message-ID`.
    pub message_id: Option<String>,
}

/// Stores every document of a source.
pub fn collect_documents(source: &SourceConfig, vault: &Vault, clock: Timestamp) -> Result<Vec<Document>, Error> {
    let SourceKind::Documents(declared) = &source.kind else {
        return Err(Error::NotDelivered { source_id: source.id.clone(), dataset: "documents".into() });
    };
    let folder = Folder::open(&source.path(&declared.folder))?;
    let entries = entries(&folder, declared)?;
    // All are looked at before the first is stored, so a bad one leaves nothing.
    let mut seen = BTreeMap::new();
    for entry in &entries {
        let path = folder.path().join(&entry.file);
        if seen.insert(entry.file.as_str(), ()).is_some() {
            return Err(Error::Document { path, problem: "is declared twice".into() });
        }
        if entry.dated_on > source.zone.to_datetime(clock).date() {
            let problem = format!("is dated {}, after the time of the collection", entry.dated_on);
            return Err(Error::Document { path, problem });
        }
        let bytes = read(&folder, entry)?;
        media_type(&path, &bytes)?;
    }
    entries.iter().map(|entry| store(source, declared, &folder, entry, vault, clock)).collect()
}

fn store(
    source: &SourceConfig,
    declared: &DocumentsSource,
    folder: &Folder,
    entry: &DocumentEntry,
    vault: &Vault,
    clock: Timestamp,
) -> Result<Document, Error> {
    let path = folder.path().join(&entry.file);
    let bytes = read(folder, entry)?;
    let media_type = media_type(&path, &bytes)?;
    let mail = (media_type == "message/rfc822").then(|| headers(&path, &bytes)).transpose()?;
    let object = if declared.personal { vault.put_sealed(&bytes)? } else { vault.put(&bytes)? };
    Ok(Document {
        object,
        content: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        media_type: media_type.to_owned(),
        source: source.id.clone(),
        file: entry.file.clone(),
        title: entry.title.clone(),
        kind: entry.kind.clone(),
        dated_on: entry.dated_on,
        attested_by: entry.attested_by.clone(),
        statement: entry.statement.clone(),
        controls: entry.controls.clone(),
        collected_at: clock,
        mail,
    })
}

fn read(folder: &Folder, entry: &DocumentEntry) -> Result<Vec<u8>, Error> {
    let path = folder.path().join(&entry.file);
    let mut bytes = Vec::new();
    let of = path.display().to_string();
    folder.file(&entry.file)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|cause| unreadable(&of, cause))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::Document { path, problem: "is larger than 512 MiB".into() });
    }
    Ok(bytes)
}

/// The declared documents, and those of the register.
fn entries(folder: &Folder, declared: &DocumentsSource) -> Result<Vec<DocumentEntry>, Error> {
    let mut entries = declared.documents.clone();
    let Some(name) = &declared.register else { return Ok(entries) };
    let path = folder.path().join(name);
    let of = path.display().to_string();
    let text = Text::new(Digesting::new(folder.file(name)?), None).map_err(|cause| unreadable(&of, cause))?;
    let mut csv = Csv::new(text, b',');
    csv.advance(&of)?;
    let header: Vec<String> = (0..csv.width()).map(|at| csv.text(at)).collect();
    let named = header.strip_suffix(&[CONTROLS.to_owned()]).unwrap_or(&header);
    if named != REGISTER {
        let missing = REGISTER.iter().filter(|name| !header.iter().any(|column| column == *name));
        let unknown = header.iter().filter(|column| *column != CONTROLS && !REGISTER.contains(&column.as_str()));
        let problem = ColumnsProblem {
            missing: missing.map(|name| (*name).to_owned()).collect(),
            unknown: unknown.cloned().collect(),
            duplicate: Vec::new(),
        };
        if problem.is_empty() {
            let problem = format!(
                "the columns of a register are {}, in this order, and `{CONTROLS}` after them if there is one",
                REGISTER.join(", ")
            );
            return Err(Error::Malformed { of, line: Some(1), problem });
        }
        return Err(Error::Columns { of, problem });
    }
    let names_controls = header.len() > REGISTER.len();
    while csv.advance(&of)? {
        let malformed = |problem: String| Error::Malformed { of: of.clone(), line: Some(csv.line()), problem };
        if csv.width() != header.len() {
            return Err(malformed(format!("the row has {} fields, the header {}", csv.width(), header.len())));
        }
        if let Some(empty) = (0..REGISTER.len()).find(|at| csv.field(*at).is_empty()) {
            let name = REGISTER.get(empty).copied().unwrap_or_default();
            return Err(malformed(format!("`{name}` is empty")));
        }
        let dated = csv.text(3);
        let dated_on = crate::value::day_of(dated.as_bytes())
            .ok_or_else(|| malformed(format!("`{}` is not a date as `YYYY-MM-DD`", shortened(&dated))))?;
        entries.push(DocumentEntry {
            file: csv.text(0),
            title: csv.text(1),
            kind: csv.text(2),
            dated_on,
            attested_by: csv.text(4),
            statement: csv.text(5),
            controls: if names_controls { words(&csv.text(REGISTER.len())) } else { BTreeSet::new() },
        });
    }
    Ok(entries)
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The media type that name and bytes agree on.
fn media_type(path: &std::path::Path, bytes: &[u8]) -> Result<&'static str, Error> {
    let refused = |problem: &str| Error::Document { path: path.to_owned(), problem: problem.to_owned() };
    if bytes.is_empty() {
        return Err(refused("is empty"));
    }
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let ends_with = |mark: &[u8], within: usize| {
        let tail = bytes.get(bytes.len().saturating_sub(within)..).unwrap_or_default();
        memchr::memmem::find(tail, mark).is_some()
    };
    match extension.as_deref().unwrap_or_default() {
        // ISO 32000-2, 7.5: a header at the beginning and `%%EOF` at the end; readers look for it in the last 1024 bytes.
        "pdf" if !bytes.starts_with(b"%PDF-") => Err(refused("is named as a PDF, and does not begin as one")),
        "pdf" if !ends_with(b"%%EOF", 1024) => Err(refused("is a PDF that is cut short")),
        "pdf" => Ok("application/pdf"),
        "png" if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") => {
            Err(refused("is named as a PNG, and does not begin as one"))
        }
        "png" if !ends_with(b"IEND", 64) => Err(refused("is a PNG that is cut short")),
        "png" => Ok("image/png"),
        "jpg" | "jpeg" if !bytes.starts_with(b"\xff\xd8\xff") => {
            Err(refused("is named as a JPEG, and does not begin as one"))
        }
        "jpg" | "jpeg" if !ends_with(b"\xff\xd9", 1024) => Err(refused("is a JPEG that is cut short")),
        "jpg" | "jpeg" => Ok("image/jpeg"),
        "eml" => headers(path, bytes).map(|_| "message/rfc822"),
        "docx" | "xlsx" | "pptx" if !bytes.starts_with(b"PK\x03\x04") => {
            Err(refused("is named as an office document, and does not begin as one"))
        }
        "docx" => Ok("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "xlsx" => Ok("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "pptx" => Ok("application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        "txt" | "md" | "html" | "csv" | "json" if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() => {
            Err(refused("is named as text, and is not UTF-8"))
        }
        "txt" => Ok("text/plain"),
        "md" => Ok("text/markdown"),
        "html" => Ok("text/html"),
        "csv" => Ok("text/csv"),
        "json" => Ok("application/json"),
        _ => {
            Err(refused("is of no kind that is taken: pdf, png, jpg, eml, docx, xlsx, pptx, txt, md, html, csv, json"))
        }
    }
}

/// The header of a mail; a mail without a sender and a date is no mail.
fn headers(path: &std::path::Path, bytes: &[u8]) -> Result<MailHeaders, Error> {
    let refused =
        || Error::Document { path: PathBuf::from(path), problem: "is no mail: it has no `From` and `Date`".into() };
    let message = MessageParser::default().parse(bytes).ok_or_else(refused)?;
    let addresses = |address: Option<&mail_parser::Address<'_>>| -> Vec<String> {
        address
            .map(|address| address.iter().filter_map(|one| one.address()).map(str::to_owned).collect())
            .unwrap_or_default()
    };
    let date = message.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
    let headers = MailHeaders {
        from: addresses(message.from()),
        to: addresses(message.to()),
        subject: message.subject().map(str::to_owned),
        date,
        message_id: message.message_id().map(str::to_owned),
    };
    if headers.from.is_empty() || headers.date.is_none() { Err(refused()) } else { Ok(headers) }
}
