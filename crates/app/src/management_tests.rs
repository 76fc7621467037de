//! Management tests: what people of management's tested, from their file to the ledger, and their reviews.
//!
//! Invariant: item keys stand in entries and lists of keys as HMACs only; the table itself is a sealed object.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::{
    Attribute, Command, ControlId, FailedItems, ManagementTest, ManagementTestDetails, ManagementTestId, Nature,
    PersonId, RecordManagementTest, Refusal, ReviewManagementTest, SampleId, Span, State, TestExtent, TestId,
    TestStage,
};

use crate::{
    AttributeTable, Error, House, SampleItem, Support, TestedItem, items, samples::recorded_items, written::Written,
};

/// A filled file of management tests.
pub const MANAGEMENT_TESTS_EXAMPLE: &str = include_str!("../formats/management-tests.toml");

/// Evidence as people name it: the entry that recorded it, or the first digits of its digest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum NamedEvidence {
    /// The entry.
    Entry(u64),
    /// The first digits of the digest.
    Digest(String),
}

impl std::str::FromStr for NamedEvidence {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Digest(text.to_owned()), Self::Entry))
    }
}

/// One management test, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementTestPart {
    /// Its id.
    pub id: String,
    /// The control tested.
    pub control: String,
    /// What of it.
    pub stage: TestStage,
    /// Kinds of procedure.
    pub natures: BTreeSet<Nature>,
    /// First day tested.
    pub first: Date,
    /// Last day tested.
    pub last: Date,
    /// Why these items were chosen by hand.
    pub chosen_because: Option<String>,
    /// The sample whose items were tested.
    pub sample: Option<String>,
    /// The control test whose result over the same days is the test.
    pub test: Option<String>,
    /// What is asked of each item, by letter.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The file with the items.
    pub table: Option<String>,
    /// What was looked at.
    #[serde(default)]
    pub evidence: Vec<NamedEvidence>,
    /// What was done.
    pub procedure: String,
    /// What was found.
    pub finding: String,
    /// When; today by default.
    pub performed_on: Option<Date>,
}

/// A management test in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ManagementTestLine {
    /// Its id.
    pub id: String,
    /// The control tested.
    pub control: String,
    /// What of it.
    pub stage: TestStage,
    /// The days tested.
    pub span: Span,
    /// Items tested.
    pub items: u64,
    /// Items that lack an attribute.
    pub exceptions: u64,
    /// Who tested.
    pub tester: String,
    /// Who reviewed it, if somebody did.
    pub reviewer: Option<String>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// A management test with all that is known of it.
#[derive(Debug, Clone, Serialize)]
pub struct ManagementTestShown {
    /// As in the list.
    #[serde(flatten)]
    pub line: ManagementTestLine,
    /// Kinds of procedure.
    pub natures: BTreeSet<Nature>,
    /// The control's wording that was tested.
    pub statement: String,
    /// Which items, in words.
    pub extent: String,
    /// What its result leaves open of the population, if a sample was tested whose draw aimed at a rate.
    pub support: Option<Support>,
    /// What was asked of each, with the counts.
    pub attributes: Vec<AskedAttribute>,
    /// The items that lack an attribute.
    pub failed: Vec<TestedItem>,
    /// What was looked at.
    pub evidence: BTreeSet<Digest>,
    /// What was done.
    pub procedure: String,
    /// What was found.
    pub finding: String,
    /// When.
    pub performed_on: Date,
    /// The reviewer's note.
    pub review: Option<String>,
    /// The exception that it raised.
    pub exception: Option<String>,
}

/// An attribute with its counts.
#[derive(Debug, Clone, Serialize)]
pub struct AskedAttribute {
    /// Its letter.
    pub letter: char,
    /// What is asked.
    pub asks: String,
    /// Items that have it.
    pub yes: u64,
    /// Items that do not.
    pub no: u64,
    /// Items to which it does not apply.
    pub not_applicable: u64,
}

/// Evidence that a test can name.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceToName {
    /// Entry that recorded it.
    pub entry: u64,
    /// Its digest.
    pub digest: Digest,
    /// The dataset, or `document`.
    pub what: String,
    /// The source.
    pub source: String,
    /// The day that it speaks of, or until which it covers.
    pub on: Date,
    /// The control it is evidence for, if it is for one.
    pub control: Option<String>,
}

