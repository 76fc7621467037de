//! From advice to engagements: what the advice proposes, what management decides of it, and the reason of every departure.
//!
//! Invariant: engagements, scope items and the advice behind them become facts together, or nothing does.
//! Invariant: no departure is recorded without its reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_domain::{
    Command, Engagement, EngagementId, ObjectiveId, PersonId, RecordAdvice, ReportKind, ReportType, SectionOrder, Span,
    advisor::{Advice, AdvisedType, Itgc, Level, PeriodAdvice, Standard, Subject, Treatment},
};

use crate::{Advised, Error, House, NewEngagement, written::Written};

/// What is decided of an advice: the file that `tickmark advise --proposal` writes and `--accept` reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Name of the system, as reports print it.
    pub system: String,
    /// Advised engagements that are not opened, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Engagements to open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub engagement: Vec<DecidedEngagement>,
    /// How each provider is treated in the reports of these engagements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provider: Vec<DecidedProvider>,
}

/// An advised engagement that is not opened, or a provider that is not treated as advised anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Its id in the proposal; of a provider its name.
    pub id: String,
    /// Why.
    pub because: String,
}

/// An engagement to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedEngagement {
    /// Its id.
    pub id: String,
    /// Which report.
    pub report: ReportKind,
    /// A Type 1, as of this date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type1: Option<Date>,
    /// A Type 2, from the first to the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type2: Option<[Date; 2]>,
    /// The standards that the report names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<Standard>,
    /// SOC 1: industries whose control objectives are in scope, with the IT general controls that they rest on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub industries: Vec<String>,
    /// SOC 1: further control objectives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<String>,
    /// SOC 2: trust services categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// SOC 2: the auditor's note on why the category security is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_security: Option<String>,
    /// Why it is otherwise than advised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
}

/// How a provider is treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedProvider {
    /// Its name.
    pub name: String,
    /// What it does.
    pub function: String,
    /// Its treatment in the SOC 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soc1: Option<Treatment>,
    /// Its treatment in the SOC 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soc2: Option<Treatment>,
    /// Why it is otherwise than advised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
}

/// Why a decision is otherwise than advised: one reason, or one for each respect in which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Because {
    /// The reason of the only departure.
    One(String),
    /// A reason for each: `because.dates`, `because.categories`, …
    Each(BTreeMap<String, String>),
}

impl Because {
    /// The reasons, each with what it is about if it says so.
    pub(crate) fn reasons(&self) -> Vec<(Option<&str>, &str)> {
        match self {
            Self::One(reason) => vec![(None, reason.as_str())],
            Self::Each(reasons) => {
                reasons.iter().map(|(about, reason)| (Some(about.as_str()), reason.as_str())).collect()
            }
        }
    }
}

/// A respect in which a decision can be otherwise: the key of its reason, and how it is told.
type Respect = (&'static str, &'static str);

const NOT_OPENED: Respect = ("opened", "it is not opened");
const NOT_TREATED: Respect = ("treated", "it is not treated");
const NOT_ADVISED: Respect = ("advised", "it was not advised");
const REPORT: Respect = ("report", "its report");
const DATES: Respect = ("dates", "its type or dates");
const STANDARDS: Respect = ("standards", "its standards");
const OBJECTIVES: Respect = ("objectives", "its control objectives");
const CATEGORIES: Respect = ("categories", "its categories");
const METHOD_SOC1: Respect = ("soc1", "its method in the SOC 1");
const METHOD_SOC2: Respect = ("soc2", "its method in the SOC 2");

/// One respect in which a decision is otherwise than advised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// The engagement, or the provider.
    pub of: String,
    /// In what.
    pub what: &'static str,
    /// Why.
    pub because: String,
}

/// What came of accepting an advice.
#[derive(Debug, Clone, Serialize)]
pub struct Accepted {
    /// The engagements that were opened.
    pub engagements: Vec<String>,
    /// Engagements of the same report and days that were open already.
    pub met: Vec<String>,
    /// Those among them whose scope is otherwise than decided: it stays as it is.
    pub met_otherwise: Vec<String>,
    /// Scope items that were recorded: subservice organizations and user entities' year-ends.
    pub scope: Vec<String>,
    /// How the decision departs from the advice.
    pub departures: Vec<Departure>,
    /// The entry that records the advice.
    pub entry: u64,
}

