//! The bridge letter: management about the days after the period's last, on which no report speaks. Nobody examined it.

use jiff::{Span as Time, civil::Date};
use tickmark_domain::{ExceptionState, Outcome, ReportType, ScopeFacts, Span};
use tickmark_report::{
    counted,
    view::{AuditorReport, CompanionPart, CompanionView},
};

use super::{days, signatories};
use crate::{Error, views::Scene};

/// The longest stretch that readers take a bridge letter for (DAT-07), in days.
const USUAL_DAYS: u64 = 92;

impl Scene<'_> {
    pub(super) fn bridge_letter(&self, until: Date) -> Result<CompanionView, Error> {
        let ReportType::Type2(period) = self.engagement.report_type else {
            return Err(Error::NoCompanion("a Type 1 speaks of one day, and leaves no gap that a letter could bridge"));
        };
        let first = period.last.saturating_add(Time::new().days(1));
        let today = self.local_date(self.house.now());
        if until < first {
            return Err(Error::NoCompanion("the report itself speaks of these days"));
        }
        if until > today {
            return Err(Error::NoCompanion("nobody can speak of days that are not over"));
        }
        let gap = Span { first, last: until };
        let report = self.report()?;
        let organization = &report.engagement.organization;
        let mut parts = Vec::new();
        let mut notice = |title: &str, text: &str| {
            parts.push(CompanionPart::Notice { title: title.to_owned(), text: text.to_owned() });
        };
        if matches!(report.auditor_report, AuditorReport::NotIssued) {
            notice(
                "The report is not issued",
                "The service auditor has not signed the report yet. A letter that goes out before it bridges nothing.",
            );
        }
        if gap.length() > USUAL_DAYS {
            notice(
                "Longer than three months (DAT-07)",
                &format!(
                    "The letter speaks of {}. Readers rarely rely on one for so long; ask what a report over these days would take.",
                    counted(gap.length(), "day", "days")
                ),
            );
        }
        let text = |text: String| CompanionPart::Paragraph(text);
        let heading = |title: &str| CompanionPart::Heading(title.to_owned());
        parts.push(text(format!(
            "To the users of the report named above, and their auditors. The report speaks of {}. This letter is about {}, the days after \
             it, on which no report of the service auditor speaks. It is to the best of our knowledge and belief.",
            days(period),
            days(gap)
        )));
        parts.push(heading("Changes"));
        let changes = self.changes_in(gap)?;
        if changes.is_empty() {
            parts.push(text(
                "Neither the controls that the report states nor the scope of the system changed on these days, as far as is recorded."
                    .to_owned(),
            ));
        } else {
            parts.push(text("On these days the following changed in the controls that the report states, and in the scope of the system:".to_owned()));
            parts.push(CompanionPart::Points(changes));
        }
        parts.push(heading("Failures that we know of"));
        parts.extend(self.failures_in(gap)?);
        let cuecs = &report.description.complementary_user_entity_controls;
        if !cuecs.is_empty() {
            parts.push(heading("Controls that you run"));
            parts.push(text(format!(
                "The controls of {} are designed on the assumption that you run these controls, on the days of this letter too:",
                organization.short_name
            )));
            parts.push(CompanionPart::Points(cuecs.iter().map(|cuec| format!("{}: {}", cuec.id, cuec.text)).collect()));
        }
        parts.push(heading("What this letter is"));
        parts.push(text(
            "It is written by management. The service auditor neither wrote nor examined it, and it gives no assurance. It does not take \
             the place of the report, and is of use only to those for whom the report is meant."
                .to_owned(),
        ));
        Ok(CompanionView {
            organization: organization.name.clone(),
            kind: "Bridge letter".to_owned(),
            title: format!("{} to {}", gap.first, gap.last),
            dated: today,
            facts: vec![
                ("From".to_owned(), organization.name.clone()),
                ("About".to_owned(), report.engagement.system.clone()),
                ("Report".to_owned(), self.report_named()),
                ("Service auditor".to_owned(), self.firm_named()?),
                ("Date".to_owned(), today.to_string()),
            ],
            parts,
            signatories: signatories(&report),
            foot: "Management's letter. Not examined by the service auditor.".to_owned(),
        })
    }

    /// What became otherwise on these days, in the controls that the report states and in the scope of the system.
    fn changes_in(&self, gap: Span) -> Result<Vec<String>, Error> {
        let mut said = Vec::new();
        for id in self.figures.controls.keys() {
            let Some(control) = self.state.controls.get(id) else { continue };
            if let Some(drop) = control.dropped().filter(|drop| gap.holds(drop.dropped_on)) {
                said.push(format!("{}: control {id} does not run any more", drop.dropped_on));
            }
            for version in control.versions.iter().filter(|version| gap.holds(version.effective_on)) {
                let title = self.house.text(&version.definition.title)?;
                said.push(format!("{}: control {id} ({title}) reads otherwise", version.effective_on));
            }
        }
        for (id, record) in &self.state.scope {
            let Some(newest) = record.versions.last() else { continue };
            let name = self.house.text(&newest.item.name)?;
            let kind = newest.item.facts.kind();
            if matches!(newest.item.facts, ScopeFacts::UserEntity(_)) {
                continue; // Who else is a client is nobody's affair.
            }
            if let Some(retirement) = record.retired().filter(|retirement| gap.holds(retirement.retired_on)) {
                said.push(format!("{}: {kind} {name} is not in scope any more", retirement.retired_on));
            }
            let (is_new, since) = (record.versions.len() == 1, newest.effective_on);
            if gap.holds(since) && record.retired().is_none() {
                let what = if is_new { "is new" } else { "changed" };
                said.push(format!("{since}: {kind} {name} {what} (`{id}`)"));
            }
        }
        said.sort();
        Ok(said)
    }

    /// Exceptions over the period of the report whose cause was not put right: they reach into the days of the letter.
    fn not_put_right(&self) -> Result<Vec<CompanionPart>, Error> {
        let stands = |state: &ExceptionState| matches!(state, ExceptionState::Open | ExceptionState::Responded);
        let mut rows = Vec::new();
        for (id, (state, items)) in self.figures.raised().filter(|(_, (state, _))| stands(state)) {
            let row = self.exception_row(id)?;
            rows.push(vec![row.control, row.title, counted(*items, "item", "items"), state.to_string()]);
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let says = "Our own testing over the period of the report found these exceptions, whose cause is not recorded as put right. What \
                    they are about may go on after the period.";
        let columns = [("Control", 14), ("What has to hold", 52), ("Items", 18), ("State", 16)];
        Ok(vec![CompanionPart::Paragraph(says.to_owned()), CompanionPart::table(&columns, rows)])
    }

    /// Exceptions over days of the letter, and how far control tests have looked at them: nothing found where nobody looked is
    /// no good news.
    fn failures_in(&self, gap: Span) -> Result<Vec<CompanionPart>, Error> {
        let of_these = |exception: &tickmark_domain::Exception| {
            exception.span.last >= gap.first
                && exception.span.first <= gap.last
                && self.figures.controls.keys().any(|control| exception.origin.is_about(control, &self.house.index))
        };
        let mut rows = Vec::new();
        for (id, exception) in self.state.exceptions.iter().filter(|(_, exception)| of_these(exception)) {
            let row = self.exception_row(id)?;
            rows.push(vec![
                row.control,
                row.title,
                counted(exception.items, "item", "items"),
                days(exception.span),
                exception.state.to_string(),
            ]);
        }
        let looked = self.figures.tests.keys().filter_map(|test| {
            let results = self.state.results.get(test)?;
            results
                .iter()
                .filter(|result| result.span.last >= gap.first && looked_at(result.outcome))
                .map(|result| result.span.last)
                .max()
        });
        let looked: Vec<Date> = looked.collect();
        let mut parts = self.not_put_right()?;
        parts.push(CompanionPart::Paragraph(match looked.iter().max() {
            None => "No control test has looked at these days, so what it would find is not known.".to_owned(),
            Some(last) => format!(
                "Of {}, {} looked at days of this letter, up to {}.",
                counted(self.figures.tests.len() as u64, "control test", "control tests"),
                looked.len(),
                (*last).min(gap.last)
            ),
        }));
        if rows.is_empty() {
            parts.push(CompanionPart::Paragraph("No exception over these days is recorded.".to_owned()));
        } else {
            let columns =
                [("Control", 12), ("What has to hold", 40), ("Items", 14), ("Days tested", 22), ("State", 14)];
            parts.push(CompanionPart::table(&columns, rows));
        }
        Ok(parts)
    }
}

/// Whether a control test looked at its population.
fn looked_at(outcome: Outcome) -> bool {
    match outcome {
        Outcome::NoExceptions | Outcome::Exceptions | Outcome::NoOccurrence => true,
        Outcome::NotEvaluable | Outcome::Error => false,
    }
}
