//! Making the two packages of an engagement.
//!
//! The facts that packages were issued are recorded first, then the streams are marked, then proofs are taken at that
//! size; so a package's own issue is the last thing it discloses, and nothing before it can be left out.
//!
//! Invariant: the files of a report package are in the vault before the fact that it was issued, so that whatever happens to
//! the folder it can be written again; in the folder all files of an engagement are replaced together or none is.
//! Invariant: the report package holds documents, figures, proofs and digests; no evidence row and no item key.
//! Invariant: rows, SQL and keys of objects leave only in the examination package, sealed to the firm's key.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, RowDigestKey, to_canonical};
use tickmark_domain::{Command, EngagementFigures, EngagementId, IssueReportPackage, PackageKind, PersonId};
use tickmark_ledger::{Disclosure, Mark, Store};
use tickmark_report::{
    Document, Renderer,
    lint::Finding,
    package::{PackageHead, Writer},
    render, render_all, renderer,
    seal::{FirmPublicKey, seal_for_firm},
    view::AuditorReport,
};

use crate::{
    Error, House, Progress, durable,
    redrawing::ToRedraw,
    report_formats::other_formats,
    views::{Scene, has_tests},
};

/// Where things lie in a package.
pub(crate) mod paths {
    /// The proofs.
    pub const DISCLOSURE: &str = "ledger/disclosure.json";
    /// The figures, canonical.
    pub const FIGURES: &str = "figures/figures.json";
    /// The catalog, as rules need it.
    pub const CATALOG_INDEX: &str = "figures/catalog-index.json";
    /// What the closing of the engagement froze, canonical; where it is closed.
    pub const CLOSING: &str = "figures/closing.json";
    /// What changed since the closing before, for people; where it was closed once more.
    pub const CHANGES: &str = "changes.md";
    /// Which renderer made the documents.
    pub const RENDERER: &str = "documents/renderer.json";
    /// Folder of documents.
    pub const DOCUMENTS: &str = "documents";
    /// Examination package: the catalog's files.
    pub const CATALOG: &str = "examination/catalog.json";
    /// Examination package: what to re-perform.
    pub const REPERFORMANCE: &str = "examination/reperformance.json";
    /// Examination package: keys of the sealed objects beside them.
    pub const OBJECT_KEYS: &str = "examination/object-keys";
    /// Examination package: folder of vault objects.
    pub const OBJECTS: &str = "examination/objects";
}

/// What a package was made of, but for the ledger's proofs: path → digest. Its digest is what the ledger records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    /// The package's kind.
    pub(crate) kind: PackageKind,
    /// Its files.
    pub(crate) files: BTreeMap<String, Digest>,
}

/// What an examination package lets the firm do again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reperformance {
    /// IANA zone of the organization.
    pub(crate) zone: String,
    /// What the ledger's digests of rows are sealed by; in this package only the firm can read it.
    pub(crate) row_digest_key: Digest,
    /// Control tests with the manifests that their recorded results read.
    pub(crate) tests: BTreeMap<String, Vec<Digest>>,
    /// Datasets of the manifests.
    pub(crate) datasets: BTreeMap<String, Vec<Digest>>,
}

/// Packages that were made.
#[derive(Debug, Clone, Serialize)]
pub struct IssuedPackages {
    /// The engagement.
    pub engagement: String,
    /// The report package.
    pub report: PathBuf,
    /// The examination package, where a firm is appointed.
    pub examination: Option<PathBuf>,
    /// The documents, beside the packages.
    pub documents: Vec<PathBuf>,
    /// Pages of each document.
    pub pages: Vec<usize>,
    /// What a careful reader would look at again.
    pub findings: Vec<Finding>,
    /// The ledger size that the proofs are of.
    pub ledger_size: u64,
}

