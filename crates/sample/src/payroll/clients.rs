//! The clean year: clients, employees, rates and payslips before anything is planted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::calculate::calculate;
use super::tax::{State, Tables, gross};
use super::{BankFile, Client, Employee, Payroll, Payslip, Profile, Rate, Run, Side, Staff, Users, payees};
use crate::calendar::{Calendar, DATA_START, after, days_between, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::names;

/// The first nominal pay day of the first group, a Wednesday; the other groups pay one, two, seven, eight and nine days later.
const FIRST_PAY_DAY: Date = date(2025, 9, 3);
/// No run is paid after this day, so that all that follows from a run is done by the day the systems are written.
const LAST_PAY_DAY: Date = date(2026, 10, 9);
/// Clients at 100 percent, and the fewest of a small company: each of the six pay groups needs some.
const CLIENTS: u32 = 400;
const FEWEST_CLIENTS: u32 = 10;

/// Builds the clean year.
pub(super) fn build(seed: u64, scale: u32, staff: &Staff, calendar: &Calendar) -> Result<Payroll, Error> {
    let mut users = Users::default();
    let (mut draw, mut year) = (Draw::new(seed, "payroll/clients"), Draw::new(seed, "payroll/payees"));
    let specialists: Vec<u32> =
        staff.specialists.iter().map(|mail| users.add(mail.clone(), Side::HarborLane)).collect();
    let releasers: Vec<u32> = staff.releasers.iter().map(|mail| users.add(mail.clone(), Side::HarborLane)).collect();
    let ledger_user = users.add("ledger-interface@harborlane.example".to_owned(), Side::HarborLane);
    let mut payroll = Payroll {
        calendar: calendar.clone(),
        users,
        ledger_user,
        clients: Vec::new(),
        tables: Tables::new(),
        pins: BTreeMap::new(),
        used_runs: BTreeSet::new(),
        used_employees: BTreeSet::new(),
    };
    let mut next_employee = 100_001;
    let count = (u64::from(CLIENTS) * u64::from(scale) / 100).max(u64::from(FEWEST_CLIENTS));
    for n in 0..u32::try_from(count).unwrap_or(u32::MAX) {
        let mut client = new_client(n, &mut payroll.users, &mut draw)?;
        client.runs = runs(&client, n % 6, &specialists, &releasers, calendar, &mut draw)?;
        let people = if scale >= 3 { draw.between(42, 164) } else { draw.between(30, 50) };
        for _ in 0..people {
            employ(&mut client, &mut next_employee, calendar, &mut draw)?;
        }
        for employee in &mut client.employees {
            employee.taxpayer = payees::taxpayer(employee.id);
            employee.hold(payees::first_account(employee.id));
            employee.live_a_year(&mut year);
            employee.opening_ytd = opening(employee);
        }
        fill(&mut client, &mut draw);
        for employee in &client.employees {
            calculate(employee, &mut client.runs, &payroll.tables, &payroll.pins);
        }
        payroll.clients.push(client);
    }
    Ok(payroll)
}

fn new_client(n: u32, users: &mut Users, draw: &mut Draw) -> Result<Client, Error> {
    let id = 1001_u32.saturating_add(n);
    let domain = format!("client{id}.example");
    let mut user = |draw: &mut Draw| {
        let name = names::mailbox(&names::person(draw));
        let digit = draw.below(90).saturating_add(10);
        users.add(format!("{name}{digit}@{domain}"), Side::Client)
    };
    let (timekeeper, supervisors, hr, controller) = (user(draw), [user(draw), user(draw)], user(draw), user(draw));
    // The first clients of each pay group are with Harbor Lane all year, so that every boundary of the year has its runs.
    let settled = n < 12;
    let onboarded_on = if !settled && draw.chance(50) {
        plus(date(2025, 10, 20), small(draw.between(0, 230)))
    } else {
        plus(date(2015, 1, 5), small(draw.between(0, 3700)))
    };
    let ended_on = (!settled && onboarded_on < DATA_START && draw.chance(30))
        .then(|| plus(date(2025, 12, 20), small(draw.between(0, 260))));
    let state = *draw
        .pick(&[
            State::NewYork,
            State::NewYork,
            State::NewJersey,
            State::Pennsylvania,
            State::Connecticut,
            State::Massachusetts,
            State::Florida,
        ])
        .unwrap_or(&State::NewYork);
    Ok(Client {
        id,
        name: names::firm(draw),
        state,
        onboarded_on,
        ended_on,
        timekeeper,
        supervisors,
        hr,
        controller,
        employees: Vec::new(),
        runs: Vec::new(),
    })
}

/// The runs of a client: every two weeks on its pay group's day, or the business day before when that is a holiday.
fn runs(
    client: &Client,
    group: u32,
    specialists: &[u32],
    releasers: &[u32],
    calendar: &Calendar,
    draw: &mut Draw,
) -> Result<Vec<Run>, Error> {
    let offset = [0, 1, 2, 7, 8, 9].get(usize::try_from(group).unwrap_or(0)).copied().unwrap_or(0);
    let weekday = offset % 7;
    let mut number = if client.onboarded_on >= DATA_START {
        0
    } else {
        u32::try_from(days_between(client.onboarded_on, DATA_START) / 14).unwrap_or(0)
    };
    let mut nominal = plus(FIRST_PAY_DAY, offset);
    let specialist = draw.pick(specialists).copied().unwrap_or(1);
    let mut list = Vec::new();
    while nominal <= LAST_PAY_DAY {
        // The period ends on the Saturday before the pay week.
        let period_end = plus(nominal, -4 - weekday);
        let period_start = plus(period_end, -13);
        let pay_on = calendar.business_day_on_or_before(nominal);
        nominal = plus(nominal, 14);
        if period_start < client.onboarded_on || client.ended_on.is_some_and(|end| period_end > end) {
            continue;
        }
        number += 1;
        let preparer = if draw.chance(850) { specialist } else { draw.pick(specialists).copied().unwrap_or(1) };
        let two = draw.shuffled(releasers.to_vec());
        let staff = (preparer, [two.first().copied(), two.get(1).copied()]);
        list.push(Run::open(client, number, (period_start, period_end), pay_on, staff, calendar, draw)?);
    }
    Ok(list)
}

impl Run {
    /// A run from its hours, which arrive on the Monday after the period, to its release on the eve of the pay date.
    pub(super) fn open(
        client: &Client,
        number: u32,
        (period_start, period_end): (Date, Date),
        pay_on: Date,
        (prepared_by, [released_by, second_releaser]): (u32, [Option<u32>; 2]),
        calendar: &Calendar,
        draw: &mut Draw,
    ) -> Result<Run, Error> {
        let (monday, eve) = (plus(period_end, 2), plus(pay_on, -1));
        let received_at = calendar.at(monday, draw.between(8 * 3600, 11 * 3600))?;
        let hours_approved_at = calendar.at(monday, draw.between(12 * 3600, 15 * 3600))?;
        let calculated_at = calendar.at(monday, draw.between(16 * 3600, 18 * 3600))?;
        let released_at = calendar.at(eve, draw.between(15 * 3600, 16 * 3600))?;
        Ok(Run {
            id: 0,
            number,
            off_cycle: false,
            period_start,
            period_end,
            pay_on,
            received_at,
            hours_approved_at,
            calculated_at,
            prepared_by,
            client_approved: (Some(client.controller), Some(after(calculated_at, draw.between(600, 14_000))?)),
            funding_expected: 0,
            funding: (None, Some(calendar.at(eve, draw.between(11 * 3600, 14 * 3600 + 3000))?)),
            released_by,
            second_releaser,
            released_at,
            payslips: Vec::new(),
            count_total: 0,
            gross_total: 0,
            net_total: 0,
            entries: BTreeMap::new(),
            imports: Vec::new(),
            lines: BTreeMap::new(),
            strays: Vec::new(),
            last_payslip_number: 0,
            gap_after: 0,
            file: BankFile {
                id: 0,
                sent_at: after(released_at, draw.between(120, 2400))?,
                lines_sent: 0,
                amount_sent: 0,
                lines_accepted: None,
                amount_accepted: None,
                acknowledged_at: None,
            },
            postings: Vec::new(),
            deposits: Vec::new(),
        })
    }
}

/// Fills one place in a client's staff for the year: someone, and a successor when that one leaves.
fn employ(client: &mut Client, next_id: &mut u32, calendar: &Calendar, draw: &mut Draw) -> Result<(), Error> {
    let earliest = client.onboarded_on.max(date(2016, 1, 4));
    let span = days_between(earliest, date(2025, 8, 20)).max(0);
    let mut hired_on = if client.onboarded_on >= DATA_START {
        client.onboarded_on
    } else {
        plus(earliest, small(draw.between(0, span.into())))
    };
    loop {
        let leaves = draw.chance(170);
        let last = plus(hired_on.max(date(2025, 10, 10)), small(draw.between(20, 330)));
        let terminated_on = (leaves && last < date(2026, 9, 20)).then_some(last);
        let employee = new_employee(client, *next_id, hired_on, terminated_on, calendar, draw)?;
        *next_id += 1;
        client.employees.push(employee);
        match terminated_on {
            Some(last) if draw.chance(900) && last < date(2026, 8, 1) => {
                hired_on = plus(last, small(draw.between(10, 45)))
            }
            Some(_) | None => return Ok(()),
        }
    }
}

fn new_employee(
    client: &Client,
    id: u32,
    hired_on: Date,
    terminated_on: Option<Date>,
    calendar: &Calendar,
    draw: &mut Draw,
) -> Result<Employee, Error> {
    let profile = match draw.below(10) {
        0..=3 => Profile::Salaried,
        4..=7 => Profile::Hourly,
        _ => Profile::PartTime,
    };
    let high = profile == Profile::Salaried && draw.chance(70);
    let cents = match profile {
        Profile::Salaried if high => draw.between(8500, 9150),
        Profile::Salaried => draw.between(1100, 3200) * 2,
        Profile::Hourly => draw.between(64, 180) * 25,
        Profile::PartTime => draw.between(62, 130) * 25,
    };
    // Some agreed rates have four decimals; they make half cents.
    let fraction = if !high && draw.chance(250) { *draw.pick(&[25, 50, 75, 10]).unwrap_or(&0) } else { 0 };
    let start = cents * 100 + fraction;
    let raise = |draw: &mut Draw, rate: i64| rate + rate * draw.between(15, 55) / 1000 / 100 * 100;
    // (effective date, rate, approved)
    let mut history = vec![(hired_on, start, true)];
    let mut rate = start;
    if hired_on < date(2024, 6, 1) && !high && draw.chance(400) {
        rate = raise(draw, rate);
        history.push((date(2025, 1, 1), rate, true));
    }
    let effective = plus(date(2025, 10, 15), small(draw.between(0, 345)));
    let employed = effective > plus(hired_on, 60) && terminated_on.is_none_or(|end| effective < end);
    if draw.chance(350) && employed && !high {
        rate = raise(draw, rate);
        history.push((effective, rate, true));
    }
    let proposed_on = plus(date(2025, 10, 1), small(draw.between(0, 364)));
    if draw.chance(30) && proposed_on > hired_on && history.iter().all(|(on, ..)| *on != proposed_on) {
        // A proposal that nobody approved, and that nobody used.
        history.push((proposed_on, rate + rate / 1000 * 100, false));
    }
    let mut rates = Vec::new();
    for (effective_on, rate, approve) in history {
        let entered_at =
            calendar.at(plus(effective_on, small(draw.between(-24, -12))), draw.between(9 * 3600, 17 * 3600))?;
        let approved_at = after(entered_at, draw.between(3_000, 5 * 86_400))?;
        let approved = approve.then_some((client.controller, approved_at));
        rates.push(Rate { id: 0, effective_on, rate, entered_by: client.hr, entered_at, approved, planted: None });
    }
    let state = if draw.chance(150) { *draw.pick(&State::ALL).unwrap_or(&client.state) } else { client.state };
    let deductions = *draw.pick(&[0, 0, 2500, 4500, 6250, 11_250, 15_075]).unwrap_or(&0);
    Ok(Employee {
        id,
        name: names::person(draw),
        hired_on,
        terminated_on,
        taxpayer: 0,
        accounts: Vec::new(),
        state,
        moved: None,
        profile,
        rates,
        opening_ytd: 0,
        deductions,
    })
}

/// What an employee has earned in 2025 before the first run written here.
fn opening(employee: &Employee) -> i64 {
    let first_day = employee.hired_on.max(date(2025, 1, 1));
    let pay_days = i64::from((days_between(first_day, FIRST_PAY_DAY) / 14).max(0));
    let hours = match employee.profile {
        Profile::Salaried => 8000,
        Profile::Hourly => 7600,
        Profile::PartTime => 3600,
    };
    let rate =
        employee.rates.iter().filter(|rate| rate.effective_on <= DATA_START).max_by_key(|rate| rate.effective_on);
    rate.map_or(0, |rate| pay_days.saturating_mul(gross(rate.rate, hours, 0)))
}

/// The hours of every payslip.
fn fill(client: &mut Client, draw: &mut Draw) {
    for run in &mut client.runs {
        for employee in &client.employees {
            let gone = employee.terminated_on.is_some_and(|end| end < run.period_start);
            if employee.hired_on > run.period_end || gone {
                continue;
            }
            let (regular, overtime) = hours(employee, run, draw.bits());
            run.payslips.push(Payslip { employee: employee.id, regular, overtime, ..Payslip::default() });
        }
    }
}

/// Hours in hundredths: quarter hours mostly, less in a period begun or ended midway.
fn hours(employee: &Employee, run: &Run, bits: u64) -> (u16, u16) {
    let part = |shift: u32, n: u64| u16::try_from((bits >> shift).checked_rem(n).unwrap_or(0)).unwrap_or(0);
    let (mut regular, mut overtime) = match employee.profile {
        Profile::Salaried => (8000, 0),
        Profile::Hourly if part(0, 4) == 0 => (8000, 25 * (1 + part(8, 40))),
        Profile::Hourly => (8000 - 25 * part(8, 48), 0),
        Profile::PartTime => (2400 + 5 * part(8, 480), 0),
    };
    let first = employee.hired_on.max(run.period_start);
    let last = employee.terminated_on.map_or(run.period_end, |end| end.min(run.period_end));
    let days = u16::try_from(days_between(first, last)).unwrap_or(0) + 1;
    if days < 14 {
        regular = (regular / 14 * days / 25 * 25).max(400);
        overtime = 0;
    }
    (regular, overtime)
}

/// A draw as a number of days.
pub(super) fn small(days: i64) -> i32 {
    i32::try_from(days).unwrap_or(0)
}
