//! `tickmark upgrade --check`: what this version would change of an installation.

use serde::Serialize;

use super::{Outcome, arguments, exit::Exit, outside, print::Printer};

/// What differs between what is in force and what this binary carries.
#[derive(Serialize)]
struct Upgrade {
    rules_version: u32,
    catalog_in_force: String,
    catalog_of_this_version: String,
    changed: Vec<String>,
}

pub fn run(command: &arguments::Upgrade, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let (in_force, own, changed) = house.catalog_changes()?;
    if !command.check && !changed.is_empty() {
        let person = house.acting(None)?;
        house.adopt_own_catalog(&person)?;
    }
    let upgrade = Upgrade {
        rules_version: tickmark_app::RULES_VERSION,
        catalog_in_force: in_force.to_string(),
        catalog_of_this_version: own.to_string(),
        changed,
    };
    printer.result(&upgrade, || {
        if upgrade.changed.is_empty() {
            return format!("Nothing to do: the catalog in force, {}, is this version's.", in_force.short());
        }
        let done = if command.check { "would change" } else { "changed" };
        format!("{} files of the catalog {done}:\n  {}", upgrade.changed.len(), upgrade.changed.join("\n  "))
    });
    Ok(Exit::Done)
}
