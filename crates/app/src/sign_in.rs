//! Sign-ins of the demo: one token a role, kept as digests; whoever has the token is that person on this machine.
//!
//! Invariant: the file holds digests of tokens, never tokens.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Error, secrets};

/// A sign-in that is printed once.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// The role it shows.
    pub role: String,
    /// The person.
    pub name: String,
    /// The token.
    pub token: String,
}

/// Digest of token → person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIns {
    people: BTreeMap<Digest, String>,
}

impl SignIns {
    /// Reads the sign-ins of an installation; none if it has no file of them.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join("keys").join("sign-ins.json");
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_slice(&secrets::read_secret(&path)?)
            .map_err(|error| Error::Settings { path, problem: error.to_string() })
    }

    /// Makes sign-ins for people and writes their digests to a new file.
    pub(crate) fn create(root: &Path, people: &[(String, String, String)]) -> Result<Vec<SignIn>, Error> {
        let mut file = Self::default();
        let mut sign_ins = Vec::new();
        for (role, id, name) in people {
            let mut bytes = [0_u8; 16];
            getrandom::fill(&mut bytes).map_err(Error::Random)?;
            let token = hex::encode(bytes);
            file.people.insert(Digest::of(token.as_bytes()), id.clone());
            sign_ins.push(SignIn { role: role.clone(), name: name.clone(), token });
        }
        let bytes = tickmark_canonical::to_canonical(&file)?;
        secrets::write_secret(&root.join("keys").join("sign-ins.json"), &bytes)?;
        Ok(sign_ins)
    }

    /// The person that a token signs in. Looked up by digest, so that timing tells nothing about tokens.
    pub fn person(&self, token: &str) -> Option<&str> {
        self.people.get(&Digest::of(token.as_bytes())).map(String::as_str)
    }
}
