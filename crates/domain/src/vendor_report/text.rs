//! The words of all pages as one text that knows its pages.

use std::collections::{BTreeMap, BTreeSet};

/// A line that stands on so many pages is a running head or foot.
const RUNNING_ON_PAGES: usize = 3;

/// Words shown for a field: a sentence, cut at so many bytes on either side.
const SHOWN_BYTES: usize = 320;

/// A line with its place.
pub(super) struct Line {
    pub(super) page: u32,
    pub(super) text: String,
    /// Where it begins in the whole text.
    pub(super) at: usize,
}

impl Line {
    pub(super) fn lower(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    /// Whether it is a line of a table of contents.
    pub(super) fn is_of_contents(&self) -> bool {
        self.text.contains(". . .") || self.text.contains("....") || self.text.contains("……")
    }
}

/// The words of all pages.
pub(super) struct Text {
    all: String,
    /// The same in small letters; ASCII only, so that places stay.
    lower: String,
    pub(super) lines: Vec<Line>,
}

impl Text {
    pub(super) fn of(pages: &[Vec<String>]) -> Self {
        let running = running(pages);
        let (mut all, mut lines) = (String::new(), Vec::new());
        for (page, of_page) in (1..).zip(pages) {
            for line in of_page.iter().map(|line| plain(line)).filter(|line| !running.contains(&without_digits(line))) {
                let at = all.len();
                match line.strip_suffix('-').filter(|start| start.ends_with(|c: char| c.is_ascii_lowercase())) {
                    // A word broken at the end of a line. A compound loses its hyphen; phrases are looked for both ways.
                    Some(start) => all.push_str(start),
                    None => {
                        all.push_str(&line.replace('\t', " "));
                        all.push(' ');
                    }
                }
                lines.push(Line { page, text: line, at });
            }
        }
        let lower = all.to_ascii_lowercase();
        Self { all, lower, lines }
    }

    /// Where a phrase in small letters stands from a place on.
    pub(super) fn find(&self, phrase: &str, from: usize) -> Option<usize> {
        Some(from + self.lower.get(from..)?.find(phrase)?)
    }

    /// The first of several phrases.
    pub(super) fn find_any(&self, phrases: &[&str], from: usize) -> Option<usize> {
        phrases.iter().filter_map(|phrase| self.find(phrase, from)).min()
    }

    /// All places of a phrase as words of their own.
    pub(super) fn places<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.lower.match_indices(phrase).map(|(at, _)| at).filter(move |at| self.is_word(*at, at + phrase.len()))
    }

    fn is_word(&self, first: usize, end: usize) -> bool {
        let before = self.lower.get(..first).and_then(|text| text.chars().next_back());
        let after = self.lower.get(end..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    }

    /// The text between two places, as far as it goes.
    pub(super) fn between(&self, first: usize, end: usize) -> &str {
        within(&self.all, first, end)
    }

    /// The same in small letters.
    pub(super) fn lower_between(&self, first: usize, end: usize) -> &str {
        within(&self.lower, first, end)
    }

    pub(super) fn all(&self) -> &str {
        &self.all
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn page(&self, at: usize) -> u32 {
        let after = self.lines.partition_point(|line| line.at <= at);
        self.lines.get(after.saturating_sub(1)).map_or(1, |line| line.page)
    }

    /// The sentence around a place, for people to compare.
    pub(super) fn words(&self, at: usize) -> String {
        let before = self.between(at.saturating_sub(SHOWN_BYTES), at);
        let start = before.rfind(". ").map_or(at - before.len(), |dot| at - before.len() + dot + 2);
        let after = self.between(at, at + SHOWN_BYTES);
        let end = after.find(". ").map_or(at + after.len(), |dot| at + dot + 1);
        self.between(start, end).trim().to_owned()
    }
}

/// A part of a text, widened to whole characters.
fn within(text: &str, first: usize, end: usize) -> &str {
    let mut first = first.min(text.len());
    while !text.is_char_boundary(first) {
        first -= 1;
    }
    let mut end = end.min(text.len()).max(first);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.get(first..end).unwrap_or_default()
}

/// A line with the signs of a keyboard: ligatures, curly quotes and marks of trade would hide phrases.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for char in line.chars() {
        match char {
            '®' | '™' | '℠' | '\u{2060}' | '\u{200b}' => {}
            '’' | '‘' => text.push('\''),
            '“' | '”' => text.push('"'),
            // A soft hyphen that was drawn is a hyphen: producers give one glyph to both.
            '–' | '—' | '‑' | '‐' | '−' | '\u{ad}' => text.push('-'),
            'ﬁ' => text.push_str("fi"),
            'ﬂ' => text.push_str("fl"),
            'ﬀ' => text.push_str("ff"),
            'ﬃ' => text.push_str("ffi"),
            'ﬄ' => text.push_str("ffl"),
            '\t' => text.push('\t'),
            other if other.is_whitespace() => text.push(' '),
            other => text.push(other),
        }
    }
    text.trim().to_owned()
}

fn without_digits(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Running heads and feet: the same line but for a number on many pages, first or last there.
fn running(pages: &[Vec<String>]) -> BTreeSet<String> {
    let mut on: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages {
        let edges: BTreeSet<String> =
            page.iter().take(2).chain(page.iter().rev().take(3)).map(|line| without_digits(&plain(line))).collect();
        for line in edges {
            *on.entry(line).or_default() += 1;
        }
    }
    let runs = |line: &str, count: usize| {
        // Ids such as CC6.1 and CC6.2 are the same but for their digits; a page's number is nothing else.
        let is_more_than_an_id = line.is_empty() || line.len() >= 8;
        is_more_than_an_id && count >= RUNNING_ON_PAGES && count * 4 >= pages.len()
    };
    on.into_iter().filter(|(line, count)| runs(line, *count)).map(|(line, _)| line).collect()
}
