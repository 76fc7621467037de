//! The advisor at the edge: profiles as files, control objectives of the catalog in force, and what commands show of it.

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;
use tickmark_catalog::Catalog;
use tickmark_domain::{
    AdviceChange,
    advisor::{Advice, CostTable, Itgc, ObjectiveFamily, Profile, Turn, advise, cost_table, what_would_change},
};

use crate::{Error, House, written::Written};

/// A filled profile.
pub const PROFILE_EXAMPLE: &str = include_str!("../formats/profile.toml");

/// An advice with everything that is shown beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Advised {
    /// The answers, as a file has them.
    pub profile: Profile,
    /// What follows from them.
    pub advice: Advice,
    /// The control objectives proposed for a SOC 1, from the catalog.
    pub objectives: Vec<ProposedObjective>,
    /// What would change the answer, the weightiest first.
    pub would_change: Vec<Turn>,
    /// Cost and effort, if the profile has quotes.
    pub cost: Option<CostTable>,
}

/// A control objective to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProposedObjective {
    /// Its id in the catalog.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The industry it is of; none if it fits every industry.
    pub industry: Option<String>,
    /// The industry's name as people say it.
    pub industry_title: Option<String>,
}

/// What the newest advice did not know yet.
#[derive(Debug, Clone, Serialize)]
pub struct SinceAdvice {
    /// The day from which that advice counted its dates.
    pub given_on: Date,
    /// What bears on it and changed after it.
    pub changes: Vec<AdviceChange>,
}

impl House {
    /// What the newest advice did not know yet; none while it stands, or nobody asked.
    pub fn since_advice(&self) -> Result<Option<SinceAdvice>, Error> {
        let state = self.state();
        let changes = state.changes_since_advice().filter(|changes| !changes.is_empty());
        let newest = state.advice.last().map(|advice| advice.recorded.given_on);
        Ok(newest.zip(changes).map(|(given_on, changes)| SinceAdvice { given_on, changes }))
    }
}

/// The advice for a profile on a day, with control objectives of a catalog.
pub fn advised(profile: Profile, today: Date, catalog: &Catalog) -> Advised {
    let advice = advise(&profile, today);
    Advised {
        objectives: proposed(&advice.objectives, catalog),
        would_change: what_would_change(&profile, today),
        cost: profile.quotes.as_ref().map(cost_table),
        advice,
        profile,
    }
}

