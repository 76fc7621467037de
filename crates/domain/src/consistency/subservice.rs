//! Subservice organizations: what a carve-out needs, what an inclusion needs, and whether their reports cover our days.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

use super::{ConsistencyRule as Rule, Inconsistency};
use crate::{
    CatalogIndex, Engagement, EngagementId, Measure, ReportType, ScopeFacts, ScopeItemId, Span, State, StatedOpinion,
    SubserviceMethod, SubserviceOrganization, SubserviceReport, advisor::BRIDGE_DAYS,
};

impl State {
    pub(super) fn subservice_findings(
        &self,
        catalog: &CatalogIndex,
        id: &EngagementId,
        engagement: &Engagement,
    ) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        let measures = engagement.measures(catalog).into_iter().collect();
        for (item, facts) in self.items_of(engagement.report) {
            let ScopeFacts::SubserviceOrganization(organization) = facts else { continue };
            match organization.method.get(&engagement.report.scoped_as()) {
                Some(SubserviceMethod::CarveOut) => {
                    found.extend(self.carved_out(id, engagement, &measures, item, organization));
                }
                Some(SubserviceMethod::Inclusive) => found.extend(self.included(id, engagement, item)),
                None => {}
            }
        }
        found
    }

    fn reports_of<'a>(
        &'a self,
        organization: &'a ScopeItemId,
    ) -> impl Iterator<Item = (&'a ScopeItemId, &'a SubserviceReport)> {
        self.standing_scope().filter_map(move |(id, version)| {
            let ScopeFacts::SubserviceReport(report) = &version.item.facts else { return None };
            (report.organization == *organization).then_some((id, report))
        })
    }

    fn carved_out(
        &self,
        id: &EngagementId,
        engagement: &Engagement,
        measures: &BTreeSet<Measure>,
        item: &ScopeItemId,
        organization: &SubserviceOrganization,
    ) -> Vec<Inconsistency> {
        let mut found = Vec::new();
        let span = engagement.report_type.span();
        let assumed = self.standing_scope().any(|(_, version)| {
            let ScopeFacts::ComplementarySubserviceOrganizationControl(of) = &version.item.facts else { return false };
            let objectives = of.objectives.iter().cloned().map(Measure::Objective);
            let mut tied = objectives.chain(of.criteria.iter().cloned().map(Measure::Criterion));
            of.organization == *item && tied.any(|measure| measures.contains(&measure))
        });
        if !assumed {
            let says = "it is carved out, and no complementary control of it is tied to what is in scope here";
            let act = "record the controls that the design assumes it runs, with the control objectives or criteria that need them";
            found.push(Rule::ComplementaryNamed.broken(item, Some(id), says, act));
        }
        let runs = |control| self.controls.get(control).is_some_and(|c: &crate::Control| c.version_for(span).is_some());
        if !organization.monitoring.iter().any(runs) {
            let says = "it is carved out, and no control that runs monitors it";
            let act = "name the control by which its report, its service and its incidents are reviewed";
            found.push(Rule::Monitored.broken(item, Some(id), says, act));
        }
        for (report, facts) in self.reports_of(item) {
            found.extend(report_findings(report, facts));
        }
        // A report about another subject says nothing of what this one leaves out.
        let reports: Vec<_> =
            self.reports_of(item).filter(|(_, facts)| facts.report == engagement.report.scoped_as()).collect();
        if reports.is_empty() {
            let others: Vec<&str> = self.reports_of(item).map(|(report, _)| report.as_str()).collect();
            let kind = engagement.report.scoped_as().shown();
            let says = if others.is_empty() {
                "none of its reports is on file".to_owned()
            } else {
                format!("no {kind} of it is on file: {} is about another subject", others.join(", "))
            };
            let act =
                "get its report, read it, and record it with period, opinion, deviations and complementary controls";
            found.push(Rule::ReportOnFile.broken(item, Some(id), says, act));
            return found;
        }
        found.extend(uncovered(span, reports.iter().map(|(_, facts)| *facts)).map(|(gap, days)| {
            let says = format!(
                "its reports on file and bridge letters leave {days} of {} days open, from {} to {}",
                span.length(),
                gap.first,
                gap.last
            );
            let act = "get its next report or a bridge letter, or widen how it is monitored over these days";
            Rule::ReportCovers.broken(item, Some(id), says, act)
        }));
        found
    }

    /// A report of an organization that is included, about the same subject, with other dates than ours.
    fn included(&self, id: &EngagementId, engagement: &Engagement, item: &ScopeItemId) -> Vec<Inconsistency> {
        let other = self.reports_of(item).filter(|(_, report)| {
            report.report == engagement.report.scoped_as() && report.report_type.span() != engagement.report_type.span()
        });
        let found = other.map(|(report, facts)| {
            let (theirs, ours) = (facts.report_type.span(), engagement.report_type.span());
            let says = format!(
                "it is included, and {report} speaks of {} to {}, ours of {} to {}",
                theirs.first, theirs.last, ours.first, ours.last
            );
            Rule::SameDates.broken(item, Some(id), says, "agree on the same dates, or carve it out")
        });
        found.collect()
    }
}

fn report_findings(id: &ScopeItemId, report: &SubserviceReport) -> Vec<Inconsistency> {
    let mut found = Vec::new();
    let unanswered: Vec<&str> =
        report.cuecs.iter().filter(|(_, controls)| controls.is_empty()).map(|(cuec, _)| cuec.as_str()).collect();
    if !unanswered.is_empty() {
        let says = format!("no control of ours runs its complementary user entity controls {}", unanswered.join(", "));
        let act = "name the control that runs each, or why it does not apply";
        found.push(Rule::CuecAnswered.broken(id, None, says, act));
    }
    let last = report.report_type.span().last;
    if let Some(until) = report.bridge_until {
        let days = i64::from(last.until(until).map_or(0, |span| span.get_days()));
        if days > BRIDGE_DAYS {
            let first = last.saturating_add(1.day());
            let says = format!("its bridge letter speaks of {days} days, {first} to {until}");
            found.push(Rule::BridgeShort.broken(id, None, says, "ask for the next report: a letter is weak evidence"));
        }
    }
    found
}

/// The first stretch of our days that no report on file and no bridge letter covers, and how many days are open in all.
/// A Type 1 says nothing of a period; an adverse opinion or a disclaimer covers nothing.
fn uncovered<'a>(ours: Span, reports: impl Iterator<Item = &'a SubserviceReport>) -> Option<(Span, u64)> {
    let sound = reports.filter(|report| matches!(report.opinion, StatedOpinion::Unmodified | StatedOpinion::Qualified));
    let mut covered: Vec<Span> = sound
        .filter_map(|report| {
            let first = match report.report_type {
                ReportType::Type2(span) => span.first,
                ReportType::Type1 { as_of_on } if ours.first == ours.last => as_of_on,
                ReportType::Type1 { .. } => return None,
            };
            let last = report.bridge_until.unwrap_or(report.report_type.span().last);
            Span { first, last }.shared_with(&ours)
        })
        .collect();
    covered.sort();
    let mut gaps: Vec<Span> = Vec::new();
    let mut next: Date = ours.first;
    for span in covered {
        if span.first > next {
            gaps.push(Span { first: next, last: span.first.saturating_sub(1.day()) });
        }
        next = next.max(span.last.saturating_add(1.day()));
    }
    if next <= ours.last {
        gaps.push(Span { first: next, last: ours.last });
    }
    let days = gaps.iter().map(Span::length).sum();
    gaps.first().map(|gap| (*gap, days))
}
