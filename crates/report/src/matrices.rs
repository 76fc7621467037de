//! The matrices behind a report and behind management's testing as workbooks: functions of the same views as the documents.
//!
//! Invariant: a workbook says no more than its view; a cell that holds people's words is never a formula.

use std::collections::BTreeMap;

use crate::{
    Cell, Error, Figure, FigureValue, Sheet, WorkbookTitle, sheets_workbook,
    view::{
        Automation, Complementary, ControlView, EngagementView, Extent, FirmResult, ManagementTestExtent,
        ManagementTestingView, Measure, Nature, Outcome, Procedure, Provenance, ReportView, Severity, TestedControl,
    },
};

/// The matrices of a report: controls by objective or criterion, the firm's tests and results, complementary controls.
pub fn report_workbook(view: &ReportView) -> Result<Vec<u8>, Error> {
    let description = &view.description;
    let mut sheets = vec![controls(&description.measures, &description.controls)];
    if view.tests_of_controls.is_some() {
        sheets.push(firm_tests(view));
    }
    let complementary = [
        ("User entity controls", &description.complementary_user_entity_controls),
        ("Subservice controls", &description.complementary_subservice_organization_controls),
    ];
    sheets
        .extend(complementary.into_iter().filter(|(_, rows)| !rows.is_empty()).map(|(name, rows)| assumed(name, rows)));
    let what =
        "The matrices of the report. Tests and results are those that the firm recorded under its own authority.";
    sheets.push(about(&view.engagement, &view.provenance, what));
    sheets_workbook(&title(&view.engagement, "Matrices of the report"), &sheets)
}

/// The matrices of management's testing: control tests with population, exceptions and outcome, tests by people,
/// conclusions, and the records of the information that the tests rest on.
pub fn testing_workbook(view: &ManagementTestingView) -> Result<Vec<u8>, Error> {
    let sheets = [
        control_tests(&view.controls),
        tests_by_people(&view.controls),
        conclusions(&view.controls),
        information(view),
        about(
            &view.engagement,
            &view.provenance,
            "Management's own testing, the basis of its assertion. It is not an opinion and not part of the service auditor's \
             report.",
        ),
    ];
    sheets_workbook(&title(&view.engagement, "Matrices of management's testing"), &sheets)
}

fn title(engagement: &EngagementView, what: &str) -> WorkbookTitle {
    WorkbookTitle {
        title: format!("{what}, {}", engagement.id),
        organization: engagement.organization.name.clone(),
        made_on: engagement.prepared_on,
    }
}

fn nothing() -> Cell {
    Cell::Text(String::new())
}

fn figure(figure: &Figure) -> Cell {
    match figure.figure {
        FigureValue::Count(count) => Cell::Count(count),
        FigureValue::Days(_) | FigureValue::Money { .. } | FigureValue::Decimal(_) => figure.figure.shown().into(),
    }
}

fn optional(value: Option<&Figure>) -> Cell {
    value.map_or_else(nothing, figure)
}

fn entry(entry: Option<u64>) -> Cell {
    entry.map_or_else(nothing, Cell::Count)
}

fn nature(nature: Nature) -> &'static str {
    match nature {
        Nature::Preventive => "preventive",
        Nature::Detective => "detective",
    }
}

fn automation(automation: Automation) -> &'static str {
    match automation {
        Automation::Manual => "manual",
        Automation::Automated => "automated",
        Automation::ItDependentManual => "IT-dependent manual",
    }
}

fn procedures(procedures: &[Procedure]) -> String {
    let words = procedures.iter().map(|procedure| match procedure {
        Procedure::Inquiry => "inquiry",
        Procedure::Observation => "observation",
        Procedure::Inspection => "inspection",
        Procedure::Reperformance => "reperformance",
    });
    words.collect::<Vec<_>>().join(", ")
}

