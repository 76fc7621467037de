//! The fictional firm's side of the demo: it opens the examination package with its own key, performs management's
//! control tests again, records its tests under its own authority, holds a checkpoint and signs its report.

use std::path::Path;

use tickmark_domain::{
    Authority, Command, EngagementId, PersonId, RecordFirmTest, RecordServiceAuditorsReport, Span, TestId,
};
use tickmark_examine::{Outcome, TestOutcome};
use tickmark_ledger::{Signer, SqliteStore, Store, anchor::witness};
use tickmark_report::seal::FirmSecretKey;

use super::{FIRST, LAST, Stage, people};
use crate::{Error, Progress, VerifyRequest, packaging::io_error};

/// What one of the firm's tests came to.
struct Tested {
    authority: Authority,
    items: u64,
    deviations: u64,
}

impl Tested {
    fn own(items: u64) -> Self {
        Self { authority: Authority::Own, items, deviations: 0 }
    }

    fn finding(&self, part: &people::FirmTestPart) -> String {
        match &part.with_deviations {
            Some(text) if self.deviations > 0 => {
                text.replace("{deviations}", &self.deviations.to_string()).replace("{items}", &self.items.to_string())
            }
            _ => part.without_deviations.clone(),
        }
    }
}

impl Stage {
    /// The firm performs management's tests again and records its own.
    pub(super) fn firm_tests(
        &mut self,
        id: &EngagementId,
        package: &Path,
        secret: &FirmSecretKey,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let preparer: PersonId = self.cast.one_with("firm-preparer")?.id.parse()?;
        let request = VerifyRequest { firm_key: Some(secret), ..VerifyRequest::default() };
        let performed = self.performed.keys().cloned().collect();
        let outcomes = crate::verifying::perform_again(package, &request, &performed, progress)?;
        self.performed.extend(outcomes.into_iter().map(|outcome| (outcome.test.clone(), outcome)));
        let in_scope = self.house.state().figures(self.house.catalog_index(), id)?;
        let mut wanted = Vec::new();
        for part in people::firm_tests()?.into_iter().filter(|part| part.engagement == id.as_str()) {
            if !in_scope.controls.contains_key(&part.control.parse()?) {
                continue;
            }
            let tested = match &part.test {
                None => Some(Tested::own(part.items_tested.unwrap_or(0))),
                Some(test) => self.performed.get(test.as_str()).map(|o| self.adopted(test, o)).transpose()?.flatten(),
            };
            wanted.extend(tested.map(|tested| (part, tested)));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> =
            wanted.iter().flat_map(|(part, tested)| [part.procedure.clone(), tested.finding(part)]).collect();
        let mut digests = self.house.put_texts(&texts)?.into_iter();
        let mut commands = Vec::new();
        for (part, tested) in wanted {
            let (Some(procedure), Some(finding)) = (digests.next(), digests.next()) else { break };
            commands.push(Command::RecordFirmTest(RecordFirmTest {
                engagement: id.clone(),
                firm_test: part.id.parse()?,
                control: part.control.parse()?,
                nature: part.nature,
                procedure,
                finding,
                authority: tested.authority,
                items_tested: tested.items,
                deviations: tested.deviations,
                performed_on: self.house.state().local_date(self.house.now()).unwrap_or(LAST),
            }));
        }
        self.house.execute_all(&preparer, commands).map(drop)
    }

    /// Adopts management's result, if the firm's own run could evaluate it and gave the same rows.
    fn adopted(&self, test: &str, outcome: &TestOutcome) -> Result<Option<Tested>, Error> {
        let test: TestId = test.parse()?;
        let Some(result) = self.house.state().newest_result(&test, Span { first: FIRST, last: LAST }) else {
            return Ok(None);
        };
        let (Some(population_digest), Some(rows_digest)) = (outcome.population_digest, outcome.rows_digest) else {
            return Ok(None);
        };
        let (items, deviations) = match outcome.outcome {
            Outcome::NoExceptions { population } => (population, 0),
            Outcome::Exceptions { population, .. } => (population, outcome.items),
            Outcome::NoOccurrence => (0, 0),
            Outcome::NotEvaluable { .. } | Outcome::Error { .. } => return Ok(None),
        };
        Ok(Some(Tested {
            items,
            deviations,
            authority: Authority::Adopted { test, result: result.entry, population_digest, rows_digest },
        }))
    }

    /// The firm signs its report on SOC 1; that on SOC 2 is not issued yet, so that both states can be seen.
    pub(super) fn sign_auditors_report(&mut self) -> Result<(), Error> {
        let signatory: PersonId = self.cast.signs.auditors_report.parse()?;
        let text = self.house.put_text(include_str!("../../demo/soc1/auditors-report.md"))?;
        let dated_on = self.house.state().local_date(self.house.now()).unwrap_or(LAST);
        let command = RecordServiceAuditorsReport { engagement: "soc1".parse()?, text, dated_on };
        self.house.execute(&signatory, Command::RecordServiceAuditorsReport(command)).map(drop)
    }

    /// The firm's installation looks at the newest checkpoint, refuses a fork, and cosigns.
    pub(super) fn anchor_at_firm(&mut self) -> Result<(), Error> {
        let origin = self.house.origin().to_owned();
        let store = SqliteStore::open(&self.dir.join("firm").join("observed.db"))?;
        let head = self.house.store.reader()?.head(&origin)?;
        store.trust_foreign(&head.vkey, self.house.now())?;
        let cosigner = Signer::generate_cosigner(&format!("{}.example/witness", self.cast.firm.id))?;
        let path = self.dir.join("firm").join("witness.key");
        std::fs::write(&path, format!("{}\n", cosigner.verifier())).map_err(io_error("write", &path))?;
        let request = witness::AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: head.checkpoint };
        let answer = witness::answer(&store, &cosigner, &request.to_text(), self.house.now())?;
        let anchor = request.accept(&answer, cosigner.verifier())?;
        Ok(self.house.store.put_anchor(&origin, &anchor)?)
    }
}
