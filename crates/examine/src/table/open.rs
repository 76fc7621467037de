//! Opening the extracts of a job's datasets, and choosing which rows are the state on the day asked for.
//!
//! - Snapshots: the rows of the newest one true for a day on or before `$on`; the oldest one, named as late, if there is
//!   none. Where each of several sources has rows of its own, of each source.
//! - Events: rows booked on or before `$on`. For a booking day that several extracts cover, the newest one counts: a row
//!   that it no longer has has vanished from the source. Of a key that still stands in several extracts, the newest row
//!   counts.
//!
//! What stands against an extract stands against the state only if the state reads it: one whose days were all read again
//! is of no matter to it.
//!
//! Invariant: a table that is missing, incomplete or broken still has columns, so that its tests are planned and their
//! canaries run; the problem then decides the outcome.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use datafusion::{catalog::TableProvider, datasource::ViewTable, execution::SessionState};
use jiff::{civil::Date, tz::TimeZone};
use parquet::file::statistics::Statistics;
use tickmark_calendar::{Left, days_since_epoch, left_by_newer};
use tickmark_canonical::Digest;
use tickmark_catalog::{ColumnType, Dataset, DatasetKind};
use tickmark_vault::{Manifest, Vault};

use super::{
    ChunkCache, EXTRACT, HISTORY,
    checked_reader::OpenPart,
    keys,
    vault_table::{Extract, VaultTable},
};
use crate::{Error, Job, Late, TableInput, functions, session::Engine};

/// Why a dataset cannot be read as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It is missing, incomplete, stale or erased: the test is not evaluable.
    Evidence(String),
    /// It is corrupt or unreadable: the test is an error.
    Broken(String),
}

/// One dataset, opened.
#[derive(Debug)]
pub(crate) struct OpenTable {
    pub(crate) state: Arc<dyn TableProvider>,
    pub(crate) history: Arc<dyn TableProvider>,
    /// The manifests behind the state, and behind the history.
    pub(crate) state_inputs: Vec<Digest>,
    pub(crate) history_inputs: Vec<Digest>,
    pub(crate) problems: Vec<Problem>,
    /// What besides stands against reading the history.
    pub(crate) history_problems: Vec<Problem>,
    pub(crate) late: Vec<Late>,
    /// Columns of which the source of an extract behind the state has nothing, with that source and the reason.
    pub(crate) cannot_tell: BTreeMap<String, (String, String)>,
}

/// The datasets of a job by id.
#[derive(Debug, Default)]
pub(crate) struct OpenTables(pub(crate) BTreeMap<String, OpenTable>);

impl OpenTables {
    /// Opens the datasets that are `needed`.
    pub(crate) async fn open(
        engine: &Engine,
        job: &Job,
        vault: &Vault,
        cache: &Arc<ChunkCache>,
        needed: impl Fn(&str) -> bool,
    ) -> Result<Self, Error> {
        let zone = functions::zone(&job.zone).map_err(Error::engine("find the organization's time zone"))?;
        let mut opened = BTreeMap::new();
        for table in job.tables.iter().filter(|table| needed(&table.dataset.id)) {
            let opening = Opening { engine, job, vault, cache, zone: &zone, dataset: Arc::new(table.dataset.clone()) };
            opened.insert(table.dataset.id.to_string(), opening.open(table).await?);
        }
        Ok(Self(opened))
    }

    /// The tables of a session: state and history of each dataset.
    pub(crate) fn providers(&self) -> Vec<(String, Arc<dyn TableProvider>)> {
        let mut tables = Vec::new();
        for (name, table) in &self.0 {
            tables.push((name.clone(), Arc::clone(&table.state)));
            tables.push((format!("{name}{HISTORY}"), Arc::clone(&table.history)));
        }
        tables
    }
}

struct Opening<'a> {
    engine: &'a Engine,
    job: &'a Job,
    vault: &'a Vault,
    cache: &'a Arc<ChunkCache>,
    zone: &'a TimeZone,
    dataset: Arc<Dataset>,
}

/// One extract before its choice.
struct Input<'a> {
    digest: Digest,
    manifest: &'a Manifest,
    /// Its number in the order of extraction, from 0.
    number: i64,
    /// The day whose end it shows (snapshots) or on which it was made (events).
    on: Date,
    /// What newer extracts of the same days leave of its days.
    left: Left,
    /// None if they cannot be opened.
    parts: Option<Vec<OpenPart>>,
    /// What stands against reading its rows at all.
    unreadable: Vec<Problem>,
    /// What stands against its rows being all there were.
    incomplete: Vec<Problem>,
}

