//! The schedule from outside: a small organization that was set up five days ago and ran nothing since.
//! `schedule/transcript.md` is what is typed and what is printed.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use tickmark_app::{
    Catalog, Clock, ControlsToAdopt, Founding, Installation, NewEngagement, NewPerson, Owners, PersonId, ReportKind,
    ReportType, Span,
};

use crate::everyday::{Days, copy, plays_as_written};

const ZONE: &str = "America/New_York";

/// A clock that stands.
struct Stands(Timestamp);

impl Clock for Stands {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Business here rests on no day, so that the test does not depend on the day of the week.
const CALENDAR: &str = r#"id = "every-day"
title = "No day of rest"
source = "The organization's own decision."
first_on = "2024-01-01"
last_on = "2099-12-31"
weekend = []
holiday = []
"#;

const SOURCES: [(&str, &str); 2] = [
    (
        "directory.toml",
        r#"id = "directory"
title = "Identity provider"
kind = "files"
zone = "America/New_York"
folder = "systems/directory"

[statement]
attested_by = "Head of operations"
statement = "Exported every night and not changed afterwards."

[[datasets]]
dataset = "account"
files = "accounts-{date}.csv"
format = "csv"
count.none = "the export has no count of its own"
"#,
    ),
    (
        "hr.toml",
        r#"id = "hr"
title = "Human resources"
kind = "files"
zone = "America/New_York"
folder = "systems/hr"

[statement]
attested_by = "Head of operations"
statement = "Exported every night and not changed afterwards."

[[datasets]]
dataset = "person"
files = "roster-{date}.csv"
format = "csv"
count.none = "the export has no count of its own"
"#,
    ),
];

/// Two people's accounts; whether the second factor is on for the second.
fn accounts(second_factor: bool) -> String {
    format!(
        "account_id,person_id,email,kind,status,is_admin,mfa,created_at,disabled_at,last_login_at\n\
         A-01,P-01,ada@quill-ray.example,human,active,false,true,2015-02-02T14:00:00Z,,\n\
         A-02,P-02,ben@quill-ray.example,human,active,true,{second_factor},2015-02-02T14:00:00Z,,\n"
    )
}

fn person(id: &str, name: &str, role: &str) -> NewPerson {
    let mail = format!("{id}@quill-ray.example");
    NewPerson { id: id.to_owned(), name: name.to_owned(), mail, firm: None, roles: vec![role.to_owned()] }
}

/// A catalog folder of this test in a new place, and the world around it.
pub fn world() -> (tempfile::TempDir, PathBuf) {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    let catalog = root.join("catalog");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"), &catalog);
    fs::write(catalog.join("calendars/every-day.toml"), CALENDAR).unwrap();
    (world, root)
}

#[test]
fn what_serve_runs_is_not_run_again_and_it_ends_when_it_is_told() {
    let (_world, root) = world();
    let today = Timestamp::now().to_zoned(TimeZone::get(ZONE).unwrap()).date();
    let day = |days: i64| today.checked_add(days.days()).unwrap();
    let dir = root.join("quill-ray");
    let yesterday = day(-1).at(12, 0, 0, 0).in_tz(ZONE).unwrap().timestamp();
    set_up(&dir, &root.join("catalog"), yesterday, Span { first: day(-1), last: day(30) });
    let tickmark = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickmark"));
        command.current_dir(&dir);
        command
    };
    let run_due = || {
        let output = tickmark().args(["run", "--due", "--as", "p-03"]).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };

    // Another process runs what is due: this one does nothing.
    let lease = Installation::open(&dir, None).unwrap().lease().unwrap();
    let (code, said) = run_due();
    assert!(code == 1 && said.contains("another process of this installation is running what is due"), "{said}");
    drop(lease);

