//! Withholding: the bracket tables of the payroll application and how it computes with them.
//!
//! The figures are modeled on published biweekly schedules of 2025 and 2026, simplified (one filing status); the wage bases are
//! those of the Social Security Administration. What matters here is that table and payslip agree to the cent.

use jiff::civil::{Date, date};

/// One bracket, in force from `effective_on` until the next set.
#[derive(Debug, Clone)]
pub(crate) struct Bracket {
    pub(crate) tax: String,
    pub(crate) effective_on: Date,
    pub(crate) over: i64,
    pub(crate) base: i64,
    /// Millionths.
    pub(crate) rate: i64,
    pub(crate) wage_base: Option<i64>,
}

/// The states the clients' employees work in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    NewYork,
    NewJersey,
    Pennsylvania,
    Connecticut,
    Massachusetts,
    Florida,
}

impl State {
    pub(crate) const ALL: [State; 6] = [
        State::NewYork,
        State::NewJersey,
        State::Pennsylvania,
        State::Connecticut,
        State::Massachusetts,
        State::Florida,
    ];

    /// Postal code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            State::NewYork => "NY",
            State::NewJersey => "NJ",
            State::Pennsylvania => "PA",
            State::Connecticut => "CT",
            State::Massachusetts => "MA",
            State::Florida => "FL",
        }
    }

    /// Brackets as (over, rate in millionths), over in cents of biweekly wages.
    fn brackets(self) -> &'static [(i64, i64)] {
        match self {
            State::NewYork => &[(0, 40_000), (32_700, 45_000), (45_000, 52_500), (53_500, 55_000), (310_200, 60_000)],
            State::NewJersey => &[(0, 15_000), (76_900, 20_000), (134_600, 39_000), (153_800, 61_000)],
            State::Pennsylvania => &[(0, 30_700)],
            State::Connecticut => &[(0, 20_000), (38_500, 45_000), (192_300, 55_000)],
            State::Massachusetts => &[(0, 50_000)],
            State::Florida => &[(0, 0)],
        }
    }
}

/// All tables of one year.
#[derive(Debug, Clone)]
pub(crate) struct Year {
    federal: Vec<Bracket>,
    states: Vec<(State, Vec<Bracket>)>,
    social_security: Bracket,
    medicare: Bracket,
    additional_medicare: Bracket,
}

/// The tables of both years.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    earlier: Year,
    later: Year,
}

/// Wages of a calendar year from one employer above which the additional Medicare tax is withheld, whatever the filing status
/// (26 U.S.C. 3102(f)); unlike brackets, which are of a pay period.
const ADDITIONAL_OVER: i64 = 20_000_000;

/// First day of the later tables.
pub(crate) const LATER: Date = date(2026, 1, 1);

impl Tables {
    /// The tables in force in the sample year.
    pub(crate) fn new() -> Tables {
        Tables {
            earlier: Year::new(
                date(2025, 1, 1),
                &[
                    (0, 0),
                    (24_600, 100_000),
                    (70_500, 120_000),
                    (211_100, 220_000),
                    (422_100, 240_000),
                    (783_500, 320_000),
                    (988_200, 350_000),
                ],
                17_610_000,
            ),
            later: Year::new(
                LATER,
                &[
                    (0, 0),
                    (28_800, 100_000),
                    (76_000, 120_000),
                    (220_400, 220_000),
                    (434_600, 240_000),
                    (805_600, 320_000),
                    (1_015_200, 350_000),
                ],
                18_450_000,
            ),
        }
    }

    /// The tables for a pay date.
    pub(crate) fn on(&self, pay_on: Date) -> &Year {
        if pay_on < LATER { &self.earlier } else { &self.later }
    }

    /// Every row, as the application lists them.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Bracket> {
        [&self.earlier, &self.later].into_iter().flat_map(|year| {
            let states = year.states.iter().flat_map(|(_, brackets)| brackets);
            year.federal.iter().chain([&year.social_security, &year.medicare, &year.additional_medicare]).chain(states)
        })
    }
}

impl Year {
    fn new(effective_on: Date, federal: &[(i64, i64)], wage_base: i64) -> Year {
        let flat = |tax: &str, rate, wage_base| Bracket {
            tax: tax.to_owned(),
            effective_on,
            over: 0,
            base: 0,
            rate,
            wage_base,
        };
        Year {
            federal: schedule("federal", effective_on, federal),
            states: State::ALL
                .into_iter()
                .map(|state| (state, schedule(&format!("state:{}", state.code()), effective_on, state.brackets())))
                .collect(),
            social_security: flat("social_security", 62_000, Some(wage_base)),
            medicare: flat("medicare", 14_500, None),
            additional_medicare: Bracket { over: ADDITIONAL_OVER, ..flat("additional_medicare", 9_000, None) },
        }
    }

    /// Federal income tax to withhold.
    pub(crate) fn federal(&self, gross: i64) -> i64 {
        withhold(&self.federal, gross)
    }

    /// State income tax to withhold.
    pub(crate) fn state(&self, state: State, gross: i64) -> i64 {
        self.states.iter().find(|(name, _)| *name == state).map_or(0, |(_, brackets)| withhold(brackets, gross))
    }

