//! Fills an installation with many facts, to measure how long it takes to open: `benches/open.sh`.
//!
//! usage: fill_ledger DIR FACTS

use std::{path::PathBuf, sync::Arc};

use jiff::{Span as Time, Timestamp, civil::date};
use tickmark_app::{Catalog, Clock, Command, Digest, Error, Founding, Installation, MachineClock, Span};
use tickmark_domain::{AddPerson, PersonId, RecordEvidence};

/// Facts in one command: as many as an import of a year's extracts would record at once.
const AT_ONCE: u64 = 20_000;

const SOURCE: &str = r#"
id = "hr"
title = "HR system"
kind = "files"
zone = "UTC"
folder = "systems"

[statement]
attested_by = "HR lead"
statement = "The full roster, as the HR system exports it."

[[datasets]]
dataset = "person"
files = "roster.csv"
format = "csv"
count.none = "the export has no count of its own"
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(facts)) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        return Err("usage: fill_ledger DIR FACTS".into());
    };
    let facts: u64 = facts.parse()?;
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let founding = Founding {
        organization: "harbor".parse()?,
        name: "Harbor".to_owned(),
        zone: "UTC".to_owned(),
        calendar: "us-federal".to_owned(),
        administrator: "p-1".parse()?,
        administrator_name: "Ada".to_owned(),
        administrator_mail: "ada@harbor.example".to_owned(),
    };
    let catalog = Arc::new(Catalog::embedded().map_err(Error::Catalog)?);
    let (installation, founded) = Installation::init(&dir, None, &founding, catalog, clock)?;
    let mut house = founded.house;
    let administrator: PersonId = "p-1".parse()?;
    std::fs::write(installation.sources().join("hr.toml"), SOURCE)?;
    let sources = house.sources(&installation.sources(), installation.root())?;
    house.approve_sources(&administrator, &sources)?;
    let settings = sources.first().map(|source| source.digest).ok_or("no source")?;

    let first = date(2026, 1, 1);
    let mut recorded = 0;
    while recorded < facts {
        let until = facts.min(recorded + AT_ONCE);
        let commands = (recorded..until).map(|number| fact(number, settings, first)).collect::<Result<Vec<_>, _>>()?;
        house.execute_all(&administrator, commands)?;
        recorded = until;
    }
    println!("{} entries", house.size());
    Ok(())
}

/// Nine extracts and a person.
fn fact(number: u64, settings: Digest, first: jiff::civil::Date) -> Result<Command, Box<dyn std::error::Error>> {
    if number % 10 == 9 {
        return Ok(Command::AddPerson(AddPerson {
            person: format!("u-{number}").parse()?,
            profile: Digest::of(&number.to_be_bytes()),
            firm: None,
        }));
    }
    let day = first.checked_add(Time::new().days(i64::try_from(number % 300)?))?;
    let extracted_at: Timestamp = day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
    Ok(Command::RecordEvidence(RecordEvidence {
        dataset: "person".parse()?,
        source: "hr".parse()?,
        settings,
        manifest: Digest::of(&number.to_be_bytes()),
        rows: 1_000 + number % 100,
        source_rows: Some(1_000 + number % 100),
        covers: Span { first: day, last: day },
        extracted_at,
        complete: true,
        read_again: None,
    }))
}
