//! What every page has: head, style, title.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The style sheet: one accent color, tabular figures, light and dark, narrow and print.
const STYLE: &str = include_str!("style.css");

/// A page.
pub fn page(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Tickmark" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { strong { "Tickmark" } span { (title) } }
                main { (content) }
            }
        }
    }
}
