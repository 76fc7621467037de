//! Accounts at the identity provider, as its thirteen monthly exports show them.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::{People, Person};
use crate::calendar::{Calendar, PERIOD_END, after, in_period, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, take};

const LEAVER: &str = "leaver-access";
const OWNER: &str = "account-has-owner";
const MFA: &str = "mfa-on";

/// An account over the year.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) person: Option<String>,
    pub(crate) email: String,
    pub(crate) service: bool,
    pub(crate) admin: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) disabled_at: Option<Timestamp>,
    /// Export days on which a second factor was off.
    mfa_off: BTreeSet<Date>,
    planted: bool,
}

impl Plantable for Account {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

impl Account {
    fn active_on(&self, calendar: &Calendar, day: Date) -> bool {
        calendar.local_date(self.created_at) <= day && self.disabled_at.is_none_or(|at| calendar.local_date(at) > day)
    }
}

/// All accounts.
#[derive(Debug)]
pub(crate) struct Accounts(pub(crate) Vec<Account>);

/// Service accounts: each belongs to someone who answers for it.
const SERVICES: [&str; 14] = [
    "svc-payroll-calc",
    "svc-bank-transfer",
    "svc-ledger-interface",
    "svc-time-import",
    "svc-report-mailer",
    "svc-backup",
    "svc-deploy",
    "svc-monitoring",
    "svc-tax-filing",
    "svc-idp-sync",
    "svc-log-shipper",
    "svc-scheduler",
    "svc-ticket-bridge",
    "svc-archive",
];

/// The export days: the last day of each month.
pub(crate) fn export_days() -> Vec<Date> {
    let mut days = vec![date(2025, 9, 30)];
    while let Some(last) = days.last().copied().filter(|last| *last < PERIOD_END) {
        days.push(plus(last, 1).last_of_month());
    }
    days
}

impl Accounts {
    /// Everyone's accounts, then what is planted in them.
    pub(crate) fn build(
        seed: u64,
        people: &mut People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<Accounts, Error> {
        let mut draw = Draw::new(seed, "accounts");
        let mut list = Vec::new();
        for person in &people.list {
            let number = list.len() + 1;
            list.push(human(person, number, false, calendar, &mut draw)?);
            if matches!(person.department, "Security" | "IT Operations") {
                list.push(human(person, number + 1, true, calendar, &mut draw)?);
            }
        }
        let owners = people.steady("IT Operations");
        for name in SERVICES {
            let owner = draw.pick(&owners).map(|person| person.id.clone());
            let created_at =
                calendar.local(write::day_between(&mut draw, date(2018, 1, 8), date(2025, 6, 2)), 11, 0)?;
            list.push(Account {
                id: format!("ACC-{:04}", list.len() + 1),
                person: owner,
                email: format!("{name}@harborlane.example"),
                service: true,
                admin: false,
                created_at,
                disabled_at: None,
                mfa_off: BTreeSet::new(),
                planted: false,
            });
        }
        let mut accounts = Accounts(list);
        accounts.add_orphans_disabled(calendar, &mut draw)?;
        accounts.place_boundaries(people, calendar, truth)?;
        accounts.plant_leavers(people, calendar, plan, truth)?;
        accounts.plant_owners(people, calendar, plan, truth)?;
        accounts.plant_mfa(calendar, plan, truth);
        Ok(accounts)
    }

    /// The accounts of a person.
    pub(crate) fn of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Account> {
        self.0.iter().filter(move |account| account.person.as_deref() == Some(person) && !account.service)
    }

    /// Old test accounts that belong to nobody and have long been disabled.
    fn add_orphans_disabled(&mut self, calendar: &Calendar, draw: &mut Draw) -> Result<(), Error> {
        for n in 1..=3 {
            let created_at = calendar.local(write::day_between(draw, date(2017, 1, 9), date(2023, 5, 1)), 10, 0)?;
            let disabled_at = Some(after(created_at, 86_400 * draw.between(20, 400))?);
            let id = format!("ACC-{:04}", self.0.len() + 1);
            let email = format!("test{n}@harborlane.example");
            let mfa_off = export_days().into_iter().collect();
            self.0.push(Account {
                id,
                person: None,
                email,
                service: false,
                admin: false,
                created_at,
                disabled_at,
                mfa_off,
                planted: true,
            });
        }
        Ok(())
    }

    /// Leavers on the edges of the period and of the business calendar.
    fn place_boundaries(&mut self, people: &People, calendar: &Calendar, truth: &mut Truth) -> Result<(), Error> {
        let edge = &people.boundary;
        let places = [
            (
                &edge.before_period,
                "due on the day before the period, disabled late",
                calendar.local(date(2025, 10, 9), 9, 30)?,
            ),
            (
                &edge.last_day,
                "left on the last day of the period, due after it",
                calendar.local(date(2026, 10, 1), 16, 5)?,
            ),
            (
                &edge.holiday_friday,
                "left on a Friday before a Monday holiday, disabled on Tuesday",
                calendar.local(date(2026, 5, 26), 18, 45)?,
            ),
        ];
        for (person, kind, disabled_at) in places {
            for account in self.0.iter_mut().filter(|account| account.person.as_ref() == Some(person)) {
                (account.disabled_at, account.planted) = (Some(disabled_at), true);
                truth.near_miss(LEAVER, vec![account.id.clone()], kind);
            }
        }
        Ok(())
    }

    fn plant_leavers(
        &mut self,
        people: &mut People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<(), Error> {
        for kind in ["disabled a minute after the deadline", "never disabled", "HR recorded the end late"] {
            let (count, mut draw) = plan.of(LEAVER, kind);
            for _ in 0..count {
                let Some((account, deadline)) = self.take_leaver(people, calendar, &mut draw) else { continue };
                let just_late = calendar.local(plus(deadline, 1), 0, 1)?;
                truth.fault(LEAVER, vec![account.id.clone()], kind);
                account.disabled_at = match kind {
                    "never disabled" => None,
                    "HR recorded the end late" => {
                        let recorded_at = after(just_late, draw.between(86_400, 8 * 86_400))?;
                        let owner = account.person.clone();
                        for person in people.list.iter_mut().filter(|person| Some(&person.id) == owner.as_ref()) {
                            person.end = person.end.map(|end| super::End { recorded_at, ..end });
                        }
                        Some(after(recorded_at, 3_600)?)
                    }
                    _ => Some(just_late),
                };
            }
        }
        let kind = "left before the period, due on its first day, disabled late";
        let (count, _) = plan.of(LEAVER, kind);
        let (person, late) = (&people.boundary.first_due, calendar.local(date(2025, 10, 3), 9, 30)?);
        for account in self.0.iter_mut().filter(|account| account.person.as_ref() == Some(person)) {
            account.planted = true;
            if count > 0 {
                account.disabled_at = Some(late);
                truth.fault(LEAVER, vec![account.id.clone()], kind);
            } else {
                truth.near_miss(LEAVER, vec![account.id.clone()], "left before the period, disabled on its first day");
            }
        }
        let kind = "disabled in the last minute of the deadline";
        let (count, mut draw) = plan.near(LEAVER, kind);
        for _ in 0..count {
            if let Some((account, deadline)) = self.take_leaver(people, calendar, &mut draw) {
                account.disabled_at = Some(calendar.local(deadline, 23, 59)?);
                truth.near_miss(LEAVER, vec![account.id.clone()], kind);
            }
        }
        Ok(())
    }

    /// An ordinary leaver's account, and the day by whose end it had to be disabled.
    fn take_leaver(&mut self, people: &People, calendar: &Calendar, draw: &mut Draw) -> Option<(&mut Account, Date)> {
        let end = |account: &Account| {
            account
                .person
                .as_deref()
                .and_then(|id| people.get(id))
                .filter(|person| !person.planted)
                .and_then(|person| person.end)
        };
        let account =
            take(draw, &mut self.0, |account| !account.service && end(account).is_some_and(|end| in_period(end.on)))?;
        let end = end(account)?;
        Some((account, calendar.business_day_after(end.on, 1)))
    }

    fn plant_owners(
        &mut self,
        people: &People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<(), Error> {
        for kind in ["nobody's account", "person unknown to HR", "owner of a service account left"] {
            let (count, mut draw) = plan.of(OWNER, kind);
            for _ in 0..count {
                if kind == "owner of a service account left" {
                    let leavers: Vec<String> = people
                        .list
                        .iter()
                        .filter(|person| person.end.is_some_and(|end| in_period(end.on)))
                        .map(|person| person.id.clone())
                        .collect();
                    let Some(leaver) = draw.pick(&leavers).cloned() else { continue };
                    if let Some(account) = take(&mut draw, &mut self.0, |account| account.service) {
                        account.person = Some(leaver);
                        truth.fault(OWNER, vec![account.id.clone()], kind);
                    }
                    continue;
                }
                let created_at =
                    calendar.local(write::day_between(&mut draw, date(2024, 1, 8), date(2026, 8, 3)), 15, 20)?;
                let id = format!("ACC-{:04}", self.0.len() + 1);
                let person = (kind == "person unknown to HR").then(|| format!("P-{:04}", 2000 + draw.below(900)));
                let email = format!("temp{}@harborlane.example", self.0.len());
                truth.fault(OWNER, vec![id.clone()], kind);
                let mfa_off = BTreeSet::new();
                self.0.push(Account {
                    id,
                    person,
                    email,
                    service: false,
                    admin: false,
                    created_at,
                    disabled_at: None,
                    mfa_off,
                    planted: true,
                });
            }
        }
        let kind = "owner leaves after the period";
        let (count, mut draw) = plan.near(OWNER, kind);
        for _ in 0..count {
            if let Some(account) = take(&mut draw, &mut self.0, |account| account.service) {
                account.person = Some(people.boundary.after_period.clone());
                truth.near_miss(OWNER, vec![account.id.clone()], kind);
            }
        }
        Ok(())
    }

    fn plant_mfa(&mut self, calendar: &Calendar, plan: Plan, truth: &mut Truth) {
        let days = export_days();
        for (kind, most) in [("off for one month", 1), ("off for several months", 5)] {
            let (count, mut draw) = plan.of(MFA, kind);
            for _ in 0..count {
                let first = draw.position(days.len() - 1) + 1;
                let span = usize::try_from(draw.between(most.min(2), most)).unwrap_or(1);
                let off: Vec<Date> = days.iter().copied().skip(first).take(span).collect();
                let steady =
                    |account: &Account| !account.service && off.iter().all(|day| account.active_on(calendar, *day));
                if let Some(account) = take(&mut draw, &mut self.0, steady) {
                    for day in &off {
                        truth.fault(MFA, vec![account.id.clone(), day.to_string()], kind);
                    }
                    account.mfa_off.extend(off);
                }
            }
        }
        let kind = "off before the period only";
        let (count, mut draw) = plan.near(MFA, kind);
        for _ in 0..count {
            let before = date(2025, 9, 30);
            if let Some(account) =
                take(&mut draw, &mut self.0, |account| !account.service && account.active_on(calendar, before))
            {
                account.mfa_off.insert(before);
                truth.near_miss(MFA, vec![account.id.clone(), before.to_string()], kind);
            }
        }
    }

    /// Writes one export a month end, each with the state of that day's end.
    pub(crate) fn write(&self, folder: &Path, calendar: &Calendar, seed: u64) -> Result<(), Error> {
        for day in export_days() {
            let mut draw = Draw::new(seed, &format!("logins/{day}"));
            let mut rows = Vec::new();
            for account in self.0.iter().filter(|account| calendar.local_date(account.created_at) <= day) {
                let active = account.active_on(calendar, day);
                let seen = plus(day, -i32::try_from(draw.between(0, 6)).unwrap_or(0));
                let mut login = calendar.at(seen, draw.between(7 * 3600, 19 * 3600))?;
                if let Some(end) = account.disabled_at.filter(|_| !active) {
                    login = login.min(after(end, -draw.between(3_600, 90_000))?);
                }
                rows.push(Exported {
                    account_id: &account.id,
                    person_id: account.person.as_deref(),
                    email: &account.email,
                    kind: if account.service { "service" } else { "human" },
                    status: if active { "active" } else { "disabled" },
                    is_admin: account.admin,
                    mfa: !account.service && !account.mfa_off.contains(&day),
                    created_at: account.created_at.to_string(),
                    disabled_at: account.disabled_at.filter(|_| !active).map(|at| at.to_string()),
                    last_login_at: (login > account.created_at).then(|| login.to_string()),
                });
            }
            write::json_lines(&folder.join(format!("accounts-{day}.jsonl")), &rows)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Exported<'a> {
    account_id: &'a str,
    person_id: Option<&'a str>,
    email: &'a str,
    kind: &'static str,
    status: &'static str,
    is_admin: bool,
    mfa: bool,
    created_at: String,
    disabled_at: Option<String>,
    last_login_at: Option<String>,
}

/// A person's account, or a second one with administrator rights; disabled in time when the person leaves.
fn human(person: &Person, number: usize, admin: bool, calendar: &Calendar, draw: &mut Draw) -> Result<Account, Error> {
    let created_at = calendar.at(person.started_on, draw.between(8 * 3600, 9 * 3600))?;
    let disabled_at = match person.end {
        Some(end) if draw.chance(700) => Some(after(end.at, draw.between(600, 5 * 3600))?),
        Some(end) => Some(calendar.at(calendar.business_day_after(end.on, 1), draw.between(8 * 3600, 12 * 3600))?),
        None => None,
    };
    let email = if admin { format!("adm-{}", person.email) } else { person.email.clone() };
    Ok(Account {
        id: format!("ACC-{number:04}"),
        person: Some(person.id.clone()),
        email,
        service: false,
        admin,
        created_at,
        disabled_at,
        mfa_off: BTreeSet::new(),
        planted: false,
    })
}
