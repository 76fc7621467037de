//! Section IV: tests and results that the firm recorded under its own authority. What the firm did not record prints as not
//! yet recorded; a control that serves several measures is reported once and referred to afterwards.

use std::collections::BTreeMap;

use super::{
    body::{Body, Cell},
    description::{by_id, first_place},
    report::firm,
    style::Style,
    words::day,
};
use crate::{
    Error,
    view::{
        Authority, ControlResults, ControlView, Description, EngagementView, Extent, FirmResult, FirmTest, Procedure,
        TestsOfControls,
    },
};

pub(super) fn tests_of_controls(
    body: &mut Body<'_>,
    engagement: &EngagementView,
    description: &Description,
    tests: &TestsOfControls,
) -> Result<(), Error> {
    let firm = firm(engagement, "the firm");
    body.heading(2, "About the tests");
    body.paragraph(
        Style::Normal,
        &format!(
            "The tests and results in this section are those that {firm} recorded under its own authority: tests of its own, or \
             control tests of management that it re-performed and adopted. Management cannot change them. What stands as not \
             yet recorded has not been recorded by the firm."
        ),
    );
    let words = [
        ("Nature, timing and extent", &tests.introduction),
        ("Information produced by the entity", &tests.information_produced_by_entity),
        ("Work of internal audit", &tests.internal_audit),
    ];
    for (title, text) in words {
        if let Some(text) = text {
            body.heading(3, title);
            body.prose(text, 4)?;
        }
    }
    let (first, controls) = (first_place(&description.measures), by_id(&description.controls));
    let recorded: BTreeMap<&str, &ControlResults> =
        tests.controls.iter().map(|results| (results.control.as_str(), results)).collect();
    let mut group = "";
    for measure in description.measures.iter().filter(|measure| measure.not_relevant.is_none()) {
        if measure.group != group {
            group = &measure.group;
            body.heading(2, group);
        }
        body.heading(3, &format!("{} {}", measure.id, measure.title));
        body.leading(&measure.statement);
        let mut rows = Vec::new();
        for id in &measure.controls {
            let stated = first.get(id.as_str()).copied().unwrap_or(&measure.id);
            match controls.get(id.as_str()) {
                None => rows.push(over_two(body, id, "Not described in Section III.")),
                Some(control) if stated != measure.id => {
                    let refers = format!("{}. Test and result are reported under {stated}.", control.title);
                    rows.push(over_two(body, id, &refers));
                }
                Some(control) => rows.extend(control_rows(body, firm, control, recorded.get(id.as_str()).copied())?),
            }
        }
        let performed = format!("Test performed by {firm}");
        let columns = [("Control", 31), (performed.as_str(), 42), ("Result", 27)];
        body.table(&format!("Tests of the controls of {}", measure.id), &columns, rows);
    }
    Ok(())
}

fn over_two(body: &mut Body<'_>, id: &str, says: &str) -> Vec<Cell> {
    vec![body.styled_cell(id, Style::Strong), body.text_cell(says).over(2)]
}

fn control_rows(
    body: &mut Body<'_>,
    firm: &str,
    control: &ControlView,
    results: Option<&ControlResults>,
) -> Result<Vec<Vec<Cell>>, Error> {
    let name = body.cell(|body| {
        let id = body.words(&control.id, Style::Strong);
        body.paragraph_of(Style::TableText, "", false, &id);
        body.paragraph(Style::TableText, &control.statement);
        Ok(())
    })?;
    let Some(results) = results.filter(|results| !results.tests.is_empty() || results.did_not_operate.is_some()) else {
        return Ok(vec![vec![name, body.styled_cell("To be completed by the firm.", Style::Emphasis).over(2)]]);
    };
    if let Some(because) = &results.did_not_operate {
        let says = body.cell(|body| {
            let runs = body.words("Did not operate in the period.", Style::Strong);
            body.paragraph_of(Style::TableText, "", false, &runs);
            body.prose_cell(because)
        })?;
        return Ok(vec![vec![name, says.over(2)]]);
    }
    let mut rows = Vec::new();
    let mut name = Some(name);
    for test in &results.tests {
        let continued = format!("{}, continued", control.id);
        let name = name.take().unwrap_or_else(|| body.styled_cell(&continued, Style::Quiet));
        let tested = body.cell(|body| test_cell(body, firm, test))?;
        rows.push(vec![name, tested, body.cell(|body| result_cell(body, test))?]);
    }
    Ok(rows)
}

