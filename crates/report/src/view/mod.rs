//! Views: everything a document prints, as plain values that whoever knows the state fills in.
//!
//! Invariant: a document prints nothing that is not in its view, and a view holds nothing of the firm's but what the
//! firm recorded.

mod advice_memo;
mod checklist;
mod companion;
mod control;
mod control_calendar;
mod description;
mod engagement;
mod exceptions;
mod management_testing;
mod other_information;
mod population;
mod report;
mod standing;
mod tests_of_controls;

pub use advice_memo::{AdviceMemoView, MemoCost, MemoCover, MemoFact, MemoReason, MemoReport, MemoStep};
pub use checklist::{ChecklistLine, ChecklistSection, ChecklistView};
pub use companion::{CompanionColumn, CompanionPart, CompanionSignatory, CompanionView};
pub use control::{Automation, ControlVersion, ControlView, Measure, Nature};
pub use control_calendar::{CalendarLine, CalendarSign, ControlCalendarView};
pub use description::{
    Change, ChangeDisclosure, Commitment, Complementary, Component, ComponentKind, Description, Incident,
    IncidentDisclosure, KeyReport, Method, Section, SubserviceOrganization, TransactionClass,
};
pub use engagement::{
    Coverage, EngagementView, FirmView, OrganizationView, ReportKind, ReportType, SectionOrder, Standard,
};
pub use exceptions::{AssessmentView, CompensatingControl, ExceptionRow, ExceptionState, ExceptionsView, StateChange};
pub use management_testing::{
    AttributeView, Conclusion, ControlTesting, ControlTotal, ManagementTestExtent, ManagementTesting,
    ManagementTestingView, Outcome, Score, ScoreKind, Severity, SourceView, TestedControl,
};
pub use other_information::{ManagementResponse, OtherInformation, UnansweredDeviation};
pub use population::{ExtractRead, KeysView, PopulationCheckView, PopulationView, RowsView, SecondSourceView};
pub use report::{AuditorReport, ManagementAssertion, OverruledFinding, ReportView, Signatory, SubserviceAssertion};
pub use standing::{Anchoring, Provenance};
pub use tests_of_controls::{
    Adoption, Authority, ControlResults, Deviation, Extent, FirmResult, FirmTest, Procedure, TestsOfControls,
};

use serde::{Deserialize, Serialize};

use crate::Error;

/// A document with its kind named, as it is kept in a package beside the PDF made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "document", content = "view")]
pub enum Document {
    /// The SOC report.
    Report(Box<ReportView>),
    /// Management's testing of controls.
    ManagementTesting(Box<ManagementTestingView>),
    /// The list of exceptions.
    Exceptions(Box<ExceptionsView>),
}

impl Document {
    /// The engagement the document is about.
    pub fn engagement(&self) -> &EngagementView {
        match self {
            Self::Report(view) => &view.engagement,
            Self::ManagementTesting(view) => &view.engagement,
            Self::Exceptions(view) => &view.engagement,
        }
    }

    /// The view as canonical JSON, as a package keeps it.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        Ok(tickmark_canonical::to_canonical(self)?)
    }

    /// Reads what `to_json` wrote; other spellings and unknown fields are refused.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        Ok(tickmark_canonical::from_canonical(bytes)?)
    }

    /// Refuses a view whose parts contradict each other in a way that no page could show honestly.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let engagement = self.engagement();
        let refuse =
            |because: &str| Err(Error::View { engagement: engagement.id.clone(), because: because.to_owned() });
        match (engagement.report_type, &engagement.coverage) {
            (ReportType::Type1, Coverage::Period { .. }) => return refuse("a Type 1 has an as-of date, not a period"),
            (ReportType::Type2, Coverage::AsOf { .. }) => return refuse("a Type 2 has a period, not an as-of date"),
            (ReportType::Type2, Coverage::Period { first, last }) if first >= last => {
                return refuse("the period's first day is not before its last day");
            }
            (ReportType::Type1, Coverage::AsOf { .. }) | (ReportType::Type2, Coverage::Period { .. }) => {}
        }
        if engagement.report == ReportKind::Soc3 && engagement.report_type == ReportType::Type1 {
            return refuse("a SOC 3 has a period, not an as-of date");
        }
        if let Self::Report(view) = self {
            match (engagement.report, engagement.report_type, &view.tests_of_controls) {
                (ReportKind::Soc3, _, Some(_)) => return refuse("a SOC 3 has no section of tests and results"),
                (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type1, Some(_)) => {
                    return refuse("a Type 1 has no section of tests and results");
                }
                (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type2, None) => {
                    return refuse("a Type 2 needs its section of tests and results");
                }
                (ReportKind::Soc3, _, None)
                | (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type1, None)
                | (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type2, Some(_)) => {}
            }
            let description = &view.description;
            if engagement.report == ReportKind::Soc3
                && !(description.measures.is_empty() && description.controls.is_empty())
            {
                return refuse("a SOC 3 shows neither criteria nor controls");
            }
        }
        Ok(())
    }
}
