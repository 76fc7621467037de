//! Legal holds and erasures: the fact first, then the vault's act, and what a crash left between them done at the next
//! opening.
//!
//! Invariant: what the vault has erased, the ledger says; `tickmark vault check` compares. A hold whose release a crash cut
//! off stands in the vault until somebody erases the object, and is ended then.

use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_domain::{Command, EraseObject, PersonId, ReleaseLegalHold, SetLegalHold};
use tickmark_vault::Error as VaultError;

use crate::{Error, House};

/// A legal hold that stands.
#[derive(Debug, Clone, Serialize)]
pub struct HoldLine {
    /// The object.
    pub object: Digest,
    /// Entry that set the hold: what it is released by.
    pub hold: u64,
    /// Who set it.
    pub set_by: String,
    /// Why.
    pub reason: String,
}

impl House {
    /// Puts an object, or an extract with all its files, under a legal hold; gives the entry that it is released by.
    pub fn hold(&mut self, author: &PersonId, object: &Digest, reason: &str) -> Result<u64, Error> {
        self.vault.is_sealed(object)?;
        let command = SetLegalHold { object: *object, reason: self.put_text(reason)? };
        let hold = self.execute(author, Command::SetLegalHold(command))?.first;
        self.carry_out_holds()?;
        Ok(hold)
    }

    /// Ends the legal hold that an entry set.
    pub fn release_hold(&mut self, author: &PersonId, object: &Digest, hold: u64, reason: &str) -> Result<(), Error> {
        let command = ReleaseLegalHold { object: *object, hold, reason: self.put_text(reason)? };
        // Read before the fact: an erased manifest names its files no more.
        let held = self.with_its_files(object);
        self.execute(author, Command::ReleaseLegalHold(command))?;
        for object in held {
            self.vault.release_hold(&object, &name_of_hold(hold))?;
        }
        Ok(())
    }

    /// The legal holds that stand.
    pub fn holds(&self) -> Result<Vec<HoldLine>, Error> {
        let all = self.state().holds.iter().flat_map(|(object, holds)| holds.iter().map(move |hold| (object, hold)));
        all.map(|(object, (hold, of))| {
            let (set_by, reason) = (self.name_of(&of.set_by), self.text(&of.reason)?);
            Ok(HoldLine { object: *object, hold: *hold, set_by, reason })
        })
        .collect()
    }

    /// Erases an object with personal data, or an extract with all its files: the keys are destroyed. Doing it again is
    /// fine.
    pub fn erase(&mut self, author: &PersonId, object: &Digest, reason: &str) -> Result<(), Error> {
        if self.state().erasures.contains_key(object) {
            return self.carry_out_erasures();
        }
        let objects = self.with_its_files(object);
        if objects.contains(&self.item_keys_object) {
            return Err(Error::HoldsItemKeys { object: self.item_keys_object });
        }
        // Whatever stands against the act has to be found before the fact that it happened.
        for object in &objects {
            if !self.vault.is_sealed(object)? {
                return Err(VaultError::NotSealed { digest: *object }.into());
            }
            // The hold of an extract is its files' too, and the ledger names the extract alone.
            let held = self.standing_holds_of(object)?.into_iter().next();
            if let Some(reason) = held.filter(|_| !self.state().holds.contains_key(object)) {
                return Err(VaultError::Held { digest: *object, reason }.into());
            }
        }
        let reason = self.put_text(reason)?;
        let commands = objects.into_iter().map(|object| Command::EraseObject(EraseObject { object, reason })).collect();
        self.execute_all(author, commands)?;
        self.carry_out_erasures()
    }

    /// Does what the ledger says and a crash kept from being done.
    pub(crate) fn carry_out_retention(&self) -> Result<(), Error> {
        self.carry_out_holds()?;
        self.carry_out_erasures()
    }

    fn carry_out_holds(&self) -> Result<(), Error> {
        for (object, holds) in &self.state().holds {
            for object in self.with_its_files(object) {
                let held = self.vault.holds(&object)?;
                let mut missing = holds.keys().map(|hold| name_of_hold(*hold)).filter(|hold| !held.contains(hold));
                missing.try_for_each(|hold| self.vault.hold(&object, &hold))?;
            }
        }
        Ok(())
    }

    fn carry_out_erasures(&self) -> Result<(), Error> {
        for (object, erasure) in &self.state().erasures {
            match self.vault.is_sealed(object) {
                Err(VaultError::Erased { .. }) => {}
                Ok(_) => self.vault.erase(object, &self.text(&erasure.reason)?, self.now())?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The vault's holds of an object that the ledger knows; one whose release a crash cut off is ended.
    fn standing_holds_of(&self, object: &Digest) -> Result<Vec<String>, Error> {
        let standing: Vec<String> =
            self.state().holds.values().flat_map(|holds| holds.keys()).map(|hold| name_of_hold(*hold)).collect();
        let (stands, left): (Vec<String>, Vec<String>) =
            self.vault.holds(object)?.into_iter().partition(|hold| standing.contains(hold));
        for hold in left {
            self.vault.release_hold(object, &hold)?;
        }
        Ok(stands)
    }

    /// What the vault has erased and no entry says so.
    pub(crate) fn erased_without_a_fact(&self) -> Result<Option<Digest>, Error> {
        let erased = self.vault.erased()?;
        Ok(erased.into_iter().find(|object| !self.state().erasures.contains_key(object)))
    }

    /// An extract's files with its manifest last, or the object alone.
    fn with_its_files(&self, object: &Digest) -> Vec<Digest> {
        let files = self.vault.manifest(object).map(|manifest| manifest.objects()).unwrap_or_default();
        files.into_iter().chain([*object]).collect()
    }
}

/// The vault's name of a hold: two that were set for the same reason stand apart.
fn name_of_hold(entry: u64) -> String {
    format!("legal hold of entry {entry}")
}
