//! Faults in changes: not reviewed, not approved, deployed from elsewhere.

use jiff::Timestamp;
use jiff::civil::Weekday;

use super::history::author;
use super::{Author, Changes, Commit, Deployed, Deployment, Line, Ticket};
use crate::calendar::{after, days_between, in_period, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::people::People;
use crate::truth::Plan;
use crate::write::take;

const REVIEWED: &str = "change-reviewed";
const APPROVED: &str = "change-approved";
const ON_MAIN: &str = "deployed-commit-on-main";

impl Changes {
    /// Plants changes that went past the rules.
    pub(super) fn plant(&mut self, people: &People, plan: Plan) -> Result<(), Error> {
        self.plant_reviews(plan);
        self.plant_pushes(people, plan)?;
        self.plant_approvals(people, plan)?;
        self.plant_branches(people, plan)?;
        Ok(())
    }

    fn plant_reviews(&mut self, plan: Plan) {
        for kind in ["merged without a review", "reviewed by the author", "reviewed by the author, in capitals"] {
            let (count, mut draw) = plan.of(REVIEWED, kind);
            for _ in 0..count {
                let Some(commit) = self.take_merge(&mut draw, |_| true) else { continue };
                let own = commit.author.clone();
                commit.reviewed_by = match kind {
                    "merged without a review" => None,
                    "reviewed by the author" => Some(own),
                    _ => Some(Author { email: own.email.to_uppercase(), ..own }),
                };
                let mark = commit.mark;
                self.pending.push((REVIEWED, mark, kind, true));
            }
        }
        let kind = "the reviewer merged it";
        let (count, mut draw) = plan.near(REVIEWED, kind);
        for _ in 0..count {
            if let Some(commit) =
                self.take_merge(&mut draw, |commit| commit.reviewed_by.as_ref() == Some(&commit.committer))
            {
                let mark = commit.mark;
                self.pending.push((REVIEWED, mark, kind, false));
            }
        }
    }

    /// A commit of the default branch, in the period, that came in by a merge request.
    fn take_merge(&mut self, draw: &mut Draw, fits: impl Fn(&Commit) -> bool) -> Option<&mut Commit> {
        let calendar = self.calendar.clone();
        take(draw, &mut self.commits, |commit| {
            commit.line == Line::Main
                && commit.reviewed_by.is_some()
                && in_period(calendar.local_date(commit.at))
                && fits(commit)
        })
    }

    /// Pushes straight to main, in the period and just before it. Later commits keep their place on the branch.
    fn plant_pushes(&mut self, people: &People, plan: Plan) -> Result<(), Error> {
        let kind = "pushed to main";
        let (count, mut draw) = plan.of(REVIEWED, kind);
        let mut days = Vec::new();
        for _ in 0..count {
            let day = self.calendar.business_day_after(
                crate::write::day_between(&mut draw, jiff::civil::date(2025, 10, 3), jiff::civil::date(2026, 9, 20)),
                1,
            );
            days.push((self.calendar.at(day, 20 * 3600 + draw.between(0, 3_000))?, kind, true));
        }
        // 30 September 23:50 local is already October in UTC.
        days.push((
            self.calendar.local(jiff::civil::date(2025, 9, 30), 23, 50)?,
            "pushed to main before the period",
            false,
        ));
        for (at, kind, fault) in days {
            let engineers = people.steady("Engineering");
            let Some(writer) = draw.pick(&engineers).map(|person| author(person)) else { continue };
            let mark = self.insert_on_main(at, writer, "calculation: quick fix");
            self.pending.push((REVIEWED, mark, kind, fault));
        }
        Ok(())
    }

    /// Puts a commit between two of main; marks stay ascending in time along the stream because the stream is ordered anew.
    fn insert_on_main(&mut self, at: Timestamp, writer: Author, subject: &str) -> u32 {
        let mark = self.commits.iter().map(|commit| commit.mark).max().unwrap_or(0).saturating_add(1);
        let before = self.commits.iter().rposition(|commit| commit.line == Line::Main && commit.at <= at).unwrap_or(0);
        let parent = self.commits.get(before).map(|commit| commit.mark);
        if let Some(next) =
            self.commits.iter_mut().filter(|commit| commit.line == Line::Main).find(|commit| commit.parent == parent)
        {
            next.parent = Some(mark);
        }
        let files = vec![(
            "src/calculation.rs".to_owned(),
            format!("//! calculation\n\n/// Fixed in a hurry.\npub const REVISION: u64 = {mark};\n"),
        )];
        let commit = Commit {
            mark,
            line: Line::Main,
            parent,
            merged: None,
            author: writer.clone(),
            committer: writer,
            at,
            subject: subject.to_owned(),
            reviewed_by: None,
            ticket: None,
            files,
            planted: true,
        };
        // The stream needs every parent before its child, and commits of branches may hang on the one before.
        self.commits.insert(before.saturating_add(1), commit);
        mark
    }

    fn plant_approvals(&mut self, people: &People, plan: Plan) -> Result<(), Error> {
        let kinds = [
            "no ticket named",
            "ticket that does not exist",
            "not approved",
            "approved by the requester",
            "approved by the author",
            "approved after the deployment",
            "emergency approved too late",
        ];
        for kind in kinds {
            let (count, mut draw) = plan.of(APPROVED, kind);
            for _ in 0..count {
                let Some((deployment, ticket)) = self.take_deployed(&mut draw, |_, ticket| ticket.kind == "normal")
                else {
                    continue;
                };
                self.noted.push((APPROVED, deployment.id.clone(), kind, true));
                self.spoil(kind, &deployment, &ticket, people, &mut draw)?;
            }
        }
        let kind = "approved in the second of the deployment";
        let (count, mut draw) = plan.near(APPROVED, kind);
        for _ in 0..count {
            let Some((deployment, ticket)) = self.take_deployed(&mut draw, |_, ticket| ticket.kind == "normal") else {
                continue;
            };
            self.change_ticket(&ticket.ticket_id, |ticket| ticket.approved_at = Some(deployment.at));
            self.noted.push((APPROVED, deployment.id.clone(), kind, false));
        }
        let kind = "emergency on a Friday, approved on the last minute of Monday";
        let (count, mut draw) = plan.near(APPROVED, kind);
        for _ in 0..count {
            let Some((deployment, ticket)) = self.take_deployed(&mut draw, |deployment, ticket| {
                ticket.kind == "normal" && deployment.on.weekday() == Weekday::Friday
            }) else {
                continue;
            };
            let approved_at = self.calendar.local(self.calendar.business_day_after(deployment.on, 1), 23, 59)?;
            self.change_ticket(&ticket.ticket_id, |ticket| {
                (ticket.kind, ticket.approved_at) = ("emergency", Some(approved_at))
            });
            self.noted.push((APPROVED, deployment.id.clone(), kind, false));
        }
        let kind = "failed, never approved";
        let (count, mut draw) = plan.near(APPROVED, kind);
        for _ in 0..count {
            let Some((deployment, ticket)) = self.take_deployed(&mut draw, |_, ticket| ticket.kind == "normal") else {
                continue;
            };
            self.change_ticket(&ticket.ticket_id, |ticket| (ticket.approved_by, ticket.approved_at) = (None, None));
            if let Some(deployment) = self.deployments.iter_mut().find(|other| other.id == deployment.id) {
                deployment.outcome = "failed";
            }
            self.noted.push((APPROVED, deployment.id.clone(), kind, false));
        }
        Ok(())
    }

    /// A deployment of the period that is the only one of its commit, with its ticket.
    fn take_deployed(
        &mut self,
        draw: &mut Draw,
        fits: impl Fn(&Deployment, &Ticket) -> bool,
    ) -> Option<(Deployment, Ticket)> {
        let commits = &self.commits;
        let tickets = &self.tickets;
        let all = self.deployments.clone();
        let ticket_of = |deployment: &Deployment| -> Option<&Ticket> {
            let Deployed::Mark(mark) = deployment.commit else { return None };
            let named = commits.iter().find(|commit| commit.mark == mark)?.ticket.as_ref()?;
            tickets.iter().find(|ticket| ticket.ticket_id == *named)
        };
        let last = crate::calendar::PERIOD_END;
        let chosen = take(draw, &mut self.deployments, |deployment| {
            let alone = all.iter().filter(|other| other.commit == deployment.commit).count() == 1;
            let settled = in_period(deployment.on) && days_between(deployment.on, last) > 6;
            alone
                && settled
                && deployment.outcome == "succeeded"
                && ticket_of(deployment).is_some_and(|ticket| fits(deployment, ticket))
        })?
        .clone();
        let ticket = ticket_of(&chosen)?.clone();
        Some((chosen, ticket))
    }

    fn change_ticket(&mut self, id: &str, change: impl FnOnce(&mut Ticket)) {
        if let Some(ticket) = self.tickets.iter_mut().find(|ticket| ticket.ticket_id == id) {
            change(ticket);
        }
    }

    fn spoil(
        &mut self,
        kind: &str,
        deployment: &Deployment,
        ticket: &Ticket,
        people: &People,
        draw: &mut Draw,
    ) -> Result<(), Error> {
        let commit = self.commits.iter_mut().find(|commit| deployment.commit == Deployed::Mark(commit.mark));
        let late = self.calendar.local(plus(self.calendar.business_day_after(deployment.on, 1), 1), 0, 1)?;
        let soon = after(deployment.at, draw.between(1, 50_000))?;
        let product = people.steady("Client Success").first().map(|person| person.email.clone()).unwrap_or_default();
        match kind {
            "no ticket named" => {
                if let Some(commit) = commit {
                    commit.ticket = None;
                }
            }
            "ticket that does not exist" => self.tickets.retain(|other| other.ticket_id != ticket.ticket_id),
            "not approved" => {
                self.change_ticket(&ticket.ticket_id, |ticket| (ticket.approved_by, ticket.approved_at) = (None, None))
            }
            "approved by the requester" => self.change_ticket(&ticket.ticket_id, |ticket| {
                ticket.requested_by.clone_from(&product);
                ticket.approved_by = Some(product.clone());
            }),
            "approved by the author" => {
                let writer = commit.map(|commit| commit.author.email.clone());
                self.change_ticket(&ticket.ticket_id, |ticket| {
                    ticket.requested_by.clone_from(&product);
                    ticket.approved_by = writer;
                });
            }
            "approved after the deployment" => {
                self.change_ticket(&ticket.ticket_id, |ticket| ticket.approved_at = Some(soon))
            }
            _ => self.change_ticket(&ticket.ticket_id, |ticket| {
                (ticket.kind, ticket.approved_at) = ("emergency", Some(late))
            }),
        }
        Ok(())
    }

    /// Deployments of what is not on main.
    fn plant_branches(&mut self, people: &People, plan: Plan) -> Result<(), Error> {
        let cases = [
            (true, "a commit of a branch"),
            (true, "a commit the repository does not have"),
            (false, "a failed deployment of a branch"),
        ];
        for (fault, kind) in cases {
            let (count, mut draw) = if fault { plan.of(ON_MAIN, kind) } else { plan.near(ON_MAIN, kind) };
            for _ in 0..count {
                let Some((model, ticket)) = self.take_deployed(&mut draw, |_, ticket| ticket.kind == "normal") else {
                    continue;
                };
                let at = after(model.at, 5_400)?;
                let unknown = kind == "a commit the repository does not have";
                let commit = if unknown {
                    Deployed::Unknown(format!("{:016x}{:016x}{:08x}", draw.bits(), draw.bits(), draw.bits() >> 32))
                } else {
                    let engineers = people.steady("Engineering");
                    let Some(writer) = draw.pick(&engineers).map(|person| author(person)) else { continue };
                    let Some(mark) = self.branch_commit(&model, writer, &ticket) else { continue };
                    Deployed::Mark(mark)
                };
                let outcome = if fault { "succeeded" } else { "failed" };
                let (id, on) = (format!("first-{}", self.deployments.len() + 1), self.calendar.local_date(at));
                let key = id.clone();
                self.deployments.push(Deployment { id, commit, at, on, by: model.by.clone(), outcome, planted: true });
                self.noted.push((ON_MAIN, key.clone(), kind, fault));
                if fault && unknown {
                    self.noted.push((APPROVED, key, kind, true));
                }
            }
        }
        Ok(())
    }

    /// A commit on a branch of its own, after the deployed one, naming the same approved ticket.
    fn branch_commit(&mut self, model: &Deployment, writer: Author, ticket: &Ticket) -> Option<u32> {
        let Deployed::Mark(parent) = model.commit else { return None };
        let mark = self.commits.iter().map(|commit| commit.mark).max()?.checked_add(1)?;
        let at = after(model.at, 1_800).ok()?;
        // The ticket's approver must not be the author of this commit.
        if ticket.approved_by.as_ref() == Some(&writer.email) {
            return None;
        }
        self.commits.push(Commit {
            mark,
            line: Line::Branch(format!("hotfix/{}", ticket.ticket_id.to_lowercase())),
            parent: Some(parent),
            merged: None,
            author: writer.clone(),
            committer: writer,
            at,
            subject: "hotfix: retry the bank file".to_owned(),
            reviewed_by: None,
            ticket: Some(ticket.ticket_id.clone()),
            files: vec![(
                "src/bank_file.rs".to_owned(),
                format!("//! bank_file\n\npub const REVISION: u64 = {mark};\n"),
            )],
            planted: true,
        });
        Some(mark)
    }
}
