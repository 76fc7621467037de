//! Verifying a package with nothing but the package (and, for an examination package, the firm's key).
//!
//! Three verdicts. Integrity: the bytes are the ones listed, the proofs hold, the ledger recorded this very package.
//! Recomputation: the figures follow from the disclosed entries; from an examination package the control tests are
//! performed again. Documents: the views say what the figures say, and rendering them again gives the same bytes.
//!
//! Invariant: each verdict names the first thing that is wrong; a check that was not made says so and why.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Seek, SeekFrom},
    path::Path,
};

use serde::Serialize;
use tickmark_canonical::{Digest, RowDigestKey};
use tickmark_domain::{Closing, EngagementFigures, Outcome, State};
use tickmark_examine::Limits;
use tickmark_ledger::{AnchorVerdict, Reliance, Unanchored, Verified};
use tickmark_report::{
    Document, Renderer, counted,
    package::{DocumentVerdict, Limits as PackageLimits, compare as compare_document, read_documents},
    seal::{FirmSecretKey, open_with_firm_key, read_header},
};

use crate::{
    Error, Progress,
    anchoring::{holder, whole_days},
    closing::{ClosingFigures, closed_on, parts_in_words},
    firms::{Agreement, Performance, PerformedTest},
    opened_package::{Opened, SaysOfItself, Unpacked, differs, open, open_sealed, perform_again, read_json},
    packaging::{io_error, paths, unnamed_file},
    printed::Recorded,
    redrawing,
    report_formats::other_formats,
};

/// What a verification found.
#[derive(Debug, Clone, Serialize)]
pub struct Verification {
    /// Which package: report or examination.
    pub kind: String,
    /// The organization.
    pub organization: String,
    /// The engagement.
    pub engagement: String,
    /// The ledger it discloses.
    pub ledger: Option<LedgerLine>,
    /// The bytes, the proofs, the recorded issue.
    pub integrity: Verdict,
    /// The figures.
    pub recomputation: Verdict,
    /// The documents.
    pub documents: Verdict,
}

/// The ledger that a package discloses.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerLine {
    /// Its name.
    pub origin: String,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The key in force.
    pub key: String,
    /// Whether the verifier knew a key of it from elsewhere.
    pub key_known: bool,
    /// Who outside held it, and for how long nobody did.
    pub anchoring: String,
}

/// One of the three verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// It holds.
    Holds {
        /// What was done.
        says: String,
    },
    /// It does not; the first thing that is wrong.
    Differs {
        /// What, expected, found.
        first: String,
    },
    /// It was not looked at.
    NotDone {
        /// Why.
        because: String,
    },
}

impl Verification {
    /// Whether no verdict found anything wrong.
    pub fn nothing_is_wrong(&self) -> bool {
        let wrong = |verdict: &Verdict| matches!(verdict, Verdict::Differs { .. });
        !wrong(&self.integrity) && !wrong(&self.recomputation) && !wrong(&self.documents)
    }
}

impl Verification {
    /// Whether each verdict was reached.
    pub fn is_whole(&self) -> bool {
        let reached = |verdict: &Verdict| !matches!(verdict, Verdict::NotDone { .. });
        reached(&self.integrity) && reached(&self.recomputation) && reached(&self.documents)
    }
}

/// What a verifier brings along.
#[derive(Debug)]
pub struct VerifyRequest<'a> {
    /// The firm's secret key.
    pub firm_key: Option<&'a FirmSecretKey>,
    /// What is relied on beside the package.
    pub reliance: Reliance,
    /// Within what control tests performed again have to end: the SQL is as foreign as the package.
    pub limits: Limits,
}

impl Default for VerifyRequest<'_> {
    fn default() -> Self {
        let limits = Limits::of_foreign_sql(Limits::default().seconds);
        Self { firm_key: None, reliance: Reliance::default(), limits }
    }
}

/// Verifies the package in a file.
pub fn verify(path: &Path, request: &VerifyRequest<'_>, progress: &dyn Progress) -> Result<Verification, Error> {
    let file = File::open(path).map_err(io_error("read", path))?;
    let sealed = read_header(file.try_clone().map_err(io_error("read", path))?);
    match (sealed, request.firm_key) {
        (Ok(_), Some(key)) => {
            // What is inside holds rows and keys, so it is opened into a file without a name.
            let mut inner = unnamed_file(path)?;
            progress.step("opening", 1);
            if let Err(error) = open_with_firm_key(key, file, &mut inner) {
                return Ok(sealed_but(&error.to_string(), path));
            }
            inner.seek(SeekFrom::Start(0)).map_err(io_error("read", path))?;
            Ok(verify_open(inner, PackageLimits::EXAMINATION, request, progress))
        }
        (Ok(header), None) => Err(Error::FirmKeyNeeded { recipient: header.recipient.to_string() }),
        (Err(_), _) => Ok(verify_open(file, PackageLimits::REPORT, request, progress)),
    }
}

