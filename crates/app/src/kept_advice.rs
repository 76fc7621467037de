//! Advice that was kept: what was advised and decided, what changed since, and what the same answers are advised today.
//!
//! Invariant: what was advised is read as it was kept, never computed again; only what would be advised today is computed.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tickmark_domain::{
    AdviceChange, RecordedAdvice,
    advisor::{Level, Profile, Subject, advise},
};

use crate::{Decision, Error, House, accepting::Because};

/// One line of the list of advice that was kept.
#[derive(Debug, Clone, Serialize)]
pub struct KeptAdviceLine {
    /// Its number, from 1 on.
    pub number: usize,
    /// The entry that recorded it.
    pub entry: u64,
    /// The day from which it counted its dates.
    pub given_on: Date,
    /// How strongly a SOC 1 was advised.
    pub soc1: Level,
    /// How strongly a SOC 2 was advised.
    pub soc2: Level,
    /// The engagements that were opened.
    pub engagements: Vec<String>,
    /// In how many respects the decision departs from it.
    pub departures: u32,
}

/// An advice that was kept, whole.
#[derive(Debug, Clone, Serialize)]
pub struct KeptAdvice {
    /// Its line in the list.
    #[serde(flatten)]
    pub line: KeptAdviceLine,
    /// The answers.
    pub profile: Profile,
    /// The advice, as it was given.
    pub advice: Value,
    /// What was decided.
    pub decision: Decision,
    /// Every departure of the decision with its reason.
    pub departed: Vec<Departed>,
    /// What was advised, and what the same answers are advised today, where that is otherwise.
    pub again: Vec<AdviceAgain>,
    /// What bears on the advice and changed after it; only of the newest.
    pub changes: Vec<AdviceChange>,
}

/// The reason of a departure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departed {
    /// The engagement or the provider.
    pub of: String,
    /// Why it is otherwise than advised.
    pub because: String,
}

/// One conclusion, then and today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdviceAgain {
    /// About what.
    pub about: String,
    /// What was advised.
    pub then: String,
    /// What is advised today.
    pub today: String,
}

impl House {
    /// The advice that was kept, the oldest first.
    pub fn kept_advice(&self) -> Vec<KeptAdviceLine> {
        self.state().advice.iter().enumerate().map(|(at, kept)| line(at + 1, kept)).collect()
    }

    /// An advice that was kept, by its number; the newest by itself.
    pub fn kept_advice_of(&self, number: Option<usize>) -> Result<KeptAdvice, Error> {
        let advice = &self.state().advice;
        let number = number.unwrap_or(advice.len());
        let kept = number.checked_sub(1).and_then(|at| advice.get(at));
        let kept = kept.ok_or_else(|| Error::Unknown { kind: "advice", name: number.to_string() })?;
        let profile: Profile = self.json(&kept.recorded.profile)?;
        let given: Value = self.json(&kept.recorded.advice)?;
        let decision: Decision = self.json(&kept.recorded.decision)?;
        let today = serde_json::to_value(advise(&profile, self.today()))
            .map_err(|source| Error::ObjectUnreadable { digest: kept.recorded.profile, source })?;
        let is_newest = number == advice.len();
        let changes = self.state().changes_since_advice().filter(|_| is_newest).unwrap_or_default();
        Ok(KeptAdvice {
            line: line(number, kept),
            departed: departed(&decision),
            again: again(&given, &today),
            profile,
            advice: given,
            decision,
            changes,
        })
    }
}

fn line(number: usize, kept: &RecordedAdvice) -> KeptAdviceLine {
    let recorded = &kept.recorded;
    KeptAdviceLine {
        number,
        entry: kept.entry,
        given_on: recorded.given_on,
        soc1: recorded.soc1,
        soc2: recorded.soc2,
        engagements: recorded.engagements.iter().map(ToString::to_string).collect(),
        departures: recorded.departures,
    }
}

/// Every reason in a decision.
fn departed(decision: &Decision) -> Vec<Departed> {
    let left_out = decision.left_out.iter().map(|left| Departed { of: left.id.clone(), because: left.because.clone() });
    let engagements = decision.engagement.iter().map(|engagement| (&engagement.id, engagement.because.as_ref()));
    let providers = decision.provider.iter().map(|provider| (&provider.name, provider.because.as_ref()));
    let others = engagements.chain(providers).flat_map(|(of, because)| {
        because.map(Because::reasons).unwrap_or_default().into_iter().map(move |(about, reason)| Departed {
            of: about.map_or_else(|| of.clone(), |about| format!("{of} ({about})")),
            because: reason.to_owned(),
        })
    });
    left_out.chain(others).collect()
}

/// The conclusions that are not the same today.
fn again(then: &Value, today: &Value) -> Vec<AdviceAgain> {
    let (then, today) = (conclusions(then), conclusions(today));
    let of = |all: &[(String, String)], about: &str| {
        all.iter().find(|(known, _)| known == about).map_or_else(|| "none".to_owned(), |(_, says)| says.clone())
    };
    let mut seen = BTreeSet::new();
    let abouts: Vec<&String> =
        then.iter().chain(&today).map(|(about, _)| about).filter(|about| seen.insert(*about)).collect();
    let compared = abouts.into_iter().map(|about| AdviceAgain {
        about: about.clone(),
        then: of(&then, about),
        today: of(&today, about),
    });
    compared.filter(|line| line.then != line.today).collect()
}

/// What an advice concludes, read from its kept form.
fn conclusions(advice: &Value) -> Vec<(String, String)> {
    let list = |key: &str| advice.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let word = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = |of: &Value| {
        let id = word(of, "report");
        Subject::ALL.iter().find(|subject| subject.id() == id).map_or(id, ToString::to_string)
    };
    let mut told = Vec::new();
    for report in list("reports") {
        let when = word(report, "when");
        let when = if when == "watch" { String::new() } else { format!(", {when}") };
        told.push((name(report), format!("{}{when}", word(report, "level").replace('-', " "))));
    }
    for types in list("types") {
        let of_type = |key: &str| match word(types, key).as_str() {
            "type-1" => "Type 1".to_owned(),
            "type-2" => "Type 2".to_owned(),
            "none" => "none yet".to_owned(),
            other => other.to_owned(),
        };
        told.push((format!("{} type", name(types)), format!("{}, then {}", of_type("now"), of_type("next"))));
    }
    for days in list("periods") {
        let as_of_on = word(days, "as_of_on");
        let as_of = if as_of_on.is_empty() { String::new() } else { format!("Type 1 as of {as_of_on}, ") };
        let period = days.get("period").cloned().unwrap_or_default();
        let period = format!("{as_of}Type 2 from {} to {}", word(&period, "first"), word(&period, "last"));
        told.push((format!("{} dates", name(days)), period));
    }
    let categories: Vec<String> = list("categories")
        .iter()
        .map(|line| format!("{} {}", word(line, "category"), word(line, "level").replace('-', " ")))
        .collect();
    told.push(("categories".to_owned(), categories.join(", ")));
    let warnings: Vec<String> = list("warnings").iter().map(|warning| word(warning, "id")).collect();
    told.push(("warnings".to_owned(), warnings.join(" ")));
    told
}

impl KeptAdvice {
    /// The plain sentences of the advice as it was given.
    pub fn sentences(&self) -> Vec<&str> {
        let sentences = self.advice.get("sentences").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        sentences.iter().filter_map(|sentence| sentence.get("says").and_then(Value::as_str)).collect()
    }

    /// What it concluded, in lines.
    pub fn concluded(&self) -> Vec<(String, String)> {
        conclusions(&self.advice)
    }
}
