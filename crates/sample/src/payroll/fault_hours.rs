//! Faults in hours: not approved, approved by the one who entered them, approved too late, paid without approval.

use super::pick::Place;
use super::{Entry, Payroll, Run};
use crate::calendar::after;
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};

const HOURS: &str = "pay-hours-approved";

#[derive(Clone, Copy)]
enum Case {
    NotApproved,
    SelfApproved,
    ApprovedLate,
    MorePaid,
    InTheSecond,
    TwoEntries,
}

impl Payroll {
    /// Plants time entries and payslips that differ from them.
    pub(super) fn plant_hours(&mut self, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        let faults = [
            ("entry not approved", Case::NotApproved),
            ("approved by the one who entered it", Case::SelfApproved),
            ("approved after the calculation", Case::ApprovedLate),
            ("more hours paid than approved", Case::MorePaid),
        ];
        for (kind, case) in faults {
            let (count, mut draw) = plan.of(HOURS, kind);
            for _ in 0..count {
                if let Some(id) = self.change_entry(&mut draw, case)? {
                    truth.fault(HOURS, vec![id.to_string()], kind);
                }
            }
        }
        for (kind, case) in [
            ("approved in the second of the calculation", Case::InTheSecond),
            ("two entries that add up", Case::TwoEntries),
        ] {
            let (count, mut draw) = plan.near(HOURS, kind);
            for _ in 0..count {
                if let Some(id) = self.change_entry(&mut draw, case)? {
                    truth.near_miss(HOURS, vec![id.to_string()], kind);
                }
            }
        }
        Ok(())
    }

    fn change_entry(&mut self, draw: &mut Draw, case: Case) -> Result<Option<u32>, Error> {
        let Some(place) =
            self.take_payslip(draw, |sight| sight.payslip.regular > 1500 && sight.payslip.regular <= 8000)
        else {
            return Ok(None);
        };
        let Some((mut entry, calculated_at, id)) = self.usual_entry(place) else { return Ok(None) };
        let approver = entry.approved.map(|(user, _)| user);
        let mut list = Vec::new();
        match case {
            Case::NotApproved => entry.approved = None,
            Case::SelfApproved => entry.entered_by = approver.unwrap_or(entry.entered_by),
            Case::ApprovedLate => {
                entry.approved = approver
                    .map(|user| Ok::<_, Error>((user, after(calculated_at, draw.between(1, 90_000))?)))
                    .transpose()?
            }
            Case::MorePaid => {}
            Case::InTheSecond => entry.approved = approver.map(|user| (user, calculated_at)),
            Case::TwoEntries => {
                let part = 25 * u16::try_from(draw.between(4, 32)).unwrap_or(4);
                entry.regular = entry.regular.saturating_sub(part);
                list.push(Entry { regular: part, overtime: 0, corrected: true, ..entry.clone() });
            }
        }
        list.insert(0, entry);
        let more =
            if matches!(case, Case::MorePaid) { 25 * u16::try_from(draw.between(1, 32)).unwrap_or(4) } else { 0 };
        if let Some(run) = self.run_mut(place) {
            run.entries.insert(id, list);
            if let Some(slip) = run.payslips.get_mut(place.payslip) {
                slip.regular = slip.regular.saturating_add(more);
            }
        }
        self.recalculate(place);
        Ok(Some(id))
    }

    fn usual_entry(&self, place: Place) -> Option<(Entry, jiff::Timestamp, u32)> {
        let (client, run, slip) = (self.client(place)?, self.run(place)?, self.payslip(place)?);
        Some((usual(client.timekeeper, client.supervisors, run, slip), run.calculated_at, slip.id))
    }
}

/// The time entry of a payslip when nothing happened: the hours paid, approved by one of the client's two supervisors.
pub(super) fn usual(timekeeper: u32, supervisors: [u32; 2], run: &Run, slip: &super::Payslip) -> Entry {
    let [even, odd] = supervisors;
    let approver = if slip.employee.is_multiple_of(2) { even } else { odd };
    Entry {
        regular: slip.regular,
        overtime: slip.overtime,
        entered_by: timekeeper,
        approved: Some((approver, run.hours_approved_at)),
        corrected: false,
    }
}
