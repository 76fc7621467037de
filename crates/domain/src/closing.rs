//! Closing: from a day on, the documents of an engagement are made from what it froze.
//!
//! Facts go on after a closing: a package of a closed engagement is made from the facts up to it, and from what the making of a
//! report still adds to them ([`State::is_left_open`]). What was frozen and is otherwise now needs a closing once more, with the
//! reason; the package after it says what changed.
//!
//! Invariant: the digests of a closing follow from the entries before its own, whose index is the ledger size that was frozen.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;

use crate::{Author, CatalogIndex, EngagementId, Event, FrozenPart, PersonId, Recorded, Refusal, Role, State};

/// Close an engagement, or close it once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosePeriod {
    /// The engagement.
    pub engagement: EngagementId,
    /// Why it is closed once more (vault text).
    pub reason: Option<Digest>,
}

/// An engagement was closed: what its documents show is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodClosed {
    /// The engagement.
    pub engagement: EngagementId,
    /// The digest of each part that is frozen.
    pub frozen: BTreeMap<FrozenPart, Digest>,
    /// Why it was closed once more (vault text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Digest>,
}

/// A closing as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The digest of each part that is frozen.
    pub frozen: BTreeMap<FrozenPart, Digest>,
    /// Why it was closed once more (vault text).
    pub reason: Option<Digest>,
    /// Who closed.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Entry that recorded it: the ledger size that was frozen.
    pub entry: u64,
}

impl Closing {
    /// The parts that these digests have otherwise, in the order in which parts are shown.
    pub fn parts_changed(&self, now: &BTreeMap<FrozenPart, Digest>) -> Vec<FrozenPart> {
        FrozenPart::ALL.into_iter().filter(|part| self.frozen.get(part) != now.get(part)).collect()
    }
}

/// Asked in this order: role, catalog, engagement, the last day or as-of date over, a description whose wording is frozen; then of
/// the first closing no reason, of a further one a reason and something that changed.
pub(crate) fn decide_close(
    state: &State,
    author: &Author,
    catalog: &CatalogIndex,
    command: ClosePeriod,
) -> Result<Vec<Event>, Refusal> {
    state.require_role(author, Role::ComplianceLead)?;
    state.require_catalog(catalog)?;
    let ClosePeriod { engagement: id, reason } = command;
    let engagement = state.engagement(&id)?;
    state.require_over(author.at, engagement.report_type.span().last)?;
    if engagement.description.is_none() {
        return Err(Refusal::NothingToClose(id));
    }
    let frozen = state.frozen(catalog, &id)?.digests();
    match (engagement.closings.last(), reason) {
        (None, None) => {}
        (None, Some(_)) => return Err(Refusal::NotClosed(id)),
        (Some(closing), None) => return Err(Refusal::ClosedAlready { engagement: id, entry: closing.entry }),
        (Some(closing), Some(_)) if closing.frozen == frozen => {
            return Err(Refusal::UnchangedSinceClosing { engagement: id, entry: closing.entry });
        }
        (Some(_), Some(_)) => {}
    }
    Ok(vec![Event::PeriodClosed(PeriodClosed { engagement: id, frozen, reason })])
}

impl State {
    /// The newest closing of an engagement.
    pub fn closing(&self, id: &EngagementId) -> Option<&Closing> {
        self.engagements.get(id)?.closings.last()
    }

    /// The parts that were frozen by the newest closing and are otherwise now; none if it is not closed.
    pub fn parts_changed_since_closing(
        &self,
        catalog: &CatalogIndex,
        id: &EngagementId,
    ) -> Result<Vec<FrozenPart>, Refusal> {
        let Some(closing) = self.closing(id) else { return Ok(Vec::new()) };
        Ok(closing.parts_changed(&self.frozen(catalog, id)?.digests()))
    }

    /// Whether documents of a closed engagement show a fact that was recorded after the closing: what the firm does, what
    /// management signs over what is frozen, closings and packages. Who people are, what is held and what is erased is asked
    /// of the ledger as it is, whatever was closed.
    pub fn is_left_open(&self, id: &EngagementId, event: &Event, by: &PersonId) -> bool {
        let everywhere = matches!(
            event,
            Event::PersonAdded(_)
                | Event::RoleGranted(_)
                | Event::RoleRevoked(_)
                | Event::LegalHoldSet(_)
                | Event::LegalHoldReleased(_)
                | Event::ObjectErased(_)
        );
        let of_the_report = matches!(
            event,
            Event::FirmAppointed(_)
                | Event::FirmTestRecorded(_)
                | Event::FirmTestReviewed(_)
                | Event::DeviationResponded(_)
                | Event::ServiceAuditorsReportRecorded(_)
                | Event::ManagementAssertionSigned(_)
                | Event::SubserviceAssertionRecorded(_)
                | Event::ScopeCommented(_)
                | Event::ScopeCommentAnswered(_)
                | Event::SectionCommented(_)
                | Event::SectionCommentResolved(_)
                | Event::PeriodClosed(_)
                | Event::FindingOverruled(_)
                | Event::ReportPackageIssued(_)
                | Event::ReaderCopyRecorded(_)
        );
        let of_either_side = matches!(
            event,
            Event::PopulationChecked(_)
                | Event::NonceCommitted(_)
                | Event::SampleDrawn(_)
                | Event::SampleItemReplaced(_)
                | Event::SampleExtended(_)
                | Event::SampleVoided(_)
        );
        let is_here = event.engagement() == Some(id);
        everywhere
            || (is_here
                && (of_the_report
                    || (of_either_side && self.people.get(by).is_some_and(|person| person.firm.is_some()))))
    }

    pub(crate) fn apply_period_closed(&mut self, event: &PeriodClosed, recorded: &Recorded) {
        if let Some(engagement) = self.engagements.get_mut(&event.engagement) {
            engagement.closings.push(Closing {
                frozen: event.frozen.clone(),
                reason: event.reason,
                by: recorded.by.clone(),
                at: recorded.at,
                entry: recorded.index,
            });
        }
    }
}
