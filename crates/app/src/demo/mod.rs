//! The demo: the sample company from its systems to its report packages, by the same commands that anybody uses.
//!
//! Invariant: nothing here writes a fact but through [`House::execute`], and no result is prepared beforehand: the
//! firm's adopted tests take their counts from the firm's own run over the examination package.

mod firm;
mod people;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use tickmark_catalog::Catalog;
use tickmark_domain::{
    AddPerson, AdoptSystemDescription, AppointFirm, Command, ControlId, EngagementId, GrantRole, OpenEngagement,
    PersonId, ReportKind, ReportType, RespondToException, SignManagementAssertion, Span,
};
use tickmark_examine::Limits;
use tickmark_report::seal::FirmSecretKey;

use crate::{
    Clock, CollectRequest, Collection, Error, Founding, House, Installation, IssuedPackages, Progress, SignIn, SignIns,
    TestRequest, TestRun,
    packaging::io_error,
    views::{AssertionText, DescriptionText, FirmText},
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
    /// Packages of both engagements.
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

/// The period of both engagements.
const FIRST: jiff::civil::Date = jiff::civil::date(2025, 10, 1);
const LAST: jiff::civil::Date = jiff::civil::date(2026, 9, 30);

/// Events are collected from the month before the period: its first pay runs rest on hours booked before.
const COLLECT_FROM: jiff::civil::Date = jiff::civil::date(2025, 9, 1);

/// Runs the demo.
pub fn demo(request: &DemoRequest, clock: Arc<dyn Clock>, progress: &dyn Progress) -> Result<Demo, Error> {
    let dir = &request.dir;
    if dir.exists() && fs::read_dir(dir).map_err(io_error("read", dir))?.next().is_some() {
        return Err(Error::NotEmpty { path: dir.clone() });
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
        zone: "America/New_York".to_owned(),
        calendar: "us-federal".to_owned(),
        administrator: administrator.id.parse()?,
        administrator_name: administrator.name.clone(),
        administrator_mail: administrator.email.clone(),
    };
    let (installation, founded) = Installation::init(dir, None, &founding, Arc::clone(&catalog), clock)?;
    let mut stage = Stage { house: founded.house, cast, dir: dir.clone(), performed: BTreeMap::new() };
    stage.people()?;
    stage.engagements(&catalog)?;
    let firm_key = stage.appoint_firm()?;
    steps.end("organization, people, engagements, controls");

    let collection = stage.collect(&installation, progress)?;
    steps.end("collection");
    let run = stage.test(progress)?;
    stage.respond()?;
    stage.adopt_descriptions()?;
    steps.end("control tests");
    let secret = FirmSecretKey::load(&firm_key)?;
    let packages = stage.examine_and_issue(&installation, &secret, progress, &mut steps)?;
    Ok(Demo {
        payslips: summary.payslips,
        collection,
        run,
        packages,
        firm_key,
        recovery_seed: founded.recovery_seed,
        ledger_key: founded.ledger_key,
        sign_ins: SignIns::create(dir, &stage.cast.one_a_role())?,
        seconds: steps.seconds,
    })
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
    /// What the firm's own performance of each control test gave.
    performed: BTreeMap<String, tickmark_examine::TestOutcome>,
}

impl Stage {
    fn people(&mut self) -> Result<(), Error> {
        let administrator: PersonId = self.cast.one_with("administrator")?.id.parse()?;
        let mut commands = Vec::new();
        for person in &self.cast.person {
            let id: PersonId = person.id.parse()?;
            if id != administrator {
                commands.push(Command::AddPerson(AddPerson {
                    person: id.clone(),
                    profile: self.house.put_profile(&person.name, &person.email)?,
                    firm: person.firm.as_deref().map(str::parse).transpose()?,
                }));
            }
            for role in person.roles()? {
                commands.push(Command::GrantRole(GrantRole { person: id.clone(), role }));
            }
        }
        self.house.execute_all(&administrator, commands).map(drop)
    }

    fn engagements(&mut self, catalog: &Catalog) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let system = self.house.put_text(&self.cast.organization.system)?;
        let industry = catalog
            .industries
            .get("payroll")
            .ok_or_else(|| Error::Unknown { kind: "industry", name: "payroll".to_owned() })?;
        let business = catalog.objectives.values().filter(|o| o.industry.as_deref() == Some("payroll")).map(|o| &o.id);
        let objectives = business.chain(&industry.default_itgc).map(|id| id.parse()).collect::<Result<_, _>>()?;
        let categories = self.cast.organization.categories.iter().cloned().collect();
        let open = |engagement: &str, report, objectives, categories| -> Result<Command, Error> {
            Ok(Command::OpenEngagement(OpenEngagement {
                engagement: engagement.parse()?,
                report,
                report_type: ReportType::Type2(Span { first: FIRST, last: LAST }),
                system,
                objectives,
                categories,
            }))
        };
        let commands = vec![
            open("soc1", ReportKind::Soc1, objectives, Default::default())?,
            open("soc2", ReportKind::Soc2, Default::default(), categories)?,
        ];
        self.house.execute_all(&lead, commands)?;
        self.adopt_controls(&lead)
    }

    /// Management adopts its descriptions once the registers of incidents and changes have been read: SOC 2's answers
    /// about both name the extract that was looked at.
    fn adopt_descriptions(&mut self) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let (incidents, changes) = (self.newest_extract("incident")?, self.newest_extract("change_ticket")?);
        let mut commands = Vec::new();
        for engagement in ["soc1", "soc2"] {
            let text = self.house.put_json(&description(engagement, &incidents, &changes)?)?;
            let engagement = engagement.parse()?;
            commands.push(Command::AdoptSystemDescription(AdoptSystemDescription { engagement, text }));
        }
        self.house.execute_all(&lead, commands).map(drop)
    }

    fn newest_extract(&self, dataset: &str) -> Result<Digest, Error> {
        let newest = self.house.state().evidence_of(&dataset.parse()?).last().map(|evidence| evidence.manifest);
        newest.ok_or_else(|| Error::Unknown { kind: "extract of", name: dataset.to_owned() })
    }

    /// Adopts every control of the catalog that serves one of the engagements, but for business controls of other
    /// industries.
    fn adopt_controls(&mut self, lead: &PersonId) -> Result<(), Error> {
        let index = self.house.catalog_index();
        let mut wanted: Vec<ControlId> = Vec::new();
        for (id, rule) in &index.controls {
            let serves = self.house.state().engagements.values().any(|engagement| {
                !rule.criteria.is_disjoint(&engagement.criteria(index))
                    || !rule.objectives.is_disjoint(&engagement.objectives)
            });
            let of_other_industry = self.house.catalog().controls.get(id.as_str()).is_some_and(|control| {
                let objectives = control.objectives.iter().filter_map(|id| self.house.catalog().objectives.get(id));
                let mut industries = objectives.filter_map(|objective| objective.industry.as_deref()).peekable();
                industries.peek().is_some() && industries.all(|industry| industry != "payroll")
            });
            if serves && !of_other_industry {
                wanted.push(id.clone());
            }
        }
        let owners = self.cast.owners.clone();
        let fallback = lead.clone();
        self.house.adopt_controls(lead, &wanted, jiff::civil::date(2025, 1, 1), |control| {
            owners.get(&*control.owner).and_then(|id| id.parse().ok()).unwrap_or_else(|| fallback.clone())
        })
    }

    fn appoint_firm(&mut self) -> Result<PathBuf, Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let folder = self.dir.join("firm");
        fs::create_dir_all(&folder).map_err(io_error("make", &folder))?;
        let path = folder.join("firm.key");
        let secret = FirmSecretKey::generate();
        secret.save_new(&path)?;
        let firm = &self.cast.firm;
        let name = self.house.put_json(&FirmText { name: firm.name.clone(), city: firm.city.clone() })?;
        let sealing_key = self.house.put_text(&secret.public().to_text())?;
        let mut commands = Vec::new();
        for engagement in ["soc1", "soc2"] {
            commands.push(Command::AppointFirm(AppointFirm {
                engagement: engagement.parse()?,
                firm: firm.id.parse()?,
                name,
                sealing_key,
            }));
        }
        self.house.execute_all(&lead, commands)?;
        Ok(path)
    }

    fn collect(&mut self, installation: &Installation, progress: &dyn Progress) -> Result<Collection, Error> {
        write_sources(&installation.sources())?;
        let sources = self.house.sources(&installation.sources(), installation.root())?;
        let administrator: PersonId = self.cast.one_with("administrator")?.id.parse()?;
        self.house.approve_sources(&administrator, &sources)?;
        let request = CollectRequest { source: None, days: Span { first: COLLECT_FROM, last: LAST } };
        self.house.collect(&administrator, &sources, &request, progress)
    }

    fn test(&mut self, progress: &dyn Progress) -> Result<TestRun, Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let request = TestRequest { test: None, span: Span { first: FIRST, last: LAST }, limits: Limits::default() };
        self.house.test(&lead, &request, progress)
    }

    /// Management answers each exception.
    fn respond(&mut self) -> Result<(), Error> {
        let lead: PersonId = self.cast.one_with("compliance-lead")?.id.parse()?;
        let responses: BTreeMap<String, String> = people::responses()?;
        let mut commands = Vec::new();
        for (id, exception) in &self.house.state().exceptions {
            if let Some(text) = responses.get(exception.test.as_str()) {
                let response = self.house.put_text(text)?;
                commands.push(Command::RespondToException(RespondToException { exception: id.clone(), response }));
            }
        }
        if commands.is_empty() {
            return Ok(());
        }
        self.house.execute_all(&lead, commands).map(drop)
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
        let engagements: Vec<EngagementId> = vec!["soc1".parse()?, "soc2".parse()?];
        self.sign_assertions()?;
        for id in &engagements {
            let package = self.dir.join("firm").join(format!("{id}-received.zip"));
            self.house.hand_over(&lead, id, &package, progress)?;
            self.firm_tests(id, &package, secret, progress)?;
        }
        self.sign_auditors_report()?;
        self.anchor_at_firm()?;
        steps.end("the firm's tests");
        let issued = engagements
            .iter()
            .map(|id| self.house.issue_packages(&lead, id, &installation.packages(), progress))
            .collect::<Result<Vec<_>, _>>()?;
        steps.end("documents and packages");
        Ok(issued)
    }

    fn sign_assertions(&mut self) -> Result<(), Error> {
        let signatory = self.cast.person(&self.cast.signs.assertion)?;
        let (id, title) = (signatory.id.parse::<PersonId>()?, signatory.title.clone());
        let today = self.house.state().local_date(self.house.now()).unwrap_or(LAST);
        for engagement in ["soc1", "soc2"] {
            let text = assertion(engagement);
            let text = self.house.put_json(&AssertionText { text, title: title.clone() })?;
            self.house.execute(
                &id,
                Command::SignManagementAssertion(SignManagementAssertion {
                    engagement: engagement.parse()?,
                    text,
                    signed_on: today,
                }),
            )?;
        }
        Ok(())
    }
}

