//! Section V: other information, which nobody examined.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Section;
use crate::Prose;

/// What management adds outside the examination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherInformation {
    /// Responses to the firm's deviations.
    pub responses: Vec<ManagementResponse>,
    /// The deviations that management has answered nothing to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_response: Vec<UnansweredDeviation>,
    /// Anything else: continuity plans, mappings to other frameworks, events after the period.
    pub sections: Vec<Section>,
}

/// A deviation without a response of management.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnansweredDeviation {
    /// The deviation's id.
    pub deviation: String,
    /// The control's id.
    pub control: String,
}

/// Management's response to a deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementResponse {
    /// The deviation's id.
    pub deviation: String,
    /// The control's id.
    pub control: String,
    /// Cause, correction, look-back.
    pub text: Prose,
    /// The role responsible.
    pub owner: String,
    /// The day the correction took or takes effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Date>,
    /// The ledger entry that records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}
