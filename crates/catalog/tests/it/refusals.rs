//! What the loader refuses: each slip alone in an otherwise sound catalog, named with its file and line.

use std::collections::BTreeMap;

use tickmark_catalog::{Catalog, CatalogError};

type Files = BTreeMap<String, Vec<u8>>;

fn sound() -> Files {
    Catalog::embedded().unwrap().files().clone()
}

/// Replaces the first `from` in a file and loads; the replaced text must be there.
fn with(path: &str, from: &str, to: &str) -> Vec<CatalogError> {
    let mut files = sound();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} has no `{from}`");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
    Catalog::from_files(files).unwrap_err()
}

/// Some problem must stand in that file (with a line, if asked) and say that.
fn says(problems: &[CatalogError], file: &str, line: Option<usize>, what: &str) {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let found = problems.iter().any(|problem| {
        problem.file == file && problem.to_string().contains(what) && (line.is_none() || problem.line == line)
    });
    assert!(found, "no problem of `{file}` says `{what}` at {line:?}:\n{}", lines.join("\n"));
}

#[test]
fn unknown_and_missing_keys() {
    let problems = with("controls/LA-02.toml", "owner = \"it\"\n", "owner = \"it\"\ncolor = \"red\"\n");
    says(&problems, "controls/LA-02.toml", Some(5), "unknown field `color`");
    let problems = with("controls/LA-02.toml", "owner = \"it\"\n", "");
    says(&problems, "controls/LA-02.toml", None, "missing field `owner`");
    let problems = with("datasets/client.toml", "name = \"text!\"", "name = \"float\"");
    says(&problems, "datasets/client.toml", None, "`float` is not a column type");
    let problems = with("tests/leaver-access/test.toml", "severity = \"high\"", "severity = \"huge\"");
    says(&problems, "tests/leaver-access/test.toml", Some(4), "huge");
    let every = |time: &str| {
        let line = format!("severity = \"high\"\nevery = \"{time}\"");
        with("tests/leaver-access/test.toml", "severity = \"high\"", &line)
    };
    says(&every("sometimes"), "tests/leaver-access/test.toml", Some(5), "sometimes");
    says(&every("continuous"), "tests/leaver-access/test.toml", Some(5), "`every` is a time of the calendar");
}

#[test]
fn dangling_ids() {
    let problems = with("controls/LA-02.toml", "\"CC6.2\"", "\"CC6.12\"");
    says(&problems, "controls/LA-02.toml", Some(11), "names criterion `CC6.12`, which does not exist");
    let problems = with("tests/leaver-access/test.toml", "\"LA-02\"", "\"LA-99\"");
    says(&problems, "tests/leaver-access/test.toml", Some(3), "names control `LA-99`, which does not exist");
    let problems = with("risks/logical-access.toml", "\"ITGC-LA\"", "\"ITGC-XX\"");
    says(&problems, "risks/logical-access.toml", None, "names objective or criterion `ITGC-XX`");
    let problems = with("controls/LA-02.toml", "owner = \"it\"", "owner = \"nobody\"");
    says(&problems, "controls/LA-02.toml", Some(4), "names role `nobody`");
}

#[test]
fn a_change_log_is_a_dataset_of_events_beside_a_state() {
    let logged_in = |log: &str| {
        with(
            "datasets/account.toml",
            "kind = \"snapshot\"\n",
            &format!("kind = \"snapshot\"\nchange_log = \"{log}\"\n"),
        )
    };
    says(&logged_in("nothing"), "datasets/account.toml", None, "names dataset `nothing`, which does not exist");
    says(&logged_in("employee"), "datasets/account.toml", None, "`change_log` `employee` is no dataset of events");
    let problems =
        with("datasets/pay_run.toml", "kind = \"events\"\n", "kind = \"events\"\nchange_log = \"payslip\"\n");
    says(&problems, "datasets/pay_run.toml", None, "only a snapshot has a `change_log`");
}

#[test]
fn duplicates_and_names() {
    let mut files = sound();
    let twin = files["controls/LA-02.toml"].clone();
    files.insert("controls/LA-99.toml".into(), twin);
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "controls/LA-99.toml", Some(1), "`LA-02` is declared twice, before in `controls/LA-02.toml`");
    says(&problems, "controls/LA-99.toml", Some(1), "has the id `LA-02` but its name says `LA-99`");
}

#[test]
fn what_nothing_covers() {
    let mut files = sound();
    files.remove("controls/PRV-01.toml");
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "criteria/P1.toml", None, "has no control and no `uncovered_because`");
    says(&problems, "risks/privacy.toml", None, "names control `PRV-01`, which does not exist");

    let mut files = sound();
    files.remove("risks/people.toml");
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "controls/HR-03.toml", Some(1), "no risk says what it stands against");

    let problems = with("risks/vendors.toml", "[\"VEN-01\", \"VEN-02\"]", "[]");
    says(&problems, "risks/vendors.toml", None, "no control stands against it (CAT-04)");
}

