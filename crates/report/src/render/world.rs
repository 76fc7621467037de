//! The typesetter's whole outside: the templates, the fonts, and two files made from the view.
//!
//! Invariant: nothing else can be read: no file, no package, no clock, no system font.

use std::{collections::BTreeMap, sync::LazyLock};

use typst::{
    Library, LibraryExt, World, WorldExt,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};

use super::{
    fonts::{self, Fonts},
    templates::TEMPLATES,
};

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// Parsed once: file ids are interned for the life of the process and may not be made per report.
static SOURCES: LazyLock<BTreeMap<&'static str, Source>> = LazyLock::new(|| {
    TEMPLATES.iter().filter_map(|(path, text)| Some((*path, Source::new(file_id(path)?, (*text).to_owned())))).collect()
});

pub(crate) struct ReportWorld {
    main: FileId,
    data: Bytes,
    figures: Bytes,
    fonts: &'static Fonts,
}

impl ReportWorld {
    /// The world in which `main` is the template; `None` if there is no such template.
    pub(crate) fn new(main: &str, data: Vec<u8>, figures: Vec<u8>) -> Option<Self> {
        let main = SOURCES.get(main)?.id();
        Some(Self { main, data: Bytes::new(data), figures: Bytes::new(figures), fonts: fonts::embedded() })
    }

    /// The messages with the line of the template each is about.
    pub(crate) fn describe(&self, diagnostics: &[SourceDiagnostic]) -> String {
        let described: Vec<String> = diagnostics
            .iter()
            .map(|diagnostic| {
                let mut text = diagnostic.message.to_string();
                if let Some(place) = self.place(diagnostic) {
                    text = format!("{place}: {text}");
                }
                for hint in &diagnostic.hints {
                    text.push_str("; ");
                    text.push_str(&hint.v);
                }
                text
            })
            .collect();
        described.join("\n")
    }

    fn place(&self, diagnostic: &SourceDiagnostic) -> Option<String> {
        let id = diagnostic.span.id()?;
        let source = self.source(id).ok()?;
        let line = source.lines().byte_to_line(self.range(diagnostic.span)?.start)?;
        Some(format!("{}:{}", id.vpath().get_with_slash(), line + 1))
    }
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        SOURCES.get(id.vpath().get_with_slash()).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id.vpath().get_with_slash() {
            "/data.json" => Ok(self.data.clone()),
            "/figures.json" => Ok(self.figures.clone()),
            _ => Err(not_found(id)),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_with_slash().into())
}

fn file_id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}
