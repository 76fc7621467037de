//! How controls, control objectives and complementary user entity controls are worded: what a reader could not test.
//!
//! Invariant: pure and deterministic; the same words give the same findings in the same order.
//! Invariant: a finding quotes the words it is about. What it cannot see in the words it does not claim: silence here is no
//! proof of a good control.

mod text;

use serde::Serialize;

use self::text::Sentence;

/// Rules of wording, in the order in which findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordingRule {
    /// One control per statement.
    OneControl,
    /// No word that leaves the limit to whoever reads it.
    NoVagueWord,
    /// The frequency is set, and the statement says the same.
    FrequencySet,
    /// The evidence is named.
    EvidenceNamed,
    /// The owner is a role, not only a person.
    OwnerIsRole,
    /// A review names what is looked for.
    ReviewNamesWhat,
    /// `may` and `should` are not controls.
    NoWishes,
    /// A control that people perform with a system's output names the report.
    ReportNamed,
    /// An objective is not about continuity planning, efficiency or privacy.
    ObjectiveInScope,
    /// An objective is objective and measurable.
    ObjectiveMeasurable,
    /// A control says who acts.
    SaysWho,
    /// A complementary user entity control has actor, action and object.
    UserEntityActs,
}

impl WordingRule {
    /// Every rule.
    pub const ALL: [Self; 12] = [
        Self::OneControl,
        Self::NoVagueWord,
        Self::FrequencySet,
        Self::EvidenceNamed,
        Self::OwnerIsRole,
        Self::ReviewNamesWhat,
        Self::NoWishes,
        Self::ReportNamed,
        Self::ObjectiveInScope,
        Self::ObjectiveMeasurable,
        Self::SaysWho,
        Self::UserEntityActs,
    ];

    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OneControl => "CTL-01",
            Self::NoVagueWord => "CTL-02",
            Self::FrequencySet => "CTL-03",
            Self::EvidenceNamed => "CTL-04",
            Self::OwnerIsRole => "CTL-05",
            Self::ReviewNamesWhat => "CTL-07",
            Self::NoWishes => "CTL-08",
            Self::ReportNamed => "CTL-09",
            Self::ObjectiveInScope => "OBJ-04",
            Self::ObjectiveMeasurable => "OBJ-05",
            Self::SaysWho => "OBJ-06",
            Self::UserEntityActs => "CUEC-01",
        }
    }

    /// What to do about a finding.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::OneControl => "make each a control of its own: they have different populations and are tested apart",
            Self::NoVagueWord => "give the limit as a number: within 5 business days, once a quarter, above 10,000",
            Self::FrequencySet => {
                "set how often or on what event it acts, the same in the statement and in the frequency"
            }
            Self::EvidenceNamed => "name each record that it leaves: the signed comparison, the ticket with both times",
            Self::OwnerIsRole => "name the role that answers for it; people change, roles stay",
            Self::ReviewNamesWhat => {
                "say what the review looks for, or what follows from it: for …, compares with …, resolves …"
            }
            Self::NoWishes => "say what is done, not what may or should be done",
            Self::ReportNamed => {
                "name the report, list, log or file that it relies on, so that its completeness can be tested"
            }
            Self::ObjectiveInScope => {
                "leave it out of the objectives: SOC 1 is about controls over financial reporting; section 5 can tell it"
            }
            Self::ObjectiveMeasurable => {
                "say of what, against whom or by which measure, so that two readers agree whether it was met"
            }
            Self::SaysWho => "begin with who does it",
            Self::UserEntityActs => {
                "say who at the user entity does what to what: `User entities approve the register before each run`"
            }
        }
    }
}

/// A place of a wording that a reader could not test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WordingFinding {
    /// The rule's code, such as `CTL-02`.
    pub rule: &'static str,
    /// The words it is about; empty where words are missing.
    pub words: String,
    /// What to do about it.
    pub advice: &'static str,
}