/// What is in scope rests on a key control: a supporting one alone carries nothing.
#[test]
fn every_criterion_objective_and_risk_has_a_key_control() {
    let supporting = |path, what| {
        let path = format!("controls/{path}.toml");
        let found = with(&path, "may_not_operate = false\n", "may_not_operate = false\nkey = false\n");
        says(&found, what, None, "key control");
        assert!(found.iter().all(|problem| problem.to_string().contains("CAT-05")), "{found:?}");
    };
    supporting("PRV-01", "criteria/P1.toml");
    supporting("ENV-01", "objectives/itgc.toml");
    supporting("RSK-02", "risks/risk-management.toml");
    let catalog = Catalog::embedded().unwrap();
    let supporting = |id: &str| !catalog.controls[id].is_key;
    assert!(supporting("NET-02") && supporting("PAY-1-C4") && !supporting("LA-02") && !supporting("PAY-1-C1"));
}

#[test]
fn criteria_that_are_not_the_sixty_one() {
    let mut files = sound();
    files.remove("criteria/C1.toml");
    let problems = Catalog::from_files(files).unwrap_err();
    let what = "has 0 criteria, where the trust services criteria have 2 (CAT-01)";
    says(&problems, "criteria/categories.toml", None, what);

    let reason = "uncovered_because = \"no service of ours does it\"\nmeaning = ";
    let problems = with("criteria/C1.toml", "meaning = ", reason);
    says(&problems, "criteria/C1.toml", None, "has `uncovered_because` and a control as well (CAT-02)");
    let problems = with("criteria/C1.toml", "meaning = ", "uncovered_because = \" \"\nmeaning = ");
    says(&problems, "criteria/C1.toml", None, "`uncovered_because` says nothing");
}

/// A criterion without a control is listed with its reason, and only then.
#[test]
fn a_criterion_without_a_control_needs_its_reason() {
    let mut files = sound();
    let served: Vec<String> = files.keys().filter(|path| path.starts_with("controls/")).cloned().collect();
    for path in served {
        let text = String::from_utf8(files[&path].clone()).unwrap();
        files.insert(
            path,
            text.replace("\"C1.2\", ", "").replace(", \"C1.2\"", "").replace("\"C1.2\"", "").into_bytes(),
        );
    }
    let problems = Catalog::from_files(files.clone()).unwrap_err();
    says(&problems, "criteria/C1.toml", None, "has no control and no `uncovered_because` (CAT-02)");
    let text = String::from_utf8(files["criteria/C1.toml"].clone()).unwrap();
    let (before, after) = text.split_once("id = \"C1.2\"\n").unwrap();
    let told = format!("{before}id = \"C1.2\"\nuncovered_because = \"disposal is the client's\"\n{after}");
    files.insert("criteria/C1.toml".into(), told.into_bytes());
    let problems = Catalog::from_files(files).err().unwrap_or_default();
    assert!(!problems.iter().any(|problem| problem.to_string().contains("CAT-02")), "{problems:?}");
}

#[test]
fn controls_and_objectives_that_could_not_be_tested() {
    let path = "controls/LA-02.toml";
    for (from, to, what) in [
        ("title = \"Leaver access removed\"", "title = \"\"", "`title` says nothing (OBJ-06)"),
        ("statement = \"", "statement = \" \" # \"", "`statement` says nothing (OBJ-06)"),
        ("evidence = [", "evidence = [] # [", "`evidence` says nothing (OBJ-06)"),
        ("evidence = [", "evidence = [\" \", ", "`evidence` says nothing (OBJ-06)"),
        ("test_of_design = \"", "test_of_design = \"\" # \"", "`test_of_design` says nothing (OBJ-06)"),
        ("test_of_operation = \"", "# \"", "`test_of_operation` says nothing (OBJ-06)"),
    ] {
        says(&with(path, from, to), path, Some(1), what);
    }
    says(&with(path, "frequency = \"per-event\"\n", ""), path, None, "missing field `frequency`");

    let industry = "objectives/payroll.toml";
    let problems =
        with(industry, "assertions = [\"completeness\", \"accuracy\", \"classification\"]", "assertions = []");
    says(&problems, industry, None, "names no assertion of user entities and has no ITGC purpose (OBJ-02)");
    let problems = with(industry, "default_itgc = [", "default_itgc = [] # [");
    says(&problems, industry, None, "names no ITGC objective (CAT-03)");
    says(&with(industry, "\"cash\"", "\"\""), industry, None, "`financial_statement_lines` says nothing");

    let text = String::from_utf8(sound()[industry].clone()).unwrap();
    let mut files = sound();
    let head = text.split_once("[[objective]]").unwrap().0.replace("default_itgc", "objective = []\ndefault_itgc");
    files.insert(industry.into(), head.into_bytes());
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, industry, None, "has no control objective (CAT-03)");

    let mut files = sound();
    for path in files.keys().filter(|path| path.starts_with("controls/")).cloned().collect::<Vec<_>>() {
        let text = String::from_utf8(files[&path].clone()).unwrap();
        files.insert(path, text.replace("\"ITGC-EN\"", "\"ITGC-PS\"").into_bytes());
    }
    says(&Catalog::from_files(files).unwrap_err(), "objectives/itgc.toml", None, "has no control (OBJ-01)");
}

