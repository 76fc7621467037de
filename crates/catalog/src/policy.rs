//! Policies: templates whose numbered requirements say who does what, within what time, and which record is kept.
//!
//! Invariant: every variable a policy uses is declared, and every one it declares is used.
//! Invariant: a filled policy has no placeholder left, and no value opened a heading or a list in it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{Frequency, Id, policy_text};

/// A policy as a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The file's name without `.md`, such as `access`.
    pub id: Id,
    /// A few words.
    pub title: String,
    /// The role that keeps it and reviews it.
    pub owner: Id,
    /// How often its owner reviews it.
    pub review: Frequency,
    /// Controls that carry out what it requires.
    pub satisfies: Vec<Id>,
    /// What each organization fills in, by the name that stands in `{{…}}`.
    pub variables: BTreeMap<String, Variable>,
    /// The text in Markdown, with placeholders.
    pub body: String,
    /// What it requires, in the order of the text.
    pub requirements: Vec<Requirement>,
}

/// Something a policy leaves to the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// What the value says; the same in every policy that has a variable of this name.
    pub meaning: String,
    /// A value as it would stand in the text.
    pub example: String,
    /// Where the value comes from.
    pub from: ScopePart,
    /// The least number allowed. With this or `at_most` the value is a whole number.
    pub at_least: Option<u32>,
    /// The greatest number allowed.
    pub at_most: Option<u32>,
}

/// Where the value of a variable comes from: a part of an engagement's scope, or a decision of management.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopePart {
    /// The organization itself.
    Organization,
    /// Services and classes of transactions.
    Services,
    /// Infrastructure of the system.
    Infrastructure,
    /// Software of the system.
    Software,
    /// People: positions, bodies, lists of who holds which authority.
    People,
    /// Procedures, standards and channels.
    Procedures,
    /// Data: registers, logs, files, accounts.
    Data,
    /// Locations.
    Locations,
    /// Service commitments and system requirements, those of law included.
    Commitments,
    /// Key reports and files.
    KeyReports,
    /// User entities.
    UserEntities,
    /// Subservice organizations and other vendors.
    SubserviceOrganizations,
    /// Nothing in the scope says it: management decides when it adopts the policy.
    Decision,
}

/// One numbered item of a policy: a duty that somebody can test, and the record that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// The heading under which it stands.
    pub section: String,
    /// Its number within the section.
    pub number: usize,
    /// Who does what, within what time; with placeholders.
    pub duty: String,
    /// The record that is kept.
    pub record: String,
    /// Line in the file, counted from 1.
    pub line: usize,
}

/// The part of a policy between the lines `+++`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrontMatter {
    pub(crate) title: String,
    pub(crate) owner: Id,
    pub(crate) review: Frequency,
    pub(crate) satisfies: Vec<Id>,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Variable>,
}

impl Policy {
    /// The text with a value in place of each variable.
    ///
    /// # Errors
    /// All values that are missing, unknown or refused; the text is then not filled at all.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<String, FillError> {
        let (filled, mut problems) = self.fill_known(values);
        for name in values.keys().filter(|name| !self.variables.contains_key(*name)) {
            problems.push(FillProblem { name: name.clone(), what: "is not a variable of this policy".into() });
        }
        if problems.is_empty() { Ok(filled) } else { Err(FillError { policy: self.id.clone(), problems }) }
    }

    /// The text with a value in place of each variable that has one it may have; the others still stand as `{{name}}`, and are
    /// told with the reason.
    pub fn fill_known(&self, values: &BTreeMap<String, String>) -> (String, Vec<FillProblem>) {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, variable) in &self.variables {
            let value = values.get(name).ok_or_else(|| "has no value".to_owned());
            match value.and_then(|value| variable.refusal(value).map_or(Ok(value), Err)) {
                Ok(value) => drop(known.insert(name, value)),
                Err(what) => problems.push(FillProblem { name: name.clone(), what }),
            }
        }
        let mut filled = String::with_capacity(self.body.len());
        let mut rest = self.body.as_str();
        while let Some((before, name, after)) = policy_text::placeholder(rest) {
            filled.push_str(before);
            match known.get(name) {
                Some(value) => filled.push_str(value),
                None => filled.push_str(&format!("{{{{{name}}}}}")),
            }
            rest = after;
        }
        filled.push_str(rest);
        (filled, problems)
    }

    /// The examples as values: what a reader sees before an organization has filled in its own.
    pub fn examples(&self) -> BTreeMap<String, String> {
        self.variables.iter().map(|(name, variable)| (name.clone(), variable.example.clone())).collect()
    }
}

