//! One text file of the catalog while it is read: TOML with the line of what is wrong, and where a word stands.

use serde::de::DeserializeOwned;

use crate::{CatalogError, Problem};

/// A text file and its path.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) fn new(path: &'a str, bytes: &'a [u8]) -> Result<Self, CatalogError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { path, text }),
            Err(_) => Err(CatalogError { file: path.to_owned(), line: None, key: None, problem: Problem::NotText }),
        }
    }

    /// Reads the file as TOML of the wanted form; an unknown key is an error.
    pub(crate) fn toml<T: DeserializeOwned>(&self) -> Result<T, CatalogError> {
        toml::from_str(self.text).map_err(|cause| {
            let line = cause.span().map(|span| self.line_at(span.start));
            let problem = Problem::Toml(cause.message().to_owned());
            CatalogError { file: self.path.to_owned(), line, key: None, problem }
        })
    }

    /// A problem with the word it is about, at the first line where that word stands whole.
    pub(crate) fn problem(&self, word: &str, problem: Problem) -> CatalogError {
        CatalogError { file: self.path.to_owned(), line: self.line_of(word), key: Some(word.to_owned()), problem }
    }

    fn line_at(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    fn line_of(&self, word: &str) -> Option<usize> {
        let quoted = format!("\"{word}\"");
        let is_key = |line: &str| line.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('='));
        let found = self.text.lines().position(|line| line.contains(&quoted) || is_key(line));
        found.map(|index| index + 1)
    }
}
