//! Documents: a view becomes a PDF, a Word document, a workbook or JSON, and files become a package that a reader can check.
//!
//! Invariant: no clock, no network, no randomness but the one fresh key a sealed package needs, and nothing is read but
//! the view and the templates and fonts compiled in: equal views give equal bytes with one binary.
//! Invariant: nothing here writes an opinion, a test or a result; what the firm did not record prints as not recorded.
//! Invariant: every figure in a document carries a tick mark that leads to what it counts, its digest and its ledger
//! entry.

mod checklist_workbook;
mod companion;
mod docx;
mod error;
mod figure;
mod for_auditors;
pub mod lint;
mod matrices;
pub mod oscal;
pub mod package;
mod prepare;
mod prose;
mod render;
pub mod seal;
mod sheets;
pub mod view;
mod workbook;

pub use checklist_workbook::checklist_workbook;
pub use companion::companion_markdown;
pub use docx::{TextProposal, WordChanges, WordReport, WordTemplate, report_docx};
pub use error::{Corrupt, Error};
pub use figure::{Figure, FigureValue, NumberedFigure, counted};
pub use for_auditors::{for_auditors, for_auditors_without_tests, how_to_check};
pub use matrices::{report_workbook, testing_workbook};
pub use prose::Prose;
pub use render::{
    Rendered, Renderer, render, render_advice_memo, render_all, render_checklist, render_companion,
    render_control_calendar, render_population, renderer,
};
pub use sheets::{Cell, Sheet, WorkbookTitle, sheet_csv, sheets_workbook};
pub use view::Document;
pub use workbook::exceptions_workbook;
