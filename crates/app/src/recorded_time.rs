//! Going back in recorded time: a ledger size, or the size at an instant.

use std::str::FromStr;

use jiff::Timestamp;
use tickmark_ledger::{Reader, Store};

use crate::{Error, House};

/// A moment in recorded time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum At {
    /// Everything recorded.
    #[default]
    Now,
    /// What had been recorded at this ledger size.
    Size(u64),
    /// What had been recorded at this instant.
    Instant(Timestamp),
}

/// The text is neither a ledger size nor an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a ledger size such as `120`, or an instant such as `2026-03-31T17:00:00Z`")]
pub struct NoMoment;

impl FromStr for At {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        if let Ok(size) = text.parse() {
            return Ok(Self::Size(size));
        }
        text.parse().map(Self::Instant).map_err(|_| NoMoment)
    }
}

impl House {
    /// The ledger size at a moment: the entries before the first that was recorded later.
    pub fn size_at(&self, at: &At) -> Result<u64, Error> {
        size_at(&*self.store.reader()?, &self.origin, self.size(), at)
    }
}

/// The size of a ledger at a moment, among its first `size` entries.
pub(crate) fn size_at(reader: &dyn Reader, origin: &str, size: u64, at: &At) -> Result<u64, Error> {
    let instant = match at {
        At::Now => return Ok(size),
        At::Size(asked) if *asked > size => return Err(Error::NotYet { asked: *asked, size }),
        At::Size(asked) => return Ok(*asked),
        At::Instant(instant) => *instant,
    };
    // A clock may have been set back, so times are no order to search by: the entries are read one after the other.
    let mut first_later = None;
    reader.scan(origin, 0..size, &mut |index, bytes| {
        if first_later.is_none() {
            let entry = tickmark_ledger::Entry::decode(bytes)
                .map_err(|error| tickmark_ledger::Corrupt::new(format!("entry {index}"), "an entry", error))?;
            first_later = (entry.recorded_at > instant).then_some(index);
        }
        Ok(())
    })?;
    Ok(first_later.unwrap_or(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_sizes_or_instants() {
        assert_eq!("120".parse(), Ok(At::Size(120)));
        assert_eq!("2026-03-31T17:00:00Z".parse(), Ok(At::Instant("2026-03-31T17:00:00Z".parse().unwrap())));
        assert_eq!("2026-03-31T17:00:00+02:00".parse(), Ok(At::Instant("2026-03-31T15:00:00Z".parse().unwrap())));
        for wrong in ["", "-1", "yesterday", "2026-03-31"] {
            assert_eq!(wrong.parse::<At>(), Err(NoMoment), "{wrong}");
        }
    }
}
