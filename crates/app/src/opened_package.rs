//! A package that was opened: its bytes are the ones listed, its proofs hold, the ledger recorded this very package; and its control
//! tests performed again from the rows that an examination package holds.
//!
//! Invariant: rows and keys of a package lie in folders and files that go with whoever opened it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Seek, SeekFrom},
    path::Path,
};

use serde::Serialize;
use tickmark_canonical::{Digest, RowDigestKey, to_canonical};
use tickmark_catalog::Catalog;
use tickmark_domain::{CatalogIndex, EngagementId, FrozenPart, PackageKind, Span, State};
use tickmark_examine::{Job, Limits, ReadRows, TableInput, TestOutcome};
use tickmark_ledger::{Disclosure, Reliance, Verified};
use tickmark_report::{
    package::{Limits as PackageLimits, Reader},
    seal::{FirmSecretKey, open_with_firm_key},
};
use tickmark_vault::{ObjectKeys, Vault};

use crate::{
    Error, Progress,
    packaging::{Contents, Reperformance, io_error, paths, unnamed_file},
};

/// A package whose integrity holds.
pub(crate) struct Opened {
    pub(crate) reader: Reader<File>,
    pub(crate) verified: Verified,
    pub(crate) state: State,
    pub(crate) index: CatalogIndex,
    pub(crate) engagement: EngagementId,
    pub(crate) is_examination: bool,
    pub(crate) leaf_hashes: Vec<u8>,
    /// Parts that are otherwise in the ledger than the closing of the engagement froze them.
    pub(crate) changed: Vec<FrozenPart>,
}

/// What a package says of itself, before anything of it was checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct SaysOfItself {
    pub(crate) kind: String,
    pub(crate) organization: String,
    pub(crate) engagement: String,
}

impl Opened {
    /// The days that the engagement speaks of.
    pub(crate) fn span(&self) -> Result<Span, Error> {
        let engagement = self.state.engagements.get(&self.engagement);
        let unknown = || tickmark_domain::Refusal::UnknownEngagement(self.engagement.clone());
        Ok(engagement.ok_or_else(unknown)?.report_type.span())
    }

    /// What the package lets the firm do again.
    pub(crate) fn reperformance(&mut self) -> Result<Reperformance, Error> {
        read_json(&mut self.reader, paths::REPERFORMANCE)
    }
}

/// Opens the package in a file: its bytes are those listed, its proofs hold, the ledger recorded this very package.
pub(crate) fn open(
    file: File,
    limits: PackageLimits,
    reliance: &Reliance,
    progress: &dyn Progress,
    says: &mut SaysOfItself,
) -> Result<Opened, Error> {
    progress.step("integrity", 3);
    let mut reader = Reader::open(file, limits)?;
    let is_examination = reader.manifest().kind == tickmark_report::package::PackageKind::Examination;
    says.kind = if is_examination { "examination" } else { "report" }.to_owned();
    says.organization.clone_from(&reader.manifest().organization);
    says.engagement.clone_from(&reader.manifest().engagement);
    reader.check(&mut |_, _| ())?;
    progress.advance(1);
    let disclosure: Disclosure = read_json(&mut reader, paths::DISCLOSURE)?;
    let verified = disclosure.verify(reliance)?;
    progress.advance(1);
    if disclosure.checkpoint.to_note() != reader.manifest().checkpoint {
        return Err(differs("the checkpoint in `package.json`", "that of the proofs", "another"));
    }
    let engagement: EngagementId = reader.manifest().engagement.parse()?;
    let disclosed: BTreeMap<u64, &tickmark_ledger::Entry> =
        verified.streams.values().flatten().map(|disclosed| (disclosed.index, &disclosed.entry)).collect();
    let mut newest = State::default();
    for (index, entry) in &disclosed {
        crate::house::apply_entry(&mut newest, *index, entry)?;
    }
    // A package of a closed engagement shows the facts up to the closing, and what the making of the report added.
    let (state, newest) = match newest.closing(&engagement).map(|closing| closing.entry) {
        Some(closed) => (state_as_closed(&disclosed, &engagement, closed)?, Some(newest)),
        None => (newest, None),
    };
    let organization = state.organization.as_ref().map(|o| o.id.to_string()).unwrap_or_default();
    if organization != reader.manifest().organization {
        return Err(differs("the organization in `package.json`", &organization, &reader.manifest().organization));
    }
    require_recorded_issue(&state, &engagement, &mut reader, is_examination)?;
    let index_bytes = reader.read(paths::CATALOG_INDEX)?;
    let in_force = state.catalog_in_force().ok_or(tickmark_domain::Refusal::NoCatalog)?;
    if Digest::of(&index_bytes) != in_force.index {
        let found = Digest::of(&index_bytes).to_string();
        return Err(differs("the catalog index", &in_force.index.to_string(), &found));
    }
    let index: CatalogIndex = tickmark_canonical::from_canonical(&index_bytes)?;
    let changed = newest.map(|newest| newest.parts_changed_since_closing(&index, &engagement)).transpose()?;
    let changed = changed.unwrap_or_default();
    progress.advance(1);
    let leaf_hashes = disclosure.leaf_hashes;
    Ok(Opened { reader, verified, state, index, engagement, is_examination, leaf_hashes, changed })
}

