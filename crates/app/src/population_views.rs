//! Populations and samples as people read them: lists, and the record of information produced by the entity.

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use tickmark_canonical::Digest;
use tickmark_collect::{Connectors, SourceConfig};
use tickmark_domain::{
    FrozenRows, KeysCompared, OneSided, Population, PopulationCheck, PopulationDefinition, PopulationId,
    PopulationStanding, Refusal, ReplacementCause, Sample, SampleId, SecondSource, Side, Source, SourceId, Span, State,
    sampling::spread,
};
use tickmark_report::{
    render_population,
    view::{ExtractRead, KeysView, PopulationCheckView, PopulationView, RowsView, SecondSourceView},
};
use tickmark_vault::Manifest;

use crate::{
    Aim, Error, House, SampleItem, Selection,
    packaging::io_error,
    populations::OneSidedKeys,
    samples::{DrawParameters, recorded_items},
};

/// One line of the list of populations.
#[derive(Debug, Clone, Serialize)]
pub struct PopulationLine {
    /// Its id.
    pub population: String,
    /// The engagement.
    pub engagement: String,
    /// The controls.
    pub controls: Vec<String>,
    /// First and last day.
    pub days: (String, String),
    /// Items.
    pub items: u64,
    /// What management may rest on it.
    pub management: String,
    /// What the firm may rest on it.
    pub firm: String,
    /// Whether it was frozen over days of an earlier one, with a reason.
    pub again: bool,
    /// How many samples were drawn from it.
    pub samples: u64,
}

/// A sample as people read it.
#[derive(Debug, Clone, Serialize)]
pub struct SampleView {
    /// Its id.
    pub sample: String,
    /// The engagement.
    pub engagement: String,
    /// The population.
    pub population: String,
    /// Items of the population.
    pub population_items: u64,
    /// Whose sample it is.
    pub side: Side,
    /// What was asked for.
    pub selection: Selection,
    /// Why so many, and so.
    pub basis: Option<String>,
    /// What it is to support.
    pub aim: Option<Aim>,
    /// The ledger's root right after the freeze.
    pub checkpoint: Digest,
    /// The firm's nonce, opened.
    pub nonce: Option<String>,
    /// Who drew it.
    pub drawn_by: String,
    /// When, as an instant.
    pub drawn_at: String,
    /// Entry that recorded it.
    pub entry: u64,
    /// Why it was drawn once more.
    pub reason: Option<String>,
    /// Its items, or why they cannot be shown.
    pub items: Vec<ItemLine>,
    /// Months and quarters of the days in which no item occurred, though the sample is large enough to reach them.
    pub bare: Vec<Span>,
    /// The second stage.
    pub extension: Option<ExtensionView>,
    /// Items to test: all but those replaced.
    pub items_to_test: u64,
    /// Why it is not to be relied on.
    pub voided: Option<String>,
    /// What its population is not any more, or not yet: a failed check and changed evidence reach what was drawn before.
    pub population_not_checked: Option<String>,
}

/// An item of a sample, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct ItemLine {
    /// The item.
    #[serde(flatten)]
    pub item: SampleItem,
    /// The number of the item that took its place, and why.
    pub replaced: Option<(u64, ReplacementCause)>,
}

/// A second stage of a sample.
#[derive(Debug, Clone, Serialize)]
pub struct ExtensionView {
    /// How many more items.
    pub more: u64,
    /// Deviations that the first stage found.
    pub deviations: u64,
    /// Why.
    pub reason: String,
}

/// One line of the list of samples.
#[derive(Debug, Clone, Serialize)]
pub struct SampleLine {
    /// Its id.
    pub sample: String,
    /// The engagement.
    pub engagement: String,
    /// The population.
    pub population: String,
    /// Whose sample it is.
    pub side: Side,
    /// How items were selected.
    pub method: String,
    /// Items to test.
    pub items: u64,
    /// Items that were replaced.
    pub replaced: u64,
    /// Whether it has a second stage.
    pub extended: bool,
    /// Whether the same side drew from the same population before.
    pub again: bool,
    /// Whether it is not to be relied on.
    pub voided: bool,
    /// Whether its population is found complete and accurate, by what is known now.
    pub population_checked: bool,
}

impl House {
    /// Populations.
    pub fn populations(&self) -> Result<Vec<PopulationLine>, Error> {
        let state = self.state();
        let mut by_entry: Vec<_> = state.populations.iter().collect();
        by_entry.sort_by_key(|(_, population)| population.entry);
        let line = |(id, population): (&PopulationId, &Population)| PopulationLine {
            population: id.to_string(),
            engagement: population.engagement.to_string(),
            controls: population.controls.iter().map(ToString::to_string).collect(),
            days: (population.span.first.to_string(), population.span.last.to_string()),
            items: population.rows.items,
            management: state.population_standing(population, Side::Management).to_string(),
            firm: state.population_standing(population, Side::Firm).to_string(),
            again: population.reason.is_some(),
            samples: state.samples.values().filter(|sample| sample.population == *id).count() as u64,
        };
        Ok(by_entry.into_iter().map(line).collect())
    }

