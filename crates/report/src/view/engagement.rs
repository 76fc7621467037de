//! What stands on the cover and in the running head of every document of an engagement.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The engagement a document is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementView {
    /// The engagement's id, as the ledger's stream names it.
    pub id: String,
    /// SOC 1, SOC 2 or SOC 3.
    pub report: ReportKind,
    /// Type 1 or Type 2. A SOC 3 has a period, as a Type 2 has, and is called neither.
    pub report_type: ReportType,
    /// The standards that the report names, where they are not the usual one of its kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<Standard>,
    /// Which of the first two sections comes first.
    #[serde(default, skip_serializing_if = "SectionOrder::is_usual")]
    pub section_order: SectionOrder,
    /// The service organization.
    pub organization: OrganizationView,
    /// The service auditor's firm, once engaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmView>,
    /// The system's name, the same wherever it is printed.
    pub system: String,
    /// SOC 2 and SOC 3: the trust services categories in scope ("Security", "Availability"); empty for SOC 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// The as-of date (Type 1) or the period (Type 2).
    pub coverage: Coverage,
    /// The day the document was prepared; it becomes the PDF's date, since no clock is read here.
    pub prepared_on: Date,
}

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// Controls relevant to user entities' internal control over financial reporting (AT-C 320).
    Soc1,
    /// Controls relevant to trust services categories (AT-C 205, TSP section 100).
    Soc2,
    /// The same subject over a period, for anybody to read (AT-C 205, TSP section 100).
    Soc3,
}

/// A standard under which a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standard {
    /// A SOC 1 of the United States.
    #[serde(rename = "AT-C 320")]
    AtC320,
    /// A SOC 2 or SOC 3 of the United States.
    #[serde(rename = "AT-C 205")]
    AtC205,
    /// The international standard for what a SOC 1 answers.
    #[serde(rename = "ISAE 3402")]
    Isae3402,
}

impl Standard {
    /// As its body names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AtC320 => "AT-C 320",
            Self::AtC205 => "AT-C 205",
            Self::Isae3402 => "ISAE 3402",
        }
    }
}

/// Which of the first two sections comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionOrder {
    /// The service auditor's report.
    #[default]
    AuditorFirst,
    /// Management's assertion.
    ManagementFirst,
}

impl SectionOrder {
    /// Whether it is the order where nothing else is said.
    fn is_usual(&self) -> bool {
        *self == Self::AuditorFirst
    }
}

impl EngagementView {
    /// Whether the report is made under ISAE 3402 alone, in whose words it is then written.
    pub fn is_isae_alone(&self) -> bool {
        self.standards == [Standard::Isae3402]
    }
}

impl ReportKind {
    /// "SOC 1", "SOC 2" or "SOC 3".
    pub fn title(self) -> &'static str {
        match self {
            Self::Soc1 => "SOC 1",
            Self::Soc2 => "SOC 2",
            Self::Soc3 => "SOC 3",
        }
    }
}

/// Design at a date, or design and operation over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// At an as-of date; no tests of operation.
    Type1,
    /// Throughout a period; with tests and results.
    Type2,
}

/// The time a report speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Coverage {
    /// Type 1.
    AsOf {
        /// The date.
        on: Date,
    },
    /// Type 2.
    Period {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
}

impl Coverage {
    /// The as-of date or the period's last day.
    pub fn last(&self) -> Date {
        match self {
            Self::AsOf { on } => *on,
            Self::Period { last, .. } => *last,
        }
    }
}

/// The service organization as documents name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationView {
    /// Its legal name.
    pub name: String,
    /// The name the text uses after first mention.
    pub short_name: String,
}

/// The service auditor's firm as documents name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmView {
    /// Its name.
    pub name: String,
    /// The city it signs from.
    pub city: String,
}
