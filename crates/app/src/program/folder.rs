//! The folder of a program: which file holds which records, and how a record is written.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use tickmark_domain::Refusal;
use toml::{Table, Value};

use super::record::{Key, Meaning, Record, RecordKind, Records};
use crate::{
    Error,
    packaging::io_error,
    written::{FENCE, Written, front_matter},
};

/// Files of tables, with the kinds that each holds.
const FILES: [(&str, &[RecordKind]); 5] = [
    ("engagements.toml", &[RecordKind::Engagement]),
    ("objectives.toml", &[RecordKind::Objective]),
    ("risks.toml", &[RecordKind::Risk]),
    ("scope.toml", &RecordKind::OF_SCOPE),
    ("controls/not-adopted.toml", &[RecordKind::NotAdopted]),
];

/// The folder with a file for each control.
const CONTROLS: &str = "controls";

/// Lines longer than this are broken, lists one element a line.
const WIDE: usize = 110;

/// A program as a folder says it.
#[derive(Debug)]
pub(super) struct Folder {
    /// What it says.
    pub(super) records: Records,
    /// Kinds that the folder speaks of; of the others it says nothing.
    pub(super) kinds: Vec<RecordKind>,
    /// Where each record stands.
    places: BTreeMap<Key, Written>,
}

impl Folder {
    /// The error that a record cannot be so, with its file and line.
    pub(super) fn refuse(&self, key: &Key, problem: &str) -> Error {
        let problem = format!("{} `{}`: {problem}", key.0.name(), key.1);
        match self.places.get(key) {
            Some(file) => file.refuse(&key.1, &problem),
            None => Error::Settings { path: PathBuf::from(file_of(key)), problem },
        }
    }

    /// The error that a rule said no to a record, with its file and line.
    pub(super) fn refused(&self, key: &Key, refusal: Refusal) -> Error {
        let what = format!("{} `{}`", key.0.name(), key.1);
        match self.places.get(key) {
            Some(file) => file.refused(&key.1, &what, refusal),
            None => refusal.into(),
        }
    }

    /// Reads a folder. Files that are not there say nothing; files that nobody knows are refused.
    pub(super) fn read(dir: &Path) -> Result<Self, Error> {
        let mut folder = Self { records: Records::new(), kinds: Vec::new(), places: BTreeMap::new() };
        for entry in entries(dir)? {
            let known = entry == CONTROLS || FILES.iter().any(|(file, _)| *file == entry);
            if !known && !entry.starts_with('.') && !entry.ends_with(".md") {
                let problem = format!("`{entry}` is no file of a program; {}", known_files());
                return Err(Error::Settings { path: dir.to_owned(), problem });
            }
        }
        for (name, kinds) in FILES {
            let path = dir.join(name);
            if path.symlink_metadata().is_ok() {
                folder.kinds.extend(kinds);
                folder.read_tables(&read_file(&path)?, kinds)?;
            }
        }
        let controls = dir.join(CONTROLS);
        if controls.exists() {
            folder.kinds.push(RecordKind::Control);
            for name in entries(&controls)? {
                if let Some(id) = name.strip_suffix(".md") {
                    folder.read_control(id, &read_file(&controls.join(&name))?)?;
                } else if name != "not-adopted.toml" && !name.starts_with('.') {
                    let problem = format!("`{name}` is no control; a control is a file `ID.md`");
                    return Err(Error::Settings { path: controls, problem });
                }
            }
        }
        Ok(folder)
    }

    fn read_tables(&mut self, file: &Written, kinds: &[RecordKind]) -> Result<(), Error> {
        let tables: BTreeMap<String, Vec<Table>> = file.parse()?;
        for (name, tables) in tables {
            let Some(kind) = kinds.iter().find(|kind| kind.name() == name) else {
                let known: Vec<_> = kinds.iter().map(|kind| format!("`[[{}]]`", kind.name())).collect();
                return Err(
                    file.refuse(&name, &format!("unknown table `{name}`; this file holds {}", known.join(", ")))
                );
            };
            for mut fields in tables {
                let Some(Value::String(id)) = fields.remove("id") else {
                    return Err(file.refuse(&name, &format!("a `[[{name}]]` without `id`")));
                };
                self.add(file, (*kind, id), fields)?;
            }
        }
        Ok(())
    }

