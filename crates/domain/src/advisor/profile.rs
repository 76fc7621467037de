//! A profile: the answers of one organization to the advisor's questions.
//!
//! Invariant: an answer that is missing is unknown, and unknown is an answer: it lowers confidence and never counts as "no".
//! Invariant: free text (`name`, `notes`) is kept and never read by a rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    choice::{
        Asker, AuditedClients, DataKind, FinancialEffect, Month, NamedReport, NamedType, Opinion, OtherDuty, OwnReport,
        PersonalInformation, Phrase, Plan, Region, Reliance, Segment, ServiceModel, Transaction, YesNo,
    },
    cost::Quotes,
    word::{NONE, UNKNOWN, one, some_of},
};

/// The answers; a field for each question, `None` where the answer is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// The organization's name; only printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Anything else worth keeping; only kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Q01.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub financial_effect: Option<FinancialEffect>,
    /// Q02.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub transactions: Option<BTreeSet<Transaction>>,
    /// Q03.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub reliance: Option<Reliance>,
    /// Q04.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub holds_data: Option<YesNo>,
    /// Q05.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub data: Option<BTreeSet<DataKind>>,
    /// Q06; the empty set is "nobody".
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<BTreeSet<Asker>>,
    /// Q07.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub asked_for: Option<BTreeSet<Phrase>>,
    /// Q08.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contracts: Option<Vec<Contract>>,
    /// Q09.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub audited_clients: Option<AuditedClients>,
    /// Q10.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub service_model: Option<ServiceModel>,
    /// Q11.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub availability_promises: Option<YesNo>,
    /// Q12.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub processing_promises: Option<YesNo>,
    /// Q13.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub confidentiality_promises: Option<YesNo>,
    /// Q14.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub personal_information: Option<PersonalInformation>,
    /// Q15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<Vec<Provider>>,
    /// Q16: how many user entities' fiscal years end in each month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_ends: Option<BTreeMap<Month, u32>>,
    /// Q17.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub controls_since: Option<ControlsSince>,
    /// Q18.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub first_report_due: Option<FirstReportDue>,
    /// Q19.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub auditors_in: Option<BTreeSet<Region>>,
    /// Q20.
    #[serde(deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub public_report: Option<YesNo>,
    /// Q21.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_reports: Option<Vec<EarlierReport>>,
    /// Q22.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub plans: Option<BTreeSet<Plan>>,
    /// Q23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// Q24.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub other_duties: Option<BTreeSet<OtherDuty>>,
    /// The organization's own quotes and days, if it wants them compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Quotes>,
}

/// A written duty to deliver a report (Q08).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Which report it names.
    pub report: NamedReport,
    /// Which type it names, if it names one.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub report_type: Option<NamedType>,
    /// When the report is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// The client, and the clause; only printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// Another organization on which the service depends (Q15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// What it does.
    pub function: String,
    /// For which reports its controls are needed, with the organization's own, to meet objectives or commitments; the
    /// empty set is "for none".
    #[serde(default, deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub needed_for: Option<BTreeSet<NamedReport>>,
    /// What report it has of its own.
    #[serde(default, deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub own_report: Option<OwnReport>,
    /// Whether it would take part: give access, an assertion and a representation letter.
    #[serde(default, deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub takes_part: Option<YesNo>,
    /// Whether the organization's own controls over its work are enough by themselves.
    #[serde(default, deserialize_with = "one", skip_serializing_if = "Option::is_none")]
    pub own_controls_suffice: Option<YesNo>,
}

/// An earlier report (Q21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierReport {
    /// Which report.
    pub report: NamedReport,
    /// Which type.
    #[serde(rename = "type")]
    pub report_type: NamedType,
    /// First day of its period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Date>,
    /// Last day of its period, or its as-of date.
    pub last: Date,
    /// Its opinion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<Opinion>,
}

/// Size, stage and customers (Q23).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Size {
    /// People who work there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<u32>,
    /// Customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customers: Option<u32>,
    /// Systems that would be in scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub systems: Option<u32>,
    /// Whom it sells to.
    #[serde(deserialize_with = "some_of", skip_serializing_if = "Option::is_none")]
    pub segments: Option<BTreeSet<Segment>>,
}

/// Since when the controls run as described (Q17): the day on which the last of them began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlsSince {
    /// Not all of them run.
    NotYet,
    /// All of them run, with kept evidence, since this day.
    On(Date),
}

/// When the first report is needed (Q18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstReportDue {
    /// No date presses.
    NoDate,
    /// By this day.
    On(Date),
}

/// The word for [`ControlsSince::NotYet`] in files.
pub(crate) const NOT_YET: &str = "not-yet";

/// An answer that is a date or one word; files write both in quotes.
pub(crate) trait DateOrWord: Sized {
    /// The word that stands for no date.
    const WORD: &'static str;
    /// The answer of the word.
    fn without_date() -> Self;
    /// The answer of a date.
    fn on(date: Date) -> Self;
    /// The date, if it is one.
    fn date(&self) -> Option<Date>;

    /// Reads the word or a date.
    fn read(text: &str) -> Result<Self, String> {
        if text == Self::WORD {
            return Ok(Self::without_date());
        }
        text.parse()
            .map(Self::on)
            .map_err(|_| format!("`{text}` is no date; write it as 2027-03-31, or `{}`, or `{UNKNOWN}`", Self::WORD))
    }
}

impl DateOrWord for ControlsSince {
    const WORD: &'static str = NOT_YET;

    fn without_date() -> Self {
        Self::NotYet
    }

    fn on(date: Date) -> Self {
        Self::On(date)
    }

    fn date(&self) -> Option<Date> {
        match self {
            Self::NotYet => None,
            Self::On(date) => Some(*date),
        }
    }
}

impl DateOrWord for FirstReportDue {
    const WORD: &'static str = NONE;

    fn without_date() -> Self {
        Self::NoDate
    }

    fn on(date: Date) -> Self {
        Self::On(date)
    }

    fn date(&self) -> Option<Date> {
        match self {
            Self::NoDate => None,
            Self::On(date) => Some(*date),
        }
    }
}

/// Reads a date, its word, or `unknown`.
fn maybe<'de, T: DateOrWord, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct Text;

    impl de::Visitor<'_> for Text {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a date in quotes, such as \"2027-03-31\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
    }

    let text = deserializer.deserialize_any(Text)?;
    if text == UNKNOWN { Ok(None) } else { T::read(&text).map(Some).map_err(de::Error::custom) }
}

impl Serialize for ControlsSince {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for FirstReportDue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for ControlsSince {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(f, "{date}"),
            None => f.write_str(Self::WORD),
        }
    }
}

impl fmt::Display for FirstReportDue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(f, "{date}"),
            None => f.write_str(Self::WORD),
        }
    }
}
