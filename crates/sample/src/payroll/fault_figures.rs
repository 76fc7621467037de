//! Faults in the figures of payslips: gross, withholding, net, year to date, and pay after the end.

use jiff::civil::{Date, date};

use super::pick::{Place, Sight};
use super::tax::{State, Tables, ends_in_half_a_cent, gross, gross_cut};
use super::{Payroll, Pin};
use crate::calendar::{in_period, plus};
use crate::truth::{Plan, Truth};

const GROSS: &str = "pay-gross-recomputed";
const NET: &str = "pay-net-recomputed";
const YTD: &str = "pay-ytd-rolls-forward";
const TERMINATION: &str = "pay-after-termination";

/// A figure the application gets wrong; none when this payslip does not lend itself.
type Wrong = fn(&Sight<'_>, &Tables, u64) -> Option<Pin>;

const GROSS_FAULTS: [(&str, Wrong); 3] = [
    ("half a cent cut", |sight, _, _| {
        let (rate, regular, overtime) = parts(sight);
        let cut = gross_cut(rate, regular, overtime);
        (cut != gross(rate, regular, overtime)).then(|| Pin { gross: Some(cut), ..Pin::default() })
    }),
    ("overtime at the plain rate", |sight, _, _| {
        let (rate, regular, overtime) = parts(sight);
        (overtime >= 100).then(|| Pin { gross: Some(gross(rate, regular + overtime, 0)), ..Pin::default() })
    }),
    ("overtime paid double", |sight, _, _| {
        let (rate, regular, overtime) = parts(sight);
        (overtime >= 100).then(|| Pin { gross: Some(gross(rate, regular + 2 * overtime, 0)), ..Pin::default() })
    }),
];

const NET_FAULTS: [(&str, Wrong); 7] = [
    ("last year's federal table in January", |sight, tables, _| {
        let pay_on = sight.run.pay_on;
        let old = tables.on(date(2025, 12, 31)).federal(sight.payslip.gross.into());
        let january = (date(2026, 1, 1)..date(2026, 2, 1)).contains(&pay_on);
        (january && old != i64::from(sight.payslip.federal)).then(|| Pin { federal: Some(old), ..Pin::default() })
    }),
    ("social security beyond the wage base", |sight, tables, _| {
        let full = tables.on(sight.run.pay_on).social_security_unlimited(sight.payslip.gross.into());
        (i64::from(sight.payslip.social_security) < full).then(|| Pin { social_security: Some(full), ..Pin::default() })
    }),
    ("social security not withheld", |sight, _, _| {
        (sight.payslip.social_security > 0 && sight.modest())
            .then(|| Pin { social_security: Some(0), ..Pin::default() })
    }),
    ("state tax of another state", |sight, tables, chance| {
        let year = tables.on(sight.run.pay_on);
        let at = usize::try_from(chance % 6).unwrap_or(0);
        let other = year.state(State::ALL.get(at).copied()?, sight.payslip.gross.into());
        (other != i64::from(sight.payslip.state)).then(|| Pin { state: Some(other), ..Pin::default() })
    }),
    ("additional Medicare tax not withheld", |sight, tables, _| {
        let plain = tables.on(sight.run.pay_on).medicare(sight.payslip.gross.into());
        (i64::from(sight.payslip.medicare) > plain).then(|| Pin { medicare: Some(plain), ..Pin::default() })
    }),
    ("state tax of the state before the move", |sight, tables, _| {
        sight.employee.moved.filter(|(from, _)| *from <= sight.run.pay_on)?;
        let old = tables.on(sight.run.pay_on).state(sight.employee.state, sight.payslip.gross.into());
        (old != i64::from(sight.payslip.state)).then(|| Pin { state: Some(old), ..Pin::default() })
    }),
    ("net is not gross less what was taken", |sight, _, chance| {
        let off = i64::try_from(1 + chance % 4000).unwrap_or(1);
        let off = if chance % 2 == 0 { off } else { -off };
        (sight.payslip.net > 10_000).then(|| Pin { net_off: off, ..Pin::default() })
    }),
];

const YTD_FAULTS: [(&str, Wrong); 3] = [
    ("one figure wrong", |sight, _, chance| {
        let off = i64::try_from(1 + chance % 90_000).unwrap_or(1);
        (sight.modest() && follows(sight)).then(|| Pin { ytd_off: off, ..Pin::default() })
    }),
    ("a jump that later payslips carry", |sight, _, chance| {
        let jump = i64::try_from(100 + chance % 90_000).unwrap_or(1);
        (sight.modest() && follows(sight)).then(|| Pin { ytd_carried: jump, ..Pin::default() })
    }),
    ("not set back on 1 January", |sight, _, _| {
        let (before, last) = sight.neighbor(-1)?;
        let turn = sight.run.pay_on.year() == 2026 && before.pay_on.year() == 2025;
        (turn && sight.modest()).then(|| Pin { ytd_carried: last.ytd.into(), ..Pin::default() })
    }),
];

/// A payslip that only looks odd.
type Odd = fn(&Sight<'_>, &Tables) -> bool;

const ODD: [(&str, &str, Odd); 9] = [
    (GROSS, "exactly half a cent, rounded up", |sight, _| {
        let (rate, regular, overtime) = parts(sight);
        ends_in_half_a_cent(rate, regular, overtime)
    }),
    (NET, "the wage base is reached on it", |sight, tables| {
        let full = tables.on(sight.run.pay_on).social_security_unlimited(sight.payslip.gross.into());
        sight.payslip.social_security > 0 && i64::from(sight.payslip.social_security) < full
    }),
    (NET, "the year's wages pass 200 000 dollars on it", |sight, tables| {
        let (pay, medicare) = (sight.payslip.gross.into(), i64::from(sight.payslip.medicare));
        let year = tables.on(sight.run.pay_on);
        medicare > year.medicare(pay) && medicare < year.medicare(pay) + year.additional_medicare(pay, i64::MAX / 2)
    }),
    (NET, "the first pay date after a move", |sight, _| {
        let before = sight.neighbor(-1).map(|(run, _)| run.pay_on);
        let moved = sight.employee.moved.map(|(from, _)| from);
        before.zip(moved).is_some_and(|(before, from)| before < from && from <= sight.run.pay_on)
    }),
    (NET, "the last pay date before a move", |sight, _| {
        let next = sight.neighbor(1).map(|(run, _)| run.pay_on);
        let moved = sight.employee.moved.map(|(from, _)| from);
        next.zip(moved).is_some_and(|(next, from)| sight.run.pay_on < from && from <= next)
    }),
    (NET, "worked in 2025, paid in 2026", |sight, _| {
        sight.run.period_end.year() == 2025 && sight.run.pay_on.year() == 2026
    }),
    (NET, "paid on 31 December", |sight, _| sight.run.pay_on == date(2025, 12, 31)),
    (YTD, "set back though worked in December", |sight, _| {
        sight.run.period_end.year() == 2025 && sight.run.pay_on.year() == 2026 && sight.neighbor(-1).is_some()
    }),
    (YTD, "paid on 31 December, not set back", |sight, _| {
        sight.run.pay_on == date(2025, 12, 31) && sight.neighbor(-1).is_some()
    }),
];

impl Payroll {
    /// Plants wrong figures.
    pub(super) fn plant_figures(&mut self, plan: Plan, truth: &mut Truth) {
        for (test, faults) in [(GROSS, &GROSS_FAULTS[..]), (NET, &NET_FAULTS[..]), (YTD, &YTD_FAULTS[..])] {
            for (kind, wrong) in faults {
                let (count, mut draw) = plan.of(test, kind);
                for _ in 0..count {
                    let chance = draw.bits() >> 8;
                    let Some((place, id)) = self.plant_figure(&mut draw, *wrong, chance, in_period) else { continue };
                    truth.fault(test, vec![id.to_string()], kind);
                    if *kind == "one figure wrong" {
                        self.note_successor(place, truth, kind);
                    }
                }
            }
        }
        for (kind, wrong) in GROSS_FAULTS.iter().chain(&NET_FAULTS).take(4) {
            // The same faults before and after the period.
            let (_, mut draw) = plan.near(GROSS, kind);
            let chance = draw.bits() >> 8;
            if let Some((_, id)) = self.plant_figure(&mut draw, *wrong, chance, |day| !in_period(day)) {
                truth.near_miss(GROSS, vec![id.to_string()], "outside the period");
            }
        }
        let tables = self.tables.clone();
        for (test, kind, odd) in ODD {
            let (count, mut draw) = plan.near(test, kind);
            for _ in 0..count {
                let place = self.take_payslip(&mut draw, |sight| odd(sight, &tables));
                if let Some(slip) = place.and_then(|place| self.payslip(place)) {
                    truth.near_miss(test, vec![slip.id.to_string()], kind);
                }
            }
        }
        self.plant_edges(plan, truth);
        self.plant_terminations(plan, truth);
    }

    fn plant_figure(
        &mut self,
        draw: &mut crate::draw::Draw,
        wrong: Wrong,
        chance: u64,
        day: fn(Date) -> bool,
    ) -> Option<(Place, u32)> {
        let tables = self.tables.clone();
        let place = self.take_payslip_where(draw, day, |sight| wrong(sight, &tables, chance).is_some())?;
        let client = self.client(place)?;
        let (run, payslip) = (self.run(place)?, self.payslip(place)?);
        let sight = Sight { client, run, which: place.run, payslip, employee: client.employee(payslip.employee)? };
        let (id, pin) = (payslip.id, wrong(&sight, &tables, chance)?);
        self.pins.insert(id, pin);
        self.recalculate(place);
        Some((place, id))
    }

    /// The next payslip of the year rolls forward from the right figure, not from the printed one, so it fails too.
    fn note_successor(&self, place: Place, truth: &mut Truth, kind: &'static str) -> Option<()> {
        let year = self.run(place)?.pay_on.year();
        let next = self.neighbor(place, 1)?;
        let pay_on = self.run(next)?.pay_on;
        if pay_on.year() == year && in_period(pay_on) {
            truth.fault(YTD, vec![self.payslip(next)?.id.to_string()], kind);
        }
        Some(())
    }

    /// Gross exactly where a federal bracket begins.
    fn plant_edges(&mut self, plan: Plan, truth: &mut Truth) {
        let kind = "gross exactly at a bracket's edge";
        let (count, mut draw) = plan.near(NET, kind);
        let tables = self.tables.clone();
        for _ in 0..count {
            let edge = |sight: &Sight<'_>| {
                let rate = i64::from(sight.payslip.rate);
                tables
                    .on(sight.run.pay_on)
                    .federal_edges()
                    .filter(|over| rate > 0 && (over * 10_000) % rate == 0)
                    .map(|over| over * 10_000 / rate)
                    .find(|hours| (1500..=9000).contains(hours))
            };
            let Some(place) = self.take_payslip(&mut draw, |sight| edge(sight).is_some()) else { continue };
            let hours = self.client(place).zip(self.run(place)).zip(self.payslip(place)).and_then(
                |((client, run), payslip)| {
                    edge(&Sight {
                        client,
                        run,
                        which: place.run,
                        payslip,
                        employee: client.employee(payslip.employee)?,
                    })
                },
            );
            let Some(slip) = self.run_mut(place).and_then(|run| run.payslips.get_mut(place.payslip)) else { continue };
            (slip.regular, slip.overtime) =
                (hours.and_then(|hours| u16::try_from(hours).ok()).unwrap_or(slip.regular), 0);
            truth.near_miss(NET, vec![slip.id.to_string()], kind);
            self.recalculate(place);
        }
    }

    fn plant_terminations(&mut self, plan: Plan, truth: &mut Truth) {
        for (kind, periods) in [("ended the day before the period", 0_i8), ("ended periods before", 2)] {
            let (count, mut draw) = plan.of(TERMINATION, kind);
            for _ in 0..count {
                let back = isize::from(periods);
                let Some(place) = self.take_payslip(&mut draw, |sight| {
                    let early = sight
                        .neighbor(-back - 1)
                        .is_some_and(|(run, _)| in_period(run.pay_on) && run.period_start >= sight.employee.hired_on);
                    early && is_last(sight)
                }) else {
                    continue;
                };
                let Some(first) = self.neighbor(place, -back) else { continue };
                let Some(begin) = self.run(first).map(|run| run.period_start) else { continue };
                self.end(place, plus(begin, -1));
                for step in 0..=back {
                    if let Some(slip) = self.neighbor(place, -step).and_then(|place| self.payslip(place)) {
                        truth.fault(TERMINATION, vec![slip.id.to_string()], kind);
                    }
                }
            }
        }
        let kind = "ended on the first day of the period";
        let (count, mut draw) = plan.near(TERMINATION, kind);
        for _ in 0..count {
            let Some(place) = self.take_payslip(&mut draw, is_last) else { continue };
            let (Some(begin), Some(id)) =
                (self.run(place).map(|run| run.period_start), self.payslip(place).map(|slip| slip.id))
            else {
                continue;
            };
            self.end(place, begin);
            truth.near_miss(TERMINATION, vec![id.to_string()], kind);
        }
    }

    fn end(&mut self, place: Place, last: Date) -> Option<()> {
        let id = self.payslip(place)?.employee;
        self.clients.get_mut(place.client)?.employee_mut(id)?.terminated_on = Some(last);
        Some(())
    }
}

fn parts(sight: &Sight<'_>) -> (i64, i64, i64) {
    (sight.payslip.rate.into(), sight.payslip.regular.into(), sight.payslip.overtime.into())
}

/// Whether the payslip before lies in the same calendar year and in the period.
fn follows(sight: &Sight<'_>) -> bool {
    sight.neighbor(-1).is_some_and(|(run, _)| run.pay_on.year() == sight.run.pay_on.year() && in_period(run.pay_on))
}

/// Whether it is the last payslip of someone who left.
fn is_last(sight: &Sight<'_>) -> bool {
    sight.employee.terminated_on.is_some() && sight.neighbor(1).is_none() && sight.neighbor(-1).is_some()
}
