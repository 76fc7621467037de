//! Finds two rows with one key in an extract of any size, in bounded memory.
//!
//! Invariant: two rows with equal keys are always found; keys that differ are never taken for equal but by a collision of
//! 128 bits under a secret seed, and then collection fails, it does not pass.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
};

use arrow::{
    array::{
        ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType},
};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// Keys kept in memory before they are sorted and put aside: 24 bytes each, so 96 MiB.
const IN_MEMORY: usize = 4 << 20;

/// A key's hash and the number of its row in the extract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    high: u64,
    low: u64,
    row: u64,
}

/// The keys of the rows so far.
pub(crate) struct Keys {
    columns: Vec<usize>,
    seed: u64,
    /// Every key so far was larger than the one before it: no two can be equal, and nothing has to be sorted.
    ascending: bool,
    last: Vec<u8>,
    current: Vec<u8>,
    entries: Vec<Entry>,
    runs: Vec<BufReader<File>>,
    rows: u64,
    in_memory: usize,
}

impl Keys {
    /// No keys yet; `columns` are the key's columns in the batches to come.
    pub fn new(columns: Vec<usize>) -> io::Result<Self> {
        let mut seed = [0_u8; 8];
        getrandom::fill(&mut seed).map_err(io::Error::other)?;
        Ok(Self {
            columns,
            seed: u64::from_le_bytes(seed),
            ascending: true,
            last: Vec::new(),
            current: Vec::new(),
            entries: Vec::new(),
            runs: Vec::new(),
            rows: 0,
            in_memory: IN_MEMORY,
        })
    }

    /// Takes the keys of a batch.
    pub fn take(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let columns: Vec<KeyColumn<'_>> =
            self.columns.iter().filter_map(|column| batch.columns().get(*column)).filter_map(KeyColumn::of).collect();
        for row in 0..batch.num_rows() {
            self.current.clear();
            for column in &columns {
                column.encode(row, &mut self.current);
            }
            let hash = xxh3_128_with_seed(&self.current, self.seed);
            self.ascending &= self.rows == 0 || self.current > self.last;
            std::mem::swap(&mut self.current, &mut self.last);
            let (high, low) = ((hash >> 64) as u64, hash as u64);
            self.entries.push(Entry { high, low, row: self.rows });
            self.rows += 1;
            if self.entries.len() >= self.in_memory {
                self.put_aside()?;
            }
        }
        Ok(())
    }

    /// The first row that repeats an earlier one's key, with the earlier one: (earlier, later), counted from 0.
    pub fn repeated(mut self) -> io::Result<Option<(u64, u64)>> {
        if self.ascending {
            return Ok(None);
        }
        self.entries.sort_unstable();
        let mut found = None;
        let mut last: Option<Entry> = None;
        let mut see = |entry: Entry| {
            if let Some(before) = last
                && (before.high, before.low) == (entry.high, entry.low)
                && found.is_none_or(|(_, later)| entry.row < later)
            {
                found = Some((before.row, entry.row));
            }
            last = Some(entry);
        };
        if self.runs.is_empty() {
            self.entries.into_iter().for_each(see);
            return Ok(found);
        }
        let mut rest = self.entries.into_iter();
        let mut heap = BinaryHeap::new();
        for (at, run) in self.runs.iter_mut().enumerate() {
            heap.extend(read(run)?.map(|entry| Reverse((entry, at))));
        }
        let memory = self.runs.len();
        heap.extend(rest.next().map(|entry| Reverse((entry, memory))));
        while let Some(Reverse((entry, at))) = heap.pop() {
            see(entry);
            let next = match self.runs.get_mut(at) {
                Some(run) => read(run)?,
                None => rest.next(),
            };
            heap.extend(next.map(|entry| Reverse((entry, at))));
        }
        Ok(found)
    }

    /// Sorts what is in memory into a file without a name. It holds hashes under a seed that dies with this process, so
    /// it tells nothing about the rows.
    fn put_aside(&mut self) -> io::Result<()> {
        self.entries.sort_unstable();
        let mut file = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
        for entry in self.entries.drain(..) {
            for part in [entry.high, entry.low, entry.row] {
                file.write_all(&part.to_le_bytes())?;
            }
        }
        let mut file = file.into_inner().map_err(|error| error.into_error())?;
        file.rewind()?;
        self.runs.push(BufReader::with_capacity(1 << 16, file));
        Ok(())
    }
}