impl Input<'_> {
    fn extract(&self) -> Option<Extract> {
        Some(Extract { number: self.number, on: days_since_epoch(self.on), parts: self.parts.clone()? })
    }
}

/// The booking days for which each extract answers, as a condition: those that no newer extract of its source covers. Days are looked up and
/// not compared one after the other, since a condition as long as a year of daily extracts overflows the engine's stack.
fn answered_days(booked: &str, inputs: &[&Input<'_>]) -> String {
    let mut newer: BTreeMap<&str, Vec<(Date, Date)>> = BTreeMap::new();
    let mut left: Vec<(i64, Vec<(Date, Date)>)> = Vec::new();
    for input in inputs.iter().rev() {
        let Some(period) = input.manifest.period else {
            left.push((input.number, vec![(Date::constant(1, 1, 1), Date::constant(9999, 12, 31))]));
            continue;
        };
        let days = (period.first, period.last);
        let newer = newer.entry(input.manifest.source.as_str()).or_default();
        left.push((input.number, newer.iter().fold(vec![days], |left, taken| without(&left, *taken))));
        newer.push(days);
    }
    let pieces = left.iter().map(|(_, pieces)| pieces.len()).max().unwrap_or_default();
    let looked_up = |piece: usize, end: fn(&(Date, Date)) -> Date| {
        let cases = left.iter().filter_map(|(number, pieces)| {
            let day = pieces.get(piece).map(end)?;
            Some(format!(" WHEN {number} THEN DATE '{day}'"))
        });
        format!("CASE {EXTRACT}{} END", cases.collect::<String>())
    };
    let of_piece = |piece| {
        let (first, last) = (looked_up(piece, |days| days.0), looked_up(piece, |days| days.1));
        format!("{} BETWEEN {first} AND {last}", quoted(booked))
    };
    if pieces == 0 { "false".to_owned() } else { (0..pieces).map(of_piece).collect::<Vec<_>>().join(" OR ") }
}

/// What is left of stretches of days without those taken.
fn without(left: &[(Date, Date)], taken: (Date, Date)) -> Vec<(Date, Date)> {
    let pieces = left.iter().flat_map(|(first, last)| {
        let before = taken.0.yesterday().ok().map(|until| (*first, until.min(*last)));
        let after = taken.1.tomorrow().ok().map(|from| (from.max(*first), *last));
        [before, after].into_iter().flatten()
    });
    pieces.filter(|(first, last)| first <= last).collect()
}

impl Opening<'_> {
    async fn open(&self, table: &TableInput) -> Result<OpenTable, Error> {
        let inputs = self.inputs(table);
        let readable = || inputs.iter().filter(|input| input.parts.is_some());
        let mut opened = OpenTable {
            state: Arc::new(self.table(Vec::new(), false)),
            history: Arc::new(self.table(inputs.iter().filter_map(Input::extract).collect(), true)),
            state_inputs: Vec::new(),
            history_inputs: readable().map(|input| input.digest).collect(),
            problems: table.incomplete.iter().cloned().map(Problem::Evidence).collect(),
            history_problems: Vec::new(),
            late: Vec::new(),
            cannot_tell: BTreeMap::new(),
        };
        if inputs.is_empty() {
            opened.problems.push(Problem::Evidence(format!("no extract of `{}` was collected", self.dataset.id)));
        }
        let chosen: Vec<&Input<'_>> = match self.dataset.kind {
            DatasetKind::Snapshot => {
                self.by_source(&inputs).iter().filter_map(|of_source| self.newest_snapshot(of_source)).collect()
            }
            DatasetKind::Events => inputs.iter().filter(|input| input.left != Left::Nothing).collect(),
        };
        let reads: BTreeSet<i64> = chosen.iter().map(|input| input.number).collect();
        for input in &inputs {
            if reads.contains(&input.number) {
                opened.problems.extend(input.unreadable.iter().chain(&input.incomplete).cloned());
                continue;
            }
            // The history reads it too. What it lacks, a newer one of the same days has: with that one alone the history
            // would be whole.
            opened.history_problems.extend(input.unreadable.iter().cloned());
            if input.left != Left::Nothing {
                opened.history_problems.extend(input.incomplete.iter().cloned());
            }
        }
        opened.state_inputs = chosen.iter().filter(|input| input.parts.is_some()).map(|input| input.digest).collect();
        let cannot_tell = chosen.iter().flat_map(|input| {
            let source = input.manifest.source.clone();
            input.manifest.cannot_tell().map(move |(column, why)| (column, (source.clone(), why)))
        });
        opened.cannot_tell = cannot_tell.collect();
        opened.late = chosen.iter().filter(|input| self.is_late(input)).map(|input| self.late(input)).collect();
        match self.dataset.kind {
            DatasetKind::Snapshot => {
                let of_sources = self.by_source(&inputs);
                let unobserved = of_sources.iter().filter_map(|of_source| self.unobserved(of_source));
                opened.history_problems.extend(unobserved.map(Problem::Evidence));
                opened.problems.extend(chosen.iter().filter_map(|input| self.stale(input)).map(Problem::Evidence));
                opened.problems.extend(self.shared_key(&chosen)?.map(Problem::Evidence));
                opened.state = Arc::new(self.table(chosen.iter().filter_map(|input| input.extract()).collect(), false));
            }
            DatasetKind::Events => {
                let of_sources = self.by_source(chosen.iter().copied());
                opened.problems.extend(of_sources.iter().filter_map(|of| self.gaps(of)).map(Problem::Evidence));
                opened.problems.extend(self.shared_key(&chosen)?.map(Problem::Evidence));
                // With a problem nothing is asked of the rows.
                if opened.problems.is_empty() {
                    opened.state = self.newest_events(&chosen).await?;
                }
            }
        }
        Ok(opened)
    }

    /// The extracts in the order of extraction.
    fn inputs<'a>(&self, table: &'a TableInput) -> Vec<Input<'a>> {
        let mut inputs: Vec<Input<'a>> = table
            .manifests
            .iter()
            .map(|(digest, manifest)| {
                let mut unreadable = self.cannot_be_read(manifest);
                let said = table.incomplete_extracts.iter().filter(|(extract, _)| extract == digest);
                let mut incomplete: Vec<Problem> = said.map(|(_, why)| Problem::Evidence(why.clone())).collect();
                incomplete.extend(self.differs_from_its_source(manifest));
                let is_of_this_table = unreadable.is_empty();
                let parts =
                    is_of_this_table.then(|| self.parts(manifest).map_err(|problem| unreadable.push(problem)).ok());
                let parts = parts.flatten();
                let on = self.day_of(manifest);
                Input { digest: *digest, manifest, number: 0, on, left: Left::Whole, parts, unreadable, incomplete }
            })
            .collect();
        inputs.sort_by_key(|input| (input.manifest.extracted_at, input.on, input.digest));
        let mut by_source: BTreeMap<&str, Vec<&mut Input<'a>>> = BTreeMap::new();
        for (number, input) in inputs.iter_mut().enumerate() {
            input.number = i64::try_from(number).unwrap_or(i64::MAX);
            by_source.entry(input.manifest.source.as_str()).or_default().push(input);
        }
        for of_source in by_source.into_values() {
            let days: Option<Vec<(Date, Date)>> = of_source.iter().map(|input| self.days(input)).collect();
            // If one does not say which days it covers, none is known to be read again.
            let left = days.map_or_else(|| vec![Left::Whole; of_source.len()], |days| left_by_newer(&days));
            of_source.into_iter().zip(left).for_each(|(input, left)| input.left = left);
        }
        inputs
    }

    /// The extracts of each source, where each has rows of its own; else all together, since one source takes over from another.
    fn by_source<'i, 'a: 'i>(&self, inputs: impl IntoIterator<Item = &'i Input<'a>>) -> Vec<Vec<&'i Input<'a>>> {
        let mut by_source: BTreeMap<Option<&str>, Vec<&Input<'a>>> = BTreeMap::new();
        for input in inputs {
            let source = self.dataset.several_sources.then_some(input.manifest.source.as_str());
            by_source.entry(source).or_default().push(input);
        }
        by_source.into_values().collect()
    }

    /// That rows of two sources have one key: nobody could say which of them an item is.
    fn shared_key(&self, chosen: &[&Input<'_>]) -> Result<Option<String>, Error> {
        let of_sources = self.by_source(chosen.iter().copied().filter(|input| input.parts.is_some()));
        if of_sources.len() < 2 {
            return Ok(None);
        }
        let manifests: Vec<Vec<&Manifest>> =
            of_sources.iter().map(|of| of.iter().map(|input| input.manifest).collect()).collect();
        let sources: Vec<String> =
            manifests.iter().filter_map(|of| Some(format!("`{}`", of.first()?.source))).collect();
        Ok(keys::shared(self.vault, &manifests, &self.dataset.key)?.then(|| {
            format!(
                "rows of the sources {} have one {} in `{}`: it has to be another in each",
                sources.join(", "),
                self.dataset.key.join(" and "),
                self.dataset.id
            )
        }))
    }

    fn days(&self, input: &Input<'_>) -> Option<(Date, Date)> {
        match self.dataset.kind {
            DatasetKind::Snapshot => Some((input.on, input.on)),
            DatasetKind::Events => input.manifest.period.map(|period| (period.first, period.last)),
        }
    }

    fn table(&self, extracts: Vec<Extract>, numbered: bool) -> VaultTable {
        VaultTable::new(Arc::clone(&self.dataset), extracts, numbered, Arc::clone(self.cache))
    }

    fn day_of(&self, manifest: &Manifest) -> Date {
        match (self.dataset.kind, manifest.effective_on) {
            (DatasetKind::Snapshot, Some(on)) => on,
            (DatasetKind::Snapshot, None) | (DatasetKind::Events, _) => {
                manifest.extracted_at.to_zoned(self.zone.clone()).date()
            }
        }
    }

    fn parts(&self, manifest: &Manifest) -> Result<Vec<OpenPart>, Problem> {
        (0..manifest.parts.len())
            .map(|index| match self.vault.open_part(manifest, index) {
                Ok(part) => Ok(OpenPart::new(part)),
                Err(tickmark_vault::Error::Erased { erased_at, reason, .. }) => Err(Problem::Evidence(format!(
                    "an extract of `{}` was erased on {} under: {reason}",
                    self.dataset.id,
                    erased_at.to_zoned(self.zone.clone()).date()
                ))),
                Err(error) => Err(Problem::Broken(
                    Error::vault(format!("open an extract of `{}`", self.dataset.id))(error).with_causes(),
                )),
            })
            .collect()
    }

    /// What a manifest itself says against reading its rows.
    fn cannot_be_read(&self, manifest: &Manifest) -> Vec<Problem> {
        let id = &self.dataset.id;
        let declared: Vec<(&str, String)> =
            self.dataset.columns.iter().map(|column| (column.name.as_str(), column.kind.to_string())).collect();
        let stored: Vec<(&str, String)> =
            manifest.columns.iter().map(|column| (column.name.as_str(), column.kind.to_string())).collect();
        if manifest.dataset != id.as_str() {
            vec![Problem::Broken(format!("an extract of `{}` was given for `{id}`", manifest.dataset))]
        } else if declared != stored {
            vec![Problem::Evidence(format!("an extract of `{id}` has other columns than are declared now"))]
        } else {
            Vec::new()
        }
    }

    /// What a manifest itself says against its rows being all of them.
    fn differs_from_its_source(&self, manifest: &Manifest) -> Vec<Problem> {
        let id = &self.dataset.id;
        let mut found = Vec::new();
        if manifest.count_agrees() == Some(false) {
            let source = manifest.source_count.unwrap_or_default();
            let what = format!("an extract of `{id}` has {} rows, its source counted {source}", manifest.rows);
            found.push(Problem::Evidence(what));
        }
        for total in manifest.control_totals.iter().filter(|total| total.agrees() == Some(false)) {
            found.push(Problem::Evidence(format!(
                "an extract of `{id}` sums `{}` to {}, its source to {}",
                total.column,
                total.stored,
                total.source.as_deref().unwrap_or_default()
            )));
        }
        found
    }

    /// Whether an extract is true for a day after the day asked for, or was made later than it had to be: how a day ended can be
    /// read on the day after it.
    fn is_late(&self, input: &Input<'_>) -> bool {
        let made_on = input.manifest.extracted_at.to_zoned(self.zone.clone()).date();
        made_on.yesterday().is_ok_and(|over| over > self.job.on) || input.on > self.job.on
    }

    fn late(&self, input: &Input<'_>) -> Late {
        Late {
            dataset: self.dataset.id.to_string(),
            manifest: input.digest,
            known_since: input.manifest.extracted_at,
            effective_on: input.manifest.effective_on,
        }
    }

    /// The newest snapshot true for a day up to the day asked for; the oldest if there is none.
    fn newest_snapshot<'i, 'a>(&self, inputs: &[&'i Input<'a>]) -> Option<&'i Input<'a>> {
        // Of several snapshots of one day the one extracted last counts.
        let counting = || inputs.iter().copied().filter(|input| input.left != Left::Nothing);
        let up_to_then = counting().filter(|input| input.on <= self.job.on);
        up_to_then.max_by_key(|input| input.on).or_else(|| counting().min_by_key(|input| input.on))
    }

    /// The dataset, and where several sources deliver it, whose an extract is.
    fn named(&self, input: &Input<'_>) -> String {
        match self.dataset.several_sources {
            true => format!("`{}` from `{}`", self.dataset.id, input.manifest.source),
            false => format!("`{}`", self.dataset.id),
        }
    }

    /// Why a snapshot is too old for the day asked for, if it is.
    fn stale(&self, input: &Input<'_>) -> Option<String> {
        let most = self.dataset.stale_after_days?;
        let is_stale =
            days_since_epoch(self.job.on) - days_since_epoch(input.on) > i32::try_from(most).unwrap_or(i32::MAX);
        is_stale.then(|| {
            format!(
                "the newest snapshot of {} is of {}, more than {most} days before {}",
                self.named(input),
                input.on,
                self.job.on
            )
        })
    }

    /// Days of the period, up to the day asked for, that stand further from the snapshot before them than the dataset allows.
    ///
    /// A history read without this would be silent about what stood in a snapshot that is missing.
    fn unobserved(&self, inputs: &[&Input<'_>]) -> Option<String> {
        let id = inputs.first().map_or_else(|| format!("`{}`", self.dataset.id), |input| self.named(input));
        let Some(most) = self.dataset.stale_after_days else {
            return Some(format!("{id} does not say how old a snapshot may be, so its history proves no period"));
        };
        let (first, last) = (self.job.period_start, self.job.period_end.min(self.job.on));
        let mut days: Vec<Date> = inputs.iter().map(|input| input.on).filter(|on| *on <= last).collect();
        days.sort();
        let before = days.partition_point(|on| *on < first);
        // Each day from the one before the period on is answered for by the snapshot before it.
        let newest_before = days.iter().take(before).next_back().copied();
        let mut seen = newest_before.unwrap_or_else(|| first.yesterday().unwrap_or(first));
        for next in days.iter().skip(before).copied().chain([last]) {
            let apart = days_since_epoch(next) - days_since_epoch(seen);
            if apart > i32::try_from(most).unwrap_or(i32::MAX) {
                return Some(format!("no snapshot of {id} between {seen} and {next}, more than {most} days apart"));
            }
            seen = next;
        }
        None
    }

    /// The rows of the newest extract for each booking day and each key.
    async fn newest_events(&self, inputs: &[&Input<'_>]) -> Result<Arc<dyn TableProvider>, Error> {
        let booked = self.dataset.booked.as_deref().unwrap_or_default();
        let extracts: Vec<Extract> = inputs.iter().filter_map(|input| input.extract()).collect();
        let all_booked_by = extracts.iter().all(|extract| self.is_booked_by(&extract.parts, booked));
        let overlap = overlapping(inputs);
        let keys_apart = !overlap && (extracts.len() < 2 || self.keys_apart(inputs)?);
        if keys_apart && all_booked_by {
            return Ok(Arc::new(self.table(extracts, false)));
        }
        let sql = if keys_apart { self.booked_sql(booked) } else { self.newest_sql(booked, inputs, overlap) };
        let raw: Arc<dyn TableProvider> = Arc::new(self.table(extracts, !keys_apart));
        let session = self.engine.session([("raw".to_owned(), raw)], 1)?;
        Ok(Arc::new(view(&session, &self.dataset, &sql).await?))
    }

    /// The rows booked on or before the day asked for.
    fn booked_sql(&self, booked: &str) -> String {
        format!("SELECT {} FROM raw WHERE {} <= DATE '{}'", self.columns(), quoted(booked), self.job.on)
    }

    /// The same, of the newest extract for each booking day and each key.
    fn newest_sql(&self, booked: &str, inputs: &[&Input<'_>], overlap: bool) -> String {
        let answered = if overlap { format!(" AND ({})", answered_days(booked, inputs)) } else { String::new() };
        let columns = self.columns();
        let key: Vec<String> = self.dataset.key.iter().map(|name| quoted(name)).collect();
        format!(
            "SELECT {columns} FROM (SELECT {columns}, row_number() OVER (PARTITION BY {} ORDER BY {EXTRACT} DESC) AS _newest \
             FROM raw WHERE true{answered}) AS ranked WHERE _newest = 1 AND {} <= DATE '{}'",
            key.join(", "),
            quoted(booked),
            self.job.on
        )
    }

    fn columns(&self) -> String {
        let names: Vec<String> = self.dataset.columns.iter().map(|column| quoted(&column.name)).collect();
        names.join(", ")
    }

    /// Days of the period, up to the day asked for, that no extract covers.
    fn gaps(&self, inputs: &[&Input<'_>]) -> Option<String> {
        if inputs.is_empty() {
            return None;
        }
        let last = self.job.period_end.min(self.job.on);
        let mut windows: Vec<(Date, Date)> =
            inputs.iter().filter_map(|input| input.manifest.period).map(|period| (period.first, period.last)).collect();
        windows.sort();
        let mut next = self.job.period_start;
        for (from, to) in windows {
            if from > next {
                break;
            }
            if to >= next {
                next = to.tomorrow().unwrap_or(to);
            }
        }
        let of = self.named(inputs.first()?);
        (next <= last)
            .then(|| format!("no extract of {of} covers {next} (needed: {} to {last})", self.job.period_start))
    }

    /// Whether the checked footers say that every row was booked by the day asked for.
    fn is_booked_by(&self, parts: &[OpenPart], booked: &str) -> bool {
        let Some(column) = self.dataset.columns.iter().position(|column| column.name == booked) else { return false };
        let on = days_since_epoch(self.job.on);
        parts.iter().flat_map(|part| part.reader().metadata().row_groups()).all(|group| {
            let statistics = group.columns().get(column).and_then(|chunk| chunk.statistics());
            let Some(Statistics::Int32(days)) = statistics else { return false };
            days.max_opt().is_some_and(|last| *last <= on) && days.null_count_opt() == Some(0)
        })
    }

    /// Whether no key stands in two extracts.
    fn keys_apart(&self, inputs: &[&Input<'_>]) -> Result<bool, Error> {
        // Windows that do not overlap keep rows apart by their booking day, and so keys that hold it; and no two sources share one.
        if self.dataset.booked.as_ref().is_some_and(|booked| self.dataset.key.contains(booked)) {
            return Ok(true);
        }
        let first = self.dataset.key.first();
        let column = self
            .dataset
            .columns
            .iter()
            .position(|column| Some(&column.name) == first && column.kind == ColumnType::Text);
        let parts: Vec<Vec<OpenPart>> = inputs.iter().filter_map(|input| input.parts.clone()).collect();
        if column.is_some_and(|column| keys::ranges_apart(&parts, column)) {
            return Ok(true);
        }
        let manifests: Vec<&Manifest> = inputs.iter().map(|input| input.manifest).collect();
        Ok(!keys::repeat(self.vault, &manifests, &self.dataset.key)?)
    }
}

/// Whether two extracts of one source cover one booking day, or one does not say what it covers.
fn overlapping(inputs: &[&Input<'_>]) -> bool {
    let mut windows = Vec::new();
    for input in inputs {
        match input.manifest.period {
            Some(period) => windows.push((input.manifest.source.as_str(), period.first, period.last)),
            None => return inputs.len() > 1,
        }
    }
    windows.sort();
    windows.windows(2).any(|pair| matches!(pair, [(one, _, last), (other, first, _)] if one == other && first <= last))
}

/// A table whose rows are a query over another.
async fn view(session: &SessionState, dataset: &Dataset, sql: &str) -> Result<ViewTable, Error> {
    let plan = session
        .create_logical_plan(sql)
        .await
        .map_err(Error::engine(format!("choose the rows of `{}`", dataset.id)))?;
    Ok(ViewTable::new(plan, None))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
