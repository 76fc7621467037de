//! Collecting: every dataset that an approved source delivers, into the vault, then the facts into the ledger.
//!
//! Invariant: a collection that fails is a fact too; what it read is no evidence.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Mutex,
};

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_catalog::{Dataset, DatasetKind};
use tickmark_collect::{
    Collected, Connectors, RowChanges, SourceConfig, SourceKind, StagedExtract, Window, asks_for_a_day,
    monthly_windows, present_day, states,
};
use tickmark_domain::{
    ApproveSource, Command, ControlId, PersonId, ReadAgain, ReconcileSeries, RecordCollectionFailure, RecordDocument,
    RecordEvidence, Span,
};
use tickmark_vault::Manifest;

use crate::{Error, House, Progress};

/// What to collect.
#[derive(Debug, Clone)]
pub struct CollectRequest {
    /// Only this source.
    pub source: Option<String>,
    /// Days of events to collect; states are collected as of the days that the source has within them.
    pub days: Span,
    /// Only these datasets, and of their states only those that are not evidence yet; everything by default.
    pub lacking: Option<BTreeSet<String>>,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Collection {
    /// Extracts that are evidence now, in the order of sources and datasets.
    pub extracts: Vec<ExtractLine>,
    /// Documents that are evidence now.
    pub documents: u64,
    /// Collections that failed.
    pub failures: Vec<FailureLine>,
    /// Series of extracts beside one count of all their days; only databases can be asked.
    pub reconciled: Vec<ReconciledLine>,
}

/// One extract.
#[derive(Debug, Clone, Serialize)]
pub struct ExtractLine {
    /// The source.
    pub source: String,
    /// The dataset.
    pub dataset: String,
    /// First day it covers.
    pub first: Date,
    /// Last day it covers.
    pub last: Date,
    /// Rows stored.
    pub rows: u64,
    /// The source's own count.
    pub source_rows: Option<u64>,
    /// Why it is not complete.
    pub incomplete_because: Option<String>,
    /// How rows differ from those that were read before, if these days were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_again: Option<ReadAgain>,
    /// The manifest.
    pub manifest: Digest,
}

/// A series of extracts of events beside the source's one count of all their days, taken after the last of them.
#[derive(Debug, Clone, Serialize)]
pub struct ReconciledLine {
    /// The source.
    pub source: String,
    /// The dataset.
    pub dataset: String,
    /// First day counted.
    pub first: Date,
    /// Last day counted.
    pub last: Date,
    /// Rows that the extracts hold.
    pub rows: u64,
    /// Rows that the source counts.
    pub counted: Option<u64>,
    /// Control totals that were compared with the source's own.
    pub totals: u64,
    /// Why the two cannot be the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs_because: Option<String>,
}

/// One collection that failed.
#[derive(Debug, Clone, Serialize)]
pub struct FailureLine {
    /// The source.
    pub source: String,
    /// The dataset.
    pub dataset: String,
    /// First day asked for.
    pub first: Date,
    /// Last day asked for.
    pub last: Date,
    /// A stable name of what went wrong.
    pub code: &'static str,
    /// What went wrong, with its causes.
    pub message: String,
    /// What a person can do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<&'static str>,
}

/// A source that was not asked for anything.
#[derive(Debug, Clone, Serialize)]
pub struct NotCollected {
    /// The source.
    pub source: String,
    /// A stable name of why not.
    pub code: &'static str,
    /// Why not.
    pub because: String,
}

impl Collection {
    /// Whether everything that was asked for is there and complete.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty()
            && self.extracts.iter().all(|extract| extract.incomplete_because.is_none())
            && self.reconciled.iter().all(|series| series.differs_because.is_none())
    }
}

/// Whether a source may be collected from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// With just the settings that it has now.
    Approved,
    /// With other settings than it has now.
    Changed,
    /// Never.
    NotApproved,
}

