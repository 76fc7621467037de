//! Rights in systems and the requests behind them.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::date;
use serde::Serialize;

use super::accounts::{Account, Accounts};
use super::{People, TRANSFER};
use crate::calendar::{Calendar, DATA_START, PERIOD_START, after, in_period};
use crate::draw::Draw;
use crate::error::Error;
use crate::truth::{Plan, Truth};
use crate::write::{self, Plantable, day_between, take};

const APPROVED: &str = "access-approved";
const PRIVILEGED: &str = "privileged-access-approved";

/// A right granted to an account.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Grant {
    pub(crate) grant_id: String,
    pub(crate) account_id: String,
    pub(crate) system: &'static str,
    pub(crate) role: &'static str,
    privileged: bool,
    granted_by: String,
    #[serde(serialize_with = "write::instant")]
    pub(crate) granted_at: Timestamp,
    #[serde(serialize_with = "write::maybe_instant")]
    pub(crate) revoked_at: Option<Timestamp>,
    request_id: Option<String>,
    #[serde(skip)]
    planted: bool,
    #[serde(skip)]
    owner: Option<String>,
}

impl Plantable for Grant {
    fn planted(&mut self) -> &mut bool {
        &mut self.planted
    }
}

/// A request for a right, as the ticket system has it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Request {
    request_id: String,
    account_id: String,
    system: &'static str,
    role: &'static str,
    requested_by: String,
    #[serde(serialize_with = "write::instant")]
    requested_at: Timestamp,
    approved_by: Option<String>,
    #[serde(serialize_with = "write::maybe_instant")]
    approved_at: Option<Timestamp>,
}

/// All rights and requests.
#[derive(Debug)]
pub(crate) struct Grants {
    pub(crate) list: Vec<Grant>,
    requests: Vec<Request>,
}

/// What each department works with.
fn usual_rights(department: &str) -> &'static [(&'static str, &'static str)] {
    match department {
        "Payroll Operations" => &[("payroll-app", "specialist"), ("ticket-system", "agent")],
        "Treasury" => &[("payroll-app", "releaser"), ("bank-portal", "approver")],
        "Engineering" => &[("source-control", "developer"), ("ticket-system", "agent")],
        "Security" => &[("identity-provider", "auditor"), ("ticket-system", "agent")],
        "IT Operations" => &[("job-scheduler", "operator"), ("ticket-system", "agent")],
        "Finance" => &[("general-ledger", "accountant"), ("bank-portal", "viewer")],
        "People" => &[("hr-system", "editor")],
        _ => &[("payroll-app", "viewer")],
    }
}

/// Rights that change a system itself.
const POWERFUL: [(&str, &str); 4] = [
    ("payroll-db", "administrator"),
    ("identity-provider", "administrator"),
    ("backup-vault", "administrator"),
    ("bank-portal", "administrator"),
];

/// Rights people ask for beside their usual ones.
const EXTRA: [(&str, &str); 5] = [
    ("payroll-app", "reporter"),
    ("general-ledger", "viewer"),
    ("source-control", "reader"),
    ("job-scheduler", "viewer"),
    ("payroll-db", "reader"),
];

