//! The demo: the sample company from its systems to its report packages, by the same commands that anybody uses.
//!
//! Invariant: nothing here writes a fact but by what the command line calls, and no result is prepared beforehand: the
//! firm's adopted tests take their counts from the firm's own run over the examination package.

mod firm;
mod people;
mod reports;
mod walkthroughs;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tickmark_catalog::Catalog;
use tickmark_domain::{EngagementId, ExceptionId, ExceptionState, Outcome, PersonId, Retest, Span};
use tickmark_examine::Limits;
use tickmark_report::seal::FirmSecretKey;

use self::reports::REPORTS;
use crate::{
    ApplyRequest, Clock, CollectRequest, Collection, ControlsToAdopt, Error, Founding, House, Installation,
    IssuedPackages, NewFirm, Owners, Performance, Progress, SCOPE_EXAMPLE, SignIn, SignIns, TestRequest, TestRun,
    Withdrawal, new_firm_key, packaging::io_error, parse_role, written::Written,
};

/// Where the demo goes, and how large and which the sample company is.
#[derive(Debug, Clone)]
pub struct DemoRequest {
    /// Folder that gets everything.
    pub dir: PathBuf,
    /// Size in percent.
    pub scale: u32,
    /// Which sample company.
    pub seed: u64,
}

/// What the demo did.
#[derive(Debug, Serialize)]
pub struct Demo {
    /// Payslips of the sample company.
    pub payslips: u64,
    /// What was collected.
    pub collection: Collection,
    /// How control tests ended.
    pub run: TestRun,
    /// How many exceptions of them are in each state.
    pub exceptions: BTreeMap<String, u64>,
    /// Packages of all engagements.
    pub packages: Vec<IssuedPackages>,
    /// The firm's secret key, which opens the examination packages.
    pub firm_key: PathBuf,
    /// The seed of the ledger's recovery key, shown once.
    pub recovery_seed: String,
    /// The ledger's public key.
    pub ledger_key: String,
    /// One sign-in a role, for this machine.
    pub sign_ins: Vec<SignIn>,
    /// Seconds of each step, in order.
    pub seconds: Vec<(String, f64)>,
}

/// The organization's zone.
const ZONE: &str = "America/New_York";

/// The period of the engagements; those at one day are as of its last.
const FIRST: jiff::civil::Date = jiff::civil::date(2025, 10, 1);
const LAST: jiff::civil::Date = jiff::civil::date(2026, 9, 30);

/// The engagement that is closed: the firm's report on it is the last fact before the packages, so that its documents are of the
/// same ledger size as all others.
const CLOSED: &str = "soc1";

/// Events are collected from the month before the period: its first pay runs rest on hours booked before.
const COLLECT_FROM: jiff::civil::Date = jiff::civil::date(2025, 9, 1);

/// Runs the demo.
pub fn demo(request: &DemoRequest, clock: Arc<dyn Clock>, progress: &dyn Progress) -> Result<Demo, Error> {
    let dir = &request.dir;
    if dir.exists() && fs::read_dir(dir).map_err(io_error("read", dir))?.next().is_some() {
        return Err(Error::NotEmpty { path: dir.clone() });
    }
    let today = clock.now().to_zoned(TimeZone::get(ZONE).map_err(tickmark_sample::Error::from)?).date();
    if today < tickmark_sample::COPIED_ON {
        return Err(Error::SampleIsAhead { today, copied_on: tickmark_sample::COPIED_ON });
    }
    let mut steps = Steps::new();
    progress.step("writing the sample company", 4);
    let options = tickmark_sample::Options { seed: request.seed, scale: request.scale, dir };
    let summary = tickmark_sample::generate(&options, &mut |_, _, _| progress.advance(1))?;
    steps.end("sample company");

    let cast = people::cast()?;
    let catalog = Arc::new(Catalog::embedded().map_err(Error::Catalog)?);
    let administrator = cast.one_with("administrator")?;
    let founding = Founding {
        organization: cast.organization.id.parse()?,
        name: cast.organization.name.clone(),
        zone: ZONE.to_owned(),
        calendar: "us-federal".to_owned(),
        administrator: administrator.id.parse()?,
        administrator_name: administrator.name.clone(),
        administrator_mail: administrator.mail.clone(),
    };
    let (installation, founded) = Installation::init(dir, None, &founding, catalog, clock)?;
    let mut stage = Stage { house: founded.house, cast, dir: dir.clone(), performed: Vec::new() };
    stage.people()?;
    stage.engagements()?;
    let firm_key = stage.appoint_firm()?;
    steps.end("organization, people, engagements, controls");

    let collection = stage.collect(&installation, progress)?;
    stage.walk_through()?;
    steps.end("collection");
    let run = stage.test(progress)?;
    stage.respond()?;
    stage.remediate(progress)?;
    stage.withdraw()?;
    stage.adopt_descriptions()?;
    stage.close()?;
    steps.end("control tests");
    let secret = FirmSecretKey::load(&firm_key)?;
    let packages = stage.examine_and_issue(&installation, &secret, progress, &mut steps)?;
    Ok(Demo {
        payslips: summary.payslips,
        collection,
        run,
        exceptions: stage.exceptions(),
        packages,
        firm_key,
        recovery_seed: founded.recovery_seed,
        ledger_key: founded.ledger_key,
        sign_ins: SignIns::create(dir, &stage.cast.one_a_role())?,
        seconds: steps.seconds,
    })
}

