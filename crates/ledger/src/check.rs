//! Checking what is stored against itself.

use crate::{
    error::{Corrupt, Error},
    store::Reader,
};

/// Checks that a ledger's newest checkpoint is signed by the key in force and is its tree's. Quick: a few tiles.
pub fn check_head(reader: &dyn Reader, origin: &str) -> Result<(), Error> {
    let head = reader.head(origin)?;
    let what = format!("the newest checkpoint of ledger `{origin}`");
    if head.checkpoint.size() != head.size || head.checkpoint.origin() != origin {
        let found = format!("of `{}` at size {}", head.checkpoint.origin(), head.checkpoint.size());
        return Err(Corrupt::new(what, format!("of `{origin}` at size {}", head.size), found).into());
    }
    head.checkpoint
        .verify(&head.vkey)
        .map_err(|error| Corrupt::new(what.clone(), format!("signed by `{}`", head.vkey), error))?;
    let root = reader.root(origin, head.size)?;
    if root != *head.checkpoint.root() {
        return Err(Corrupt::new(what, format!("the root {root} of the tiles"), head.checkpoint.root()).into());
    }
    Ok(())
}
