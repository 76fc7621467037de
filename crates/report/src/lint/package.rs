//! A package as a whole (PKG): what it may hold, and whether its documents agree with their data.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use super::{Finding, Findings, lint_documents, sorted};
use crate::{
    Error,
    package::{PackageKind, Reader, read_documents},
    prepare::prepare,
};

/// Endings of files that hold rows. A report package shows no row of evidence and no item key (charter, "Two packages").
const ROWS: &[&str] = &[".parquet", ".csv", ".tsv", ".xlsx", ".arrow"];

/// Everything to say about an open package and the documents in it.
pub fn lint_package<R: Read + Seek>(reader: &mut Reader<R>) -> Result<Vec<Finding>, Error> {
    let mut findings = Findings::default();
    let manifest = reader.manifest().clone();
    if manifest.kind == PackageKind::Report {
        for path in manifest.files.keys().filter(|path| ROWS.iter().any(|ending| path.as_str().ends_with(ending))) {
            findings.error("PKG-01", path.as_str(), "a report package holds no rows of evidence");
        }
    }
    let stored = read_documents(reader)?;
    if stored.is_empty() {
        findings.warn("PKG-02", "documents", "the package holds no document");
    }
    let mut documents = BTreeMap::new();
    for (name, stored) in stored {
        let figures = tickmark_canonical::to_canonical(&prepare(&stored.document)?.figures)?;
        if figures != stored.figures_json {
            let place = format!("documents/{name}.figures.json");
            findings.error("PKG-03", place, "the figures are not those of the view beside them");
        }
        if stored.document.engagement().id != manifest.engagement {
            let place = format!("documents/{name}.json");
            findings.error("PKG-04", place, format!("the document is not of the engagement `{}`", manifest.engagement));
        }
        documents.insert(name, stored.document);
    }
    findings.0.extend(lint_documents(&documents)?);
    Ok(sorted(findings))
}
