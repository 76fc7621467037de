//! The sample company's walkthroughs: how its management tested the design of controls, and who reviewed that.

use std::{collections::BTreeMap, fs};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::{Command, PersonId, ReviewManagementTest};

use super::Stage;
use crate::{Error, packaging::io_error, written::Written};

const WALKTHROUGHS: &str = include_str!("../../demo/walkthroughs.toml");

/// The file of walkthroughs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Walkthroughs {
    tester: PersonId,
    reviewer: PersonId,
    review: String,
    attributes: BTreeMap<String, String>,
    walkthrough: Vec<Walkthrough>,
}

/// A day on which controls were walked through: the item that was followed, and the document that says what must be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Walkthrough {
    on: Date,
    document: String,
    item: String,
    controls: Vec<String>,
    /// What was done for controls of an industry, of whose design the catalog says nothing.
    procedure: Option<String>,
    finding: String,
}

/// One management test, as `docs/tests-of-controls.md` has people write it.
#[derive(Serialize)]
struct Part<'a> {
    id: String,
    control: &'a str,
    stage: &'a str,
    natures: [&'a str; 2],
    first: String,
    last: String,
    chosen_because: &'a str,
    attributes: &'a BTreeMap<String, String>,
    table: &'a str,
    evidence: [String; 1],
    procedure: &'a str,
    finding: &'a str,
    performed_on: String,
}

impl Stage {
    /// Records the walkthroughs from files as people write them, and their review by a second person.
    pub(super) fn walk_through(&mut self) -> Result<(), Error> {
        let file: Walkthroughs = Written::embedded("walkthroughs.toml", WALKTHROUGHS).parse()?;
        let folder = self.dir.join("walkthroughs");
        fs::create_dir_all(&folder).map_err(io_error("make", &folder))?;
        for walkthrough in &file.walkthrough {
            let table = format!("{}.csv", walkthrough.on);
            let write = |name: &str, text: String| {
                let path = folder.join(name);
                fs::write(&path, text).map_err(io_error("write", &path)).map(|()| path)
            };
            write(&table, format!("item,A\n\"{}\",yes\n", walkthrough.item))?;
            let text = self.management_tests(&file, walkthrough, &table)?;
            let path = write(&format!("{}.toml", walkthrough.on), text)?;
            self.house.record_management_tests(&file.tester, &path)?;
        }
        let note = self.house.put_text(&file.review)?;
        let tests = self.house.state().management_tests.keys().cloned();
        let reviews =
            tests.map(|management_test| Command::ReviewManagementTest(ReviewManagementTest { management_test, note }));
        let reviews = reviews.collect();
        self.house.execute_all(&file.reviewer, reviews).map(drop)
    }

    /// What was done for each control is what the catalog says of the test of its design.
    fn management_tests(&self, file: &Walkthroughs, of: &Walkthrough, table: &str) -> Result<String, Error> {
        let evidence = self.digest_of_document(&of.document)?.to_string();
        let catalog = self.house.catalog();
        let mut parts = Vec::new();
        for control in &of.controls {
            let worded = catalog.controls.get(control.as_str()).and_then(|worded| worded.test_of_design.as_deref());
            let procedure = worded.or(of.procedure.as_deref());
            parts.push(Part {
                id: format!("{control}-design"),
                control,
                stage: "design",
                natures: ["inquiry", "inspection"],
                first: of.on.to_string(),
                last: of.on.to_string(),
                chosen_because: "one item, followed from its beginning to its end.",
                attributes: &file.attributes,
                table,
                evidence: [evidence.clone()],
                procedure: procedure.ok_or_else(|| Error::Unknown { kind: "control", name: control.clone() })?,
                finding: &of.finding,
                performed_on: of.on.to_string(),
            });
        }
        let parts = BTreeMap::from([("management_test", parts)]);
        toml::to_string(&parts).map_err(|error| Error::Settings { path: self.dir.clone(), problem: error.to_string() })
    }

    /// A document by the name of its file.
    fn digest_of_document(&self, file: &str) -> Result<Digest, Error> {
        #[derive(Deserialize)]
        struct Statement {
            file: String,
        }
        for document in &self.house.state().documents {
            if self.house.json::<Statement>(&document.statement)?.file == file {
                return Ok(document.document);
            }
        }
        Err(Error::Unknown { kind: "document", name: file.to_owned() })
    }
}
