//! Packages: what leaves the house. Issuing one is the last entry of the engagement's stream that the package discloses,
//! so nothing that came before can be left out of it unseen. A reader may get a copy of its report that bears the reader's name.
//!
//! Invariant: a reader's copy is of a report that the firm had signed when it was issued, and is recorded once.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, Recorded, Refusal, Role, State};

/// Which of the two packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageKind {
    /// For readers: documents, figures, proofs, digests.
    Report,
    /// For the firm only, sealed to its key: populations, SQL and results too.
    Examination,
}

/// Issue a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueReportPackage {
    /// The engagement.
    pub engagement: EngagementId,
    /// Which package.
    pub kind: PackageKind,
    /// Vault object that lists the package's files and their digests, but for the ledger's proofs.
    pub contents: Digest,
}

/// A package was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportPackageIssued {
    /// The engagement.
    pub engagement: EngagementId,
    /// Which package.
    pub kind: PackageKind,
    /// Digest of the list of the package's files and their digests, but for the ledger's proofs.
    pub contents: Digest,
}

/// A package as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPackage {
    /// Which package.
    pub kind: PackageKind,
    /// Digest of the list of its files.
    pub contents: Digest,
    /// Entry that recorded it.
    pub entry: u64,
}

/// Record that a reader got a copy of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordReaderCopy {
    /// The engagement.
    pub engagement: EngagementId,
    /// Entry that issued the report package.
    pub package: u64,
    /// Who reads it (vault text, sealed).
    pub reader: Digest,
    /// Digest of the copy's bytes.
    pub copy: Digest,
}

/// A reader got a copy of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderCopyRecorded {
    /// The engagement.
    pub engagement: EngagementId,
    /// Entry that issued the report package.
    pub package: u64,
    /// Who reads it (vault text, sealed).
    pub reader: Digest,
    /// Digest of the copy's bytes, which the vault does not keep: they are made again.
    pub copy: Digest,
}

/// A reader's copy as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderCopy {
    /// Entry that issued the report package.
    pub package: u64,
    /// Who reads it (vault text, sealed).
    pub reader: Digest,
    /// Digest of the copy's bytes.
    pub copy: Digest,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_issue(state: &State, author: &Author, command: IssueReportPackage) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let engagement = state.engagement(&command.engagement)?;
    if engagement.description.is_none() {
        return Err(Refusal::PackageLacks("a system description"));
    }
    if engagement.assertion.is_none() {
        return Err(Refusal::PackageLacks("management's assertion"));
    }
    if command.kind == PackageKind::Examination && engagement.firm.is_none() {
        return Err(Refusal::PackageLacks("a firm whose key it is sealed to"));
    }
    Ok(vec![Event::ReportPackageIssued(ReportPackageIssued {
        engagement: command.engagement,
        kind: command.kind,
        contents: command.contents,
    })])
}

pub(crate) fn decide_copy(state: &State, author: &Author, command: RecordReaderCopy) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let RecordReaderCopy { engagement, package, reader, copy } = command;
    let of = state.engagement(&engagement)?;
    let is_report = |issued: &&ReportPackage| issued.kind == PackageKind::Report && issued.entry == package;
    let Some(issued) = of.packages.iter().find(is_report) else { return Err(Refusal::NoReportPackage(engagement)) };
    if of.auditors_report.as_ref().is_none_or(|report| report.entry > issued.entry) {
        return Err(Refusal::PackageLacks("a report that the firm had signed when it was issued"));
    }
    if of.reader_copies.iter().any(|made| made.copy == copy) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ReaderCopyRecorded(ReaderCopyRecorded { engagement, package, reader, copy })])
}

impl State {
    pub(crate) fn apply_reader_copy_recorded(&mut self, event: &ReaderCopyRecorded, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            let ReaderCopyRecorded { package, reader, copy, .. } = *event;
            engagement.reader_copies.push(ReaderCopy { package, reader, copy, entry: recorded.index });
        }
    }

    pub(crate) fn apply_report_package_issued(&mut self, event: &ReportPackageIssued, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.packages.push(ReportPackage {
                kind: event.kind,
                contents: event.contents,
                entry: recorded.index,
            });
        }
    }
}
