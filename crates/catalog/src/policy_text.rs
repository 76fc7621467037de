//! The file of a policy: front matter, then Markdown whose numbered items are requirements.
//!
//! Invariant: what passes here prints: the body keeps to the marks that reports know, and the numbers in the file are
//! the numbers on paper.
//! Invariant: every numbered item names the record that shows it, and no line leaves the limit to whoever reads it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    CatalogError, Id, Policy, Problem,
    policy::{FrontMatter, Requirement, Variable},
    source::Source,
};

/// Words that cannot be tested: no one can say when they are broken.
const VAGUE: [&str; 65] = [
    "adequate",
    "adequately",
    "appropriate",
    "appropriately",
    "as applicable",
    "as far as possible",
    "as necessary",
    "as needed",
    "as required",
    "as soon as possible",
    "as soon as practicable",
    "at regular intervals",
    "best effort",
    "best efforts",
    "best practice",
    "best practices",
    "endeavor",
    "endeavors",
    "etc",
    "frequently",
    "from time to time",
    "generally",
    "if applicable",
    "if appropriate",
    "if needed",
    "if possible",
    "if practicable",
    "immediate",
    "immediately",
    "in a timely manner",
    "in due course",
    "in good time",
    "in principle",
    "industry standard",
    "industry standards",
    "might",
    "normally",
    "occasionally",
    "ongoing",
    "on a regular basis",
    "periodic",
    "periodically",
    "proper",
    "properly",
    "prompt",
    "promptly",
    "quickly",
    "reasonable",
    "reasonably",
    "regular",
    "regularly",
    "should",
    "significant",
    "significantly",
    "state of the art",
    "strive",
    "strives",
    "sufficient",
    "sufficiently",
    "timely",
    "try to",
    "usually",
    "where possible",
    "where practicable",
    "without undue delay",
];

/// What a policy never says of the organization: only the firm concludes, and never in these words.
const VERDICTS: [&str; 3] = ["compliant", "certified", "passed the audit"];

/// Reads a policy.
///
/// # Errors
/// Everything that is wrong with the file.
pub(crate) fn parse(source: Source<'_>, id: Id) -> Result<Policy, Vec<CatalogError>> {
    let Some((front, body, first_line)) = split(source.text) else {
        let what = "a policy begins with front matter in TOML between two lines `+++`";
        return Err(vec![at(source, 1, None, what)]);
    };
    // The line `+++` becomes an empty one, so that the lines TOML counts are those of the file.
    let read: FrontMatter =
        Source { path: source.path, text: &format!("\n{front}") }.toml().map_err(|problem| vec![problem])?;
    let mut reader = Reader { source, problems: Vec::new() };
    reader.front_matter(&read);
    reader.words(&body, first_line);
    reader.variables(&read.variables, &body, first_line);
    let requirements = reader.blocks(&body, first_line);
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    Ok(Policy {
        id,
        title: read.title,
        owner: read.owner,
        review: read.review,
        satisfies: read.satisfies,
        variables: read.variables,
        body,
        requirements,
    })
}

/// Front matter, body, and the line of the file on which the body begins.
fn split(text: &str) -> Option<(String, String, usize)> {
    let mut lines = text.lines();
    lines.next().filter(|line| line.trim_end() == "+++")?;
    let mut front = String::new();
    let mut number = 2;
    loop {
        let line = lines.next()?;
        number += 1;
        if line.trim_end() == "+++" {
            break;
        }
        front.push_str(line);
        front.push('\n');
    }
    let mut lines = lines.skip_while(|line| {
        let is_empty = line.trim().is_empty();
        number += usize::from(is_empty);
        is_empty
    });
    let mut body = String::new();
    for line in &mut lines {
        body.push_str(line.trim_end());
        body.push('\n');
    }
    Some((front, body, number))
}

fn at(source: Source<'_>, line: usize, key: Option<&str>, what: impl Into<String>) -> CatalogError {
    CatalogError {
        file: source.path.to_owned(),
        line: Some(line),
        key: key.map(str::to_owned),
        problem: Problem::Rule(what.into()),
    }
}