impl House {
    /// Records the management tests that a file tells of, all at once. Who records them performed them.
    pub fn record_management_tests(
        &mut self,
        author: &PersonId,
        path: &Path,
    ) -> Result<Vec<ManagementTestLine>, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            management_test: Vec<ManagementTestPart>,
        }
        let file = Written::read(path)?;
        let parts = file.parse::<File>()?.management_test;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut commands = Vec::new();
        // Items that two tests of one file find were seen before by the second as well.
        let mut found: BTreeMap<ControlId, BTreeSet<Digest>> = BTreeMap::new();
        for part in &parts {
            commands.push(self.command_of(part, &file, folder, &mut found)?);
        }
        self.execute_all(author, commands)?;
        let recorded: BTreeSet<&str> = parts.iter().map(|part| part.id.as_str()).collect();
        let all = self.management_tests()?;
        Ok(all.into_iter().filter(|line| recorded.contains(line.id.as_str())).collect())
    }

    fn command_of(
        &self,
        part: &ManagementTestPart,
        file: &Written,
        folder: &Path,
        found: &mut BTreeMap<ControlId, BTreeSet<Digest>>,
    ) -> Result<Command, Error> {
        let control: ControlId = part.control.parse()?;
        let span = Span { first: part.first, last: part.last };
        if span.last < span.first {
            return Err(file.refuse(&part.id, &Error::DaysBackwards(span).to_string()));
        }
        let table = part.table.as_ref().map(|table| AttributeTable::read(&folder.join(table))).transpose()?;
        let (extent, items, exceptions) = self.extent_of(part, file, span, table.as_ref())?;
        let attributes = match &table {
            Some(table) => self.attributes_of(part, file, table)?,
            None => Vec::new(),
        };
        let failed = match &table {
            Some(table) => self.failed_items(&control, table, found.entry(control.clone()).or_default())?,
            None => None,
        };
        let evidence = part.evidence.iter().map(|named| self.evidence_named(named)).collect::<Result<_, _>>()?;
        let details = ManagementTestDetails {
            control,
            stage: part.stage,
            natures: part.natures.clone(),
            span,
            extent,
            items,
            exceptions,
            attributes,
            table: table.as_ref().map(|table| self.put_sealed_json(table)).transpose()?,
            evidence,
            procedure: self.put_text(&part.procedure)?,
            finding: self.put_text(&part.finding)?,
            performed_on: part.performed_on.unwrap_or_else(|| self.today()),
        };
        let management_test = part.id.parse()?;
        Ok(Command::RecordManagementTest(RecordManagementTest { management_test, details, failed }))
    }

    /// Which items were tested, how many, and how many of them are exceptions.
    fn extent_of(
        &self,
        part: &ManagementTestPart,
        file: &Written,
        span: Span,
        table: Option<&AttributeTable>,
    ) -> Result<(TestExtent, u64, u64), Error> {
        let tested = |table: &AttributeTable| (table.items.len() as u64, table.exceptions().count() as u64);
        match (&part.chosen_because, &part.sample, &part.test, table) {
            (Some(because), None, None, Some(table)) => {
                let (items, exceptions) = tested(table);
                Ok((TestExtent::Chosen { reason: self.put_text(because)? }, items, exceptions))
            }
            (None, Some(sample), None, Some(table)) => {
                let sample = sample.parse()?;
                if let Some(differs) = self.differs_from_sample(table, &sample)? {
                    return Err(file.refuse(&part.id, &differs));
                }
                let (items, exceptions) = tested(table);
                Ok((TestExtent::Sample(sample), items, exceptions))
            }
            (None, None, Some(test), None) => {
                let test: TestId = test.parse()?;
                let Some(result) = self.state().newest_result(&test, span) else {
                    let problem = format!("`{test}` has no result over {} to {}", span.first, span.last);
                    return Err(file.refuse(&part.id, &problem));
                };
                let (items, exceptions) = (result.population, result.exceptions);
                Ok((TestExtent::WholePopulation { test, result: result.entry }, items, exceptions))
            }
            _ => {
                let problem = "a management test has a `table` with `chosen_because` or `sample`, or else the control \
                               test over its whole population (`test`)";
                Err(file.refuse(&part.id, problem))
            }
        }
    }

    /// The first item in which a table differs from the sample: each that was drawn and not replaced is tested, and no other.
    fn differs_from_sample(&self, table: &AttributeTable, id: &SampleId) -> Result<Option<String>, Error> {
        let sample = self.sample(id)?;
        let drawn = recorded_items(&self.vault, sample)?;
        let stands = |item: &&SampleItem| sample.replacement_of(item.number).is_none();
        let drawn: Vec<String> = drawn.iter().filter(stands).map(|item| item.item.join(" ")).collect();
        let tested: BTreeSet<&str> = table.items.iter().map(|tested| tested.item.as_str()).collect();
        if let Some(untested) = drawn.iter().find(|item| !tested.contains(item.as_str())) {
            return Ok(Some(format!("item `{untested}` of sample `{id}` is not in the table")));
        }
        let drawn: BTreeSet<&str> = drawn.iter().map(String::as_str).collect();
        let other = table.items.iter().find(|tested| !drawn.contains(tested.item.as_str()));
        Ok(other.map(|tested| format!("item `{}` of the table is not to test in sample `{id}`", tested.item)))
    }

    fn attributes_of(
        &self,
        part: &ManagementTestPart,
        file: &Written,
        table: &AttributeTable,
    ) -> Result<Vec<Attribute>, Error> {
        let letters: Vec<String> = (0..table.attributes).map(|place| Attribute::letter(place).to_string()).collect();
        if !part.attributes.keys().eq(&letters) {
            let problem = format!("the table has the attributes {}; say of each what it asks", letters.join(", "));
            return Err(file.refuse(&part.id, &problem));
        }
        let asked = part.attributes.values().enumerate().map(|(place, asks)| {
            let (yes, no, not_applicable) = table.counts(place);
            Ok(Attribute { asks: self.put_text(asks)?, yes, no, not_applicable })
        });
        asked.collect()
    }

    /// The keys of the items that lack an attribute, and how many of them a test of the control had found before.
    fn failed_items(
        &self,
        control: &ControlId,
        table: &AttributeTable,
        found: &mut BTreeSet<Digest>,
    ) -> Result<Option<FailedItems>, Error> {
        let keys: BTreeSet<Digest> =
            table.exceptions().map(|item| self.item_keys.item_key(&[item.item.as_str()])).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        let by_people = self.state().exceptions.values().filter(|exception| {
            exception.origin.management_test().is_some() && exception.origin.is_about(control, self.catalog_index())
        });
        for exception in by_people {
            found.extend(items::read(&self.vault, &exception.keys)?);
        }
        let seen_before = keys.intersection(found).count() as u64;
        found.extend(&keys);
        Ok(Some(FailedItems { keys: items::write(&self.vault, &keys)?, seen_before }))
    }

    /// The digest of evidence by the name that people give it.
    pub(crate) fn evidence_named(&self, named: &NamedEvidence) -> Result<Digest, Error> {
        let fits = |evidence: &EvidenceToName| match named {
            NamedEvidence::Entry(entry) => evidence.entry == *entry,
            NamedEvidence::Digest(digits) => {
                !digits.is_empty() && evidence.digest.to_string().starts_with(&digits.to_lowercase())
            }
        };
        let name = match named {
            NamedEvidence::Entry(entry) => entry.to_string(),
            NamedEvidence::Digest(digits) => digits.clone(),
        };
        let known: BTreeSet<Digest> =
            evidence_of(self.state()).into_iter().filter(fits).map(|evidence| evidence.digest).collect();
        match known.len() {
            1 => known.into_iter().next().ok_or(Error::Unknown { kind: "evidence", name }),
            0 => Err(Error::Unknown { kind: "evidence", name }),
            _ => Err(Error::NamesSeveral { kind: "pieces of evidence", name }),
        }
    }

    /// The evidence that tests can name, newest last.
    pub fn evidence_to_name(&self) -> Result<Vec<EvidenceToName>, Error> {
        let state = self.state();
        Ok(evidence_of(state))
    }

    /// Reviews a management test as a second person.
    pub fn review_management_test(
        &mut self,
        author: &PersonId,
        management_test: ManagementTestId,
        note: &str,
    ) -> Result<(), Error> {
        let note = self.put_text(note)?;
        let command = ReviewManagementTest { management_test, note };
        self.execute(author, Command::ReviewManagementTest(command)).map(drop)
    }

    /// The management tests.
    pub fn management_tests(&self) -> Result<Vec<ManagementTestLine>, Error> {
        let state = self.state();
        Ok(state.management_tests.iter().map(|(id, test)| self.management_test_line(state, id, test)).collect())
    }

    fn management_test_line(&self, state: &State, id: &ManagementTestId, test: &ManagementTest) -> ManagementTestLine {
        ManagementTestLine {
            id: id.to_string(),
            control: test.details.control.to_string(),
            stage: test.details.stage,
            span: test.details.span,
            items: test.details.items,
            exceptions: test.details.exceptions,
            tester: self.name_in(state, &test.tester),
            reviewer: test.review.as_ref().map(|review| self.name_in(state, &review.reviewer)),
            entry: test.entry,
        }
    }

    /// One management test.
    pub fn management_test(&self, id: &ManagementTestId) -> Result<ManagementTestShown, Error> {
        let state = self.state();
        let test = state.management_tests.get(id).ok_or_else(|| Refusal::UnknownManagementTest(id.clone()))?;
        let details = &test.details;
        let versions = state.controls.get(&details.control).map_or(&[][..], |control| &control.versions);
        let version = versions.iter().find(|version| version.entry == test.version);
        let raised = state.exceptions.iter().find(|(_, e)| e.origin.management_test() == Some(id));
        Ok(ManagementTestShown {
            line: self.management_test_line(state, id, test),
            natures: details.natures.clone(),
            statement: version.map(|v| self.text(&v.definition.statement)).transpose()?.unwrap_or_default(),
            extent: self.extent_in_words(&details.extent)?,
            support: self.support_of(state, details)?,
            attributes: self.asked_attributes(&details.attributes)?,
            failed: match &details.table {
                Some(table) => self.json::<AttributeTable>(table)?.exceptions().cloned().collect(),
                None => Vec::new(),
            },
            evidence: details.evidence.clone(),
            procedure: self.text(&details.procedure)?,
            finding: self.text(&details.finding)?,
            performed_on: details.performed_on,
            review: test.review.as_ref().map(|review| self.text(&review.note)).transpose()?,
            exception: raised.map(|(id, _)| id.to_string()),
        })
    }

    fn asked_attributes(&self, attributes: &[Attribute]) -> Result<Vec<AskedAttribute>, Error> {
        let asked = attributes.iter().enumerate().map(|(place, attribute)| {
            let Attribute { asks, yes, no, not_applicable } = attribute;
            let (letter, asks) = (Attribute::letter(place), self.text(asks)?);
            Ok(AskedAttribute { letter, asks, yes: *yes, no: *no, not_applicable: *not_applicable })
        });
        asked.collect()
    }

    /// Which items a test looked at, in words.
    pub(crate) fn extent_in_words(&self, extent: &TestExtent) -> Result<String, Error> {
        Ok(match extent {
            TestExtent::WholePopulation { test, result } => {
                format!("the whole population, by control test `{test}`, entry {result}")
            }
            TestExtent::Sample(sample) => format!("sample `{sample}`"),
            TestExtent::Chosen { reason } => format!("chosen by hand: {}", self.text(reason)?),
        })
    }
}