/// What a control says about itself.
#[derive(Debug, Clone, Default)]
pub struct ControlWording<'a> {
    /// Who does what, when, to what limit; the record may follow in a last sentence, "Shown by …".
    pub statement: &'a str,
    /// How often, in the catalog's words such as `quarterly` or `per-event`; none if nothing is set.
    pub frequency: Option<&'a str>,
    /// The records that show it.
    pub evidence: Vec<&'a str>,
    /// The role that answers for it; none if only a person is known.
    pub owner_role: Option<&'a str>,
    /// Whether the system carries it out without people.
    pub automated: bool,
    /// Whether people carry it out with a system's output.
    pub it_dependent: bool,
    /// Reports that it is known to rely on, wherever that is recorded.
    pub reports: Vec<&'a str>,
}

/// Everything in a control's wording that a reader could not test.
pub fn lint_control(control: &ControlWording<'_>) -> Vec<WordingFinding> {
    let sentences = text::sentences(control.statement);
    let acts: Vec<&Sentence> = sentences.iter().filter(|sentence| !sentence.begins("shown by")).collect();
    let mut findings = Findings::default();
    one_control(&acts, &mut findings);
    vague_words(&sentences, &mut findings);
    frequency(control.frequency, &acts, &mut findings);
    evidence(&control.evidence, &sentences, &mut findings);
    owner(control.owner_role, &sentences, &mut findings);
    for sentence in &acts {
        review(sentence, &mut findings);
        wishes(sentence, &mut findings);
        if !control.automated {
            passive(sentence, &mut findings);
        }
    }
    let names_report = || {
        let evidence = control.evidence.iter().flat_map(|item| text::sentences(item));
        sentences.iter().cloned().chain(evidence).any(|sentence| sentence.has_any(REPORTS))
    };
    if control.it_dependent && control.reports.is_empty() && !names_report() {
        findings.add(WordingRule::ReportNamed, "");
    }
    findings.told()
}

/// Everything in a control objective's wording that a reader could not measure.
pub fn lint_objective(statement: &str) -> Vec<WordingFinding> {
    let mut findings = Findings::default();
    for sentence in text::sentences(statement) {
        for words in sentence.phrases(NOT_REPORTING) {
            findings.add(WordingRule::ObjectiveInScope, &words);
        }
        for words in sentence.phrases(PRAISE) {
            findings.add(WordingRule::ObjectiveMeasurable, &words);
        }
        for (at, token) in sentence.words_in(&["secure", "securely", "safe", "safely", "secured"]) {
            if !sentence.follows(at, &["from", "against"]) {
                findings.add(WordingRule::ObjectiveMeasurable, &token.written);
            }
        }
    }
    vague_words(&text::sentences(statement), &mut findings);
    findings.told()
}

/// Whether a complementary user entity control says who does what to what. The imperative ("Approve the register before
/// commit") has the user entity as its actor where `listed` says that it stands in a list of what user entities do.
pub fn lint_cuec(statement: &str, listed: bool) -> Vec<WordingFinding> {
    let sentences = text::sentences(statement);
    let mut findings = Findings::default();
    let acted = sentences.iter().any(|sentence| {
        let action = sentence.tokens.iter().position(|token| is_action(&token.word));
        let actor = sentence.tokens.iter().position(|token| ACTORS.contains(&&*token.word));
        let has_object =
            |at: usize| sentence.tokens.iter().skip(at + 1).any(|t| t.word.len() > 3 && !is_action(&t.word));
        match (actor, action) {
            (Some(actor), Some(action)) if actor < action => has_object(action),
            (_, Some(0)) => listed && has_object(0),
            _ => false,
        }
    });
    if !acted {
        findings.add(WordingRule::UserEntityActs, statement.trim());
    }
    vague_words(&sentences, &mut findings);
    for sentence in &sentences {
        wishes(sentence, &mut findings);
    }
    findings.told()
}