/// The first `{{name}}` of a text with what stands before and after it.
pub(crate) fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}

/// Whether a line that begins so opens a heading or an item of a list.
pub(crate) fn opens_block(line: &str) -> bool {
    line.starts_with('#') || line.starts_with("- ") || number_of(line).is_some()
}

/// The number of a numbered item and its text: one to three digits, a full stop and a space before it.
fn number_of(line: &str) -> Option<(usize, &str)> {
    let (digits, rest) = line.split_once(". ")?;
    let is_number = !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok().map(|number| (number, rest)))?
}

/// Each vague word of a text with its line, where `first_line` is the line of the text's beginning. A phrase is found
/// across the end of a line as well.
pub(crate) fn vague_words(text: &str, first_line: usize) -> Vec<(usize, &'static str)> {
    phrases(text, first_line, &VAGUE)
}

fn phrases(text: &str, first_line: usize, wanted: &[&'static str]) -> Vec<(usize, &'static str)> {
    let mut by_first: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
    for phrase in wanted {
        by_first.entry(phrase.split(' ').next().unwrap_or_default()).or_default().push(phrase);
    }
    let lower = text.to_lowercase();
    let words: Vec<(usize, &str)> = lower
        .lines()
        .enumerate()
        .flat_map(|(index, line)| {
            let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.map(move |word| (first_line + index, word))
        })
        .collect();
    let mut found = Vec::new();
    for (start, (line, word)) in words.iter().enumerate() {
        for phrase in by_first.get(word).into_iter().flatten() {
            let follows = words.get(start..).unwrap_or_default();
            let count = phrase.split(' ').count();
            if follows.len() >= count && phrase.split(' ').zip(follows).all(|(part, (_, word))| part == *word) {
                found.push((*line, *phrase));
            }
        }
    }
    found
}

struct Reader<'a> {
    source: Source<'a>,
    problems: Vec<CatalogError>,
}

