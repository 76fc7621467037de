//! Git repositories on this machine, read through `git` itself.
//!
//! A repository's own configuration can name programs that `git` starts (to page, to sign, to compare, to fetch). It is
//! data of the source, so everything of that kind is overruled on the command line, and the environment is empty.
//!
//! Invariant: nothing of the repository is executed, nothing is fetched, no replacement of history is followed, and a
//! commit or tag is what its id says: `git` itself reads an object that was rewritten under its id.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::{Extract, SourceCount, Told, process::Program};
use crate::{
    Error,
    config::{Defaults, GitEntry, GitRepository, GitSource, GitTable, Mapping},
    rows::{Rows, Sink},
    value::Cell,
};

/// Where `git` is looked for; the caller's own search path is not used.
const PLACES: [&str; 3] = ["/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git"];

/// A history of a million commits lists in less.
const TIMEOUT: Duration = Duration::from_secs(1800);

/// Two million commits' worth.
const MAX_BYTES: u64 = 2 << 30;

/// Commits are some hundred bytes each.
const HASHED_AT_ONCE: usize = 20_000;

/// Refs that are somebody's work in progress or notes about history, not history.
const LEFT_OUT: [&str; 3] = ["refs/stash", "refs/notes/", "refs/replace/"];

const COMMIT_COLUMNS: [&str; 14] = [
    "repository",
    "commit_id",
    "parents",
    "first_parent",
    "author_email",
    "authored_at",
    "committer_email",
    "committed_at",
    "on_default_branch",
    "is_merge",
    "signature",
    "reviewed_by",
    "change_ticket",
    "files_changed",
];

const TAG_COLUMNS: [&str; 6] = ["repository", "tag", "commit_id", "tagged_at", "tagger_email", "annotated"];

/// Reads one entry from every repository of the source.
pub(super) fn read(extract: &Extract<'_>, source: &GitSource, entry: &GitEntry, sink: Sink) -> Result<Told, Error> {
    let mapping = Mapping { dataset: extract.dataset, columns: &entry.columns, ignore: &entry.ignore };
    let mut rows = Rows::new(mapping, Defaults::TYPED, extract, sink)?;
    let mut each = Vec::new();
    for declared in source.repositories() {
        let repository = Repository::open(extract, source, &declared)?;
        let told = match entry.table {
            GitTable::Commits => repository.commits(&mut rows)?,
            GitTable::Tags => repository.tags(&mut rows)?,
        };
        each.push((declared.repository, told));
    }
    rows.finish()?;
    Ok(together(each))
}

/// What several repositories told as one: their counts add up, and each parameter is under its repository's name.
fn together(mut each: Vec<(String, Told)>) -> Told {
    if each.len() == 1
        && let Some((_, told)) = each.pop()
    {
        return told;
    }
    let mut all = Told::new(each.first().map(|(_, told)| told.request.clone()).unwrap_or_default());
    let mut count = Some(0_u64);
    for (name, told) in each {
        let of = if let SourceCount::Known(rows) = told.count { Some(rows) } else { None };
        count = count.zip(of).map(|(sum, rows)| sum + rows);
        for (key, value) in told.parameters {
            all.parameter(&format!("{name}: {key}"), value);
        }
    }
    if let Some(count) = count {
        all.count = SourceCount::Known(count);
    }
    all
}

struct Repository<'a> {
    declared: &'a GitRepository,
    folder: PathBuf,
    git: &'static str,
    environment: BTreeMap<String, String>,
    of: String,
    version: String,
    /// Every ref with the object it names, as one `git` told it: later commands are asked about these objects, so a push
    /// in the meantime changes nothing.
    refs: Vec<(String, String)>,
    /// `HEAD` and the commit it names.
    head: Option<String>,
    branch: String,
    branch_tip: Option<String>,
}

