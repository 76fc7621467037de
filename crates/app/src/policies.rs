//! Policies of the catalog as this organization's: what scope and organization say is filled in, what nothing says is listed.
//!
//! Invariant: nothing is invented: a variable without a value stands as `{{name}}`, and no policy with one is written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tickmark_catalog::{FillProblem, Frequency, Policy};
use tickmark_domain::{ScopeFacts, State};

use crate::{Error, House, packaging::io_error, written::Written};

/// The file of values that people fill in beside the policies.
const VALUES: &str = "values.toml";

/// A policy with what it still lacks.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyLine {
    /// Its id.
    pub policy: String,
    /// A few words.
    pub title: String,
    /// The role that keeps it and reviews it.
    pub owner: String,
    /// How often its owner reviews it.
    pub review: Frequency,
    /// Controls of the control set that carry out what it requires.
    pub satisfies: Vec<String>,
    /// How many variables it has.
    pub variables: usize,
    /// Variables without a value that can stand in the text.
    pub missing: Vec<MissingValue>,
}

/// A variable without a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MissingValue {
    /// Its name.
    pub name: String,
    /// What the value says.
    pub meaning: String,
    /// A value as it would stand in the text.
    pub example: String,
    /// Why it has none.
    pub because: String,
}

/// A policy with its text.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyText {
    /// The policy.
    #[serde(flatten)]
    pub line: PolicyLine,
    /// The text in Markdown; variables without a value stand as `{{name}}`.
    pub text: String,
}

/// What came of writing policies.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenPolicies {
    /// Files written.
    pub files: Vec<PathBuf>,
    /// Files that say something else already and were left alone.
    pub left: Vec<PathBuf>,
    /// Policies that are not written, each with what it lacks.
    pub lacking: Vec<PolicyLine>,
    /// The file that takes the values that are missing.
    pub values: PathBuf,
}

/// Values that people give.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    values: BTreeMap<String, String>,
}

impl House {
    /// Every policy of the catalog in force, with values of a file beside those of the scope.
    pub fn policies(&self, values: Option<&Path>) -> Result<Vec<PolicyLine>, Error> {
        Ok(self.policy_texts(values)?.into_iter().map(|text| text.line).collect())
    }

    /// One policy, filled as far as its values are known.
    pub fn policy(&self, id: &str, values: Option<&Path>) -> Result<PolicyText, Error> {
        let found = self.policy_texts(values)?.into_iter().find(|text| text.line.policy == id);
        found.ok_or_else(|| Error::Unknown { kind: "policy", name: id.to_owned() })
    }

    /// Writes the policies behind controls of the control set, or those named, into a folder. Values come from the scope and
    /// from the folder's `values.toml`, which is made with what is missing if it is not there.
    pub fn write_policies(&self, dir: &Path, only: &[String], replace: bool) -> Result<WrittenPolicies, Error> {
        let values = dir.join(VALUES);
        let are_given = values.exists();
        let mut texts = self.policy_texts(are_given.then_some(values.as_path()))?;
        if let Some(unknown) = only.iter().find(|id| !texts.iter().any(|text| text.line.policy == **id)) {
            return Err(Error::Unknown { kind: "policy", name: unknown.clone() });
        }
        texts.retain(|PolicyText { line, .. }| match only {
            [] => !line.satisfies.is_empty(),
            only => only.contains(&line.policy),
        });
        let mut done = WrittenPolicies { files: Vec::new(), left: Vec::new(), lacking: Vec::new(), values };
        fs::create_dir_all(dir).map_err(io_error("make", dir))?;
        for text in texts {
            if !text.line.missing.is_empty() {
                done.lacking.push(text.line);
                continue;
            }
            let (path, says) = (dir.join(format!("{}.md", text.line.policy)), markdown(&text)?);
            let before = fs::read_to_string(&path).ok();
            if before.is_some_and(|before| before != says) && !replace {
                done.left.push(path);
                continue;
            }
            fs::write(&path, says).map_err(io_error("write", &path))?;
            done.files.push(path);
        }
        if !are_given && !done.lacking.is_empty() {
            fs::write(&done.values, values_to_fill(&done.lacking)).map_err(io_error("write", &done.values))?;
        }
        Ok(done)
    }

