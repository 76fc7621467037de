//! `tickmark ledger …`: look, check, anchor, change the key.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tickmark_app::{Error, House, KeyChange, MachineClock, PendingStamp, RecoverySeed, counted, parse_ledger_key};

use super::{
    Outcome,
    arguments::{self, LedgerAct, Why},
    exit::Exit,
    outside,
    print::Printer,
    progress::ProgressLine,
};

pub fn run(command: &arguments::Ledger, printer: &Printer) -> Outcome {
    if let LedgerAct::Rotate { reason, recovery_seed, untrusted_from } = &command.act {
        return rotate(command, *reason, recovery_seed.as_deref(), *untrusted_from, printer);
    }
    with_house(command, &command.act, printer)
}

/// Changes the signing key; after a loss there is none to open the organization with.
fn rotate(
    command: &arguments::Ledger,
    reason: Why,
    recovery_seed: Option<&Path>,
    untrusted_from: Option<u64>,
    printer: &Printer,
) -> Outcome {
    let seed =
        || -> Result<RecoverySeed, Error> { recovery_seed.map_or(Err(Error::NoRecoverySeed), RecoverySeed::read) };
    let change = match reason {
        Why::Routine => KeyChange::Routine,
        Why::Loss => KeyChange::Loss { recovery_seed: seed()? },
        Why::Compromise => {
            KeyChange::Compromise { recovery_seed: seed()?, untrusted_from: untrusted_from.unwrap_or_default() }
        }
    };
    let installation = outside::installation(&command.folder)?;
    let changed = installation.change_key(command.acting.person.as_deref(), &change, Arc::new(MachineClock))?;
    printer.result(&changed, || {
        let mut text = format!(
            "The ledger has {} entries and is signed by {} from now on.\nTell it to whoever holds its checkpoints.",
            changed.ledger_size, changed.ledger_key
        );
        if let Some(seed) = &changed.recovery_seed {
            text.push_str(&format!(
                "\nNew recovery seed, shown once; keep it offline and destroy the old one:\n{seed}"
            ));
        }
        text
    });
    Ok(Exit::Done)
}

