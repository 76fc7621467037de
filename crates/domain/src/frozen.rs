//! What a closing freezes of an engagement: six parts, each a list of items with what is frozen of them, and one digest a part.
//!
//! Everything here follows from the facts that a package discloses, so that whoever holds one computes the same digests.
//!
//! Invariant: nothing of the firm's is in it: its tests, its populations and samples are its own, and no closing of
//! management's speaks of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tickmark_canonical::Digest;

use crate::{
    CatalogIndex, Control, ControlFigures, ControlVersion, DatasetId, Engagement, EngagementFigures, EngagementId,
    Exception, Population, Refusal, ReportType, Sample, Side, Span, State, TestFigures,
};

/// One of the parts that a closing freezes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrozenPart {
    /// What controls, control objectives and the system description say.
    Wording,
    /// Which controls serve which criteria and control objectives, against which risks, and which control tests are about them.
    Mapping,
    /// The days, what is in scope, and what is not relevant.
    Scope,
    /// The populations that management froze, their checks, and the samples that it drew.
    Populations,
    /// What control tests and management tests found, what evidence they read, and what people concluded.
    Results,
    /// Exceptions, where each stands, and what management says of it.
    Exceptions,
}

impl FrozenPart {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Wording, Self::Mapping, Self::Scope, Self::Populations, Self::Results, Self::Exceptions];

    /// As people write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Wording => "wording",
            Self::Mapping => "mapping",
            Self::Scope => "scope",
            Self::Populations => "populations",
            Self::Results => "results",
            Self::Exceptions => "exceptions",
        }
    }
}

/// What is frozen of an item, by name: digests, dates, counts and words. What an item does not have is left out.
pub type FrozenItem = BTreeMap<String, String>;

/// Everything that a closing freezes: part → item → what is frozen of it. Every part is there, if only without items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Frozen(BTreeMap<FrozenPart, BTreeMap<String, FrozenItem>>);

impl Frozen {
    /// A digest for each part: that of its canonical JSON (RFC 8785), an object of items, each an object of texts.
    pub fn digests(&self) -> BTreeMap<FrozenPart, Digest> {
        FrozenPart::ALL.into_iter().map(|part| (part, self.digest(part))).collect()
    }

    /// Maps are sorted, and names are ASCII or ids, so that what serde_json writes of these objects of texts is canonical.
    fn digest(&self, part: FrozenPart) -> Digest {
        let object = |item: &FrozenItem| {
            let texts = item.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str())));
            Value::Object(texts.collect())
        };
        let items = self.items(part).map(|(id, item)| (id.clone(), object(item)));
        Digest::of(Value::Object(items.collect()).to_string().as_bytes())
    }

    /// The items of a part.
    pub fn items(&self, part: FrozenPart) -> impl Iterator<Item = (&String, &FrozenItem)> {
        self.0.get(&part).into_iter().flatten()
    }

    /// What is otherwise than it was `before`, by part and item.
    pub fn changes_since(&self, before: &Self) -> Vec<FrozenChange> {
        let mut changes = Vec::new();
        for part in FrozenPart::ALL {
            let (then, now): (BTreeMap<_, _>, BTreeMap<_, _>) =
                (before.items(part).collect(), self.items(part).collect());
            let items: BTreeSet<&&String> = then.keys().chain(now.keys()).collect();
            for item in items {
                let kind = match (then.contains_key(*item), now.contains_key(*item)) {
                    (false, _) => FrozenChangeKind::New,
                    (true, false) => FrozenChangeKind::Gone,
                    (true, true) => FrozenChangeKind::Changed,
                };
                let fields = changed_fields(then.get(*item).copied(), now.get(*item).copied());
                if !fields.is_empty() {
                    changes.push(FrozenChange { part, item: (**item).clone(), kind, fields });
                }
            }
        }
        changes
    }
}