#[test]
fn files_of_a_test() {
    let mut files = sound();
    files.remove("tests/mfa-on/test.sql");
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "tests/mfa-on/test.toml", Some(1), "`tests/mfa-on/test.sql` is missing");

    let mut files = sound();
    files.insert("tests/mfa-on/notes.txt".into(), b"x".to_vec());
    files.insert("tests/nothing/test.sql".into(), b"SELECT 1".to_vec());
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "tests/mfa-on/notes.txt", None, "is not a file the catalog knows");
    says(&problems, "tests/nothing/test.sql", None, "is not a file the catalog knows");

    let mut files = sound();
    files.insert("tests/mfa-on/test.sql".into(), vec![0xff, 0xfe]);
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "tests/mfa-on/test.sql", None, "is not UTF-8");
}

#[test]
fn cases_that_do_not_hold_together() {
    let cases = "tests/mfa-on/cases.md";
    let problems = with(cases, "Expect population 2", "Expect population two");
    says(&problems, cases, Some(24), "Expect population <number>");
    let problems = with(cases, "## Operated", "## Worked");
    says(&problems, "tests/mfa-on/test.toml", None, "its cases lack a section `Operated`");
    let problems = with(cases, "Given `account`:", "Given `acount`:");
    says(&problems, cases, Some(17), "the table `acount` is not a dataset");
    let problems = with(cases, "Given `account`:", "Given `person`:");
    says(&problems, cases, Some(17), "no query of the test reads it");
    let problems = with(cases, "| mfa ", "| mfo ");
    says(&problems, cases, Some(17), "`account` has no column `mfo`");
    let problems = with(cases, "| true  |", "| maybe |");
    says(&problems, cases, Some(17), "`maybe` in `account`.`mfa` is not a value of type bool");
}

#[test]
fn policies_that_do_not_hold_together() {
    let access = "policies/access.md";
    let problems = with(access, "\"LA-01\"", "\"LA-99\"");
    says(&problems, access, Some(6), "names control `LA-99`, which does not exist");
    let problems = with(access, "owner = \"it\"", "owner = \"nobody\"");
    says(&problems, access, Some(3), "names role `nobody`, which does not exist");
    let problems = with(access, "title = \"Access\"", "title = \"Backup\"");
    says(&problems, "policies/backup.md", Some(2), "is the title of `policies/access.md` as well");
    let problems = with(access, "The system that holds requests", "A system that holds requests");
    let what = "`ticket_system` is declared otherwise in `policies/access.md`";
    says(&problems, "policies/change-management.md", None, what);
    let problems = with(access, "2. The IT team grants", "2. The IT team promptly grants");
    says(&problems, access, None, "`promptly` cannot be tested");

    let mut files = sound();
    files.insert("policies/notes.txt".into(), b"x".to_vec());
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "policies/notes.txt", None, "is not a file the catalog knows");
}

#[test]
fn all_problems_come_at_once_and_in_order() {
    let mut files = sound();
    for path in ["controls/LA-01.toml", "datasets/client.toml", "tests/mfa-on/cases.md"] {
        files.insert(path.into(), b"= nonsense".to_vec());
    }
    let problems = Catalog::from_files(files).unwrap_err();
    says(&problems, "controls/LA-01.toml", Some(1), "");
    says(&problems, "datasets/client.toml", Some(1), "");
    says(&problems, "tests/mfa-on/cases.md", Some(1), "there is no case");
    assert!(problems.windows(2).all(|pair| pair[0].file <= pair[1].file));
}

#[test]
fn the_digest_covers_paths_and_bytes() {
    let first = Catalog::embedded().unwrap();
    let mut files = sound();
    files.entry("README.md".into()).or_default().push(b'\n');
    let second = Catalog::from_files(files).unwrap();
    assert_ne!(first.digest(), second.digest());
}

#[cfg(unix)]
#[test]
fn a_link_in_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("roles.toml")).unwrap();
    let problems = Catalog::load(folder.path()).unwrap_err();
    says(&problems, "roles.toml", None, "neither a file nor a folder");
    let problems = Catalog::load(&folder.path().join("nowhere")).unwrap_err();
    assert!(problems[0].to_string().contains("cannot be read"), "{}", problems[0]);
}
