//! A checklist of controls to put in place before any connector collects: usable by hand, on paper and as a workbook. It
//! may be about no engagement at all, holds no figure of the ledger, and so is no [`super::Document`] and stands in no package.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything a checklist prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistView {
    /// Whose it is; none for one that is made from the catalog alone.
    pub organization: Option<String>,
    /// The day on which it was made.
    pub made_on: Date,
    /// What it is for: industries, categories, engagements, in words.
    pub scope: Vec<String>,
    /// Whether lines for SOC 1 stand in it.
    pub soc1: bool,
    /// Whether lines for SOC 2 stand in it.
    pub soc2: bool,
    /// The catalog's digest, in full.
    pub catalog: String,
    /// The ledger size whose state the lines show; none without an engagement.
    pub ledger_size: Option<u64>,
    /// Groups of lines, in the order of print.
    pub sections: Vec<ChecklistSection>,
}

/// Lines about one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistSection {
    /// The subject: a family of controls or a control objective.
    pub title: String,
    /// Its lines.
    pub lines: Vec<ChecklistLine>,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistLine {
    /// Its id.
    pub control: String,
    /// A few words.
    pub title: String,
    /// What to have in place.
    pub have_in_place: String,
    /// Evidence that satisfies it, each to be ticked by itself.
    pub evidence: Vec<String>,
    /// The role that answers for it, and the person where the ledger knows one.
    pub owner: String,
    /// How often it acts.
    pub how_often: String,
    /// Control objectives of the scope that it serves (SOC 1).
    pub objectives: Vec<String>,
    /// Criteria of the scope that it serves (SOC 2).
    pub criteria: Vec<String>,
    /// What the ledger shows of it; none without an engagement.
    pub ledger_shows: Option<String>,
}

impl ChecklistLine {
    /// The reports it serves: one line stands for both.
    pub fn reports(&self) -> &'static str {
        match (self.objectives.is_empty(), self.criteria.is_empty()) {
            (false, false) => "SOC 1 and SOC 2",
            (false, true) => "SOC 1",
            (true, _) => "SOC 2",
        }
    }
}

impl ChecklistView {
    /// How many controls serve SOC 1, SOC 2, and both; one that serves both is counted in each.
    pub fn counts(&self) -> (usize, usize, usize) {
        let lines = || self.sections.iter().flat_map(|section| &section.lines);
        let soc1 = lines().filter(|line| !line.objectives.is_empty()).count();
        let soc2 = lines().filter(|line| !line.criteria.is_empty()).count();
        (soc1, soc2, soc1 + soc2 - lines().count())
    }
}
