//! Paths within a package, narrow enough that they mean the same file on every system.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::PACKAGE_JSON;
use crate::Error;

/// Long enough for every path we write; short enough for every file system once a folder is put before it.
const LONGEST: usize = 180;

/// Names that Windows takes for devices, whatever follows a full stop.
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A relative path of letters, digits, `.`, `_` and `-`, with `/` between its parts, that leads to a place inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackagePath(String);

impl PackagePath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as a file system that ignores case sees it.
    pub(crate) fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for PackagePath {
    type Err = Error;

    fn from_str(path: &str) -> Result<Self, Error> {
        let refuse = |because| Error::UnsafePath { path: path.chars().take(LONGEST).collect(), because };
        if path.is_empty() || path.len() > LONGEST {
            return Err(refuse("a path has 1 to 180 characters"));
        }
        if path == PACKAGE_JSON {
            return Err(refuse("it is the list of files itself"));
        }
        for part in path.split('/') {
            if part.is_empty() {
                return Err(refuse("it begins or ends with a slash, or has two in a row"));
            }
            if part.starts_with('.') || part.ends_with('.') {
                return Err(refuse("a part begins or ends with a full stop"));
            }
            if !part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
                return Err(refuse("only letters, digits, `.`, `_` and `-` are used"));
            }
            let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
            if DEVICES.contains(&stem.as_str()) {
                return Err(refuse("a part is the name of a device"));
            }
        }
        Ok(Self(path.to_owned()))
    }
}

impl fmt::Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PackagePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PackagePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_inside_are_taken() {
        for good in ["report.pdf", "ledger/tile/0/x001/067", "documents/soc1-type2.pdf", "sql/LA-02_v1.sql"] {
            assert!(good.parse::<PackagePath>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "a\\b",
            "C:x",
            "a/.hidden",
            "trailing./x",
            "nul",
            "a/COM1.txt",
            "package.json",
            "é.pdf",
            "a b",
            "a\0b",
        ] {
            assert!(bad.parse::<PackagePath>().is_err(), "{bad}");
        }
        assert!("x".repeat(181).parse::<PackagePath>().is_err());
    }
}
