//! Exceptions and what became of them (EXC).

use std::collections::BTreeSet;

use super::Findings;
use crate::view::{ExceptionRow, ExceptionState};

pub(super) fn exceptions(rows: &[ExceptionRow], findings: &mut Findings) {
    let mut ids = BTreeSet::new();
    for (index, row) in rows.iter().enumerate() {
        let place = format!("exceptions[{index}]");
        if !ids.insert(row.id.as_str()) {
            findings.error("EXC-01", &place, format!("`{}` stands twice", row.id));
        }
        if !row.history.is_empty() && row.history.last().map(|change| change.state) != Some(row.state) {
            findings.error("EXC-02", &place, format!("the history of `{}` does not end in its state", row.id));
        }
        if row.history.windows(2).any(|pair| matches!(pair, [earlier, later] if later.on < earlier.on)) {
            findings.error("EXC-02", &place, format!("the history of `{}` goes back in time", row.id));
        }
        if row.last_seen < row.first_seen || row.gone_on.is_some_and(|gone| gone < row.last_seen) {
            findings.error("EXC-03", &place, format!("the days on which `{}` was seen are not in order", row.id));
        }
        match row.state {
            ExceptionState::Withdrawn if row.response.is_none() => {
                findings.error("EXC-04", &place, format!("`{}` is withdrawn without a reason", row.id));
            }
            ExceptionState::Responded | ExceptionState::Remediated | ExceptionState::Retested
                if row.response.is_none() =>
            {
                findings.warn("EXC-04", &place, format!("`{}` was answered and shows no response", row.id));
            }
            ExceptionState::Open
            | ExceptionState::Responded
            | ExceptionState::Remediated
            | ExceptionState::Retested
            | ExceptionState::Withdrawn => {}
        }
    }
}
