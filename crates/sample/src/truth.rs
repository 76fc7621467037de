//! What was planted and where: kept apart from the systems, so that nothing in them is marked.
//!
//! Invariant: an item stands under a test exactly when docs/sample/faults.md makes it an exception of that test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use crate::draw::Draw;
use crate::error::Error;

/// The key of an item, one text a column.
pub(crate) type Key = Vec<String>;

/// The planted faults and the honest near misses of one generated company.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    faults: BTreeMap<&'static str, BTreeMap<Key, BTreeSet<&'static str>>>,
    near: BTreeMap<&'static str, BTreeMap<Key, BTreeSet<&'static str>>>,
}

impl Truth {
    /// Notes an item that truly fails a test, with the kind of fault.
    pub(crate) fn fault(&mut self, test: &'static str, key: Key, kind: &'static str) {
        self.faults.entry(test).or_default().entry(key).or_default().insert(kind);
    }

    /// Notes an item that looks like a fault of a test and is none.
    pub(crate) fn near_miss(&mut self, test: &'static str, key: Key, kind: &'static str) {
        self.near.entry(test).or_default().entry(key).or_default().insert(kind);
    }

    /// Whether an item is a fault of a test.
    pub(crate) fn is_fault(&self, test: &str, key: &Key) -> bool {
        self.faults.get(test).is_some_and(|items| items.contains_key(key))
    }

    /// Adds what was noted apart.
    pub(crate) fn merge(&mut self, other: Self) {
        for (all, more) in [(&mut self.faults, other.faults), (&mut self.near, other.near)] {
            for (test, items) in more {
                let of_test = all.entry(test).or_default();
                items.into_iter().for_each(|(key, kinds)| of_test.entry(key).or_default().extend(kinds));
            }
        }
    }

    /// How many items fail each test.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        ITEMS
            .iter()
            .map(|(test, _)| {
                let count = self.faults.get(test).map_or(0, BTreeMap::len);
                ((*test).to_owned(), u64::try_from(count).unwrap_or(u64::MAX))
            })
            .collect()
    }

    /// Writes `truth.json`.
    pub(crate) fn write(&self, path: &Path, seed: u64, scale: u32) -> Result<(), Error> {
        let tests = ITEMS
            .iter()
            .map(|(test, item)| {
                let empty = BTreeMap::new();
                let list = |map: &BTreeMap<&'static str, BTreeMap<Key, BTreeSet<&'static str>>>| {
                    map.get(test)
                        .unwrap_or(&empty)
                        .iter()
                        .map(|(key, kinds)| Planted { key: key.clone(), kinds: kinds.iter().copied().collect() })
                        .collect()
                };
                (
                    *test,
                    TestTruth { item: item.to_vec(), exceptions: list(&self.faults), near_misses: list(&self.near) },
                )
            })
            .collect();
        let document = Document {
            format: 1,
            seed,
            scale_percent: scale,
            zone: crate::calendar::ZONE,
            period_start: crate::calendar::PERIOD_START,
            period_end: crate::calendar::PERIOD_END,
            on: crate::calendar::PERIOD_END,
            not_evaluable: NEVER_CONNECTED,
            tests,
        };
        let text =
            serde_json::to_string_pretty(&document).map_err(|source| Error::Json { path: path.to_owned(), source })?;
        std::fs::write(path, text + "\n").map_err(Error::file("writing", path))
    }
}

