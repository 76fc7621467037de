//! A control as people write and read it, and the definition that the ledger holds of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_catalog::Catalog;
use tickmark_domain::{
    Automation, ControlDefinition, ControlNature, CriterionId, Frequency, ObjectiveId, OwnerRoleId, RiskId,
};

use crate::{Error, House};

/// A control in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenControl {
    /// A few words.
    pub title: String,
    /// Who does what, on what occasion, to what limit, shown by what.
    pub statement: String,
    /// The role that answers for it.
    pub owner_role: OwnerRoleId,
    /// How often it acts.
    pub frequency: Frequency,
    /// Before or after the harm.
    pub nature: ControlNature,
    /// By people, by the system, or by people with the system's output.
    pub automation: Automation,
    /// Whether its objectives and criteria could not be met without it.
    #[serde(default = "yes", rename = "key")]
    pub is_key: bool,
    /// What shows that it operated.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Criteria that it serves.
    #[serde(default)]
    pub criteria: BTreeSet<CriterionId>,
    /// Control objectives that it serves.
    #[serde(default)]
    pub objectives: BTreeSet<ObjectiveId>,
    /// Risks that it addresses.
    #[serde(default)]
    pub risks: BTreeSet<RiskId>,
}

fn yes() -> bool {
    true
}

impl WrittenControl {
    /// A control as the catalog words it.
    pub fn of_catalog(catalog: &Catalog, control: &tickmark_catalog::Control) -> Result<Self, Error> {
        Ok(Self {
            title: control.title.clone(),
            statement: control.statement.clone(),
            owner_role: control.owner.parse()?,
            frequency: frequency(control.frequency),
            nature: match control.nature {
                tickmark_catalog::Nature::Preventive => ControlNature::Preventive,
                tickmark_catalog::Nature::Detective => ControlNature::Detective,
            },
            automation: match control.automation {
                tickmark_catalog::Automation::Manual => Automation::Manual,
                tickmark_catalog::Automation::Automated => Automation::Automated,
                tickmark_catalog::Automation::ItDependentManual => Automation::ItDependentManual,
            },
            is_key: control.is_key,
            evidence: control.evidence.clone(),
            criteria: control.criteria.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
            objectives: control.objectives.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
            risks: catalog.risks_of_control(&control.id).map(|risk| risk.id.parse()).collect::<Result<_, _>>()?,
        })
    }

    /// A definition in words; `text` gives the prose of a digest.
    pub(crate) fn of(
        definition: &ControlDefinition,
        text: impl Fn(&Digest) -> Result<String, Error>,
    ) -> Result<Self, Error> {
        Ok(Self {
            title: text(&definition.title)?,
            statement: text(&definition.statement)?,
            owner_role: definition.owner_role.clone(),
            frequency: definition.frequency,
            nature: definition.nature,
            automation: definition.automation,
            is_key: definition.is_key,
            evidence: text(&definition.evidence)?.lines().map(str::to_owned).collect(),
            criteria: definition.criteria.clone(),
            objectives: definition.objectives.clone(),
            risks: definition.risks.clone(),
        })
    }

    /// The definition; `put` gives the digest of a text.
    pub(crate) fn definition(&self, mut put: impl FnMut(&str) -> Digest) -> ControlDefinition {
        self.with_words(self.words().map(|text| put(&text)))
    }

    fn with_words(&self, [title, statement, evidence]: [Digest; 3]) -> ControlDefinition {
        ControlDefinition {
            title,
            statement,
            evidence,
            owner_role: self.owner_role.clone(),
            frequency: self.frequency,
            nature: self.nature,
            automation: self.automation,
            is_key: self.is_key,
            criteria: self.criteria.clone(),
            objectives: self.objectives.clone(),
            risks: self.risks.clone(),
        }
    }

    /// The texts that go to the vault, in the order in which a definition names them.
    fn words(&self) -> [String; 3] {
        [self.title.clone(), self.statement.clone(), self.evidence.join("\n")]
    }
}

pub(crate) fn frequency(frequency: tickmark_catalog::Frequency) -> Frequency {
    match frequency {
        tickmark_catalog::Frequency::Continuous => Frequency::Continuous,
        tickmark_catalog::Frequency::PerEvent => Frequency::PerEvent,
        tickmark_catalog::Frequency::Daily => Frequency::Daily,
        tickmark_catalog::Frequency::Weekly => Frequency::Weekly,
        tickmark_catalog::Frequency::Monthly => Frequency::Monthly,
        tickmark_catalog::Frequency::Quarterly => Frequency::Quarterly,
        tickmark_catalog::Frequency::SemiAnnual => Frequency::SemiAnnual,
        tickmark_catalog::Frequency::Annual => Frequency::Annual,
    }
}

impl House {
    /// Puts the words of controls into the vault, all at once, and gives their definitions.
    pub(crate) fn control_definitions(&self, controls: &[WrittenControl]) -> Result<Vec<ControlDefinition>, Error> {
        let words: Vec<String> = controls.iter().flat_map(WrittenControl::words).collect();
        let digests = self.put_texts(&words)?;
        let (words, _) = digests.as_chunks::<3>();
        Ok(controls.iter().zip(words).map(|(control, words)| control.with_words(*words)).collect())
    }
}
