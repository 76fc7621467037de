//! Putting a catalog in force, and taking its controls and risks into the organization's own control set.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use tickmark_catalog::Catalog;
use tickmark_domain::{AdoptCatalog, AdoptControl, Command, ControlId, PersonId, RecordRisk};

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

    /// Takes controls of the catalog into the control set, as they are worded there, and the risks that they address.
    pub fn adopt_controls(
        &mut self,
        person: &PersonId,
        controls: &[ControlId],
        effective_on: Date,
        owner_of: impl Fn(&tickmark_catalog::Control) -> PersonId,
    ) -> Result<(), Error> {
        let catalog = Arc::clone(&self.catalog);
        let find = |id: &ControlId| {
            let control = catalog.controls.get(id.as_str());
            control.ok_or_else(|| Error::Unknown { kind: "control", name: id.to_string() })
        };
        let wanted = controls.iter().map(find).collect::<Result<Vec<_>, Error>>()?;
        let risks: BTreeMap<&str, &tickmark_catalog::Risk> = wanted
            .iter()
            .flat_map(|control| catalog.risks_of_control(&control.id))
            .map(|risk| (&*risk.id, risk))
            .collect();
        let statements: Vec<&str> =
            wanted.iter().map(|c| &*c.statement).chain(risks.values().map(|r| &*r.statement)).collect();
        let mut statements = self.put_texts(&statements)?.into_iter();
        let mut commands = Vec::new();
        for ((id, control), statement) in controls.iter().zip(wanted).zip(&mut statements) {
            let owner = owner_of(control);
            commands.push(Command::AdoptControl(AdoptControl { control: id.clone(), statement, owner, effective_on }));
        }
        for (risk, statement) in risks.into_values().zip(statements) {
            let (objectives, criteria): (Vec<_>, Vec<_>) =
                risk.threatens.iter().partition(|id| catalog.objectives.contains_key(&***id));
            commands.push(Command::RecordRisk(RecordRisk {
                risk: risk.id.parse()?,
                statement,
                criteria: criteria.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
                objectives: objectives.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
            }));
        }
        self.execute_all(person, commands).map(drop)
    }
}
