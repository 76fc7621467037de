//! The words of a PDF that somebody else made, page by page.
//!
//! Invariant: the bytes are read in a process of their own that has limits and no key; what it could not read is an error.
//! Invariant: this crate knows no file, no network, no ledger, no vault, and not what the words mean.
//! Invariant: a page without a text layer is said to have none; nothing is guessed from its picture.

mod child;
mod error;
mod limits;
mod lines;
mod reading;
mod worker;

pub use child::{WORKER_SUBCOMMAND, read_in_child, read_in_child_with};
pub use error::Error;
pub use limits::Limits;
pub use worker::worker_main;

use serde::{Deserialize, Serialize};

/// What stands on a page. Its number is its place in the file, from 1, not the one that is printed on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageText {
    /// Its lines in the order in which the file draws them. Cells of one row are parted by a tab.
    pub lines: Vec<String>,
    /// Whether some of the words are not painted: an OCR layer under a scan, or words that are hidden.
    pub has_hidden_words: bool,
}

impl PageText {
    /// Whether the page has no words at all: it is a picture, or blank.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
    }
}
