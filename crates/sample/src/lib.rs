//! Writes one year of the systems of Harbor Lane Payroll, Inc., a fictional payroll processor, with faults planted in them.
//!
//! Invariant: the catalog's rules are unknown here. What is a fault is written in docs/sample/faults.md and decided when it is planted.
//! Invariant: equal options give equal bytes of data; nothing in the systems marks a fault; the truth is written apart from them.

mod calendar;
mod change;
mod documents;
mod draw;
mod error;
mod names;
mod operations;
mod payroll;
mod people;
mod truth;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use error::Error;

use crate::operations::{backups::Backups, incidents::Incidents, scheduler::Schedule, systems, vendors::Vendors};
use crate::payroll::{Payroll, Staff};
use crate::people::{People, accounts::Accounts, grants::Grants, reviews::Reviews, training::Training};

/// The seed whose company has every kind of fault at least once, except those of two control tests that end without any.
pub const DEFAULT_SEED: u64 = 20_261_001;
/// The scale at which the year has more than a million payslips.
pub const DEFAULT_SCALE: u32 = 100;

/// The day on which the systems are as written, whenever they are: what was read of them then is evidence today.
pub const COPIED_ON: jiff::civil::Date = calendar::DATA_END;

/// What to write, and where.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Names the company: equal seeds and scales give equal data.
    pub seed: u64,
    /// Size in percent of the default (400 clients, over a million payslips a year); at least 1. Small companies have at least ten clients.
    pub scale: u32,
    /// The folder to write `systems/` and `truth/` into; neither may hold anything yet.
    pub dir: &'a Path,
}

/// What was written.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The folder of the source systems.
    pub systems: PathBuf,
    /// The file that lists the planted faults.
    pub truth: PathBuf,
    /// Payslips in the payroll database.
    pub payslips: u64,
    /// Lines in the payment files.
    pub bank_lines: u64,
    /// Items that truly fail, by control test.
    pub faults: BTreeMap<String, u64>,
}

/// A step of the work, told before it begins: its number from 1, how many there are, and what it does.
pub type Progress<'a> = &'a mut dyn FnMut(u32, u32, &str);

/// Writes the sample company.
pub fn generate(options: &Options<'_>, progress: Progress<'_>) -> Result<Summary, Error> {
    const STEPS: u32 = 3;
    let (seed, scale) = (options.seed, options.scale.max(1));
    let systems = empty_folder(options.dir, "systems")?;
    let truth_folder = empty_folder(options.dir, "truth")?;
    let calendar = calendar::Calendar::new()?;
    let plan = truth::Plan::new(seed, seed == DEFAULT_SEED);
    let mut truth = truth::Truth::default();

    progress(1, STEPS, "people, accounts and rights");
    let mut people = People::build(seed, &calendar)?;
    let accounts = Accounts::build(seed, &mut people, &calendar, plan, &mut truth)?;
    let mut grants = Grants::build(seed, &people, &accounts, &calendar, plan, &mut truth)?;
    let reviews = Reviews::build(seed, &people, &mut grants, &calendar, plan, &mut truth)?;
    let training = Training::build(seed, &people, plan, &mut truth);
    let staff = staff(&people)?;

    // The payroll is half of the work and takes of the rest nothing but who prepares and releases: it is written beside it.
    progress(2, STEPS, "a year of payroll, changes and operations");
    let (books, rest) = std::thread::scope(|scope| {
        let books = scope.spawn(|| Books::write(seed, scale, &staff, &calendar, plan, &systems));
        let mut rest = || -> Result<(), Error> {
            people.write_roster(&systems.join("hr/roster.xlsx"), &calendar)?;
            accounts.write(&folder(&systems, "idp")?, &calendar, seed)?;
            folder(&systems, "tickets")?;
            grants.write(&systems)?;
            reviews.write(&folder(&systems, "reviews")?)?;
            training.write(&folder(&systems, "training")?)?;
            change::Changes::build(seed, &people, &calendar, plan, &mut truth)?.write(&systems, &mut truth)?;
            Backups::build(seed, &people, &calendar, plan, &mut truth)?.write(&folder(&systems, "backup")?)?;
            Schedule::build(seed, &calendar, plan, &mut truth)?.write(&systems.join("scheduler/runs.parquet"))?;
            Incidents::build(seed, &calendar, plan, &mut truth)?.write(&systems.join("incidents/incidents.json"))?;
            Vendors::build(seed, &people, plan, &mut truth).write(&folder(&systems, "vendors")?)?;
            systems::write(&systems.join("systems.csv"))?;
            documents::write(&systems, &people)
        };
        let rest = rest();
        progress(3, STEPS, "payroll database and payment files");
        (books.join().unwrap_or_else(|_| Err(stopped("the payroll"))), rest)
    });
    rest?;
    let Books { payslips, bank_lines, truth: of_books } = books?;
    truth.merge(of_books);
    let path = truth_folder.join("truth.json");
    truth.write(&path, seed, scale)?;
    Ok(Summary { systems, truth: path, payslips, bank_lines, faults: truth.counts() })
}

/// The payroll database and the payment files, written.
struct Books {
    payslips: u64,
    bank_lines: u64,
    truth: truth::Truth,
}

impl Books {
    fn write(
        seed: u64,
        scale: u32,
        staff: &Staff,
        calendar: &calendar::Calendar,
        plan: truth::Plan,
        systems: &Path,
    ) -> Result<Self, Error> {
        let mut truth = truth::Truth::default();
        let payroll = Payroll::generate(seed, scale, staff, calendar, plan, &mut truth)?;
        let database = folder(systems, "payroll")?.join("payroll.db");
        let bank = folder(systems, "bank")?;
        let bank_lines = std::thread::scope(|scope| {
            let files = scope.spawn(|| payroll.write_bank(&bank));
            payroll.write_database(&database)?;
            payroll.write_discarded(&systems.join("payroll/discarded-runs.csv"))?;
            files.join().unwrap_or_else(|_| Err(stopped("the payment files")))
        })?;
        Ok(Self { payslips: payroll.payslips(), bank_lines, truth })
    }
}

fn stopped(what: &str) -> Error {
    Error::Inconsistent(format!("writing {what} stopped"))
}

/// Who prepares and who releases pay runs: people who stay all year.
fn staff(people: &People) -> Result<Staff, Error> {
    let mails =
        |department| people.steady(department).into_iter().map(|person| person.email.clone()).collect::<Vec<String>>();
    let staff = Staff { specialists: mails("Payroll Operations"), releasers: mails("Treasury") };
    if staff.specialists.is_empty() || staff.releasers.len() < 2 {
        return Err(Error::Inconsistent("nobody may release a pay run".to_owned()));
    }
    Ok(staff)
}

fn folder(parent: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = parent.join(name);
    std::fs::create_dir_all(&path).map_err(Error::file("creating folder", &path))?;
    Ok(path)
}

fn empty_folder(parent: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = folder(parent, name)?;
    let mut entries = std::fs::read_dir(&path).map_err(Error::file("reading folder", &path))?;
    if entries.next().is_some() { Err(Error::NotEmpty(path)) } else { Ok(path) }
}
