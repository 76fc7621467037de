//! The cases of a control test: Markdown that a CPA reads and a runner executes.
//!
//! The text before the first `## ` heading may give `Parameters` and tables that stand behind every case; a case that
//! gives the same table replaces it. A section is a case: what is given, how large the population is, what is found.
//!
//! Invariant: a table or an expectation that the parser does not understand is an error, never skipped.

use std::collections::BTreeMap;

use serde::Serialize;

/// One case of a control test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The heading, without `Canary:`.
    pub name: String,
    /// Whether it is a canary.
    pub kind: CaseKind,
    /// Line of the heading, counted from 1.
    pub line: usize,
    /// Rows by table. A table that is not given is empty.
    pub given: BTreeMap<String, Rows>,
    /// `on`, `period_start`, `period_end`, `zone` if a query names it, and declared parameters that differ from `test.toml`.
    pub parameters: BTreeMap<String, String>,
    /// How many items the population query must return.
    pub expect_population: u64,
    /// What the test query must return.
    pub expect: Expect,
}

/// What a case is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// It shows how the test answers.
    Case,
    /// A conforming row broken in exactly one predicate; it must be caught before every real run. Where the rule is
    /// about a pair, both rows of the pair are caught.
    Canary,
}

/// What the test query must return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// No row.
    NoExceptions,
    /// Exactly these rows, in any order, compared on these columns.
    Exceptions(Rows),
}

/// A Markdown table as text. An empty cell is NULL; columns that are not named are NULL.
///
/// A given table with a column `_extracted_on` holds several extracts of a snapshot, one for each day named there;
/// without it all rows are one extract of the day `$on`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Line of the table's head, counted from 1.
    pub line: usize,
    /// The columns named.
    pub columns: Vec<String>,
    /// The cells, as many in each row as there are columns.
    pub rows: Vec<Vec<Option<String>>>,
}

/// The name of the column that says which extract of a snapshot a given row belongs to.
pub(crate) const EXTRACTED_ON: &str = "_extracted_on";

/// The cases do not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CasesError {
    /// Line, counted from 1.
    pub line: usize,
    /// What was found and what was expected.
    pub what: String,
}

/// Reads the cases of a control test.
///
/// # Errors
/// The first line that does not follow the form.
pub fn parse_cases(text: &str) -> Result<Vec<Case>, CasesError> {
    let mut lines = Lines::new(text);
    let background = Section::read(&mut lines)?;
    if let Some((line, _)) = &background.population {
        return Err(refuse(*line, "an expectation must stand in a section (`## …`)"));
    }
    let mut cases: Vec<Case> = Vec::new();
    while let Some((line, heading)) = lines.next() {
        let title = heading.trim_start_matches('#').trim();
        let (kind, name) = match title.strip_prefix("Canary:") {
            Some(rest) => (CaseKind::Canary, rest.trim()),
            None => (CaseKind::Case, title),
        };
        if name.is_empty() {
            return Err(refuse(line, "a section needs a name"));
        }
        if cases.iter().any(|case| case.name == name && case.kind == kind) {
            return Err(refuse(line, format!("the section `{title}` stands twice")));
        }
        let section = Section::read(&mut lines)?;
        cases.push(section.into_case(name, kind, line, &background)?);
    }
    if cases.is_empty() {
        return Err(refuse(1, "there is no case (`## …`)"));
    }
    Ok(cases)
}

fn refuse(line: usize, what: impl Into<String>) -> CasesError {
    CasesError { line, what: what.into() }
}

/// The lines of the file, numbered; stops before a heading so that a section ends there.
struct Lines<'a> {
    lines: Vec<(usize, &'a str)>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { lines: text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end())).collect(), at: 0 }
    }

    fn peek(&self) -> Option<(usize, &'a str)> {
        self.lines.get(self.at).copied()
    }

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let line = self.peek();
        self.at += 1;
        line
    }
}

/// What one section, or the text before the first, says.
#[derive(Default)]
struct Section {
    given: BTreeMap<String, Rows>,
    parameters: BTreeMap<String, String>,
    population: Option<(usize, u64)>,
    expect: Option<Expect>,
}