/// The state that documents show of an engagement that entry `closed` closed.
fn state_as_closed(
    disclosed: &BTreeMap<u64, &tickmark_ledger::Entry>,
    engagement: &EngagementId,
    closed: u64,
) -> Result<State, Error> {
    let mut state = State::default();
    for (index, entry) in disclosed {
        if *index < closed {
            crate::house::apply_entry(&mut state, *index, entry)?;
        } else {
            crate::house::apply_left_open(&mut state, engagement, *index, entry)?;
        }
    }
    Ok(state)
}

/// The package is the one whose issue the ledger records last for its kind.
fn require_recorded_issue(
    state: &State,
    engagement: &EngagementId,
    reader: &mut Reader<File>,
    is_examination: bool,
) -> Result<(), Error> {
    let kind = if is_examination { PackageKind::Examination } else { PackageKind::Report };
    let issued = state.engagements.get(engagement).and_then(|e| e.packages.iter().rev().find(|p| p.kind == kind));
    let issued = issued.ok_or_else(|| differs("the disclosed ledger", "the issue of this package", "none"))?;
    let mut files = BTreeMap::new();
    for (path, entry) in reader.manifest().files.iter().filter(|(path, _)| path.as_str() != paths::DISCLOSURE) {
        files.insert(path.to_string(), entry.digest);
    }
    let contents = Digest::of(&to_canonical(&Contents { kind, files })?);
    if contents == issued.contents {
        return Ok(());
    }
    Err(differs(
        &format!("the files of the package whose issue entry {} records", issued.entry),
        &issued.contents.to_string(),
        &contents.to_string(),
    ))
}

/// Opens the examination package in a file with the firm's key. What is inside holds rows and keys, so it is opened into a file
/// without a name.
pub(crate) fn open_sealed(
    path: &Path,
    key: &FirmSecretKey,
    reliance: &Reliance,
    progress: &dyn Progress,
    says: &mut SaysOfItself,
) -> Result<Opened, Error> {
    let file = File::open(path).map_err(io_error("read", path))?;
    let mut inner = unnamed_file(path)?;
    open_with_firm_key(key, file, &mut inner)?;
    inner.seek(SeekFrom::Start(0)).map_err(io_error("read", path))?;
    open(inner, PackageLimits::EXAMINATION, reliance, progress, says)
}

/// Control tests that were performed again.
pub(crate) struct PerformedAgain {
    /// The catalog that they are of.
    pub(crate) catalog: Catalog,
    /// How each ended, by its id; digests are sealed as the ledger's are.
    pub(crate) outcomes: Vec<TestOutcome>,
    /// The rows that they returned, as many as were to be read.
    pub(crate) rows: BTreeMap<String, ReadRows>,
}

