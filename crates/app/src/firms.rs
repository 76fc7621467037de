//! The firm's side: its key, its appointment, its own performance of management's control tests, its tests of controls
//! and its report.
//!
//! Invariant: a result of management's is adopted only with the counts and digests of the firm's own performance.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_domain::{
    AppointFirm, Authority, Command, EngagementId, FirmTestId, Nature, Outcome, PersonId, RecordFirmTest,
    RecordServiceAuditorsReport, Refusal, ReviewFirmTest, Span, TestId,
};
use tickmark_report::seal::{FirmPublicKey, FirmSecretKey};

use crate::{Error, House, Progress, VerifyRequest, packaging::io_error, verifying, views::FirmText, written::Written};

/// A filled file of a firm's tests of controls.
pub const FIRM_TESTS_EXAMPLE: &str = include_str!("../formats/firm-tests.toml");

/// A firm's key pair, made on its own machine.
#[derive(Debug, Clone, Serialize)]
pub struct FirmKeyFiles {
    /// The file with the secret key, for the firm's people only.
    pub secret: PathBuf,
    /// The file with the public key, to give to the organization.
    pub public: PathBuf,
    /// The public key.
    pub public_key: String,
}

/// Makes a firm's key pair: the secret in `path`, the public key beside it with `.pub` at the end of its name.
pub fn new_firm_key(path: &Path) -> Result<FirmKeyFiles, Error> {
    let secret = FirmSecretKey::generate();
    secret.save_new(path)?;
    let mut public = path.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    let public_key = secret.public().to_text();
    fs::write(&public, &public_key).map_err(io_error("write", &public))?;
    Ok(FirmKeyFiles { secret: path.to_owned(), public, public_key: public_key.trim_end().to_owned() })
}

/// A firm to appoint.
#[derive(Debug, Clone)]
pub struct NewFirm {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The city it signs from.
    pub city: String,
    /// Its public key, as it gave it.
    pub public_key: String,
}

/// What a firm's own performance of management's control tests gave: what it may adopt rests on this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Performance {
    /// The organization.
    pub organization: String,
    /// The engagement whose examination package it was.
    pub engagement: EngagementId,
    /// The days tested.
    pub span: Span,
    /// The ledger size that the package proves.
    pub ledger_size: u64,
    /// One element a control test, by id.
    pub tests: Vec<PerformedTest>,
}

/// How a control test ended when the firm performed it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerformedTest {
    /// The control test.
    pub test: TestId,
    /// How it ended.
    pub outcome: Outcome,
    /// Items in the population.
    pub population: u64,
    /// Items with exceptions.
    pub exceptions: u64,
    /// Digest of the population, sealed by the organization's row digest key.
    pub population_digest: Option<Digest>,
    /// Digest of the rows that came back, sealed by the organization's row digest key.
    pub rows_digest: Option<Digest>,
    /// The engine and its version.
    pub engine: String,
    /// What management's result is beside it.
    pub beside_managements: Agreement,
}

/// How management's recorded result compares with the firm's performance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// The same population and the same rows.
    SameRows,
    /// Another population or other rows.
    OtherRows,
    /// Management's control test could not be evaluated, so there is nothing to adopt.
    NothingToAdopt,
    /// It ended in an error here, such as a limit of time or memory: nobody knows whether the rows are the same.
    NotPerformed,
}

impl std::fmt::Display for Agreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SameRows => "same rows",
            Self::OtherRows => "OTHER ROWS",
            Self::NothingToAdopt => "not evaluable",
            Self::NotPerformed => "NOT PERFORMED",
        })
    }
}

impl Performance {
    /// Whether every result of management's that there is was borne out.
    pub fn agrees(&self) -> bool {
        self.tests.iter().all(|test| test.beside_managements != Agreement::OtherRows)
    }

    /// Whether every control test could be performed here.
    pub fn is_whole(&self) -> bool {
        self.tests.iter().all(|test| test.beside_managements != Agreement::NotPerformed)
    }

    /// Reads a performance that was saved.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(io_error("read", path))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::Settings { path: path.to_owned(), problem: error.to_string() })
    }

    /// Saves the performance for the record to be made from it.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Settings { path: path.to_owned(), problem: error.to_string() })?;
        fs::write(path, text).map_err(io_error("write", path))
    }
}

