//! `tickmark init`: makes an installation for an organization.

use std::sync::Arc;

use serde::Serialize;
use tickmark_app::{Catalog, Error, Founding, Installation, MachineClock};

use super::{Outcome, arguments, exit::Exit, next::and_next, outside, print::Printer};

/// What is printed once, to be kept outside.
#[derive(Serialize)]
struct Made {
    ledger_key: String,
    recovery_seed: String,
}

pub fn run(command: &arguments::Init, printer: &Printer) -> Outcome {
    command.folder.require_present()?;
    let catalog = match &command.catalog {
        Some(folder) => Catalog::load(folder),
        None => Catalog::embedded(),
    }
    .map_err(Error::Catalog)?;
    let founding = Founding {
        organization: command.organization.parse()?,
        name: command.name.clone(),
        zone: command.zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        calendar: command.calendar.clone(),
        administrator: command.administrator_id.parse()?,
        administrator_name: command.administrator.clone(),
        administrator_mail: command.mail.clone(),
    };
    let dir = &command.folder.dir;
    let (_, founded) =
        Installation::init(dir, outside::sealing_key_file(), &founding, Arc::new(catalog), Arc::new(MachineClock))?;
    let made = Made { ledger_key: founded.ledger_key.clone(), recovery_seed: founded.recovery_seed.clone() };
    printer.result(&made, || {
        // Whole: `..` alone would read as the folder above.
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.clone());
        let mut text = format!(
            "Installation made in {}.\n\nLedger key, to hand to your firm and your readers:\n  {}\n\nRecovery seed, \
             shown only now. Keep it offline: it lets the ledger go on after its key was lost or stolen.\n  {}",
            dir.display(),
            made.ledger_key,
            made.recovery_seed,
        );
        if command.zone.is_none() {
            text.push_str("\n\nDays begin and end in UTC, since no --zone was given; that does not change later.");
        }
        and_next(&founded.house, &text)
    });
    Ok(Exit::Done)
}