fn controls(measures: &[Measure], controls: &[ControlView]) -> Sheet {
    let by_id: BTreeMap<&str, &ControlView> = controls.iter().map(|control| (control.id.as_str(), control)).collect();
    let mut rows = Vec::new();
    for measure in measures {
        let beside = || -> Vec<Cell> {
            vec![
                measure.group.as_str().into(),
                measure.id.as_str().into(),
                measure.statement.as_str().into(),
                measure.risks.join("\n").into(),
            ]
        };
        for control in measure.controls.iter().filter_map(|id| by_id.get(id.as_str())) {
            let mut row = beside();
            row.extend([
                control.id.as_str().into(),
                control.title.as_str().into(),
                control.statement.as_str().into(),
                control.owner.as_str().into(),
                control.frequency.as_str().into(),
                nature(control.nature).into(),
                automation(control.automation).into(),
                control.implemented.map_or("not shown", |is| if is { "yes" } else { "no" }).into(),
            ]);
            rows.push(row);
        }
        if measure.controls.is_empty() {
            let mut row = beside();
            let why = measure
                .not_relevant
                .as_ref()
                .map_or("No control.".to_owned(), |reason| format!("Not relevant to this system. {}", reason.prose));
            row.extend([nothing(), nothing(), why.into(), nothing(), nothing(), nothing(), nothing(), nothing()]);
            rows.push(row);
        }
    }
    let columns = vec![
        ("Group", 20),
        ("Objective or criterion", 12),
        ("Statement", 44),
        ("Risks", 40),
        ("Control", 11),
        ("Title", 26),
        ("Control statement", 56),
        ("Owner", 20),
        ("Frequency", 12),
        ("Nature", 11),
        ("Automation", 13),
        ("In place", 8),
    ];
    Sheet { name: "Controls", columns, rows }
}

fn firm_tests(view: &ReportView) -> Sheet {
    let recorded = view.tests_of_controls.iter().flat_map(|tests| &tests.controls);
    let recorded: BTreeMap<&str, _> = recorded.map(|results| (results.control.as_str(), results)).collect();
    let mut rows = Vec::new();
    for control in &view.description.controls {
        let serves = view.description.measures.iter().filter(|measure| measure.controls.contains(&control.id));
        let serves = serves.map(|measure| measure.id.as_str()).collect::<Vec<_>>().join(", ");
        let mut push = |rest: [Cell; 8]| {
            let mut row: Vec<Cell> =
                vec![control.id.as_str().into(), control.title.as_str().into(), serves.as_str().into()];
            row.extend(rest);
            rows.push(row);
        };
        let says =
            |what: String| [nothing(), nothing(), nothing(), nothing(), nothing(), what.into(), nothing(), nothing()];
        match recorded.get(control.id.as_str()) {
            Some(results) if results.did_not_operate.is_some() => {
                let because = results.did_not_operate.as_ref().map_or("", |prose| prose.prose.as_str());
                push(says(format!("Did not operate in the period. {because}")));
            }
            Some(results) if !results.tests.is_empty() => {
                for test in &results.tests {
                    let (extent, population, tested) = extent(&test.extent);
                    let (deviations, result) = result(test.result.as_ref());
                    push([
                        test.id.as_str().into(),
                        procedures(&test.procedures).into(),
                        test.description.prose.as_str().into(),
                        extent.into(),
                        population,
                        result.into(),
                        deviations,
                        tested,
                    ]);
                }
            }
            Some(_) | None => push(says("To be completed by the firm.".to_owned())),
        }
    }
    let columns = vec![
        ("Control", 11),
        ("Title", 28),
        ("Serves", 16),
        ("Test", 16),
        ("Procedure", 16),
        ("What was done", 52),
        ("Extent", 18),
        ("Population", 12),
        ("Result", 44),
        ("Deviations", 11),
        ("Tested", 10),
    ];
    Sheet { name: "Tests and results", columns, rows }
}

/// Extent in words, population, items tested.
fn extent(extent: &Extent) -> (&'static str, Cell, Cell) {
    match extent {
        Extent::WholePopulation { population } => ("whole population", figure(population), figure(population)),
        Extent::Selection { population, tested } => {
            ("selection", optional(population.as_ref()), optional(tested.as_ref()))
        }
        Extent::Single => ("single item", nothing(), nothing()),
    }
}

/// How many deviations, and the result in words.
fn result(result: Option<&FirmResult>) -> (Cell, String) {
    match result {
        None => (nothing(), "Result not yet recorded by the firm.".to_owned()),
        Some(FirmResult::NoDeviations) => (Cell::Count(0), "No deviations noted.".to_owned()),
        Some(FirmResult::NotPerformed { because }) => (nothing(), format!("Not performed. {}", because.prose)),
        Some(FirmResult::Deviations(deviations)) => {
            let words: Vec<&str> = deviations.iter().map(|deviation| deviation.description.prose.as_str()).collect();
            let count = deviations.iter().filter_map(|deviation| deviation.count.as_count()).sum();
            (Cell::Count(count), words.join("\n"))
        }
    }
}

