//! One record of the program: what the ledger holds of one thing, in words, field by field.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tickmark_domain::{
    ControlId, CriterionId, EngagementId, ObjectiveId, PersonId, ReportKind, ReportType, RiskId, ScopeFacts,
    SectionOrder, Span, State, advisor::Standard,
};
use toml::{Table, Value};

use super::{WrittenControl, WrittenObjective};
use crate::{Error, House};

/// Kinds of records, in the order in which they become facts: none names one of a later kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words of the glossary")]
pub enum RecordKind {
    Objective,
    Risk,
    Engagement,
    Control,
    /// A control of the catalog that is not adopted, with the reason.
    NotAdopted,
    Service,
    Location,
    SubserviceOrganization,
    TransactionClass,
    Component,
    Commitment,
    KeyReport,
    UserEntity,
    SubserviceReport,
    Cuec,
    Csoc,
    Exclusion,
}

impl RecordKind {
    /// The kinds of scope items, in the order in which they become facts.
    pub(super) const OF_SCOPE: [Self; 12] = [
        Self::Service,
        Self::Location,
        Self::SubserviceOrganization,
        Self::TransactionClass,
        Self::Component,
        Self::Commitment,
        Self::KeyReport,
        Self::UserEntity,
        Self::SubserviceReport,
        Self::Cuec,
        Self::Csoc,
        Self::Exclusion,
    ];

    /// The name of its tables in files; a scope item's is the kind that the ledger has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Objective => "objective",
            Self::Risk => "risk",
            Self::Engagement => "engagement",
            Self::Control => "control",
            Self::NotAdopted => "not-adopted",
            Self::Service => "service",
            Self::Location => "location",
            Self::SubserviceOrganization => "subservice-organization",
            Self::TransactionClass => "transaction-class",
            Self::Component => "component",
            Self::Commitment => "commitment",
            Self::KeyReport => "key-report",
            Self::UserEntity => "user-entity",
            Self::SubserviceReport => "subservice-report",
            Self::Cuec => "cuec",
            Self::Csoc => "csoc",
            Self::Exclusion => "exclusion",
        }
    }
}

/// What names a record.
pub(super) type Key = (RecordKind, String);

/// The records of a program.
pub(super) type Records = BTreeMap<Key, Record>;

/// One thing, in words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// What it says, as the typed form writes it.
    pub(super) fields: Table,
    /// From which day it is so; none for kinds without versions.
    pub(super) effective_on: Option<Date>,
    /// The first day on which it is so no more, and why.
    pub(super) ended: Option<(Date, String)>,
    /// Why it is otherwise than before; only files say so.
    pub(super) because: Option<String>,
}

impl Record {
    /// The first field that has words and says nothing.
    pub(super) fn blank(&self) -> Option<&str> {
        let blank = |text: &str| text.trim().is_empty();
        let fields =
            self.fields.iter().find(|(_, value)| value.as_str().is_some_and(blank)).map(|(key, _)| key.as_str());
        let ended =
            self.ended.as_ref().filter(|(_, because)| blank(because)).map(|_| "retired_because or dropped_because");
        let because = self.because.as_deref().filter(|because| blank(because)).map(|_| "because");
        fields.or(ended).or(because)
    }
}

/// A risk in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRisk {
    pub(super) statement: String,
    #[serde(default)]
    pub(super) objectives: BTreeSet<ObjectiveId>,
    #[serde(default)]
    pub(super) criteria: BTreeSet<CriterionId>,
}

/// An engagement in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenEngagement {
    pub(super) report: ReportKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) type1: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) type2: Option<[Date; 2]>,
    pub(super) system: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) follows: Option<EngagementId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gap: Option<String>,
    #[serde(default)]
    pub(super) objectives: BTreeSet<ObjectiveId>,
    #[serde(default)]
    pub(super) categories: BTreeSet<String>,
    /// The auditor's note on why a SOC 2 leaves out the category security.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) without_security: Option<String>,
    /// The standards that the report names, where they are not the usual one of its kind.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) standards: BTreeSet<Standard>,
    /// Which of the first two sections comes first, where it is not the service auditor's report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) section_order: Option<SectionOrder>,
    /// Criteria that are not relevant to the system, each with the reason.
    #[serde(default)]
    pub(super) not_relevant: BTreeMap<CriterionId, String>,
}

impl WrittenEngagement {
    pub(super) fn leaves_security_out(&self) -> bool {
        self.report.scoped_as() == ReportKind::Soc2 && !self.categories.contains("security")
    }

    pub(super) fn report_type(&self) -> Result<ReportType, String> {
        match (self.type1, self.type2) {
            (Some(as_of_on), None) => Ok(ReportType::Type1 { as_of_on }),
            (None, Some([first, last])) => Ok(ReportType::Type2(Span { first, last })),
            (Some(_), Some(_)) | (None, None) => Err("an engagement has either `type1` or `type2`".to_owned()),
        }
    }
}