/// Performs management's control tests again from an examination package, which the firm's key opens.
pub fn perform(package: &Path, request: &VerifyRequest<'_>, progress: &dyn Progress) -> Result<Performance, Error> {
    verifying::perform(package, request, &BTreeSet::new(), progress)
}

/// One of a firm's tests of controls, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmTestPart {
    /// Its id.
    pub id: String,
    /// The engagement.
    pub engagement: String,
    /// The control tested.
    pub control: String,
    /// Kind of procedure.
    pub nature: Nature,
    /// What the firm did.
    pub procedure: String,
    /// Management's control test that the firm performed again and adopts; none for a test of the firm's own.
    pub test: Option<String>,
    /// Own tests: items tested; zero says that the control did not operate.
    pub items_tested: Option<u64>,
    /// Own tests: items where the control did not work as described.
    pub deviations: Option<u64>,
    /// The sample whose items were tested.
    pub sample: Option<String>,
    /// The first day of the control's version that was tested, where it had several.
    pub version: Option<Date>,
    /// What it found, if no item deviates.
    pub without_deviations: String,
    /// What it found, if some do: `{items}` and `{deviations}` are filled in.
    pub with_deviations: Option<String>,
}

/// What became of a firm's tests of controls.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RecordedFirmTests {
    /// Those recorded.
    pub recorded: Vec<FirmTestLine>,
    /// Those that were not, and why.
    pub not_recorded: Vec<NotRecorded>,
}

/// A firm's test that was recorded.
#[derive(Debug, Clone, Serialize)]
pub struct FirmTestLine {
    /// Its id.
    pub id: String,
    /// The engagement.
    pub engagement: String,
    /// The control.
    pub control: String,
    /// The control test adopted, if it is not the firm's own.
    pub adopted: Option<String>,
    /// Items tested.
    pub items_tested: u64,
    /// Items where the control did not work as described.
    pub deviations: u64,
}

/// A firm's test that was not recorded.
#[derive(Debug, Clone, Serialize)]
pub struct NotRecorded {
    /// Its id.
    pub id: String,
    /// Why.
    pub because: String,
}

/// What one of the firm's tests came to.
struct Tested {
    authority: Authority,
    items: u64,
    deviations: u64,
}

/// A file of a firm's tests, read.
pub(crate) struct FirmTestsFile {
    file: Written,
    pub(crate) tests: Vec<FirmTestPart>,
}

impl FirmTestsFile {
    pub(crate) fn of(file: Written) -> Result<Self, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            firm_test: Vec<FirmTestPart>,
        }
        let tests = file.parse::<File>()?.firm_test;
        for part in &tests {
            match (&part.test, part.items_tested) {
                (Some(_), None) if part.deviations.is_none() => {}
                (None, Some(_)) => {}
                _ => {
                    let problem = "a firm's test either names the control test of management that it adopts (`test`), or \
                                   says itself how many items it tested (`items_tested`, `deviations`)";
                    return Err(file.refuse(&part.id, problem));
                }
            }
            if part.deviations.is_some_and(|deviations| deviations > 0) && part.with_deviations.is_none() {
                return Err(file.refuse(&part.id, "deviations need `with_deviations`: what was found"));
            }
        }
        Ok(Self { file, tests })
    }
}

impl House {
    /// Appoints a firm to engagements, all at once.
    pub fn appoint_firm(
        &mut self,
        author: &PersonId,
        engagements: &[EngagementId],
        firm: &NewFirm,
    ) -> Result<(), Error> {
        // What is no key is refused now, not when the first package is to be sealed to it.
        FirmPublicKey::from_text(&firm.public_key)?;
        let name = self.put_json(&FirmText { name: firm.name.clone(), city: firm.city.clone() })?;
        let sealing_key = self.put_text(&firm.public_key)?;
        let appoint = |engagement: &EngagementId| {
            Ok(Command::AppointFirm(AppointFirm {
                engagement: engagement.clone(),
                firm: firm.id.parse()?,
                name,
                sealing_key,
            }))
        };
        let commands = engagements.iter().map(appoint).collect::<Result<_, Error>>()?;
        self.execute_all(author, commands).map(drop)
    }

