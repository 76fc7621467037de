//! `GET /`: where every engagement stands, and its exceptions.

use std::collections::BTreeMap;

use maud::{Markup, html};
use tickmark_app::{EngagementView, ScoreKind};

use super::{
    ask::{Ask, Page},
    exceptions,
    figure::{OUTCOMES, bar, days, figure, grouped, outcome, outcome_words},
    problem::Problem,
};

/// `GET /`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let moment = &ask.moment;
    let chosen = ask.value("engagement");
    let engagements = moment.engagements()?;
    if !chosen.is_empty() && !engagements.iter().any(|engagement| engagement.id.as_str() == chosen) {
        return Err(Problem::NotFound(format!("There is no engagement `{chosen}` at this moment.")));
    }
    let shown = engagements.iter().filter(|engagement| chosen.is_empty() || engagement.id.as_str() == chosen);
    let parts = shown.map(|engagement| engagement_part(ask, engagement)).collect::<Result<Vec<_>, Problem>>()?;
    Ok(Page::new(
        "Where every engagement stands",
        html! {
            h1 { "Where every engagement stands" }
            (anchoring(ask)?)
            (schedule(ask))
            @if parts.is_empty() {
                p.empty { "No engagement is open at this moment. A compliance lead opens one: a report, a type, a date or period, and what is in scope." }
            }
            div.engagements { @for part in &parts { (part) } }
            (exceptions::list(ask)?)
        },
    ))
}

/// Who outside holds the ledger, and for how long nobody did.
fn anchoring(ask: &Ask) -> Result<Markup, Problem> {
    let anchors = ask.to(&["anchors"]);
    Ok(match ask.moment.unanchored()? {
        None => html! {
            p.lead { span.mark.warn { span.sign aria-hidden="true" { "!" } "Vouched for by the organization's own key only" }
                ": " a href=(anchors) { "no checkpoint has left the house" } "." }
        },
        Some(stretch) => html! {
            p.lead { "Held outside by " (stretch.holders.join(", ")) ". Longest stretch without an outside anchor: "
                (figure(stretch.longest_days, &anchors)) @if stretch.longest_days == 1 { " day" } @else { " days" }
                ", from " (stretch.longest_from.strftime("%Y-%m-%d").to_string()) "." }
        },
    })
}

/// Where the schedule of control tests stands, where there is something to say.
fn schedule(ask: &Ask) -> Markup {
    let schedule = ask.moment.schedule();
    let test = |id: &str| ask.to(&["control-tests", id]);
    let warned = |word: &'static str| html! { span.mark.warn { span.sign aria-hidden="true" { "!" } (word) } };
    let trouble = ask.schedule_trouble.as_deref().filter(|_| ask.at.is_none());
    html! {
        @if let Some(back) = ask.moment.clock_set_back() {
            p { (warned("a clock was set back")) ": " (grouped(back.entries)) " entries, the first of them "
                a href=(ask.to(&["ledger", &back.first_entry.to_string()])) { "entry " (grouped(back.first_entry)) }
                ", say an earlier time than an entry before them. They count as recorded at that one's." }
        }
        @if let Some(why) = trouble { p { (warned("the schedule is not kept")) ": " (why) } }
        @if let Some(since) = schedule.due.tests.iter().map(|due| due.since).min() {
            p { (grouped(schedule.due.tests.len() as u64)) " control tests are due since " (since) "." }
        }
        @for missed in &schedule.missed {
            p { (warned("runs missed")) ": " (missed.count) " of " (grouped(missed.tests.len() as u64)) " control tests, due " (missed.first_on) " to " (missed.last_on)
                " (" a href=(ask.to(&["ledger", &missed.entry.to_string()])) { "entry " (grouped(missed.entry)) } ")." }
        }
        @for stale in &schedule.stale {
            p { (warned("stale")) ": " a href=(test(stale.test.as_str())) { (stale.test) } " rests on " (stale.dataset) " of " (stale.newest_on) ", too old since " (stale.stale_since) "." }
        }
        @for unproven in &schedule.unproven {
            p { (warned("unproven")) ": " a href=(test(unproven)) { (unproven) } " ended before its canaries were caught." }
        }
    }
}

