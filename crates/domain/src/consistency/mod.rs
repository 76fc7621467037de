//! Consistency across the whole program: what one part of it says and another does not bear out.
//!
//! Invariant: a finding names its rule, what it is about, what was found and what to do; equal facts give equal findings.
//! Invariant: texts come from the caller; nothing here reads a vault.

mod described;
mod period;
mod rule;
mod scope;
mod subservice;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};
use serde::Serialize;
use tickmark_canonical::Digest;

use crate::{
    Automation, CatalogIndex, ControlId, ControlVersion, Engagement, EngagementId, ReportType, ScopeFacts, SourceId,
    Span, State,
    advisor::{BRIDGE_DAYS, Coverage, Standing, coverage},
};

pub use described::{Described, Listed, ListedKind};
pub use rule::ConsistencyRule;

/// Controls that one document may show: minutes of a review of access speak of a few, a policy of its own subject.
const CONTROLS_OF_A_DOCUMENT: usize = 12;

/// Something that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Inconsistency {
    /// The rule.
    pub rule: ConsistencyRule,
    /// What it is about: a control, a scope item, a criterion, an engagement.
    pub subject: String,
    /// The engagement in whose light it was found; none if it is about the program as a whole.
    pub engagement: Option<EngagementId>,
    /// What was found.
    pub says: String,
    /// What to do.
    pub act: String,
}

/// Texts that the checks read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramTexts {
    /// Words of controls and scope items, by the digests under which facts name them.
    pub words: BTreeMap<Digest, String>,
    /// What each engagement's system description says.
    pub descriptions: BTreeMap<EngagementId, Described>,
}

impl ProgramTexts {
    fn of(&self, digest: &Digest) -> &str {
        self.words.get(digest).map_or("", String::as_str)
    }
}

impl State {
    /// The digests of the words that [`State::consistency`] reads.
    pub fn words_to_check(&self, catalog: &CatalogIndex) -> BTreeSet<Digest> {
        let standing = self.standing_engagements();
        let controls = standing.values().flat_map(|engagement| engagement.controls(self, catalog).into_values());
        let controls = controls.flat_map(|version| [version.definition.title, version.definition.statement]);
        let items = self.scope.values().filter_map(|record| record.versions.last());
        let set_by = self.objectives.values().filter_map(|objective| objective.definition.set_by);
        controls.chain(items.flat_map(|version| [version.item.name, version.item.text])).chain(set_by).collect()
    }

    /// What does not fit together in the program, by rule and subject. `today` bounds what can be due by now.
    pub fn consistency(&self, catalog: &CatalogIndex, texts: &ProgramTexts, today: Date) -> Vec<Inconsistency> {
        let standing = self.standing_engagements();
        let mut found = Vec::new();
        let mut controls: BTreeMap<&ControlId, &ControlVersion> = BTreeMap::new();
        for (id, engagement) in &standing {
            found.extend(self.unserved(catalog, id, engagement));
            found.extend(self.scope_findings(id, engagement));
            found.extend(self.subservice_findings(catalog, id, engagement));
            found.extend(self.cover_findings(id, engagement));
            found.extend(self.unanswered_comments(id, engagement));
            found.extend(self.frequency_findings(catalog, id, engagement, texts, today));
            found.extend(self.described_findings(id, engagement, texts));
            found.extend(self.listed_findings(catalog, id, engagement, texts));
            controls.extend(engagement.controls(self, catalog));
        }
        found.extend(self.tied_out_of_scope(catalog, &standing));
        found.extend(self.control_findings(&controls));
        found.extend(self.key_report_findings());
        found.extend(self.document_findings(&controls));
        found.extend(self.named_but_dropped());
        found.sort();
        found.dedup();
        found
    }

