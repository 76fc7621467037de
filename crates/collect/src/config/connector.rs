//! A source that a connector reads.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, de::IgnoredAny};
use tickmark_catalog::Derived;

use super::{Networks, Secret, Statement, parse::Refusing};
use crate::{Connector, Connectors, Error, connector::Written};

/// An account or installation of a product for which there is a connector.
#[derive(Clone, Debug)]
pub struct ConnectorSource {
    /// How it is read.
    pub connector: Arc<Connector>,
    /// The tables that are collected, in the order of the connector.
    pub tables: Vec<String>,
    /// The datasets that are made of them, in the order of the connector.
    pub derived: Vec<Derived>,
    /// Every setting of the connector.
    pub(crate) settings: BTreeMap<String, String>,
    /// Every secret of the connector.
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// Where it may be reached beside the public internet.
    pub(crate) networks: Networks,
}

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectorFile {
    /// Read before, to choose this shape.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) statement: Option<Statement>,
    pub(super) zone: Option<String>,
    connector: String,
    tables: Option<Vec<String>>,
    derived: Option<Vec<String>>,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, Secret>,
    #[serde(default)]
    networks: Vec<String>,
}

impl ConnectorFile {
    /// The source, if it says what its connector asks for and nothing else.
    pub(super) fn source(self, refusing: &Refusing<'_>, connectors: &Connectors) -> Result<ConnectorSource, Error> {
        let refuse = |word: &str, problem: String| Err(refusing.refuse(word, problem));
        let Some(connector) = connectors.get(&self.connector) else {
            return refuse("connector", format!("there is no connector `{}`", self.connector));
        };
        let spec = &connector.spec;
        let networks = match Networks::parse(&self.networks) {
            Ok(networks) => networks,
            Err(text) => return refuse(&text, format!("`{text}` is not a network such as `10.2.0.0/16`")),
        };
        let mut settings = self.settings;
        if let Some(name) = settings.keys().find(|name| !spec.settings.contains_key(*name)) {
            return refuse(name, format!("the connector `{}` has no setting `{name}`", spec.id));
        }
        for (name, setting) in &spec.settings {
            let value = match (settings.get(name), &setting.default) {
                (Some(value), _) => value.clone(),
                // Settings come in the order of their names, and a default has places for those before it.
                (None, Some(default)) => match default.filled(&settings, Written::Plain) {
                    Ok(value) => value,
                    Err(place) => return refuse("settings", format!("the setting `{place}` is missing")),
                },
                (None, None) => {
                    return refuse("settings", format!("the setting `{name}` is missing: {}", setting.title));
                }
            };
            let pattern = setting.pattern.as_ref().map(|pattern| regex::Regex::new(&format!("^(?:{pattern})$")));
            if pattern.is_some_and(|pattern| !pattern.is_ok_and(|whole| whole.is_match(&value))) {
                return refuse(name, format!("the setting `{name}` is not {}", setting.title));
            }
            if setting.address {
                address(name, &value, &networks).map_err(|problem| refusing.refuse(name, problem))?;
            }
            settings.insert(name.clone(), value);
        }
        if let Some(name) = self.secrets.keys().find(|name| !spec.secrets.contains_key(*name)) {
            return refuse(name, format!("the connector `{}` has no secret `{name}`", spec.id));
        }
        if let Some((name, what)) = spec.secrets.iter().find(|(name, _)| !self.secrets.contains_key(*name)) {
            return refuse("secrets", format!("it is not said where the secret `{name}` is: {what}"));
        }
        let all = spec.tables.iter().map(|table| &table.table);
        let tables: Vec<String> = match &self.tables {
            None => all.cloned().collect(),
            Some(named) => {
                if let Some(unknown) = named.iter().find(|name| connector.table(name).is_none()) {
                    return refuse(unknown, format!("the connector `{}` has no table `{unknown}`", spec.id));
                }
                all.filter(|table| named.contains(table)).cloned().collect()
            }
        };
        let named =
            |derived: &&Derived| self.derived.as_ref().is_none_or(|named| named.contains(&derived.dataset.to_string()));
        let has_rows = |derived: &&Derived| tables.contains(&derived.rows_of.to_string());
        let derived: Vec<Derived> = connector.derived.iter().filter(named).filter(has_rows).cloned().collect();
        let is_derived = |name: &&String| derived.iter().any(|derived| derived.dataset.as_str() == name.as_str());
        if let Some(unknown) = self.derived.iter().flatten().find(|name| !is_derived(name)) {
            let problem = format!("the connector `{}` makes no dataset `{unknown}` of these tables", spec.id);
            return refuse(unknown, problem);
        }
        let (connector, secrets) = (Arc::clone(connector), self.secrets);
        Ok(ConnectorSource { connector, tables, derived, settings, secrets, networks })
    }
}

/// Refuses an address that secrets must not be sent to.
fn address(name: &str, text: &str, networks: &Networks) -> Result<(), String> {
    let url = url::Url::parse(text).map_err(|cause| format!("`{name}` is not an address: {cause}"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("`{name}` is an address without user, query and fragment"));
    }
    let literal = match url.host() {
        Some(url::Host::Ipv4(address)) => Some(std::net::IpAddr::from(address)),
        Some(url::Host::Ipv6(address)) => Some(std::net::IpAddr::from(address)),
        Some(url::Host::Domain(_)) => None,
        None => return Err(format!("`{name}` names no host")),
    };
    if let Some(address) = literal
        && !networks.allow(address)
    {
        return Err(format!("`{address}` is not of the public internet; `networks` names what may be asked beside it"));
    }
    match url.scheme() {
        "https" => Ok(()),
        // What stays on this machine nobody else can read.
        "http" if literal.is_some_and(|address| address.is_loopback()) => Ok(()),
        "http" => {
            Err("`base` is read by anybody on the way: it begins with `https`, but for this machine itself".into())
        }
        other => Err(format!("`{name}` begins with `{other}`, not with `https`")),
    }
}