    /// Social security on what is left of the annual wage base.
    pub(crate) fn social_security(&self, gross: i64, ytd_before: i64) -> i64 {
        let base = self.social_security.wage_base.unwrap_or(i64::MAX);
        share(self.social_security.rate, gross.min(base.saturating_sub(ytd_before).max(0)))
    }

    /// Social security as if there were no wage base.
    pub(crate) fn social_security_unlimited(&self, gross: i64) -> i64 {
        share(self.social_security.rate, gross)
    }

    /// Medicare tax.
    pub(crate) fn medicare(&self, gross: i64) -> i64 {
        share(self.medicare.rate, gross)
    }

    /// The additional Medicare tax on what lies over the threshold of the calendar year.
    pub(crate) fn additional_medicare(&self, gross: i64, ytd_before: i64) -> i64 {
        let tax = &self.additional_medicare;
        let over = ytd_before.saturating_add(gross).saturating_sub(tax.over).clamp(0, gross);
        share(tax.rate, over)
    }

    /// Wages at which a federal bracket begins.
    pub(crate) fn federal_edges(&self) -> impl Iterator<Item = i64> {
        self.federal.iter().map(|bracket| bracket.over)
    }
}

fn schedule(tax: &str, effective_on: Date, brackets: &[(i64, i64)]) -> Vec<Bracket> {
    let mut list: Vec<Bracket> = Vec::new();
    for (over, rate) in brackets {
        let base =
            list.last().map_or(0, |last| last.base.saturating_add(share(last.rate, over.saturating_sub(last.over))));
        list.push(Bracket { tax: tax.to_owned(), effective_on, over: *over, base, rate: *rate, wage_base: None });
    }
    list
}

fn withhold(brackets: &[Bracket], gross: i64) -> i64 {
    brackets
        .iter()
        .rev()
        .find(|bracket| bracket.over <= gross)
        .map_or(0, |bracket| bracket.base.saturating_add(share(bracket.rate, gross.saturating_sub(bracket.over))))
}

/// A rate in millionths of an amount in cents, half up to the cent. `base_amount` is whole cents, so rounding the share rounds the sum.
fn share(rate: i64, amount: i64) -> i64 {
    rate.saturating_mul(amount).saturating_add(500_000).div_euclid(1_000_000)
}

/// Gross pay in cents: rate in ten-thousandths of a dollar, hours in hundredths, overtime at one and a half, half up.
pub(crate) fn gross(rate: i64, regular: i64, overtime: i64) -> i64 {
    doubled(rate, regular, overtime).saturating_add(10_000).div_euclid(20_000)
}

/// Gross pay cut to the cent instead of rounded.
pub(crate) fn gross_cut(rate: i64, regular: i64, overtime: i64) -> i64 {
    doubled(rate, regular, overtime).div_euclid(20_000)
}

/// Whether gross pay before rounding ends in exactly half a cent.
pub(crate) fn ends_in_half_a_cent(rate: i64, regular: i64, overtime: i64) -> bool {
    doubled(rate, regular, overtime).rem_euclid(20_000) == 10_000
}

/// Twice the gross in millionths of a dollar, exact.
fn doubled(rate: i64, regular: i64, overtime: i64) -> i64 {
    rate.saturating_mul(regular.saturating_mul(2).saturating_add(overtime.saturating_mul(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_cent_goes_up() {
        assert_eq!(gross(231_250, 1, 0), 23, "23.125 cents");
        assert_eq!(gross(205_000, 5, 0), 103, "1.025 dollars");
        assert!(ends_in_half_a_cent(205_000, 5, 0));
        assert_eq!(gross_cut(205_000, 5, 0), 102);
        assert_eq!(gross(200_000, 8000, 200), 166_000, "80 h and 2 h of overtime at 20.00");
    }

    #[test]
    fn withholding_starts_at_each_bracket() {
        let tables = Tables::new();
        let year = tables.on(date(2025, 12, 31));
        assert_eq!(year.federal(24_600), 0);
        assert_eq!(year.federal(70_500), 4_590);
        assert_eq!(year.federal(70_600), 4_602);
        assert_eq!(tables.on(LATER).federal(70_500), 4_170);
        assert_eq!(year.state(State::Florida, 500_000), 0);
    }

    #[test]
    fn additional_medicare_starts_over_200_000_dollars_of_the_year() {
        let tables = Tables::new();
        let year = tables.on(LATER);
        assert_eq!(year.additional_medicare(500_000, 19_500_000), 0, "exactly 200 000.00");
        assert_eq!(year.additional_medicare(500_000, 19_600_000), 900, "1 000.00 over");
        assert_eq!(year.additional_medicare(500_000, 20_000_000), 4_500, "all of it");
    }

    #[test]
    fn social_security_stops_at_the_wage_base() {
        let tables = Tables::new();
        let year = tables.on(date(2025, 12, 31));
        assert_eq!(year.social_security(700_000, 17_600_000), 620);
        assert_eq!(year.social_security(700_000, 17_610_000), 0);
        assert_eq!(year.social_security(100_000, 0), 6_200);
    }
}