fn sealed_but(first: &str, path: &Path) -> Verification {
    let header = File::open(path).ok().and_then(|file| read_header(file).ok());
    let because = || "the package could not be opened".to_owned();
    Verification {
        kind: "examination".to_owned(),
        organization: header.as_ref().map(|h| h.organization.clone()).unwrap_or_default(),
        engagement: header.map(|h| h.engagement).unwrap_or_default(),
        ledger: None,
        integrity: Verdict::Differs { first: first.to_owned() },
        recomputation: Verdict::NotDone { because: because() },
        documents: Verdict::NotDone { because: because() },
    }
}

fn nothing_looked_at() -> Verification {
    let because = || "the package's integrity does not hold".to_owned();
    Verification {
        kind: String::new(),
        organization: String::new(),
        engagement: String::new(),
        ledger: None,
        integrity: Verdict::NotDone { because: "nothing was looked at".to_owned() },
        recomputation: Verdict::NotDone { because: because() },
        documents: Verdict::NotDone { because: because() },
    }
}

fn verify_open(
    file: File,
    limits: PackageLimits,
    request: &VerifyRequest<'_>,
    progress: &dyn Progress,
) -> Verification {
    let mut verification = nothing_looked_at();
    let mut says = SaysOfItself::default();
    let opened = open(file, limits, &request.reliance, progress, &mut says);
    let SaysOfItself { kind, organization, engagement } = says;
    verification = Verification { kind, organization, engagement, ..verification };
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
            verification.integrity = Verdict::Differs { first: crate::error::with_causes(&error) };
            return verification;
        }
    };
    verification.integrity = Verdict::Holds {
        says: format!(
            "{} files, {} of {} ledger entries disclosed, every stream whole up to this package's own issue{}",
            opened.reader.manifest().files.len(),
            opened.verified.streams.values().map(Vec::len).sum::<usize>(),
            opened.verified.size,
            if opened.verified.key_known { "" } else { "; whose key signed them, only the package says" }
        ),
    };
    verification.ledger = Some(ledger_line(&opened.verified));
    verify_contents(opened, request, progress, &mut verification);
    verification
}

fn verify_contents(
    mut opened: Opened,
    request: &VerifyRequest<'_>,
    progress: &dyn Progress,
    verification: &mut Verification,
) {
    progress.step("recomputation", 2);
    let (figures, recomputation) = match recompute(&mut opened) {
        Ok(figures) => (Some(figures), None),
        Err(error) => (None, Some(Verdict::Differs { first: crate::error::with_causes(&error) })),
    };
    progress.advance(1);
    verification.recomputation = match (recomputation, opened.is_examination) {
        (Some(wrong), _) => wrong,
        (None, false) => Verdict::Holds {
            says: format!(
                "every figure follows from the disclosed entries{}; control tests were not performed again, since a report \
                 package holds no rows",
                as_closed(&opened)
            ),
        },
        (None, true) => reperform(&mut opened, &request.limits)
            .unwrap_or_else(|error| Verdict::Differs { first: crate::error::with_causes(&error) }),
    };
    progress.advance(1);
    verification.documents = figures
        .map_or_else(
            || Ok(Verdict::NotDone { because: "the figures differ".to_owned() }),
            |figures| verify_documents(&mut opened, &figures),
        )
        .unwrap_or_else(|error: Error| Verdict::Differs { first: crate::error::with_causes(&error) });
}

/// Where an engagement is closed: since when its documents stay as they are, and what they do not show.
fn as_closed(opened: &Opened) -> String {
    let Some(closing) = opened.state.closing(&opened.engagement) else { return String::new() };
    let on = closed_on(&opened.state, closing);
    let since = match opened.changed.as_slice() {
        [] => String::new(),
        parts => format!("; changed since then, which it does not show: {}", parts_in_words(parts)),
    };
    format!(", as entry {} closed them on {on}{since}", closing.entry)
}