#[derive(Serialize)]
struct Document {
    format: u32,
    seed: u64,
    scale_percent: u32,
    zone: &'static str,
    period_start: Date,
    period_end: Date,
    on: Date,
    not_evaluable: [&'static str; 1],
    tests: BTreeMap<&'static str, TestTruth>,
}

#[derive(Serialize)]
struct TestTruth {
    item: Vec<&'static str>,
    exceptions: Vec<Planted>,
    near_misses: Vec<Planted>,
}

#[derive(Serialize)]
struct Planted {
    key: Key,
    kinds: Vec<&'static str>,
}

/// The control tests this company has faults for, with the columns of their items.
pub(crate) const ITEMS: [(&str, &[&str]); 40] = [
    ("access-approved", &["grant_id"]),
    ("access-review-on-time", &["system", "quarter"]),
    ("access-review-removals", &["review_id", "grant_id"]),
    ("account-has-owner", &["account_id"]),
    ("backup-every-day", &["system", "scheduled_on"]),
    ("change-approved", &["deployment_id"]),
    ("change-reviewed", &["commit_id"]),
    ("deployed-commit-on-main", &["deployment_id"]),
    ("incident-acknowledged", &["incident_id"]),
    ("leaver-access", &["account_id"]),
    ("ledger-balanced", &["run_id"]),
    ("mfa-on", &["account_id", "seen_on"]),
    ("pay-after-termination", &["payslip_id"]),
    ("pay-approved-before-release", &["run_id"]),
    ("pay-bank-acknowledged", &["run_id"]),
    ("pay-bank-equals-net", &["payslip_id"]),
    ("pay-bank-file-totals", &["file_id"]),
    ("pay-bank-line-has-payslip", &["run_id", "payslip_id"]),
    ("pay-cut-off", &["posting_id"]),
    ("pay-duplicate", &["payslip_id"]),
    ("pay-funded-before-release", &["run_id"]),
    ("pay-gross-recomputed", &["payslip_id"]),
    ("pay-hours-approved", &["payslip_id"]),
    ("pay-ledger-equals-register", &["run_id"]),
    ("pay-net-recomputed", &["payslip_id"]),
    ("pay-number-gap", &["payslip_number"]),
    ("pay-rate-approved", &["payslip_id"]),
    ("pay-rate-second-person", &["pay_rate_id"]),
    ("pay-release-two-people", &["run_id"]),
    ("pay-run-number-gap", &["run_id"]),
    ("pay-shared-account", &["account"]),
    ("pay-ytd-rolls-forward", &["payslip_id"]),
    ("privileged-access-approved", &["grant_id"]),
    ("restore-tested", &["system", "quarter"]),
    ("scheduled-job-ran", &["job", "scheduled_at"]),
    ("tax-deposit-equals-liability", &["run_id", "tax"]),
    ("tax-deposit-on-time", &["run_id", "tax"]),
    ("time-import-counts", &["file_id"]),
    ("training-on-time", &["person_id"]),
    ("vendor-reviewed", &["vendor_id", "due_on"]),
];

/// The control tests whose system the company never connected: nothing is written for them, and nobody can say how they would end.
const NEVER_CONNECTED: [&str; 1] = ["vulnerability-fixed"];

/// The control tests for which the default company has no fault: a year in which nothing worked is no true one either. Other
/// seeds plant theirs.
const FAULTLESS_BY_DEFAULT: [&str; 2] = ["deployed-commit-on-main", "time-import-counts"];

/// How many faults of each kind a company gets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    seed: u64,
    every_kind: bool,
}

impl Plan {
    /// The plan of a seed. With `every_kind` (the default seed) each kind is planted at least once, but those of a few control
    /// tests; else 0 to 3 times.
    pub(crate) fn new(seed: u64, every_kind: bool) -> Plan {
        Plan { seed, every_kind }
    }

    /// The draws of one kind of fault, and how many to plant.
    pub(crate) fn of(&self, test: &'static str, kind: &'static str) -> (u64, Draw) {
        let mut draw = Draw::new(self.seed, &format!("fault/{test}/{kind}"));
        let count = match self.every_kind {
            true if FAULTLESS_BY_DEFAULT.contains(&test) => 0,
            true => draw.below(2).saturating_add(1),
            false => draw.below(4),
        };
        (count, draw)
    }

    /// The draws of a near miss: always planted once or twice.
    pub(crate) fn near(&self, test: &'static str, kind: &'static str) -> (u64, Draw) {
        let mut draw = Draw::new(self.seed, &format!("near/{test}/{kind}"));
        (draw.below(2).saturating_add(1), draw)
    }
}
