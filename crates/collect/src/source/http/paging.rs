//! How a list goes on after its first page.
//!
//! Invariant: a list ends where its product says so, by the sign that the connector states, and nowhere else. A page that comes
//! again, a list that ends before the number of rows it states and one that changes that number are errors.

use tickmark_canonical::Digest;

use super::client::{Answer, Asked, Body};
use crate::{
    Error,
    connector::{CursorTo, Page, Table},
    error::shortened,
};

/// A list under way.
pub(super) struct Paging<'a> {
    table: &'a Table,
    first: Asked,
    next: Option<Asked>,
    /// Rows so far.
    rows: u64,
    pages: u64,
    total: Option<u64>,
    last_page: Option<Digest>,
    last_word: Option<String>,
}

impl<'a> Paging<'a> {
    pub fn new(table: &'a Table, mut first: Asked) -> Self {
        match &table.page {
            Page::Offset { query, first: number, size_query, size, .. }
            | Page::Number { query, first: number, size_query, size, .. } => {
                set(&mut first, query, number);
                if let Some(name) = size_query {
                    set(&mut first, name, size);
                }
            }
            Page::Single {} | Page::Link { .. } | Page::Next { .. } | Page::Cursor { .. } => {}
        }
        let next = Some(first.clone());
        Self { table, first, next, rows: 0, pages: 0, total: None, last_page: None, last_word: None }
    }

    /// The request for the next page.
    pub fn next(&mut self) -> Option<Asked> {
        self.next.take()
    }

    /// Turns the page.
    pub fn turn(&mut self, answer: &Answer) -> Result<(), Error> {
        let rows = self.rows_of(answer)?;
        self.rows += rows;
        self.pages += 1;
        let page = Digest::of(&answer.body);
        // Two pages without rows are alike, as the last ones of an empty list are.
        if rows > 0 && self.last_page == Some(page) {
            return Err(answer.failed("the page is the one before it once more".to_owned()));
        }
        self.last_page = Some(page);
        let mut next = self.first.clone();
        next.is_first = false;
        self.next = match &self.table.page {
            Page::Single {} => None,
            Page::Link { only } => match answer.links.iter().find_map(|header| next_link(header, only.as_deref())) {
                None => None,
                Some(link) => Some(self.follow(answer, next, &link)?),
            },
            Page::Next { pointer } => match answer.word_at(pointer)? {
                None => None,
                Some(link) => Some(self.follow(answer, next, &link)?),
            },
            Page::Cursor { pointer, to, more } => {
                let goes_on = match more {
                    None => true,
                    Some(more) => match answer.word_at(more)?.as_deref() {
                        Some("true") => true,
                        Some("false") => false,
                        _ => return Err(answer.failed(format!("has neither `true` nor `false` at `{more}`"))),
                    },
                };
                match answer.word_at(pointer)? {
                    Some(word) if goes_on => {
                        self.is_new(answer, &word)?;
                        put(answer, &mut next, to, &word)?;
                        Some(next)
                    }
                    None if goes_on && more.is_some() => {
                        return Err(
                            answer.failed(format!("says that the list goes on, and has nothing at `{pointer}`"))
                        );
                    }
                    Some(_) | None => None,
                }
            }
            Page::Offset { query, first, total, .. } => {
                let at = first + self.rows;
                set(&mut next, query, &at);
                self.unless_all(answer, rows, total.as_deref(), next)?
            }
            Page::Number { query, first, total, .. } => {
                let number = first + self.pages;
                set(&mut next, query, &number);
                self.unless_all(answer, rows, total.as_deref(), next)?
            }
        };
        Ok(())
    }

    /// The request for the next page, unless all rows are there.
    fn unless_all(
        &mut self,
        answer: &Answer,
        rows: u64,
        total: Option<&str>,
        next: Asked,
    ) -> Result<Option<Asked>, Error> {
        let Some(pointer) = total else {
            // A page with fewer rows than were asked for is not the last: products give fewer than that when they like.
            return Ok((rows > 0).then_some(next));
        };
        let stated = answer.number_at(pointer)?;
        // Rows that come or go while the list is read move the others across the borders of pages.
        if self.total.is_some_and(|before| before != stated) {
            return Err(answer.failed("the number of all rows changed while the list was read".to_owned()));
        }
        self.total = Some(stated);
        if self.rows >= stated {
            return Ok(None);
        }
        if rows == 0 {
            let problem = format!("the list ends after {} of its {stated} rows", self.rows);
            return Err(answer.failed(problem));
        }
        Ok(Some(next))
    }

