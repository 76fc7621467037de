//! Files that people write: TOML with unknown keys refused, and errors that name file, line and key.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use tickmark_domain::Refusal;

use crate::{Error, packaging::io_error};

/// A file as a person wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    path: PathBuf,
    text: String,
}

impl Written {
    /// Reads a file; its bytes must be UTF-8.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(io_error("read", path))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = line_at(&String::from_utf8_lossy(error.as_bytes()), error.utf8_error().valid_up_to());
            Error::Settings { path: path.to_owned(), problem: format!("line {line}: this is not UTF-8") }
        })?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// A text that came with the program.
    pub(crate) fn embedded(name: &str, text: impl Into<String>) -> Self {
        Self { path: PathBuf::from(name), text: text.into() }
    }

    /// The text, which must say something.
    pub(crate) fn prose(self) -> Result<String, Error> {
        if self.text.trim().is_empty() {
            return Err(Error::Settings { path: self.path, problem: "the file says nothing".to_owned() });
        }
        Ok(self.text)
    }

    /// The same file with each `"$newest:NAME"` in it replaced by what `digest_of` gives for the name. Lines stay.
    pub(crate) fn with_newest(mut self, digest_of: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        const OPENS: &str = "\"$newest:";
        while let Some(start) = self.text.find(OPENS) {
            let rest = self.text.get(start + OPENS.len()..).unwrap_or_default();
            let name = rest.split('"').next().unwrap_or_default().to_owned();
            let end = start + OPENS.len() + name.len();
            let Some(digest) = digest_of(&name) else {
                return Err(self.at(start, &format!("there is no extract of `{name}` yet; collect it first")));
            };
            self.text.replace_range(start + 1..end, &digest);
        }
        Ok(self)
    }

    /// Reads the file as TOML.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        toml::from_str(&self.text).map_err(|error| match error.span() {
            Some(span) => self.at(span.start, error.message()),
            None => Error::Settings { path: self.path.clone(), problem: error.message().to_owned() },
        })
    }

    /// Reads the file as JSON.
    pub(crate) fn parse_json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.text).map_err(|error| {
            let said = error.to_string();
            // The reader puts the place after what is wrong; here it stands before, as in every other file.
            let problem = said.rsplit_once(" at line ").map_or(said.as_str(), |(problem, _)| problem);
            Error::Settings { path: self.path.clone(), problem: format!("line {}: {problem}", error.line()) }
        })
    }

    /// The error that what a line says of `word` cannot be so: the line with the key, else the text, else the word.
    pub(crate) fn refuse(&self, word: &str, problem: &str) -> Error {
        let quoted = format!("\"{word}\"");
        let is_key = |line: &str| line.split('=').next().is_some_and(|key| key.trim().trim_matches('"') == word);
        let says = |line: &str| line.contains(&quoted);
        let holds = |line: &str| line.contains(word);
        let line_that = |fits: &dyn Fn(&str) -> bool| {
            self.text.lines().position(|line| !line.trim_start().starts_with('#') && fits(line))
        };
        match line_that(&is_key).or_else(|| line_that(&says)).or_else(|| line_that(&holds)) {
            Some(line) => self.in_line(line + 1, problem),
            None => Error::Settings { path: self.path.clone(), problem: problem.to_owned() },
        }
    }

    /// The error that a rule said no to what stands at `word`.
    pub(crate) fn refused(&self, word: &str, what: &str, refusal: Refusal) -> Error {
        let place = self.refuse(word, what).to_string();
        Error::RefusedAt { place, refusal }
    }

    fn at(&self, offset: usize, problem: &str) -> Error {
        self.in_line(line_at(&self.text, offset), problem)
    }

    fn in_line(&self, line: usize, problem: &str) -> Error {
        let key = self.text.lines().nth(line - 1).and_then(key_of);
        let key = key.map(|key| format!(", {key}")).unwrap_or_default();
        Error::Settings { path: self.path.clone(), problem: format!("line {line}{key}: {}", problem.trim()) }
    }
}

/// The line before and after front matter.
pub(crate) const FENCE: &str = "+++";

