//! A mailbox outside the house as an anchor: the checkpoint as a plain-text mail, and found again in a returned one.
//!
//! Invariant: what a mail's headers say about time and holder is a claim of the mail servers, and is called one.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use mail_parser::{HeaderName, Message, MessageParser, PartType};

use super::{Anchor, AnchorKind};
use crate::{checkpoint::SignedCheckpoint, error::Error, key::VerifierKey};

const BEGIN: &str = "-----BEGIN LEDGER CHECKPOINT-----";
const END: &str = "-----END LEDGER CHECKPOINT-----";

/// Characters of a line of the block: below what any mail program breaks.
const LINE: usize = 64;

/// Mails within mails that are followed: a forward of a forward.
const MAX_NESTED: usize = 4;

const WHAT: &str = "mail with a checkpoint";

/// A mail to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// Subject line.
    pub subject: String,
    /// Body, plain text (US-ASCII but for the dash of the signature line).
    pub body: String,
}

/// Writes the mail that carries a checkpoint: readable for people, and once more in a block that survives reformatting.
pub fn compose(checkpoint: &SignedCheckpoint) -> MailText {
    let note = checkpoint.to_note();
    let encoded = STANDARD.encode(&note);
    let mut block = String::new();
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        block.push_str(line);
        block.push('\n');
        rest = after;
    }
    let body = format!(
        "This mail fixes the state of a ledger on the day it was sent. Keep it; there is nothing to do.\n\n\
         Ledger:  {}\nEntries: {}\nRoot:    {}\n\n{note}\n{BEGIN}\n{block}{END}\n",
        checkpoint.origin(),
        checkpoint.size(),
        checkpoint.root(),
    );
    MailText { subject: format!("Ledger {} at {} entries", checkpoint.origin(), checkpoint.size()), body }
}

/// A checkpoint found in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundInMail {
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// What the last mail server (or else the date header) says about time.
    pub claimed_at: Option<Timestamp>,
    /// The mail server that says it took the mail last.
    pub received_by: String,
}

/// Finds the checkpoint in a mail as it was exported (`.eml`), also in a forwarded mail or a text attachment.
pub fn find(mail: &[u8]) -> Result<FoundInMail, Error> {
    let message = MessageParser::default().parse(mail).ok_or_else(|| Error::malformed(WHAT, "it is no mail"))?;
    let note = search(&message, MAX_NESTED).ok_or_else(|| Error::malformed(WHAT, "it holds no checkpoint block"))?;
    let checkpoint = SignedCheckpoint::parse(&note)?;
    // Each server puts its line before the others: the first one is the last server's, in the holder's house.
    let received = message.parts.first().and_then(|part| {
        part.headers
            .iter()
            .find(|header| header.name == HeaderName::Received)
            .and_then(|header| header.value.as_received())
    });
    let date = received.and_then(|received| received.date()).or_else(|| message.date().copied());
    let claimed_at = date.and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
    let received_by = received.and_then(|received| received.by().map(ToString::to_string));
    let received_by = received_by.unwrap_or_else(|| "a mailbox that names no server".to_owned());
    Ok(FoundInMail { checkpoint, claimed_at, received_by })
}

/// Finds the checkpoint in a mail, verifies its signature by one of `keys`, and makes the anchor.
pub fn accept(mail: &[u8], keys: &[VerifierKey]) -> Result<Anchor, Error> {
    let found = find(mail)?;
    if !keys.iter().any(|key| found.checkpoint.verify(key).is_ok()) {
        return Err(Error::BadSignature {
            what: format!("the checkpoint at size {} in the mail", found.checkpoint.size()),
            reason: "no key of the ledger signed it".to_owned(),
        });
    }
    let at = found.claimed_at.ok_or_else(|| Error::malformed(WHAT, "it has no date"))?;
    Ok(Anchor::of(AnchorKind::Mailbox, &found.checkpoint, at, mail.to_vec()))
}

