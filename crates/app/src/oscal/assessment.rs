//! Management's testing as OSCAL: what is tested (assessment plan), what the tests saw (assessment results), and what is done
//! about it (plan of action and milestones).
//!
//! Invariant: it is management's testing and says so; nothing of the firm's is in it, and no criterion or control objective is
//! called satisfied: that is a conclusion of people, which OSCAL's findings would hold and these files do not.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tickmark_domain::{ControlId, CriterionId, Engagement, EngagementId, ObjectiveId};
use tickmark_ledger::Store;
use tickmark_report::{
    Figure, Prose, counted,
    oscal::{
        Activity, AssessedRisk, AssessmentPlan, AssessmentResult, AssessmentResults, AssessmentSubject,
        AssociatedActivity, DateRange, ImportFile, LocalDefinitions, Metadata, Model, Observation,
        PlanOfActionAndMilestones, PoamItem, Property, RelatedObservation, RelatedRisk, ReviewedControls,
        SubjectReference, Task, Timing,
    },
    view::{
        ControlTesting, ExceptionRow, ExceptionState, ManagementTesting, ManagementTestingView, Outcome, Procedure,
        TestedControl,
    },
};

use super::{Exporter, NOT_RECORDED, token};
use crate::{Error, views::Scene};

/// What a reader must know of all three files.
const OF_MANAGEMENT: &str =
    "Management's own testing, the basis of its assertion. It is no report of any auditor and holds no opinion.";

impl Exporter<'_> {
    /// Adds the three files of an engagement; without an exception there is nothing to plan.
    pub(super) fn add_assessment(
        &self,
        id: &EngagementId,
        engagement: &Engagement,
        files: &mut BTreeMap<String, Model>,
    ) -> Result<(), Error> {
        let criteria = engagement.relevant_criteria(self.house.catalog_index());
        let asked =
            criteria.iter().map(CriterionId::as_str).chain(engagement.objectives.iter().map(ObjectiveId::as_str));
        let Some(reviewed) = ReviewedControls::of(asked.map(token).collect()) else { return Ok(()) };
        let figures = self.house.state().figures(self.house.catalog_index(), id)?;
        let view = Scene::new(self.house, self.house.state(), self.house.size(), id, &figures)?.management_testing()?;
        let of = Assessment { exporter: self, id, view: &view, reviewed };
        let span = engagement.report_type.span();
        files.insert(plan_file(id), Model::AssessmentPlan(Box::new(of.plan((span.first, span.last)))));
        let results = of.results((span.first, span.last))?;
        if !view.exceptions.is_empty() {
            let plan = of.plan_of_action(&results);
            let name = format!("poam-{}.json", token(id.as_str()));
            files.insert(name, Model::PlanOfActionAndMilestones(Box::new(plan)));
        }
        let name = format!("assessment-results-{}.json", token(id.as_str()));
        files.insert(name, Model::AssessmentResults(Box::new(results)));
        Ok(())
    }
}

fn plan_file(id: &EngagementId) -> String {
    format!("assessment-plan-{}.json", token(id.as_str()))
}

struct Assessment<'a> {
    exporter: &'a Exporter<'a>,
    id: &'a EngagementId,
    view: &'a ManagementTestingView,
    reviewed: ReviewedControls,
}