/// What an advice proposes to decide: an engagement for each report and type that is pursued now, and the treatment of each
/// provider in those reports. A SOC 1 without a control objective is left out with the warning that says why.
pub fn proposal(advised: &Advised, system: &str) -> Decision {
    let advice = &advised.advice;
    let mut decision =
        Decision { system: system.to_owned(), left_out: Vec::new(), engagement: Vec::new(), provider: Vec::new() };
    for days in &advice.periods {
        let first = advice.type_of(days.report).map(|types| types.now);
        let type1 = days.as_of_on.filter(|_| first == Some(AdvisedType::Type1));
        let types =
            type1.map(|as_of_on| ReportType::Type1 { as_of_on }).into_iter().chain([ReportType::Type2(days.period)]);
        for engagement in types.map(|report_type| proposed(advice, days, report_type)) {
            if engagement.report == ReportKind::Soc1
                && engagement.industries.is_empty()
                && engagement.objectives.is_empty()
            {
                decision.left_out.push(LeftOut { id: engagement.id, because: no_objective(advice) });
            } else {
                decision.engagement.push(engagement);
            }
        }
    }
    if advice.level(Subject::Soc3) == Level::Yes {
        propose_soc3(&mut decision);
    }
    let is_opened = |report: ReportKind| decision.engagement.iter().any(|engagement| engagement.report == report);
    let providers = advised.profile.providers.iter().flatten().filter_map(|provider| {
        let treatment = |subject: Subject| {
            let line = advice.subservice.iter().find(|line| line.provider == provider.name && line.report == subject);
            line.map(|line| line.treatment).filter(|_| is_opened(kind_of(subject)))
        };
        let (soc1, soc2) = (treatment(Subject::Soc1), treatment(Subject::Soc2));
        let (name, function) = (provider.name.clone(), provider.function.clone());
        (soc1.is_some() || soc2.is_some()).then_some(DecidedProvider { name, function, soc1, soc2, because: None })
    });
    decision.provider = providers.collect();
    decision
}

/// A SOC 3 rests on the examination of the SOC 2 over the same period.
fn propose_soc3(decision: &mut Decision) {
    let of_soc2 = |engagement: &&DecidedEngagement| engagement.report == ReportKind::Soc2 && engagement.type2.is_some();
    let id = "soc3-type2".to_owned();
    match decision.engagement.iter().find(of_soc2).cloned() {
        Some(soc2) => decision.engagement.push(DecidedEngagement { id, report: ReportKind::Soc3, ..soc2 }),
        None => {
            let because = "A SOC 3 rests on the examination of a SOC 2 Type 2, and none is proposed.".to_owned();
            decision.left_out.push(LeftOut { id, because });
        }
    }
}

fn kind_of(report: Subject) -> ReportKind {
    if report == Subject::Soc1 { ReportKind::Soc1 } else { ReportKind::Soc2 }
}

/// Why no SOC 1 can be opened yet: nothing bears on financial reporting, or no objective is known.
fn no_objective(advice: &Advice) -> String {
    let warning = |id: &str| advice.warnings.iter().find(|warning| warning.id == id);
    let told = warning("W12").or_else(|| warning("W09")).map(|warning| format!("{} ({}) ", warning.says, warning.id));
    format!(
        "{}No control objective is known for it: say which transactions you process (Q02), or name objectives of your own.",
        told.unwrap_or_default()
    )
}

fn proposed(advice: &Advice, days: &PeriodAdvice, report_type: ReportType) -> DecidedEngagement {
    let report = kind_of(days.report);
    let (type1, type2, number) = match report_type {
        ReportType::Type1 { as_of_on } => (Some(as_of_on), None, "type1"),
        ReportType::Type2(Span { first, last }) => (None, Some([first, last]), "type2"),
    };
    let mut engagement = DecidedEngagement {
        id: format!("{}-{number}", days.report.id()),
        report,
        type1,
        type2,
        standards: days.standards.clone(),
        industries: Vec::new(),
        objectives: Vec::new(),
        categories: Vec::new(),
        without_security: None,
        because: None,
    };
    match report {
        ReportKind::Soc1 => {
            for family in &advice.objectives {
                match (family.industry, &family.itgc) {
                    (Some(industry), Itgc::OfIndustry) if family.only.is_empty() => {
                        engagement.industries.push(industry.to_owned());
                    }
                    (_, itgc) => {
                        engagement.objectives.extend(family.only.iter().map(|id| (*id).to_owned()));
                        if let Itgc::Only(ids) = itgc {
                            engagement.objectives.extend(ids.iter().map(|id| (*id).to_owned()));
                        }
                    }
                }
            }
        }
        ReportKind::Soc2 | ReportKind::Soc3 => {
            let in_scope = advice.categories.iter().filter(|line| line.level >= Level::Likely);
            engagement.categories = in_scope.map(|line| line.category.to_owned()).collect();
        }
    }
    engagement
}

