//! A vendor's report as a proposal: what the words of its pages seem to say, each field with the page and the words.
//!
//! Invariant: a proposal is no fact. A person confirms or corrects each field before anything is recorded.
//! Invariant: what is not found is said to be not found; no field has a default.

mod cover;
mod dates;
mod lists;
mod opinion;
mod text;

use serde::{Deserialize, Serialize};

use self::text::Text;
use crate::{ReportType, StatedOpinion, SubserviceMethod};

pub use cover::PeriodGap;

/// Which report of a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VendorReportKind {
    /// AT-C 320.
    Soc1,
    /// TSP 100.
    Soc2,
    /// The same for anybody to read.
    Soc3,
    /// The international standard that a SOC 1 answers to.
    Isae3402,
}

impl VendorReportKind {
    /// The report of ours that it stands beside.
    pub fn report(self) -> crate::ReportKind {
        match self {
            Self::Soc1 | Self::Isae3402 => crate::ReportKind::Soc1,
            Self::Soc2 => crate::ReportKind::Soc2,
            Self::Soc3 => crate::ReportKind::Soc3,
        }
    }

    /// As people write it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Soc1 => "SOC 1",
            Self::Soc2 => "SOC 2",
            Self::Soc3 => "SOC 3",
            Self::Isae3402 => "ISAE 3402",
        }
    }
}

/// A value with the place that it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found<T> {
    /// What was read.
    pub value: T,
    /// The page, counted from the file's first as 1.
    pub page: u32,
    /// The words.
    pub words: String,
}

/// The parts of an opinion, each with a conclusion of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the standard's own words")]
pub enum OpinionPart {
    Description,
    Design,
    Operation,
}

/// A deviation that the service auditor lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedDeviation {
    /// The vendor's control, if an id stands before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// What was found.
    pub text: String,
}

/// A complementary user entity control that the vendor's design assumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedCuec {
    /// Its id in the report; a number of ours where it has none.
    pub id: String,
    /// Its words.
    pub text: String,
}

/// What a report seems to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VendorReportProposal {
    /// Which report.
    pub kind: Option<Found<VendorReportKind>>,
    /// Its type with its date or period.
    pub report_type: Option<Found<ReportType>>,
    /// Who signed.
    pub firm: Option<Found<String>>,
    /// The opinion as a whole: that of its worst part.
    pub opinion: Option<Found<StatedOpinion>>,
    /// The opinion on each part that it speaks of.
    pub opinion_parts: Vec<Found<(OpinionPart, StatedOpinion)>>,
    /// Trust services categories (SOC 2 and SOC 3).
    pub categories: Option<Found<Vec<String>>>,
    /// Its subservice organizations.
    pub subservice_organizations: Vec<Found<String>>,
    /// Whether they are carved out or included.
    pub subservice_method: Option<Found<SubserviceMethod>>,
    /// Deviations.
    pub deviations: Vec<Found<ListedDeviation>>,
    /// Complementary user entity controls.
    pub cuecs: Vec<Found<ListedCuec>>,
    /// What a careful reader would ask about.
    pub warnings: Vec<String>,
}

/// Reads the pages of a report; each page is its lines, and cells of a row are parted by tabs.
pub fn read_vendor_report(pages: &[Vec<String>]) -> VendorReportProposal {
    let text = Text::of(pages);
    let kind = cover::kind(&text);
    let mut proposal = VendorReportProposal {
        report_type: dates::report_type(&text),
        firm: cover::firm(&text),
        opinion: opinion::whole(&text),
        opinion_parts: opinion::parts(&text),
        categories: None,
        subservice_organizations: lists::subservice_organizations(&text),
        subservice_method: lists::subservice_method(&text),
        deviations: lists::deviations(&text),
        cuecs: lists::cuecs(&text),
        warnings: Vec::new(),
        kind,
    };
    if matches!(proposal.kind.as_ref().map(|kind| kind.value), Some(VendorReportKind::Soc2 | VendorReportKind::Soc3)) {
        proposal.categories = cover::categories(&text);
    }
    proposal.warnings = warnings(&proposal, &text);
    proposal
}

/// Red flags of a vendor's report, as far as its words alone show them.
fn warnings(proposal: &VendorReportProposal, text: &Text) -> Vec<String> {
    let mut found = Vec::new();
    if proposal.kind.as_ref().is_some_and(|kind| kind.value == VendorReportKind::Soc3) {
        found.push("a SOC 3 has no controls, no tests and no complementary controls: ask for the SOC 2".to_owned());
    }
    if proposal.kind.is_none() && text.find("certificate", 0).is_some() {
        found.push("it speaks of a certificate and names no kind of report: a certificate is no report".to_owned());
    }
    match &proposal.report_type {
        Some(Found { value: ReportType::Type1 { .. }, .. }) => {
            found.push("a Type 1 says nothing of how controls operated".to_owned());
        }
        Some(Found { value: ReportType::Type2(span), .. }) if span.whole_months() < 3 => {
            found.push("its period is shorter than three months".to_owned());
        }
        Some(_) | None => {}
    }
    found.extend(dates::other_periods(text, proposal.report_type.as_ref().map(|found| found.value)));
    if proposal.firm.is_none() {
        found.push("no firm was found: a report without a named service auditor is none".to_owned());
    }
    if proposal.opinion.is_none() {
        found.push("no opinion was found: ask whether this is the whole report".to_owned());
    }
    if proposal.subservice_organizations.is_empty() {
        found.push("no subservice organization was found: few services stand on nobody else's".to_owned());
    }
    found
}
