//! Rules over the whole catalog: ids that name something, coverage, and tests that can be proven.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Case, CaseKind, Catalog, CatalogError, ColumnType, ControlTest, DatasetKind, Expect, Frequency, Id, ObjectiveKind,
    Problem, Rows, Variable, cases::EXTRACTED_ON, catalog::Declared, source::Source,
};

/// How many criteria each category has: TSP section 100 has 61, and an engagement takes all of a category's, so that one
/// missing here would be missing from a report unseen.
const CRITERIA: [(&str, usize); 5] =
    [("security", 33), ("availability", 3), ("confidentiality", 2), ("processing-integrity", 5), ("privacy", 18)];

/// Everything that is wrong with the catalog as a whole.
pub(crate) fn all(catalog: &Catalog, declared: &Declared) -> Vec<CatalogError> {
    let mut check = Check { catalog, declared, problems: Vec::new() };
    check.criteria();
    check.objectives();
    check.controls();
    check.risks();
    check.policies();
    check.declarations();
    for test in catalog.tests.values() {
        check.test(test);
    }
    check.problems
}

struct Check<'a> {
    catalog: &'a Catalog,
    declared: &'a Declared,
    problems: Vec<CatalogError>,
}

impl Check<'_> {
    /// Reports a problem of the thing `kind` `id` at the word it is about.
    fn problem(&mut self, kind: &'static str, id: &Id, word: &str, problem: Problem) {
        let path = self.declared.get(&(kind, id.clone())).map(String::as_str).unwrap_or_default();
        let text = self.catalog.files.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        self.problems.push(Source { path, text }.problem(word, problem));
    }

    fn rule(&mut self, kind: &'static str, id: &Id, word: &str, holds: bool, what: impl Into<String>) {
        if !holds {
            self.problem(kind, id, word, Problem::Rule(what.into()));
        }
    }

    /// A field that must say something: at least one text, none of them blank (OBJ-06).
    fn says<'t>(&mut self, kind: &'static str, id: &Id, field: &str, texts: impl IntoIterator<Item = &'t str>) {
        let mut texts = texts.into_iter().peekable();
        let holds = texts.peek().is_some() && texts.all(|text| !text.trim().is_empty());
        self.rule(kind, id, id, holds, format!("`{field}` says nothing (OBJ-06)"));
    }

    fn exists(&mut self, kind: &'static str, id: &Id, wanted: &'static str, name: &Id) {
        if !self.declared.contains_key(&(wanted, name.clone())) {
            self.problem(kind, id, name, Problem::Dangling { kind: wanted, id: name.to_string() });
        }
    }

    fn criteria(&mut self) {
        let catalog = self.catalog;
        for series in catalog.series.values() {
            self.exists("series", &series.id, "category", &series.category);
        }
        for (category, expected) in CRITERIA {
            let of = catalog.criteria.values().filter(|criterion| &*criterion.category == category).count();
            if of != expected {
                // The category itself may be what is missing, so that no line can be named.
                let what = format!("has {of} criteria, where the trust services criteria have {expected} (CAT-01)");
                self.problems.push(CatalogError {
                    file: "criteria/categories.toml".to_owned(),
                    line: None,
                    key: Some(category.to_owned()),
                    problem: Problem::Rule(what),
                });
            }
        }
        for criterion in catalog.criteria.values() {
            let id = &criterion.id;
            let belongs = id.strip_prefix(&*criterion.series).is_some_and(|rest| rest.starts_with('.'));
            self.rule("criterion", id, id, belongs, format!("does not belong to the series `{}`", criterion.series));
            for (index, point) in criterion.points_of_focus.iter().enumerate() {
                let expected = format!("{id}-{}", index + 1);
                let follows = *point.id == expected;
                self.rule("criterion", id, &point.id, follows, format!("the point of focus should be `{expected}`"));
            }
            self.says("criterion", id, "title", [&*criterion.title]);
            self.says("criterion", id, "meaning", [&*criterion.meaning]);
            let covered = catalog.controls_of_criterion(id).next().is_some();
            match &criterion.uncovered_because {
                None => self.rule("criterion", id, id, covered, "has no control and no `uncovered_because` (CAT-02)"),
                Some(reason) => {
                    self.says("criterion", id, "uncovered_because", [&**reason]);
                    self.rule("criterion", id, id, !covered, "has `uncovered_because` and a control as well (CAT-02)");
                }
            }
            // An industry's control is nothing that another organization could rest a criterion on.
            let has_key = catalog.controls_of_criterion(id).any(|of| of.is_key && !catalog.is_of_industry(&of.id));
            self.rule("criterion", id, id, has_key || !covered, "has no key control that fits every industry (CAT-05)");
            let at_risk = catalog.risks_of(id).next().is_some();
            self.rule("criterion", id, id, at_risk, "no risk says what threatens it");
        }
    }

    fn objectives(&mut self) {
        let catalog = self.catalog;
        for industry in catalog.industries.values() {
            let id = &industry.id;
            let own = catalog.objectives.values().any(|objective| objective.industry.as_ref() == Some(id));
            self.rule("industry", id, id, own, "has no control objective (CAT-03)");
            self.rule(
                "industry",
                id,
                "default_itgc",
                !industry.default_itgc.is_empty(),
                "names no ITGC objective (CAT-03)",
            );
            self.says("industry", id, "financial_statement_lines", texts(&industry.financial_statement_lines));
            self.says("industry", id, "key_reports", texts(&industry.key_reports));
            self.says("industry", id, "typical_cuecs", texts(&industry.typical_cuecs));
            for itgc in &industry.default_itgc {
                self.exists("industry", &industry.id, "objective", itgc);
                let general = catalog.objectives.get(itgc).is_none_or(|o| o.kind == ObjectiveKind::Itgc);
                self.rule(
                    "industry",
                    &industry.id,
                    itgc,
                    general,
                    format!("`{itgc}` is not an objective for IT general controls"),
                );
            }
        }
        for objective in catalog.objectives.values() {
            let id = &objective.id;
            for criterion in &objective.criteria {
                self.exists("objective", id, "criterion", criterion);
            }
            let has_control = catalog.controls_of_objective(id).next().is_some();
            self.says("objective", id, "title", [&*objective.title]);
            self.says("objective", id, "statement", [&*objective.statement]);
            self.rule("objective", id, id, has_control, "has no control (OBJ-01)");
            let has_key = catalog.controls_of_objective(id).any(|control| control.is_key);
            self.rule("objective", id, id, has_key || !has_control, "has no key control (CAT-05)");
            // What an objective for IT general controls is for, its kind says already.
            let bears = !objective.assertions.is_empty() || objective.kind == ObjectiveKind::Itgc;
            self.rule(
                "objective",
                id,
                id,
                bears,
                "names no assertion of user entities and has no ITGC purpose (OBJ-02)",
            );
            let at_risk = catalog.risks_of(id).next().is_some();
            self.rule("objective", id, id, at_risk, "no risk says what threatens it");
        }
    }

    fn controls(&mut self) {
        let catalog = self.catalog;
        for control in catalog.controls.values() {
            let id = &control.id;
            self.exists("control", id, "role", &control.owner);
            for criterion in &control.criteria {
                self.exists("control", id, "criterion", criterion);
            }
            for objective in &control.objectives {
                self.exists("control", id, "objective", objective);
            }
            let serves = !control.criteria.is_empty() || !control.objectives.is_empty();
            self.rule("control", id, id, serves, "serves no criterion and no objective");
            self.says("control", id, "title", [&*control.title]);
            self.says("control", id, "statement", [&*control.statement]);
            self.says("control", id, "evidence", texts(&control.evidence));
            // A business control stands under its objective in an industry's file and leaves its tests to the engagement.
            let is_shared =
                self.declared.get(&("control", id.clone())).is_some_and(|path| path.starts_with("controls/"));
            if is_shared {
                let family = id.split('-').next().unwrap_or_default();
                let known = catalog.families.contains_key(family);
                self.rule("control", id, id, known, format!("its family `{family}` does not exist"));
                self.says("control", id, "test_of_design", control.test_of_design.as_deref());
                self.says("control", id, "test_of_operation", control.test_of_operation.as_deref());
            }
            let at_risk = catalog.risks_of_control(id).next().is_some();
            self.rule("control", id, id, at_risk, "no risk says what it stands against");
        }
    }

    fn risks(&mut self) {
        let catalog = self.catalog;
        for risk in catalog.risks.values() {
            let id = &risk.id;
            for threatened in &risk.threatens {
                let known = catalog.objectives.contains_key(threatened) || catalog.criteria.contains_key(threatened);
                if !known {
                    let problem = Problem::Dangling { kind: "objective or criterion", id: threatened.to_string() };
                    self.problem("risk", id, threatened, problem);
                }
            }
            for control in &risk.addressed_by {
                self.exists("risk", id, "control", control);
            }
            self.says("risk", id, "statement", [&*risk.statement]);
            self.rule("risk", id, id, !risk.threatens.is_empty(), "threatens nothing");
            self.rule("risk", id, id, !risk.addressed_by.is_empty(), "no control stands against it (CAT-04)");
            let is_key = |id: &Id| catalog.controls.get(id).is_none_or(|control| control.is_key);
            let has_key = risk.addressed_by.is_empty() || risk.addressed_by.iter().any(is_key);
            self.rule("risk", id, id, has_key, "no key control stands against it (CAT-05)");
        }
    }

    fn policies(&mut self) {
        let catalog = self.catalog;
        let mut titles: BTreeMap<&str, &Id> = BTreeMap::new();
        let mut variables: BTreeMap<&str, (&Id, &Variable)> = BTreeMap::new();
        for policy in catalog.policies.values() {
            let id = &policy.id;
            self.exists("policy", id, "role", &policy.owner);
            for control in &policy.satisfies {
                self.exists("policy", id, "control", control);
            }
            if let Some(first) = titles.insert(&policy.title, id) {
                self.rule("policy", id, &policy.title, false, format!("is the title of `policies/{first}.md` as well"));
            }
            // A name that meant two things would be filled with one value.
            for (name, variable) in &policy.variables {
                let (first, said) = *variables.entry(name).or_insert((id, variable));
                let what = format!("`{name}` is declared otherwise in `policies/{first}.md`");
                self.rule("policy", id, &variable.meaning, said == variable, what);
            }
        }
    }

    /// What datasets and calendars say about themselves.
    fn declarations(&mut self) {
        let catalog = self.catalog;
        for dataset in catalog.datasets.values() {
            for (word, what) in dataset.problems() {
                self.rule("dataset", &dataset.id, &word, false, what);
            }
            if let Some(log) = &dataset.change_log {
                self.exists("dataset", &dataset.id, "dataset", log);
                let events = catalog.datasets.get(log).is_none_or(|log| log.kind == DatasetKind::Events);
                self.rule("dataset", &dataset.id, log, events, format!("`change_log` `{log}` is no dataset of events"));
            }
        }
        for connector in catalog.connectors.values() {
            for derived in &connector.derived {
                let (id, rows_of) = (&connector.id, &derived.rows_of);
                self.exists("connector", id, "dataset", &derived.dataset);
                let is_table = connector.tables.contains(rows_of);
                self.rule("connector", id, rows_of, is_table, format!("`{rows_of}` is no table of this connector"));
                let (Some(of), Some(from)) = (catalog.datasets.get(&derived.dataset), catalog.datasets.get(rows_of))
                else {
                    continue;
                };
                let is_own = connector.tables.contains(&of.id);
                self.rule(
                    "connector",
                    id,
                    &of.id,
                    !is_own,
                    format!("`{}` is a table, and is not made of others", of.id),
                );
                let of_a_kind = of.kind == from.kind;
                self.rule(
                    "connector",
                    id,
                    &of.id,
                    of_a_kind,
                    format!("`{}` is collected in another way than `{rows_of}`", of.id),
                );
                for column in derived.cannot_tell.keys() {
                    let optional = of.column(column).is_some_and(|column| !column.required);
                    self.rule(
                        "connector",
                        id,
                        column,
                        optional,
                        format!("`{}` has no optional column `{column}`", of.id),
                    );
                }
            }
        }
        for calendar in catalog.calendars.values() {
            for (word, what) in calendar.problems() {
                self.rule("calendar", &calendar.id, &word, false, what);
            }
        }
    }

    fn test(&mut self, test: &ControlTest) {
        const KIND: &str = "control test";
        let id = &test.id;
        for control in &test.controls {
            self.exists(KIND, id, "control", control);
        }
        self.rule(KIND, id, "controls", !test.controls.is_empty(), "speaks to no control");
        self.rule(KIND, id, "item", !test.item.is_empty(), "names no item");
        for (name, parameter) in &test.parameters {
            let what = format!("`{}` is not a value of type {}", parameter.value, parameter.kind);
            self.rule(KIND, id, name, parameter.kind.accepts(&parameter.value), what);
        }
        let tables: BTreeSet<&str> =
            tables_of(&test.population_sql).into_iter().chain(tables_of(&test.test_sql)).collect();
        let read: BTreeSet<&str> = self
            .catalog
            .datasets
            .keys()
            .map(|dataset| &**dataset)
            .filter(|name| tables.contains(name) || tables.contains(&*format!("{name}_history")))
            .collect();
        self.rule(KIND, id, id, !read.is_empty(), "reads no dataset");
        let by_the_calendar = !matches!(test.every, Some(Frequency::Continuous | Frequency::PerEvent));
        self.rule(KIND, id, "every", by_the_calendar, "`every` is a time of the calendar, such as `daily`");
        if test.cases.is_empty() {
            // Said already: the file is missing or does not parse.
            return;
        }
        for section in ["Operated", "Exceptions", "Empty population", "Boundary"] {
            let stands = test.cases.iter().any(|case| case.name.starts_with(section));
            self.rule(KIND, id, id, stands, format!("its cases lack a section `{section}`"));
        }
        let canary = test.cases.iter().any(|case| case.kind == CaseKind::Canary);
        self.rule(KIND, id, id, canary, "its cases have no canary");
        for case in &test.cases {
            self.case(test, case, &read);
        }
    }

    /// A problem in the cases of a test, at its line.
    fn in_cases(&mut self, test: &ControlTest, line: usize, holds: bool, what: String) {
        if !holds {
            self.problems.push(CatalogError {
                file: format!("tests/{}/cases.md", test.id),
                line: Some(line),
                key: None,
                problem: Problem::Rule(what),
            });
        }
    }

    fn case(&mut self, test: &ControlTest, case: &Case, read: &BTreeSet<&str>) {
        let names_zone = [&test.population_sql, &test.test_sql].iter().any(|sql| sql.contains("$zone"));
        let has_zone = test.parameters.contains_key("zone") || case.parameters.contains_key("zone");
        let what = format!("`{}` has no parameter `zone`, which a query names, nor has the text above", case.name);
        self.in_cases(test, case.line, has_zone || !names_zone, what);
        for (name, value) in &case.parameters {
            let kind = match name.as_str() {
                "on" | "period_start" | "period_end" => Some(ColumnType::Date),
                "zone" => Some(ColumnType::Text),
                declared => test.parameters.get(declared).map(|parameter| parameter.kind),
            };
            let fits = kind.is_some_and(|kind| kind.accepts(value));
            let what = format!("`{}`: parameter `{name}` is not declared or `{value}` is not of its type", case.name);
            self.in_cases(test, case.line, fits, what);
        }
        for (table, rows) in &case.given {
            self.given(test, table, rows, read);
        }
        let expected_none = matches!(case.expect, Expect::NoExceptions);
        if case.name.starts_with("Operated") {
            self.in_cases(test, case.line, expected_none, "`Operated` expects no exceptions".into());
        }
        if case.name.starts_with("Exceptions") {
            self.in_cases(test, case.line, !expected_none, "`Exceptions` expects exceptions".into());
        }
        if case.name.starts_with("Empty population") {
            let empty = expected_none && case.expect_population == 0;
            self.in_cases(test, case.line, empty, "`Empty population` expects population 0 and none".into());
        }
        if let Expect::Exceptions(rows) = &case.expect {
            for item in &test.item {
                let named = rows.columns.contains(item);
                self.in_cases(test, rows.line, named, format!("the expected exceptions lack the item `{item}`"));
            }
        }
    }

    fn given(&mut self, test: &ControlTest, table: &str, rows: &Rows, read: &BTreeSet<&str>) {
        let Some(dataset) = self.catalog.datasets.get(table) else {
            return self.in_cases(test, rows.line, false, format!("the table `{table}` is not a dataset"));
        };
        let used = read.contains(table);
        self.in_cases(test, rows.line, used, format!("the table `{table}` is given but no query of the test reads it"));
        for (index, name) in rows.columns.iter().enumerate() {
            let kind = match dataset.column(name) {
                Some(column) => column.kind,
                None if name == EXTRACTED_ON && dataset.kind == DatasetKind::Snapshot => ColumnType::Date,
                None => {
                    self.in_cases(test, rows.line, false, format!("`{table}` has no column `{name}`"));
                    continue;
                }
            };
            let values = rows.rows.iter().filter_map(|row| row.get(index)?.as_deref());
            for value in values.filter(|value| !kind.accepts(value)) {
                let what = format!("`{value}` in `{table}`.`{name}` is not a value of type {kind}");
                self.in_cases(test, rows.line, false, what);
            }
        }
    }
}

fn texts(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(String::as_str)
}

/// The names that follow FROM and JOIN, comments left out. Names of common table expressions are among them.
fn tables_of(sql: &str) -> Vec<&str> {
    let code = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = code.flat_map(|line| line.split(move |c: char| !is_name(c)).filter(|word| !word.is_empty()));
    let mut tables = Vec::new();
    let mut after_from = false;
    for word in words {
        if after_from {
            tables.push(word);
        }
        after_from = word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("join");
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::tables_of;

    #[test]
    fn tables_stand_after_from_and_join() {
        let sql = "SELECT a.client -- FROM nowhere\nFROM account AS a\nLEFT JOIN person p ON p.id = a.id";
        assert_eq!(tables_of(sql), ["account", "person"]);
    }
}
