//! The lint of an engagement: every rule over its recorded facts, its wording and its drafted documents, and what a person
//! overruled of it.
//!
//! Invariant: nothing is judged here; findings come from the rules of `domain` and `report`.
//! Invariant: an overruled finding stays in the list, with its reason and by whom.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, to_canonical};
use tickmark_domain::{
    Command, Engagement, EngagementId, Inconsistency, LintRule, LintRuleId, OverruleFinding, PersonId, Refusal,
    ReportKind, RuleWeight, State,
};
use tickmark_ledger::Store as _;
use tickmark_report::{
    Document,
    lint::{Finding, Library, Severity, lint_boilerplate, lint_documents},
    view,
};

use crate::{Error, House, NextStep, description_example, opening::report_in_words};

/// What the lint says of an engagement.
#[derive(Debug, Clone, Serialize)]
pub struct LintView {
    /// The engagement.
    pub engagement: String,
    /// Report and type, in words.
    pub report: String,
    /// The ledger size shown.
    pub ledger_size: u64,
    /// What keeps the documents from being final.
    pub errors: Vec<LintFinding>,
    /// What somebody looks at.
    pub warnings: Vec<LintFinding>,
    /// Warnings that were overruled as they read.
    pub overruled: Vec<OverruledLine>,
    /// Overrulings of findings that are gone or read otherwise now.
    pub lapsed: u64,
    /// Rules that only a person can judge.
    pub for_a_person: Vec<&'static LintRule>,
    /// What to do first where nothing is described yet.
    pub next: Option<NextStep>,
}

/// A finding with what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LintFinding {
    /// The rule.
    pub rule: &'static str,
    /// Where: a document and a place in it, a control, a dataset, a scope item.
    pub place: String,
    /// What was found.
    pub says: String,
    /// What to do.
    pub act: String,
}

/// A warning that was overruled.
#[derive(Debug, Clone, Serialize)]
pub struct OverruledLine {
    /// The finding.
    #[serde(flatten)]
    pub finding: LintFinding,
    /// Why it stays as it is.
    pub reason: String,
    /// Who overruled it.
    pub by: String,
    /// When.
    pub on: Date,
    /// Entry that recorded it.
    pub entry: u64,
}

/// A finding as it is kept when it is overruled. Its digest tells whether a finding is still the one that was overruled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptFinding {
    pub(crate) rule: String,
    pub(crate) place: String,
    pub(crate) says: String,
}

impl LintFinding {
    fn kept(&self) -> KeptFinding {
        KeptFinding { rule: self.rule.to_owned(), place: self.place.clone(), says: self.says.clone() }
    }

    fn digest(&self) -> Result<Digest, Error> {
        Ok(Digest::of(&to_canonical(&self.kept())?))
    }
}

/// A finding before anybody asks whether it was overruled.
pub(crate) struct Found {
    severity: Severity,
    finding: LintFinding,
}

impl Found {
    fn of_document(id: &EngagementId, finding: Finding) -> Self {
        let act = act_on(id, &finding.place);
        let Finding { rule, severity, place, message } = finding;
        Self { severity, finding: LintFinding { rule, place, says: message, act } }
    }

    fn of_facts(found: Inconsistency) -> Self {
        let severity = if found.rule.is_error() { Severity::Error } else { Severity::Warning };
        let finding = LintFinding { rule: found.rule.code(), place: found.subject, says: found.says, act: found.act };
        Self { severity, finding }
    }

    fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    fn into_finding(self) -> Finding {
        let LintFinding { rule, place, says, .. } = self.finding;
        Finding { rule, severity: self.severity, place, message: says }
    }
}

impl House {
    /// What the lint says of an engagement now.
    pub fn lint(&self, id: &EngagementId) -> Result<LintView, Error> {
        let state = self.state();
        let engagement = state.engagements.get(id).ok_or_else(|| Refusal::UnknownEngagement(id.clone()))?;
        let has_description = engagement.description.is_some();
        let documents = if has_description {
            self.documents_of(id, &state.figures(self.catalog_index(), id)?)?
        } else {
            BTreeMap::new()
        };
        let mut view = LintView {
            engagement: id.to_string(),
            report: report_in_words(engagement),
            ledger_size: self.size(),
            errors: Vec::new(),
            warnings: Vec::new(),
            overruled: Vec::new(),
            lapsed: 0,
            for_a_person: questions(engagement),
            next: (!has_description && !self.is_past()).then(|| self.next_step()),
        };
        for found in self.found(id, engagement, &documents)? {
            let overruling = engagement.overrulings.get(&found.finding.digest()?);
            match (overruling, found.is_error()) {
                (_, true) => view.errors.push(found.finding),
                (None, false) => view.warnings.push(found.finding),
                (Some(overruling), false) => view.overruled.push(OverruledLine {
                    finding: found.finding,
                    reason: self.text(&overruling.reason)?,
                    by: self.name_of(&overruling.by),
                    on: self.entry_on(overruling.entry)?,
                    entry: overruling.entry,
                }),
            }
        }
        view.lapsed = engagement.overrulings.len().saturating_sub(view.overruled.len()) as u64;
        Ok(view)
    }

