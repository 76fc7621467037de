//! Prose in the terminal: lines of a readable length that fit the terminal, and columns of prose side by side.

use console::Term;

/// Lines of prose are no longer than this.
pub const WIDTH: usize = 100;

/// Lines of prose are no shorter than this, however narrow the terminal.
const NARROWEST: usize = 40;

/// The columns of the terminal, if people read along on one.
pub fn terminal() -> Option<usize> {
    let size = Term::stdout().size_checked().or_else(|| Term::stderr().size_checked());
    size.map(|(_, columns)| usize::from(columns))
}

/// How long a line of prose may be.
pub fn width() -> usize {
    terminal().map_or(WIDTH, |columns| columns.clamp(NARROWEST, WIDTH))
}

/// Names whose number stays on their line.
const NAMES: [&str; 4] = ["SOC", "Type", "ISAE", "AT-C"];

/// A text in lines of at most `width` characters, broken between words.
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(name) if NAMES.contains(&name.as_str()) => name.push_str(&format!(" {word}")),
            Some(_) | None => words.push(word.to_owned()),
        }
    }
    let mut lines = vec![String::new()];
    for word in words {
        let line_is_full = lines
            .last()
            .is_some_and(|line| !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width);
        if line_is_full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}

/// A paragraph whose first line begins with `mark`, the others below the text.
pub fn hanging(mark: &str, text: &str) -> String {
    hanging_in(width(), mark, text)
}

/// The same in lines of at most `width` characters.
pub fn hanging_in(width: usize, mark: &str, text: &str) -> String {
    let indent = mark.chars().count();
    let told = lines(text, width.saturating_sub(indent));
    let mut out = String::new();
    for (at, line) in told.iter().enumerate() {
        let before = if at == 0 { mark.to_owned() } else { " ".repeat(indent) };
        out.push_str(format!("{before}{line}").trim_end());
        out.push('\n');
    }
    out
}

/// Columns of prose side by side, each as wide as it says.
pub fn columns(cells: &[(&str, usize)]) -> String {
    let told: Vec<(Vec<String>, usize)> = cells.iter().map(|(text, width)| (lines(text, *width), *width)).collect();
    let height = told.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
    let mut out = String::new();
    for row in 0..height {
        let line: Vec<String> = told
            .iter()
            .map(|(lines, width)| format!("{:<width$}", lines.get(row).map_or("", String::as_str)))
            .collect();
        out.push_str(line.join("  ").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_breaks_between_words_and_hangs_below_itself() {
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("", 7), [""]);
        assert_eq!(lines("then a Type 2.", 12), ["then a", "Type 2."]);
        assert_eq!(lines("incomprehensibilities", 7), ["incomprehensibilities"]);
        assert_eq!(columns(&[("a b", 1), ("c", 3)]), "a  c\nb\n");
        assert_eq!(hanging("- ", "short"), "- short\n");
    }
}
