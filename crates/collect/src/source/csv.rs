//! Comma-separated values, read strictly (RFC 4180): what is not well-formed is refused with its line.
//!
//! Own reader instead of the `csv` crate: that one takes a quote that is never closed, a quote inside a bare field and an
//! empty line without a word, and each of them is how a cut or damaged export looks.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memchr2};

use crate::Error;

/// A row longer than this is a quote that was never closed, not a row.
const LONGEST_ROW: usize = 64 << 20;

/// The reader's buffer to begin with.
const BUFFER: usize = 256 << 10;

/// The least room that is worth a read.
const SMALLEST_READ: usize = 16;

/// Rows of fields.
pub(crate) struct Csv<R> {
    inner: R,
    delimiter: u8,
    buffer: Vec<u8>,
    /// The unread bytes are `buffer[start..end]`.
    start: usize,
    end: usize,
    ended: bool,
    last_byte: Option<u8>,
    /// Fields of the current row as ranges of `buffer`, or of `unquoted` where the range is marked.
    fields: Vec<Field>,
    unquoted: Vec<u8>,
    /// The line on which the next row begins, counted from 1.
    next_line: usize,
    /// The line on which the current row began.
    line: usize,
}

#[derive(Clone, Copy)]
struct Field {
    from: usize,
    to: usize,
    unquoted: bool,
}

/// Why a row cannot be read.
enum Bad {
    /// It does not end in the buffer.
    NeedsMore,
    /// It is malformed: how many lines below its beginning, and how.
    Row(usize, &'static str),
}

impl<R: Read> Csv<R> {
    pub fn new(inner: R, delimiter: u8) -> Self {
        Self {
            inner,
            delimiter,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            ended: false,
            last_byte: None,
            fields: Vec::new(),
            unquoted: Vec::new(),
            next_line: 1,
            line: 1,
        }
    }

    /// The line on which the current row began.
    pub fn line(&self) -> usize {
        self.line
    }

    /// How many fields the current row has.
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    /// A field of the current row.
    #[inline]
    pub fn field(&self, at: usize) -> &[u8] {
        let Some(field) = self.fields.get(at) else { return &[] };
        let bytes = if field.unquoted { &self.unquoted } else { &self.buffer };
        bytes.get(field.from..field.to).unwrap_or_default()
    }

    /// A field of the current row as an error or a header shows it.
    pub fn text(&self, at: usize) -> String {
        String::from_utf8_lossy(self.field(at)).into_owned()
    }

    /// Whether the last row, once it is read, has no line end.
    pub fn ends_within_a_line(&self) -> bool {
        self.ended && self.last_byte.is_some_and(|byte| byte != b'\n')
    }

    /// The reader below.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Goes to the next row; `false` at the end. `of` names the file in an error.
    pub fn advance(&mut self, of: &str) -> Result<bool, Error> {
        loop {
            if self.start == self.end {
                if self.ended {
                    return Ok(false);
                }
                self.fill(of)?;
                continue;
            }
            self.line = self.next_line;
            match self.row() {
                Ok(()) => return Ok(true),
                Err(Bad::NeedsMore) => self.fill(of)?,
                Err(Bad::Row(below, problem)) => {
                    return Err(Error::Malformed {
                        of: of.to_owned(),
                        line: Some(self.line + below),
                        problem: problem.into(),
                    });
                }
            }
        }
    }

    fn row(&mut self) -> Result<(), Bad> {
        self.fields.clear();
        let unread = self.buffer.get(self.start..self.end).unwrap_or_default();
        let (length, after) = match memchr2(b'\n', b'"', unread) {
            Some(at) if unread.get(at) == Some(&b'"') => return self.quoted_row(),
            Some(at) => (at, at + 1),
            None if self.ended => (unread.len(), unread.len()),
            None => return Err(Bad::NeedsMore),
        };
        let mut row = unread.get(..length).unwrap_or_default();
        if after > length && row.last() == Some(&b'\r') {
            row = row.get(..length - 1).unwrap_or_default();
        }
        if row.is_empty() {
            // The last line may be empty; any other would be a row without its fields.
            return if after == unread.len() && self.ended {
                self.start = self.end;
                Err(Bad::NeedsMore)
            } else if after == unread.len() {
                Err(Bad::NeedsMore)
            } else {
                Err(Bad::Row(0, "an empty line"))
            };
        }
        if memchr(b'\r', row).is_some() {
            return Err(Bad::Row(0, "a carriage return in a field without quotes"));
        }
        let mut from = self.start;
        for at in memchr_iter(self.delimiter, row) {
            let to = self.start + at;
            self.fields.push(Field { from, to, unquoted: false });
            from = to + 1;
        }
        self.fields.push(Field { from, to: self.start + row.len(), unquoted: false });
        self.start += after;
        self.next_line += 1;
        Ok(())
    }

