//! Connectors: the requests that deliver the tables of one vendor's product, read from data and checked as a whole.
//!
//! Invariant: a connector that was read names no setting, secret, table or column that it does not declare.
//! Invariant: every address that it asks begins with a setting, so that the organization says where its secrets go.

mod check;
mod record;
mod recording;
mod rehearsal;
mod replay;
mod spec;
mod template;

use std::{collections::BTreeMap, sync::Arc};

use tickmark_canonical::Digest;
use tickmark_catalog::{Catalog, Derived};

pub use record::record;
pub use rehearsal::{Extracts, Rehearsal, Rehearsed, RehearsedTable, text_of};
pub use replay::Fault;
pub use spec::Proof;
pub(crate) use spec::{
    Auth, Count, CursorTo, Decode, ForEach, Http, Page, Request, SecretHeader, Sign, Spec, Table, Throttled,
};
pub(crate) use template::{Template, Written};

use crate::Error;

/// A connector, read and checked.
#[derive(Clone, Debug)]
pub struct Connector {
    pub(crate) spec: Spec,
    /// The digest of its text and its queries: part of the provenance of all that is collected with it.
    pub digest: Digest,
    /// Datasets that are made of its tables.
    pub derived: Vec<Derived>,
}

impl Connector {
    /// Reads a connector of a catalog.
    pub fn read(declared: &tickmark_catalog::Connector) -> Result<Self, Error> {
        let tickmark_catalog::Connector { id, text, derived, .. } = declared;
        let file = format!("connectors/{id}/connector.toml");
        let spec: Spec = crate::config::toml(&file, text)?;
        check::connector(&file, text, &spec)?;
        let queries = derived.iter().map(|derived| derived.sql.as_bytes());
        let parts: Vec<&[u8]> = [text.as_bytes()].into_iter().chain(queries).collect();
        Ok(Self { spec, digest: Digest::of_parts(&parts), derived: derived.clone() })
    }

    /// What it was tried on.
    pub fn proof(&self) -> Proof {
        self.spec.proof
    }

    /// The permissions that its requests need, and how they are granted.
    pub fn permissions(&self) -> &str {
        &self.spec.permissions
    }

    /// What its requests were written after.
    pub fn documentation(&self) -> &[String] {
        &self.spec.documentation
    }

    /// Its secrets, each with what it is.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spec.secrets.iter().map(|(name, what)| (name.as_str(), what.as_str()))
    }

    /// The table of that name.
    pub(crate) fn table(&self, name: &str) -> Option<&Table> {
        self.spec.tables.iter().find(|table| table.table == name)
    }

    /// A settings file for a source that uses it, with every setting and secret, to be filled in.
    pub fn example(&self) -> String {
        let Spec { id, settings, secrets, .. } = &self.spec;
        let mut text = format!(
            "kind = \"connector\"\nid = \"{id}\"\ntitle = \"\"                 # which account or installation this is\nconnector = \"{id}\"\n"
        );
        if !settings.is_empty() {
            text.push_str("\n[settings]\n");
        }
        for (name, setting) in settings {
            let default = setting.default.as_ref().map(ToString::to_string);
            let value = default.or_else(|| setting.example.clone()).unwrap_or_default();
            let mark = if setting.default.is_some() { "# " } else { "" };
            text.push_str(&format!("{mark}{name} = \"{value}\"   # {}\n", setting.title));
        }
        if !secrets.is_empty() {
            text.push_str("\n[secrets]\n");
        }
        for (name, what) in secrets {
            let variable = format!("{id}_{name}").to_uppercase().replace(['-', '.'], "_");
            text.push_str(&format!("{name} = {{ env = \"{variable}\" }}   # {what}\n"));
        }
        text
    }
}

/// The connectors that sources may name.
#[derive(Clone, Debug, Default)]
pub struct Connectors(BTreeMap<String, Arc<Connector>>);

impl Connectors {
    /// Those of a catalog.
    pub fn of(catalog: &Catalog) -> Result<Self, Error> {
        let read = |connector: &tickmark_catalog::Connector| {
            Ok((connector.id.to_string(), Arc::new(Connector::read(connector)?)))
        };
        catalog.connectors.values().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// These.
    pub fn new(connectors: impl IntoIterator<Item = Connector>) -> Self {
        let named = connectors.into_iter().map(|connector| (connector.spec.id.clone(), Arc::new(connector)));
        Self(named.collect())
    }

    /// The connector of that name.
    pub fn get(&self, id: &str) -> Option<&Arc<Connector>> {
        self.0.get(id)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Connector>)> {
        self.0.iter().map(|(id, connector)| (id.as_str(), connector))
    }
}
