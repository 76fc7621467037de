//! Entry bundles: up to 256 entries in one piece of bytes, each preceded by its length in two bytes (C2SP tlog-tiles).

use crate::error::{Corrupt, Error};

/// Appends one entry to a bundle. An entry has at most 8 KiB, so two bytes always hold its length.
pub(crate) fn push(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

/// The entries of a bundle, in order. Ends with an error where the bytes end within an entry.
pub fn entries(bundle: &[u8]) -> Entries<'_> {
    Entries { rest: bundle }
}

/// Iterator over the entries of a bundle.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<&'a [u8], Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let taken = self
            .rest
            .split_first_chunk::<2>()
            .and_then(|(length, rest)| rest.split_at_checked(usize::from(u16::from_be_bytes(*length))));
        let Some((entry, rest)) = taken else {
            let found = format!("{} bytes", self.rest.len());
            self.rest = &[];
            return Some(Err(Corrupt::new("the end of an entry bundle", "a whole entry", found).into()));
        };
        self.rest = rest;
        Some(Ok(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_gives_back_its_entries_and_a_cut_one_an_error() {
        let mut bundle = Vec::new();
        for entry in [b"one".as_slice(), b"", b"three"] {
            push(&mut bundle, entry);
        }
        let read: Vec<_> = entries(&bundle).collect::<Result<_, _>>().expect("whole");
        assert_eq!(read, [b"one".as_slice(), b"", b"three"]);
        let cut = &bundle[..bundle.len() - 1];
        assert!(entries(cut).last().expect("something").is_err());
    }
}