    fn read_control(&mut self, id: &str, file: &Written) -> Result<(), Error> {
        let (front, statement) = front_matter(file)?;
        let mut fields: Table = front.parse()?;
        fields.insert(
            "statement".to_owned(),
            Value::String(statement.strip_suffix('\n').unwrap_or(&statement).to_owned()),
        );
        // Two file systems differ in what they call the same name: the id inside has the last word.
        match fields.remove("id") {
            Some(Value::String(inside)) if inside == id => {}
            _ => return Err(file.refuse("id", &format!("the file `{id}.md` must say `id = \"{id}\"`"))),
        }
        self.add(file, (RecordKind::Control, id.to_owned()), fields)
    }

    fn add(&mut self, file: &Written, key: Key, mut fields: Table) -> Result<(), Error> {
        let refuse = |problem: &str| file.refuse(&key.1, &format!("{} `{}`: {problem}", key.0.name(), key.1));
        if self.records.contains_key(&key) {
            return Err(refuse("it stands here twice"));
        }
        let (ended_on, ended_because) = ended_words(key.0);
        let ended_because_says = match fields.remove(ended_because) {
            Some(Value::String(because)) => Some(because),
            Some(_) => return Err(refuse(&format!("`{ended_because}` is no text"))),
            None => None,
        };
        let mut text = |name: &str| match fields.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(refuse(&format!("`{name}` is no text"))),
        };
        let date = |name: &str, text: Option<String>| -> Result<Option<Date>, Error> {
            let wrong = |text: &str| refuse(&format!("`{name}`: `{text}` is no date, such as `2026-10-01`"));
            text.map(|text| text.parse().map_err(|_| wrong(&text))).transpose()
        };
        let effective_on = date("effective_on", text("effective_on")?)?;
        let ended_on = date(ended_on, text(ended_on)?)?;
        let ended = match (ended_on, ended_because_says) {
            (Some(on), Some(because)) => Some((on, because)),
            (None, None) => None,
            (Some(_), None) => return Err(refuse(&format!("say why with `{ended_because}`"))),
            (None, Some(_)) => return Err(refuse("it says why it ended and not when")),
        };
        let because = text("because")?;
        if key.0 == RecordKind::NotAdopted && ended.is_none() {
            return Err(refuse("say since when with `dropped_on` and why with `dropped_because`"));
        }
        let meaning = Meaning::read(&key, &fields).map_err(|problem| refuse(&problem))?;
        let record = Record { fields: meaning.fields()?, effective_on, ended, because };
        self.places.insert(key.clone(), file.clone());
        self.records.insert(key, record);
        Ok(())
    }
}

/// Whether a folder holds files of a program.
pub(super) fn has_program(dir: &Path) -> bool {
    dir.join(CONTROLS).exists() || FILES.iter().any(|(file, _)| dir.join(file).exists())
}

/// Writes records that a person has yet to read, each with the remarks about it; files that would hold nothing are left out.
pub(super) fn write_drafts(
    records: &Records,
    remarks: &BTreeMap<Key, Vec<String>>,
    dir: &Path,
) -> Result<Vec<PathBuf>, Error> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (key, record) in records {
        let said = remarks.get(key).map(Vec::as_slice).unwrap_or_default();
        let said: String = said.iter().map(|remark| format!("# {remark}\n")).collect();
        let text = match key.0 == RecordKind::Control {
            true => control(&key.1, record).replacen("+++\n", &format!("+++\n{said}"), 1),
            false => said + &table(key.0.name(), &key.1, key.0, record),
        };
        files.entry(file_of(key)).or_default().push_str(&text);
    }
    let mut written = Vec::new();
    for (name, text) in files {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        }
        fs::write(&path, text).map_err(io_error("write", &path))?;
        written.push(path);
    }
    Ok(written)
}