impl Assessment<'_> {
    fn uuid(&self, parts: &[&str]) -> String {
        let mut all = vec!["assessment", self.id.as_str()];
        all.extend(parts);
        self.exporter.uuid(&all)
    }

    fn uuid_of_file(&self, kind: &str) -> String {
        self.uuid(&[kind, &self.exporter.house.size().to_string()])
    }

    fn metadata(&self, what: &str) -> Metadata {
        let mut metadata = self.exporter.metadata(format!("{what}, engagement {}", self.id));
        metadata.remarks = Some(OF_MANAGEMENT.to_owned());
        metadata
    }

    fn import_ssp(&self) -> ImportFile {
        ImportFile { href: super::plan_file(self.id) }
    }

    /// Each test once, with the controls it is about, in the order of print.
    fn control_tests(&self) -> BTreeMap<&str, (&ControlTesting, Vec<&TestedControl>)> {
        let mut tests: BTreeMap<&str, (&ControlTesting, Vec<&TestedControl>)> = BTreeMap::new();
        for control in &self.view.controls {
            for test in &control.tests {
                tests.entry(test.id.as_str()).or_insert_with(|| (test, Vec::new())).1.push(control);
            }
        }
        tests
    }

    fn by_people(&self) -> BTreeMap<&str, (&ManagementTesting, Vec<&TestedControl>)> {
        let mut tests: BTreeMap<&str, (&ManagementTesting, Vec<&TestedControl>)> = BTreeMap::new();
        for control in &self.view.controls {
            for test in &control.management_tests {
                tests.entry(test.id.as_str()).or_insert_with(|| (test, Vec::new())).1.push(control);
            }
        }
        tests
    }

    fn subjects(&self, controls: &[&TestedControl]) -> Vec<SubjectReference> {
        let subject = |control: &&TestedControl| {
            let subject_uuid = self.exporter.component_uuid(&control.id.parse::<ControlId>().ok()?);
            Some(SubjectReference { subject_uuid, kind: "component".to_owned() })
        };
        controls.iter().filter_map(subject).collect()
    }

    fn plan(&self, days: (Date, Date)) -> AssessmentPlan {
        let mut activities = Vec::new();
        let mut associated = Vec::new();
        let mut add = |uuid: String, activity: Activity, controls: &[&TestedControl]| {
            let include_subjects = self.subjects(controls);
            let subjects = vec![AssessmentSubject { kind: "component".to_owned(), include_subjects }];
            associated.push(AssociatedActivity { activity_uuid: uuid, subjects });
            activities.push(activity);
        };
        for (id, (test, controls)) in self.control_tests() {
            let uuid = self.uuid(&["control-test", id]);
            let activity = Activity {
                uuid: uuid.clone(),
                title: Some(said(&test.title)),
                description: said(&test.description),
                props: vec![
                    Property::of_oscal("label", id),
                    Property::own("sql-sha256", &test.sql.to_string()),
                    Property::own("datasets", &said(&test.datasets.join(" "))),
                ],
                related_controls: ReviewedControls::of(measures(&controls)),
            };
            add(uuid, activity, &controls);
        }
        for (id, (test, controls)) in self.by_people() {
            let uuid = self.uuid(&["management-test", id]);
            let activity = Activity {
                uuid: uuid.clone(),
                title: Some(format!("Management test {id}")),
                description: prose(&test.procedure),
                props: vec![Property::of_oscal("label", id), Property::own("stage", &test.stage)],
                related_controls: ReviewedControls::of(measures(&controls)),
            };
            add(uuid, activity, &controls);
        }
        let controls: Vec<&TestedControl> = self.view.controls.iter().collect();
        let subjects = AssessmentSubject { kind: "component".to_owned(), include_subjects: self.subjects(&controls) };
        let (start, end) = moments(days);
        AssessmentPlan {
            uuid: self.uuid_of_file("plan"),
            metadata: self.metadata("Plan of management's testing"),
            import_ssp: self.import_ssp(),
            local_definitions: (!activities.is_empty()).then_some(LocalDefinitions { activities }),
            reviewed_controls: self.reviewed.clone(),
            assessment_subjects: if controls.is_empty() { Vec::new() } else { vec![subjects] },
            tasks: vec![Task {
                uuid: self.uuid(&["task"]),
                kind: "action".to_owned(),
                title: "Tests over the days that the report speaks of".to_owned(),
                timing: Some(Timing { within_date_range: DateRange { start, end } }),
                associated_activities: associated,
            }],
            back_matter: None,
        }
    }

    fn results(&self, days: (Date, Date)) -> Result<AssessmentResults, Error> {
        let mut observations = Vec::new();
        for (id, (test, controls)) in self.control_tests() {
            let Some(entry) = test.entry else { continue };
            let (outcome, says, mut props) = seen(&test.outcome);
            props.splice(..0, [Property::of_oscal("label", id), Property::own("outcome", outcome)]);
            props.push(Property::own("ledger-entry", &entry.to_string()));
            if let Some(rows) = test.rows {
                props.push(Property::own("rows-sha256", &rows.to_string()));
            }
            observations.push(Observation {
                uuid: self.of_control_test(id),
                title: Some(said(&test.title)),
                description: says,
                props,
                methods: vec!["TEST".to_owned()],
                subjects: self.subjects(&controls),
                collected: self.recorded_at(entry)?,
                remarks: (!test.late.is_empty()).then(|| test.late.join(" ")),
            });
        }
        for (id, (test, controls)) in self.by_people() {
            observations.push(Observation {
                uuid: self.of_management_test(id),
                title: Some(format!("Management test {id}")),
                description: prose(&test.finding),
                props: vec![
                    Property::of_oscal("label", id),
                    Property::own("items", &shown(&test.items)),
                    Property::own("exceptions", &shown(&test.exceptions)),
                    Property::own("ledger-entry", &test.entry.to_string()),
                ],
                methods: methods(&test.procedures),
                subjects: self.subjects(&controls),
                collected: self.recorded_at(test.entry)?,
                remarks: None,
            });
        }
        let known: Vec<&str> = observations.iter().map(|observation| observation.uuid.as_str()).collect();
        let risks = self.view.exceptions.iter().map(|exception| self.risk(exception, &known)).collect();
        let (start, end) = moments(days);
        let result = AssessmentResult {
            uuid: self.uuid(&["result", &self.exporter.house.size().to_string()]),
            title: "Management's testing".to_owned(),
            description: OF_MANAGEMENT.to_owned(),
            start,
            end: Some(end),
            props: Vec::new(),
            reviewed_controls: self.reviewed.clone(),
            observations,
            risks,
        };
        Ok(AssessmentResults {
            uuid: self.uuid_of_file("results"),
            metadata: self.metadata("Results of management's testing"),
            import_ap: ImportFile { href: plan_file(self.id) },
            results: vec![result],
            back_matter: None,
        })
    }

    fn of_control_test(&self, id: &str) -> String {
        self.uuid(&["observation", "control-test", id])
    }

    fn of_management_test(&self, id: &str) -> String {
        self.uuid(&["observation", "management-test", id])
    }

    fn recorded_at(&self, entry: u64) -> Result<String, Error> {
        let house = self.exporter.house;
        Ok(house.store.reader()?.entry(&house.origin, entry)?.entry.recorded_at.to_string())
    }

    /// What showed an exception.
    fn shown_by(&self, exception: &ExceptionRow) -> Option<String> {
        let by_control_test = exception.control_test.as_ref().map(|id| self.of_control_test(id));
        by_control_test.or_else(|| exception.management_test.as_ref().map(|id| self.of_management_test(id)))
    }

    fn risk(&self, exception: &ExceptionRow, known: &[&str]) -> AssessedRisk {
        let shown_by = self.shown_by(exception).filter(|uuid| known.contains(&uuid.as_str()));
        AssessedRisk {
            uuid: self.uuid(&["exception", &exception.id]),
            title: said(&exception.title),
            description: said(&exception.found),
            statement: exception
                .assessment
                .as_ref()
                .map_or("Management has not recorded what it means.".to_owned(), |assessed| prose(&assessed.effect)),
            props: state(exception),
            status: status(exception.state).to_owned(),
            related_observations: shown_by
                .map(|observation_uuid| RelatedObservation { observation_uuid })
                .into_iter()
                .collect(),
        }
    }

    fn plan_of_action(&self, results: &AssessmentResults) -> PlanOfActionAndMilestones {
        let items = self.view.exceptions.iter().map(|exception| PoamItem {
            uuid: Some(self.uuid(&["to-do", &exception.id])),
            title: said(&exception.title),
            description: exception
                .response
                .as_ref()
                .map_or("Management has not recorded a response.".to_owned(), prose),
            props: state(exception),
            related_observations: Vec::new(),
            related_risks: vec![RelatedRisk { risk_uuid: self.uuid(&["exception", &exception.id]) }],
        });
        let all = || results.results.iter();
        let risks: Vec<AssessedRisk> = all().flat_map(|result| &result.risks).cloned().collect();
        let shows = |observation: &&Observation| {
            let mut related = risks.iter().flat_map(|risk| &risk.related_observations);
            related.any(|related| related.observation_uuid == observation.uuid)
        };
        PlanOfActionAndMilestones {
            uuid: self.uuid_of_file("plan-of-action"),
            metadata: self.metadata("What is done about exceptions"),
            import_ssp: Some(self.import_ssp()),
            observations: all().flat_map(|result| &result.observations).filter(shows).cloned().collect(),
            poam_items: items.collect(),
            risks,
            back_matter: None,
        }
    }
}