impl std::fmt::Display for Approval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Approved => "approved",
            Self::Changed => "changed since it was approved",
            Self::NotApproved => "not approved",
        })
    }
}

/// One line of the list of sources.
#[derive(Debug, Clone, Serialize)]
pub struct SourceLine {
    /// The source.
    pub source: String,
    /// What it is.
    pub title: String,
    /// Datasets that it delivers.
    pub datasets: Vec<String>,
    /// Whether it may be collected from.
    pub approval: Approval,
    /// Digest of its settings.
    pub settings: Digest,
}

/// Who attests to a document, when and from where it came. The same document taken again has the same statement.
#[derive(Debug, Serialize)]
struct SourceStatement<'a> {
    content: Digest,
    file: &'a str,
    title: &'a str,
    kind: &'a str,
    media_type: &'a str,
    attested_by: &'a str,
    statement: &'a str,
}

impl<'a> SourceStatement<'a> {
    fn of(document: &'a tickmark_collect::Document) -> Self {
        Self {
            content: document.content,
            file: &document.file,
            title: &document.title,
            kind: &document.kind,
            media_type: &document.media_type,
            attested_by: &document.attested_by,
            statement: &document.statement,
        }
    }
}

/// Extracts after which a round ends with the dataset it is at: those of a round are made durable and recorded together, so a
/// crash loses the work of one round at most. Each keeps two or three files open until then.
const EXTRACTS_A_ROUND: usize = 64;

/// One extract to make.
pub(crate) struct Task<'a> {
    pub(crate) source: &'a SourceConfig,
    pub(crate) dataset: &'a Dataset,
    pub(crate) window: Window,
}

impl Task<'_> {
    fn is_of_the_dataset_of(&self, other: &Self) -> bool {
        self.source.id == other.source.id && self.dataset.id == other.dataset.id
    }
}

/// One extract that the vault keeps.
pub(crate) struct Made<'a> {
    pub(crate) task: &'a Task<'a>,
    covers: Span,
    pub(crate) name: Digest,
    pub(crate) manifest: Manifest,
    pub(crate) incomplete_because: Option<String>,
}

/// A dataset of a source that cannot even say what there is to extract.
struct Unreadable<'a> {
    source: &'a SourceConfig,
    dataset: &'a Dataset,
    error: Error,
}

impl House {
    /// Reads the settings of each source of a folder; those that cannot be read are named beside them.
    pub fn readable_sources(
        &self,
        folder: &Path,
        base: &Path,
    ) -> Result<(Vec<SourceConfig>, Vec<NotCollected>), Error> {
        let connectors = Connectors::of(&self.catalog)?;
        let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
        for path in SourceConfig::files_of(folder)? {
            match SourceConfig::load(&path, base, &connectors) {
                Ok(source) => readable.push(source),
                Err(error) => {
                    let code = error.code();
                    let source = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    unreadable.push(NotCollected { source, code, because: crate::error::with_causes(&error) });
                }
            }
        }
        Ok((readable, unreadable))
    }

    /// Reads the settings of all sources of a folder. Paths in them are relative to `base`.
    pub fn sources(&self, folder: &Path, base: &Path) -> Result<Vec<SourceConfig>, Error> {
        Ok(SourceConfig::load_folder(folder, base, &Connectors::of(&self.catalog)?)?)
    }

    /// The sources whose settings lie in the folder, and whether each may be collected from.
    pub fn source_lines(&self, sources: &[SourceConfig]) -> Result<Vec<SourceLine>, Error> {
        let line = |source: &SourceConfig| {
            let approved = self.state().sources.get(&source.id.parse()?).and_then(tickmark_domain::Source::settings);
            Ok(SourceLine {
                source: source.id.clone(),
                title: source.title.clone(),
                datasets: source.delivered().map(ToString::to_string).collect(),
                approval: match approved {
                    None => Approval::NotApproved,
                    Some(settings) if settings == source.digest => Approval::Approved,
                    Some(_) => Approval::Changed,
                },
                settings: source.digest,
            })
        };
        sources.iter().map(line).collect()
    }