/// Writes a program into a folder; files that hold nothing are written too, so that people see where things go.
pub(super) fn write(records: &Records, dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut written = Vec::new();
    let mut put = |path: PathBuf, text: String| {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        }
        fs::write(&path, text).map_err(io_error("write", &path))?;
        written.push(path);
        Ok::<_, Error>(())
    };
    for (name, kinds) in FILES {
        let mut text = String::new();
        for kind in kinds {
            for ((_, id), record) in records.iter().filter(|((of, _), _)| of == kind) {
                text.push_str(&table(kind.name(), id, *kind, record));
            }
        }
        put(dir.join(name), text)?;
    }
    for ((_, id), record) in records.iter().filter(|((kind, _), _)| *kind == RecordKind::Control) {
        put(dir.join(CONTROLS).join(format!("{id}.md")), control(id, record))?;
    }
    Ok(written)
}

fn table(name: &str, id: &str, kind: RecordKind, record: &Record) -> String {
    let mut text = format!("[[{name}]]\nid = {}\n", Value::String(id.to_owned()));
    lines(&mut text, record.fields.iter());
    dates(&mut text, kind, record);
    text.push('\n');
    text
}

fn control(id: &str, record: &Record) -> String {
    let mut text = format!("+++\nid = {}\n", Value::String(id.to_owned()));
    lines(&mut text, record.fields.iter().filter(|(field, _)| *field != "statement"));
    dates(&mut text, RecordKind::Control, record);
    let statement = record.fields.get("statement").and_then(Value::as_str).unwrap_or_default();
    text.push_str("+++\n\n");
    text.push_str(statement);
    text.push('\n');
    text
}

/// Every field on a line; what holds nothing is left out.
fn lines<'a>(text: &mut String, fields: impl Iterator<Item = (&'a String, &'a Value)>) {
    for (field, value) in fields {
        if value.as_array().is_some_and(Vec::is_empty) || value.as_table().is_some_and(Table::is_empty) {
            continue;
        }
        let line = format!("{field} = {}", shown(value));
        let line = match value.as_array().filter(|_| line.len() > WIDE) {
            Some(list) => {
                let elements: String = list.iter().map(|element| format!("    {},\n", shown(element))).collect();
                format!("{field} = [\n{elements}]")
            }
            None => line,
        };
        text.push_str(&line);
        text.push('\n');
    }
}

fn dates(text: &mut String, kind: RecordKind, record: &Record) {
    if let Some(on) = record.effective_on {
        text.push_str(&format!("effective_on = \"{on}\"\n"));
    }
    if let Some((on, because)) = &record.ended {
        let (ended_on, ended_because) = ended_words(kind);
        text.push_str(&format!(
            "{ended_on} = \"{on}\"\n{ended_because} = {}\n",
            shown(&Value::String(because.clone()))
        ));
    }
}

