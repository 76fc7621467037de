//! What the documents of a package print, held against the entries that the package discloses.
//!
//! Rendering a document's data again shows that its pages are those of its data, not that the data are the ledger's:
//! whoever holds the organization's key can issue a package with other numbers in its documents. So each number is
//! compared with the entry behind it, each text with the digest that the ledger keeps of it, and each list with what
//! has to be in it.
//!
//! Out of reach, since the ledger holds them neither as facts nor as digests of the text alone: names of people, control
//! totals (an examination package's manifests hold them), the day a document was prepared, and wording of the catalog,
//! which its digest in an examination package speaks for. What a document could print and no
//! entry records has to be absent.
//!
//! Invariant: nothing is compared with the document itself, and a list that is shorter than the record differs.

mod by_people;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use jiff::{Timestamp, civil::Date};
use tickmark_canonical::{Digest, to_canonical};
use tickmark_domain::{
    Authority, CatalogIndex, ControlId, DatasetId, Engagement, EngagementFigures, ExceptionId,
    FirmTest as RecordedTest, Outcome, ReportKind, Score, State, TestId,
};
use tickmark_ledger::Verified;
use tickmark_report::{
    Document, Figure, Prose,
    view::{self, ManagementTestingView, OtherInformation, ReportView},
};

use crate::{
    Error,
    views::{
        AssertionText, DescriptionText, FirmText, SubserviceAssertionText, coverage, exception_state, extracts_of,
        has_tests, procedure, report_kind, section_order, standards,
    },
};

/// What the disclosed entries say of one engagement.
pub(crate) struct Recorded<'a> {
    state: &'a State,
    index: &'a CatalogIndex,
    engagement: &'a Engagement,
    figures: &'a EngagementFigures,
    recorded_at: BTreeMap<u64, Timestamp>,
    verified: &'a Verified,
}

impl<'a> Recorded<'a> {
    pub(crate) fn new(
        state: &'a State,
        index: &'a CatalogIndex,
        figures: &'a EngagementFigures,
        verified: &'a Verified,
    ) -> Result<Self, Error> {
        let engagement = state.engagements.get(&figures.engagement);
        let engagement =
            engagement.ok_or_else(|| tickmark_domain::Refusal::UnknownEngagement(figures.engagement.clone()))?;
        let disclosed = verified.streams.values().flatten();
        let recorded_at = disclosed.map(|disclosed| (disclosed.index, disclosed.entry.recorded_at)).collect();
        Ok(Self { state, index, engagement, figures, recorded_at, verified })
    }

    /// Refuses a document that prints anything else than the entries say.
    pub(crate) fn require(&self, document: &Document) -> Result<(), Error> {
        self.engagement(document.engagement())?;
        match document {
            Document::Report(view) => self.report(view),
            Document::ManagementTesting(view) => self.management_testing(view),
            Document::Exceptions(view) => {
                self.provenance(&view.provenance)?;
                self.exceptions("the list of exceptions", &view.exceptions)
            }
        }
    }

    fn engagement(&self, view: &view::EngagementView) -> Result<(), Error> {
        let recorded = self.engagement;
        same("the engagement", &self.figures.engagement, &view.id)?;
        holds("the report's kind", report_kind(recorded.report) == view.report)?;
        holds("the standards", standards(recorded) == view.standards)?;
        holds("the order of the sections", section_order(recorded.section_order) == view.section_order)?;
        holds("the days that the report covers", coverage(recorded.report_type) == view.coverage)?;
        let name = self.state.organization.as_ref().map(|organization| organization.name);
        of_digest("the organization's name", name, view.organization.name.as_bytes())?;
        of_digest("the name of the system", Some(recorded.system), view.system.as_bytes())?;
        match (&recorded.firm, &view.firm) {
            (Some(appointed), Some(firm)) => {
                let text = FirmText { name: firm.name.clone(), city: firm.city.clone() };
                of_digest("the firm's name", Some(appointed.name), &to_canonical(&text)?)
            }
            (recorded, printed) => holds("the firm's name", recorded.is_none() && printed.is_none()),
        }
    }

