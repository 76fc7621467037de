//! A rule that no test checks is a wish: documents name what exists, crates depend as drawn, files say what they are for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Files below a folder of the repository, sorted, as paths from its root.
fn files(folder: &str) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let mut paths: Vec<String> =
        found.iter().map(|path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()).collect();
    paths.sort();
    paths
}

fn crates() -> BTreeSet<String> {
    let names = fs::read_dir(root().join("crates")).unwrap();
    names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Words in backticks that look like paths of the repository.
fn paths_in(text: &str) -> BTreeSet<String> {
    let folders = ["crates/", "catalog/", "docs/", "tests/", "benches/", ".ci/"];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| folders.iter().any(|folder| word.starts_with(folder)))
        .filter(|word| !word.contains(['{', '<', '*', ' ', '$', '…']))
        .filter(|word| !word.split('/').any(is_placeholder))
        .map(|word| word.trim_end_matches('/').split(':').next().unwrap_or(word).to_owned())
        .collect()
}

/// Whether a part of a path stands for any name: `ID.toml`, `NOUN.rs`.
fn is_placeholder(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part);
    !stem.is_empty() && stem != "README" && stem.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

#[test]
fn documents_name_files_that_exist() {
    let mut documents =
        vec!["README.md".to_owned(), "ARCHITECTURE.md".into(), "CONTRIBUTING.md".into(), "SECURITY.md".into()];
    documents.extend(files("docs").into_iter().filter(|path| path.ends_with(".md")));
    let missing: Vec<String> = documents
        .iter()
        .flat_map(|document| paths_in(&read(document)).into_iter().map(move |path| (document.clone(), path)))
        .filter(|(_, path)| !root().join(path).exists())
        .map(|(document, path)| format!("{document} names `{path}`"))
        .collect();
    assert!(missing.is_empty(), "these do not exist:\n{}", missing.join("\n"));
}

#[test]
fn the_threat_model_names_tests_and_attacks_that_exist() {
    let model = read("docs/threat-model.md");
    let words: Vec<&str> = model.split('`').collect();
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for (before, word) in words.iter().zip(words.iter().skip(1)).step_by(2) {
        let (path, line) = match word.split_once("::") {
            Some((path, test)) if path.ends_with(".rs") => (path.to_owned(), format!("fn {test}(")),
            Some((file, attack)) => (format!("tests/attacks/{file}.py"), format!("def {attack}(companies):")),
            None if before.ends_with("the file ") => (format!("tests/attacks/{word}.py"), "@attack(".to_owned()),
            None => continue,
        };
        seen += 1;
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        if !text.lines().any(|said| said.trim_start().starts_with(&line)) {
            missing.insert(*word);
        }
    }
    assert!(seen > 100, "{seen} tests and attacks");
    assert!(missing.is_empty(), "docs/threat-model.md names what does not exist: {missing:?}");
}

#[test]
fn the_readme_prints_what_the_sample_reports_print() {
    // The sample reports are the demo's of the same size, so nobody has to run it to see that the page is out of date.
    let figures = |report: &str| -> Vec<serde_json::Value> {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("figures.json");
        let pdf = root().join(format!("docs/sample/{report}-management-testing.pdf"));
        let detached = Command::new("pdfdetach").args(["-save", "1", "-o"]).args([&out, &pdf]).output().unwrap();
        assert!(detached.status.success(), "{detached:?}");
        serde_json::from_slice(&fs::read(out).unwrap()).unwrap()
    };
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    for figure in figures("soc1").into_iter().chain(figures("soc2")) {
        let text = |key: &str| figure[key].as_str().unwrap().to_owned();
        shown.insert(text("counts"), text("shown"));
    }
    let readme = read("README.md");
    let printed = readme.split("```").find(|block| block.contains("control test ")).unwrap();
    let rows: Vec<Vec<&str>> = printed.lines().map(|line| line.split_whitespace().collect()).collect();
    let tests: Vec<&[&str; 4]> = rows.iter().filter_map(|row| row.as_slice().try_into().ok()).collect();
    let tests: Vec<_> = tests.into_iter().filter(|row| row[1] == "exceptions" && row[0].contains('-')).collect();
    assert!(tests.len() >= 5, "{printed}");
    for [test, _, exceptions, population] in tests {
        assert_eq!(
            shown.get(&format!("items with exceptions of `{test}`")).map(String::as_str),
            Some(*exceptions),
            "{test}"
        );
        assert_eq!(shown.get(&format!("items tested by `{test}`")).map(String::as_str), Some(*population), "{test}");
    }
    let number = |shown: &String| shown.replace(',', "").parse::<u64>().unwrap();
    // Of control tests; management's people tested items as well.
    let control_tests = fs::read_dir(root().join("catalog/tests")).unwrap().map(|of| of.unwrap().file_name());
    let tested_by = control_tests.map(|test| format!("items tested by `{}`", test.to_string_lossy()));
    let items: u64 = tested_by.filter_map(|counts| shown.get(&counts)).map(number).sum();
    let of_items =
        rows.iter().flatten().zip(rows.iter().flatten().skip(1)).find(|(_, next)| **next == "items").unwrap().0;
    assert_eq!(number(&(*of_items).to_owned()), items);
    for report in ["soc1-management-testing", "soc1-report"] {
        let pdf = root().join(format!("docs/sample/{report}.pdf"));
        let said = Command::new("pdfinfo").arg(pdf).output().unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let pages = said.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim();
        assert!(printed.contains(&format!("{report}.pdf  ({pages} pages)")), "{report} has {pages} pages");
    }
}

