//! `GET /engagements/{id}/firm-tests`: the tests of controls that the firm recorded under its own authority.

use maud::html;

use super::{
    ask::{Ask, Page},
    control::procedure,
    figure::{figure, grouped, said},
    pager::Pager,
    problem::Problem,
};

/// Lines on a page of the list: each reads two texts of the vault.
const ON_PAGE: u64 = 50;

/// `GET /engagements/{id}/firm-tests`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let engagement = ask.part("engagement");
    let only_deviations = ask.value("deviations") == "yes";
    let (total, tests) = ask.moment.firm_tests(engagement, only_deviations, ask.page()?, ON_PAGE)?;
    let pager = Pager::of(ask, ON_PAGE, total)?;
    Ok(Page::new(
        format!("{}: the firm's tests", ask.report(engagement)),
        html! {
            p.ref { a href=(ask.to_query(&[], &[("engagement", engagement)])) { (ask.report(engagement)) } }
            h1 { "Tests that the firm recorded" }
            p.lead { "The firm's own authority: management reads them and can change none. A deviation is the firm's finding; an exception is management's." }
            div.facets { div.facet { h2 { "Deviations" } ul { li { a href=(ask.with("deviations", if only_deviations { "" } else { "yes" })) aria-current=[only_deviations.then_some("true")] { "With deviations" @if only_deviations { span.away aria-label=", take away" { " ×" } } } } } } }
            p.soft { (grouped(total)) " tests" }
            @if tests.is_empty() { p.empty { "None at this moment." } }
            @else {
                table.cards {
                    thead { tr { th scope="col" { "Control" } th scope="col" { "Procedure" } th scope="col" { "What was done and found" } th scope="col" { "Performed" } th.number scope="col" { "Items tested" } th.number scope="col" { "Deviations" } th.number scope="col" { "Entry" } } }
                    tbody { @for view in &tests {
                        @let at = ask.to(&["ledger", &view.test.entry.to_string()]);
                        tr {
                            td.what { a href=(ask.to(&["controls", view.test.control.as_str()])) { (view.test.control) } div.soft { (view.id) } }
                            td data-label="Procedure" { (procedure(view.test)) }
                            td data-label="Done and found" { (said(&view.procedure)) br; em { (said(&view.finding)) } }
                            td data-label="Performed" { span.date { (view.test.performed_on) } }
                            td.number data-label="Items tested" { (figure(view.test.items_tested, &at)) }
                            td.number data-label="Deviations" { (figure(view.test.deviations, &at)) }
                            td.number data-label="Entry" { (figure(view.test.entry, &at)) }
                        }
                    } }
                }
                (pager.draw(ask))
            }
        },
    ))
}
