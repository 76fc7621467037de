//! The catalog as one value: reads every file, then checks the whole.

use std::{collections::BTreeMap, path::Path};

use tickmark_canonical::Digest;

use crate::{
    Calendar, CatalogError, Category, Connector, Control, ControlTest, Criterion, Dataset, Derived, Family, Id,
    Industry, Objective, ObjectiveKind, Policy, Problem, Risk, RiskArea, Role, Series,
    cases::parse_cases,
    check,
    connector::{ConnectorFile, DerivedFile},
    control::{FamiliesFile, RolesFile},
    control_test::ControlTestFile,
    criterion::SeriesFile,
    files::{self, Files},
    objective::{GeneralFile, IndustryFile, ObjectiveFile},
    policy_text,
    risk::RiskAreaFile,
    source::Source,
};

/// Everything the catalog says, checked.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) files: Files,
    digest: Digest,
    /// Trust services categories.
    pub categories: BTreeMap<Id, Category>,
    /// Series of criteria.
    pub series: BTreeMap<Id, Series>,
    /// Trust services criteria.
    pub criteria: BTreeMap<Id, Criterion>,
    /// Industries of service organizations.
    pub industries: BTreeMap<Id, Industry>,
    /// Control objectives, of industries and general.
    pub objectives: BTreeMap<Id, Objective>,
    /// Families of shared controls.
    pub families: BTreeMap<Id, Family>,
    /// Roles that own controls.
    pub roles: BTreeMap<Id, Role>,
    /// Controls, shared and business.
    pub controls: BTreeMap<Id, Control>,
    /// Areas of risk.
    pub risk_areas: BTreeMap<Id, RiskArea>,
    /// Risks.
    pub risks: BTreeMap<Id, Risk>,
    /// Datasets.
    pub datasets: BTreeMap<Id, Dataset>,
    /// Control tests.
    pub tests: BTreeMap<Id, ControlTest>,
    /// Policies.
    pub policies: BTreeMap<Id, Policy>,
    /// Business calendars.
    pub calendars: BTreeMap<Id, Calendar>,
    /// Connectors; their tables stand among the datasets.
    pub connectors: BTreeMap<Id, Connector>,
    /// How the sample company's systems are collected, as text: `collect` reads and checks it.
    pub sample_sources: BTreeMap<Id, String>,
}

impl Catalog {
    /// Reads and checks a folder.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the files.
    pub fn load(folder: &Path) -> Result<Self, Vec<CatalogError>> {
        Self::from_files(files::read(folder)?)
    }

