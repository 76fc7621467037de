//! RFC 3161 timestamps, with `openssl ts` as the authority.

use std::{fs, path::Path, process::Command};

use crate::support::{Ledger, ORIGIN};
use tickmark_ledger::{
    Anchor, AnchorVerdict, Store as _, Trust, Unanchored,
    anchor::rfc3161::{self, Authority},
};

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("`openssl` is installed (the tests of timestamps run it as an authority)");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A certification authority and a timestamp authority under it, in a folder.
struct TimestampAuthority {
    folder: tempfile::TempDir,
}

impl TimestampAuthority {
    fn new(curve: &str, usage: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path();
        fs::write(path.join("ca.cnf"), "[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN=Test root\n[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n").expect("written");
        fs::write(path.join("tsa.cnf"), "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Test timestamps\n")
            .expect("written");
        fs::write(
            path.join("ext.cnf"),
            format!(
                "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\n"
            ),
        )
        .expect("written");
        fs::write(path.join("ts.cnf"), "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\nordering=yes\naccuracy=secs:1\ntsa_name=yes\ness_cert_id_alg=sha256\n").expect("written");
        fs::write(path.join("serial"), "01\n").expect("written");
        for name in ["ca", "tsa"] {
            openssl(path, &format!("ecparam -name {curve} -genkey -noout -out {name}.key"));
        }
        openssl(path, "req -x509 -new -key ca.key -config ca.cnf -days 3650 -sha256 -out ca.pem");
        openssl(path, "req -new -key tsa.key -config tsa.cnf -sha256 -out tsa.csr");
        openssl(
            path,
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -sha256 -extfile ext.cnf -out tsa.pem",
        );
        Self { folder }
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let path = self.folder.path();
        fs::write(path.join("request.tsq"), request).expect("written");
        openssl(path, "ts -reply -config ts.cnf -queryfile request.tsq -signer tsa.pem -inkey tsa.key -out answer.tsr");
        fs::read(path.join("answer.tsr")).expect("read")
    }

    fn pinned(&self) -> Authority {
        let read = |name: &str| fs::read_to_string(self.folder.path().join(name)).expect("read");
        Authority::from_pem_chain("test", &format!("{}{}", read("tsa.pem"), read("ca.pem"))).expect("a chain")
    }
}

const USAGE: &str = "critical,timeStamping";

#[test]
fn the_request_is_what_openssl_reads() {
    let ledger = Ledger::new();
    let receipt = ledger.append("a", 1, &[("s", 1)]);
    let request = rfc3161::request(&receipt.checkpoint).expect("request");
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("r.tsq"), &request.der).expect("written");
    let output = Command::new("openssl")
        .args(["ts", "-query", "-in", "r.tsq", "-text"])
        .current_dir(folder.path())
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Hash Algorithm: sha256") && text.contains("Certificate required: yes"), "{text}");
    assert!(text.to_lowercase().contains(&format!("nonce: 0x{}", hex::encode(&request.nonce))), "{text}");
}