/// What of an item is otherwise.
fn changed_fields(before: Option<&FrozenItem>, after: Option<&FrozenItem>) -> Vec<ChangedField> {
    let names: BTreeSet<&String> = before.into_iter().chain(after).flat_map(BTreeMap::keys).collect();
    let of = |item: Option<&FrozenItem>, name: &String| item.and_then(|item| item.get(name)).cloned();
    let both = names.into_iter().map(|name| ChangedField {
        name: name.clone(),
        before: of(before, name),
        after: of(after, name),
    });
    both.filter(|field| field.before != field.after).collect()
}

/// How an item of a frozen part changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrozenChangeKind {
    /// It was not there.
    New,
    /// It is there otherwise.
    Changed,
    /// It is there no more.
    Gone,
}

/// An item of a frozen part that is otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenChange {
    /// The part.
    pub part: FrozenPart,
    /// The item.
    pub item: String,
    /// Whether it is new, changed or gone.
    pub kind: FrozenChangeKind,
    /// What of it is otherwise.
    pub fields: Vec<ChangedField>,
}

/// Something of an item that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedField {
    /// What.
    pub name: String,
    /// What it was; none if it was not there.
    pub before: Option<String>,
    /// What it is; none if it is not there.
    pub after: Option<String>,
}

/// A text as a line has room for it: a digest by its first digits.
fn shortened(text: Option<&String>) -> String {
    match text.map(|text| (text, text.parse::<Digest>())) {
        None => "none".to_owned(),
        Some((_, Ok(digest))) => digest.short(),
        Some((text, Err(_))) => text.clone(),
    }
}

impl fmt::Display for ChangedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.name, shortened(self.before.as_ref()), shortened(self.after.as_ref()))
    }
}

impl fmt::Display for FrozenChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |texts: Vec<String>| texts.join("; ");
        match self.kind {
            FrozenChangeKind::Gone => write!(f, "{} is there no more", self.item),
            FrozenChangeKind::New => {
                let is_text =
                    |field: &&ChangedField| field.after.as_ref().is_some_and(|text| text.parse::<Digest>().is_err());
                let texts = self.fields.iter().filter(is_text);
                let texts = texts.map(|field| format!("{} {}", field.name, shortened(field.after.as_ref())));
                write!(f, "{} is new: {}", self.item, joined(texts.collect()))
            }
            FrozenChangeKind::Changed => {
                write!(f, "{}: {}", self.item, joined(self.fields.iter().map(ToString::to_string).collect()))
            }
        }
    }
}

/// An item of these fields; what is empty is left out.
fn item<const N: usize>(fields: [(&str, String); N]) -> FrozenItem {
    let given = fields.into_iter().filter(|(_, text)| !text.is_empty());
    given.map(|(name, text)| (name.to_owned(), text)).collect()
}

fn text<T: ToString>(given: Option<T>) -> String {
    given.map(|given| given.to_string()).unwrap_or_default()
}

fn list<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" ")
}

/// A count; none where it is zero, so that the item that has nothing of a kind does not say so.
fn counted(count: u64) -> String {
    text((count > 0).then_some(count))
}

fn yes(is: bool) -> String {
    text(is.then_some("yes"))
}

impl State {
    /// What a closing of an engagement would freeze now.
    pub fn frozen(&self, catalog: &CatalogIndex, id: &EngagementId) -> Result<Frozen, Refusal> {
        let engagement = self.engagement(id)?;
        let figures = self.figures(catalog, id)?;
        Ok(Frozen(BTreeMap::from([
            (FrozenPart::Wording, self.frozen_wording(engagement, &figures)),
            (FrozenPart::Mapping, self.frozen_mapping(catalog, engagement, &figures)),
            (FrozenPart::Scope, self.frozen_scope(engagement)),
            (FrozenPart::Populations, self.frozen_populations(id)),
            (FrozenPart::Results, self.frozen_results(&figures)),
            (FrozenPart::Exceptions, self.frozen_exceptions(&figures)),
        ])))
    }

