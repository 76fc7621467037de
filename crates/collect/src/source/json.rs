//! JSON documents and JSON Lines. Numbers keep the digits they are written with; nothing becomes a float on the way.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, BufRead, BufReader, Read},
};

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    Error,
    error::{ColumnsProblem, shortened},
    rows::Rows,
    value::{Cell, decimal_of},
};

/// A line longer than this is not a row.
const LONGEST_LINE: u64 = 64 << 20;

/// Which members of a row go to which fields.
pub(crate) struct Members {
    /// First step of a path → fields with the rest of the path.
    by_member: BTreeMap<String, Vec<(usize, Vec<String>)>>,
    ignored: Vec<String>,
    names: Vec<String>,
    seen: Vec<bool>,
    /// Whether what a row is about is not there, as its source said: then it lacks every value that it does not have.
    pub is_absent: bool,
}

impl Members {
    /// The wanted members of the current part. A name that begins with `/` is a JSON pointer (RFC 6901) into the row.
    pub fn new(rows: &Rows<'_>) -> Self {
        let names = rows.wanted_names();
        let mut by_member: BTreeMap<String, Vec<(usize, Vec<String>)>> = BTreeMap::new();
        for (field, name) in names.iter().enumerate() {
            let mut steps = steps(name).unwrap_or_else(|| vec![name.clone()]);
            let rest = steps.split_off(steps.len().min(1));
            by_member.entry(steps.pop().unwrap_or_default()).or_default().push((field, rest));
        }
        Self { by_member, ignored: rows.ignored().to_vec(), seen: vec![false; names.len()], names, is_absent: false }
    }

    /// Takes one row from its JSON text.
    pub fn row(&mut self, rows: &mut Rows<'_>, of: &str, text: &str) -> Result<(), Error> {
        let at_row = |rows: &Rows<'_>| format!("{of}, row {}", rows.row());
        let object: Object<'_> = serde_json::from_str(text).map_err(|cause| Error::Malformed {
            of: at_row(rows),
            line: None,
            problem: if cause.is_data() { "is not an object".into() } else { reason(&cause) },
        })?;
        let twice = |rows: &Rows<'_>, name: &str| Error::Columns {
            of: at_row(rows),
            problem: ColumnsProblem { duplicate: vec![name.to_owned()], ..ColumnsProblem::default() },
        };
        if let Some(name) = object.repeated() {
            return Err(twice(rows, name));
        }
        self.seen.fill(false);
        for (name, value) in &object.0 {
            let Some(targets) = self.by_member.get(name.as_ref()) else {
                if self.ignored.iter().any(|ignored| ignored == name) {
                    continue;
                }
                let problem = ColumnsProblem { unknown: vec![name.to_string()], ..ColumnsProblem::default() };
                return Err(Error::Columns { of: at_row(rows), problem });
            };
            for (field, rest) in targets {
                let Some(seen) = self.seen.get_mut(*field) else { continue };
                if let Some(value) = inner(value, rest).map_err(|repeated| twice(rows, &repeated))? {
                    *seen = true;
                    give(rows, *field, value.get())?;
                }
            }
        }
        for (field, name) in self.names.iter().enumerate() {
            if self.seen.get(field) == Some(&true) {
                continue;
            }
            if !self.is_absent && !rows.may_be_absent(field) {
                let problem = ColumnsProblem { missing: vec![name.clone()], ..ColumnsProblem::default() };
                return Err(Error::Columns { of: at_row(rows), problem });
            }
            rows.field(field, Cell::Null)?;
        }
        rows.end_row()
    }
}