/// The objectives of some families: the industry's own first, then general ones, each once.
fn proposed(families: &[ObjectiveFamily], catalog: &Catalog) -> Vec<ProposedObjective> {
    let mut ids: Vec<&str> = Vec::new();
    for family in families {
        let of_industry = catalog.objectives.values().filter(|objective| {
            family.industry.is_some_and(|industry| objective.industry.as_deref() == Some(industry))
                && (family.only.is_empty() || family.only.contains(&&*objective.id))
        });
        ids.extend(of_industry.map(|objective| &*objective.id));
    }
    for family in families {
        match &family.itgc {
            Itgc::OfIndustry => {
                let industry = family.industry.and_then(|industry| catalog.industries.get(industry));
                ids.extend(industry.iter().flat_map(|industry| industry.default_itgc.iter().map(|id| &**id)));
            }
            Itgc::Only(only) => ids.extend(only),
            Itgc::Nothing => {}
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    let found = ids.into_iter().filter_map(|id| catalog.objectives.get(id));
    found
        .map(|objective| ProposedObjective {
            id: objective.id.to_string(),
            title: objective.title.clone(),
            industry: objective.industry.as_ref().map(ToString::to_string),
            industry_title: objective
                .industry
                .as_deref()
                .and_then(|industry| catalog.industries.get(industry))
                .map(|industry| industry.title.clone()),
        })
        .collect()
}

/// Reads a profile: JSON if the file's name ends so, else TOML.
pub fn profile_from_file(path: &Path) -> Result<Profile, Error> {
    let written = Written::read(path)?;
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let profile = if is_json { written.parse_json() } else { written.parse() };
    profile.and_then(|profile| checked(&written, profile)).map_err(|error| Error::Profile(Box::new(error)))
}

/// Refuses what reads well and cannot be: reports that end before they begin.
fn checked(written: &Written, profile: Profile) -> Result<Profile, Error> {
    for report in profile.earlier_reports.iter().flatten() {
        if report.first.is_some_and(|first| first > report.last) {
            let last = report.last.to_string();
            return Err(written.refuse(&last, "an earlier report ends before it begins"));
        }
    }
    Ok(profile)
}

/// A profile as a file that [`profile_from_file`] reads.
pub fn profile_to_toml(profile: &Profile) -> Result<String, Error> {
    toml::to_string(profile).map_err(|error| Error::Settings {
        path: "profile.toml".into(),
        problem: format!("the answers cannot be written: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use tickmark_domain::advisor::Question;

    use super::*;
    use crate::profile_schema;

    fn read(name: &str, text: &str) -> Result<Profile, String> {
        let written = Written::embedded(name, text);
        let profile = if name.ends_with(".json") { written.parse_json() } else { written.parse() };
        profile.and_then(|profile| checked(&written, profile)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_answers_every_question_and_is_written_and_read_again() {
        let profile = read("profile.toml", PROFILE_EXAMPLE).unwrap();
        let unanswered: Vec<Question> = Question::all().filter(|question| !question.is_answered(&profile)).collect();
        assert_eq!(unanswered, []);
        assert_eq!(read("again.toml", &profile_to_toml(&profile).unwrap()).unwrap(), profile);
        assert_eq!(read("again.json", &serde_json::to_string(&profile).unwrap()).unwrap(), profile);
    }

    #[test]
    fn the_schema_knows_the_keys_that_a_profile_has() {
        let schema = profile_schema();
        let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let profile = read("profile.toml", PROFILE_EXAMPLE).unwrap();
        let mut written: Vec<String> =
            serde_json::to_value(&profile).unwrap().as_object().unwrap().keys().cloned().collect();
        let mut known: Vec<String> = keys.into_iter().cloned().collect();
        written.sort();
        known.sort();
        assert_eq!(known, written);
    }

    #[test]
    fn what_a_profile_may_not_say_is_refused_with_its_place() {
        let said = |text: &str| read("profile.toml", text).unwrap_err();
        insta::assert_snapshot!(
            [
                said("financial_efect = \"direct\"\n"),
                said("name = \"A\"\nfinancial_effect = \"perhaps\"\n"),
                said("transactions = \"payroll\"\n"),
                said("transactions = [\"payrol\"]\n"),
                said("holds_data = true\n"),
                said("controls_since = 2026-01-01\n"),
                said("controls_since = \"2026-02-30\"\n"),
                said("[year_ends]\nsmarch = 1\n"),
                said("[year_ends]\nmay = -1\n"),
                said("[[contracts]]\nreport = \"soc9\"\n"),
                said("plans = [\"none\"]\n"),
                said("[[earlier_reports]]\nreport = \"soc2\"\ntype = \"type-2\"\nfirst = \"2026-09-30\"\nlast = \"2025-10-01\"\n"),
                said("[quotes]\ncurrency = \"dollars\"\n"),
                said("[quotes]\ncurrency = \"USD\"\nday_rate = 640.5\n"),
                said("[quotes]\ncurrency = \"USD\"\nday_rate = \"-1\"\n"),
                read("profile.json", "{\n  \"holds_dato\": \"yes\"\n}").unwrap_err(),
                read("profile.json", "{").unwrap_err(),
            ]
            .join("\n"),
            @r#"
        profile.toml: line 1, key `financial_efect`: unknown field `financial_efect`, expected one of `name`, `notes`, `financial_effect`, `transactions`, `reliance`, `holds_data`, `data`, `asked_by`, `asked_for`, `contracts`, `audited_clients`, `service_model`, `availability_promises`, `processing_promises`, `confidentiality_promises`, `personal_information`, `providers`, `year_ends`, `controls_since`, `first_report_due`, `auditors_in`, `public_report`, `earlier_reports`, `plans`, `size`, `other_duties`, `quotes`
        profile.toml: line 2, key `financial_effect`: `perhaps` is no answer here; answers are direct, hosts, feature, none
        profile.toml: line 1, key `transactions`: a list is written ["payroll"]
        profile.toml: line 1, key `transactions`: `payrol` is no answer here; answers are payroll, payments, loans, lending-platform, claims-benefits, retirement, billing, ap-ar, healthcare-rcm, investments, financial-hosting, ledger-erp, outsourced-accounting, other
        profile.toml: line 1, key `holds_data`: invalid type: boolean `true`, expected a string
        profile.toml: line 1, key `controls_since`: invalid type: map, expected a date in quotes, such as "2027-03-31"
        profile.toml: line 1, key `controls_since`: `2026-02-30` is no date; write it as 2027-03-31, or `not-yet`, or `unknown`
        profile.toml: line 2, key `smarch`: `smarch` is no answer here; answers are january, february, march, april, may, june, july, august, september, october, november, december
        profile.toml: line 2, key `may`: invalid value: integer `-1`, expected u32
        profile.toml: line 2, key `report`: `soc9` is no answer here; answers are soc1, soc2, soc3, isae3402
        profile.toml: line 1, key `plans`: `none` is the whole answer: write "none" in place of the list
        profile.toml: line 5, key `last`: an earlier report ends before it begins
        profile.toml: line 2, key `currency`: `dollars` is no currency; write its three letters, such as "USD"
        profile.toml: line 3, key `day_rate`: invalid type: floating point `640.5`, expected a string
        profile.toml: line 3, key `day_rate`: `-1` is no amount; write digits with a point, such as "30000.00"
        profile.json: line 2: unknown field `holds_dato`, expected one of `name`, `notes`, `financial_effect`, `transactions`, `reliance`, `holds_data`, `data`, `asked_by`, `asked_for`, `contracts`, `audited_clients`, `service_model`, `availability_promises`, `processing_promises`, `confidentiality_promises`, `personal_information`, `providers`, `year_ends`, `controls_since`, `first_report_due`, `auditors_in`, `public_report`, `earlier_reports`, `plans`, `size`, `other_duties`, `quotes`
        profile.json: line 1: EOF while parsing an object
        "#
        );
    }
}
