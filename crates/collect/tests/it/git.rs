//! Repositories made by `git` itself.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use tickmark_collect::{Connectors, SourceConfig};

use crate::case::{Place, chain, yesterday};

const SOURCE: &str = r#"
id = "code"
title = "Code"
kind = "git"
folder = "app"
repository = "app"

[[datasets]]
dataset = "git_commit"
table = "commits"

[[datasets]]
dataset = "git_tag"
table = "tags"
"#;

fn dataset(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/datasets").join(format!("{name}.toml"));
    std::fs::read_to_string(path).unwrap()
}

struct Repository<'a> {
    folder: &'a Path,
    minute: u32,
}

impl Repository<'_> {
    fn git(&mut self, arguments: &[&str]) -> String {
        self.minute += 1;
        let date = format!("2026-09-01T12:{:02}:00-04:00", self.minute);
        let output = Command::new("git")
            .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("HOME", "/nonexistent")])
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@x.example"), ("GIT_AUTHOR_DATE", &date)])
            .envs([
                ("GIT_COMMITTER_NAME", "Bo"),
                ("GIT_COMMITTER_EMAIL", "bo@x.example"),
                ("GIT_COMMITTER_DATE", &date),
            ])
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&mut self, file: &str, message: &str) {
        std::fs::write(self.folder.join(file), message).unwrap();
        self.git(&["add", file]);
        self.git(&["commit", "-q", "-m", message]);
    }
}

fn history(place: &Place) -> Repository<'_> {
    history_in(place, "app")
}

fn history_in<'a>(place: &'a Place, name: &str) -> Repository<'a> {
    let folder: &Path = Box::leak(place.path().join(name).into_boxed_path());
    std::fs::create_dir_all(folder).unwrap();
    let mut repository = Repository { folder, minute: 0 };
    repository.git(&["init", "-q"]);
    repository
        .commit("a.txt", "First\n\nReviewed-by: Cy <cy@x.example>\nReviewed-by: Di <di@x.example>\nChange: CHG-0001");
    repository.git(&["checkout", "-q", "-b", "topic"]);
    repository.commit("b.txt", "On a topic");
    repository.commit("c\u{1e} é.txt", "More on it");
    repository.git(&["checkout", "-q", "main"]);
    repository.git(&["merge", "-q", "--no-ff", "-m", "Merge\n\nReviewed-by: Cy <cy@x.example>", "topic"]);
    repository.git(&["tag", "-a", "v1", "-m", "Release"]);
    repository.git(&["tag", "light", "HEAD~1"]);
    repository.git(&["checkout", "-q", "-b", "left"]);
    repository.commit("d.txt", "Never merged");
    repository.git(&["checkout", "-q", "main"]);
    std::fs::write(repository.folder.join("d.txt"), "stashed").unwrap();
    repository.git(&["stash", "-q", "-u"]);
    repository
}

