//! Going back in time: every command that reads an organization's state answers as it would have then, and every other one
//! refuses `--at`. A new command has to stand in one of the two lists.

use std::{collections::BTreeSet, path::Path, process::Command};

use jiff::{Timestamp, ToSpan, civil::date};
use tickmark_app::Span;

use crate::schedule::{set_up, world};

/// Commands that read state, as they are typed.
const READ: &[&str] = &[
    "person list",
    "engagement list",
    "engagement follow-up soc1",
    "demand list",
    "advice list",
    "scope list",
    "scope comments",
    "control list",
    "control lint",
    "control conclusions",
    "calendar",
    "population list",
    "sample list",
    "management-test list",
    "management-test evidence",
    "policy list",
    "policy show access",
    "policy write OUT/policies",
    "export OUT/program",
    "source list",
    "run --due --dry-run",
    "test --cases --test mfa-on",
    "status",
    "status --flips",
    "vendor-report list",
    "companion gap-memo soc1",
    "coverage",
    "readiness",
    "consistency",
    "lint soc1",
    "exceptions",
    "deviation list soc1",
    "firm comments soc1",
    "checklist --engagement soc1",
    "catalog proposal",
    "oscal export OUT/oscal",
    "report --engagement soc1 --matrices OUT/matrices",
    "report copies",
    "ledger head",
    "ledger show",
    "vault holds",
    "upgrade --check",
];

/// Commands that read something which the organization of this test does not have.
const READ_OF_NOTHING: &[&str] = &[
    "engagement changes none",
    "firm sections none",
    "companion bridge-letter none",
    "companion comparison none",
    "companion representation-letter none",
    "companion user-entity-pack none",
    "advice show 1",
    "population show none",
    "population compare none",
    "sample show none",
    "sample redraw none",
    "management-test show none",
    "exception show none",
];

/// Commands that change something, need no organization, or look at what is there now.
const PRESENT: &[&str] = &[
    "advise --profile FILE",
    "compare-reports",
    "connector list",
    "connector show scim",
    "connector check scim",
    "connector new OUT/mine",
    "connector record FILE --out OUT/recording",
    "checklist --industry payroll",
    "demo --dir OUT/demo",
    "init --organization a --name A --administrator B --mail c@example.com",
    "person add p-9 --name N --mail m@example.com",
    "person grant p-02 --role reader",
    "person revoke p-02 --role administrator",
    "engagement open e --report soc2 --type1 2026-01-01 --categories security --system S",
    "engagement renew soc1 --id next",
    "demand record D --asked 2026-01-01 --by B --words W",
    "demand end D --on 2026-01-01 --because R",
    "scope example",
    "scope comment soc1 --text T",
    "scope answer soc1 1 --text T",
    "control adopt --effective 2026-01-01",
    "control revise LA-02 --effective 2026-01-01 --reason R --statement S",
    "control drop LA-02 --from 2026-01-01 --reason R",
    "control perform LA-02 --on 2026-01-01 --evidence 1",
    "control withdraw-performance LA-02 1 --reason R",
    "control agree-withdrawal LA-02 1",
    "control conclude LA-02 --engagement soc1 --status not-due --reason R",
    "calendar adopt us-federal --from 2026-01-01",
    "population freeze p --engagement soc1 --test mfa-on",
    "population check p --passed --note N",
    "sample size --risk 5 --tolerable 5",
    "sample discovery --risk 5 --deviating 3 --population 5000",
    "sample table --items 100",
    "sample limit --risk 5 --size 60 --deviations 1",
    "sample evaluate --risk 5 --tolerable 5 --size 60 --deviations 1",
    "sample draw s --population p --size 25",
    "sample replace s --item 1 --because void --reason R --evidence FILE",
    "sample extend s --more 10 --deviations 1 --reason R",
    "sample void s --reason R",
    "sample nonce --commit DIGEST --engagement soc1",
    "management-test record FILE",
    "management-test review t --note N",
    "deviation respond soc1 D-t --text T",
    "exception assess e:1 --cause C --effect E --isolated",
    "engagement close soc1",
    "firm comment report --engagement soc1 --text T",
    "firm settle 1 --engagement soc1",
    "firm review t --engagement soc1 --note N",
    "import FILE --to OUT/imported",
    "apply OUT",
    "source approve",
    "collect",
    "test",
    "test backtest mfa-on --catalog CATALOG",
    "run --due",
    "exception respond e:1 --text T",
    "exception remediate e:1 --text T --on 2026-01-01",
    "exception retest e:1",
    "exception withdraw e:1 --reason R --evidence FILE",
    "exception agree e:1",
    "description adopt FILE --engagement soc1",
    "assertion sign FILE --engagement soc1 --title T",
    "assertion record-subservice FILE --engagement soc1 --organization SUB-1 --signed-by N --title T",
    "firm new-key OUT/key",
    "firm appoint --engagement soc1 --id f --name N --city C --key FILE",
    "firm perform FILE --firm-key FILE",
    "firm open FILE --firm-key FILE --out OUT/open",
    "firm record FILE",
    "firm report FILE --engagement soc1",
    "handover soc1 OUT/package",
    "report",
    "report import FILE",
    "report copy soc1 --reader N --out OUT/copy.pdf",
    "vendor-report read FILE",
    "vendor-report record FILE --pdf FILE",
    "verify FILE",
    "reperform FILE",
    "ledger check",
    "ledger checkpoint",
    "ledger stamp-request OUT/request",
    "ledger stamp FILE FILE --authority FILE",
    "ledger mail FILE",
    "ledger witness-request OUT/request",
    "ledger witness FILE FILE --key FILE",
    "ledger witness-key",
    "ledger trust KEY",
    "ledger cosign FILE OUT/answer",
    "ledger rotate",
    "oscal import FILE",
    "vault check",
    "vault erase DIGEST --reason R",
    "vault hold DIGEST --reason R",
    "vault release DIGEST --hold 1 --reason R",
    "catalog check",
    "catalog propose",
    "catalog adopt",
    "serve --listen 127.0.0.1:0",
];

