//! Packages: what leaves the house. Issuing one is the last entry of the engagement's stream that the package discloses,
//! so nothing that came before can be left out of it unseen.

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

impl State {
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