/// What the package shows is what the closing of its engagement froze, by the digest of each part.
fn require_frozen(opened: &mut Opened) -> Result<(), Error> {
    let closings = opened.state.engagements.get(&opened.engagement).map(|engagement| engagement.closings.clone());
    let closings = closings.unwrap_or_default();
    let holds = |path: &str| opened.reader.manifest().files.keys().any(|held| held.as_str() == path);
    let (Some(closing), true) = (closings.last(), holds(paths::CLOSING)) else {
        let (expected, found) = (closings.last().is_some(), holds(paths::CLOSING));
        let shown = |is: bool| if is { "one" } else { "none" };
        return if expected == found && !holds(paths::CHANGES) {
            Ok(())
        } else {
            Err(differs(
                &format!("`{}` beside the closing in the ledger", paths::CLOSING),
                shown(expected),
                shown(found),
            ))
        };
    };
    let figures: ClosingFigures = read_json(&mut opened.reader, paths::CLOSING)?;
    let recomputed = opened.state.frozen(&opened.index, &opened.engagement)?;
    figures.require(&closings, &recomputed)?;
    let dated = |closing: &Closing| closed_on(&opened.state, closing).to_string();
    if dated(closing) != figures.closed_on.to_string() {
        return Err(differs("the day of the closing", &dated(closing), &figures.closed_on.to_string()));
    }
    let Some(again) = &figures.again else { return Ok(()) };
    let (before, expected) = (closings.iter().rev().nth(1), figures.to_markdown(again, &opened.engagement));
    if before.map(dated) != Some(again.closed_on.to_string()) {
        return Err(differs(
            "the day of the closing before",
            &before.map(dated).unwrap_or_default(),
            &again.closed_on.to_string(),
        ));
    }
    let found = opened.reader.read(paths::CHANGES)?;
    if found == expected.as_bytes() {
        return Ok(());
    }
    let (expected, found) = (Digest::of(expected.as_bytes()).to_string(), Digest::of(&found).to_string());
    Err(differs(&format!("`{}` beside what changed", paths::CHANGES), &expected, &found))
}

/// Computes the figures again from the disclosed entries and compares.
fn recompute(opened: &mut Opened) -> Result<EngagementFigures, Error> {
    redrawing::require_checkpoints(&opened.state, &opened.leaf_hashes)?;
    require_frozen(opened)?;
    let figures = opened.state.figures(&opened.index, &opened.engagement)?;
    let expected = opened.reader.read(paths::FIGURES)?;
    let recorded: EngagementFigures = tickmark_canonical::from_canonical(&expected)?;
    for (test, of_test) in &figures.tests {
        let recorded = recorded.tests.get(test);
        if recorded != Some(of_test) {
            let show = |f: &tickmark_domain::TestFigures| {
                format!("{} exceptions in a population of {}", f.exceptions, f.population)
            };
            let found = recorded.map_or_else(|| "none".to_owned(), show);
            return Err(differs(&format!("the figures of `{test}`"), &show(of_test), &found));
        }
    }
    if recorded == figures {
        Ok(figures)
    } else {
        Err(differs("the figures", "those of the disclosed entries", "others"))
    }
}

/// Performs the control tests of an examination package again: what a firm adopts rests on this. Those in `performed`
/// are left out: a test that serves two engagements is performed once.
pub(crate) fn perform(
    path: &Path,
    request: &VerifyRequest<'_>,
    performed: &BTreeSet<String>,
    progress: &dyn Progress,
) -> Result<Performance, Error> {
    let key = request.firm_key.ok_or_else(|| Error::FirmKeyNeeded { recipient: String::new() })?;
    let mut says = SaysOfItself::default();
    let mut opened = open_sealed(path, key, &request.reliance, progress, &mut says)?;
    let unpacked = Unpacked::of(&mut opened)?;
    let wanted = |test: &str| !performed.contains(test);
    let again = perform_again(&mut opened, &unpacked, &request.limits, &wanted, 0)?;
    let span = opened.span()?;
    let tests = again.outcomes.iter().map(|outcome| performed_test(outcome, &opened.state, span));
    Ok(Performance {
        organization: says.organization,
        tests: tests.collect::<Result<_, _>>()?,
        engagement: opened.engagement,
        span,
        ledger_size: opened.verified.size,
    })
}

