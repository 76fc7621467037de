//! Renders a document's JSON to a PDF: `cargo run -p tickmark-report --example render_view -- VIEW.json OUT.pdf`.

use std::{error::Error, fs, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(view), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: render_view VIEW.json OUT.pdf".into());
    };
    let document: tickmark_report::Document = serde_json::from_slice(&fs::read(view)?)?;
    let started = Instant::now();
    let rendered = tickmark_report::render(&document)?;
    println!(
        "{} pages, {} figures, {} bytes, {:?}",
        rendered.pages,
        rendered.figures.len(),
        rendered.pdf.len(),
        started.elapsed()
    );
    fs::write(out, rendered.pdf)?;
    Ok(())
}