impl Reader<'_> {
    fn rule(&mut self, line: usize, holds: bool, what: impl Into<String>) {
        if !holds {
            self.problems.push(at(self.source, line, None, what));
        }
    }

    /// A rule about a key of the front matter, at the line where it stands.
    fn key(&mut self, key: &str, holds: bool, what: impl Into<String>) {
        if !holds {
            self.problems.push(self.source.problem(key, Problem::Rule(what.into())));
        }
    }

    fn front_matter(&mut self, read: &FrontMatter) {
        let titled = !read.title.trim().is_empty() && !read.title.contains(['{', '}']);
        self.key("title", titled, "is empty or holds a variable");
        self.key("satisfies", !read.satisfies.is_empty(), "names no control");
        let mut seen = BTreeSet::new();
        for control in &read.satisfies {
            self.key(control, seen.insert(control), "stands twice in `satisfies`");
        }
    }

    /// Words that a policy never uses.
    fn words(&mut self, body: &str, first_line: usize) {
        for (line, word) in vague_words(body, first_line) {
            self.rule(line, false, format!("`{word}` cannot be tested: say who, what and within what time"));
        }
        for (line, word) in phrases(body, first_line, &VERDICTS) {
            self.rule(line, false, format!("`{word}` is a verdict, and a policy says none"));
        }
    }

    fn variables(&mut self, declared: &BTreeMap<String, Variable>, body: &str, first_line: usize) {
        let mut used = BTreeSet::new();
        for (index, line) in body.lines().enumerate() {
            let number = first_line + index;
            let mut rest = line;
            let mut without = String::new();
            while let Some((before, name, after)) = placeholder(rest) {
                without.push_str(before);
                let known = declared.contains_key(name);
                self.rule(number, known, format!("`{{{{{name}}}}}` is not declared under `variables`"));
                used.insert(name);
                rest = after;
            }
            without.push_str(rest);
            self.rule(number, !without.contains(['{', '}']), "a brace that belongs to no `{{variable}}` on this line");
        }
        for (name, variable) in declared {
            let header = format!("[variables.{name}]");
            let line = self.source.text.lines().position(|line| line.trim_end() == header).map_or(1, |index| index + 1);
            let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            self.rule(line, is_name, format!("`{name}` is not a name: lower-case letters, digits and `_`"));
            self.rule(line, used.contains(name.as_str()), format!("`{name}` is declared and not used"));
            self.rule(line, !variable.meaning.trim().is_empty(), format!("`{name}` has no meaning"));
            if let Some(what) = variable.refusal(&variable.example) {
                self.rule(line, false, format!("the example of `{name}` {what}"));
            }
        }
    }

    /// Walks the lines as the printer will, and gathers the requirements.
    fn blocks(&mut self, body: &str, first_line: usize) -> Vec<Requirement> {
        let mut requirements: Vec<Requirement> = Vec::new();
        let mut sections = BTreeSet::new();
        let mut section = String::new();
        let mut open = Open::Nothing;
        for (index, line) in body.lines().enumerate() {
            let number = first_line + index;
            let text = line.trim();
            if let Some(mark) = unprintable(text) {
                self.rule(number, false, format!("{mark} does not print"));
            }
            // Filled with a number, such a line would open an item of a list.
            let starts_with_value =
                text.starts_with("{{") && placeholder(text).is_some_and(|(_, _, after)| after.starts_with(". "));
            self.rule(
                number,
                !starts_with_value,
                "a variable with a full stop behind it begins the line: break elsewhere",
            );
            if text.is_empty() {
                open = Open::Nothing;
            } else if text.starts_with('#') {
                let title = text.strip_prefix("### ").or_else(|| text.strip_prefix("## "));
                self.rule(number, title.is_some(), "only `## ` and `### ` open a heading");
                section = title.unwrap_or_default().trim().to_owned();
                self.rule(number, sections.insert(section.clone()), format!("the heading `{section}` stands twice"));
                open = Open::Nothing;
            } else if let Some((found, rest)) = number_of(text) {
                self.rule(number, line == text, "an item within an item does not print: begin at the margin");
                self.rule(number, !section.is_empty(), "a requirement stands under a heading");
                let last = requirements.last().filter(|last| last.section == section);
                let expected = last.map_or(1, |last| last.number + 1);
                self.rule(number, found == expected, format!("is number {found} and would print as {expected}"));
                // An empty line or a paragraph between two items would begin a new list, and its count at 1.
                let follows = expected == 1 || open == Open::Requirement;
                self.rule(number, follows, format!("does not follow item {} directly", expected - 1));
                requirements.push(Requirement {
                    section: section.clone(),
                    number: expected,
                    duty: rest.to_owned(),
                    record: String::new(),
                    line: number,
                });
                open = Open::Requirement;
            } else if text.starts_with("- ") {
                self.rule(number, line == text, "an item within an item does not print: begin at the margin");
                open = Open::Text;
            } else if let (Open::Requirement, Some(last)) = (open, requirements.last_mut()) {
                last.duty.push(' ');
                last.duty.push_str(text);
            } else {
                open = Open::Text;
            }
        }
        self.rule(first_line, !requirements.is_empty(), "requires nothing: there is no numbered item");
        for requirement in &mut requirements {
            let whole = std::mem::take(&mut requirement.duty);
            let mut parts = whole.split("Record: ");
            requirement.duty = parts.next().unwrap_or_default().trim().to_owned();
            requirement.record = parts.next().unwrap_or_default().trim().to_owned();
            let once = parts.next().is_none() && !requirement.duty.is_empty() && !requirement.record.is_empty();
            self.rule(requirement.line, once, "says not, or not once, `Record: ` and what shows it");
        }
        requirements
    }
}

/// What the line before belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Text,
    Requirement,
}