impl<'a> Repository<'a> {
    fn open(extract: &Extract<'_>, source: &GitSource, declared: &'a GitRepository) -> Result<Self, Error> {
        let folder = extract.source.path(&declared.folder);
        let folder = folder.canonicalize().map_err(|cause| Error::Io {
            doing: "opening the repository",
            path: folder.clone(),
            cause,
        })?;
        let git = PLACES.into_iter().find(|path| std::path::Path::new(path).is_file()).ok_or_else(|| {
            Error::Command { command: "git".into(), problem: format!("is not installed at {}", PLACES.join(", ")) }
        })?;
        let mut environment = BTreeMap::new();
        let mut set = |name: &str, value: &str| {
            environment.insert(name.to_owned(), value.to_owned());
        };
        set("PATH", "/usr/local/bin:/usr/bin:/bin");
        set("LC_ALL", "C");
        set("HOME", "/nonexistent");
        set("GIT_CONFIG_NOSYSTEM", "1");
        set("GIT_CONFIG_GLOBAL", "/dev/null");
        set("GIT_ATTR_NOSYSTEM", "1");
        set("GIT_TERMINAL_PROMPT", "0");
        set("GIT_OPTIONAL_LOCKS", "0");
        set("GIT_NO_LAZY_FETCH", "1");
        // Replaced objects and grafts show another history than the one that was pushed.
        set("GIT_NO_REPLACE_OBJECTS", "1");
        set("GIT_GRAFT_FILE", "/nonexistent/grafts");
        if let Some(home) = &source.gnupg_home {
            set("GNUPGHOME", &extract.source.path(home).display().to_string());
        }
        let mut repository = Self {
            declared,
            of: format!("repository `{}`", folder.display()),
            folder,
            git,
            environment,
            version: String::new(),
            refs: Vec::new(),
            head: None,
            branch: String::new(),
            branch_tip: None,
        };
        if let Some(signers) = &source.allowed_signers {
            repository
                .environment
                .insert("TICKMARK_SIGNERS".into(), extract.source.path(signers).display().to_string());
        }
        repository.look()?;
        Ok(repository)
    }

    /// What the repository is at this moment.
    fn look(&mut self) -> Result<(), Error> {
        self.version = self.line(&["--version"])?;
        let shallow = self.line(&["rev-parse", "--is-shallow-repository"])?;
        if shallow != "false" {
            return Err(self.malformed("is a shallow clone: its history is cut off"));
        }
        let listed = self.run(&["for-each-ref", "--format=%(objectname) %(refname)"], None)?;
        for line in listed.lines() {
            let (object, name) =
                line.split_once(' ').ok_or_else(|| self.malformed("lists a ref that cannot be read"))?;
            if !LEFT_OUT.iter().any(|left_out| name.starts_with(left_out)) {
                self.refs.push((name.to_owned(), object.to_owned()));
            }
        }
        let branch = match &self.declared.branch {
            Some(branch) => format!("refs/heads/{branch}"),
            None => self
                .line(&["symbolic-ref", "-q", "HEAD"])
                .map_err(|_| self.malformed("names no branch by `HEAD`; say the default branch with `branch`"))?,
        };
        self.branch_tip = self.refs.iter().find(|(name, _)| *name == branch).map(|(_, object)| object.clone());
        self.branch = branch;
        if self.branch_tip.is_none() && !self.refs.is_empty() {
            return Err(self.malformed(&format!("has no branch `{}`", self.branch)));
        }
        // A detached `HEAD` may hold commits that no ref reaches.
        if !self.refs.is_empty() {
            self.head = Some(
                self.line(&["rev-parse", "--verify", "HEAD^{commit}"])
                    .or_else(|error| self.branch_tip.clone().ok_or(error))?,
            );
        }
        Ok(())
    }

    fn malformed(&self, problem: &str) -> Error {
        Error::Malformed { of: self.of.clone(), line: None, problem: problem.to_owned() }
    }