    fn provenance(&self, view: &view::Provenance) -> Result<(), Error> {
        same("the ledger's name", &self.verified.origin, &view.origin)?;
        same("the catalog", self.index.catalog, view.catalog)?;
        holds("the ledger's size", view.ledger_size <= self.verified.size)?;
        let is_anchored = matches!(view.anchoring, view::Anchoring::Outside { .. });
        holds("the anchors outside", !is_anchored || !self.verified.anchors.is_empty())
    }

    fn report(&self, view: &ReportView) -> Result<(), Error> {
        self.provenance(&view.provenance)?;
        self.auditors_report(&view.auditor_report)?;
        self.assertion(&view.assertion)?;
        self.description(&view.description)?;
        self.subservice_assertions(&view.subservice_assertions)?;
        match (&view.tests_of_controls, has_tests(self.engagement)) {
            (Some(section), true) => self.tests_of_controls(section)?,
            (printed, has_tests) => holds("Section IV", printed.is_some() == has_tests)?,
        }
        self.other_information(view.other_information.as_ref())
    }

    /// Section V: every deviation of the firm stands there, answered or not.
    fn other_information(&self, section: Option<&OtherInformation>) -> Result<(), Error> {
        let (mut answered, mut open) = (BTreeSet::new(), BTreeSet::new());
        for (id, test) in self.engagement.firm_tests.iter().filter(|(_, test)| test.deviations > 0) {
            let is_answered = self.state.answer_to(test, self.figures.span).is_some();
            let standing = if is_answered { &mut answered } else { &mut open };
            standing.insert(format!("D-{id}"));
        }
        let Some(section) = section else {
            return holds("the deviations of Section V", answered.is_empty() && open.is_empty());
        };
        holds("the sections of Section V", section.sections.is_empty())?;
        let printed: BTreeSet<String> = section.responses.iter().map(|response| response.deviation.clone()).collect();
        holds("the deviations with a response", printed == answered)?;
        let printed: BTreeSet<String> = section.without_response.iter().map(|of| of.deviation.clone()).collect();
        holds("the deviations without a response", printed == open)?;
        section.responses.iter().try_for_each(|response| self.response(response))
    }

    fn auditors_report(&self, view: &view::AuditorReport) -> Result<(), Error> {
        match (&self.engagement.auditors_report, view) {
            (Some(recorded), view::AuditorReport::Issued { text, signed_by, city, dated, digest, entry }) => {
                let firm = FirmText { name: signed_by.clone(), city: city.clone() };
                let appointed = self.engagement.firm.as_ref().map(|appointed| appointed.name);
                of_digest("the firm that signed Section I", appointed, &to_canonical(&firm)?)?;
                prose("the service auditor's report", Some(recorded.text), text)?;
                same("the object of the service auditor's report", recorded.text, digest)?;
                same("the date of the service auditor's report", recorded.dated_on, dated)?;
                same("the entry of the service auditor's report", recorded.entry, entry)
            }
            (recorded, view::AuditorReport::NotIssued) => holds("Section I", recorded.is_none()),
            (None, view::AuditorReport::Issued { .. }) => holds("Section I", false),
        }
    }

    fn assertion(&self, view: &view::ManagementAssertion) -> Result<(), Error> {
        let Some(recorded) = &self.engagement.assertion else {
            return holds("management's assertion", view.text.is_empty() && view.signed_on.is_none());
        };
        let [signatory] = view.signatories.as_slice() else {
            return holds("who signed management's assertion", false);
        };
        holds("management's assertion", view.text.figures.is_empty())?;
        let text = AssertionText { text: view.text.prose.clone(), title: signatory.title.clone() };
        of_digest("management's assertion", Some(recorded.text), &to_canonical(&text)?)?;
        same("the day management signed on", shown(Some(recorded.signed_on)), shown(view.signed_on))?;
        same("the entry of management's assertion", shown(Some(recorded.entry)), shown(view.entry))
    }