/// Gives a JSON value to a field.
fn give(rows: &mut Rows<'_>, field: usize, text: &str) -> Result<(), Error> {
    let cell = match text.as_bytes() {
        [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => Cell::Text(inside),
        [b'"', ..] => {
            // The text is JSON; what can be wrong is half of a surrogate pair, which is no character (RFC 8259, section 8.2).
            let Ok(unescaped) = serde_json::from_str::<String>(text) else {
                return rows.field(field, Cell::Other("a text with half of a surrogate pair"));
            };
            return rows.field(field, Cell::Text(unescaped.as_bytes()));
        }
        b"null" => Cell::Null,
        b"true" => Cell::Bool(true),
        b"false" => Cell::Bool(false),
        [b'{', ..] => Cell::Other("a JSON object"),
        [b'[', ..] => Cell::Other("a JSON array"),
        number => match (crate::value::integer(number), decimal_of(text)) {
            (Some(value), _) => Cell::Int(value),
            (None, Some((unscaled, scale))) => Cell::Decimal { unscaled, scale },
            // Written with an exponent, or longer than 38 digits.
            (None, None) => Cell::Float(text.parse().unwrap_or(f64::NAN)),
        },
    };
    rows.field(field, cell)
}

/// The value a path leads to inside another, if it is there; a member that an object on the way has twice is the error.
fn inner<'a>(value: &'a RawValue, path: &[String]) -> Result<Option<&'a RawValue>, String> {
    let Some((step, rest)) = path.split_first() else { return Ok(Some(value)) };
    if value.get().starts_with('[') {
        // A member of a list by its number, without leading zeros (RFC 6901, section 4).
        let is_number = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(at) = step.parse::<usize>().ok().filter(|_| is_number) else { return Ok(None) };
        let Ok(members) = serde_json::from_str::<Vec<&'a RawValue>>(value.get()) else { return Ok(None) };
        return members.get(at).map_or(Ok(None), |found| inner(found, rest));
    }
    let Ok(object) = serde_json::from_str::<Object<'a>>(value.get()) else { return Ok(None) };
    if let Some(name) = object.repeated() {
        return Err(name.to_owned());
    }
    let found = object.0.into_iter().find(|(name, _)| name == step);
    found.map_or(Ok(None), |(_, found)| inner(found, rest))
}

/// The value that a path leads to in a JSON text, if it is there; what is wrong with the text is the error.
pub(crate) fn at<'a>(text: &'a str, path: &[String]) -> Result<Option<&'a RawValue>, String> {
    let value: &RawValue = serde_json::from_str(text).map_err(|cause| reason(&cause))?;
    inner(value, path).map_err(|name| format!("the member `{}` is there twice", shortened(&name)))
}

/// The same, where a path that leads into null leads to null: an element that has nothing in it.
pub(crate) fn at_or_null<'a>(text: &'a str, path: &[String]) -> Result<Option<&'a RawValue>, String> {
    for length in (0..=path.len()).rev() {
        let found = at(text, path.get(..length).unwrap_or(path))?;
        match found {
            Some(found) if length == path.len() || found.get() == "null" => return Ok(Some(found)),
            Some(_) => return Ok(None),
            None => {}
        }
    }
    Ok(None)
}

/// A text, a number or a truth value as text.
pub(crate) fn plain_text(value: &RawValue) -> Option<String> {
    match value.get().as_bytes() {
        [b'"', ..] => serde_json::from_str(value.get()).ok(),
        [b'{' | b'[' | b'n', ..] => None,
        _ => Some(value.get().to_owned()),
    }
}

/// The steps of a JSON pointer; nothing if the text is none.
pub(crate) fn steps(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

/// An object's members as they are written, repeated ones too.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl Object<'_> {
    /// A member that is there twice. Which of the two is meant nobody can say (RFC 8259, section 4).
    fn repeated(&self) -> Option<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_ref()).collect();
        names.sort_unstable();
        names.windows(2).find_map(|pair| match pair {
            [one, next] if one == next => Some(*one),
            _ => None,
        })
    }
}