/// The system description of an engagement, from the demo's prose.
fn description(engagement: &str, incidents: &Digest, changes: &Digest) -> Result<DescriptionText, Error> {
    let (text, classes) = match engagement {
        "soc1" => (
            include_str!("../../demo/soc1/description.toml"),
            Some(include_str!("../../demo/soc1/objective-classes.toml")),
        ),
        _ => (include_str!("../../demo/soc2/description.toml"), None),
    };
    let text =
        text.replace("$INCIDENT_REGISTER", &incidents.to_string()).replace("$CHANGE_REGISTER", &changes.to_string());
    let mut table: toml::Table = people::parse("description.toml", &text)?;
    table.insert("measures".to_owned(), toml::Value::Array(Vec::new()));
    table.insert("controls".to_owned(), toml::Value::Array(Vec::new()));
    let description = table.try_into().map_err(|error: toml::de::Error| Error::Settings {
        path: PathBuf::from("description.toml"),
        problem: error.to_string(),
    })?;
    #[derive(Deserialize)]
    struct Classes {
        classes: BTreeMap<String, Vec<String>>,
    }
    let objective_classes = match classes {
        Some(text) => people::parse::<Classes>("objective-classes.toml", text)?.classes,
        None => BTreeMap::new(),
    };
    Ok(DescriptionText { description, objective_classes })
}

fn assertion(engagement: &str) -> String {
    let text = match engagement {
        "soc1" => include_str!("../../demo/soc1/assertion.md"),
        _ => include_str!("../../demo/soc2/assertion.md"),
    };
    text.replace("{exceptions}\n\n", "")
}

/// Writes the settings of the sample company's sources, as its administrator would.
fn write_sources(folder: &Path) -> Result<(), Error> {
    for (name, text) in people::SOURCES {
        let path = folder.join(name);
        fs::write(&path, text).map_err(io_error("write", &path))?;
    }
    Ok(())
}