impl House {
    /// Hands the firm what it needs for its tests: an examination package without documents, since there is no report yet.
    pub fn hand_over(
        &mut self,
        person: &PersonId,
        id: &EngagementId,
        path: &Path,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        progress.step(&format!("handing {id} to the firm"), 2);
        let closed = self.as_closed(id)?;
        let shown = closed.as_ref().unwrap_or(self);
        let figures = shown.state().figures(&shown.index, id)?;
        let mut files = shown.figure_files(&figures)?;
        files.extend(shown.guides_of(id)?);
        let key =
            self.firm_key(id)?.ok_or(tickmark_domain::Refusal::PackageLacks("a firm whose key it is sealed to"))?;
        let extra = shown.examination_files(&figures)?;
        let size = self.record_issue(person, id, None, Some((&files, &extra)))?;
        progress.advance(1);
        let (head, proofs) = self.proofs(id, size)?;
        let head = PackageHead { kind: tickmark_report::package::PackageKind::Examination, ..head };
        let mut parts = durable::Parts::default();
        write_examination(&mut parts, path, &key, head, &files, &proofs, &extra)?;
        parts.finish()?;
        progress.advance(1);
        Ok(())
    }

    fn figure_files(&self, figures: &EngagementFigures) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        // The index as it was adopted: its digest is in the ledger, and a later version may know more of the same catalog.
        let index = match self.state().catalog_in_force() {
            Some(in_force) => self.vault.get(&in_force.index)?,
            None => to_canonical(&self.index)?,
        };
        let mut files = self.closing_files(&figures.engagement)?;
        files.insert(paths::FIGURES.to_owned(), to_canonical(figures)?);
        files.insert(paths::CATALOG_INDEX.to_owned(), index);
        Ok(files)
    }

    /// A package's head and proofs at a ledger size.
    fn proofs(&self, id: &EngagementId, size: u64) -> Result<(PackageHead, Vec<u8>), Error> {
        let reader = self.store.reader()?;
        let engagement_stream = format!("engagement/{id}");
        let disclosure = Disclosure::of(&*reader, &self.origin, size, &["organization", &engagement_stream])?;
        let head = PackageHead {
            kind: tickmark_report::package::PackageKind::Report,
            organization: self.organization_id()?,
            engagement: id.to_string(),
            checkpoint: disclosure.checkpoint.to_note(),
        };
        Ok((head, to_canonical(&disclosure)?))
    }

    /// What will be in the packages of an engagement, now; its documents are not drawn yet. Management's testing is the basis of
    /// an assertion on operation: a Type 1 has none, and a SOC 3 is for readers who have no use for it.
    fn to_issue(&self, id: &EngagementId) -> Result<ToIssue, Error> {
        let figures = self.state().figures(&self.index, id)?;
        let documents = self.documents_of(id, &figures)?;
        require_final(&documents, || self.errors_of(id, &documents))?;
        let findings = self.not_overruled(id, self.lint_of(&documents)?)?;
        let mut files = self.figure_files(&figures)?;
        files.insert(paths::RENDERER.to_owned(), to_canonical::<Renderer>(&renderer())?);
        let sealing_key = self.firm_key(id)?;
        let examination =
            sealing_key.map(|key| Ok::<_, Error>((key, self.examination_files(&figures)?))).transpose()?;
        Ok(ToIssue { id: id.clone(), documents, findings, files, pages: Vec::new(), examination })
    }

    /// The documents of an engagement as they would be issued now.
    pub(crate) fn documents_of(
        &self,
        id: &EngagementId,
        figures: &EngagementFigures,
    ) -> Result<BTreeMap<String, Document>, Error> {
        let scene = Scene::new(self, self.state(), self.size(), id, figures)?;
        let mut documents = BTreeMap::from([("report".to_owned(), Document::Report(Box::new(scene.report()?)))]);
        if has_tests(scene.engagement) {
            let testing = Document::ManagementTesting(Box::new(scene.management_testing()?));
            documents.insert("management-testing".to_owned(), testing);
        }
        Ok(documents)
    }

    /// Makes the packages of engagements into a folder. Facts are recorded once every document is drawn. A closed engagement is
    /// shown as it was closed; one that is otherwise by now is refused, unless `even_if_changed`.
    pub fn issue_packages(
        &mut self,
        person: &PersonId,
        ids: &[EngagementId],
        even_if_changed: bool,
        folder: &Path,
        progress: &dyn Progress,
    ) -> Result<Vec<IssuedPackages>, Error> {
        durable::folder(folder)?;
        progress.step("documents", ids.len() as u64 + 1);
        let mut to_issue = Vec::new();
        for id in ids {
            if !even_if_changed {
                self.require_as_closed(id)?;
            }
            let closed = self.as_closed(id)?;
            to_issue.push(closed.as_ref().unwrap_or(self).to_issue(id)?);
            progress.advance(1);
        }
        draw(&mut to_issue)?;
        progress.advance(1);
        progress.step("packages", ids.len() as u64 + 1);
        let mut ready = Vec::new();
        for one in to_issue {
            self.vault.put_all(&one.files.values().collect::<Vec<_>>())?;
            let examination = one.examination.as_ref().map(|(_, extra)| (&one.files, extra));
            let size = self.record_issue(person, &one.id, Some(&one.files), examination)?;
            let (head, proofs) = self.proofs(&one.id, size)?;
            ready.push(Ready { of: one, head, proofs, size });
            progress.advance(1);
        }
        let written = side_by_side(&ready, |ready| ready.write(folder));
        progress.advance(1);
        written.into_iter().collect()
    }

    /// Writes the newest report package that was issued of an engagement once more, from what the vault keeps of it, with
    /// its documents beside it. It is no new issue.
    pub fn write_again(&self, id: &EngagementId, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let unknown = || tickmark_domain::Refusal::UnknownEngagement(id.clone());
        let engagement = self.state().engagements.get(id).ok_or_else(unknown)?;
        let (place, issued) = (engagement.packages.iter().enumerate().rev())
            .find(|(_, package)| package.kind == PackageKind::Report)
            .ok_or_else(|| Error::NotIssued(id.to_string()))?;
        // The examination package was issued by the same command, and a mark of the streams follows: the proofs end there.
        let with_examination = engagement.packages.get(place + 1).is_some_and(|next| next.entry == issued.entry + 1);
        let size = issued.entry + 2 + u64::from(with_examination);
        let contents: Contents = self.json(&issued.contents)?;
        let read = |(path, digest): (&String, &Digest)| Ok((path.clone(), self.vault.get(digest)?));
        let files: BTreeMap<String, Vec<u8>> = contents.files.iter().map(read).collect::<Result<_, Error>>()?;
        durable::folder(folder)?;
        let (head, proofs) = self.proofs(id, size)?;
        let mut parts = durable::Parts::default();
        let report = folder.join(format!("{id}-report.zip"));
        write_into(parts.file(&report)?, head, &files, &proofs, None)?;
        let mut written = vec![report];
        written.extend(write_documents(&mut parts, folder, id, &files)?);
        parts.finish()?;
        Ok(written)
    }

    pub(crate) fn organization_id(&self) -> Result<String, Error> {
        let organization = self.state().organization.as_ref().ok_or(tickmark_domain::Refusal::NotFounded)?;
        Ok(organization.id.to_string())
    }

    fn firm_key(&self, id: &EngagementId) -> Result<Option<FirmPublicKey>, Error> {
        let engagement = self.state().engagements.get(id);
        let appointment = engagement.and_then(|engagement| engagement.firm.as_ref());
        appointment.map(|firm| Ok(FirmPublicKey::from_text(&self.text(&firm.sealing_key)?)?)).transpose()
    }

    /// Records which packages were issued, with the digests of their files, and marks the streams that they disclose.
    /// Gives the size to prove at.
    fn record_issue(
        &mut self,
        person: &PersonId,
        id: &EngagementId,
        report: Option<&BTreeMap<String, Vec<u8>>>,
        examination: Option<(&BTreeMap<String, Vec<u8>>, &ExaminationFiles)>,
    ) -> Result<u64, Error> {
        let digests = |files: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Digest> {
            files.iter().map(|(path, bytes)| (path.clone(), Digest::of(bytes))).collect()
        };
        let mut issued = Vec::new();
        if let Some(files) = report {
            issued.push(Contents { kind: PackageKind::Report, files: digests(files) });
        }
        if let Some((files, extra)) = examination {
            let mut all = digests(files);
            all.extend(digests(&extra.bytes));
            all.extend(extra.objects.iter().map(|(path, (digest, _))| (path.clone(), *digest)));
            issued.push(Contents { kind: PackageKind::Examination, files: all });
        }
        let mut commands = Vec::new();
        for contents in issued {
            commands.push(Command::IssueReportPackage(IssueReportPackage {
                engagement: id.clone(),
                kind: contents.kind,
                contents: self.put_json(&contents)?,
            }));
        }
        self.execute_all(person, commands)?;
        let engagement_stream = format!("engagement/{id}");
        let receipt = self.store.mark(
            &self.origin,
            self.size(),
            &Mark {
                streams: &["organization", &engagement_stream],
                author: person.as_str(),
                command: &crate::house::new_id("cmd")?,
                recorded_at: self.now(),
            },
            &self.signer,
        )?;
        self.refresh()?;
        Ok(receipt.size())
    }

    /// What the firm needs to do management's tests again and to draw samples again: SQL, populations, results, frozen rows
    /// and the keys that open them.
    fn examination_files(&self, figures: &EngagementFigures) -> Result<ExaminationFiles, Error> {
        let mut tests = BTreeMap::new();
        let mut datasets: BTreeMap<String, Vec<Digest>> = BTreeMap::new();
        let mut manifests: BTreeSet<Digest> = BTreeSet::new();
        let mut reasons: BTreeSet<Digest> = BTreeSet::new();
        for (test, of_test) in &figures.tests {
            let Some(result) = self.state().newest_result(test, figures.span) else { continue };
            let inputs: Vec<Digest> = self.json(&result.inputs)?;
            for dataset in of_test.inputs.keys() {
                let read: Vec<Digest> = self.state().evidence_of(dataset).iter().map(|e| e.manifest).collect();
                manifests.extend(&read);
                datasets.insert(dataset.to_string(), read);
            }
            manifests.extend(result.rows);
            reasons.extend(result.reason);
            tests.insert(test.to_string(), inputs);
        }
        let to_redraw = ToRedraw::of(self.state(), &figures.engagement);
        manifests.extend(&to_redraw.manifests);
        let mut objects = BTreeMap::new();
        let mut wanted: BTreeSet<Digest> = manifests.union(&to_redraw.objects).copied().chain(reasons).collect();
        for digest in &manifests {
            wanted.extend(self.vault.manifest(digest)?.parts.iter().map(|part| part.object));
        }
        let by_people = figures.controls.values().flat_map(|control| control.management_tests.keys());
        wanted.extend(by_people.filter_map(|id| self.state().management_tests.get(id)?.details.table));
        for digest in &wanted {
            let path = self.vault.object_path(digest)?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = name.get(..2).unwrap_or_default().to_owned();
            objects.insert(format!("{}/{folder}/{name}", paths::OBJECTS), (*digest, path));
        }
        let wanted: Vec<Digest> = wanted.into_iter().collect();
        let zone = self.state().organization.as_ref().map_or_else(|| "UTC".to_owned(), |o| o.zone.clone());
        let row_digest_key = Digest::from_bytes(*RowDigestKey::of(&self.item_keys).as_bytes());
        let what = Reperformance { zone, row_digest_key, tests, datasets };
        let mut bytes = BTreeMap::new();
        bytes.insert(paths::CATALOG.to_owned(), to_canonical(&crate::adopting::files_object(&self.catalog))?);
        bytes.insert(paths::REPERFORMANCE.to_owned(), to_canonical(&what)?);
        bytes.insert(paths::OBJECT_KEYS.to_owned(), self.vault.object_keys(&wanted)?.to_bytes().to_vec());
        Ok(ExaminationFiles { bytes, objects })
    }
}