impl Section {
    fn read(lines: &mut Lines<'_>) -> Result<Self, CasesError> {
        let mut section = Self::default();
        while let Some((number, line)) = lines.peek() {
            if line.starts_with("## ") {
                break;
            }
            lines.next();
            if let Some(rest) = line.strip_prefix("Given ") {
                section.given(number, rest, lines)?;
            } else if let Some(rest) = line.strip_prefix("Parameters") {
                section.parameters(number, rest, lines)?;
            } else if let Some(rest) = line.strip_prefix("Expect ") {
                section.expect(number, rest, lines)?;
            } else if line.starts_with('|') {
                return Err(refuse(number, "a table must follow `Given`, `Parameters` or `Expect exceptions`"));
            } else if line.starts_with("###") {
                return Err(refuse(number, "only `## ` headings divide the cases"));
            }
        }
        Ok(section)
    }

    fn given(&mut self, number: usize, rest: &str, lines: &mut Lines<'_>) -> Result<(), CasesError> {
        let name = rest.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:"));
        let name = name.filter(|name| !name.is_empty() && !name.contains('`'));
        let name = name.ok_or_else(|| refuse(number, "expected: Given `table`:"))?;
        let rows = table(number, lines)?;
        if self.given.insert(name.to_owned(), rows).is_some() {
            return Err(refuse(number, format!("the table `{name}` is given twice")));
        }
        Ok(())
    }

    fn parameters(&mut self, number: usize, rest: &str, lines: &mut Lines<'_>) -> Result<(), CasesError> {
        if rest != ":" {
            return Err(refuse(number, "expected: Parameters:"));
        }
        let rows = table(number, lines)?;
        if rows.columns != ["name", "value"] {
            return Err(refuse(rows.line, "the columns of parameters are `name` and `value`"));
        }
        for row in rows.rows {
            let [Some(name), Some(value)] = row.as_slice() else {
                return Err(refuse(rows.line, "a parameter needs a name and a value"));
            };
            if self.parameters.insert(name.clone(), value.clone()).is_some() {
                return Err(refuse(rows.line, format!("the parameter `{name}` is set twice")));
            }
        }
        Ok(())
    }

    fn expect(&mut self, number: usize, rest: &str, lines: &mut Lines<'_>) -> Result<(), CasesError> {
        if let Some(count) = rest.strip_prefix("population ") {
            let count = count.parse().map_err(|_| refuse(number, "expected: Expect population <number>"))?;
            if self.population.replace((number, count)).is_some() {
                return Err(refuse(number, "the population is expected twice"));
            }
            return Ok(());
        }
        let found = match rest {
            "no exceptions" => Expect::NoExceptions,
            "exceptions:" => {
                let rows = table(number, lines)?;
                if rows.rows.is_empty() {
                    return Err(refuse(rows.line, "no row stands here: write `Expect no exceptions`"));
                }
                Expect::Exceptions(rows)
            }
            _ => {
                return Err(refuse(
                    number,
                    "expected: Expect population <number>, Expect no exceptions, or Expect exceptions:",
                ));
            }
        };
        if self.expect.replace(found).is_some() {
            return Err(refuse(number, "the outcome is expected twice"));
        }
        Ok(())
    }

    fn into_case(self, name: &str, kind: CaseKind, line: usize, background: &Self) -> Result<Case, CasesError> {
        let (_, expect_population) =
            self.population.ok_or_else(|| refuse(line, format!("`{name}` lacks `Expect population`")))?;
        let expect = self
            .expect
            .ok_or_else(|| refuse(line, format!("`{name}` lacks `Expect no exceptions` or `Expect exceptions:`")))?;
        if kind == CaseKind::Canary && expect == Expect::NoExceptions {
            return Err(refuse(line, format!("canary `{name}` must expect an exception")));
        }
        let mut given = background.given.clone();
        given.extend(self.given);
        let mut parameters = background.parameters.clone();
        parameters.extend(self.parameters);
        for needed in ["on", "period_start", "period_end"] {
            if !parameters.contains_key(needed) {
                return Err(refuse(line, format!("`{name}` has no parameter `{needed}`, nor has the text above")));
            }
        }
        Ok(Case { name: name.to_owned(), kind, line, given, parameters, expect_population, expect })
    }
}