/// The first and the last moment of some days; which zone a day is of, the report says.
fn moments((first, last): (Date, Date)) -> (String, String) {
    (format!("{first}T00:00:00Z"), format!("{last}T23:59:59Z"))
}

/// What OSCAL asks for, or that nobody recorded it.
fn said(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { NOT_RECORDED.to_owned() } else { text.to_owned() }
}

fn prose(text: &Prose) -> String {
    said(&text.prose)
}

fn shown(figure: &Figure) -> String {
    figure.as_count().map_or_else(|| figure.figure.shown(), |count| count.to_string())
}

/// The criteria or control objectives in scope that controls serve.
fn measures(controls: &[&TestedControl]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in controls.iter().flat_map(|control| &control.measures).map(|id| token(id)) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Outcome as a word, as a sentence, and its figures.
fn seen(outcome: &Outcome) -> (&'static str, String, Vec<Property>) {
    let items = |population: &Figure| counted(population.as_count().unwrap_or_default(), "item", "items");
    let of = |population: &Figure| Property::own("population", &shown(population));
    match outcome {
        Outcome::NoExceptions { population } => {
            ("no-exceptions", format!("No exceptions in a population of {}.", items(population)), vec![of(population)])
        }
        Outcome::Exceptions { population, exceptions } => (
            "exceptions",
            format!("{} with exceptions in a population of {}.", items(exceptions), items(population)),
            vec![of(population), Property::own("exceptions", &shown(exceptions))],
        ),
        Outcome::NoOccurrence { population } => {
            ("no-occurrence", "Nothing happened to which the control applies.".to_owned(), vec![of(population)])
        }
        Outcome::NotEvaluable { reason } => ("not-evaluable", format!("Not evaluable: {}", said(reason)), Vec::new()),
        Outcome::Error { message } => ("error", format!("The control test failed: {}", said(message)), Vec::new()),
    }
}

/// OSCAL's word for each procedure, once.
fn methods(procedures: &[Procedure]) -> Vec<String> {
    let mut methods: Vec<String> = Vec::new();
    for procedure in procedures {
        let word = match procedure {
            Procedure::Inquiry => "INTERVIEW",
            Procedure::Observation | Procedure::Inspection => "EXAMINE",
            Procedure::Reperformance => "TEST",
        };
        if !methods.iter().any(|known| known == word) {
            methods.push(word.to_owned());
        }
    }
    if methods.is_empty() { vec!["UNKNOWN".to_owned()] } else { methods }
}

/// OSCAL's word for where a risk stands.
fn status(state: ExceptionState) -> &'static str {
    match state {
        ExceptionState::Open => "open",
        ExceptionState::Responded => "investigating",
        ExceptionState::Remediated => "remediating",
        ExceptionState::Retested | ExceptionState::Withdrawn => "closed",
    }
}

/// An exception's own state and figures.
fn state(exception: &ExceptionRow) -> Vec<Property> {
    let word = match exception.state {
        ExceptionState::Open => "OPEN",
        ExceptionState::Responded => "RESPONDED",
        ExceptionState::Remediated => "REMEDIATED",
        ExceptionState::Retested => "RETESTED",
        ExceptionState::Withdrawn => "WITHDRAWN",
    };
    let mut props = vec![
        Property::of_oscal("label", &exception.id),
        Property::own("state", word),
        Property::own("control", &exception.control),
        Property::own("items", &shown(&exception.items)),
        Property::own("first-seen", &exception.first_seen.to_string()),
        Property::own("last-seen", &exception.last_seen.to_string()),
    ];
    props.extend(exception.entry.map(|entry| Property::own("ledger-entry", &entry.to_string())));
    props
}