    /// Each assertion that a subservice organization gave, in the order of their ids, and no other.
    fn subservice_assertions(&self, printed: &[view::SubserviceAssertion]) -> Result<(), Error> {
        let recorded = &self.engagement.subservice_assertions;
        holds("the assertions of subservice organizations", recorded.len() == printed.len())?;
        for (recorded, view::SubserviceAssertion { organization, assertion }) in recorded.values().zip(printed) {
            let what = format!("the assertion of {organization}");
            of_digest(&format!("whose {what} is"), Some(recorded.name), organization.as_bytes())?;
            let [signatory] = assertion.signatories.as_slice() else { return holds(&what, false) };
            holds(&what, assertion.text.figures.is_empty())?;
            let (signed_by, title) = (signatory.name.clone(), signatory.title.clone());
            let text = SubserviceAssertionText { text: assertion.text.prose.clone(), signed_by, title };
            of_digest(&what, Some(recorded.text), &to_canonical(&text)?)?;
            same(&format!("the day of {what}"), shown(Some(recorded.signed_on)), shown(assertion.signed_on))?;
            same(&format!("the entry of {what}"), shown(Some(recorded.entry)), shown(assertion.entry))?;
        }
        Ok(())
    }

    fn description(&self, view: &view::Description) -> Result<(), Error> {
        let classes = view.measures.iter().filter(|measure| !measure.transaction_classes.is_empty());
        let text = DescriptionText {
            description: view::Description { measures: Vec::new(), controls: Vec::new(), ..view.clone() },
            objective_classes: classes.map(|m| (m.id.clone(), m.transaction_classes.clone())).collect(),
        };
        let recorded = self.engagement.description.as_ref().map(|adopted| adopted.text);
        of_digest("the system description", recorded, &to_canonical(&text)?)?;
        // A SOC 3 shows none of the criteria and controls in scope.
        if self.engagement.report == ReportKind::Soc3 {
            return holds("what a SOC 3 attaches", view.measures.is_empty() && view.controls.is_empty());
        }
        self.measures(&view.measures)?;
        let what = "the controls of Section III";
        require_all(what, self.figures.controls.keys(), view.controls.iter().map(|control| &control.id))?;
        view.controls.iter().try_for_each(|control| self.control(control))
    }

    /// Each objective or criterion in scope, with the controls in scope that serve it.
    fn measures(&self, measures: &[view::Measure]) -> Result<(), Error> {
        let mut of_measure: BTreeMap<String, BTreeSet<&ControlId>> = BTreeMap::new();
        of_measure.extend(self.engagement.objectives.iter().map(|id| (id.to_string(), BTreeSet::new())));
        of_measure.extend(self.engagement.criteria(self.index).iter().map(|id| (id.to_string(), BTreeSet::new())));
        for (id, version) in self.engagement.controls(self.state, self.index) {
            let objectives = version.definition.objectives.iter().map(ToString::to_string);
            for measure in objectives.chain(version.definition.criteria.iter().map(ToString::to_string)) {
                if let Some(controls) = of_measure.get_mut(&measure) {
                    controls.insert(id);
                }
            }
        }
        require_all(
            "the objectives or criteria of Section III",
            of_measure.keys(),
            measures.iter().map(|measure| &measure.id),
        )?;
        measures.iter().try_for_each(|measure| {
            let what = format!("why {} is not relevant", measure.id);
            let excluded = self.engagement.not_relevant.iter().find(|(id, _)| id.as_str() == measure.id);
            match (excluded, &measure.not_relevant) {
                (None, None) => {}
                (Some((_, (reason, _))), Some(printed)) => prose(&what, Some(*reason), printed)?,
                (Some(_), None) | (None, Some(_)) => return holds(&what, false),
            }
            let controls = of_measure.remove(&measure.id).filter(|_| excluded.is_none()).unwrap_or_default();
            require_all(&format!("the controls of {}", measure.id), controls, &measure.controls)
        })
    }

