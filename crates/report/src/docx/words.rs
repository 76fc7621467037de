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

/// The names of the American reports are registered marks; a SOC 3 has no types.
fn titled(engagement: &EngagementView, mark: &str) -> String {
    let report_type = match engagement.report_type {
        ReportType::Type1 => "Type 1",
        ReportType::Type2 => "Type 2",
    };
    match engagement.report {
        _ if engagement.is_isae_alone() => format!("ISAE 3402 {report_type}"),
        ReportKind::Soc3 => format!("{}{mark}", engagement.report.title()),
        ReportKind::Soc1 | ReportKind::Soc2 => format!("{}{mark} {report_type}", engagement.report.title()),
    }
}

/// What follows the name of the report on its cover.
pub(super) fn kind(engagement: &EngagementView) -> &'static str {
    if engagement.is_isae_alone() { "assurance report" } else { "report" }
}

/// What management signs: an assertion, or in the words of ISAE 3402 a statement.
pub(super) fn assertion_word(engagement: &EngagementView) -> &'static str {
    if engagement.is_isae_alone() { "statement" } else { "assertion" }
}

/// Who may use the report, as the foot of each page says it.
pub(super) fn use_line(engagement: &EngagementView) -> &'static str {
    match engagement.report {
        ReportKind::Soc3 => "General use.",
        ReportKind::Soc1 | ReportKind::Soc2 => {
            "Restricted use: see the cover for the parties this report is intended for."
        }
    }
}

/// The title over `intended_use`.
pub(super) fn use_title(engagement: &EngagementView) -> &'static str {
    match engagement.report {
        ReportKind::Soc3 => "General use",
        ReportKind::Soc1 | ReportKind::Soc2 => "Restricted use",
    }
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
        ReportKind::Soc1 if engagement.is_isae_alone() => {
            "user entities' internal control as it relates to financial reporting".to_owned()
        }
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

/// Whom the report is for; it stands on every cover (RPT-12).
pub(super) fn intended_use(engagement: &EngagementView) -> String {
    let (organization, system) = (&engagement.organization.name, &engagement.system);
    let nobody_else = "It is not intended for anyone else, and nobody else should use it.";
    let when = match engagement.coverage {
        Coverage::AsOf { .. } => "on the date it speaks of",
        Coverage::Period { .. } => "during some or all of its period",
    };
    match engagement.report {
        ReportKind::Soc1 if engagement.is_isae_alone() => format!(
            "This report is intended only for entities that used the {system} {when}, and for their auditors, who understand \
             enough to consider it together with other information, including information about the controls that these entities \
             run themselves, when they assess the risks of material misstatement of the entities' financial statements."
        ),
        ReportKind::Soc1 => {
            format!(
                "This report is intended solely for the management of {organization}, for entities that used the {system} {when}, \
                 and for the auditors who audit those entities' financial statements or internal control over financial \
                 reporting. {nobody_else}"
            )
        }
        ReportKind::Soc3 => format!(
            "This report may be given to anybody. It names neither the controls of {organization} nor tests of them. Who has to \
             know these asks {organization} for its SOC 2 report, the use of which is restricted."
        ),
        ReportKind::Soc2 => format!(
            "This report is intended solely for {organization}, for entities that use the {system}, and for other parties who \
             know enough about the service, about internal control and its limits, and about the criteria to understand it. \
             {nobody_else}"
        ),
    }
}