/// A draft is there to be read and corrected; what the firm signed is final, and is not issued with an error of the lint.
fn require_final(
    documents: &BTreeMap<String, Document>,
    errors: impl FnOnce() -> Result<Vec<Finding>, Error>,
) -> Result<(), Error> {
    let is_signed = documents.values().any(|document| {
        matches!(document, Document::Report(view) if matches!(view.auditor_report, AuditorReport::Issued { .. }))
    });
    let errors = if is_signed { errors()? } else { Vec::new() };
    if errors.is_empty() { Ok(()) } else { Err(Error::Lint(errors)) }
}

/// What an examination package holds beside the report package's files.
struct ExaminationFiles {
    bytes: BTreeMap<String, Vec<u8>>,
    /// Path in the package → digest and file of a vault object, as it is stored.
    objects: BTreeMap<String, (Digest, PathBuf)>,
}

/// What will be in the packages of an engagement.
struct ToIssue {
    id: EngagementId,
    documents: BTreeMap<String, Document>,
    findings: Vec<Finding>,
    /// Path in the report package → bytes.
    files: BTreeMap<String, Vec<u8>>,
    /// Pages of each document that was drawn.
    pages: Vec<usize>,
    /// Where a firm is appointed: its key, and what its package holds besides.
    examination: Option<(FirmPublicKey, ExaminationFiles)>,
}

