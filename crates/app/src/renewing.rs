//! The next period from the last: contiguous days, the differences, and what is left to follow up.

use jiff::{Span as Time, civil::Date};
use serde::Serialize;
use tickmark_domain::{Command, EngagementId, Exception, OpenEngagement, PersonId, Refusal, ReportType, Span, State};

use crate::{Error, House, SinceAdvice};

/// How to renew an engagement.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// The engagement that ends.
    pub before: EngagementId,
    /// Id of the next.
    pub id: String,
    /// The first day; the day after the last period by default.
    pub first: Option<Date>,
    /// The last day; twelve months from the first by default.
    pub last: Option<Date>,
    /// Why there is a gap between the periods.
    pub gap: Option<String>,
}

/// What came of renewing an engagement.
#[derive(Debug, Clone, Serialize)]
pub struct Renewed {
    /// The new engagement.
    pub engagement: String,
    /// The one before.
    pub follows: String,
    /// Its days.
    pub days: Span,
    /// What is otherwise than in the period before.
    pub differences: Vec<String>,
    /// What the newest advice did not know yet; none while it stands, or nobody asked.
    pub since_advice: Option<SinceAdvice>,
    /// The last day of the period before, while it is not over: what comes up until then is not among what is to follow up.
    pub runs_until: Option<Date>,
    /// Deviations of the firm and exceptions of management's tests to follow up.
    pub follow_up: Vec<FollowUp>,
}

/// Something of the period before that is to be followed up.
#[derive(Debug, Clone, Serialize)]
pub struct FollowUp {
    /// The firm's test, or the exception.
    pub id: String,
    /// The controls that it is about.
    pub controls: Vec<String>,
    /// What it is and where it stands.
    pub stands: String,
}

impl House {
    /// Opens the engagement that follows on another, with the same scope.
    pub fn renew(&mut self, author: &PersonId, renewal: &Renewal) -> Result<Renewed, Error> {
        let state = self.state();
        let before = state.engagements.get(&renewal.before);
        let before = before.ok_or_else(|| Refusal::UnknownEngagement(renewal.before.clone()))?;
        let span = before.report_type.span();
        let first = renewal.first.unwrap_or_else(|| span.last.saturating_add(Time::new().days(1)));
        let a_year = || first.saturating_add(Time::new().years(1)).saturating_sub(Time::new().days(1));
        let days = Span { first, last: renewal.last.unwrap_or_else(a_year) };
        let engagement: EngagementId = renewal.id.parse()?;
        let command = OpenEngagement {
            engagement: engagement.clone(),
            report: before.report,
            report_type: ReportType::Type2(days),
            system: before.system,
            objectives: before.objectives.clone(),
            categories: before.categories.clone(),
            follows: Some(renewal.before.clone()),
            gap: renewal.gap.as_ref().map(|gap| self.put_text(gap)).transpose()?,
            without_security: before.without_security,
            standards: before.standards.clone(),
            section_order: before.section_order,
        };
        let since_advice = self.since_advice()?;
        let follow_up = self.left_by(state, &renewal.before)?;
        let runs_until = Some(span.last).filter(|last| *last >= self.today());
        let mut differences = differences(state, before, days);
        let the_same = |other: &&tickmark_domain::Engagement| {
            (other.report, &other.system) == (before.report, &before.system)
                && other.report_type == ReportType::Type2(days)
        };
        if let Some((id, _)) = state.engagements.iter().find(|(_, other)| the_same(other)) {
            differences.push(format!("`{id}` has the same report, system and days already: one of the two is enough"));
        }
        if let Some(gap) = &renewal.gap {
            differences.push(format!("{} to {} is covered by no report: {gap}", span.last, first));
        }
        self.execute(author, Command::OpenEngagement(command))?;
        Ok(Renewed {
            engagement: engagement.to_string(),
            follows: renewal.before.to_string(),
            days,
            differences,
            since_advice,
            runs_until,
            follow_up,
        })
    }

    /// What the period before an engagement left to follow up, and where it stands now.
    pub fn follow_up(&self, id: &EngagementId) -> Result<Vec<FollowUp>, Error> {
        let state = self.state();
        let engagement = state.engagements.get(id).ok_or_else(|| Refusal::UnknownEngagement(id.clone()))?;
        engagement.follows.as_ref().map_or_else(|| Ok(Vec::new()), |before| self.left_by(state, before))
    }

    /// Deviations that the firm recorded and exceptions over the period, with where they stand.
    fn left_by(&self, state: &State, id: &EngagementId) -> Result<Vec<FollowUp>, Error> {
        let figures = state.figures(self.catalog_index(), id)?;
        let deviations = state.engagements.get(id).into_iter().flat_map(|engagement| &engagement.firm_tests);
        let deviations = deviations.filter(|(_, test)| test.deviations > 0).map(|(id, test)| FollowUp {
            id: id.to_string(),
            controls: vec![test.control.to_string()],
            stands: format!("the firm found {} deviations in {} items", test.deviations, test.items_tested),
        });
        let stands = |exception: &Exception| {
            let items = if exception.items == 1 { "item" } else { "items" };
            format!("{} {items}, {}", exception.items, exception.state)
        };
        let exceptions = figures.raised().filter_map(|(id, _)| {
            let exception = state.exceptions.get(id)?;
            let controls = exception.origin.controls(self.catalog_index());
            let in_scope = controls.iter().filter(|control| figures.controls.contains_key(*control));
            Some(FollowUp {
                id: id.to_string(),
                controls: in_scope.map(ToString::to_string).collect(),
                stands: stands(exception),
            })
        });
        Ok(deviations.chain(exceptions).collect())
    }
}

/// What changed since the period before began, and how the days differ.
fn differences(state: &State, before: &tickmark_domain::Engagement, days: Span) -> Vec<String> {
    let span = before.report_type.span();
    let mut said = vec![match before.report_type {
        ReportType::Type1 { as_of_on } => format!("a period, where the report before spoke of {as_of_on} only"),
        ReportType::Type2(_) => format!("{} to {}, after {} to {}", days.first, days.last, span.first, span.last),
    }];
    for (id, control) in &state.controls {
        if let Some(drop) =
            control.dropped().filter(|drop| drop.dropped_on > span.first && !control.versions.is_empty())
        {
            said.push(format!("control {id} does not run since {}", drop.dropped_on));
            continue;
        }
        let newest = control.newest().filter(|newest| newest.effective_on > span.first);
        if let Some(newest) = newest {
            let what = if control.versions.len() == 1 { "is new" } else { "has another version" };
            said.push(format!("control {id} {what} since {}", newest.effective_on));
        }
    }
    for (id, record) in &state.scope {
        if let Some(retirement) = record.retired() {
            said.push(format!("{id} is not in scope since {}", retirement.retired_on));
        } else if let Some(newest) = record.versions.last().filter(|newest| newest.effective_on > span.first) {
            let what = if record.versions.len() == 1 { "is new" } else { "changed" };
            said.push(format!("{} {id} {what} since {}", newest.item.facts.kind(), newest.effective_on));
        }
    }
    said
}
