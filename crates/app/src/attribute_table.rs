//! The table of a management test as people write it: an item a line, an answer for each attribute; CSV or Markdown.
//!
//! Invariant: every item stands once and has an answer to every attribute; nothing is guessed from an empty cell.

use std::{collections::BTreeSet, fs, path::Path};

use serde::{Deserialize, Serialize};
use tickmark_domain::Attribute;

use crate::{Error, packaging::io_error};

/// Whether an item has an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HasAttribute {
    /// It has it.
    Yes,
    /// It lacks it.
    No,
    /// The attribute does not apply to it.
    NotApplicable,
}

impl HasAttribute {
    /// As people write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotApplicable => "n/a",
        }
    }

    fn read(cell: &str) -> Option<Self> {
        match cell.to_lowercase().as_str() {
            "yes" | "y" => Some(Self::Yes),
            "no" | "n" => Some(Self::No),
            "n/a" | "na" | "not applicable" => Some(Self::NotApplicable),
            _ => None,
        }
    }
}

/// An item tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestedItem {
    /// Its key, as the source writes it.
    pub item: String,
    /// Whether it has attribute A, B, C, …
    pub has: Vec<HasAttribute>,
    /// What there is to say of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl TestedItem {
    /// As a line of a table: item, answers, note.
    pub fn cells(&self) -> Vec<String> {
        let has = self.has.iter().map(|has| has.label().to_owned());
        [self.item.clone()].into_iter().chain(has).chain([self.note.clone()]).collect()
    }

    /// Whether it lacks an attribute.
    pub fn is_exception(&self) -> bool {
        self.has.contains(&HasAttribute::No)
    }
}

/// The items of a management test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeTable {
    /// How many attributes were asked of each.
    pub attributes: usize,
    /// The items, in the order in which they were written.
    pub items: Vec<TestedItem>,
}

impl AttributeTable {
    /// Reads a file: Markdown if its name ends in `.md`, else CSV. The first line names the columns: the item, then A, B, C in
    /// order, then `note` if there are notes.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(io_error("read", path))?;
        let is_markdown = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        let lines = if is_markdown { markdown_lines(&text) } else { csv_lines(&text) };
        let refuse = |problem| Error::Settings { path: path.to_owned(), problem };
        Self::of(&lines.map_err(refuse)?).map_err(refuse)
    }

    fn of(lines: &[(u64, Vec<String>)]) -> Result<Self, String> {
        let Some(((_, head), lines)) = lines.split_first() else { return Err("there is no table".to_owned()) };
        let has_notes = head.last().is_some_and(|name| name.eq_ignore_ascii_case("note"));
        let attributes = head.len().saturating_sub(1 + usize::from(has_notes));
        let letters = head.iter().skip(1).take(attributes);
        let in_order = letters.enumerate().all(|(place, name)| *name == Attribute::letter(place).to_string());
        if attributes == 0 || attributes > Attribute::MOST || !in_order {
            return Err("the columns are the item, then A, B, C in order, then `note` if there are notes".to_owned());
        }
        let (mut items, mut known) = (Vec::new(), BTreeSet::new());
        for (number, cells) in lines {
            let at = |problem: String| format!("line {number}: {problem}");
            if cells.len() != head.len() {
                return Err(at(format!("{} cells stand under {} columns", cells.len(), head.len())));
            }
            let mut cells = cells.iter();
            let item = cells.next().filter(|item| !item.is_empty()).ok_or_else(|| at("no item".to_owned()))?.clone();
            if !known.insert(item.clone()) {
                return Err(at(format!("item `{item}` stands here twice")));
            }
            let mut has = Vec::new();
            for cell in cells.by_ref().take(attributes) {
                let read = HasAttribute::read(cell);
                has.push(read.ok_or_else(|| at(format!("`{cell}` is none of yes, no and n/a")))?);
            }
            items.push(TestedItem { item, has, note: cells.next().cloned().unwrap_or_default() });
        }
        Ok(Self { attributes, items })
    }

    /// Items that have, lack and are not concerned by the attribute at a place.
    pub(crate) fn counts(&self, place: usize) -> (u64, u64, u64) {
        let of = |wanted| self.items.iter().filter(|item| item.has.get(place) == Some(&wanted)).count() as u64;
        (of(HasAttribute::Yes), of(HasAttribute::No), of(HasAttribute::NotApplicable))
    }

    /// The names of the columns that [`TestedItem::cells`] gives.
    pub fn columns(&self) -> Vec<String> {
        let letters = (0..self.attributes).map(|place| Attribute::letter(place).to_string());
        ["item".to_owned()].into_iter().chain(letters).chain(["note".to_owned()]).collect()
    }

    /// The items that lack an attribute.
    pub fn exceptions(&self) -> impl Iterator<Item = &TestedItem> {
        self.items.iter().filter(|item| item.is_exception())
    }
}

