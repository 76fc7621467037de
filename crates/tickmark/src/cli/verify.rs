//! `tickmark verify`: three verdicts on a package.

use std::fmt::Write;

use tickmark_app::{Error, FirmSecretKey, Limits, Verdict, Verification, VerifyRequest, parse_ledger_key};

use super::{Outcome, arguments, exit::Exit, print::Printer, progress::ProgressLine};

pub fn run(command: &arguments::Verify, printer: &Printer) -> Outcome {
    let firm_key = command.firm_key.as_deref().map(FirmSecretKey::load).transpose()?;
    let limits = Limits::of_foreign_sql(command.seconds);
    let mut request = VerifyRequest { firm_key: firm_key.as_ref(), limits, ..VerifyRequest::default() };
    request.reliance.vkey = command.ledger_key.as_deref().map(parse_ledger_key).transpose()?;
    for path in &command.witness {
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::Io { doing: "read", path: path.clone(), source })?;
        request.reliance.trust.witnesses.push(parse_ledger_key(&text)?);
    }
    let progress = ProgressLine::new(printer);
    let verification = tickmark_app::verify(&command.package, &request, &progress)?;
    drop(progress);
    printer.result(&verification, || text(&verification));
    Ok(match (verification.nothing_is_wrong(), verification.is_whole()) {
        (false, _) => Exit::Corrupt,
        (true, true) => Exit::Done,
        (true, false) => Exit::Incomplete,
    })
}

fn text(verification: &Verification) -> String {
    let mut text = String::new();
    // What cannot be opened says nothing about itself.
    if !verification.organization.is_empty() {
        let Verification { kind, engagement, organization, .. } = verification;
        let _ = writeln!(text, "{kind} package of engagement {engagement} of {organization}");
    }
    if let Some(ledger) = &verification.ledger {
        let _ = writeln!(text, "ledger {} at {} entries, root {}", ledger.origin, ledger.size, ledger.root);
        let known = if ledger.key_known {
            "as you gave it"
        } else {
            "vouched for by the package alone: compare it with one you have from elsewhere (--ledger-key)"
        };
        let _ = writeln!(text, "key {} ({known})", ledger.key);
        let _ = writeln!(text, "{}", ledger.anchoring);
    }
    let _ = writeln!(text);
    for (name, verdict) in [
        ("integrity", &verification.integrity),
        ("recomputation", &verification.recomputation),
        ("documents", &verification.documents),
    ] {
        let (mark, says) = match verdict {
            Verdict::Holds { says } => ("✓ holds", says),
            Verdict::Differs { first } => ("✗ DIFFERS", first),
            Verdict::NotDone { because } => ("– not done", because),
        };
        let _ = writeln!(text, "{name:<14} {mark:<11} {says}");
    }
    text
}
