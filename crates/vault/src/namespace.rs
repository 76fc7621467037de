//! The name of a namespace: one organization's part of a vault.

use std::fmt;

use crate::Error;

/// A name that is safe as a folder's name on every system.
///
/// Invariant: it holds no separator, no dot and no upper-case letter, so it can neither leave the vault's folder nor
/// meet another name on a file system that folds case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Namespace(String);

/// Names Windows keeps for devices whatever the folder: a vault may be copied there by an auditor.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Far below every file system's limit of 255 bytes, and room for an organization's slug.
const LONGEST: usize = 64;

impl Namespace {
    /// Checks `name`.
    pub fn new(name: &str) -> Result<Self, Error> {
        let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let rest = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
        let numbered_device = name.len() == 4 && (name.starts_with("com") || name.starts_with("lpt"));
        if first && rest && name.len() <= LONGEST && !DEVICES.contains(&name) && !numbered_device {
            Ok(Self(name.to_owned()))
        } else {
            Err(Error::NamespaceName { name: name.chars().take(80).collect() })
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_folder_or_fold_are_refused() {
        for bad in ["", ".", "..", "a/b", "../x", "a\\b", "A", "-a", "_a", "a.b", "a\0", "é", "nul", "com1", "a b"] {
            assert!(Namespace::new(bad).is_err(), "{bad:?}");
        }
        assert!(Namespace::new(&"a".repeat(65)).is_err());
        for good in ["harbor-lane", "0", "a_b", "acme2"] {
            assert!(Namespace::new(good).is_ok(), "{good:?}");
        }
    }
}