    /// Reads and checks the copy built into the program.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn embedded() -> Result<Self, Vec<CatalogError>> {
        Self::from_files(files::embedded())
    }

    /// Reads and checks files by path, such as those of an adopted version out of the vault.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the files.
    pub fn from_files(files: BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<CatalogError>> {
        let mut reading = Reading::default();
        for (path, bytes) in &files {
            let read = Source::new(path, bytes).and_then(|source| reading.file(source, &files));
            if let Err(problem) = read {
                reading.problems.push(problem);
            }
        }
        let parts: Vec<&[u8]> = files.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes.as_slice()]).collect();
        let digest = Digest::of_parts(&parts);
        let declared = std::mem::take(&mut reading.declared);
        let mut problems = std::mem::take(&mut reading.problems);
        let catalog = reading.catalog(files, digest);
        problems.extend(check::all(&catalog, &declared));
        if problems.is_empty() {
            return Ok(catalog);
        }
        problems.sort_by(|a, b| (&a.file, a.line, &a.key).cmp(&(&b.file, b.line, &b.key)));
        Err(problems)
    }

    /// The digest over all paths and bytes.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The files the catalog was read from, by path.
    pub const fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// Controls that serve a criterion, by identifier.
    pub fn controls_of_criterion<'a>(&'a self, criterion: &'a str) -> impl Iterator<Item = &'a Control> {
        self.controls.values().filter(move |control| control.criteria.iter().any(|id| &**id == criterion))
    }

    /// Controls that serve an objective, by identifier.
    pub fn controls_of_objective<'a>(&'a self, objective: &'a str) -> impl Iterator<Item = &'a Control> {
        self.controls.values().filter(move |control| control.objectives.iter().any(|id| &**id == objective))
    }

    /// Whether a control stands under an objective of an industry, and so means nothing to others.
    pub fn is_of_industry(&self, control: &str) -> bool {
        let objectives = self.controls.get(control).into_iter().flat_map(|control| &control.objectives);
        objectives.filter_map(|id| self.objectives.get(id)).any(|objective| objective.industry.is_some())
    }

    /// Control tests that speak to a control, by identifier.
    pub fn tests_of_control<'a>(&'a self, control: &'a str) -> impl Iterator<Item = &'a ControlTest> {
        self.tests.values().filter(move |test| test.controls.iter().any(|id| &**id == control))
    }

    /// Risks that a control stands against, by identifier.
    pub fn risks_of_control<'a>(&'a self, control: &'a str) -> impl Iterator<Item = &'a Risk> {
        self.risks.values().filter(move |risk| risk.addressed_by.iter().any(|id| &**id == control))
    }

    /// Policies whose requirements a control carries out, by identifier.
    pub fn policies_of_control<'a>(&'a self, control: &'a str) -> impl Iterator<Item = &'a Policy> {
        self.policies.values().filter(move |policy| policy.satisfies.iter().any(|id| &**id == control))
    }

    /// Risks that threaten an objective or a criterion, by identifier.
    pub fn risks_of<'a>(&'a self, objective_or_criterion: &'a str) -> impl Iterator<Item = &'a Risk> {
        self.risks.values().filter(move |risk| risk.threatens.iter().any(|id| &**id == objective_or_criterion))
    }
}