fn test_cell(body: &mut Body<'_>, firm: &str, test: &FirmTest) -> Result<(), Error> {
    let procedures: Vec<&str> = test.procedures.iter().map(|procedure| procedure_title(*procedure)).collect();
    let mut procedures = procedures.join(", ");
    if let Some(first) = procedures.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let runs = body.words(&procedures, Style::Strong);
    body.paragraph_of(Style::TableText, "", false, &runs);
    body.prose_cell(&test.description)?;
    if let Some(runs) = extent(body, &test.extent) {
        body.paragraph_of(Style::TableText, "", false, &runs);
    }
    let authority = match &test.authority {
        Authority::Firm => format!("Test of {firm}, {}.", test.id),
        Authority::Adopted(adopted) => format!(
            "Management's control test {}, re-performed and adopted by {firm} on {}, {}.",
            adopted.control_test,
            day(adopted.on),
            test.id
        ),
    };
    let runs = body.words(&authority, Style::Quiet);
    body.paragraph_of(Style::TableText, "", false, &runs);
    Ok(())
}

fn procedure_title(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::Inquiry => "inquiry",
        Procedure::Observation => "observation",
        Procedure::Inspection => "inspection",
        Procedure::Reperformance => "reperformance",
    }
}

fn extent(body: &mut Body<'_>, extent: &Extent) -> Option<String> {
    let plain = |body: &Body<'_>, text: &str| body.words(text, Style::Normal);
    Some(match extent {
        Extent::Single => return None,
        Extent::WholePopulation { population } => {
            plain(body, "Whole population: ") + &body.figure(population) + &plain(body, " items.")
        }
        Extent::Selection { tested: Some(tested), population: Some(population) } => {
            let (tested, population) = (body.figure(tested), body.figure(population));
            plain(body, "Selection: ") + &tested + &plain(body, " of ") + &population + &plain(body, ".")
        }
        Extent::Selection { tested: Some(tested), population: None } => {
            plain(body, "Selection: ") + &body.figure(tested) + &plain(body, ".")
        }
        Extent::Selection { tested: None, .. } => plain(body, "Selection."),
    })
}

fn result_cell(body: &mut Body<'_>, test: &FirmTest) -> Result<(), Error> {
    match &test.result {
        None => {
            let runs = body.words("Result not yet recorded by the firm.", Style::Emphasis);
            body.paragraph_of(Style::TableText, "", false, &runs);
        }
        Some(FirmResult::NoDeviations) => body.paragraph(Style::TableText, "No deviations noted."),
        Some(FirmResult::Deviations(deviations)) => {
            for deviation in deviations {
                let (count, tested) = (body.figure(&deviation.count), body.figure(&deviation.tested));
                let runs = [
                    body.words("Deviation", Style::Strong),
                    body.words(" in ", Style::Normal),
                    count,
                    body.words(" of ", Style::Normal),
                    tested,
                    body.words(" items tested.", Style::Normal),
                ];
                body.paragraph_of(Style::TableText, "", false, &runs.concat());
                let id = body.words(&deviation.id, Style::Quiet);
                body.paragraph_of(Style::TableText, "", false, &id);
                body.prose_cell(&deviation.description)?;
            }
        }
        Some(FirmResult::NotPerformed { because }) => {
            body.paragraph(Style::TableText, "Not performed.");
            body.prose_cell(because)?;
        }
    }
    Ok(())
}
