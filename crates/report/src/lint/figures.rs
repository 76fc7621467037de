//! Figures (FIG): each leads somewhere, and no two of the same thing disagree.

use std::collections::BTreeMap;

use super::Findings;
use crate::{Document, Error, prepare::prepare};

pub(super) fn figures(document: &Document, findings: &mut Findings) -> Result<(), Error> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let figures = prepare(document)?.figures;
    for numbered in &figures {
        let place = format!("tick mark {}", numbered.tick);
        let counts = numbered.figure.counts.as_str();
        if counts.trim().is_empty() {
            findings.error("FIG-01", &place, format!("the figure {} does not say what it counts", numbered.shown));
        }
        if numbered.figure.digest.is_none() && numbered.figure.entry.is_none() {
            findings.warn("FIG-01", &place, format!("nothing stands behind the figure {} ({counts})", numbered.shown));
        }
        if let Some(other) = seen.insert(counts, numbered.shown.as_str())
            && other != numbered.shown
        {
            findings.error("FIG-02", &place, format!("{counts}: {other} and {} in one document", numbered.shown));
        }
    }
    Ok(())
}
