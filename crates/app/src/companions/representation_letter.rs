//! The representation letter: what management confirms to the service auditor in writing on the day of its report (AT-C 105.A44
//! and .50; AT-C 320.36; AT-C 205.50), in our own words. The firm asks for what it needs; this is where the facts stand.

use tickmark_domain::{ReportKind, ReportType};
use tickmark_report::{
    counted,
    view::{AuditorReport, CompanionPart, CompanionView, Method},
};

use super::{deviations, signatories};
use crate::{Error, views::Scene};

impl Scene<'_> {
    pub(super) fn representation_letter(&self) -> Result<CompanionView, Error> {
        let report = self.report()?;
        let organization = &report.engagement.organization;
        let operates = matches!(self.engagement.report_type, ReportType::Type2(_));
        let today = self.local_date(self.house.now());
        let (dated, mut parts) = match &report.auditor_report {
            AuditorReport::Issued { dated, .. } => (*dated, Vec::new()),
            AuditorReport::NotIssued => {
                let text =
                    "The letter carries the date of the service auditor's report. That report is not recorded yet.";
                let title = "Date it as the report (DAT-04)".to_owned();
                (today, vec![CompanionPart::Notice { title, text: text.to_owned() }])
            }
        };
        let text = |text: String| CompanionPart::Paragraph(text);
        let heading = |title: &str| CompanionPart::Heading(title.to_owned());
        parts.push(text(
            "We write in connection with your examination for the report named above. We confirm, to the best of our knowledge and belief, \
             after asking those who would know:"
                .to_owned(),
        ));
        parts.push(heading("Our responsibilities"));
        let signed =
            report.assertion.signed_on.map_or("which we have yet to sign".to_owned(), |on| format!("signed on {on}"));
        // Control objectives are management's own; criteria are given, and management's are the commitments that they are met by.
        let chosen = match self.engagement.report {
            ReportKind::Soc1 => "choose the control objectives",
            ReportKind::Soc2 | ReportKind::Soc3 => "set the principal service commitments and system requirements",
        };
        let operation = if operates { " and operated effectively" } else { "" };
        let mut ours = vec![
            match self.engagement.report {
                ReportKind::Soc1 | ReportKind::Soc2 => {
                    format!("The description of the {} is ours, and so is the assertion, {signed}; we stand by both.", report.engagement.system)
                }
                ReportKind::Soc3 => format!(
                    "The boundary of the {} and its principal service commitments and system requirements are stated by us, and so is the \
                     assertion, {signed}; we stand by both.",
                    report.engagement.system
                ),
            },
            format!(
                "It is for us to {chosen}, to name the risks that threaten them, and to design, implement and run controls that answer \
                 these. We believe that the controls were suitably designed{operation}, but for what is listed below."
            ),
            "We have a reasonable basis of our own for the assertion: our monitoring and our own tests. We did not use your procedures as \
             part of it."
                .to_owned(),
        ];
        if self.engagement.report == ReportKind::Soc2 {
            ours.push(
                "The principal service commitments and system requirements in the description are those that we made."
                    .to_owned(),
            );
        }
        parts.push(CompanionPart::Numbered(ours));
        parts.push(heading("What we gave you"));
        parts.push(CompanionPart::Numbered(vec![
            "All records, documents and explanations that matter to the examination, and access to everyone whom you asked for.".to_owned(),
            "Every matter known to us that speaks against the assertion, and every communication from authorities or others about it."
                .to_owned(),
            format!(
                "Information that our systems produced for you is complete and accurate as far as our own checks show; where a check failed it \
                 says so. It was computed from the first {} of our ledger.",
                counted(self.size, "entry", "entries")
            ),
        ]));
        parts.push(heading("What we told you of"));
        let until = if operates { "in the period and since" } else { "known to us" };
        parts.push(CompanionPart::Numbered(vec![
            format!("Actual, suspected or alleged fraud, and breaches of law or regulation, {until}, that may touch users of the services."),
            "Errors of ours that are not corrected and that may touch users of the services.".to_owned(),
            "Every deficiency in the design of controls that we know of, also those whose cost we judged to be above their use.".to_owned(),
            if operates {
                "Every instance in which a control did not run as described; those on record are listed below.".to_owned()
            } else {
                "Every control described that was not in place on the date of the report.".to_owned()
            },
            "Every event after the last day, up to the date of this letter, that would change the description, the assertion or what you found."
                .to_owned(),
        ]));
        parts.push(CompanionPart::Notice {
            title: "To be completed by who signs".to_owned(),
            text: "Name each such matter here, or write that there is none. The ledger can list only what was recorded in it.".to_owned(),
        });
        self.subservice_part(&report, &mut parts);
        parts.push(heading("On record"));
        parts.extend(self.on_record(&report, operates)?);
        Ok(CompanionView {
            organization: organization.name.clone(),
            kind: "Representation letter".to_owned(),
            title: format!(
                "Management's representations for the {} report",
                crate::opening::report_in_words(self.engagement)
            ),
            dated,
            facts: vec![
                ("To".to_owned(), self.firm_named()?),
                ("From".to_owned(), organization.name.clone()),
                ("Report".to_owned(), self.report_named()),
                ("System".to_owned(), report.engagement.system.clone()),
                ("Date".to_owned(), dated.to_string()),
            ],
            parts,
            signatories: signatories(&report),
            foot: "Management's letter to the service auditor.".to_owned(),
        })
    }

    fn subservice_part(&self, report: &tickmark_report::view::ReportView, parts: &mut Vec<CompanionPart>) {
        let organizations = &report.description.subservice_organizations;
        if organizations.is_empty() {
            return;
        }
        let line = |organization: &tickmark_report::view::SubserviceOrganization| match organization.method {
            Method::CarveOut => format!(
                "{} is left out of the description (carve-out). We monitor it, and the description names what we assume of it.",
                organization.name
            ),
            Method::Inclusive => {
                format!("{} is included. It gives you an assertion and a letter of its own.", organization.name)
            }
        };
        parts.push(CompanionPart::Heading("Subservice organizations".to_owned()));
        parts.push(CompanionPart::Points(organizations.iter().map(line).collect()));
    }

    fn on_record(
        &self,
        report: &tickmark_report::view::ReportView,
        operates: bool,
    ) -> Result<Vec<CompanionPart>, Error> {
        if !operates {
            let text = "A report as of a day states no tests of operation, and lists no deviations from them.";
            return Ok(vec![CompanionPart::Paragraph(text.to_owned())]);
        }
        let mut parts = Vec::new();
        let found = deviations(report);
        if self.engagement.report == ReportKind::Soc3 {
            let text = "A SOC 3 states no tests of controls, and lists no deviations from them.";
            parts.push(CompanionPart::Paragraph(text.to_owned()));
        } else if found.is_empty() {
            parts.push(CompanionPart::Paragraph("You recorded no deviation.".to_owned()));
        } else {
            parts.push(CompanionPart::Paragraph("The deviations that you recorded:".to_owned()));
            let rows = found.into_iter().map(|row| row.to_vec()).collect();
            parts.push(CompanionPart::table(&[("Control", 14), ("Items", 16), ("What you found", 70)], rows));
        }
        let mut rows = Vec::new();
        for (id, (state, items)) in self.figures.raised() {
            let row = self.exception_row(id)?;
            let state = state.to_string();
            let (first, rest) = state.split_at(1);
            let state = format!("{first}{}", rest.to_lowercase());
            rows.push(vec![row.control, row.title, counted(*items, "item", "items"), state]);
        }
        if !rows.is_empty() {
            parts.push(CompanionPart::Paragraph(
                "The exceptions that our own testing raised over the period:".to_owned(),
            ));
            parts.push(CompanionPart::table(
                &[("Control", 14), ("What has to hold", 50), ("Items", 16), ("State", 20)],
                rows,
            ));
        }
        Ok(parts)
    }
}
