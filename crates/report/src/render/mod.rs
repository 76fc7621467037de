//! Rendering: a document becomes a tagged, archivable PDF (PDF/A-3a and PDF/UA-1) with its figures attached.
//!
//! Invariant: the same document gives the same bytes with the same binary. Another build may give other bytes (its
//! compressor may differ), so a report's bytes are sealed when issued and never proved by rendering again.

pub(crate) mod fonts;
mod templates;
mod world;

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use typst::diag::SourceDiagnostic;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use self::world::ReportWorld;
use crate::{
    Document, Error, NumberedFigure,
    prepare::{
        prepare, prepare_checklist, prepare_companion, prepare_control_calendar, prepare_memo, prepare_population,
    },
    view::{AdviceMemoView, ChecklistView, CompanionView, ControlCalendarView, PopulationView},
};

/// A document as bytes, with what a package keeps beside them.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The number of pages.
    pub pages: usize,
    /// The figures printed, in the order of their tick marks.
    pub figures: Vec<NumberedFigure>,
    /// The same figures as canonical JSON: the bytes attached to the PDF as `figures.json`.
    pub figures_json: Vec<u8>,
}

/// What made a document's bytes; a second rendering with an equal renderer gives equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renderer {
    /// The typesetter and its version.
    pub engine: String,
    /// The digest over the templates.
    pub templates: Digest,
    /// The digest over the fonts.
    pub fonts: Digest,
}

/// The renderer of this binary.
pub fn renderer() -> Renderer {
    Renderer {
        engine: format!("typst {}", typst::utils::version().raw()),
        templates: templates::digest(),
        fonts: fonts::digest(),
    }
}

/// Renders a document.
pub fn render(document: &Document) -> Result<Rendered, Error> {
    let rendered = draw(document);
    forget();
    rendered
}

/// Renders documents that share text, side by side; the answers come in their order, and the bytes are those of [`render`].
pub fn render_all(documents: &[&Document]) -> Vec<Result<Rendered, Error>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mine = std::iter::from_fn(|| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let rendered = documents.get(index).map(|document| (index, draw(document)));
            // What no document of a while used is not kept for the next.
            typst::comemo::evict(SHARED_FOR);
            rendered
        });
        mine.collect::<Vec<_>>()
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(AT_ONCE).min(documents.len());
    let mut done: BTreeMap<usize, Result<Rendered, Error>> = std::thread::scope(|scope| {
        let working: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        working.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    forget();
    // What a thread left undone is done here.
    documents.iter().enumerate().map(|(at, document)| done.remove(&at).unwrap_or_else(|| render(document))).collect()
}

/// Documents drawn at the same time: each takes some hundred megabytes while it is drawn.
const AT_ONCE: usize = 4;

/// For how many further documents the typesetter keeps what it worked out for one.
const SHARED_FOR: usize = 2;

fn draw(document: &Document) -> Result<Rendered, Error> {
    document.check()?;
    let prepared = prepare(document)?;
    let figures_json = tickmark_canonical::to_canonical(&prepared.figures)?;
    let (pdf, pages) = lay_out(templates::main(document), prepared.data, figures_json.clone())?;
    Ok(Rendered { pdf, pages, figures: prepared.figures, figures_json })
}

/// Renders the advisor's memo; it prints no figure of the ledger.
pub fn render_advice_memo(view: &AdviceMemoView) -> Result<Rendered, Error> {
    let (pdf, pages) = typeset(templates::ADVICE_MEMO, prepare_memo(view)?, b"[]".to_vec())?;
    Ok(Rendered { pdf, pages, figures: Vec::new(), figures_json: b"[]".to_vec() })
}

/// Renders a checklist of controls; it prints no figure of the ledger.
pub fn render_checklist(view: &ChecklistView) -> Result<Rendered, Error> {
    let (pdf, pages) = typeset(templates::CHECKLIST, prepare_checklist(view)?, b"[]".to_vec())?;
    Ok(Rendered { pdf, pages, figures: Vec::new(), figures_json: b"[]".to_vec() })
}

/// Renders what stands beside a report; its numbers carry no tick marks.
pub fn render_companion(view: &CompanionView) -> Result<Rendered, Error> {
    let (pdf, pages) = typeset(templates::COMPANION, prepare_companion(view)?, b"[]".to_vec())?;
    Ok(Rendered { pdf, pages, figures: Vec::new(), figures_json: b"[]".to_vec() })
}

/// Renders the record of a population; it prints no figure of an engagement.
pub fn render_population(view: &PopulationView) -> Result<Rendered, Error> {
    let (pdf, pages) = typeset(templates::POPULATION, prepare_population(view)?, b"[]".to_vec())?;
    Ok(Rendered { pdf, pages, figures: Vec::new(), figures_json: b"[]".to_vec() })
}

/// Renders a control calendar; it prints no figure of a report.
pub fn render_control_calendar(view: &ControlCalendarView) -> Result<Rendered, Error> {
    let (pdf, pages) = typeset(templates::CONTROL_CALENDAR, prepare_control_calendar(view)?, b"[]".to_vec())?;
    Ok(Rendered { pdf, pages, figures: Vec::new(), figures_json: b"[]".to_vec() })
}

/// The typesetter keeps every intermediate result for a next run; a document is drawn once.
fn forget() {
    typst::comemo::evict(0);
}

/// The PDF of a template over its two files, and the number of its pages.
fn typeset(template: &str, data: Vec<u8>, figures_json: Vec<u8>) -> Result<(Vec<u8>, usize), Error> {
    let set = lay_out(template, data, figures_json);
    forget();
    set
}

fn lay_out(template: &str, data: Vec<u8>, figures_json: Vec<u8>) -> Result<(Vec<u8>, usize), Error> {
    let world = ReportWorld::new(template, data, figures_json)
        .ok_or_else(|| Error::Typesetting { template: template.to_owned(), messages: "no such template".to_owned() })?;

    let fail = |diagnostics: &[SourceDiagnostic]| Error::Typesetting {
        template: template.to_owned(),
        messages: world.describe(diagnostics),
    };
    let laid_out = typst::compile::<PagedDocument>(&world).output;
    laid_out.map_err(|diagnostics| fail(&diagnostics)).and_then(|paged| {
        let options = PdfOptions { standards: standards(template)?, ..PdfOptions::default() };
        let pdf = typst_pdf::pdf(&paged, &options).map_err(|diagnostics| fail(&diagnostics))?;
        Ok((pdf, paged.pages().len()))
    })
}

fn standards(template: &str) -> Result<PdfStandards, Error> {
    PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|error| Error::Typesetting { template: template.to_owned(), messages: error.message().to_string() })
}