/// The file of remediations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Remediations {
    remediation: Vec<RemediationPart>,
}

/// What was put right about the answered exceptions of a control test, and since when; with the days of the period after
/// it, over which the control test runs once more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemediationPart {
    test: String,
    remediated_on: jiff::civil::Date,
    text: String,
    retested_over: Option<Span>,
}

/// The file of withdrawals.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawals {
    withdrawal: Vec<WithdrawalPart>,
}

/// Why what a control test returned is no exception, and the file of the sample company that shows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithdrawalPart {
    test: String,
    owner: String,
    reason: String,
    evidence: PathBuf,
}

/// How long each step took, for people who watch; nothing depends on it.
struct Steps {
    since: Instant,
    seconds: Vec<(String, f64)>,
}

impl Steps {
    fn new() -> Self {
        Self { since: Instant::now(), seconds: Vec::new() }
    }

    fn end(&mut self, name: &str) {
        self.seconds.push((name.to_owned(), self.since.elapsed().as_secs_f64()));
        self.since = Instant::now();
    }
}

/// The house, its people and its folder.
struct Stage {
    house: House,
    cast: people::Cast,
    dir: PathBuf,
    /// What the firm's own performances gave.
    performed: Vec<Performance>,
}

impl Stage {
    fn people(&mut self) -> Result<(), Error> {
        let administrator = self.cast.one_with("administrator")?.clone();
        let id: PersonId = administrator.id.parse()?;
        let others = self.cast.person.iter().filter(|person| person.id != administrator.id);
        let others: Vec<_> = others.map(people::PersonPart::to_add).collect();
        self.house.add_people(&id, &others)?;
        let roles = administrator.roles.iter().map(|role| parse_role(role)).collect::<Result<Vec<_>, _>>()?;
        self.house.grant_roles(&id, &id, &roles)
    }