    /// Approves sources with the settings that they have now; those approved already are left alone.
    pub fn approve_sources(&mut self, person: &PersonId, sources: &[SourceConfig]) -> Result<u64, Error> {
        let mut commands = Vec::new();
        let bytes = sources.iter().map(settings_bytes).collect::<Result<Vec<_>, _>>()?;
        for (source, settings) in sources.iter().zip(self.vault.put_all(&bytes)?) {
            let id = source.id.parse()?;
            let approved = self.state().sources.get(&id).and_then(tickmark_domain::Source::settings);
            if approved != Some(settings) {
                commands.push(Command::ApproveSource(ApproveSource { source: id, settings }));
            }
        }
        let approved = commands.len() as u64;
        if approved > 0 {
            self.execute_all(person, commands)?;
        }
        Ok(approved)
    }

    /// Collects what `request` asks for and records it.
    pub fn collect(
        &mut self,
        person: &PersonId,
        sources: &[SourceConfig],
        request: &CollectRequest,
        progress: &dyn Progress,
    ) -> Result<Collection, Error> {
        let chosen: Vec<&SourceConfig> =
            sources.iter().filter(|s| request.source.as_ref().is_none_or(|id| *id == s.id)).collect();
        if let (Some(id), true) = (&request.source, chosen.is_empty()) {
            return Err(Error::Unknown { kind: "source", name: id.clone() });
        }
        // A rule that would refuse the evidence refuses before hours of collecting, not after.
        for source in &chosen {
            self.state().require_source(&source.id.parse()?, source.digest)?;
        }
        let catalog = std::sync::Arc::clone(&self.catalog);
        let (mut tasks, unreadable) = self.tasks(&chosen, &catalog.datasets, request)?;
        let mut collection = Collection::default();
        tasks.retain(|task| self.may_be_evidence(task, &mut collection));
        progress.step("collecting", tasks.len() as u64);
        if !unreadable.is_empty() {
            // A state would have been that of one day; a later state makes up for it.
            let now = self.now();
            let last_over = self.state().last_day_over(now).unwrap_or(request.days.last);
            let day = request.days.last.min(last_over);
            let covers = Span { first: day, last: day };
            let mut commands = Vec::new();
            for Unreadable { source, dataset, error } in unreadable {
                commands.push(self.failure(&mut collection, source, Some(dataset), covers, &error, now)?);
            }
            self.execute_all(person, commands)?;
        }
        let mut all_made = Vec::new();
        for round in rounds(&tasks) {
            let (mut commands, made) = self.collect_round(round, &mut collection, progress)?;
            // Extracts whose series was not counted would pass for the whole, so both become durable together.
            commands.extend(self.reconcile(&made, &mut collection)?);
            self.execute_all(person, commands)?;
            all_made.extend(made);
        }
        let derived = self.derive(&tasks, &all_made, request, &mut collection)?;
        if !derived.is_empty() {
            self.execute_all(person, derived)?;
        }
        let documents = match request.lacking {
            None => self.documents(&chosen, request.days, &mut collection)?,
            Some(_) => Vec::new(),
        };
        if !documents.is_empty() {
            self.execute_all(person, documents)?;
        }
        Ok(collection)
    }

    /// Whether a rule would take the extract; else people are told, and it is not made. That is no fact: nothing was tried,
    /// and a fact would leave a hole in days that no engagement asks for.
    pub(crate) fn may_be_evidence(&self, task: &Task<'_>, collection: &mut Collection) -> bool {
        let covers = Span { first: task.window.first(), last: task.window.last() };
        let required = || -> Result<(), Error> {
            let of = task.dataset.id.parse()?;
            Ok(self.state().require_days_of_evidence(&self.index, &of, &covers, self.now())?)
        };
        let Err(refusal) = required() else { return true };
        collection.failures.push(failure_line(task.source, Some(task.dataset), covers, &refusal));
        false
    }

