//! Copies of an issued report that bear the name of one reader on every page.
//!
//! Invariant: a copy is a function of the issued report and the reader's name. It is made of what the vault keeps of the issue, never of
//! facts of today, and its digest is recorded before the file appears.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_domain::{Command, EngagementId, PackageKind, PersonId, ReaderCopy, RecordReaderCopy};
use tickmark_report::{Document, render};

use crate::{
    Error, House, durable,
    packaging::{Contents, paths},
};

/// The longest name that a page bears.
const LONGEST_NAME: usize = 120;

/// A reader's copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReaderCopyLine {
    /// The engagement.
    pub engagement: EngagementId,
    /// Who reads it.
    pub reader: String,
    /// SHA-256 of the copy.
    pub copy: Digest,
    /// Entry that issued the report package it is of.
    pub package: u64,
    /// Entry that recorded it.
    pub entry: u64,
}

impl House {
    /// Writes the newest report of an engagement that was issued as a copy for one reader, and records its digest.
    pub fn make_reader_copy(
        &mut self,
        person: &PersonId,
        id: &EngagementId,
        reader: &str,
        path: &Path,
    ) -> Result<ReaderCopyLine, Error> {
        let reader = reader.split_whitespace().collect::<Vec<_>>().join(" ");
        if reader.is_empty() || reader.chars().count() > LONGEST_NAME {
            return Err(Error::ReaderUnnamed { longest: LONGEST_NAME });
        }
        let unknown = || tickmark_domain::Refusal::UnknownEngagement(id.clone());
        let packages = &self.state().engagements.get(id).ok_or_else(unknown)?.packages;
        let issued = packages.iter().rev().find(|package| package.kind == PackageKind::Report);
        let issued = issued.ok_or_else(|| Error::NotIssued(id.to_string()))?;
        let (package, contents) = (issued.entry, self.json::<Contents>(&issued.contents)?);
        let view = contents.files.get(&format!("{}/report.json", paths::DOCUMENTS));
        let view = view.ok_or_else(|| Error::NotIssued(id.to_string()))?;
        let Document::Report(mut view) = Document::from_json(&self.vault.get(view)?)? else {
            return Err(Error::NotIssued(id.to_string()));
        };
        view.reader = Some(reader.clone());
        let pdf = render(&Document::Report(view))?.pdf;
        let copy = Digest::of(&pdf);
        let known = self.reader_copies_of(id).find(|made| made.copy == copy).cloned();
        let made = match known {
            Some(made) => made,
            None => {
                let words = self.put_sealed_json(&reader)?;
                let command = RecordReaderCopy { engagement: id.clone(), package, reader: words, copy };
                self.execute(person, Command::RecordReaderCopy(command))?;
                let recorded = self.reader_copies_of(id).find(|made| made.copy == copy).cloned();
                recorded.ok_or_else(|| Error::NotIssued(id.to_string()))?
            }
        };
        let mut parts = durable::Parts::default();
        let file = parts.file(path)?;
        std::io::Write::write_all(file, &pdf).map_err(crate::packaging::io_error("write", path))?;
        parts.finish()?;
        Ok(ReaderCopyLine { engagement: id.clone(), reader, copy, package: made.package, entry: made.entry })
    }

    /// The copies that readers got, of one engagement or of all, oldest first; or the one that a file is.
    pub fn reader_copies(
        &self,
        id: Option<&EngagementId>,
        file: Option<&PathBuf>,
    ) -> Result<Vec<ReaderCopyLine>, Error> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(crate::packaging::io_error("read", path));
        let wanted = file.map(|path| Ok::<_, Error>(Digest::of(&read(path)?))).transpose()?;
        let mut lines = Vec::new();
        let engagements = self.state().engagements.keys().filter(|known| id.is_none_or(|id| id == *known));
        for engagement in engagements {
            for made in self.reader_copies_of(engagement) {
                if wanted.is_some_and(|wanted| wanted != made.copy) {
                    continue;
                }
                // Names can be erased; the fact that somebody got a copy stays.
                let reader = match self.json::<String>(&made.reader) {
                    Err(Error::Vault(tickmark_vault::Error::Erased { .. })) => "(erased)".to_owned(),
                    reader => reader?,
                };
                let (copy, package, entry) = (made.copy, made.package, made.entry);
                lines.push(ReaderCopyLine { engagement: engagement.clone(), reader, copy, package, entry });
            }
        }
        lines.sort_by_key(|line| line.entry);
        Ok(lines)
    }

    fn reader_copies_of(&self, id: &EngagementId) -> impl Iterator<Item = &ReaderCopy> {
        self.state().engagements.get(id).into_iter().flat_map(|engagement| &engagement.reader_copies)
    }
}
