//! Controls as pages show them: the list, and one with its versions, what it serves and what speaks to it.

use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_domain::{ControlFigures, ControlId, EngagementFigures, FirmTest};

use super::{ListedControlTest, Moment};
use crate::Error;

/// A control in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedControl {
    /// Its id.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The office that answers for it.
    pub owner_role: String,
    /// Engagements in whose scope it is.
    pub engagements: Vec<String>,
    /// Control tests about it.
    pub tests: u64,
    /// Versions recorded.
    pub versions: u64,
}

/// A control with all that is known of it.
#[derive(Debug, Clone)]
pub struct ControlView<'a> {
    /// As in the list.
    pub listed: ListedControl,
    /// As the catalog in force has it; none if the catalog no longer has it.
    pub rule: Option<&'a tickmark_catalog::Control>,
    /// Its versions, newest first.
    pub versions: Vec<StatedVersion>,
    /// Criteria it serves: id and title.
    pub criteria: Vec<(String, String)>,
    /// Control objectives it serves: id and text.
    pub objectives: Vec<(String, String)>,
    /// Risks it addresses: id and statement.
    pub risks: Vec<(String, String)>,
    /// Control tests about it, an engagement each.
    pub tests: Vec<ListedControlTest>,
    /// Documents that are evidence for it: digest, source, date, entry.
    pub documents: Vec<(Digest, String, Date, u64)>,
    /// Tests of controls that firms recorded: engagement, id, test.
    pub firm_tests: Vec<(String, String, &'a FirmTest)>,
}

/// One version of a control, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedVersion {
    /// The statement.
    pub statement: String,
    /// Who owned it.
    pub owner: String,
    /// From which day it is true.
    pub effective_on: Date,
    /// Why it replaced the one before.
    pub reason: Option<String>,
    /// Entry that recorded it.
    pub entry: u64,
}

/// One of the four scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreKind {
    /// A statement, an owner and a recorded risk.
    Design,
    /// A document, or extracts of every dataset of one of its control tests.
    Implementation,
    /// Every control test over the days came back without exceptions.
    Operation,
    /// Extracts are complete.
    EvidenceQuality,
}

/// What a score counts, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// A control, or a dataset for evidence quality.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Whether it holds; none if nobody has looked.
    pub holds: Option<bool>,
    /// What the verdict rests on, each with its count: documents, control tests, extracts.
    pub rests_on: Vec<(&'static str, u64)>,
}

impl ScoreKind {
    /// The four, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Design, Self::Implementation, Self::Operation, Self::EvidenceQuality];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Implementation => "implementation",
            Self::Operation => "operation",
            Self::EvidenceQuality => "evidence quality",
        }
    }

    /// Its name in an address.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Implementation => "implementation",
            Self::Operation => "operation",
            Self::EvidenceQuality => "evidence-quality",
        }
    }

    /// What it counts, in a sentence.
    pub fn counts(self) -> &'static str {
        match self {
            Self::Design => "Controls in scope with a statement, an owner and a recorded risk that they address.",
            Self::Implementation => {
                "Controls in scope that a document shows, or whose control tests have extracts of every dataset they read."
            }
            Self::Operation => {
                "Controls in scope whose control tests all came back without exceptions over the whole period. That a control operated is a person's conclusion, not this count."
            }
            Self::EvidenceQuality => {
                "Datasets that control tests read and whose extracts are all complete: the collection ended, and rows and control totals equal the source's own."
            }
        }
    }

    /// The score among an engagement's figures.
    pub fn of(self, figures: &EngagementFigures) -> tickmark_domain::Score {
        match self {
            Self::Design => figures.design,
            Self::Implementation => figures.implementation,
            Self::Operation => figures.operation,
            Self::EvidenceQuality => figures.evidence_quality,
        }
    }
}

impl Moment {
    /// The control set.
    pub fn controls(&self) -> Vec<ListedControl> {
        self.state.controls.keys().map(|id| self.listed_control(id)).collect()
    }

    fn listed_control(&self, id: &ControlId) -> ListedControl {
        let rule = self.catalog.controls.get(id.as_str());
        let role = rule.and_then(|rule| self.catalog.roles.get(&rule.owner));
        let tests = self.index.tests.values().filter(|test| test.controls.contains(id)).count();
        ListedControl {
            id: id.to_string(),
            title: rule.map_or_else(String::new, |rule| rule.title.clone()),
            owner_role: role.map_or_else(String::new, |role| role.title.clone()),
            engagements: self
                .figures()
                .iter()
                .filter(|(_, figures)| figures.controls.contains_key(id))
                .map(|(engagement, _)| engagement.to_string())
                .collect(),
            tests: tests as u64,
            versions: self.state.controls.get(id).map_or(0, |control| control.versions.len() as u64),
        }
    }

