//! Closing an engagement, what is otherwise since, and the house from which packages of a closed engagement are made.
//!
//! A package of a closed engagement is made from the facts up to the closing, and from what the making of a report still adds
//! to them. So what happens afterwards in the organization changes no document unless somebody closes once more and says why.
//!
//! Invariant: a closing that was followed by another stays as it was, and the package of the later one says what changed.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::{Digest, to_canonical};
use tickmark_domain::{
    CatalogIndex, ClosePeriod, Closing, Command, EngagementId, Frozen, FrozenChange, FrozenPart, PersonId, Refusal,
    State,
};
use tickmark_ledger::{Reader, Store};

use crate::{
    Error, House,
    adopting::catalog_from_object,
    catalog_index::index_of,
    clock::Then,
    house::{apply_left_open, state_at},
    packaging::paths,
};

/// A closing, as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct ClosingLine {
    /// The engagement.
    pub engagement: String,
    /// The ledger size that was frozen, which is the entry of the closing.
    pub ledger_size: u64,
    /// The day on which it was closed, where the organization is.
    pub closed_on: Date,
    /// Who closed.
    pub closed_by: String,
    /// Why it was closed once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The digest of each part that is frozen.
    pub frozen: BTreeMap<FrozenPart, Digest>,
}

/// What is otherwise since an engagement was closed.
#[derive(Debug, Clone, Serialize)]
pub struct SinceClosing {
    /// The newest closing.
    pub closing: ClosingLine,
    /// What is otherwise, by part and item.
    pub changes: Vec<ChangeLine>,
    /// The parts that are as they were.
    pub unchanged: Vec<FrozenPart>,
}

/// One change, with its sentence.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeLine {
    /// What changed.
    #[serde(flatten)]
    pub change: FrozenChange,
    /// The same in words.
    pub says: String,
}

/// What a package of a closed engagement holds of its closing, canonical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClosingFigures {
    /// The entry of the closing, which is the ledger size that was frozen.
    pub(crate) entry: u64,
    /// The day on which it was closed.
    pub(crate) closed_on: Date,
    /// The name of who closed.
    pub(crate) closed_by: String,
    /// What is frozen.
    pub(crate) frozen: Frozen,
    /// What it was closed after, where it was closed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) again: Option<ClosedAgain>,
}

/// The closing before, and what is otherwise since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClosedAgain {
    /// The entry of the closing before.
    pub(crate) entry: u64,
    /// The day of it.
    pub(crate) closed_on: Date,
    /// Why it was closed once more.
    pub(crate) reason: String,
    /// What it had frozen.
    pub(crate) frozen: Frozen,
    /// What is otherwise.
    pub(crate) changes: Vec<FrozenChange>,
}

impl ClosingFigures {
    /// Refuses anything else than what the closings froze, by the first part that differs: `recomputed` is what follows from the
    /// entries that the documents show.
    pub(crate) fn require(&self, closings: &[Closing], recomputed: &Frozen) -> Result<(), Error> {
        let Some((closing, earlier)) = closings.split_last() else {
            return Err(differs("the closing", "none in the ledger", &format!("one in entry {}", self.entry)));
        };
        require_digests(
            &format!("that follows from the entries, as entry {} froze it", closing.entry),
            closing,
            recomputed,
        )?;
        require_digests(
            &format!("in `{}`, as entry {} froze it", paths::CLOSING, closing.entry),
            closing,
            &self.frozen,
        )?;
        if closing.entry != self.entry {
            return Err(differs("the entry of the closing", &closing.entry.to_string(), &self.entry.to_string()));
        }
        match (earlier.last(), &self.again) {
            (None, None) => Ok(()),
            (Some(before), Some(again)) => again.require(before, closing, &self.frozen),
            (before, _) => {
                let shown = |is: bool| if is { "a closing before it" } else { "none" };
                Err(differs("what was closed before", shown(before.is_some()), shown(before.is_none())))
            }
        }
    }

    /// What changed, for people.
    pub(crate) fn to_markdown(&self, again: &ClosedAgain, engagement: &EngagementId) -> String {
        let mut text = format!(
            "# What changed since the closing\n\nEngagement {engagement} was closed on {} (entry {}) and once more on {} (entry {}) by {}.\n\n## Why\n\n{}\n",
            again.closed_on,
            again.entry,
            self.closed_on,
            self.entry,
            self.closed_by,
            again.reason.trim_end()
        );
        for part in FrozenPart::ALL {
            text.push_str(&format!("\n## {}\n\n", capitalized(part.label())));
            let mut changes = again.changes.iter().filter(|change| change.part == part).peekable();
            if changes.peek().is_none() {
                text.push_str("Nothing changed.\n");
            }
            changes.for_each(|change| text.push_str(&format!("- {change}\n")));
        }
        text.push_str(&format!(
            "\nDigests stand by their first digits; `{}` has them whole, with everything that was frozen before and is frozen now.\n",
            paths::CLOSING
        ));
        text
    }
}