/// How a control test ended when it was performed again, beside what was recorded.
pub(crate) fn performed_test(
    outcome: &tickmark_examine::TestOutcome,
    state: &State,
    span: tickmark_domain::Span,
) -> Result<PerformedTest, Error> {
    let (ended, population, exceptions) = match outcome.outcome {
        tickmark_examine::Outcome::NoExceptions { population } => (Outcome::NoExceptions, population, 0),
        tickmark_examine::Outcome::Exceptions { population, .. } => (Outcome::Exceptions, population, outcome.items),
        tickmark_examine::Outcome::NoOccurrence => (Outcome::NoOccurrence, 0, 0),
        tickmark_examine::Outcome::NotEvaluable { .. } => (Outcome::NotEvaluable, 0, 0),
        tickmark_examine::Outcome::Error { .. } => (Outcome::Error, 0, 0),
    };
    let test = outcome.test.parse()?;
    let unanswered = |outcome| matches!(outcome, Outcome::NotEvaluable | Outcome::Error);
    let recorded = state.newest_result(&test, span).filter(|recorded| !unanswered(recorded.outcome));
    let engine = outcome.engine.clone();
    let Some(recorded) = recorded.filter(|_| !unanswered(ended)) else {
        // Evidence that was missing or incomplete for management is no better here: rows without a known whole answer
        // nothing, whatever they hold.
        let outcome = if ended == Outcome::Error { Outcome::Error } else { Outcome::NotEvaluable };
        let beside_managements = match (recorded, ended) {
            (None, _) => Agreement::NothingToAdopt,
            (Some(_), Outcome::Error) => Agreement::NotPerformed,
            (Some(_), _) => Agreement::OtherRows,
        };
        let (population_digest, rows_digest) = (None, None);
        return Ok(PerformedTest {
            test,
            outcome,
            population: 0,
            exceptions: 0,
            population_digest,
            rows_digest,
            engine,
            beside_managements,
        });
    };
    // The counts besides: an entry that says another number than its rows have is no better than other rows.
    let same = recorded.population_digest == outcome.population_digest
        && recorded.rows_digest == outcome.rows_digest
        && (recorded.outcome, recorded.population, recorded.exceptions) == (ended, population, exceptions);
    Ok(PerformedTest {
        test,
        outcome: ended,
        population,
        exceptions,
        population_digest: outcome.population_digest,
        rows_digest: outcome.rows_digest,
        engine,
        beside_managements: if same { Agreement::SameRows } else { Agreement::OtherRows },
    })
}

/// Performs every control test that management could evaluate again from the rows in the package, and compares with what
/// was recorded.
fn reperform(opened: &mut Opened, limits: &Limits) -> Result<Verdict, Error> {
    let what = opened.reperformance()?;
    let span = opened.span()?;
    let unanswered = |test: &&String| {
        let recorded = test.parse().ok().and_then(|test| opened.state.newest_result(&test, span));
        recorded.is_some_and(|recorded| matches!(recorded.outcome, Outcome::NotEvaluable | Outcome::Error))
    };
    let not_evaluable: BTreeSet<String> = what.tests.keys().filter(unanswered).cloned().collect();
    let unpacked = Unpacked::of(opened)?;
    let again = perform_again(opened, &unpacked, limits, &|test| !not_evaluable.contains(test), 0)?;
    let control_tests = compare(&again.outcomes, not_evaluable.len(), &opened.state, span)?;
    let key = RowDigestKey::new(*what.row_digest_key.as_bytes());
    redrawing::with_redrawn(control_tests, &unpacked.vault, &opened.state, &opened.engagement, &key)
}

fn compare(
    outcomes: &[tickmark_examine::TestOutcome],
    not_evaluable: usize,
    state: &State,
    span: tickmark_domain::Span,
) -> Result<Verdict, Error> {
    let (mut same, mut not_performed) = (0_u64, Vec::new());
    for outcome in outcomes {
        let recorded = state.newest_result(&outcome.test.parse()?, span);
        let recorded = recorded.ok_or_else(|| differs(&format!("`{}`", outcome.test), "a recorded result", "none"))?;
        if let tickmark_examine::Outcome::Error { message } = &outcome.outcome {
            not_performed.push(format!("`{}` could not be performed again: {message}", outcome.test));
            continue;
        }
        let digest = |digest: Option<Digest>| digest.map_or_else(|| "none".to_owned(), |d| d.to_string());
        for (what, expected, found) in [
            ("population", recorded.population_digest, outcome.population_digest),
            ("rows", recorded.rows_digest, outcome.rows_digest),
        ] {
            if expected != found {
                let what = format!("the {what} of `{}` performed again by {}", outcome.test, outcome.engine);
                return Err(differs(&what, &digest(expected), &digest(found)));
            }
        }
        same += 1;
    }
    // What could not be done shows nothing: neither that the rows are the same nor that they differ.
    if let Some(first) = not_performed.first() {
        let because = format!("{first} ({} of {} control tests)", not_performed.len(), outcomes.len());
        return Ok(Verdict::NotDone { because });
    }
    let rest = if not_evaluable > 0 { format!("; {not_evaluable} had not been evaluable") } else { String::new() };
    Ok(Verdict::Holds {
        says: format!("{same} control tests performed again over the whole populations: same rows{rest}"),
    })
}