fn assumed(name: &'static str, rows: &[Complementary]) -> Sheet {
    let row = |control: &Complementary| -> Vec<Cell> {
        vec![
            control.id.as_str().into(),
            control.run_by.as_deref().unwrap_or("each user entity").into(),
            control.text.as_str().into(),
            control.measures.join(", ").into(),
        ]
    };
    let columns = vec![("Id", 12), ("Run by", 28), ("Control", 70), ("Objectives or criteria", 24)];
    Sheet { name, columns, rows: rows.iter().map(row).collect() }
}

fn control_tests(controls: &[TestedControl]) -> Sheet {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for control in controls {
        let head = || -> Vec<Cell> {
            vec![control.id.as_str().into(), control.title.as_str().into(), control.measures.join(", ").into()]
        };
        for test in &control.tests {
            let (outcome, population, exceptions, why) = outcome(&test.outcome);
            let mut row = head();
            row.extend([
                test.id.as_str().into(),
                test.description.as_str().into(),
                severity(test.severity).into(),
                test.datasets.join(", ").into(),
                outcome.into(),
                population,
                exceptions,
                why.into(),
                test.on.into(),
                figure(&test.canaries),
                test.engine.as_str().into(),
                test.sql.to_string().into(),
                test.rows.map(|rows| rows.to_string()).unwrap_or_default().into(),
                entry(test.entry),
            ]);
            rows.push(row);
        }
        if control.tests.is_empty() {
            let mut row = head();
            let nothing_else = std::iter::repeat_with(nothing).take(13);
            row.push("no control test".into());
            row.extend(nothing_else);
            rows.push(row);
        }
    }
    let columns = vec![
        ("Control", 11),
        ("Title", 28),
        ("Serves", 16),
        ("Control test", 22),
        ("What it does", 50),
        ("Severity", 9),
        ("Datasets", 20),
        ("Outcome", 14),
        ("Population", 12),
        ("Exceptions", 11),
        ("Why", 36),
        ("Result of", 12),
        ("Canaries caught", 10),
        ("Engine", 18),
        ("SQL (SHA-256)", 24),
        ("Result rows (SHA-256)", 24),
        ("Ledger entry", 9),
    ];
    Sheet { name: "Control tests", columns, rows }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

/// Outcome in words, population, exceptions, reason.
fn outcome(outcome: &Outcome) -> (&'static str, Cell, Cell, &str) {
    match outcome {
        Outcome::NoExceptions { population } => ("no exceptions", figure(population), Cell::Count(0), ""),
        Outcome::Exceptions { population, exceptions } => ("exceptions", figure(population), figure(exceptions), ""),
        Outcome::NoOccurrence { population } => ("no occurrence", figure(population), nothing(), ""),
        Outcome::NotEvaluable { reason } => ("not evaluable", nothing(), nothing(), reason),
        Outcome::Error { message } => ("error", nothing(), nothing(), message),
    }
}

fn tests_by_people(controls: &[TestedControl]) -> Sheet {
    let mut rows = Vec::new();
    for control in controls {
        for test in &control.management_tests {
            let extent = match &test.extent {
                ManagementTestExtent::WholePopulation(by) => format!("whole population, by {by}"),
                ManagementTestExtent::Sample(sample) => format!("sample {sample}"),
                ManagementTestExtent::Chosen(why) => format!("chosen by hand: {}", why.prose),
            };
            rows.push(vec![
                control.id.as_str().into(),
                control.title.as_str().into(),
                test.id.as_str().into(),
                test.stage.as_str().into(),
                procedures(&test.procedures).into(),
                test.procedure.prose.as_str().into(),
                test.first.into(),
                test.last.into(),
                extent.into(),
                figure(&test.items),
                figure(&test.exceptions),
                test.finding.prose.as_str().into(),
                test.tester.as_str().into(),
                test.reviewer.as_deref().unwrap_or("nobody yet").into(),
                test.performed_on.into(),
                Cell::Count(test.entry),
            ]);
        }
    }
    let columns = vec![
        ("Control", 11),
        ("Title", 28),
        ("Management test", 18),
        ("Stage", 14),
        ("Procedure", 16),
        ("What was done", 46),
        ("First day", 12),
        ("Last day", 12),
        ("Extent", 24),
        ("Items tested", 10),
        ("Exceptions", 11),
        ("What was found", 46),
        ("Tester", 18),
        ("Reviewer", 18),
        ("Performed on", 12),
        ("Ledger entry", 9),
    ];
    Sheet { name: "Tests by people", columns, rows }
}

fn conclusions(controls: &[TestedControl]) -> Sheet {
    let row = |control: &TestedControl| -> Vec<Cell> {
        let mut row: Vec<Cell> =
            vec![control.id.as_str().into(), control.title.as_str().into(), control.owner.as_str().into()];
        match &control.conclusion {
            Some(conclusion) => row.extend([
                conclusion.status.as_deref().unwrap_or("in words only").into(),
                conclusion.text.prose.as_str().into(),
                conclusion.tests.join(", ").into(),
                conclusion.stale_because.as_deref().unwrap_or_default().into(),
                conclusion.by.as_str().into(),
                conclusion.on.into(),
                entry(conclusion.entry),
            ]),
            None => {
                row.push("not concluded".into());
                row.extend(std::iter::repeat_with(nothing).take(6));
            }
        }
        row
    };
    let columns = vec![
        ("Control", 11),
        ("Title", 28),
        ("Owner", 20),
        ("Concluded", 20),
        ("Why", 56),
        ("Rests on", 28),
        ("Stale because", 28),
        ("By", 20),
        ("On", 12),
        ("Ledger entry", 9),
    ];
    Sheet { name: "Conclusions", columns, rows: controls.iter().map(row).collect() }
}

fn information(view: &ManagementTestingView) -> Sheet {
    let mut rows = Vec::new();
    for source in &view.sources {
        let totals: Vec<String> = source
            .control_totals
            .iter()
            .map(|total| {
                let of_source = total.source.as_ref().map_or("none".to_owned(), |figure| figure.figure.shown());
                format!("{}: stored {}, source {of_source}", total.column, total.stored.figure.shown())
            })
            .collect();
        let read_by = view.controls.iter().flat_map(|control| &control.tests);
        let mut read_by: Vec<&str> =
            read_by.filter(|test| test.datasets.contains(&source.dataset)).map(|test| test.id.as_str()).collect();
        read_by.sort_unstable();
        read_by.dedup();
        rows.push(vec![
            source.dataset.as_str().into(),
            source.title.as_str().into(),
            source.system.as_str().into(),
            source.method.as_str().into(),
            source.first.into(),
            source.last.into(),
            figure(&source.extracts),
            optional(source.rows.as_ref()),
            optional(source.source_count.as_ref()),
            totals.join("\n").into(),
            optional(source.late_rows.as_ref()),
            optional(source.restated_rows.as_ref()),
            optional(source.vanished_rows.as_ref()),
            source.completeness().into(),
            read_by.join(", ").into(),
            source.manifest.to_string().into(),
            entry(source.entry),
        ]);
    }
    let columns = vec![
        ("Dataset", 18),
        ("What it holds", 30),
        ("Source", 14),
        ("Drawn by", 12),
        ("First day", 12),
        ("Last day", 12),
        ("Extracts", 9),
        ("Rows stored", 12),
        ("Source's own count", 12),
        ("Control totals", 36),
        ("Late rows", 9),
        ("Restated rows", 9),
        ("Vanished rows", 9),
        ("Completeness", 30),
        ("Read by control tests", 36),
        ("Manifests (SHA-256)", 24),
        ("Ledger entry", 9),
    ];
    Sheet { name: "Information used (IPE)", columns, rows }
}

fn about(engagement: &EngagementView, provenance: &Provenance, what: &str) -> Sheet {
    let rows = [
        ("Organization", engagement.organization.name.clone()),
        ("System", engagement.system.clone()),
        ("Engagement", engagement.id.clone()),
        ("What this is", what.to_owned()),
        ("Ledger", provenance.origin.clone()),
        ("Entries", provenance.ledger_size.to_string()),
        ("Root at this size", provenance.root.to_string()),
        ("Catalog in force", provenance.catalog.to_string()),
    ];
    let rows = rows.into_iter().map(|(name, says)| vec![name.into(), says.into()]).collect();
    Sheet { name: "About", columns: vec![("What", 22), ("Says", 90)], rows }
}
