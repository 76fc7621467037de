//! What a gap is, and in which order gaps are closed.
//!
//! **Severity** is the audit risk that a gap leaves, the sum of what it concerns and of what it is:
//!
//! | points | what it concerns |
//! |---|---|
//! | 3 | a criterion or control objective without any control |
//! | 2 | a key control, or a criterion or control objective as a whole |
//! | 1 | another control |
//!
//! | points | what it is |
//! |---|---|
//! | 2 | nothing is there: no control, no answer to a risk, not in place, no evidence over the period, no result that can be used; or exceptions in 5 percent of the population or more, the highest rate that a strict sample tolerates |
//! | 1 | something is there and not all of it: a risk not recorded, an owner gone, evidence not named, completeness and accuracy not checked, exceptions in less than 5 percent |
//!
//! 4 and 5 are high, 3 is medium, 2 is low. **Effort** is small for one act in the program itself; medium where a person of
//! the organization has to bring, collect or answer something, or to begin a control that the catalog words; large where a
//! control has to be thought up, where days have to pass, or where more than twenty-five items wait.
//!
//! Gaps are in the order of severity, then points, then effort (least first), then how much of the scope they concern (most first),
//! then kind, control and what they concern.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use crate::{ControlId, Measure};

/// More items than one person answers one by one.
pub(crate) const MANY_ITEMS: u64 = 25;

/// From this share of the population on, exceptions weigh as much as evidence that is not there.
pub(crate) const WEIGHTY_PERCENT: u64 = 5;

/// What is lacking, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// What kind it is.
    pub kind: GapKind,
    /// What is in scope and concerned.
    pub measures: BTreeSet<Measure>,
    /// The control concerned, if it is one.
    pub control: Option<ControlId>,
    /// How much it puts at risk what is in scope.
    pub severity: Severity,
    /// The points behind the severity.
    pub points: u32,
    /// Why it weighs so much, in a few words.
    pub because: String,
    /// What it takes to close it.
    pub effort: GapEffort,
    /// What was found.
    pub found: String,
    /// The next step: a command, or what which person does.
    pub next: String,
}

/// Kinds of gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// No control serves it.
    Missing,
    /// What a control is, or what it answers, is not stated.
    Design,
    /// What was looked at shows that the control is not in place, or it begins later.
    NotImplemented,
    /// Nothing shows that the control is in place, or that it acted in the period.
    NoEvidence,
    /// The completeness and accuracy of what a control uses was not checked.
    UntestedIpe,
    /// Exceptions whose cause is not gone.
    ExceptionsOpen,
    /// A control test ran and could not be evaluated.
    NotEvaluable,
}

impl GapKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::Design,
        Self::NotImplemented,
        Self::NoEvidence,
        Self::UntestedIpe,
        Self::ExceptionsOpen,
        Self::NotEvaluable,
    ];
}

impl fmt::Display for GapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Design => "design",
            Self::NotImplemented => "not implemented",
            Self::NoEvidence => "no evidence",
            Self::UntestedIpe => "untested IPE",
            Self::ExceptionsOpen => "exceptions open",
            Self::NotEvaluable => "not evaluable",
        })
    }
}

/// How much a gap puts at risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the field's own words; the module says the rule")]
pub enum Severity {
    High,
    Medium,
    Low,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        })
    }
}

/// What it takes to close a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the field's own words; the module says the rule")]
pub enum GapEffort {
    Small,
    Medium,
    Large,
}

impl fmt::Display for GapEffort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        })
    }
}

/// What a gap concerns, for its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concerns {
    /// A criterion or control objective without any control.
    NoControlAtAll,
    /// A key control, or a criterion or control objective as a whole.
    Key,
    /// Another control.
    Other,
}

/// How much of it is there, for a gap's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsThere {
    /// Nothing.
    Nothing,
    /// Something.
    Some,
}

/// The points of a gap and what they come to.
pub(crate) fn weighed(concerns: Concerns, is_there: IsThere) -> (u32, Severity) {
    let concerned = match concerns {
        Concerns::NoControlAtAll => 3,
        Concerns::Key => 2,
        Concerns::Other => 1,
    };
    let points = concerned
        + match is_there {
            IsThere::Nothing => 2,
            IsThere::Some => 1,
        };
    let severity = match points {
        4.. => Severity::High,
        3 => Severity::Medium,
        _ => Severity::Low,
    };
    (points, severity)
}

/// Why a gap weighs what it does: what it concerns, and how much is there.
pub(crate) fn because(kind: GapKind, concerns: Concerns, is_there: IsThere, measure: Option<&Measure>) -> String {
    let concerned = match (concerns, measure) {
        (Concerns::NoControlAtAll, _) => "nothing stands behind it".to_owned(),
        (Concerns::Key | Concerns::Other, Some(measure)) => format!("a {} as a whole", measure.kind()),
        (Concerns::Key, None) => "a key control".to_owned(),
        (Concerns::Other, None) => "a supporting control".to_owned(),
    };
    let there = match (kind, is_there) {
        (GapKind::ExceptionsOpen, IsThere::Nothing) => format!("exceptions in {WEIGHTY_PERCENT} % or more"),
        (GapKind::ExceptionsOpen, IsThere::Some) => format!("exceptions in less than {WEIGHTY_PERCENT} %"),
        (
            GapKind::Missing
            | GapKind::Design
            | GapKind::NotImplemented
            | GapKind::NoEvidence
            | GapKind::UntestedIpe
            | GapKind::NotEvaluable,
            _,
        ) => match is_there {
            IsThere::Nothing => "nothing is there".to_owned(),
            IsThere::Some => "something is there".to_owned(),
        },
    };
    format!("{concerned}; {there}")
}

/// Gaps in the order in which to close them.
pub(crate) fn ranked(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort_by(|a, b| {
        let key =
            |gap: &Gap| (gap.severity, u32::MAX - gap.points, gap.effort, usize::MAX - gap.measures.len(), gap.kind);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.control.cmp(&b.control))
            .then_with(|| a.measures.cmp(&b.measures))
            .then_with(|| a.found.cmp(&b.found))
    });
    gaps
}
