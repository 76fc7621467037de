//! Two installations hold each other's checkpoints: the one asks, the other answers (C2SP tlog-witness, `add-checkpoint`).
//!
//! Invariant: this installation cosigns a checkpoint only of a ledger whose key an administrator trusted here, and only
//! when it is proven to extend the one held before.

use std::path::PathBuf;

use tickmark_ledger::{
    SealedKey, Signer, Store, VerifierKey,
    anchor::witness::{self, AddCheckpoint, Answer},
};

use crate::{Clock, Error, House, Installation, organization_keys::for_ledger, secrets};

impl House {
    /// What to send to a witness that holds a checkpoint of `held` entries (0: none): the body of `add-checkpoint`.
    pub fn witness_request(&self, held: u64) -> Result<String, Error> {
        let reader = self.store.reader()?;
        let head = reader.head(&self.origin)?;
        let proof = match held {
            0 => Vec::new(),
            held => reader.consistency_proof(&self.origin, held, head.size)?,
        };
        Ok(AddCheckpoint { old_size: held, proof, checkpoint: head.checkpoint }.to_text())
    }

    /// Keeps a witness's answer to a request as an anchor; gives the size that it holds.
    pub fn take_cosignature(&self, request: &str, answer: &str, witness: &VerifierKey) -> Result<u64, Error> {
        let request = AddCheckpoint::parse(request)?;
        let answer = Answer { status: 200, content_type: "text/plain; charset=utf-8", body: answer.to_owned() };
        let anchor = request.accept(&answer, witness)?;
        self.store.put_anchor(&self.origin, &anchor)?;
        Ok(request.checkpoint.size())
    }
}

impl Installation {
    /// The key with which this installation cosigns others' checkpoints; drawn when it is asked for first.
    fn cosigner(&self) -> Result<Signer, Error> {
        let sealing = for_ledger(&secrets::read_sealing_key(self.sealing_key_file())?)?;
        let path = self.cosigner_file();
        if path.exists() {
            return Ok(SealedKey::from_bytes(&secrets::read_secret(&path)?)?.open(&sealing)?);
        }
        let signer = Signer::generate_cosigner(&format!("{}/witness", self.origin()))?;
        secrets::write_secret(&path, &SealedKey::seal(&signer, &sealing)?.to_bytes()?)?;
        Ok(signer)
    }

    fn cosigner_file(&self) -> PathBuf {
        self.root().join("keys").join("witness.signing-key")
    }

    /// The public key of this installation's cosignatures.
    pub fn witness_key(&self) -> Result<String, Error> {
        Ok(self.cosigner()?.verifier().to_string())
    }

    /// From now on checkpoints of the ledger with this key are held here.
    pub fn trust_ledger(&self, key: &VerifierKey, clock: &dyn Clock) -> Result<(), Error> {
        Ok(self.store()?.trust_foreign(key, clock.now())?)
    }

    /// Answers an `add-checkpoint` request: keeps the checkpoint durably, then cosigns it.
    pub fn answer_as_witness(&self, request: &str, clock: &dyn Clock) -> Result<Answer, Error> {
        let cosigner = self.cosigner()?;
        Ok(witness::answer(&*self.store()?, &cosigner, request, clock.now())?)
    }
}