    fn policy_texts(&self, file: Option<&Path>) -> Result<Vec<PolicyText>, Error> {
        let state = self.state();
        let mut values = self.values_of_scope(state)?;
        let policies = self.catalog().policies.values();
        if let Some(file) = file {
            let file = Written::read(file)?;
            for (name, value) in file.parse::<Values>()?.values {
                if !policies.clone().any(|policy| policy.variables.contains_key(&name)) {
                    return Err(file.refuse(&name, &format!("no policy has a variable `{name}`")));
                }
                // A line that nobody has filled yet says nothing.
                if !value.is_empty() {
                    values.insert(name, value);
                }
            }
        }
        let running: BTreeSet<&str> = state
            .controls
            .iter()
            .filter(|(_, control)| control.newest().is_some() && control.dropped().is_none())
            .map(|(id, _)| id.as_str())
            .collect();
        Ok(policies.map(|policy| self.policy_text(policy, &values, &running)).collect())
    }

    fn policy_text(&self, policy: &Policy, values: &BTreeMap<String, String>, running: &BTreeSet<&str>) -> PolicyText {
        let (text, problems) = policy.fill_known(values);
        let missing = problems.into_iter().filter_map(|FillProblem { name, what }| {
            let variable = policy.variables.get(&name)?;
            let (meaning, example) = (variable.meaning.clone(), variable.example.clone());
            Some(MissingValue { name, meaning, example, because: what })
        });
        let satisfies = policy.satisfies.iter().filter(|id| running.contains(&***id));
        let line = PolicyLine {
            policy: policy.id.to_string(),
            title: policy.title.clone(),
            owner: policy.owner.to_string(),
            review: policy.review,
            satisfies: satisfies.map(ToString::to_string).collect(),
            variables: policy.variables.len(),
            missing: missing.collect(),
        };
        PolicyText { line, text }
    }

    /// The variables that organization and scope answer: those whose meaning is a list of scope items, and no other.
    fn values_of_scope(&self, state: &State) -> Result<BTreeMap<String, String>, Error> {
        let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (_, version) in state.standing_scope() {
            let variable = match &version.item.facts {
                ScopeFacts::Service(_) => "services",
                ScopeFacts::TransactionClass(_) => "transaction_classes",
                ScopeFacts::SubserviceOrganization(_) => "subservice_organizations",
                ScopeFacts::KeyReport(report) if report.to_user_entities => "key_reports",
                ScopeFacts::KeyReport(_)
                | ScopeFacts::Location(_)
                | ScopeFacts::Component(_)
                | ScopeFacts::Commitment(_)
                | ScopeFacts::UserEntity(_)
                | ScopeFacts::SubserviceReport(_)
                | ScopeFacts::ComplementaryUserEntityControl(_)
                | ScopeFacts::ComplementarySubserviceOrganizationControl(_)
                | ScopeFacts::Exclusion(_) => continue,
            };
            lists.entry(variable).or_default().push(self.text(&version.item.name)?);
        }
        let mut values: BTreeMap<String, String> =
            lists.into_iter().map(|(variable, names)| (variable.to_owned(), in_a_sentence(&names))).collect();
        if let Some(organization) = &state.organization {
            values.insert("organization".to_owned(), self.text(&organization.name)?);
            values.insert("time_zone".to_owned(), organization.zone.clone());
        }
        Ok(values)
    }
}

/// `a, b and c`.
fn in_a_sentence(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// A filled policy as a file: front matter as in the catalog, with the controls of the control set, then the text.
fn markdown(policy: &PolicyText) -> Result<String, Error> {
    #[derive(Serialize)]
    struct FrontMatter<'a> {
        title: &'a str,
        owner: &'a str,
        review: Frequency,
        satisfies: &'a [String],
    }
    let PolicyText { line, text } = policy;
    let PolicyLine { title, owner, review, satisfies, .. } = line;
    let front = toml::to_string(&FrontMatter { title, owner, review: *review, satisfies })
        .map_err(|error| Error::Unwritable(error.to_string()))?;
    Ok(format!("+++\n{front}+++\n\n# {title}\n\n{text}"))
}

/// The values that are missing, each once, for people to fill in.
fn values_to_fill(lacking: &[PolicyLine]) -> String {
    let mut text =
        "# What the scope does not say. Fill in the values, then run `tickmark policy write` again.\n\n[values]\n"
            .to_owned();
    let missing: BTreeMap<&str, &MissingValue> =
        lacking.iter().flat_map(|line| &line.missing).map(|value| (value.name.as_str(), value)).collect();
    for (name, value) in missing {
        text.push_str(&format!("\n# {} For example: {}\n{name} = \"\"\n", value.meaning, value.example));
    }
    text
}
