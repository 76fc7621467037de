//! Faults in what exists: payslips twice, numbers left out. Planted before identifiers are given.

use super::{Payroll, Planted};
use crate::calendar::in_period;
use crate::truth::{Plan, Truth};

impl Payroll {
    /// Copies payslips and leaves numbers out.
    pub(super) fn plant_structure(&mut self, plan: Plan) {
        let (count, mut draw) = plan.of("pay-duplicate", "same employee twice in a run");
        for _ in 0..count {
            let Some(place) = self.take_payslip(&mut draw, |sight| sight.modest() && sight.run.payslips.len() > 3)
            else {
                continue;
            };
            let Some(mut copy) = self.payslip(place).cloned() else { continue };
            copy.copy = true;
            if let Some(run) = self.run_mut(place) {
                run.payslips.insert(place.payslip.saturating_add(1), copy);
            }
            self.recalculate(place);
        }
        for (kind, least, most) in
            [("one number missing", 1, 1), ("numbers missing", 2, 3), ("many numbers missing", 20, 90)]
        {
            let (count, mut draw) = plan.of("pay-number-gap", kind);
            for _ in 0..count {
                let width = u8::try_from(draw.between(least, most)).unwrap_or(1);
                // Not in the earliest days of the period: the number before must be at hand whoever collects.
                let place = self.take_payslip(&mut draw, |sight| sight.run.pay_on > jiff::civil::date(2025, 10, 9));
                if let Some(place) = place
                    && let Some(slip) = self.run_mut(place).and_then(|run| run.payslips.get_mut(place.payslip))
                {
                    slip.gap_before = width;
                }
            }
        }
        let (count, mut draw) = plan.of("pay-number-gap", "a number given twice");
        for _ in 0..count {
            let place = self.take_payslip(&mut draw, |sight| sight.run.pay_on > jiff::civil::date(2025, 10, 9));
            // The first payslip of a run would repeat a number of another client's.
            if let Some(place) = place.filter(|place| place.payslip > 0)
                && let Some(slip) = self.run_mut(place).and_then(|run| run.payslips.get_mut(place.payslip))
            {
                slip.same_number = true;
            }
        }
        let (count, mut draw) = plan.of("pay-number-gap", "the last numbers given have no payslip");
        if count > 0 {
            let width = u8::try_from(draw.between(1, 40)).unwrap_or(1);
            let mut runs = self.in_order();
            runs.retain(|(run, _)| in_period(run.pay_on) && !run.payslips.is_empty());
            if let Some((run, _)) = runs.pop() {
                run.gap_after = width;
            }
        }
        let (count, mut draw) = plan.of("pay-run-number-gap", "a number skipped");
        for _ in 0..count {
            let at = draw.position(self.clients.len());
            let Some(client) = self.clients.get_mut(at) else { continue };
            let which = draw.position(client.runs.len());
            // The run before must lie in the period too, and one gap a run is enough.
            let before = which.checked_sub(1).and_then(|n| client.runs.get(n)).map(|run| (run.number, run.pay_on));
            let here = client.runs.get(which).map(|run| (run.number, run.pay_on));
            let (Some(before), Some(here)) = (before, here) else { continue };
            if !in_period(before.1) || !in_period(here.1) || here.0 != before.0.saturating_add(1) {
                continue;
            }
            let width = u32::try_from(draw.between(1, 2)).unwrap_or(1);
            for run in client.runs.iter_mut().skip(which) {
                run.number = run.number.saturating_add(width);
            }
        }
        // Two people of one name, equal in all that shows on the payslip.
        let (count, mut draw) = plan.near("pay-duplicate", "two employees of one name");
        for _ in 0..count {
            let Some(place) = self.take_payslip(&mut draw, |sight| sight.one_rate() && sight.neighbor(1).is_some())
            else {
                continue;
            };
            self.make_twin(place);
        }
    }

    /// Gives another employee of the run the name, the rate and the hours of the one at the place.
    fn make_twin(&mut self, place: super::pick::Place) -> Option<()> {
        let slip = self.payslip(place)?.clone();
        let client = self.client(place)?;
        let first = client.employee(slip.employee)?;
        let twin = client.employees.iter().find(|other| {
            other.id != first.id
                && other.rates.iter().all(|rate| rate.effective_on < crate::calendar::DATA_START)
                && !self.used_employees.contains(&other.id)
                && self.run(place).is_some_and(|run| run.payslips.iter().any(|slip| slip.employee == other.id))
        })?;
        let (id, name, rate, state, moved, deductions) =
            (twin.id, first.name.clone(), i64::from(slip.rate), first.state, first.moved, first.deductions);
        self.used_employees.insert(id);
        let twin = self.clients.get_mut(place.client)?.employee_mut(id)?;
        (twin.name, twin.state, twin.moved, twin.deductions) = (name, state, moved, deductions);
        for each in &mut twin.rates {
            each.rate = rate;
        }
        if let Some(other) = self.run_mut(place)?.payslips.iter_mut().find(|other| other.employee == id) {
            (other.regular, other.overtime, other.twin) = (slip.regular, slip.overtime, true);
        }
        self.recalculate_employee(place.client, id)
    }

