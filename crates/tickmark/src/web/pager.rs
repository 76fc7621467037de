//! First, previous, next: lists and rows in pages.

use maud::{Markup, html};

use super::{ask::Ask, figure::grouped, problem::Problem};

/// One page of something long.
#[derive(Debug, Clone, Copy)]
pub struct Pager {
    page: u64,
    on_page: u64,
    total: u64,
}

impl Pager {
    /// The page that was asked for, of `total` things; a page behind the last is not found.
    pub fn of(ask: &Ask, on_page: u64, total: u64) -> Result<Self, Problem> {
        let page = ask.page()?;
        if page > 1 && page > total.div_ceil(on_page) {
            return Err(Problem::NotFound(format!("There is no page {page} of this list.")));
        }
        Ok(Self { page, on_page, total })
    }

    /// The things of this page.
    pub fn slice<T>(self, all: &[T]) -> &[T] {
        let first = usize::try_from((self.page - 1).saturating_mul(self.on_page)).unwrap_or(usize::MAX).min(all.len());
        let last = first.saturating_add(usize::try_from(self.on_page).unwrap_or(usize::MAX)).min(all.len());
        all.get(first..last).unwrap_or_default()
    }

    /// Where we are, and the ways to the others; nothing if one page holds everything.
    pub fn draw(self, ask: &Ask) -> Markup {
        let Self { page, on_page, total } = self;
        let pages = total.div_ceil(on_page).max(1);
        let first = (page - 1).saturating_mul(on_page) + 1;
        let last = page.saturating_mul(on_page).min(total);
        let go = |to: u64| ask.with("page", &to.to_string());
        html! {
            @if pages > 1 {
                nav.pager aria-label="Pages" {
                    span { (grouped(first)) " to " (grouped(last)) " of " (grouped(total)) }
                    @if page > 1 { a href=(ask.with("page", "")) rel="first" { "First" } a href=(go(page - 1)) rel="prev" { "Previous" } }
                    @if page < pages { a href=(go(page + 1)) rel="next" { "Next" } }
                }
            }
        }
    }
}
