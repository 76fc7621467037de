//! The fictional firm's side of the demo: it opens the examination package with its own key, performs management's
//! control tests again, records its tests under its own authority, holds a checkpoint and signs its report.

use std::{collections::BTreeSet, path::PathBuf};

use tickmark_domain::{EngagementId, PersonId};
use tickmark_ledger::{Signer, SqliteStore, Store, anchor::witness};
use tickmark_report::seal::FirmSecretKey;

use super::{Stage, people, reports::SampleReport};
use crate::{
    Error, Progress, VerifyRequest,
    firms::{FirmTestPart, FirmTestsFile},
    packaging::{io_error, side_by_side},
    verifying,
    written::Written,
};

impl Stage {
    /// The firm performs management's tests again, from what it received for each engagement.
    pub(super) fn perform_again(
        &mut self,
        received: &[(EngagementId, PathBuf)],
        secret: &FirmSecretKey,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let request = VerifyRequest { firm_key: Some(secret), ..VerifyRequest::default() };
        // The engagements are over the same days: a control test that serves several is performed once, for the first.
        let (mut to_perform, mut performed) = (Vec::new(), BTreeSet::new());
        for (id, package) in received {
            to_perform.push((package, performed.clone()));
            let figures = self.house.state().figures(self.house.catalog_index(), id)?;
            performed.extend(figures.tests.keys().map(ToString::to_string));
        }
        let perform = |(package, performed): &(&PathBuf, _)| verifying::perform(package, &request, performed, progress);
        self.performed = side_by_side(&to_perform, perform).into_iter().collect::<Result<_, _>>()?;
        Ok(())
    }

    /// The firm records its tests of an engagement: those it made for this one, or for another about the same controls.
    pub(super) fn firm_tests(&mut self, report: &SampleReport, tested_in: &str) -> Result<(), Error> {
        let id = report.id;
        let preparer: PersonId = self.cast.one_with("firm-preparer")?.id.parse()?;
        let in_scope = self.house.state().figures(self.house.catalog_index(), &id.parse()?)?;
        let mut file = FirmTestsFile::of(Written::embedded("firm-tests.toml", people::FIRM_TESTS))?;
        file.tests.retain(|part| in_scope.controls.keys().any(|control| control.as_str() == part.control));
        let (mut tests, others): (Vec<_>, Vec<_>) =
            file.tests.into_iter().partition(|part| part.engagement == tested_in);
        let is_stated =
            |part: &FirmTestPart| tests.iter().any(|own| (&own.control, &own.test) == (&part.control, &part.test));
        let shared = others.into_iter().filter(|part| Some(part.engagement.as_str()) == report.shares_tests_of);
        let mut shared: Vec<FirmTestPart> = shared.filter(|part| !is_stated(part)).collect();
        for (part, kind) in
            tests.iter_mut().map(|part| (part, "")).chain(shared.iter_mut().map(|part| (part, "-shared")))
        {
            if let Some(own) = part.id.strip_prefix(part.engagement.as_str()) {
                part.id = format!("{id}{kind}{own}");
            }
            id.clone_into(&mut part.engagement);
        }
        tests.extend(shared);
        file.tests = tests;
        self.house.record_firm_tests_of(&preparer, &file, &self.performed).map(drop)
    }

    /// The firm signs its report on SOC 1; that on SOC 2 is not issued yet, so that both states can be seen.
    pub(super) fn sign_auditors_report(&mut self) -> Result<(), Error> {
        let signatory: PersonId = self.cast.signs.auditors_report.parse()?;
        let text = include_str!("../../demo/soc1/auditors-report.md");
        self.house.record_auditors_report_text(&signatory, &"soc1".parse()?, text, None).map(drop)
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
