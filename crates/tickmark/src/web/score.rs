//! `GET /engagements/{id}/scores/{score}`: what one of the four scores counts, a line each.

use maud::html;
use tickmark_app::{ScoreKind, Scored};

use super::{
    ask::{Ask, Page},
    figure::{figure, grouped, holds},
    pager::Pager,
    problem::Problem,
};

/// Lines on a page of the list.
const ON_PAGE: u64 = 100;

const STANDINGS: [(&str, Option<bool>); 3] = [("holds", Some(true)), ("does-not", Some(false)), ("not-assessed", None)];

/// `GET /engagements/{id}/scores/{score}`
pub fn page(ask: &Ask) -> Result<Page, Problem> {
    let engagement = ask.part("engagement");
    let kind = ScoreKind::ALL.into_iter().find(|kind| kind.slug() == ask.part("score"));
    let kind = kind.ok_or_else(|| Problem::NotFound(format!("There is no score `{}`.", ask.part("score"))))?;
    let all = ask.moment.scored(engagement, kind)?;
    let asked = ask.value("standing");
    let fits = |scored: &&Scored| {
        asked.is_empty() || STANDINGS.iter().any(|(name, holds)| *name == asked && *holds == scored.holds)
    };
    let shown: Vec<Scored> = all.iter().filter(fits).cloned().collect();
    let pager = Pager::of(ask, ON_PAGE, shown.len() as u64)?;
    Ok(Page::new(
        format!("{}: {}", ask.report(engagement), kind.name()),
        html! {
            p.ref { a href=(ask.to_query(&[], &[("engagement", engagement)])) { (ask.report(engagement)) } }
            h1 { "Score of " (kind.name()) }
            p.lead { (kind.counts()) }
            div.facets { div.facet { h2 { "Standing" } ul { @for (name, standing) in STANDINGS {
                @let is_chosen = name == asked;
                @let count = all.iter().filter(|scored| scored.holds == standing).count() as u64;
                li { a href=(ask.with("standing", if is_chosen { "" } else { name })) aria-current=[is_chosen.then_some("true")] {
                    (holds(standing)) " " span.count { (grouped(count)) } @if is_chosen { span.away aria-label=", take away" { " ×" } } } }
            } } } }
            p.soft { (grouped(shown.len() as u64)) " of " (grouped(all.len() as u64)) }
            @if shown.is_empty() { p.empty { "None." } }
            @else {
                table.cards {
                    thead { tr { th scope="col" { @if kind == ScoreKind::EvidenceQuality { "Dataset" } @else { "Control" } } th scope="col" { "Standing" } th scope="col" { "Rests on" } } }
                    tbody { @for scored in pager.slice(&shown) {
                        @let at = subject(ask, kind, &scored.id);
                        tr {
                            td.what { a href=(at) { (scored.id) } " " (scored.title) }
                            td data-label="Standing" { (holds(scored.holds)) }
                            td data-label="Rests on" { @for (index, (what, count)) in scored.rests_on.iter().enumerate() { @if index > 0 { ", " } (what) ": " (figure(*count, &at)) } }
                        }
                    } }
                }
                (pager.draw(ask))
            }
        },
    ))
}

fn subject(ask: &Ask, kind: ScoreKind, id: &str) -> String {
    if kind == ScoreKind::EvidenceQuality {
        ask.to_query(&["extracts"], &[("dataset", id)])
    } else {
        ask.to(&["controls", id])
    }
}