    fn control(&self, view: &view::ControlView) -> Result<(), Error> {
        let what = format!("the statement of {}", view.id);
        let id: ControlId = view.id.parse()?;
        let of_control = self.figures.controls.get(&id).map(|figures| figures.statement);
        of_digest(&what, of_control, view.statement.as_bytes())?;
        let Some(control) = self.state.controls.get(&id) else { return holds(&what, false) };
        let (days, stated) = (self.figures.span, control.version_for(self.figures.span));
        let title = stated.map(|version| version.definition.title);
        of_digest(&format!("the title of {}", view.id), title, view.title.as_bytes())?;
        let since = stated.map(|version| version.effective_on).filter(|on| *on > days.first);
        same(&format!("since when {} is as stated", view.id), shown(since), shown(view.since))?;
        same(&format!("until when {} ran", view.id), shown(control.ended_within(days)), shown(view.until))?;
        let mut earlier: Vec<_> = control.versions_within(days).collect();
        holds(&format!("whether {} ran", view.id), earlier.pop().is_some())?;
        let in_place = self.figures.controls.get(&id).and_then(|of| self.figures.is_in_place(of));
        holds(&format!("whether {} is in place", view.id), in_place == view.implemented)?;
        holds(&format!("the versions of {}", view.id), earlier.len() == view.earlier_versions.len())?;
        for ((version, days), printed) in earlier.into_iter().zip(&view.earlier_versions) {
            let what = format!("an earlier version of {}", view.id);
            of_digest(&what, Some(version.definition.statement), printed.statement.as_bytes())?;
            same(&format!("the first day of {what}"), days.first, printed.first)?;
            same(&format!("the last day of {what}"), days.last, printed.last)?;
        }
        Ok(())
    }

    /// Section IV prints every test that the firm recorded, and no other.
    fn tests_of_controls(&self, section: &view::TestsOfControls) -> Result<(), Error> {
        // The firm records tests, and no other words for this section.
        let words = view::TestsOfControls { controls: Vec::new(), ..section.clone() };
        holds("the firm's words in Section IV", words == view::TestsOfControls::default())?;
        let in_scope = self.figures.controls.values().flat_map(|control| &control.firm_tests);
        let recorded: BTreeMap<String, &RecordedTest> =
            in_scope.filter_map(|id| Some((id.to_string(), self.engagement.firm_tests.get(id)?))).collect();
        let ran = recorded.iter().filter(|(_, test)| test.items_tested > 0).map(|(id, _)| id);
        let printed = section.controls.iter().flat_map(|control| control.tests.iter().map(move |test| (control, test)));
        require_all("the firm's tests in Section IV", ran, printed.clone().map(|(_, test)| &test.id))?;
        for (control, test) in printed {
            let Some(recorded) = recorded.get(&test.id) else { continue };
            self.firm_test(&control.control, test, recorded)?;
        }
        for (id, idle) in recorded.iter().filter(|(_, test)| test.items_tested == 0) {
            let of_control = section.controls.iter().find(|control| control.control == idle.control.as_str());
            let says = of_control.and_then(|control| control.did_not_operate.as_ref());
            // Of several such tests of one control the first one's words print.
            let is_first = !recorded
                .iter()
                .any(|(other, test)| other < id && test.items_tested == 0 && test.control == idle.control);
            if is_first {
                let what = format!("why {} did not operate", idle.control);
                prose(&what, Some(idle.finding), says.unwrap_or(&Prose::default()))?;
            }
        }
        Ok(())
    }