    /// The controls that the report states, each with the version that it states.
    fn stated<'a>(
        &'a self,
        figures: &'a EngagementFigures,
    ) -> impl Iterator<Item = (String, &'a Control, &'a ControlVersion)> {
        figures.controls.keys().filter_map(|id| {
            let control = self.controls.get(id)?;
            Some((format!("control {id}"), control, control.version_for(figures.span)?))
        })
    }

    /// What the catalog in force says is wording too: documents print its criteria, objectives and control tests.
    fn frozen_wording(&self, engagement: &Engagement, figures: &EngagementFigures) -> BTreeMap<String, FrozenItem> {
        let mut items: BTreeMap<String, FrozenItem> =
            self.stated(figures).map(|(name, control, stated)| (name, worded(control, stated, figures.span))).collect();
        for id in &engagement.objectives {
            let Some(own) = self.objectives.get(id) else { continue };
            let worded = item([
                ("title", own.definition.title.to_string()),
                ("statement", own.definition.statement.to_string()),
                ("recorded in entry", own.entry.to_string()),
            ]);
            items.insert(format!("control objective {id}"), worded);
        }
        if let Some(description) = &engagement.description {
            items.insert("system description".to_owned(), item([("text", description.text.to_string())]));
        }
        if let Some(in_force) = self.catalog_in_force() {
            items.insert("catalog".to_owned(), item([("in force", in_force.catalog.to_string())]));
        }
        items
    }

    fn frozen_mapping(
        &self,
        catalog: &CatalogIndex,
        engagement: &Engagement,
        figures: &EngagementFigures,
    ) -> BTreeMap<String, FrozenItem> {
        let mut items: BTreeMap<String, FrozenItem> = BTreeMap::new();
        for (name, _, stated) in self.stated(figures) {
            let serves = item([
                ("criteria", list(&stated.definition.criteria)),
                ("control objectives", list(&stated.definition.objectives)),
                ("risks", list(&stated.definition.risks)),
            ]);
            items.insert(name, serves);
        }
        for (id, test) in &figures.tests {
            let sql = catalog.tests.get(id).map(|rule| rule.sql);
            items.insert(format!("control test {id}"), item([("controls", list(&test.controls)), ("SQL", text(sql))]));
        }
        for id in &engagement.objectives {
            let Some(own) = self.objectives.get(id) else { continue };
            let assertions = own.definition.assertions.iter().map(|assertion| assertion.label());
            let bears_on = item([
                ("criteria", list(&own.definition.criteria)),
                ("financial statement assertions", assertions.collect::<Vec<_>>().join(", ")),
            ]);
            items.insert(format!("control objective {id}"), bears_on);
        }
        items
    }

    fn frozen_scope(&self, engagement: &Engagement) -> BTreeMap<String, FrozenItem> {
        let span = engagement.report_type.span();
        let report_type = match engagement.report_type {
            ReportType::Type1 { .. } => "Type 1",
            ReportType::Type2(_) => "Type 2",
        };
        let opened = item([
            ("report", engagement.report.shown().to_owned()),
            ("type", report_type.to_owned()),
            ("first day", span.first.to_string()),
            ("last day", span.last.to_string()),
            ("system", engagement.system.to_string()),
            ("control objectives", list(&engagement.objectives)),
            ("categories", list(&engagement.categories)),
            ("security left out", text(engagement.without_security)),
        ]);
        let mut items = BTreeMap::from([("engagement".to_owned(), opened)]);
        for (criterion, (reason, _)) in &engagement.not_relevant {
            items.insert(format!("criterion {criterion}, not relevant"), item([("reason", reason.to_string())]));
        }
        for (id, version) in self.scope_on(span.last) {
            let described = item([
                ("kind", version.item.facts.kind().to_owned()),
                ("name", version.item.name.to_string()),
                ("text", version.item.text.to_string()),
                ("since", version.effective_on.to_string()),
                ("recorded in entry", version.entry.to_string()),
            ]);
            items.insert(format!("scope item {id}"), described);
        }
        items
    }

    fn frozen_populations(&self, id: &EngagementId) -> BTreeMap<String, FrozenItem> {
        let populations = self.populations.iter().filter(|(_, of)| of.engagement == *id);
        let samples = self.samples.iter().filter(|(_, of)| of.engagement == *id && of.side == Side::Management);
        let populations = populations.map(|(id, of)| (format!("population {id}"), frozen_population(of)));
        populations.chain(samples.map(|(id, of)| (format!("sample {id}"), frozen_sample(of)))).collect()
    }

    fn frozen_results(&self, figures: &EngagementFigures) -> BTreeMap<String, FrozenItem> {
        let mut items: BTreeMap<String, FrozenItem> = BTreeMap::new();
        for (id, test) in &figures.tests {
            items.insert(format!("control test {id}"), frozen_result(test));
            for dataset in test.inputs.keys() {
                items.insert(format!("evidence of {dataset}"), self.frozen_evidence(dataset, figures.span));
            }
        }
        for (id, control) in &figures.controls {
            let records = self.performed_of(id).iter().filter(|record| record.window.meets(&figures.span));
            let (withdrawn, standing): (Vec<_>, Vec<_>) = records.partition(|record| record.is_withdrawn());
            let performed = (standing.len() as u64, withdrawn.len() as u64);
            items.insert(format!("control {id}"), frozen_findings(control, performed));
            for (id, test) in &control.management_tests {
                let found = item([
                    ("items", test.items.to_string()),
                    ("exceptions", test.exceptions.to_string()),
                    ("reviewed", yes(test.reviewed)),
                    ("recorded in entry", test.entry.to_string()),
                ]);
                items.insert(format!("management test {id}"), found);
            }
        }
        // A control that nothing was found of says nothing.
        items.retain(|_, item| !item.is_empty());
        items
    }

    /// What the extracts of a dataset hold of some days. Days that were read again with the same rows change nothing of it, nor does
    /// what is collected of later days.
    fn frozen_evidence(&self, dataset: &DatasetId, span: Span) -> FrozenItem {
        let counting = self.counting_extracts(dataset, span.first);
        let of_days = || counting.extracts.iter().filter(|extract| extract.covers.first <= span.last);
        let rows: u64 = of_days().map(|extract| extract.rows).sum();
        let source_rows: u64 = of_days().filter_map(|extract| extract.source_rows).sum();
        item([
            ("extracts", of_days().count().to_string()),
            ("rows", rows.to_string()),
            ("rows by the source's count", source_rows.to_string()),
            (
                "incomplete extracts",
                counted(of_days().filter(|extract| !self.is_whole(dataset, extract)).count() as u64),
            ),
        ])
    }

    fn frozen_exceptions(&self, figures: &EngagementFigures) -> BTreeMap<String, FrozenItem> {
        let raised = figures.raised().filter_map(|(id, _)| Some((id, self.exceptions.get(id)?)));
        raised.map(|(id, exception)| (format!("exception {id}"), frozen_exception(exception))).collect()
    }
}

