//! The header of a list that is imported: which column holds what.
//!
//! Invariant: nothing is guessed: a column whose name is not known is told as not understood.

use std::collections::BTreeSet;

use tickmark_collect::Sheet;

use super::imported_words::{COLUMNS, plain, word_of};

/// The row of column names.
pub(super) struct Header {
    pub(super) row: u32,
    pub(super) columns: Vec<(String, Option<&'static str>)>,
}

impl Header {
    /// The name of the column that holds something.
    pub(super) fn name_of(&self, meaning: &str) -> String {
        let column = self.columns.iter().find(|(_, of)| *of == Some(meaning));
        column.map_or_else(|| meaning.to_owned(), |(name, _)| name.clone())
    }

    /// Whether the row below says what each column means: so it is where every name begins with `$$`, as compliance-trestle
    /// writes lists of rules.
    pub(super) fn is_explained_below(&self) -> bool {
        self.columns.iter().all(|(name, _)| name.starts_with("$$"))
    }

    pub(super) fn understood(&self) -> usize {
        self.columns.iter().filter(|(_, meaning)| meaning.is_some()).count()
    }
}

/// The first of the upper rows that names a control's column and one more.
pub(super) fn header_of(sheet: &Sheet) -> Option<Header> {
    sheet.rows.iter().take(20).find_map(|(row, cells)| {
        let meanings = meanings_of(cells);
        let names_controls = meanings.iter().flatten().any(|meaning| matches!(*meaning, "statement" | "control"));
        let header = Header { row: *row, columns: cells.iter().cloned().zip(meanings).collect() };
        (names_controls && header.understood() >= 2).then_some(header)
    })
}

/// What each column of a header holds. Of two columns with one meaning the first counts, and one that says it in so many words
/// goes before one that ends in them, such as `Baseline Control ID`.
fn meanings_of(cells: &[String]) -> Vec<Option<&'static str>> {
    let mut taken = BTreeSet::new();
    let mut meanings: Vec<Option<&'static str>> =
        cells.iter().map(|cell| exact_meaning(cell).filter(|meaning| taken.insert(*meaning))).collect();
    for (cell, meaning) in cells.iter().zip(&mut meanings).filter(|(_, meaning)| meaning.is_none()) {
        *meaning = loose_meaning(cell).filter(|meaning| taken.insert(*meaning));
    }
    // `Control` alone is whatever the other columns leave open: what it is called, what is done, or its id.
    for (_, meaning) in cells.iter().zip(&mut meanings).filter(|(cell, _)| plain(cell) == "control") {
        let open = if taken.contains("control") { &["statement", "title"][..] } else { &["control"][..] };
        *meaning = open.iter().copied().find(|open| !taken.contains(open));
        taken.extend(*meaning);
    }
    meanings
}

fn exact_meaning(header: &str) -> Option<&'static str> {
    if plain(header) == "control" { None } else { word_of(&COLUMNS, header) }
}

/// The meaning of a header that ends in several words of one, such as `Secure Controls Framework Control Description`.
fn loose_meaning(header: &str) -> Option<&'static str> {
    let header = plain(header);
    let ends_in = |way: &&str| way.contains(' ') && header.ends_with(&format!(" {}", plain(way)));
    COLUMNS.iter().find(|(_, ways)| ways.iter().any(ends_in)).map(|(meaning, _)| *meaning)
}
