//! Coverage, readiness and consistency on the command line: from nothing, and with a scope that somebody began.

use std::{path::Path, process::Command};

fn run(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tickmark")).args(arguments).arg("--dir").arg(dir).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn done(dir: &Path, arguments: &[&str]) -> String {
    let (code, text) = run(dir, arguments);
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text
}

/// Acme, with its administrator and a compliance lead.
fn acme(dir: &Path) {
    let founded =
        ["init", "--organization", "acme", "--name", "Acme", "--administrator", "Ann", "--mail", "a@b.example"];
    done(dir, &founded);
    done(dir, &["person", "add", "lea", "--name", "Lea", "--mail", "l@b.example", "--role", "compliance-lead"]);
}

#[test]
fn nothing_recorded_says_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    acme(folder.path());
    for command in ["coverage", "readiness", "consistency"] {
        let text = done(folder.path(), &[command]);
        assert!(text.contains("Next: No engagement is open"), "{command}: {text}");
    }
    let (code, text) = run(folder.path(), &["readiness", "soc9"]);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn from_an_engagement_to_a_list_of_gaps_and_a_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    acme(dir);
    let open = ["engagement", "open", "soc2", "--report", "soc2", "--type2", "2026-01-01", "2026-06-30"];
    done(dir, &[&open[..], &["--categories", "security", "--system", "Acme Core", "--as", "lea"]].concat());
    let before = done(dir, &["readiness"]);
    assert!(before.contains("no control serves criterion CC1.1"), "{before}");
    assert!(before.contains("tickmark control adopt --engagement soc2"), "{before}");
    done(dir, &["control", "adopt", "--effective", "2026-02-01", "--as", "lea"]);
    let size_before = 5;

    let after = done(dir, &["readiness", "soc2", "--limit", "2"]);
    assert!(after.contains("Type 1: not ready") && after.contains("DAT-09"), "{after}");
    assert!(
        after.contains("A period can begin on 2026-02-01") || after.contains("No earlier than 2026-02-01"),
        "{after}"
    );
    assert!(after.contains("DC2 security: no commitment"), "{after}");
    let past = done(dir, &["readiness", "--at", &size_before.to_string()]);
    assert!(!past.contains("LA-02"), "{past}");

    let json: serde_json::Value = serde_json::from_str(&done(dir, &["readiness", "--format", "json"])).unwrap();
    let engagement = &json["engagements"][0];
    let gaps = engagement["gaps"].as_array().unwrap();
    assert!(gaps.len() > 50);
    assert!(gaps.iter().any(|gap| gap["because"] == "a supporting control; nothing is there"), "{gaps:?}");
    let flat = after.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("(a key control; nothing is there)"), "{after}");
    assert_eq!(done(dir, &["readiness", "--engagement", "soc2", "--limit", "2"]), after);
    for score in ["design", "implementation", "operation", "evidence_quality"] {
        assert!(engagement["measures"]["CC6.2"]["scores"][score]["holds"].is_u64(), "{score}");
    }

    let csv = dir.join("matrix.csv");
    done(dir, &["coverage", "--matrix", csv.to_str().unwrap()]);
    let csv = std::fs::read_to_string(csv).unwrap();
    assert!(csv.starts_with("\u{feff}Criterion or objective,Title,What it asks,Assertions,Risk,"));
    assert!(csv.lines().any(|line| line.starts_with("CC6.2,") && line.contains(",LA-02,")), "{csv}");
    for (command, option) in [("coverage", "--xlsx"), ("coverage", "--matrix"), ("readiness", "--xlsx")] {
        let file = dir.join("table.xlsx");
        done(dir, &[command, option, file.to_str().unwrap()]);
        assert!(std::fs::read(&file).unwrap().starts_with(b"PK"), "{command} {option}");
        std::fs::remove_file(file).unwrap();
    }
    let findings = done(dir, &["consistency"]);
    assert!(findings.contains("DC3  None of the five parts") && findings.contains("CTL-09"), "{findings}");
}
