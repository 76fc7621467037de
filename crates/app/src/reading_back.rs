//! A Word document of a report that came back edited: what its texts propose, to whom, and what nobody may change there.
//!
//! Invariant: nothing is recorded here. Who owns a text adopts it, signs it or answers with it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};
use tickmark_canonical::Digest;
use tickmark_domain::{EngagementId, PackageKind};
use tickmark_report::{Document, TextProposal, WordReport, report_docx, view::ReportView};

use crate::{
    Error, House,
    packaging::{Contents, io_error, paths},
    views::{DescriptionText, Scene},
};

/// What a Word document that came back proposes.
#[derive(Debug, Clone, Serialize)]
pub struct ReadBack {
    /// The engagement.
    pub engagement: String,
    /// The ledger size that it was made at.
    pub ledger_size: u64,
    /// Texts that are otherwise, with who may take each over.
    pub proposals: Vec<Proposed>,
    /// Changes that nobody may make in Word, a sentence each.
    pub refused: Vec<String>,
}

/// A text that came back otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct Proposed {
    /// What is otherwise.
    #[serde(flatten)]
    pub text: TextProposal,
    /// Whose text it is, and the command by which it is taken over.
    pub owner: &'static str,
    /// Whether the text was changed here, too, since the document was made.
    pub changed_meanwhile: bool,
}

fn read(path: &Path) -> Result<WordReport, Error> {
    let bytes = std::fs::read(path).map_err(io_error("read", path))?;
    WordReport::read(&bytes).map_err(|error| Error::Settings { path: path.to_owned(), problem: error.to_string() })
}

impl House {
    /// The view that a Word document was made from: that of a package, or as things were at its ledger size.
    fn sent(&self, path: &Path, word: &WordReport) -> Result<ReportView, Error> {
        let id: EngagementId = word.engagement.parse()?;
        let unknown = || Error::Unknown { kind: "engagement", name: id.to_string() };
        let engagement = self.state().engagements.get(&id).ok_or_else(unknown)?;
        for package in engagement.packages.iter().filter(|package| package.kind == PackageKind::Report) {
            let contents: Contents = self.json(&package.contents)?;
            if contents.files.get(&format!("{}/report.json", paths::DOCUMENTS)) == Some(&word.view) {
                return report_of(self.vault().get(&word.view)?.as_slice());
            }
        }
        let state = self.state_at(word.ledger_size)?;
        let figures = state.figures(self.catalog_index(), &id)?;
        let mut view = Scene::new(self, &state, word.ledger_size, &id, &figures)?.report()?;
        view.engagement.prepared_on = word.prepared_on;
        let made = Document::Report(Box::new(view.clone())).to_json()?;
        if Digest::of(&made) != word.view {
            let problem = "it was made from other facts than the ledger had then, or by another version; write it once more with `tickmark report --docx`";
            return Err(Error::Settings { path: path.to_owned(), problem: problem.to_owned() });
        }
        Ok(view)
    }

    /// What a Word document that came back says otherwise than it did when it was made.
    pub fn read_back(&self, path: &Path) -> Result<ReadBack, Error> {
        let word = read(path)?;
        let as_sent = WordReport::read(&report_docx(&self.sent(path, &word)?, None)?)?;
        let id: EngagementId = word.engagement.parse()?;
        let figures = self.state().figures(self.catalog_index(), &id)?;
        let now = Scene::new(self, self.state(), self.size(), &id, &figures)?.report()?;
        let now = WordReport::read(&report_docx(&now, None)?)?;
        let changes = word.changes_since(&as_sent);
        let proposals = changes.proposals.into_iter().map(|text| Proposed {
            owner: owner(&text.place),
            changed_meanwhile: !now.says_the_same(&as_sent, &text.place),
            text,
        });
        Ok(ReadBack {
            engagement: word.engagement.clone(),
            ledger_size: word.ledger_size,
            proposals: proposals.collect(),
            refused: changes.refused,
        })
    }