/// A control of the control set in words, with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnedControl {
    pub(super) owner: PersonId,
    pub(super) control: WrittenControl,
}

/// A scope item in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenItem {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) facts: ScopeFacts,
}

/// What the fields of a record mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Objective(ObjectiveId, WrittenObjective),
    Risk(RiskId, WrittenRisk),
    Engagement(EngagementId, WrittenEngagement),
    Control(ControlId, OwnedControl),
    NotAdopted(ControlId),
    Item(tickmark_domain::ScopeItemId, WrittenItem),
}

impl Meaning {
    /// Reads the fields of a record, or says what is wrong with them.
    pub(super) fn read((kind, id): &Key, fields: &Table) -> Result<Self, String> {
        fn typed<T: DeserializeOwned>(fields: Table) -> Result<T, String> {
            Value::Table(fields).try_into().map_err(|error: toml::de::Error| error.message().to_owned())
        }
        fn id_of<T: std::str::FromStr<Err = tickmark_domain::IdParseError>>(id: &str) -> Result<T, String> {
            id.parse().map_err(|error: tickmark_domain::IdParseError| error.to_string())
        }
        let mut fields = fields.clone();
        Ok(match kind {
            RecordKind::Objective => Self::Objective(id_of(id)?, typed(fields)?),
            RecordKind::Risk => Self::Risk(id_of(id)?, typed(fields)?),
            RecordKind::Engagement => {
                let engagement: WrittenEngagement = typed(fields)?;
                engagement.report_type()?;
                if engagement.without_security.is_some() && !engagement.leaves_security_out() {
                    return Err("`without_security` is said, and no SOC 2 here leaves security out".to_owned());
                }
                Self::Engagement(id_of(id)?, engagement)
            }
            RecordKind::NotAdopted => match fields.keys().next() {
                Some(unknown) => return Err(format!("unknown field `{unknown}`")),
                None => Self::NotAdopted(id_of(id)?),
            },
            RecordKind::Control => {
                let owner = id_of(&text_of(&mut fields, "owner")?)?;
                let control: WrittenControl = typed(fields)?;
                let broken =
                    |line: &&String| line.trim() != line.as_str() || line.is_empty() || line.contains(['\n', '\r']);
                if let Some(line) = control.evidence.iter().find(broken) {
                    return Err(format!("`evidence` is a list of lines of text; this is none: {line:?}"));
                }
                Self::Control(id_of(id)?, OwnedControl { owner, control })
            }
            RecordKind::Service
            | RecordKind::Location
            | RecordKind::SubserviceOrganization
            | RecordKind::TransactionClass
            | RecordKind::Component
            | RecordKind::Commitment
            | RecordKind::KeyReport
            | RecordKind::UserEntity
            | RecordKind::SubserviceReport
            | RecordKind::Cuec
            | RecordKind::Csoc
            | RecordKind::Exclusion => {
                let (name, text) = (text_of(&mut fields, "name")?, text_of(&mut fields, "text")?);
                fields.insert("kind".to_owned(), Value::String(kind.name().to_owned()));
                Self::Item(id_of(id)?, WrittenItem { name, text, facts: typed(fields)? })
            }
        })
    }

    /// The fields, each kind always in one order.
    pub(super) fn fields(&self) -> Result<Table, Error> {
        fn table<T: Serialize>(value: &T) -> Result<Table, Error> {
            Table::try_from(value).map_err(|error| Error::Unwritable(error.to_string()))
        }
        match self {
            Self::Objective(_, objective) => table(objective),
            Self::Risk(_, risk) => table(risk),
            Self::Engagement(_, engagement) => table(engagement),
            Self::NotAdopted(_) => Ok(Table::new()),
            Self::Control(_, OwnedControl { owner, control }) => {
                let mut fields = table(control)?;
                fields.insert("owner".to_owned(), Value::String(owner.to_string()));
                Ok(fields)
            }
            Self::Item(_, WrittenItem { name, text, facts }) => {
                let mut fields = Table::new();
                fields.insert("name".to_owned(), Value::String(name.clone()));
                fields.insert("text".to_owned(), Value::String(text.clone()));
                fields.extend(table(facts)?.into_iter().filter(|(field, _)| field != "kind"));
                Ok(fields)
            }
        }
    }
}

/// Takes a text out of the fields.
fn text_of(fields: &mut Table, name: &str) -> Result<String, String> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
        Some(Value::String(_)) => Err(format!("`{name}` says nothing")),
        Some(_) => Err(format!("`{name}` is no text")),
        None => Err(format!("missing field `{name}`")),
    }
}