/// Draws the documents of all packages together: reports of one control set share most of their text.
fn draw(to_issue: &mut [ToIssue]) -> Result<(), Error> {
    // Those of one kind follow each other: they share most of their text, and it is laid out once.
    let of_all = to_issue.iter().enumerate().flat_map(|(at, one)| one.documents.iter().map(move |of| (at, of)));
    let mut alike: Vec<_> = of_all.collect();
    alike.sort_by_key(|(_, (name, document))| (*name, document.engagement().report.title()));
    let documents: Vec<&Document> = alike.iter().map(|(_, (_, document))| *document).collect();
    let places = alike.iter().map(|(at, (name, _))| (*at, (*name).clone()));
    let mut drawn: BTreeMap<(usize, String), _> = places.zip(render_all(&documents)).collect();
    for (at, ToIssue { documents, files, pages, .. }) in to_issue.iter_mut().enumerate() {
        for (name, document) in documents.iter() {
            let rendered = drawn.remove(&(at, name.clone())).unwrap_or_else(|| render(document))?;
            pages.push(rendered.pages);
            files.insert(format!("{}/{name}.pdf", paths::DOCUMENTS), rendered.pdf);
            files.insert(format!("{}/{name}.json", paths::DOCUMENTS), document.to_json()?);
            files.insert(format!("{}/{name}.figures.json", paths::DOCUMENTS), rendered.figures_json);
        }
        files.extend(other_formats(documents)?);
    }
    Ok(())
}

