//! Section III: management's description of its system. Parts that a kind of report does not have do not print.

use std::collections::BTreeMap;

use super::{
    body::{Body, Cell, Holds},
    style::Style,
    words::{day, in_words, measures, short_day},
};
use crate::{
    Error, Prose,
    view::{
        Automation, ChangeDisclosure, Commitment, Complementary, ComponentKind, ControlView, Description,
        EngagementView, IncidentDisclosure, Measure, Method, Nature, ReportKind, ReportType, Section,
        SubserviceOrganization,
    },
};

pub(super) fn description(
    body: &mut Body<'_>,
    engagement: &EngagementView,
    description: &Description,
) -> Result<(), Error> {
    overview_parts(body, description)?;
    if !description.commitments.is_empty() {
        let title = "Principal service commitments and system requirements";
        facts(body, COMMITMENTS, title, |body| commitments_table(body, title, description))?;
    }
    transactions(body, description)?;
    components(body, description)?;
    body.heading(2, "Other components of internal control");
    titled(body, "/description/internal_control", &description.internal_control, 3)?;
    incidents(body, engagement.report_type, description)?;
    changes(body, description)?;
    subservice_organizations(body, engagement, description)?;
    complementary(body, engagement, description)?;
    measures_and_controls(body, engagement, description)
}

/// What a SOC 3 attaches to management's assertion: the boundary of the system and the principal commitments. The controls
/// stay with those who may read the SOC 2.
pub(super) fn attachments(body: &mut Body<'_>, description: &Description) -> Result<(), Error> {
    body.heading(1, "Attachment A: Boundary of the system");
    overview_parts(body, description)?;
    components(body, description)?;
    let organizations = &description.subservice_organizations;
    if !organizations.is_empty() {
        let title = "Subservice organizations";
        facts(body, "/description/subservice_organizations", title, |body| {
            let row = |organization: &SubserviceOrganization| {
                vec![
                    body.styled_cell(&organization.name, Style::Strong),
                    body.text_cell(&organization.service),
                    body.text_cell(method_name(organization.method)),
                ]
            };
            let rows = organizations.iter().map(row).collect();
            body.table(title, &[("Organization", 30), ("Service", 56), ("Method", 14)], rows);
            Ok(())
        })?;
    }
    let title = "Attachment B: Principal service commitments";
    body.heading(1, title);
    let caption = "Principal service commitments";
    body.control(COMMITMENTS, title, Holds::Facts, |body| commitments_table(body, caption, description))
}

/// Where the principal commitments stand in the view.
const COMMITMENTS: &str = "/description/commitments";

fn overview_parts(body: &mut Body<'_>, description: &Description) -> Result<(), Error> {
    text(body, "/description/overview", "Overview", &description.overview)?;
    text(body, "/description/boundary", "Scope and boundary", &description.boundary)?;
    body.heading(2, "Services provided");
    titled(body, "/description/services", &description.services, 3)
}

fn components(body: &mut Body<'_>, description: &Description) -> Result<(), Error> {
    body.heading(2, "Components of the system");
    for (number, component) in description.components.iter().enumerate() {
        let title = component_title(component.kind);
        body.heading(3, title);
        let place = format!("/description/components/{number}/text");
        body.control(&place, title, Holds::Words, |body| body.prose(&component.text, 4))?;
    }
    Ok(())
}

/// A part that is one text.
fn text(body: &mut Body<'_>, place: &str, title: &str, text: &Prose) -> Result<(), Error> {
    body.heading(2, title);
    body.control(place, title, Holds::Words, |body| body.prose(text, 3))
}

/// Texts under titles of their own; both are people's words.
pub(super) fn titled(body: &mut Body<'_>, place: &str, sections: &[Section], level: u8) -> Result<(), Error> {
    for (number, section) in sections.iter().enumerate() {
        body.control(&format!("{place}/{number}"), &section.title, Holds::Words, |body| {
            body.heading(level, &section.title);
            body.prose(&section.text, level + 1)
        })?;
    }
    Ok(())
}

fn component_title(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Infrastructure => "Infrastructure",
        ComponentKind::Software => "Software",
        ComponentKind::People => "People",
        ComponentKind::Procedures => "Procedures",
        ComponentKind::Data => "Data",
    }
}