    /// Writes the texts that were proposed into a folder, as the files that their commands read: the description as it stands
    /// now with the texts in it, and the assertion. Gives their paths.
    pub fn write_proposed(&self, back: &ReadBack, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        std::fs::create_dir_all(folder).map_err(io_error("make", folder))?;
        let mut written = Vec::new();
        let mut write = |name: String, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(io_error("write", &path))?;
            written.push(path);
            Ok::<_, Error>(())
        };
        let of_description: Vec<&TextProposal> =
            back.proposals.iter().map(|of| &of.text).filter(|text| text.place.starts_with(DESCRIPTION)).collect();
        if !of_description.is_empty() {
            write(
                format!("{}-description.toml", back.engagement),
                self.proposed_description(&back.engagement, &of_description)?,
            )?;
        }
        for of in back.proposals.iter().filter(|of| !of.text.place.starts_with(DESCRIPTION)) {
            let name = of.text.place.trim_matches('/').trim_end_matches("/text").replace('/', "-");
            write(format!("{}-{name}.md", back.engagement), format!("{}\n", of.text.after))?;
        }
        Ok(written)
    }

    fn proposed_description(&self, engagement: &str, proposed: &[&TextProposal]) -> Result<String, Error> {
        let id: EngagementId = engagement.parse()?;
        let unknown = || Error::Unknown { kind: "engagement", name: id.to_string() };
        let engagement = self.state().engagements.get(&id).ok_or_else(unknown)?;
        let adopted =
            engagement.description.as_ref().ok_or(tickmark_domain::Refusal::PackageLacks("a system description"))?;
        let text: DescriptionText = self.json(&adopted.text)?;
        let mut description = serde_json::to_value(&text.description).map_err(unwritable)?;
        for text in proposed {
            let place = text.place.strip_prefix(DESCRIPTION).unwrap_or_default();
            let gone = || Error::Unwritable(format!("`{}` does not stand in the description any more", text.place));
            let target = description.pointer_mut(place).ok_or_else(gone)?;
            let prose =
                if target.get("prose").is_some() { &mut *target } else { target.get_mut("text").ok_or_else(gone)? };
            if let Some(prose) = prose.get_mut("prose") {
                *prose = Value::String(text.after.clone());
            }
            if let (Some(title), Some(renamed)) = (target.get_mut("title"), &text.renamed) {
                *title = Value::String(renamed.clone());
            }
        }
        let mut file: Map<String, Value> = description.as_object().cloned().unwrap_or_default();
        // Measures and controls come from the ledger and the catalog; a description holds none.
        file.retain(|key, value| !matches!(key.as_str(), "measures" | "controls") && !value.is_null());
        if !text.objective_classes.is_empty() {
            file.insert(
                "objective_classes".to_owned(),
                serde_json::to_value(&text.objective_classes).map_err(unwritable)?,
            );
        }
        toml::to_string_pretty(&file).map_err(|error| Error::Unwritable(error.to_string()))
    }
}

/// Where the description stands in the view.
const DESCRIPTION: &str = "/description";

fn unwritable(error: serde_json::Error) -> Error {
    Error::Unwritable(error.to_string())
}

fn report_of(json: &[u8]) -> Result<ReportView, Error> {
    match Document::from_json(json)? {
        Document::Report(view) => Ok(*view),
        Document::ManagementTesting(_) | Document::Exceptions(_) => {
            Err(Error::Unwritable("the package holds another document in the report's place".to_owned()))
        }
    }
}

/// Whose text stands at a place, and how it is taken over.
fn owner(place: &str) -> &'static str {
    match place.split('/').nth(1) {
        Some("description") => "compliance lead: `tickmark description adopt FILE`",
        Some("assertion") => "who signs for management: `tickmark assertion sign FILE`",
        Some("subservice_assertions") => "the subservice organization: `tickmark assertion record-subservice FILE`",
        Some("other_information") => {
            "control owner: `tickmark exception respond EXCEPTION --text TEXT`, or `tickmark deviation respond ENGAGEMENT DEVIATION --text TEXT`"
        }
        Some("auditor_report") => "the firm's signatory alone: `tickmark firm report FILE`",
        _ => "management",
    }
}