/// Packages whose issue is recorded, with what proves it.
struct Ready {
    of: ToIssue,
    head: PackageHead,
    proofs: Vec<u8>,
    size: u64,
}

impl Ready {
    fn write(&self, folder: &Path) -> Result<IssuedPackages, Error> {
        let ToIssue { id, files, examination, .. } = &self.of;
        let mut parts = durable::Parts::default();
        let report = folder.join(format!("{id}-report.zip"));
        write_into(parts.file(&report)?, self.head.clone(), files, &self.proofs, None)?;
        let mut sealed = None;
        if let Some((key, extra)) = examination {
            let path = folder.join(format!("{id}-examination.zip"));
            let kind = tickmark_report::package::PackageKind::Examination;
            let head = PackageHead { kind, ..self.head.clone() };
            write_examination(&mut parts, &path, key, head, files, &self.proofs, extra)?;
            sealed = Some(path);
        }
        let documents = write_documents(&mut parts, folder, id, files)?;
        parts.finish()?;
        Ok(IssuedPackages {
            engagement: id.to_string(),
            report,
            examination: sealed,
            documents,
            pages: self.of.pages.clone(),
            findings: self.of.findings.clone(),
            ledger_size: self.size,
        })
    }
}

/// Does the same to each, on as many cores as there are; answers come in the order of what was asked.
pub(crate) fn side_by_side<T: Sync, R: Send>(all: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mine = std::iter::from_fn(|| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            all.get(index).map(|one| (index, act(one)))
        });
        mine.collect::<Vec<_>>()
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(all.len());
    let mut done: BTreeMap<usize, R> = std::thread::scope(|scope| {
        let working: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        working.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    // What a thread left undone is done here.
    all.iter().enumerate().map(|(index, one)| done.remove(&index).unwrap_or_else(|| act(one))).collect()
}

fn write_examination(
    parts: &mut durable::Parts,
    path: &Path,
    key: &FirmPublicKey,
    head: PackageHead,
    files: &BTreeMap<String, Vec<u8>>,
    proofs: &[u8],
    extra: &ExaminationFiles,
) -> Result<(), Error> {
    // The inner package holds keys and must not lie in the clear on a disk that others read: it is an unnamed file.
    let mut inner = unnamed_file(path)?;
    let (organization, engagement) = (head.organization.clone(), head.engagement.clone());
    write_into(&mut inner, head, files, proofs, Some(extra))?;
    let size = inner.seek(SeekFrom::End(0)).map_err(io_error("read", path))?;
    inner.seek(SeekFrom::Start(0)).map_err(io_error("read", path))?;
    seal_for_firm(key, &organization, &engagement, size, inner, parts.file(path)?)?;
    Ok(())
}

fn write_into(
    out: &mut File,
    head: PackageHead,
    files: &BTreeMap<String, Vec<u8>>,
    proofs: &[u8],
    extra: Option<&ExaminationFiles>,
) -> Result<(), Error> {
    let mut writer = Writer::new(head);
    for (path, bytes) in files.iter().chain(extra.map(|extra| &extra.bytes).into_iter().flatten()) {
        writer.add_reader(path, bytes.len() as u64, bytes.as_slice())?;
    }
    writer.add_reader(paths::DISCLOSURE, proofs.len() as u64, proofs)?;
    for (name, (_, path)) in extra.map(|extra| &extra.objects).into_iter().flatten() {
        let size = fs::metadata(path).map_err(io_error("read", path))?.len();
        writer.add_stored_reader(name, size, LazyFile::new(path.clone()))?;
    }
    writer.finish(out)?;
    Ok(())
}

/// A file that is opened when it is read first, so that thousands of objects do not stay open at once.
struct LazyFile {
    path: PathBuf,
    file: Option<File>,
}

impl LazyFile {
    fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }
}

