//! Recording a connector at work, so that it can be rehearsed later.
//!
//! A recording is public. It is made at an installation that holds nothing but made-up data, and looked through before it is kept.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use tickmark_catalog::{Dataset, DatasetKind};
use tickmark_vault::{SealingKey, Vault};

use super::{
    recording::{Exchange, Expected, Recording},
    rehearsal::text_of,
};
use crate::{Error, SourceConfig, SourceKind, Window, collect, present_day};

/// An answer as an extract keeps it.
#[derive(Deserialize)]
struct Kept {
    request: String,
    sent: Option<String>,
    status: u16,
    links: Vec<String>,
    body: String,
}

/// Collects every table of a source and writes what was asked, what was answered and which rows came of it.
pub fn record(source: &SourceConfig, datasets: &[&Dataset], clock: Timestamp) -> Result<String, Error> {
    let refused = |problem: String| Error::Config { file: source.file.clone(), line: None, problem };
    let SourceKind::Connector(connected) = &source.kind else {
        return Err(refused("is no source of a connector".to_owned()));
    };
    let io = |cause| Error::Io { doing: "making a folder in", path: std::env::temp_dir(), cause };
    let place = tempfile::tempdir().map_err(io)?;
    let vault = Vault::create(&place.path().join("vault"), "recording", &SealingKey::new([0; 32]))?;
    let last = present_day(source, source.zone.to_datetime(clock).date());
    let first = last.checked_sub(30.days()).unwrap_or(last);
    let spec = &connected.connector.spec;
    // The longest address first: one may be the beginning of another.
    let mut addresses: Vec<(String, String)> = Vec::new();
    let mut settings = BTreeMap::new();
    for (name, setting) in &spec.settings {
        let value = connected.settings.get(name).cloned().unwrap_or_default();
        if setting.address {
            let path = if name == "base" { String::new() } else { format!("/{name}") };
            addresses.push((value.trim_end_matches('/').to_owned(), path));
        } else {
            settings.insert(name.clone(), value);
        }
    }
    addresses.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let mut recording = Recording { settings, first, last, exchanges: Vec::new(), tables: Vec::new() };
    for dataset in datasets {
        let window = match dataset.kind {
            DatasetKind::Events => Window::Booked { first, last },
            DatasetKind::Snapshot => Window::State { effective_on: last },
        };
        let collected = collect(source, dataset, window, &vault, clock, &())?;
        for original in &collected.originals {
            let io = |cause| Error::Io { doing: "reading the answers of", path: dataset.id.as_str().into(), cause };
            let lines = zstd::decode_all(vault.get(original)?.as_slice()).map_err(io)?;
            for line in String::from_utf8_lossy(&lines).lines() {
                let kept: Kept = serde_json::from_str(line).map_err(|cause| refused(cause.to_string()))?;
                let exchange = exchange(kept, &addresses, table_address(spec, dataset)).ok_or_else(|| {
                    refused(format!("a request for `{}` went to no address of the settings", dataset.id))
                })?;
                // What was asked again has its last answer: what a table waits for is there by then.
                let is_known = |known: &&mut Exchange| known.request == exchange.request && known.sent == exchange.sent;
                match recording.exchanges.iter_mut().find(is_known) {
                    Some(known) => *known = exchange,
                    None => recording.exchanges.push(exchange),
                }
            }
        }
        let batches = vault.read_dataset(&collected.manifest, None)?.collect::<Result<Vec<_>, _>>()?;
        let (rows, _) = text_of(&batches, dataset)?;
        recording.tables.push(Expected { table: dataset.id.to_string(), rows });
    }
    toml::to_string_pretty(&recording).map_err(|cause| refused(cause.to_string()))
}

/// The setting with which a table's requests begin.
fn table_address<'a>(spec: &'a super::Spec, dataset: &Dataset) -> Option<&'a str> {
    let table = spec.tables.iter().find(|table| table.table == dataset.id.as_str())?;
    table.request.get.as_ref().or(table.request.post.as_ref())?.beginning()
}

/// An exchange as it is played: at the root, or below the name of the address it went to.
fn exchange(kept: Kept, addresses: &[(String, String)], begins_with: Option<&str>) -> Option<Exchange> {
    let (method, address) = kept.request.split_once(' ')?;
    // Several addresses may be one place, as in a test: the table says which is meant.
    let own = begins_with.map(|name| if name == "base" { String::new() } else { format!("/{name}") });
    let fits = |(value, _): &&(String, String)| address.starts_with(value.as_str());
    let fitting = || addresses.iter().filter(fits);
    let (value, path) = fitting().find(|(_, path)| Some(path) == own.as_ref()).or_else(|| fitting().next())?;
    let rest = super::replay::in_order(address.strip_prefix(value.as_str())?);
    let played = |text: &str| text.replace(value.as_str(), &format!("{{base}}{path}"));
    Some(Exchange {
        request: format!("{method} {path}{rest}"),
        sent: kept.sent,
        status: kept.status,
        link: kept.links.first().map(|link| played(link)),
        answer: played(&kept.body),
    })
}
