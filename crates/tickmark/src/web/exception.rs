//! `GET /exceptions/{id}`: what came back, what was answered, what happened since, and the rows behind it.

use maud::{Markup, html};
use tickmark_app::{ExceptionChange, ExceptionOrigin, ExceptionView, ListedException, ROWS_ON_PAGE};

use super::{
    ask::{Ask, Page, ROWS_NEED},
    figure::{days, figure, grouped, said, severity, state, time, whole_digest},
    pager::Pager,
    problem::Problem,
    rows,
};

/// `GET /exceptions/{id}`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let id = ask.part("exception");
    let view = ask.moment.exception(id)?;
    let listed = &view.listed;
    let population = population(ask, listed);
    let content = html! {
        p.ref { "Exception " (listed.id) }
        h1 { (listed.title) }
        dl.facts {
            div { dt { "State" } dd { (state(listed.state)) } }
            div { dt { "Items" } dd { (figure(listed.items, "#rows")) " of " (figure(listed.population, &population)) } }
            div { dt { "Most items of any run" } dd { (figure(view.most_items, "#history")) } }
            div { dt { "Severity" } dd { (severity(listed.severity)) } }
            div { dt { "Days tested" } dd { (days(view.span)) } }
            @match &listed.origin {
                ExceptionOrigin::ControlTest(test) => div { dt { "Control test" } dd { a href=(ask.to(&["control-tests", test.as_str()])) { (test) } } },
                ExceptionOrigin::ManagementTest { management_test, .. } => div { dt { "Management test" } dd { (management_test) } },
            }
            div { dt { "Controls" } dd.ids { @for control in &listed.controls { a href=(ask.to(&["controls", control])) { (control) } " " } } }
            div { dt { "Engagements" } dd { @for (index, engagement) in listed.engagements.iter().enumerate() {
                @if index > 0 { ", " } a href=(ask.to_query(&[], &[("engagement", engagement)])) { (ask.report(engagement)) } } } }
            @if let Some(entry) = view.result { div { dt { "Newest result" } dd { a href=(ask.to(&["ledger", &entry.to_string()])) { "entry " (grouped(entry)) } } } }
        }
        (answers(&view))
        (history(ask, &view))
        (changed_items(ask, &view)?)
        (rows_part(ask, &view)?)
    };
    Ok(Page::new(listed.id.to_string(), content))
}

/// Where the items tested are counted: on the control test's page, or in the entry of the management test.
pub(super) fn population(ask: &Ask, listed: &ListedException) -> String {
    match &listed.origin {
        ExceptionOrigin::ControlTest(test) => format!("{}#population", ask.to(&["control-tests", test.as_str()])),
        ExceptionOrigin::ManagementTest { .. } => ask.to(&["ledger", &listed.entry.to_string()]),
    }
}

fn answers(view: &ExceptionView) -> Markup {
    html! {
        h2 { "Response" }
        @match &view.response {
            Some(text) => div.prose { @for paragraph in text.split("\n\n") { p { (said(paragraph)) } } },
            None => p.empty { "Not answered yet. A control owner or the compliance lead answers: cause, effect, what is done, by whom, by when." },
        }
        @if let Some((text, on)) = &view.remediation {
            h2 { "Remediation, since " (on) }
            div.prose { @for paragraph in text.split("\n\n") { p { (said(paragraph)) } } }
        }
    }
}

fn history(ask: &Ask, view: &ExceptionView) -> Markup {
    html! {
        h2 id="history" { "History" }
        table.cards {
            thead { tr { th scope="col" { "What" } th scope="col" { "Recorded" } th scope="col" { "By" } th.number scope="col" { "Items" } th.number scope="col" { "Appeared" } th.number scope="col" { "Gone" } th.number scope="col" { "Back" } th.number scope="col" { "Entry" } } }
            tbody { @for step in &view.history {
                @let at = ask.to(&["ledger", &step.entry.to_string()]);
                tr {
                    @match &step.what {
                        ExceptionChange::FirstSeen { .. } => td.what { "First seen" },
                        ExceptionChange::Seen { .. } => td.what { "Seen with other items" },
                        ExceptionChange::Became(became) => td.what { (state(*became)) },
                    }
                    td data-label="Recorded" { (time(step.at)) }
                    td data-label="By" { (step.by) }
                    @if let ExceptionChange::Seen { items, appeared, gone, back } = &step.what {
                        td.number data-label="Items" { (figure(*items, &at)) }
                        td.number data-label="Appeared" { (figure(*appeared, &at)) }
                        td.number data-label="Gone" { (figure(*gone, &at)) }
                        td.number data-label="Back" { (figure(*back, &at)) }
                    } @else if let ExceptionChange::FirstSeen { items } = &step.what {
                        td.number data-label="Items" { (figure(*items, &at)) }
                        td.number data-label="Appeared" { (figure(*items, &at)) }
                        td.number.blank {} td.number.blank {}
                    } @else { td.number.blank {} td.number.blank {} td.number.blank {} td.number.blank {} }
                    td.number data-label="Entry" { (figure(step.entry, &at)) }
                }
            } }
        }
    }
}

/// The items that came after the exception was raised, or went, for who may see rows.
fn changed_items(ask: &Ask, view: &ExceptionView) -> Result<Markup, Problem> {
    let changed = view.history.iter().any(|step| matches!(step.what, ExceptionChange::Seen { .. }));
    if !changed {
        return Ok(html! {});
    }
    let shown = if ask.sees_rows {
        let page = ask.moment.changed_items_of(view.listed.id.as_str())?;
        html! {
            p.soft { "Of the items, " (grouped(page.total)) " came after the first run or went; the others were there each time." }
            (rows::table(&page, "Items that came or went"))
            @if page.total > ROWS_ON_PAGE { p.soft { "The first " (grouped(ROWS_ON_PAGE)) " are shown; `tickmark exception show " (view.listed.id) " --format json` has all." } }
        }
    } else {
        html! { p.empty { (ROWS_NEED) } }
    };
    Ok(html! { h2 id="changed" { "Items that came or went" } (shown) })
}

fn rows_part(ask: &Ask, view: &ExceptionView) -> Result<Markup, Problem> {
    let total = view.listed.items;
    let shown = if ask.sees_rows {
        let page = ask.moment.rows_of_exception(view.listed.id.as_str(), ask.page()?)?;
        let pager = Pager::of(ask, ROWS_ON_PAGE, page.total)?;
        html! {
            @if page.total != total { p.soft { (grouped(page.total)) " rows name these " (grouped(total)) " items." } }
            (rows::table(&page, "Rows behind the exception"))
            (pager.draw(ask))
        }
    } else {
        html! { p.empty { (grouped(total)) " items. " (ROWS_NEED) } }
    };
    Ok(html! {
        h2 id="rows" { "Rows" }
        @match &view.listed.origin {
            ExceptionOrigin::ControlTest(_) => p.soft { "As the control test returned them; manifest " (whole_digest(&view.rows)) "." },
            ExceptionOrigin::ManagementTest { .. } => p.soft { "The items that lack an attribute; table " (whole_digest(&view.rows)) "." },
        }
        (shown)
    })
}