#[derive(Default)]
struct Findings(Vec<(WordingRule, String)>);

impl Findings {
    fn add(&mut self, rule: WordingRule, words: &str) {
        self.0.push((rule, words.to_owned()));
    }

    fn told(mut self) -> Vec<WordingFinding> {
        self.0.sort();
        self.0.dedup();
        let told =
            |(rule, words): (WordingRule, String)| WordingFinding { rule: rule.code(), words, advice: rule.advice() };
        self.0.into_iter().map(told).collect()
    }
}

/// Two cadences, or a sentence that only adds: two populations.
fn one_control(acts: &[&Sentence], findings: &mut Findings) {
    let mut cadences: Vec<(&'static str, String)> = acts.iter().flat_map(|sentence| sentence.cadences()).collect();
    cadences.dedup_by_key(|(cadence, _)| *cadence);
    if let [(first, said), .., (last, also)] = cadences.as_slice()
        && first != last
    {
        findings.add(WordingRule::OneControl, &format!("{said} … {also}"));
    }
    for sentence in acts {
        for opener in ["additionally", "in addition", "also", "furthermore", "moreover", "separately"] {
            if sentence.begins(opener) {
                findings.add(WordingRule::OneControl, &sentence.quote(0, opener.split(' ').count()));
            }
        }
    }
}

fn vague_words(sentences: &[Sentence], findings: &mut Findings) {
    for sentence in sentences {
        if !sentence.has_limit() {
            for words in sentence.phrases(VAGUE_TIME) {
                findings.add(WordingRule::NoVagueWord, &words);
            }
            for (at, token) in sentence.words_in(&["periodic"]) {
                if !sentence.follows(at, PERIODIC_BY_NAME) && !sentence.follows(at, &["basis"]) {
                    findings.add(WordingRule::NoVagueWord, &token.written);
                }
            }
        }
        for words in sentence.phrases(VAGUE) {
            findings.add(WordingRule::NoVagueWord, &words);
        }
        // A control objective begins with "reasonable assurance": the words of the standard.
        for (at, token) in sentence.words_in(&["reasonable"]) {
            if !sentence.follows(at, &["assurance"]) {
                findings.add(WordingRule::NoVagueWord, &token.written);
            }
        }
        for (at, token) in sentence.words_in(VAGUE_UNLESS_FOR) {
            if !sentence.follows(at, &["to", "for"]) {
                findings.add(WordingRule::NoVagueWord, &token.written);
            }
        }
        for (at, token) in sentence.words_in(&["immediate", "immediately"]) {
            if !sentence.follows(at, &["before", "after", "preceding", "following"]) && !sentence.has_limit() {
                findings.add(WordingRule::NoVagueWord, &token.written);
            }
        }
    }
}

/// The frequency is set; a statement with one cadence says the same as a frequency by the calendar.
fn frequency(set: Option<&str>, acts: &[&Sentence], findings: &mut Findings) {
    let Some(set) = set.map(str::trim).filter(|set| !set.is_empty()) else {
        return findings.add(WordingRule::FrequencySet, "");
    };
    let by_calendar = ["daily", "weekly", "semi-monthly", "monthly", "quarterly", "semi-annual", "annual"];
    if !by_calendar.contains(&set) && !["continuous", "per-event"].contains(&set) {
        return findings.add(WordingRule::FrequencySet, set);
    }
    let cadences: Vec<_> = acts.iter().flat_map(|sentence| sentence.cadences()).collect();
    if let [(cadence, said)] = cadences.as_slice()
        && by_calendar.contains(&set)
        && *cadence != set
    {
        findings.add(WordingRule::FrequencySet, &format!("{said}, frequency {set}"));
    }
}

fn evidence(named: &[&str], sentences: &[Sentence], findings: &mut Findings) {
    let empty = |item: &str| EMPTY_EVIDENCE.contains(&&*item.trim().trim_end_matches('.').to_lowercase());
    for item in named.iter().filter(|item| empty(item)) {
        findings.add(WordingRule::EvidenceNamed, item.trim());
    }
    let shown = sentences.iter().any(|sentence| sentence.begins("shown by") && sentence.tokens.len() > 2);
    if named.is_empty() && !shown {
        findings.add(WordingRule::EvidenceNamed, "");
    }
}

fn owner(role: Option<&str>, sentences: &[Sentence], findings: &mut Findings) {
    match role.map(str::trim).filter(|role| !role.is_empty()) {
        None => findings.add(WordingRule::OwnerIsRole, ""),
        Some(role) if role.contains('@') => findings.add(WordingRule::OwnerIsRole, role),
        Some(_) => {}
    }
    for sentence in sentences {
        for (at, token) in sentence.tokens.iter().enumerate() {
            if ["mr", "mrs", "ms"].contains(&&*token.word) && token.is_capitalized() {
                findings.add(WordingRule::OwnerIsRole, &sentence.quote(at, 2));
            }
            if token.written.contains('@') {
                findings.add(WordingRule::OwnerIsRole, &token.written);
            }
        }
    }
}

/// A review that neither says what it looks for nor what follows from it.
fn review(sentence: &Sentence, findings: &mut Findings) {
    let verbs = ["review", "reviews", "reviewed", "inspects", "examines", "monitors"];
    let purposeful = sentence.words_in(PURPOSE).any(|(at, token)| {
        // "for the month" says when, not what for.
        token.word != "for"
            || !["the", "each", "that"].iter().any(|article| sentence.follows(at, &[article]))
            || !sentence.tokens.iter().skip(at + 2).take(2).any(|token| PERIODS.contains(&&*token.word))
    });
    // "Subject to review", "the review record": a noun is not the control's act.
    let reviews = sentence.words_in(&verbs).find(|(at, token)| {
        let before = at.checked_sub(1).and_then(|before| sentence.tokens.get(before)).map(|token| &*token.word);
        token.word != "review" || !before.is_none_or(|word| ARTICLES.contains(&word))
    });
    if let (Some((at, _)), false) = (reviews, purposeful) {
        findings.add(WordingRule::ReviewNamesWhat, &sentence.quote(at, 4));
    }
}

/// What may or should be done is not done. A prohibition ("may not") and a relative clause ("people who may …") are.
fn wishes(sentence: &Sentence, findings: &mut Findings) {
    for (at, token) in sentence.words_in(&["may", "should", "might", "could", "ought"]) {
        let before = sentence.tokens.get(at.saturating_sub(7)..at).unwrap_or_default();
        let month = token.is_capitalized() && at > 0;
        let prohibits = sentence.follows(at, &["not", "only"]);
        let relative = before.iter().any(|token| RELATIVE.contains(&&*token.word));
        if !month && !prohibits && !relative {
            findings.add(WordingRule::NoWishes, &token.written);
        }
    }
    for words in sentence.phrases(INTENTIONS) {
        findings.add(WordingRule::NoWishes, &words);
    }
}

/// A passive that tells nobody: "is reviewed", and nothing in the sentence acts.
fn passive(sentence: &Sentence, findings: &mut Findings) {
    let first = sentence.tokens.iter().position(|token| {
        SUBORDINATE.contains(&&*token.word) || ["is", "are", "was", "were", "be"].contains(&&*token.word)
    });
    let Some(at) = first else { return };
    let participle = sentence.tokens.get(at + 1).is_some_and(|token| {
        (token.word.ends_with("ed") || IRREGULAR.contains(&&*token.word)) && !HEARERS.contains(&&*token.word)
    });
    let is_verb = sentence.tokens.get(at).is_some_and(|token| !SUBORDINATE.contains(&&*token.word));
    let someone = sentence.words_in(&["by"]).next().is_some()
        || sentence.tokens.iter().any(|token| token.after == ';')
        || sentence.tokens.windows(2).any(|pair| matches!(pair, [a, b] if a.after == ',' && b.word == "and"));
    if is_verb && participle && !someone {
        findings.add(WordingRule::SaysWho, &sentence.quote(at, 2));
    }
}

fn is_action(word: &str) -> bool {
    ACTIONS.iter().any(|stem| word.strip_prefix(stem).is_some_and(|rest| ENDINGS.contains(&rest)))
}

/// Words about time that a limit in the same sentence makes exact.
const VAGUE_TIME: &[&str] = &[
    "as soon as possible",
    "as soon as practicable",
    "at regular intervals",
    "frequently",
    "from time to time",
    "in a timely manner",
    "in due course",
    "in good time",
    "occasionally",
    "on a regular basis",
    "on an ongoing basis",
    "ongoing basis",
    "periodically",
    "prompt",
    "promptly",
    "quickly",
    "regularly",
    "routinely",
    "timely",
    "without undue delay",
    "on a periodic basis",
    "periodic basis",
];

/// Documents that are called periodic: the law that asks for them says when each is due.
const PERIODIC_BY_NAME: &[&str] = &["return", "returns", "filing", "filings", "statement", "statements"];

/// Words that no limit makes exact.
const VAGUE: &[&str] = &[
    "and so on",
    "as appropriate",
    "as applicable",
    "as deemed necessary",
    "as far as possible",
    "as necessary",
    "as needed",
    "best effort",
    "best efforts",
    "best practice",
    "best practices",
    "etc",
    "generally",
    "if applicable",
    "if appropriate",
    "if needed",
    "if possible",
    "industry standard",
    "industry standards",
    "normally",
    "properly",
    "reasonably",
    "state of the art",
    "typically",
    "usually",
    "when needed",
    "when necessary",
    "where appropriate",
    "where possible",
    "where practicable",
    "whenever possible",
];

/// Exact only with what they are to suffice for: "appropriate to the role".
const VAGUE_UNLESS_FOR: &[&str] = &["adequate", "adequately", "sufficient", "sufficiently", "suitable", "suitably"];

const INTENTIONS: &[&str] = &[
    "aims to",
    "aim to",
    "attempts to",
    "endeavors to",
    "is encouraged to",
    "are encouraged to",
    "is expected to",
    "are expected to",
    "intends to",
    "plans to",
    "seeks to",
    "strives to",
    "strive to",
    "tries to",
    "try to",
    "will consider",
    "considers whether to",
];

const RELATIVE: &[&str] =
    &["who", "that", "which", "what", "whom", "whose", "where", "whether", "how", "than", "nobody", "only", "no"];

/// What makes a review one that can fail: what it looks for, or what follows from it.
const PURPOSE: &[&str] = &[
    "for",
    "whether",
    "that",
    "against",
    "compare",
    "compares",
    "confirm",
    "confirms",
    "remove",
    "removes",
    "correct",
    "corrects",
    "corrected",
    "approve",
    "approves",
    "approved",
    "approval",
    "explain",
    "explains",
    "investigate",
    "investigates",
    "resolve",
    "resolves",
    "resolved",
    "follow",
    "follows",
    "escalate",
    "escalates",
    "older",
    "exceed",
    "exceeds",
    "exceeding",
    "above",
    "over",
    "below",
    "update",
    "updates",
    "changes",
    "returns",
    "rejects",
    "clears",
    "acts",
    "traces",
    "recomputes",
    "recalculates",
    "agrees",
    "without",
    "beyond",
    "unneeded",
    "what",
    "signs",
    "assigns",
    "maintains",
    "revokes",
    "closes",
    "records",
    "logs",
    "reports",
    "until",
    "including",
    "agree",
    "page",
    "pages",
    "alert",
];

const PERIODS: &[&str] = &["day", "week", "month", "quarter", "year", "period"];

const ARTICLES: &[&str] = &[
    "a",
    "an",
    "the",
    "each",
    "every",
    "this",
    "second",
    "own",
    "s",
    "access",
    "quarterly",
    "annual",
    "of",
    "to",
    "for",
    "design",
];

/// Words that say a system's output by its kind.
const REPORTS: &[&str] = &[
    "report",
    "reports",
    "list",
    "lists",
    "log",
    "logs",
    "roster",
    "rosters",
    "register",
    "registers",
    "export",
    "exports",
    "extract",
    "extracts",
    "file",
    "files",
    "queue",
    "queues",
    "output",
    "outputs",
    "inventory",
    "ledger",
    "dashboard",
    "alert",
    "alerts",
    "scan",
    "scans",
    "summary",
    "schedule",
    "schedules",
    "statement",
    "statements",
    "subledger",
];

const EMPTY_EVIDENCE: &[&str] = &[
    "",
    "-",
    "n/a",
    "na",
    "none",
    "tbd",
    "todo",
    "evidence",
    "documentation",
    "document",
    "records",
    "record",
    "various",
    "other",
];

const SUBORDINATE: &[&str] = &[
    "who", "that", "which", "before", "after", "until", "where", "when", "whose", "than", "if", "once", "as", "how",
    "what",
];

const IRREGULAR: &[&str] =
    &["made", "done", "kept", "held", "sent", "taken", "given", "built", "run", "drawn", "written", "set", "put"];

/// Participles whose subject is the one who then acts: "operations is alerted and …".
const HEARERS: &[&str] = &["alerted", "notified", "informed", "required", "trained", "authorized"];

/// Words of praise that no one can measure in an objective.
const PRAISE: &[&str] = &[
    "best",
    "better",
    "cutting edge",
    "effective",
    "effectively",
    "excellent",
    "high quality",
    "improved",
    "optimal",
    "optimally",
    "reliable",
    "reliably",
    "robust",
    "seamless",
    "smooth",
    "strong",
    "superior",
    "world class",
];

const NOT_REPORTING: &[&str] = &[
    "business continuity",
    "continuity plan",
    "disaster",
    "efficiency",
    "efficient",
    "efficiently",
    "privacy",
    "personal information",
];

const ACTORS: &[&str] = &[
    "entity",
    "entities",
    "client",
    "clients",
    "customer",
    "customers",
    "user",
    "users",
    "sponsor",
    "sponsors",
    "employer",
    "employers",
    "merchant",
    "merchants",
    "lender",
    "lenders",
    "investor",
    "investors",
    "provider",
    "providers",
    "tenant",
    "tenants",
    "adviser",
    "advisers",
    "fund",
    "funds",
];

/// Beginnings of verbs that a user entity's control can consist of.
const ACTIONS: &[&str] = &[
    "agree",
    "approv",
    "authoriz",
    "back",
    "balanc",
    "check",
    "compar",
    "confirm",
    "configur",
    "control",
    "deliver",
    "disabl",
    "encrypt",
    "enforc",
    "enrol",
    "enter",
    "fund",
    "giv",
    "grant",
    "implement",
    "inform",
    "inspect",
    "investigat",
    "keep",
    "limit",
    "maintain",
    "match",
    "monitor",
    "notif",
    "obtain",
    "perform",
    "protect",
    "provid",
    "provision",
    "run",
    "read",
    "reconcil",
    "record",
    "remov",
    "report",
    "request",
    "requir",
    "resolv",
    "respond",
    "restrict",
    "return",
    "review",
    "revok",
    "send",
    "separat",
    "set",
    "sign",
    "submit",
    "supply",
    "suppl",
    "tell",
    "test",
    "train",
    "updat",
    "verif",
    "watch",
    "validat",
    "name",
    "tak",
    "work",
    "us",
];

const ENDINGS: &[&str] =
    &["", "e", "es", "s", "ed", "d", "ing", "ting", "y", "ies", "ied", "ying", "l", "ls", "ling", "led"];