    fn firm_test(&self, control: &str, view: &view::FirmTest, recorded: &RecordedTest) -> Result<(), Error> {
        let what = |part: &str| format!("{part} of the firm's test `{}`", view.id);
        same(&what("the control"), &recorded.control, control)?;
        same(&what("the entry"), shown(Some(recorded.entry)), shown(view.entry))?;
        prose(&what("the description"), Some(recorded.procedure), &view.description)?;
        holds(&what("the nature"), view.procedures == [procedure(recorded.nature)])?;
        let (of_tested, of_deviations) = recorded.digests();
        let count = |part: &str, figure: &Figure, value: u64, digest: Digest| {
            number(&what(part), figure, value, Some(digest), Some(recorded.entry))
        };
        match (&recorded.authority, &view.authority, &view.extent) {
            (
                Authority::Own,
                view::Authority::Firm,
                view::Extent::Selection { population: None, tested: Some(tested) },
            ) => {
                count("the items tested", tested, recorded.items_tested, of_tested)?;
            }
            (
                Authority::Adopted { test, result, .. },
                view::Authority::Adopted(adoption),
                view::Extent::WholePopulation { population },
            ) => {
                count("the population", population, recorded.items_tested, of_tested)?;
                same(&what("the control test adopted"), test, &adoption.control_test)?;
                same(&what("the day of the adoption"), recorded.performed_on, adoption.on)?;
                let results = self.state.results.get(test).map_or(&[][..], Vec::as_slice);
                let adopted = results.iter().find(|of_test| of_test.entry == *result);
                same(&what("the SQL adopted"), shown(adopted.map(|adopted| adopted.sql)), adoption.sql)?;
                same(&what("the entry of the adoption"), recorded.entry, adoption.entry)?;
            }
            _ => holds(&what("the authority"), false)?,
        }
        match &view.result {
            Some(view::FirmResult::NoDeviations) => same(&what("the deviations"), recorded.deviations, 0),
            Some(view::FirmResult::Deviations(list)) => {
                let [deviation] = list.as_slice() else { return holds(&what("the list of deviations"), false) };
                count("the deviations", &deviation.count, recorded.deviations, of_deviations)?;
                count("the items tested", &deviation.tested, recorded.items_tested, of_tested)?;
                prose(&what("the finding"), Some(recorded.finding), &deviation.description)
            }
            Some(view::FirmResult::NotPerformed { .. }) | None => holds(&what("the result"), false),
        }
    }

    fn response(&self, view: &view::ManagementResponse) -> Result<(), Error> {
        let what = format!("management's response to {}", view.deviation);
        let of_firm = view.deviation.strip_prefix("D-").and_then(|id| id.parse().ok());
        let test = of_firm.and_then(|id| self.engagement.firm_tests.get(&id)).filter(|test| test.deviations > 0);
        let Some(answer) = test.and_then(|test| self.state.answer_to(test, self.figures.span)) else {
            return holds(&what, false);
        };
        prose(&what, Some(answer.response), &view.text)?;
        same(&format!("the day of {what}"), shown(answer.effective_on), shown(view.effective_on))
    }