/// A file's front matter in TOML, between two lines `+++` at its head, and the text after it. Lines keep their numbers. What
/// editors leave is no part of it: a mark of the encoding, spaces after `+++`, and, where its first line ends so, line ends of
/// two characters.
pub(crate) fn front_matter(file: &Written) -> Result<(Written, String), Error> {
    let missing = || Error::Settings {
        path: file.path.clone(),
        problem: "the file begins with front matter in TOML between two lines `+++`".to_owned(),
    };
    let is_fence = |line: &str| line.trim_end() == FENCE;
    let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
    let (first, rest) = text.split_once('\n').filter(|(first, _)| is_fence(first)).ok_or_else(missing)?;
    let rest = if first.ends_with('\r') { rest.replace("\r\n", "\n") } else { rest.to_owned() };
    let mut front = String::from("\n");
    let mut lines = rest.split_inclusive('\n');
    loop {
        match lines.next().ok_or_else(missing)? {
            line if is_fence(line) => break,
            line => front.push_str(line),
        }
    }
    let body: String = lines.collect();
    let body = body.strip_prefix('\n').unwrap_or(&body).to_owned();
    Ok((Written { path: file.path.clone(), text: front }, body))
}

/// The number of the line at an offset, from 1.
fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The key or table that a line begins with.
fn key_of(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with('[') {
        return Some(format!("table `{}`", line.trim_matches(['[', ']'])));
    }
    line.split_once('=').map(|(key, _)| format!("key `{}`", key.trim()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read as a whole")]
    struct Shape {
        name: String,
        thing: Vec<Thing>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read as a whole")]
    struct Thing {
        count: u64,
    }

    fn said(text: &str) -> String {
        Written::embedded("things.toml", text)
            .parse::<Shape>()
            .map_or_else(|error| error.to_string(), |_| "fine".into())
    }

    #[test]
    fn errors_name_file_line_and_key() {
        assert_eq!(said("name = \"a\"\n[[thing]]\ncount = 1\n"), "fine");
        assert_eq!(
            said("name = \"a\"\n[[thing]]\ncount = \"one\"\n"),
            "things.toml: line 3, key `count`: invalid type: string \"one\", expected u64"
        );
        assert_eq!(
            said("name = \"a\"\n\n[[thing]]\ncuont = 1\n"),
            "things.toml: line 4, key `cuont`: unknown field `cuont`, expected `count`"
        );
        assert_eq!(said("name = \"a\"\n[[thing]]\n"), "things.toml: line 2, table `thing`: missing field `count`");
    }

    #[test]
    fn a_word_is_found_as_a_key_before_it_is_found_in_a_remark() {
        let file = Written::embedded("owners.toml", "# who owns it\n[owners]\nsecurity = \"p-1\"\nit = \"p-2\"\n");
        let said = |word| file.refuse(word, "wrong").to_string();
        assert_eq!(said("it"), "owners.toml: line 4, key `it`: wrong");
        assert_eq!(said("p-1"), "owners.toml: line 3, key `security`: wrong");
        assert_eq!(said("nowhere"), "owners.toml: wrong");
    }

    #[test]
    fn what_editors_leave_around_front_matter_is_no_part_of_it() {
        let read = |text: &str| match front_matter(&Written::embedded("AC-1.md", text)) {
            Ok((front, body)) => format!("{:?} {body:?}", front.text),
            Err(error) => error.to_string(),
        };
        let plain = r#""\nid = \"AC-1\"\n" "One.\n\nTwo.\n""#;
        for text in [
            "+++\nid = \"AC-1\"\n+++\n\nOne.\n\nTwo.\n",
            "\u{feff}+++\nid = \"AC-1\"\n+++\n\nOne.\n\nTwo.\n",
            "+++  \nid = \"AC-1\"\n+++\t\n\nOne.\n\nTwo.\n",
            "\u{feff}+++ \r\nid = \"AC-1\"\r\n+++\r\n\r\nOne.\r\n\r\nTwo.\r\n",
        ] {
            assert_eq!(read(text), plain, "{text:?}");
        }
        // Line ends of two characters that stand in the text alone are the text's own.
        assert_eq!(read("+++\nid = 1\n+++\n\nOne.\r\nTwo.\n"), r#""\nid = 1\n" "One.\r\nTwo.\n""#);
        let no_front = "AC-1.md: the file begins with front matter in TOML between two lines `+++`";
        for text in ["", "id = 1\n", "+++\nid = 1\n", "++++\n+++\n"] {
            assert_eq!(read(text), no_front, "{text:?}");
        }
    }

    #[test]
    fn the_newest_extract_is_filled_in_on_its_line() {
        let file = Written::embedded("d.toml", "a = 1\nregister = \"$newest:incident\"\n");
        let filled = file.clone().with_newest(|name| Some(format!("digest of {name}"))).unwrap();
        assert_eq!(filled.text, "a = 1\nregister = \"digest of incident\"\n");
        let missing = file.with_newest(|_| None).unwrap_err().to_string();
        assert_eq!(missing, "d.toml: line 2, key `register`: there is no extract of `incident` yet; collect it first");
    }
}