    let serve = ["serve", "--listen", "127.0.0.1:0", "--as", "p-03"];
    let mut child = tickmark().args(serve).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut told).unwrap();
    // Neither source has a file: both collections fail, and both control tests have their results all the same.
    assert_eq!(told.trim(), "schedule: 2 control tests run, 2 collections failed, 0 sources not collected, 0 flips");
    let (code, said) = run_due();
    assert!(code == 0 && said.starts_with("Nothing is due."), "{said}");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_schedule_with_a_failing_source_missed_days_a_flip_and_a_changed_control_test() {
    let (_world, root) = world();
    let today = Timestamp::now().to_zoned(TimeZone::get(ZONE).unwrap()).date();
    let day = |days: i64| today.checked_add(days.days()).unwrap();
    let catalog = root.join("catalog");
    for (name, predicate) in [
        // It finds nothing at all, and its canary says so.
        ("blunt", "mfa IS NOT TRUE\n  AND is_admin IS NULL AND email = 'nobody'"),
        // It passes over one account, and every case of it holds.
        ("tuned", "mfa IS NOT TRUE\n  AND (email IS DISTINCT FROM 'ben@quill-ray.example')"),
    ] {
        copy(&catalog, &root.join(name));
        let path = root.join(name).join("tests/mfa-on/test.sql");
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("mfa IS NOT TRUE", predicate)).unwrap();
    }

    let noon = day(-5).at(12, 0, 0, 0).in_tz(ZONE).unwrap().timestamp();
    set_up(&root.join("quill-ray"), &catalog, noon, Span { first: day(-6), last: day(30) });
    let exports = root.join("quill-ray/systems/directory");
    fs::create_dir_all(&exports).unwrap();
    fs::create_dir_all(root.join("quill-ray/systems/hr")).unwrap();
    for days in [-6, -1] {
        fs::write(exports.join(format!("accounts-{}.csv", day(days))), accounts(true)).unwrap();
    }
    fs::write(root.join("corrected.csv"), accounts(false)).unwrap();

    let named = |days: i64, name: &str| (day(days).to_string(), name.to_owned());
    let mut days: Vec<(String, String)> = (1..=6).map(|ago| named(-ago, &format!("TODAY-{ago}"))).collect();
    days.extend([named(30, "TODAY+30"), named(0, "TODAY")]);
    let transcript = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schedule/transcript.md");
    plays_as_written(&transcript, &root, Days::Named(days));
}

/// What was done five days ago: the organization, its people, an engagement over two controls, its sources.
pub fn set_up(dir: &Path, catalog: &Path, at: Timestamp, span: Span) {
    let administrator: PersonId = "p-01".parse().unwrap();
    let founding = Founding {
        organization: "quill-ray".parse().unwrap(),
        name: "Quill & Ray Billing, Inc.".to_owned(),
        zone: ZONE.to_owned(),
        calendar: "every-day".to_owned(),
        administrator: administrator.clone(),
        administrator_name: "Ada Quill".to_owned(),
        administrator_mail: "ada@quill-ray.example".to_owned(),
    };
    let catalog = Arc::new(Catalog::load(catalog).unwrap());
    let (installation, founded) = Installation::init(dir, None, &founding, catalog, Arc::new(Stands(at))).unwrap();
    let mut house = founded.house;
    let people = [person("p-02", "Ben Ray", "administrator"), person("p-03", "Cora Lund", "compliance-lead")];
    house.add_people(&administrator, &people).unwrap();
    let lead: PersonId = "p-03".parse().unwrap();
    let engagement = NewEngagement {
        id: "soc1".to_owned(),
        report: ReportKind::Soc1,
        report_type: ReportType::Type2(span),
        system: "QR Billing".to_owned(),
        industries: Vec::new(),
        objectives: vec!["ITGC-LA".to_owned()],
        categories: Vec::new(),
        without_security: None,
        standards: Vec::new(),
        section_order: Default::default(),
    };
    house.open_engagements(&lead, &[engagement]).unwrap();
    let owners = Owners { by_role: BTreeMap::new(), others: lead.clone() };
    let only = vec!["LA-02".to_owned(), "LA-06".to_owned()];
    let effective_on: Date = span.first;
    let wanted = ControlsToAdopt { engagement: None, only, except: Vec::new(), effective_on, owners };
    house.adopt_controls(&lead, &wanted).unwrap();
    for (file, text) in SOURCES {
        fs::write(installation.sources().join(file), text).unwrap();
    }
    let sources = house.sources(&installation.sources(), installation.root()).unwrap();
    house.approve_sources(&administrator, &sources).unwrap();
}
