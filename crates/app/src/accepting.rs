//! From advice to engagements: what the advice proposes, what management decides of it, and the reason of every departure.
//!
//! Invariant: engagements and the advice behind them become facts together, or nothing does.
//! Invariant: no departure is recorded without its reason.

use std::{collections::BTreeSet, path::Path};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_domain::{
    Command, EngagementId, ObjectiveId, PersonId, RecordAdvice, ReportKind, ReportType, Span,
    advisor::{Advice, AdvisedType, Itgc, Level, PeriodAdvice, Subject},
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
}

/// An advised engagement that is not opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Its id in the proposal.
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
    pub because: Option<String>,
}

/// One respect in which a decision is otherwise than advised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// The engagement.
    pub engagement: String,
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
    /// How the decision departs from the advice.
    pub departures: Vec<Departure>,
    /// The entry that records the advice.
    pub entry: u64,
}

/// What an advice proposes to decide: an engagement for each report and type that is pursued now.
pub fn proposal(advised: &Advised, system: &str) -> Decision {
    let mut engagement = Vec::new();
    for days in &advised.advice.periods {
        let first = advised.advice.type_of(days.report).map(|types| types.now);
        if let Some(as_of_on) = days.as_of_on.filter(|_| first == Some(AdvisedType::Type1)) {
            engagement.push(proposed(&advised.advice, days, ReportType::Type1 { as_of_on }));
        }
        engagement.push(proposed(&advised.advice, days, ReportType::Type2(days.period)));
    }
    Decision { system: system.to_owned(), left_out: Vec::new(), engagement }
}

fn proposed(advice: &Advice, days: &PeriodAdvice, report_type: ReportType) -> DecidedEngagement {
    let report = if days.report == Subject::Soc1 { ReportKind::Soc1 } else { ReportKind::Soc2 };
    let (type1, type2, number) = match report_type {
        ReportType::Type1 { as_of_on } => (Some(as_of_on), None, "type1"),
        ReportType::Type2(Span { first, last }) => (None, Some([first, last]), "type2"),
    };
    let mut engagement = DecidedEngagement {
        id: format!("{}-{number}", days.report.id()),
        report,
        type1,
        type2,
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
        ReportKind::Soc2 => {
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
# Change what you want otherwise, and say why: `because = \"…\"` in that engagement. An engagement that is not to be opened becomes
# a table [[left_out]] with its `id` and `because`.

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
        let new: Vec<NewEngagement> =
            decided.engagement.iter().map(|e| new_engagement(&file, e, &decided.system)).collect::<Result<_, _>>()?;
        let mut commands = self.open_commands(&new)?;
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
        self.execute_all(author, commands)?;
        let entry = self.state().advice.last().map_or(0, |advice| advice.entry);
        Ok(Accepted { engagements: new.into_iter().map(|new| new.id).collect(), departures, entry })
    }

    /// How a decision departs from a proposal; a departure without its reason is refused.
    fn departures(&self, file: &Written, proposed: &Decision, decided: &Decision) -> Result<Vec<Departure>, Error> {
        let mut found: Vec<(String, &'static str, Option<String>)> = Vec::new();
        for proposal in &proposed.engagement {
            if !decided.engagement.iter().any(|engagement| engagement.id == proposal.id) {
                let reason = decided.left_out.iter().find(|left| left.id == proposal.id);
                found.push((proposal.id.clone(), "it is not opened", reason.map(|left| left.because.clone())));
            }
        }
        for left in &decided.left_out {
            if !proposed.engagement.iter().any(|proposal| proposal.id == left.id) {
                return Err(file.refuse(&left.id, &format!("no engagement `{}` was proposed", left.id)));
            }
        }
        for engagement in &decided.engagement {
            let mut differs = |what| found.push((engagement.id.clone(), what, engagement.because.clone()));
            let Some(proposal) = proposed.engagement.iter().find(|proposal| proposal.id == engagement.id) else {
                differs("it was not advised");
                continue;
            };
            if engagement.report != proposal.report {
                differs("its report");
            }
            if (engagement.type1, engagement.type2) != (proposal.type1, proposal.type2) {
                differs("its type or dates");
            }
            if self.decided_objectives(engagement)? != self.decided_objectives(proposal)? {
                differs("its control objectives");
            }
            if as_set(&engagement.categories) != as_set(&proposal.categories) {
                differs("its categories");
            }
        }
        found
            .into_iter()
            .map(|(engagement, what, because)| match because.filter(|text| !text.trim().is_empty()) {
                Some(because) => Ok(Departure { engagement, what, because }),
                None => {
                    let problem =
                        format!("engagement `{engagement}` is otherwise than advised ({what}): say why with `because`");
                    Err(file.refuse(&engagement, &problem))
                }
            })
            .collect()
    }

    fn decided_objectives(&self, engagement: &DecidedEngagement) -> Result<BTreeSet<ObjectiveId>, Error> {
        self.objectives(&engagement.industries, &engagement.objectives)
    }
}

fn as_set(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
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
    })
}
