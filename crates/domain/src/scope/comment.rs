//! The firm's comments on the scope, before the period opens and later, and management's answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, EngagementId, Event, PersonId, Recorded, Refusal, Role, ScopeItemId, State};

/// Comment on the scope of an engagement (people of the appointed firm).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentOnScope {
    /// The engagement.
    pub engagement: EngagementId,
    /// The item that it is about; the scope as a whole if none.
    pub item: Option<ScopeItemId>,
    /// What the firm says (vault text).
    pub comment: Digest,
}

/// The firm commented on the scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeCommented {
    /// The engagement.
    pub engagement: EngagementId,
    /// Number of the comment within the engagement, from 1.
    pub number: u32,
    /// The item that it is about; the scope as a whole if none.
    pub item: Option<ScopeItemId>,
    /// What the firm says (vault text).
    pub comment: Digest,
}

/// Answer a comment of the firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerScopeComment {
    /// The engagement.
    pub engagement: EngagementId,
    /// Number of the comment.
    pub number: u32,
    /// What management says (vault text).
    pub answer: Digest,
}

/// A comment of the firm was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeCommentAnswered {
    /// The engagement.
    pub engagement: EngagementId,
    /// Number of the comment.
    pub number: u32,
    /// What management says (vault text).
    pub answer: Digest,
}

/// A comment of the firm, with management's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeComment {
    /// The item that it is about.
    pub item: Option<ScopeItemId>,
    /// What the firm said (vault text).
    pub comment: Digest,
    /// Who said it.
    pub by: PersonId,
    /// When.
    pub said_at: Timestamp,
    /// Entry that recorded it.
    pub entry: u64,
    /// Management's answers, oldest first.
    pub answers: Vec<ScopeCommentAnswer>,
}

/// Management's answer to a comment of the firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeCommentAnswer {
    /// What management said (vault text).
    pub answer: Digest,
    /// Who said it.
    pub by: PersonId,
    /// Entry that recorded it.
    pub entry: u64,
}

pub(crate) fn decide_comment(state: &State, author: &Author, command: CommentOnScope) -> Result<Vec<Event>, Refusal> {
    let CommentOnScope { engagement, item, comment } = command;
    let roles = [Role::FirmPreparer, Role::FirmReviewer, Role::FirmSignatory];
    state.require_of_firm(author, &engagement, &roles)?;
    if let Some(unknown) = item.as_ref().filter(|id| !state.scope.contains_key(*id)) {
        return Err(Refusal::UnknownScopeItem(unknown.clone()));
    }
    let number = state.engagement(&engagement)?.scope_comments.len() as u32 + 1;
    Ok(vec![Event::ScopeCommented(ScopeCommented { engagement, number, item, comment })])
}

pub(crate) fn decide_answer(
    state: &State,
    author: &Author,
    command: AnswerScopeComment,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    let AnswerScopeComment { engagement, number, answer } = command;
    if !state.engagement(&engagement)?.scope_comments.contains_key(&number) {
        return Err(Refusal::UnknownScopeComment(number));
    }
    Ok(vec![Event::ScopeCommentAnswered(ScopeCommentAnswered { engagement, number, answer })])
}

impl State {
    pub(crate) fn apply_scope_commented(&mut self, event: &ScopeCommented, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            let comment = ScopeComment {
                item: event.item.clone(),
                comment: event.comment,
                by: recorded.by.clone(),
                said_at: recorded.at,
                entry: recorded.index,
                answers: Vec::new(),
            };
            engagement.scope_comments.insert(event.number, comment);
        }
    }

    pub(crate) fn apply_scope_comment_answered(&mut self, event: &ScopeCommentAnswered, recorded: &Recorded) {
        let comment = self.engagements.get_mut(&event.engagement).and_then(|e| e.scope_comments.get_mut(&event.number));
        if let Some(comment) = comment {
            let answer = ScopeCommentAnswer { answer: event.answer, by: recorded.by.clone(), entry: recorded.index };
            comment.answers.push(answer);
        }
    }
}
