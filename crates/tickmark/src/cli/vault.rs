//! `tickmark vault …`: check, erase, legal holds.

use tickmark_app::{Digest, Error, HoldLine};

use super::{
    Outcome,
    arguments::{self, VaultAct},
    exit::Exit,
    outside,
    print::Printer,
    progress::ProgressLine,
};

pub fn run(command: &arguments::Vault, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let done = |what: &str| printer.result(&serde_json::json!({"done": what}), || what.to_owned());
    let named = command.acting.person.as_deref();
    match &command.act {
        VaultAct::Check => {
            house.require_present()?;
            let progress = ProgressLine::new(printer);
            let line = house.check_vault(&progress)?;
            drop(progress);
            printer.result(&line, || match &line.first_problem {
                None => format!("Nothing is wrong: {}.", line.says),
                Some(problem) => format!("First thing that is wrong: {problem}"),
            });
            return Ok(if line.is_sound { Exit::Done } else { Exit::Corrupt });
        }
        VaultAct::Erase { digest, reason } => {
            house.erase(&house.acting(named)?, &parse(digest)?, reason)?;
            done("Erased: its key is destroyed, and the ledger says so.");
        }
        VaultAct::Hold { digest, reason } => {
            let hold = house.hold(&house.acting(named)?, &parse(digest)?, reason)?;
            let says = format!("Held: it cannot be erased until the hold of entry {hold} is released.");
            printer.result(&serde_json::json!({"hold": hold}), || says);
        }
        VaultAct::Holds => {
            let holds = house.holds()?;
            printer.result(&holds, || {
                let line =
                    |hold: &HoldLine| format!("entry {}  {}  {}: {}", hold.hold, hold.object, hold.set_by, hold.reason);
                let lines: Vec<String> = holds.iter().map(line).collect();
                if lines.is_empty() { "No legal hold stands.".to_owned() } else { lines.join("\n") }
            });
        }
        VaultAct::Release { digest, hold, reason } => {
            house.release_hold(&house.acting(named)?, &parse(digest)?, *hold, reason)?;
            done("The hold ended.");
        }
    }
    Ok(Exit::Done)
}

fn parse(digest: &str) -> Result<Digest, Error> {
    digest.parse().map_err(|_| Error::Unknown { kind: "object", name: digest.to_owned() })
}