impl Grants {
    /// Everyone's rights, then what is planted in them.
    pub(crate) fn build(
        seed: u64,
        people: &People,
        accounts: &Accounts,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<Grants, Error> {
        let mut draw = Draw::new(seed, "grants");
        let mut grants = Grants { list: Vec::new(), requests: Vec::new() };
        for person in &people.list {
            for account in accounts.of(&person.id) {
                if account.admin {
                    for (system, role) in POWERFUL.iter().take(2 + draw.position(3)) {
                        let at = after(account.created_at, draw.between(3_600, 400_000))?;
                        grants.give(people, account, (system, role), true, at, &mut draw)?;
                    }
                } else {
                    for (system, role) in usual_rights(person.department) {
                        let at = after(account.created_at, draw.between(1_800, 20_000))?;
                        grants.give(people, account, (system, role), false, at, &mut draw)?;
                    }
                }
            }
        }
        grants.give_extra(people, accounts, calendar, &mut draw)?;
        grants.give_temporary(people, accounts, calendar, &mut draw)?;
        grants.list.sort_by_key(|grant| grant.granted_at);
        for (n, grant) in (1..).zip(&mut grants.list) {
            grant.grant_id = format!("G-{n:05}");
        }
        grants.plant(people, calendar, plan, truth)?;
        Ok(grants)
    }

    /// Rights asked for through the year, for good.
    fn give_extra(
        &mut self,
        people: &People,
        accounts: &Accounts,
        calendar: &Calendar,
        draw: &mut Draw,
    ) -> Result<(), Error> {
        for _ in 0..130 {
            let day = calendar.business_day_after(day_between(draw, date(2025, 9, 2), date(2026, 9, 25)), 1);
            let working: Vec<&str> = people
                .list
                .iter()
                .filter(|person| person.works_on(day) && person.end.is_none())
                .map(|person| person.id.as_str())
                .collect();
            let account = draw.pick(&working).and_then(|id| accounts.of(id).find(|account| !account.admin));
            let (Some(account), Some(right)) = (account, draw.pick(&EXTRA).copied()) else { continue };
            if self.list.iter().any(|grant| grant.account_id == account.id && (grant.system, grant.role) == right) {
                continue;
            }
            let at = calendar.at(day, draw.between(9 * 3600, 18 * 3600))?;
            if at > account.created_at {
                self.give(people, account, right, false, at, draw)?;
            }
        }
        Ok(())
    }

    /// Powerful rights lent for hours, to engineers and administrators.
    fn give_temporary(
        &mut self,
        people: &People,
        accounts: &Accounts,
        calendar: &Calendar,
        draw: &mut Draw,
    ) -> Result<(), Error> {
        for _ in 0..48 {
            let day = calendar.business_day_after(day_between(draw, date(2025, 9, 2), date(2026, 10, 8)), 1);
            let department = if draw.chance(250) { "Security" } else { "Engineering" };
            let steady = people.steady(department);
            let account = draw.pick(&steady).and_then(|person| accounts.of(&person.id).find(|account| !account.admin));
            let Some(account) = account else { continue };
            let at = calendar.at(day, draw.between(8 * 3600, 20 * 3600))?;
            self.give(people, account, ("payroll-db", "break-glass"), true, at, draw)?;
            let back = after(at, draw.between(1_800, 8 * 3600))?;
            if let Some(grant) = self.list.last_mut() {
                grant.revoked_at = Some(back);
            }
        }
        Ok(())
    }

    /// Grants a right; from 2024 on there is a request, approved by the manager or, for a powerful right, by Security.
    fn give(
        &mut self,
        people: &People,
        account: &Account,
        (system, role): (&'static str, &'static str),
        privileged: bool,
        granted_at: Timestamp,
        draw: &mut Draw,
    ) -> Result<(), Error> {
        let Some(owner) = account.person.as_deref().and_then(|id| people.get(id)) else { return Ok(()) };
        let administrators = people.steady("IT Operations");
        let granted_by = draw.pick(&administrators).map(|person| person.email.clone()).unwrap_or_default();
        let security: Vec<_> = people.steady("Security").into_iter().filter(|person| person.id != owner.id).collect();
        let approver = if privileged {
            draw.pick(&security).map(|person| person.email.clone())
        } else {
            people.manager_mail(owner)
        };
        let approver = approver.or_else(|| draw.pick(&security).map(|person| person.email.clone()));
        let recent = granted_at >= "2024-01-01T05:00:00Z".parse::<Timestamp>()?;
        let request_id = recent.then(|| format!("REQ-{}", 10_001 + self.requests.len()));
        if let Some(request_id) = &request_id {
            let approved_at = after(granted_at, -draw.between(60, 90_000))?;
            self.requests.push(Request {
                request_id: request_id.clone(),
                account_id: account.id.clone(),
                system,
                role,
                requested_by: owner.email.clone(),
                requested_at: after(approved_at, -draw.between(600, 200_000))?,
                approved_by: approver,
                approved_at: Some(approved_at),
            });
        }
        self.list.push(Grant {
            grant_id: String::new(),
            account_id: account.id.clone(),
            system,
            role,
            privileged,
            granted_by,
            granted_at,
            revoked_at: account.disabled_at,
            request_id,
            planted: false,
            owner: Some(owner.id.clone()),
        });
        Ok(())
    }

    fn plant(&mut self, people: &People, calendar: &Calendar, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        let ordinary = [
            "no request",
            "request that does not exist",
            "request of another role",
            "request of another account",
            "request not approved",
            "approved after the grant",
            "approved by the requester",
            "approved by the requester, in capitals",
        ];
        for kind in ordinary {
            let (count, mut draw) = plan.of(APPROVED, kind);
            for _ in 0..count {
                let Some((grant, request)) = self.take(calendar, &mut draw, |grant| !grant.privileged) else {
                    continue;
                };
                truth.fault(APPROVED, vec![grant.grant_id.clone()], kind);
                match kind {
                    "no request" => grant.request_id = None,
                    "request that does not exist" => {
                        grant.request_id = Some(format!("REQ-{}", 90_000 + draw.below(9_000)))
                    }
                    "request of another role" => request.role = "observer",
                    "request of another account" => request.account_id = format!("ACC-{:04}", 5_000 + draw.below(900)),
                    "request not approved" => (request.approved_by, request.approved_at) = (None, None),
                    "approved after the grant" => {
                        request.approved_at =
                            Some(after(grant.granted_at, draw.between(1, 3) * draw.between(1, 40_000))?)
                    }
                    "approved by the requester" => request.approved_by = Some(request.requested_by.clone()),
                    _ => request.approved_by = Some(request.requested_by.to_uppercase()),
                }
            }
        }
        let kind = "approved in the second of the grant";
        let (count, mut draw) = plan.near(APPROVED, kind);
        for _ in 0..count {
            if let Some((grant, request)) = self.take(calendar, &mut draw, |grant| !grant.privileged) {
                request.approved_at = Some(grant.granted_at);
                truth.near_miss(APPROVED, vec![grant.grant_id.clone()], kind);
            }
        }
        self.plant_before_period(calendar, plan, truth)?;
        self.plant_powerful(people, calendar, plan, truth)
    }

    /// A right granted in the last minute before the period, without a request.
    fn plant_before_period(&mut self, calendar: &Calendar, plan: Plan, truth: &mut Truth) -> Result<(), Error> {
        let kind = "granted in the last minute before the period";
        let (_, mut draw) = plan.near(APPROVED, kind);
        let extra = |grant: &Grant| {
            let early = (DATA_START..date(2025, 12, 1)).contains(&calendar.local_date(grant.granted_at));
            early && !grant.privileged && EXTRA.contains(&(grant.system, grant.role)) && grant.revoked_at.is_none()
        };
        if let Some(grant) = take(&mut draw, &mut self.list, extra) {
            grant.granted_at = calendar.local(crate::calendar::plus(PERIOD_START, -1), 23, 59)?;
            grant.request_id = None;
            truth.near_miss(APPROVED, vec![grant.grant_id.clone()], kind);
        }
        Ok(())
    }

    fn plant_powerful(
        &mut self,
        people: &People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<(), Error> {
        let heads = people.steady("Engineering");
        for kind in ["approved outside Security", "approved by the account's owner", "powerful right without a request"]
        {
            let (count, mut draw) = plan.of(PRIVILEGED, kind);
            for _ in 0..count {
                let own = kind == "approved by the account's owner";
                let is_security = |grant: &Grant| {
                    grant
                        .owner
                        .as_deref()
                        .and_then(|id| people.get(id))
                        .is_some_and(|person| person.department == "Security")
                };
                let outsider = draw.pick(&heads).map(|person| person.email.clone());
                let Some((grant, request)) =
                    self.take(calendar, &mut draw, |grant| grant.privileged && (!own || is_security(grant)))
                else {
                    continue;
                };
                let owner = grant.owner.as_deref().and_then(|id| people.get(id)).map(|person| person.email.clone());
                truth.fault(PRIVILEGED, vec![grant.grant_id.clone()], kind);
                if own {
                    request.approved_by = owner;
                    request.requested_by = "it.desk@harborlane.example".to_owned();
                } else if kind == "approved outside Security" {
                    request.approved_by = outsider
                        .filter(|mail| *mail != request.requested_by)
                        .or(Some("it.desk@harborlane.example".to_owned()));
                } else {
                    grant.request_id = None;
                    truth.fault(APPROVED, vec![grant.grant_id.clone()], kind);
                }
            }
        }
        self.plant_approvers(people, calendar, plan, truth)?;
        let kind = "approved by a contractor of Security";
        let contractor = people
            .steady("Security")
            .into_iter()
            .find(|person| person.contractor)
            .map(|person| (person.id.clone(), person.email.clone()));
        let (count, mut draw) = plan.near(PRIVILEGED, kind);
        for _ in 0..count {
            let Some((id, mail)) = contractor.clone() else { continue };
            if let Some((grant, request)) =
                self.take(calendar, &mut draw, |grant| grant.privileged && grant.owner.as_ref() != Some(&id))
            {
                request.approved_by = Some(mail);
                truth.near_miss(PRIVILEGED, vec![grant.grant_id.clone()], kind);
            }
        }
        Ok(())
    }

    /// Approvers who were of Security once, or came to it later: what counts is the time of the approval.
    fn plant_approvers(
        &mut self,
        people: &People,
        calendar: &Calendar,
        plan: Plan,
        truth: &mut Truth,
    ) -> Result<(), Error> {
        let edge = &people.boundary;
        let change = calendar.local(TRANSFER, 0, 0)?;
        let gone = people.get(&edge.gone_from_security).and_then(|person| person.end).map_or(change, |end| end.at);
        // (whether a fault, who approves, from when, until when)
        let cases = [
            (true, "approved before joining Security", &edge.joined_security, None, Some(change)),
            (true, "approved after leaving Security", &edge.left_security, Some(change), None),
            (true, "approved after the last working day", &edge.gone_from_security, Some(gone), None),
            (false, "approved by one who has left Security since", &edge.left_security, None, Some(change)),
            (false, "approved by one who joined Security before", &edge.joined_security, Some(change), None),
            (false, "approved by one who has left since", &edge.gone_from_security, None, Some(gone)),
        ];
        for (fault, kind, approver, from, until) in cases {
            let Some(approver) = people.get(approver) else { continue };
            let (count, mut draw) = if fault { plan.of(PRIVILEGED, kind) } else { plan.near(PRIVILEGED, kind) };
            // Grants of a part of the year are few: one of a kind leaves room for the others.
            for _ in 0..count.min(1) {
                let fits = |grant: &Grant| {
                    grant.privileged
                        && grant.owner.as_ref() != Some(&approver.id)
                        && from.is_none_or(|from| grant.granted_at.duration_since(from).as_hours() > 48)
                        && until.is_none_or(|until| grant.granted_at < until)
                };
                let Some((grant, request)) = self.take(calendar, &mut draw, fits) else { continue };
                request.approved_by = Some(approver.email.clone());
                if fault {
                    truth.fault(PRIVILEGED, vec![grant.grant_id.clone()], kind);
                } else {
                    truth.near_miss(PRIVILEGED, vec![grant.grant_id.clone()], kind);
                }
            }
        }
        Ok(())
    }

    /// A grant of the period with its request.
    fn take(
        &mut self,
        calendar: &Calendar,
        draw: &mut Draw,
        fits: impl Fn(&Grant) -> bool,
    ) -> Option<(&mut Grant, &mut Request)> {
        let grant = take(draw, &mut self.list, |grant| {
            in_period(calendar.local_date(grant.granted_at)) && grant.request_id.is_some() && fits(grant)
        })?;
        let request =
            self.requests.iter_mut().find(|request| Some(&request.request_id) == grant.request_id.as_ref())?;
        Some((grant, request))
    }

    /// Writes `idp/grants.jsonl` and `tickets/access-requests.json`.
    pub(crate) fn write(&self, systems: &Path) -> Result<(), Error> {
        write::json_lines(&systems.join("idp/grants.jsonl"), &self.list)?;
        write::json(&systems.join("tickets/access-requests.json"), &self.requests)
    }
}