/// What a control says as it is stated, and which statements it had on earlier days of the period.
fn worded(control: &Control, stated: &ControlVersion, span: Span) -> FrozenItem {
    let number = control.versions.iter().position(|version| version.entry == stated.entry).map(|at| at + 1);
    let earlier =
        control.versions_within(span).map(|(version, _)| version).filter(|version| version.entry != stated.entry);
    let definition = &stated.definition;
    item([
        ("version", text(number)),
        ("since", stated.effective_on.to_string()),
        ("title", definition.title.to_string()),
        ("statement", definition.statement.to_string()),
        ("earlier statements of the period", list(earlier.map(|version| version.definition.statement.short()))),
        ("evidence", definition.evidence.to_string()),
        ("owner", stated.owner.to_string()),
        ("performed by", definition.owner_role.to_string()),
        ("frequency", definition.frequency.label().to_owned()),
        ("nature", definition.nature.label().to_owned()),
        ("automation", definition.automation.label().to_owned()),
        ("key control", yes(definition.is_key)),
        ("ended on", text(control.ended_within(span))),
    ])
}

/// Management's checks of it; the firm's are its own.
fn frozen_population(population: &Population) -> FrozenItem {
    let of_management = population.checks.iter().filter(|check| check.side == Side::Management);
    let checks = of_management
        .map(|check| format!("{} in entry {}", if check.passed { "passed" } else { "failed" }, check.entry));
    item([
        ("controls", list(&population.controls)),
        ("first day", population.span.first.to_string()),
        ("last day", population.span.last.to_string()),
        ("items", population.rows.items.to_string()),
        ("query", population.rows.query.to_string()),
        ("rows", population.rows.rows_digest.to_string()),
        ("frozen in entry", population.entry.to_string()),
        ("checks", checks.collect::<Vec<_>>().join(", ")),
    ])
}

