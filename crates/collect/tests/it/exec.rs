//! Commands: what they get and what they do not get.

use crate::case::{ITEM, Place, yesterday};

fn source(place: &Place, argv: &str, format: &str, more: &str) -> String {
    // The program is the first word: an absolute path in quotation marks.
    let program = argv.split('"').nth(1).unwrap().replace("DIR", &place.path().display().to_string());
    let sha256 = tickmark_canonical::Digest::of(&std::fs::read(program).unwrap());
    let count = if more.contains("count") { "" } else { "count.none = \"a test\"\n" };
    format!(
        "id = \"x\"\ntitle = \"X\"\nkind = \"exec\"\n[[datasets]]\ndataset = \"item\"\nargv = [{argv}]\nformat = \"{format}\"\n\
         timeout_seconds = 10\nmax_bytes = 100000\nsha256 = \"{sha256}\"\n{count}{more}"
    )
    .replace("DIR", &place.path().display().to_string())
}

#[test]
fn a_command_has_its_words_and_its_environment_and_nothing_else() {
    let place = Place::new();
    let source = source(
        &place,
        r#""/bin/sh", "-c", "echo id,amount,day,at,flag,n; echo \"$1 $HOME $GREETING $(pwd | tail -c 6),,$2,,,\"", "sh", "$(id); {on}", "{on}""#,
        "csv",
        "environment = { GREETING = \"hello\" }\nfolder = \"vault\"\n",
    );
    let collected = place.collect(&source, ITEM, yesterday()).unwrap();
    assert_eq!(place.rows(&collected), ["id=$(id); 2026-10-01  hello vault day=2026-10-01"]);
    let parameters = &collected.manifest.parameters;
    assert_eq!(parameters["environment GREETING"], "hello");
    assert_eq!(parameters["program"].len(), 64);
    assert!(collected.manifest.request.contains("$(id); 2026-10-01"), "{}", collected.manifest.request);
}

#[test]
fn a_document_may_state_its_number_of_rows() {
    let place = Place::new();
    place.write(
        "out.json",
        r#"{"n": 2, "rows": [{"id": "a", "amount": 1.5, "day": null, "at": null, "flag": null, "n": null}]}"#,
    );
    let source = source(&place, r#""/bin/cat", "DIR/out.json""#, "json", "rows = \"/rows\"\ncount.pointer = \"/n\"\n");
    let collected = place.collect(&source, ITEM, yesterday()).unwrap();
    assert_eq!(collected.incomplete_because.as_deref(), Some("the source counts 2 rows, 1 are stored"));
    assert_eq!(collected.manifest.count_agrees(), Some(false));
}

#[test]
fn a_program_may_count_its_rows_when_it_is_asked_apart() {
    let place = Place::new();
    let script = r#"case "$1" in count) echo 2;; *) echo id,amount,day,at,flag,n; echo "$2,,,,,";; esac"#;
    let argv = format!(r#""/bin/sh", "-c", '{script}', "sh", "rows", "{{on}}""#);
    let count = format!("count.arguments = [\"-c\", '{script}', \"sh\", \"count\"]\n");
    let collected = place.collect(&source(&place, &argv, "csv", &count), ITEM, yesterday()).unwrap();
    assert_eq!(place.rows(&collected), ["id=2026-10-01"]);
    assert_eq!(collected.incomplete_because.as_deref(), Some("the source counts 2 rows, 1 are stored"));
    assert!(collected.manifest.parameters["count"].ends_with("\"count\"]"), "{:?}", collected.manifest.parameters);
}

#[test]
fn a_program_that_was_changed_is_not_run() {
    let place = Place::new();
    place.program("run.sh", "#!/bin/sh\necho id,amount,day,at,flag,n; echo a,,,,,\n");
    let source = source(&place, r#""DIR/run.sh""#, "csv", "");
    place.collect(&source, ITEM, yesterday()).unwrap();
    place.program("run.sh", "#!/bin/sh\ntouch \"$0.ran\"; echo id,amount,day,at,flag,n; echo b,,,,,\n");
    let told = place.collect(&source, ITEM, yesterday()).unwrap_err().to_string();
    assert!(told.contains("was not run: its file has the SHA-256"), "{told}");
    assert!(!place.path().join("run.sh.ran").exists(), "it ran");
}

#[test]
fn what_a_command_started_is_ended_with_it_in_whatever_session_it_is() {
    for start in ["sleep 300", "setsid sleep 300"] {
        let place = Place::new();
        place.write("run.sh", format!("{start} & echo $! > \"$0.pid\"; wait"));
        let source = source(&place, r#""/bin/sh", "DIR/run.sh""#, "csv", "").replace("seconds = 10", "seconds = 1");
        let begun = std::time::Instant::now();
        let told = place.collect(&source, ITEM, yesterday()).unwrap_err().to_string();
        assert!(told.contains("was not done after 1 seconds"), "{told}");
        assert!(begun.elapsed().as_secs() < 200, "it was waited for");
        let pid = std::fs::read_to_string(place.path().join("run.sh.pid")).unwrap();
        let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        // Ended, or ended and not yet taken notice of by its parent.
        assert!(status.is_empty() || status.contains(") Z"), "{start}: {status}");
    }
}
