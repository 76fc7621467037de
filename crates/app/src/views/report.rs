//! The view of the SOC report.

use tickmark_canonical::Digest;
use tickmark_domain::{
    Authority as DomainAuthority, ControlDefinition, ControlId, Engagement, FirmTest as DomainFirmTest, FirmTestId,
    ObjectiveKind, ReportKind, ReportType, Risk, State, TestId,
};
use tickmark_report::{
    Figure, Prose,
    view::{
        Adoption, AuditorReport, Authority, ControlResults, ControlVersion, ControlView, Description, Deviation,
        Extent, FirmResult, FirmTest, ManagementAssertion, ManagementResponse, Measure, OtherInformation,
        OverruledFinding, ReportView, Signatory, SubserviceAssertion, TestsOfControls, UnansweredDeviation,
    },
};

use super::{AssertionText, DescriptionText, Scene, SubserviceAssertionText, automation, frequency, nature, procedure};
use crate::{Error, linting::KeptFinding};

impl Scene<'_> {
    /// The SOC report: management's parts, and the firm's as far as the firm recorded them.
    pub(crate) fn report(&self) -> Result<ReportView, Error> {
        let other = self.other_information()?;
        let says_more = !(other.responses.is_empty() && other.without_response.is_empty() && other.sections.is_empty());
        Ok(ReportView {
            engagement: self.engagement_view()?,
            auditor_report: self.auditor_report()?,
            assertion: self.assertion()?,
            subservice_assertions: self.subservice_assertions()?,
            description: self.description()?,
            tests_of_controls: if has_tests(self.engagement) { Some(self.tests_of_controls()?) } else { None },
            other_information: says_more.then_some(other),
            overruled: self.overruled()?,
            reader: None,
            provenance: self.provenance()?,
        })
    }

    /// What management overruled of the lint, oldest first.
    fn overruled(&self) -> Result<Vec<OverruledFinding>, Error> {
        let mut overrulings: Vec<_> = self.engagement.overrulings.iter().collect();
        overrulings.sort_by_key(|(finding, overruling)| (overruling.entry, **finding));
        let overruled = overrulings.into_iter().map(|(finding, overruling)| {
            let KeptFinding { rule, place, says } = self.house.json(finding)?;
            Ok(OverruledFinding {
                rule,
                place,
                says,
                reason: self.house.text(&overruling.reason)?,
                by: self.house.name_of(&overruling.by),
                on: self.entry_date(overruling.entry)?,
                entry: overruling.entry,
            })
        });
        overruled.collect()
    }

    fn auditor_report(&self) -> Result<AuditorReport, Error> {
        let (Some(report), Some(firm)) = (&self.engagement.auditors_report, self.firm()?) else {
            return Ok(AuditorReport::NotIssued);
        };
        Ok(AuditorReport::Issued {
            text: Prose::new(self.house.text(&report.text)?),
            signed_by: firm.name,
            city: firm.city,
            dated: report.dated_on,
            digest: report.text,
            entry: report.entry,
        })
    }

    fn assertion(&self) -> Result<ManagementAssertion, Error> {
        let Some(signed) = &self.engagement.assertion else {
            return Ok(ManagementAssertion {
                text: Prose::default(),
                signatories: Vec::new(),
                signed_on: None,
                digest: None,
                entry: None,
            });
        };
        let text: AssertionText = self.house.json(&signed.text)?;
        Ok(ManagementAssertion {
            text: Prose::new(text.text),
            signatories: vec![Signatory { name: self.house.name_of(&signed.signed_by), title: text.title }],
            signed_on: Some(signed.signed_on),
            digest: Some(signed.text),
            entry: Some(signed.entry),
        })
    }

    fn subservice_assertions(&self) -> Result<Vec<SubserviceAssertion>, Error> {
        let given = self.engagement.subservice_assertions.values().map(|given| {
            let SubserviceAssertionText { text, signed_by, title } = self.house.json(&given.text)?;
            Ok(SubserviceAssertion {
                organization: self.house.text(&given.name)?,
                assertion: ManagementAssertion {
                    text: Prose::new(text),
                    signatories: vec![Signatory { name: signed_by, title }],
                    signed_on: Some(given.signed_on),
                    digest: Some(given.text),
                    entry: Some(given.entry),
                },
            })
        });
        given.collect()
    }

    fn description(&self) -> Result<Description, Error> {
        let adopted = self
            .engagement
            .description
            .as_ref()
            .ok_or(tickmark_domain::Refusal::PackageLacks("a system description"))?;
        let DescriptionText { mut description, objective_classes } = self.house.json(&adopted.text)?;
        if self.engagement.report == ReportKind::Soc3 {
            return Ok(description);
        }
        description.measures = self.measures(&objective_classes)?;
        description.controls =
            self.figures.controls.keys().map(|id| self.control_view(id)).collect::<Result<_, _>>()?;
        Ok(description)
    }

    /// Control objectives or criteria in scope, each with its controls.
    fn measures(&self, classes: &std::collections::BTreeMap<String, Vec<String>>) -> Result<Vec<Measure>, Error> {
        let catalog = &self.house.catalog;
        let stated = self.engagement.controls(self.state, &self.house.index);
        let controls_of = |serves: &dyn Fn(&ControlDefinition) -> bool| -> Vec<String> {
            stated.iter().filter(|(_, version)| serves(&version.definition)).map(|(id, _)| id.to_string()).collect()
        };
        let risks = |threatens: &dyn Fn(&Risk) -> bool| -> Result<Vec<String>, Error> {
            let recorded = self.state.risks.values().filter(|risk| threatens(risk));
            recorded.map(|risk| self.house.text(&risk.statement)).collect()
        };
        let mut measures = Vec::new();
        for id in &self.engagement.objectives {
            let objective = self.house.objective(self.state, id)?;
            let industry = catalog.objectives.get(id.as_str()).and_then(|of_catalog| of_catalog.industry.as_ref());
            let group = match (industry.and_then(|industry| catalog.industries.get(industry)), objective.kind) {
                (Some(industry), _) => industry.title.clone(),
                (None, ObjectiveKind::Business) => "Processing".to_owned(),
                (None, ObjectiveKind::Itgc | ObjectiveKind::Entity) => "IT general controls".to_owned(),
            };
            measures.push(Measure {
                id: id.to_string(),
                group,
                title: objective.title,
                statement: objective.statement,
                controls: controls_of(&|control| control.objectives.contains(id)),
                risks: risks(&|risk| risk.objectives.contains(id))?,
                financial_statement_assertions: objective.assertions.iter().map(|a| a.label().to_owned()).collect(),
                transaction_classes: classes.get(id.as_str()).cloned().unwrap_or_default(),
                not_relevant: None,
            });
        }
        for id in self.engagement.criteria(&self.house.index) {
            let Some(criterion) = catalog.criteria.get(id.as_str()) else { continue };
            let series = catalog.series.get(&criterion.series);
            let excluded =
                self.engagement.not_relevant.get(&id).map(|(reason, _)| self.house.text(reason)).transpose()?;
            measures.push(Measure {
                id: id.to_string(),
                group: series
                    .map_or_else(|| criterion.series.to_string(), |series| format!("{} {}", series.id, series.title)),
                title: criterion.title.clone(),
                statement: criterion.meaning.clone(),
                controls: controls_of(&|control| excluded.is_none() && control.criteria.contains(&id)),
                risks: risks(&|risk| risk.criteria.contains(&id))?,
                financial_statement_assertions: Vec::new(),
                transaction_classes: Vec::new(),
                not_relevant: excluded.map(Prose::new),
            });
        }
        // Business objectives come before IT general controls, the common criteria before those of the categories.
        measures.sort_by_key(|measure| {
            let series = measure.id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            let of_category = ADDITIONAL_CRITERIA.iter().position(|additional| *additional == series);
            (measure.id.starts_with("ITGC"), of_category, natural_order(&measure.id))
        });
        Ok(measures)
    }

    fn control_view(&self, id: &ControlId) -> Result<ControlView, Error> {
        let span = self.figures.span;
        let unknown = || Error::Unknown { kind: "control", name: id.to_string() };
        let control = self.state.controls.get(id).ok_or_else(unknown)?;
        let stated = control.version_for(span).ok_or_else(unknown)?;
        let mut ran: Vec<_> = control.versions_within(span).collect();
        ran.pop();
        let implemented = self.figures.controls.get(id).and_then(|figures| self.figures.is_in_place(figures));
        let earlier_versions = ran.into_iter().map(|(version, days)| {
            let statement = self.house.text(&version.definition.statement)?;
            Ok(ControlVersion { statement, first: days.first, last: days.last })
        });
        let definition = &stated.definition;
        Ok(ControlView {
            id: id.to_string(),
            title: self.house.text(&definition.title)?,
            statement: self.house.text(&definition.statement)?,
            owner: self.owner_title(definition),
            frequency: frequency(definition.frequency),
            nature: nature(definition.nature),
            automation: automation(definition.automation),
            implemented,
            earlier_versions: earlier_versions.collect::<Result<_, Error>>()?,
            since: (stated.effective_on > span.first).then_some(stated.effective_on),
            until: control.ended_within(span),
        })
    }

    /// Section IV: what the firm recorded, and nothing else.
    fn tests_of_controls(&self) -> Result<TestsOfControls, Error> {
        let mut controls = Vec::new();
        for (control, figures) in &self.figures.controls {
            let recorded = figures.firm_tests.iter().filter_map(|id| Some((id, self.engagement.firm_tests.get(id)?)));
            let (ran, idle): (Vec<_>, Vec<_>) = recorded.partition(|(_, test)| test.items_tested > 0);
            if ran.is_empty() && idle.is_empty() {
                continue;
            }
            let tests = ran.into_iter().map(|(id, test)| self.firm_test(id, test)).collect::<Result<_, _>>()?;
            let did_not_operate =
                idle.first().map(|(_, test)| self.house.text(&test.finding).map(Prose::new)).transpose()?;
            controls.push(ControlResults { control: control.to_string(), tests, did_not_operate });
        }
        Ok(TestsOfControls { controls, ..TestsOfControls::default() })
    }

    fn firm_test(&self, id: &FirmTestId, test: &DomainFirmTest) -> Result<FirmTest, Error> {
        let entry = Some(test.entry);
        let (of_tested, of_deviations) = test.digests();
        let tested =
            |counts: &str| Figure::count(test.items_tested, format!("{counts} `{id}`"), Some(of_tested), entry);
        let (authority, extent) = match &test.authority {
            DomainAuthority::Own => {
                let tested = Some(tested("items selected by the firm for"));
                (Authority::Firm, Extent::Selection { population: None, tested })
            }
            DomainAuthority::Adopted { test: of, result, .. } => {
                let adoption = Adoption {
                    control_test: of.to_string(),
                    on: test.performed_on,
                    sql: adopted_sql(self.state, of, *result)?,
                    entry: test.entry,
                };
                let population = tested("items in the population of");
                (Authority::Adopted(adoption), Extent::WholePopulation { population })
            }
        };
        let finding = Prose::new(self.house.text(&test.finding)?);
        let result = if test.deviations == 0 {
            FirmResult::NoDeviations
        } else {
            FirmResult::Deviations(vec![Deviation {
                id: format!("D-{id}"),
                count: Figure::count(
                    test.deviations,
                    format!("deviations found by `{id}`"),
                    Some(of_deviations),
                    entry,
                ),
                tested: tested("items tested by"),
                description: finding,
            }])
        };
        Ok(FirmTest {
            id: id.to_string(),
            procedures: vec![procedure(test.nature)],
            description: Prose::new(self.house.text(&test.procedure)?),
            extent,
            authority,
            result: Some(result),
            digest: Some(test.procedure),
            entry,
        })
    }

    /// Section V: management's responses to the firm's deviations.
    fn other_information(&self) -> Result<OtherInformation, Error> {
        let (mut responses, mut without_response) = (Vec::new(), Vec::new());
        for (id, test) in self.engagement.firm_tests.iter().filter(|(_, test)| test.deviations > 0) {
            let Some(answer) = self.state.answer_to(test, self.figures.span) else {
                let (deviation, control) = (format!("D-{id}"), test.control.to_string());
                without_response.push(UnansweredDeviation { deviation, control });
                continue;
            };
            responses.push(ManagementResponse {
                deviation: format!("D-{id}"),
                control: test.control.to_string(),
                text: Prose::new(self.house.text(&answer.response)?),
                owner: self.owner_title(&self.control(&test.control)?.definition),
                effective_on: answer.effective_on,
                entry: Some(answer.entry),
            });
        }
        Ok(OtherInformation { responses, without_response, sections: Vec::new() })
    }
}

