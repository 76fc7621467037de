//! `tickmark collect`: evidence from the sources in `sources/`.

use std::{collections::BTreeSet, fmt::Write};

use tickmark_app::{CollectRequest, Collection, Error, ExtractLine, ReadAgain, ReconciledLine, Span, days_to_collect};

use super::{
    Outcome, arguments,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped},
};

pub fn run(command: &arguments::Collect, printer: &Printer) -> Outcome {
    let (installation, mut house) = outside::house(&command.folder)?;
    let person = house.acting(command.acting.person.as_deref())?;
    let sources = house.sources(&installation.sources(), installation.root())?;
    if command.approve {
        house.approve_sources(&person, &sources)?;
    }
    let by_itself = days_to_collect(house.state(), house.today());
    let first = command.first.or(by_itself.map(|days| days.first));
    let last = command.last.or(by_itself.map(|days| days.last));
    let (Some(first), Some(last)) = (first, last) else { return Err(Error::NothingToCollect) };
    let days = Span { first, last };
    if days.first > days.last {
        return Err(Error::DaysBackwards(days));
    }
    let request = CollectRequest { source: command.source.clone(), days, lacking: None };
    let progress = ProgressLine::new(printer);
    let collection = house.collect(&person, &sources, &request, &progress)?;
    drop(progress);
    printer.result(&collection, || and_next(&house, &text(&collection)));
    Ok(if collection.is_complete() { Exit::Done } else { Exit::Incomplete })
}

/// What was collected, in lines.
pub fn text(collection: &Collection) -> String {
    let mut table = Table::new(&["source", "dataset", "first", "last", "#rows", "#source says", "complete"]);
    for extract in &collection.extracts {
        table.row([
            extract.source.clone(),
            extract.dataset.clone(),
            extract.first.to_string(),
            extract.last.to_string(),
            grouped(extract.rows),
            extract.source_rows.map(grouped).unwrap_or_default(),
            extract.incomplete_because.clone().unwrap_or_else(|| "yes".to_owned()),
        ]);
    }
    let mut text = table.text();
    let _ = writeln!(text, "{} documents", collection.documents);
    let read_again: Vec<(&ExtractLine, ReadAgain)> =
        collection.extracts.iter().filter_map(|extract| Some((extract, extract.read_again?))).collect();
    if !read_again.is_empty() {
        let same = read_again.iter().filter(|(_, rows)| rows.is_same()).count() as u64;
        let of = grouped(read_again.len() as u64);
        let _ = writeln!(text, "read again: {of} extracts, {} with the same rows as before", grouped(same));
    }
    for (extract, rows) in read_again.iter().filter(|(_, rows)| !rows.is_same()) {
        let _ = writeln!(
            text,
            "read again: {} from {}, {} to {}: rows {} late, {} restated, {} vanished",
            extract.dataset,
            extract.source,
            extract.first,
            extract.last,
            grouped(rows.late),
            grouped(rows.restated),
            grouped(rows.vanished)
        );
    }
    for series in &collection.reconciled {
        if let Some(because) = &series.differs_because {
            let ReconciledLine { source, dataset, first, last, .. } = series;
            let _ = writeln!(text, "not reconciled: {dataset} from {source}, {first} to {last}: {because}");
        }
    }
    for failure in &collection.failures {
        let _ = writeln!(
            text,
            "failed: {} from {}, {} to {}: {}",
            failure.dataset, failure.source, failure.first, failure.last, failure.message
        );
    }
    let hints: BTreeSet<&str> = collection.failures.iter().filter_map(|failure| failure.hint).collect();
    for hint in hints {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}
