//! The sections of a report that people write, and the firm's comments beside them.
//!
//! Invariant: a comment is in no view, so that no document of the organization prints it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use tickmark_canonical::Digest;
use tickmark_domain::{
    Command, CommentOnSection, EngagementId, PersonId, Refusal, ResolveSectionComment, SectionComment,
};

use crate::{Error, House, views::Scene};

/// The parts of a report whose prose management answers for.
const WRITTEN_BY_MANAGEMENT: [&str; 3] = ["assertion", "description", "other_information"];

/// Blocks among them that are bound to facts: controls, objectives and criteria are worded elsewhere.
const BOUND: [&str; 2] = ["description/controls/", "description/measures/"];

/// A section that people write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionLine {
    /// Its id: its place in the report.
    pub section: String,
    /// What it says.
    pub words: String,
    /// Comments of the firm on it that are not settled.
    pub open_comments: u64,
}

/// A comment of the firm on a section, as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct SectionCommentLine {
    /// The engagement.
    pub engagement: String,
    /// Its number there.
    pub number: u32,
    /// The section.
    pub section: String,
    /// What the section said.
    pub words: String,
    /// What the firm said.
    pub comment: String,
    /// Who said it.
    pub by: String,
    /// The day, where the organization is.
    pub said_on: Date,
    /// Whether the section says something else by now, or is not there any more.
    pub reworded: bool,
    /// Who of the firm said that it is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
}

impl House {
    /// The sections of an engagement's report that management writes, each by its id.
    fn sections_of(&self, id: &EngagementId) -> Result<BTreeMap<String, String>, Error> {
        let figures = self.state().figures(self.catalog_index(), id)?;
        let report = Scene::new(self, self.state(), self.size(), id, &figures)?.report()?;
        let report = serde_json::to_value(&report).map_err(|error| Error::Unwritable(error.to_string()))?;
        let mut sections = BTreeMap::new();
        for part in WRITTEN_BY_MANAGEMENT {
            gather(part, report.get(part), &mut sections);
        }
        sections.retain(|place, _| !BOUND.iter().any(|bound| place.starts_with(bound)));
        Ok(sections)
    }

    /// The sections of an engagement's report that management writes, with how many comments wait on each.
    pub fn sections(&self, id: &EngagementId) -> Result<Vec<SectionLine>, Error> {
        let comments = self.state().engagements.get(id).map(|engagement| &engagement.section_comments);
        let open = |section: &str| {
            let of = comments.into_iter().flat_map(BTreeMap::values);
            of.filter(|comment| comment.section.as_str() == section && comment.resolved.is_none()).count() as u64
        };
        let lines = self.sections_of(id)?.into_iter().map(|(section, words)| {
            let open_comments = open(&section);
            SectionLine { section, words, open_comments }
        });
        Ok(lines.collect())
    }

    /// The firm comments on a section as it is worded now.
    pub fn comment_on_section(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        section: &str,
        comment: &str,
    ) -> Result<(), Error> {
        let words = self.sections_of(engagement)?.remove(section);
        let words = words.ok_or_else(|| Error::Unknown { kind: "section", name: section.to_owned() })?;
        let command = CommentOnSection {
            engagement: engagement.clone(),
            section: section.parse()?,
            words: self.put_text(&words)?,
            comment: self.put_text(comment)?,
        };
        self.execute(author, Command::CommentOnSection(command)).map(drop)
    }

    /// The firm says that a comment is settled.
    pub fn resolve_section_comment(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        number: u32,
    ) -> Result<(), Error> {
        let command = ResolveSectionComment { engagement: engagement.clone(), number };
        self.execute(author, Command::ResolveSectionComment(command)).map(drop)
    }

    /// The firm's comments on the sections of an engagement's report, in the order in which they came.
    pub fn section_comments(&self, id: &EngagementId) -> Result<Vec<SectionCommentLine>, Error> {
        let engagement = self.state().engagements.get(id).ok_or_else(|| Refusal::UnknownEngagement(id.clone()))?;
        if engagement.section_comments.is_empty() {
            return Ok(Vec::new());
        }
        let sections = self.sections_of(id)?;
        let line = |(number, said): (&u32, &SectionComment)| {
            let words = sections.get(said.section.as_str());
            Ok(SectionCommentLine {
                engagement: id.to_string(),
                number: *number,
                section: said.section.to_string(),
                words: self.text(&said.words)?,
                comment: self.text(&said.comment)?,
                by: self.name_of(&said.by),
                said_on: self.state().local_date(said.said_at).unwrap_or_else(|| self.today()),
                reworded: words.map(|words| Digest::of(words.as_bytes())) != Some(said.words),
                resolved_by: said.resolved.as_ref().map(|(by, _)| self.name_of(by)),
            })
        };
        engagement.section_comments.iter().map(line).collect()
    }
}

/// Every piece of prose below a value, by its place.
fn gather(place: &str, value: Option<&Value>, sections: &mut BTreeMap<String, String>) {
    match value {
        Some(Value::Object(fields)) => match fields.get("prose") {
            Some(Value::String(prose)) => {
                // A titled section is named, and not the text in it.
                let place = place.strip_suffix("/text").unwrap_or(place);
                if !prose.trim().is_empty() {
                    sections.insert(place.to_owned(), prose.clone());
                }
            }
            _ => fields.iter().for_each(|(name, value)| gather(&format!("{place}/{name}"), Some(value), sections)),
        },
        Some(Value::Array(all)) => {
            for (number, value) in all.iter().enumerate() {
                gather(&format!("{place}/{number}"), Some(value), sections);
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sections_are_named_by_their_places() {
        let view = json!({
            "overview": {"prose": "What it is."},
            "services": [{"title": "Invoicing", "text": {"prose": "Who sends what."}}, {"title": "Empty", "text": {"prose": " "}}],
            "complementary": [{"id": "CUEC-1", "text": {"prose": "What they do."}}],
            "incidents": null,
        });
        let mut sections = BTreeMap::new();
        gather("description", Some(&view), &mut sections);
        let places: Vec<&str> = sections.keys().map(String::as_str).collect();
        assert_eq!(places, ["description/complementary/0", "description/overview", "description/services/0"]);
    }
}
