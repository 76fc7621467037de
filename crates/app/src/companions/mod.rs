//! What stands beside a report: the bridge letter, the representation letter, the pack for a user entity, the memo of gaps, the
//! comparison with the period before. Each is a draft of management's, made from the facts as they are now.
//!
//! Invariant: nothing in them is decided here, and none of them says what somebody should conclude.

mod bridge_letter;
mod comparison;
mod gap_memo;
mod representation_letter;
mod user_entity_pack;

use std::path::Path;

use jiff::civil::Date;
use tickmark_domain::{EngagementId, ReportType, ScopeItemId, Span};
use tickmark_report::{
    companion_markdown, render_companion,
    view::{CompanionSignatory, CompanionView, FirmResult, ReportView},
};

use crate::{Error, House, opening::report_in_words, packaging::io_error, views::Scene};

/// Which companion of a report.
#[derive(Debug, Clone)]
pub enum Companion {
    /// To readers, about the days after the period.
    BridgeLetter {
        /// The last day that it speaks of; today by default.
        until: Option<Date>,
    },
    /// To the service auditor, dated as its report.
    RepresentationLetter,
    /// To a user entity: what it has to run itself, what its year is covered by, which deviations touch it.
    UserEntityPack {
        /// The user entity; without one, of all by the months in which their years end, and no name.
        of: Option<ScopeItemId>,
    },
    /// For management: what is lacking, and in which order to close it.
    GapMemo,
    /// For management and the firm: this period beside another.
    Comparison {
        /// The other; the one that this follows by default.
        with: Option<EngagementId>,
    },
}

impl House {
    /// A companion of an engagement's report, as things are now.
    pub fn companion(&self, id: &EngagementId, what: &Companion) -> Result<CompanionView, Error> {
        let figures = self.state().figures(self.catalog_index(), id)?;
        let scene = Scene::new(self, self.state(), self.size(), id, &figures)?;
        match what {
            Companion::BridgeLetter { until } => scene.bridge_letter(until.unwrap_or_else(|| self.today())),
            Companion::RepresentationLetter => scene.representation_letter(),
            Companion::UserEntityPack { of } => scene.user_entity_pack(of.as_ref()),
            Companion::GapMemo => scene.gap_memo(),
            Companion::Comparison { with } => scene.comparison(with.as_ref()),
        }
    }
}

/// Writes a companion as PDF, or as Markdown where the file's name ends so.
pub fn write_companion(view: &CompanionView, path: &Path) -> Result<(), Error> {
    let is_markdown = path.extension().is_some_and(|ending| ending == "md");
    let bytes = if is_markdown { companion_markdown(view).into_bytes() } else { render_companion(view)?.pdf };
    std::fs::write(path, bytes).map_err(io_error("write", path))
}

impl Scene<'_> {
    /// The report by name and days: "SOC 1 Type 2, 2025-10-01 to 2026-09-30".
    fn report_named(&self) -> String {
        let name = report_in_words(self.engagement);
        match self.engagement.report_type {
            ReportType::Type1 { as_of_on } => format!("{name}, as of {as_of_on}"),
            ReportType::Type2(_) => format!("{name}, {}", days(self.figures.span)),
        }
    }

    fn firm_named(&self) -> Result<String, Error> {
        Ok(self.firm()?.map_or_else(|| "not yet engaged".to_owned(), |firm| format!("{}, {}", firm.name, firm.city)))
    }
}

/// "2025-10-01 to 2026-09-30"; one day by itself.
fn days(span: Span) -> String {
    if span.first == span.last { span.first.to_string() } else { format!("{} to {}", span.first, span.last) }
}

/// Who signed management's assertion signs its letters too.
fn signatories(report: &ReportView) -> Vec<CompanionSignatory> {
    let signs = |signatory: &tickmark_report::view::Signatory| CompanionSignatory {
        name: signatory.name.clone(),
        title: signatory.title.clone(),
    };
    report.assertion.signatories.iter().map(signs).collect()
}

/// The deviations that the firm recorded: control, count of items, what was found.
fn deviations(report: &ReportView) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    for results in report.tests_of_controls.iter().flat_map(|tests| &tests.controls) {
        for test in &results.tests {
            let Some(FirmResult::Deviations(deviations)) = &test.result else { continue };
            rows.extend(deviations.iter().map(|deviation| {
                let counted = format!("{} of {}", deviation.count.figure.shown(), deviation.tested.figure.shown());
                [results.control.clone(), counted, deviation.description.prose.trim().to_owned()]
            }));
        }
    }
    rows
}