/// A part that prints facts only.
fn facts(
    body: &mut Body<'_>,
    place: &str,
    title: &str,
    write: impl FnOnce(&mut Body<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    body.heading(2, title);
    body.control(place, title, Holds::Facts, write)
}

fn commitments_table(body: &mut Body<'_>, caption: &str, description: &Description) -> Result<(), Error> {
    let row = |commitment: &Commitment| {
        vec![
            body.styled_cell(&commitment.id, Style::Strong),
            body.text_cell(&commitment.category),
            body.text_cell(&commitment.commitment),
            body.text_cell(&commitment.requirement),
        ]
    };
    let rows = description.commitments.iter().map(row).collect();
    body.table(caption, &[("Id", 10), ("Category", 16), ("Commitment", 37), ("System requirement", 37)], rows);
    Ok(())
}

fn transactions(body: &mut Body<'_>, description: &Description) -> Result<(), Error> {
    if !description.transaction_classes.is_empty() {
        body.heading(2, "Classes of transactions");
        let mut rows = Vec::new();
        for (number, class) in description.transaction_classes.iter().enumerate() {
            let place = format!("/description/transaction_classes/{number}/text");
            let name = body.styled_cell(&class.name, Style::Strong);
            let text =
                body.cell(|body| body.control(&place, &class.name, Holds::Words, |body| body.prose_cell(&class.text)))?;
            rows.push(vec![name, text]);
        }
        body.table("Classes of transactions", &[("Class", 26), ("What it is and how it flows", 74)], rows);
    }
    if !description.procedures.is_empty() {
        body.heading(2, "Processing of transactions");
        titled(body, "/description/procedures", &description.procedures, 3)?;
    }
    if !description.key_reports.is_empty() {
        body.heading(2, "Reports and files given to user entities");
        let mut rows = Vec::new();
        for (number, report) in description.key_reports.iter().enumerate() {
            let place = format!("/description/key_reports/{number}/text");
            let name = body.styled_cell(&report.name, Style::Strong);
            let text = body
                .cell(|body| body.control(&place, &report.name, Holds::Words, |body| body.prose_cell(&report.text)))?;
            rows.push(vec![name, text, body.text_cell(&report.controls.join(", "))]);
        }
        let columns = [("Report", 26), ("What it holds", 54), ("Controls over it", 20)];
        body.table("Reports and files given to user entities", &columns, rows);
    }
    Ok(())
}

/// What is said where somebody looked and found nothing to tell, or where nobody has looked.
fn not_answered(body: &mut Body<'_>) {
    body.notice("Not answered", "Management has not answered this part yet.");
}

fn none(
    body: &mut Body<'_>,
    says: &str,
    answered_by: &str,
    on: jiff::civil::Date,
    register: &tickmark_canonical::Digest,
) {
    let register = register.short();
    body.paragraph(
        Style::Normal,
        &format!("{says} The {answered_by} answered this on {} after reading the register {register}.", day(on)),
    );
}

fn incidents(body: &mut Body<'_>, report_type: ReportType, description: &Description) -> Result<(), Error> {
    let Some(incidents) = &description.incidents else { return Ok(()) };
    facts(body, "/description/incidents", "Incidents", |body| {
        match incidents {
            IncidentDisclosure::NotAnswered => not_answered(body),
            IncidentDisclosure::None { answered_by, on, register } => none(
                body,
                match report_type {
                    ReportType::Type1 => {
                        "No incident known on that day came from controls that were not suitably designed, or otherwise caused \
                         a significant failure to meet a service commitment or system requirement."
                    }
                    ReportType::Type2 => {
                        "No incident of the period came from controls that were not suitably designed or did not operate, or \
                         otherwise caused a significant failure to meet a service commitment or system requirement."
                    }
                },
                answered_by,
                *on,
                register,
            ),
            IncidentDisclosure::Disclosed(incidents) => {
                for incident in incidents {
                    body.heading(3, &incident.title);
                    body.fact("Nature", &incident.nature);
                    body.fact("Timing", &incident.timing);
                    body.fact("Effect", &incident.effect);
                    body.fact("Outcome", &incident.outcome);
                }
            }
        }
        Ok(())
    })
}

fn changes(body: &mut Body<'_>, description: &Description) -> Result<(), Error> {
    let Some(changes) = &description.changes else { return Ok(()) };
    let title = "Changes to the system in the period";
    facts(body, "/description/changes", title, |body| {
        match changes {
            ChangeDisclosure::NotAnswered => not_answered(body),
            ChangeDisclosure::None { answered_by, on, register } => none(
                body,
                "No change of the period is likely to matter to the readers of this report.",
                answered_by,
                *on,
                register,
            ),
            ChangeDisclosure::Disclosed(changes) => {
                let mut rows = Vec::new();
                for change in changes {
                    let on = body.text_cell(&short_day(change.on));
                    rows.push(vec![on, body.cell(|body| body.prose_cell(&change.text))?]);
                }
                body.table(title, &[("Took effect", 18), ("Change", 82)], rows);
            }
        }
        Ok(())
    })
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::CarveOut => "Carve-out",
        Method::Inclusive => "Inclusive",
    }
}

