//! The history as a real git repository, through `git fast-import`.
//!
//! Invariant: no setting of the user or the machine reaches git, so that equal histories give equal commit identifiers.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Author, Changes, Commit, Line};
use crate::error::Error;

impl Changes {
    /// Writes the repository and returns the identifier of every commit by its mark.
    pub(super) fn write_repository(&self, path: &Path) -> Result<BTreeMap<u32, String>, Error> {
        crate::write::parent(path)?;
        run(
            path,
            "init",
            Command::new("git").args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(path),
            &[],
        )?;
        let marks = path.join("marks");
        let mut command = Command::new("git");
        // Nothing is lost with a generated repository: no waiting for the disk.
        command.args(["-c", "core.fsync=none"]).arg("--git-dir").arg(path).args(["fast-import", "--quiet"]);
        command.arg(format!("--export-marks={}", marks.display()));
        run(path, "fast-import", &mut command, &self.stream())?;
        run(path, "pack-refs", Command::new("git").arg("--git-dir").arg(path).args(["pack-refs", "--all"]), &[])?;
        let text = std::fs::read_to_string(&marks).map_err(Error::file("reading", &marks))?;
        std::fs::remove_file(&marks).map_err(Error::file("removing", &marks))?;
        Ok(text
            .lines()
            .filter_map(|line| {
                let (mark, name) = line.strip_prefix(':')?.split_once(' ')?;
                Some((mark.parse().ok()?, name.to_owned()))
            })
            .collect())
    }

    fn stream(&self) -> Vec<u8> {
        let mut text = String::from("feature done\n");
        for commit in &self.commits {
            self.commit(&mut text, commit);
        }
        for tag in &self.tags {
            let message = format!("Release {}", tag.name);
            text.push_str(&format!(
                "tag {}\nfrom :{}\ntagger {}\ndata {}\n{message}\n",
                tag.name,
                tag.mark,
                self.signature(&tag.tagger, tag.at),
                message.len()
            ));
        }
        text.push_str("done\n");
        text.into_bytes()
    }

    fn commit(&self, text: &mut String, commit: &Commit) {
        let branch = match &commit.line {
            Line::Main => "refs/heads/main".to_owned(),
            Line::Request(number) => format!("refs/pull/{number}/head"),
            Line::Branch(name) => format!("refs/heads/{name}"),
        };
        let mut message = format!("{}\n", commit.subject);
        let trailers = [
            commit.reviewed_by.as_ref().map(|by| format!("Reviewed-by: {} <{}>\n", by.name, by.email)),
            commit.ticket.as_ref().map(|ticket| format!("Change: {ticket}\n")),
        ];
        if trailers.iter().any(Option::is_some) {
            message.push('\n');
        }
        trailers.into_iter().flatten().for_each(|trailer| message.push_str(&trailer));
        text.push_str(&format!(
            "commit {branch}\nmark :{}\nauthor {}\ncommitter {}\ndata {}\n{message}",
            commit.mark,
            self.signature(&commit.author, commit.at),
            self.signature(&commit.committer, commit.at),
            message.len(),
        ));
        if let Some(parent) = commit.parent {
            text.push_str(&format!("from :{parent}\n"));
        }
        if let Some(merged) = commit.merged {
            text.push_str(&format!("merge :{merged}\n"));
        }
        for (path, content) in &commit.files {
            text.push_str(&format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len()));
        }
        text.push('\n');
    }

    fn signature(&self, who: &Author, at: jiff::Timestamp) -> String {
        // Most work in New York; some, told by the length of their name, work three hours to the west.
        let west = who.name.len().is_multiple_of(5);
        let zone = if west {
            jiff::tz::TimeZone::get("America/Los_Angeles")
        } else {
            jiff::tz::TimeZone::get(crate::calendar::ZONE)
        };
        let offset =
            zone.map(|zone| at.to_zoned(zone).strftime("%z").to_string()).unwrap_or_else(|_| "+0000".to_owned());
        format!("{} <{}> {} {offset}", who.name, who.email, at.as_second())
    }
}

/// Runs git without any setting from outside, feeding it `input`.
fn run(path: &Path, step: &'static str, command: &mut Command, input: &[u8]) -> Result<(), Error> {
    command
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Error::file("starting git for", path))?;
    if let Some(mut stdin) = child.stdin.take()
        && let Err(source) = stdin.write_all(input)
        && source.kind() != std::io::ErrorKind::BrokenPipe
    {
        return Err(Error::File { doing: "feeding git for", path: path.to_owned(), source });
    }
    let output = child.wait_with_output().map_err(Error::file("waiting for git on", path))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Git { step, path: path.to_owned(), status: output.status.to_string(), message })
}
