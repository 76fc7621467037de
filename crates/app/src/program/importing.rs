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
use toml::{Table, Value};

use super::{
    folder,
    imported_header::{Header, header_of},
    imported_words::{ASSERTIONS, AUTOMATIONS, COLUMNS, FREQUENCIES, NATURES, YES_NO, plain, word_of},
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

/// Rows that a person reviews, one by one.
const MOST_ROWS: usize = 20_000;

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
    if sheet.rows.len() > MOST_ROWS {
        let rows = sheet.rows.len();
        return Err(refuse(format!(
            "sheet `{}` has {rows} rows; a list of controls has at most {MOST_ROWS}",
            sheet.name
        )));
    }
    let mut reading = Reading::new(catalog, request, &header);
    reading.said = sheet.rows.iter().flat_map(|(_, cells)| cells).map(|cell| cell.to_lowercase()).collect();
    let mut rows = sheet.rows.iter().filter(|(row, _)| *row > header.row);
    if header.is_explained_below()
        && let Some((row, cells)) = rows.next()
    {
        reading.explains(*row, cells);
    }
    for (row, cells) in rows {
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
    /// What cells say, in small letters: an id that is given is none of these.
    said: BTreeSet<String>,
    /// Ids as they were written first, by kind and small letters.
    ids: BTreeMap<String, String>,
}

impl<'a> Reading<'a> {
    fn new(catalog: &'a Catalog, request: &'a ImportRequest, header: &'a Header) -> Self {
        let (records, remarks, not_understood) = Default::default();
        let (given, said, ids) = Default::default();
        Self { catalog, request, header, records, remarks, not_understood, given, said, ids }
    }

    /// A row that says what the columns mean.
    fn explains(&mut self, row: u32, cells: &[String]) {
        let column = self.header.columns.first().map_or_else(String::new, |(name, _)| name.clone());
        let says = cells.first().cloned().unwrap_or_default();
        let because = "this row says what the columns mean".to_owned();
        self.not_understood.push(NotUnderstood { row, column, says, because });
    }

    fn row(&mut self, row: u32, cells: &[String]) {
        let cell = |meaning: &str| {
            let column = self.header.columns.iter().position(|(_, of)| *of == Some(meaning))?;
            cells.get(column).filter(|text| !text.is_empty()).cloned()
        };
        let (statement, title) = (cell("statement"), cell("title"));
        let said: BTreeMap<&'static str, String> =
            COLUMNS.iter().filter_map(|(meaning, _)| Some((*meaning, cell(meaning)?))).collect();
        let Some(words) = cell("control").or_else(|| statement.clone()).or_else(|| title.clone()) else {
            // A row that goes on with the one above, or a note between the rows.
            for (meaning, says) in said {
                let column = self.header.name_of(meaning);
                let because = "this row names no control".to_owned();
                self.not_understood.push(NotUnderstood { row, column, says, because });
            }
            return;
        };
        let id = match said.get("control") {
            Some(id) => self.id(row, "control", id, "C"),
            None => self.given("C", &words),
        };
        let key = (RecordKind::Control, id.clone());
        for ((column, meaning), says) in self.header.columns.iter().zip(cells) {
            if meaning.is_none() && !says.is_empty() {
                self.note(&key, row, column, says, "this column was not understood");
            }
        }
        let words = statement.as_ref().or(title.as_ref());
        let differs = |field: &str, says: &Option<String>| {
            let before = self.records.get(&key).and_then(|record| record.fields.get(field)).and_then(Value::as_str);
            before.zip(says.as_deref()).is_some_and(|(before, says)| before != says)
        };
        let is_another = match statement {
            Some(_) => differs("statement", &statement),
            None => differs("title", &title) && differs("statement", &title),
        };
        if is_another {
            // Two controls under one id: a mixture of both would be neither.
            for (meaning, says) in said.iter().filter(|(meaning, _)| **meaning != "control") {
                self.remark(&key, row, meaning, says, "an earlier row says this id of another control");
            }
            return;
        }
        let mut fields = Table::new();
        let text = |text: &String| Value::String(text.clone());
        let first_words =
            || statement.as_deref().unwrap_or(&id).split_whitespace().take(8).collect::<Vec<_>>().join(" ");
        if title.is_some() || !self.records.contains_key(&key) {
            fields.insert("title".to_owned(), Value::String(title.clone().unwrap_or_else(first_words)));
        }
        if let Some(statement) = words {
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
        for word in says.into_iter().flat_map(|says| criteria_words(says)) {
            let id = word.to_uppercase();
            match self.catalog.criteria.contains_key(id.as_str()) {
                true => drop(known.insert(id)),
                false => self.remark(key, row, "criteria", &word, "this is no trust services criterion"),
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
        let column = self.header.name_of(meaning);
        if self.note(key, row, &column, says, because) {
            let (says, because) = (says.to_owned(), because.to_owned());
            self.not_understood.push(NotUnderstood { row, column, says, because });
        }
    }

    /// A remark at the top of a file; whether it is new.
    fn note(&mut self, key: &(RecordKind, String), row: u32, column: &str, says: &str, because: &str) -> bool {
        // A remark is a comment, of one line and without marks that a file of words cannot hold.
        let one_line = |text: &str| {
            let spaced = text.replace(char::is_control, " ");
            spaced.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let remark = format!("Row {row}, {}: `{}`: {because}", one_line(column), one_line(says));
        let remarks = self.remarks.entry(key.clone()).or_default();
        let is_new = !remarks.contains(&remark);
        if is_new {
            remarks.push(remark);
        }
        is_new
    }

    /// An id as the ledger allows it; one that is otherwise gets a number.
    fn id(&mut self, row: u32, meaning: &str, says: &str, prefix: &str) -> String {
        let id: String = says.trim().replace(' ', "-");
        // A control's id is the name of its file.
        let can_be = id.parse::<tickmark_domain::ControlId>().is_ok() && !id.contains(['/', ':']);
        let first = can_be.then(|| {
            let first = self.ids.entry(format!("{prefix} {}", id.to_lowercase()));
            first.or_insert_with(|| id.clone()).clone()
        });
        if first.as_ref() == Some(&id) {
            return id;
        }
        let given = self.given(prefix, says);
        let because = match first {
            Some(first) => format!("it differs from `{first}` in capital letters only; it is called `{given}` here"),
            None => format!("this can be no id; it is called `{given}` here"),
        };
        let column = self.header.name_of(meaning);
        let not_understood = NotUnderstood { row, column, says: says.to_owned(), because };
        if !self.not_understood.contains(&not_understood) {
            self.not_understood.push(not_understood);
        }
        given
    }

    /// The id given to a text; the same text has the same.
    fn given(&mut self, prefix: &str, text: &str) -> String {
        // What can be no id may differ in the very marks that `plain` leaves out.
        let known = format!("{prefix} {}", text.split_whitespace().collect::<Vec<_>>().join(" "));
        if let Some(given) = self.given.get(&known) {
            return given.clone();
        }
        let taken: BTreeSet<&String> = self.given.values().collect();
        let mut ids = (1_u32..).map(|number| format!("{prefix}-{number:03}"));
        let free = ids.find(|id| !taken.contains(id) && !self.said.contains(&id.to_lowercase()));
        let given = free.unwrap_or_else(|| prefix.to_owned());
        self.given.insert(known, given.clone());
        given
    }
}

/// The words of a cell of criteria: without what stands in brackets, which says what a criterion is about, and with `CC 6.1` as one.
fn criteria_words(says: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let plain: String = says
        .chars()
        .filter_map(|character| {
            match character {
                '(' | '[' => depth += 1,
                ')' | ']' => {
                    depth = depth.saturating_sub(1);
                    return Some(' ');
                }
                _ => {}
            }
            (depth == 0).then_some(character)
        })
        .collect();
    let mut words: Vec<String> = Vec::new();
    for word in plain.split([',', ';', '\n', ' ', '/', '|', '&']).filter(|word| !word.is_empty()) {
        let begins = |before: &String| matches!(before.to_uppercase().as_str(), "CC" | "A" | "C" | "PI" | "P");
        match words.last_mut() {
            Some(before) if begins(before) && word.starts_with(|c: char| c.is_ascii_digit()) => before.push_str(word),
            Some(_) | None => words.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_as_people_write_them() {
        let words = |says| criteria_words(says).join("|");
        assert_eq!(words("CC6.1, CC6.2;CC6.3"), "CC6.1|CC6.2|CC6.3");
        assert_eq!(words("CC 6.1 / pi 1.4"), "CC6.1|pi1.4");
        assert_eq!(words("CC6.1 (logical access, see policy) & A1.2 [backup]"), "CC6.1|A1.2");
        assert_eq!(words("A"), "A");
    }

    /// What comes of a CSV file: columns with their meaning, records in short, what was not understood.
    fn imported(csv: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.csv");
        std::fs::write(&file, csv).unwrap();
        let to = folder.path().join("to");
        let request = ImportRequest { file, sheet: None, to: to.clone(), owner: None, effective_on: None };
        let done = match import_controls(&Catalog::embedded().unwrap(), &request) {
            Ok(done) => done,
            Err(error) => return error.to_string().replace(&folder.path().display().to_string(), ""),
        };
        let columns: Vec<_> = done.columns.iter().map(|(name, of)| format!("{name} = {}", of.unwrap_or("-"))).collect();
        let mut told = format!("{}\n", columns.join(" | "));
        for path in &done.files {
            let name = path.strip_prefix(&to).unwrap().display().to_string();
            let text = std::fs::read_to_string(path).unwrap();
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && *line != "+++").collect();
            told.push_str(&format!("{name}: {}\n", lines.join(" / ")));
        }
        for cell in &done.not_understood {
            told.push_str(&format!("! {} {}: {}: {}\n", cell.row, cell.column, cell.says, cell.because));
        }
        told
    }

    #[test]
    fn control_beside_an_id_is_what_is_done() {
        insta::assert_snapshot!(imported(
            "Control ID,Control,Type,Owner\nAC-1,IT removes access of leavers within a day.,Preventive,IT and identity\n"
        ), @r#"
        Control ID = control | Control = statement | Type = nature | Owner = owner_role
        controls/AC-1.md: id = "AC-1" / title = "IT removes access of leavers within a day." / owner_role = "it" / nature = "preventive" / IT removes access of leavers within a day.
        "#);
        insta::assert_snapshot!(imported(
            "Control ID,Control,Control Description\nAC-1,Leaver access,IT removes access of leavers within a day.\n"
        ), @r#"
        Control ID = control | Control = title | Control Description = statement
        controls/AC-1.md: id = "AC-1" / title = "Leaver access" / IT removes access of leavers within a day.
        "#);
        insta::assert_snapshot!(imported("Control,Description\nAC-1,IT removes access of leavers within a day.\n"), @r#"
        Control = control | Description = statement
        controls/AC-1.md: id = "AC-1" / title = "IT removes access of leavers within a day." / IT removes access of leavers within a day.
        "#);
    }

    #[test]
    fn headers_of_lists_that_others_publish() {
        // A framework whose column `… Control` is a name, and `… #` the id.
        insta::assert_snapshot!(imported(
            "SCF Domain,SCF Control,SCF #,Secure Controls Framework (SCF) Control Description\n\
             Governance,Steering committee,GOV-9.1,A committee meets each quarter.\n"
        ), @r#"
        SCF Domain = - | SCF Control = title | SCF # = control | Secure Controls Framework (SCF) Control Description = statement
        controls/GOV-9.1.md: # Row 2, SCF Domain: `Governance`: this column was not understood / id = "GOV-9.1" / title = "Steering committee" / A committee meets each quarter.
        "#);
        // A baseline with rows that only go on with the evidence of the row above.
        insta::assert_snapshot!(imported(
            "Baseline Control ID,Description,TSC Criteria,Control Owner,Expected Evidence\n\
             B.01,\"The board meets, each quarter.\",\"cc1.1 | CC1.2, CC99\",Alex,Invitation\n,,,,Minutes\n"
        ), @r#"
        Baseline Control ID = control | Description = statement | TSC Criteria = criteria | Control Owner = owner_role | Expected Evidence = evidence
        controls/B.01.md: # Row 2, Control Owner: `Alex`: the catalog has no such role (catalog/roles.toml) / # Row 2, TSC Criteria: `CC99`: this is no trust services criterion / id = "B.01" / title = "The board meets, each quarter." / evidence = ["Invitation"] / criteria = ["CC1.1", "CC1.2"] / The board meets, each quarter.
        ! 2 Control Owner: Alex: the catalog has no such role (catalog/roles.toml)
        ! 2 TSC Criteria: CC99: this is no trust services criterion
        ! 3 Expected Evidence: Minutes: this row names no control
        "#);
        // Rules as components, with what each column means in the second row.
        insta::assert_snapshot!(imported(
            "$$Component_Title,$$Rule_Id,$$Rule_Description,$$Control_Id_List\n\
             A name.,A label of its own.,What is wanted.,A list.\n\
             Cluster,rule_no_anonymous,Requests need a name.,CC6.1 CC6.2\n"
        ), @r#"
        $$Component_Title = - | $$Rule_Id = control | $$Rule_Description = statement | $$Control_Id_List = criteria
        controls/rule_no_anonymous.md: # Row 3, $$Component_Title: `Cluster`: this column was not understood / id = "rule_no_anonymous" / title = "Requests need a name." / criteria = ["CC6.1", "CC6.2"] / Requests need a name.
        ! 2 $$Component_Title: A name.: this row says what the columns mean
        "#);
    }

    #[test]
    fn what_is_in_no_column_that_is_known_stands_as_a_remark() {
        insta::assert_snapshot!(imported(
            "Ref,Control Activity,SOC2 Criteria,SOC 1 objective,Type (P/D),\"Walk\nthrough\",Status\n\
             C-1,The lead reads the log each day.,CC7.2,ITGC-IM,D,\"Seen\non paper\",\n"
        ), @r#"
        Ref = control | Control Activity = statement | SOC2 Criteria = criteria | SOC 1 objective = objective | Type (P/D) = nature | Walk
        through = - | Status = -
        controls/C-1.md: # Row 2, Walk through: `Seen on paper`: this column was not understood / id = "C-1" / title = "The lead reads the log each day." / nature = "detective" / criteria = ["CC7.2"] / objectives = ["ITGC-IM"] / The lead reads the log each day.
        "#);
    }

    #[test]
    fn two_controls_under_one_id_are_never_mixed() {
        insta::assert_snapshot!(imported(
            "Control ID,Description,Frequency,TSC\n\
             C-1,The lead reads the log each day.,Daily,CC7.2\n\
             C-1,The lead reads the log each day.,Daily,CC7.3\n\
             C-1,Finance counts the cash.,Monthly,CC6.1\n"
        ), @r#"
        Control ID = control | Description = statement | Frequency = frequency | TSC = criteria
        controls/C-1.md: # Row 4, TSC: `CC6.1`: an earlier row says this id of another control / # Row 4, Frequency: `Monthly`: an earlier row says this id of another control / # Row 4, Description: `Finance counts the cash.`: an earlier row says this id of another control / id = "C-1" / title = "The lead reads the log each day." / frequency = "daily" / criteria = ["CC7.2", "CC7.3"] / The lead reads the log each day.
        ! 4 TSC: CC6.1: an earlier row says this id of another control
        ! 4 Frequency: Monthly: an earlier row says this id of another control
        ! 4 Description: Finance counts the cash.: an earlier row says this id of another control
        "#);
    }

    #[test]
    fn ids_that_cannot_be_names_of_files() {
        insta::assert_snapshot!(imported(
            "Control ID,Description\n../../etc/x,One.\nIT/1,Two.\nIT:1,Three.\nC-001,Four.\nAc-2,Five.\nAC-2,Six.\n"
        ), @r#"
        Control ID = control | Description = statement
        controls/Ac-2.md: id = "Ac-2" / title = "Five." / Five.
        controls/C-001.md: id = "C-001" / title = "Four." / Four.
        controls/C-002.md: id = "C-002" / title = "One." / One.
        controls/C-003.md: id = "C-003" / title = "Two." / Two.
        controls/C-004.md: id = "C-004" / title = "Three." / Three.
        controls/C-005.md: id = "C-005" / title = "Six." / Six.
        ! 2 Control ID: ../../etc/x: this can be no id; it is called `C-002` here
        ! 3 Control ID: IT/1: this can be no id; it is called `C-003` here
        ! 4 Control ID: IT:1: this can be no id; it is called `C-004` here
        ! 7 Control ID: AC-2: it differs from `Ac-2` in capital letters only; it is called `C-005` here
        "#);
    }

    #[test]
    fn a_list_that_nobody_can_review_is_refused() {
        let rows: String = (0..=MOST_ROWS).map(|number| format!("C{number},Somebody does it.\n")).collect();
        assert_eq!(
            imported(&format!("Control ID,Description\n{rows}")),
            "/list.csv: sheet `list` has 20002 rows; a list of controls has at most 20000"
        );
    }
}