fn subservice_organizations(
    body: &mut Body<'_>,
    engagement: &EngagementView,
    description: &Description,
) -> Result<(), Error> {
    if description.subservice_organizations.is_empty() {
        return Ok(());
    }
    facts(body, "/description/subservice_organizations", "Subservice organizations", |body| {
        let left_out =
            "Controls of subservice organizations treated by the carve-out method are left out of this description.";
        let is_inclusive = description.subservice_organizations.iter().any(|of| of.method == Method::Inclusive);
        let taken_in = " Those of organizations treated by the inclusive method are part of it.";
        body.paragraph(
            Style::Normal,
            &if is_inclusive { format!("{left_out}{taken_in}") } else { left_out.to_owned() },
        );
        let mut rows = Vec::new();
        for organization in &description.subservice_organizations {
            rows.push(vec![
                body.styled_cell(&organization.name, Style::Strong),
                body.text_cell(&organization.service),
                body.text_cell(method_name(organization.method)),
                body.text_cell(&organization.measures.join(", ")),
                body.text_cell(&organization.monitoring_controls.join(", ")),
            ]);
        }
        let columns = [
            ("Organization", 25),
            ("Service", 29),
            ("Method", 13),
            (measures(engagement.report), 17),
            ("Monitored by", 16),
        ];
        body.table("Subservice organizations", &columns, rows);
        Ok(())
    })
}

fn complementary(body: &mut Body<'_>, engagement: &EngagementView, description: &Description) -> Result<(), Error> {
    let measures = measures(engagement.report);
    let users = &description.complementary_user_entity_controls;
    if !users.is_empty() {
        let title = "Complementary user entity controls";
        facts(body, "/description/complementary_user_entity_controls", title, |body| {
            body.paragraph(
                Style::Normal,
                &format!(
                    "The controls of {} were designed on the assumption that user entities run the controls below. The {} named \
                     beside them can be met only if they do.",
                    engagement.organization.short_name,
                    measures.to_lowercase()
                ),
            );
            let row = |control: &Complementary| {
                vec![
                    body.styled_cell(&control.id, Style::Strong),
                    body.text_cell(&control.text),
                    body.text_cell(&control.measures.join(", ")),
                ]
            };
            let rows = users.iter().map(row).collect();
            body.table(title, &[("Id", 14), ("Control of the user entity", 64), (measures, 22)], rows);
            Ok(())
        })?;
    }
    let subservice = &description.complementary_subservice_organization_controls;
    if subservice.is_empty() {
        return Ok(());
    }
    let title = "Complementary subservice organization controls";
    facts(body, "/description/complementary_subservice_organization_controls", title, |body| {
        body.paragraph(
            Style::Normal,
            "These are the controls that the design assumes at subservice organizations under the carve-out method.",
        );
        let row = |control: &Complementary| {
            vec![
                body.styled_cell(&control.id, Style::Strong),
                body.text_cell(control.run_by.as_deref().unwrap_or_default()),
                body.text_cell(&control.text),
                body.text_cell(&control.measures.join(", ")),
            ]
        };
        let rows = subservice.iter().map(row).collect();
        let columns = [("Id", 14), ("Subservice organization", 24), ("Control", 43), (measures, 19)];
        body.table(title, &columns, rows);
        Ok(())
    })
}

/// For each control the first measure that names it, under which it is stated in full.
pub(super) fn first_place(measures: &[Measure]) -> BTreeMap<&str, &str> {
    let mut first = BTreeMap::new();
    for measure in measures {
        for control in &measure.controls {
            first.entry(control.as_str()).or_insert(measure.id.as_str());
        }
    }
    first
}

/// Controls by id.
pub(super) fn by_id(controls: &[ControlView]) -> BTreeMap<&str, &ControlView> {
    controls.iter().map(|control| (control.id.as_str(), control)).collect()
}