/// The views say what the figures say, and rendering them again gives the same bytes.
fn verify_documents(opened: &mut Opened, figures: &EngagementFigures) -> Result<Verdict, Error> {
    if !opened.reader.manifest().files.keys().any(|path| path.as_str() == paths::RENDERER) {
        return Ok(Verdict::NotDone {
            because: "this package was made for the firm's tests and holds no documents".to_owned(),
        });
    }
    let recorded: Renderer = read_json(&mut opened.reader, paths::RENDERER)?;
    let said = Recorded::new(&opened.state, &opened.index, figures, &opened.verified)?;
    let documents = read_documents(&mut opened.reader)?;
    documents.values().try_for_each(|stored| said.require(&stored.document))?;
    let views = documents.iter().map(|(name, stored)| (name.clone(), stored.document.clone())).collect();
    let mut pages = 0;
    let mut not_rendered = false;
    for (name, stored) in documents {
        match compare_document(&stored, &recorded)? {
            DocumentVerdict::SameBytes { pages: same } => pages += same,
            DocumentVerdict::OtherBytes => {
                let path = format!("{}/{name}.pdf", paths::DOCUMENTS);
                return Ok(Verdict::Differs { first: format!("`{path}`: rendering its data again gives other bytes") });
            }
            DocumentVerdict::NotRendered { .. } => not_rendered = true,
        }
    }
    let made_again = if not_rendered { 0 } else { require_other_formats(opened, &views)? };
    // Whoever makes a package can name another renderer; only bytes that were rendered again are shown to be the data's.
    Ok(if not_rendered {
        Verdict::NotDone {
            because: format!(
                "{} and other templates or fonts made the PDFs, so they were not rendered again; the data beside them print what the entries say",
                recorded.engine
            ),
        }
    } else {
        let others = match made_again {
            0 => String::new(),
            files => format!(", {} made again", counted(files, "other file", "other files")),
        };
        Verdict::Holds { says: format!("{pages} pages rendered again{others}: the same bytes") }
    })
}

/// What the package holds of its documents in other formats is what their views give. Gives how many files that are; packages of
/// older versions hold none.
fn require_other_formats(opened: &mut Opened, views: &BTreeMap<String, Document>) -> Result<u64, Error> {
    let mut files = 0;
    for (path, bytes) in other_formats(views)? {
        if !opened.reader.manifest().files.keys().any(|held| held.as_str() == path) {
            continue;
        }
        let held = opened.reader.read(&path)?;
        if held != bytes {
            let (expected, found) = (Digest::of(&bytes).to_string(), Digest::of(&held).to_string());
            return Err(differs(&format!("`{path}` beside what its data give"), &expected, &found));
        }
        files += 1;
    }
    Ok(files)
}

fn ledger_line(verified: &Verified) -> LedgerLine {
    let holders: BTreeSet<String> = verified
        .anchors
        .iter()
        .filter(|finding| !matches!(finding.verdict, AnchorVerdict::NotProven { .. }))
        .map(|finding| holder(finding.anchor.kind))
        .collect();
    let holders: Vec<String> = holders.into_iter().collect();
    let anchoring = match &verified.unanchored {
        Unanchored::OwnKeyOnly if verified.anchors.is_empty() => {
            "intact under the organization's own key only".to_owned()
        }
        Unanchored::OwnKeyOnly => format!(
            "intact under the organization's own key only; not proven: {}, since no trust in the holders was given",
            counted(verified.anchors.len() as u64, "outside anchor", "outside anchors")
        ),
        Unanchored::Longest { from, duration, .. } => format!(
            "held by {}; longest stretch without an outside anchor: {}, from {from}",
            holders.join(", "),
            counted(whole_days(duration.as_secs()), "day", "days")
        ),
    };
    LedgerLine {
        origin: verified.origin.clone(),
        size: verified.size,
        root: verified.root,
        key: verified.keys.current().vkey.to_string(),
        key_known: verified.key_known,
        anchoring,
    }
}
