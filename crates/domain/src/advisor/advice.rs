//! What the advisor says: levels, types, dates, scope and mistakes to avoid.
//!
//! Invariant: every statement carries its basis: the rules that made it, each with the answers behind it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    answer_text,
    choice::Month,
    contradictions::Contradiction,
    coverage::Coverage,
    level::{AdvisedType, Confidence, Level, Subject, When},
    owed::OwedReport,
    question::Question,
    rule::Rule,
};
use crate::Span;

/// The advice for a profile on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The day it was given; every date rests on it.
    pub today: Date,
    /// The answer in plain sentences, the most important first.
    pub sentences: Vec<Statement>,
    /// How strongly each report is advised.
    pub reports: Vec<ReportAdvice>,
    /// Which type of each report that is gone for.
    pub types: Vec<TypeAdvice>,
    /// Trust services categories of a SOC 2.
    pub categories: Vec<CategoryAdvice>,
    /// Families of control objectives of a SOC 1.
    pub objectives: Vec<ObjectiveFamily>,
    /// How each provider is treated in each report.
    pub subservice: Vec<ProviderAdvice>,
    /// As-of dates, periods and the cover that they give.
    pub periods: Vec<PeriodAdvice>,
    /// Each report that is owed, with its own answer.
    pub owed: Vec<OwedReport>,
    /// What to do when, in order.
    pub plan: Vec<Step>,
    /// What else follows.
    pub notes: Vec<Statement>,
    /// Mistakes to avoid.
    pub warnings: Vec<Warning>,
    /// How sure this is.
    pub confidence: ConfidenceAdvice,
    /// Answers that cannot all be right.
    pub contradictions: Vec<Contradiction>,
    /// Questions without an answer that could still matter.
    pub open: Vec<Question>,
}

/// A rule that fired, with the answers that made it fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// The rule.
    pub rule: Rule,
    /// The answers behind it.
    pub answers: Vec<Answered>,
}

/// A question with the answer that a profile gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The question.
    pub question: Question,
    /// The answer as a person would type it; `unknown` is one.
    pub answer: String,
}

/// One sentence with its basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The sentence.
    pub says: String,
    /// Why.
    pub basis: Vec<Basis>,
}

/// How strongly a report is advised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportAdvice {
    /// Which.
    pub report: Subject,
    /// How strongly.
    pub level: Level,
    /// Whether the level rests on an unknown answer and may change with it.
    pub provisional: bool,
    /// Whether answers that disagree would give another level, read the other way.
    pub disputed: bool,
    /// Now, planned or watched.
    pub when: When,
    /// Every rule that spoke for it, the strongest first.
    pub basis: Vec<Basis>,
}

/// Which type of a report comes now and which next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TypeAdvice {
    /// Which report.
    pub report: Subject,
    /// The type to get now.
    pub now: AdvisedType,
    /// The type after it.
    pub next: AdvisedType,
    /// Why.
    pub basis: Vec<Basis>,
}

/// A trust services category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategoryAdvice {
    /// Its id in the catalog, such as `processing-integrity`.
    pub category: &'static str,
    /// How strongly.
    pub level: Level,
    /// Why.
    pub basis: Vec<Basis>,
}

/// A family of control objectives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObjectiveFamily {
    /// The industry in the catalog; none if only general objectives are proposed.
    pub industry: Option<&'static str>,
    /// Only these objectives of it; all, if none is named.
    pub only: Vec<&'static str>,
    /// The IT general controls that go with it.
    pub itgc: Itgc,
    /// Why.
    pub basis: Vec<Basis>,
}

/// Which objectives for IT general controls go with a family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Itgc {
    /// Those that the catalog lists for the industry.
    OfIndustry,
    /// These.
    Only(Vec<&'static str>),
    /// None.
    Nothing,
}

/// How a provider is treated in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderAdvice {
    /// Its name.
    pub provider: String,
    /// In which report.
    pub report: Subject,
    /// How.
    pub treatment: Treatment,
    /// What to do about it.
    pub says: &'static str,
    /// Why.
    pub basis: Vec<Basis>,
}

/// How a provider is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// A subservice organization whose controls are left out and named.
    CarveOut,
    /// A subservice organization whose controls are part of the examination.
    Inclusive,
    /// A provider whose work one's own controls cover.
    NotNeeded,
    /// A provider without controls that matter here.
    Vendor,
    /// Not enough is known.
    Undecided,
}

impl Treatment {
    /// As people write it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::CarveOut => "carve-out",
            Self::Inclusive => "inclusive",
            Self::NotNeeded => "not needed",
            Self::Vendor => "vendor",
            Self::Undecided => "not decided",
        }
    }
}