/// The names of the members that were read of an object so far.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// Takes the next one, and refuses it if it was there already.
    fn take<E: de::Error>(&mut self, name: &str) -> Result<(), E> {
        if self.0.insert(name.to_owned()) {
            return Ok(());
        }
        Err(E::custom(format!("the member `{}` is there twice", shortened(name))))
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Object(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// A member's name, borrowed where it has no escape.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Reads one object a line. The last line may lack its end, and may be empty.
pub(crate) fn lines(rows: &mut Rows<'_>, of: &str, reader: impl Read) -> Result<(), Error> {
    rows.part_of_named_rows(of, 1)?;
    let mut members = Members::new(rows);
    let mut reader = BufReader::with_capacity(256 << 10, reader);
    let mut line = Vec::new();
    let mut number = 0;
    let mut empty_line = None;
    loop {
        line.clear();
        let read =
            (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|cause| unreadable(of, cause))?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        let malformed =
            |line: usize, problem: &str| Error::Malformed { of: of.into(), line: Some(line), problem: problem.into() };
        if read as u64 == LONGEST_LINE {
            return Err(malformed(number, "a line of more than 64 MiB"));
        }
        let text = std::str::from_utf8(&line)
            .map_err(|_| malformed(number, "is not UTF-8; say the file's `encoding` in the source"))?
            .trim_end_matches(['\n', '\r']);
        if text.trim().is_empty() {
            empty_line.get_or_insert(number);
            continue;
        }
        if let Some(empty) = empty_line {
            return Err(malformed(empty, "an empty line"));
        }
        rows.set_row(number as u64)?;
        members.row(rows, of, text)?;
    }
}

/// Reads a document whose rows are the array at `pointer`.
pub(crate) fn document(rows: &mut Rows<'_>, of: &str, pointer: &str, reader: impl Read) -> Result<(), Error> {
    rows.part_of_named_rows(of, 1)?;
    let mut members = Members::new(rows);
    let mut failed = None;
    let path = pointer_steps(of, pointer)?;
    let mut take = |text: &str| match members.row(rows, of, text) {
        Ok(()) => true,
        Err(error) => {
            failed = Some(error);
            false
        }
    };
    let mut found = false;
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::with_capacity(256 << 10, reader));
    let seed = At { path: &path, found: &mut found, take: &mut take };
    let read = seed.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Some(error) = failed {
        return Err(error);
    }
    read.map_err(|cause| malformed(of, cause))?;
    if found { Ok(()) } else { Err(nothing_at(of, pointer)) }
}

/// Reads the number of rows that a document states at `pointer`.
pub(crate) fn stated_count(of: &str, pointer: &str, reader: impl Read) -> Result<u64, Error> {
    let path = pointer_steps(of, pointer)?;
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::new(reader));
    let value = Value { path: &path }.deserialize(&mut deserializer).map_err(|cause| malformed(of, cause))?;
    let value = value.ok_or_else(|| nothing_at(of, pointer))?;
    value.parse().map_err(|_| Error::Malformed {
        of: of.into(),
        line: None,
        problem: format!("`{}` at `{pointer}` is not a number of rows", shortened(&value)),
    })
}

fn pointer_steps(of: &str, pointer: &str) -> Result<Vec<String>, Error> {
    steps(pointer).ok_or_else(|| Error::Malformed {
        of: of.into(),
        line: None,
        problem: format!("`{pointer}` is not a JSON pointer: it does not begin with `/`"),
    })
}

fn nothing_at(of: &str, pointer: &str) -> Error {
    Error::Malformed { of: of.into(), line: None, problem: format!("has nothing at `{pointer}`") }
}

fn unreadable(of: &str, cause: io::Error) -> Error {
    if cause.kind() == io::ErrorKind::InvalidData {
        Error::Malformed { of: of.into(), line: None, problem: cause.to_string() }
    } else {
        Error::Io { doing: "reading", path: of.into(), cause }
    }
}

fn malformed(of: &str, cause: serde_json::Error) -> Error {
    if cause.is_io() {
        return unreadable(of, cause.into());
    }
    let line = (cause.line() > 0).then(|| cause.line());
    Error::Malformed { of: of.into(), line, problem: reason(&cause) }
}

/// What serde_json says, without the position that the error names already.
fn reason(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text);
    if cause.is_eof() { format!("ends in the middle ({text})") } else { text.to_owned() }
}

/// Walks to the array of rows and hands each row over as text.
struct At<'a, F> {
    path: &'a [String],
    found: &'a mut bool,
    take: &'a mut F,
}

impl<'de, F: FnMut(&str) -> bool> DeserializeSeed<'de> for At<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() { deserializer.deserialize_seq(self) } else { deserializer.deserialize_map(self) }
    }
}

impl<'de, F: FnMut(&str) -> bool> Visitor<'de> for At<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.path.is_empty() { "an array of rows" } else { "an object" })
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        *self.found = true;
        while let Some(row) = seq.next_element::<Box<RawValue>>()? {
            if !(self.take)(row.get()) {
                return Err(de::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Some((step, rest)) = self.path.split_first() else {
            return Err(de::Error::custom("expected an array of rows"));
        };
        let mut names = Names::default();
        while let Some(name) = map.next_key::<String>()? {
            names.take(&name)?;
            if name == *step {
                map.next_value_seed(At { path: rest, found: &mut *self.found, take: &mut *self.take })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Walks to one value and gives its text.
struct Value<'a> {
    path: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.path.is_empty() {
            let value = Box::<RawValue>::deserialize(deserializer)?;
            return Ok(Some(value.get().to_owned()));
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let (mut found, mut names) = (None, Names::default());
        while let Some(name) = map.next_key::<String>()? {
            names.take(&name)?;
            match self.path.split_first() {
                Some((step, rest)) if *step == name => found = map.next_value_seed(Value { path: rest })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}
