//! Words that every part of a report shares: its title, its dates, whom it is for.

use jiff::civil::Date;

use crate::view::{Coverage, EngagementView, ReportKind, ReportType};

/// "SOC 1 Type 2".
pub(super) fn report_title(engagement: &EngagementView) -> String {
    titled(engagement, "")
}

/// The same where it stands first: the names are registered marks.
pub(super) fn marked_title(engagement: &EngagementView) -> String {
    titled(engagement, "®")
}

fn titled(engagement: &EngagementView, mark: &str) -> String {
    let report_type = match engagement.report_type {
        ReportType::Type1 => "Type 1",
        ReportType::Type2 => "Type 2",
    };
    format!("{}{mark} {report_type}", engagement.report.title())
}

/// "October 1, 2025".
pub(super) fn day(date: Date) -> String {
    date.strftime("%B %-d, %Y").to_string()
}

/// "Oct 1, 2025", for a table.
pub(super) fn short_day(date: Date) -> String {
    date.strftime("%b %-d, %Y").to_string()
}

/// The as-of date or the period.
pub(super) fn coverage(coverage: &Coverage) -> (&'static str, String) {
    match coverage {
        Coverage::AsOf { on } => ("As of", day(*on)),
        Coverage::Period { first, last } => ("Period", format!("{} to {}", day(*first), day(*last))),
    }
}

/// A list in a sentence: "a", "a and b", "a, b and c".
pub(super) fn in_words<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// What the controls are relevant to.
pub(super) fn subject(engagement: &EngagementView) -> String {
    match engagement.report {
        ReportKind::Soc1 => "user entities' internal control over financial reporting".to_owned(),
        ReportKind::Soc2 | ReportKind::Soc3 if engagement.categories.is_empty() => {
            "the trust services criteria".to_owned()
        }
        ReportKind::Soc2 | ReportKind::Soc3 => in_words(&engagement.categories).to_lowercase(),
    }
}

/// What controls are held against, at the head of a column.
pub(super) fn measures(report: ReportKind) -> &'static str {
    match report {
        ReportKind::Soc1 => "Control objectives",
        ReportKind::Soc2 | ReportKind::Soc3 => "Criteria",
    }
}

/// Whom the report is for.
pub(super) fn restricted_use(engagement: &EngagementView) -> String {
    let (organization, system) = (&engagement.organization.name, &engagement.system);
    let nobody_else = "It is not intended for anyone else, and nobody else should use it.";
    match engagement.report {
        ReportKind::Soc1 => {
            let when = match engagement.coverage {
                Coverage::AsOf { .. } => "on the date it speaks of",
                Coverage::Period { .. } => "during some or all of its period",
            };
            format!(
                "This report is intended solely for the management of {organization}, for entities that used the {system} {when}, \
                 and for the auditors who audit those entities' financial statements or internal control over financial \
                 reporting. {nobody_else}"
            )
        }
        ReportKind::Soc3 => "This report is for general use.".to_owned(),
        ReportKind::Soc2 => format!(
            "This report is intended solely for {organization}, for entities that use the {system}, and for other parties who \
             know enough about the service, about internal control and its limits, and about the criteria to understand it. \
             {nobody_else}"
        ),
    }
}