/// The days of one report, and what they cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodAdvice {
    /// Which report.
    pub report: Subject,
    /// The as-of date, if a Type 1 comes first.
    pub as_of_on: Option<Date>,
    /// The period of the first Type 2 from now on.
    pub period: Span,
    /// The period after it.
    pub renewal: Span,
    /// The cover that the period gives user entities, by the month in which their years end.
    pub coverage: Vec<YearEndCover>,
    /// How many user entities get a gap of at most three months and at least nine months of cover, once periods run on;
    /// unknown year-ends give none.
    pub well_covered: Option<Served>,
    /// The standards that the report names.
    pub standards: Vec<Standard>,
    /// Why.
    pub basis: Vec<Basis>,
}

/// A standard under which a report is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standard {
    /// A SOC 1 of the United States.
    #[serde(rename = "AT-C 320")]
    AtC320,
    /// A SOC 2 of the United States.
    #[serde(rename = "AT-C 205")]
    AtC205,
    /// The international standard for what a SOC 1 answers.
    #[serde(rename = "ISAE 3402")]
    Isae3402,
}

impl Standard {
    /// As people write it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::AtC320 => "AT-C 320",
            Self::AtC205 => "AT-C 205",
            Self::Isae3402 => "ISAE 3402",
        }
    }
}

/// How many user entities a last day serves, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Served {
    /// Those with a gap of three months or less.
    pub served: u64,
    /// All whose year-ends are known.
    pub of: u64,
}

impl Served {
    /// In whole percent, rounded half up.
    pub fn percent(self) -> u64 {
        let of = self.of.max(1);
        (self.served.saturating_mul(200).saturating_add(of)) / of.saturating_mul(2)
    }
}

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} user entities ({} %)", self.served, self.of, self.percent())
    }
}

/// The cover of one month's year-ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YearEndCover {
    /// The month in which the fiscal years end.
    pub month: Month,
    /// How many user entities.
    pub user_entities: u32,
    /// Whether the answer is an assumption, since no year-end is known.
    pub assumed: bool,
    /// Days covered and gap.
    pub cover: Coverage,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// First day.
    pub first: Date,
    /// Last day; the same for a step of one day.
    pub last: Date,
    /// For which report; none for all.
    pub report: Option<Subject>,
    /// What.
    pub what: &'static str,
    /// Why.
    pub basis: Vec<Basis>,
}

/// A mistake to avoid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Its id, `W01` to `W17`.
    pub id: &'static str,
    /// The text to show.
    pub says: &'static str,
    /// Why here.
    pub basis: Vec<Basis>,
}

/// How sure the advice is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfidenceAdvice {
    /// How sure.
    pub level: Confidence,
    /// Why.
    pub basis: Vec<Basis>,
}

impl ReportAdvice {
    /// Whether the level says no only because an answer is unknown: people are told that it is not known, never "no".
    pub fn is_not_known(&self) -> bool {
        self.provisional && self.level <= Level::UsuallyNo
    }

    /// The level as people are told it.
    pub fn told(&self) -> String {
        if self.is_not_known() {
            "not known yet".to_owned()
        } else if self.disputed {
            format!("{} (answers disagree)", self.level)
        } else if self.provisional {
            format!("{} (provisional)", self.level)
        } else {
            self.level.to_string()
        }
    }
}

impl Answered {
    /// The answer in words, for readers who do not type them.
    pub fn in_words(&self) -> String {
        answer_text::said(self.question, &self.answer)
    }
}

impl Basis {
    /// The rule with the answers behind it, such as `T04: Q17 2026-05-01`.
    pub fn told(&self) -> String {
        let answers: Vec<String> =
            self.answers.iter().map(|line| format!("{} {}", line.question, line.answer)).collect();
        if answers.is_empty() { self.rule.id.to_owned() } else { format!("{}: {}", self.rule.id, answers.join(", ")) }
    }
}

impl Advice {
    /// What is said of a report.
    pub fn report(&self, subject: Subject) -> Option<&ReportAdvice> {
        self.reports.iter().find(|advice| advice.report == subject)
    }

    /// The level of a report.
    pub fn level(&self, subject: Subject) -> Level {
        self.report(subject).map_or(Level::No, |advice| advice.level)
    }

    /// What is said of a report's type.
    pub fn type_of(&self, subject: Subject) -> Option<&TypeAdvice> {
        self.types.iter().find(|advice| advice.report == subject)
    }

    /// What is said of a report's days.
    pub fn period_of(&self, subject: Subject) -> Option<&PeriodAdvice> {
        self.periods.iter().find(|advice| advice.report == subject)
    }
}