#[test]
fn a_timestamp_is_accepted_for_its_checkpoint_request_and_signer_only() {
    for curve in ["prime256v1", "secp384r1"] {
        let authority = TimestampAuthority::new(curve, USAGE);
        let ledger = Ledger::new();
        let receipt = ledger.append("a", 1, &[("s", 1)]);
        let request = rfc3161::request(&receipt.checkpoint).expect("request");
        let answer = authority.answer(&request.der);
        let before = jiff::Timestamp::now();
        let anchor = rfc3161::accept(&receipt.checkpoint, &request, &answer, &authority.pinned()).expect("accepted");
        assert!(before.duration_since(anchor.at).as_secs().abs() < 60, "{}", anchor.at);
        assert_eq!((anchor.size, anchor.root), (receipt.size(), *receipt.checkpoint.root()));

        let refused = |result: Result<Anchor, tickmark_ledger::Error>, expected: &str| {
            let error = result.expect_err(expected).to_string();
            assert!(error.contains(expected), "expected `{expected}` in `{error}`");
        };
        let other = ledger.append("b", 2, &[("s", 2)]);
        refused(rfc3161::accept(&other.checkpoint, &request, &answer, &authority.pinned()), "hash mismatch");
        let another_request = rfc3161::request(&receipt.checkpoint).expect("request");
        refused(rfc3161::accept(&receipt.checkpoint, &another_request, &answer, &authority.pinned()), "nonce");
        let stranger = TimestampAuthority::new(curve, USAGE);
        refused(rfc3161::accept(&receipt.checkpoint, &request, &answer, &stranger.pinned()), "trusted");
        // The right signing certificate under somebody else's root.
        let mut mixed = authority.pinned();
        mixed.certificates[1] = stranger.pinned().certificates[1].clone();
        refused(rfc3161::accept(&receipt.checkpoint, &request, &answer, &mixed), "chain");
        let no_request = stranger.answer(&request.der);
        refused(rfc3161::accept(&receipt.checkpoint, &request, &no_request, &authority.pinned()), "trusted");
        for place in (0..answer.len()).step_by(97) {
            let mut changed = answer.clone();
            changed[place] ^= 1;
            let result = rfc3161::accept(&receipt.checkpoint, &request, &changed, &authority.pinned());
            // Bits outside what is signed (as in the certificate sent along) may change; what is proven does not.
            if let Ok(changed) = result {
                assert_eq!((changed.at, changed.root), (anchor.at, anchor.root));
            }
        }
        for length in [0, 1, 10, answer.len() / 2, answer.len() - 1] {
            assert!(rfc3161::accept(&receipt.checkpoint, &request, &answer[..length], &authority.pinned()).is_err());
        }
    }
}

#[test]
fn a_certificate_for_another_use_is_refused() {
    // `openssl ts` itself refuses to sign with such a certificate, so a good one answers, with the same key, and the
    // pinned one differs in its usage alone.
    let authority = TimestampAuthority::new("prime256v1", USAGE);
    let path = authority.folder.path();
    let ledger = Ledger::new();
    let receipt = ledger.append("a", 1, &[("s", 1)]);
    let request = rfc3161::request(&receipt.checkpoint).expect("request");
    let answer = authority.answer(&request.der);
    let text = Command::new("openssl").args(["x509", "-in", "tsa.pem", "-noout", "-serial"]).current_dir(path).output();
    let serial = String::from_utf8(text.expect("runs").stdout).expect("text");
    let serial = serial.trim().split_once('=').expect("serial").1.to_owned();
    fs::write(path.join("ext.cnf"), "extendedKeyUsage=critical,serverAuth\n").expect("written");
    openssl(
        path,
        &format!(
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 0x{serial} -days 3650 -sha256 -extfile ext.cnf -out tsa.pem"
        ),
    );
    let error =
        rfc3161::accept(&receipt.checkpoint, &request, &answer, &authority.pinned()).expect_err("refused").to_string();
    assert!(error.contains("ExtendedKeyUsage") || error.contains("chain validation failed"), "{error}");
}

#[test]
fn a_full_check_proves_the_timestamp_and_measures_the_stretch() {
    let authority = TimestampAuthority::new("prime256v1", USAGE);
    let ledger = Ledger::new();
    let receipt = ledger.append("a", 1, &[("s", 1)]);
    let none = ledger.check(&Trust::default()).expect("passes");
    assert_eq!(none.entries.expect("entries").unanchored, Unanchored::OwnKeyOnly);

    let request = rfc3161::request(&receipt.checkpoint).expect("request");
    let answer = authority.answer(&request.der);
    let anchor = rfc3161::accept(&receipt.checkpoint, &request, &answer, &authority.pinned()).expect("accepted");
    ledger.store.put_anchor(ORIGIN, &anchor).expect("kept");
    ledger.store.put_anchor(ORIGIN, &anchor).expect("kept once");

    let untrusted = ledger.check(&Trust::default()).expect("passes");
    assert!(
        matches!(untrusted.anchors.as_slice(), [finding] if matches!(finding.verdict, AnchorVerdict::NotProven { .. }))
    );
    assert_eq!(untrusted.entries.expect("entries").unanchored, Unanchored::OwnKeyOnly);

    let trust = Trust { authorities: vec![authority.pinned()], ..Trust::default() };
    let report = ledger.check(&trust).expect("passes");
    assert!(matches!(report.anchors.as_slice(), [finding] if finding.verdict.is_proven() && finding.anchor == anchor));
    assert!(matches!(
        report.entries.expect("entries").unanchored,
        Unanchored::Longest { size: 1 | 2, open: false, .. }
    ));
}
