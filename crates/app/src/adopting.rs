//! Putting a catalog in force: one person proposes it, another adopts it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_catalog::Catalog;
use tickmark_domain::{AdoptCatalog, CatalogIndex, Command, PersonId, ProposeCatalog};

use crate::{Error, House, catalog_index::index_of};

/// A proposal to replace the catalog in force.
#[derive(Debug, Clone, Serialize)]
pub struct ProposalView {
    /// The catalog proposed.
    pub catalog: Digest,
    /// Who proposed it.
    pub proposed_by: String,
    /// The entry.
    pub entry: u64,
    /// Control tests in force that change or go.
    pub changed: Vec<ChangedTest>,
    /// Files that differ from those of the catalog in force.
    pub files: Vec<String>,
    /// The first changed control test that still needs a back-test or a reason.
    pub lacks: Option<String>,
}

/// A control test in force that a proposal changes.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedTest {
    /// The control test.
    pub test: String,
    /// Whether it goes.
    pub is_taken_out: bool,
    /// What the newest back-test of this version showed.
    pub back_test: Option<BackTestLine>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// What a back-test showed.
#[derive(Debug, Clone, Serialize)]
pub struct BackTestLine {
    /// The entry.
    pub entry: u64,
    /// Items that only the version in force found.
    pub only_old: u64,
    /// Items that both found.
    pub both: u64,
    /// Items that only the new version found.
    pub only_new: u64,
    /// Items in the population of the version in force.
    pub old_population: u64,
    /// Items in the population of the new version.
    pub new_population: u64,
}

/// What became of the program's own catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Upgraded {
    /// It was proposed; a second person adopts it.
    Proposed,
    /// It was proposed by somebody else, and is in force now.
    Adopted,
}

/// The catalog's files as one vault object: path → text.
pub(crate) fn files_object(catalog: &Catalog) -> BTreeMap<&str, std::borrow::Cow<'_, str>> {
    catalog.files().iter().map(|(path, bytes)| (path.as_str(), String::from_utf8_lossy(bytes))).collect()
}

/// Reads a catalog back from its vault object.
pub(crate) fn catalog_from_object(bytes: &[u8]) -> Result<Catalog, Error> {
    let files: BTreeMap<String, String> = tickmark_canonical::from_canonical(bytes)?;
    let files = files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    Catalog::from_files(files).map_err(Error::Catalog)
}

/// Files that two catalogs do not have alike.
pub(crate) fn files_that_differ(one: &Catalog, other: &Catalog) -> Vec<String> {
    let paths: BTreeSet<&String> = one.files().keys().chain(other.files().keys()).collect();
    paths.into_iter().filter(|path| one.files().get(*path) != other.files().get(*path)).cloned().collect()
}

impl House {
    /// Proposes a catalog in place of the one in force; `reasons` say why changed control tests are not back-tested.
    pub fn propose_catalog(
        &mut self,
        person: &PersonId,
        catalog: &Catalog,
        reasons: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let proposed = Box::new(index_of(catalog)?);
        let not_back_tested = reasons.keys().map(|test| test.parse()).collect::<Result<_, _>>()?;
        let command = ProposeCatalog {
            files: self.put_json(&files_object(catalog))?,
            index: self.put_json(&*proposed)?,
            proposed,
            not_back_tested,
            reasons: if reasons.is_empty() { None } else { Some(self.put_json(reasons)?) },
        };
        self.execute(person, Command::ProposeCatalog(command)).map(drop)
    }

    /// Puts a catalog in force: its files and index go to the vault, then the fact to the ledger.
    pub fn adopt_catalog(&mut self, person: &PersonId, catalog: Arc<Catalog>) -> Result<(), Error> {
        let index = index_of(&catalog)?;
        let files = self.put_json(&files_object(&catalog))?;
        let index_object = self.put_json(&index)?;
        let before = std::mem::replace(&mut self.index, index);
        let adopted =
            self.execute(person, Command::AdoptCatalog(AdoptCatalog { files, index: index_object })).map(drop);
        if adopted.is_err() {
            self.index = before;
            return adopted;
        }
        self.catalog = catalog;
        Ok(())
    }

    /// The catalog that is proposed in place of the one in force.
    pub fn proposed_catalog(&self) -> Result<Option<Catalog>, Error> {
        let standing = self.state().standing_proposal();
        standing.map(|standing| catalog_from_object(&self.vault.get(&standing.proposed.files)?)).transpose()
    }

    /// Proposes the program's own catalog, or adopts it if somebody else has proposed it.
    pub fn upgrade_catalog(
        &mut self,
        person: &PersonId,
        reasons: &BTreeMap<String, String>,
    ) -> Result<Upgraded, Error> {
        let own = Catalog::embedded().map_err(Error::Catalog)?;
        let standing = self.state().standing_proposal();
        if standing.is_some_and(|standing| standing.proposed.catalog == own.digest() && standing.by != *person) {
            self.adopt_catalog(person, Arc::new(own))?;
            return Ok(Upgraded::Adopted);
        }
        self.propose_catalog(person, &own, reasons)?;
        Ok(Upgraded::Proposed)
    }

    /// The catalog in force, the program's own, and the files that differ.
    pub fn catalog_changes(&self) -> Result<(Digest, Digest, Vec<String>), Error> {
        let own = Catalog::embedded().map_err(Error::Catalog)?;
        Ok((self.catalog.digest(), own.digest(), files_that_differ(&self.catalog, &own)))
    }

    /// The standing proposal, with what is known of each control test that it changes.
    pub fn proposal(&self) -> Result<Option<ProposalView>, Error> {
        let Some(standing) = self.state().standing_proposal() else { return Ok(None) };
        let proposed = &standing.proposed;
        let catalog = catalog_from_object(&self.vault.get(&proposed.files)?)?;
        let index: CatalogIndex = tickmark_canonical::from_canonical(&self.vault.get(&proposed.index)?)?;
        let reasons: BTreeMap<String, String> = match &proposed.reasons {
            Some(reasons) => tickmark_canonical::from_canonical(&self.vault.get(reasons)?)?,
            None => BTreeMap::new(),
        };
        let changed = proposed.changed.iter().map(|test| {
            let sql = index.tests.get(test).map(|rule| rule.sql);
            let of_this = self.state().back_tests_of(test).iter().rev().find(|back_test| {
                back_test.recorded.catalog == proposed.replaces && Some(back_test.recorded.new.sql) == sql
            });
            ChangedTest {
                test: test.to_string(),
                is_taken_out: sql.is_none(),
                back_test: of_this.map(|back_test| BackTestLine {
                    entry: back_test.entry,
                    only_old: back_test.recorded.only_old(),
                    both: back_test.recorded.both,
                    only_new: back_test.recorded.only_new(),
                    old_population: back_test.recorded.old.population,
                    new_population: back_test.recorded.new.population,
                }),
                reason: reasons.get(test.as_str()).cloned(),
            }
        });
        Ok(Some(ProposalView {
            catalog: proposed.catalog,
            proposed_by: self.name_of(&standing.by),
            entry: standing.entry,
            changed: changed.collect(),
            files: files_that_differ(&self.catalog, &catalog),
            lacks: self.state().not_back_tested(proposed, &index).map(ToString::to_string),
        }))
    }
}