    /// Everything that the lint finds, in the order in which it is shown.
    pub(crate) fn found(
        &self,
        id: &EngagementId,
        engagement: &Engagement,
        documents: &BTreeMap<String, Document>,
    ) -> Result<Vec<Found>, Error> {
        let state = self.state();
        let facts = state.inconsistencies_of(self.catalog_index(), &self.program_texts(state)?, self.today(), id)?;
        let mut found: Vec<Found> = facts.into_iter().map(Found::of_facts).collect();
        if documents.is_empty() {
            found.push(without_description(id, engagement.report));
        } else {
            // The document says the same of what serves a measure, with its place.
            found.retain(|of| !matches!(of.finding.rule, "OBJ-01" | "DC5"));
        }
        if engagement.report != ReportKind::Soc3 {
            found.extend(self.found_in_wording(state, engagement)?);
        }
        let of_documents = self.lint_of(documents)?;
        // The wording lint reads the same statements and knows more of them.
        let of_documents = of_documents.into_iter().filter(|of| !of.rule.starts_with("CTL-"));
        found.extend(of_documents.map(|finding| Found::of_document(id, finding)));
        found.sort_by(|a, b| (a.severity, &a.finding).cmp(&(b.severity, &b.finding)));
        found.dedup_by(|a, b| a.finding == b.finding);
        Ok(found)
    }

    /// What documents say that a careful reader would send back, the library's share of them included.
    pub(crate) fn lint_of(&self, documents: &BTreeMap<String, Document>) -> Result<Vec<Finding>, Error> {
        let mut findings = lint_documents(documents)?;
        for (name, document) in documents {
            let Document::Report(report) = document else { continue };
            let of_library = lint_boilerplate(report, &self.library(report.engagement.report));
            findings.extend(of_library.into_iter().map(|of| Finding { place: format!("{name}: {}", of.place), ..of }));
        }
        Ok(findings)
    }

    /// The errors among what was found, as documents tell theirs.
    pub(crate) fn errors_of(
        &self,
        id: &EngagementId,
        documents: &BTreeMap<String, Document>,
    ) -> Result<Vec<Finding>, Error> {
        let engagement = self.state().engagements.get(id).ok_or_else(|| Refusal::UnknownEngagement(id.clone()))?;
        let found = self.found(id, engagement, documents)?;
        Ok(found.into_iter().filter(Found::is_error).map(Found::into_finding).collect())
    }

    /// Those of some documents' findings that nobody overruled.
    pub(crate) fn not_overruled(&self, id: &EngagementId, findings: Vec<Finding>) -> Result<Vec<Finding>, Error> {
        let Some(engagement) = self.state().engagements.get(id) else { return Ok(findings) };
        let mut left = Vec::new();
        for finding in findings {
            let found = Found::of_document(id, finding);
            if found.is_error() || !engagement.overrulings.contains_key(&found.finding.digest()?) {
                left.push(found.into_finding());
            }
        }
        Ok(left)
    }

    /// The sentences that came with the product: the catalog's controls, and the description that it offers as an example.
    fn library(&self, report: view::ReportKind) -> Library {
        let mut library = Library::default();
        for control in self.catalog().controls.values() {
            library.add_statement(&control.statement);
        }
        let report = match report {
            view::ReportKind::Soc1 => ReportKind::Soc1,
            view::ReportKind::Soc2 => ReportKind::Soc2,
            view::ReportKind::Soc3 => ReportKind::Soc3,
        };
        let example: toml::Value = toml::from_str(description_example(report)).unwrap_or(toml::Value::Boolean(false));
        for text in texts_in(&example) {
            library.add_prose(text);
        }
        library
    }

    /// The day on which an entry was recorded.
    fn entry_on(&self, entry: u64) -> Result<Date, Error> {
        let at = self.store.reader()?.entry(&self.origin, entry)?.entry.recorded_at;
        Ok(self.state().local_date(at).unwrap_or_else(|| jiff::tz::TimeZone::UTC.to_datetime(at).date()))
    }

    fn found_in_wording(&self, state: &State, engagement: &Engagement) -> Result<Vec<Found>, Error> {
        let stated: BTreeSet<String> =
            engagement.controls(state, self.catalog_index()).into_keys().map(ToString::to_string).collect();
        let objectives: BTreeSet<String> = engagement.objectives.iter().map(ToString::to_string).collect();
        let mut found = Vec::new();
        for worded in self.check_wording()?.worded {
            let is_of_report = match worded.kind {
                "control" => stated.contains(&worded.id),
                "objective" => objectives.contains(&worded.id),
                _ => true,
            };
            for of in worded.findings.iter().filter(|_| is_of_report) {
                let about =
                    if of.words.is_empty() { "lacks what it asks".to_owned() } else { format!("says `{}`", of.words) };
                let finding = LintFinding {
                    rule: of.rule,
                    place: format!("{} {}", worded.kind, worded.id),
                    says: format!("{about}: {}", worded.statement),
                    act: of.advice.to_owned(),
                };
                found.push(Found { severity: Severity::Warning, finding });
            }
        }
        Ok(found)
    }

