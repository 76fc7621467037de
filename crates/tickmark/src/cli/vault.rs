//! `tickmark vault …`: check, erase, hold.

use tickmark_app::{Digest, Error};

use super::{
    Outcome,
    arguments::{self, VaultAct},
    exit::Exit,
    outside,
    print::Printer,
    progress::ProgressLine,
};

pub fn run(command: &arguments::Vault, printer: &Printer) -> Outcome {
    let (_, house) = outside::house(&command.folder)?;
    let done = |what: &str| printer.result(&serde_json::json!({"done": what}), || what.to_owned());
    if !matches!(command.act, VaultAct::Check) {
        house.require_administrator(&house.acting(command.acting.person.as_deref())?)?;
    }
    match &command.act {
        VaultAct::Check => {
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
            house.erase(&parse(digest)?, reason)?;
            done("Erased: the object's key is destroyed.");
        }
        VaultAct::Hold { digest, reason } => {
            house.vault().hold(&parse(digest)?, reason)?;
            done("Held: the object cannot be erased until the hold ends.");
        }
        VaultAct::Release { digest, reason } => {
            let was = house.vault().release_hold(&parse(digest)?, reason)?;
            done(if was { "The hold ended." } else { "There was no such hold." });
        }
    }
    Ok(Exit::Done)
}

fn parse(digest: &str) -> Result<Digest, Error> {
    digest.parse().map_err(|_| Error::Unknown { kind: "object", name: digest.to_owned() })
}
