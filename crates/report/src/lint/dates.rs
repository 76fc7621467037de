//! Dates (DAT-01 to DAT-08).

use jiff::ToSpan;

use super::Findings;
use crate::view::{AuditorReport, Coverage, EngagementView, ReportKind, ReportType, ReportView};

pub(super) fn engagement(engagement: &EngagementView, findings: &mut Findings) {
    let place = "engagement.coverage";
    match (engagement.report_type, engagement.coverage) {
        (ReportType::Type1, Coverage::Period { .. }) => {
            findings.error("DAT-01", place, "a Type 1 has exactly one as-of date");
        }
        (ReportType::Type2, Coverage::AsOf { .. }) => {
            findings.error("DAT-01", place, "a Type 2 has a first and a last day");
        }
        (ReportType::Type2, Coverage::Period { first, last }) if first >= last => {
            findings.error("DAT-01", place, format!("the first day {first} is not before the last day {last}"));
        }
        (ReportType::Type2, Coverage::Period { first, last }) => {
            let last_of = |months: i64| first.checked_add(months.months()).and_then(|end| end.checked_sub(1.day()));
            let shorter_than = |months: i64| last_of(months).is_ok_and(|end| last < end);
            if last_of(12).is_ok_and(|end| last > end) {
                findings.warn(
                    "DAT-08",
                    place,
                    "the period is longer than twelve months: readers expect a report each year",
                );
            }
            if shorter_than(3) {
                findings.warn("DAT-08", place, "the period is shorter than three months");
            } else if engagement.report == ReportKind::Soc1 && shorter_than(6) {
                findings.warn(
                    "DAT-08",
                    place,
                    "a SOC 1 period shorter than six months covers little of a user entity's year",
                );
            }
        }
        (ReportType::Type1, Coverage::AsOf { .. }) => {}
    }
}

pub(super) fn report(view: &ReportView, findings: &mut Findings) {
    let last = view.engagement.coverage.last();
    let signed = view.assertion.signed_on;
    if let Some(signed) = signed
        && signed < last
    {
        findings.error(
            "DAT-03",
            "assertion.signed_on",
            format!("the assertion of {signed} was signed before {last}, the last day it covers"),
        );
    }
    if let AuditorReport::Issued { dated, .. } = &view.auditor_report {
        if *dated <= last {
            findings.error(
                "DAT-03",
                "auditor_report.dated",
                format!("the report date {dated} is not after {last}, the last day it covers"),
            );
        }
        match signed {
            Some(signed) if signed > *dated => findings.error(
                "DAT-03",
                "assertion.signed_on",
                format!("the assertion of {signed} was signed after the report date {dated}"),
            ),
            None => findings.error(
                "DAT-03",
                "assertion.signed_on",
                "the firm has signed, and management's assertion is unsigned",
            ),
            Some(_) => {}
        }
    }
}
