//! Decoding every entry and following streams, commands and marks.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

use super::{At, Bundle};
use crate::{
    anchor::CheckpointTime,
    bundle,
    control::Control,
    entry::{LEDGER_STREAM, MAX_ENTRY_BYTES},
    entry_view::EntryView,
    error::{Corrupt, Error},
    store::{CommandPlace, Reader, broken_chain, stored},
};

#[derive(Default)]
struct Stream {
    head: Option<u64>,
    positions: Vec<u64>,
}

/// What was seen so far.
#[derive(Default)]
pub(super) struct Decoding {
    streams: BTreeMap<String, Stream>,
    /// Commands ahead, by first index, and the one whose entries are being read.
    ahead: VecDeque<CommandPlace>,
    current: Option<CommandPlace>,
    commands: u64,
    times: Vec<CheckpointTime>,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    latest_at: Option<Timestamp>,
    clock_set_back: u64,
}

/// What was seen in all.
pub(super) struct Decoded {
    pub(super) streams: u64,
    pub(super) commands: u64,
    pub(super) times: Vec<CheckpointTime>,
    pub(super) first_at: Option<Timestamp>,
    pub(super) last_at: Option<Timestamp>,
    pub(super) clock_set_back: u64,
}

impl Decoding {
    pub(super) fn bundle(&mut self, bundle: &Bundle) -> Result<(), At> {
        self.ahead.extend(bundle.commands.iter().cloned());
        for (index, bytes) in (bundle.first..).zip(bundle::entries(&bundle.bytes)) {
            bytes.and_then(|bytes| self.entry(index, bytes)).map_err(|error| At { index, error })?;
        }
        Ok(())
    }

    fn entry(&mut self, index: u64, bytes: &[u8]) -> Result<(), Error> {
        let Some(entry) = EntryView::parse(bytes).filter(|_| bytes.len() <= MAX_ENTRY_BYTES) else {
            // Slower, and only to say why.
            return stored(index, bytes).map(|_| ());
        };
        let at = entry.recorded_at;
        if self.latest_at.is_some_and(|latest| at < latest) {
            self.clock_set_back += 1;
        }
        self.latest_at = self.latest_at.max(Some(at));
        self.first_at = self.first_at.or(Some(at));
        self.last_at = Some(at);
        let head = self.streams.get(entry.stream).and_then(|stream| stream.head);
        if entry.prev != head {
            return Err(broken_chain(&stored(index, bytes)?, head).into());
        }
        let alone = self.command(index, entry.command, at)?;
        if entry.stream == LEDGER_STREAM {
            self.control(index, &stored(index, bytes)?.entry.body, alone)?;
        }
        let stream = match self.streams.get_mut(entry.stream) {
            Some(stream) => stream,
            None => self.streams.entry(entry.stream.to_owned()).or_default(),
        };
        stream.head = Some(index);
        stream.positions.push(index);
        Ok(())
    }

    /// Follows the index of commands; tells whether the entry is its command's only one.
    fn command(&mut self, index: u64, command: &str, at: Timestamp) -> Result<bool, Error> {
        if self.current.is_none() {
            self.current = self.ahead.pop_front();
            self.commands += 1;
        }
        let what = || format!("the index of commands at entry {index}");
        let Some(place) = &self.current else {
            return Err(Corrupt::new(what(), format!("command `{command}`"), "nothing").into());
        };
        let end = place.first.saturating_add(place.count);
        if place.command != command || index < place.first || index >= end {
            let found = format!("command `{}` from entry {} to before {end}", place.command, place.first);
            return Err(Corrupt::new(what(), format!("command `{command}`"), found).into());
        }
        let alone = place.count == 1;
        if index + 1 == end {
            self.times.push(CheckpointTime { size: end, at });
            self.current = None;
        }
        Ok(alone)
    }

    fn control(&self, index: u64, body: &serde_json::Value, alone: bool) -> Result<(), Error> {
        let control = Control::from_body(body)
            .map_err(|error| Corrupt::new(format!("entry {index}"), "a control entry", crate::error::chain(&error)))?;
        match control {
            Control::StreamsMarked { heads } => {
                for mark in heads {
                    let head = self.streams.get(&mark.stream).and_then(|stream| stream.head);
                    if head != mark.head {
                        let name = |head: Option<u64>| {
                            head.map_or_else(|| "no entry".to_owned(), |head| format!("entry {head}"))
                        };
                        let what = format!("the mark of stream `{}` in entry {index}", mark.stream);
                        return Err(Corrupt::new(what, name(head), name(mark.head)).into());
                    }
                }
                Ok(())
            }
            Control::LedgerOpened { .. } | Control::KeyRotated(_) if !alone => {
                Err(Corrupt::new(format!("entry {index}"), "the only entry of its command", "one of several").into())
            }
            Control::LedgerOpened { .. } | Control::KeyRotated(_) => Ok(()),
        }
    }

    /// Compares what was seen with the indexes.
    pub(super) fn finish(self, reader: &dyn Reader, origin: &str, size: u64) -> Result<Decoded, Error> {
        if let Some(place) = self.current.as_ref().or(self.ahead.front()) {
            let what = format!("the index of commands at command `{}`", place.command);
            return Err(Corrupt::new(what, "entries of it", "none, or too few").into());
        }
        let indexed = reader.streams(origin)?;
        if !indexed.iter().map(|stream| &stream.stream).eq(self.streams.keys()) {
            let found = format!("{} streams", indexed.len());
            return Err(Corrupt::new(
                "the index of streams",
                format!("the {} streams of the entries", self.streams.len()),
                found,
            )
            .into());
        }
        for (listed, (name, seen)) in indexed.iter().zip(&self.streams) {
            let count = seen.positions.len() as u64;
            if Some(listed.head) != seen.head || listed.count != count {
                let expected = format!("{count} entries up to {:?}", seen.head);
                let found = format!("{} entries up to {}", listed.count, listed.head);
                return Err(Corrupt::new(format!("the index of stream `{name}`"), expected, found).into());
            }
            let positions = reader.positions(origin, name, 0..size, usize::MAX)?;
            if positions != seen.positions {
                let place = positions.iter().zip(&seen.positions).position(|(found, expected)| found != expected);
                let found = place.map_or_else(
                    || format!("{} entries", positions.len()),
                    |place| format!("another at place {place}"),
                );
                return Err(Corrupt::new(
                    format!("the index of stream `{name}`"),
                    format!("its {count} entries"),
                    found,
                )
                .into());
            }
        }
        Ok(Decoded {
            streams: self.streams.len() as u64,
            commands: self.commands,
            times: self.times,
            first_at: self.first_at,
            last_at: self.last_at,
            clock_set_back: self.clock_set_back,
        })
    }
}