impl ClosedAgain {
    fn require(&self, before: &Closing, closing: &Closing, frozen: &Frozen) -> Result<(), Error> {
        require_digests(&format!("as entry {} had frozen it", before.entry), before, &self.frozen)?;
        let reason = Digest::of(self.reason.as_bytes());
        if before.entry != self.entry || closing.reason != Some(reason) {
            let why = |digest: Option<Digest>| digest.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
            return Err(differs("why it was closed once more", &why(closing.reason), &reason.to_string()));
        }
        let changes = frozen.changes_since(&self.frozen);
        if changes == self.changes {
            return Ok(());
        }
        let shown = |changes: &[FrozenChange]| changes.len().to_string();
        Err(differs("the changes since the closing before", &shown(&changes), &shown(&self.changes)))
    }
}

/// Refuses a part with another digest than the closing has.
fn require_digests(which: &str, closing: &Closing, found: &Frozen) -> Result<(), Error> {
    let found = found.digests();
    let Some(part) = closing.parts_changed(&found).first().copied() else { return Ok(()) };
    let shown = |digests: &BTreeMap<FrozenPart, Digest>| digests.get(&part).map(Digest::to_string).unwrap_or_default();
    Err(differs(&format!("the part \"{}\" {which}", part.label()), &shown(&closing.frozen), &shown(&found)))
}