impl House {
    /// The program as the ledger has it: the newest version of everything, in words.
    pub(super) fn records(&self, state: &State) -> Result<Records, Error> {
        let mut records = Records::new();
        let mut add = |kind: RecordKind, id: &str, meaning: Meaning, effective_on, ended: Option<(Date, String)>| {
            let record = Record { fields: meaning.fields()?, effective_on, ended, because: None };
            records.insert((kind, id.to_owned()), record);
            Ok::<_, Error>(())
        };
        for id in state.objectives.keys() {
            let objective = self.objective(state, id)?;
            add(RecordKind::Objective, id.as_str(), Meaning::Objective(id.clone(), objective), None, None)?;
        }
        for (id, risk) in &state.risks {
            let (statement, objectives) = (self.text(&risk.statement)?, risk.objectives.clone());
            let risk = WrittenRisk { statement, objectives, criteria: risk.criteria.clone() };
            add(RecordKind::Risk, id.as_str(), Meaning::Risk(id.clone(), risk), None, None)?;
        }
        for (id, engagement) in &state.engagements {
            let (type1, type2) = match engagement.report_type {
                ReportType::Type1 { as_of_on } => (Some(as_of_on), None),
                ReportType::Type2(Span { first, last }) => (None, Some([first, last])),
            };
            // What was not relevant to a category that is out of scope since is no part of the program any more.
            let criteria = engagement.criteria(self.catalog_index());
            let not_relevant = engagement.not_relevant.iter().filter(|(id, _)| criteria.contains(*id));
            let written = WrittenEngagement {
                report: engagement.report,
                type1,
                type2,
                system: self.text(&engagement.system)?,
                follows: engagement.follows.clone(),
                gap: engagement.gap.map(|text| self.text(&text)).transpose()?,
                objectives: engagement.objectives.clone(),
                categories: engagement.categories.clone(),
                without_security: engagement.without_security.map(|text| self.text(&text)).transpose()?,
                standards: engagement.standards.clone(),
                section_order: Some(engagement.section_order).filter(|order| *order != SectionOrder::default()),
                not_relevant: not_relevant
                    .map(|(id, (reason, _))| Ok((id.clone(), self.text(reason)?)))
                    .collect::<Result<_, Error>>()?,
            };
            add(RecordKind::Engagement, id.as_str(), Meaning::Engagement(id.clone(), written), None, None)?;
        }
        for (id, control) in &state.controls {
            let dropped = match control.dropped() {
                Some(drop) => Some((drop.dropped_on, self.text(&drop.reason)?)),
                None => None,
            };
            match control.newest() {
                Some(newest) => {
                    let words = WrittenControl::of(&newest.definition, |digest| self.text(digest))?;
                    let meaning =
                        Meaning::Control(id.clone(), OwnedControl { owner: newest.owner.clone(), control: words });
                    add(RecordKind::Control, id.as_str(), meaning, Some(newest.effective_on), dropped)?;
                }
                None => add(RecordKind::NotAdopted, id.as_str(), Meaning::NotAdopted(id.clone()), None, dropped)?,
            }
        }
        for (id, record) in &state.scope {
            let Some(newest) = record.versions.last() else { continue };
            let retired = match record.retired() {
                Some(retirement) => Some((retirement.retired_on, self.text(&retirement.reason)?)),
                None => None,
            };
            let (name, text) = (self.text(&newest.item.name)?, self.text(&newest.item.text)?);
            let meaning = Meaning::Item(id.clone(), WrittenItem { name, text, facts: newest.item.facts.clone() });
            add(kind_of(&newest.item.facts), id.as_str(), meaning, Some(newest.effective_on), retired)?;
        }
        Ok(records)
    }
}

pub(super) fn kind_of(facts: &ScopeFacts) -> RecordKind {
    match facts {
        ScopeFacts::Service(_) => RecordKind::Service,
        ScopeFacts::TransactionClass(_) => RecordKind::TransactionClass,
        ScopeFacts::Location(_) => RecordKind::Location,
        ScopeFacts::Component(_) => RecordKind::Component,
        ScopeFacts::Commitment(_) => RecordKind::Commitment,
        ScopeFacts::KeyReport(_) => RecordKind::KeyReport,
        ScopeFacts::UserEntity(_) => RecordKind::UserEntity,
        ScopeFacts::SubserviceOrganization(_) => RecordKind::SubserviceOrganization,
        ScopeFacts::SubserviceReport(_) => RecordKind::SubserviceReport,
        ScopeFacts::ComplementaryUserEntityControl(_) => RecordKind::Cuec,
        ScopeFacts::ComplementarySubserviceOrganizationControl(_) => RecordKind::Csoc,
        ScopeFacts::Exclusion(_) => RecordKind::Exclusion,
    }
}