    fn management_testing(&self, view: &ManagementTestingView) -> Result<(), Error> {
        self.provenance(&view.provenance)?;
        holds("management's own words", view.approach.is_empty())?;
        let newest = view.provenance.ledger_size.checked_sub(1);
        for (kind, recorded) in [
            (view::ScoreKind::Design, self.figures.design),
            (view::ScoreKind::Implementation, self.figures.implementation),
            (view::ScoreKind::Operation, self.figures.operation),
            (view::ScoreKind::EvidenceQuality, self.figures.evidence_quality),
        ] {
            let printed = view.scores.iter().find(|score| score.kind == kind);
            let Score { holds, does_not, untested } = recorded;
            let what = format!("the score of {kind:?}").to_lowercase();
            let printed = printed.ok_or_else(|| differs(&what, &holds.to_string(), "none"))?;
            number(&what, &printed.met, holds, None, newest)?;
            number(&what, &printed.of, holds + does_not, None, newest)?;
            number(&what, &printed.untested, untested, None, newest)?;
        }
        let what = "the controls of management's testing";
        require_all(what, self.figures.controls.keys(), view.controls.iter().map(|control| &control.id))?;
        for control in &view.controls {
            let Some(of_control) = self.figures.controls.get(&control.id.parse()?) else { continue };
            self.conclusion(&control.id.parse()?, of_control, control.conclusion.as_ref())?;
            self.management_tests(&control.id.parse()?, of_control, &control.management_tests)?;
            of_digest(
                &format!("the statement of {}", control.id),
                Some(of_control.statement),
                control.statement.as_bytes(),
            )?;
            let ran = of_control
                .tests
                .iter()
                .filter(|test| self.figures.tests.get(*test).is_some_and(|t| t.outcome.is_some()));
            require_all(
                &format!("the control tests of {}", control.id),
                ran,
                control.tests.iter().map(|test| &test.id),
            )?;
            control.tests.iter().try_for_each(|test| self.control_test(test))?;
        }
        self.sources(&view.sources)?;
        self.exceptions("the exceptions of management's testing", &view.exceptions)
    }

    fn control_test(&self, view: &view::ControlTesting) -> Result<(), Error> {
        let what = |part: &str| format!("{part} of the control test `{}`", view.id);
        let id: TestId = view.id.parse()?;
        let (Some(figures), Some(result)) =
            (self.figures.tests.get(&id), self.state.newest_result(&id, self.figures.span))
        else {
            return holds(&what("the result"), false);
        };
        let entry = Some(result.entry);
        let count = |part: &str, figure: &Figure, value: u64, digest: Option<Digest>| {
            number(&what(part), figure, value, digest, entry)
        };
        let population = |figure: &Figure| count("the population", figure, result.population, result.population_digest);
        let printed = match &view.outcome {
            view::Outcome::NoExceptions { .. } => Outcome::NoExceptions,
            view::Outcome::Exceptions { .. } => Outcome::Exceptions,
            view::Outcome::NoOccurrence { .. } => Outcome::NoOccurrence,
            view::Outcome::NotEvaluable { .. } => Outcome::NotEvaluable,
            view::Outcome::Error { .. } => Outcome::Error,
        };
        same(&what("the outcome"), result.outcome, printed)?;
        match &view.outcome {
            view::Outcome::NoExceptions { population: of } | view::Outcome::NoOccurrence { population: of } => {
                population(of)?
            }
            view::Outcome::Exceptions { population: of, exceptions } => {
                population(of)?;
                count("the exceptions", exceptions, result.exceptions, result.rows_digest)?;
            }
            view::Outcome::NotEvaluable { reason } | view::Outcome::Error { message: reason } => {
                let recorded = result.reason.unwrap_or_else(|| Digest::of(b""));
                of_digest(&what("the reason"), Some(recorded), reason.as_bytes())?;
            }
        }
        let results = self.state.results.get(&id).map_or(&[][..], Vec::as_slice);
        let runs = results.iter().filter(|of_test| of_test.span == self.figures.span).count() as u64;
        count("the runs", &view.runs, runs, None)?;
        count("the canaries", &view.canaries, result.canaries, Some(result.sql))?;
        same(&what("the day"), result.on, view.on)?;
        same(&what("the SQL"), result.sql, view.sql)?;
        same(&what("the engine"), &result.engine, &view.engine)?;
        same(&what("the rows"), shown(result.rows_digest), shown(view.rows))?;
        same(&what("the entry"), shown(entry), shown(view.entry))?;
        holds(&what("the extracts that are late"), (figures.late == 0) == view.late.is_empty())?;
        require_all(&what("the datasets"), figures.inputs.keys(), &view.datasets)?;
        require_all(&what("the exceptions raised"), figures.raised.keys(), &view.exceptions)
    }

