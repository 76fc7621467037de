//! Exceptions as pages show them: the list, one exception with its history, and the rows behind it.

use jiff::{Timestamp, civil::Date};
use tickmark_canonical::Digest;
use tickmark_domain::{Exception, ExceptionId, ExceptionOrigin, ExceptionState, PersonId, Role, Sighting, Span};
use tickmark_ledger::{Reader, Store};

use super::{
    Moment,
    rows::{ROWS_ON_PAGE, RowsPage},
};
use crate::{Error, ItemOverTime, assessing::rate_of, item_history::changed_items, status::title_of};

/// Roles of the organization whose work needs the rows of exceptions. Administrators, executives and readers get counts.
const SEES_ROWS: [Role; 2] = [Role::ComplianceLead, Role::ControlOwner];

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

fn changed_cells(of: &ItemOverTime) -> Vec<String> {
    let item = of.item.clone().unwrap_or_else(|| "erased".to_owned());
    let now = if of.is_there { "there" } else { "gone" };
    vec![item, of.first_seen.to_string(), of.last_seen.to_string(), of.since_in_words(), now.to_owned()]
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
            history: self.history(exception)?,
            result: match &exception.origin {
                ExceptionOrigin::ControlTest(test) => {
                    self.state.newest_result(test, exception.span).map(|result| result.entry)
                }
                ExceptionOrigin::ManagementTest { .. } => None,
            },
        })
    }

    /// The items of an exception that came after it was raised, or went: the first of them, as many as a page has.
    pub fn changed_items_of(&self, id: &str) -> Result<RowsPage, Error> {
        let changed = changed_items(&self.vault, &self.item_keys, &self.catalog, self.found(id)?.1)?;
        let of_page = changed.iter().take(usize::try_from(ROWS_ON_PAGE).unwrap_or(usize::MAX));
        let columns = ["item", "first seen in entry", "last seen in entry", "since", "now"];
        Ok(RowsPage {
            columns: columns.map(|name| (name.to_owned(), name.ends_with("entry"))).into(),
            rows: of_page.map(changed_cells).collect(),
            total: changed.len() as u64,
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

    fn history(&self, exception: &Exception) -> Result<Vec<ExceptionStep>, Error> {
        let reader = self.store.reader()?;
        let mut steps = Vec::new();
        for (number, sighting) in exception.sightings.iter().enumerate() {
            let Sighting { items, appeared, gone, back, entry, .. } = *sighting;
            let what = match number {
                0 => ExceptionChange::FirstSeen { items },
                _ => ExceptionChange::Seen { items, appeared, gone, back },
            };
            steps.push(self.step(&*reader, entry, what)?);
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
}
