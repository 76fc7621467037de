//! Products asked over HTTP, by what a connector says.
//!
//! Invariant: an extract is whole or it is an error. A page that failed, a list that went on past its limit, an answer of another
//! shape and a row that did not come never become fewer rows.
//! Invariant: what was answered is kept as it came, so that the rows can be made again.

mod aws;
mod client;
mod decode;
mod host;
mod kept;
mod paging;
mod sign_in;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::ToSpan as _;
use serde_json::value::RawValue;
use tickmark_vault::Vault;

use self::{
    client::{Answer, Client},
    kept::Kept,
    paging::Paging,
};
use super::{Extract, SourceCount, Told, json};
use crate::{
    Error, Window,
    config::{ColumnMapping, ConnectorSource, Defaults, Mapping},
    connector::{Count, Decode, ForEach, Table, Written},
    error::shortened,
    rows::{Rows, Sink},
};

/// The first member of a row for which the product said that there is nothing.
const ABSENT: &str = "absent";

/// Rows of `for_each` whose answers are in memory at one time.
const PARENTS_AT_ONCE: usize = 64;

/// Reads one table of a connector.
pub(super) fn read(
    extract: &Extract<'_>,
    vault: &Vault,
    source: &ConnectorSource,
    table: &Table,
    sink: Sink,
) -> Result<Told, Error> {
    let (mut told, answers) = rows(extract, source, table, sink)?;
    told.originals.push(if extract.dataset.personal { vault.put_sealed(&answers)? } else { vault.put(&answers)? });
    Ok(told)
}

/// Reads one table of a connector; gives the answers too, as they are to be kept.
pub(crate) fn rows(
    extract: &Extract<'_>,
    source: &ConnectorSource,
    table: &Table,
    sink: Sink,
) -> Result<(Told, Vec<u8>), Error> {
    let of = format!("{}, table `{}`", source.connector.spec.id, table.table);
    let ignore = [ABSENT, "row", "parent", "of"].map(str::to_owned);
    let mapping = Mapping { dataset: extract.dataset, columns: &table.columns, ignore: &ignore };
    let mut rows = Rows::new(mapping, Defaults::TYPED, extract, sink)?;
    rows.part_of_named_rows(&of, 1)?;
    let mut members = json::Members::new(&rows);
    let conversation = Conversation::new(extract, source, table)?;
    let mut counted = Counted::default();
    conversation.each_row(table, &mut counted, &mut |row| {
        members.is_absent = row.strip_prefix("{\"").is_some_and(|rest| rest.starts_with(ABSENT));
        members.row(&mut rows, &of, row)
    })?;
    rows.finish()?;
    let count = conversation.count(table, &counted)?;
    let Conversation { kept, values, .. } = conversation;
    let kept = kept.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut told = Told::new(kept.first_request());
    told.parameter("connector", source.connector.digest);
    told.parameter("requests", kept.requests());
    for name in source.settings.keys() {
        told.parameter(&format!("setting {name}"), values.get(name).map_or("", String::as_str));
    }
    told.count = count;
    Ok((told, kept.finish()?))
}

/// The number of rows that answers state, over all lists.
#[derive(Default)]
struct Counted {
    stated: u64,
}

/// One table's requests and answers.
struct Conversation<'a> {
    source: &'a ConnectorSource,
    client: Client<'a>,
    /// What stands in the places of templates, but for a parent's columns.
    values: BTreeMap<String, String>,
    kept: Mutex<Kept>,
}

impl<'a> Conversation<'a> {
    fn new(extract: &Extract<'_>, source: &'a ConnectorSource, table: &Table) -> Result<Self, Error> {
        let mut values = source.settings.clone();
        let (first, last) = (extract.window.first(), extract.window.last());
        let next_day = last.checked_add(1.day()).unwrap_or(last);
        match extract.window {
            Window::Booked { .. } => {
                values.insert("first".to_owned(), first.to_string());
                values.insert("last".to_owned(), last.to_string());
                values.insert("next_day".to_owned(), next_day.to_string());
            }
            Window::State { effective_on } => drop(values.insert("on".to_owned(), effective_on.to_string())),
        }
        let client = Client::new(extract.source, source, table, &values, extract.clock)?;
        Ok(Self { source, client, values, kept: Mutex::new(Kept::new()?) })
    }

