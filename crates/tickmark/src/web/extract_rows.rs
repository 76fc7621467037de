//! `GET /extracts/{manifest}/rows`: the rows of an extract, for those who may see rows.

use maud::html;
use tickmark_app::ROWS_ON_PAGE;

use super::{
    ask::{Ask, Page},
    figure::digest,
    pager::Pager,
    problem::Problem,
    rows,
};

/// `GET /extracts/{manifest}/rows`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let manifest = ask.part("manifest");
    let view = ask.moment.extract(manifest)?;
    let page = ask.moment.rows_of_extract(manifest, ask.page()?)?;
    let pager = Pager::of(ask, ROWS_ON_PAGE, page.total)?;
    Ok(Page::new(
        format!("Rows of {}", view.listed.dataset),
        html! {
            p.ref { a href=(ask.to(&["extracts", manifest])) { "Extract " (digest(&view.listed.manifest)) } }
            h1 { (view.title) }
            (pager.draw(ask))
            @if page.rows.is_empty() { p.empty { "The extract holds no row: the source had none." } }
            @else { (rows::table(&page, "Rows of the extract")) }
            (pager.draw(ask))
        },
    ))
}
