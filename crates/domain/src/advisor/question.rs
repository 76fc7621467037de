//! The twenty-four questions: what each asks, why, and how its answer is read from a line of text and shown again.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    answer_text::{self, Choice},
    choice::{
        Asker, AuditedClients, DataKind, FinancialEffect, OtherDuty, PersonalInformation, Phrase, Plan, Region,
        Reliance, ServiceModel, Transaction, YesNo,
    },
    profile::{ControlsSince, DateOrWord, FirstReportDue, Profile},
    word::{NONE, UNKNOWN},
};

/// One question of the advisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "what each asks is said by `Question::asks`")]
pub enum Question {
    FinancialEffect,
    Transactions,
    Reliance,
    HoldsData,
    Data,
    AskedBy,
    AskedFor,
    Contracts,
    AuditedClients,
    ServiceModel,
    AvailabilityPromises,
    ProcessingPromises,
    ConfidentialityPromises,
    PersonalInformation,
    Providers,
    YearEnds,
    ControlsSince,
    FirstReportDue,
    AuditorsIn,
    PublicReport,
    EarlierReports,
    Plans,
    Size,
    OtherDuties,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One of these.
    One(Vec<Choice>),
    /// Any number of these.
    Some(Vec<Choice>),
    /// A line in a form of its own, such as this.
    Line(&'static str),
}

/// What is said of a question.
struct About {
    question: Question,
    id: &'static str,
    key: &'static str,
    asks: &'static str,
    helps: &'static str,
}

impl Question {
    /// Every question, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        ABOUT.iter().map(|about| about.question)
    }