    fn sources(&self, printed: &[view::SourceView]) -> Result<(), Error> {
        let inputs: BTreeMap<_, _> = self.figures.tests.values().flat_map(|test| &test.inputs).collect();
        require_all("the sources", inputs.keys(), printed.iter().map(|source| &source.dataset))?;
        for view in printed {
            let Some((id, of_dataset)) = inputs.get_key_value(&view.dataset.parse::<DatasetId>()?) else { continue };
            let extracts = extracts_of(self.state, id, self.figures.span);
            let digest = extracts.digest();
            let entry = extracts.last_entry();
            let what = |part: &str| format!("{part} of the source of `{id}`");
            let count =
                |part: &str, figure: &Figure, value: u64| number(&what(part), figure, value, Some(digest), entry);
            same(&what("the manifests"), digest, view.manifest)?;
            same(&what("the entry"), shown(entry), shown(view.entry))?;
            count("the extracts", &view.extracts, extracts.count())?;
            let perhaps = |part: &str, printed: &Option<Figure>, recorded: Option<u64>| match (recorded, printed) {
                (Some(value), Some(figure)) => count(part, figure, value),
                (recorded, printed) => holds(&what(part), recorded.is_none() && printed.is_none()),
            };
            perhaps("the rows", &view.rows, extracts.rows())?;
            let all_counted = of_dataset.counted > 0 && of_dataset.counted == of_dataset.extracts;
            perhaps("the source's own count", &view.source_count, of_dataset.source_rows.filter(|_| all_counted))?;
            holds(&what("the control totals"), extracts.rows().is_some() || view.control_totals.is_empty())?;
            perhaps("the extracts read again", &view.read_again, extracts.read_again())?;
            let printed = [&view.late_rows, &view.restated_rows, &view.vanished_rows];
            for ((word, rows), printed) in extracts.changes().into_iter().zip(printed) {
                perhaps(&format!("the rows that were {word}"), printed, rows)?;
            }
            holds(
                &what("the completeness"),
                (of_dataset.is_complete() == Some(true)) == view.incomplete_because.is_none(),
            )?;
            let (first, last) = extracts.days().unwrap_or((self.figures.span.first, self.figures.span.last));
            same(&what("the first day"), first, view.first)?;
            same(&what("the last day"), last, view.last)?;
        }
        Ok(())
    }

    /// Every exception that was raised over the days, and no other.
    fn exceptions(&self, what: &str, printed: &[view::ExceptionRow]) -> Result<(), Error> {
        let raised = self.figures.raised().map(|(id, _)| id);
        require_all(what, raised.collect::<BTreeSet<_>>(), printed.iter().map(|row| &row.id))?;
        printed.iter().try_for_each(|row| self.exception(row))
    }

