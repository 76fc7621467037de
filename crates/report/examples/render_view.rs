//! Renders a document's JSON to a PDF, or a list of exceptions to a workbook:
//! `cargo run -p tickmark-report --example render_view -- VIEW.json OUT.pdf|OUT.xlsx`.

use std::{error::Error, fs, time::Instant};

use tickmark_report::{Document, exceptions_workbook, lint::lint_document, render};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(view), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: render_view VIEW.json OUT.pdf|OUT.xlsx".into());
    };
    let document: Document = serde_json::from_slice(&fs::read(view)?)?;
    for finding in lint_document(&document)? {
        println!("{:?} {} {}: {}", finding.severity, finding.rule, finding.place, finding.message);
    }
    if out.ends_with(".xlsx") {
        let Document::Exceptions(view) = &document else {
            return Err("only a list of exceptions has a workbook".into());
        };
        fs::write(out, exceptions_workbook(view)?)?;
        return Ok(());
    }
    let started = Instant::now();
    let rendered = render(&document)?;
    let (pages, figures) = (rendered.pages, rendered.figures.len());
    println!("{pages} pages, {figures} figures, {} bytes, {:.2?}", rendered.pdf.len(), started.elapsed());
    fs::write(out, rendered.pdf)?;
    Ok(())
}
