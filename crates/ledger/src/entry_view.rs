//! Reading an entry's bytes in one pass: fields by reference, the body proven canonical without building it.
//!
//! A full check and a replay read every entry of a ledger; parsing each one and writing it again to compare takes ten
//! times as long. The one-pass reader accepts exactly what [`Entry::encode`](crate::Entry::encode) writes (a property
//! test compares both on valid and on damaged bytes).
//!
//! Invariant: what is accepted here, encoding the same entry again gives byte for byte (RFC 8785).

use std::cmp::Ordering;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

use crate::{
    entry::MAX_BODY_DEPTH,
    name::{MAX_NAME_BYTES, is_name_byte},
};

/// An entry read by reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryView<'a> {
    pub(crate) author: &'a str,
    /// Canonical JSON.
    pub(crate) body: &'a str,
    pub(crate) command: &'a str,
    pub(crate) prev: Option<u64>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) stream: &'a str,
}

/// The largest integer that every JSON reader keeps exact (RFC 8785 appendix D).
const LARGEST_EXACT_INTEGER: u64 = (1 << 53) - 1;

impl<'a> EntryView<'a> {
    /// Reads a canonical entry of format 1; `None` when the bytes are anything else.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut text = Cursor { rest: std::str::from_utf8(bytes).ok()? };
        // The seven fields in the one order that canonical JSON has for them.
        text.expect("{\"author\":\"")?;
        let author = text.name()?;
        text.expect("\",\"body\":")?;
        let body = text.body()?;
        text.expect(",\"command\":\"")?;
        let command = text.name()?;
        text.expect("\",\"format\":1,\"prev\":")?;
        let prev = if text.expect("null").is_some() { None } else { Some(text.integer()?) };
        text.expect(",\"recorded_at\":\"")?;
        let recorded_at = instant(text.take(27)?)?;
        text.expect("\",\"stream\":\"")?;
        let stream = text.name()?;
        text.expect("\"}")?;
        text.rest.is_empty().then_some(Self { author, body, command, prev, recorded_at, stream })
    }
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn expect(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn peek(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// A stream, author or command: its characters need no escape.
    fn name(&mut self) -> Option<&'a str> {
        let length = self.rest.bytes().take_while(|byte| is_name_byte(*byte)).count();
        if length == 0 || length > MAX_NAME_BYTES { None } else { self.take(length) }
    }

    /// A non-negative integer within 2^53, without a leading zero.
    fn integer(&mut self) -> Option<u64> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        // 16 digits hold every integer up to 2^53.
        if length == 0 || length > 16 || (length > 1 && self.peek() == Some(b'0')) {
            return None;
        }
        let number = self.take(length)?.bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        (number <= LARGEST_EXACT_INTEGER).then_some(number)
    }

    fn body(&mut self) -> Option<&'a str> {
        let before = self.rest;
        self.value(MAX_BODY_DEPTH)?;
        before.get(..before.len() - self.rest.len())
    }

    /// One value; `depth` levels may still open.
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.array(depth.checked_sub(1)?),
            b't' => self.expect("true"),
            b'f' => self.expect("false"),
            b'n' => self.expect("null"),
            b'-' => {
                self.expect("-")?;
                // Minus zero is zero, which is written without a sign.
                self.integer().filter(|number| *number > 0).map(|_| ())
            }
            _ => self.integer().map(|_| ()),
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.expect("[")?;
        if self.expect("]").is_some() {
            return Some(());
        }
        loop {
            self.value(depth)?;
            if self.expect(",").is_none() {
                return self.expect("]");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.expect("{")?;
        if self.expect("}").is_some() {
            return Some(());
        }
        let mut before: Option<Text<'a>> = None;
        loop {
            let key = self.string()?;
            if before.is_some_and(|before| before.compare(&key) != Ordering::Less) {
                return None;
            }
            before = Some(key);
            self.expect(":")?;
            self.value(depth)?;
            if self.expect(",").is_none() {
                return self.expect("}");
            }
        }
    }

    /// A string in the one spelling that RFC 8785 section 3.2.2.2 gives it; without its quotes.
    fn string(&mut self) -> Option<Text<'a>> {
        self.expect("\"")?;
        let bytes = self.rest.as_bytes();
        let mut plain = true;
        let mut at = 0;
        loop {
            let rest = bytes.get(at..)?;
            let run = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f) || *byte >= 0x80)?;
            at += run;
            match *bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    plain = false;
                    at += escape(bytes.get(at + 1..)?)? + 1;
                }
                0..=0x1f => return None,
                _ => {
                    plain = false;
                    at += 1;
                }
            }
        }
        let spelled = self.take(at)?;
        self.expect("\"")?;
        Some(Text { spelled, plain })
    }
}