fn search(message: &Message<'_>, nested: usize) -> Option<String> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Text(text) => block_in(text),
        PartType::Html(text) => block_in(text),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => block_in(&String::from_utf8_lossy(bytes)),
        PartType::Message(inner) => nested.checked_sub(1).and_then(|nested| search(inner, nested)),
        PartType::Multipart(_) => None,
    })
}

/// The note in the block of a text, whose lines may have been quoted (`> `) or indented.
fn block_in(text: &str) -> Option<String> {
    let (_, after) = text.split_once(BEGIN)?;
    let (block, _) = after.split_once(END)?;
    let encoded: String = block.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')).collect();
    STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use tickmark_canonical::Digest;

    use super::*;
    use crate::{
        checkpoint::Checkpoint,
        key::{KeyUse, Signer},
    };

    fn signer(seed: u8) -> Signer {
        Signer::from_seed("example.com/ledger", KeyUse::Note, &[seed; 32]).expect("key")
    }

    fn checkpoint() -> SignedCheckpoint {
        Checkpoint { origin: "example.com/ledger".into(), size: 42, root: Digest::of(b"root"), extensions: Vec::new() }
            .sign(&signer(1))
    }

    const HEADERS: &str = concat!(
        "Received: from out.example.com by mx.firm.example with ESMTPS; Wed, 30 Sep 2026 21:05:03 +0000\r\n",
        "Received: from ledger.local by out.example.com with ESMTP; Wed, 30 Sep 2026 21:05:01 +0000\r\n",
        "From: ledger@example.com\r\nTo: anchor@firm.example\r\nSubject: Ledger\r\n",
        "Date: Wed, 30 Sep 2026 17:05:00 -0400\r\nMIME-Version: 1.0\r\n",
    );

    fn plain() -> String {
        format!(
            "{HEADERS}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}",
            compose(&checkpoint()).body.replace('\n', "\r\n")
        )
    }

    #[test]
    fn what_was_sent_is_found_again() {
        let body = compose(&checkpoint()).body;
        let quoted: String = body.lines().map(|line| format!("> {line}\r\n")).collect();
        let encoded = STANDARD.encode(&body);
        let nested = format!(
            "{HEADERS}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--b--\r\n",
            plain()
        );
        for (why, mail) in [
            ("plain", plain()),
            ("quoted in an answer", format!("{HEADERS}Content-Type: text/plain; charset=utf-8\r\n\r\n{quoted}")),
            (
                "base64",
                format!(
                    "{HEADERS}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
                ),
            ),
            ("forwarded as a mail", nested),
        ] {
            let anchor = accept(mail.as_bytes(), &[signer(1).verifier().clone()]).expect(why);
            assert_eq!((anchor.size, anchor.checkpoint.clone()), (42, checkpoint()), "{why}");
            assert_eq!(anchor.at.to_string(), "2026-09-30T21:05:03Z", "{why}");
            let proven = anchor.verify(&super::super::Trust::default()).expect(why);
            assert!(proven.claimed);
            assert_eq!(proven.by, "mx.firm.example");
        }
    }

    #[test]
    fn what_was_changed_is_refused() {
        let mail = plain();
        accept(mail.as_bytes(), &[signer(2).verifier().clone()]).expect_err("another key");
        let (head, block) = mail.split_once(BEGIN).expect("block");
        let changed = format!("{head}{BEGIN}{}", block.replacen("NDIK", "NDMK", 1));
        for (why, mail) in [
            ("no mail", String::new()),
            ("no block", mail.replace(BEGIN, "")),
            ("a block that is no note", mail.replacen(&block[2..40], "AAAA", 1)),
        ] {
            assert!(accept(mail.as_bytes(), &[signer(1).verifier().clone()]).is_err(), "{why}");
        }
        if changed != mail {
            assert!(accept(changed.as_bytes(), &[signer(1).verifier().clone()]).is_err());
        }
    }
}
