//! Exceptions as pages show them: the list, one exception with its history, and the rows behind it.

use jiff::{Timestamp, civil::Date};
use tickmark_canonical::Digest;
use tickmark_domain::{
    Event, Exception, ExceptionId, ExceptionOrigin, ExceptionSeen, ExceptionState, PersonId, Role, Span,
};
use tickmark_ledger::{Reader, Store};

use super::{Moment, rows::RowsPage};
use crate::{Error, assessing::rate_of, body, status::title_of};

/// Roles of the organization whose work needs the rows of exceptions. Administrators, executives and readers get counts.
const SEES_ROWS: [Role; 2] = [Role::ComplianceLead, Role::ControlOwner];

/// Results of the exception's control test that a history looks through at most, newest first.
const RESULTS_LOOKED_THROUGH: usize = 400;

/// An exception in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedException {
    /// Its id.
    pub id: ExceptionId,
    /// What found it.
    pub origin: ExceptionOrigin,
    /// The title of what found it.
    pub title: String,
    /// How much it matters; empty if the catalog no longer has the control test.
    pub severity: &'static str,
    /// Where it stands.
    pub state: ExceptionState,
    /// Items now.
    pub items: u64,
    /// Items in the population of the newest result over the same days.
    pub population: u64,
    /// The controls concerned.
    pub controls: Vec<String>,
    /// The engagements whose figures it is in.
    pub engagements: Vec<String>,
    /// Entry that raised it.
    pub entry: u64,
}

/// An exception with all that is known of it, but its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionView {
    /// As in the list.
    pub listed: ListedException,
    /// The days tested.
    pub span: Span,
    /// Most items that any run returned.
    pub most_items: u64,
    /// Manifest of its rows.
    pub rows: Digest,
    /// The newest response.
    pub response: Option<String>,
    /// What was done, and since when.
    pub remediation: Option<(String, Date)>,
    /// What happened to it, oldest first.
    pub history: Vec<ExceptionStep>,
    /// The entry of the newest result over the same days.
    pub result: Option<u64>,
}

/// One thing that happened to an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionStep {
    /// The entry that says so.
    pub entry: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: String,
    /// What happened.
    pub what: ExceptionChange,
}

/// What happened to an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionChange {
    /// A run saw it first.
    FirstSeen {
        /// Items then.
        items: u64,
    },
    /// A run saw other items than the run before.
    Seen {
        /// Items then.
        items: u64,
        /// Items never seen before.
        appeared: u64,
        /// Items of the run before that are gone.
        gone: u64,
        /// Items that were gone and are back.
        back: u64,
    },
    /// It came to a state.
    Became(ExceptionState),
}

impl Moment {
    /// All exceptions.
    pub fn exceptions(&self) -> Vec<ListedException> {
        self.state.exceptions.iter().map(|(id, exception)| self.listed(id, exception)).collect()
    }

    fn listed(&self, id: &ExceptionId, exception: &Exception) -> ListedException {
        let test = exception.origin.control_test().and_then(|test| self.catalog.tests.get(test.as_str()));
        let raised = |figures: &tickmark_domain::EngagementFigures| figures.raised().any(|(raised, _)| raised == id);
        ListedException {
            id: id.clone(),
            origin: exception.origin.clone(),
            title: title_of(&self.catalog, &exception.origin).unwrap_or_else(|| exception.origin.to_string()),
            severity: test.map_or("", |test| super::control_tests::severity(test.severity)),
            state: exception.state,
            items: exception.items,
            population: rate_of(&self.state, exception).map_or(0, |rate| rate.of),
            controls: exception.origin.controls(&self.index).iter().map(ToString::to_string).collect(),
            engagements: self.figures().iter().filter(|(_, f)| raised(f)).map(|(id, _)| id.to_string()).collect(),
            entry: exception.first_seen,
        }
    }

    /// One exception.
    pub fn exception(&self, id: &str) -> Result<ExceptionView, Error> {
        let (id, exception) = self.found(id)?;
        let response = exception.response.as_ref().map(|digest| self.text(digest)).transpose()?;
        let remediation = match &exception.remediation {
            Some((digest, on)) => Some((self.text(digest)?, *on)),
            None => None,
        };
        Ok(ExceptionView {
            listed: self.listed(id, exception),
            span: exception.span,
            most_items: exception.most_items,
            rows: exception.rows,
            response,
            remediation,
            history: self.history(id, exception)?,
            result: match &exception.origin {
                ExceptionOrigin::ControlTest(test) => {
                    self.state.newest_result(test, exception.span).map(|result| result.entry)
                }
                ExceptionOrigin::ManagementTest { .. } => None,
            },
        })
    }