    /// Runs `git` with everything overruled that could start a program or change what it shows.
    fn run_bytes(&self, arguments: &[&str], input: Option<String>) -> Result<Vec<u8>, Error> {
        let safe = format!("safe.directory={}", self.folder.display());
        let signers = self.environment.get("TICKMARK_SIGNERS").cloned().unwrap_or_else(|| "/dev/null".into());
        let signers = format!("gpg.ssh.allowedSignersFile={signers}");
        let settings = [
            safe.as_str(),
            signers.as_str(),
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.pager=cat",
            "core.attributesFile=/dev/null",
            "core.quotePath=false",
            "core.alternateRefsCommand=false",
            // A cache of parents beside the commits themselves, which whoever has the folder can write.
            "core.commitGraph=false",
            "core.askPass=false",
            "credential.helper=",
            "diff.external=",
            "diff.renames=false",
            "diff.orderFile=/dev/null",
            "diff.ignoreSubmodules=none",
            "gpg.program=gpg",
            "gpg.openpgp.program=gpg",
            "gpg.x509.program=gpgsm",
            "gpg.ssh.program=ssh-keygen",
            "gpg.minTrustLevel=undefined",
            "i18n.logOutputEncoding=UTF-8",
            "log.showRoot=true",
            "log.showSignature=false",
            "log.mailmap=false",
            "log.follow=false",
            "log.decorate=false",
            "color.ui=false",
            "protocol.allow=never",
            "trailer.separators=:",
        ];
        let mut argv: Vec<String> = vec![self.git.to_owned()];
        for setting in settings {
            argv.extend(["-c".to_owned(), setting.to_owned()]);
        }
        argv.extend(["-C".to_owned(), self.folder.display().to_string()]);
        argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let program = Program {
            argv: &argv,
            environment: &self.environment,
            folder: &self.folder,
            timeout: TIMEOUT,
            max_bytes: MAX_BYTES,
            input: input.map(String::into_bytes),
        };
        let ended = program.run().map_err(|error| {
            // The settings are the same for every call and hide what was asked.
            if let Error::Command { problem, .. } = error {
                Error::Command { command: format!("git {} in {}", arguments.join(" "), self.of), problem }
            } else {
                error
            }
        })?;
        Ok(ended.output)
    }

    fn run(&self, arguments: &[&str], input: Option<String>) -> Result<String, Error> {
        let printed = self.run_bytes(arguments, input)?;
        String::from_utf8(printed).map_err(|_| self.malformed("prints what is not UTF-8"))
    }

    fn line(&self, arguments: &[&str]) -> Result<String, Error> {
        Ok(self.run(arguments, None)?.trim().to_owned())
    }

    fn told(&self, request: &str) -> Told {
        let mut told = Told::new(request.to_owned());
        told.parameter("repository", self.declared.folder.display());
        told.parameter("git", &self.version);
        told.parameter("branch", &self.branch);
        // The refs say at which state the repository was read; a repository with thousands is told by their digest.
        let refs: String = self.refs.iter().map(|(name, object)| format!("{object} {name}\n")).collect();
        told.parameter("refs", self.refs.len());
        told.parameter("refs_digest", tickmark_canonical::Digest::of(refs.as_bytes()));
        if let Some(head) = &self.head {
            told.parameter("head", head);
        }
        told
    }

    /// The objects that history is read from, one a line.
    fn tips(&self) -> String {
        let tips: BTreeSet<&str> =
            self.refs.iter().map(|(_, object)| object.as_str()).chain(self.head.as_deref()).collect();
        tips.into_iter().map(|tip| format!("{tip}\n")).collect()
    }

    fn commits(&self, rows: &mut Rows<'_>) -> Result<Told, Error> {
        rows.part(&self.of, &COMMIT_COLUMNS.map(str::to_owned), 1)?;
        let trailers = |key: &str| format!("%(trailers:key={key},valueonly=true,unfold=true,separator=%x1f)");
        // Fields end with NUL, which neither a commit nor a path can hold. A commit begins with a word that nobody could
        // know when the commit was made, and the files it changed against its first parent follow.
        let mut begin = [0_u8; 16];
        getrandom::fill(&mut begin).map_err(|cause| self.malformed(&format!("cannot be read: {cause}")))?;
        let begin: String = begin.iter().map(|byte| format!("{byte:02x}")).collect();
        let format = format!(
            "--format={begin}%x00%H%x00%P%x00%ae%x00%at%x00%ce%x00%ct%x00%G?%x00{}%x00{}%x00",
            trailers("Reviewed-by"),
            trailers("Change")
        );
        let mut told = self.told("git log --all --diff-merges=first-parent --no-renames --name-only");
        if self.refs.is_empty() {
            told.count = SourceCount::Known(0);
            return Ok(told);
        }
        let tips = self.tips();
        let counted = self.run(&["rev-list", "--count", "--stdin"], Some(tips.clone()))?;
        let count = counted.trim().parse().map_err(|_| self.malformed("does not count its commits"))?;
        told.count = SourceCount::Known(count);
        let branch = self.branch_tip.as_deref().unwrap_or_default();
        let first_parents = self.run(&["rev-list", "--first-parent", branch, "--"], None)?;
        let on_branch: BTreeSet<&str> = first_parents.lines().collect();
        let log = [
            "log",
            "--stdin",
            "-z",
            "--topo-order",
            "--reverse",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--diff-merges=first-parent",
            "--name-only",
            format.as_str(),
        ];
        // Names of files are bytes, and only counted; words of a commit that are not UTF-8 are refused below.
        let printed = self.run_bytes(&log, Some(tips))?;
        let printed = String::from_utf8_lossy(&printed);
        let mut ids = Vec::new();
        for record in printed.split(&format!("{begin}\0")).skip(1) {
            self.commit(rows, record, &on_branch)?;
            ids.extend(record.split('\0').next());
        }
        self.are_what_their_ids_say(&ids)?;
        Ok(told)
    }

