//! Rows of the vault as a table.

use maud::{Markup, html};
use tickmark_app::RowsPage;

/// The rows of a page.
pub fn table(page: &RowsPage, label: &str) -> Markup {
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" { table.rows {
            thead { tr { @for (name, is_number) in &page.columns { th.number[*is_number] scope="col" { (name) } } } }
            tbody { @for row in &page.rows {
                tr { @for (cell, (_, is_number)) in row.iter().zip(&page.columns) { td.number[*is_number] { (cell) } } }
            } }
        } }
    }
}