fn engagement_part(ask: &Ask, view: &EngagementView<'_>) -> Result<Markup, Problem> {
    let id = view.id.as_str();
    let (_, figures) = ask.moment.figures_of(id)?;
    let mut outcomes: BTreeMap<&str, u64> = BTreeMap::new();
    for test in figures.tests.values() {
        *outcomes.entry(outcome_words(test.outcome).1).or_default() += 1;
    }
    let score_at = |kind: ScoreKind, standing: &str| {
        ask.to_query(&["engagements", id, "scores", kind.slug()], &[("standing", standing)])
    };
    let tests_at = |word: &str| ask.to_query(&["control-tests"], &[("engagement", id), ("outcome", word)]);
    let controls = ask.to_query(&["controls"], &[("engagement", id)]);
    Ok(html! {
        section.engagement aria-labelledby=(id) {
            h2 id=(id) { a href=(ask.to_query(&[], &[("engagement", id)])) { (view.report) } }
            p.soft { (view.system) ", " @if view.span.first == view.span.last { "as of " } (days(view.span)) ". "
                (figure(figures.controls.len() as u64, &controls)) " controls in scope." }
            table.scores {
                caption.hidden { "The four scores" }
                thead { tr { th scope="col" { "Score" } th.drawn aria-hidden="true" {} th.number scope="col" { "Holds" } th.number scope="col" { "Does not" } th.number scope="col" { "Not assessed" } th.number scope="col" { "Of" } } }
                tbody { @for kind in ScoreKind::ALL {
                    @let score = kind.of(figures);
                    tr {
                        th scope="row" { (kind.name()) }
                        td.drawn { (bar(score)) }
                        td.number { (figure(score.holds, &score_at(kind, "holds"))) }
                        td.number { (figure(score.does_not, &score_at(kind, "does-not"))) }
                        td.number { (figure(score.untested, &score_at(kind, "not-assessed"))) }
                        td.number { (figure(score.denominator(), &score_at(kind, ""))) }
                    }
                } }
            }
            div.under {
            table.outcomes {
                caption { "Newest results of control tests" }
                tbody { @for kind in OUTCOMES {
                    @let word = outcome_words(kind).1;
                    @let count = outcomes.get(word).copied().unwrap_or_default();
                    tr.none[count == 0] { th scope="row" { (outcome(kind)) } td.number { (figure(count, &tests_at(word))) } }
                } }
                tfoot { tr { th scope="row" { "control tests" } td.number { (figure(figures.tests.len() as u64, &tests_at(""))) } } }
            }
            div { (firm(ask, view)) }
            }
        }
    })
}

fn firm(ask: &Ask, view: &EngagementView<'_>) -> Markup {
    let tests = &view.engagement.firm_tests;
    let deviations: u64 = tests.values().filter(|test| test.deviations > 0).count() as u64;
    let at = |with: &str| ask.to_query(&["engagements", view.id.as_str(), "firm-tests"], &[("deviations", with)]);
    let entry = |index: u64| ask.to(&["ledger", &index.to_string()]);
    html! {
        h3 { "The firm" }
        @match (&view.firm, &view.engagement.firm) {
            (Some(name), Some(appointment)) => p { (name) ", appointed in " a href=(entry(appointment.entry)) { "entry " (grouped(appointment.entry)) } ". "
                "It recorded " (figure(tests.len() as u64, &at(""))) " tests of controls, " (figure(deviations, &at("yes"))) " of them with deviations. "
                @match &view.engagement.auditors_report {
                    Some(report) => { "Its report is dated " (report.dated_on) " (" a href=(entry(report.entry)) { "entry " (grouped(report.entry)) } ")." }
                    None => "Its report is not recorded.",
                } },
            _ => p.empty { "No firm is appointed. The compliance lead appoints one, with the key to which its packages are sealed." },
        }
    }
}