    /// Makes extracts, has the vault keep them together, and gives the facts to record of them, and what was made.
    fn collect_round<'a>(
        &self,
        tasks: &'a [Task<'a>],
        collection: &mut Collection,
        progress: &dyn Progress,
    ) -> Result<(Vec<Command>, Vec<Made<'a>>), Error> {
        let mut staged = Vec::new();
        let mut outcomes = Vec::new();
        for result in self.run_tasks(tasks, progress) {
            outcomes.push(result.map(|extract| staged.push(extract)));
        }
        let mut kept = tickmark_collect::commit(&self.vault, staged)?.into_iter();
        let (mut commands, mut made) = (Vec::new(), Vec::new());
        for (task, outcome) in tasks.iter().zip(outcomes) {
            let covers = Span { first: task.window.first(), last: task.window.last() };
            commands.push(match outcome {
                Ok(()) => {
                    let Some(collected) = kept.next() else { continue };
                    let read_again = self.read_again(task, &collected, covers)?;
                    collection.extracts.push(extract_line(task, &collected, covers, read_again));
                    let command = recorded(task, &collected, covers, read_again)?;
                    let Collected { manifest_digest: name, manifest, incomplete_because, .. } = collected;
                    made.push(Made { task, covers, name, manifest, incomplete_because });
                    command
                }
                Err((error, tried_at)) => {
                    self.failure(collection, task.source, Some(task.dataset), covers, &error.into(), tried_at)?
                }
            });
        }
        Ok((commands, made))
    }

    /// How the rows of an extract differ from those that count of the same days so far; none if there are none, or if they
    /// were erased.
    pub(crate) fn read_again(
        &self,
        task: &Task<'_>,
        collected: &Collected,
        covers: Span,
    ) -> Result<Option<ReadAgain>, Error> {
        let (source, dataset) = (task.source.id.parse()?, task.dataset.id.parse()?);
        let mut earlier = self.state().counting_extracts(&dataset, covers.first).extracts;
        earlier.retain(|extract| extract.source == source && extract.covers.meets(&covers));
        earlier.sort_by_key(|extract| (extract.extracted_at, extract.manifest));
        let compared = || {
            let earlier: Result<Vec<_>, _> = earlier.iter().map(|e| self.vault.manifest(&e.manifest)).collect();
            let booked = task.dataset.booked.as_deref();
            tickmark_collect::row_changes(&self.vault, &collected.manifest, &earlier?, booked)
        };
        match compared() {
            Ok(changes) => {
                Ok(changes.map(|RowChanges { late, restated, vanished }| ReadAgain { late, restated, vanished }))
            }
            Err(tickmark_collect::Error::Vault(error)) if matches!(*error, tickmark_vault::Error::Erased { .. }) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Counts, once and after the last of them, what each series of the extracts made should hold together, and gives the facts
    /// to record of it. A day that is not over cannot be counted: its extract is not complete by itself.
    fn reconcile(&self, made: &[Made<'_>], collection: &mut Collection) -> Result<Vec<Command>, Error> {
        let now = self.now();
        let Some(last_over) = self.state().last_day_over(now) else { return Ok(Vec::new()) };
        let mut of_dataset: BTreeMap<(&str, &str), Vec<&Made<'_>>> = BTreeMap::new();
        for extract in made {
            if extract.task.dataset.kind == DatasetKind::Events && extract.covers.last <= last_over {
                of_dataset
                    .entry((&extract.task.source.id, extract.task.dataset.id.as_str()))
                    .or_default()
                    .push(extract);
            }
        }
        let mut commands = Vec::new();
        for series in of_dataset.into_values().flat_map(stretches) {
            let ([first, ..], [.., last]) = (&*series, &*series) else { continue };
            let Task { source, dataset, .. } = *first.task;
            let covers = Span { first: first.covers.first, last: last.covers.last };
            let window = Window::Booked { first: covers.first, last: covers.last };
            let counted = match tickmark_collect::count(source, dataset, window, now) {
                Ok(None) => continue,
                Ok(Some(counted)) => Ok(counted),
                Err(error) => Err(crate::error::with_causes(&error)),
            };
            let manifests: Vec<Manifest> = series.iter().map(|extract| extract.manifest.clone()).collect();
            let found =
                tickmark_collect::reconcile(dataset, covers.first, covers.last, &manifests, counted.as_ref().ok());
            let differs_because = counted.err().or(found.incomplete_because);
            commands.push(Command::ReconcileSeries(ReconcileSeries {
                dataset: dataset.id.parse()?,
                source: source.id.parse()?,
                extracts: series.iter().map(|extract| extract.name).collect(),
                source_rows: found.counted_after,
                totals: found.totals,
                totals_differ: found.totals_differ,
                counted_at: now,
                differs_because: differs_because.as_deref().map(|text| self.put_text(text)).transpose()?,
            }));
            collection.reconciled.push(ReconciledLine {
                source: source.id.clone(),
                dataset: dataset.id.to_string(),
                first: covers.first,
                last: covers.last,
                rows: found.rows,
                counted: found.counted_after,
                totals: found.totals,
                differs_because,
            });
        }
        Ok(commands)
    }

    /// A failed collection is a fact, and a line that people see.
    pub(crate) fn failure(
        &self,
        collection: &mut Collection,
        source: &SourceConfig,
        dataset: Option<&Dataset>,
        covers: Span,
        error: &Error,
        tried_at: jiff::Timestamp,
    ) -> Result<Command, Error> {
        let line = failure_line(source, dataset, covers, error);
        let text = self.put_text(&line.message)?;
        collection.failures.push(line);
        Ok(Command::RecordCollectionFailure(RecordCollectionFailure {
            covers,
            dataset: dataset.map(|dataset| dataset.id.parse()).transpose()?,
            source: source.id.parse()?,
            message: text,
            tried_at,
        }))
    }

    /// The extracts that a request comes to: events in calendar months, states as of the days that the source has; and
    /// datasets whose source cannot be read at all.
    fn tasks<'a>(
        &self,
        sources: &[&'a SourceConfig],
        datasets: &'a BTreeMap<tickmark_catalog::Id, Dataset>,
        request: &CollectRequest,
    ) -> Result<(Vec<Task<'a>>, Vec<Unreadable<'a>>), Error> {
        let Span { first, last } = request.days;
        let (mut tasks, mut unreadable) = (Vec::new(), Vec::new());
        for source in sources {
            // What is lacking may be made of any of a connector's tables.
            let lacks = |id: &str| request.lacking.as_ref().is_none_or(|lacking| lacking.contains(id));
            let for_derived = source.derived().iter().any(|derived| lacks(derived.dataset.as_str()));
            for id in source.datasets().into_iter().filter(|id| for_derived || lacks(id)) {
                let dataset =
                    datasets.get(id).ok_or_else(|| Error::Unknown { kind: "dataset", name: id.to_owned() })?;
                let windows = match dataset.kind {
                    DatasetKind::Events => monthly_windows(first, last),
                    DatasetKind::Snapshot => match state_days(source, dataset, last, self.today()) {
                        Ok(windows) if request.lacking.is_none() || for_derived => windows,
                        Ok(windows) => self.without_evidence(source, dataset, windows)?,
                        Err(error) => {
                            unreadable.push(Unreadable { source, dataset, error: error.into() });
                            continue;
                        }
                    },
                };
                tasks.extend(windows.into_iter().map(|window| Task { source, dataset, window }));
            }
        }
        Ok((tasks, unreadable))
    }

    /// The states of a source that are not evidence yet; that of a day that is not over can wait.
    fn without_evidence(
        &self,
        source: &SourceConfig,
        dataset: &Dataset,
        windows: Vec<Window>,
    ) -> Result<Vec<Window>, Error> {
        let (source, dataset) = (source.id.parse()?, dataset.id.parse()?);
        let evidence = self.state().evidence_of(&dataset);
        let is_there = |window: &Window| {
            evidence.iter().any(|e| e.complete && e.source == source && e.covers.last == window.last())
        };
        let is_over = |window: &Window| window.last() < self.today();
        Ok(windows.into_iter().filter(|window| is_over(window) && !is_there(window)).collect())
    }

    /// Runs extracts side by side, as many as the machine has cores; results come in the order of the tasks.
    fn run_tasks(
        &self,
        tasks: &[Task<'_>],
        progress: &dyn Progress,
    ) -> Vec<Result<StagedExtract, (tickmark_collect::Error, jiff::Timestamp)>> {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let done = Mutex::new(BTreeMap::new());
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(tasks.len().max(1));
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let Some(task) = tasks.get(at) else { break };
                        let now = self.now();
                        let result =
                            tickmark_collect::stage(task.source, task.dataset, task.window, &self.vault, now, &())
                                .map_err(|error| (error, now));
                        progress.advance(1);
                        if let Ok(mut done) = done.lock() {
                            done.insert(at, result);
                        }
                    }
                });
            }
        });
        done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
    }

    fn documents(
        &self,
        sources: &[&SourceConfig],
        days: Span,
        collection: &mut Collection,
    ) -> Result<Vec<Command>, Error> {
        let mut commands = Vec::new();
        for source in sources.iter().filter(|source| matches!(source.kind, SourceKind::Documents(_))) {
            let now = self.now();
            let documents = match tickmark_collect::collect_documents(source, &self.vault, now) {
                Ok(documents) => documents,
                Err(error) => {
                    commands.push(self.failure(collection, source, None, days, &error.into(), now)?);
                    continue;
                }
            };
            if let Err(error) = self.require_controls_shown(source, &documents) {
                commands.push(self.failure(collection, source, None, days, &error, now)?);
                continue;
            }
            for document in documents {
                let statement = self.put_json(&SourceStatement::of(&document))?;
                let known = self.state().documents.iter().filter(|known| known.statement == statement);
                let known: BTreeSet<Option<&ControlId>> = known.map(|known| known.control.as_ref()).collect();
                let new: Vec<Option<ControlId>> = if document.controls.is_empty() {
                    // A document that no longer names a control is no other document.
                    known.is_empty().then_some(None).into_iter().collect()
                } else {
                    let shown =
                        document.controls.iter().map(|id| Ok(id.parse()?)).collect::<Result<Vec<_>, Error>>()?;
                    shown.into_iter().filter(|id| !known.contains(&Some(id))).map(Some).collect()
                };
                collection.documents += u64::from(!new.is_empty());
                for control in new {
                    commands.push(Command::RecordDocument(RecordDocument {
                        document: document.object,
                        statement,
                        source: source.id.parse()?,
                        settings: source.digest,
                        control,
                        dated_on: document.dated_on,
                    }));
                }
            }
        }
        Ok(commands)
    }

    /// Refuses documents that show a control which nobody adopted: a name that was mistyped would show nothing, unseen.
    fn require_controls_shown(
        &self,
        source: &SourceConfig,
        documents: &[tickmark_collect::Document],
    ) -> Result<(), Error> {
        for document in documents {
            for named in &document.controls {
                let control: ControlId = named.parse()?;
                if !self.state().controls.contains_key(&control) {
                    return Err(Error::NotInControlSet {
                        source_id: source.id.clone(),
                        file: document.file.clone(),
                        is_offered: self.catalog.controls.contains_key(named.as_str()),
                        control,
                    });
                }
            }
        }
        Ok(())
    }
}

