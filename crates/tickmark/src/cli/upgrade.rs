//! `tickmark upgrade`: what this version would change of an installation; its catalog comes into force by two people.

use serde::Serialize;
use tickmark_app::Upgraded;

use super::{Outcome, arguments, catalog, exit::Exit, outside, print::Printer};

/// What differs between what is in force and what this binary carries.
#[derive(Serialize)]
struct Upgrade {
    rules_version: u32,
    catalog_in_force: String,
    catalog_of_this_version: String,
    changed: Vec<String>,
    done: Option<Upgraded>,
}

pub fn run(command: &arguments::Upgrade, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&command.folder)?;
    let (in_force, own, changed) = house.catalog_changes()?;
    let mut done = None;
    if !command.check && !changed.is_empty() {
        let person = house.acting(command.acting.person.as_deref())?;
        done = Some(house.upgrade_catalog(&person, &catalog::reasons(&command.not_back_tested)?)?);
    }
    let upgrade = Upgrade {
        rules_version: tickmark_app::RULES_VERSION,
        catalog_in_force: in_force.to_string(),
        catalog_of_this_version: own.to_string(),
        changed,
        done,
    };
    printer.result(&upgrade, || {
        if upgrade.changed.is_empty() {
            return format!("Nothing to do: the catalog in force, {}, is this version's.", in_force.short());
        }
        let says = match upgrade.done {
            None => "would change.",
            Some(Upgraded::Adopted) => "changed: this version's catalog is in force.",
            Some(Upgraded::Proposed) => "would change: this version's catalog is proposed; a second person adopts it.",
        };
        format!("{} files of the catalog {says}\n  {}", upgrade.changed.len(), upgrade.changed.join("\n  "))
    });
    Ok(Exit::Done)
}
