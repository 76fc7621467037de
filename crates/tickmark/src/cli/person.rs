//! `tickmark person …`: people of the organization and of its firms, and their roles.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tickmark_app::{House, NewPerson, PEOPLE_EXAMPLE, PersonId, PersonLine, parse_role, people_from_file};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::Table,
};

#[derive(Debug, Args)]
pub struct Person {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: PersonAct,
}

/// What to do about people.
#[derive(Debug, Subcommand)]
pub enum PersonAct {
    /// Add a person, or everybody in a file (administrators).
    Add {
        /// Id of the new person; it stands in the ledger for ever, so it should not be their name.
        #[arg(required_unless_present_any = ["file", "example"], conflicts_with = "file")]
        id: Option<String>,
        /// Their name.
        #[arg(long, requires = "id", required_unless_present_any = ["file", "example"])]
        name: Option<String>,
        /// Their mail address.
        #[arg(long, requires = "id", required_unless_present_any = ["file", "example"])]
        mail: Option<String>,
        /// The firm they are of, if they are not of the organization.
        #[arg(long, requires = "id")]
        firm: Option<String>,
        /// A role; may stand several times.
        #[arg(long, requires = "id")]
        role: Vec<String>,
        /// A file of `[[person]]` tables instead.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Print a filled file.
        #[arg(long, exclusive = true)]
        example: bool,
    },
    /// List people with their roles.
    List,
    /// Grant roles to a person (administrators).
    Grant {
        /// The person.
        id: String,
        /// A role; may stand several times.
        #[arg(long, required = true)]
        role: Vec<String>,
    },
    /// Revoke roles of a person (administrators).
    Revoke {
        /// The person.
        id: String,
        /// A role; may stand several times.
        #[arg(long, required = true)]
        role: Vec<String>,
    },
}

pub fn run(command: &Person, printer: &Printer) -> Outcome {
    if let PersonAct::Add { example: true, .. } = command.act {
        return example::print(PEOPLE_EXAMPLE, printer);
    }
    let (_, mut house) = outside::house(&command.folder)?;
    let concerned: Vec<String> = match &command.act {
        PersonAct::List => {
            let people = house.people()?;
            printer.result(&people, || table(&people));
            return Ok(Exit::Done);
        }
        PersonAct::Add { id, name, mail, firm, role, file, .. } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let people = match (file, id, name, mail) {
                (Some(file), ..) => people_from_file(file)?,
                (None, Some(id), Some(name), Some(mail)) => {
                    let (id, name, mail) = (id.clone(), name.clone(), mail.clone());
                    vec![NewPerson { id, name, mail, firm: firm.clone(), roles: role.clone() }]
                }
                _ => Vec::new(),
            };
            house.add_people(&author, &people)?;
            people.into_iter().map(|person| person.id).collect()
        }
        PersonAct::Grant { id, role } | PersonAct::Revoke { id, role } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let roles = role.iter().map(|role| parse_role(role)).collect::<Result<Vec<_>, _>>()?;
            let person: PersonId = id.parse()?;
            if matches!(command.act, PersonAct::Grant { .. }) {
                house.grant_roles(&author, &person, &roles)?;
            } else {
                house.revoke_roles(&author, &person, &roles)?;
            }
            vec![id.clone()]
        }
    };
    let mut people = house.people()?;
    people.retain(|line| concerned.contains(&line.person));
    printer.result(&people, || said(&house, &people));
    Ok(Exit::Done)
}

fn said(house: &House, people: &[PersonLine]) -> String {
    and_next(house, &table(people))
}

fn table(people: &[PersonLine]) -> String {
    let mut table = Table::new(&["person", "name", "firm", "roles"]);
    for line in people {
        let firm = line.firm.clone().unwrap_or_default();
        table.row([line.person.clone(), line.name.clone(), firm, line.roles.join(" ")]);
    }
    table.text()
}