    /// The rows behind an exception, on a page counted from 1.
    pub fn rows_of_exception(&self, id: &str, page: u64) -> Result<RowsPage, Error> {
        let exception = self.found(id)?.1;
        match &exception.origin {
            ExceptionOrigin::ControlTest(_) => self.rows_page(&exception.rows, page),
            ExceptionOrigin::ManagementTest { .. } => self.items_page(&exception.rows, page),
        }
    }

    /// Whether a person may see rows: those of the organization whose work needs them, and the people of a firm that
    /// is appointed here.
    pub fn sees_rows(&self, person: &PersonId) -> bool {
        let Some(person) = self.state.people.get(person) else { return false };
        match &person.firm {
            None => SEES_ROWS.iter().any(|role| person.roles.contains(role)),
            Some(firm) => {
                let mut engaged = self.state.engagements.values().filter_map(|engagement| engagement.firm.as_ref());
                person.roles.iter().any(|role| role.is_of_a_firm()) && engaged.any(|a| a.firm == *firm)
            }
        }
    }

    fn found(&self, id: &str) -> Result<(&ExceptionId, &Exception), Error> {
        let unknown = || Error::Unknown { kind: "exception", name: id.to_owned() };
        let parsed: ExceptionId = id.parse().map_err(|_| unknown())?;
        self.state.exceptions.get_key_value(&parsed).ok_or_else(unknown)
    }

    fn history(&self, id: &ExceptionId, exception: &Exception) -> Result<Vec<ExceptionStep>, Error> {
        let reader = self.store.reader()?;
        let first = exception.first_seen;
        let raised = self.event_behind(&*reader, first, |event| {
            if let Event::ExceptionRaised(raised) = event {
                (raised.exception == *id).then_some(raised.items)
            } else {
                None
            }
        })?;
        let items = raised.map_or(exception.most_items, |(_, items)| items);
        let mut steps = vec![self.step(&*reader, first, ExceptionChange::FirstSeen { items })?];
        let results = exception.origin.control_test().and_then(|test| self.state.results.get(test));
        let results = results.map_or(&[][..], Vec::as_slice);
        let later = results.iter().filter(|r| r.span == exception.span && r.entry > exception.first_seen).rev();
        for result in later.take(RESULTS_LOOKED_THROUGH) {
            let seen = self.event_behind(&*reader, result.entry, |event| {
                if let Event::ExceptionSeen(seen) = event { (seen.exception == *id).then_some(seen) } else { None }
            })?;
            let Some((entry, seen)) = seen else { continue };
            let ExceptionSeen { items, appeared, gone, back, .. } = seen;
            steps.push(self.step(&*reader, entry, ExceptionChange::Seen { items, appeared, gone, back })?);
        }
        for (state, entry) in exception.history.iter().skip(1) {
            steps.push(self.step(&*reader, *entry, ExceptionChange::Became(*state))?);
        }
        steps.sort_by_key(|step| step.entry);
        Ok(steps)
    }

    fn step(&self, reader: &dyn Reader, entry: u64, what: ExceptionChange) -> Result<ExceptionStep, Error> {
        let recorded = reader.entry(&self.origin, entry)?.entry;
        let by = self.author(&recorded.author);
        Ok(ExceptionStep { entry, at: recorded.recorded_at, by, what })
    }

    /// The first event that `wanted` takes, in an entry or the next: what a run says of an exception stands right behind
    /// its result.
    fn event_behind<T>(
        &self,
        reader: &dyn Reader,
        from: u64,
        wanted: impl Fn(Event) -> Option<T>,
    ) -> Result<Option<(u64, T)>, Error> {
        for index in from..self.size.min(from + 2) {
            let entry = reader.entry(&self.origin, index)?.entry;
            if entry.stream == tickmark_ledger::LEDGER_STREAM {
                continue;
            }
            if let Some(found) = body::unpack(index, &entry.body)?.into_iter().find_map(&wanted) {
                return Ok(Some((index, found)));
            }
        }
        Ok(None)
    }
}
