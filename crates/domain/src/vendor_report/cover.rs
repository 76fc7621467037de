//! What a report is, and who signed it; how its days stand to ours.

use jiff::civil::Date;
use serde::Serialize;

use super::{Found, VendorReportKind, opinion, text::Text};
use crate::{EngagementId, ReportType, ScopeFacts, ScopeItemId, Span, State, StatedOpinion, SubserviceReport};

/// Names of kinds, in small letters.
const KINDS: [(&str, VendorReportKind); 12] = [
    ("soc 1", VendorReportKind::Soc1),
    ("soc-1", VendorReportKind::Soc1),
    ("soc1", VendorReportKind::Soc1),
    ("soc 2", VendorReportKind::Soc2),
    ("soc-2", VendorReportKind::Soc2),
    ("soc2", VendorReportKind::Soc2),
    ("soc 3", VendorReportKind::Soc3),
    ("soc-3", VendorReportKind::Soc3),
    ("soc3", VendorReportKind::Soc3),
    ("isae 3402", VendorReportKind::Isae3402),
    ("isae no. 3402", VendorReportKind::Isae3402),
    ("standard on assurance engagements 3402", VendorReportKind::Isae3402),
];

/// What a report is about, where its name is nowhere.
const SUBJECTS: [(&str, VendorReportKind); 2] = [
    ("internal control over financial reporting", VendorReportKind::Soc1),
    ("trust services criteria", VendorReportKind::Soc2),
];

/// The trust services categories.
const CATEGORIES: [&str; 5] = ["security", "availability", "processing integrity", "confidentiality", "privacy"];

/// What names of accounting firms end in, the surest first.
const SUFFIXES: [&[&str]; 2] = [
    &["LLP", "L.L.P.", "PLLC", "P.L.L.C.", "P.C.", "CPAs", "S.C.", "Accountants"],
    &["LLC", "Ltd", "Ltd.", "Limited", "AG", "GmbH", "Co."],
];

/// A firm's name is one line of at most so many words.
const NAME_WORDS: usize = 8;

/// The auditor's report is at most so many pages before and after its opinion.
const PAGES_AROUND: u32 = 4;

/// The first name of a kind. Reports name their own kind on the cover and others later.
pub(super) fn kind(text: &Text) -> Option<Found<VendorReportKind>> {
    let first = |names: &[(&str, VendorReportKind)]| {
        names.iter().filter_map(|(name, kind)| Some((text.places(name).next()?, *kind))).min_by_key(|(at, _)| *at)
    };
    let (at, value) = first(&KINDS).or_else(|| first(&SUBJECTS))?;
    Some(Found { value, page: text.page(at), words: text.words(at) })
}

/// Categories where the report says what it is relevant to.
pub(super) fn categories(text: &Text) -> Option<Found<Vec<String>>> {
    text.places("relevant to").find_map(|at| {
        let said = text.lower_between(at, at + 160);
        let said = said.split([';', '.']).next().unwrap_or_default();
        let named: Vec<String> =
            CATEGORIES.iter().filter(|name| said.contains(**name)).map(|name| (*name).to_owned()).collect();
        (!named.is_empty()).then(|| Found { value: named, page: text.page(at), words: text.words(at) })
    })
}

/// The name of a firm that stands alone on a line near the opinion, else anywhere; the most frequent one.
pub(super) fn firm(text: &Text) -> Option<Found<String>> {
    let around = opinion::place(text).map(|at| text.page(at));
    let near = |page: u32| around.is_some_and(|opinion| page.abs_diff(opinion) <= PAGES_AROUND);
    let found = |suffixes: &[&str], only_near: bool| {
        let mut names: Vec<(String, u32, usize)> = Vec::new();
        for line in text.lines.iter().filter(|line| !only_near || near(line.page)) {
            for name in line.text.split('\t').filter_map(|cell| firm_name(cell, suffixes)) {
                match names.iter_mut().find(|(known, _, _)| *known == name) {
                    Some((_, _, count)) => *count += 1,
                    None => names.push((name, line.page, 1)),
                }
            }
        }
        let most = names.iter().map(|(_, _, count)| *count).max()?;
        let (value, page, _) = names.into_iter().find(|(_, _, count)| *count == most)?;
        Some(Found { words: value.clone(), value, page })
    };
    let [sure, other] = SUFFIXES;
    // Vendors are limited companies as well: those endings count near the opinion only.
    found(sure, true).or_else(|| found(sure, false)).or_else(|| found(other, true))
}