fn with_house(command: &arguments::Ledger, act: &LedgerAct, printer: &Printer) -> Outcome {
    let (installation, house) = outside::house(&command.folder)?;
    if !matches!(act, LedgerAct::Show { .. } | LedgerAct::Head) {
        house.require_present()?;
    }
    let administrator = || house.require_administrator(&house.acting(command.acting.person.as_deref())?);
    match act {
        LedgerAct::Rotate { .. } => {}
        LedgerAct::WitnessRequest { request, held } => {
            let text = house.witness_request(*held)?;
            outside::write(request, text.as_bytes())?;
            let shown = serde_json::json!({"size": house.size(), "request": request});
            printer.result(&shown, || {
                format!(
                    "Request for size {} written to {}. Send it with\n  curl --data-binary @{} URL/add-checkpoint",
                    house.size(),
                    request.display(),
                    request.display()
                )
            });
        }
        LedgerAct::Witness { request, answer, key } => {
            administrator()?;
            let key = parse_ledger_key(&text(key)?)?;
            let size = house.take_cosignature(&text(request)?, &text(answer)?, &key)?;
            let shown = serde_json::json!({"size": size, "witness": key.to_string()});
            printer
                .result(&shown, || format!("{} holds the checkpoint of size {size}; kept as an anchor.", key.name()));
        }
        LedgerAct::WitnessKey => {
            let key = installation.witness_key()?;
            printer.result(&serde_json::json!({"witness_key": key}), || key.clone());
        }
        LedgerAct::Trust { key } => {
            administrator()?;
            let key = parse_ledger_key(key)?;
            installation.trust_ledger(&key, &MachineClock)?;
            printer.result(&serde_json::json!({"trusted": key.to_string()}), || {
                format!("Checkpoints of {} are held here from now on.", key.name())
            });
        }
        LedgerAct::Cosign { request, answer } => {
            let given = installation.answer_as_witness(&text(request)?, &MachineClock)?;
            if given.status != 200 {
                return Err(Error::NotCosigned { status: given.status, because: given.body.trim_end().to_owned() });
            }
            outside::write(answer, given.body.as_bytes())?;
            let shown = serde_json::json!({"answer": answer});
            printer.result(&shown, || format!("Held and cosigned; send {} back.", answer.display()));
        }
        LedgerAct::Head => {
            let head = house.head()?;
            printer.result(&head, || {
                format!(
                    "{} at {}, {}\nroot {}\nkey {}\nrecovery key {}",
                    head.origin,
                    counted(head.size, "entry", "entries"),
                    counted(head.anchors, "outside anchor", "outside anchors"),
                    head.root,
                    head.key,
                    head.recovery_key
                )
            });
        }
        LedgerAct::Show { from, limit } => show(&house, *from, *limit, printer)?,
        LedgerAct::Check => {
            let progress = ProgressLine::new(printer);
            let line = house.check_ledger(&progress)?;
            drop(progress);
            printer.result(&line, || {
                let mut text = format!(
                    "Nothing is wrong: {} in {}, {}, {}; root {}",
                    counted(line.size, "entry", "entries"),
                    counted(line.streams, "stream", "streams"),
                    counted(line.checkpoints, "checkpoint", "checkpoints"),
                    counted(line.anchors, "outside anchor", "outside anchors"),
                    line.root
                );
                if line.clock_set_back > 0 {
                    text.push_str(&format!(
                        "\nA clock was set back: {} with a time before that of an entry before. Facts count as recorded no earlier than those before them.",
                        counted(line.clock_set_back, "entry", "entries")
                    ));
                }
                if line.needs_anchor > 0 {
                    text.push_str(&format!(
                        "\nSigned under a key that was stolen, and covered by no outside anchor: {}.",
                        counted(line.needs_anchor, "stretch", "stretches")
                    ));
                }
                text
            });
        }
        LedgerAct::Checkpoint => {
            let (subject, body) = house.mail()?;
            printer.result(&serde_json::json!({"subject": subject, "body": body}), || format!("{subject}\n\n{body}"));
        }
        LedgerAct::StampRequest { request } => {
            let (der, pending) = house.stamp_request()?;
            outside::write(request, &der)?;
            outside::write(&pending_path(request), &serde_json::to_vec(&pending).unwrap_or_default())?;
            printer.result(&pending, || format!("Request for size {} written to {}.", pending.size, request.display()));
        }
        LedgerAct::Stamp { request, response, authority } => {
            administrator()?;
            let pending: PendingStamp = serde_json::from_slice(&read(&pending_path(request))?)
                .map_err(|error| Error::Settings { path: pending_path(request), problem: error.to_string() })?;
            let pem = String::from_utf8_lossy(&read(authority)?).into_owned();
            house.take_stamp(read(request)?, &pending, &read(response)?, &pem)?;
            printer.result(&pending, || format!("The time stamp of size {} is kept as an anchor.", pending.size));
        }
        LedgerAct::Mail { mail } => {
            administrator()?;
            house.take_mail(&read(mail)?)?;
            printer.result(&serde_json::json!({"kept": true}), || "The mail is kept as an anchor.".to_owned());
        }
    }
    Ok(Exit::Done)
}

fn show(house: &House, from: u64, limit: u64, printer: &Printer) -> Result<(), Error> {
    let entries = house.entries(from, limit)?;
    printer.result(&entries, || {
        let mut text = String::new();
        for (index, entry) in &entries {
            let events = entry.body.get("events").and_then(serde_json::Value::as_array);
            let types: Vec<&str> =
                events.into_iter().flatten().filter_map(|event| event.get("type")?.as_str()).collect();
            let types = if types.is_empty() { entry.body.to_string() } else { summed_up(&types) };
            text.push_str(&format!(
                "{index:>6}  {}  {:<18} {}\n        {types}\n",
                entry.recorded_at, entry.stream, entry.author
            ));
        }
        text
    });
    Ok(())
}

/// `ControlAdopted ×26` instead of the same word 26 times.
fn summed_up(types: &[&str]) -> String {
    let mut runs: Vec<(&str, u64)> = Vec::new();
    for word in types {
        match runs.last_mut() {
            Some((last, count)) if last == word => *count += 1,
            _ => runs.push((word, 1)),
        }
    }
    let runs: Vec<String> =
        runs.iter().map(|(word, n)| if *n == 1 { (*word).to_owned() } else { format!("{word} ×{n}") }).collect();
    runs.join(", ")
}

fn pending_path(request: &Path) -> PathBuf {
    request.with_extension("pending.json")
}

fn text(path: &Path) -> Result<String, Error> {
    let bytes = read(path)?;
    String::from_utf8(bytes)
        .map_err(|_| Error::Settings { path: path.to_owned(), problem: "this is no UTF-8 text".to_owned() })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Io { doing: "read", path: path.to_owned(), source })
}