fn read(run: &mut BufReader<File>) -> io::Result<Option<Entry>> {
    let mut part = [0_u8; 8];
    let mut numbers = [0_u64; 3];
    for (at, number) in numbers.iter_mut().enumerate() {
        match run.read_exact(&mut part) {
            Ok(()) => *number = u64::from_le_bytes(part),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && at == 0 => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let [high, low, row] = numbers;
    Ok(Some(Entry { high, low, row }))
}

/// A column of a batch, its type looked at once.
pub(crate) enum KeyColumn<'a> {
    Text(&'a StringArray),
    Int(&'a Int64Array),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
    Decimal(&'a Decimal128Array),
    Bool(&'a BooleanArray),
}

impl<'a> KeyColumn<'a> {
    pub fn of(array: &'a ArrayRef) -> Option<Self> {
        array
            .as_string_opt::<i32>()
            .map(Self::Text)
            .or_else(|| array.as_primitive_opt::<Int64Type>().map(Self::Int))
            .or_else(|| array.as_primitive_opt::<Date32Type>().map(Self::Date))
            .or_else(|| array.as_primitive_opt::<TimestampMicrosecondType>().map(Self::Timestamp))
            .or_else(|| array.as_primitive_opt::<Decimal128Type>().map(Self::Decimal))
            .or_else(|| array.as_boolean_opt().map(Self::Bool))
    }

    /// Writes a value so that no two lists of values give the same bytes, and numbers and texts of growing length grow:
    /// sources mostly deliver in the order of their keys, and then nothing has to be sorted.
    pub fn encode(&self, row: usize, into: &mut Vec<u8>) {
        match self {
            Self::Text(column) => {
                let text = column.value(row).as_bytes();
                into.extend_from_slice(&(text.len() as u64).to_be_bytes());
                into.extend_from_slice(text);
            }
            Self::Int(column) => number(i128::from(column.value(row)), into),
            Self::Date(column) => number(i128::from(column.value(row)), into),
            Self::Timestamp(column) => number(i128::from(column.value(row)), into),
            Self::Decimal(column) => number(column.value(row), into),
            Self::Bool(column) => into.push(u8::from(column.value(row))),
        }
    }
}

fn number(value: i128, into: &mut Vec<u8>) {
    // The sign bit turned over orders negative numbers before positive ones.
    into.extend_from_slice(&((value as u128) ^ (1 << 127)).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn repeated(rows: &[(&str, i64)], in_memory: usize) -> Option<(u64, u64)> {
        let schema =
            Schema::new(vec![Field::new("file", DataType::Utf8, false), Field::new("line", DataType::Int64, false)]);
        let mut keys = Keys::new(vec![0, 1]).unwrap();
        keys.in_memory = in_memory;
        for part in rows.chunks(3) {
            let files = StringArray::from_iter_values(part.iter().map(|(file, _)| *file));
            let lines = Int64Array::from_iter_values(part.iter().map(|(_, line)| *line));
            let batch = RecordBatch::try_new(Arc::new(schema.clone()), vec![Arc::new(files), Arc::new(lines)]).unwrap();
            keys.take(&batch).unwrap();
        }
        keys.repeated().unwrap()
    }

    #[test]
    fn the_first_repeated_key_is_named_in_memory_and_put_aside() {
        let rows = [("a", 3), ("b", 1), ("a", 1), ("a", 2), ("b", 1), ("c", 9), ("a", 3), ("a", 11)];
        for in_memory in [2, 3, 100] {
            assert_eq!(repeated(&rows, in_memory), Some((1, 4)), "{in_memory}");
        }
    }

    #[test]
    fn parts_of_keys_do_not_run_together() {
        assert_eq!(repeated(&[("a1", 1), ("a", 11), ("", 0), ("a", -1), ("a", 1)], 2), None);
        assert_eq!(repeated(&[("a", 1), ("a", 2), ("a", 10), ("b", 1)], 2), None);
    }

    proptest::proptest! {
        #[test]
        fn found_exactly_when_there(rows in proptest::collection::vec(("[ab]{0,2}", 0_i64..5), 0..12)) {
            let rows: Vec<(&str, i64)> = rows.iter().map(|(file, line)| (file.as_str(), *line)).collect();
            let expected = (0..rows.len()).find_map(|later| {
                let earlier = rows.iter().take(later).rposition(|row| Some(row) == rows.get(later))?;
                Some((earlier as u64, later as u64))
            });
            proptest::prop_assert_eq!(repeated(&rows, 3), expected);
        }
    }
}