    /// Hashes each of these objects. Their trees and files are not: no column holds what is in them.
    fn are_what_their_ids_say(&self, ids: &[&str]) -> Result<(), Error> {
        for ids in ids.chunks(HASHED_AT_ONCE) {
            let asked: String = ids.iter().map(|id| format!("{id}\n")).collect();
            let printed = self.run_bytes(&["cat-file", "--batch", "--buffer"], Some(asked))?;
            let mut rest = printed.as_slice();
            for id in ids {
                let cut = || self.malformed(&format!("does not give the object {id}"));
                let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(cut)?;
                let (line, after) = rest.split_at(end);
                let mut words = std::str::from_utf8(line).unwrap_or_default().split(' ').skip(1);
                let (kind, length) = words.next().zip(words.next()).ok_or_else(cut)?;
                let length: usize = length.parse().map_err(|_| cut())?;
                let content = after.get(1..=length).ok_or_else(cut)?;
                rest = after.get(length + 2..).ok_or_else(cut)?;
                if object_id(id.len(), kind, content) != *id {
                    return Err(self.malformed(&format!(
                        "holds other content under the id {id} than the id was made of: the object was rewritten (see `git fsck`)"
                    )));
                }
            }
        }
        Ok(())
    }

    fn commit(&self, rows: &mut Rows<'_>, record: &str, on_branch: &BTreeSet<&str>) -> Result<(), Error> {
        let mut parts = record.split('\0');
        let mut next = || parts.next().ok_or_else(|| self.malformed("prints a commit that cannot be read"));
        let id = next()?;
        let parents: Vec<&str> = next()?.split(' ').filter(|parent| !parent.is_empty()).collect();
        let (author, authored) = (next()?, self.seconds(next()?)?);
        let (committer, committed) = (next()?, self.seconds(next()?)?);
        let signature = next()?;
        let reviewers = addresses(next()?);
        let ticket =
            next()?.split('\u{1f}').map(str::trim).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        if [author, committer, &reviewers, &ticket].iter().any(|words| words.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(self.malformed(&format!("commit {id} has an address or a trailer that is not UTF-8")));
        }
        let files = parts.map(|name| name.trim_start_matches('\n')).filter(|name| !name.is_empty()).count();
        let cells = [
            Cell::Text(self.declared.repository.as_bytes()),
            Cell::Text(id.as_bytes()),
            Cell::Int(parents.len() as i64),
            parents.first().map_or(Cell::Null, |parent| Cell::Text(parent.as_bytes())),
            Cell::Text(author.as_bytes()),
            Cell::Instant(authored),
            Cell::Text(committer.as_bytes()),
            Cell::Instant(committed),
            Cell::Bool(on_branch.contains(id)),
            Cell::Bool(parents.len() > 1),
            Cell::Text(signature.as_bytes()),
            text_or_null(&reviewers),
            text_or_null(&ticket),
            Cell::Int(i64::try_from(files).unwrap_or(i64::MAX)),
        ];
        for (at, cell) in cells.into_iter().enumerate() {
            rows.field(at, cell)?;
        }
        rows.end_row()
    }