/// A value on its line; a text of several lines between three quotes, as it reads, unless it would end front matter.
fn shown(value: &Value) -> String {
    let is_fence = |line: &str| line.trim_end() == FENCE;
    match value.as_str().filter(|text| text.contains('\n')) {
        // JSON escapes as TOML does, but for the one mark that it leaves.
        Some(text) if text.lines().any(is_fence) => {
            serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
        }
        Some(text) if text.chars().any(is_control) => value.to_string(),
        Some(text) => format!("\"\"\"\n{}\"\"\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        None => value.to_string(),
    }
}

fn is_control(letter: char) -> bool {
    letter.is_control() && letter != '\n'
}

/// What the end of a record is called: controls are dropped, scope items retire.
fn ended_words(kind: RecordKind) -> (&'static str, &'static str) {
    if matches!(kind, RecordKind::Control | RecordKind::NotAdopted) {
        ("dropped_on", "dropped_because")
    } else {
        ("retired_on", "retired_because")
    }
}

/// The file in which a record stands.
pub(super) fn file_of((kind, id): &Key) -> String {
    match FILES.iter().find(|(_, kinds)| kinds.contains(kind)) {
        Some((file, _)) => (*file).to_owned(),
        None => format!("{CONTROLS}/{id}.md"),
    }
}

fn known_files() -> String {
    let files: Vec<_> = FILES.iter().map(|(file, _)| format!("`{file}`")).collect();
    format!("a program has {} and `{CONTROLS}/ID.md`", files.join(", "))
}

/// Reads a file of a program: a regular one, of a size that people write.
fn read_file(path: &Path) -> Result<Written, Error> {
    const LARGEST: u64 = 32 << 20;
    let about = fs::metadata(path).map_err(io_error("read", path))?;
    if !about.is_file() || about.len() > LARGEST {
        let problem = format!("a file of a program is a regular file of at most {} MiB", LARGEST >> 20);
        return Err(Error::Settings { path: path.to_owned(), problem });
    }
    Written::read(path)
}

/// Names in a folder, sorted.
fn entries(dir: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error("read", dir))? {
        names.push(entry.map_err(io_error("read", dir))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;
    use crate::{
        WrittenControl,
        program::record::{OwnedControl, WrittenItem, kind_of},
    };

    /// Every kind of scope item with all that it can say, and with each of its lists empty and each optional field left out:
    /// whatever of it the ledger can hold is written and read again as it was.
    #[test]
    fn every_scope_item_and_a_control_of_odd_words_go_out_and_in_unchanged() {
        let golden = include_str!("../../../domain/tests/golden/scope-items-1.jsonl");
        let mut forms: Vec<Json> = Vec::new();
        for line in golden.lines() {
            let full: Json = serde_json::from_str::<Json>(line).unwrap()["facts"].clone();
            let fields: Vec<String> = full.as_object().unwrap().keys().cloned().collect();
            forms.push(full.clone());
            let mut barest = full.clone();
            for field in fields.iter().filter(|field| *field != "kind") {
                let mut form = full.clone();
                for form in [&mut form, &mut barest] {
                    match &mut form[field] {
                        Json::Array(list) => list.clear(),
                        Json::Object(table) if field != "report_type" => table.clear(),
                        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {}
                    }
                }
                let mut without = full.clone();
                without.as_object_mut().unwrap().remove(field);
                forms.extend([form, without]);
            }
            forms.push(barest);
        }
        let mut records = Records::new();
        for form in &forms {
            let Ok(facts) = serde_json::from_value::<tickmark_domain::ScopeFacts>(form.clone()) else { continue };
            let key = (kind_of(&facts), format!("I-{}", records.len()));
            let item = WrittenItem { name: "N".to_owned(), text: "Two\nlines\n+++\n\"quoted\"".to_owned(), facts };
            let fields = Meaning::Item(key.1.parse().unwrap(), item).fields().unwrap();
            let effective_on = Some(jiff::civil::date(2026, 1, 1));
            records.insert(key, Record { fields, effective_on, ended: None, because: None });
        }
        assert!(records.len() > 50, "{} of {} forms", records.len(), forms.len());
        let title = "Two\n+++ \nlines\u{7f}\t\"of\" \\ it".to_owned();
        let control = OwnedControl {
            owner: "p-1".parse().unwrap(),
            control: WrittenControl {
                title,
                statement: "It says +++.\n+++\n\nAnd\r\nmore.".to_owned(),
                owner_role: "it".parse().unwrap(),
                frequency: tickmark_domain::Frequency::Daily,
                nature: tickmark_domain::ControlNature::Preventive,
                automation: tickmark_domain::Automation::Manual,
                is_key: false,
                evidence: Vec::new(),
                criteria: Default::default(),
                objectives: Default::default(),
                risks: Default::default(),
            },
        };
        let fields = Meaning::Control("C-1".parse().unwrap(), control).fields().unwrap();
        let effective_on = Some(jiff::civil::date(2026, 1, 1));
        let record = Record { fields, effective_on, ended: None, because: None };
        records.insert((RecordKind::Control, "C-1".to_owned()), record);
        let folder = tempfile::tempdir().unwrap();
        write(&records, folder.path()).unwrap();
        assert_eq!(Folder::read(folder.path()).unwrap().records, records);
    }
}