/// What kind of thing an id names, with the id: ids are unique within a kind.
pub(crate) type Declared = BTreeMap<(&'static str, Id), String>;

/// The catalog while its files are read.
#[derive(Default)]
struct Reading {
    declared: Declared,
    problems: Vec<CatalogError>,
    categories: BTreeMap<Id, Category>,
    series: BTreeMap<Id, Series>,
    criteria: BTreeMap<Id, Criterion>,
    industries: BTreeMap<Id, Industry>,
    objectives: BTreeMap<Id, Objective>,
    families: BTreeMap<Id, Family>,
    roles: BTreeMap<Id, Role>,
    controls: BTreeMap<Id, Control>,
    risk_areas: BTreeMap<Id, RiskArea>,
    risks: BTreeMap<Id, Risk>,
    datasets: BTreeMap<Id, Dataset>,
    tests: BTreeMap<Id, ControlTest>,
    policies: BTreeMap<Id, Policy>,
    calendars: BTreeMap<Id, Calendar>,
    connectors: BTreeMap<Id, Connector>,
    sample_sources: BTreeMap<Id, String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoriesFile {
    category: Vec<Category>,
}

impl Reading {
    fn catalog(self, files: Files, digest: Digest) -> Catalog {
        Catalog {
            files,
            digest,
            categories: self.categories,
            series: self.series,
            criteria: self.criteria,
            industries: self.industries,
            objectives: self.objectives,
            families: self.families,
            roles: self.roles,
            controls: self.controls,
            risk_areas: self.risk_areas,
            risks: self.risks,
            datasets: self.datasets,
            tests: self.tests,
            policies: self.policies,
            calendars: self.calendars,
            connectors: self.connectors,
            sample_sources: self.sample_sources,
        }
    }

    /// Reads one file by what its path says it is.
    fn file(&mut self, source: Source<'_>, all: &Files) -> Result<(), CatalogError> {
        let parts: Vec<&str> = source.path.split('/').collect();
        match parts.as_slice() {
            ["README.md"] => Ok(()),
            ["families.toml"] => self.families(source),
            ["roles.toml"] => self.roles(source),
            ["criteria", "categories.toml"] => self.categories(source),
            ["criteria", file] => self.series(source, stem(source, file)?),
            ["objectives", "itgc.toml"] => self.general_objectives(source),
            ["objectives", file] => self.industry(source, stem(source, file)?),
            ["controls", file] => self.control(source, stem(source, file)?),
            ["risks", file] => self.risks(source, stem(source, file)?),
            ["datasets", file] => self.dataset(source, stem(source, file)?),
            ["policies", file] => self.policy(source, file.strip_suffix(".md").ok_or_else(|| unknown(source))?),
            ["calendars", file] => self.calendar(source, stem(source, file)?),
            ["connectors", folder, "connector.toml"] => self.connector(source, folder, all),
            // Read with the `connector.toml` beside it; without one it is left over.
            ["connectors", folder, file]
                if (*file == "recording.toml" || file.ends_with(".sql"))
                    && all.contains_key(&format!("connectors/{folder}/connector.toml")) =>
            {
                Ok(())
            }
            ["sample-sources", file] => self.sample_source(source, stem(source, file)?),
            ["tests", folder, "test.toml"] => self.test(source, folder, all),
            // Read with the `test.toml` beside them; without one they are left over.
            ["tests", folder, "population.sql" | "test.sql" | "cases.md"]
                if all.contains_key(&format!("tests/{folder}/test.toml")) =>
            {
                Ok(())
            }
            _ => Err(unknown(source)),
        }
    }

    /// Notes that `source` declares the id; a second declaration is a problem and is not kept.
    fn declare(&mut self, source: Source<'_>, kind: &'static str, id: &Id) -> bool {
        if let Some(first) = self.declared.get(&(kind, id.clone())) {
            let problem = Problem::Duplicate { id: id.to_string(), first: first.clone() };
            self.problems.push(source.problem(id, problem));
            return false;
        }
        self.declared.insert((kind, id.clone()), source.path.to_owned());
        true
    }

    fn must_match(&mut self, source: Source<'_>, name: &str, id: &Id) {
        if name != &**id {
            let problem = Problem::IdIsNotName { expected: name.to_owned(), found: id.to_string() };
            self.problems.push(source.problem(id, problem));
        }
    }

    fn families(&mut self, source: Source<'_>) -> Result<(), CatalogError> {
        for family in source.toml::<FamiliesFile>()?.family {
            if self.declare(source, "family", &family.id) {
                self.families.insert(family.id.clone(), family);
            }
        }
        Ok(())
    }

    fn roles(&mut self, source: Source<'_>) -> Result<(), CatalogError> {
        for role in source.toml::<RolesFile>()?.role {
            if self.declare(source, "role", &role.id) {
                self.roles.insert(role.id.clone(), role);
            }
        }
        Ok(())
    }

    fn categories(&mut self, source: Source<'_>) -> Result<(), CatalogError> {
        for category in source.toml::<CategoriesFile>()?.category {
            if self.declare(source, "category", &category.id) {
                self.categories.insert(category.id.clone(), category);
            }
        }
        Ok(())
    }

    fn series(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let SeriesFile { id, category, title, coso_component, criterion } = source.toml()?;
        self.must_match(source, name, &id);
        for read in criterion {
            if self.declare(source, "criterion", &read.id) {
                let criterion = Criterion {
                    id: read.id.clone(),
                    series: id.clone(),
                    category: category.clone(),
                    title: read.title,
                    meaning: read.meaning,
                    coso_principle: read.coso_principle,
                    uncovered_because: read.uncovered_because,
                    points_of_focus: read.points_of_focus,
                };
                self.criteria.insert(read.id, criterion);
            }
        }
        if self.declare(source, "series", &id) {
            self.series.insert(id.clone(), Series { id, category, title, coso_component });
        }
        Ok(())
    }

    fn industry(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let read: IndustryFile = source.toml()?;
        self.must_match(source, name, &read.id);
        for objective in read.objective {
            self.objective(source, &read.id, objective);
        }
        if self.declare(source, "industry", &read.id) {
            let industry = Industry {
                id: read.id.clone(),
                title: read.title,
                financial_statement_lines: read.financial_statement_lines,
                key_reports: read.key_reports,
                typical_cuecs: read.typical_cuecs,
                default_itgc: read.default_itgc,
            };
            self.industries.insert(read.id, industry);
        }
        Ok(())
    }

    /// An objective of an industry, with the business controls that stand under it.
    fn objective(&mut self, source: Source<'_>, industry: &Id, read: ObjectiveFile) {
        for control in read.control {
            if self.declare(source, "control", &control.id) {
                let business = Control {
                    id: control.id.clone(),
                    title: control.title,
                    statement: control.statement,
                    owner: control.owner,
                    frequency: control.frequency,
                    nature: control.nature,
                    automation: control.automation,
                    sampling: control.sampling,
                    may_not_operate: control.may_not_operate,
                    is_key: control.is_key,
                    evidence: control.evidence,
                    // What the objective's controls can serve, each of them can.
                    criteria: read.criteria.clone(),
                    objectives: vec![read.id.clone()],
                    test_of_design: None,
                    test_of_operation: None,
                };
                self.controls.insert(control.id, business);
            }
        }
        if self.declare(source, "objective", &read.id) {
            let objective = Objective {
                id: read.id.clone(),
                kind: ObjectiveKind::Business,
                industry: Some(industry.clone()),
                title: read.title,
                statement: read.statement,
                assertions: read.assertions,
                criteria: read.criteria,
                note: None,
            };
            self.objectives.insert(read.id, objective);
        }
    }

    fn general_objectives(&mut self, source: Source<'_>) -> Result<(), CatalogError> {
        for read in source.toml::<GeneralFile>()?.objective {
            if self.declare(source, "objective", &read.id) {
                let objective = Objective {
                    id: read.id.clone(),
                    kind: read.kind,
                    industry: None,
                    title: read.title,
                    statement: read.statement,
                    assertions: read.assertions,
                    criteria: read.criteria,
                    note: read.note,
                };
                self.objectives.insert(read.id, objective);
            }
        }
        Ok(())
    }

    fn control(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let control: Control = source.toml()?;
        self.must_match(source, name, &control.id);
        if self.declare(source, "control", &control.id) {
            self.controls.insert(control.id.clone(), control);
        }
        Ok(())
    }

    fn risks(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let RiskAreaFile { id, title, risk } = source.toml()?;
        self.must_match(source, name, &id);
        let risks = risk.iter().map(|risk| risk.id.clone()).collect();
        for risk in risk {
            if self.declare(source, "risk", &risk.id) {
                self.risks.insert(risk.id.clone(), risk);
            }
        }
        if self.declare(source, "risk area", &id) {
            self.risk_areas.insert(id.clone(), RiskArea { id, title, risks });
        }
        Ok(())
    }

    fn dataset(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let dataset: Dataset = source.toml()?;
        self.must_match(source, name, &dataset.id);
        if self.declare(source, "dataset", &dataset.id) {
            self.datasets.insert(dataset.id.clone(), dataset);
        }
        Ok(())
    }

    fn calendar(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let calendar: Calendar = source.toml()?;
        self.must_match(source, name, &calendar.id);
        if self.declare(source, "calendar", &calendar.id) {
            self.calendars.insert(calendar.id.clone(), calendar);
        }
        Ok(())
    }

    /// A connector, whose tables are datasets.
    fn connector(&mut self, source: Source<'_>, folder: &str, all: &Files) -> Result<(), CatalogError> {
        let read: ConnectorFile = source.toml()?;
        let id = read.id;
        self.must_match(source, folder, &id);
        // Bytes that are no text are reported when the loop reaches that file.
        let mut beside = |file: &str| {
            let path = format!("connectors/{folder}/{file}");
            let found = all.get(&path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            if found.is_none() {
                self.problems.push(source.problem(&id, Problem::Missing(path)));
            }
            found.unwrap_or_default()
        };
        let recording = beside("recording.toml");
        let derive = |DerivedFile { dataset, rows_of, cannot_tell }: DerivedFile| {
            let sql = beside(&format!("{dataset}.sql"));
            Derived { dataset, rows_of, cannot_tell, sql }
        };
        let derived: Vec<Derived> = read.derived.into_iter().map(derive).collect();
        let is_query = |file: &str| derived.iter().any(|derived| file == format!("{}.sql", derived.dataset));
        let prefix = format!("connectors/{folder}/");
        let left_over = all
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .find(|file| file.ends_with(".sql") && !is_query(file));
        if let Some(file) = left_over {
            let problem = Problem::Rule(format!("`{file}` is the query of no dataset under `derived`"));
            self.problems.push(source.problem(file, problem));
        }
        let mut tables = Vec::new();
        for table in read.tables {
            let dataset = table.dataset();
            if !dataset.id.strip_prefix(&*id).is_some_and(|rest| rest.starts_with('_')) {
                let problem = Problem::Rule(format!("a table of this connector is named `{id}_…`"));
                self.problems.push(source.problem(&dataset.id, problem));
            }
            if self.declare(source, "dataset", &dataset.id) {
                tables.push(dataset.id.clone());
                self.datasets.insert(dataset.id.clone(), dataset);
            }
        }
        if self.declare(source, "connector", &id) {
            let (title, text) = (read.title, source.text.to_owned());
            self.connectors.insert(id.clone(), Connector { id, title, text, recording, tables, derived });
        }
        Ok(())
    }

    fn sample_source(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let id = Id::new(name).ok_or_else(|| unknown(source))?;
        self.sample_sources.insert(id, source.text.to_owned());
        Ok(())
    }

    fn policy(&mut self, source: Source<'_>, name: &str) -> Result<(), CatalogError> {
        let id = Id::new(name).ok_or_else(|| unknown(source))?;
        match policy_text::parse(source, id) {
            Ok(policy) => {
                if self.declare(source, "policy", &policy.id) {
                    self.policies.insert(policy.id.clone(), policy);
                }
            }
            Err(problems) => self.problems.extend(problems),
        }
        Ok(())
    }

    /// A control test: `test.toml` and the three files that must stand beside it.
    fn test(&mut self, source: Source<'_>, folder: &str, all: &Files) -> Result<(), CatalogError> {
        let read: ControlTestFile = source.toml()?;
        self.must_match(source, folder, &read.id);
        let mut beside = |file: &str| -> String {
            let path = format!("tests/{folder}/{file}");
            let Some(bytes) = all.get(&path) else {
                self.problems.push(source.problem(&read.id, Problem::Missing(path)));
                return String::new();
            };
            // Bytes that are no text are reported when the loop reaches that file.
            String::from_utf8_lossy(bytes).into_owned()
        };
        let population_sql = beside("population.sql");
        let test_sql = beside("test.sql");
        let cases_md = beside("cases.md");
        let cases = match parse_cases(&cases_md) {
            Ok(cases) => cases,
            Err(_) if cases_md.is_empty() => Vec::new(),
            Err(cause) => {
                self.problems.push(CatalogError {
                    file: format!("tests/{folder}/cases.md"),
                    line: Some(cause.line),
                    key: None,
                    problem: Problem::Cases(cause),
                });
                Vec::new()
            }
        };
        if self.declare(source, "control test", &read.id) {
            let test = ControlTest {
                id: read.id.clone(),
                title: read.title,
                controls: read.controls,
                severity: read.severity,
                assertions: read.assertions,
                item: read.item,
                description: read.description,
                allow_empty: read.allow_empty,
                every: read.every,
                parameters: read.parameters,
                population_sql,
                test_sql,
                cases_md,
                cases,
            };
            self.tests.insert(read.id, test);
        }
        Ok(())
    }
}

fn unknown(source: Source<'_>) -> CatalogError {
    CatalogError { file: source.path.to_owned(), line: None, key: None, problem: Problem::UnknownFile }
}

/// The file's name without `.toml`.
fn stem<'a>(source: Source<'_>, file: &'a str) -> Result<&'a str, CatalogError> {
    file.strip_suffix(".toml").ok_or_else(|| unknown(source))
}
