//! SQL of a declaration: its named days as the parameters of each database.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tickmark_catalog::Column;

use super::{Extract, SourceCount, Told};
use crate::{
    Error, Window, WindowCount,
    config::{Defaults, Mapping, Planned, QueryEntry},
    declared,
    value::{Cell, Rule, decimal_text},
};

/// The columns of an entry, as its sums are read.
pub(super) fn planned(extract: &Extract<'_>, entry: &QueryEntry) -> Result<Vec<Planned>, Error> {
    let mapping = Mapping { dataset: extract.dataset, columns: &entry.columns, ignore: &entry.ignore };
    let refused = |problem| Error::Config { file: extract.source.file.clone(), line: None, problem };
    mapping.planned(Defaults::TYPED).map_err(refused)
}

/// The day a parameter stands for; a window has no `on`, a state no `first` and `last`.
pub(super) fn day(name: &str, window: Window) -> Option<Date> {
    match (name, window) {
        ("first", Window::Booked { first, .. }) => Some(first),
        ("last", Window::Booked { last, .. }) => Some(last),
        ("on", Window::State { effective_on }) => Some(effective_on),
        _ => None,
    }
}

/// A dataset column and the rule to read the source's own sum of it by. Only declared control totals are summed.
pub(super) fn control_total<'a>(
    extract: &'a Extract<'_>,
    planned: &'a [Planned],
    column: &str,
) -> Result<(&'a Column, &'a Rule), Error> {
    let declared = extract.dataset.control_totals.iter().any(|total| total == column);
    let rule = planned.iter().find(|planned| planned.column.name == column).map(|planned| &planned.rule);
    extract.dataset.column(column).zip(rule).filter(|_| declared).ok_or_else(|| Error::Config {
        file: extract.source.file.clone(),
        line: None,
        problem: format!("sums `{column}`, which is not a control total of the dataset `{}`", extract.dataset.id),
    })
}

/// What a count query gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub rows: u64,
    /// Dataset column → sum, unscaled at the column's scale.
    totals: BTreeMap<String, i128>,
}

impl Counted {
    /// The number of rows, from the first column.
    pub fn new(cell: Cell<'_>, of: &str) -> Result<Self, Error> {
        let Cell::Int(rows) = cell else { return Err(not_one_row(of)) };
        let rows = u64::try_from(rows).map_err(|_| not_one_row(of))?;
        Ok(Self { rows, totals: BTreeMap::new() })
    }

    /// A sum, from another column.
    pub fn sum(
        &mut self,
        extract: &Extract<'_>,
        planned: &[Planned],
        name: &str,
        cell: Cell<'_>,
        of: &str,
    ) -> Result<(), Error> {
        let (column, rule) = control_total(extract, planned, name)?;
        let total =
            super::total(column, rule, cell, &format!("count query of `{}` on {of}", extract.dataset.id), name)?;
        self.totals.insert(name.to_owned(), total);
        Ok(())
    }

    /// As it is told of a window that was counted apart from any extract.
    pub fn of_window(self, extract: &Extract<'_>) -> WindowCount {
        let scale = |column: &str| extract.dataset.column(column).map_or(0, declared::scale);
        let text = |(column, total): (String, i128)| {
            let text = decimal_text(total, scale(&column));
            (column, text)
        };
        WindowCount { rows: self.rows, totals: self.totals.into_iter().map(text).collect() }
    }

    pub fn tell(self, told: &mut Told) {
        told.count = SourceCount::Known(self.rows);
        told.totals = self.totals;
    }
}

/// The error of a count query that gives something else.
pub(super) fn not_one_row(of: &str) -> Error {
    Error::Malformed {
        of: of.to_owned(),
        line: None,
        problem: "a count query gives one row, and the number of rows as its first column".into(),
    }
}

/// How a database writes its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `$1`.
    Postgres,
    /// `?`.
    Mysql,
}

/// A query with the database's own parameters, and the days to bind, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prepared {
    pub sql: String,
    pub days: Vec<Date>,
}

/// Puts the database's parameters in the place of `:first`, `:last` and `:on`. Quoted text, quoted names, comments and
/// `::` casts are left alone.
pub(super) fn prepare(extract: &Extract<'_>, sql: &str, dialect: Dialect) -> Result<Prepared, Error> {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut days = Vec::new();
    for piece in pieces(sql) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Name(name) => {
                let Some(day) = day(name, extract.window) else { return Err(unknown(extract, name)) };
                days.push(day);
                match dialect {
                    // The cast keeps the parameter a text, whatever type the server would infer for it.
                    Dialect::Postgres => out.push_str(&format!("CAST(${}::text AS date)", days.len())),
                    Dialect::Mysql => out.push_str("CAST(? AS DATE)"),
                }
            }
        }
    }
    Ok(Prepared { sql: out, days })
}

/// The error of a parameter that means nothing here.
pub(super) fn unknown(extract: &Extract<'_>, name: &str) -> Error {
    let known = match extract.window {
        Window::Booked { .. } => "`:first` and `:last`",
        Window::State { .. } => "`:on`",
    };
    Error::Config {
        file: extract.source.file.clone(),
        line: None,
        problem: format!("the query of `{}` has the parameter `:{name}`; this dataset has {known}", extract.dataset.id),
    }
}

/// Whether a query names this parameter.
pub(super) fn names(sql: &str, wanted: &str) -> bool {
    pieces(sql).into_iter().any(|piece| matches!(piece, Piece::Name(name) if name == wanted))
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some((here, c)) = sql.get(at..).and_then(|here| Some((here, here.chars().next()?))) {
        let skip = match c {
            '\'' | '"' | '`' => quoted(here, c),
            '-' if here.starts_with("--") => here.find('\n').unwrap_or(here.len()),
            '/' if here.starts_with("/*") => here.find("*/").map_or(here.len(), |end| end + 2),
            ':' if here.starts_with("::") => 2,
            ':' => {
                let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let length = here.bytes().skip(1).take_while(is_name).count();
                if length > 0 {
                    pieces.push(Piece::Text(sql.get(from..at).unwrap_or_default()));
                    pieces.push(Piece::Name(here.get(1..=length).unwrap_or_default()));
                    from = at + 1 + length;
                }
                1 + length
            }
            c => c.len_utf8(),
        };
        at += skip;
    }
    pieces.push(Piece::Text(sql.get(from..).unwrap_or_default()));
    pieces
}

/// The length of a quoted piece; a doubled quote is two pieces side by side, which comes to the same.
fn quoted(text: &str, quote: char) -> usize {
    text.get(1..).and_then(|inside| inside.find(quote)).map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_names_are_parameters() {
        let sql = "SELECT ':first', \":last\", a::date -- :on\n/* :on */ FROM t WHERE d BETWEEN :first AND :last AND x = 'it''s :on'";
        let names: Vec<&str> = pieces(sql)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Name(name) => Some(name),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(names, ["first", "last"]);
        let whole: String = pieces(sql)
            .into_iter()
            .map(|piece| match piece {
                Piece::Name(name) => format!(":{name}"),
                Piece::Text(text) => text.to_owned(),
            })
            .collect();
        assert_eq!(whole, sql);
    }
}
