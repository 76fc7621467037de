//! Every connector of the catalog on its recording, with each answer gone wrong in each way.

use tickmark_catalog::Catalog;
use tickmark_collect::{Connectors, Fault, Rehearsal};

#[test]
fn every_connector_has_the_expected_rows_or_says_why_not() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let catalog = Catalog::load(&folder).unwrap_or_else(|problems| panic!("{problems:?}"));
    let connectors = Connectors::of(&catalog).unwrap();
    let mut said = String::new();
    for (id, declared) in &catalog.connectors {
        let datasets = declared.tables.iter().map(|table| &catalog.datasets[table]).collect();
        let connector = connectors.get(id).unwrap();
        let rehearsal =
            Rehearsal::new(connector, datasets, &format!("{id}/recording.toml"), &declared.recording).unwrap();
        let rehearsed = rehearsal.perform().unwrap();
        for problem in &rehearsed.problems {
            said.push_str(&format!("{id}: {problem}\n"));
        }
        let requests: u64 = rehearsed.tables.iter().map(|table| table.requests).sum();
        // The answer before it once more is no fault for the first page of a list.
        assert!(rehearsed.faults >= requests * (Fault::ALL.len() as u64 - 1), "{id}");
        assert_eq!(rehearsed.tables.len(), declared.tables.len(), "{id}\n{said}");
    }
    assert!(said.is_empty(), "{said}");
}