fn evidence_of(state: &State) -> Vec<EvidenceToName> {
    let documents = state.documents.iter().map(|document| EvidenceToName {
        entry: document.entry,
        digest: document.document,
        what: "document".to_owned(),
        source: document.source.to_string(),
        on: document.dated_on,
        control: document.control.as_ref().map(ToString::to_string),
    });
    let extracts = state.evidence.iter().flat_map(|(dataset, extracts)| {
        extracts.iter().map(|extract| EvidenceToName {
            entry: extract.entry,
            digest: extract.manifest,
            what: dataset.to_string(),
            source: extract.source.to_string(),
            on: extract.covers.last,
            control: None,
        })
    });
    let mut all: Vec<EvidenceToName> = documents.chain(extracts).collect();
    all.sort_by(|a, b| (a.entry, &a.what, a.on, a.digest).cmp(&(b.entry, &b.what, b.on, b.digest)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_reads() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            management_test: Vec<ManagementTestPart>,
        }
        let file = Written::embedded("management-tests.toml", MANAGEMENT_TESTS_EXAMPLE).parse::<File>().unwrap();
        assert_eq!(file.management_test.len(), 2);
        let evidence = &file.management_test[0].evidence;
        assert_eq!(*evidence, [NamedEvidence::Entry(212), NamedEvidence::Digest("3fa94c1d".to_owned())]);
    }
}