    /// The record of information produced by the entity for a population.
    pub fn population_view(&self, id: &PopulationId) -> Result<PopulationView, Error> {
        let state = self.state();
        let unknown = || Error::from(Refusal::UnknownPopulation(id.clone()));
        let population = state.populations.get(id).ok_or_else(unknown)?;
        let manifest = self.vault.manifest(&population.rows.rows)?;
        let mut controls = Vec::new();
        for control in &population.controls {
            let version = state.controls.get(control).and_then(|control| control.version_for(population.span));
            let title = version.map(|version| self.text(&version.definition.title)).transpose()?;
            controls.push((control.to_string(), title.unwrap_or_default()));
        }
        let definition = match &population.definition {
            PopulationDefinition::Test(test) => format!("those of control test {test} of the catalog"),
            PopulationDefinition::Own(_) => "those of a query of management's own".to_owned(),
        };
        let checks = population.checks.iter().map(|check| self.check_view(state, population, check));
        let beside = state.populations.iter().filter(|(other, beside)| {
            *other != id
                && beside.engagement == population.engagement
                && beside.span.meets(&population.span)
                && (beside.definition == population.definition || !beside.controls.is_disjoint(&population.controls))
        });
        let of_population = state.samples.iter().filter(|(_, sample)| sample.population == *id);
        Ok(PopulationView {
            organization: state.organization.as_ref().map(|o| self.text(&o.name)).transpose()?.unwrap_or_default(),
            engagement: population.engagement.to_string(),
            population: id.to_string(),
            controls,
            definition,
            sql: manifest.request.clone(),
            item: manifest.key.clone(),
            parameters: manifest.parameters.clone(),
            first: population.span.first,
            last: population.span.last,
            rows_stored: manifest.rows,
            rows: self.rows_view(state, &population.rows, &manifest)?,
            frozen_by: self.name_in(state, &population.frozen_by),
            frozen_at: population.frozen_at.to_string(),
            reason: population.reason.map(|reason| self.text(&reason)).transpose()?,
            beside: beside.map(|(other, _)| other.to_string()).collect(),
            catalog: population.catalog.to_string(),
            checks: checks.collect::<Result<_, _>>()?,
            for_management: state.population_standing(population, Side::Management).to_string(),
            for_firm: state.population_standing(population, Side::Firm).to_string(),
            samples: of_population
                .map(|(sample, of)| (sample.to_string(), of.side.to_string(), of.items_to_test()))
                .collect(),
            entry: population.entry,
            ledger_size: self.size(),
        })
    }

    fn check_view(
        &self,
        state: &State,
        population: &Population,
        check: &PopulationCheck,
    ) -> Result<PopulationCheckView, Error> {
        let second = check.second_source.as_ref().map(|second| self.second_view(state, population, second));
        Ok(PopulationCheckView {
            side: check.side.to_string(),
            passed: check.passed,
            by: self.name_in(state, &check.checked_by),
            at: check.checked_at.to_string(),
            note: self.text(&check.note)?,
            second: second.transpose()?,
            explanation: check.explanation.map(|text| self.text(&text)).transpose()?,
            entry: check.entry,
        })
    }

    fn second_view(
        &self,
        state: &State,
        population: &Population,
        second: &SecondSource,
    ) -> Result<SecondSourceView, Error> {
        let manifest = self.vault.manifest(&second.rows.rows)?;
        let difference = population.difference(second);
        Ok(SecondSourceView {
            sql: manifest.request.clone(),
            rows: self.rows_view(state, &second.rows, &manifest)?,
            items_difference: format!("{:+}", difference.items),
            total_difference: difference.control_total.map(|total| total.to_string()),
            keys: difference
                .keys
                .zip(second.keys)
                .map(|(sides, keys)| self.keys_view(state, sides, keys))
                .transpose()?,
        })
    }

    fn keys_view(&self, state: &State, sides: OneSided, keys: KeysCompared) -> Result<KeysView, Error> {
        let kept = keys.one_sided.filter(|object| !state.erasures.contains_key(object));
        let OneSidedKeys { here, there } = kept.map(|object| self.json(&object)).transpose()?.unwrap_or_default();
        let texts = |keys: Vec<Vec<String>>| keys.into_iter().map(|key| key.join(" ")).collect();
        Ok(KeysView {
            both: keys.both,
            only_here: sides.here,
            only_there: sides.there,
            first_here: texts(here),
            first_there: texts(there),
        })
    }