    /// Gives every payslip and run its number and identifier.
    pub(super) fn number(&mut self) {
        let (mut run_id, mut payslip_id, mut number) = (50_000_u32, super::BEFORE_FIRST_PAYSLIP, 8_412_336_u32);
        for (run, _) in self.in_order() {
            run_id = run_id.saturating_add(1);
            run.id = run_id;
            for slip in &mut run.payslips {
                payslip_id = payslip_id.saturating_add(1);
                if !slip.same_number {
                    number = number.saturating_add(u32::from(slip.gap_before)).saturating_add(1);
                }
                (slip.id, slip.number) = (payslip_id, number);
            }
            number = number.saturating_add(run.gap_after.into());
            run.last_payslip_number = number;
        }
    }

    /// Notes what was planted before there were identifiers.
    pub(super) fn note_structure(&mut self, truth: &mut Truth) {
        self.note_numbers(truth);
        for client in &self.clients {
            let mut before: Option<u32> = None;
            for run in &client.runs {
                let here = in_period(run.pay_on);
                if here && before.is_some_and(|number| number.saturating_add(1) != run.number) {
                    truth.fault("pay-run-number-gap", vec![run.id.to_string()], "a number skipped");
                }
                if here && before.is_none() {
                    truth.near_miss("pay-run-number-gap", vec![run.id.to_string()], "first run of a new client");
                }
                before = Some(run.number);
                let mut employee = None;
                for (slip, next) in run.payslips.iter().zip(run.payslips.iter().skip(1).map(Some).chain([None])) {
                    let first_of_two = next.is_some_and(|next| next.copy && next.employee == slip.employee);
                    if here && (first_of_two || (slip.copy && employee == Some(slip.employee))) {
                        truth.fault("pay-duplicate", vec![slip.id.to_string()], "same employee twice in a run");
                    }
                    if here && slip.twin {
                        truth.near_miss("pay-duplicate", vec![slip.id.to_string()], "two employees of one name");
                    }
                    employee = Some(slip.employee);
                }
            }
        }
    }

    /// The item of a gap is the last number before it.
    fn note_numbers(&mut self, truth: &mut Truth) {
        const TEST: &str = "pay-number-gap";
        let mut before: Option<(u32, bool)> = None;
        for (run, _) in self.in_order() {
            let here = in_period(run.pay_on);
            for slip in &run.payslips {
                if slip.same_number && here {
                    truth.fault(TEST, vec![slip.number.to_string()], "a number given twice");
                }
                if let Some((number, true)) = before.filter(|(number, _)| number.saturating_add(1) < slip.number) {
                    truth.fault(TEST, vec![number.to_string()], "numbers missing");
                }
                before = Some((slip.number, here));
            }
        }
    }

    /// Two payslips of a run with each other's number: the sequence has no gap, it only runs in another order.
    pub(super) fn swap_numbers(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "numbers in another order";
        let (count, mut draw) = plan.near("pay-number-gap", kind);
        for _ in 0..count {
            let Some(first) = self.take_payslip(&mut draw, |_| true) else { continue };
            let Some((run, number)) = self.run(first).zip(self.payslip(first)).map(|(run, slip)| (run.id, slip.number))
            else {
                continue;
            };
            let Some(second) = self.take_payslip(&mut draw, |sight| sight.run.id == run) else { continue };
            let Some(other) = self.payslip(second).map(|slip| slip.number) else { continue };
            for (place, number) in [(first, other), (second, number)] {
                if let Some(slip) = self.run_mut(place).and_then(|run| run.payslips.get_mut(place.payslip)) {
                    slip.number = number;
                }
                // The number before a gap stays that, whichever payslip carries it.
                let key = vec![number.to_string()];
                if !truth.is_fault("pay-number-gap", &key) {
                    truth.near_miss("pay-number-gap", key, kind);
                }
            }
        }
    }

    /// Rates, postings and imports get their identifiers last, in the order in which they happened, so that a planted one does not stand out.
    pub(super) fn number_late(&mut self, truth: &mut Truth) {
        let mut runs: Vec<_> = self.in_order().into_iter().map(|(run, _)| run).collect();
        let days: Vec<bool> = runs.iter().map(|run| in_period(run.pay_on)).collect();
        let mut postings: Vec<_> = runs
            .iter_mut()
            .zip(&days)
            .flat_map(|(run, here)| run.postings.iter_mut().map(move |posting| (posting, *here)))
            .collect();
        postings.sort_by_key(|(posting, _)| posting.posted_at);
        for (id, (posting, here)) in (3_000_001_u32..).zip(postings) {
            posting.id = id;
            note(truth, "pay-cut-off", id, posting.planted, here);
        }
        let mut imports: Vec<_> = runs.iter_mut().flat_map(|run| run.imports.iter_mut()).collect();
        imports.sort_by_key(|import| import.received_at);
        for (id, import) in (60_001_u32..).zip(imports) {
            import.id = id;
            note(truth, "time-import-counts", id, import.planted, true);
        }
        let mut rates: Vec<_> = self
            .clients
            .iter_mut()
            .flat_map(|client| &mut client.employees)
            .flat_map(|employee| &mut employee.rates)
            .collect();
        rates.sort_by_key(|rate| rate.entered_at);
        for (id, rate) in (700_001_u32..).zip(rates) {
            rate.id = id;
            note(truth, "pay-rate-second-person", id, rate.planted, true);
        }
    }
}

fn note(truth: &mut Truth, test: &'static str, id: u32, planted: Option<Planted>, here: bool) {
    match planted {
        Some(Planted::Fault(kind)) if here => truth.fault(test, vec![id.to_string()], kind),
        Some(Planted::Fault(kind) | Planted::NearMiss(kind)) => truth.near_miss(test, vec![id.to_string()], kind),
        None => {}
    }
}
