//! Texts of a connector with places for settings, days and values of a parent row.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de};

/// A text with places such as `{org}` or `{parent.id}`. `{{` stands for `{`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(String),
}

/// How a value is written into a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// As it is: in a header, in a query or in JSON, which are encoded as a whole.
    Plain,
    /// As one segment of a path. The first place of an address is the address's beginning and stays as it is.
    Segment,
}

impl Template {
    /// The names of its places.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Place(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The place that it begins with, if it does with one.
    pub fn beginning(&self) -> Option<&str> {
        match self.parts.first() {
            Some(Part::Place(name)) => Some(name),
            Some(Part::Text(_)) | None => None,
        }
    }

    /// The text with its places filled in; the name of a place that has no value is the error.
    pub fn filled(&self, values: &BTreeMap<String, String>, written: Written) -> Result<String, String> {
        let mut text = String::new();
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Place(name) => {
                    let value = values.get(name).ok_or_else(|| name.clone())?;
                    match written {
                        Written::Segment if at > 0 => segment(value, &mut text),
                        Written::Segment => text.push_str(value.trim_end_matches('/')),
                        Written::Plain => text.push_str(value),
                    }
                }
            }
        }
        Ok(text)
    }
}

/// Writes a value as one segment of a path (RFC 3986, section 3.3): nothing in it can end the segment.
fn segment(value: &str, into: &mut String) {
    // A segment of dots alone would be taken for a way up (section 5.2.4).
    let is_dots = matches!(value, "." | "..");
    for byte in value.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') || (byte == b'.' && !is_dots);
        if is_plain {
            into.push(char::from(byte));
        } else {
            into.push_str(&format!("%{byte:02X}"));
        }
    }
}

impl std::str::FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, after) = rest.split_at(at);
            plain.push_str(before);
            let after = after.get(1..).unwrap_or_default();
            if let Some(after) = after.strip_prefix('{') {
                plain.push('{');
                rest = after;
                continue;
            }
            let Some((name, after)) = after.split_once('}') else {
                return Err(format!("`{text}` begins a place with `{{` and does not end it"));
            };
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(format!("`{{{name}}}` is not the name of a place"));
            }
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Place(name.to_owned()));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self { parts })
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('{', "{{")),
            Part::Place(name) => write!(f, "{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, written: Written) -> Result<String, String> {
        let values = [("base", "https://x.test/v2/"), ("org", "a/b c"), ("parent.id", ".."), ("n", "7.1")];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        template.parse::<Template>()?.filled(&values, written)
    }

    #[test]
    fn a_value_cannot_leave_its_segment() {
        let path = |template| filled(template, Written::Segment);
        assert_eq!(path("{base}/orgs/{org}/x/{n}"), Ok("https://x.test/v2/orgs/a%2Fb%20c/x/7.1".to_owned()));
        assert_eq!(path("{base}/users/{parent.id}/keys"), Ok("https://x.test/v2/users/%2E%2E/keys".to_owned()));
        assert_eq!(filled("org:{org} {{x}", Written::Plain), Ok("org:a/b c {x}".to_owned()));
        assert_eq!(path("{base}/{nobody}"), Err("nobody".to_owned()));
        assert!(path("{base").is_err() && path("{}").is_err() && path("{a b}").is_err());
    }
}
