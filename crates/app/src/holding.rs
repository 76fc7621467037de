//! Looking after ledger and vault: checks and outside anchors.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::PersonId;
use tickmark_ledger::{
    CheckReport, Depth, Entry, LEDGER_STREAM, Store, Trust,
    anchor::{Anchor, mailbox, rfc3161},
    check, key_chain_at,
};

use crate::{Error, House, Progress};

/// The ledger's newest checkpoint and keys.
#[derive(Debug, Clone, Serialize)]
pub struct HeadLine {
    /// Name of the ledger.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
    /// The key in force.
    pub key: String,
    /// The recovery key in force.
    pub recovery_key: String,
    /// Outside anchors kept.
    pub anchors: u64,
    /// The signed checkpoint (C2SP signed note); empty for a past size within a command.
    pub checkpoint: String,
}

/// What is kept of a time-stamp request until its answer comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingStamp {
    /// Size of the checkpoint that is to be stamped.
    pub size: u64,
    /// The nonce that the answer must repeat, in hexadecimal digits.
    pub nonce: String,
}

/// What a full check of the ledger found.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerCheckLine {
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Digest,
    /// Checkpoints compared with the tree of their size.
    pub checkpoints: u64,
    /// Streams whose chains are whole.
    pub streams: u64,
    /// Outside anchors that agree.
    pub anchors: u64,
    /// Entries that say an earlier time than an entry before them: somebody set a clock back.
    pub clock_set_back: u64,
    /// Stretches signed under a key that was stolen later, which no outside anchor covers.
    pub needs_anchor: u64,
}

/// What a full check of the vault found.
#[derive(Debug, Clone, Serialize)]
pub struct VaultCheckLine {
    /// Whether nothing is wrong.
    pub is_sound: bool,
    /// The first thing that is wrong.
    pub first_problem: Option<String>,
    /// What was looked at, in words.
    pub says: String,
}

impl House {
    /// The ledger's newest checkpoint and keys; of the past those of then. A size within a command has no checkpoint.
    pub fn head(&self) -> Result<HeadLine, Error> {
        let (reader, size) = (self.store.reader()?, self.size());
        let keys = key_chain_at(&*reader, &self.origin, size)?;
        let signed = reader.checkpoint_from(&self.origin, size)?.filter(|signed| signed.size() == size);
        let known = |anchor: &&Anchor| anchor.size <= size && (!self.is_past() || anchor.at <= self.now());
        Ok(HeadLine {
            origin: self.origin.clone(),
            size,
            root: reader.root(&self.origin, size)?,
            key: keys.at(size).vkey.to_string(),
            recovery_key: keys.recovery_vkey().to_string(),
            anchors: reader.anchors(&self.origin)?.iter().filter(known).count() as u64,
            checkpoint: signed.map(|signed| signed.to_note()).unwrap_or_default(),
        })
    }

    /// Entries from an index on.
    pub fn entries(&self, from: u64, limit: u64) -> Result<Vec<(u64, Entry)>, Error> {
        let reader = self.store.reader()?;
        let end = self.size().min(from.saturating_add(limit));
        let entries = reader.entries(&self.origin, from.min(end)..end)?;
        Ok(entries.into_iter().map(|stored| (stored.index, stored.entry)).collect())
    }

    /// Checks every entry, hash, checkpoint, chain and anchor of the ledger.
    pub fn check_ledger(&self, progress: &dyn Progress) -> Result<LedgerCheckLine, Error> {
        let reader = self.store.reader()?;
        progress.step("checking the ledger", self.size());
        let mut done = 0;
        let report: CheckReport =
            check(&*reader, &self.origin, Depth::Everything, &Trust::default(), self.now(), &mut |at, _| {
                progress.advance(at.saturating_sub(done));
                done = at;
            })?;
        Ok(LedgerCheckLine {
            size: report.size,
            root: report.root,
            checkpoints: report.checkpoints,
            streams: report.entries.as_ref().map_or(0, |entries| entries.streams),
            clock_set_back: report.entries.as_ref().map_or(0, |entries| entries.clock_set_back),
            needs_anchor: report.needs_anchor.len() as u64,
            anchors: report.anchors.len() as u64,
        })
    }

