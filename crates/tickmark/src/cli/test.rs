//! `tickmark test`: control tests over whole populations, or their cases.

use std::fmt::Write;

use tickmark_app::{Error, Limits, Outcome as Kind, Span, TestRequest, TestRun};

use super::{
    Outcome, arguments,
    backtest::{self, TestAct},
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped},
};

pub fn run(command: &arguments::Test, printer: &Printer) -> Outcome {
    if let Some(TestAct::Backtest(act)) = &command.act {
        return backtest::run(command, act, printer);
    }
    let (_, mut house) = outside::house(&command.folder)?;
    if command.cases {
        return cases(&house, command, printer);
    }
    let person = house.acting(command.acting.person.as_deref())?;
    let spans = match (command.first, command.last) {
        (Some(first), Some(last)) if first > last => return Err(Error::DaysBackwards(Span { first, last })),
        (Some(first), Some(last)) => vec![Span { first, last }],
        _ => house.spans_to_test()?,
    };
    let progress = ProgressLine::new(printer);
    let mut runs = Vec::new();
    for span in spans {
        let limits = Limits { seconds: command.seconds, ..Limits::default() };
        let request = TestRequest { test: command.test.clone(), span, limits };
        runs.push(house.test(&person, &request, &progress)?);
    }
    drop(progress);
    printer.result(&runs, || and_next(&house, &runs.iter().map(text).collect::<String>()));
    Ok(if runs.iter().all(TestRun::is_evaluable) { Exit::Done } else { Exit::Incomplete })
}

/// A run, in lines.
pub fn text(run: &TestRun) -> String {
    let mut text = format!("{} to {}, run {}\n\n", run.span.first, run.span.last, run.run);
    let mut table = Table::new(&["control test", "result", "#exceptions", "#population"]);
    for line in &run.results {
        let exceptions = if line.outcome == Kind::Exceptions { grouped(line.exceptions) } else { String::new() };
        let result = line.outcome.to_string();
        table.row([line.test.clone(), result, exceptions, grouped(line.population)]);
    }
    text.push_str(&table.text());
    for line in run.results.iter().filter(|line| line.reason.is_some()) {
        let _ = writeln!(text, "{}: {}", line.test, line.reason.as_deref().unwrap_or_default());
    }
    text
}

fn cases(house: &tickmark_app::House, command: &arguments::Test, printer: &Printer) -> Outcome {
    let checked = tickmark_app::check_cases(house.catalog(), command.test.as_deref())?;
    printer.result(&checked, || {
        let mut table = Table::new(&["control test", "#cases", "#hold", "#canaries", "", "first that does not"]);
        for line in &checked {
            table.row([
                line.test.clone(),
                line.cases.to_string(),
                line.hold.to_string(),
                line.canaries.to_string(),
                if line.is_unproven { "unproven".to_owned() } else { String::new() },
                line.first_that_does_not.clone().unwrap_or_default(),
            ]);
        }
        table.text()
    });
    // A control test whose SQL breaks a rule ran no case: none of none holds, and that is no success.
    let all_hold = checked.iter().all(|line| line.cases == line.hold && line.first_that_does_not.is_none());
    Ok(if all_hold { Exit::Done } else { Exit::Failed })
}