fn frozen_sample(sample: &Sample) -> FrozenItem {
    item([
        ("population", sample.population.to_string()),
        ("size", sample.size.to_string()),
        ("items", sample.items.to_string()),
        ("items added", counted(sample.additions.iter().map(crate::SampleAddition::items).sum())),
        ("drawn in entry", sample.entry.to_string()),
        ("void since entry", text(sample.voided.map(|(_, entry)| entry))),
    ])
}

fn frozen_result(test: &TestFigures) -> FrozenItem {
    item([
        ("outcome", test.outcome.map_or_else(|| "not run".to_owned(), |outcome| outcome.to_string())),
        ("population", test.entry.map(|_| test.population).map_or_else(String::new, |items| items.to_string())),
        ("population rows", text(test.population_digest)),
        ("exceptions", test.entry.map(|_| test.exceptions).map_or_else(String::new, |items| items.to_string())),
        ("exception rows", text(test.rows_digest)),
        ("SQL", text(test.sql)),
        ("late extracts", counted(test.late)),
        ("recorded in entry", text(test.entry)),
    ])
}

/// What shows how a control operated, besides its tests; with how many records of performance stand and were withdrawn.
fn frozen_findings(control: &ControlFigures, (standing, withdrawn): (u64, u64)) -> FrozenItem {
    let walked_through = control.walked_through.map(|held| if held { "in place" } else { "not in place" });
    item([
        ("documents", counted(control.documents)),
        ("walked through", text(walked_through)),
        ("records of performance", counted(standing)),
        ("records of performance withdrawn", counted(withdrawn)),
        ("conclusion", text(control.conclusion.as_ref().map(|conclusion| conclusion.status.kind()))),
        ("concluded in entry", text(control.conclusion.as_ref().map(|conclusion| conclusion.entry))),
    ])
}

fn frozen_exception(exception: &Exception) -> FrozenItem {
    let withdrawal = exception.withdrawal.as_ref();
    item([
        ("state", exception.state.to_string()),
        ("items", exception.items.to_string()),
        ("most items", exception.most_items.to_string()),
        ("rows", exception.rows.to_string()),
        ("first seen in entry", exception.first_seen.to_string()),
        ("last seen in entry", exception.last_seen.to_string()),
        ("response", text(exception.response)),
        ("assessed in entry", text(exception.assessment.as_ref().map(|assessment| assessment.entry))),
        ("remediation", text(exception.remediation.map(|(remediation, _)| remediation))),
        ("remediated on", text(exception.remediation.map(|(_, on)| on))),
        ("withdrawal proposed in entry", text(withdrawal.map(|withdrawal| withdrawal.entry))),
        ("withdrawal agreed by", text(withdrawal.and_then(|withdrawal| withdrawal.agreed_by.as_ref()))),
    ])
}