    fn control_findings(&self, controls: &BTreeMap<&ControlId, &ControlVersion>) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        for (id, version) in controls {
            if !version.definition.names_evidence() {
                found.push(ConsistencyRule::EvidenceNamed.broken(
                    id,
                    None,
                    "names nothing that shows that it operated",
                    format!("its owner {} names the record", version.owner),
                ));
            }
            let is_it_dependent = version.definition.automation == Automation::ItDependentManual;
            if is_it_dependent && self.key_reports_of(id).next().is_none() {
                found.push(ConsistencyRule::ReportNamed.broken(
                    id,
                    None,
                    "is performed with the system's output, and no key report in scope feeds it",
                    "record the report as a key report that names this control",
                ));
            }
        }
        found
    }

    /// Documents that are named for so many of these controls that they are about none of them in particular.
    fn document_findings(&self, controls: &BTreeMap<&ControlId, &ControlVersion>) -> Vec<Inconsistency> {
        let mut named: BTreeMap<(Digest, Date), (&SourceId, BTreeSet<&ControlId>)> = BTreeMap::new();
        for document in &self.documents {
            if let Some(control) = document.control.as_ref().filter(|control| controls.contains_key(control)) {
                let key = (document.document, document.dated_on);
                named.entry(key).or_insert_with(|| (&document.source, BTreeSet::new())).1.insert(control);
            }
        }
        let many = named.into_iter().filter(|(_, (_, controls))| controls.len() > CONTROLS_OF_A_DOCUMENT);
        many.map(|((_, dated_on), (source, controls))| {
            ConsistencyRule::DocumentShowsFew.broken(
                source,
                None,
                format!("its document dated {dated_on} is named for {} controls", controls.len()),
                "name in the register only the controls that the document itself shows, and file what shows the others",
            )
        })
        .collect()
    }

    fn key_report_findings(&self) -> Vec<Inconsistency> {
        let without = self.standing_scope().filter(
            |(_, version)| matches!(&version.item.facts, ScopeFacts::KeyReport(report) if report.tests.is_empty()),
        );
        without
            .map(|(id, _)| {
                ConsistencyRule::KeyReportTested.broken(
                    id,
                    None,
                    "no control test checks its completeness and accuracy",
                    "name one in its `tests`, or have one worded",
                )
            })
            .collect()
    }

    /// User entities that ask for this report and whose fiscal year its period covers badly, together with the periods right
    /// before it that it follows on: a reader has those reports too.
    fn cover_findings(&self, id: &EngagementId, engagement: &Engagement) -> Vec<Inconsistency> {
        let ReportType::Type2(period) = engagement.report_type else { return Vec::new() };
        let together = self.unbroken_days(engagement, period);
        let covered = self.standing_scope().filter_map(|(item, version)| {
            let ScopeFacts::UserEntity(entity) = &version.item.facts else { return None };
            let asks = entity.reports.is_empty() || entity.reports.contains(&engagement.report.scoped_as());
            let cover = coverage(together, entity.year_end)?;
            (asks && matches!(cover.standing, Standing::Partial | Standing::Weak)).then_some((item, cover))
        });
        covered
            .map(|(item, cover)| {
                let says = format!(
                    "fiscal year {} to {}: {} of {} days covered ({} %), {}: {}",
                    cover.fiscal_year.first,
                    cover.fiscal_year.last,
                    cover.covered_days,
                    cover.days,
                    cover.percent,
                    left_open(&cover),
                    cover.shown()
                );
                ConsistencyRule::YearCovered.broken(item, Some(id), says, to_cover(&cover))
            })
            .collect()
    }

    /// The days up to the end of a period that it covers with those right before it that it follows on.
    fn unbroken_days(&self, engagement: &Engagement, period: Span) -> Span {
        let before = engagement.follows.as_ref().and_then(|id| self.engagements.get(id));
        match before.map(|before| (before, before.report_type)) {
            Some((before, ReportType::Type2(days))) if days.last.saturating_add(1.day()) == period.first => {
                Span { first: self.unbroken_days(before, days).first, last: period.last }
            }
            Some((_, ReportType::Type1 { .. } | ReportType::Type2(_))) | None => period,
        }
    }

    fn unanswered_comments(&self, id: &EngagementId, engagement: &Engagement) -> Vec<Inconsistency> {
        let waiting = engagement.scope_comments.iter().filter(|(_, comment)| comment.answers.is_empty());
        waiting
            .map(|(number, comment)| {
                let about = comment.item.as_ref().map_or("the scope".to_owned(), ToString::to_string);
                let says = format!("the firm's comment {number} on {about} has no answer");
                let act = format!("the compliance lead answers it: `tickmark scope answer {id} {number} --text TEXT`");
                ConsistencyRule::CommentAnswered.broken(id, Some(id), says, act)
            })
            .collect()
    }
}

/// What a cover leaves of a fiscal year at its beginning and at its end.
fn left_open(cover: &Coverage) -> String {
    let ends = [(cover.head_days, "beginning"), (cover.gap_days, "end")];
    let open =
        ends.into_iter().filter(|(days, _)| *days > 0).map(|(days, end)| format!("{days} days open at its {end}"));
    open.collect::<Vec<_>>().join(" and ")
}

/// How a fiscal year is covered better. A bridge letter speaks of what comes after a period, and not for long.
fn to_cover(cover: &Coverage) -> String {
    let begin =
        "begin the period earlier if the controls ran then with kept evidence, since no letter mends a beginning";
    let end = if cover.gap_days > BRIDGE_DAYS {
        "move the period's last day nearer to that year's end, or plan another report: a bridge letter is too short"
    } else {
        "plan a bridge letter for the end"
    };
    match (cover.head_days > 0, cover.gap_days > 0) {
        (true, true) => format!("{begin}; {end}"),
        (true, false) => begin.to_owned(),
        (false, _) => end.to_owned(),
    }
}