/// The first mark in a line that reports print as it stands instead of obeying it.
fn unprintable(line: &str) -> Option<&'static str> {
    let is_rule = line.len() >= 3 && ['-', '=', '*', '_'].iter().any(|mark| line.chars().all(|c| c == *mark));
    let opens_tag = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    let found = [
        (line.starts_with('|'), "a table"),
        (line.starts_with("```") || line.starts_with("~~~"), "a block of code"),
        (line.starts_with('>'), "a quotation"),
        (line.starts_with("* ") || line.starts_with("+ "), "an item other than `- `"),
        (is_rule, "a line across the page"),
        (line.contains("]("), "a link"),
        (line.contains("__"), "`__`"),
        (line.split('<').skip(1).any(opens_tag), "HTML"),
    ];
    found.iter().find_map(|(stands, name)| stands.then_some(*name))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const FRONT: &str = "+++\ntitle = \"Removal\"\nowner = \"it\"\nreview = \"annual\"\nsatisfies = [\"LA-02\"]\n\n[variables.organization]\nmeaning = \"The name.\"\nexample = \"Lake\"\nfrom = \"organization\"\n\n[variables.days]\nmeaning = \"Days until removal.\"\nexample = \"30\"\nfrom = \"decision\"\nat_least = 1\nat_most = 90\n+++\n";
    const BODY: &str = "\n## Purpose\n\nHow {{organization}} grants access.\n\n## Granting\n\n1. The IT team removes access within {{days}} days. Record:\n   the log of {{organization}}.\n2. The IT team keeps the log. Record: the log.\n";

    fn read(text: &str) -> Result<Policy, Vec<String>> {
        let source = Source { path: "policies/removal.md", text };
        let found = parse(source, Id::new("removal").unwrap());
        found.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    pub(crate) fn sound() -> Policy {
        read(&format!("{FRONT}{BODY}")).unwrap()
    }

    /// The problems of the sound policy with one change.
    fn with(from: &str, to: &str) -> String {
        let text = format!("{FRONT}{BODY}");
        assert!(text.contains(from), "there is no `{from}`");
        read(&text.replacen(from, to, 1)).unwrap_err().join("\n")
    }

    #[test]
    fn reads_front_matter_and_requirements() {
        let policy = sound();
        assert_eq!(policy.title, "Removal");
        assert_eq!(policy.variables["days"].at_most, Some(90));
        let lines: Vec<String> = policy
            .requirements
            .iter()
            .map(|r| format!("{} {} (line {}): {} | {}", r.section, r.number, r.line, r.duty, r.record))
            .collect();
        assert_eq!(
            lines,
            [
                "Granting 1 (line 26): The IT team removes access within {{days}} days. | the log of {{organization}}.",
                "Granting 2 (line 28): The IT team keeps the log. | the log.",
            ]
        );
    }

    #[test]
    fn line_ends_of_another_system_change_nothing() {
        assert_eq!(read(&format!("{FRONT}{BODY}").replace('\n', "\r\n")).unwrap(), sound());
    }

    #[test]
    fn front_matter_says_all_and_nothing_else() {
        let place = "catalog file `policies/removal.md`, line";
        assert_eq!(
            with("+++\n", ""),
            format!("{place} 1: a policy begins with front matter in TOML between two lines `+++`")
        );
        assert!(with("owner = \"it\"\n", "owner = \"it\"\ncolor = 1\n").contains("line 4: unknown field `color`"));
        assert!(with("owner = \"it\"\n", "").contains("missing field `owner`"));
        assert!(with("review = \"annual\"", "review = \"yearly\"").contains("line 4: unknown variant `yearly`"));
        assert!(with("from = \"decision\"", "from = \"somewhere\"").contains("line 15: unknown variant `somewhere`"));
        assert!(with("[\"LA-02\"]", "[]").contains("line 5, `satisfies`: names no control"));
        assert!(with("[\"LA-02\"]", "[\"LA-02\", \"LA-02\"]").contains("line 5, `LA-02`: stands twice"));
    }

    #[test]
    fn variables_are_declared_and_used() {
        assert!(with("{{days}}", "{{day}}").contains("line 26: `{{day}}` is not declared under `variables`"));
        assert!(with("{{days}}", "30").contains("line 12: `days` is declared and not used"));
        assert!(with("{{days}}", "{{days}").contains("line 26: a brace"));
        assert!(with("{{days}}", "{days}").contains("line 26: a brace"));
        assert!(
            with("example = \"30\"", "example = \"91\"").contains("line 12: the example of `days` `91` is not a whole")
        );
        assert!(with("[variables.days]", "[variables.Days]").contains("line 12: `Days` is not a name"));
    }

    #[test]
    fn vague_words_name_their_line_across_lines_too() {
        let at_line = |text: &str, line: usize, word: &str| {
            let said = with("the log of {{organization}}.", text);
            assert!(said.contains(&format!("line {line}: `{word}` cannot be tested")), "{said}");
        };
        at_line("the log of {{organization}}, kept as\n   needed.", 27, "as needed");
        at_line("the log of {{organization}}, etc.", 27, "etc");
        at_line("Periodically {{organization}}.", 27, "periodically");
        at_line("the log of {{organization}} under best-practice rules.", 27, "best practice");
        assert!(with("keeps the log.", "is certified.").contains("line 28: `certified` is a verdict"));
        assert_eq!(vague_words("an uncertain, reasonableness test; the coulds", 1), []);
    }

    #[test]
    fn every_requirement_names_its_record() {
        assert!(with(" Record: the log.", "").contains("line 28: says not, or not once, `Record: `"));
        assert!(with("Record: the log.", "Record: ").contains("line 28: says not"));
        assert!(with("Record: the log.", "Record: a. Record: b.").contains("line 28: says not"));
        let body = "\n## Purpose\n\nHow {{organization}} waits {{days}} days.\n";
        assert!(read(&format!("{FRONT}{body}")).unwrap_err().join("\n").contains("line 20: requires nothing"));
    }

    #[test]
    fn numbers_print_as_they_stand() {
        assert!(with("2. The IT", "3. The IT").contains("line 28: is number 3 and would print as 2"));
        assert!(with("\n2. The IT", "\n\n2. The IT").contains("line 29: does not follow item 1 directly"));
        assert!(with("\n2. The IT", "\n   2. The IT").contains("line 28: an item within an item"));
        let bare = format!("{FRONT}{BODY}").replace("## Purpose\n", "").replace("## Granting\n", "");
        assert!(read(&bare).unwrap_err().join("\n").contains("a requirement stands under a heading"));
    }

    #[test]
    fn marks_that_do_not_print_are_refused() {
        let cases = [
            ("# How {{organization}}", "only `## ` and `### `"),
            ("| {{organization}} |", "a table"),
            ("> {{organization}}", "a quotation"),
            ("* {{organization}}", "an item other than `- `"),
            ("---\n{{organization}}", "a line across the page"),
            ("[{{organization}}](there)", "a link"),
            ("__{{organization}}__", "`__`"),
            ("<b>{{organization}}</b>", "HTML"),
            ("```\n{{organization}}\n```", "a block of code"),
        ];
        for (line, what) in cases {
            let said = with("How {{organization}} grants access.", line);
            assert!(said.contains("line 22: ") && said.contains(what), "{line}: {said}");
        }
        assert!(with("## Granting", "## Purpose").contains("line 24: the heading `Purpose` stands twice"));
    }

    #[test]
    fn a_value_at_the_beginning_of_a_line_opens_no_list() {
        let said = with("within {{days}} days. Record:\n", "up to day\n   {{days}}. Record:\n");
        assert!(said.contains("line 27: a variable with a full stop behind it begins the line"), "{said}");
    }

    #[test]
    fn marks_that_print_are_taken() {
        let text = format!("{FRONT}{BODY}").replace(
            "How {{organization}} grants access.",
            "How **{{organization}}** grants *access* in less than < 3 `steps`:\n- one\n- two\n\n### Under it\n\nMore.",
        );
        assert!(read(&text).is_ok(), "{:?}", read(&text));
    }
}