/// Rounds of extracts. A dataset's stay together: they are one series.
fn rounds<'t, 'a>(tasks: &'t [Task<'a>]) -> Vec<&'t [Task<'a>]> {
    let mut rounds = Vec::new();
    let mut left = tasks;
    while !left.is_empty() {
        let mut size = 0;
        for dataset in left.chunk_by(Task::is_of_the_dataset_of) {
            size += dataset.len();
            if size >= EXTRACTS_A_ROUND {
                break;
            }
        }
        let (round, rest) = left.split_at(size);
        rounds.push(round);
        left = rest;
    }
    rounds
}

/// The series among extracts of one dataset, by their days. Where one of them failed, its days are a hole already, and those
/// before and after are counted apart.
fn stretches<'m, 'a>(mut extracts: Vec<&'m Made<'a>>) -> Vec<Vec<&'m Made<'a>>> {
    extracts.sort_by_key(|extract| extract.covers);
    let follows = |one: &&Made<'_>, next: &&Made<'_>| one.covers.last.tomorrow().ok() == Some(next.covers.first);
    extracts.chunk_by(follows).map(<[_]>::to_vec).collect()
}

/// The states that a source can show: of the days in its files' names; of the last day asked for, where it is asked for a
/// day; else of the last day that was over when a copy was taken, or today. To read a present state as that of another day
/// would be back-dating.
fn state_days(
    source: &SourceConfig,
    dataset: &Dataset,
    last: Date,
    today: Date,
) -> Result<Vec<Window>, tickmark_collect::Error> {
    let days = states(source, dataset.id.as_str())?;
    if days.is_empty() {
        let present = present_day(source, today);
        let effective_on = if asks_for_a_day(source, dataset) { last.min(present) } else { present };
        return Ok(vec![Window::State { effective_on }]);
    }
    Ok(days.into_iter().map(|effective_on| Window::State { effective_on }).collect())
}