    /// Checks every object of the vault, and that every object that the ledger names is there.
    pub fn check_vault(&self, progress: &dyn Progress) -> Result<VaultCheckLine, Error> {
        progress.step("checking the vault", 0);
        let report = self.vault.check(&mut |_| progress.advance(1))?;
        let named = self.objects_named()?;
        // The vault alone cannot tell a lost object from one that was never finished; the ledger knows what was acknowledged.
        let mut lost = None;
        for (digest, entry) in &named {
            match self.vault.is_sealed(digest) {
                Ok(_) | Err(tickmark_vault::Error::Erased { .. }) => {}
                Err(tickmark_vault::Error::Missing { .. }) => {
                    lost.get_or_insert_with(|| format!("object {digest}, which entry {entry} names, is missing"));
                }
                Err(error) => {
                    let why = crate::error::with_causes(&error);
                    lost.get_or_insert_with(|| format!("object {digest}, which entry {entry} names: {why}"));
                }
            }
        }
        // The vault follows the datasets that its own list has; the ledger knows which it must have.
        let followed: BTreeSet<Digest> = self.vault.manifests()?.into_iter().collect();
        for (manifest, entry) in self.datasets_named().filter(|(manifest, _)| !followed.contains(manifest)) {
            if !matches!(self.vault.is_sealed(&manifest), Err(tickmark_vault::Error::Erased { .. })) {
                lost.get_or_insert_with(|| {
                    format!("dataset {manifest}, which entry {entry} names, is not on the vault's own list, so that nothing followed it")
                });
            }
        }
        let first_problem = report.first_problem.as_ref().map(ToString::to_string).or(lost);
        let first_problem = match first_problem {
            Some(problem) => Some(problem),
            None => {
                let unsaid = self.erased_without_a_fact()?;
                unsaid.map(|object| format!("object {object} was erased, and no entry of the ledger says so"))
            }
        };
        Ok(VaultCheckLine {
            is_sound: report.is_sound() && first_problem.is_none(),
            first_problem,
            says: format!(
                "{} objects, {} rows of datasets; {} objects that the ledger names are there or were erased on purpose",
                report.objects,
                report.rows,
                named.len()
            ),
        })
    }

    /// The manifests of extracts, result rows and frozen populations that entries name.
    fn datasets_named(&self) -> impl Iterator<Item = (Digest, u64)> {
        let state = self.state();
        let extracts = state.evidence.values().flatten().map(|extract| (extract.manifest, extract.entry));
        let results = state.results.values().flatten();
        let results = results.filter_map(|result| Some((result.rows?, result.entry)));
        let populations = state.populations.values().map(|population| (population.rows.rows, population.entry));
        extracts.chain(results).chain(populations)
    }

    /// Every vault object that an entry names, with the first such entry.
    fn objects_named(&self) -> Result<BTreeMap<Digest, u64>, Error> {
        let mut named = BTreeMap::new();
        let mut failed = None;
        self.store.reader()?.scan(&self.origin, 0..self.size(), &mut |index, bytes| {
            let entry = Entry::decode(bytes)
                .map_err(|error| tickmark_ledger::Corrupt::new(format!("entry {index}"), "an entry", error))?;
            if entry.stream != LEDGER_STREAM && failed.is_none() {
                match crate::body::unpack(index, &entry.body) {
                    Ok(events) => {
                        for digest in events.iter().flat_map(tickmark_domain::Event::objects) {
                            named.entry(digest).or_insert(index);
                        }
                    }
                    Err(error) => failed = Some(error),
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(named), Err)
    }

    /// A time-stamp request (RFC 3161) for the newest checkpoint: its DER bytes, and what to keep until the answer comes.
    pub fn stamp_request(&self) -> Result<(Vec<u8>, PendingStamp), Error> {
        let head = self.store.reader()?.head(&self.origin)?;
        let request = rfc3161::request(&head.checkpoint)?;
        Ok((request.der, PendingStamp { size: head.size, nonce: hex::encode(request.nonce) }))
    }

    /// Takes in an authority's answer and keeps it as an anchor. `authority_pem` is the authority's certificate chain, pinned
    /// by whoever calls.
    pub fn take_stamp(
        &self,
        request_der: Vec<u8>,
        pending: &PendingStamp,
        response: &[u8],
        authority_pem: &str,
    ) -> Result<(), Error> {
        let checkpoint = self.store.reader()?.checkpoint(&self.origin, pending.size)?;
        let authority = rfc3161::Authority::from_pem_chain("authority", authority_pem)?;
        let nonce =
            hex::decode(&pending.nonce).map_err(|_| Error::Unknown { kind: "nonce", name: pending.nonce.clone() })?;
        let request = rfc3161::TimestampRequest { der: request_der, nonce };
        let anchor = rfc3161::accept(&checkpoint, &request, response, &authority)?;
        Ok(self.store.put_anchor(&self.origin, &anchor)?)
    }

    /// The newest checkpoint as a mail to an outside mailbox: subject and body.
    pub fn mail(&self) -> Result<(String, String), Error> {
        let head = self.store.reader()?.head(&self.origin)?;
        let mail = mailbox::compose(&head.checkpoint);
        Ok((mail.subject, mail.body))
    }

    /// Takes in a mail that came back from an outside mailbox.
    pub fn take_mail(&self, mail: &[u8]) -> Result<(), Error> {
        let head = self.store.reader()?.head(&self.origin)?;
        let anchor = mailbox::accept(mail, &[head.vkey])?;
        Ok(self.store.put_anchor(&self.origin, &anchor)?)
    }

    /// Whether a person may look after ledger and vault.
    pub fn require_administrator(&self, person: &PersonId) -> Result<(), Error> {
        let holds =
            self.state().people.get(person).is_some_and(|p| p.roles.contains(&tickmark_domain::Role::Administrator));
        if holds {
            return Ok(());
        }
        let needed = tickmark_domain::Role::Administrator;
        Err(tickmark_domain::Refusal::RoleMissing { person: person.clone(), needed }.into())
    }
}
