//! The clean history: merge requests, reviews, tickets, deployments, releases.

use jiff::Timestamp;
use jiff::civil::date;

use super::{Author, Changes, Commit, Deployed, Deployment, Line, Tag, Ticket};
use crate::calendar::{Calendar, after, plus};
use crate::draw::Draw;
use crate::error::Error;
use crate::people::{People, Person};

const MODULES: [&str; 12] = [
    "bank_file",
    "calculation",
    "client_portal",
    "deductions",
    "deposits",
    "gross_to_net",
    "hours_import",
    "ledger_posting",
    "reports",
    "tax_tables",
    "user_rights",
    "year_end",
];
const WORK: [&str; 12] = [
    "round once, at the end",
    "refuse an empty file",
    "show the rejected records",
    "name the client in the message",
    "speed up the nightly run",
    "log who released",
    "read the new bracket table",
    "keep the old statement",
    "correct the sort order",
    "add a control total",
    "remove dead code",
    "cover the leap day",
];

/// Grows the history merge request by merge request.
struct Growing<'a> {
    people: &'a People,
    calendar: &'a Calendar,
    draw: Draw,
    changes: Changes,
    head: Option<u32>,
    requests: u32,
    last_deployed: Vec<u32>,
    last_at: Timestamp,
}

/// Builds the clean history.
pub(super) fn build(seed: u64, people: &People, calendar: &Calendar) -> Result<Changes, Error> {
    let begun = calendar.local(date(2025, 8, 11), 9, 0)?;
    let mut growing = Growing {
        people,
        calendar,
        draw: Draw::new(seed, "changes"),
        changes: Changes {
            calendar: calendar.clone(),
            commits: Vec::new(),
            tags: Vec::new(),
            tickets: Vec::new(),
            deployments: Vec::new(),
            pending: Vec::new(),
            noted: Vec::new(),
        },
        head: None,
        requests: 0,
        last_deployed: Vec::new(),
        last_at: begun,
    };
    growing.first_commit(begun);
    let mut day = date(2025, 8, 12);
    while day <= date(2026, 10, 9) {
        if calendar.is_business_day(day) {
            for slot in 0..growing.draw.between(0, 3) {
                growing.merge_request(day, slot)?;
            }
            if growing.draw.chance(45) {
                growing.abandoned_branch(day)?;
            }
            if day.day() == 15 || day.day() == 16 && day.weekday() == jiff::civil::Weekday::Monday {
                growing.release(day)?;
            }
        }
        day = plus(day, 1);
    }
    let mut changes = growing.changes;
    changes.deployments.sort_by_key(|deployment| deployment.at);
    for (n, deployment) in (1..).zip(&mut changes.deployments) {
        deployment.id = format!("first-{n}");
    }
    Ok(changes)
}