    /// How many rows an answer has, before any is taken apart.
    fn rows_of(&self, answer: &Answer) -> Result<u64, Error> {
        if self.table.one_row {
            return Ok(1);
        }
        let found = answer.rows_at(self.table)?;
        let Some(found) = found.filter(|found| found.get() != "null") else { return Ok(0) };
        let rows: Vec<serde::de::IgnoredAny> =
            serde_json::from_str(found.get()).map_err(|_| answer.failed("has no list of rows".to_owned()))?;
        Ok(rows.len() as u64)
    }

    /// The request for an address that an answer names.
    fn follow(&mut self, answer: &Answer, mut next: Asked, link: &str) -> Result<Asked, Error> {
        self.is_new(answer, link)?;
        next.url = answer.url.join(link).map_err(|cause| answer.failed(format!("its next page: {cause}")))?;
        if next.url.origin() != answer.url.origin() {
            return Err(answer.failed(format!("names a next page on another host, `{}`", shortened(link))));
        }
        Ok(next)
    }

    /// Refuses a word that was the last one already: the list would not end.
    fn is_new(&mut self, answer: &Answer, word: &str) -> Result<(), Error> {
        if self.last_word.as_deref() == Some(word) {
            return Err(answer.failed("names the page before as the next one".to_owned()));
        }
        self.last_word = Some(word.to_owned());
        Ok(())
    }
}

/// Sets a part of the query, in the place of the one that is there.
fn set(asked: &mut Asked, name: &str, value: &impl ToString) {
    let others: Vec<(String, String)> = asked
        .url
        .query_pairs()
        .filter(|(known, _)| known != name)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    asked.url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, &value.to_string());
}

fn put(answer: &Answer, next: &mut Asked, to: &CursorTo, word: &str) -> Result<(), Error> {
    match to {
        CursorTo::Query(name) => set(next, name, &word),
        CursorTo::Form(name) => {
            if let Body::Form(fields) = &mut next.body {
                fields.retain(|(known, _)| known != name);
                fields.push((name.clone(), word.to_owned()));
            }
        }
        CursorTo::Json(pointer) => {
            let Body::Json(text) = &mut next.body else { return Ok(()) };
            let mut body: serde_json::Value =
                serde_json::from_str(text).map_err(|cause| answer.failed(cause.to_string()))?;
            let (parent, member) = pointer.rsplit_once('/').unwrap_or_default();
            let Some(members) = body.pointer_mut(parent).and_then(serde_json::Value::as_object_mut) else {
                return Err(answer.failed(format!("the request's body has no place for `{pointer}`")));
            };
            members.insert(member.to_owned(), word.into());
            *text = body.to_string();
        }
    }
    Ok(())
}

/// The address of the next page in a `Link` header (RFC 8288, section 3).
fn next_link(header: &str, only: Option<&str>) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (address, after) = after.split_once('>')?;
        let (parameters, more) = match after.find(",") {
            // A comma inside quotes is no end; `rel` is never written with one.
            Some(at) if after.get(..at)?.matches('"').count() % 2 == 0 => after.split_at(at),
            _ => (after, ""),
        };
        let is_next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && value.split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if is_next && only.is_none_or(|only| parameters.contains(only)) {
            return Some(address.to_owned());
        }
        rest = more;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let header =
            "<https://a.test/?p=1>; rel=\"prev\", <https://a.test/?p=3&x=,>; title=\"a, b\"; rel=\"next last\"";
        assert_eq!(next_link(header, None).as_deref(), Some("https://a.test/?p=3&x=,"));
        assert_eq!(next_link("<https://a.test/?p=9>; rel=last", None), None);
        assert_eq!(next_link("</u?after=x>; rel=next", None).as_deref(), Some("/u?after=x"));
        assert_eq!(next_link("nothing", None), None);
        let behind_the_last = "<https://a.test/?c=0:0:1>; rel=\"previous\"; results=\"true\", <https://a.test/?c=0:9:0>; rel=\"next\"; results=\"false\"";
        assert_eq!(next_link(behind_the_last, Some("results=\"true\"")), None);
    }
}
