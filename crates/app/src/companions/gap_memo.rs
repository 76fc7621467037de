//! The memo of gaps: what management found lacking before the firm comes, in the order in which to close it.

use tickmark_domain::Gap;
use tickmark_report::{
    counted,
    view::{CompanionPart, CompanionView},
};

use crate::{EngagementReadiness, Error, besides, views::Scene};

/// How many rows a memo has; the workbook of `readiness` names every gap.
const NAMED: usize = 25;

/// How many gaps that are alike a row names: a row of dozens would fill a page by itself.
const TOLD: usize = 12;

impl Scene<'_> {
    pub(super) fn gap_memo(&self) -> Result<CompanionView, Error> {
        let view = self.house.readiness(&[self.id.to_string()])?;
        let unknown = || Error::Unknown { kind: "engagement", name: self.id.to_string() };
        let of = view.engagements.first().ok_or_else(unknown)?;
        let text = |text: String| CompanionPart::Paragraph(text);
        let heading = |title: &str| CompanionPart::Heading(title.to_owned());
        let mut parts = vec![heading("Where it stands")];
        let mut scores = Vec::new();
        for (name, score) in of.readiness.scores.named() {
            let shown =
                [score.holds, score.does_not, score.untested, score.denominator()].map(|count| count.to_string());
            scores.push([vec![name.to_owned()], shown.to_vec()].concat());
        }
        let columns = [("Score", 32), ("Holds", 16), ("Does not", 16), ("Not assessed", 20), ("Of", 16)];
        parts.push(CompanionPart::table(&columns, scores));
        parts.push(text(of.start_in_words()));
        parts.extend(types(of));
        parts.push(heading("What to close, most pressing first"));
        let gaps = &of.readiness.gaps;
        if gaps.is_empty() {
            parts.push(text("No gap was found in what is recorded.".to_owned()));
        } else {
            let groups: Vec<&[Gap]> = gaps.chunk_by(are_alike).collect();
            let mut rows = Vec::new();
            for (rank, alike) in (1..).zip(groups.iter().take(NAMED)) {
                let (rank, Some(first)): (usize, _) = (rank, alike.first()) else { continue };
                let mut named: Vec<String> = alike.iter().take(TOLD).map(about).collect();
                if alike.len() > TOLD {
                    named.push(format!("and {} more", alike.len() - TOLD));
                }
                let weighs = format!("{}, {}", first.severity, first.effort);
                let next = match alike {
                    [_] => first.next.clone(),
                    _ => format!("{}: {}. The others alike", about(first), first.next),
                };
                rows.push(vec![rank.to_string(), named.join(", "), first.found.clone(), next, weighs]);
            }
            let columns =
                [("", 5), ("About", 15), ("What is lacking", 31), ("Next step", 34), ("Severity, effort", 15)];
            parts.push(CompanionPart::table(&columns, rows));
            let named: usize = groups.iter().take(NAMED).map(|alike| alike.len()).sum();
            if gaps.len() > named {
                let more = counted((gaps.len() - named) as u64, "more gap", "more gaps");
                parts.push(text(format!(
                    "{more}: all of them stand in the workbook that `tickmark readiness --xlsx` writes."
                )));
            }
        }
        let dated = self.local_date(self.house.now());
        Ok(CompanionView {
            organization: view.organization.clone(),
            kind: "Gap memo".to_owned(),
            title: format!("What is lacking for the {} report", of.report),
            dated,
            facts: vec![
                ("Organization".to_owned(), view.organization.clone()),
                ("Engagement".to_owned(), self.report_named()),
                (
                    "Looked at".to_owned(),
                    format!("{dated}, at {} of the ledger", counted(self.size, "entry", "entries")),
                ),
            ],
            parts,
            signatories: Vec::new(),
            foot: "Internal readiness, for management. No opinion and no assurance.".to_owned(),
        })
    }
}

/// Whether one row can tell of both: gaps that weigh the same and were found in the same words are closed in the same way.
fn are_alike(one: &Gap, next: &Gap) -> bool {
    (one.kind, &one.found, one.severity, one.effort) == (next.kind, &next.found, next.severity, next.effort)
}

/// What a gap is about: its control, or what is in scope and concerned.
fn about(gap: &Gap) -> String {
    let measures = || gap.measures.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    gap.control.as_ref().map_or_else(measures, ToString::to_string)
}

/// What each type lacks; what both lack is said once.
fn types(of: &EngagementReadiness) -> Vec<CompanionPart> {
    let mut parts = Vec::new();
    let mut says = |title: &str, lacking: Vec<String>, warnings: &[String]| {
        parts.push(CompanionPart::Heading(title.to_owned()));
        if lacking.is_empty() && warnings.is_empty() {
            parts.push(CompanionPart::Paragraph("Nothing is lacking in what is recorded here.".to_owned()));
        } else {
            parts.push(CompanionPart::Points(lacking.into_iter().chain(warnings.iter().cloned()).collect()));
        }
    };
    let type1 = &of.readiness.type1;
    says("For a Type 1", type1.lacking.clone(), &type1.warnings);
    if let Some(type2) = &of.readiness.type2 {
        let more = besides(type2, type1).into_iter().map(str::to_owned).collect();
        says("For a Type 2, besides", more, &type2.warnings);
    }
    parts
}
