//! Adopting a catalog version: from then on its rules are in force.

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, Event, Recorded, Refusal, Role, State};

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
}

pub(crate) fn decide_adopt(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: AdoptCatalog,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::Administrator)?;
    if state.catalog_in_force().is_some_and(|in_force| in_force.catalog == catalog.catalog) {
        return Err(Refusal::CatalogInForce);
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

    /// Refuses unless `catalog` is the one in force.
    pub(crate) fn require_catalog(&self, catalog: &CatalogIndex) -> Result<(), Refusal> {
        let in_force = self.catalog_in_force().ok_or(Refusal::NoCatalog)?;
        if in_force.catalog == catalog.catalog { Ok(()) } else { Err(Refusal::OtherCatalog) }
    }

    pub(crate) fn apply_catalog_adopted(&mut self, event: &CatalogAdopted, recorded: &Recorded) {
        self.catalogs.push(CatalogAdoption {
            catalog: event.catalog,
            files: event.files,
            index: event.index,
            entry: recorded.index,
        });
    }
}