/// A decision as a file.
pub fn decision_to_toml(decision: &Decision) -> Result<String, Error> {
    let head = "\
# What is decided of the advice, for `tickmark advise --accept FILE`.
#
# Change what you want otherwise, and say why: `because = \"…\"` in that engagement; where more than one thing is otherwise,
# `because.dates`, `because.categories`, `because.objectives`, `because.standards` or `because.report` for each. An engagement that is not to be opened becomes
# a table [[left_out]] with its `id` and `because`. A provider is carve-out, inclusive, not-needed, vendor or undecided in a
# report; the first two are recorded in the scope as subservice organizations.

";
    let body = toml::to_string(decision).map_err(|error| Error::Settings {
        path: "decision.toml".into(),
        problem: format!("the decision cannot be written: {error}"),
    })?;
    Ok(format!("{head}{body}"))
}

impl House {
    /// Opens the engagements that an advice proposes, or those of a decision in a file, and records the advice with them.
    pub fn accept_advice(
        &mut self,
        author: &PersonId,
        advised: &Advised,
        decision: Option<&Path>,
        system: Option<&str>,
    ) -> Result<Accepted, Error> {
        let Some(system) = system.or(decision.map(|_| "")) else { return Err(Error::NoSystem) };
        let proposed = proposal(advised, system);
        let written = decision.map(Written::read).transpose()?;
        let decided = match &written {
            Some(written) => written.parse::<Decision>()?,
            None => proposed.clone(),
        };
        let file = written.unwrap_or_else(|| Written::embedded("the proposal", String::new()));
        let departures = self.departures(&file, &proposed, &decided)?;
        let (open, wanted): (Vec<&DecidedEngagement>, Vec<&DecidedEngagement>) =
            decided.engagement.iter().partition(|engagement| self.open_as(engagement).is_some());
        for engagement in &wanted {
            let taken =
                engagement.id.parse::<EngagementId>().is_ok_and(|id| self.state().engagements.contains_key(&id));
            if taken {
                let problem =
                    format!("engagement `{}` is open with other days: give this one another `id`", engagement.id);
                return Err(file.refuse(&engagement.id, &problem));
            }
        }
        let new: Vec<NewEngagement> =
            wanted.iter().map(|e| new_engagement(&file, e, &decided.system)).collect::<Result<_, _>>()?;
        let mut commands = self.open_commands(&new)?;
        let (items, scope) = self.scope_commands(advised, &decided)?;
        commands.extend(items);
        let engagements: BTreeSet<EngagementId> =
            new.iter().map(|new| new.id.parse()).collect::<Result<_, tickmark_domain::IdParseError>>()?;
        commands.push(Command::RecordAdvice(RecordAdvice {
            given_on: advised.advice.today,
            // People write free text into answers and reasons, and names may stand in it; the advice repeats answers.
            profile: self.put_sealed_json(&advised.profile)?,
            advice: self.put_sealed_json(&advised.advice)?,
            decision: self.put_sealed_json(&decided)?,
            soc1: advised.advice.level(Subject::Soc1),
            soc2: advised.advice.level(Subject::Soc2),
            engagements,
            departures: u32::try_from(departures.len()).unwrap_or(u32::MAX),
        }));
        let (mut met, mut met_otherwise) = (Vec::new(), Vec::new());
        for decided in open {
            let Some((id, open)) = self.open_as(decided) else { continue };
            let objectives = self.objectives(&decided.industries, &decided.objectives)?;
            if open.objectives != objectives || open.categories != decided.categories.iter().cloned().collect() {
                met_otherwise.push(id.to_string());
            }
            met.push(id.to_string());
        }
        self.execute_all(author, commands)?;
        let entry = self.state().advice.last().map_or(0, |advice| advice.entry);
        Ok(Accepted {
            engagements: new.into_iter().map(|new| new.id).collect(),
            met,
            met_otherwise,
            scope,
            departures,
            entry,
        })
    }

    /// The open engagement of the same report and days: what is decided is met by it.
    fn open_as(&self, decided: &DecidedEngagement) -> Option<(&EngagementId, &Engagement)> {
        let is_it = |open: &Engagement| match open.report_type {
            ReportType::Type1 { as_of_on } => decided.type1 == Some(as_of_on) && decided.type2.is_none(),
            ReportType::Type2(Span { first, last }) => decided.type2 == Some([first, last]) && decided.type1.is_none(),
        };
        self.state().engagements.iter().find(|(_, open)| open.report == decided.report && is_it(open))
    }

