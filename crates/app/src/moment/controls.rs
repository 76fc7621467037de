//! Controls as pages show them: the list, and one with its versions, what it serves and what speaks to it.

use jiff::civil::Date;
use tickmark_canonical::Digest;
use tickmark_domain::{
    CalendarQuestion, ControlFigures, ControlId, Engagement, EngagementFigures, EngagementId, FirmTest, ObjectiveId,
    RecordedConclusion, Span, TestStage, WeekMark,
};

use super::{ListedControlTest, Moment, OfferedControlTest};
use crate::{Error, WrittenControl, control_calendar::sentences};

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
    /// What it is in its newest version, in words; none if it never ran.
    pub written: Option<WrittenControl>,
    /// What its population is made of, if the catalog says so.
    pub sampling: Option<tickmark_catalog::Sampling>,
    /// The first day on which it does not run, with the reason.
    pub dropped: Option<(Date, String)>,
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
    /// Control tests about it that wait for a system to be connected.
    pub offered: Vec<OfferedControlTest>,
    /// Documents that are evidence for it: digest, source, date, entry.
    pub documents: Vec<(Digest, String, Date, u64)>,
    /// Tests of controls that firms recorded: engagement, id, test.
    pub firm_tests: Vec<(String, String, &'a FirmTest)>,
    /// When it was due, an engagement each.
    pub occurrences: Vec<OccurrencesView>,
    /// What people concluded of it, an engagement each.
    pub conclusions: Vec<ConcludedView>,
}

/// When a control was due over the days of an engagement, and what the ledger shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OccurrencesView {
    /// The engagement.
    pub engagement: String,
    /// Its days.
    pub span: Span,
    /// A mark for each week of them, Monday to Sunday.
    pub weeks: Vec<WeekMark>,
    /// What it adds up to, a sentence each.
    pub says: Vec<String>,
}

