//! Catalog versions: one is proposed, another person puts it in force, and from then on its rules hold.
//!
//! Invariant: only the first catalog of an organization comes into force by one person's act. Each later one is proposed by
//! one person and adopted by another, and a control test that changes while it has results is back-tested or says why not.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, Event, PersonId, Recorded, Refusal, Role, State, TestId};

/// Propose a catalog version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeCatalog {
    /// Vault object that lists the catalog's files and their digests.
    pub files: Digest,
    /// Digest of the catalog index (vault object).
    pub index: Digest,
    /// The catalog index itself.
    pub proposed: Box<CatalogIndex>,
    /// Changed control tests that are not back-tested.
    pub not_back_tested: BTreeSet<TestId>,
    /// Why not, each (vault object).
    pub reasons: Option<Digest>,
}

/// Somebody proposed a catalog version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogProposed {
    /// Digest over all files of the catalog.
    pub catalog: Digest,
    /// The catalog in force that it is to replace.
    pub replaces: Digest,
    /// Vault object that lists the catalog's files and their digests.
    pub files: Digest,
    /// Digest of the catalog index (vault object).
    pub index: Digest,
    /// Control tests in force that it has with other SQL, or no more.
    pub changed: BTreeSet<TestId>,
    /// Those of them that are not back-tested.
    pub not_back_tested: BTreeSet<TestId>,
    /// Why not, each (vault object).
    pub reasons: Option<Digest>,
}

/// Put a catalog version in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptCatalog {
    /// Vault object that lists the catalog's files and their digests.
    pub files: Digest,
    /// Digest of the catalog index (vault object).
    pub index: Digest,
}

/// A catalog version came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogAdopted {
    /// Digest over all files of the catalog.
    pub catalog: Digest,
    /// Vault object that lists the catalog's files and their digests.
    pub files: Digest,
    /// Digest of the catalog index (vault object).
    pub index: Digest,
    /// How many controls it has.
    pub controls: u64,
    /// How many control tests it has.
    pub tests: u64,
}

/// A catalog version that is or was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogAdoption {
    /// Digest over all files of the catalog.
    pub catalog: Digest,
    /// Vault object that lists the catalog's files and their digests.
    pub files: Digest,
    /// Digest of the catalog index (vault object).
    pub index: Digest,
    /// Entry that adopted it.
    pub entry: u64,
    /// When that was recorded.
    pub adopted_at: Timestamp,
}

/// A proposal as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogProposal {
    /// What was proposed.
    pub proposed: CatalogProposed,
    /// Who proposed it.
    pub by: PersonId,
    /// The entry.
    pub entry: u64,
}

pub(crate) fn decide_propose(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ProposeCatalog,
) -> Result<Vec<Event>, Refusal> {
    state.require_one_of(author, &[Role::Administrator, Role::ComplianceLead])?;
    state.require_catalog(catalog)?;
    let ProposeCatalog { files, index, proposed, not_back_tested, reasons } = command;
    if proposed.catalog == catalog.catalog {
        return Err(Refusal::CatalogInForce);
    }
    let is_other =
        |(test, rule): &(&TestId, &crate::TestRule)| proposed.tests.get(*test).map(|r| r.sql) != Some(rule.sql);
    let changed: BTreeSet<TestId> = catalog.tests.iter().filter(is_other).map(|(test, _)| test.clone()).collect();
    if let Some(same) = not_back_tested.iter().find(|test| !changed.contains(*test)) {
        return Err(Refusal::NothingToBackTest(same.clone()));
    }
    if let (Some(test), None) = (not_back_tested.first(), reasons) {
        return Err(Refusal::NotBackTested(test.clone()));
    }
    Ok(vec![Event::CatalogProposed(CatalogProposed {
        catalog: proposed.catalog,
        replaces: catalog.catalog,
        files,
        index,
        changed,
        not_back_tested,
        reasons,
    })])
}

/// Asked in this order: role, another catalog, a proposal, another person, back-tests.
pub(crate) fn decide_adopt(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: AdoptCatalog,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    if let Some(in_force) = state.catalog_in_force() {
        if in_force.catalog == catalog.catalog {
            return Err(Refusal::CatalogInForce);
        }
        let proposal = state.proposal_of(catalog.catalog).ok_or(Refusal::CatalogNotProposed)?;
        if proposal.by == author.person {
            return Err(Refusal::ProposerAdopts(author.person.clone()));
        }
        if let Some(test) = state.not_back_tested(&proposal.proposed, catalog) {
            return Err(Refusal::NotBackTested(test.clone()));
        }
    }
    Ok(vec![Event::CatalogAdopted(CatalogAdopted {
        catalog: catalog.catalog,
        files: command.files,
        index: command.index,
        controls: catalog.controls.len() as u64,
        tests: catalog.tests.len() as u64,
    })])
}

impl State {
    /// The catalog version in force.
    pub fn catalog_in_force(&self) -> Option<&CatalogAdoption> {
        self.catalogs.last()
    }

    /// The newest proposal to replace the catalog in force.
    pub fn standing_proposal(&self) -> Option<&CatalogProposal> {
        let in_force = self.catalog_in_force()?.catalog;
        self.proposals.iter().rev().find(|proposal| proposal.proposed.replaces == in_force)
    }

    /// The newest proposal to replace the catalog in force by this one.
    fn proposal_of(&self, catalog: Digest) -> Option<&CatalogProposal> {
        let in_force = self.catalog_in_force()?.catalog;
        let is_it = |of: &CatalogProposed| of.catalog == catalog && of.replaces == in_force;
        self.proposals.iter().rev().find(|proposal| is_it(&proposal.proposed))
    }

    /// A changed control test that has results in an engagement that management has not signed for, and for which neither a
    /// back-test nor a reason is there. `catalog` is the one proposed.
    pub fn not_back_tested<'a>(&self, proposed: &'a CatalogProposed, catalog: &CatalogIndex) -> Option<&'a TestId> {
        proposed.changed.iter().find(|test| {
            let unsigned = self.engagements.values().filter(|engagement| engagement.assertion.is_none());
            let spans: BTreeSet<_> = unsigned.map(|engagement| engagement.report_type.span()).collect();
            let has_results = spans.iter().any(|span| self.newest_result(test, *span).is_some());
            let sql = catalog.tests.get(*test).map(|rule| rule.sql);
            let is_back_tested = self.back_tests_of(test).iter().any(|back_test| {
                back_test.recorded.catalog == proposed.replaces && Some(back_test.recorded.new.sql) == sql
            });
            has_results && !is_back_tested && !proposed.not_back_tested.contains(*test)
        })
    }

    /// Refuses unless `catalog` is the one in force.
    pub(crate) fn require_catalog(&self, catalog: &CatalogIndex) -> Result<(), Refusal> {
        let in_force = self.catalog_in_force().ok_or(Refusal::NoCatalog)?;
        if in_force.catalog == catalog.catalog { Ok(()) } else { Err(Refusal::OtherCatalog) }
    }

    pub(crate) fn apply_catalog_proposed(&mut self, event: &CatalogProposed, recorded: &Recorded) {
        let (proposed, by) = (event.clone(), recorded.by.clone());
        self.proposals.push(CatalogProposal { proposed, by, entry: recorded.index });
    }

    pub(crate) fn apply_catalog_adopted(&mut self, event: &CatalogAdopted, recorded: &Recorded) {
        self.catalogs.push(CatalogAdoption {
            catalog: event.catalog,
            files: event.files,
            index: event.index,
            entry: recorded.index,
            adopted_at: recorded.at,
        });
    }
}
