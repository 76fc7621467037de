//! `tickmark demo`: the sample company from its systems to its report packages.

use std::{fmt::Write, sync::Arc};

use tickmark_app::{Demo, DemoRequest, MachineClock, Outcome as TestOutcomeKind};

use super::{
    Outcome, arguments,
    exit::Exit,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped},
};

pub fn run(command: &arguments::Demo, printer: &Printer) -> Outcome {
    let request = DemoRequest { dir: command.dir.clone(), scale: command.scale, seed: command.seed };
    let progress = ProgressLine::new(printer);
    let demo = tickmark_app::demo(&request, Arc::new(MachineClock), &progress)?;
    drop(progress);
    printer.result(&demo, || text(&demo, command));
    // With a complete collection, what is not evaluable is so because its system was never connected, as in the sample company.
    let ran = demo.run.results.iter().all(|line| line.outcome != TestOutcomeKind::Error);
    Ok(if demo.collection.is_complete() && ran { Exit::Done } else { Exit::Incomplete })
}

fn text(demo: &Demo, command: &arguments::Demo) -> String {
    let mut text = String::new();
    let rows: u64 = demo.collection.extracts.iter().map(|extract| extract.rows).sum();
    let items: u64 = demo.run.results.iter().map(|line| line.population).sum();
    let _ = writeln!(text, "Harbor Lane Payroll, Inc. (fictional), {} to {}", demo.run.span.first, demo.run.span.last);
    let _ = writeln!(
        text,
        "{} rows collected in {} extracts, {} documents; {} control tests over {} items\n",
        grouped(rows),
        demo.collection.extracts.len(),
        demo.collection.documents,
        demo.run.results.len(),
        grouped(items)
    );
    let mut table = Table::new(&["control test", "result", "#exceptions", "#population"]);
    for line in &demo.run.results {
        let exceptions =
            if line.outcome == TestOutcomeKind::Exceptions { grouped(line.exceptions) } else { String::new() };
        table.row([line.test.clone(), line.outcome.to_string(), exceptions, grouped(line.population)]);
    }
    text.push_str(&table.text());
    for line in demo.run.results.iter().filter(|line| line.reason.is_some()) {
        let _ = writeln!(text, "{}: {}", line.test, line.reason.as_deref().unwrap_or_default());
    }
    for failure in &demo.collection.failures {
        let _ = writeln!(text, "not collected: {} from {}: {}", failure.dataset, failure.source, failure.message);
    }
    let states: Vec<String> = demo.exceptions.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let _ = writeln!(text, "\nExceptions: {}", states.join(", "));
    let _ = writeln!(text, "\nReports");
    for packages in &demo.packages {
        for (document, pages) in packages.documents.iter().zip(&packages.pages) {
            let _ = writeln!(text, "  {}  ({pages} pages)", document.display());
        }
        let _ = writeln!(text, "  {}", packages.report.display());
        if let Some(examination) = &packages.examination {
            let _ = writeln!(text, "  {}", examination.display());
        }
    }
    let dir = command.dir.display();
    let _ = writeln!(text, "\nNext");
    let _ = writeln!(text, "  tickmark verify {dir}/packages/soc1-report.zip --witness {dir}/firm/witness.key");
    let _ =
        writeln!(text, "  tickmark verify {dir}/packages/soc1-examination.zip --firm-key {}", demo.firm_key.display());
    let _ = writeln!(text, "  tickmark status --dir {dir}");
    let _ = writeln!(text, "  tickmark exceptions --dir {dir}");
    let _ = writeln!(text, "  tickmark serve --dir {dir}");
    let _ = writeln!(text, "\nSign in (loopback only; each works with `tickmark serve`)");
    for sign_in in &demo.sign_ins {
        let _ = writeln!(
            text,
            "  {:<16} {:<20} http://127.0.0.1:8470/sign-in/{}",
            sign_in.role, sign_in.name, sign_in.token
        );
    }
    let total: f64 = demo.seconds.iter().map(|(_, seconds)| seconds).sum();
    let steps: Vec<String> = demo.seconds.iter().map(|(name, seconds)| format!("{name} {seconds:.1} s")).collect();
    let _ = writeln!(text, "\n{total:.1} s: {}", steps.join("; "));
    text
}
