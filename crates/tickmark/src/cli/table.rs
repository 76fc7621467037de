//! Plain tables for the terminal: columns as wide as what they hold, numbers to the right.

use std::fmt::Write;

use super::wrap;

/// Blanks between two columns.
const BETWEEN: usize = 2;

/// No column of words is made narrower than this.
const NARROWEST: usize = 12;

/// A table.
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// A table with these columns; a name that begins with `#` is a number's and stands to the right.
    pub fn new(head: &[&'static str]) -> Self {
        let right = head.iter().map(|name| name.starts_with('#')).collect();
        Self { head: head.iter().map(|name| name.trim_start_matches('#')).collect(), rows: Vec::new(), right }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text; in a terminal its columns are as narrow as the terminal wants, and cells run over lines.
    pub fn text(&self) -> String {
        self.text_in(wrap::terminal())
    }

    /// A table whose cells hold prose, as text: no wider than lines of prose, in a terminal or out of one.
    pub fn prose(&self) -> String {
        self.text_in(Some(wrap::width()))
    }

    fn text_in(&self, columns: Option<usize>) -> String {
        let mut widths = self.widths();
        if let Some(columns) = columns {
            self.narrow(&mut widths, columns);
        }
        let mut text = String::new();
        let head: Vec<String> = self.head.iter().map(ToString::to_string).collect();
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        for row in [&head, &rule].into_iter().chain(&self.rows) {
            self.write(row, &widths, &mut text);
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain(self.head.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
        };
        (0..self.head.len()).map(width).collect()
    }

    /// Takes from the names over numbers, then from the widest columns of words, until the table fits or nothing is left to
    /// take from.
    fn narrow(&self, widths: &mut [usize], columns: usize) {
        let over = |widths: &[usize]| {
            let total: usize = widths.iter().map(|width| width + BETWEEN).sum::<usize>().saturating_sub(BETWEEN);
            total.saturating_sub(columns)
        };
        for (column, name) in self.head.iter().enumerate().filter(|(column, _)| self.right.get(*column) == Some(&true))
        {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            let least = name.split(' ').map(|word| word.chars().count()).chain(cells).max().unwrap_or(0);
            if over(widths) > 0
                && let Some(width) = widths.get_mut(column)
            {
                *width = least.min(*width);
            }
        }
        loop {
            let over = over(widths);
            let words = widths.iter_mut().zip(&self.right).filter(|(width, right)| !**right && **width > NARROWEST);
            let Some((widest, _)) = words.max_by_key(|(width, _)| **width).filter(|_| over > 0) else { return };
            // A step at a time, so that two wide columns share what there is.
            *widest -= over.min((*widest - NARROWEST).min(4));
        }
    }

    fn write(&self, row: &[String], widths: &[usize], text: &mut String) {
        let fits = |(cell, width): (&String, &usize)| cell.chars().count() <= *width;
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| if fits((cell, width)) { vec![cell.clone()] } else { broken(cell, *width) })
            .collect();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            for ((lines, width), right) in cells.iter().zip(widths).zip(&self.right) {
                let cell = lines.get(at).map_or("", String::as_str);
                // Writing to a String cannot fail.
                let _ = if *right { write!(line, "{cell:>width$}  ") } else { write!(line, "{cell:<width$}  ") };
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
}

/// A cell in lines of at most `width` characters: between words, and within a long id after a mark in it.
fn broken(cell: &str, width: usize) -> Vec<String> {
    let mut broken = Vec::new();
    for line in wrap::lines(cell, width) {
        let mut rest = line.as_str();
        while let Some((end, _)) = rest.char_indices().nth(width.max(1)) {
            let (head, _) = rest.split_at(end);
            let at = head.rfind(['-', '/', '.', '_', ':', ',']).map_or(end, |at| at + 1);
            let (head, tail) = rest.split_at(at);
            broken.push(head.to_owned());
            rest = tail;
        }
        broken.push(rest.to_owned());
    }
    broken
}

/// A number with its thousands grouped.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun.
pub fn many(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{} {what}s", grouped(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_as_narrow_as_it_is_asked_to_be() {
        let mut table = Table::new(&["question", "first", "second"]);
        let long = "a provider that hosts, soc1, soc2, type-2; ".repeat(8);
        table.row(["Q15 providers".to_owned(), long.clone(), long]);
        let text = table.text_in(Some(wrap::WIDTH));
        assert!(text.lines().all(|line| line.chars().count() <= wrap::WIDTH), "{text}");
        assert!(table.text_in(None).lines().any(|line| line.chars().count() > wrap::WIDTH));
    }

    #[test]
    fn columns_narrow_until_the_table_fits() {
        let mut table = Table::new(&["step", "#days", "what is to be done"]);
        table.row(["first".to_owned(), "12".to_owned(), "one two three four five six seven".to_owned()]);
        let mut widths = table.widths();
        assert_eq!(widths, [5, 4, 33]);
        table.narrow(&mut widths, 30);
        assert_eq!(widths, [5, 4, 17]);
        let mut text = String::new();
        table.write(&table.rows[0], &widths, &mut text);
        assert_eq!(text, "first    12  one two three\n             four five six\n             seven\n");
        table.narrow(&mut widths, 1);
        assert_eq!(widths, [5, 4, NARROWEST]);
    }

    #[test]
    fn names_over_numbers_and_long_ids_run_over_lines() {
        let mut table = Table::new(&["policy", "#evidence quality", "says"]);
        table.row(["accounting-software-and-ledgers".to_owned(), "7".to_owned(), "x ".repeat(20)]);
        let text = table.text_in(Some(38));
        assert!(text.lines().all(|line| line.chars().count() <= 38), "{text}");
        assert!(text.contains("accounting-\n") || text.contains("accounting- "), "{text}");
        assert_eq!(broken("accounting-software", 12), ["accounting-", "software"]);
    }
}