/// Length of an escape after its backslash, if this is how the character must be escaped.
fn escape(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r', ..] => Some(1),
        // Every other control character: four digits, lower case; those with a short form must use it.
        [b'u', b'0', b'0', first @ (b'0' | b'1'), second @ (b'0'..=b'9' | b'a'..=b'f'), ..] => {
            let short = *first == b'0' && matches!(second, b'8' | b'9' | b'a' | b'c' | b'd');
            (!short).then_some(5)
        }
        _ => None,
    }
}

/// A string as it is spelled.
#[derive(Clone, Copy)]
struct Text<'a> {
    spelled: &'a str,
    /// ASCII without escapes: its bytes are its UTF-16 units.
    plain: bool,
}

impl Text<'_> {
    /// The order of names in an object: by UTF-16 units (RFC 8785 section 3.2.3).
    fn compare(&self, other: &Self) -> Ordering {
        if self.plain && other.plain {
            return self.spelled.cmp(other.spelled);
        }
        self.meant().encode_utf16().cmp(other.meant().encode_utf16())
    }

    fn meant(&self) -> String {
        // The spelling was checked before, so reading it cannot fail.
        serde_json::from_str(&format!("\"{}\"", self.spelled)).unwrap_or_default()
    }
}

/// Reads `2026-09-30T21:05:00.000001Z`, 27 bytes.
fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes().as_array::<27>()?;
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        mo0,
        mo1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        mi0,
        mi1,
        b':',
        s0,
        s1,
        b'.',
        u0,
        u1,
        u2,
        u3,
        u4,
        u5,
        b'Z',
    ] = bytes
    else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits
            .iter()
            .try_fold(0_i32, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i32::from(**digit - b'0')))
    };
    let small = |digits: &[&u8]| number(digits).and_then(|number| i8::try_from(number).ok());
    let date_time = DateTime::new(
        i16::try_from(number(&[y0, y1, y2, y3])?).ok()?,
        small(&[mo0, mo1])?,
        small(&[d0, d1])?,
        small(&[h0, h1])?,
        small(&[mi0, mi1])?,
        small(&[s0, s1])?,
        number(&[u0, u1, u2, u3, u4, u5])? * 1000,
    );
    Offset::UTC.to_timestamp(date_time.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;
    use tickmark_canonical::{from_canonical, to_canonical};

    use super::*;
    use crate::entry::Entry;

    /// What the slow road says: parse, write again, compare.
    fn slowly(bytes: &[u8]) -> Option<Entry> {
        from_canonical::<Entry>(bytes).ok().filter(|entry| entry.encode().is_ok_and(|encoded| encoded == bytes))
    }

    fn agree(bytes: &[u8]) -> Result<(), TestCaseError> {
        let (fast, slow) = (EntryView::parse(bytes), slowly(bytes));
        let text = String::from_utf8_lossy(bytes);
        let (Some(fast), Some(slow)) = (fast, &slow) else {
            prop_assert_eq!(fast.is_some(), slow.is_some(), "{}", text);
            return Ok(());
        };
        prop_assert_eq!((fast.author, fast.command, fast.stream), (&*slow.author, &*slow.command, &*slow.stream));
        prop_assert_eq!((fast.prev, fast.recorded_at), (slow.prev, slow.recorded_at));
        prop_assert_eq!(serde_json::from_str::<Value>(fast.body).ok(), Some(slow.body.clone()));
        Ok(())
    }

    fn with_body(body: &str) -> Vec<u8> {
        format!(
            "{{\"author\":\"a\",\"body\":{body},\"command\":\"c\",\"format\":1,\"prev\":null,\"recorded_at\":\"2026-09-30T21:05:00.000001Z\",\"stream\":\"s\"}}"
        )
        .into_bytes()
    }

    #[test]
    fn table_of_bodies() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        for (body, good) in [
            ("null".to_owned(), true),
            ("0".to_owned(), true),
            ("-1".to_owned(), true),
            ("9007199254740991".to_owned(), true),
            ("-9007199254740991".to_owned(), true),
            ("{}".to_owned(), true),
            ("[]".to_owned(), true),
            ("{\"a\":[true,false],\"b\":{}}".to_owned(), true),
            ("\"\\b\\t\\n\\f\\r\\\"\\\\\\u0000\\u001f/\u{7f}\u{2028}\u{1f600}\"".to_owned(), true),
            // By UTF-16 units a character beyond the basic plane comes before U+E000.
            ("{\"\u{1f600}\":1,\"\u{e000}\":2}".to_owned(), true),
            ("{\"\u{e000}\":2,\"\u{1f600}\":1}".to_owned(), false),
            ("{\"\\n\":1,\" \":2,\"a\":3}".to_owned(), true),
            ("{\"a\":3,\"\\n\":1}".to_owned(), false),
            (deep(32), true),
            (deep(33), false),
            ("9007199254740992".to_owned(), false),
            ("-0".to_owned(), false),
            ("01".to_owned(), false),
            ("1.0".to_owned(), false),
            ("1e3".to_owned(), false),
            ("+1".to_owned(), false),
            ("{\"a\":1,\"a\":2}".to_owned(), false),
            ("{\"b\":1,\"a\":2}".to_owned(), false),
            ("{\"a\":1,}".to_owned(), false),
            ("[1,]".to_owned(), false),
            ("[1 ,2]".to_owned(), false),
            ("\"\\u0061\"".to_owned(), false),
            ("\"\\u000a\"".to_owned(), false),
            ("\"\\u001F\"".to_owned(), false),
            ("\"\\/\"".to_owned(), false),
            ("\"\\ud83d\\ude00\"".to_owned(), false),
            ("\"\t\"".to_owned(), false),
            ("\"\\\"".to_owned(), false),
            ("nul".to_owned(), false),
            (String::new(), false),
        ] {
            let bytes = with_body(&body);
            assert_eq!(EntryView::parse(&bytes).is_some(), good, "{body}");
            agree(&bytes).expect("both roads agree");
        }
    }

    #[test]
    fn table_of_instants() {
        for (text, good) in [
            ("2026-09-30T21:05:00.000001Z", true),
            ("2024-02-29T23:59:59.999999Z", true),
            ("0000-01-01T00:00:00.000000Z", true),
            ("9999-12-30T00:00:00.000000Z", true),
            ("2026-02-29T00:00:00.000000Z", false),
            ("2026-09-30T24:00:00.000000Z", false),
            ("2026-09-30T23:59:60.000000Z", false),
            ("2026-13-01T00:00:00.000000Z", false),
            ("2026-09-30T21:05:00.00000 Z", false),
            ("2026-09-30t21:05:00.000001Z", false),
            ("2026-09-30T21:05:00,000001Z", false),
        ] {
            assert_eq!(instant(text), crate::recorded_at::from_text(text), "{text}");
            assert_eq!(instant(text).is_some(), good, "{text}");
        }
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-c]{0,3}",
            "\\PC{0,6}",
            proptest::collection::vec(any::<char>(), 0..6).prop_map(|chars| chars.into_iter().collect::<String>()),
            proptest::collection::vec(0_u8..0x30, 0..4)
                .prop_map(|bytes| bytes.into_iter().map(char::from).collect::<String>()),
        ]
    }

    fn any_body() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(|n| Value::from(n >> 11)),
            any_text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec((any_text(), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn both_roads_agree_on_good_and_on_damaged_bytes(
            body in any_body(), damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..3),
        ) {
            let body = to_canonical(&body).expect("integers are small");
            let mut bytes = with_body(std::str::from_utf8(&body).expect("text"));
            if damage.is_empty() {
                prop_assert!(EntryView::parse(&bytes).is_some());
            }
            for (place, byte, how) in damage {
                let place = place.index(bytes.len());
                match how {
                    0 => bytes[place] = byte,
                    1 => { bytes.remove(place); }
                    2 => bytes.insert(place, byte),
                    _ => {
                        // Repeats a piece: keys twice, brackets twice.
                        let piece: Vec<u8> = bytes[place..(place + usize::from(byte % 8)).min(bytes.len())].to_vec();
                        bytes.splice(place..place, piece);
                    }
                }
            }
            agree(&bytes)?;
        }
    }
}
