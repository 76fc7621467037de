//! What every OSCAL model has: metadata, properties, links, parts, parameters, back matter.

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::NAMESPACE;

/// An identifier out of what it identifies: version 5 of RFC 9562, under Tickmark's namespace. Equal parts give equal identifiers.
pub fn uuid_of(parts: &[&str]) -> String {
    let namespace = version_5(&NAMESPACE_OF_ADDRESSES, NAMESPACE);
    // No part holds a line feed, so that the parts of a name cannot be read in two ways.
    let id = hex::encode(version_5(&namespace, &parts.join("\n")));
    let part = |range: std::ops::Range<usize>| id.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// The namespace of addresses, `6ba7b811-9dad-11d1-80b4-00c04fd430c8` (RFC 9562, section 6.6).
const NAMESPACE_OF_ADDRESSES: [u8; 16] =
    [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

/// RFC 9562, section 5.5: the first 128 bits of SHA-1 over namespace and name, with version and variant set.
fn version_5(namespace: &[u8; 16], name: &str) -> [u8; 16] {
    let digest = Sha1::new().chain_update(namespace).chain_update(name.as_bytes()).finalize();
    let mut id = [0; 16];
    for (index, (byte, from)) in id.iter_mut().zip(digest).enumerate() {
        *byte = match index {
            6 => (from & 0x0f) | 0x50,
            8 => (from & 0x3f) | 0x80,
            _ => from,
        };
    }
    id
}

/// Who wrote a file, when, in which version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// What it is.
    pub title: String,
    /// When it last changed (RFC 3339).
    pub last_modified: String,
    /// Its version, as its author counts.
    pub version: String,
    /// The version of OSCAL.
    pub oscal_version: String,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// Links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Roles that the file names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Organizations and people that the file names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
}

/// An organization or a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its identifier.
    pub uuid: String,
    /// `organization` or `person`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// The name.
    pub name: String,
    /// Who gives the name its meaning; OSCAL by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns: Option<String>,
    /// The value.
    pub value: String,
    /// A kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl Property {
    /// A property whose name OSCAL knows.
    pub fn of_oscal(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), ns: None, value: value.to_owned(), class: None }
    }

    /// A property of Tickmark's.
    pub fn own(name: &str, value: &str) -> Self {
        Self { ns: Some(NAMESPACE.to_owned()), ..Self::of_oscal(name, value) }
    }
}

/// A reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// To what: a fragment, a file beside this one, an address.
    pub href: String,
    /// What it is to this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A part of a control's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which part: `statement`, `guidance`, `item`, …
    pub name: String,
    /// Who gives the name its meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns: Option<String>,
    /// A kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// A heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prose: Option<String>,
    /// Parts of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// A place in a control's text that whoever uses it fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its id.
    pub id: String,
    /// What stands there until it is filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it is filled with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What to choose from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<Selection>,
    /// Properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub props: Vec<Property>,
}

/// What a parameter is to be chosen from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Selection {
    /// `one` or `one-or-more`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how_many: Option<String>,
    /// The choices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choice: Vec<String>,
}

/// A parameter that somebody filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SetParameter {
    /// The parameter.
    pub param_id: String,
    /// With what.
    pub values: Vec<String>,
}

/// Who answers for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ResponsibleRole {
    /// The role.
    pub role_id: String,
}

/// What a file refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackMatter {
    /// Each thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
}

/// A thing that a file refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its identifier.
    pub uuid: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rlinks: Vec<ResourceLink>,
}

/// Where a thing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceLink {
    /// A file beside this one, or an address.
    pub href: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name-based example of RFC 9562, appendix A.4, is in the namespace of host names.
    #[test]
    fn identifiers_are_those_of_the_standard() {
        let host_names = {
            let mut namespace = NAMESPACE_OF_ADDRESSES;
            namespace[3] = 0x10;
            namespace
        };
        assert_eq!(hex::encode(version_5(&host_names, "www.example.com")), "2ed6657de927568b95e12665a8aea6a2");
        assert_ne!(uuid_of(&["a", "b"]), uuid_of(&["ab"]));
        assert_eq!(uuid_of(&["a"]).len(), 36);
    }
}
