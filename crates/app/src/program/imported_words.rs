//! The words that people write over columns and into cells of control lists, and what files say in their place.

/// What a column can hold, with the headers that people write; the first of a line is what files say.
pub(super) const COLUMNS: [(&str, &[&str]); 14] = [
    (
        "control",
        &[
            "control id",
            "control #",
            "control no",
            "control number",
            "control ref",
            "control reference",
            "id",
            "ref",
            "ref id",
            "ctrl id",
            "scf #",
            "rule id",
        ],
    ),
    ("title", &["control name", "control title", "title", "name", "scf control"]),
    (
        "statement",
        &[
            "control description",
            "control activity",
            "control statement",
            "description of control",
            "description",
            "activity",
            "control description from py report",
            "rule description",
        ],
    ),
    ("owner_role", &["control owner", "owner", "responsible", "department", "function", "process owner"]),
    ("frequency", &["control frequency", "frequency", "how often"]),
    (
        "nature",
        &[
            "preventive/detective",
            "preventive or detective",
            "nature",
            "p/d",
            "control nature",
            "control type",
            "type",
            "type (p/d)",
            "control type (p/d)",
        ],
    ),
    ("automation", &["manual/automated", "manual or automated", "automation", "m/a", "execution"]),
    ("key", &["key control", "key", "key/non-key", "key (y/n)", "key control (y/n)", "key control y/n", "key y/n"]),
    ("evidence", &["evidence", "documentation", "evidence of control", "supporting evidence", "expected evidence"]),
    ("risk id", &["risk id", "risk #", "risk no", "risk ref"]),
    ("risk", &["risk", "risk description", "risk statement", "what could go wrong", "wcgw"]),
    (
        "objective",
        &[
            "control objective",
            "objective",
            "control objective id",
            "objective id",
            "co",
            "control objectives",
            "objectives",
            "soc 1",
            "soc1",
            "soc 1 objective",
            "soc1 objective",
            "soc1 control objective",
        ],
    ),
    (
        "criteria",
        &[
            "criteria",
            "criterion",
            "tsc",
            "tsc criteria",
            "trust services criteria",
            "soc 2",
            "soc2",
            "soc 2 criteria",
            "soc2 criteria",
            "trust service criteria",
            "tsc reference",
            "tsc ref",
            "tsc mapping",
            "control id list",
            "tsc criterion",
            "trust services criterion",
        ],
    ),
    ("assertions", &["assertions", "assertion", "financial statement assertions", "fsa"]),
];

pub(super) const FREQUENCIES: [(&str, &[&str]); 9] = [
    ("continuous", &["continuous", "always", "ongoing"]),
    ("per-event", &["per event", "per occurrence", "event", "event-driven", "each time", "ad hoc", "transactional"]),
    ("daily", &["daily", "each day"]),
    ("weekly", &["weekly", "each week"]),
    ("semi-monthly", &["semi monthly", "twice a month"]),
    ("monthly", &["monthly", "each month"]),
    ("quarterly", &["quarterly", "each quarter"]),
    ("semi-annual", &["semi annual", "semi annually", "twice a year", "half yearly"]),
    ("annual", &["annual", "annually", "yearly", "once a year"]),
];

pub(super) const NATURES: [(&str, &[&str]); 2] = [
    ("preventive", &["preventive", "preventative", "prevent", "prev", "p"]),
    ("detective", &["detective", "detect", "det", "d"]),
];

pub(super) const AUTOMATIONS: [(&str, &[&str]); 3] = [
    ("manual", &["manual", "fully manual", "m"]),
    ("automated", &["automated", "automatic", "auto", "fully automated", "a", "system", "application"]),
    ("it-dependent-manual", &["it dependent manual", "it dependent", "semi automated", "itdm", "hybrid"]),
];

pub(super) const YES_NO: [(&str, &[&str]); 2] =
    [("yes", &["yes", "y", "x", "true", "key"]), ("no", &["no", "n", "false", "non key", "not key"])];

pub(super) const ASSERTIONS: [(&str, &[&str]); 9] = [
    ("completeness", &["completeness", "c"]),
    ("accuracy", &["accuracy", "a"]),
    ("occurrence", &["occurrence", "o"]),
    ("existence", &["existence", "e"]),
    ("cut-off", &["cut off", "cutoff", "co"]),
    ("valuation", &["valuation", "v", "valuation and allocation"]),
    ("rights-obligations", &["rights and obligations", "rights obligations", "r o"]),
    ("classification", &["classification", "cl"]),
    ("presentation", &["presentation", "presentation and disclosure", "p d"]),
];

/// Words without what people write differently: case, dashes, spaces.
pub(super) fn plain(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_alphanumeric() || "#/()".contains(c) { c } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn word_of(words: &[(&'static str, &[&str])], text: &str) -> Option<&'static str> {
    let text = plain(text);
    words
        .iter()
        .find(|(word, ways)| plain(word) == text || ways.iter().any(|way| plain(way) == text))
        .map(|(word, _)| *word)
}
