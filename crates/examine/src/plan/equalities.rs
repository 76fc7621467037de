//! What a query makes equal: terms, each a value that every row of some relation has, and which of them fixes which.
//!
//! Invariant: a term belongs to one mention of a dataset, one union or one literal, so that what is known of it holds
//! for one alias and one branch only.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::common::ScalarValue;

/// A value of a row, the same wherever the row is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(usize);

/// `from` fixes `to`: where `to` is not NULL, it equals `from`.
pub(super) type Equality = (Term, Term);

/// What is known of the terms of a plan so far.
#[derive(Debug, Default)]
pub(super) struct Equalities {
    terms: usize,
    equal: Vec<Equality>,
    literals: BTreeMap<Term, ScalarValue>,
    /// The key of a mention of a dataset fixes the row, and with it this term.
    keys: Vec<(Vec<Term>, Term)>,
}

impl Equalities {
    pub(super) const fn term(&mut self) -> Term {
        self.terms += 1;
        Term(self.terms)
    }

    pub(super) fn literal(&mut self, value: ScalarValue) -> Term {
        let term = self.term();
        self.literals.insert(term, value);
        term
    }

    pub(super) fn key(&mut self, key: Vec<Term>, fixes: Term) {
        self.keys.push((key, fixes));
    }

    pub(super) fn add(&mut self, equal: impl IntoIterator<Item = Equality>) {
        self.equal.extend(equal);
    }

    /// Whether `to`, where it is not NULL, has the value of `from`.
    pub(super) fn are_equal(&self, from: Term, to: Term) -> bool {
        let value = self.value(from);
        (value.is_some() && value == self.value(to)) || self.reached([from].into(), &[], false).contains(&to)
    }

    /// The literal that a term is equal to.
    pub(super) fn value(&self, term: Term) -> Option<&ScalarValue> {
        self.literals.iter().find(|(from, _)| self.reached([**from].into(), &[], false).contains(&term)).map(|(_, v)| v)
    }

    /// Every term with one value only among rows that agree on `given`; `also` holds for these rows besides.
    pub(super) fn fixed_by(&self, given: impl IntoIterator<Item = Term>, also: &[Equality]) -> BTreeSet<Term> {
        self.reached(self.literals.keys().copied().chain(given).collect(), also, true)
    }

    fn reached(&self, mut found: BTreeSet<Term>, also: &[Equality], through_keys: bool) -> BTreeSet<Term> {
        loop {
            let before = found.len();
            for (from, to) in self.equal.iter().chain(also) {
                if found.contains(from) {
                    found.insert(*to);
                }
            }
            for (key, fixes) in self.keys.iter().filter(|_| through_keys) {
                if key.iter().all(|term| found.contains(term)) {
                    found.insert(*fixes);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}