fn differs(what: &str, expected: &str, found: &str) -> Error {
    Error::Differs { what: what.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Parts, in words.
pub(crate) fn parts_in_words(parts: &[FrozenPart]) -> String {
    parts.iter().map(|part| part.label()).collect::<Vec<_>>().join(", ")
}

impl House {
    /// Closes an engagement; one that was closed before needs a reason, and something that changed.
    pub fn close(&mut self, author: &PersonId, id: &EngagementId, again: Option<&str>) -> Result<ClosingLine, Error> {
        let reason = again.map(|reason| self.put_text(reason)).transpose()?;
        self.execute(author, Command::ClosePeriod(ClosePeriod { engagement: id.clone(), reason }))?;
        self.closing_line(id, self.require_closing(id)?)
    }

    /// What is otherwise since an engagement was closed, item by item.
    pub fn since_closing(&self, id: &EngagementId) -> Result<SinceClosing, Error> {
        let closing = self.require_closing(id)?;
        let now = self.state().frozen(self.catalog_index(), id)?;
        let changes = now.changes_since(&self.frozen_at(id, closing.entry)?);
        let changed = closing.parts_changed(&now.digests());
        Ok(SinceClosing {
            closing: self.closing_line(id, closing)?,
            changes: changes.into_iter().map(|change| ChangeLine { says: change.to_string(), change }).collect(),
            unchanged: FrozenPart::ALL.into_iter().filter(|part| !changed.contains(part)).collect(),
        })
    }

    fn require_closing(&self, id: &EngagementId) -> Result<&Closing, Error> {
        if !self.state().engagements.contains_key(id) {
            return Err(Refusal::UnknownEngagement(id.clone()).into());
        }
        self.state().closing(id).ok_or_else(|| Refusal::NotClosed(id.clone()).into())
    }

    fn closing_line(&self, id: &EngagementId, closing: &Closing) -> Result<ClosingLine, Error> {
        Ok(ClosingLine {
            engagement: id.to_string(),
            ledger_size: closing.entry,
            closed_on: self.closed_on(closing),
            closed_by: self.name_of(&closing.by),
            reason: closing.reason.map(|reason| self.text(&reason)).transpose()?,
            frozen: closing.frozen.clone(),
        })
    }

    pub(crate) fn closed_on(&self, closing: &Closing) -> Date {
        closed_on(self.state(), closing)
    }

    /// What a closing of an engagement would have frozen at a ledger size, by the catalog that was in force then.
    fn frozen_at(&self, id: &EngagementId, size: u64) -> Result<Frozen, Error> {
        let then = self.state_at(size)?;
        Ok(then.frozen(&self.index_then(&then)?, id)?)
    }

    /// The catalog that was in force in a state, as rules need it.
    fn index_then(&self, then: &State) -> Result<CatalogIndex, Error> {
        match then.catalog_in_force() {
            Some(adopted) if adopted.catalog != self.catalog.digest() => {
                index_of(&catalog_from_object(&self.vault.get(&adopted.files)?)?)
            }
            Some(_) | None => Ok(self.index.clone()),
        }
    }

    /// Refuses an engagement that is otherwise than when it was closed: whoever wants documents of it says which of the two
    /// they show.
    pub(crate) fn require_as_closed(&self, id: &EngagementId) -> Result<(), Error> {
        let parts = self.state().parts_changed_since_closing(self.catalog_index(), id)?;
        match self.state().closing(id) {
            Some(closing) if !parts.is_empty() => Err(Refusal::ChangedSinceClosing {
                engagement: id.clone(),
                entry: closing.entry,
                parts: parts_in_words(&parts),
            }
            .into()),
            Some(_) | None => Ok(()),
        }
    }

    /// The organization as documents of a closed engagement show it, for reading only: the facts up to the closing, and what
    /// the making of the report added since. Its size and its clock are those of the newest fact that documents show, so that
    /// the same documents come of it whenever they are made. None for an engagement that is not closed.
    pub(crate) fn as_closed(&self, id: &EngagementId) -> Result<Option<Self>, Error> {
        let Some(closing) = self.state().closing(id) else { return Ok(None) };
        let reader = self.store.reader()?;
        let closed = closed_state(&*reader, self, id, closing)?;
        drop(reader);
        let mut house = self.past_of(closed.state, closed.size, Arc::new(Then(closed.at)));
        house.load_catalog()?;
        Ok(Some(house))
    }

    /// What a package holds of the closing of its engagement: nothing where it is not closed.
    pub(crate) fn closing_files(&self, id: &EngagementId) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let closings = self.state().engagements.get(id).map(|engagement| engagement.closings.as_slice());
        let Some((closing, earlier)) = closings.and_then(<[Closing]>::split_last) else { return Ok(BTreeMap::new()) };
        let frozen = self.state().frozen(self.catalog_index(), id)?;
        let again = match (earlier.last(), closing.reason) {
            (Some(before), Some(reason)) => {
                let frozen_before = self.frozen_at(id, before.entry)?;
                let changes = frozen.changes_since(&frozen_before);
                let (reason, closed_on) = (self.text(&reason)?, self.closed_on(before));
                Some(ClosedAgain { entry: before.entry, closed_on, reason, frozen: frozen_before, changes })
            }
            _ => None,
        };
        let (closed_on, closed_by) = (self.closed_on(closing), self.name_of(&closing.by));
        let figures = ClosingFigures { entry: closing.entry, closed_on, closed_by, frozen, again };
        let mut files = BTreeMap::from([(paths::CLOSING.to_owned(), to_canonical(&figures)?)]);
        if let Some(again) = &figures.again {
            files.insert(paths::CHANGES.to_owned(), figures.to_markdown(again, id).into_bytes());
        }
        Ok(files)
    }
}

/// The day of a closing, where the organization is.
pub(crate) fn closed_on(state: &State, closing: &Closing) -> Date {
    state.local_date(closing.at).unwrap_or_else(|| jiff::tz::TimeZone::UTC.to_datetime(closing.at).date())
}

/// A state as documents of a closed engagement show it.
struct ClosedState {
    state: State,
    /// The ledger size after the newest fact that documents show.
    size: u64,
    /// When that was recorded.
    at: jiff::Timestamp,
}

fn closed_state(
    reader: &dyn Reader,
    house: &House,
    id: &EngagementId,
    closing: &Closing,
) -> Result<ClosedState, Error> {
    let state = state_at(reader, &house.item_keys, &house.origin, closing.entry)?;
    let mut closed = ClosedState { state, size: closing.entry, at: closing.at };
    let mut failed = None;
    reader.scan(&house.origin, closing.entry..house.size(), &mut |index, bytes| {
        let entry = tickmark_ledger::Entry::decode(bytes)
            .map_err(|error| tickmark_ledger::Corrupt::new(format!("entry {index}"), "an entry", error))?;
        if failed.is_none() {
            match apply_left_open(&mut closed.state, id, index, &entry) {
                Ok(true) => (closed.size, closed.at) = (index + 1, entry.recorded_at),
                Ok(false) => {}
                Err(error) => failed = Some(error),
            }
        }
        Ok(())
    })?;
    failed.map_or(Ok(closed), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What two items of the wording say, the rest being empty.
    fn frozen(statement: &str, state: &str) -> Frozen {
        let (statement, state) = (Digest::of(statement.as_bytes()), state);
        serde_json::from_value(serde_json::json!({
            "wording": {"control LA-02": {"statement": statement, "version": "1"}},
            "mapping": {}, "scope": {}, "populations": {}, "results": {},
            "exceptions": {"exception leaver-access:1": {"state": state}},
        }))
        .unwrap()
    }

    fn closing(entry: u64, frozen: &Frozen, reason: Option<&str>) -> Closing {
        Closing {
            frozen: frozen.digests(),
            reason: reason.map(|reason| Digest::of(reason.as_bytes())),
            by: "lea".parse().unwrap(),
            at: "2026-10-15T12:00:00Z".parse().unwrap(),
            entry,
        }
    }

    fn figures(entry: u64, frozen: &Frozen, again: Option<ClosedAgain>) -> ClosingFigures {
        let closed_on = jiff::civil::date(2026, 10, 15);
        ClosingFigures { entry, closed_on, closed_by: "Lea Park".to_owned(), frozen: frozen.clone(), again }
    }

    fn again(before: &Frozen, now: &Frozen, reason: &str) -> ClosedAgain {
        ClosedAgain {
            entry: 7,
            closed_on: jiff::civil::date(2026, 10, 14),
            reason: reason.to_owned(),
            frozen: before.clone(),
            changes: now.changes_since(before),
        }
    }

    #[test]
    fn what_was_frozen_is_what_is_shown_or_the_part_is_named() {
        let (then, other) = (frozen("who", "OPEN"), frozen("who", "WITHDRAWN"));
        let reworded = frozen("somebody", "OPEN");
        let first = closing(7, &then, None);
        let says = |shown: &ClosingFigures, closings: &[Closing], recomputed: &Frozen| {
            shown.require(closings, recomputed).err().map_or_else(
                || "holds".to_owned(),
                |error| {
                    let says = error.to_string();
                    says.split(':').next().unwrap_or_default().to_owned()
                },
            )
        };
        let as_closed = figures(7, &then, None);
        let only = std::slice::from_ref(&first);
        assert_eq!(says(&as_closed, only, &then), "holds");
        let table = [
            says(&as_closed, &[], &then),
            says(&as_closed, only, &reworded),
            says(&figures(7, &other, None), only, &then),
            says(&figures(8, &then, None), only, &then),
            says(&figures(7, &then, Some(again(&other, &then, "why"))), only, &then),
        ];
        insta::assert_snapshot!(table.join("\n"), @r#"
        the closing
        the part "wording" that follows from the entries, as entry 7 froze it
        the part "exceptions" in `figures/closing.json`, as entry 7 froze it
        the entry of the closing
        what was closed before
        "#);
    }

    #[test]
    fn a_second_closing_says_what_the_first_had_frozen_and_why_it_changed() {
        let (then, now) = (frozen("who", "OPEN"), frozen("somebody", "RESPONDED"));
        let closings = [closing(7, &then, None), closing(9, &now, Some("why"))];
        let honest = figures(9, &now, Some(again(&then, &now, "why")));
        honest.require(&closings, &now).unwrap();
        let lacking = figures(9, &now, None);
        let mut other_reason = honest.clone();
        other_reason.again = Some(again(&then, &now, "because"));
        let mut other_before = honest.clone();
        other_before.again = Some(again(&now, &now, "why"));
        let mut fewer = honest.clone();
        fewer.again.as_mut().unwrap().changes.pop();
        for cheat in [lacking, other_reason, other_before, fewer] {
            let error = cheat.require(&closings, &now).unwrap_err();
            assert!(matches!(error, Error::Differs { .. }), "{error}");
        }
        let markdown = honest.to_markdown(honest.again.as_ref().unwrap(), &"soc1".parse().unwrap());
        insta::assert_snapshot!(markdown, @r"
        # What changed since the closing

        Engagement soc1 was closed on 2026-10-14 (entry 7) and once more on 2026-10-15 (entry 9) by Lea Park.

        ## Why

        why

        ## Wording

        - control LA-02: statement 6ed0337140bd -> 729d7d638cef

        ## Mapping

        Nothing changed.

        ## Scope

        Nothing changed.

        ## Populations

        Nothing changed.

        ## Results

        Nothing changed.

        ## Exceptions

        - exception leaver-access:1: state OPEN -> RESPONDED

        Digests stand by their first digits; `figures/closing.json` has them whole, with everything that was frozen before and is frozen now.
        ");
    }
}