    pub(crate) fn firm_text(&self, name: &Digest) -> Result<FirmText, Error> {
        self.json(name)
    }

    /// Records the firm's tests that a file tells of, all at once. Those that adopt management's result rest on the
    /// firm's own performances; where one cannot be adopted, it is not recorded and the reason is given.
    pub fn record_firm_tests(
        &mut self,
        author: &PersonId,
        path: &Path,
        performances: &[Performance],
    ) -> Result<RecordedFirmTests, Error> {
        let file = FirmTestsFile::of(Written::read(path)?)?;
        self.record_firm_tests_of(author, &file, performances)
    }

    pub(crate) fn record_firm_tests_of(
        &mut self,
        author: &PersonId,
        file: &FirmTestsFile,
        performances: &[Performance],
    ) -> Result<RecordedFirmTests, Error> {
        let organization = self.organization_id()?;
        if let Some(other) = performances.iter().find(|performance| performance.organization != organization) {
            return Err(Error::Differs {
                what: "the organization whose control tests were performed again".to_owned(),
                expected: organization,
                found: other.organization.clone(),
            });
        }
        let mut outcome = RecordedFirmTests::default();
        let (mut wanted, mut texts) = (Vec::new(), Vec::new());
        for part in &file.tests {
            let engagement: EngagementId = part.engagement.parse()?;
            let tested = match (&part.test, part.items_tested) {
                (Some(test), _) => self.adoptable(&engagement, test, performances)?,
                (None, items) => Ok(Tested {
                    authority: Authority::Own,
                    items: items.unwrap_or(0),
                    deviations: part.deviations.unwrap_or(0),
                }),
            };
            let tested = match tested {
                Ok(tested) => tested,
                Err(because) => {
                    outcome.not_recorded.push(NotRecorded { id: part.id.clone(), because });
                    continue;
                }
            };
            texts.extend([part.procedure.clone(), finding(part, &tested, &file.file)?]);
            outcome.recorded.push(FirmTestLine {
                id: part.id.clone(),
                engagement: part.engagement.clone(),
                control: part.control.clone(),
                adopted: part.test.clone(),
                items_tested: tested.items,
                deviations: tested.deviations,
            });
            wanted.push((engagement, part, tested));
        }
        if wanted.is_empty() {
            return Ok(outcome);
        }
        let mut digests = self.put_texts(&texts)?.into_iter();
        let performed_on = self.today();
        let mut commands = Vec::new();
        for (engagement, part, tested) in wanted {
            let (Some(procedure), Some(finding)) = (digests.next(), digests.next()) else { break };
            commands.push(Command::RecordFirmTest(RecordFirmTest {
                engagement,
                firm_test: part.id.parse()?,
                control: part.control.parse()?,
                nature: part.nature,
                procedure,
                finding,
                authority: tested.authority,
                items_tested: tested.items,
                deviations: tested.deviations,
                performed_on,
                sample: part.sample.as_deref().map(str::parse).transpose()?,
                version: self.version_tested(part, &file.file)?,
            }));
        }
        self.execute_all(author, commands)?;
        Ok(outcome)
    }

    /// The entry of the control's version that a firm's test names by its first day.
    fn version_tested(&self, part: &FirmTestPart, file: &Written) -> Result<Option<u64>, Error> {
        let Some(effective_on) = part.version else { return Ok(None) };
        let control = self.state().controls.get(&part.control.parse()?);
        let mut versions = control.into_iter().flat_map(|control| &control.versions);
        let version = versions.find(|version| version.effective_on == effective_on);
        let unknown = || file.refuse(&part.id, &format!("`{}` has no version of {effective_on}", part.control));
        version.map(|version| Some(version.entry)).ok_or_else(unknown)
    }

    /// Reviews a firm's test as a second person of the firm.
    pub fn review_firm_test(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        firm_test: FirmTestId,
        note: &str,
    ) -> Result<(), Error> {
        let note = self.put_text(note)?;
        let command = ReviewFirmTest { engagement: engagement.clone(), firm_test, note };
        self.execute(author, Command::ReviewFirmTest(command)).map(drop)
    }

