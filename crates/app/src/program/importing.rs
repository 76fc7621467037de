//! Control lists and risk-and-control matrices that people keep in workbooks, as files of a program for review.
//!
//! Invariant: nothing is guessed: a cell that is not understood is listed and stands as a remark in the file it belongs to.
//! Invariant: nothing is recorded; `apply` does that once a person has read the files.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_catalog::Catalog;
use tickmark_collect::Sheet;
use toml::{Table, Value};

use super::{
    folder,
    record::{Record, RecordKind, Records},
};
use crate::Error;

/// A file to import, and what its rows do not say.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// XLSX or CSV.
    pub file: PathBuf,
    /// The sheet; the one whose header is understood best by default.
    pub sheet: Option<String>,
    /// The folder for the program's files.
    pub to: PathBuf,
    /// Who owns the controls.
    pub owner: Option<String>,
    /// From which day they run.
    pub effective_on: Option<Date>,
}

/// What was read of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// The sheet.
    pub sheet: String,
    /// Columns with what each was taken for; none for a column that was not understood.
    pub columns: Vec<(String, Option<&'static str>)>,
    /// Controls.
    pub controls: usize,
    /// Risks.
    pub risks: usize,
    /// Control objectives that are not the catalog's.
    pub objectives: usize,
    /// What was not understood.
    pub not_understood: Vec<NotUnderstood>,
    /// Files written.
    pub files: Vec<PathBuf>,
}

/// A cell that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotUnderstood {
    /// Row of the sheet, from 1.
    pub row: u32,
    /// The column.
    pub column: String,
    /// What it says.
    pub says: String,
    /// Why it was not taken.
    pub because: String,
}

/// What a column can hold, with the headers that people write; the first of a line is what files say.
const COLUMNS: [(&str, &[&str]); 14] = [
    (
        "control",
        &[
            "control id",
            "control #",
            "control no",
            "control number",
            "control ref",
            "control reference",
            "id",
            "ref",
            "ctrl id",
        ],
    ),
    ("title", &["control name", "control title", "title", "name"]),
    (
        "statement",
        &[
            "control description",
            "control activity",
            "control statement",
            "description of control",
            "description",
            "activity",
            "control",
        ],
    ),
    ("owner_role", &["control owner", "owner", "responsible", "department", "function", "process owner"]),
    ("frequency", &["control frequency", "frequency", "how often"]),
    (
        "nature",
        &["preventive/detective", "preventive or detective", "nature", "p/d", "control nature", "control type", "type"],
    ),
    ("automation", &["manual/automated", "manual or automated", "automation", "m/a", "execution"]),
    ("key", &["key control", "key", "key/non-key", "key (y/n)"]),
    ("evidence", &["evidence", "documentation", "evidence of control", "supporting evidence"]),
    ("risk id", &["risk id", "risk #", "risk no", "risk ref"]),
    ("risk", &["risk", "risk description", "risk statement", "what could go wrong", "wcgw"]),
    ("objective", &["control objective", "objective", "control objective id", "objective id", "co"]),
    ("criteria", &["criteria", "criterion", "tsc", "trust services criteria", "soc 2", "tsc reference"]),
    ("assertions", &["assertions", "assertion", "financial statement assertions", "fsa"]),
];

const FREQUENCIES: [(&str, &[&str]); 9] = [
    ("continuous", &["continuous", "always", "ongoing"]),
    ("per-event", &["per event", "per occurrence", "event", "event-driven", "each time", "ad hoc", "transactional"]),
    ("daily", &["daily", "each day"]),
    ("weekly", &["weekly", "each week"]),
    ("semi-monthly", &["semi monthly", "twice a month"]),
    ("monthly", &["monthly", "each month"]),
    ("quarterly", &["quarterly", "each quarter"]),
    ("semi-annual", &["semi annual", "semi annually", "twice a year", "half yearly"]),
    ("annual", &["annual", "annually", "yearly", "once a year"]),
];

const NATURES: [(&str, &[&str]); 2] =
    [("preventive", &["preventive", "preventative", "p"]), ("detective", &["detective", "d"])];

const AUTOMATIONS: [(&str, &[&str]); 3] = [
    ("manual", &["manual", "m"]),
    ("automated", &["automated", "automatic", "a", "system", "application"]),
    ("it-dependent-manual", &["it dependent manual", "it dependent", "semi automated", "itdm", "hybrid"]),
];

const YES_NO: [(&str, &[&str]); 2] =
    [("yes", &["yes", "y", "x", "true", "key"]), ("no", &["no", "n", "false", "non key", "not key"])];