#[test]
fn commits_are_told_with_their_branch_reviewers_and_files() {
    let place = Place::new();
    let _repository = history(&place);
    let collected = place.collect(SOURCE, &dataset("git_commit"), yesterday()).unwrap();
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    let rows: Vec<String> = place
        .rows(&collected)
        .iter()
        .map(|row| {
            let kept = [
                "parents",
                "on_default_branch",
                "is_merge",
                "signature",
                "reviewed_by",
                "change_ticket",
                "files_changed",
            ];
            let words = row.split(' ').filter(|word| kept.iter().any(|name| word.starts_with(name)));
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(
        rows,
        [
            "parents=0 on_default_branch=true is_merge=false signature=N reviewed_by=cy@x.example, change_ticket=CHG-0001 files_changed=1",
            "parents=1 on_default_branch=false is_merge=false signature=N files_changed=1",
            "parents=1 on_default_branch=false is_merge=false signature=N files_changed=1",
            "parents=2 on_default_branch=true is_merge=true signature=N reviewed_by=cy@x.example files_changed=2",
            "parents=1 on_default_branch=false is_merge=false signature=N files_changed=1",
        ]
    );
    assert!(place.rows(&collected)[0].contains("reviewed_by=cy@x.example, di@x.example change_ticket"));
    assert!(place.rows(&collected)[0].contains("author_email=ada@x.example authored_at=2026-09-01T16:"));
    assert_eq!(collected.manifest.source_count, Some(5));
}

#[test]
fn a_file_whose_name_is_not_utf_8_is_counted_like_any_other() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let mut repository = history(&place);
    std::fs::write(repository.folder.join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")), "menu").unwrap();
    repository.git(&["add", "-A"]);
    repository.git(&["commit", "-q", "-m", "A menu"]);
    let collected = place.collect(SOURCE, &dataset("git_commit"), yesterday()).unwrap();
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    let rows = place.rows(&collected);
    assert_eq!((rows.len(), rows.iter().filter(|row| row.ends_with("files_changed=1")).count()), (6, 5), "{rows:#?}");
}

#[test]
fn several_repositories_are_one_dataset() {
    let place = Place::new();
    let _app = history(&place);
    let mut tax = history_in(&place, "tax");
    tax.commit("rates.txt", "Rates of the year");
    let alone = "folder = \"app\"\nrepository = \"app\"\n";
    let listed = |names: &[&str]| {
        let each = names.iter().map(|name| format!("[[repositories]]\nfolder = \"{name}\"\nrepository = \"{name}\"\n"));
        SOURCE.replace(alone, "") + &each.collect::<String>()
    };
    let collected = place.collect(&listed(&["app", "tax"]), &dataset("git_commit"), yesterday()).unwrap();
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    let rows = place.rows(&collected);
    let of = |name: &str| rows.iter().filter(|row| row.contains(&format!("repository={name} "))).count();
    assert_eq!((of("app"), of("tax"), collected.manifest.source_count), (5, 6, Some(11)));
    let missing = place.collect(&listed(&["app", "elsewhere"]), &dataset("git_commit"), yesterday());
    assert!(missing.unwrap_err().to_string().contains("elsewhere"));
    let refused = |source: &str| {
        SourceConfig::parse("source.toml", source, place.path(), &Connectors::default()).unwrap_err().to_string()
    };
    assert!(refused(&listed(&["app", "app"])).contains("names two repositories `app`"));
    assert!(refused(&SOURCE.replace(alone, "")).contains("names no repository"));
    let beside = format!("{SOURCE}[[repositories]]\nfolder = \"tax\"\nrepository = \"tax\"\n");
    assert!(refused(&beside).contains("beside `[[repositories]]`"));
}

#[test]
fn tags_name_commits() {
    let place = Place::new();
    let mut repository = history(&place);
    let blob = repository.git(&["rev-parse", "HEAD:a.txt"]);
    repository.git(&["tag", "of-a-file", blob.trim()]);
    repository.git(&["tag", "-a", "of-a-tag", "-m", "Release of v1", "v1"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let collected = place.collect(SOURCE, &dataset("git_tag"), yesterday()).unwrap();
    assert!(collected.complete, "{:?}", collected.incomplete_because);
    let rows = place.rows(&collected);
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("repository=app tag=light") && rows[0].ends_with("annotated=false"), "{}", rows[0]);
    assert!(
        rows[1].contains(head.trim()) && rows[1].contains("tagger_email=bo@x.example annotated=true"),
        "{}",
        rows[1]
    );
    assert!(rows[2].starts_with("repository=app tag=v1") || rows[1].starts_with("repository=app tag=v1"));
    assert_eq!(rows.iter().filter(|row| row.contains(head.trim()) && row.contains("annotated=true")).count(), 2);
    assert_eq!(collected.manifest.parameters["tags_of_other_objects"], "1");
}

#[test]
fn an_object_rewritten_under_its_id_is_refused() {
    let place = Place::new();
    let mut repository = history(&place);
    let merge = repository.git(&["rev-parse", "main"]);
    let other = repository.git(&["commit-tree", "-m", "Forged", "-p", "main^1", "-p", "topic", "main^{tree}"]);
    let file = |id: &str| repository.folder.join(".git/objects").join(&id[..2]).join(id[2..].trim());
    let rewritten = std::fs::read(file(&other)).unwrap();
    std::fs::remove_file(file(&merge)).unwrap();
    std::fs::write(file(&merge), rewritten).unwrap();
    let refused = place.collect(SOURCE, &dataset("git_commit"), yesterday()).unwrap_err().to_string();
    assert!(refused.contains(&format!("holds other content under the id {}", merge.trim())), "{refused}");
}

#[test]
fn nothing_of_a_repository_is_run_and_no_history_is_replaced() {
    let place = Place::new();
    let mut repository = history(&place);
    let mark = place.path().join("ran");
    let program = place.path().join("evil.sh");
    place.write("evil.sh", format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let program = program.display().to_string();
    let wanted = ["core.fsmonitor", "gpg.program", "gpg.ssh.program", "diff.external", "core.pager", "core.sshCommand"];
    for setting in wanted {
        repository.git(&["config", setting, &program]);
    }
    for (setting, value) in
        [("log.showSignature", "true"), ("log.mailmap", "true"), ("diff.evil.textconv", program.as_str())]
    {
        repository.git(&["config", setting, value]);
    }
    // A commit that claims a signature, so that a checker of signatures would be asked.
    let signed = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 1788278400 +0000\ncommitter A <a@x> 1788278400 +0000\n\
                  gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----\n\nSigned\n";
    place.write("commit.txt", signed);
    repository.git(&["hash-object", "-t", "tree", "-w", "/dev/null"]);
    let id = repository.git(&["hash-object", "-t", "commit", "-w", "../commit.txt"]);
    repository.git(&["branch", "signed", id.trim()]);
    let first = repository.git(&["rev-list", "--max-parents=0", "main"]);
    let other = repository.git(&["rev-parse", "left"]);
    repository.git(&["replace", "-f", other.trim(), first.trim()]);
    let collected = place.collect(SOURCE, &dataset("git_commit"), yesterday()).unwrap();
    assert!(!mark.exists(), "a program of the repository was run");
    let rows = place.rows(&collected);
    assert_eq!(rows.len(), 6);
    // What claims to be a signature and is none counts as none.
    let claimed = rows.iter().find(|row| row.contains(id.trim())).unwrap();
    assert!(claimed.contains("signature=N"), "{claimed}");
    let replaced = rows.iter().find(|row| row.contains(other.trim())).unwrap();
    assert!(replaced.contains("parents=1"), "{replaced}");
}

#[test]
fn signatures_are_checked_by_the_declared_keys_only() {
    if !Path::new("/usr/bin/ssh-keygen").exists() {
        assert!(std::env::var_os("TICKMARK_TEST_SERVERS").is_none(), "ssh-keygen is not installed (openssh-client)");
        return;
    }
    let place = Place::new();
    let mut repository = history(&place);
    let key = place.path().join("key").display().to_string();
    let made =
        Command::new("/usr/bin/ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "t", "-f", &key]).status();
    assert!(made.unwrap().success());
    let public = std::fs::read_to_string(format!("{key}.pub")).unwrap();
    std::fs::write(repository.folder.join("s.txt"), "signed").unwrap();
    repository.git(&["add", "s.txt"]);
    let with = ["-c", "gpg.format=ssh", "-c", &format!("user.signingKey={key}"), "commit", "-q", "-S", "-m", "Signed"];
    repository.git(&with);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let signature = |source: &str| {
        let collected = place.collect(source, &dataset("git_commit"), yesterday()).unwrap();
        let row = place.rows(&collected).into_iter().find(|row| row.contains(head.trim())).unwrap();
        row.split(' ').find_map(|word| word.strip_prefix("signature=")).unwrap().to_owned()
    };
    let with_signers = SOURCE.replace("repository = \"app\"", "repository = \"app\"\nallowed_signers = \"signers\"");
    // A key that the repository itself would allow is nobody's word.
    repository.git(&["config", "gpg.ssh.allowedSignersFile", "../signers"]);
    place.write("signers", format!("bo@x.example {public}"));
    assert_eq!(signature(&with_signers), "G");
    assert_ne!(signature(SOURCE), "G");
    place.write("signers", "");
    assert_ne!(signature(&with_signers), "G");
}

#[test]
fn repositories_without_their_history_are_refused() {
    let place = Place::new();
    let mut repository = history(&place);
    let target = place.path().join("shallow").display().to_string();
    let from = format!("file://{}", repository.folder.display());
    repository.git(&["clone", "-q", "--bare", "--depth", "1", &from, &target]);
    let told = chain(
        &place
            .collect(&SOURCE.replace("\"app\"\nrep", "\"shallow\"\nrep"), &dataset("git_commit"), yesterday())
            .unwrap_err(),
    );
    assert!(told.contains("shallow clone"), "{told}");
    place.write("plain/a.txt", "x");
    let told = chain(
        &place
            .collect(&SOURCE.replace("\"app\"\nrep", "\"plain\"\nrep"), &dataset("git_commit"), yesterday())
            .unwrap_err(),
    );
    assert!(told.contains("not a git repository"), "{told}");
    let told = chain(
        &place
            .collect(
                &SOURCE.replace("= \"app\"\n\n", "= \"app\"\nbranch = \"trunk\"\n\n"),
                &dataset("git_commit"),
                yesterday(),
            )
            .unwrap_err(),
    );
    assert!(told.contains("has no branch `refs/heads/trunk`"), "{told}");
}

#[test]
fn a_repository_without_a_commit_is_empty() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("app")).unwrap();
    let folder: &Path = Box::leak(place.path().join("app").into_boxed_path());
    Repository { folder, minute: 0 }.git(&["init", "-q", "--bare"]);
    for table in ["git_commit", "git_tag"] {
        let collected = place.collect(SOURCE, &dataset(table), yesterday()).unwrap();
        assert!(collected.complete && collected.manifest.rows == 0, "{:?}", collected.incomplete_because);
    }
}