    /// Its number, such as `Q01`.
    pub fn id(self) -> &'static str {
        self.about().id
    }

    /// Its key in a profile's file.
    pub fn key(self) -> &'static str {
        self.about().key
    }

    /// Its name for readers who see no numbers, such as "financial effect".
    pub fn name(self) -> String {
        self.key().replace('_', " ")
    }

    /// The question itself.
    pub fn asks(self) -> &'static str {
        self.about().asks
    }

    /// Why it is asked, and how to find the answer.
    pub fn helps(self) -> &'static str {
        self.about().helps
    }

    /// The question of a number or key.
    pub fn named(name: &str) -> Option<Self> {
        ABOUT.iter().find(|about| about.id == name || about.key == name).map(|about| about.question)
    }

    fn about(self) -> &'static About {
        // The table has a line for every question (a test), so the first is never taken for another.
        ABOUT.iter().find(|about| about.question == self).unwrap_or(&FIRST)
    }

    /// How it is answered.
    pub fn kind(self) -> Kind {
        match self {
            Self::FinancialEffect => Kind::One(answer_text::choices::<FinancialEffect>()),
            Self::Reliance => Kind::One(answer_text::choices::<Reliance>()),
            Self::HoldsData
            | Self::AvailabilityPromises
            | Self::ProcessingPromises
            | Self::ConfidentialityPromises
            | Self::PublicReport => Kind::One(answer_text::choices::<YesNo>()),
            Self::AuditedClients => Kind::One(answer_text::choices::<AuditedClients>()),
            Self::ServiceModel => Kind::One(answer_text::choices::<ServiceModel>()),
            Self::PersonalInformation => Kind::One(answer_text::choices::<PersonalInformation>()),
            Self::Transactions => Kind::Some(answer_text::choices::<Transaction>()),
            Self::Data => Kind::Some(answer_text::choices::<DataKind>()),
            Self::AskedBy => Kind::Some(answer_text::choices::<Asker>()),
            Self::AskedFor => Kind::Some(answer_text::choices::<Phrase>()),
            Self::AuditorsIn => Kind::Some(answer_text::choices::<Region>()),
            Self::Plans => Kind::Some(answer_text::choices::<Plan>()),
            Self::OtherDuties => Kind::Some(answer_text::choices::<OtherDuty>()),
            Self::Contracts => Kind::Line("soc2 type-2 2027-06-30 First Bank; soc1 Second Bank"),
            Self::Providers => {
                Kind::Line("AWS: hosting, soc1, soc2, type-2; Presto Print: payslips, soc1, no-report, takes part")
            }
            Self::YearEnds => Kind::Line("december 30, june 4"),
            Self::ControlsSince => Kind::Line("2026-04-01, or not-yet"),
            Self::FirstReportDue => Kind::Line("2027-03-31, or none"),
            Self::EarlierReports => Kind::Line("soc2 type-2 2025-10-01 2026-09-30 unmodified"),
            Self::Size => Kind::Line("40 people, 900 customers, 3 systems, enterprise"),
        }
    }

    /// The answer in a profile as a person would type it; `unknown` if there is none.
    pub fn answer_in(self, profile: &Profile) -> String {
        let p = profile;
        let said = match self {
            Self::FinancialEffect => answer_text::of_one(p.financial_effect),
            Self::Transactions => answer_text::of_set(p.transactions.as_ref()),
            Self::Reliance => answer_text::of_one(p.reliance),
            Self::HoldsData => answer_text::of_one(p.holds_data),
            Self::Data => answer_text::of_set(p.data.as_ref()),
            Self::AskedBy => answer_text::of_set(p.asked_by.as_ref()),
            Self::AskedFor => answer_text::of_set(p.asked_for.as_ref()),
            Self::Contracts => p.contracts.as_deref().map(answer_text::of_contracts),
            Self::AuditedClients => answer_text::of_one(p.audited_clients),
            Self::ServiceModel => answer_text::of_one(p.service_model),
            Self::AvailabilityPromises => answer_text::of_one(p.availability_promises),
            Self::ProcessingPromises => answer_text::of_one(p.processing_promises),
            Self::ConfidentialityPromises => answer_text::of_one(p.confidentiality_promises),
            Self::PersonalInformation => answer_text::of_one(p.personal_information),
            Self::Providers => p.providers.as_deref().map(answer_text::of_providers),
            Self::YearEnds => p.year_ends.as_ref().map(answer_text::of_year_ends),
            Self::ControlsSince => p.controls_since.map(|since| since.to_string()),
            Self::FirstReportDue => p.first_report_due.map(|due| due.to_string()),
            Self::AuditorsIn => answer_text::of_set(p.auditors_in.as_ref()),
            Self::PublicReport => answer_text::of_one(p.public_report),
            Self::EarlierReports => p.earlier_reports.as_deref().map(answer_text::of_reports),
            Self::Plans => answer_text::of_set(p.plans.as_ref()),
            Self::Size => p.size.as_ref().map(answer_text::of_size),
            Self::OtherDuties => answer_text::of_set(p.other_duties.as_ref()),
        };
        said.unwrap_or_else(|| UNKNOWN.to_owned())
    }

    /// What stands between the parts of its answer.
    pub(crate) fn between_parts(self) -> &'static str {
        if matches!(self, Self::Contracts | Self::Providers | Self::EarlierReports) { "; " } else { ", " }
    }

    /// Whether a profile answers it.
    pub fn is_answered(self, profile: &Profile) -> bool {
        self.answer_in(profile) != UNKNOWN
    }

    /// Puts the answer of a line into a profile. An empty line, `?` and `unknown` are the answer "unknown".
    pub fn answer(self, profile: &mut Profile, line: &str) -> Result<(), String> {
        let line = line.trim();
        let said = (!matches!(line, "" | "?" | UNKNOWN)).then_some(line);
        let p = profile;
        match self {
            Self::FinancialEffect => p.financial_effect = answer_text::one(said)?,
            Self::Transactions => p.transactions = answer_text::set(said)?,
            Self::Reliance => p.reliance = answer_text::one(said)?,
            Self::HoldsData => p.holds_data = answer_text::one(said)?,
            Self::Data => p.data = answer_text::set(said)?,
            Self::AskedBy => p.asked_by = answer_text::set(said.map(nobody))?,
            Self::AskedFor => p.asked_for = answer_text::set(said)?,
            Self::Contracts => p.contracts = said.map(answer_text::contracts).transpose()?,
            Self::AuditedClients => p.audited_clients = answer_text::one(said)?,
            Self::ServiceModel => p.service_model = answer_text::one(said)?,
            Self::AvailabilityPromises => p.availability_promises = answer_text::one(said)?,
            Self::ProcessingPromises => p.processing_promises = answer_text::one(said)?,
            Self::ConfidentialityPromises => p.confidentiality_promises = answer_text::one(said)?,
            Self::PersonalInformation => p.personal_information = answer_text::one(said)?,
            Self::Providers => p.providers = said.map(answer_text::providers).transpose()?,
            Self::YearEnds => p.year_ends = said.map(answer_text::year_ends).transpose()?,
            Self::ControlsSince => p.controls_since = said.map(ControlsSince::read).transpose()?,
            Self::FirstReportDue => p.first_report_due = said.map(FirstReportDue::read).transpose()?,
            Self::AuditorsIn => p.auditors_in = answer_text::set(said)?,
            Self::PublicReport => p.public_report = answer_text::one(said)?,
            Self::EarlierReports => p.earlier_reports = said.map(answer_text::reports).transpose()?,
            Self::Plans => p.plans = answer_text::set(said)?,
            Self::Size => p.size = said.map(answer_text::size).transpose()?,
            Self::OtherDuties => p.other_duties = answer_text::set(said)?,
        }
        Ok(())
    }

    /// The clause after "if" for one word of an answer: "you take on payroll".
    pub(crate) fn if_gained(self, words: &str) -> String {
        match self {
            Self::Transactions => format!("you come to process {words}"),
            Self::Data => format!("you come to hold {words}"),
            Self::AskedBy => format!("{words} ask for a report"),
            Self::AskedFor => format!("clients ask for {words}"),
            Self::AuditorsIn => format!("user entities or their auditors are in {words}"),
            Self::Plans => format!("you plan {words}"),
            Self::OtherDuties => format!("{words} comes to apply to you"),
            Self::Size => format!("you sell to {words}"),
            Self::FinancialEffect
            | Self::Reliance
            | Self::HoldsData
            | Self::AvailabilityPromises
            | Self::ProcessingPromises
            | Self::ConfidentialityPromises
            | Self::PublicReport
            | Self::AuditedClients
            | Self::ServiceModel
            | Self::PersonalInformation
            | Self::Contracts
            | Self::Providers
            | Self::YearEnds
            | Self::ControlsSince
            | Self::FirstReportDue
            | Self::EarlierReports => words.to_owned(),
        }
    }

    /// The clause after "if" for a yes or a no.
    pub(crate) fn if_said(self, answer: YesNo) -> &'static str {
        let (yes, no) = match self {
            Self::HoldsData => (
                "you hold customer, employee or personal data, or run systems that customers depend on",
                "you hold no customer, employee or personal data and run no system that customers depend on",
            ),
            Self::AvailabilityPromises => {
                ("you promise uptime, recovery or support times", "you promise no uptime, recovery or support times")
            }
            Self::ProcessingPromises => (
                "you promise that processing is complete, accurate and timely",
                "you do not promise that processing is complete, accurate and timely",
            ),
            Self::ConfidentialityPromises => {
                ("you promise to keep information confidential", "you promise nothing about confidentiality")
            }
            Self::PublicReport => {
                ("you want a report that the public may read", "you want nothing that the public may read")
            }
            Self::FinancialEffect
            | Self::Transactions
            | Self::Reliance
            | Self::Data
            | Self::AskedBy
            | Self::AskedFor
            | Self::Contracts
            | Self::AuditedClients
            | Self::ServiceModel
            | Self::PersonalInformation
            | Self::Providers
            | Self::YearEnds
            | Self::ControlsSince
            | Self::FirstReportDue
            | Self::AuditorsIn
            | Self::EarlierReports
            | Self::Plans
            | Self::Size
            | Self::OtherDuties => ("the answer is yes", "the answer is no"),
        };
        match answer {
            YesNo::Yes => yes,
            YesNo::No => no,
        }
    }

    /// The clause after "if" for one word of an answer that no longer holds.
    pub(crate) fn if_lost(self, words: &str) -> String {
        match self {
            Self::Transactions => format!("you no longer process {words}"),
            Self::Data => format!("you no longer hold {words}"),
            Self::AskedBy => format!("{words} do not ask after all"),
            Self::AskedFor => format!("clients do not ask for {words} after all"),
            Self::AuditorsIn => format!("no user entity or auditor is in {words}"),
            Self::Plans => format!("you give up the plan {words}"),
            Self::OtherDuties => format!("{words} does not apply to you"),
            Self::Size => format!("you do not sell to {words}"),
            Self::FinancialEffect
            | Self::Reliance
            | Self::HoldsData
            | Self::Contracts
            | Self::AuditedClients
            | Self::ServiceModel
            | Self::AvailabilityPromises
            | Self::ProcessingPromises
            | Self::ConfidentialityPromises
            | Self::PersonalInformation
            | Self::Providers
            | Self::YearEnds
            | Self::ControlsSince
            | Self::FirstReportDue
            | Self::PublicReport
            | Self::EarlierReports => words.to_owned(),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// "nobody" is how people answer who asked.
fn nobody(line: &str) -> &str {
    if line == "nobody" { NONE } else { line }
}

const FIRST: About = About {
    question: Question::FinancialEffect,
    id: "Q01",
    key: "financial_effect",
    asks: "Does what you do end up in your clients' financial statements?",
    helps: "Follow one transaction from your service to a client's books. If your output is booked, or decides what is booked, it does.",
};

const ABOUT: &[About] = &[
    FIRST,
    About {
        question: Question::Transactions,
        id: "Q02",
        key: "transactions",
        asks: "Which transactions or records do you process?",
        helps: "It decides which control objectives a SOC 1 would speak about.",
    },
    About {
        question: Question::Reliance,
        id: "Q03",
        key: "reliance",
        asks: "Do clients rely on your numbers in their accounting without redoing them?",
        helps: "Where clients do not recompute your numbers, an error of yours reaches their books.",
    },
    About {
        question: Question::HoldsData,
        id: "Q04",
        key: "holds_data",
        asks: "Do you store, process or transmit customer, employee or personal data, or run systems that customers depend on?",
        helps: "This is what a SOC 2 is about.",
    },
    About {
        question: Question::Data,
        id: "Q05",
        key: "data",
        asks: "How sensitive is that data?",
        helps: "Look at the most sensitive thing a customer can put into the service.",
    },
    About {
        question: Question::AskedBy,
        id: "Q06",
        key: "asked_by",
        asks: "Who has asked for a report?",
        helps: "The reader decides the report: auditors and finance ask about numbers, procurement and security about systems. `nobody` is an answer.",
    },
    About {
        question: Question::AskedFor,
        id: "Q07",
        key: "asked_for",
        asks: "What did they ask for, in their own words?",
        helps: "Look at the mail or the contract. `none` if nobody has asked.",
    },
    About {
        question: Question::Contracts,
        id: "Q08",
        key: "contracts",
        asks: "Which contracts oblige you to deliver a report?",
        helps: "One part a contract, separated by `;`: report, type, due date, client; the report is enough. `none` if there is none.",
    },
    About {
        question: Question::AuditedClients,
        id: "Q09",
        key: "audited_clients",
        asks: "Are your clients public companies under SOX, or audited?",
        helps: "Management of a client under SOX, and its auditor, need evidence over a whole period.",
    },
    About {
        question: Question::ServiceModel,
        id: "Q10",
        key: "service_model",
        asks: "What kind of service is it?",
        helps: "Choose what customers pay for.",
    },
    About {
        question: Question::AvailabilityPromises,
        id: "Q11",
        key: "availability_promises",
        asks: "Do you promise uptime, recovery or support times?",
        helps: "Look at the service level agreement. A promise brings the category availability.",
    },
    About {
        question: Question::ProcessingPromises,
        id: "Q12",
        key: "processing_promises",
        asks: "Do you promise that processing is complete, accurate and timely?",
        helps: "A promise on which customers act brings the category processing integrity.",
    },
    About {
        question: Question::ConfidentialityPromises,
        id: "Q13",
        key: "confidentiality_promises",
        asks: "Do you promise to keep information confidential, to return or to destroy it?",
        helps: "Look for a confidentiality clause. A promise brings the category confidentiality.",
    },
    About {
        question: Question::PersonalInformation,
        id: "Q14",
        key: "personal_information",
        asks: "What is your role with personal information?",
        helps: "The category privacy is for whoever collects from people and gives them a notice.",
    },
    About {
        question: Question::Providers,
        id: "Q15",
        key: "providers",
        asks: "Which other organizations do you depend on?",
        helps: "One part a provider, separated by `;`: NAME: FUNCTION, then any of soc1, soc2, soc3 (needed for that report) or vendor (for none); no-report, type-1 or type-2; takes part or takes no part; own controls suffice.",
    },
    About {
        question: Question::YearEnds,
        id: "Q16",
        key: "year_ends",
        asks: "When do your user entities' fiscal years end?",
        helps: "How many end in which month. The period of a SOC 1 is fitted to them.",
    },
    About {
        question: Question::ControlsSince,
        id: "Q17",
        key: "controls_since",
        asks: "Since when have the controls run as described, with kept evidence?",
        helps: "The day on which the last of them began. A period cannot start before it.",
    },
    About {
        question: Question::FirstReportDue,
        id: "Q18",
        key: "first_report_due",
        asks: "By when is the first report needed?",
        helps: "The date that a deal or a contract names; `none` if no date presses.",
    },
    About {
        question: Question::AuditorsIn,
        id: "Q19",
        key: "auditors_in",
        asks: "Where are your user entities and their auditors?",
        helps: "Auditors outside the United States may need an international standard by name.",
    },
    About {
        question: Question::PublicReport,
        id: "Q20",
        key: "public_report",
        asks: "Do you want something that the public may read?",
        helps: "A SOC 3 may be published; a SOC 1 or SOC 2 may not.",
    },
    About {
        question: Question::EarlierReports,
        id: "Q21",
        key: "earlier_reports",
        asks: "Which SOC or ISAE reports do you have already?",
        helps: "One part a report, separated by `;`: report, type, first and last day (of a Type 1 its date), opinion. `none` if there is none.",
    },
    About {
        question: Question::Plans,
        id: "Q22",
        key: "plans",
        asks: "What do you plan for the next twelve months?",
        helps: "Controls that are designed late cannot give evidence for the past.",
    },
    About {
        question: Question::Size,
        id: "Q23",
        key: "size",
        asks: "How large are you, and whom do you sell to?",
        helps: "Size decides nothing by itself; enterprises and regulated customers expect a SOC 2.",
    },
    About {
        question: Question::OtherDuties,
        id: "Q24",
        key: "other_duties",
        asks: "Which other duties apply to you?",
        helps: "A SOC report replaces none of them, but one examination can report on some beside.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_one_line_of_the_table() {
        let ids: Vec<&str> = Question::all().map(Question::id).collect();
        let numbered: Vec<String> = (1..=24).map(|number| format!("Q{number:02}")).collect();
        assert_eq!(ids, numbered);
        for question in Question::all() {
            assert_eq!(question.about().question, question);
            assert_eq!(Question::named(question.key()), Some(question));
        }
    }

    #[test]
    fn what_is_shown_is_read_again() {
        let mut profile = Profile::default();
        for (id, line) in [
            ("Q01", "direct"),
            ("Q02", "payroll, payments"),
            ("Q06", "none"),
            ("Q08", "soc2 type-2 2027-06-30 First Bank; soc1"),
            ("Q15", "AWS: hosting, soc1, soc2, type-2, takes no part; Post: letters, vendor"),
            ("Q16", "june 4, december 30"),
            ("Q17", "not-yet"),
            ("Q18", "2027-03-31"),
            ("Q21", "soc2 type-2 2025-10-01 2026-09-30 unmodified; soc1 type-1 2026-03-31"),
            ("Q23", "40 people, 900 customers, small-business, enterprise"),
        ] {
            let question = Question::named(id).unwrap();
            question.answer(&mut profile, line).unwrap();
            assert_eq!(question.answer_in(&profile), line);
        }
        let json = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let mut profile = Profile::default();
        let mut said = |id: &str, line: &str| Question::named(id).unwrap().answer(&mut profile, line).unwrap_err();
        insta::assert_snapshot!(
            [
                said("Q01", "perhaps"),
                said("Q01", "9"),
                said("Q02", "payroll, sales"),
                said("Q08", "soc9 type-2"),
                said("Q15", "AWS"),
                said("Q16", "smarch 3"),
                said("Q17", "2027-02-30"),
                said("Q21", "soc2 type-2"),
                said("Q21", "soc2 type-2 2026-09-30 2025-10-01"),
                said("Q23", "many people"),
            ]
            .join("\n"),
            @r"
        `perhaps` is no answer here; answers are direct, hosts, feature, none
        `9` is no answer here; answers are direct, hosts, feature, none
        `sales` is no answer here; answers are payroll, payments, loans, lending-platform, claims-benefits, retirement, billing, ap-ar, healthcare-rcm, investments, financial-hosting, ledger-erp, outsourced-accounting, other
        `soc9` is no answer here; answers are soc1, soc2, soc3, isae3402
        `AWS` names no function; write NAME: FUNCTION, and what else is known
        `smarch` is no answer here; answers are january, february, march, april, may, june, july, august, september, october, november, december
        `2027-02-30` is no date; write it as 2027-03-31, or `not-yet`, or `unknown`
        `soc2 type-2` needs its first and last day, or the date of a Type 1
        `soc2 type-2 2026-09-30 2025-10-01` ends before it begins
        `many` is no number of people
        "
        );
    }
}
