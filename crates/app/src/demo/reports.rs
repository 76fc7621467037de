//! The reports of the sample company: one of each kind and type, all read through one control set.

use tickmark_domain::{ReportKind, ReportType, SectionOrder, Span, advisor::Standard};
use toml::{Table, Value};

use super::{FIRST, LAST, people};
use crate::{Error, NewEngagement, assertion_example, description_example, written::Written};

/// One report.
pub(super) struct SampleReport {
    /// Its engagement.
    pub(super) id: &'static str,
    pub(super) kind: ReportKind,
    report_type: ReportType,
    standards: &'static [Standard],
    section_order: SectionOrder,
    /// What its description words otherwise than the other report of its kind.
    otherwise: Option<&'static str>,
    /// Management's assertion, where it is not that of the other report of its kind.
    assertion: Option<&'static str>,
    /// The report whose tests by the firm it states too: a control tested once is stated in both.
    pub(super) tested_in: Option<&'static str>,
    /// A report before it whose tests of shared controls it states besides its own.
    pub(super) shares_tests_of: Option<&'static str>,
}

const PERIOD: ReportType = ReportType::Type2(Span { first: FIRST, last: LAST });
const DAY: ReportType = ReportType::Type1 { as_of_on: LAST };

/// A report of its kind in the usual way: over the period, in the usual standard and order.
const fn usual(id: &'static str, kind: ReportKind) -> SampleReport {
    SampleReport {
        id,
        kind,
        report_type: PERIOD,
        standards: &[],
        section_order: SectionOrder::AuditorFirst,
        otherwise: None,
        assertion: None,
        tested_in: None,
        shares_tests_of: None,
    }
}

/// All of them. The reports under ISAE 3402 and on SOC 2 at a day print management's part first, so that both orders can be
/// seen.
pub(super) const REPORTS: [SampleReport; 6] = [
    SampleReport { tested_in: Some("soc1"), ..usual("soc1", ReportKind::Soc1) },
    SampleReport { tested_in: Some("soc2"), shares_tests_of: Some("soc1"), ..usual("soc2", ReportKind::Soc2) },
    SampleReport {
        report_type: DAY,
        otherwise: Some(include_str!("../../demo/soc1-type1/description.toml")),
        assertion: Some(include_str!("../../demo/soc1-type1/assertion.md")),
        ..usual("soc1-type1", ReportKind::Soc1)
    },
    SampleReport {
        report_type: DAY,
        section_order: SectionOrder::ManagementFirst,
        otherwise: Some(include_str!("../../demo/soc2-type1/description.toml")),
        assertion: Some(include_str!("../../demo/soc2-type1/assertion.md")),
        ..usual("soc2-type1", ReportKind::Soc2)
    },
    usual("soc3", ReportKind::Soc3),
    SampleReport {
        standards: &[Standard::Isae3402],
        section_order: SectionOrder::ManagementFirst,
        assertion: Some(include_str!("../../demo/isae3402/assertion.md")),
        tested_in: Some("soc1"),
        ..usual("isae3402", ReportKind::Soc1)
    },
];

impl SampleReport {
    pub(super) fn engagement(&self, organization: &people::OrganizationPart) -> NewEngagement {
        let (industries, categories) = match self.kind {
            ReportKind::Soc1 => (vec!["payroll".to_owned()], Vec::new()),
            ReportKind::Soc2 | ReportKind::Soc3 => (Vec::new(), organization.categories.clone()),
        };
        NewEngagement {
            id: self.id.to_owned(),
            report: self.kind,
            report_type: self.report_type,
            system: organization.system.clone(),
            industries,
            objectives: Vec::new(),
            categories,
            without_security: None,
            standards: self.standards.to_vec(),
            section_order: self.section_order,
        }
    }

    /// Management's description.
    pub(super) fn description(&self) -> Result<Written, Error> {
        let text = description_example(self.kind);
        match self.otherwise {
            None => Ok(Written::embedded("description.toml", text)),
            Some(part) => otherwise(text, part),
        }
    }

    /// Management's assertion.
    pub(super) fn assertion(&self) -> &'static str {
        self.assertion.unwrap_or_else(|| assertion_example(self.kind))
    }
}

/// A description in which parts of another take the place of those of the same name or, within a list, of the same title; what
/// `leave_out` names is left out.
fn otherwise(base: &str, part: &str) -> Result<Written, Error> {
    let mut whole: Table = Written::embedded("description.toml", base).parse()?;
    let parts: Table = Written::embedded("description.toml", part).parse()?;
    for (key, value) in parts {
        match (key.as_str(), value, whole.get_mut(&key)) {
            ("leave_out", Value::Array(names), _) => {
                for name in names.iter().filter_map(Value::as_str) {
                    whole.remove(name);
                }
            }
            (_, Value::Array(worded), Some(Value::Array(all))) => {
                for section in worded {
                    let place = all.iter_mut().find(|other| other.get("title") == section.get("title"));
                    match place {
                        Some(place) => *place = section,
                        None => all.push(section),
                    }
                }
            }
            (_, value, _) => {
                whole.insert(key, value);
            }
        }
    }
    let text = toml::to_string(&whole)
        .map_err(|error| Error::Settings { path: "description.toml".into(), problem: error.to_string() })?;
    Ok(Written::embedded("description.toml", text))
}