impl Read for LazyFile {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        let read = file.read(buffer)?;
        if read > 0 {
            self.file = Some(file);
        }
        Ok(read)
    }
}

/// The documents beside the packages, for people who open no zip.
fn write_documents(
    parts: &mut durable::Parts,
    folder: &Path,
    id: &EngagementId,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<PathBuf>, Error> {
    let mut written = Vec::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".pdf")) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let path = folder.join(format!("{id}-{name}"));
        parts.file(&path)?.write_all(bytes).map_err(io_error("write", &path))?;
        written.push(path);
    }
    Ok(written)
}

/// A file without a name, in the folder of `near`: it is gone when it is closed, also by a crash.
pub(crate) fn unnamed_file(near: &Path) -> Result<File, Error> {
    let folder = near.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::tempfile_in(folder).map_err(io_error("write", folder))
}

pub(crate) fn io_error<'a>(doing: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Error + 'a {
    move |source| Error::Io { doing, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tickmark_report::lint::{Severity, lint_documents};

    use super::*;

    /// A fixture of the report crate, with these places of it changed.
    fn documents(name: &str, changes: &[(&str, Value)]) -> BTreeMap<String, Document> {
        let path = format!("{}/../report/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let mut json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        for (place, value) in changes {
            *json.pointer_mut(place).unwrap() = value.clone();
        }
        BTreeMap::from([("report".to_owned(), serde_json::from_value(json).unwrap())])
    }

    #[test]
    fn an_error_keeps_every_kind_of_report_from_being_final() {
        let issued = json!({"issued": {"text": {"prose": "To the readers."}, "signed_by": "Alder & Finch LLP", "city": "Hartford",
            "dated": "2026-11-30", "digest": "0".repeat(64), "entry": 9}});
        let broken = ("/view/description/boundary/prose", json!("Harbor Lane is compliant."));
        for name in ["soc1-type1", "soc1-type2", "soc2-type2", "soc3"] {
            let outcome = |documents: BTreeMap<String, Document>| {
                let errors = || -> Result<Vec<Finding>, Error> {
                    let found = lint_documents(&documents)?;
                    Ok(found.into_iter().filter(|of| of.severity == Severity::Error && of.rule == "RPT-10").collect())
                };
                require_final(&documents, errors)
            };
            let signed = ("/view/auditor_report", issued.clone());
            let draft = ("/view/auditor_report", json!("not_issued"));
            assert!(outcome(documents(name, std::slice::from_ref(&signed))).is_ok(), "{name}");
            assert!(outcome(documents(name, &[draft, broken.clone()])).is_ok(), "{name}");
            assert!(matches!(outcome(documents(name, &[signed, broken.clone()])), Err(Error::Lint(_))), "{name}");
        }
    }
}
