//! `tickmark serve`: the web application, and the schedule beside it.

use std::{io::Write, sync::Arc};

use tickmark_app::{DueRun, MachineClock};

use super::{Outcome, arguments, exit::Exit, outside, print::Printer, table::many};
use crate::web;

pub fn run(command: &arguments::Serve, printer: &Printer) -> Outcome {
    let (installation, house) = outside::house(&command.folder)?;
    house.require_present()?;
    let schedule = installation.keep_schedule(command.acting.person.clone(), Arc::new(MachineClock), tell);
    let served = web::serve(&installation, house, schedule.trouble(), command.listen, |address| {
        printer.result(&serde_json::json!({"listening": address}), || format!("Listening on http://{address}"));
    });
    schedule.end();
    served?;
    Ok(Exit::Done)
}

/// Tells what the schedule did where the errors of pages are told.
fn tell(ran: Result<&DueRun, &str>) {
    // Nobody is left to be told that nobody listens.
    let _ = match ran {
        Ok(run) => writeln!(
            std::io::stderr(),
            "schedule: {} run, {} failed, {} not collected, {}",
            many(run.due.tests.len() as u64, "control test"),
            many(run.collection.failures.len() as u64, "collection"),
            many(run.not_collected.len() as u64, "source"),
            many(run.flips.len() as u64, "flip")
        ),
        Err(says) => writeln!(std::io::stderr(), "error: the schedule is not kept: {}", says.replace('\n', " ")),
    };
}