/// Whether a report has a section of tests and their results: a Type 2 of a SOC 1 or SOC 2.
pub(crate) fn has_tests(engagement: &Engagement) -> bool {
    match (engagement.report, engagement.report_type) {
        (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type2(_)) => true,
        (ReportKind::Soc1 | ReportKind::Soc2, ReportType::Type1 { .. }) | (ReportKind::Soc3, _) => false,
    }
}

/// The SQL of a result that the firm adopted. A digest of anything else would stand in the report in its place.
fn adopted_sql(state: &State, test: &TestId, result: u64) -> Result<Digest, Error> {
    let adopted = state.results.get(test).and_then(|results| results.iter().find(|of_test| of_test.entry == result));
    let unknown = || Error::Unknown { kind: "result", name: format!("entry {result} of `{test}`") };
    Ok(adopted.ok_or_else(unknown)?.sql)
}

/// Ids in the order people expect: `CC6.2` before `CC6.10`.
/// The series of additional criteria, as TSP section 100 has them.
const ADDITIONAL_CRITERIA: [&str; 4] = ["A", "PI", "C", "P"];

fn natural_order(id: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = id;
    while !rest.is_empty() {
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(letters);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_is_not_there_lends_the_report_no_digest() {
        let error = adopted_sql(&State::default(), &"payslip-net".parse().unwrap(), 7).unwrap_err();
        assert_eq!(error.to_string(), "there is no result `entry 7 of `payslip-net``");
    }
}
