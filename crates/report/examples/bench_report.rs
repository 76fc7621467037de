//! Measures the report bar: a 200-page PDF in under three seconds, the same bytes every time.
//!
//! `cargo run --release -p tickmark-report --example bench_report`; prints pages, bytes and the time of each run.

use std::{error::Error, time::Instant};

use tickmark_report::{Document, render};

/// As many controls as make a little over 200 pages of the SOC 2 fixture.
const COPIES: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let document: Document = serde_json::from_str(include_str!("../tests/fixtures/soc2-type2.json"))?;
    let Document::Report(mut view) = document else { return Err("the fixture is a report".into()) };
    let description = view.description.clone();
    let tests = view.tests_of_controls.clone().unwrap_or_default();
    for copy in 1..COPIES {
        let rename = |id: &str| format!("{id}.{copy}");
        for measure in &description.measures {
            let mut measure = measure.clone();
            measure.id = rename(&measure.id);
            measure.group = rename(&measure.group);
            measure.controls = measure.controls.iter().map(|id| rename(id)).collect();
            view.description.measures.push(measure);
        }
        for control in &description.controls {
            let mut control = control.clone();
            control.id = rename(&control.id);
            view.description.controls.push(control);
        }
        if let Some(all) = &mut view.tests_of_controls {
            for results in &tests.controls {
                let mut results = results.clone();
                results.control = rename(&results.control);
                all.controls.push(results);
            }
        }
    }
    let document = Document::Report(view);
    let mut first = None;
    for run in 1..=3 {
        let started = Instant::now();
        let rendered = render(&document)?;
        let took = started.elapsed();
        let same = first.get_or_insert_with(|| rendered.pdf.clone()) == &rendered.pdf;
        println!(
            "run {run}: {} pages, {} figures, {} bytes in {took:.2?}; bytes as in run 1: {same}",
            rendered.pages,
            rendered.figures.len(),
            rendered.pdf.len()
        );
    }
    Ok(())
}