/// The bytes of a source's settings, as they were when they were read.
fn settings_bytes(source: &SourceConfig) -> Result<Vec<u8>, Error> {
    let path = std::path::PathBuf::from(&source.file);
    let bytes = std::fs::read(&path).map_err(|error| Error::Io { doing: "read", path: path.clone(), source: error })?;
    if Digest::of(&bytes) == source.digest {
        return Ok(bytes);
    }
    Err(Error::Settings { path, problem: "the file changed while it was being read".to_owned() })
}

fn failure_line(source: &SourceConfig, dataset: Option<&Dataset>, covers: Span, error: &Error) -> FailureLine {
    FailureLine {
        source: source.id.clone(),
        dataset: dataset.map_or_else(|| "documents".to_owned(), |dataset| dataset.id.to_string()),
        first: covers.first,
        last: covers.last,
        code: error.code(),
        message: crate::error::with_causes(error),
        hint: error.hint(),
    }
}

pub(crate) fn recorded(
    task: &Task<'_>,
    collected: &Collected,
    covers: Span,
    read_again: Option<ReadAgain>,
) -> Result<Command, Error> {
    Ok(Command::RecordEvidence(RecordEvidence {
        dataset: task.dataset.id.parse()?,
        source: task.source.id.parse()?,
        settings: task.source.digest,
        manifest: collected.manifest_digest,
        rows: collected.manifest.rows,
        source_rows: collected.manifest.source_count,
        covers,
        extracted_at: collected.manifest.extracted_at,
        complete: collected.complete,
        read_again,
    }))
}

pub(crate) fn extract_line(
    task: &Task<'_>,
    collected: &Collected,
    covers: Span,
    read_again: Option<ReadAgain>,
) -> ExtractLine {
    ExtractLine {
        source: task.source.id.clone(),
        dataset: task.dataset.id.to_string(),
        first: covers.first,
        last: covers.last,
        rows: collected.manifest.rows,
        source_rows: collected.manifest.source_count,
        incomplete_because: collected.incomplete_because.clone(),
        read_again,
        manifest: collected.manifest_digest,
    }
}
