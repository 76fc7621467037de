//! `tickmark init`: makes an installation for an organization.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use tickmark_app::{Catalog, Error, Founding, Installation, MachineClock, SEALING_KEY_FILE_VARIABLE};

use super::{Outcome, arguments, exit::Exit, next::and_next, outside, print::Printer};

/// What is printed once, to be kept outside.
#[derive(Serialize)]
struct Made {
    ledger_key: String,
    recovery_seed: String,
    sealing_key_file: PathBuf,
    /// Whether it lies beside what it seals.
    sealing_key_beside: bool,
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
    let (installation, founded) =
        Installation::init(dir, outside::sealing_key_file(), &founding, Arc::new(catalog), Arc::new(MachineClock))?;
    let made = Made {
        ledger_key: founded.ledger_key.clone(),
        recovery_seed: founded.recovery_seed.clone(),
        sealing_key_file: whole(installation.sealing_key_file()),
        sealing_key_beside: installation.keeps_its_sealing_key()?,
    };
    printer.result(&made, || {
        let place = if made.sealing_key_beside {
            format!(
                "It lies beside what it seals: whoever copies the folder can read personal data and sign as the organization. \
                 Move it to\n  another medium, keep a second copy, and name it with {SEALING_KEY_FILE_VARIABLE}."
            )
        } else {
            "Keep a second copy: without it nothing sealed can be opened.".to_owned()
        };
        let mut text = format!(
            "Installation made in {}.\n\nLedger key, to hand to your firm and your readers:\n  {}\n\nRecovery seed, \
             shown only now. Keep it offline: it lets the ledger go on after its key was lost or stolen.\n  {}\n\nSealing key, which opens \
             personal data and the ledger key:\n  {}\n  {place}",
            whole(dir).display(),
            made.ledger_key,
            made.recovery_seed,
            made.sealing_key_file.display(),
        );
        if command.zone.is_none() {
            text.push_str("\n\nDays begin and end in UTC, since no --zone was given; that does not change later.");
        }
        and_next(&founded.house, &text)
    });
    Ok(Exit::Done)
}

/// Whole: `..` alone would read as the folder above.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