    fn engagements(&mut self) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let engagements: Vec<_> = REPORTS.iter().map(|report| report.engagement(&self.cast.organization)).collect();
        self.house.open_engagements(&lead, &engagements)?;
        let by_role = self.cast.owners.iter().map(|(role, id)| Ok((role.clone(), id.parse()?)));
        let wanted = ControlsToAdopt {
            engagement: None,
            only: Vec::new(),
            except: Vec::new(),
            effective_on: jiff::civil::date(2025, 1, 1),
            owners: Owners { by_role: by_role.collect::<Result<_, Error>>()?, others: lead.clone() },
        };
        self.house.adopt_controls(&lead, &wanted)?;
        let program = self.dir.join("program");
        fs::create_dir_all(&program).map_err(io_error("make", &program))?;
        let scope = program.join("scope.toml");
        fs::write(&scope, SCOPE_EXAMPLE).map_err(io_error("write", &scope))?;
        self.house.apply(&lead, &ApplyRequest { dir: program, ..ApplyRequest::default() }).map(drop)
    }

    /// Management adopts its descriptions once the registers of incidents and changes have been read: SOC 2's answers
    /// about both name the extract that was looked at.
    fn adopt_descriptions(&mut self) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let mut descriptions = Vec::new();
        for report in &REPORTS {
            descriptions.push((report.id.parse()?, report.description()?));
        }
        self.house.adopt_descriptions(&lead, descriptions)
    }

    /// One engagement is closed before the firm comes; the others stay open, so that both can be seen.
    fn close(&mut self) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        self.house.close(&lead, &CLOSED.parse()?, None).map(drop)
    }

    fn appoint_firm(&mut self) -> Result<PathBuf, Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let folder = self.dir.join("firm");
        fs::create_dir_all(&folder).map_err(io_error("make", &folder))?;
        let key = new_firm_key(&folder.join("firm.key"))?;
        let people::FirmPart { id, name, city } = self.cast.firm.clone();
        let engagements = engagements()?;
        self.house.appoint_firm(&lead, &engagements, &NewFirm { id, name, city, public_key: key.public_key })?;
        Ok(key.secret)
    }

    fn collect(&mut self, installation: &Installation, progress: &dyn Progress) -> Result<Collection, Error> {
        write_sources(&installation.sources())?;
        let sources = self.house.sources(&installation.sources(), installation.root())?;
        let administrator: PersonId = self.cast.one_with("administrator")?.id.parse()?;
        self.house.approve_sources(&administrator, &sources)?;
        let request = CollectRequest { source: None, days: Span { first: COLLECT_FROM, last: LAST }, lacking: None };
        self.house.collect(&administrator, &sources, &request, progress)
    }

    fn test(&mut self, progress: &dyn Progress) -> Result<TestRun, Error> {
        self.test_over(None, Span { first: FIRST, last: LAST }, progress)
    }

    fn test_over(&mut self, test: Option<String>, span: Span, progress: &dyn Progress) -> Result<TestRun, Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        self.house.test(&lead, &TestRequest { test, span, limits: Limits::default() }, progress)
    }

    /// The exceptions of a control test that are in a state.
    fn exceptions_of(&self, test: &str, state: ExceptionState) -> Vec<ExceptionId> {
        let found =
            self.house.state().exceptions.iter().filter(|(_, e)| e.origin.to_string() == test && e.state == state);
        found.map(|(id, _)| id.clone()).collect()
    }

    /// How many exceptions are in each state.
    fn exceptions(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for exception in self.house.state().exceptions.values() {
            *counts.entry(exception.state.to_string()).or_default() += 1;
        }
        counts
    }

    /// Management says what it has put right of what it answered, and closes what a run over later days no longer finds.
    fn remediate(&mut self, progress: &dyn Progress) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let file = Written::embedded("remediations.toml", people::REMEDIATIONS);
        for part in file.parse::<Remediations>()?.remediation {
            let answered = self.exceptions_of(&part.test, ExceptionState::Responded);
            for id in &answered {
                self.house.remediate(&lead, id.clone(), &part.text, part.remediated_on)?;
            }
            let Some(span) = part.retested_over.filter(|_| !answered.is_empty()) else { continue };
            let later = self.test_over(Some(part.test), span, progress)?;
            if later.results.iter().all(|line| line.outcome == Outcome::NoExceptions) {
                for id in answered {
                    self.house.retest(&lead, id, Some(Retest::Run(later.run.parse()?)))?;
                }
            }
        }
        Ok(())
    }

    /// What proves to be no exception is withdrawn: the control's owner proposes it with what shows it, the lead agrees.
    fn withdraw(&mut self) -> Result<(), Error> {
        let second: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let file = Written::embedded("withdrawals.toml", people::WITHDRAWALS);
        for part in file.parse::<Withdrawals>()?.withdrawal {
            let owner: PersonId = self.cast.owner(&part.owner)?.parse()?;
            let evidence = &self.dir.join(&part.evidence);
            for exception in self.exceptions_of(&part.test, ExceptionState::Open) {
                let withdrawal = Withdrawal { exception: exception.clone(), reason: &part.reason, evidence };
                self.house.propose_withdrawal(&owner, &withdrawal)?;
                self.house.withdraw(&second, exception)?;
            }
        }
        Ok(())
    }

    /// Management answers the exceptions; what the file leaves out is still open.
    fn respond(&mut self) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        self.house.respond_as(&lead, &Written::embedded("responses.toml", people::RESPONSES)).map(drop)
    }

    /// The examination package goes to the firm, the firm performs its tests, management signs, packages are issued.
    fn examine_and_issue(
        &mut self,
        installation: &Installation,
        secret: &FirmSecretKey,
        progress: &dyn Progress,
        steps: &mut Steps,
    ) -> Result<Vec<IssuedPackages>, Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        self.sign_assertions()?;
        let mut received = Vec::new();
        // What the firm received for one report it has for another that is about the same controls and days.
        for report in REPORTS.iter().filter(|report| report.tested_in == Some(report.id)) {
            let id: EngagementId = report.id.parse()?;
            let package = self.dir.join("firm").join(format!("{id}-received.zip"));
            self.house.hand_over(&lead, &id, &package, progress)?;
            received.push((id, package));
        }
        self.perform_again(&received, secret, progress)?;
        for (report, tested_in) in REPORTS.iter().filter_map(|report| Some((report, report.tested_in?))) {
            self.firm_tests(report, tested_in)?;
        }
        self.sign_auditors_report()?;
        self.anchor_at_firm()?;
        steps.end("the firm's tests");
        let issued = self.house.issue_packages(&lead, &engagements()?, false, &installation.packages(), progress)?;
        steps.end("documents and packages");
        Ok(issued)
    }

    fn sign_assertions(&mut self) -> Result<(), Error> {
        let signatory = self.cast.person(&self.cast.signs.assertion)?;
        let (id, title) = (signatory.id.parse::<PersonId>()?, signatory.title.clone());
        for report in &REPORTS {
            self.house.sign_assertion_text(&id, &report.id.parse()?, report.assertion().to_owned(), &title, None)?;
        }
        Ok(())
    }
}

fn engagements() -> Result<Vec<EngagementId>, Error> {
    REPORTS.iter().map(|report| Ok(report.id.parse()?)).collect()
}

/// Writes the settings of the sample company's sources, as its administrator would.
fn write_sources(folder: &Path) -> Result<(), Error> {
    for (name, text) in people::SOURCES {
        let path = folder.join(name);
        fs::write(&path, text).map_err(io_error("write", &path))?;
    }
    Ok(())
}
