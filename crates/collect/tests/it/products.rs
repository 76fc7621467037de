//! Connectors on running products that others wrote: `tests/servers.sh` starts them.

use std::process::Command;

use serde_json::Value;
use tickmark_catalog::Catalog;
use tickmark_collect::{Collected, Connectors, Error, SourceConfig, collect};

use crate::case::Place;

/// Where a running product is; nothing if it is not running and need not be.
fn product(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    assert!(found.is_some() || std::env::var("TICKMARK_TEST_SERVERS").is_err(), "{variable} is not set");
    found
}

/// A catalog and a place for extracts.
struct Bench {
    catalog: Catalog,
    connectors: Connectors,
    place: Place,
}

impl Bench {
    fn new() -> Self {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let catalog = Catalog::load(&folder).unwrap_or_else(|problems| panic!("{problems:?}"));
        let connectors = Connectors::of(&catalog).unwrap();
        Self { catalog, connectors, place: Place::new() }
    }

    fn source(&self, text: &str, secrets: &[(&str, &str)]) -> SourceConfig {
        for (name, secret) in secrets {
            let path = self.place.path().join(name);
            std::fs::write(&path, secret).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        SourceConfig::parse("source.toml", text, self.place.path(), &self.connectors).unwrap()
    }

    fn collect(&self, source: &SourceConfig, table: &str) -> Result<Collected, Error> {
        // Signatures are of the time of their making.
        let now = jiff::Timestamp::now();
        let on = tickmark_collect::present_day(source, now.to_zoned(jiff::tz::TimeZone::UTC).date());
        let window = tickmark_collect::Window::State { effective_on: on };
        collect(source, &self.catalog.datasets[table], window, &self.place.vault, now, &())
    }

    fn rows(&self, source: &SourceConfig, table: &str) -> Vec<String> {
        let collected = self.collect(source, table).unwrap_or_else(|error| panic!("{table}: {error}"));
        assert_eq!(collected.incomplete_because, None, "{table}");
        self.place.rows(&collected)
    }
}

fn count(rows: &[String], word: &str) -> usize {
    rows.iter().filter(|row| row.split(' ').any(|cell| cell == word)).count()
}

#[test]
fn an_aws_account_is_read_with_signed_requests() {
    let Some(endpoint) = product("TICKMARK_TEST_MOTO_URL") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/connectors/aws.py");
    let filled =
        Command::new(std::env::var("TICKMARK_TEST_PYTHON").unwrap()).arg(script).arg(&endpoint).output().unwrap();
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    let truth: Value = serde_json::from_slice(&filled.stdout).unwrap();
    let text = |name: &str| truth[name].as_str().unwrap().to_owned();
    let number = |name: &str| usize::try_from(truth[name].as_u64().unwrap()).unwrap();

    let mut settings = String::from(
        "kind = \"connector\"\nid = \"aws\"\ntitle = \"AWS\"\nconnector = \"aws\"\nnetworks = [\"127.0.0.0/8\"]\n[settings]\naccount = \"123456789012\"\nregion = \"us-east-1\"\n",
    );
    for service in ["cloudtrail", "ec2", "iam", "kms", "rds", "s3", "s3control", "sts"] {
        settings.push_str(&format!("service_{service} = \"{endpoint}\"\n"));
    }
    settings.push_str("[secrets]\naccess_key = { file = \"access\" }\nsecret_key = { file = \"secret\" }\n");

    let bench = Bench::new();
    let source = bench.source(&settings, &[("access", &text("access_key")), ("secret", &text("secret_key"))]);
    let credentials = bench.rows(&source, "aws_iam_credential");
    let users = bench.rows(&source, "aws_iam_user");
    assert_eq!(users.len(), number("users"));
    let of_user = |name: &str| credentials.iter().find(|row| row.starts_with(&format!("user_name={name} "))).unwrap();
    for name in truth["console"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        let has_factor = !truth["without_factor"].as_array().unwrap().iter().any(|other| other == name);
        assert!(of_user(name).contains("password_enabled=true"), "{}", of_user(name));
        assert!(of_user(name).contains(&format!("mfa_active={has_factor}")), "{}", of_user(name));
    }
    assert_eq!(bench.rows(&source, "aws_iam_user_policy").len(), number("attached"));
    assert!(count(&bench.rows(&source, "aws_account_summary"), &format!("value={}", number("users"))) >= 1);
    assert_eq!(count(&bench.rows(&source, "aws_password_policy"), "minimum_length=12"), 1);
    assert_eq!(bench.rows(&source, "aws_s3_bucket").len(), number("buckets"));
    assert_eq!(count(&bench.rows(&source, "aws_s3_versioning"), "status=Enabled"), number("versioned"));
    let blocks = bench.rows(&source, "aws_s3_public_access_block");
    let unblocked: Vec<&str> = blocks.iter().filter(|row| !row.contains("blocks_")).map(|row| row.as_str()).collect();
    let expected =
        truth["unblocked"].as_array().unwrap().iter().map(|name| format!("bucket={}", name.as_str().unwrap()));
    assert_eq!(unblocked, expected.collect::<Vec<_>>());
    let rules = bench.rows(&source, "aws_security_group_rule");
    let open = rules.iter().filter(|row| row.contains("from_port=22 ") && row.contains("ipv4=0.0.0.0/0")).count();
    assert_eq!(open, 1, "{rules:?}");
    assert_eq!(count(&bench.rows(&source, "aws_db_instance"), "is_public=true"), 1);
    assert_eq!(count(&bench.rows(&source, "aws_trail_status"), "is_logging=true"), 1);
    assert_eq!(bench.rows(&source, "aws_trail").len(), number("trails"));
    let rotation = bench.rows(&source, "aws_kms_rotation");
    assert_eq!((rotation.len(), count(&rotation, "is_rotated=true")), (number("keys"), 1), "{rotation:?}");
    assert_eq!(bench.rows(&source, "aws_kms_key_detail").len(), number("keys") + 1);
    assert_eq!(bench.rows(&source, "aws_account"), [format!("account_id={}", text("account"))]);
    assert_eq!(count(&bench.rows(&source, "aws_access_key"), "status=Active"), number("access_keys"));
    let of_account = bench.rows(&source, "aws_s3_account_block");
    assert_eq!(
        (count(&of_account, "blocks_public_acls=true"), count(&of_account, "blocks_public_policy=false")),
        (1, 1)
    );

    // A wrong secret, and a right that is missing: never "no buckets".
    let wrong = bench.source(&settings, &[("access", &text("access_key")), ("secret", "of-somebody-else")]);
    let error = bench.collect(&wrong, "aws_iam_user").unwrap_err();
    assert_eq!(error.code(), "request-denied", "{error}");
    assert!(!error.to_string().contains("of-somebody-else"), "{error}");
    let half = bench.source(&settings, &[("access", &text("half_access_key")), ("secret", &text("half_secret_key"))]);
    assert_eq!(bench.rows(&half, "aws_iam_user").len(), number("users"));
    assert_eq!(bench.collect(&half, "aws_s3_bucket").unwrap_err().code(), "request-denied");
}

#[test]
fn a_scim_directory_is_read_page_by_page() {
    let Some(base) = product("TICKMARK_TEST_SCIM_URL") else { return };
    let create = |kind: &str, body: Value| {
        let made = ureq::post(format!("{base}/{kind}"))
            .header("authorization", "Bearer made-up")
            .header("content-type", "application/scim+json")
            .send(body.to_string().as_bytes());
        let text = made.unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let bench = Bench::new();
    let settings = format!(
        "kind = \"connector\"\nid = \"scim\"\ntitle = \"SCIM\"\nconnector = \"scim\"\nnetworks = [\"127.0.0.0/8\"]\n[settings]\nbase = \"{base}\"\n[secrets]\ntoken = {{ file = \"token\" }}\n"
    );
    let source = bench.source(&settings, &[("token", "made-up")]);
    let before = bench.rows(&source, "scim_user").len();
    let mut ids = Vec::new();
    // More than one page of what the connector asks for.
    for number in 0..450 {
        ids.push(create(
            "Users",
            serde_json::json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": format!("user-{}-{number}", std::process::id()), "active": number % 10 != 0,
                "emails": [{"value": format!("User{number}@Example.com")}],
            }),
        ));
    }
    let group = create(
        "Groups",
        serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Payroll", "members": [{"value": ids[0]}, {"value": ids[1]}],
        }),
    );
    let users = bench.rows(&source, "scim_user");
    assert_eq!(users.len(), before + 450);
    assert!(count(&users, "active=false") >= 45, "{}", count(&users, "active=false"));
    assert_eq!(count(&bench.rows(&source, "scim_group"), &format!("id={group}")), 1);
    assert_eq!(count(&bench.rows(&source, "scim_group_member"), &format!("group_id={group}")), 2);
    let stranger = bench.source(&settings, &[("token", "of-somebody-else")]);
    assert_eq!(bench.collect(&stranger, "scim_user").unwrap_err().code(), "request-denied");
}
