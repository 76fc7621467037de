//! `tickmark management-test …`: tests of controls that management's people perform; those in SQL are `tickmark test`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tickmark_app::{EvidenceToName, MANAGEMENT_TESTS_EXAMPLE, ManagementTestLine, ManagementTestShown, Support};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    example,
    exit::Exit,
    next::and_next,
    outside,
    print::Printer,
    table::{Table, grouped},
    wrap,
};

#[derive(Debug, Args)]
pub struct ManagementTest {
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
    #[command(subcommand)]
    pub act: ManagementTestAct,
}

/// What to do about management tests.
#[derive(Debug, Subcommand)]
pub enum ManagementTestAct {
    /// Record the tests that a file tells of; who records them performed them (compliance lead or control owner).
    Record {
        /// The file of `[[management_test]]` tables (docs/files.md).
        #[arg(required_unless_present = "example")]
        file: Option<PathBuf>,
        /// Print a filled file.
        #[arg(long, exclusive = true)]
        example: bool,
    },
    /// Review a test that somebody else performed (compliance lead, control owner or executive).
    Review {
        /// The management test.
        test: String,
        /// What was looked at and found.
        #[arg(long)]
        note: String,
    },
    /// List management tests.
    List,
    /// Show one with its attributes, and the items that lack one.
    Show {
        /// The management test.
        test: String,
    },
    /// List the documents and extracts that a test can name as its evidence.
    Evidence {
        /// Only documents for this control.
        #[arg(long)]
        control: Option<String>,
    },
}

pub fn run(command: &ManagementTest, printer: &Printer) -> Outcome {
    if let ManagementTestAct::Record { example: true, .. } = command.act {
        return example::print(MANAGEMENT_TESTS_EXAMPLE, printer);
    }
    let (_, mut house) = outside::house(&command.folder)?;
    match &command.act {
        ManagementTestAct::Record { file, .. } => {
            let author = house.acting(command.acting.person.as_deref())?;
            let Some(file) = file else { return example::print(MANAGEMENT_TESTS_EXAMPLE, printer) };
            let recorded = house.record_management_tests(&author, file)?;
            printer.result(&recorded, || and_next(&house, &table(&recorded)));
        }
        ManagementTestAct::Review { test, note } => {
            let author = house.acting(command.acting.person.as_deref())?;
            house.review_management_test(&author, test.parse()?, note)?;
            let shown = house.management_test(&test.parse()?)?;
            printer.result(&shown, || and_next(&house, &format!("Management test {test} is reviewed.")));
        }
        ManagementTestAct::List => {
            let list = house.management_tests()?;
            printer.result(&list, || match list.is_empty() {
                true => "No management test was recorded.".to_owned(),
                false => table(&list),
            });
        }
        ManagementTestAct::Show { test } => {
            let shown = house.management_test(&test.parse()?)?;
            printer.result(&shown, || in_full(&shown));
        }
        ManagementTestAct::Evidence { control } => {
            let mut evidence = house.evidence_to_name()?;
            evidence.retain(|line| control.is_none() || line.control == *control);
            printer.result(&evidence, || evidence_table(&evidence));
        }
    }
    Ok(Exit::Done)
}

fn table(tests: &[ManagementTestLine]) -> String {
    let columns =
        ["management test", "control", "stage", "first", "last", "#items", "#exceptions", "tester", "reviewer"];
    let mut table = Table::new(&columns);
    for line in tests {
        table.row([
            line.id.clone(),
            line.control.clone(),
            line.stage.label().to_owned(),
            line.span.first.to_string(),
            line.span.last.to_string(),
            grouped(line.items),
            grouped(line.exceptions),
            line.tester.clone(),
            line.reviewer.clone().unwrap_or_else(|| "not reviewed".to_owned()),
        ]);
    }
    table.text()
}

fn in_full(shown: &ManagementTestShown) -> String {
    let mut text = table(std::slice::from_ref(&shown.line));
    let natures: Vec<&str> = shown.natures.iter().map(|nature| nature.label()).collect();
    let support = shown.support.as_ref().map_or_else(String::new, Support::words);
    for (what, said) in [
        ("wording tested: ", shown.statement.as_str()),
        ("items: ", shown.extent.as_str()),
        ("procedures: ", natures.join(", ").as_str()),
        ("procedure: ", shown.procedure.as_str()),
        ("finding: ", shown.finding.as_str()),
        ("performed on: ", shown.performed_on.to_string().as_str()),
        ("review: ", shown.review.as_deref().unwrap_or("none yet")),
        ("rate of the population: ", support.as_str()),
        ("exception: ", shown.exception.as_deref().unwrap_or("none")),
    ]
    .into_iter()
    .filter(|(_, said)| !said.is_empty())
    {
        text.push_str(&wrap::hanging(what, said));
    }
    if !shown.attributes.is_empty() {
        let mut attributes = Table::new(&["attribute", "#yes", "#no", "#n/a", "asks"]);
        for asked in &shown.attributes {
            let (yes, no, not_applicable) = (grouped(asked.yes), grouped(asked.no), grouped(asked.not_applicable));
            attributes.row([asked.letter.to_string(), yes, no, not_applicable, asked.asks.clone()]);
        }
        text.push_str(&attributes.text());
    }
    for item in &shown.failed {
        let cells = item.cells();
        text.push_str(&format!("lacks an attribute: {}\n", cells.join("  ").trim_end()));
    }
    text
}

fn evidence_table(evidence: &[EvidenceToName]) -> String {
    let mut table = Table::new(&["#entry", "digest", "what", "source", "on", "control"]);
    for line in evidence {
        let digest: String = line.digest.to_string().chars().take(12).collect();
        table.row([
            line.entry.to_string(),
            digest,
            line.what.clone(),
            line.source.clone(),
            line.on.to_string(),
            line.control.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}