#[test]
fn the_map_lists_every_crate_and_no_other() {
    let map = read("ARCHITECTURE.md");
    let listed: BTreeSet<String> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(name, _)| name.to_owned()))
        .filter(|name| !name.contains('/'))
        .collect();
    assert_eq!(listed, crates());
}

/// Who depends on whom. A new arrow is a change of architecture: draw it here with its reason in the commit.
const GRAPH: &str = "\
app: canonical catalog collect domain examine ledger pdf-text report sample vault
calendar:
canonical:
catalog: calendar canonical
collect: canonical catalog vault
domain: calendar canonical
examine: calendar canonical catalog vault
ledger: canonical
pdf-text:
report: canonical
sample:
tickmark: app
vault: canonical
";

#[test]
fn crates_depend_as_drawn() {
    let mut graph = String::new();
    for name in crates() {
        let manifest: toml::Table = read(&format!("crates/{name}/Cargo.toml")).parse().unwrap();
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let ours: BTreeSet<&str> = dependencies.keys().filter_map(|key| key.strip_prefix("tickmark-")).collect();
        let ours: Vec<&str> = ours.into_iter().collect();
        graph.push_str(format!("{name}: {}", ours.join(" ")).trim_end());
        graph.push('\n');
    }
    assert_eq!(graph, GRAPH);
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let silent: Vec<String> = files("crates")
        .into_iter()
        .filter(|path| path.ends_with(".rs") && path.contains("/src/"))
        .filter(|path| !read(path).starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no module doc:\n{}", silent.join("\n"));
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for name in crates() {
        let manifest: toml::Table = read(&format!("crates/{name}/Cargo.toml")).parse().unwrap();
        let workspace = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(workspace, Some(true), "{name}");
    }
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let declared: BTreeSet<String> = manifest["workspace"]["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .filter(|name| !name.starts_with("tickmark-"))
        .cloned()
        .collect();
    let reasons: BTreeMap<String, String> = read("deny.toml")
        .lines()
        .filter_map(|line| {
            line.strip_prefix("#   ")?.split_once(": ").map(|(name, why)| (name.to_owned(), why.to_owned()))
        })
        .collect();
    assert_eq!(reasons.keys().cloned().collect::<BTreeSet<_>>(), declared);
}

#[test]
fn the_product_never_claims_what_only_a_firm_may() {
    // Coders and investment reports may be certified; a report, a system or an organization is not.
    let never = [
        "soc 1 certified",
        "soc 2 certified",
        "soc certified",
        "is certified",
        "compliant",
        "passed the audit",
        "guaranteed",
    ];
    let shown =
        files("crates/report/templates").into_iter().chain(files("catalog")).chain(files("crates/tickmark/src"));
    let said: Vec<String> = shown
        .flat_map(|path| {
            let text = fs::read(root().join(&path)).unwrap();
            let text = String::from_utf8_lossy(&text).to_lowercase();
            never.into_iter().filter(move |word| text.contains(word)).map(move |word| format!("{path}: {word}"))
        })
        .collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn the_glossary_has_every_event_and_one_line_a_word() {
    let glossary = read("docs/glossary.md");
    let events = read("crates/domain/src/event.rs");
    let variants = events.lines().filter_map(|line| {
        let (name, rest) = line.trim().split_once('(')?;
        rest.strip_suffix("),").filter(|inner| *inner == name).map(|_| name.to_owned())
    });
    let missing: Vec<String> = variants.filter(|name| !glossary.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "events without a line in the glossary: {missing:?}");
    for (title, table) in [("## Words", "| word | "), ("## Events", "| event | ")] {
        let section = glossary.split(title).nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let mut lines = section.lines().skip_while(|line| !line.starts_with('|'));
        assert!(lines.next().is_some_and(|head| head.starts_with(table)), "{title}: rows stand under their head");
        let rows = lines.skip(1).filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
        let words: Vec<String> = rows.map(|(word, _)| word.to_lowercase()).collect();
        let unordered: Vec<&[String]> = words.windows(2).filter(|two| two[0] >= two[1]).collect();
        assert!(unordered.is_empty(), "{title}: not by the alphabet, or twice: {unordered:?}");
    }
}