    /// Overrules the standing warnings of a rule, at one place or wherever they are, all with one reason. Gives them.
    pub fn overrule(
        &mut self,
        author: &PersonId,
        id: &EngagementId,
        rule: &str,
        place: Option<&str>,
        because: &str,
    ) -> Result<Vec<LintFinding>, Error> {
        let known: LintRuleId = rule.parse()?;
        if LintRule::by_id(rule).is_none() {
            return Err(Refusal::UnknownLintRule(known).into());
        }
        let view = self.lint(id)?;
        let is_meant =
            |finding: &&LintFinding| finding.rule == rule && place.is_none_or(|place| finding.place == place);
        let meant: Vec<LintFinding> = view.warnings.iter().filter(is_meant).cloned().collect();
        let errors: Vec<LintFinding> = view.errors.iter().filter(is_meant).cloned().collect();
        let before = view.overruled.iter().map(|of| &of.finding).filter(is_meant).cloned().collect();
        // What is no standing warning goes to the rules too: they say why not.
        let meant = [meant, errors, before].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
        if meant.is_empty() {
            return Err(Error::Unknown { kind: "finding of rule", name: rule.to_owned() });
        }
        let reason = self.put_text(because)?;
        let mut commands = Vec::new();
        for finding in &meant {
            commands.push(Command::OverruleFinding(OverruleFinding {
                engagement: id.clone(),
                rule: known.clone(),
                finding: self.put_json(&finding.kept())?,
                is_error: view.errors.contains(finding),
                reason,
            }));
        }
        self.execute_all(author, commands)?;
        Ok(meant)
    }
}

/// The rules that only a person can judge, of those that are asked of an engagement's report.
fn questions(engagement: &Engagement) -> Vec<&'static LintRule> {
    let of_people = LintRule::ALL.iter().filter(|rule| rule.weight == RuleWeight::Person);
    of_people.filter(|rule| rule.asked_of.includes(engagement)).collect()
}

/// Without a description there is no document to read, and that is the finding.
fn without_description(id: &EngagementId, report: ReportKind) -> Found {
    let rule = match report {
        ReportKind::Soc1 => "S1D-14",
        ReportKind::Soc2 => "DC3",
        ReportKind::Soc3 => "SOC3-02",
    };
    let finding = LintFinding {
        rule,
        place: "description".to_owned(),
        says: "no system description is adopted, so that there is no report to read".to_owned(),
        act: format!("management adopts one: `tickmark description adopt FILE --engagement {id}`"),
    };
    Found { severity: Severity::Error, finding }
}

/// What to do about a finding in a document: whose text it is, and how it is changed.
fn act_on(id: &EngagementId, place: &str) -> String {
    let within = place.split_once(": ").map_or(place, |(_, within)| within);
    let part = within.split(['.', '[', ' ']).next().unwrap_or_default();
    match part {
        "auditor_report" => "the firm decides: the text is its own".to_owned(),
        "tests_of_controls" => "the firm completes what it recorded: `tickmark firm record FILE`".to_owned(),
        "assertion" => {
            format!("an executive signs it anew: `tickmark assertion sign FILE --engagement {id} --title OFFICE`")
        }
        "subservice_assertions" => {
            format!("record it: `tickmark assertion record-subservice FILE --engagement {id} …`")
        }
        "engagement" => "open or renew the engagement over other days: `tickmark engagement --help`".to_owned(),
        "other_information" | "exceptions" => "answer what was found: `tickmark exception respond`".to_owned(),
        "description" if within.starts_with("description.controls") => {
            "its owner words, tests or drops the control: `tickmark control revise`, `tickmark management-test record`"
                .to_owned()
        }
        "description" => format!("management corrects it: `tickmark description adopt FILE --engagement {id}`"),
        "controls" => {
            "look at the tests of this control: `tickmark management-test list`, `tickmark control conclusions`"
                .to_owned()
        }
        "sources" => "collect the days again: `tickmark collect`".to_owned(),
        _ => "look at what is behind it".to_owned(),
    }
}

/// Every text of a file, wherever it stands.
fn texts_in(value: &toml::Value) -> Vec<&str> {
    match value {
        toml::Value::String(text) => vec![text],
        toml::Value::Array(values) => values.iter().flat_map(texts_in).collect(),
        toml::Value::Table(fields) => fields.values().flat_map(texts_in).collect(),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {
            Vec::new()
        }
    }
}
