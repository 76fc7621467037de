//! Keys and outside holders on the command line: rotation after a plan, a loss and a theft; two installations that hold
//! each other's checkpoints.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// An installation made by `init`, and the recovery seed that was printed once.
struct House {
    _folder: tempfile::TempDir,
    dir: PathBuf,
    recovery_seed: String,
}

impl House {
    fn new(organization: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join(organization);
        let made = run(&[
            "--format",
            "json",
            "init",
            "--dir",
            dir.to_str().unwrap(),
            "--organization",
            organization,
            "--name",
            organization,
            "--administrator",
            "Ada",
            "--mail",
            "ada@acme.example",
        ]);
        let made: serde_json::Value = serde_json::from_str(&made.1).unwrap();
        Self { _folder: folder, dir, recovery_seed: made["recovery_seed"].as_str().unwrap().to_owned() }
    }

    /// Runs `tickmark ledger --dir … ARGUMENTS`; gives exit code and everything printed.
    fn ledger(&self, arguments: &[&str]) -> (i32, String) {
        let mut all = vec!["ledger", "--dir", self.dir.to_str().unwrap()];
        all.extend(arguments);
        run(&all)
    }

    fn key(&self) -> String {
        let (_, head) = run(&["--format", "json", "ledger", "--dir", self.dir.to_str().unwrap(), "head"]);
        serde_json::from_str::<serde_json::Value>(&head).unwrap()["key"].as_str().unwrap().to_owned()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn secret(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn signing_key(&self) -> PathBuf {
        self.file("keys").join(format!("{}.signing-key", self.dir.file_name().unwrap().to_str().unwrap()))
    }
}

fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tickmark")).args(arguments).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&all).into_owned())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_planned_rotation_changes_the_key_and_the_ledger_checks() {
    let house = House::new("acme");
    let before = house.key();
    let (code, said) = house.ledger(&["rotate"]);
    assert_eq!(code, 0, "{said}");
    assert_ne!(house.key(), before);
    assert_eq!(house.ledger(&["check"]).0, 0);
    assert_eq!(house.ledger(&["rotate"]).0, 0, "and again");
    assert_eq!(house.ledger(&["check"]).0, 0);
}

#[test]
fn a_lost_key_is_replaced_with_the_recovery_seed_only() {
    let house = House::new("acme");
    fs::write(house.signing_key(), "lost").unwrap();
    assert_eq!(house.ledger(&["head"]).0, 1, "nothing opens without the key");

    let wrong = house.secret("wrong-seed", &"00".repeat(32));
    let (code, said) = house.ledger(&["rotate", "--reason", "loss", "--recovery-seed", path(&wrong)]);
    assert_ne!(code, 0, "{said}");

    let seed = house.secret("seed", &house.recovery_seed);
    let (code, said) = house.ledger(&["rotate", "--reason", "loss", "--recovery-seed", path(&seed)]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("New recovery seed"), "{said}");
    assert_eq!(house.ledger(&["check"]).0, 0);

    let (code, said) = house.ledger(&["rotate", "--reason", "loss", "--recovery-seed", path(&seed)]);
    assert_ne!(code, 0, "the old seed was replaced: {said}");
    assert_eq!(house.ledger(&["check"]).0, 0);
}

#[test]
fn a_recovery_seed_that_others_can_read_is_refused() {
    let house = House::new("acme");
    let seed = house.secret("seed", &house.recovery_seed);
    fs::set_permissions(&seed, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said) = house.ledger(&["rotate", "--reason", "loss", "--recovery-seed", path(&seed)]);
    assert_eq!(code, 1);
    assert!(said.contains("chmod 600"), "{said}");
}

#[test]
fn after_a_theft_the_stolen_key_opens_nothing_more() {
    let house = House::new("acme");
    let stolen = fs::read(house.signing_key()).unwrap();
    let seed = house.secret("seed", &house.recovery_seed);
    let theft = ["rotate", "--reason", "compromise", "--recovery-seed", path(&seed), "--untrusted-from", "3"];
    let (code, said) = house.ledger(&theft);
    assert_eq!(code, 0, "{said}");
    fs::write(house.signing_key(), stolen).unwrap();
    let (code, said) = house.ledger(&["rotate"]);
    assert_ne!(code, 0, "{said}");
}

#[test]
fn a_rotation_that_a_crash_cut_short_is_forgotten_or_finished_when_the_house_is_opened() {
    let house = House::new("acme");
    let next = house.file("keys/acme.signing-key.next");
    let other = House::new("other");
    fs::copy(other.signing_key(), &next).unwrap();
    assert_eq!(house.ledger(&["head"]).0, 0, "it was not recorded: forgotten");
    assert!(!next.exists());

    let old = fs::read(house.signing_key()).unwrap();
    assert_eq!(house.ledger(&["rotate"]).0, 0);
    fs::rename(house.signing_key(), &next).unwrap();
    fs::write(house.signing_key(), old).unwrap();
    fs::set_permissions(house.signing_key(), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(house.ledger(&["rotate"]).0, 0, "it was recorded: finished");
    assert_eq!(house.ledger(&["check"]).0, 0);
}

#[test]
fn a_second_installation_holds_checkpoints_and_sees_a_ledger_that_was_put_back() {
    let (acme, firm) = (House::new("acme"), House::new("firm"));
    let (request, answer, key) = (acme.file("request"), acme.file("answer"), acme.file("witness.key"));
    fs::write(&key, firm.ledger(&["witness-key"]).1).unwrap();

    assert_eq!(acme.ledger(&["witness-request", path(&request)]).0, 0);
    let (code, said) = firm.ledger(&["cosign", path(&request), path(&answer)]);
    assert_eq!(code, 1, "not trusted yet: {said}");
    assert!(said.contains("tickmark ledger trust"), "{said}");

    assert_eq!(firm.ledger(&["trust", &acme.key()]).0, 0);
    assert_eq!(firm.ledger(&["cosign", path(&request), path(&answer)]).0, 0);
    let (code, said) = acme.ledger(&["witness", path(&request), path(&answer), "--key", path(&key)]);
    assert_eq!(code, 0, "{said}");
    assert!(acme.ledger(&["check"]).1.contains("1 outside anchor;"), "{}", acme.ledger(&["check"]).1);

    // The house goes on, the witness sees it, and then the house is put back to the copy of before and goes on otherwise.
    let earlier = fs::read(acme.file("ledger.db")).unwrap();
    let keys = fs::read(acme.signing_key()).unwrap();
    assert_eq!(acme.ledger(&["rotate"]).0, 0);
    assert_eq!(firm.ledger(&["trust", &acme.key()]).0, 0);
    let held = serde_json::from_str::<serde_json::Value>(
        &run(&["--format", "json", "ledger", "--dir", path(&acme.dir), "head"]).1,
    )
    .unwrap()["size"]
        .as_u64()
        .unwrap()
        - 1;
    assert_eq!(acme.ledger(&["witness-request", path(&request), "--held", &held.to_string()]).0, 0);
    assert_eq!(firm.ledger(&["cosign", path(&request), path(&answer)]).0, 0);

    for rest in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(acme.file(rest));
    }
    fs::write(acme.file("ledger.db"), earlier).unwrap();
    fs::write(acme.signing_key(), keys).unwrap();
    assert_eq!(acme.ledger(&["rotate"]).0, 0, "the house can do this to itself");
    assert_eq!(firm.ledger(&["trust", &acme.key()]).0, 0);
    assert_eq!(acme.ledger(&["witness-request", path(&request), "--held", &held.to_string()]).0, 0);
    let (code, said) = firm.ledger(&["cosign", path(&request), path(&answer)]);
    assert_eq!(code, 1, "the witness holds another tree of that size: {said}");
    assert!(said.contains("409"), "{said}");
}