    /// What the firm adopts of a control test, or why it cannot. Other rows than management's are left to the rule that
    /// refuses them.
    fn adoptable(
        &self,
        engagement: &EngagementId,
        test: &str,
        performances: &[Performance],
    ) -> Result<Result<Tested, String>, Error> {
        let test: TestId = test.parse()?;
        let unknown = || Refusal::UnknownEngagement(engagement.clone());
        let span = self.state().engagements.get(engagement).ok_or_else(unknown)?.report_type.span();
        // The package of this very engagement comes first; of two, the one that proves more of the ledger.
        let mut performances: Vec<_> = performances.iter().filter(|performance| performance.span == span).collect();
        performances
            .sort_by_key(|performance| (performance.engagement != *engagement, Reverse(performance.ledger_size)));
        let performed = performances.iter().flat_map(|p| &p.tests).find(|performed| performed.test == test);
        let Some(performed) = performed else {
            return Ok(Err(format!("the firm did not perform `{test}` again over {} to {}", span.first, span.last)));
        };
        let Some(result) = self.state().newest_result(&test, span) else {
            return Ok(Err(format!("management has no result of `{test}` over {} to {}", span.first, span.last)));
        };
        if matches!(result.outcome, Outcome::NotEvaluable | Outcome::Error) {
            return Ok(Err(format!("management's own result of `{test}` is: {}", result.outcome)));
        }
        let (Some(population_digest), Some(rows_digest)) = (performed.population_digest, performed.rows_digest) else {
            return Ok(Err(format!("the firm's own run of `{test}` ended: {}", performed.outcome)));
        };
        let authority = Authority::Adopted { test, result: result.entry, population_digest, rows_digest };
        Ok(Ok(Tested { authority, items: performed.population, deviations: performed.exceptions }))
    }

    /// Records the service auditor's report as the firm wrote it; dated today unless a day is given.
    pub fn record_auditors_report(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        path: &Path,
        dated_on: Option<Date>,
    ) -> Result<Date, Error> {
        let text = Written::read(path)?.prose()?;
        self.record_auditors_report_text(author, engagement, &text, dated_on)
    }

    pub(crate) fn record_auditors_report_text(
        &mut self,
        author: &PersonId,
        engagement: &EngagementId,
        text: &str,
        dated_on: Option<Date>,
    ) -> Result<Date, Error> {
        let dated_on = dated_on.unwrap_or_else(|| self.today());
        let text = self.put_text(text)?;
        let command = RecordServiceAuditorsReport { engagement: engagement.clone(), text, dated_on };
        self.execute(author, Command::RecordServiceAuditorsReport(command))?;
        Ok(dated_on)
    }
}

/// What the firm found, in its words, with the counts filled in.
fn finding(part: &FirmTestPart, tested: &Tested, file: &Written) -> Result<String, Error> {
    if tested.deviations == 0 {
        return Ok(part.without_deviations.clone());
    }
    let missing = || {
        let problem = format!("{} items deviate; say in `with_deviations` what was found", tested.deviations);
        file.refuse(&part.id, &problem)
    };
    let text = part.with_deviations.as_ref().ok_or_else(missing)?;
    let shown = |count| tickmark_report::FigureValue::Count(count).shown();
    Ok(text.replace("{deviations}", &shown(tested.deviations)).replace("{items}", &shown(tested.items)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize, String> {
        FirmTestsFile::of(Written::embedded("tests.toml", text)).map(|f| f.tests.len()).map_err(|e| e.to_string())
    }

    #[test]
    fn the_example_reads() {
        assert!(read(FIRM_TESTS_EXAMPLE).unwrap() > 1);
    }

    #[test]
    fn a_test_is_adopted_or_the_firms_own() {
        let own = FIRM_TESTS_EXAMPLE.replace("\ntest = ", "\nitems_tested = 3\ntest = ");
        let error = read(&own).unwrap_err();
        assert!(error.starts_with("tests.toml: line"), "{error}");
        assert!(error.contains("either names the control test"), "{error}");
    }
}
