//! How strongly something is advised, and whether now.

use std::fmt;

use serde::{Serialize, Serializer};

use super::word::{Word, words};

words! {
    /// How strongly a report or category is advised. Levels only rise while rules are asked.
    Level {
        No = "no", "not needed";
        UsuallyNo = "usually-no", "usually not needed";
        Sometimes = "sometimes", "sometimes needed";
        May = "may", "may be needed";
        Often = "often", "often needed";
        Likely = "likely", "likely needed";
        Usually = "usually", "usually needed";
        Yes = "yes", "needed";
    }

    /// Whether a need is met now.
    When {
        Watch = "watch", "watch: below likely";
        Plan = "plan", "plan: needed, and nobody asks yet";
        Now = "now", "now: asked for, or due";
    }

    /// How sure the advice is.
    Confidence {
        Low = "low", "low";
        Medium = "medium", "medium";
        High = "high", "high";
    }

    /// A type of report, or none.
    AdvisedType {
        Nothing = "none", "none yet";
        Type1 = "type-1", "Type 1";
        Type2 = "type-2", "Type 2";
    }
}

impl Level {
    /// Whether the report is gone for: from "likely" on.
    pub fn is_pursued(self) -> bool {
        self >= Self::Likely
    }
}

/// What is advised about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// SOC 1.
    Soc1,
    /// SOC 2.
    Soc2,
    /// Both, as two reports over one control set.
    Both,
    /// SOC 3.
    Soc3,
    /// ISAE 3402.
    Isae3402,
    /// ISAE 3000.
    Isae3000,
}

impl Subject {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Soc1, Self::Soc2, Self::Both, Self::Soc3, Self::Isae3402, Self::Isae3000];

    /// The name in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Soc1 => "soc1",
            Self::Soc2 => "soc2",
            Self::Both => "both",
            Self::Soc3 => "soc3",
            Self::Isae3402 => "isae3402",
            Self::Isae3000 => "isae3000",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soc1 => "SOC 1",
            Self::Soc2 => "SOC 2",
            Self::Both => "both",
            Self::Soc3 => "SOC 3",
            Self::Isae3402 => "ISAE 3402",
            Self::Isae3000 => "ISAE 3000",
        })
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As people write it: "usually no".
        f.write_str(&self.id().replace('-', " "))
    }
}