    /// One control.
    pub fn control(&self, id: &str) -> Result<ControlView<'_>, Error> {
        let unknown = || Error::Unknown { kind: "control", name: id.to_owned() };
        let parsed: ControlId = id.parse().map_err(|_| unknown())?;
        let control = self.state.controls.get(&parsed).ok_or_else(unknown)?;
        let rule = self.catalog.controls.get(id);
        let versions = control
            .versions
            .iter()
            .rev()
            .map(|version| {
                Ok(StatedVersion {
                    statement: self.text(&version.statement)?,
                    owner: self.name_of(&version.owner),
                    effective_on: version.effective_on,
                    reason: version.reason.map(|reason| self.text(&reason)).transpose()?,
                    entry: version.entry,
                })
            })
            .collect::<Result<_, Error>>()?;
        let criteria = rule.map(|rule| rule.criteria.as_slice()).unwrap_or_default().iter();
        let objectives = rule.map(|rule| rule.objectives.as_slice()).unwrap_or_default().iter();
        let firm_tests = self.state.engagements.iter().flat_map(|(engagement, of)| {
            of.firm_tests
                .iter()
                .filter(|(_, test)| test.control == parsed)
                .map(|(id, test)| (engagement.to_string(), id.to_string(), test))
        });
        Ok(ControlView {
            listed: self.listed_control(&parsed),
            rule,
            versions,
            criteria: criteria
                .map(|id| (id.to_string(), self.catalog.criteria.get(id).map_or_else(String::new, |c| c.title.clone())))
                .collect(),
            objectives: objectives
                .map(|id| (id.to_string(), self.catalog.objectives.get(id).map_or_else(String::new, |o| o.text())))
                .collect(),
            risks: self
                .catalog
                .risks
                .values()
                .filter(|risk| risk.addressed_by.iter().any(|c| **c == *id))
                .map(|risk| (risk.id.to_string(), risk.statement.clone()))
                .collect(),
            tests: self.control_tests().into_iter().filter(|test| test.controls.iter().any(|c| c == id)).collect(),
            documents: self
                .state
                .documents
                .iter()
                .filter(|document| document.control.as_ref() == Some(&parsed))
                .map(|d| (d.document, d.source.to_string(), d.dated_on, d.entry))
                .collect(),
            firm_tests: firm_tests.collect(),
        })
    }

    /// What a score of an engagement counts.
    pub fn scored(&self, engagement: &str, kind: ScoreKind) -> Result<Vec<Scored>, Error> {
        let (_, figures) = self.figures_of(engagement)?;
        if kind == ScoreKind::EvidenceQuality {
            let inputs: std::collections::BTreeMap<_, _> =
                figures.tests.values().flat_map(|test| &test.inputs).collect();
            let scored = inputs.into_iter().map(|(id, input)| Scored {
                id: id.to_string(),
                title: self.catalog.datasets.get(id.as_str()).map_or_else(String::new, |d| d.title.clone()),
                holds: input.is_complete(),
                rests_on: vec![("extracts", input.extracts), ("extracts not complete", input.incomplete)],
            });
            return Ok(scored.collect());
        }
        let of_control = |(id, control): (&ControlId, &ControlFigures)| Scored {
            id: id.to_string(),
            title: self.catalog.controls.get(id.as_str()).map_or_else(String::new, |c| c.title.clone()),
            holds: match kind {
                ScoreKind::Design => Some(self.state.addresses_a_risk(&self.index, id)),
                ScoreKind::Implementation => figures.is_in_place(control),
                ScoreKind::Operation | ScoreKind::EvidenceQuality => figures.came_back_empty(control),
            },
            rests_on: match kind {
                ScoreKind::Design => {
                    let risks = self.index.controls.get(id).map(|rule| &rule.risks);
                    let recorded = risks
                        .map_or(0, |risks| risks.iter().filter(|risk| self.state.risks.contains_key(*risk)).count());
                    vec![("risks", recorded as u64)]
                }
                ScoreKind::Implementation => {
                    vec![("documents", control.documents), ("control tests", control.tests.len() as u64)]
                }
                ScoreKind::Operation | ScoreKind::EvidenceQuality => {
                    vec![("control tests", control.tests.len() as u64)]
                }
            },
        };
        Ok(figures.controls.iter().map(of_control).collect())
    }
}
