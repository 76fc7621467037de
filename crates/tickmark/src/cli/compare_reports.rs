//! `tickmark compare-reports`: SOC 1 and SOC 2 side by side, on one page. It needs no installation.

use clap::Args;
use tickmark_app::advisor::DIFFERENCES;

use super::{Outcome, exit::Exit, print::Printer, wrap};

/// The width of the name of a respect, and of each report's column.
const RESPECT: usize = 20;
const REPORT: usize = 38;

#[derive(Debug, Args)]
pub struct CompareReports {}

pub fn run(_: &CompareReports, printer: &Printer) -> Outcome {
    printer.result(&DIFFERENCES, || {
        let rule = |width| "─".repeat(width);
        let mut text = wrap::columns(&[("", RESPECT), ("SOC 1", REPORT), ("SOC 2", REPORT)]);
        text.push_str(&wrap::columns(&[(&rule(RESPECT), RESPECT), (&rule(REPORT), REPORT), (&rule(REPORT), REPORT)]));
        for line in DIFFERENCES {
            text.push_str(&wrap::columns(&[(line.respect, RESPECT), (line.soc1, REPORT), (line.soc2, REPORT)]));
        }
        text.push_str("\nThe numbers are no levels: neither report comes before the other. `tickmark advise` tells which clients need.");
        text
    });
    Ok(Exit::Done)
}