/// Performs the control tests of an examination package again that `wanted` names, each as of the day on which the result in the
/// ledger looked, and reads at most `most` rows of each.
pub(crate) fn perform_again(
    opened: &mut Opened,
    unpacked: &Unpacked,
    limits: &Limits,
    wanted: &dyn Fn(&str) -> bool,
    most: usize,
) -> Result<PerformedAgain, Error> {
    let vault = &unpacked.vault;
    let catalog = crate::adopting::catalog_from_object(&opened.reader.read(paths::CATALOG)?)?;
    if catalog.digest() != opened.index.catalog {
        return Err(differs("the catalog", &opened.index.catalog.to_string(), &catalog.digest().to_string()));
    }
    let what = opened.reperformance()?;
    let span = opened.span()?;
    let mut job = job(&catalog, vault, &what, span, limits)?;
    job.tests.retain(|test| wanted(&test.id));
    let key = RowDigestKey::new(*what.row_digest_key.as_bytes());
    let mut by_day: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for test in std::mem::take(&mut job.tests) {
        let on = opened.state.newest_result(&test.id.parse()?, span).map_or(span.last, |result| result.on);
        by_day.entry(on).or_default().push(test);
    }
    let (mut outcomes, mut rows) = (Vec::new(), BTreeMap::new());
    for (on, tests) in by_day {
        let job = Job { on, tests, ..job.clone() };
        let (ended, read) = tickmark_examine::run_again_in_child(&job, vault, unpacked.folder.path(), most);
        outcomes.extend(ended);
        rows.extend(read);
    }
    outcomes.sort_by(|a, b| a.test.cmp(&b.test));
    for outcome in &mut outcomes {
        outcome.population_digest = outcome.population_digest.map(|digest| key.seal(&digest));
        outcome.rows_digest = outcome.rows_digest.map(|digest| key.seal(&digest));
    }
    Ok(PerformedAgain { catalog, outcomes, rows })
}

fn job(catalog: &Catalog, vault: &Vault, what: &Reperformance, span: Span, limits: &Limits) -> Result<Job, Error> {
    let mut tables = Vec::new();
    for (id, digests) in &what.datasets {
        let dataset = catalog.datasets.get(id.as_str());
        let dataset = dataset.ok_or_else(|| Error::Unknown { kind: "dataset", name: id.clone() })?;
        let manifests =
            digests.iter().map(|d| Ok((*d, vault.manifest(d)?))).collect::<Result<Vec<_>, tickmark_vault::Error>>()?;
        tables.push(TableInput {
            dataset: dataset.clone(),
            manifests,
            incomplete: Vec::new(),
            incomplete_extracts: Vec::new(),
        });
    }
    Ok(Job {
        tables,
        tests: catalog.tests.values().filter(|test| what.tests.contains_key(&*test.id)).cloned().collect(),
        populations: Vec::new(),
        on: span.last,
        period_start: span.first,
        period_end: span.last,
        calendars: catalog.calendars.values().cloned().collect(),
        zone: what.zone.clone(),
        at: jiff::Timestamp::UNIX_EPOCH,
        limits: limits.clone(),
    })
}

/// The vault objects of an examination package in a folder that goes with it.
pub(crate) struct Unpacked {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) vault: Vault,
}

impl Unpacked {
    pub(crate) fn of(opened: &mut Opened) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(io_error("make", &std::env::temp_dir()))?;
        let vault = unpack_vault(opened, folder.path())?;
        Ok(Self { folder, vault })
    }
}

/// Unpacks the vault objects of an examination package into a folder and opens them with the keys beside them.
fn unpack_vault(opened: &mut Opened, folder: &Path) -> Result<Vault, Error> {
    let namespace = "package";
    let objects = folder.join(namespace).join("objects");
    let prefix = format!("{}/", paths::OBJECTS);
    let files: Vec<String> = opened
        .reader
        .manifest()
        .files
        .keys()
        .map(ToString::to_string)
        .filter(|path| path.starts_with(&prefix))
        .collect();
    // The examination package of a Type 1 can hold no evidence at all.
    fs::create_dir_all(&objects).map_err(io_error("make", &objects))?;
    for path in files {
        // The package reader refuses paths that leave a folder, so what stands behind the prefix stays within.
        let target = objects.join(path.trim_start_matches(&prefix));
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        }
        let mut out = File::create(&target).map_err(io_error("write", &target))?;
        opened.reader.copy(&path, &mut out)?;
    }
    let keys = ObjectKeys::from_bytes(&opened.reader.read(paths::OBJECT_KEYS)?)?;
    Ok(Vault::open_read_only_with_keys(folder, namespace, keys)?)
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned + Serialize>(
    reader: &mut Reader<File>,
    path: &str,
) -> Result<T, Error> {
    Ok(tickmark_canonical::from_canonical(&reader.read(path)?)?)
}

pub(crate) fn differs(what: &str, expected: &str, found: &str) -> Error {
    Error::Differs { what: what.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}
