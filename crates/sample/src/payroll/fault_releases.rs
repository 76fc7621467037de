//! Faults in the release of runs: who prepared, approved and released them, and whether the money was there.

use super::Payroll;
use crate::calendar::after;
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};

const TWO: &str = "pay-release-two-people";
const APPROVED: &str = "pay-approved-before-release";
const FUNDED: &str = "pay-funded-before-release";

/// What happens to the run's people and money.
#[derive(Clone, Copy)]
enum Case {
    NoSecond,
    OneTwice,
    OneTwiceInCapitals,
    PreparerReleased,
    PreparerSecond,
    Namesake,
    NobodyApproved,
    ApprovedAfter,
    ApprovedOlder,
    ApprovedSameSecond,
    ApprovedAtCalculation,
    Short,
    FundedAfter,
    NeverFunded,
    FundedSameSecond,
    MoreFunded,
}

const FAULTS: [(&str, &str, Case); 11] = [
    (TWO, "no second person", Case::NoSecond),
    (TWO, "one person twice", Case::OneTwice),
    (TWO, "one person twice, in capitals", Case::OneTwiceInCapitals),
    (TWO, "the preparer released", Case::PreparerReleased),
    (TWO, "the preparer was second", Case::PreparerSecond),
    (APPROVED, "nobody approved", Case::NobodyApproved),
    (APPROVED, "approved after the release", Case::ApprovedAfter),
    (APPROVED, "an older calculation approved", Case::ApprovedOlder),
    (FUNDED, "less than expected", Case::Short),
    (FUNDED, "funded after the release", Case::FundedAfter),
    (FUNDED, "never funded", Case::NeverFunded),
];

const NEAR: [(&str, &str, Case); 5] = [
    (TWO, "user names differ by one letter", Case::Namesake),
    (APPROVED, "approved in the second of the release", Case::ApprovedSameSecond),
    (APPROVED, "approved in the second of the calculation", Case::ApprovedAtCalculation),
    (FUNDED, "funded in the second of the release", Case::FundedSameSecond),
    (FUNDED, "more than expected", Case::MoreFunded),
];

impl Payroll {
    /// Plants faults in releases.
    pub(super) fn plant_releases(&mut self, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        for (test, kind, case) in FAULTS {
            let (count, mut draw) = plan.of(test, kind);
            for _ in 0..count {
                if let Some(id) = self.change_release(&mut draw, case)? {
                    truth.fault(test, vec![id.to_string()], kind);
                }
            }
        }
        for (test, kind, case) in NEAR {
            let (count, mut draw) = plan.near(test, kind);
            for _ in 0..count {
                if let Some(id) = self.change_release(&mut draw, case)? {
                    truth.near_miss(test, vec![id.to_string()], kind);
                }
            }
        }
        Ok(())
    }

    fn change_release(&mut self, draw: &mut Draw, case: Case) -> Result<Option<u32>, Error> {
        let x = draw.between(1, 300_000);
        let Some(run) = self.take_run(draw, |_, _| true) else { return Ok(None) };
        let (id, released_at, calculated_at) = (run.id, run.released_at, run.calculated_at);
        match case {
            Case::NoSecond => run.second_releaser = None,
            Case::OneTwice => run.second_releaser = run.released_by,
            Case::OneTwiceInCapitals | Case::Namesake => {
                let Some(first) = run.released_by else { return Ok(None) };
                let other = if matches!(case, Case::Namesake) {
                    self.users.namesake(first)
                } else {
                    self.users.in_capitals(first)
                };
                if let Some(run) = self.clients.iter_mut().flat_map(|client| &mut client.runs).find(|run| run.id == id)
                {
                    run.second_releaser = other;
                }
            }
            Case::PreparerReleased => run.released_by = Some(run.prepared_by),
            Case::PreparerSecond => run.second_releaser = Some(run.prepared_by),
            Case::NobodyApproved => run.client_approved = (None, None),
            Case::ApprovedAfter => run.client_approved.1 = Some(after(released_at, if x % 2 == 0 { 1 } else { x })?),
            Case::ApprovedOlder => run.client_approved.1 = Some(after(calculated_at, -1 - x % 9_000)?),
            Case::ApprovedSameSecond => run.client_approved.1 = Some(released_at),
            Case::ApprovedAtCalculation => run.client_approved.1 = Some(calculated_at),
            Case::Short => run.funding.0 = Some(run.funding_expected - if x % 2 == 0 { 1 } else { x }),
            Case::FundedAfter => run.funding.1 = Some(after(released_at, if x % 2 == 0 { 1 } else { x % 86_400 })?),
            Case::NeverFunded => run.funding = (None, None),
            Case::FundedSameSecond => run.funding.1 = Some(released_at),
            Case::MoreFunded => run.funding.0 = Some(run.funding_expected + x),
        }
        Ok(Some(id))
    }
}