    /// How a decision departs from a proposal; a departure without its reason is refused.
    fn departures(&self, file: &Written, proposed: &Decision, decided: &Decision) -> Result<Vec<Departure>, Error> {
        let mut found: Vec<(String, Respect, Option<Because>)> = Vec::new();
        let left_out = |id: &str| {
            let left = decided.left_out.iter().find(|left| left.id == id);
            left.map(|left| Because::One(left.because.clone()))
        };
        for proposal in &proposed.engagement {
            let is_decided = decided.engagement.iter().any(|engagement| engagement.id == proposal.id);
            // What is open already need not be opened again.
            if !is_decided && self.open_as(proposal).is_none() {
                found.push((proposal.id.clone(), NOT_OPENED, left_out(&proposal.id)));
            }
        }
        for proposal in &proposed.provider {
            if !decided.provider.iter().any(|provider| provider.name == proposal.name) {
                found.push((proposal.name.clone(), NOT_TREATED, left_out(&proposal.name)));
            }
        }
        for left in &decided.left_out {
            let engagements = proposed.engagement.iter().map(|proposal| &proposal.id);
            let providers = proposed.provider.iter().map(|proposal| &proposal.name);
            let unadvised = proposed.left_out.iter().map(|left| &left.id);
            if !engagements.chain(providers).chain(unadvised).any(|id| *id == left.id) {
                return Err(file.refuse(&left.id, &format!("no engagement `{}` was proposed", left.id)));
            }
        }
        for engagement in &decided.engagement {
            let mut differs = |what| found.push((engagement.id.clone(), what, engagement.because.clone()));
            let Some(proposal) = proposed.engagement.iter().find(|proposal| proposal.id == engagement.id) else {
                if self.open_as(engagement).is_none() {
                    differs(NOT_ADVISED);
                }
                continue;
            };
            if engagement.report != proposal.report {
                differs(REPORT);
            }
            if (engagement.type1, engagement.type2) != (proposal.type1, proposal.type2) {
                differs(DATES);
            }
            if as_set(&engagement.standards) != as_set(&proposal.standards) {
                differs(STANDARDS);
            }
            if self.decided_objectives(engagement)? != self.decided_objectives(proposal)? {
                differs(OBJECTIVES);
            }
            if as_set(&engagement.categories) != as_set(&proposal.categories) {
                differs(CATEGORIES);
            }
        }
        for provider in &decided.provider {
            let mut differs = |what| found.push((provider.name.clone(), what, provider.because.clone()));
            let Some(proposal) = proposed.provider.iter().find(|proposal| proposal.name == provider.name) else {
                differs(NOT_ADVISED);
                continue;
            };
            if proposal.soc1 != provider.soc1 {
                differs(METHOD_SOC1);
            }
            if proposal.soc2 != provider.soc2 {
                differs(METHOD_SOC2);
            }
        }
        with_reasons(file, found)
    }

    fn decided_objectives(&self, engagement: &DecidedEngagement) -> Result<BTreeSet<ObjectiveId>, Error> {
        self.objectives(&engagement.industries, &engagement.objectives)
    }
}

/// Each departure with its own reason: one reason serves one departure.
fn with_reasons(file: &Written, found: Vec<(String, Respect, Option<Because>)>) -> Result<Vec<Departure>, Error> {
    let mut told = Vec::new();
    for (of, (key, what), because) in &found {
        let respects = found.iter().filter(|(other, ..)| other == of).map(|(_, (key, _), _)| *key);
        let respects: Vec<&str> = respects.collect();
        let reasons = because.as_ref().map(Because::reasons).unwrap_or_default();
        let only = respects.len() == 1;
        let reason = reasons.iter().find(|(about, _)| about.map_or(only, |about| about == *key));
        let Some((_, reason)) = reason.filter(|(_, reason)| !reason.trim().is_empty()) else {
            let how =
                if only { "`because`".to_owned() } else { format!("`because.{key}`, one reason for each respect") };
            return Err(file.refuse(of, &format!("`{of}` is otherwise than advised ({what}): say why with {how}")));
        };
        if let Some(about) = reasons.iter().find_map(|(about, _)| about.filter(|about| !respects.contains(about))) {
            let problem = format!("`{of}` is as advised in respect of `{about}`: leave out `because.{about}`");
            return Err(file.refuse(of, &problem));
        }
        told.push(Departure { of: of.clone(), what, because: (*reason).to_owned() });
    }
    Ok(told)
}

fn as_set<T: Ord>(words: &[T]) -> BTreeSet<&T> {
    words.iter().collect()
}

fn new_engagement(file: &Written, decided: &DecidedEngagement, system: &str) -> Result<NewEngagement, Error> {
    let report_type = match (decided.type1, decided.type2) {
        (Some(as_of_on), None) => ReportType::Type1 { as_of_on },
        (None, Some([first, last])) => ReportType::Type2(Span { first, last }),
        (Some(_), Some(_)) | (None, None) => {
            return Err(file.refuse(&decided.id, "an engagement has either `type1` or `type2`"));
        }
    };
    Ok(NewEngagement {
        id: decided.id.clone(),
        report: decided.report,
        report_type,
        system: system.to_owned(),
        industries: decided.industries.clone(),
        objectives: decided.objectives.clone(),
        categories: decided.categories.clone(),
        without_security: decided.without_security.clone(),
        standards: decided.standards.clone(),
        section_order: SectionOrder::default(),
    })
}
