//! The SOC report: five sections in one document.
//!
//! Invariant: Section I prints the firm's recorded text or says that there is none; nothing of it is drafted here.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use super::{Description, EngagementView, OtherInformation, Provenance, TestsOfControls};
use crate::Prose;

/// Everything the SOC report prints, in the order it prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportView {
    /// Cover and running head.
    pub engagement: EngagementView,
    /// Section I.
    pub auditor_report: AuditorReport,
    /// Section II.
    pub assertion: ManagementAssertion,
    /// Section II, inclusive method: assertions of subservice organizations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subservice_assertions: Vec<SubserviceAssertion>,
    /// Section III; of a SOC 3, what is attached to management's assertion: boundary and principal commitments.
    pub description: Description,
    /// Section IV; `None` in a Type 1 and in a SOC 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests_of_controls: Option<TestsOfControls>,
    /// Section V.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_information: Option<OtherInformation>,
    /// What a lint of these documents warned of and management overruled; no document prints it, `how-to-check.md` lists it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overruled: Vec<OverruledFinding>,
    /// Who reads this copy: the name stands on every page. None in what is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
    /// Where the facts come from.
    pub provenance: Provenance,
}

/// A warning of the lint that management overruled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverruledFinding {
    /// The rule.
    pub rule: String,
    /// Where it was found.
    pub place: String,
    /// What was found.
    pub says: String,
    /// Why it stays as it is, in management's words.
    pub reason: String,
    /// Who overruled it.
    pub by: String,
    /// When.
    pub on: Date,
    /// The ledger entry that records it.
    pub entry: u64,
}

impl ReportView {
    /// Whether the firm has signed; until then every page is marked as a draft (RPT-09).
    pub fn is_signed(&self) -> bool {
        matches!(self.auditor_report, AuditorReport::Issued { .. })
    }
}

/// Section I: the independent service auditor's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditorReport {
    /// The firm has recorded none.
    NotIssued,
    /// The firm recorded its report and signed it.
    Issued {
        /// The firm's own text, verbatim.
        text: Prose,
        /// Who signed: the firm's name as it signs.
        signed_by: String,
        /// The city.
        city: String,
        /// The report date.
        dated: Date,
        /// The vault object that holds the document.
        digest: Digest,
        /// The ledger entry by which the firm recorded it.
        entry: u64,
    },
}

/// Section II: what management asserts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementAssertion {
    /// The text; empty while management has written none.
    pub text: Prose,
    /// Who signs.
    pub signatories: Vec<Signatory>,
    /// When it was signed; `None` while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_on: Option<Date>,
    /// The vault object that holds the signed document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// A person who signs for management.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// The name.
    pub name: String,
    /// The office held.
    pub title: String,
}

/// The assertion of a subservice organization under the inclusive method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubserviceAssertion {
    /// The organization's name.
    pub organization: String,
    /// The assertion.
    pub assertion: ManagementAssertion,
}