    /// Every row of a table as JSON: the row itself and, where there is one, the row it was asked for or taken out of.
    fn each_row(
        &self,
        table: &Table,
        counted: &mut Counted,
        take: &mut dyn FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(for_each) = &table.for_each else {
            return self.pages(table, &self.values, &mut |answer| {
                self.keep(answer)?;
                self.rows_of(table, answer, None, counted, take)
            });
        };
        for parents in self.parents(for_each)?.chunks(PARENTS_AT_ONCE) {
            let answers = self.side_by_side(table, parents)?;
            for (parent, answers) in parents.iter().zip(answers) {
                // Kept in the order of the rows, whoever was answered first.
                for answer in &answers {
                    self.keep(answer)?;
                    self.rows_of(table, answer, Some(parent), counted, take)?;
                }
            }
        }
        Ok(())
    }

    /// The rows of another table for which requests are made.
    fn parents(&self, for_each: &ForEach) -> Result<Vec<Parent>, Error> {
        let table = self.source.connector.table(&for_each.table);
        let table = table.ok_or_else(|| self.failed(&for_each.table, "is no table of the connector".to_owned()))?;
        let columns: BTreeMap<&String, Vec<String>> =
            table.columns.iter().filter_map(|(name, mapping)| Some((name, json::steps(mapping.from()?)?))).collect();
        let mut parents = Vec::new();
        let mut take = |row: &str| {
            let mut values = self.values.clone();
            for (name, path) in &columns {
                let value = json::at(row, path).map_err(|problem| self.failed(&table.table, problem))?;
                // A row that does not say what it is might be one of those wanted.
                let may_be_absent = table.columns.get(*name).is_some_and(ColumnMapping::may_be_absent);
                if value.is_none() && !may_be_absent && for_each.only.contains_key(*name) {
                    let problem = format!("a row of `{}` has no `{name}`, by which rows are chosen", table.table);
                    return Err(self.failed(&table.table, problem));
                }
                if let Some(text) = value.and_then(json::plain_text) {
                    values.insert(format!("parent.{name}"), text);
                }
            }
            let is_wanted = |(column, wanted): (&String, &Vec<String>)| {
                values.get(&format!("parent.{column}")).is_some_and(|value| wanted.contains(value))
            };
            if for_each.only.iter().all(is_wanted) {
                parents.push(Parent { row: row.to_owned(), values });
            }
            Ok(())
        };
        self.each_row(table, &mut Counted::default(), &mut take)?;
        Ok(parents)
    }