    fn rows_view(&self, state: &State, rows: &FrozenRows, manifest: &Manifest) -> Result<RowsView, Error> {
        let read: Vec<Digest> = self.json(&rows.inputs)?;
        let mut extracts = Vec::new();
        for dataset in &rows.datasets {
            for extract in state.evidence_of(dataset).iter().filter(|extract| read.contains(&extract.manifest)) {
                extracts.push(ExtractRead {
                    dataset: dataset.to_string(),
                    source: extract.source.to_string(),
                    method: self.vault.manifest(&extract.manifest)?.extractor.name,
                    first: extract.covers.first,
                    last: extract.covers.last,
                    rows: extract.rows,
                    source_rows: extract.source_rows,
                    extracted_at: extract.extracted_at.to_string(),
                    manifest: extract.manifest.to_string(),
                });
            }
        }
        let column = manifest.control_totals.first().map(|total| total.column.clone());
        Ok(RowsView {
            sources: rows.sources.iter().map(|id| self.source_in_words(state, id)).collect::<Result<_, _>>()?,
            items: rows.items,
            control_total: column.zip(rows.control_total.map(|total| total.to_string())),
            extracted_at: rows.extracted_at.to_string(),
            extracts,
            query: rows.query.to_string(),
            rows_digest: rows.rows_digest.to_string(),
            manifest: rows.rows.to_string(),
            engine: rows.engine.clone(),
        })
    }

    /// A source with its title and who stands behind it, by the settings approved last.
    fn source_in_words(&self, state: &State, id: &SourceId) -> Result<String, Error> {
        let Some(settings) = state.sources.get(id).and_then(Source::settings) else { return Ok(id.to_string()) };
        let settings = self.text(&settings)?;
        // Settings that only an older version could read still name a source.
        let connectors = Connectors::of(&self.catalog)?;
        let config = SourceConfig::parse(id.as_str(), &settings, Path::new("."), &connectors);
        let Ok(config) = config else { return Ok(id.to_string()) };
        let behind = config.statement.map(|statement| format!("; {} stands behind it", statement.attested_by));
        Ok(format!("{id} ({}{})", config.title, behind.unwrap_or_default()))
    }

    /// Samples.
    pub fn samples(&self) -> Result<Vec<SampleLine>, Error> {
        let state = self.state();
        let mut by_entry: Vec<_> = state.samples.iter().collect();
        by_entry.sort_by_key(|(_, sample)| sample.entry);
        let line = |(id, sample): (&SampleId, &Sample)| SampleLine {
            sample: id.to_string(),
            engagement: sample.engagement.to_string(),
            population: sample.population.to_string(),
            side: sample.side,
            method: sample.method.to_string(),
            items: sample.items_to_test(),
            replaced: sample.last_number() - sample.items_to_test(),
            extended: sample.second_stage().is_some(),
            again: sample.reason.is_some(),
            voided: sample.voided.is_some(),
            population_checked: self.population_not_checked(sample).is_none(),
        };
        Ok(by_entry.into_iter().map(line).collect())
    }

    /// What the population of a sample is for the sample's side, unless it is found complete and accurate.
    fn population_not_checked(&self, sample: &Sample) -> Option<PopulationStanding> {
        let population = self.state().populations.get(&sample.population)?;
        let standing = self.state().population_standing(population, sample.side);
        (standing != PopulationStanding::Checked).then_some(standing)
    }

    /// A sample with its items.
    pub fn sample_view(&self, id: &SampleId) -> Result<SampleView, Error> {
        let state = self.state();
        let sample = state.samples.get(id).ok_or_else(|| Error::from(Refusal::UnknownSample(id.clone())))?;
        let parameters: DrawParameters = self.json(&sample.parameters)?;
        let items = recorded_items(&self.vault, sample)?;
        let extension = match sample.second_stage() {
            Some((more, deviations, reason)) => Some(ExtensionView { more, deviations, reason: self.text(&reason)? }),
            None => None,
        };
        let population = state.populations.get(&sample.population);
        let days: Vec<Date> = items.iter().filter_map(|item| item.on).collect();
        let uneven = population.filter(|_| !days.is_empty()).map(|population| spread(population.span, &days));
        let bare = uneven.map_or_else(Vec::new, |uneven| [uneven.bare_quarters, uneven.bare_months].concat());
        Ok(SampleView {
            sample: id.to_string(),
            engagement: sample.engagement.to_string(),
            population: sample.population.to_string(),
            population_items: population.map_or(0, |population| population.rows.items),
            side: sample.side,
            selection: parameters.selection,
            basis: parameters.basis,
            aim: parameters.aim,
            checkpoint: sample.checkpoint,
            nonce: sample.nonce.map(|nonce| nonce.to_string()),
            drawn_by: self.name_in(state, &sample.drawn_by),
            drawn_at: sample.drawn_at.to_string(),
            entry: sample.entry,
            reason: sample.reason.map(|reason| self.text(&reason)).transpose()?,
            items: items
                .into_iter()
                .map(|item| ItemLine { replaced: sample.replacement_of(item.number), item })
                .collect(),
            bare,
            extension,
            items_to_test: sample.items_to_test(),
            population_not_checked: self.population_not_checked(sample).map(|standing| standing.to_string()),
            voided: sample.voided.map(|(reason, _)| self.text(&reason)).transpose()?,
        })
    }
}

/// Writes the record of a population for paper and tells its number of pages.
pub fn write_population_pdf(view: &PopulationView, path: &Path) -> Result<usize, Error> {
    let rendered = render_population(view)?;
    std::fs::write(path, rendered.pdf).map_err(io_error("write", path))?;
    Ok(rendered.pages)
}
