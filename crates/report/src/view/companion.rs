//! What stands beside a report: letters, packs and memos that management writes from the same facts. They are about an
//! engagement and hold no figure with a tick mark, and so they are no [`super::Document`] and stand in no package.
//!
//! Invariant: whoever reads one is told on each page whose words they are, and that nobody examined them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything a companion prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanionView {
    /// Whose it is.
    pub organization: String,
    /// What it is: "Bridge letter".
    pub kind: String,
    /// Its title.
    pub title: String,
    /// The day it speaks from.
    pub dated: Date,
    /// What stands at its head: label and value.
    pub facts: Vec<(String, String)>,
    /// What it says.
    pub parts: Vec<CompanionPart>,
    /// Who signs it; empty for one that nobody signs.
    pub signatories: Vec<CompanionSignatory>,
    /// The line at the foot of each page.
    pub foot: String,
}

/// Somebody who is to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanionSignatory {
    /// The name.
    pub name: String,
    /// The office held.
    pub title: String,
}

/// A part of a companion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CompanionPart {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Something the reader must not miss.
    Notice {
        /// What it is about.
        title: String,
        /// What it says.
        text: String,
    },
    /// A list.
    Points(Vec<String>),
    /// A numbered list.
    Numbered(Vec<String>),
    /// A table.
    Table {
        /// Its columns.
        columns: Vec<CompanionColumn>,
        /// Its rows, a cell a column.
        rows: Vec<Vec<String>>,
    },
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanionColumn {
    /// Its title; empty for one that is filled in by hand.
    pub title: String,
    /// Its share of the width.
    pub share: u32,
}

impl CompanionPart {
    /// A table of columns, each with its share of the width.
    pub fn table(columns: &[(&str, u32)], rows: Vec<Vec<String>>) -> Self {
        let columns =
            columns.iter().map(|(title, share)| CompanionColumn { title: (*title).to_owned(), share: *share });
        Self::Table { columns: columns.collect(), rows }
    }
}
