//! Bodies of entries: the events of one command that belong to one stream.
//!
//! Invariant: the form below is what released versions wrote; it is read forever.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_domain::Event;
use tickmark_ledger::NewEntry;

use crate::Error;

/// Room left in an entry for its other fields. An entry holds at most 8 KiB; stream, author, command and time take less
/// than half a kibibyte.
const MOST_BODY_BYTES: usize = 7 * 1024;

/// What an entry says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    events: Vec<Event>,
}

/// Packs a command's events into entries, in order: neighbors of one stream share an entry while they fit. An event that fits
/// into none is refused.
pub fn pack(events: &[Event]) -> Result<Vec<(NewEntry, Vec<Event>)>, Error> {
    let mut packed: Vec<(String, usize, Vec<Event>)> = Vec::new();
    for event in events {
        let size = tickmark_canonical::to_canonical(event)?.len() + 1;
        if size > MOST_BODY_BYTES {
            let names = names_in(&serde_json::to_value(event).map_err(tickmark_canonical::NotCanonical::Json)?);
            return Err(Error::TooMuchForAnEntry { names, bytes: size, most: MOST_BODY_BYTES });
        }
        match packed.last_mut() {
            Some((stream, used, group)) if *stream == event.stream() && *used + size <= MOST_BODY_BYTES => {
                *used += size;
                group.push(event.clone());
            }
            _ => packed.push((event.stream(), size, vec![event.clone()])),
        }
    }
    packed
        .into_iter()
        .map(|(stream, _, events)| {
            let body = serde_json::to_value(Body { events: events.clone() })
                .map_err(tickmark_canonical::NotCanonical::Json)?;
            Ok((NewEntry { stream, body }, events))
        })
        .collect()
}

/// How many things the lists of an event name.
fn names_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len() + items.iter().map(names_in).sum::<usize>(),
        Value::Object(fields) => fields.values().map(names_in).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// Reads the events of an entry's body.
pub fn unpack(index: u64, body: &serde_json::Value) -> Result<Vec<Event>, Error> {
    let body: Body = Deserialize::deserialize(body).map_err(|source| Error::UnknownEvent { index, source })?;
    Ok(body.events)
}