/// Commands of which some have no folder of an installation.
const WITHOUT_FOLDER: &[&str] = &[
    "compare-reports",
    "connector check",
    "connector list",
    "connector new",
    "connector record",
    "connector show",
    "demo",
    "import",
    "verify",
    "reperform",
    "sample size",
    "sample discovery",
    "sample table",
    "sample limit",
    "sample evaluate",
];

fn tickmark(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tickmark")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// Every command below one, by what `--help` says.
fn commands(above: &[&str]) -> BTreeSet<String> {
    let (_, help) = tickmark(&[above, &["--help"]].concat());
    let listed = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let listed = listed.lines().take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()));
    let mut found: BTreeSet<String> = BTreeSet::new();
    for name in names.filter(|name| *name != "help") {
        let here = [above, &[name]].concat();
        let below = commands(&here);
        if below.is_empty() || matches!(here[..], ["test" | "calendar"]) {
            found.insert(here.join(" "));
        }
        found.extend(below);
    }
    found
}

/// What is typed, with the places it names.
fn typed(line: &str, world: &Path) -> Vec<String> {
    let file = world.join("file").display().to_string();
    let out = world.join("out").display().to_string();
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
    let digest = "0".repeat(64);
    line.split(' ')
        .map(|word| {
            word.replace("FILE", &file).replace("OUT", &out).replace("CATALOG", catalog).replace("DIGEST", &digest)
        })
        .collect()
}

#[test]
fn every_command_goes_back_in_time_or_refuses_to() {
    let (_world, root) = world();
    std::fs::create_dir(root.join("out")).unwrap();
    std::fs::write(root.join("file"), "x").unwrap();
    let dir = root.join("house");
    let span = Span { first: date(2026, 1, 1), last: date(2026, 12, 31) };
    let at: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    set_up(&dir, &root.join("catalog"), at, span);

    let listed: Vec<&str> = [READ, READ_OF_NOTHING, PRESENT].concat();
    let unlisted: Vec<String> =
        commands(&[]).into_iter().filter(|name| !listed.iter().any(|line| begins(line, name))).collect();
    assert!(unlisted.is_empty(), "these read state and take `--at`, or refuse it: {unlisted:?}");

    let dir = dir.display().to_string();
    let run = |line: &str, at: &str| {
        let mut arguments = typed(line, &root);
        if !WITHOUT_FOLDER.iter().any(|name| begins(line, name)) {
            arguments.extend(["--dir".to_owned(), dir.clone()]);
        }
        arguments.extend(["--at".to_owned(), at.to_owned()]);
        tickmark(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    // Before the ledger began, before anything was approved, and by an instant.
    let later = at.checked_add(1.hour()).unwrap().to_string();
    for line in READ {
        for moment in ["7", later.as_str()] {
            let (code, said) = run(line, moment);
            let existed = !line.contains("soc1") || moment != "7";
            // 5 says that something is lacking then, not that the past is not shown.
            assert!(matches!(code, 0 | 5) || !existed, "`{line} --at {moment}` ended with {code}:\n{said}");
        }
        let (code, said) = run(line, "999999");
        assert!(code == 1 && said.contains("the ledger has"), "`{line} --at 999999`: {said}");
    }
    for line in READ_OF_NOTHING {
        let (code, said) = run(line, "7");
        let is_missed = said.contains("`none`") || said.contains("there is no ");
        assert!(code != 0 && is_missed && !said.contains("the past"), "`{line} --at 7`: {said}");
    }
    for line in PRESENT {
        let (code, said) = run(line, "7");
        let refuses =
            said.contains("the past is shown and stays as it was") || said.contains("unexpected argument '--at'");
        assert!(code != 0 && refuses, "`{line} --at 7` ended with {code}:\n{said}");
    }
}

/// Whether a line types this command.
fn begins(line: &str, name: &str) -> bool {
    line == name || line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '))
}

#[test]
fn a_list_at_a_past_size_is_the_list_of_then() {
    let (_world, root) = world();
    let dir = root.join("house");
    let span = Span { first: date(2026, 1, 1), last: date(2026, 12, 31) };
    set_up(&dir, &root.join("catalog"), "2026-06-01T12:00:00Z".parse().unwrap(), span);
    let dir = dir.display().to_string();
    let count = |command: &[&str], at: &str| {
        let (code, said) = tickmark(&[command, &["--dir", &dir, "--at", at, "--format", "json"]].concat());
        assert_eq!(code, 0, "{said}");
        serde_json::from_str::<serde_json::Value>(&said).unwrap().as_array().unwrap().len()
    };
    assert_eq!((count(&["person", "list"], "2"), count(&["person", "list"], "4")), (1, 3));
    assert_eq!((count(&["control", "list"], "4"), count(&["control", "list"], "2026-06-01T13:00:00Z")), (0, 2));
    assert_eq!(count(&["person", "list"], "2026-05-01T00:00:00Z"), 0);
}
