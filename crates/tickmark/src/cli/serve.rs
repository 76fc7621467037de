//! `tickmark serve`: the web application.

use super::{Outcome, arguments, exit::Exit, outside, print::Printer};
use crate::web;

pub fn run(command: &arguments::Serve, printer: &Printer) -> Outcome {
    let (installation, house) = outside::house(&command.folder)?;
    web::serve(&installation, house, command.listen, |address| {
        printer.result(&serde_json::json!({"listening": address}), || format!("Listening on http://{address}"));
    })?;
    Ok(Exit::Done)
}