/// A firm's name in a cell that holds little else; a place that follows is cut off.
fn firm_name(cell: &str, suffixes: &[&str]) -> Option<String> {
    let words: Vec<&str> = cell.split_whitespace().collect();
    let ends = words.iter().position(|word| suffixes.contains(&word.trim_end_matches([',', ';'])))?;
    let name = words.get(..=ends)?;
    // A label of the same line: "Service auditor: Alder & Finch LLP".
    let label = name.iter().rposition(|word| word.ends_with(':')).map_or(0, |label| label + 1);
    let name = name.get(label..)?;
    let is_name = !matches!(*name.first()?, "Certified" | "Independent" | "Registered" | "Public")
        && (2..=NAME_WORDS).contains(&name.len())
        && name.first()?.starts_with(char::is_uppercase)
        && words.len() - ends <= 5
        && name.iter().all(|word| word.starts_with(|c: char| c.is_uppercase() || !c.is_alphabetic()) || *word == "and");
    is_name.then(|| name.join(" ").trim_end_matches([',', ';']).to_owned())
}

/// How the days of a report on file stand to those of one engagement of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodGap {
    /// The engagement.
    pub engagement: EngagementId,
    /// Our days.
    pub ours: Span,
    /// Days of ours before the report's first.
    pub before_days: u64,
    /// Days of ours after the report's last; for a Type 1 of ours, days from there up to the as-of date.
    pub after_days: u64,
    /// How many of these a bridge letter speaks of.
    pub bridged_days: u64,
    /// Why the report covers none of our days, if so: its type, its opinion.
    pub covers_nothing: Option<&'static str>,
}

impl State {
    /// How a report on file stands to each engagement of its subject that leaves its organization out or includes it.
    pub fn vendor_report_gaps(&self, report: &ScopeItemId) -> Vec<PeriodGap> {
        let Some(ScopeFacts::SubserviceReport(facts)) =
            self.scope.get(report).and_then(|record| Some(&record.standing()?.item.facts))
        else {
            return Vec::new();
        };
        let organization = self.scope.get(&facts.organization).and_then(|record| Some(&record.standing()?.item.facts));
        let Some(ScopeFacts::SubserviceOrganization(organization)) = organization else { return Vec::new() };
        let subject = facts.report.scoped_as();
        let engagements = self.engagements.iter().filter(|(_, engagement)| {
            engagement.report.scoped_as() == subject && organization.method.contains_key(&subject)
        });
        engagements.map(|(id, engagement)| gap(id, engagement.report_type, facts)).collect()
    }
}

fn gap(id: &EngagementId, our_type: ReportType, facts: &SubserviceReport) -> PeriodGap {
    let (ours, theirs) = (our_type.span(), facts.report_type.span());
    let covers_nothing = match (our_type, facts.report_type, facts.opinion) {
        (_, _, StatedOpinion::Adverse) => Some("its opinion is adverse"),
        (_, _, StatedOpinion::Disclaimer) => Some("its opinion is disclaimed"),
        (ReportType::Type2(_), ReportType::Type1 { .. }, _) => Some("a Type 1 says nothing of a period"),
        (ReportType::Type1 { .. } | ReportType::Type2(_), _, _) => None,
    };
    let days = |first: Date, last: Date| if first <= last { (Span { first, last }).length() } else { 0 };
    let day = jiff::Span::new().days(1);
    // An as-of date has no days of its own before it: what counts is how long before it theirs ended.
    let after_from = match our_type {
        ReportType::Type1 { .. } => theirs.last.saturating_add(day),
        ReportType::Type2(_) => ours.first.max(theirs.last.saturating_add(day)),
    };
    let bridged = facts.bridge_until.map_or(0, |until| days(after_from, ours.last.min(until)));
    PeriodGap {
        engagement: id.clone(),
        ours,
        before_days: days(ours.first, ours.last.min(theirs.first.saturating_sub(day))),
        after_days: days(after_from, ours.last),
        bridged_days: bridged,
        covers_nothing,
    }
}
