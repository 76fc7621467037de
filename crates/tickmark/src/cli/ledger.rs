//! `tickmark ledger …`: look, check, anchor.

use std::path::{Path, PathBuf};

use tickmark_app::{Error, House, PendingStamp};

use super::{
    Outcome,
    arguments::{self, LedgerAct},
    exit::Exit,
    outside,
    print::Printer,
    progress::ProgressLine,
};

pub fn run(command: &arguments::Ledger, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    match &command.act {
        LedgerAct::Head => {
            let head = house.head()?;
            printer.result(&head, || {
                format!(
                    "{} at {} entries, {} outside anchors\nroot {}\nkey {}\nrecovery key {}",
                    head.origin, head.size, head.anchors, head.root, head.key, head.recovery_key
                )
            });
        }
        LedgerAct::Show { from, limit } => show(&house, *from, *limit, printer)?,
        LedgerAct::Check => {
            let progress = ProgressLine::new(printer);
            let line = house.check_ledger(&progress)?;
            drop(progress);
            printer.result(&line, || {
                format!(
                    "Nothing is wrong: {} entries in {} streams, {} checkpoints, {} outside anchors; root {}",
                    line.size, line.streams, line.checkpoints, line.anchors, line.root
                )
            });
        }
        LedgerAct::Checkpoint => {
            let (subject, body) = house.mail()?;
            printer.result(&serde_json::json!({"subject": subject, "body": body}), || format!("{subject}\n\n{body}"));
        }
        LedgerAct::StampRequest { request } => {
            let (der, pending) = house.stamp_request()?;
            write(request, &der)?;
            write(&pending_path(request), &serde_json::to_vec(&pending).unwrap_or_default())?;
            printer.result(&pending, || format!("Request for size {} written to {}.", pending.size, request.display()));
        }
        LedgerAct::Stamp { request, response, authority } => {
            house.require_administrator(&house.acting(command.acting.person.as_deref())?)?;
            let pending: PendingStamp = serde_json::from_slice(&read(&pending_path(request))?)
                .map_err(|error| Error::Settings { path: pending_path(request), problem: error.to_string() })?;
            let pem = String::from_utf8_lossy(&read(authority)?).into_owned();
            house.take_stamp(read(request)?, &pending, &read(response)?, &pem)?;
            printer.result(&pending, || format!("The time stamp of size {} is kept as an anchor.", pending.size));
        }
        LedgerAct::Mail { mail } => {
            house.require_administrator(&house.acting(command.acting.person.as_deref())?)?;
            house.take_mail(&read(mail)?)?;
            printer.result(&serde_json::json!({"kept": true}), || "The mail is kept as an anchor.".to_owned());
        }
    }
    Ok(Exit::Done)
}

fn show(house: &House, from: u64, limit: u64, printer: &Printer) -> Result<(), Error> {
    let entries = house.entries(from, limit)?;
    printer.result(&entries, || {
        let mut text = String::new();
        for (index, entry) in &entries {
            let events = entry.body.get("events").and_then(serde_json::Value::as_array);
            let types: Vec<&str> =
                events.into_iter().flatten().filter_map(|event| event.get("type")?.as_str()).collect();
            let types = if types.is_empty() { entry.body.to_string() } else { summed_up(&types) };
            text.push_str(&format!(
                "{index:>6}  {}  {:<18} {}\n        {types}\n",
                entry.recorded_at, entry.stream, entry.author
            ));
        }
        text
    });
    Ok(())
}

/// `ControlAdopted ×26` instead of the same word 26 times.
fn summed_up(types: &[&str]) -> String {
    let mut runs: Vec<(&str, u64)> = Vec::new();
    for word in types {
        match runs.last_mut() {
            Some((last, count)) if last == word => *count += 1,
            _ => runs.push((word, 1)),
        }
    }
    let runs: Vec<String> =
        runs.iter().map(|(word, n)| if *n == 1 { (*word).to_owned() } else { format!("{word} ×{n}") }).collect();
    runs.join(", ")
}

fn pending_path(request: &Path) -> PathBuf {
    request.with_extension("pending.json")
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Io { doing: "read", path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|source| Error::Io { doing: "write", path: path.to_owned(), source })
}
