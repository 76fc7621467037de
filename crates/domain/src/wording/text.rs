//! Sentences as words: what rules of wording look at.

use crate::cadence::{Word, cadences};

/// A sentence.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub(super) tokens: Vec<Token>,
}

/// A word.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// In lower case, without punctuation.
    pub(super) word: String,
    /// As it stands in the text.
    pub(super) written: String,
    /// The mark that follows it; a space if none does.
    pub(super) after: char,
}

impl Token {
    pub(super) fn is_capitalized(&self) -> bool {
        self.written.starts_with(char::is_uppercase)
    }
}

/// Sentences of a text. A full stop ends one where space and a capital follow, so that `e.g.` and `25,000.00` end none.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut tokens: Vec<Token> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(raw) = words.next() {
        let written = raw.trim_matches(|c: char| !c.is_alphanumeric());
        let after =
            raw.chars().next_back().filter(|c| matches!(c, ',' | ';' | '.' | ':' | '?' | '!' | ')')).unwrap_or(' ');
        // A compound stays one word; a possessive gives its owner.
        let word = written.to_lowercase();
        let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(&word).to_owned();
        if !word.is_empty() {
            tokens.push(Token { word, written: written.to_owned(), after });
        }
        let title = ["Mr.", "Mrs.", "Ms.", "Dr."].contains(&raw);
        let ends = matches!(after, '.' | '?' | '!')
            && !title
            && words.peek().is_none_or(|next| next.starts_with(char::is_uppercase));
        if ends && !tokens.is_empty() {
            sentences.push(Sentence { tokens: std::mem::take(&mut tokens) });
        }
    }
    if !tokens.is_empty() {
        sentences.push(Sentence { tokens });
    }
    sentences
}

impl Sentence {
    fn stands_at(&self, at: usize, phrase: &str) -> bool {
        let here = self.tokens.get(at..).unwrap_or_default();
        phrase.split(' ').count() <= here.len()
            && phrase.split(' ').zip(here).all(|(wanted, token)| token.word == wanted)
    }

    /// Whether the sentence begins with a phrase.
    pub(super) fn begins(&self, phrase: &str) -> bool {
        self.stands_at(0, phrase)
    }

    /// The words from a place on, as written.
    pub(super) fn quote(&self, at: usize, count: usize) -> String {
        let words: Vec<&str> = self.tokens.iter().skip(at).take(count).map(|token| &*token.written).collect();
        words.join(" ")
    }

    /// Phrases out of a list, as written; of those that overlap the longest.
    pub(super) fn phrases(&self, wanted: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let longest =
                wanted.iter().filter(|phrase| self.stands_at(at, phrase)).map(|phrase| phrase.split(' ').count()).max();
            if let Some(count) = longest {
                found.push(self.quote(at, count));
            }
            at += longest.unwrap_or(1);
        }
        found
    }

    /// Words out of a list with their place.
    pub(super) fn words_in<'a>(&'a self, wanted: &'a [&str]) -> impl Iterator<Item = (usize, &'a Token)> {
        self.tokens.iter().enumerate().filter(|(_, token)| wanted.contains(&&*token.word))
    }

    pub(super) fn has_any(&self, wanted: &[&str]) -> bool {
        self.words_in(wanted).next().is_some()
    }

    /// Whether one of `words` follows the word at a place.
    pub(super) fn follows(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at + 1).is_some_and(|token| words.contains(&&*token.word))
    }

    /// How often by the calendar the sentence says something happens: the frequency, and the words.
    pub(super) fn cadences(&self) -> Vec<(&'static str, String)> {
        let last = self.tokens.len().saturating_sub(1);
        let words = self.tokens.iter().enumerate().map(|(at, token)| Word {
            word: &token.word,
            owns: token.written.ends_with("'s") || token.written.ends_with("\u{2019}s"),
            ends: token.after != ' ' || at == last,
        });
        let found = cadences(&words.collect::<Vec<_>>());
        found.into_iter().map(|of| (of.frequency.label(), self.quote(of.at, of.words))).collect()
    }

    /// Whether the sentence sets a limit of time: a number of days, "the next business day", a cadence.
    pub(super) fn has_limit(&self) -> bool {
        const UNITS: [&str; 14] = [
            "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "quarter",
            "quarters", "year", "years",
        ];
        const NUMBERS: [&str; 16] = [
            "one", "two", "three", "four", "five", "six", "seven", "ten", "twelve", "thirty", "same", "next", "first",
            "second", "third", "last",
        ];
        let counted = |at: usize, token: &Token| {
            let number = token.word.starts_with(|c: char| c.is_ascii_digit()) || NUMBERS.contains(&&*token.word);
            number && self.tokens.iter().skip(at + 1).take(2).any(|token| UNITS.contains(&&*token.word))
        };
        !self.cadences().is_empty() || self.tokens.iter().enumerate().any(|(at, token)| counted(at, token))
    }
}
