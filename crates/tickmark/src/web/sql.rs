//! SQL as text that is read: numbered lines, keywords and comments set apart.

use maud::{Markup, html};

/// Keywords that structure a query; functions and names are left as they are.
const KEYWORDS: [&str; 40] = [
    "ALL",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CROSS",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "FALSE",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "IN",
    "INNER",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "SELECT",
    "THEN",
    "TRUE",
    "UNION",
    "WHEN",
    "WHERE",
    "WITH",
];

/// A text of SQL.
pub fn block(text: &str, file: &str) -> Markup {
    html! {
        figure.sql {
            figcaption { (file) }
            pre tabindex="0" { @for line in text.trim_end().lines() { code { (line_part(line)) "\n" } } }
        }
    }
}

fn line_part(line: &str) -> Markup {
    let (code, comment) = split_comment(line);
    html! {
        @for (word, is_keyword) in words(code) { @if is_keyword { b { (word) } } @else { (word) } }
        @if !comment.is_empty() { i { (comment) } }
    }
}

/// The line before `--`, and the rest; dashes within quotes are no comment.
fn split_comment(line: &str) -> (&str, &str) {
    let mut is_quoted = false;
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            '-' if before == '-' && !is_quoted => return line.split_at(at - 1),
            _ => {}
        }
        before = letter;
    }
    (line, "")
}

/// The words of a line and what stands between them, each with whether it is a keyword.
fn words(code: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let mut rest = code;
    let mut is_quoted = false;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_ascii_alphabetic() || first == '_' || first == '$';
        let end = rest
            .char_indices()
            .find(|(_, letter)| (letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$')) != is_word)
            .map_or(rest.len(), |(at, _)| at.max(first.len_utf8()));
        let (word, after) = rest.split_at(end);
        let upper = word.to_ascii_uppercase();
        found.push((word, is_word && !is_quoted && KEYWORDS.contains(&upper.as_str())));
        if word.matches('\'').count() % 2 == 1 {
            is_quoted = !is_quoted;
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_stand_out_and_nothing_is_lost() {
        for line in
            ["SELECT a, 'from -- b' AS x -- why", "  where $on IS NOT NULL", "", "ü = 'ä'", "1select 'it''s and'"]
        {
            let (code, comment) = split_comment(line);
            let joined: String = words(code).into_iter().map(|(word, _)| word).collect();
            assert_eq!(format!("{joined}{comment}"), line);
        }
        let keywords = |line| words(line).into_iter().filter(|(_, is)| *is).map(|(word, _)| word).collect::<Vec<_>>();
        assert_eq!(keywords("select selected from 'not in' where"), ["select", "from", "where"]);
        assert_eq!(split_comment("a - b -- c").1, "-- c");
    }
}
