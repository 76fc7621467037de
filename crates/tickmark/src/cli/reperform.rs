//! `tickmark reperform`: the control tests of an examination package performed again, to be followed by people.

use std::fmt::Write;

use tickmark_app::{
    Agreement, FirmSecretKey, FoundResult, Limits, Outcome as Ended, RecordedResult, Reperformed, ReperformedTest,
    VerifyRequest, parse_ledger_key,
};

use super::{
    Outcome, arguments,
    exceptions::plain,
    exit::Exit,
    grouped,
    print::Printer,
    progress::ProgressLine,
    table::{Table, many},
    wrap,
};

pub fn run(command: &arguments::Reperform, printer: &Printer) -> Outcome {
    let firm_key = command.firm_key.as_deref().map(FirmSecretKey::load).transpose()?;
    let limits = Limits::of_foreign_sql(command.seconds);
    let mut request = VerifyRequest { firm_key: firm_key.as_ref(), limits, ..VerifyRequest::default() };
    request.reliance.vkey = command.ledger_key.as_deref().map(parse_ledger_key).transpose()?;
    let progress = ProgressLine::new(printer);
    let control = command.control.as_deref();
    let reperformed = tickmark_app::reperform(&command.package, control, command.limit, &request, &progress)?;
    drop(progress);
    printer.result(&reperformed, || text(&reperformed, control));
    Ok(match (reperformed.differs(), reperformed.is_whole()) {
        (true, _) => Exit::Corrupt,
        (false, true) => Exit::Done,
        (false, false) => Exit::Incomplete,
    })
}

fn text(reperformed: &Reperformed, control: Option<&str>) -> String {
    let Reperformed { organization, engagement, span, ledger_size, tests } = reperformed;
    let mut text = format!(
        "Engagement {engagement} of {organization}, {} to {}; ledger at {} entries\n\n",
        span.first,
        span.last,
        grouped(*ledger_size)
    );
    match control {
        Some(control) if tests.is_empty() => {
            let _ = writeln!(text, "No control test is about {control}: people tested it, or nobody did.");
        }
        Some(_) => tests.iter().for_each(|test| in_full(&mut text, test)),
        None => {
            text.push_str(&overview(tests));
            text.push_str("\nOne control with SQL and rows: `tickmark reperform PACKAGE CONTROL`\n");
        }
    }
    text.push_str(&format!("\n{}", summary(tests)));
    text
}

fn overview(tests: &[ReperformedTest]) -> String {
    let mut table = Table::new(&["control test", "controls", "recorded", "now", "result"]);
    for test in tests {
        table.row([
            test.test.clone(),
            test.controls.join(" "),
            test.recorded
                .as_ref()
                .map_or_else(|| "never ran".to_owned(), |of| ended(of.outcome, of.exceptions, of.population)),
            test.found.as_ref().map_or_else(|| "–".to_owned(), |of| ended(of.outcome, of.exceptions, of.population)),
            test.agreement.to_string(),
        ]);
    }
    table.text()
}

fn in_full(text: &mut String, test: &ReperformedTest) {
    let _ = writeln!(text, "{} · {}", test.test, test.controls.join(" "));
    text.push_str(&wrap::hanging("  ", &test.title));
    let _ = writeln!(
        text,
        "\n  recorded   {}",
        test.recorded.as_ref().map_or_else(|| "never ran over these days".to_owned(), recorded)
    );
    let _ = writeln!(
        text,
        "  now        {}",
        test.found.as_ref().map_or_else(|| "not performed: there is nothing to compare with".to_owned(), now)
    );
    let _ = writeln!(text, "  result     {}", test.agreement);
    for (what, then, here) in [
        (
            "population",
            test.recorded.as_ref().and_then(|of| of.population_digest),
            test.found.as_ref().and_then(|of| of.population_digest),
        ),
        (
            "rows",
            test.recorded.as_ref().and_then(|of| of.rows_digest),
            test.found.as_ref().and_then(|of| of.rows_digest),
        ),
    ] {
        if let (Some(then), Some(here)) = (then, here) {
            let same = if then == here { "the same now".to_owned() } else { format!("now {here}") };
            let _ = writeln!(text, "  {what:<10} digest {then}, {same}");
        }
    }
    text.push_str("\n  reads\n");
    for input in &test.inputs {
        let days = match (input.first, input.last) {
            (Some(first), Some(last)) if first == last => format!("as of {last}"),
            (Some(first), Some(last)) => format!("{first} to {last}"),
            _ => "no days".to_owned(),
        };
        let counted = input.source_rows.map_or_else(
            || "not counted by the source".to_owned(),
            |rows| format!("the source counts {}", grouped(rows)),
        );
        let _ = writeln!(
            text,
            "    {} from {}, {days}: {}, {counted}",
            input.dataset,
            input.source,
            many(input.rows, "row")
        );
    }
    for (name, sql) in [("population.sql", &test.population_sql), ("test.sql", &test.test_sql)] {
        let _ = writeln!(text, "\n  {name}");
        sql.trim_end().lines().for_each(|line| {
            let _ = writeln!(text, "    {line}");
        });
    }
    if test.rows_in_all > 0 {
        let _ = writeln!(text, "\n  rows ({} of {})", test.rows.len(), grouped(test.rows_in_all));
        plain(&test.columns, &test.rows).lines().for_each(|line| {
            let _ = writeln!(text, "    {line}");
        });
    }
    text.push('\n');
}

fn ended(outcome: Ended, exceptions: u64, population: u64) -> String {
    match outcome {
        Ended::NoExceptions => format!("0 of {}", grouped(population)),
        Ended::Exceptions => format!("{} of {}", grouped(exceptions), grouped(population)),
        Ended::NoOccurrence => "no occurrence".to_owned(),
        Ended::NotEvaluable => "not evaluable".to_owned(),
        Ended::Error => "error".to_owned(),
    }
}

fn recorded(of: &RecordedResult) -> String {
    let reason = of.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{}{reason} (as of {}, entry {})", ended(of.outcome, of.exceptions, of.population), of.on, of.entry)
}

fn now(of: &FoundResult) -> String {
    let reason = of.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    format!("{}{reason}, by {}", ended(of.outcome, of.exceptions, of.population), of.engine)
}

fn summary(tests: &[ReperformedTest]) -> String {
    let count = |agreement| tests.iter().filter(|test| test.agreement == agreement).count() as u64;
    let mut parts = vec![format!(
        "{} performed again gave the same population and rows",
        many(count(Agreement::SameRows), "control test")
    )];
    for (agreement, what) in [
        (Agreement::OtherRows, "gave OTHERS"),
        (Agreement::NotPerformed, "could not be performed"),
        (Agreement::NothingToAdopt, "not evaluable before, so with nothing to compare"),
    ] {
        if count(agreement) > 0 {
            parts.push(format!("{} {what}", count(agreement)));
        }
    }
    parts.join("; ") + "."
}