impl Variable {
    /// Why a value cannot stand in the text.
    pub(crate) fn refusal(&self, value: &str) -> Option<String> {
        if value.is_empty() || value.trim() != value {
            return Some("is empty, or begins or ends with a space".into());
        }
        if value.chars().any(|c| c.is_control() || matches!(c, '{' | '}' | '*' | '`')) {
            return Some("has a line break or one of the characters `{`, `}`, `*` and `` ` ``".into());
        }
        // Text follows with a space behind it: `1.` alone would open a list as well.
        if policy_text::opens_block(&format!("{value} ")) {
            return Some(format!("`{value}` begins like a heading or an item of a list"));
        }
        if self.at_least.is_some() || self.at_most.is_some() {
            let least = self.at_least.unwrap_or(0);
            let most = self.at_most.unwrap_or(u32::MAX);
            let fits = value.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number));
            return (!fits).then(|| match self.at_most {
                Some(most) => format!("`{value}` is not a whole number from {least} to {most}"),
                None => format!("`{value}` is not a whole number of at least {least}"),
            });
        }
        // A name can hold any word; everything else that is filled in becomes part of a requirement.
        let is_name = matches!(self.from, ScopePart::Organization | ScopePart::SubserviceOrganizations);
        let vague = if is_name { None } else { policy_text::vague_words(value, 1).into_iter().next() };
        vague.map(|(_, word)| format!("`{value}` is vague: `{word}`"))
    }
}

/// A policy could not be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy `{policy}` is not filled: {}", listed(.problems))]
pub struct FillError {
    /// The policy.
    pub policy: Id,
    /// Everything that stands in the way, variables first, then unknown names.
    pub problems: Vec<FillProblem>,
}

/// One value that is missing, unknown or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FillProblem {
    /// The variable's name, or the name that is none.
    pub name: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for FillProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.name, self.what)
    }
}

fn listed(problems: &[FillProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy_text::tests::{FRONT, sound};

    fn filled(pairs: &[(&str, &str)]) -> Result<String, String> {
        let values = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        sound().fill(&values).map_err(|error| error.to_string())
    }

    #[test]
    fn values_replace_variables_everywhere() {
        let text = filled(&[("organization", "Lake & Sons"), ("days", "30")]).unwrap();
        assert_eq!(
            text,
            "## Purpose\n\nHow Lake & Sons grants access.\n\n## Granting\n\n1. The IT team removes access within 30 \
             days. Record:\n   the log of Lake & Sons.\n2. The IT team keeps the log. Record: the log.\n"
        );
    }

    #[test]
    fn what_has_no_value_still_stands_as_a_variable() {
        let values = [("days".to_owned(), "30".to_owned())].into();
        let (text, problems) = sound().fill_known(&values);
        assert!(text.starts_with("## Purpose\n\nHow {{organization}} grants access.\n"), "{text}");
        assert!(text.contains("within 30 days"), "{text}");
        assert_eq!(listed(&problems), "`organization` has no value");
    }

    #[test]
    fn missing_and_unknown_values_are_refused_together() {
        let error = filled(&[("days", "30"), ("day", "30")]).unwrap_err();
        assert_eq!(
            error,
            "policy `removal` is not filled: `organization` has no value; `day` is not a variable of this policy"
        );
    }

    #[test]
    fn values_that_would_change_the_text_are_refused() {
        let cases = [
            ("", "is empty"),
            (" 30", "begins or ends with a space"),
            ("30\n## Other", "line break"),
            ("{{organization}}", "the characters"),
            ("*30*", "the characters"),
            ("120", "`120` is not a whole number from 1 to 90"),
            ("0", "from 1 to 90"),
            ("thirty", "not a whole number"),
        ];
        for (value, what) in cases {
            let error = filled(&[("organization", "Lake"), ("days", value)]).unwrap_err();
            assert!(error.contains(what), "{value}: {error}");
        }
        for (value, what) in [("# Lake", "a heading"), ("- Lake", "a list"), ("1. Lake", "a list"), ("1.", "a list")] {
            let error = filled(&[("organization", value), ("days", "30")]).unwrap_err();
            assert!(error.contains(what), "{value}: {error}");
        }
    }

    #[test]
    fn vague_values_are_refused_except_in_names() {
        assert!(filled(&[("organization", "Reasonable Books LLC"), ("days", "30")]).is_ok());
        let variable = Variable {
            meaning: "How long.".into(),
            example: "90 days".into(),
            from: ScopePart::Decision,
            at_least: None,
            at_most: None,
        };
        assert_eq!(variable.refusal("90 days"), None);
        assert_eq!(variable.refusal("until timely").unwrap(), "`until timely` is vague: `timely`");
    }

    #[test]
    fn examples_fill_a_policy() {
        let policy = sound();
        assert!(FRONT.contains("example = \"30\""));
        assert!(!policy.fill(&policy.examples()).unwrap().contains('{'));
    }
}