impl Growing<'_> {
    fn mark(&self) -> u32 {
        u32::try_from(self.changes.commits.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn first_commit(&mut self, at: Timestamp) {
        let author = self.people.steady("Engineering").first().map(|person| author(person));
        let author =
            author.unwrap_or(Author { name: "Build".to_owned(), email: "build@harborlane.example".to_owned() });
        let mut files = vec![(
            "README.md".to_owned(),
            "# payroll-app\n\nThe payroll application of Harbor Lane Payroll, Inc.\n".to_owned(),
        )];
        files.extend(MODULES.iter().map(|module| (format!("src/{module}.rs"), format!("//! {module}\n"))));
        self.push(
            Line::Main,
            None,
            None,
            author.clone(),
            author,
            at,
            "Import the payroll application".to_owned(),
            None,
            None,
            files,
        );
        self.head = Some(1);
    }

    #[expect(clippy::too_many_arguments, reason = "a commit has that many parts, and each caller gives all of them")]
    fn push(
        &mut self,
        line: Line,
        parent: Option<u32>,
        merged: Option<u32>,
        author: Author,
        committer: Author,
        at: Timestamp,
        subject: String,
        reviewed_by: Option<Author>,
        ticket: Option<String>,
        files: Vec<(String, String)>,
    ) -> u32 {
        let mark = self.mark();
        self.changes.commits.push(Commit {
            mark,
            line,
            parent,
            merged,
            author,
            committer,
            at,
            subject,
            reviewed_by,
            ticket,
            files,
            planted: false,
        });
        mark
    }

    /// A branch with one to three commits, reviewed and merged (or squashed), its ticket, and usually its deployment.
    fn merge_request(&mut self, day: jiff::civil::Date, slot: i64) -> Result<(), Error> {
        let engineers = self.draw.shuffled(self.people.on("Engineering", day));
        let (Some(writer), Some(reviewer)) = (engineers.first().copied(), engineers.get(1).copied()) else {
            return Ok(());
        };
        self.requests += 1;
        let (number, squash) = (self.requests, self.draw.chance(200));
        let merged_at = self.calendar.at(day, (10 + 3 * slot) * 3600 + self.draw.between(0, 9_000))?;
        let module = *self.draw.pick(&MODULES).unwrap_or(&"reports");
        let work = *self.draw.pick(&WORK).unwrap_or(&"remove dead code");
        let ticket = format!("CHG-{}", 1000 + number);
        let (mut tip, mut files) = (self.head, Vec::new());
        let steps = self.draw.between(1, 3);
        for step in 0..steps {
            let at = after(merged_at, -(steps - step) * 5_400 - self.draw.between(1_800, 5_000))?;
            let file = vec![self.edit(module, number, step)];
            files.retain(|(path, _)| file.iter().all(|(other, _)| other != path));
            files.extend(file.clone());
            if !squash {
                let subject = format!("{module}: {work} ({})", step + 1);
                tip = Some(self.push(
                    Line::Request(number),
                    tip,
                    None,
                    author(writer),
                    author(writer),
                    at,
                    subject,
                    None,
                    None,
                    file,
                ));
            }
        }
        let committer = if self.draw.chance(500) { author(reviewer) } else { author(writer) };
        let subject = if squash {
            format!("{module}: {work} (#{number})")
        } else {
            format!("Merge request #{number}: {module}: {work}")
        };
        let merged = if squash { None } else { tip };
        let mark = self.push(
            Line::Main,
            self.head,
            merged,
            author(writer),
            committer,
            merged_at,
            subject,
            Some(author(reviewer)),
            Some(ticket.clone()),
            files,
        );
        self.head = Some(mark);
        self.last_at = merged_at;
        let deployed_at = self.deploy(mark, merged_at)?;
        self.ticket(ticket, writer, reviewer, merged_at, deployed_at)
    }

    /// One change of a file; the content is of no importance.
    fn edit(&mut self, module: &str, number: u32, step: i64) -> (String, String) {
        let value = self.draw.below(100_000);
        (
            format!("src/{module}.rs"),
            format!(
                "//! {module}\n\n/// Changed by request {number}, step {step}.\npub const REVISION: u64 = {value};\n"
            ),
        )
    }

    /// Deploys three of four changes; some deployments fail and are tried again, some are rolled back.
    fn deploy(&mut self, mark: u32, merged_at: Timestamp) -> Result<Option<Timestamp>, Error> {
        if !self.draw.chance(760) {
            return Ok(None);
        }
        let first = after(merged_at, self.draw.between(1_800, 7_000))?;
        match self.draw.below(100) {
            0..=3 => {
                self.deployment(mark, first, "failed");
                self.deployment(mark, after(first, 1_500)?, "succeeded");
            }
            4..=6 => {
                self.deployment(mark, first, "rolled_back");
                if let Some(before) = self.last_deployed.last().copied() {
                    self.deployment(before, after(first, 1_200)?, "succeeded");
                }
                return Ok(Some(first));
            }
            _ => self.deployment(mark, first, "succeeded"),
        }
        self.last_deployed.push(mark);
        Ok(Some(first))
    }

    fn deployment(&mut self, mark: u32, at: Timestamp, outcome: &'static str) {
        let team = self.people.steady("IT Operations");
        let by = self.draw.pick(&team).map(|person| person.email.clone()).unwrap_or_default();
        let on = self.calendar.local_date(at);
        self.changes.deployments.push(Deployment {
            id: String::new(),
            commit: Deployed::Mark(mark),
            at,
            on,
            by,
            outcome,
            planted: false,
        });
    }

    /// The ticket of a change: approved before it is merged, or, in an emergency, soon after it was deployed.
    fn ticket(
        &mut self,
        ticket_id: String,
        writer: &Person,
        reviewer: &Person,
        merged_at: Timestamp,
        deployed_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let approvers: Vec<&Person> =
            self.people.steady("Client Success").into_iter().chain(self.people.steady("IT Operations")).collect();
        let approver = self.draw.pick(&approvers).map(|person| person.email.clone());
        let emergency = deployed_at.filter(|_| self.draw.chance(40));
        let (approved_at, kind) = match emergency {
            Some(at) => (after(at, self.draw.between(600, 20_000))?, "emergency"),
            None => (after(merged_at, -self.draw.between(600, 90_000))?, "normal"),
        };
        let requested_at = after(approved_at.min(merged_at), -self.draw.between(20_000, 900_000))?;
        self.changes.tickets.push(Ticket {
            ticket_id,
            kind,
            requested_by: writer.email.clone(),
            requested_at,
            approved_by: approver,
            approved_at: Some(approved_at),
            tested_by: Some(reviewer.email.clone()),
            tested_at: Some(after(merged_at, -self.draw.between(300, 5_000))?),
            closed_at: deployed_at.map(|at| after(at, 40_000)).transpose()?,
        });
        Ok(())
    }

    /// Work that was begun and never merged; its branch stays.
    fn abandoned_branch(&mut self, day: jiff::civil::Date) -> Result<(), Error> {
        let engineers = self.draw.shuffled(self.people.on("Engineering", day));
        let Some(writer) = engineers.first().copied() else { return Ok(()) };
        let module = *self.draw.pick(&MODULES).unwrap_or(&"reports");
        let name = format!("try/{module}-{}", self.mark());
        let at = self.calendar.at(day, 19 * 3600 + self.draw.between(0, 3_000))?;
        let file = vec![self.edit(module, 0, 0)];
        self.push(
            Line::Branch(name),
            self.head,
            None,
            author(writer),
            author(writer),
            at,
            format!("{module}: an attempt"),
            None,
            None,
            file,
        );
        Ok(())
    }

    fn release(&mut self, day: jiff::civil::Date) -> Result<(), Error> {
        let Some(mark) = self.head else { return Ok(()) };
        let team = self.people.steady("IT Operations");
        let Some(tagger) = self.draw.pick(&team).map(|person| author(person)) else { return Ok(()) };
        let at = self.calendar.local(day, 20, 0)?;
        self.changes.tags.push(Tag { name: format!("v{}.{}", day.year(), day.month()), mark, tagger, at });
        Ok(())
    }
}

/// A person as git knows them.
pub(super) fn author(person: &Person) -> Author {
    Author { name: person.name.clone(), email: person.email.clone() }
}
