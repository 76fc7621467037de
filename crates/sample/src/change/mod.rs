//! Changes to the payroll application: the repository, the tickets, the deployments.

mod faults;
mod history;
mod repository;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::calendar::Calendar;
use crate::error::Error;
use crate::people::People;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable};

/// The repository's name in every other system.
const REPOSITORY: &str = "payroll-app";

/// Someone as git knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Author {
    name: String,
    email: String,
}

/// Where a commit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// On the default branch.
    Main,
    /// On the branch of a merge request.
    Request(u32),
    /// On a branch that was never merged.
    Branch(String),
}

/// A commit, before it has an identifier.
#[derive(Debug, Clone)]
struct Commit {
    /// Names the commit until git has named it; ascending.
    mark: u32,
    line: Line,
    parent: Option<u32>,
    merged: Option<u32>,
    author: Author,
    committer: Author,
    at: Timestamp,
    subject: String,
    reviewed_by: Option<Author>,
    ticket: Option<String>,
    files: Vec<(String, String)>,
    planted: bool,
}

impl Plantable for Commit {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// A change ticket.
#[derive(Debug, Clone, Serialize)]
struct Ticket {
    ticket_id: String,
    kind: &'static str,
    requested_by: String,
    #[serde(serialize_with = "write::instant")]
    requested_at: Timestamp,
    approved_by: Option<String>,
    #[serde(serialize_with = "write::maybe_instant")]
    approved_at: Option<Timestamp>,
    tested_by: Option<String>,
    #[serde(serialize_with = "write::maybe_instant")]
    tested_at: Option<Timestamp>,
    #[serde(serialize_with = "write::maybe_instant")]
    closed_at: Option<Timestamp>,
}

/// What a deployment deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deployed {
    /// A commit of the repository, by mark.
    Mark(u32),
    /// An identifier the repository does not have.
    Unknown(String),
}

/// A deployment to production.
#[derive(Debug, Clone)]
struct Deployment {
    id: String,
    commit: Deployed,
    at: Timestamp,
    on: Date,
    by: String,
    outcome: &'static str,
    planted: bool,
}

impl Plantable for Deployment {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// An annotated tag of a release.
#[derive(Debug, Clone)]
struct Tag {
    name: String,
    mark: u32,
    tagger: Author,
    at: Timestamp,
}

/// The whole history.
#[derive(Debug)]
pub(crate) struct Changes {
    calendar: Calendar,
    commits: Vec<Commit>,
    tags: Vec<Tag>,
    tickets: Vec<Ticket>,
    deployments: Vec<Deployment>,
    /// Commits whose key is only known once git has named them: test, mark, kind, whether it is a fault.
    pending: Vec<(&'static str, u32, &'static str, bool)>,
    /// Deployments whose number is only known once all are in order: test, first number, kind, whether it is a fault.
    noted: Vec<(&'static str, String, &'static str, bool)>,
}

impl Changes {
    /// The year's changes, then what is planted in them.
    pub(crate) fn build(
        seed: u64,
        people: &People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<Changes, Error> {
        let mut changes = history::build(seed, people, calendar)?;
        changes.plant(people, plan)?;
        changes.number_deployments(truth);
        Ok(changes)
    }

    /// Numbers the deployments by time, so that a planted one does not stand out.
    fn number_deployments(&mut self, truth: &mut Truth) {
        self.deployments.sort_by_key(|deployment| deployment.at);
        for (n, deployment) in (1..).zip(&mut self.deployments) {
            let id = format!("DEP-{n:05}");
            for (test, _, kind, fault) in self.noted.iter().filter(|(_, first, ..)| *first == deployment.id) {
                if *fault {
                    truth.fault(test, vec![id.clone()], kind);
                } else {
                    truth.near_miss(test, vec![id.clone()], kind);
                }
            }
            deployment.id = id;
        }
    }

    /// Writes the repository, the tickets and the deployment log.
    pub(crate) fn write(&self, systems: &Path, truth: &mut Truth) -> Result<(), Error> {
        let names = self.write_repository(&systems.join("git/payroll-app.git"))?;
        for (test, mark, kind, fault) in &self.pending {
            let key = vec![name_of(&names, *mark)?];
            if *fault {
                truth.fault(test, key, kind);
            } else {
                truth.near_miss(test, key, kind);
            }
        }
        write::json(&systems.join("tickets/changes.json"), &self.tickets)?;
        let mut rows = Vec::new();
        for deployment in &self.deployments {
            let commit_id = match &deployment.commit {
                Deployed::Mark(mark) => name_of(&names, *mark)?,
                Deployed::Unknown(name) => name.clone(),
            };
            rows.push(Logged {
                deployment_id: &deployment.id,
                repository: REPOSITORY,
                commit_id,
                deployed_at: self.calendar.with_offset(deployment.at),
                deployed_on: deployment.on,
                deployed_by: &deployment.by,
                outcome: deployment.outcome,
            });
        }
        write::parent(&systems.join("deploy/deployments.jsonl"))?;
        write::json_lines(&systems.join("deploy/deployments.jsonl"), &rows)
    }
}

#[derive(Serialize)]
struct Logged<'a> {
    deployment_id: &'a str,
    repository: &'static str,
    commit_id: String,
    deployed_at: String,
    deployed_on: Date,
    deployed_by: &'a str,
    outcome: &'static str,
}

fn name_of(names: &BTreeMap<u32, String>, mark: u32) -> Result<String, Error> {
    names.get(&mark).cloned().ok_or_else(|| Error::Inconsistent(format!("git named no commit for mark {mark}")))
}