const ASSERTIONS: [(&str, &[&str]); 9] = [
    ("completeness", &["completeness", "c"]),
    ("accuracy", &["accuracy", "a"]),
    ("occurrence", &["occurrence", "o"]),
    ("existence", &["existence", "e"]),
    ("cut-off", &["cut off", "cutoff", "co"]),
    ("valuation", &["valuation", "v", "valuation and allocation"]),
    ("rights-obligations", &["rights and obligations", "rights obligations", "r o"]),
    ("classification", &["classification", "cl"]),
    ("presentation", &["presentation", "presentation and disclosure", "p d"]),
];

/// Words without what people write differently: case, dashes, spaces.
fn plain(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_alphanumeric() || "#/()".contains(c) { c } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn word_of(words: &[(&'static str, &[&str])], text: &str) -> Option<&'static str> {
    let text = plain(text);
    words
        .iter()
        .find(|(word, ways)| plain(word) == text || ways.iter().any(|way| plain(way) == text))
        .map(|(word, _)| *word)
}

/// Reads a file and writes what it says into the folder of a program.
pub fn import_controls(catalog: &Catalog, request: &ImportRequest) -> Result<Imported, Error> {
    let sheets = tickmark_collect::sheets(&request.file)?;
    let refuse = |problem: String| Error::Settings { path: request.file.clone(), problem };
    let understood = sheets.iter().filter(|sheet| request.sheet.as_ref().is_none_or(|name| *name == sheet.name));
    let best =
        understood.filter_map(|sheet| Some((sheet, header_of(sheet)?))).max_by_key(|(_, header)| header.understood());
    let Some((sheet, header)) = best else {
        let names: Vec<_> = sheets.iter().map(|sheet| format!("`{}`", sheet.name)).collect();
        return Err(refuse(format!(
            "no sheet with a header that has a column for controls, such as `Control ID` or `Control description`; sheets: {}",
            names.join(", ")
        )));
    };
    if folder::has_program(&request.to) {
        return Err(Error::NotEmpty { path: request.to.clone() });
    }
    let mut reading = Reading::new(catalog, request, &header);
    for (row, cells) in sheet.rows.iter().filter(|(row, _)| *row > header.row) {
        reading.row(*row, cells);
    }
    let Reading { records, remarks, not_understood, .. } = reading;
    let count = |kind| records.keys().filter(|(of, _)| *of == kind).count();
    let columns = header.columns.iter().map(|(name, meaning)| (name.clone(), *meaning)).collect();
    Ok(Imported {
        sheet: sheet.name.clone(),
        columns,
        controls: count(RecordKind::Control),
        risks: count(RecordKind::Risk),
        objectives: count(RecordKind::Objective),
        files: folder::write_drafts(&records, &remarks, &request.to)?,
        not_understood,
    })
}

/// The row of column names.
struct Header {
    row: u32,
    columns: Vec<(String, Option<&'static str>)>,
}

impl Header {
    fn understood(&self) -> usize {
        self.columns.iter().filter(|(_, meaning)| meaning.is_some()).count()
    }
}

/// The first of the upper rows that names a control's column and one more.
fn header_of(sheet: &Sheet) -> Option<Header> {
    sheet.rows.iter().take(20).find_map(|(row, cells)| {
        let mut taken = BTreeSet::new();
        let columns = cells.iter().map(|cell| {
            // Of two columns with one meaning the first counts.
            let meaning = word_of(&COLUMNS, cell).filter(|meaning| taken.insert(*meaning));
            (cell.clone(), meaning)
        });
        let header = Header { row: *row, columns: columns.collect() };
        let names_controls = taken.contains("statement") || taken.contains("control");
        (names_controls && header.understood() >= 2).then_some(header)
    })
}

/// What was read so far.
struct Reading<'a> {
    catalog: &'a Catalog,
    request: &'a ImportRequest,
    header: &'a Header,
    records: Records,
    remarks: BTreeMap<(RecordKind, String), Vec<String>>,
    not_understood: Vec<NotUnderstood>,
    /// Ids given to what had none, by its text.
    given: BTreeMap<String, String>,
}

impl<'a> Reading<'a> {
    fn new(catalog: &'a Catalog, request: &'a ImportRequest, header: &'a Header) -> Self {
        let (records, remarks, not_understood) = Default::default();
        Self { catalog, request, header, records, remarks, not_understood, given: BTreeMap::new() }
    }

    fn row(&mut self, row: u32, cells: &[String]) {
        let cell = |meaning: &str| {
            let column = self.header.columns.iter().position(|(_, of)| *of == Some(meaning))?;
            cells.get(column).filter(|text| !text.is_empty()).cloned()
        };
        let (statement, title) = (cell("statement"), cell("title"));
        let Some(words) = cell("control").or_else(|| statement.clone()).or_else(|| title.clone()) else { return };
        let said: BTreeMap<&'static str, String> =
            COLUMNS.iter().filter_map(|(meaning, _)| Some((*meaning, cell(meaning)?))).collect();
        let id = match said.get("control") {
            Some(id) => self.id(row, "control", id, "C"),
            None => self.given("C", &words),
        };
        let key = (RecordKind::Control, id.clone());
        let mut fields = Table::new();
        let text = |text: &String| Value::String(text.clone());
        let first_words =
            || statement.as_deref().unwrap_or(&id).split_whitespace().take(8).collect::<Vec<_>>().join(" ");
        if title.is_some() || !self.records.contains_key(&key) {
            fields.insert("title".to_owned(), Value::String(title.clone().unwrap_or_else(first_words)));
        }
        if let Some(statement) = statement.as_ref().or(title.as_ref()) {
            fields.insert("statement".to_owned(), text(statement));
        }
        if let Some(owner) = &self.request.owner {
            fields.insert("owner".to_owned(), text(owner));
        }
        let roles = &self.catalog.roles;
        if let Some(named) = said.get("owner_role") {
            let role =
                roles.values().find(|role| plain(&role.title) == plain(named) || plain(&role.id) == plain(named));
            match role.map(|role| role.id.to_string()) {
                Some(role) => drop(fields.insert("owner_role".to_owned(), Value::String(role))),
                None => {
                    self.remark(&key, row, "owner_role", named, "the catalog has no such role (catalog/roles.toml)")
                }
            }
        }
        for (meaning, words) in [
            ("frequency", &FREQUENCIES[..]),
            ("nature", &NATURES[..]),
            ("automation", &AUTOMATIONS[..]),
            ("key", &YES_NO[..]),
        ] {
            let Some(says) = said.get(meaning) else { continue };
            match word_of(words, says) {
                Some(yes_no) if meaning == "key" => {
                    drop(fields.insert("key".to_owned(), Value::Boolean(yes_no == "yes")))
                }
                Some(word) => drop(fields.insert(meaning.to_owned(), Value::String(word.to_owned()))),
                None => self.remark(&key, row, meaning, says, "this word is not known"),
            }
        }
        let list = |texts: BTreeSet<String>| Value::Array(texts.into_iter().map(Value::String).collect());
        if let Some(evidence) = said.get("evidence") {
            let lines =
                evidence.split(['\n', ';']).map(|line| line.trim().trim_start_matches(['-', '•']).trim().to_owned());
            fields.insert(
                "evidence".to_owned(),
                Value::Array(lines.filter(|l| !l.is_empty()).map(Value::String).collect()),
            );
        }
        let criteria = self.criteria(&key, row, said.get("criteria"));
        let mut objectives = BTreeSet::new();
        if let Some(says) = said.get("objective") {
            objectives = self.objectives(row, says, said.get("assertions"), &criteria);
        }
        let mut risks = BTreeSet::new();
        if said.contains_key("risk") || said.contains_key("risk id") {
            risks.insert(self.risk(row, said.get("risk id"), said.get("risk"), &objectives, &criteria));
        }
        fields.insert("criteria".to_owned(), list(criteria));
        fields.insert("objectives".to_owned(), list(objectives));
        fields.insert("risks".to_owned(), list(risks));
        self.add(key, row, fields, self.request.effective_on);
    }

    /// Criteria that the catalog knows; the rest of the cell is told.
    fn criteria(&mut self, key: &(RecordKind, String), row: u32, says: Option<&String>) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for word in
            says.into_iter().flat_map(|says| says.split([',', ';', '\n', ' ', '/'])).filter(|word| !word.is_empty())
        {
            match self.catalog.criteria.contains_key(word) {
                true => drop(known.insert(word.to_owned())),
                false => self.remark(key, row, "criteria", word, "this is no trust services criterion"),
            }
        }
        known
    }

    /// Ids of the catalog's objectives, or one of the organization's own for a sentence.
    fn objectives(
        &mut self,
        row: u32,
        says: &str,
        assertions: Option<&String>,
        criteria: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let words: Vec<&str> = says.split([',', ';', '\n']).map(str::trim).filter(|word| !word.is_empty()).collect();
        if words.iter().all(|word| self.catalog.objectives.contains_key(*word)) {
            return words.into_iter().map(str::to_owned).collect();
        }
        // `CO-3: Payments are …` names the objective and says what it is.
        let named = says.split_once([':', '–', '\n']).filter(|(id, _)| !id.trim().contains(' ') && id.len() <= 20);
        let (id, statement) = match named {
            Some((id, statement)) => (self.id(row, "objective", id.trim(), "OBJ"), statement.trim()),
            None if says.split_whitespace().count() == 1 => (self.id(row, "objective", says, "OBJ"), says),
            None => (self.given("OBJ", says), says),
        };
        if self.catalog.objectives.contains_key(id.as_str()) {
            return BTreeSet::from([id]);
        }
        let key = (RecordKind::Objective, id.clone());
        let mut found = BTreeSet::new();
        for word in
            assertions.into_iter().flat_map(|says| says.split([',', ';', '\n', '/'])).filter(|w| !w.trim().is_empty())
        {
            match word_of(&ASSERTIONS, word) {
                Some(assertion) => drop(found.insert(assertion.to_owned())),
                None => self.remark(&key, row, "assertions", word, "this is no financial statement assertion"),
            }
        }
        let strings = |texts: &BTreeSet<String>| Value::Array(texts.iter().cloned().map(Value::String).collect());
        let title = statement.split_whitespace().take(8).collect::<Vec<_>>().join(" ");
        let fields = [
            ("kind", Value::String("business".to_owned())),
            ("title", Value::String(title)),
            ("statement", Value::String(statement.to_owned())),
            ("assertions", strings(&found)),
            ("criteria", strings(criteria)),
        ];
        self.add(key, row, fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), None);
        BTreeSet::from([id])
    }

    fn risk(
        &mut self,
        row: u32,
        id: Option<&String>,
        statement: Option<&String>,
        objectives: &BTreeSet<String>,
        criteria: &BTreeSet<String>,
    ) -> String {
        let id = match (id, statement) {
            (Some(id), _) => self.id(row, "risk id", id, "RISK"),
            (None, statement) => self.given("RISK", statement.map_or("", String::as_str)),
        };
        let strings = |texts: &BTreeSet<String>| Value::Array(texts.iter().cloned().map(Value::String).collect());
        let mut fields = Table::new();
        if let Some(statement) = statement {
            fields.insert("statement".to_owned(), Value::String(statement.clone()));
        }
        fields.insert("objectives".to_owned(), strings(objectives));
        fields.insert("criteria".to_owned(), strings(criteria));
        self.add((RecordKind::Risk, id.clone()), row, fields, None);
        id
    }

    /// Adds a record, or what another row says of it: lists grow, a text that differs is told.
    fn add(&mut self, key: (RecordKind, String), row: u32, fields: Table, effective_on: Option<Date>) {
        let Some(before) = self.records.get_mut(&key) else {
            self.records.insert(key, Record { fields, effective_on, ended: None, because: None });
            return;
        };
        let mut differs = Vec::new();
        for (name, value) in fields {
            match (before.fields.get_mut(&name), value) {
                (None, value) => drop(before.fields.insert(name, value)),
                (Some(Value::Array(list)), Value::Array(more)) => {
                    let new: Vec<Value> = more.into_iter().filter(|value| !list.contains(value)).collect();
                    list.extend(new);
                }
                (Some(same), value) if *same == value => {}
                (Some(_), value) => differs.push((name, value)),
            }
        }
        for (name, value) in differs {
            let says = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.remark(&key, row, &name, &says, "an earlier row says otherwise");
        }
    }

    fn remark(&mut self, key: &(RecordKind, String), row: u32, meaning: &str, says: &str, because: &str) {
        let column = self.header.columns.iter().find(|(_, of)| *of == Some(meaning)).map(|(name, _)| name.clone());
        let column = column.unwrap_or_else(|| meaning.to_owned());
        let one_line = says.split_whitespace().collect::<Vec<_>>().join(" ");
        let remark = format!("Row {row}, {column}: `{one_line}`: {because}");
        let remarks = self.remarks.entry(key.clone()).or_default();
        if !remarks.contains(&remark) {
            remarks.push(remark);
            let (says, because) = (says.to_owned(), because.to_owned());
            self.not_understood.push(NotUnderstood { row, column, says, because });
        }
    }

    /// An id as the ledger allows it; one that is otherwise gets a number.
    fn id(&mut self, row: u32, meaning: &str, says: &str, prefix: &str) -> String {
        let id: String = says.trim().replace(' ', "-");
        // A control's id is the name of its file.
        if id.parse::<tickmark_domain::ControlId>().is_ok() && !id.contains(['/', ':']) {
            return id;
        }
        let given = self.given(prefix, says);
        let because = format!("this can be no id; it is called `{given}` here");
        let column = self.header.columns.iter().find(|(_, of)| *of == Some(meaning)).map_or(meaning, |(name, _)| name);
        let not_understood = NotUnderstood { row, column: column.to_owned(), says: says.to_owned(), because };
        if !self.not_understood.contains(&not_understood) {
            self.not_understood.push(not_understood);
        }
        given
    }

    /// The id given to a text; the same text has the same.
    fn given(&mut self, prefix: &str, text: &str) -> String {
        let known = format!("{prefix} {}", plain(text));
        let number = self.given.keys().filter(|key| key.starts_with(&format!("{prefix} "))).count() + 1;
        self.given.entry(known).or_insert_with(|| format!("{prefix}-{number:03}")).clone()
    }
}