    fn tags(&self, rows: &mut Rows<'_>) -> Result<Told, Error> {
        rows.part(&self.of, &TAG_COLUMNS.map(str::to_owned), 1)?;
        // `%(*…)` is about the commit that an annotated tag names.
        let format = "--format=%(objectname)%00%(refname)%00%(objecttype)%00%(*objecttype)%00%(*objectname)%00%(taggerdate:unix)\
                      %00%(taggeremail:trim)%00%(committerdate:unix)%00%(*committerdate:unix)";
        let mut told = self.told("git for-each-ref refs/tags");
        let printed = self.run(&["for-each-ref", format, "refs/tags"], None)?;
        let expected: BTreeSet<(&str, &str)> = self
            .refs
            .iter()
            .filter_map(|(name, object)| Some((name.strip_prefix("refs/tags/")?, object.as_str())))
            .collect();
        let mut found = BTreeSet::new();
        let mut left_out: u64 = 0;
        let mut objects = Vec::new();
        for line in printed.lines() {
            let parts: Vec<&str> = line.split('\0').collect();
            let &[object, name, kind, inner_kind, inner, tagged, tagger, committed, _] = parts.as_slice() else {
                return Err(self.malformed("prints a tag that cannot be read"));
            };
            let Some(name) = name.strip_prefix("refs/tags/") else { continue };
            found.insert((name, object));
            let annotated = kind == "tag";
            if annotated {
                objects.push(object);
            }
            // A tag of a tag names the commit at the end of the chain.
            let end = if inner_kind == "tag" { self.end_of_tags(object)? } else { None };
            let (commit, at) = match &end {
                Some(commit) => (commit.as_str(), tagged),
                None if annotated => (inner, tagged),
                None => (object, committed),
            };
            if end.is_none() && (if annotated { inner_kind } else { kind }) != "commit" {
                // A tag of a file or a folder names no state of the history.
                left_out += 1;
                continue;
            }
            let cells = [
                Cell::Text(self.declared.repository.as_bytes()),
                Cell::Text(name.as_bytes()),
                Cell::Text(commit.as_bytes()),
                Cell::Instant(self.seconds(at)?),
                text_or_null(tagger),
                Cell::Bool(annotated),
            ];
            for (at, cell) in cells.into_iter().enumerate() {
                rows.field(at, cell)?;
            }
            rows.end_row()?;
        }
        if found != expected {
            return Err(self.malformed("changed its tags while they were read"));
        }
        self.are_what_their_ids_say(&objects)?;
        told.count = SourceCount::Known((expected.len() as u64).saturating_sub(left_out));
        if left_out > 0 {
            told.parameter("tags_of_other_objects", left_out);
        }
        Ok(told)
    }

    /// The commit at the end of a chain of tags, if it ends in one.
    fn end_of_tags(&self, tag: &str) -> Result<Option<String>, Error> {
        let asked = format!("{tag}^{{commit}}\n");
        let told = self.run(&["cat-file", "--batch-check=%(objecttype) %(objectname)"], Some(asked))?;
        Ok(told.trim().strip_prefix("commit ").map(str::to_owned))
    }

    fn seconds(&self, text: &str) -> Result<i64, Error> {
        let seconds: Option<i64> = text.parse().ok();
        seconds
            .and_then(|seconds| seconds.checked_mul(1_000_000))
            .ok_or_else(|| self.malformed(&format!("has the time `{}`", crate::error::shortened(text))))
    }
}

/// How `git` names an object: by the digest of its kind, its length and its content.
fn object_id(digits: usize, kind: &str, content: &[u8]) -> String {
    let header = format!("{kind} {}\0", content.len());
    if digits == 64 {
        hex::encode(Sha256::new().chain_update(header).chain_update(content).finalize())
    } else {
        hex::encode(Sha1::new().chain_update(header).chain_update(content).finalize())
    }
}

fn text_or_null(text: &str) -> Cell<'_> {
    if text.is_empty() { Cell::Null } else { Cell::Text(text.as_bytes()) }
}

/// The addresses in trailers such as `Name <address>`, each once, in order; a trailer without one counts as it stands.
fn addresses(trailers: &str) -> String {
    let mut found: Vec<&str> = Vec::new();
    for trailer in trailers.split('\u{1f}').map(str::trim).filter(|trailer| !trailer.is_empty()) {
        let address =
            trailer.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(trailer, |(a, _)| a.trim());
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviewers_are_told_by_address() {
        assert_eq!(addresses("Ada L <ada@x.example>"), "ada@x.example");
        assert_eq!(addresses("Ada <a@x>\u{1f}Bo <b@x>\u{1f}Ada L. <a@x>"), "a@x, b@x");
        assert_eq!(addresses("somebody"), "somebody");
        assert_eq!(addresses(""), "");
    }
}