    fn exception(&self, view: &view::ExceptionRow) -> Result<(), Error> {
        let what = |part: &str| format!("{part} of the exception `{}`", view.id);
        let id: ExceptionId = view.id.parse()?;
        let Some(recorded) = self.state.exceptions.get(&id) else { return holds(&what("the record"), false) };
        let entry = recorded.last_seen;
        number(&what("the items"), &view.items, recorded.items, Some(recorded.rows), Some(entry))?;
        match (self.tested(recorded), &view.population) {
            (Some((items, digest, entry)), Some(figure)) => {
                number(&what("the population"), figure, items, digest, Some(entry))?;
            }
            (tested, printed) => holds(&what("the population"), tested.is_none() && printed.is_none())?,
        }
        same(&what("the control test"), shown(recorded.origin.control_test()), shown(view.control_test.as_ref()))?;
        let by_people = recorded.origin.management_test();
        same(&what("the management test"), shown(by_people), shown(view.management_test.as_ref()))?;
        self.assessment(recorded, view)?;
        same(&what("the rows"), recorded.rows, view.rows)?;
        same(&what("the entry"), shown(Some(entry)), shown(view.entry))?;
        same(&what("the first day seen"), shown(self.day(recorded.first_seen)), view.first_seen)?;
        same(&what("the last day seen"), shown(self.day(entry)), view.last_seen)?;
        let gone_on = (recorded.items == 0).then(|| self.day(entry)).flatten();
        same(&what("the day it was gone"), shown(gone_on), shown(view.gone_on))?;
        holds(&what("the state"), exception_state(recorded.state) == view.state)?;
        let history = recorded.history.iter().map(|(to, entry)| (exception_state(*to), self.day(*entry), Some(*entry)));
        let printed = view.history.iter().map(|change| (change.state, Some(change.on), change.entry));
        holds(&what("the history"), history.eq(printed))?;
        let text = view.response.clone().unwrap_or_default();
        let withdrawn = recorded.withdrawal.as_ref().filter(|proposed| proposed.agreed_by.is_some());
        match withdrawn.map(|proposed| proposed.reason) {
            // Who agreed stands behind the reason: a name, which the ledger does not hold.
            Some(reason) => {
                let begins =
                    |end: usize| text.prose.get(..end).is_some_and(|head| Digest::of(head.as_bytes()) == reason);
                holds(&what("the reason of the withdrawal"), text.prose.match_indices(' ').any(|(end, _)| begins(end)))
            }
            None => match recorded.response {
                Some(digest) => prose(&what("the response"), Some(digest), &text),
                None => holds(&what("the response"), text.is_empty()),
            },
        }
    }

    /// The local day of an entry.
    fn day(&self, entry: u64) -> Option<Date> {
        self.state.local_date(*self.recorded_at.get(&entry)?)
    }
}

/// A number is the one recorded, with the same digest and entry behind it.
fn number(
    what: &str,
    printed: &Figure,
    recorded: u64,
    digest: Option<Digest>,
    entry: Option<u64>,
) -> Result<(), Error> {
    same(what, recorded, shown(printed.as_count()))?;
    same(&format!("the digest behind {what}"), shown(digest), shown(printed.digest))?;
    same(&format!("the entry behind {what}"), shown(entry), shown(printed.entry))
}

fn prose(what: &str, recorded: Option<Digest>, printed: &Prose) -> Result<(), Error> {
    holds(what, printed.figures.is_empty())?;
    of_digest(what, recorded, printed.prose.as_bytes())
}

fn of_digest(what: &str, recorded: Option<Digest>, printed: &[u8]) -> Result<(), Error> {
    let what = format!("the digest of {what}");
    same(&what, shown(recorded), Digest::of(printed))
}

/// A list has every member that is recorded, once, and no other.
fn require_all<R: Display, P: Display>(
    what: &str,
    recorded: impl IntoIterator<Item = R>,
    printed: impl IntoIterator<Item = P>,
) -> Result<(), Error> {
    let mut left: BTreeSet<String> = recorded.into_iter().map(|member| member.to_string()).collect();
    for member in printed {
        let member = member.to_string();
        if !left.remove(&member) {
            return Err(differs(what, "what the entries record, each once", &format!("`{member}` besides")));
        }
    }
    match left.into_iter().next() {
        None => Ok(()),
        Some(missing) => Err(differs(what, &format!("`{missing}` among them"), "a document without it")),
    }
}

fn same(what: &str, recorded: impl Display, printed: impl Display) -> Result<(), Error> {
    let (recorded, printed) = (recorded.to_string(), printed.to_string());
    if recorded == printed { Ok(()) } else { Err(differs(what, &recorded, &printed)) }
}

fn holds(what: &str, agrees: bool) -> Result<(), Error> {
    if agrees { Ok(()) } else { Err(differs(what, "what the entries record", "something else")) }
}

fn shown<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn differs(what: &str, expected: &str, found: &str) -> Error {
    let what = format!("what a document prints: {what}");
    Error::Differs { what, expected: expected.to_owned(), found: found.to_owned() }
}
