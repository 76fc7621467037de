//! Names of files with places for days and months.

use jiff::{ToSpan as _, civil::Date};

use crate::Window;

/// One piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Character(char),
    Any,
    One,
    Day,
    DayTaken,
    Month,
}

/// A pattern of one name (no folders in it).
pub(crate) struct Pattern(Vec<Piece>);

/// What the places of a matching name say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dated {
    /// The first and last day of the stretch that the name is about.
    pub days: Option<(Date, Date)>,
}

impl Dated {
    /// Whether a file of this name belongs to the window. A file about a stretch that reaches over the window's edge
    /// belongs to it: its rows are cut or refused one by one.
    pub fn is_in(self, window: Window) -> bool {
        self.days.is_none_or(|(first, last)| first <= window.last() && last >= window.first())
    }
}

impl Pattern {
    /// Takes a pattern apart; `{` with another word than `date`, `taken_on` or `month` is refused.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{date}") {
                pieces.push(Piece::Day);
                rest = after;
            } else if let Some(after) = rest.strip_prefix("{taken_on}") {
                pieces.push(Piece::DayTaken);
                rest = after;
            } else if let Some(after) = rest.strip_prefix("{month}") {
                pieces.push(Piece::Month);
                rest = after;
            } else if c == '{' {
                return Err(format!("`{text}` has a `{{` that is none of `{{date}}`, `{{taken_on}}` and `{{month}}`"));
            } else {
                pieces.push(match c {
                    '*' => Piece::Any,
                    '?' => Piece::One,
                    c => Piece::Character(c),
                });
                rest = rest.split_at(c.len_utf8()).1;
            }
        }
        Ok(Self(pieces))
    }

    /// The name itself, if the pattern has no places.
    pub fn literal(&self) -> Option<String> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Character(c) => Some(*c),
                Piece::Any | Piece::One | Piece::Day | Piece::DayTaken | Piece::Month => None,
            })
            .collect()
    }

    /// What the name's places say, if the name matches.
    pub fn matches(&self, name: &str) -> Option<Dated> {
        matches(&self.0, name)
    }
}

fn matches(pieces: &[Piece], name: &str) -> Option<Dated> {
    let Some((piece, rest)) = pieces.split_first() else {
        return name.is_empty().then(Dated::default);
    };
    match piece {
        Piece::Character(c) => matches(rest, name.strip_prefix(*c)?),
        Piece::One => {
            let mut characters = name.chars();
            characters.next()?;
            matches(rest, characters.as_str())
        }
        Piece::Any => {
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().find_map(|at| matches(rest, name.get(at..)?))
        }
        Piece::Day | Piece::DayTaken => {
            let (day, after) = name.split_at_checked(10)?;
            let day: Date = is_iso(day).then(|| day.parse().ok())??;
            // What was taken during a day shows how the day before it ended.
            let day = if *piece == Piece::DayTaken { day.yesterday().ok()? } else { day };
            let dated = matches(rest, after)?;
            Some(Dated { days: dated.days.or(Some((day, day))) })
        }
        Piece::Month => {
            let (month, after) = name.split_at_checked(7)?;
            let first: Date = is_iso(month).then(|| format!("{month}-01").parse().ok())??;
            let dated = matches(rest, after)?;
            Some(Dated { days: dated.days.or(Some((first, first.last_of_month()))) })
        }
    }
}

/// Digits with `-` after the fourth and seventh character: jiff reads more ways of writing a date than a file's name has.
fn is_iso(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}

/// The text with the window's day or month in its places, for names that are known exactly.
pub(crate) fn filled(text: &str, window: Window) -> String {
    let day = window.last();
    let taken_on = day.tomorrow().unwrap_or(day);
    let text = text.replace("{date}", &day.to_string()).replace("{taken_on}", &taken_on.to_string());
    text.replace("{month}", &day.strftime("%Y-%m").to_string())
}

/// The texts for every month of a window, or one if the text has no place for a month.
pub(crate) fn filled_by_month(text: &str, window: Window) -> Vec<String> {
    if !text.contains("{month}") {
        return vec![filled(text, window)];
    }
    let mut texts = Vec::new();
    let mut month = window.first().first_of_month();
    while month <= window.last() {
        texts.push(text.replace("{month}", &month.strftime("%Y-%m").to_string()));
        let Ok(next) = month.checked_add(1.month()) else { break };
        month = next;
    }
    texts
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn days(pattern: &str, name: &str) -> Option<Option<(Date, Date)>> {
        Pattern::new(pattern).unwrap().matches(name).map(|dated| dated.days)
    }

    #[test]
    fn names_match_whole() {
        assert_eq!(days("*.csv", "a.csv"), Some(None));
        assert_eq!(days("*.csv", "a.csv.bak"), None);
        assert_eq!(days("a?c*", "aébc"), None);
        assert_eq!(days("a?c*", "aéc"), Some(None));
        assert_eq!(days("*-*-*.txt", "a-b.txt"), None);
    }

    #[test]
    fn places_are_read() {
        let september = (date(2026, 9, 1), date(2026, 9, 30));
        assert_eq!(days("pay-{month}.csv", "pay-2026-09.csv"), Some(Some(september)));
        assert_eq!(days("*-{date}.jsonl", "a-b-2026-09-30.jsonl"), Some(Some((date(2026, 9, 30), date(2026, 9, 30)))));
        for name in ["pay-2026-9.csv", "pay-2026-13.csv", "pay-20260-1.csv", "pay-.csv"] {
            assert_eq!(days("pay-{month}.csv", name), None, "{name}");
        }
        assert!(Pattern::new("{day}").is_err());
    }

    #[test]
    fn what_was_taken_during_a_day_shows_how_the_day_before_ended() {
        let first_of_march = Some(Some((date(2026, 2, 28), date(2026, 2, 28))));
        assert_eq!(days("accounts-{taken_on}.csv", "accounts-2026-03-01.csv"), first_of_march);
        let state = Window::State { effective_on: date(2026, 2, 28) };
        assert_eq!(filled("control-{taken_on}-{date}.csv", state), "control-2026-03-01-2026-02-28.csv");
    }

    #[test]
    fn a_file_belongs_to_each_window_it_touches() {
        let month = Pattern::new("{month}").unwrap().matches("2026-09").unwrap();
        assert!(month.is_in(Window::Booked { first: date(2026, 9, 30), last: date(2026, 10, 31) }));
        assert!(!month.is_in(Window::Booked { first: date(2026, 10, 1), last: date(2026, 10, 31) }));
        assert!(month.is_in(Window::State { effective_on: date(2026, 9, 15) }));
    }
}
