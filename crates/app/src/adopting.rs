//! Putting a catalog in force.

use std::{collections::BTreeMap, sync::Arc};

use tickmark_catalog::Catalog;
use tickmark_domain::{AdoptCatalog, Command, PersonId};

use crate::{Error, House, catalog_index::index_of};

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

impl House {
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
}