    /// The answers for some rows of another table, asked side by side, in the order of those rows.
    fn side_by_side(&self, table: &Table, parents: &[Parent]) -> Result<Vec<Vec<Answer>>, Error> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(BTreeMap::new());
        let workers = (self.source.connector.spec.http.at_once as usize).min(parents.len()).max(1);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(parent) = parents.get(at) else { break };
                        let mut answers = Vec::new();
                        let asked = self.pages(table, &parent.values, &mut |answer| {
                            answers.push(answer.clone());
                            Ok(())
                        });
                        let is_over = asked.is_err();
                        if let Ok(mut done) = done.lock() {
                            done.insert(at, asked.map(|()| answers));
                        }
                        if is_over {
                            next.fetch_max(parents.len(), Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
    }

    /// The pages of one list.
    fn pages(
        &self,
        table: &Table,
        values: &BTreeMap<String, String>,
        each: &mut dyn FnMut(&Answer) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.wait(table, values)?;
        let mut paging = Paging::new(table, self.client.request(&table.request, values)?);
        let most = self.source.connector.spec.http.max_pages;
        let absent = table.absent.as_slice();
        let mut pages = 0_u64;
        while let Some(asked) = paging.next() {
            if pages == most {
                return Err(self.failed(&table.table, format!("the list goes on after {most} pages")));
            }
            pages += 1;
            let mut answer = self.client.send(&asked, absent)?;
            if !answer.is_absent {
                answer.decoded = decode::decoded(&answer.body, &table.decode).map_err(|why| answer.failed(why))?;
            }
            each(&answer)?;
            if answer.is_absent {
                return Ok(());
            }
            paging.turn(&answer)?;
        }
        Ok(())
    }

    /// Asks what a table has to wait for.
    fn wait(&self, table: &Table, values: &BTreeMap<String, String>) -> Result<(), Error> {
        let Some(until) = &table.until else { return Ok(()) };
        let asked = self.client.request(&until.request, values)?;
        for turn in 0..until.at_most {
            if turn > 0 {
                std::thread::sleep(std::time::Duration::from_secs(until.every_seconds));
            }
            let mut answer = self.client.send(&asked, &[])?;
            self.keep(&answer)?;
            answer.decoded = decode::decoded(&answer.body, &Decode { base64_csv: None, ..table.decode.clone() })
                .map_err(|why| answer.failed(why))?;
            let Some(word) = answer.word_at(&until.pointer)? else {
                return Err(answer.failed(format!("has nothing at `{}`", until.pointer)));
            };
            if word == until.is {
                return Ok(());
            }
        }
        let request = asked.shown();
        Err(Error::Request { request, problem: format!("was not `{}` after {} times", until.is, until.at_most) })
    }

    fn keep(&self, answer: &Answer) -> Result<(), Error> {
        self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(answer)
    }

    /// Hands over the rows of one answer.
    fn rows_of(
        &self,
        table: &Table,
        answer: &Answer,
        parent: Option<&Parent>,
        counted: &mut Counted,
        take: &mut dyn FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut text = String::new();
        let mut give = |row: &str, of: Option<&str>| {
            text.clear();
            text.push_str(if answer.is_absent { "{\"absent\":true,\"row\":" } else { "{\"row\":" });
            text.push_str(row);
            for (name, value) in [("of", of), ("parent", parent.map(|parent| parent.row.as_str()))] {
                if let Some(value) = value {
                    text.push_str(",\"");
                    text.push_str(name);
                    text.push_str("\":");
                    text.push_str(value);
                }
            }
            text.push('}');
            take(&text)
        };
        if answer.is_absent {
            counted.stated += 1;
            return give("null", None);
        }
        let failed = |problem: String| answer.failed(problem);
        for (pointer, wanted) in &table.must {
            let found = answer.word_at(pointer)?.unwrap_or_default();
            if found != *wanted {
                let found = if found.is_empty() { "nothing" } else { &found };
                return Err(failed(format!("says {} at `{pointer}`, not `{wanted}`", shortened(found))));
            }
        }
        if let Count::Pointer(pointer) = &table.count {
            counted.stated = match (parent, answer.is_first) {
                // Each page of one list states the number of all its rows; the last is the newest.
                (None, _) => answer.number_at(pointer)?,
                (Some(_), true) => counted.stated + answer.number_at(pointer)?,
                (Some(_), false) => counted.stated,
            };
        }
        let found = answer.rows_at(table)?;
        let found = found.ok_or_else(|| failed(format!("has nothing at `{}`, where the rows are", table.rows)))?;
        if table.one_row {
            return give(found.get(), None);
        }
        for row in self.list(answer, found, &table.rows)? {
            let Some(pointer) = &table.explode else {
                give(row.get(), None)?;
                continue;
            };
            let path = json::steps(pointer).unwrap_or_default();
            let at = if table.decode.xml.is_some() { json::at_or_null } else { json::at };
            let inner = at(row.get(), &path).map_err(failed)?;
            let inner = inner.ok_or_else(|| failed(format!("has a row without `{pointer}`")))?;
            for member in self.list(answer, inner, pointer)? {
                give(member.get(), Some(row.get()))?;
            }
        }
        Ok(())
    }

    /// The members of a list. `null` is how some products write an empty one.
    fn list<'b>(&self, answer: &Answer, value: &'b RawValue, pointer: &str) -> Result<Vec<&'b RawValue>, Error> {
        if value.get() == "null" {
            return Ok(Vec::new());
        }
        serde_json::from_str(value.get()).map_err(|_| {
            let found = shortened(value.get());
            answer.failed(format!("has `{found}` at `{pointer}`, where a list of rows is"))
        })
    }

    /// How many rows the product says there are.
    fn count(&self, table: &Table, counted: &Counted) -> Result<SourceCount, Error> {
        match &table.count {
            Count::None(why) => Ok(SourceCount::Unknown(why.clone())),
            Count::Pointer(_) => Ok(SourceCount::Known(counted.stated)),
            Count::Request(request) => {
                let address = request.get.filled(&self.values, Written::Segment);
                let address =
                    address.map_err(|place| self.failed(&table.table, format!("`{{{place}}}` has no value")))?;
                let asked = self.client.get(&address, &request.query, &self.values)?;
                let mut answer = self.client.send(&asked, &[])?;
                self.keep(&answer)?;
                answer.decoded = decode::decoded(&answer.body, &table.decode).map_err(|why| answer.failed(why))?;
                answer.number_at(&request.pointer).map(SourceCount::Known)
            }
        }
    }

    fn failed(&self, table: &str, problem: String) -> Error {
        Error::Request { request: format!("{}, table `{table}`", self.source.connector.spec.id), problem }
    }
}

/// A row of another table, for which a request is made.
struct Parent {
    /// The row with its own parents, as JSON.
    row: String,
    /// What stands in the places of templates.
    values: BTreeMap<String, String>,
}