/// Reads a Markdown table after at most one empty line.
fn table(asked_at: usize, lines: &mut Lines<'_>) -> Result<Rows, CasesError> {
    if matches!(lines.peek(), Some((_, ""))) {
        lines.next();
    }
    let head = lines.peek().filter(|(_, line)| line.starts_with('|'));
    let (line, head) = head.ok_or_else(|| refuse(asked_at, "a table must follow"))?;
    lines.next();
    let mut columns = Vec::new();
    for cell in cells(line, head)? {
        let name = cell.ok_or_else(|| refuse(line, "a column has no name"))?;
        if columns.contains(&name) {
            return Err(refuse(line, format!("the column `{name}` stands twice")));
        }
        columns.push(name);
    }
    let rule = lines.next().map(|(_, rule)| rule).unwrap_or_default();
    let is_rule = rule.starts_with('|') && rule.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
    if !is_rule || cells(line + 1, rule)?.len() != columns.len() {
        return Err(refuse(line + 1, "under the head of a table stands a rule (`|---|---|`) with as many columns"));
    }
    let mut rows = Vec::new();
    while let Some((number, text)) = lines.peek().filter(|(_, text)| text.starts_with('|')) {
        lines.next();
        let row = cells(number, text)?;
        if row.len() != columns.len() {
            let what = format!("the row has {} cells, the table {} columns", row.len(), columns.len());
            return Err(refuse(number, what));
        }
        rows.push(row);
    }
    Ok(Rows { line, columns, rows })
}

/// The cells of one line of a table; an empty one is `None`.
fn cells(number: usize, line: &str) -> Result<Vec<Option<String>>, CasesError> {
    let inner = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|'));
    let inner = inner.ok_or_else(|| refuse(number, "a row of a table starts and ends with `|`"))?;
    let cell = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Ok(inner.split('|').map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# Title\n\nParameters:\n\n| name | value |\n|---|---|\n| on | 2026-09-30 |\n| period_start | 2025-10-01 |\n| period_end | 2026-09-30 |\n\nGiven `client`:\n\n| client_id |\n|---|\n| c1 |\n\n";

    fn parse(rest: &str) -> Result<Vec<Case>, CasesError> {
        parse_cases(&format!("{HEAD}{rest}"))
    }

    #[test]
    fn reads_cases_with_their_background() {
        let cases = parse(
            "## Operated\n\nWhy it holds.\n\nGiven `payslip`:\n\n| payslip_id | net |\n|---|---|\n| p1 | 10.00 |\n| p2 | |\n\nExpect population 2\nExpect no exceptions\n\n## Canary: net\n\nGiven `client`:\n\n| client_id |\n|---|\n\nExpect population 1\nExpect exceptions:\n\n| payslip_id |\n|---|\n| p1 |\n",
        )
        .unwrap();
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].given["payslip"].rows[1], [Some("p2".to_owned()), None]);
        assert_eq!(cases[0].given["client"].rows.len(), 1);
        assert_eq!(cases[1].given["client"].rows.len(), 0);
        assert_eq!(cases[1].kind, CaseKind::Canary);
        assert_eq!(cases[1].name, "net");
        assert_eq!(cases[1].parameters["on"], "2026-09-30");
    }

    #[test]
    fn every_slip_names_its_line() {
        let slips = [
            ("## A\nExpect population 1\n", 17, "lacks `Expect no exceptions`"),
            ("## A\nExpect no exceptions\n", 17, "lacks `Expect population`"),
            ("## A\nExpect population x\n", 18, "Expect population <number>"),
            ("## A\nGiven payslip:\n", 18, "Given `table`:"),
            ("## A\nGiven `t`:\n\nno table\n", 18, "a table must follow"),
            ("## A\nGiven `t`:\n\n| a | b |\n|---|---|\n| 1 |\n", 22, "has 1 cells"),
            ("## A\nGiven `t`:\n\n| a | a |\n", 20, "stands twice"),
            ("## A\nGiven `t`:\n\n| a |\n| 1 |\n", 21, "a rule"),
            ("## A\n| a |\n", 18, "must follow"),
            ("## A\nExpect nothing\n", 18, "Expect no exceptions"),
            ("## Canary: a\nExpect population 1\nExpect no exceptions\n", 17, "must expect an exception"),
        ];
        for (text, line, what) in slips {
            let error = parse(text).unwrap_err();
            assert!(error.what.contains(what), "{text}: {error}");
            assert_eq!(error.line, line, "{text}: {error}");
        }
        let error = parse_cases("## A\nExpect population 0\nExpect no exceptions\n").unwrap_err();
        assert!(error.what.contains("no parameter `on`"), "{error}");
    }
}
