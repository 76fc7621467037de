//! `tickmark compare-reports`: SOC 1 and SOC 2 side by side, on one page. It needs no installation.

use clap::Args;
use tickmark_app::advisor::DIFFERENCES;

use super::{Outcome, exit::Exit, print::Printer, wrap};

/// The width of the name of a respect, and of the blanks between three columns.
const RESPECT: usize = 20;
const BETWEEN: usize = 4;

#[derive(Debug, Args)]
pub struct CompareReports {}

pub fn run(_: &CompareReports, printer: &Printer) -> Outcome {
    printer.result(&DIFFERENCES, || {
        let rule = |width| "─".repeat(width);
        let report = wrap::width().saturating_sub(RESPECT + BETWEEN) / 2;
        let mut text = wrap::columns(&[("", RESPECT), ("SOC 1", report), ("SOC 2", report)]);
        text.push_str(&wrap::columns(&[(&rule(RESPECT), RESPECT), (&rule(report), report), (&rule(report), report)]));
        for line in DIFFERENCES {
            text.push_str(&wrap::columns(&[(line.respect, RESPECT), (line.soc1, report), (line.soc2, report)]));
        }
        text.push('\n');
        text.push_str(&wrap::hanging("", "The numbers are no levels: neither report comes before the other. `tickmark advise` tells which clients need."));
        text
    });
    Ok(Exit::Done)
}
