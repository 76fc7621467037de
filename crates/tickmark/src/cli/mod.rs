//! The command line: one file a command.

mod advice;
mod advice_text;
mod advise;
mod apply;
mod arguments;
mod asking;
mod assertion;
mod backtest;
mod calendar;
mod catalog;
mod checklist;
mod collect;
mod companion;
mod compare_reports;
mod connector;
mod consistency;
mod control;
mod coverage;
mod demand;
mod demo;
mod description;
mod deviation;
mod drawing;
mod engagement;
mod example;
mod exception;
mod exceptions;
mod exit;
mod export;
mod firm;
mod handover;
mod import;
mod init;
mod ledger;
mod lint;
mod management_test;
mod next;
mod oscal;
mod outside;
mod person;
mod policy;
mod population;
mod print;
mod progress;
mod readiness;
mod reperform;
mod report;
mod run;
mod sample;
mod scope;
mod section_comments;
mod serve;
mod sizing;
mod source;
mod status;
mod table;
mod test;
mod upgrade;
mod vault;
mod vendor_report;
mod verify;
mod wrap;

use std::process::ExitCode;

use clap::Parser;

use self::{
    arguments::{Arguments, Command},
    exit::Exit,
    print::Printer,
};

/// Reads the arguments, runs the command, prints what came of it.
pub fn run() -> ExitCode {
    // The child process that examines runs before arguments are read: it must not depend on anything a person can set.
    if std::env::args().nth(1).as_deref() == Some(tickmark_app::EXAMINE_WORKER) {
        return tickmark_app::examine_worker();
    }
    if std::env::args().nth(1).as_deref() == Some(tickmark_app::COLLECT_GUARD) {
        return tickmark_app::collect_guard();
    }
    if std::env::args().nth(1).as_deref() == Some(tickmark_app::PDF_TEXT_WORKER) {
        return tickmark_app::pdf_text_worker();
    }
    if let Ok(program) = std::env::current_exe() {
        tickmark_app::guard_commands_with(program);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return print::arguments(&error, std::env::args_os()).into(),
    };
    let printer = Printer::new(arguments.format);
    let exit = match arguments.command {
        Command::Advise(command) => advise::run(&command, &printer),
        Command::Advice(command) => advice::run(&command, &printer),
        Command::CompareReports(command) => compare_reports::run(&command, &printer),
        Command::Checklist(command) => checklist::run(&command, &printer),
        Command::Demo(command) => demo::run(&command, &printer),
        Command::Init(command) => init::run(&command, &printer),
        Command::Person(command) => person::run(&command, &printer),
        Command::Engagement(command) => engagement::run(&command, &printer),
        Command::Demand(command) => demand::run(&command, &printer),
        Command::Scope(command) => scope::run(&command, &printer),
        Command::Control(command) => control::run(&command, &printer),
        Command::Calendar(command) => calendar::run(&command, &printer),
        Command::Companion(command) => companion::run(&command, &printer),
        Command::Export(command) => export::run(&command, &printer),
        Command::Import(command) => import::run(&command, &printer),
        Command::Apply(command) => apply::run(&command, &printer),
        Command::Connector(command) => connector::run(&command, &printer),
        Command::Source(command) => source::run(&command, &printer),
        Command::Collect(command) => collect::run(&command, &printer),
        Command::Test(command) => test::run(&command, &printer),
        Command::Population(command) => population::run(&command, &printer),
        Command::Sample(command) => sample::run(&command, &printer),
        Command::ManagementTest(command) => management_test::run(&command, &printer),
        Command::Run(command) => run::run(&command, &printer),
        Command::Status(command) => status::run(&command, &printer),
        Command::Coverage(command) => coverage::run(&command, &printer),
        Command::Readiness(command) => readiness::run(&command, &printer),
        Command::Consistency(command) => consistency::run(&command, &printer),
        Command::Lint(command) => lint::run(&command, &printer),
        Command::Policy(command) => policy::run(&command, &printer),
        Command::Exceptions(command) => exceptions::run(&command, &printer),
        Command::Exception(command) => exception::run(&command, &printer),
        Command::Deviation(command) => deviation::run(&command, &printer),
        Command::Description(command) => description::run(&command, &printer),
        Command::Assertion(command) => assertion::run(&command, &printer),
        Command::Firm(command) => firm::run(&command, &printer),
        Command::Handover(command) => handover::run(&command, &printer),
        Command::Report(command) => report::run(&command, &printer),
        Command::VendorReport(command) => vendor_report::run(&command, &printer),
        Command::Verify(command) => verify::run(&command, &printer),
        Command::Reperform(command) => reperform::run(&command, &printer),
        Command::Ledger(command) => ledger::run(&command, &printer),
        Command::Vault(command) => vault::run(&command, &printer),
        Command::Catalog(command) => catalog::run(&command, &printer),
        Command::Oscal(command) => oscal::run(&command, &printer),
        Command::Upgrade(command) => upgrade::run(&command, &printer),
        Command::Serve(command) => serve::run(&command, &printer),
    };
    exit.unwrap_or_else(|error| printer.error(&error)).into()
}

pub(crate) use table::grouped;

/// What a command gives: how the process ends, or why it could not do its work.
pub(crate) type Outcome = Result<Exit, tickmark_app::Error>;