/// Lines with their numbers, as cells without the space around them.
type Lines = Result<Vec<(u64, Vec<String>)>, String>;

fn csv_lines(text: &str) -> Lines {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let lines = reader.records().map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        let number = record.position().map_or(0, csv::Position::line);
        Ok((number, record.iter().map(|cell| cell.trim().to_owned()).collect()))
    });
    lines.collect()
}

/// The first table of a text: lines between bars, of which the second only rules.
fn markdown_lines(text: &str) -> Lines {
    let numbered = (1_u64..).zip(text.lines().map(str::trim));
    let table = numbered.skip_while(|(_, line)| !line.starts_with('|')).take_while(|(_, line)| line.starts_with('|'));
    let rules = |cells: &[String]| cells.iter().all(|cell| cell.chars().all(|letter| matches!(letter, '-' | ':')));
    let lines = table.map(|(number, line)| {
        let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        (number, cells.collect::<Vec<_>>())
    });
    Ok(lines.filter(|(_, cells)| !rules(cells)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<AttributeTable, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        AttributeTable::read(&path).map_err(|error| error.to_string().replace(path.to_str().unwrap(), name))
    }

    #[test]
    fn csv_and_markdown_say_the_same() {
        let csv = read("t.csv", "ticket,A,B,note\nT-1,yes,yes,\nT-2,no,n/a,\"late, by a day\"\n").unwrap();
        let markdown = "Items.\n\n| ticket | A | B | note |\n|---|:-:|---|---|\n| T-1 | Yes | y | |\n| T-2 | no | N/A | late, by a day |\n";
        assert_eq!(read("t.md", markdown).unwrap(), csv);
        assert_eq!(csv.exceptions().map(|item| item.item.as_str()).collect::<Vec<_>>(), ["T-2"]);
        assert_eq!((csv.counts(0), csv.counts(1)), ((1, 1, 0), (1, 0, 1)));
    }

    #[test]
    fn what_is_not_said_is_not_guessed() {
        let said =
            |text: &str| read("t.csv", text).map_or_else(|error| error, |table| format!("{} items", table.items.len()));
        let lines = [
            said(""),
            said("ticket\nT-1\n"),
            said("ticket,B,A\nT-1,yes,yes\n"),
            said("ticket,A,B\nT-1,yes\n"),
            said("ticket,A\nT-1,\n"),
            said("ticket,A\nT-1,ok\n"),
            said("ticket,A\n,yes\n"),
            said("ticket,A\nT-1,yes\nT-1,no\n"),
            said("ticket,A\n"),
        ];
        insta::assert_snapshot!(lines.join("\n"), @"
        t.csv: there is no table
        t.csv: the columns are the item, then A, B, C in order, then `note` if there are notes
        t.csv: the columns are the item, then A, B, C in order, then `note` if there are notes
        t.csv: line 2: 2 cells stand under 3 columns
        t.csv: line 2: `` is none of yes, no and n/a
        t.csv: line 2: `ok` is none of yes, no and n/a
        t.csv: line 2: no item
        t.csv: line 3: item `T-1` stands here twice
        0 items
        ");
    }
}
