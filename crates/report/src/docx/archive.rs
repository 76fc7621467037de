//! A Word document from outside: its parts, and the elements of a part.

use std::io::{Cursor, Read as _};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use crate::Error;

/// No part of a report or of a template that people use is as large; a zip can claim anything.
const LARGEST_PART: u64 = 64 << 20;

/// The zip that a Word document is.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    refuse: fn(String) -> Error,
}

impl<'a> Archive<'a> {
    /// Opens one; `endings` are those that people know its files by, `refuse` makes the error of whoever asks.
    pub(super) fn open(bytes: &'a [u8], endings: &str, refuse: fn(String) -> Error) -> Result<Self, Error> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| refuse(format!("it is no Word document ({endings}): {error}")))?;
        Ok(Self { zip, refuse })
    }

    /// A part, if the document has it.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, Error> {
        let refuse = self.refuse;
        let Ok(file) = self.zip.by_name(name) else { return Ok(None) };
        let mut text = String::new();
        let read = file.take(LARGEST_PART + 1).read_to_string(&mut text);
        read.map_err(|error| refuse(format!("its `{name}` cannot be read: {error}")))?;
        if text.len() as u64 > LARGEST_PART {
            return Err(refuse(format!("its `{name}` is larger than {} MiB", LARGEST_PART >> 20)));
        }
        Ok(Some(text))
    }

    /// A part that every document of its kind has.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Error> {
        self.part(name)?.ok_or_else(|| (self.refuse)(format!("it has no part `{name}`")))
    }

    /// What was read of a part, or that it is broken.
    pub(super) fn within<T>(&self, part: &str, read: Result<T, quick_xml::Error>) -> Result<T, Error> {
        read.map_err(|error| (self.refuse)(format!("its `{part}`: {error}")))
    }
}

/// Looks at each element of a part.
pub(super) fn each_element(
    xml: &str,
    mut look: impl FnMut(&BytesStart<'_>) -> Result<(), quick_xml::Error>,
) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event()? {
            Event::Start(element) | Event::Empty(element) => look(&element)?,
            Event::Eof => return Ok(()),
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

/// The value of an attribute.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, quick_xml::Error> {
    for attribute in element.attributes() {
        let attribute = attribute?;
        if attribute.key.as_ref() == name {
            return Ok(Some(attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned()));
        }
    }
    Ok(None)
}
