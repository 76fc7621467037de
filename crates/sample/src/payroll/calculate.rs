//! The calculation of one employee's payslips, run after run.

use std::collections::BTreeMap;

use super::tax::{Tables, gross};
use super::{Employee, Payslip, Pin, Run};

/// The rate in force for a run: approved by the time of the calculation, effective by the end of the period, the newest.
pub(super) fn rate_in_force(employee: &Employee, run: &Run) -> Option<i64> {
    employee
        .rates
        .iter()
        .filter(|rate| {
            rate.effective_on <= run.period_end && rate.approved.is_some_and(|(_, at)| at <= run.calculated_at)
        })
        .max_by_key(|rate| rate.effective_on)
        .map(|rate| rate.rate)
}

/// Computes all payslips of an employee in the order of the runs; pinned figures stay as they were planted.
pub(super) fn calculate(employee: &Employee, runs: &mut [Run], tables: &Tables, pins: &BTreeMap<u32, Pin>) {
    let (mut year, mut ytd) = (2025, employee.opening_ytd);
    for run in runs {
        let Some(in_force) = rate_in_force(employee, run) else { continue };
        if run.pay_on.year() != year {
            (year, ytd) = (run.pay_on.year(), 0);
        }
        let taxes = tables.on(run.pay_on);
        let first = run.payslips.partition_point(|slip| slip.employee < employee.id);
        for slip in run.payslips.iter_mut().skip(first).take_while(|slip| slip.employee == employee.id) {
            let pin = if slip.id == 0 { None } else { pins.get(&slip.id) };
            let rate = pin.and_then(|pin| pin.rate).unwrap_or(in_force);
            let pay =
                pin.and_then(|pin| pin.gross).unwrap_or_else(|| gross(rate, slip.regular.into(), slip.overtime.into()));
            let federal = pin.and_then(|pin| pin.federal).unwrap_or_else(|| taxes.federal(pay));
            let carried = pin.map_or(0, |pin| pin.ytd_carried);
            let social = pin
                .and_then(|pin| pin.social_security)
                .unwrap_or_else(|| taxes.social_security(pay, ytd.saturating_add(carried)));
            let state =
                pin.and_then(|pin| pin.state).unwrap_or_else(|| taxes.state(employee.state_on(run.pay_on), pay));
            let medicare = pin
                .and_then(|pin| pin.medicare)
                .unwrap_or_else(|| taxes.medicare(pay) + taxes.additional_medicare(pay, ytd.saturating_add(carried)));
            let deductions = if pay >= 50_000 { employee.deductions } else { 0 };
            let net = pay - federal - social - medicare - state - deductions + pin.map_or(0, |pin| pin.net_off);
            ytd = ytd.saturating_add(pay).saturating_add(carried);
            let printed = ytd.saturating_add(pin.map_or(0, |pin| pin.ytd_off));
            *slip = Payslip {
                rate: narrow(rate),
                gross: narrow(pay),
                federal: narrow(federal),
                social_security: narrow(social),
                medicare: narrow(medicare),
                state: narrow(state),
                deductions: narrow(deductions),
                net: narrow(net),
                ytd: narrow(printed),
                ..*slip
            };
        }
    }
}

/// A payslip's figure is far below 2^31 cents.
fn narrow(cents: i64) -> i32 {
    i32::try_from(cents).unwrap_or(i32::MAX)
}
