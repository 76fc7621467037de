//! Connectors from outside: what is typed and what is printed stands in `connectors/transcript.md`. The AWS account is one of a moto
//! server, which checks signatures and rights.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use jiff::{ToSpan as _, tz::TimeZone};
use tickmark_app::{Catalog, rehearse};

use crate::everyday::{Days, plays_as_written};

/// A moto server of this test's own.
struct Moto {
    server: Child,
    url: String,
}

impl Moto {
    fn start(python: &Path) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python.parent().unwrap().join("moto_server"));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Self { server: command.spawn().unwrap(), url: format!("http://127.0.0.1:{port}") };
        for _ in 0..240 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return started;
            }
            thread::sleep(Duration::from_millis(250));
        }
        panic!("moto did not start within a minute");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn every_connector_has_the_expected_rows_or_says_why_not() {
    let catalog = Catalog::embedded().unwrap();
    let mut said = String::new();
    for id in catalog.connectors.keys() {
        let rehearsed = rehearse(&catalog, id).unwrap();
        let requests: u64 = rehearsed.tables.iter().map(|table| table.requests).sum();
        // Eleven ways for each answer; the page before it once more is one for later pages only.
        assert!(rehearsed.faults >= requests * 11, "{id}");
        for problem in rehearsed.problems {
            said.push_str(&format!("{id}: {problem}\n"));
        }
    }
    assert!(said.is_empty(), "{said}");
}

#[test]
fn a_product_is_read_by_its_connector() {
    let Some(python) = std::env::var_os("TICKMARK_TEST_PYTHON") else {
        assert!(std::env::var_os("TICKMARK_TEST_SERVERS").is_none(), "tests/servers.sh told of no Python");
        return;
    };
    let python = Path::new(&python);
    let moto = Moto::start(python);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/connectors/aws.py");
    let filled = Command::new(python).arg(script).arg(&moto.url).output().unwrap();
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    let truth: serde_json::Value = serde_json::from_slice(&filled.stdout).unwrap();

    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    let mut settings = String::from(
        "kind = \"connector\"\nid = \"aws\"\ntitle = \"Production account\"\nzone = \"America/New_York\"\nconnector = \"aws\"\nnetworks = [\"127.0.0.0/8\"]\n\n[settings]\naccount = \"123456789012\"\nregion = \"us-east-1\"\n",
    );
    for service in ["cloudtrail", "ec2", "iam", "kms", "rds", "s3", "s3control", "sts"] {
        settings.push_str(&format!("service_{service} = \"{}\"\n", moto.url));
    }
    settings.push_str("\n[secrets]\naccess_key = { file = \"access\" }\nsecret_key = { file = \"secret\" }\n");
    fs::write(root.join("aws.toml"), settings).unwrap();
    for (file, name) in [
        ("access", "access_key"),
        ("secret", "secret_key"),
        ("half-access", "half_access_key"),
        ("half-secret", "half_secret_key"),
    ] {
        let path = root.join(file);
        fs::write(&path, truth[name].as_str().unwrap()).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let today = jiff::Timestamp::now().to_zoned(TimeZone::get("America/New_York").unwrap()).date();
    let named = [(today, "TODAY"), (today - 1.day(), "YESTERDAY"), (today - 90.days(), "BEFORE")];
    let named = named.into_iter().map(|(day, name)| (day.to_string(), name.to_owned()));
    // Where the account is differs from run to run, too.
    let named = named.chain([(moto.url.clone(), "ADDRESS".to_owned())]).collect();
    plays_as_written(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/connectors/transcript.md"),
        &root,
        Days::Named(named),
    );
}