/// A conclusion that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcludedView {
    /// The engagement.
    pub engagement: String,
    /// What it says of the control.
    pub status: String,
    /// Why.
    pub reason: String,
    /// Which newer facts contradict it.
    pub stale_because: Option<String>,
    /// Entry that recorded it.
    pub entry: u64,
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
    /// A recorded risk, and a reviewed test of the design that found nothing.
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
            Self::Design => {
                "Controls in scope that address a recorded risk and whose design, as worded now, people tested or walked through and a second person reviewed, with nothing found."
            }
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
        let newest = self.state.controls.get(id).and_then(|control| control.newest());
        let definition = newest.map(|version| &version.definition);
        let role = definition.and_then(|definition| self.catalog.roles.get(definition.owner_role.as_str()));
        let ever = Span { first: Date::MIN, last: Date::MAX };
        let tests =
            self.index.tests.values().filter(|test| self.state.controls_tested(test, ever).contains(id)).count();
        ListedControl {
            id: id.to_string(),
            title: self.title_of_control(id),
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

    /// A control's title; one that the catalog words the same is not read from the vault.
    fn title_of_control(&self, id: &ControlId) -> String {
        let of_catalog = self.catalog.controls.get(id.as_str()).map(|control| &control.title);
        let newest = self.state.controls.get(id).and_then(|control| control.newest());
        let Some(title) = newest.map(|version| version.definition.title) else {
            return of_catalog.cloned().unwrap_or_default();
        };
        let same = of_catalog.filter(|of_catalog| Digest::of(of_catalog.as_bytes()) == title);
        same.cloned().unwrap_or_else(|| self.text(&title).unwrap_or_else(|_| id.to_string()))
    }

    /// The whole sentence of a control objective: the organization's own, else the catalog's.
    fn objective_text(&self, id: &ObjectiveId) -> Result<String, Error> {
        match self.state.objectives.get(id) {
            Some(own) => self.text(&own.definition.statement),
            None => Ok(self.catalog.objectives.get(id.as_str()).map_or_else(String::new, |o| o.text())),
        }
    }

    /// One control.
    pub fn control(&self, id: &str) -> Result<ControlView<'_>, Error> {
        let unknown = || Error::Unknown { kind: "control", name: id.to_owned() };
        let parsed: ControlId = id.parse().map_err(|_| unknown())?;
        let control = self.state.controls.get(&parsed).ok_or_else(unknown)?;
        let newest = control.newest();
        let versions = control
            .versions
            .iter()
            .rev()
            .map(|version| {
                Ok(StatedVersion {
                    statement: self.text(&version.definition.statement)?,
                    owner: self.name_of(&version.owner),
                    effective_on: version.effective_on,
                    reason: version.reason.map(|reason| self.text(&reason)).transpose()?,
                    entry: version.entry,
                })
            })
            .collect::<Result<_, Error>>()?;
        let dropped = match control.dropped() {
            Some(drop) => Some((drop.dropped_on, self.text(&drop.reason)?)),
            None => None,
        };
        let written =
            newest.map(|version| WrittenControl::of(&version.definition, |digest| self.text(digest))).transpose()?;
        let title = |id: &tickmark_domain::CriterionId| {
            self.catalog.criteria.get(id.as_str()).map_or_else(String::new, |criterion| criterion.title.clone())
        };
        let definition = newest.map(|version| &version.definition);
        let criteria = definition.into_iter().flat_map(|d| &d.criteria).map(|id| (id.to_string(), title(id)));
        let objectives = definition.into_iter().flat_map(|d| &d.objectives);
        let risks = definition.into_iter().flat_map(|d| &d.risks);
        let risks = risks.filter_map(|id| Some((id, self.state.risks.get(id)?)));
        let firm_tests = self.state.engagements.iter().flat_map(|(engagement, of)| {
            of.firm_tests
                .iter()
                .filter(|(_, test)| test.control == parsed)
                .map(|(id, test)| (engagement.to_string(), id.to_string(), test))
        });
        Ok(ControlView {
            listed: self.listed_control(&parsed),
            written,
            sampling: self.catalog.controls.get(id).map(|of_catalog| of_catalog.sampling),
            dropped,
            versions,
            criteria: criteria.collect(),
            objectives: objectives
                .map(|id| Ok((id.to_string(), self.objective_text(id)?)))
                .collect::<Result<_, Error>>()?,
            risks: risks
                .map(|(id, risk)| Ok((id.to_string(), self.text(&risk.statement)?)))
                .collect::<Result<_, Error>>()?,
            tests: self.control_tests().into_iter().filter(|test| test.controls.iter().any(|c| c == id)).collect(),
            offered: self.offered(&parsed),
            documents: self
                .state
                .documents
                .iter()
                .filter(|document| document.control.as_ref() == Some(&parsed))
                .map(|d| (d.document, d.source.to_string(), d.dated_on, d.entry))
                .collect(),
            firm_tests: firm_tests.collect(),
            occurrences: self.occurrences_of(&parsed),
            conclusions: self.conclusions_of(&parsed)?,
        })
    }

    /// When a control was due over the days of each engagement in whose scope it is.
    fn occurrences_of(&self, control: &ControlId) -> Vec<OccurrencesView> {
        let Some(today) = self.state.local_date(self.looked_at()) else { return Vec::new() };
        let engagements = self.state.engagements.iter();
        let in_scope = engagements.filter(|(_, of)| of.controls(&self.state, &self.index).contains_key(control));
        let view = |(id, of): (&EngagementId, &Engagement)| {
            let span = of.report_type.span();
            let question = CalendarQuestion { catalog: &self.index, period: span, today };
            let found = self.state.occurrences([control], question).remove(control)?;
            Some(OccurrencesView { engagement: id.to_string(), span, weeks: found.weeks(), says: sentences(&found) })
        };
        in_scope.filter_map(view).collect()
    }

    /// What people concluded of a control: the newest of each engagement.
    fn conclusions_of(&self, control: &ControlId) -> Result<Vec<ConcludedView>, Error> {
        let of_control = |(id, of)| {
            let engagement: &Engagement = of;
            Some((id, engagement.conclusions.get(control)?.last()?))
        };
        let concluded = self.state.engagements.iter().filter_map(of_control);
        let view = |(id, recorded): (&EngagementId, &RecordedConclusion)| {
            let contradicted = self.state.stale_because(&self.index, id, control, &recorded.conclusion);
            Ok(ConcludedView {
                engagement: id.to_string(),
                status: self.state.conclusion_in_words(&self.index, id, control, &recorded.conclusion),
                reason: self.text(&recorded.conclusion.reason)?,
                stale_because: contradicted.map(|refusal| refusal.to_string()),
                entry: recorded.entry,
            })
        };
        concluded.map(view).collect()
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
        let stated = |id: &ControlId| self.state.controls.get(id).and_then(|control| control.version_for(figures.span));
        let of_control = |(id, control): (&ControlId, &ControlFigures)| Scored {
            id: id.to_string(),
            title: self.title_of_control(id),
            holds: match kind {
                ScoreKind::Design => stated(id).and_then(|version| self.state.is_well_designed(id, version)),
                ScoreKind::Implementation => figures.is_in_place(control),
                ScoreKind::Operation | ScoreKind::EvidenceQuality => figures.came_back_empty(control),
            },
            rests_on: match kind {
                ScoreKind::Design => {
                    let risks = stated(id).into_iter().flat_map(|version| &version.definition.risks);
                    let recorded = risks.filter(|risk| self.state.risks.contains_key(*risk)).count();
                    let tested = self.state.management_tests_of(id);
                    let tested = tested.filter(|(_, test)| test.details.stage != TestStage::Operation).count();
                    vec![("risks", recorded as u64), ("tests of design and walkthroughs", tested as u64)]
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
