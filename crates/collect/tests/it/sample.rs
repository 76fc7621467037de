//! The sample company's sources, from its systems to the vault: every dataset, whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use jiff::civil::date;
use tickmark_catalog::{Catalog, ControlTest, Dataset, DatasetKind};
use tickmark_collect::{
    Collected, Connectors, SourceConfig, Window, collect, collect_documents, count, monthly_windows, reconcile, states,
};
use tickmark_sample::Options;

use crate::case::{self, Place, chain};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn datasets() -> BTreeMap<String, Dataset> {
    std::fs::read_dir(repository().join("catalog/datasets"))
        .unwrap()
        .map(|entry| {
            let dataset = case::dataset(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
            (dataset.id.to_string(), dataset)
        })
        .collect()
}

/// Those that the sample company has: what its control tests read, of payroll and of every company, but for systems that were never
/// connected. It has a vulnerability scanner and did not connect it: a control test says that it cannot be evaluated.
fn datasets_of_the_sample() -> BTreeMap<String, Dataset> {
    let catalog = Catalog::load(&repository().join("catalog")).unwrap();
    let is_its_own = |test: &&ControlTest| {
        let of_another = |id: &&tickmark_catalog::Id| catalog.is_of_industry(id) && !id.starts_with("PAY-");
        test.controls.iter().filter(of_another).count() == 0
    };
    let read: String = catalog
        .tests
        .values()
        .filter(is_its_own)
        .map(|test| format!("{} {} ", test.population_sql, test.test_sql))
        .collect();
    let words: BTreeSet<&str> = read.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let is_read = |id: &str| words.contains(id) || words.contains(format!("{id}_history").as_str());
    let mut datasets = datasets();
    let others: BTreeSet<String> = catalog
        .tests
        .values()
        .filter(|test| !is_its_own(test))
        .flat_map(|test| {
            let sql = format!("{} {}", test.population_sql, test.test_sql);
            let words = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_owned);
            words.collect::<Vec<_>>()
        })
        .collect();
    datasets.retain(|id, dataset| {
        !dataset.once_collected && id != "vulnerability" && (is_read(id) || !others.contains(id))
    });
    datasets
}

fn sources(base: &Path) -> Vec<SourceConfig> {
    SourceConfig::load_folder(&repository().join("catalog/sample-sources"), base, &Connectors::default()).unwrap()
}

#[test]
fn every_dataset_has_one_source() {
    let sources = sources(Path::new("."));
    let mut delivered: Vec<&str> = sources.iter().flat_map(SourceConfig::datasets).collect();
    delivered.sort_unstable();
    let datasets = datasets_of_the_sample();
    let declared: Vec<&str> = datasets.keys().map(String::as_str).collect();
    assert_eq!(delivered, declared);
}

#[test]
fn a_small_company_is_collected_whole() {
    let place = Place::new();
    let options = Options { seed: tickmark_sample::DEFAULT_SEED, scale: 1, dir: place.path() };
    let summary = tickmark_sample::generate(&options, &mut |_, _, _| ()).unwrap();
    let datasets = datasets();
    let clock: jiff::Timestamp = "2026-10-17T16:00:00Z".parse().unwrap();
    // Deployments reach back furthest.
    let (first, last) = (date(2025, 8, 1), date(2026, 10, 16));
    let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
    for source in &sources(place.path()) {
        for id in source.datasets() {
            let dataset = &datasets[id];
            let one = |window| -> Collected {
                let collected = collect(source, dataset, window, &place.vault, clock, &())
                    .unwrap_or_else(|error| panic!("{id}: {}", chain(&error)));
                assert!(collected.complete, "{id}: {:?}", collected.incomplete_because);
                assert_eq!(place.vault.manifest(&collected.manifest_digest).unwrap(), collected.manifest);
                collected
            };
            let windows = match dataset.kind {
                DatasetKind::Events => monthly_windows(first, last),
                DatasetKind::Snapshot => {
                    // What has no day of its own shows how the day before that of the copy ended.
                    let days = states(source, id).unwrap();
                    let days = if days.is_empty() { vec![date(2026, 10, 15)] } else { days };
                    days.into_iter().map(|effective_on| Window::State { effective_on }).collect()
                }
            };
            let extracts: Vec<Collected> = windows.into_iter().map(one).collect();
            let stored = extracts.iter().map(|extract| extract.manifest.rows).sum();
            assert!(stored > 0, "{id} is empty");
            rows.insert(datasets[id].id.as_str(), stored);
            if dataset.kind == DatasetKind::Events {
                let counted = count(source, dataset, Window::Booked { first, last }, clock).unwrap();
                let manifests: Vec<_> = extracts.into_iter().map(|extract| extract.manifest).collect();
                let reconciled = reconcile(dataset, first, last, &manifests, counted.as_ref());
                assert_eq!(reconciled.incomplete_because, None, "{id}");
                assert_eq!(reconciled.rows, stored, "{id}");
            }
        }
    }
    assert_eq!(rows.len(), datasets_of_the_sample().len());
    assert_eq!(rows["payslip"], summary.payslips);
    assert_eq!(rows["bank_line"], summary.bank_lines);
    let database = rusqlite::Connection::open(summary.systems.join("payroll/payroll.db")).unwrap();
    for table in [
        "client",
        "employee",
        "pay_rate",
        "tax_table",
        "pay_run",
        "time_import",
        "time_entry",
        "bank_file",
        "gl_posting",
        "tax_deposit",
    ] {
        let counted: i64 = database.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap();
        assert_eq!(i64::try_from(rows[table]).unwrap(), counted, "{table}");
    }
    let lines = |name: &str| std::fs::read_to_string(summary.systems.join(name)).unwrap().lines().count() as u64;
    let files = [
        ("access_review", "reviews/reviews.csv", 1),
        ("access_review_item", "reviews/decisions.csv", 1),
        ("backup_job", "backup/jobs.tsv", 1),
        ("restore_test", "backup/restore-tests.csv", 1),
        ("vendor", "vendors/vendors.csv", 1),
        ("training", "training/training.csv", 1),
        ("system", "systems.csv", 1),
        ("access_grant", "idp/grants.jsonl", 0),
        ("deployment", "deploy/deployments.jsonl", 0),
    ];
    for (dataset, file, headers) in files {
        assert_eq!(rows[dataset], lines(file) - headers, "{dataset}");
    }
    let papers = sources(place.path()).into_iter().find(|source| source.datasets().is_empty()).unwrap();
    let documents = collect_documents(&papers, &place.vault, clock).unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert!(documents.len() >= 5, "{} documents", documents.len());
}
