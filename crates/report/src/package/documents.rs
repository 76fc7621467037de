//! Documents within a package: the view, the PDF made from it, its figures, and what rendered them.
//!
//! Layout: `documents/NAME.json` (the view), `documents/NAME.pdf`, `documents/NAME.figures.json`, and one
//! `documents/renderer.json`.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use tickmark_canonical::{from_canonical, to_canonical};

use super::{Reader, Writer};
use crate::{Document, Error, Rendered, Renderer, render, renderer};

const FOLDER: &str = "documents/";
const RENDERER: &str = "documents/renderer.json";
const FIGURES: &str = ".figures.json";

/// A document as a package holds it.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    /// The view.
    pub document: Document,
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The figures.
    pub figures_json: Vec<u8>,
}

/// What comparing a document with a new rendering of its view says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentVerdict {
    /// This binary is the recorded renderer, and renders the same bytes.
    SameBytes {
        /// Pages of the PDF.
        pages: usize,
    },
    /// This binary is the recorded renderer, and renders other bytes: the PDF was not made from this view.
    OtherBytes,
    /// Another renderer made the PDF. The bytes are the ones sealed in the package; they were not rendered again.
    NotRendered {
        /// The renderer that made it.
        by: Renderer,
    },
}

/// Adds a rendered document under `name`.
pub fn add_document(writer: &mut Writer<'_>, name: &str, document: &Document, rendered: Rendered) -> Result<(), Error> {
    writer.add_bytes(&format!("{FOLDER}{name}.json"), document.to_json()?)?;
    writer.add_bytes(&format!("{FOLDER}{name}.pdf"), rendered.pdf)?;
    writer.add_bytes(&format!("{FOLDER}{name}{FIGURES}"), rendered.figures_json)
}

/// Adds what rendered the documents; once for each package.
pub fn add_renderer(writer: &mut Writer<'_>) -> Result<(), Error> {
    writer.add_bytes(RENDERER, to_canonical(&renderer())?)
}

/// The documents of a package by name. A view without its PDF or figures is corrupt, and so is a PDF without its view.
pub fn read_documents<R: Read + Seek>(reader: &mut Reader<R>) -> Result<BTreeMap<String, StoredDocument>, Error> {
    let paths: Vec<String> = reader.manifest().files.keys().map(ToString::to_string).collect();
    let mut documents = BTreeMap::new();
    for path in &paths {
        let Some(file) = path.strip_prefix(FOLDER) else { continue };
        if let Some(name) = file.strip_suffix(".pdf")
            && !paths.contains(&format!("{FOLDER}{name}.json"))
        {
            return Err(Error::corrupt(format!("`{path}`"), "a view beside it", "none"));
        }
        let is_view = path != RENDERER && !file.ends_with(FIGURES);
        let Some(name) = file.strip_suffix(".json").filter(|_| is_view) else { continue };
        let document = Document::from_json(&reader.read(path)?)
            .map_err(|error| Error::corrupt(format!("`{path}`"), "a view this version knows", error.to_string()))?;
        let pdf = reader.read(&format!("{FOLDER}{name}.pdf"))?;
        let figures_json = reader.read(&format!("{FOLDER}{name}{FIGURES}"))?;
        documents.insert(name.to_owned(), StoredDocument { document, pdf, figures_json });
    }
    Ok(documents)
}

/// What rendered the documents of a package.
pub fn read_renderer<R: Read + Seek>(reader: &mut Reader<R>) -> Result<Renderer, Error> {
    let bytes = reader.read(RENDERER)?;
    from_canonical(&bytes)
        .map_err(|error| Error::corrupt(format!("`{RENDERER}`"), "a renderer in canonical JSON", error.to_string()))
}

/// Renders a stored document again, if this binary is the renderer that made it.
pub fn compare(stored: &StoredDocument, by: &Renderer) -> Result<DocumentVerdict, Error> {
    if *by != renderer() {
        return Ok(DocumentVerdict::NotRendered { by: by.clone() });
    }
    let again = render(&stored.document)?;
    let is_same = again.pdf == stored.pdf && again.figures_json == stored.figures_json;
    Ok(if is_same { DocumentVerdict::SameBytes { pages: again.pages } } else { DocumentVerdict::OtherBytes })
}