fn measures_and_controls(
    body: &mut Body<'_>,
    engagement: &EngagementView,
    description: &Description,
) -> Result<(), Error> {
    let (title, says) = match engagement.report {
        ReportKind::Soc1 => (
            "Control objectives and related controls",
            "Management set the control objectives below. Each is listed with the risks that threaten it and the controls that \
             answer them.",
        ),
        ReportKind::Soc2 | ReportKind::Soc3 => (
            "Criteria and related controls",
            "The criteria below are the trust services criteria for the categories in scope, cited by their numbers and put into \
             our own words. Each is listed with the controls that serve it.",
        ),
    };
    body.heading(2, title);
    body.paragraph(Style::Normal, says);
    let (first, controls) = (first_place(&description.measures), by_id(&description.controls));
    let mut group = "";
    for (number, measure) in description.measures.iter().enumerate() {
        if measure.group != group {
            group = &measure.group;
            body.heading(3, group);
        }
        let place = format!("/description/measures/{number}");
        body.control(&place, &measure.id, Holds::Facts, |body| {
            body.heading(4, &format!("{} {}", measure.id, measure.title));
            body.leading(&measure.statement);
            if let Some(reason) = &measure.not_relevant {
                let runs = body.words("Not relevant to this system.", Style::Strong);
                body.paragraph_of(Style::Normal, "", false, &runs);
                return body.prose(reason, 5);
            }
            if !measure.transaction_classes.is_empty() {
                body.fact("Transactions", &in_words(&measure.transaction_classes));
            }
            if !measure.financial_statement_assertions.is_empty() {
                body.fact("Assertions", &in_words(&measure.financial_statement_assertions));
            }
            // Each risk is a line of its own, and the label stands at the first.
            for (number, risk) in measure.risks.iter().enumerate() {
                body.fact(if number == 0 { "Risks" } else { "" }, risk);
            }
            let mut rows = Vec::new();
            for id in &measure.controls {
                rows.push(control_row(body, id, controls.get(id.as_str()).copied(), measure, &first)?);
            }
            let columns = [("Control", 14), ("Statement", 61), ("Kind, frequency, owner", 25)];
            body.table(&format!("Controls of {}", measure.id), &columns, rows);
            Ok(())
        })?;
    }
    Ok(())
}

fn control_row(
    body: &mut Body<'_>,
    id: &str,
    control: Option<&ControlView>,
    measure: &Measure,
    first: &BTreeMap<&str, &str>,
) -> Result<Vec<Cell>, Error> {
    let name = body.styled_cell(id, Style::Strong);
    let Some(control) = control else {
        return Ok(vec![name, body.text_cell("Not described.").over(2)]);
    };
    match first.get(id) {
        Some(stated) if *stated != measure.id => {
            let refers = format!("{}. Stated under {stated}.", control.title);
            Ok(vec![name, body.text_cell(&refers).over(2)])
        }
        Some(_) | None => {
            let statement = body.cell(|body| {
                statement(body, control);
                Ok(())
            })?;
            let kind = format!("{}; {}", kind_of(control), control.frequency);
            let owner = body.cell(|body| {
                body.paragraph(Style::TableText, &kind);
                body.paragraph(Style::TableText, &control.owner);
                Ok(())
            })?;
            Ok(vec![name, statement, owner])
        }
    }
}

fn statement(body: &mut Body<'_>, control: &ControlView) {
    let title = body.words(&control.title, Style::Strong);
    body.paragraph_of(Style::TableText, "", false, &title);
    body.paragraph(Style::TableText, &control.statement);
    for earlier in &control.earlier_versions {
        let days = body.words(&format!("From {} to {}: ", day(earlier.first), day(earlier.last)), Style::Emphasis);
        let said = body.words(&earlier.statement, Style::Normal);
        body.paragraph_of(Style::TableText, "", false, &(days + &said));
    }
    let mut remark = |text: &str, style: Style| {
        let runs = body.words(text, style);
        body.paragraph_of(Style::TableText, "", false, &runs);
    };
    if let Some(since) = control.since {
        remark(&format!("The statement above has been in force since {}.", day(since)), Style::Emphasis);
    }
    if let Some(until) = control.until {
        remark(&format!("The control ran until {}.", day(until)), Style::Emphasis);
    }
}

fn kind_of(control: &ControlView) -> String {
    let nature = match control.nature {
        Nature::Preventive => "Preventive",
        Nature::Detective => "Detective",
    };
    let automation = match control.automation {
        Automation::Manual => "manual",
        Automation::Automated => "automated",
        Automation::ItDependentManual => "IT-dependent manual",
    };
    format!("{nature}, {automation}")
}
