//! The firm's comments on sections of a report: beside the text, never in it. They print in no document of the organization.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, PersonId, Recorded, Refusal, Role, SectionId, State};

/// Who of the firm comments, and says that a comment is settled.
const ROLES: [Role; 3] = [Role::FirmPreparer, Role::FirmReviewer, Role::FirmSignatory];

/// Comment on a section that management writes (people of the appointed firm).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentOnSection {
    /// The engagement.
    pub engagement: EngagementId,
    /// The section.
    pub section: SectionId,
    /// What the section says (vault text): what the comment is about, however it is worded later.
    pub words: Digest,
    /// What the firm says (vault text).
    pub comment: Digest,
}

/// The firm commented on a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionCommented {
    /// The engagement.
    pub engagement: EngagementId,
    /// Number of the comment within the engagement, from 1.
    pub number: u32,
    /// The section.
    pub section: SectionId,
    /// What the section said (vault text).
    pub words: Digest,
    /// What the firm says (vault text).
    pub comment: Digest,
}

/// Say that a comment is settled (people of the appointed firm): management does not settle what the firm asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveSectionComment {
    /// The engagement.
    pub engagement: EngagementId,
    /// Number of the comment.
    pub number: u32,
}

/// A comment of the firm is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionCommentResolved {
    /// The engagement.
    pub engagement: EngagementId,
    /// Number of the comment.
    pub number: u32,
}

/// A comment of the firm on a section as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionComment {
    /// The section.
    pub section: SectionId,
    /// What the section said (vault text).
    pub words: Digest,
    /// What the firm said (vault text).
    pub comment: Digest,
    /// Who said it.
    pub by: PersonId,
    /// When.
    pub said_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
    /// Who said that it is settled, and the entry that says so.
    pub resolved: Option<(PersonId, u64)>,
}

pub(crate) fn decide_comment(state: &State, author: &Author, command: CommentOnSection) -> Result<Vec<Event>, Refusal> {
    let CommentOnSection { engagement, section, words, comment } = command;
    state.require_of_firm(author, &engagement, &ROLES)?;
    let number = state.engagement(&engagement)?.section_comments.len() as u32 + 1;
    Ok(vec![Event::SectionCommented(SectionCommented { engagement, number, section, words, comment })])
}

/// Asked in this order: a person of the appointed firm, a comment that is there, not settled before.
pub(crate) fn decide_resolve(
    state: &State,
    author: &Author,
    command: ResolveSectionComment,
) -> Result<Vec<Event>, Refusal> {
    let ResolveSectionComment { engagement, number } = command;
    state.require_of_firm(author, &engagement, &ROLES)?;
    match state.engagement(&engagement)?.section_comments.get(&number) {
        None => Err(Refusal::UnknownSectionComment(number)),
        Some(comment) if comment.resolved.is_some() => Err(Refusal::SectionCommentSettled(number)),
        Some(_) => Ok(vec![Event::SectionCommentResolved(SectionCommentResolved { engagement, number })]),
    }
}

impl State {
    pub(crate) fn apply_section_commented(&mut self, event: &SectionCommented, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            let comment = SectionComment {
                section: event.section.clone(),
                words: event.words,
                comment: event.comment,
                by: recorded.by.clone(),
                said_at: recorded.at,
                entry: recorded.index,
                resolved: None,
            };
            engagement.section_comments.insert(event.number, comment);
        }
    }

    pub(crate) fn apply_section_comment_resolved(&mut self, event: &SectionCommentResolved, recorded: &Recorded) {
        let comments = self.engagements.get_mut(&event.engagement).map(|engagement| &mut engagement.section_comments);
        if let Some(comment) = comments.and_then(|comments| comments.get_mut(&event.number)) {
            comment.resolved = Some((recorded.by.clone(), recorded.index));
        }
    }
}