    /// A row with a quote in it, byte by byte.
    fn quoted_row(&mut self) -> Result<(), Bad> {
        self.unquoted.clear();
        let unread = self.buffer.get(self.start..self.end).unwrap_or_default();
        let mut at = 0;
        let mut lines = 0;
        loop {
            if unread.get(at) == Some(&b'"') {
                let from = self.unquoted.len();
                let opened = lines;
                at += 1;
                loop {
                    let rest = unread.get(at..).unwrap_or_default();
                    let Some(length) = memchr(b'"', rest) else {
                        return Err(if self.ended {
                            Bad::Row(opened, "a quote that is never closed")
                        } else {
                            Bad::NeedsMore
                        });
                    };
                    let inside = rest.get(..length).unwrap_or_default();
                    lines += memchr_iter(b'\n', inside).count();
                    self.unquoted.extend_from_slice(inside);
                    at += length + 1;
                    match unread.get(at) {
                        Some(b'"') => {
                            self.unquoted.push(b'"');
                            at += 1;
                        }
                        None if !self.ended => return Err(Bad::NeedsMore),
                        _ => break,
                    }
                }
                self.fields.push(Field { from, to: self.unquoted.len(), unquoted: true });
                // What a C program would take for the end of the file is refused with the field, by its column.
            } else {
                let from = at;
                while let Some(&byte) = unread.get(at) {
                    match byte {
                        b'"' => return Err(Bad::Row(lines, "a quote in a field that does not begin with one")),
                        b'\r' if unread.get(at + 1) == Some(&b'\n') => break,
                        b'\r' if unread.get(at + 1).is_none() && !self.ended => return Err(Bad::NeedsMore),
                        b'\r' => return Err(Bad::Row(lines, "a carriage return in a field without quotes")),
                        b'\n' => break,
                        byte if byte == self.delimiter => break,
                        _ => at += 1,
                    }
                }
                self.fields.push(Field { from: self.start + from, to: self.start + at, unquoted: false });
            }
            match unread.get(at) {
                Some(byte) if *byte == self.delimiter => at += 1,
                Some(b'\n') => {
                    at += 1;
                    lines += 1;
                    break;
                }
                Some(b'\r') if unread.get(at + 1) == Some(&b'\n') => {
                    at += 2;
                    lines += 1;
                    break;
                }
                Some(b'\r') if unread.get(at + 1).is_none() && !self.ended => return Err(Bad::NeedsMore),
                Some(_) => return Err(Bad::Row(lines, "something between a closing quote and the next field")),
                None if self.ended => break,
                None => return Err(Bad::NeedsMore),
            }
        }
        self.start += at;
        self.next_line += lines;
        Ok(())
    }

    /// Reads more behind the unread bytes.
    fn fill(&mut self, of: &str) -> Result<(), Error> {
        if self.ended {
            return Ok(());
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // A decoder of another encoding needs room for a few characters to make any progress.
        if self.buffer.len() - self.end < SMALLEST_READ {
            if self.buffer.len() >= LONGEST_ROW {
                return Err(Error::Malformed {
                    of: of.to_owned(),
                    line: Some(self.line),
                    problem: "a row of more than 64 MiB; a quote may never be closed".into(),
                });
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        // The whole room is filled, so that a reader that gives little at a time does not make a row be looked at often.
        while let Some(room) = self.buffer.get_mut(self.end..).filter(|room| room.len() >= SMALLEST_READ) {
            match self.inner.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(length) => {
                    self.last_byte = room.get(length.saturating_sub(1)).copied();
                    self.end += length;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(Error::Malformed { of: of.to_owned(), line: None, problem: error.to_string() });
                }
                Err(cause) => return Err(Error::Io { doing: "reading", path: of.into(), cause }),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
        let mut csv = Csv::new(bytes, b',');
        // A small buffer crosses every boundary.
        csv.buffer = vec![0; 17];
        let mut rows = Vec::new();
        while csv.advance("t.csv").map_err(|error| error.to_string())? {
            rows.push((0..csv.width()).map(|at| csv.text(at)).collect());
        }
        Ok(rows)
    }

    fn of(expected: &[&[&str]]) -> Vec<Vec<String>> {
        expected.iter().map(|row| row.iter().map(|field| (*field).to_owned()).collect()).collect()
    }

    #[test]
    fn well_formed_rows_are_read() {
        let expected = of(&[&["a", "b"], &["1", ""], &["", "2"]]);
        for text in ["a,b\n1,\n,2\n", "a,b\r\n1,\r\n,2\r\n", "a,b\n1,\n,2", "a,b\n1,\n,2\n\n", "a,b\n1,\n,2\r\n\r\n"] {
            assert_eq!(rows(text.as_bytes()).unwrap(), expected, "{text:?}");
        }
        let quoted = "\"a\",\"x\"\"y\",z\n\"line\r\nbreak, and comma\",,\"\"\nplain,q,\"end\"";
        let expected = of(&[&["a", "x\"y", "z"], &["line\r\nbreak, and comma", "", ""], &["plain", "q", "end"]]);
        assert_eq!(rows(quoted.as_bytes()).unwrap(), expected);
        assert!(rows(b"").unwrap().is_empty());
    }

    #[test]
    fn malformed_rows_are_named_by_line() {
        let cases = [
            ("a,b\n1,2\n\n3,4\n", "line 3: an empty line"),
            ("a\n\"x\ny\"\n\"open\n1\n", "line 4: a quote that is never closed"),
            ("a\nx\"y\n", "line 2: a quote in a field that does not begin with one"),
            ("a\n\"x\"y\n", "line 2: something between a closing quote and the next field"),
            ("a\rb\n", "line 1: a carriage return in a field without quotes"),
            ("a\n\"b\"\rc\n", "line 2: something between"),
        ];
        for (text, expected) in cases {
            let error = rows(text.as_bytes()).unwrap_err();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(
            rows_in in proptest::collection::vec(proptest::collection::vec("[a\", \r\né0-9]{0,9}", 3), 1..6),
            crlf: bool,
        ) {
            // With line feeds alone that crate leaves a carriage return in a bare field.
            let rows_in: Vec<Vec<String>> = rows_in
                .into_iter()
                .map(|row| row.into_iter().map(|field| if crlf { field } else { field.replace('\r', "") }).collect())
                .collect();
            let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
            let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
            for row in &rows_in {
                writer.write_record(row).map_err(|e| proptest::test_runner::TestCaseError::fail(e.to_string()))?;
            }
            let bytes = writer.into_inner().map_err(|e| proptest::test_runner::TestCaseError::fail(e.to_string()))?;
            proptest::prop_assert_eq!(rows(&bytes), Ok(rows_in));
        }
    }
}
